/* SPDX-License-Identifier: MIT */
/* The runner: what was asked for, what was found. */
#ifndef VMREF_GUEST_RUN_H
#define VMREF_GUEST_RUN_H
#include "feed.h"

#define TOPIC_ENTRY  1u
#define TOPIC_ACCESS 2u
#define TOPIC_WALK   4u
#define TOPIC_SPAN   8u
#define TOPIC_TLB   16u
#define TOPIC_ALL   31u

#define EXIT_DIVERGES 1
#define EXIT_USAGE    2
#define EXIT_INTERNAL 5

struct options {
  const char *accel;  /* tcg, kvm, bochs, auto */
  struct images images;
  const char *deviations, *json, *corpus, *token, *plant;
  uint64_t cases, seed;
  double seconds;     /* 0: no limit */
  unsigned batch, topics, shown;
  uint8_t mode;       /* machines of this mode alone: VMREF_MODE_*; 0xff: all */
  int bench, selftest, thin, machines; /* machines: at most so many, 0: all */
};

struct report {
  struct stats stats;
  uint8_t accel;
  char version[32];    /* of QEMU or Bochs */
  char what[200];
  char degraded[300];  /* what this accelerator could not do, and why */
  int list_cut;        /* the time ran out within a directed list */
  unsigned machines;   /* CPU configurations that ran */
  double bench[2];     /* cases/s at each bench_batch */
  uint8_t on[DEVIATIONS];
};
static const unsigned bench_batch[2] = { 256, 1000 };

/* campaign.c. 0, or -1 with f->q.why. */
int campaign(struct feed *f, const struct options *o, struct report *r);
int campaign_token(struct feed *f, const struct options *o, struct report *r);
int campaign_bench(struct feed *f, const struct options *o, struct report *r);
int campaign_selftest(struct feed *f, const struct options *o, struct report *r);

/* probe.c: does KVM run what we need? 0, or -1 with the reason in `why`. */
int probe_kvm(struct feed *f, const struct images *images, char *why, size_t size);

/* report.c */
int deviations_load(const char *file, uint8_t accel, char *why, size_t size);
void report_text(FILE *f, const struct options *o, const struct report *r);
/* One report is one object; several, one per accelerator, are its "runs". */
int report_json(const struct options *o, const struct report r[], unsigned n);
int report_passed(const struct report *r);

#endif
