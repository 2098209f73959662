/* SPDX-License-Identifier: MIT */
/* Topic replace: which page goes when no frame is free. LRU takes the page that was used longest
 * ago, Clock the next one that was not accessed since the hand came by. */
#ifndef VMREF_REPLACE_H
#define VMREF_REPLACE_H
#include "swap.h"

#define VMREF_LRU   0
#define VMREF_CLOCK 1

/* A policy and its notes, the caller's, all 0 at first: by frame the time of its last use (4
 * digits of 16 bits, the lowest first) and the slot that its page came from (2 digits, counted
 * from 1, 0: none); after those of the frames, the time now (4) and the clock's hand (2). Notes are of
 * frames: who brings a page in by other ways than vmref_policy_access, or moves one to another frame,
 * notes that with vmref_policy_use, or LRU takes the page for the one that was there before. */
struct vmref_policy {
  uint16_t *note; /* VMREF_NOTES(frames) */
  uint8_t kind;
};
#define VMREF_NOTES(frames) (6 * (uint64_t)(frames) + 6)

#ifdef __FRAMAC__
#include "../spec/replace.acsl"
#endif

/* Count one more access, which used frame f. */
/*@ requires \valid_read(s) && valid_sys(*s) && \valid_read(p) && notes(*s, *p) && f < s->frames;
    terminates \true; exits \false;
    assigns p->note[6 * f .. 6 * f + 3], p->note[6 * s->frames .. 6 * s->frames + 3];
    ensures used: used(*p, f) == now(*s, *p);
    ensures later: \old(now(*s, *p)) < 0xFFFFFFFFFFFFFFFF ==> now(*s, *p) == \old(now(*s, *p)) + 1; */
void vmref_policy_use(const struct vmref_sys *s, const struct vmref_policy *p, uint32_t f);

/* The page in frame f came from object o, a slot, which may hold its contents for a while. */
/*@ requires \valid_read(s) && valid_sys(*s) && \valid_read(p) && notes(*s, *p) && f < s->frames && s->frames <= o < objects(*s);
    terminates \true; exits \false;
    assigns p->note[6 * f + 4 .. 6 * f + 5];
    ensures came: came(*p, f) == o - s->frames + 1; */
void vmref_policy_came(const struct vmref_sys *s, const struct vmref_policy *p, uint32_t f, uint32_t o);

/* The slot that the page in frame f came from, as an object; frames + slots when there is none. */
/*@ requires \valid_read(s) && valid_sys(*s) && \valid_read(p) && notes(*s, *p) && f < s->frames;
    terminates \true; exits \false; assigns \nothing;
    ensures \result == (1 <= came(*p, f) <= s->slots ? s->frames + came(*p, f) - 1 : objects(*s)); */
uint32_t vmref_policy_slot(const struct vmref_sys *s, const struct vmref_policy *p, uint32_t f);

/* The clock's hand, a number of frames passed. */
/*@ requires \valid_read(s) && valid_sys(*s) && \valid_read(p) && notes(*s, *p);
    terminates \true; exits \false; assigns \nothing;
    ensures \result == hand(*s, *p); */
uint32_t vmref_policy_hand(const struct vmref_sys *s, const struct vmref_policy *p);
/*@ requires \valid_read(s) && valid_sys(*s) && \valid_read(p) && notes(*s, *p);
    terminates \true; exits \false; assigns p->note[6 * s->frames + 4 .. 6 * s->frames + 5];
    ensures hand(*s, *p) == h; */
void vmref_policy_hand_set(const struct vmref_sys *s, const struct vmref_policy *p, uint32_t h);

/* The page frame in use that was used longest ago, the lowest of several; `frames` when none is
 * in use. */
/*@ requires \valid_read(s) && valid_sys(*s) && \valid_read(p) && notes(*s, *p);
    terminates \true; exits \false; assigns \nothing;
    ensures none: \result == s->frames <==> \forall integer f; 0 <= f < s->frames ==> s->rc[f] == 0;
    ensures least: \result != s->frames ==> \result < s->frames && s->rc[\result] != 0 && least(*s, *p, \result); */
uint32_t vmref_lru_frame(const struct vmref_sys *s, const struct vmref_policy *p);

/* Clear the accessed flags of the leaves of frame f; 1 if one was set. */
/*@ requires \valid_read(s) && inv(*s) && f < s->frames;
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1];
    ensures inv: inv(*s);
    ensures was: \result == 1 <==> \old(young(*s, f));
    ensures flag: \result <= 1;
    ensures now: !young(*s, f);
    ensures none: \result == 0 ==> \forall integer t, i; is_leaf(*s, t, i) ==> at(*s, t, i) == \old(at(*s, t, i));
    ensures rc: \forall integer o; 0 <= o < objects(*s) ==> s->rc[o] == \old(s->rc[o]);
    ensures leaves: \forall integer t, i; is_leaf(*s, t, i) ==> same_leaf{Pre, Post}(*s, t, i);
    ensures rest: \forall integer t, i; is_leaf(*s, t, i) && \old(obj(*s, at(*s, t, i))) != f ==> at(*s, t, i) == \old(at(*s, t, i));
    ensures same: same_tables{Pre, Post}(*s); */
uint8_t vmref_frame_age(const struct vmref_sys *s, uint32_t f);

/* Where Clock's hand stops. */
struct vmref_stop {
  uint32_t frame;
  uint64_t steps; /* frames that it passed */
};

/* Clock: from hand h on, the first page frame in use that was not accessed. What the hand passes
 * loses its accessed flags; after a whole turn nothing has any. */
/*@ requires \valid_read(s) && inv(*s) && h < s->frames;
    requires some: \exists integer f; 0 <= f < s->frames && s->rc[f] != 0;
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1];
    ensures inv: inv(*s);
    ensures stop: \result.frame < s->frames && s->rc[\result.frame] != 0 && \result.steps < 2 * s->frames;
    ensures chance: \old(second_chance(*s, h, \at(\result.frame, Post), \at(\result.steps, Post)));
    ensures passed: \forall integer f; 0 <= f < s->frames && ahead(*s, h, f) < \result.steps ==> !young(*s, f);
    ensures ahead: \forall integer t, i; is_leaf(*s, t, i) && (\old(obj(*s, at(*s, t, i))) >= s->frames
      || ahead(*s, h, \old(obj(*s, at(*s, t, i)))) >= \result.steps) ==> at(*s, t, i) == \old(at(*s, t, i));
    ensures rc: \forall integer o; 0 <= o < objects(*s) ==> s->rc[o] == \old(s->rc[o]);
    ensures leaves: \forall integer t, i; is_leaf(*s, t, i) ==> same_leaf{Pre, Post}(*s, t, i);
    ensures same: same_tables{Pre, Post}(*s); */
struct vmref_stop vmref_clock_frame(const struct vmref_sys *s, uint32_t h);
#endif
