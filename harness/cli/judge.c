/* SPDX-License-Identifier: MIT */
/* Is what an implementation says of an access one of the permitted outcomes? Answers come as JSON,
 * from the model or worked out by hand: a field that an answer leaves out is not looked at. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "cli.h"

static const char *const SEEN_FIELDS[] = { "id", "result", "pa", "next", "page_size", "vector", "error", "cr2", "writes", "level", "rule",
  "user", "write", "exec", "global", "key", "pat", "entry", "may", "others", "torn", "known", NULL };

static bool known(const json_t *seen, struct complaint *why)
{
  const char *key;
  json_t *value;
  if (!json_is_object(seen)) return bad(why, "an answer must be an object");
  json_object_foreach((json_t *)(uintptr_t)seen, key, value) {
    const char *const *f = SEEN_FIELDS;
    while (*f && strcmp(*f, key) != 0) f++;
    if (!*f) return bad(why, "unknown field \"%.40s\" in an answer", key);
  }
  return true;
}

static const char *result_of(const json_t *a)
{
  const char *r = json_string_value(json_object_get(a, "result"));
  return r ? r : "";
}

/* Are two numbers the same? One that the answer, or what was seen, lacks is. */
static bool same(const json_t *answer, const json_t *seen, const char *field, struct complaint *why)
{
  uint64_t a = 0, s = 0;
  json_t *want = json_object_get(answer, field), *got = json_object_get(seen, field);
  if (!want || !got) return true;
  if (number_read(want, field, &a, why) && number_read(got, field, &s, why) && a == s) return true;
  return bad(why, "%s is 0x%" PRIx64 ", not 0x%" PRIx64, field, a, s);
}

/* How one outcome of the answer differs from what was seen; NULL: not at all. */
static const char *outcome_differs(const json_t *o, const json_t *seen, struct complaint *why)
{
  static const char *const OK[] = { "pa", "page_size", NULL }, *const FAULT[] = { "vector", "error", "cr2", NULL };
  const bool ok = strcmp(result_of(o), "ok") == 0;
  if (strcmp(result_of(o), result_of(seen)) != 0) {
    const json_t *fault = ok ? seen : o;
    bad(why, "%s, not %s; vector %" JSON_INTEGER_FORMAT ", error %s", ok ? "the access is made" : "it faults",
        ok ? "a fault" : "made", json_integer_value(json_object_get(fault, "vector")),
        json_string_value(json_object_get(fault, "error")) ? json_string_value(json_object_get(fault, "error")) : "?");
    return ok ? "faults" : "made";
  }
  for (const char *const *f = ok ? OK : FAULT; *f; f++)
    if (!same(o, seen, *f, why)) return *f;
  json_t *next = json_object_get(o, "next"), *got = json_object_get(seen, "next");
  return ok && next && got && !same(next, got, "pa", why) ? "pa" : NULL;
}

/* Is [address, value] one of a list's? */
static bool listed(const json_t *list, const json_t *update)
{
  size_t i;
  json_t *u;
  uint64_t n[2], m[2];
  struct complaint why;
  if (!number_read(json_array_get(update, 0), "writes", &n[0], &why) || !number_read(json_array_get(update, 1), "writes", &n[1], &why))
    return false;
  json_array_foreach((json_t *)(uintptr_t)list, i, u)
    if (number_read(json_array_get(u, 0), "writes", &m[0], &why) && number_read(json_array_get(u, 1), "writes", &m[1], &why)
        && n[0] == m[0] && n[1] == m[1]) return true;
  return false;
}

static bool within(const json_t *list, const json_t *updates, const char *what, struct complaint *why)
{
  size_t i;
  json_t *u;
  json_array_foreach((json_t *)(uintptr_t)updates, i, u)
    if (!listed(list, u)) {
      char *text = json_dumps(u, JSON_COMPACT | JSON_ENCODE_ANY);
      bad(why, "%s: %.60s", what, text ? text : "?");
      free(text);
      return false;
    }
  return true;
}

/* Accessed and dirty flags: on success exactly those that must be set, on a fault none but those that may. */
static bool flags(const json_t *answer, const json_t *seen, struct complaint *why)
{
  const json_t *did = json_object_get(seen, "writes"), *must = json_object_get(answer, "writes"), *may = json_object_get(answer, "may");
  if (!did) return true;
  if (strcmp(result_of(seen), "ok") == 0)
    return !must || (within(must, did, "sets a flag that it must not", why) && within(did, must, "does not set a flag that it must", why));
  return !may || within(may, did, "sets a flag that a fault may not", why);
}

bool judge(const json_t *answer, const json_t *seen, const char **differs, struct complaint *why)
{
  size_t i;
  json_t *other;
  struct complaint unused;
  *differs = NULL;
  if (!known(seen, why)) return false;
  if (strcmp(result_of(seen), "ok") != 0 && strcmp(result_of(seen), "fault") != 0)
    return bad(why, "result must be \"ok\" or \"fault\", not \"%.40s\"", result_of(seen));
  *differs = outcome_differs(answer, seen, why);
  json_array_foreach(json_object_get(answer, "others"), i, other)
    if (*differs && !outcome_differs(other, seen, &unused)) *differs = NULL;
  if (*differs) return false;
  *differs = "writes";
  return flags(answer, seen, why);
}
