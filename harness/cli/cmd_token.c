/* SPDX-License-Identifier: MIT */
/* vmref token: what a fuzzer found, as a question for vmref walk. */
#include <getopt.h>
#include <string.h>
#include "cli.h"

const char TOKEN_HELP[] =
"Usage: vmref token TOKEN...\n"
"Print each case as a JSON line that vmref walk reads (docs/FORMAT.md). A token\n"
"(vm2-...) is what fuzzers and comparisons print to replay a finding.\n"
"\n"
"      --json   as always\n"
"  -h, --help   print this and exit\n"
"\n"
"  vmref token vm2-... | vmref walk\n";

static void add_word(struct question *q, uint64_t address, uint64_t value)
{
  for (size_t i = 0; i < q->words; i++)
    if (q->mem[i].address == address) return;
  q->mem[q->words++] = (struct word){ address, value };
}

/* CR3 without the bits that the mode ignores, which a question must not have set. */
static uint64_t plain_cr3(const struct vmref_cpu *c)
{
  if (c->mode == VMREF_MODE_NONE || c->pcide) return c->cr3;
  return c->cr3 & ~(c->mode == VMREF_MODE_PAE ? 0x7ull : 0xfe7ull);
}

/* Entries as placed, and whatever else the walk reads: a table that refers to
 * itself can lead it to a word of the arena that holds a tag. */
void question_of_case(struct question *q, struct word mem[QUESTION_WORDS], const struct vmref_case *c)
{
  struct case_memory m;
  case_place(c, &m);
  struct vmref_span s = case_span(c, &m);
  *q = (struct question){ .cpu = c->cpu, .access = c->access, .registers = c->cpu.mode == VMREF_MODE_PAE, .mem = mem };
  q->cpu.cr3 = plain_cr3(&c->cpu);
  for (unsigned i = 0; i < m.n; i++) add_word(q, m.pa[i], m.value[i]);
  for (int i = 0; i < s.parts; i++)
    for (uint8_t level = s.part[i].origin.level; level >= s.part[i].last && level > 0; level--) {
      uint64_t word = s.part[i].address[level] & ~7ull;
      if (case_read(&m, word) != 0) add_word(q, word, case_read(&m, word));
    }
}

static void print_token(const struct vmref_case *c)
{
  struct word mem[QUESTION_WORDS];
  struct question q;
  question_of_case(&q, mem, c);
  print_question(stdout, &q, true);
}

int token_command(int argc, char **argv)
{
  static const struct option options[] = {
    { "json", no_argument, NULL, 'j' }, { "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 } };
  int option, code = EXIT_ANSWERED;
  while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
    if (option == 'h') return fputs(TOKEN_HELP, stdout), EXIT_ANSWERED;
    if (option != 'j') usage("token", NULL);
  }
  if (optind == argc) usage("token", "a TOKEN is missing");
  for (; optind < argc; optind++) {
    struct vmref_case c;
    if (case_from_token(&c, argv[optind]) == 0) {
      print_token(&c);
    } else {
      say(NOT_A_TOKEN, argv[optind]);
      code = EXIT_MALFORMED;
    }
  }
  return code;
}
