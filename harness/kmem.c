/* SPDX-License-Identifier: MIT */
#include "kmem.h"
#include <stdlib.h>
#include <string.h>

/* n entries of so many bytes, with what memory held before. */
static void *some(size_t n, size_t bytes)
{
  void *p = malloc(n * bytes);
  return p ? memset(p, 0x5A, n * bytes) : NULL;
}

struct vmref_slab *kmem_new(uint8_t order)
{
  const size_t frames = (size_t)1 << order;
  struct vmref_slab *k = order <= VMREF_BUDDY_ORDER ? calloc(1, sizeof *k) : NULL;
  if (!k) return NULL;
  k->buddy.order = order;
  k->buddy.node = some(2 * frames, sizeof *k->buddy.node);
  k->buddy.list = some(2 * frames, sizeof *k->buddy.list);
  k->buddy.place = some(2 * frames, sizeof *k->buddy.place);
  k->buddy.free = some(order + 1u, sizeof *k->buddy.free);
  k->unit = some(frames, sizeof *k->unit);
  k->head = some(64 * frames, sizeof *k->head);
  if (k->buddy.node && k->buddy.list && k->buddy.place && k->buddy.free && k->unit && k->head) return k;
  kmem_free(k);
  return NULL;
}

void kmem_free(struct vmref_slab *k)
{
  if (!k) return;
  free(k->buddy.node); free(k->buddy.list); free(k->buddy.place); free(k->buddy.free);
  free(k->unit); free(k->head);
  free(k);
}

/* ---- scripts ---- */

int kmem_begin(struct kmem *k, const struct vmref_sys *s, uint8_t order, uint32_t items)
{
  *k = (struct kmem){ .slab = kmem_new(order), .item = malloc((items + 1) * sizeof *k->item), .items = items };
  if (!k->slab || !k->item || vmref_vmalloc_init(s, &k->slab->buddy) != VMREF_OK) return 0;
  vmref_slab_init(k->slab);
  for (uint32_t i = 0; i < items; i++) k->item[i] = (struct kmem_item){ .made = MM_KINDS };
  return 1;
}

void kmem_end(struct kmem *k)
{
  kmem_free(k->slab);
  free(k->item);
  *k = (struct kmem){ 0 };
}

/* The bytes that what kmalloc has given takes. */
static uint32_t taken(const struct vmref_slab *k, uint32_t at)
{
  const uint32_t f = at / 4096;
  if (k->unit[f] != 0) return 64u * k->unit[f];
  return 4096u << vmref_buddy_order(&k->buddy, vmref_buddy_of(&k->buddy, f));
}

static struct mm_outcome allocate(const struct kmem *k, const struct vmref_sys *s, const struct mm_op *op, struct kmem_item *x)
{
  struct mm_outcome r = { .status = VMREF_EINVAL };
  const uint32_t n = op->n < UINT32_MAX ? (uint32_t)op->n : UINT32_MAX;
  if (x->made != MM_KINDS) return r;
  const int64_t at = op->kind == MM_KMALLOC ? vmref_kmalloc(k->slab, n) : vmref_vmalloc(s, &k->slab->buddy, n);
  r.status = at < 0 ? (int)at : VMREF_OK;
  if (at < 0) return r;
  *x = (struct kmem_item){ op->kind, (uint32_t)at, op->kind == MM_KMALLOC ? taken(k->slab, (uint32_t)at) : n };
  r.address = op->kind == MM_KMALLOC ? KMEM_BASE + 4096ull * s->text + (uint64_t)at : KMEM_BASE + 4096 * (uint64_t)at;
  r.size = op->kind == MM_KMALLOC ? x->n : 4096ull * n;
  return r;
}

static struct mm_outcome release(const struct kmem *k, const struct vmref_sys *s, const struct mm_op *op, struct kmem_item *x)
{
  struct mm_outcome r = { .status = VMREF_EINVAL };
  if (x->made != (op->kind == MM_KFREE ? MM_KMALLOC : MM_VMALLOC)) return r;
  r.status = op->kind == MM_KFREE ? vmref_kfree(k->slab, x->at) : vmref_vfree(s, &k->slab->buddy, x->at);
  if (r.status < 0) return r;
  r.size = op->kind == MM_KFREE ? x->n : 4096ull * (uint32_t)r.status;
  r.status = VMREF_OK;
  x->made = MM_KINDS;
  return r;
}

struct mm_outcome kmem_do(const struct kmem *k, const struct vmref_sys *s, const struct mm_op *op)
{
  struct mm_outcome r = { .status = k->slab ? VMREF_OK : VMREF_EINVAL };
  if (!k->slab || op->kind == MM_KMEM) return r;
  struct kmem_item *x = &k->item[op->a];
  return op->kind == MM_KMALLOC || op->kind == MM_VMALLOC ? allocate(k, s, op, x) : release(k, s, op, x);
}

const char *kmem_wrong(const struct kmem *k, const struct vmref_sys *s)
{
  if (!k->slab) return NULL;
  const char *wrong = kmem_slab_wrong(k->slab);
  return wrong ? wrong : kmem_vmalloc_wrong(s, &k->slab->buddy);
}
