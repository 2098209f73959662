/* SPDX-License-Identifier: MIT */
/* One QEMU with the guest in it, and the memory that we share. */
#ifndef VMREF_GUEST_QEMU_H
#define VMREF_GUEST_QEMU_H
#include <stdint.h>
#include <sys/types.h>
#include "protocol.h"

/* What to start. */
struct config {
  int kvm;
  uint8_t maxphyaddr, page1gb, amd; /* under KVM: what the host has */
};

struct qemu {
  pid_t pid;
  int ram, log;        /* files in memory: the guest's RAM, what QEMU and COM1 said */
  struct mail *mail;
  void *map;
  unsigned at;         /* when it failed: the case that it was at */
  char why[400];       /* how it failed */
};

/* 0, or -1 with `why`. */
int qemu_start(struct qemu *q, const struct config *c, const char *elf);
int qemu_alive(struct qemu *q);
void qemu_stop(struct qemu *q);
/* Post slot i and wait for it; -1 with `why` when the guest dies or is late. */
void qemu_post(struct qemu *q, unsigned slot, unsigned cases);
int qemu_wait(struct qemu *q, unsigned slot, double seconds);
/* Boot without a mailbox and copy COM1 to f: the guest's selftest. `pvh` boots a
 * microvm. Returns QEMU's exit status, or -1. */
int qemu_selftest(struct qemu *q, const char *elf, int kvm, int pvh, char *text, size_t size);
const char *qemu_version(char text[32]); /* "7.2.22", or NULL: no QEMU here */
double now(void);

#endif
