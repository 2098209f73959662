/* SPDX-License-Identifier: MIT */
/* Inside the guest only: offsets of `shot`, for trap.S, and what the files share. */
#ifndef VMREF_GUEST_H
#define VMREF_GUEST_H

#define SHOT_STUB    0
#define SHOT_FLAGS   8
#define SHOT_VA     16
#define SHOT_DATA   24
#define SHOT_STACK  32
#define SHOT_VALUE  40
#define SHOT_CPL    48
#define SHOT_VECTOR 52
#define SHOT_ERROR  56
#define VECTOR_NONE  0xff
#define SELECTOR_LDT 7

#ifndef __ASSEMBLER__
#include "protocol.h"

/* Physical memory, as the guest itself sees it: below slot 511 of every root. */
#define WINDOW 0xffffffff80000000u
#define AT(pa) ((void *)(WINDOW + (uint64_t)(pa)))
#define PHYSICAL(p) ((uint64_t)(p) - WINDOW)
/* The same for CPL 3: the page of stubs, then a stack. */
#define USER_STUBS 0xffffffffc0000000u
#define USER_STACK (USER_STUBS + 0x1000u)

struct shot {
  uint64_t stub, flags, va, data, stack, value;
  uint32_t cpl, vector, error, unused;
};
extern struct shot shot;
void shoot(void);

/* machine.c: descriptor tables, windows, the control state. */
void machine_start(void);
void machine_cpuid(struct mail *m);
void machine_control(uint32_t control);
void machine_ldt(uint64_t base);
uint32_t machine_root(void); /* the frame of the root table in use */

/* guest.c */
void run_case(const struct guest_case *c, struct guest_result *r);
uint32_t repair_arena(struct guest_result *r);

/* selftest.c and serial.c, on COM1 */
int selftest(const struct mail *m);
void serial_start(void);
void serial_print(const char *text);
void serial_hex(uint64_t value);
void serial_number(uint64_t value);

static inline void out8(uint16_t port, uint8_t value)
{
  __asm__ volatile("outb %0, %1" :: "a"(value), "Nd"(port));
}
static inline uint8_t in8(uint16_t port)
{
  uint8_t value;
  __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
  return value;
}
#endif
#endif
