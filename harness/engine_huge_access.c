/* SPDX-License-Identifier: MIT */
/* An access, by the walk of memory as the hardware sees it and by the account. */
#include "engine_huge.h"
#include <string.h>

#define must engine_hg_must
enum { P = 1, RW = 2, A = 0x20, D = 0x40 };

/* Memory as it is: the tables, with the words in place of their entries. */
static struct vmref_walk walk(const struct hg_engine *e, const struct mm_op *op)
{
  const struct vmref_sys *s = e->s;
  const size_t n = 512 * (size_t)s->tables;
  const struct vmref_access x = { .va = op->va, .kind = mm_access_kind(op->kind), .size = 1, .cpl = 3, .seg = VMREF_SEG_DS };
  memcpy(e->memory, s->tab, 8 * n);
  for (size_t i = 0; i < n; i++) {
    uint64_t w;
    memcpy(&w, e->over + 4 * i, 8);
    if (w) e->memory[i] = w;
  }
  return vmref_walk(e->memory, n, vmref_user_cpu(op->a), x);
}

static void same_walk(const struct hg_engine *e, const struct mm_op *op, const struct vmref_walk *w)
{
  const struct vmref_walk h = vmref_huge_walk(e->s, e->over, op->a, op->va, mm_access_kind(op->kind));
  must(e, h.rule == w->rule && h.vector == w->vector && h.error == w->error && h.cr2 == w->cr2, "the verdict of vmref_huge_walk");
  if (w->rule == VMREF_RULE_OK) must(e, h.pa == w->pa && h.last == w->last, "where vmref_huge_walk ends");
}

static int writes(const struct mm_op *op) { return op->kind == MM_STORE || op->kind == MM_RMW; }

/* A device's never faults but for its rights; nothing of the tables is touched. */
static void on_device(const struct hg_engine *e, const struct mm_op *op, struct hg_page *d, const struct mm_outcome *got)
{
  const unsigned prot = d->word >> 52 & 7, asks = VMREF_PROT_R | (writes(op) ? VMREF_PROT_W : 0) | (op->kind == MM_FETCH ? VMREF_PROT_X : 0);
  const uint64_t size = 4096ull << 9 * (d->level - 1);
  must(e, got->device == 1, "an access to a device is none");
  must(e, hg_same_tables(e), "an access to a device has changed the tables");
  if ((prot & asks) != asks) {
    must(e, got->status == VMREF_EACCES && got->faulted && got->vector == 14, "an access to a device that its rights forbid");
    must(e, got->error == (5u | (writes(op) ? 2 : 0) | (op->kind == MM_FETCH ? 16 : 0)), "the error code of an access to a device");
    return;
  }
  must(e, got->status == VMREF_OK && !got->faulted && got->byte == 0, "the status of an access to a device");
  must(e, got->pa == ((d->word >> 12 & 0xFFFFFFFFFF) << 12) + op->va % size && got->level == d->level, "where an access to a device goes");
  d->word |= A | (writes(op) ? D : 0);
}

/* How it stands with the page, before. */
struct moment { int granted; uint32_t object, count, free; };

static int status(const struct hg_engine *e, const struct mm_op *op, const struct moment *m)
{
  const struct vmref_sys *s = e->s;
  const int want = reference_status(&e->r, op);
  if (want != VMREF_OK || m->free > 0) return want;
  const struct reference_page *q = reference_find(&e->r, op->a, op->va / 4096);
  const int copies = writes(op) && m->count != 1 && !(q->prot & VMREF_PROT_S);
  return m->object >= s->frames || copies ? VMREF_EMEM : VMREF_OK;
}

/* Where it went, by a walk after it. */
static void reached(const struct hg_engine *e, const struct mm_op *op, const struct mm_outcome *got)
{
  const struct vmref_sys *s = e->s;
  const struct vmref_walk w = walk(e, op);
  const uint64_t frame = w.pa / 4096 - s->tables, flags = A | (writes(op) ? D : 0);
  must(e, w.rule == VMREF_RULE_OK && w.pa == got->pa && frame < s->frames, "where an access goes");
  must(e, s->data[4096 * frame + op->va % 4096] == reference_byte(&e->r, op->a, op->va), "the byte in memory after an access");
  must(e, (e->memory[w.address[w.last] / 8] & flags) == flags, "the flags of a page that was accessed");
  must(e, got->level == w.last && got->device == 0, "the size of the page that an access went to");
}

/* The flags of a page of 2 MiB are those of all its pages now. */
static void handed_down(const struct hg_engine *e, const struct hg_page *x)
{
  const struct look_way w = look_way(e->s, x->a, x->page << 12);
  const uint64_t flags = x->word & (A | D), *l = e->s->tab + 512 * (w.entry[2] >> 12 & 0xFFFFFFFFFF);
  for (unsigned j = 0; j < 512; j++) must(e, (l[j] & flags) == flags || l[j] >> 12 != e->tab[l + j - e->s->tab] >> 12, "the flags of a page of 2 MiB that was split");
}

static void on_memory(struct hg_engine *e, const struct mm_op *op, const struct moment *m, const struct mm_outcome *got, struct hg_page *split)
{
  const int want = status(e, op, m), user = op->va / 4096 < 0x800000000;
  struct hg_page *x = user ? hg_large(e, op->a, op->va / 4096) : NULL;
  must(e, got->status == want, "the status of an access");
  must(e, got->device == 0, "an access to memory is one to a device");
  if (want == VMREF_OK && op->kind != MM_STORE) must(e, got->byte == reference_byte(&e->r, op->a, op->va), "the byte that was read");
  if (x && !m->granted && (want == VMREF_OK || want == VMREF_EMEM)) {
    *split = *x;
    handed_down(e, x);
  } else if (x && m->granted) x->word |= A | (writes(op) ? D : 0);
  if (want != VMREF_OK) {
    must(e, split->level || hg_same_tables(e), "an access that failed has changed something");
    return;
  }
  reference_do(&e->r, op);
  reached(e, op, got);
  must(e, (got->level == 2) == (x && m->granted), "whether an access went to a page of 2 MiB");
}

struct mm_outcome hg_access(struct hg_engine *e, const struct mm_op *op, struct hg_page *split)
{
  const struct vmref_sys *s = e->s;
  struct mm_outcome got;
  if (e->r.space[op->a].what == 0) {
    got = mm_do_huge(s, e->over, op);
    must(e, got.status == VMREF_EINVAL, "an access in no space");
    return got;
  }
  const struct vmref_walk w = walk(e, op);
  same_walk(e, op, &w);
  const struct look_way way = look_way(s, op->a, op->va);
  struct moment m = { w.rule == VMREF_RULE_OK, s->frames + s->slots, 0, 0 };
  if (way.at[1]) m.object = look_object(s, way.entry[1]);
  if (m.object < s->frames + s->slots) m.count = s->rc[m.object];
  for (uint32_t f = 0; f < s->frames; f++) m.free += s->rc[f] == 0;
  struct hg_page *d = op->va / 4096 < 0x800000000 ? hg_device(e, op->a, op->va / 4096) : NULL;
  got = mm_do_huge(s, e->over, op);
  must(e, got.faulted == !m.granted && got.vector == w.vector && got.error == w.error, "the fault of an access");
  if (d) on_device(e, op, d, &got);
  else on_memory(e, op, &m, &got, split);
  return got;
}
