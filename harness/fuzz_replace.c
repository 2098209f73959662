/* SPDX-License-Identifier: MIT */
/* Fuzz target of topic replace: more pages than frames, evicted by LRU and by Clock; shared ones and
 * clean ones among them. */
#include "engine_mm.h"

static const struct engine_profile PROFILE = {
  .sizes = { .tables = 20, .frames = 5, .slots = 4, .spaces = 4, .kernel = 1, .text = 0 },
  .taste = {
    .weight = { [0] = 2, [1 + MM_SPACE] = 3, [1 + MM_FILE] = 1, [1 + MM_FILE_ADD] = 2, [1 + MM_MAP] = 6,
      [1 + MM_MAP_FILE] = 2, [1 + MM_UNMAP] = 1, [1 + MM_PROTECT] = 1, [1 + MM_LOAD] = 12, [1 + MM_STORE] = 12,
      [1 + MM_RMW] = 1, [1 + MM_FETCH] = 1, [1 + MM_FORK] = 5, [1 + MM_EXIT] = 1, [1 + MM_SWAPOUT] = 1,
      [1 + MM_SWAPIN] = 1, [1 + MM_MOVE] = 1, [1 + MM_EVICT] = 10 },
    .pages = 0x7F0380, .spaces = 3
  },
  .disturb = engine_disturb_notes,
  .policy = 1
};

ENGINE_TARGET("replace", PROFILE)
