/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "vectors.h"

static unsigned long line_number;

_Noreturn void refuse(const char *form, ...)
{
  va_list list;
  va_start(list, form);
  fprintf(stderr, "vectors: line %lu: ", line_number);
  vfprintf(stderr, form, list);
  fputc('\n', stderr);
  va_end(list);
  exit(EXIT_MALFORMED);
}

uint64_t number_of(const json_t *value, const char *what)
{
  uint64_t n;
  if (json_is_integer(value) && json_integer_value(value) >= 0) return (uint64_t)json_integer_value(value);
  if (!json_is_string(value) || !hex_number(json_string_value(value), &n))
    refuse("%s must be a whole number or a hex string", what);
  return n;
}

uint64_t number_in(const json_t *object, const char *name, uint64_t otherwise)
{
  const json_t *v = json_object_get(object, name);
  return v ? number_of(v, name) : otherwise;
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
  return rule == VMREF_RULE_NONE ? json_null() : json_string(rule_id((uint8_t)rule));
}

void only_fields(const json_t *object, const char *const *names)
{
  const char *key;
  json_t *value;
  if (!json_is_object(object)) refuse("an object is wanted");
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
  for (const char *const *f = fields; *f; f++) {
    json_t *v = json_object_get(access, *f);
    if (v) json_object_set(line, *f, v);
  }
  char *text = json_dumps(line, 0);
  struct complaint why;
  if (!question_read(q, text, strlen(text), &why)) refuse("%s", why.text);
  free(text);
  json_decref(line);
}

static json_t *answer_to(const json_t *ask)
{
  const char *op = json_string_value(json_object_get(ask, "op"));
  if (op && strcmp(op, "sequence") == 0) return answer_sequence(ask);
  if (op && strcmp(op, "set") == 0) return answer_set(ask);
  if (op && strcmp(op, "memtype") == 0) return answer_memtype(ask);
  if (op && strcmp(op, "footprint") == 0) return answer_footprint(ask);
  refuse("op must be sequence, set, memtype or footprint");
}

int main(void)
{
  char *text = NULL;
  size_t room = 0;
  json_error_t e;
  while (getline(&text, &room, stdin) > 0) {
    line_number++;
    json_t *ask = json_loads(text, JSON_REJECT_DUPLICATES, &e);
    if (!ask) refuse("not JSON: %s", e.text);
    json_t *answer = answer_to(ask);
    json_dumpf(answer, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(answer);
    json_decref(ask);
  }
  free(text);
  return fflush(stdout) == 0 ? EXIT_ANSWERED : EXIT_INTERNAL;
}
