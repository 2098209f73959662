/* SPDX-License-Identifier: MIT */
/* Part of topic huge: what the hardware finds in memory where words stand over entries of the tables. */
#ifndef VMREF_HUGE_WALK_H
#define VMREF_HUGE_WALK_H
#include "huge.h"

/* vmref_user_walk over memory as it is: with the words. Where no device is, it grants just what the
 * leaf of 4 KiB grants, and reaches the same byte. SDM 3A 4.5.4. */
/*@ requires \valid_read(s) && inv(*s) && valid_over(*s, o) && huge(*s, o);
    requires a < s->spaces && s->level[a] == 4 && kind <= VMREF_FETCH;
    terminates \true; assigns \nothing; exits \false;
    ensures access: \result.access.va == va && \result.access.kind == kind;
    ensures granted: va < 0x800000000000 ==> (\result.rule == VMREF_RULE_OK <==> granted(page_entry(*s, o, a, va), kind));
    ensures fault: va < 0x800000000000 && \result.rule != VMREF_RULE_OK ==> \result.vector == VMREF_VECTOR_PF
      && \result.cr2 == va && \result.error == user_error(page_entry(*s, o, a, va), kind);
    ensures level: va < 0x800000000000 && \result.rule == VMREF_RULE_OK ==> \result.last == page_level(*s, o, a, va);
    ensures reached: va < 0x800000000000 && \result.rule == VMREF_RULE_OK ==>
      \result.pa == 0x1000 * PFN(page_entry(*s, o, a, va)) + va % size_of(page_level(*s, o, a, va));
    ensures memory: va < 0x800000000000 && !at_device(*s, o, a, va) ==> (\result.rule == VMREF_RULE_OK <==> granted(leaf_at(*s, a, va), kind))
      && (\result.rule == VMREF_RULE_OK ==> \result.pa == 0x1000 * PFN(leaf_at(*s, a, va)) + va % 0x1000)
      && (\result.rule != VMREF_RULE_OK ==> \result.error == user_error(leaf_at(*s, a, va), kind));
    ensures device: va < 0x800000000000 && at_device(*s, o, a, va) && \result.rule == VMREF_RULE_OK ==>
      \result.pa >= 0x1000 * devices(*s); */
struct vmref_walk vmref_huge_walk(const struct vmref_sys *s, const uint16_t *o, uint32_t a, uint64_t va, uint8_t kind);
#endif
