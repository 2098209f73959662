/* SPDX-License-Identifier: MIT */
/* A sequence of the memory manager's operations as bytes, 5 an operation. Every byte string is
 * a sequence, missing bytes are 0 and an operation of zeros does nothing: fuzzers that know
 * nothing of the form, like AFL++, may change bytes as they like. libFuzzer is given a mutator
 * that changes whole operations and prefers those that can succeed.
 *
 *   byte 0  bits 3:0 k: enum mm_kind k - 1. 6:4 rights. 7 of a file's mapping: share; else one
 *           more right, which there is not. When 3:0 are 0, 7:4 are k: the kind k - 1 behind
 *           those 15, MM_MOVE is the first; byte 0 of 0: nothing, or what the target says
 *   byte 1  2:0 space a; 5:3 space b, or the processor, where the target has some; 7:6 both set: 0x40000 pages instead of 0x40001
 *   byte 2  5:0 page, among those at the edges of tables and of the user's half
 *   byte 3  3:0 how many pages, or the byte's place in the page; 7:4 the file's first page. Of
 *           a move and a compaction: the frame, or how many; 0xFF are more than there can be. Of an
 *           eviction: the policy, where the target has one, from then on; of lazy mode: 0 ends it. To
 *           run space 7 is to idle
 *   byte 4  the byte to write
 */
#ifndef SEQUENCE_MM_H
#define SEQUENCE_MM_H
#include <stddef.h>
#include "mm.h"

#define SEQUENCE_FORM "mm1"
#define SEQUENCE_OP   5u
#define SEQUENCE_OPS  24u
#define SEQUENCE_BYTES (SEQUENCE_OP * SEQUENCE_OPS)
#define SEQUENCE_PAGES 64u
#define SEQUENCE_KINDS 31u /* that byte 0 has room for, with that of 0 */

/* Operation number i; the kind is MM_KINDS when it is none. */
struct mm_op sequence_op(const uint8_t *data, size_t size, unsigned i);

/* What a target likes to try: how often each kind (1 + enum mm_kind; 0: what the target says),
 * which pages, which spaces. */
struct sequence_taste {
  uint8_t weight[SEQUENCE_KINDS];
  uint64_t pages; /* a set of page codes */
  uint8_t spaces;
  uint8_t cpus;   /* processors that accesses are made on */
};
/* For LLVMFuzzerCustomMutator: the new size. */
size_t sequence_mutate(const struct sequence_taste *taste, uint8_t *data, size_t size, size_t max, unsigned seed);
#endif
