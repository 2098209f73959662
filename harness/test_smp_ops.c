/* SPDX-License-Identifier: MIT */
/* What the kernel does while processors run: nothing stale is left behind, or, in lazy mode, nothing that
 * harms. Error codes: SDM 3A 4.7. */
#include "test_smp.h"

/* Space 2 is forked from 0 and run by processor 3; all have read the first page, which holds 1. */
static struct vmref_sys *forked(uint8_t lazy)
{
  struct vmref_sys *s = running(lazy);
  write_on(s, 0, 0x10000, 1);
  on(s, (struct mm_op){ MM_FORK, .a = 0, .b = 2 });
  run_on(s, 3, 2);
  for (unsigned c = 0; c < 4; c++) read_on(s, c, 0x10000);
  for (unsigned c = 0; c < 4; c++) IS("cached", cached(c, 0x10000).used, 1);
  return s;
}

/* ---- copy on write ---- */

static void copy(void **state)
{
  (void)state;
  struct vmref_sys *s = forked(0);
  for (unsigned c = 0; c < 4; c++) IS("read-only", cached(c, 0x10000).rw, c == 2);
  struct mm_outcome r = write_on(s, 0, 0x10000, 2);
  IS("a fault", r.error, 7);
  IS("the two that run the space are told", r.told, 2);
  IS("the copy is cached", cached(0, 0x10000).frame, 0x1a000); /* frames 0 and 1 are in use */
  IS("dirty", cached(0, 0x10000).dirty, 1);
  IS("the other has dropped it", cached(1, 0x10000).used, 0);
  IS("who runs the child has not", cached(3, 0x10000).frame, 0x18000);
  IS("nor who runs another", cached(2, 0x10000).frame, 0x19000);
  IS("read by the other", read_on(s, 1, 0x10000).byte, 2);
  r = read_on(s, 3, 0x10000);
  IS("the child's, by a hit", r.hit, 1);
  IS("is what it was", r.byte, 1);
  r = write_on(s, 3, 0x10000, 3);
  IS("alone now: in place", cached(3, 0x10000).frame, 0x18000);
  IS("one is told", r.told, 1);
  IS("the parent's", read_on(s, 0, 0x10000).byte, 2);
}

/* A fork tells all that what they could write to is read-only now. */
static void fork_tells(void **state)
{
  (void)state;
  struct vmref_sys *s = running(0);
  write_on(s, 0, 0x10000, 1);
  write_on(s, 1, 0x10000, 1);
  IS("both may write", cached(0, 0x10000).rw + cached(1, 0x10000).rw, 2);
  IS("told", on(s, (struct mm_op){ MM_FORK, .a = 0, .b = 2 }).told, 3);
  IS("dropped", pages(0) + pages(1), 0);
  run_on(s, 3, 2);
  write_on(s, 1, 0x10000, 9);
  IS("the child has what was there", read_on(s, 3, 0x10000).byte, 1);
}

/* A page that others have is present for two processors; a fault of absence tells nobody. */
static void absent(void **state)
{
  (void)state;
  struct vmref_sys *s = running(0);
  struct mm_outcome r = write_on(s, 0, 0x11000, 1);
  IS("demand zero", r.error, 6);
  IS("tells nobody", r.told, 0);
  r = fetch_on(s, 1, 0x11000);
  IS("not permitted", r.status, VMREF_EACCES);
  IS("the page was there: told", r.told, 2);
}

/* ---- nothing stale ---- */

enum op { UNMAP, PROTECT, OUT, MOVE, COMPACT, EVICT, LEAVE };
static const struct row { const char *what; enum op op; int status, byte; uint32_t told; } ROWS[] = {
  { "unmap", UNMAP, VMREF_ENOMAP, 0, 2 },
  { "protect", PROTECT, VMREF_EACCES, 0, 2 },
  { "page out: another frame may have it then", OUT, VMREF_OK, 1, 4 },
  { "page move", MOVE, VMREF_OK, 1, 4 },
  { "compact", COMPACT, VMREF_OK, 1, 4 },
  { "evict", EVICT, VMREF_OK, 1, 4 },
  { "exit", LEAVE, VMREF_EINVAL, 0, 2 },
};
/* Frames 1 and 2 are used then: to make four free in a row the page goes from 2 to 0. */
static void to_frame_2(const struct vmref_sys *s)
{
  on(s, (struct mm_op){ MM_MOVE, .a = 0, .va = 0x10000, .n = 2 });
  for (unsigned c = 0; c < 4; c++) read_on(s, c, 0x10000);
  IS("cached where it is", cached(1, 0x10000).frame, 0x1a000);
}

static void nothing_stale(void **state)
{
  const struct row *row = *state;
  struct vmref_sys *s = forked(0);
  static uint16_t note[VMREF_NOTES(FRAMES)];
  memset(note, 0, sizeof note);
  const struct vmref_policy lru = { note, VMREF_LRU };
  struct mm_op op = { .a = 0, .va = 0x10000, .n = 1 };
  switch (row->op) {
  case UNMAP: op.kind = MM_UNMAP; break;
  case PROTECT: op.kind = MM_PROTECT; break;
  case OUT: op.kind = MM_SWAPOUT; break;
  case MOVE: op.kind = MM_MOVE, op.n = 5; break;
  case COMPACT: op.kind = MM_COMPACT, op.n = 4, to_frame_2(s); break;
  case EVICT: op.kind = MM_EVICT; break;
  case LEAVE: op.kind = MM_EXIT; break;
  }
  const struct mm_outcome r = mm_do_under(s, &m, row->op == EVICT ? &lru : NULL, &op);
  IS("done", r.status, VMREF_OK);
  IS("told", r.told, row->told);
  IS("nothing cached of it", cached(0, 0x10000).used + cached(1, 0x10000).used, 0);
  IS("nor of the other sharer, if it moved", cached(3, 0x10000).used, row->told == 2);
  const struct mm_outcome x = read_on(s, 1, 0x10000);
  if (row->op == COMPACT) IS("a page moved", r.moved, 1);
  IS("what it finds", x.status, row->status);
  IS("no hit", x.hit, 0);
  IS("byte", x.byte, row->byte);
  IS("the child's", read_on(s, 3, 0x10000).byte, 1);
  if (row->op == LEAVE) IS("idle", m.runs[0] == VMREF_IDLE && m.runs[1] == VMREF_IDLE && m.runs[2] == 1 && m.runs[3] == 2, 1);
}

/* ---- lazy mode ---- */

static void stale(void **state)
{
  (void)state;
  struct vmref_sys *s = running(1);
  write_on(s, 0, 0x10000, 1);
  read_on(s, 1, 0x10000);
  struct mm_outcome r = unmap_on(s, 0, 0x10000, 1);
  IS("nobody is told", r.told, 0);
  IS("pending", m.pending, 1);
  IS("the frame is free", s->rc[0], 0);
  r = read_on(s, 1, 0x10000);
  IS("a stale hit", r.hit, 1);
  IS("reads the old byte", r.byte, 1);
  r = write_on(s, 0, 0x10000, 7);
  IS("a stale store", r.hit, 1);
  IS("is done", r.status, VMREF_OK);
  IS("where the page was", read_on(s, 1, 0x10000).byte, 7);
  IS("another space's frame is another", read_on(s, 2, 0x10000).byte, 0); /* a fault: demand zero */
  IS("told by then", m.pending, 0);
  IS("who did not have it has not got it", *leaf(s, 1, 0x10000) >> 12 & 0xFF, 0x18); /* only after the flush */
  IS("a fault now", read_on(s, 1, 0x10000).status, VMREF_ENOMAP);
  IS("a fault now", write_on(s, 0, 0x10000, 8).status, VMREF_ENOMAP);
}

/* The frame goes to another only when all have dropped it. */
static void not_before(void **state)
{
  (void)state;
  struct vmref_sys *s = running(1);
  write_on(s, 0, 0x10000, 1);
  write_on(s, 0, 0x11000, 2);
  unmap_on(s, 0, 0x11000, 1);
  unmap_on(s, 0, 0x10000, 1);
  IS("both are pending: cached", pages(0), 2);
  const struct mm_outcome r = write_on(s, 2, 0x10000, 3);
  IS("a fault", r.faulted, 1);
  IS("one flush for both", r.told, 3);
  IS("nothing stale", pages(0), 0);
  IS("the frame is used again", *leaf(s, 1, 0x10000) >> 12 & 0xFF, 0x18);
  IS("as who wrote to it says", s->data[0], 3);
}

/* A stale store to a file's page is seen by its other mappings; that is what a file is. */
static void of_a_file(void **state)
{
  (void)state;
  struct vmref_sys *s = running(1);
  on(s, (struct mm_op){ MM_FILE, .a = 2 });
  on(s, (struct mm_op){ MM_FILE_ADD, .a = 2 });
  on(s, (struct mm_op){ MM_MAP_FILE, .a = 0, .b = 2, .va = 0x40000, .n = 1, .prot = R | W, .share = 1 });
  on(s, (struct mm_op){ MM_MAP_FILE, .a = 1, .b = 2, .va = 0x40000, .n = 1, .prot = R | W, .share = 1 });
  write_on(s, 0, 0x40000, 1);
  read_on(s, 2, 0x40000);
  unmap_on(s, 0, 0x40000, 1);
  IS("a stale store", write_on(s, 0, 0x40000, 2).hit, 1);
  IS("the file has it", read_on(s, 2, 0x40000).byte, 2);
  write_on(s, 2, 0x40000, 3);
  IS("and back", read_on(s, 0, 0x40000).byte, 3);
  IS("still pending", m.pending, 1);
}

/* What ends it. */
static const struct ending { const char *what; struct mm_op op; int pending; uint32_t told; } ENDS[] = {
  { "a flush", { MM_TELL }, 0, 3 },
  { "a map", { MM_MAP, .a = 1, .va = 0x90000, .n = 1, .prot = 3 }, 0, 3 },
  { "a map that is refused", { MM_MAP, .a = 1, .va = 0x10000, .n = 1, .prot = 3 }, 0, 3 },
  { "a protect, which tells its own too", { MM_PROTECT, .a = 1, .va = 0x10000, .n = 1, .prot = 1 }, 0, 1 },
  { "a new space", { MM_SPACE, .a = 2 }, 0, 3 },
  { "a fork", { MM_FORK, .a = 1, .b = 2 }, 0, 3 },
  { "a file", { MM_FILE, .a = 2 }, 0, 3 },
  { "a page in, refused", { MM_SWAPIN, .a = 1, .va = 0x10000 }, 0, 3 },
  { "a fault", { MM_LOAD, .cpu = 3, .va = 0x10000 }, 0, 3 },
  { "a fault that is the process's", { MM_LOAD, .cpu = 3, .va = 0x50000 }, 0, 3 },
  { "exit", { MM_EXIT, .a = 1 }, 0, 1 },
  { "not another unmapping", { MM_UNMAP, .a = 0, .va = 0x11000, .n = 1 }, 1, 0 },
  { "not an unmapping that is refused", { MM_UNMAP, .a = 0, .va = 0x11000, .n = 0 }, 1, 0 },
  { "not a look ahead", { MM_FILL, .cpu = 3, .va = 0x10000 }, 1, 0 },
  { "not a switch", { MM_RUN, .cpu = 3, .a = 0 }, 1, 0 },
  { "not a hit", { MM_LOAD, .cpu = 1, .va = 0x10000 }, 1, 0 },
  { "not an access to the kernel's half", { MM_LOAD, .cpu = 3, .va = 0xffff800000000000 }, 1, 0 },
};
static void ends(void **state)
{
  const struct ending *row = *state;
  struct vmref_sys *s = running(1);
  write_on(s, 0, 0x10000, 1);
  unmap_on(s, 0, 0x10000, 1);
  IS("pending", m.pending, 1);
  const struct mm_outcome r = on(s, row->op);
  IS("pending then", m.pending, row->pending);
  IS("told", r.told, row->told);
  IS("what processor 0 still has", cached(0, 0x10000).used, row->pending);
  if (!row->pending) IS("a fault now", read_on(s, 0, 0x10000).status, VMREF_ENOMAP);
}

/* An unmapping that fails leaves nothing to tell. */
static void failed(void **state)
{
  (void)state;
  struct vmref_sys *s = running(1);
  IS("refused", unmap_on(s, 0, 0x10000, 0).status, VMREF_EINVAL);
  IS("nothing is pending", m.pending, 0);
  IS("processors that idle have nothing", pages(3) + tables(3), 0);
}

int main(void)
{
  test_add("copy on write on several processors", copy, NULL);
  test_add("fork", fork_tells, NULL);
  test_add("faults that tell, and such that do not", absent, NULL);
  ADD_ROWS(nothing_stale, ROWS);
  test_add("lazy: a stale load and a stale store", stale, NULL);
  test_add("lazy: no frame is used again before", not_before, NULL);
  test_add("lazy: a page of a file", of_a_file, NULL);
  ADD_ROWS(ends, ENDS);
  test_add("lazy: an unmapping that fails", failed, NULL);
  return RUN_TESTS("smp_ops");
}
