/* SPDX-License-Identifier: MIT */
/* A process's accesses: error codes by hand (SDM 3A 4.7), statuses, bytes and flags (4.8). */
#include "test_mm.h"

/* The machine's error codes by a user's walk: 4 read of nothing, 6 write, 7 write to a page that
 * is read-only, 0x15 fetch of one that is not executable. */
static void error_codes(void **state)
{
  (void)state;
  struct vmref_sys *s = machine();
  space(s, 0);
  IS("read, no table", vmref_user_walk(s, 0, 0x10000, READ).error, 4);
  map(s, 0, 0x10000, 1, R);
  IS("write, not present", vmref_user_walk(s, 0, 0x10000, WRITE).error, 6);
  IS("handler, write", vmref_fault(s, 0, 0x10000, WRITE), VMREF_EACCES);
  IS("handler, read", vmref_fault(s, 0, 0x10000, READ), VMREF_OK);
  IS("read now", vmref_user_walk(s, 0, 0x10123, READ).rule, VMREF_RULE_OK);
  IS("frame 0", vmref_user_walk(s, 0, 0x10123, READ).pa, 0x18123);
  IS("write, read-only", vmref_user_walk(s, 0, 0x10000, WRITE).error, 7);
  IS("fetch, XD", vmref_user_walk(s, 0, 0x10000, FETCH).error, 0x15);
  IS("handler, nothing there", vmref_fault(s, 0, 0x11000, READ), VMREF_ENOMAP);
}

/* Space 0 at 0x10000 to 0x17000 has a page for each combination of rights. An access: status,
 * error code and vector of the fault, whether the hardware faulted. */
static const struct access { const char *what; uint32_t a; uint64_t va; enum mm_kind kind; int status; uint32_t error; uint8_t vector; } FIRST[] = {
  { "first: load r", 0, 0x11000, MM_LOAD, VMREF_OK, 4, 14 },
  { "first: store r", 0, 0x11000, MM_STORE, VMREF_EACCES, 6, 14 },
  { "first: fetch r", 0, 0x11000, MM_FETCH, VMREF_EACCES, 0x14, 14 },
  { "first: load w", 0, 0x12000, MM_LOAD, VMREF_EACCES, 4, 14 },
  { "first: store w", 0, 0x12000, MM_STORE, VMREF_EACCES, 6, 14 },
  { "first: load rw", 0, 0x13000, MM_LOAD, VMREF_OK, 4, 14 },
  { "first: store rw", 0, 0x13000, MM_STORE, VMREF_OK, 6, 14 },
  { "first: rmw rw", 0, 0x13000, MM_RMW, VMREF_OK, 6, 14 },
  { "first: fetch x", 0, 0x14000, MM_FETCH, VMREF_EACCES, 0x14, 14 },
  { "first: fetch rx", 0, 0x15000, MM_FETCH, VMREF_OK, 0x14, 14 },
  { "first: rmw rx", 0, 0x15000, MM_RMW, VMREF_EACCES, 6, 14 },
  { "first: fetch rwx", 0, 0x17000, MM_FETCH, VMREF_OK, 0x14, 14 },
  { "first: load no rights", 0, 0x10000, MM_LOAD, VMREF_EACCES, 4, 14 },
  { "first: nothing mapped", 0, 0x18000, MM_LOAD, VMREF_ENOMAP, 4, 14 },
  { "first: no table", 0, 0x40000000, MM_RMW, VMREF_ENOMAP, 6, 14 },
  { "kernel: text, load", 0, 0xffff800000000000, MM_LOAD, VMREF_EACCES, 5, 14 },
  { "kernel: text, fetch", 0, 0xffff800000000000, MM_FETCH, VMREF_EACCES, 0x15, 14 },
  { "kernel: data, store", 0, 0xffff800000001000, MM_STORE, VMREF_EACCES, 7, 14 },
  { "kernel: nothing there", 0, 0xffff800000003000, MM_LOAD, VMREF_EACCES, 4, 14 },
  { "kernel: the last address", 0, 0xffffffffffffffff, MM_STORE, VMREF_EACCES, 6, 14 },
  { "not canonical: the first", 0, 0x800000000000, MM_LOAD, VMREF_EACCES, 0, 13 },
  { "not canonical: the last", 0, 0xffff7fffffffffff, MM_FETCH, VMREF_EACCES, 0, 13 },
  { "no such space", 2, 0x10000, MM_LOAD, VMREF_EINVAL, 0, 0 },
  { "no such number", 3, 0x10000, MM_LOAD, VMREF_EINVAL, 0, 0 },
};

static void first(void **state)
{
  const struct access *row = *state;
  struct vmref_sys *s = machine();
  space(s, 0);
  for (uint8_t prot = 0; prot < 8; prot++) map(s, 0, 0x10000 + prot * 0x1000ull, 1, prot);
  struct mm_outcome r = outcome(s, (struct mm_op){ row->kind, .a = row->a, .va = row->va, .byte = 5 });
  IS(row->what, r.status, row->status);
  IS(row->what, r.vector, row->vector);
  IS(row->what, r.error, row->error);
  IS(row->what, r.faulted, row->vector != 0);
  IS(row->what, r.byte, 0);
  IS("a frame is taken", frames_used(s), row->status == VMREF_OK);
}

/* Flags and bytes of one access after the other to a page, frame 0. */
static void flags(void **state)
{
  (void)state;
  struct vmref_sys *s = machine();
  space(s, 0);
  map(s, 0, 0x10000, 1, R | W);
  IS("load", load(s, 0, 0x10010), 0);
  IS("A", *leaf(s, 0, 0x10000), 0x8030000000018027);
  IS("A of the root's entry", s->tab[0], 0x7027);
  struct mm_outcome r = outcome(s, (struct mm_op){ MM_RMW, .a = 0, .va = 0x10010, .byte = 5 });
  IS("no fault", r.faulted, 0);
  IS("no vector", r.vector, 0);
  IS("what was there before", r.byte, 0);
  IS("A and D", *leaf(s, 0, 0x10000), 0x8030000000018067);
  IS("what was written", load(s, 0, 0x10010), 5);
  IS("in its frame", s->data[0x10], 5);
  IS("not beside", s->data[0x11], 0);
  r = outcome(s, (struct mm_op){ MM_RMW, .a = 0, .va = 0x10010, .byte = 6 });
  IS("what was there then", r.byte, 5);
  IS("rights", protect(s, 0, 0x10000, 1, R), VMREF_OK);
  r = outcome(s, (struct mm_op){ MM_LOAD, .a = 0, .va = 0x10010 });
  IS("faults, for the entry is new", r.faulted, 1);
  IS("not present", r.error, 4);
  IS("byte", r.byte, 6);
  IS("A, not D", *leaf(s, 0, 0x10000), 0x8010000000018025);
  r = outcome(s, (struct mm_op){ MM_STORE, .a = 0, .va = 0x10010, .byte = 7 });
  IS("present and read-only", r.error, 7);
  IS("no right", r.status, VMREF_EACCES);
}

/* The byte that the tables lead to. */
static void bytes(void **state)
{
  (void)state;
  struct vmref_sys *s = machine();
  space(s, 1);
  map(s, 1, 0x7ffffffff000, 1, R | W);
  store(s, 1, 0x7fffffffffff, 1);
  store(s, 1, 0x7ffffffff801, 2);
  IS("written", s->data[0x801], 2);
  IS("read", load(s, 1, 0x7ffffffff801), 2);
  IS("the last", load(s, 1, 0x7fffffffffff), 1);
  IS("none else", load(s, 1, 0x7ffffffff001), 0);
}

int main(void)
{
  test_add("error codes of the walk", error_codes, NULL);
  ADD_ROWS(first, FIRST);
  test_add("flags and bytes", flags, NULL);
  test_add("one byte", bytes, NULL);
  return RUN_TESTS("fault");
}
