/* SPDX-License-Identifier: MIT */
/* What the guest said, beside what the proved model says on the host. */
#include <inttypes.h>
#include <string.h>
#include "mm_peer.h"

static const char *differs(const struct mm_step *g, const struct mm_step *h)
{
  if (g->flags & STEP_ODD) return "the access faults again after the handler has mended it, or ends otherwise than an access can";
  if (g->status != h->status) return "status";
  if (g->flags != h->flags) return "how far the access came";
  if (g->vector != h->vector || g->faulted != h->faulted) return "the vector of a fault";
  if (g->error != h->error) return "the error code";
  if (g->cr2 != h->cr2) return "CR2";
  if (g->fetch_vector != h->fetch_vector || g->fetch_error != h->fetch_error) return "the fault of the stub's fetch";
  if (g->status == VMREF_OK && g->byte != h->byte) return "the value";
  if (g->hit != h->hit) return "whether the model has it cached";
  if (g->told != h->told) return "how many processors are told";
  if (g->evictions != h->evictions || g->more != h->more) return "what the operation gives";
  if (g->may != h->may) return "accessed flags that a faulting walk may not set";
  if (g->digest != h->digest) return "the state behind it";
  return NULL;
}

/* A processor may drop what it has cached at any time (SDM 3A 4.10.2.2): what is so a hit on the host may be a
 * walk on the machine. It shows where an unmapping has not been told. Done anew without that record. */
static int permitted(struct host *h, const struct script_line *l, const struct mm_step *g, const struct vmref_sys *was,
                     const struct vmref_smp *smp)
{
  struct mm_step other;
  if (!h->drive.m || !smp->pending || !mm_is_access(l->op.kind)) return 0;
  mm_copy_to((struct vmref_sys *)(uintptr_t)h->drive.s, was);
  h->smp = *smp;
  for (unsigned c = 0; c < VMREF_CPUS; c++) vmref_tlb_reset(&h->smp.tlb[c]);
  drive_step(&h->drive, l, &other);
  return differs(g, &other) == NULL;
}

/* DEV-TCG-RMW-W: the fault of a read-modify-write is told as that of a read. The handler then is told so too:
 * what it does may be another thing than for a write, and the access may fault again as one. */
static int rmw_reads(const struct script_line *l, const struct mm_step *g, const struct mm_step *h)
{
  return l->op.kind == MM_RMW && h->vector == 14 && h->error & 2 && g->vector == 14 && g->error == (h->error & ~2u);
}

static int at_end(struct mm_difference *d, uint32_t op, const char *what)
{
  d->op = op;
  d->what = what;
  d->at_end = 1;
  return 0;
}

static const struct mm_batch *telling;
static uint32_t told_at;
static struct mm_told first_other;
static void compare_told(uint32_t a, uint64_t va, const struct attempt *t)
{
  const struct mm_told *x = &telling->tell[told_at++ % MM_TOLDS];
  const int same = x->a == a && x->va == va && x->attempt.vector == t->vector && (t->vector ? x->attempt.error == t->error
                   && x->attempt.cr2 == t->cr2 : x->attempt.byte == t->byte);
  if (!same && first_other.va == 0 && first_other.attempt.vector == 0) first_other = *x;
}

static struct vmref_sys *scratch;

int mm_judge(struct mm_peer *p, const struct mm_batch *b, uint32_t i, struct mm_tally *t, struct mm_difference *d)
{
  const struct mm_sequence *q = &b->sequence[i];
  struct host *h = &p->host;
  struct vmref_smp smp;
  memset(d, 0, sizeof *d);
  t->sequences++;
  t->ipis += q->ipis;
  t->drops += q->drops;
  if (!scratch) scratch = mm_copy(h->drive.s);
  if (!host_begin(h, q->smp, q->policy)) return at_end(d, 0, "the host's boot");
  for (uint32_t k = 0; k < q->ops; k++) {
    const struct script_line *l = &b->op[q->first + k];
    const struct mm_step *g = &b->step[q->first + k];
    const int lazy = q->smp && h->smp.pending;
    if (lazy) mm_copy_to(scratch, h->drive.s), smp = h->smp;
    h->drive.seen = g;
    drive_step(&h->drive, l, &d->host);
    t->operations++;
    if (d->host.flags & STEP_MADE) t->accesses++, t->faults += (unsigned)(g->vector != 0) + (g->fetch_vector != 0);
    else t->unmade += (uint64_t)mm_is_access(l->op.kind);
    d->what = differs(g, &d->host);
    if (!d->what && p->each) p->each(p->of, k);
    if (!d->what) continue;
    if (p->rmw_reads && rmw_reads(l, g, &d->host)) {
      struct mm_step as_read = d->host;
      as_read.error = g->error;
      t->explained++;
      if (!differs(g, &as_read)) continue;
      return 1; /* the rest follows from another state */
    }
    d->op = k;
    d->guest = *g;
    const struct mm_step host = d->host;
    if (lazy && permitted(h, l, g, scratch, &smp)) { /* the rest follows from another state */
      t->permitted++;
      return 1;
    }
    d->host = host;
    return 0;
  }
  if (vmref_check(h->drive.s) != VMREF_CHECK_OK) return at_end(d, q->ops, "vmref_check on the host");
  if (q->digest != digest_whole(h->drive.s)) return at_end(d, q->ops, "the state at the end");
  if (q->missed) return at_end(d, q->ops, "the guest's sums: a page changed that no flag told of");
  telling = b;
  told_at = 0;
  memset(&first_other, 0, sizeof first_other);
  const uint64_t sweep = drive_sweep(&h->drive, q->tell ? compare_told : NULL);
  t->swept += q->swept;
  d->told = first_other;
  return q->sweep == sweep ? 1 : at_end(d, q->ops, "what the machine reads of all pages");
}

void mm_print_step(FILE *f, const char *who, const struct mm_step *s)
{
  const char *status = script_status(s->status);
  fprintf(f, "  %-6s %s", who, s->status == VMREF_OK ? "ok" : status ? status : "another status");
  if (s->vector) fprintf(f, ", vector %u error 0x%x CR2 0x%" PRIx64, s->vector, s->error, s->cr2);
  if (s->fetch_vector) fprintf(f, ", stub's fetch: vector %u error 0x%x", s->fetch_vector, s->fetch_error);
  fprintf(f, ", value %u, hit %u, told %u, flags 0x%x, more 0x%" PRIx64 ", state 0x%016" PRIx64 "\n", s->byte, s->hit, s->told, s->flags,
          s->more, s->digest);
}
