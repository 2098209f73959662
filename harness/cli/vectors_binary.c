/* SPDX-License-Identifier: MIT */
/* Vectors packed for guests, numbers little-endian. Head: "VMREFVEC", version, count, bytes of a record,
 * and zeroes. A record:
 *   0      the case, 144 bytes as harness/case.c has them
 *   144    vector; 145 rule; 146 updates; 147 bit 0: another outcome is permitted, bit 1: and a limit's fault
 *          (SPAN.WRAP32), bit 2: a fault may have written bytes of the other page
 *   148    error code (4 bytes); 152 CR2; 160 physical address; 168 that of the second page
 *   176    the other outcome's vector; 180 its error code (4 bytes); 184 its CR2
 *   192    ten updates of A and D: address and value of an entry; on success they must be made, on a fault
 *          they may */
#include <errno.h>
#include <string.h>
#include "vectors.h"

#define MAGIC   "VMREFVEC"
#define VERSION 1u
#define HEAD    32
#define RECORD  BINARY_RECORD
#define AT_UPDATES 192

static void put(uint8_t *p, uint64_t v, int bytes)
{
  for (int i = 0; i < bytes; i++) p[i] = (uint8_t)(v >> 8 * i);
}

static uint64_t get(const uint8_t *p, int bytes)
{
  uint64_t v = 0;
  while (bytes-- > 0) v = v << 8 | p[bytes];
  return v;
}

bool binary_head(FILE *f, unsigned long count)
{
  uint8_t head[HEAD] = MAGIC;
  put(head + 8, VERSION, 4);
  put(head + 12, count, 4);
  put(head + 16, RECORD, 4);
  return fwrite(head, sizeof head, 1, f) == 1;
}

void binary_pack(uint8_t b[RECORD], const struct vector *v)
{
  const struct vmref_span *s = &v->s;
  const struct vmref_walk *other = &s->part[!s->first];
  const bool two = s->parts == 2 && s->vector && other->vector;
  struct update u[UPDATES];
  memset(b, 0, RECORD);
  case_encode(&v->c, b);
  b[144] = s->vector, b[145] = s->rule, b[146] = (uint8_t)span_updates(s, u);
  b[147] = (uint8_t)(two | (s->may & VMREF_SPAN_LIMIT ? 2 : 0) | s->torn << 2);
  put(b + 148, s->error, 4);
  put(b + 152, s->cr2, 8);
  put(b + 160, s->vector ? 0 : s->part[0].pa, 8);
  put(b + 168, s->vector || s->parts < 2 ? 0 : s->part[1].pa, 8);
  if (two) b[176] = other->vector, put(b + 180, other->error, 4), put(b + 184, other->cr2, 8);
  for (int i = 0; i < b[146]; i++) put(b + AT_UPDATES + 16 * i, u[i].address, 8), put(b + AT_UPDATES + 8 + 16 * i, u[i].value, 8);
}

bool binary_put(FILE *f, const struct vector *v)
{
  uint8_t b[RECORD];
  binary_pack(b, v);
  return fwrite(b, sizeof b, 1, f) == 1;
}

/* ---- reading ------------------------------------------------------------------ */

static int malformed(const char *path, unsigned long at, const char *why)
{
  if (path) fprintf(stderr, "vmref vectors: %s: byte %lu: %s\n", path, at, why);
  return EXIT_MALFORMED;
}

/* Does a record hold what the model answers to its case? */
static bool unpack(const uint8_t b[RECORD], struct vector *v)
{
  uint8_t again[RECORD];
  struct case_memory m;
  case_decode(&v->c, b, CASE_CODE);
  case_place(&v->c, &m);
  v->s = case_span(&v->c, &m);
  if (v->s.status != VMREF_OK) return false;
  binary_pack(again, v);
  return memcmp(again, b, RECORD) == 0;
}

bool binary_of_token(struct vector *v, const char *token)
{
  struct case_memory m;
  if (case_from_token(&v->c, token) != 0) return false;
  case_place(&v->c, &m);
  v->s = case_span(&v->c, &m);
  return v->s.status == VMREF_OK;
}

void vector_print(FILE *f, const struct vector *v, const char *id)
{
  struct word mem[QUESTION_WORDS];
  struct question q;
  char token[CASE_TOKEN];
  case_token(&v->c, token);
  question_of_case(&q, mem, &v->c);
  fprintf(f, "{\"id\":\"%s\",\"rules\":[\"%s\"],\"token\":\"%s\",\"ask\":", id, rule_id(v->s.rule), token);
  print_question_object(f, &q, true);
  fputs(",\"answer\":", f);
  print_answer_object(f, &v->s);
  fputs("}\n", f);
}

bool binary_print_record(FILE *f, const uint8_t b[RECORD], const char *id)
{
  struct vector v;
  if (!unpack(b, &v)) return false;
  vector_print(f, &v, id);
  return true;
}

static int print_records(FILE *f, FILE *out, const char *path, unsigned long count)
{
  uint8_t b[RECORD];
  char id[32];
  for (unsigned long i = 0; i < count; i++) {
    if (fread(b, sizeof b, 1, f) != 1) return malformed(path, HEAD + i * RECORD, "the file ends before the records that its head tells of");
    snprintf(id, sizeof id, "packed-%lu", i + 1);
    if (!binary_print_record(out, b, id)) return malformed(path, HEAD + i * RECORD, "a case that is none, or an answer that is not the model's");
  }
  return fgetc(f) == EOF ? EXIT_ANSWERED : malformed(path, HEAD + count * RECORD, "more bytes than its head tells of");
}

int binary_print_file(FILE *f, FILE *out, const char *path)
{
  uint8_t head[HEAD];
  unsigned long at = HEAD;
  if (fread(head, sizeof head, 1, f) != 1 || memcmp(head, MAGIC, 8) != 0) return malformed(path, 0, "not packed vectors, which begin with " MAGIC);
  if (get(head + 8, 4) == 2) {
    const char *wrong = packed_print_all(f, out, get(head + 12, 4), &at);
    return wrong ? malformed(path, at, wrong) : EXIT_ANSWERED;
  }
  if (get(head + 8, 4) != VERSION) return malformed(path, 8, "another version of the form than 1 and 2");
  if (get(head + 16, 4) != RECORD) return malformed(path, 16, "records of another size than 352");
  return print_records(f, out, path, get(head + 12, 4));
}

int binary_print(const char *path)
{
  const bool standard = strcmp(path, "-") == 0;
  FILE *f = standard ? stdin : fopen(path, "rb");
  if (!f) return fprintf(stderr, "vmref vectors: %s: %s\n", path, strerror(errno)), EXIT_MALFORMED;
  const int code = binary_print_file(f, stdout, path);
  if (!standard) fclose(f);
  return code;
}
