/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "cli.h"

static const char HELP[] =
"Usage: vmref COMMAND [options] [FILE|-]\n"
"A reference model of x86-64 virtual memory: what a page walk gives, bit by bit.\n"
"\n"
"Commands:\n"
"  walk       answer questions, a JSON line each\n"
"  explain    the walk in words, level by level; or the parts of an address\n"
"  token      turn a replay token into a question for walk\n"
"  footprint  the memory that page tables take, in each paging mode\n"
"  run        a script of processes, mappings, accesses, forks and swap\n"
"  linux      a script of memory calls of Linux\n"
"  replay     the memory calls of a program that strace has seen\n"
"  guest-log  compare the log of a machine that ran the guest's CD image\n"
"  serve      answer requests of other programs, with memory managers kept for them\n"
"  vectors    conformance vectors: make them, or run an implementation by them\n"
"  check      do the events that an implementation has logged follow the rules?\n"
"  audit      what the page tables in a memory dump map, and what is odd there\n"
"\n"
"  vmref COMMAND --help          about one command\n"
"  vmref --print-default-config  what a question leaves out, as JSON\n"
"  vmref --version\n"
"  vmref --help\n"
"\n"
"Results go to standard output, diagnostics to standard error. Exit: 0 answered (a\n"
"page fault is an answer), 1 disagrees, 2 usage, 3 malformed input, 4 not modelled,\n"
"5 internal or unable to write.\n";

static const struct command {
  const char *name;
  int (*run)(int argc, char **argv);
  char title[24]; /* argv[0] of the command, for messages by getopt */
} COMMANDS[] = {
  { "walk", walk_command, "vmref walk" },
  { "explain", explain_command, "vmref explain" },
  { "token", token_command, "vmref token" },
  { "footprint", footprint_command, "vmref footprint" },
  { "run", run_command, "vmref run" },
  { "linux", linux_command, "vmref linux" },
  { "replay", replay_command, "vmref replay" },
  { "guest-log", guest_log_command, "vmref guest-log" },
  { "serve", serve_command, "vmref serve" },
  { "vectors", vectors_command, "vmref vectors" },
  { "check", check_command, "vmref check" },
  { "audit", audit_command, "vmref audit" },
};

void say(const char *form, ...)
{
  va_list list;
  va_start(list, form);
  fputs("vmref: ", stderr);
  vfprintf(stderr, form, list);
  fputc('\n', stderr);
  va_end(list);
}

void usage(const char *command, const char *form, ...)
{
  const char *space = command[0] ? " " : "";
  if (form) {
    va_list list;
    va_start(list, form);
    fprintf(stderr, "vmref%s%s: ", space, command);
    vfprintf(stderr, form, list);
    fputc('\n', stderr);
    va_end(list);
  }
  fprintf(stderr, "Try 'vmref%s%s --help'.\n", space, command);
  exit(EXIT_USAGE);
}

void flush_output(void)
{
  if (fflush(stdout) == 0 && !ferror(stdout)) return;
  say("cannot write the output: %s", strerror(errno));
  _Exit(EXIT_INTERNAL); /* not exit, which would try again */
}

static int run(int argc, char **argv)
{
  for (size_t i = 0; i < sizeof COMMANDS / sizeof COMMANDS[0]; i++)
    if (strcmp(argv[0], COMMANDS[i].name) == 0) {
      char title[24], *own[argc + 1];
      memcpy(own, argv, (size_t)(argc + 1) * sizeof *own);
      own[0] = strcpy(title, COMMANDS[i].title);
      optind = 0; /* getopt anew */
      return COMMANDS[i].run(argc, own);
    }
  usage("", "unknown command '%s'", argv[0]);
}

static int top(int argc, char **argv)
{
  static const struct option options[] = {
    { "help", no_argument, NULL, 'h' }, { "version", no_argument, NULL, 'V' },
    { "print-default-config", no_argument, NULL, 'd' }, { NULL, 0, NULL, 0 } };
  char name[] = "vmref";
  argv[0] = name; /* in messages of getopt */
  switch (getopt_long(argc, argv, "+hV", options, NULL)) {
  case 'h': return fputs(HELP, stdout), EXIT_ANSWERED;
  case 'V': return puts("vmref " VMREF_VERSION), EXIT_ANSWERED;
  case 'd': return print_question(stdout, &QUESTION_DEFAULT, false), EXIT_ANSWERED;
  case -1: break;
  default: usage("", NULL);
  }
  if (optind == argc) usage("", "a command is missing");
  return run(argc - optind, argv + optind);
}

int main(int argc, char **argv)
{
  signal(SIGPIPE, SIG_IGN); /* a closed pipe is a failed write, with its message */
  static char buffer[1 << 16];
  setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
  if (argc == 0) return EXIT_USAGE;
  int code = top(argc, argv);
  flush_output();
  return code;
}
