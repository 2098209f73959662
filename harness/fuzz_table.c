/* SPDX-License-Identifier: MIT */
/* Fuzz target of topic table: few tables, and ranges over the edges of 2 MiB, 1 GiB, 512 GiB and
 * of the user's half: all tables that are needed, no others, or none. */
#include "engine_mm.h"

static const struct engine_profile PROFILE = {
  .sizes = { .tables = 17, .frames = 4, .slots = 2, .spaces = 3, .kernel = 3, .text = 2 },
  .taste = {
    .weight = { [0] = 1, [1 + MM_SPACE] = 4, [1 + MM_FILE] = 1, [1 + MM_FILE_ADD] = 2, [1 + MM_MAP] = 12,
      [1 + MM_MAP_FILE] = 2, [1 + MM_UNMAP] = 9, [1 + MM_PROTECT] = 3, [1 + MM_LOAD] = 2, [1 + MM_STORE] = 4,
      [1 + MM_FORK] = 3, [1 + MM_EXIT] = 3 },
    .pages = 0x7FFFFFFF00FF8F, .spaces = 3
  },
  .disturb = engine_disturb_hints
};

ENGINE_TARGET("table", PROFILE)
