/* SPDX-License-Identifier: MIT */
/* Where cases come from: directed lists by topic (entry.c, access.c, walk.c, span.c),
 * and a seeded generator (random.c). */
#ifndef VMREF_GUEST_CASES_H
#define VMREF_GUEST_CASES_H
#include "plan.h"

/* Takes a case; a source stops early when it returns 0. */
struct sink {
  int (*put)(void *to, const struct vmref_case *c);
  void *to;
};

/* Directed lists for a machine, in the mode m->cpu.mode. `thin` n > 1: about every n-th
 * case of the large grids. Return 0 when the sink had enough. */
typedef int case_list(const struct machine *m, unsigned thin, struct sink s);
case_list entry_cases, access_cases, walk_cases, span_cases;

/* A case whose access succeeds: all rights, A and D clear, every table in a frame of its
 * own. Lists start from it. `leaf` is the level of the page, up to largest_leaf(). */
struct vmref_case plain_case(const struct machine *m, uint8_t leaf);
uint8_t largest_leaf(const struct machine *m); /* 0 without paging */
int entry_width(const struct machine *m);      /* bits in an entry */
int machine_has(const struct machine *m, uint32_t has);

struct random { uint64_t state; };
uint64_t random64(struct random *r);
/* The bytes of a case; control states are drawn by random_controls, a few for a
 * whole batch, so that the guest reloads control registers seldom. */
#define RANDOM_CONTROLS 8
struct random_controls {
  uint8_t mode[RANDOM_CONTROLS], flags[RANDOM_CONTROLS], more[RANDOM_CONTROLS], root[RANDOM_CONTROLS];
  uint16_t low[RANDOM_CONTROLS];
  uint32_t keys[RANDOM_CONTROLS][2]; /* PKRU, PKRS */
};
void random_controls(struct random *r, const struct machine *m, struct random_controls *k);
void random_bytes(struct random *r, const struct random_controls *k, uint8_t b[CASE_CODE]);

#endif
