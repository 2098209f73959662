/* SPDX-License-Identifier: MIT */
/* The kernel's answer. Calls are made bare: errno may be shared between tasks, and nothing here may map
 * memory once the window is taken. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "lx_host.h"

static int files[3];                  /* descriptors of files 0, 1, 2 */
static int segments[64];              /* real ids of System V segments, by the model's number */
int lx_host_frames;
static int has_brk, has_swap;
static uint64_t min_pages = 16;       /* vm.mmap_min_addr; asked before the address space is taken, as files need memory */

/* ---- accesses ---- */

/* Each is one instruction that may fault; the handler then returns from it, by a jump: nothing is blocked, and
 * what sigreturn would restore nobody looks at. */
uint32_t lx_load(uint64_t va);
uint32_t lx_store(uint64_t va, uint32_t byte);
uint32_t lx_fetch(uint64_t va);
void lx_on_fault(int number, siginfo_t *info, void *context);
extern struct { volatile int signal, code; } lx_caught;
/* lx_back: the stack pointer to return with */
__asm__(".local lx_back\n .comm lx_back, 8, 8\n .globl lx_caught\n .comm lx_caught, 8, 8\n"
        ".globl lx_load\n .globl lx_store\n .globl lx_fetch\n .globl lx_on_fault\n .text\n"
        "lx_load: movq %rsp, lx_back(%rip)\n movzbl (%rdi), %eax\n ret\n"
        "lx_store: movq %rsp, lx_back(%rip)\n movb %sil, (%rdi)\n xorl %eax, %eax\n ret\n"
        "lx_fetch: movq %rsp, lx_back(%rip)\n call *%rdi\n xorl %eax, %eax\n ret\n"
        "lx_on_fault: movl %edi, lx_caught(%rip)\n movl 8(%rsi), %eax\n movl %eax, 4+lx_caught(%rip)\n"
        " movq lx_back(%rip), %rsp\n ret\n");
_Static_assert(offsetof(siginfo_t, si_code) == 8, "lx_on_fault reads it");

static struct lx_result access_self(const struct lx_op *op)
{
  lx_caught.signal = lx_caught.code = 0;
  const uint32_t v = op->nr == LX_LOAD ? lx_load(op->arg[0]) : op->nr == LX_STORE ? lx_store(op->arg[0], (uint32_t)op->arg[1]) : lx_fetch(op->arg[0]);
  return (struct lx_result){ 0, (uint8_t)lx_caught.signal, (uint8_t)lx_caught.code, op->nr == LX_LOAD && lx_caught.signal == 0 ? (uint8_t)v : 0 };
}

/* ---- calls ---- */

int64_t lx_raw(uint64_t nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f)
{
  register uint64_t r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
  int64_t r;
  __asm__ volatile("syscall" : "=a"(r) : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
  return r;
}

static uint64_t descriptor(uint64_t fd)
{
  return fd < 3 ? (uint64_t)files[fd] : UINT64_MAX;
}

static int64_t segment(uint64_t id)
{
  return id < 64 && segments[id] >= 0 ? segments[id] : 0x7FFFFFFF;
}

static struct lx_result call_self(const struct lx_op *op)
{
  const uint64_t *a = op->arg;
  static uint8_t core[WINDOW_PAGES + 8];
  switch (op->nr) {
  case VMREF_SYS_MMAP: return (struct lx_result){ .value = lx_raw(op->nr, a[0], a[1], a[2], a[3], descriptor(a[4]), a[5]) };
  case VMREF_SYS_MINCORE: return (struct lx_result){ .value = lx_raw(op->nr, a[0], a[1], (uint64_t)core, 0, 0, 0) };
  case VMREF_SYS_FTRUNCATE: return (struct lx_result){ .value = lx_raw(op->nr, descriptor(a[0]), a[1], 0, 0, 0, 0) };
  case VMREF_SYS_SHMGET: return (struct lx_result){ .value = lx_raw(op->nr, a[0], a[1], a[2], 0, 0, 0) };
  default: return (struct lx_result){ .value = lx_raw(op->nr, a[0], a[1], a[2], a[3], a[4], a[5]) };
  }
}

struct lx_result lx_host_self(unsigned task, const struct lx_op *op)
{
  (void)task;
  return op->nr >= LX_LOAD ? access_self(op) : call_self(op);
}

/* What the kernel calls by numbers of its own gets those of the model: segments. */
void lx_host_segment(int64_t model, int64_t real)
{
  if (model >= 0 && model < 64) segments[model] = (int)real;
}

/* What has changed since the window was empty, beyond its areas. */
static struct { uint8_t locks, heap, segments, file[3]; } used = { 1, 1, 1, { 1, 1, 1 } };

static void note(const struct lx_op *op)
{
  const uint64_t fd = op->nr == VMREF_SYS_FTRUNCATE ? op->arg[0] : op->nr == VMREF_SYS_MMAP ? op->arg[4] : 3;
  used.locks |= op->nr == VMREF_SYS_MLOCKALL;
  used.heap |= op->nr == VMREF_SYS_BRK;
  used.segments |= op->nr == VMREF_SYS_SHMGET;
  if (fd < 3) used.file[fd] = 1;
}

struct lx_result lx_host_do(const struct lx_op *asked)
{
  struct lx_op real = *asked, *op = &real;
  note(op);
  if (op->nr == VMREF_SYS_SHMAT || op->nr == VMREF_SYS_SHMCTL) op->arg[0] = (uint64_t)segment(op->arg[0]);
  switch (op->nr) {
  case VMREF_SYS_FORK: return (struct lx_result){ .value = lx_task_start(op->task, 0) };
  case VMREF_SYS_VFORK: case VMREF_SYS_CLONE: return (struct lx_result){ .value = lx_task_start(op->task, 1) };
  case VMREF_SYS_EXIT: lx_task_exit(op->task); return (struct lx_result){ 0 };
  default: return op->task == 0 ? lx_host_self(0, op) : lx_task_do(op->task, op);
  }
}

/* ---- the beginning, and again ---- */

static int catch_faults(void)
{
  struct sigaction s = { .sa_sigaction = lx_on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER };
  struct sigaction ignore = { .sa_handler = SIG_IGN };
  return sigaction(SIGSEGV, &s, NULL) == 0 && sigaction(SIGBUS, &s, NULL) == 0 && sigaction(SIGILL, &s, NULL) == 0
    && sigaction(SIGCHLD, &ignore, NULL) == 0;
}

int lx_host_begin(void)
{
  char own[64];
  volatile uint8_t deep[1 << 18];
  for (size_t i = 0; i < sizeof deep; i += 4096) deep[i] = 0; /* the stack cannot grow later */
  prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
  files[0] = memfd_create("a", 0);
  snprintf(own, sizeof own, "/proc/self/fd/%d", files[0]);
  files[1] = open(own, O_RDONLY);
  files[2] = memfd_create("b", 0);
  has_brk = lx_move_brk();
  has_swap = lx_has_swap();
  min_pages = lx_lowest() / 4096;
  memset(segments, 0xFF, sizeof segments);
  if (files[0] < 0 || files[1] < 0 || files[2] < 0) return perror("memfd_create"), 0;
  if (!lx_tasks_begin() || !catch_faults()) return perror("processes"), 0;
  lx_share_data();
  if (!lx_take_rest()) return perror("the address space cannot be taken: mmap"), 0;
  struct lx_page page[WINDOW_PAGES];
  lx_raw(VMREF_SYS_MMAP, WINDOW, 4096, 3, 0x32, UINT64_MAX, 0);
  *(volatile uint8_t *)WINDOW = 1;
  used.heap = used.locks = 1;
  lx_host_frames = lx_host_pages(0, page) && page[0].frame != 0;
  return 1;
}

int lx_host_brk(void) { return has_brk; }

void lx_host_reset(void)
{
  lx_tasks_end();
  if (used.locks) lx_raw(VMREF_SYS_MUNLOCKALL, 0, 0, 0, 0, 0, 0);
  lx_raw(VMREF_SYS_MUNMAP, WINDOW, WINDOW_PAGES * 4096, 0, 0, 0, 0);
  /* brk itself would not move where the heap was unmapped */
  if (has_brk && used.heap && lx_raw(VMREF_SYS_BRK, 0, 0, 0, 0, 0, 0) != (int64_t)WINDOW)
    lx_brk_again();
  for (unsigned i = 0; i < 64 && used.segments; i++)
    if (segments[i] >= 0) lx_raw(VMREF_SYS_SHMCTL, (uint64_t)segments[i], IPC_RMID, 0, 0, 0, 0), segments[i] = -1;
  for (unsigned i = 0; i < 3; i += 2)
    if (used.file[i] || (i == 0 && used.file[1])) lx_raw(VMREF_SYS_FTRUNCATE, (uint64_t)files[i], 0, 0, 0, 0, 0);
  if (used.file[0] || used.file[1]) lx_raw(VMREF_SYS_FTRUNCATE, (uint64_t)files[0], 6 * 4096, 0, 0, 0, 0);
  memset(&used, 0, sizeof used);
}

uint32_t lx_host_kernel(void)
{
  struct utsname u;
  unsigned major = 0, minor = 0;
  uname(&u);
  sscanf(u.release, "%u.%u", &major, &minor);
  return major * 256 + minor;
}

/* Private memory that was only read and then moved keeps its offset if it has an anon_vma, and so does not
 * join what is mapped behind it. */
static uint8_t no_zero_page(void)
{
  struct lx_area area[LX_AREAS];
  lx_host_reset();
  lx_raw(VMREF_SYS_MMAP, WINDOW, 0x2000, 3, 0x32, UINT64_MAX, 0);
  *(volatile uint8_t *)WINDOW;
  lx_raw(VMREF_SYS_MREMAP, WINDOW, 0x2000, 0x2000, 3, WINDOW + 0x10000, 0);
  lx_raw(VMREF_SYS_MMAP, WINDOW + 0x12000, 0x1000, 3, 0x32, UINT64_MAX, 0);
  return lx_host_layout(0, LX_ALL, area) == 2;
}

/* What DONTUNMAP leaves of what was not yet faulted, and what it moves to the place beside, are one area or two. */
static uint8_t dontunmap_apart(void)
{
  struct lx_area area[LX_AREAS];
  lx_host_reset();
  lx_raw(VMREF_SYS_MMAP, WINDOW, 0x1000, 3, 0x32, UINT64_MAX, 0);
  lx_raw(VMREF_SYS_MREMAP, WINDOW, 0x1000, 0x1000, 7, WINDOW + 0x1000, 0);
  return lx_host_layout(0, LX_ALL, area) == 2;
}

void lx_host_limits(struct vmref_linux *l)
{
  struct rlimit r;
  getrlimit(RLIMIT_STACK, &r);
  l->stack_limit = r.rlim_cur == RLIM_INFINITY ? VMREF_TASK_PAGES : r.rlim_cur / 4096;
  getrlimit(RLIMIT_MEMLOCK, &r);
  l->lock_limit = geteuid() == 0 || r.rlim_cur == RLIM_INFINITY ? UINT64_MAX : r.rlim_cur / 4096;
  l->raw_io = geteuid() == 0;
  l->swap = (uint8_t)has_swap;
  l->min = min_pages;
  l->no_zero_page = no_zero_page();
  l->dontunmap_apart = dontunmap_apart();
}
