/* SPDX-License-Identifier: MIT */
/* A case in 144 bytes, numbers little-endian:
 *   0      wp smep smap nxe pge page1gb amd      (bits 0 to 6)
 *   1      MAXPHYADDR - 32, modulo 21
 *   2      kind (bits 1:0) cpl (3:2) implicit ac seg (4 to 6)
 *   3      size - 1 (bits 5:0)
 *   4      the root table's frame in the arena (bits 3:0)
 *   5      bit 0..3: aim the entry of level 1..4 into the arena
 *          bit 4: aim va at the arena through a 2-MiB page (4-MiB in 32-bit paging),
 *          bit 5: through a 1-GiB page; without paging either aims va itself
 *          bit 6: make va canonical
 *   8-15   va; 16-47 the entries of level 4, 3, 2, 1
 *   48     mode (bits 2:0): 0 4-level, 1 5-level, 2 none, 3 32-bit, 4 PAE, and again;
 *          pse pse36 pcide pke pks (bits 3 to 7)
 *   49     bit 0: aim the PML5E, bit 1: the PDPTEs, bit 2: the second page's entries
 *          bit 3: move va so that the access lies in two pages
 *          bit 7: it may; without it va is moved so that it does not
 *   50-51  CR3, bits 11:0
 *   52-55  PKRU; 56-59 PKRS
 *   64-71  the PML5E; 72-103 the PDPTEs; 104-143 the second page's entries, level 5 first
 * The first 48 bytes alone are a case of 4-level paging, the form before this one.
 * Aimed bits are applied while decoding, so an encoded case needs none but bit 7 of 49. */
#include <string.h>
#include "case.h"

static uint64_t get(const uint8_t *p, int bytes)
{
  uint64_t v = 0;
  while (bytes-- > 0) v = v << 8 | p[bytes];
  return v;
}

static void put(uint8_t *p, uint64_t v, int bytes)
{
  for (int i = 0; i < bytes; i++) p[i] = (uint8_t)(v >> 8 * i);
}

/* Where the entry of a level lies in the code. */
static size_t at_entry(int level) { return level == 5 ? 64 : (size_t)(16 + 8 * (4 - level)); }
static size_t at_next(int level) { return (size_t)(104 + 8 * (5 - level)); }

#define ADDRESS 0x000ffffffffff000u

/* Point an entry into the arena: a table or 4-KiB page at one of its frames, a large
 * page at the one that holds the arena. Other bits stay, but for PAE's 62:52, which are
 * reserved as the address bits are. */
static uint64_t aim(const struct vmref_cpu *cpu, uint64_t e, int level)
{
  uint64_t to = CASE_BASE + (e & 0xf000);
  if (level > 1 && vmref_maps_page(*cpu, (uint8_t)level, e))
    to = (level == 3 ? 0 : CASE_BASE) | (e & 0x1000); /* PAT */
  uint64_t drop = cpu->mode == VMREF_MODE_PAE ? 0x7ffffffffffff000u : ADDRESS;
  return (e & ~drop) | to;
}

/* What a PDPTE register cannot hold is cleared: bits 2:1, 8:5 and 63:MAXPHYADDR of a
 * present one. */
static uint64_t fit_pdpte(uint64_t e, uint8_t maxphyaddr)
{
  return e & 1 ? e & ((1ull << maxphyaddr) - 1) & ~0x1e6ull : e;
}

static void decode_cpu(struct vmref_cpu *c, const uint8_t *b)
{
  *c = (struct vmref_cpu){
    .cr3 = CASE_BASE + 4096u * (b[4] % CASE_FRAMES) + (get(b + 50, 2) & 0xfff),
    .pkru = (uint32_t)get(b + 52, 4), .pkrs = (uint32_t)get(b + 56, 4),
    .mode = (uint8_t)((VMREF_MODE_4LEVEL + (b[48] & 7)) % 5),
    .vendor = b[0] >> 6 & 1, .maxphyaddr = (uint8_t)(32 + b[1] % 21), .page1gb = b[0] >> 5 & 1,
    .pse36 = b[48] >> 4 & 1, .wp = b[0] & 1, .pse = b[48] >> 3 & 1, .pge = b[0] >> 4 & 1,
    .smep = b[0] >> 1 & 1, .smap = b[0] >> 2 & 1, .nxe = b[0] >> 3 & 1,
    .pke = b[48] >> 6 & 1, .pks = b[48] >> 7 & 1 };
  c->pcide = vmref_long_mode(c->mode) && b[48] >> 5 & 1; /* no PCIDs elsewhere */
  if (c->mode != VMREF_MODE_PAE) return;
  for (int i = 0; i < 4; i++) {
    uint64_t e = get(b + 72 + 8 * i, 8);
    if (b[49] & 2) e = (e & 0xfff) | (CASE_BASE + (e & 0xf000));
    c->pdpte[i] = fit_pdpte(e, c->maxphyaddr);
  }
}

int case_straddles(const struct vmref_case *c)
{
  return vmref_span_parts(c->access) == 2;
}

static uint64_t second_page(const struct vmref_case *c)
{
  return vmref_span_second(c->cpu, c->access).va;
}

static uint64_t aim_va(uint8_t mode, uint64_t va, uint8_t how)
{
  if (mode == VMREF_MODE_NONE) return how & 0x30 ? CASE_BASE + va % CASE_BYTES : va & 0xffffffffu;
  if (how & 0x10) va &= mode == VMREF_MODE_32BIT ? ~0x3f0000ull : ~0x1f0000ull;
  if (!vmref_long_mode(mode)) return va & 0xffffffffu;
  if (how & 0x20) va = (va & ~0x3fff0000ull) | CASE_BASE;
  int sign = mode == VMREF_MODE_5LEVEL ? 7 : 16;
  return how & 0x40 ? (uint64_t)((int64_t)(va << sign) >> sign) : va;
}

static void decode_access(struct vmref_case *c, const uint8_t *b)
{
  struct vmref_access *a = &c->access;
  a->kind = b[2] & 3;
  a->cpl = b[2] >> 2 & 3;
  a->ac = b[2] >> 5 & 1;
  a->size = (uint8_t)(1 + (b[3] & 63));
  a->va = aim_va(c->cpu.mode, get(b + 8, 8), b[5]);
  if (b[49] & 8 && a->size > 1) a->va = (a->va | 0xfff) - a->va % (a->size - 1u);
  else if (!(b[49] & 0x80) && case_straddles(c)) a->va -= a->size;
  /* only what can be asked: see askable and valid_access */
  int canonical = vmref_canonical(c->cpu.mode, a->va)
               && (!case_straddles(c) || vmref_canonical(c->cpu.mode, second_page(c)));
  a->implicit = a->kind == VMREF_FETCH || !canonical ? 0 : b[2] >> 4 & 1;
  a->seg = a->kind == VMREF_FETCH || a->implicit ? VMREF_SEG_DS : b[2] >> 6 & 1;
}

void case_decode(struct vmref_case *c, const uint8_t *data, size_t size)
{
  uint8_t b[CASE_CODE] = { 0 };
  memcpy(b, data, size < sizeof b ? size : sizeof b);
  memset(c, 0, sizeof *c);
  decode_cpu(&c->cpu, b);
  decode_access(c, b);
  uint64_t width = vmref_entry_size(c->cpu.mode) == 4 ? 0xffffffffu : ~0ull;
  unsigned aimed = (b[5] & 15u) | (b[49] & 1u) << 4; /* bit level - 1 */
  for (int level = vmref_top_level(c->cpu.mode); level >= 1; level--) {
    uint64_t e = get(b + at_entry(level), 8) & width;
    c->entry[level] = aimed >> (level - 1) & 1 ? aim(&c->cpu, e, level) : e;
    if (!case_straddles(c)) continue;
    e = get(b + at_next(level), 8) & width;
    c->next[level] = b[49] & 4 ? aim(&c->cpu, e, level) : e;
  }
}

void case_encode(const struct vmref_case *c, uint8_t b[CASE_CODE])
{
  const struct vmref_cpu *p = &c->cpu;
  const struct vmref_access *a = &c->access;
  memset(b, 0, CASE_CODE);
  b[0] = (uint8_t)(p->wp | p->smep << 1 | p->smap << 2 | p->nxe << 3 | p->pge << 4
                   | p->page1gb << 5 | p->vendor << 6);
  b[1] = (uint8_t)(p->maxphyaddr - 32);
  b[2] = (uint8_t)(a->kind | a->cpl << 2 | a->implicit << 4 | a->ac << 5 | a->seg << 6);
  b[3] = (uint8_t)(a->size - 1);
  b[4] = (uint8_t)((p->cr3 - CASE_BASE) / 4096);
  put(b + 8, a->va, 8);
  b[48] = (uint8_t)((p->mode + 5 - VMREF_MODE_4LEVEL) % 5 | p->pse << 3 | p->pse36 << 4
                    | p->pcide << 5 | p->pke << 6 | p->pks << 7);
  b[49] = case_straddles(c) ? 0x80 : 0;
  put(b + 50, p->cr3 & 0xfff, 2);
  put(b + 52, p->pkru, 4);
  put(b + 56, p->pkrs, 4);
  for (int i = 0; i < 4; i++) put(b + 72 + 8 * i, p->pdpte[i], 8);
  for (int level = 5; level >= 1; level--) {
    put(b + at_entry(level), c->entry[level], 8);
    put(b + at_next(level), c->next[level], 8);
  }
}

/* ---- tokens ------------------------------------------------------------- */

void case_token(const struct vmref_case *c, char token[CASE_TOKEN])
{
  uint8_t b[CASE_CODE];
  case_encode(c, b);
  int n = CASE_CODE;
  while (n > 1 && b[n - 1] == 0) n--;
  memcpy(token, "vm2-", 4);
  for (int i = 0; i < n; i++) {
    token[4 + 2 * i] = "0123456789abcdef"[b[i] >> 4];
    token[5 + 2 * i] = "0123456789abcdef"[b[i] & 15];
  }
  token[4 + 2 * n] = 0;
}

static int digit(char ch)
{
  return ch >= '0' && ch <= '9' ? ch - '0' : ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : -1;
}

int case_from_token(struct vmref_case *c, const char *token)
{
  uint8_t b[CASE_CODE];
  size_t length = strlen(token), bytes = (length - 4) / 2;
  int old = strncmp(token, "vm1-", 4) == 0;
  if (!old && strncmp(token, "vm2-", 4) != 0) return -1;
  if (length % 2 != 0 || bytes == 0 || bytes > CASE_CODE || (old && bytes != 48)) return -1;
  for (size_t i = 0; i < bytes; i++) {
    int hi = digit(token[4 + 2 * i]), lo = digit(token[5 + 2 * i]);
    if (hi < 0 || lo < 0) return -1;
    b[i] = (uint8_t)(hi << 4 | lo);
  }
  case_decode(c, b, bytes);
  return 0;
}

/* ---- memory ------------------------------------------------------------- */

int case_in_arena(uint64_t pa)
{
  return pa >= CASE_BASE && pa < CASE_BASE + CASE_BYTES;
}

uint64_t case_tag(uint64_t pa)
{
  return 0xc30000000000u | (pa & 0xffffffffu) << 8 | 0xb8;
}

static void put_entry(struct case_memory *m, uint8_t mode, uint64_t pa, uint64_t e)
{
  uint64_t word = pa & ~7ull;
  if (vmref_entry_size(mode) == 4) {
    int shift = pa & 4 ? 32 : 0;
    e = (case_read(m, word) & ~(0xffffffffull << shift)) | e << shift;
  }
  unsigned i = 0;
  while (i < m->n && m->pa[i] != word) i++;
  if (i == m->n) m->n++;
  m->pa[i] = word;
  m->value[i] = e;
}

/* The entries on the way to va, from the top, until a table lies outside the arena. Where
 * the way meets `before` (the first page's addresses by level), that page's entry stands;
 * elsewhere `e`. Gives the addresses met. */
static void place_page(const struct vmref_case *c, struct case_memory *m, uint64_t va,
                       const uint64_t *e, const uint64_t *before, uint64_t *met)
{
  uint8_t mode = c->cpu.mode;
  uint64_t table = mode == VMREF_MODE_PAE ? c->cpu.pdpte[va >> 30 & 3] : c->cpu.cr3;
  for (uint8_t level = vmref_top_level(mode); level >= 1; level--) {
    uint64_t pa = vmref_entry_in(mode, vmref_table_of(table), va, level);
    if (!case_in_arena(pa)) return;
    met[level] = pa;
    int same = before && before[level] == pa;
    if (!same) put_entry(m, mode, pa, e[level]);
    table = same ? c->entry[level] : e[level];
  }
}

void case_place(const struct vmref_case *c, struct case_memory *m)
{
  uint64_t first[6] = { 0 }, second[6] = { 0 };
  m->n = 0;
  place_page(c, m, c->access.va, c->entry, NULL, first);
  if (case_straddles(c)) place_page(c, m, second_page(c), c->next, first, second);
  if (c->cpu.mode != VMREF_MODE_PAE) return;
  for (unsigned i = 0; i < 4; i++) put_entry(m, VMREF_MODE_PAE, (c->cpu.cr3 & ~0x1full) + 8 * i, c->cpu.pdpte[i]);
}

uint64_t case_read(const struct case_memory *m, uint64_t pa)
{
  for (unsigned i = 0; i < m->n; i++)
    if (m->pa[i] == pa) return m->value[i];
  return case_in_arena(pa) ? case_tag(pa) : 0;
}

uint64_t case_entry(const struct case_memory *m, uint8_t mode, uint64_t pa)
{
  return vmref_entry_in_word(mode, pa, case_read(m, pa & ~7ull));
}

static void finish(struct vmref_walk *w, const struct case_memory *m)
{
  while (w->level != 0) vmref_walk_step(w, case_entry(m, w->cpu.mode, w->address[w->level]));
}

struct vmref_walk case_walk(const struct vmref_case *c, const struct case_memory *m)
{
  struct vmref_walk w;
  vmref_walk_start(&w, c->cpu, vmref_span_first(c->access));
  finish(&w, m);
  return w;
}

struct vmref_span case_span(const struct vmref_case *c, const struct case_memory *m)
{
  struct vmref_span s;
  vmref_span_start(&s, c->cpu, c->access);
  for (int i = 0; i < s.parts; i++) finish(&s.part[i], m);
  vmref_span_join(&s);
  return s;
}
