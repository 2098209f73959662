/* SPDX-License-Identifier: MIT */
/* A case in 48 bytes:
 *   0      wp smep smap nxe pge page1gb amd      (bits 0 to 6)
 *   1      MAXPHYADDR - 32, modulo 21
 *   2      kind (bits 1:0) cpl (3:2) implicit ac seg (4 to 6)
 *   3      size - 1 (bits 5:0)
 *   4      the root table's frame in the arena (bits 3:0)
 *   5      bit 0..3: aim the entry of level 1..4 into the arena
 *          bit 4: aim va at the arena through a 2-MiB page, bit 5: through a 1-GiB page
 *          bit 6: make va canonical
 *   8-15   va; 16-47 the entries, PML4E first, little-endian
 * Aimed bits are applied while decoding, so an encoded case needs none. */
#include <string.h>
#include "case.h"

static uint64_t get64(const uint8_t *p)
{
  uint64_t v = 0;
  for (int i = 7; i >= 0; i--) v = v << 8 | p[i];
  return v;
}

static void put64(uint8_t *p, uint64_t v)
{
  for (int i = 0; i < 8; i++) p[i] = (uint8_t)(v >> 8 * i);
}

#define ADDRESS 0x000ffffffffff000u

/* Point an entry into the arena: a table or 4-KiB page at one of its frames, a
 * large page at the one that holds the arena. Other bits stay. */
static uint64_t aim(uint64_t e, int level)
{
  uint64_t to = CASE_BASE + (e & 0xf000);
  if (level == 2 && e & 0x80) to = CASE_BASE;
  if (level == 3 && e & 0x80) to = 0;
  if (level == 2 || level == 3) to |= e & 0x80 ? e & 0x1000 : 0; /* PAT */
  return (e & ~ADDRESS) | to;
}

void case_decode(struct vmref_case *c, const uint8_t *data, size_t size)
{
  uint8_t b[CASE_CODE] = { 0 };
  memcpy(b, data, size < sizeof b ? size : sizeof b);
  memset(c, 0, sizeof *c);
  c->cpu = (struct vmref_cpu){
    .mode = VMREF_MODE_4LEVEL, .cr3 = CASE_BASE + 4096u * (b[4] % CASE_FRAMES),
    .vendor = b[0] >> 6 & 1, .maxphyaddr = (uint8_t)(32 + b[1] % 21), .page1gb = b[0] >> 5 & 1,
    .wp = b[0] & 1, .smep = b[0] >> 1 & 1, .smap = b[0] >> 2 & 1, .nxe = b[0] >> 3 & 1,
    .pge = b[0] >> 4 & 1 };
  struct vmref_access *a = &c->access;
  a->kind = b[2] & 3;
  a->cpl = b[2] >> 2 & 3;
  a->ac = b[2] >> 5 & 1;
  a->size = (uint8_t)(1 + (b[3] & 63));
  a->va = get64(b + 8);
  if (b[5] & 0x10) a->va &= ~0x1f0000ull;
  if (b[5] & 0x20) a->va = (a->va & ~0x3fff0000ull) | CASE_BASE;
  if (b[5] & 0x40) a->va = (uint64_t)((int64_t)(a->va << 16) >> 16);
  if ((a->va & 4095) + a->size > 4096) a->va -= a->size; /* one page */
  /* only what can be asked: see askable and valid_access */
  a->implicit = a->kind == VMREF_FETCH || !vmref_canonical(a->va) ? 0 : b[2] >> 4 & 1;
  a->seg = a->kind == VMREF_FETCH || a->implicit ? VMREF_SEG_DS : b[2] >> 6 & 1;
  for (int level = 4; level >= 1; level--) {
    uint64_t e = get64(b + 16 + 8 * (4 - level));
    c->entry[level] = b[5] >> (level - 1) & 1 ? aim(e, level) : e;
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
  put64(b + 8, a->va);
  for (int level = 4; level >= 1; level--) put64(b + 16 + 8 * (4 - level), c->entry[level]);
}

void case_token(const struct vmref_case *c, char token[CASE_TOKEN])
{
  uint8_t b[CASE_CODE];
  case_encode(c, b);
  memcpy(token, "vm1-", 4);
  for (int i = 0; i < CASE_CODE; i++) {
    token[4 + 2 * i] = "0123456789abcdef"[b[i] >> 4];
    token[5 + 2 * i] = "0123456789abcdef"[b[i] & 15];
  }
  token[CASE_TOKEN - 1] = 0;
}

static int digit(char ch)
{
  return ch >= '0' && ch <= '9' ? ch - '0' : ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : -1;
}

int case_from_token(struct vmref_case *c, const char *token)
{
  uint8_t b[CASE_CODE];
  if (strlen(token) != CASE_TOKEN - 1 || memcmp(token, "vm1-", 4) != 0) return -1;
  for (int i = 0; i < CASE_CODE; i++) {
    int hi = digit(token[4 + 2 * i]), lo = digit(token[5 + 2 * i]);
    if (hi < 0 || lo < 0) return -1;
    b[i] = (uint8_t)(hi << 4 | lo);
  }
  case_decode(c, b, sizeof b);
  return 0;
}

int case_in_arena(uint64_t pa)
{
  return pa >= CASE_BASE && pa < CASE_BASE + CASE_BYTES;
}

uint64_t case_tag(uint64_t pa)
{
  return 0xc30000000000u | (pa & 0xffffffffu) << 8 | 0xb8;
}

void case_place(const struct vmref_case *c, struct case_memory *m)
{
  uint64_t table = c->cpu.cr3 & ADDRESS;
  m->n = 0;
  for (int level = 4; level >= 1; level--) {
    uint64_t pa = table + 8 * (c->access.va >> (12 + 9 * (level - 1)) & 511);
    if (!case_in_arena(pa)) return;
    unsigned i = 0;
    while (i < m->n && m->pa[i] != pa) i++;
    if (i == m->n) m->n++;
    m->pa[i] = pa;
    m->value[i] = c->entry[level];
    table = c->entry[level] & ADDRESS;
  }
}

uint64_t case_read(const struct case_memory *m, uint64_t pa)
{
  for (unsigned i = 0; i < m->n; i++)
    if (m->pa[i] == pa) return m->value[i];
  return case_in_arena(pa) ? case_tag(pa) : 0;
}

struct vmref_walk case_walk(const struct vmref_case *c, const struct case_memory *m)
{
  struct vmref_walk w;
  vmref_walk_start(&w, c->cpu, c->access);
  while (w.level != 0) vmref_walk_step(&w, case_read(m, w.address[w.level]));
  return w;
}
