/* SPDX-License-Identifier: MIT */
#include "tlb.h"

uint16_t vmref_pcid(struct vmref_cpu cpu)
{
  return cpu.pcide == 1 ? (uint16_t)(cpu.cr3 % 0x1000) : 0;
}

/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == holds(start, size, va); ensures flag(\result); */
static uint8_t in_range(uint64_t start, uint64_t size, uint64_t va)
{
  return start <= va && va - start < size;
}

uint8_t vmref_serves(struct vmref_translation t, uint16_t pcid, uint64_t va)
{
  if (t.used != 1 || (t.global != 1 && t.pcid != pcid)) return 0;
  return in_range(t.page, t.size, va);
}

uint8_t vmref_leads(struct vmref_cached_table s, uint16_t pcid, uint64_t va)
{
  if (s.used != 1 || s.pcid != pcid) return 0;
  return in_range(s.start, s.size, va);
}

/* ---- invalidation --------------------------------------------------------- */

/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == of_pcid(of, pcid, tag); ensures flag(\result); */
static uint8_t is_of(uint8_t of, uint64_t pcid, uint16_t tag)
{
  return of == VMREF_OF_ANY || tag == pcid;
}

/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == drops(t, at, va, of, pcid, globals); ensures flag(\result); */
static uint8_t goes(struct vmref_translation t, uint8_t at, uint64_t va, uint8_t of, uint64_t pcid,
                    uint8_t globals)
{
  if (at == VMREF_AT_VA && in_range(t.page, t.size, va) == 0) return 0;
  if (t.global == 0) return is_of(of, pcid, t.pcid);
  if (globals == VMREF_GLOBALS_ALL) return 1;
  return globals == VMREF_GLOBALS_OF ? is_of(of, pcid, t.pcid) : 0;
}

/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == drops_table(s, va, of, pcid, tables); ensures flag(\result); */
static uint8_t table_goes(struct vmref_cached_table s, uint64_t va, uint8_t of, uint64_t pcid, uint8_t tables)
{
  if (tables == VMREF_TABLES_AT_VA && in_range(s.start, s.size, va) == 0) return 0;
  return is_of(of, pcid, s.pcid);
}

/*@ requires \valid(tlb); terminates \true; assigns *tlb; exits \false;
    ensures dropped(\old(*tlb), *tlb, at, va, of, pcid, globals, tables); */
static void drop(struct vmref_tlb *tlb, uint8_t at, uint64_t va, uint8_t of, uint64_t pcid, uint8_t globals,
                 uint8_t tables)
{
  /*@ loop invariant range: 0 <= i <= VMREF_TLB_SLOTS;
      loop invariant done: \forall integer j; 0 <= j < i ==>
        (drops(\at(*tlb, Pre).page[j], at, va, of, pcid, globals) == 1 ? tlb->page[j].used == 0
                                                                       : tlb->page[j] == \at(*tlb, Pre).page[j]);
      loop invariant ahead: \forall integer j; i <= j < VMREF_TLB_SLOTS ==> tlb->page[j] == \at(*tlb, Pre).page[j];
      loop invariant tables: tlb->table == \at(*tlb, Pre).table;
      loop assigns i, *tlb;
      loop variant VMREF_TLB_SLOTS - i; */
  for (uint32_t i = 0; i < VMREF_TLB_SLOTS; i++)
    if (goes(tlb->page[i], at, va, of, pcid, globals)) tlb->page[i].used = 0;
  //@ ghost struct vmref_tlb half = *tlb;
  /*@ loop invariant range: 0 <= i <= VMREF_TLB_SLOTS;
      loop invariant done: \forall integer j; 0 <= j < i ==>
        (drops_table(half.table[j], va, of, pcid, tables) == 1 ? tlb->table[j].used == 0
                                                               : tlb->table[j] == half.table[j]);
      loop invariant ahead: \forall integer j; i <= j < VMREF_TLB_SLOTS ==> tlb->table[j] == half.table[j];
      loop invariant pages: tlb->page == half.page;
      loop assigns i, *tlb;
      loop variant VMREF_TLB_SLOTS - i; */
  for (uint32_t i = 0; i < VMREF_TLB_SLOTS; i++)
    if (table_goes(tlb->table[i], va, of, pcid, tables)) tlb->table[i].used = 0;
}

void vmref_tlb_reset(struct vmref_tlb *tlb)
{
  drop(tlb, VMREF_AT_ANY, 0, VMREF_OF_ANY, 0, VMREF_GLOBALS_ALL, VMREF_TABLES_ALL);
}

void vmref_tlb_invlpg(struct vmref_tlb *tlb, struct vmref_cpu cpu, uint64_t va)
{
  if (!vmref_canonical(cpu.mode, va)) return;
  drop(tlb, VMREF_AT_VA, va, VMREF_OF_PCID, vmref_pcid(cpu), VMREF_GLOBALS_ALL, VMREF_TABLES_ALL);
}

/*@ requires flag(la57); requires flag(cpu.pcide);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == invpcid_fault(cpu, la57, type, descriptor, va); */
static uint8_t invpcid_faults(struct vmref_cpu cpu, uint8_t la57, uint64_t type, uint64_t descriptor, uint64_t va)
{
  if (type > 3) return VMREF_RULE_GP_INVPCID_TYPE;
  if (descriptor >= 0x1000) return VMREF_RULE_GP_INVPCID_RSVD;
  if (cpu.pcide == 0 && type <= 1 && descriptor != 0) return VMREF_RULE_GP_INVPCID_PCID;
  if (type == 0 && !vmref_canonical(la57 == 1 ? VMREF_MODE_5LEVEL : VMREF_MODE_4LEVEL, va))
    return VMREF_RULE_GP_INVPCID_CANON;
  return VMREF_RULE_NONE;
}

uint8_t vmref_tlb_invpcid(struct vmref_tlb *tlb, struct vmref_cpu cpu, uint8_t la57, uint64_t type,
                          uint64_t descriptor, uint64_t va)
{
  uint8_t rule = invpcid_faults(cpu, la57, type, descriptor, va);
  if (rule != VMREF_RULE_NONE) return rule;
  if (type == 0) drop(tlb, VMREF_AT_VA, va, VMREF_OF_PCID, descriptor, VMREF_GLOBALS_STAY, VMREF_TABLES_AT_VA);
  if (type == 1) drop(tlb, VMREF_AT_ANY, va, VMREF_OF_PCID, descriptor, VMREF_GLOBALS_STAY, VMREF_TABLES_ALL);
  if (type == 2) vmref_tlb_reset(tlb);
  if (type == 3) drop(tlb, VMREF_AT_ANY, va, VMREF_OF_ANY, descriptor, VMREF_GLOBALS_STAY, VMREF_TABLES_ALL);
  return VMREF_RULE_NONE;
}

void vmref_tlb_cr3(struct vmref_tlb *tlb, struct vmref_cpu cpu, uint8_t keep)
{
  if (cpu.pcide == 1 && keep == 1) return;
  drop(tlb, VMREF_AT_ANY, 0, VMREF_OF_PCID, vmref_pcid(cpu), VMREF_GLOBALS_STAY, VMREF_TABLES_ALL);
}

/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == flushes_all(before, after); ensures flag(\result); */
static uint8_t flushes_everything(struct vmref_cpu before, struct vmref_cpu after)
{
  if (before.mode != VMREF_MODE_NONE && after.mode == VMREF_MODE_NONE) return 1;
  return before.pge != after.pge || (before.pcide == 1 && after.pcide == 0);
}

/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == flushes_pcid(before, after); ensures flag(\result); */
static uint8_t flushes_current(struct vmref_cpu before, struct vmref_cpu after)
{
  if (before.mode != after.mode && before.mode != VMREF_MODE_NONE) return 1;
  return before.smep == 0 && after.smep == 1;
}

void vmref_tlb_control(struct vmref_tlb *tlb, struct vmref_cpu before, struct vmref_cpu after)
{
  if (flushes_everything(before, after)) vmref_tlb_reset(tlb);
  else if (flushes_current(before, after))
    drop(tlb, VMREF_AT_ANY, 0, VMREF_OF_PCID, vmref_pcid(before), VMREF_GLOBALS_OF, VMREF_TABLES_ALL);
}

void vmref_tlb_fault(struct vmref_tlb *tlb, struct vmref_cpu cpu, uint64_t va)
{
  drop(tlb, VMREF_AT_VA, va, VMREF_OF_PCID, vmref_pcid(cpu), VMREF_GLOBALS_ALL, VMREF_TABLES_AT_VA);
}

/* ---- filling ---------------------------------------------------------------- */

/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 ==> a == b; ensures flag(\result); */
static uint8_t same_page(struct vmref_translation a, struct vmref_translation b)
{
  if (a.page != b.page || a.size != b.size || a.frame != b.frame || a.pcid != b.pcid) return 0;
  if (a.used != b.used || a.rw != b.rw || a.us != b.us || a.xd != b.xd) return 0;
  return a.key == b.key && a.global == b.global && a.dirty == b.dirty && a.pat == b.pat;
}

/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 ==> a == b; ensures flag(\result); */
static uint8_t same_table(struct vmref_cached_table a, struct vmref_cached_table b)
{
  if (a.start != b.start || a.size != b.size || a.pcid != b.pcid || a.used != b.used) return 0;
  if (a.origin.table != b.origin.table || a.origin.level != b.origin.level) return 0;
  return a.origin.rw == b.origin.rw && a.origin.us == b.origin.us && a.origin.xd == b.origin.xd;
}

/* Put a translation in a free slot, unless it is there already. */
/*@ requires \valid(tlb) && t.used == 1;
    terminates \true; assigns *tlb; exits \false;
    ensures status: \result == VMREF_OK || \result == VMREF_EFULL;
    ensures tables: tlb->table == \old(*tlb).table;
    ensures kept: \forall integer i; 0 <= i < VMREF_TLB_SLOTS && \old(*tlb).page[i].used == 1 ==> tlb->page[i] == \old(*tlb).page[i];
    ensures new: \forall integer i; 0 <= i < VMREF_TLB_SLOTS && tlb->page[i] != \old(*tlb).page[i] ==> tlb->page[i] == t;
    ensures there: \result == VMREF_OK ==> \exists integer i; 0 <= i < VMREF_TLB_SLOTS && tlb->page[i] == t; */
static int8_t add_page(struct vmref_tlb *tlb, struct vmref_translation t)
{
  uint32_t spare = VMREF_TLB_SLOTS;
  /*@ loop invariant 0 <= i <= VMREF_TLB_SLOTS;
      loop invariant spare <= VMREF_TLB_SLOTS && (spare < VMREF_TLB_SLOTS ==> tlb->page[spare].used != 1);
      loop assigns i, spare;
      loop variant VMREF_TLB_SLOTS - i; */
  for (uint32_t i = 0; i < VMREF_TLB_SLOTS; i++) {
    if (same_page(tlb->page[i], t)) return VMREF_OK;
    if (tlb->page[i].used != 1) spare = i;
  }
  if (spare == VMREF_TLB_SLOTS) return VMREF_EFULL;
  tlb->page[spare] = t;
  return VMREF_OK;
}

/*@ requires \valid(tlb) && s.used == 1;
    terminates \true; assigns *tlb; exits \false;
    ensures status: \result == VMREF_OK || \result == VMREF_EFULL;
    ensures pages: tlb->page == \old(*tlb).page;
    ensures kept: \forall integer i; 0 <= i < VMREF_TLB_SLOTS && \old(*tlb).table[i].used == 1 ==> tlb->table[i] == \old(*tlb).table[i];
    ensures new: \forall integer i; 0 <= i < VMREF_TLB_SLOTS && tlb->table[i] != \old(*tlb).table[i] ==> tlb->table[i] == s;
    ensures there: \result == VMREF_OK ==> \exists integer i; 0 <= i < VMREF_TLB_SLOTS && tlb->table[i] == s; */
static int8_t add_table(struct vmref_tlb *tlb, struct vmref_cached_table s)
{
  uint32_t spare = VMREF_TLB_SLOTS;
  /*@ loop invariant 0 <= i <= VMREF_TLB_SLOTS;
      loop invariant spare <= VMREF_TLB_SLOTS && (spare < VMREF_TLB_SLOTS ==> tlb->table[spare].used != 1);
      loop assigns i, spare;
      loop variant VMREF_TLB_SLOTS - i; */
  for (uint32_t i = 0; i < VMREF_TLB_SLOTS; i++) {
    if (same_table(tlb->table[i], s)) return VMREF_OK;
    if (tlb->table[i].used != 1) spare = i;
  }
  if (spare == VMREF_TLB_SLOTS) return VMREF_EFULL;
  tlb->table[spare] = s;
  return VMREF_OK;
}

/*@ requires 1 <= level <= 5;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == region(mode, level); ensures 0x1000 <= \result <= 0x1000000000000; */
static uint64_t region_of(uint8_t mode, uint8_t level)
{
  if (level == 5) return 0x1000000000000;
  if (level == 4) return 0x8000000000;
  return vmref_page_size(mode, level);
}

/* va - va % region_of(mode, level), by constants. */
/*@ requires 1 <= level <= 5;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == va - va % region(mode, level); */
static uint64_t start_of(uint8_t mode, uint8_t level, uint64_t va)
{
  if (level == 5) return va - va % 0x1000000000000;
  if (level == 4) return va - va % 0x8000000000;
  if (level == 3) return va - va % 0x40000000;
  if (level == 1) return va - va % 0x1000;
  return mode == VMREF_MODE_32BIT ? va - va % 0x400000 : va - va % 0x200000;
}

/*@ requires 1 <= level <= 5 && 32 <= cpu.maxphyaddr <= 52;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == cacheable(cpu, level, e); ensures flag(\result); */
static uint8_t may_cache(struct vmref_cpu cpu, uint8_t level, uint64_t e)
{
  if (vmref_p(e) == 0 || vmref_reserved(cpu, level, e) != VMREF_RULE_NONE) return 0;
  return (uint8_t)(e / 0x20 % 2);
}

/*@ requires \valid_read(w) && 1 <= level <= 3;
    requires rw == sum_RW(*w, level) && us == sum_US(*w, level) && xd == sum_XD(*w, level);
    terminates \true; assigns \nothing; exits \false;
    ensures translation_of(\result, *w, level); */
static struct vmref_translation page_from(const struct vmref_walk *w, uint8_t level, uint8_t rw, uint8_t us, uint8_t xd)
{
  struct vmref_translation t = { .used = 1, .rw = rw, .us = us, .xd = xd };
  uint64_t e = w->entry[level];
  t.pcid = vmref_pcid(w->cpu);
  t.size = region_of(w->cpu.mode, level);
  t.page = start_of(w->cpu.mode, level, w->access.va);
  t.frame = vmref_page_base(w->cpu.mode, level, e);
  t.key = vmref_key(e);
  t.global = vmref_both(w->cpu.pge, vmref_g(e));
  t.dirty = (uint8_t)(e / 0x40 % 2);
  t.pat = vmref_pat_index(level, e);
  return t;
}

/*@ requires \valid_read(w) && 1 <= level <= 5;
    requires rw == sum_RW(*w, level) && us == sum_US(*w, level) && xd == sum_XD(*w, level);
    terminates \true; assigns \nothing; exits \false;
    ensures table_of_walk(\result, *w, level); */
static struct vmref_cached_table table_from(const struct vmref_walk *w, uint8_t level, uint8_t rw, uint8_t us, uint8_t xd)
{
  struct vmref_cached_table s = { .used = 1 };
  s.pcid = vmref_pcid(w->cpu);
  s.size = region_of(w->cpu.mode, level);
  s.start = start_of(w->cpu.mode, level, w->access.va);
  s.origin.table = vmref_table_of(w->entry[level]);
  s.origin.level = (uint8_t)(level - 1);
  s.origin.rw = rw;
  s.origin.us = us;
  s.origin.xd = xd;
  return s;
}

int8_t vmref_tlb_fill(struct vmref_tlb *tlb, const struct vmref_walk *w)
{
  uint8_t rw = w->origin.rw, us = w->origin.us, xd = w->origin.xd, level = w->origin.level;
  int8_t status = VMREF_OK;
  /*@ loop invariant level: 0 <= level <= w->origin.level && (w->last <= w->origin.level ==> w->last <= level);
      loop invariant rights: rw == sum_RW(*w, level + 1) && us == sum_US(*w, level + 1) && xd == sum_XD(*w, level + 1)
        && flag(rw) && flag(us) && flag(xd);
      loop invariant cached: all_cacheable(*w, level + 1) == 1;
      loop invariant status: status == VMREF_OK || status == VMREF_EFULL;
      loop invariant pages: tlb->page == \at(*tlb, Pre).page;
      loop invariant kept: \forall integer i; 0 <= i < VMREF_TLB_SLOTS && \at(*tlb, Pre).table[i].used == 1 ==>
        tlb->table[i] == \at(*tlb, Pre).table[i];
      loop invariant new: \forall integer i; 0 <= i < VMREF_TLB_SLOTS && tlb->table[i] != \at(*tlb, Pre).table[i] ==>
        \exists integer k; caches_table(*w, k) && table_of_walk(tlb->table[i], *w, k);
      loop invariant there: status == VMREF_OK ==> \forall integer k; level < k && caches_table(*w, k) ==>
        \exists integer i; 0 <= i < VMREF_TLB_SLOTS && table_of_walk(tlb->table[i], *w, k);
      loop assigns level, rw, us, xd, status, *tlb;
      loop variant level; */
  while (level >= 1 && level > w->last && may_cache(w->cpu, level, w->entry[level])) {
    rw = vmref_both(rw, vmref_rw(w->entry[level]));
    us = vmref_both(us, vmref_us(w->entry[level]));
    xd = vmref_either(xd, vmref_xd(w->entry[level]));
    //@ assert all_cacheable(*w, level) == 1;
    //@ assert caches_table(*w, level);
    if (add_table(tlb, table_from(w, level, rw, us, xd)) != VMREF_OK) status = VMREF_EFULL;
    level--;
  }
  // what could not be cached stops all that is below: no page, no further table
  //@ assert level > w->last ==> all_cacheable(*w, level) == 0;
  //@ assert level > w->last ==> all_cacheable(*w, level - 1) == 0;
  //@ assert level > w->last ==> all_cacheable(*w, level - 2) == 0;
  //@ assert level > w->last ==> all_cacheable(*w, level - 3) == 0;
  //@ assert level > w->last ==> all_cacheable(*w, level - 4) == 0;
  //@ assert level == w->last + 1 ==> all_cacheable(*w, w->last) == 0;
  //@ assert level == w->last + 2 ==> all_cacheable(*w, w->last) == 0;
  //@ assert level == w->last + 3 ==> all_cacheable(*w, w->last) == 0;
  //@ assert level == w->last + 4 ==> all_cacheable(*w, w->last) == 0;
  //@ assert level == w->last + 5 ==> w->last == 0;
  //@ assert no_page: level > w->last ==> caches_page(*w) == 0;
  //@ assert 1 <= level ==> !caches_table(*w, 1);
  //@ assert 2 <= level ==> !caches_table(*w, 2);
  //@ assert 3 <= level ==> !caches_table(*w, 3);
  //@ assert 4 <= level ==> !caches_table(*w, 4);
  //@ assert 5 <= level ==> !caches_table(*w, 5);
  if (level == 0 || level != w->last) return status;
  //@ assert all_cacheable(*w, w->last) == cacheable(w->cpu, level, w->entry[level]);
  if (!may_cache(w->cpu, level, w->entry[level])) return status;
  if (!vmref_maps_page(w->cpu, level, w->entry[level])) return status;
  rw = vmref_both(rw, vmref_rw(w->entry[level]));
  us = vmref_both(us, vmref_us(w->entry[level]));
  xd = vmref_either(xd, vmref_xd(w->entry[level]));
  struct vmref_translation t = page_from(w, level, rw, us, xd);
  //@ assert translation_of(t, *w, w->last);
  if (add_page(tlb, t) != VMREF_OK) return VMREF_EFULL;
  //@ assert \exists integer i; 0 <= i < VMREF_TLB_SLOTS && translation_of(tlb->page[i], *w, w->last);
  return status;
}
