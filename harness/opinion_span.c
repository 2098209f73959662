/* SPDX-License-Identifier: MIT */
#include "opinion_span.h"

/* Byte by byte: those on the page of the first one are part 0, the rest part 1. */
static void divide(struct opinion_span *j, const struct vmref_cpu *cpu, const struct vmref_access *a)
{
  uint64_t mask = opinion_long(cpu->mode) ? ~UINT64_C(0) : 0xffffffff;
  j->parts = 1;
  j->access[0] = j->access[1] = *a;
  j->access[0].size = j->access[1].size = 0;
  for (unsigned i = 0; i < a->size; i++) {
    uint64_t byte = (a->va + i) & mask;
    int k = byte >> 12 != a->va >> 12;
    if (j->access[k].size++ == 0) j->access[k].va = byte;
    if (k) j->parts = 2;
    if (byte < a->va && !opinion_long(cpu->mode) && !a->implicit) j->limit = 1;
  }
}

struct opinion_span opinion_span(const struct vmref_cpu *cpu, const struct vmref_access *a, opinion_read *read,
                                 const void *memory)
{
  struct opinion_span joined = { .status = VMREF_OK }, *j = &joined;
  divide(j, cpu, a);
  int faulting = 0, general = -1;
  for (int i = j->parts - 1; i >= 0; i--) {
    j->part[i] = opinion_walk(cpu, &j->access[i], read, memory);
    if (j->part[i].status != VMREF_OK) j->status = j->part[i].status;
    if (j->part[i].vector) faulting++, j->first = i;
    if (j->part[i].vector && j->part[i].vector != 14) general = i;
  }
  if (general >= 0) j->first = general; /* #GP and #SS before any #PF */
  if (!opinion_access_ok(a)) j->status = VMREF_EINVAL; /* its parts may be in order */
  j->torn = a->kind == VMREF_WRITE && a->size > 8 && j->parts == 2 && faulting == 1;
  return joined;
}

/* Is this end of the access one of those that the manual permits? */
int opinion_span_permits(const struct opinion_span *j, const struct vmref_access *a, uint8_t vector, uint32_t error, uint64_t cr2)
{
  int faulting = 0;
  for (int i = 0; i < j->parts; i++) {
    const struct opinion *o = &j->part[i];
    if (o->vector == 0) continue;
    faulting = 1;
    if (o->vector == vector && o->error == error && (vector != 14 || o->cr2 == cr2)) return 1;
  }
  if (j->limit && error == 0 && vector == (a->seg == VMREF_SEG_SS ? 12 : 13)) return 1;
  return vector == 0 && !faulting;
}

/* A wherever the opinion has it. D: of a part that does not fault, unless the other does
 * and comes before it, and no byte of this one can have been written. */
uint64_t opinion_span_after(const struct opinion_span *j, int i, int level)
{
  const struct opinion *o = &j->part[i];
  uint64_t after = o->after[level];
  if (i == 1 && j->part[0].vector && !j->torn && level == o->last) after &= ~UINT64_C(0x40) | o->entry[level];
  return after;
}

const char *opinion_span_differs(const struct opinion_span *j, const struct vmref_access *a, const struct vmref_span *s)
{
  if (s->status != j->status) return "status";
  if (s->parts != j->parts) return "parts";
  for (int i = 0; i < j->parts; i++) {
    const char *field = opinion_differs(&j->part[i], &s->part[i]);
    if (field) return field;
    for (int l = j->part[i].origin.level; l && l >= j->part[i].last; l--)
      if (vmref_span_after(s, (uint8_t)i, (uint8_t)l) != opinion_span_after(j, i, l)) return "A or D flags of the whole";
    if (!vmref_span_allows(s, j->part[i].vector, j->part[i].error, j->part[i].cr2)
        != !opinion_span_permits(j, a, j->part[i].vector, j->part[i].error, j->part[i].cr2)) return "permitted outcomes";
  }
  const struct opinion *o = &j->part[j->first];
  if (s->vector != o->vector || s->error != o->error) return "outcome of the whole";
  if (s->torn != j->torn) return "torn";
  return s->may >> 3 != j->limit ? "limit" : NULL;
}
