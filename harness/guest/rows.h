/* SPDX-License-Identifier: MIT */
/* The rows of harness/deviations.tsv, as the three runners read them. */
#ifndef VMREF_GUEST_ROWS_H
#define VMREF_GUEST_ROWS_H
#include <stdint.h>
#include <stdio.h>

struct row {
  char line[4096];
  const char *id, *peer, *version, *accel; /* its first columns */
};
/* The next row: 1, or 0 at the end. */
int row_next(FILE *f, struct row *r);

/* Which of names[], which end in 0, the file has a row of for an accelerator, as a set. 0,
 * or -1: it lacks one of them. */
int rows_of(const char *file, const char *const names[], uint8_t accel, uint32_t *set);

#endif
