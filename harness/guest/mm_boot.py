#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Boot the guest's CD image in an emulator until its log has its last line.

  mm_boot.py qemu|bochs IMAGE LOG [SECONDS [PROCESSORS]]

Exit 0: the log is whole; 1: it is not, and what the emulator said is told; 5: no such emulator.
"""
import os
import signal
import subprocess
import sys
import tempfile
import time

QEMU = ["qemu-system-x86_64", "-accel", "tcg,thread=single", "-cpu", "max,phys-bits=40,vendor=GenuineIntel", "-m", "128", "-display", "none",
        "-no-reboot", "-nodefaults"]
BOCHS = """plugin_ctrl: unmapped=1, iodebug=1
megs: 128
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest
ata0: enabled=1, ioaddr1=0x1f0, ioaddr2=0x3f0, irq=14
ata0-master: type=cdrom, path={image}, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev={log}
panic: action=fatal
error: action=ignore
info: action=ignore
log: {work}/bochs.out
clock: sync=none, time0=local
config_interface: textconfig
display_library: term
cpu: model=corei7_icelake_u, count={cpus}, ips=50000000, reset_on_triple_fault=0
sound: driver=dummy
"""


def command(peer, image, log, cpus, work):
    if peer == "qemu":
        return QEMU + ["-smp", cpus, "-cdrom", image, "-serial", "file:" + log]
    with open(work + "/bochsrc", "w") as f:
        f.write(BOCHS.format(image=os.path.abspath(image), log=os.path.abspath(log), cpus=cpus, work=work))
    with open(work + "/go", "w") as f:
        f.write("c\n")  # Debian's Bochs waits in its debugger
    return ["bochs-bin", "-q", "-f", work + "/bochsrc", "-rc", work + "/go"]


def whole(log):
    try:
        return b"\nmm done " in open(log, "rb").read()[-200:]
    except OSError:
        return False


def main():
    if not 4 <= len(sys.argv) <= 6 or sys.argv[1] not in ("qemu", "bochs"):
        print(__doc__.strip())
        return 0 if "--help" in sys.argv else 2
    peer, image, log = sys.argv[1:4]
    seconds, cpus = float((sys.argv[4:5] or ["120"])[0]), (sys.argv[5:6] or ["3"])[0]
    if os.path.exists(log):
        os.remove(log)
    with tempfile.TemporaryDirectory() as work, open(work + "/said", "w+") as said:
        try:
            p = subprocess.Popen(command(peer, image, log, cpus, work), stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT,
                                 env=dict(os.environ, TERM="xterm"))
        except FileNotFoundError as e:
            print(f"no {e.filename}", file=sys.stderr)
            return 5
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        end = time.time() + seconds
        try:
            while not whole(log) and p.poll() is None and time.time() < end:
                time.sleep(0.2)
            time.sleep(0.3)
        finally:
            p.kill()
            p.wait()
        if whole(log):
            return 0
        said.seek(0)
        print(f"{peer}: the log {log} has not come to its end", said.read()[-2000:] if peer == "qemu" else "", file=sys.stderr)
        return 1


sys.exit(main())
