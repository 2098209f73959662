/* SPDX-License-Identifier: MIT */
/* vmref walk: a JSON line in, a JSON line out. */
#include <getopt.h>
#include "cli.h"

const char WALK_HELP[] =
"Usage: vmref walk [FILE|-]\n"
"Answer each JSON line of FILE (standard input without FILE or with -): which\n"
"physical address the access reaches, or how it faults, and which accessed and\n"
"dirty flags are set. One JSON line for each, in order; docs/FORMAT.md holds the\n"
"format. Lines from a pipe are answered as they come.\n"
"\n"
"      --json   as always\n"
"  -h, --help   print this and exit\n"
"\n"
"Exit: 0 all answered (a fault is an answer), 3 a line is malformed, 4 a line asks\n"
"for what is not modelled, 2 usage, 5 the answers cannot be written.\n"
"\n"
"  echo '{\"mem\":{\"0x1000\":\"0x2027\"},\"va\":\"0x1234\",\"access\":\"write\"}' | vmref walk\n";

static void each(enum answer a, const struct vmref_span *s, const char *why, uint64_t line)
{
  if (a == ANSWERED) print_answer(stdout, s);
  else if (a == UNMODELLED) print_unmodelled(stdout, why);
  else print_error(stdout, line, why);
}

int walk_command(int argc, char **argv)
{
  static const struct option options[] = {
    { "json", no_argument, NULL, 'j' }, { "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 } };
  int option;
  while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
    if (option == 'h') return fputs(WALK_HELP, stdout), EXIT_ANSWERED;
    if (option != 'j') usage("walk", NULL);
  }
  if (argc - optind > 1) usage("walk", "one FILE, not %d", argc - optind);
  return answer_file(argv[optind], each);
}
