/* SPDX-License-Identifier: MIT */
/* A sequence as a C program, to be sent to somebody who has no vmref: each process takes its turn. */
#include <inttypes.h>
#include "lx_names.h"

static const char HEAD[] =
"#define _GNU_SOURCE\n#include <errno.h>\n#include <fcntl.h>\n#include <sched.h>\n#include <setjmp.h>\n#include <signal.h>\n#include <stdint.h>\n"
"#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include <sys/mman.h>\n#include <sys/prctl.h>\n#include <sys/syscall.h>\n#include <unistd.h>\n"
"static sigjmp_buf back;\nstatic int fd[3], ids[512];\nstatic unsigned char vec[4096];\nstatic volatile int *turn; /* shared by all */\n"
"static char stack[4][65536] __attribute__((aligned(16)));\n"
"static void caught(int s, siginfo_t *i, void *c) { (void)c; printf(\"signal %d code %d\\n\", s, i->si_code); siglongjmp(back, 1); }\n"
"static void is(const char *what, long r) { if (r == -1) printf(\"%s: %s\\n\", what, strerror(errno)); else printf(\"%s: %#lx\\n\", what, r); }\n"
"#define TOUCH(what) do { if (!sigsetjmp(back, 1)) { what; } } while (0)\n"
"static int child(void *at);\n";
static const char TAIL[] =
"static void run(int me, int from)\n{\n"
"  for (int i = from; i < N; i++) {\n"
"    while (*turn < i) usleep(100);\n"
"    if (task[i] != me) continue;\n"
"    printf(\"%d: task %d: \", i, me);\n"
"    step(i);\n"
"    if (ends[i]) { *turn = i + 1; _exit(0); }\n"
"    if (*turn == i) *turn = i + 1;\n"
"  }\n"
"}\n"
"static int child(void *at) { *turn = (int)(intptr_t)at / 8; run((int)(intptr_t)at % 8, (int)(intptr_t)at / 8); _exit(0); }\n"
"int main(void)\n{\n"
"  struct sigaction s = { .sa_sigaction = caught, .sa_flags = SA_SIGINFO };\n  char own[40];\n  (void)ids, (void)vec, (void)child, (void)stack;\n"
"  setbuf(stdout, NULL);\n  alarm(60);\n  signal(SIGCHLD, SIG_IGN), prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);\n"
"  sigaction(SIGSEGV, &s, 0), sigaction(SIGBUS, &s, 0);\n"
"  turn = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);\n"
"  fd[0] = memfd_create(\"a\", 0), fd[2] = memfd_create(\"b\", 0);\n"
"  snprintf(own, sizeof own, \"/proc/self/fd/%d\", fd[0]), fd[1] = open(own, O_RDONLY);\n"
"  if (ftruncate(fd[0], 6 * 4096) != 0) return 1;\n"
"  run(0, 0);\n  return 0;\n}\n";

static void statement(FILE *f, const struct lx_op *op, unsigned i, const struct lx_result *r)
{
  const uint64_t *a = op->arg;
  const char *const name = lx_name(op->nr);
  switch (op->nr) {
  case LX_LOAD: fprintf(f, "TOUCH(printf(\"%%d\\n\", *(volatile uint8_t *)%#" PRIx64 "));", a[0]); break;
  case LX_STORE: fprintf(f, "TOUCH(*(volatile uint8_t *)%#" PRIx64 " = %" PRIu64 "; puts(\"stored\"));", a[0], a[1]); break;
  case LX_FETCH: fprintf(f, "TOUCH(((void (*)(void))%#" PRIx64 ")(); puts(\"came back\"));", a[0]); break;
  case VMREF_SYS_FORK:
    fprintf(f, "puts(\"fork\"); if (fork() == 0) child((void *)%" PRId64 "L); while (*turn <= i) usleep(100);", 8 * (int64_t)(i + 1) + r->value);
    break;
  case VMREF_SYS_VFORK: case VMREF_SYS_CLONE:
    fprintf(f, "puts(\"clone, sharing memory\"); clone(child, stack[%" PRId64 "] + 65536, CLONE_VM | SIGCHLD, (void *)%" PRId64
            "L); while (*turn <= i) usleep(100);", r->value % 4, 8 * (int64_t)(i + 1) + r->value);
    break;
  case VMREF_SYS_EXIT: fputs("puts(\"exit\");", f); break;
  case VMREF_SYS_MMAP:
    fprintf(f, "is(\"mmap\", syscall(SYS_mmap, %#" PRIx64 ", %#" PRIx64 ", %" PRIu64 ", %#" PRIx64 ", ", a[0], a[1], a[2], a[3]);
    fprintf(f, a[4] < 3 ? "fd[%" PRId64 "]" : "%" PRId64, (int64_t)a[4]);
    fprintf(f, ", %#" PRIx64 "));", a[5]);
    break;
  case VMREF_SYS_FTRUNCATE: fprintf(f, a[0] < 3 ? "is(\"ftruncate\", ftruncate(fd[%" PRIu64 "], %" PRIu64 "));" : "is(\"ftruncate\", ftruncate(-1 - 0 * %" PRIu64 ", %" PRIu64 "));", a[0], a[1]); break;
  case VMREF_SYS_SHMGET:
    fprintf(f, "{ const int id = (int)syscall(SYS_shmget, 0, %#" PRIx64 ", 0600); if (id >= 0) ids[%" PRId64 "] = id; puts(id < 0 ? strerror(errno) : \"shmget: made\"); }",
            a[1], r->value >= 0 ? r->value % 512 : 0);
    break;
  case VMREF_SYS_SHMAT: case VMREF_SYS_SHMCTL:
    fprintf(f, "is(\"%s\", syscall(%u, ids[%" PRIu64 "] ? ids[%" PRIu64 "] : 0x7FFFFFFF, %#" PRIx64 ", %#" PRIx64 "));", name, op->nr, a[0] % 512, a[0] % 512, a[1], a[2]);
    break;
  case VMREF_SYS_MINCORE: fprintf(f, "is(\"mincore\", syscall(SYS_mincore, %#" PRIx64 ", %#" PRIx64 ", vec));", a[0], a[1]); break;
  default:
    fprintf(f, "is(\"%s\", syscall(%u, %#" PRIx64 ", %#" PRIx64 ", %#" PRIx64 ", %#" PRIx64 ", %#" PRIx64 "));", name, op->nr, a[0], a[1], a[2], a[3], a[4]);
  }
}

void lx_print_c(FILE *f, struct vmref_linux *l, const struct lx_op *op, unsigned n)
{
  unsigned char done[LX_OPS];
  fputs("/* cc -o repro repro.c && ./repro: each call and access by its number, and what came of it here. */\n", f);
  fprintf(f, "#define N %u\n%sstatic void step(int i)\n{\n  switch (i) {\n", n, HEAD);
  lx_model_reset(l);
  for (unsigned i = 0; i < n; i++) {
    struct lx_result r = { .value = VMREF_RESULT_MISUSE };
    if (!lx_escapes(l, &op[i])) r = lx_model_do(l, &op[i]);
    done[i] = r.value > VMREF_RESULT_FULL;
    fputs("  /* ", f), lx_print_op(f, &op[i]), fputs(": the model says ", f), lx_print_result(f, &op[i], &r), fputs(" */\n", f);
    if (done[i]) fprintf(f, "  case %u: ", i), statement(f, &op[i], i, &r), fputs(" break;\n", f);
  }
  fputs("  default: puts(\"not done\");\n  }\n}\nstatic const signed char task[N] = {", f);
  for (unsigned i = 0; i < n; i++) fprintf(f, " %d,", done[i] ? op[i].task : 0);
  fputs(" }, ends[N] = {", f);
  for (unsigned i = 0; i < n; i++) fprintf(f, " %d,", done[i] && op[i].nr == VMREF_SYS_EXIT);
  fprintf(f, " };\n%s", TAIL);
}
