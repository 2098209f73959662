/* SPDX-License-Identifier: MIT */
/* What an input of the fuzzers is as operations; compiled for both sides. */
#include <string.h>
#include "mm_feed.h"

const char *const as_name[AS_KINDS] = { "base", "one", "smp" };

/* Without what the stub takes. Few of each, so that they run out. */
const struct mm_sizes mm_input_sizes = { .tables = 28, .frames = 7, .slots = 3, .spaces = 4 };

void mm_token(const struct mm_input *x, char token[MM_TOKEN])
{
  static const char digit[] = "0123456789abcdef";
  size_t n = x->size, at = 4;
  while (n > 1 && x->data[n - 1] == 0) n--;
  memcpy(token, SEQUENCE_FORM "-", 4);
  for (size_t i = 0; i < n; i++) token[at++] = digit[x->data[i] >> 4], token[at++] = digit[x->data[i] & 15];
  token[at] = 0;
}

/* On one processor: it is put to a process before what that accesses. */
static uint32_t one(const struct mm_op *op, uint32_t *runs, struct script_line *l)
{
  uint32_t n = 0;
  struct mm_op now = *op;
  if (op->kind == MM_RUN || op->kind == MM_FILL) return 0;
  if (mm_is_access(op->kind)) {
    now.cpu = 1;
    if (*runs != op->a) l[n++] = (struct script_line){ .op = { .kind = MM_RUN, .a = op->a, .cpu = 1 } };
    *runs = op->a;
  }
  if (op->kind == MM_EXIT || op->kind == MM_SPACE) *runs = VMREF_IDLE; /* it may be idle then, or be refused before */
  l[n++].op = now;
  return n;
}

uint32_t mm_lines(const struct mm_input *x, struct script_line *l)
{
  uint32_t n = 0, runs = VMREF_IDLE;
  memset(l, 0, MM_INPUT_OPS * sizeof *l);
  for (unsigned i = 0; SEQUENCE_OP * i < x->size; i++) {
    struct mm_op op = sequence_op(x->data, x->size, i);
    if (op.kind == MM_KINDS) continue;
    if (x->no_rmw && op.kind == MM_RMW) op.kind = MM_STORE;
    if (x->as != AS_SMP) op.cpu = 0;
    if (x->as == AS_ONE) n += one(&op, &runs, l + n);
    else l[n++].op = op;
  }
  for (uint32_t i = 0; i < n; i++) l[i].number = i + 1;
  return n;
}
