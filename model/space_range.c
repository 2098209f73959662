/* SPDX-License-Identifier: MIT */
/* What is mapped, by ranges. First it is seen whether the operation can be done, then tables
 * are made, which may fail and leaves nothing behind, then leaves are written. */
#include "space_range.h"

/*@ requires \valid_read(s) && valid_sys(*s);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> in_range(*s, a, p, n); ensures \result <= 1; */
static uint8_t range_fits(const struct vmref_sys *s, uint32_t a, uint64_t p, uint64_t n)
{
  return a < s->spaces && s->level[a] == 4 && 1 <= n && n <= VMREF_RANGE && p < VMREF_USER_PAGES && p + n <= VMREF_USER_PAGES;
}

/*@ requires \valid_read(s) && valid_sys(*s) && tree(*s) && in_range(*s, a, p, n);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> vacant(*s, a, p, n); ensures \result <= 1; */
static uint8_t vacant(const struct vmref_sys *s, uint32_t a, uint64_t p, uint64_t n)
{
  /*@ loop invariant p <= q <= p + n;
      loop invariant seen: \forall integer k; p <= k < q ==> leaf_of(*s, a, k) == 0;
      loop assigns q; loop variant p + n - q; */
  for (uint64_t q = p; q < p + n; q++)
    if (vmref_page_leaf(s, a, q) != 0) return 0;
  return 1;
}

/* Make the leaf of a page that has a leaf table another one, which the hardware may not use now,
 * of nothing or of the same object. No other page's changes. */
/*@ requires \valid_read(s) && inv(*s) && a < s->spaces && upage(p) && table_of(*s, a, p) < s->tables;
    requires fit_leaf(*s, e) && P(e) == 0 && files(*s, e);
    requires obj(*s, e) == NONE(*s) || obj(*s, e) == obj(*s, leaf_of(*s, a, p));
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1];
    ensures inv: inv(*s);
    ensures here: leaf_of(*s, a, p) == e;
    ensures tables: \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> table_of(*s, b, q) == \old(table_of(*s, b, q));
    ensures entries: \forall integer u, j; 0 <= u < s->tables && ix(j) && u != table_of(*s, a, p) ==> at(*s, u, j) == \old(at(*s, u, j));
    ensures each: \forall integer u, j; 0 <= u < s->tables && ix(j) ==> at(*s, u, j) == \old(at(*s, u, j)) || at(*s, u, j) == e;
    ensures held: \forall integer o; 0 <= o < objects(*s) ==> s->rc[o] <= \old(s->rc[o]) && (s->rc[o] != 0 ==> s->shared[o] == \old(s->shared[o]));
    ensures others: \forall integer b, q; 0 <= b < s->spaces && upage(q) && !(b == a && q == p) ==>
      leaf_of(*s, b, q) == \old(leaf_of(*s, b, q)); */
static void set(const struct vmref_sys *s, uint32_t a, uint64_t p, uint64_t e)
{
  uint32_t t = vmref_page_table(s, a, p), i = (uint32_t)(p % 512);
  //@ ghost vmref_lemma_pages(p);
  //@ ghost vmref_lemma_way(s);
  //@ ghost vmref_lemma_one_way(s, a, (uint32_t)(p / 0x8000000), (uint32_t)(p / 0x40000 % 512), (uint32_t)(p / 0x200 % 512));
  //@ assert before: at(*s, t, i) == leaf_of(*s, a, p);
  vmref_leaf_replace(s, t, i, e, 0);
  /*@ assert way: \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> table_of(*s, b, q) == \at(table_of(*s, b, q), Pre); */
  /*@ assert other: \forall integer b, q; 0 <= b < s->spaces && upage(q) && !(b == a && q == p) ==>
        !(table_of(*s, b, q) == t && p1(q) == i); */
}

int vmref_map(const struct vmref_sys *s, uint32_t a, uint64_t p, uint64_t n, uint8_t prot)
{
  if (!range_fits(s, a, p, n) || prot > 7 || !vacant(s, a, p, n)) return VMREF_EINVAL;
  int r = vmref_tables_make(s, a, p, n);
  //@ ghost vmref_lemma_pages(p);
  /*@ assert made: \forall integer b, k; 0 <= b < s->spaces && upage(k) ==> leaf_of(*s, b, k) == \at(leaf_of(*s, b, k), Pre); */
  if (r != VMREF_OK) return r;
  /*@ loop invariant p <= q <= p + n;
      loop invariant inv: inv(*s);
      loop invariant tables: \forall integer k; p <= k < p + n ==> table_of(*s, a, k) < s->tables;
      loop invariant done: \forall integer k; p <= k < q ==> leaf_of(*s, a, k) != 0 && prot(leaf_of(*s, a, k)) == prot
        && obj(*s, leaf_of(*s, a, k)) == NONE(*s);
      loop invariant todo: \forall integer k; q <= k < p + n ==> leaf_of(*s, a, k) == 0;
      loop invariant rest: \forall integer b, k; 0 <= b < s->spaces && upage(k) && !(b == a && p <= k < p + n) ==>
        leaf_of(*s, b, k) == \at(leaf_of(*s, b, k), Pre);
      loop assigns q, s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1];
      loop variant p + n - q; */
  for (uint64_t q = p; q < p + n; q++) set(s, a, q, vmref_leaf_zero(s, prot));
  return VMREF_OK;
}

/* Are the file's pages there? */
/*@ requires \valid_read(s) && valid_sys(*s) && tree(*s) && in_range(*s, f, first, n);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> \forall integer q; first <= q < first + n ==> prot_S(prot(leaf_of(*s, f, q))) == 1;
    ensures \result <= 1; */
static uint8_t has_pages(const struct vmref_sys *s, uint32_t f, uint64_t first, uint64_t n)
{
  /*@ loop invariant first <= q <= first + n;
      loop invariant seen: \forall integer k; first <= k < q ==> prot_S(prot(leaf_of(*s, f, k))) == 1;
      loop assigns q; loop variant first + n - q; */
  for (uint64_t q = first; q < first + n; q++)
    if (vmref_leaf_prot(vmref_page_leaf(s, f, q)) / 8 != 1) return 0;
  return 1;
}

/* Map page q of file f, which is there, as page p of another space, which has a table for it. */
/*@ requires \valid_read(s) && inv(*s) && a < s->spaces && f < s->spaces && a != f && upage(p) && upage(q);
    requires table_of(*s, a, p) < s->tables && leaf_of(*s, a, p) == 0 && prot_S(prot(leaf_of(*s, f, q))) == 1 && prot <= 15;
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1];
    ensures inv: inv(*s);
    ensures here: leaf_of(*s, a, p) != 0 && prot(leaf_of(*s, a, p)) == prot && obj(*s, leaf_of(*s, a, p)) == \old(obj(*s, leaf_of(*s, f, q)));
    ensures tables: \forall integer b, k; 0 <= b < s->spaces && upage(k) ==> table_of(*s, b, k) == \old(table_of(*s, b, k));
    ensures others: \forall integer b, k; 0 <= b < s->spaces && upage(k) && !(b == a && k == p) ==>
      leaf_of(*s, b, k) == \old(leaf_of(*s, b, k)); */
static void share_page(const struct vmref_sys *s, uint32_t f, uint64_t q, uint32_t a, uint64_t p, uint8_t prot)
{
  uint32_t t = vmref_page_table(s, f, q), i = (uint32_t)(q % 512), u = vmref_page_table(s, a, p), j = (uint32_t)(p % 512);
  //@ ghost vmref_lemma_pages(p);
  //@ ghost vmref_lemma_leaves(s);
  //@ ghost vmref_lemma_way(s);
  //@ ghost vmref_lemma_one_way(s, a, (uint32_t)(p / 0x8000000), (uint32_t)(p / 0x40000 % 512), (uint32_t)(p / 0x200 % 512));
  //@ assert there: t < s->tables;
  //@ assert from: at(*s, t, i) == leaf_of(*s, f, q);
  //@ assert to: at(*s, u, j) == 0;
  vmref_page_share(s, t, i, u, j, prot);
  /*@ assert pairs: \forall integer v, k; 0 <= v < s->tables && ix(k) && !(v == u && k == j) ==> at(*s, v, k) == \at(at(*s, v, k), Pre); */
  /*@ assert way: \forall integer b, k; 0 <= b < s->spaces && upage(k) ==> table_of(*s, b, k) == \at(table_of(*s, b, k), Pre); */
  /*@ assert other: \forall integer b, k; 0 <= b < s->spaces && upage(k) && !(b == a && k == p) ==>
        !(table_of(*s, b, k) == u && p1(k) == j); */
}

int vmref_map_file(const struct vmref_sys *s, uint32_t a, uint64_t p, uint64_t n, uint8_t prot,
                   uint32_t f, uint64_t first, uint8_t share)
{
  if (!range_fits(s, a, p, n) || prot > 7 || !vacant(s, a, p, n)) return VMREF_EINVAL;
  if (!range_fits(s, f, first, n) || f == a || s->parent[f] != VMREF_FILE) return VMREF_EINVAL;
  if (!has_pages(s, f, first, n)) return VMREF_ENOMAP;
  int r = vmref_tables_make(s, a, p, n);
  //@ ghost vmref_lemma_pages(p);
  /*@ assert made: \forall integer b, k; 0 <= b < s->spaces && upage(k) ==> leaf_of(*s, b, k) == \at(leaf_of(*s, b, k), Pre); */
  if (r != VMREF_OK) return r;
  /*@ loop invariant p <= q <= p + n;
      loop invariant inv: inv(*s);
      loop invariant tables: \forall integer k; p <= k < p + n ==> table_of(*s, a, k) < s->tables;
      loop invariant done: \forall integer k; p <= k < q ==> leaf_of(*s, a, k) != 0 && prot(leaf_of(*s, a, k)) == prot + 8 * share
        && obj(*s, leaf_of(*s, a, k)) == \at(obj(*s, leaf_of(*s, f, first + (k - p))), Pre);
      loop invariant todo: \forall integer k; q <= k < p + n ==> leaf_of(*s, a, k) == 0;
      loop invariant rest: \forall integer b, k; 0 <= b < s->spaces && upage(k) && !(b == a && p <= k < p + n) ==>
        leaf_of(*s, b, k) == \at(leaf_of(*s, b, k), Pre);
      loop assigns q, s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1];
      loop variant p + n - q; */
  for (uint64_t q = p; q < p + n; q++) {
    //@ assert from: leaf_of(*s, f, first + (q - p)) == \at(leaf_of(*s, f, first + (\at(q, Here) - p)), Pre);
    share_page(s, f, first + (q - p), a, q, (uint8_t)(prot + 8 * share));
    /*@ assert here: leaf_of(*s, a, q) != 0 && prot(leaf_of(*s, a, q)) == prot + 8 * share
          && obj(*s, leaf_of(*s, a, q)) == \at(obj(*s, leaf_of(*s, f, first + (\at(q, Here) - p))), Pre); */
    /*@ assert kept: \forall integer k; p <= k < q ==> leaf_of(*s, a, k) != 0 && prot(leaf_of(*s, a, k)) == prot + 8 * share
          && obj(*s, leaf_of(*s, a, k)) == \at(obj(*s, leaf_of(*s, f, first + (k - p))), Pre); */
  }
  return VMREF_OK;
}

/* Make page p of a file, which has a table for it, the free frame o, zeroed. */
/*@ requires \valid_read(s) && inv(*s) && f < s->spaces && upage(p) && o < s->frames && s->rc[o] == 0;
    requires table_of(*s, f, p) < s->tables && leaf_of(*s, f, p) == 0;
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1],
            s->data[4096 * o .. 4096 * o + 4095];
    ensures inv: inv(*s);
    ensures there: obj(*s, leaf_of(*s, f, p)) == o && zero_bytes(*s, o) && s->shared[o] == 1;
    ensures others: \forall integer b, q; 0 <= b < s->spaces && upage(q) && !(b == f && q == p) ==>
      leaf_of(*s, b, q) == \old(leaf_of(*s, b, q)) && same_page{Pre, Post}(*s, b, q); */
static void page_add(const struct vmref_sys *s, uint32_t f, uint64_t p, uint32_t o)
{
  uint32_t t = vmref_page_table(s, f, p), i = (uint32_t)(p % 512);
  //@ ghost vmref_lemma_pages(p);
  //@ ghost vmref_lemma_leaves(s);
  //@ ghost vmref_lemma_way(s);
  //@ ghost vmref_lemma_one_way(s, f, (uint32_t)(p / 0x8000000), (uint32_t)(p / 0x40000 % 512), (uint32_t)(p / 0x200 % 512));
  //@ assert empty: at(*s, t, i) == 0;
  vmref_page_file(s, t, i, o);
  /*@ assert way: \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> table_of(*s, b, q) == \at(table_of(*s, b, q), Pre); */
  /*@ assert other: \forall integer b, q; 0 <= b < s->spaces && upage(q) && !(b == f && q == p) ==>
        !(table_of(*s, b, q) == t && p1(q) == i); */
  /*@ assert same: \forall integer b, q; 0 <= b < s->spaces && upage(q) && !(b == f && q == p) ==>
        leaf_of(*s, b, q) == \at(leaf_of(*s, b, q), Pre); */
  /*@ assert there: \forall integer b, q; 0 <= b < s->spaces && upage(q) && !(b == f && q == p) && table_of(*s, b, q) < s->tables ==>
        same_view{Pre, Here}(*s, table_of(*s, b, q), p1(q)) && leaf_of(*s, b, q) == at(*s, table_of(*s, b, q), p1(q))
        && \at(leaf_of(*s, b, q), Pre) == \at(at(*s, table_of(*s, b, q), p1(q)), Pre); */
  //@ assert nothing: obj(*s, 0) == NONE(*s);
  /*@ assert bytes: \forall integer b, q, x; 0 <= b < s->spaces && upage(q) && !(b == f && q == p) && 0 <= x < 4096 ==>
        shown(*s, leaf_of(*s, b, q), x) == \at(shown(*s, leaf_of(*s, b, q), x), Pre); */
}

int vmref_file_add(const struct vmref_sys *s, uint32_t f, uint64_t p)
{
  if (!range_fits(s, f, p, 1) || s->parent[f] != VMREF_FILE || !vacant(s, f, p, 1)) return VMREF_EINVAL;
  uint32_t o = vmref_frame_find(s);
  if (o == s->frames) return VMREF_EMEM;
  int r = vmref_tables_make(s, f, p, 1);
  //@ ghost vmref_lemma_pages(p);
  /*@ assert made: \forall integer b, k; 0 <= b < s->spaces && upage(k) ==> leaf_of(*s, b, k) == \at(leaf_of(*s, b, k), Pre); */
  /*@ assert made_bytes: \forall integer b, k, x; 0 <= b < s->spaces && upage(k) && 0 <= x < 4096 ==>
        shown(*s, leaf_of(*s, b, k), x) == \at(shown(*s, leaf_of(*s, b, k), x), Pre); */
  if (r != VMREF_OK) { vmref_object_freed(s, o); return r; }
  page_add(s, f, p, o);
  /*@ assert added: \forall integer b, k; 0 <= b < s->spaces && b != f && upage(k) ==> leaf_of(*s, b, k) == \at(leaf_of(*s, b, k), Pre); */
  /*@ assert bytes: \forall integer b, k, x; 0 <= b < s->spaces && b != f && upage(k) && 0 <= x < 4096 ==>
        shown(*s, leaf_of(*s, b, k), x) == \at(shown(*s, leaf_of(*s, b, k), x), Pre); */
  return VMREF_OK;
}

/* Is table t empty? Entry i, which has just become so, is looked at last. */
/*@ requires \valid_read(s) && valid_sys(*s) && t < s->tables && i < 512;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> empty_table(*s, t); ensures \result <= 1; */
static uint8_t empty(const struct vmref_sys *s, uint32_t t, uint32_t i)
{
  /*@ loop invariant i <= k <= 512;
      loop invariant above: \forall integer m; i <= m < k ==> at(*s, t, m) == 0;
      loop assigns k; loop variant 512 - k; */
  for (uint32_t k = i; k < 512; k++)
    if (s->tab[512 * (uint64_t)t + k] != 0) {
      //@ assert here: at(*s, t, k) != 0;
      return 0;
    }
  /*@ loop invariant 0 <= k <= i;
      loop invariant below: \forall integer m; 0 <= m < k ==> at(*s, t, m) == 0;
      loop assigns k; loop variant i - k; */
  for (uint32_t k = 0; k < i; k++)
    if (s->tab[512 * (uint64_t)t + k] != 0) {
      //@ assert here: at(*s, t, k) != 0;
      return 0;
    }
  return 1;
}

/* Free table t, whose entry i has become 0, and those above it, as far as they are empty. */
/*@ requires \valid_read(s) && inv(*s) && t < s->tables && i < 512 && s->level[t] >= 1 && s->owner[t] < s->spaces;
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->level[0 .. s->tables - 1], s->hint[0 .. hints(*s) - 1];
    ensures inv: inv(*s);
    ensures spaces: \forall integer b; 0 <= b <= s->spaces ==> s->level[b] == \old(s->level[b]);
    ensures freed: \forall integer u; 0 <= u < s->tables && 1 <= s->level[u] <= 3 && empty_table(*s, u) ==>
      u != t && s->level[u] == \old(s->level[u]) && \old(empty_table(*s, u));
    ensures theirs: same_records{Pre, Post}(*s, \old(s->owner[t]));
    ensures cleared: \forall integer u, j; 0 <= u < s->tables && ix(j) ==> at(*s, u, j) == \old(at(*s, u, j)) || at(*s, u, j) == 0;
    ensures fewer: \forall integer u; 0 <= u < s->tables ==> s->level[u] == \old(s->level[u]) || s->level[u] == 0;
    ensures pages: \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> leaf_of(*s, b, q) == \old(leaf_of(*s, b, q)); */
static void prune(const struct vmref_sys *s, uint32_t t, uint32_t i)
{
  //@ ghost vmref_lemma_index();
  //@ ghost vmref_lemma_pages(0);
  /*@ loop invariant inv: inv(*s);
      loop invariant at: t < s->tables && i < 512 && 1 <= s->level[t] <= 4 && s->owner[t] < s->spaces;
      loop invariant theirs: s->owner[t] == s->owner[\at(t, Pre)] && same_records{Pre, Here}(*s, s->owner[t]);
      loop invariant spaces: \forall integer b; 0 <= b <= s->spaces ==> s->level[b] == \at(s->level[b], Pre);
      loop invariant pages: \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> leaf_of(*s, b, q) == \at(leaf_of(*s, b, q), Pre);
      loop invariant freed: \forall integer u; 0 <= u < s->tables && u != t && 1 <= s->level[u] <= 3 && empty_table(*s, u) ==>
        u != \at(t, Pre) && empty_table{Pre}(*s, u);
      loop invariant levels: \forall integer u; 0 <= u < s->tables && s->level[u] != 0 ==> s->level[u] == \at(s->level[u], Pre);
      loop invariant cleared: \forall integer u, j; 0 <= u < s->tables && ix(j) ==> at(*s, u, j) == \at(at(*s, u, j), Pre) || at(*s, u, j) == 0;
      loop assigns t, i, s->tab[0 .. entries(*s) - 1], s->level[0 .. s->tables - 1], s->hint[0 .. hints(*s) - 1];
      loop variant 4 - s->level[t]; */
  while (s->level[t] <= 3 && empty(s, t, i)) {
    int64_t n = s->parent[t];
    //@ assert above: owns(*s, n / 512, n % 512) && 0 <= n / 512 < s->tables && 0 <= n % 512;
    //@ assert link: linked(*s, n / 512, n % 512, t);
    //@ assert inner: s->spaces < t;
    //@ ghost Full: ;
    vmref_table_drop(s, t);
    /*@ assert entries: \forall integer u, j; 0 <= u < s->tables && u != n / 512 && ix(j) ==> at(*s, u, j) == \at(at(*s, u, j), Full); */
    t = (uint32_t)(n / 512);
    i = (uint32_t)(n % 512);
  }
}

int vmref_unmap(const struct vmref_sys *s, uint32_t a, uint64_t p, uint64_t n)
{
  if (!range_fits(s, a, p, n)) return VMREF_EINVAL;
  /*@ loop invariant p <= q <= p + n;
      loop invariant inv: inv(*s);
      loop invariant root: \forall integer b; 0 <= b < s->spaces ==> s->level[b] == \at(s->level[b], Pre);
      loop invariant done: \forall integer k; p <= k < q ==> leaf_of(*s, a, k) == 0;
      loop invariant rest: \forall integer b, k; 0 <= b < s->spaces && upage(k) && !(b == a && p <= k < p + n) ==>
        leaf_of(*s, b, k) == \at(leaf_of(*s, b, k), Pre);
      loop invariant freed: no_more_empty{Pre, Here}(*s);
      loop invariant cleared: \forall integer t, i; 0 <= t < s->tables && ix(i) ==> at(*s, t, i) == \at(at(*s, t, i), Pre) || at(*s, t, i) == 0;
      loop invariant fewer: \forall integer t; 0 <= t < s->tables ==> s->level[t] == \at(s->level[t], Pre) || s->level[t] == 0;
      loop invariant held: \forall integer o; 0 <= o < objects(*s) ==>
        s->rc[o] <= \at(s->rc[o], Pre) && (s->rc[o] != 0 ==> s->shared[o] == \at(s->shared[o], Pre));
      loop invariant theirs: same_records{Pre, Here}(*s, a);
      loop assigns q, s->tab[0 .. entries(*s) - 1], s->level[0 .. s->tables - 1], s->rc[0 .. objects(*s) - 1],
        s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1];
      loop variant p + n - q; */
  for (uint64_t q = p; q < p + n; q++) {
    uint32_t t = vmref_page_table(s, a, q), i = (uint32_t)(q % 512);
    uint64_t e = t == s->tables ? 0 : s->tab[512 * (uint64_t)t + i];
    //@ assert leaf: e == leaf_of(*s, a, q);
    if (e != 0) {
      set(s, a, q, 0);
      /*@ assert set: \forall integer u; 0 <= u < s->tables && u != t && 1 <= s->level[u] <= 3 && empty_table(*s, u) ==>
            empty_table{Pre}(*s, u); */
      prune(s, t, i);
      //@ assert pruned: no_more_empty{Pre, Here}(*s);
    }
    //@ assert here: leaf_of(*s, a, q) == 0;
  }
  return VMREF_OK;
}

/* The same page with other rights; what was asked to be shared stays so. */
/*@ requires \valid_read(s) && sized(*s) && fit_leaf(*s, e) && prot <= 7;
    requires prot_S(prot(e)) == 1 ==> obj(*s, e) < objects(*s);
    terminates \true; assigns \nothing; exits \false;
    ensures fit_leaf(*s, \result) && P(\result) == 0 && \result != 0 && obj(*s, \result) == obj(*s, e);
    ensures prot(\result) == prot + 8 * prot_S(prot(e)) && prot_S(prot(\result)) == prot_S(prot(e)); */
static uint64_t with_rights(const struct vmref_sys *s, uint64_t e, uint8_t prot)
{
  uint8_t p = (uint8_t)(prot + vmref_leaf_prot(e) / 8 * 8);
  uint32_t o = vmref_leaf_object(s, e);
  return o < s->frames + s->slots ? vmref_leaf_absent(s, o, p) : vmref_leaf_zero(s, p);
}

int vmref_protect(const struct vmref_sys *s, uint32_t a, uint64_t p, uint64_t n, uint8_t prot)
{
  if (!range_fits(s, a, p, n) || prot > 7) return VMREF_EINVAL;
  /*@ loop invariant p <= q <= p + n;
      loop invariant tables: \forall integer k; p <= k < q ==> leaf_of(*s, a, k) != 0 && table_of(*s, a, k) < s->tables;
      loop assigns q; loop variant p + n - q; */
  for (uint64_t q = p; q < p + n; q++)
    if (vmref_page_leaf(s, a, q) == 0) return VMREF_ENOMAP;
  /*@ loop invariant p <= q <= p + n;
      loop invariant inv: inv(*s);
      loop invariant tables: \forall integer k; p <= k < p + n ==> table_of(*s, a, k) < s->tables;
      loop invariant done: \forall integer k; p <= k < q ==> leaf_of(*s, a, k) != 0
        && prot(leaf_of(*s, a, k)) == prot + 8 * \at(prot_S(prot(leaf_of(*s, a, k))), Pre)
        && obj(*s, leaf_of(*s, a, k)) == \at(obj(*s, leaf_of(*s, a, k)), Pre);
      loop invariant todo: \forall integer k; q <= k < p + n ==> leaf_of(*s, a, k) == \at(leaf_of(*s, a, k), Pre);
      loop invariant rest: \forall integer b, k; 0 <= b < s->spaces && upage(k) && !(b == a && p <= k < p + n) ==>
        leaf_of(*s, b, k) == \at(leaf_of(*s, b, k), Pre);
      loop assigns q, s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1];
      loop variant p + n - q; */
  for (uint64_t q = p; q < p + n; q++) {
    //@ ghost vmref_lemma_leaves(s);
    uint64_t e = vmref_page_leaf(s, a, q);
    set(s, a, q, with_rights(s, e, prot));
  }
  return VMREF_OK;
}
