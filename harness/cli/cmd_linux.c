/* SPDX-License-Identifier: MIT */
/* vmref linux: a script of memory calls and accesses, as Linux answers them. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "cli.h"
#include "lx_names.h"

const char LINUX_HELP[] =
"Usage: vmref linux [options] SCRIPT|-\n"
"Run memory calls and accesses of processes through the model of Linux's address spaces, and print what\n"
"comes of each: a value, an errno, or a signal with its code. One a line: TASK CALL ARGUMENT...; # begins\n"
"a comment. Task 0 is there; fork, vfork and clone give the next free number.\n"
"\n"
"  0 mmap ADDRESS LENGTH RIGHTS FLAGS FD OFFSET    RIGHTS: r+w+x, none; FLAGS: private+fixed+anon, ...\n"
"  0 munmap|mincore|mlock|munlock ADDRESS LENGTH   0 mprotect ADDRESS LENGTH RIGHTS\n"
"  0 mremap ADDRESS OLD NEW FLAGS TO               FLAGS: maymove+fixed+dontunmap, 0\n"
"  0 madvise ADDRESS LENGTH ADVICE                 dontneed, free, pageout, dontfork, wipeonfork, ...\n"
"  0 brk ADDRESS    0 msync ADDRESS LENGTH FLAGS   0 mlock2 ADDRESS LENGTH FLAGS   0 mlockall FLAGS\n"
"  0 memfd_create   0 ftruncate FD SIZE            0 open_readonly FD\n"
"  0 shmget 0 SIZE 0600   0 shmat ID ADDRESS FLAGS   0 shmdt ADDRESS   0 shmctl ID 0\n"
"  0 fork | vfork | clone FLAGS | execve | exit\n"
"  0 load ADDRESS   0 store ADDRESS BYTE   0 fetch ADDRESS\n"
"  expect ok|VALUE|ERRNO|SIGSEGV MAPERR|...        of the line before\n"
"  areas TASK                                      print the layout\n"
"\n"
"mmap chooses places in the 504 pages from 0x600000000000 on, top down. Files 0 (six pages), 1 (the same,\n"
"read-only) and 2 (empty) are open.\n"
"\n"
"  --kernel M.N      the version, 6.1 to 6.18 (6.18)\n"
"  --no-zero-page    read faults take frames, as on some guests\n"
"  --dontunmap-apart mremap dontunmap keeps what it leaves apart, as 6.1.192\n"
"  --limit PAGES     overcommit mode 2: all that is promised stays below PAGES\n"
"  --swap            there is swap, for madvise pageout\n"
"  --quiet           only what is not as expected\n"
"Exit: 0 as expected, 1 not, 2 usage, 3 malformed, 4 not modelled.\n";

static struct { const char *file; bool quiet; } set;

static int malformed(uint64_t line, const char *why)
{
  fprintf(stderr, "vmref linux: %s:%" PRIu64 ": %s\n", set.file, line, why);
  return EXIT_MALFORMED;
}

static void print_areas(const struct vmref_linux *l, unsigned task)
{
  static struct lx_area a[LX_AREAS];
  const unsigned n = lx_model_layout(l, task, LX_ALL, a);
  for (unsigned i = 0; i < n; i++) {
    printf("   %" PRIx64 "-%" PRIx64 " %c%c%c%c", a[i].start * 4096, a[i].end * 4096, a[i].prot & 1 ? 'r' : '-', a[i].prot & 2 ? 'w' : '-',
           a[i].prot & 4 ? 'x' : '-', a[i].shared ? 's' : 'p');
    if (a[i].inode) printf(" object %" PRIu64 " from 0x%" PRIx64, a[i].inode - 1, a[i].offset * 4096);
    putchar('\n');
  }
}

/* The result as text, to compare and to print. */
static void result_text(char *text, size_t size, const struct lx_op *op, const struct lx_result *r)
{
  FILE *f = fmemopen(text, size, "w");
  if (!f) abort();
  lx_print_result(f, op, r);
  fclose(f);
}

/* Is what is expected, without blanks at its end, what came? A number may be written in another way. */
static bool meets(const char *want, const char *got)
{
  char *end[2];
  if (strcmp(want, got) == 0) return true;
  const unsigned long long a = strtoull(want, &end[0], 0), b = strtoull(got, &end[1], 0);
  return *want && *got && !*end[0] && !*end[1] && a == b;
}

static int line(struct vmref_linux *l, uint64_t number, const char *text)
{
  static struct lx_op op;
  static char last[100];
  char why[200], word[100];
  unsigned task;
  if (sscanf(text, " expect %99[^\n#]", word) == 1) {
    for (size_t n = strlen(word); n > 0 && (word[n - 1] == ' ' || word[n - 1] == '\t'); ) word[--n] = 0;
    if (!last[0]) return malformed(number, "expect without an operation before it");
    if (meets(word, last)) return EXIT_ANSWERED;
    flush_output();
    fprintf(stderr, "vmref linux: %s:%" PRIu64 ": expected %s, but it is %s\n", set.file, number, word, last);
    return EXIT_DISAGREES;
  }
  if (sscanf(text, " areas %u", &task) == 1) {
    if (task >= l->tasks || !l->task[task].alive) return malformed(number, "no such task");
    if (!set.quiet) printf("%" PRIu64 ": areas %u\n", number, task), print_areas(l, task);
    return EXIT_ANSWERED;
  }
  const int got = lx_read_op(text, &op, why);
  if (got < 0) return malformed(number, why);
  if (got == 0) return EXIT_ANSWERED;
  const struct lx_result r = lx_model_do(l, &op);
  result_text(last, sizeof last, &op, &r);
  if (!set.quiet) printf("%" PRIu64 ": ", number), lx_print_op(stdout, &op), printf(" -> %s\n", last);
  if (r.value == VMREF_RESULT_MISUSE) return malformed(number, "there is no such task, or it waits for its vfork child");
  return r.value == VMREF_RESULT_UNMODELLED || r.value == VMREF_RESULT_FULL ? EXIT_UNMODELLED : EXIT_ANSWERED;
}

int linux_command(int argc, char **argv)
{
  static const struct option options[] = { { "kernel", 1, NULL, 'k' }, { "no-zero-page", 0, NULL, 'z' },
    { "dontunmap-apart", 0, NULL, 'a' }, { "limit", 1, NULL, 'l' }, { "swap", 0, NULL, 's' }, { "quiet", 0, NULL, 'q' }, { "help", 0, NULL, 'h' }, { NULL, 0, NULL, 0 } };
  uint32_t kernel = 6 * 256 + 18;
  uint64_t limit = UINT64_MAX;
  char *end;
  uint8_t zero = 0, apart = 0, swap = 0;
  for (int c; (c = getopt_long(argc, argv, "h", options, NULL)) != -1; )
    switch (c) {
    case 'k': if (!lx_read_kernel(optarg, &kernel)) usage("linux", "--kernel %s: not a version M.N", optarg); break;
    case 'z': zero = 1; break;
    case 'a': apart = 1; break;
    case 'l': limit = strtoull(optarg, &end, 0); if (*end || optarg[0] < '0' || optarg[0] > '9' || limit == UINT64_MAX) usage("linux", "%s: not a number of pages", optarg); break;
    case 's': swap = 1; break;
    case 'q': set.quiet = true; break;
    case 'h': fputs(LINUX_HELP, stdout); return EXIT_ANSWERED;
    default: usage("linux", NULL);
    }
  if (optind + 1 != argc) usage("linux", "one SCRIPT is wanted");
  set.file = argv[optind];
  struct lines *in = lines_open(set.file);
  if (!in) return fprintf(stderr, "vmref linux: %s: %s\n", set.file, strerror(errno)), EXIT_MALFORMED;
  static struct vmref_linux *l; /* until the process ends */
  l = lx_model_new(kernel);
  if (!l) return say("out of memory"), EXIT_INTERNAL;
  lx_model_reset(l);
  l->no_zero_page = zero, l->dontunmap_apart = apart, l->swap = swap, l->limit = limit;
  const char *text;
  size_t size;
  int code = EXIT_ANSWERED;
  for (enum line k; code == EXIT_ANSWERED && (k = lines_next(in, &text, &size)) != LINE_END; ) {
    char copy[1024];
    if (k != LINE_TEXT || size >= sizeof copy || memchr(text, 0, size)) code = malformed(lines_number(in), "no line of text of up to 1023 bytes");
    else {
      memcpy(copy, text, size);
      copy[size] = 0;
      code = line(l, lines_number(in), copy);
    }
  }
  lines_close(in);
  return code;
}
