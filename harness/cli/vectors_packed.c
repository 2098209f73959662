/* SPDX-License-Identifier: MIT */
/* Packed vectors of several kinds, version 2 of the form; docs/FORMAT.md has it byte by byte. Records are whole multiples of 8
 * bytes and say how many, so that a guest goes from one to the next without knowing their kinds. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "plain.h"
#include "vectors.h"

#define HEAD 16 /* of a record */

/* Bytes that are written, or read: once one is missing there is none any more. */
struct bytes { uint8_t *at, *end; bool short_of; };

static void put(struct bytes *b, uint64_t v, unsigned n)
{
  if ((size_t)(b->end - b->at) < n) b->short_of = true;
  for (unsigned i = 0; !b->short_of && i < n; i++) *b->at++ = (uint8_t)(v >> 8 * i);
}

static uint64_t get(struct bytes *b, unsigned n)
{
  uint64_t v = 0;
  if ((size_t)(b->end - b->at) < n) b->short_of = true;
  for (unsigned i = 0; !b->short_of && i < n; i++) v |= (uint64_t)*b->at++ << 8 * i;
  return v;
}

/* A count that is read; more than there is room for is as good as a record that ends. */
static uint8_t get_count(struct bytes *b, unsigned most)
{
  const uint64_t n = get(b, 1);
  if (n > most) b->short_of = true;
  return b->short_of ? 0 : (uint8_t)n;
}

/* ---- parts, in one function for both ways ------------------------------------------------- */

struct codec { struct bytes b; bool reads; };

#define FIELD(x, n) do { if (c->reads) (x) = (__typeof__(x))get(&c->b, n); else put(&c->b, (uint64_t)(x), n); } while (0)
static void skip(struct codec *c, unsigned n)
{
  uint8_t zero = 0;
  while (n-- > 0) FIELD(zero, 1);
  if (zero) c->b.short_of = true;
}

static void count_of(struct codec *c, uint8_t *n, unsigned most)
{
  if (c->reads) *n = get_count(&c->b, most);
  else put(&c->b, *n, 1);
}

static void flag(struct codec *c, uint8_t *f)
{
  FIELD(*f, 1);
  if (*f > 1) c->b.short_of = true;
}

static void cpu_field(struct codec *c, struct vmref_cpu *u)
{
  FIELD(u->cr3, 8);
  FIELD(u->pkru, 4); FIELD(u->pkrs, 4);
  FIELD(u->mode, 1);
  FIELD(u->vendor, 1);
  FIELD(u->maxphyaddr, 1);
  uint8_t *const flags[] = { &u->page1gb, &u->pse36, &u->wp, &u->pse, &u->pge, &u->pcide, &u->smep, &u->smap, &u->nxe, &u->pke, &u->pks };
  for (unsigned i = 0; i < sizeof flags / sizeof *flags; i++) flag(c, flags[i]);
  skip(c, 2);
  if (u->mode > VMREF_MODE_5LEVEL || u->vendor > VMREF_AMD) c->b.short_of = true;
}

static void words_field(struct codec *c, struct word *w, unsigned n)
{
  for (unsigned i = 0; i < n && !c->b.short_of; i++) {
    FIELD(w[i].address, 8);
    FIELD(w[i].value, 8);
  }
}

static void access_field(struct codec *c, struct vmref_access *a)
{
  FIELD(a->va, 8);
  FIELD(a->kind, 1);
  FIELD(a->size, 1);
  FIELD(a->cpl, 1);
  flag(c, &a->implicit);
  flag(c, &a->ac);
  FIELD(a->seg, 1);
  skip(c, 2);
  if (a->kind > VMREF_FETCH || a->seg > VMREF_SEG_SS) c->b.short_of = true;
}

static void outcome_field(struct codec *c, struct vmref_observed *o)
{
  FIELD(o->vector, 1);
  flag(c, &o->flags_seen);
  count_of(c, &o->sets, VMREF_SETS);
  skip(c, 1);
  FIELD(o->error, 4);
  FIELD(o->pa, 8);
  FIELD(o->cr2, 8);
  for (unsigned i = 0; i < o->sets && !c->b.short_of; i++) {
    FIELD(o->set_address[i], 8);
    flag(c, &o->set_a[i]);
    flag(c, &o->set_d[i]);
    skip(c, 6);
  }
}

static void step_field(struct codec *c, struct plain_step *s)
{
  FIELD(s->what, 1);
  count_of(c, &s->permits, PLAIN_OUTCOMES);
  count_of(c, &s->denies, PLAIN_OUTCOMES - s->permits);
  count_of(c, &s->words, PLAIN_STORES);
  flag(c, &s->keep);
  flag(c, &s->la57);
  FIELD(s->vector, 1);
  skip(c, 1);
  switch (s->what) {
  case PLAIN_ACCESS:
    access_field(c, &s->access);
    for (unsigned i = 0; i < s->permits + 0u + s->denies && !c->b.short_of; i++) outcome_field(c, &s->outcome[i]);
    break;
  case PLAIN_STORE: words_field(c, s->word, s->words); break;
  case PLAIN_INVPCID:
    FIELD(s->type, 8);
    FIELD(s->descriptor, 8);
    FIELD(s->value, 8);
    break;
  case PLAIN_INVLPG: case PLAIN_CR3: FIELD(s->value, 8); break;
  case PLAIN_SET: cpu_field(c, &s->cpu); break;
  default: c->b.short_of = true;
  }
}

static void sequence_field(struct codec *c, struct plain_sequence *p)
{
  cpu_field(c, &p->cpu);
  count_of(c, &p->words, PLAIN_WORDS);
  count_of(c, &p->steps, PLAIN_STEPS);
  skip(c, 6);
  words_field(c, p->word, p->words);
  for (unsigned i = 0; i < p->steps && !c->b.short_of; i++) step_field(c, &p->step[i]);
}

/* ---- records ------------------------------------------------------------------------------------ */

/* The text behind a record's body: the vector's id, its rules with blanks between; each ends with a zero byte. */
static void text_put(struct bytes *b, const json_t *vector)
{
  size_t i;
  json_t *rule;
  const char *id = json_string_value(json_object_get(vector, "id"));
  for (; id && *id; id++) put(b, (uint8_t)*id, 1);
  put(b, 0, 1);
  json_array_foreach(json_object_get(vector, "rules"), i, rule) {
    if (i) put(b, ' ', 1);
    for (const char *s = json_string_value(rule); s && *s; s++) put(b, (uint8_t)*s, 1);
  }
  put(b, 0, 1);
}

/* As json again, NULL: it is none. */
static json_t *text_get(const uint8_t *text, size_t size)
{
  const uint8_t *rules = memchr(text, 0, size);
  const uint8_t *end = rules ? memchr(rules + 1, 0, size - (size_t)(rules + 1 - text)) : NULL;
  if (!end) return NULL;
  json_t *list = json_array(), *vector = json_object();
  bool good = json_object_set_new(vector, "id", json_string((const char *)text)) == 0 && text[0] && rules[1];
  for (const char *s = (const char *)rules + 1; *s; s += strspn(s, " ")) {
    const size_t n = strcspn(s, " ");
    good = json_array_append_new(list, json_stringn(s, n)) == 0 && good;
    s += n;
  }
  json_object_set_new(vector, "rules", list);
  if (good) return vector;
  json_decref(vector);
  return NULL;
}

size_t packed_encode(uint8_t record[PACKED_MOST], uint8_t kind, const json_t *vector, const void *body)
{
  struct codec c = { .b = { record + HEAD, record + PACKED_MOST, false } };
  struct codec head = { .b = { record, record + HEAD, false } };
  if (kind == PACKED_SEQUENCE) sequence_field(&c, (struct plain_sequence *)(uintptr_t)body);
  else for (size_t i = 0; i < BINARY_RECORD; i++) put(&c.b, ((const uint8_t *)body)[i], 1);
  const size_t text = (size_t)(c.b.at - record);
  text_put(&c.b, vector);
  while ((c.b.at - record) % 8) put(&c.b, 0, 1);
  if (c.b.short_of) return 0;
  const size_t size = (size_t)(c.b.at - record);
  put(&head.b, size, 4), put(&head.b, kind, 4), put(&head.b, text, 4), put(&head.b, 0, 4);
  return size;
}

static const char *print_sequence(FILE *out, uint8_t *record, size_t text, json_t *vector)
{
  static struct plain_sequence p;
  struct codec c = { { record + HEAD, record + text, false }, true };
  memset(&p, 0, sizeof p);
  sequence_field(&c, &p);
  if (c.b.short_of || c.b.at != c.b.end) return "a sequence that its record does not hold";
  json_t *ask = plain_write(&p);
  if (!ask || !sequence_agrees(ask)) return json_decref(ask), "a sequence that is none, or an outcome that the model does not say";
  json_object_set_new(vector, "ask", ask);
  json_dumpf(vector, out, JSON_COMPACT);
  fputc('\n', out);
  return NULL;
}

const char *packed_print(FILE *out, uint8_t *record, size_t size)
{
  struct bytes head = { record + 4, record + HEAD, false };
  const uint64_t kind = get(&head, 4), text = get(&head, 4), zero = get(&head, 4);
  const char *wrong = NULL;
#ifdef PLANT_PACKED /* a planted bug: the fuzzer must find it (make fuzz-parsers) */
  if (zero) return "a head of a record that is none";
#else
  if (text < HEAD || text > size || zero) return "a head of a record that is none";
#endif
  json_t *vector = text_get(record + text, size - text);
  if (!vector) return "no id and rules behind a record's body";
  const char *id = json_string_value(json_object_get(vector, "id"));
  if (kind == PACKED_SEQUENCE) wrong = print_sequence(out, record, text, vector);
  else if (kind != PACKED_WALK || text != HEAD + BINARY_RECORD) wrong = "a record of a kind that is not known";
  else if (!binary_print_record(out, record + HEAD, id)) wrong = "a case that is none, or an answer that is not the model's";
  json_decref(vector);
  return wrong;
}

/* ---- files --------------------------------------------------------------------------------------- */

/* A vector of JSON as a record: its bytes, 0 and why not. */
static size_t pack(uint8_t record[PACKED_MOST], const json_t *v, struct complaint *why)
{
  static struct plain_sequence p;
  uint8_t walk[BINARY_RECORD];
  struct vector made;
  json_t *ask = json_object_get(v, "ask");
  const char *op = json_object_get(ask, "op") ? json_string_value(json_object_get(ask, "op")) : "walk", *token = json_string_value(json_object_get(v, "token"));
  size_t size = 0;
  if (op && strcmp(op, "sequence") == 0) {
    if (!plain_read(&p, ask, why)) return 0;
    size = packed_encode(record, PACKED_SEQUENCE, v, &p);
  } else if (op && strcmp(op, "walk") == 0) {
    if (!token || !binary_of_token(&made, token)) return bad(why, "a walk without the token of a case: a guest has memory for cases alone"), (size_t)0;
    binary_pack(walk, &made);
    size = packed_encode(record, PACKED_WALK, v, walk);
  } else return bad(why, "%.20s: no record is of that kind", op ? op : "?"), (size_t)0;
  return size ? size : (bad(why, "more than a record holds"), (size_t)0);
}

struct packing { FILE *f; unsigned long count, left; struct complaint last; };

static bool each_line_packed(struct packing *k, const char *path)
{
  static uint8_t record[PACKED_MOST];
  const char *text;
  size_t size;
  enum line kind;
  struct complaint why;
  struct lines *in = lines_open(path);
  if (!in) return say("%s: %s", path, strerror(errno)), false;
  bool good = true;
  while (good && (kind = lines_next(in, &text, &size)) != LINE_END) {
    if (kind == LINE_TEXT && size == 0) continue;
    json_t *v = kind == LINE_TEXT ? line_read(text, size, &why) : NULL;
    if (!v || !json_is_string(json_object_get(v, "id")) || json_array_size(json_object_get(v, "rules")) == 0) {
      say("%s:%lu: not a vector with id, rules and ask", path, (unsigned long)lines_number(in));
      good = false;
    } else if ((size = pack(record, v, &why)) == 0) {
      k->left++, k->last = why;
    } else {
      k->count++;
      good = fwrite(record, size, 1, k->f) == 1;
      if (!good) say("%s", strerror(errno));
    }
    json_decref(v);
  }
  lines_close(in);
  return good;
}

static bool head_put(FILE *f, unsigned long count)
{
  uint8_t head[32] = "VMREFVEC";
  struct bytes b = { head + 8, head + 32, false };
  put(&b, 2, 4), put(&b, count, 4);
  return fwrite(head, sizeof head, 1, f) == 1;
}

int packed_make(const char *path, char **files, int count)
{
  struct packing k = { .f = fopen(path, "wb") };
  if (!k.f) return say("%s: %s", path, strerror(errno)), EXIT_INTERNAL;
  bool good = head_put(k.f, 0);
  for (int i = 0; good && i < count; i++)
    if (!each_line_packed(&k, files[i])) return fclose(k.f), EXIT_MALFORMED;
  rewind(k.f);
  good = head_put(k.f, k.count) && good;
  if (fclose(k.f) != 0 || !good) return say("%s: cannot be written: %s", path, strerror(errno)), EXIT_INTERNAL;
  printf("%lu vectors packed, %lu left out%s%s\n", k.count, k.left, k.left ? ", the last: " : "", k.left ? k.last.text : "");
  return k.count ? EXIT_ANSWERED : EXIT_MALFORMED;
}

/* Records from the head on; NULL, or what is wrong and at which byte. */
const char *packed_print_all(FILE *f, FILE *out, unsigned long count, unsigned long *at)
{
  static uint8_t record[PACKED_MOST];
  for (unsigned long i = 0; i < count; i++) {
    struct bytes b = { record, record + 4, false };
    if (fread(record, HEAD, 1, f) != 1) return "the file ends before the records that its head tells of";
    const uint64_t size = get(&b, 4);
    if (size < HEAD || size > PACKED_MOST || size % 8) return "a record of a size that none has";
    if (fread(record + HEAD, size - HEAD, 1, f) != 1) return "the file ends before the records that its head tells of";
    const char *wrong = packed_print(out, record, size);
    if (wrong) return wrong;
    *at += size;
  }
  return fgetc(f) == EOF ? NULL : "more bytes than its head tells of";
}
