# SPDX-License-Identifier: MIT
"""Tests of `vmref run --on guest` and `vmref guest-log` for harness/test_cli.py, without a guest: what is refused. `make guest-mm`
runs scripts on it, and boots the image whose log guest-log then compares."""
OP = "mm op 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1\n"
LOG = "SeaBIOS\nmm machine a CPU\nmm log 1 processors 2\nmm seq 1 base 0 mm1-01\n" + OP + "mm end 1 0 0 0 0 0 0\nmm done 1\n"


def test_run(run, check, exe, label):
    for args in (["--on", "moon"], ["--on", "guest", "-t"], ["--on", "guest", "-c"], ["--on", "guest", "-C"], ["--on", "guest", "-p", "x.svg"],
                 ["--on", "guest", "-m", "x"], ["--on"]):
        code, out, err = run(["run"] + args + ["-"], "space A\n", exe)
        check(label + "run usage: " + " ".join(args), code == 2 and out == "" and "--help" in err, (code, out, err))
    for args in (["-f", "200"], ["-T", "200"], ["-s", "5000"]):
        code, out, err = run(["run", "--on", "guest"] + args + ["-"], "space A\n", exe)
        check(label + "run --on guest, no room: " + " ".join(args), code == 4 and out == "" and "room" in err, (code, out, err))
    code, out, err = run(["run", "--on", "guest", "-"], "space\n", exe)
    check(label + "run --on guest: a malformed script is not run", code == 3 and "standard input:1:" in err, (code, out, err))
    env = run.__globals__["ENV"]
    env["VMREF_GUEST"] = "/nonexistent/guest.elf"
    code, out, err = run(["run", "--on", "guest", "-"], "space A\n", exe)
    check(label + "run --on guest: no guest", code == 5 and out == "" and "/nonexistent/guest.elf" in err and "make" in err, (code, out, err))
    del env["VMREF_GUEST"]
    code, out, err = run(["run", "--on", "host", "-"], "space A\n", exe)
    check(label + "run --on host", (code, out, err) == (0, "1: space A -> ok\n", ""), (code, out, err))


def test_log(run, check, exe, label):
    code, out, err = run(["guest-log", "-"], LOG, exe)
    check(label + "guest-log: another state is a difference, with what led to it", code == 1 and err == "" and "differs in the state behind it" in out
          and "space s0" in out and "mm1-01" in out and "a CPU: 1 sequences, 1 operations" in out, (code, out, err))
    code, out, err = run(["guest-log", "-q", "-"], LOG.replace("\n", "\r\n"), exe)
    check(label + "guest-log: carriage returns", code == 1 and "differs" in out and err == "", (code, out, err))
    broken = {
        "empty": "", "no log": "hello\n", "no end": LOG.replace("mm done 1\n", ""), "an operation less": LOG.replace(OP, ""),
        "an operation more": LOG.replace(OP, OP + OP), "a sequence less": LOG.replace("mm seq 1 ", "mm seq 2 "), "not so many": LOG.replace("done 1", "done 2"),
        "no end of a sequence": LOG.replace("mm end 1 0 0 0 0 0 0\n", ""), "a number less": LOG.replace(OP, "mm op 0 0\n"),
        "no number": LOG.replace(OP, OP.replace("1\n", "x\n")), "no token": LOG.replace("mm1-01", "mm1-0"), "no such way": LOG.replace("base", "vase"),
        "no such policy": LOG.replace("base 0", "base 3"), "what is that": LOG.replace("mm done", "mm what"), "two": LOG + LOG,
        "processors": LOG.replace("processors 2", "processors 9"), "a word": LOG.replace("processors 2", "processors many"),
    }
    for name, text in broken.items():
        code, out, err = run(["guest-log", "-"], text, exe)
        check(label + "guest-log, malformed: " + name, code == 3 and "differ" not in err and err.startswith("vmref guest-log: standard input:"), (code, out, err))
    for args in ([], ["a", "b"], ["-x", "-"]):
        code, out, err = run(["guest-log"] + args, "", exe)
        check(label + "guest-log usage: " + " ".join(args), code == 2 and out == "" and "--help" in err, (code, out, err))
    code, out, err = run(["guest-log", "/nonexistent"], "", exe)
    check(label + "guest-log: no such file", code == 3 and "/nonexistent" in err, (code, out, err))


def test_guest(run, check, exe, label):
    test_run(run, check, exe, label)
    test_log(run, check, exe, label)
