/* SPDX-License-Identifier: MIT */
/* guest-mm: the model as the memory manager of a guest, compared step by step with the model on the host. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include "mm_run.h"

static const char *const help =
  "usage: guest-mm [options]\n"
  "Runs sequences of the memory manager's operations in a guest whose kernel's memory manager is the\n"
  "model, and on the host, and compares each step: status, value, fault, CR2, the whole state.\n"
  "  --accel tcg|kvm       what runs the guest (tcg)\n"
  "  --corpus DIR          sequences of the fuzzers, a file each; again for more\n"
  "  --sequences N         of the generator (10000 unless --seconds, --corpus)\n"
  "  --seconds S           of the generator, so long\n"
  "  --seed N              of the generator (1)\n"
  "  --as base|one|smp     one way to run them only: CR3 loaded for each access; one processor that\n"
  "                        stays under a process's tables; those that the sequence says\n"
  "  --policy none|lru|clock  of a token\n"
  "  --token TOKEN         one sequence, with all that comes of it\n"
  "  --processors N        beside the kernel's, 0 to 4 (2)\n"
  "  --single              under TCG: all processors take turns in one thread of the host, as suits a busy\n"
  "                        one; read-modify-writes, which it does not lock then, become stores\n"
  "  --ipi N               one shootdown in N goes by interrupt, 0 none (8)\n"
  "  --plant NAME[:N]      spoil the N-th occasion in each sequence on the machine's side: invlpg, a, free,\n"
  "                        cr2 or d; the run must then fail\n"
  "  --state FILE          go on from where the run before that wrote it ended, with its seed; counts add up\n"
  "  --findings DIR        store what diverges there as scripts\n"
  "  --shown N             print so many of them (5)\n"
  "  --elf FILE            the guest (build/guest-mm.elf)\n"
  "  --json FILE           write the result there\n"
  "exit: 0 agrees, 1 diverges, 2 usage, 5 internal (no QEMU, the guest died)\n";

static _Noreturn void usage(const char *what, const char *arg)
{
  fprintf(stderr, "guest-mm: %s %s (see --help)\n", what, arg);
  exit(EXIT_USAGE);
}

static double number(const char *option, const char *text, double least, double most)
{
  char *end;
  const double v = strtod(text, &end);
  if (!*text || *end || !(least <= v && v <= most)) usage("bad argument of", option);
  return v;
}

/* Which of the words, separated by |, text is. */
static int word(const char *option, const char *text, const char *words)
{
  const size_t n = strlen(text);
  int k = 0;
  for (const char *w = words; w && *w; k++) {
    if (strncmp(w, text, n) == 0 && (w[n] == '|' || w[n] == 0)) return k;
    w = strchr(w, '|');
    if (w) w++;
  }
  usage("bad argument of", option);
}

static void plant(struct mm_options *o, char *text)
{
  char *at = strchr(text, ':');
  o->plant_at = at ? (uint32_t)number("--plant", at + 1, 1, 1000000) : 1;
  if (at) *at = 0;
  o->plant = 1u + (uint32_t)word("--plant", text, "invlpg|a|free|cr2|d");
}

static void parse(int argc, char **argv, struct mm_options *o)
{
  enum { ACCEL = 256, CORPUS, SEQUENCES_, SECONDS, SEED, AS, POLICY, TOKEN, PROCESSORS, IPI, PLANT, FINDINGS, SHOWN, ELF, JSON, SINGLE, STATE, HELP };
  static const struct option list[] = {
    { "accel", 1, 0, ACCEL }, { "corpus", 1, 0, CORPUS }, { "sequences", 1, 0, SEQUENCES_ }, { "seconds", 1, 0, SECONDS }, { "seed", 1, 0, SEED },
    { "as", 1, 0, AS }, { "policy", 1, 0, POLICY }, { "token", 1, 0, TOKEN }, { "processors", 1, 0, PROCESSORS }, { "ipi", 1, 0, IPI },
    { "plant", 1, 0, PLANT }, { "findings", 1, 0, FINDINGS }, { "shown", 1, 0, SHOWN }, { "elf", 1, 0, ELF }, { "json", 1, 0, JSON }, { "single", 0, 0, SINGLE }, { "state", 1, 0, STATE },
    { "help", 0, 0, HELP }, { 0, 0, 0, 0 } };
  int c;
  while ((c = getopt_long(argc, argv, "", list, NULL)) != -1) {
    switch (c) {
    case ACCEL: o->accel = (uint8_t)word("--accel", optarg, "tcg|kvm"); break;
    case CORPUS:
      if (o->corpora == MM_CORPORA) usage("too many of", "--corpus");
      o->corpus[o->corpora++] = optarg;
      break;
    case SEQUENCES_: o->sequences = (uint64_t)number("--sequences", optarg, 1, 1e15); break;
    case SECONDS: o->seconds = number("--seconds", optarg, 0.1, 1e7); break;
    case SEED: o->seed = (uint64_t)number("--seed", optarg, 0, 1e15); break;
    case AS: o->as = word("--as", optarg, "base|one|smp"); break;
    case POLICY: o->policy = (uint8_t)word("--policy", optarg, "none|lru|clock"); break;
    case TOKEN: o->token = optarg; break;
    case PROCESSORS: o->processors = (unsigned)number("--processors", optarg, 0, 4); break;
    case IPI: o->ipi = (unsigned)number("--ipi", optarg, 0, 1e6); break;
    case PLANT: plant(o, optarg); break;
    case FINDINGS: o->findings = optarg; break;
    case SHOWN: o->shown = (unsigned)number("--shown", optarg, 0, 1e6); break;
    case ELF: o->elf = optarg; break;
    case JSON: o->json = optarg; break;
    case SINGLE: o->single = 1; break;
    case STATE: o->state = optarg; break;
    case HELP: fputs(help, stdout); exit(0);
    default: exit(EXIT_USAGE);
    }
  }
  if (optind < argc) usage("unexpected", argv[optind]);
  if (o->as > 0 && o->processors == 0) usage("that needs processors:", "--as");
  if (!o->sequences && o->seconds == 0 && !o->corpora) o->sequences = 10000;
}

int main(int argc, char **argv)
{
  static struct mm_run r;
  static struct mm_options o = { .elf = "build/guest-mm.elf", .seed = 1, .shown = 5, .processors = 2, .ipi = 8, .as = -1 };
  struct mm_input x = { 0 };
  char version[32] = "?", what[80];
  parse(argc, argv, &o);
  if (o.token && !mm_from_token(&x, o.token)) usage("not a token, which is mm1- and up to 240 hex digits:", o.token);
  r.o = &o;
  r.peer.config = (struct mm_config){ .sizes = drive_sizes(mm_input_sizes, MM_KERNEL_FRAMES), .processors = o.processors, .plant = o.plant,
                                      .plant_at = o.plant_at, .ipi = o.ipi };
  if (!qemu_version(version)) {
    fprintf(stderr, "guest-mm: no QEMU: apt-get install qemu-system-x86\n");
    return EXIT_INTERNAL;
  }
  snprintf(what, sizeof what, o.accel == ACCEL_KVM ? "KVM, QEMU %s: may be nested, and partly software" : "TCG: a software model, QEMU %s", version);
  int bad = mm_peer_start(&r.peer, o.accel, o.single, o.elf);
  r.begun = r.told = now();
  x.as = (uint8_t)(o.as > 0 ? o.as : AS_BASE);
  x.policy = o.policy;
  x.no_rmw = o.single;
  if (mm_state_load(&r) != 0) return EXIT_USAGE;
  if (!bad && o.token) bad = mm_one(&r, &x);
  if (!bad && o.corpora) bad = mm_corpus(&r);
  if (!bad && !o.token && (o.sequences || o.seconds > 0)) bad = mm_generated(&r);
  if (bad) fprintf(stderr, "guest-mm: %s\n", r.peer.q.why);
  mm_findings(&r, !bad);
  if (!bad) bad = mm_state_save(&r);
  const uint64_t unexplained = mm_sum(&r).unexplained;
  if (!bad && !o.token) mm_report(&r, what);
  if (!bad && o.json && mm_report_json(&r, what) != 0) {
    fprintf(stderr, "guest-mm: cannot write %s\n", o.json);
    bad = 1;
  }
  mm_peer_stop(&r.peer);
  return bad ? EXIT_INTERNAL : unexplained ? EXIT_DIVERGES : EXIT_AGREES;
}
