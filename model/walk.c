/* SPDX-License-Identifier: MIT */
#include "walk.h"

uint8_t vmref_both(uint8_t a, uint8_t b) { return a == 1 && b == 1; }
uint8_t vmref_either(uint8_t a, uint8_t b) { return a == 1 || b == 1; }

/* The walk is over under a rule: vector, error code and CR2 follow from it. */
/*@ requires \valid(w) && askable(w->cpu, w->access) && flag(pk);
    terminates \true; assigns *w; exits \false;
    ensures answers(*w, \old(w->cpu), \old(w->access), rule, pk);
    ensures w->level == 0 && w->last == \old(w->last) && w->status == \old(w->status);
    ensures w->cpu == \old(w->cpu) && w->access == \old(w->access) && w->origin == \old(w->origin);
    ensures w->address == \old(w->address) && w->entry == \old(w->entry) && w->after == \old(w->after);
    ensures w->pa == \old(w->pa) && w->global == \old(w->global);
    ensures w->key == \old(w->key) && w->pat == \old(w->pat);
    ensures w->rw == \old(w->rw) && w->us == \old(w->us) && w->xd == \old(w->xd); */
static void end(struct vmref_walk *w, uint8_t rule, uint8_t pk)
{
  w->level = 0;
  w->rule = rule;
  w->vector = vmref_vector(rule);
  w->error = vmref_error_code(w->cpu, w->access, rule, pk);
  w->cr2 = w->vector == VMREF_VECTOR_PF ? w->access.va : 0;
}

uint8_t vmref_question_valid(struct vmref_cpu cpu, struct vmref_access access)
{
  if (!vmref_cpu_valid(cpu) || !vmref_access_valid(access)) return 0;
  return vmref_long_mode(cpu.mode) || access.va < 0x100000000;
}

/*@ requires valid_question(cpu, access);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> askable(cpu, access);
    ensures flag(\result); */
static uint8_t can_ask(struct vmref_cpu cpu, struct vmref_access access)
{
  if (!vmref_access_one_page(access)) return 0;
  return access.implicit == 0 || vmref_canonical(cpu.mode, access.va);
}

/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == before_walk(cpu, access); */
static uint8_t rule_before_walk(struct vmref_cpu cpu, struct vmref_access access)
{
  if (!vmref_canonical(cpu.mode, access.va))
    return access.seg == VMREF_SEG_SS ? VMREF_RULE_SS_CANON : VMREF_RULE_GP_CANON;
  if (cpu.mode == VMREF_MODE_NONE) return VMREF_RULE_OK;
  if (cpu.mode != VMREF_MODE_PAE) return VMREF_RULE_NONE;
  return vmref_p(vmref_pdpte(cpu, access.va)) ? VMREF_RULE_NONE : VMREF_RULE_PF_NP;
}

/*@ requires cpu.mode != VMREF_MODE_NONE && cpu.mode <= VMREF_MODE_5LEVEL;
    terminates \true; assigns \nothing; exits \false;
    ensures begins_walk(cpu, va, \result) && fit_origin(cpu, \result); */
static struct vmref_origin root(struct vmref_cpu cpu, uint64_t va)
{
  struct vmref_origin o = { .level = vmref_top_level(cpu.mode), .rw = 1, .us = 1, .xd = 0 };
  o.table = vmref_table_of(cpu.mode == VMREF_MODE_PAE ? vmref_pdpte(cpu, va) : cpu.cr3);
  return o;
}

/*@ requires \valid(w) && askable(w->cpu, w->access) && fit_origin(w->cpu, w->origin);
    requires w->status == VMREF_OK && answers(*w, w->cpu, w->access, VMREF_RULE_NONE, 0);
    terminates \true; assigns *w; exits \false;
    ensures w->cpu == \old(w->cpu) && w->access == \old(w->access) && w->origin == \old(w->origin);
    ensures begun(*w); */
static void begin(struct vmref_walk *w)
{
  w->level = w->origin.level;
  w->last = w->origin.level;
  w->rw = w->origin.rw;
  w->us = w->origin.us;
  w->xd = w->origin.xd;
  w->address[w->level] = vmref_entry_in(w->cpu.mode, w->origin.table, w->access.va, w->level);
}

/* A walk of which nothing is known yet but the question. Field by field: compilers clear
 * a structure of this size with a string instruction, which costs a third of a walk. */
/*@ requires \valid(w);
    terminates \true; assigns *w; exits \false;
    ensures w->cpu == cpu && w->access == access;
    ensures w->origin.level == 0 && w->status == status && w->level == 0 && w->last == 0;
    ensures answers(*w, cpu, access, VMREF_RULE_NONE, 0);
    ensures w->rw == 1 && w->us == 1 && w->xd == 0; */
static void ask(struct vmref_walk *w, struct vmref_cpu cpu, struct vmref_access access, int8_t status)
{
  w->cpu = cpu;
  w->access = access;
  w->origin = (struct vmref_origin){ 0 };
  w->address[0] = w->address[1] = w->address[2] = w->address[3] = w->address[4] = w->address[5] = 0;
  w->entry[0] = w->entry[1] = w->entry[2] = w->entry[3] = w->entry[4] = w->entry[5] = 0;
  w->after[0] = w->after[1] = w->after[2] = w->after[3] = w->after[4] = w->after[5] = 0;
  w->pa = w->cr2 = 0;
  w->error = 0;
  w->status = status;
  w->level = w->last = 0;
  w->rule = VMREF_RULE_NONE;
  w->vector = VMREF_VECTOR_NONE;
  w->rw = w->us = 1;
  w->xd = w->global = w->key = w->pat = 0;
}

void vmref_walk_start(struct vmref_walk *w, struct vmref_cpu cpu, struct vmref_access access)
{
  ask(w, cpu, access, VMREF_OK);
  if (!vmref_question_valid(cpu, access)) { w->status = VMREF_EINVAL; return; }
  if (!can_ask(cpu, access)) { w->status = VMREF_EUNMODELLED; return; }

  uint8_t rule = rule_before_walk(cpu, access);
  if (rule == VMREF_RULE_NONE) {
    w->origin = root(cpu, access.va);
    begin(w);
    return;
  }
  if (rule == VMREF_RULE_OK) w->pa = access.va;
  if (rule == VMREF_RULE_PF_NP) {
    w->last = 3;
    w->entry[3] = vmref_pdpte(cpu, access.va);
    w->after[3] = w->entry[3];
  }
  end(w, rule, 0);
}

uint8_t vmref_origin_fits(struct vmref_cpu cpu, struct vmref_origin o)
{
  if (o.level < 1 || o.level > vmref_top_level(cpu.mode)) return 0;
  if (o.table > 0xFFFFFFFFFF000 || o.table % 0x1000 != 0) return 0;
  return o.rw <= 1 && o.us <= 1 && o.xd <= 1;
}

void vmref_walk_from(struct vmref_walk *w, struct vmref_cpu cpu, struct vmref_access access,
                     struct vmref_origin origin)
{
  ask(w, cpu, access, VMREF_EINVAL);
  if (!vmref_question_valid(cpu, access)) return;
  if (!can_ask(cpu, access)) return;
  if (rule_before_walk(cpu, access) != VMREF_RULE_NONE) return;
  if (!vmref_origin_fits(cpu, origin)) return;
  w->status = VMREF_OK;
  w->origin = origin;
  begin(w);
}

/* The entry at hand maps a page: the rights of all entries together decide. */
/*@ requires \valid(w) && askable(w->cpu, w->access) && 1 <= w->level <= 5 && w->status == VMREF_OK;
    requires flag(w->rw) && flag(w->us) && flag(w->xd);
    requires P(entry) == 1 && reserved(w->cpu, w->level, entry) == VMREF_RULE_NONE;
    requires maps_page(w->cpu, w->level, entry) == 1 && w->after[w->level] == accessed(entry);
    terminates \true; assigns *w; exits \false;
    ensures question: w->cpu == \old(w->cpu) && w->access == \old(w->access) && w->origin == \old(w->origin);
    ensures kept: w->address == \old(w->address) && w->entry == \old(w->entry);
    ensures above: \forall integer l; \old(w->level) < l <= 5 ==> w->after[l] == \old(w->after)[l];
    ensures over: w->level == 0 && w->last == \old(w->last) && w->status == VMREF_OK;
    ensures verdict: answers(*w, \old(w->cpu), \old(w->access),
              judged(\old(w->cpu), \old(w->access), \old(w->level), entry, \old(w->rw), \old(w->us), \old(w->xd)),
              key_bit(\old(w->cpu), \old(w->access), \old(w->level), entry, \old(w->us)));
    ensures flags: w->after[\old(w->level)] == updated(\old(w->cpu), \old(w->access), \old(w->level), entry, w->rule);
    ensures page: w->rule == VMREF_RULE_OK ==>
              maps(*w, \old(w->cpu), \old(w->access).va, \old(w->level), entry)
              && w->rw == \old(w->rw) && w->us == \old(w->us) && w->xd == \old(w->xd); */
static void reach(struct vmref_walk *w, uint64_t entry)
{
  uint8_t key = vmref_key(entry);
  uint8_t rule = vmref_refused(w->cpu, w->access, w->rw, w->us, w->xd, key);
  if (rule != VMREF_RULE_NONE) {
    end(w, rule, vmref_denied_key(w->cpu, w->access, w->us, key) != VMREF_RULE_NONE);
    return;
  }
  if (vmref_writes(w->access)) w->after[w->level] = vmref_dirtied(w->after[w->level]);
  w->pa = vmref_page_byte(w->cpu.mode, w->level, entry, w->access.va);
  w->global = vmref_both(w->cpu.pge, vmref_g(entry));
  w->key = key;
  w->pat = vmref_pat_index(w->level, entry);
  end(w, VMREF_RULE_OK, 0);
}

void vmref_walk_step(struct vmref_walk *w, uint64_t entry)
{
  w->entry[w->level] = entry;
  w->after[w->level] = entry;
  if (vmref_p(entry) == 0) { end(w, VMREF_RULE_PF_NP, 0); return; }
  uint8_t rule = vmref_reserved(w->cpu, w->level, entry);
  if (rule != VMREF_RULE_NONE) { end(w, rule, 0); return; }

  w->after[w->level] = vmref_accessed(entry);
  w->rw = vmref_both(w->rw, vmref_rw(entry));
  w->us = vmref_both(w->us, vmref_us(entry));
  w->xd = vmref_either(w->xd, vmref_xd(entry));
  if (vmref_maps_page(w->cpu, w->level, entry)) { reach(w, entry); return; }

  w->level--;
  w->last = w->level;
  w->address[w->level] = vmref_entry_in(w->cpu.mode, vmref_table_of(entry), w->access.va, w->level);
}

void vmref_walk_finish(struct vmref_walk *w, const uint64_t *ram, uint64_t words)
{
  /*@ loop invariant question: w->cpu == \at(w->cpu, Pre) && w->access == \at(w->access, Pre)
        && w->origin == \at(w->origin, Pre);
      loop invariant last: 1 <= w->last <= w->origin.level <= 5;
      loop invariant wanted: w->level != 0 ==> under_way(*w)
        && w->address[w->level] == entry_address(ram, w->cpu.mode, w->origin, w->access.va, w->level);
      loop invariant rights: w->level != 0 ==>
           w->rw == all_RW(ram, w->cpu.mode, w->origin, w->access.va, w->level + 1)
        && w->us == all_US(ram, w->cpu.mode, w->origin, w->access.va, w->level + 1)
        && w->xd == any_XD(ram, w->cpu.mode, w->origin, w->access.va, w->level + 1);
      loop invariant came: w->level != 0 ==> path(*w, ram, w->cpu, w->access, w->level + 1);
      loop invariant led: \forall integer k; w->level != 0 && w->level < k <= w->origin.level ==>
        leads_on(w->cpu, k, w->entry[k]) == 1;
      loop invariant same_end: w->level != 0 ==>
           last_level(ram, words, w->cpu, w->origin, w->access.va, w->level)
        == last_level(ram, words, w->cpu, w->origin, w->access.va, w->origin.level);
      loop invariant found: w->level == 0 ==> w->status == VMREF_OK
        && verdict_from(ram, words, w->cpu, w->access, w->origin) != VMREF_RULE_NONE;
      loop invariant over: w->level == 0 ==> walked_from(*w, ram, words, w->cpu, w->access);
      loop assigns *w;
      loop variant w->level; */
  while (w->level != 0 && w->address[w->level] / 8 < words) {
    uint64_t e = vmref_entry_in_word(w->cpu.mode, w->address[w->level], ram[w->address[w->level] / 8]);
    //@ ghost uint8_t l = w->level;
    //@ assert here: e == entry_at(ram, w->cpu.mode, w->origin, w->access.va, l);
    vmref_walk_step(w, e);
    //@ assert rw: all_RW(ram, w->cpu.mode, w->origin, w->access.va, l) == both(all_RW(ram, w->cpu.mode, w->origin, w->access.va, l + 1), RW(e));
    //@ assert us: all_US(ram, w->cpu.mode, w->origin, w->access.va, l) == both(all_US(ram, w->cpu.mode, w->origin, w->access.va, l + 1), US(e));
    //@ assert xd: any_XD(ram, w->cpu.mode, w->origin, w->access.va, l) == either(any_XD(ram, w->cpu.mode, w->origin, w->access.va, l + 1), XD(e));
    //@ assert next: w->level != 0 ==> last_level(ram, words, w->cpu, w->origin, w->access.va, l) == last_level(ram, words, w->cpu, w->origin, w->access.va, l - 1);
    //@ assert last: w->level == 0 ==> last_level(ram, words, w->cpu, w->origin, w->access.va, l) == l;
    /*@ assert up: \forall integer k; l < k <= w->origin.level ==> leads_on(w->cpu, k, w->entry[k]) == 1
          && updated(w->cpu, w->access, k, w->entry[k], w->rule) == accessed(w->entry[k]); */
    //@ assert set: w->level == 0 ==> w->after[l] == updated(w->cpu, w->access, l, w->entry[l], w->rule);
    //@ assert path: w->level == 0 ==> path(*w, ram, w->cpu, w->access, l);
  }
  if (w->level != 0) {
    //@ assert stops: last_level(ram, words, w->cpu, w->origin, w->access.va, w->level) == w->level;
    //@ assert missing: verdict_from(ram, words, w->cpu, w->access, w->origin) == VMREF_RULE_NONE;
    w->status = VMREF_EMEM;
    w->level = 0;
  }
}

struct vmref_walk vmref_walk(const uint64_t *ram, uint64_t words,
                             struct vmref_cpu cpu, struct vmref_access access)
{
  struct vmref_walk w;
  vmref_walk_start(&w, cpu, access);
  if (w.level != 0) vmref_walk_finish(&w, ram, words);
  return w;
}
