/* SPDX-License-Identifier: MIT */
/* What the files of `vmref run` share. */
#ifndef VMREF_CLI_RUN_H
#define VMREF_CLI_RUN_H
#include "cli.h"
#include "kmem.h"
#include "mm_huge.h"
#include "script.h"

/* ---- run_print.c: what came of an operation ---- */
/* "42", "ok", "frames 4 to 7 are free, 2 pages moved", "page fault 14, error 0x7 (P W U): ...", "error EMEM: ..."; to a line of a script. */
void print_result(FILE *f, const struct script_line *l, const struct mm_outcome *r);
/* The same as JSON, without the closing brace; true and false in it. */
void print_result_json(FILE *f, const struct script *t, const struct script_line *l, const struct mm_outcome *r);
/* A clause of the invariant, VMREF_CHECK_*, as spec/theorem.acsl calls it. */
const char *clause_name(int number);
static inline const char *boolean(bool b) { return b ? "true" : "false"; }

/* "7: load A 0x10000 -> 42", and why an expectation is not met. */
void print_outcome(FILE *f, const struct script *t, const struct script_line *l, const struct mm_outcome *r);
void print_unmet(FILE *f, const struct script *t, const struct script_line *want, const struct script_line *l,
                 const struct mm_outcome *r);

/* ---- run_trace.c: how the hardware came to it ---- */
/* Taken before an operation: the page that it is about. */
struct trace {
  bool any;                /* there is such a page, of a space that exists */
  struct vmref_walk walk;  /* as the hardware would see it */
  uint64_t leaf;           /* 0: nothing is mapped */
  bool device;             /* the page is a device's */
};
/* From now on the walks are of memory with these words in it. */
void trace_words(const uint16_t *over);
/* A page's leaf, 0 where there is none. */
uint64_t leaf_at(const struct vmref_sys *s, uint32_t a, uint64_t va);
struct trace trace_take(const struct vmref_sys *s, const struct mm_op *op);
/* The walk before, how a fault was mended, and the walk after. */
void trace_print(FILE *f, const struct vmref_sys *s, const struct mm_op *op, const struct trace *before,
                 const struct mm_outcome *r);
/* The same as fields of JSON. */
void trace_print_json(FILE *f, const struct vmref_sys *s, const struct mm_op *op, const struct trace *before,
                      const struct mm_outcome *r);

/* ---- run_cpu.c: what processors have cached ---- */
/* "cpu 0: 0x10000 frame 0 rw dirty, 0x11000 frame 1 r stale; cpu 2: ..." */
void tlb_print(FILE *f, const struct vmref_sys *s, const struct vmref_smp *m);
/* The same as a field of JSON. */
void tlb_print_json(FILE *f, const struct vmref_sys *s, const struct vmref_smp *m);

/* ---- run_kernel.c: what the kernel has allocated ---- */
/* "31 of 32 frames free, ..." */
void kmem_print(FILE *f, const struct kmem *k, const struct vmref_sys *s);
/* The same as fields of JSON. */
void kmem_print_json(FILE *f, const struct kmem *k, const struct vmref_sys *s);

/* ---- run_huge.c: pages of 2 MiB and 1 GiB, and devices ---- */
/* May a script be run that may have them? false: says why not. */
bool huge_possible(const struct script *t, const char *file, bool policy);
/* Any line of a script that has them; but what is of the kernel's. */
struct mm_outcome huge_do(const struct vmref_sys *s, uint16_t *over, const struct script_line *l);
/* "A 0x200000 2m frame 448 rw accessed dirty; A 0x40000000 1g device 0x40000 rw uc" */
void huge_print(FILE *f, const struct script *t, const struct vmref_sys *s, const uint16_t *over);
/* The same as a field of JSON. */
void huge_print_json(FILE *f, const struct script *t, const struct vmref_sys *s, const uint16_t *over);

/* ---- run_picture.c: what the tables in memory say, as SVG ---- */
struct picture {
  const struct vmref_sys *s, *before; /* before: mark what is another than there. Or NULL */
  const uint16_t *over, *over_before; /* the words over their tables; NULL: none */
  const struct script *t;             /* has the names */
  const char *title, *step, *caption;
};
/* false: out of memory. */
bool picture_draw(FILE *f, const struct picture *p);
/* Text for XML; a byte that is no printable ASCII is a '?'. */
void picture_text(FILE *f, const char *text, size_t size);

/* ---- run_movie.c: pictures as files ---- */
/* Begin with .picture, the path of the one of the end, .movie, the folder of one for each step
 * (NULL: none), .title and .over. Each call says what cannot be written and returns the exit code. */
struct pictures {
  const char *picture, *movie, *title;
  const struct script *t;
  const uint16_t *over;     /* the words over the tables, or NULL: the caller's */
  struct vmref_sys *before; /* the state of the step before, and its words */
  uint16_t *over_before;
  size_t step, steps;
  char caption[600];
  FILE *list;               /* of the steps, as HTML, in listed */
  char *listed;
  size_t list_size;
};
int pictures_begin(struct pictures *m, const struct vmref_sys *s, const struct script *t);
/* Behind operation l. */
int pictures_step(struct pictures *m, const struct vmref_sys *s, const struct script_line *l, const struct mm_outcome *r);
/* To write what the picture of the end says, in place of the last operation; close it. */
FILE *pictures_caption(struct pictures *m);
/* A file, all of it or nothing; says what cannot be written, and returns the exit code. */
int picture_write(const char *path, const char *text, size_t size);
/* Always, also when pictures_begin failed. */
int pictures_end(struct pictures *m, const struct vmref_sys *s);
#endif
