/* SPDX-License-Identifier: MIT */
/* Tasks: this process is number 0; its children, by fork or sharing its memory, wait for orders in a page
 * that all share, one at a time. All of this program's own data is shared too (lx_begin.c). */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "lx_host.h"

enum order { ORDER_DO, ORDER_START, ORDER_EXIT };
struct desk {
  uint32_t turn;            /* a futex: 1: an order is there; 0: it is done */
  enum order order;
  struct lx_op op;
  struct lx_result result;
  unsigned child;           /* ORDER_START: its number */
  int shares;
  pid_t pid;
};
static struct desk *desk;    /* of each task */
static uint8_t stack[TASKS][1 << 15] __attribute__((aligned(4096)));
static int pidfd[TASKS], maps[TASKS], pagemap[TASKS];
static uint8_t alive[TASKS];

static pid_t first;          /* the process of task 0 */

/* A child whose task 0 has gone goes too; task 0 does not wait for a child that is lost. */
static void wait_for(uint32_t *turn, uint32_t value)
{
  for (unsigned i = 0; i < 400; i++) {
    if (__atomic_load_n(turn, __ATOMIC_ACQUIRE) == value) return;
    __builtin_ia32_pause();
  }
  struct timespec second = { 1, 0 };
  for (unsigned late = 0; __atomic_load_n(turn, __ATOMIC_ACQUIRE) != value; ) {
    if (lx_raw(SYS_futex, (uint64_t)turn, FUTEX_WAIT, 1 - value, (uint64_t)&second, 0, 0) != -ETIMEDOUT) continue;
    if (value == 1 && lx_raw(SYS_kill, (uint64_t)first, 0, 0, 0, 0, 0) < 0) lx_raw(SYS_exit, 0, 0, 0, 0, 0, 0);
    if (value == 0 && ++late > 60) abort();
  }
}

static void pass(uint32_t *turn, uint32_t value)
{
  __atomic_store_n(turn, value, __ATOMIC_RELEASE);
  lx_raw(SYS_futex, (uint64_t)turn, FUTEX_WAKE, 1, 0, 0, 0);
}

static int64_t start(unsigned child, int shares);

static void serve(unsigned t)
{
  struct desk *d = &desk[t];
  d->pid = (pid_t)lx_raw(SYS_getpid, 0, 0, 0, 0, 0, 0);
  for (;;) {
    pass(&d->turn, 0);
    wait_for(&d->turn, 1);
    switch (d->order) {
    case ORDER_DO: d->result = lx_host_self(t, &d->op); break;
    case ORDER_START: d->result.value = start(d->child, d->shares); break;
    case ORDER_EXIT: lx_raw(SYS_exit, 0, 0, 0, 0, 0, 0);
    }
  }
}

static void (*volatile serve_at)(unsigned) = serve;

/* The child calls serve(t) on a stack of its own. */
static int64_t clone_onto(unsigned t, uint64_t flags)
{
  uint64_t *top = (uint64_t *)(stack[t] + sizeof stack[t]) - 4;
  int64_t r;
  register uint64_t who __asm__("r12") = t, what __asm__("r13") = (uint64_t)serve_at, r10 __asm__("r10") = 0, r8 __asm__("r8") = 0;
  __asm__ volatile("syscall\n testq %%rax, %%rax\n jnz 1f\n xorl %%ebp, %%ebp\n movq %%r12, %%rdi\n call *%%r13\n hlt\n1:"
                   : "=a"(r) : "a"(SYS_clone), "D"(flags), "S"(top), "d"(0), "r"(r10), "r"(r8), "r"(who), "r"(what)
                   : "rcx", "r11", "memory");
  return r;
}

/* In the parent: begin task `child`, which stands at its desk from then on. */
static int64_t start(unsigned child, int shares)
{
  desk[child].turn = 1;
  return clone_onto(child, shares ? CLONE_VM | SIGCHLD : SIGCHLD);
}

/* /proc/PID/NAME; -1: it cannot be opened. */
static int look_at(pid_t pid, const char *name)
{
  char path[40] = "/proc/", digits[12];
  unsigned n = 0, k = 6;
  do digits[n++] = (char)('0' + pid % 10); while ((pid /= 10) > 0);
  while (n > 0) path[k++] = digits[--n];
  path[k++] = '/';
  strcpy(path + k, name);
  const int64_t fd = lx_raw(SYS_open, (uint64_t)path, O_RDONLY, 0, 0, 0, 0);
  return fd < 0 ? -1 : (int)fd;
}

int lx_tasks_begin(void)
{
  desk = mmap(NULL, TASKS * sizeof *desk, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (desk == MAP_FAILED) return 0;
  first = getpid();
  maps[0] = look_at(first, "maps"), pagemap[0] = look_at(first, "pagemap");
  return maps[0] >= 0;
}

static void order(unsigned t, enum order what)
{
  desk[t].order = what;
  pass(&desk[t].turn, 1);
  wait_for(&desk[t].turn, 0);
}

int64_t lx_task_start(unsigned parent, int shares_mm)
{
  unsigned t = 1;
  while (t < TASKS && alive[t]) t++;
  if (t == TASKS) return -EAGAIN;
  int64_t pid;
  if (parent == 0) pid = start(t, shares_mm);
  else {
    desk[parent].child = t, desk[parent].shares = shares_mm;
    order(parent, ORDER_START);
    pid = desk[parent].result.value;
  }
  if (pid < 0) return pid;
  wait_for(&desk[t].turn, 0);
  pidfd[t] = (int)lx_raw(434 /* pidfd_open */, (uint64_t)desk[t].pid, 0, 0, 0, 0, 0);
  maps[t] = look_at(desk[t].pid, "maps"), pagemap[t] = look_at(desk[t].pid, "pagemap");
  alive[t] = 1;
  return t;
}

struct lx_result lx_task_do(unsigned task, const struct lx_op *op)
{
  desk[task].op = *op;
  order(task, ORDER_DO);
  return desk[task].result;
}

/* Returns when its memory has been given back. */
void lx_task_exit(unsigned task)
{
  struct pollfd p = { pidfd[task], POLLIN, 0 };
  const int fd[3] = { pidfd[task], maps[task], pagemap[task] };
  desk[task].order = ORDER_EXIT;
  pass(&desk[task].turn, 1);
  lx_raw(SYS_poll, (uint64_t)&p, 1, (uint64_t)-1, 0, 0, 0);
  for (unsigned i = 0; i < 3; i++) lx_raw(SYS_close, (uint64_t)fd[i], 0, 0, 0, 0, 0);
  alive[task] = 0;
}

void lx_tasks_end(void)
{
  for (unsigned t = 1; t < TASKS; t++)
    if (alive[t]) lx_task_exit(t);
}

int lx_task_maps(unsigned task) { return maps[task]; }
int lx_task_pagemap(unsigned task) { return pagemap[task]; }
