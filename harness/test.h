/* SPDX-License-Identifier: MIT */
/* Tables of hand-made rows as cmocka tests: each row is a test of its own, named
 * by its first field, `what`: the rule of spec/rules.tsv and the case in words. */
#ifndef VMREF_TEST_H
#define VMREF_TEST_H
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#define TEST_MAX 400
static struct CMUnitTest test_list[TEST_MAX];
static size_t test_count;

static inline void test_add(const char *what, CMUnitTestFunction run, const void *row)
{
  if (test_count == TEST_MAX) { print_error("raise TEST_MAX in harness/test.h\n"); _Exit(2); }
  test_list[test_count++] =
    (struct CMUnitTest){ .name = what, .test_func = run, .initial_state = (void *)(uintptr_t)row };
}

/* Every row of a table is handed to run in *state. */
#define ADD_ROWS(run, table) \
  for (size_t i = 0; i < sizeof (table) / sizeof (table)[0]; i++) \
    test_add((table)[i].what, run, &(table)[i])

/* got is what the code says, want the literal from the manual. */
#define IS(what, got, want) test_is(what, #got, (uint64_t)(got), (uint64_t)(want), __FILE__, __LINE__)
static inline void test_is(const char *what, const char *expr, uint64_t got, uint64_t want,
                           const char *file, int line)
{
  if (got == want) return;
  print_error("%s\n  %s is 0x%llx, by hand 0x%llx\n", what, expr,
              (unsigned long long)got, (unsigned long long)want);
  _fail(file, line);
}

#define RUN_TESTS(topic) _cmocka_run_group_tests(topic, test_list, test_count, NULL, NULL)

#endif
