/* SPDX-License-Identifier: MIT */
/* The trace of `vmref run`: the walk of the hardware, what the memory manager keeps in the leaf,
 * and how it mended a fault, which shows in the leaf before and after. */
#include <inttypes.h>
#include "run.h"

#define USER_END (4096 * (uint64_t)VMREF_USER_PAGES)

uint64_t leaf_at(const struct vmref_sys *s, uint32_t a, uint64_t va)
{
  if (va >= USER_END) return 0;
  uint32_t t = vmref_table_find(s, a, (uint32_t)(va >> 39), va >> 30 & 511, va >> 21 & 511);
  return t < s->tables ? s->tab[512 * (uint64_t)t + (va >> 12 & 511)] : 0;
}

static const uint16_t *words; /* NULL: none */

void trace_words(const uint16_t *over) { words = over; }

struct trace trace_take(const struct vmref_sys *s, const struct mm_op *op)
{
  struct trace t = { .any = script_has_address(op->kind) && op->a < s->spaces && s->level[op->a] == 4 };
  if (!t.any) return t;
  struct vmref_access x = { .va = op->va, .kind = mm_access_kind(op->kind), .size = 1, .cpl = 3, .seg = VMREF_SEG_DS };
  t.walk = words ? vmref_huge_walk(s, words, op->a, op->va, x.kind) : vmref_walk(s->tab, 512 * (uint64_t)s->tables, vmref_user_cpu(op->a), x);
  t.leaf = leaf_at(s, op->a, op->va);
  const struct vmref_walk read = words ? vmref_huge_walk(s, words, op->a, op->va, VMREF_READ) : t.walk;
  t.device = words && read.rule == VMREF_RULE_OK && read.pa / 4096 >= (uint64_t)s->tables + s->frames + s->kernel;
  return t;
}

/* Where an object lies. */
static void print_object(FILE *f, const struct vmref_sys *s, uint32_t o)
{
  if (o < s->frames) fprintf(f, "frame 0x%" PRIx64, 4096 * ((uint64_t)s->tables + o));
  else fprintf(f, "swap slot %" PRIu32, o - s->frames);
}

static void print_leaf(FILE *f, const struct vmref_sys *s, uint64_t va, const struct trace *t)
{
  const uint64_t e = t->leaf;
  if (va >= USER_END) return;
  if (t->device) {
    fputs("leaf    a page of a device\n", f);
    return;
  }
  uint32_t o = vmref_leaf_object(s, e);
  uint8_t prot = vmref_leaf_prot(e);
  fputs("leaf    ", f);
  if (e == 0) {
    fputs("nothing is mapped\n", f);
    return;
  }
  if (o == s->frames + s->slots) fputs("a page not yet touched, zero", f);
  else print_object(f, s, o);
  if (o < s->frames && e % 2 == 0) fputs(", kept from the hardware", f);
  fprintf(f, "; rights %s%s%s%s%s", prot & VMREF_PROT_R ? "r" : "", prot & VMREF_PROT_W ? "w" : "",
          prot & VMREF_PROT_X ? "x" : "", prot % 8 ? "" : "none", prot & VMREF_PROT_S ? ", shared" : "");
  if (o < s->frames + s->slots && s->rc[o] > 1) fprintf(f, "; mapped %" PRIu32 " times", s->rc[o]);
  fputc('\n', f);
}

/* How a fault was mended. */
enum mend { NOT_MENDED, DEMAND_ZERO, SWAP_IN, COPY, RIGHTS };
static const char *const MENDS[] = { "", "demand zero", "swap in", "copy on write", "rights restored" };

static enum mend mend_of(const struct vmref_sys *s, uint64_t was, uint64_t is, const struct mm_outcome *r)
{
  if (!r->faulted || r->status != VMREF_OK) return NOT_MENDED;
  uint32_t from = vmref_leaf_object(s, was), to = vmref_leaf_object(s, is);
  if (from == s->frames + s->slots) return DEMAND_ZERO;
  if (from == to) return r->evictions && r->evicted.frame == from ? COPY : RIGHTS; /* COPY: what was copied had to go */
  /* from a slot that others still keep, the page was copied */
  return from >= s->frames && s->rc[from] == 0 ? SWAP_IN : COPY;
}

static void print_mend(FILE *f, const struct vmref_sys *s, enum mend m, uint64_t was, uint64_t is)
{
  uint32_t from = vmref_leaf_object(s, was);
  fprintf(f, "mended  %s: ", MENDS[m]);
  if (from < s->frames + s->slots && m != RIGHTS) {
    print_object(f, s, from);
    fputs(" to ", f);
  }
  print_object(f, s, vmref_leaf_object(s, is));
  fputc('\n', f);
}

void trace_print(FILE *f, const struct vmref_sys *s, const struct mm_op *op, const struct trace *before,
                 const struct mm_outcome *r)
{
  struct trace after = trace_take(s, op);
  if (!after.any) return;
  if (!mm_is_access(op->kind)) { /* what it has made */
    show_entries(f, &after.walk);
    print_leaf(f, s, op->va, &after);
    return;
  }
  if (r->status == VMREF_EINVAL) return; /* no access was made */
  if (r->hit) fputs("hit     by what the processor has cached, without a walk\n", f);
  else show_steps(f, &before->walk);
  enum mend m = mend_of(s, before->leaf, after.leaf, r);
  if (m == NOT_MENDED) {
    print_leaf(f, s, op->va, &after);
    return;
  }
  print_mend(f, s, m, before->leaf, after.leaf);
  show_entries(f, &after.walk);
  print_leaf(f, s, op->va, &after);
}

void trace_print_json(FILE *f, const struct vmref_sys *s, const struct mm_op *op, const struct trace *before,
                      const struct mm_outcome *r)
{
  struct trace after = trace_take(s, op);
  if (!after.any) return;
  enum mend m = mend_of(s, before->leaf, after.leaf, r);
  if (mm_is_access(op->kind) && !r->hit && r->status != VMREF_EINVAL) print_walk(f, "walk", &before->walk);
  if (m != NOT_MENDED) fprintf(f, ",\"mended\":\"%s\"", MENDS[m]);
  if (!mm_is_access(op->kind) || m != NOT_MENDED) print_walk(f, "walk_after", &after.walk);
}
