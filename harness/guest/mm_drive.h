/* SPDX-License-Identifier: MIT */
/* A memory manager that runs on a machine: its operations, made alike on the host, where the model's own
 * walk answers, and in the guest, where the machine's does. What differs is in mm_host.c and in mm_user.c. */
#ifndef VMREF_GUEST_MM_DRIVE_H
#define VMREF_GUEST_MM_DRIVE_H
#include "script.h"

/* A process's code has to lie in a page of its own: one page of a file that every process has mapped, as
 * Linux's vDSO. The access stands at STUB + STUB_STEP * its kind; INT3 behind it ends it. */
#define STUB      0x555555554000ull
#define STUB_STEP 16
#define STUB_TABLES 3 /* that a space takes for it */

/* What the machine, or the model in its place, says of one try at an access. */
struct attempt {
  uint64_t cr2;    /* of a page fault */
  uint32_t error;
  uint8_t vector;  /* 0: it was made */
  uint8_t byte, hit;
  uint8_t stub;    /* it is the stub's fetch that faulted */
  uint8_t may;     /* a fault: bit l, the walk has set the accessed flag of its entry of level l (AD.FAULT: it may) */
  uint8_t odd;     /* 1: ended otherwise than an access can; 2: made, and the tables do not grant it */
};

/* What is told of an operation, on both sides. */
#define STEP_MADE  1u /* an access that was made on the machine: of a process, by a processor that runs it */
#define STEP_STUB  2u /* it got no farther than the stub's fetch, whose outcome this is */
#define STEP_STALE 4u /* made by a translation that the tables do not give, and the model has not cached */
#define STEP_ODD   8u /* faulted again after the handler had mended it, or ended otherwise than an access can */
struct mm_step {
  uint64_t digest;  /* of the whole state behind it */
  uint64_t cr2;     /* of the page fault told here */
  uint64_t more;    /* the rest of struct mm_outcome, folded */
  int32_t status;
  uint32_t error, fetch_error;
  uint8_t vector, faulted, byte, hit, told;
  uint8_t fetch_vector; /* of a fault of the stub's fetch that was mended */
  uint8_t flags, evictions;
  uint8_t may;          /* of a fault that is not mended: as in struct attempt */
};

/* Sums over the words of the state, by page of 4096 bytes: the tables, then the objects. */
struct digest {
  uint64_t *word;   /* each word as it was last summed up */
  uint64_t *page;
};

struct drive {
  const struct vmref_sys *s;
  struct vmref_smp *m;          /* the processors; NULL: one, which caches nothing between accesses */
  struct vmref_smp *later;      /* of a script: the processors from its first line that says cpu on */
  struct vmref_policy *p;       /* NULL: none */
  uint32_t cpus;                /* of the model's processors, the first so many are the machine's */
  struct digest digest;         /* the guest's; of the host all is summed up each time */
  uint8_t as_machine;           /* on the host: accesses in the machine's order without a policy too, for tests */
  uint8_t hole;                 /* the machine keeps slot 256 of each PML4 for itself: DEV-KVM-HOLE-NP and -RSVD */
  const struct mm_step *seen;   /* on the host: what the guest says of the operation. NULL: nothing is known */
  struct mm_outcome last;       /* of the operation before */
  uint64_t accesses;            /* tried on the machine */
  uint64_t swept;
  uint64_t holes;               /* faults that are told otherwise there */
};

/* ---- mm_drive.c ---- */
/* The sizes with what the stub takes: a space, a page frame, tables for so many processes. */
struct mm_sizes drive_sizes(struct mm_sizes sizes, uint32_t kernel);
uint32_t drive_stub_space(const struct vmref_sys *s);
/* Boot anew; the flags of the kernel's half are set, as by a kernel that has run. 0: too small. */
int drive_begin(struct drive *d);
void drive_step(struct drive *d, const struct script_line *l, struct mm_step *r);
/* An access of a process in the machine's order: a try, the handler at a fault, a try again. */
struct mm_outcome drive_tries(struct drive *d, const struct mm_op *op, struct mm_step *r);
/* Read a byte of every page that any process has, and what is beside each: answers, folded. No handler. */
uint64_t drive_sweep(struct drive *d, void (*tell)(uint32_t a, uint64_t va, const struct attempt *t));
int drive_process(const struct vmref_sys *s, uint32_t a);
/* The translation by which the model makes it a hit; NULL: none. */
const struct vmref_translation *drive_cached(const struct drive *d, const struct mm_op *op);
struct mm_op drive_fetch(const struct mm_op *op); /* the stub's, before an access */

/* ---- mm_host.c, or mm_user.c ---- */
struct mm_outcome drive_access(struct drive *d, const struct mm_op *op, struct mm_step *r);
struct attempt drive_attempt(struct drive *d, const struct mm_op *op);
uint64_t drive_digest(struct drive *d);
/* Many loads, on processor 1 where there are some; none is mended. */
void drive_loads(struct drive *d, uint32_t a, const uint64_t *va, struct attempt *t, uint32_t n);

/* ---- mm_digest.c ---- */
uint64_t *digest_page_at(const struct vmref_sys *s, size_t page);
void digest_reset(struct digest *g, const struct vmref_sys *s);
void digest_word(struct digest *g, const struct vmref_sys *s, size_t page, size_t word);
void digest_page(struct digest *g, const struct vmref_sys *s, size_t page);
/* Of the sums by page, and of all counts and records. */
uint64_t digest_sum(const struct digest *g, const struct vmref_sys *s);
/* From the state alone. */
uint64_t digest_whole(const struct vmref_sys *s);
uint64_t digest_mix(uint64_t value, uint64_t place); /* 0 of 0 */
#endif
