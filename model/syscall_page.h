/* SPDX-License-Identifier: MIT */
/* Part of topic syscall: the pages of areas, which layer 2 holds. It maps a page when it is first touched,
 * as Linux does. */
#ifndef VMREF_SYSCALL_PAGE_H
#define VMREF_SYSCALL_PAGE_H
#include "syscall.h"

/* The first page of from..to-1 that layer 2 maps in space a; to: none. */
/*@ requires \valid_read(s) && inv(*s) && a < s->spaces && to <= VMREF_USER_PAGES;
    terminates \true; assigns \nothing; exits \false;
    ensures bound: \result <= to && (\result < to ==> from <= \result);
    ensures there: \result < to ==> leaf_of(*s, a, \result) != 0; */
uint64_t vmref_pages_next(const struct vmref_sys *s, uint32_t a, uint64_t from, uint64_t to);
/* Forget pages from..to-1 of space a, a process's or a file's. */
/*@ requires \valid_read(s) && inv(*s) && a < s->spaces && to <= VMREF_USER_PAGES;
    terminates \true; exits \false;
    assigns PAGES(*s);
    ensures inv: inv(*s);
    ensures isolated: isolated{Pre, Post}(*s, a); */
void vmref_pages_drop(const struct vmref_sys *s, uint32_t a, uint64_t from, uint64_t to);
/* Give them the rights of vm_flags. */
/*@ requires \valid_read(s) && inv(*s) && a < s->spaces && to <= VMREF_USER_PAGES;
    terminates \true; exits \false;
    assigns PAGES(*s);
    ensures inv: inv(*s);
    ensures isolated: isolated{Pre, Post}(*s, a); */
void vmref_pages_protect(const struct vmref_sys *s, uint32_t a, uint64_t from, uint64_t to, uint32_t flags);
/* Move n pages to where nothing is mapped. VMREF_EMEM: not enough tables, some have moved. */
/*@ requires \valid_read(s) && inv(*s) && a < s->spaces && from + n <= VMREF_USER_PAGES && to + n <= VMREF_USER_PAGES;
    terminates \true; exits \false;
    assigns PAGES(*s);
    ensures inv: inv(*s);
    ensures isolated: isolated{Pre, Post}(*s, a); */
int vmref_pages_move(const struct vmref_sys *s, uint32_t a, uint64_t from, uint64_t n, uint64_t to);
/* Put them to swap, those that no other space has, while there are slots. */
/*@ requires \valid_read(s) && inv(*s) && a < s->spaces && to <= VMREF_USER_PAGES;
    terminates \true; exits \false;
    assigns PAGES(*s);
    ensures inv: inv(*s);
    ensures views: isolated{Pre, Post}(*s, -1); */
void vmref_pages_out(const struct vmref_sys *s, uint32_t a, uint64_t from, uint64_t to);

/* The rights of a page in layer 2: on x86 what is writable or executable is readable. */
/*@ terminates \true; assigns \nothing; exits \false; ensures \result <= 7; */
uint8_t vmref_page_rights(uint32_t flags);
/* The file page at page p of an area. */
/*@ requires v.start <= p && v.offset + (p - v.start) <= VMREF_OFFSETS;
    terminates \true; assigns \nothing; exits \false; ensures \result == v.offset + (p - v.start); */
uint64_t vmref_page_index(struct vmref_vma v, uint64_t p);
/* Map page p of area v, if it is not. VMREF_ENOMAP: it is past the end of its file; VMREF_EMEM. */
/*@ requires \valid_read(l) && linux_fine(*l) && a < l->mms && area(v) && v.start <= p < v.end;
    terminates \true; exits \false;
    assigns PAGES(l->s);
    ensures fine: linux_fine(*l);
    ensures there: \result == VMREF_OK ==> leaf_of(l->s, a, p) != 0;
    ensures apart: apart{Pre, Post}(l->s, l->mms, a); */
int vmref_page_bring(const struct vmref_linux *l, uint32_t a, struct vmref_vma v, uint64_t p);

/* Begin and end space a; as layer 2 has them. */
/*@ requires \valid_read(s) && inv(*s);
    terminates \true; exits \false;
    assigns PAGES(*s);
    ensures inv: inv(*s);
    ensures isolated: isolated{Pre, Post}(*s, a); */
int vmref_pages_begin(const struct vmref_sys *s, uint32_t a, int64_t what);
/*@ requires \valid_read(s) && inv(*s) && a < s->spaces;
    terminates \true; exits \false;
    assigns PAGES(*s);
    ensures inv: inv(*s);
    ensures isolated: isolated{Pre, Post}(*s, a); */
void vmref_pages_end(const struct vmref_sys *s, uint32_t a);

/* vmref_fork; a failed one changes no page. */
/*@ requires \valid_read(s) && inv(*s);
    terminates \true; exits \false;
    assigns PAGES(*s);
    ensures inv: inv(*s);
    ensures failed: \result != VMREF_OK ==> isolated{Pre, Post}(*s, -1);
    ensures isolated: isolated{Pre, Post}(*s, b); */
int vmref_pages_fork(const struct vmref_sys *s, uint32_t a, uint32_t b);

/* ---- lemma, run by the prover only: a space that has a page exists ---- */
/*@ ghost
  /@ requires \valid_read(s) && inv(*s) && a < s->spaces && upage(p) && leaf_of(*s, a, p) != 0;
     terminates \true; assigns \nothing; exits \false;
     ensures s->level[a] == 4; @/
  void vmref_lemma_root(const struct vmref_sys *s, uint32_t a, uint64_t p);
*/
#endif
