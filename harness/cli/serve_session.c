/* SPDX-License-Identifier: MIT */
/* Sessions of `vmref serve`: each is a memory manager, its names, and its processors and policy, if any. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "serve.h"

#define SESSIONS 64
#define FRAMES_IN_ALL 65536u /* tables, frames and slots of all sessions: 256 MiB of them */
#define KERNEL_FRAMES 4u

struct session {
  struct vmref_sys *s; /* NULL: free */
  struct script names; /* and the last line that was read */
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
  script_free(&x->names);
  mm_free(x->s);
  *x = (struct session){ 0 };
}

bool session_new(FILE *f, json_t *request, struct complaint *why)
{
  static const char *const fields[] = { "frames", "slots", "spaces", "tables", "policy", NULL };
  struct mm_sizes z = { .kernel = KERNEL_FRAMES, .text = 1 };
  struct session new = { 0 };
  if (!only(request, fields, why) || !count(request, "frames", 64, 0, FRAMES_IN_ALL, &z.frames, why)
      || !count(request, "slots", 64, 0, FRAMES_IN_ALL, &z.slots, why) || !count(request, "spaces", 16, 1, 0x4000, &z.spaces, why)
      || !count(request, "tables", z.spaces + 48, z.spaces + 4, FRAMES_IN_ALL, &z.tables, why) || !policy_of(request, &new, why)) return false;
  int i = 0;
  while (i < SESSIONS && sessions[i].s) i++;
  if (i == SESSIONS) return bad(why, "there are %d sessions already; free one", SESSIONS);
  if ((uint64_t)taken + z.frames + z.slots + z.tables > FRAMES_IN_ALL)
    return bad(why, "frames, slots and tables of all sessions are at most %u together; %u are left", FRAMES_IN_ALL, FRAMES_IN_ALL - taken);
  new.frames = z.frames + z.slots + z.tables;
  new.s = mm_new(z);
  new.names = (struct script){ .spaces = z.spaces };
  if (new.s && new.policed) new.policy.note = mm_notes(new.s);
  taken += new.frames;
  vmref_smp_reset(&new.cpus, 0);
  if (!new.s || (new.policed && !new.policy.note)) {
    empty(&new);
    return bad(why, "not enough memory for such a session");
  }
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

/* The line of a script in "do". */
static bool read_line(struct session *x, json_t *request, struct complaint *why)
{
  struct script_error e;
  json_t *v = json_object_get(request, "do");
  if (!json_is_string(v)) return bad(why, "do must be an operation as a line of a script: \"map A 0x10000 1 rw\"");
  x->names.lines = 0;
  if (!script_read(&x->names, x->ops + 1, json_string_value(v), json_string_length(v), &e))
    return bad(why, "do, column %zu: %s", e.column, e.text);
  return x->names.lines == 1 || bad(why, "do holds no operation");
}

bool session_op(FILE *f, json_t *request, struct complaint *why)
{
  static const char *const fields[] = { "session", "do", NULL };
  struct session *x = only(request, fields, why) ? session_of(request, why) : NULL;
  if (!x || !read_line(x, request, why)) return false;
  const struct script_line *l = x->names.line;
  const enum mm_kind k = l->op.kind;
  x->begun = x->begun || l->op.cpu;
  x->ops++;
  struct vmref_smp *m = x->begun || k == MM_TELL || k == MM_TLB || k == MM_LAZY ? &x->cpus : NULL;
  const struct script_line now = script_placed(x->s, m, l);
  const struct mm_outcome r = script_do(x->s, m, x->policed ? &x->policy : NULL, &now);
  print_result_json(f, &x->names, l, &r);
  if (k == MM_TLB) tlb_print_json(f, x->s, &x->cpus);
  fputs("}\n", f);
  return true;
}

bool session_check(FILE *f, json_t *request, struct complaint *why)
{
  static const char *const fields[] = { "session", NULL };
  struct session *x = only(request, fields, why) ? session_of(request, why) : NULL;
  if (!x) return false;
  int broken = vmref_check(x->s);
  if (broken == VMREF_CHECK_OK) fputs("{\"result\":\"ok\"}\n", f);
  else fprintf(f, "{\"result\":\"broken\",\"clause\":\"%s\"}\n", clause_name(broken));
  return true;
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
