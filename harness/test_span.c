/* SPDX-License-Identifier: MIT */
/* Topic span. Every expected value was worked out by hand: SDM 3A 4.7 (CR2), 4.8 (A, D),
 * 5.3 (limits at 4 GiB), 6.9 (order of exceptions), 8.1.1 (large stores). */
#include <string.h>
#include "test.h"
#include "span.h"

enum { OK = VMREF_SPAN_OK, FIRST = VMREF_SPAN_FIRST, SECOND = VMREF_SPAN_SECOND, LIMIT = VMREF_SPAN_LIMIT };
enum { LEVEL4 = VMREF_MODE_4LEVEL, LEVEL5 = VMREF_MODE_5LEVEL, PAE = VMREF_MODE_PAE,
       BITS32 = VMREF_MODE_32BIT, FLAT = VMREF_MODE_NONE };
#define NP VMREF_RULE_PF_NP
#define GP VMREF_RULE_GP_CANON
#define SS VMREF_RULE_SS_CANON

static struct vmref_cpu cpu_in(uint8_t mode)
{
  struct vmref_cpu cpu = cpu_with(WP | NXE | PGE | PAGE1GB);
  cpu.mode = mode;
  for (int i = 0; i < 4; i++) cpu.pdpte[i] = 0x8001;
  return cpu;
}

static struct vmref_access access_at(uint64_t va, uint8_t size, uint8_t kind, uint8_t cpl, unsigned how)
{
  struct vmref_access a = access_of(va, kind, cpl, how);
  a.size = size;
  return a;
}

/* The upper entries of both parts lead on with every right; the last ones are pte[]. */
static struct vmref_span span_over(struct vmref_cpu cpu, struct vmref_access a, const uint64_t pte[2])
{
  struct vmref_span s;
  vmref_span_start(&s, cpu, a);
  for (int i = 0; i < s.parts; i++)
    while (s.part[i].level != 0) vmref_walk_step(&s.part[i], s.part[i].level == 1 ? pte[i] : 0x2027);
  vmref_span_join(&s);
  return s;
}

static const struct row {
  const char *what;
  uint8_t mode; uint64_t va; uint8_t size, kind, cpl; unsigned how;
  uint64_t pte[2];
  uint8_t rule; uint32_t error; uint64_t cr2; uint8_t may, torn;
} ROW[] = {
  { "SPAN.PARTS: both pages are there", LEVEL4, 0x1ffe, 4, READ, 3, 0, { 0x5027, 0x7027 },
    VMREF_RULE_OK, 0, 0, OK, 0 },
  { "SPAN.PARTS: the last byte of a page", LEVEL4, 0x1fff, 1, READ, 3, 0, { 0x5027, 0 },
    VMREF_RULE_OK, 0, 0, OK, 0 },
  { "SPAN.PARTS: 64 bytes up to the end of a page", LEVEL4, 0x1fc0, 64, READ, 3, 0, { 0x5027, 0 },
    VMREF_RULE_OK, 0, 0, OK, 0 },
  { "SPAN.PARTS: 64 bytes and one more", LEVEL4, 0x1fc1, 64, READ, 3, 0, { 0x5027, 0x7026 },
    NP, 4, 0x2000, SECOND, 0 },
  { "SPAN.CR2: the first page is absent", LEVEL4, 0x1ffe, 4, READ, 3, 0, { 0x5026, 0x7027 },
    NP, 4, 0x1ffe, FIRST, 0 },
  { "SPAN.CR2: the second page is absent", LEVEL4, 0x1ffe, 4, READ, 3, 0, { 0x5027, 0x7026 },
    NP, 4, 0x2000, SECOND, 0 },
  { "SPAN.ORDER: both are absent, either fault may come", LEVEL4, 0x1ffe, 4, READ, 3, 0, { 0x5026, 0x7026 },
    NP, 4, 0x1ffe, FIRST | SECOND, 0 },
  { "SPAN.ORDER: read-only, then absent", LEVEL4, 0x1ffe, 4, WRITE, 3, 0, { 0x5025, 0x7026 },
    PF(USER_WRITE), 7, 0x1ffe, FIRST | SECOND, 0 },
  { "SPAN.RIGHTS: the second page is the supervisor's", LEVEL4, 0x1fff, 2, READ, 3, 0, { 0x5027, 0x7023 },
    PF(USER), 5, 0x2000, SECOND, 0 },
  { "SPAN.RIGHTS: a read-modify-write, the second page read-only", LEVEL4, 0x1fff, 2, RMW, 3, 0,
    { 0x5027, 0x7025 }, PF(USER_WRITE), 7, 0x2000, SECOND, 0 },
  { "SPAN.RIGHTS: a fetch, the second page XD", LEVEL4, 0x1fff, 15, FETCH, 3, 0,
    { 0x5027, 0x8000000000007027 }, PF(XD), 0x15, 0x2000, SECOND, 0 },
  { "SPAN.RIGHTS: a reserved bit of the second page", LEVEL4, 0x1fff, 2, READ, 0, 0,
    { 0x5027, 0x10000007027 }, PF(RSVD_ADDR), 9, 0x2000, SECOND, 0 },

  { "SPAN.CANON: from the low half over its end", LEVEL4, 0x7ffffffffffe, 4, READ, 3, 0, { 0x5027, 0 },
    GP, 0, 0, SECOND, 0 },
  { "SPAN.CANON: and the first page is absent", LEVEL4, 0x7ffffffffffe, 4, READ, 3, 0, { 0x5026, 0 },
    GP, 0, 0, FIRST | SECOND, 0 },
  { "SPAN.CANON: a stack reference", LEVEL4, 0x7ffffffffffe, 4, WRITE, 3, STACK, { 0x5027, 0 },
    SS, 0, 0, SECOND, 0 },
  { "SPAN.CANON: its last byte is the first of the high half", LEVEL4, 0xffff7fffffffffff, 2, READ, 3, 0,
    { 0, 0x7027 }, GP, 0, 0, FIRST, 0 },
  { "SPAN.CANON: and that page is absent", LEVEL4, 0xffff7fffffffffff, 2, READ, 3, 0, { 0, 0x7026 },
    GP, 0, 0, FIRST | SECOND, 0 },
  { "SPAN.CANON: no byte is canonical", LEVEL4, 0x800000000fff, 2, READ, 3, 0, { 0, 0 },
    GP, 0, 0, FIRST | SECOND, 0 },
  { "SPAN.CANON: not with 57 bits", LEVEL5, 0x7ffffffffffe, 4, READ, 3, 0, { 0x5027, 0x7027 },
    VMREF_RULE_OK, 0, 0, OK, 0 },
  { "SPAN.CANON: over the end of 57 bits", LEVEL5, 0xfffffffffffffe, 4, READ, 3, 0, { 0x5027, 0 },
    GP, 0, 0, SECOND, 0 },

  { "SPAN.WRAP64: the last address and 0", LEVEL4, 0xffffffffffffffff, 2, READ, 3, 0, { 0x5027, 0x7027 },
    VMREF_RULE_OK, 0, 0, OK, 0 },
  { "SPAN.WRAP64: page 0 is absent", LEVEL5, 0xffffffffffffffc1, 64, READ, 3, 0, { 0x5027, 0x7026 },
    NP, 4, 0, SECOND, 0 },
  { "SPAN.WRAP32: the last address and 0, or a fault", PAE, 0xffffffff, 2, READ, 3, 0, { 0x5027, 0x7027 },
    VMREF_RULE_OK, 0, 0, OK | LIMIT, 0 },
  { "SPAN.WRAP32: page 0 is absent", BITS32, 0xffffffff, 2, READ, 3, 0, { 0x5027, 0x7026 },
    NP, 4, 0, SECOND | LIMIT, 0 },
  { "SPAN.WRAP32: up to 4 GiB is no wrap", PAE, 0xfffffffc, 4, READ, 3, 0, { 0x5027, 0 },
    VMREF_RULE_OK, 0, 0, OK, 0 },
  { "SPAN.WRAP32: without paging", FLAT, 0xffffffc1, 64, READ, 0, 0, { 0, 0 },
    VMREF_RULE_OK, 0, 0, OK | LIMIT, 0 },
  { "SPAN.WRAP32: what an implicit access reads has no segment", PAE, 0xffffffff, 2, READ, 3, IMPLICIT,
    { 0x5027, 0x7027 }, VMREF_RULE_OK, 0, 0, OK, 0 },
  { "SPAN.WRAP32: 4 GiB is nothing to 64 bits", LEVEL4, 0xffffffff, 2, READ, 3, 0, { 0x5027, 0x7026 },
    NP, 4, 0x100000000, SECOND, 0 },

  { "SPAN.DATA: a store of 8 bytes is whole or nothing", LEVEL4, 0x1ffc, 8, WRITE, 3, 0, { 0x5027, 0x7026 },
    NP, 6, 0x2000, SECOND, 0 },
  { "SPAN.DATA: a store of 16 bytes may be in part", LEVEL4, 0x1ff8, 16, WRITE, 3, 0, { 0x5027, 0x7026 },
    NP, 6, 0x2000, SECOND, 1 },
  { "SPAN.DATA: not when both pages fault", LEVEL4, 0x1ff8, 16, WRITE, 3, 0, { 0x5026, 0x7026 },
    NP, 6, 0x1ff8, FIRST | SECOND, 0 },
  { "SPAN.DATA: nor a read", LEVEL4, 0x1ff8, 16, READ, 3, 0, { 0x5027, 0x7026 },
    NP, 4, 0x2000, SECOND, 0 },
};
static void outcome(void **state)
{
  const struct row *r = *state;
  struct vmref_span s = span_over(cpu_in(r->mode), access_at(r->va, r->size, r->kind, r->cpl, r->how), r->pte);
  IS(r->what, s.status, VMREF_OK);
  IS(r->what, s.rule, r->rule);
  IS(r->what, s.vector, r->rule == VMREF_RULE_OK ? 0 : r->rule == GP ? 13 : r->rule == SS ? 12 : 14);
  IS(r->what, s.error, r->error);
  IS(r->what, s.cr2, r->cr2);
  IS(r->what, s.may, r->may);
  IS(r->what, s.torn, r->torn);
  IS(r->what, vmref_span_allows(&s, s.vector, s.error, s.cr2), 1);
}

/* ---- the set of what is allowed ------------------------------------------ */

static const struct allowed_row {
  const char *what;
  uint8_t mode; uint64_t va; unsigned how; uint64_t pte[2];
  uint8_t vector; uint32_t error; uint64_t cr2; uint8_t yes;
} ALLOWED[] = { /* writes of 4 bytes at CPL 3 */
  { "SPAN.ORDER: the first fault",          LEVEL4, 0x1ffe, 0, { 0x5025, 0x7026 }, 14, 7, 0x1ffe, 1 },
  { "SPAN.ORDER: the second fault",         LEVEL4, 0x1ffe, 0, { 0x5025, 0x7026 }, 14, 6, 0x2000, 1 },
  { "SPAN.ORDER: not mixed of both",        LEVEL4, 0x1ffe, 0, { 0x5025, 0x7026 }, 14, 7, 0x2000, 0 },
  { "SPAN.ORDER: not no fault",             LEVEL4, 0x1ffe, 0, { 0x5025, 0x7026 }, 0, 0, 0, 0 },
  { "SPAN.ORDER: not #GP",                  LEVEL4, 0x1ffe, 0, { 0x5025, 0x7026 }, 13, 0, 0, 0 },
  { "SPAN.CR2: not the operand's start",    LEVEL4, 0x1ffe, 0, { 0x5027, 0x7026 }, 14, 6, 0x1ffe, 0 },
  { "SPAN.CR2: not the operand's end",      LEVEL4, 0x1ffe, 0, { 0x5027, 0x7026 }, 14, 6, 0x2001, 0 },
  { "SPAN.CR2: of no account when none faults", LEVEL4, 0x1ffe, 0, { 0x5027, 0x7027 }, 0, 0, 0x1234, 1 },
  { "SPAN.RIGHTS: no fault of rights that are there", LEVEL4, 0x1ffe, 0, { 0x5027, 0x7027 }, 14, 7, 0x2000, 0 },
  { "SPAN.CANON: #GP, whatever CR2 holds",  LEVEL4, 0x7ffffffffffe, 0, { 0x5026, 0 }, 13, 0, 0x1234, 1 },
  { "SPAN.CANON: or the first page's fault", LEVEL4, 0x7ffffffffffe, 0, { 0x5026, 0 }, 14, 6, 0x7ffffffffffe, 1 },
  { "SPAN.CANON: not without #GP",          LEVEL4, 0x7ffffffffffe, 0, { 0x5027, 0 }, 0, 0, 0, 0 },
  { "SPAN.CANON: #GP has error code 0",     LEVEL4, 0x7ffffffffffe, 0, { 0x5027, 0 }, 13, 2, 0, 0 },
  { "SPAN.WRAP32: it may be made",          PAE, 0xfffffffe, 0, { 0x5027, 0x7027 }, 0, 0, 0, 1 },
  { "SPAN.WRAP32: it may be #GP(0)",        PAE, 0xfffffffe, 0, { 0x5027, 0x7027 }, 13, 0, 0, 1 },
  { "SPAN.WRAP32: not #SS of data",         PAE, 0xfffffffe, 0, { 0x5027, 0x7027 }, 12, 0, 0, 0 },
  { "SPAN.WRAP32: #SS(0) of a stack",       PAE, 0xfffffffe, STACK, { 0x5027, 0x7027 }, 12, 0, 0, 1 },
  { "SPAN.WRAP32: not #GP of a stack",      PAE, 0xfffffffe, STACK, { 0x5027, 0x7027 }, 13, 0, 0, 0 },
  { "SPAN.WRAP32: a page fault beside it",  PAE, 0xfffffffe, 0, { 0x5027, 0x7026 }, 14, 6, 0, 1 },
  { "SPAN.WRAP32: not when a page faults",  PAE, 0xfffffffe, 0, { 0x5027, 0x7026 }, 0, 0, 0, 0 },
  { "SPAN.WRAP64: there is no limit",       LEVEL4, 0xfffffffffffffffe, 0, { 0x5027, 0x7027 }, 13, 0, 0, 0 },
};
static void allowed(void **state)
{
  const struct allowed_row *r = *state;
  struct vmref_span s = span_over(cpu_in(r->mode), access_at(r->va, 4, WRITE, 3, r->how), r->pte);
  IS(r->what, vmref_span_allows(&s, r->vector, r->error, r->cr2), r->yes);
}

/* ---- the flags that the access may leave ---------------------------------- */

static const struct flags_row {
  const char *what;
  uint8_t size, kind; uint64_t pte[2], after[2];
} FLAGS[] = { /* at 0x1fff, CPL 3 */
  { "SPAN.AD: a read sets A in both",                  2, READ,  { 0x5007, 0x7007 }, { 0x5027, 0x7027 } },
  { "SPAN.AD: a write sets A and D in both",           2, WRITE, { 0x5007, 0x7007 }, { 0x5067, 0x7067 } },
  { "SPAN.AD: the second faults, the first may have D", 2, WRITE, { 0x5007, 0x7005 }, { 0x5067, 0x7025 } },
  { "SPAN.AD: the first faults, no D in the second",   2, WRITE, { 0x5005, 0x7007 }, { 0x5025, 0x7027 } },
  { "SPAN.AD: nor in any when both fault",             2, RMW,   { 0x5005, 0x7005 }, { 0x5025, 0x7025 } },
  { "SPAN.AD: an absent entry stays",                  2, WRITE, { 0x5006, 0x7007 }, { 0x5006, 0x7027 } },
  { "SPAN.AD: the second may be written of a large store", 16, WRITE, { 0x5005, 0x7007 }, { 0x5025, 0x7067 } },
  { "SPAN.AD: D of the second that was there stays",   2, WRITE, { 0x5005, 0x7047 }, { 0x5025, 0x7067 } },
};
static void flags_left(void **state)
{
  const struct flags_row *r = *state;
  struct vmref_span s = span_over(cpu_in(LEVEL4), access_at(0x1fff, r->size, r->kind, 3, 0), r->pte);
  IS(r->what, vmref_span_after(&s, 0, 1), r->after[0]);
  IS(r->what, vmref_span_after(&s, 1, 1), r->after[1]);
  IS(r->what, vmref_span_after(&s, 0, 2), 0x2027);
  IS(r->what, vmref_span_after(&s, 1, 4), 0x2027);
}

/* ---- single questions ------------------------------------------------------ */

static void ranges(void **state)
{
  (void)state;
  const uint64_t pte[2] = { 0x5027, 0xff7027 };
  struct vmref_span s = span_over(cpu_in(LEVEL4), access_at(0x1fc1, 64, READ, 3, 0), pte);
  IS("ranges", s.parts, 2);
  IS("ranges", s.part[0].pa, 0x5fc1);
  IS("ranges", s.part[0].access.size, 63);
  IS("ranges", s.part[1].access.va, 0x2000);
  IS("ranges", s.part[1].pa, 0xff7000);
  IS("ranges", s.part[1].access.size, 1);
  s = span_over(cpu_in(FLAT), access_at(0xfffffffd, 8, READ, 3, 0), pte);
  IS("wrap", s.part[0].pa, 0xfffffffd);
  IS("wrap", s.part[0].access.size, 3);
  IS("wrap", s.part[1].pa, 0);
  IS("wrap", s.part[1].access.size, 5);
}

static void keys(void **state)
{
  (void)state;
  const uint64_t pte[2] = { 0x5027, 0x0800000000007027 }; /* key 0, key 1 */
  struct vmref_cpu cpu = cpu_in(LEVEL4);
  cpu.pke = 1;
  cpu.pkru = 8; /* WD of key 1 */
  struct vmref_span s = span_over(cpu, access_at(0x1ffe, 4, WRITE, 3, 0), pte);
  IS("keys", s.rule, PF(PKU_WD));
  IS("keys", s.error, 0x27);
  IS("keys", s.cr2, 0x2000);
  s = span_over(cpu, access_at(0x1ffe, 4, READ, 3, 0), pte);
  IS("keys", s.rule, VMREF_RULE_OK);
}

/* Bug M24: an instruction in two pages, the second remapped: it is executed from the new
 * page, and no fault may come. */
static void m24(void **state)
{
  (void)state;
  const uint64_t before[2] = { 0x5025, 0x7025 }, after[2] = { 0x5025, 0x9025 };
  struct vmref_access fetch = access_at(0x401ffd, 7, FETCH, 3, 0);
  struct vmref_span s = span_over(cpu_in(LEVEL4), fetch, before);
  IS("M24", s.part[1].pa, 0x7000);
  s = span_over(cpu_in(LEVEL4), fetch, after);
  IS("M24", s.part[0].pa, 0x5ffd);
  IS("M24", s.part[1].pa, 0x9000);
  IS("M24", s.may, OK);
  IS("M24", vmref_span_allows(&s, 14, 0x14, 0x402000), 0);
  IS("M24", vmref_span_allows(&s, 14, 0x15, 0x402000), 0);
}

/* Memory of five tables and two pages: 4-level, 0x1fe000 is mapped and 0x1ff000 by the
 * last PTE, 0x200000 by another page table. */
static void over_memory(void **state)
{
  (void)state;
  static uint64_t ram[0x6000 / 8];
  memset(ram, 0, sizeof ram);
  ram[0x1000 / 8] = 0x2007;
  ram[0x2000 / 8] = 0x3007;
  ram[0x3000 / 8] = 0x4007;
  ram[0x3008 / 8] = 0x5007;
  ram[0x4ff8 / 8] = 0xa007;
  ram[0x5000 / 8] = 0xb005;
  struct vmref_span s = vmref_span(ram, 0x6000 / 8, cpu_in(LEVEL4), access_at(0x1ffffc, 8, READ, 3, 0));
  IS("memory", s.status, VMREF_OK);
  IS("memory", s.rule, VMREF_RULE_OK);
  IS("memory", s.part[0].pa, 0xaffc);
  IS("memory", s.part[1].pa, 0xb000);
  IS("memory", s.part[0].address[1], 0x4ff8);
  IS("memory", s.part[1].address[1], 0x5000);
  s = vmref_span(ram, 0x6000 / 8, cpu_in(LEVEL4), access_at(0x1ffffc, 8, WRITE, 3, 0));
  IS("memory", s.rule, PF(USER_WRITE));
  IS("memory", s.cr2, 0x200000);
  IS("memory", s.may, SECOND);
  /* the second part's page table is beyond memory, even if the first part faults */
  s = vmref_span(ram, 0x5000 / 8, cpu_in(LEVEL4), access_at(0x1ffffc, 8, READ, 3, 0));
  IS("memory", s.status, VMREF_EMEM);
  IS("memory", s.rule, VMREF_RULE_NONE);
  IS("memory", s.may, 0);
  ram[0x4ff8 / 8] = 0;
  s = vmref_span(ram, 0x5000 / 8, cpu_in(LEVEL4), access_at(0x1ffffc, 8, READ, 3, 0));
  IS("memory", s.status, VMREF_EMEM);
  /* one part asks for one page alone */
  s = vmref_span(ram, 0x5000 / 8, cpu_in(LEVEL4), access_at(0x1ffff8, 8, READ, 3, 0));
  IS("memory", s.status, VMREF_OK);
  IS("memory", s.rule, NP);
}

static void not_asked(void **state)
{
  (void)state;
  struct vmref_span s;
  vmref_span_start(&s, cpu_in(LEVEL4), access_at(0, 65, READ, 0, 0));
  IS("65 bytes", s.status, VMREF_EINVAL);
  IS("65 bytes", s.parts, 0);
  vmref_span_join(&s);
  IS("65 bytes", s.status, VMREF_EINVAL);
  IS("65 bytes", vmref_span_allows(&s, 0, 0, 0), 0);
  vmref_span_start(&s, cpu_in(PAE), access_at(0x100000000, 1, READ, 0, 0));
  IS("33 bits", s.status, VMREF_EINVAL);
  vmref_span_start(&s, cpu_in(LEVEL4), access_at(0x7fffffffffff, 1, READ, 0, IMPLICIT));
  IS("implicit", s.status, VMREF_OK);
  vmref_span_start(&s, cpu_in(LEVEL4), access_at(0x7fffffffffff, 2, READ, 0, IMPLICIT));
  IS("implicit, #GP(selector)", s.status, VMREF_EUNMODELLED);
  IS("implicit, #GP(selector)", s.parts, 0);
}

int main(void)
{
  ADD_ROWS(outcome, ROW);
  ADD_ROWS(allowed, ALLOWED);
  ADD_ROWS(flags_left, FLAGS);
  test_add("SPAN.PARTS: two physical ranges", ranges, NULL);
  test_add("SPAN.RIGHTS: each page has a key of its own", keys, NULL);
  test_add("SPAN.RIGHTS: M24, a fetch from a page that was remapped", m24, NULL);
  test_add("SPAN.PARTS: over memory in an array", over_memory, NULL);
  test_add("SPAN.PARTS: questions that cannot be asked", not_asked, NULL);
  return RUN_TESTS("span");
}
