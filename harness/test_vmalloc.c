/* SPDX-License-Identifier: MIT */
/* 24 tables and 6 page frames, then the kernel's: PFN 30 is its text, 31 to 46 are given out. Page i of the
 * kernel's half is at 0xffff800000000000 + i * 0x1000. */
#include "test_kmem.h"

static struct vmref_sys *s;
static struct vmref_slab *k;

/* A machine whose kernel has so many frames; the status of vmref_vmalloc_init. */
static int machine(uint32_t kernel)
{
  mm_free(s);
  kmem_free(k);
  s = mm_new((struct mm_sizes){ 24, 6, 4, 3, kernel, 1 });
  k = kmem_new(4);
  if (!s || !k) { print_error("out of memory\n"); _Exit(2); }
  return vmref_vmalloc_init(s, &k->buddy);
}

static void check(void)
{
  holds(kmem_vmalloc_wrong(s, &k->buddy));
  IS("invariant", vmref_check(s), VMREF_CHECK_OK);
}

static int64_t vmalloc(uint32_t n)
{
  const int64_t i = vmref_vmalloc(s, &k->buddy, n);
  check();
  return i;
}

static int vfree(uint32_t i)
{
  const int r = vmref_vfree(s, &k->buddy, i);
  check();
  return r;
}

static uint64_t entry(uint32_t i) { return s->tab[512 * 6 + i]; } /* tables 3 to 6 are the kernel's */

static void areas(void **state)
{
  (void)state;
  IS("begin", machine(17), VMREF_OK);
  IS("the kernel's leaf table", vmref_kernel_table(s), 6);
  IS("a page, behind a guard", vmalloc(1), 18);
  IS("its entry: XD, R/W, P", entry(18), 0x800000000001f003);
  IS("two, behind another", vmalloc(2), 20);
  IS("the first", entry(20), 0x8000000000020003);
  IS("the second", entry(21), 0x8000000000021003);
  IS("the guard between", entry(19), 0);
  IS("behind", entry(22), 0);
  IS("free the first", vfree(18), 1);
  IS("its entry", entry(18), 0);
  IS("two do not fit there", vmalloc(2), 23);
  IS("one does", vmalloc(1), 18);
  IS("free two", vfree(20), 2);
  IS("both are gone", entry(20) | entry(21), 0);
  IS("three more fit between guards: no", vmalloc(3), 26);
  IS("two do", vmalloc(2), 20);
}

/* Frames need not lie in a row. */
static void any_frames(void **state)
{
  (void)state;
  machine(17);
  for (uint32_t i = 0; i < 16; i++) vmref_buddy_alloc(&k->buddy, 0);
  vmref_buddy_free(&k->buddy, 16 + 3);
  vmref_buddy_free(&k->buddy, 16 + 8);
  vmref_buddy_free(&k->buddy, 16 + 14);
  IS("no block of two", vmref_buddy_alloc(&k->buddy, 1), 0);
  IS("four frames there are not", vmalloc(4), VMREF_EMEM);
  IS("and what was taken is free again", k->buddy.free[4], 3);
  IS("nothing is mapped", entry(18) | entry(19) | entry(20), 0);
  IS("three", vmalloc(3), 18);
  IS("no frame is left", k->buddy.free[4], 0);
  uint64_t sum = 0;
  for (uint32_t i = 18; i < 21; i++) sum += entry(i) / 4096 % 1024;
  IS("each once", sum, 31 + 3 + 31 + 8 + 31 + 14);
  IS("back", vfree(18), 3);
  IS("the frames too", k->buddy.free[4], 3);
}

static void frames_run_out(void **state)
{
  (void)state;
  machine(17);
  IS("one more than there are", vmalloc(17), VMREF_EMEM);
  IS("all is one block as before", k->buddy.node[1], VMREF_BUDDY_FREE);
  IS("all", vmalloc(16), 18);
  IS("one more", vmalloc(1), VMREF_EMEM);
  IS("back", vfree(18), 16);
  IS("all is one block", k->buddy.node[1], VMREF_BUDDY_FREE);
}

/* The kernel's linear map leaves but three pages: one between two guards. */
static void addresses_run_out(void **state)
{
  (void)state;
  machine(509);
  IS("two", vmalloc(2), VMREF_EMEM);
  IS("one", vmalloc(1), 510);
  IS("another", vmalloc(1), VMREF_EMEM);
  IS("free it", vfree(510), 1);
  machine(510);
  IS("two pages: no guard", vmalloc(1), VMREF_EMEM);
  machine(512);
  IS("no page", vmalloc(1), VMREF_EMEM);
  IS("no area", vfree(511), VMREF_EINVAL);
  IS("as many as a table has, and more", vmalloc(512), VMREF_EMEM);
  IS("2^32 - 1", vmalloc(UINT32_MAX), VMREF_EMEM);
}

static void refused(void **state)
{
  (void)state;
  IS("15 frames behind the text, 16 wanted", machine(16), VMREF_EINVAL);
  IS("16", machine(17), VMREF_OK);
  IS("no pages", vmalloc(0), VMREF_EINVAL);
  IS("nothing there", vfree(18), VMREF_EINVAL);
  vmalloc(3);
  IS("the guard", vfree(17), VMREF_EINVAL);
  IS("inside the area", vfree(19), VMREF_EINVAL);
  IS("its last page", vfree(20), VMREF_EINVAL);
  IS("behind it", vfree(21), VMREF_EINVAL);
  IS("the linear map", vfree(16), VMREF_EINVAL);
  IS("the text", vfree(0), VMREF_EINVAL);
  IS("beyond the table", vfree(512), VMREF_EINVAL);
  IS("far beyond", vfree(UINT32_MAX), VMREF_EINVAL);
  IS("the area", vfree(18), 3);
  IS("twice", vfree(18), VMREF_EINVAL);
}

/* ---- who sees it: SDM 3A 4.6 and 4.7 ---- */

static struct vmref_walk walk(uint32_t space, uint64_t va, uint8_t kind, uint8_t cpl)
{
  return vmref_walk(s->tab, 512 * (uint64_t)s->tables, vmref_user_cpu(space), access_of(va, kind, cpl, 0));
}

static void seen(void **state)
{
  (void)state;
  machine(17);
  vmref_space_new(s, 0, VMREF_PROCESS);
  vmref_space_new(s, 2, VMREF_PROCESS);
  vmalloc(1); /* page 18, PFN 31 */
  for (uint32_t a = 0; a < 3; a += 2) {
    const uint64_t va = 0xffff800000012123;
    IS("the kernel reads: no fault", walk(a, va, READ, 0).vector, 0);
    IS("its frame", walk(a, va, READ, 0).pa, 0x1f123);
    IS("writes", walk(a, va, WRITE, 0).pa, 0x1f123);
    IS("fetches: P, I/D", walk(a, va, FETCH, 0).error, 0x11);
    IS("a user reads", walk(a, va, READ, 3).vector, 14);
    IS("P, U/S", walk(a, va, READ, 3).error, 5);
    IS("writes: P, W/R, U/S", walk(a, va, WRITE, 3).error, 7);
    IS("one byte before the page: the guard", walk(a, 0xffff800000011fff, READ, 0).vector, 14);
    IS("not present", walk(a, 0xffff800000011fff, READ, 0).error, 0);
    IS("behind it", walk(a, 0xffff800000013000, WRITE, 0).error, 2);
    IS("the frame by the linear map: 1 + 0", walk(a, 0xffff800000001123, WRITE, 0).pa, 0x1f123);
  }
  vfree(18);
  IS("gone", walk(0, 0xffff800000012123, READ, 0).error, 0);
  IS("for the other", walk(2, 0xffff800000012123, READ, 0).vector, 14);
}

/* What users have stays as it is. */
static void users(void **state)
{
  (void)state;
  machine(17);
  vmref_space_new(s, 0, VMREF_PROCESS);
  vmref_map(s, 0, 0x10, 2, VMREF_PROT_R | VMREF_PROT_W);
  vmref_user_access(s, 0, 0x10000, VMREF_WRITE, 7);
  struct vmref_sys *before = mm_copy(s);
  vmalloc(5);
  vmalloc(12); /* there are not so many */
  vfree(18);
  IS("all as before", mm_same(s, before), 1);
  vmalloc(5);
  IS("the user's byte", vmref_user_access(s, 0, 0x10000, VMREF_READ, 0).byte, 7);
  vmref_space_exit(s, 0);
  check();
  IS("the area is the kernel's", vfree(18), 5);
  mm_free(before);
}

int main(void)
{
  test_add("areas and the guards between them", areas, NULL);
  test_add("frames from anywhere", any_frames, NULL);
  test_add("no frames are left", frames_run_out, NULL);
  test_add("no addresses are left", addresses_run_out, NULL);
  test_add("what is no area is not freed", refused, NULL);
  test_add("the kernel reaches a page, a user does not", seen, NULL);
  test_add("users see nothing of it", users, NULL);
  return RUN_TESTS("vmalloc");
}
