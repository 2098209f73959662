/* SPDX-License-Identifier: MIT */
/* Tables of hand-made rows as cmocka tests: each row is a test of its own, named
 * by its first field, `what`: the rule of spec/rules.tsv and the case in words. */
#ifndef VMREF_TEST_H
#define VMREF_TEST_H
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "types.h"

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

/* ---- questions in a few words ------------------------------------------- */

#define READ  VMREF_READ
#define WRITE VMREF_WRITE
#define RMW   VMREF_RMW
#define FETCH VMREF_FETCH
#define PF(name) VMREF_RULE_PF_##name

/* The control state with these on and nothing else; 4-level paging unless IN_*; width 40
 * unless W*. */
enum { WP = 1, SMEP = 2, SMAP = 4, NXE = 8, PGE = 16, PAGE1GB = 32, AMD = 64, W32 = 128, W36 = 256,
       W52 = 512, PKE = 1 << 10, PKS = 1 << 11, PSE = 1 << 12, PSE36 = 1 << 13, PCIDE = 1 << 14,
       IN_5LEVEL = 1 << 15, IN_PAE = 1 << 16, IN_32BIT = 1 << 17, IN_NONE = 1 << 18 };
static inline struct vmref_cpu cpu_with(unsigned on)
{
  return (struct vmref_cpu){
    .cr3 = 0x1000, .vendor = on & AMD ? VMREF_AMD : VMREF_INTEL,
    .mode = on & IN_5LEVEL ? VMREF_MODE_5LEVEL : on & IN_PAE ? VMREF_MODE_PAE
          : on & IN_32BIT ? VMREF_MODE_32BIT : on & IN_NONE ? VMREF_MODE_NONE : VMREF_MODE_4LEVEL,
    .maxphyaddr = on & W32 ? 32 : on & W36 ? 36 : on & W52 ? 52 : 40,
    .page1gb = (on & PAGE1GB) != 0, .wp = (on & WP) != 0, .pge = (on & PGE) != 0,
    .smep = (on & SMEP) != 0, .smap = (on & SMAP) != 0, .nxe = (on & NXE) != 0,
    .pke = (on & PKE) != 0, .pks = (on & PKS) != 0, .pse = (on & PSE) != 0,
    .pse36 = (on & PSE36) != 0, .pcide = (on & PCIDE) != 0 };
}

/* One byte at va. */
enum { IMPLICIT = 1, AC = 2, STACK = 4 };
static inline struct vmref_access access_of(uint64_t va, uint8_t kind, uint8_t cpl, unsigned how)
{
  return (struct vmref_access){
    .va = va, .kind = kind, .size = 1, .cpl = cpl, .implicit = (how & IMPLICIT) != 0,
    .ac = (how & AC) != 0, .seg = how & STACK ? VMREF_SEG_SS : VMREF_SEG_DS };
}

#endif
