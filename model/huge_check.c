/* SPDX-License-Identifier: MIT */
#include "huge_check.h"

/*@ requires \valid_read(s) && inv(*s) && valid_over(*s, o) && t < s->tables;
    terminates \true; exits \false; assigns \nothing;
    ensures \result == 1 <==> \forall integer i; ix(i) && over(o, t, i) != 0 ==> covers(*s, t, i, over(o, t, i));
    ensures \result <= 1; */
static uint8_t table_fits(const struct vmref_sys *s, const uint16_t *o, uint32_t t)
{
  /*@ loop invariant 0 <= i <= 512;
      loop invariant \forall integer j; 0 <= j < i && over(o, t, j) != 0 ==> covers(*s, t, j, over(o, t, j));
      loop assigns i; loop variant 512 - i; */
  for (uint32_t i = 0; i < 512; i++) {
    uint64_t e = vmref_over(o, t, i);
    //@ assert e: e == over(o, t, i) && ix(i);
    if (e != 0 && !vmref_huge_fits(s, t, i, e)) return 0;
  }
  return 1;
}

int vmref_huge_check(const struct vmref_sys *s, const uint16_t *o)
{
  int r = vmref_check(s);
  if (r != VMREF_CHECK_OK) return r;
  /*@ loop invariant 0 <= t <= s->tables;
      loop invariant \forall integer u, j; 0 <= u < t && ix(j) && over(o, u, j) != 0 ==> covers(*s, u, j, over(o, u, j));
      loop assigns t; loop variant s->tables - t; */
  for (uint32_t t = 0; t < s->tables; t++)
    if (!table_fits(s, o, t)) return VMREF_CHECK_HUGE;
  return VMREF_CHECK_OK;
}
