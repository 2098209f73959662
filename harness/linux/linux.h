/* SPDX-License-Identifier: MIT */
/* Sequences of operations on address spaces, run by the model and by the kernel that this runs on,
 * inside a window of addresses of real processes. */
#ifndef HARNESS_LINUX_H
#define HARNESS_LINUX_H
#include <stddef.h>
#include <stdio.h>
#include "syscall_change.h"
#include "syscall_remap.h"
#include "syscall_task.h"

/* The window; all other addresses below the top are taken by what nobody touches. It ends within the first
 * 2 MiB: what lies behind it there keeps the kernel from freeing the page table whenever the window is empty. */
#define WINDOW       UINT64_C(0x600000000000)
#define WINDOW_PAGES 504
#define TASKS        4
#define LX_OPS       256 /* at most, in a sequence */

/* Accesses are operations too; their numbers are no call's. */
enum { LX_LOAD = 0x1000, LX_STORE, LX_FETCH };

struct lx_op {
  uint8_t task;
  uint32_t nr;        /* VMREF_SYS_..., LX_... */
  uint64_t arg[6];    /* of an access: address, byte */
};

struct lx_result {
  int64_t value;      /* of a call; of an access 0 */
  uint8_t signal, code, byte;
};

/* An area as /proc/PID/maps has it, in pages; inode: of the model, 1 + the
 * object. */
struct lx_area { uint64_t start, end, offset, inode; uint8_t prot, shared; };
#define LX_AREAS 128
/* Areas in or next to pages from..to-1. */
struct lx_range { uint64_t from, to; };
#define LX_ALL ((struct lx_range){ 0, UINT64_MAX })

/* What pagemap says of the window, page by page. */
#define LX_PRESENT 1
#define LX_SWAPPED 2
struct lx_page { uint64_t frame; uint8_t state; };

/* ---- lx_model.c ---- */
/* A model of a Linux with room for all that a sequence does. NULL: out of memory. */
struct vmref_linux *lx_model_new(uint32_t kernel);
struct lx_sizes { uint32_t tasks, objects, files, areas, tables, frames; };
struct vmref_linux *lx_model_sized(uint32_t kernel, const struct lx_sizes *z);
void lx_model_end(struct vmref_linux *l);   /* all tasks and objects, before its sizes change */
void lx_model_reset(struct vmref_linux *l); /* as after vmref_linux_boot */
struct lx_result lx_model_do(struct vmref_linux *l, const struct lx_op *op);
unsigned lx_model_layout(const struct vmref_linux *l, unsigned task, struct lx_range near, struct lx_area out[LX_AREAS]);
void lx_model_pages(const struct vmref_linux *l, unsigned task, struct lx_page out[WINDOW_PAGES]);
/* Each boot begins with these files: 0 of six pages, 1 the same, read-only, 2 empty. */
#define LX_PRELUDE 4
extern const struct lx_op LX_BEGIN[LX_PRELUDE];

/* ---- lx_host.c: the same by this process and its children ---- */
/* Take the window, and all other addresses. Once, in a process of its own. Says on stderr what fails. */
int lx_host_begin(void);
/* Back to an empty window and LX_BEGIN. */
void lx_host_reset(void);
struct lx_result lx_host_do(const struct lx_op *op);
/* An operation by this very process. */
struct lx_result lx_host_self(unsigned task, const struct lx_op *op);
unsigned lx_host_layout(unsigned task, struct lx_range near, struct lx_area out[LX_AREAS]);
int lx_host_pages(unsigned task, struct lx_page out[WINDOW_PAGES]); /* 0: cannot be read */
extern int lx_host_frames;   /* pagemap has frame numbers: we are root */
uint32_t lx_host_kernel(void); /* 0x612 for 6.18 */
void lx_host_limits(struct vmref_linux *l); /* set those that the model depends on */

/* ---- lx_host_task.c: processes ---- */
int lx_tasks_begin(void);
void lx_tasks_end(void); /* end all children */
int64_t lx_task_start(unsigned parent, int shares_mm); /* the new task's number, or -errno */
struct lx_result lx_task_do(unsigned task, const struct lx_op *op);
void lx_task_exit(unsigned task);
int lx_task_maps(unsigned task);    /* its /proc/PID/maps and pagemap, open */
int lx_task_pagemap(unsigned task);

/* ---- lx_decode.c ---- */
#define LX_BYTES 12 /* an operation as bytes */
struct lx_op lx_decode(const uint8_t b[LX_BYTES]);

/* ---- lx_make.c ---- */
struct lx_mix { uint64_t seed; unsigned length, fork; }; /* length 0: mixed; fork: per cent with several processes */
/* Sequence number k: its length, and one operation after the other, by what the model then has. */
unsigned lx_make_begin(const struct lx_mix *mix, uint64_t k);
void lx_make_next(const struct vmref_linux *l, uint8_t bytes[LX_OPS][LX_BYTES], unsigned i);

/* ---- lx_compare.c ---- */
/* What is compared, and how often, 0: never, 1: after each operation, n: after every nth. near: the layout where
 * an operation may have changed it, after each. sweep: at the end read all pages (2), those of the model (1). */
struct lx_how {
  unsigned layout, pages;
  int near, sweep, directed; /* directed: with swap, what the model has put out must be out */
  uint8_t (*make)[LX_BYTES]; /* not NULL: operations are made there, and decoded, as it goes */
};
struct lx_finding {
  unsigned at;         /* the operation, from 0 */
  char tier;           /* 'A', 'B', 'C' */
  char text[400];
};
/* Would an operation reach beyond the window? It is left out. */
int lx_escapes(const struct vmref_linux *l, const struct lx_op *op);
/* The model at the beginning of a sequence; its part of a step: 1: the kernel has to do *real and to find the same;
 * 0: nothing is done; -1: no room, or not modelled. */
void lx_begin(struct vmref_linux *l);
int lx_model_step(struct vmref_linux *l, const struct lx_op *op, struct lx_op *real, struct lx_result *m);
/* Is what the kernel found h something else than the model's? What shmget gives is remembered. */
int lx_differ(const struct lx_op *op, const struct lx_result *m, const struct lx_result *h);
/* What was done on both: calls, accesses; how many of these ended in a signal. Not those of a sweep. */
struct lx_done { uint64_t calls, accesses, signals; };
/* Run a sequence on both, and add to done. 0: they agree; 1: finding is what not; -1: the model was out of room,
 * or does not model it. */
int lx_compare(struct vmref_linux *l, struct lx_op *op, unsigned n, const struct lx_how *how,
               struct lx_finding *finding, struct lx_done *done);

/* ---- lx_shrink.c ---- */
/* Of a sequence on which they differ, leave out what it does not take; how much is left. tier: to which they are compared. */
unsigned lx_shrink(struct vmref_linux *l, uint8_t bytes[LX_OPS][LX_BYTES], unsigned n, char tier, struct lx_finding *f);

/* ---- lx_print.c ---- */
const char *lx_name(uint32_t nr);
void lx_print_op(FILE *f, const struct lx_op *op);
/* On stdout: what differs, the sequence, and the token of its bytes, if there are such. */
void lx_print_finding(const struct lx_finding *x, const struct lx_op *op, unsigned n, uint8_t (*bytes)[LX_BYTES]);
void lx_print_result(FILE *f, const struct lx_op *op, const struct lx_result *r);
/* A C program that does the sequence, and tells in comments what the model says. */
void lx_print_c(FILE *f, struct vmref_linux *l, const struct lx_op *op, unsigned n);
#endif
