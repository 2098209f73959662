/* SPDX-License-Identifier: MIT */
/* What a trace has made of memory and of processors: what each may have cached is an upper bound. */
#ifndef VMREF_CLI_TRACE_MACHINE_H
#define VMREF_CLI_TRACE_MACHINE_H
#include "trace.h"

#define TRACE_MEMORY (1ull << 36) /* physical addresses below 64 GiB */

struct processor {
  bool known;
  struct vmref_cpu cpu;
  struct vmref_tlb *part; /* what it may have cached, in as many TLBs as it takes */
  size_t parts;
};
/* A page that the trace speaks of, or that maps a frame which it frees: of each processor, the tables that
 * lead there, and the part that holds what is cached for it. */
struct place { uint64_t va; uint64_t table[TRACE_CPUS][6]; size_t part[TRACE_CPUS]; };

struct trace_machine {
  uint64_t *ram;
  struct processor processor[TRACE_CPUS];
  struct place *place;
  size_t places;
  bool full; /* memory, or the limits below, did not suffice */
};
#define TRACE_PARTS  1024u  /* of a processor: 65536 translations */
#define TRACE_PLACES 65536u

bool machine_begin(struct trace_machine *m); /* false: out of memory */
void machine_end(struct trace_machine *m);
uint64_t machine_word(const struct trace_machine *m, uint64_t pa); /* 0 beyond memory */
/* The place of a page, made where it is missing; NULL: full. */
struct place *machine_place(struct trace_machine *m, uint64_t va);
/* A walk as a processor may make it ahead of any access: A is set on its way. */
struct vmref_walk machine_ahead(const struct trace_machine *m, const struct vmref_cpu *cpu, uint64_t va);
/* Whatever it may have cached of a page by now is in its parts. */
void machine_fill(struct trace_machine *m, unsigned cpu, struct place *p);
/* Software is about to change the 8 bytes at pa; it has. */
void machine_before_write(struct trace_machine *m, uint64_t pa);
void machine_write(struct trace_machine *m, uint64_t pa, uint64_t value);
/* Does a processor before it use the same tables? */
bool machine_same(const struct trace_machine *m, unsigned cpu);
/* A processor's tables may lead elsewhere than they did. */
void machine_look(struct trace_machine *m, unsigned cpu);
/* Call `each` for every entry of the tables of a processor that is present and not reserved: the entry's
 * address, its level and the first linear address under it. only: of the last level, but the table that holds
 * this entry (0: all). false: there are too many. */
typedef bool each_entry(void *to, uint64_t at, uint8_t level, uint64_t va, uint64_t e);
bool machine_entries(const struct trace_machine *m, const struct vmref_cpu *cpu, uint64_t only, each_entry *each, void *to);
#endif
