/* SPDX-License-Identifier: MIT */
/* Spaces: how they begin, fork and end, and what can be mapped in them. */
#include "test_mm.h"

/* The kernel's half by hand: root 3 links 4, 5, 6; PFN 30 is text, 31 and 32 are data. */
static void kernel(void **state)
{
  (void)state;
  struct vmref_sys *s = machine();
  IS("root", s->tab[512 * 3 + 256], 0x4007);
  IS("level 3", s->tab[512 * 4], 0x5007);
  IS("level 2", s->tab[512 * 5], 0x6007);
  IS("text: may be executed, not written", s->tab[512 * 6], 0x1e001);
  IS("data: may be written, not executed", s->tab[512 * 6 + 1], 0x800000000001f003);
  IS("the last", s->tab[512 * 6 + 2], 0x8000000000020003);
  IS("no more", s->tab[512 * 6 + 3], 0);
  IS("make one", space(s, 2), VMREF_OK);
  IS("has the kernel's half", s->tab[512 * 2 + 256], 0x4007);
  IS("and nothing else", s->tab[512 * 2 + 255], 0);
  IS("end it", leave(s, 2), VMREF_OK);
  IS("its root is empty", s->tab[512 * 2 + 256], 0);
}

static void numbers(void **state)
{
  (void)state;
  struct vmref_sys *s = machine();
  IS("no such number", space(s, 3), VMREF_EINVAL);
  IS("no such space to end", leave(s, 0), VMREF_EINVAL);
  IS("make", space(s, 0), VMREF_OK);
  IS("make again", space(s, 0), VMREF_EINVAL);
  IS("a file there", file(s, 0), VMREF_EINVAL);
  IS("fork what is not", fork_(s, 1, 2), VMREF_EINVAL);
  IS("fork to itself", fork_(s, 0, 0), VMREF_EINVAL);
  IS("fork to no number", fork_(s, 0, 3), VMREF_EINVAL);
  IS("a file", file(s, 1), VMREF_OK);
  IS("fork a file", fork_(s, 1, 2), VMREF_EINVAL);
  IS("fork over a file", fork_(s, 0, 1), VMREF_EINVAL);
  IS("a page of no file", grow(s, 0, 0), VMREF_EINVAL);
  IS("a page of a file", grow(s, 1, 0), VMREF_OK);
  IS("the same again", grow(s, 1, 0), VMREF_EINVAL);
  IS("past the end", grow(s, 1, 0x800000000000), VMREF_EINVAL);
}

static const struct { const char *what; uint64_t va, n; uint8_t prot; int status; } RANGE[] = {
  { "map: no pages", 0x1000, 0, R, VMREF_EINVAL },
  { "map: more than 1 GiB", 0, 0x40001, R, VMREF_EINVAL },
  { "map: the last page", 0x7ffffffff000, 1, R, VMREF_OK },
  { "map: past the last page", 0x7ffffffff000, 2, R, VMREF_EINVAL },
  { "map: above the half", 0x800000000000, 1, R, VMREF_EINVAL },
  { "map: the kernel's half", 0xffff800000000000, 1, R, VMREF_EINVAL },
  { "map: over what is there", 0xf000, 2, R, VMREF_EINVAL },
  { "map: up to what is there", 0xe000, 2, R, VMREF_OK },
  { "map: no rights", 0x1000, 1, 0, VMREF_OK },
  { "map: a right that there is not", 0x1000, 1, 8, VMREF_EINVAL },
};

static void ranges(void **state)
{
  struct vmref_sys *s = machine();
  const struct { const char *what; uint64_t va, n; uint8_t prot; int status; } *row = *state;
  space(s, 0);
  map(s, 0, 0x10000, 1, R | W);
  IS(row->what, map(s, 0, row->va, row->n, row->prot), row->status);
  IS(row->what, map(s, 1, row->va, row->n, row->prot), VMREF_EINVAL);
}

static void rights(void **state)
{
  (void)state;
  struct vmref_sys *s = machine();
  space(s, 0);
  map(s, 0, 0x10000, 2, R | W);
  store(s, 0, 0x10000, 1);
  IS("one of three is not there", protect(s, 0, 0x10000, 3, R), VMREF_ENOMAP);
  IS("still writable", store(s, 0, 0x10000, 2), VMREF_OK);
  IS("no such right", protect(s, 0, 0x10000, 1, 9), VMREF_EINVAL);
  IS("read only", protect(s, 0, 0x10000, 2, R), VMREF_OK);
  IS("the hardware has no right left", *leaf(s, 0, 0x10000), 0x0010000000018004);
  IS("untouched one", *leaf(s, 0, 0x11000), 0x0010000000000002);
  IS("no write", store(s, 0, 0x10000, 3), VMREF_EACCES);
  IS("what was written", load(s, 0, 0x10000), 2);
  IS("executable", protect(s, 0, 0x10000, 1, R | X), VMREF_OK);
  IS("fetch", fetch(s, 0, 0x10000), VMREF_OK);
}

static void files(void **state)
{
  (void)state;
  struct vmref_sys *s = machine();
  file(s, 0);
  grow(s, 0, 0x5000);
  space(s, 1);
  IS("a process is no file", map_file(s, 0, 0x10000, 1, R, 1, 0, 0), VMREF_EINVAL);
  IS("no file there", map_file(s, 1, 0x10000, 1, R, 2, 5, 0), VMREF_EINVAL);
  IS("itself", map_file(s, 0, 0x10000, 1, R, 0, 5, 0), VMREF_EINVAL);
  IS("no such page", map_file(s, 1, 0x10000, 1, R, 0, 4, 0), VMREF_ENOMAP);
  IS("one of two", map_file(s, 1, 0x10000, 2, R, 0, 5, 0), VMREF_ENOMAP);
  IS("its page", map_file(s, 1, 0x10000, 1, R, 0, 5, 1), VMREF_OK);
  IS("shared, read", *leaf(s, 1, 0x10000), 0x0090000000018004);
  IS("over it", map_file(s, 1, 0x10000, 1, R, 0, 5, 0), VMREF_EINVAL);
  store(s, 0, 0x5000, 7);
  IS("the file ends", leave(s, 0), VMREF_OK);
  IS("its page lives on", load(s, 1, 0x10000), 7);
  IS("still shared after other rights", protect(s, 1, 0x10000, 1, R | W), VMREF_OK);
  IS("leaf", *leaf(s, 1, 0x10000), 0x00b0000000018004);
  unmap(s, 1, 0x10000, 1);
  IS("gone", frames_used(s), 0);
  IS("no mark is left", s->shared[0], 0);
}

/* A child sees what its parent saw, and neither what the other does afterwards. */
static void forked(void **state)
{
  (void)state;
  struct vmref_sys *s = machine();
  space(s, 0);
  map(s, 0, 0x1fe000, 4, R | W); /* two leaf tables; the first's last page too */
  store(s, 0, 0x1ff000, 1);
  store(s, 0, 0x200000, 2);
  IS("fork", fork_(s, 0, 2), VMREF_OK);
  IS("as many tables", tables_used(s), 8);
  IS("in the first", load(s, 2, 0x1ff000), 1);
  IS("in the second", load(s, 2, 0x200000), 2);
  IS("an untouched one", store(s, 2, 0x201000, 3), VMREF_OK);
  IS("not the parent's", load(s, 0, 0x201000), 0);
  IS("the parent ends", leave(s, 0), VMREF_OK);
  IS("the child's", load(s, 2, 0x1ff000), 1);
  IS("no more", load(s, 2, 0x202000), VMREF_ENOMAP);
}

/* A fork that lacks tables leaves nothing behind. */
static void fork_fails(void **state)
{
  (void)state;
  struct vmref_sys *s = machine();
  space(s, 0);
  for (uint64_t k = 0; k < 3; k++) map(s, 0, k << 39, 1, R | W);
  store(s, 0, 0, 1);
  IS("9 of 17, 8 are free", fork_(s, 0, 1), VMREF_EMEM);
  IS("no child", s->level[1], 0);
  IS("no table", tables_used(s), 9);
  IS("one page, one leaf", s->rc[0], 1);
  unmap(s, 0, 1ull << 39, 1);
  IS("6 and 6", fork_(s, 0, 1), VMREF_OK);
  IS("12", tables_used(s), 12);
}

int main(void)
{
  test_add("the kernel's half", kernel, NULL);
  test_add("numbers of spaces", numbers, NULL);
  ADD_ROWS(ranges, RANGE);
  test_add("rights", rights, NULL);
  test_add("files", files, NULL);
  test_add("fork", forked, NULL);
  test_add("a fork that fails", fork_fails, NULL);
  return RUN_TESTS("space");
}
