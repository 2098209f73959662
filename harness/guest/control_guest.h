/* SPDX-License-Identifier: MIT */
/* The control guest and its runner: cases, what was seen of them, where tables lie. The
 * layout is the same for 32 and 64 bits. */
#ifndef VMREF_CONTROL_GUEST_H
#define VMREF_CONTROL_GUEST_H

#define SELECTOR_CODE   0x08 /* 32-bit */
#define SELECTOR_DATA   0x10
#define SELECTOR_CODE64 0x18
#define SELECTOR_CODE_L 0x20 /* L = 1, loaded outside of IA-32e mode: 32-bit code there */
#define SELECTOR_TSS    0x28
#define SELECTOR_TSS16  0x30

/* struct control_shot, for control_trap.S. */
#define WRITE_REG     0
#define WRITE_LOW     4
#define WRITE_HIGH    8
#define WRITE_CODE   12
#define WRITE_VECTOR 16
#define WRITE_ERROR  20

#define CODE_32   0 /* the write is made in legacy or compatibility mode */
#define CODE_64   1
#define CODE_CSL  2 /* legacy mode, a code segment with L = 1 */

#define CAME_DONE 0xff /* no exception */
#define CAME_SVM  0xfe /* an SVM exit, though no virtual machine runs */
#define CAME_LOST 0xfd /* the guest did not come back: it hangs, or the machine ended */

/* What a probe reads, else the address of a page directory. */
#define TAG_NONE  0 /* nothing: no PAE paging */
#define TAG_FAULT 1

#ifndef __ASSEMBLER__
#include "control.h"
#include "protocol.h"

struct control_shot { uint32_t reg, low, high, code, vector, error; };

/* Root tables. A copy of each lies where one of bits 25:12 of its address is flipped, and
 * any two differ in three bits, so that no copy lies on another. */
#define ROOT_LEGACY 0x2400000u /* 32-bit: PDEs; PAE: PDPTEs from 0x100 on */
#define ROOT_LONG   0x2407000u /* PML4 */
#define ROOT_5LEVEL 0x2438000u /* PML5 */
#define ROOT_BITS_FIRST 12
#define ROOT_BITS_END   26
#define PDPTES      0xfe0u     /* in ROOT_LEGACY: no PDE of 32-bit paging that is used */
#define PDPTES_LOW  0x100u

/* PAE: page directories of the PDPTE registers at the start, and of what memory holds
 * when the write is made. Region i reads, PROBE above its beginning, the address of its directory. */
#define DIRECTORY_OLD(i) (0x3000000u + 0x1000u * (i))
#define DIRECTORY_NEW(i) (0x3008000u + 0x1000u * (i))
#define PROBE 0x10000000u

/* What the registers hold, in the order of VMREF_REG_*. */
#define CONTROL_REGS 5

struct control_case {
  mail64 reg[CONTROL_REGS];    /* to begin with */
  mail64 pdpte[4];             /* PAE: so do the PDPTE registers */
  mail64 memory[4];            /* PAE to come or there: what memory holds at the write */
  mail64 value;
  uint32_t pkru, pkrs;
  uint32_t table;              /* where memory[] is put; 0: nowhere */
  uint8_t  written;            /* VMREF_REG_* */
  uint8_t  cs_l, tr16, group;
};

struct control_seen {
  mail64 before[CONTROL_REGS]; /* the start as read back */
  mail64 after[CONTROL_REGS];
  uint32_t pkru, pkrs;
  uint32_t tag[4];
  uint32_t error;
  uint8_t  vector, unused[3];
  /* the guest's own model */
  int32_t  rule;
  uint32_t model_pkru, model_pkrs, unused2;
  mail64 model[CONTROL_REGS];
  mail64 model_pdpte[4];
};

#define CONTROL_BATCH 4096u
#define FEATURE_BYTES (offsetof(struct vmref_features, lm) + 1)

struct control_mail {
  volatile uint32_t posted;
  uint32_t count, svm;         /* svm: let SVM exits come back */
  volatile uint32_t done;      /* == posted: all ran */
  volatile uint32_t at;        /* the case being run, plus 1 */
  uint32_t unused;
  uint8_t features[40];        /* struct vmref_features, by the guest's CPUID */
  struct control_case in[CONTROL_BATCH];
  struct control_seen out[CONTROL_BATCH];
};
_Static_assert(sizeof(struct control_case) == 128 && sizeof(struct control_seen) == 200
               && FEATURE_BYTES == 34 && sizeof(struct control_mail) < 0x200000, "one layout");
#define CONTROL_OF(mail) ((struct control_mail *)(mail)->slot)

/* The start of a case as the model has it. */
static inline struct vmref_control control_start(const struct control_case *c, struct vmref_features f)
{
  struct vmref_control s = { .cr0 = c->reg[0], .cr3 = c->reg[1], .cr4 = c->reg[2], .efer = c->reg[3],
                             .pat = c->reg[4], .pkru = c->pkru, .pkrs = c->pkrs, .cs_l = c->cs_l,
                             .tr16 = c->tr16, .features = f };
  for (int i = 0; i < 4; i++) s.pdpte[i] = c->pdpte[i];
  return s;
}

static inline struct vmref_pdptes control_memory(const struct control_case *c)
{
  return (struct vmref_pdptes){ { c->memory[0], c->memory[1], c->memory[2], c->memory[3] } };
}

#endif
#endif
