/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "plain.h"

/* ---- reading ---------------------------------------------------------------------- */

static bool full;
bool plain_full(void) { return full; }

static void no_room(unsigned most, const char *what)
{
  full = full || !refused();
  refuse("more than %u %s", most, what);
}

static int by_address(const void *a, const void *b)
{
  const uint64_t x = ((const struct word *)a)->address, y = ((const struct word *)b)->address;
  return x < y ? -1 : x > y;
}

static uint8_t words_read(struct word *word, uint8_t most, json_t *mem)
{
  const char *key;
  json_t *value;
  uint8_t n = 0;
  json_object_foreach(mem, key, value) {
    if (n == most) return no_room(most, "words of memory"), (uint8_t)0;
    if (!hex_number(key, &word[n].address) || word[n].address % 8) refuse("memory at %.40s: an address must be \"0x\" and hex digits, a multiple of 8", key);
    word[n++].value = number_of(value, key);
  }
  qsort(word, n, sizeof *word, by_address);
  return n;
}

static void outcomes_read(struct plain_step *s, const json_t *list, uint8_t *count)
{
  size_t i;
  json_t *o;
  json_array_foreach((json_t *)(uintptr_t)list, i, o) {
    if (s->permits + s->denies == PLAIN_OUTCOMES) return no_room(PLAIN_OUTCOMES, "outcomes");
    outcome_read(&s->outcome[s->permits + s->denies], o);
    ++*count;
  }
}

static void step_read(struct plain_step *s, json_t *cpu, json_t *step, struct question *q)
{
  const char *rule = json_string_value(json_object_get(step, "rule"));
  if (json_object_get(step, "access")) {
    s->what = PLAIN_ACCESS;
    question_of(q, cpu, NULL, step);
    s->access = q->access;
    outcomes_read(s, json_object_get(step, "permit"), &s->permits);
    outcomes_read(s, json_object_get(step, "deny"), &s->denies);
  } else if (json_object_get(step, "store")) {
    s->what = PLAIN_STORE;
    s->words = words_read(s->word, PLAIN_STORES, json_object_get(step, "store"));
  } else if (json_object_get(step, "invlpg")) {
    s->what = PLAIN_INVLPG;
    s->value = number_in(step, "invlpg", 0);
  } else if (json_object_get(step, "invpcid")) {
    s->what = PLAIN_INVPCID;
    s->type = number_in(step, "invpcid", 0), s->descriptor = number_in(step, "descriptor", 0), s->value = number_in(step, "va", 0);
    s->la57 = flag_in(step, "la57", 0);
  } else if (json_object_get(step, "cr3")) {
    s->what = PLAIN_CR3;
    s->value = number_in(step, "cr3", 0), s->keep = flag_in(step, "keep", 0);
    json_object_set(cpu, "cr3", json_object_get(step, "cr3"));
  } else if (json_object_get(step, "set")) {
    json_t *none = json_pack("{s:s}", "va", "0x0");
    s->what = PLAIN_SET;
    json_object_update(cpu, json_object_get(step, "set"));
    question_of(q, cpu, NULL, none);
    json_decref(none);
    s->cpu = q->cpu;
  } else {
    refuse("a step is access, store, invlpg, invpcid, cr3 or set");
  }
  for (int r = 0; rule && r < 256 && !s->vector; r++)
    if (rule_id((uint8_t)r) && strcmp(rule_id((uint8_t)r), rule) == 0) s->vector = vmref_vector((uint8_t)r);
}

bool plain_read(struct plain_sequence *p, const json_t *ask, struct complaint *why)
{
  static const char *const fields[] = { "op", "cpu", "mem", "steps", NULL };
  static struct question q;
  json_t *cpu = json_copy(json_object_get(ask, "cpu")), *steps = json_object_get(ask, "steps"), *step;
  json_t *none = json_pack("{s:s}", "va", "0x0");
  size_t i;
  memset(p, 0, sizeof *p);
  refuse_none();
  full = false;
  only_fields(ask, fields);
  if (!cpu) cpu = json_object();
  if (!json_is_array(steps)) refuse("steps must be a list");
  if (json_array_size(steps) > PLAIN_STEPS) no_room(PLAIN_STEPS, "steps");
  question_of(&q, cpu, NULL, none);
  p->cpu = q.cpu;
  p->words = words_read(p->word, PLAIN_WORDS, json_object_get(ask, "mem"));
  json_array_foreach(steps, i, step)
    if (!refused()) step_read(&p->step[p->steps++], cpu, step, &q);
  json_decref(cpu);
  json_decref(none);
  return !refused() || bad(why, "%s", refusal());
}

/* ---- what does nothing ------------------------------------------------------------ */

static bool has_xd(const struct word *word, unsigned n)
{
  while (n > 0 && word[n - 1].value >> 63 == 0) n--;
  return n > 0;
}

void plain_drop_idle(struct plain_sequence *p, bool has_smep, bool has_nx)
{
  bool fetches = false, smep = false, nxe = has_xd(p->word, p->words);
  for (unsigned i = 0; i < p->steps; i++) {
    const struct plain_step *s = &p->step[i];
    fetches |= s->what == PLAIN_ACCESS && s->access.kind == VMREF_FETCH;
    nxe |= has_xd(s->word, s->words);
    if (s->what == PLAIN_SET) smep |= s->cpu.smep != p->cpu.smep, nxe |= s->cpu.nxe != p->cpu.nxe;
  }
  const bool no_smep = !has_smep && !fetches && !smep, no_nxe = !has_nx && !fetches && !nxe;
  for (unsigned i = 0; i <= p->steps; i++) {
    struct vmref_cpu *u = i ? &p->step[i - 1].cpu : &p->cpu;
    if (no_smep) u->smep = 0;
    if (no_nxe) u->nxe = 0;
  }
}

/* ---- writing ---------------------------------------------------------------------- */

static json_t *words_written(const struct word *word, unsigned n)
{
  json_t *mem = json_object();
  char key[20];
  for (unsigned i = 0; i < n; i++) {
    snprintf(key, sizeof key, "0x%" PRIx64, word[i].address);
    json_object_set_new(mem, key, hex(word[i].value));
  }
  return mem;
}

static json_t *outcome_written(const struct vmref_observed *o)
{
  json_t *object = json_object(), *sets = json_array();
  if (o->vector == 0) json_object_set_new(object, "pa", hex(o->pa));
  else json_object_set_new(object, "vector", json_integer(o->vector)), json_object_set_new(object, "error", hex(o->error));
  if (o->vector == VMREF_VECTOR_PF) json_object_set_new(object, "cr2", hex(o->cr2));
  for (unsigned i = 0; i < o->sets; i++)
    json_array_append_new(sets, json_pack("[o,s]", hex(o->set_address[i]), o->set_a[i] ? o->set_d[i] ? "AD" : "A" : "D"));
  if (o->flags_seen) json_object_set(object, "sets", sets);
  json_decref(sets);
  return object;
}

static void outcomes_written(json_t *step, const char *name, const struct vmref_observed *o, unsigned n)
{
  json_t *list = json_array();
  for (unsigned i = 0; i < n; i++) json_array_append_new(list, outcome_written(&o[i]));
  if (n) json_object_set(step, name, list);
  json_decref(list);
}

/* Fields of cpu that differ, all of them where there is no other. */
static json_t *cpu_written(const struct vmref_cpu *u, const struct vmref_cpu *than)
{
  json_t *cpu = json_object();
#define FLAG(name) if (!than || u->name != than->name) json_object_set_new(cpu, #name, json_boolean(u->name))
#define NUMBER(name) if (!than || u->name != than->name) json_object_set_new(cpu, #name, hex(u->name))
  if (!than || u->mode != than->mode) json_object_set_new(cpu, "mode", json_string(MODES[u->mode]));
  NUMBER(cr3);
  FLAG(wp); FLAG(smep); FLAG(smap); FLAG(nxe); FLAG(pge); FLAG(pse); FLAG(pse36); FLAG(pcide); FLAG(pke); FLAG(pks);
  NUMBER(pkru);
  NUMBER(pkrs);
  if (!than || u->maxphyaddr != than->maxphyaddr) json_object_set_new(cpu, "maxphyaddr", json_integer(u->maxphyaddr));
  FLAG(page1gb);
  if (!than || u->vendor != than->vendor) json_object_set_new(cpu, "vendor", json_string(VENDORS[u->vendor]));
  return cpu;
}

static json_t *access_written(const struct plain_step *s)
{
  const struct vmref_access *a = &s->access;
  json_t *step = json_pack("{s:s,s:o,s:i,s:i,s:s,s:b,s:b}", "access", KINDS[a->kind], "va", hex(a->va), "cpl", a->cpl, "size", a->size,
                           "seg", SEGMENTS[a->seg], "implicit", a->implicit, "ac", a->ac);
  outcomes_written(step, "permit", s->outcome, s->permits);
  outcomes_written(step, "deny", s->outcome + s->permits, s->denies);
  return step;
}

static json_t *step_written(const struct plain_step *s, struct vmref_cpu *now)
{
  json_t *step;
  switch (s->what) {
  case PLAIN_ACCESS: return access_written(s);
  case PLAIN_STORE: return json_pack("{s:o}", "store", words_written(s->word, s->words));
  case PLAIN_INVLPG: return json_pack("{s:o}", "invlpg", hex(s->value));
  case PLAIN_INVPCID:
    return json_pack("{s:o,s:o,s:o,s:b}", "invpcid", hex(s->type), "descriptor", hex(s->descriptor), "va", hex(s->value), "la57", s->la57);
  case PLAIN_CR3:
    now->cr3 = s->value;
    return json_pack("{s:o,s:b}", "cr3", hex(s->value), "keep", s->keep);
  default:
    step = json_pack("{s:o}", "set", cpu_written(&s->cpu, now));
    *now = s->cpu;
    return step;
  }
}

json_t *plain_write(const struct plain_sequence *p)
{
  struct vmref_cpu now = p->cpu;
  json_t *steps = json_array();
  for (unsigned i = 0; i < p->steps; i++) json_array_append_new(steps, step_written(&p->step[i], &now));
  return json_pack("{s:s,s:o,s:o,s:o}", "op", "sequence", "cpu", cpu_written(&p->cpu, NULL), "mem", words_written(p->word, p->words), "steps", steps);
}
