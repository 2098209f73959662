/* SPDX-License-Identifier: MIT */
/* vmref guest-log: what the guest of a CD image has told on COM1, beside what the model says. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "cli.h"
#include "mm_peer.h"

const char GUEST_LOG_HELP[] =
"Usage: vmref guest-log [options] FILE|-\n"
"Compare the log of build/vmref-guest.iso (make iso), as it came on COM1, with the model: each\n"
"operation's status, value, fault, CR2 and state. What firmware says in between is passed over.\n"
"\n"
"  -q, --quiet     only what differs\n"
"  -h, --help      print this and exit\n"
"\n"
"Exit: 0 the machine did as the model says, 1 it did not, 2 usage, 3 the log is not one, or not\n"
"whole, 5 internal.\n";

static struct {
  const char *file;
  bool quiet;
  struct mm_peer peer; /* its host part alone */
  struct mm_batch batch;
  struct mm_input input;
  struct mm_tally tally;
  uint64_t sequences, differ; /* begun; that differ */
  uint32_t steps;             /* of the sequence in hand that were told */
  bool log, open, done;       /* its first line was there; a sequence is; its last line */
  char machine[200];
} in;

static int wrong(uint64_t line, const char *what)
{
  flush_output();
  fprintf(stderr, "vmref guest-log: %s:%" PRIu64 ": %s\n", in.file, line, what);
  return EXIT_MALFORMED;
}

/* n numbers in hex, and nothing behind them. */
static bool numbers(const char *text, uint64_t *value, int n)
{
  for (int i = 0; i < n; i++) {
    char *end;
    errno = 0;
    value[i] = strtoull(text, &end, 16);
    if (end == text || errno) return false;
    text = end;
  }
  return text[strspn(text, " \r")] == 0;
}

/* ---- the lines ---- */

static int first(uint64_t line, const char *text)
{
  uint64_t n;
  if (!numbers(text, &n, 1) || n > VMREF_CPUS) return wrong(line, "not the first line of a log");
  if (!host_new(&in.peer.host, drive_sizes(mm_input_sizes, MM_KERNEL_FRAMES))) {
    say("out of memory");
    return EXIT_INTERNAL;
  }
  in.peer.host.drive.cpus = (uint32_t)n;
  in.peer.rmw_reads = strstr(in.machine, "under TCG") != NULL;
  in.log = true;
  return EXIT_ANSWERED;
}

static int sequence(uint64_t line, const char *text)
{
  char as[8], token[MM_TOKEN + 1], form[40];
  uint64_t n;
  unsigned policy;
  int kind = 0;
  snprintf(form, sizeof form, "%%" SCNx64 " %%7s %%x %%%us", (unsigned)MM_TOKEN);
  if (in.open) return wrong(line, "the sequence before has no end; a part of the log is missing");
  in.input = (struct mm_input){ .size = 0 };
  if (sscanf(text, form, &n, as, &policy, token) != 4 || policy > 2 || n != in.sequences + 1 || !mm_from_token(&in.input, token))
    return wrong(line, "not the next sequence; a part of the log is missing, or it is of another version");
  while (kind < AS_KINDS && strcmp(as_name[kind], as) != 0) kind++;
  if (kind == AS_KINDS) return wrong(line, "a sequence is run as base, one or smp");
  in.input.as = (uint8_t)kind;
  in.input.policy = (uint8_t)policy;
  in.batch.sequences = 0;
  mm_put(&in.batch, &in.input, 0);
  in.sequences++;
  in.steps = 0;
  in.open = true;
  return EXIT_ANSWERED;
}

static int operation(uint64_t line, const char *text)
{
  uint64_t v[15];
  if (!in.open || in.steps == in.batch.sequence[0].ops) return wrong(line, "an operation of no sequence; a part of the log is missing");
  if (!numbers(text, v, 15)) return wrong(line, "not the 15 numbers of an operation");
  in.batch.step[in.steps++] = (struct mm_step){ .status = (int32_t)(uint32_t)v[0], .error = (uint32_t)v[1], .vector = (uint8_t)v[2],
    .faulted = (uint8_t)v[3], .byte = (uint8_t)v[4], .hit = (uint8_t)v[5], .told = (uint8_t)v[6], .fetch_vector = (uint8_t)v[7],
    .fetch_error = (uint32_t)v[8], .flags = (uint8_t)v[9], .evictions = (uint8_t)v[10], .may = (uint8_t)v[11], .cr2 = v[12], .more = v[13],
    .digest = v[14] };
  return EXIT_ANSWERED;
}

static void differs(const struct mm_difference *d)
{
  char token[MM_TOKEN];
  mm_token(&in.input, token);
  in.differ++;
  printf("sequence %" PRIu64 ", as %s, policy %s, differs in %s\n", in.sequences, as_name[in.input.as], mm_policy_name(in.input.policy), d->what);
  for (uint32_t i = 0; i <= d->op && i < in.batch.sequence[0].ops; i++) {
    fputs("    ", stdout);
    script_print(stdout, &in.batch.op[i].op, NULL);
    putchar('\n');
  }
  if (!d->at_end) {
    mm_print_step(stdout, "guest", &d->guest);
    mm_print_step(stdout, "model", &d->host);
  }
  printf("  in QEMU: build/guest-mm --as %s --policy %s --token %s\n", as_name[in.input.as], mm_policy_name(in.input.policy), token);
}

static int end(uint64_t line, const char *text)
{
  uint64_t v[7];
  struct mm_difference d;
  struct mm_sequence *q = &in.batch.sequence[0];
  if (!in.open || in.steps != q->ops) return wrong(line, "the sequence lacks operations; a part of the log is missing");
  if (!numbers(text, v, 7)) return wrong(line, "not the 7 numbers of an end");
  q->digest = v[0], q->sweep = v[1], q->missed = v[2] != 0, q->accesses = v[3], q->swept = v[4], q->drops = v[5], q->ipis = v[6];
  in.open = false;
  if (!mm_judge(&in.peer, &in.batch, 0, &in.tally, &d)) differs(&d);
  return EXIT_ANSWERED;
}

static int one(uint64_t line, const char *text)
{
  uint64_t n;
  const char *machine = "mm machine ";
  if (strncmp(text, machine, strlen(machine)) == 0) snprintf(in.machine, sizeof in.machine, "%.*s", (int)strcspn(text + 11, "\r"), text + 11);
  if (strncmp(text, "mm log 1 processors ", 20) == 0) return in.log ? wrong(line, "a second log; give one at a time") : first(line, text + 20);
  if (strncmp(text, "mm ", 3) != 0 || !in.log || in.done) return EXIT_ANSWERED;
  if (strncmp(text, "mm seq ", 7) == 0) return sequence(line, text + 7);
  if (strncmp(text, "mm op ", 6) == 0) return operation(line, text + 6);
  if (strncmp(text, "mm end ", 7) == 0) return end(line, text + 7);
  if (strncmp(text, "mm done ", 8) != 0) return wrong(line, "not a line of a log");
  in.done = true;
  if (!in.open && numbers(text + 8, &n, 1) && n == in.sequences) return EXIT_ANSWERED;
  return wrong(line, "the log has another number of sequences than it says; a part is missing");
}

/* ---- the command ---- */

static int read_all(struct lines *f)
{
  const char *text;
  size_t size;
  enum line kind;
  while ((kind = lines_next(f, &text, &size)) == LINE_TEXT) {
    char line[2 * MM_TOKEN];
    snprintf(line, sizeof line, "%.*s", (int)(size < sizeof line ? size : sizeof line - 1), text);
    const int code = one(lines_number(f), line);
    if (code != EXIT_ANSWERED) return code;
  }
  if (kind == LINE_UNREADABLE) return wrong(lines_number(f), strerror(errno));
  if (!in.log) return wrong(lines_number(f), "no line \"mm log 1 ...\"; it is no log of the guest");
  return in.done ? EXIT_ANSWERED : wrong(lines_number(f), "the log ends before its last line, \"mm done ...\"");
}

int guest_log_command(int argc, char **argv)
{
  static const struct option list[] = { { "quiet", no_argument, NULL, 'q' }, { "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 } };
  int option;
  memset(&in, 0, sizeof in);
  while ((option = getopt_long(argc, argv, "qh", list, NULL)) != -1) {
    switch (option) {
    case 'q': in.quiet = true; break;
    case 'h': return fputs(GUEST_LOG_HELP, stdout), EXIT_ANSWERED;
    default: usage("guest-log", NULL);
    }
  }
  if (argc - optind != 1) usage("guest-log", argc == optind ? "a FILE is missing" : "one FILE, not %d", argc - optind);
  in.file = strcmp(argv[optind], "-") == 0 ? "standard input" : argv[optind];
  struct lines *f = lines_open(argv[optind]);
  if (!f) return wrong(0, strerror(errno));
  const int code = read_all(f);
  lines_close(f);
  if (in.log) host_free(&in.peer.host);
  if (code != EXIT_ANSWERED) return code;
  if (!in.quiet)
    printf("%s: %" PRIu64 " sequences, %" PRIu64 " operations, %" PRIu64 " accesses at CPL 3, %" PRIu64 " invalidations: %" PRIu64 " differ\n",
           in.machine[0] ? in.machine : "a machine", in.tally.sequences, in.tally.operations, in.tally.accesses + in.tally.swept, in.tally.drops,
           in.differ);
  if (!in.quiet && in.tally.explained)
    printf("%" PRIu64 " read-modify-writes by DEV-TCG-RMW-W of harness/deviations.tsv\n", in.tally.explained);
  return in.differ ? EXIT_DISAGREES : EXIT_ANSWERED;
}
