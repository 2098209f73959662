/* SPDX-License-Identifier: MIT */
/* Sequences for topics tlb, allows and control: several accesses to a few pages, and between
 * them changes of entries and of control registers, and invalidations. Runner only. */
#ifndef VMREF_GUEST_SEQUENCE_H
#define VMREF_GUEST_SEQUENCE_H
#include "allows.h"
#include "control.h"
#include "plan.h"

/* In code, as tokens and generators have it: a header, then three bytes a step. Every byte
 * string is a sequence.
 *   0  mode, modulo 5                 1  wp smep smap nxe pge pke pks pcide
 *   2  pse, A, D, G of entries (bits 0 to 3), U/S = 0 (bit 4)
 *   3  PKRU, PKRS, PCID to begin with (two bits each)
 *   steps: what (modulo the number of these), then two bytes for it */
#define CODE_HEADER 4
#define SEQUENCE_CODE (CODE_HEADER + 3 * SEQUENCE_STEPS)
#define SEQUENCE_TOKEN (5 + 2 * SEQUENCE_CODE)
enum { DO_READ, DO_WRITE, DO_RMW, DO_FETCH, /* a: which page (bits 1:0), user, AC (bits 2, 3) */
       DO_STORE,   /* a: which entry, b: what it becomes */
       DO_INVLPG,  /* a: which page */
       DO_INVPCID, /* a: which page, b: type (bits 1:0), PCID (3:2) */
       DO_CR3,     /* a: which root, b: PCID (bits 1:0), keep (bit 2) */
       DO_TOGGLE,  /* a: which control bit */
       DO_KEYS,    /* a: PKRS and not PKRU, b: the value */
       DO_RAW,     /* a: which of raw_writes */
       DOES };

/* The world of sequences: two root tables, three pages (the first two neighbours), three
 * page frames and the two of a large page. */
#define PAGES 3
#define ENTRIES 16
struct world {
  struct vmref_control control; /* to begin with */
  uint64_t va[PAGES], root[2];
  unsigned entries;
  struct world_entry { uint64_t address, value, other; uint8_t level; } entry[ENTRIES];
};

struct sequence {
  uint8_t code[SEQUENCE_CODE];
  unsigned steps;
  struct world world;
  struct guest_sequence guest;
  uint8_t begun[SEQUENCE_STEPS]; /* what: DO_* */
};

/* Register writes of which many are illegal: the bits of the register as it stands that
 * are turned over, or, for IA32_PAT, its value. A machine that takes a deadly one dies. */
struct raw_write { uint8_t reg, only_64bit, deadly; uint64_t turn; };
#define RAW_WRITES 22
extern const struct raw_write raw_writes[RAW_WRITES];

/* The registers to begin with, by the header of a code; features that the machine lacks are off. */
void sequence_control(struct vmref_control *c, const struct machine *m, uint8_t mode, const uint8_t *header);
/* 0, or -1: this machine cannot run it. */
int sequence_plan(struct sequence *q, const struct machine *m, const uint8_t *code, size_t size);
void sequence_token(const struct sequence *q, char token[SEQUENCE_TOKEN]);
/* The bytes of a token, or -1. */
int sequence_bytes(const char *token, uint8_t code[SEQUENCE_CODE]);

/* tlb.c: the directed list, and random ones. */
struct sequence_sink {
  int (*put)(void *to, const uint8_t *code, size_t size);
  void *to;
};
int control_sequences(const struct machine *m, struct sequence_sink s);
int tlb_sequences(const struct machine *m, unsigned thin, struct sequence_sink s);
struct random;
size_t random_sequence(struct random *r, const struct machine *m, uint8_t code[SEQUENCE_CODE]);

#endif
