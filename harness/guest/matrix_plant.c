/* SPDX-License-Identifier: MIT */
/* Planted defects: each is an answer that a wrong model would give. */
#include "matrix_guest.h"

void plant(uint32_t which, struct expect *e, const struct vmref_walk *w, uint64_t number)
{
  switch (which) {
  case 1: if (w->error & 2) e->status &= ~2u; break;
  case 2: if (w->rule == VMREF_RULE_PF_NP) e->status |= 1; break;
  case 3: if (w->error & 16) e->status &= ~16u; break;
  case 4: e->may[w->last] &= ~0x20ull; e->must[w->last] &= ~0x20ull; break;
  case 5: e->must[w->last] &= ~0x40ull; e->may[w->last] &= ~0x40ull; break;
  case 6: e->pa ^= 0x1000; break;
  case 7: e->cr2 &= ~0xfffull; break;
  case 8: e->status &= ~32u; break;
  /* One case of all. */
  case 9: if (number == MATRIX_LANES - 1) e->status ^= 1; break;
  }
}
