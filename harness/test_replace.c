/* SPDX-License-Identifier: MIT */
/* Who is evicted by LRU and by Clock, and what comes of it. Frames are taken from 0 on, slots too. */
#include "test_mm.h"

/* A policy for the machine of test_mm.h. */
static uint16_t note[VMREF_NOTES(FRAMES)];
static struct vmref_policy policy(uint8_t kind)
{
  memset(note, 0, sizeof note);
  return (struct vmref_policy){ note, kind };
}

static struct mm_outcome under(const struct vmref_sys *s, const struct vmref_policy *p, struct mm_op op)
{
  struct vmref_sys *before = mm_copy(s);
  struct mm_outcome r = mm_do_under(s, p, &op);
  IS("invariant", vmref_check(s), VMREF_CHECK_OK);
  if (r.status != VMREF_OK && r.evictions == 0) IS("a failure changes nothing", mm_same(s, before), 1);
  mm_free(before);
  return r;
}
static struct mm_outcome write_(const struct vmref_sys *s, const struct vmref_policy *p, uint32_t a, uint64_t va, uint8_t byte)
{
  return under(s, p, (struct mm_op){ MM_STORE, .a = a, .va = va, .byte = byte });
}
static struct mm_outcome read_(const struct vmref_sys *s, const struct vmref_policy *p, uint32_t a, uint64_t va)
{
  return under(s, p, (struct mm_op){ MM_LOAD, .a = a, .va = va });
}
static struct vmref_eviction evict(const struct vmref_sys *s, const struct vmref_policy *p)
{
  struct vmref_sys *before = mm_copy(s);
  struct vmref_eviction e = vmref_evict(s, p);
  IS("invariant", vmref_check(s), VMREF_CHECK_OK);
  if (e.status != VMREF_OK) IS("a failure changes nothing", mm_same(s, before), 1);
  mm_free(before);
  return e;
}

/* Space 0 with 10 pages from 0 on; the page at f * 4096 is in frame f, and holds 0x10 + f. */
static struct vmref_sys *full(const struct vmref_policy *p)
{
  struct vmref_sys *s = machine();
  space(s, 0);
  map(s, 0, 0, 10, R | W);
  for (unsigned f = 0; f < FRAMES; f++) write_(s, p, 0, f * 0x1000, (uint8_t)(0x10 + f));
  return s;
}
static uint64_t flag_a(const struct vmref_sys *s, uint32_t a, uint64_t va) { return *leaf(s, a, va) >> 5 & 1; }
static void clear_a(const struct vmref_sys *s, uint32_t a, uint64_t va) { *leaf(s, a, va) &= ~0x20ull; }

/* ---- notes ---- */

static void numbers(void **state)
{
  (void)state;
  struct vmref_policy p = policy(VMREF_LRU);
  struct vmref_sys *s = machine();
  const unsigned now = 6 * FRAMES;
  vmref_policy_use(s, &p, 2);
  IS("the first use", note[12], 1);
  IS("the time", note[now], 1);
  note[now] = 0xFFFF;
  vmref_policy_use(s, &p, 2);
  IS("carried: low", note[12], 0);
  IS("carried", note[13], 1);
  note[now] = note[now + 1] = 0xFFFF;
  vmref_policy_use(s, &p, 5);
  IS("2^32: low", note[30], 0);
  IS("2^32: second", note[31], 0);
  IS("2^32: third", note[32], 1);
  note[now] = note[now + 1] = note[now + 2] = 0xFFFF;
  vmref_policy_use(s, &p, 5);
  IS("2^48", note[33], 1);
  IS("2^48: third", note[32], 0);
  for (unsigned i = 0; i < 4; i++) note[now + i] = 0xFFFF;
  vmref_policy_use(s, &p, 0);
  IS("time ends", note[now + 3], 0xFFFF);
  IS("time ends: low", note[0], 0xFFFF);
  IS("beside it", note[4] + note[5] + note[6], 0);
  vmref_policy_hand_set(s, &p, 0x12345678);
  IS("the hand: low", note[now + 4], 0x5678);
  IS("the hand: high", note[now + 5], 0x1234);
  IS("the hand", vmref_policy_hand(s, &p), 0x12345678);
  IS("from no slot", vmref_policy_slot(s, &p, 1), OBJECTS);
  vmref_policy_came(s, &p, 1, OBJECTS - 1);
  IS("counted from 1", note[10], SLOTS);
  IS("the last slot", vmref_policy_slot(s, &p, 1), OBJECTS - 1);
  note[11] = 1;
  IS("no slot has 0x10004", vmref_policy_slot(s, &p, 1), OBJECTS);
  note[11] = 0, note[10] = SLOTS + 1;
  IS("none has the number behind the last", vmref_policy_slot(s, &p, 1), OBJECTS);
}

/* 70000 swap slots: a number of more than 16 bits. */
static void many_slots(void **state)
{
  (void)state;
  struct vmref_sys *s = mm_new((struct mm_sizes){ .tables = 8, .frames = 2, .slots = 70000, .spaces = 1 });
  struct vmref_policy p = policy(VMREF_LRU);
  vmref_policy_came(s, &p, 1, 2 + 65535);
  IS("low", note[10], 0);
  IS("high", note[11], 1);
  IS("slot", vmref_policy_slot(s, &p, 1), 2 + 65535);
  vmref_policy_came(s, &p, 0, 2 + 69999);
  IS("the last", vmref_policy_slot(s, &p, 0), 2 + 69999);
  mm_free(s);
}

/* ---- LRU ---- */

static void lru(void **state)
{
  (void)state;
  struct vmref_policy p = policy(VMREF_LRU);
  struct vmref_sys *s = full(&p);
  read_(s, &p, 0, 0);
  read_(s, &p, 0, 0x2000); /* by age: 1 3 4 5 0 2 */
  struct mm_outcome r = write_(s, &p, 0, 0x6000, 0x16);
  IS("a page had to go", r.evictions, 1);
  IS("frame 1", r.evicted.frame, 1);
  IS("it was dirty", r.evicted.written, 1);
  IS("LRU has no hand", r.evicted.steps, 0);
  IS("no page was there: the first fault", r.error, 6);
  IS("told", r.faulted, 1);
  IS("it is in slot 0 now", *leaf(s, 0, 0x1000), 0x0030000000000006);
  IS("next: 3", evict(s, &p).frame, 3);
  IS("4", evict(s, &p).frame, 4);
  IS("5", evict(s, &p).frame, 5);
  IS("no slot", evict(s, &p).status, VMREF_EFULL);
  IS("A flags are not looked at", flag_a(s, 0, 0), 1);
  IS("four are free", frames_used(s), 2 + 1);
  r = read_(s, &p, 0, 0x1000);
  IS("back", r.byte, 0x11);
  IS("into a free frame", r.evictions, 0);
  IS("0 now", evict(s, &p).frame, 0);
}

/* Of pages unused for as long the lowest, whatever the hand says; free frames are none. */
static void ties(void **state)
{
  (void)state;
  struct vmref_policy p = policy(VMREF_LRU);
  struct vmref_sys *s = machine();
  file(s, 0);
  for (uint64_t f = 0; f < 4; f++) grow(s, 0, f * 0x1000); /* not accessed: time 0 */
  unmap(s, 0, 0, 1);
  vmref_policy_hand_set(s, &p, 2);
  IS("not 0, which is free", vmref_lru_frame(s, &p), 1);
  vmref_policy_use(s, &p, 1);
  IS("2 before 3", vmref_lru_frame(s, &p), 2);
  vmref_policy_use(s, &p, 2);
  note[6 * 3] = 1; /* as 1 was */
  IS("1 before 3", vmref_lru_frame(s, &p), 1);
  note[6 * 1 + 1] = 1; /* 0x10001 */
  IS("later by a higher digit", vmref_lru_frame(s, &p), 3);
  note[6 * 3 + 3] = 1;
  IS("later by the highest", vmref_lru_frame(s, &p), 2);
}

/* ---- Clock ---- */

/* All accessed: the hand turns once, clears every flag and takes where it began. */
static void whole_turn(void **state)
{
  (void)state;
  struct vmref_policy p = policy(VMREF_CLOCK);
  struct vmref_sys *s = full(&p);
  vmref_policy_hand_set(s, &p, 2);
  for (unsigned f = 0; f < FRAMES; f++) IS("A", flag_a(s, 0, f * 0x1000), 1);
  struct vmref_eviction e = evict(s, &p);
  IS("where the hand began", e.frame, 2);
  IS("a turn", e.steps, FRAMES);
  IS("the hand is past it", vmref_policy_hand(s, &p), 3);
  IS("an entry: P, RW, US, D without A", *leaf(s, 0, 0x3000), 0x803000000001b047); /* PFN 24 + 3 */
  for (unsigned f = 0; f < FRAMES; f++)
    if (f != 2) IS("A cleared", flag_a(s, 0, f * 0x1000), 0);
  IS("bytes stay", load(s, 0, 0x2000), 0x12);
}

static void second_chance(void **state)
{
  (void)state;
  struct vmref_policy p = policy(VMREF_CLOCK);
  struct vmref_sys *s = full(&p);
  clear_a(s, 0, 0x1000);
  clear_a(s, 0, 0x3000);
  clear_a(s, 0, 0x5000); /* accessed: 0 2 4 */
  struct vmref_eviction e = evict(s, &p);
  IS("1", e.frame, 1);
  IS("passed 0", e.steps, 1);
  IS("0 had its chance", flag_a(s, 0, 0), 0);
  IS("2 was not passed", flag_a(s, 0, 0x2000), 1);
  e = evict(s, &p);
  IS("3", e.frame, 3);
  IS("passed 2", e.steps, 1);
  read_(s, &p, 0, 0); /* a second chance used: A again */
  IS("0 was accessed again", flag_a(s, 0, 0), 1);
  e = evict(s, &p);
  IS("5", e.frame, 5);
  IS("behind the last is the first", vmref_policy_hand(s, &p), 0);
  e = evict(s, &p); /* 0 has A, 1 is free, 2 has not */
  IS("2", e.frame, 2);
  IS("0, and 1, which is free", e.steps, 2);
  IS("0 lost its A", flag_a(s, 0, 0), 0);
  IS("4 keeps none", flag_a(s, 0, 0x4000), 0);
}

/* After a whole turn free frames are passed a second time. */
static void turn_to_a_free_frame(void **state)
{
  (void)state;
  struct vmref_policy p = policy(VMREF_CLOCK);
  struct vmref_sys *s = full(&p);
  unmap(s, 0, 0x4000, 2);
  vmref_policy_hand_set(s, &p, 4);
  struct vmref_eviction e = evict(s, &p);
  IS("0", e.frame, 0);
  IS("a turn, then 4 and 5", e.steps, FRAMES + 2);
  IS("hand", vmref_policy_hand(s, &p), 1);
  vmref_policy_hand_set(s, &p, FRAMES + 3); /* a hand that is none: 3 */
  e = evict(s, &p);
  IS("3", e.frame, 3);
  IS("at once", e.steps, 0);
}

/* A page of two spaces: an access by either keeps it, and it goes for both. */
static void shared(void **state)
{
  (void)state;
  struct vmref_policy p = policy(VMREF_CLOCK);
  for (uint32_t who = 0; who < 2; who++) {
    struct vmref_sys *s = machine();
    p = policy(VMREF_CLOCK);
    space(s, 0);
    map(s, 0, 0, 2, R | W);
    write_(s, &p, 0, 0, 0x21);
    write_(s, &p, 0, 0x1000, 0x22);
    fork_(s, 0, 1); /* leaves are entered anew: no A */
    read_(s, &p, who, 0);
    IS("of the one", flag_a(s, who, 0), 1);
    IS("not of the other", flag_a(s, 1 - who, 0), 0);
    struct vmref_eviction e = evict(s, &p);
    IS("not the one accessed", e.frame, 1);
    IS("it was passed", e.steps, 1);
    IS("its A is cleared", flag_a(s, who, 0), 0);
    IS("gone for both", s->rc[FRAMES], 2);
    IS("leaf of the first", *leaf(s, 0, 0x1000), 0x0030000000000006);
    IS("of the second", *leaf(s, 1, 0x1000), 0x0030000000000006);
    IS("read", read_(s, &p, 1, 0x1000).byte, 0x22);
    IS("for both", s->rc[1], 2);
    read_(s, &p, 0, 0);
    read_(s, &p, 1, 0);
    vmref_policy_hand_set(s, &p, 0);
    IS("1 was read by one, 0 by both", evict(s, &p).steps, FRAMES);
    IS("both are cleared", *leaf(s, 0, 0) == 0x0030000000000006 && *leaf(s, 1, 0) == 0x0030000000000006, 1);
  }
}

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
  test_add("notes are numbers in digits", numbers, NULL);
  test_add("a slot's number of more than 16 bits", many_slots, NULL);
  test_add("LRU", lru, NULL);
  test_add("LRU: ties and free frames", ties, NULL);
  test_add("Clock: a whole turn", whole_turn, NULL);
  test_add("Clock: second chances", second_chance, NULL);
  test_add("Clock: a turn that ends at free frames", turn_to_a_free_frame, NULL);
  test_add("a page of two spaces", shared, NULL);
  test_add("clean pages are not written", clean, NULL);
  test_add("a slot that is another's now", slot_lost, NULL);
  test_add("what is not possible", not_possible, NULL);
  test_add("copy on write of the page that goes", copy_of_the_victim, NULL);
  test_add("contents outlive evictions", contents, NULL);
  test_add("the textbook's reference string", textbook, NULL);
  test_add("files, swapin and moves under a policy", others, NULL);
  return RUN_TESTS("replace");
}
