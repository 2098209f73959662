/* SPDX-License-Identifier: MIT */
/* One sequence, by the model and by the kernel, step by step. */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include "lx_host.h"

int lx_found(struct lx_finding *f, unsigned at, char tier, const char *form, ...)
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
int lx_escapes(const struct vmref_linux *l, const struct lx_op *op)
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
  case VMREF_SYS_MADVISE:
    if (l->swap && a[2] == VMREF_MADV_FREE) return 1; /* whether what is read then is old or zero is the kernel's choice */
    /* fallthrough */
  case VMREF_SYS_MPROTECT: case VMREF_SYS_MLOCK: case VMREF_SYS_MUNLOCK: case VMREF_SYS_MLOCK2:
  case VMREF_SYS_MSYNC: return outside || (n < UINT64_MAX - 4095 && (n > WINDOW || from + n > end));
  case VMREF_SYS_MLOCKALL: return a[0] & 1;
  case VMREF_SYS_EXECVE: return 1; /* the process that compares cannot replace itself */
  case VMREF_SYS_BRK: return !lx_host_brk() || a[0] > end;
  case VMREF_SYS_SHMAT:
    n = a[0] < l->objects ? l->object[a[0]].size : 0;
    return a[1] != 0 && (a[1] < WINDOW || a[1] + n > end);
  default: return 0;
  }
}

int lx_differ(const struct lx_op *op, const struct lx_result *m, const struct lx_result *h)
{
  if (op->nr == VMREF_SYS_SHMGET && m->value >= 0 && h->value >= 0) {
    lx_host_segment(m->value, h->value);
    return 0;
  }
  return m->value != h->value || m->signal != h->signal || m->code != h->code || (op->nr == LX_LOAD && m->byte != h->byte);
}

/* ---- the whole ---- */

static int due(unsigned every, unsigned i)
{
  return every != 0 && i % every == every - 1;
}

/* Read a byte of two that are stored to most. */
static int sweep_page(struct vmref_linux *l, uint8_t t, uint64_t page, unsigned at, struct lx_finding *f)
{
  for (unsigned byte = 0; byte < 4096; byte += 15 * 256 + 1) {
    const struct lx_op op = { t, LX_LOAD, { page * 4096 + byte } };
    const struct lx_result r = lx_model_do(l, &op), h = lx_host_do(&op);
    if (r.value == VMREF_RESULT_FULL) return 0;
    if (lx_differ(&op, &r, &h))
      return lx_found(f, at, 'A', "at the end task %u reads %" PRIx64 ": the model 0x%02x signal %u, the kernel 0x%02x signal %u",
                      t, op.arg[0], r.byte, r.signal, h.byte, h.signal);
  }
  return 0;
}

/* Read pages of each task: what a copy on write did wrong shows. */
static int sweep(struct vmref_linux *l, int all, unsigned at, struct lx_finding *f)
{
  for (uint8_t t = 0; t < TASKS; t++) {
    if (!l->task[t].alive || l->task[t].child) continue;
    const uint32_t a = l->task[t].mm;
    const struct vmref_vmas *m = &l->mm[a].vmas;
    for (uint32_t i = 0; i < m->n; i++) {
      const struct vmref_vma v = m->at[i];
      for (uint64_t p = v.start; p < v.end; p++) {
        if (!all && (p = vmref_pages_next(&l->s, a, p, v.end)) == v.end) break;
        if (v.end - p > 16 && p > v.start + 16) continue; /* long ones: their ends */
        if (sweep_page(l, t, p, at, f)) return 1;
      }
    }
  }
  return 0;
}

static int freed; /* the sequence has MADV_FREE */
static int advises(const struct lx_op *op, uint64_t advice)
{
  return op->nr == VMREF_SYS_MADVISE && op->arg[2] == advice;
}

void lx_begin(struct vmref_linux *l)
{
  lx_model_reset(l);
  lx_paged_out = freed = 0;
}

int lx_model_step(struct vmref_linux *l, const struct lx_op *op, struct lx_op *real, struct lx_result *result)
{
  /* Pages that MADV_FREE left may go at any time, and MADV_PAGEOUT is such a time where there is no swap too, for those
   * that were not written to since: what is read then is the kernel's choice, so that pair is not compared. */
  if (freed && advises(op, VMREF_MADV_PAGEOUT)) return *result = (struct lx_result){ 0 }, 0;
  const struct lx_result m = *result = lx_model_do(l, op);
  *real = *op;
  const int starts = op->nr == VMREF_SYS_FORK || op->nr == VMREF_SYS_VFORK || op->nr == VMREF_SYS_CLONE;
  if (m.value == VMREF_RESULT_MISUSE || (starts && m.value == VMREF_RESULT_FULL)) return 0; /* nothing is done */
  if (m.value == VMREF_RESULT_FULL || m.value == VMREF_RESULT_UNMODELLED) return -1;
  /* what would run on in the page is read, not fetched: to a page that may be executed it is the same */
  if (op->nr == LX_FETCH && m.signal == 0 && m.byte != 0xC3) real->nr = LX_LOAD;
  lx_paged_out |= advises(op, VMREF_MADV_PAGEOUT);
  freed |= advises(op, VMREF_MADV_FREE);
  return 1;
}

static int step(struct vmref_linux *l, const struct lx_op *op, unsigned i, struct lx_result *result, struct lx_finding *f, struct lx_done *done)
{
  struct lx_op real;
  const int does = lx_model_step(l, op, &real, result);
  if (does != 1) return does;
  const struct lx_result m = *result, h = lx_host_do(&real);
  if (op->nr < LX_LOAD) done->calls++;
  else done->accesses++, done->signals += h.signal != 0;
  if (!lx_differ(&real, &m, &h)) return 0;
  char text[2][100];
  const struct lx_result *r[2] = { &m, &h };
  for (unsigned k = 0; k < 2; k++) {
    FILE *out = fmemopen(text[k], sizeof text[k], "w");
    if (!out) return lx_found(f, i, 'A', "results differ");
    lx_print_result(out, op, r[k]);
    fclose(out);
  }
  return lx_found(f, i, 'A', "the model says %s, the kernel %s", text[0], text[1]);
}

/* The layout of a task after operation i. */
static int layout(const struct vmref_linux *l, const struct lx_op *op, const struct lx_result *r, unsigned i, const struct lx_how *how,
                  struct lx_finding *f)
{
  struct lx_range near[2];
  if (due(how->layout, i)) return lx_same_layout(l, op->task, LX_ALL, i, f);
  const int starts = op->nr == VMREF_SYS_FORK || op->nr == VMREF_SYS_VFORK || op->nr == VMREF_SYS_CLONE;
  if (!how->near) return 0;
  if (starts) return r->value > 0 ? lx_same_layout(l, (unsigned)r->value, LX_ALL, i, f) : 0;
  const unsigned n = lx_touched(l, op, r, near);
  for (unsigned k = 0; k < n; k++)
    if (lx_same_layout(l, op->task, near[k], i, f)) return 1;
  return 0;
}

int lx_compare(struct vmref_linux *l, struct lx_op *op, unsigned n, const struct lx_how *how,
               struct lx_finding *finding, struct lx_done *done)
{
  lx_begin(l);
  lx_host_reset();
  for (unsigned i = 0; i < n; i++) {
    struct lx_result result;
    if (how->make) lx_make_next(l, how->make, i), op[i] = lx_decode(how->make[i]);
    if (lx_escapes(l, &op[i])) continue;
    const int r = step(l, &op[i], i, &result, finding, done);
    if (r != 0) return r;
    if (l->task[op[i].task].alive && layout(l, &op[i], &result, i, how, finding)) return 1;
    if (due(how->pages, i) && lx_same_pages(l, how->directed, i, finding)) return 1;
  }
  for (unsigned t = 0; t < TASKS && (how->layout || how->near); t++)
    if (l->task[t].alive && lx_same_layout(l, t, LX_ALL, n - 1, finding)) return 1;
  if (how->pages && lx_same_pages(l, how->directed, n - 1, finding)) return 1;
  return how->sweep ? sweep(l, how->sweep > 1, n - 1, finding) : 0;
}
