/* SPDX-License-Identifier: MIT */
/* What surrounds LLVMFuzzerTestOneInput. One source, three builds:
 *   libFuzzer (-DFUZZ_LIBFUZZER)  brings a main of its own;
 *   AFL++ (afl-clang-fast)        persistent mode, inputs in shared memory, when started without arguments;
 *   replay (any C compiler)       files, folders, tokens; expected answers; minimisation of a finding. */
#include <string.h>
#include "fuzz_target.h"

int fuzz_checks;

/* What a target has unless it says otherwise. */
__attribute__((weak)) const char *fuzz_form(void) { return "vm2"; }
__attribute__((weak)) size_t fuzz_length(void) { return CASE_CODE; }
__attribute__((weak)) size_t fuzz_unit(void) { return 0; }
__attribute__((weak)) void fuzz_case(struct vmref_case *c, const uint8_t *data, size_t size) { case_decode(c, data, size); }

void fuzz_first_page(struct vmref_case *c, const uint8_t *data, size_t size)
{
  case_decode(c, data, size);
  if (opinion_one_page(&c->access)) return;
  c->access.size = (uint8_t)(0x1000 - c->access.va % 0x1000);
  memset(c->next, 0, sizeof c->next);
}

/* Nothing here allocates for long, and LeakSanitizer needs ptrace, which many
 * containers refuse. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) { return "detect_leaks=0"; }

unsigned fuzz_turn(const struct vmref_case *c)
{
  uint64_t mix = c->access.va ^ c->access.kind;
  for (int l = 1; l <= 5; l++) mix = (mix ^ c->entry[l]) * UINT64_C(0x9e3779b97f4a7c15);
  return (unsigned)(mix >> 61);
}

#ifndef FUZZ_LIBFUZZER
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "show.h"

#define LONGEST 8192

static struct {
  int in_process; /* no child for each input: for coverage, and for a debugger */
  int first;      /* stop at the first failure */
  int quiet;
  unsigned inputs, failed;
} replay;

struct input {
  size_t size;
  uint8_t data[LONGEST];
};

/* Says what the target thinks of an input: 0 fine, 1 a finding or a crash. */
static int fails(const struct input *in)
{
  if (replay.in_process) {
    LLVMFuzzerTestOneInput(in->data, in->size);
    return 0;
  }
  fflush(NULL);
  pid_t child = fork();
  if (child < 0) { perror("fork"); exit(5); }
  if (child == 0) {
    if (replay.quiet && !freopen("/dev/null", "w", stderr)) _exit(5);
    alarm(10);
    LLVMFuzzerTestOneInput(in->data, in->size);
    _exit(0);
  }
  int status;
  while (waitpid(child, &status, 0) != child) { }
  return status != 0;
}

static int load(struct input *in, const char *path)
{
  FILE *f = fopen(path, "rb");
  if (!f) {
    fprintf(stderr, "%s: %s (and a token is %s- and hex digits)\n", path, strerror(errno), fuzz_form());
    return -1;
  }
  in->size = fread(in->data, 1, sizeof in->data, f);
  fclose(f);
  return 0;
}

static void save(const struct input *in, const char *path)
{
  FILE *f = fopen(path, "wb");
  if (!f || fwrite(in->data, 1, in->size, f) != in->size || fclose(f) != 0) { perror(path); exit(5); }
}

/* ---- tokens --------------------------------------------------------------- */

static int of_cases(void) { return strcmp(fuzz_form(), "vm2") == 0; }

#define TOKEN (5 + 2 * LONGEST)
static void token_of(const struct input *in, char token[TOKEN])
{
  if (of_cases()) {
    struct vmref_case c;
    fuzz_case(&c, in->data, in->size);
    case_token(&c, token);
    return;
  }
  struct input cut = *in;
  while (cut.size > 1 && in->data[cut.size - 1] == 0) cut.size--;
  const size_t n = fails(&cut) ? cut.size : in->size; /* of text, the end may matter */
  int at = sprintf(token, "%.3s-", fuzz_form());
  for (size_t i = 0; i < n; i++) at += sprintf(token + at, "%02x", in->data[i]);
}

static int from_token(struct input *in, const char *token)
{
  struct vmref_case c;
  if (of_cases()) {
    if (case_from_token(&c, token) != 0) return -1;
    case_encode(&c, in->data);
    in->size = CASE_CODE;
    return 0;
  }
  size_t digits = strlen(token) - 4;
  if (digits % 2 != 0 || digits > 2 * fuzz_length() || strspn(token + 4, "0123456789abcdef") != digits) return -1;
  in->size = digits / 2;
  for (size_t i = 0; i < in->size; i++) {
    char pair[3] = { token[4 + 2 * i], token[5 + 2 * i], 0 };
    in->data[i] = (uint8_t)strtoul(pair, NULL, 16);
  }
  return 0;
}

/* "vm1-" is the form of cases before this one. */
static int is_token(const char *what)
{
  return strlen(what) > 4 && what[3] == '-'
      && (strncmp(what, fuzz_form(), 3) == 0 || (of_cases() && strncmp(what, "vm1", 3) == 0));
}

/* The walks of a case, one for each page, and what the second opinion says of each. */
struct answers {
  struct vmref_span span;
  struct opinion opinion[2];
  const char *differ[2];
};

static struct answers answer(const struct vmref_case *c)
{
  struct answers a = { 0 };
  struct case_memory m;
  case_place(c, &m);
  a.span = case_span(c, &m);
  for (int i = 0; i < a.span.parts; i++) {
    const struct vmref_walk *w = &a.span.part[i];
    a.opinion[i] = opinion_walk(&w->cpu, &w->access, fuzz_read, &m);
    a.differ[i] = opinion_differs(&a.opinion[i], w);
  }
  return a;
}

static void show_answers(FILE *f, const struct input *in)
{
  struct vmref_case c;
  fuzz_case(&c, in->data, in->size);
  struct answers a = answer(&c);
  if (a.span.parts == 2) show_span(f, &a.span);
  for (int i = 0; i < a.span.parts; i++) {
    opinion_show(f, &a.opinion[i], &a.span.part[i]);
    if (a.differ[i]) fprintf(f, "---- they differ: %s\n", a.differ[i]);
    else fprintf(f, "---- they agree\n");
  }
}

/* ---- replay --------------------------------------------------------------- */

static void one(const char *name, const struct input *in)
{
  replay.inputs++;
  if (!fails(in)) return;
  static char token[TOKEN];
  token_of(in, token);
  printf("FAIL %s %s\n", name, token);
  replay.failed++;
}

static int by_name(const void *a, const void *b)
{
  return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The inputs in a folder by name, so that two runs print the same. */
static void folder(const char *path)
{
  char *names[LONGEST], file[LONGEST];
  unsigned n = 0;
  DIR *d = opendir(path);
  if (!d) { perror(path); exit(2); }
  for (struct dirent *e; (e = readdir(d)) && n < LONGEST;)
    if (e->d_name[0] != '.' && !strchr(e->d_name, '.')) names[n++] = strdup(e->d_name);
  closedir(d);
  qsort(names, n, sizeof *names, by_name);
  for (unsigned i = 0; i < n; i++) {
    struct input in;
    snprintf(file, sizeof file, "%s/%s", path, names[i]);
    if (!(replay.first && replay.failed) && load(&in, file) == 0) one(file, &in);
    free(names[i]);
  }
}

/* A file, a folder or a token; given alone, a file or token shows both answers. */
static void argument(const char *what, int alone)
{
  struct stat st;
  struct input in;
  if (is_token(what)) {
    if (from_token(&in, what) != 0)
      fprintf(stderr, "not a token, which is %s- and at most %zu hex digits: %s\n", fuzz_form(),
              2 * fuzz_length(), what), exit(2);
  } else if (stat(what, &st) == 0 && S_ISDIR(st.st_mode)) {
    folder(what);
    return;
  } else if (load(&in, what) != 0) exit(2);
  if (alone && of_cases()) show_answers(stdout, &in);
  one(what, &in);
}

/* ---- answers written by hand --------------------------------------------- */

/* name, token, vector, error, pa or level or -, rule: the columns of expected.tsv.
 * 1 if the model says so, and the second opinion differs in no page. */
static int as_expected(const char *token, long vector, unsigned long error, const char *where,
                       const char *rule)
{
  struct vmref_case c;
  if (case_from_token(&c, token) != 0) return 0;
  struct answers a = answer(&c);
  const struct vmref_span *s = &a.span;
  uint64_t place = strtoull(where, NULL, 0), is = vector ? s->part[s->first].last : s->part[0].pa;
  return s->parts > 0 && s->vector == vector && s->error == error && is == place
      && strcmp(rule_id(s->rule), rule) == 0 && !a.differ[0] && !a.differ[1];
}

static void expected(const char *path)
{
  char line[LONGEST];
  FILE *f = fopen(path, "r");
  if (!f) perror(path), exit(2);
  while (fgets(line, sizeof line, f)) {
    char *field[6], *next = line;
    int n = 0;
    line[strcspn(line, "\n")] = 0;
    if (line[0] == '#' || line[0] == 0 || strncmp(line, "name\t", 5) == 0) continue;
    while (n < 6 && next) {
      field[n++] = next;
      next = strchr(next, '\t');
      if (next) *next++ = 0;
    }
    replay.inputs++;
    if (n == 6 && as_expected(field[1], strtol(field[2], NULL, 0), strtoul(field[3], NULL, 0),
                              field[4], field[5]))
      continue;
    replay.failed++;
    printf("FAIL %s %s: expected vector %s, error %s, %s, %s\n", field[0], n > 1 ? field[1] : "",
           n > 2 ? field[2] : "?", n > 3 ? field[3] : "?", n > 4 ? field[4] : "?",
           n > 5 ? field[5] : "?");
  }
  fclose(f);
}

/* ---- minimisation -------------------------------------------------------- */

/* Leave out pieces of so many bytes, the last first, as long as it still fails. Was one left out? */
static int drop_pieces(struct input *in, size_t piece)
{
  int dropped = 0;
  for (size_t i = (in->size + piece - 1) / piece; i-- > 0;) {
    struct input try = *in;
    const size_t end = piece * (i + 1) < in->size ? piece * (i + 1) : in->size;
    memmove(try.data + piece * i, in->data + end, in->size - end);
    try.size = in->size - (end - piece * i);
    if (!fails(&try)) continue;
    *in = try;
    dropped = 1;
  }
  return dropped;
}

/* Halves, quarters and so on, down to single operations. */
static void drop_units(struct input *in)
{
  const size_t unit = fuzz_unit();
  size_t piece = unit;
  while (unit && 4 * piece <= in->size) piece *= 2;
  for (; piece > unit; piece /= 2) drop_pieces(in, piece);
  while (unit && drop_pieces(in, unit)) { }
}

/* Clear what can be cleared while it still fails: bytes, then bits. The case is
 * first written out, so that no bits are left that only steer the decoder. */
static void minimise(struct input *in)
{
  struct input try = *in;
  struct vmref_case c;
  if (of_cases()) {
    fuzz_case(&c, in->data, in->size);
    case_encode(&c, try.data);
    try.size = CASE_CODE;
    if (!fails(&try)) return;
  }
  /* Rather a case that is answered wrongly than one whose neighbour is. */
  fuzz_checks = FUZZ_OPINION;
  if (!fails(&try)) fuzz_checks = FUZZ_ALL;
  *in = try;
  drop_units(in);
  const unsigned bytes = (unsigned)in->size;
  for (int again = 1; again;) {
    again = 0;
    for (unsigned i = 0; i < 9 * bytes; i++) {
      unsigned byte = i < bytes ? i : (i - bytes) / 8;
      uint8_t keep = i < bytes ? 0 : (uint8_t)~(1u << i % 8);
      try = *in;
      try.data[byte] &= keep;
      if (try.data[byte] == in->data[byte] || !fails(&try)) continue;
      *in = try;
      again = 1;
    }
  }
  fuzz_checks = FUZZ_ALL;
}

static int minimise_file(const char *from, const char *to)
{
  struct input in;
  static char token[TOKEN];
  if (load(&in, from) != 0) return 2;
  replay.quiet = 1;
  if (!fails(&in)) { printf("%s does not fail\n", from); return 1; }
  minimise(&in);
  replay.quiet = 0;
  save(&in, to);
  token_of(&in, token);
  printf("%s\n", token);
  fails(&in); /* once more, to be read */
  return 0;
}

/* ---- main ----------------------------------------------------------------- */

#ifdef __AFL_HAVE_MANUAL_CONTROL
__AFL_FUZZ_INIT();

static int under_afl(void)
{
  __AFL_INIT();
  const unsigned char *data = __AFL_FUZZ_TESTCASE_BUF;
  while (__AFL_LOOP(100000)) LLVMFuzzerTestOneInput(data, (size_t)__AFL_FUZZ_TESTCASE_LEN);
  return 0;
}
#endif

static int usage(const char *name)
{
  fprintf(stderr, "usage: %s [--first] [--quiet] [--in-process] [--expected TSV] FILE|DIR|TOKEN...\n"
                  "       %s --minimise FILE OUT\n"
                  "       %s --form   the form of inputs and the most bytes of one\n"
                  "Replays inputs of the fuzz target \"%s\"; exit 1 when one fails.\n",
          name, name, name, fuzz_topic());
  return 2;
}

int main(int argc, char **argv)
{
#ifdef __AFL_HAVE_MANUAL_CONTROL
  if (argc == 1) return under_afl();
#endif
  fuzz_checks = FUZZ_ALL;
  if (argc == 2 && strcmp(argv[1], "--form") == 0) return printf("%s %zu\n", fuzz_form(), fuzz_length()) < 0;
  if (argc == 4 && strcmp(argv[1], "--minimise") == 0) return minimise_file(argv[2], argv[3]);
  int i = 1, worked = 0;
  for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
    if (strcmp(argv[i], "--first") == 0) replay.first = 1;
    else if (strcmp(argv[i], "--quiet") == 0) replay.quiet = 1;
    else if (strcmp(argv[i], "--in-process") == 0) replay.in_process = 1;
    else if (strcmp(argv[i], "--expected") == 0 && i + 1 < argc) expected(argv[++i]), worked = 1;
    else return usage(argv[0]);
  }
  if (i == argc && !worked) return usage(argv[0]);
  for (int alone = argc - i == 1 && !replay.quiet; i < argc && !(replay.first && replay.failed); i++) argument(argv[i], alone);
  printf("replay-%s: %u inputs, %u failed\n", fuzz_topic(), replay.inputs, replay.failed);
  return replay.failed != 0;
}
#endif
