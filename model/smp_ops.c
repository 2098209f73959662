/* SPDX-License-Identifier: MIT */
/* What the kernel does on several processors. Those who may have cached what it changes drop it
 * first. */
#include "smp_ops.h"

/* All processors drop all. */
/*@ requires \valid(m) && \valid_read(s) && inv(*s) && coherent(*s, *m);
    terminates \true; exits \false; assigns *m;
    ensures coherent: coherent(*s, *m);
    ensures pending: m->lazy == \old(m->lazy) && m->pending == 0;
    ensures runs: \forall integer c; 0 <= c < VMREF_CPUS ==> m->runs[c] == \old(m->runs[c]);
    ensures blank: \forall integer c; 0 <= c < VMREF_CPUS ==> blank(m->tlb[c]);
    ensures lives: \forall integer c; 0 <= c < VMREF_CPUS && m->runs[c] != VMREF_IDLE ==> lives(*s, m->runs[c]); */
static void flush(struct vmref_smp *m, const struct vmref_sys *s)
{
  (void)s;
  //@ assert all: \forall integer d; 0 <= d < VMREF_CPUS ==> coherent_cpu(*s, *m, d);
  //@ assert exist: \forall integer d; 0 <= d < VMREF_CPUS && m->runs[d] != VMREF_IDLE ==> coherent_cpu(*s, *m, d) && lives(*s, m->runs[d]);
  vmref_smp_flush(m);
  //@ assert fresh: \forall integer d; 0 <= d < VMREF_CPUS ==> coherent_cpu(*s, *m, d);
}

/* The processors that run a space are idle from now on. */
/*@ requires \valid(m) && \valid_read(s) && inv(*s) && coherent(*s, *m) && a != VMREF_IDLE;
    terminates \true; exits \false; assigns *m;
    ensures coherent: coherent(*s, *m);
    ensures pending: m->lazy == \old(m->lazy) && m->pending == \old(m->pending);
    ensures runs: \forall integer c; 0 <= c < VMREF_CPUS ==> m->runs[c] == (\old(m->runs[c]) == a ? VMREF_IDLE : \old(m->runs[c])); */
static void leave(struct vmref_smp *m, const struct vmref_sys *s, uint32_t a)
{
  (void)s;
  m->told = 0;
  /*@ loop invariant 0 <= c <= VMREF_CPUS;
      loop invariant coherent: \forall integer d; 0 <= d < VMREF_CPUS ==> coherent_cpu(*s, *m, d);
      loop invariant done: \forall integer d; 0 <= d < c ==> m->runs[d] == (\at(*m, Pre).runs[d] == a ? VMREF_IDLE : \at(*m, Pre).runs[d]);
      loop invariant todo: \forall integer d; c <= d < VMREF_CPUS ==> m->runs[d] == \at(*m, Pre).runs[d];
      loop invariant rest: m->lazy == \at(m->lazy, Pre) && m->pending == \at(m->pending, Pre) && m->told <= c;
      loop assigns c, *m; loop variant VMREF_CPUS - c; */
  for (uint32_t c = 0; c < VMREF_CPUS; c++) {
    if (m->runs[c] != a) continue;
    m->told++;
    m->runs[c] = VMREF_IDLE;
    vmref_tlb_reset(&m->tlb[c]);
    //@ assert idle: coherent_cpu(*s, *m, c);
    //@ assert rest: \forall integer d; 0 <= d < VMREF_CPUS && d != c ==> coherent_cpu(*s, *m, d);
  }
}

/* ---- spaces ---- */
int vmref_smp_space_new(struct vmref_smp *m, const struct vmref_sys *s, uint32_t a, int64_t what)
{
  vmref_smp_settle(m, s);
  //@ assert was: \forall integer d; 0 <= d < VMREF_CPUS ==> coherent_cpu(*s, *m, d);
  //@ ghost Ready: ;
  //@ ghost vmref_lemma_record(s);
  //@ ghost vmref_lemma_leaves(s);
  int r = vmref_space_new(s, a, what);
  //@ ghost vmref_lemma_record(s);
  //@ ghost vmref_lemma_leaves(s);
  /*@ assert indices: \forall integer x; 0 <= x < 0x800000000000 ==> 0 <= i4(x) < 256 && ix(i3(x)) && ix(i2(x)); */
  /*@ assert three: \forall integer b, i4; page(*s, b, i4, 0, 0, 0) && (b != a || r != VMREF_OK) && t3{Ready}(*s, b, i4) < s->tables ==> t3(*s, b, i4) == t3{Ready}(*s, b, i4); */
  /*@ assert two: \forall integer b, i4, i3; page(*s, b, i4, i3, 0, 0) && (b != a || r != VMREF_OK) && t2{Ready}(*s, b, i4, i3) < s->tables ==>
        t2(*s, b, i4, i3) == t2{Ready}(*s, b, i4, i3); */
  /*@ assert one: \forall integer b, i4, i3, i2; page(*s, b, i4, i3, i2, 0) && (b != a || r != VMREF_OK) && t1{Ready}(*s, b, i4, i3, i2) < s->tables ==>
        t1(*s, b, i4, i3, i2) == t1{Ready}(*s, b, i4, i3, i2); */
  /*@ assert page_of: \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> page(*s, b, p4(q), p3(q), p2(q), 0); */
  /*@ assert tables_of: \forall integer b, q; 0 <= b < s->spaces && (b != a || r != VMREF_OK) && upage(q) && table_of{Ready}(*s, b, q) < s->tables ==>
        table_of(*s, b, q) == table_of{Ready}(*s, b, q); */
  /*@ assert entries: \forall integer b, q; 0 <= b < s->spaces && (b != a || r != VMREF_OK) && upage(q) && table_of{Ready}(*s, b, q) < s->tables ==>
        leaf_of{Ready}(*s, b, q) == at{Ready}(*s, table_of{Ready}(*s, b, q), p1(q)) && leaf_of(*s, b, q) == at(*s, table_of(*s, b, q), p1(q)); */
  /*@ assert leaves: \forall integer b, q; 0 <= b < s->spaces && (b != a || r != VMREF_OK) && upage(q) && P(leaf_of{Ready}(*s, b, q)) == 1 ==> leaf_of(*s, b, q) == leaf_of{Ready}(*s, b, q); */
  /*@ assert pages: \forall integer b, struct vmref_translation t; 0 <= b < s->spaces && (b != a || r != VMREF_OK) && permitted{Ready}(*s, b, t) ==> permitted(*s, b, t); */
  /*@ assert ways: \forall integer b, x, l; 0 <= b < s->spaces && (b != a || r != VMREF_OK) && 0 <= x < 0x800000000000 && way{Ready}(*s, b, x, l) < s->tables ==>
        way(*s, b, x, l) == way{Ready}(*s, b, x, l); */
  /*@ assert tables: \forall integer b, struct vmref_cached_table t; 0 <= b < s->spaces && (b != a || r != VMREF_OK) && permitted_table{Ready}(*s, b, t) ==> permitted_table(*s, b, t); */
  /*@ assert tlbs: \forall integer b, struct vmref_tlb x; 0 <= b < s->spaces && (b != a || r != VMREF_OK) && coherent_tlb{Ready}(*s, b, x, 0) ==> coherent_tlb(*s, b, x, 0); */
  //@ assert alive: \forall integer d; 0 <= d < VMREF_CPUS && m->runs[d] != VMREF_IDLE ==> coherent_cpu{Ready}(*s, *m, d) && lives(*s, m->runs[d]);
  //@ assert still: \forall integer d; 0 <= d < VMREF_CPUS ==> coherent_cpu{Ready}(*s, *m, d) && coherent_cpu(*s, *m, d);
  return r;
}

int vmref_smp_fork(struct vmref_smp *m, const struct vmref_sys *s, uint32_t a, uint32_t b)
{
  flush(m, s);
  int r = vmref_fork(s, a, b);
  //@ assert fresh: \forall integer d; 0 <= d < VMREF_CPUS ==> blank(m->tlb[d]) && coherent_cpu(*s, *m, d);
  return r;
}

int vmref_smp_exit(struct vmref_smp *m, const struct vmref_sys *s, uint32_t a)
{
  vmref_smp_settle(m, s);
  if (a >= s->spaces || s->level[a] != 4) return VMREF_EINVAL;
  leave(m, s, a);
  //@ assert was: \forall integer d; 0 <= d < VMREF_CPUS ==> coherent_cpu(*s, *m, d);
  //@ ghost Ready: ;
  //@ ghost vmref_lemma_record(s);
  //@ ghost vmref_lemma_leaves(s);
  int r = vmref_space_exit(s, a);
  //@ ghost vmref_lemma_record(s);
  //@ ghost vmref_lemma_leaves(s);
  /*@ assert indices: \forall integer x; 0 <= x < 0x800000000000 ==> 0 <= i4(x) < 256 && ix(i3(x)) && ix(i2(x)); */
  /*@ assert three: \forall integer b, i4; page(*s, b, i4, 0, 0, 0) && b != a && t3{Ready}(*s, b, i4) < s->tables ==> t3(*s, b, i4) == t3{Ready}(*s, b, i4); */
  /*@ assert two: \forall integer b, i4, i3; page(*s, b, i4, i3, 0, 0) && b != a && t2{Ready}(*s, b, i4, i3) < s->tables ==>
        t2(*s, b, i4, i3) == t2{Ready}(*s, b, i4, i3); */
  /*@ assert one: \forall integer b, i4, i3, i2; page(*s, b, i4, i3, i2, 0) && b != a && t1{Ready}(*s, b, i4, i3, i2) < s->tables ==>
        t1(*s, b, i4, i3, i2) == t1{Ready}(*s, b, i4, i3, i2); */
  /*@ assert page_of: \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> page(*s, b, p4(q), p3(q), p2(q), 0); */
  /*@ assert tables_of: \forall integer b, q; 0 <= b < s->spaces && b != a && upage(q) && table_of{Ready}(*s, b, q) < s->tables ==>
        table_of(*s, b, q) == table_of{Ready}(*s, b, q); */
  /*@ assert entries: \forall integer b, q; 0 <= b < s->spaces && b != a && upage(q) && table_of{Ready}(*s, b, q) < s->tables ==>
        leaf_of{Ready}(*s, b, q) == at{Ready}(*s, table_of{Ready}(*s, b, q), p1(q)) && leaf_of(*s, b, q) == at(*s, table_of(*s, b, q), p1(q)); */
  /*@ assert leaves: \forall integer b, q; 0 <= b < s->spaces && b != a && upage(q) && P(leaf_of{Ready}(*s, b, q)) == 1 ==> leaf_of(*s, b, q) == leaf_of{Ready}(*s, b, q); */
  /*@ assert pages: \forall integer b, struct vmref_translation t; 0 <= b < s->spaces && b != a && permitted{Ready}(*s, b, t) ==> permitted(*s, b, t); */
  /*@ assert ways: \forall integer b, x, l; 0 <= b < s->spaces && b != a && 0 <= x < 0x800000000000 && way{Ready}(*s, b, x, l) < s->tables ==>
        way(*s, b, x, l) == way{Ready}(*s, b, x, l); */
  /*@ assert tables: \forall integer b, struct vmref_cached_table t; 0 <= b < s->spaces && b != a && permitted_table{Ready}(*s, b, t) ==> permitted_table(*s, b, t); */
  /*@ assert tlbs: \forall integer b, struct vmref_tlb x; 0 <= b < s->spaces && b != a && coherent_tlb{Ready}(*s, b, x, 0) ==> coherent_tlb(*s, b, x, 0); */
  //@ assert alive: \forall integer d; 0 <= d < VMREF_CPUS && m->runs[d] != VMREF_IDLE ==> coherent_cpu{Ready}(*s, *m, d) && lives(*s, m->runs[d]);
  //@ assert still: \forall integer d; 0 <= d < VMREF_CPUS ==> coherent_cpu{Ready}(*s, *m, d) && coherent_cpu(*s, *m, d);
  return r;
}

/* ---- where pages are ---- */
int vmref_smp_page_out(struct vmref_smp *m, const struct vmref_sys *s, uint32_t a, uint64_t p)
{
  flush(m, s);
  int r = vmref_page_out(s, a, p);
  //@ assert fresh: \forall integer d; 0 <= d < VMREF_CPUS ==> blank(m->tlb[d]) && coherent_cpu(*s, *m, d);
  return r;
}

int vmref_smp_page_in(struct vmref_smp *m, const struct vmref_sys *s, uint32_t a, uint64_t p)
{
  vmref_smp_settle(m, s);
  //@ assert was: \forall integer d; 0 <= d < VMREF_CPUS ==> coherent_cpu(*s, *m, d);
  //@ ghost Ready: ;
  //@ ghost vmref_lemma_record(s);
  //@ ghost vmref_lemma_leaves(s);
  int r = vmref_page_in(s, a, p);
  //@ ghost vmref_lemma_record(s);
  //@ ghost vmref_lemma_leaves(s);
  /*@ assert indices: \forall integer x; 0 <= x < 0x800000000000 ==> 0 <= i4(x) < 256 && ix(i3(x)) && ix(i2(x)); */
  /*@ assert three: \forall integer b, i4; page(*s, b, i4, 0, 0, 0) && t3{Ready}(*s, b, i4) < s->tables ==> t3(*s, b, i4) == t3{Ready}(*s, b, i4); */
  /*@ assert two: \forall integer b, i4, i3; page(*s, b, i4, i3, 0, 0) && t2{Ready}(*s, b, i4, i3) < s->tables ==>
        t2(*s, b, i4, i3) == t2{Ready}(*s, b, i4, i3); */
  /*@ assert one: \forall integer b, i4, i3, i2; page(*s, b, i4, i3, i2, 0) && t1{Ready}(*s, b, i4, i3, i2) < s->tables ==>
        t1(*s, b, i4, i3, i2) == t1{Ready}(*s, b, i4, i3, i2); */
  /*@ assert page_of: \forall integer b, q; 0 <= b < s->spaces && upage(q) ==> page(*s, b, p4(q), p3(q), p2(q), 0); */
  /*@ assert tables_of: \forall integer b, q; 0 <= b < s->spaces && upage(q) && table_of{Ready}(*s, b, q) < s->tables ==>
        table_of(*s, b, q) == table_of{Ready}(*s, b, q); */
  /*@ assert entries: \forall integer b, q; 0 <= b < s->spaces && upage(q) && table_of{Ready}(*s, b, q) < s->tables ==>
        leaf_of{Ready}(*s, b, q) == at{Ready}(*s, table_of{Ready}(*s, b, q), p1(q)) && leaf_of(*s, b, q) == at(*s, table_of(*s, b, q), p1(q)); */
  /*@ assert leaves: \forall integer b, q; 0 <= b < s->spaces && upage(q) && P(leaf_of{Ready}(*s, b, q)) == 1 ==> leaf_of(*s, b, q) == leaf_of{Ready}(*s, b, q); */
  /*@ assert pages: \forall integer b, struct vmref_translation t; 0 <= b < s->spaces && permitted{Ready}(*s, b, t) ==> permitted(*s, b, t); */
  /*@ assert ways: \forall integer b, x, l; 0 <= b < s->spaces && 0 <= x < 0x800000000000 && way{Ready}(*s, b, x, l) < s->tables ==>
        way(*s, b, x, l) == way{Ready}(*s, b, x, l); */
  /*@ assert tables: \forall integer b, struct vmref_cached_table t; 0 <= b < s->spaces && permitted_table{Ready}(*s, b, t) ==> permitted_table(*s, b, t); */
  /*@ assert tlbs: \forall integer b, struct vmref_tlb x; 0 <= b < s->spaces && coherent_tlb{Ready}(*s, b, x, 0) ==> coherent_tlb(*s, b, x, 0); */
  //@ assert alive: \forall integer d; 0 <= d < VMREF_CPUS && m->runs[d] != VMREF_IDLE ==> coherent_cpu{Ready}(*s, *m, d) && lives(*s, m->runs[d]);
  //@ assert still: \forall integer d; 0 <= d < VMREF_CPUS ==> coherent_cpu{Ready}(*s, *m, d) && coherent_cpu(*s, *m, d);
  return r;
}

int vmref_smp_page_move(struct vmref_smp *m, const struct vmref_sys *s, uint32_t a, uint64_t p, uint32_t to)
{
  flush(m, s);
  int r = vmref_page_move(s, a, p, to);
  //@ assert fresh: \forall integer d; 0 <= d < VMREF_CPUS ==> blank(m->tlb[d]) && coherent_cpu(*s, *m, d);
  return r;
}

struct vmref_compacted vmref_smp_compact(struct vmref_smp *m, const struct vmref_sys *s, uint32_t n)
{
  flush(m, s);
  struct vmref_compacted r = vmref_compact(s, n);
  //@ assert fresh: \forall integer d; 0 <= d < VMREF_CPUS ==> blank(m->tlb[d]) && coherent_cpu(*s, *m, d);
  return r;
}

struct vmref_eviction vmref_smp_evict(struct vmref_smp *m, const struct vmref_sys *s, const struct vmref_policy *p)
{
  flush(m, s);
  struct vmref_eviction r = vmref_evict(s, p);
  //@ assert fresh: \forall integer d; 0 <= d < VMREF_CPUS ==> blank(m->tlb[d]) && coherent_cpu(*s, *m, d);
  return r;
}
