/* SPDX-License-Identifier: MIT */
#include "syscall_commit.h"
#include "syscall_map.h"

uint64_t vmref_accounted(const struct vmref_vmas *m, uint64_t from, uint64_t to, uint32_t but)
{
  uint64_t n = 0, p = from; /* counted up to page p */
  /*@ loop invariant bound: 0 <= i <= m->n;
      loop invariant sum: from <= p <= to && n <= p - from;
      loop assigns i, n, p;
      loop variant m->n - i; */
  for (uint32_t i = 0; i < m->n; i++) {
    const uint64_t start = m->at[i].start > p ? m->at[i].start : p, end = m->at[i].end < to ? m->at[i].end : to;
    if (start >= end || (m->at[i].flags & VMREF_VM_ACCOUNT) == 0 || (m->at[i].flags & but) != 0) continue;
    n += end - start;
    p = end;
  }
  return n;
}

/* Does any of these areas map object o? */
/*@ requires \valid_read(l) && linux_fine(*l) && a < l->mms;
    terminates \true; assigns \nothing; exits \false; */
static vmref_bool maps_object(const struct vmref_linux *l, uint32_t a, uint32_t o)
{
  /*@ loop invariant bound: 0 <= i <= l->mm[a].vmas.n;
      loop assigns i;
      loop variant l->mm[a].vmas.n - i; */
  for (uint32_t i = 0; i < l->mm[a].vmas.n; i++) {
    const uint32_t file = l->mm[a].vmas.at[i].file;
    //@ assert file: file <= VMREF_FILES;
    if (file != 0 && l->file[file - 1].object == o) return 1;
  }
  return 0;
}

/* Pages that object o has promised: shared memory all of it, from when it is made until nobody can reach it; of a
 * file's pages none. */
/*@ requires \valid_read(l) && linux_fine(*l) && o < l->objects;
    terminates \true; assigns \nothing; exits \false;
    ensures bound: \result < 0x10000000000000; */
static uint64_t promised_by(const struct vmref_linux *l, uint32_t o)
{
  const uint64_t n = vmref_length_pages(l->object[o].size);
  if (l->object[o].kind == VMREF_OBJECT_SHM && !l->object[o].removed) return n;
  if (l->object[o].kind != VMREF_OBJECT_SHM && l->object[o].kind != VMREF_OBJECT_ANON) return 0;
  /*@ loop invariant bound: 0 <= a <= l->mms;
      loop assigns a;
      loop variant l->mms - a; */
  for (uint32_t a = 0; a < l->mms; a++)
    if (maps_object(l, a, o)) return n;
  return 0;
}

/* All pages that are promised (Committed_AS). Worked out when asked, so that no count can go astray. */
/*@ requires \valid_read(l) && linux_fine(*l);
    terminates \true; assigns \nothing; exits \false;
    ensures bound: \result <= VMREF_MMS * VMREF_TASK_PAGES + VMREF_OBJECTS * 0x10000000000000; */
static uint64_t promised(const struct vmref_linux *l)
{
  uint64_t n = 0;
  /*@ loop invariant bound: 0 <= a <= l->mms && n <= a * VMREF_TASK_PAGES;
      loop assigns a, n;
      loop variant l->mms - a; */
  for (uint32_t a = 0; a < l->mms; a++) n += vmref_accounted(&l->mm[a].vmas, 0, VMREF_TASK_PAGES, 0);
  /*@ loop invariant bound: 0 <= o <= l->objects && n <= VMREF_MMS * VMREF_TASK_PAGES + o * 0x10000000000000;
      loop assigns o, n;
      loop variant l->objects - o; */
  for (uint32_t o = 0; o < l->objects; o++) n += promised_by(l, o);
  return n;
}

vmref_bool vmref_granted(const struct vmref_linux *l, uint64_t pages)
{
  if (l->limit == UINT64_MAX) return pages <= l->commit;
  return promised(l) + pages < l->limit;
}
