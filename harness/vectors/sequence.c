/* SPDX-License-Identifier: MIT */
/* Accesses with changes of memory and of control state between them, and invalidations or none. Asked with
 * outcomes: which of them are permitted; without: what comes of each access on a processor that caches nothing,
 * which is always permitted (TLB.DROP). Before every step whatever a processor may have cached by then is taken
 * to be cached. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "asks.h"

#define WORDS 0x20000u /* 1 MiB of physical memory */
#define STEPS 64       /* each access may fill the TLB before each step */

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
    if (!hex_number(key, &pa) || pa % 8 != 0 || pa / 8 >= WORDS) refuse("memory at %.40s: an address must be \"0x\" and hex digits, a multiple of 8 below 1 MiB", key);
    else m->ram[pa / 8] = number_of(value, key);
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
  if (cpu.cr3 / 32 * 4 + 4 > WORDS) return refuse("cr3 must be below 1 MiB"), VMREF_RULE_NONE;
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

static json_t *ways(struct machine *m, const json_t *outcomes)
{
  static const char *const NAMES[] = { NULL, "at once", "walk", "table", "hit", NULL };
  json_t *list = json_array(), *outcome;
  size_t i;
  json_array_foreach((json_t *)(uintptr_t)outcomes, i, outcome) {
    struct vmref_observed seen;
    outcome_read(&seen, outcome);
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
  outcome_read(&seen, outcome);
  for (unsigned i = 0; i < seen.sets; i++) {
    uint64_t pa = seen.set_address[i], flags = (seen.set_a[i] ? 0x20u : 0) | (seen.set_d[i] ? 0x40u : 0);
    if (pa / 8 < WORDS) m->ram[pa / 8] |= flags << (pa % 8 * 8);
  }
  if (seen.vector == VMREF_VECTOR_PF) vmref_tlb_fault(&m->tlb, m->q.cpu, seen.cr2);
}

/* What comes of it by the tables as they are now. */
static json_t *walked(const struct machine *m)
{
  const struct vmref_walk w = vmref_walk(m->ram, WORDS, m->q.cpu, m->q.access);
  if (w.status != VMREF_OK) return refuse("the model refuses the access, status %d", w.status), NULL;
  json_t *outcome = json_object(), *sets = json_array();
  if (w.vector == 0) json_object_set_new(outcome, "pa", hex(w.pa));
  else json_object_set_new(outcome, "vector", json_integer(w.vector)), json_object_set_new(outcome, "error", hex(w.error));
  if (w.vector == VMREF_VECTOR_PF) json_object_set_new(outcome, "cr2", hex(w.cr2));
  for (uint8_t level = w.origin.level; w.vector == 0 && level >= 1 && level >= w.last; level--) {
    const uint64_t new = w.after[level] & ~w.entry[level];
    if (new) json_array_append_new(sets, json_pack("[o,s]", hex(w.address[level]), new & 0x20 ? new & 0x40 ? "AD" : "A" : "D"));
  }
  json_object_set_new(outcome, "sets", sets);
  return outcome;
}

static json_t *make_access(struct machine *m, const json_t *step)
{
  static const char *const fields[] = { "access", "va", "cpl", "size", "seg", "implicit", "ac", "permit",
                                        "deny", NULL };
  json_t *permit = json_object_get(step, "permit"), *answer;
  only_fields(step, fields);
  question_of(&m->q, m->cpu, NULL, step);
  if (refused()) return NULL;
  if (permit && json_array_size(permit) == 0) return refuse("permit must be a list of outcomes, one at least"), NULL;
  if (permit) answer = json_pack("{s:o,s:o}", "permit", ways(m, permit), "deny", ways(m, json_object_get(step, "deny")));
  else answer = walked(m);
  if (answer) happen(m, permit ? json_array_get(permit, 0) : answer);
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

/* What is no access: the rule by which it faults. */
static int do_step(struct machine *m, json_t *step)
{
  if (json_object_get(step, "store")) store(m, json_object_get(step, "store"));
  else if (json_object_get(step, "invlpg")) vmref_tlb_invlpg(&m->tlb, cpu_now(m), number_in(step, "invlpg", 0));
  else if (json_object_get(step, "invpcid")) return do_invpcid(m, step);
  else if (json_object_get(step, "cr3")) return do_cr3(m, step);
  else if (json_object_get(step, "set")) return do_set(m, json_object_get(step, "set"));
  else refuse("a step is access, store, invlpg, invpcid, cr3 or set");
  return VMREF_RULE_NONE;
}

static json_t *take_step(struct machine *m, json_t *step)
{
  fill(m);
  if (refused()) return NULL;
  if (json_object_get(step, "access")) return make_access(m, step);
  const int rule = do_step(m, step);
  json_t *name = rule_name(rule);
  return rule < 0 ? name : json_pack("{s:o,s:i}", "rule", name, "vector", rule == VMREF_RULE_NONE ? 0 : vmref_vector((uint8_t)rule));
}

static struct machine machine;
static void begin(struct machine *m, const json_t *ask)
{
  static const char *const fields[] = { "op", "cpu", "mem", "steps", NULL };
  json_t *cpu = json_object_get(ask, "cpu");
  only_fields(ask, fields);
  if (cpu && !json_is_object(cpu)) refuse("cpu must be an object");
  memset(m->ram, 0, sizeof m->ram);
  vmref_tlb_reset(&m->tlb);
  m->cpu = json_is_object(cpu) ? json_copy(cpu) : json_object();
  m->steps = json_object_get(ask, "steps");
  if (!json_is_array(m->steps) || json_array_size(m->steps) > STEPS) refuse("steps must be a list, of at most %d", STEPS);
  store(m, json_object_get(ask, "mem"));
  if (cpu_now(m).mode == VMREF_MODE_PAE && load_pdptes(m) != VMREF_RULE_NONE) refuse("the first PDPTEs do not load");
}

json_t *answer_sequence(const json_t *ask)
{
  json_t *answers = json_array(), *step;
  size_t i;
  begin(&machine, ask);
  json_array_foreach(machine.steps, i, step)
    if (!refused()) json_array_append_new(answers, take_step(&machine, step));
  json_decref(machine.cpu);
  return json_pack("{s:o}", "steps", answers);
}

bool sequence_agrees(const json_t *ask)
{
  struct complaint why;
  json_t *answer = ask_answer(ask, &why), *step, *way;
  size_t i, k;
  bool good = answer != NULL;
  json_array_foreach(json_object_get(answer, "steps"), i, step) {
    json_array_foreach(json_object_get(step, "permit"), k, way) good = good && json_is_string(way);
    json_array_foreach(json_object_get(step, "deny"), k, way) good = good && json_is_null(way);
  }
  json_decref(answer);
  return good;
}

/* ---- judging --------------------------------------------------------------------- */

/* Is what was seen this outcome? What either leaves out is not looked at. */
static bool is_outcome(const json_t *outcome, const json_t *seen)
{
  struct vmref_observed o, s;
  outcome_read(&o, outcome);
  outcome_read(&s, seen);
  if (refused() || o.vector != s.vector) return false;
  if (o.vector == 0) return !json_object_get(seen, "pa") || o.pa == s.pa;
  if (json_object_get(seen, "error") && o.error != s.error) return false;
  return o.vector != VMREF_VECTOR_PF || !json_object_get(seen, "cr2") || o.cr2 == s.cr2;
}

static bool same_flags(const json_t *outcome, const json_t *seen)
{
  struct vmref_observed o, s;
  outcome_read(&o, outcome);
  outcome_read(&s, seen);
  if (!o.flags_seen || !s.flags_seen) return true;
  unsigned found = 0;
  for (unsigned i = 0; i < s.sets; i++)
    for (unsigned k = 0; k < o.sets; k++)
      found += s.set_address[i] == o.set_address[k] && s.set_a[i] == o.set_a[k] && s.set_d[i] == o.set_d[k];
  return found == s.sets && s.sets == o.sets;
}

static bool is_allowed(struct machine *m, const json_t *seen)
{
  json_t *list = json_pack("[O]", seen), *answer = ways(m, list);
  const bool allowed = json_is_string(json_array_get(answer, 0));
  json_decref(answer);
  json_decref(list);
  if (allowed) happen(m, seen);
  return allowed;
}

static bool anywhere(struct machine *m, const json_t *outcomes, const json_t *seen)
{
  size_t i;
  json_t *o, *there;
  bool allowed = false;
  json_array_foreach((json_t *)(uintptr_t)outcomes, i, o) {
    if (allowed || !json_object_get(o, "pa")) continue;
    there = json_copy((json_t *)(uintptr_t)seen);
    json_object_set(there, "pa", json_object_get(o, "pa"));
    allowed = is_allowed(m, there);
    json_decref(there);
  }
  return allowed;
}

/* Where the implementation went another permitted way than the vector's first, what is permitted of the
 * accesses after it is for the model to say. */
static bool permitted(struct machine *m, const json_t *step, const json_t *seen, bool *astray)
{
  const json_t *permit = json_object_get(step, "permit");
  size_t i;
  json_t *o;
  json_array_foreach((json_t *)(uintptr_t)permit, i, o)
    if (is_outcome(o, seen) && same_flags(o, seen)) {
      *astray = *astray || i > 0;
      happen(m, o);
      return true;
    }
  if (!*astray) return false;
  if (json_object_get(seen, "pa") || json_object_get(seen, "vector")) return is_allowed(m, seen);
  /* It was made, and where is not told: at one of the places that the vector names. */
  json_array_foreach(m->steps, i, o)
    if (anywhere(m, json_object_get(o, "permit"), seen) || anywhere(m, json_object_get(o, "deny"), seen)) return true;
  return false;
}

static bool judge_step(struct machine *m, json_t *step, const json_t *seen, size_t i, bool *astray, struct complaint *why)
{
  static const char *const fields[] = { "vector", "rule", "result", NULL };
  if (!json_is_object(seen)) return refuse("steps[%zu] must be an object", i), false;
  fill(m);
  if (refused()) return false;
  if (json_object_get(step, "access")) {
    char *text = json_dumps(seen, JSON_COMPACT);
    question_of(&m->q, m->cpu, NULL, step);
    const bool good = permitted(m, step, seen, astray);
    if (!good) bad(why, "steps[%zu]: %.200s is not permitted", i, text ? text : "?");
    free(text);
    return good;
  }
  only_fields(seen, fields);
  const int rule = do_step(m, step);
  const uint64_t vector = rule <= 0 ? 0 : vmref_vector((uint8_t)rule), got = number_in(seen, "vector", 0); /* {}: it did not fault */
  return rule < 0 || got == vector || bad(why, "steps[%zu]: vector %" PRIu64 ", not %" PRIu64, i, vector, got);
}

bool judge_sequence(const json_t *ask, const json_t *seen, const char **differs, struct complaint *why)
{
  bool good = true, astray = false;
  json_t *steps = json_object_get(seen, "steps"), *step;
  size_t i;
  begin(&machine, ask);
  if (!json_is_array(steps) || json_array_size(steps) != json_array_size(machine.steps)) refuse("steps must be a list with an object for each step of the question");
  *differs = NULL;
  json_array_foreach(machine.steps, i, step)
    if (good && !refused()) {
      good = judge_step(&machine, step, json_array_get(steps, i), i, &astray, why);
      if (!good) *differs = json_object_get(step, "access") ? "outcome" : "vector";
    }
  json_decref(machine.cpu);
  return good;
}
