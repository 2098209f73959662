/* SPDX-License-Identifier: MIT */
#include "sequence_kmem.h"
#include "dice.h"
#include <string.h>

/* At the edges of the size classes, of blocks, and of what can be asked for. */
static const uint32_t BYTES[32] = { 0, 1, 63, 64, 65, 127, 128, 129, 255, 256, 257, 511, 512, 513, 1023, 1024, 1025, 2000, 2047, 2048, 2049,
  4095, 4096, 4097, 8191, 8192, 8193, 16384, 16385, 65536, 65537, UINT32_MAX };
static const uint32_t PAGES[16] = { 1, 1, 1, 2, 2, 3, 4, 5, 7, 8, 12, 16, 17, 0, 510, UINT32_MAX };

struct km_op sequence_km_op(const uint8_t *data, size_t size, unsigned i)
{
  uint8_t b[KM_OP];
  operation_bytes(b, KM_OP, data, size, i);
  struct km_op op = { (enum km_kind)(b[0] % KM_KINDS), b[1] | (uint32_t)b[3] << 8, 0, b[1], b[2] };
  if (op.kind == KM_KMALLOC) op.size = b[2] ? op.n : BYTES[b[1] % 32];
  if (op.kind == KM_VMALLOC) op.size = b[2] ? op.n : PAGES[b[1] % 16];
  return op;
}

/* ---- the mutator ---- */

static void invent(const uint8_t weight[KM_KINDS], uint8_t op[KM_OP])
{
  const unsigned kind = weighted(weight, KM_KINDS);
  op[0] = (uint8_t)kind;
  op[1] = (uint8_t)below(256);
  op[2] = (uint8_t)(below(8) == 0 ? below(256) : 0);
  op[3] = (uint8_t)(below(4) == 0 ? below(256) : 0);
}

size_t sequence_km_mutate(const uint8_t weight[KM_KINDS], uint8_t *data, size_t size, size_t max, unsigned seed)
{
  dice_from(seed);
  const unsigned most = (unsigned)(max / KM_OP < KM_OPS ? max / KM_OP : KM_OPS);
  unsigned n = (unsigned)(size / KM_OP < most ? size / KM_OP : most);
  if (most < 2 || (LLVMFuzzerMutate && below(32) == 0)) return LLVMFuzzerMutate ? LLVMFuzzerMutate(data, size, max) : size;
  if (n == 0)
    for (unsigned all = 2 + below(most - 2 + 1); n < all; n++) invent(weight, data + KM_OP * n);
  for (unsigned rounds = 1 + below(4); rounds > 0; rounds--) {
    const unsigned i = below(n), room = below(n + 1);
    uint8_t *at = data + KM_OP * i, *gap = data + KM_OP * room;
    switch (below(8)) {
    case 0: case 1: /* append some */
      for (unsigned more = 1 + below(6); more > 0 && n < most; more--, n++) invent(weight, data + KM_OP * n);
      break;
    case 2: case 3: /* insert */
      if (n == most) break;
      memmove(gap + KM_OP, gap, KM_OP * (n - room));
      invent(weight, gap);
      n++;
      break;
    case 4: /* delete */
      if (n < 2) break;
      memmove(at, at + KM_OP, KM_OP * (n - 1 - i));
      n--;
      break;
    case 5: invent(weight, at); break;
    case 6: /* the same once more */
      if (room < n) memcpy(gap, at, KM_OP);
      break;
    default: at[1 + below(KM_OP - 1)] = (uint8_t)below(256);
    }
  }
  return KM_OP * n;
}
