/* SPDX-License-Identifier: MIT */
/* A second opinion on writes of control registers, written as emulators do it, with masks over the old and the new
 * value. It shares no code with the model. */
#ifndef VMREF_OPINION_CONTROL_H
#define VMREF_OPINION_CONTROL_H
#include "control.h"

#define PE    UINT64_C(0x00000001)
#define CR0WP UINT64_C(0x00010000)
#define NW    UINT64_C(0x20000000)
#define CD    UINT64_C(0x40000000)
#define PG    UINT64_C(0x80000000)
enum { PSE = 1 << 4, PAE = 1 << 5, PGE = 1 << 7, LA57 = 1 << 12, PCIDE = 1 << 17, SMEP = 1 << 20, SMAP = 1 << 21,
       PKE = 1 << 22, CET = 1 << 23, PKS = 1 << 24 };
enum { LME = 1 << 8, LMA = 1 << 10, NXE = 1 << 11 };
#define RULE(name) (UINT64_C(1) << VMREF_RULE_##name)

/* The registers are consistent: what no write may break. */
int opinion_control_ok(const struct vmref_control *c);
/* The set of rules that the write breaks, as bits RULE(); when it is empty, *c is the state after. p: the PDPTEs in
 * memory; *loads: they are loaded. */
uint64_t opinion_control_set(struct vmref_control *c, uint8_t reg, uint64_t v, const uint64_t p[4], int *loads);
int opinion_control_mode(const struct vmref_control *c);
#endif
