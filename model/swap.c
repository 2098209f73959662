/* SPDX-License-Identifier: MIT */
/* Swap. The ledger tells when the last leaf has moved: the count of the old object is 0 then. */
#include "swap.h"

void vmref_object_rename(const struct vmref_sys *s, uint32_t from, uint32_t to)
{
  _Bool shared = s->shared[from];
  //@ ghost uint32_t all = s->rc[from];
  //@ ghost vmref_lemma_no_ref(s, to);
  //@ ghost vmref_lemma_apart(s, to);
  /*@ loop invariant inv: inv(*s);
      loop invariant absent: \forall integer m; 0 <= m < entries(*s) && ref(*s, m) == to ==> P(s->tab[m]) == 0;
      loop invariant sum: s->rc[from] + s->rc[to] == all;
      loop invariant rc: \forall integer o; 0 <= o < objects(*s) && o != from && o != to ==> s->rc[o] == \at(s->rc[o], Pre);
      loop invariant shared: (s->rc[to] != 0 ==> s->shared[to] == shared) && (s->rc[from] != 0 ==> s->shared[from] == shared);
      loop invariant leaves: \forall integer t, i; is_leaf(*s, t, i) ==>
        obj(*s, at(*s, t, i)) == \at(obj(*s, at(*s, t, i)), Pre)
        || (\at(obj(*s, at(*s, t, i)), Pre) == from && obj(*s, at(*s, t, i)) == to);
      loop invariant rest: \forall integer t, i; is_leaf(*s, t, i) && \at(obj(*s, at(*s, t, i)), Pre) != from ==>
        at(*s, t, i) == \at(at(*s, t, i), Pre);
      loop invariant shape: \forall integer t, i; is_leaf(*s, t, i) ==>
        prot(at(*s, t, i)) == \at(prot(at(*s, t, i)), Pre) && (at(*s, t, i) == 0 <==> \at(at(*s, t, i), Pre) == 0);
      loop invariant same: same_tables{Pre, Here}(*s);
      loop assigns s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1],
        s->hint[0 .. hints(*s) - 1];
      loop variant s->rc[from]; */
  while (s->rc[from] != 0) {
    uint64_t n = vmref_object_leaf(s, from);
    uint32_t t = (uint32_t)(n / 512), i = (uint32_t)(n % 512);
    //@ assert n: 512 * t + i == n && at(*s, t, i) == s->tab[n] && obj(*s, at(*s, t, i)) == from;
    //@ ghost vmref_lemma_fits(s);
    //@ assert leaf: is_leaf(*s, t, i);
    vmref_leaf_replace(s, t, i, vmref_leaf_absent(s, to, vmref_leaf_prot(s->tab[n])), shared);
    //@ assert more: s->rc[to] != 0;
  }
  //@ ghost vmref_lemma_no_ref(s, from);
  //@ assert gone: no_ref(*s, from);
  //@ ghost vmref_lemma_apart(s, from);
  /*@ assert all: \forall integer t, i; is_leaf(*s, t, i) && \at(obj(*s, at(*s, t, i)), Pre) == from ==> obj(*s, at(*s, t, i)) == to; */
  /*@ assert moved_view: \forall integer t, i; is_leaf(*s, t, i) && \at(obj(*s, at(*s, t, i)), Pre) == from ==> same_view{Pre, Here}(*s, t, i); */
  /*@ assert unmoved: \forall integer t, i; is_leaf(*s, t, i) && \at(obj(*s, at(*s, t, i)), Pre) != from ==> \at(obj(*s, at(*s, t, i)), Pre) != to; */
  /*@ assert rest_view: \forall integer t, i; is_leaf(*s, t, i) && \at(obj(*s, at(*s, t, i)), Pre) != from ==> same_view{Pre, Here}(*s, t, i); */
}

void vmref_object_move(const struct vmref_sys *s, uint32_t from, uint32_t to)
{
  //@ ghost vmref_lemma_no_ref(s, to);
  //@ ghost vmref_lemma_apart(s, to);
  vmref_object_copy(s, to, from);
  /*@ assert apart: \forall integer o, b; 0 <= o < objects(*s) && o != to && 0 <= b < 4096 ==>
        byte_of(*s, o, b) == \at(byte_of(*s, o, b), Pre); */
  /*@ assert copied: \forall integer t, i; is_leaf(*s, t, i) ==> same_view{Pre, Here}(*s, t, i); */
  vmref_object_rename(s, from, to);
}

int vmref_swap_out(const struct vmref_sys *s, uint32_t f)
{
  if (s->rc[f] == 0) return VMREF_EINVAL;
  uint32_t slot = vmref_slot_find(s);
  if (slot == s->frames + s->slots) return VMREF_EFULL;
  vmref_object_move(s, f, slot);
  return VMREF_OK;
}

int vmref_swap_in(const struct vmref_sys *s, uint32_t t, uint32_t i)
{
  uint32_t o = vmref_leaf_object(s, s->tab[512 * (uint64_t)t + i]), f = vmref_frame_find(s);
  if (f == s->frames) return VMREF_EMEM;
  //@ ghost vmref_lemma_ref(s);
  //@ ghost vmref_lemma_only_ref(s, 512 * (uint64_t)t + i);
  vmref_object_move(s, o, f);
  return VMREF_OK;
}
