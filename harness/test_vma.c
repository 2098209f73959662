/* SPDX-License-Identifier: MIT */
/* Areas: found, split, removed, merged, and where there is room. Expected values are worked out by hand. */
#include "test.h"
#include "vma_merge.h"

enum { ROOM = 8, RW = 0x100073, R = 0x71 };

static struct vmref_vmas areas(uint32_t n, const struct vmref_vma *v)
{
  static struct vmref_vmas m;
  for (uint32_t i = 0; i < n; i++) m.at[i] = v[i];
  m.n = n, m.room = ROOM, m.kernel = 0x612;
  return m;
}
#define AREAS(...) areas(sizeof((struct vmref_vma[]){ __VA_ARGS__ }) / sizeof(struct vmref_vma), (struct vmref_vma[]){ __VA_ARGS__ })

static void find(void **state)
{
  (void)state;
  struct vmref_vmas m = AREAS({ 16, 20, 16, 0, RW, 0 }, { 20, 22, 20, 0, R, 0 }, { 30, 31, 30, 0, RW, 0 });
  IS("below all", vmref_vma_find(&m, 1), 0);
  IS("its first page", vmref_vma_find(&m, 16), 0);
  IS("its last", vmref_vma_find(&m, 19), 0);
  IS("the next one's first", vmref_vma_find(&m, 20), 1);
  IS("in a gap", vmref_vma_find(&m, 25), 2);
  IS("above all", vmref_vma_find(&m, 31), 3);
  IS("any in a gap", vmref_vma_any(&m, 22, 30), 0);
  IS("any to the next", vmref_vma_any(&m, 22, 31), 1);
}

static void carve(void **state)
{
  (void)state;
  struct vmref_vmas m = AREAS({ 16, 26, 100, 3, RW, 2 });
  IS("the middle", vmref_vma_carve(&m, 18, 20), VMREF_OK);
  IS("two are left", m.n, 2);
  IS("the left one ends", m.at[0].end, 18);
  IS("the right one begins", m.at[1].start, 20);
  IS("and its offset with it", m.at[1].offset, 104);
  IS("of the same file", m.at[1].file, 2);
  IS("over both edges", vmref_vma_carve(&m, 17, 21), VMREF_OK);
  IS("left", m.at[0].end, 17);
  IS("right", m.at[1].start, 21);
  IS("right's offset", m.at[1].offset, 105);
  IS("all", vmref_vma_carve(&m, 0, 100), VMREF_OK);
  IS("none is left", m.n, 0);
  m = AREAS({ 16, 26, 0, 0, RW, 0 }, { 30, 31, 0, 0, RW, 0 }, { 32, 33, 0, 0, RW, 0 }, { 34, 35, 0, 0, RW, 0 }, { 36, 37, 0, 0, RW, 0 },
            { 38, 39, 0, 0, RW, 0 }, { 40, 41, 0, 0, RW, 0 });
  IS("seven of seven that max_map_count allows", vmref_vma_carve(&m, 18, 20), VMREF_EFULL);
  IS("nothing has changed", m.n == 7 && m.at[0].end == 26, 1);
  IS("an edge takes no more", vmref_vma_carve(&m, 18, 31), VMREF_OK);
  IS("the second is gone", m.n, 6);
}

static void gaps(void **state)
{
  (void)state;
  struct vmref_vmas m = AREAS({ 1000, 1010, 0, 0, RW, 0 }, { 1990, 2000, 0, 0, RW | VMREF_VM_GROWSDOWN, 0 });
  IS("at the top", vmref_vma_gap(&m, 16, 2100, 100), 2000);
  IS("too large for the top: below the guard gap of 256", vmref_vma_gap(&m, 16, 2100, 101), 1990 - 256 - 101);
  IS("below the lower", vmref_vma_gap(&m, 16, 2100, 900), 100);
  IS("none", vmref_vma_gap(&m, 16, 2100, 985), 0);
  IS("the lowest", vmref_vma_gap_up(&m, 16, 2100, 100), 16);
  IS("the lowest of 985", vmref_vma_gap_up(&m, 16, 3100, 985), 2000);
  /* what is too small without the guard gap does not make it count: Linux looks at it only then */
  m = AREAS({ 1000, 1010, 0, 0, RW, 0 }, { 1012, 1020, 0, 0, RW | VMREF_VM_GROWSDOWN, 0 });
  IS("right below", vmref_vma_gap(&m, 16, 1020, 10), 990);
}

/* mmap between two that it fits. */
static void add(void **state)
{
  (void)state;
  struct vmref_vmas m = AREAS({ 16, 18, 16, 0, RW, 0 }, { 20, 22, 20, 0, RW, 0 });
  vmref_vma_add(&m, (struct vmref_vma){ 18, 20, 18, 0, RW, 0 }, VMREF_ADD_MAP);
  IS("three in one", m.n == 1 && m.at[0].start == 16 && m.at[0].end == 22, 1);
  m = AREAS({ 16, 18, 16, 1, RW, 0 }, { 20, 22, 20, 2, RW, 0 });
  vmref_vma_add(&m, (struct vmref_vma){ 18, 20, 18, 0, RW, 0 }, VMREF_ADD_MAP);
  IS("two anon_vmas: the left one only", m.n == 2 && m.at[0].end == 20 && m.at[1].start == 20, 1);
  m = AREAS({ 16, 18, 16, 1, RW, 0 }, { 20, 22, 20, 2, RW, 0 });
  m.kernel = 0x601;
  vmref_vma_add(&m, (struct vmref_vma){ 18, 20, 18, 0, RW, 0 }, VMREF_ADD_MAP);
  IS("before 6.12, the right one only", m.n == 2 && m.at[0].end == 18 && m.at[1].start == 18, 1);
  m = AREAS({ 16, 18, 16, 1, RW | VMREF_VM_FORKED, 0 });
  vmref_vma_add(&m, (struct vmref_vma){ 18, 20, 18, 0, RW, 0 }, VMREF_ADD_MAP);
  IS("not with what a fork gave", m.n, 2);
  m = AREAS({ 20, 22, 20, 0, RW, 0 });
  vmref_vma_add(&m, (struct vmref_vma){ 18, 20, 18, 0, RW, 0 }, VMREF_ADD_BRK);
  IS("brk joins what is before only", m.n, 2);
  m = AREAS({ 16, 18, 7, 0, RW, 0 });
  vmref_vma_add(&m, (struct vmref_vma){ 18, 20, 18, 0, RW, 0 }, VMREF_ADD_MAP);
  IS("another offset", m.n, 2);
}

static void modify(void **state)
{
  (void)state;
  struct vmref_vmas m = AREAS({ 16, 26, 16, 0, RW, 0 });
  IS("the middle", vmref_vma_modify(&m, 0, 18, 20, R), VMREF_OK);
  IS("in three", m.n == 3 && m.at[1].start == 18 && m.at[1].end == 20 && m.at[1].flags == R && m.at[2].offset == 20, 1);
  IS("and back", vmref_vma_modify(&m, 1, 18, 20, RW), VMREF_OK);
  IS("in one", m.n == 1 && m.at[0].start == 16 && m.at[0].end == 26, 1);
  m = AREAS({ 16, 20, 16, 0, R, 0 }, { 20, 26, 20, 4, RW, 0 });
  IS("the left one takes a part, and its anon_vma", vmref_vma_modify(&m, 1, 20, 22, R), VMREF_OK);
  IS("so", m.n == 2 && m.at[0].end == 22 && m.at[0].anon == 4 && m.at[1].start == 22 && m.at[1].offset == 22, 1);
  m = AREAS({ 16, 20, 16, 0, R, 0 }, { 20, 26, 20, 4, RW, 0 });
  m.kernel = 0x601;
  IS("in 6.1", vmref_vma_modify(&m, 1, 20, 22, R), VMREF_OK);
  IS("what is not yet faulted does not", m.n, 3);
  m = AREAS({ 16, 20, 16, 4, R, 0 }, { 20, 26, 20, 4, RW, 0 });
  IS("the right one takes the end of the left", vmref_vma_modify(&m, 0, 18, 20, RW), VMREF_OK);
  IS("so", m.n == 2 && m.at[0].end == 18 && m.at[1].start == 18 && m.at[1].offset == 18, 1);
  m = AREAS({ 16, 18, 16, 0, R | VMREF_VM_CLOSE, 1 }, { 18, 20, 18, 0, RW | VMREF_VM_CLOSE, 1 });
  IS("what has a close", vmref_vma_modify(&m, 1, 18, 20, R | VMREF_VM_CLOSE), VMREF_OK);
  IS("is not dropped", m.n, 2);
}

static void isolate(void **state)
{
  (void)state;
  struct vmref_vmas m = AREAS({ 16, 26, 100, 3, RW, 2 });
  IS("all of it", vmref_vma_isolate(&m, 0, 16, 26), 0);
  IS("as it was", m.n, 1);
  IS("its middle", vmref_vma_isolate(&m, 0, 18, 20), 1);
  IS("three", m.n == 3 && m.at[1].start == 18 && m.at[1].end == 20 && m.at[1].offset == 102 && m.at[1].flags == RW, 1);
  m.room = 4;
  IS("no room", vmref_vma_isolate(&m, 2, 22, 24), 3);
  m.room = 5;
  IS("for the second", vmref_vma_isolate(&m, 2, 22, 24), 4);
  m = AREAS({ 16, 20, 16, 0, RW, 0 }, { 22, 26, 22, 0, RW, 0 });
  IS("joins none", vmref_vma_add(&m, (struct vmref_vma){ 20, 22, 20, 0, RW, 0 }, VMREF_ADD_ALONE), 1);
  IS("is a third", m.n, 3);
}

int main(void)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test(find), cmocka_unit_test(carve), cmocka_unit_test(gaps), cmocka_unit_test(add), cmocka_unit_test(modify),
    cmocka_unit_test(isolate) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
