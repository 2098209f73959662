/* SPDX-License-Identifier: MIT */
/* What the files of unicorn-vectors share: an engine for long mode, one for 32-bit paging and one for PAE paging, and the
 * code's own window behind the last entry of every root. */
#ifndef VMREF_UNICORN_VECTORS_H
#define VMREF_UNICORN_VECTORS_H
#include <unicorn/unicorn.h>
#include "cli.h"

#define MEMORY (64u << 20)
/* Linear is physical to Unicorn. */
#define SLOT   511u /* of a root in long mode, 8 bytes; the last word of one in 32-bit paging; in PAE paging of what PDPTE 3 leads to */
#define TABLES 0x3000000u /* the window's tables and pages in RAM */
#define PAGES  0x3010000u
#define KERNEL 0x0u       /* pages of the window: supervisor's code, GDT and stack, user's code */
#define KEYED  0x80u
#define STEPS  0x300u     /* and code of sequences' steps */
#define GDT    0x1000u
#define STACK  0x2000u
#define USER   0x3000u

extern uc_engine *uc;      /* of the paging mode that was chosen */
extern uc_context *begin, *now; /* its registers before any question; and at CPL 0 between the steps of a sequence */
extern uint64_t window;    /* where the code lies */
extern bool wide;          /* long mode, where code has 64 bits */
void choose(uint8_t mode);
/* A register by the name that both widths share: AX, IP, ... */
#define REG(name) (wide ? UC_X86_REG_R##name : UC_X86_REG_E##name)
/* The word of a root table that leads to the window: its address, and what it holds. */
uint64_t root_word(uint64_t cr3);
uint64_t root_word_value(void);
bool in_window(uint8_t mode, uint64_t va);
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
/* The stack pointer, at that frame. */
uint64_t put_frame(const struct shot *s);
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
