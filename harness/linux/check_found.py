# SPDX-License-Identifier: MIT
"""What a finding is printed as runs again: its token, its script, and its C program, compiled, says what the
kernel said. And the comparison by a user who is not root, who sees no frames."""
import errno
import os
import re
import shutil
import tempfile


def found(run, binary, cc):
    # a profile of another version than this kernel's differs, and soon
    other = "6.18" if re.match(r"6\.[0-9]\.|[0-5]\.", os.uname().release) else "6.1"
    with tempfile.TemporaryDirectory() as d:
        r = run(binary, "--quiet", "--time", "60", "--seed", "3", "--fork", "100", "--kernel", other, "--reproducer", f"{d}/r.c", code=1)
        if not r or r.returncode != 1:
            return
        token = re.search(r"--token (\S+)", r.stdout).group(1)
        run(binary, "--quiet", "--kernel", other, "--token", token, code=1)
        run(binary, "--quiet", "--token", token)
        script = "".join(line[2:] + "\n" for line in r.stdout.splitlines() if re.match(r"[> ] \d ", line))
        run(binary, "--quiet", "--kernel", other, "--script", "-", code=1, text=script)
        run(*cc, "-Wall", "-Wextra", "-Werror", "-o", f"{d}/r", f"{d}/r.c")
        said = run(f"{d}/r")
        kernel = re.search(r"the kernel (E[A-Z]+)$", r.stdout, re.M)
        if said and kernel:
            want = os.strerror(getattr(errno, kernel.group(1)))
            last = said.stdout.strip().splitlines()[-1:]
            run("test", last[0].rpartition(": ")[2] if last else "nothing", "=", want)


def users(run, binary):
    r = run(binary, "--quiet", "--time", "1")
    if r and os.geteuid() == 0:
        run("test", str("without frames" in r.stdout), "=", "False")
        with tempfile.TemporaryDirectory() as d:
            os.chmod(d, 0o755)
            shutil.copy(os.path.join(os.path.dirname(__file__), "..", "..", binary), f"{d}/run")
            r = run("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all",
                    f"{d}/run", "--quiet", "--time", "2")
    if r:
        run("test", str("without frames (not root)" in r.stdout), "=", "True")
