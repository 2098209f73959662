/* SPDX-License-Identifier: MIT */
#include <string.h>
#include "guest_sequences.h"

#define FREE NOWHERE
#define FRAME_OF(a) ((a) & ~UINT64_C(0xfff))

/* Address bits of an entry that move: those above are for the reserved bits of a question. */
static uint64_t address_bits(const struct places *at) { return at->mode == VMREF_MODE_32BIT ? 0xfffff000u : 0xfffffff000u; }
static unsigned entry_bytes(const struct places *at) { return vmref_entry_size(at->mode); }
#define FAR 0x2400000u /* between the arena and the mailbox */

static int index_of(const struct places *at, uint64_t pa)
{
  for (int i = 0; i < (int)CASE_FRAMES; i++)
    if (at->frame[i] == FRAME_OF(pa)) return i;
  return -1;
}

static int is_root(const struct places *at, uint64_t pa)
{
  return FRAME_OF(pa) == at->root[0] || (at->roots > 1 && FRAME_OF(pa) == at->root[1]);
}

unsigned entry_level(const struct places *at, uint64_t pa)
{
  int i = index_of(at, pa);
  return i < 0 ? 0 : at->level[i];
}

uint64_t place_of(const struct places *at, uint64_t pa)
{
  int i = index_of(at, pa);
  if (i < 0) return NOWHERE;
  uint64_t offset = (pa & 0xfff) + (is_root(at, pa) ? at->shift : 0);
  return offset > 0xfff ? NOWHERE : CASE_BASE + 4096u * (unsigned)i + offset;
}

uint64_t place_back(const struct places *at, uint64_t pa)
{
  unsigned i = (unsigned)((pa - CASE_BASE) / 4096);
  if (pa < CASE_BASE || i >= CASE_FRAMES || at->frame[i] == FREE) return NOWHERE;
  return at->frame[i] + (pa & 0xfff) - (is_root(at, at->frame[i]) ? at->shift : 0);
}

static int maps_large(const struct places *at, unsigned level, uint64_t e)
{
  return level == 2 && e & 0x80 && (at->mode != VMREF_MODE_32BIT || at->pse);
}

uint64_t place_of_entry(const struct places *at, uint64_t pa, uint64_t e)
{
  const unsigned level = entry_level(at, pa);
  const uint64_t mask = address_bits(at), low = at->size - 1;
  if ((e & mask) == 0 && !(e & 1)) return e;
  if (maps_large(at, level, e)) return (e & ~(mask & ~low)) | ((e & mask & ~low) == at->large ? CASE_BASE : FAR);
  uint64_t to = place_of(at, e & mask);
  if (to != NOWHERE && is_root(at, e & mask)) to &= ~UINT64_C(0xfff);
  return to == NOWHERE ? NOWHERE : (e & ~mask) | to;
}

/* ---- finding them ------------------------------------------------------------------------- */

static const char *take(struct places *at, uint64_t frame, unsigned level, bool *more)
{
  int i = index_of(at, frame), k = 0;
  if (i >= 0) {
    if (at->level[i] != level) return "a frame that is a table of two levels, or a table and a page";
    return NULL;
  }
  while (k < (int)CASE_FRAMES && (at->frame[k] != FREE || at->at_offset[k])) k++;
  if (k == (int)CASE_FRAMES) return "more frames than the guest's arena has";
  at->frame[k] = frame, at->level[k] = (uint8_t)level;
  *more = true;
  return NULL;
}

/* Does an access go by this entry of level 2? */
static bool is_used(const struct places *at, const struct plain_sequence *p, uint64_t pa)
{
  for (unsigned i = 0; i < p->steps; i++)
    if (p->step[i].what == PLAIN_ACCESS && vmref_index(at->mode, p->step[i].access.va, 2) == (pa & 0xfff) / entry_bytes(at)) return true;
  return false;
}

/* One entry of a table that is known by now. */
static const char *follow(struct places *at, const struct plain_sequence *p, uint64_t pa, uint64_t e, bool *more)
{
  const unsigned level = entry_level(at, pa);
  const uint64_t mask = address_bits(at);
  if (level == 0 || ((e & mask) == 0 && !(e & 1))) return NULL;
  at->odd |= at->mode == VMREF_MODE_PAE ? e & 0x7fffffff00000000 : maps_large(at, level, e) ? e & 0x3fe000 : 0;
  if (level == 3 && e & 0x80 && vmref_long_mode(at->mode)) return "a page of 1 GiB";
  if (!maps_large(at, level, e)) return take(at, e & mask, level - 1, more);
  if (!is_used(at, p, pa)) return NULL;
  const uint64_t base = e & mask & ~(at->size - 1);
  if (at->large == NOWHERE) at->large = base;
  else if (at->large == base || at->far == base) return NULL;
  else if (at->far != NOWHERE) return "three large pages: the guest has two";
  else at->far = base;
  return NULL;
}

static const char *follow_word(struct places *at, const struct plain_sequence *p, const struct word *w, bool *more)
{
  const unsigned bytes = entry_bytes(at);
  const char *why = NULL;
  for (unsigned half = 0; half < 8 && !why; half += bytes)
    why = follow(at, p, w->address + half, bytes == 8 ? w->value : w->value >> 8 * half & 0xffffffffu, more);
  return why;
}

static const char *follow_all(struct places *at, const struct plain_sequence *p, bool *more)
{
  const char *why = NULL;
  for (unsigned i = 0; i < p->words && !why; i++) why = follow_word(at, p, &p->word[i], more);
  for (unsigned i = 0; i < p->steps; i++)
    for (unsigned k = 0; p->step[i].what == PLAIN_STORE && k < p->step[i].words && !why; k++) why = follow_word(at, p, &p->step[i].word[k], more);
  return why;
}

static bool has_large(const struct places *at, const struct plain_sequence *p)
{
  for (unsigned i = 0; i < p->words; i++)
    if ((p->word[i].value | p->word[i].value >> 32) & 0x80) return true;
  for (unsigned i = 0; i < p->steps; i++)
    for (unsigned k = 0; p->step[i].what == PLAIN_STORE && k < p->step[i].words; k++)
      if ((p->step[i].word[k].value | (entry_bytes(at) == 4 ? p->step[i].word[k].value >> 32 : 0)) & 0x80) return true;
  return false;
}

static const char *find_roots(struct places *at, const struct plain_sequence *p)
{
  for (unsigned i = 0; i <= p->steps; i++) {
    if (i > 0 && p->step[i - 1].what != PLAIN_CR3) continue;
    uint64_t cr3 = (i ? p->step[i - 1].value : p->cpu.cr3) & (vmref_phys_limit(p->cpu.maxphyaddr) - 1);
    if (p->cpu.mode == VMREF_MODE_PAE && cr3 & 0xfe0) return "PDPTEs that do not begin a page";
    cr3 = FRAME_OF(cr3);
    unsigned k = 0;
    while (k < at->roots && at->root[k] != cr3) k++;
    if (k == 2) return "three root tables: the guest has two";
    if (k == at->roots) at->root[at->roots++] = cr3;
  }
  return NULL;
}

const char *places_find(struct places *at, const struct plain_sequence *p)
{
  const uint8_t mode = p->cpu.mode, top = mode == VMREF_MODE_PAE ? 3 : vmref_top_level(mode);
  const char *why;
  *at = (struct places){ .mode = mode, .pse = p->cpu.pse, .large = NOWHERE, .far = NOWHERE, .size = mode == VMREF_MODE_32BIT ? 0x400000 : 0x200000 };
  at->up = mode == VMREF_MODE_32BIT ? 0x8000000 : mode == VMREF_MODE_PAE ? 0x40000000 : 0;
  at->shift = mode == VMREF_MODE_32BIT ? 128 : mode == VMREF_MODE_PAE ? 8 : 0;
  for (unsigned i = 0; i < CASE_FRAMES; i++) at->frame[i] = FREE;
  if (mode == VMREF_MODE_NONE) return "no paging: nothing is cached";
  /* A large page's parts have their places, wherever it is: nothing else may lie there. */
  for (unsigned i = 0; i < p->steps && has_large(at, p); i++) {
    if (p->step[i].what != PLAIN_ACCESS) continue;
    const uint64_t part = (p->step[i].access.va & (at->size - 1)) / 4096;
    if (part < CASE_FRAMES) at->at_offset[part] = 1;
  }
  if ((why = find_roots(at, p))) return why;
  bool more = false;
  for (unsigned i = 0; i < at->roots && !why; i++) why = take(at, at->root[i], top, &more);
  while (more && !why) more = false, why = follow_all(at, p, &more);
  if (why || at->large == NOWHERE) return why;
  for (unsigned i = 0; i < CASE_FRAMES; i++) {
    if (at->frame[i] != FREE && at->frame[i] - at->large < at->size) return "a page in a large one";
    if (at->at_offset[i]) at->frame[i] = at->large + 4096u * i;
  }
  for (unsigned i = 0; i < p->steps; i++)
    if (p->step[i].what == PLAIN_ACCESS && at->far != NOWHERE && p->step[i].access.kind == VMREF_FETCH) return "a fetch from a large page that may lie outside of the guest's arena";
  for (unsigned i = 0; i < p->steps; i++)
    if (p->step[i].what == PLAIN_ACCESS && (p->step[i].access.va & (at->size - 1)) / 4096 >= CASE_FRAMES) return "a part of a large page outside of the guest's arena";
  return NULL;
}
