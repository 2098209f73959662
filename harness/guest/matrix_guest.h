/* SPDX-License-Identifier: MIT */
/* Inside the matrix guest, and what it tells the runner through memory. */
#ifndef VMREF_GUEST_MATRIX_GUEST_H
#define VMREF_GUEST_MATRIX_GUEST_H

/* struct shot, for matrix_trap.S. */
#define SHOT_CODE    0
#define SHOT_NEXT    8
#define SHOT_VA     16
#define SHOT_OUT    24
#define SHOT_RESULT 32
#define SHOT_STACK  40
#define SHOT_FLAGS  48
#define SHOT_COUNT  56
#define SHOT_CPL    60
#define RESULT_BYTES 16
#define RESULT_STATUS 8

#define SELECTOR_CODE 0x08
#define SELECTOR_TSS  0x30
#define SELECTOR_LDT  0x40
#define SELECTOR_CASE 7 /* the first of the LDT, RPL 3 */

#ifndef __ASSEMBLER__
#include "matrix.h"
#include "protocol.h"

/* ---- shared with the runner -------------------------------------------------- */

/* Pages that cases reach; the image lies at 1 MiB and the mailbox at MAIL_BASE, both as
 * for the other guest, so that peer.c starts this one too. */
#define MATRIX_LAYOUTS 0x1000000u /* the guest's own, see matrix_judge.c */
#define MATRIX_DATA 0x2000000u
#define MATRIX_CODE 0x2200000u
#define MATRIX_SEGMENTS 0x2400000u /* segment descriptors */

/* What a difference is about. */
#define DIFFERS_STATUS 1u /* vector or error code */
#define DIFFERS_CR2    2u
#define DIFFERS_VALUE  4u /* what a read or fetch gave, where a write went */
#define DIFFERS_ENTRY  8u /* A or D of an entry, or another bit of it */
#define DIFFERS_MODEL 16u /* the walk resumed half-way is not the whole walk */

#define MATRIX_STATUS(vector, error) ((uint32_t)(vector) << 16 | (error)) /* 0: no exception */

#define DIFFERS_BEFORE 8 /* shifts the first three, for the read that comes first */

/* A case that no row explains: what was seen and what the model said. */
struct matrix_side { uint64_t value, want; uint32_t status, want_status; }; /* CR2, or value and address */
struct matrix_failure {
  uint32_t batch, lane, what, unused;
  struct matrix_side side[2]; /* the access; the one before it */
  uint64_t entry[6], set[6];  /* by level: as it was, the bits changed in it */
  uint64_t must[6], may[6];   /* the bits that had to change, and that might */
};

#define MATRIX_RULES 96
#define MATRIX_DEVIATIONS 16
#define MATRIX_FAILURES 8
struct matrix_tally {
  uint64_t cases, skipped, unexplained, explained;
  uint64_t accesses;
  uint64_t strays;
  uint64_t rule[MATRIX_RULES], deviation[MATRIX_DEVIATIONS];
  uint64_t control[64], control_bad[64]; /* WP NXE SMEP SMAP PKE PKS, bits 0 to 5 */
  uint64_t access[32], block[16];
  uint32_t failures, unused;
  struct matrix_failure failure[MATRIX_FAILURES];
};

/* In place of the mailbox's slots. */
struct matrix_mail {
  struct matrix_peer peer;
  uint32_t levels;
  /* A job: batches first, first + step, ... modulo all of them. */
  volatile uint32_t posted, done;
  uint32_t first, count, step;
  uint32_t plant;
  uint32_t rows;           /* deviations that this peer may show, as a set */
  uint32_t show;           /* a lane to note whatever comes of it, plus 1 */
  volatile uint32_t at;    /* batches done of the job */
  uint32_t unused;
  struct matrix_tally tally;
};
#define MATRIX_OF(mail) ((struct matrix_mail *)(mail)->slot)

/* ---- inside the guest ----------------------------------------------------------- */

#define WINDOW 0xffffffff80000000u
#define AT(pa) ((void *)(WINDOW + (uint64_t)(pa)))
#define PHYSICAL(p) ((uint64_t)(p) - WINDOW)
#define USER_WINDOW 0xffffffffc0000000u /* the stubs, a stack, and struct user */

struct result { uint64_t value; uint32_t status, unused; };
struct user { /* what CPL 3 sees of a batch */
  uint64_t va[512];
  struct result result[2][512];
} __attribute__((aligned(4096)));
extern struct user user;

struct shot {
  uint64_t code, next, va, out, result, stack, flags;
  uint32_t count, cpl;
};

/* matrix_machine.c */
extern uint64_t table[6][512];
void machine_start(void);
struct matrix_peer machine_peer(void);
void machine_control(const struct matrix_batch *b);
void machine_run(uint8_t cpl, uint8_t kind, uint8_t ac, uint32_t pass);
void machine_run_implicit(uint8_t cpl, uint8_t ac); /* loads FS from an LDT at each address */
extern void shoot(const struct shot *s); /* matrix_trap.S */

/* The model's answer on one access of a case. */
struct expect {
  uint32_t status;
  uint64_t cr2, pa;
  uint64_t must[6], may[6]; /* A and D bits that are set, that may be set, by level */
};
/* What was seen of a case: the access, and the one before it if there is one. */
struct sight {
  const struct vmref_walk *walk[2]; /* the model's; [1] is 0 without `twice` */
  const struct result *seen[2];
  const uint64_t *entry, *set;      /* by level: as it was, and the bits that changed in it */
  uint64_t target, stored;          /* a write: where its page lies, what is there now */
};

/* matrix_judge.c */
void judge_build(const struct matrix_batch *b, uint32_t number); /* lay out its tables */
void judge_batch(const struct matrix_batch *b, uint32_t number); /* after its accesses */
void judge_answer(struct expect *e, const struct vmref_walk *w);
uint32_t judge_sight(const struct sight *s, const struct expect e[2]); /* DIFFERS_*; 0: as expected */
uint32_t judge_strays(void); /* words of the pages that changed and should not have */

/* matrix_plant.c: the answer with a defect, as a wrong model would give it. */
extern const char *const matrix_plants[];
void plant(uint32_t which, struct expect *e, const struct vmref_walk *w, uint64_t number);

/* matrix_deviations.c: the rows of harness/deviations.tsv that foretell what was seen,
 * as a set; 0 when the case stays unexplained. */
extern const char *const matrix_deviations[];
uint32_t explain(const struct sight *s, const struct expect e[2], uint32_t allowed);

extern struct matrix_peer peer;
extern struct matrix_mail *const job;
extern struct matrix_place place;
#endif
#endif
