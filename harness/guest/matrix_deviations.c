/* SPDX-License-Identifier: MIT */
/* Rows of harness/deviations.tsv that the matrix meets, in the order of their names in
 * matrix_names.c. Some peers ask a different question of the tables; others answer the
 * question differently. Each row does, where its condition holds, what its peer does. */
#include "matrix_guest.h"

struct question { struct vmref_cpu cpu; struct vmref_access access; };

static uint32_t right(const struct vmref_walk *w, uint32_t bit)
{
  return w->cpu.pkru >> (2 * vmref_key(w->entry[w->last]) + bit) & 1;
}

/* PKRU is looked at: data of a page that was found. */
static uint32_t under_pkru(const struct vmref_walk *w)
{
  return w->cpu.pke && w->rule != VMREF_RULE_PF_NP && !(w->error & 8) && !vmref_fetches(w->access);
}

/* ---- questions ---------------------------------------------------------------------- */

static uint32_t implicit_as_explicit(struct question *q, const struct vmref_walk *w)
{
  if (!w->access.implicit || !w->access.ac || w->rule != VMREF_RULE_PF_SMAP) return 0;
  q->access.implicit = 0;
  q->access.cpl = 0;
  return 1;
}

static uint32_t implicit_as_explicit_below_3(struct question *q, const struct vmref_walk *w)
{
  return w->access.cpl != 3 && implicit_as_explicit(q, w);
}

/* AD of PKRU binds user-mode accesses alone. */
static uint32_t ad_of_users(struct question *q, const struct vmref_walk *w)
{
  if (!under_pkru(w) || vmref_user_mode(w->access) || !w->us || !right(w, 0)) return 0;
  q->cpu.pkru &= 0xaaaaaaaau;
  return 1;
}

/* ---- answers ------------------------------------------------------------------------- */

static uint32_t no_p_with_reserved(struct expect *e, const struct vmref_walk *w)
{
  if (w->vector != VMREF_VECTOR_PF || !(w->error & 8)) return 0;
  e->status &= ~1u;
  return 1;
}

static uint32_t a_in_reserved_1g(struct expect *e, const struct vmref_walk *w)
{
  if (w->rule != VMREF_RULE_PF_RSVD_1G_ADDR || (w->entry[3] & 0x20)) return 0;
  e->must[3] = e->may[3] = 0x20;
  return 1;
}

/* PKRU guards supervisor-mode addresses too. */
static uint32_t key_of_supervisor(struct expect *e, const struct vmref_walk *w)
{
  uint32_t user = vmref_user_mode(w->access), write = vmref_writes(w->access);
  if (!under_pkru(w) || w->us) return 0;
  if (!(user && right(w, 0)) && !(write && right(w, 1) && (user || w->cpu.wp))) return 0;
  e->status = MATRIX_STATUS(VMREF_VECTOR_PF, 0x21 + 2 * write + 4 * user);
  e->cr2 = w->access.va;
  for (uint32_t l = 1; l <= LEVELS; l++) {
    e->may[l] &= 0x20;
    e->must[l] = 0;
  }
  return 1;
}

/* CPL 3 does not get through slot 256 of the root. */
static uint32_t hole(struct expect *e, const struct vmref_walk *w)
{
  const struct vmref_access *a = &w->access;
  if (!vmref_user_mode(*a) || a->va / 0x8000000000 != 0x1ffff00) return 0;
  e->status = MATRIX_STATUS(VMREF_VECTOR_PF, 4 + 2 * vmref_writes(*a) + 16 * vmref_fetches(*a));
  e->cr2 = a->va;
  for (uint32_t l = 1; l <= LEVELS; l++) e->must[l] = e->may[l] = 0;
  return 1;
}

static const struct {
  uint32_t (*question)(struct question *, const struct vmref_walk *);
  uint32_t (*answer)(struct expect *, const struct vmref_walk *);
} rows[] = {
  { 0, no_p_with_reserved }, { 0, a_in_reserved_1g }, { ad_of_users, 0 }, { 0, key_of_supervisor },
  { implicit_as_explicit_below_3, 0 }, { implicit_as_explicit, 0 }, { 0, hole } };

/* What the peer does about one access, by all its rows; the set of those that matter. */
static uint32_t instead_of(struct expect *e, const struct vmref_walk *w, uint32_t allowed)
{
  struct question q = { w->cpu, w->access };
  struct vmref_walk v;
  uint32_t set = 0;
  for (uint32_t left = allowed; left; left &= left - 1) {
    uint32_t i = (uint32_t)__builtin_ctz(left);
    if (rows[i].question) set |= rows[i].question(&q, w) << i;
  }
  if (set) {
    vmref_walk_start(&v, q.cpu, q.access);
    while (v.level != 0) vmref_walk_step(&v, w->entry[v.level]);
    judge_answer(e, &v);
    w = &v;
  }
  for (uint32_t left = allowed; left; left &= left - 1) {
    uint32_t i = (uint32_t)__builtin_ctz(left);
    if (rows[i].answer) set |= rows[i].answer(e, w) << i;
  }
  return set;
}

uint32_t explain(const struct sight *s, const struct expect e[2], uint32_t allowed)
{
  struct expect instead[2];
  uint32_t set = 0;
  instead[0] = e[0];
  set |= instead_of(&instead[0], s->walk[0], allowed);
  if (s->walk[1]) {
    instead[1] = e[1];
    set |= instead_of(&instead[1], s->walk[1], allowed);
  }
  return set && judge_sight(s, instead) == 0 ? set : 0;
}
