/* SPDX-License-Identifier: MIT */
/* The model in the machine's place: what is proved says what must come. */
#include <stdlib.h>
#include "mm_host.h"

/* DEV-KVM-HOLE-NP and -RSVD: such a machine says of any page there either that it is not present or that a reserved bit
 * is set. Which of the two cannot be foretold. */
#define P 1u
#define RSVD 8u
static uint32_t told(struct drive *d, uint64_t va, uint32_t vector, uint32_t error)
{
  if (!d->hole || vector != 14 || (va >> 39 & 511) != 256 || (error & P) == 0) return error;
  d->holes++;
  return d->seen && d->seen->error == (error | RSVD) ? error | RSVD : error & ~P;
}

/* Without a policy by the model's own access, from its first walk to its last; the stub's fetch is one as
 * well. A policy may evict the stub in between, so there the order is the machine's. */
struct mm_outcome drive_access(struct drive *d, const struct mm_op *op, struct mm_step *r)
{
  if (d->p || d->as_machine) return drive_tries(d, op, r);
  const struct mm_op stub = drive_fetch(op);
  struct mm_outcome x = mm_do_on(d->s, d->m, &stub);
  if (x.faulted) r->fetch_vector = x.vector, r->fetch_error = x.error; /* it is in the lower half */
  if (x.status != VMREF_OK) {
    r->flags |= STEP_STUB;
    r->cr2 = stub.va;
    return x;
  }
  x = mm_do_on(d->s, d->m, op);
  x.error = told(d, op->va, x.vector, x.error);
  if (x.vector == 14) r->cr2 = op->va;
  return x;
}

static struct attempt faulted(struct drive *d, uint64_t va, const struct vmref_walk *w, uint8_t stub)
{
  return (struct attempt){ .cr2 = w->cr2, .error = told(d, va, w->vector, w->error), .vector = w->vector, .stub = stub };
}

/* One half of an access: 1 when it is made. */
static int half(struct drive *d, const struct mm_op *op, uint8_t stub, struct attempt *t)
{
  t->hit = drive_cached(d, op) != NULL;
  if (!t->hit) {
    const struct vmref_walk w = vmref_user_walk(d->s, op->a, op->va, mm_access_kind(op->kind));
    if (w.rule != VMREF_RULE_OK) {
      *t = faulted(d, op->va, &w, stub);
      return 0;
    }
  }
  const uint32_t told = d->m ? d->m->told : 0;
  t->byte = mm_do_on(d->s, d->m, op).byte;
  if (d->m) d->m->told = told;
  return 1;
}

struct attempt drive_attempt(struct drive *d, const struct mm_op *op)
{
  const struct mm_op stub = drive_fetch(op);
  struct attempt t = { 0 };
  if (half(d, &stub, 1, &t)) half(d, op, 0, &t);
  return t;
}

uint64_t drive_digest(struct drive *d) { return digest_whole(d->s); }

void drive_loads(struct drive *d, uint32_t a, const uint64_t *va, struct attempt *t, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++) {
    const struct mm_op op = { .kind = MM_LOAD, .a = a, .va = va[i], .cpu = d->m ? 1 : 0 };
    t[i] = drive_attempt(d, &op);
  }
}

int host_new(struct host *h, struct mm_sizes z)
{
  *h = (struct host){ .drive = { .s = mm_new(z) } };
  if (!h->drive.s) return 0;
  h->notes = mm_notes(h->drive.s);
  if (h->notes) return 1;
  host_free(h);
  return 0;
}

void host_free(struct host *h)
{
  mm_free((struct vmref_sys *)(uintptr_t)h->drive.s);
  free(h->notes);
}

int host_begin(struct host *h, uint8_t smp, uint8_t policy)
{
  h->policy = (struct vmref_policy){ h->notes, (uint8_t)(policy ? policy - 1 : 0) };
  h->drive.m = smp == 1 ? &h->smp : NULL;
  h->drive.later = smp == 2 ? &h->smp : NULL;
  h->drive.p = policy ? &h->policy : NULL;
  return drive_begin(&h->drive);
}
