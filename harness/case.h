/* SPDX-License-Identifier: MIT */
/* One case: control state, one access and the four entries that its walk meets.
 * Fuzzers, the corpus, the guest and replay tokens all speak this form. */
#ifndef VMREF_CASE_H
#define VMREF_CASE_H
#include <stddef.h>
#include "vmref.h"

/* The arena: physical memory that cases may touch. Each 8-byte word that is not
 * an entry holds a tag, `mov $address,%eax; ret`, so a read, a write and an
 * executed fetch all tell which address they reached. As an entry it has P = 0. */
#define CASE_BASE   0x2000000u /* 32 MiB: 2-MiB aligned, and in the first GiB */
#define CASE_FRAMES 16u
#define CASE_BYTES  (CASE_FRAMES * 4096u)

struct vmref_case {
  struct vmref_cpu cpu;
  struct vmref_access access;
  uint64_t entry[5]; /* by level, 4 to 1; each lies where the walk from CR3 meets it */
};

/* Every byte string is a case: missing bytes are 0, those past CASE_CODE unused. */
#define CASE_CODE 48
void case_decode(struct vmref_case *c, const uint8_t *data, size_t size);
/* The bytes of a case: case_decode(case_encode(c)) is c. */
void case_encode(const struct vmref_case *c, uint8_t data[CASE_CODE]);

/* The token that replays a case, `vm1-` and hex digits; and back: 0, or -1. */
#define CASE_TOKEN (5 + 2 * CASE_CODE)
void case_token(const struct vmref_case *c, char token[CASE_TOKEN]);
int case_from_token(struct vmref_case *c, const char *token);

/* The words of memory that differ from tags, as placed for a case. A later level
 * that falls on the same word overwrites it (a table that refers to itself). */
struct case_memory {
  unsigned n;
  uint64_t pa[4], value[4];
};
void case_place(const struct vmref_case *c, struct case_memory *m);
/* 8 bytes at pa (8-aligned): a placed entry, a tag in the arena, 0 elsewhere. */
uint64_t case_read(const struct case_memory *m, uint64_t pa);
uint64_t case_tag(uint64_t pa);
int case_in_arena(uint64_t pa);

/* The model's answer, by its step machine over that memory. */
struct vmref_walk case_walk(const struct vmref_case *c, const struct case_memory *m);

#endif
