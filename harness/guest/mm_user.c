/* SPDX-License-Identifier: MIT */
/* The machine in the model's walk's place: an access of a process is made at CPL 3 under the model's tables. */
#include <string.h>
#include "mm_guest.h"

#define USER_END 0x800000000000ull
#define A 0x20u
#define D 0x40u

uint32_t fault_planted, fault_at, fault_seen;
static uint64_t turn; /* of the instruction that is planted for a fetch */

int planted(uint32_t which) { return fault_planted == which && ++fault_seen == fault_at; }

/* ---- what a fetch runs ---- */

/* One byte that ends at once by an exception which tells that it was run, where it was found. */
static const struct { uint8_t byte, vector, behind; } MARK[] = { { 0xF4, 13, 0 }, { 0xCC, 3, 1 }, { 0x06, 6, 0 } }; /* HLT, INT3, PUSH ES */
#define MARKS (sizeof MARK / sizeof *MARK)

/* The byte in memory that an access should come to, if any. */
static uint8_t *target(const struct drive *d, const struct mm_op *op)
{
  const struct vmref_sys *s = d->s;
  if (op->va >= USER_END) return NULL;
  const struct vmref_translation *t = drive_cached(d, op);
  const uint32_t o = t ? (uint32_t)(t->frame / 4096 - s->tables) : vmref_leaf_object(s, vmref_page_leaf(s, op->a, op->va / 4096));
  return o < s->frames ? s->data + 4096 * (size_t)o + op->va % 4096 : NULL;
}

/* ---- the state, as the machine may have changed it ---- */

static void look_word(struct drive *d, uint64_t page, uint64_t word)
{
  if (page < (uint64_t)d->s->tables + d->s->frames) digest_word(&d->digest, d->s, page, word);
}

/* The entries on the way to an address, and the word that it leads to. */
static void look_way(struct drive *d, uint32_t a, uint64_t va)
{
  const struct vmref_sys *s = d->s;
  uint64_t t = a;
  for (int l = 4; l >= 1; l--) {
    const uint64_t i = va >> (12 + 9 * (l - 1)) & 511, e = s->tab[512 * t + i];
    look_word(d, t, i);
    t = e >> 12 & 0xFFFFFFFFFF;
    if (!(e & 1) || t >= (uint64_t)s->tables + s->frames || (l > 1 && t >= s->tables)) return;
  }
  look_word(d, t, va % 4096 / 8);
}

/* The accessed flags on the way to an address, a bit a level. */
static uint8_t flags_on_way(const struct vmref_sys *s, uint32_t a, uint64_t va)
{
  uint8_t flags = 0;
  uint64_t t = a;
  for (int l = 4; l >= 1; l--) {
    const uint64_t e = s->tab[512 * t + (va >> (12 + 9 * (l - 1)) & 511)];
    if (e & 1 && e & A) flags |= (uint8_t)(1u << l);
    t = e >> 12 & 0xFFFFFFFFFF;
    if (!(e & 1) || t >= s->tables) break;
  }
  return flags;
}

uint64_t drive_digest(struct drive *d)
{
  const size_t pages = (size_t)d->s->tables + d->s->frames + d->s->slots;
  for (size_t i = 0; i < pages; i++)
    if (machine_wrote(i)) digest_page(&d->digest, d->s, i);
  return digest_sum(&d->digest, d->s);
}

/* ---- an access ---- */

static uint32_t processor(const struct drive *d, const struct mm_op *op) { return d->m ? op->cpu : 0; }

/* As the exception that ended it says. */
static struct attempt outcome(const struct cpu_page *p, const struct mm_op *op, const uint8_t *mark)
{
  const uint64_t stub = drive_fetch(op).va;
  struct attempt t = { .error = p->error, .vector = (uint8_t)p->vector, .cr2 = p->vector == 14 ? p->cr2 : 0 };
  t.stub = p->vector == 14 && p->cr2 == stub && p->rip == stub && p->error & 16;
  if (mark) {
    const size_t k = turn % MARKS;
    if (p->vector != MARK[k].vector || p->error || p->rip != op->va + MARK[k].behind) return t;
    return (struct attempt){ .byte = *mark };
  }
  if (p->vector != 3 || op->kind == MM_FETCH) return t;
  return (struct attempt){ .byte = (uint8_t)p->value, .odd = p->rip - stub >= STUB_STEP };
}

/* What the model keeps of one that was made. */
static void cached(struct drive *d, const struct mm_op *op, struct attempt *t)
{
  t->hit = drive_cached(d, op) != NULL;
  if (!d->m || t->hit) return;
  const struct vmref_walk w = vmref_user_walk(d->s, op->a, op->va, mm_access_kind(op->kind));
  if (w.rule == VMREF_RULE_OK) vmref_smp_cache(&d->m->tlb[op->cpu - 1], d->s, op->a, d->m->pending, w);
  else t->odd = 2;
}

static uint64_t *leaf(const struct vmref_sys *s, const struct mm_op *op)
{
  const uint64_t p = op->va / 4096;
  const uint32_t t = op->va < USER_END ? vmref_table_find(s, op->a, (uint32_t)(p >> 27), (uint32_t)(p >> 18 & 511), (uint32_t)(p >> 9 & 511)) : s->tables;
  return t < s->tables ? &s->tab[512 * (uint64_t)t + p % 512] : NULL;
}

struct attempt drive_attempt(struct drive *d, const struct mm_op *op)
{
  const struct mm_op stub = drive_fetch(op);
  struct cpu_page *p = CPU(processor(d, op));
  uint8_t *to = target(d, op), *at = op->kind == MM_FETCH ? to : NULL, was = at ? *at : 0;
  uint64_t *e = leaf(d->s, op), before = e ? *e : 0;
  const uint8_t stub_way = flags_on_way(d->s, op->a, stub.va), way = flags_on_way(d->s, op->a, op->va);
  if (at) *at = MARK[++turn % MARKS].byte;
  p->code = stub.va;
  p->va = op->va;
  p->data = op->byte;
  cpu_access(processor(d, op), 4096ull * op->a);
  if (at) *at = was;
  struct attempt t = outcome(p, op, at ? &was : NULL);
  if (t.vector == 0 && e && (*e & ~before & A) && planted(PLANT_A)) *e &= ~(uint64_t)A;
  if (t.vector == 0 && e && (*e & ~before & D) && planted(PLANT_D)) *e &= ~(uint64_t)D;
  if (t.vector == 14 && !t.stub && t.cr2 % 4096 && planted(PLANT_CR2)) t.cr2 &= ~4095ull;
  if (t.stub) t.may = flags_on_way(d->s, op->a, stub.va) & (uint8_t)~stub_way;
  else if (t.vector) t.may = flags_on_way(d->s, op->a, op->va) & (uint8_t)~way;
  look_way(d, op->a, stub.va);
  look_way(d, op->a, op->va);
  if (to) look_word(d, d->s->tables + (uint64_t)(to - d->s->data) / 4096, op->va % 4096 / 8); /* it may be cached, and no longer on the way */
  if (t.stub) return t;
  struct attempt u = { 0 };
  cached(d, &stub, &u);
  if (t.vector == 0) cached(d, op, &t);
  return t;
}

struct mm_outcome drive_access(struct drive *d, const struct mm_op *op, struct mm_step *r) { return drive_tries(d, op, r); }

void drive_loads(struct drive *d, uint32_t a, const uint64_t *va, struct attempt *t, uint32_t n)
{
  const struct mm_op op = { .kind = MM_LOAD, .a = a, .cpu = 1 };
  struct cpu_page *p = CPU(processor(d, &op));
  const uint64_t stub = drive_fetch(&op).va;
  for (uint32_t i = 0; i < n; i++) ENTRIES[i] = (struct list_entry){ .va = va[i] };
  p->code = stub;
  p->va = va[0];
  p->data = 0;
  p->entry = (uint64_t)ENTRIES;
  p->left = n;
  cpu_access(processor(d, &op), 4096ull * a);
  p->entry = 0;
  look_way(d, a, stub);
  for (uint32_t i = 0; i < n; i++) {
    const struct list_entry *e = &ENTRIES[i];
    t[i] = (struct attempt){ .vector = (uint8_t)e->vector, .error = e->error, .cr2 = e->vector == 14 ? e->cr2 : 0 };
    t[i].stub = e->vector == 14 && e->cr2 == stub && e->error & 16;
    if (e->vector == 3) t[i] = (struct attempt){ .byte = (uint8_t)e->value };
    look_way(d, a, va[i]);
  }
}

void user_bind(struct drive *d)
{
  static uint64_t word[512 * (MM_FRAMES + MM_SLOTS)], page[MM_FRAMES + MM_SLOTS];
  d->digest = (struct digest){ word, page };
}
