/* SPDX-License-Identifier: MIT */
/* Topic smp: does a state with processors satisfy the invariant, clause 6 included? */
#ifndef VMREF_SMP_CHECK_H
#define VMREF_SMP_CHECK_H
#include "check.h"
#include "smp.h"

#define VMREF_CHECK_TLB 10 /* a processor has cached what the tables do not permit */

/* vmref_check, and after it clause 6. */
/*@ requires \valid_read(s) && valid_sys(*s) && \valid_read(m);
    terminates \true; assigns s->hint[0 .. hints(*s) - 1]; exits \false;
    ensures ok: \result == VMREF_CHECK_OK <==> inv(*s) && coherent(*s, *m);
    ensures tlb: \result == VMREF_CHECK_TLB ==> inv(*s) && !coherent(*s, *m);
    ensures other: \result != VMREF_CHECK_OK && \result != VMREF_CHECK_TLB ==> !inv(*s);
    ensures number: VMREF_CHECK_OK <= \result <= VMREF_CHECK_TLB; */
int vmref_smp_check(const struct vmref_sys *s, const struct vmref_smp *m);
#endif
