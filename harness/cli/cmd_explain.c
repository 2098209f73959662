/* SPDX-License-Identifier: MIT */
/* vmref explain: the walk in words. */
#include <getopt.h>
#include <string.h>
#include "cli.h"

const char EXPLAIN_HELP[] =
"Usage: vmref explain [--json] [FILE|-]\n"
"       vmref explain [--json] --case TOKEN\n"
"       vmref explain [--json] [--mode MODE] VA\n"
"Print the walk level by level with each entry's bits by name, the verdict with its\n"
"rule in the manual, the error code, and the accessed and dirty flags.\n"
"\n"
"  FILE         questions as for vmref walk; standard input without FILE or with -\n"
"  -c, --case TOKEN   the case of a replay token (vm2-...) that a fuzzer printed\n"
"  VA           a linear address in hex (0x...): only its parts, by bit range\n"
"  -m, --mode MODE    for VA: none, 32bit, pae, 4level (default) or 5level\n"
"      --json   one JSON object for each, on a line\n"
"  -h, --help   print this and exit\n"
"\n"
"Exit: as vmref walk.\n"
"\n"
"  vmref explain --mode 32bit 0xb8001234\n";

static const char *file_name; /* for messages on lines */
static bool as_json, followed;

static void each(enum answer a, const struct vmref_span *s, const char *why, uint64_t line)
{
  if (as_json) {
    if (a == ANSWERED) print_explained(stdout, s);
    else if (a == UNMODELLED) print_unmodelled(stdout, why);
    else print_error(stdout, line, why);
  } else if (a == ANSWERED) {
    if (followed) putchar('\n');
    show_span(stdout, s);
    followed = true;
  } else {
    flush_output(); /* in order, when both go to one place */
    say("%s:%llu: %s%s", file_name, (unsigned long long)line,
        a == UNMODELLED ? "not modelled: " : "", why);
  }
}

static int explain_case(const char *token)
{
  struct vmref_case c;
  struct case_memory m;
  if (case_from_token(&c, token) != 0) {
    say(NOT_A_TOKEN, token);
    return EXIT_MALFORMED;
  }
  case_place(&c, &m);
  struct vmref_span s = case_span(&c, &m);
  if (s.status != VMREF_OK) { /* no token asks what the model refuses */
    say("internal error: the model's status is %d", s.status);
    return EXIT_INTERNAL;
  }
  each(ANSWERED, &s, "", 1);
  return EXIT_ANSWERED;
}

static const struct option OPTIONS[] = {
  { "json", no_argument, NULL, 'j' }, { "case", required_argument, NULL, 'c' },
  { "mode", required_argument, NULL, 'm' }, { "help", no_argument, NULL, 'h' },
  { NULL, 0, NULL, 0 } };

int explain_command(int argc, char **argv)
{
  const char *token = NULL, *mode = NULL;
  int option;
  while ((option = getopt_long(argc, argv, "c:m:h", OPTIONS, NULL)) != -1) {
    switch (option) {
    case 'j': as_json = true; break;
    case 'c': token = optarg; break;
    case 'm': mode = optarg; break;
    case 'h': return fputs(EXPLAIN_HELP, stdout), EXIT_ANSWERED;
    default: usage("explain", NULL);
    }
  }
  const char *operand = argv[optind];
  bool address = operand && strncmp(operand, "0x", 2) == 0;
  if (argc - optind > 1) usage("explain", "one FILE or VA, not %d", argc - optind);
  if (token && (operand || mode)) usage("explain", "--case goes with neither --mode, FILE nor VA");
  if (mode && !address) usage("explain", "--mode needs a linear address in hex (0x...)");
  if (token) return explain_case(token);
  if (address) return explain_address(mode ? mode : "4level", operand, as_json);
  file_name = operand && strcmp(operand, "-") != 0 ? operand : "standard input";
  return answer_file(operand, each);
}
