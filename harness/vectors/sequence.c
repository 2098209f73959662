/* SPDX-License-Identifier: MIT */
/* Accesses with changes of memory and of control state between them, and invalidations or
 * none: which outcomes of each access are permitted. Before every step whatever the
 * processor may have cached by then is taken to be cached. */
#include <stdlib.h>
#include <string.h>
#include "vectors.h"

#define WORDS 0x20000u /* 1 MiB of physical memory */

struct machine {
  json_t *cpu, *steps;    /* cpu as the field of `vmref walk`; borrowed steps */
  struct question q;      /* cpu read */
  struct vmref_tlb tlb;
  uint64_t ram[WORDS];
};

static void store(struct machine *m, json_t *mem)
{
  const char *key;
  json_t *value;
  uint64_t pa;
  json_object_foreach(mem, key, value) {
    if (!hex_number(key, &pa) || pa % 8 != 0 || pa / 8 >= WORDS) refuse("memory at %s", key);
    m->ram[pa / 8] = number_of(value, key);
  }
}

static struct vmref_cpu cpu_now(struct machine *m)
{
  json_t *access = json_pack("{s:s}", "va", "0x0");
  question_of(&m->q, m->cpu, NULL, access);
  json_decref(access);
  return m->q.cpu;
}

/* The PDPTE registers, loaded from memory at CR3; a load that faults changes nothing. */
static int load_pdptes(struct machine *m)
{
  struct vmref_cpu cpu = cpu_now(m);
  json_t *four = json_array();
  for (unsigned i = 0; i < 4; i++) {
    uint64_t e = m->ram[cpu.cr3 / 32 * 4 + i];
    if (!vmref_pdpte_fit(cpu.maxphyaddr, e)) {
      json_decref(four);
      return VMREF_RULE_GP_PDPTE;
    }
    json_array_append_new(four, hex(e));
  }
  json_object_set_new(m->cpu, "pdpte", four);
  return VMREF_RULE_NONE;
}

/* ---- what may be cached ------------------------------------------------------- */

static void fill_at(struct machine *m, const json_t *access)
{
  question_of(&m->q, m->cpu, NULL, access);
  struct vmref_walk w = vmref_walk(m->ram, WORDS, m->q.cpu, m->q.access);
  if (w.origin.level != 0 && vmref_tlb_fill(&m->tlb, &w) != VMREF_OK) refuse("the TLB's slots are used up");
}

static void fill(struct machine *m)
{
  size_t i;
  json_t *step;
  uint64_t narrow = vmref_long_mode(cpu_now(m).mode) ? UINT64_MAX : UINT32_MAX;
  json_array_foreach(m->steps, i, step)
    if (json_object_get(step, "access") && number_in(step, "va", 0) <= narrow) fill_at(m, step);
}

/* ---- an access ------------------------------------------------------------------ */

static void read_outcome(struct vmref_observed *o, const json_t *outcome)
{
  static const char *const fields[] = { "pa", "vector", "error", "cr2", "sets", NULL };
  only_fields(outcome, fields);
  *o = (struct vmref_observed){ .pa = number_in(outcome, "pa", 0), .cr2 = number_in(outcome, "cr2", 0),
                                .error = (uint32_t)number_in(outcome, "error", 0),
                                .vector = (uint8_t)number_in(outcome, "vector", 0) };
  json_t *sets = json_object_get(outcome, "sets"), *set;
  size_t i;
  if (!sets) return;
  o->flags_seen = 1;
  if (json_array_size(sets) > VMREF_SETS) refuse("too many sets");
  json_array_foreach(sets, i, set) {
    const char *flags = json_string_value(json_array_get(set, 1));
    o->set_address[i] = number_of(json_array_get(set, 0), "sets");
    o->set_a[i] = flags && strchr(flags, 'A') != NULL;
    o->set_d[i] = flags && strchr(flags, 'D') != NULL;
    o->sets++;
  }
}

static json_t *ways(struct machine *m, const json_t *outcomes)
{
  static const char *const NAMES[] = { NULL, "at once", "walk", "table", "hit", NULL };
  json_t *list = json_array(), *outcome;
  size_t i;
  json_array_foreach((json_t *)(uintptr_t)outcomes, i, outcome) {
    struct vmref_observed seen;
    read_outcome(&seen, outcome);
    struct vmref_verdict v = vmref_allows(m->q.cpu, &m->tlb, m->ram, WORDS, m->q.access, &seen);
    if (v.status != VMREF_OK) refuse("the model refuses the access, status %d", v.status);
    json_array_append_new(list, v.allowed ? json_string(NAMES[v.way]) : json_null());
  }
  return list;
}

/* The first outcome permitted is the one that came about. An entry of 32-bit paging has 4 bytes. */
static void happen(struct machine *m, const json_t *outcome)
{
  struct vmref_observed seen;
  read_outcome(&seen, outcome);
  for (unsigned i = 0; i < seen.sets; i++) {
    uint64_t pa = seen.set_address[i], flags = (seen.set_a[i] ? 0x20u : 0) | (seen.set_d[i] ? 0x40u : 0);
    m->ram[pa / 8] |= flags << (pa % 8 * 8);
  }
  if (seen.vector == VMREF_VECTOR_PF) vmref_tlb_fault(&m->tlb, m->q.cpu, seen.cr2);
}

static json_t *make_access(struct machine *m, const json_t *step)
{
  static const char *const fields[] = { "access", "va", "cpl", "size", "seg", "implicit", "ac", "permit",
                                        "deny", NULL };
  only_fields(step, fields);
  json_t *permit = json_object_get(step, "permit");
  if (json_array_size(permit) == 0) refuse("an access permits some outcome");
  question_of(&m->q, m->cpu, NULL, step);
  json_t *answer = json_pack("{s:o,s:o}", "permit", ways(m, permit), "deny", ways(m, json_object_get(step, "deny")));
  happen(m, json_array_get(permit, 0));
  return answer;
}

/* ---- invalidations and control ---------------------------------------------------- */

static int do_invpcid(struct machine *m, const json_t *step)
{
  static const char *const fields[] = { "invpcid", "descriptor", "va", "la57", "rule", NULL };
  only_fields(step, fields);
  return vmref_tlb_invpcid(&m->tlb, cpu_now(m), flag_in(step, "la57", 0), number_in(step, "invpcid", 0),
                           number_in(step, "descriptor", 0), number_in(step, "va", 0));
}

static int do_cr3(struct machine *m, const json_t *step)
{
  static const char *const fields[] = { "cr3", "keep", "rule", NULL };
  only_fields(step, fields);
  json_t *old = json_copy(m->cpu);
  json_object_set(m->cpu, "cr3", json_object_get(step, "cr3"));
  int rule = VMREF_RULE_NONE;
  if (cpu_now(m).mode == VMREF_MODE_PAE) rule = load_pdptes(m);
  if (rule == VMREF_RULE_NONE) {
    vmref_tlb_cr3(&m->tlb, cpu_now(m), flag_in(step, "keep", 0));
  } else {
    json_object_set(m->cpu, "cr3", json_object_get(old, "cr3"));
  }
  json_decref(old);
  return rule;
}

static int do_set(struct machine *m, json_t *changes)
{
  struct vmref_cpu before = cpu_now(m);
  json_object_update(m->cpu, changes);
  if (before.mode == VMREF_MODE_PAE) json_object_del(m->cpu, "pdpte");
  struct vmref_cpu after = cpu_now(m);
  int rule = VMREF_RULE_NONE;
  if (after.mode == VMREF_MODE_PAE) {
    if (before.mode != after.mode || before.pge != after.pge || before.pse != after.pse || before.smep != after.smep) {
      rule = load_pdptes(m);
      if (rule != VMREF_RULE_NONE) refuse("the registers that the vector sets would fault: %s", rule_id((uint8_t)rule));
    } else {
      json_t *four = json_array();
      for (unsigned i = 0; i < 4; i++) json_array_append_new(four, hex(before.pdpte[i]));
      json_object_set_new(m->cpu, "pdpte", four);
    }
  }
  vmref_tlb_control(&m->tlb, before, cpu_now(m));
  return rule;
}

static json_t *take_step(struct machine *m, json_t *step)
{
  int rule = VMREF_RULE_NONE;
  fill(m);
  if (json_object_get(step, "access")) return make_access(m, step);
  if (json_object_get(step, "store")) store(m, json_object_get(step, "store"));
  else if (json_object_get(step, "invlpg")) vmref_tlb_invlpg(&m->tlb, cpu_now(m), number_in(step, "invlpg", 0));
  else if (json_object_get(step, "invpcid")) rule = do_invpcid(m, step);
  else if (json_object_get(step, "cr3")) rule = do_cr3(m, step);
  else if (json_object_get(step, "set")) rule = do_set(m, json_object_get(step, "set"));
  else refuse("a step is access, store, invlpg, invpcid, cr3 or set");
  return json_pack("{s:o}", "rule", rule_name(rule));
}

json_t *answer_sequence(const json_t *ask)
{
  static const char *const fields[] = { "op", "cpu", "mem", "steps", NULL };
  static struct machine machine;
  struct machine *m = &machine;
  json_t *cpu = json_object_get(ask, "cpu"), *answers = json_array(), *step;
  size_t i;
  only_fields(ask, fields);
  memset(m->ram, 0, sizeof m->ram);
  vmref_tlb_reset(&m->tlb);
  m->cpu = cpu ? json_copy(cpu) : json_object();
  m->steps = json_object_get(ask, "steps");
  store(m, json_object_get(ask, "mem"));
  if (cpu_now(m).mode == VMREF_MODE_PAE && load_pdptes(m) != VMREF_RULE_NONE) refuse("the first PDPTEs do not load");
  json_array_foreach(m->steps, i, step) json_array_append_new(answers, take_step(m, step));
  json_decref(m->cpu);
  return json_pack("{s:o}", "steps", answers);
}
