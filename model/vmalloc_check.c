/* SPDX-License-Identifier: MIT */
#include "vmalloc_check.h"
#include "buddy_check.h"
#include "buddy_list.h"
#include "check.h"

/*@ requires \valid_read(s) && \valid_read(b) && inv(*s) && buddy(*b) && t < s->tables && i < 512;
    terminates \true; exits \false; assigns \nothing;
    ensures \result == 1 <==> vframe(*s, *b, t, i); ensures \result <= 1; */
static uint8_t frame_fits(const struct vmref_sys *s, const struct vmref_buddy *b, uint32_t t, uint32_t i)
{
  uint64_t e = vmref_kernel_entry(s, t, i), pfn = vmref_pfn(e), first = (uint64_t)s->tables + s->frames + s->text;
  uint32_t frames = vmref_buddy_size(b->order);
  //@ ghost vmref_lemma_two_to();
  //@ assert all: nodes(*b) == 2 * frames && frames == frames_of(*b);
  if (e == 0) return 1;
  //@ assert node: node_of(*s, *b, e) == frames + pfn - first;
  if (pfn < first || pfn >= first + frames) return 0;
  uint64_t m = frames + (pfn - first);
  //@ assert used: used(*b, node_of(*s, *b, e)) <==> b->node[m] == VMREF_BUDDY_USED;
  return b->node[m] == VMREF_BUDDY_USED;
}

/* No page from `from` on has the frame of page i. */
/*@ requires \valid_read(s) && inv(*s) && t < s->tables && i < 512 && from <= 512;
    terminates \true; exits \false; assigns \nothing;
    ensures \result == 1 <==> \forall integer j; from <= j < 512 && j != i && at(*s, t, j) != 0 ==> PFN(at(*s, t, j)) != PFN(at(*s, t, i));
    ensures \result <= 1; */
static uint8_t own_frame(const struct vmref_sys *s, uint32_t t, uint32_t i, uint32_t from)
{
  uint64_t pfn = vmref_pfn(vmref_kernel_entry(s, t, i));
  /*@ loop invariant from <= j <= 512;
      loop invariant \forall integer q; from <= q < j && q != i && at(*s, t, q) != 0 ==> PFN(at(*s, t, q)) != PFN(at(*s, t, i));
      loop assigns j; loop variant 512 - j; */
  for (uint32_t j = from; j < 512; j++)
    if (j != i && vmref_kernel_entry(s, t, j) != 0 && vmref_pfn(vmref_kernel_entry(s, t, j)) == pfn) return 0;
  return 1;
}

/*@ requires \valid_read(s) && \valid_read(b) && inv(*s) && buddy(*b) && t < s->tables;
    terminates \true; exits \false; assigns \nothing;
    ensures \result == 1 <==> vpages(*s, *b, t); ensures \result <= 1; */
static uint8_t pages_fit(const struct vmref_sys *s, const struct vmref_buddy *b, uint32_t t)
{
  if (s->kernel < 512 && (vmref_kernel_entry(s, t, s->kernel) != 0 || vmref_kernel_entry(s, t, 511) != 0)) return 0;
  /*@ loop invariant s->kernel <= i <= 512;
      loop invariant frames: \forall integer j; s->kernel <= j < i ==> vframe(*s, *b, t, j);
      loop invariant own: \forall integer j, q; s->kernel <= j < i && at(*s, t, j) != 0 && vpage(*s, q) && q != j && at(*s, t, q) != 0 ==>
        PFN(at(*s, t, q)) != PFN(at(*s, t, j));
      loop assigns i; loop variant 512 - i; */
  for (uint32_t i = s->kernel; i < 512; i++) {
    //@ assert here: vpage(*s, i);
    if (!frame_fits(s, b, t, i)) return 0;
    if (vmref_kernel_entry(s, t, i) != 0 && !own_frame(s, t, i, s->kernel)) {
      /*@ assert twice: \exists integer j; vpage(*s, j) && j != i && at(*s, t, j) != 0 && at(*s, t, i) != 0
            && node_of(*s, *b, at(*s, t, j)) == node_of(*s, *b, at(*s, t, i)); */
      return 0;
    }
  }
  return 1;
}

uint8_t vmref_vmalloc_check(const struct vmref_sys *s, const struct vmref_buddy *b)
{
  if (!vmref_buddy_check(b)) return 0;
  if (vmref_check(s) != VMREF_CHECK_OK) return 0;
  //@ assert places: \forall integer n; 0 <= n < nodes(*b) ==> b->place[n] == \at(b->place[n], Pre);
  //@ assert lists: lists(*b);
  //@ assert both: inv(*s) && buddy(*b);
  uint32_t t = vmref_kernel_table(s);
  if (t == s->tables || s->text + vmref_buddy_size(b->order) > s->kernel) return 0;
  return pages_fit(s, b, t);
}
