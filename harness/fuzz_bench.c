/* SPDX-License-Identifier: MIT */
/* The empty target: what a fuzzer does in a second when the target does nothing,
 * the yardstick for the others (make fuzz-bench). */
#include "fuzz_target.h"

const char *fuzz_topic(void) { return "bench"; }

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  (void)data;
  (void)size;
  return 0;
}
