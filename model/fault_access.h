/* SPDX-License-Identifier: MIT */
/* Part of topic fault: an access of a process from beginning to end. */
#ifndef VMREF_FAULT_ACCESS_H
#define VMREF_FAULT_ACCESS_H
#include "fault.h"
#include "table_page.h"

/* What came of an access. A page fault that the handler could mend is no failure: then
 * `faulted` is 1, status VMREF_OK. */
struct vmref_outcome {
  int status;      /* VMREF_OK; VMREF_ENOMAP, VMREF_EACCES: the process gets the fault; VMREF_EMEM:
                      no frame was free; VMREF_EINVAL: no such space */
  uint32_t error;  /* of the fault: its error code (SDM 3A 4.7) */
  uint8_t vector;  /* of the fault: 14; 12 or 13 where the address is not canonical; 0: none */
  uint8_t faulted; /* 1: the hardware faulted at first */
  uint8_t byte;    /* what was read; of a VMREF_RMW, what was there before */
};

/* An access by the process in space a to one byte: the walk, at a fault the handler and the walk
 * again, the byte, and the accessed and dirty flags (SDM 3A 4.8). byte: what is written. A file can be
 * read and written so too. All faults of addresses outside the user's half are the process's. */
/*@ requires \valid_read(s) && inv(*s) && kind <= VMREF_FETCH;
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1],
            s->hint[0 .. hints(*s) - 1], s->data[0 .. 4096 * objects(*s) - 1];
    ensures inv: inv(*s);
    ensures status: \result.status == VMREF_OK || \result.status == VMREF_ENOMAP || \result.status == VMREF_EACCES
      || \result.status == VMREF_EMEM || \result.status == VMREF_EINVAL;
    ensures failed: \result.status != VMREF_OK ==> unchanged{Pre, Post}(*s);
    ensures space: \result.status == VMREF_EINVAL <==> !\old(a < s->spaces && s->level[a] == 4);
    ensures nomap: \result.status == VMREF_ENOMAP <==> \result.status != VMREF_EINVAL && va < 0x800000000000 && \old(leaf_at(*s, a, va)) == 0;
    ensures access: \result.status == VMREF_EACCES <==> \result.status != VMREF_EINVAL
      && (va >= 0x800000000000 || (\old(leaf_at(*s, a, va)) != 0 && !permits(\old(leaf_at(*s, a, va)), kind)));
    ensures none: \result.status == VMREF_EMEM ==> no_frame(*s);
    ensures faulted: \result.faulted == 1 <==> \result.status != VMREF_EINVAL
      && (va >= 0x800000000000 || !granted(\old(leaf_at(*s, a, va)), kind));
    ensures fault: \result.faulted == 1 && va < 0x800000000000 ==>
      \result.vector == VMREF_VECTOR_PF && \result.error == user_error(\old(leaf_at(*s, a, va)), kind);
    ensures quiet: \result.faulted != 1 ==> \result.faulted == 0 && \result.vector == 0 && \result.error == 0;
    ensures same: same_tables{Pre, Post}(*s);
    ensures here: \result.status == VMREF_OK ==> va < 0x800000000000 && granted(leaf_at(*s, a, va), kind);
    ensures read: \result.status == VMREF_OK && kind != VMREF_WRITE ==> \result.byte == \old(shown(*s, leaf_at(*s, a, va), va % 0x1000));
    ensures wrote: \result.status == VMREF_OK && (kind == VMREF_WRITE || kind == VMREF_RMW) ==>
      shown(*s, leaf_at(*s, a, va), va % 0x1000) == byte;
    ensures flags: \result.status == VMREF_OK ==> marked(*s, a, va, kind);
    ensures only: \result.status == VMREF_OK ==> \forall integer u, j, k; is_leaf(*s, u, j) && 0 <= k < 4096
      && !((kind == VMREF_WRITE || kind == VMREF_RMW) && obj(*s, at(*s, u, j)) == obj(*s, leaf_at(*s, a, va)) && k == va % 0x1000) ==>
      shown(*s, at(*s, u, j), k) == \old(shown(*s, at(*s, u, j), k));
    ensures rights: \forall integer u, j; is_leaf(*s, u, j) ==> prot(at(*s, u, j)) == \old(prot(at(*s, u, j)))
      && (at(*s, u, j) == 0 <==> \old(at(*s, u, j)) == 0);
    ensures kept: \forall integer u, j; is_leaf(*s, u, j) && !(u == t1(*s, a, i4(va), i3(va), i2(va)) && j == i1(va)) && P(\old(at(*s, u, j))) == 1 ==>
      at(*s, u, j) == \old(at(*s, u, j));
    ensures calm: \result.faulted == 0 ==> \forall integer u, j; is_leaf(*s, u, j) ==> calm(\old(at(*s, u, j)), at(*s, u, j));
    ensures objects: \result.faulted == 0 ==> \forall integer o; 0 <= o < objects(*s) ==> s->rc[o] == \old(s->rc[o]) && s->shared[o] == \old(s->shared[o]);
    ensures isolated: \result.status != VMREF_OK || kind == VMREF_READ || kind == VMREF_FETCH
      || prot_S(prot(leaf_at(*s, a, va))) == 0 ==> isolated{Pre, Post}(*s, a); */
struct vmref_outcome vmref_user_access(const struct vmref_sys *s, uint32_t a, uint64_t va, uint8_t kind, uint8_t byte);

/* The byte at an offset of a page frame: what the hardware does at a physical address of RAM. Returns
 * what was there; a VMREF_WRITE or VMREF_RMW puts `byte` there. */
/*@ requires \valid_read(s) && inv(*s) && f < s->frames && at < 4096 && kind <= VMREF_FETCH;
    terminates \true; exits \false;
    assigns s->data[4096 * f + at];
    ensures inv: inv(*s);
    ensures read: \result == \old(byte_of(*s, f, at));
    ensures written: kind == VMREF_WRITE || kind == VMREF_RMW ==> byte_of(*s, f, at) == byte;
    ensures bytes: \forall integer q, b; 0 <= q < objects(*s) && 0 <= b < 4096
      && !((kind == VMREF_WRITE || kind == VMREF_RMW) && q == f && b == at) ==> byte_of(*s, q, b) == \old(byte_of(*s, q, b)); */
uint8_t vmref_frame_byte(const struct vmref_sys *s, uint32_t f, uint32_t at, uint8_t kind, uint8_t byte);

/* Set the accessed and dirty flags of a leaf that is present: e is that leaf with them. */
/*@ requires \valid_read(s) && inv(*s) && is_leaf(*s, t, i) && P(at(*s, t, i)) == 1;
    requires e == accessed(at(*s, t, i)) || e == dirtied(accessed(at(*s, t, i)));
    terminates \true; exits \false;
    assigns s->tab[512 * t + i], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1];
    ensures inv: inv(*s);
    ensures written: at(*s, t, i) == e && obj(*s, e) == \old(obj(*s, at(*s, t, i))) && prot(e) == \old(prot(at(*s, t, i)))
      && P(e) == 1 && RW(e) == \old(RW(at(*s, t, i))) && XD(e) == \old(XD(at(*s, t, i))) && US(e) == \old(US(at(*s, t, i)))
      && PFN(e) == \old(PFN(at(*s, t, i))) && A(e) == 1 && \old(D(at(*s, t, i))) <= D(e);
    ensures others: \forall integer v, j; 0 <= v < s->tables && ix(j) && !(v == t && j == i) ==> at(*s, v, j) == \old(at(*s, v, j));
    ensures objects: \forall integer o; 0 <= o < objects(*s) ==> s->rc[o] == \old(s->rc[o]) && s->shared[o] == \old(s->shared[o]);
    ensures same: same_tables{Pre, Post}(*s); */
void vmref_leaf_mark(const struct vmref_sys *s, uint32_t t, uint32_t i, uint64_t e);

/* ---- lemmas, run by the prover only ---- */
/* An entry with its accessed or dirty flag set says the same otherwise. */
/*@ ghost
  /@ terminates \true; assigns \nothing; exits \false;
     ensures a: P(accessed(e)) == P(e) && RW(accessed(e)) == RW(e) && US(accessed(e)) == US(e) && XD(accessed(e)) == XD(e)
       && PFN(accessed(e)) == PFN(e) && prot(accessed(e)) == prot(e) && A(accessed(e)) == 1 && D(accessed(e)) == D(e);
     ensures d: P(dirtied(e)) == P(e) && RW(dirtied(e)) == RW(e) && US(dirtied(e)) == US(e) && XD(dirtied(e)) == XD(e)
       && PFN(dirtied(e)) == PFN(e) && prot(dirtied(e)) == prot(e) && D(dirtied(e)) == 1
       && A(dirtied(e)) == A(e);
     ensures room: accessed(e) <= 0xFFFFFFFFFFFFFFFF && dirtied(e) <= 0xFFFFFFFFFFFFFFFF; @/
  void vmref_lemma_flags(uint64_t e);
*/
#endif
