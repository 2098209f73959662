/* SPDX-License-Identifier: MIT */
/* What the mutators of sequences share: reading an operation's bytes, and chance that a seed repeats. */
#ifndef VMREF_DICE_H
#define VMREF_DICE_H
#include <stddef.h>
#include <stdint.h>
#include <string.h>

__attribute__((weak)) size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max); /* libFuzzer's */

/* Operation number i of a sequence, `width` bytes each; missing bytes are 0. */
static inline void operation_bytes(uint8_t *b, size_t width, const uint8_t *data, size_t size, unsigned i)
{
  const size_t from = width * (size_t)i;
  memset(b, 0, width);
  if (from < size) memcpy(b, data + from, size - from < width ? size - from : width);
}

static uint64_t dice;
static inline void dice_from(unsigned seed) { dice = seed * 0x9E3779B97F4A7C15ull + 1; }
static inline unsigned below(unsigned n)
{
  dice ^= dice << 13;
  dice ^= dice >> 7;
  dice ^= dice << 17;
  return (unsigned)((dice * 0x2545F4914F6CDD1Dull >> 33) % n);
}
/* One of `kinds`, each as often as its weight says. */
static inline unsigned weighted(const uint8_t *weight, unsigned kinds)
{
  unsigned sum = 0, kind = 0;
  for (unsigned k = 0; k < kinds; k++) sum += weight[k];
  for (unsigned at = below(sum); at >= weight[kind]; kind++) at -= weight[kind];
  return kind;
}
#endif
