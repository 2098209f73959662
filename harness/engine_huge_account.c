/* SPDX-License-Identifier: MIT */
/* The account of devices and of pages of 2 MiB. */
#include "engine_huge.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define must engine_hg_must
#define RIGHTS (2 | 0xF0ull << 48 | 1ull << 63) /* RW, ours, XD */

static uint64_t pages(unsigned level) { return 1ull << 9 * (level - 1); }

void hg_add(struct hg_list *l, struct hg_page p)
{
  if (l->n == l->room) {
    l->room = 2 * l->room + 64;
    l->at = realloc(l->at, l->room * sizeof *l->at);
    if (!l->at) fprintf(stderr, "out of memory\n"), exit(5);
  }
  l->at[l->n++] = p;
}

static struct hg_page *find(const struct hg_list *l, uint32_t a, uint64_t page)
{
  for (size_t i = 0; i < l->n; i++)
    if (l->at[i].a == a && l->at[i].page <= page && page < l->at[i].page + pages(l->at[i].level)) return &l->at[i];
  return NULL;
}

struct hg_page *hg_device(const struct hg_engine *e, uint32_t a, uint64_t page) { return find(&e->device, a, page); }
struct hg_page *hg_large(const struct hg_engine *e, uint32_t a, uint64_t page) { return find(&e->large, a, page); }

int hg_covered(const struct hg_engine *e, uint32_t a, uint64_t p, uint64_t n)
{
  for (size_t i = 0; i < e->device.n; i++) {
    const struct hg_page *d = &e->device.at[i];
    if (d->a == a && d->level == 3 && d->page < p + n && p < d->page + 0x40000) return 1;
  }
  return 0;
}

/* Does some of what the tables have of a device's page lie among the n from p on? Of 1 GiB that is the first. */
static int touched(const struct hg_page *d, uint64_t p, uint64_t n)
{
  const uint64_t size = d->level == 3 ? 1 : pages(d->level);
  return d->page < p + n && p < d->page + size;
}

/* The rights that all its pages have; 0: none to read, or not all the same. */
static unsigned rights(const struct hg_engine *e, const struct hg_page *d)
{
  const struct reference_page *q = reference_find(&e->r, d->a, d->page);
  const uint64_t size = d->level == 3 ? 1 : pages(d->level);
  for (uint64_t k = 0; q && k < size; k++)
    if (q[k].page != d->page + k || q[k].prot != q->prot) return 0; /* they are as many as there were */
  return q && q->prot & VMREF_PROT_R ? q->prot : 0;
}

static uint64_t with_rights(uint64_t word, uint64_t prot)
{
  return (word & ~RIGHTS) | prot << 52 | (prot & VMREF_PROT_W ? 2 : 0) | (prot & VMREF_PROT_X ? 0 : 1ull << 63);
}

/* After protect: a device's page has its new rights, or is none any more. */
static void new_rights(struct hg_engine *e, const struct mm_op *op)
{
  struct hg_list *l = &e->device;
  size_t kept = 0;
  for (size_t i = 0; i < l->n; i++) {
    struct hg_page d = l->at[i];
    if (d.a == op->a && touched(&d, op->va / 4096, op->n)) {
      const unsigned prot = rights(e, &d);
      if (!prot) continue;
      d.word = with_rights(d.word, prot);
    }
    l->at[kept++] = d;
  }
  l->n = kept;
}

static void drop(struct hg_engine *e, uint32_t a, uint64_t p, uint64_t n)
{
  struct hg_list *l = &e->device;
  size_t kept = 0;
  for (size_t i = 0; i < l->n; i++)
    if (l->at[i].a != a || !touched(&l->at[i], p, n)) l->at[kept++] = l->at[i];
  l->n = kept;
}

void hg_small(struct hg_engine *e, const struct hg_page *d)
{
  const struct hg_page whole = *d;
  const unsigned level = whole.level - 1u;
  const uint64_t word = level == 1 ? whole.word & ~0x80ull : whole.word;
  for (size_t i = 0; i < e->device.n; i++)
    if (e->device.at[i].a == whole.a && e->device.at[i].page == whole.page) e->device.at[i--] = e->device.at[--e->device.n];
  for (uint64_t k = 0; k < 512; k++)
    hg_add(&e->device, (struct hg_page){ whole.a, (uint8_t)level, whole.page + k * pages(level), word + (k * pages(level) << 12) });
}

unsigned hg_parts(struct hg_engine *e, const struct mm_op *op)
{
  const uint64_t p = op->va / 4096, end = p + op->n, edge[2] = { p, end };
  unsigned n = 0;
  if ((op->kind != MM_UNMAP && op->kind != MM_PROTECT) || op->n == 0 || op->n > 0x40000 || p >= 0x800000000 || end > 0x800000000) return 0;
  for (unsigned k = 0; k < 2; k++) {
    const struct hg_page *d = e->r.space[op->a].what ? hg_device(e, op->a, edge[k]) : NULL;
    if (!d || d->level != 2 || d->page == edge[k]) continue; /* the edge is none within */
    hg_small(e, d);
    n++;
  }
  return n;
}

void hg_devices_after(struct hg_engine *e, const struct mm_op *op)
{
  const size_t n = e->device.n;
  const uint64_t p = op->va / 4096;
  switch (op->kind) {
  case MM_UNMAP: drop(e, op->a, p, op->n); break;
  case MM_EXIT: drop(e, op->a, 0, 1ull << 36); break;
  case MM_PROTECT: new_rights(e, op); break;
  case MM_FORK:
    for (size_t i = 0; i < n; i++)
      if (e->device.at[i].a == op->a) {
        struct hg_page d = e->device.at[i];
        d.a = op->b;
        hg_add(&e->device, d);
      }
    break;
  case MM_DEVICE:
    for (uint64_t k = 0; k < op->n; k++) {
      const uint64_t word = (op->first + k) << 12 | (uint64_t)(op->cache & 3) << 3 | 5 | (op->level > 1 ? 0x80 : 0);
      hg_add(&e->device, (struct hg_page){ op->a, op->level, p + k, with_rights(word, op->prot) });
    }
    break;
  default: break;
  }
}

/* ---- words ---- */

static uint64_t word_at(const uint16_t *over, size_t n)
{
  uint64_t w;
  memcpy(&w, over + 4 * n, 8); /* x86-64: the lowest unit first */
  return w;
}

uint64_t hg_word(const struct hg_engine *e, uint32_t a, uint64_t page, unsigned level)
{
  const struct look_way w = look_way(e->s, a, page << 12);
  for (unsigned l = 4; l > level; l--)
    if (!(w.entry[l] & 1)) return 0;
  return word_at(e->over, w.at[level]);
}

/* The word of a page of 2 MiB by its leaves: the one before with their rights; 0 when they are no such page. */
static uint64_t by_leaves(const struct hg_engine *e, const struct hg_page *x)
{
  const struct look_way w = look_way(e->s, x->a, x->page << 12);
  if (e->r.space[x->a].what == 0 || !(w.entry[4] & w.entry[3] & w.entry[2] & 1)) return 0;
  const uint64_t *l = e->s->tab + 512 * (w.entry[2] >> 12 & 0xFFFFFFFFFF), frame = x->word >> 12 & 0xFFFFFFFFFF;
  for (unsigned j = 0; j < 512; j++)
    if (!(l[j] & 1) || (l[j] >> 12 & 0xFFFFFFFFFF) != frame + j || (l[j] ^ l[0]) & RIGHTS) return 0;
  return (x->word & ~RIGHTS) | (l[0] & RIGHTS);
}

void hg_words(struct hg_engine *e, const struct hg_page *split)
{
  const struct vmref_sys *s = e->s;
  size_t words = 0, kept = 0;
  for (size_t i = 0; i < e->large.n; i++) {
    struct hg_page x = e->large.at[i];
    const int gone = split && split->a == x.a && split->page == x.page;
    const uint64_t want = gone ? 0 : by_leaves(e, &x), is = e->r.space[x.a].what ? hg_word(e, x.a, x.page, 2) : 0;
    must(e, is == want, gone ? "a page of 2 MiB is not split" : want ? "the word of a page of 2 MiB is not what its pages are" : "a page of 2 MiB remains although its pages are not alike");
    x.word = want;
    if (want) e->large.at[kept++] = x;
  }
  e->large.n = kept;
  for (size_t i = 0; i < e->device.n; i++) {
    const struct hg_page *d = &e->device.at[i];
    must(e, hg_word(e, d->a, d->page, d->level) == d->word, "the word of a device's page");
  }
  for (size_t n = 0; n < 512 * (size_t)s->tables; n++) words += word_at(e->over, n) != 0;
  must(e, words == e->device.n + e->large.n, "a word stands over an entry where no page of a device or of 2 MiB is");
}
