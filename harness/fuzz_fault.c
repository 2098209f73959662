/* SPDX-License-Identifier: MIT */
/* Fuzz target of topic fault: accesses of all kinds under all rights, in the user's half, past it
 * and in the kernel's, and the fault that the process gets. */
#include "engine_mm.h"

static const struct engine_profile PROFILE = {
  .sizes = { .tables = 20, .frames = 5, .slots = 2, .spaces = 3, .kernel = 4, .text = 2 },
  .taste = {
    .weight = { [1 + MM_SPACE] = 4, [1 + MM_FILE] = 1, [1 + MM_FILE_ADD] = 2, [1 + MM_MAP] = 8,
      [1 + MM_MAP_FILE] = 3, [1 + MM_UNMAP] = 1, [1 + MM_PROTECT] = 8, [1 + MM_LOAD] = 9, [1 + MM_STORE] = 9,
      [1 + MM_RMW] = 8, [1 + MM_FETCH] = 10, [1 + MM_FORK] = 3, [1 + MM_EXIT] = 1, [1 + MM_SWAPOUT] = 3 },
    .pages = 0xFFF00003000001FF, .spaces = 3
  },
  .disturb = NULL
};

ENGINE_TARGET("fault", PROFILE)
