/* SPDX-License-Identifier: MIT */
/* Division of 64-bit numbers, which compilers for 32 bits call by these names. */
#include <stdint.h>

uint64_t __udivmoddi4(uint64_t a, uint64_t b, uint64_t *rest)
{
  uint64_t q = 0, r = 0;
  for (int i = 63; i >= 0; i--) {
    r = r << 1 | (a >> i & 1);
    if (r >= b) {
      r -= b;
      q |= 1ull << i;
    }
  }
  if (rest) *rest = r;
  return q;
}

uint64_t __udivdi3(uint64_t a, uint64_t b) { return __udivmoddi4(a, b, 0); }

uint64_t __umoddi3(uint64_t a, uint64_t b)
{
  uint64_t r;
  __udivmoddi4(a, b, &r);
  return r;
}
