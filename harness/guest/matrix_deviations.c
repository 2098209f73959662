/* SPDX-License-Identifier: MIT */
/* Rows of harness/deviations.tsv that the matrix meets. Each, where its condition holds,
 * turns the model's answer into what the peer does instead. In the order of their names in
 * matrix_names.c. */
#include "matrix_guest.h"

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

/* ---- Bochs looks at PKRU by the CPL, not by the address -------------------------- */

static uint32_t right(const struct vmref_walk *w, uint32_t bit) { return w->cpu.pkru >> (2 * vmref_key(w->entry[w->last]) + bit) & 1; }

static uint32_t found_page(const struct vmref_walk *w)
{
  return w->rule != VMREF_RULE_PF_NP && !(w->error & 8);
}

/* The model's answer when keys do not count. */
static struct vmref_walk without_keys(const struct vmref_walk *w)
{
  struct vmref_walk v;
  struct vmref_cpu cpu = w->cpu;
  cpu.pke = 0;
  vmref_walk_start(&v, cpu, w->access);
  while (v.level != 0) vmref_walk_step(&v, w->entry[v.level]);
  return v;
}

static void replace(struct expect *e, const struct vmref_walk *w, uint32_t denied_by_key)
{
  struct vmref_walk v = without_keys(w);
  uint32_t error = 0x21 + 2u * vmref_writes(w->access) + 4u * vmref_user_mode(w->access);
  uint32_t done = v.rule == VMREF_RULE_OK && !denied_by_key;
  e->status = denied_by_key ? MATRIX_STATUS(VMREF_VECTOR_PF, error) : done ? 0 : MATRIX_STATUS(v.vector, v.error);
  e->cr2 = done ? 0 : w->access.va;
  e->pa = v.pa;
  for (uint32_t l = w->last; l <= LEVELS; l++) {
    e->may[l] = (v.after[l] ^ v.entry[l]) & (done ? ~0ull : 0x20);
    e->must[l] = done ? e->may[l] : 0;
  }
}

static uint32_t ad_of_users(struct expect *e, const struct vmref_walk *w)
{
  if (!w->cpu.pke || !found_page(w) || vmref_fetches(w->access) || vmref_user_mode(w->access)) return 0;
  uint32_t write_denied = vmref_writes(w->access) && w->cpu.wp && right(w, 1);
  if (!w->us || !right(w, 0) || write_denied) return 0;
  replace(e, w, 0);
  return 1;
}

static uint32_t key_of_supervisor(struct expect *e, const struct vmref_walk *w)
{
  if (!w->cpu.pke || !found_page(w) || vmref_fetches(w->access) || w->us) return 0;
  uint32_t user = vmref_user_mode(w->access), write = vmref_writes(w->access);
  uint32_t denied = (user && right(w, 0)) || (write && right(w, 1) && (user || w->cpu.wp));
  if (!denied) return 0;
  replace(e, w, 1);
  return 1;
}

static uint32_t (*const rows[])(struct expect *, const struct vmref_walk *) = {
  no_p_with_reserved, a_in_reserved_1g, ad_of_users, key_of_supervisor };

uint32_t explain(const struct sight *s, const struct expect e[2], uint32_t allowed)
{
  struct expect instead[2];
  uint32_t set = 0;
  instead[0] = e[0];
  if (s->walk[1]) instead[1] = e[1];
  for (uint32_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    if (!(allowed >> i & 1)) continue;
    uint32_t here = rows[i](&instead[0], s->walk[0]);
    if (s->walk[1]) here |= rows[i](&instead[1], s->walk[1]);
    set |= here << i;
  }
  return set && judge_sight(s, instead) == 0 ? set : 0;
}
