/* SPDX-License-Identifier: MIT */
#include "vma_merge.h"

/* Came it from a parent? Then its pages may have copies there. */
/*@ terminates \true; assigns \nothing; exits \false; */
static vmref_bool forked(struct vmref_vma v)
{
  return v.anon != 0 && (v.flags & VMREF_VM_FORKED) != 0;
}

/* Do flags and file permit that v becomes part of t? */
/*@ terminates \true; assigns \nothing; exits \false; */
static vmref_bool alike(uint32_t kernel, struct vmref_vma t, struct vmref_vma v)
{
  if (((t.flags ^ v.flags) & ~VMREF_VM_FORKED) != 0 || t.file != v.file) return 0;
  return kernel >= 0x603 || (t.flags & VMREF_VM_CLOSE) == 0;
}

/* Do the anon_vmas of t and of v, which becomes part of it? */
/*@ terminates \true; assigns \nothing; exits \false; */
static vmref_bool anon_fits(uint32_t kernel, struct vmref_vma t, struct vmref_vma v)
{
  if (t.anon == v.anon) return 1;
  if (t.anon != 0 && v.anon != 0) return 0;
  if (t.anon != 0) return !forked(t);
  return kernel >= 0x610 && !forked(v); /* before, what was not yet faulted took nothing that was */
}

/* Do those of two that are to be one? */
/*@ terminates \true; assigns \nothing; exits \false; */
static vmref_bool together(struct vmref_vma a, struct vmref_vma b)
{
  return a.anon == 0 || b.anon == 0 || a.anon == b.anon;
}

/* Can v, at place i, join the area before? */
/*@ requires \valid_read(m) && areas(*m) && i <= m->n && area(v);
    terminates \true; assigns \nothing; exits \false;
    ensures \result != 0 ==> i > 0 && m->at[i - 1].end == v.start && m->at[i - 1].offset + (m->at[i - 1].end - m->at[i - 1].start) == v.offset; */
static vmref_bool joins_left(const struct vmref_vmas *m, uint32_t i, struct vmref_vma v)
{
  if (i == 0) return 0;
  const struct vmref_vma t = m->at[i - 1];
  return t.end == v.start && t.offset + (t.end - t.start) == v.offset && alike(m->kernel, t, v) && anon_fits(m->kernel, t, v);
}

/* And the area at place i, behind it? */
/*@ requires \valid_read(m) && areas(*m) && i <= m->n && area(v);
    terminates \true; assigns \nothing; exits \false;
    ensures \result != 0 ==> i < m->n && m->at[i].start == v.end && m->at[i].offset == v.offset + (v.end - v.start); */
static vmref_bool joins_right(const struct vmref_vmas *m, uint32_t i, struct vmref_vma v)
{
  if (i == m->n) return 0;
  const struct vmref_vma t = m->at[i];
  return t.start == v.end && t.offset == v.offset + (v.end - v.start) && alike(m->kernel, t, v) && anon_fits(m->kernel, t, v);
}

/* The anon_vma of what area i has taken in. */
/*@ requires \valid(m) && areas(*m) && i < m->n;
    terminates \true; exits \false;
    assigns m->at[i];
    ensures areas: areas(*m);
    ensures here: m->at[i].start == \old(m->at[i].start) && m->at[i].end == \old(m->at[i].end)
      && m->at[i].offset == \old(m->at[i].offset) && m->at[i].file == \old(m->at[i].file);
    ensures rest: \forall integer j; 0 <= j < m->n && j != i ==> m->at[j] == \old(m->at[j]); */
static void take_anon(struct vmref_vmas *m, uint32_t i, struct vmref_vma from)
{
  if (m->at[i].anon != 0 || from.anon == 0) return;
  m->at[i].anon = from.anon;
  m->at[i].flags = (m->at[i].flags & ~VMREF_VM_FORKED) | (from.flags & VMREF_VM_FORKED);
}

/* Let area i end at page p. */
/*@ requires \valid(m) && areas(*m) && i < m->n && m->at[i].start < p <= VMREF_TASK_PAGES;
    requires m->at[i].offset + (p - m->at[i].start) <= VMREF_OFFSETS;
    requires i + 1 < m->n ==> p <= m->at[i + 1].start;
    terminates \true; exits \false;
    assigns m->at[i];
    ensures areas: areas(*m);
    ensures here: m->at[i] == \old({ m->at[i] \with .end = p });
    ensures rest: \forall integer j; 0 <= j < m->n && j != i ==> m->at[j] == \old(m->at[j]); */
static void end_at(struct vmref_vmas *m, uint32_t i, uint64_t p)
{
  //@ assert next: \forall integer j; i < j < m->n ==> p <= m->at[j].start;
  m->at[i].end = p;
}

/* Let area i begin at page p, where it has that offset. */
/*@ requires \valid(m) && areas(*m) && i < m->n && p < m->at[i].end && offset + (m->at[i].end - p) <= VMREF_OFFSETS;
    requires i > 0 ==> m->at[i - 1].end <= p;
    terminates \true; exits \false;
    assigns m->at[i];
    ensures areas: areas(*m);
    ensures here: m->at[i] == \old({ m->at[i] \with .start = p, .offset = offset });
    ensures rest: \forall integer j; 0 <= j < m->n && j != i ==> m->at[j] == \old(m->at[j]); */
static void begin_at(struct vmref_vmas *m, uint32_t i, uint64_t p, uint64_t offset)
{
  //@ assert last: \forall integer j; 0 <= j < i ==> m->at[j].end <= p;
  m->at[i].start = p;
  m->at[i].offset = offset;
}

/* Let area i - 1 reach to the end of area i, which goes. */
/*@ requires \valid(m) && areas(*m) && 0 < i < m->n;
    requires m->at[i - 1].offset + (m->at[i].end - m->at[i - 1].start) <= VMREF_OFFSETS;
    terminates \true; exits \false;
    assigns m->n, m->at[0 .. VMREF_AREAS - 1];
    ensures areas: areas(*m);
    ensures counted: m->n == \old(m->n) - 1;
    ensures there: m->at[i - 1].start == \old(m->at[i - 1].start) && m->at[i - 1].end == \old(m->at[i].end);
    ensures offset: m->at[i - 1].offset == \old(m->at[i - 1].offset);
    ensures before: \forall integer j; 0 <= j < i - 1 ==> m->at[j] == \old(m->at[j]);
    ensures after: \forall integer j; i <= j < m->n ==> m->at[j] == \old(m->at[j + 1]); */
static void swallow(struct vmref_vmas *m, uint32_t i)
{
  const struct vmref_vma gone = m->at[i];
  //@ assert next: i + 1 < m->n ==> gone.end <= m->at[i + 1].start;
  //@ assert last: m->at[i - 1].end <= gone.start;
  vmref_vma_remove(m, i, 1);
  end_at(m, i - 1, gone.end);
  take_anon(m, i - 1, gone);
}

uint32_t vmref_vma_add(struct vmref_vmas *m, struct vmref_vma v, uint8_t how)
{
  const uint32_t i = vmref_vma_find(m, v.start);
  //@ assert before: i > 0 ==> m->at[i - 1].end <= v.start;
  //@ assert after: i < m->n ==> v.end <= m->at[i].start;
  struct vmref_vma as = v; /* what must fit the area before */
  vmref_bool right = how != VMREF_ADD_BRK && how != VMREF_ADD_ALONE && joins_right(m, i, v);
  if (how == VMREF_ADD_MAP && m->kernel < 0x60C && right) { /* was asked first, and decides */
    as.anon = m->at[i].anon;
    as.flags = (as.flags & ~VMREF_VM_FORKED) | (m->at[i].flags & VMREF_VM_FORKED);
  }
  const vmref_bool left = how != VMREF_ADD_ALONE && joins_left(m, i, as);
  if (left && right && (!together(m->at[i - 1], m->at[i]) || (m->at[i].flags & VMREF_VM_CLOSE) != 0)) right = 0;
  if (left) {
    end_at(m, i - 1, v.end);
    //@ assert there: m->at[i - 1].start <= v.start && v.end <= m->at[i - 1].end;
    if (right) swallow(m, i);
    //@ assert joined: m->at[i - 1].start <= v.start && v.end <= m->at[i - 1].end;
    take_anon(m, i - 1, v);
    return i - 1;
  }
  if (right) {
    begin_at(m, i, v.start, v.offset);
    take_anon(m, i, v);
    return i;
  }
  if (m->n == m->room) return m->n;
  vmref_vma_insert(m, i, v);
  return i;
}

/*@ requires \valid(m) && areas(*m) && i < m->n;
    terminates \true; exits \false;
    assigns m->at[i].flags;
    ensures areas: areas(*m); */
static void set_flags(struct vmref_vmas *m, uint32_t i, uint32_t flags)
{
  m->at[i].flags = flags;
}

uint32_t vmref_vma_isolate(struct vmref_vmas *m, uint32_t i, uint64_t from, uint64_t to)
{
  if (m->at[i].start < from) {
    if (m->n + 1 >= m->room) return m->n;
    vmref_vma_split(m, i, from);
    i++;
  }
  //@ assert second: areas(*m) && i < m->n && m->at[i].start == from && to <= m->at[i].end;
  //@ assert offset: m->at[i].offset == \at(m->at[i].offset, Pre) + (from - \at(m->at[i].start, Pre));
  //@ assert rest: m->at[i].flags == \at(m->at[i].flags, Pre) && m->at[i].anon == \at(m->at[i].anon, Pre) && m->at[i].file == \at(m->at[i].file, Pre);
  if (to < m->at[i].end) {
    if (m->n + 1 >= m->room) return m->n;
    vmref_vma_split(m, i, to);
  }
  return i;
}

/* Pages from..to-1, the first of area i, go over to area i - 1. */
/*@ requires \valid(m) && areas(*m) && 0 < i < m->n && m->at[i].start == from && from < to <= m->at[i].end;
    requires m->at[i - 1].end == from && m->at[i - 1].offset + (from - m->at[i - 1].start) == m->at[i].offset;
    terminates \true; exits \false;
    assigns m->n, m->at[0 .. VMREF_AREAS - 1];
    ensures areas: areas(*m); */
static void to_left(struct vmref_vmas *m, uint32_t i, uint64_t from, uint64_t to)
{
  if (to == m->at[i].end) {
    swallow(m, i);
    return;
  }
  take_anon(m, i - 1, m->at[i]);
  begin_at(m, i, to, m->at[i].offset + (to - from));
  end_at(m, i - 1, to);
}

/* Pages from..to-1, the last of area i, go over to area i + 1. */
/*@ requires \valid(m) && areas(*m) && i + 1 < m->n && m->at[i].start <= from && from < to && m->at[i].end == to;
    requires m->at[i + 1].start == to && m->at[i + 1].offset == m->at[i].offset + (to - m->at[i].start);
    terminates \true; exits \false;
    assigns m->n, m->at[0 .. VMREF_AREAS - 1];
    ensures areas: areas(*m); */
static void to_right(struct vmref_vmas *m, uint32_t i, uint64_t from, uint64_t to)
{
  const struct vmref_vma old = m->at[i];
  //@ assert last: i > 0 ==> m->at[i - 1].end <= old.start;
  if (from == old.start) vmref_vma_remove(m, i, 1);
  else {
    end_at(m, i, from);
    i++;
  }
  //@ assert before: i > 0 ==> m->at[i - 1].end <= from;
  //@ assert here: m->at[i].start == to;
  begin_at(m, i, from, m->at[i].offset - (to - from));
  take_anon(m, i, old);
}

int vmref_vma_modify(struct vmref_vmas *m, uint32_t i, uint64_t from, uint64_t to, uint32_t flags)
{
  const struct vmref_vma old = m->at[i];
  struct vmref_vma v = old;
  v.start = from;
  v.end = to;
  v.offset += from - old.start;
  v.flags = (flags & ~VMREF_VM_FORKED) | (old.flags & VMREF_VM_FORKED);
  const vmref_bool whole = from == old.start && to == old.end;
  vmref_bool left = from == old.start && joins_left(m, i, v), right = to == old.end && joins_right(m, i + 1, v);
  if (whole && (old.flags & VMREF_VM_CLOSE) != 0) left = right = 0;
  if (left && right && (!together(m->at[i - 1], m->at[i + 1]) || (m->at[i + 1].flags & VMREF_VM_CLOSE) != 0)) right = 0;
  //@ assert fits: left == 1 ==> i > 0 && m->at[i - 1].end == from && m->at[i - 1].offset + (from - m->at[i - 1].start) == m->at[i].offset;
  if (left && right) swallow(m, i + 1);
  if (left) {
    to_left(m, i, from, right ? m->at[i].end : to);
    return VMREF_OK;
  }
  if (right) {
    to_right(m, i, from, to);
    return VMREF_OK;
  }
  const uint32_t k = vmref_vma_isolate(m, i, from, to);
  if (k == m->n) return VMREF_EFULL;
  set_flags(m, k, v.flags);
  return VMREF_OK;
}
