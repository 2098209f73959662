/* SPDX-License-Identifier: MIT */
/* Fuzz target of topic smp: processors with TLBs run spaces that share pages, in eager and in lazy
 * mode, while pages are unmapped, copied, moved and evicted. */
#include "engine_mm.h"

static const struct engine_profile PROFILE = {
  .sizes = { .tables = 20, .frames = 6, .slots = 4, .spaces = 4, .kernel = 1, .text = 0 },
  .taste = {
    .weight = { [0] = 2, [1 + MM_SPACE] = 3, [1 + MM_FILE] = 2, [1 + MM_FILE_ADD] = 3, [1 + MM_MAP] = 6,
      [1 + MM_MAP_FILE] = 4, [1 + MM_UNMAP] = 8, [1 + MM_PROTECT] = 3, [1 + MM_LOAD] = 10, [1 + MM_STORE] = 14,
      [1 + MM_RMW] = 1, [1 + MM_FETCH] = 2, [1 + MM_FORK] = 4, [1 + MM_EXIT] = 2, [1 + MM_SWAPOUT] = 2,
      [1 + MM_SWAPIN] = 2, [1 + MM_MOVE] = 2, [1 + MM_COMPACT] = 1, [1 + MM_EVICT] = 2,
      [1 + MM_RUN] = 14, [1 + MM_FILL] = 5, [1 + MM_TELL] = 1, [1 + MM_LAZY] = 4 },
    .pages = 0x20000000070380, .spaces = 4, .cpus = 4
  },
  .disturb = engine_disturb_tlb,
  .policy = 1,
  .processors = 1
};

ENGINE_TARGET("smp", PROFILE)
