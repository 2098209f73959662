/* SPDX-License-Identifier: MIT */
/* The matrix: every combination of the flags that decide a walk, numbered. A case
 * number means the same on both sides and in every run. A batch is the cases that
 * differ in the innermost digits only: one control state, one kind of access. */
#ifndef VMREF_GUEST_MATRIX_H
#define VMREF_GUEST_MATRIX_H
#include "walk.h"

#define MATRIX_LANES 384u /* cases of a batch: lane i of batch n is case 384 n + i */
#define MATRIX_VERSION 1u /* numbers of another version mean other cases */

/* What the cases of a batch have in common. */
struct matrix_batch {
  uint8_t wp, nxe, smep, smap, pke, pks;
  uint32_t pkru, pkrs;
  uint8_t cpl, kind, ac;
  uint8_t implicit;  /* the CPU reads a segment descriptor there */
  uint8_t twice;     /* a supervisor-mode read of the same address comes first */
  uint8_t giant;     /* the PDPTE maps a page: index 2 of the address selects the frame */
  uint8_t block;
  uint64_t entry[6]; /* flags of the entries, by level */
};

/* Entries of one lane, by level: flags that differ within a batch. */
struct matrix_lane { uint64_t entry[6]; };

uint8_t matrix_blocks(void);
const char *matrix_block_name(uint8_t block);
uint32_t matrix_block_batches(uint8_t block, uint8_t levels);
uint32_t matrix_batches(uint8_t levels); /* of all blocks, in paging with so many levels */
/* Batch n, below matrix_batches(levels); bit MAXPHYADDR is among its reserved bits. */
void matrix_batch(struct matrix_batch *b, uint32_t n, uint8_t levels, uint8_t maxphyaddr);
void matrix_lane(struct matrix_lane *lane, uint32_t i, uint8_t block, uint8_t maxphyaddr);

/* Where tables and pages lie in physical memory. Lane i has slot i of every table for
 * itself, so no address that one case uses was used before the last load of CR3. */
struct matrix_place {
  uint64_t table[6];   /* by level */
  uint64_t data, code, segments; /* 512 frames each, 2-MiB-aligned, in the first GiB */
  uint8_t  levels;
};
uint64_t matrix_va(const struct matrix_place *p, const struct matrix_batch *b, uint32_t slot);
/* The address that an entry with these flags refers to. */
uint64_t matrix_address(const struct matrix_place *p, const struct matrix_batch *b,
                        uint8_t level, uint32_t slot, uint64_t flags);
/* The physical address that slot's page gives to its virtual address. */
uint64_t matrix_target(const struct matrix_place *p, const struct matrix_batch *b, uint32_t slot);

/* The CPU's own part of the control state. */
struct matrix_peer { uint8_t maxphyaddr, page1gb, amd, smep, smap, nx, pku, pks; };
/* Does the CPU have what the batch needs? 1 or 0. */
uint8_t matrix_possible(const struct matrix_batch *b, const struct matrix_peer *peer);
struct vmref_cpu matrix_cpu(const struct matrix_batch *b, const struct matrix_place *p,
                            const struct matrix_peer *peer);
struct vmref_access matrix_access(const struct matrix_batch *b, uint64_t va);
struct vmref_access matrix_first_access(uint64_t va); /* of a batch with `twice` */

#endif
