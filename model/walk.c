/* SPDX-License-Identifier: MIT */
#include "walk.h"

/* Two flags as one, in functions of their own: as && and || in the step they
 * would double its paths for the prover, six times over. */
/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == both(a, b); ensures flag(\result); */
static uint8_t in_both(uint8_t a, uint8_t b) { return a == 1 && b == 1; }
/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == either(a, b); ensures flag(\result); */
static uint8_t in_either(uint8_t a, uint8_t b) { return a == 1 || b == 1; }

/* The walk is over under a rule: vector, error code and CR2 follow from it. */
/*@ requires \valid(w) && askable(w->cpu, w->access);
    terminates \true; assigns *w; exits \false;
    ensures answers(*w, \old(w->cpu), \old(w->access), rule);
    ensures w->level == 0 && w->last == \old(w->last) && w->status == \old(w->status);
    ensures w->cpu == \old(w->cpu) && w->access == \old(w->access);
    ensures w->address == \old(w->address) && w->entry == \old(w->entry) && w->after == \old(w->after);
    ensures w->pa == \old(w->pa) && w->global == \old(w->global);
    ensures w->rw == \old(w->rw) && w->us == \old(w->us) && w->xd == \old(w->xd); */
static void end(struct vmref_walk *w, uint8_t rule)
{
  w->level = 0;
  w->rule = rule;
  w->vector = vmref_vector(rule);
  w->error = vmref_error_code(w->cpu, w->access, rule);
  w->cr2 = w->vector == VMREF_VECTOR_PF ? w->access.va : 0;
}

void vmref_walk_start(struct vmref_walk *w, struct vmref_cpu cpu, struct vmref_access access)
{
  *w = (struct vmref_walk){ .cpu = cpu, .access = access, .rw = 1, .us = 1 };
  if (!vmref_cpu_valid(cpu) || !vmref_access_valid(access)) {
    w->status = VMREF_EINVAL;
    return;
  }
  if (cpu.mode != VMREF_MODE_4LEVEL || !vmref_access_one_page(access)
      || (access.implicit == 1 && !vmref_canonical(access.va))) {
    w->status = VMREF_EUNMODELLED;
    return;
  }
  if (!vmref_canonical(access.va)) {
    end(w, access.seg == VMREF_SEG_SS ? VMREF_RULE_SS_CANON : VMREF_RULE_GP_CANON);
    return;
  }
  w->level = 4;
  w->last = 4;
  w->address[4] = vmref_table_of(cpu.cr3) + 8 * vmref_index(access.va, 4);
}

/* The entry at hand maps a page: the rights of all entries together decide. */
/*@ requires \valid(w) && askable(w->cpu, w->access) && 1 <= w->level <= 4 && w->status == VMREF_OK;
    requires flag(w->rw) && flag(w->us) && flag(w->xd);
    requires P(entry) == 1 && reserved(w->cpu, w->level, entry) == VMREF_RULE_NONE;
    requires maps_page(w->level, entry) == 1 && w->after[w->level] == accessed(entry);
    terminates \true; assigns *w; exits \false;
    ensures question: w->cpu == \old(w->cpu) && w->access == \old(w->access);
    ensures kept: w->address == \old(w->address) && w->entry == \old(w->entry);
    ensures above: \forall integer l; \old(w->level) < l <= 4 ==> w->after[l] == \old(w->after)[l];
    ensures over: w->level == 0 && w->last == \old(w->last) && w->status == VMREF_OK;
    ensures verdict: answers(*w, \old(w->cpu), \old(w->access),
              judged(\old(w->cpu), \old(w->access), \old(w->level), entry, \old(w->rw), \old(w->us), \old(w->xd)));
    ensures flags: w->after[\old(w->level)] == updated(\old(w->cpu), \old(w->access), \old(w->level), entry, w->rule);
    ensures page: w->rule == VMREF_RULE_OK ==>
              w->pa == page_byte(\old(w->level), entry, \old(w->access).va)
              && w->rw == \old(w->rw) && w->us == \old(w->us) && w->xd == \old(w->xd)
              && w->global == both(\old(w->cpu).pge, G(entry)); */
static void reach(struct vmref_walk *w, uint64_t entry)
{
  uint8_t rule = vmref_denied(w->cpu, w->access, w->rw, w->us, w->xd);
  if (rule != VMREF_RULE_NONE) { end(w, rule); return; }
  if (vmref_writes(w->access)) w->after[w->level] = vmref_dirtied(w->after[w->level]);
  w->pa = vmref_page_byte(w->level, entry, w->access.va);
  w->global = in_both(w->cpu.pge, vmref_g(entry));
  end(w, VMREF_RULE_OK);
}

void vmref_walk_step(struct vmref_walk *w, uint64_t entry)
{
  w->entry[w->level] = entry;
  w->after[w->level] = entry;
  if (vmref_p(entry) == 0) { end(w, VMREF_RULE_PF_NP); return; }
  uint8_t rule = vmref_reserved(w->cpu, w->level, entry);
  if (rule != VMREF_RULE_NONE) { end(w, rule); return; }

  w->after[w->level] = vmref_accessed(entry);
  w->rw = in_both(w->rw, vmref_rw(entry));
  w->us = in_both(w->us, vmref_us(entry));
  w->xd = in_either(w->xd, vmref_xd(entry));
  if (vmref_maps_page(w->level, entry)) { reach(w, entry); return; }

  w->level--;
  w->last = w->level;
  w->address[w->level] = vmref_table_of(entry) + 8 * vmref_index(w->access.va, w->level);
}

struct vmref_walk vmref_walk(const uint64_t *ram, uint64_t words,
                             struct vmref_cpu cpu, struct vmref_access access)
{
  struct vmref_walk w;
  vmref_walk_start(&w, cpu, access);
  /*@ loop invariant question: w.cpu == cpu && w.access == access;
      loop invariant refused: !askable(cpu, access) ==> w == \at(w, LoopEntry);
      loop invariant fault: askable(cpu, access) && canonical(access.va) == 0 ==>
        w == \at(w, LoopEntry);
      loop invariant wanted: w.level != 0 ==> under_way(w)
        && w.address[w.level] == entry_address(ram, cpu.cr3, access.va, w.level)
        && w.rw == all_RW(ram, cpu.cr3, access.va, w.level + 1)
        && w.us == all_US(ram, cpu.cr3, access.va, w.level + 1)
        && w.xd == any_XD(ram, cpu.cr3, access.va, w.level + 1)
        && path(w, ram, cpu, access, w.level + 1)
        && last_level(ram, words, cpu, access.va, w.level) == last_level(ram, words, cpu, access.va, 4);
      loop invariant over: askable(cpu, access) && canonical(access.va) == 1 && w.level == 0 ==>
        w.status == VMREF_OK && verdict(ram, words, cpu, access) != VMREF_RULE_NONE
        && walked(w, ram, words, cpu, access);
      loop assigns w;
      loop variant w.level; */
  while (w.level != 0 && w.address[w.level] / 8 < words)
    vmref_walk_step(&w, ram[w.address[w.level] / 8]);
  if (w.level != 0) {
    //@ assert stops: last_level(ram, words, cpu, access.va, w.level) == w.level;
    //@ assert missing: verdict(ram, words, cpu, access) == VMREF_RULE_NONE;
    w.status = VMREF_EMEM;
    w.level = 0;
  }
  return w;
}
