/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "matrix_run.h"

/* The tally is plain 64-bit counters up to its failures. */
#define COUNTERS (offsetof(struct matrix_tally, failures) / 8)

static void file_of(const struct run *r, char name[300])
{
  snprintf(name, 300, "%s/%s.json", r->o->folder, r->name);
}

void tally_add(struct run *r, const struct matrix_tally *t)
{
  uint64_t *sum = (uint64_t *)&r->sum;
  const uint64_t *add = (const uint64_t *)t;
  for (unsigned i = 0; i < COUNTERS; i++) sum[i] += add[i];
  for (uint32_t i = 0; i < t->failures && r->kept_count < KEPT; i++) r->kept[r->kept_count++] = t->failure[i];
}

int state_save(const struct run *r)
{
  char name[300], part[310];
  file_of(r, name);
  snprintf(part, sizeof part, "%s.part", name);
  FILE *f = fopen(part, "w");
  if (!f) return -1;
  fprintf(f, "{\"format\":1,\"key\":\"%016" PRIx64 "\",\"seconds\":%.3f,\n\"done\":\"", r->key, r->seconds);
  for (uint32_t i = 0; i < r->jobs; i++) fputc(r->done[i] ? '1' : '0', f);
  fprintf(f, "\",\n\"tally\":[");
  for (unsigned i = 0; i < COUNTERS; i++) fprintf(f, "%s%" PRIu64, i ? "," : "", ((const uint64_t *)&r->sum)[i]);
  fprintf(f, "],\n\"failures\":[");
  for (uint32_t i = 0; i < r->kept_count; i++) {
    fprintf(f, "%s\"", i ? "," : "");
    for (size_t k = 0; k < sizeof r->kept[i]; k++) fprintf(f, "%02x", ((const unsigned char *)&r->kept[i])[k]);
    fprintf(f, "\"");
  }
  fprintf(f, "]}\n");
  return fclose(f) || rename(part, name) ? -1 : 0;
}

static int read_failure(FILE *f, struct matrix_failure *x)
{
  for (size_t k = 0; k < sizeof *x; k++) {
    unsigned byte;
    if (fscanf(f, "%2x", &byte) != 1) return -1;
    ((unsigned char *)x)[k] = (unsigned char)byte;
  }
  return fgetc(f) == '"' ? 0 : -1;
}

static int read_state(FILE *f, struct run *r)
{
  uint64_t key = 0;
  double seconds = 0;
  int c = 0;
  if (fscanf(f, "{\"format\":1,\"key\":\"%" SCNx64 "\",\"seconds\":%lf,\n\"done\":\"", &key, &seconds) != 2) return -1;
  if (key != r->key) return -1;
  r->seconds = seconds;
  for (uint32_t i = 0; i < r->jobs; i++) {
    if ((c = fgetc(f)) != '0' && c != '1') return -1;
    r->done[i] = c == '1';
  }
  if (fscanf(f, "\",\n\"tally\":%1[[]", (char[2]){ 0 }) != 1) return -1;
  for (unsigned i = 0; i < COUNTERS; i++) {
    if (i && fgetc(f) != ',') return -1;
    if (fscanf(f, "%" SCNu64, &((uint64_t *)&r->sum)[i]) != 1) return -1;
  }
  if (fscanf(f, "],\n\"failures\":%1[[]", (char[2]){ 0 }) != 1) return -1;
  while ((c = fgetc(f)) == '"' || c == ',') {
    if (c == ',') c = fgetc(f);
    if (r->kept_count == KEPT || read_failure(f, &r->kept[r->kept_count++]) != 0) return -1;
  }
  return c == ']' ? 0 : -1;
}

void state_load(struct run *r)
{
  char name[300];
  file_of(r, name);
  FILE *f = fopen(name, "r");
  if (!f) return;
  if (r->o->fresh || read_state(f, r) != 0) { /* another matrix, guest or peer: from the start */
    memset(r->done, 0, sizeof r->done);
    memset(&r->sum, 0, sizeof r->sum);
    r->kept_count = 0;
    r->seconds = 0;
  }
  fclose(f);
}
