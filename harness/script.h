/* SPDX-License-Identifier: MIT */
/* Operations of the memory manager as text, an operation a line; docs/FORMAT.md has the language.
 * vmref run reads it, the fuzzers print what fails in it. */
#ifndef SCRIPT_H
#define SCRIPT_H
#include <stddef.h>
#include <stdio.h>
#include "mm.h"

#define SCRIPT_NAME 64 /* a name and its NUL */

enum script_kind { SCRIPT_OP, SCRIPT_VALUE, SCRIPT_FAULT, SCRIPT_OK, SCRIPT_ERROR };

/* An operation, or what is expected of the one before. */
struct script_line {
  uint64_t number;    /* its line, from 1 */
  enum script_kind kind;
  struct mm_op op;    /* SCRIPT_OP */
  uint64_t pages;     /* MM_FILE: pages to begin with */
  uint8_t grow;       /* MM_MAP_FILE: make the file, and its pages, where they are missing */
  uint8_t value;      /* SCRIPT_VALUE */
  uint8_t vector;     /* SCRIPT_FAULT */
  uint32_t error;     /* SCRIPT_FAULT: the error code */
  int status;         /* SCRIPT_ERROR */
  char allocation[SCRIPT_NAME]; /* MM_KMALLOC .. MM_VFREE: its name; else empty */
};

/* A script. Names are numbered by their first appearance; those are the numbers in the operations. */
struct script {
  struct script_line *line;
  size_t lines, room;
  char (*name)[SCRIPT_NAME];
  uint32_t names, spaces; /* spaces: how many names there may be */
  uint32_t allocations;   /* names of the kernel's, numbered apart */
  uint8_t cpus;           /* a line said cpu */
  uint8_t kernel;         /* one is the kernel's */
  uint8_t processors;     /* one is about processors */
  uint8_t huge;           /* one is of pages of other sizes, or of devices */
};

/* Where in the line, from 1, and what is wrong with it. */
struct script_error { size_t column; char text[300]; };

/* ---- script.c: reading. Begin with { .spaces = N } and give it line after line. ---- */
/* Nothing is added for a blank line or a comment. 0: malformed, or out of memory (column 0). */
int script_read(struct script *t, uint64_t number, const char *text, size_t size, struct script_error *why);
void script_free(struct script *t);

/* ---- script_do.c: running ---- */
/* A line with what is decided when it is run: of an access, the processor that is the lowest to run the
 * space, or the space that the processor runs; numbers that there are not where there is none. m: the
 * processors, NULL: none, and it is what it was. */
struct script_line script_placed(const struct vmref_sys *s, const struct vmref_smp *m, const struct script_line *l);
/* Do such a line, all of it or nothing but for evictions. p: the policy, NULL: none. */
struct mm_outcome script_do(const struct vmref_sys *s, struct vmref_smp *m, const struct vmref_policy *p, const struct script_line *l);
/* How an outcome counts: SCRIPT_OK (it may have a value too), SCRIPT_FAULT or SCRIPT_ERROR. A fault
 * that no handler could mend for want of a frame is an error. */
enum script_kind script_result(const struct mm_outcome *r);
/* Does an operation of that kind that ends well give a byte? */
int script_gives_byte(enum mm_kind kind);
/* Is `want` true of the operation `kind` that ended in r? */
int script_meets(const struct script_line *want, enum mm_kind kind, const struct mm_outcome *r);

/* ---- script_print.c: printing ---- */
/* "EINVAL" for VMREF_EINVAL; NULL for what no operation gives. */
const char *script_status(int status);
/* The cache types of a device by number, then the sizes of its pages from level 1 on. */
extern const char *const script_device[7];
/* The first word of an operation's line; of what a processor does, the third. */
const char *script_word(enum mm_kind kind);
/* Does it name a space; is it about an address in one? */
int script_has_space(const struct mm_op *op);
int script_has_address(enum mm_kind kind);
/* One operation, without a newline. names: by number; NULL calls them s0, s1, ... */
void script_print(FILE *f, const struct mm_op *op, const char (*names)[SCRIPT_NAME]);
/* A line as it was read, in its shortest form. */
void script_print_line(FILE *f, const struct script_line *l, const char (*names)[SCRIPT_NAME]);
/* A whole script that vmref run takes, with the options that it needs. Each name gets the number
 * that it has in the operations. An operation on a number that no space can have is left out. */
void script_print_all(FILE *f, struct mm_sizes sizes, const struct mm_op *op, size_t n);
#endif
