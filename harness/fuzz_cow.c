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

const char *fuzz_topic(void) { return "cow"; }
const char *fuzz_form(void) { return SEQUENCE_FORM; }
size_t fuzz_length(void) { return SEQUENCE_BYTES; }
size_t fuzz_unit(void) { return SEQUENCE_OP; }
size_t fuzz_mutate(uint8_t *data, size_t size, size_t max, unsigned seed)
{
  return sequence_mutate(&PROFILE.taste, data, size, max, seed);
}
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return engine_run(&PROFILE, data, size); }
