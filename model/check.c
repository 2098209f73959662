/* SPDX-License-Identifier: MIT */
/* The invariant, clause by clause: one function each, over tables or entries from the first,
 * that stops at the first which does not fit. */
#include "check.h"

/* ---- clauses 1 and 2, the counts ---- */
/* How many leaves refer to each object, into its hint. Counted downwards: 2^31 entries may
 * refer to one object, and an int32_t goes so far only below 0. */
/*@ requires \valid_read(s) && valid_sys(*s);
    terminates \true; assigns s->hint[VMREF_HINT_COUNT(s) .. VMREF_HINT_COUNT(s) + objects(*s) - 1]; exits \false;
    ensures \forall integer o; 0 <= o < objects(*s) ==> tally(*s, o) == -count(*s, o, entries(*s)); */
static void count_refs(const struct vmref_sys *s)
{
  uint32_t none = s->frames + s->slots;
  uint64_t all = 512 * (uint64_t)s->tables, c = VMREF_HINT_COUNT(s);
  /*@ loop invariant 0 <= o <= none;
      loop invariant \forall integer q; 0 <= q < o ==> tally(*s, q) == 0;
      loop assigns o, s->hint[c .. c + none - 1]; loop variant none - o; */
  for (uint32_t o = 0; o < none; o++) s->hint[c + o] = 0;
  /*@ loop invariant 0 <= n <= all;
      loop invariant range: \forall integer q; 0 <= q < none ==> -n <= tally(*s, q) <= 0;
      loop invariant counted: \forall integer q; 0 <= q < none ==> tally(*s, q) == -count(*s, q, n);
      loop assigns n, s->hint[c .. c + none - 1]; loop variant all - n; */
  for (uint64_t n = 0; n < all; n++) {
    uint32_t o = s->level[n / 512] == 1 ? vmref_leaf_object(s, s->tab[n]) : none;
    //@ assert ref: o == ref(*s, n);
    //@ assert room: o < none ==> s->hint[c + o] == tally(*s, o) && -n <= tally(*s, o);
    //@ ghost Before: ;
    if (o < none) s->hint[c + o]--;
    /*@ assert others: \forall integer q; 0 <= q < none && q != o ==> tally(*s, q) == \at(tally(*s, q), Before); */
    //@ assert here: o < none ==> tally(*s, o) == \at(tally(*s, \at(o, Here)), Before) - 1;
  }
}

/*@ requires \valid_read(s) && valid_sys(*s);
    requires \forall integer o; 0 <= o < objects(*s) ==> tally(*s, o) == -count(*s, o, entries(*s));
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> ledger(*s); ensures flag(\result); */
static uint8_t counts_agree(const struct vmref_sys *s)
{
  uint32_t none = s->frames + s->slots;
  uint64_t c = VMREF_HINT_COUNT(s);
  /*@ loop invariant 0 <= o <= none;
      loop invariant \forall integer q; 0 <= q < o ==> s->rc[q] == count(*s, q, entries(*s));
      loop assigns o; loop variant none - o; */
  for (uint32_t o = 0; o < none; o++)
  {
    //@ assert tally: s->hint[c + o] == tally(*s, o);
    if (-(int64_t)s->hint[c + o] != s->rc[o]) return 0;
  }
  return 1;
}

/*@ requires \valid_read(s) && valid_sys(*s);
    terminates \true; assigns s->hint[0 .. hints(*s) - 1]; exits \false;
    ensures \result == 1 <==> ledger(*s); ensures flag(\result); */
static uint8_t ledger_holds(const struct vmref_sys *s)
{
  count_refs(s);
  uint8_t holds = counts_agree(s);
  return holds;
}

/*@ requires \valid_read(s) && valid_sys(*s);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> free_private(*s); ensures flag(\result); */
static uint8_t free_private_holds(const struct vmref_sys *s)
{
  uint32_t none = s->frames + s->slots;
  /*@ loop invariant 0 <= o <= none;
      loop invariant \forall integer q; 0 <= q < o && s->rc[q] == 0 ==> s->shared[q] == 0;
      loop assigns o; loop variant none - o; */
  for (uint32_t o = 0; o < none; o++)
    if (s->rc[o] == 0 && s->shared[o]) return 0;
  return 1;
}

/* ---- clauses 3 and 4, a user's leaves ---- */
/*@ requires \valid_read(s) && sized(*s) && P(e) == 1;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> fit_present(*s, e); ensures flag(\result); */
static uint8_t present_fits(const struct vmref_sys *s, uint64_t e)
{
  uint8_t p = vmref_leaf_prot(e);
  if (vmref_us(e) == 0 || vmref_leaf_object(s, e) >= s->frames || p % 2 == 0) return 0;
  if (e / 8 % 4 != 0 || e / 128 % 4 != 0) return 0;
  if (vmref_rw(e) == 1 && p / 2 % 2 == 0) return 0;
  return vmref_xd(e) != p / 4 % 2;
}

/*@ requires \valid_read(s) && sized(*s) && P(e) == 0;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> fit_absent(*s, e); ensures flag(\result); */
static uint8_t absent_fits(const struct vmref_sys *s, uint64_t e)
{
  uint8_t k = vmref_leaf_kind(e);
  uint32_t o = vmref_leaf_object(s, e);
  if (k == VMREF_LEAF_NONE) return e == 0;
  if (k == VMREF_LEAF_FRAME) return o < s->frames;
  if (k == VMREF_LEAF_SLOT) return o < s->frames + s->slots; /* a slot is none of the frames */
  return 1;
}

/* Does it refer to a page of a file? */
/*@ requires \valid_read(s) && valid_sys(*s);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> obj(*s, e) < objects(*s) && s->shared[obj(*s, e)] == 1; ensures flag(\result); */
static uint8_t is_file(const struct vmref_sys *s, uint64_t e)
{
  uint32_t o = vmref_leaf_object(s, e);
  return o < s->frames + s->slots && s->shared[o];
}

/*@ requires \valid_read(s) && valid_sys(*s) && n < entries(*s);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> leaf_fits(*s, n); ensures flag(\result); */
static uint8_t leaf_fits_here(const struct vmref_sys *s, uint64_t n)
{
  uint64_t e = s->tab[n];
  if (vmref_leaf_prot(e) / 8 == 1 && !is_file(s, e)) return 0;
  if (vmref_p(e) == 0) return absent_fits(s, e);
  if (!present_fits(s, e)) return 0;
  return vmref_rw(e) == 0 || vmref_leaf_mine(s, e);
}

/*@ requires \valid_read(s) && valid_sys(*s);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> leaves(*s); ensures flag(\result); */
static uint8_t leaves_hold(const struct vmref_sys *s)
{
  uint64_t all = 512 * (uint64_t)s->tables;
  /*@ loop invariant 0 <= n <= all;
      loop invariant \forall integer m; m < n && user_leaf(*s, m) ==> leaf_fits(*s, m);
      loop assigns n; loop variant all - n; */
  for (uint64_t n = 0; n < all; n++)
    if (s->level[n / 512] == 1 && (int64_t)s->owner[n / 512] != s->spaces && !leaf_fits_here(s, n)) return 0;
  return 1;
}

/* ---- clause 5, the tree ---- */
/*@ requires \valid_read(s) && valid_sys(*s) && t < s->tables && i < 512;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == at(*s, t, i); */
static uint64_t entry(const struct vmref_sys *s, uint32_t t, uint32_t i)
{
  return s->tab[512 * (uint64_t)t + i];
}

/*@ requires \valid_read(s) && valid_sys(*s);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> roots(*s); ensures flag(\result); */
static uint8_t roots_hold(const struct vmref_sys *s)
{
  if (s->level[s->spaces] != 4) return 0;
  /*@ loop invariant 0 <= t <= s->tables;
      loop invariant \forall integer u; 0 <= u < t ==> 0 <= s->level[u] <= 4;
      loop invariant \forall integer u; 0 <= u < t && s->level[u] == 4 ==> u <= s->spaces && s->owner[u] == u;
      loop invariant \forall integer u; 0 <= u < t && u <= s->spaces ==> s->level[u] == 4 || s->level[u] == 0;
      loop invariant \forall integer u; 0 <= u < t && s->level[u] != 0 ==> 0 <= s->owner[u] <= s->spaces;
      loop assigns t; loop variant s->tables - t; */
  for (uint32_t t = 0; t < s->tables; t++) {
    int8_t l = s->level[t];
    int64_t a = s->owner[t];
    if (l < 0 || l > 4) return 0;
    if (l == 4 && (t > s->spaces || a != t)) return 0;
    if (t <= s->spaces && l != 4 && l != 0) return 0;
    if (l != 0 && (a < 0 || a > s->spaces)) return 0;
  }
  return 1;
}

/*@ requires \valid_read(s) && valid_sys(*s) && t < s->tables && i < 512;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> owns(*s, t, i); ensures flag(\result); */
static uint8_t owned(const struct vmref_sys *s, uint32_t t, uint32_t i)
{
  return s->level[t] >= 2 && (s->level[t] != 4 || t == s->spaces || i < 256);
}

/*@ requires \valid_read(s) && valid_sys(*s) && t < s->tables && i < 512;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> at(*s, t, i) == 0 || linked(*s, t, i, PFN(at(*s, t, i))); ensures flag(\result); */
static uint8_t linked_or_0(const struct vmref_sys *s, uint32_t t, uint32_t i)
{
  uint64_t e = entry(s, t, i), u = vmref_pfn(e);
  if (e == 0) return 1;
  if (e != 0x1000 * u + 7 && e != 0x1000 * u + 0x27) return 0;
  return u < s->tables && s->level[u] == s->level[t] - 1 && s->owner[u] == s->owner[t]
    && s->parent[u] == (int64_t)(512 * (uint64_t)t + i);
}

/*@ requires \valid_read(s) && valid_sys(*s) && t < s->tables;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> \forall integer i; ix(i) && owns(*s, t, i) ==>
      at(*s, t, i) == 0 || linked(*s, t, i, PFN(at(*s, t, i)));
    ensures flag(\result); */
static uint8_t down_from(const struct vmref_sys *s, uint32_t t)
{
  /*@ loop invariant 0 <= i <= 512;
      loop invariant \forall integer j; 0 <= j < i && owns(*s, t, j) ==>
        at(*s, t, j) == 0 || linked(*s, t, j, PFN(at(*s, t, j)));
      loop assigns i; loop variant 512 - i; */
  for (uint32_t i = 0; i < 512; i++)
    if (owned(s, t, i) && !linked_or_0(s, t, i)) return 0;
  return 1;
}

/*@ requires \valid_read(s) && valid_sys(*s);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> down(*s); ensures flag(\result); */
static uint8_t down_holds(const struct vmref_sys *s)
{
  /*@ loop invariant 0 <= t <= s->tables;
      loop invariant \forall integer v, j; 0 <= v < t && ix(j) && owns(*s, v, j) ==>
        at(*s, v, j) == 0 || linked(*s, v, j, PFN(at(*s, v, j)));
      loop assigns t; loop variant s->tables - t; */
  for (uint32_t t = 0; t < s->tables; t++)
    if (!down_from(s, t)) return 0;
  return 1;
}

/*@ requires \valid_read(s) && valid_sys(*s);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> up(*s); ensures flag(\result); */
static uint8_t up_holds(const struct vmref_sys *s)
{
  /*@ loop invariant 0 <= u <= s->tables;
      loop invariant \forall integer v; 0 <= v < u && 1 <= s->level[v] <= 3 ==>
        (\let t = s->parent[v] / 512; \let i = s->parent[v] % 512;
          0 <= t < s->tables && 0 <= i && owns(*s, t, i) && at(*s, t, i) != 0 && PFN(at(*s, t, i)) == v);
      loop assigns u; loop variant s->tables - u; */
  for (uint32_t u = 0; u < s->tables; u++)
    if (1 <= s->level[u] && s->level[u] <= 3) {
      int64_t t = s->parent[u] / 512, i = s->parent[u] % 512;
      if (t < 0 || t >= s->tables || i < 0 || !owned(s, (uint32_t)t, (uint32_t)i)) return 0;
      uint64_t e = entry(s, (uint32_t)t, (uint32_t)i);
      if (e == 0 || vmref_pfn(e) != u) return 0;
    }
  return 1;
}

/* Is a table empty up to index n? */
/*@ requires \valid_read(s) && valid_sys(*s) && t < s->tables && n <= 512;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> \forall integer i; 0 <= i < n ==> at(*s, t, i) == 0;
    ensures flag(\result); */
static uint8_t empty(const struct vmref_sys *s, uint32_t t, uint32_t n)
{
  /*@ loop invariant 0 <= i <= n;
      loop invariant \forall integer j; 0 <= j < i ==> at(*s, t, j) == 0;
      loop assigns i; loop variant n - i; */
  for (uint32_t i = 0; i < n; i++)
    if (entry(s, t, i) != 0) return 0;
  return 1;
}

/*@ requires \valid_read(s) && valid_sys(*s);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> free_tables(*s); ensures flag(\result); */
static uint8_t free_tables_hold(const struct vmref_sys *s)
{
  /*@ loop invariant 0 <= t <= s->tables;
      loop invariant \forall integer v, j; 0 <= v < t && ix(j) && s->level[v] == 0 ==> at(*s, v, j) == 0;
      loop assigns t; loop variant s->tables - t; */
  for (uint32_t t = 0; t < s->tables; t++)
    if (s->level[t] == 0 && !empty(s, t, 512)) return 0;
  return 1;
}

/*@ requires \valid_read(s) && valid_sys(*s) && a < s->spaces;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> \forall integer i; 256 <= i < 512 ==> at(*s, a, i) == at(*s, s->spaces, i);
    ensures flag(\result); */
static uint8_t same_kernel(const struct vmref_sys *s, uint32_t a)
{
  /*@ loop invariant 256 <= i <= 512;
      loop invariant \forall integer j; 256 <= j < i ==> at(*s, a, j) == at(*s, s->spaces, j);
      loop assigns i; loop variant 512 - i; */
  for (uint32_t i = 256; i < 512; i++)
    if (entry(s, a, i) != entry(s, s->spaces, i)) return 0;
  return 1;
}

/*@ requires \valid_read(s) && valid_sys(*s);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> kernel_shared(*s); ensures flag(\result); */
static uint8_t kernel_shared_holds(const struct vmref_sys *s)
{
  /*@ loop invariant 0 <= a <= s->spaces;
      loop invariant \forall integer b, j; 0 <= b < a && s->level[b] == 4 && 256 <= j < 512 ==>
        at(*s, b, j) == at(*s, s->spaces, j);
      loop assigns a; loop variant s->spaces - a; */
  for (uint32_t a = 0; a < s->spaces; a++)
    if (s->level[a] == 4 && !same_kernel(s, a)) return 0;
  return empty(s, s->spaces, 256);
}

/*@ requires \valid_read(s) && sized(*s);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> kernel_leaf(*s, e); ensures flag(\result); */
static uint8_t kernel_leaf_fits(const struct vmref_sys *s, uint64_t e)
{
  uint64_t pfn = vmref_pfn(e), first = (uint64_t)s->tables + s->frames;
  if (e == 0) return 1;
  if (vmref_p(e) == 0 || vmref_us(e) == 1 || pfn < first || pfn >= first + s->kernel) return 0;
  if (pfn < first + s->text) return vmref_rw(e) == 0 && vmref_xd(e) == 0;
  return vmref_xd(e);
}

/*@ requires \valid_read(s) && valid_sys(*s) && t < s->tables;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> \forall integer i; ix(i) ==> kernel_leaf(*s, at(*s, t, i));
    ensures flag(\result); */
static uint8_t kernel_table(const struct vmref_sys *s, uint32_t t)
{
  /*@ loop invariant 0 <= i <= 512;
      loop invariant \forall integer j; 0 <= j < i ==> kernel_leaf(*s, at(*s, t, j));
      loop assigns i; loop variant 512 - i; */
  for (uint32_t i = 0; i < 512; i++)
    if (!kernel_leaf_fits(s, entry(s, t, i))) return 0;
  return 1;
}

/*@ requires \valid_read(s) && valid_sys(*s);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> kernel_leaves(*s); ensures flag(\result); */
static uint8_t kernel_leaves_hold(const struct vmref_sys *s)
{
  /*@ loop invariant 0 <= t <= s->tables;
      loop invariant \forall integer v, j; 0 <= v < t && ix(j) && s->level[v] == 1 && s->owner[v] == s->spaces ==>
        kernel_leaf(*s, at(*s, v, j));
      loop assigns t; loop variant s->tables - t; */
  for (uint32_t t = 0; t < s->tables; t++)
    if (s->level[t] == 1 && (int64_t)s->owner[t] == s->spaces && !kernel_table(s, t)) return 0;
  return 1;
}

int vmref_check(const struct vmref_sys *s)
{
  if (!ledger_holds(s)) return VMREF_CHECK_LEDGER;
  if (!free_private_holds(s)) return VMREF_CHECK_FREE;
  if (!leaves_hold(s)) return VMREF_CHECK_LEAF;
  if (!roots_hold(s)) return VMREF_CHECK_ROOTS;
  if (!down_holds(s)) return VMREF_CHECK_DOWN;
  if (!up_holds(s)) return VMREF_CHECK_UP;
  if (!free_tables_hold(s)) return VMREF_CHECK_FREE_TABLES;
  if (!kernel_shared_holds(s)) return VMREF_CHECK_KERNEL_SHARED;
  if (!kernel_leaves_hold(s)) return VMREF_CHECK_KERNEL_LEAVES;
  return VMREF_CHECK_OK;
}
