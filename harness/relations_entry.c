/* SPDX-License-Identifier: MIT */
/* Relations that change the entries of a walk. */
#include "relations.h"

/* SMEP, SMAP and PKRU take from the supervisor what U/S = 1 gives to the user; with
 * U/S = 0 it is PKRS that may take. */
static enum fate more_rights(struct vmref_case *d, const struct vmref_walk *w)
{
  (void)w;
  if (!relation_user(d)) d->cpu.pks = 0;
  for (int l = 1; l <= 5; l++) {
    d->entry[l] = (d->entry[l] | REL_RW) & ~REL_XD;
    if (relation_user(d)) d->entry[l] |= REL_US;
    else d->entry[l] &= ~(uint64_t)REL_US;
  }
  return OK_STAYS;
}

static enum fate fewer_rights(struct vmref_case *d, const struct vmref_walk *w)
{
  int l = w->last ? w->last : 1;
  d->entry[l] = (d->entry[l] & ~(uint64_t)REL_RW) | relation_xd(d);
  if (relation_user(d)) d->entry[l] &= ~(uint64_t)REL_US;
  else if (!d->cpu.pks) d->entry[l] |= REL_US;
  return FAULT_STAYS;
}

/* One right, at one level that the walk came through: each is taken away at any of them. */
static int some_level(const struct vmref_walk *w)
{
  unsigned levels = w->origin.level - w->last + 1u;
  return w->last + (int)((w->access.va >> 12 ^ w->entry[w->last] >> 12) % levels);
}

static enum fate without_write(struct vmref_case *d, const struct vmref_walk *w)
{
  if (!w->origin.level) return SKIP;
  d->entry[some_level(w)] &= ~(uint64_t)REL_RW;
  return FAULT_STAYS;
}

static enum fate without_execute(struct vmref_case *d, const struct vmref_walk *w)
{
  if (!w->origin.level) return SKIP;
  d->entry[some_level(w)] |= relation_xd(d);
  return FAULT_STAYS;
}

/* U/S = 0 makes a supervisor-mode address, free from SMEP, SMAP and PKRU. */
static enum fate without_user(struct vmref_case *d, const struct vmref_walk *w)
{
  if (!w->origin.level) return SKIP;
  if (!relation_user(d) && (relation_fetch(d) ? d->cpu.smep : d->cpu.smap || d->cpu.pke)) return SKIP;
  d->entry[some_level(w)] &= ~(uint64_t)REL_US;
  return FAULT_STAYS;
}

static enum fate without_present(struct vmref_case *d, const struct vmref_walk *w)
{
  if (!w->origin.level) return SKIP;
  d->entry[some_level(w)] &= ~(uint64_t)REL_P;
  return FAULT_STAYS;
}

static enum fate ad_set(struct vmref_case *d, const struct vmref_walk *w)
{
  (void)w;
  for (int l = 1; l <= 5; l++) d->entry[l] |= REL_AD;
  return SAME;
}

static enum fate ad_clear(struct vmref_case *d, const struct vmref_walk *w)
{
  (void)w;
  for (int l = 1; l <= 5; l++) d->entry[l] &= ~(uint64_t)REL_AD;
  return SAME;
}

static enum fate ignored_bits(struct vmref_case *d, const struct vmref_walk *w)
{
  for (int l = 1; l <= w->origin.level; l++) d->entry[l] ^= opinion_ignored(&d->cpu, l, d->entry[l]);
  return SAME;
}

static enum fate absent_means_nothing_else(struct vmref_case *d, const struct vmref_walk *w)
{
  if (w->rule != VMREF_RULE_PF_NP) return SKIP;
  uint64_t all = relation_mode(d, VMREF_MODE_32BIT) ? 0xfffffffe : ~(uint64_t)REL_P;
  if (w->origin.level) d->entry[w->last] ^= all;
  else d->cpu.pdpte[d->access.va >> 30] ^= all; /* PAE: the register */
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
  int top = w->origin.level;
  if (top == 0 || w->last == top || !relation_found_page(w)) return SKIP;
  uint64_t differ = (d->entry[top] ^ d->entry[w->last]) & (REL_RW | REL_US | REL_XD);
  d->entry[top] ^= differ;
  d->entry[w->last] ^= differ;
  return SAME;
}

/* A key binds by its register alone: keys whose two bits are the same are all one. */
static enum fate other_key(struct vmref_case *d, const struct vmref_walk *w)
{
  if (!opinion_long(d->cpu.mode) || !relation_found_page(w)) return SKIP;
  uint64_t e = d->entry[w->last];
  unsigned from = e >> 59 & 15, to = (from + 1 + (unsigned)(w->access.va >> 12) % 15) & 15;
  for (int r = 0; r < 2; r++) {
    uint32_t *rights = r ? &d->cpu.pkrs : &d->cpu.pkru;
    *rights = (*rights & ~(3u << 2 * to)) | (*rights >> 2 * from & 3) << 2 * to;
  }
  d->entry[w->last] = (e & ~(UINT64_C(15) << 59)) | (uint64_t)to << 59;
  return SAME;
}

const struct relation RELATIONS_OF_ENTRIES[] = {
  RELATION(more_rights), RELATION(fewer_rights), RELATION(without_write),
  RELATION(without_execute), RELATION(without_user), RELATION(without_present),
  RELATION(ad_set), RELATION(ad_clear), RELATION(ignored_bits),
  RELATION(absent_means_nothing_else), RELATION(entries_below), RELATION(rights_swapped),
  RELATION(other_key), RELATION_END
};
