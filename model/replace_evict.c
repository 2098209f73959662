/* SPDX-License-Identifier: MIT */
/* Evictions. Whether a page is clean is seen by its bytes: entries that are made anew, as at fork
 * or migration, do not keep their dirty flag. */
#include "replace_evict.h"

/* Do two objects hold the same? */
/*@ requires \valid_read(s) && valid_sys(*s) && o < objects(*s) && q < objects(*s);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> same_bytes(*s, o, q);
    ensures \result <= 1; */
static uint8_t same(const struct vmref_sys *s, uint32_t o, uint32_t q)
{
  /*@ loop invariant 0 <= b <= 4096;
      loop invariant \forall integer k; 0 <= k < b ==> byte_of(*s, o, k) == byte_of(*s, q, k);
      loop assigns b; loop variant 4096 - b; */
  for (uint32_t b = 0; b < 4096; b++) {
    //@ assert here: s->data[4096 * o + b] == byte_of(*s, o, b) && s->data[4096 * q + b] == byte_of(*s, q, b);
    if (s->data[4096 * (uint64_t)o + b] != s->data[4096 * (uint64_t)q + b]) return 0;
  }
  return 1;
}

/* Is a page frame in use? */
/*@ requires \valid_read(s) && valid_sys(*s);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> \exists integer f; 0 <= f < s->frames && s->rc[f] != 0;
    ensures \result <= 1; */
static uint8_t any_used(const struct vmref_sys *s)
{
  /*@ loop invariant 0 <= f <= s->frames;
      loop invariant \forall integer g; 0 <= g < f ==> s->rc[g] == 0;
      loop assigns f; loop variant s->frames - f; */
  for (uint32_t f = 0; f < s->frames; f++)
    if (s->rc[f] != 0) return 1;
  return 0;
}

/* A free slot, as an object, frames + slots when there is none: one that no page in memory came
 * from, as long as there is such a one, so that those stay clean. */
/*@ requires \valid_read(s) && valid_sys(*s) && \valid_read(p) && notes(*s, *p);
    terminates \true; assigns s->hint[0 .. hints(*s) - 1]; exits \false;
    ensures s->frames <= \result <= objects(*s);
    ensures found: \result < objects(*s) ==> s->rc[\result] == 0;
    ensures none: \result == objects(*s) ==> no_slot(*s); */
static uint32_t slot_for(const struct vmref_sys *s, const struct vmref_policy *p)
{
  uint64_t mark = VMREF_HINT_COUNT(s);
  uint32_t objects = s->frames + s->slots, any = objects;
  /*@ loop invariant s->frames <= o <= objects;
      loop assigns o, s->hint[0 .. hints(*s) - 1]; loop variant objects - o; */
  for (uint32_t o = s->frames; o < objects; o++) s->hint[mark + o] = 0;
  /*@ loop invariant 0 <= f <= s->frames;
      loop assigns f, s->hint[0 .. hints(*s) - 1]; loop variant s->frames - f; */
  for (uint32_t f = 0; f < s->frames; f++) {
    uint32_t came = s->rc[f] == 0 ? objects : vmref_policy_slot(s, p, f);
    if (came < objects) s->hint[mark + came] = 1;
  }
  /*@ loop invariant s->frames <= o <= objects && s->frames <= any <= objects;
      loop invariant found: any < objects ==> s->rc[any] == 0;
      loop invariant none: any == objects ==> \forall integer q; s->frames <= q < o ==> s->rc[q] != 0;
      loop assigns o, any; loop variant objects - o; */
  for (uint32_t o = s->frames; o < objects; o++) {
    if (s->rc[o] != 0) continue;
    any = o;
    if (s->hint[mark + o] == 0) return o;
  }
  return any;
}

/* The page in frame f to the slot that it came from, if that is free, or else to free slot o. It
 * is not written if its slot still has its contents. */
/*@ requires \valid_read(s) && inv(*s) && f < s->frames && s->rc[f] != 0;
    requires s->frames <= o < objects(*s) && s->rc[o] == 0 && s->frames <= came <= objects(*s);
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1],
            s->hint[0 .. hints(*s) - 1], s->data[0 .. 4096 * objects(*s) - 1];
    ensures inv: inv(*s);
    ensures out: s->rc[f] == 0 && \result <= 1;
    ensures dirty: \result == 0 <==> came < objects(*s) && \old(s->rc[came]) == 0 && \old(same_bytes(*s, came, f));
    ensures clean: \result == 0 ==> \forall integer q, b; 0 <= q < objects(*s) && 0 <= b < 4096 ==>
      byte_of(*s, q, b) == \old(byte_of(*s, q, b));
    ensures views: \forall integer t, i; is_leaf(*s, t, i) ==> same_view{Pre, Post}(*s, t, i);
    ensures same: same_tables{Pre, Post}(*s); */
static uint8_t out(const struct vmref_sys *s, uint32_t f, uint32_t o, uint32_t came)
{
  if (came == s->frames + s->slots || s->rc[came] != 0) {
    vmref_object_move(s, f, o);
    return 1;
  }
  if (same(s, came, f) == 0) {
    vmref_object_move(s, f, came);
    return 1;
  }
  vmref_object_rename(s, f, came);
  /*@ assert clean: \forall integer q, b; 0 <= q < objects(*s) && 0 <= b < 4096 ==> byte_of(*s, q, b) == \at(byte_of(*s, q, b), Pre); */
  return 0;
}

struct vmref_eviction vmref_evict(const struct vmref_sys *s, const struct vmref_policy *p)
{
  struct vmref_eviction r = { VMREF_EINVAL, 0, 0, 0 };
  if (p->kind > VMREF_CLOCK || any_used(s) == 0) return r;
  //@ ghost vmref_lemma_leaves(s);
  uint32_t o = slot_for(s, p);
  r.status = VMREF_EFULL;
  if (o == s->frames + s->slots) return r;
  if (p->kind == VMREF_LRU) r.frame = vmref_lru_frame(s, p);
  else {
    struct vmref_stop stop = vmref_clock_frame(s, vmref_policy_hand(s, p) % s->frames);
    r.frame = stop.frame;
    r.steps = stop.steps;
  }
  //@ ghost vmref_lemma_leaves(s);
  /*@ assert aged: \forall integer t, i; is_leaf(*s, t, i) ==> same_leaf{Pre, Here}(*s, t, i); */
  /*@ assert aged_views: \forall integer t, i; is_leaf(*s, t, i) ==> same_view{Pre, Here}(*s, t, i); */
  //@ assert least: p->kind == VMREF_LRU ==> \at(least(*s, *p, \at(r.frame, Here)), Pre);
  r.written = out(s, r.frame, o, vmref_policy_slot(s, p, r.frame));
  r.status = VMREF_OK;
  if (p->kind == VMREF_CLOCK) vmref_policy_hand_set(s, p, r.frame + 1 == s->frames ? 0 : r.frame + 1);
  /*@ assert views: \forall integer t, i; is_leaf(*s, t, i) ==> same_view{Pre, Here}(*s, t, i); */
  //@ ghost vmref_lemma_leaves(s);
  //@ ghost vmref_lemma_pages(0);
  /*@ assert page_of: \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> page(*s, b, p4(q), p3(q), p2(q), 0); */
  /*@ assert tables: \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> table_of(*s, b, q) == \at(table_of(*s, b, q), Pre); */
  /*@ assert then: \forall integer b, q; 0 <= b < s->spaces && upage(q) && table_of(*s, b, q) < s->tables ==>
        \at(leaf_of(*s, b, q), Pre) == \at(at(*s, table_of(*s, b, q), p1(q)), Pre); */
  /*@ assert now: \forall integer b, q; 0 <= b < s->spaces && upage(q) && table_of(*s, b, q) < s->tables ==>
        leaf_of(*s, b, q) == at(*s, table_of(*s, b, q), p1(q)); */
  /*@ assert none: \forall integer b, q; 0 <= b < s->spaces && upage(q) && table_of(*s, b, q) >= s->tables ==>
        leaf_of(*s, b, q) == 0 && \at(leaf_of(*s, b, q), Pre) == 0; */
  /*@ assert seen: \forall integer b, q; 0 <= b < s->spaces && upage(q) && table_of(*s, b, q) < s->tables ==>
        same_view{Pre, Here}(*s, table_of(*s, b, q), p1(q)); */
  return r;
}

/* The indices of an address are those of its page. */
/*@ ghost
  /@ requires va < 0x800000000000;
     terminates \true; assigns \nothing; exits \false;
     ensures upage(va / 0x1000);
     ensures i4(va) == p4(va / 0x1000) && i3(va) == p3(va / 0x1000) && i2(va) == p2(va / 0x1000) && i1(va) == p1(va / 0x1000); @/
  static void lemma_page_of(uint64_t va)
  {
    uint64_t p = va / 0x1000;
    /@ assert four: va / 0x8000000000 == p / 0x8000000 && p / 0x8000000 < 256; @/
    /@ assert three: va / 0x40000000 == p / 0x40000; @/
    /@ assert two: va / 0x200000 == p / 0x200; @/
  }
*/

/* An access that found no frame free: evict, then again. */
/*@ requires \valid_read(s) && inv(*s) && a < s->spaces && s->level[a] == 4 && va < 0x800000000000 && kind <= VMREF_FETCH;
    requires \valid_read(p) && notes(*s, *p) && no_frame(*s);
    requires leaf_at(*s, a, va) != 0 && permits(leaf_at(*s, a, va), kind);
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1],
            s->hint[0 .. hints(*s) - 1], s->data[0 .. 4096 * objects(*s) - 1],
            p->note[6 * s->frames + 4 .. 6 * s->frames + 5];
    ensures inv: inv(*s);
    ensures status: \result.out.status == VMREF_OK || \result.out.status == VMREF_EMEM;
    ensures failed: \result.out.status != VMREF_OK ==> unchanged{Pre, Post}(*s);
    ensures memory: \result.out.status == VMREF_EMEM ==> no_frame(*s) && (no_slot(*s) || s->frames == 0 || p->kind > VMREF_CLOCK);
    ensures evictions: \result.evictions == (\result.out.status == VMREF_OK ? 1 : 0);
    ensures lru: \result.evictions == 1 && p->kind == VMREF_LRU ==> \old(least(*s, *p, \at(\result.evicted.frame, Post)));
    ensures clock: \result.evictions == 1 && p->kind == VMREF_CLOCK ==>
      \old(second_chance(*s, hand(*s, *p) % s->frames, \at(\result.evicted.frame, Post), \at(\result.evicted.steps, Post)));
    ensures same: same_tables{Pre, Post}(*s);
    ensures here: \result.out.status == VMREF_OK ==> granted(leaf_at(*s, a, va), kind);
    ensures read: \result.out.status == VMREF_OK && kind != VMREF_WRITE ==> \result.out.byte == \old(shown(*s, leaf_at(*s, a, va), va % 0x1000));
    ensures wrote: \result.out.status == VMREF_OK && (kind == VMREF_WRITE || kind == VMREF_RMW) ==>
      shown(*s, leaf_at(*s, a, va), va % 0x1000) == byte;
    ensures flags: \result.out.status == VMREF_OK ==> marked(*s, a, va, kind);
    ensures isolated: \result.out.status != VMREF_OK || kind == VMREF_READ || kind == VMREF_FETCH
      || prot_S(prot(leaf_at(*s, a, va))) == 0 ==> isolated{Pre, Post}(*s, a); */
static struct vmref_policy_outcome retried(const struct vmref_sys *s, const struct vmref_policy *p, uint32_t a, uint64_t va,
                                           uint8_t kind, uint8_t byte)
{
  struct vmref_policy_outcome r = { { 0 }, { 0 }, 0 };
  //@ ghost lemma_page_of(va);
  //@ assert then: leaf_at(*s, a, va) == leaf_of(*s, a, va / 0x1000);
  r.out.status = VMREF_EMEM;
  r.evicted = vmref_evict(s, p);
  /*@ assert pages: \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> same_page{Pre, Here}(*s, b, q); */
  if (r.evicted.status != VMREF_OK) return r;
  //@ assert link: leaf_at(*s, a, va) == leaf_of(*s, a, va / 0x1000);
  //@ assert mapped: leaf_at(*s, a, va) != 0 && prot(leaf_at(*s, a, va)) == \at(prot(leaf_at(*s, a, va)), Pre);
  //@ assert byte: shown(*s, leaf_at(*s, a, va), va % 0x1000) == \at(shown(*s, leaf_at(*s, a, va), va % 0x1000), Pre);
  //@ ghost Evicted: ;
  r.out = vmref_user_access(s, a, va, kind, byte);
  r.evictions = 1;
  //@ assert done: r.out.status == VMREF_OK;
  /*@ assert apart: kind == VMREF_READ || kind == VMREF_FETCH || prot_S(prot(leaf_at(*s, a, va))) == 0 ==>
        \forall integer b, q; 0 <= b < s->spaces && b != a && upage(q) ==> same_page{Evicted, Here}(*s, b, q); */
  /*@ assert both: \forall integer b, q; same_page{Pre, Evicted}(*s, b, q) && same_page{Evicted, Here}(*s, b, q) ==> same_page{Pre, Here}(*s, b, q); */
  /*@ assert isolated: kind == VMREF_READ || kind == VMREF_FETCH || prot_S(prot(leaf_at(*s, a, va))) == 0 ==>
        \forall integer b, q; 0 <= b < s->spaces && b != a && upage(q) ==> same_page{Pre, Here}(*s, b, q); */
  return r;
}

/* Note that an access has used the page at va, which object `before` held until then. */
/*@ requires \valid_read(s) && inv(*s) && a < s->spaces && s->level[a] == 4 && va < 0x800000000000;
    requires \valid_read(p) && notes(*s, *p) && before <= objects(*s) && P(leaf_at(*s, a, va)) == 1;
    terminates \true; exits \false; assigns p->note[0 .. 6 * s->frames + 3];
    ensures used: obj(*s, leaf_at(*s, a, va)) < s->frames && used(*p, obj(*s, leaf_at(*s, a, va))) == now(*s, *p); */
static void noted(const struct vmref_sys *s, const struct vmref_policy *p, uint32_t a, uint64_t va, uint32_t before)
{
  //@ ghost lemma_page_of(va);
  //@ ghost vmref_lemma_leaves(s);
  uint32_t f = vmref_leaf_object(s, vmref_page_leaf(s, a, va / 0x1000));
  //@ assert f: f < s->frames && f == obj(*s, leaf_at(*s, a, va));
  if (s->frames <= before && before < s->frames + s->slots) vmref_policy_came(s, p, f, before);
  vmref_policy_use(s, p, f);
}

struct vmref_policy_outcome vmref_policy_access(const struct vmref_sys *s, const struct vmref_policy *p, uint32_t a, uint64_t va,
                                                uint8_t kind, uint8_t byte)
{
  struct vmref_policy_outcome r = { { 0 }, { 0 }, 0 };
  uint32_t before = s->frames + s->slots;
  //@ ghost if (va < 0x800000000000) lemma_page_of(va);
  if (a < s->spaces && s->level[a] == 4 && va < VMREF_USER_PAGES * 0x1000)
    before = vmref_leaf_object(s, vmref_page_leaf(s, a, va / 0x1000));
  r.out = vmref_user_access(s, a, va, kind, byte);
  if (r.out.status == VMREF_EMEM) {
    struct vmref_outcome first = r.out; // the fault as the hardware saw it
    /*@ assert leaves: \forall integer t, i; 0 <= t < s->tables && ix(i) ==> at(*s, t, i) == \at(at(*s, t, i), Pre); */
    /*@ assert young: \forall integer f; 0 <= f < s->frames ==> (young(*s, f) <==> \at(young(*s, f), Pre)); */
    //@ assert was: leaf_at(*s, a, va) == \at(leaf_at(*s, \at(a, Here), \at(va, Here)), Pre);
    /*@ assert bytes: \forall integer o, b; 0 <= o < objects(*s) && 0 <= b < 4096 ==> byte_of(*s, o, b) == \at(byte_of(*s, o, b), Pre); */
    /*@ assert leaf: \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> leaf_of(*s, b, q) == \at(leaf_of(*s, b, q), Pre); */
    /*@ assert pages: \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> same_page{Pre, Here}(*s, b, q); */
    /*@ assert still: \forall integer o; 0 <= o < objects(*s) ==> s->rc[o] == \at(s->rc[o], Pre) && s->shared[o] == \at(s->shared[o], Pre); */
    //@ assert none: \at(no_frame(*s), Pre);
    //@ ghost Failed: ;
    r = retried(s, p, a, va, kind, byte);
    //@ assert lru: r.evictions == 1 && p->kind == VMREF_LRU ==> \at(least(*s, *p, \at(r.evicted.frame, Here)), Pre);
    /*@ assert clock: r.evictions == 1 && p->kind == VMREF_CLOCK ==>
          \at(second_chance(*s, hand(*s, *p) % s->frames, \at(r.evicted.frame, Here), \at(r.evicted.steps, Here)), Pre); */
    /*@ assert both: \forall integer b, q; same_page{Pre, Failed}(*s, b, q) && same_page{Failed, Here}(*s, b, q) ==> same_page{Pre, Here}(*s, b, q); */
    /*@ assert isolated: r.out.status != VMREF_OK || kind == VMREF_READ || kind == VMREF_FETCH || prot_S(prot(leaf_at(*s, a, va))) == 0 ==>
          \forall integer b, q; 0 <= b < s->spaces && b != a && upage(q) ==> same_page{Pre, Here}(*s, b, q); */
    //@ assert failed: r.out.status != VMREF_OK ==> unchanged{Pre, Here}(*s);
    r.out.vector = first.vector;
    r.out.error = first.error;
    r.out.faulted = first.faulted;
  }
  if (r.out.status == VMREF_OK) noted(s, p, a, va, before);
  return r;
}
