/* SPDX-License-Identifier: MIT */
/* Part of topic huge: a device's page of 2 MiB or 1 GiB becomes 512 smaller ones of the same frames, before a part
 * of it is unmapped or gets other rights. */
#ifndef VMREF_HUGE_SPLIT_H
#define VMREF_HUGE_SPLIT_H
#include "huge_device.h"
#include "huge_page.h"

/* Make the device's page of 2 MiB at page p, address / 4096 and a multiple of 512, 512 pages of 4 KiB, with its
 * rights, cache type and flags. VMREF_EINVAL: there is none. */
/*@ requires \valid_read(s) && inv(*s) && valid_over(*s, o) && huge(*s, o);
    terminates \true; exits \false; assigns o[0 .. 4 * entries(*s) - 1];
    ensures huge: huge(*s, o);
    ensures status: \result == VMREF_OK || \result == VMREF_EINVAL;
    ensures failed: \result != VMREF_OK ==> \forall integer t, i; 0 <= t < s->tables && ix(i) ==> over(o, t, i) == \old(over(o, t, i));
    ensures done: \result == VMREF_OK <==> 0 <= a < s->spaces && s->level[a] == 4 && upage(p) && p % 512 == 0
      && \old(word(*s, o, t2(*s, a, p4(p), p3(p)), p2(p))) != 0 && \old(PFN(word(*s, o, t2(*s, a, p4(p), p3(p)), p2(p)))) >= devices(*s);
    ensures large: \result == VMREF_OK ==> word(*s, o, t2(*s, a, p4(p), p3(p)), p2(p)) == 0;
    ensures small: \result == VMREF_OK ==> \forall integer j; ix(j) ==>
      word(*s, o, table_of(*s, a, p), j) == \old(word(*s, o, t2(*s, a, p4(p), p3(p)), p2(p))) - 0x80 + 0x1000 * j;
    ensures others: \forall integer t, i; 0 <= t < s->tables && ix(i) && t != table_of(*s, a, p) && !(t == t2(*s, a, p4(p), p3(p)) && i == p2(p)) ==>
      over(o, t, i) == \old(over(o, t, i));
    ensures views: \forall integer b, va; 0 <= b < s->spaces && 0 <= va < 0x800000000000 ==> same_access{Pre, Post}(*s, o, b, va); */
int vmref_device_split(const struct vmref_sys *s, uint16_t *o, uint32_t a, uint64_t p);

/* Before pages p to p + n - 1 are unmapped or get other rights: the devices' pages of 2 MiB of which some of them are
 * a part become pages of 4 KiB. How many those were, 0 to 2. */
/*@ requires \valid_read(s) && inv(*s) && valid_over(*s, o) && huge(*s, o);
    terminates \true; exits \false; assigns o[0 .. 4 * entries(*s) - 1];
    ensures huge: huge(*s, o);
    ensures number: \result <= 2;
    ensures whole: in_range(*s, a, p, n) ==> \forall integer q; upage(q) && q % 512 == 0 && q < p + n && p < q + 512 && !(p <= q && q + 512 <= p + n)
      && word(*s, o, t2(*s, a, p4(q), p3(q)), p2(q)) != 0 ==> PFN(word(*s, o, t2(*s, a, p4(q), p3(q)), p2(q))) < devices(*s);
    ensures views: \forall integer b, va; 0 <= b < s->spaces && 0 <= va < 0x800000000000 ==> same_access{Pre, Post}(*s, o, b, va); */
uint32_t vmref_device_part(const struct vmref_sys *s, uint16_t *o, uint32_t a, uint64_t p, uint64_t n);

/* Make the device's page of 1 GiB at page p, a multiple of 0x40000, 512 pages of 2 MiB. VMREF_EINVAL: there is none;
 * VMREF_EMEM: not enough free table frames, 511 at least. */
/*@ requires \valid_read(s) && inv(*s) && valid_over(*s, o) && huge(*s, o);
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->level[0 .. s->tables - 1], s->owner[0 .. s->tables - 1], s->parent[0 .. s->tables - 1],
            s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1], o[0 .. 4 * entries(*s) - 1];
    ensures inv: inv(*s);
    ensures huge: huge(*s, o);
    ensures status: \result == VMREF_OK || \result == VMREF_EINVAL || \result == VMREF_EMEM;
    ensures failed: \result != VMREF_OK ==> unchanged{Pre, Post}(*s);
    ensures invalid: \result == VMREF_EINVAL <==> !(a < s->spaces && \old(s->level[a]) == 4 && upage(p) && p % 0x40000 == 0
      && \old(word(*s, o, t3(*s, a, p4(p)), p3(p))) != 0);
    ensures giant: \result == VMREF_OK ==> word(*s, o, t3(*s, a, p4(p)), p3(p)) == 0;
    ensures large: \result == VMREF_OK ==> \forall integer j; ix(j) ==>
      word(*s, o, t2(*s, a, p4(p), p3(p)), j) == \old(word(*s, o, t3(*s, a, p4(p)), p3(p))) + 0x200000 * j;
    ensures others: \result == VMREF_OK ==> elsewhere{Pre, Post}(*s, a, p + 1, 0x3FFFF);
    ensures theirs: same_leaves{Pre, Post}(*s, a);
    ensures isolated: isolated{Pre, Post}(*s, a); */
int vmref_device_split_giant(const struct vmref_sys *s, uint16_t *o, uint32_t a, uint64_t p);

/* ---- lemma, run by the prover only ---- */
/* The entry of a device's page of 2 MiB and that of the piece of 4 KiB which an address lies in reach the same byte, with the
 * same rights, cache type and flags. */
/*@ ghost
  /@ requires PS(e) == 1 && PFN(e) % 512 == 0 && PFN(e) + 512 <= 0x10000000 && va < 0x800000000000 && e / 128 % 4 == 1;
     terminates \true; assigns \nothing; exits \false;
     ensures same_reach(e, 2, e - 0x80 + 0x1000 * i1(va), 1, va); @/
  void vmref_lemma_reach(uint64_t e, uint64_t va);
*/
#endif
