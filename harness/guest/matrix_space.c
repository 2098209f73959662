/* SPDX-License-Identifier: MIT */
/* The matrix's blocks: each is the full product of its digits, outermost first. */
#include "matrix.h"

#define BIT(n) (1ull << (n))
#define P   BIT(0)
#define W   BIT(1)
#define U   BIT(2)
#define A   BIT(5)
#define D   BIT(6)
#define PS  BIT(7)
#define G   BIT(8)
#define NX  BIT(63)
#define KEY1 BIT(59)
#define FULL (P | W | U)
#define LOWEST 1u /* stands for bit MAXPHYADDR, the lowest that is reserved */

/* Digits of the control state and the access. */
enum digit {
  D_NXE, D_WP, D_SM, D_PK, D_TWICE, D_ACCESS, /* the argument picks from a table below */
  D_FLAGS, D_ONE_OF                           /* of an entry: the level, the bits */
};
struct digit_of {
  uint8_t digit, level;
  uint8_t n;             /* values */
  const uint64_t *one;   /* D_ONE_OF: the bit that each value sets */
  uint64_t bits;         /* D_FLAGS: every subset of them; else an offset in the table */
};

static const uint64_t reserved_3[] = { 0, BIT(51), LOWEST };
static const uint64_t large_2m[] = { 0, BIT(13), BIT(20) };
static const uint64_t large_1g[] = { 0, BIT(13), BIT(29) };
static const uint64_t leaf_3[] = { 0, NX, A };
static const uint64_t upper_5[] = { 0, BIT(51), LOWEST, PS, G };

/* SMEP and SMAP. */
static const uint8_t sm[][2] = { { 0, 0 }, { 1, 0 }, { 0, 1 }, { 1, 1 } };

/* PKE, PKS, and AD | WD << 1 of key 1 in PKRU and in PKRS. Of the other keys, 0 is
 * the guest's own, and the rest is denied: a wrong key is seen. */
static const uint8_t pk[][4] = {
  { 0, 0, 3, 3 },                                                  /* ignored when off */
  { 1, 0, 0, 3 }, { 1, 0, 1, 3 }, { 1, 0, 2, 3 }, { 1, 0, 3, 3 },
  { 0, 1, 3, 0 }, { 0, 1, 3, 1 }, { 0, 1, 3, 2 }, { 0, 1, 3, 3 },
  { 1, 1, 0, 0 }, { 1, 1, 0, 1 }, { 1, 1, 0, 2 }, { 1, 1, 0, 3 },
  { 1, 1, 1, 0 }, { 1, 1, 1, 1 }, { 1, 1, 1, 2 }, { 1, 1, 1, 3 },
  { 1, 1, 2, 0 }, { 1, 1, 2, 1 }, { 1, 1, 2, 2 }, { 1, 1, 2, 3 },
  { 1, 1, 3, 0 }, { 1, 1, 3, 1 }, { 1, 1, 3, 2 }, { 1, 1, 3, 3 } };

/* CPL, kind, RFLAGS.AC, implicit. */
static const uint8_t acc[][4] = {
  { 3, VMREF_READ, 0 }, { 3, VMREF_WRITE, 0 }, { 3, VMREF_FETCH, 0 },
  { 0, VMREF_READ, 0 }, { 0, VMREF_WRITE, 0 }, { 0, VMREF_FETCH, 0 },
  { 0, VMREF_READ, 1 }, { 0, VMREF_WRITE, 1 }, { 0, VMREF_FETCH, 1 },
  { 0, VMREF_READ, 0, 1 }, { 0, VMREF_READ, 1, 1 }, { 3, VMREF_READ, 0, 1 }, { 3, VMREF_READ, 1, 1 } };

#define NXE_       { D_NXE, 0, 2, 0, 0 }
#define WP_        { D_WP, 0, 2, 0, 0 }
#define SM_(from, n)  { D_SM, 0, n, 0, from }
#define PK_(from, n)  { D_PK, 0, n, 0, from }
#define TWICE_     { D_TWICE, 0, 2, 0, 0 }
#define ACCESS_(n) { D_ACCESS, 0, n, 0, 0 }
#define IMPLICIT_  { D_ACCESS, 0, 4, 0, 9 }
#define FLAGS_(level, bits) { D_FLAGS, level, 0, 0, bits }
#define ONE_(level, list) { D_ONE_OF, level, sizeof list / sizeof *list, list, 0 }

#define OUTER 12
#define INNER 6
struct block {
  const char *name;
  uint8_t levels;       /* only in paging of this many levels; 0: in any */
  uint8_t giant;
  uint64_t fixed[6];    /* flags set in every case, by level */
  struct digit_of outer[OUTER], inner[INNER];
};

static const struct block blocks[] = {
  /* kvm-unit-tests' x86/access.c, and SMEP. */
  { "access", 0, 0, { 0, 0, 0, P | U, FULL, FULL },
    { SM_(0, 2), NXE_, WP_, PK_(0, 5), TWICE_, ACCESS_(6), FLAGS_(3, W),
      FLAGS_(2, P | W | U | A | D | NX), ONE_(2, reserved_3) },
    { FLAGS_(1, P | W | U | A | D | NX), ONE_(1, reserved_3), FLAGS_(1, KEY1) } },
  { "2m", 0, 0, { 0, 0, PS, P | U, FULL, FULL },
    { SM_(0, 4), NXE_, WP_, PK_(0, 9), TWICE_, ACCESS_(9), FLAGS_(3, W), ONE_(2, large_2m) },
    { FLAGS_(2, P | W | U | A | D | NX), ONE_(2, reserved_3), FLAGS_(2, KEY1) } },
  { "1g", 0, 1, { 0, 0, 0, PS, P | U, FULL },
    { SM_(0, 4), NXE_, WP_, PK_(0, 9), TWICE_, ACCESS_(9), FLAGS_(4, W), ONE_(3, large_1g) },
    { FLAGS_(3, P | W | U | A | D | NX), ONE_(3, reserved_3), FLAGS_(3, KEY1) } },
  { "smap", 0, 0, { 0, 0, 0, FULL, FULL, FULL },
    { SM_(2, 2), NXE_, WP_, PK_(0, 9), ACCESS_(9), FLAGS_(2, P | W | U | NX), ONE_(2, reserved_3) },
    { FLAGS_(1, P | W | U | A | D | NX), ONE_(1, reserved_3), FLAGS_(1, KEY1) } },
  { "keys", 0, 0, { 0, 0, P, FULL, FULL, FULL },
    { SM_(0, 4), NXE_, WP_, PK_(5, 20), ACCESS_(9), FLAGS_(2, W | U) },
    { FLAGS_(1, P | W | U | A | D | NX), ONE_(1, reserved_3), FLAGS_(1, KEY1) } },
  /* Rights and A at all levels together. */
  { "rights", 0, 0, { 0, P, P, P, P, FULL },
    { SM_(0, 4), NXE_, WP_, ACCESS_(9), FLAGS_(4, W | U | NX | A), FLAGS_(3, NX | A) },
    { FLAGS_(3, W | U), FLAGS_(2, W | U | NX), FLAGS_(1, W | U), ONE_(1, leaf_3) } },
  /* Absent and reserved entries at the upper levels. */
  { "upper", 0, 0, { 0, P | W, P | U, 0, 0, FULL },
    { SM_(0, 4), NXE_, WP_, TWICE_, ACCESS_(6), FLAGS_(4, P | W | U | A | NX), ONE_(4, upper_5) },
    { FLAGS_(3, P | W | U | A | NX), ONE_(3, reserved_3), FLAGS_(2, W), FLAGS_(1, U) } },
  { "implicit", 0, 0, { 0, 0, W, FULL, FULL, FULL },
    { SM_(0, 4), NXE_, WP_, PK_(0, 9), IMPLICIT_, FLAGS_(2, P | U) },
    { FLAGS_(1, P | W | U | A | D | NX), ONE_(1, reserved_3), FLAGS_(1, KEY1) } },
  { "top", 5, 0, { 0, P | W, P | W, P | U, 0, 0 },
    { SM_(0, 4), NXE_, WP_, TWICE_, ACCESS_(6), FLAGS_(5, P | W | U | A | NX), ONE_(5, upper_5) },
    { FLAGS_(4, P | W | U | A | NX), ONE_(4, reserved_3), FLAGS_(3, W), FLAGS_(1, U) } },
};
#define BLOCKS (sizeof blocks / sizeof *blocks)

uint8_t matrix_blocks(void) { return BLOCKS; }
const char *matrix_block_name(uint8_t block) { return blocks[block].name; }

static uint32_t values(const struct digit_of *d)
{
  uint32_t n = d->digit == D_FLAGS ? 1 : d->n;
  for (uint64_t left = d->digit == D_FLAGS ? d->bits : 0; left; left &= left - 1) n *= 2;
  return n;
}

/* Value v of an entry's digit, as bits. */
static uint64_t bits_of(const struct digit_of *d, uint32_t v, uint8_t maxphyaddr)
{
  if (d->digit == D_ONE_OF) return d->one[v] == LOWEST ? BIT(maxphyaddr) : d->one[v];
  uint64_t set = 0;
  for (uint64_t left = d->bits; left; left &= left - 1, v /= 2)
    if (v % 2) set |= left & -left;
  return set;
}

uint32_t matrix_block_batches(uint8_t block, uint8_t levels)
{
  const struct block *k = &blocks[block];
  if (k->levels && k->levels != levels) return 0;
  uint32_t n = 1;
  for (uint32_t i = 0; i < OUTER && values(&k->outer[i]); i++) n *= values(&k->outer[i]);
  return n;
}

uint32_t matrix_batches(uint8_t levels)
{
  uint32_t n = 0;
  for (uint8_t i = 0; i < BLOCKS; i++) n += matrix_block_batches(i, levels);
  return n;
}

static uint32_t rights(uint32_t key1) { return 0xfffffff0u | key1 << 2; }

static void set_digit(struct matrix_batch *b, const struct digit_of *d, uint32_t v, uint8_t maxphyaddr)
{
  uint32_t row = (uint32_t)d->bits + v;
  switch (d->digit) {
  case D_NXE: b->nxe = (uint8_t)v; break;
  case D_WP: b->wp = (uint8_t)v; break;
  case D_SM: b->smep = sm[row][0]; b->smap = sm[row][1]; break;
  case D_PK:
    b->pke = pk[row][0]; b->pks = pk[row][1];
    b->pkru = rights(pk[row][2]); b->pkrs = rights(pk[row][3]);
    break;
  case D_TWICE: b->twice = (uint8_t)v; break;
  case D_ACCESS:
    b->cpl = acc[row][0]; b->kind = acc[row][1]; b->ac = acc[row][2];
    b->implicit = acc[row][3];
    break;
  default: b->entry[d->level] |= bits_of(d, v, maxphyaddr);
  }
}

void matrix_batch(struct matrix_batch *b, uint32_t n, uint8_t levels, uint8_t maxphyaddr)
{
  uint8_t block = 0;
  for (; n >= matrix_block_batches(block, levels); block++) n -= matrix_block_batches(block, levels);
  const struct block *k = &blocks[block];
  *b = (struct matrix_batch){ .block = block, .giant = k->giant, .pkru = rights(3), .pkrs = rights(3) };
  for (uint32_t l = 1; l <= 5; l++) b->entry[l] = k->fixed[l];
  uint32_t digits = 0;
  while (digits < OUTER && values(&k->outer[digits])) digits++;
  for (uint32_t i = digits; i-- > 0; n /= values(&k->outer[i]))
    set_digit(b, &k->outer[i], n % values(&k->outer[i]), maxphyaddr);
}

void matrix_lane(struct matrix_lane *lane, uint32_t i, uint8_t block, uint8_t maxphyaddr)
{
  const struct block *k = &blocks[block];
  *lane = (struct matrix_lane){ { 0 } };
  for (uint32_t j = INNER; j-- > 0;) {
    const struct digit_of *d = &k->inner[j];
    uint32_t m = values(d);
    if (m == 0) continue;
    lane->entry[d->level] |= bits_of(d, i % m, maxphyaddr);
    i /= m;
  }
}
