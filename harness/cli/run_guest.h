/* SPDX-License-Identifier: MIT */
/* vmref run --on guest: the script on the machine, each operation beside what the model says of it. */
#ifndef VMREF_CLI_RUN_GUEST_H
#define VMREF_CLI_RUN_GUEST_H
#include "run.h"

struct guest_run {
  const char *file;
  bool json, quiet;
  bool tables; /* the user has said how many */
  int policy; /* -1: none */
};
/* Returns the exit code. */
int guest_run(const struct script *t, struct mm_sizes sizes, struct guest_run how);
#endif
