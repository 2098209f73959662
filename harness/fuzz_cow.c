/* SPDX-License-Identifier: MIT */
/* Fuzz target of topic cow: pages that several spaces refer to, by fork and by mapping a file, and
 * writes to them. */
#include "engine_mm.h"

static const struct engine_profile PROFILE = {
  .sizes = { .tables = 24, .frames = 6, .slots = 2, .spaces = 4, .kernel = 1, .text = 0 },
  .taste = {
    .weight = { [1 + MM_SPACE] = 4, [1 + MM_FILE] = 3, [1 + MM_FILE_ADD] = 4, [1 + MM_MAP] = 6,
      [1 + MM_MAP_FILE] = 7, [1 + MM_UNMAP] = 3, [1 + MM_PROTECT] = 4, [1 + MM_LOAD] = 5,
      [1 + MM_STORE] = 14, [1 + MM_RMW] = 3, [1 + MM_FORK] = 8, [1 + MM_EXIT] = 3, [1 + MM_SWAPOUT] = 2 },
    .pages = 0xFF, .spaces = 4
  },
  .disturb = NULL
};

ENGINE_TARGET("cow", PROFILE)
