/* SPDX-License-Identifier: MIT */
/* Topic fault: a user's access and the page fault that may come of it. */
#ifndef VMREF_FAULT_H
#define VMREF_FAULT_H
#include "cow.h"
#include "swap.h"
#include "walk.h"
#ifdef __FRAMAC__
#include "../spec/fault.acsl"
#endif

/* The control state in which space a runs. */
/*@ requires a <= 0x400000;
    terminates \true; assigns \nothing; exits \false;
    ensures runs(\result, a); */
struct vmref_cpu vmref_user_cpu(uint32_t a);

/* A user's access to one byte: the MMU layer's walk over the tables in memory. */
/*@ requires \valid_read(s) && inv(*s) && a < s->spaces && s->level[a] == 4 && kind <= VMREF_FETCH;
    terminates \true; assigns \nothing; exits \false;
    ensures access: \result.access.va == va && \result.access.kind == kind;
    ensures root: va < 0x800000000000 ==> runs(\result.cpu, a) && valid_cpu(\result.cpu) && \result.level == 0 && \result.last <= 4
      && \result.origin.level == 4 && \result.origin.rw == 1 && \result.origin.us == 1 && \result.origin.xd == 0;
    ensures leaf: va < 0x800000000000 && \result.rule == VMREF_RULE_OK ==> \result.last == 1;
    ensures granted: va < 0x800000000000 ==> (\result.rule == VMREF_RULE_OK <==> granted(leaf_at(*s, a, va), kind));
    ensures reached: va < 0x800000000000 && \result.rule == VMREF_RULE_OK ==> \result.pa == 0x1000 * PFN(leaf_at(*s, a, va)) + va % 0x1000;
    ensures way: va < 0x800000000000 && \result.rule == VMREF_RULE_OK ==> went_down(*s, \result, a, va);
    ensures fault: va < 0x800000000000 && \result.rule != VMREF_RULE_OK ==> \result.vector == VMREF_VECTOR_PF
      && \result.cr2 == va && \result.error == user_error(leaf_at(*s, a, va), kind); */
struct vmref_walk vmref_user_walk(const struct vmref_sys *s, uint32_t a, uint64_t va, uint8_t kind);

/* The page-fault handler: make the access that faulted succeed. VMREF_ENOMAP: nothing is mapped
 * there; VMREF_EACCES: the mapping does not permit it; VMREF_EMEM: no frame is free. */
/*@ requires \valid_read(s) && inv(*s) && a < s->spaces && s->level[a] == 4 && va < 0x800000000000 && kind <= VMREF_FETCH;
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1],
            s->hint[0 .. hints(*s) - 1], s->data[0 .. 4096 * objects(*s) - 1];
    ensures inv: inv(*s);
    ensures failed: \result != VMREF_OK ==> unchanged{Pre, Post}(*s);
    ensures progress: \result == VMREF_OK ==> granted(leaf_at(*s, a, va), kind);
    ensures nomap: \result == VMREF_ENOMAP <==> \old(leaf_at(*s, a, va)) == 0;
    ensures access: \result == VMREF_EACCES <==> \old(leaf_at(*s, a, va)) != 0 && !permits(\old(leaf_at(*s, a, va)), kind);
    ensures status: \result == VMREF_OK || \result == VMREF_ENOMAP || \result == VMREF_EACCES || \result == VMREF_EMEM;
    ensures none: \result == VMREF_EMEM ==> no_frame(*s);
    ensures alone: \old(obj(*s, leaf_at(*s, a, va)) < s->frames && mine(*s, leaf_at(*s, a, va))) ==>
      \result != VMREF_EMEM && obj(*s, leaf_at(*s, a, va)) == \old(obj(*s, leaf_at(*s, a, va)));
    ensures kept: \forall integer u, j; is_leaf(*s, u, j) && !(u == t1(*s, a, i4(va), i3(va), i2(va)) && j == i1(va)) && P(\old(at(*s, u, j))) == 1 ==>
      at(*s, u, j) == \old(at(*s, u, j));
    ensures views: \forall integer u, j; is_leaf(*s, u, j) ==> same_view{Pre, Post}(*s, u, j);
    ensures same: same_tables{Pre, Post}(*s); */
int vmref_fault(const struct vmref_sys *s, uint32_t a, uint64_t va, uint8_t kind);


/* ---- lemmas, run by the prover only ---- */
/* Physical addresses have 40 bits. A function to a number, which the simplifier computes. */
/*@ ghost
  /@ requires 40 <= n <= 41; terminates \true; assigns \nothing; exits \false;
     ensures \result == two(n); ensures n == 40 ==> \result == 0x10000000000; @/
  uint64_t vmref_lemma_width(uint8_t n);
*/
/* What an entry that links a table is to the walk. */
/*@ ghost
  /@ requires runs(c, a) && links(e, u) && u < 0x400000 && 2 <= level <= 4;
     terminates \true; assigns \nothing; exits \false;
     ensures leads_on(c, level, e) == 1 && table_of(e) == 0x1000 * u && RW(e) == 1 && US(e) == 1 && XD(e) == 0 && PFN(e) == u;
     ensures maps_page(c, level, e) == 0 && P(e) == 1 && reserved(c, level, e) == VMREF_RULE_NONE; @/
  void vmref_lemma_link(struct vmref_cpu c, uint32_t a, uint64_t e, uint32_t u, uint8_t level);
*/
#endif
