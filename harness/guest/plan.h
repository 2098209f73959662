/* SPDX-License-Identifier: MIT */
/* From a case to what the guest is asked to do, and from the model's walk to what
 * it must then answer. Freestanding: the runner and the guest's selftest share it. */
#ifndef VMREF_GUEST_PLAN_H
#define VMREF_GUEST_PLAN_H
#include "case.h"
#include "protocol.h"

/* Why a case is not put to the machine. */
enum excluded {
  PLANNED,
  EX_STATUS,      /* the model itself has no answer */
  EX_CPU,         /* another vendor, MAXPHYADDR or page size than this machine's */
  EX_FEATURE,     /* SMEP, SMAP or NXE that this machine has not */
  EX_SIZE,        /* no instruction here of that size */
  EX_SLOT511,     /* touches the guest's own window */
  EX_OUTSIDE,     /* the access succeeds outside of the arena */
  EX_TABLE,       /* the walk reads a table outside of known memory */
  EX_FETCH_WORD,  /* a fetch would execute an entry, or half a tag */
  EX_FETCH_SS,    /* a fetch is never a stack reference */
  EX_IMPLICIT_GP, /* implicit and not canonical: an error code of its own */
  EX_IMPLICIT_STORE, /* implicit store whose read faults before it */
  EX_IMPLICIT_WORD,  /* the descriptor would overwrite an entry */
  EX_CANNOT,         /* the accelerator hangs or dies of it (probe.c) */
  EXCLUSIONS
};
extern const char *const excluded_name[EXCLUSIONS];

struct machine {
  struct vmref_cpu cpu;   /* vendor, maxphyaddr, page1gb by CPUID */
  uint8_t smep, smap, nx; /* features that it has */
  uint8_t overlooks;      /* checks that it is known to leave out: an access that these
                             let through must stay inside of the arena as well */
  uint8_t cannot;         /* what the accelerator hangs or dies of */
};
#define CANNOT_RING12   1u
#define CANNOT_IMPLICIT 2u
#define CANNOT_FETCH    4u
#define OVERLOOKS_1G       1u /* PF.RSVD.1G */
#define OVERLOOKS_PML4E_G  2u /* PF.RSVD.PML4E.G */
#define OVERLOOKS_IMPLICIT 4u /* PF.SMAP of an implicit access with AC = 1 */

/* Make a case one that this machine can be asked: its CPU, a size that it has an
 * instruction for, an aligned fetch. Was anything changed? */
int case_adapt(struct vmref_case *c, const struct machine *m);

struct plan {
  struct vmref_case c;
  struct case_memory memory; /* of the walk: entries among tags */
  struct vmref_walk walk;    /* the model's answer */
  struct guest_case guest;
};
enum excluded plan_case(struct plan *p, const struct vmref_case *c, const struct machine *m);

/* What the guest must report. On a fault a word may have the bits of `may` added. */
struct expect {
  struct vmref_walk walk;
  uint64_t cr2, value, mask; /* RAX under mask; mask 0: says nothing */
  uint64_t cr2_span;         /* CR2 may be so much higher */
  uint32_t error;
  uint8_t vector;            /* VECTOR_DONE or the exception */
  uint64_t after[GUEST_WORDS], may[GUEST_WORDS];
};
/* question is p->c, or the case that a deviating machine takes it for. late_d: a
 * read-modify-write reads memory before its own D bit is set, not after. It shows
 * only where it hits the entry that maps it, and the manuals permit both. */
void expect_case(struct expect *e, const struct plan *p, const struct vmref_case *question, int late_d);

/* The parts that differ, 0 when the answer is the expected one. */
#define DIFFERS_VECTOR  1u
#define DIFFERS_ERROR   2u
#define DIFFERS_CR2     4u
#define DIFFERS_VALUE   8u
#define DIFFERS_MEMORY 16u
#define DIFFERS_STRAY  32u
unsigned differs(const struct expect *e, const struct plan *p, const struct guest_result *r);
/* 0: the answer is not e, nor what the manuals permit besides. 2: it is the latter. */
int agrees(const struct expect *e, const struct plan *p, const struct guest_result *r);

#endif
