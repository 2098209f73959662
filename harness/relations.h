/* SPDX-License-Identifier: MIT */
/* Metamorphic relations: a change of a question, and what the manual says becomes of
 * the answer. Driven by fuzz_relations.c. */
#ifndef VMREF_RELATIONS_H
#define VMREF_RELATIONS_H
#include "fuzz_target.h"

/* What becomes of the answer: nothing to compare, the same, and one-sided. */
enum fate { SKIP, SAME, OK_STAYS, FAULT_STAYS };

/* Change the question *d, whose answer is w; d->entry[] is what the walk reads at each
 * level. */
typedef enum fate relation_change(struct vmref_case *d, const struct vmref_walk *w);
struct relation {
  const char *name;
  relation_change *change;
};
#define RELATION(f) { #f, f }
#define RELATION_END { 0, 0 }
extern const struct relation RELATIONS_OF_ENTRIES[];  /* relations_entry.c */
extern const struct relation RELATIONS_OF_CONTROLS[]; /* relations_control.c */

enum { REL_P = 1, REL_RW = 2, REL_US = 4, REL_AD = 0x60, REL_PS = 0x80, REL_G = 0x100 };
#define REL_XD    (UINT64_C(1) << 63)
#define REL_FRAME UINT64_C(0x000ffffffffff000)

static inline int relation_user(const struct vmref_case *d) { return opinion_user(&d->access); }
static inline int relation_fetch(const struct vmref_case *d) { return d->access.kind == VMREF_FETCH; }
static inline int relation_write(const struct vmref_case *d)
{
  return d->access.kind == VMREF_WRITE || d->access.kind == VMREF_RMW;
}
static inline int relation_mode(const struct vmref_case *d, int mode) { return d->cpu.mode == mode; }
/* The execute-disable bit, where entries have one. */
static inline uint64_t relation_xd(const struct vmref_case *d)
{
  return relation_mode(d, VMREF_MODE_32BIT) ? 0 : REL_XD;
}
/* The walk has found a page: its rights decided. */
static inline int relation_found_page(const struct vmref_walk *w)
{
  return w->last != 0 && w->rule != VMREF_RULE_PF_NP
      && opinion_reserved(&w->cpu, w->last, w->entry[w->last]) == 0;
}
/* The address that it found: a user-mode address? U/S is 1 in all entries. */
static inline int relation_user_address(const struct vmref_walk *w)
{
  uint64_t all = REL_US;
  for (int l = w->origin.level; l && l >= w->last; l--) all &= w->entry[l];
  return all != 0;
}

#endif
