/* SPDX-License-Identifier: MIT */
/* A sequence on which model and kernel differ, made shorter while they do. */
#include <string.h>
#include "linux.h"

static int still(struct vmref_linux *l, uint8_t bytes[LX_OPS][LX_BYTES], unsigned n, char tier, struct lx_finding *f)
{
  static struct lx_op op[LX_OPS];
  const struct lx_how how = { tier >= 'B', tier >= 'C', 0, 2 };
  struct lx_done done = { 0 };
  for (unsigned i = 0; i < n; i++) op[i] = lx_decode(bytes[i]);
  return lx_compare(l, op, n, &how, f, &done) == 1;
}

unsigned lx_shrink(struct vmref_linux *l, uint8_t bytes[LX_OPS][LX_BYTES], unsigned n, char tier, struct lx_finding *f)
{
  static uint8_t less[LX_OPS][LX_BYTES];
  struct lx_finding g;
  if (!still(l, bytes, n, tier, &g)) return n; /* does not come again */
  *f = g;
  if (f->at + 1 < n) n = f->at + 1;
  for (unsigned size = n / 2; size > 0; size = size > 1 ? size / 2 : 0)
    for (int again = 1; again; ) {
      again = 0;
      for (unsigned i = 0; i + size <= n; ) {
        memcpy(less, bytes, i * LX_BYTES);
        memcpy(less[i], bytes[i + size], (n - i - size) * LX_BYTES);
        if (n - size > 0 && still(l, less, n - size, tier, &g)) {
          n -= size;
          memcpy(bytes, less, n * LX_BYTES);
          *f = g;
          again = size == 1;
        } else i += size;
      }
    }
  return n;
}
