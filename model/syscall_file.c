/* SPDX-License-Identifier: MIT */
#include "syscall_file.h"

/* The areas of mm a. No pointer to them: the prover would have to tell it from l. */
#define M l->mm[a].vmas

vmref_bool vmref_file_held(const struct vmref_linux *l, uint64_t fd)
{
  return fd < l->files && l->file[fd].used && l->file[fd].held;
}

/* Does any area of these map open file f? */
/*@ requires \valid_read(m) && areas(*m) && f < VMREF_FILES;
    terminates \true; assigns \nothing; exits \false; */
static vmref_bool maps_file(const struct vmref_vmas *m, uint32_t f)
{
  /*@ loop invariant bound: 0 <= i <= m->n;
      loop assigns i;
      loop variant m->n - i; */
  for (uint32_t i = 0; i < m->n; i++)
    if (m->at[i].file == f + 1) return 1;
  return 0;
}

/* Or of all? */
/*@ requires \valid_read(l) && linux_fine(*l) && f < VMREF_FILES;
    terminates \true; assigns \nothing; exits \false; */
static vmref_bool mapped_file(const struct vmref_linux *l, uint32_t f)
{
  /*@ loop invariant bound: 0 <= a <= l->mms;
      loop assigns a;
      loop variant l->mms - a; */
  for (uint32_t a = 0; a < l->mms; a++)
    if (l->mm[a].users != 0 && maps_file(&M, f)) return 1;
  return 0;
}

/* Has any open file object o? */
/*@ requires \valid_read(l) && linux_fine(*l);
    terminates \true; assigns \nothing; exits \false; */
static vmref_bool opened(const struct vmref_linux *l, uint32_t o)
{
  /*@ loop invariant bound: 0 <= f <= l->files;
      loop assigns f;
      loop variant l->files - f; */
  for (uint32_t f = 0; f < l->files; f++)
    if (l->file[f].used && l->file[f].object == o) return 1;
  return 0;
}

/* End object o, if nobody can reach it any more. */
/*@ requires \valid(l) && linux_fine(*l) && o < l->objects;
    terminates \true; exits \false;
    assigns PAGES(l->s), l->file[0 .. VMREF_FILES - 1], l->object[0 .. VMREF_OBJECTS - 1];
    ensures fine: linux_fine(*l);
    ensures apart: apart{Pre, Post}(l->s, l->mms, -1); */
static void collect_object(struct vmref_linux *l, uint32_t o)
{
  if (l->object[o].kind == VMREF_OBJECT_FREE || (l->object[o].kind == VMREF_OBJECT_SHM && !l->object[o].removed) || opened(l, o)) return;
  vmref_pages_end(&l->s, l->mms + o);
  l->object[o].kind = VMREF_OBJECT_FREE;
}

void vmref_collect(struct vmref_linux *l)
{
  /*@ loop invariant bound: 0 <= f <= l->files;
      loop invariant fine: linux_fine(*l);
      loop assigns f, l->file[0 .. VMREF_FILES - 1];
      loop variant l->files - f; */
  for (uint32_t f = 0; f < l->files; f++)
    if (l->file[f].used && !l->file[f].held && !mapped_file(l, f)) l->file[f].used = 0;
  /*@ loop invariant bound: 0 <= o <= l->objects;
      loop invariant fine: linux_fine(*l);
      loop invariant apart: apart{Pre, Here}(l->s, l->mms, -1);
      loop assigns o, PAGES(l->s), l->file[0 .. VMREF_FILES - 1], l->object[0 .. VMREF_OBJECTS - 1];
      loop variant l->objects - o; */
  for (uint32_t o = 0; o < l->objects; o++) {
    //@ ghost Before: ;
    collect_object(l, o);
    //@ assert by_before: CHAIN(l->s, Before);
    //@ assert so_before: apart{Pre, Here}(l->s, l->mms, -1);
  }
}

/*@ requires \valid_read(l) && linux_fine(*l);
    terminates \true; assigns \nothing; exits \false;
    ensures \result <= l->files; */
static uint32_t free_file(const struct vmref_linux *l)
{
  uint32_t f = 0;
  /*@ loop invariant bound: 0 <= f <= l->files;
      loop assigns f;
      loop variant l->files - f; */
  while (f < l->files && l->file[f].used) f++;
  return f;
}

/*@ requires \valid_read(l) && linux_fine(*l);
    terminates \true; assigns \nothing; exits \false;
    ensures \result <= l->objects; */
static uint32_t free_object(const struct vmref_linux *l)
{
  uint32_t o = 0;
  /*@ loop invariant bound: 0 <= o <= l->objects;
      loop assigns o;
      loop variant l->objects - o; */
  while (o < l->objects && l->object[o].kind != VMREF_OBJECT_FREE) o++;
  return o;
}

int64_t vmref_file_new(struct vmref_linux *l, uint32_t object, vmref_bool writable, vmref_bool held)
{
  if (free_file(l) == l->files) vmref_collect(l);
  const uint32_t f = free_file(l);
  if (f == l->files) return VMREF_RESULT_FULL;
  l->file[f] = (struct vmref_file){ object, 1, writable, held };
  return f;
}

int64_t vmref_object_new(struct vmref_linux *l, uint64_t size, uint8_t kind)
{
  if (free_object(l) == l->objects) vmref_collect(l);
  //@ ghost Collected: ;
  const uint32_t o = free_object(l);
  if (o == l->objects) return VMREF_RESULT_FULL;
  const int status = vmref_pages_begin(&l->s, l->mms + o, VMREF_FILE);
  //@ assert by_collected: CHAIN(l->s, Collected);
  //@ assert so_collected: apart{Pre, Here}(l->s, l->mms, -1);
  if (status != VMREF_OK) return VMREF_RESULT_FULL;
  l->object[o] = (struct vmref_object){ size, kind, 0 };
  return o;
}

/*@ requires \valid(l) && linux_fine(*l);
    terminates \true; exits \false;
    assigns PAGES(l->s), l->file[0 .. VMREF_FILES - 1], l->object[0 .. VMREF_OBJECTS - 1];
    ensures fine: linux_fine(*l);
    ensures result: 0 <= \result < l->files || \result == VMREF_RESULT_FULL;
    ensures apart: apart{Pre, Post}(l->s, l->mms, -1); */
static int64_t new_both(struct vmref_linux *l, uint64_t size, uint8_t kind, vmref_bool held)
{
  if (free_file(l) == l->files) vmref_collect(l);
  if (free_file(l) == l->files) return VMREF_RESULT_FULL;
  //@ ghost Collected: ;
  const int64_t o = vmref_object_new(l, size, kind);
  //@ assert by_collected: CHAIN(l->s, Collected);
  //@ assert so_collected: apart{Pre, Here}(l->s, l->mms, -1);
  if (o < 0) return o;
  //@ ghost Made: ;
  const int64_t f = vmref_file_new(l, (uint32_t)o, 1, held);
  //@ assert step: apart{Made, Here}(l->s, l->mms, -1);
  //@ assert by_made: CHAIN(l->s, Made);
  //@ assert so_made: apart{Pre, Here}(l->s, l->mms, -1);
  return f;
}

int64_t vmref_anon_file(struct vmref_linux *l, uint64_t size)
{
  return new_both(l, size, VMREF_OBJECT_ANON, 0);
}

int64_t vmref_sys_memfd(struct vmref_linux *l)
{
  return new_both(l, 0, VMREF_OBJECT_FILE, 1);
}

int64_t vmref_sys_open(struct vmref_linux *l, const struct vmref_call *c)
{
  if (!vmref_file_held(l, c->arg[0])) return -VMREF_ERRNO_BADF;
  return vmref_file_new(l, l->file[c->arg[0]].object, 0, 1);
}

/* Unmap pages from `first` on of object o from the areas of mm a, private copies too. */
/*@ requires \valid(l) && linux_fine(*l) && a < l->mms;
    terminates \true; exits \false;
    assigns PAGES(l->s);
    ensures inv: inv(l->s); */
static void unmap_object_in(struct vmref_linux *l, uint32_t a, uint32_t o, uint64_t first)
{
  /*@ loop invariant bound: 0 <= i <= M.n;
      loop invariant inv: inv(l->s);
      loop assigns i, PAGES(l->s);
      loop variant M.n - i; */
  for (uint32_t i = 0; i < M.n; i++) {
    const struct vmref_vma v = M.at[i];
    //@ assert area: area(v);
    if (v.file == 0 || l->file[v.file - 1].object != o) continue;
    const uint64_t skip = first > v.offset ? first - v.offset : 0;
    if (skip < v.end - v.start) vmref_pages_drop(&l->s, a, v.start + skip, v.end);
  }
}

/* And from those of all. */
/*@ requires \valid(l) && linux_fine(*l);
    terminates \true; exits \false;
    assigns PAGES(l->s);
    ensures inv: inv(l->s); */
static void unmap_object(struct vmref_linux *l, uint32_t o, uint64_t first)
{
  /*@ loop invariant bound: 0 <= a <= l->mms;
      loop invariant fine: linux_fine(*l);
      loop assigns a, PAGES(l->s);
      loop variant l->mms - a; */
  for (uint32_t a = 0; a < l->mms; a++)
    if (l->mm[a].users != 0) unmap_object_in(l, a, o, first);
}

/* Zero what the page at the end of a file holds behind the end. */
/*@ requires \valid_read(l) && linux_fine(*l) && o < l->objects && size <= VMREF_USER_PAGES * 4096;
    terminates \true; exits \false;
    assigns PAGES(l->s);
    ensures inv: inv(l->s); */
static void zero_tail(const struct vmref_linux *l, uint32_t o, uint64_t size)
{
  const uint64_t leaf = size % 4096 == 0 ? 0 : vmref_page_leaf(&l->s, l->mms + o, size / 4096);
  if (leaf == 0) return;
  const uint64_t end = size - size % 4096 + 4096;
  /*@ loop invariant bound: size <= at <= end;
      loop invariant inv: inv(l->s);
      loop assigns at, PAGES(l->s);
      loop variant end - at; */
  for (uint64_t at = size; at < end; at++)
    vmref_user_access(&l->s, l->mms + o, at, VMREF_WRITE, 0);
}

int64_t vmref_sys_ftruncate(struct vmref_linux *l, const struct vmref_call *c)
{
  if (c->arg[1] > INT64_MAX) return -VMREF_ERRNO_INVAL;
  if (!vmref_file_held(l, c->arg[0])) return -VMREF_ERRNO_BADF;
  if (!l->file[c->arg[0]].writable) return -VMREF_ERRNO_INVAL;
  if (c->arg[1] > VMREF_USER_PAGES * UINT64_C(4096)) return VMREF_RESULT_UNMODELLED;
  const uint32_t o = l->file[c->arg[0]].object;
  const uint64_t old = vmref_length_pages(l->object[o].size), new = vmref_length_pages(c->arg[1]);
  if (c->arg[1] <= l->object[o].size) { /* Linux zeroes the tail also when the size stays */
    unmap_object(l, o, new);
    vmref_pages_drop(&l->s, l->mms + o, new, old < VMREF_USER_PAGES ? old : VMREF_USER_PAGES);
    zero_tail(l, o, c->arg[1]);
  }
  l->object[o].size = c->arg[1];
  return 0;
}
