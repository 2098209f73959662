/* SPDX-License-Identifier: MIT */
/* Notes, and who is evicted by LRU and by Clock. Frames are taken from 0 on, slots too. */
#include "test_replace.h"

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
    IS("both are cleared; slot 0 still has page 1", *leaf(s, 0, 0) == 0x0030000000001006 && *leaf(s, 1, 0) == 0x0030000000001006, 1);
  }
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
  return RUN_TESTS("replace");
}
