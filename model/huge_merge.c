/* SPDX-License-Identifier: MIT */
/* Pages come to lie in an aligned run of frames, and their leaves to say the same. */
#include "huge_merge.h"
#include "cow.h"

/* May the 512 pages of leaf table t become one by their rights? */
/*@ requires \valid_read(s) && inv(*s) && is_leaf(*s, t, 0);
    terminates \true; exits \false; assigns \nothing;
    ensures status: \result == VMREF_OK || \result == VMREF_EINVAL || \result == VMREF_ENOMAP;
    ensures alike: \result == VMREF_OK ==> \forall integer j; ix(j) ==> at(*s, t, j) != 0
      && prot_R(prot(at(*s, t, j))) == 1 && prot(at(*s, t, j)) == prot(at(*s, t, 0)); */
static int alike(const struct vmref_sys *s, uint32_t t)
{
  uint64_t first = s->tab[512 * (uint64_t)t];
  uint8_t prot = vmref_leaf_prot(first);
  if (first != 0 && prot % 2 == 0) return VMREF_EINVAL;
  /*@ loop invariant 0 <= j <= 512;
      loop invariant \forall integer k; 0 <= k < j ==> at(*s, t, k) != 0 && prot(at(*s, t, k)) == prot;
      loop assigns j; loop variant 512 - j; */
  for (uint32_t j = 0; j < 512; j++) {
    uint64_t e = s->tab[512 * (uint64_t)t + j];
    //@ assert e: e == at(*s, t, j);
    if (e == 0) return VMREF_ENOMAP;
    if (vmref_leaf_prot(e) != prot) return VMREF_EINVAL;
  }
  return VMREF_OK;
}

/* Is none of its pages a device's? */
/*@ requires \valid_read(s) && valid_over(*s, o) && t < s->tables;
    terminates \true; exits \false; assigns \nothing;
    ensures \result == 1 <==> \forall integer j; ix(j) ==> over(o, t, j) == 0; ensures \result <= 1; */
static uint8_t no_device(const struct vmref_sys *s, const uint16_t *o, uint32_t t)
{
  (void)s;
  /*@ loop invariant 0 <= j <= 512;
      loop invariant \forall integer k; 0 <= k < j ==> over(o, t, k) == 0;
      loop assigns j; loop variant 512 - j; */
  for (uint32_t j = 0; j < 512; j++) {
    uint64_t e = vmref_over(o, t, j);
    //@ assert e: e == over(o, t, j) && ix(j);
    if (e != 0) return 0;
  }
  return 1;
}

/* Its leaf's page is not to be shared any longer when the page becomes part of one that can be written to. */
/*@ requires \valid_read(s) && valid_sys(*s) && obj(*s, e) < objects(*s);
    terminates \true; exits \false; assigns \nothing;
    ensures \result == 1 <==> prot_W(prot(e)) == 1 && prot_S(prot(e)) == 0 && !mine(*s, e); ensures \result <= 1; */
static uint8_t to_copy(const struct vmref_sys *s, uint64_t e)
{
  uint8_t prot = vmref_leaf_prot(e);
  return prot / 2 % 2 == 1 && prot / 8 == 0 && !vmref_leaf_mine(s, e);
}

/* Do they lie in an aligned run of frames, for nobody else where they can be written to? */
/*@ requires \valid_read(s) && inv(*s) && is_leaf(*s, t, 0);
    terminates \true; exits \false; assigns \nothing; ensures \result <= 1; */
static uint8_t in_run(const struct vmref_sys *s, uint32_t t)
{
  uint32_t first = vmref_leaf_object(s, s->tab[512 * (uint64_t)t]);
  if (first >= s->frames || ((uint64_t)s->tables + first) % 512 != 0) return 0;
  /*@ loop invariant 0 <= j <= 512; loop assigns j; loop variant 512 - j; */
  for (uint32_t j = 0; j < 512; j++) {
    uint64_t e = s->tab[512 * (uint64_t)t + j];
    uint32_t o = vmref_leaf_object(s, e);
    if (o >= s->frames || o != first + j) return 0;
    if (to_copy(s, e)) return 0;
  }
  return 1;
}

/* The first 512 free frames in a row whose first number is a multiple of 512, `frames` when there are none. */
/*@ requires \valid_read(s) && valid_sys(*s) && f < s->frames;
    terminates \true; exits \false; assigns \nothing;
    ensures \result == 1 <==> free_run(*s, f, 512); ensures \result <= 1; */
static uint8_t is_free_run(const struct vmref_sys *s, uint32_t f)
{
  if (s->frames - f < 512) return 0;
  /*@ loop invariant f <= g <= f + 512;
      loop invariant \forall integer h; f <= h < g ==> s->rc[h] == 0;
      loop assigns g; loop variant f + 512 - g; */
  for (uint32_t g = f; g < f + 512; g++)
    if (s->rc[g] != 0) return 0;
  return 1;
}
/*@ requires \valid_read(s) && valid_sys(*s);
    terminates \true; exits \false; assigns \nothing;
    ensures found: \result < s->frames ==> free_run(*s, \result, 512);
    ensures none: \result >= s->frames ==> \forall integer f; 0 <= f && (s->tables + f) % 512 == 0 ==> !free_run(*s, f, 512);
    ensures \result <= s->frames; */
static uint32_t find_run(const struct vmref_sys *s)
{
  /*@ loop invariant 0 <= f <= s->frames;
      loop invariant \forall integer g; 0 <= g < f && (s->tables + g) % 512 == 0 ==> !free_run(*s, g, 512);
      loop assigns f; loop variant s->frames - f; */
  for (uint32_t f = 0; f < s->frames; f++)
    if (((uint64_t)s->tables + f) % 512 == 0 && is_free_run(s, f)) return f;
  return s->frames;
}

/* Frame f, which is free and has the contents of a leaf's page, becomes the leaf's own. */
/*@ requires \valid_read(s) && inv(*s) && is_leaf(*s, t, i) && at(*s, t, i) != 0 && f < s->frames && s->rc[f] == 0;
    requires prot_R(prot(at(*s, t, i))) == 1 && prot_S(prot(at(*s, t, i))) == 0;
    requires contents: \forall integer b; 0 <= b < 4096 ==> byte_of(*s, f, b) == shown(*s, at(*s, t, i), b);
    terminates \true; exits \false;
    assigns s->tab[512 * t + i], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1];
    ensures inv: inv(*s);
    ensures views: \forall integer u, j; is_leaf(*s, u, j) ==> same_view{Pre, Post}(*s, u, j);
    ensures free: \forall integer q; 0 <= q < objects(*s) && q != f && \old(s->rc[q]) == 0 ==> s->rc[q] == 0;
    ensures same: same_tables{Pre, Post}(*s); */
static void own(const struct vmref_sys *s, uint32_t t, uint32_t i, uint32_t f)
{
  uint8_t prot = vmref_leaf_prot(s->tab[512 * (uint64_t)t + i]);
  //@ ghost vmref_lemma_fits(s);
  //@ ghost vmref_lemma_ref(s);
  //@ ghost vmref_lemma_no_ref(s, f);
  //@ ghost vmref_lemma_apart(s, f);
  //@ assert counted: count(*s, f, entries(*s)) == 0;
  //@ assert free: no_ref(*s, f) && s->rc[f] == 0;
  vmref_leaf_replace(s, t, i, vmref_leaf_present(s, f, prot / 2 % 2, prot), 0);
  //@ assert rc: \forall integer q; 0 <= q < objects(*s) && q != f && \at(s->rc[q], Pre) == 0 ==> s->rc[q] == 0;
}

/* The page of a leaf comes to free frame f. */
/*@ requires \valid_read(s) && inv(*s) && is_leaf(*s, t, i) && at(*s, t, i) != 0 && f < s->frames && s->rc[f] == 0;
    requires prot_R(prot(at(*s, t, i))) == 1;
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1],
            s->data[0 .. 4096 * objects(*s) - 1];
    ensures inv: inv(*s);
    ensures views: \forall integer u, j; is_leaf(*s, u, j) ==> same_view{Pre, Post}(*s, u, j);
    ensures free: \forall integer q; 0 <= q < objects(*s) && q != f && \old(s->rc[q]) == 0 ==> s->rc[q] == 0;
    ensures same: same_tables{Pre, Post}(*s); */
static void place(const struct vmref_sys *s, uint32_t t, uint32_t i, uint32_t f)
{
  uint64_t e = s->tab[512 * (uint64_t)t + i];
  uint32_t o = vmref_leaf_object(s, e);
  //@ ghost vmref_lemma_fits(s);
  //@ ghost vmref_lemma_ref(s);
  //@ ghost vmref_lemma_no_ref(s, f);
  //@ ghost vmref_lemma_apart(s, f);
  //@ assert e: e == at(*s, t, i) && o == obj(*s, e) && o != f;
  if (o == s->frames + s->slots) {
    //@ assert private: prot_S(prot(e)) == 0;
    vmref_object_zero(s, f);
    /*@ assert apart: \forall integer q, b; 0 <= q < objects(*s) && q != f && 0 <= b < 4096 ==>
          byte_of(*s, q, b) == \at(byte_of(*s, q, b), Pre); */
    /*@ assert before: \forall integer u, j; is_leaf(*s, u, j) ==> same_view{Pre, Here}(*s, u, j); */
    //@ ghost Zero: ;
    own(s, t, i, f);
    /*@ assert after: \forall integer u, j; is_leaf(*s, u, j) ==> same_view{Zero, Here}(*s, u, j); */
    /*@ assert both: \forall integer u, j; is_leaf(*s, u, j) ==> same_view{Pre, Here}(*s, u, j); */
  } else if (to_copy(s, e)) {
    vmref_object_copy(s, f, o);
    /*@ assert apart2: \forall integer q, b; 0 <= q < objects(*s) && q != f && 0 <= b < 4096 ==>
          byte_of(*s, q, b) == \at(byte_of(*s, q, b), Pre); */
    /*@ assert before2: \forall integer u, j; is_leaf(*s, u, j) ==> same_view{Pre, Here}(*s, u, j); */
    //@ ghost Copy: ;
    own(s, t, i, f);
    /*@ assert after2: \forall integer u, j; is_leaf(*s, u, j) ==> same_view{Copy, Here}(*s, u, j); */
    /*@ assert both2: \forall integer u, j; is_leaf(*s, u, j) ==> same_view{Pre, Here}(*s, u, j); */
  } else {
    //@ ghost uint64_t n = 512 * (uint64_t)t + i;
    //@ assert ref: ref(*s, n) == o && n < entries(*s);
    //@ ghost vmref_lemma_only_ref(s, n);
    //@ assert held: s->rc[o] != 0;
    vmref_object_move(s, o, f);
    /*@ assert both3: \forall integer u, j; is_leaf(*s, u, j) ==> same_view{Pre, Here}(*s, u, j); */
  }
}

/* Its 512 pages come to a run of free frames. */
/*@ requires \valid_read(s) && inv(*s) && is_leaf(*s, t, 0) && free_run(*s, f, 512);
    requires mapped: \forall integer j; ix(j) ==> at(*s, t, j) != 0 && prot_R(prot(at(*s, t, j))) == 1;
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1],
            s->data[0 .. 4096 * objects(*s) - 1];
    ensures inv: inv(*s);
    ensures views: \forall integer u, j; is_leaf(*s, u, j) ==> same_view{Pre, Post}(*s, u, j);
    ensures same: same_tables{Pre, Post}(*s); */
static void gather(const struct vmref_sys *s, uint32_t t, uint32_t f)
{
  /*@ loop invariant 0 <= j <= 512;
      loop invariant inv: inv(*s);
      loop invariant views: \forall integer u, k; is_leaf(*s, u, k) ==> same_view{Pre, Here}(*s, u, k);
      loop invariant free: \forall integer g; f + j <= g < f + 512 ==> s->rc[g] == 0;
      loop invariant same: same_tables{Pre, Here}(*s);
      loop assigns j, s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1],
        s->hint[0 .. hints(*s) - 1], s->data[0 .. 4096 * objects(*s) - 1];
      loop variant 512 - j; */
  for (uint32_t j = 0; j < 512; j++) {
    //@ assert seen: is_leaf(*s, t, j) && same_view{Pre, Here}(*s, t, j);
    //@ assert there: at(*s, t, j) != 0 && prot_R(prot(at(*s, t, j))) == 1;
    //@ ghost Before: ;
    place(s, t, j, f + j);
    /*@ assert step: \forall integer u, k; is_leaf(*s, u, k) ==> same_view{Before, Here}(*s, u, k); */
  }
}

/* The hardware may use all that lies in frames, to write too where the page is the leaf's alone. */
/*@ requires \valid_read(s) && inv(*s) && is_leaf(*s, t, 0);
    requires mapped: \forall integer j; ix(j) ==> at(*s, t, j) != 0 && prot_R(prot(at(*s, t, j))) == 1;
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1],
            s->data[0 .. 4096 * objects(*s) - 1];
    ensures inv: inv(*s);
    ensures views: \forall integer u, j; is_leaf(*s, u, j) ==> same_view{Pre, Post}(*s, u, j);
    ensures same: same_tables{Pre, Post}(*s); */
static void enter(const struct vmref_sys *s, uint32_t t)
{
  /*@ loop invariant 0 <= j <= 512;
      loop invariant inv: inv(*s);
      loop invariant views: \forall integer u, k; is_leaf(*s, u, k) ==> same_view{Pre, Here}(*s, u, k);
      loop invariant same: same_tables{Pre, Here}(*s);
      loop assigns j, s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1],
        s->hint[0 .. hints(*s) - 1], s->data[0 .. 4096 * objects(*s) - 1];
      loop variant 512 - j; */
  for (uint32_t j = 0; j < 512; j++) {
    //@ assert seen: is_leaf(*s, t, j) && same_view{Pre, Here}(*s, t, j);
    //@ assert there: at(*s, t, j) != 0 && prot_R(prot(at(*s, t, j))) == 1;
    //@ ghost Before: ;
    if (vmref_leaf_object(s, s->tab[512 * (uint64_t)t + j]) < s->frames) vmref_page_enter(s, t, j, 0);
    /*@ assert step: \forall integer u, k; is_leaf(*s, u, k) ==> same_view{Before, Here}(*s, u, k); */
  }
}

/* The accessed and dirty flags that any of its leaves has. */
/*@ requires \valid_read(s) && valid_sys(*s) && t < s->tables;
    terminates \true; exits \false; assigns \nothing; */
static uint64_t flags(const struct vmref_sys *s, uint32_t t)
{
  uint64_t all = 0;
  /*@ loop invariant 0 <= j <= 512; loop assigns j, all; loop variant 512 - j; */
  for (uint32_t j = 0; j < 512; j++)
    if (vmref_p(s->tab[512 * (uint64_t)t + j])) all |= s->tab[512 * (uint64_t)t + j] & 0x60;
  return all;
}

int vmref_huge_merge(const struct vmref_sys *s, uint16_t *o, uint32_t a, uint64_t p)
{
  if (a >= s->spaces || s->level[a] != 4 || p >= VMREF_USER_PAGES || p % 512) return VMREF_EINVAL;
  uint32_t t = vmref_page_table(s, a, p);
  if (t == s->tables) return VMREF_ENOMAP;
  //@ ghost vmref_lemma_tables(s);
  //@ ghost vmref_lemma_way(s);
  uint32_t d = (uint32_t)(s->parent[t] / 512), i = (uint32_t)(s->parent[t] % 512);
  //@ assert d: d == t2(*s, a, p4(p), p3(p)) && i == p2(p);
  uint64_t e = vmref_over(o, d, i);
  if (e != 0) return vmref_pfn(e) >= (uint64_t)s->tables + s->frames ? VMREF_EINVAL : VMREF_OK;
  int r = alike(s, t);
  if (r != VMREF_OK) return r;
  if (!no_device(s, o, t)) return VMREF_EINVAL;
  uint32_t f = 0;
  uint8_t there = in_run(s, t);
  if (!there) {
    f = find_run(s);
    if (f == s->frames) return VMREF_EMEM;
  }
  vmref_huge_fold(s, o);
  /*@ assert folded: \forall integer u, j; is_leaf(*s, u, j) ==> same_view{Pre, Here}(*s, u, j); */
  //@ assert same1: same_tables{Pre, Here}(*s);
  uint64_t set = flags(s, t); /* before pages move and are entered anew */
  //@ ghost Folded: ;
  if (!there) gather(s, t, f);
  /*@ assert gathered: \forall integer u, j; is_leaf(*s, u, j) ==> same_view{Folded, Here}(*s, u, j); */
  /*@ assert mapped: \forall integer j; ix(j) ==> is_leaf(*s, t, j) && at(*s, t, j) != 0 && prot_R(prot(at(*s, t, j))) == 1; */
  //@ assert same2: same_tables{Folded, Here}(*s);
  //@ assert same3: same_tables{Pre, Here}(*s);
  //@ ghost Gathered: ;
  enter(s, t);
  /*@ assert entered: \forall integer u, j; is_leaf(*s, u, j) ==> same_view{Gathered, Here}(*s, u, j); */
  /*@ assert views2: \forall integer u, j; is_leaf(*s, u, j) ==> same_view{Pre, Gathered}(*s, u, j); */
  /*@ assert views3: \forall integer u, j; is_leaf(*s, u, j) ==> same_view{Pre, Here}(*s, u, j); */
  //@ assert same4: same_tables{Gathered, Here}(*s);
  //@ assert same5: same_tables{Pre, Here}(*s);
  //@ ghost vmref_lemma_way(s);
  //@ assert user: page(*s, a, p4(p), p3(p), p2(p), 0);
  //@ assert still: t1(*s, a, p4(p), p3(p), p2(p)) == t;
  //@ assert where: d == t2(*s, a, p4(p), p3(p));
  vmref_over_set(o, d, i, s->tab[512 * (uint64_t)t] | set | 0x80);
  vmref_huge_settle(s, o);
  return vmref_over(o, d, i) != 0 ? VMREF_OK : VMREF_EINVAL;
}
