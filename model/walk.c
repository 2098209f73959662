/* SPDX-License-Identifier: MIT */
#include "walk.h"

/* The walk is over under a rule: vector, error code and CR2 follow from it. */
/*@ requires askable(w.cpu, w.access);
    assigns \nothing; exits \false;
    ensures answers(\result, w.cpu, w.access, rule);
    ensures \result.level == 0 && \result.last == w.last && \result.status == w.status;
    ensures \result.cpu == w.cpu && \result.access == w.access;
    ensures \result.address == w.address && \result.entry == w.entry && \result.after == w.after;
    ensures \result.pa == w.pa && \result.global == w.global;
    ensures \result.rw == w.rw && \result.us == w.us && \result.xd == w.xd; */
static struct vmref_walk end(struct vmref_walk w, uint8_t rule)
{
  w.level = 0;
  w.rule = rule;
  w.vector = vmref_vector(rule);
  w.error = vmref_error_code(w.cpu, w.access, rule);
  w.cr2 = w.vector == VMREF_VECTOR_PF ? w.access.va : 0;
  return w;
}

struct vmref_walk vmref_walk_start(struct vmref_cpu cpu, struct vmref_access access)
{
  struct vmref_walk w = { .cpu = cpu, .access = access, .rw = 1, .us = 1 };
  if (!vmref_cpu_valid(cpu) || !vmref_access_valid(access)) {
    w.status = VMREF_EINVAL;
    return w;
  }
  if (cpu.mode != VMREF_MODE_4LEVEL || !vmref_access_one_page(access)) {
    w.status = VMREF_EUNMODELLED;
    return w;
  }
  if (!vmref_canonical(access.va))
    return end(w, access.seg == VMREF_SEG_SS ? VMREF_RULE_SS_CANON : VMREF_RULE_GP_CANON);
  w.level = 4;
  w.last = 4;
  w.address[4] = vmref_table_of(cpu.cr3) + 8 * vmref_index(access.va, 4);
  return w;
}

/* The last entry maps a page: the rights of all entries decide. */
static struct vmref_walk reach(struct vmref_walk w, uint64_t entry)
{
  uint8_t rule = vmref_denied(w.cpu, w.access, w.rw, w.us, w.xd);
  if (rule != VMREF_RULE_NONE) return end(w, rule);
  if (vmref_writes(w.access)) w.after[w.level] = vmref_dirtied(w.after[w.level]);
  w.pa = vmref_page_byte(w.level, entry, w.access.va);
  w.global = w.cpu.pge == 1 && vmref_g(entry) == 1;
  return end(w, VMREF_RULE_OK);
}

struct vmref_walk vmref_walk_step(struct vmref_walk w, uint64_t entry)
{
  w.entry[w.level] = entry;
  w.after[w.level] = entry;
  if (vmref_p(entry) == 0) return end(w, VMREF_RULE_PF_NP);
  uint8_t rule = vmref_reserved(w.cpu, w.level, entry);
  if (rule != VMREF_RULE_NONE) return end(w, rule);

  w.after[w.level] = vmref_accessed(entry);
  w.rw = w.rw == 1 && vmref_rw(entry) == 1;
  w.us = w.us == 1 && vmref_us(entry) == 1;
  w.xd = w.xd == 1 || vmref_xd(entry) == 1;
  if (vmref_maps_page(w.level, entry)) return reach(w, entry);

  w.level--;
  w.last = w.level;
  w.address[w.level] = vmref_table_of(entry) + 8 * vmref_index(w.access.va, w.level);
  return w;
}

struct vmref_walk vmref_walk(const uint64_t *ram, uint64_t words,
                             struct vmref_cpu cpu, struct vmref_access access)
{
  struct vmref_walk w = vmref_walk_start(cpu, access);
  /*@ loop invariant w.cpu == cpu && w.access == access;
      loop assigns w;
      loop variant w.level; */
  while (w.level != 0 && w.address[w.level] / 8 < words)
    w = vmref_walk_step(w, ram[w.address[w.level] / 8]);
  if (w.level != 0) {
    w.status = VMREF_EMEM;
    w.level = 0;
  }
  return w;
}
