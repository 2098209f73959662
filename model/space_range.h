/* SPDX-License-Identifier: MIT */
/* Part of topic space: what is mapped in a space, by ranges of pages. A page has a number,
 * address / 4096, below VMREF_USER_PAGES. Each operation does all of its range or none. Statuses
 * that all have: VMREF_EINVAL: there is no such space, the range is empty, longer than
 * VMREF_RANGE or ends above the user's half, or rights are none of those. */
#ifndef VMREF_SPACE_RANGE_H
#define VMREF_SPACE_RANGE_H
#include "space.h"
#include "table_make.h"
#include "table_page.h"

#ifdef __FRAMAC__
#include "../spec/space.acsl"
#endif

/* Map pages that read as zero until they are written to, which takes no frame before they are
 * touched. prot: VMREF_PROT_R, W, X; a page may be written and executed only if both are asked
 * for here. VMREF_EINVAL: also when something is mapped there; VMREF_EMEM: not enough free table
 * frames. */
/*@ requires \valid_read(s) && inv(*s);
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->level[0 .. s->tables - 1], s->owner[0 .. s->tables - 1], s->parent[0 .. s->tables - 1],
            s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1];
    ensures inv: inv(*s);
    ensures status: \result == VMREF_OK || \result == VMREF_EINVAL || \result == VMREF_EMEM;
    ensures invalid: \result == VMREF_EINVAL <==> !\old(in_range(*s, a, p, n) && prot <= 7 && vacant(*s, a, p, n));
    ensures failed: \result != VMREF_OK ==> unchanged{Pre, Post}(*s) && same_leaves{Pre, Post}(*s, -1);
    ensures mapped: \result == VMREF_OK ==> \forall integer q; p <= q < p + n ==> leaf_of(*s, a, q) != 0
      && prot(leaf_of(*s, a, q)) == prot && obj(*s, leaf_of(*s, a, q)) == NONE(*s);
    ensures others: \result == VMREF_OK ==> elsewhere{Pre, Post}(*s, a, p, n);
    ensures theirs: same_leaves{Pre, Post}(*s, a) && same_records{Pre, Post}(*s, -1);
    ensures isolated: isolated{Pre, Post}(*s, a); */
int vmref_map(const struct vmref_sys *s, uint32_t a, uint64_t p, uint64_t n, uint8_t prot);

/* Map n pages of file f from its page first on. share 1: writes go to the file and all who map
 * it so see them; 0: they go to a copy. VMREF_EINVAL: also when something is mapped there, or f
 * is no file; VMREF_ENOMAP: the file has no such page; VMREF_EMEM: not enough free table frames. */
/*@ requires \valid_read(s) && inv(*s) && share <= 1;
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->level[0 .. s->tables - 1], s->owner[0 .. s->tables - 1], s->parent[0 .. s->tables - 1],
            s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1];
    ensures inv: inv(*s);
    ensures status: \result == VMREF_OK || \result == VMREF_EINVAL || \result == VMREF_EMEM || \result == VMREF_ENOMAP;
    ensures failed: \result != VMREF_OK ==> unchanged{Pre, Post}(*s) && same_leaves{Pre, Post}(*s, -1);
    ensures invalid: \result == VMREF_EINVAL <==> !\old(in_range(*s, a, p, n) && prot <= 7 && vacant(*s, a, p, n)
      && in_range(*s, f, first, n) && f != a && s->parent[f] == VMREF_FILE);
    ensures missing: \result == VMREF_ENOMAP <==> \result != VMREF_EINVAL
      && \old(\exists integer q; first <= q < first + n && prot_S(prot(leaf_of(*s, f, q))) == 0);
    ensures mapped: \result == VMREF_OK ==> \forall integer k; 0 <= k < n ==> leaf_of(*s, a, p + k) != 0
      && prot(leaf_of(*s, a, p + k)) == prot + 8 * share
      && obj(*s, leaf_of(*s, a, p + k)) == \old(obj(*s, leaf_of(*s, f, first + k)));
    ensures others: \result == VMREF_OK ==> elsewhere{Pre, Post}(*s, a, p, n);
    ensures theirs: same_leaves{Pre, Post}(*s, a) && same_records{Pre, Post}(*s, -1);
    ensures isolated: isolated{Pre, Post}(*s, a); */
int vmref_map_file(const struct vmref_sys *s, uint32_t a, uint64_t p, uint64_t n, uint8_t prot,
                   uint32_t f, uint64_t first, uint8_t share);

/* Add page p to file f; it is zero. VMREF_EINVAL: f is no file, or has such a page; VMREF_EMEM:
 * no free frame, or not enough free table frames. */
/*@ requires \valid_read(s) && inv(*s);
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->level[0 .. s->tables - 1], s->owner[0 .. s->tables - 1], s->parent[0 .. s->tables - 1],
            s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1],
            s->data[0 .. 4096 * objects(*s) - 1];
    ensures inv: inv(*s);
    ensures status: \result == VMREF_OK || \result == VMREF_EINVAL || \result == VMREF_EMEM;
    ensures invalid: \result == VMREF_EINVAL <==>
      !\old(in_range(*s, f, p, 1) && s->parent[f] == VMREF_FILE && leaf_of(*s, f, p) == 0);
    ensures failed: \result != VMREF_OK ==> unchanged{Pre, Post}(*s) && same_leaves{Pre, Post}(*s, -1);
    ensures there: \result == VMREF_OK ==> obj(*s, leaf_of(*s, f, p)) < s->frames && zero_bytes(*s, obj(*s, leaf_of(*s, f, p)))
      && s->shared[obj(*s, leaf_of(*s, f, p))] == 1;
    ensures others: \result == VMREF_OK ==> elsewhere{Pre, Post}(*s, f, p, 1);
    ensures theirs: same_leaves{Pre, Post}(*s, f) && same_records{Pre, Post}(*s, -1);
    ensures isolated: isolated{Pre, Post}(*s, f); */
int vmref_file_add(const struct vmref_sys *s, uint32_t f, uint64_t p);

/* Unmap what is mapped there; tables that are empty then become free. */
/*@ requires \valid_read(s) && inv(*s);
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->level[0 .. s->tables - 1],
            s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1];
    ensures inv: inv(*s);
    ensures status: \result == VMREF_OK || \result == VMREF_EINVAL;
    ensures invalid: \result == VMREF_EINVAL <==> !\old(in_range(*s, a, p, n));
    ensures failed: \result != VMREF_OK ==> unchanged{Pre, Post}(*s) && same_leaves{Pre, Post}(*s, -1);
    ensures gone: \result == VMREF_OK ==> vacant(*s, a, p, n);
    ensures freed: no_more_empty{Pre, Post}(*s);
    ensures spaces: \forall integer b; 0 <= b < s->spaces ==> s->level[b] == \old(s->level[b]);
    ensures cleared: \forall integer t, i; 0 <= t < s->tables && ix(i) ==> at(*s, t, i) == \old(at(*s, t, i)) || at(*s, t, i) == 0;
    ensures fewer: \forall integer t; 0 <= t < s->tables ==> s->level[t] == \old(s->level[t]) || s->level[t] == 0;
    ensures held: \forall integer o; 0 <= o < objects(*s) ==> s->rc[o] <= \old(s->rc[o]) && (s->rc[o] != 0 ==> s->shared[o] == \old(s->shared[o]));
    ensures others: \result == VMREF_OK ==> elsewhere{Pre, Post}(*s, a, p, n);
    ensures theirs: same_leaves{Pre, Post}(*s, a) && same_records{Pre, Post}(*s, a);
    ensures isolated: isolated{Pre, Post}(*s, a); */
int vmref_unmap(const struct vmref_sys *s, uint32_t a, uint64_t p, uint64_t n);

/* Give mapped pages other rights; the hardware gets them when it next faults. VMREF_ENOMAP:
 * nothing is mapped at one of them. */
/*@ requires \valid_read(s) && inv(*s);
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1],
            s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1];
    ensures inv: inv(*s);
    ensures status: \result == VMREF_OK || \result == VMREF_EINVAL || \result == VMREF_ENOMAP;
    ensures invalid: \result == VMREF_EINVAL <==> !\old(in_range(*s, a, p, n) && prot <= 7);
    ensures missing: \result == VMREF_ENOMAP <==> \result != VMREF_EINVAL && !\old(mapped(*s, a, p, n));
    ensures failed: \result != VMREF_OK ==> unchanged{Pre, Post}(*s) && same_leaves{Pre, Post}(*s, -1);
    ensures rights: \result == VMREF_OK ==> \forall integer q; p <= q < p + n ==> leaf_of(*s, a, q) != 0
      && prot(leaf_of(*s, a, q)) == prot + 8 * \old(prot_S(prot(leaf_of(*s, a, q))))
      && obj(*s, leaf_of(*s, a, q)) == \old(obj(*s, leaf_of(*s, a, q)));
    ensures others: \result == VMREF_OK ==> elsewhere{Pre, Post}(*s, a, p, n);
    ensures theirs: same_leaves{Pre, Post}(*s, a) && same_records{Pre, Post}(*s, a);
    ensures isolated: isolated{Pre, Post}(*s, a); */
int vmref_protect(const struct vmref_sys *s, uint32_t a, uint64_t p, uint64_t n, uint8_t prot);
#endif
