/* SPDX-License-Identifier: MIT */
/* Topic check: does the invariant of spec/theorem.acsl hold? For states that come from
 * elsewhere: read from a dump, made by other code. */
#ifndef VMREF_CHECK_H
#define VMREF_CHECK_H
#include "table.h"

/* The clauses of the invariant, in the order they are looked at. */
#define VMREF_CHECK_OK            0
#define VMREF_CHECK_LEDGER        1 /* a count is not that of the leaves that refer to the object */
#define VMREF_CHECK_FREE          2 /* a free object is marked as a file's */
#define VMREF_CHECK_LEAF          3 /* a user's leaf is malformed, or may be written and is not alone */
#define VMREF_CHECK_ROOTS         4 /* levels and owners of the tables */
#define VMREF_CHECK_DOWN          5 /* an entry links no table, or one that does not say so */
#define VMREF_CHECK_UP            6 /* a table is not linked where it says */
#define VMREF_CHECK_FREE_TABLES   7 /* a free table is not empty */
#define VMREF_CHECK_KERNEL_SHARED 8 /* the kernel's half is not the same in every space */
#define VMREF_CHECK_KERNEL_LEAVES 9 /* a kernel's leaf has a wrong frame or wrong rights */

#ifdef __FRAMAC__
#include "../spec/check.acsl"
#endif

/* The first clause that does not hold, VMREF_CHECK_OK when all do. One pass over the entries
 * for each; part of the hints is its room to count. */
/*@ requires \valid_read(s) && valid_sys(*s);
    terminates \true; assigns s->hint[0 .. hints(*s) - 1]; exits \false;
    ensures ok: \result == VMREF_CHECK_OK <==> inv(*s);
    ensures ledger: \result == VMREF_CHECK_LEDGER ==> !ledger(*s);
    ensures free: \result == VMREF_CHECK_FREE ==> !free_private(*s);
    ensures leaf: \result == VMREF_CHECK_LEAF ==> !leaves(*s);
    ensures roots: \result == VMREF_CHECK_ROOTS ==> !roots(*s);
    ensures down: \result == VMREF_CHECK_DOWN ==> !down(*s);
    ensures up: \result == VMREF_CHECK_UP ==> !up(*s);
    ensures free_tables: \result == VMREF_CHECK_FREE_TABLES ==> !free_tables(*s);
    ensures kernel_shared: \result == VMREF_CHECK_KERNEL_SHARED ==> !kernel_shared(*s);
    ensures kernel_leaves: \result == VMREF_CHECK_KERNEL_LEAVES ==> !kernel_leaves(*s);
    ensures first: \forall integer k; k < \result || \result == VMREF_CHECK_OK ==> clause(*s, k);
    ensures number: VMREF_CHECK_OK <= \result <= VMREF_CHECK_KERNEL_LEAVES; */
int vmref_check(const struct vmref_sys *s);
#endif
