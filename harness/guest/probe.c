/* SPDX-License-Identifier: MIT */
/* KVM, in a nested setting above all, may run some of what we need and die of the
 * rest. Try each kind of access, in a guest of its own when the last one died. */
#include <string.h>
#include "cases.h"
#include "run.h"

int probe_kvm(struct feed *f, const char *elf, char *why, size_t size)
{
  struct config c = { .kvm = 1 };
  if (feed_start(f, &c, elf) != 0) {
    snprintf(why, size, "%s", f->q.why);
    return -1;
  }
  qemu_stop(&f->q);
  why[0] = 0;
  return 0;
}
