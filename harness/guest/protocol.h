/* SPDX-License-Identifier: MIT */
/* What the runner and the guest say to each other, through memory that both see. The
 * 32-bit guest has the same layout: every 64-bit field lies on its boundary. */
#ifndef VMREF_GUEST_PROTOCOL_H
#define VMREF_GUEST_PROTOCOL_H

/* Physical memory of the guest: its image at 1 MiB, the arena at 32 MiB (case.h),
 * RAM that stays zero up to the mailbox at 40 MiB. */
#define GUEST_RAM  0x4000000
#define MAIL_BASE  0x2800000
#define MAIL_BOOT  16 /* offset of mail.boot, for start.S */
#define BOOT_5LEVEL 5

#ifndef __ASSEMBLER__
#include <stddef.h>
#include <stdint.h>

#define MAIL_SLOTS 2u /* one runs in the guest while the host fills the other */
#define MAIL_CASES 1024u
#define MAIL_HOST  0x74736f6866657276u
#define MAIL_GUEST 0x7473657567657276u

/* The control state that a group of cases shares. */
#define CONTROL_WP    0x1u
#define CONTROL_SMEP  0x2u
#define CONTROL_SMAP  0x4u
#define CONTROL_NXE   0x8u
#define CONTROL_PGE   0x10u
#define CONTROL_PKE   0x20u
#define CONTROL_PKS   0x40u
#define CONTROL_PCIDE 0x80u
#define CONTROL_PSE   0x100u
#define CONTROL_MODE(mode)  ((uint32_t)(mode) << 9)
#define CONTROL_MODE_OF(control) ((control) >> 9 & 7u)
#define CONTROL_ROOT(frame) ((uint32_t)(frame) << 12)
#define CONTROL_ROOT_OF(control) ((control) >> 12 & 15u)
#define CONTROL_LOW(bits)   ((uint32_t)(bits) << 16) /* CR3 bits 11:0 */
#define CONTROL_LOW_OF(control) ((control) >> 16 & 0xfffu)
#define CONTROL_BITS 28

/* The instruction that makes the access: FORM * 16 + width * 2 + stack. */
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
/* Widths: 1, 2, 4, 8, 10 (x87), 16 (SSE), 32 (AVX), 64 (AVX-512) bytes. */
#define WIDTHS       8
#define OP(form, width, stack) ((form) * 16 + (width) * 2 + (stack))
#define OP_FORM(op) ((op) / 16)
#define OP_WIDTH(op) ((op) / 2 % 8)

#define GUEST_WORDS 20 /* five entries for each of two pages, ten words that a store may touch */

typedef uint64_t mail64 __attribute__((aligned(8)));

struct guest_case {
  mail64 va;
  mail64 data;       /* RAX before the access; a wider register holds it with marks */
  mail64 pdpte[3];   /* PAE: the PDPTE registers 1 to 3; register 0 is the guest's own */
  uint32_t control;  /* CONTROL_* */
  uint32_t pkru, pkrs;
  uint16_t op;
  uint8_t  cpl;
  uint8_t  ac;
  uint8_t  words;    /* how many words[] are set before and reported after */
  uint8_t  two;      /* the access reaches into a second page */
  uint8_t  unused[6];
  uint16_t word[GUEST_WORDS]; /* index of the 8-byte word in the arena */
  mail64 before[GUEST_WORDS];
};

#define NO_STRAY 0xffffu
struct guest_result {
  mail64 value;      /* RAX after the access; of a wider register, guest_fold() of it */
  mail64 cr2;
  mail64 stray_value;
  uint32_t error;
  uint16_t stray;    /* a word that changed and was not listed, or NO_STRAY */
  uint8_t  vector;   /* VECTOR_DONE: no exception */
  uint8_t  unused;
  mail64 after[GUEST_WORDS];
};
#define VECTOR_DONE 0xffu
#define CR2_BEFORE 0x5ca1ab1eu /* what CR2 holds before each access */
#define SELECTOR 7u            /* the LDT's first descriptor, RPL 3 */

/* Word i of what a register of more than 8 bytes stores, and such a register as one number. */
static inline uint64_t guest_wide(uint64_t data, unsigned i) { return data + ((uint64_t)i << 56); }
static inline uint64_t guest_fold(const uint64_t *word, unsigned n)
{
  uint64_t v = 0;
  for (unsigned i = 0; i < n; i++) v = (v << 7 | v >> 57) ^ word[i];
  return v;
}

/* ---- sequences: accesses, and what software changes between them ---------------- */

#define SEQUENCE_STEPS 12
#define SEQUENCE_WORDS 20
#define SEQUENCES 128u /* in a batch */

#define STEP_ACCESS  0 /* value: the address; data, op, cpl, ac as in a case */
#define STEP_STORE   1 /* word op of the arena becomes value */
#define STEP_INVLPG  2 /* value: the address */
#define STEP_INVPCID 3 /* value: the address; data: descriptor bits 63:0; op: type */
#define STEP_SET     4 /* op: VMREF_REG_*; value: written to it */

struct guest_step {
  mail64 value, data;
  uint16_t op;
  uint8_t what, cpl, ac, unused[3];
};

struct guest_sequence {
  uint32_t control, pkru, pkrs; /* to begin with, nothing cached */
  uint32_t other;               /* CONTROL_ROOT, CONTROL_LOW of a second root table */
  uint8_t steps, words, unused[6];
  struct guest_step step[SEQUENCE_STEPS];
  uint16_t word[SEQUENCE_WORDS];
  mail64 before[SEQUENCE_WORDS];
};

struct step_result {
  mail64 value, cr2;
  uint32_t error;
  uint8_t vector, unused[3];
  mail64 after[SEQUENCE_WORDS]; /* of an access */
};

struct mail_slot {
  volatile uint32_t posted; /* the host's count of batches in this slot */
  uint32_t cases;           /* in the batch, or sequences */
  uint32_t sequences;       /* 1: these are sequences */
  uint32_t unused0[13];
  volatile uint32_t done;   /* the guest's count: done == posted when all ran */
  uint32_t strays;          /* words found changed at the end, that no result names */
  volatile uint32_t at;     /* the case being run, for a report when the guest dies */
  uint32_t unused1[13];
  union {
    struct {
      struct guest_case in[MAIL_CASES];
      struct guest_result out[MAIL_CASES];
    };
    struct {
      struct guest_sequence sequence[SEQUENCES];
      struct step_result result[SEQUENCES][SEQUENCE_STEPS];
    };
  };
};

/* What a CPU has, by its own CPUID. */
#define HAS_SMEP    0x1u
#define HAS_SMAP    0x2u
#define HAS_NX      0x4u
#define HAS_PKU     0x8u
#define HAS_PKS     0x10u
#define HAS_PCID    0x20u
#define HAS_INVPCID 0x40u
#define HAS_PGE     0x80u
#define HAS_PSE     0x100u
#define HAS_PSE36   0x200u
#define HAS_PAE     0x400u
#define HAS_1G      0x800u
#define HAS_AVX     0x1000u
#define HAS_AVX512  0x2000u
#define HAS_AMD     0x4000u

struct mail {
  volatile mail64 host;    /* MAIL_HOST: somebody listens */
  volatile mail64 guest;   /* MAIL_GUEST: the guest is ready */
  uint32_t boot;           /* BOOT_5LEVEL: 5-level paging, please */
  uint32_t has;            /* HAS_* */
  uint32_t maxphyaddr;
  uint32_t modes;          /* bit n: it can run cases of mode n */
  uint32_t panic_vector;   /* an exception outside of an access, plus 1 */
  uint32_t panic_error;
  mail64 panic_rip, panic_cr2;
  uint32_t unused[48];
  struct mail_slot slot[MAIL_SLOTS];
};
_Static_assert(offsetof(struct mail, boot) == MAIL_BOOT && sizeof(struct guest_case) == 264
               && sizeof(struct guest_result) == 192 && sizeof(struct guest_sequence) == 512
               && sizeof(struct step_result) == 184 && offsetof(struct mail, slot) == 248, "one layout");

#endif
#endif
