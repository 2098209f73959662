/* SPDX-License-Identifier: MIT */
/* The state as one number: a sum over its words, so that one that changes is taken out and put in again. */
#include <string.h>
#include "mm_drive.h"

uint64_t digest_mix(uint64_t value, uint64_t place)
{
  if (value == 0) return 0;
  uint64_t x = (value ^ (place + 1) * 0x9E3779B97F4A7C15u) * 0xD6E8FEB86659FD93u;
  x = (x ^ x >> 32) * 0xD6E8FEB86659FD93u;
  return x ^ x >> 32;
}

uint64_t *digest_page_at(const struct vmref_sys *s, size_t page)
{
  return page < s->tables ? s->tab + 512 * page : (uint64_t *)(void *)(s->data + 4096 * (page - s->tables));
}

void digest_reset(struct digest *g, const struct vmref_sys *s)
{
  const size_t pages = (size_t)s->tables + s->frames + s->slots;
  memset(g->word, 0, 4096 * pages);
  memset(g->page, 0, 8 * pages);
}

static void change(struct digest *g, size_t page, size_t word, uint64_t now)
{
  const size_t n = 512 * page + word;
  g->page[page] += digest_mix(now, n) - digest_mix(g->word[n], n);
  g->word[n] = now;
}

void digest_word(struct digest *g, const struct vmref_sys *s, size_t page, size_t word)
{
  const uint64_t now = digest_page_at(s, page)[word];
  if (now != g->word[512 * page + word]) change(g, page, word, now);
}

void digest_page(struct digest *g, const struct vmref_sys *s, size_t page)
{
  const uint64_t *at = digest_page_at(s, page), *was = g->word + 512 * page;
  for (size_t i = 0; i < 512; i++)
    if (at[i] != was[i]) change(g, page, i, at[i]);
}

/* What lies in objects that nobody uses is nobody's; so are the records of tables that are free. */
static uint64_t records(const struct vmref_sys *s)
{
  uint64_t sum = 0;
  for (uint32_t o = 0; o < s->frames + s->slots; o++)
    sum += digest_mix(s->rc[o] | (uint64_t)s->shared[o] << 32, (1ull << 40) + o);
  for (uint32_t t = 0; t < s->tables; t++)
    if (s->level[t] != 0)
      sum += digest_mix((uint64_t)s->level[t] | (uint64_t)(uint16_t)s->owner[t] << 8 | (uint64_t)s->parent[t] << 24, (2ull << 40) + t);
  return sum;
}

uint64_t digest_sum(const struct digest *g, const struct vmref_sys *s)
{
  uint64_t sum = records(s);
  for (uint32_t t = 0; t < s->tables; t++) sum += g->page[t];
  for (uint32_t o = 0; o < s->frames + s->slots; o++)
    if (s->rc[o] != 0) sum += g->page[s->tables + o];
  return sum;
}

static uint64_t whole_page(const struct vmref_sys *s, size_t page)
{
  const uint64_t *at = digest_page_at(s, page);
  uint64_t sum = 0;
  for (size_t i = 0; i < 512; i++)
    if (at[i]) sum += digest_mix(at[i], 512 * page + i);
  return sum;
}

uint64_t digest_whole(const struct vmref_sys *s)
{
  uint64_t sum = records(s);
  for (uint32_t t = 0; t < s->tables; t++) sum += whole_page(s, t);
  for (uint32_t o = 0; o < s->frames + s->slots; o++)
    if (s->rc[o] != 0) sum += whole_page(s, s->tables + o);
  return sum;
}
