/* SPDX-License-Identifier: MIT */
/* Sessions of `vmref serve`: each is a memory manager, its names, and its processors, policy and kernel's allocators, if any. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "serve.h"

#define SESSIONS 64
#define FRAMES_IN_ALL 65536u /* tables, frames and slots of all sessions: 256 MiB of them */
#define KERNEL_FRAMES 4u
#define ALLOCATIONS 1024u /* names of the kernel's, in a session */
#define SCRIPT_LINES 1024u /* of a script that is asked whole */

struct session {
  struct vmref_sys *s; /* NULL: free */
  struct script names; /* the lines that first named an allocation, and the last one that was read */
  size_t kept;         /* of those */
  struct kmem kernel;
  uint16_t *over;      /* pages of other sizes and devices, from the first line on that is of them */
  struct vmref_smp cpus;
  struct vmref_policy policy;
  bool begun, policed; /* a request has said cpu; there is a policy */
  uint64_t ops;
  uint32_t frames;     /* of FRAMES_IN_ALL */
};
static struct session sessions[SESSIONS];
static uint32_t taken;

static bool count(json_t *request, const char *name, uint64_t otherwise, uint64_t least, uint64_t most, uint32_t *n, struct complaint *why)
{
  json_t *v = json_object_get(request, name);
  uint64_t value = otherwise;
  if (v && !number_read(v, name, &value, why)) return false;
  if (value < least || value > most)
    return bad(why, "%s must be %" PRIu64 " to %" PRIu64 ", not %" PRIu64, name, least, most, value);
  *n = (uint32_t)value;
  return true;
}

static bool policy_of(json_t *request, struct session *x, struct complaint *why)
{
  json_t *v = json_object_get(request, "policy");
  const char *name = json_string_value(v);
  if (!v) return true;
  if (!name || (strcmp(name, "lru") != 0 && strcmp(name, "clock") != 0)) return bad(why, "policy must be \"lru\" or \"clock\"");
  x->policed = true;
  x->policy = (struct vmref_policy){ NULL, strcmp(name, "lru") == 0 ? VMREF_LRU : VMREF_CLOCK };
  return true;
}

static void empty(struct session *x)
{
  taken -= x->frames;
  free(x->policy.note);
  kmem_end(&x->kernel);
  free(x->over);
  script_free(&x->names);
  mm_free(x->s);
  *x = (struct session){ 0 };
}

/* What `new` and `script` say of sizes and policy, into a session of its own; *x is empty when it fails. */
static bool begin(struct session *x, json_t *request, struct complaint *why)
{
  struct mm_sizes z = { .kernel = KERNEL_FRAMES, .text = 1 };
  json_t *kernel = json_object_get(request, "kernel");
  *x = (struct session){ 0 };
  if (kernel && !json_is_boolean(kernel)) return bad(why, "kernel must be true or false");
  if (!count(request, "frames", 64, 0, FRAMES_IN_ALL, &z.frames, why)
      || !count(request, "slots", 64, 0, FRAMES_IN_ALL, &z.slots, why) || !count(request, "spaces", 16, 1, 0x4000, &z.spaces, why)
      || !count(request, "tables", z.spaces + 48, z.spaces + 4, FRAMES_IN_ALL, &z.tables, why) || !policy_of(request, x, why)) return false;
  if (json_is_true(kernel)) z.kernel = z.text + (1u << KMEM_ORDER);
  if ((uint64_t)taken + z.frames + z.slots + z.tables > FRAMES_IN_ALL)
    return bad(why, "frames, slots and tables of all sessions are at most %u together; %u are left", FRAMES_IN_ALL, FRAMES_IN_ALL - taken);
  x->frames = z.frames + z.slots + z.tables;
  x->s = mm_new(z);
  x->names = (struct script){ .spaces = z.spaces };
  if (x->s && x->policed) x->policy.note = mm_notes(x->s);
  taken += x->frames;
  vmref_smp_reset(&x->cpus, 0);
  if (x->s && (!x->policed || x->policy.note) && (!json_is_true(kernel) || kmem_begin(&x->kernel, x->s, KMEM_ORDER, ALLOCATIONS))) return true;
  empty(x);
  return bad(why, "not enough memory for such a session");
}

bool session_new(FILE *f, json_t *request, struct complaint *why)
{
  static const char *const fields[] = { "frames", "slots", "spaces", "tables", "policy", "kernel", NULL };
  struct session new;
  int i = 0;
  if (!only(request, fields, why)) return false;
  while (i < SESSIONS && sessions[i].s) i++;
  if (i == SESSIONS) return bad(why, "there are %d sessions already; free one", SESSIONS);
  if (!begin(&new, request, why)) return false;
  sessions[i] = new;
  fprintf(f, "{\"result\":\"ok\",\"session\":%d}\n", i + 1);
  return true;
}

static struct session *session_of(json_t *request, struct complaint *why)
{
  json_t *v = json_object_get(request, "session");
  json_int_t i = json_integer_value(v);
  if (json_is_integer(v) && 1 <= i && i <= SESSIONS && sessions[i - 1].s) return &sessions[i - 1];
  bad(why, json_is_integer(v) ? "there is no session %" JSON_INTEGER_FORMAT "; new gives one" : "session must be the number that new gave", i);
  return NULL;
}

/* A line of a script into names.line[kept]. */
static bool read_line(struct session *x, const json_t *v, struct complaint *why)
{
  struct script_error e;
  const uint32_t allocations = x->names.allocations;
  if (!json_is_string(v)) return bad(why, "do must be an operation as a line of a script: \"map A 0x10000 1 rw\"");
  x->names.lines = x->kept;
  if (!script_read(&x->names, x->ops + 1, json_string_value(v), json_string_length(v), &e))
    return bad(why, "do, column %zu: %s", e.column, e.text);
  if (x->names.lines == x->kept) return bad(why, "do holds no operation");
  const struct script_line *l = &x->names.line[x->kept];
  if (l->kind != SCRIPT_OP) return bad(why, "do holds no operation: expect is for files of vmref run, here the outcome is the answer");
  if (MM_KMALLOC <= l->op.kind && l->op.kind <= MM_KMEM && !x->kernel.slab) return bad(why, "the session has no allocators of the kernel's; new with \"kernel\":true gives them");
  if (x->names.allocations == allocations) return true;
  if (x->names.allocations <= ALLOCATIONS) return x->kept++, true;
  x->names.allocations = allocations;
  return bad(why, "a session has at most %u names of allocations; a name can be used again", ALLOCATIONS);
}

static void do_line(FILE *f, struct session *x, const struct script_line *l)
{
  const enum mm_kind k = l->op.kind;
  x->begun = x->begun || l->op.cpu || k == MM_TELL || k == MM_TLB || k == MM_LAZY;
  x->ops++;
  struct vmref_smp *m = x->begun ? &x->cpus : NULL;
  const struct script_line now = script_placed(x->s, m, l);
  const struct mm_outcome r = MM_KMALLOC <= k && k <= MM_KMEM ? kmem_do(&x->kernel, x->s, &now.op)
    : x->over ? huge_do(x->s, x->over, &now) : script_do(x->s, m, x->policed ? &x->policy : NULL, &now);
  print_result_json(f, &x->names, l, &r);
  if (k == MM_TLB) tlb_print_json(f, x->s, &x->cpus);
  if (k == MM_KMEM) kmem_print_json(f, &x->kernel, x->s);
  if (k == MM_HUGE) huge_print_json(f, &x->names, x->s, x->over);
  fputc('}', f);
}

static bool op(FILE *f, struct session *x, const json_t *line, struct complaint *why)
{
  const size_t kept = x->kept;
  const uint8_t huge = x->names.huge, processors = x->names.processors;
  if (!read_line(x, line, why)) return x->names.huge = huge, x->names.processors = processors, false;
  if (x->names.huge && (x->names.processors || x->policed)) { /* as huge_possible() has it of a script */
    x->names.huge = huge, x->names.processors = processors;
    fprintf(f, "{\"result\":\"unmodelled\",\"message\":\"with merge, split, device or huge a session has no %s\"}",
            x->policed ? "policy: none sees the use of a page of 2 MiB" : "processors: their TLBs know pages of 4 KiB");
    return true;
  }
  if (x->names.huge && !x->over && !(x->over = mm_over(x->s))) return bad(why, "out of memory");
  do_line(f, x, &x->names.line[kept]);
  return true;
}

/* The clause that is broken, NULL: none. */
static const char *broken_clause(const struct session *x)
{
  int broken = x->begun ? vmref_smp_check(x->s, &x->cpus) : x->over ? vmref_huge_check(x->s, x->over) : vmref_check(x->s);
  return broken == VMREF_CHECK_OK ? kmem_wrong(&x->kernel, x->s) : clause_name(broken);
}

bool session_op(FILE *f, json_t *request, struct complaint *why)
{
  static const char *const fields[] = { "session", "do", NULL };
  struct session *x = only(request, fields, why) ? session_of(request, why) : NULL;
  if (!x || !op(f, x, json_object_get(request, "do"), why)) return false;
  fputc('\n', f);
  return true;
}

bool session_check(FILE *f, json_t *request, struct complaint *why)
{
  static const char *const fields[] = { "session", NULL };
  struct session *x = only(request, fields, why) ? session_of(request, why) : NULL;
  if (!x) return false;
  const char *broken = broken_clause(x);
  if (!broken) fputs("{\"result\":\"ok\"}\n", f);
  else fprintf(f, "{\"result\":\"broken\",\"clause\":\"%s\"}\n", broken);
  return true;
}

/* A whole script in a session of its own. Nothing of it is printed when a line is malformed. */
bool session_script(FILE *f, json_t *request, struct complaint *why)
{
  static const char *const fields[] = { "frames", "slots", "spaces", "tables", "policy", "kernel", "do", NULL };
  struct session x;
  json_t *lines = json_object_get(request, "do"), *line;
  size_t i, size = 0;
  char *text = NULL;
  bool good = true;
  if (!only(request, fields, why)) return false;
  if (!json_is_array(lines) || json_array_size(lines) > SCRIPT_LINES) return bad(why, "do must be a list of lines, of at most %u", SCRIPT_LINES);
  if (!begin(&x, request, why)) return false;
  FILE *all = open_memstream(&text, &size);
  if (!all) good = bad(why, "out of memory");
  json_array_foreach(lines, i, line) {
    struct complaint inner;
    if (good && i > 0) fputc(',', all);
    if (good && !op(all, &x, line, &inner)) good = bad(why, "line %zu: %.300s", i + 1, inner.text);
  }
  if (all) fclose(all);
  if (good) fprintf(f, "{\"results\":[%s],\"broken\":", text);
  const char *broken = good ? broken_clause(&x) : NULL;
  if (good && broken) fprintf(f, "\"%s\"}\n", broken);
  else if (good) fputs("null}\n", f);
  free(text);
  empty(&x);
  return good;
}

bool session_free(FILE *f, json_t *request, struct complaint *why)
{
  static const char *const fields[] = { "session", NULL };
  struct session *x = only(request, fields, why) ? session_of(request, why) : NULL;
  if (!x) return false;
  empty(x);
  fputs("{\"result\":\"ok\"}\n", f);
  return true;
}

void sessions_end(void)
{
  for (int i = 0; i < SESSIONS; i++)
    if (sessions[i].s) empty(&sessions[i]);
}
