/* SPDX-License-Identifier: MIT */
/* One sequence, by the model and by the kernel, step by step. */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include "lx_host.h"

static int found(struct lx_finding *f, unsigned at, char tier, const char *form, ...)
{
  va_list list;
  va_start(list, form);
  f->at = at;
  f->tier = tier;
  vsnprintf(f->text, sizeof f->text, form, list);
  va_end(list);
  return 1;
}

/* Would it reach what is outside the window? The kernel has other areas there than the model. */
static int escapes(const struct vmref_linux *l, const struct lx_op *op)
{
  const uint64_t end = WINDOW + WINDOW_PAGES * 4096, *a = op->arg;
  uint64_t from = a[0], n = a[1];
  const int outside = from < WINDOW || from > end;
  switch (op->nr) {
  case VMREF_SYS_MMAP: return (a[3] & (VMREF_MAP_FIXED | VMREF_MAP_NOREPLACE)) && n < UINT64_C(1) << 46 && (outside || from + n > end);
  case VMREF_SYS_MUNMAP: case VMREF_SYS_MINCORE: return n < UINT64_C(1) << 46 && (outside || from + n > end);
  case VMREF_SYS_MREMAP:
    if (outside || (n < UINT64_C(1) << 46 && from + n > end) || (a[2] < UINT64_C(1) << 46 && from + a[2] > end)) return 1;
    return (a[3] & (VMREF_MREMAP_FIXED | VMREF_MREMAP_DONTUNMAP)) && a[2] < UINT64_C(1) << 46 && (a[4] < WINDOW || a[4] > end || a[4] + a[2] > end);
  case VMREF_SYS_MPROTECT: case VMREF_SYS_MADVISE: case VMREF_SYS_MLOCK: case VMREF_SYS_MUNLOCK: case VMREF_SYS_MLOCK2:
  case VMREF_SYS_MSYNC: return outside || (n < UINT64_MAX - 4095 && (n > WINDOW || from + n > end));
  case VMREF_SYS_MLOCKALL: return a[0] & 1;
  case VMREF_SYS_BRK: return !lx_host_brk() || a[0] > end;
  case VMREF_SYS_SHMAT:
    n = a[0] < l->objects ? l->object[a[0]].size : 0;
    return a[1] != 0 && (a[1] < WINDOW || a[1] + n > end);
  default: return 0;
  }
}

static int differ(const struct lx_op *op, const struct lx_result *m, const struct lx_result *h)
{
  if (op->nr == VMREF_SYS_SHMGET && m->value >= 0 && h->value >= 0) {
    lx_host_segment(m->value, h->value);
    return 0;
  }
  return m->value != h->value || m->signal != h->signal || m->code != h->code || (op->nr == LX_LOAD && m->byte != h->byte);
}

/* ---- tier B ---- */

static void print_area(char *text, size_t size, const struct lx_area *a)
{
  snprintf(text, size, "%" PRIx64 "-%" PRIx64 " %c%c%c%c offset 0x%" PRIx64 " object %" PRIu64, a->start * 4096, a->end * 4096,
           a->prot & 1 ? 'r' : '-', a->prot & 2 ? 'w' : '-', a->prot & 4 ? 'x' : '-', a->shared ? 's' : 'p', a->offset, a->inode);
}

/* Objects have other numbers on the two sides: in one layout, one to one is what they must be. But a System V
 * segment has its id as its inode number, which may be that of another file too. */
static int same_inodes(const struct vmref_linux *l, const struct lx_area *m, const struct lx_area *h, unsigned n, unsigned i)
{
  if (m[i].inode == 0 || h[i].inode == 0) return m[i].inode == h[i].inode;
  for (unsigned k = 0; k < i && k < n; k++) {
    if (m[k].inode == 0) continue;
    const int segment = l->object[m[k].inode - 1].kind == VMREF_OBJECT_SHM || l->object[m[i].inode - 1].kind == VMREF_OBJECT_SHM;
    if (m[k].inode == m[i].inode ? h[k].inode != h[i].inode : h[k].inode == h[i].inode && !segment) return 0;
  }
  return 1;
}

static int compare_layout(const struct vmref_linux *l, unsigned task, unsigned at, struct lx_finding *f)
{
  static struct lx_area m[LX_AREAS], h[LX_AREAS];
  const unsigned n = lx_model_layout(l, task, m), k = lx_host_layout(task, h);
  for (unsigned i = 0; i < n || i < k; i++) {
    char mine[120] = "nothing", theirs[120] = "nothing";
    if (i < n) print_area(mine, sizeof mine, &m[i]);
    if (i < k) print_area(theirs, sizeof theirs, &h[i]);
    if (i >= n || i >= k || m[i].start != h[i].start || m[i].end != h[i].end || m[i].offset != h[i].offset
        || m[i].prot != h[i].prot || m[i].shared != h[i].shared || !same_inodes(l, m, h, n, i))
      return found(f, at, 'B', "area %u of task %u: the model has %s, the kernel %s", i, task, mine, theirs);
  }
  return 0;
}

/* ---- tier C ---- */

static struct lx_page mine[TASKS][WINDOW_PAGES], theirs[TASKS][WINDOW_PAGES];

/* May the kernel have mapped page p although nobody touched it? A read fault maps what the file has around it. */
static int around(const struct vmref_linux *l, unsigned task, uint64_t p)
{
  const struct vmref_vmas *m = &l->mm[l->task[task].mm].vmas;
  const uint32_t i = vmref_vma_find(m, p);
  if (i == m->n || m->at[i].start > p || m->at[i].file == 0) return 0;
  const uint64_t index = vmref_page_index(m->at[i], p);
  return index < VMREF_USER_PAGES && vmref_page_leaf(&l->s, l->mms + l->file[m->at[i].file - 1].object, index) != 0;
}

/* Does the model's frame hold zeros only, as the kernel's zero page? */
static int zeros(const struct vmref_linux *l, uint64_t frame)
{
  const uint8_t *b = l->s.data + 4096 * frame;
  return b[0] == 0 && memcmp(b, b + 1, 4095) == 0;
}

/* Frame identity, both ways: the same frame for all that share it, and for nobody else. */
static int compare_frames(const struct vmref_linux *l, unsigned tasks, unsigned at, struct lx_finding *f)
{
  static uint64_t of_model[4096]; /* the kernel's frame */
  static struct { uint64_t host; uint32_t model; } back[4096];
  memset(of_model, 0, sizeof of_model);
  memset(back, 0, sizeof back);
  for (unsigned t = 0; t < tasks; t++)
    for (unsigned p = 0; l->task[t].alive && p < WINDOW_PAGES; p++) {
      const struct lx_page *m = &mine[t][p], *h = &theirs[t][p];
      if (!(m->state & h->state & LX_PRESENT)) continue;
      const uint64_t index = WINDOW / 4096 + p;
      const struct vmref_vmas *v = &l->mm[l->task[t].mm].vmas;
      const struct vmref_vma area = v->at[vmref_vma_find(v, index)];
      /* private and never written to: the kernel may have the one zero page there */
      if (!l->no_zero_page && area.file == 0 && zeros(l, m->frame)) continue;
      if (of_model[m->frame] == 0) of_model[m->frame] = h->frame;
      if (of_model[m->frame] != h->frame)
        return found(f, at, 'C', "task %u, %" PRIx64 ": the model shares this page with another, the kernel does not", t, index * 4096);
      unsigned slot = (unsigned)(h->frame * 0x9E3779B1u >> 7) % 4096;
      while (back[slot].host != 0 && back[slot].host != h->frame) slot = (slot + 1) % 4096;
      if (back[slot].host == 0) back[slot].host = h->frame, back[slot].model = (uint32_t)m->frame + 1;
      if (back[slot].model != m->frame + 1)
        return found(f, at, 'C', "task %u, %" PRIx64 ": the kernel shares this page with another, the model does not", t, index * 4096);
    }
  return 0;
}

static int compare_pages(const struct vmref_linux *l, unsigned at, struct lx_finding *f)
{
  for (unsigned t = 0; t < TASKS; t++) {
    if (!l->task[t].alive) continue;
    lx_model_pages(l, t, mine[t]);
    if (!lx_host_pages(t, theirs[t])) return 0;
    for (unsigned p = 0; p < WINDOW_PAGES; p++) {
      const uint8_t m = mine[t][p].state, h = theirs[t][p].state;
      if ((m & LX_PRESENT) && !(h & (LX_PRESENT | LX_SWAPPED)))
        return found(f, at, 'C', "task %u, %" PRIx64 ": present in the model, not in the kernel", t, WINDOW + 4096 * (uint64_t)p);
      if (!(m & LX_PRESENT) && (h & LX_PRESENT) && !around(l, t, WINDOW / 4096 + p))
        return found(f, at, 'C', "task %u, %" PRIx64 ": present in the kernel, not in the model", t, WINDOW + 4096 * (uint64_t)p);
    }
  }
  return lx_host_frames ? compare_frames(l, TASKS, at, f) : 0;
}

/* ---- the whole ---- */

static int due(unsigned every, unsigned i)
{
  return every != 0 && i % every == every - 1;
}

/* Read each page of each task: what a copy on write did wrong shows. */
static int sweep(struct vmref_linux *l, unsigned at, struct lx_finding *f)
{
  for (uint8_t t = 0; t < TASKS; t++) {
    if (!l->task[t].alive || l->task[t].child) continue;
    const struct vmref_vmas *m = &l->mm[l->task[t].mm].vmas;
    for (unsigned p = 0; p < WINDOW_PAGES; p++) {
      const uint64_t page = WINDOW / 4096 + p;
      const uint32_t i = vmref_vma_find(m, page);
      if (i == m->n) break;
      if (m->at[i].start > page) {
        p += (unsigned)(m->at[i].start - page) - 1;
        continue;
      }
      if (m->at[i].end - page > 16 && page > m->at[i].start + 16) continue; /* long ones: their ends */
      for (unsigned at_byte = 0; at_byte < 4096; at_byte += 15 * 256 + 1) { /* the bytes that are stored to most */
        const struct lx_op op = { t, LX_LOAD, { page * 4096 + at_byte } };
        const struct lx_result r = lx_model_do(l, &op), h = lx_host_do(&op);
        if (r.value == VMREF_RESULT_FULL) return 0;
        if (differ(&op, &r, &h))
          return found(f, at, 'A', "at the end task %u reads %" PRIx64 ": the model 0x%02x signal %u, the kernel 0x%02x signal %u",
                       t, op.arg[0], r.byte, r.signal, h.byte, h.signal);
      }
    }
  }
  return 0;
}

static int step(struct vmref_linux *l, const struct lx_op *op, unsigned i, struct lx_finding *f)
{
  const struct lx_result m = lx_model_do(l, op);
  const int starts = op->nr == VMREF_SYS_FORK || op->nr == VMREF_SYS_VFORK || op->nr == VMREF_SYS_CLONE;
  if (m.value == VMREF_RESULT_MISUSE || (starts && m.value == VMREF_RESULT_FULL)) return 0; /* nothing is done */
  if (m.value == VMREF_RESULT_FULL || m.value == VMREF_RESULT_UNMODELLED) return -1;
  struct lx_op real = *op;
  /* what would run on in the page is read, not fetched: to a page that may be executed it is the same */
  if (op->nr == LX_FETCH && m.signal == 0 && m.byte != 0xC3) real.nr = LX_LOAD;
  const struct lx_result h = lx_host_do(&real);
  if (!differ(&real, &m, &h)) return 0;
  char text[2][100];
  const struct lx_result *r[2] = { &m, &h };
  for (unsigned k = 0; k < 2; k++) {
    FILE *out = fmemopen(text[k], sizeof text[k], "w");
    if (!out) return found(f, i, 'A', "results differ");
    lx_print_result(out, op, r[k]);
    fclose(out);
  }
  return found(f, i, 'A', "the model says %s, the kernel %s", text[0], text[1]);
}

int lx_compare(struct vmref_linux *l, const struct lx_op *op, unsigned n, const struct lx_how *how,
               struct lx_finding *finding, unsigned *done)
{
  lx_model_reset(l);
  lx_host_reset();
  for (unsigned i = 0; i < n; i++) {
    *done = i + 1;
    if (escapes(l, &op[i])) continue;
    const int r = step(l, &op[i], i, finding);
    if (r != 0) return r;
    const unsigned t = op[i].task;
    if (due(how->layout, i) && l->task[t].alive && compare_layout(l, t, i, finding)) return 1;
    if (due(how->pages, i) && compare_pages(l, i, finding)) return 1;
  }
  for (unsigned t = 0; t < TASKS && how->layout; t++)
    if (l->task[t].alive && compare_layout(l, t, n - 1, finding)) return 1;
  if (how->pages && compare_pages(l, n - 1, finding)) return 1;
  return how->sweep ? sweep(l, n - 1, finding) : 0;
}
