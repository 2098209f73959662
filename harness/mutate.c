/* SPDX-License-Identifier: MIT */
/* libFuzzer's custom mutator, for all targets. Other builds do not call it; they link it with
 * all that a target is made of. */
#include <string.h>
#include "fuzz_target.h"

__attribute__((weak)) size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max); /* libFuzzer's */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);

/* Half of the time change fields of a case where they lie: the control state, the access
 * and how it is aimed, or one bit of an entry. Bytes changed anywhere seldom meet them. */
__attribute__((weak)) size_t fuzz_mutate(uint8_t *data, size_t size, size_t max, unsigned seed)
{
  static const uint8_t head[] = { 0, 1, 2, 3, 5, 48, 49 };
  uint64_t mix = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
  if (strcmp(fuzz_form(), "vm2") != 0 || max < CASE_CODE || seed % 2) return LLVMFuzzerMutate(data, size, max);
  if (size < CASE_CODE) memset(data + size, 0, CASE_CODE - size);
  for (unsigned n = 1 + (mix >> 60) % 4; n > 0; n--) {
    mix ^= mix << 13, mix ^= mix >> 7, mix ^= mix << 17;
    unsigned at = (unsigned)(mix >> 8) % CASE_CODE;
    if (mix & 0x80) data[head[at % sizeof head]] = (uint8_t)(mix >> 32);
    else data[at] ^= (uint8_t)(1u << (mix >> 32 & 7));
  }
  return CASE_CODE;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
  return fuzz_mutate(data, size, max, seed);
}
