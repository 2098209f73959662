/* SPDX-License-Identifier: MIT */
/* Of the fuzz target of parsers, those of harness/linux. */
#include "fuzz_parsers.h"
#include "lx_names.h"
#include "lx_trace.h"

void fuzz_linux_script(const uint8_t *data, size_t size)
{
  struct lx_op op;
  struct part p;
  const uint8_t *at = data;
  char text[1024], why[200];
  while (next_part(&p, &at, data + size)) {
    uint32_t kernel;
    if (string_of(&p, text, sizeof text) && !lx_read_kernel(text, &kernel) && lx_read_op(text, &op, why) > 0) lx_print_op(stdout, &op);
  }
}

void fuzz_strace(const uint8_t *data, size_t size)
{
  struct trace t = { 0 };
  FILE *f = opened(data, size);
  if (lx_trace_read(&t, f, ""))
    for (size_t i = 0; i < t.n; i++)
      for (unsigned k = 0; k < TRACE_ARGS; k++) {
        uint64_t v;
        trace_value(t.event[i].arg[k], &v);
      }
  lx_trace_free(&t);
  fclose(f);
}

void fuzz_maps(const uint8_t *data, size_t size)
{
  size_t n;
  FILE *f = opened(data, size);
  free(maps_read(f, "", &n));
  fclose(f);
}
