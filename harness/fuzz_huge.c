/* SPDX-License-Identifier: MIT */
/* Fuzz target of topic huge: room for one page of 2 MiB, three processes and files, and devices. */
#include "engine_huge.h"

const char *fuzz_topic(void) { return "huge"; }
const char *fuzz_form(void) { return HG_FORM; }
size_t fuzz_length(void) { return HG_BYTES; }
size_t fuzz_unit(void) { return HG_OP; }
size_t fuzz_mutate(uint8_t *data, size_t size, size_t max, unsigned seed) { return sequence_hg_mutate(data, size, max, seed); }
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return engine_hg_run(data, size); }
