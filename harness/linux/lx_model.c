/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include "linux.h"
#include "mm.h"

const struct lx_op LX_BEGIN[LX_PRELUDE] = {
  { 0, VMREF_SYS_MEMFD, { 0 } }, { 0, VMREF_SYS_OPEN, { 0 } }, { 0, VMREF_SYS_MEMFD, { 0 } },
  { 0, VMREF_SYS_FTRUNCATE, { 0, 6 * 4096 } },
};

struct vmref_linux *lx_model_sized(uint32_t kernel, const struct lx_sizes *z)
{
  struct vmref_linux *l = calloc(1, sizeof *l);
  struct vmref_sys *s = mm_new((struct mm_sizes){ z->tables, z->frames, 64, z->tasks + z->objects, 1, 0 });
  if (!l || !s || z->tasks > VMREF_TASKS || z->objects > VMREF_OBJECTS || z->files > VMREF_FILES || z->areas > VMREF_AREAS) return NULL;
  l->s = *s;
  free(s); /* its arrays stay */
  l->mms = l->tasks = z->tasks, l->objects = z->objects, l->files = z->files;
  l->low = WINDOW / 4096, l->high = WINDOW / 4096 + WINDOW_PAGES, l->min = 16;
  l->lock_limit = UINT64_MAX, l->stack_limit = 2048, l->commit = 0x100000, l->limit = UINT64_MAX, l->kernel = kernel;
  for (unsigned a = 0; a < z->tasks; a++) l->mm[a].vmas.room = z->areas;
  return vmref_linux_boot(l) == VMREF_OK ? l : NULL;
}

struct vmref_linux *lx_model_new(uint32_t kernel)
{
  return lx_model_sized(kernel, &(struct lx_sizes){ .tasks = TASKS, .objects = 24, .files = 32, .areas = 256, .tables = 192, .frames = 2048 });
}

void lx_model_end(struct vmref_linux *l)
{
  for (uint32_t t = 0; t < l->tasks; t++) l->task[t].child = 0;
  for (uint32_t t = 0; t < l->tasks; t++)
    if (l->task[t].alive) vmref_sys_exit(l, t);
  for (uint32_t o = 0; o < l->objects; o++) {
    if (l->object[o].kind != VMREF_OBJECT_FREE) vmref_space_exit(&l->s, l->mms + o);
    l->object[o].kind = VMREF_OBJECT_FREE;
  }
}

void lx_model_reset(struct vmref_linux *l)
{
  lx_model_end(l);
  if (vmref_linux_boot(l) != VMREF_OK) abort();
  for (unsigned i = 0; i < LX_PRELUDE; i++) lx_model_do(l, &LX_BEGIN[i]);
}

struct lx_result lx_model_do(struct vmref_linux *l, const struct lx_op *op)
{
  if (op->nr >= LX_LOAD) {
    static const uint8_t kind[] = { VMREF_READ, VMREF_WRITE, VMREF_FETCH };
    const struct vmref_touched t = vmref_task_access(l, op->task, op->arg[0], kind[op->nr - LX_LOAD], (uint8_t)op->arg[1]);
    return (struct lx_result){ t.result, t.signal, t.code, op->nr != LX_STORE && t.signal == 0 ? t.byte : 0 };
  }
  struct vmref_call c = { op->nr, { 0 } };
  memcpy(c.arg, op->arg, sizeof c.arg);
  return (struct lx_result){ vmref_syscall(l, op->task, &c), 0, 0, 0 };
}

unsigned lx_model_layout(const struct vmref_linux *l, unsigned task, struct lx_range near, struct lx_area out[LX_AREAS])
{
  const struct vmref_vmas *m = &l->mm[l->task[task].mm].vmas;
  unsigned n = 0;
  for (uint32_t i = near.from ? vmref_vma_find(m, near.from - 1) : 0; i < m->n && n < LX_AREAS; i++) {
    const struct vmref_vma *v = &m->at[i];
    if (v->start > near.to) break;
    out[n++] = (struct lx_area){ v->start, v->end, v->file ? v->offset : 0,
      v->file ? 1 + l->file[v->file - 1].object : 0, (uint8_t)(v->flags % 8), (v->flags & VMREF_VM_MAYSHARE) != 0 };
  }
  return n;
}

void lx_model_pages(const struct vmref_linux *l, unsigned task, struct lx_page out[WINDOW_PAGES])
{
  const uint32_t a = l->task[task].mm;
  memset(out, 0, WINDOW_PAGES * sizeof *out);
  for (uint64_t p = vmref_pages_next(&l->s, a, l->low, l->high); p < l->high; p = vmref_pages_next(&l->s, a, p + 1, l->high)) {
    const uint32_t o = vmref_leaf_object(&l->s, vmref_page_leaf(&l->s, a, p));
    if (o >= l->s.frames + l->s.slots) continue;
    out[p - l->low] = (struct lx_page){ o, o < l->s.frames ? LX_PRESENT : LX_SWAPPED };
  }
}
