/* SPDX-License-Identifier: MIT */
#include "vma.h"

uint32_t vmref_vma_find(const struct vmref_vmas *m, uint64_t p)
{
  uint32_t i = 0;
  /*@ loop invariant bound: 0 <= i <= m->n;
      loop invariant below: \forall integer j; 0 <= j < i ==> m->at[j].end <= p;
      loop assigns i;
      loop variant m->n - i; */
  while (i < m->n && m->at[i].end <= p) i++;
  return i;
}

vmref_bool vmref_vma_any(const struct vmref_vmas *m, uint64_t from, uint64_t to)
{
  uint32_t i = vmref_vma_find(m, from);
  return i < m->n && m->at[i].start < to;
}

/* Make room at place i: the areas from there on go up. */
/*@ requires \valid(m) && m->n < m->room <= VMREF_AREAS && i <= m->n;
    terminates \true; exits \false;
    assigns m->n, m->at[0 .. VMREF_AREAS - 1];
    ensures counted: m->n == \old(m->n) + 1;
    ensures up: \forall integer j; i < j < m->n ==> m->at[j] == \old(m->at[j - 1]);
    ensures down: \forall integer j; 0 <= j <= i && j < \old(m->n) ==> m->at[j] == \old(m->at[j]); */
static void open_gap(struct vmref_vmas *m, uint32_t i)
{
  /*@ loop invariant bound: i <= j <= m->n;
      loop invariant up: \forall integer k; j < k <= m->n ==> m->at[k] == \at(m->at[k - 1], Pre);
      loop invariant down: \forall integer k; 0 <= k <= j ==> m->at[k] == \at(m->at[k], Pre);
      loop assigns j, m->at[0 .. VMREF_AREAS - 1];
      loop variant j - i; */
  for (uint32_t j = m->n; j > i; j--) m->at[j] = m->at[j - 1];
  m->n++;
}

void vmref_vma_insert(struct vmref_vmas *m, uint32_t i, struct vmref_vma v)
{
  //@ assert below: \forall integer j; 0 <= j < i ==> m->at[j].end <= v.start;
  //@ assert above: \forall integer j; i <= j < m->n ==> v.end <= m->at[j].start;
  open_gap(m, i);
  m->at[i] = v;
  //@ assert fine: \forall integer j; 0 <= j < m->n ==> area(m->at[j]);
  //@ assert low: \forall integer j, k; 0 <= j < k < i ==> m->at[j].end <= m->at[k].start;
  //@ assert left: \forall integer j; 0 <= j < i ==> m->at[j].end <= m->at[i].start;
  //@ assert right: \forall integer k; i < k < m->n ==> m->at[i].end <= m->at[k].start;
  //@ assert high: \forall integer j, k; i < j < k < m->n ==> m->at[j].end <= m->at[k].start;
}

void vmref_vma_remove(struct vmref_vmas *m, uint32_t i, uint32_t k)
{
  uint32_t j = i;
  /*@ loop invariant bound: i <= j && j + k <= m->n;
      loop invariant down: \forall integer l; i <= l < j ==> m->at[l] == \at(m->at[l + k], Pre);
      loop invariant rest: \forall integer l; 0 <= l < i || j <= l < m->n ==> m->at[l] == \at(m->at[l], Pre);
      loop assigns j, m->at[0 .. VMREF_AREAS - 1];
      loop variant m->n - k - j; */
  for (; j + k < m->n; j++) m->at[j] = m->at[j + k];
  m->n = j;
  //@ assert low: \forall integer l; 0 <= l < i ==> m->at[l] == \at(m->at[l], Pre);
  //@ assert high: \forall integer l; i <= l < j ==> m->at[l] == \at(m->at[l + k], Pre);
  //@ assert sorted_low: \forall integer a, b; 0 <= a < b < i ==> m->at[a].end <= m->at[b].start;
  //@ assert sorted_over: \forall integer a, b; 0 <= a < i <= b < j ==> m->at[a].end <= m->at[b].start;
  //@ assert sorted_high: \forall integer a, b; i <= a < b < j ==> m->at[a].end <= m->at[b].start;
}

void vmref_vma_split(struct vmref_vmas *m, uint32_t i, uint64_t p)
{
  struct vmref_vma v = m->at[i];
  v.offset += p - v.start;
  v.start = p;
  m->at[i].end = p;
  //@ assert areas: areas(*m);
  vmref_vma_insert(m, i + 1, v);
}

/* How many areas from i on begin below page p. */
/*@ requires \valid_read(m) && areas(*m) && i <= m->n;
    terminates \true; assigns \nothing; exits \false;
    ensures bound: i + \result <= m->n;
    ensures below: \forall integer j; i <= j < i + \result ==> m->at[j].start < p;
    ensures above: \forall integer j; i + \result <= j < m->n ==> p <= m->at[j].start; */
static uint32_t begun(const struct vmref_vmas *m, uint32_t i, uint64_t p)
{
  uint32_t j = i;
  /*@ loop invariant bound: i <= j <= m->n;
      loop invariant below: \forall integer k; i <= k < j ==> m->at[k].start < p;
      loop assigns j;
      loop variant m->n - j; */
  while (j < m->n && m->at[j].start < p) j++;
  return j - i;
}

/* Let an area begin or end at page p, if one holds both sides of it. */
/*@ requires \valid(m) && areas(*m) && m->n < m->room;
    terminates \true; exits \false;
    assigns m->n, m->at[0 .. VMREF_AREAS - 1];
    ensures areas: areas(*m);
    ensures counted: m->n <= \old(m->n) + 1;
    ensures edge: \forall integer i; 0 <= i < m->n ==> m->at[i].end <= p || p <= m->at[i].start; */
static void edge(struct vmref_vmas *m, uint64_t p)
{
  uint32_t i = vmref_vma_find(m, p);
  if (i < m->n && m->at[i].start < p) vmref_vma_split(m, i, p);
}

/* Let area i begin at page p of it. */
/*@ requires \valid(m) && areas(*m) && i < m->n && m->at[i].start < p < m->at[i].end;
    terminates \true; exits \false;
    assigns m->at[i];
    ensures areas: areas(*m);
    ensures begins: m->at[i].start == p && m->at[i].end == \old(m->at[i].end);
    ensures rest: \forall integer j; 0 <= j < m->n && j != i ==> m->at[j] == \old(m->at[j]); */
static void begin_at(struct vmref_vmas *m, uint32_t i, uint64_t p)
{
  m->at[i].offset += p - m->at[i].start;
  m->at[i].start = p;
}

int vmref_vma_carve(struct vmref_vmas *m, uint64_t from, uint64_t to)
{
  uint32_t i = vmref_vma_find(m, from);
  if (i == m->n || to <= m->at[i].start) return VMREF_OK;
  if (m->at[i].start < from && to < m->at[i].end) {
    if (m->n + 1 >= m->room) return VMREF_EFULL;
    edge(m, from);
    i = vmref_vma_find(m, from);
  } else if (m->at[i].start < from) {
    m->at[i].end = from;
    i++;
  }
  //@ assert areas: areas(*m);
  //@ assert below: i <= m->n && \forall integer j; 0 <= j < i ==> m->at[j].end <= from;
  uint32_t k = begun(m, i, to);
  if (k > 0 && to < m->at[i + k - 1].end) {
    k--;
    begin_at(m, i + k, to);
  }
  //@ assert above: \forall integer j; i + k <= j < m->n ==> to <= m->at[j].start;
  vmref_vma_remove(m, i, k);
  //@ assert low: \forall integer j; 0 <= j < i ==> m->at[j].end <= from;
  //@ assert high: \forall integer j; i <= j < m->n ==> to <= m->at[j].start;
  return VMREF_OK;
}

uint64_t vmref_vma_guard(struct vmref_vma v)
{
  if (!(v.flags & VMREF_VM_GROWSDOWN)) return v.start;
  return v.start > VMREF_GUARD_GAP ? v.start - VMREF_GUARD_GAP : 0;
}

/* The top of the free pages from floor on that end where area i begins, or at high; 0: fewer than n. */
/*@ requires \valid_read(m) && areas(*m) && i <= m->n && high <= VMREF_TASK_PAGES && 1 <= n;
    terminates \true; assigns \nothing; exits \false;
    ensures bound: \result != 0 ==> floor + n <= \result <= high && (i < m->n ==> \result <= m->at[i].start); */
static uint64_t room_below(const struct vmref_vmas *m, uint32_t i, uint64_t floor, uint64_t high, uint64_t n)
{
  const uint64_t top = i < m->n && m->at[i].start < high ? m->at[i].start : high;
  return top > floor && top - floor >= n ? top : 0;
}

/* Linux looks at the guard gap of the area above only when what lies below it is large enough without:
 * then all is to be below the gap. */
uint64_t vmref_vma_gap(const struct vmref_vmas *m, uint64_t low, uint64_t high, uint64_t n)
{
  uint32_t i = m->n;
  uint64_t limit = high;
  /*@ loop invariant bound: 0 <= i <= m->n && limit <= high;
      loop assigns i, limit;
      loop variant i; */
  for (;;) {
    const uint64_t floor = i > 0 && m->at[i - 1].end > low ? m->at[i - 1].end : low;
    uint64_t top = room_below(m, i, floor, limit, n);
    const uint64_t guard = i < m->n ? vmref_vma_guard(m->at[i]) : VMREF_TASK_PAGES;
    if (guard < top) {
      limit = guard;
      top = room_below(m, i, floor, limit, n);
    }
    if (top != 0) return top - n;
    if (i == 0) return 0;
    i--;
  }
}

uint64_t vmref_vma_gap_up(const struct vmref_vmas *m, uint64_t low, uint64_t high, uint64_t n)
{
  uint64_t p = low;
  /*@ loop invariant bound: 0 <= i <= m->n && low <= p;
      loop invariant below: \forall integer j; 0 <= j < i ==> m->at[j].end <= p;
      loop assigns i, p;
      loop variant m->n - i; */
  for (uint32_t i = 0; i < m->n; i++) {
    if (m->at[i].end <= p) continue;
    const uint64_t guard = vmref_vma_guard(m->at[i]), top = guard < high ? guard : high;
    if (top > p && top - p >= n) return p;
    p = m->at[i].end;
  }
  return high > p && high - p >= n ? p : 0;
}
