/* SPDX-License-Identifier: MIT */
/* The second opinion on a whole access of 1 to 64 bytes: those of its parts, joined. */
#ifndef VMREF_OPINION_SPAN_H
#define VMREF_OPINION_SPAN_H
#include "opinion.h"

/* What the manual says of the whole access, from the opinions of its parts. */
struct opinion_span {
  struct vmref_access access[2];
  struct opinion part[2];
  int parts, status, first, limit, torn;
};
struct opinion_span opinion_span(const struct vmref_cpu *cpu, const struct vmref_access *a, opinion_read *read,
                                 const void *memory);
/* Is this end of the access one of those that the manual permits? */
int opinion_span_permits(const struct opinion_span *j, const struct vmref_access *a, uint8_t vector, uint32_t error,
                         uint64_t cr2);
/* The entry of part i at a level, with the flags that the access sets or, when it faults, may set. */
uint64_t opinion_span_after(const struct opinion_span *j, int i, int level);
/* The field in which the model's answer differs, NULL: none. */
const char *opinion_span_differs(const struct opinion_span *j, const struct vmref_access *a, const struct vmref_span *s);

#endif
