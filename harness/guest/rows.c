/* SPDX-License-Identifier: MIT */
#include <string.h>
#include "peer.h"
#include "rows.h"

int row_next(FILE *f, struct row *r)
{
  while (fgets(r->line, sizeof r->line, f)) {
    char *field[5] = { r->line };
    for (int i = 1; i < 5; i++) {
      field[i] = field[i - 1] ? strchr(field[i - 1], '\t') : NULL;
      if (field[i]) *field[i]++ = 0;
    }
    if (r->line[0] == '#' || strcmp(r->line, "id") == 0 || !field[4]) continue;
    r->id = field[0];
    r->peer = field[1];
    r->version = field[2];
    r->accel = field[3];
    return 1;
  }
  return 0;
}

int rows_of(const char *file, const char *const names[], uint8_t accel, uint32_t *set)
{
  struct row r;
  uint32_t known = 0, all = 0;
  FILE *f = fopen(file, "r");
  *set = 0;
  for (uint32_t i = 0; names[i]; i++) all |= 1u << i;
  while (f && row_next(f, &r))
    for (uint32_t i = 0; names[i]; i++)
      if (strcmp(r.id, names[i]) == 0) {
        known |= 1u << i;
        if (strcmp(r.accel, accel_name[accel]) == 0) *set |= 1u << i;
      }
  if (f) fclose(f);
  return known == all ? 0 : -1;
}
