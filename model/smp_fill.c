/* SPDX-License-Identifier: MIT */
/* What processors cache of the walks that they make. */
#include "smp_fill.h"

/*@ ghost
  void vmref_lemma_indices(uint64_t va)
  {
    /@ assert four: va / 0x1000 / 0x8000000 == va / 0x8000000000; @/
    /@ assert three: va / 0x1000 / 0x40000 == va / 0x40000000; @/
    /@ assert two: va / 0x1000 / 0x200 == va / 0x200000; @/
    /@ assert top: va / 0x8000000000 < 256; @/
  }
*/

/* ---- what a walk leaves in the caches ---- */
/* The page that it found. */
/*@ ghost
  /@ requires \valid_read(s) && inv(*s) && a < s->spaces && s->level[a] == 4 && va < 0x800000000000;
     requires runs(w.cpu, a) && w.origin.level == 4 && w.last == 1 && w.access.va == va && went_down(*s, w, a, va) && P(leaf_at(*s, a, va)) == 1;
     terminates \true; assigns \nothing; exits \false; ensures translation_of(t, w, 1) ==> permitted(*s, a, t); @/
  static void lemma_page(const struct vmref_sys *s, uint32_t a, uint64_t va, struct vmref_walk w, struct vmref_translation t)
  {
    vmref_lemma_fits(s);
    vmref_lemma_way(s);
    uint64_t e = w.entry[1];
    /@ assert page: page(*s, a, i4(va), i3(va), i2(va), i1(va)); @/
    /@ assert e: e == leaf_at(*s, a, va); @/
    /@ assert there: t1(*s, a, i4(va), i3(va), i2(va)) < s->tables; @/
    /@ assert fit: fit_present(*s, e); @/
    /@ assert n: (va - va % 0x1000) / 0x1000 == va / 0x1000; @/
    vmref_lemma_indices(va);
    /@ assert leaf: leaf_of(*s, a, va / 0x1000) == e; @/
    /@ assert half: e / 256 == e / 128 / 2; @/
    /@ assert g: G(e) == 0; @/
    /@ assert frame: page_base(w.cpu.mode, 1, e) == 0x1000 * PFN(e); @/
    /@ assert rw: sum_RW(w, 1) <= RW(e) && sum_US(w, 1) <= US(e) && XD(e) <= sum_XD(w, 1); @/
  }
*/

/* A table that it passed. */
/*@ ghost
  /@ requires \valid_read(s) && inv(*s) && a < s->spaces && s->level[a] == 4 && va < 0x800000000000;
     requires runs(w.cpu, a) && w.origin.level == 4 && w.last == 1 && w.access.va == va && went_down(*s, w, a, va) && P(leaf_at(*s, a, va)) == 1;
     requires 2 <= level <= 4;
     terminates \true; assigns \nothing; exits \false; ensures table_of_walk(t, w, level) ==> permitted_table(*s, a, t); @/
  static void lemma_table(const struct vmref_sys *s, uint32_t a, uint64_t va, struct vmref_walk w, struct vmref_cached_table t, uint8_t level)
  {
    vmref_lemma_way(s);
    vmref_lemma_indices(va);
    /@ assert page: page(*s, a, i4(va), i3(va), i2(va), i1(va)); @/
    /@ assert there: t1(*s, a, i4(va), i3(va), i2(va)) < s->tables; @/
    uint64_t e = w.entry[level];
    if (level == 4) {
      /@ assert e4: e == at(*s, a, i4(va)) && PFN(e) == t3(*s, a, i4(va)); @/
      uint64_t start4 = va - va % 0x8000000000;
      /@ assert a4: start4 == 0x8000000000 * (va / 0x8000000000); @/
      /@ assert held4: \forall integer x; holds(start4, 0x8000000000, x) == 1 ==> x / 0x8000000000 == va / 0x8000000000 && x < 0x800000000000; @/
      /@ assert table4: table_of(e) == 0x1000 * t3(*s, a, i4(va)); @/
      /@ assert so4: table_of_walk(t, w, level) ==> permitted_table(*s, a, t); @/
      return;
    }
    if (level == 3) {
      /@ assert e3: e == at(*s, t3(*s, a, i4(va)), i3(va)) && PFN(e) == t2(*s, a, i4(va), i3(va)); @/
      uint64_t start3 = va - va % 0x40000000;
      /@ assert a3: start3 == 0x40000000 * (va / 0x40000000); @/
      /@ assert held3: \forall integer x; holds(start3, 0x40000000, x) == 1 ==> x / 0x40000000 == va / 0x40000000; @/
      /@ assert up3: \forall integer x; holds(start3, 0x40000000, x) == 1 ==> x / 0x8000000000 == x / 0x40000000 / 512 && x < 0x800000000000; @/
      /@ assert va3: va / 0x8000000000 == va / 0x40000000 / 512; @/
      /@ assert ix3: \forall integer x; holds(start3, 0x40000000, x) == 1 ==> i3(x) == i3(va) && i4(x) == i4(va); @/
      /@ assert table3: table_of(e) == 0x1000 * t2(*s, a, i4(va), i3(va)); @/
      /@ assert so3: table_of_walk(t, w, level) ==> permitted_table(*s, a, t); @/
      return;
    }
    /@ assert e2: e == at(*s, t2(*s, a, i4(va), i3(va)), i2(va)) && PFN(e) == t1(*s, a, i4(va), i3(va), i2(va)); @/
    uint64_t start2 = va - va % 0x200000;
    /@ assert a2: start2 == 0x200000 * (va / 0x200000); @/
    /@ assert held2: \forall integer x; holds(start2, 0x200000, x) == 1 ==> x / 0x200000 == va / 0x200000; @/
    /@ assert up2: \forall integer x; holds(start2, 0x200000, x) == 1 ==> x / 0x40000000 == x / 0x200000 / 512 && x < 0x800000000000; @/
    /@ assert upp2: \forall integer x; holds(start2, 0x200000, x) == 1 ==> x / 0x8000000000 == x / 0x200000 / 0x40000; @/
    /@ assert va2: va / 0x40000000 == va / 0x200000 / 512 && va / 0x8000000000 == va / 0x200000 / 0x40000; @/
    /@ assert ix2: \forall integer x; holds(start2, 0x200000, x) == 1 ==> i2(x) == i2(va) && i3(x) == i3(va) && i4(x) == i4(va); @/
    /@ assert table2: table_of(e) == 0x1000 * t1(*s, a, i4(va), i3(va), i2(va)); @/
    /@ assert so2: table_of_walk(t, w, level) ==> permitted_table(*s, a, t); @/
  }
*/

/* The caches with what a walk of four levels leaves. */
/*@ requires \valid(tlb) && \valid_read(w) && valid_cpu(w->cpu) && w->level == 0 && w->origin.level == 4 && w->last == 1;
    requires w->origin.rw == 1 && w->origin.us == 1 && w->origin.xd == 0;
    terminates \true; exits \false; assigns *tlb;
    ensures status: \result == VMREF_OK || \result == VMREF_EFULL;
    ensures page: \forall integer i; 0 <= i < VMREF_TLB_SLOTS && tlb->page[i].used == 1 ==>
      tlb->page[i] == \old(*tlb).page[i] || translation_of(tlb->page[i], *w, 1);
    ensures table: \forall integer i; 0 <= i < VMREF_TLB_SLOTS && tlb->table[i].used == 1 ==>
      tlb->table[i] == \old(*tlb).table[i] || table_of_walk(tlb->table[i], *w, 2)
      || table_of_walk(tlb->table[i], *w, 3) || table_of_walk(tlb->table[i], *w, 4); */
static int8_t add(struct vmref_tlb *tlb, const struct vmref_walk *w)
{
  //@ ghost struct vmref_tlb was = *tlb;
  int8_t r = vmref_tlb_fill(tlb, w);
  /*@ assert level: \forall integer k; caches_table(*w, k) ==> k == 2 || k == 3 || k == 4; */
  /*@ assert some: \forall integer i; 0 <= i < VMREF_TLB_SLOTS && tlb->table[i] != was.table[i] ==>
        \exists integer k; caches_table(*w, k) && table_of_walk(tlb->table[i], *w, k); */
  return r;
}

void vmref_smp_cache(struct vmref_tlb *tlb, const struct vmref_sys *s, uint32_t a, uint8_t pending, struct vmref_walk w)
{
  (void)s; (void)a; (void)pending;
  //@ ghost struct vmref_tlb was = *tlb;
  if (add(tlb, &w) != VMREF_OK) {
    vmref_tlb_reset(tlb);
    add(tlb, &w);
  }
  /*@ ghost
    /@ loop invariant 0 <= i <= VMREF_TLB_SLOTS;
       loop invariant pages: \forall integer j; 0 <= j < i && tlb->page[j].used == 1 ==>
         permitted(*s, a, tlb->page[j]) || (pending == 1 && leftover(*s, tlb->page[j]));
       loop invariant tables: \forall integer j; 0 <= j < i && tlb->table[j].used == 1 ==>
         permitted_table(*s, a, tlb->table[j]) || (pending == 1 && leftover_table(*s, tlb->table[j]));
       loop assigns i; loop variant VMREF_TLB_SLOTS - i; @/
    for (uint32_t i = 0; i < VMREF_TLB_SLOTS; i++) {
      /@ assert page: tlb->page[i].used == 1 ==> tlb->page[i] == was.page[i] || translation_of(tlb->page[i], w, 1); @/
      /@ assert table: tlb->table[i].used == 1 ==> tlb->table[i] == was.table[i] || table_of_walk(tlb->table[i], w, 2)
           || table_of_walk(tlb->table[i], w, 3) || table_of_walk(tlb->table[i], w, 4); @/
      lemma_page(s, a, w.access.va, w, tlb->page[i]);
      lemma_table(s, a, w.access.va, w, tlb->table[i], 2);
      lemma_table(s, a, w.access.va, w, tlb->table[i], 3);
      lemma_table(s, a, w.access.va, w, tlb->table[i], 4);
    }
  */
}

int vmref_smp_fill(struct vmref_smp *m, const struct vmref_sys *s, uint32_t c, uint64_t va)
{
  if (c >= VMREF_CPUS || m->runs[c] == VMREF_IDLE) return VMREF_EINVAL;
  m->told = 0;
  if (va >= 0x1000 * VMREF_USER_PAGES) return VMREF_OK;
  uint32_t a = m->runs[c];
  //@ assert here: coherent_cpu(*s, *m, c);
  struct vmref_walk w = vmref_user_walk(s, a, va, VMREF_READ);
  if (w.rule == VMREF_RULE_OK) vmref_smp_cache(&m->tlb[c], s, a, m->pending, w);
  //@ assert now: coherent_cpu(*s, *m, c);
  //@ assert rest: \forall integer d; 0 <= d < VMREF_CPUS && d != c ==> coherent_cpu(*s, *m, d);
  return VMREF_OK;
}
