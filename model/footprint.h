/* SPDX-License-Identifier: MIT */
/* Topic footprint: the memory that page tables take for given linear addresses, beside a
 * table of one level over the whole address space. SDM 3A 4.2, rule FOOTPRINT. */
#ifndef VMREF_FOOTPRINT_H
#define VMREF_FOOTPRINT_H
#include "entry.h"

/* Linear addresses, from the first byte to the last, both included. */
struct vmref_range {
  uint64_t first, last;
};

struct vmref_footprint {
  uint64_t pages;     /* pages of the size asked for that the ranges touch */
  uint64_t tables[6]; /* by level, 5 to 1; PAE: its four PDPTEs are one at level 3 */
  uint64_t bytes;     /* of all tables */
  uint64_t flat;      /* of one table with an entry for each page of the address space */
  int8_t   status;    /* VMREF_OK, VMREF_EINVAL */
};

#ifdef __FRAMAC__
#include "../spec/footprint.acsl"
#endif

/* The level of the root table, counting PAE's PDPTEs as one: 2 to 5, 0 without paging. */
/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == root_level(mode); ensures \result <= 5; */
uint8_t vmref_root_level(uint8_t mode);

/* Memory cut into the regions that one table of a level covers each (level 0: one 4-KiB
 * page): the number of the region where an address lies. */
/*@ requires level <= 5;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == region(mode, level, va); ensures \result <= 0x1FFFFFFFFFFF; */
uint64_t vmref_region(uint8_t mode, uint8_t level, uint64_t va);

/* Can the ranges be asked about: canonical (32-bit, outside of the 64-bit modes), none
 * over both halves, each above the one before? 1 or 0. */
/*@ requires \valid_read(r + (0 .. n - 1));
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> fit_ranges(r, n, mode); ensures flag(\result); */
uint8_t vmref_ranges_valid(uint8_t mode, const struct vmref_range *r, uint64_t n);

/* Regions of a level that the ranges touch, each counted once. */
/*@ requires level <= 5 && \valid_read(r + (0 .. n - 1)) && fit_ranges(r, n, mode);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == regions(r, n, mode, level); ensures \result <= 0x200000000000; */
uint64_t vmref_regions(uint8_t mode, uint8_t level, const struct vmref_range *r, uint64_t n);

/* What mapping n ranges takes, with pages that entries of a level map: 1 (4 KiB), 2 (2 or
 * 4 MiB), 3 (1 GiB). */
/*@ requires \valid_read(r + (0 .. n - 1));
    terminates \true; assigns \nothing; exits \false;
    ensures valid: \result.status == VMREF_OK <==> fit_pages(mode, level) && fit_ranges(r, n, mode);
    ensures invalid: \result.status == VMREF_OK || \result.status == VMREF_EINVAL;
    ensures pages: \result.status == VMREF_OK ==> \result.pages == regions(r, n, mode, level - 1);
    ensures tables: \result.status == VMREF_OK ==>
              \forall integer l; 1 <= l <= 5 ==> \result.tables[l] == tables_at(r, n, mode, level, l);
    ensures bytes: \result.status == VMREF_OK ==> \result.bytes == root_bytes(mode)
              + 0x1000 * (\result.tables[1] + \result.tables[2] + \result.tables[3] + \result.tables[4]
                          + \result.tables[5] - 1);
    ensures flat: \result.status == VMREF_OK ==> \result.flat == flat_bytes(mode, level); */
struct vmref_footprint vmref_footprint(uint8_t mode, uint8_t level, const struct vmref_range *r, uint64_t n);

#endif
