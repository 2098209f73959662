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
#define Z48 Z8 Z8 Z8 Z8 Z8 Z8
/* What the first 48 bytes say of the control state. */
#define OLD(root, amd, width, gb, w, g, ep, ap, nx) \
  { .cr3 = root, .mode = 3, .vendor = amd, .maxphyaddr = width, .page1gb = gb, .wp = w, .pge = g, \
    .smep = ep, .smap = ap, .nxe = nx }
#define IN(m, root, ...) { .cr3 = root, .mode = m, .maxphyaddr = 32, __VA_ARGS__ }
#define NO_ACCESS { 0, READ, 1, 0, 0, 0, 0 }
static const struct decode_row {
  const char *what, *token;
  struct vmref_case want;
} DECODE[] = {
  { "case: all zero", "vm1-" Z8 Z8 Z8 Z8 Z8 Z8,
    { OLD(0x2000000, 0, 32, 0, 0, 0, 0, 0, 0), { 0, READ, 1, 0, 0, 0, 0 }, { 0 } } },
  { "case: user read, 4-level tables", "vm1-31080c0000000000a889c70a0d090000"
    "0710000200000000072000020000000007300002000000000760000200000080",
    { OLD(0x2000000, 0, 40, 1, 1, 1, 0, 0, 0), { 0x90d0ac789a8, READ, 1, 3, 0, 0, 0 },
      { 0, 0x8000000002006007, 0x2003007, 0x2002007, 0x2001007 } } },
  { "case: every flag", "vm1-7f146e3f0f000000" Z8 Z8 Z8 Z8 Z8,
    { OLD(0x200f000, 1, 52, 1, 1, 1, 1, 1, 1), { 0, RMW, 64, 3, 0, 1, 1 }, { 0 } } },
  { "case: an implicit access is no stack reference", "vm1-0000500000000000" Z8 Z8 Z8 Z8 Z8,
    { OLD(0x2000000, 0, 32, 0, 0, 0, 0, 0, 0), { 0, READ, 1, 0, 1, 0, 0 }, { 0 } } },
  { "case: numbers wrap", "vm1-80ff80ff1f008080" Z8 Z8 Z8 Z8 Z8,
    { OLD(0x200f000, 0, 35, 0, 0, 0, 0, 0, 0), { 0, READ, 64, 0, 0, 0, 0 }, { 0 } } },
  { "case: a fetch is never implicit", "vm1-0015130000000000" Z8 Z8 Z8 Z8 Z8,
    { OLD(0x2000000, 0, 32, 0, 0, 0, 0, 0, 0), { 0, FETCH, 1, 0, 0, 0, 0 }, { 0 } } },
  { "case: bytes stay in one page", "vm1-0000003f00000000" "c10f000000000000" Z8 Z8 Z8 Z8,
    { OLD(0x2000000, 0, 32, 0, 0, 0, 0, 0, 0), { 0xf81, READ, 64, 0, 0, 0, 0 }, { 0 } } },
  { "case: tables aimed at the arena", "vm1-00000000000f0000" Z8
    "07563412aa553377" "07563412aa553377" "07563412aa553377" "87563412aa553377",
    { OLD(0x2000000, 0, 32, 0, 0, 0, 0, 0, 0), { 0, READ, 1, 0, 0, 0, 0 },
      { 0, 0x7730000002005687, 0x7730000002005607, 0x7730000002005607, 0x7730000002005607 } } },
  { "case: large pages aimed, bit 12 kept", "vm1-00000000000f0000" Z8
    "87563412aa553377" "87563412aa553377" "87563412aa553377" Z8,
    { OLD(0x2000000, 0, 32, 0, 0, 0, 0, 0, 0), { 0, READ, 1, 0, 0, 0, 0 },
      { 0, 0x2000000, 0x7730000002001687, 0x7730000000001687, 0x7730000002005687 } } },
  { "case: va aimed through a 2-MiB page", "vm1-0000000000100000" "ffff1f0000000000" Z8 Z8 Z8 Z8,
    { OLD(0x2000000, 0, 32, 0, 0, 0, 0, 0, 0), { 0xffff, READ, 1, 0, 0, 0, 0 }, { 0 } } },
  { "case: va aimed through a 1-GiB page", "vm1-0000000000200000" "ffffff3f00000000" Z8 Z8 Z8 Z8,
    { OLD(0x2000000, 0, 32, 0, 0, 0, 0, 0, 0), { 0x200ffff, READ, 1, 0, 0, 0, 0 }, { 0 } } },
  { "case: va made canonical, high", "vm1-0000000000400000" "0000000000801234" Z8 Z8 Z8 Z8,
    { OLD(0x2000000, 0, 32, 0, 0, 0, 0, 0, 0), { 0xffff800000000000, READ, 1, 0, 0, 0, 0 }, { 0 } } },
  { "case: va made canonical, low", "vm1-0000000000400000" "00100000003412f2" Z8 Z8 Z8 Z8,
    { OLD(0x2000000, 0, 32, 0, 0, 0, 0, 0, 0), { 0x340000001000, READ, 1, 0, 0, 0, 0 }, { 0 } } },

  /* what follows the first 48 bytes: mode and flags, aim, CR3 bits 11:0, PKRU; PKRS */
  { "case: one zero byte", "vm2-00", { OLD(0x2000000, 0, 32, 0, 0, 0, 0, 0, 0), NO_ACCESS } },
  { "case: 5-level, every field", "vm2-" Z48 "f900ff0f78563412" "efcdab8900000000" "0710000200000000",
    { IN(4, 0x2000fff, .pkru = 0x12345678, .pkrs = 0x89abcdef, .pse36 = 1, .pse = 1, .pcide = 1, .pke = 1, .pks = 1),
      NO_ACCESS, { 0, 0, 0, 0, 0, 0x2001007 } } },
  { "case: 4-level has no PML5E", "vm2-" Z48 Z8 Z8 "0710000200000000", { IN(3, 0x2000000, .wp = 0), NO_ACCESS } },
  { "case: no paging has 32 bits and no entries", "vm2-" Z8 "0100000001000000" Z8 Z8 Z8 "0760000200000000" "02",
    { IN(0, 0x2000000, .wp = 0), { 1, READ, 1, 0, 0, 0, 0 } } },
  { "case: modes come again", "vm2-" Z48 "06", { IN(4, 0x2000000, .wp = 0), NO_ACCESS } },
  { "case: PCIDs in the 64-bit modes only", "vm2-" Z48 "23", { IN(1, 0x2000000, .wp = 0), NO_ACCESS } },
  { "case: 32-bit entries are low halves", "vm2-" Z8 "34120000ffffffff"
    "0710000200000000" "0720000200000000" "0730000212345678" "0760000287654321" "03",
    { IN(1, 0x2000000, .wp = 0), { 0x1234, READ, 1, 0, 0, 0, 0 }, { 0, 0x2006007, 0x2003007 } } },
  { "case: a PDPTE register cannot hold everything", "vm2-" Z48 "0400000000000000" Z8 Z8
    "e711000200000080" "e6ffffffffffffff" Z8 "0110000200000000",
    { IN(2, 0x2000000, .pdpte = { 0x2001001, 0xffffffffffffffe6, 0, 0x2001001 }), NO_ACCESS } },
  { "case: PDPTEs aimed at the arena", "vm2-" Z48 "0402000000000000" Z8 Z8 "0170563412aa5533" "01",
    { IN(2, 0x2000000, .pdpte = { 0x2007001, 0x2000001, 0x2000000, 0x2000000 }), NO_ACCESS } },
  { "case: a PML5E aimed at the arena", "vm2-" Z48 "0101000000000000" Z8 "07563412aa553377",
    { IN(4, 0x2000000, .wp = 0), NO_ACCESS, { 0, 0, 0, 0, 0, 0x7730000002005607 } } },
  { "case: a 4-MiB page aimed, bit 12 kept", "vm2-" "0000000000020000" Z8 Z8 Z8 "8756341200000000" Z8 "0b",
    { IN(1, 0x2000000, .pse = 1), NO_ACCESS, { 0, 0, 0x2001687 } } },
  { "case: PS without PSE aims a table", "vm2-" "0000000000020000" Z8 Z8 Z8 "8756341200000000" Z8 "03",
    { IN(1, 0x2000000, .pse = 0), NO_ACCESS, { 0, 0, 0x2005687 } } },
  { "case: a PAE entry aimed loses 62:52", "vm2-" "0000000000010000" Z8 Z8 Z8 Z8 "07563412aa5533f7" "04",
    { IN(2, 0x2000000, .pse = 0), NO_ACCESS, { 0, 0x8000000002005607 } } },
  { "case: va aimed without paging", "vm2-" "0000000000100000" "8967452301000000" Z8 Z8 Z8 Z8 "02",
    { IN(0, 0x2000000, .wp = 0), { 0x2006789, READ, 1, 0, 0, 0, 0 } } },
  { "case: va aimed through a 4-MiB page", "vm2-" "0000000000100000" "ffffffff01000000" Z8 Z8 Z8 Z8 "03",
    { IN(1, 0x2000000, .wp = 0), { 0xffc0ffff, READ, 1, 0, 0, 0, 0 } } },
  { "case: va made canonical for 57 bits, low", "vm2-" "0000000000400000" "0000000000008112" Z8 Z8 Z8 Z8 "01",
    { IN(4, 0x2000000, .wp = 0), { 0x0081000000000000, READ, 1, 0, 0, 0, 0 } } },
  { "case: va made canonical for 57 bits, high", "vm2-" "0000000000400000" "0000000000008113" Z8 Z8 Z8 Z8 "01",
    { IN(4, 0x2000000, .wp = 0), { 0xff81000000000000, READ, 1, 0, 0, 0, 0 } } },
  { "case: in two pages, with the second one's entries", "vm2-" "0000003f00000000" "c10f000000000000" Z8 Z8 Z8 Z8
    "0080000000000000" Z8 Z8 Z8 Z8 Z8 Z8 "0510000000000000" "0410000000000000" Z8 Z8 "0110000000000000",
    { IN(3, 0x2000000, .wp = 0), { 0xfc1, READ, 64, 0, 0, 0, 0 }, { 0 }, { 0, 0x1001, 0, 0, 0x1004 } } },
  { "case: in one page there are no second one's", "vm2-" "0000000000000000" Z8 Z8 Z8 Z8 Z8
    "0080000000000000" Z8 Z8 Z8 Z8 Z8 Z8 "0510000000000000" "0410000000000000",
    { IN(3, 0x2000000, .wp = 0), NO_ACCESS } },
  { "case: the second page's entries aimed", "vm2-" "0000003f00000000" "c10f000000000000" Z8 Z8 Z8 Z8
    "0084000000000000" Z8 Z8 Z8 Z8 Z8 Z8 Z8 "07563412aa553377",
    { IN(3, 0x2000000, .wp = 0), { 0xfc1, READ, 64, 0, 0, 0, 0 }, { 0 },
      { 0, 0x2000000, 0x2000000, 0x2000000, 0x7730000002005607 } } },
  { "case: moved into two pages", "vm2-" "0000003f00000000" "0010000000000000" Z8 Z8 Z8 Z8 "0008",
    { IN(3, 0x2000000, .wp = 0), { 0x1ffe, READ, 64, 0, 0, 0, 0 } } }, /* 4096 = 65 * 63 + 1 */
  { "case: one byte is never in two", "vm2-" Z8 "0010000000000000" Z8 Z8 Z8 Z8 "0008",
    { IN(3, 0x2000000, .wp = 0), { 0x1000, READ, 1, 0, 0, 0, 0 } } },
  { "case: implicit only with both pages canonical", "vm2-" "0000100100000000" "ffffffffff7f0000" Z8 Z8 Z8 Z8 "0080",
    { IN(3, 0x2000000, .wp = 0), { 0x7fffffffffff, READ, 2, 0, 0, 0, 0 } } },
};

#define SAME(field) IS(what, got->field, want->field)
static void same(const char *what, const struct vmref_case *got, const struct vmref_case *want)
{
  SAME(cpu.cr3), SAME(cpu.pkru), SAME(cpu.pkrs), SAME(cpu.mode), SAME(cpu.vendor);
  SAME(cpu.maxphyaddr), SAME(cpu.page1gb), SAME(cpu.pse36), SAME(cpu.wp), SAME(cpu.pse);
  SAME(cpu.pge), SAME(cpu.pcide), SAME(cpu.smep), SAME(cpu.smap), SAME(cpu.nxe);
  SAME(cpu.pke), SAME(cpu.pks);
  for (int i = 0; i < 4; i++) SAME(cpu.pdpte[i]);
  SAME(access.va), SAME(access.kind), SAME(access.size), SAME(access.cpl);
  SAME(access.implicit), SAME(access.ac), SAME(access.seg);
  for (int level = 0; level <= 5; level++) SAME(entry[level]), SAME(next[level]);
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
  memset(token, 'x', sizeof token);
  case_decode(&c, data, size);
  struct case_memory m;
  case_place(&c, &m);
  IS(what, m.n <= CASE_WORDS, 1);
  IS(what, case_span(&c, &m).status, VMREF_OK); /* the model can always be asked */
  case_encode(&c, first);
  case_decode(&d, first, sizeof first);
  same(what, &d, &c);
  case_encode(&d, second);
  IS(what, memcmp(first, second, sizeof first), 0);

  case_token(&c, token);
  IS(what, token[CASE_TOKEN], 'x'); /* one past the end */
  size_t n = strlen(token);
  IS(what, n >= 6 && n <= 292 && n % 2 == 0, 1); /* "vm2-" and up to 288 digits */
  IS(what, n > 6 && strcmp(token + n - 2, "00") == 0, 0);
  IS(what, strncmp(token, "vm2-", 4), 0);
  IS(what, case_from_token(&d, token), 0);
  same(what, &d, &c);
  case_token(&d, again);
  IS(what, strcmp(token, again), 0);
}

static int corpus_folder(const char *folder)
{
  int cases = 0;
  DIR *dir = opendir(folder);
  if (!dir) fail_msg("%s cannot be read: run from the root of the repository", folder);
  for (struct dirent *e; (e = readdir(dir));) {
    char name[600];
    uint8_t data[4096];
    if (strchr(e->d_name, '.')) continue; /* README.md, expected.tsv */
    snprintf(name, sizeof name, "%s/%s", folder, e->d_name);
    FILE *f = fopen(name, "rb");
    if (!f) fail_msg("%s cannot be read", name);
    round_trip(name, data, fread(data, 1, sizeof data, f));
    fclose(f);
    cases++;
  }
  closedir(dir);
  return cases;
}

static void corpus(void **state)
{
  static const char *const folder[] = { "corpus/entry", "corpus/access", "corpus/walk", "corpus/regress" };
  (void)state;
  for (size_t i = 0; i < sizeof folder / sizeof folder[0]; i++)
    IS(folder[i], corpus_folder(folder[i]) > 0, 1);
}

static void random_bytes(void **state)
{
  uint64_t x = 0x9e3779b97f4a7c15; /* fixed, so that a failure comes back */
  (void)state;
  for (int run = 0; run < 20000; run++) {
    size_t size = (size_t)(run % 161); /* allocated to the byte: the sanitizer sees a read past it */
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
#define Z144 Z48 Z48 Z48
static const struct token_row { const char *what, *token; int want; } TOKEN[] = {
  { "token: the form before",     "vm1-" Z47 "00", 0 },
  { "token: digits a to f",       "vm1-" Z47 "af", 0 },
  { "token: well formed",         "vm2-af", 0 },
  { "token: zero bytes at its end", "vm2-" Z47 "00", 0 },
  { "token: the longest",         "vm2-" Z144, 0 },
  { "token: a byte longer",       "vm2-" Z144 "00", -1 },
  { "token: empty",               "", -1 },
  { "token: a part of the prefix", "vm2", -1 },
  { "token: prefix alone",        "vm2-", -1 },
  { "token: old prefix alone",    "vm1-", -1 },
  { "token: one digit",           "vm2-0", -1 },
  { "token: half a byte",         "vm2-" Z47 "0", -1 },
  { "token: old, one digit short", "vm1-" Z47 "0", -1 },
  { "token: old, one byte short", "vm1-" Z47, -1 },
  { "token: old, one byte long",  "vm1-" Z47 "0000", -1 },
  { "token: newline at the end",  "vm2-" Z47 "00\n", -1 },
  { "token: two newlines",        "vm2-" Z47 "00\n\n", -1 },
  { "token: blank in front",      " vm2-" Z47 "0", -1 },
  { "token: another version",     "vm3-" Z47 "00", -1 },
  { "token: prefix in capitals",  "VM2-" Z47 "00", -1 },
  { "token: no dash",             "vm2 " Z47 "00", -1 },
  { "token: digits in capitals",  "vm2-" Z47 "AF", -1 },
  { "token: g in the last place", "vm2-" Z47 "0g", -1 },
  { "token: g in the first place", "vm2-g" Z47 "0", -1 },
  { "token: 0x",                  "vm2-0x" Z47, -1 },
  { "token: below the digit 0",   "vm2-" Z47 "0/", -1 },
  { "token: above the digit 9",   "vm2-" Z47 "0:", -1 },
  { "token: below the letter a",  "vm2-" Z47 "0`", -1 },
  { "token: not ASCII",           "vm2-" Z47 "\xff\xff", -1 },
};
static void token(void **state)
{
  const struct token_row *r = *state;
  struct vmref_case c;
  IS(r->what, case_from_token(&c, r->token), r->want);
}

/* ---- memory ---------------------------------------------------------------- */

/* Indices of va 0x90d0ac789a8: 0x12, 0x34, 0x56, 0x78; offset 0x9a8. Of 0xb8001234 in
 * 32-bit paging 736, 1, in PAE register 2, 448, 1. A half word beside a 32-bit entry is
 * that of the tag: the word 0x2001000 is 0xc302001000b8. */
#define VA4 0x90d0ac789a8
#define VA32 0xb8001234
static const struct place_row {
  const char *what;
  unsigned on; uint64_t low, va; uint8_t size; /* low: bits 11:0 of CR3 */
  uint64_t pdpte[4], entry[6], next[6];
  unsigned n; uint64_t pa[8], value[8];
  uint8_t rule; uint64_t where, second; /* the physical addresses, or the last level */
} PLACE[] = {
#define NO_PDPTE { 0 }
  { "case: four tables", 0, 0, VA4, 1, NO_PDPTE, { 0, 0x2006007, 0x2003007, 0x2002007, 0x2001007 }, { 0 },
    4, { 0x2000090, 0x20011a0, 0x20022b0, 0x20033c0 }, { 0x2001007, 0x2002007, 0x2003007, 0x2006007 },
    VMREF_RULE_OK, 0x20069a8, 0 },
  { "case: a table that refers to itself, the last entry stays", 0, 0, 0xffff804020100000, 1, NO_PDPTE,
    { 0, 0x2000003, 0x2000007, 0x2000007, 0x2000007 }, { 0 }, 1, { 0x2000800 }, { 0x2000003 },
    VMREF_RULE_PF_USER, 1, 0 },
  { "case: a table outside the arena reads as zero", 0, 0, VA4, 1, NO_PDPTE,
    { 0, 0x2006007, 0x2003007, 0x2002007, 0x1007 }, { 0 }, 1, { 0x2000090 }, { 0x1007 }, VMREF_RULE_PF_NP, 3, 0 },
  { "case: one page as two tables, the PTE over the PDE", 0, 0, 0x40201000, 1, NO_PDPTE,
    { 0, 0x2006007, 0x2002007, 0x2002007, 0x2001007 }, { 0 }, 3, { 0x2000000, 0x2001008, 0x2002008 },
    { 0x2001007, 0x2002007, 0x2006007 }, VMREF_RULE_PF_NP, 1, 0 },
  { "case: five tables", IN_5LEVEL, 0, 0xfedcba98765432, 1, NO_PDPTE,
    { 0, 0x2005007, 0x2004007, 0x2003007, 0x2002007, 0x2001007 }, { 0 },
    5, { 0x20007f0, 0x2001dc8, 0x2002750, 0x2003618, 0x2004b28 },
    { 0x2001007, 0x2002007, 0x2003007, 0x2004007, 0x2005007 }, VMREF_RULE_OK, 0x2005432, 0 },
  { "case: no table", IN_NONE, 0, 0x2000123, 1, NO_PDPTE, { 0 }, { 0 }, 0, { 0 }, { 0 }, VMREF_RULE_OK, 0x2000123, 0 },
  { "case: 32-bit entries, a low half and a high one", IN_32BIT, 0, VA32, 1, NO_PDPTE,
    { 0, 0x2006007, 0x2001007 }, { 0 }, 2, { 0x2000b80, 0x2001000 }, { 0xc30202001007, 0x2006007001000b8 },
    VMREF_RULE_OK, 0x2006234, 0 },
  { "case: two 32-bit entries in a word", IN_32BIT, 0, 0xb8000ffe, 4, NO_PDPTE,
    { 0, 0x2006007, 0x2001007 }, { 0, 0x2007007, 0 }, 2, { 0x2000b80, 0x2001000 },
    { 0xc30202001007, 0x200700702006007 }, VMREF_RULE_OK, 0x2006ffe, 0x2007000 },
  { "case: PAE, the PDPTEs lie at CR3", IN_PAE, 0x20, VA32, 1, { 0x2008001, 0, 0x2001001, 0x2 },
    { 0, 0x2006007, 0x2002007 }, { 0 }, 6, { 0x2001e00, 0x2002008, 0x2000020, 0x2000028, 0x2000030, 0x2000038 },
    { 0x2002007, 0x2006007, 0x2008001, 0, 0x2001001, 0x2 }, VMREF_RULE_OK, 0x2006234, 0 },
  { "case: PAE, a PDPTE over a PDE", IN_PAE, 0x20, 0x80800000, 1, { 0x2003001, 0, 0x2000001, 0 },
    { 0, 0x2006007, 0x2002007 }, { 0 }, 5, { 0x2000020, 0x2002000, 0x2000028, 0x2000030, 0x2000038 },
    { 0x2003001, 0x2006007, 0, 0x2000001, 0 }, VMREF_RULE_PF_NP, 1, 0 },
  { "case: two pages of one table", 0, 0, VA4 | 0xfff, 2, NO_PDPTE,
    { 0, 0x2006007, 0x2003007, 0x2002007, 0x2001007 }, { 0, 0x2007007, 0x1, 0x2, 0x3 },
    5, { 0x2000090, 0x20011a0, 0x20022b0, 0x20033c0, 0x20033c8 },
    { 0x2001007, 0x2002007, 0x2003007, 0x2006007, 0x2007007 }, VMREF_RULE_OK, 0x2006fff, 0x2007000 },
  { "case: two pages of two tables", 0, 0, VA4 | 0x1fffff, 2, NO_PDPTE,
    { 0, 0x2006007, 0x2003007, 0x2002007, 0x2001007 }, { 0, 0x2007007, 0x2004007, 0x2, 0x3 },
    6, { 0x2000090, 0x20011a0, 0x20022b0, 0x2003ff8, 0x20022b8, 0x2004000 },
    { 0x2001007, 0x2002007, 0x2003007, 0x2006007, 0x2004007, 0x2007007 }, VMREF_RULE_OK, 0x2006fff, 0x2007000 },
  { "case: two pages, the second not canonical", 0, 0, 0x7fffffffffff, 2, NO_PDPTE,
    { 0, 0x2006007, 0x2003007, 0x2002007, 0x2001007 }, { 0, 0x2007007, 0x2008007, 0x2009007, 0x200a007 },
    8, { 0x20007f8, 0x2001ff8, 0x2002ff8, 0x2003ff8, 0x2000800, 0x200a000, 0x2009000, 0x2008000 },
    { 0x2001007, 0x2002007, 0x2003007, 0x2006007, 0x200a007, 0x2009007, 0x2008007, 0x2007007 },
    VMREF_RULE_GP_CANON, 0, 0 },
};
static void place(void **state)
{
  const struct place_row *r = *state;
  struct vmref_case c = { .cpu = cpu_with(WP | NXE | r->on), .access = access_of(r->va, READ, 3, 0) };
  struct case_memory m;
  c.cpu.cr3 = 0x2000000 + r->low;
  c.access.size = r->size;
  memcpy(c.cpu.pdpte, r->pdpte, sizeof c.cpu.pdpte);
  memcpy(c.entry, r->entry, sizeof c.entry);
  memcpy(c.next, r->next, sizeof c.next);
  case_place(&c, &m);
  IS(r->what, m.n, r->n);
  for (unsigned i = 0; i < r->n; i++) {
    IS(r->what, m.pa[i], r->pa[i]);
    IS(r->what, m.value[i], r->value[i]);
    IS(r->what, case_read(&m, r->pa[i]), r->value[i]);
  }
  struct vmref_span s = case_span(&c, &m);
  struct vmref_walk w = case_walk(&c, &m);
  IS(r->what, s.rule, r->rule);
  IS(r->what, case_straddles(&c), s.parts == 2);
  IS(r->what, s.rule == VMREF_RULE_OK ? s.part[0].pa : s.part[s.first].last, r->where);
  IS(r->what, s.parts == 2 ? s.part[1].pa : 0, r->second);
  IS(r->what, w.rule == s.part[0].rule && w.pa == s.part[0].pa && w.last == s.part[0].last, 1);
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
