/* SPDX-License-Identifier: MIT */
/* Fuzz target of topic swap: few frames and slots, pages out and in, shared ones among them. */
#include "engine_mm.h"

static const struct engine_profile PROFILE = {
  .sizes = { .tables = 20, .frames = 4, .slots = 2, .spaces = 4, .kernel = 1, .text = 1 },
  .taste = {
    .weight = { [0] = 1, [1 + MM_SPACE] = 4, [1 + MM_FILE] = 2, [1 + MM_FILE_ADD] = 3, [1 + MM_MAP] = 6,
      [1 + MM_MAP_FILE] = 5, [1 + MM_UNMAP] = 2, [1 + MM_PROTECT] = 2, [1 + MM_LOAD] = 5,
      [1 + MM_STORE] = 10, [1 + MM_FORK] = 5, [1 + MM_EXIT] = 3, [1 + MM_SWAPOUT] = 14, [1 + MM_SWAPIN] = 7 },
    .pages = 0xFF, .spaces = 4
  },
  .disturb = engine_disturb_hints
};

ENGINE_TARGET("swap", PROFILE)
