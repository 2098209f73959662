/* SPDX-License-Identifier: MIT */
/* One emulator with the guest in it, and the memory that we share: QEMU's by mapping the
 * same file, Bochs's by a copy of the mailbox, moved to and from its process. */
#ifndef VMREF_GUEST_PEER_H
#define VMREF_GUEST_PEER_H
#include <stdint.h>
#include <sys/types.h>
#include "protocol.h"

enum accel { ACCEL_TCG, ACCEL_KVM, ACCEL_BOCHS, ACCELS,
             ACCEL_V86 = ACCELS }; /* not of guest-run: harness/oracle asks it */
extern const char *const accel_name[ACCELS]; /* "tcg", "kvm", "bochs" */

/* What to start. Under KVM the CPU is the host's, under Bochs corei7_icelake_u. */
struct config {
  uint8_t accel;
  uint8_t bits32;   /* the 32-bit guest */
  uint8_t mode;     /* VMREF_MODE_5LEVEL: boot the 64-bit guest in it */
  uint8_t maxphyaddr, page1gb, amd, pse36;
  uint8_t cpus;     /* QEMU: 0 one; else so many, and locked instructions are, even on one */
  uint8_t single;   /* TCG: all processors in one thread of the host, which PAUSE hands on; locked instructions are not */
  void (*prepare)(struct mail *m, const void *of); /* or NULL: fill the mail before it starts */
  const void *of;
};

/* Files that a peer is started with, and, if not NULL, a CPU as QEMU or Bochs calls it
 * in place of the one that struct config tells of. */
struct images { const char *elf, *elf32, *rom, *cpu; };

struct peer {
  pid_t pid;
  uint8_t accel;
  int ram, log;        /* files in memory: the guest's RAM, what the peer and COM1 said */
  struct mail *mail;
  void *map;
  uint64_t base;       /* Bochs: of the guest's RAM at 1 MiB, in its process */
  unsigned at;         /* when it failed: the case that it was at */
  char why[400];       /* how it failed */
};

/* 0, or -1 with `why`. */
int peer_start(struct peer *p, const struct config *c, const struct images *i);
int peer_alive(struct peer *p);
void peer_stop(struct peer *p);
/* Post slot i and wait for it; -1 with `why` when the guest dies or is late. */
void peer_post(struct peer *p, unsigned slot, unsigned cases);
void peer_post_sequences(struct peer *p, unsigned slot, unsigned sequences);
int peer_wait(struct peer *p, unsigned slot, double seconds);
/* Boot without a mailbox and copy COM1 to text: the guest's selftest. `pvh` boots a
 * microvm. Returns QEMU's exit status, or -1. */
int qemu_selftest(struct peer *p, const char *elf, int kvm, int pvh, char *text, size_t size);
/* "7.2.22"; NULL: not here. */
const char *qemu_version(char text[32]);
const char *bochs_version(char text[32]);
double now(void);

/* Between peer.c, qemu.c and bochs.c. */
int peer_fail(struct peer *p, const char *what);
int peer_begin(struct peer *p, uint8_t accel);
pid_t peer_spawn(char *const argv[], int out); /* the child dies with us */
int qemu_start(struct peer *p, const struct config *c, const char *cpu, const char *elf);
int bochs_start(struct peer *p, const char *cpu, const char *elf, const char *rom);
int v86_start(struct peer *p, const char *elf);
/* Copy n bytes of the mailbox from, or to, Bochs; nothing to do for QEMU. 0 or -1. */
int bochs_pull(struct peer *p, const volatile void *at, size_t n);
int bochs_push(struct peer *p, const volatile void *at, size_t n);

#endif
