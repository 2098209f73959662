/* SPDX-License-Identifier: MIT */
/* Printing operations as scripts. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "script.h"

const char *script_status(int status)
{
  switch (status) {
  case VMREF_EINVAL: return "EINVAL";
  case VMREF_EMEM:   return "EMEM";
  case VMREF_EFULL:  return "EFULL";
  case VMREF_ENOMAP: return "ENOMAP";
  case VMREF_EACCES: return "EACCES";
  default: return NULL;
  }
}

const char *const script_device[7] = { "wb", "wc", "uc-", "uc", "4k", "2m", "1g" };

const char *script_word(enum mm_kind kind)
{
  static const char *const word[MM_KINDS] = {
    [MM_SPACE] = "space", [MM_FILE] = "file", [MM_FILE_ADD] = "add", [MM_MAP] = "map", [MM_MAP_FILE] = "map",
    [MM_UNMAP] = "unmap", [MM_PROTECT] = "protect", [MM_LOAD] = "load", [MM_STORE] = "store", [MM_RMW] = "rmw",
    [MM_FETCH] = "fetch", [MM_FORK] = "fork", [MM_EXIT] = "exit", [MM_SWAPOUT] = "swapout", [MM_SWAPIN] = "swapin",
    [MM_MOVE] = "move", [MM_COMPACT] = "compact", [MM_FRAGMENTATION] = "fragmentation",
    [MM_EVICT] = "evict", [MM_RUN] = "runs", [MM_FILL] = "looks", [MM_TELL] = "flush", [MM_LAZY] = "lazy", [MM_TLB] = "tlb",
    [MM_KMALLOC] = "kmalloc", [MM_KFREE] = "kfree", [MM_VMALLOC] = "vmalloc", [MM_VFREE] = "vfree", [MM_KMEM] = "kmem",
    [MM_MERGE] = "merge", [MM_SPLIT] = "split", [MM_DEVICE] = "device", [MM_HUGE] = "huge" };
  return kind < MM_KINDS ? word[kind] : "?";
}

static int of_sizes(enum mm_kind kind) { return kind == MM_MERGE || kind == MM_SPLIT || kind == MM_DEVICE; }

int script_has_space(const struct mm_op *op)
{
  if (op->kind == MM_RUN) return op->a != VMREF_IDLE;
  return (op->kind < MM_COMPACT || of_sizes(op->kind)) && op->cpu == 0;
}

int script_has_address(enum mm_kind kind)
{
  return (kind < MM_COMPACT || kind == MM_FILL || of_sizes(kind)) && kind != MM_SPACE && kind != MM_FILE && kind != MM_FORK && kind != MM_EXIT;
}

static void name(FILE *f, uint32_t n, const char (*names)[SCRIPT_NAME])
{
  if (names) fprintf(f, " %s", names[n]);
  else fprintf(f, " s%" PRIu32, n);
}

static void rights(FILE *f, uint8_t prot)
{
  if (prot > 7) fprintf(f, " %u", prot); /* none that there is: the reader refuses it too */
  else if (prot == 0) fputs(" none", f);
  else fprintf(f, " %s%s%s", prot & VMREF_PROT_R ? "r" : "", prot & VMREF_PROT_W ? "w" : "", prot & VMREF_PROT_X ? "x" : "");
}

static void print(FILE *f, const struct mm_op *op, uint64_t pages, int grow, const char (*names)[SCRIPT_NAME])
{
  int range = op->kind == MM_MAP || op->kind == MM_MAP_FILE || op->kind == MM_UNMAP || op->kind == MM_PROTECT;
  if (op->cpu) fprintf(f, "cpu %u ", op->cpu - 1u);
  fputs(op->kind == MM_RUN && op->a == VMREF_IDLE ? "idle" : script_word(op->kind), f);
  if (op->kind == MM_LAZY) fputs(op->n ? " on" : " off", f);
  if (script_has_space(op)) name(f, op->a, names);
  if (script_has_address(op->kind)) fprintf(f, " 0x%" PRIx64, op->va);
  if (range || op->kind == MM_MOVE || op->kind == MM_COMPACT || op->kind == MM_DEVICE) fprintf(f, " %" PRIu64, op->n);
  if (op->kind == MM_DEVICE) fprintf(f, " 0x%" PRIx64, op->first);
  if ((range && op->kind != MM_UNMAP) || op->kind == MM_DEVICE) rights(f, op->prot);
  if (op->kind == MM_DEVICE) fprintf(f, " %s %s", script_device[op->cache & 3], script_device[3 + (op->level & 3)]);
  if (op->kind == MM_STORE || op->kind == MM_RMW) fprintf(f, " %u", op->byte);
  if (op->kind == MM_FILE) fprintf(f, " %" PRIu64, pages);
  if (op->kind == MM_MAP) fputs(" anon", f);
  if (op->kind == MM_MAP_FILE) fputs(grow ? " shared" : " file", f);
  if (op->kind == MM_MAP_FILE || op->kind == MM_FORK) name(f, op->b, names);
  if (op->kind != MM_MAP_FILE || grow) return;
  fputs(op->share ? " shared" : " private", f);
  if (op->first) fprintf(f, " %" PRIu64, op->first);
}

void script_print(FILE *f, const struct mm_op *op, const char (*names)[SCRIPT_NAME])
{
  print(f, op, 0, 0, names);
}

static void kernel(FILE *f, const struct script_line *l)
{
  fprintf(f, "%s%s%s", script_word(l->op.kind), l->allocation[0] ? " " : "", l->allocation);
  if (l->op.kind == MM_KMALLOC || l->op.kind == MM_VMALLOC) fprintf(f, " %" PRIu64, l->op.n);
}

void script_print_line(FILE *f, const struct script_line *l, const char (*names)[SCRIPT_NAME])
{
  switch (l->kind) {
  case SCRIPT_OP:
    if (MM_KMALLOC <= l->op.kind && l->op.kind <= MM_KMEM) kernel(f, l);
    else print(f, &l->op, l->pages, l->grow, names);
    break;
  case SCRIPT_VALUE: fprintf(f, "expect %u", l->value); break;
  case SCRIPT_FAULT: fprintf(f, "expect fault %u 0x%" PRIx32, l->vector, l->error); break;
  case SCRIPT_OK: fputs("expect ok", f); break;
  case SCRIPT_ERROR: fprintf(f, "expect error %s", script_status(l->status)); break;
  }
}

static int names_two(const struct mm_op *op) { return op->kind == MM_MAP_FILE || op->kind == MM_FORK; }

/* The kernel's allocations have no names in a sequence. */
static int sayable(const struct mm_op *op, uint32_t spaces)
{
  if (MM_KMALLOC <= op->kind && op->kind <= MM_KMEM) return 0;
  if (op->cpu > VMREF_CPUS || (op->kind == MM_RUN && op->cpu == 0) || (op->kind == MM_FILL && op->cpu == 0)) return 0;
  if (!script_has_space(op)) return 1;
  return op->a < spaces && (!names_two(op) || op->b < spaces) && op->prot < 8;
}

/* Numbers go by first appearance, and a name must be made before it is used. Spaces that are made
 * and ended at once are names in order and leave nothing else behind. */
static uint32_t names_used(const struct mm_op *op, size_t n, uint32_t spaces)
{
  uint32_t used = 0;
  for (size_t i = 0; i < n; i++) {
    if (!sayable(&op[i], spaces) || !script_has_space(&op[i])) continue;
    if (op[i].a >= used) used = op[i].a + 1;
    if (names_two(&op[i]) && op[i].b >= used) used = op[i].b + 1;
  }
  return used;
}

/* Does each name come in order, and first where it is made? */
static int in_order(const struct mm_op *op, size_t n, uint32_t spaces)
{
  uint32_t used = 0;
  for (size_t i = 0; i < n; i++) {
    if (!sayable(&op[i], spaces) || !script_has_space(&op[i])) continue;
    int makes = op[i].kind == MM_SPACE || op[i].kind == MM_FILE;
    if (op[i].a > used || (op[i].a == used && !makes)) return 0;
    if (op[i].a == used) used++;
    if (!names_two(&op[i])) continue;
    if (op[i].b > used || (op[i].b == used && op[i].kind != MM_FORK)) return 0;
    if (op[i].b == used) used++;
  }
  return 1;
}

void script_print_all(FILE *f, struct mm_sizes z, const struct mm_op *op, size_t n)
{
  uint32_t used = in_order(op, n, z.spaces) ? 0 : names_used(op, n, z.spaces);
  fprintf(f, "# vmref run --tables %" PRIu32 " --frames %" PRIu32 " --slots %" PRIu32 " --spaces %" PRIu32 "\n",
          z.tables, z.frames, z.slots, z.spaces);
  for (uint32_t a = 0; a < used; a++) fprintf(f, "space s%" PRIu32 "\nexit s%" PRIu32 "\n", a, a);
  for (size_t i = 0; i < n; i++) {
    if (!sayable(&op[i], z.spaces)) continue;
    script_print(f, &op[i], NULL);
    fputc('\n', f);
  }
}
