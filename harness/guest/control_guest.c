/* SPDX-License-Identifier: MIT */
/* Topic control in a guest of its own: reach a state, write one register, see what came
 * of it, and come back. 32-bit code with paging off is the base; it goes to each mode. */
#include <string.h>
#include "control_machine.h"

struct control_shot control_shot;
static struct control_mail *mail;
static struct vmref_features f;

static uint8_t has_efer(void) { return f.lm || f.nx; }
static uint32_t lma(void) { return has_efer() ? (uint32_t)read_msr(MSR_EFER) >> 10 & 1 : 0; }
static uint8_t long_mode_to_come(const struct control_case *c) { return c->reg[3] >> 10 & 1; }
static uint8_t pae(const uint64_t reg[CONTROL_REGS])
{
  return VMREF_BIT(reg[0], VMREF_CR0_PG) && VMREF_BIT(reg[2], VMREF_CR4_PAE) && !VMREF_BIT(reg[3], VMREF_EFER_LMA);
}

static void put_pdptes(uint32_t table, const mail64 e[4])
{
  volatile uint64_t *to = (volatile uint64_t *)table;
  for (int i = 0; i < 4; i++) to[i] = e[i];
}

static void pkru_write(uint32_t v)
{
  write_cr4(VMREF_CR4_PKE);
  write_pkru(v);
  write_cr4(0);
}

static uint32_t pkru_read(void)
{
  uint32_t v;
  write_cr4(VMREF_CR4_PKE);
  __asm__ volatile("rdpkru" : "=a"(v) : "c"(0) : "edx");
  write_cr4(0);
  return v;
}

/* From the base to where the case begins. PCIDs are switched on last, from IA-32e mode;
 * bits 11:0 of CR3 are 0 until then. */
static void reach(const struct control_case *c)
{
  uint8_t pcide = VMREF_BIT(c->reg[2], VMREF_CR4_PCIDE);
  uint32_t cr3 = (uint32_t)c->reg[1];
  if (f.pat) write_msr(MSR_PAT, c->reg[4]);
  if (f.pks) write_msr(MSR_PKRS, c->pkrs);
  if (f.pku) pkru_write(c->pkru);
  if (c->tr16) machine_tr(SELECTOR_TSS16);
  machine_idt(long_mode_to_come(c));
  if (c->table) put_pdptes(cr3 & ~0x1fu, c->pdpte);
  if (has_efer()) write_msr(MSR_EFER, c->reg[3] & ~(uint64_t)VMREF_EFER_LMA);
  write_cr0((uint32_t)c->reg[0] & ~VMREF_CR0_PG); /* CET needs WP */
  write_cr4((uint32_t)c->reg[2] & ~VMREF_CR4_PCIDE);
  write_cr3(pcide ? cr3 & ~0xfffu : cr3);
  write_cr0((uint32_t)c->reg[0]);
  if (pcide) {
    write_cr4((uint32_t)c->reg[2]);
    write_cr3(cr3);
  }
  if (c->table) put_pdptes(c->table, c->memory);
}

static void read_all(uint64_t reg[CONTROL_REGS])
{
  control_read(reg, lma());
  reg[3] = has_efer() ? read_msr(MSR_EFER) : 0;
  reg[4] = f.pat ? read_msr(MSR_PAT) : 0;
}

/* Back, from whatever mode the write has led to. Its PDPTEs must fit, for CR4 loads them. */
static void leave(const struct control_case *c, const uint64_t reg[CONTROL_REGS])
{
  if (pae(reg)) put_pdptes((uint32_t)reg[1] & ~0x1fu, c->pdpte[0] ? c->pdpte : c->memory);
  write_cr4(VMREF_BIT(reg[0], VMREF_CR0_PG) ? (uint32_t)reg[2] & (VMREF_CR4_PAE | VMREF_CR4_LA57) : 0);
  write_cr0(0x11);
  control_reload();
  write_cr4(0);
  if (has_efer()) write_msr(MSR_EFER, 0);
  write_cr3(0);
  machine_idt(0);
  if (c->tr16) machine_tr(SELECTOR_TSS);
  if (f.pat) write_msr(MSR_PAT, PAT_RESET);
}

static void ask_model(const struct control_case *c, struct control_seen *s)
{
  struct vmref_control m = control_start(c, f);
  s->rule = vmref_cpu_set(&m, c->written, c->value, control_memory(c));
  s->model[0] = m.cr0;
  s->model[1] = m.cr3;
  s->model[2] = m.cr4;
  s->model[3] = m.efer;
  s->model[4] = m.pat;
  s->model_pkru = m.pkru;
  s->model_pkrs = m.pkrs;
  for (int i = 0; i < 4; i++) s->model_pdpte[i] = m.pdpte[i];
}

static void run(const struct control_case *c, struct control_seen *s)
{
  uint64_t before[CONTROL_REGS], after[CONTROL_REGS];
  memset(s, 0, sizeof *s);
  ask_model(c, s);
  control_shot = (struct control_shot){ .reg = c->written, .low = (uint32_t)c->value, .high = (uint32_t)(c->value >> 32),
    .code = !c->cs_l ? CODE_32 : long_mode_to_come(c) ? CODE_64 : CODE_CSL };
  reach(c);
  read_all(before);
  control_write();
  read_all(after);
  memcpy(s->before, before, sizeof before);
  memcpy(s->after, after, sizeof after);
  s->vector = (uint8_t)control_shot.vector;
  s->error = control_shot.error;
  if (s->vector == CAME_SVM) machine_svm_saved(s->after);
  else if (pae(after))
    for (uint32_t i = 0; i < 4; i++) s->tag[i] = control_probe((i << 30) + PROBE);
  s->pkrs = f.pks ? (uint32_t)read_msr(MSR_PKRS) : 0;
  leave(c, after);
  s->pkru = f.pku ? pkru_read() : 0;
}

void guest_main(void)
{
  struct mail *m = (struct mail *)MAIL_BASE;
  mail = CONTROL_OF(m);
  f = machine_features();
  memcpy(mail->features, &f, FEATURE_BYTES);
  machine_begin();
  m->guest = MAIL_GUEST;
  for (uint32_t done = 0;; ) {
    while (mail->posted == done) __asm__ volatile("pause" ::: "memory");
    if (mail->svm) machine_svm();
    for (uint32_t i = 0; i < mail->count; i++) {
      mail->at = i + 1;
      run(&mail->in[i], &mail->out[i]);
    }
    mail->at = 0;
    mail->done = done = mail->posted;
  }
}
