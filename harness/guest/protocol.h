/* SPDX-License-Identifier: MIT */
/* What the runner and the guest say to each other, through memory that both see. */
#ifndef VMREF_GUEST_PROTOCOL_H
#define VMREF_GUEST_PROTOCOL_H
#include <stdint.h>

/* Physical memory of the guest: its image at 1 MiB, the arena at 32 MiB (case.h),
 * RAM that stays zero up to the mailbox at 40 MiB. */
#define GUEST_RAM  0x4000000u
#define MAIL_BASE  0x2800000u
#define MAIL_SLOTS 2u /* one runs in the guest while the host fills the other */
#define MAIL_CASES 1024u
#define MAIL_HOST  0x74736f6866657276u
#define MAIL_GUEST 0x7473657567657276u

/* The control state that a group of cases shares. */
#define CONTROL_WP   1u
#define CONTROL_SMEP 2u
#define CONTROL_SMAP 4u
#define CONTROL_NXE  8u
#define CONTROL_PGE 16u
#define CONTROL_ROOT(frame) ((frame) << 8)
#define CONTROL_ROOT_OF(control) ((control) >> 8 & 15u)

/* The instruction that makes the access: FORM * 8 + log2(size) * 2 + stack. */
#define FORM_READ    0 /* mov (m), r */
#define FORM_WRITE   1 /* mov r, (m) */
#define FORM_ADD     2 /* add r, (m) */
#define FORM_XCHG    3 /* xchg r, (m) */
#define FORM_INC     4 /* inc (m) */
#define FORM_CMPXCHG 5 /* lock cmpxchg rax, (m): leaves memory as it was, yet writes it */
#define FORM_FETCH   6 /* call m */
#define FORM_SEG_READ  7 /* implicit: mov r, fs reads the descriptor at m, an LDT's first */
#define FORM_SEG_STORE 8 /* implicit: it then sets the descriptor's accessed bit */
#define FORMS        9
#define OP(form, log2size, stack) ((form) * 8 + (log2size) * 2 + (stack))
#define OP_FORM(op) ((op) / 8)

#define GUEST_WORDS 6 /* four entries, and two words that a store may touch */

struct guest_case {
  uint64_t va;
  uint64_t data;     /* RAX before the access */
  uint32_t control;  /* CONTROL_* */
  uint16_t op;
  uint8_t  cpl;
  uint8_t  ac;
  uint8_t  words;    /* how many words[] are set before and reported after */
  uint8_t  unused[3];
  uint16_t word[GUEST_WORDS]; /* index of the 8-byte word in the arena */
  uint64_t before[GUEST_WORDS];
};

#define NO_STRAY 0xffffu
struct guest_result {
  uint64_t value;    /* RAX after the access */
  uint64_t cr2;
  uint64_t stray_value;
  uint32_t error;
  uint16_t stray;    /* a word that changed and was not listed, or NO_STRAY */
  uint8_t  vector;   /* VECTOR_DONE: no exception */
  uint8_t  unused;
  uint64_t after[GUEST_WORDS];
};
#define VECTOR_DONE 0xffu
#define CR2_BEFORE 0x5ca1ab1eu /* what CR2 holds before each access */
#define SELECTOR 7u            /* the LDT's first descriptor, RPL 3 */

struct mail_slot {
  volatile uint32_t posted; /* the host's count of batches in this slot */
  uint32_t cases;
  uint32_t unused0[14];
  volatile uint32_t done;   /* the guest's count: done == posted when all ran */
  uint32_t strays;          /* words found changed at the end, that no result names */
  volatile uint32_t at;     /* the case being run, for a report when the guest dies */
  uint32_t unused1[13];
  struct guest_case in[MAIL_CASES];
  struct guest_result out[MAIL_CASES];
};

struct mail {
  volatile uint64_t host;  /* MAIL_HOST: somebody listens */
  volatile uint64_t guest; /* MAIL_GUEST: the guest is ready */
  uint32_t maxphyaddr, page1gb, amd; /* the CPU by its own CPUID */
  uint32_t smep, smap, nx;           /* features that it has */
  uint32_t panic_vector;             /* an exception outside of an access, plus 1 */
  uint32_t panic_error;
  uint64_t panic_rip, panic_cr2;
  uint32_t unused[48];
  struct mail_slot slot[MAIL_SLOTS];
};

#endif
