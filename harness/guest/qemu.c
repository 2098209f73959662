/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "qemu.h"

#define QEMU "qemu-system-x86_64"
#define READY_SECONDS 20
#define SELFTEST_SECONDS 60

double now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int fail(struct qemu *q, const char *what)
{
  char said[100] = "";
  if (q->log >= 0) {
    ssize_t n = pread(q->log, said, sizeof said - 1, 0);
    said[n > 0 ? n : 0] = 0;
    said[strcspn(said, "\r\n")] = 0;
  }
  snprintf(q->why, sizeof q->why, "%s%s%s", what, said[0] ? ": " : "", said);
  qemu_stop(q);
  return -1;
}

/* The child dies with us, whatever ends us. */
static pid_t spawn(char *const argv[], int out)
{
  pid_t parent = getpid(), pid = fork();
  if (pid != 0) return pid;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);
  int null = open("/dev/null", O_RDWR);
  dup2(null, 0);
  dup2(out, 1);
  dup2(out, 2);
  execvp(argv[0], argv);
  dprintf(2, "%s: %s", argv[0], strerror(errno));
  _exit(127);
}

static int begin(struct qemu *q)
{
  memset(q, 0, sizeof *q);
  q->log = memfd_create("vmref-guest-log", 0);
  q->ram = memfd_create("vmref-guest-ram", 0);
  if (q->log < 0 || q->ram < 0 || ftruncate(q->ram, GUEST_RAM) != 0)
    return fail(q, "cannot make the guest's memory");
  q->map = mmap(NULL, GUEST_RAM, PROT_READ | PROT_WRITE, MAP_SHARED, q->ram, 0);
  if (q->map == MAP_FAILED) {
    q->map = NULL;
    return fail(q, "cannot map the guest's memory");
  }
  q->mail = (struct mail *)((char *)q->map + MAIL_BASE);
  return 0;
}

static void run(struct qemu *q, const char *machine, const char *accel, const char *cpu, const char *elf)
{
  char memory[120], m[120];
  snprintf(memory, sizeof memory, "memory-backend-file,id=m,size=%u,mem-path=/proc/self/fd/%d,share=on",
           GUEST_RAM, q->ram);
  snprintf(m, sizeof m, "%s,memory-backend=m", machine);
  char *argv[] = { QEMU, "-accel", (char *)accel, "-cpu", (char *)cpu, "-nodefaults", "-no-user-config",
                   "-display", "none", "-no-reboot", "-m", "64M", "-object", memory, "-machine", m,
                   "-serial", "stdio", "-device", "isa-debug-exit,iobase=0xf4,iosize=1",
                   "-kernel", (char *)elf, NULL };
  q->pid = spawn(argv, q->log);
}

static void cpu_of(const struct config *c, char *cpu, size_t size)
{
  if (c->kvm) snprintf(cpu, size, "qemu64,+nx,+smep,+smap,+pdpe1gb,host-phys-bits=on");
  else snprintf(cpu, size, "max,phys-bits=%u,vendor=%s,pdpe1gb=%s", c->maxphyaddr,
                c->amd ? "AuthenticAMD" : "GenuineIntel", c->page1gb ? "on" : "off");
}

int qemu_start(struct qemu *q, const struct config *c, const char *elf)
{
  char cpu[120];
  if (begin(q) != 0) return -1;
  q->mail->host = MAIL_HOST;
  cpu_of(c, cpu, sizeof cpu);
  run(q, "pc", c->kvm ? "kvm" : "tcg", cpu, elf);
  for (double end = now() + READY_SECONDS; q->mail->guest != MAIL_GUEST; usleep(1000)) {
    if (!qemu_alive(q)) return fail(q, "QEMU ended before the guest was ready");
    if (q->mail->panic_vector) return fail(q, "the guest panicked at its start");
    if (now() > end) return fail(q, "the guest was not ready in time");
  }
  return 0;
}

int qemu_alive(struct qemu *q)
{
  if (q->pid <= 0) return 0;
  if (waitpid(q->pid, NULL, WNOHANG) == 0) return 1;
  q->pid = 0;
  return 0;
}

void qemu_stop(struct qemu *q)
{
  if (q->pid > 0) {
    kill(q->pid, SIGKILL);
    waitpid(q->pid, NULL, 0);
  }
  if (q->map) munmap(q->map, GUEST_RAM);
  if (q->ram >= 0) close(q->ram);
  if (q->log >= 0) close(q->log);
  q->pid = 0;
  q->map = q->mail = NULL;
  q->ram = q->log = -1;
}

void qemu_post(struct qemu *q, unsigned slot, unsigned cases)
{
  struct mail_slot *s = &q->mail->slot[slot];
  s->cases = cases;
  __atomic_store_n(&s->posted, s->posted + 1, __ATOMIC_RELEASE);
}

int qemu_wait(struct qemu *q, unsigned slot, double seconds)
{
  struct mail_slot *s = &q->mail->slot[slot];
  double end = 0;
  for (unsigned spin = 0; __atomic_load_n(&s->done, __ATOMIC_ACQUIRE) != s->posted; spin++) {
    if (spin < 200) { __builtin_ia32_pause(); continue; }
    usleep(20);
    if (spin % 64) continue;
    if (end == 0) end = now() + seconds;
    q->at = s->at;
    if (q->mail->panic_vector) return fail(q, "the guest panicked");
    if (!qemu_alive(q)) return fail(q, "the guest died");
    if (now() > end) return fail(q, "the guest does not answer");
  }
  return 0;
}

/* QEMU takes a multiboot header before a PVH note, so PVH needs a copy without it. */
static int without_multiboot(const char *elf)
{
  static char image[1 << 20];
  static const char magic[4] = { 0x02, (char)0xb0, (char)0xad, 0x1b };
  int from = open(elf, O_RDONLY), to = memfd_create("vmref-guest-pvh", 0);
  ssize_t n = read(from, image, sizeof image);
  close(from);
  for (ssize_t i = 0; i + 4 <= n && i < 8192; i += 4)
    if (memcmp(image + i, magic, 4) == 0) memset(image + i, 0, 4);
  if (n > 0 && write(to, image, (size_t)n) == n) return to;
  close(to);
  return -1;
}

int qemu_selftest(struct qemu *q, const char *elf, int kvm, int pvh, char *text, size_t size)
{
  int status = -1, copy = -1;
  char name[40];
  if (begin(q) != 0) return -1;
  if (pvh) {
    if ((copy = without_multiboot(elf)) < 0) return fail(q, "cannot copy the guest");
    snprintf(name, sizeof name, "/proc/self/fd/%d", copy);
    elf = name;
  }
  run(q, pvh ? "microvm" : "pc", kvm ? "kvm" : "tcg",
      kvm ? "qemu64,+nx,+smep,+smap,+pdpe1gb,host-phys-bits=on" : "max,vendor=GenuineIntel", elf);
  pid_t done = 0;
  for (double end = now() + SELFTEST_SECONDS; (done = waitpid(q->pid, &status, WNOHANG)) == 0; usleep(2000))
    if (now() > end) return fail(q, "the guest's selftest did not end");
  q->pid = 0;
  if (copy >= 0) close(copy);
  ssize_t n = pread(q->log, text, size - 1, 0);
  text[n > 0 ? n : 0] = 0;
  qemu_stop(q);
  return done > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

const char *qemu_version(char text[32])
{
  FILE *f = popen(QEMU " --version 2>/dev/null", "r");
  if (!f) return NULL;
  int got = fscanf(f, "QEMU emulator version %31[0-9.]", text);
  while (fgetc(f) != EOF) ;
  pclose(f);
  return got == 1 ? text : NULL;
}
