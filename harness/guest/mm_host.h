/* SPDX-License-Identifier: MIT */
/* The host's side of a memory manager that runs in the guest. */
#ifndef VMREF_GUEST_MM_HOST_H
#define VMREF_GUEST_MM_HOST_H
#include "mm_drive.h"

struct host {
  struct drive drive;
  struct vmref_smp smp;
  struct vmref_policy policy;
  uint16_t *notes;
};
int host_new(struct host *h, struct mm_sizes z); /* sizes as drive_sizes gives them. 0: out of memory, or refused */
void host_free(struct host *h);
/* smp: 1 on processors, 2 from the first operation that says one. policy: 0 none, or 1 + VMREF_LRU or VMREF_CLOCK. 0: too small for a stub. */
int host_begin(struct host *h, uint8_t smp, uint8_t policy);
#endif
