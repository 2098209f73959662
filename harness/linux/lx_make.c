/* SPDX-License-Identifier: MIT */
/* Random sequences: the same for the same seed. */
#include <string.h>
#include "linux.h"

static uint64_t next(uint64_t *x)
{
  *x ^= *x << 13, *x ^= *x >> 7, *x ^= *x << 17;
  return *x;
}

/* A few pages of private memory, and what makes areas of them: neighbours meet often. */
static void crowd(uint8_t b[LX_BYTES])
{
  static const uint8_t kind[16] = { 0, 0, 0, 0, 20, 20, 20, 20, 32, 35, 35, 35, 41, 10, 46, 53 };
  b[0] = (uint8_t)(kind[b[0] % 16] + (b[0] & 0xC0));
  b[2] = (uint8_t)(3 * (b[2] % 6));
  b[4] %= 2;
  b[5] = b[5] % 8 == 6 ? 12 : b[5] % 8; /* 12: write alone, which borrows an anon_vma and does not join */
  b[6] = b[0] % 64 == 20 ? 1 : (uint8_t)(b[6] % 4);
  b[7] = 5;
  b[8] = (uint8_t)(3 * (b[8] % 6));
}

/* Files and segments: cut, grown, attached, removed. */
static void objects(uint8_t b[LX_BYTES])
{
  static const uint8_t kind[16] = { 0, 0, 0, 10, 10, 20, 20, 35, 32, 58, 58, 60, 61, 61, 62, 63 };
  b[0] = (uint8_t)(kind[b[0] % 16] + (b[0] & 0xC0));
  const uint8_t nr = b[0] % 64;
  b[2] = (uint8_t)(3 * (b[2] % 6));
  b[3] = b[3] % 3 == 0 ? 15 : 100; /* the end of the page, or its first byte */
  b[5] = nr >= 60 ? 2 + b[5] % 2 : b[5] % 8;
  b[6] = nr == 20 ? 16 + b[6] % 10 : b[6];
  b[9] %= 8;
  if (nr == 58) b[2] = 0;
}

/* Does what an operation is about exist at its place, as the model has it; for an access, is it permitted? */
static int suits(const struct vmref_linux *l, const struct lx_op *op, int present)
{
  const struct vmref_mm *mm = &l->mm[l->task[op->task].mm];
  const uint64_t p = op->arg[0] / 4096;
  const uint32_t i = vmref_vma_find(&mm->vmas, p);
  if (i == mm->vmas.n || mm->vmas.at[i].start > p) return 0;
  if (op->nr < LX_LOAD) return 1;
  static const uint8_t needs[] = { VMREF_VM_READ, VMREF_VM_WRITE, VMREF_VM_EXEC };
  return (mm->vmas.at[i].flags & needs[op->nr - LX_LOAD]) != 0 && (!present || vmref_page_leaf(&l->s, l->task[op->task].mm, p) != 0);
}

/* Half of all operations are accesses, and most meet pages that are there, as in programs; most other calls meet
 * areas that are there. */
static void suit(const struct vmref_linux *l, uint8_t b[LX_BYTES], uint64_t chance)
{
  if (chance % 4 == 0) b[0] = (uint8_t)(b[0] % 20 + (b[0] & 0xC0));
  struct lx_op op = lx_decode(b);
  switch (op.nr) {
  case LX_LOAD: case LX_STORE: case LX_FETCH: case VMREF_SYS_MPROTECT: case VMREF_SYS_MREMAP: case VMREF_SYS_MADVISE: case VMREF_SYS_MUNMAP:
  case VMREF_SYS_MLOCK: case VMREF_SYS_MLOCK2: case VMREF_SYS_MUNLOCK: break;
  default: return;
  }
  if (!l->task[op.task].alive || chance / 4 % (op.nr >= LX_LOAD ? 8 : 4) == 0) return;
  const uint8_t old = b[2];
  if (op.nr >= LX_LOAD) b[3] %= 250;
  for (unsigned i = 0; i < 12; i++) {
    b[2] = (uint8_t)((old + i * 7 + (chance >> (8 + i))) % 24);
    op = lx_decode(b);
    if (suits(l, &op, i < 8 && (chance & 128))) return;
  }
  b[2] = old;
}

static struct { uint64_t x; int several, profile, blind; } now; /* the sequence that is being made */

unsigned lx_make_begin(const struct lx_mix *mix, uint64_t k)
{
  now.x = (mix->seed * UINT64_C(0x9E3779B97F4A7C15) ^ (k + 1) * UINT64_C(0xD1342543DE82EF95)) | 1;
  for (unsigned i = 0; i < 8; i++) next(&now.x);
  now.several = next(&now.x) % 100 < mix->fork;
  now.profile = (int)(next(&now.x) % 8);
  now.blind = k % 8 == 0;
  return mix->length ? mix->length : k % 4 == 3 ? 200 : 40;
}

void lx_make_next(const struct vmref_linux *l, uint8_t bytes[LX_OPS][LX_BYTES], unsigned i)
{
  const uint64_t word[2] = { next(&now.x), next(&now.x) }, chance = next(&now.x);
  uint8_t *const b = bytes[i];
  memcpy(b, word, LX_BYTES);
  if (now.profile < 3) crowd(b);
  else if (now.profile == 3) objects(b);
  if (!now.several) b[1] = 0, b[11] |= 64;
  else if (i % 32 == 5) {
    b[0] = 240, b[11] = 0; /* fork */
    return;
  } else if (i > 0 && chance >> 32 & 1) b[1] = bytes[i - 1][1]; /* the same task goes on */
  if (!now.blind) suit(l, b, chance);
}
