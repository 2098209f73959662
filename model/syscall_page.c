/* SPDX-License-Identifier: MIT */
#include "fault_page.h"
#include "syscall_page.h"

uint64_t vmref_pages_next(const struct vmref_sys *s, uint32_t a, uint64_t from, uint64_t to)
{
  uint64_t p = from;
  /*@ loop invariant bound: from <= p && (from <= to ==> p < to + 512);
      loop assigns p;
      loop variant to - p; */
  while (p < to && vmref_page_leaf(s, a, p) == 0)
    p += vmref_page_table(s, a, p) == s->tables ? 512 - p % 512 : 1; /* none of that table's */
  return p < to ? p : to;
}

void vmref_pages_drop(const struct vmref_sys *s, uint32_t a, uint64_t from, uint64_t to)
{
  uint64_t p = vmref_pages_next(s, a, from, to);
  /*@ loop invariant bound: p <= to;
      loop invariant inv: inv(*s);
      loop invariant isolated: isolated{Pre, Here}(*s, a);
      loop assigns p, PAGES(*s);
      loop variant to - p; */
  while (p < to) {
    const uint64_t n = to - p < 512 - p % 512 ? to - p : 512 - p % 512;
    //@ ghost Before: ;
    vmref_unmap(s, a, p, n);
    //@ assert step: isolated{Before, Here}(*s, a);
    //@ assert both: CHAIN(*s, Before);
    //@ assert so: isolated{Pre, Here}(*s, a);
    p = vmref_pages_next(s, a, p + n, to);
  }
}

uint8_t vmref_page_rights(uint32_t flags)
{
  if ((flags & (VMREF_VM_READ | VMREF_VM_WRITE | VMREF_VM_EXEC)) == 0) return 0;
  return (uint8_t)(VMREF_PROT_R + ((flags & VMREF_VM_WRITE) != 0 ? VMREF_PROT_W : 0)
                   + ((flags & VMREF_VM_EXEC) != 0 ? VMREF_PROT_X : 0));
}

void vmref_pages_protect(const struct vmref_sys *s, uint32_t a, uint64_t from, uint64_t to, uint32_t flags)
{
  const uint8_t rights = vmref_page_rights(flags);
  uint64_t p = vmref_pages_next(s, a, from, to);
  /*@ loop invariant bound: p <= to;
      loop invariant inv: inv(*s);
      loop invariant isolated: isolated{Pre, Here}(*s, a);
      loop assigns p, PAGES(*s);
      loop variant to - p; */
  while (p < to) {
    //@ ghost Before: ;
    vmref_protect(s, a, p, 1, rights);
    //@ assert step: isolated{Before, Here}(*s, a);
    //@ assert both: CHAIN(*s, Before);
    //@ assert so: isolated{Pre, Here}(*s, a);
    p = vmref_pages_next(s, a, p + 1, to);
  }
}

/* Give page q of space a, which has a table and no page, the page at p. */
/*@ requires \valid_read(s) && inv(*s) && a < s->spaces && upage(p) && upage(q);
    requires leaf_of(*s, a, p) != 0 && table_of(*s, a, q) < s->tables && leaf_of(*s, a, q) == 0;
    terminates \true; exits \false;
    assigns PAGES(*s);
    ensures inv: inv(*s);
    ensures isolated: isolated{Pre, Post}(*s, a); */
static void share(const struct vmref_sys *s, uint32_t a, uint64_t p, uint64_t q)
{
  //@ ghost vmref_lemma_leaves(s);
  const uint32_t t = vmref_page_table(s, a, p), u = vmref_page_table(s, a, q);
  const uint8_t prot = vmref_leaf_prot(vmref_page_leaf(s, a, p));
  //@ assert leaves: is_leaf(*s, t, p1(p)) && is_leaf(*s, u, p1(q)) && at(*s, u, p1(q)) == 0;
  //@ assert fits: files(*s, at(*s, t, p1(p)));
  //@ ghost vmref_lemma_pages(p);
  //@ ghost vmref_lemma_way(s);
  //@ assert theirs: \forall integer b, r; 0 <= b < s->spaces && b != a && upage(r) && table_of(*s, b, r) < s->tables ==> table_of(*s, b, r) != u;
  //@ ghost Before: ;
  vmref_page_share(s, t, (uint32_t)(p % 512), u, (uint32_t)(q % 512), prot);
  //@ assert tables: \forall integer b, r; 0 <= b < s->spaces && upage(r) ==> table_of(*s, b, r) == \at(table_of(*s, b, r), Before);
  //@ ghost vmref_lemma_leaves(s);
  /*@ assert views: \forall integer b, r; 0 <= b < s->spaces && b != a && upage(r) && table_of(*s, b, r) < s->tables ==>
        same_view{Before, Here}(*s, table_of(*s, b, r), p1(r)); */
  //@ assert pages: \forall integer b, r; 0 <= b < s->spaces && b != a && upage(r) ==> same_page{Before, Here}(*s, b, r);
}

/*@ ghost
  /@ requires \valid_read(s) && inv(*s) && a < s->spaces && upage(p) && leaf_of(*s, a, p) != 0;
     terminates \true; assigns \nothing; exits \false;
     ensures s->level[a] == 4; @/
  void vmref_lemma_root(const struct vmref_sys *s, uint32_t a, uint64_t p)
  {
    vmref_lemma_way(s);
    /@ assert one: t1(*s, a, p4(p), p3(p), p2(p)) < s->tables; @/
    /@ assert two: t2(*s, a, p4(p), p3(p)) < s->tables; @/
    /@ assert three: t3(*s, a, p4(p)) < s->tables; @/
  }
*/

/* Give page q a table. */
/*@ requires \valid_read(s) && inv(*s) && a < s->spaces && upage(q) && s->level[a] == 4;
    terminates \true; exits \false;
    assigns PAGES(*s);
    ensures inv: inv(*s);
    ensures made: \result == VMREF_OK ==> table_of(*s, a, q) < s->tables;
    ensures same: same_leaves{Pre, Post}(*s, -1);
    ensures isolated: isolated{Pre, Post}(*s, a); */
static int reach(const struct vmref_sys *s, uint32_t a, uint64_t q)
{
  const int status = vmref_tables_make(s, a, q, 1);
  //@ ghost vmref_lemma_pages(0);
  //@ assert same: same_leaves{Pre, Here}(*s, -1);
  return status;
}

/* Page p goes to q. */
/*@ requires \valid_read(s) && inv(*s) && a < s->spaces && upage(p) && upage(q) && leaf_of(*s, a, p) != 0;
    terminates \true; exits \false;
    assigns PAGES(*s);
    ensures inv: inv(*s);
    ensures isolated: isolated{Pre, Post}(*s, a); */
static int move(const struct vmref_sys *s, uint32_t a, uint64_t p, uint64_t q)
{
  if (vmref_page_leaf(s, a, q) != 0) return VMREF_EINVAL;
  //@ ghost vmref_lemma_root(s, a, p);
  const int status = reach(s, a, q);
  if (status != VMREF_OK) return status;
  //@ assert empty: leaf_of(*s, a, q) == 0;
  //@ ghost Reached: ;
  share(s, a, p, q);
  //@ assert both: CHAIN(*s, Reached);
  //@ assert shared: isolated{Pre, Here}(*s, a);
  //@ ghost Shared: ;
  vmref_unmap(s, a, p, 1);
  //@ assert then: CHAIN(*s, Shared);
  //@ assert moved: isolated{Pre, Here}(*s, a);
  return VMREF_OK;
}

int vmref_pages_move(const struct vmref_sys *s, uint32_t a, uint64_t from, uint64_t n, uint64_t to)
{
  const uint64_t end = from + n;
  uint64_t p = vmref_pages_next(s, a, from, end);
  /*@ loop invariant bound: from <= p <= end;
      loop invariant inv: inv(*s);
      loop invariant there: p < end ==> leaf_of(*s, a, p) != 0;
      loop invariant isolated: isolated{Pre, Here}(*s, a);
      loop assigns p, PAGES(*s);
      loop variant end - p; */
  while (p < end) {
    //@ assert there: upage(p) && upage(to + (p - from)) && leaf_of(*s, a, p) != 0;
    //@ ghost Before: ;
    const int status = move(s, a, p, to + (p - from));
    //@ assert step: isolated{Before, Here}(*s, a);
    //@ assert both: CHAIN(*s, Before);
    //@ assert so: isolated{Pre, Here}(*s, a);
    if (status != VMREF_OK) return status;
    p = vmref_pages_next(s, a, p + 1, end);
  }
  return VMREF_OK;
}

/* Put page p to swap, if no other space has it. */
/*@ requires \valid_read(s) && inv(*s) && a < s->spaces && upage(p);
    terminates \true; exits \false;
    assigns PAGES(*s);
    ensures inv: inv(*s);
    ensures views: isolated{Pre, Post}(*s, -1); */
static void page_out(const struct vmref_sys *s, uint32_t a, uint64_t p)
{
  const uint32_t o = vmref_leaf_object(s, vmref_page_leaf(s, a, p));
  if (o < s->frames && s->rc[o] == 1 && !s->shared[o]) vmref_page_out(s, a, p);
}

void vmref_pages_out(const struct vmref_sys *s, uint32_t a, uint64_t from, uint64_t to)
{
  uint64_t p = vmref_pages_next(s, a, from, to);
  /*@ loop invariant bound: p <= to;
      loop invariant inv: inv(*s);
      loop invariant views: isolated{Pre, Here}(*s, -1);
      loop assigns p, PAGES(*s);
      loop variant to - p; */
  while (p < to) {
    //@ ghost Before: ;
    page_out(s, a, p);
    //@ assert step: isolated{Before, Here}(*s, -1);
    //@ assert both: CHAIN(*s, Before);
    //@ assert so: isolated{Pre, Here}(*s, -1);
    p = vmref_pages_next(s, a, p + 1, to);
  }
}

uint64_t vmref_page_index(struct vmref_vma v, uint64_t p)
{
  return v.offset + (p - v.start);
}

/* Map page `first` of file f at page p. */
/*@ requires \valid_read(s) && inv(*s) && a < s->spaces && upage(p) && share <= 1;
    terminates \true; exits \false;
    assigns PAGES(*s);
    ensures inv: inv(*s);
    ensures there: \result == VMREF_OK ==> leaf_of(*s, a, p) != 0;
    ensures isolated: isolated{Pre, Post}(*s, a); */
static int map_file(const struct vmref_sys *s, uint32_t a, uint64_t p, uint8_t rights, uint32_t f, uint64_t first, uint8_t share)
{
  const int status = vmref_map_file(s, a, p, 1, rights, f, first, share);
  //@ assert there: status == VMREF_OK ==> leaf_of(*s, a, p + 0) != 0;
  return status;
}

/* Let file f have page `index`. */
/*@ requires \valid_read(s) && inv(*s) && f < s->spaces && upage(index);
    terminates \true; exits \false;
    assigns PAGES(*s);
    ensures inv: inv(*s);
    ensures isolated: isolated{Pre, Post}(*s, f); */
static int have(const struct vmref_sys *s, uint32_t f, uint64_t index)
{
  return vmref_page_leaf(s, f, index) != 0 ? VMREF_OK : vmref_file_add(s, f, index);
}

/* The same of an area of a file: page `index` of object o. */
/*@ requires \valid_read(l) && linux_fine(*l) && a < l->mms && o < l->objects && upage(p) && upage(index) && share <= 1;
    terminates \true; exits \false;
    assigns PAGES(l->s);
    ensures inv: inv(l->s);
    ensures there: \result == VMREF_OK ==> leaf_of(l->s, a, p) != 0;
    ensures apart: apart{Pre, Post}(l->s, l->mms, a); */
static int bring_file(const struct vmref_linux *l, uint32_t a, uint64_t p, uint32_t o, uint64_t index, uint8_t rights, uint8_t share)
{
  const int had = have(&l->s, l->mms + o, index);
  //@ assert apart: apart{Pre, Here}(l->s, l->mms, a);
  if (had != VMREF_OK) return had;
  //@ ghost Added: ;
  const int mapped = map_file(&l->s, a, p, rights, l->mms + o, index, share);
  //@ assert both: CHAIN(l->s, Added);
  //@ assert so: apart{Pre, Here}(l->s, l->mms, a);
  //@ assert there: mapped == VMREF_OK ==> leaf_of(l->s, a, p) != 0;
  return mapped;
}

int vmref_page_bring(const struct vmref_linux *l, uint32_t a, struct vmref_vma v, uint64_t p)
{
  if (vmref_page_leaf(&l->s, a, p) != 0) return VMREF_OK;
  if (v.file == 0) return vmref_map(&l->s, a, p, 1, vmref_page_rights(v.flags));
  const uint32_t object = l->file[v.file - 1].object;
  const uint64_t index = vmref_page_index(v, p);
  if (index >= VMREF_USER_PAGES || index * 4096 >= l->object[object].size) return VMREF_ENOMAP;
  return bring_file(l, a, p, object, index, vmref_page_rights(v.flags), (v.flags & VMREF_VM_MAYSHARE) != 0);
}

int vmref_pages_begin(const struct vmref_sys *s, uint32_t a, int64_t what)
{
  //@ ghost vmref_lemma_pages(0);
  const int status = vmref_space_new(s, a, what);
  //@ assert pages: \forall integer b, p; 0 <= b < s->spaces && b != a && upage(p) ==> leaf_of(*s, b, p) == \at(leaf_of(*s, b, p), Pre);
  return status;
}

void vmref_pages_end(const struct vmref_sys *s, uint32_t a)
{
  //@ ghost vmref_lemma_pages(0);
  //@ ghost vmref_lemma_way(s);
  //@ assert roots: \forall integer b; 0 <= b < s->spaces && s->level[b] == 4 ==> s->owner[b] == b;
  vmref_space_exit(s, a);
  //@ assert levels: \forall integer b; 0 <= b < s->spaces && b != a && \at(s->level[b], Pre) == 4 ==> s->level[b] == 4;
  /*@ assert three: \forall integer b, i4; page(*s, b, i4, 0, 0, 0) && b != a ==> t3(*s, b, i4) == \at(t3(*s, b, i4), Pre); */
  /*@ assert two: \forall integer b, i4, i3; page(*s, b, i4, i3, 0, 0) && b != a ==> t2(*s, b, i4, i3) == \at(t2(*s, b, i4, i3), Pre); */
  /*@ assert one: \forall integer b, i4, i3, i2; page(*s, b, i4, i3, i2, 0) && b != a ==> t1(*s, b, i4, i3, i2) == \at(t1(*s, b, i4, i3, i2), Pre); */
  /*@ assert leaf: \forall integer b, i4, i3, i2, i1; page(*s, b, i4, i3, i2, i1) && b != a ==>
        leaf(*s, b, i4, i3, i2, i1) == \at(leaf(*s, b, i4, i3, i2, i1), Pre); */
  //@ assert pages: \forall integer b, p; 0 <= b < s->spaces && b != a && upage(p) ==> leaf_of(*s, b, p) == \at(leaf_of(*s, b, p), Pre);
}

int vmref_pages_fork(const struct vmref_sys *s, uint32_t a, uint32_t b)
{
  //@ ghost vmref_lemma_pages(0);
  //@ ghost vmref_lemma_way(s);
  const int status = vmref_fork(s, a, b);
  /*@ assert three: status != VMREF_OK ==> \forall integer c, i4; page(*s, c, i4, 0, 0, 0) ==> t3(*s, c, i4) == \at(t3(*s, c, i4), Pre); */
  /*@ assert two: status != VMREF_OK ==> \forall integer c, i4, i3; page(*s, c, i4, i3, 0, 0) ==>
        t2(*s, c, i4, i3) == \at(t2(*s, c, i4, i3), Pre); */
  /*@ assert one: status != VMREF_OK ==> \forall integer c, i4, i3, i2; page(*s, c, i4, i3, i2, 0) ==>
        t1(*s, c, i4, i3, i2) == \at(t1(*s, c, i4, i3, i2), Pre); */
  /*@ assert leaf: status != VMREF_OK ==> \forall integer c, i4, i3, i2, i1; page(*s, c, i4, i3, i2, i1) ==>
        leaf(*s, c, i4, i3, i2, i1) == \at(leaf(*s, c, i4, i3, i2, i1), Pre); */
  //@ assert same: status != VMREF_OK ==> same_leaves{Pre, Here}(*s, -1);
  return status;
}
