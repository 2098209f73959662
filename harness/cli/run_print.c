/* SPDX-License-Identifier: MIT */
/* Outcomes of `vmref run`, in words and as JSON. */
#include <inttypes.h>
#include "run.h"

const char *clause_name(int number)
{
  static const char *const name[] = { "ok", "ledger", "free_private", "leaves", "roots", "down", "up", "free_tables",
                                      "kernel_shared", "kernel_leaves", "coherent", "huge" };
  return number >= 0 && number < (int)(sizeof name / sizeof name[0]) ? name[number] : "?";
}

/* The names of the bits set in an error code, one letter where the manual has W/R, U/S, I/D. */
static void print_bits(FILE *f, uint32_t error)
{
  static const char *const name[] = { "P", "W", "U", "RSVD", "I" };
  const char *before = " (";
  for (int i = 0; i < 5; i++)
    if (error >> i & 1) {
      fprintf(f, "%s%s", before, name[i]);
      before = " ";
    }
  if (error) fputc(')', f);
}

static void print_fault(FILE *f, const struct mm_outcome *r)
{
  fprintf(f, "%s %u, error 0x%" PRIx32, r->vector == VMREF_VECTOR_PF ? "page fault" : "general protection", r->vector, r->error);
  print_bits(f, r->error);
  fprintf(f, ": %s", r->vector != VMREF_VECTOR_PF ? "the address is not canonical"
                   : r->status == VMREF_ENOMAP ? "nothing is mapped there" : "the mapping does not permit it");
}

/* Why an operation may be refused as it stands. */
static const char *invalid(enum mm_kind kind)
{
  switch (kind) {
  case MM_SPACE: case MM_FILE: return "it exists already";
  case MM_FILE_ADD: return "no such file, it has that page, or it is beyond its end";
  case MM_MAP: return "no such space, a range it cannot have, or something is mapped there";
  case MM_MAP_FILE: return "no such space or file, a range it cannot have, or something is mapped there";
  case MM_UNMAP: case MM_PROTECT: return "no such space, or a range it cannot have";
  case MM_FORK: return "no such process, or the child exists";
  case MM_SWAPOUT: return "no such space or page, or it is in no frame";
  case MM_SWAPIN: return "no such space or page, or it is not in swap";
  case MM_MOVE: return "no such space, page or frame, it is in no frame, or that frame is not free";
  case MM_COMPACT: return "of 0 frames, or of more than there are";
  case MM_EVICT: return "there is no --policy, or no page is in memory";
  case MM_TLB: case MM_TELL: return "there are no processors";
  case MM_KMALLOC: case MM_VMALLOC: return "it is allocated already, or none is wanted, or more than there can be";
  case MM_MERGE: return "no such space, no page of 2 MiB can begin there, the rights of its pages differ, or a device is there";
  case MM_SPLIT: return "no page of 2 MiB begins there, and no page of 1 GiB of a device";
  case MM_DEVICE: return "no such space, a range or frames that it cannot have, not readable, or something is mapped there";
  case MM_KFREE: case MM_VFREE: return "it is not allocated, or by the other of kmalloc and vmalloc";
  default: return "no such space";
  }
}

/* Why what is to be made on a processor cannot be; NULL: for another reason. */
static const char *nowhere(const struct mm_op *op, const struct mm_outcome *r)
{
  if (r->status != VMREF_EINVAL || (!mm_is_access(op->kind) && op->kind != MM_FILL)) return NULL;
  if (op->cpu) return "the processor is idle; give it a space on a line before: cpu N runs SPACE";
  return r->cpu > VMREF_CPUS ? "no processor runs the space; have one run it on a line before: cpu N runs SPACE" : NULL;
}

static const char *reason(enum mm_kind kind, int status)
{
  switch (status) {
  case VMREF_EINVAL: return invalid(kind);
  case VMREF_EFULL: return "no swap slot is free";
  case VMREF_ENOMAP: return kind == MM_MAP_FILE ? "the file has no such page" : "nothing is mapped there";
  case VMREF_EMEM:
    return mm_is_access(kind) || kind == MM_SWAPIN ? "no frame is free"
         : kind == MM_KMALLOC ? "not so many bytes in a row are free"
         : kind == MM_VMALLOC ? "not so many frames are free, or not so many addresses in a row"
         : kind == MM_COMPACT ? "not so many frames are free"
         : kind == MM_MERGE ? "no 512 free frames lie in a row from a multiple of 512 on"
         : kind == MM_MAP || kind == MM_DEVICE || kind == MM_FORK ? "not enough table frames are free" : "not enough frames are free";
  default: return "it is not permitted";
  }
}

/* By which processor, and whom a shootdown has told. */
static void print_processors(FILE *f, const struct mm_outcome *r)
{
  if (r->cpu && r->cpu <= VMREF_CPUS && r->status != VMREF_EINVAL) fprintf(f, "; cpu %u, %s", r->cpu - 1u, r->hit ? "hit" : "walk");
  if (r->told) fprintf(f, "; told %" PRIu32, r->told);
}

/* "1 page", "2 pages" */
static void print_count(FILE *f, uint32_t n, const char *what) { fprintf(f, "%" PRIu32 " %s%s", n, what, n == 1 ? "" : "s"); }

static void print_compacted(FILE *f, const struct mm_op *op, const struct mm_outcome *r)
{
  const uint32_t n = (uint32_t)op->n;
  if (n == 1) fprintf(f, "frame %" PRIu32 " is free, ", r->first);
  else fprintf(f, "frames %" PRIu32 " to %" PRIu32 " are free, ", r->first, r->first + n - 1);
  print_count(f, r->moved, "page");
  fputs(" moved", f);
}

static void print_fragments(FILE *f, struct vmref_fragments x)
{
  print_count(f, x.free, "free frame");
  fputs(" in ", f);
  print_count(f, x.runs, "run");
  fprintf(f, ", the longest %" PRIu32 ", index %" PRIu32, x.longest, x.index);
}

/* "frame 3, written, 2 frames passed" */
static void print_eviction(FILE *f, const struct vmref_eviction *e)
{
  fprintf(f, "frame %" PRIu32 ", %s", e->frame, e->written ? "written" : "clean");
  if (e->steps) fprintf(f, ", %" PRIu64 " frame%s passed", e->steps, e->steps == 1 ? "" : "s");
}

/* What had to go first. */
static void print_evicted(FILE *f, const struct mm_outcome *r)
{
  if (r->evictions == 0) return;
  fputs("; evicted ", f);
  if (r->evictions > 1) fprintf(f, "%" PRIu32 " pages, the last ", r->evictions);
  print_eviction(f, &r->evicted);
}

static void print_ok(FILE *f, const struct mm_op *op, const struct mm_outcome *r)
{
  if (r->device) fprintf(f, "device, 0x%" PRIx64, r->pa);
  else if (script_gives_byte(op->kind)) fprintf(f, "%u", r->byte);
  else if (op->kind == MM_COMPACT) print_compacted(f, op, r);
  else if (op->kind == MM_EVICT) print_eviction(f, &r->evicted);
  else if (op->kind == MM_FRAGMENTATION) print_fragments(f, r->fragments);
  else if (r->address) fprintf(f, "0x%" PRIx64 ", %" PRIu64 " bytes", r->address, r->size);
  else if (r->size) fprintf(f, "%" PRIu64 " bytes", r->size);
  else fputs("ok", f);
}

void print_result(FILE *f, const struct script_line *l, const struct mm_outcome *r)
{
  switch (script_result(r)) {
  case SCRIPT_FAULT: print_fault(f, r); break;
  case SCRIPT_ERROR:
    fprintf(f, "error %s: %s", script_status(r->status), nowhere(&l->op, r) ? nowhere(&l->op, r) : reason(l->op.kind, r->status));
    break;
  default: print_ok(f, &l->op, r);
  }
  if (l->op.kind != MM_EVICT) print_evicted(f, r);
  if (r->level > 1) fprintf(f, "; page of %s", r->level == 2 ? "2 MiB" : "1 GiB");
  if (r->split && l->op.kind != MM_SPLIT) fprintf(f, "; split %" PRIu32, r->split);
  print_processors(f, r);
}

void print_outcome(FILE *f, const struct script *t, const struct script_line *l, const struct mm_outcome *r)
{
  fprintf(f, "%" PRIu64 ": ", l->number);
  script_print_line(f, l, t->name);
  fputs(" -> ", f);
  print_result(f, l, r);
}

void print_unmet(FILE *f, const struct script *t, const struct script_line *want, const struct script_line *l,
                 const struct mm_outcome *r)
{
  script_print_line(f, want, t->name);
  fputs(", but got ", f);
  print_result(f, l, r);
  fprintf(f, "; line %" PRIu64 ": ", l->number);
  script_print_line(f, l, t->name);
}

static void print_operation(FILE *f, const struct script *t, const struct script_line *l)
{
  const struct mm_op *op = &l->op;
  const char *word = op->kind == MM_RUN && op->a == VMREF_IDLE ? "idle" : script_word(op->kind);
  fprintf(f, "{\"line\":%" PRIu64 ",\"op\":\"%s\"", l->number, word);
  if (script_has_space(op)) fprintf(f, ",\"space\":\"%s\"", t->name[op->a]);
  if (op->kind == MM_FORK) fprintf(f, ",\"child\":\"%s\"", t->name[op->b]);
  if (op->kind == MM_MAP_FILE) fprintf(f, ",\"file\":\"%s\"", t->name[op->b]);
  if (l->allocation[0]) fprintf(f, ",\"name\":\"%s\"", l->allocation);
  if (script_has_address(op->kind)) fprintf(f, ",\"va\":\"0x%" PRIx64 "\"", op->va);
}

/* What an operation that ended well has given. */
static void print_given(FILE *f, enum mm_kind kind, const struct mm_outcome *r)
{
  const struct vmref_fragments x = r->fragments;
  if (r->device) fprintf(f, ",\"device\":\"0x%" PRIx64 "\"", r->pa);
  else if (script_gives_byte(kind)) fprintf(f, ",\"value\":%u", r->byte);
  if (r->level) fprintf(f, ",\"size\":\"%s\"", script_device[3 + r->level]);
  if (r->address) fprintf(f, ",\"address\":\"0x%" PRIx64 "\"", r->address);
  if (r->size) fprintf(f, ",\"bytes\":%" PRIu64, r->size);
  if (kind == MM_COMPACT) fprintf(f, ",\"first\":%" PRIu32 ",\"moved\":%" PRIu32, r->first, r->moved);
  if (kind == MM_FRAGMENTATION)
    fprintf(f, ",\"free\":%" PRIu32 ",\"runs\":%" PRIu32 ",\"longest\":%" PRIu32 ",\"index\":%" PRIu32, x.free, x.runs, x.longest, x.index);
}

static void print_evicted_json(FILE *f, const struct mm_outcome *r)
{
  if (r->evictions == 0) return;
  fprintf(f, ",\"evictions\":%" PRIu32 ",\"evicted\":%" PRIu32 ",\"written\":%s,\"passed\":%" PRIu64, r->evictions, r->evicted.frame,
          boolean(r->evicted.written), r->evicted.steps);
}

/* Of what is made on a processor, which; of an access also whether by a hit. */
static void print_processors_json(FILE *f, const struct mm_op *op, const struct mm_outcome *r)
{
  const uint8_t cpu = op->cpu ? op->cpu : r->cpu;
  if (cpu && cpu <= VMREF_CPUS) fprintf(f, ",\"cpu\":%u", cpu - 1u);
  if (r->cpu && r->status != VMREF_EINVAL) fprintf(f, ",\"hit\":%s", boolean(r->hit));
  if (r->told) fprintf(f, ",\"told\":%" PRIu32, r->told);
}

void print_result_json(FILE *f, const struct script *t, const struct script_line *l, const struct mm_outcome *r)
{
  enum script_kind result = script_result(r);
  print_operation(f, t, l);
  print_processors_json(f, &l->op, r);
  if (result == SCRIPT_FAULT) {
    fprintf(f, ",\"result\":\"fault\",\"vector\":%u,\"error\":\"0x%" PRIx32 "\",\"status\":\"%s\"", r->vector, r->error,
            script_status(r->status));
    return;
  }
  if (result == SCRIPT_ERROR) fprintf(f, ",\"result\":\"error\",\"status\":\"%s\"", script_status(r->status));
  else fputs(",\"result\":\"ok\"", f);
  if (result == SCRIPT_OK) print_given(f, l->op.kind, r);
  print_evicted_json(f, r);
  if (r->split) fprintf(f, ",\"split\":%" PRIu32, r->split);
  if (!mm_is_access(l->op.kind) || r->status == VMREF_EINVAL) return; /* no access was made */
  fprintf(f, ",\"faulted\":%s", boolean(r->faulted));
  if (r->faulted) fprintf(f, ",\"error\":\"0x%" PRIx32 "\"", r->error);
}
