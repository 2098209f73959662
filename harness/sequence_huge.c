/* SPDX-License-Identifier: MIT */
#include "sequence_huge.h"
#include "dice.h"
#include <string.h>

static const enum mm_kind KIND[HG_KINDS] = { MM_KINDS, MM_SPACE, MM_FILE, MM_MAP, MM_MAP_FILE, MM_UNMAP, MM_PROTECT, MM_LOAD, MM_STORE,
  MM_RMW, MM_FETCH, MM_FORK, MM_EXIT, MM_SWAPOUT, MM_SWAPIN, MM_MOVE, MM_COMPACT, MM_MERGE, MM_SPLIT, MM_DEVICE, MM_STORE };
/* How often each is invented. */
static const uint8_t WEIGHT[HG_KINDS] = { 1, 1, 1, 4, 2, 5, 5, 4, 12, 3, 2, 5, 2, 3, 2, 2, 1, 14, 5, 10, 4 };

static const uint64_t RANGE[16] = { 0x200, 0x400, 0x200, 0x40000, 0x40200, 0x3FE00, 0x80000, 0x600, 0x7FFC0000, 0x7FFFC0000, 0x7FFFFFE00,
  0, 0x7FFFFE00, 0x800000000, 0xFFFF800000000, 0x400 };
static const uint16_t PAGE[8] = { 0, 0, 0, 1, 2, 511, 510, 255 };
static const uint32_t COUNT[8] = { 512, 1, 512, 1, 2, 511, 513, 0x40000 };
static const uint8_t RIGHTS[8] = { 3, 3, 7, 1, 5, 3, 0, 8 };
static const uint16_t OFFSET[16] = { 0, 1, 7, 0x3F, 0x40, 0x7FF, 0x800, 0xFFF, 0xFFE, 0xABC, 0x100, 0xFF, 2, 8, 0x555, 0xF00 };
static const uint64_t FRAME[16] = { HG_DEVICES, 0x800, 0x40000, 0x80000, 0xA00, 0x800, 0x801, 0x40200, 0xFFC0000, 0xFFFFE00, 0xFFFFFFF,
  0x10000000, HG_DEVICES - 1, 512, 0x40001, 0xFFFFFFFFFFF };
static const uint32_t PLACE[16] = { HG_RUN, HG_RUN + 511, HG_RUN + 1, HG_RUN + 512, 0, 1, 2, 100, HG_RUN - 1, HG_RUN + 515, HG_RUN + 514,
  512, UINT32_MAX, HG_RUN + 2, 700, 3 };
static const uint32_t FREE[16] = { 512, 1, 2, 998, HG_RUN + 515, HG_RUN + 516, 0, 600, 996, 997, 512, 490, 100, UINT32_MAX, 995, 3 };

struct mm_op sequence_hg_op(const uint8_t *data, size_t size, unsigned i)
{
  uint8_t b[HG_OP];
  operation_bytes(b, HG_OP, data, size, i);
  const unsigned more = b[1] >> 4;
  struct mm_op op = { .kind = KIND[b[0] % HG_KINDS], .a = b[1] & 3, .b = b[1] >> 2 & 3, .n = COUNT[b[3] & 7], .prot = RIGHTS[b[3] >> 3 & 7] };
  op.va = 4096 * (RANGE[b[2] & 15] + PAGE[b[2] >> 4 & 7]);
  if (mm_is_access(op.kind)) op.va += OFFSET[more], op.byte = b[4];
  if (op.kind == MM_MAP_FILE) op.share = b[2] >> 7, op.first = b[4] & 3 ? RANGE[more] : PAGE[more & 7];
  if (op.kind == MM_MOVE) op.n = PLACE[more];
  if (op.kind == MM_COMPACT) op.n = FREE[more];
  if (op.kind != MM_DEVICE) return op;
  op.first = FRAME[more];
  op.cache = b[4] & 7;
  op.level = "\1\2\3\1"[b[3] >> 6];
  if (op.level > 1) op.n = 1;
  return op;
}

/* ---- the mutator ---- */

/* Mostly what can be done in the space and the ranges that the first operations are about. */
static void invent(uint8_t op[HG_OP])
{
  const unsigned kind = weighted(WEIGHT, HG_KINDS);
  op[0] = (uint8_t)kind;
  op[1] = (uint8_t)(below(256) & (below(3) ? 0xFC : 0xFF));
  op[2] = (uint8_t)(below(3) ? below(3) | (below(2) ? 0 : below(16) << 4) : below(256));
  op[3] = (uint8_t)(below(3) ? below(6) | below(4) << 3 | below(4) << 6 : below(256));
  op[4] = (uint8_t)(below(4) ? below(4) : below(256));
  const enum mm_kind k = KIND[kind];
  if (k == MM_FORK && below(4)) op[1] = (uint8_t)(4 << below(2));         /* from 0 to 1 or 2 */
  if (mm_is_access(k)) op[4] = (uint8_t)(1 + below(255));
  if (k == MM_DEVICE && below(4)) { /* aligned, where nothing is */
    static const uint8_t WHERE[4] = { 3, 4, 6, 7 }, WHAT[16] = { 1, 2, 3, 4, 1, 2, 4, 0, 12, 13, 10, 11, 6, 7, 8, 9 };
    op[2] = WHERE[below(4)];
    op[1] = (uint8_t)((op[1] & 15) | WHAT[below(16)] << 4);
  }
}

size_t sequence_hg_mutate(uint8_t *data, size_t size, size_t max, unsigned seed)
{
  dice_from(seed);
  const unsigned most = (unsigned)(max / HG_OP < HG_OPS ? max / HG_OP : HG_OPS);
  unsigned n = (unsigned)(size / HG_OP < most ? size / HG_OP : most);
  if (most < 2 || (LLVMFuzzerMutate && below(32) == 0)) return LLVMFuzzerMutate ? LLVMFuzzerMutate(data, size, max) : size;
  if (n == 0)
    for (unsigned all = 2 + below(7); n < all && n < most; n++) invent(data + HG_OP * n);
  for (unsigned rounds = 1 + below(4); rounds > 0; rounds--) {
    const unsigned i = below(n), room = below(n + 1);
    uint8_t *at = data + HG_OP * i, *gap = data + HG_OP * room;
    switch (below(9)) {
    case 0: case 1: case 2: /* append */
      if (n < most) invent(data + HG_OP * n++);
      break;
    case 3: /* insert */
      if (n == most) break;
      memmove(gap + HG_OP, gap, HG_OP * (n - room));
      invent(gap);
      n++;
      break;
    case 4: case 5: /* delete */
      if (n < 2) break;
      memmove(at, at + HG_OP, HG_OP * (n - 1 - i));
      n--;
      break;
    case 6: invent(at); break;
    case 7: /* the same once more */
      if (room < n) memcpy(gap, at, HG_OP);
      break;
    default: at[below(HG_OP)] = (uint8_t)below(256);
    }
  }
  return HG_OP * n;
}
