/* SPDX-License-Identifier: MIT */
/* Topic vmalloc: kernel addresses in a row over frames that lie anywhere. Frame f of the buddy allocator is the
 * kernel's frame text + f; pages are numbered from the bottom of the kernel's half, where the linear map of
 * its frames is. Before and after each area one page stays unmapped, so that who runs over the end faults.
 * Linux, mm/vmalloc.c. */
#ifndef VMREF_VMALLOC_H
#define VMREF_VMALLOC_H
#include "buddy.h"
#include "space.h"

#ifdef __FRAMAC__
#include "../spec/vmalloc.acsl"
#endif

/* The kernel's leaf table, `tables` when there is none. */
/*@ requires \valid_read(s) && inv(*s);
    terminates \true; exits \false; assigns \nothing;
    ensures table: \result == kernel_table(*s) && \result <= s->tables;
    ensures entry: \result < s->tables ==> kernel_entry(*s, \result, 0); */
uint32_t vmref_kernel_table(const struct vmref_sys *s);

/* Entry i of table t. */
/*@ requires \valid_read(s) && valid_sys(*s) && t < s->tables && i < 512;
    terminates \true; exits \false; assigns \nothing;
    ensures \result == at(*s, t, i); */
uint64_t vmref_kernel_entry(const struct vmref_sys *s, uint32_t t, uint32_t i);

/* Make entry i of a leaf table of the kernel e: a page of its own, or 0. */
/*@ requires \valid_read(s) && inv(*s) && kernel_entry(*s, t, i) && kernel_leaf(*s, e);
    terminates \true; exits \false; assigns s->tab[512 * t + i];
    ensures inv: inv(*s);
    ensures written: at(*s, t, i) == e;
    ensures others: \forall integer u, j; 0 <= u < s->tables && ix(j) && !(u == t && j == i) ==> at(*s, u, j) == \old(at(*s, u, j));
    ensures table: kernel_table(*s) == \old(kernel_table(*s));
    ensures pages: \forall integer a, i4, i3, i2, i1; page(*s, a, i4, i3, i2, i1) ==> leaf(*s, a, i4, i3, i2, i1) == \old(leaf(*s, a, i4, i3, i2, i1)); */
void vmref_kernel_set(const struct vmref_sys *s, uint32_t t, uint32_t i, uint64_t e);

/* Begin: no pages, all frames are free. VMREF_EINVAL: the kernel has no table, or fewer frames than b. */
/*@ requires \valid_read(s) && \valid_read(b) && inv(*s) && valid_buddy(*b) && apart(*s, *b);
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], b->node[0 .. nodes(*b) - 1], b->list[0 .. nodes(*b) - 1], b->place[0 .. nodes(*b) - 1], b->free[0 .. b->order];
    ensures status: \result == (\old(kernel_table(*s)) < s->tables && s->text + frames_of(*b) <= s->kernel ? VMREF_OK : VMREF_EINVAL);
    ensures vmalloc: \result == VMREF_OK ==> vmalloc(*s, *b) && \forall integer n; !used(*b, n);
    ensures failed: \result != VMREF_OK ==> inv(*s) && other_vpages{Pre, Post}(*s, -1, 0, 0);
    ensures users: users_pages{Pre, Post}(*s); */
int vmref_vmalloc_init(const struct vmref_sys *s, const struct vmref_buddy *b);

/* Allocate n pages. Returns the number of the first. VMREF_EINVAL: none are wanted; VMREF_EMEM: there are not so
 * many frames, or not so many addresses in a row; then all is as before. */
/*@ requires \valid_read(s) && \valid_read(b) && vmalloc(*s, *b);
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], b->node[0 .. nodes(*b) - 1], b->list[0 .. nodes(*b) - 1], b->place[0 .. nodes(*b) - 1], b->free[0 .. b->order];
    ensures vmalloc: vmalloc(*s, *b) && kernel_table(*s) == \old(kernel_table(*s));
    ensures status: s->kernel < \result < 512 || \result == VMREF_EINVAL || \result == VMREF_EMEM;
    ensures invalid: \result == VMREF_EINVAL <==> n == 0;
    ensures area: \result > 0 ==> varea(*s, kernel_table(*s), \result, n);
    ensures fresh: \result > 0 ==> \forall integer m; of_pages(*s, *b, kernel_table(*s), \result, n, m) ==> !\old(used(*b, m));
    ensures blocks: \result > 0 ==> \forall integer m; used(*b, m) <==> \old(used(*b, m)) || of_pages(*s, *b, kernel_table(*s), \result, n, m);
    ensures others: \result > 0 ==> other_vpages{Pre, Post}(*s, kernel_table(*s), \result, n);
    ensures failed: \result < 0 ==> other_vpages{Pre, Post}(*s, -1, 0, 0) && same_used{Pre, Post}(*b, 0);
    ensures users: users_pages{Pre, Post}(*s); */
int64_t vmref_vmalloc(const struct vmref_sys *s, const struct vmref_buddy *b, uint32_t n);

/* Free the area that begins at page i. Returns its pages; what processors have cached of them must be dropped then, as
 * the kernel's half is in every space. VMREF_EINVAL: no area begins there. */
/*@ requires \valid_read(s) && \valid_read(b) && vmalloc(*s, *b);
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], b->node[0 .. nodes(*b) - 1], b->list[0 .. nodes(*b) - 1], b->place[0 .. nodes(*b) - 1], b->free[0 .. b->order];
    ensures vmalloc: vmalloc(*s, *b) && kernel_table(*s) == \old(kernel_table(*s));
    ensures status: 1 <= \result < 512 || \result == VMREF_EINVAL;
    ensures none: \result == VMREF_EINVAL ==> \forall integer n; !varea(*s, kernel_table(*s), i, n);
    ensures area: \forall integer n; n == \result && n > 0 ==> \old(varea(*s, kernel_table(*s), i, n));
    ensures gone: \result > 0 ==> \forall integer j; i <= j < i + \result ==> at(*s, kernel_table(*s), j) == 0;
    ensures others: \result > 0 ==> other_vpages{Pre, Post}(*s, kernel_table(*s), i, \result);
    ensures blocks: \forall integer n, m; n == \result && n > 0 ==>
      (used(*b, m) <==> \old(used(*b, m)) && !\old(of_pages(*s, *b, kernel_table(*s), i, n, m)));
    ensures failed: \result < 0 ==> other_vpages{Pre, Post}(*s, -1, 0, 0) && same_used{Pre, Post}(*b, 0);
    ensures users: users_pages{Pre, Post}(*s); */
int vmref_vfree(const struct vmref_sys *s, const struct vmref_buddy *b, uint32_t i);
#endif
