/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>
#include "lx_names.h"

static const struct { uint32_t nr; const char *name; unsigned args; } CALLS[] = {
  { VMREF_SYS_OPEN, "open_readonly", 1 }, { VMREF_SYS_MMAP, "mmap", 6 }, { VMREF_SYS_MPROTECT, "mprotect", 3 },
  { VMREF_SYS_MUNMAP, "munmap", 2 }, { VMREF_SYS_BRK, "brk", 1 }, { VMREF_SYS_MREMAP, "mremap", 5 },
  { VMREF_SYS_MSYNC, "msync", 3 }, { VMREF_SYS_MINCORE, "mincore", 2 }, { VMREF_SYS_MADVISE, "madvise", 3 },
  { VMREF_SYS_SHMGET, "shmget", 3 }, { VMREF_SYS_SHMAT, "shmat", 3 }, { VMREF_SYS_SHMCTL, "shmctl", 2 },
  { VMREF_SYS_CLONE, "clone", 1 }, { VMREF_SYS_FORK, "fork", 0 }, { VMREF_SYS_VFORK, "vfork", 0 },
  { VMREF_SYS_EXECVE, "execve", 0 }, { VMREF_SYS_EXIT, "exit", 0 }, { VMREF_SYS_SHMDT, "shmdt", 1 },
  { VMREF_SYS_FTRUNCATE, "ftruncate", 2 }, { VMREF_SYS_MLOCK, "mlock", 2 }, { VMREF_SYS_MUNLOCK, "munlock", 2 },
  { VMREF_SYS_MLOCKALL, "mlockall", 1 }, { VMREF_SYS_MUNLOCKALL, "munlockall", 0 }, { VMREF_SYS_MEMFD, "memfd_create", 0 },
  { VMREF_SYS_MLOCK2, "mlock2", 3 }, { LX_LOAD, "load", 1 }, { LX_STORE, "store", 2 }, { LX_FETCH, "fetch", 1 },
};
#define KINDS (sizeof CALLS / sizeof CALLS[0])

static size_t kind(uint32_t nr)
{
  size_t i = 0;
  while (i < KINDS && CALLS[i].nr != nr) i++;
  return i;
}

const char *lx_name(uint32_t nr)
{
  return kind(nr) < KINDS ? CALLS[kind(nr)].name : "?";
}

int lx_call_by_name(const char *name, size_t size, uint32_t *nr, unsigned *args)
{
  for (size_t i = 0; i < KINDS; i++)
    if (strlen(CALLS[i].name) == size && memcmp(CALLS[i].name, name, size) == 0) {
      *nr = CALLS[i].nr;
      *args = CALLS[i].args;
      return 1;
    }
  return 0;
}

static const struct lx_word PROT[] = { { 0, "none" }, { 1, "r" }, { 2, "w" }, { 4, "x" }, { VMREF_PROT_DOWN, "growsdown" }, { VMREF_PROT_UP, "growsup" } };
static const struct lx_word MAP[] = { { 1, "shared" }, { 2, "private" }, { 3, "validate" }, { VMREF_MAP_FIXED, "fixed" }, { VMREF_MAP_ANONYMOUS, "anon" }, { VMREF_MAP_GROWSDOWN, "growsdown" },
  { VMREF_MAP_LOCKED, "locked" }, { VMREF_MAP_NORESERVE, "noreserve" }, { VMREF_MAP_POPULATE, "populate" },
  { VMREF_MAP_NONBLOCK, "nonblock" }, { VMREF_MAP_STACK, "stack" }, { VMREF_MAP_HUGETLB, "hugetlb" },
  { VMREF_MAP_NOREPLACE, "noreplace" }, { 0x800, "denywrite" } };
static const struct lx_word REMAP[] = { { 1, "maymove" }, { 2, "fixed" }, { 4, "dontunmap" } };
static const struct lx_word ADVICE[] = { { 4, "dontneed" }, { 8, "free" }, { 10, "dontfork" }, { 11, "dofork" }, { 14, "hugepage" },
  { 15, "nohugepage" }, { 18, "wipeonfork" }, { 19, "keeponfork" }, { 20, "cold" }, { 21, "pageout" } };

const struct lx_word *lx_words(uint32_t nr, unsigned i, size_t *n)
{
  if (i == 2 && (nr == VMREF_SYS_MMAP || nr == VMREF_SYS_MPROTECT)) return *n = sizeof PROT / sizeof PROT[0], PROT;
  if (i == 3 && nr == VMREF_SYS_MMAP) return *n = sizeof MAP / sizeof MAP[0], MAP;
  if (i == 3 && nr == VMREF_SYS_MREMAP) return *n = sizeof REMAP / sizeof REMAP[0], REMAP;
  if (i == 2 && nr == VMREF_SYS_MADVISE) return *n = sizeof ADVICE / sizeof ADVICE[0], ADVICE;
  return *n = 0, NULL;
}

/* "r+w", what has no name as a number; 0: "0" or `none`. */
static void print_bits(FILE *f, uint64_t v, const struct lx_word *w, size_t n, const char *none)
{
  const char *plus = "";
  if (v == 0) fputs(none, f);
  for (size_t i = 0; i < n; i++)
    if (w[i].bit & v) fprintf(f, "%s%s", plus, w[i].name), plus = "+", v &= ~w[i].bit;
  if (v) fprintf(f, "%s0x%" PRIx64, plus, v);
}

static void print_arg(FILE *f, const struct lx_op *op, unsigned i)
{
  const uint64_t v = op->arg[i];
  size_t n, k = 0;
  const struct lx_word *w = lx_words(op->nr, i, &n);
  fputc(' ', f);
  if (w == MAP) {
    static const char *const type[4] = { "0", "shared", "private", "validate" };
    fputs(v % 16 < 4 ? type[v % 16] : "0", f);
    if (v % 16 >= 4) fprintf(f, "+0x%" PRIx64, v % 16);
    if (v / 16) fputc('+', f), print_bits(f, v & ~UINT64_C(15), w, n, "");
  } else if (w == ADVICE) {
    while (k < n && w[k].bit != v) k++;
    if (k < n) fputs(w[k].name, f);
    else fprintf(f, "%" PRIu64, v);
  } else if (w) print_bits(f, v, w, n, w == PROT ? "none" : "0");
  else if (v == UINT64_MAX) fputs("-1", f);
  else fprintf(f, v < 256 ? "%" PRIu64 : "0x%" PRIx64, v);
}

void lx_print_op(FILE *f, const struct lx_op *op)
{
  const size_t k = kind(op->nr);
  fprintf(f, "%u %s", op->task, lx_name(op->nr));
  for (unsigned i = 0; k < KINDS && i < CALLS[k].args; i++) print_arg(f, op, i);
}

void lx_print_finding(const struct lx_finding *x, const struct lx_op *op, unsigned n, uint8_t (*bytes)[LX_BYTES])
{
  printf("tier %c: %s\n", x->tier, x->text);
  for (unsigned i = 0; i < n; i++) fputs(i == x->at ? "> " : "  ", stdout), lx_print_op(stdout, &op[i]), putchar('\n');
  if (!bytes) return;
  fputs("again: build/linux/run --token lx1-", stdout);
  for (unsigned i = 0; i < n * LX_BYTES; i++) printf("%02x", bytes[i / LX_BYTES][i % LX_BYTES]);
  putchar('\n');
}

static const struct { int64_t number; const char *name; } ERRNO[] = { { 1, "EPERM" }, { 9, "EBADF" }, { 11, "EAGAIN" }, { 12, "ENOMEM" },
  { 13, "EACCES" }, { 14, "EFAULT" }, { 16, "EBUSY" }, { 17, "EEXIST" }, { 22, "EINVAL" }, { 27, "EFBIG" }, { 43, "EIDRM" },
  { 75, "EOVERFLOW" }, { 95, "EOPNOTSUPP" } };

const char *lx_errno_name(int64_t value)
{
  for (size_t i = 0; i < sizeof ERRNO / sizeof ERRNO[0]; i++)
    if (ERRNO[i].number == -value) return ERRNO[i].name;
  return NULL;
}

const char *lx_signal_name(uint8_t signal, uint8_t code)
{
  if (signal == VMREF_SIGBUS) return code == VMREF_BUS_ADRERR ? "SIGBUS ADRERR" : "SIGBUS";
  switch (code) {
  case VMREF_SEGV_MAPERR: return "SIGSEGV MAPERR";
  case VMREF_SEGV_ACCERR: return "SIGSEGV ACCERR";
  case VMREF_SEGV_PKUERR: return "SIGSEGV PKUERR";
  case VMREF_SI_KERNEL: return "SIGSEGV SI_KERNEL";
  default: return "SIGSEGV";
  }
}

void lx_print_result(FILE *f, const struct lx_op *op, const struct lx_result *r)
{
  if (r->value == VMREF_RESULT_FULL) fputs("full: the model has no room left", f);
  else if (r->value == VMREF_RESULT_UNMODELLED) fputs("unmodelled", f);
  else if (r->value == VMREF_RESULT_MISUSE) fputs("no such task, or it waits", f);
  else if (r->signal == 4) fputs("SIGILL", f);
  else if (r->signal != 0) fputs(lx_signal_name(r->signal, r->code), f);
  else if (op->nr == LX_LOAD) fprintf(f, "%u", r->byte);
  else if (r->value < 0 && lx_errno_name(r->value)) fputs(lx_errno_name(r->value), f);
  else if (r->value < 0) fprintf(f, "errno %" PRId64, -r->value);
  else if (r->value == 0) fputs("ok", f);
  else fprintf(f, r->value < 256 ? "%" PRId64 : "0x%" PRIx64, r->value);
}
