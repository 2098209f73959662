/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include "mm_feed.h"

const char *mm_policy_name(uint8_t policy) { return policy == 0 ? "none" : policy == 1 + VMREF_LRU ? "lru" : "clock"; }

int mm_from_token(struct mm_input *x, const char *token)
{
  const size_t digits = strlen(token) > 4 ? strlen(token) - 4 : 1;
  if (strncmp(token, SEQUENCE_FORM "-", 4) != 0 || digits % 2 || digits > 2 * MM_INPUT_BYTES
      || strspn(token + 4, "0123456789abcdef") != digits) return 0;
  x->size = digits / 2;
  for (size_t i = 0; i < x->size; i++) {
    const char pair[3] = { token[4 + 2 * i], token[5 + 2 * i], 0 };
    x->data[i] = (uint8_t)strtoul(pair, NULL, 16);
  }
  return 1;
}

int mm_put(struct mm_batch *b, const struct mm_input *x, int tell)
{
  struct mm_sequence *q = &b->sequence[b->sequences];
  const uint32_t first = b->sequences ? q[-1].first + q[-1].ops : 0;
  if (b->sequences == MM_SEQUENCES || first + MM_INPUT_OPS > MM_OPS) return 0;
  *q = (struct mm_sequence){ .first = first, .ops = mm_lines(x, &b->op[first]), .smp = x->as != AS_BASE, .policy = x->policy,
                             .tell = (uint8_t)tell };
  b->sequences++;
  return 1;
}

void mm_print_script(FILE *f, const struct mm_input *x)
{
  struct script_line l[MM_INPUT_OPS];
  struct mm_op op[MM_INPUT_OPS];
  const uint32_t n = mm_lines(x, l);
  for (uint32_t i = 0; i < n; i++) op[i] = l[i].op;
  script_print_all(f, mm_input_sizes, op, n);
}

/* ---- the generator ---- */

#define OFTEN [1 + MM_SPACE] = 3, [1 + MM_FILE] = 1, [1 + MM_FILE_ADD] = 2, [1 + MM_MAP] = 5, [1 + MM_MAP_FILE] = 3, [1 + MM_UNMAP] = 3, \
  [1 + MM_PROTECT] = 3, [1 + MM_LOAD] = 20, [1 + MM_STORE] = 20, [1 + MM_RMW] = 8, [1 + MM_FETCH] = 4, [1 + MM_FORK] = 3, [1 + MM_EXIT] = 1, \
  [1 + MM_SWAPOUT] = 2, [1 + MM_SWAPIN] = 1, [1 + MM_MOVE] = 2, [1 + MM_COMPACT] = 1, [1 + MM_FRAGMENTATION] = 1, [1 + MM_EVICT] = 2
static const uint64_t PAGES[4] = { 0x20000000070380, 0xFFF00003000001FF, 0xFF000F, 0xFFFFFFFFFFFFFFFF };
static struct sequence_taste taste[2] = {
  { .weight = { OFTEN }, .spaces = 4 },
  { .weight = { OFTEN, [1 + MM_RUN] = 12, [1 + MM_FILL] = 3, [1 + MM_TELL] = 1, [1 + MM_LAZY] = 2 }, .spaces = 4 },
};

void mm_generate(struct mm_input *x, uint64_t seed, uint64_t n, unsigned as, unsigned cpus)
{
  const unsigned mix = (unsigned)(digest_mix(n + 1, seed) >> 17) & 0x3FFFFFFF;
  struct sequence_taste *t = &taste[as == AS_SMP];
  memset(x, 0, sizeof *x);
  x->as = (uint8_t)as;
  x->policy = (uint8_t)(mix % 8 < 2 ? 1 + mix % 8 : 0);
  t->pages = PAGES[mix / 8 % 4];
  t->cpus = (uint8_t)(as == AS_SMP ? cpus : 0);
  for (unsigned part = 0; part < MM_CHAIN; part++) {
    uint8_t *at = x->data + x->size;
    size_t size = 0;
    for (unsigned a = 0; part > 0 && mix >> part & 1 && a < 4; a++) { /* half of them find nothing of those before */
      const uint8_t end[SEQUENCE_OP] = { 1 + MM_EXIT, (uint8_t)a };
      memcpy(at, end, sizeof end);
      at += sizeof end;
    }
    for (unsigned i = 0; i < 4; i++) size = sequence_mutate(t, at, size, SEQUENCE_BYTES, mix + MM_CHAIN * i + part);
    x->size = (size_t)(at - x->data) + size;
  }
}
