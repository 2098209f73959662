/* SPDX-License-Identifier: MIT */
/* Tier C: which pages are present, and which share a frame. */
#include <inttypes.h>
#include <string.h>
#include "lx_host.h"

static struct lx_page mine[TASKS][WINDOW_PAGES], theirs[TASKS][WINDOW_PAGES];

int lx_paged_out;

/* The area of a file that page p is in; NULL: it is of none. MADV_PAGEOUT takes such a page from page tables even when it
 * then stays in memory. */
static const struct vmref_vma *of_file(const struct vmref_linux *l, unsigned task, uint64_t p)
{
  const struct vmref_vmas *m = &l->mm[l->task[task].mm].vmas;
  const uint32_t i = vmref_vma_find(m, p);
  return i < m->n && m->at[i].start <= p && m->at[i].file != 0 ? &m->at[i] : NULL;
}

/* May the kernel have mapped page p although nobody touched it? A read fault maps what the file has around it. */
static int around(const struct vmref_linux *l, unsigned task, uint64_t p)
{
  const struct vmref_vma *v = of_file(l, task, p);
  const uint64_t index = v ? vmref_page_index(*v, p) : VMREF_USER_PAGES;
  return index < VMREF_USER_PAGES && vmref_page_leaf(&l->s, l->mms + l->file[v->file - 1].object, index) != 0;
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
        return lx_found(f, at, 'C', "task %u, %" PRIx64 ": the model shares this page with another, the kernel does not", t, index * 4096);
      unsigned slot = (unsigned)(h->frame * 0x9E3779B1u >> 7) % 4096;
      while (back[slot].host != 0 && back[slot].host != h->frame) slot = (slot + 1) % 4096;
      if (back[slot].host == 0) back[slot].host = h->frame, back[slot].model = (uint32_t)m->frame + 1;
      if (back[slot].model != m->frame + 1)
        return lx_found(f, at, 'C', "task %u, %" PRIx64 ": the kernel shares this page with another, the model does not", t, index * 4096);
    }
  return 0;
}

/* With swap, which page goes out when is the kernel's choice, also of shared memory, of which pagemap then tells
 * nothing, and which frame it comes back to; but what MADV_PAGEOUT has put out at once is out. */
static const char *differs(const struct vmref_linux *l, unsigned t, unsigned p, int directed)
{
  const uint8_t m = mine[t][p].state, h = theirs[t][p].state;
  if (l->swap) return directed && (m & LX_SWAPPED) && !(h & LX_SWAPPED) ? "in swap in the model, not in the kernel" : NULL;
  if ((m & LX_PRESENT) && !(h & LX_PRESENT) && !(lx_paged_out && of_file(l, t, WINDOW / 4096 + p))) return "present in the model, not in the kernel";
  return !(m & LX_PRESENT) && (h & LX_PRESENT) && !around(l, t, WINDOW / 4096 + p) ? "present in the kernel, not in the model" : NULL;
}

int lx_same_pages(const struct vmref_linux *l, int directed, unsigned at, struct lx_finding *f)
{
  for (unsigned t = 0; t < TASKS; t++) {
    if (!l->task[t].alive) continue;
    lx_model_pages(l, t, mine[t]);
    if (!lx_host_pages(t, theirs[t])) return 0;
    for (unsigned p = 0; p < WINDOW_PAGES; p++) {
      const char *const what = differs(l, t, p, directed);
      if (what) return lx_found(f, at, 'C', "task %u, %" PRIx64 ": %s", t, WINDOW + 4096 * (uint64_t)p, what);
    }
  }
  return lx_host_frames && !l->swap ? compare_frames(l, TASKS, at, f) : 0;
}
