/* SPDX-License-Identifier: MIT */
/* The memory manager's first operations, together: every step of each story is followed by
 * vmref_check, and what a page reads is written down by hand. */
#include <string.h>
#include "test.h"
#include "check.h"
#include "fault_access.h"
#include "space_fork.h"
#include "space_range.h"

#define TABLES 24
#define FRAMES 6
#define SLOTS 4
#define OBJECTS (FRAMES + SLOTS)

struct machine {
  struct vmref_sys s;
  uint64_t tab[512 * TABLES];
  uint8_t data[4096 * OBJECTS];
  uint32_t rc[OBJECTS];
  _Bool shared[OBJECTS];
  int8_t level[TABLES];
  int16_t owner[TABLES];
  int64_t parent[TABLES];
  int32_t hint[3 * OBJECTS + 3 + 1025 * TABLES];
};

static struct machine *boot(void)
{
  static struct machine m;
  memset(&m, 0xA5, sizeof m); // what memory held before
  m.s = (struct vmref_sys){ m.tab, m.data, m.rc, m.shared, m.level, m.owner, m.parent, m.hint,
                            .tables = TABLES, .frames = FRAMES, .slots = SLOTS, .kernel = 3, .text = 1, .spaces = 3 };
  IS("boot", vmref_boot(&m.s), VMREF_OK);
  IS("boot: inv", vmref_check(&m.s), VMREF_CHECK_OK);
  return &m;
}

#define AT(va) ((uint64_t)(va) >> 12), 1
#define RW_ (VMREF_PROT_R | VMREF_PROT_W)

/* An access as a process makes it. */
static struct vmref_outcome access_(struct machine *m, uint32_t a, uint64_t va, uint8_t kind, uint8_t byte)
{
  struct vmref_outcome r = vmref_user_access(&m->s, a, va, kind, byte);
  IS("inv after an access", vmref_check(&m->s), VMREF_CHECK_OK);
  if (r.status == VMREF_OK) IS("progress", vmref_user_walk(&m->s, a, va, kind).rule, VMREF_RULE_OK);
  return r;
}
static int touch(struct machine *m, uint32_t a, uint64_t va, uint8_t kind) { return access_(m, a, va, kind, 0).status; }
static int load(struct machine *m, uint32_t a, uint64_t va)
{
  struct vmref_outcome r = access_(m, a, va, VMREF_READ, 0);
  return r.status == VMREF_OK ? r.byte : r.status;
}
static int store(struct machine *m, uint32_t a, uint64_t va, uint8_t byte) { return access_(m, a, va, VMREF_WRITE, byte).status; }
static void check(struct machine *m, const char *what) { IS(what, vmref_check(&m->s), VMREF_CHECK_OK); }

/* A page reads as zero although its frame held something, and keeps what is written. */
static void demand_zero(void **state)
{
  (void)state;
  struct machine *m = boot();
  vmref_space_new(&m->s, 0, VMREF_PROCESS);
  check(m, "new");
  IS("nothing mapped", load(m, 0, 0x10000), (uint64_t)VMREF_ENOMAP);
  IS("map", vmref_map(&m->s, 0, AT(0x10000), RW_), VMREF_OK);
  check(m, "map");
  IS("mapped twice", vmref_map(&m->s, 0, AT(0x10000), RW_), (uint64_t)VMREF_EINVAL);
  IS("no frame yet", m->rc[0] + m->rc[1], 0);
  IS("zero", load(m, 0, 0x10fff), 0);
  IS("write", store(m, 0, 0x10fff, 42), VMREF_OK);
  IS("read back", load(m, 0, 0x10fff), 42);
  IS("the byte beside", load(m, 0, 0x10ffe), 0);
  IS("no right to fetch", touch(m, 0, 0x10000, VMREF_FETCH), (uint64_t)VMREF_EACCES);
}

/* The machine's error codes (SDM 3A 4.7) by a user's walk: 4 read of nothing, 6 write, 7 write
 * to a page that is read-only, 0x15 fetch of one that is not executable. */
static void error_codes(void **state)
{
  (void)state;
  struct machine *m = boot();
  vmref_space_new(&m->s, 0, VMREF_PROCESS);
  IS("read, no table", vmref_user_walk(&m->s, 0, 0x10000, VMREF_READ).error, 4);
  vmref_map(&m->s, 0, AT(0x10000), VMREF_PROT_R);
  IS("write, not present", vmref_user_walk(&m->s, 0, 0x10000, VMREF_WRITE).error, 6);
  IS("enter", touch(m, 0, 0x10000, VMREF_READ), VMREF_OK);
  IS("write, read-only", vmref_user_walk(&m->s, 0, 0x10000, VMREF_WRITE).error, 7);
  IS("fetch, XD", vmref_user_walk(&m->s, 0, 0x10000, VMREF_FETCH).error, 0x15);
  IS("write, no right", store(m, 0, 0x10000, 1), (uint64_t)VMREF_EACCES);
  IS("protect", vmref_protect(&m->s, 0, AT(0x10000), RW_), VMREF_OK);
  check(m, "protect");
  IS("write now", store(m, 0, 0x10000, 1), VMREF_OK);
}

/* Copy on write: two leaves of one page, each writes, neither sees the other. */
static void copy_on_write(void **state)
{
  (void)state;
  struct machine *m = boot();
  vmref_space_new(&m->s, 0, VMREF_PROCESS);
  vmref_map(&m->s, 0, AT(0x7ffffffff000), RW_);
  store(m, 0, 0x7ffffffff008, 7);
  IS("fork", vmref_fork(&m->s, 0, 1), VMREF_OK);
  check(m, "fork");
  IS("one page, two leaves", m->rc[0], 2);
  IS("child reads the parent's", load(m, 1, 0x7ffffffff008), 7);
  IS("child writes", store(m, 1, 0x7ffffffff008, 8), VMREF_OK);
  IS("a copy", m->rc[0], 1);
  IS("parent keeps its own", load(m, 0, 0x7ffffffff008), 7);
  IS("child's", load(m, 1, 0x7ffffffff008), 8);
  IS("alone: no copy", store(m, 0, 0x7ffffffff008, 9), VMREF_OK);
  IS("frames used", m->rc[0] + m->rc[1] + m->rc[2], 2);
  IS("child's still", load(m, 1, 0x7ffffffff008), 8);
}

/* Out and in again; a page of two leaves goes out for both and comes in for both. */
static void swapping(void **state)
{
  (void)state;
  struct machine *m = boot();
  vmref_space_new(&m->s, 0, VMREF_PROCESS);
  vmref_map(&m->s, 0, AT(0x40000000), RW_);
  store(m, 0, 0x40000000, 3);
  IS("fork", vmref_fork(&m->s, 0, 1), VMREF_OK);
  IS("out", vmref_swap_out(&m->s, 0), VMREF_OK);
  check(m, "out");
  IS("frame free", m->rc[0], 0);
  IS("slot has both", m->rc[FRAMES], 2);
  IS("free frame", vmref_swap_out(&m->s, 0), (uint64_t)VMREF_EINVAL);
  IS("write from swap copies", store(m, 1, 0x40000000, 4), VMREF_OK);
  IS("slot has one", m->rc[FRAMES], 1);
  IS("in", load(m, 0, 0x40000000), 3);
  IS("slot free", m->rc[FRAMES], 0);
  IS("the other's", load(m, 1, 0x40000000), 4);
}

/* Without frames an access fails and nothing has changed; after an exit it is made. */
static void out_of_frames(void **state)
{
  (void)state;
  struct machine *m = boot();
  vmref_space_new(&m->s, 0, VMREF_PROCESS);
  vmref_space_new(&m->s, 1, VMREF_PROCESS);
  for (uint64_t p = 0; p < FRAMES; p++) {
    vmref_map(&m->s, 0, AT(p * 0x1000), RW_);
    IS("fill", store(m, 0, p * 0x1000, (uint8_t)(p + 1)), VMREF_OK);
  }
  vmref_map(&m->s, 1, AT(0), RW_);
  static struct machine before;
  before = *m;
  IS("none free", store(m, 1, 0, 1), (uint64_t)VMREF_EMEM);
  assert_memory_equal(before.tab, m->tab, sizeof m->tab);
  assert_memory_equal(before.data, m->data, sizeof m->data);
  assert_memory_equal(before.rc, m->rc, sizeof m->rc);
  vmref_space_exit(&m->s, 0);
  check(m, "exit");
  IS("now there are", store(m, 1, 0, 1), VMREF_OK);
  IS("what was there before is gone", load(m, 1, 1), 0);
}

/* Table frames: a map that lacks one changes nothing; an exit gives them back. */
static void out_of_tables(void **state)
{
  (void)state;
  struct machine *m = boot();
  vmref_space_new(&m->s, 0, VMREF_PROCESS);
  uint64_t va = 0;
  int r = VMREF_OK;
  while (r == VMREF_OK) { // three tables for each page, two in the end
    va += 1ULL << 39;
    struct machine before = *m;
    r = vmref_map(&m->s, 0, AT(va), RW_);
    check(m, "map");
    if (r != VMREF_OK) {
      assert_memory_equal(before.tab, m->tab, sizeof m->tab);
      assert_memory_equal(before.level, m->level, sizeof m->level);
    }
  }
  IS("error", r, (uint64_t)VMREF_EMEM);
  IS("three a page of what is left", va >> 39, (TABLES - 3 - 4) / 3 + 1);
  vmref_space_exit(&m->s, 0);
  check(m, "exit");
  vmref_space_new(&m->s, 2, VMREF_PROCESS);
  IS("again", vmref_map(&m->s, 2, AT(va), RW_), VMREF_OK);
}

/* The check finds each clause broken by hand. */
static void broken(void **state)
{
  (void)state;
  struct machine *m = boot();
  vmref_space_new(&m->s, 0, VMREF_PROCESS);
  vmref_map(&m->s, 0, AT(0x1000), RW_);
  store(m, 0, 0x1000, 1);
  uint64_t *e = &m->tab[512 * vmref_table_find(&m->s, 0, 0, 0, 0) + 1];
  m->rc[0]++;
  IS("a reference too many", vmref_check(&m->s), VMREF_CHECK_LEDGER);
  m->rc[0]--;
  m->shared[3] = 1;
  IS("a free frame shared", vmref_check(&m->s), VMREF_CHECK_FREE);
  m->shared[3] = 0;
  *e += 0x8000000000000000 - (*e & 0x8000000000000000);
  check(m, "as it was");
  *e &= ~0x8000000000000000ULL;
  IS("executable without the right", vmref_check(&m->s), VMREF_CHECK_LEAF);
  *e |= 0x8000000000000000ULL;
  m->tab[256] = 0;
  IS("a process without the kernel's half", vmref_check(&m->s), VMREF_CHECK_KERNEL_SHARED);
}

int main(void)
{
  test_add("demand zero", demand_zero, NULL);
  test_add("error codes of the walk", error_codes, NULL);
  test_add("copy on write", copy_on_write, NULL);
  test_add("swap out and in", swapping, NULL);
  test_add("out of frames", out_of_frames, NULL);
  test_add("out of tables", out_of_tables, NULL);
  test_add("vmref_check finds what is broken", broken, NULL);
  return RUN_TESTS("fault");
}
