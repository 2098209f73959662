/* SPDX-License-Identifier: MIT */
/* The tree of tables: which tables a range takes, counted by hand, and that they come back. */
#include "test_mm.h"

/* A range of two pages, tables that it takes when nothing is mapped (SDM 3A 4.5.4: 512 entries of
 * 4 KiB, 2 MiB, 1 GiB, 512 GiB), and how many more when the page before it is mapped. */
static const struct { const char *what; uint64_t va; unsigned tables, more; } RANGE[] = {
  { "range: in one table", 0x10000, 3, 0 },
  { "range: over 2 MiB", 0x1ff000, 4, 1 },
  { "range: from 2 MiB on", 0x200000, 3, 1 },
  { "range: over 1 GiB", 0x3ffff000, 5, 2 },
  { "range: from 1 GiB on", 0x40000000, 3, 2 },
  { "range: over 512 GiB", 0x7ffffff000, 6, 3 },
  { "range: from 512 GiB on", 0x8000000000, 3, 3 },
  { "range: the last two pages", 0x7fffffffe000, 3, 0 },
};

static void tables(void **state)
{
  struct vmref_sys *s = machine();
  const struct { const char *what; uint64_t va; unsigned tables, more; } *row = *state;
  space(s, 0);
  IS(row->what, map(s, 0, row->va, 2, R | W), VMREF_OK);
  IS(row->what, tables_used(s), row->tables);
  IS(row->what, store(s, 0, row->va + 0x1fff, 1), VMREF_OK);
  IS(row->what, unmap(s, 0, row->va + 0x1000, 1), VMREF_OK);
  IS(row->what, load(s, 0, row->va), 0);
  IS(row->what, unmap(s, 0, row->va, 1), VMREF_OK);
  IS(row->what, tables_used(s), 0);
  IS(row->what, frames_used(s), 0);
  map(s, 0, row->va - 0x1000, 1, R);
  IS(row->what, tables_used(s), 3);
  map(s, 0, row->va, 2, R);
  IS(row->what, tables_used(s), 3 + row->more);
  IS(row->what, leave(s, 0), VMREF_OK);
  IS(row->what, tables_used(s), 0);
}

/* Entries that link: the table's number, P, R/W, U/S; with A when someone came this way. */
static void links(void **state)
{
  (void)state;
  struct vmref_sys *s = machine();
  space(s, 1);
  map(s, 1, 0x8040201000, 1, R); /* index 1 at each level */
  IS("root", s->tab[512 * 1 + 1], 0x7007);
  IS("level 3", s->tab[512 * 7 + 1], 0x8007);
  IS("level 2", s->tab[512 * 8 + 1], 0x9007);
  IS("leaf", s->tab[512 * 9 + 1], 0x0010000000000002);
  IS("levels", s->level[7] * 100 + s->level[8] * 10 + s->level[9], 321);
  IS("owner", s->owner[9], 1);
  IS("parent", s->parent[9], 512 * 8 + 1);
  IS("found", vmref_table_find(s, 1, 1, 1, 1), 9);
  IS("none of level 2", vmref_table_find(s, 1, 1, 2, 1), TABLES);
  IS("none in no space", vmref_table_find(s, 0, 1, 1, 1), TABLES);
  IS("load", load(s, 1, 0x8040201234), 0);
  IS("root after", s->tab[512 * 1 + 1], 0x7027);
  IS("level 3 after", s->tab[512 * 7 + 1], 0x8027);
  IS("level 2 after", s->tab[512 * 8 + 1], 0x9027);
  IS("leaf after: frame 0, A, XD", s->tab[512 * 9 + 1], 0x8010000000018025);
}

/* Table frames: a map that lacks one changes nothing; an exit gives them back. */
static void out_of_tables(void **state)
{
  (void)state;
  struct vmref_sys *s = machine();
  space(s, 0);
  for (uint64_t k = 1; k <= 5; k++) IS("three each", map(s, 0, k << 39, 1, R | W), VMREF_OK);
  IS("15 of 17", tables_used(s), 15);
  IS("lacks one", map(s, 0, 6ull << 39, 1, R | W), VMREF_EMEM);
  IS("lacks one of four, over 1 GiB", map(s, 0, (1ull << 39) + 0x7ffff000, 2, R), VMREF_EMEM);
  IS("two are enough", map(s, 0, (1ull << 39) + 0x40000000, 1, R), VMREF_OK);
  IS("none is, in the same table", map(s, 0, (1ull << 39) + 0x40001000, 1, R), VMREF_OK);
  IS("not one of 513 pages", map(s, 0, (1ull << 39) + 0x1ff000, 2, R), VMREF_EMEM);
  IS("exit", leave(s, 0), VMREF_OK);
  IS("all are back", tables_used(s), 0);
  space(s, 2);
  IS("again", map(s, 2, 6ull << 39, 1, R | W), VMREF_OK);
}

/* An unmapped range frees the tables that it empties and no other. */
static void pruned(void **state)
{
  (void)state;
  struct vmref_sys *s = machine();
  space(s, 0);
  map(s, 0, 0x1ff000, 513, R);
  IS("two leaf tables", tables_used(s), 4);
  unmap(s, 0, 0x200000, 512);
  IS("one", tables_used(s), 3);
  IS("its last page", load(s, 0, 0x1ff000), 0);
  map(s, 0, 0, 1, R);
  unmap(s, 0, 0x1ff000, 1);
  IS("its first page", load(s, 0, 0), 0);
  unmap(s, 0, 0, 1);
  IS("none", tables_used(s), 0);
}

int main(void)
{
  ADD_ROWS(tables, RANGE);
  test_add("entries that link tables", links, NULL);
  test_add("out of tables", out_of_tables, NULL);
  test_add("tables that become empty", pruned, NULL);
  return RUN_TESTS("table");
}
