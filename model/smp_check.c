/* SPDX-License-Identifier: MIT */
/* Clause 6, processor by processor and slot by slot. */
#include "smp_check.h"

/* What lies in the same range of a table of some level lies in the same of those above. */
/*@ ghost
  /@ terminates \true; assigns \nothing; exits \false;
     ensures \forall integer v; v / 0x200000 / 0x200 == v / 0x40000000 && v / 0x40000000 / 0x200 == v / 0x8000000000; @/
  static void lemma_ranges(void)
  {
  }
*/

/* The table of a level on the way to an address, `tables` when there is none. */
/*@ requires \valid_read(s) && inv(*s) && lives(*s, a) && va < 0x800000000000;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == way(*s, a, va, level) && \result <= s->tables; */
static uint32_t table_on_way(const struct vmref_sys *s, uint32_t a, uint64_t va, uint8_t level)
{
  if (level < 1 || level > 3) return s->tables;
  //@ ghost vmref_lemma_way(s);
  uint32_t j4 = (uint32_t)(va / 0x8000000000 % 512), j3 = (uint32_t)(va / 0x40000000 % 512), j2 = (uint32_t)(va / 0x200000 % 512);
  //@ assert page: page(*s, a, j4, j3, j2, 0) && j4 == i4(va) && j3 == i3(va) && j2 == i2(va);
  uint32_t t = vmref_table_under(s, a, j4);
  //@ assert three: t == t3(*s, a, j4);
  if (level < 3) t = vmref_table_under(s, t, j3);
  //@ assert two: level < 3 ==> t == t2(*s, a, j4, j3);
  if (level < 2) t = vmref_table_under(s, t, j2);
  return t;
}

/*@ requires \valid_read(s) && inv(*s) && lives(*s, a);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> permitted(*s, a, t); ensures flag(\result); */
static uint8_t page_permitted(const struct vmref_sys *s, uint32_t a, struct vmref_translation t)
{
  if (t.size != 0x1000 || t.page % 0x1000 != 0 || t.page >= 0x800000000000 || t.pcid != 0 || t.global != 0) return 0;
  uint64_t p = t.page / 0x1000;
  uint32_t j4 = (uint32_t)(p / 0x8000000), j3 = (uint32_t)(p / 0x40000 % 512), j2 = (uint32_t)(p / 0x200 % 512), j1 = (uint32_t)(p % 512);
  //@ assert page: page(*s, a, j4, j3, j2, j1) && j4 == p4(p) && j3 == p3(p) && j2 == p2(p) && j1 == p1(p);
  uint32_t u = vmref_table_find(s, a, j4, j3, j2);
  //@ assert table: u == table_of(*s, a, p);
  uint64_t e = u < s->tables ? s->tab[512 * (uint64_t)u + j1] : 0;
  //@ assert entry: u < s->tables ==> e == at(*s, u, j1);
  //@ assert leaf: e == leaf_of(*s, a, p);
  return vmref_p(e) == 1 && t.frame == 0x1000 * vmref_pfn(e) && t.rw <= vmref_rw(e) && t.us <= vmref_us(e) && vmref_xd(e) <= t.xd
    && t.dirty <= e / 64 % 2;
}

/* Addresses start .. start + size - 1, a step for each entry of the table above. */
/*@ requires \valid_read(s) && inv(*s) && lives(*s, a);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> permitted_table(*s, a, t); ensures flag(\result); */
static uint8_t table_permitted(const struct vmref_sys *s, uint32_t a, struct vmref_cached_table t)
{
  uint8_t level = t.origin.level;
  if (t.pcid != 0) return 0;
  if (t.size == 0) return 1;
  //@ assert first: holds(t.start, t.size, t.start) == 1;
  //@ assert last: holds(t.start, t.size, t.start + t.size - 1) == 1;
  if (level < 1 || level > 3 || t.start >= 0x800000000000 || t.size > 0x800000000000 - t.start) return 0;
  uint64_t span = level == 3 ? 0x8000000000 : level == 2 ? 0x40000000 : 0x200000, va = t.start, end = t.start + t.size;
  //@ ghost lemma_ranges();
  /*@ loop invariant range: t.start <= va && va % 0x1000 >= 0;
      loop invariant done: \forall integer v; t.start <= v < va && v < end ==>
        way(*s, a, v, level) < s->tables && t.origin.table == 0x1000 * way(*s, a, v, level);
      loop assigns va; loop variant end - va; */
  while (va < end) {
    uint32_t u = table_on_way(s, a, va, level);
    //@ assert here: holds(t.start, t.size, va) == 1;
    if (u == s->tables || t.origin.table != 0x1000 * (uint64_t)u) return 0;
    //@ assert below: va / span * span <= va && va < 0x800000000000;
    uint64_t next = (va / span + 1) * span;
    //@ assert same: \forall integer v; va <= v < next ==> v / span == va / span;
    //@ assert ways: \forall integer v; va <= v < next ==> way(*s, a, v, level) == u;
    va = next;
  }
  //@ assert all: \forall integer v; holds(t.start, t.size, v) == 1 ==> t.start <= v < end;
  return 1;
}

/*@ requires \valid_read(s) && inv(*s) && f < s->frames;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> quiet(*s, f, w); ensures flag(\result); */
static uint8_t is_quiet(const struct vmref_sys *s, uint32_t f, uint8_t w)
{
  /*@ loop invariant 0 <= n <= entries(*s);
      loop invariant \forall integer m; 0 <= m < n && user_leaf(*s, m) && ref(*s, m) == f ==>
        (w == 1 ==> s->shared[f] == 1) && (P(s->tab[m]) == 1 && RW(s->tab[m]) == 1 ==> prot_S(prot(s->tab[m])) == 1);
      loop assigns n; loop variant entries(*s) - n; */
  for (uint64_t n = 0; n < 512 * (uint64_t)s->tables; n++) {
    uint64_t e = s->tab[n];
    if (s->level[n / 512] != 1 || (int64_t)s->owner[n / 512] == s->spaces || vmref_leaf_object(s, e) != f) continue;
    //@ assert leaf: user_leaf(*s, n) && ref(*s, n) == f;
    if ((w == 1 && !s->shared[f]) || (vmref_p(e) == 1 && vmref_rw(e) == 1 && vmref_leaf_prot(e) / 8 == 0)) return 0;
  }
  return 1;
}

/*@ requires \valid_read(s) && inv(*s);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> leftover(*s, t); ensures flag(\result); */
static uint8_t page_leftover(const struct vmref_sys *s, struct vmref_translation t)
{
  uint64_t pfn = t.frame / 0x1000;
  if (t.size != 0x1000 || t.page % 0x1000 != 0 || t.page >= 0x800000000000 || t.pcid != 0 || t.global != 0) return 0;
  if (t.frame % 0x1000 != 0 || pfn < s->tables || pfn >= (uint64_t)s->tables + s->frames) return 0;
  //@ assert frame: frame_of(*s, pfn) == pfn - s->tables;
  return is_quiet(s, (uint32_t)(pfn - s->tables), t.rw);
}

/*@ requires \valid_read(s) && inv(*s);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> leftover_table(*s, t); ensures flag(\result); */
static uint8_t table_leftover(const struct vmref_sys *s, struct vmref_cached_table t)
{
  uint64_t u = t.origin.table / 0x1000;
  return t.pcid == 0 && t.origin.table % 0x1000 == 0 && u < s->tables && s->level[u] == 0;
}

/*@ requires \valid_read(m) && c < VMREF_CPUS;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> blank(m->tlb[c]); ensures flag(\result); */
static uint8_t is_blank(const struct vmref_smp *m, uint32_t c)
{
  /*@ loop invariant 0 <= i <= VMREF_TLB_SLOTS;
      loop invariant \forall integer j; 0 <= j < i ==> m->tlb[c].page[j].used != 1 && m->tlb[c].table[j].used != 1;
      loop assigns i; loop variant VMREF_TLB_SLOTS - i; */
  for (uint32_t i = 0; i < VMREF_TLB_SLOTS; i++)
    if (m->tlb[c].page[i].used == 1 || m->tlb[c].table[i].used == 1) return 0;
  return 1;
}

/*@ requires \valid_read(s) && inv(*s) && \valid_read(m) && c < VMREF_CPUS && lives(*s, a);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> coherent_tlb(*s, a, m->tlb[c], m->pending); ensures flag(\result); */
static uint8_t tlb_coherent(const struct vmref_sys *s, uint32_t a, const struct vmref_smp *m, uint32_t c)
{
  /*@ loop invariant 0 <= i <= VMREF_TLB_SLOTS;
      loop invariant pages: \forall integer j; 0 <= j < i && m->tlb[c].page[j].used == 1 ==>
        permitted(*s, a, m->tlb[c].page[j]) || (m->pending == 1 && leftover(*s, m->tlb[c].page[j]));
      loop invariant tables: \forall integer j; 0 <= j < i && m->tlb[c].table[j].used == 1 ==>
        permitted_table(*s, a, m->tlb[c].table[j]) || (m->pending == 1 && leftover_table(*s, m->tlb[c].table[j]));
      loop assigns i; loop variant VMREF_TLB_SLOTS - i; */
  for (uint32_t i = 0; i < VMREF_TLB_SLOTS; i++) {
    if (m->tlb[c].page[i].used == 1 && !page_permitted(s, a, m->tlb[c].page[i])
        && (m->pending != 1 || !page_leftover(s, m->tlb[c].page[i]))) return 0;
    if (m->tlb[c].table[i].used == 1 && !table_permitted(s, a, m->tlb[c].table[i])
        && (m->pending != 1 || !table_leftover(s, m->tlb[c].table[i]))) return 0;
  }
  return 1;
}

/*@ requires \valid_read(s) && inv(*s) && \valid_read(m) && c < VMREF_CPUS;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> coherent_cpu(*s, *m, c); ensures flag(\result); */
static uint8_t cpu_coherent(const struct vmref_sys *s, const struct vmref_smp *m, uint32_t c)
{
  uint32_t a = m->runs[c];
  if (a == VMREF_IDLE) return is_blank(m, c);
  if (a >= s->spaces || s->level[a] != 4) return 0;
  return tlb_coherent(s, a, m, c);
}

/*@ requires \valid_read(s) && inv(*s) && \valid_read(m);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> coherent(*s, *m); ensures flag(\result); */
static uint8_t coherent_holds(const struct vmref_sys *s, const struct vmref_smp *m)
{
  if (m->pending > m->lazy || m->lazy > 1) return 0;
  /*@ loop invariant 0 <= c <= VMREF_CPUS;
      loop invariant \forall integer d; 0 <= d < c ==> coherent_cpu(*s, *m, d);
      loop assigns c; loop variant VMREF_CPUS - c; */
  for (uint32_t c = 0; c < VMREF_CPUS; c++)
    if (!cpu_coherent(s, m, c)) return 0;
  return 1;
}

int vmref_smp_check(const struct vmref_sys *s, const struct vmref_smp *m)
{
  int first = vmref_check(s);
  if (first != VMREF_CHECK_OK) return first;
  return coherent_holds(s, m) ? VMREF_CHECK_OK : VMREF_CHECK_TLB;
}
