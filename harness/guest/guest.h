/* SPDX-License-Identifier: MIT */
/* Inside the guest only: offsets of `shot`, for trap.S and trap32.S, and what the files share. */
#ifndef VMREF_GUEST_H
#define VMREF_GUEST_H

#ifdef GUEST32
#define SHOT_WORD 4
#define WINDOW 0           /* linear addresses are physical ones */
#define USER_STUBS 0x4000000 /* the same for CPL 3: the page of stubs, then a stack */
#else
#define SHOT_WORD 8
#define WINDOW 0xffffffff80000000 /* below the last slot of every root table */
#define USER_STUBS 0xffffffffc0000000
#endif

#define SHOT_STUB   (0 * SHOT_WORD)
#define SHOT_FLAGS  (1 * SHOT_WORD)
#define SHOT_VA     (2 * SHOT_WORD)
#define SHOT_DATA   (3 * SHOT_WORD)
#define SHOT_STACK  (4 * SHOT_WORD)
#define SHOT_VALUE  (5 * SHOT_WORD)
#define SHOT_HIGH   (6 * SHOT_WORD)
#define SHOT_CPL    (7 * SHOT_WORD)
#define SHOT_VECTOR (7 * SHOT_WORD + 4)
#define SHOT_ERROR  (7 * SHOT_WORD + 8)
#define SHOT_WIDTH  (7 * SHOT_WORD + 12)
#define SHOT_WIDE   (16 * SHOT_WORD)
#define VECTOR_NONE  0xff
#define SELECTOR_LDT 7

#ifndef __ASSEMBLER__
#include "cpu.h"

#define AT(pa) ((void *)(WINDOW + (uintptr_t)(pa)))
#define PHYSICAL(p) ((uint64_t)((uintptr_t)(p) - WINDOW))

struct shot {
  uintptr_t stub, flags, va, data, stack, value;
  uintptr_t high;    /* EDX after the access, for cmpxchg8b */
  uint32_t cpl, vector, error;
  uint32_t width;    /* 0, or the width of the register beyond the general ones: WIDTHS */
  uint64_t wide[8] __attribute__((aligned(64))); /* it, before and after */
};
_Static_assert(offsetof(struct shot, wide) == SHOT_WIDE, "trap.S");
extern struct shot shot;
void shoot(void);

/* machine.c, or machine32.c: descriptor tables, windows, the control state. */
void machine_start(struct mail *m);
void machine_control(const struct guest_case *c);
void machine_pdpte(const struct guest_case *c); /* PAE: load CR3, with the case's words in place */
void machine_ldt(uint64_t base);
void machine_open(uint32_t other);   /* a second root table, whatever the one in use */
void machine_close(uint32_t other);
void machine_force(uint32_t control); /* set every register, whatever it holds */
uint32_t machine_now(void); /* CONTROL_* in use */
/* Where CPL `cpl` finds the stubs, and a stack for CPL 3. */
uintptr_t machine_stubs(uint32_t cpl);
uintptr_t machine_stack(void);
#define FIRST_WIDE (SHOT_WORD == 4 ? 3 : 4) /* the first width that no general register has */

/* guest.c */
uint64_t *word_at(uint32_t index);
void aim_shot(const struct guest_case *c);
uint64_t shot_value(unsigned op);
void run_case(const struct guest_case *c, struct guest_result *r);
uint32_t repair_arena(struct guest_result *r);

/* steps.c */
void run_sequence(const struct guest_sequence *q, struct step_result *r);

/* selftest.c and serial.c, on COM1 */
int selftest(const struct mail *m);
void serial_start(void);
void serial_print(const char *text);
void serial_hex(uint64_t value);
void serial_number(uint64_t value);
#endif
#endif
