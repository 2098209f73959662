/* SPDX-License-Identifier: MIT */
/* Tier B: the areas that the kernel has, and those of the model. */
#include <inttypes.h>
#include "lx_host.h"

#define LAST (WINDOW / 4096 + WINDOW_PAGES)

static void print_area(char *text, size_t size, const struct lx_area *a)
{
  snprintf(text, size, "%" PRIx64 "-%" PRIx64 " %c%c%c%c offset 0x%" PRIx64 " object %" PRIu64, a->start * 4096, a->end * 4096,
           a->prot & 1 ? 'r' : '-', a->prot & 2 ? 'w' : '-', a->prot & 4 ? 'x' : '-', a->shared ? 's' : 'p', a->offset, a->inode);
}

/* Objects have other numbers on the two sides: in one layout, one to one is what they must be. But a System V
 * segment has its id as its inode number, which may be that of another file too, and is 0 of the first since boot. */
static int is_segment(const struct vmref_linux *l, const struct lx_area *m)
{
  return l->object[m->inode - 1].kind == VMREF_OBJECT_SHM;
}

static int same_inodes(const struct vmref_linux *l, const struct lx_area *m, const struct lx_area *h, unsigned n, unsigned i)
{
  if (m[i].inode == 0 || (h[i].inode == 0 && !is_segment(l, &m[i]))) return m[i].inode == h[i].inode;
  for (unsigned k = 0; k < i && k < n; k++) {
    if (m[k].inode == 0) continue;
    const int segment = is_segment(l, &m[k]) || is_segment(l, &m[i]);
    if (m[k].inode == m[i].inode ? h[k].inode != h[i].inode : h[k].inode == h[i].inode && !segment) return 0;
  }
  return 1;
}

static int same_area(const struct lx_area *m, const struct lx_area *h)
{
  return m->start == h->start && m->end == h->end && m->offset == h->offset && m->prot == h->prot && m->shared == h->shared;
}

int lx_same_layout(const struct vmref_linux *l, unsigned task, struct lx_range near, unsigned at, struct lx_finding *f)
{
  static struct lx_area m[LX_AREAS], h[LX_AREAS];
  const unsigned n = lx_model_layout(l, task, near, m), k = lx_host_layout(task, near, h);
  for (unsigned i = 0; i < n || i < k; i++) {
    if (i < n && i < k && same_area(&m[i], &h[i]) && same_inodes(l, m, h, n, i)) continue;
    char mine[120] = "nothing", theirs[120] = "nothing";
    if (i < n) print_area(mine, sizeof mine, &m[i]);
    if (i < k) print_area(theirs, sizeof theirs, &h[i]);
    return lx_found(f, at, 'B', "area %u of task %u: the model has %s, the kernel %s", i, task, mine, theirs);
  }
  return 0;
}

static struct lx_range bytes(uint64_t addr, uint64_t n)
{
  const uint64_t from = addr / 4096, pages = n / 4096 + 2; /* two: of a part at either end */
  return (struct lx_range){ from, pages > WINDOW_PAGES || from > LAST - pages ? LAST : from + pages };
}

/* Where an operation may have changed areas, up to two ranges of pages; how many. What a rule does not let it
 * change is looked at now and then, and at the end of each sequence. */
unsigned lx_touched(const struct vmref_linux *l, const struct lx_op *op, const struct lx_result *r, struct lx_range near[2])
{
  const uint64_t *a = op->arg;
  switch (op->nr) {
  case VMREF_SYS_MMAP: return near[0] = bytes(r->value >= 0 ? (uint64_t)r->value : a[0], a[1]), 1;
  case VMREF_SYS_MPROTECT:
    if (a[2] > 0xFFFF) return near[0] = LX_ALL, 1; /* to where the area begins */
    return near[0] = bytes(a[0], a[1]), 1;
  case VMREF_SYS_MUNMAP: case VMREF_SYS_MADVISE: case VMREF_SYS_MLOCK: case VMREF_SYS_MLOCK2: case VMREF_SYS_MUNLOCK:
    return near[0] = bytes(a[0], a[1]), 1;
  case VMREF_SYS_MREMAP:
    near[0] = bytes(a[0], a[1] > a[2] ? a[1] : a[2]);
    near[1] = bytes(r->value >= 0 ? (uint64_t)r->value : a[4], a[2]);
    return r->value >= 0 || (a[3] & VMREF_MREMAP_FIXED) ? 2 : 1;
  case VMREF_SYS_BRK: case VMREF_SYS_SHMAT: case VMREF_SYS_SHMDT: case VMREF_SYS_MUNLOCKALL: case VMREF_SYS_EXECVE: return near[0] = LX_ALL, 1;
  case LX_LOAD: case LX_STORE: case LX_FETCH: {
    const struct vmref_vmas *m = &l->mm[l->task[op->task].mm].vmas;
    const uint64_t p = a[0] / 4096;
    const uint32_t i = vmref_vma_find(m, p);
    const int grows = i < m->n && (m->at[i].flags & VMREF_VM_GROWSDOWN) != 0;
    return near[0] = (struct lx_range){ p, p + 1 }, grows ? 1 : 0;
  }
  default: return 0;
  }
}
