/* SPDX-License-Identifier: MIT */
/* harness/case.c: cases to bytes, to tokens and back, and the memory they place.
 * Runs from the root of the repository, for it reads all of corpus/. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include "test.h"
#include "case.h"

/* ---- what the bytes mean: worked out from the layout atop case.c ---------- */

#define Z8 "0000000000000000"
static const struct decode_row {
  const char *what, *token;
  struct vmref_case want;
} DECODE[] = {
  { "case: all zero", "vm1-" Z8 Z8 Z8 Z8 Z8 Z8,
    { { 0x2000000, 3, 0, 32, 0, 0, 0, 0, 0, 0 }, { 0, READ, 1, 0, 0, 0, 0 }, { 0 } } },
  { "case: user read, 4-level tables", "vm1-31080c0000000000a889c70a0d090000"
    "0710000200000000072000020000000007300002000000000760000200000080",
    { { 0x2000000, 3, 0, 40, 1, 1, 1, 0, 0, 0 }, { 0x90d0ac789a8, READ, 1, 3, 0, 0, 0 },
      { 0, 0x8000000002006007, 0x2003007, 0x2002007, 0x2001007 } } },
  { "case: every flag", "vm1-7f146e3f0f000000" Z8 Z8 Z8 Z8 Z8,
    { { 0x200f000, 3, 1, 52, 1, 1, 1, 1, 1, 1 }, { 0, RMW, 64, 3, 0, 1, 1 }, { 0 } } },
  { "case: an implicit access is no stack reference", "vm1-0000500000000000" Z8 Z8 Z8 Z8 Z8,
    { { 0x2000000, 3, 0, 32, 0, 0, 0, 0, 0, 0 }, { 0, READ, 1, 0, 1, 0, 0 }, { 0 } } },
  { "case: numbers wrap", "vm1-80ff80ff1f008080" Z8 Z8 Z8 Z8 Z8,
    { { 0x200f000, 3, 0, 35, 0, 0, 0, 0, 0, 0 }, { 0, READ, 64, 0, 0, 0, 0 }, { 0 } } },
  { "case: a fetch is never implicit", "vm1-0015130000000000" Z8 Z8 Z8 Z8 Z8,
    { { 0x2000000, 3, 0, 32, 0, 0, 0, 0, 0, 0 }, { 0, FETCH, 1, 0, 0, 0, 0 }, { 0 } } },
  { "case: bytes stay in one page", "vm1-0000003f00000000" "c10f000000000000" Z8 Z8 Z8 Z8,
    { { 0x2000000, 3, 0, 32, 0, 0, 0, 0, 0, 0 }, { 0xf81, READ, 64, 0, 0, 0, 0 }, { 0 } } },
  { "case: tables aimed at the arena", "vm1-00000000000f0000" Z8
    "07563412aa553377" "07563412aa553377" "07563412aa553377" "87563412aa553377",
    { { 0x2000000, 3, 0, 32, 0, 0, 0, 0, 0, 0 }, { 0, READ, 1, 0, 0, 0, 0 },
      { 0, 0x7730000002005687, 0x7730000002005607, 0x7730000002005607, 0x7730000002005607 } } },
  { "case: large pages aimed, bit 12 kept", "vm1-00000000000f0000" Z8
    "87563412aa553377" "87563412aa553377" "87563412aa553377" Z8,
    { { 0x2000000, 3, 0, 32, 0, 0, 0, 0, 0, 0 }, { 0, READ, 1, 0, 0, 0, 0 },
      { 0, 0x2000000, 0x7730000002001687, 0x7730000000001687, 0x7730000002005687 } } },
  { "case: va aimed through a 2-MiB page", "vm1-0000000000100000" "ffff1f0000000000" Z8 Z8 Z8 Z8,
    { { 0x2000000, 3, 0, 32, 0, 0, 0, 0, 0, 0 }, { 0xffff, READ, 1, 0, 0, 0, 0 }, { 0 } } },
  { "case: va aimed through a 1-GiB page", "vm1-0000000000200000" "ffffff3f00000000" Z8 Z8 Z8 Z8,
    { { 0x2000000, 3, 0, 32, 0, 0, 0, 0, 0, 0 }, { 0x200ffff, READ, 1, 0, 0, 0, 0 }, { 0 } } },
  { "case: va made canonical, high", "vm1-0000000000400000" "0000000000801234" Z8 Z8 Z8 Z8,
    { { 0x2000000, 3, 0, 32, 0, 0, 0, 0, 0, 0 }, { 0xffff800000000000, READ, 1, 0, 0, 0, 0 }, { 0 } } },
  { "case: va made canonical, low", "vm1-0000000000400000" "00100000003412f2" Z8 Z8 Z8 Z8,
    { { 0x2000000, 3, 0, 32, 0, 0, 0, 0, 0, 0 }, { 0x340000001000, READ, 1, 0, 0, 0, 0 }, { 0 } } },
};

static void same(const char *what, const struct vmref_case *got, const struct vmref_case *want)
{
  const struct vmref_cpu *c = &got->cpu, *d = &want->cpu;
  const struct vmref_access *a = &got->access, *b = &want->access;
  IS(what, c->cr3, d->cr3);
  IS(what, c->mode, d->mode);
  IS(what, c->vendor, d->vendor);
  IS(what, c->maxphyaddr, d->maxphyaddr);
  IS(what, c->page1gb, d->page1gb);
  IS(what, c->wp, d->wp);
  IS(what, c->pge, d->pge);
  IS(what, c->smep, d->smep);
  IS(what, c->smap, d->smap);
  IS(what, c->nxe, d->nxe);
  IS(what, a->va, b->va);
  IS(what, a->kind, b->kind);
  IS(what, a->size, b->size);
  IS(what, a->cpl, b->cpl);
  IS(what, a->implicit, b->implicit);
  IS(what, a->ac, b->ac);
  IS(what, a->seg, b->seg);
  for (int level = 1; level <= 4; level++) IS(what, got->entry[level], want->entry[level]);
}

static void decode(void **state)
{
  const struct decode_row *r = *state;
  struct vmref_case c;
  IS(r->what, case_from_token(&c, r->token), 0);
  same(r->what, &c, &r->want);
}

/* ---- there and back -------------------------------------------------------- */

/* Any bytes: a case that the model takes, whose bytes and token give it back. */
static void round_trip(const char *what, const uint8_t *data, size_t size)
{
  struct vmref_case c, d;
  uint8_t first[CASE_CODE], second[CASE_CODE];
  char token[CASE_TOKEN + 1], again[CASE_TOKEN];
  case_decode(&c, data, size);
  IS(what, vmref_cpu_valid(c.cpu) && c.cpu.mode == VMREF_MODE_4LEVEL, 1);
  IS(what, vmref_access_valid(c.access) && vmref_access_one_page(c.access), 1);
  case_encode(&c, first);
  case_decode(&d, first, sizeof first);
  same(what, &d, &c);
  case_encode(&d, second);
  IS(what, memcmp(first, second, sizeof first), 0);

  token[CASE_TOKEN] = 'x'; /* one past the end */
  case_token(&c, token);
  IS(what, token[CASE_TOKEN], 'x');
  IS(what, strlen(token), 100); /* "vm1-" and 96 digits */
  IS(what, strncmp(token, "vm1-", 4), 0);
  IS(what, case_from_token(&d, token), 0);
  same(what, &d, &c);
  case_token(&d, again);
  IS(what, strcmp(token, again), 0);
}

static void corpus(void **state)
{
  static const char *const folder[] = { "corpus/entry", "corpus/access", "corpus/walk", "corpus/regress" };
  int cases = 0;
  (void)state;
  for (size_t i = 0; i < sizeof folder / sizeof folder[0]; i++) {
    DIR *dir = opendir(folder[i]);
    if (!dir) fail_msg("%s cannot be read: run from the root of the repository", folder[i]);
    for (struct dirent *e; (e = readdir(dir));) {
      char name[300];
      uint8_t data[4096];
      if (strchr(e->d_name, '.')) continue; /* README.md, expected.tsv */
      snprintf(name, sizeof name, "%s/%s", folder[i], e->d_name);
      FILE *f = fopen(name, "rb");
      if (!f) fail_msg("%s cannot be read", name);
      round_trip(name, data, fread(data, 1, sizeof data, f));
      fclose(f);
      cases++;
    }
    closedir(dir);
  }
  IS("case: corpus/ holds cases", cases > 0, 1);
}

static void random_bytes(void **state)
{
  uint64_t x = 0x9e3779b97f4a7c15; /* fixed, so that a failure comes back */
  (void)state;
  for (int run = 0; run < 20000; run++) {
    size_t size = (size_t)(run % 65); /* allocated to the byte: the sanitizer sees a read past it */
    uint8_t *data = malloc(size + 1);
    char what[60];
    for (size_t i = 0; i < size; i++) {
      x ^= x << 13, x ^= x >> 7, x ^= x << 17;
      data[i] = (uint8_t)(x >> 32);
    }
    data = realloc(data, size ? size : 1);
    snprintf(what, sizeof what, "case: random bytes, run %d", run);
    round_trip(what, data, size);
    free(data);
  }
}

/* ---- malformed tokens ------------------------------------------------------ */

#define Z47 Z8 Z8 Z8 Z8 Z8 "00000000000000"
static const struct token_row { const char *what, *token; int want; } TOKEN[] = {
  { "token: well formed",         "vm1-" Z47 "00", 0 },
  { "token: digits a to f",       "vm1-" Z47 "af", 0 },
  { "token: empty",               "", -1 },
  { "token: prefix alone",        "vm1-", -1 },
  { "token: one digit short",     "vm1-" Z47 "0", -1 },
  { "token: one byte short",      "vm1-" Z47, -1 },
  { "token: one digit long",      "vm1-" Z47 "000", -1 },
  { "token: newline at the end",  "vm1-" Z47 "00\n", -1 },
  { "token: blank in front",      " vm1-" Z47 "0", -1 },
  { "token: another version",     "vm2-" Z47 "00", -1 },
  { "token: prefix in capitals",  "VM1-" Z47 "00", -1 },
  { "token: no dash",             "vm1 " Z47 "00", -1 },
  { "token: digits in capitals",  "vm1-" Z47 "AF", -1 },
  { "token: g in the last place", "vm1-" Z47 "0g", -1 },
  { "token: g in the first place", "vm1-g" Z47 "0", -1 },
  { "token: 0x",                  "vm1-0x" Z47, -1 },
  { "token: below the digit 0",   "vm1-" Z47 "0/", -1 },
  { "token: above the digit 9",   "vm1-" Z47 "0:", -1 },
  { "token: below the letter a",  "vm1-" Z47 "0`", -1 },
  { "token: not ASCII",           "vm1-" Z47 "\xff\xff", -1 },
};
static void token(void **state)
{
  const struct token_row *r = *state;
  struct vmref_case c;
  IS(r->what, case_from_token(&c, r->token), r->want);
}

/* ---- memory ---------------------------------------------------------------- */

/* Indices of va 0x90d0ac789a8: 0x12, 0x34, 0x56, 0x78; offset 0x9a8. */
static const struct place_row {
  const char *what;
  uint64_t va, entry[5]; /* PTE first, after an unused one */
  unsigned n; uint64_t pa[4], value[4];
  uint8_t rule; uint64_t where; /* the physical address, or the last level */
} PLACE[] = {
  { "case: four tables", 0x90d0ac789a8, { 0, 0x2006007, 0x2003007, 0x2002007, 0x2001007 },
    4, { 0x2000090, 0x20011a0, 0x20022b0, 0x20033c0 }, { 0x2001007, 0x2002007, 0x2003007, 0x2006007 },
    VMREF_RULE_OK, 0x20069a8 },
  { "case: a table that refers to itself, the last entry stays", 0xffff804020100000,
    { 0, 0x2000003, 0x2000007, 0x2000007, 0x2000007 }, 1, { 0x2000800 }, { 0x2000003 },
    VMREF_RULE_PF_USER, 1 },
  { "case: a table outside the arena reads as zero", 0x90d0ac789a8,
    { 0, 0x2006007, 0x2003007, 0x2002007, 0x1007 }, 1, { 0x2000090 }, { 0x1007 },
    VMREF_RULE_PF_NP, 3 },
  { "case: one page as two tables, the PTE over the PDE", 0x40201000,
    { 0, 0x2006007, 0x2002007, 0x2002007, 0x2001007 }, 3, { 0x2000000, 0x2001008, 0x2002008 },
    { 0x2001007, 0x2002007, 0x2006007 }, VMREF_RULE_PF_NP, 1 },
};
static void place(void **state)
{
  const struct place_row *r = *state;
  struct vmref_case c = { .cpu = cpu_with(WP | NXE), .access = access_of(r->va, READ, 3, 0) };
  struct case_memory m;
  c.cpu.cr3 = 0x2000000;
  memcpy(c.entry, r->entry, sizeof c.entry);
  case_place(&c, &m);
  IS(r->what, m.n, r->n);
  for (unsigned i = 0; i < r->n; i++) {
    IS(r->what, m.pa[i], r->pa[i]);
    IS(r->what, m.value[i], r->value[i]);
    IS(r->what, case_read(&m, r->pa[i]), r->value[i]);
  }
  struct vmref_walk w = case_walk(&c, &m);
  IS(r->what, w.rule, r->rule);
  IS(r->what, w.rule == VMREF_RULE_OK ? w.pa : w.last, r->where);
}

static void memory(void **state)
{
  const char *what = *state;
  struct case_memory none = { .n = 0 };
  IS(what, case_tag(0x2000008), 0xc302000008b8); /* b8 08000002 c3: mov $0x2000008,%eax; ret */
  IS(what, case_read(&none, 0x2000008), 0xc302000008b8);
  IS(what, case_read(&none, 0x1fffff8), 0);
  IS(what, case_read(&none, 0x2010000), 0);
  IS(what, case_in_arena(0x1ffffff), 0);
  IS(what, case_in_arena(0x2000000), 1);
  IS(what, case_in_arena(0x200ffff), 1);
  IS(what, case_in_arena(0x2010000), 0);
  IS(what, case_in_arena(0x102000000), 0);
}

int main(void)
{
  static const char tags[] = "case: tags, and where the arena ends";
  ADD_ROWS(decode, DECODE);
  test_add("case: all of corpus/, there and back", corpus, NULL);
  test_add("case: random bytes, there and back", random_bytes, NULL);
  ADD_ROWS(token, TOKEN);
  ADD_ROWS(place, PLACE);
  test_add(tags, memory, tags);
  return RUN_TESTS("case");
}
