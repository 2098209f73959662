/* SPDX-License-Identifier: MIT */
/* libFuzzer steers by the edges of the model; a process beside it, which has the window, compares with the
 * kernel: libFuzzer itself needs to allocate. */
#include <linux/futex.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "lx_host.h"

enum { OPS = 60 };
static struct desk {
  uint32_t turn; /* a futex: 1: a sequence is there; 0: it is done; 2: there is no window */
  uint8_t bytes[LX_OPS][LX_BYTES];
  unsigned n;
  int result;
  struct lx_finding finding;
} *desk;
static struct vmref_linux *model;

static void wait_while(uint32_t value)
{
  while (__atomic_load_n(&desk->turn, __ATOMIC_ACQUIRE) == value) syscall(SYS_futex, &desk->turn, FUTEX_WAIT, value, NULL, NULL, 0);
}

static void pass(uint32_t value)
{
  __atomic_store_n(&desk->turn, value, __ATOMIC_RELEASE);
  syscall(SYS_futex, &desk->turn, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void serve(void)
{
  static struct lx_op op[LX_OPS];
  const struct lx_how how = { 1, 20, 0, 2 };
  struct lx_done done;
  prctl(PR_SET_PDEATHSIG, SIGKILL); /* libFuzzer ends by exit: nobody tells this process */
  if (!lx_host_begin()) pass(2), _exit(5);
  lx_host_limits(model);
  for (pass(0); ; pass(0)) {
    wait_while(0);
    for (unsigned i = 0; i < desk->n; i++) op[i] = lx_decode(desk->bytes[i]);
    desk->result = lx_compare(model, op, desk->n, &how, &desk->finding, &done);
    if (desk->result == 1) desk->n = lx_shrink(model, desk->bytes, desk->n, 'C', &desk->finding);
  }
}

static void begin(void)
{
  desk = mmap(NULL, sizeof *desk, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  model = lx_model_new(lx_host_kernel());
  if (desk == MAP_FAILED || !model) abort();
  desk->turn = 1;
  if (fork() == 0) serve();
  wait_while(1);
  if (desk->turn == 2) exit(5);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static struct lx_op op[OPS];
  if (!desk) begin();
  const unsigned n = size / LX_BYTES < OPS ? (unsigned)(size / LX_BYTES) : OPS;
  lx_model_reset(model);
  for (unsigned i = 0; i < n; i++) {
    memcpy(desk->bytes[i], data + i * LX_BYTES, LX_BYTES);
    op[i] = lx_decode(desk->bytes[i]);
    lx_model_do(model, &op[i]);
  }
  if (n == 0) return 0;
  desk->n = n;
  pass(1);
  wait_while(1);
  if (desk->result != 1) return 0;
  for (unsigned i = 0; i < desk->n; i++) op[i] = lx_decode(desk->bytes[i]);
  lx_print_finding(&desk->finding, op, desk->n, desk->bytes);
  fflush(stdout);
  abort();
}
