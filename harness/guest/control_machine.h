/* SPDX-License-Identifier: MIT */
/* Inside the control guest: the machine under the cases. */
#ifndef VMREF_CONTROL_MACHINE_H
#define VMREF_CONTROL_MACHINE_H
#include "control_guest.h"
#include "guest.h"

#define MSR_PAT 0x277u
#define PAT_RESET 0x0007040600070406u

/* control_machine.c */
void machine_begin(void);
struct vmref_features machine_features(void);
void machine_idt(uint32_t wide);     /* the IDT of IA-32e mode, or of legacy mode */
void machine_tr(uint32_t selector);
/* QEMU's TCG makes an SVM exit where it should make #GP, from no virtual machine: its
 * state goes to the VMCB at 0, and the host's comes from where an MSR says. The host is
 * then control_svm, in the base state. */
void machine_svm(void);
void machine_svm_saved(mail64 reg[CONTROL_REGS]); /* what CR0, CR3, CR4, EFER held at the exit */

/* control_trap.S */
void control_write(void);
uint32_t control_probe(uint32_t va);
void control_read(uint64_t cr[], uint32_t lma);
void control_reload(void);
void control_svm(void);
void control_panic(uint32_t vector, uint32_t error, uint32_t eip);
extern uint8_t control_vectors[], control_vectors64[];

#endif
