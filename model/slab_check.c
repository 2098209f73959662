/* SPDX-License-Identifier: MIT */
#include "slab_check.h"
#include "buddy_check.h"
#include "buddy_list.h"

/*@
  predicate page_fits{L}(struct vmref_slab k, integer f) =
    (slab_page(k, f) ==> unit(k.unit[f]) && used(k.buddy, page_node(k, f)) && !no_object(k, f)
                         && \forall integer j; 0 <= j < 64 ==> granule(k, f, j))
    && (!slab_page(k, f) ==> no_object(k, f));
*/

/*@ requires \valid_read(k) && valid_slab(*k) && 0 <= f < area(*k) && area(*k) <= 0x400 && j < 64 && unit(k->unit[f]);
    terminates \true; exits \false; assigns \nothing;
    ensures \result == 1 <==> granule(*k, f, j); ensures \result <= 1; */
static uint8_t granule_fits(const struct vmref_slab *k, uint32_t f, uint32_t j)
{
  int8_t h = k->head[64 * f + j];
  uint32_t u = k->unit[f];
  //@ assert head: h == head_at(*k, f, j);
  if (h == 0) return 1;
  if (h < 0) return 0;
  uint32_t s = (uint32_t)h - 1;
  if (s > j || j >= s + u || s + u > 64 || s % u != 0) return 0;
  /*@ loop invariant s <= x <= s + u;
      loop invariant \forall integer y; s <= y < x ==> head_at(*k, f, y) == h;
      loop assigns x; loop variant s + u - x; */
  for (uint32_t x = s; x < s + u; x++)
    if (k->head[64 * f + x] != h) {
      //@ assert other: head_at(*k, f, x) != h;
      return 0;
    }
  return 1;
}

/*@ requires \valid_read(k) && valid_slab(*k) && buddy(k->buddy) && 0 <= f < area(*k) && area(*k) <= 0x400 && nodes(k->buddy) == 2 * area(*k);
    terminates \true; exits \false; assigns \nothing;
    ensures \result == 1 <==> page_fits(*k, f); ensures \result <= 1; */
static uint8_t page_fits_here(const struct vmref_slab *k, uint32_t f)
{
  uint16_t u = k->unit[f];
  uint8_t some = 0;
  if (u != 0 && u != 1 && u != 2 && u != 4 && u != 8 && u != 16 && u != 32) return 0;
  if (u != 0 && k->buddy.node[vmref_buddy_size(k->buddy.order) + f] != VMREF_BUDDY_USED) return 0;
  /*@ loop invariant 0 <= j <= 64;
      loop invariant granules: u != 0 ==> \forall integer i; 0 <= i < j ==> granule(*k, f, i);
      loop invariant none: some == 0 ==> \forall integer i; 0 <= i < j ==> head_at(*k, f, i) == 0;
      loop invariant some: some == 1 ==> \exists integer i; 0 <= i < 64 && head_at(*k, f, i) != 0;
      loop invariant flag: some <= 1;
      loop assigns j, some; loop variant 64 - j; */
  for (uint32_t j = 0; j < 64; j++) {
    //@ assert head: k->head[64 * f + j] == head_at(*k, f, j);
    if (k->head[64 * f + j] != 0) some = 1;
    if (u != 0 && !granule_fits(k, f, j)) return 0;
  }
  //@ assert none: some == 0 <==> no_object(*k, f);
  return u == 0 ? !some : some;
}

uint8_t vmref_slab_check(const struct vmref_slab *k)
{
  uint32_t frames = vmref_buddy_size(k->buddy.order);
  //@ ghost vmref_lemma_two_to();
  //@ assert area: frames == area(*k) && nodes(k->buddy) == 2 * area(*k);
  if (!vmref_buddy_check(&k->buddy)) return 0;
  /*@ loop invariant 0 <= f <= frames;
      loop invariant \forall integer g; 0 <= g < f ==> page_fits(*k, g);
      loop assigns f; loop variant frames - f; */
  for (uint32_t f = 0; f < frames; f++)
    if (!page_fits_here(k, f)) {
      //@ assert wrong: !page_fits(*k, f);
      //@ assert out: pages(*k, -1) ==> page_fits(*k, f);
      return 0;
    }
  //@ assert each: \forall integer g; slab_page(*k, g) ==> page_fits(*k, g) && unit(k->unit[g]) && used(k->buddy, page_node(*k, g)) && !no_object(*k, g);
  //@ assert granules: \forall integer g, j; slab_page(*k, g) && 0 <= j < 64 ==> page_fits(*k, g) && granule(*k, g, j);
  //@ assert bare: \forall integer g; 0 <= g < area(*k) && !slab_page(*k, g) ==> page_fits(*k, g) && no_object(*k, g);
  //@ assert pages: pages(*k, -1);
  return 1;
}
