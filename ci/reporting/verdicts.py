# SPDX-License-Identifier: MIT
"""The lines of the first screen, (what, state, figure, detail): state is good, bad, or none for `not run`."""

NOT_RUN = "not run"


def state(good):
    return "good" if good else "bad"


def proofs(prove):
    if not prove:
        return ("proved", "none", NOT_RUN, "make prove leaves the result")
    if "goals" not in prove:
        return ("proved", "none", NOT_RUN, f"{prove['missing']} is missing: ci/deps.sh")
    smoke = prove["smoke"]
    return ("proved", state(not prove["problems"]), f"{prove['proved']:,}/{prove['goals']:,} goals",
            f"{prove['mode']}, {prove['trusted']} trusted items, "
            + (f"{smoke[0]:,}/{smoke[1]:,} smoke tests, " if smoke[1] else "smoke tests in cold runs only, ")
            + f"{prove['seconds']:.0f} s")


def fuzzing(fuzz):
    if not fuzz:
        return ("fuzzed", "none", NOT_RUN, "make fuzz leaves the result")
    if "execs" not in fuzz:
        return ("fuzzed", "none", NOT_RUN, f"skipped: {fuzz.get('missing')}")
    return ("fuzzed", state(fuzz["failed"] == 0), f"{fuzz['execs']:,} executions",
            f"{fuzz.get('fuzzer', '')}, {fuzz.get('findings', 0)} findings, {fuzz.get('seconds', 0):.0f} s")


def machines(guests):
    if not guests:
        return [("compared", "none", NOT_RUN, "make guest leaves the result")]
    return [("compared", state(g["failed"] == 0 and g.get("unexplained", 1) == 0), f"{g.get('cases', 0):,} cases",
             f"{g.get('what', g.get('accel'))}: {g.get('unexplained')} unexplained, "
             f"{g.get('explained_cases', 0):,} by known deviations") for g in guests]


def part(what, g, target):
    """A part of the guest's comparison with runs of its own."""
    if not g:
        return ("compared", "none", NOT_RUN, f"{what}: make {target} leaves the result")
    runs = g.get("runs", [])
    return ("compared", state(g["failed"] == 0), f"{g.get('cases', 0):,} cases",
            f"{what}, {g.get('accel', '')}: {sum(r.get('unexplained', 0) for r in runs)} unexplained, "
            f"{sum(r['explained'] for r in runs if isinstance(r.get('explained'), int)):,} by known deviations")


def manager(g):
    if not g or "operations" not in g:
        return ("compared", "none", NOT_RUN, "memory manager in a guest: make guest-mm leaves the result")
    return ("compared", state(g["failed"] == 0 and g["unexplained"] == 0), f"{g['operations']:,} operations",
            f"memory manager in a guest, {g['peer']}: {g['accesses']:,} accesses at CPL 3, {g['unexplained']} unexplained")


def conformance(conform):
    if not conform:
        return [("compared", "none", NOT_RUN, "vectors through other implementations: make conform leaves the result")]
    return [("compared", state(p["unexplained"] == 0), f"{p['vectors'] - p['unsupported']:,} vectors",
             f"{p['peer']}, a software model: {p['unexplained']} unexplained, {p['known']} by known deviations, "
             f"{p['unsupported']} that it cannot be asked") for p in conform["peers"]]


def linux(g, ran):
    """The address-space layer beside this kernel."""
    if not g or not ran:
        return ("compared", "none", NOT_RUN, "address spaces beside this kernel: make linux-check leaves the result")
    return ("compared", state(g["failed"] == 0 and ran["failed"] == 0), f"{ran['operations']:,} operations",
            f"address spaces beside Linux {ran['kernel']}, its real system calls: {ran['failed']} unexplained, {ran['rate']:,} a second")


def lines(load, guests):
    return [proofs(load("prove")), fuzzing(load("fuzz")), *machines(guests),
            part("control registers", load("guest-control"), "guest-control"),
            part("matrix of all flags, sampled", load("guest-matrix-sample"), "guest-matrix-sample"),
            manager(load("guest-mm")), *conformance(load("conform")), linux(load("linux"), load("linux-run"))]
