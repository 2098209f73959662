/* SPDX-License-Identifier: MIT */
/* Topic cow: pages in memory that several leaves refer to. They are written to by nobody, or
 * by those who share a file's page, until one writes and gets a copy of its own. */
#ifndef VMREF_COW_H
#define VMREF_COW_H
#include "table.h"

/* Give a page that was not yet touched a zeroed frame. VMREF_EMEM: none is free. */
/*@ requires \valid_read(s) && inv(*s) && is_leaf(*s, t, i);
    requires P(at(*s, t, i)) == 0 && kind(at(*s, t, i)) == VMREF_LEAF_ZERO && prot_R(prot(at(*s, t, i))) == 1;
    terminates \true; exits \false;
    assigns s->tab[512 * t + i], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1],
            s->data[0 .. 4096 * objects(*s) - 1];
    ensures inv: inv(*s);
    ensures status: \result == VMREF_OK || \result == VMREF_EMEM;
    ensures failed: \result != VMREF_OK ==> unchanged{Pre, Post}(*s);
    ensures none: \result == VMREF_EMEM ==> no_frame(*s);
    ensures here: \result == VMREF_OK ==> P(at(*s, t, i)) == 1 && RW(at(*s, t, i)) == prot_W(prot(at(*s, t, i)));
    ensures view: same_view{Pre, Post}(*s, t, i);
    ensures others: \forall integer u, j; 0 <= u < s->tables && ix(j) && !(u == t && j == i) ==> at(*s, u, j) == \old(at(*s, u, j));
    ensures views: others_same{Pre, Post}(*s, t, i);
    ensures same: same_tables{Pre, Post}(*s); */
int vmref_page_zero(const struct vmref_sys *s, uint32_t t, uint32_t i);

/* The copy on write itself: the leaf gets a frame of its own with the contents of its page, which
 * may be in swap. VMREF_EMEM: none is free. */
/*@ requires \valid_read(s) && inv(*s) && is_leaf(*s, t, i) && obj(*s, at(*s, t, i)) < objects(*s);
    requires prot_R(prot(at(*s, t, i))) == 1 && prot_W(prot(at(*s, t, i))) == 1 && prot_S(prot(at(*s, t, i))) == 0;
    terminates \true; exits \false;
    assigns s->tab[512 * t + i], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1],
            s->data[0 .. 4096 * objects(*s) - 1];
    ensures inv: inv(*s);
    ensures status: \result == VMREF_OK || \result == VMREF_EMEM;
    ensures failed: \result != VMREF_OK ==> unchanged{Pre, Post}(*s);
    ensures none: \result == VMREF_EMEM ==> no_frame(*s);
    ensures here: \result == VMREF_OK ==> P(at(*s, t, i)) == 1 && RW(at(*s, t, i)) == 1;
    ensures view: same_view{Pre, Post}(*s, t, i);
    ensures others: \forall integer u, j; 0 <= u < s->tables && ix(j) && !(u == t && j == i) ==> at(*s, u, j) == \old(at(*s, u, j));
    ensures views: others_same{Pre, Post}(*s, t, i);
    ensures same: same_tables{Pre, Post}(*s); */
int vmref_page_copy(const struct vmref_sys *s, uint32_t t, uint32_t i);

/* Let the hardware use a page that is in a frame; for a write, alone or as a sharer of its file,
 * else with a copy of its own. VMREF_EMEM: that needs a frame, and none is free. */
/*@ requires \valid_read(s) && inv(*s) && is_leaf(*s, t, i) && obj(*s, at(*s, t, i)) < s->frames;
    requires prot_R(prot(at(*s, t, i))) == 1 && write <= 1 && (write == 1 ==> prot_W(prot(at(*s, t, i))) == 1);
    terminates \true; exits \false;
    assigns s->tab[512 * t + i], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1],
            s->data[0 .. 4096 * objects(*s) - 1];
    ensures inv: inv(*s);
    ensures status: \result == VMREF_OK || \result == VMREF_EMEM;
    ensures failed: \result != VMREF_OK ==> unchanged{Pre, Post}(*s);
    ensures none: \result == VMREF_EMEM ==> no_frame(*s);
    ensures alone: write == 0 || \old(mine(*s, at(*s, t, i))) ==> \result == VMREF_OK
      && obj(*s, at(*s, t, i)) == \old(obj(*s, at(*s, t, i)));
    ensures here: \result == VMREF_OK ==> P(at(*s, t, i)) == 1 && (write == 1 ==> RW(at(*s, t, i)) == 1);
    ensures view: same_view{Pre, Post}(*s, t, i);
    ensures others: \forall integer u, j; 0 <= u < s->tables && ix(j) && !(u == t && j == i) ==> at(*s, u, j) == \old(at(*s, u, j));
    ensures views: others_same{Pre, Post}(*s, t, i);
    ensures same: same_tables{Pre, Post}(*s); */
int vmref_page_enter(const struct vmref_sys *s, uint32_t t, uint32_t i, uint8_t write);

/* Make (u, j), which is empty, another leaf of the page of (t, i), with rights of its own. */
/*@ requires \valid_read(s) && inv(*s) && is_leaf(*s, t, i) && is_leaf(*s, u, j) && at(*s, u, j) == 0;
    requires prot <= 15 && (prot_S(prot) == 1 ==> obj(*s, at(*s, t, i)) < objects(*s) && s->shared[obj(*s, at(*s, t, i))] == 1);
    terminates \true; exits \false;
    assigns s->tab[512 * t + i], s->tab[512 * u + j], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1],
            s->hint[0 .. hints(*s) - 1];
    ensures inv: inv(*s);
    ensures view: same_view{Pre, Post}(*s, t, i);
    ensures object: obj(*s, at(*s, t, i)) == \old(obj(*s, at(*s, t, i)));
    ensures there: at(*s, t, i) != 0 ==> at(*s, u, j) != 0 && prot(at(*s, u, j)) == prot
      && obj(*s, at(*s, u, j)) == obj(*s, at(*s, t, i));
    ensures nothing: at(*s, t, i) == 0 ==> at(*s, u, j) == 0;
    ensures kept: \old(prot_S(prot(at(*s, t, i)))) == 1 ==> at(*s, t, i) == \old(at(*s, t, i));
    ensures views: \forall integer v, k; is_leaf{Pre}(*s, v, k) && !(v == u && k == j) ==> same_view{Pre, Post}(*s, v, k);
    ensures others: \forall integer v, k; 0 <= v < s->tables && ix(k) && !(v == t && k == i) && !(v == u && k == j) ==>
      at(*s, v, k) == \old(at(*s, v, k));
    ensures same: same_tables{Pre, Post}(*s); */
void vmref_page_share(const struct vmref_sys *s, uint32_t t, uint32_t i, uint32_t u, uint32_t j, uint8_t prot);

/* Make (t, i), which is empty, a page of a file: free frame f, zeroed. */
/*@ requires \valid_read(s) && inv(*s) && is_leaf(*s, t, i) && at(*s, t, i) == 0 && f < s->frames && s->rc[f] == 0;
    terminates \true; exits \false;
    assigns s->tab[512 * t + i], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1],
            s->data[4096 * f .. 4096 * f + 4095];
    ensures inv: inv(*s);
    ensures there: obj(*s, at(*s, t, i)) == f && s->shared[f] == 1 && zero_bytes(*s, f) && at(*s, t, i) != 0;
    ensures rights: prot(at(*s, t, i)) == VMREF_PROT_R + VMREF_PROT_W + VMREF_PROT_S;
    ensures views: others_same{Pre, Post}(*s, t, i);
    ensures others: \forall integer u, j; 0 <= u < s->tables && ix(j) && !(u == t && j == i) ==> at(*s, u, j) == \old(at(*s, u, j));
    ensures same: same_tables{Pre, Post}(*s); */
void vmref_page_file(const struct vmref_sys *s, uint32_t t, uint32_t i, uint32_t f);
#endif
