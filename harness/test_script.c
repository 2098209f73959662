/* SPDX-License-Identifier: MIT */
/* Scripts as other tools use them: what is printed reads back as what it was, and does the same.
 * The language itself is tested with the command line, in harness/cli/check_run.py. */
#define _GNU_SOURCE
#include <string.h>
#include "test.h"
#include "script.h"

static const struct mm_sizes SIZES = { .tables = 40, .frames = 12, .slots = 6, .spaces = 5, .kernel = 4, .text = 1 };

/* Print, and read again. */
static struct script again(const struct mm_op *op, size_t n, char **text)
{
  size_t size;
  FILE *f = open_memstream(text, &size);
  script_print_all(f, SIZES, op, n);
  fclose(f);
  struct script t = { .spaces = SIZES.spaces };
  uint64_t number = 1;
  for (char *line = *text; *line; number++) {
    char *end = strchr(line, '\n');
    struct script_error why = { 0 };
    if (!script_read(&t, number, line, (size_t)(end - line), &why)) {
      print_error("%zu: %s: %s\n", why.column, line, why.text);
      fail();
    }
    line = end + 1;
  }
  return t;
}

static void printed(void **state)
{
  (void)state;
  static const struct mm_op ops[] = {
    { .kind = MM_SPACE, .a = 0 }, { .kind = MM_MAP, .a = 0, .va = 0x10000, .n = 4, .prot = 3 },
    { .kind = MM_FORK, .a = 0, .b = 1 }, { .kind = MM_FILE, .a = 2, .n = 77 }, { .kind = MM_FILE_ADD, .a = 2, .va = 0x3000 },
    { .kind = MM_MAP_FILE, .a = 1, .b = 2, .va = 0x7ffffffff000, .n = 1, .prot = 5, .first = 3, .share = 1 },
    { .kind = MM_MAP_FILE, .a = 1, .b = 2, .va = 0x20000, .n = 1 }, { .kind = MM_STORE, .a = 0, .va = 0x10001, .byte = 255 },
    { .kind = MM_RMW, .a = 0, .va = UINT64_MAX, .byte = 0 }, { .kind = MM_LOAD, .a = 9, .va = 0 },
    { .kind = MM_MOVE, .a = 1, .va = 0x10000, .n = 11 }, { .kind = MM_COMPACT, .a = 4, .n = 3 },
    { .kind = MM_LAZY, .n = 1 }, { .kind = MM_RUN, .cpu = 4, .a = 1 }, { .kind = MM_RUN, .cpu = 1, .a = VMREF_IDLE },
    { .kind = MM_STORE, .cpu = 4, .va = 5, .byte = 6 }, { .kind = MM_FILL, .cpu = 2, .va = 4097 }, { .kind = MM_TELL, .a = 9 }, { .kind = MM_TLB },
    { .kind = MM_FRAGMENTATION, .a = 9 }, { .kind = MM_EVICT, .a = 9 }, { .kind = MM_EXIT, .a = 0 } };
  char *text;
  struct script t = again(ops, sizeof ops / sizeof ops[0], &text);
  assert_string_equal(text,
    "# vmref run --tables 40 --frames 12 --slots 6 --spaces 5\n"
    "space s0\nmap s0 0x10000 4 rw anon\nfork s0 s1\nfile s2 0\nadd s2 0x3000\n"
    "map s1 0x7ffffffff000 1 rx file s2 shared 3\nmap s1 0x20000 1 none file s2 private\n"
    "store s0 0x10001 255\nrmw s0 0xffffffffffffffff 0\n"
    "move s1 0x10000 11\ncompact 3\nlazy on\ncpu 3 runs s1\ncpu 0 idle\ncpu 3 store 0x5 6\ncpu 1 looks 0x1001\nflush\ntlb\nfragmentation\nevict\nexit s0\n"); /* there can be no space 9 */
  script_free(&t);
  free(text);
}

/* Names that are used before they are made, or out of order. */
static void prologue(void **state)
{
  (void)state;
  static const struct mm_op ops[] = { { .kind = MM_LOAD, .a = 2, .va = 1 }, { .kind = MM_SPACE, .a = 1 } };
  char *text;
  struct script t = again(ops, 2, &text);
  assert_string_equal(strchr(text, '\n') + 1,
    "space s0\nexit s0\nspace s1\nexit s1\nspace s2\nexit s2\nload s2 0x1\nspace s1\n");
  IS("number", t.line[7].op.a, 1);
  IS("number", t.line[6].op.a, 2);
  script_free(&t);
  free(text);
}

static uint32_t dice(uint32_t n)
{
  static uint64_t x = 1;
  x = x * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(x >> 33) % n;
}

static struct mm_op any_op(void)
{
  static const uint64_t bases[] = { 0, 0x10000, 0x200000, 0x40000000, 0x7fffffffe000, 0xffff800000000000 };
  struct mm_op op = { .kind = (enum mm_kind)dice(MM_KMALLOC), .a = dice(5), .b = dice(5), .n = dice(6), .prot = (uint8_t)dice(8),
                      .first = dice(4), .share = (uint8_t)dice(2), .byte = (uint8_t)dice(256) };
  op.va = bases[dice(6)] + 4096 * dice(4);
  if (op.kind == MM_LAZY) op.kind = MM_TLB; /* comes first, or is refused */
  if (op.kind == MM_RUN || op.kind == MM_FILL) op.cpu = (uint8_t)(1 + dice(4));
  int byte = op.kind == MM_FILL || op.kind == MM_LOAD || op.kind == MM_STORE || op.kind == MM_RMW || op.kind == MM_FETCH;
  if (byte) op.va += dice(4096);
  return op;
}

/* The same operations, run and printed, read and run, make the same state and the same outcomes. */
static void same(void **state)
{
  (void)state;
  enum { N = 40 };
  for (int round = 0; round < 300; round++) {
    struct mm_op ops[N];
    struct mm_outcome r[N];
    char *text;
    struct vmref_sys *s = mm_new(SIZES), *u = mm_new(SIZES);
    for (int i = 0; i < N; i++) {
      ops[i] = any_op();
      r[i] = mm_do(s, &ops[i]);
    }
    struct script t = again(ops, N, &text);
    for (size_t i = 0; i < t.lines; i++) {
      struct mm_outcome q = script_do(u, NULL, NULL, &t.line[i]);
      if (i + N < t.lines) continue; /* the prologue */
      struct mm_outcome p = r[i + N - t.lines];
      if (q.status != p.status || q.vector != p.vector || q.error != p.error || q.byte != p.byte)
        print_error("line %zu of\n%s", i + 2, text);
      IS("status", q.status, (uint64_t)p.status);
      IS("byte", q.byte, p.byte);
      IS("error", q.error, p.error);
      IS("first", q.first, p.first);
      IS("moved", q.moved, p.moved);
      IS("longest", q.fragments.longest, p.fragments.longest);
    }
    if (!mm_same(s, u)) { print_error("%s", text); fail(); }
    IS("inv", vmref_check(u), VMREF_CHECK_OK);
    script_free(&t);
    free(text);
    mm_free(s);
    mm_free(u);
  }
}

/* A line that fails leaves the state as it was. */
static void all_or_nothing(void **state)
{
  (void)state;
  for (int round = 0; round < 3000; round++) {
    static struct vmref_sys *s;
    if (round % 60 == 0) { mm_free(s); s = mm_new(SIZES); }
    struct script_line l = { .kind = SCRIPT_OP, .op = any_op() };
    if (dice(3) == 0) { /* a file, or a segment, which may be longer than memory */
      l.op.kind = dice(2) ? MM_FILE : MM_MAP_FILE;
      l.pages = dice(20);
      l.grow = l.op.share = 1;
      l.op.first = 0;
      l.op.n = dice(20);
    }
    struct vmref_sys *before = mm_copy(s);
    if (script_do(s, NULL, NULL, &l).status != VMREF_OK && !mm_same(before, s)) {
      print_error("round %d, ", round);
      script_print_line(stderr, &l, NULL);
      fputc('\n', stderr);
      fail();
    }
    IS("inv", vmref_check(s), VMREF_CHECK_OK);
    mm_free(before);
    if (round == 2999) mm_free(s);
  }
}

int main(void)
{
  test_add("operations are printed as a script", printed, NULL);
  test_add("names that come out of order are introduced", prologue, NULL);
  test_add("what is printed does the same", same, NULL);
  test_add("a line that fails leaves nothing behind", all_or_nothing, NULL);
  return RUN_TESTS("script");
}
