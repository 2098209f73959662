/* SPDX-License-Identifier: MIT */
/* A sequence of operations on pages of 4 KiB, 2 MiB and 1 GiB as bytes, 5 an operation. Every byte string is a
 * sequence; missing bytes are 0, and an operation of zeros does nothing.
 *
 *   byte 0  what: the remainder by HG_KINDS
 *   byte 1  1:0 space a; 3:2 space b; 7:4 the place of a byte in its page, or which frame of a device, or where
 *           a page moves to, or how many frames are to be free
 *   byte 2  3:0 a range of 2 MiB, among those at the edges of 1 GiB and of the user's half; 6:4 the page in it, for
 *           the most part the first; 7 of a file's mapping: share
 *   byte 3  2:0 how many pages; 5:3 rights; 7:6 the size of a device's pages
 *   byte 4  the byte to write; the cache type of a device; of a file's mapping the first page
 */
#ifndef SEQUENCE_HUGE_H
#define SEQUENCE_HUGE_H
#include <stddef.h>
#include "mm.h"

#define HG_FORM "hg1"
#define HG_OP 5u
#define HG_OPS 20u
#define HG_BYTES (HG_OP * HG_OPS)
#define HG_KINDS 21u

/* Page frames begin at number TABLES; the only aligned run of 512 is that from frame HG_RUN on. */
#define HG_TABLES 28
#define HG_RUN (512 - HG_TABLES)
#define HG_SIZES { .tables = HG_TABLES, .frames = HG_RUN + 512 + 3, .slots = 4, .spaces = 4, .kernel = 2, .text = 1 }
#define HG_DEVICES (HG_TABLES + HG_RUN + 512 + 3 + 2) /* the first frame that may be a device's */

/* Operation number i; the kind is MM_KINDS when it is none. MM_FILE makes a file and adds op.n pages from op.va on. */
struct mm_op sequence_hg_op(const uint8_t *data, size_t size, unsigned i);
/* For LLVMFuzzerCustomMutator: the new size. */
size_t sequence_hg_mutate(uint8_t *data, size_t size, size_t max, unsigned seed);
#endif
