/* SPDX-License-Identifier: MIT */
/* vmref serve: requests as JSON lines, an answer each, until the input ends. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "asks.h"
#include "serve.h"

static const char HELP[] =
"Usage: vmref serve\n"
"Read a request, a JSON object, from each line of standard input and print its answer, one\n"
"line each, in order and at once. A line that is malformed gets an error and harms no other.\n"
"\n"
"  {\"op\":\"walk\",...}                       as vmref walk answers it\n"
"  {\"op\":\"allows\",...,\"seen\":{...}}        is that outcome of a walk permitted?\n"
"  {\"op\":\"sequence\",...}                   accesses, changes and invalidations between them\n"
"  {\"op\":\"set\",...}                        writes of control registers, one after another\n"
"  {\"op\":\"memtype\",...}                    memory types of a walk\n"
"  {\"op\":\"footprint\",...}                  the memory that page tables take\n"
"  {\"op\":\"script\",\"do\":[\"LINE\",...]}     lines of a script, in a session of their own\n"
"  {\"op\":\"new\"}                            a session: a memory manager of its own. It may\n"
"                                          have frames, slots, spaces, tables, policy, and\n"
"                                          \"kernel\":true for kmalloc and vmalloc\n"
"  {\"op\":\"op\",\"session\":1,\"do\":\"LINE\"}     do a line of a script (vmref run --help)\n"
"  {\"op\":\"check\",\"session\":1}              does the invariant hold?\n"
"  {\"op\":\"free\",\"session\":1}\n"
"  {\"op\":\"version\"}\n"
"\n"
"A request may have an \"id\", which comes first in its answer. At most 64 sessions are open,\n"
"of 65536 frames, slots and tables together. docs/SERVE.md has the forms.\n"
"\n"
"  -h, --help   print this and exit\n"
"\n"
"Exit at the end of the input: 0 all answered, 3 a line was malformed, 4 one asked for what\n"
"is not modelled, 2 usage, 5 the answers cannot be written.\n"
"\n"
"  echo '{\"op\":\"new\"}' | vmref serve\n";

bool only(json_t *request, const char *const *fields, struct complaint *why)
{
  const char *key;
  json_t *value;
  json_object_foreach(request, key, value) {
    const char *const *f = fields;
    while (*f && strcmp(*f, key) != 0) f++;
    if (!*f && strcmp(key, "op") != 0) return bad(why, "unknown field \"%.40s\"", key);
  }
  return true;
}

static struct question question;

static enum answer walk(FILE *f, json_t *request, struct complaint *why)
{
  struct vmref_span s;
  if (!question_take(&question, request, why)) return MALFORMED;
  enum answer a = answer(&question, &s, why);
  if (a == ANSWERED) print_answer(f, &s);
  else print_unmodelled(f, why->text);
  return a;
}

/* The answer of the model as JSON, to be judged by. */
static enum answer allows(FILE *f, json_t *request, struct complaint *why)
{
  json_t *seen = json_incref(json_object_get(request, "seen"));
  char *text = NULL;
  size_t size = 0;
  const char *differs;
  struct complaint unused, reason = { "" };
  if (!seen) return bad(why, "seen is missing: the outcome, as an answer of walk"), MALFORMED;
  json_object_del(request, "seen");
  json_object_set_new(request, "op", json_string("walk"));
  FILE *memory = open_memstream(&text, &size);
  enum answer a = MALFORMED;
  if (memory) {
    a = walk(memory, request, why);
    fclose(memory);
  } else bad(why, "out of memory");
  json_t *answer = a == ANSWERED ? line_read(text, size, &unused) : NULL;
  if (answer && judge(answer, seen, &differs, &reason)) fputs("{\"result\":\"allowed\"}\n", f);
  else if (answer && differs) {
    fprintf(f, "{\"result\":\"refused\",\"differs\":\"%s\",\"message\":", differs);
    print_string(f, reason.text);
    fprintf(f, ",\"answer\":%.*s}\n", (int)(size - 1), text);
  } else if (answer) {
    bad(why, "seen: %.300s", reason.text);
    a = MALFORMED;
  } else if (a == UNMODELLED) fwrite(text, 1, size, f);
  json_decref(answer);
  json_decref(seen);
  free(text);
  return a;
}

/* What is no single walk. */
static enum answer ask(FILE *f, json_t *request, struct complaint *why)
{
  json_t *answer = ask_answer(request, why);
  if (!answer) return MALFORMED;
  json_dumpf(answer, f, JSON_COMPACT);
  fputc('\n', f);
  json_decref(answer);
  return ANSWERED;
}

static enum answer version(FILE *f, json_t *request, struct complaint *why)
{
  static const char *const none[] = { NULL };
  if (!only(request, none, why)) return MALFORMED;
  fputs("{\"result\":\"ok\",\"version\":\"" VMREF_VERSION "\",\"format\":1}\n", f);
  return ANSWERED;
}

static enum answer do_op(FILE *f, json_t *request, struct complaint *why)
{
  static const struct { const char *name; bool (*session)(FILE *, json_t *, struct complaint *); } OPS[] = {
    { "op", session_op }, { "new", session_new }, { "script", session_script }, { "check", session_check }, { "free", session_free } };
  const char *op = json_string_value(json_object_get(request, "op"));
  if (!op || strcmp(op, "walk") == 0) return walk(f, request, why);
  if (strcmp(op, "allows") == 0) return allows(f, request, why);
  if (strcmp(op, "version") == 0) return version(f, request, why);
  for (size_t i = 0; i < sizeof OPS / sizeof *OPS; i++)
    if (strcmp(op, OPS[i].name) == 0) return OPS[i].session(f, request, why) ? ANSWERED : MALFORMED;
  for (const char *const *name = ASKS; *name; name++)
    if (strcmp(op, *name) == 0) return ask(f, request, why);
  bad(why, "unknown op \"%.40s\"; there are: walk, allows, sequence, set, memtype, footprint, script, new, op, check, free, version", op);
  return MALFORMED;
}

/* The answer's object behind the id of its request. */
static void print_with_id(json_t *id, const char *text, size_t size)
{
  if (id) {
    fputs("{\"id\":", stdout);
    json_dumpf(id, stdout, JSON_COMPACT | JSON_ENCODE_ANY);
    putchar(',');
    text++, size--;
  }
  fwrite(text, 1, size, stdout);
}

static enum answer serve(const char *text, size_t size, uint64_t line)
{
  struct complaint why = { "" };
  char *out = NULL;
  size_t length = 0;
  json_t *request = line_read(text, size, &why), *id = json_incref(json_object_get(request, "id"));
  FILE *f = open_memstream(&out, &length);
  enum answer a = MALFORMED;
  if (!f) {
    say("out of memory");
    exit(EXIT_INTERNAL);
  }
  if (id && !json_is_string(id) && !json_is_integer(id)) bad(&why, "id must be a string or a whole number");
  else if (request && !json_is_object(request)) bad(&why, "a request must be an object");
  else if (request) {
    json_object_del(request, "id");
    a = do_op(f, request, &why);
  }
  if (a == MALFORMED) print_error(f, line, why.text); /* nothing else was printed then */
  fclose(f);
  print_with_id(id && (json_is_string(id) || json_is_integer(id)) ? id : NULL, out, length);
  free(out);
  json_decref(id);
  json_decref(request);
  return a;
}

static bool blank(const char *text, size_t size)
{
  while (size > 0 && (text[size - 1] == ' ' || text[size - 1] == '\t' || text[size - 1] == '\r')) size--;
  return size == 0;
}

int serve_command(int argc, char **argv)
{
  static const struct option options[] = { { "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 } };
  int option;
  bool seen[3] = { false, false, false };
  const char *text;
  size_t size;
  enum line kind;
  while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
    if (option == 'h') return fputs(HELP, stdout), EXIT_ANSWERED;
    usage("serve", NULL);
  }
  if (argc != optind) usage("serve", "no operand, but '%s'; requests come from standard input", argv[optind]);
  question = QUESTION_DEFAULT;
  struct lines *in = lines_open(NULL);
  if (!in) return say("out of memory"), EXIT_INTERNAL;
  while ((kind = lines_next(in, &text, &size)) == LINE_TEXT || kind == LINE_LONG) {
    if (kind == LINE_TEXT && blank(text, size)) continue;
    if (kind == LINE_TEXT) seen[serve(text, size, lines_number(in))] = true;
    else {
      print_error(stdout, lines_number(in), "a line must be at most 1048576 bytes");
      seen[MALFORMED] = true;
    }
  }
  if (kind == LINE_UNREADABLE) say("standard input: %s", strerror(errno));
  sessions_end();
  free(question.mem);
  lines_close(in);
  return kind == LINE_UNREADABLE || seen[MALFORMED] ? EXIT_MALFORMED : seen[UNMODELLED] ? EXIT_UNMODELLED : EXIT_ANSWERED;
}
