/* SPDX-License-Identifier: MIT */
/* Part of topic huge: an access of a process from beginning to end. */
#ifndef VMREF_HUGE_ACCESS_H
#define VMREF_HUGE_ACCESS_H
#include "huge_page.h"
#include "huge_walk.h"

/* What came of it. */
struct vmref_huge_outcome {
  struct vmref_outcome access; /* as vmref_user_access tells; of a device, byte is 0 and nothing is written */
  uint64_t pa;                 /* status VMREF_OK: the physical address reached */
  uint8_t level;               /* and in a page of what size: 1 4 KiB, 2 2 MiB, 3 1 GiB */
  uint8_t device;              /* 1: of a device; it never faults but for its rights */
};

/* vmref_user_access over memory as it is. A write to a page of 2 MiB that is shared splits it, and copies
 * 4 KiB. The word of a page of another size gets the accessed and dirty flags (SDM 3A 4.8). */
/*@ requires \valid_read(s) && inv(*s) && valid_over(*s, o) && huge(*s, o) && kind <= VMREF_FETCH;
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1],
            s->hint[0 .. hints(*s) - 1], s->data[0 .. 4096 * objects(*s) - 1], o[0 .. 4 * entries(*s) - 1];
    ensures inv: inv(*s);
    ensures huge: huge(*s, o);
    ensures space: \result.access.status == VMREF_EINVAL <==> !\old(a < s->spaces && s->level[a] == 4);
    ensures device: \result.device == 1 <==> \result.access.status != VMREF_EINVAL && va < 0x800000000000 && \old(at_device(*s, o, a, va));
    ensures rights: \result.device == 1 ==> (\result.access.status == VMREF_OK <==> \old(granted(page_entry(*s, o, a, va), kind)))
      && (\result.access.status == VMREF_OK || \result.access.status == VMREF_EACCES) && unchanged{Pre, Post}(*s);
    ensures apart: \result.device == 1 && \result.access.status == VMREF_OK ==> \result.pa >= 0x1000 * devices(*s);
    ensures nomap: \result.device != 1 ==> (\result.access.status == VMREF_ENOMAP <==> \result.access.status != VMREF_EINVAL
      && va < 0x800000000000 && \old(leaf_at(*s, a, va)) == 0);
    ensures faulted: \result.device != 1 ==> (\result.access.faulted == 1 <==> \result.access.status != VMREF_EINVAL
      && (va >= 0x800000000000 || !granted(\old(leaf_at(*s, a, va)), kind)));
    ensures read: \result.device != 1 && \result.access.status == VMREF_OK && kind != VMREF_WRITE ==>
      \result.access.byte == \old(shown(*s, leaf_at(*s, a, va), va % 0x1000));
    ensures wrote: \result.device != 1 && \result.access.status == VMREF_OK && (kind == VMREF_WRITE || kind == VMREF_RMW) ==>
      shown(*s, leaf_at(*s, a, va), va % 0x1000) == byte;
    ensures isolated: \result.device == 1 || \result.access.status != VMREF_OK || kind == VMREF_READ || kind == VMREF_FETCH
      || prot_S(prot(leaf_at(*s, a, va))) == 0 ==> isolated{Pre, Post}(*s, a); */
struct vmref_huge_outcome vmref_huge_access(const struct vmref_sys *s, uint16_t *o, uint32_t a, uint64_t va, uint8_t kind, uint8_t byte);
#endif
