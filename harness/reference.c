/* SPDX-License-Identifier: MIT */
/* Written from what the headers of model/ promise to a user, not from how model/ does it. */
#include "reference.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define END 0x800000000 /* user pages */
#define LONGEST_RANGE 0x40000

/* ---- contents ---- */

static struct reference_bytes *spare; /* kept: the fuzzer makes and drops many */

static struct reference_bytes *bytes_new(const struct reference_bytes *like)
{
  struct reference_bytes *b = spare;
  if (b) spare = b->next;
  else if (!(b = malloc(sizeof *b))) fprintf(stderr, "reference: out of memory\n"), exit(5);
  b->users = 1;
  b->mark = 0;
  if (like) memcpy(b->at, like->at, sizeof b->at);
  else memset(b->at, 0, sizeof b->at);
  return b;
}

void reference_release(struct reference_bytes *b)
{
  if (!b || --b->users > 0) return;
  b->next = spare;
  spare = b;
}

/* ---- pages ---- */

/* Where page number p is among those of a space, or would be. */
static size_t place(const struct reference_space *x, uint64_t p)
{
  size_t low = 0, high = x->pages;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (x->page[middle].page < p) low = middle + 1;
    else high = middle;
  }
  return low;
}

/* How many of pages p to p + n - 1 are mapped. */
static size_t mapped(const struct reference_space *x, uint64_t p, uint64_t n)
{
  return place(x, p + n) - place(x, p);
}

struct reference_page *reference_find(const struct reference *r, uint32_t a, uint64_t page)
{
  const struct reference_space *x = &r->space[a];
  size_t at = place(x, page);
  return at < x->pages && x->page[at].page == page ? &x->page[at] : NULL;
}

/* Room for n pages at a place; they are to be filled in. */
static struct reference_page *insert(struct reference_space *x, size_t at, size_t n)
{
  if (x->pages + n > x->room) {
    x->room = 2 * (x->pages + n) + 16;
    x->page = realloc(x->page, x->room * sizeof *x->page);
    if (!x->page) fprintf(stderr, "reference: out of memory\n"), exit(5);
  }
  if (n == 0) return x->page;
  memmove(x->page + at + n, x->page + at, (x->pages - at) * sizeof *x->page);
  x->pages += n;
  return x->page + at;
}

static void drop(struct reference_space *x, uint64_t p, uint64_t n)
{
  size_t from = place(x, p), to = place(x, p + n);
  if (from == to) return;
  for (size_t i = from; i < to; i++) reference_release(x->page[i].bytes);
  memmove(x->page + from, x->page + to, (x->pages - to) * sizeof *x->page);
  x->pages -= to - from;
}

void reference_reset(struct reference *r, unsigned spaces)
{
  for (unsigned a = 0; a < REFERENCE_SPACES; a++) {
    if (r->space[a].pages) drop(&r->space[a], 0, END);
    r->space[a].what = 0;
  }
  r->spaces = spaces;
}

/* ---- what an operation must answer ---- */

static int exists(const struct reference *r, uint32_t a)
{
  return a < r->spaces && r->space[a].what != 0;
}

static int in_range(const struct reference *r, uint32_t a, uint64_t p, uint64_t n)
{
  return exists(r, a) && 1 <= n && n <= LONGEST_RANGE && p < END && p + n <= END;
}

static int can_map(const struct reference *r, const struct mm_op *op, uint64_t p)
{
  return in_range(r, op->a, p, op->n) && op->prot <= 7 && mapped(&r->space[op->a], p, op->n) == 0;
}

static int map_file_status(const struct reference *r, const struct mm_op *op, uint64_t p)
{
  if (!can_map(r, op, p)) return VMREF_EINVAL;
  if (!in_range(r, op->b, op->first, op->n) || op->b == op->a || r->space[op->b].what != VMREF_FILE)
    return VMREF_EINVAL;
  for (uint64_t k = 0; k < op->n; k++) { /* what a file shows privately is not its own */
    const struct reference_page *q = reference_find(r, op->b, op->first + k);
    if (!q || !(q->prot & VMREF_PROT_S)) return VMREF_ENOMAP;
  }
  return VMREF_OK;
}

static int access_status(const struct reference *r, const struct mm_op *op)
{
  if (!exists(r, op->a)) return VMREF_EINVAL;
  if (op->va / 4096 >= END) return VMREF_EACCES;
  const struct reference_page *q = reference_find(r, op->a, op->va / 4096);
  if (!q) return VMREF_ENOMAP;
  uint8_t asks = VMREF_PROT_R;
  if (op->kind == MM_STORE || op->kind == MM_RMW) asks |= VMREF_PROT_W;
  if (op->kind == MM_FETCH) asks |= VMREF_PROT_X;
  return (q->prot & asks) == asks ? VMREF_OK : VMREF_EACCES;
}

int reference_status(const struct reference *r, const struct mm_op *op)
{
  uint64_t p = op->va / 4096;
  switch (op->kind) {
  case MM_SPACE: case MM_FILE:
    return op->a < r->spaces && !exists(r, op->a) ? VMREF_OK : VMREF_EINVAL;
  case MM_FILE_ADD:
    return in_range(r, op->a, p, 1) && r->space[op->a].what == VMREF_FILE && mapped(&r->space[op->a], p, 1) == 0
      ? VMREF_OK : VMREF_EINVAL;
  case MM_MAP: return can_map(r, op, p) ? VMREF_OK : VMREF_EINVAL;
  case MM_MAP_FILE: return map_file_status(r, op, p);
  case MM_UNMAP: return in_range(r, op->a, p, op->n) ? VMREF_OK : VMREF_EINVAL;
  case MM_PROTECT:
    if (!in_range(r, op->a, p, op->n) || op->prot > 7) return VMREF_EINVAL;
    return mapped(&r->space[op->a], p, op->n) == op->n ? VMREF_OK : VMREF_ENOMAP;
  case MM_LOAD: case MM_STORE: case MM_RMW: case MM_FETCH: return access_status(r, op);
  case MM_FORK:
    return exists(r, op->a) && r->space[op->a].what == VMREF_PROCESS && op->b < r->spaces && !exists(r, op->b)
      ? VMREF_OK : VMREF_EINVAL;
  case MM_EXIT: return exists(r, op->a) ? VMREF_OK : VMREF_EINVAL;
  case MM_COMPACT: case MM_FRAGMENTATION: return VMREF_OK;
  case MM_SWAPOUT: case MM_SWAPIN: case MM_MOVE:
    if (!exists(r, op->a) || p >= END) return VMREF_EINVAL;
    return reference_find(r, op->a, p) ? VMREF_OK : VMREF_ENOMAP;
  default: return VMREF_EINVAL;
  }
}

/* ---- what it does ---- */

static void map_file(struct reference *r, const struct mm_op *op, uint64_t p)
{
  struct reference_space *x = &r->space[op->a];
  struct reference_page *q = insert(x, place(x, p), op->n);
  for (uint64_t k = 0; k < op->n; k++) {
    const struct reference_page *of = reference_find(r, op->b, op->first + k);
    q[k] = (struct reference_page){ p + k, of->bytes, (uint8_t)(op->prot | (op->share ? VMREF_PROT_S : 0)), 1 };
    of->bytes->users++;
  }
}

static void fork_copy(const struct reference_space *from, struct reference_space *to)
{
  to->what = VMREF_PROCESS;
  struct reference_page *q = insert(to, 0, from->pages);
  for (size_t i = 0; i < from->pages; i++) {
    q[i] = from->page[i];
    if (!q[i].bytes) continue;
    if (q[i].file) q[i].bytes->users++; /* mapped by both as the parent mapped it */
    else q[i].bytes = bytes_new(q[i].bytes);
  }
}

/* A private page of a file shows the file's contents until it is first written to: then it has a
 * copy, and what is written to the file is no longer seen. */
static void write_byte(struct reference *r, const struct mm_op *op)
{
  struct reference_page *q = reference_find(r, op->a, op->va / 4096);
  if (!q->bytes) q->bytes = bytes_new(NULL);
  else if (q->file && !(q->prot & VMREF_PROT_S)) {
    struct reference_bytes *mine = bytes_new(q->bytes);
    reference_release(q->bytes);
    q->bytes = mine;
    q->file = 0;
  }
  q->bytes->at[op->va % 4096] = op->byte;
}

void reference_do(struct reference *r, const struct mm_op *op)
{
  struct reference_space *x = &r->space[op->a];
  uint64_t p = op->va / 4096;
  struct reference_page *q;
  switch (op->kind) {
  case MM_SPACE: x->what = VMREF_PROCESS; break;
  case MM_FILE: x->what = VMREF_FILE; break;
  case MM_FILE_ADD:
    *insert(x, place(x, p), 1) =
      (struct reference_page){ p, bytes_new(NULL), VMREF_PROT_R | VMREF_PROT_W | VMREF_PROT_S, 1 };
    break;
  case MM_MAP:
    q = insert(x, place(x, p), op->n);
    for (uint64_t k = 0; k < op->n; k++) q[k] = (struct reference_page){ p + k, NULL, op->prot, 0 };
    break;
  case MM_MAP_FILE: map_file(r, op, p); break;
  case MM_UNMAP: drop(x, p, op->n); break;
  case MM_PROTECT:
    for (size_t i = place(x, p); i < x->pages && x->page[i].page < p + op->n; i++)
      x->page[i].prot = (uint8_t)(op->prot | (x->page[i].prot & VMREF_PROT_S));
    break;
  case MM_STORE: case MM_RMW: write_byte(r, op); break;
  case MM_FORK: fork_copy(x, &r->space[op->b]); break;
  case MM_EXIT: drop(x, 0, END), x->what = 0; break;
  default: break; /* loads, swap and moves change nothing */
  }
}

uint8_t reference_byte(const struct reference *r, uint32_t a, uint64_t va)
{
  const struct reference_page *q = reference_find(r, a, va / 4096);
  return q->bytes ? q->bytes->at[va % 4096] : 0;
}

/* ---- tables ---- */

/* A table of level l, 1 to 3, has the pages whose numbers agree but for the last 9 l bits. */
static unsigned tables_of(const struct reference_space *x)
{
  unsigned n = 0;
  for (unsigned bits = 9; bits <= 27; bits += 9)
    for (size_t i = 0; i < x->pages; i++)
      n += i == 0 || x->page[i].page >> bits != x->page[i - 1].page >> bits;
  return n;
}

unsigned reference_tables(const struct reference *r)
{
  unsigned n = 0;
  for (unsigned a = 0; a < r->spaces; a++) n += tables_of(&r->space[a]);
  return n;
}

unsigned reference_tables_new(const struct reference *r, const struct mm_op *op)
{
  if (op->kind == MM_FORK) return tables_of(&r->space[op->a]);
  if (op->kind != MM_MAP && op->kind != MM_MAP_FILE && op->kind != MM_FILE_ADD) return 0;
  uint64_t p = op->va / 4096, n = op->kind == MM_FILE_ADD ? 1 : op->n;
  unsigned more = 0;
  for (unsigned bits = 9; bits <= 27; bits += 9)
    for (uint64_t t = p >> bits; t <= (p + n - 1) >> bits; t++)
      more += mapped(&r->space[op->a], t << bits, 1ull << bits) == 0;
  return more;
}
