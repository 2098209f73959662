/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "lx_names.h"
#include "lx_replay.h"
#include "syscall_file.h"

#define BEFORE_FLAGS (VMREF_VM_MAYREAD | VMREF_VM_MAYWRITE | VMREF_VM_MAYEXEC)

static uint64_t value(const struct trace_event *e, unsigned i)
{
  uint64_t v;
  return trace_value(e->arg[i], &v) ? v : 0;
}

/* ---- what the trace is about ---- */

static void saw(struct replay *r, uint32_t mm, uint64_t from, uint64_t to)
{
  if (r->seens == r->room) {
    r->room = r->room ? 2 * r->room : 256;
    r->seen = realloc(r->seen, r->room * sizeof *r->seen);
    if (!r->seen) abort();
  }
  r->seen[r->seens++] = (struct seen){ from, to, mm };
}

static int is_seen(const struct replay *r, uint32_t mm, uint64_t p)
{
  for (size_t i = 0; i < r->seens; i++)
    if (r->seen[i].mm == mm && p >= r->seen[i].from && p < r->seen[i].to) return 1;
  return 0;
}

static void forget(struct replay *r, uint32_t mm)
{
  for (size_t i = 0; i < r->seens; )
    if (r->seen[i].mm == mm) r->seen[i] = r->seen[--r->seens];
    else i++;
}

static void inherit_seen(struct replay *r, uint32_t from, uint32_t to)
{
  const size_t n = r->seens;
  forget(r, to);
  for (size_t i = 0; i < n && i < r->seens; i++)
    if (r->seen[i].mm == from) saw(r, to, r->seen[i].from, r->seen[i].to);
}

/* The call succeeded on pages of which the trace has not told: they were mapped before. */
static void discover(struct replay *r, uint32_t mm, uint64_t from, uint64_t to)
{
  struct vmref_vmas *m = &r->l->mm[mm].vmas;
  for (uint64_t p = from; p < to; ) {
    const uint32_t i = vmref_vma_find(m, p);
    if (i < m->n && m->at[i].start <= p) {
      p = m->at[i].end;
      continue;
    }
    const uint64_t end = i < m->n && m->at[i].start < to ? m->at[i].start : to;
    uint64_t stop = p;
    while (stop < end && !is_seen(r, mm, stop)) stop++;
    if (stop > p && m->n < m->room)
      vmref_vma_add(m, (struct vmref_vma){ p, stop, p, 0, BEFORE_FLAGS | VMREF_VM_READ | VMREF_VM_WRITE | VMREF_VM_ACCOUNT, 0 }, VMREF_ADD_MAP);
    p = stop > p ? stop : stop + 1;
  }
}

/* ---- calls ---- */

static int64_t file_for(struct replay *r, uint32_t mm, uint64_t fd, int placed)
{
  unsigned *last = &r->file_of[mm % 64][fd % 64];
  if (placed && *last) {
    r->l->file[*last - 1].held = 1;
    return *last - 1;
  }
  const int64_t f = vmref_sys_memfd(r->l);
  if (f < 0) return f;
  r->l->object[r->l->file[f].object].size = UINT64_C(1) << 46; /* how long it is, the trace does not tell */
  *last = (unsigned)f + 1;
  return f;
}

/* Where the kernel chose the place, so must the model be told; whether it would have chosen the same is counted. */
static void place(struct replay *r, uint32_t mm, struct vmref_call *c, const struct trace_event *e)
{
  const uint64_t n = vmref_length_pages(c->nr == VMREF_SYS_MMAP ? c->arg[1] : c->arg[2]), at = (uint64_t)e->value / 4096;
  r->places++;
  const uint64_t hint = c->nr == VMREF_SYS_MMAP ? c->arg[0] / 4096 : 0;
  const int private = c->nr == VMREF_SYS_MMAP && (c->arg[3] & (VMREF_MAP_ANONYMOUS | VMREF_MAP_SHARED)) == VMREF_MAP_ANONYMOUS;
  r->places_same += (private ? vmref_place_private : vmref_place)(r->l, mm, hint, n) == at;
  if (c->nr == VMREF_SYS_MMAP) c->arg[0] = (uint64_t)e->value, c->arg[3] |= VMREF_MAP_NOREPLACE;
  else c->arg[4] = (uint64_t)e->value, c->arg[3] |= VMREF_MREMAP_FIXED;
}

static void judge(struct replay *r, const struct trace_event *e, int64_t got)
{
  const char *error = got < 0 ? lx_errno_name(got) : NULL;
  const int same = e->error[0] ? error && strcmp(error, e->error) == 0 : got == e->value;
  if (same) r->agree++;
  else r->disagree++;
  if (same && !r->verbose) return;
  fprintf(r->out, "%s:%u: %s(%s, %s, ...) gave %s%s%" PRIx64 ", the model ", r->name, e->line, e->call, e->arg[0], e->arg[1],
          e->error, e->error[0] ? " " : "0x", e->error[0] ? 0 : (uint64_t)e->value);
  if (error) fprintf(r->out, "%s\n", error);
  else fprintf(r->out, "0x%" PRIx64 "\n", (uint64_t)got);
}

/* The pages that a call is about. */
static void notice(struct replay *r, uint32_t mm, const struct vmref_call *c, const struct trace_event *e)
{
  const uint64_t from = (c->nr == VMREF_SYS_MMAP ? (uint64_t)e->value : c->arg[0]) / 4096, n = vmref_length_pages(c->arg[1]);
  if (e->error[0] || n > UINT64_C(1) << 36) return;
  if (c->nr == VMREF_SYS_MPROTECT || c->nr == VMREF_SYS_MADVISE || c->nr == VMREF_SYS_MLOCK || c->nr == VMREF_SYS_MREMAP) discover(r, mm, from, from + n);
  if (c->nr != VMREF_SYS_MADVISE && c->nr != VMREF_SYS_SHMDT) saw(r, mm, from, from + n);
  if (c->nr == VMREF_SYS_MREMAP) saw(r, mm, (uint64_t)e->value / 4096, (uint64_t)e->value / 4096 + vmref_length_pages(c->arg[2]));
}

static int heap(struct replay *r, uint32_t mm, uint32_t task, const struct trace_event *e)
{
  struct vmref_mm *m = &r->l->mm[mm];
  if (m->start_brk == r->l->low * 4096 && value(e, 0) == 0) { /* the first after execve says where the heap is */
    m->start_brk = m->brk = (uint64_t)e->value;
    r->agree++;
    return 0;
  }
  const uint64_t old = vmref_length_pages(m->brk), new = vmref_length_pages((uint64_t)e->value);
  if (new > old) saw(r, mm, old, new);
  judge(r, e, vmref_syscall(r->l, task, &(struct vmref_call){ VMREF_SYS_BRK, { value(e, 0) } }));
  return 0;
}

/* ---- System V: ids are the kernel's, the model numbers segments itself ---- */

static int64_t segment(const struct replay *r, int64_t real)
{
  for (unsigned i = 0; i < r->segments; i++)
    if (r->segment[i].real == real) return (int64_t)r->segment[i].model;
  return -1;
}

/* Of a key, the trace tells of the first shmget that gave an id, and that it was made then is assumed. */
static int segment_get(struct replay *r, const struct trace_event *e, uint32_t task)
{
  const int private = value(e, 0) == 0;
  if (!private && e->error[0]) return r->calls--, r->other++, 0;
  if (!private && segment(r, e->value) >= 0) return r->agree++, 0;
  const int64_t id = vmref_syscall(r->l, task, &(struct vmref_call){ VMREF_SYS_SHMGET, { 0, value(e, 1), value(e, 2) } });
  if (id == VMREF_RESULT_FULL || r->segments == 64) return fprintf(stderr, "%s:%u: the model has no room left\n", r->name, e->line), 4;
  if (id >= 0) r->segment[r->segments].real = e->value, r->segment[r->segments++].model = (uint64_t)id;
  judge(r, e, id >= 0 && !e->error[0] ? e->value : id);
  return 0;
}

static int segment_call(struct replay *r, const struct trace_event *e, uint32_t task, uint32_t nr)
{
  if (nr == VMREF_SYS_SHMGET) return segment_get(r, e, task);
  const int64_t id = segment(r, (int64_t)value(e, 0));
  if (id < 0 || (nr == VMREF_SYS_SHMCTL && !strstr(e->arg[1], "IPC_RMID"))) return r->calls--, r->other++, 0;
  struct vmref_call c = { nr, { (uint64_t)id, value(e, 1), value(e, 2) } };
  if (nr == VMREF_SYS_SHMAT && !e->error[0]) {
    const uint64_t at = (uint64_t)e->value / 4096, n = vmref_length_pages(r->l->object[id].size);
    if (c.arg[1] == 0) r->places++, r->places_same += vmref_place(r->l, r->l->task[task].mm, 0, n) == at, c.arg[1] = (uint64_t)e->value;
    saw(r, r->l->task[task].mm, at, at + n);
  }
  judge(r, e, vmref_syscall(r->l, task, &c));
  return 0;
}

static int call(struct replay *r, const struct trace_event *e, uint32_t task)
{
  static const struct { const char *name; uint32_t nr; } known[] = { { "mmap", 9 }, { "munmap", 11 }, { "mprotect", 10 }, { "pkey_mprotect", 10 },
    { "mremap", 25 }, { "madvise", 28 }, { "brk", 12 }, { "mlock", 149 }, { "munlock", 150 }, { "mlock2", 325 }, { "mlockall", 151 },
    { "munlockall", 152 }, { "msync", 26 }, { "mincore", 27 }, { "shmget", 29 }, { "shmat", 30 }, { "shmdt", 67 }, { "shmctl", 31 } };
  const uint32_t mm = r->l->task[task].mm;
  size_t k = 0;
  while (k < sizeof known / sizeof known[0] && strcmp(known[k].name, e->call) != 0) k++;
  if (k == sizeof known / sizeof known[0]) return r->other++, 0;
  r->calls++;
  if (known[k].nr == VMREF_SYS_BRK) return heap(r, mm, task, e);
  if (strncmp(e->call, "shm", 3) == 0 && known[k].nr != VMREF_SYS_SHMDT) return segment_call(r, e, task, known[k].nr);
  struct vmref_call c = { known[k].nr, { 0 } };
  for (unsigned i = 0; i < 6; i++) c.arg[i] = value(e, i);
  int64_t file = -1;
  if (c.nr == VMREF_SYS_MMAP && !(c.arg[3] & VMREF_MAP_ANONYMOUS) && !e->error[0]) {
    file = file_for(r, mm, c.arg[4], (c.arg[3] & VMREF_MAP_FIXED) != 0);
    if (file < 0) return 4;
    c.arg[4] = (uint64_t)file;
  }
  const int chooses = !e->error[0] && ((c.nr == VMREF_SYS_MMAP && !(c.arg[3] & (VMREF_MAP_FIXED | VMREF_MAP_NOREPLACE)))
    || (c.nr == VMREF_SYS_MREMAP && (uint64_t)e->value != c.arg[0] && !(c.arg[3] & VMREF_MREMAP_FIXED)));
  if (chooses) place(r, mm, &c, e);
  notice(r, mm, &c, e);
  const int64_t got = vmref_syscall(r->l, task, &c);
  if (file >= 0) r->l->file[file].held = 0;
  /* whether a file can be mapped, the trace does not tell */
  if (got == VMREF_RESULT_UNMODELLED || (c.nr == VMREF_SYS_MMAP && e->error[0] && !(c.arg[3] & VMREF_MAP_ANONYMOUS))) return r->calls--, r->other++, 0;
  if (got == VMREF_RESULT_FULL) return fprintf(stderr, "%s:%u: the model has no room left\n", r->name, e->line), 4;
  judge(r, e, got);
  return 0;
}

/* ---- processes ---- */

/* A line of a child may come before its parent's clone returns. */
static int born(struct replay *r, unsigned pid)
{
  for (size_t i = r->done; i < r->trace->n; i++) {
    const struct trace_event *e = &r->trace->event[i];
    if (e->child != pid + 1 || !r->task_of[e->pid]) continue;
    uint64_t flags = 0;
    const char *at = e->arg[0];
    for (unsigned k = 0; k < TRACE_ARGS; k++)
      if (strstr(e->arg[k], "flags=")) at = strstr(e->arg[k], "flags=") + 6;
    char text[48];
    snprintf(text, sizeof text, "%.*s", (int)strcspn(at, ",}"), at);
    flags = (strstr(text, "CLONE_VM") || strcmp(e->call, "vfork") == 0) ? VMREF_CLONE_VM : 0;
    const uint32_t parent = (uint32_t)r->task_of[e->pid] - 1;
    const int64_t t = vmref_syscall(r->l, parent, &(struct vmref_call){ VMREF_SYS_CLONE, { flags } });
    if (t < 0) return fprintf(stderr, "%s:%u: more processes than the model has room for\n", r->name, e->line), 4;
    r->task_of[pid] = (int)t + 1;
    if (!flags) {
      inherit_seen(r, r->l->task[parent].mm, r->l->task[t].mm);
      memcpy(r->file_of[r->l->task[t].mm % 64], r->file_of[r->l->task[parent].mm % 64], sizeof r->file_of[0]);
    }
    return 0;
  }
  return fprintf(stderr, "%s: process %s has no clone, fork or vfork that gives it\n", r->name, r->trace->pid[pid]), 3;
}

static void begin_image(struct replay *r, uint32_t mm, const struct map_line *start, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    if (start[i].end > VMREF_TASK_PAGES) continue;
    if (strncmp(start[i].path, "[heap]", 6) == 0) r->l->mm[mm].start_brk = start[i].start * 4096, r->l->mm[mm].brk = start[i].end * 4096;
    const uint32_t sharing = start[i].shared ? VMREF_VM_SHARED | VMREF_VM_MAYSHARE : 0;
    vmref_vma_insert(&r->l->mm[mm].vmas, r->l->mm[mm].vmas.n, (struct vmref_vma){ start[i].start, start[i].end, start[i].start, 0,
      BEFORE_FLAGS | start[i].prot | sharing | (start[i].prot & 2 ? VMREF_VM_ACCOUNT : 0), 0 });
  }
}

/* ---- the layout ---- */

struct group { char path[200]; }; /* of a file of the model: where all of it is, in the maps */

static const char *page_differs(struct replay *r, const struct vmref_vma *v, const struct map_line *h, uint64_t p, struct group *groups)
{
  if (v->flags % 8 != h->prot) return "rights";
  if (((v->flags & VMREF_VM_MAYSHARE) != 0) != h->shared) return "sharing";
  const int has_path = h->path[0] != 0 && h->path[0] != '[';
  const int anonymous_object = v->file && r->l->object[r->l->file[v->file - 1].object].kind == VMREF_OBJECT_ANON;
  if ((v->file != 0) != has_path) return "being of a file";
  if (!v->file) return NULL;
  if (anonymous_object) return strncmp(h->path, "/dev/zero", 9) == 0 ? NULL : "file";
  if (h->offset + (p - h->start) != vmref_page_index(*v, p)) return "offset in the file";
  struct group *g = &groups[v->file - 1];
  if (!g->path[0]) strcpy(g->path, h->path);
  return strcmp(g->path, h->path) == 0 ? NULL : "file";
}

static void compare(struct replay *r, uint32_t mm, const struct map_line *maps, size_t n)
{
  const struct vmref_vmas *m = &r->l->mm[mm].vmas;
  struct group *groups = calloc(r->l->files, sizeof *groups);
  if (!groups) abort();
  for (size_t i = 0; i < n; i++)
    for (uint64_t p = maps[i].start; p < maps[i].end && p < VMREF_TASK_PAGES; p++) {
      const uint32_t k = vmref_vma_find(m, p);
      const int here = k < m->n && m->at[k].start <= p;
      if (!is_seen(r, mm, p)) r->before++;
      else {
        const int known = here && !(m->at[k].offset == m->at[k].start && m->at[k].file == 0 && maps[i].path[0] == '/'); /* found out: not of the trace */
        const char *what = !here ? "being mapped" : known ? page_differs(r, &m->at[k], &maps[i], p, groups) : m->at[k].flags % 8 != maps[i].prot ? "rights" : NULL;
        r->pages++;
        if (what && r->wrong++ < 10) fprintf(r->out, "%s: page %" PRIx64 ": the model has another %s than the maps\n", r->name, p * 4096, what);
      }
    }
  for (uint32_t i = 0; i < m->n; i++) /* what the model has and the maps have not */
    for (uint64_t p = m->at[i].start; p < m->at[i].end; p++) {
      size_t k = 0;
      while (k < n && !(maps[k].start <= p && p < maps[k].end)) k++;
      if (k < n) {
        p = maps[k].end - 1;
        continue;
      }
      if (r->wrong++ < 10) fprintf(r->out, "%s: page %" PRIx64 ": mapped in the model, not in the maps\n", r->name, p * 4096);
    }
  free(groups);
}

int replay_run(struct replay *r, const struct map_line *start, size_t starts, const struct map_line *maps, size_t n)
{
  const struct trace *t = r->trace;
  int compared = 0, snapshots = 0;
  size_t last = 0; /* the first process's last execve */
  for (size_t i = 0; i < t->n; i++) {
    snapshots += t->event[i].kind == TRACE_SNAPSHOT;
    if (t->event[i].kind == TRACE_CALL && t->event[i].pid == 0 && strncmp(t->event[i].call, "execve", 6) == 0 && !t->event[i].error[0]) last = i;
  }
  r->task_of[0] = 1;
  if (starts && last == 0 && strncmp(t->event[0].call, "execve", 6) != 0) begin_image(r, 0, start, starts);
  for (size_t i = 0; i < t->n; i++) {
    const struct trace_event *e = &t->event[i];
    r->done = (unsigned)i;
    const int first_ends = e->pid == 0 && (e->kind == TRACE_EXIT || (e->kind == TRACE_CALL && strncmp(e->call, "exit", 4) == 0));
    if (e->kind != TRACE_SNAPSHOT && !r->task_of[e->pid]) {
      const int code = born(r, e->pid);
      if (code) return code;
    }
    if (!compared && (snapshots ? e->kind == TRACE_SNAPSHOT : first_ends)) compared = 1, compare(r, r->l->task[r->task_of[e->pid] - 1].mm, maps, n);
    if (e->kind == TRACE_SNAPSHOT) continue;
    const uint32_t task = (uint32_t)r->task_of[e->pid] - 1;
    if (e->kind == TRACE_EXIT) vmref_syscall(r->l, task, &(struct vmref_call){ VMREF_SYS_EXIT, { 0 } }), r->task_of[e->pid] = 0;
    else if (strncmp(e->call, "execve", 6) == 0 && !e->error[0]) {
      if (vmref_syscall(r->l, task, &(struct vmref_call){ VMREF_SYS_EXECVE, { 0 } }) != 0) return 4;
      forget(r, r->l->task[task].mm);
      memset(r->file_of[r->l->task[task].mm % 64], 0, sizeof r->file_of[0]);
      if (i == last && starts) begin_image(r, r->l->task[task].mm, start, starts);
    } else if (e->child) { if (!r->task_of[e->child - 1]) { const int code = born(r, e->child - 1); if (code) return code; } }
    else {
      const int code = call(r, e, task);
      if (code) return code;
    }
  }
  if (!compared) return fprintf(stderr, "%s: ends before its first process does, and has no snapshot\n", r->name), 3;
  return r->disagree || r->wrong ? 1 : 0;
}
