#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A client of `vmref serve`, with the standard library alone.

    python3 client.py [VMREF]      what it shows
    python3 client.py --rate [VMREF]   requests per second, as JSON

    with Vmref() as v:
        v.ask(op="walk", va="0x1234", mem={"0x1000": "0x2027"})["error"]
        s = v.session(frames=8)
        s.do("space A"); s.do("map A 0x10000 1 rw"); s.do("load A 0x10000")["value"]
"""
import json
import subprocess
import sys
import time


class VmrefError(Exception):
    """The request was refused: its message."""


class Session:
    def __init__(self, vmref, number):
        self.vmref, self.number = vmref, number

    def do(self, line):
        return self.vmref.ask(op="op", session=self.number, do=line)

    def check(self):
        return self.vmref.ask(op="check", session=self.number)

    def free(self):
        return self.vmref.ask(op="free", session=self.number)


class Vmref:
    def __init__(self, command="vmref"):
        self.process = subprocess.Popen([command, "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.id = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()

    def ask(self, **request):
        return self.ask_all([request])[0]

    def ask_all(self, requests):
        """Many at once: as many answers, in order. A refused one raises."""
        answers = []
        for begin in range(0, len(requests), 64):  # what a pipe holds, so that neither side waits
            some = requests[begin:begin + 64]
            lines = [json.dumps({"id": self.id + i + 1, **r}) + "\n" for i, r in enumerate(some)]
            self.process.stdin.write("".join(lines).encode())
            self.process.stdin.flush()
            for _ in some:
                self.id += 1
                line = self.process.stdout.readline()
                if not line:
                    raise VmrefError("vmref ended, exit code %s" % self.process.wait())
                answer = json.loads(line)
                if answer["id"] != self.id:
                    raise VmrefError("the answer to request %s where %s was awaited" % (answer["id"], self.id))
                if isinstance(answer.get("error"), dict):
                    raise VmrefError(answer["error"]["message"])
                answers.append(answer)
        return answers

    def session(self, **sizes):
        return Session(self, self.ask(op="new", **sizes)["session"])


def rate(v, count=20000):
    """Requests per second: one by one, and many at once."""
    walk = {"op": "walk", "mem": {"0x1000": "0x2027", "0x2000": "0x3027", "0x3000": "0x4027", "0x4000": "0x5001"}, "va": "0x0"}
    times = []
    for ask in (lambda: [v.ask(**walk) for _ in range(count)], lambda: v.ask_all([walk] * count)):
        began = time.perf_counter()
        ask()
        times.append(count / (time.perf_counter() - began))
    return {"one_by_one": round(times[0]), "many_at_once": round(times[1])}


def main():
    arguments = sys.argv[1:]
    measure = arguments[:1] == ["--rate"]
    with Vmref((arguments[measure:] or ["vmref"])[0]) as v:
        if measure:
            print(json.dumps(rate(v)))
            return
        tables = {"0x1000": "0x2027", "0x2000": "0x3027", "0x3000": "0x4027", "0x4000": "0x5001"}
        print("walk:", v.ask(op="walk", mem=tables, va="0x0", access="write")["rule"])
        print("allows:", v.ask(op="allows", mem=tables, va="0x0", cpl=0, access="read",
                               seen={"result": "ok", "pa": "0x5000"})["result"])
        s = v.session(frames=8)
        for line in ("space A", "map A 0x10000 1 rw", "store A 0x10000 42", "fork A B", "store B 0x10000 43"):
            s.do(line)
        print("A has", s.do("load A 0x10000")["value"], "and B has", s.do("load B 0x10000")["value"])
        print("invariant:", s.check()["result"])
        s.free()
        try:
            s.do("load A 0x10000")
        except VmrefError as e:
            print("refused:", e)


if __name__ == "__main__":
    main()
