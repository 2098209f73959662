/* SPDX-License-Identifier: MIT */
/* Part of topic table: user pages by number, address / 4096. */
#ifndef VMREF_TABLE_PAGE_H
#define VMREF_TABLE_PAGE_H
#include "table.h"

#define VMREF_USER_PAGES 0x800000000

/* The leaf table of page p, `tables` when there is none. */
/*@ requires \valid_read(s) && valid_sys(*s) && tree(*s) && a < s->spaces && upage(p);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == table_of(*s, a, p) && \result <= s->tables;
    ensures leaf: \result < s->tables ==> s->level[\result] == 1 && s->owner[\result] == a; */
uint32_t vmref_page_table(const struct vmref_sys *s, uint32_t a, uint64_t p);

/* The leaf of page p, 0 when there is none. */
/*@ requires \valid_read(s) && valid_sys(*s) && tree(*s) && a < s->spaces && upage(p);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == leaf_of(*s, a, p);
    ensures table: \result != 0 ==> table_of(*s, a, p) < s->tables; */
uint64_t vmref_page_leaf(const struct vmref_sys *s, uint32_t a, uint64_t p);

/* ---- lemmas, run by the prover only ---- */
/* The four indices tell pages apart. */
/*@ ghost
  /@ requires upage(p);
     terminates \true; assigns \nothing; exits \false;
     ensures \forall integer q; upage(q) && p4(q) == p4(p) && p3(q) == p3(p) && p2(q) == p2(p) && p1(q) == p1(p) ==> q == p;
     ensures \forall integer q; upage(q) ==> 0 <= p4(q) < 256 && ix(p3(q)) && ix(p2(q)) && ix(p1(q)); @/
  void vmref_lemma_pages(uint64_t p);
*/
/* What the leaves of pages are. */
/*@ ghost
  /@ requires \valid_read(s) && inv(*s);
     terminates \true; assigns \nothing; exits \false;
     ensures table: \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> 0 <= table_of(*s, b, q) <= s->tables;
     ensures leaf: \forall integer b, q; 0 <= b < s->spaces && upage(q) && table_of(*s, b, q) < s->tables ==>
       is_leaf(*s, table_of(*s, b, q), p1(q)) && leaf_of(*s, b, q) == at(*s, table_of(*s, b, q), p1(q));
     ensures fits: \forall integer b, q; 0 <= b < s->spaces && upage(q) ==>
       fit_leaf(*s, leaf_of(*s, b, q)) && files(*s, leaf_of(*s, b, q)); @/
  void vmref_lemma_leaves(const struct vmref_sys *s);
*/
#endif
