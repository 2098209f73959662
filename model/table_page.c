/* SPDX-License-Identifier: MIT */
/* User pages by number. */
#include "table_page.h"

uint32_t vmref_page_table(const struct vmref_sys *s, uint32_t a, uint64_t p)
{
  return vmref_table_find(s, a, (uint32_t)(p / 0x8000000), (uint32_t)(p / 0x40000 % 512), (uint32_t)(p / 0x200 % 512));
}

uint64_t vmref_page_leaf(const struct vmref_sys *s, uint32_t a, uint64_t p)
{
  uint32_t t = vmref_page_table(s, a, p);
  if (t == s->tables) return 0;
  uint64_t e = s->tab[512 * (uint64_t)t + p % 512];
  //@ assert e: e == at(*s, t, p1(p));
  return e;
}

/*@ ghost
  void vmref_lemma_pages(uint64_t p)
  {
    /@ assert sum: \forall integer q; upage(q) ==> q == 0x8000000 * p4(q) + 0x40000 * p3(q) + 0x200 * p2(q) + p1(q); @/
  }
*/
/*@ ghost
  void vmref_lemma_leaves(const struct vmref_sys *s)
  {
    vmref_lemma_pages(0);
    vmref_lemma_index();
    vmref_lemma_way(s);
    /@ assert user: \forall integer t, i; is_leaf(*s, t, i) ==> user_leaf(*s, 512 * t + i); @/
    /@ assert pairs: \forall integer t, i; is_leaf(*s, t, i) ==> leaf_fits(*s, 512 * t + i); @/
    /@ assert pairs2: \forall integer t, i; is_leaf(*s, t, i) ==> fit_leaf(*s, at(*s, t, i)) && files(*s, at(*s, t, i)); @/
    /@ assert nothing: fit_leaf(*s, 0) && files(*s, 0); @/
  }
*/
