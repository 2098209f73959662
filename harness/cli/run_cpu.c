/* SPDX-License-Identifier: MIT */
/* What processors have cached, for `tlb` of `vmref run`. */
#include <inttypes.h>
#include "run.h"

/* Do the tables still permit it? */
static bool stale(const struct vmref_sys *s, uint32_t a, const struct vmref_translation *t)
{
  uint64_t e = leaf_at(s, a, t->page);
  return e % 2 == 0 || vmref_pfn(e) != t->frame / 4096 || t->rw > vmref_rw(e) || t->xd < vmref_xd(e) || t->dirty > e / 64 % 2;
}

/* The translation of the lowest page from one on; NULL: there is none. */
static const struct vmref_translation *next(const struct vmref_tlb *b, uint64_t from)
{
  const struct vmref_translation *low = NULL;
  for (int i = 0; i < VMREF_TLB_SLOTS; i++) {
    const struct vmref_translation *t = &b->page[i];
    if (t->used && t->page >= from && (!low || t->page < low->page)) low = t;
  }
  return low;
}

static uint64_t frame(const struct vmref_sys *s, const struct vmref_translation *t) { return t->frame / 4096 - s->tables; }

void tlb_print(FILE *f, const struct vmref_sys *s, const struct vmref_smp *m)
{
  const char *between = "";
  for (unsigned c = 0; c < VMREF_CPUS; c++) {
    const struct vmref_translation *t = next(&m->tlb[c], 0);
    if (!t) continue;
    fprintf(f, "%scpu %u: ", between, c);
    for (between = ""; t; t = next(&m->tlb[c], t->page + 4096), between = ", ")
      fprintf(f, "%s0x%" PRIx64 " frame %" PRIu64 " r%s%s%s%s", between, t->page, frame(s, t), t->rw ? "w" : "", t->xd ? "" : "x",
              t->dirty ? " dirty" : "", stale(s, m->runs[c], t) ? " stale" : "");
    between = "; ";
  }
  if (!*between) fputs("nothing is cached", f);
}

void tlb_print_json(FILE *f, const struct vmref_sys *s, const struct vmref_smp *m)
{
  const char *between = "";
  fputs(",\"cached\":[", f);
  for (unsigned c = 0; c < VMREF_CPUS; c++)
    for (const struct vmref_translation *t = next(&m->tlb[c], 0); t; t = next(&m->tlb[c], t->page + 4096), between = ",")
      fprintf(f, "%s{\"cpu\":%u,\"page\":\"0x%" PRIx64 "\",\"frame\":%" PRIu64 ",\"write\":%s,\"exec\":%s,\"dirty\":%s,\"stale\":%s}", between, c,
              t->page, frame(s, t), boolean(t->rw), boolean(!t->xd), boolean(t->dirty), boolean(stale(s, m->runs[c], t)));
  fputc(']', f);
}
