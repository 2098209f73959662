/* SPDX-License-Identifier: MIT */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
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
#include "peer.h"
#include "types.h"

#define READY_SECONDS 120 /* on a busy host */

const char *const accel_name[ACCELS] = { "tcg", "kvm", "bochs" };

double now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int peer_fail(struct peer *p, const char *what)
{
  char said[100] = "";
  if (p->log >= 0 && p->accel != ACCEL_BOCHS) { /* Bochs fills its own with a banner */
    ssize_t n = pread(p->log, said, sizeof said - 1, 0);
    said[n > 0 ? n : 0] = 0;
    said[strcspn(said, "\r\n")] = 0;
  }
  snprintf(p->why, sizeof p->why, "%s%s%s", what, said[0] ? ": " : "", said);
  peer_stop(p);
  return -1;
}

pid_t peer_spawn(char *const argv[], int out)
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

int peer_begin(struct peer *p, uint8_t accel)
{
  memset(p, 0, sizeof *p);
  p->accel = accel;
  p->log = memfd_create("vmref-guest-log", 0);
  p->ram = memfd_create("vmref-guest-ram", 0);
  if (p->log < 0 || p->ram < 0 || ftruncate(p->ram, GUEST_RAM) != 0)
    return peer_fail(p, "cannot make the guest's memory");
  p->map = mmap(NULL, GUEST_RAM, PROT_READ | PROT_WRITE, MAP_SHARED, p->ram, 0);
  if (p->map == MAP_FAILED) {
    p->map = NULL;
    return peer_fail(p, "cannot map the guest's memory");
  }
  p->mail = (struct mail *)((char *)p->map + MAIL_BASE);
  return 0;
}

int peer_start(struct peer *p, const struct config *c, const struct images *i)
{
  const char *elf = c->bits32 ? i->elf32 : i->elf;
  if (peer_begin(p, c->accel) != 0) return -1;
  p->mail->host = MAIL_HOST;
  p->mail->boot = c->mode == VMREF_MODE_5LEVEL ? BOOT_5LEVEL : 0;
  if (c->prepare) c->prepare(p->mail, c->of);
  int begun = c->accel == ACCEL_BOCHS ? bochs_start(p, i->cpu, elf, i->rom)
            : c->accel == ACCEL_V86 ? v86_start(p, elf) : qemu_start(p, c, i->cpu, elf);
  if (begun != 0) return -1;
  for (double end = now() + READY_SECONDS; p->mail->guest != MAIL_GUEST; usleep(1000)) {
    if (!peer_alive(p)) return peer_fail(p, "it ended before the guest was ready");
    bochs_pull(p, p->mail, offsetof(struct mail, slot));
    if (p->mail->panic_vector) return peer_fail(p, "the guest panicked at its start");
    if (now() > end) return peer_fail(p, "the guest was not ready in time");
  }
  return 0;
}

int peer_alive(struct peer *p)
{
  if (p->pid <= 0) return 0;
  if (waitpid(p->pid, NULL, WNOHANG) == 0) return 1;
  p->pid = 0;
  return 0;
}

void peer_stop(struct peer *p)
{
  if (p->pid > 0) {
    kill(p->pid, SIGKILL);
    waitpid(p->pid, NULL, 0);
  }
  if (p->map) munmap(p->map, GUEST_RAM);
  if (p->ram >= 0) close(p->ram);
  if (p->log >= 0) close(p->log);
  p->pid = 0;
  p->map = p->mail = NULL;
  p->ram = p->log = -1;
}

static void post(struct peer *p, unsigned slot, unsigned n, unsigned sequences, size_t bytes)
{
  struct mail_slot *s = &p->mail->slot[slot];
  s->cases = n;
  s->sequences = sequences;
  bochs_push(p, s->in, bytes);
  bochs_push(p, &s->cases, sizeof s->cases + sizeof s->sequences);
  __atomic_store_n(&s->posted, s->posted + 1, __ATOMIC_RELEASE);
  bochs_push(p, &s->posted, sizeof s->posted);
}

void peer_post(struct peer *p, unsigned slot, unsigned cases)
{
  post(p, slot, cases, 0, cases * sizeof p->mail->slot[slot].in[0]);
}

void peer_post_sequences(struct peer *p, unsigned slot, unsigned sequences)
{
  post(p, slot, sequences, 1, sequences * sizeof p->mail->slot[slot].sequence[0]);
}

int peer_wait(struct peer *p, unsigned slot, double seconds)
{
  struct mail_slot *s = &p->mail->slot[slot];
  size_t counts = offsetof(struct mail_slot, in) - offsetof(struct mail_slot, done);
  double end = 0;
  for (unsigned spin = 0;; spin++) {
    if (bochs_pull(p, &s->done, counts) == 0 && __atomic_load_n(&s->done, __ATOMIC_ACQUIRE) == s->posted) break;
    if (spin < 200 && p->accel != ACCEL_BOCHS) { __builtin_ia32_pause(); continue; }
    usleep(p->accel == ACCEL_BOCHS ? 100 : 20);
    if (spin % 64) continue;
    if (end == 0) end = now() + seconds;
    bochs_pull(p, p->mail, offsetof(struct mail, slot));
    p->at = s->at;
    if (p->mail->panic_vector) return peer_fail(p, "the guest panicked");
    if (!peer_alive(p)) return peer_fail(p, "the guest died");
    if (now() > end) return peer_fail(p, "the guest does not answer");
  }
  int bad = s->sequences ? bochs_pull(p, s->result, s->cases * sizeof s->result[0])
                         : bochs_pull(p, s->out, s->cases * sizeof s->out[0]);
  if (bad) return peer_fail(p, "cannot read its memory");
  return 0;
}
