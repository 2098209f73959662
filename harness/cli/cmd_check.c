/* SPDX-License-Identifier: MIT */
/* vmref check: the events that an implementation has logged. */
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "trace.h"

static const char HELP[] =
"Usage: vmref check [--json] TRACE|-\n"
"Check the events that an implementation of virtual memory has logged, and tell the first that\n"
"breaks a rule: which, the walk by level, and the fewest events that still show it. The file\n"
"begins with the line 'vmref-trace 1'; then an event a line, numbers decimal or hex:\n"
"\n"
"  cpu N [FIELD VALUE]...       processor N, 0 to 15, as it begins or after a change of its control\n"
"                               registers: mode, cr3, wp, smep, ..., as vmref walk names them\n"
"  mem ADDRESS VALUE            8 bytes of physical memory as they are to begin with\n"
"  write ADDRESS VALUE          software writes 8 bytes of a table; write4: 4 bytes\n"
"  cr3 N VALUE [keep]           MOV CR3; keep is bit 63 of its source\n"
"  invlpg N VA                  also invpcid N TYPE PCID VA, and flush N: everything there\n"
"  fill N VA PA RIGHTS          a TLB takes a translation; RIGHTS r, and w, u and x as they are\n"
"  access N KIND VA CPL [size S] [ac] [implicit] [stack] ok PA\n"
"  access N KIND VA CPL ...      fault VECTOR [ERROR [CR2]]\n"
"                               KIND: read, write, rmw or fetch\n"
"  alloc FRAME; free FRAME      a page frame, by its address\n"
"  swapout FRAME SLOT; swapin SLOT FRAME\n"
"\n"
"  -j, --json   the result as an object\n"
"  -h, --help   print this and exit\n"
"\n"
"Exit: 0 it follows the rules, 1 it breaks one, 2 usage, 3 the trace itself is malformed or\n"
"contradicts itself, 4 something in it is not modelled, 5 internal.\n"
"\n"
"  vmref check corpus/traces/good-demand-paging.trace\n";

static void print_json(const struct trace_file *t, const struct trace_result *r, const size_t *order, size_t n)
{
  if (r->verdict == TRACE_FOLLOWS) {
    printf("{\"result\":\"follows\",\"events\":%zu}\n", t->events);
    return;
  }
  const struct event *e = &t->event[r->at];
  printf("{\"result\":\"broken\",\"line\":%" PRIu64 ",\"event\":", e->line);
  print_string(stdout, t->text[r->at]);
  printf(",\"rule\":\"%s\",\"message\":", r->rule);
  print_string(stdout, r->what);
  if (r->walked) print_walk(stdout, "walk", &r->walk);
  fputs(",\"minimal\":[", stdout);
  for (size_t i = 0; i < n; i++) {
    if (i) putchar(',');
    print_string(stdout, t->text[order[i]]);
  }
  puts("]}");
}

static const char *text_of(const struct trace_result *r)
{
  if (r->text[0]) return r->text;
  for (unsigned i = 0; i < 256; i++)
    if (strcmp(rule_id((uint8_t)i), r->rule) == 0) return rule_text((uint8_t)i);
  return "";
}

static void print_words(const struct trace_file *t, const struct trace_result *r, const size_t *order, size_t n)
{
  if (r->verdict == TRACE_FOLLOWS) {
    printf("%zu events follow the rules\n", t->events);
    return;
  }
  printf("line %" PRIu64 ": %s\n", t->event[r->at].line, t->text[r->at]);
  printf("broken  %s, %s\n", r->rule, text_of(r));
  printf("right   %s\n", r->what);
  if (r->walked) show_steps(stdout, &r->walk);
  printf("fewest events that show it:\n  vmref-trace 1\n");
  for (size_t i = 0; i < n; i++) printf("  %s\n", t->text[order[i]]);
}

static int report(const struct trace_file *t, const char *file, const struct trace_result *r, bool json)
{
  if (r->verdict == TRACE_WRONG || r->verdict == TRACE_UNMODELLED) {
    fprintf(stderr, "vmref check: %s:%" PRIu64 ": %s: %s: %s\n", file, t->event[r->at].line, r->verdict == TRACE_WRONG ? "the trace is wrong" : "not modelled",
            t->text[r->at], r->what);
    return r->verdict == TRACE_WRONG ? EXIT_MALFORMED : EXIT_UNMODELLED;
  }
  size_t *order = malloc((r->at + 1) * sizeof *order);
  if (!order) return say("out of memory"), EXIT_INTERNAL;
  const size_t n = r->verdict == TRACE_BROKEN ? trace_shrink(t, r, order) : 0;
  (json ? print_json : print_words)(t, r, order, n);
  free(order);
  return r->verdict == TRACE_BROKEN ? EXIT_DISAGREES : EXIT_ANSWERED;
}

int check_command(int argc, char **argv)
{
  static const struct option options[] = { { "json", no_argument, NULL, 'j' }, { "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 } };
  struct trace_file t = { 0 };
  struct trace_result r;
  bool json = false;
  int option;
  while ((option = getopt_long(argc, argv, "jh", options, NULL)) != -1) {
    if (option == 'h') return fputs(HELP, stdout), EXIT_ANSWERED;
    if (option != 'j') usage("check", NULL);
    json = true;
  }
  if (argc - optind != 1) usage("check", argc == optind ? "a TRACE is missing" : "one TRACE, not %d", argc - optind);
  int code = trace_read(&t, argv[optind]);
  if (code == EXIT_ANSWERED) {
    if (trace_check(&t, NULL, t.events, &r)) code = report(&t, strcmp(argv[optind], "-") == 0 ? "standard input" : argv[optind], &r, json);
    else code = (say("out of memory"), EXIT_INTERNAL);
  }
  trace_free(&t);
  return code;
}
