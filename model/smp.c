/* SPDX-License-Identifier: MIT */
/* Processors, and what they have cached. */
#include "smp.h"

void vmref_smp_reset(struct vmref_smp *m, uint8_t lazy)
{
  m->lazy = lazy;
  m->pending = 0;
  m->told = 0;
  /*@ loop invariant 0 <= c <= VMREF_CPUS;
      loop invariant idle: \forall integer d; 0 <= d < c ==> m->runs[d] == VMREF_IDLE && blank(m->tlb[d]);
      loop invariant rest: m->lazy == lazy && m->pending == 0 && m->told == 0;
      loop assigns c, *m; loop variant VMREF_CPUS - c; */
  for (uint32_t c = 0; c < VMREF_CPUS; c++) {
    m->runs[c] = VMREF_IDLE;
    vmref_tlb_reset(&m->tlb[c]);
  }
}

/* MOV CR3. */
/*@ requires \valid(tlb) && of_user(*tlb) && a <= 0x400000;
    terminates \true; exits \false; assigns *tlb;
    ensures blank(*tlb); */
static void drop_all(struct vmref_tlb *tlb, uint32_t a)
{
  vmref_tlb_cr3(tlb, vmref_user_cpu(a), 0);
}

/* INVLPG for each of some pages. */
/*@ requires \valid(tlb) && of_user(*tlb) && a <= 0x400000 && p + n <= 0x800000000;
    terminates \true; exits \false; assigns *tlb;
    ensures fewer: fewer(\old(*tlb), *tlb);
    ensures without(*tlb, p, n); */
static void drop_pages(struct vmref_tlb *tlb, uint32_t a, uint64_t p, uint64_t n)
{
  if (n > VMREF_SHOOT_PAGES) {
    drop_all(tlb, a);
    return;
  }
  struct vmref_cpu cpu = vmref_user_cpu(a);
  /*@ loop invariant range: p <= q <= p + n;
      loop invariant fewer: fewer(\at(*tlb, Pre), *tlb);
      loop invariant user: of_user(*tlb);
      loop invariant pages: \forall integer i; 0 <= i < VMREF_TLB_SLOTS && tlb->page[i].used == 1 ==> !(p <= tlb->page[i].page / 0x1000 < q);
      loop invariant tables: q > p ==> \forall integer i; 0 <= i < VMREF_TLB_SLOTS ==> tlb->table[i].used != 1;
      loop assigns q, *tlb;
      loop variant p + n - q; */
  for (uint64_t q = p; q < p + n; q++) {
    //@ ghost struct vmref_tlb was = *tlb;
    vmref_tlb_invlpg(tlb, cpu, q * 0x1000);
    /*@ assert gone: \forall integer i; 0 <= i < VMREF_TLB_SLOTS && was.page[i].used == 1 && was.page[i].page == 0x1000 * q ==>
          tlb->page[i].used == 0; */
    /*@ assert kept: \forall integer i; 0 <= i < VMREF_TLB_SLOTS && tlb->page[i].used == 1 ==> tlb->page[i] == was.page[i]; */
  }
}

int vmref_smp_run(struct vmref_smp *m, const struct vmref_sys *s, uint32_t c, uint32_t a)
{
  if (c >= VMREF_CPUS || (a != VMREF_IDLE && (a >= s->spaces || s->level[a] != 4))) return VMREF_EINVAL;
  //@ assert was: coherent_cpu(*s, *m, c);
  m->told = 0;
  drop_all(&m->tlb[c], a == VMREF_IDLE ? s->spaces : a);
  m->runs[c] = a;
  /*@ assert rest: \forall integer d; 0 <= d < VMREF_CPUS && d != c ==> coherent_cpu(*s, *m, d); */
  return VMREF_OK;
}

void vmref_smp_flush(struct vmref_smp *m)
{
  m->told = 0;
  m->pending = 0;
  /*@ loop invariant 0 <= c <= VMREF_CPUS;
      loop invariant blank: \forall integer d; 0 <= d < c ==> blank(m->tlb[d]);
      loop invariant runs: \forall integer d; 0 <= d < VMREF_CPUS ==> m->runs[d] == \at(m->runs[d], Pre);
      loop invariant rest: m->lazy == \at(m->lazy, Pre) && m->pending == 0 && m->told <= c;
      loop assigns c, *m; loop variant VMREF_CPUS - c; */
  for (uint32_t c = 0; c < VMREF_CPUS; c++) {
    if (m->runs[c] != VMREF_IDLE) m->told++;
    vmref_tlb_reset(&m->tlb[c]);
  }
}

/* What is cached of a space is of its 4-KByte pages. */
/*@ ghost
  /@ requires \valid_read(s) && coherent_tlb(*s, a, b, pending);
     terminates \true; assigns \nothing; exits \false; ensures of_user(b); @/
  static void lemma_user(const struct vmref_sys *s, uint32_t a, struct vmref_tlb b, uint8_t pending)
  {
    /@ assert page: \forall integer i; 0 <= i < VMREF_TLB_SLOTS && b.page[i].used == 1 ==>
         permitted(*s, a, b.page[i]) || leftover(*s, b.page[i]); @/
    /@ assert table: \forall integer i; 0 <= i < VMREF_TLB_SLOTS && b.table[i].used == 1 ==>
         permitted_table(*s, a, b.table[i]) || leftover_table(*s, b.table[i]); @/
  }
*/

/* What is cached of a space is less than before. */
/*@ ghost
  /@ requires \valid_read(s) && coherent_tlb(*s, a, was, pending) && fewer(was, now);
     terminates \true; assigns \nothing; exits \false; ensures coherent_tlb(*s, a, now, pending); @/
  static void lemma_fewer(const struct vmref_sys *s, uint32_t a, struct vmref_tlb was, struct vmref_tlb now, uint8_t pending)
  {
  }
*/

void vmref_smp_shoot(struct vmref_smp *m, const struct vmref_sys *s, uint32_t a, uint64_t p, uint64_t n)
{
  (void)s;
  m->told = 0;
  /*@ loop invariant 0 <= c <= VMREF_CPUS;
      loop invariant coherent: \forall integer d; 0 <= d < VMREF_CPUS ==> coherent_cpu(*s, *m, d);
      loop invariant ahead: \forall integer d; c <= d < VMREF_CPUS ==> m->tlb[d] == \at(*m, Pre).tlb[d];
      loop invariant others: \forall integer d; 0 <= d < VMREF_CPUS && m->runs[d] != a ==> m->tlb[d] == \at(*m, Pre).tlb[d];
      loop invariant gone: \forall integer d; 0 <= d < c && m->runs[d] == a ==> without(m->tlb[d], p, n);
      loop invariant runs: \forall integer d; 0 <= d < VMREF_CPUS ==> m->runs[d] == \at(*m, Pre).runs[d];
      loop invariant rest: m->lazy == \at(m->lazy, Pre) && m->pending == \at(m->pending, Pre) && m->told <= c;
      loop assigns c, *m; loop variant VMREF_CPUS - c; */
  for (uint32_t c = 0; c < VMREF_CPUS; c++) {
    if (m->runs[c] != a) continue;
    m->told++;
    //@ ghost struct vmref_tlb was = m->tlb[c];
    //@ assert here: coherent_cpu(*s, *m, c);
    //@ ghost lemma_user(s, a, was, m->pending);
    drop_pages(&m->tlb[c], a, p, n);
    //@ ghost lemma_fewer(s, a, was, m->tlb[c], m->pending);
    //@ assert now: coherent_cpu(*s, *m, c);
    //@ assert gone: without(m->tlb[c], p, n);
  }
}

void vmref_smp_settle(struct vmref_smp *m, const struct vmref_sys *s)
{
  (void)s;
  m->told = 0;
  //@ assert all: \forall integer d; 0 <= d < VMREF_CPUS ==> coherent_cpu(*s, *m, d);
  //@ assert exist: \forall integer d; 0 <= d < VMREF_CPUS && m->runs[d] != VMREF_IDLE ==> coherent_cpu(*s, *m, d) && lives(*s, m->runs[d]);
  if (!m->pending) return;
  vmref_smp_flush(m);
  //@ assert none: \forall integer d; 0 <= d < VMREF_CPUS ==> blank(m->tlb[d]);
  //@ assert fresh: \forall integer d; 0 <= d < VMREF_CPUS ==> coherent_cpu(*s, *m, d);
}
