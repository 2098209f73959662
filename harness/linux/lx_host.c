/* SPDX-License-Identifier: MIT */
/* The kernel's answer. Calls are made bare: errno may be shared between tasks, and nothing here may map
 * memory once the window is taken. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/utsname.h>
#include <ucontext.h>
#include <unistd.h>
#include "lx_host.h"

static int files[3];                  /* descriptors of files 0, 1, 2 */
static int segments[64];              /* real ids of System V segments, by the model's number */
int lx_host_frames;
static int has_brk;
static uint64_t min_pages = 16;       /* vm.mmap_min_addr; asked before the address space is taken, as files need memory */

/* ---- accesses ---- */

/* Each is one instruction that may fault; the handler then returns from it. */
uint32_t lx_load(uint64_t va);
uint32_t lx_store(uint64_t va, uint32_t byte);
uint32_t lx_fetch(uint64_t va);
__asm__(".text\n"
        "lx_load: movzbl (%rdi), %eax\n ret\n"
        "lx_store: movb %sil, (%rdi)\n xorl %eax, %eax\n ret\n"
        "lx_fetch: movq %rsp, %rax\n call *%rdi\n xorl %eax, %eax\n ret\n");
static struct { volatile uint8_t signal, code; } caught;

static void on_fault(int number, siginfo_t *info, void *context)
{
  greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;
  caught.signal = (uint8_t)number;
  caught.code = (uint8_t)info->si_code;
  r[REG_RIP] = *(greg_t *)r[REG_RSP]; /* as a ret */
  r[REG_RSP] += 8;
}

static struct lx_result access_self(const struct lx_op *op)
{
  caught.signal = caught.code = 0;
  const uint32_t v = op->nr == LX_LOAD ? lx_load(op->arg[0]) : op->nr == LX_STORE ? lx_store(op->arg[0], (uint32_t)op->arg[1]) : lx_fetch(op->arg[0]);
  return (struct lx_result){ 0, caught.signal, caught.code, op->nr == LX_LOAD && caught.signal == 0 ? (uint8_t)v : 0 };
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

struct lx_result lx_host_do(const struct lx_op *asked)
{
  struct lx_op real = *asked, *op = &real;
  if (op->nr == VMREF_SYS_SHMAT || op->nr == VMREF_SYS_SHMCTL) op->arg[0] = (uint64_t)segment(op->arg[0]);
  switch (op->nr) {
  case VMREF_SYS_FORK: return (struct lx_result){ .value = lx_task_start(op->task, 0) };
  case VMREF_SYS_VFORK: case VMREF_SYS_CLONE: return (struct lx_result){ .value = lx_task_start(op->task, 1) };
  case VMREF_SYS_EXIT: lx_task_exit(op->task); return (struct lx_result){ 0 };
  default: return op->task == 0 ? lx_host_self(0, op) : lx_task_do(op->task, op);
  }
}

/* ---- layout ---- */

struct procmap_query { /* linux/fs.h since 6.11 */
  uint64_t size, query_flags, query_addr, start, end, flags, page_size, offset, inode;
  uint32_t dev_major, dev_minor, name_size, build_size;
  uint64_t name, build;
};
#define PROCMAP_QUERY _IOWR('f', 17, struct procmap_query)
#define COVERING_OR_NEXT 0x10

static unsigned by_query(int fd, struct lx_area out[LX_AREAS])
{
  uint64_t at = WINDOW;
  for (unsigned n = 0; n < LX_AREAS; n++) {
    struct procmap_query q = { .size = sizeof q, .query_flags = COVERING_OR_NEXT, .query_addr = at };
    const int64_t r = lx_raw(16 /* ioctl */, (uint64_t)fd, PROCMAP_QUERY, (uint64_t)&q, 0, 0, 0);
    if (r < 0) return n == 0 && r == -ENOTTY ? UINT32_MAX : n;
    if (q.start >= WINDOW + WINDOW_PAGES * 4096) return n;
    out[n] = (struct lx_area){ q.start / 4096, q.end / 4096, q.offset / 4096, q.inode, (uint8_t)(q.flags % 8), (q.flags & 8) != 0 };
    at = q.end;
  }
  return LX_AREAS;
}

static uint64_t hex(const char **p, unsigned base)
{
  uint64_t v = 0;
  for (; ; (*p)++) {
    const char c = **p;
    const unsigned d = c >= '0' && c <= '9' ? (unsigned)(c - '0') : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10) : 99;
    if (d >= base) return v;
    v = v * base + d;
  }
}

static unsigned by_text(int fd, struct lx_area out[LX_AREAS])
{
  static char text[1 << 16];
  size_t size = 0;
  int64_t r;
  lx_raw(8 /* lseek */, (uint64_t)fd, 0, SEEK_SET, 0, 0, 0);
  while (size < sizeof text - 1 && (r = lx_raw(0, (uint64_t)fd, (uint64_t)text + size, sizeof text - 1 - size, 0, 0, 0)) > 0) size += (size_t)r;
  text[size] = 0;
  unsigned n = 0;
  for (const char *p = text; *p && n < LX_AREAS; p++) {
    struct lx_area a = { .start = hex(&p, 16) / 4096 };
    p++, a.end = hex(&p, 16) / 4096, p++;
    a.prot = (uint8_t)((p[0] == 'r') + 2 * (p[1] == 'w') + 4 * (p[2] == 'x'));
    a.shared = p[3] == 's';
    p += 5, a.offset = hex(&p, 16) / 4096, p++;
    hex(&p, 16), p++, hex(&p, 16), p++;
    a.inode = hex(&p, 10);
    if (a.start >= WINDOW / 4096 && a.start < WINDOW / 4096 + WINDOW_PAGES) out[n++] = a;
    while (*p && *p != '\n') p++;
    if (!*p) break;
  }
  return n;
}

unsigned lx_layout_self(int fd, struct lx_area out[LX_AREAS])
{
  const unsigned n = by_query(fd, out);
  return n != UINT32_MAX ? n : by_text(fd, out);
}

unsigned lx_host_layout(unsigned task, struct lx_area out[LX_AREAS]) { return lx_task_layout(task, out); }

int lx_pages_self(int fd, struct lx_page out[WINDOW_PAGES])
{
  static uint64_t word[WINDOW_PAGES];
  if (lx_raw(17 /* pread64 */, (uint64_t)fd, (uint64_t)word, sizeof word, WINDOW / 4096 * 8, 0, 0) != sizeof word) return 0;
  for (unsigned i = 0; i < WINDOW_PAGES; i++)
    out[i] = (struct lx_page){ word[i] >> 63 ? word[i] & ((UINT64_C(1) << 55) - 1) : 0,
                               (uint8_t)((word[i] >> 63 ? LX_PRESENT : 0) + (word[i] >> 62 & 1 ? LX_SWAPPED : 0)) };
  return 1;
}

int lx_host_pages(unsigned task, struct lx_page out[WINDOW_PAGES]) { return lx_task_pages(task, out); }

/* ---- the beginning, and again ---- */

/* vm.mmap_min_addr: below it mmap chooses no place, but the lowest page is nobody's. */
static uint64_t lowest(void)
{
  unsigned long v = 65536;
  FILE *f = fopen("/proc/sys/vm/mmap_min_addr", "r");
  if (f) {
    if (fscanf(f, "%lu", &v) != 1) v = 65536;
    fclose(f);
  }
  return v < 4096 ? 4096 : v;
}

/* Take each gap of the address space but the window. */
static int take_rest(void)
{
  static char text[1 << 16];
  size_t size = 0;
  const int filler = memfd_create("filler", 0), fd = open("/proc/self/maps", O_RDONLY);
  ssize_t r;
  if (filler < 0 || fd < 0) return 0;
  while (size < sizeof text - 1 && (r = read(fd, text + size, sizeof text - 1 - size)) > 0) size += (size_t)r;
  uint64_t low = lowest();
  /* older kernels choose places below vm.mmap_min_addr too, for who may have them */
  mmap((void *)4096, low - 4096, PROT_NONE, MAP_PRIVATE | MAP_FIXED_NOREPLACE | MAP_NORESERVE, filler, 0);
  const uint64_t top = VMREF_TASK_PAGES * UINT64_C(4096);
  for (const char *p = text; low < top; ) {
    uint64_t start = *p ? hex(&p, 16) : top, end = top;
    if (*p) p++, end = hex(&p, 16);
    if (start > top) start = top;
    const uint64_t w = WINDOW, we = WINDOW + WINDOW_PAGES * 4096, cut[2][2] = { { low, start < w ? start : w }, { low > we ? low : we, start } };
    for (unsigned i = 0; i < 2; i++)
      if (cut[i][0] < cut[i][1] && mmap((void *)cut[i][0], cut[i][1] - cut[i][0], PROT_NONE,
                                        MAP_PRIVATE | MAP_FIXED_NOREPLACE | MAP_NORESERVE, filler, 0) == MAP_FAILED) return 0;
    if (end > low) low = end;
    while (*p && *p != '\n') p++;
    if (*p) p++;
  }
  close(fd);
  close(filler);
  return 1;
}

/* Let the heap begin at the window: libc has the old one no longer, which is why its gap is taken last. */
static struct prctl_mm_map brk_map;
static int move_brk(void)
{
  static uint64_t auxv[64];
  char text[4096];
  const int fd = open("/proc/self/stat", O_RDONLY), av = open("/proc/self/auxv", O_RDONLY);
  const ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1), an = av < 0 ? -1 : read(av, auxv, sizeof auxv);
  close(fd), close(av);
  if (n <= 0 || an <= 0) return 0;
  text[n] = 0;
  uint64_t field[60] = { 0 };
  unsigned k = 2;
  for (char *p = strrchr(text, ')'); p && *p && k < 59; k++) { /* field[k]: the k-th, from 1 */
    while (*p && *p != ' ') p++;
    while (*p == ' ') p++;
    const char *q = p;
    field[k + 1] = hex(&q, 10);
  }
  brk_map = (struct prctl_mm_map){ .start_code = field[26], .end_code = field[27], .start_data = field[45], .end_data = field[46],
    .start_brk = WINDOW, .brk = WINDOW, .start_stack = field[28], .arg_start = field[48], .arg_end = field[49],
    .env_start = field[50], .env_end = field[51], .auxv = (void *)auxv, .auxv_size = (uint32_t)an, .exe_fd = (uint32_t)-1 };
  return prctl(PR_SET_MM, PR_SET_MM_MAP, &brk_map, sizeof brk_map, 0) == 0;
}

static int catch_faults(void)
{
  struct sigaction s = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER };
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
  has_brk = move_brk();
  min_pages = lowest() / 4096;
  memset(segments, 0xFF, sizeof segments);
  if (files[0] < 0 || files[1] < 0 || files[2] < 0) return perror("memfd_create"), 0;
  if (!lx_tasks_begin() || !catch_faults()) return perror("processes"), 0;
  if (!take_rest()) return perror("the address space cannot be taken: mmap"), 0;
  struct lx_page page[WINDOW_PAGES];
  lx_raw(VMREF_SYS_MMAP, WINDOW, 4096, 3, 0x32, UINT64_MAX, 0);
  *(volatile uint8_t *)WINDOW = 1;
  lx_host_frames = lx_host_pages(0, page) && page[0].frame != 0;
  return 1;
}

int lx_host_brk(void) { return has_brk; }

void lx_host_reset(void)
{
  lx_tasks_end();
  lx_raw(VMREF_SYS_MUNLOCKALL, 0, 0, 0, 0, 0, 0);
  lx_raw(VMREF_SYS_MUNMAP, WINDOW, WINDOW_PAGES * 4096, 0, 0, 0, 0);
  /* brk itself would not move where the heap was unmapped */
  if (has_brk && lx_raw(VMREF_SYS_BRK, 0, 0, 0, 0, 0, 0) != (int64_t)WINDOW)
    lx_raw(157 /* prctl */, PR_SET_MM, PR_SET_MM_MAP, (uint64_t)&brk_map, sizeof brk_map, 0, 0);
  for (unsigned i = 0; i < 64; i++)
    if (segments[i] >= 0) lx_raw(VMREF_SYS_SHMCTL, (uint64_t)segments[i], IPC_RMID, 0, 0, 0, 0), segments[i] = -1;
  lx_raw(VMREF_SYS_FTRUNCATE, (uint64_t)files[0], 0, 0, 0, 0, 0);
  lx_raw(VMREF_SYS_FTRUNCATE, (uint64_t)files[2], 0, 0, 0, 0, 0);
  lx_raw(VMREF_SYS_FTRUNCATE, (uint64_t)files[0], 6 * 4096, 0, 0, 0, 0);
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
  return lx_host_layout(0, area) == 2;
}

void lx_host_limits(struct vmref_linux *l)
{
  struct rlimit r;
  getrlimit(RLIMIT_STACK, &r);
  l->stack_limit = r.rlim_cur == RLIM_INFINITY ? VMREF_TASK_PAGES : r.rlim_cur / 4096;
  getrlimit(RLIMIT_MEMLOCK, &r);
  l->lock_limit = geteuid() == 0 || r.rlim_cur == RLIM_INFINITY ? UINT64_MAX : r.rlim_cur / 4096;
  l->raw_io = geteuid() == 0;
  l->min = min_pages;
  l->no_zero_page = no_zero_page();
}
