/* SPDX-License-Identifier: MIT */
/* Copy-on-write. Each operation prepares the contents of a frame that nobody refers to, and
 * then replaces one leaf. */
#include "cow.h"

int vmref_page_zero(const struct vmref_sys *s, uint32_t t, uint32_t i)
{
  uint8_t prot = vmref_leaf_prot(s->tab[512 * (uint64_t)t + i]);
  //@ ghost vmref_lemma_fits(s);
  //@ assert alone: prot_S(prot) == 0;
  uint32_t f = vmref_frame_find(s);
  if (f == s->frames) return VMREF_EMEM;
  //@ assert free: no_ref(*s, f) && s->rc[f] == 0;
  //@ ghost vmref_lemma_apart(s, f);
  vmref_object_zero(s, f);
  /*@ assert apart: \forall integer o, b; 0 <= o < objects(*s) && o != f && 0 <= b < 4096 ==>
        byte_of(*s, o, b) == \at(byte_of(*s, o, b), Pre); */
  vmref_leaf_replace(s, t, i, vmref_leaf_present(s, f, prot / 2 % 2, prot), 0);
  //@ assert bytes: \forall integer b; 0 <= b < 4096 ==> byte_of(*s, f, b) == 0;
  //@ assert zero: zero_bytes(*s, f) && obj(*s, at(*s, t, i)) == f && \at(obj(*s, at(*s, \at(t, Here), \at(i, Here))), Pre) == NONE(*s);
  return VMREF_OK;
}

int vmref_page_copy(const struct vmref_sys *s, uint32_t t, uint32_t i)
{
  uint64_t e = s->tab[512 * (uint64_t)t + i];
  uint8_t prot = vmref_leaf_prot(e);
  uint32_t o = vmref_leaf_object(s, e), f = vmref_frame_find(s);
  if (f == s->frames) return VMREF_EMEM;
  //@ assert free: no_ref(*s, f) && s->rc[f] == 0;
  //@ ghost vmref_lemma_apart(s, f);
  //@ assert o != f;
  vmref_object_copy(s, f, o);
  /*@ assert apart: \forall integer q, b; 0 <= q < objects(*s) && q != f && 0 <= b < 4096 ==>
        byte_of(*s, q, b) == \at(byte_of(*s, q, b), Pre); */
  vmref_leaf_replace(s, t, i, vmref_leaf_present(s, f, 1, prot), 0);
  //@ assert bytes: \forall integer b; 0 <= b < 4096 ==> byte_of(*s, f, b) == \at(byte_of(*s, \at(o, Here), b), Pre);
  //@ assert same: same_bytes(*s, f, o) && obj(*s, at(*s, t, i)) == f && \at(obj(*s, at(*s, \at(t, Here), \at(i, Here))), Pre) == o;
  return VMREF_OK;
}

int vmref_page_enter(const struct vmref_sys *s, uint32_t t, uint32_t i, uint8_t write)
{
  uint64_t e = s->tab[512 * (uint64_t)t + i];
  uint8_t prot = vmref_leaf_prot(e);
  uint32_t o = vmref_leaf_object(s, e);
  //@ ghost vmref_lemma_fits(s);
  //@ assert files: files(*s, e) && prot_S(prot) == prot_S(prot(e));
  uint8_t mine = vmref_leaf_mine(s, e);
  if (write && !mine) return vmref_page_copy(s, t, i);
  vmref_leaf_replace(s, t, i, vmref_leaf_present(s, o, mine ? prot / 2 % 2 : 0, prot), 0);
  return VMREF_OK;
}

/* The same leaf without the right to write, for the hardware. */
/*@ requires \valid_read(s) && sized(*s) && fit_leaf(*s, e);
    terminates \true; assigns \nothing; exits \false;
    ensures fit_leaf(*s, \result) && obj(*s, \result) == obj(*s, e) && prot(\result) == prot(e);
    ensures \result == 0 <==> e == 0;
    ensures P(\result) == 1 ==> RW(\result) == 0; */
static uint64_t read_only(const struct vmref_sys *s, uint64_t e)
{
  if (e % 2 == 0) return e;
  return vmref_leaf_present(s, vmref_leaf_object(s, e), 0, vmref_leaf_prot(e));
}

void vmref_page_share(const struct vmref_sys *s, uint32_t t, uint32_t i, uint32_t u, uint32_t j, uint8_t prot)
{
  uint64_t n = 512 * (uint64_t)t + i, e = s->tab[n];
  if (e == 0) return; // most entries of a table that is forked
  uint32_t o = vmref_leaf_object(s, e);
  //@ ghost vmref_lemma_index();
  //@ ghost vmref_lemma_ref(s);
  //@ assert n: n / 512 == t && n % 512 == i;
  //@ assert e: at(*s, t, i) == e && user_leaf(*s, n);
  //@ assert fit: fit_leaf(*s, e);
  //@ assert ref: ref(*s, n) == o;
  if (o == s->frames + s->slots) {
    vmref_leaf_replace(s, u, j, vmref_leaf_zero(s, prot), 0);
    return;
  }
  //@ ghost vmref_lemma_only_ref(s, n);
  /*@ assert theirs: \forall integer m; user_leaf(*s, m) && m != n && ref(*s, m) == o && P(s->tab[m]) == 1 && RW(s->tab[m]) == 1 ==>
        prot_S(prot(s->tab[m])) == 1; */
  if (vmref_leaf_prot(e) / 8 % 2 == 0) vmref_leaf_replace(s, t, i, read_only(s, e), 0);
  /*@ assert theirs2: \forall integer m; user_leaf(*s, m) && ref(*s, m) == o && P(s->tab[m]) == 1 && RW(s->tab[m]) == 1 ==>
        prot_S(prot(s->tab[m])) == 1; */
  vmref_leaf_replace(s, u, j, vmref_leaf_absent(s, o, prot), 0);
}

void vmref_page_file(const struct vmref_sys *s, uint32_t t, uint32_t i, uint32_t f)
{
  //@ ghost vmref_lemma_no_ref(s, f);
  //@ ghost vmref_lemma_apart(s, f);
  vmref_object_zero(s, f);
  /*@ assert apart: \forall integer o, b; 0 <= o < objects(*s) && o != f && 0 <= b < 4096 ==>
        byte_of(*s, o, b) == \at(byte_of(*s, o, b), Pre); */
  vmref_leaf_replace(s, t, i, vmref_leaf_absent(s, f, VMREF_PROT_R + VMREF_PROT_W + VMREF_PROT_S), 1);
  //@ assert bytes: \forall integer b; 0 <= b < 4096 ==> byte_of(*s, f, b) == 0;
}
