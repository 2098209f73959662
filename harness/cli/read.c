/* SPDX-License-Identifier: MIT */
/* A line of format 1 into a question. Whatever is not exactly the format is
 * refused by name: a typo must never be taken for a default. */
#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include "cli.h"

const char *const MODES[6] = { "none", "32bit", "pae", "4level", "5level", NULL };
const char *const VENDORS[3] = { "intel", "amd", NULL };
const char *const KINDS[5] = { "read", "write", "rmw", "fetch", NULL };
const char *const SEGMENTS[3] = { "ds", "ss", NULL };

const struct question QUESTION_DEFAULT = {
  .cpu = VMREF_CPU_DEFAULT,
  .access = { .kind = VMREF_READ, .size = 1, .cpl = 3 },
};

#define MEMORY_LIMIT 0x10000000000000u /* 2^52, past the largest MAXPHYADDR */
#define EXACT_LIMIT  0x20000000000000  /* 2^53, from where doubles skip integers */

/* What a message quotes of a line must be UTF-8 and must not steer a terminal. */
static void make_printable(char *text)
{
  json_t *utf8 = json_string(text); /* NULL when it is not, or was cut in a character */
  for (char *p = text; *p; p++) {
    unsigned char c = (unsigned char)*p;
    if (c < ' ' || c == 0x7f || (c >= 0x80 && !utf8)) *p = '?';
  }
  json_decref(utf8);
}

bool bad(struct complaint *why, const char *form, ...)
{
  va_list list;
  va_start(list, form);
  vsnprintf(why->text, sizeof why->text, form, list);
  va_end(list);
  make_printable(why->text);
  return false;
}

/* ---- values ------------------------------------------------------------- */

bool hex_number(const char *text, uint64_t *value)
{
  if (text[0] != '0' || text[1] != 'x' || text[2] == 0) return false;
  uint64_t v = 0;
  for (const char *p = text + 2; *p; p++) {
    unsigned d = *p >= '0' && *p <= '9' ? (unsigned)(*p - '0')
               : *p >= 'a' && *p <= 'f' ? (unsigned)(*p - 'a' + 10)
               : *p >= 'A' && *p <= 'F' ? (unsigned)(*p - 'A' + 10) : 16;
    if (d == 16 || v >> 60) return false;
    v = v << 4 | d;
  }
  *value = v;
  return true;
}

static const char *type_name(const json_t *v)
{
  switch (json_typeof(v)) {
  case JSON_OBJECT: return "an object";
  case JSON_ARRAY: return "an array";
  case JSON_STRING: return "a string";
  case JSON_INTEGER: return "a number";
  case JSON_REAL: return "a number with a fraction or exponent";
  case JSON_NULL: return "null";
  default: return "a boolean";
  }
}

bool number_read(const json_t *v, const char *where, uint64_t *n, struct complaint *why)
{
  if (json_is_integer(v)) {
    json_int_t i = json_integer_value(v);
    if (i < 0) return bad(why, "%s must not be negative", where);
    if (i >= EXACT_LIMIT)
      return bad(why, "%s is 2^53 or more: write it as a hex string, \"0x%" PRIx64 "\"",
                 where, (uint64_t)i);
    *n = (uint64_t)i;
    return true;
  }
  if (!json_is_string(v))
    return bad(why, "%s must be a whole number or a hex string, not %s", where, type_name(v));
  if (!hex_number(json_string_value(v), n))
    return bad(why, "%s must be \"0x\" and hex digits, below 2^64, not \"%.40s\"", where,
               json_string_value(v));
  return true;
}

static bool read_name(const json_t *v, const char *where, const char *const *names,
                      uint8_t *n, struct complaint *why)
{
  char list[80] = "";
  for (uint8_t i = 0; names[i]; i++) {
    if (json_is_string(v) && strcmp(json_string_value(v), names[i]) == 0) {
      *n = i;
      return true;
    }
    if (i > 0) strcat(list, ", ");
    strcat(strcat(strcat(list, "\""), names[i]), "\"");
  }
  if (!json_is_string(v)) return bad(why, "%s must be one of %s, not %s", where, list, type_name(v));
  return bad(why, "%s must be one of %s, not \"%.40s\"", where, list, json_string_value(v));
}

/* ---- fields ------------------------------------------------------------- */

/* A field of a JSON object and where it goes. */
enum kind { FLAG, NUMBER8, NUMBER32, NUMBER64, NAME, FORMAT, OPERATION, CPU, MEMORY, PDPTES };
struct field {
  const char *name;
  enum kind kind;
  size_t offset;
  uint64_t low, high;
  const char *const *names;
};
#define AT(member) offsetof(struct question, member)

static const struct field CPU_FIELDS[] = {
  { "mode", NAME, AT(cpu.mode), 0, 0, MODES },
  { "cr3", NUMBER64, AT(cpu.cr3), 0, UINT64_MAX, NULL }, /* then check_cr3 */
  { "wp", FLAG, AT(cpu.wp), 0, 0, NULL },
  { "smep", FLAG, AT(cpu.smep), 0, 0, NULL },
  { "smap", FLAG, AT(cpu.smap), 0, 0, NULL },
  { "nxe", FLAG, AT(cpu.nxe), 0, 0, NULL },
  { "pge", FLAG, AT(cpu.pge), 0, 0, NULL },
  { "pse", FLAG, AT(cpu.pse), 0, 0, NULL },
  { "pse36", FLAG, AT(cpu.pse36), 0, 0, NULL },
  { "pcide", FLAG, AT(cpu.pcide), 0, 0, NULL },
  { "pke", FLAG, AT(cpu.pke), 0, 0, NULL },
  { "pks", FLAG, AT(cpu.pks), 0, 0, NULL },
  { "pkru", NUMBER32, AT(cpu.pkru), 0, UINT32_MAX, NULL },
  { "pkrs", NUMBER32, AT(cpu.pkrs), 0, UINT32_MAX, NULL },
  { "maxphyaddr", NUMBER8, AT(cpu.maxphyaddr), 32, 52, NULL },
  { "page1gb", FLAG, AT(cpu.page1gb), 0, 0, NULL },
  { "vendor", NAME, AT(cpu.vendor), 0, 0, VENDORS },
  { "pdpte", PDPTES, 0, 0, 0, NULL },
  { NULL, FLAG, 0, 0, 0, NULL },
};

static const struct field LINE_FIELDS[] = {
  { "format", FORMAT, 0, 1, 1, NULL },
  { "op", OPERATION, 0, 0, 0, NULL },
  { "cpu", CPU, 0, 0, 0, NULL },
  { "pdpte", PDPTES, 0, 0, 0, NULL },
  { "mem", MEMORY, 0, 0, 0, NULL },
  { "va", NUMBER64, AT(access.va), 0, UINT64_MAX, NULL },
  { "access", NAME, AT(access.kind), 0, 0, KINDS },
  { "cpl", NUMBER8, AT(access.cpl), 0, 3, NULL },
  { "size", NUMBER8, AT(access.size), 1, 64, NULL },
  { "seg", NAME, AT(access.seg), 0, 0, SEGMENTS },
  { "implicit", FLAG, AT(access.implicit), 0, 0, NULL },
  { "ac", FLAG, AT(access.ac), 0, 0, NULL },
  { NULL, FLAG, 0, 0, 0, NULL },
};

static bool read_object(struct question *q, json_t *object, const struct field *fields,
                        const char *prefix, struct complaint *why);
static bool read_memory(struct question *q, json_t *object, struct complaint *why);

static bool read_ranged(const json_t *v, const char *where, const struct field *f,
                        uint64_t *n, struct complaint *why)
{
  if (!number_read(v, where, n, why)) return false;
  if (f->low <= *n && *n <= f->high) return true;
  if (f->low == f->high) return bad(why, "%s must be %" PRIu64, where, f->low);
  if (f->high > 0xffff) return bad(why, "%s must be at most 0x%" PRIx64, where, f->high);
  return bad(why, "%s must be %" PRIu64 " to %" PRIu64 ", not %" PRIu64, where, f->low, f->high, *n);
}

static bool read_pdptes(struct question *q, const json_t *v, const char *where,
                        struct complaint *why)
{
  if (!json_is_array(v) || json_array_size(v) != 4)
    return bad(why, "%s must be an array of four hex strings", where);
  if (q->registers) return bad(why, "pdpte is given twice, in cpu and beside it");
  q->registers = true;
  for (size_t i = 0; i < 4; i++)
    if (!number_read(json_array_get(v, i), where, &q->cpu.pdpte[i], why)) return false;
  return true;
}

static bool read_field(struct question *q, const struct field *f, json_t *v, const char *where,
                       struct complaint *why)
{
  char *to = (char *)q + f->offset;
  uint64_t n = 0;
  switch (f->kind) {
  case FLAG:
    if (!json_is_boolean(v)) return bad(why, "%s must be true or false, not %s", where, type_name(v));
    *(uint8_t *)to = json_is_true(v);
    return true;
  case NAME: return read_name(v, where, f->names, (uint8_t *)to, why);
  case CPU: return read_object(q, v, CPU_FIELDS, "cpu.", why);
  case MEMORY: return read_memory(q, v, why);
  case PDPTES: return read_pdptes(q, v, where, why);
  case OPERATION:
    return (json_is_string(v) && strcmp(json_string_value(v), "walk") == 0)
           || bad(why, "op must be \"walk\", the only operation of format 1 yet");
  default: break;
  }
  if (!read_ranged(v, where, f, &n, why)) return false;
  if (f->kind == NUMBER8) *(uint8_t *)to = (uint8_t)n;
  if (f->kind == NUMBER32) *(uint32_t *)(void *)to = (uint32_t)n;
  if (f->kind == NUMBER64) *(uint64_t *)(void *)to = n;
  return true;
}

static bool unknown(const char *key, const struct field *fields, const char *prefix,
                    struct complaint *why)
{
  char list[200] = "";
  for (const struct field *f = fields; f->name; f++)
    strcat(strcat(list, f == fields ? "" : ", "), f->name);
  return bad(why, "unknown field %s\"%.40s\"; there are: %s", prefix, key, list);
}

static bool read_object(struct question *q, json_t *object, const struct field *fields,
                        const char *prefix, struct complaint *why)
{
  const char *key;
  json_t *value;
  if (!json_is_object(object))
    return bad(why, "%s must be an object, not %s", prefix[0] ? "cpu" : "a line", type_name(object));
  json_object_foreach(object, key, value) {
    const struct field *f = fields;
    while (f->name && strcmp(f->name, key) != 0) f++;
    if (!f->name) return unknown(key, fields, prefix, why);
    char where[40];
    strcat(strcpy(where, prefix), f->name);
    if (!read_field(q, f, value, where, why)) return false;
  }
  return true;
}

/* ---- memory ------------------------------------------------------------- */

static int by_address(const void *a, const void *b)
{
  const struct word *x = a, *y = b;
  return x->address < y->address ? -1 : x->address > y->address;
}

static bool read_word(struct word *w, const char *key, const json_t *v, struct complaint *why)
{
  char where[64];
  snprintf(where, sizeof where, "mem \"%.40s\"", key);
  if (!hex_number(key, &w->address))
    return bad(why, "%s: an address must be \"0x\" and hex digits, below 2^52", where);
  if (w->address % 8 != 0) return bad(why, "%s: an address must be a multiple of 8", where);
  if (w->address >= MEMORY_LIMIT) return bad(why, "%s: an address must be below 2^52", where);
  return number_read(v, where, &w->value, why);
}

static bool read_memory(struct question *q, json_t *object, struct complaint *why)
{
  if (!json_is_object(object))
    return bad(why, "mem must be an object of addresses and words, not %s", type_name(object));
  size_t n = json_object_size(object);
  if (n > q->room) {
    struct word *mem = realloc(q->mem, n * sizeof *mem);
    if (!mem) return bad(why, "mem is too large for this machine's memory");
    q->mem = mem;
    q->room = n;
  }
  const char *key;
  json_t *value;
  json_object_foreach(object, key, value)
    if (!read_word(&q->mem[q->words++], key, value, why)) return false;
  if (n > 1) qsort(q->mem, n, sizeof *q->mem, by_address);
  for (size_t i = 1; i < n; i++)
    if (q->mem[i].address == q->mem[i - 1].address)
      return bad(why, "mem holds the address 0x%" PRIx64 " twice", q->mem[i].address);
  return true;
}

uint64_t question_entry(const struct question *q, uint64_t address)
{
  struct word key = { address / 8 * 8, 0 };
  if (q->words == 0) return 0;
  struct word *w = bsearch(&key, q->mem, q->words, sizeof key, by_address);
  return w ? vmref_entry_in_word(q->cpu.mode, address, w->value) : 0;
}

/* ---- a line ------------------------------------------------------------- */

/* What MOV CR3 would take, and no set bit that has no effect: a CR3 that is
 * unaligned by mistake would otherwise be rounded down in silence. */
static bool check_cr3(const struct question *q, struct complaint *why)
{
  uint64_t low = q->cpu.cr3 % 0x1000;
  if (q->cpu.cr3 >= vmref_phys_limit(q->cpu.maxphyaddr))
    return bad(why, "cpu.cr3 must be below 2^maxphyaddr = 0x%" PRIx64 ", not 0x%" PRIx64,
               vmref_phys_limit(q->cpu.maxphyaddr), q->cpu.cr3);
  if (!vmref_long_mode(q->cpu.mode) && q->cpu.cr3 > UINT32_MAX)
    return bad(why, "cpu.cr3 has 32 bits in mode \"%s\", not 0x%" PRIx64, MODES[q->cpu.mode], q->cpu.cr3);
  if (q->cpu.mode == VMREF_MODE_NONE || q->cpu.pcide) return true; /* unused; holds a PCID */
  if (q->cpu.mode == VMREF_MODE_PAE) low %= 0x20; /* a table of 32 bytes */
  if ((low & ~0x18u) == 0) return true;
  return bad(why, "cpu.cr3 must be a multiple of 0x%x, PWT (0x8) and PCD (0x10) apart, not 0x%" PRIx64,
             q->cpu.mode == VMREF_MODE_PAE ? 0x20 : 0x1000, q->cpu.cr3);
}

/* The fields that only some modes have. */
static bool check_mode(const struct question *q, struct complaint *why)
{
  const char *mode = MODES[q->cpu.mode];
  bool wide = vmref_long_mode(q->cpu.mode);
  if (!wide && q->access.va > UINT32_MAX)
    return bad(why, "va has 32 bits in mode \"%s\", not 0x%" PRIx64, mode, q->access.va);
  if (!wide && q->cpu.pcide)
    return bad(why, "cpu.pcide goes with mode \"4level\" or \"5level\" only");
  if (!q->registers) return true;
  if (q->cpu.mode != VMREF_MODE_PAE) return bad(why, "pdpte goes with mode \"pae\" only");
  for (int i = 0; i < 4; i++)
    if (!vmref_pdpte_fit(q->cpu.maxphyaddr, q->cpu.pdpte[i]))
      return bad(why, "pdpte[%d], 0x%" PRIx64 ", cannot be in a register: with P = 1 bits 2:1, 8:5 and "
                 "63:%u are 0, or its load faults", i, q->cpu.pdpte[i], q->cpu.maxphyaddr);
  return true;
}

static bool check(const struct question *q, json_t *line, struct complaint *why)
{
  if (!json_object_get(line, "va")) return bad(why, "va is missing: the linear address");
  if (q->access.implicit && q->access.kind == VMREF_FETCH)
    return bad(why, "implicit must be false for a fetch: implicit accesses read or write");
  if (q->access.seg == VMREF_SEG_SS && (q->access.implicit || q->access.kind == VMREF_FETCH))
    return bad(why, "seg must be ds for a fetch or an implicit access: neither is a stack reference");
  return check_mode(q, why) && check_cr3(q, why);
}

static bool not_json(const json_error_t *e, struct complaint *why)
{
  switch (json_error_code(e)) {
  case json_error_null_character: case json_error_null_byte_in_key:
    return bad(why, "a string must not hold \\u0000 (column %d)", e->column);
  case json_error_numeric_overflow:
    return bad(why, "a number is too large: write it as a hex string (column %d)", e->column);
  case json_error_duplicate_key:
    return bad(why, "a field appears twice: %s (column %d)", e->text, e->column);
  case json_error_invalid_utf8:
    return bad(why, "not UTF-8: %s (column %d)", e->text, e->column);
  default:
    return bad(why, "not JSON: %s (column %d)", e->text, e->column);
  }
}

json_t *line_read(const char *text, size_t size, struct complaint *why)
{
  const char *nul = memchr(text, 0, size);
  json_error_t e;
  json_t *line = NULL;
  if (nul) bad(why, "not JSON: a NUL byte (column %zu)", (size_t)(nul - text) + 1);
  else if (!(line = json_loadb(text, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &e))) not_json(&e, why);
  return line;
}

bool question_take(struct question *q, json_t *line, struct complaint *why)
{
  struct word *mem = q->mem;
  size_t room = q->room;
  *q = QUESTION_DEFAULT;
  q->mem = mem;
  q->room = room;
  return read_object(q, line, LINE_FIELDS, "", why) && check(q, line, why);
}

bool question_read(struct question *q, const char *text, size_t size, struct complaint *why)
{
  json_t *line = line_read(text, size, why);
  bool good = line && question_take(q, line, why);
  json_decref(line);
  return good;
}
