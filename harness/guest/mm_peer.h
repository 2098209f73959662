/* SPDX-License-Identifier: MIT */
/* The runner's side: a guest that runs the memory manager, and the same on the host. */
#ifndef VMREF_GUEST_MM_PEER_H
#define VMREF_GUEST_MM_PEER_H
#include "mm_feed.h"
#include "mm_host.h"
#include "mm_protocol.h"
#include "peer.h"

struct mm_peer {
  struct peer q;
  struct mm_config config; /* sizes, processors, plant; answers once it is started */
  struct mm_mail *mail;
  struct host host;
  void (*each)(void *of, uint32_t op); /* or NULL: behind an operation that is as it should be; host.drive has it */
  void *of;
  uint8_t rmw_reads; /* TCG, not in parallel: DEV-TCG-RMW-W of harness/deviations.tsv */
};
/* accel: ACCEL_TCG or ACCEL_KVM. single: under TCG all processors take turns in one thread. 0, or -1 with q.why. */
int mm_peer_start(struct mm_peer *p, uint8_t accel, uint8_t single, const char *elf);
void mm_peer_stop(struct mm_peer *p);
void mm_peer_post(struct mm_peer *p, uint32_t batch);
int mm_peer_wait(struct mm_peer *p, uint32_t batch, double seconds);

/* What a comparison counts. */
struct mm_tally {
  uint64_t sequences, operations, accesses, swept, faults, permitted, unexplained, ipis, drops, unmade, explained;
};
/* Where and how a sequence differs. */
struct mm_difference {
  uint32_t op;             /* in the sequence; its number of operations: at the end */
  const char *what;
  struct mm_step guest, host;
  struct mm_told told;     /* of a sweep */
  int at_end;
};
/* Run sequence i of a batch that is done on the host. 1: as it should be. */
int mm_judge(struct mm_peer *p, const struct mm_batch *b, uint32_t i, struct mm_tally *t, struct mm_difference *d);
void mm_print_step(FILE *f, const char *who, const struct mm_step *s);
#endif
