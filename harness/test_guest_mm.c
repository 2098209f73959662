/* SPDX-License-Identifier: MIT */
/* What host and guest do alike, on the host: the guest's order of an access, with the model's walk in the machine's
 * place, against the model's own access, which is proved; and the state's sum. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "guest/mm_feed.h"
#include "guest/mm_host.h"

#define TRIED 40

static struct host new_host(void)
{
  struct host h;
  assert_true(host_new(&h, drive_sizes(mm_input_sizes, MM_KERNEL_FRAMES)));
  h.drive.cpus = 2;
  return h;
}

static void assert_same_step(const struct mm_step *a, const struct mm_step *b)
{
  assert_int_equal(a->status, b->status);
  assert_int_equal(a->vector, b->vector);
  assert_int_equal(a->error, b->error);
  assert_int_equal(a->cr2, b->cr2);
  assert_int_equal(a->faulted, b->faulted);
  if (a->status == VMREF_OK) assert_int_equal(a->byte, b->byte);
  assert_int_equal(a->hit, b->hit);
  assert_int_equal(a->told, b->told);
  assert_int_equal(a->fetch_vector, b->fetch_vector);
  assert_int_equal(a->fetch_error, b->fetch_error);
  assert_int_equal(a->flags, b->flags);
  assert_int_equal(a->more, b->more);
  assert_int_equal(a->digest, b->digest);
}

/* Try, handler, try: comes to what vmref_user_access and vmref_smp_access are proved to do. */
static void order(unsigned as)
{
  struct host a = new_host(), b = new_host();
  struct script_line l[MM_INPUT_OPS];
  struct mm_input x;
  unsigned accesses = 0, faults = 0;
  for (uint64_t n = 0; n < TRIED; n++) {
    mm_generate(&x, 5, n, as, 2);
    assert_true(host_begin(&a, as != AS_BASE, 0));
    assert_true(host_begin(&b, as != AS_BASE, 0));
    b.drive.as_machine = 1;
    const uint32_t ops = mm_lines(&x, l);
    for (uint32_t i = 0; i < ops; i++) {
      struct mm_step one, two;
      drive_step(&a.drive, &l[i], &one);
      drive_step(&b.drive, &l[i], &two);
      assert_same_step(&one, &two);
      accesses += one.flags & STEP_MADE;
      faults += one.faulted;
    }
    assert_true(mm_same(a.drive.s, b.drive.s));
    assert_int_equal(vmref_check(b.drive.s), VMREF_CHECK_OK);
    assert_int_equal(drive_sweep(&a.drive, NULL), drive_sweep(&b.drive, NULL));
  }
  assert_true(accesses > 100 && faults > 50);
  host_free(&a);
  host_free(&b);
}
static void test_order_base(void **state) { (void)state; order(AS_BASE); }
static void test_order_one(void **state) { (void)state; order(AS_ONE); }
static void test_order_smp(void **state) { (void)state; order(AS_SMP); }

/* Kept up step by step, as the guest does, it is what all the state gives. */
static void test_sum_step_by_step(void **state)
{
  (void)state;
  struct host h = new_host();
  const struct vmref_sys *s = h.drive.s;
  const size_t pages = (size_t)s->tables + s->frames + s->slots;
  struct digest g = { calloc(512 * pages, 8), calloc(pages, 8) };
  struct script_line l[MM_INPUT_OPS];
  struct mm_input x;
  uint64_t before = 0;
  unsigned changed = 0;
  assert_true(g.word && g.page);
  digest_reset(&g, s);
  for (uint64_t n = 0; n < 5; n++) {
    mm_generate(&x, 6, n, AS_BASE, 0);
    assert_true(host_begin(&h, 0, 0));
    const uint32_t ops = mm_lines(&x, l);
    for (uint32_t i = 0; i < ops; i++) {
      struct mm_step r;
      drive_step(&h.drive, &l[i], &r);
      for (size_t p = 0; p < pages; p++) digest_page(&g, s, p);
      assert_int_equal(digest_sum(&g, s), r.digest);
      changed += r.digest != before;
      before = r.digest;
    }
  }
  assert_true(changed > 50);
  free(g.word);
  free(g.page);
  host_free(&h);
}

/* Any bit of what counts changes it, two that would cancel out in a plain sum too; what is free does not count. */
static void test_sum_sees(void **state)
{
  (void)state;
  struct host h = new_host();
  assert_true(host_begin(&h, 0, 0));
  const struct vmref_sys *s = h.drive.s;
  const uint64_t was = digest_whole(s);
  const uint32_t used = s->frames - 1; /* the stub's */
  s->tab[512 * 3 + 7] ^= 1ull << 63;
  const uint64_t once = digest_whole(s);
  assert_int_not_equal(once, was);
  s->tab[512 * 3 + 8] ^= 1ull << 63;
  assert_int_not_equal(digest_whole(s), was);
  assert_int_not_equal(digest_whole(s), once);
  s->tab[512 * 3 + 7] = s->tab[512 * 3 + 8] = 0;
  assert_int_equal(digest_whole(s), was);
  s->data[4096 * used + 4095] ^= 1;
  assert_int_not_equal(digest_whole(s), was);
  s->data[4096 * used + 4095] ^= 1;
  s->data[0] ^= 1; /* of a free frame */
  assert_int_equal(digest_whole(s), was);
  s->rc[used]++;
  assert_int_not_equal(digest_whole(s), was);
  s->rc[used]--;
  s->shared[used] = 0;
  assert_int_not_equal(digest_whole(s), was);
  host_free(&h);
}

static void test_tokens(void **state)
{
  (void)state;
  struct mm_input x, y = { .size = 0 };
  char token[MM_TOKEN];
  mm_generate(&x, 7, 1, AS_SMP, 2);
  mm_token(&x, token);
  assert_true(mm_from_token(&y, token));
  assert_true(y.size <= x.size && memcmp(x.data, y.data, y.size) == 0);
  assert_false(mm_from_token(&y, "mm1-0"));
  assert_false(mm_from_token(&y, "mm1-0g"));
  assert_false(mm_from_token(&y, "vm2-00"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_order_base), cmocka_unit_test(test_order_one), cmocka_unit_test(test_order_smp),
    cmocka_unit_test(test_sum_step_by_step), cmocka_unit_test(test_sum_sees), cmocka_unit_test(test_tokens),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
