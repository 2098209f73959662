# SPDX-License-Identifier: MIT
"""Workers of a campaign: one fuzzer process on one target for a slice of time."""
import ctypes, glob, os, re, shutil, signal, subprocess, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
sys.dont_write_bytecode = True
LIBC = ctypes.CDLL(None, use_errno=True)
AFL_ENV = {"AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES": "1", "AFL_SKIP_CPUFREQ": "1", "AFL_NO_UI": "1", "AFL_NO_AFFINITY": "1",
           "AFL_NO_STARTUP_CALIBRATION": "1", "AFL_AUTORESUME": "1", "AFL_IMPORT_FIRST": "1", "AFL_SYNC_TIME": "1",
           "AFL_FORKSRV_INIT_TMOUT": "60000"}


def die_with_parent():
    """In the child: a campaign that is killed leaves no fuzzer behind; and what is signalled is all of a group."""
    os.setpgid(0, 0)
    LIBC.prctl(1, signal.SIGKILL)


class Worker:
    """A process that fuzzes; `died` says how it ended against its will."""
    fuzzer = ""

    def __init__(self, campaign, topic, seconds):
        self.c, self.topic, self.seconds = campaign, topic, seconds
        self.began, self.execs, self.cov = time.time(), 0, 0
        self.stopped = False
        os.makedirs(f"{campaign.dir}/log", exist_ok=True)
        self.log = f"{campaign.dir}/log/{topic}-{self.fuzzer}-{campaign.node}.log"
        env = {k: v for k, v in os.environ.items() if not k.startswith("AFL_")}
        with open(self.log, "wb") as out:
            self.p = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                                      env={**env, **self.environment()}, preexec_fn=die_with_parent)
        self.read = 0

    def environment(self):
        return {}

    def running(self):
        self.look()
        if self.p.poll() is None and time.time() - self.began > self.seconds + 60:
            self.stop() # it does not see that its time is over
        return self.p.poll() is None

    def stop(self):
        self.stopped = True
        self.signal(signal.SIGTERM)

    def signal(self, number):
        try:
            os.killpg(self.p.pid, number)
        except ProcessLookupError:
            pass

    def end(self):
        """After it has ended: nothing of its group stays (AFL++'s fork server)."""
        self.signal(signal.SIGKILL)
        self.p.wait()
        self.look()

    def died(self):
        return None


class LibFuzzer(Worker):
    fuzzer = "libfuzzer"

    def command(self):
        c, t = self.c, self.topic
        self.raw = f"{c.dir}/raw/{t}-libfuzzer-{c.node}"
        os.makedirs(self.raw, exist_ok=True)
        return [f"{c.bin}/lf-{t}", f"-max_total_time={max(1, int(self.seconds))}", f"-max_len={c.most(t)}", "-len_control=0", "-entropic=0",
                "-timeout=10", "-reload=1", "-reduce_inputs=0", f"-dict={c.dictionary(t)}", "-print_final_stats=1", f"-artifact_prefix={self.raw}/",
                c.corpus(t), c.good_seeds(t)]

    def look(self):
        with open(self.log, "rb") as f:
            f.seek(self.read)
            text = f.read()
        whole = text[:text.rfind(b"\n") + 1]
        self.read += len(whole)
        for n, cov in re.findall(rb"^#(\d+)\s[^\n]*?cov: (\d+)", whole, re.M):
            self.execs, self.cov = max(self.execs, int(n)), max(self.cov, int(cov))
        final = re.search(rb"number_of_executed_units:\s*(\d+)", whole)
        if final:
            self.execs = max(self.execs, int(final.group(1)))

    def artifacts(self):
        return sorted(glob.glob(f"{self.raw}/*"))

    def died(self):
        if self.stopped or self.p.returncode == 0:
            return None
        if self.artifacts():
            return "finding"
        return f"status {self.p.returncode}"


class Afl(Worker):
    fuzzer = "afl"

    def command(self):
        c, t = self.c, self.topic
        self.out = f"{c.shared}/afl/{t}"
        c.offer(t)
        self.before = self.stat("execs_done")
        empty = f"{c.dir}/afl-first/{t}"
        os.makedirs(empty, exist_ok=True)
        with open(f"{empty}/zero", "wb") as f: # the seeds come as those of the fuzzer `shared`
            f.write(b"\0")
        return ["afl-fuzz", "-i", empty, "-o", self.out, *c.afl_role(), "-V", str(max(1, int(self.seconds))), "-t", "1000", "-m", "none",
                "-G", str(c.most(t)), "-x", c.dictionary(t), "--", f"{c.bin}/afl-{t}"]

    def environment(self):
        return AFL_ENV

    def stat(self, name):
        try:
            with open(f"{self.out}/{self.c.node}/fuzzer_stats") as f:
                return int(re.search(rf"^{name}\s*:\s*(\d+)", f.read(), re.M).group(1))
        except (OSError, AttributeError):
            return 0

    def look(self):
        done = self.stat("execs_done") # AFL++ goes on counting when it resumes
        self.execs = max(self.execs, done - self.before if done >= self.before else done)
        self.cov = max(self.cov, self.stat("edges_found"))

    def artifacts(self):
        return sorted(glob.glob(f"{self.out}/{self.c.node}/crashes*/id:*") + glob.glob(f"{self.out}/{self.c.node}/hangs*/id:*"))

    def died(self):
        return None if self.stopped or self.p.returncode == 0 else f"status {self.p.returncode}"


KINDS = {"libfuzzer": LibFuzzer, "afl": Afl}
