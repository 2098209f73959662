/* SPDX-License-Identifier: MIT */
/* Is what an implementation says of a question that is no single walk what the vector says? Answers are compared field by
 * field: what either side leaves out is not looked at, but of a list, which must have an element for each that the other has.
 * Rules are vmref's own words for what happened: no implementation need know them. */
#include <stdlib.h>
#include <string.h>
#include "asks.h"

static bool differ(const char *where, const json_t *want, const json_t *got, struct complaint *why)
{
  char *w = json_dumps(want, JSON_COMPACT | JSON_ENCODE_ANY), *g = json_dumps(got, JSON_COMPACT | JSON_ENCODE_ANY);
  bad(why, "%s is %.100s, not %.100s", where, w ? w : "?", g ? g : "?");
  free(w);
  free(g);
  return false;
}

static bool same_scalar(const json_t *want, const json_t *got)
{
  struct complaint unused;
  uint64_t w, g;
  if (json_equal(want, got)) return true;
  return number_read(want, "", &w, &unused) && number_read(got, "", &g, &unused) && w == g;
}

static bool same(const json_t *want, const json_t *got, const char *where, const char **differs, struct complaint *why)
{
  const char *key;
  json_t *value;
  size_t i;
  char inner[80];
  if (json_is_object(want) && json_is_object(got)) {
    json_object_foreach((json_t *)(uintptr_t)want, key, value) {
      json_t *there = json_object_get(got, key);
      if (!there || strcmp(key, "rule") == 0 || strcmp(key, "others") == 0 || strcmp(key, "may") == 0) continue;
      snprintf(inner, sizeof inner, "%.50s%s%.20s", where, where[0] ? "." : "", key);
      if (same(value, there, inner, differs, why)) continue;
      if (!*differs) *differs = key;
      return false;
    }
    return true;
  }
  if (json_is_array(want) && json_is_array(got) && json_array_size(want) == json_array_size(got)) {
    json_array_foreach((json_t *)(uintptr_t)want, i, value) {
      snprintf(inner, sizeof inner, "%.50s[%zu]", where, i);
      if (!same(value, json_array_get(got, i), inner, differs, why)) return false;
    }
    return true;
  }
  return same_scalar(want, got) || differ(where, want, got, why);
}

/* An answer that has none of the fields that the vector's has would agree with anything. */
static bool says_something(const json_t *answer, const json_t *seen)
{
  const char *key;
  json_t *value;
  json_object_foreach((json_t *)(uintptr_t)answer, key, value)
    if (json_object_get(seen, key)) return true;
  return false;
}

bool judge_fields(const json_t *answer, const json_t *seen, const char **differs, struct complaint *why)
{
  *differs = NULL;
  if (!json_is_object(seen)) return bad(why, "an answer must be an object");
  if (!says_something(answer, seen)) return bad(why, "an answer must have some of the fields of the vector's");
  if (same(answer, seen, "", differs, why)) return true;
  if (!*differs) *differs = "answer";
  return false;
}
