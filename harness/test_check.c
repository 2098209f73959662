/* SPDX-License-Identifier: MIT */
/* The check finds each clause broken by hand, one field at a time, and nothing else. */
#include "test_mm.h"

/* Space 0 has page 0x1000, frame 0, tables 7, 8, 9; file 1 page 0x2000, frame 1, tables 10, 11,
 * 12, which space 0 shows, shared, as its page 0x3000. Space 2 is forked from 0: tables 13, 14, 15. */
static struct vmref_sys *healthy(void)
{
  struct vmref_sys *s = machine();
  space(s, 0);
  map(s, 0, 0x1000, 1, R | W);
  store(s, 0, 0x1000, 1);
  file(s, 1);
  grow(s, 1, 0x2000);
  map_file(s, 0, 0x3000, 1, R | W, 1, 2, 1);
  store(s, 0, 0x3000, 2);
  fork_(s, 0, 2);
  load(s, 2, 0x1000);
  return s;
}

enum where { TAB, RC, SHARED, LEVEL, OWNER, PARENT };
/* The field's index, its value as it must be before, what is put there, what the check must say. */
static const struct row { const char *what; enum where where; uint64_t at; int64_t is, put; int clause; } BROKEN[] = {
  { "ledger: one too many", RC, 0, 2, 3, VMREF_CHECK_LEDGER },
  { "ledger: one too few", RC, 1, 3, 2, VMREF_CHECK_LEDGER },
  { "ledger: none, and one counted", RC, 5, 0, 1, VMREF_CHECK_LEDGER },
  { "ledger: a slot", RC, 9, 0, 1, VMREF_CHECK_LEDGER },
  { "ledger: a leaf is gone", TAB, 512 * 9 + 1, 0x8030000000018005, 0, VMREF_CHECK_LEDGER },
  { "free: a free frame of a file", SHARED, 5, 0, 1, VMREF_CHECK_FREE },
  { "free: a free slot of a file", SHARED, 9, 0, 1, VMREF_CHECK_FREE },
  { "leaf: a sharer of what is no file's", SHARED, 1, 1, 0, VMREF_CHECK_LEAF },
  { "leaf: writable, and another has it", TAB, 512 * 9 + 1, 0x8030000000018005, (int64_t)0x8030000000018007, VMREF_CHECK_LEAF },
  { "leaf: the supervisor's", TAB, 512 * 9 + 1, 0x8030000000018005, (int64_t)0x8030000000018001, VMREF_CHECK_LEAF },
  { "leaf: executable without the right", TAB, 512 * 9 + 1, 0x8030000000018005, 0x0030000000018005, VMREF_CHECK_LEAF },
  { "leaf: not readable", TAB, 512 * 9 + 1, 0x8030000000018005, (int64_t)0x8020000000018005, VMREF_CHECK_LEAF },
  { "leaf: shared, and writable against its mapping", TAB, 512 * 9 + 3, 0x80b0000000019067, (int64_t)0x8090000000019067, VMREF_CHECK_LEAF },
  { "leaf: nothing, but rights", TAB, 512 * 9 + 2, 0, 0x0010000000000000, VMREF_CHECK_LEAF },
  { "leaf: a frame that there is not", TAB, 512 * 9 + 2, 0, 0x1e004, VMREF_CHECK_LEAF },
  { "leaf: a slot that there is not", TAB, 512 * 9 + 2, 0, 0x4006, VMREF_CHECK_LEAF },
  { "leaf: a table is mapped", TAB, 512 * 9 + 2, 0, (int64_t)0x8010000000009005, VMREF_CHECK_LEAF },
  { "leaf: PWT", TAB, 512 * 9 + 1, 0x8030000000018005, (int64_t)0x803000000001800d, VMREF_CHECK_LEAF },
  { "leaf: PCD", TAB, 512 * 9 + 1, 0x8030000000018005, (int64_t)0x8030000000018015, VMREF_CHECK_LEAF },
  { "leaf: PAT", TAB, 512 * 9 + 1, 0x8030000000018005, (int64_t)0x8030000000018085, VMREF_CHECK_LEAF },
  { "leaf: global", TAB, 512 * 9 + 1, 0x8030000000018005, (int64_t)0x8030000000018105, VMREF_CHECK_LEAF },
  { "fine: bits that are software's", TAB, 512 * 9 + 1, 0x8030000000018005, (int64_t)0x8030000000018e05, VMREF_CHECK_OK },
  { "fine: one more untouched page", TAB, 512 * 9 + 2, 0, 2, VMREF_CHECK_OK },
  { "fine: D is set", TAB, 512 * 9 + 1, 0x8030000000018005, (int64_t)0x8030000000018065, VMREF_CHECK_OK },
  { "fine: A of a table's entry", TAB, 512 * 13, 0xe027, 0xe007, VMREF_CHECK_OK },
  { "roots: level 5", LEVEL, 20, 0, 5, VMREF_CHECK_ROOTS },
  { "roots: level -1", LEVEL, 20, 0, -1, VMREF_CHECK_ROOTS },
  { "roots: a root among the tables", LEVEL, 20, 0, 4, VMREF_CHECK_ROOTS },
  { "roots: a root is a table", LEVEL, 2, 4, 3, VMREF_CHECK_ROOTS },
  { "roots: the kernel's is none", LEVEL, 3, 4, 0, VMREF_CHECK_ROOTS },
  { "roots: another's", OWNER, 0, 0, 1, VMREF_CHECK_ROOTS },
  { "roots: nobody's table", OWNER, 7, 0, 4, VMREF_CHECK_ROOTS },
  { "roots: a negative owner", OWNER, 7, 0, -1, VMREF_CHECK_ROOTS },
  { "down: not for the user", TAB, 512 * 7, 0x8027, 0x8023, VMREF_CHECK_DOWN },
  { "down: a large page", TAB, 512 * 8, 0x9027, 0x90a7, VMREF_CHECK_DOWN },
  { "down: a table that there is not", TAB, 512 * 7, 0x8027, 0x18027, VMREF_CHECK_DOWN },
  { "down: another space's table", TAB, 512 * 7 + 1, 0, 0xe027, VMREF_CHECK_DOWN },
  { "down: the same table twice", TAB, 512 * 7 + 1, 0, 0x8027, VMREF_CHECK_DOWN },
  { "down: a level too far", TAB, 512 * 7 + 1, 0, 0x9027, VMREF_CHECK_DOWN },
  { "down: a free table", TAB, 512 * 7 + 1, 0, 0x14007, VMREF_CHECK_DOWN },
  { "down: the table says otherwise", PARENT, 8, 512 * 7, 512 * 7 + 1, VMREF_CHECK_DOWN },
  { "down: of another space", OWNER, 8, 0, 2, VMREF_CHECK_DOWN },
  { "up: a table that nothing links", LEVEL, 20, 0, 3, VMREF_CHECK_UP },
  { "up: an entry is gone", TAB, 512 * 7, 0x8027, 0, VMREF_CHECK_UP },
  { "free: a table that is free is not empty", TAB, 512 * 23 + 511, 0, 1, VMREF_CHECK_FREE_TABLES },
  { "kernel: a process without it", TAB, 512 * 0 + 256, 0x4007, 0, VMREF_CHECK_KERNEL_SHARED },
  { "kernel: its last entry", TAB, 512 * 2 + 511, 0, 7, VMREF_CHECK_KERNEL_SHARED },
  { "kernel: writable text", TAB, 512 * 6, 0x1e001, 0x1e003, VMREF_CHECK_KERNEL_LEAVES },
  { "kernel: text not executable", TAB, 512 * 6, 0x1e001, (int64_t)0x800000000001e001, VMREF_CHECK_KERNEL_LEAVES },
  { "kernel: executable data", TAB, 512 * 6 + 1, (int64_t)0x800000000001f003, 0x1f003, VMREF_CHECK_KERNEL_LEAVES },
  { "kernel: a user's page", TAB, 512 * 6 + 1, (int64_t)0x800000000001f003, (int64_t)0x800000000001f007, VMREF_CHECK_KERNEL_LEAVES },
  { "kernel: past its frames", TAB, 512 * 6 + 3, 0, (int64_t)0x8000000000021003, VMREF_CHECK_KERNEL_LEAVES },
  { "kernel: a page frame", TAB, 512 * 6 + 3, 0, (int64_t)0x800000000001d003, VMREF_CHECK_LEDGER },
};

static void broken(void **state)
{
  const struct row *row = *state;
  struct vmref_sys *s = healthy();
  int64_t was = 0;
  switch (row->where) {
  case TAB: was = (int64_t)s->tab[row->at]; s->tab[row->at] = (uint64_t)row->put; break;
  case RC: was = s->rc[row->at]; s->rc[row->at] = (uint32_t)row->put; break;
  case SHARED: was = s->shared[row->at]; s->shared[row->at] = (_Bool)row->put; break;
  case LEVEL: was = s->level[row->at]; s->level[row->at] = (int8_t)row->put; break;
  case OWNER: was = s->owner[row->at]; s->owner[row->at] = (int16_t)row->put; break;
  case PARENT: was = s->parent[row->at]; s->parent[row->at] = row->put; break;
  }
  IS("what was there", was, row->is);
  IS(row->what, vmref_check(s), row->clause);
}

int main(void)
{
  ADD_ROWS(broken, BROKEN);
  return RUN_TESTS("check");
}
