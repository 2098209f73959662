/* SPDX-License-Identifier: MIT */
/* Topic swap: pages move from one object to another: out to a slot, in to a frame. All leaves
 * of a page move together, whoever's they are, so a page that is shared stays shared. */
#ifndef VMREF_SWAP_H
#define VMREF_SWAP_H
#include "table.h"

/* Let all leaves of a page refer to a free object instead, which has the same contents. The
 * hardware cannot use it then until it is entered again. */
/*@ requires \valid_read(s) && inv(*s) && from < objects(*s) && to < objects(*s) && from != to;
    requires s->rc[from] != 0 && s->rc[to] == 0 && same_bytes(*s, to, from);
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1];
    ensures inv: inv(*s);
    ensures moved: s->rc[to] == \old(s->rc[from]) && s->rc[from] == 0 && s->shared[to] == \old(s->shared[from]);
    ensures leaves: \forall integer t, i; is_leaf(*s, t, i) ==>
      obj(*s, at(*s, t, i)) == (\old(obj(*s, at(*s, t, i))) == from ? to : \old(obj(*s, at(*s, t, i))));
    ensures rest: \forall integer t, i; is_leaf(*s, t, i) && \old(obj(*s, at(*s, t, i))) != from ==> at(*s, t, i) == \old(at(*s, t, i));
    ensures rc: \forall integer o; 0 <= o < objects(*s) && o != from && o != to ==> s->rc[o] == \old(s->rc[o]);
    ensures views: \forall integer t, i; is_leaf(*s, t, i) ==> same_view{Pre, Post}(*s, t, i);
    ensures same: same_tables{Pre, Post}(*s); */
void vmref_object_rename(const struct vmref_sys *s, uint32_t from, uint32_t to);

/* Move a page to a free object, with all its leaves: copy it, then rename. */
/*@ requires \valid_read(s) && inv(*s) && from < objects(*s) && to < objects(*s) && from != to;
    requires s->rc[from] != 0 && s->rc[to] == 0;
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1],
            s->hint[0 .. hints(*s) - 1], s->data[4096 * to .. 4096 * to + 4095];
    ensures inv: inv(*s);
    ensures moved: s->rc[to] == \old(s->rc[from]) && s->rc[from] == 0 && s->shared[to] == \old(s->shared[from]);
    ensures leaves: \forall integer t, i; is_leaf(*s, t, i) ==>
      obj(*s, at(*s, t, i)) == (\old(obj(*s, at(*s, t, i))) == from ? to : \old(obj(*s, at(*s, t, i))));
    ensures rest: \forall integer t, i; is_leaf(*s, t, i) && \old(obj(*s, at(*s, t, i))) != from ==> at(*s, t, i) == \old(at(*s, t, i));
    ensures rc: \forall integer o; 0 <= o < objects(*s) && o != from && o != to ==> s->rc[o] == \old(s->rc[o]);
    ensures views: \forall integer t, i; is_leaf(*s, t, i) ==> same_view{Pre, Post}(*s, t, i);
    ensures same: same_tables{Pre, Post}(*s); */
void vmref_object_move(const struct vmref_sys *s, uint32_t from, uint32_t to);

/* Write a page frame to swap. VMREF_EINVAL: it is free; VMREF_EFULL: no slot is. */
/*@ requires \valid_read(s) && inv(*s) && f < s->frames;
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1],
            s->hint[0 .. hints(*s) - 1], s->data[0 .. 4096 * objects(*s) - 1];
    ensures inv: inv(*s);
    ensures status: \result == VMREF_OK || \result == VMREF_EINVAL || \result == VMREF_EFULL;
    ensures failed: \result != VMREF_OK ==> unchanged{Pre, Post}(*s);
    ensures free: \result == VMREF_EINVAL <==> \old(s->rc[f]) == 0;
    ensures none: \result == VMREF_EFULL ==> no_slot(*s);
    ensures out: \result == VMREF_OK ==> s->rc[f] == 0;
    ensures moved: \result == VMREF_OK ==> \forall integer t, i; is_leaf(*s, t, i) && \old(obj(*s, at(*s, t, i))) == f ==>
      s->frames <= obj(*s, at(*s, t, i)) < objects(*s);
    ensures views: \forall integer t, i; is_leaf(*s, t, i) ==> same_view{Pre, Post}(*s, t, i);
    ensures same: same_tables{Pre, Post}(*s); */
int vmref_swap_out(const struct vmref_sys *s, uint32_t f);

/* Bring the page of a leaf that is in swap back to a frame. VMREF_EMEM: none is free. */
/*@ requires \valid_read(s) && inv(*s) && is_leaf(*s, t, i) && s->frames <= obj(*s, at(*s, t, i)) < objects(*s);
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1],
            s->hint[0 .. hints(*s) - 1], s->data[0 .. 4096 * objects(*s) - 1];
    ensures inv: inv(*s);
    ensures status: \result == VMREF_OK || \result == VMREF_EMEM;
    ensures failed: \result != VMREF_OK ==> unchanged{Pre, Post}(*s);
    ensures none: \result == VMREF_EMEM ==> no_frame(*s);
    ensures in: \result == VMREF_OK ==> obj(*s, at(*s, t, i)) < s->frames
      && s->rc[obj(*s, at(*s, t, i))] == \old(s->rc[obj(*s, at(*s, t, i))])
      && s->shared[obj(*s, at(*s, t, i))] == \old(s->shared[obj(*s, at(*s, t, i))]);
    ensures rest: \forall integer u, j; is_leaf(*s, u, j) && \old(obj(*s, at(*s, u, j))) < s->frames ==> at(*s, u, j) == \old(at(*s, u, j));
    ensures views: \forall integer u, j; is_leaf(*s, u, j) ==> same_view{Pre, Post}(*s, u, j);
    ensures same: same_tables{Pre, Post}(*s); */
int vmref_swap_in(const struct vmref_sys *s, uint32_t t, uint32_t i);
#endif
