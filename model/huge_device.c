/* SPDX-License-Identifier: MIT */
/* Mappings of devices: pages not yet touched in the tables, and words over their entries. */
#include "huge_device.h"
#include "table_page.h"

/*@ ghost
  /@ requires pfn < 0x10000000000 && x == pfn + 0x10000000000 * k;
     terminates \true; assigns \nothing; exits \false; ensures x % 0x10000000000 == pfn; @/
  static void lemma_mod(uint64_t x, uint64_t pfn, uint64_t k)
  {
    /@ assert x / 0x10000000000 == k; @/
  }
*/
uint64_t vmref_device_word(const struct vmref_sys *s, uint64_t pfn, uint8_t prot, uint8_t cache)
{
  (void)s;
  uint64_t x = prot / 4 % 2, xd = 1 - x, w = prot / 2 % 2;
  uint64_t low = pfn * 0x1000 + cache * 8u + w * 2 + 5;
  uint64_t e = low + prot * 0x10000000000000 + xd * 0x8000000000000000;
  //@ assert high: e / 0x10000000000000 == prot + 2048 * xd;
  //@ assert prot: prot(e) == prot;
  //@ assert xd: XD(e) == xd;
  //@ assert pfn: e / 0x1000 == pfn + 0x10000000000 * (prot + 2048 * xd);
  //@ ghost lemma_mod(e / 0x1000, pfn, prot + 2048 * xd);
  //@ assert number: PFN(e) == pfn;
  //@ assert p: P(e) == 1;
  //@ assert rw: e / 2 == pfn * 0x800 + cache * 4 + w + 2 + 0x8000000000000 * (prot + 2048 * xd);
  //@ assert rw2: RW(e) == w;
  //@ assert us: e / 4 == pfn * 0x400 + cache * 2 + 1 + 0x4000000000000 * (prot + 2048 * xd);
  //@ assert us2: US(e) == 1;
  //@ assert cache1: e / 8 == pfn * 0x200 + cache + 0x2000000000000 * (prot + 2048 * xd);
  //@ assert cache2: PWT(e) == cache % 2;
  //@ assert cache3: e / 16 == pfn * 0x100 + cache / 2 + 0x1000000000000 * (prot + 2048 * xd);
  //@ ghost uint64_t c1 = cache / 2, even = pfn * 0x80 + 0x800000000000 * (prot + 2048 * xd);
  //@ assert cache5: e / 16 == 2 * even + c1 && c1 <= 1;
  //@ assert cache4: PCD(e) == cache / 2;
  //@ assert plain: e / 128 == pfn * 0x20 + 0x200000000000 * (prot + 2048 * xd);
  //@ assert user: user_word(e);
  return e;
}

uint8_t vmref_huge_covered(const struct vmref_sys *s, const uint16_t *o, uint32_t a, uint64_t p)
{
  //@ ghost vmref_lemma_way(s);
  //@ ghost vmref_lemma_pages(p);
  //@ assert page: page(*s, a, p4(p), p3(p), p2(p), 0);
  uint32_t t = vmref_table_under(s, a, (uint32_t)(p / 0x8000000));
  //@ assert t: t == t3(*s, a, p4(p));
  if (t == s->tables) return 0;
  return vmref_over(o, t, (uint32_t)(p / 0x40000 % 512)) != 0;
}

/*@ requires \valid_read(s) && inv(*s) && valid_over(*s, o);
    terminates \true; exits \false; assigns \nothing;
    ensures \result == 1 ==> in_range(*s, a, p, n) && prot <= 7 && prot_R(prot) == 1 && cache <= 3
      && devices(*s) <= pfn && pfn + n <= 0x10000000;
    ensures \result <= 1; */
static uint8_t may_map(const struct vmref_sys *s, const uint16_t *o, uint32_t a, uint64_t p, uint64_t n,
                       uint64_t pfn, uint8_t prot, uint8_t cache)
{
  if (a >= s->spaces || s->level[a] != 4 || n == 0 || n > VMREF_RANGE || p >= VMREF_USER_PAGES || p + n > VMREF_USER_PAGES) return 0;
  if (prot > 7 || prot % 2 == 0 || cache > 3) return 0;
  if (pfn < (uint64_t)s->tables + s->frames + s->kernel || pfn >= 0x10000000 || pfn + n > 0x10000000) return 0;
  if (vmref_huge_covered(s, o, a, p)) return 0;
  return !vmref_huge_covered(s, o, a, p + n - 1);
}

/* The word over the leaf of page q. */
/*@ requires \valid_read(s) && inv(*s) && valid_over(*s, o) && a < s->spaces && upage(q) && leaf_of(*s, a, q) != 0;
    terminates \true; exits \false; assigns o[0 .. 4 * entries(*s) - 1];
    ensures set: word(*s, o, table_of(*s, a, q), p1(q)) == e;
    ensures others: \forall integer r; upage(r) && r != q && table_of(*s, a, r) < s->tables ==>
      word(*s, o, table_of(*s, a, r), p1(r)) == \old(word(*s, o, table_of(*s, a, r), p1(r))); */
static void set_word(const struct vmref_sys *s, uint16_t *o, uint32_t a, uint64_t q, uint64_t e)
{
  //@ ghost vmref_lemma_leaves(s);
  uint32_t t = vmref_page_table(s, a, q);
  //@ assert t: t == table_of(*s, a, q) && t < s->tables;
  //@ ghost vmref_lemma_pages(q);
  //@ assert page: page(*s, a, p4(q), p3(q), p2(q), 0);
  //@ ghost vmref_lemma_one_way(s, a, (uint32_t)(q / 0x8000000), (uint32_t)(q / 0x40000 % 512), (uint32_t)(q / 0x200 % 512));
  /*@ assert ways: \forall integer r; upage(r) ==> page(*s, a, p4(r), p3(r), p2(r), 0) && 0 <= table_of(*s, a, r); */
  /*@ assert apart: \forall integer r; upage(r) && r != q && table_of(*s, a, r) == t ==> p1(r) != p1(q); */
  vmref_over_set(o, t, (uint32_t)(q % 512), e);
}

int vmref_device_map(const struct vmref_sys *s, uint16_t *o, uint32_t a, uint64_t p, uint64_t n,
                     uint64_t pfn, uint8_t prot, uint8_t cache)
{
  if (!may_map(s, o, a, p, n, pfn, prot, cache)) return VMREF_EINVAL;
  //@ ghost vmref_lemma_tables(s);
  int r = vmref_map(s, a, p, n, prot);
  //@ ghost vmref_lemma_leaves(s);
  //@ ghost Map: ;
  if (r == VMREF_OK) {
    /*@ assert there: \forall integer q; p <= q < p + n ==> leaf_of(*s, a, q) != 0 && prot(leaf_of(*s, a, q)) == prot && obj(*s, leaf_of(*s, a, q)) == NONE(*s); */
    /*@ assert fit: \forall integer q; p <= q < p + n ==> upage(q) && fit_leaf(*s, leaf_of(*s, a, q)); */
    /*@ assert np: \forall integer q; p <= q < p + n ==> P(leaf_of(*s, a, q)) == 0; */
    /*@ loop invariant 0 <= k <= n;
        loop invariant set: \forall integer q; p <= q < p + k ==> device_page(*s, o, a, q, pfn - p, prot, cache);
        loop assigns k, o[0 .. 4 * entries(*s) - 1]; loop variant n - k; */
    for (uint64_t k = 0; k < n; k++) {
      uint64_t e = vmref_device_word(s, pfn + k, prot, cache);
      //@ ghost Before: ;
      set_word(s, o, a, p + k, e);
      /*@ assert kept: \forall integer q; p <= q < p + k ==> upage(q) && table_of(*s, a, q) < s->tables
            && word(*s, o, table_of(*s, a, q), p1(q)) == \at(word(*s, o, table_of(*s, a, q), p1(q)), Before); */
      /*@ assert before: \forall integer q; p <= q < p + k ==> device_page(*s, o, a, q, pfn - p, prot, cache); */
      //@ assert is: word(*s, o, table_of(*s, a, p + k), p1(p + k)) == e && device_word(*s, e, (p + k) + (pfn - p), prot, cache);
      //@ assert this: device_page(*s, o, a, p + k, pfn - p, prot, cache);
    }
    /*@ assert places: \forall integer q; p <= q < p + n ==> is_leaf(*s, table_of(*s, a, q), p1(q)) && leaf_of(*s, a, q) == at(*s, table_of(*s, a, q), p1(q)); */
    /*@ assert each: \forall integer q; p <= q < p + n ==> device_page(*s, o, a, q, pfn - p, prot, cache); */
    /*@ assert says: \forall integer q; device_page(*s, o, a, q, pfn - p, prot, cache) ==>
          device(*s, word(*s, o, table_of(*s, a, q), p1(q)), 1) && prot(word(*s, o, table_of(*s, a, q), p1(q))) == prot; */
    /*@ assert words: \forall integer q; p <= q < p + n ==> device(*s, word(*s, o, table_of(*s, a, q), p1(q)), 1)
          && prot(word(*s, o, table_of(*s, a, q), p1(q))) == prot; */
    /*@ assert blank: \forall integer q; p <= q < p + n ==> untouched(*s, leaf_of(*s, a, q), word(*s, o, table_of(*s, a, q), p1(q))); */
    /*@ assert covers: \forall integer q; p <= q < p + n ==> covers(*s, table_of(*s, a, q), p1(q), word(*s, o, table_of(*s, a, q), p1(q))); */
  }
  //@ ghost Set: ;
  vmref_huge_settle(s, o);
  /*@ assert kept: r == VMREF_OK ==> \forall integer q; p <= q < p + n ==>
        word(*s, o, table_of(*s, a, q), p1(q)) == \at(word(*s, o, table_of(*s, a, q), p1(q)), Set); */
  return r;
}

int vmref_device_map_large(const struct vmref_sys *s, uint16_t *o, uint32_t a, uint64_t p, uint8_t level,
                           uint64_t pfn, uint8_t prot, uint8_t cache)
{
  uint64_t n = level == 2 ? VMREF_LARGE : VMREF_GIANT;
  if ((level != 2 && level != 3) || p % n != 0 || pfn % n != 0) return VMREF_EINVAL;
  if (!may_map(s, o, a, p, n, pfn, prot, cache)) return VMREF_EINVAL;
  int r = vmref_map(s, a, p, level == 2 ? n : 1, prot); /* of 1 GiB the first page alone, which has two tables only */
  if (r != VMREF_OK) {
    vmref_huge_settle(s, o);
    return r;
  }
  //@ ghost Map: ;
  //@ ghost vmref_lemma_leaves(s);
  //@ ghost vmref_lemma_way(s);
  //@ ghost vmref_lemma_pages(p);
  //@ assert page: page(*s, a, p4(p), p3(p), p2(p), 0);
  uint32_t t = vmref_page_table(s, a, p);
  //@ assert first: leaf_of(*s, a, p) != 0 && t == table_of(*s, a, p) && t < s->tables;
  int64_t at = s->parent[t];
  //@ assert at2: at == 512 * t2(*s, a, p4(p), p3(p)) + p2(p) && 0 <= t2(*s, a, p4(p), p3(p)) < s->tables;
  //@ assert up2: at / 512 == t2(*s, a, p4(p), p3(p)) && at % 512 == p2(p);
  if (level == 3) at = s->parent[at / 512];
  //@ assert at3: level == 3 ==> at == 512 * t3(*s, a, p4(p)) + p3(p) && 0 <= t3(*s, a, p4(p)) < s->tables;
  uint32_t d = (uint32_t)(at / 512), i = (uint32_t)(at % 512);
  //@ assert where2: level == 2 ==> d == t2(*s, a, p4(p), p3(p)) && i == p2(p);
  //@ assert where3: level == 3 ==> d == t3(*s, a, p4(p)) && i == p3(p);
  //@ assert inside: d < s->tables && i < 512;
  uint64_t e = vmref_device_word(s, pfn, prot, cache);
  //@ assert ps: PS(e) == 0;
  //@ assert ps2: PS(e + 0x80) == 1;
  //@ ghost vmref_lemma_large(e + 0x80);
  //@ assert number: PFN(e + 0x80) == pfn;
  vmref_over_set(o, d, i, e + 0x80);
  vmref_huge_settle(s, o);
  //@ assert settled: isolated{Pre, Here}(*s, a) && same_leaves{Pre, Here}(*s, a);
  if (vmref_over(o, d, i) != 0) {
    //@ assert two: level == 2 ==> word(*s, o, t2(*s, a, p4(p), p3(p)), p2(p)) != 0 && PFN(word(*s, o, t2(*s, a, p4(p), p3(p)), p2(p))) == pfn;
    //@ assert three: level == 3 ==> word(*s, o, t3(*s, a, p4(p)), p3(p)) != 0 && PFN(word(*s, o, t3(*s, a, p4(p)), p3(p))) == pfn;
    return VMREF_OK;
  }
  vmref_unmap(s, a, p, 1); /* something is mapped further on in that 1 GiB */
  vmref_huge_settle(s, o);
  /*@ assert back: isolated{Pre, Map}(*s, a) && isolated{Map, Here}(*s, a); */
  /*@ assert all: isolated{Pre, Here}(*s, a); */
  return VMREF_EINVAL;
}
