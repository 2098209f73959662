/* SPDX-License-Identifier: MIT */
/* One case: control state, one access and the entries that its walk meets. Fuzzers,
 * the corpus, the guest and replay tokens all speak this form. */
#ifndef VMREF_CASE_H
#define VMREF_CASE_H
#include <stddef.h>
#include "span.h"
#include "vmref.h"

/* The arena: physical memory that cases may touch. Each 8-byte word that is not
 * an entry holds a tag, `mov $address,%eax; ret`, so a read, a write and an
 * executed fetch all tell which address they reached. As an entry it has P = 0, and
 * so has either half of it. */
#define CASE_BASE   0x2000000u /* 32 MiB: 4-MiB aligned, and in the first GiB */
#define CASE_FRAMES 16u
#define CASE_BYTES  (CASE_FRAMES * 4096u)

/* The entries by level, 5 to 1, as far as the mode has them; each lies where the walk
 * from CR3 meets it. 32-bit entries are the low half. PAE's PDPTEs are cpu.pdpte. */
struct vmref_case {
  struct vmref_cpu cpu;
  struct vmref_access access;
  uint64_t entry[6];
  uint64_t next[6]; /* of an access in two pages: what the walk of the second page meets
                       at a level where its entry is not that of the first page */
};

/* Every byte string is a case: missing bytes are 0, those past CASE_CODE unused. */
#define CASE_CODE 144
void case_decode(struct vmref_case *c, const uint8_t *data, size_t size);
/* The bytes of a case: case_decode(case_encode(c)) is c. */
void case_encode(const struct vmref_case *c, uint8_t data[CASE_CODE]);

/* The token that replays a case, `vm2-` and hex digits, without the zero bytes at its
 * end; and back: 0, or -1. A token of the form before (`vm1-`, 48 bytes) is read too. */
#define CASE_TOKEN (5 + 2 * CASE_CODE)
void case_token(const struct vmref_case *c, char token[CASE_TOKEN]);
int case_from_token(struct vmref_case *c, const char *token);

/* Does the access lie in two pages? */
int case_straddles(const struct vmref_case *c);

/* The 8-byte words of memory that differ from tags, as placed for a case. What falls on
 * the same place as an earlier entry overwrites it (a table that refers to itself): the
 * first page's entries from the top, the second page's, then the PDPTEs, at CR3, so that
 * a load of CR3 always gives the registers that the case has. */
#define CASE_WORDS 10
struct case_memory {
  unsigned n;
  uint64_t pa[CASE_WORDS], value[CASE_WORDS];
};
void case_place(const struct vmref_case *c, struct case_memory *m);
/* 8 bytes at pa (8-aligned): a placed word, a tag in the arena, 0 elsewhere. */
uint64_t case_read(const struct case_memory *m, uint64_t pa);
/* The entry at pa, of 4 or 8 bytes as the mode has them. */
uint64_t case_entry(const struct case_memory *m, uint8_t mode, uint64_t pa);
uint64_t case_tag(uint64_t pa);
int case_in_arena(uint64_t pa);

/* The model's answer, by its step machine over that memory: of the part of the access
 * that lies in its first page (most often all of it), and of the whole access. */
struct vmref_walk case_walk(const struct vmref_case *c, const struct case_memory *m);
struct vmref_span case_span(const struct vmref_case *c, const struct case_memory *m);

#endif
