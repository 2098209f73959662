/* SPDX-License-Identifier: MIT */
#include "engine_kmem.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const WORD[KM_KINDS] = { "nothing", "boot", "alloc", "free", "kmalloc", "kfree", "vmalloc", "vfree", "user" };

void km_say(struct km_engine *e, enum km_kind kind, int64_t n, int64_t came)
{
  e->said[e->step].kind = kind;
  e->said[e->step].n = n;
  e->said[e->step].came = came;
}

/* alloc: of 2^n frames, gives a node; free: a node; kmalloc: bytes, gives an address; kfree: an address;
 * vmalloc: pages, gives a page; vfree: a page. */
void engine_km_must(const struct km_engine *e, int holds, const char *what)
{
  if (holds) return;
  for (unsigned i = 0; i <= e->step && i < e->steps; i++)
    if (e->said[i].kind != KM_NONE)
      fprintf(stderr, "%s %" PRId64 " -> %" PRId64 "%s%s\n", WORD[e->said[i].kind], e->said[i].n, e->said[i].came,
              i == e->step ? "   # " : "", i == e->step ? what : "");
  finding_input(what, KM_FORM, e->data, e->size);
}
#define must engine_km_must

static void boot(struct km_engine *e, const struct km_op *op, uint8_t order)
{
  static struct vmref_slab *all[KM_ORDER + 1];
  if (!all[order]) all[order] = kmem_new(order);
  if (!all[order]) abort();
  e->k = all[order];
  e->ready = 0;
  km_map_begin(&e->map, order);
  km_say(e, KM_BOOT, order, op->any);
  if (e->of->vmalloc) km_boot_users(e, op);
  if (e->of->slab) vmref_slab_init(e->k);
  else vmref_buddy_init(&e->k->buddy);
}

/* ---- buddy ---- */

static void alloc(struct km_engine *e, const struct km_op *op)
{
  const struct vmref_buddy *b = &e->k->buddy;
  const uint8_t k = op->what % (b->order + 1);
  const uint32_t want = km_map_fits(&e->map, 1u << k), n = vmref_buddy_alloc(b, k), from = e->map.frames >> k;
  km_say(e, KM_ALLOC, k, n);
  must(e, (n != 0) == (want != 0), want ? "no block, and there is one" : "a block, and there is none");
  if (n == 0) return;
  must(e, n >= from && n < 2 * from, "a block of another size");
  must(e, km_map_free(&e->map, (n - from) << k) == want, "a block that is not free, or of a larger one than need be split");
  km_map_block(&e->map, (n - from) << k, 1u << k, KM_USE_BLOCK);
}

static void release(struct km_engine *e, const struct km_op *op)
{
  struct km_map *m = &e->map;
  const int64_t f = op->any ? -1 : km_map_block_at(m, op->what);
  uint32_t n = op->n % (2 * m->frames + 2), first = 0, size = 0;
  if (f >= 0) n = (m->frames + (uint32_t)f) / m->size[f];
  for (uint32_t i = 0; i < m->frames; i++) /* by a number: which block it is, and whose */
    if (m->use[i] != KM_USE_FREE && (m->frames + i) / m->size[i] == n && i % m->size[i] == 0) first = i, size = m->size[i];
  if (size != 0 && m->use[first] != KM_USE_BLOCK) return; /* not of who calls */
  const int r = vmref_buddy_free(&e->k->buddy, n);
  km_say(e, KM_FREE, n, r);
  must(e, r == (size ? VMREF_OK : VMREF_EINVAL), "the status of a free");
  if (size) km_map_block(m, first, size, KM_USE_FREE);
}

/* ---- slab ---- */

/* An object at `at`, of u granules; room: a page of that size had some. */
static void judge_object(struct km_engine *e, int64_t at, unsigned u, int room)
{
  struct km_map *m = &e->map;
  must(e, at < 4096 * (int64_t)m->frames && at % (64 * u) == 0, "an object that is not aligned to its size");
  const uint32_t f = (uint32_t)at / 4096, j = (uint32_t)at / 64 % 64;
  must(e, m->use[f] == (room ? KM_USE_SLAB : KM_USE_FREE), room ? "a new page, and one of its size has room" : "an object in a page of another's");
  if (!room) {
    must(e, km_map_free(m, f) == km_map_fits(m, 1), "a page of a larger block than need be split");
    km_map_block(m, f, 1, KM_USE_SLAB);
    m->unit[f] = (uint8_t)u;
  }
  must(e, m->unit[f] == u, "an object in a page of another size");
  for (unsigned x = j; x < j + u; x++) {
    must(e, m->head[f][x] == 0, "two objects overlap");
    m->head[f][x] = (int8_t)(j + 1);
  }
}

static void kmalloc(struct km_engine *e, const struct km_op *op)
{
  struct km_map *m = &e->map;
  const uint32_t bytes = op->size;
  unsigned u = 1;
  uint32_t frames = 1;
  int want = VMREF_OK, room = 0;
  const int little = bytes <= 2048;
  while (little && 64 * u < bytes) u *= 2;
  while (!little && frames < m->frames && 4096 * frames < bytes) frames *= 2;
  if (bytes == 0 || bytes > 4096 * m->frames) want = VMREF_EINVAL;
  else if (little) want = (room = km_map_room(m, u)) || km_map_fits(m, 1) ? VMREF_OK : VMREF_EMEM;
  else want = km_map_fits(m, frames) ? VMREF_OK : VMREF_EMEM;
  const int64_t at = vmref_kmalloc(e->k, bytes);
  km_say(e, KM_KMALLOC, bytes, at);
  must(e, want == VMREF_OK ? at >= 0 : at == want, "the status of a kmalloc");
  if (at < 0) return;
  if (little) {
    judge_object(e, at, u, room);
    return;
  }
  const uint32_t f = (uint32_t)(at / 4096);
  must(e, at % (4096 * (int64_t)frames) == 0 && f < m->frames, "a block that is not aligned to its size");
  must(e, km_map_free(m, f) == km_map_fits(m, frames), "a block that is not free, or of a larger one than need be split");
  km_map_block(m, f, frames, KM_USE_BLOCK);
}

static void kfree(struct km_engine *e, const struct km_op *op)
{
  struct km_map *m = &e->map;
  const int64_t o = km_map_object_at(m, op->what), b = km_map_block_at(m, op->what);
  const int object = o >= 0 && (b < 0 || op->n % 3 != 0);
  uint32_t at = object ? 64 * (uint32_t)o : b >= 0 ? 4096 * (uint32_t)b : 0;
  if (op->any || (o < 0 && b < 0)) at = op->any % 4 == 1 ? 64 * op->n + op->any / 4u : op->any % 4 == 2 ? 4096 * op->n : 64 * op->n;
  const uint32_t f = at / 4096, j = at / 64 % 64;
  const int inside = at % 64 == 0 && f < m->frames;
  if (inside && m->use[f] == KM_USE_AREA) return; /* not of who calls */
  const int of_page = inside && m->use[f] == KM_USE_SLAB && m->head[f][j] == (int)j + 1;
  const int of_block = inside && m->use[f] == KM_USE_BLOCK && at % 4096 == 0 && m->first[f] == f;
  const int r = vmref_kfree(e->k, at);
  km_say(e, KM_KFREE, at, r);
  must(e, r == (of_page || of_block ? VMREF_OK : VMREF_EINVAL), "the status of a kfree");
  if (of_block) km_map_block(m, f, m->size[f], KM_USE_FREE);
  if (!of_page) return;
  unsigned left = 0;
  for (unsigned x = j; x < j + m->unit[f]; x++) m->head[f][x] = 0;
  for (unsigned x = 0; x < 64; x++) left += m->head[f][x] != 0;
  if (left > 0) return;
  km_map_block(m, f, 1, KM_USE_FREE); /* with the last object goes the page */
  m->unit[f] = 0;
}

/* ---- the run ---- */

static void step(struct km_engine *e, const struct km_op *op)
{
  const int slab = e->of->slab, pages = e->of->vmalloc && e->ready;
  switch (op->kind) {
  case KM_BOOT: boot(e, op, op->what % (KM_ORDER + 1)); break;
  case KM_ALLOC: alloc(e, op); break;
  case KM_FREE: release(e, op); break;
  case KM_KMALLOC: if (slab) kmalloc(e, op); break;
  case KM_KFREE: if (slab) kfree(e, op); break;
  case KM_VMALLOC: if (pages) km_vmalloc(e, op); break;
  case KM_VFREE: if (pages) km_vfree(e, op); break;
  case KM_USER: if (pages) km_user(e, op); break;
  default: return;
  }
  km_map_compare(e);
  km_check(e);
}

int engine_km_run(const struct km_profile *of, const uint8_t *data, size_t size)
{
  static struct km_engine e;
  e.of = of;
  e.data = data;
  e.size = size < KM_BYTES ? size : KM_BYTES;
  e.steps = (unsigned)((e.size + KM_OP - 1) / KM_OP);
  e.step = 0;
  const struct km_op first = { .kind = KM_BOOT };
  boot(&e, &first, of->order);
  memset(e.said, 0, sizeof e.said);
  km_map_compare(&e);
  for (; e.step < e.steps; e.step++) {
    const struct km_op op = sequence_km_op(data, e.size, e.step);
    step(&e, &op);
  }
  return 0;
}
