/* SPDX-License-Identifier: MIT */
/* Rows of harness/deviations.tsv that the matrix meets, as predicates. Each foretells
 * exactly what the peer does instead of the model's answer. */
#include "matrix_guest.h"

const char *const matrix_deviations[] = { "DEV-TCG-RSVD-P", "DEV-TCG-1G-A", 0 };

static int reserved_bit(const struct sight *s) { return (s->expect->status >> 16) == 14 && (s->expect->status & 8); }

uint32_t explain(const struct sight *s, uint32_t allowed)
{
  uint32_t left = s->what, rows = 0;
  if ((left & DIFFERS_STATUS) && reserved_bit(s) && s->status == (s->expect->status & ~1u)) {
    left &= ~DIFFERS_STATUS;
    rows |= 1;
  }
  if ((left & DIFFERS_ENTRY) && s->walk->rule == VMREF_RULE_PF_RSVD_1G_ADDR) {
    uint32_t other = 0;
    for (uint32_t l = 1; l <= LEVELS; l++)
      other |= l != 3 && (s->set[l] & ~s->expect->may[l]);
    if (!other && s->set[3] == 0x20) {
      left &= ~DIFFERS_ENTRY;
      rows |= 2;
    }
  }
  return left || (rows & ~allowed) ? 0 : rows;
}
