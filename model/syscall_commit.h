/* SPDX-License-Identifier: MIT */
/* Part of topic syscall: memory that is promised (overcommit; mm/util.c, mm/shmem.c of Linux). */
#ifndef VMREF_SYSCALL_COMMIT_H
#define VMREF_SYSCALL_COMMIT_H
#include "syscall.h"

/* How many of pages from..to-1 are in areas with VM_ACCOUNT that have no flag of `but`. */
/*@ requires \valid_read(m) && areas(*m) && from <= to;
    terminates \true; assigns \nothing; exits \false;
    ensures bound: \result <= to - from; */
uint64_t vmref_accounted(const struct vmref_vmas *m, uint64_t from, uint64_t to, uint32_t but);

/* May so many pages more be promised? (__vm_enough_memory) Modes 0 and 1: at once; mode 2: with all that is promised. */
/*@ requires \valid_read(l) && linux_fine(*l) && pages <= 0x10000000000000;
    terminates \true; assigns \nothing; exits \false;
    ensures at_once: l->limit == UINT64_MAX ==> (\result != 0 <==> pages <= l->commit);
    ensures never: l->limit != UINT64_MAX && pages >= l->limit ==> \result == 0; */
vmref_bool vmref_granted(const struct vmref_linux *l, uint64_t pages);
#endif
