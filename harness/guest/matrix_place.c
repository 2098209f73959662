/* SPDX-License-Identifier: MIT */
/* From flags to a question: addresses, control state and access of a case. */
#include "matrix.h"

#define PS 0x80u

/* A frame of its own for each slot, and not the one of the slot's number: an index
 * taken for an address is seen. */
static uint64_t frame_of(uint32_t slot) { return (uint64_t)(slot ^ 5) * 0x1000; }
static uint64_t offset_of(uint32_t slot) { return (uint64_t)(slot * 37 % 512) * 8; }

static uint64_t pages(const struct matrix_place *p, const struct matrix_batch *b)
{
  return b->implicit ? p->segments : b->kind == VMREF_FETCH ? p->code : p->data;
}

static uint8_t large(const struct matrix_batch *b) { return b->giant || (b->entry[2] & PS); }

uint64_t matrix_va(const struct matrix_place *p, const struct matrix_batch *b, uint32_t slot)
{
  uint64_t directory = b->giant ? pages(p, b) / 0x200000 % 512 : slot;
  uint64_t va = offset_of(slot) + slot * 0x1000ull + directory * 0x200000 + slot * 0x40000000ull;
  va += slot * 0x8000000000ull;
  if (p->levels == 5) va += slot * 0x1000000000000ull;
  if (slot < 256) return va;
  return va | (p->levels == 5 ? 0xfe00000000000000 : 0xffff000000000000);
}

uint64_t matrix_address(const struct matrix_place *p, const struct matrix_batch *b,
                        uint8_t level, uint32_t slot, uint64_t flags)
{
  if (level == 1) return pages(p, b) + frame_of(slot);
  if (level == 2 && (flags & PS)) return pages(p, b);
  if (level == 3 && (flags & PS)) return pages(p, b) / 0x40000000 * 0x40000000;
  return p->table[level - 1];
}

uint64_t matrix_target(const struct matrix_place *p, const struct matrix_batch *b, uint32_t slot)
{
  return pages(p, b) + (large(b) ? slot * 0x1000ull : frame_of(slot)) + offset_of(slot);
}

uint8_t matrix_possible(const struct matrix_batch *b, const struct matrix_peer *peer)
{
  return b->nxe <= peer->nx && b->smep <= peer->smep && b->smap <= peer->smap
      && b->pke <= peer->pku && b->pks <= peer->pks;
}

struct vmref_cpu matrix_cpu(const struct matrix_batch *b, const struct matrix_place *p,
                            const struct matrix_peer *peer)
{
  return (struct vmref_cpu){
    .cr3 = p->table[p->levels], .mode = p->levels == 5 ? VMREF_MODE_5LEVEL : VMREF_MODE_4LEVEL,
    .vendor = peer->amd ? VMREF_AMD : VMREF_INTEL, .maxphyaddr = peer->maxphyaddr,
    .page1gb = peer->page1gb, .pse36 = 1, .wp = b->wp, .nxe = b->nxe, .smep = b->smep,
    .smap = b->smap, .pke = b->pke, .pks = b->pks, .pkru = b->pkru, .pkrs = b->pkrs };
}

struct vmref_access matrix_access(const struct matrix_batch *b, uint64_t va)
{
  return (struct vmref_access){ .va = va, .kind = b->kind, .cpl = b->cpl, .ac = b->ac, .implicit = b->implicit,
                                .size = b->kind == VMREF_FETCH ? 1 : 8 };
}

struct vmref_access matrix_first_access(uint64_t va)
{
  return (struct vmref_access){ .va = va, .kind = VMREF_READ, .size = 8, .ac = 1 };
}
