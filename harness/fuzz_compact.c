/* SPDX-License-Identifier: MIT */
/* Fuzz target of topic compact: few frames, with holes; pages that move, shared ones among them. */
#include "engine_mm.h"

static const struct engine_profile PROFILE = {
  .sizes = { .tables = 20, .frames = 8, .slots = 2, .spaces = 4, .kernel = 1, .text = 1 },
  .taste = {
    .weight = { [0] = 1, [1 + MM_SPACE] = 3, [1 + MM_FILE] = 2, [1 + MM_FILE_ADD] = 5, [1 + MM_MAP] = 6,
      [1 + MM_MAP_FILE] = 4, [1 + MM_UNMAP] = 4, [1 + MM_PROTECT] = 1, [1 + MM_LOAD] = 4,
      [1 + MM_STORE] = 14, [1 + MM_FORK] = 3, [1 + MM_EXIT] = 2, [1 + MM_SWAPOUT] = 4, [1 + MM_SWAPIN] = 2,
      [1 + MM_MOVE] = 10, [1 + MM_COMPACT] = 8, [1 + MM_FRAGMENTATION] = 3 },
    .pages = 0xFF000F, .spaces = 4
  },
  .disturb = engine_disturb_hints
};

ENGINE_TARGET("compact", PROFILE)
