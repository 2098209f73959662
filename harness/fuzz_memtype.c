/* SPDX-License-Identifier: MIT */
/* Fuzz target of topic memtype: types along the walk of a case, under a PAT and an MTRR
 * default type drawn from the case, against the manual's table read by columns. */
#include "fuzz_target.h"

const char *fuzz_topic(void) { return "memtype"; }

void fuzz_case(struct vmref_case *c, const uint8_t *data, size_t size)
{
  fuzz_first_page(c, data, size);
}

enum { UC = 0, WC = 1, WT = 4, WP = 5, WB = 6, UCM = 7, NONE = 0xff };

static void same(const struct vmref_case *c, const char *what, uint64_t model, uint64_t opinion)
{
  if (model != opinion) finding_values(c, what, model, opinion);
}

static int is_mtrr(int t) { return t == UC || t == WC || t == WT || t == WP || t == WB; }

/* SDM 3A table 11-7 by its columns: what each type of the PAT makes of the MTRR's. */
static int combined(int pat, int mtrr)
{
  if (!is_mtrr(mtrr)) return NONE;
  switch (pat) {
  case UC:  return UC;
  case WC:  return WC;
  case UCM: return mtrr == WC || mtrr == WP ? WC : UC;
  case WB:  return mtrr;
  case WT:  return mtrr == UC || mtrr == WC ? UC : WT;
  case WP:  return mtrr == UC || mtrr == WC ? UC : WP;
  default:  return NONE;
  }
}

/* The type of an access through bits 4:3 of an entry, PAT bit beside them. */
static int through(uint64_t pat, int mtrr, uint64_t entry, int high)
{
  int index = (int)(entry >> 3 & 3) | high << 2;
  return combined((int)(pat >> 8 * index & 7), mtrr);
}

static int opinion_of_entry(const struct vmref_case *c, const struct opinion *o, int level, uint64_t pat, int mtrr)
{
  if (o->origin.level == 0 || level > o->origin.level || level < o->last) return NONE;
  if (level < o->origin.level) return through(pat, mtrr, o->entry[level + 1], 0);
  if (level < opinion_top(c->cpu.mode)) return NONE; /* what referred to the table was not read */
  if (c->cpu.mode == VMREF_MODE_PAE) return through(pat, mtrr, c->cpu.pdpte[c->access.va >> 30 & 3], 0);
  return through(pat, mtrr, c->cpu.pcide && opinion_long(c->cpu.mode) ? 0 : c->cpu.cr3, 0);
}

static int opinion_of_data(const struct vmref_case *c, const struct opinion *o, uint64_t pat, int mtrr)
{
  if (o->vector) return NONE;
  if (c->cpu.mode == VMREF_MODE_NONE) return mtrr;
  uint64_t e = o->entry[o->last];
  return through(pat, mtrr, e, (int)(e >> (o->last == 1 ? 7 : 12) & 1));
}

static void check_registers(const struct vmref_case *c, uint64_t pat, uint64_t def)
{
  for (uint8_t i = 0; i < 8; i++) {
    uint8_t bytes[8];
    for (int k = 0; k < 8; k++) bytes[k] = (uint8_t)(pat >> 8 * k);
    same(c, "vmref_pat_type", vmref_pat_type(pat, i), bytes[i] & 7);
  }
  same(c, "vmref_mtrr_default", vmref_mtrr_default(def), def >> 11 & 1 ? def & 0xff : UC);
  for (int t = 0; t < 10; t++)
    for (int u = 0; u < 10; u++)
      same(c, "vmref_effective_type", vmref_effective_type((uint8_t)t, (uint8_t)u), (uint64_t)combined(t, u));
  for (unsigned t = 0; t < 256; t++) {
    same(c, "vmref_mtrr_type_valid", vmref_mtrr_type_valid((uint8_t)t), (uint64_t)is_mtrr((int)t));
    same(c, "vmref_pat_type_valid", vmref_pat_type_valid((uint8_t)t), is_mtrr((int)t) || t == UCM);
  }
}

/* The same walk from a table below the root, as from one that was cached. */
static void check_below(const struct vmref_case *c, const struct case_memory *m, const struct opinion *root,
                        uint64_t pat, uint64_t def, int mtrr)
{
  for (int k = root->origin.level - 1; k >= root->last && k >= 1; k--) {
    const struct vmref_origin from = { root->entry[k + 1] & UINT64_C(0x000ffffffffff000), (uint8_t)k, 1, 1, 0 };
    struct opinion o = opinion_walk_from(&c->cpu, &c->access, &from, fuzz_read, m);
    struct vmref_walk w;
    vmref_walk_from(&w, c->cpu, c->access, from);
    while (w.level != 0) vmref_walk_step(&w, case_entry(m, w.cpu.mode, w.address[w.level]));
    same(c, "vmref_data_type below the root", vmref_data_type(&w, pat, def), (uint64_t)opinion_of_data(c, &o, pat, mtrr));
    for (int l = 1; l <= 5; l++)
      same(c, "vmref_entry_type below the root", vmref_entry_type(&w, (uint8_t)l, pat, def),
           (uint64_t)opinion_of_entry(c, &o, l, pat, mtrr));
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct vmref_case c;
  struct case_memory m;
  fuzz_case(&c, data, size);
  case_place(&c, &m);
  struct vmref_walk w = case_walk(&c, &m);
  struct opinion o = opinion_walk(&c.cpu, &c.access, fuzz_read, &m);
  if (o.status != VMREF_OK) return 0;
  /* what no walk of one page reads gives the registers: raw, or with legal types only */
  static const uint8_t legal[8] = { UC, WC, WT, WP, WB, UCM, WB, WC };
  uint64_t pat = c.next[1] ^ c.next[2] ^ (uint64_t)c.cpu.pkru << 20 ^ c.access.va * UINT64_C(0x9e3779b97f4a7c15);
  uint64_t def = (pat >> 40 ^ c.next[3]) & 0xfff;
  if (pat >> 63)
    for (int i = 0; i < 8; i++) pat = (pat & ~(UINT64_C(0xff) << 8 * i)) | (uint64_t)legal[pat >> 8 * i & 7] << 8 * i;
  if (def & 1) def = (def & 0xf00) | legal[def >> 1 & 7 & ~1u];
  int mtrr = def >> 11 & 1 ? (int)(def & 0xff) : UC;
  same(&c, "vmref_data_type", vmref_data_type(&w, pat, def), (uint64_t)opinion_of_data(&c, &o, pat, mtrr));
  for (int l = 1; l <= 5; l++)
    same(&c, "vmref_entry_type", vmref_entry_type(&w, (uint8_t)l, pat, def),
         (uint64_t)opinion_of_entry(&c, &o, l, pat, mtrr));
  if (c.cpu.mode != VMREF_MODE_NONE)
    same(&c, "vmref_root_pat_index", vmref_root_pat_index(c.cpu, c.access.va),
         (c.cpu.mode == VMREF_MODE_PAE ? c.cpu.pdpte[c.access.va >> 30 & 3]
          : c.cpu.pcide && opinion_long(c.cpu.mode) ? 0 : c.cpu.cr3) >> 3 & 3);
  const unsigned turn = fuzz_turn(&c);
  if (fuzz_due(turn, 1)) check_below(&c, &m, &o, pat, def, mtrr);
  if (fuzz_due(turn, 0)) check_registers(&c, pat, def);
  return 0;
}
