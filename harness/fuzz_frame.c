/* SPDX-License-Identifier: MIT */
/* Fuzz target of topic frame: few frames, many touches, unmaps and exits, and hints that are wrong:
 * who refers to what is counted anew after each step. */
#include "engine_mm.h"

static const struct engine_profile PROFILE = {
  .sizes = { .tables = 20, .frames = 3, .slots = 2, .spaces = 3, .kernel = 3, .text = 1 },
  .taste = {
    .weight = { [0] = 3, [1 + MM_SPACE] = 4, [1 + MM_FILE] = 1, [1 + MM_FILE_ADD] = 2, [1 + MM_MAP] = 6,
      [1 + MM_MAP_FILE] = 2, [1 + MM_UNMAP] = 5, [1 + MM_PROTECT] = 1, [1 + MM_LOAD] = 6,
      [1 + MM_STORE] = 10, [1 + MM_FORK] = 3, [1 + MM_EXIT] = 4, [1 + MM_SWAPOUT] = 3, [1 + MM_SWAPIN] = 2 },
    .pages = 0xFF00FF, .spaces = 3
  },
  .disturb = engine_disturb_hints
};

ENGINE_TARGET("frame", PROFILE)
