/* SPDX-License-Identifier: MIT */
#include "sequence_mm.h"
#include "dice.h"
#include <string.h>

/* ---- bytes to operations ---- */

/* Pages at the edges of leaf tables (2 MiB), of those above (1 GiB, 512 GiB), at the end of the
 * user's half, past it, in the kernel's, and some neighbours. A file's first page is one of the
 * first 16. */
static const uint64_t PAGE[SEQUENCE_PAGES] = {
  0, 1, 2, 3, 0x10, 0x11, 0x12, 0x1FE, 0x1FF, 0x200, 0x201, 0x3FF, 0x400, 0x3FFFF, 0x40000, 0x40001,
  0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x3FE, 0x401, 0x5FF, 0x600, 0x3FFFE, 0x40002, 0x401FF, 0x40200,
  0x7FFFFFE, 0x7FFFFFF, 0x8000000, 0x8000001, 0x80001FF, 0x8000200, 0x803FFFF, 0x8040000,
  0x10000000, 0x18000000, 0x20000000, 0x400000000, 0x7F7FFFFFF, 0x7F8000000, 0x7FFFBFFFF, 0x7FFFC0000,
  0x7FFFFFDFF, 0x7FFFFFE00, 0x7FFFFFFFC, 0x7FFFFFFFD, 0x7FFFFFFFE, 0x7FFFFFFFF,
  0x800000000, 0x800000001, 0xFFFF7FFFFFFFF, 0xFFFF800000000, 0xFFFF800000001, 0xFFFF800000002, 0xFFFF800000003,
  0xFFFF800000004, 0xFFFF8000001FF, 0xFFFFFFFFFFFFF,
};
static const uint64_t COUNT[16] = { 1, 1, 1, 2, 2, 3, 4, 5, 8, 17, 64, 0, 0x40001, 513, 1, 2 };
static const uint16_t OFFSET[16] = { 0, 1, 7, 8, 0x3F, 0x40, 0xFF, 0x100, 0x7FF, 0x800, 0xABC, 0xBFF, 0xFF0, 0xFFE, 0xFFF, 2 };

/* The kind that byte 0 says and back: 0, or 1 + enum mm_kind. */
static unsigned kind_in(uint8_t byte) { return byte % 16 ? byte % 16 : byte ? 15u + byte / 16 : 0; }
static uint8_t byte_of(unsigned kind) { return (uint8_t)(kind < 16 ? kind : (kind - 15) << 4); }

struct mm_op sequence_op(const uint8_t *data, size_t size, unsigned i)
{
  uint8_t b[SEQUENCE_OP];
  operation_bytes(b, SEQUENCE_OP, data, size, i);
  const unsigned kind = kind_in(b[0]);
  struct mm_op op = { .kind = kind == 0 || kind > MM_KMALLOC ? MM_KINDS : (enum mm_kind)(kind - 1) };
  op.a = b[1] & 7;
  op.b = b[1] >> 3 & 7;
  op.va = PAGE[b[2] % SEQUENCE_PAGES] * 4096;
  op.n = b[1] >> 6 == 3 && (b[3] & 15) == 12 ? 0x40000 : COUNT[b[3] & 15]; /* it takes milliseconds */
  op.byte = b[4];
  if (mm_is_access(op.kind) || op.kind == MM_RUN || op.kind == MM_FILL) op.cpu = (uint8_t)(1 + op.b);
  if (op.kind == MM_RUN && op.a == 7) op.a = VMREF_IDLE;
  if (op.kind >= MM_MOVE) {
    op.n = b[3] < 0xFF ? b[3] : UINT32_MAX;
    return op;
  }
  op.first = PAGE[b[3] >> 4];
  op.prot = b[0] >> 4 & 7;
  if (op.kind == MM_MAP_FILE) op.share = b[0] >> 7;
  else op.prot |= (uint8_t)(b[0] >> 7 << 3);
  if (op.kind == MM_LOAD || op.kind == MM_STORE || op.kind == MM_RMW || op.kind == MM_FETCH) op.va += OFFSET[b[3] & 15];
  return op;
}

/* ---- the mutator ---- */

/* What exists before operation n, as far as one can say without doing it. */
struct scene { uint8_t process, file, runs[8]; unsigned places; uint8_t place[SEQUENCE_OPS][2]; }; /* sets; (space, page code) */

static struct scene scene_before(const uint8_t *data, unsigned n)
{
  struct scene x = { 0 };
  memset(x.runs, 8, sizeof x.runs); /* none */
  for (unsigned i = 0; i < n && i < SEQUENCE_OPS; i++) {
    const uint8_t *b = data + SEQUENCE_OP * i;
    const uint8_t a = (uint8_t)(1u << (b[1] & 7)), c = (uint8_t)(1u << (b[1] >> 3 & 7));
    switch ((int)kind_in(b[0]) - 1) {
    case MM_SPACE: if (!(x.file & a)) x.process |= a; break;
    case MM_FILE: if (!(x.process & a)) x.file |= a; break;
    case MM_FORK: if (x.process & a && !(x.file & c)) x.process |= c; break;
    case MM_EXIT: x.process &= (uint8_t)~a; x.file &= (uint8_t)~a; break;
    case MM_MAP: case MM_MAP_FILE: case MM_FILE_ADD:
      x.place[x.places][0] = b[1] & 7;
      x.place[x.places++][1] = b[2] % SEQUENCE_PAGES;
      break;
    case MM_RUN: x.runs[b[1] >> 3 & 7] = b[1] & 7; break;
    default: break;
    }
  }
  return x;
}

/* One of a set of numbers below n; any, when it is empty. */
static uint8_t one_of(uint64_t set, unsigned n)
{
  for (unsigned tries = 0; set && tries < 32; tries++) {
    unsigned k = below(n);
    if (set >> k & 1) return (uint8_t)k;
  }
  return (uint8_t)below(n);
}

/* A processor for what is made on one, which for an access runs the space, if one does. */
static uint8_t processor(const struct sequence_taste *taste, const struct scene *x, unsigned kind, uint8_t a, uint8_t b)
{
  const int access = kind == 1 + MM_FILL || (1 + MM_LOAD <= kind && kind <= 1 + MM_FETCH);
  if (!access && kind != 1 + MM_RUN) return b;
  uint8_t c = (uint8_t)below(taste->cpus);
  for (unsigned tries = 0; access && tries < 8 && x->runs[c] != a; tries++) c = (uint8_t)below(taste->cpus);
  return c;
}

/* A new operation to stand at n, which mostly can be done. */
static void invent(const struct sequence_taste *taste, const uint8_t *data, unsigned n, uint8_t op[SEQUENCE_OP])
{
  struct scene x = scene_before(data, n);
  const uint8_t all = (uint8_t)((1u << taste->spaces) - 1), there = x.process | x.file, not_there = (uint8_t)(all & ~there);
  unsigned luck = below(16), kind = weighted(taste->weight, SEQUENCE_KINDS);
  if (!there) kind = 1 + MM_SPACE;
  if (kind == 1 + MM_MAP_FILE && !x.file) kind = 1 + MM_FILE;
  uint8_t a = one_of(there, taste->spaces), b = one_of(not_there, taste->spaces), page = one_of(taste->pages, SEQUENCE_PAGES);
  uint8_t count = (uint8_t)below(luck ? 9 : 16), first = (uint8_t)below(luck ? 3 : 16);
  switch ((int)kind - 1) {
  case MM_SPACE: case MM_FILE: if (luck) a = one_of(not_there, taste->spaces); break;
  case MM_FILE_ADD: a = one_of(x.file, taste->spaces); if (luck) page = (uint8_t)below(3); break;
  case MM_MAP_FILE: b = one_of(x.file, taste->spaces); if (luck) a = luck == 1 ? b : one_of(x.process, taste->spaces), count %= 4; break;
  case MM_FORK: if (luck) a = one_of(x.process, taste->spaces); break;
  case MM_MAP: case MM_EXIT: case MM_COMPACT: break;
  case MM_EVICT: count = (uint8_t)below(luck ? 2 : 4); break;
  case MM_RUN: if (luck == 1) a = 7; else if (luck) a = one_of(x.process, taste->spaces); break;
  case MM_LAZY: count = (uint8_t)(luck > 1); break;
  default:
    if (luck && x.places) { /* where something was mapped, or in what was forked from there */
      const uint8_t *place = x.place[below(x.places)];
      page = (uint8_t)((place[1] + (below(3) == 0 ? 1u : 0u)) % SEQUENCE_PAGES); /* or the page after it */
      if (luck & 3) a = place[0];
    }
    if ((kind < 1 + MM_LOAD || kind > 1 + MM_FETCH) && kind < 1 + MM_MOVE && luck > 4) count %= 6;
  }
  if (taste->cpus) b = processor(taste, &x, kind, a, b);
  uint8_t prot = (uint8_t)(luck < 10 ? 3 : luck < 12 ? 7 : below(8));
  if (luck == 15 && below(8) == 0) a = (uint8_t)below(8), b = (uint8_t)below(8); /* none such, or the wrong one */
  op[0] = byte_of(kind);
  if (1 <= kind && kind < 16) op[0] |= (uint8_t)((unsigned)prot << 4 | (kind == 1 + MM_MAP_FILE ? below(2) : luck == 0 ? 1u : 0u) << 7);
  op[1] = (uint8_t)(a | b << 3);
  op[2] = page;
  op[3] = (uint8_t)(kind < 1 + MM_MOVE ? count | first << 4 : luck == 0 && count > 8 ? 0xFF : count);
  op[4] = (uint8_t)(1 + below(255));
  if (kind == 0) for (unsigned i = 1; i < SEQUENCE_OP; i++) op[i] = (uint8_t)below(256);
}

size_t sequence_mutate(const struct sequence_taste *taste, uint8_t *data, size_t size, size_t max, unsigned seed)
{
  dice_from(seed);
  unsigned most = (unsigned)(max / SEQUENCE_OP < SEQUENCE_OPS ? max / SEQUENCE_OP : SEQUENCE_OPS);
  unsigned n = (unsigned)(size / SEQUENCE_OP < most ? size / SEQUENCE_OP : most);
  if (most < 2 || (LLVMFuzzerMutate && below(32) == 0)) return LLVMFuzzerMutate ? LLVMFuzzerMutate(data, size, max) : size;
  if (n == 0) /* from nothing */
    for (unsigned all = 2 + below(14); n < all && n < most; n++) invent(taste, data, n, data + SEQUENCE_OP * n);
  for (unsigned rounds = 1 + below(4); rounds > 0; rounds--) {
    unsigned i = below(n + 1), j = n ? below(n) : 0;
    uint8_t kept[SEQUENCE_OP], *at = data + SEQUENCE_OP * i, *there = data + SEQUENCE_OP * j;
    switch (below(12)) {
    case 0: case 1: case 2: /* insert */
      if (n == most) break;
      memmove(at + SEQUENCE_OP, at, SEQUENCE_OP * (n - i));
      invent(taste, data, i, at);
      n++;
      break;
    case 3: case 4: case 5: case 6: /* append */
      if (n < most) invent(taste, data, n, data + SEQUENCE_OP * n), n++;
      break;
    case 7: /* delete */
      if (n < 2) break;
      memmove(there, there + SEQUENCE_OP, SEQUENCE_OP * (n - 1 - j));
      n--;
      break;
    case 8: /* duplicate */
      if (n == most || n == 0) break;
      memcpy(kept, there, SEQUENCE_OP);
      memmove(at + SEQUENCE_OP, at, SEQUENCE_OP * (n - i));
      memcpy(at, kept, SEQUENCE_OP);
      n++;
      break;
    case 9: /* swap */
      if (i == n || n == 0) break;
      memcpy(kept, at, SEQUENCE_OP);
      memcpy(at, there, SEQUENCE_OP);
      memcpy(there, kept, SEQUENCE_OP);
      break;
    case 10: /* another operation */
      if (n) invent(taste, data, j, there);
      break;
    default: /* another field */
      if (n) {
        uint8_t other[SEQUENCE_OP];
        invent(taste, data, j, other);
        unsigned k = below(SEQUENCE_OP + 1);
        const int rights = there[0] % 16 && other[0] % 16; /* both have the form with rights */
        if (k == 0 && !rights) there[0] = other[0];
        else if (k == SEQUENCE_OP && !rights) break;
        else if (k == SEQUENCE_OP) there[0] = (uint8_t)((there[0] & 15) | (other[0] & 0xF0));
        else if (k == 0) there[0] = (uint8_t)((there[0] & 0xF0) | (other[0] & 15));
        else there[k] = other[k];
      }
    }
  }
  return SEQUENCE_OP * n;
}
