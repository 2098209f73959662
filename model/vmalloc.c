/* SPDX-License-Identifier: MIT */
#include "buddy_list.h"
#include "vmalloc.h"

/* The tables on the way to the kernel's lowest addresses. */
/*@ ghost
  /@ requires \valid_read(s) && inv(*s);
     terminates \true; assigns \nothing; exits \false;
     ensures three: \let u = under(*s, s->spaces, 256); 0 <= u <= s->tables && (u < s->tables ==> s->level[u] == 3 && s->owner[u] == s->spaces);
     ensures two: \let u = under(*s, under(*s, s->spaces, 256), 0); 0 <= u <= s->tables && (u < s->tables ==> s->level[u] == 2 && s->owner[u] == s->spaces);
     ensures one: 0 <= kernel_table(*s) <= s->tables && (kernel_table(*s) < s->tables ==> kernel_entry(*s, kernel_table(*s), 0)); @/
  static void lemma_kernel(const struct vmref_sys *s)
  {
    /@ assert root: s->level[s->spaces] == 4 && s->owner[s->spaces] == s->spaces && owns(*s, s->spaces, 256); @/
    /@ assert e4: at(*s, s->spaces, 256) == 0 || linked(*s, s->spaces, 256, PFN(at(*s, s->spaces, 256))); @/
    /@ assert u3: under(*s, s->spaces, 256) < s->tables ==> owns(*s, under(*s, s->spaces, 256), 0) && ix(0); @/
    /@ assert e3: under(*s, s->spaces, 256) < s->tables ==> at(*s, under(*s, s->spaces, 256), 0) == 0
         || linked(*s, under(*s, s->spaces, 256), 0, PFN(at(*s, under(*s, s->spaces, 256), 0))); @/
    /@ assert u2: under(*s, under(*s, s->spaces, 256), 0) < s->tables ==> owns(*s, under(*s, under(*s, s->spaces, 256), 0), 0); @/
    /@ assert e2: under(*s, under(*s, s->spaces, 256), 0) < s->tables ==> at(*s, under(*s, under(*s, s->spaces, 256), 0), 0) == 0
         || linked(*s, under(*s, under(*s, s->spaces, 256), 0), 0, PFN(at(*s, under(*s, under(*s, s->spaces, 256), 0), 0))); @/
  }
*/

uint32_t vmref_kernel_table(const struct vmref_sys *s)
{
  //@ ghost lemma_kernel(s);
  uint32_t t = vmref_table_under(s, s->spaces, 256);
  //@ assert three: t == under(*s, s->spaces, 256);
  t = vmref_table_under(s, t, 0);
  //@ assert two: t == under(*s, under(*s, s->spaces, 256), 0);
  return vmref_table_under(s, t, 0);
}

uint64_t vmref_kernel_entry(const struct vmref_sys *s, uint32_t t, uint32_t i)
{
  return s->tab[512 * (uint64_t)t + i];
}

void vmref_kernel_set(const struct vmref_sys *s, uint32_t t, uint32_t i, uint64_t e)
{
  uint64_t n = 512 * (uint64_t)t + i;
  //@ ghost vmref_lemma_index();
  //@ assert n: n / 512 == t && n % 512 == i;
  //@ ghost vmref_lemma_way(s);
  //@ ghost lemma_kernel(s);
  //@ assert old: kernel_leaf(*s, at(*s, t, i)) && obj(*s, at(*s, t, i)) == NONE(*s) && obj(*s, e) == NONE(*s);
  s->tab[n] = e;
  /*@ assert flat: \forall integer m; 0 <= m < entries(*s) && m != n ==> s->tab[m] == \at(s->tab[m], Pre); */
  /*@ assert pairs: \forall integer v, j; 0 <= v < s->tables && ix(j) && !(v == t && j == i) ==> at(*s, v, j) == \at(at(*s, v, j), Pre); */
  /*@ assert down: down(*s); */
  /*@ assert up: up(*s); */
  /*@ assert free: free_tables(*s); */
  /*@ assert kernel: kernel_shared(*s); */
  /*@ assert kleaves: kernel_leaves(*s); */
  /*@ assert w3: \forall integer a, i4; page(*s, a, i4, 0, 0, 0) ==> t3(*s, a, i4) == \at(t3(*s, a, i4), Pre); */
  /*@ assert w2: \forall integer a, i4, i3; page(*s, a, i4, i3, 0, 0) ==> t2(*s, a, i4, i3) == \at(t2(*s, a, i4, i3), Pre); */
  /*@ assert w1: \forall integer a, i4, i3, i2; page(*s, a, i4, i3, i2, 0) ==>
        t1(*s, a, i4, i3, i2) == \at(t1(*s, a, i4, i3, i2), Pre); */
  /*@ assert k3: under(*s, s->spaces, 256) == \at(under(*s, s->spaces, 256), Pre); */
  /*@ assert k2: under(*s, under(*s, s->spaces, 256), 0) == \at(under(*s, under(*s, s->spaces, 256), 0), Pre); */
  /*@ assert refs: \forall integer m; 0 <= m < entries(*s) ==> ref(*s, m) == \at(ref(*s, m), Pre); */
  /*@ ghost
    uint64_t m = 0;
    /@ loop invariant 0 <= m <= entries(*s);
       loop invariant \forall integer o; 0 <= o < objects(*s) ==> count(*s, o, m) == \at(count(*s, o, \at(m, Here)), Pre);
       loop assigns m; loop variant entries(*s) - m; @/
    while (m < 512 * (uint64_t)s->tables) m++;
    /@ assert end: m == entries(*s); @/
  */
  //@ assert ledger: ledger(*s);
  /*@ assert leaf: \forall integer m; user_leaf(*s, m) ==> m != n && s->tab[m] == \at(s->tab[m], Pre); */
  //@ assert leaves: leaves(*s);
}

/* A block of one frame, 0 when there is none; and one that goes. The tables are elsewhere in memory. */
/*@ requires \valid_read(s) && \valid_read(b) && inv(*s) && buddy(*b) && apart(*s, *b);
    terminates \true; exits \false;
    assigns b->node[0 .. nodes(*b) - 1], b->list[0 .. nodes(*b) - 1], b->place[0 .. nodes(*b) - 1], b->free[0 .. b->order];
    ensures inv: inv(*s) && buddy(*b);
    ensures block: \result != 0 ==> frames_of(*b) <= \result < 2 * frames_of(*b) && used(*b, \result);
    ensures fresh: \forall integer m; m == \result ==> !\old(used(*b, m));
    ensures others: same_used{Pre, Post}(*b, \result); */
static uint32_t take(const struct vmref_sys *s, const struct vmref_buddy *b)
{
  uint32_t m = vmref_buddy_alloc(b, 0);
  (void)s;
  //@ ghost vmref_lemma_two_to();
  //@ assert rc: \forall integer o; 0 <= o < objects(*s) ==> s->rc[o] == \at(s->rc[o], Pre);
  //@ assert parents: \forall integer t; 0 <= t < s->tables ==> s->parent[t] == \at(s->parent[t], Pre);
  //@ assert ledger: ledger(*s) && free_private(*s);
  //@ assert fits: \forall integer n; user_leaf(*s, n) ==> \at(leaf_fits(*s, n), Pre) && leaf_fits(*s, n);
  //@ assert down: down(*s) && up(*s);
  return m;
}
/*@ requires \valid_read(s) && \valid_read(b) && inv(*s) && buddy(*b) && apart(*s, *b) && used(*b, m);
    terminates \true; exits \false;
    assigns b->node[0 .. nodes(*b) - 1], b->list[0 .. nodes(*b) - 1], b->place[0 .. nodes(*b) - 1], b->free[0 .. b->order];
    ensures inv: inv(*s) && buddy(*b);
    ensures gone: !used(*b, m);
    ensures others: same_used{Pre, Post}(*b, m); */
static void drop(const struct vmref_sys *s, const struct vmref_buddy *b, uint32_t m)
{
  (void)s;
  vmref_buddy_free(b, m);
  //@ assert rc: \forall integer o; 0 <= o < objects(*s) ==> s->rc[o] == \at(s->rc[o], Pre);
  //@ assert parents: \forall integer t; 0 <= t < s->tables ==> s->parent[t] == \at(s->parent[t], Pre);
  //@ assert ledger: ledger(*s) && free_private(*s);
  //@ assert fits: \forall integer n; user_leaf(*s, n) ==> \at(leaf_fits(*s, n), Pre) && leaf_fits(*s, n);
  //@ assert down: down(*s) && up(*s);
}

/* The first of n entries in a row that are 0, with one more before and one after them; 0 when there are none. */
/*@ requires \valid_read(s) && inv(*s) && t < s->tables && n < 512;
    terminates \true; exits \false; assigns \nothing;
    ensures gap: \result != 0 ==> s->kernel < \result && \result + n < 512 && \forall integer j; \result - 1 <= j <= \result + n ==> at(*s, t, j) == 0;
    ensures none: \result == 0 ==> \forall integer r; s->kernel < r && r + n < 512 ==> busy(*s, t, r, n); */
static uint32_t gap(const struct vmref_sys *s, uint32_t t, uint32_t n)
{
  uint32_t run = 0;
  /*@ loop invariant s->kernel <= i <= 512 && run <= i - s->kernel && run < n + 2;
      loop invariant zero: \forall integer j; i - run <= j < i ==> at(*s, t, j) == 0;
      loop invariant none: \forall integer r; s->kernel < r && r + n < i ==> busy(*s, t, r, n);
      loop invariant before: i - run == s->kernel || at(*s, t, i - run - 1) != 0;
      loop assigns i, run; loop variant 512 - i; */
  for (uint32_t i = s->kernel; i < 512; i++) {
    run = vmref_kernel_entry(s, t, i) == 0 ? run + 1 : 0;
    //@ assert here: run == 0 <==> at(*s, t, i) != 0;
    //@ assert edge: i + 1 - run == s->kernel || at(*s, t, i - run) != 0;
    if (run == n + 2) return i - n;
    //@ assert found: \forall integer r; s->kernel < r && r + n == i ==> r - 1 <= i - run <= r + n && at(*s, t, i - run) != 0;
    //@ assert busy: \forall integer r; s->kernel < r && r + n == i ==> busy(*s, t, r, n);
  }
  return 0;
}

/* Pages i .. i + n - 1 go, and their frames. */
/*@ requires \valid_read(s) && \valid_read(b) && vmalloc(*s, *b) && t == kernel_table(*s);
    requires pages: s->kernel < i && i + n < 512 && \forall integer j; i <= j < i + n ==> at(*s, t, j) != 0;
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], b->node[0 .. nodes(*b) - 1], b->list[0 .. nodes(*b) - 1], b->place[0 .. nodes(*b) - 1], b->free[0 .. b->order];
    ensures vmalloc: vmalloc(*s, *b) && kernel_table(*s) == t;
    ensures gone: \forall integer j; i <= j < i + n ==> at(*s, t, j) == 0;
    ensures others: other_vpages{Pre, Post}(*s, t, i, n);
    ensures blocks: \forall integer m; used(*b, m) <==> \old(used(*b, m)) && !\old(of_pages(*s, *b, t, i, n, m));
    ensures users: users_pages{Pre, Post}(*s); */
static void release(const struct vmref_sys *s, const struct vmref_buddy *b, uint32_t t, uint32_t i, uint32_t n)
{
  uint32_t frames = vmref_buddy_size(b->order), first = s->tables + s->frames + s->text;
  //@ ghost vmref_lemma_two_to();
  /*@ loop invariant i <= j <= i + n;
      loop invariant vmalloc: vmalloc(*s, *b) && kernel_table(*s) == t;
      loop invariant gone: \forall integer q; i <= q < j ==> at(*s, t, q) == 0;
      loop invariant others: other_vpages{Pre, Here}(*s, t, i, j - i);
      loop invariant blocks: \forall integer m; used(*b, m) <==> \at(used(*b, m), Pre) && !of_pages{Pre}(*s, *b, t, i, j - i, m);
      loop invariant users: users_pages{Pre, Here}(*s);
      loop assigns j, s->tab[0 .. entries(*s) - 1], b->node[0 .. nodes(*b) - 1], b->list[0 .. nodes(*b) - 1], b->place[0 .. nodes(*b) - 1], b->free[0 .. b->order];
      loop variant i + n - j; */
  for (uint32_t j = i; j < i + n; j++) {
    //@ assert page: vpage(*s, j) && at(*s, t, j) != 0 && vframe(*s, *b, t, j) && kernel_leaf(*s, at(*s, t, j));
    uint32_t pfn = (uint32_t)vmref_pfn(vmref_kernel_entry(s, t, j)), m = frames + (pfn - first);
    //@ assert pfn: pfn == PFN(at(*s, t, j)) && first == pool(*s) && frames == frames_of(*b) && pool(*s) <= pfn < pool(*s) + frames;
    //@ assert sum: m == frames_of(*b) + PFN(at(*s, t, j)) - pool(*s);
    //@ assert node: m == node_of(*s, *b, at(*s, t, j));
    //@ assert used: used(*b, m);
    //@ assert own: \forall integer q; vpage(*s, q) && q != j && at(*s, t, q) != 0 ==> node_of(*s, *b, at(*s, t, q)) != m;
    //@ assert more: \forall integer x; of_pages{Pre}(*s, *b, t, i, j + 1 - i, x) <==> of_pages{Pre}(*s, *b, t, i, j - i, x) || x == m;
    vmref_kernel_set(s, t, j, 0);
    //@ assert left: \forall integer q; vpage(*s, q) ==> vframe(*s, *b, t, q) && (at(*s, t, q) != 0 ==> node_of(*s, *b, at(*s, t, q)) != m);
    drop(s, b, m);
    //@ assert still: \forall integer q; vpage(*s, q) ==> vframe(*s, *b, t, q);
    //@ assert vpages: vpages(*s, *b, t);
  }
}

int vmref_vmalloc_init(const struct vmref_sys *s, const struct vmref_buddy *b)
{
  uint32_t t = vmref_kernel_table(s);
  //@ ghost lemma_kernel(s);
  if (t == s->tables || s->text + vmref_buddy_size(b->order) > s->kernel) return VMREF_EINVAL;
  vmref_buddy_init(b);
  //@ assert rc: \forall integer o; 0 <= o < objects(*s) ==> s->rc[o] == \at(s->rc[o], Pre);
  //@ assert parents: \forall integer u; 0 <= u < s->tables ==> s->parent[u] == \at(s->parent[u], Pre);
  //@ assert ledger: ledger(*s) && free_private(*s);
  //@ assert fits: \forall integer n; user_leaf(*s, n) ==> \at(leaf_fits(*s, n), Pre) && leaf_fits(*s, n);
  //@ assert down: down(*s) && up(*s);
  /*@ loop invariant s->kernel <= i <= 512 || i == s->kernel;
      loop invariant inv: inv(*s) && kernel_table(*s) == t;
      loop invariant zero: \forall integer j; s->kernel <= j < i ==> at(*s, t, j) == 0;
      loop invariant users: users_pages{Pre, Here}(*s);
      loop assigns i, s->tab[0 .. entries(*s) - 1]; loop variant 512 - i; */
  for (uint32_t i = s->kernel; i < 512; i++) vmref_kernel_set(s, t, i, 0);
  return VMREF_OK;
}

int64_t vmref_vmalloc(const struct vmref_sys *s, const struct vmref_buddy *b, uint32_t n)
{
  if (n == 0) return VMREF_EINVAL;
  uint32_t frames = vmref_buddy_size(b->order), t = vmref_kernel_table(s), i = n < 512 ? gap(s, t, n) : 0;
  //@ ghost vmref_lemma_two_to();
  if (i == 0) return VMREF_EMEM;
  /*@ loop invariant 0 <= j <= n;
      loop invariant vmalloc: vmalloc(*s, *b) && kernel_table(*s) == t;
      loop invariant made: \forall integer q; i <= q < i + j ==> at(*s, t, q) != 0;
      loop invariant rest: \forall integer q; i + j <= q <= i + n ==> at(*s, t, q) == 0;
      loop invariant others: other_vpages{Pre, Here}(*s, t, i, j);
      loop invariant blocks: \forall integer m; used(*b, m) <==> \at(used(*b, m), Pre) || of_pages(*s, *b, t, i, j, m);
      loop invariant fresh: \forall integer m; of_pages(*s, *b, t, i, j, m) ==> !\at(used(*b, m), Pre);
      loop invariant users: users_pages{Pre, Here}(*s);
      loop assigns j, s->tab[0 .. entries(*s) - 1], b->node[0 .. nodes(*b) - 1], b->list[0 .. nodes(*b) - 1], b->place[0 .. nodes(*b) - 1], b->free[0 .. b->order];
      loop variant n - j; */
  for (uint32_t j = 0; j < n; j++) {
    uint32_t m = take(s, b);
    if (m == 0) {
      release(s, b, t, i, j);
      //@ assert void: \forall integer q; i <= q < i + j ==> at(*s, t, q) == \at(at(*s, \at(t, Here), q), Pre);
      //@ assert tables: other_vpages{Pre, Here}(*s, -1, 0, 0);
      //@ assert blocks: same_used{Pre, Here}(*b, 0);
      return VMREF_EMEM;
    }
    uint64_t e = vmref_kernel_page(s, s->text + (m - frames));
    //@ assert node: node_of(*s, *b, e) == m && e != 0;
    //@ assert own: \forall integer q; vpage(*s, q) && at(*s, t, q) != 0 ==> node_of(*s, *b, at(*s, t, q)) != m && vframe(*s, *b, t, q);
    vmref_kernel_set(s, t, i + j, e);
    //@ assert kept: \forall integer q; i <= q < i + j ==> at(*s, t, q) == \at(at(*s, \at(t, Here), q), LoopCurrent);
    //@ assert last: at(*s, t, i + j) == e && i + j < 511;
    //@ assert one: of_pages(*s, *b, t, i, j + 1, m);
    //@ assert up: \forall integer x; of_pages(*s, *b, t, i, j, x) ==> of_pages(*s, *b, t, i, j + 1, x);
    //@ assert down: \forall integer x; of_pages(*s, *b, t, i, j + 1, x) ==> of_pages(*s, *b, t, i, j, x) || x == m;
    //@ assert same: \forall integer x; of_pages(*s, *b, t, i, j, x) <==> \at(of_pages(*s, *b, t, i, \at(j, Here), x), LoopCurrent);
    //@ assert frames: \forall integer q; vpage(*s, q) ==> vframe(*s, *b, t, q);
    //@ assert other: \forall integer q; vpage(*s, q) && at(*s, t, q) != 0 && q != i + j ==> node_of(*s, *b, at(*s, t, q)) != m;
    //@ assert guards: at(*s, t, s->kernel) == 0 && at(*s, t, 511) == 0;
    //@ assert vpages: vpages(*s, *b, t);
  }
  return i;
}

int vmref_vfree(const struct vmref_sys *s, const struct vmref_buddy *b, uint32_t i)
{
  uint32_t t = vmref_kernel_table(s);
  if (i <= s->kernel || i >= 512 || vmref_kernel_entry(s, t, i) == 0 || vmref_kernel_entry(s, t, i - 1) != 0) return VMREF_EINVAL;
  uint32_t end = i + 1;
  //@ assert first: at(*s, t, i) != 0 && at(*s, t, 511) == 0;
  /*@ loop invariant i < end < 512;
      loop invariant mapped: \forall integer j; i <= j < end ==> at(*s, t, j) != 0;
      loop assigns end; loop variant 512 - end; */
  while (vmref_kernel_entry(s, t, end) != 0) {
    //@ assert on: at(*s, t, end) != 0 && end != 511;
    end++;
  }
  //@ assert area: varea(*s, t, i, end - i);
  release(s, b, t, i, end - i);
  return (int)(end - i);
}
