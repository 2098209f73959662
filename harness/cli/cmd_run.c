/* SPDX-License-Identifier: MIT */
/* vmref run: a script of what processes do. All of it is read before any of it is run. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "compare.h"
#include "run_guest.h"

const char RUN_HELP[] =
"Usage: vmref run [options] SCRIPT|-\n"
"Run a script of processes that map memory, access it, fork, swap, compact and exit, and print\n"
"what comes of each operation. One operation a line; # begins a comment; numbers are\n"
"decimal or hex (0x...); addresses of map to protect, swapout, swapin and move are those of pages.\n"
"\n"
"  space NAME                            a new process\n"
"  map SPACE ADDRESS PAGES RIGHTS        pages that read as zero; RIGHTS: of r, w, x, or none\n"
"      ... shared NAME                   of a segment, made and made longer as needed\n"
"      ... file FILE private|shared [FIRST]   of a file, from its page FIRST on\n"
"  unmap SPACE ADDRESS PAGES\n"
"  protect SPACE ADDRESS PAGES RIGHTS\n"
"  load SPACE ADDRESS                    read a byte; fetch: as an instruction\n"
"  store SPACE ADDRESS VALUE             write a byte; rmw: read, then write it\n"
"  fork SPACE NAME                       NAME is the child\n"
"  exit SPACE\n"
"  swapout SPACE ADDRESS                 the page, to swap; swapin: back\n"
"  move SPACE ADDRESS FRAME              the page, to the free page frame of that number\n"
"  compact FRAMES                        move pages until so many frames in a row are free\n"
"  fragmentation                         free frames, runs of them, the longest, and\n"
"                                        how much is outside it in parts of 1000\n"
"  evict                                 a page to swap, as --policy chooses; gives its frame\n"
"  cpu N runs SPACE                      processor N, 0 to 3, or: cpu N idle. Each has a TLB; from the\n"
"                                        first line that says cpu on all that runs is made on them\n"
"  cpu N load|store|rmw|fetch ADDRESS [VALUE]  in the space that it runs\n"
"  cpu N looks ADDRESS                   it caches what a walk there finds\n"
"  flush                                 all processors drop what they have cached\n"
"  tlb                                   what each has cached, and what of it is stale\n"
"  lazy on|off                           unmappings tell processors later; before the first cpu\n"
"  kmalloc NAME BYTES                    memory of the kernel, in a row; kfree NAME\n"
"  vmalloc NAME PAGES                    addresses in a row over frames that need not be; vfree NAME\n"
"  merge SPACE ADDRESS                   512 pages become one of 2 MiB; split SPACE ADDRESS\n"
"  device SPACE ADDRESS PAGES FRAME RIGHTS [wb|wc|uc-|uc] [4k|2m|1g]   a device, from its FRAME on\n"
"  huge                                  pages of 2 MiB and 1 GiB, and devices\n"
"  kmem                                  what the kernel has free and allocated, and how it lies\n"
"  file FILE PAGES                       a new file of zeroes; load and store take it too\n"
"  add FILE OFFSET                       a page more\n"
"  expect VALUE                          the operation before gave it\n"
"  expect ok\n"
"  expect fault VECTOR CODE              it ended in this fault, with this error code\n"
"  expect error NAME                     EINVAL, EMEM, EFULL, ENOMAP or EACCES\n"
"\n"
"  -t, --trace         the page walk of each operation, and how a page fault was mended\n"
"  -j, --json          a JSON object for each operation, on a line\n"
"  -c, --check         check the memory manager's invariant after each operation\n"
"  -q, --quiet         print no outcomes, only what is not as expected\n"
"  -p, --picture FILE  draw spaces, frames and slots as SVG, as they are at the end\n"
"  -m, --movie DIR     a picture of each step, and DIR/index.html to leaf through them\n"
"  -P, --policy lru|clock  when no frame is free a page goes to swap, by this policy\n"
"  -C, --compare-policies  instead: page faults of LRU, Clock and the optimum, by page frames;\n"
"                      with --picture as a chart\n"
"  -o, --on host|guest guest: on a virtual machine whose kernel's memory manager is the model, each operation\n"
"                      beside what the model says of it (docs/GUEST.md); 1 if they differ, 4: no room\n"
"  -f, --frames N      page frames (64; 1536 of a script with merge, split, device or huge)\n"
"  -s, --slots N       swap slots (64)\n"
"  -n, --spaces N      processes, files and segments that can have a name (16)\n"
"  -T, --tables N      frames for page tables, --spaces + 4 of which are taken (--spaces + 48)\n"
"  -h, --help          print this and exit\n"
"\n"
"Exit: 0 done, errors and faults are outcomes; 1 an expect is not met, 2 usage, 3 the script is\n"
"malformed and nothing was run, 5 internal, a clause of the invariant does not hold, or a picture\n"
"cannot be written. Pictures are drawn also when the script ends early with 1 or 5.\n"
"\n"
"  vmref run --trace examples/cow.vm\n"
"  vmref run --compare-policies --frames 3 examples/belady.vm\n";

#define HUGE_FRAMES 1536  /* of scripts with pages of 2 MiB: room for one wherever they begin, and more */
#define KERNEL_FRAMES 4 /* one of them text: the kernel's half is there to be refused */

static struct {
  const char *file; /* for messages */
  bool trace, json, check, quiet, compare, guest, tables, frames;
  int policy;      /* -1: none */
} options = { .policy = -1 };
static struct pictures pictures;
static struct vmref_policy policy;
static struct vmref_smp processors;
static struct kmem kernel;
static uint16_t *over; /* of scripts with pages of other sizes; else NULL */

/* "vmref run: FILE:LINE...: ..." behind what was printed so far. */
static void at_line(uint64_t line)
{
  flush_output();
  fprintf(stderr, "vmref run: %s:%" PRIu64 ": ", options.file, line);
}

/* ---- reading ------------------------------------------------------------- */

static int malformed(uint64_t line, const struct script_error *why)
{
  if (why->column == 0) {
    say("%s", why->text);
    return EXIT_INTERNAL;
  }
  fprintf(stderr, "vmref run: %s:%" PRIu64 ":%zu: %s\n", options.file, line, why->column, why->text);
  return EXIT_MALFORMED;
}

static int unreadable(void)
{
  fprintf(stderr, "vmref run: %s: %s\n", options.file, strerror(errno));
  return EXIT_MALFORMED;
}

static int read_lines(struct lines *in, struct script *t)
{
  const char *text;
  size_t size;
  enum line kind;
  struct script_error why = { LINE_LIMIT + 1, "a line must be at most 1048576 bytes" };
  while ((kind = lines_next(in, &text, &size)) == LINE_TEXT)
    if (!script_read(t, lines_number(in), text, size, &why)) return malformed(lines_number(in), &why);
  if (kind == LINE_LONG) return malformed(lines_number(in), &why);
  if (kind == LINE_UNREADABLE) return unreadable();
  if (t->lines > 0) return EXIT_ANSWERED;
  fprintf(stderr, "vmref run: %s: empty, there is no operation in it\n", options.file);
  return EXIT_MALFORMED;
}

static int read_script(const char *path, struct script *t)
{
  struct lines *in = lines_open(path);
  if (!in) return unreadable();
  int code = read_lines(in, t);
  lines_close(in);
  return code;
}

/* ---- running ------------------------------------------------------------- */

/* l: as it was read; op: as it was done. */
static void print_op(const struct vmref_sys *s, const struct script *t, const struct script_line *l, const struct mm_op *op,
                     const struct trace *before, const struct mm_outcome *r)
{
  const bool cached = l->op.kind == MM_TLB;
  if (options.json) {
    print_result_json(stdout, t, l, r);
    if (cached) tlb_print_json(stdout, s, &processors);
    if (l->op.kind == MM_KMEM) kmem_print_json(stdout, &kernel, s);
    if (l->op.kind == MM_HUGE) huge_print_json(stdout, t, s, over);
    if (options.trace) trace_print_json(stdout, s, op, before, r);
    puts("}");
    return;
  }
  if (l->op.kind == MM_HUGE) {
    printf("%" PRIu64 ": huge -> ", l->number);
    huge_print(stdout, t, s, over);
  } else if (cached) {
    printf("%" PRIu64 ": tlb -> ", l->number);
    tlb_print(stdout, s, &processors);
  } else if (l->op.kind == MM_KMEM) {
    printf("%" PRIu64 ": kmem -> ", l->number);
    kmem_print(stdout, &kernel, s);
  } else print_outcome(stdout, t, l, r);
  putchar('\n');
  if (options.trace) trace_print(stdout, s, op, before, r);
}

/* Line `number` broke a clause of the invariant. */
static int broke(uint64_t number, const char *name)
{
  const int topic = (int)strcspn(name, ":"); /* "slab: ..." is of spec/slab.acsl */
  at_line(number);
  fprintf(stderr, "the invariant does not hold behind this line: its clause %s (spec/%.*s.acsl); "
          "this is a bug of vmref\n", name, name[topic] ? topic : 7, name[topic] ? name : "theorem");
  FILE *f = pictures_caption(&pictures);
  if (f) {
    fprintf(f, "%" PRIu64 ": the invariant does not hold behind this line: its clause %s", number, name);
    fclose(f);
  }
  return EXIT_INTERNAL;
}

static int run_op(const struct vmref_sys *s, const struct script *t, const struct script_line *l, struct mm_outcome *r)
{
  static bool begun; /* a line has said cpu */
  const enum mm_kind k = l->op.kind;
  begun = begun || l->op.cpu;
  struct vmref_smp *m = begun || k == MM_TELL || k == MM_TLB || k == MM_LAZY ? &processors : NULL;
  const struct script_line now = script_placed(s, m, l);
  struct trace before = trace_take(s, &now.op);
  if (MM_KMALLOC <= k && k <= MM_KMEM) *r = kmem_do(&kernel, s, &now.op);
  else *r = over ? huge_do(s, over, &now) : script_do(s, m, options.policy < 0 ? NULL : &policy, &now);
  if (!options.quiet) print_op(s, t, l, &now.op, &before, r);
  int code = pictures_step(&pictures, s, l, r);
  int broken = !options.check ? VMREF_CHECK_OK : m ? vmref_smp_check(s, m) : over ? vmref_huge_check(s, over) : vmref_check(s);
  const char *wrong = options.check && broken == VMREF_CHECK_OK ? kmem_wrong(&kernel, s) : NULL;
  if (broken == VMREF_CHECK_OK && !wrong) return code;
  return broke(l->number, wrong ? wrong : clause_name(broken));
}

static int unmet(const struct script *t, const struct script_line *want, const struct script_line *l,
                 const struct mm_outcome *r)
{
  at_line(want->number);
  print_unmet(stderr, t, want, l, r);
  fputc('\n', stderr);
  FILE *f = pictures_caption(&pictures);
  if (f) {
    fprintf(f, "%" PRIu64 ": ", want->number);
    print_unmet(f, t, want, l, r);
    fclose(f);
  }
  return EXIT_DISAGREES;
}

static int run_lines(const struct vmref_sys *s, const struct script *t)
{
  const struct script_line *last = NULL;
  struct mm_outcome r = { 0 };
  for (size_t i = 0; i < t->lines; i++) {
    const struct script_line *l = &t->line[i];
    if (l->kind != SCRIPT_OP) {
      if (!script_meets(l, last->op.kind, &r)) return unmet(t, l, last, &r);
      continue;
    }
    last = l;
    int code = run_op(s, t, l, &r);
    if (code != EXIT_ANSWERED) return code;
  }
  return EXIT_ANSWERED;
}

static int run_script(const struct vmref_sys *s, const struct script *t)
{
  int code = pictures_begin(&pictures, s, t);
  if (code == EXIT_ANSWERED) code = run_lines(s, t);
  int drawn = pictures_end(&pictures, s);
  return drawn == EXIT_ANSWERED ? code : drawn;
}

static int out_of_memory(void)
{
  say("out of memory");
  return EXIT_INTERNAL;
}

static int run_new(const struct script *t, struct mm_sizes sizes)
{
  if (!huge_possible(t, options.file, options.policy >= 0)) return EXIT_UNMODELLED;
  if (t->kernel) sizes.kernel = sizes.text + (1u << KMEM_ORDER);
  if (t->huge && !options.frames) sizes.frames = HUGE_FRAMES;
  if (options.guest) return guest_run(t, sizes, (struct guest_run){ options.file, options.json, options.quiet, options.tables, options.policy });
  struct vmref_sys *s = mm_new(sizes);
  vmref_smp_reset(&processors, 0);
  if (s && options.policy >= 0) policy = (struct vmref_policy){ mm_notes(s), (uint8_t)options.policy };
  bool good = s && (options.policy < 0 || policy.note) && (!t->kernel || kmem_begin(&kernel, s, KMEM_ORDER, t->allocations))
    && (!t->huge || (over = mm_over(s)));
  trace_words(pictures.over = over);
  int code = good ? run_script(s, t) : out_of_memory();
  kmem_end(&kernel);
  free(over);
  free(policy.note);
  mm_free(s);
  return code;
}

/* ---- comparing ------------------------------------------------------------------- */

static int draw_chart(const struct comparison *c)
{
  char *text = NULL;
  size_t size = 0;
  FILE *f = open_memstream(&text, &size);
  if (!f) return out_of_memory();
  chart_draw(f, c);
  int code = fclose(f) == 0 ? picture_write(pictures.picture, text, size) : out_of_memory();
  free(text);
  return code;
}

static int tell(const struct comparison *c)
{
  if (c->accesses == 0) {
    fprintf(stderr, "vmref run: %s: %s\n", options.file, c->pages ? "more than 65536 pages are too many to compare policies by"
            : "no access is made that policies could be compared by");
    return EXIT_MALFORMED;
  }
  if (options.json) compare_print_json(c);
  else compare_print(c);
  return pictures.picture ? draw_chart(c) : EXIT_ANSWERED;
}

/* frames: 0 when none were asked for. */
static int compare(const struct script *t, struct mm_sizes sizes, uint32_t frames)
{
  const char *why;
  const struct script_line *l = compare_objects(t, &why);
  if (l) {
    at_line(l->number);
    fprintf(stderr, "policies cannot be compared by this script: %s\n", why);
    return EXIT_MALFORMED;
  }
  struct comparison c = { .title = options.file, .marked = frames };
  int code = compare_run(t, sizes, &c) ? tell(&c) : out_of_memory();
  free(c.row);
  return code;
}

static int run_file(const char *path, struct mm_sizes sizes, uint32_t frames)
{
  struct script t = { .spaces = sizes.spaces };
  int code = read_script(path, &t);
  if (code == EXIT_ANSWERED) code = options.compare ? compare(&t, sizes, frames) : run_new(&t, sizes);
  script_free(&t);
  return code;
}

/* ---- the command ------------------------------------------------------------ */

#define MOST 65536 /* 256 MiB of each */

static uint32_t count(const char *option, const char *text, uint32_t least, uint32_t most)
{
  size_t digits = strspn(text, "0123456789");
  unsigned long n = digits > 0 && digits < 10 && text[digits] == 0 ? strtoul(text, NULL, 10) : most + 1ul;
  if (n < least || n > most) usage("run", "%s must be %u to %u, not '%s'", option, least, most, text);
  return (uint32_t)n;
}

static int policy_named(const char *text)
{
  if (strcmp(text, "lru") == 0) return VMREF_LRU;
  if (strcmp(text, "clock") == 0) return VMREF_CLOCK;
  usage("run", "--policy must be lru or clock, not '%s'", text);
}

static bool on_guest(const char *text)
{
  if (strcmp(text, "guest") != 0 && strcmp(text, "host") != 0) usage("run", "--on must be host or guest, not '%s'", text);
  return text[0] == 'g';
}

/* A comparison has its own policies, slots and output. */
static void alone(bool frames)
{
  if (options.policy >= 0) usage("run", "--compare-policies runs both policies: it takes no --policy");
  if (options.trace || options.check || options.quiet || pictures.movie)
    usage("run", "--compare-policies takes no --trace, --check, --quiet or --movie");
  if (!frames) usage("run", "--compare-policies needs a page frame");
}

int run_command(int argc, char **argv)
{
  static const struct option list[] = {
    { "trace", no_argument, NULL, 't' }, { "json", no_argument, NULL, 'j' }, { "check", no_argument, NULL, 'c' },
    { "quiet", no_argument, NULL, 'q' },
    { "on", required_argument, NULL, 'o' }, { "policy", required_argument, NULL, 'P' }, { "compare-policies", no_argument, NULL, 'C' },
    { "picture", required_argument, NULL, 'p' }, { "movie", required_argument, NULL, 'm' }, { "frames", required_argument, NULL, 'f' }, { "slots", required_argument, NULL, 's' },
    { "spaces", required_argument, NULL, 'n' }, { "tables", required_argument, NULL, 'T' },
    { "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 } };
  struct mm_sizes z = { .tables = 0, .frames = 64, .slots = 64, .spaces = 16, .kernel = KERNEL_FRAMES, .text = 1 };
  uint32_t frames = 0;
  int option;
  while ((option = getopt_long(argc, argv, "tjcqCo:P:p:m:f:s:n:T:h", list, NULL)) != -1) {
    switch (option) {
    case 't': options.trace = true; break;
    case 'j': options.json = true; break;
    case 'c': options.check = true; break;
    case 'q': options.quiet = true; break;
    case 'C': options.compare = true; break;
    case 'o': options.guest = on_guest(optarg); break;
    case 'P': options.policy = policy_named(optarg); break;
    case 'p': pictures.picture = optarg; break;
    case 'm': pictures.movie = optarg; break;
    case 'f': z.frames = frames = count("--frames", optarg, 0, MOST), options.frames = true; break;
    case 's': z.slots = count("--slots", optarg, 0, MOST); break;
    case 'n': z.spaces = count("--spaces", optarg, 1, 0x4000); break;
    case 'T': z.tables = count("--tables", optarg, 5, MOST), options.tables = true; break;
    case 'h': return fputs(RUN_HELP, stdout), EXIT_ANSWERED;
    default: usage("run", NULL);
    }
  }
  if (z.tables == 0) z.tables = z.spaces + 48;
  if (z.tables < z.spaces + 4)
    usage("run", "--tables %u are too few for %u spaces; %u at least", z.tables, z.spaces, z.spaces + 4);
  if (options.guest && (options.compare || options.trace || options.check || pictures.picture || pictures.movie))
    usage("run", "--on guest takes no --trace, --check, --picture, --movie or --compare-policies");
  if (options.compare) alone(!options.frames || frames > 0);
  if (pictures.picture && strcmp(pictures.picture, "-") == 0)
    usage("run", "--picture takes a file; standard output is for the outcomes");
  if (argc - optind != 1) usage("run", argc == optind ? "a SCRIPT is missing" : "one SCRIPT, not %d", argc - optind);
  const char *path = argv[optind];
  options.file = strcmp(path, "-") == 0 ? "standard input" : path;
  pictures.title = options.file;
  return run_file(path, z, frames);
}
