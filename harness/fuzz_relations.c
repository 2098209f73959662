/* SPDX-License-Identifier: MIT */
/* Metamorphic rules: change a question in a way of which the manual says what it
 * does to the answer. They need no second opinion of what the answer is. */
#include <string.h>
#include "fuzz_target.h"

enum { P = 1, RW = 2, US = 4, AD = 0x60, PS = 0x80, G = 0x100 };
#define XD    (UINT64_C(1) << 63)
#define FRAME UINT64_C(0x000ffffffffff000)

/* What becomes of the answer: nothing to compare, the same, and one-sided. */
enum fate { SKIP, SAME, OK_STAYS, FAULT_STAYS };

/* Change the question *d, whose answer is w; d->entry[] is what the walk reads
 * at each level. */
typedef enum fate relation(struct vmref_case *d, const struct vmref_walk *w);

static int user(const struct vmref_case *d) { return opinion_user(&d->access); }
static int fetch(const struct vmref_case *d) { return d->access.kind == VMREF_FETCH; }
static int write(const struct vmref_case *d)
{
  return d->access.kind == VMREF_WRITE || d->access.kind == VMREF_RMW;
}

/* ---- entries ------------------------------------------------------------- */

/* SMEP and SMAP take from the supervisor what U/S = 1 gives to the user. */
static enum fate more_rights(struct vmref_case *d, const struct vmref_walk *w)
{
  (void)w;
  for (int l = 1; l <= 4; l++) {
    d->entry[l] = (d->entry[l] | RW) & ~XD;
    if (user(d)) d->entry[l] |= US;
    else d->entry[l] &= ~(uint64_t)US;
  }
  return OK_STAYS;
}

static enum fate fewer_rights(struct vmref_case *d, const struct vmref_walk *w)
{
  int l = w->last ? w->last : 1;
  d->entry[l] = (d->entry[l] & ~(uint64_t)RW) | XD;
  if (user(d)) d->entry[l] &= ~(uint64_t)US;
  else d->entry[l] |= US;
  return FAULT_STAYS;
}

static enum fate ad_set(struct vmref_case *d, const struct vmref_walk *w)
{
  (void)w;
  for (int l = 1; l <= 4; l++) d->entry[l] |= AD;
  return SAME;
}

static enum fate ad_clear(struct vmref_case *d, const struct vmref_walk *w)
{
  (void)w;
  for (int l = 1; l <= 4; l++) d->entry[l] &= ~(uint64_t)AD;
  return SAME;
}

static enum fate ignored_bits(struct vmref_case *d, const struct vmref_walk *w)
{
  (void)w;
  for (int l = 1; l <= 4; l++) d->entry[l] ^= opinion_ignored(&d->cpu, l, d->entry[l]);
  return SAME;
}

static enum fate absent_means_nothing_else(struct vmref_case *d, const struct vmref_walk *w)
{
  if (w->rule != VMREF_RULE_PF_NP) return SKIP;
  d->entry[w->last] ^= ~(uint64_t)P;
  return SAME;
}

static enum fate entries_below(struct vmref_case *d, const struct vmref_walk *w)
{
  for (int l = 1; l < w->last; l++) d->entry[l] = ~d->entry[l];
  return SAME;
}

/* Rights are an AND and an OR over the path: which entry has them is all one. */
static enum fate rights_swapped(struct vmref_case *d, const struct vmref_walk *w)
{
  if (w->last == 0 || w->last == 4) return SKIP;
  if (w->rule != VMREF_RULE_OK && w->rule < VMREF_RULE_PF_USER) return SKIP;
  uint64_t differ = (d->entry[4] ^ d->entry[w->last]) & (RW | US | XD);
  d->entry[4] ^= differ;
  d->entry[w->last] ^= differ;
  return SAME;
}

/* ---- control state ------------------------------------------------------- */

static enum fate wide(struct vmref_case *d, const struct vmref_walk *w)
{
  (void)w;
  d->cpu.maxphyaddr = 52;
  return OK_STAYS;
}

static enum fate narrow(struct vmref_case *d, const struct vmref_walk *w)
{
  (void)w;
  d->cpu.maxphyaddr = 32; /* the arena lies below */
  return FAULT_STAYS;
}

static enum fate nxe_on(struct vmref_case *d, const struct vmref_walk *w)
{
  (void)w;
  d->cpu.nxe = 1;
  return OK_STAYS;
}

static enum fate intel(struct vmref_case *d, const struct vmref_walk *w)
{
  (void)w;
  d->cpu.vendor = VMREF_INTEL;
  return OK_STAYS;
}

static enum fate gigabyte_pages(struct vmref_case *d, const struct vmref_walk *w)
{
  (void)w;
  d->cpu.page1gb = 1;
  return OK_STAYS;
}

static enum fate wp(struct vmref_case *d, const struct vmref_walk *w)
{
  (void)w;
  int counts = !user(d) && write(d);
  d->cpu.wp = counts ? 0 : !d->cpu.wp;
  return counts ? OK_STAYS : SAME;
}

static enum fate smep(struct vmref_case *d, const struct vmref_walk *w)
{
  (void)w;
  d->cpu.smep = fetch(d) ? 0 : !d->cpu.smep;
  return fetch(d) ? OK_STAYS : SAME;
}

static enum fate smap(struct vmref_case *d, const struct vmref_walk *w)
{
  (void)w;
  int counts = !user(d) && !fetch(d);
  d->cpu.smap = counts ? 0 : !d->cpu.smap;
  return counts ? OK_STAYS : SAME;
}

static enum fate ac(struct vmref_case *d, const struct vmref_walk *w)
{
  (void)w;
  int counts = !user(d) && !fetch(d) && !d->access.implicit;
  d->access.ac = counts ? 1 : !d->access.ac;
  return counts ? OK_STAYS : SAME;
}

static enum fate pge(struct vmref_case *d, const struct vmref_walk *w)
{
  (void)w;
  d->cpu.pge = !d->cpu.pge;
  return SAME;
}

static enum fate cr3_low_bits(struct vmref_case *d, const struct vmref_walk *w)
{
  (void)w;
  d->cpu.cr3 ^= 0xfff;
  return SAME;
}

/* ---- the access ---------------------------------------------------------- */

static enum fate other_cpl(struct vmref_case *d, const struct vmref_walk *w)
{
  (void)w;
  if (user(d)) return SKIP;
  d->access.cpl = (uint8_t)((d->access.cpl + 1) % (d->access.implicit ? 4 : 3));
  return SAME;
}

static enum fate rmw_is_a_write(struct vmref_case *d, const struct vmref_walk *w)
{
  (void)w;
  if (!write(d)) return SKIP;
  d->access.kind ^= VMREF_WRITE ^ VMREF_RMW;
  return SAME;
}

static enum fate no_read_no_write(struct vmref_case *d, const struct vmref_walk *w)
{
  (void)w;
  if (d->access.kind != VMREF_READ) return SKIP;
  d->access.kind = VMREF_WRITE;
  return FAULT_STAYS;
}

static enum fate supervisor_may_more(struct vmref_case *d, const struct vmref_walk *w)
{
  (void)w;
  if (!user(d)) return SKIP;
  d->access.cpl = 0;
  d->cpu.smep = d->cpu.smap = 0;
  return OK_STAYS;
}

static enum fate segment(struct vmref_case *d, const struct vmref_walk *w)
{
  if (fetch(d) || d->access.implicit || w->last == 0) return SKIP; /* canonical: #SS and #GP play no part */
  d->access.seg = !d->access.seg;
  return SAME;
}

static enum fate size(struct vmref_case *d, const struct vmref_walk *w)
{
  (void)w;
  d->access.size = 1;
  return SAME;
}

#define ROW(f) { #f, f }
static const struct { const char *name; relation *change; } RELATIONS[] = {
  ROW(more_rights), ROW(fewer_rights), ROW(ad_set), ROW(ad_clear), ROW(ignored_bits),
  ROW(absent_means_nothing_else), ROW(entries_below), ROW(rights_swapped), ROW(wide),
  ROW(narrow), ROW(nxe_on), ROW(intel), ROW(gigabyte_pages), ROW(wp), ROW(smep), ROW(smap),
  ROW(ac), ROW(pge), ROW(cr3_low_bits), ROW(other_cpl), ROW(rmw_is_a_write),
  ROW(no_read_no_write), ROW(supervisor_may_more), ROW(segment), ROW(size),
};

/* ---- the comparison ------------------------------------------------------ */

/* The walk that meets these entries, whatever their addresses: tables that refer
 * to themselves would let one change reach two levels. */
static struct vmref_walk feed(const struct vmref_case *c)
{
  struct vmref_walk w;
  vmref_walk_start(&w, c->cpu, c->access);
  while (w.level != 0) vmref_walk_step(&w, c->entry[w.level]);
  return w;
}

static int same(const struct vmref_walk *v, const struct vmref_walk *w)
{
  return v->vector == w->vector && v->error == w->error && v->cr2 == w->cr2
      && v->last == w->last && v->rule == w->rule
      && (w->rule != VMREF_RULE_OK
          || (v->pa == w->pa && v->rw == w->rw && v->us == w->us && v->xd == w->xd));
}

static int keeps(enum fate fate, const struct vmref_walk *v, const struct vmref_walk *w)
{
  if (v->status != VMREF_OK) return 0;
  if (fate == SAME) return same(v, w);
  if (fate == OK_STAYS) return w->vector != 0 || (v->vector == 0 && v->pa == w->pa);
  return w->vector == 0 || v->vector != 0;
}

/* Another byte of the same page: the same verdict, as far from the other's pa. */
static void check_offset(const struct vmref_case *c, const struct vmref_case *own,
                         const struct vmref_walk *w)
{
  if (w->rule != VMREF_RULE_OK) return;
  struct vmref_case d = *own;
  uint64_t flip = (UINT64_C(1) << (3 + 9 * w->last)) - 1;
  d.access.size = 1;
  d.access.va ^= flip;
  struct vmref_walk v = feed(&d);
  if (v.rule != w->rule || v.pa != (w->pa ^ flip) || v.last != w->last)
    finding_walks(c, "relation offset", w, &v);
}

/* A large page, and the same in smaller pages: all but the level is the same. */
static void check_split(const struct vmref_case *c, const struct vmref_case *own,
                        const struct vmref_walk *w)
{
  if (w->rule != VMREF_RULE_OK && w->rule < VMREF_RULE_PF_USER) return;
  if (w->last < 2) return;
  struct vmref_case d = *own;
  uint64_t leaf = d.entry[w->last];
  uint64_t frame = opinion_page(w->last, leaf, w->access.va)
                 & ~((UINT64_C(1) << (9 * w->last - 6)) - 1);
  d.entry[w->last] = leaf & ~(FRAME | PS | G);
  d.entry[w->last - 1] = (leaf & ~(FRAME | PS)) | frame | (w->last == 3 ? PS : 0);
  struct vmref_walk v = feed(&d);
  if (v.vector != w->vector || v.error != w->error || v.rule != w->rule
      || v.last != w->last - 1 || (w->rule == VMREF_RULE_OK
        && (v.pa != w->pa || v.global != w->global || v.rw != w->rw || v.us != w->us)))
    finding_walks(c, "relation split", w, &v);
}

/* Bit 63 of the address decides between a walk and #GP or #SS. */
static void check_top_bit(const struct vmref_case *c, const struct vmref_case *own,
                          const struct vmref_walk *w)
{
  if (w->last == 0) return;
  struct vmref_case d = *own;
  d.access.va ^= XD;
  struct vmref_walk v = feed(&d);
  if (d.access.implicit) { /* its error code would be a selector */
    if (v.status != VMREF_EUNMODELLED) finding_walks(c, "relation top_bit", w, &v);
    return;
  }
  if (v.vector != (d.access.seg ? VMREF_VECTOR_SS : VMREF_VECTOR_GP)
      || v.error != 0 || v.cr2 != 0 || v.last != 0)
    finding_walks(c, "relation top_bit", w, &v);
}

void fuzz_relations(const struct vmref_case *c, const struct vmref_walk *w, unsigned turn)
{
  static const char *const prefix = "relation ";
  struct vmref_case own = *c;
  if (w->status != VMREF_OK) return;
  for (int l = 4; w->last && l >= w->last; l--) own.entry[l] = w->entry[l];
  for (unsigned i = 0; i < sizeof RELATIONS / sizeof *RELATIONS; i++) {
    if (!fuzz_due(turn, i)) continue;
    struct vmref_case d = own;
    enum fate fate = RELATIONS[i].change(&d, w);
    if (fate == SKIP) continue;
    struct vmref_walk v = feed(&d);
    if (keeps(fate, &v, w)) continue;
    char what[64];
    strcpy(what, prefix);
    strncat(what, RELATIONS[i].name, sizeof what - strlen(prefix) - 1);
    finding_walks(c, what, w, &v);
  }
  if (fuzz_due(turn, 1)) check_offset(c, &own, w);
  if (fuzz_due(turn, 2)) check_split(c, &own, w);
  if (fuzz_due(turn, 3)) check_top_bit(c, &own, w);
}
