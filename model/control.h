/* SPDX-License-Identifier: MIT */
/* Topic control: a write to a control register, and what the registers make of the CPU.
 * SDM 3A 4.1, 4.4.1, 4.10.1; SDM 2 MOV CR, WRMSR, WRPKRU. */
#ifndef VMREF_CONTROL_H
#define VMREF_CONTROL_H
#include "control_rules.h"

/* The state after power-up, legal when the features are. SDM 3A 9.1.1. */
/*@ terminates \true; assigns \nothing; exits \false;
    ensures is_reset(\result) && \result.features == features;
    ensures legal_features(features) ==> legal_control(\result); */
struct vmref_control vmref_control_reset(struct vmref_features features);

/* Can a CPU be in this state? 1 or 0. */
/*@ requires \valid_read(c);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> legal_control(*c); ensures flag(\result); */
uint8_t vmref_control_legal(const struct vmref_control *c);

/* Does this write read the PDPTEs from memory (SET.PDPTES)? 1 or 0; no when it faults before. And
 * the physical address of the 32 bytes that it reads. SDM 3A 4.4.1. */
/*@ requires \valid_read(c) && reg <= VMREF_REG_PKRS && legal_control(*c);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == loads(*c, reg, operand(*c, reg, value)); ensures flag(\result); */
uint8_t vmref_cpu_loads_pdptes(const struct vmref_control *c, uint8_t reg, uint64_t value);
/*@ requires \valid_read(c);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == pdpte_table(*c, reg, value); ensures \result < 0x100000000; */
uint64_t vmref_cpu_pdpte_table(const struct vmref_control *c, uint8_t reg, uint64_t value);

/* Write a register at CPL 0. Answers 0 when it is done; the rule by which the
 * instruction faults (vmref_vector tells how), the state being as it was; or VMREF_EINVAL, for a state that is not
 * legal or an unknown register. pdptes is looked at only when vmref_cpu_loads_pdptes.
 * What a MOV CR takes from value depends on the mode: 64 bits in 64-bit mode, else 32.
 * SET.OPERAND; SET.NOTHING; what is stored: SET.IGNORED, SET.CR3.63, SET.LMA. */
/*@ requires \valid(c);
    terminates \true; assigns *c; exits \false;
    ensures invalid: \result == VMREF_EINVAL <==> !(legal_control(\old(*c)) && reg <= VMREF_REG_PKRS);
    ensures rule: \result != VMREF_EINVAL ==>
              \result == fault(\old(*c), reg, operand(\old(*c), reg, value), pdptes);
    ensures unchanged: \result != 0 ==> *c == \old(*c);
    ensures written: \result == 0 ==> written(\old(*c), reg, operand(\old(*c), reg, value), *c);
    ensures loaded: \result == 0 ==> loaded(\old(*c), reg, operand(\old(*c), reg, value), pdptes, *c);
    ensures same: same_cpu(\old(*c), *c);
    ensures legal: legal_control(\old(*c)) ==> legal_control(*c); */
int vmref_cpu_set(struct vmref_control *c, uint8_t reg, uint64_t value, struct vmref_pdptes pdptes);

/* The control state as the walk takes it. MODE.SELECT, MODE.CR3. */
/*@ requires \valid_read(c);
    terminates \true; assigns \nothing; exits \false;
    ensures decodes(*c, \result);
    ensures legal_control(*c) ==> valid_cpu(\result); */
struct vmref_cpu vmref_cpu_of(const struct vmref_control *c);

#endif
