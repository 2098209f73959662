/* SPDX-License-Identifier: MIT */
/* Metamorphic rules: change a question in a way of which the manual says what it
 * does to the answer. They need no second opinion of what the answer is. Here those
 * between modes and page sizes, and the comparison for all. */
#include <string.h>
#include "relations.h"

#define MASK(bits) ((UINT64_C(1) << (bits)) - 1)

/* The walk that meets these entries, whatever their addresses: tables that refer
 * to themselves would let one change reach two levels. */
static struct vmref_walk feed(const struct vmref_case *c)
{
  struct vmref_walk w;
  vmref_walk_start(&w, c->cpu, c->access);
  while (w.level != 0) vmref_walk_step(&w, c->entry[w.level]);
  return w;
}

/* The same verdict. */
static int agree(const struct vmref_walk *v, const struct vmref_walk *w)
{
  return v->vector == w->vector && v->error == w->error && v->cr2 == w->cr2
      && v->rule == w->rule
      && (w->rule != VMREF_RULE_OK
          || (v->pa == w->pa && v->rw == w->rw && v->us == w->us && v->xd == w->xd));
}

static int keeps(enum fate fate, const struct vmref_walk *v, const struct vmref_walk *w)
{
  if (v->status != VMREF_OK) return 0;
  if (fate == SAME) return agree(v, w) && v->last == w->last;
  if (fate == OK_STAYS) return w->vector != 0 || (v->vector == 0 && v->pa == w->pa);
  return w->vector == 0 || v->vector != 0;
}

/* Another byte of the same page: the same verdict, as far from the other's pa. */
static void check_offset(const struct vmref_case *c, const struct vmref_case *own,
                         const struct vmref_walk *w)
{
  if (w->rule != VMREF_RULE_OK || w->last == 0) return;
  struct vmref_case d = *own;
  uint64_t flip = MASK(opinion_shift(d.cpu.mode, w->last));
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
  if (w->last < 2 || !relation_found_page(w)) return;
  struct vmref_case d = *own;
  uint64_t leaf = d.entry[w->last], field = REL_FRAME;
  uint64_t frame = opinion_page(&d.cpu, w->last, leaf, w->access.va)
                 & ~MASK(opinion_shift(d.cpu.mode, w->last - 1));
  if (relation_mode(&d, VMREF_MODE_32BIT)) {
    if (frame >> 32) return; /* no PTE reaches so far */
    field = 0xfffff000;
  }
  d.entry[w->last] = leaf & ~(field | REL_PS | REL_G);
  d.entry[w->last - 1] = (leaf & ~(field | REL_PS)) | frame | (w->last == 3 ? REL_PS : 0);
  struct vmref_walk v = feed(&d);
  if (!agree(&v, w) || v.last != w->last - 1
      || (w->rule == VMREF_RULE_OK && (v.global != w->global || v.key != w->key)))
    finding_walks(c, "relation split", w, &v);
}

/* Bit 63 of the address decides between a walk and #GP or #SS. */
static void check_top_bit(const struct vmref_case *c, const struct vmref_case *own,
                          const struct vmref_walk *w)
{
  if (w->last == 0 || !opinion_long(c->cpu.mode)) return;
  struct vmref_case d = *own;
  d.access.va ^= UINT64_C(1) << 63;
  struct vmref_walk v = feed(&d);
  if (d.access.implicit) { /* its error code would be a selector */
    if (v.status != VMREF_EUNMODELLED) finding_walks(c, "relation top_bit", w, &v);
    return;
  }
  if (v.vector != (d.access.seg ? VMREF_VECTOR_SS : VMREF_VECTOR_GP)
      || v.error != 0 || v.cr2 != 0 || v.last != 0)
    finding_walks(c, "relation top_bit", w, &v);
}

/* ---- the same tables in another mode -------------------------------------- */

static int same_levels(const struct vmref_walk *v, const struct vmref_walk *w)
{
  for (int l = w->origin.level; l && l >= w->last; l--)
    if (v->address[l] != w->address[l] || v->entry[l] != w->entry[l] || v->after[l] != w->after[l])
      return 0;
  return v->last == w->last && v->global == w->global && v->pat == w->pat;
}

/* 4-level paging is 5-level paging under a PML5E with all rights that refers to the
 * PML4 table: 4.5.4. */
static void check_fifth_level(const struct vmref_case *c, const struct vmref_case *own,
                              const struct vmref_walk *w)
{
  if (c->cpu.mode != VMREF_MODE_4LEVEL || w->last == 0) return;
  struct vmref_case d = *own;
  d.cpu.mode = VMREF_MODE_5LEVEL;
  d.entry[5] = (d.cpu.cr3 & REL_FRAME) | REL_P | REL_RW | REL_US;
  struct vmref_walk v = feed(&d);
  if (!agree(&v, w) || v.key != w->key || !same_levels(&v, w))
    finding_walks(c, "relation fifth_level", w, &v);
}

/* PAE paging is 4-level paging of the first 4 GiB without keys, under a PML4E and PDPTEs
 * with all rights, but for bits 62:52: 4.4.2. */
static void check_pae(const struct vmref_case *c, const struct vmref_case *own,
                      const struct vmref_walk *w)
{
  if (c->cpu.mode != VMREF_MODE_PAE || w->origin.level == 0) return;
  struct vmref_case d = *own;
  d.cpu.mode = VMREF_MODE_4LEVEL;
  d.cpu.pke = d.cpu.pks = 0;
  for (int l = 2; l >= w->last; l--)
    if (d.entry[l] >> 52 & 0x7ff) return;
  d.entry[4] = (d.cpu.cr3 & REL_FRAME) | REL_P | REL_RW | REL_US;
  d.entry[3] = w->origin.table | REL_P | REL_RW | REL_US;
  struct vmref_walk v = feed(&d);
  if (!agree(&v, w) || !same_levels(&v, w)) finding_walks(c, "relation pae", w, &v);
}

/* Keys that deny nothing, and no keys. */
static void check_empty_keys(const struct vmref_case *c, const struct vmref_case *own,
                             const struct vmref_walk *w)
{
  struct vmref_case d = *own, e = *own;
  d.cpu.pkru = d.cpu.pkrs = 0;
  e.cpu.pke = e.cpu.pks = 0;
  struct vmref_walk u = feed(&d), v = feed(&e);
  if (!agree(&u, &v) || u.last != v.last) finding_walks(c, "relation empty_keys", w, &u);
}

/* ---- all of them ----------------------------------------------------------- */

static void check_table(const struct vmref_case *c, const struct vmref_case *own,
                        const struct vmref_walk *w, const struct relation *r, unsigned turn)
{
  for (unsigned i = 0; r[i].name; i++) {
    if (!fuzz_due(turn, i)) continue;
    struct vmref_case d = *own;
    enum fate fate = r[i].change(&d, w);
    if (fate == SKIP) continue;
    struct vmref_walk v = feed(&d);
    if (keeps(fate, &v, w)) continue;
    char what[64] = "relation ";
    strncat(what, r[i].name, sizeof what - strlen(what) - 1);
    finding_walks(c, what, w, &v);
  }
}

void fuzz_relations(const struct vmref_case *c, const struct vmref_walk *w, unsigned turn)
{
  struct vmref_case own = *c;
  if (w->status != VMREF_OK) return;
  for (int l = w->origin.level; l && l >= w->last; l--) own.entry[l] = w->entry[l];
  check_table(c, &own, w, RELATIONS_OF_ENTRIES, turn);
  check_table(c, &own, w, RELATIONS_OF_CONTROLS, turn ^ 4);
  if (fuzz_due(turn, 1)) check_offset(c, &own, w);
  if (fuzz_due(turn, 2)) check_split(c, &own, w);
  if (fuzz_due(turn, 3)) check_top_bit(c, &own, w);
  if (fuzz_due(turn, 4)) check_fifth_level(c, &own, w);
  if (fuzz_due(turn, 5)) check_pae(c, &own, w);
  if (fuzz_due(turn, 6)) check_empty_keys(c, &own, w);
}
