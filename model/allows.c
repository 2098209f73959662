/* SPDX-License-Identifier: MIT */
#include "allows.h"

/* ---- what was seen ---------------------------------------------------------- */

/*@ requires \valid_read(s) && s->sets <= VMREF_SETS;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> a_was_set(*s, address); ensures flag(\result); */
static uint8_t a_set(const struct vmref_observed *s, uint64_t address)
{
  /*@ loop invariant 0 <= i <= s->sets;
      loop invariant \forall integer j; 0 <= j < i ==> !(s->set_address[j] == address && s->set_a[j] == 1);
      loop assigns i; loop variant s->sets - i; */
  for (uint8_t i = 0; i < s->sets; i++)
    if (s->set_address[i] == address && s->set_a[i] == 1) return 1;
  return 0;
}

/*@ requires \valid_read(s) && s->sets <= VMREF_SETS;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> d_was_set(*s, address); ensures flag(\result); */
static uint8_t d_set(const struct vmref_observed *s, uint64_t address)
{
  /*@ loop invariant 0 <= i <= s->sets;
      loop invariant \forall integer j; 0 <= j < i ==> !(s->set_address[j] == address && s->set_d[j] == 1);
      loop assigns i; loop variant s->sets - i; */
  for (uint8_t i = 0; i < s->sets; i++)
    if (s->set_address[i] == address && s->set_d[i] == 1) return 1;
  return 0;
}

/*@ requires \valid_read(s) && s->sets <= VMREF_SETS;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> no_d_was_set(*s); ensures flag(\result); */
static uint8_t no_d(const struct vmref_observed *s)
{
  /*@ loop invariant 0 <= i <= s->sets;
      loop invariant \forall integer j; 0 <= j < i ==> s->set_d[j] != 1;
      loop assigns i; loop variant s->sets - i; */
  for (uint8_t i = 0; i < s->sets; i++)
    if (s->set_d[i] == 1) return 0;
  return 1;
}

/*@ requires \valid_read(s) && s->sets <= VMREF_SETS;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> only_d_set_is(*s, address); ensures flag(\result); */
static uint8_t only_d(const struct vmref_observed *s, uint64_t address)
{
  /*@ loop invariant 0 <= i <= s->sets;
      loop invariant \forall integer j; 0 <= j < i && s->set_d[j] == 1 ==> s->set_address[j] == address;
      loop assigns i; loop variant s->sets - i; */
  for (uint8_t i = 0; i < s->sets; i++)
    if (s->set_d[i] == 1 && s->set_address[i] != address) return 0;
  return 1;
}

/*@ requires \valid_read(s) && flag(pk) && flag(cpu.smep) && flag(cpu.nxe);
    requires rule != VMREF_RULE_NONE;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> came_out(*s, cpu, access, rule, pk, pa); ensures flag(\result); */
static uint8_t outcome(const struct vmref_observed *s, struct vmref_cpu cpu, struct vmref_access access,
                       uint8_t rule, uint8_t pk, uint64_t pa)
{
  if (rule == VMREF_RULE_OK) return s->vector == VMREF_VECTOR_NONE && s->pa == pa;
  uint8_t vector = vmref_vector(rule);
  if (s->vector != vector || s->error != vmref_error_code(cpu, access, rule, pk)) return 0;
  return vector != VMREF_VECTOR_PF || s->cr2 == access.va;
}

/* ---- by a walk ----------------------------------------------------------------- */

/*@ requires \valid_read(s) && \valid_read(w) && s->sets <= VMREF_SETS;
    requires w->rule == VMREF_RULE_OK && 1 <= w->last <= w->origin.level <= 5;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> (\forall integer k; w->last <= k <= w->origin.level && A(w->entry[k]) == 0 ==>
                                 a_was_set(*s, w->address[k]));
    ensures flag(\result); */
static uint8_t a_flags(const struct vmref_observed *s, const struct vmref_walk *w)
{
  /*@ loop invariant w->last <= k <= w->origin.level + 1;
      loop invariant \forall integer j; w->last <= j < k && A(w->entry[j]) == 0 ==> a_was_set(*s, w->address[j]);
      loop assigns k; loop variant w->origin.level - k; */
  for (uint8_t k = w->last; k <= w->origin.level; k++)
    if (w->entry[k] / 0x20 % 2 == 0 && !a_set(s, w->address[k])) return 0;
  return 1;
}

/*@ requires \valid_read(s) && \valid_read(w) && s->sets <= VMREF_SETS;
    requires 1 <= w->last <= w->origin.level <= 5;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> flags_as(*s, *w); ensures flag(\result); */
static uint8_t flags(const struct vmref_observed *s, const struct vmref_walk *w)
{
  if (w->rule != VMREF_RULE_OK) return no_d(s);
  if (!a_flags(s, w)) return 0;
  if (!vmref_writes(w->access) || w->entry[w->last] / 0x40 % 2 == 1) return no_d(s);
  return d_set(s, w->address[w->last]) && only_d(s, w->address[w->last]);
}

/*@ requires \valid_read(s) && \valid_read(w);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> came_as(*s, *w); ensures flag(\result); */
static uint8_t came_by(const struct vmref_observed *s, const struct vmref_walk *w)
{
  if (w->rule == VMREF_RULE_OK) return s->vector == VMREF_VECTOR_NONE && s->pa == w->pa;
  if (s->vector != w->vector || s->error != w->error) return 0;
  return w->vector != VMREF_VECTOR_PF || s->cr2 == w->cr2;
}

/*@ requires \valid_read(ram + (0 .. words - 1)) && \valid_read(s) && s->sets <= VMREF_SETS;
    requires askable(cpu, access) && before_walk(cpu, access) == VMREF_RULE_NONE && fit_origin(cpu, origin);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> by_walk(*s, ram, words, cpu, access, origin); ensures flag(\result); */
static uint8_t walk_explains(const struct vmref_observed *s, const uint64_t *ram, uint64_t words,
                             struct vmref_cpu cpu, struct vmref_access access, struct vmref_origin origin)
{
  struct vmref_walk w;
  vmref_walk_from(&w, cpu, access, origin);
  vmref_walk_finish(&w, ram, words);
  //@ ghost uint8_t l = w.last;
  //@ assert last: l == last_level(ram, words, cpu, origin, access.va, origin.level);
  //@ assert rule: w.rule == verdict_from(ram, words, cpu, access, origin);
  if (w.status != VMREF_OK) return 0;
  //@ assert path: \forall integer k; l <= k <= origin.level ==> w.address[k] == entry_address(ram, cpu.mode, origin, access.va, k) && w.entry[k] == entry_at(ram, cpu.mode, origin, access.va, k);
  /*@ assert error: w.vector == vector(w.rule) && w.error == error_code(cpu, access, w.rule,
        key_bit(cpu, access, l, w.entry[l], all_US(ram, cpu.mode, origin, access.va, l))); */
  //@ assert cr2: w.vector == VMREF_VECTOR_PF ==> w.cr2 == access.va;
  //@ assert page: w.rule == VMREF_RULE_OK ==> w.pa == page_byte(cpu.mode, l, w.entry[l], access.va);
  /*@ assert came: came_as(*s, w) <==> came_out(*s, cpu, access, w.rule,
        key_bit(cpu, access, l, w.entry[l], all_US(ram, cpu.mode, origin, access.va, l)),
        page_byte(cpu.mode, l, w.entry[l], access.va)); */
  if (!came_by(s, &w)) return 0;
  /*@ assert a_flags: (\forall integer k; l <= k <= origin.level && A(w.entry[k]) == 0 ==> a_was_set(*s, w.address[k]))
        <==> (\forall integer k; l <= k <= origin.level && A(entry_at(ram, cpu.mode, origin, access.va, k)) == 0 ==>
                a_was_set(*s, entry_address(ram, cpu.mode, origin, access.va, k))); */
  //@ assert leaf: w.address[l] == entry_address(ram, cpu.mode, origin, access.va, l) && w.entry[l] == entry_at(ram, cpu.mode, origin, access.va, l);
  //@ assert flags: flags_as(*s, w) <==> flags_by_walk(*s, ram, cpu, access, origin, l, w.rule);
  return s->flags_seen != 1 || flags(s, &w);
}

/* ---- by a hit --------------------------------------------------------------------- */

/*@ requires \valid_read(s) && \valid_read(t) && fit_page(*t) && flag(xd) && t->page <= access.va;
    requires flag(cpu.smep) && flag(cpu.nxe);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> hit_as(*s, *t, cpu, access, xd); ensures flag(\result); */
static uint8_t hit(const struct vmref_observed *s, const struct vmref_translation *t, struct vmref_cpu cpu,
                   struct vmref_access access, uint8_t xd)
{
  uint8_t rule = vmref_refused(cpu, access, t->rw, t->us, xd, t->key);
  if (rule != VMREF_RULE_NONE)
    return outcome(s, cpu, access, rule, vmref_denied_key(cpu, access, t->us, t->key) != VMREF_RULE_NONE, 0);
  if (vmref_writes(access) && t->dirty != 1) return 0;
  if (s->vector != VMREF_VECTOR_NONE || s->pa < t->frame) return 0;
  return s->pa - t->frame == access.va - t->page;
}

/*@ requires \valid_read(s) && \valid_read(t) && s->sets <= VMREF_SETS && flag(cpu.smep) && flag(cpu.nxe);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> by_hit(*s, *t, cpu, access); ensures flag(\result); */
static uint8_t hit_explains(const struct vmref_observed *s, const struct vmref_translation *t,
                            struct vmref_cpu cpu, struct vmref_access access)
{
  if (!vmref_serves(*t, vmref_pcid(cpu), access.va)) return 0;
  if (t->rw > 1 || t->us > 1 || t->xd > 1 || t->key > 15) return 0;
  if (s->flags_seen == 1 && !no_d(s)) return 0;
  if (hit(s, t, cpu, access, t->xd)) return 1;
  return cpu.nxe == 0 && hit(s, t, cpu, access, 0);
}

/* ---- A flags of any walk that may be made ------------------------------------------- */

/*@ requires \valid_read(ram + (0 .. words - 1));
    requires askable(cpu, access) && before_walk(cpu, access) == VMREF_RULE_NONE && fit_origin(cpu, origin);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> names(ram, words, cpu, access, origin, address); ensures flag(\result); */
static uint8_t walk_names(const uint64_t *ram, uint64_t words, struct vmref_cpu cpu, struct vmref_access access,
                          struct vmref_origin origin, uint64_t address)
{
  if (address / 8 >= words) return 0;
  struct vmref_walk w;
  vmref_walk_from(&w, cpu, access, origin);
  vmref_walk_finish(&w, ram, words);
  //@ ghost uint8_t l = w.last;
  //@ assert last: l == last_level(ram, words, cpu, origin, access.va, origin.level);
  //@ assert outside: w.status != VMREF_OK ==> entry_address(ram, cpu.mode, origin, access.va, l) != address;
  uint8_t first = w.status == VMREF_OK ? w.last : w.last + 1;
  //@ assert path: \forall integer j; first <= j <= origin.level ==> w.address[j] == entry_address(ram, cpu.mode, origin, access.va, j) && w.entry[j] == entry_at(ram, cpu.mode, origin, access.va, j);
  /*@ loop invariant l <= first <= k <= origin.level + 1;
      loop invariant \forall integer j; l <= j < k ==>
        !(entry_address(ram, cpu.mode, origin, access.va, j) == address
          && P(entry_at(ram, cpu.mode, origin, access.va, j)) == 1
          && reserved(cpu, j, entry_at(ram, cpu.mode, origin, access.va, j)) == VMREF_RULE_NONE
          && A(entry_at(ram, cpu.mode, origin, access.va, j)) == 0);
      loop assigns k; loop variant origin.level - k; */
  for (uint8_t k = first; k <= origin.level; k++) {
    uint64_t e = w.entry[k];
    //@ assert at: w.address[k] == entry_address(ram, cpu.mode, origin, access.va, k) && e == entry_at(ram, cpu.mode, origin, access.va, k);
    if (w.address[k] == address && vmref_p(e) == 1 && vmref_reserved(cpu, k, e) == VMREF_RULE_NONE
        && e / 0x20 % 2 == 0) return 1;
  }
  return 0;
}

/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> starts(t, cpu, access); ensures flag(\result); */
static uint8_t may_start(struct vmref_cached_table t, struct vmref_cpu cpu, struct vmref_access access)
{
  return vmref_leads(t, vmref_pcid(cpu), access.va) && vmref_origin_fits(cpu, t.origin);
}

/*@ requires \valid_read(ram + (0 .. words - 1)) && \valid_read(tlb);
    requires askable(cpu, access) && before_walk(cpu, access) == VMREF_RULE_NONE && fit_origin(cpu, root);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> a_may_be_set(ram, words, cpu, access, *tlb, root, address); ensures flag(\result); */
static uint8_t a_permitted(const uint64_t *ram, uint64_t words, struct vmref_cpu cpu, struct vmref_access access,
                           const struct vmref_tlb *tlb, struct vmref_origin root, uint64_t address)
{
  if (walk_names(ram, words, cpu, access, root, address)) return 1;
  /*@ loop invariant 0 <= j <= VMREF_TLB_SLOTS;
      loop invariant \forall integer k; 0 <= k < j ==>
        !(starts(tlb->table[k], cpu, access) && names(ram, words, cpu, access, tlb->table[k].origin, address));
      loop assigns j; loop variant VMREF_TLB_SLOTS - j; */
  for (uint8_t j = 0; j < VMREF_TLB_SLOTS; j++)
    if (may_start(tlb->table[j], cpu, access)
        && walk_names(ram, words, cpu, access, tlb->table[j].origin, address)) return 1;
  return 0;
}

/*@ requires \valid_read(ram + (0 .. words - 1)) && \valid_read(tlb) && \valid_read(s) && s->sets <= VMREF_SETS;
    requires askable(cpu, access) && before_walk(cpu, access) == VMREF_RULE_NONE && fit_origin(cpu, root);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> flags_permitted(*s, ram, words, cpu, access, *tlb, root); ensures flag(\result); */
static uint8_t all_a_permitted(const struct vmref_observed *s, const uint64_t *ram, uint64_t words,
                               struct vmref_cpu cpu, struct vmref_access access, const struct vmref_tlb *tlb,
                               struct vmref_origin root)
{
  /*@ loop invariant 0 <= i <= s->sets;
      loop invariant \forall integer k; 0 <= k < i && s->set_a[k] == 1 ==>
        a_may_be_set(ram, words, cpu, access, *tlb, root, s->set_address[k]);
      loop assigns i; loop variant s->sets - i; */
  for (uint8_t i = 0; i < s->sets; i++)
    if (s->set_a[i] == 1 && !a_permitted(ram, words, cpu, access, tlb, root, s->set_address[i])) return 0;
  return 1;
}

/* ---- all together ---------------------------------------------------------------------- */

/* The slot of a translation that explains it, VMREF_TLB_SLOTS: none does. */
/*@ requires \valid_read(tlb) && \valid_read(s) && s->sets <= VMREF_SETS && flag(cpu.smep) && flag(cpu.nxe);
    terminates \true; assigns \nothing; exits \false;
    ensures found: \result < VMREF_TLB_SLOTS ==> by_hit(*s, tlb->page[\result], cpu, access);
    ensures none: \result >= VMREF_TLB_SLOTS ==>
      \forall integer k; 0 <= k < VMREF_TLB_SLOTS ==> !by_hit(*s, tlb->page[k], cpu, access); */
static uint8_t find_hit(const struct vmref_observed *s, struct vmref_cpu cpu, struct vmref_access access,
                        const struct vmref_tlb *tlb)
{
  /*@ loop invariant 0 <= i <= VMREF_TLB_SLOTS;
      loop invariant \forall integer k; 0 <= k < i ==> !by_hit(*s, tlb->page[k], cpu, access);
      loop assigns i; loop variant VMREF_TLB_SLOTS - i; */
  for (uint8_t i = 0; i < VMREF_TLB_SLOTS; i++)
    if (hit_explains(s, &tlb->page[i], cpu, access)) return i;
  return VMREF_TLB_SLOTS;
}

/*@ requires \valid_read(ram + (0 .. words - 1)) && \valid_read(tlb) && \valid_read(s) && s->sets <= VMREF_SETS;
    requires askable(cpu, access) && before_walk(cpu, access) == VMREF_RULE_NONE && fit_origin(cpu, v->root);
    requires \valid(v);
    terminates \true; assigns *v; exits \false;
    ensures found: v->way != VMREF_WAY_NONE <==> outcome_permitted(*s, ram, words, cpu, access, *tlb, \old(v->root));
    ensures ways: v->way == VMREF_WAY_NONE || v->way == VMREF_WAY_WALK || v->way == VMREF_WAY_TABLE
              || v->way == VMREF_WAY_HIT;
    ensures rest: v->root == \old(v->root) && v->status == \old(v->status) && v->allowed == \old(v->allowed); */
static void find_way(struct vmref_verdict *v, const struct vmref_observed *s, const uint64_t *ram, uint64_t words,
                     struct vmref_cpu cpu, struct vmref_access access, const struct vmref_tlb *tlb)
{
  v->slot = 0;
  v->way = VMREF_WAY_WALK;
  if (walk_explains(s, ram, words, cpu, access, v->root)) return;
  /*@ loop invariant 0 <= j <= VMREF_TLB_SLOTS;
      loop invariant \forall integer k; 0 <= k < j ==>
        !(starts(tlb->table[k], cpu, access) && by_walk(*s, ram, words, cpu, access, tlb->table[k].origin));
      loop assigns j; loop variant VMREF_TLB_SLOTS - j; */
  for (uint8_t j = 0; j < VMREF_TLB_SLOTS; j++)
    if (may_start(tlb->table[j], cpu, access)
        && walk_explains(s, ram, words, cpu, access, tlb->table[j].origin)) {
      //@ assert table: starts(tlb->table[j], cpu, access) && by_walk(*s, ram, words, cpu, access, tlb->table[j].origin);
      //@ assert permitted: outcome_permitted(*s, ram, words, cpu, access, *tlb, v->root);
      v->way = VMREF_WAY_TABLE;
      v->slot = j;
      return;
    }
  v->way = VMREF_WAY_HIT;
  v->slot = find_hit(s, cpu, access, tlb);
  //@ assert hit: v->slot < VMREF_TLB_SLOTS ==> outcome_permitted(*s, ram, words, cpu, access, *tlb, v->root);
  if (v->slot < VMREF_TLB_SLOTS) return;
  v->slot = 0;
  //@ assert none: !outcome_permitted(*s, ram, words, cpu, access, *tlb, v->root);
  v->way = VMREF_WAY_NONE;
}

/* What needs no walk: by its rule, or at a PDPTE register with P = 0 by a hit. */
/*@ requires \valid_read(tlb) && \valid_read(s) && s->sets <= VMREF_SETS && \valid(v);
    requires askable(cpu, access) && before_walk(cpu, access) != VMREF_RULE_NONE;
    requires rule == before_walk(cpu, access);
    terminates \true; assigns *v; exits \false;
    ensures exact: v->allowed == 1 <==> at_once(*s, cpu, access) || served(*s, cpu, access, *tlb);
    ensures flag(v->allowed);
    ensures rest: v->root == \old(v->root) && v->status == \old(v->status); */
static void without_walk(struct vmref_verdict *v, const struct vmref_observed *s, struct vmref_cpu cpu,
                         struct vmref_access access, const struct vmref_tlb *tlb, uint8_t rule)
{
  v->allowed = 0;
  v->way = VMREF_WAY_NONE;
  v->slot = 0;
  if (s->flags_seen == 1 && s->sets != 0) return;
  if (outcome(s, cpu, access, rule, 0, access.va)) {
    v->allowed = 1;
    v->way = VMREF_WAY_AT_ONCE;
    return;
  }
  if (rule != VMREF_RULE_PF_NP) return;
  uint8_t slot = find_hit(s, cpu, access, tlb);
  if (slot >= VMREF_TLB_SLOTS) return;
  v->allowed = 1;
  v->way = VMREF_WAY_HIT;
  v->slot = slot;
}

struct vmref_verdict vmref_allows(struct vmref_cpu cpu, const struct vmref_tlb *tlb, const uint64_t *ram,
                                  uint64_t words, struct vmref_access access, const struct vmref_observed *seen)
{
  struct vmref_verdict v = { .status = VMREF_OK };
  struct vmref_walk w;
  vmref_walk_start(&w, cpu, access);
  v.status = w.status;
  if (w.status != VMREF_OK) return v;
  if (w.level == 0) {
    without_walk(&v, seen, cpu, access, tlb, w.rule);
    return v;
  }
  v.root = w.origin;
  find_way(&v, seen, ram, words, cpu, access, tlb);
  if (v.way != VMREF_WAY_NONE) {
    if (seen->flags_seen != 1 || all_a_permitted(seen, ram, words, cpu, access, tlb, v.root)) {
      v.allowed = 1;
      return v;
    }
    v.way = VMREF_WAY_FLAGS;
    v.slot = 0;
  }
  vmref_walk_finish(&w, ram, words);
  v.status = w.status;
  return v;
}
