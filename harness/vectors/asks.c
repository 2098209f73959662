/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "asks.h"

static struct complaint complaint;
static bool malformed;

void refuse(const char *form, ...)
{
  char text[sizeof complaint.text];
  va_list list;
  if (malformed) return;
  va_start(list, form);
  vsnprintf(text, sizeof text, form, list);
  va_end(list);
  malformed = !bad(&complaint, "%s", text);
}

bool refused(void) { return malformed; }
void refuse_none(void) { malformed = false; }
const char *refusal(void) { return complaint.text; }

uint64_t number_of(const json_t *value, const char *what)
{
  uint64_t n = 0;
  struct complaint why;
  if (value && number_read(value, what, &n, &why)) return n;
  if (value) refuse("%s", why.text);
  else refuse("%s is missing, or is no number", what);
  return 0;
}

uint64_t number_in(const json_t *object, const char *name, uint64_t otherwise)
{
  const json_t *v = json_object_get(object, name);
  return v ? number_of(v, name) : otherwise;
}

uint64_t number_below(const json_t *object, const char *name, uint64_t otherwise, uint64_t most)
{
  const uint64_t n = number_in(object, name, otherwise);
  if (n > most) refuse("%s is at most 0x%" PRIx64 ", not 0x%" PRIx64, name, most, n);
  return n > most ? most : n;
}

uint8_t flag_in(const json_t *object, const char *name, uint8_t otherwise)
{
  const json_t *v = json_object_get(object, name);
  if (v && !json_is_boolean(v)) refuse("%s must be true or false", name);
  return v ? json_is_true(v) : otherwise;
}

json_t *hex(uint64_t n)
{
  char text[20];
  snprintf(text, sizeof text, "0x%" PRIx64, n);
  return json_string(text);
}

json_t *rule_name(int rule)
{
  if (rule < 0) refuse("the model refuses the question, status %d", rule);
  return rule < 0 || rule == VMREF_RULE_NONE ? json_null() : json_string(rule_id((uint8_t)rule));
}

void only_fields(const json_t *object, const char *const *names)
{
  const char *key;
  json_t *value;
  if (!json_is_object(object)) refuse("an object is wanted, with %s among its fields", names[0]);
  json_object_foreach((json_t *)(uintptr_t)object, key, value) {
    const char *const *n = names;
    while (*n && strcmp(*n, key) != 0) n++;
    if (!*n) refuse("unknown field \"%s\"", key);
  }
}

void question_of(struct question *q, json_t *cpu, json_t *mem, const json_t *access)
{
  static const char *const fields[] = { "va", "access", "cpl", "size", "seg", "implicit", "ac", NULL };
  json_t *line = json_pack("{s:O*,s:O*}", "cpu", cpu, "mem", mem);
  struct complaint why;
  for (const char *const *f = fields; *f; f++) {
    json_t *v = json_object_get(access, *f);
    if (v) json_object_set(line, *f, v);
  }
  if (!question_take(q, line, &why)) {
    refuse("%s", why.text);
    q->cpu = QUESTION_DEFAULT.cpu, q->access = QUESTION_DEFAULT.access, q->words = 0;
  }
  json_decref(line);
}

void outcome_read(struct vmref_observed *o, const json_t *outcome)
{
  static const char *const fields[] = { "pa", "vector", "error", "cr2", "sets", NULL };
  only_fields(outcome, fields);
  *o = (struct vmref_observed){ .pa = number_in(outcome, "pa", 0), .cr2 = number_in(outcome, "cr2", 0),
                                .error = (uint32_t)number_below(outcome, "error", 0, UINT32_MAX),
                                .vector = (uint8_t)number_below(outcome, "vector", 0, 31) };
  json_t *sets = json_object_get(outcome, "sets"), *set;
  size_t i;
  if (!sets) return;
  o->flags_seen = 1;
  if (!json_is_array(sets) || json_array_size(sets) > VMREF_SETS) {
    refuse("sets must be a list of at most %d [address, flags]", VMREF_SETS);
    return;
  }
  json_array_foreach(sets, i, set) {
    const char *flags = json_string_value(json_array_get(set, 1));
    if (!flags || !flags[0] || flags[strspn(flags, "AD")]) refuse("sets: flags must be \"A\", \"D\" or \"AD\"");
    o->set_address[i] = number_of(json_array_get(set, 0), "sets");
    o->set_a[i] = flags && strchr(flags, 'A') != NULL;
    o->set_d[i] = flags && strchr(flags, 'D') != NULL;
    o->sets++;
  }
}

const char *const ASKS[] = { "sequence", "set", "memtype", "footprint", NULL };

json_t *ask_answer(const json_t *ask, struct complaint *why)
{
  static json_t *(*const answers[])(const json_t *) = { answer_sequence, answer_set, answer_memtype, answer_footprint };
  const char *op = json_string_value(json_object_get(ask, "op"));
  size_t i = 0;
  refuse_none();
  while (op && ASKS[i] && strcmp(op, ASKS[i]) != 0) i++;
  json_t *answer = op && ASKS[i] ? answers[i](ask) : (refuse("op must be sequence, set, memtype or footprint"), NULL);
  if (!malformed && answer) return answer;
  if (!malformed) refuse("out of memory");
  *why = complaint;
  json_decref(answer);
  return NULL;
}

bool ask_judge(const json_t *ask, const json_t *answer, const json_t *seen, const char **differs, struct complaint *why)
{
  const char *op = json_string_value(json_object_get(ask, "op"));
  refuse_none();
  *differs = NULL;
  if (!op || strcmp(op, "sequence") != 0) return judge_fields(answer, seen, differs, why);
  const bool good = json_is_object(seen) ? judge_sequence(ask, seen, differs, why) : (refuse("an answer must be an object"), false);
  if (!malformed) return good;
  *why = complaint;
  *differs = NULL;
  return false;
}
