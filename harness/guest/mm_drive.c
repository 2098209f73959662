/* SPDX-License-Identifier: MIT */
/* What host and guest do alike. */
#include <string.h>
#include "mm_drive.h"

#define USER_END 0x800000000000ull
#define A 0x20u
#define D 0x40u
#define TRIES 8 /* under a policy a handler may evict the stub */

/* By kind: movzbl (%rdi), %eax; mov %al, (%rdi); xchg %al, (%rdi), which is locked; jmp *%rdi. */
static const uint8_t CODE[4][STUB_STEP] = {
  [VMREF_READ] = { 0x0F, 0xB6, 0x07, 0xCC }, [VMREF_WRITE] = { 0x88, 0x07, 0xCC },
  [VMREF_RMW] = { 0x86, 0x07, 0xCC }, [VMREF_FETCH] = { 0xFF, 0xE7, 0xCC } };

struct mm_sizes drive_sizes(struct mm_sizes z, uint32_t kernel)
{
  z.kernel = kernel;
  z.text = 1;
  z.frames++;
  z.spaces++;
  z.tables += 1 + STUB_TABLES; /* of the file; a process takes as many, and can lack them */
  return z;
}

uint32_t drive_stub_space(const struct vmref_sys *s) { return s->spaces - 1; }

int drive_process(const struct vmref_sys *s, uint32_t a)
{
  return a < s->spaces && s->level[a] == 4 && s->parent[a] == VMREF_PROCESS;
}

struct mm_op drive_fetch(const struct mm_op *op)
{
  struct mm_op f = { .kind = MM_FETCH, .a = op->a, .cpu = op->cpu };
  f.va = STUB + STUB_STEP * (uint64_t)mm_access_kind(op->kind);
  return f;
}

/* ---- begin ---- */

/* The kernel's half, which every root repeats, must not change once there are any: its flags are set
 * beforehand, and what the kernel does under its processes' tables changes nothing. */
static void kernel_has_run(const struct vmref_sys *s)
{
  const size_t k = s->spaces;
  s->tab[512 * k + 256] |= A;
  s->tab[512 * (k + 1)] |= A;
  s->tab[512 * (k + 2)] |= A;
  for (uint32_t i = 0; i < s->kernel; i++) s->tab[512 * (k + 3) + i] |= A | D;
}

/* The stub goes to the last frame: the others are what they would be without it. */
static int make_stub(const struct vmref_sys *s)
{
  const uint32_t f = drive_stub_space(s);
  if (vmref_space_new(s, f, VMREF_FILE) != VMREF_OK || vmref_file_add(s, f, 0) != VMREF_OK) return 0;
  const uint32_t o = vmref_leaf_object(s, vmref_page_leaf(s, f, 0));
  if (o != s->frames - 1 && vmref_page_move(s, f, 0, s->frames - 1) != VMREF_OK) return 0;
  memcpy(s->data + 4096 * (size_t)(s->frames - 1), CODE, sizeof CODE);
  return 1;
}

int drive_begin(struct drive *d)
{
  if (vmref_boot(d->s) != VMREF_OK) return 0;
  kernel_has_run(d->s);
  struct vmref_smp *now = d->m;
  if (d->later) d->m = d->later;
  if (d->m) vmref_smp_reset(d->m, 0);
  d->m = now;
  if (d->p) memset(d->p->note, 0, VMREF_NOTES(d->s->frames) * sizeof *d->p->note);
  return make_stub(d->s);
}

/* ---- accesses ---- */

const struct vmref_translation *drive_cached(const struct drive *d, const struct mm_op *op)
{
  const int writes = op->kind == MM_STORE || op->kind == MM_RMW;
  for (unsigned i = 0; d->m && i < VMREF_TLB_SLOTS; i++) {
    const struct vmref_translation *t = &d->m->tlb[op->cpu - 1].page[i];
    if (t->used && op->va - t->page < t->size && t->us && (!writes || (t->rw && t->dirty)) && (op->kind != MM_FETCH || !t->xd)) return t;
  }
  return NULL;
}

/* Shootdowns that come before the handler changes anything: see `before` in model/smp_access.c. */
static void tell(struct drive *d, uint32_t a, uint64_t va, uint32_t error)
{
  if (!d->m) return;
  if (d->m->pending) vmref_smp_flush(d->m);
  else if (error & 1) vmref_smp_shoot(d->m, d->s, a, va / 4096, 1);
}

static uint32_t object_at(const struct vmref_sys *s, uint32_t a, uint64_t va)
{
  return vmref_leaf_object(s, vmref_page_leaf(s, a, va / 4096));
}

/* The page fault handler, called with what the machine says: its error code tells the kind of access. */
static void handle(struct drive *d, uint32_t a, const struct attempt *t, uint64_t va, struct mm_outcome *x)
{
  const uint8_t kind = t->error & 16 ? VMREF_FETCH : t->error & 2 ? VMREF_WRITE : VMREF_READ;
  if (!x->faulted) x->vector = t->vector, x->error = t->error;
  x->faulted = 1;
  if (va >= USER_END) {
    x->status = VMREF_EACCES;
    return;
  }
  tell(d, a, va, t->error);
  x->status = vmref_fault(d->s, a, va, kind);
  if (x->status != VMREF_EMEM || !d->p) return;
  const struct vmref_eviction e = d->m ? vmref_smp_evict(d->m, d->s, d->p) : vmref_evict(d->s, d->p);
  if (e.status != VMREF_OK) return;
  x->evicted = e;
  x->evictions = 1;
  x->status = vmref_fault(d->s, a, va, kind);
}

/* The page was used, and came from an object. */
static void note(struct drive *d, uint32_t a, uint64_t va, uint32_t from)
{
  const struct vmref_sys *s = d->s;
  if (!d->p || va >= USER_END) return;
  const uint32_t f = object_at(s, a, va);
  if (f >= s->frames) return;
  vmref_policy_use(s, d->p, f);
  if (s->frames <= from && from < s->frames + s->slots) vmref_policy_came(s, d->p, f, from);
}

struct mm_outcome drive_tries(struct drive *d, const struct mm_op *op, struct mm_step *r)
{
  const struct mm_op stub = drive_fetch(op);
  const uint32_t none = d->s->frames + d->s->slots;
  const uint32_t from[2] = { op->va < USER_END ? object_at(d->s, op->a, op->va) : none, object_at(d->s, op->a, STUB) };
  struct mm_outcome x[2] = { 0 }; /* of the access, of the stub's fetch */
  if (d->m) d->m->told = 0;
  for (unsigned n = 0; n < TRIES; n++) {
    const struct attempt t = drive_attempt(d, op);
    struct mm_outcome *y = &x[t.stub];
    if (t.odd == 1 || (t.vector != 0 && y->faulted && !d->p)) r->flags |= STEP_ODD;
    if (t.odd == 2) r->flags |= STEP_STALE;
    if (!t.stub) note(d, op->a, stub.va, from[1]); /* the fetch was made: else the handler's victim may be the stub, again and again */
    if (t.vector == 0) {
      note(d, op->a, op->va, from[0]);
      x->byte = t.byte;
      x->hit = t.hit && !x->faulted;
      if (d->m) x->cpu = op->cpu;
      if (d->m && !x->faulted) d->m->told = 0;
      return x[0];
    }
    if (t.stub) r->fetch_vector = t.vector, r->fetch_error = t.error;
    else r->cr2 = t.cr2;
    if (d->m && !t.stub) d->m->told = 0;
    handle(d, op->a, &t, t.stub ? stub.va : op->va, y);
    if (y->status == VMREF_OK && !(r->flags & STEP_ODD)) continue;
    r->may = t.may;
    if (t.stub) {
      r->flags |= STEP_STUB;
      r->cr2 = t.cr2;
      x[1].evictions += x[0].evictions;
    }
    return *y;
  }
  r->flags |= STEP_ODD;
  return x[0];
}

/* ---- operations ---- */

static int32_t new_process(struct drive *d, const struct script_line *l, struct mm_outcome *r)
{
  *r = mm_do_under(d->s, d->m, d->p, &l->op);
  if (r->status != VMREF_OK) return r->status;
  const struct mm_op map = { .kind = MM_MAP_FILE, .a = l->op.a, .b = drive_stub_space(d->s), .va = STUB, .n = 1,
                             .prot = VMREF_PROT_R | VMREF_PROT_X, .share = 1 };
  const struct mm_op end = { .kind = MM_EXIT, .a = l->op.a };
  r->status = mm_do_under(d->s, d->m, d->p, &map).status;
  if (r->status != VMREF_OK) mm_do_under(d->s, d->m, d->p, &end);
  return r->status;
}

static uint64_t folded(const struct mm_outcome *x)
{
  const uint64_t all[] = { x->first, x->moved, x->fragments.free, x->fragments.runs, x->fragments.longest, x->fragments.index,
                           x->evicted.frame, x->evicted.steps, x->evicted.written };
  uint64_t sum = 0;
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) sum += digest_mix(all[i], i);
  return sum;
}

/* A walk that faults may set accessed flags of entries that it used, or not (AD.FAULT): where the machine has,
 * and the model says that it may, the host has it so too. Any other flag stays a difference. */
static void adopt(struct drive *d, const struct mm_op *op, struct mm_step *r)
{
  if (!d->seen || r->status == VMREF_OK || !(r->flags & STEP_MADE) || d->seen->may == 0) return;
  const struct mm_op stub = drive_fetch(op);
  const struct mm_op *at = r->flags & STEP_STUB ? &stub : op;
  const struct vmref_walk w = vmref_user_walk(d->s, at->a, at->va, mm_access_kind(at->kind));
  if (w.rule == VMREF_RULE_OK || w.last == 0) return;
  for (int l = 4; l >= w.last; l--)
    if (d->seen->may >> l & w.after[l] >> 5 & 1) d->s->tab[w.address[l] / 8] |= A, r->may |= (uint8_t)(1u << l);
}

/* An access on a processor that there is not, or that is idle, is in no space. The stub's is nobody's. */
static struct script_line placed(const struct drive *d, const struct script_line *l)
{
  struct script_line now = *l;
  const int asks = mm_is_access(l->op.kind) || l->op.kind == MM_FILL;
  if (now.op.a == drive_stub_space(d->s)) now.op.a = d->s->spaces;
  if (now.op.b == drive_stub_space(d->s)) now.op.b = d->s->spaces;
  if (!d->m) now.op.cpu = 0;
  if (!d->m || !asks) return now;
  if (l->op.cpu <= VMREF_CPUS) return script_placed(d->s, d->m, &now);
  now.op.a = VMREF_IDLE;
  return now;
}

/* As vmref run has it. */
static void processors_begin(struct drive *d, const struct mm_op *op)
{
  if (!d->later) return;
  const int all = op->kind == MM_TELL || op->kind == MM_TLB || op->kind == MM_LAZY;
  d->m = all || op->cpu ? d->later : NULL;
  if (op->cpu) d->later = NULL;
}

void drive_step(struct drive *d, const struct script_line *l, struct mm_step *r)
{
  processors_begin(d, &l->op);
  const struct script_line now = placed(d, l);
  const int runs = !d->m || (now.op.cpu && now.op.cpu <= d->cpus && d->m->runs[now.op.cpu - 1] == now.op.a);
  struct mm_outcome x = { 0 };
  memset(r, 0, sizeof *r);
  if (mm_is_access(now.op.kind) && drive_process(d->s, now.op.a) && runs) {
    r->flags = STEP_MADE;
    d->accesses++;
    x = drive_access(d, &now.op, r);
  } else if (now.op.kind == MM_SPACE) new_process(d, &now, &x);
  else x = script_do(d->s, d->m, d->p, &now);
  d->last = x;
  r->status = x.status;
  r->error = x.error;
  r->vector = x.vector;
  r->faulted = x.faulted;
  r->byte = script_gives_byte(now.op.kind) ? x.byte : 0; /* what a store finds the machine does not tell */
  r->hit = x.hit;
  r->told = (uint8_t)(d->m ? d->m->told : 0);
  r->evictions = (uint8_t)x.evictions;
  r->more = folded(&x);
  adopt(d, &now.op, r);
  r->digest = drive_digest(d);
}

/* ---- at the end ---- */

static uint64_t answer(const struct attempt *t)
{
  return (t->vector ? 0 : t->byte) | (uint64_t)t->vector << 8 | (uint64_t)t->error << 16 | (uint64_t)t->stub << 48 | (uint64_t)t->odd << 49;
}

/* Where the entry i of leaf table t stands. */
static uint64_t address_of(const struct vmref_sys *s, uint32_t t, uint32_t i)
{
  const uint64_t n2 = (uint64_t)s->parent[t], n3 = (uint64_t)s->parent[n2 / 512], n4 = (uint64_t)s->parent[n3 / 512];
  return (n4 % 512 << 27 | n3 % 512 << 18 | n2 % 512 << 9 | i) << 12;
}

#define SOME 120
struct some { uint64_t va[SOME]; uint32_t n; };

static uint64_t ask(struct drive *d, uint32_t a, struct some *w, void (*tell)(uint32_t, uint64_t, const struct attempt *))
{
  struct attempt t[SOME];
  uint64_t sum = 0;
  drive_loads(d, a, w->va, t, w->n);
  for (uint32_t i = 0; i < w->n; i++) {
    sum += digest_mix(answer(&t[i]) ^ digest_mix(t[i].vector == 14 ? t[i].cr2 : 0, 1), w->va[i] + a);
    if (tell) tell(a, w->va[i], &t[i]);
  }
  d->swept += w->n;
  w->n = 0;
  return sum;
}

uint64_t drive_sweep(struct drive *d, void (*tell)(uint32_t, uint64_t, const struct attempt *))
{
  const struct vmref_sys *s = d->s;
  uint64_t sum = 0;
  for (uint32_t a = 0; a < s->spaces; a++) {
    if (!drive_process(s, a)) continue;
    if (d->m) vmref_smp_run(d->m, s, 0, a);
    struct some w = { .va = { 0, 0x1000, USER_END - 0x1000, USER_END, 0xFFFF800000000000u, 0xFFFF80000000A000u }, .n = d->hole ? 4 : 6 };
    for (uint32_t t = s->spaces + 4; t < s->tables; t++) {
      if (s->level[t] != 1 || s->owner[t] != (int16_t)a) continue;
      for (uint32_t i = 0; i < 512; i++) {
        const int beside = i > 0 && s->tab[512 * (size_t)t + i - 1] != 0; /* the end of a run too */
        if (s->tab[512 * (size_t)t + i] == 0 && !beside) continue;
        w.va[w.n++] = address_of(s, t, i) + (37 * (uint64_t)i + a) % 8 * 0x1F8;
        if (w.n == SOME) sum += ask(d, a, &w, tell);
      }
    }
    if (w.n) sum += ask(d, a, &w, tell);
  }
  return sum;
}
