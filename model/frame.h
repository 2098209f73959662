/* SPDX-License-Identifier: MIT */
/* Topic frame: the memory manager's state; page frames, swap slots and the leaf entries that
 * refer to them. */
#ifndef VMREF_FRAME_H
#define VMREF_FRAME_H
#include "entry.h"

/* The state, all of it the caller's. Physical memory is `tables` frames of page tables from
 * PFN 0, `frames` page frames after them, then `kernel` frames of the kernel. An object is what
 * a page's contents lie in: a page frame (0 .. frames - 1) or a swap slot (the next `slots`).
 * Each array has an integer type of its own: for the prover they are memories apart. */
struct vmref_sys {
  uint64_t *tab;        /* 512 * tables: the tables in the hardware's format; entry i of table t
                           is entry 512 t + i. Space a's root is table a, the kernel's is `spaces` */
  uint8_t  *data;       /* 4096 * (frames + slots): contents of the objects */
  uint32_t *rc;         /* by object: how many leaves refer to it, 0: free */
  vmref_bool *shared;   /* by object: a page of a file */
  int8_t   *level;      /* by table: 4 root .. 1 leaf table, 0 free */
  int16_t  *owner;      /* by table: the space it belongs to */
  int64_t  *parent;     /* by table: the entry that links it; of a root: VMREF_PROCESS, .. */
  int32_t  *hint;       /* see VMREF_HINTS: where to look first. Checked at use, never trusted */
  uint32_t tables, frames, slots;
  uint32_t kernel, text; /* kernel frames, the first of which hold its text */
  uint32_t spaces;      /* spaces that can exist, processes and files */
};

/* What an entry with P = 0 holds (its bits 2:1). */
#define VMREF_LEAF_NONE  0
#define VMREF_LEAF_ZERO  1 /* a page not yet touched, zero */
#define VMREF_LEAF_FRAME 2 /* a page in memory that the hardware may not use now */
#define VMREF_LEAF_SLOT  3 /* a page in swap */

/* Rights of a mapping. */
#define VMREF_PROT_R 1
#define VMREF_PROT_W 2
#define VMREF_PROT_X 4
#define VMREF_PROT_S 8 /* shared with all who map the file so */

/* The hints, one array: stacks of free frames, slots and tables, each after its depth; by
 * object, one leaf that refers to it, and room for vmref_check to count; by entry, the next
 * leaf of its object and the one before. How many there are. */
#define VMREF_HINTS(s) (3 * ((uint64_t)(s)->frames + (s)->slots) + 3 + 1025 * (uint64_t)(s)->tables)
#define VMREF_HINT_SLOTS(s)  ((uint64_t)(s)->frames + 1)
#define VMREF_HINT_TABLES(s) ((uint64_t)(s)->frames + (s)->slots + 2)
#define VMREF_HINT_LEAF(s)   ((uint64_t)(s)->frames + (s)->slots + (s)->tables + 3)
#define VMREF_HINT_COUNT(s)  (2 * ((uint64_t)(s)->frames + (s)->slots) + (s)->tables + 3)
#define VMREF_HINT_NEXT(s)   (3 * ((uint64_t)(s)->frames + (s)->slots) + (s)->tables + 3)

#ifdef __FRAMAC__
#include "../spec/frame.acsl"
#endif

/* ---- fields of a leaf entry ---- */
/*@ terminates \true; assigns \nothing; exits \false; ensures \result == PFN(e); */
uint64_t vmref_pfn(uint64_t e);
/*@ terminates \true; assigns \nothing; exits \false; ensures \result == prot(e) && \result <= 15; */
uint8_t vmref_leaf_prot(uint64_t e);
/*@ terminates \true; assigns \nothing; exits \false; ensures \result == kind(e) && \result <= 3; */
uint8_t vmref_leaf_kind(uint64_t e);
/* The object it refers to, frames + slots when none. */
/*@ requires \valid_read(s) && sized(*s);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == obj(*s, e) && \result <= objects(*s); */
uint32_t vmref_leaf_object(const struct vmref_sys *s, uint64_t e);

/* ---- leaf entries ---- */
/* One that the hardware may use now. */
/*@ requires \valid_read(s) && sized(*s) && f < s->frames && w <= 1 && prot <= 15 && prot_R(prot) == 1
      && (w == 1 ==> prot_W(prot) == 1);
    terminates \true; assigns \nothing; exits \false;
    ensures P(\result) == 1 && RW(\result) == w && prot(\result) == prot && obj(*s, \result) == f;
    ensures fit_leaf(*s, \result) && \result != 0; */
uint64_t vmref_leaf_present(const struct vmref_sys *s, uint32_t f, uint8_t w, uint8_t prot);
/* One that the hardware may not use, of a page in a frame or a slot. */
/*@ requires \valid_read(s) && sized(*s) && o < objects(*s) && prot <= 15;
    terminates \true; assigns \nothing; exits \false;
    ensures P(\result) == 0 && prot(\result) == prot && obj(*s, \result) == o;
    ensures kind(\result) == (o < s->frames ? VMREF_LEAF_FRAME : VMREF_LEAF_SLOT);
    ensures fit_leaf(*s, \result) && \result != 0; */
uint64_t vmref_leaf_absent(const struct vmref_sys *s, uint32_t o, uint8_t prot);
/* One of a page not yet touched. */
/*@ requires \valid_read(s) && prot <= 15;
    terminates \true; assigns \nothing; exits \false;
    ensures P(\result) == 0 && prot(\result) == prot && obj(*s, \result) == NONE(*s);
    ensures kind(\result) == VMREF_LEAF_ZERO;
    ensures fit_leaf(*s, \result) && \result != 0; */
uint64_t vmref_leaf_zero(const struct vmref_sys *s, uint8_t prot);

/* ---- contents ---- */
/*@ requires \valid_read(s) && valid_sys(*s) && o < objects(*s);
    terminates \true; assigns s->data[4096 * o .. 4096 * o + 4095]; exits \false;
    ensures zero_bytes(*s, o); */
void vmref_object_zero(const struct vmref_sys *s, uint32_t o);
/*@ requires \valid_read(s) && valid_sys(*s) && to < objects(*s) && from < objects(*s) && to != from;
    terminates \true; assigns s->data[4096 * to .. 4096 * to + 4095]; exits \false;
    ensures same_bytes(*s, to, from); */
void vmref_object_copy(const struct vmref_sys *s, uint32_t to, uint32_t from);

/* ---- free objects ---- */
/* A free page frame, `frames` when there is none. */
/*@ requires \valid_read(s) && valid_sys(*s) && ledger(*s);
    terminates \true; assigns s->hint[0 .. hints(*s) - 1]; exits \false;
    ensures \result <= s->frames;
    ensures found: \result < s->frames ==> s->rc[\result] == 0 && no_ref(*s, \result);
    ensures none: \result == s->frames ==> no_frame(*s); */
uint32_t vmref_frame_find(const struct vmref_sys *s);
/* A free swap slot, as an object; frames + slots when there is none. */
/*@ requires \valid_read(s) && valid_sys(*s) && ledger(*s);
    terminates \true; assigns s->hint[0 .. hints(*s) - 1]; exits \false;
    ensures s->frames <= \result <= objects(*s);
    ensures found: \result < objects(*s) ==> s->rc[\result] == 0 && no_ref(*s, \result);
    ensures none: \result == objects(*s) ==> no_slot(*s); */
uint32_t vmref_slot_find(const struct vmref_sys *s);
/* Remember that an object has become free. */
/*@ requires \valid_read(s) && valid_sys(*s) && o < objects(*s);
    terminates \true; assigns s->hint[0 .. hints(*s) - 1]; exits \false; */
void vmref_object_freed(const struct vmref_sys *s, uint32_t o);

/* A free table frame, as the hints have it; to be checked. Remember that one has become free. */
/*@ requires \valid_read(s) && valid_sys(*s);
    terminates \true; assigns s->hint[0 .. hints(*s) - 1]; exits \false; */
int64_t vmref_hint_table(const struct vmref_sys *s);
/*@ requires \valid_read(s) && valid_sys(*s) && t < s->tables;
    terminates \true; assigns s->hint[0 .. hints(*s) - 1]; exits \false; */
void vmref_hint_table_free(const struct vmref_sys *s, uint32_t t);

/* Fill the hints anew, when nothing is mapped: all objects and tables that are free, the lowest
 * to be found first. */
/*@ requires \valid_read(s) && valid_sys(*s);
    terminates \true; assigns s->hint[0 .. hints(*s) - 1]; exits \false; */
void vmref_hints_fill(const struct vmref_sys *s);

/* ---- who refers to an object ---- */
/* Remember that entry n refers to object o; forget it. */
/*@ requires \valid_read(s) && valid_sys(*s) && o < objects(*s) && n < entries(*s);
    terminates \true; assigns s->hint[0 .. hints(*s) - 1]; exits \false; */
void vmref_hint_leaf(const struct vmref_sys *s, uint32_t o, uint64_t n);
/*@ requires \valid_read(s) && valid_sys(*s) && o < objects(*s) && n < entries(*s);
    terminates \true; assigns s->hint[0 .. hints(*s) - 1]; exits \false; */
void vmref_hint_leaf_gone(const struct vmref_sys *s, uint32_t o, uint64_t n);
/* An entry that refers to an object in use. */
/*@ requires \valid_read(s) && valid_sys(*s) && ledger(*s) && o < objects(*s) && s->rc[o] != 0;
    terminates \true; assigns \nothing; exits \false;
    ensures \result < entries(*s) && ref(*s, \result) == o; */
uint64_t vmref_object_leaf(const struct vmref_sys *s, uint32_t o);

/* May a leaf write to its page as it is: alone, or as a sharer of its file? 1 or 0. */
/*@ requires \valid_read(s) && valid_sys(*s) && obj(*s, e) < objects(*s);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> mine(*s, e); ensures \result <= 1; */
uint8_t vmref_leaf_mine(const struct vmref_sys *s, uint64_t e);

/* ---- lemmas, run by the prover only ---- */
/* An object that nobody is counted for has no reference. */
/*@ ghost
  /@ requires \valid_read(s) && valid_sys(*s) && o < objects(*s) && count(*s, o, entries(*s)) == 0;
     terminates \true; assigns \nothing; exits \false; ensures no_ref(*s, o); @/
  void vmref_lemma_no_ref(const struct vmref_sys *s, uint32_t o);
*/
/* An object without references is counted 0 times. */
/*@ ghost
  /@ requires \valid_read(s) && valid_sys(*s) && o < objects(*s) && no_ref(*s, o);
     terminates \true; assigns \nothing; exits \false; ensures count(*s, o, entries(*s)) == 0; @/
  void vmref_lemma_unref(const struct vmref_sys *s, uint32_t o);
*/
/* There are no more references than entries. */
/*@ ghost
  /@ requires \valid_read(s) && valid_sys(*s) && o < objects(*s);
     terminates \true; assigns \nothing; exits \false; ensures 0 <= count(*s, o, entries(*s)) <= entries(*s); @/
  void vmref_lemma_bound(const struct vmref_sys *s, uint32_t o);
*/
/* An entry that refers to an object is counted; counted once, it is the only one. */
/*@ ghost
  /@ requires \valid_read(s) && valid_sys(*s) && n < entries(*s) && ref(*s, n) < objects(*s);
     terminates \true; assigns \nothing; exits \false;
     ensures 1 <= count(*s, ref(*s, n), entries(*s)) <= entries(*s);
     ensures count(*s, ref(*s, n), entries(*s)) == 1 ==> only_ref(*s, n); @/
  void vmref_lemma_only_ref(const struct vmref_sys *s, uint64_t n);
*/
#endif
