/* SPDX-License-Identifier: MIT */
/* What the specification of the walk implies. Each theorem is the contract of a function
 * that is proved and never run; where a loop is the induction, it goes down the levels as
 * the walk does. */
#include "walk.h"

/* ---- rights are the AND, or the OR, over the entries used (4.6) ------------- */

/*@ requires o.level <= 5 && 1 <= level <= o.level + 1 && flag(o.rw) && flag(o.us) && flag(o.xd);
    terminates \true; assigns \nothing; exits \false;
    ensures rw: all_RW(ram, mode, o, va, level) == 1 <==>
              o.rw == 1 && \forall integer l; level <= l <= o.level ==> RW(entry_at(ram, mode, o, va, l)) == 1;
    ensures us: all_US(ram, mode, o, va, level) == 1 <==>
              o.us == 1 && \forall integer l; level <= l <= o.level ==> US(entry_at(ram, mode, o, va, l)) == 1;
    ensures xd: any_XD(ram, mode, o, va, level) == 1 <==>
              o.xd == 1 || \exists integer l; level <= l <= o.level && XD(entry_at(ram, mode, o, va, l)) == 1;
    ensures flags: flag(all_RW(ram, mode, o, va, level)) && flag(all_US(ram, mode, o, va, level))
              && flag(any_XD(ram, mode, o, va, level)); */
void theorem_rights(const uint64_t *ram, uint8_t mode, struct vmref_origin o, uint64_t va, uint8_t level)
{
  uint8_t l = (uint8_t)(o.level + 1);
  /*@ loop invariant level <= l <= o.level + 1;
      loop invariant all_RW(ram, mode, o, va, l) == 1 <==>
        o.rw == 1 && \forall integer k; l <= k <= o.level ==> RW(entry_at(ram, mode, o, va, k)) == 1;
      loop invariant all_US(ram, mode, o, va, l) == 1 <==>
        o.us == 1 && \forall integer k; l <= k <= o.level ==> US(entry_at(ram, mode, o, va, k)) == 1;
      loop invariant any_XD(ram, mode, o, va, l) != 1 <==>
        o.xd != 1 && \forall integer k; l <= k <= o.level ==> XD(entry_at(ram, mode, o, va, k)) != 1;
      loop invariant flag(all_RW(ram, mode, o, va, l)) && flag(all_US(ram, mode, o, va, l))
        && flag(any_XD(ram, mode, o, va, l));
      loop assigns l;
      loop variant l; */
  while (l > level) {
    l--;
    //@ assert rw: all_RW(ram, mode, o, va, l) == both(all_RW(ram, mode, o, va, l + 1), RW(entry_at(ram, mode, o, va, l)));
    //@ assert us: all_US(ram, mode, o, va, l) == both(all_US(ram, mode, o, va, l + 1), US(entry_at(ram, mode, o, va, l)));
    //@ assert xd: any_XD(ram, mode, o, va, l) == either(any_XD(ram, mode, o, va, l + 1), XD(entry_at(ram, mode, o, va, l)));
  }
}

/* ---- the walk reads the entries that it names, and nothing else --------------- */

/*@ predicate agree{L}(uint64_t *ram, uint64_t *other, integer n, struct vmref_cpu c, struct vmref_origin o, integer va) =
      \forall integer l; last_level(ram, n, c, o, va, o.level) <= l <= o.level
        && in_ram(n, entry_address(ram, c.mode, o, va, l)) == 1 ==>
           entry_of(other, c.mode, entry_address(ram, c.mode, o, va, l)) == entry_at(ram, c.mode, o, va, l);

    // two memories give the walk the same path from the top down to a level
    predicate same_path{L}(uint64_t *ram, uint64_t *other, struct vmref_cpu c, struct vmref_origin o, integer va, integer level) =
      \forall integer l; level <= l <= o.level ==>
           entry_address(other, c.mode, o, va, l) == entry_address(ram, c.mode, o, va, l)
        && entry_at(other, c.mode, o, va, l) == entry_at(ram, c.mode, o, va, l);
    predicate same_rights{L}(uint64_t *ram, uint64_t *other, struct vmref_cpu c, struct vmref_origin o, integer va, integer level) =
         all_RW(other, c.mode, o, va, level) == all_RW(ram, c.mode, o, va, level)
      && all_US(other, c.mode, o, va, level) == all_US(ram, c.mode, o, va, level)
      && any_XD(other, c.mode, o, va, level) == any_XD(ram, c.mode, o, va, level);
*/

/*@ requires 1 <= level <= 5 && 32 <= cpu.maxphyaddr <= 52;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == leads_on(cpu, level, e); */
static uint8_t leads(struct vmref_cpu cpu, uint8_t level, uint64_t e)
{
  return vmref_p(e) == 1 && vmref_reserved(cpu, level, e) == VMREF_RULE_NONE && vmref_maps_page(cpu, level, e) == 0;
}

/* Memories that agree on the entries of a walk give the same walk. */
/*@ requires \valid_read(ram + (0 .. n - 1)) && \valid_read(other + (0 .. n - 1));
    requires valid_cpu(cpu) && fit_origin(cpu, o) && agree(ram, other, n, cpu, o, va);
    terminates \true; assigns \nothing; exits \false;
    ensures end: last_level(other, n, cpu, o, va, o.level) == last_level(ram, n, cpu, o, va, o.level);
    ensures range: 1 <= last_level(ram, n, cpu, o, va, o.level) <= o.level;
    ensures address: \let l = last_level(ram, n, cpu, o, va, o.level);
              entry_address(other, cpu.mode, o, va, l) == entry_address(ram, cpu.mode, o, va, l);
    ensures path: same_path(ram, other, cpu, o, va, last_level(ram, n, cpu, o, va, o.level) + 1);
    ensures entry: \let l = last_level(ram, n, cpu, o, va, o.level);
              in_ram(n, entry_address(ram, cpu.mode, o, va, l)) == 1 ==>
                same_path(ram, other, cpu, o, va, l) && same_rights(ram, other, cpu, o, va, l); */
void lemma_same_walk(const uint64_t *ram, const uint64_t *other, uint64_t n, struct vmref_cpu cpu,
                     struct vmref_origin o, uint64_t va)
{
  uint8_t l = o.level;
  uint64_t pa = vmref_entry_in(cpu.mode, o.table, va, l), e = 0;
  /*@ loop invariant 1 <= l <= o.level && pa == entry_address(ram, cpu.mode, o, va, l);
      loop invariant pa == entry_address(other, cpu.mode, o, va, l);
      loop invariant last_level(ram, n, cpu, o, va, o.level) == last_level(ram, n, cpu, o, va, l);
      loop invariant last_level(other, n, cpu, o, va, o.level) == last_level(other, n, cpu, o, va, l);
      loop invariant below: 1 <= last_level(ram, n, cpu, o, va, l) <= l;
      loop invariant same_path(ram, other, cpu, o, va, l + 1);
      loop invariant same_rights(ram, other, cpu, o, va, l + 1);
      loop assigns l, pa, e;
      loop variant l; */
  while (l > 1 && pa / 8 < n) {
    e = vmref_entry_in_word(cpu.mode, pa, ram[pa / 8]);
    if (leads(cpu, l, e) == 0) break;
    l--;
    pa = vmref_entry_in(cpu.mode, vmref_table_of(e), va, l);
  }
}

/* So they give the same answer w: verdict, error code, CR2, path, flags, page and rights. */
/*@ requires \valid_read(ram + (0 .. n - 1)) && \valid_read(other + (0 .. n - 1)) && \valid_read(w);
    requires askable(cpu, a) && fit_origin(cpu, w->origin) && agree(ram, other, n, cpu, w->origin, a.va);
    terminates \true; assigns \nothing; exits \false;
    ensures verdict: verdict_from(other, n, cpu, a, w->origin) == verdict_from(ram, n, cpu, a, w->origin);
    ensures answer: walked_from(*w, ram, n, cpu, a) ==> walked_from(*w, other, n, cpu, a); */
void theorem_reads_what_it_names(const uint64_t *ram, const uint64_t *other, uint64_t n, struct vmref_cpu cpu,
                                 struct vmref_access a, const struct vmref_walk *w)
{
  lemma_same_walk(ram, other, n, cpu, w->origin, a.va);
  /*@ assert end: \let l = last_level(ram, n, cpu, w->origin, a.va, w->origin.level);
        last_level(other, n, cpu, w->origin, a.va, w->origin.level) == l && 1 <= l <= w->origin.level
        && entry_address(other, cpu.mode, w->origin, a.va, l) == entry_address(ram, cpu.mode, w->origin, a.va, l); */
  /*@ assert entry: \let l = last_level(ram, n, cpu, w->origin, a.va, w->origin.level);
        in_ram(n, entry_address(ram, cpu.mode, w->origin, a.va, l)) == 1 ==>
           entry_at(other, cpu.mode, w->origin, a.va, l) == entry_at(ram, cpu.mode, w->origin, a.va, l)
        && same_rights(ram, other, cpu, w->origin, a.va, l); */
  //@ assert same: verdict_from(other, n, cpu, a, w->origin) == verdict_from(ram, n, cpu, a, w->origin);
}

/* ---- taking a right away never grants (4.6) ----------------------------------- */

/* A user-mode access: U/S, R/W cleared or XD set in any entry makes us, rw less or xd more. */
/*@ requires flag(rw) && flag(us) && flag(xd) && flag(rw2) && flag(us2) && flag(xd2) && key <= 15;
    requires rw2 <= rw && us2 <= us && xd2 >= xd && user_mode(a) == 1;
    terminates \true; assigns \nothing; exits \false;
    ensures refused(cpu, a, rw, us, xd, key) != VMREF_RULE_NONE
        ==> refused(cpu, a, rw2, us2, xd2, key) != VMREF_RULE_NONE; */
void theorem_user_rights(struct vmref_cpu cpu, struct vmref_access a, uint8_t rw, uint8_t us, uint8_t xd,
                         uint8_t rw2, uint8_t us2, uint8_t xd2, uint8_t key)
{
}

/* A supervisor-mode access, for R/W and XD. */
/*@ requires flag(rw) && flag(us) && flag(xd) && flag(rw2) && flag(xd2) && key <= 15;
    requires rw2 <= rw && xd2 >= xd;
    terminates \true; assigns \nothing; exits \false;
    ensures refused(cpu, a, rw, us, xd, key) != VMREF_RULE_NONE
        ==> refused(cpu, a, rw2, us, xd2, key) != VMREF_RULE_NONE; */
void theorem_supervisor_rights(struct vmref_cpu cpu, struct vmref_access a, uint8_t rw, uint8_t us, uint8_t xd,
                               uint8_t rw2, uint8_t xd2, uint8_t key)
{
}

/* U/S is excepted there, because it shields: clearing it makes a user-mode address one of
 * the supervisor, and what can be granted by that is what SMAP, SMEP or PKRU refused. */
/*@ requires flag(rw) && flag(xd) && key <= 15 && user_mode(a) == 0;
    terminates \true; assigns \nothing; exits \false;
    ensures \let rule = refused(cpu, a, rw, 1, xd, key);
      rule != VMREF_RULE_NONE && refused(cpu, a, rw, 0, xd, key) == VMREF_RULE_NONE ==>
           (rule == VMREF_RULE_PF_SMAP && cpu.smap == 1) || (rule == VMREF_RULE_PF_SMEP && cpu.smep == 1)
        || ((rule == VMREF_RULE_PF_PKU_AD || rule == VMREF_RULE_PF_PKU_WD) && cpu.pke == 1); */
void theorem_user_bit_shields(struct vmref_cpu cpu, struct vmref_access a, uint8_t rw, uint8_t xd, uint8_t key)
{
}

/*@ // entry f is e with R/W or U/S cleared, or XD set (when that is no reserved bit): bits
    // 62:3 and P are the same
    predicate lesser(integer nxe, integer e, integer f) =
         P(f) == P(e) && f / 8 % 0x1000000000000000 == e / 8 % 0x1000000000000000
      && RW(f) <= RW(e) && US(f) <= US(e) && XD(f) >= XD(e) && (nxe == 0 ==> XD(f) == XD(e));
    predicate lesser_memory{L}(uint64_t *ram, uint64_t *less, integer n, struct vmref_cpu c) =
      \forall integer pa; 0 <= pa && pa / 8 < n ==> lesser(c.nxe, entry_of(ram, c.mode, pa), entry_of(less, c.mode, pa));
*/

/* A limit of physical addresses is a multiple of 8, so bits 2:0 have no part in it. */
/*@ requires 32 <= n <= 52;
    terminates \true; assigns \nothing; exits \false;
    ensures two(n) % 8 == 0; */
void lemma_limit(uint8_t n)
{
  //@ assert n == 32 ==> (1 << n) == 0x100000000;
  //@ assert n == 33 ==> (1 << n) == 0x200000000;
  //@ assert n == 34 ==> (1 << n) == 0x400000000;
  //@ assert n == 35 ==> (1 << n) == 0x800000000;
  //@ assert n == 36 ==> (1 << n) == 0x1000000000;
  //@ assert n == 37 ==> (1 << n) == 0x2000000000;
  //@ assert n == 38 ==> (1 << n) == 0x4000000000;
  //@ assert n == 39 ==> (1 << n) == 0x8000000000;
  //@ assert n == 40 ==> (1 << n) == 0x10000000000;
  //@ assert n == 41 ==> (1 << n) == 0x20000000000;
  //@ assert n == 42 ==> (1 << n) == 0x40000000000;
  //@ assert n == 43 ==> (1 << n) == 0x80000000000;
  //@ assert n == 44 ==> (1 << n) == 0x100000000000;
  //@ assert n == 45 ==> (1 << n) == 0x200000000000;
  //@ assert n == 46 ==> (1 << n) == 0x400000000000;
  //@ assert n == 47 ==> (1 << n) == 0x800000000000;
  //@ assert n == 48 ==> (1 << n) == 0x1000000000000;
  //@ assert n == 49 ==> (1 << n) == 0x2000000000000;
  //@ assert n == 50 ==> (1 << n) == 0x4000000000000;
  //@ assert n == 51 ==> (1 << n) == 0x8000000000000;
  //@ assert n == 52 ==> (1 << n) == 0x10000000000000;
}

/* The fields of an entry from m, its bits 62:3. */
/*@ requires m == e / 8 % 0x1000000000000000;
    terminates \true; assigns \nothing; exits \false;
    ensures table: table_of(e) == m / 0x200 % 0x10000000000 * 0x1000;
    ensures key: key(e) == m / 0x100000000000000 % 16;
    ensures ps: PS(e) == m / 0x10 % 2;
    ensures g: G(e) == m / 0x20 % 2;
    ensures large: e / 0x2000 % 0x20000 == m / 0x400 % 0x20000;
    ensures large_2m: e / 0x2000 % 0x100 == m / 0x400 % 0x100;
    ensures large_4m: e / 0x2000 % 0x200 == m / 0x400 % 0x200;
    ensures pae: address_bits(VMREF_MODE_PAE, e) / 8 == m;
    ensures long: address_bits(VMREF_MODE_4LEVEL, e) / 8 == m % 0x2000000000000; */
void lemma_fields(uint64_t e, uint64_t m)
{
  //@ assert bit_63: XD(e) == 0 || XD(e) == 1;
  //@ assert by_8: e / 0x8 == m + 0x1000000000000000 * XD(e);
  //@ assert by_4k: e / 0x1000 == m / 0x200 + 0x8000000000000 * XD(e);
  //@ assert by_8k: e / 0x2000 == m / 0x400 + 0x4000000000000 * XD(e);
  //@ assert table: XD(e) == 0 ==> e / 0x1000 % 0x10000000000 == m / 0x200 % 0x10000000000;
  //@ assert table_xd: XD(e) == 1 ==> e / 0x1000 % 0x10000000000 == m / 0x200 % 0x10000000000;
}

/* Such an entry means the same in all but rights. */
/*@ requires valid_cpu(cpu) && 1 <= level <= 5 && lesser(cpu.nxe, e, f);
    terminates \true; assigns \nothing; exits \false;
    ensures fields: table_of(f) == table_of(e) && key(f) == key(e);
    ensures maps: maps_page(cpu, level, f) == maps_page(cpu, level, e);
    ensures reserved: (reserved(cpu, level, f) == VMREF_RULE_NONE) <==> (reserved(cpu, level, e) == VMREF_RULE_NONE); */
void lemma_lesser(struct vmref_cpu cpu, uint8_t level, uint64_t e, uint64_t f)
{
  lemma_fields(e, e / 8 % 0x1000000000000000);
  lemma_fields(f, f / 8 % 0x1000000000000000);
  lemma_limit(cpu.maxphyaddr);
  //@ assert bits: address_bits(cpu.mode, f) / 8 == address_bits(cpu.mode, e) / 8;
  //@ assert whole: two(cpu.maxphyaddr) == 8 * (two(cpu.maxphyaddr) / 8);
  //@ assert above_f: address_bits(cpu.mode, f) >= two(cpu.maxphyaddr) <==> address_bits(cpu.mode, f) / 8 >= two(cpu.maxphyaddr) / 8;
  //@ assert above_e: address_bits(cpu.mode, e) >= two(cpu.maxphyaddr) <==> address_bits(cpu.mode, e) / 8 >= two(cpu.maxphyaddr) / 8;
  //@ assert limit: address_bits(cpu.mode, f) >= two(cpu.maxphyaddr) <==> address_bits(cpu.mode, e) >= two(cpu.maxphyaddr);
  //@ assert upper: reserved_upper(cpu, level, f) == reserved_upper(cpu, level, e);
  //@ assert large: reserved_large(cpu, level, f) == reserved_large(cpu, level, e);
  //@ assert small: reserved_32bit(cpu, level, f) == reserved_32bit(cpu, level, e);
}

/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == both(x, y); ensures flag(\result); */
static uint8_t in_both(uint8_t x, uint8_t y) { return x == 1 && y == 1; }
/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == either(x, y); ensures flag(\result); */
static uint8_t in_either(uint8_t x, uint8_t y) { return x == 1 || y == 1; }

/* The entry at hand takes part in the rights of two walks. */
struct rights { uint8_t rw, us, xd; };
/*@ predicate flags(struct rights r) = flag(r.rw) && flag(r.us) && flag(r.xd);
    predicate fewer(struct rights less, struct rights r) = less.rw <= r.rw && less.us <= r.us && less.xd >= r.xd;
    predicate rights_at{L}(struct rights r, uint64_t *ram, integer mode, struct vmref_origin o, integer va, integer l) =
      r.rw == all_RW(ram, mode, o, va, l) && r.us == all_US(ram, mode, o, va, l) && r.xd == any_XD(ram, mode, o, va, l);
*/
/*@ requires flags(r);
    terminates \true; assigns \nothing; exits \false;
    ensures flags(\result);
    ensures \result.rw == both(r.rw, RW(e)) && \result.us == both(r.us, US(e)) && \result.xd == either(r.xd, XD(e)); */
static struct rights with(struct rights r, uint64_t e)
{
  struct rights s = { in_both(r.rw, vmref_rw(e)), in_both(r.us, vmref_us(e)), in_either(r.xd, vmref_xd(e)) };
  return s;
}

/* An entry found in both memories: when the lesser one is granted, so is the other. */
/*@ requires valid_cpu(cpu) && 1 <= level <= 5 && lesser(cpu.nxe, e, f) && flags(r) && flags(less) && fewer(less, r);
    requires user_mode(a) == 1 || less.us == r.us;
    terminates \true; assigns \nothing; exits \false;
    ensures judged(cpu, a, level, f, less.rw, less.us, less.xd) == VMREF_RULE_OK
        ==> judged(cpu, a, level, e, r.rw, r.us, r.xd) == VMREF_RULE_OK; */
void lemma_judged(struct vmref_cpu cpu, struct vmref_access a, uint8_t level, uint64_t e, uint64_t f,
                  struct rights r, struct rights less)
{
  lemma_lesser(cpu, level, e, f);
  uint8_t key = vmref_key(e);
  //@ assert same: P(f) == P(e) && key(f) == key;
  //@ assert granted: judged(cpu, a, level, f, less.rw, less.us, less.xd) == VMREF_RULE_OK ==> refused(cpu, a, less.rw, less.us, less.xd, key) == VMREF_RULE_NONE;
  if (vmref_user_mode(a)) theorem_user_rights(cpu, a, r.rw, r.us, r.xd, less.rw, less.us, less.xd, key);
  else theorem_supervisor_rights(cpu, a, r.rw, r.us, r.xd, less.rw, less.xd, key);
}

/* Over whole walks: an access that is granted over the lesser memory is granted over the
 * other, if it is a user-mode access or U/S bits are the same. */
/*@ requires \valid_read(ram + (0 .. n - 1)) && \valid_read(less + (0 .. n - 1));
    requires valid_cpu(cpu) && fit_origin(cpu, o) && lesser_memory(ram, less, n, cpu);
    requires user_mode(a) == 1 || \forall integer pa; 0 <= pa && pa / 8 < n ==>
               US(entry_of(less, cpu.mode, pa)) == US(entry_of(ram, cpu.mode, pa));
    terminates \true; assigns \nothing; exits \false;
    ensures end: last_level(less, n, cpu, o, a.va, o.level) == last_level(ram, n, cpu, o, a.va, o.level);
    ensures never: verdict_from(less, n, cpu, a, o) == VMREF_RULE_OK ==> verdict_from(ram, n, cpu, a, o) == VMREF_RULE_OK; */
void theorem_never_grants(const uint64_t *ram, const uint64_t *less, uint64_t n, struct vmref_cpu cpu,
                          struct vmref_access a, struct vmref_origin o)
{
  uint8_t l = o.level, done = 0;
  uint64_t pa = vmref_entry_in(cpu.mode, o.table, a.va, l);
  struct rights r = { o.rw, o.us, o.xd }, s = r; /* over ram, over less */
  /*@ loop invariant 1 <= l <= o.level && flag(done) && flags(r) && flags(s);
      loop invariant here: pa == entry_address(ram, cpu.mode, o, a.va, l) && pa == entry_address(less, cpu.mode, o, a.va, l);
      loop invariant end: last_level(ram, n, cpu, o, a.va, o.level) == last_level(ram, n, cpu, o, a.va, l);
      loop invariant end_less: last_level(less, n, cpu, o, a.va, o.level) == last_level(less, n, cpu, o, a.va, l);
      loop invariant rights: done == 0 ==> rights_at(r, ram, cpu.mode, o, a.va, l + 1) && rights_at(s, less, cpu.mode, o, a.va, l + 1);
      loop invariant fewer: fewer(s, r) && (user_mode(a) == 1 || s.us == r.us);
      loop invariant over: done == 1 ==> last_level(ram, n, cpu, o, a.va, l) == l && last_level(less, n, cpu, o, a.va, l) == l
        && pa / 8 < n && rights_at(r, ram, cpu.mode, o, a.va, l) && rights_at(s, less, cpu.mode, o, a.va, l)
        && (judged(cpu, a, l, entry_at(less, cpu.mode, o, a.va, l), s.rw, s.us, s.xd) == VMREF_RULE_OK
            ==> judged(cpu, a, l, entry_at(ram, cpu.mode, o, a.va, l), r.rw, r.us, r.xd) == VMREF_RULE_OK);
      loop assigns l, done, pa, r, s;
      loop variant l - done; */
  while (done == 0 && pa / 8 < n) {
    uint64_t e = vmref_entry_in_word(cpu.mode, pa, ram[pa / 8]), f = vmref_entry_in_word(cpu.mode, pa, less[pa / 8]);
    //@ assert lesser: lesser(cpu.nxe, e, f) && (user_mode(a) == 1 || US(f) == US(e));
    //@ assert entries: e == entry_at(ram, cpu.mode, o, a.va, l) && f == entry_at(less, cpu.mode, o, a.va, l);
    lemma_lesser(cpu, l, e, f);
    r = with(r, e);
    s = with(s, f);
    //@ assert at_ram: rights_at(r, ram, cpu.mode, o, a.va, l);
    //@ assert at_less: rights_at(s, less, cpu.mode, o, a.va, l);
    //@ assert fewer: fewer(s, r) && (user_mode(a) == 1 || s.us == r.us);
    //@ assert down: l > 1 ==> entry_address(ram, cpu.mode, o, a.va, l - 1) == entry_in(cpu.mode, table_of(e), a.va, l - 1);
    //@ assert down_less: l > 1 ==> entry_address(less, cpu.mode, o, a.va, l - 1) == entry_in(cpu.mode, table_of(f), a.va, l - 1);
    //@ assert same: leads_on(cpu, l, f) == leads_on(cpu, l, e);
    //@ assert on: l > 1 && leads_on(cpu, l, e) == 1 ==> last_level(ram, n, cpu, o, a.va, l) == last_level(ram, n, cpu, o, a.va, l - 1);
    //@ assert on_less: l > 1 && leads_on(cpu, l, f) == 1 ==> last_level(less, n, cpu, o, a.va, l) == last_level(less, n, cpu, o, a.va, l - 1);
    lemma_judged(cpu, a, l, e, f, r, s);
    if (l == 1 || leads(cpu, l, e) == 0) {
      done = 1;
    } else {
      //@ assert end: last_level(ram, n, cpu, o, a.va, o.level) == last_level(ram, n, cpu, o, a.va, l - 1);
      //@ assert end_less: last_level(less, n, cpu, o, a.va, o.level) == last_level(less, n, cpu, o, a.va, l - 1);
      l--;
      pa = vmref_entry_in(cpu.mode, vmref_table_of(e), a.va, l);
    }
  }
  //@ assert missing: done == 0 ==> last_level(ram, n, cpu, o, a.va, l) == l && last_level(less, n, cpu, o, a.va, l) == l;
}
