/* SPDX-License-Identifier: MIT */
/* vmref vectors --run: an implementation answers questions, and is judged by the answers that stand beside them. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "asks.h"
#include "vectors.h"

enum verdict { AGREES, DIFFERS, UNSUPPORTED, VERDICTS };
static const char *const NAMES[] = { "agrees", "differs", "unsupported" };

struct known { json_t *vector; const char *file; };
static struct known *list;
static size_t vectors, room;

/* ---- files of vectors ----------------------------------------------------------- */

static int malformed(const char *file, uint64_t line, const char *why)
{
  flush_output();
  fprintf(stderr, "vmref vectors: %s:%" PRIu64 ": %s\n", file, line, why);
  return EXIT_MALFORMED;
}

static const char *text_of(const json_t *vector, const char *field)
{
  const char *text = json_string_value(json_object_get(vector, field));
  return text ? text : "";
}

static const char *op_of(const json_t *ask)
{
  return json_object_get(ask, "op") ? text_of(ask, "op") : "walk";
}

/* Those that --run asks: a walk is judged by judge.c, the others by harness/vectors. */
static bool is_asked(const char *op)
{
  const char *const *name = ASKS;
  while (*name && strcmp(*name, op) != 0) name++;
  return *name || strcmp(op, "walk") == 0 || strcmp(op, "script") == 0;
}

static bool is_vector(const json_t *v, struct complaint *why)
{
  json_t *rules = json_object_get(v, "rules"), *ask = json_object_get(v, "ask"), *answer = json_object_get(v, "answer");
  size_t i;
  json_t *rule;
  if (!text_of(v, "id")[0]) return bad(why, "a vector must have an id");
  if (json_array_size(rules) == 0) return bad(why, "rules must be the ids of one rule or more");
  json_array_foreach(rules, i, rule)
    if (!json_is_string(rule)) return bad(why, "rules must be ids");
  if (!json_is_object(ask)) return bad(why, "ask must be a question");
  if (!is_asked(op_of(ask))) return bad(why, "ask.op \"%.40s\" is none that can be asked", op_of(ask));
  if (strcmp(op_of(ask), "sequence") == 0) return json_is_array(json_object_get(ask, "steps")) || bad(why, "ask.steps must be a list");
  if (strcmp(op_of(ask), "walk") != 0) return json_object_size(answer) > 0 || bad(why, "answer must be an object with some field");
  const char *result = text_of(answer, "result");
  return strcmp(result, "ok") == 0 || strcmp(result, "fault") == 0 || bad(why, "answer must have the result \"ok\" or \"fault\"");
}

/* What the implementation is asked: a sequence without its outcomes and what it denies. */
static json_t *asked(const json_t *vector)
{
  static const char *const OURS[] = { "permit", "deny", "rule", NULL };
  json_t *ask = json_object_get(vector, "ask");
  if (strcmp(op_of(ask), "sequence") != 0) return json_incref(ask);
  json_t *copy = json_deep_copy(ask), *step;
  size_t i;
  json_array_foreach(json_object_get(copy, "steps"), i, step)
    for (const char *const *name = OURS; *name; name++) json_object_del(step, *name);
  return copy;
}

static bool keep(json_t *v, const char *file)
{
  if (vectors == room) {
    size_t more = room ? 2 * room : 1024;
    void *p = realloc(list, more * sizeof *list);
    if (!p) return false;
    list = p;
    room = more;
  }
  list[vectors++] = (struct known){ v, file };
  return true;
}

static int read_line(const char *file, uint64_t number, const char *text, size_t size, const char *id)
{
  struct complaint why;
  json_t *v = line_read(text, size, &why);
  if (!v || !is_vector(v, &why)) {
    json_decref(v);
    return malformed(file, number, why.text);
  }
  if (!(id && strcmp(id, text_of(v, "id")) != 0) && keep(v, file)) return EXIT_ANSWERED;
  json_decref(v);
  return EXIT_ANSWERED;
}

static int read_file(const char *path, const char *id)
{
  const char *text, *name = strcmp(path, "-") == 0 ? "standard input" : path;
  size_t size;
  enum line kind;
  int code = EXIT_ANSWERED;
  struct lines *in = lines_open(path);
  if (!in) return fprintf(stderr, "vmref vectors: %s: %s\n", name, strerror(errno)), EXIT_MALFORMED;
  while (code == EXIT_ANSWERED && (kind = lines_next(in, &text, &size)) != LINE_END) {
    if (kind == LINE_TEXT && size > 0) code = read_line(name, lines_number(in), text, size, id);
    if (kind == LINE_LONG) code = malformed(name, lines_number(in), "a line must be at most 1048576 bytes");
    if (kind == LINE_UNREADABLE) code = malformed(name, lines_number(in) + 1, strerror(errno));
  }
  lines_close(in);
  return code;
}

/* ---- the implementation ---------------------------------------------------------- */

static pid_t implementation, writer;

static void give_up(int signal)
{
  (void)signal;
  if (implementation > 0) kill(-implementation, SIGKILL);
}

static void be_implementation(const char *command, int in, int out)
{
  setpgid(0, 0);
  dup2(in, STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  execl("/bin/sh", "sh", "-c", command, (char *)NULL);
  _exit(127);
}

static void be_writer(int out)
{
  FILE *f = fdopen(out, "w");
  for (size_t i = 0; f && i < vectors; i++) {
    json_dumpf(asked(list[i].vector), f, JSON_COMPACT);
    if (fputc('\n', f) == EOF) break; /* it has ended; the reader tells */
  }
  if (f) fclose(f);
  _exit(0);
}

/* Both processes, and where the answers come from: -1, it cannot be. */
static int start(const char *command)
{
  int asks[2], answers[2];
  if (pipe2(asks, O_CLOEXEC) != 0 || pipe2(answers, O_CLOEXEC) != 0) return -1;
  flush_output();
  implementation = fork();
  if (implementation == 0) be_implementation(command, asks[0], answers[1]);
  writer = implementation > 0 ? fork() : -1;
  if (writer == 0) {
    close(asks[0]);
    be_writer(asks[1]);
  }
  close(asks[0]);
  close(asks[1]);
  close(answers[1]);
  return writer < 0 ? -1 : answers[0];
}

/* ---- judging --------------------------------------------------------------------- */

/* By rule, by kind of question, and why it was not supported. */
struct count { char name[100]; size_t n[VERDICTS]; };
struct tally { struct count *count; size_t counts; };
static struct tally by_rules, by_kinds, by_reasons;
static size_t all[VERDICTS], shown;

static void tally(struct tally *t, const char *name, enum verdict verdict)
{
  struct count new = { .n = { 0 } };
  snprintf(new.name, sizeof new.name, "%s", name);
  size_t i = 0;
  while (i < t->counts && strcmp(t->count[i].name, new.name) != 0) i++;
  if (i == t->counts) {
    void *more = realloc(t->count, (i + 1) * sizeof *t->count);
    if (!more) {
      say("out of memory");
      exit(EXIT_INTERNAL);
    }
    t->count = more;
    t->count[t->counts++] = new;
  }
  t->count[i].n[verdict]++;
}

static void print_value(const char *name, const json_t *v)
{
  fputs(name, stdout);
  json_dumpf(v, stdout, JSON_COMPACT);
}

static void tell(const struct vectors_run *r, const struct known *k, enum verdict verdict, const char *differs, const char *why, const json_t *seen)
{
  const json_t *v = k->vector;
  if (r->json) {
    printf("{\"id\":\"%s\",\"verdict\":\"%s\"", text_of(v, "id"), NAMES[verdict]);
    if (differs) printf(",\"differs\":\"%s\",\"message\":", differs), print_string(stdout, why);
    print_value(",\"rules\":", json_object_get(v, "rules"));
    print_value(",\"ask\":", json_object_get(v, "ask"));
    if (json_object_get(v, "answer")) print_value(",\"answer\":", json_object_get(v, "answer"));
    print_value(",\"seen\":", seen);
    puts("}");
  } else if (verdict == DIFFERS && shown++ < r->shown) {
    printf("DIFFERS %s, %s: %s\n", text_of(v, "id"), json_string_value(json_array_get(json_object_get(v, "rules"), 0)), why);
    print_value("  asked      ", json_object_get(v, "ask"));
    if (json_object_get(v, "answer")) print_value("\n  permitted  ", json_object_get(v, "answer"));
    print_value("\n  seen       ", seen);
    printf("\n  again      vmref vectors --run '%s' --id %s %s\n", r->command, text_of(v, "id"), k->file);
  }
}

/* The exit code: malformed where an answer is none. */
static int take(const struct vectors_run *r, const struct known *k, uint64_t number, const char *text, size_t size)
{
  struct complaint why = { "" };
  const char *differs = NULL, *result;
  const json_t *ask = json_object_get(k->vector, "ask"), *right = json_object_get(k->vector, "answer");
  enum verdict verdict = AGREES;
  size_t i;
  json_t *seen = line_read(text, size, &why), *rule;
  if (!seen) return malformed("the implementation's answers", number, why.text);
  result = text_of(seen, "result");
  const bool walk = strcmp(op_of(ask), "walk") == 0, script = strcmp(op_of(ask), "script") == 0;
  if (strcmp(result, "unsupported") == 0 || strcmp(result, "unmodelled") == 0) verdict = UNSUPPORTED;
  else if (!(walk ? judge(right, seen, &differs, &why) : script ? judge_fields(right, seen, &differs, &why)
             : ask_judge(ask, right, seen, &differs, &why))) verdict = DIFFERS;
  if (verdict == DIFFERS && !differs) {
    json_decref(seen);
    return malformed("the implementation's answers", number, why.text);
  }
  all[verdict]++;
  json_array_foreach(json_object_get(k->vector, "rules"), i, rule) tally(&by_rules, json_string_value(rule), verdict);
  tally(&by_kinds, op_of(ask), verdict);
  if (verdict == UNSUPPORTED) tally(&by_reasons, text_of(seen, "message")[0] ? text_of(seen, "message") : "no reason given", verdict);
  tell(r, k, verdict, verdict == DIFFERS ? differs : NULL, why.text, seen);
  json_decref(seen);
  return EXIT_ANSWERED;
}

static int by_name(const void *a, const void *b) { return strcmp(((const struct count *)a)->name, ((const struct count *)b)->name); }

static void table(const char *head, struct tally *t)
{
  qsort(t->count, t->counts, sizeof *t->count, by_name);
  printf("%-20s %8s %8s %8s %12s\n", head, "asked", "agree", "differ", "unsupported");
  for (size_t i = 0; i < t->counts; i++) {
    const size_t *n = t->count[i].n;
    printf("%-20s %8zu %8zu %8zu %12zu\n", t->count[i].name, n[AGREES] + n[DIFFERS] + n[UNSUPPORTED], n[AGREES], n[DIFFERS], n[UNSUPPORTED]);
  }
}

static void report(void)
{
  table("rule", &by_rules);
  table("kind of question", &by_kinds);
  for (size_t i = 0; i < by_reasons.counts; i++) printf("unsupported %zu: %s\n", by_reasons.count[i].n[UNSUPPORTED], by_reasons.count[i].name);
  printf("%zu vectors: %zu agree, %zu differ, %zu unsupported\n", vectors, all[AGREES], all[DIFFERS], all[UNSUPPORTED]);
}

static int answers(const struct vectors_run *r, int from)
{
  char path[32];
  const char *text;
  size_t size, n = 0;
  enum line kind = LINE_TEXT;
  int code = EXIT_ANSWERED;
  snprintf(path, sizeof path, "/dev/fd/%d", from);
  struct lines *in = lines_open(path);
  if (!in) return say("%s: %s", path, strerror(errno)), EXIT_INTERNAL;
  while (code == EXIT_ANSWERED && n < vectors && (kind = lines_next(in, &text, &size)) == LINE_TEXT)
    if (size > 0) code = take(r, &list[n++], lines_number(in), text, size);
  if (code == EXIT_ANSWERED && n < vectors)
    code = malformed("the implementation's answers", lines_number(in) + 1, kind == LINE_LONG ? "a line must be at most 1048576 bytes"
                     : "it ended, or was ended by --timeout, before it had answered all");
  lines_close(in);
  return code;
}

static int run(const struct vectors_run *r)
{
  int from = start(r->command);
  if (from < 0) return say("%s: %s", r->command, strerror(errno)), EXIT_INTERNAL;
  signal(SIGALRM, give_up);
  alarm(r->seconds);
  int code = answers(r, from);
  close(from);
  if (code != EXIT_ANSWERED) give_up(0);
  waitpid(writer, NULL, 0);
  waitpid(implementation, NULL, 0);
  alarm(0);
  if (code == EXIT_ANSWERED && !r->json) report();
  return code == EXIT_ANSWERED && all[DIFFERS] ? EXIT_DISAGREES : code;
}

int vectors_run(const struct vectors_run *r, char **files, int count)
{
  int code = EXIT_ANSWERED;
  for (int i = 0; i < count && code == EXIT_ANSWERED; i++) code = read_file(files[i], r->id);
  if (code == EXIT_ANSWERED && vectors == 0) {
    fprintf(stderr, "vmref vectors: there is no vector%s\n", r->id ? " of that --id" : " that can be asked");
    code = EXIT_MALFORMED;
  }
  if (code == EXIT_ANSWERED) code = run(r);
  for (size_t i = 0; i < vectors; i++) json_decref(list[i].vector);
  free(list);
  free(by_rules.count);
  free(by_kinds.count);
  free(by_reasons.count);
  return code;
}
