/* SPDX-License-Identifier: MIT */
/* Fuzz target of topic space: spaces come, fork and go, files among them, and what they map. */
#include "engine_mm.h"

static const struct engine_profile PROFILE = {
  .sizes = { .tables = 28, .frames = 8, .slots = 3, .spaces = 5, .kernel = 2, .text = 1 },
  .taste = {
    .weight = { [1 + MM_SPACE] = 8, [1 + MM_FILE] = 3, [1 + MM_FILE_ADD] = 4, [1 + MM_MAP] = 8,
      [1 + MM_MAP_FILE] = 5, [1 + MM_UNMAP] = 4, [1 + MM_PROTECT] = 3, [1 + MM_LOAD] = 3, [1 + MM_STORE] = 7,
      [1 + MM_FORK] = 10, [1 + MM_EXIT] = 8, [1 + MM_SWAPOUT] = 1 },
    .pages = 0x3F0000FF00FFFF, .spaces = 5
  },
  .disturb = NULL
};

ENGINE_TARGET("space", PROFILE)
