/* SPDX-License-Identifier: MIT */
/* What the files of unicorn-vectors share: one engine, and the code's own window in slot 511 of every root. */
#ifndef VMREF_UNICORN_VECTORS_H
#define VMREF_UNICORN_VECTORS_H
#include <unicorn/unicorn.h>
#include "cli.h"

#define MEMORY (64u << 20)
/* Linear is physical to Unicorn. */
#define SLOT   511u
#define WINDOW 0xffffff8000000000u
#define TABLES 0x3000000u /* the window's tables and pages in RAM */
#define PAGES  0x3010000u
#define KERNEL 0x0u       /* pages of the window: supervisor's code, GDT and stack, user's code */
#define KEYED  0x80u
#define STEPS  0x300u     /* and code of sequences' steps */
#define GDT    0x1000u
#define STACK  0x2000u
#define USER   0x3000u

extern uc_engine *uc;
extern uc_context *begin;
extern int vector; /* of the exception that ended the last run, or -1 */
void must(uc_err e, const char *what);
void set(int reg, uint64_t value);
void put_word(uint64_t at, uint64_t value);
uint64_t word_at(uint64_t at);
/* Both as the walk reads it and as accesses do. */
void put_window(uint64_t offset, const void *bytes, size_t n);
uint32_t error_code(void);

/* Where the code of an access lies in the window, its bytes, and the frame for IRETQ that leads there. */
struct shot { uint64_t at, made, frame[5]; };
struct shot shot_of(const struct vmref_access *a);
uint64_t cr0_of(const struct vmref_cpu *u);
uint64_t cr4_of(const struct vmref_cpu *u);

/* Why a control state, or an access wherever it goes, cannot be had here; NULL. */
const char *cannot_cpu(const struct vmref_cpu *u);
const char *cannot_kind(const struct vmref_access *a);

/* unicorn_sequences.c */
void sequence_start(void);
void sequence_answer(json_t *line);

#endif
