/* SPDX-License-Identifier: MIT */
/* What comes of evictions: pages that are written or not, accesses, contents. Frames are taken from 0
 * on, slots too. */
#include "test_replace.h"

/* ---- clean and dirty ---- */

static void clean(void **state)
{
  (void)state;
  struct vmref_policy p = policy(VMREF_LRU);
  struct vmref_sys *s = full(&p);
  IS("first time: dirty", evict(s, &p).written, 1);
  read_(s, &p, 0, 0);
  IS("slot 0 was noted", note[4], 1);
  for (unsigned f = 1; f < FRAMES; f++) read_(s, &p, 0, f * 0x1000);
  memset(s->data + 4096 * (FRAMES + 1), 0x5A, 4096); /* slot 1: nothing is to be written there */
  struct vmref_eviction e = evict(s, &p);
  IS("frame 0", e.frame, 0);
  IS("clean", e.written, 0);
  IS("in slot 0 again", *leaf(s, 0, 0), 0x0030000000000006);
  IS("nothing was written", s->data[4096 * (FRAMES + 1)], 0x5A);
  IS("its byte", read_(s, &p, 0, 0).byte, 0x10);
  write_(s, &p, 0, 0xfff, 1); /* the last byte */
  for (unsigned f = 1; f < FRAMES; f++) read_(s, &p, 0, f * 0x1000);
  e = evict(s, &p);
  IS("frame 0", e.frame, 0);
  IS("dirty by its last byte", e.written, 1);
  IS("the last byte", read_(s, &p, 0, 0xfff).byte, 1);
  write_(s, &p, 0, 0xfff, 1); /* what was there already */
  for (unsigned f = 1; f < FRAMES; f++) read_(s, &p, 0, f * 0x1000);
  IS("written to, but the same", evict(s, &p).written, 0);
}

/* The slot that a page came from has another's page now, or another's bytes. */
static void slot_lost(void **state)
{
  (void)state;
  struct vmref_policy p = policy(VMREF_LRU);
  struct vmref_sys *s = full(&p);
  evict(s, &p);
  read_(s, &p, 0, 0); /* from slot 0 */
  struct vmref_eviction e = evict(s, &p);
  IS("frame 1", e.frame, 1);
  const uint64_t in_slot = *leaf(s, 0, 0x1000) >> 12 & 0xFF;
  note[6 * 0 + 4] = (uint16_t)(in_slot + 1); /* say that 0 came from where 1 is */
  for (unsigned f = 2; f < FRAMES; f++) read_(s, &p, 0, f * 0x1000);
  memcpy(s->data, s->data + 4096 * (FRAMES + in_slot), 4096); /* even with the same bytes */
  e = evict(s, &p);
  IS("frame 0", e.frame, 0);
  IS("not to a slot in use", e.written, 1);
  IS("1 has its own", s->rc[FRAMES + in_slot], 1);
}

/* ---- accesses ---- */

static void not_possible(void **state)
{
  (void)state;
  struct vmref_policy p = policy(VMREF_LRU);
  struct vmref_sys *s = machine();
  IS("nothing in memory", evict(s, &p).status, VMREF_EINVAL);
  p.kind = VMREF_CLOCK;
  IS("nothing for Clock", evict(s, &p).status, VMREF_EINVAL);
  s = full(&p);
  p.kind = 2;
  IS("no such policy", evict(s, &p).status, VMREF_EINVAL);
  IS("nor for an access", write_(s, &p, 0, 0x6000, 1).status, VMREF_EMEM);
  p.kind = VMREF_CLOCK;
  for (unsigned f = 0; f < SLOTS; f++) IS("out", evict(s, &p).status, VMREF_OK);
  for (unsigned f = 6; f < 10; f++) IS("in", write_(s, &p, 0, f * 0x1000, 1).evictions, 0);
  const uint32_t hand = vmref_policy_hand(s, &p);
  IS("no slot", evict(s, &p).status, VMREF_EFULL);
  IS("the hand stays", vmref_policy_hand(s, &p), hand);
  struct mm_outcome r = read_(s, &p, 0, 0);
  IS("no frame and no slot", r.status, VMREF_EMEM);
  IS("none was evicted", r.evictions, 0);
  IS("its fault", r.error, 4);
  IS("in memory: needs none", read_(s, &p, 0, 0x9000).byte, 1);
  IS("nothing mapped", read_(s, &p, 0, 0x100000).status, VMREF_ENOMAP);
  IS("no such space", read_(s, &p, 1, 0).status, VMREF_EINVAL);
  IS("not canonical", read_(s, &p, 0, 0x800000000000).status, VMREF_EACCES);
  IS("no policy: refused", DO(MM_EVICT), VMREF_EINVAL);
}

/* A write to a shared page when no frame is free: the page itself may be the one that goes. */
static void copy_of_the_victim(void **state)
{
  (void)state;
  struct vmref_policy p = policy(VMREF_LRU);
  struct vmref_sys *s = full(&p);
  fork_(s, 0, 1);
  for (unsigned f = 1; f < FRAMES; f++) read_(s, &p, 0, f * 0x1000);
  struct mm_outcome r = write_(s, &p, 1, 0, 0x77);
  IS("done", r.status, VMREF_OK);
  IS("frame 0 went, whose page is written", r.evicted.frame, 0);
  IS("copied into it", s->rc[0], 1);
  IS("the other's is in swap", *leaf(s, 0, 0), 0x0030000000000006);
  IS("as it was", read_(s, &p, 0, 0).byte, 0x10);
  IS("the writer's", read_(s, &p, 1, 0).byte, 0x77);
  IS("the rest", read_(s, &p, 1, 0x3000).byte, 0x13);
}

/* Ten pages in six frames and four slots: what was written is there after many rounds. */
static void contents(void **state)
{
  (void)state;
  for (uint8_t kind = VMREF_LRU; kind <= VMREF_CLOCK; kind++) {
    struct vmref_policy p = policy(kind);
    struct vmref_sys *s = machine();
    space(s, 0);
    map(s, 0, 0x1fb000, 9, R | W); /* over the end of a table */
    for (unsigned round = 0; round < 4; round++)
      for (unsigned k = 0; k < 9; k++) {
        const uint64_t va = 0x1fb000 + 0x1000 * ((k * (round + 1)) % 9);
        struct mm_outcome r = under(s, &p, (struct mm_op){ MM_RMW, .va = va, .byte = (uint8_t)(va >> 12) });
        IS("done", r.status, VMREF_OK);
        IS("byte", r.byte == 0 || r.byte == (uint8_t)(va >> 12), 1);
      }
    for (unsigned k = 0; k < 9; k++) IS("byte", read_(s, &p, 0, 0x1fb000 + 0x1000 * k).byte, (uint8_t)(0x1fb + k));
  }
}

/* 7 0 1 2 0 3 0 4 2 3 0 3 2 1 2 0 1 7 0 1 in three frames, by hand: LRU 12 faults; Clock, whose
 * hand moves past its victim and finds each page that came accessed, 14. */
static void textbook(void **state)
{
  (void)state;
  static const uint8_t string[] = { 7, 0, 1, 2, 0, 3, 0, 4, 2, 3, 0, 3, 2, 1, 2, 0, 1, 7, 0, 1 };
  static const unsigned want[] = { [VMREF_LRU] = 12, [VMREF_CLOCK] = 14 };
  for (uint8_t kind = VMREF_LRU; kind <= VMREF_CLOCK; kind++) {
    struct vmref_sys *s = mm_new((struct mm_sizes){ .tables = 8, .frames = 3, .slots = 8, .spaces = 1 });
    struct vmref_policy p = policy(kind);
    unsigned faults = 0;
    space(s, 0);
    map(s, 0, 0, 8, R | W);
    for (unsigned i = 0; i < sizeof string; i++) {
      const uint64_t va = 0x1000 * string[i];
      faults += vmref_leaf_object(s, *leaf(s, 0, va)) >= 3;
      IS("access", read_(s, &p, 0, va).status, VMREF_OK);
    }
    IS("faults", faults, want[kind]);
    mm_free(s);
  }
}

/* ---- other operations under a policy: harness/mm.c ---- */

static void others(void **state)
{
  (void)state;
  struct vmref_policy p = policy(VMREF_LRU);
  struct vmref_sys *s = full(&p);
  file(s, 2);
  struct mm_outcome r = under(s, &p, (struct mm_op){ MM_FILE_ADD, .a = 2 });
  IS("a file grows", r.status, VMREF_OK);
  IS("page 0 went", r.evicted.frame, 0);
  IS("the file's is the newest", vmref_lru_frame(s, &p), 1);
  r = under(s, &p, (struct mm_op){ MM_SWAPIN, .a = 0, .va = 0 });
  IS("swapped in", r.status, VMREF_OK);
  IS("page 1 went", r.evicted.frame, 1);
  IS("it is in 1 and came from slot 0", note[6 * 1 + 4], 1);
  r = under(s, &p, (struct mm_op){ MM_MAP, .a = 0, .va = 0x8000000000, .n = 0x40000, .prot = R });
  IS("that lacks tables", r.status, VMREF_EMEM);
  IS("nothing goes for it", r.evictions, 0);
  unmap(s, 0, 0x2000, 1);
  under(s, &p, (struct mm_op){ MM_MOVE, .a = 0, .va = 0x3000, .n = 2 });
  IS("the oldest page has moved, with its time", vmref_lru_frame(s, &p), 2);
  under(s, &p, (struct mm_op){ MM_EVICT });
  IS("evicted", s->rc[2], 0);
}

int main(void)
{
  test_add("clean pages are not written", clean, NULL);
  test_add("a slot that is another's now", slot_lost, NULL);
  test_add("what is not possible", not_possible, NULL);
  test_add("copy on write of the page that goes", copy_of_the_victim, NULL);
  test_add("contents outlive evictions", contents, NULL);
  test_add("the textbook's reference string", textbook, NULL);
  test_add("files, swapin and moves under a policy", others, NULL);
  return RUN_TESTS("replace_evict");
}
