/* SPDX-License-Identifier: MIT */
/* vmalloc and the users beside it, for the engine. */
#include "engine_kmem.h"
#include <stdlib.h>

#define must engine_km_must
enum { TABLES = 20, FRAMES = 5, SLOTS = 2, SPACES = 3, TEXT = 1 };

/* The kernel's frames by number, so that there are many addresses, few, hardly any, none. */
static uint32_t kernel_frames(const struct km_op *op, uint32_t frames)
{
  const uint32_t some[4] = { 490, TEXT + frames, 508, 512 };
  return some[op->any % 4];
}

void km_boot_users(struct km_engine *e, const struct km_op *op)
{
  static struct vmref_sys *s, *before;
  static const struct mm_op scene[] = { { .kind = MM_SPACE }, { .kind = MM_MAP, .n = 4, .prot = 3 }, { .kind = MM_STORE, .byte = 1 },
    { .kind = MM_FORK, .b = 1 }, { .kind = MM_STORE, .a = 1, .va = 0x1000, .byte = 2 } };
  if (!s) {
    s = mm_new((struct mm_sizes){ TABLES, FRAMES, SLOTS, SPACES, 512, TEXT });
    before = s ? mm_copy(s) : NULL;
    if (!before) abort();
  }
  e->s = s;
  e->before = before;
  if (!(op->any & 64) || s->kernel == 512) { /* else vmalloc begins again while pages are mapped */
    /* too few of them, or the last that there must be: refused, and nothing of the tables changes */
    s->kernel = before->kernel = op->any & 128 ? TEXT + e->map.frames - 1 : kernel_frames(op, e->map.frames);
    must(e, vmref_boot(s) == VMREF_OK, "vmref_boot");
    for (unsigned i = 0; i < sizeof scene / sizeof *scene; i++) must(e, mm_do(s, &scene[i]).status == VMREF_OK, "the scene");
  }
  mm_copy_to(before, s);
  must(e, vmref_kernel_table(s) == SPACES + 3, "the kernel's leaf table");
  const int r = vmref_vmalloc_init(s, &e->k->buddy);
  e->ready = s->kernel >= TEXT + e->map.frames;
  must(e, r == (e->ready ? VMREF_OK : VMREF_EINVAL), "whether the kernel has the frames");
  for (uint32_t i = s->kernel; e->ready && i < 512; i++) before->tab[512 * (SPACES + 3) + i] = 0;
  must(e, mm_same(s, before), "vmref_vmalloc_init has changed something, or left a page mapped");
}

/* ---- pages by a walk ---- */

static struct vmref_walk walk(const struct vmref_sys *s, uint32_t page, uint8_t kind, uint8_t cpl)
{
  const struct vmref_access x = { .va = KMEM_BASE + 4096 * (uint64_t)page + 4095, .kind = kind, .size = 1, .cpl = cpl, .seg = VMREF_SEG_DS };
  return vmref_walk(s->tab, 512 * (uint64_t)s->tables, vmref_user_cpu(s->spaces), x);
}

/* The kernel reads and writes where a page is, nobody fetches, no user reads (SDM 3A 4.6 and 4.7). */
static void judge_page(const struct km_engine *e, uint32_t page)
{
  const struct vmref_sys *s = e->s;
  if (page < s->kernel || page > 511) return;
  const int16_t f = e->map.frame[page];
  const uint64_t pa = 4096 * ((uint64_t)s->tables + s->frames + s->text + (uint64_t)f) + 4095;
  const struct vmref_walk r = walk(s, page, VMREF_READ, 0), w = walk(s, page, VMREF_WRITE, 0), x = walk(s, page, VMREF_FETCH, 0),
    user = walk(s, page, VMREF_READ, 3);
  must(e, user.vector == 14 && user.error == (f < 0 ? 4u : 5u), "a user at a page of the kernel");
  must(e, x.vector == 14 && x.error == (f < 0 ? 16u : 17u), "a fetch from a page of the kernel");
  must(e, f < 0 ? r.vector == 14 && r.error == 0 : r.vector == 0 && r.pa == pa, "where a page of the kernel is");
  must(e, f < 0 ? w.vector == 14 && w.error == 2 : w.vector == 0 && w.pa == pa, "a write to a page of the kernel");
}

/* ---- vmalloc ---- */

static uint32_t free_frames(const struct km_map *m)
{
  uint32_t n = 0;
  for (uint32_t f = 0; f < m->frames; f++) n += m->use[f] == KM_USE_FREE;
  return n;
}

void km_vmalloc(struct km_engine *e, const struct km_op *op)
{
  struct km_map *m = &e->map;
  const struct vmref_sys *s = e->s;
  const uint32_t n = op->size;
  const int want = n == 0 ? VMREF_EINVAL : n <= free_frames(m) && km_map_gap(m, s->kernel, n) ? VMREF_OK : VMREF_EMEM;
  const int64_t i = vmref_vmalloc(s, &e->k->buddy, n);
  km_say(e, KM_VMALLOC, n, i);
  must(e, want == VMREF_OK ? i > 0 : i == want, "the status of a vmalloc");
  if (i < 0) return;
  must(e, i > s->kernel && i + n < 512, "an area that is not above the kernel's frames");
  must(e, m->frame[i - 1] < 0 && m->frame[i + n] < 0, "an area without a guard");
  for (uint32_t j = (uint32_t)i; j < i + n; j++) {
    const uint64_t entry = s->tab[512 * ((size_t)s->spaces + 3) + j], f = (entry >> 12 & 0xFFFFFFFFFF) - ((uint64_t)s->tables + s->frames + s->text);
    must(e, m->frame[j] < 0, "two areas overlap");
    must(e, f < m->frames && m->use[f] == KM_USE_FREE, "a page of an area has a frame that is not free");
    m->frame[j] = (int16_t)f;
    km_map_block(m, (uint32_t)f, 1, KM_USE_AREA);
  }
  for (uint32_t j = (uint32_t)i - 1; j <= i + n; j++) judge_page(e, j);
}

void km_vfree(struct km_engine *e, const struct km_op *op)
{
  struct km_map *m = &e->map;
  /* an area; a page near one; near the end of the linear map; any */
  const int64_t area = km_map_area_at(m, op->what);
  uint32_t i = op->any % 4 == 2 ? e->s->kernel - 2 + op->any / 4u % 4 : op->n;
  if (op->any % 2 == 0 && op->any % 4 != 2 && op->any != 4 && area >= 0) i = (uint32_t)area;
  if (op->any % 2 == 1 && area >= 0) i = (uint32_t)area - 1 + op->any / 2u % 8;
  const uint32_t n = km_map_area(m, e->s->kernel, i);
  const int r = vmref_vfree(e->s, &e->k->buddy, i);
  km_say(e, KM_VFREE, i, r);
  must(e, r == (n == 0 ? VMREF_EINVAL : (int)n), "how many pages an area had");
  for (uint32_t j = i; j < i + n; j++) {
    km_map_block(m, (uint32_t)m->frame[j], 1, KM_USE_FREE);
    m->frame[j] = -1;
    judge_page(e, j);
  }
}

/* ---- users ---- */

void km_user(struct km_engine *e, const struct km_op *op)
{
  static const enum mm_kind KIND[8] = { MM_STORE, MM_LOAD, MM_FORK, MM_EXIT, MM_SPACE, MM_MAP, MM_SWAPOUT, MM_LOAD };
  const uint32_t which = op->what % 8, a = op->what / 8u % SPACES, page = op->n % 512;
  struct mm_op x = { .kind = KIND[which], .a = a, .b = (a + 1) % SPACES, .va = op->what / 32u % 4 * 0x1000, .n = 1, .prot = 3, .byte = op->any };
  if (which == 7) x.va = KMEM_BASE + 4096 * (uint64_t)page;
  const int there = e->s->level[a] == 4, present = page < e->s->kernel || e->map.frame[page] >= 0;
  const struct mm_outcome r = mm_do(e->s, &x);
  km_say(e, KM_USER, op->n, r.status);
  if (which == 7 && there) must(e, r.vector == 14 && r.error == (present ? 5u : 4u), "a user at an address of the kernel");
  mm_copy_to(e->before, e->s);
}
