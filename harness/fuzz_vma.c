/* SPDX-License-Identifier: MIT */
/* Fuzz target of topic vma: areas against pages. What is mapped is kept page by page too, and after each
 * operation the areas must say the same, be sorted and disjoint.
 *
 * An input, form va1: the version of Linux, then operations of OP bytes: what, first page, length, flags,
 * anon_vma. */
#include <string.h>
#include "fuzz_target.h"
#include "vma_merge.h"

enum { PAGES = 64, OP = 5, OPS = 40, ROOM = 20, BASE = 1000 };

const char *fuzz_topic(void) { return "vma"; }
const char *fuzz_form(void) { return "va1"; }
size_t fuzz_length(void) { return 1 + OP * OPS; }
size_t fuzz_unit(void) { return OP; }

struct page { uint64_t offset, anon; uint32_t flags, file; uint8_t mapped; };
static struct page pages[PAGES];
static struct vmref_vmas m;
static const uint8_t *input;
static size_t input_size;

static void must(int good, const char *what)
{
  if (!good) finding_input(what, fuzz_form(), input, input_size);
}

static void compare(const struct vmref_vmas *m)
{
  uint64_t p = BASE;
  must(m->n <= m->room, "more areas than room");
  for (uint32_t i = 0; i < m->n; i++) {
    const struct vmref_vma *v = &m->at[i];
    must(v->start < v->end && v->start >= p && v->end <= BASE + PAGES, "an area is empty, out of order or out of bounds");
    for (; p < v->start; p++) must(!pages[p - BASE].mapped, "a page that is mapped is in no area");
    for (; p < v->end; p++) {
      const struct page *r = &pages[p - BASE];
      must(r->mapped, "a page that is not mapped is in an area");
      must(((r->flags ^ v->flags) & ~VMREF_VM_FORKED) == 0 && r->file == v->file, "flags or file of a page");
      must(r->offset == v->offset + (p - v->start), "offset of a page");
      must(r->anon == v->anon || r->anon == 0, "anon_vma of a page");
    }
    for (uint64_t q = v->start; q < v->end; q++) pages[q - BASE].anon = v->anon; /* given to what had none */
  }
  for (; p < BASE + PAGES; p++) must(!pages[p - BASE].mapped, "a page that is mapped is in no area");
}

static void set(uint64_t from, uint64_t to, const struct vmref_vma *v)
{
  for (uint64_t p = from; p < to; p++)
    pages[p - BASE] = v ? (struct page){ v->offset + (p - v->start), v->anon, v->flags, v->file, 1 } : (struct page){ 0 };
}

static int any(uint64_t from, uint64_t to)
{
  for (uint64_t p = from; p < to; p++)
    if (pages[p - BASE].mapped) return 1;
  return 0;
}

/* Without areas that grow down, a gap is what it says. */
static void gap(const struct vmref_vmas *m, uint64_t n)
{
  uint64_t high = 0, low = 0;
  for (uint64_t p = BASE; p + n <= BASE + PAGES; p++)
    if (!any(p, p + n)) {
      high = p;
      if (low == 0) low = p;
    }
  must(vmref_vma_gap(m, BASE, BASE + PAGES, n) == high, "the highest gap");
  must(vmref_vma_gap_up(m, BASE, BASE + PAGES, n) == low, "the lowest gap");
}

static void step(struct vmref_vmas *m, const uint8_t *b)
{
  const uint64_t from = BASE + b[1] % PAGES, n = 1 + b[2] % 12, to = from + n < BASE + PAGES ? from + n : BASE + PAGES;
  const uint32_t flags = b[3] % 8 + (b[3] & 0x40 ? VMREF_VM_CLOSE : 0) + (b[3] & 0x20 ? VMREF_VM_LOCKED : 0), i = vmref_vma_find(m, from);
  must(vmref_vma_any(m, from, to) == any(from, to), "any");
  switch (b[0] % 4) {
  case 0: {
    struct vmref_vma v = { from, to, from + (b[4] & 0x80), b[4] % 3, flags + (b[4] & 0x40 ? VMREF_VM_FORKED : 0), b[4] >> 3 & 1 };
    if (any(from, to) || m->n == m->room) return;
    const uint32_t k = vmref_vma_add(m, v, b[4] % 5 % 3);
    must(k < m->n && m->at[k].start <= from && to <= m->at[k].end, "where it was added");
    set(from, to, &v);
    return;
  }
  case 1:
    if (vmref_vma_carve(m, from, to) == VMREF_OK) set(from, to, NULL);
    else must(m->n + 1 >= m->room, "full, and it is not");
    return;
  case 2:
    if (i == m->n || m->at[i].start > from) return;
    {
      const uint64_t end = to < m->at[i].end ? to : m->at[i].end;
      if (vmref_vma_modify(m, i, from, end, flags) == VMREF_OK)
        for (uint64_t p = from; p < end; p++) pages[p - BASE].flags = flags;
      else must(m->n + 1 >= m->room, "full, and it is not");
    }
    return;
  default: gap(m, n);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const uint32_t version[] = { 0x612, 0x601, 0x607, 0x60C, 0x610 };
  m.n = 0, m.room = ROOM, m.kernel = version[size > 0 ? data[0] % 5 : 0];
  input = data, input_size = size;
  memset(pages, 0, sizeof pages);
  gap(&m, 1);
  for (size_t k = 1; k + OP <= size && k < 1 + OP * OPS; k += OP) {
    step(&m, data + k);
    compare(&m);
  }
  return 0;
}
