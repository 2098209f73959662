/* SPDX-License-Identifier: MIT */
/* Pages of a process out to swap, and in again. */
#include "fault_page.h"

int vmref_page_out(const struct vmref_sys *s, uint32_t a, uint64_t p)
{
  if (a >= s->spaces || s->level[a] != 4 || p >= VMREF_USER_PAGES) return VMREF_EINVAL;
  uint64_t e = vmref_page_leaf(s, a, p);
  if (e == 0) return VMREF_ENOMAP;
  uint32_t o = vmref_leaf_object(s, e);
  if (o >= s->frames) return VMREF_EINVAL;
  //@ ghost vmref_lemma_leaves(s);
  int r = vmref_swap_out(s, o);
  //@ ghost vmref_lemma_leaves(s);
  /*@ assert page_of: \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> page(*s, b, p4(q), p3(q), p2(q), 0); */
  /*@ assert tables: \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> table_of(*s, b, q) == \at(table_of(*s, b, q), Pre); */
  /*@ assert then: \forall integer b, q; 0 <= b < s->spaces && upage(q) && table_of(*s, b, q) < s->tables ==>
        \at(leaf_of(*s, b, q), Pre) == \at(at(*s, table_of(*s, b, q), p1(q)), Pre); */
  /*@ assert seen: \forall integer b, q; 0 <= b < s->spaces && upage(q) && table_of(*s, b, q) < s->tables ==>
        same_view{Pre, Here}(*s, table_of(*s, b, q), p1(q)); */
  /*@ assert none: \forall integer b, q; 0 <= b < s->spaces && upage(q) && table_of(*s, b, q) >= s->tables ==>
        leaf_of(*s, b, q) == 0 && \at(leaf_of(*s, b, q), Pre) == 0; */
  /*@ assert views: \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> same_page{Pre, Here}(*s, b, q); */
  return r;
}

int vmref_page_in(const struct vmref_sys *s, uint32_t a, uint64_t p)
{
  if (a >= s->spaces || s->level[a] != 4 || p >= VMREF_USER_PAGES) return VMREF_EINVAL;
  uint64_t e = vmref_page_leaf(s, a, p);
  if (e == 0) return VMREF_ENOMAP;
  uint32_t o = vmref_leaf_object(s, e);
  if (o < s->frames || o == s->frames + s->slots) return VMREF_EINVAL;
  //@ ghost vmref_lemma_leaves(s);
  //@ ghost vmref_lemma_fits(s);
  int r = vmref_swap_in(s, vmref_page_table(s, a, p), (uint32_t)(p % 512));
  //@ ghost vmref_lemma_leaves(s);
  /*@ assert page_of: \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> page(*s, b, p4(q), p3(q), p2(q), 0); */
  /*@ assert tables: \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> table_of(*s, b, q) == \at(table_of(*s, b, q), Pre); */
  /*@ assert then: \forall integer b, q; 0 <= b < s->spaces && upage(q) && table_of(*s, b, q) < s->tables ==>
        \at(leaf_of(*s, b, q), Pre) == \at(at(*s, table_of(*s, b, q), p1(q)), Pre); */
  /*@ assert seen: \forall integer b, q; 0 <= b < s->spaces && upage(q) && table_of(*s, b, q) < s->tables ==>
        same_view{Pre, Here}(*s, table_of(*s, b, q), p1(q)); */
  /*@ assert none: \forall integer b, q; 0 <= b < s->spaces && upage(q) && table_of(*s, b, q) >= s->tables ==>
        leaf_of(*s, b, q) == 0 && \at(leaf_of(*s, b, q), Pre) == 0; */
  /*@ assert views: \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> same_page{Pre, Here}(*s, b, q); */
  /*@ assert stayed: r == VMREF_OK ==> \forall integer u, j; is_leaf(*s, u, j) && P(\at(at(*s, u, j), Pre)) == 1 ==> at(*s, u, j) == \at(at(*s, u, j), Pre); */
  return r;
}
