/* SPDX-License-Identifier: MIT */
/* vmref_smp_check: a state that holds, and one field of a processor changed at a time. What breaks clause 6 is by hand
 * from spec/smp.acsl. */
#include "test_smp.h"

/* The slot of processor c for a page; the one for the table of a level. */
static struct vmref_translation *page(unsigned c, uint64_t at)
{
  unsigned i = 0;
  while (!m.tlb[c].page[i].used || m.tlb[c].page[i].page != at) assert_true(++i < VMREF_TLB_SLOTS);
  return &m.tlb[c].page[i];
}
static struct vmref_cached_table *table(unsigned c, unsigned level)
{
  unsigned i = 0;
  while (!m.tlb[c].table[i].used || m.tlb[c].table[i].origin.level != level) assert_true(++i < VMREF_TLB_SLOTS);
  return &m.tlb[c].table[i];
}
#define BREAKS(what, field, value) do { \
    const struct vmref_smp was = m; \
    (field) = (value); \
    IS(what, vmref_smp_check(s, &m), VMREF_CHECK_TLB); \
    m = was; \
    IS("and back", vmref_smp_check(s, &m), VMREF_CHECK_OK); \
  } while (0)
#define HOLDS(what, field, value) do { \
    const struct vmref_smp was = m; \
    (field) = (value); \
    IS(what, vmref_smp_check(s, &m), VMREF_CHECK_OK); \
    m = was; \
  } while (0)

/* Processor 0 has read 0x10000, which was written to before, so its leaf is dirty and writable. */
static struct vmref_sys *read_page(uint8_t lazy)
{
  struct vmref_sys *s = running(lazy);
  write_on(s, 1, 0x10000, 7);
  read_on(s, 0, 0x10000);
  return s;
}

static void translations(void **state)
{
  (void)state;
  struct vmref_sys *s = read_page(0);
  struct vmref_translation *t = page(0, 0x10000);
  BREAKS("another page", t->page, 0x11000);
  BREAKS("not at the start of one", t->page, 0x10001);
  BREAKS("above the user's half", t->page, 0x800000010000);
  BREAKS("2 MiB", t->size, 0x200000);
  BREAKS("another frame", t->frame, t->frame + 0x1000);
  BREAKS("within its frame", t->frame, t->frame + 1);
  BREAKS("executable, and its leaf is not", t->xd, 0);
  BREAKS("global", t->global, 1);
  BREAKS("a PCID", t->pcid, 1);
  BREAKS("more than writable", t->rw, 2);
  HOLDS("fewer rights", t->rw, 0);
  HOLDS("not a user's", t->us, 0);
  HOLDS("not dirty", t->dirty, 0);
  HOLDS("not in use, whatever it says", *t, ((struct vmref_translation){ .used = 0, .frame = 0x1234 }));
  uint64_t *e = leaf(s, 0, 0x10000);
  *e &= ~0x42ull;
  IS("writable and dirty, and the leaf is no longer", vmref_smp_check(s, &m), VMREF_CHECK_TLB);
  *e |= 2;
  IS("dirty, and the leaf is not", vmref_smp_check(s, &m), VMREF_CHECK_TLB);
  *e |= 0x40;
  IS("as it was", vmref_smp_check(s, &m), VMREF_CHECK_OK);
}

static void tables_on_the_way(void **state)
{
  (void)state;
  struct vmref_sys *s = read_page(0);
  struct vmref_cached_table *t = table(0, 1);
  IS("a leaf table", t->size, 0x200000);
  BREAKS("another table", t->origin.table, t->origin.table + 0x1000);
  BREAKS("within it", t->origin.table, t->origin.table + 8);
  BREAKS("of another level", t->origin.level, 2);
  BREAKS("of none", t->origin.level, 0);
  BREAKS("a PCID", t->pcid, 1);
  BREAKS("of another range", t->start, 0x200000);
  BREAKS("of the range behind too", t->size, 0x200001);
  HOLDS("of a part of its range", t->size, 0x1000);
  HOLDS("of no address", *t, ((struct vmref_cached_table){ .used = 1, .start = 0x40000000, .size = 0, .origin = { .table = 0x5000, .level = 1 } }));
  t = table(0, 3);
  IS("a table of the third level", t->size, 0x8000000000);
  BREAKS("of the range behind too", t->size, 0x8000000001);
  BREAKS("into the kernel's half", t->size, 0x800000000001);
}

static void processors(void **state)
{
  (void)state;
  struct vmref_sys *s = read_page(0);
  BREAKS("idle, with something cached", m.runs[0], VMREF_IDLE);
  BREAKS("another space's", m.runs[0], 1);
  BREAKS("a space that there is not", m.runs[0], 2);
  BREAKS("a number that no space has", m.runs[0], 1000);
  BREAKS("pending, and not lazy", m.pending, 1);
  BREAKS("neither lazy nor eager", m.lazy, 2);
  HOLDS("lazy, nothing pending", m.lazy, 1);
  IS("the last processor runs nothing", m.runs[3], VMREF_IDLE);
  BREAKS("and has a page cached", m.tlb[3].page[63].used, 1);
  BREAKS("and a table", m.tlb[3].table[63].used, 1);
}

static void leftovers(void **state)
{
  (void)state;
  struct vmref_sys *s = read_page(1);
  const struct vmref_translation old = *page(0, 0x10000);
  unmap_on(s, 0, 0x10000, 1);
  IS("pending", m.pending, 1);
  struct vmref_translation *t = page(0, 0x10000);
  BREAKS("the same when nothing is pending", m.pending, 0);
  BREAKS("left of a table", t->frame, 0x1000);
  BREAKS("left of a kernel's frame", t->frame, 0x1000ull * (s->tables + s->frames));
  HOLDS("left of a frame that nobody has", t->frame, old.frame + 0x1000);
  write_on(s, 2, 0x10000, 9); /* a fault: all drop what they had */
  IS("told", m.pending, 0);
  read_on(s, 0, 0x11000);
  const struct vmref_translation next = *page(0, 0x11000);
  unmap_on(s, 0, 0x11000, 1);
  t = page(0, 0x11000);
  BREAKS("left of a frame that another may write to", t->frame, page(2, 0x10000)->frame);
  HOLDS("its own", t->frame, next.frame);
}

static void other_clauses_first(void **state)
{
  (void)state;
  struct vmref_sys *s = read_page(0);
  m.runs[0] = VMREF_IDLE;
  s->rc[0]++;
  IS("the ledger comes first", vmref_smp_check(s, &m), VMREF_CHECK_LEDGER);
  s->rc[0]--;
  IS("then clause 6", vmref_smp_check(s, &m), VMREF_CHECK_TLB);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(translations), cmocka_unit_test(tables_on_the_way), cmocka_unit_test(processors),
    cmocka_unit_test(leftovers), cmocka_unit_test(other_clauses_first),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
