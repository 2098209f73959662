/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "lx_trace.h"

static const struct { const char *name; uint64_t bits; } NAMES[] = {
  { "NULL", 0 }, { "PROT_NONE", 0 }, { "PROT_READ", 1 }, { "PROT_WRITE", 2 }, { "PROT_EXEC", 4 }, { "PROT_GROWSDOWN", 0x1000000 },
  { "MAP_SHARED", 1 }, { "MAP_PRIVATE", 2 }, { "MAP_SHARED_VALIDATE", 3 }, { "MAP_FIXED", 0x10 }, { "MAP_ANONYMOUS", 0x20 }, { "MAP_32BIT", 0x40 },
  { "MAP_GROWSDOWN", 0x100 }, { "MAP_DENYWRITE", 0x800 }, { "MAP_EXECUTABLE", 0x1000 }, { "MAP_LOCKED", 0x2000 }, { "MAP_NORESERVE", 0x4000 },
  { "MAP_POPULATE", 0x8000 }, { "MAP_NONBLOCK", 0x10000 }, { "MAP_STACK", 0x20000 }, { "MAP_HUGETLB", 0x40000 }, { "MAP_SYNC", 0x80000 },
  { "MAP_FIXED_NOREPLACE", 0x100000 }, { "MREMAP_MAYMOVE", 1 }, { "MREMAP_FIXED", 2 }, { "MREMAP_DONTUNMAP", 4 },
  { "MADV_NORMAL", 0 }, { "MADV_RANDOM", 1 }, { "MADV_SEQUENTIAL", 2 }, { "MADV_WILLNEED", 3 }, { "MADV_DONTNEED", 4 }, { "MADV_FREE", 8 },
  { "MADV_DONTFORK", 10 }, { "MADV_DOFORK", 11 }, { "MADV_MERGEABLE", 12 }, { "MADV_HUGEPAGE", 14 }, { "MADV_NOHUGEPAGE", 15 },
  { "MADV_DONTDUMP", 16 }, { "MADV_DODUMP", 17 }, { "MADV_WIPEONFORK", 18 }, { "MADV_KEEPONFORK", 19 }, { "MADV_COLD", 20 }, { "MADV_PAGEOUT", 21 },
  { "MS_ASYNC", 1 }, { "MS_INVALIDATE", 2 }, { "MS_SYNC", 4 }, { "MCL_CURRENT", 1 }, { "MCL_FUTURE", 2 }, { "MCL_ONFAULT", 4 }, { "MLOCK_ONFAULT", 1 },
  { "IPC_PRIVATE", 0 }, { "IPC_RMID", 0 }, { "IPC_CREAT", 01000 }, { "IPC_EXCL", 02000 }, { "SHM_RDONLY", 010000 }, { "SHM_RND", 020000 },
  { "SHM_REMAP", 040000 }, { "SHM_EXEC", 0100000 }, { "CLONE_VM", 0x100 }, { "CLONE_VFORK", 0x4000 },
};

static int one_value(const char *text, size_t size, uint64_t *v)
{
  char word[48], *end;
  if (size == 0 || size >= sizeof word) return 0;
  memcpy(word, text, size);
  word[size] = 0;
  if (strchr(word, '<')) *strchr(word, '<') = 0; /* -y: 3</path> */
  for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++)
    if (strcmp(NAMES[i].name, word) == 0) return *v |= NAMES[i].bits, 1;
  /* names of bits that no rule here looks at */
  if (strncmp(word, "CLONE_", 6) == 0 || strncmp(word, "SIG", 3) == 0) return 1;
  *v |= word[0] == '-' ? (uint64_t)strtoll(word, &end, 0) : strtoull(word, &end, 0);
  return *end == 0 && (isdigit((unsigned char)word[0]) || word[0] == '-');
}

int trace_value(const char *text, uint64_t *v)
{
  *v = 0;
  for (const char *p = text; ; p++) {
    const size_t size = strcspn(p, "|");
    if (!one_value(p, size, v)) return 0;
    p += size;
    if (!*p) return 1;
  }
}

static unsigned pid_number(struct trace *t, const char *text, size_t size)
{
  for (unsigned i = 0; i < t->pids; i++)
    if (strlen(t->pid[i]) == size && memcmp(t->pid[i], text, size) == 0) return i;
  char (*more)[16] = realloc(t->pid, (t->pids + 1) * sizeof *more);
  if (!more) abort();
  t->pid = more;
  snprintf(t->pid[t->pids], sizeof *t->pid, "%.*s", (int)size, text);
  return t->pids++;
}

static struct trace_event *add(struct trace *t)
{
  if (t->n == t->room) {
    t->room = t->room ? 2 * t->room : 256;
    t->event = realloc(t->event, t->room * sizeof *t->event);
    if (!t->event) abort();
  }
  return memset(&t->event[t->n++], 0, sizeof *t->event);
}

/* The end of an argument, at its comma or the bracket behind the last. NULL: there is none. */
static const char *argument_end(const char *p)
{
  int depth = 0, quoted = 0;
  for (; *p; p++) {
    if (quoted) {
      if (*p == '\\' && p[1]) p++;
      else if (*p == '"') quoted = 0;
    } else if (*p == '"') quoted = 1;
    else if (strchr("([{", *p)) depth++;
    else if (strchr(")]}", *p)) {
      if (depth-- == 0) return p;
    } else if (*p == ',' && depth == 0) return p;
  }
  return NULL;
}

/* "name(arg, arg) = value". 0: it is none. */
static int read_call(struct trace *t, struct trace_event *e, const char *p)
{
  const size_t name = strcspn(p, "(");
  if (!p[name] || name == 0 || name >= sizeof e->call) return 0;
  memcpy(e->call, p, name);
  p += name + 1;
  for (unsigned i = 0; ; i++) {
    while (*p == ' ') p++;
    const char *end = argument_end(p);
    if (!end) return 0;
    if (i < TRACE_ARGS) snprintf(e->arg[i], sizeof e->arg[i], "%.*s", (int)(end - p), p);
    p = end + 1;
    if (*end != ',') break;
  }
  while (*p == ' ') p++;
  if (*p++ != '=') return 0;
  while (*p == ' ') p++;
  const size_t size = strcspn(p, " \n");
  uint64_t v = 0;
  if (strstr(e->call, "clone") || strstr(e->call, "fork")) {
    if (*p != '-') e->child = 1 + pid_number(t, p, size);
  } else if (*p != '?') one_value(p, size, &v);
  e->value = (int64_t)v;
  if (*p == '-') sscanf(p, "-1 %15s", e->error);
  return 1;
}

static char *joined(char *first, const char *rest)
{
  char *s = malloc(strlen(first) + strlen(rest) + 1);
  if (!s) abort();
  return strcat(strcpy(s, first), rest);
}

/* What follows pid and time. */
static int read_rest(struct trace *t, char **open, unsigned pid, unsigned line, char *p)
{
  char *unfinished = strstr(p, "<unfinished ...>"), *resumed = strncmp(p, "<... ", 5) == 0 ? strstr(p, "resumed>") : NULL, *whole = NULL;
  if (strncmp(p, "---", 3) == 0) return 1;
  if (strncmp(p, "+++", 3) == 0) {
    struct trace_event *e = add(t);
    e->kind = TRACE_EXIT, e->pid = pid, e->line = line;
    return 1;
  }
  if (unfinished) {
    while (unfinished > p && unfinished[-1] == ' ') unfinished--;
    *unfinished = 0;
    free(open[pid]);
    open[pid] = strdup(p);
    return open[pid] != NULL;
  }
  if (resumed) {
    if (!open[pid]) return 0;
    p = whole = joined(open[pid], resumed + strlen("resumed>"));
    free(open[pid]), open[pid] = NULL;
  }
  struct trace_event *e = add(t);
  e->pid = pid, e->line = line;
  const int r = read_call(t, e, p);
  if (r && strcmp(e->call, "openat") == 0 && strncmp(e->arg[1], "\"/proc/", 7) == 0 && strstr(e->arg[1], "/maps\"")) {
    e->kind = TRACE_SNAPSHOT;
    if (!strstr(e->arg[1], "self")) e->pid = 0;
  }
  free(whole);
  return r;
}

int lx_trace_read(struct trace *t, FILE *f, const char *name)
{
  static char *open[4096];
  char *line = NULL;
  size_t size = 0;
  int good = 1;
  for (unsigned n = 1; good && getline(&line, &size, f) > 0; n++) {
    char *p = line;
    if (strncmp(p, "# SNAPSHOT", 10) == 0) {
      add(t)->kind = TRACE_SNAPSHOT;
      t->event[t->n - 1].line = n;
      continue;
    }
    if (*p == '#' || *p == '\n') continue;
    if (strncmp(p, "[pid ", 5) == 0) p += 5;
    const size_t id = strcspn(p, " ]");
    const unsigned pid = pid_number(t, p, id);
    p += id;
    while (*p == ' ' || *p == ']' || isdigit((unsigned char)*p) || *p == '.') p++; /* the time */
    good = pid < 4096 && read_rest(t, open, pid, n, p);
    if (!good) fprintf(stderr, "%s:%u: no line of strace -f: PID, perhaps a time, then NAME(ARGUMENTS) = VALUE, or +++ or ---\n", name, n);
  }
  for (unsigned i = 0; i < 4096; i++) free(open[i]), open[i] = NULL;
  free(line);
  if (good && t->n == 0) fprintf(stderr, "%s: there is no call in it\n", name);
  return good && t->n > 0;
}

void lx_trace_free(struct trace *t)
{
  free(t->event);
  free(t->pid);
}

struct map_line *maps_read(FILE *f, const char *name, size_t *n)
{
  struct map_line *m = NULL;
  char line[4096];
  *n = 0;
  for (unsigned number = 1; fgets(line, sizeof line, f); number++) {
    uint64_t start, end, offset;
    char right[5];
    int at = 0;
    if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %*x:%*x %*u %n", &start, &end, right, &offset, &at) < 4 || strlen(right) != 4) {
      fprintf(stderr, "%s:%u: no line of /proc/PID/maps\n", name, number);
      free(m);
      return NULL;
    }
    struct map_line *more = realloc(m, (*n + 1) * sizeof *m);
    if (!more) abort();
    m = more;
    struct map_line *l = &m[(*n)++];
    *l = (struct map_line){ start / 4096, end / 4096, offset / 4096,
      (uint8_t)((right[0] == 'r') + 2 * (right[1] == 'w') + 4 * (right[2] == 'x')), right[3] == 's', "" };
    snprintf(l->path, sizeof l->path, "%.*s", (int)strcspn(line + at, "\n"), line + at);
  }
  if (*n == 0) fprintf(stderr, "%s: empty\n", name);
  return m;
}
