/* SPDX-License-Identifier: MIT */
/* What a memory manager means to its users, without any memory management: a map from (space,
 * page) to rights and contents. Fork copies all at once; there are no tables, frames, slots and
 * no copy-on-write. It cannot run out of memory: the statuses VMREF_EMEM and VMREF_EFULL are
 * not its own, and who compares has to see whether they are justified. */
#ifndef REFERENCE_H
#define REFERENCE_H
#include <stddef.h>
#include "mm.h"

#define REFERENCE_SPACES 8

struct reference_bytes {
  unsigned users;                /* pages that point here */
  uint32_t mark, object;         /* for who compares */
  struct reference_bytes *next;  /* of those that are free */
  uint8_t at[4096];
};

struct reference_page {
  uint64_t page;                 /* address / 4096 */
  struct reference_bytes *bytes; /* NULL: zero, never written to */
  uint8_t prot;                  /* VMREF_PROT_R, W, X, S */
  uint8_t file;                  /* bytes are a file's: shared, or private and not yet written to here */
};

struct reference_space {
  int64_t what;                  /* 0: there is none; VMREF_PROCESS, VMREF_FILE */
  struct reference_page *page;   /* by number */
  size_t pages, room;
};

struct reference {
  unsigned spaces;
  int ages;                      /* accessed flags are cleared at times, also of what is dirty */
  struct reference_space space[REFERENCE_SPACES];
};

/* Begin anew with so many spaces that can exist; a zeroed reference is one that has not begun. */
void reference_reset(struct reference *r, unsigned spaces);

/* What must come of an operation if there is memory enough, of MM_SWAPOUT, MM_SWAPIN and MM_MOVE if
 * the page is where it can be moved from, and to. */
int reference_status(const struct reference *r, const struct mm_op *op);
/* Do one that has succeeded. */
void reference_do(struct reference *r, const struct mm_op *op);

/* A page, NULL: nothing is mapped there; the byte that a load of a mapped page must give. */
struct reference_page *reference_find(const struct reference *r, uint32_t a, uint64_t page);
uint8_t reference_byte(const struct reference *r, uint32_t a, uint64_t va);

/* Who has kept a page's contents beyond it, by users++, lets them go. NULL: nothing. */
void reference_release(struct reference_bytes *b);

/* How many tables below their roots the pages of all spaces take, when each table has a page in
 * it; how many more an operation that can be done takes. */
unsigned reference_tables(const struct reference *r);
unsigned reference_tables_new(const struct reference *r, const struct mm_op *op);
#endif
