/* SPDX-License-Identifier: MIT */
/* Memory types of a walk, and the memory that tables take. */
#include <stdlib.h>
#include <string.h>
#include "asks.h"

static json_t *type_name(uint8_t type)
{
  static const char *const NAMES[] = { "UC", "WC", NULL, NULL, "WT", "WP", "WB", "UC-" };
  return type == VMREF_MEM_NONE ? json_null() : json_string(NAMES[type % 8]);
}

json_t *answer_memtype(const json_t *ask)
{
  static const char *const fields[] = { "op", "cpu", "mem", "va", "access", "cpl", "pat", "mtrr", NULL };
  static struct question q;
  struct vmref_walk w;
  only_fields(ask, fields);
  uint64_t pat = number_in(ask, "pat", VMREF_PAT_RESET), mtrr = number_in(ask, "mtrr", VMREF_MTRR_WB);
  question_of(&q, json_object_get(ask, "cpu"), json_object_get(ask, "mem"), ask);
  if (refused()) return NULL;
  vmref_walk_start(&w, q.cpu, q.access);
  while (w.level != 0) vmref_walk_step(&w, question_entry(&q, w.address[w.level]));
  json_t *entries = json_object();
  for (uint8_t level = 1; level <= 5; level++) {
    uint8_t type = vmref_entry_type(&w, level, pat, mtrr);
    if (type != VMREF_MEM_NONE) json_object_set_new(entries, (char[]){ (char)('0' + level), 0 }, type_name(type));
  }
  return json_pack("{s:o,s:o}", "page", type_name(vmref_data_type(&w, pat, mtrr)), "entries", entries);
}

json_t *answer_footprint(const json_t *ask)
{
  static const char *const fields[] = { "op", "mode", "level", "ranges", NULL };
  const char *mode = json_string_value(json_object_get(ask, "mode"));
  struct vmref_range ranges[16];
  json_t *list = json_object_get(ask, "ranges"), *range, *tables = json_object();
  uint8_t m = 0;
  size_t i;
  only_fields(ask, fields);
  while (MODES[m] && (!mode || strcmp(mode, MODES[m]) != 0)) m++;
  if (!MODES[m] || !json_is_array(list) || json_array_size(list) > 16) {
    refuse(MODES[m] ? "ranges must be a list, of at most 16" : "mode must be one of vmref walk");
    json_decref(tables);
    return NULL;
  }
  json_array_foreach(list, i, range) {
    ranges[i].first = number_of(json_array_get(range, 0), "ranges");
    ranges[i].last = number_of(json_array_get(range, 1), "ranges");
  }
  struct vmref_footprint f = vmref_footprint(m, (uint8_t)number_below(ask, "level", 1, 5), ranges, json_array_size(list));
  if (f.status != VMREF_OK) refuse("the model refuses the ranges, status %d", f.status);
  for (uint8_t level = 1; level <= 5; level++)
    if (f.tables[level]) json_object_set_new(tables, (char[]){ (char)('0' + level), 0 }, hex(f.tables[level]));
  return json_pack("{s:o,s:o,s:o,s:o}", "pages", hex(f.pages), "tables", tables, "bytes", hex(f.bytes), "flat",
                   hex(f.flat));
}
