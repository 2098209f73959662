/* SPDX-License-Identifier: MIT */
/* Page frames, swap slots, leaf entries. Entries are built by adding disjoint fields and taken
 * apart by constants, which provers and compilers both handle well. */
#include "frame.h"

uint64_t vmref_pfn(uint64_t e) { return e / 0x1000 % 0x10000000000; }
uint8_t vmref_leaf_prot(uint64_t e) { return (uint8_t)(e / 0x10000000000000 % 16); }
uint8_t vmref_leaf_kind(uint64_t e) { return (uint8_t)(e / 2 % 4); }

uint32_t vmref_leaf_object(const struct vmref_sys *s, uint64_t e)
{
  uint64_t n = vmref_pfn(e);
  uint8_t k = vmref_leaf_kind(e);
  if (e % 2 == 1 || k == VMREF_LEAF_FRAME) {
    if (s->tables <= n && n < s->tables + s->frames) return (uint32_t)n - s->tables;
  } else if (k == VMREF_LEAF_SLOT) {
    if (n < s->slots) return s->frames + (uint32_t)n;
  }
  return s->frames + s->slots;
}

uint8_t vmref_leaf_mine(const struct vmref_sys *s, uint64_t e)
{
  return s->rc[vmref_leaf_object(s, e)] == 1 || vmref_leaf_prot(e) / 8 % 2 == 1;
}

uint64_t vmref_leaf_present(const struct vmref_sys *s, uint32_t f, uint8_t w, uint8_t prot)
{
  uint64_t pfn = (uint64_t)s->tables + f, x = prot / 4 % 2, xd = 1 - x;
  uint64_t low = pfn * 0x1000 + w * 2u + 5;
  uint64_t e = low + prot * 0x10000000000000 + xd * 0x8000000000000000;
  //@ assert high: e / 0x10000000000000 == prot + 2048 * xd;
  //@ assert prot: prot(e) == prot;
  //@ assert xd: XD(e) == xd;
  //@ assert pfn: e / 0x1000 == pfn + 0x10000000000 * (prot + 2048 * xd);
  //@ assert number: PFN(e) == pfn;
  //@ assert p: P(e) == 1;
  //@ assert rw: e / 2 == pfn * 0x800 + w + 2 + 0x8000000000000 * (prot + 2048 * xd);
  //@ assert rw2: RW(e) == w;
  //@ assert us: e / 4 == pfn * 0x400 + 1 + 0x4000000000000 * (prot + 2048 * xd);
  //@ assert us2: US(e) == 1;
  //@ assert plain1: e / 8 == pfn * 0x200 + 0x2000000000000 * (prot + 2048 * xd);
  //@ assert plain2: e / 128 == pfn * 0x20 + 0x200000000000 * (prot + 2048 * xd);
  //@ assert plain: plain(e);
  return e;
}

uint64_t vmref_leaf_absent(const struct vmref_sys *s, uint32_t o, uint8_t prot)
{
  uint64_t n = o < s->frames ? (uint64_t)s->tables + o : (uint64_t)o - s->frames;
  uint64_t k = o < s->frames ? VMREF_LEAF_FRAME : VMREF_LEAF_SLOT;
  uint64_t e = n * 0x1000 + k * 2 + prot * 0x10000000000000;
  //@ assert prot: prot(e) == prot;
  //@ assert pfn: e / 0x1000 == n + 0x10000000000 * prot;
  //@ assert number: PFN(e) == n;
  //@ assert p: P(e) == 0;
  //@ assert k: e / 2 == n * 0x800 + k + 0x8000000000000 * prot;
  //@ assert kind: kind(e) == k;
  return e;
}

uint64_t vmref_leaf_zero(const struct vmref_sys *s, uint8_t prot)
{
  (void)s;
  uint64_t e = 2 + (uint64_t)prot * 0x10000000000000;
  //@ assert prot: prot(e) == prot;
  //@ assert p: P(e) == 0;
  //@ assert k: e / 2 == 1 + 0x8000000000000 * prot;
  //@ assert kind: kind(e) == VMREF_LEAF_ZERO;
  return e;
}

/* By the number of the byte, which a quantifier can be matched with. */
/*@ requires at + 4096 <= 0xFFFFFFFFFFFFFFFF && \valid(data + (at .. at + 4095));
    terminates \true; assigns data[at .. at + 4095]; exits \false;
    ensures \forall integer j; at <= j < at + 4096 ==> data[j] == 0; */
static void zero(uint8_t *data, uint64_t at)
{
  /*@ loop invariant at <= k <= at + 4096;
      loop invariant \forall integer j; at <= j < k ==> data[j] == 0;
      loop assigns k, data[at .. at + 4095];
      loop variant at + 4096 - k; */
  for (uint64_t k = at; k < at + 4096; k++) data[k] = 0;
}

/* A page. restrict, so that the compiler may move more than a byte at a time. */
/*@ requires \valid(d + (0 .. 4095)) && \valid_read(f + (0 .. 4095)) && \separated(d + (0 .. 4095), f + (0 .. 4095));
    terminates \true; assigns d[0 .. 4095]; exits \false;
    ensures \forall integer k; 0 <= k < 4096 ==> d[k] == f[k]; */
static void page(uint8_t *restrict d, const uint8_t *restrict f)
{
  /*@ loop invariant 0 <= k <= 4096;
      loop invariant \forall integer j; 0 <= j < k ==> d[j] == f[j];
      loop assigns k, d[0 .. 4095];
      loop variant 4096 - k; */
  for (uint32_t k = 0; k < 4096; k++) d[k] = f[k];
}

void vmref_object_zero(const struct vmref_sys *s, uint32_t o)
{
  zero(s->data, 4096 * (uint64_t)o);
}

void vmref_object_copy(const struct vmref_sys *s, uint32_t to, uint32_t from)
{
  page(s->data + 4096 * (uint64_t)to, s->data + 4096 * (uint64_t)from);
  /*@ assert bytes: \forall integer k; 0 <= k < 4096 ==> byte_of(*s, to, k) == byte_of(*s, from, k); */
}

/* The last of a stack of hints, taken off it; -1 when it is empty. at: where its depth stands,
 * size: how many it can hold. */
/*@ requires \valid_read(s) && valid_sys(*s) && at + size < hints(*s) && size <= 0x4000000;
    terminates \true; assigns s->hint[at]; exits \false; */
static int64_t pop(const struct vmref_sys *s, uint64_t at, uint32_t size)
{
  int32_t depth = s->hint[at];
  if (depth <= 0 || (uint32_t)depth > size) return -1;
  s->hint[at] = depth - 1;
  return s->hint[at + (uint32_t)depth];
}

/*@ requires \valid_read(s) && valid_sys(*s) && at + size < hints(*s) && size <= 0x4000000;
    terminates \true; assigns s->hint[at .. at + size]; exits \false; */
static void push(const struct vmref_sys *s, uint64_t at, uint32_t size, int32_t x)
{
  int32_t depth = s->hint[at];
  if (depth < 0 || (uint32_t)depth >= size) return;
  s->hint[at] = depth + 1;
  s->hint[at + (uint32_t)depth + 1] = x;
}

/* A free object from first to last - 1: the hinted one, or the first that is free. */
/*@ requires \valid_read(s) && valid_sys(*s) && ledger(*s) && first <= last <= objects(*s);
    terminates \true; assigns \nothing; exits \false;
    ensures first <= \result <= last;
    ensures found: \result < last ==> s->rc[\result] == 0 && no_ref(*s, \result);
    ensures none: \result == last ==> \forall integer o; first <= o < last ==> s->rc[o] != 0; */
static uint32_t find(const struct vmref_sys *s, int64_t hinted, uint32_t first, uint32_t last)
{
  if (first <= hinted && hinted < last && s->rc[hinted] == 0) {
    //@ ghost vmref_lemma_no_ref(s, (uint32_t)hinted);
    return (uint32_t)hinted;
  }
  /*@ loop invariant first <= o <= last;
      loop invariant \forall integer q; first <= q < o ==> s->rc[q] != 0;
      loop assigns o; loop variant last - o; */
  for (uint32_t o = first; o < last; o++)
    if (s->rc[o] == 0) {
      //@ ghost vmref_lemma_no_ref(s, o);
      return o;
    }
  return last;
}

uint32_t vmref_frame_find(const struct vmref_sys *s)
{
  return find(s, pop(s, 0, s->frames), 0, s->frames);
}

uint32_t vmref_slot_find(const struct vmref_sys *s)
{
  return find(s, pop(s, VMREF_HINT_SLOTS(s), s->slots), s->frames, s->frames + s->slots);
}

void vmref_object_freed(const struct vmref_sys *s, uint32_t o)
{
  if (o < s->frames) push(s, 0, s->frames, (int32_t)o);
  else push(s, VMREF_HINT_SLOTS(s), s->slots, (int32_t)o);
}

int64_t vmref_hint_table(const struct vmref_sys *s)
{
  return pop(s, VMREF_HINT_TABLES(s), s->tables);
}

void vmref_hint_table_free(const struct vmref_sys *s, uint32_t t)
{
  push(s, VMREF_HINT_TABLES(s), s->tables, (int32_t)t);
}

void vmref_hints_fill(const struct vmref_sys *s)
{
  uint32_t o = s->frames + s->slots, t = s->tables;
  s->hint[0] = 0;
  s->hint[VMREF_HINT_SLOTS(s)] = 0;
  s->hint[VMREF_HINT_TABLES(s)] = 0;
  /*@ loop invariant 0 <= o <= objects(*s);
      loop assigns o, s->hint[0 .. hints(*s) - 1]; loop variant o; */
  while (o > 0) {
    o--;
    s->hint[VMREF_HINT_LEAF(s) + o] = -1;
    if (s->rc[o] == 0) vmref_object_freed(s, o);
  }
  /*@ loop invariant 0 <= t <= s->tables;
      loop assigns t, s->hint[0 .. hints(*s) - 1]; loop variant t; */
  while (t > 0) {
    t--;
    if (s->level[t] == 0 && t > s->spaces) vmref_hint_table_free(s, t);
  }
}

/* Entry n's neighbours among the leaves of its object: 0 the next, 1 the one before. */
/*@ requires \valid_read(s) && valid_sys(*s) && n < entries(*s) && which <= 1;
    terminates \true; assigns \nothing; exits \false; ensures \result < hints(*s); */
static uint64_t link(const struct vmref_sys *s, uint64_t n, uint8_t which)
{
  return VMREF_HINT_NEXT(s) + n + which * 512 * (uint64_t)s->tables;
}

void vmref_hint_leaf(const struct vmref_sys *s, uint32_t o, uint64_t n)
{
  uint64_t first = VMREF_HINT_LEAF(s) + o;
  int32_t next = s->hint[first];
  s->hint[link(s, n, 0)] = next;
  s->hint[link(s, n, 1)] = -1;
  if (0 <= next && (uint64_t)next < 512 * (uint64_t)s->tables) s->hint[link(s, (uint64_t)next, 1)] = (int32_t)n;
  s->hint[first] = (int32_t)n;
}

void vmref_hint_leaf_gone(const struct vmref_sys *s, uint32_t o, uint64_t n)
{
  int32_t next = s->hint[link(s, n, 0)], before = s->hint[link(s, n, 1)];
  if (0 <= next && (uint64_t)next < 512 * (uint64_t)s->tables) s->hint[link(s, (uint64_t)next, 1)] = before;
  if (0 <= before && (uint64_t)before < 512 * (uint64_t)s->tables) s->hint[link(s, (uint64_t)before, 0)] = next;
  else s->hint[VMREF_HINT_LEAF(s) + o] = next;
}

/*@ requires \valid_read(s) && valid_sys(*s) && n < entries(*s);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == ref(*s, n); */
static uint32_t refers(const struct vmref_sys *s, uint64_t n)
{
  return s->level[n / 512] == 1 ? vmref_leaf_object(s, s->tab[n]) : s->frames + s->slots;
}

uint64_t vmref_object_leaf(const struct vmref_sys *s, uint32_t o)
{
  int64_t h = s->hint[VMREF_HINT_LEAF(s) + o];
  uint64_t all = 512 * (uint64_t)s->tables;
  if (0 <= h && (uint64_t)h < all && refers(s, (uint64_t)h) == o) return (uint64_t)h;
  /*@ loop invariant 0 <= n <= all;
      loop invariant \forall integer m; 0 <= m < n ==> ref(*s, m) != o;
      loop assigns n; loop variant all - n; */
  for (uint64_t n = 0; n < all; n++)
    if (refers(s, n) == o) return n;
  //@ ghost vmref_lemma_unref(s, o);
  return 0; // never: it is in use
}

/*@ ghost
  void vmref_lemma_no_ref(const struct vmref_sys *s, uint32_t o)
  {
    /@ loop invariant 0 <= n <= entries(*s); loop invariant count(*s, o, n) >= 0;
       loop invariant \forall integer m; 0 <= m < n && ref(*s, m) == o ==> count(*s, o, n) >= 1;
       loop assigns n; loop variant entries(*s) - n; @/
    for (uint64_t n = 0; n < 512 * (uint64_t)s->tables; n++) { }
    /@ assert \forall integer m; 0 <= m < entries(*s) ==> ref(*s, m) != o; @/
  }
*/
/*@ ghost
  void vmref_lemma_bound(const struct vmref_sys *s, uint32_t o)
  {
    /@ loop invariant 0 <= n <= entries(*s); loop invariant 0 <= count(*s, o, n) <= n;
       loop assigns n; loop variant entries(*s) - n; @/
    for (uint64_t n = 0; n < 512 * (uint64_t)s->tables; n++) { }
  }
*/
/*@ ghost
  void vmref_lemma_unref(const struct vmref_sys *s, uint32_t o)
  {
    /@ loop invariant 0 <= n <= entries(*s); loop invariant count(*s, o, n) == 0;
       loop assigns n; loop variant entries(*s) - n; @/
    for (uint64_t n = 0; n < 512 * (uint64_t)s->tables; n++) { }
  }
*/
/*@ ghost
  void vmref_lemma_only_ref(const struct vmref_sys *s, uint64_t n)
  {
    /@ loop invariant 0 <= k <= entries(*s);
       loop invariant (n < k ? 1 : 0) <= count(*s, ref(*s, n), k) <= k;
       loop invariant \forall integer m; 0 <= m < k && m != n && ref(*s, m) == ref(*s, n) ==>
         count(*s, ref(*s, n), k) >= (n < k ? 2 : 1);
       loop assigns k; loop variant entries(*s) - k; @/
    for (uint64_t k = 0; k < 512 * (uint64_t)s->tables; k++) { }
    /@ assert count(*s, ref(*s, n), entries(*s)) == 1 ==>
         \forall integer m; 0 <= m < entries(*s) && m != n ==> ref(*s, m) != ref(*s, n); @/
  }
*/
