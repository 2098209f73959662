/* SPDX-License-Identifier: MIT */
/* Where cases come from: directed lists by topic (entry.c, access.c, walk.c), and
 * a seeded generator (random.c). */
#ifndef VMREF_GUEST_CASES_H
#define VMREF_GUEST_CASES_H
#include "plan.h"

/* Takes a case; a source stops early when it returns 0. */
struct sink {
  int (*put)(void *to, const struct vmref_case *c);
  void *to;
};

/* Directed lists for a machine. `thin` n > 1: about every n-th case of the large
 * grids. Return 0 when the sink had enough. */
int entry_cases(const struct machine *m, unsigned thin, struct sink s);
int access_cases(const struct machine *m, unsigned thin, struct sink s);
int walk_cases(const struct machine *m, unsigned thin, struct sink s);

/* A case whose access succeeds: 4-KiB page, all rights, A and D clear, every table
 * in a frame of its own. Lists start from it. `leaf` is the level of the page. */
struct vmref_case plain_case(const struct machine *m, uint8_t leaf);

struct random { uint64_t state; };
uint64_t random64(struct random *r);
/* The bytes of a case; control states are drawn by random_controls, a few for a
 * whole batch, so that the guest reloads control registers seldom. */
#define RANDOM_CONTROLS 8
struct random_controls { uint8_t flags[RANDOM_CONTROLS], root[RANDOM_CONTROLS]; };
void random_controls(struct random *r, struct random_controls *k);
void random_bytes(struct random *r, const struct random_controls *k, uint8_t b[CASE_CODE]);

#endif
