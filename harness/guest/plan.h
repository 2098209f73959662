/* SPDX-License-Identifier: MIT */
/* From a case to what the guest is asked to do, and from the model's answer to what
 * it must then say. Freestanding: the runner and the guest's selftest share it. */
#ifndef VMREF_GUEST_PLAN_H
#define VMREF_GUEST_PLAN_H
#include "case.h"
#include "protocol.h"

/* Why a case is not put to the machine. */
enum excluded {
  PLANNED,
  EX_STATUS,      /* the model itself has no answer */
  EX_MODE,        /* another guest's paging mode */
  EX_CPU,         /* another vendor, MAXPHYADDR or page size than this machine's */
  EX_FEATURE,     /* a control bit that this machine has not */
  EX_SIZE,        /* no instruction here of that size */
  EX_WINDOW,      /* touches the guest's own window, or its protection key */
  EX_OUTSIDE,     /* the access succeeds outside of the arena */
  EX_TABLE,       /* the walk reads a table outside of known memory */
  EX_FETCH_WORD,  /* a fetch would execute an entry, or half a tag */
  EX_FETCH_SS,    /* a fetch is never a stack reference */
  EX_TWO_OWN,     /* in two pages, onto an entry of its own: which part comes first? */
  EX_IMPLICIT_GP, /* implicit and not canonical: an error code of its own */
  EX_IMPLICIT_STORE, /* implicit store whose read faults before it */
  EX_IMPLICIT_WORD,  /* the descriptor would overwrite an entry */
  EX_CANNOT,         /* the accelerator hangs or dies of it (probe.c) */
  EXCLUSIONS
};
extern const char *const excluded_name[EXCLUSIONS];

struct machine {
  struct vmref_cpu cpu;   /* vendor, maxphyaddr, page1gb, pse36 by CPUID; its first mode */
  uint32_t has;           /* HAS_*: features that it has */
  uint8_t modes;          /* bit n: it runs cases of mode n */
  uint8_t bits32;         /* the 32-bit guest */
  uint8_t overlooks;      /* checks that it is known to leave out: an access that these
                             let through must stay inside of the arena as well */
  uint8_t cannot;         /* what the accelerator hangs or dies of */
};
#define CANNOT_RING12   1u
#define CANNOT_IMPLICIT 2u
#define CANNOT_FETCH    4u
#define CANNOT_WIDE     8u /* registers beyond the general ones */
#define CANNOT_TWO     16u /* accesses in two pages */
#define CANNOT_RAW     32u /* takes writes of control registers that end it */
#define OVERLOOKS_1G       1u /* PF.RSVD.1G */
#define OVERLOOKS_AMD_G    2u /* PF.RSVD.PML4E.G, PF.RSVD.PML5E.G */
#define OVERLOOKS_IMPLICIT 4u /* PF.SMAP of an implicit access with AC = 1 */
#define OVERLOOKS_PKU      8u /* PF.PKU.AD of a supervisor's read */
#define OVERLOOKS_4M      16u /* PF.RSVD.4M.ADDR */

void machine_of(struct machine *m, const struct mail *mail, int bits32);

/* Make a case one that this machine can be asked: its CPU, a size that it has an
 * instruction for, an aligned fetch. Was anything changed? */
int case_adapt(struct vmref_case *c, const struct machine *m);

struct plan {
  struct vmref_case c;
  struct case_memory memory; /* of the walk: entries among tags */
  struct vmref_span span;    /* the model's answer */
  struct guest_case guest;
  uint8_t bits32;
};
enum excluded plan_case(struct plan *p, const struct vmref_case *c, const struct machine *m);
int find_word(const struct guest_case *g, uint64_t pa); /* -1: not listed */
int form_stores(unsigned form);

/* The words of the root table's frame that are the guest's own, by control state. */
struct window { uint16_t first, words; };
struct window window_of(uint32_t control);

/* What the guest must report. On a fault a word may differ in the bits of `may`. */
struct expect {
  struct vmref_span span;
  uint64_t cr2, value, mask; /* RAX under mask; mask 0: says nothing */
  uint64_t cr2_span;         /* CR2 may be so much higher */
  uint32_t error;
  uint8_t vector;            /* VECTOR_DONE or the exception */
  uint64_t after[GUEST_WORDS], may[GUEST_WORDS];
};
/* question is p->c, or the case that a deviating machine takes it for. Where more than one
 * outcome is permitted a variant is each of the others; 0: there is no such variant. */
#define VARIANTS 3
#define VARIANT_LATE_D 1 /* a read-modify-write reads memory before its own D bit is set, not
                            after: it shows only where it hits the entry that maps it */
#define VARIANT_OTHER  2 /* of two parts that fault, the other one's fault */
int expect_case(struct expect *e, const struct plan *p, const struct vmref_case *question, int variant);

/* The parts that differ, 0 when the answer is the expected one. */
#define DIFFERS_VECTOR  1u
#define DIFFERS_ERROR   2u
#define DIFFERS_CR2     4u
#define DIFFERS_VALUE   8u
#define DIFFERS_MEMORY 16u
#define DIFFERS_STRAY  32u
unsigned differs(const struct expect *e, const struct plan *p, const struct guest_result *r);

/* In pattern: what a store puts into its byte n. */
uint8_t stored_byte(unsigned n);
#define PATTERN 0x6e5d4c3b2a19f7e7u /* what stores store: no byte of it is a tag's */
/* A data segment of DPL 3, accessed or yet to be. No tag is one, so that a segment
 * load which succeeds has read the descriptor where it was placed. */
#define DESCRIPTOR_READ  0x0045f3000000a5a5u
#define DESCRIPTOR_STORE 0x0045f2000000a5a5u
#define ACCESSED_BYTE 5

#endif
