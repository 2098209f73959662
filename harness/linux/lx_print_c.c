/* SPDX-License-Identifier: MIT */
/* A sequence as a C program for one task, to be sent to somebody who has no vmref. */
#include <inttypes.h>
#include "lx_names.h"

void lx_print_c(FILE *f, const struct lx_op *op, unsigned n)
{
  fputs("/* cc -o repro repro.c && ./repro: each call and access, and what came of it. */\n"
        "#define _GNU_SOURCE\n#include <errno.h>\n#include <setjmp.h>\n#include <signal.h>\n#include <stdint.h>\n#include <stdio.h>\n"
        "#include <fcntl.h>\n#include <sys/mman.h>\n#include <sys/syscall.h>\n#include <unistd.h>\n"
        "static sigjmp_buf back;\nstatic int fd[3], ids[64];\nstatic unsigned char vec[4096];\n"
        "static void caught(int s, siginfo_t *i, void *c) { (void)c; printf(\"signal %d code %d\\n\", s, i->si_code); siglongjmp(back, 1); }\n"
        "static void is(const char *what, long r) { if (r == -1) printf(\"%s: errno %d\\n\", what, errno); else printf(\"%s: %#lx\\n\", what, r); }\n"
        "#define TOUCH(what) do { if (!sigsetjmp(back, 1)) { what; } } while (0)\n"
        "int main(void)\n{\n"
        "  struct sigaction s = { .sa_sigaction = caught, .sa_flags = SA_SIGINFO };\n  char own[40];\n  (void)ids, (void)vec;\n"
        "  sigaction(SIGSEGV, &s, 0), sigaction(SIGBUS, &s, 0);\n"
        "  fd[0] = memfd_create(\"a\", 0), fd[2] = memfd_create(\"b\", 0), ftruncate(fd[0], 6 * 4096);\n"
        "  snprintf(own, sizeof own, \"/proc/self/fd/%d\", fd[0]), fd[1] = open(own, O_RDONLY);\n", f);
  for (unsigned i = 0; i < n; i++) {
    const uint64_t *a = op[i].arg;
    fputs("  /* ", f), lx_print_op(f, &op[i]), fputs(" */\n  ", f);
    switch (op[i].nr) {
    case LX_LOAD: fprintf(f, "TOUCH(printf(\"%%d\\n\", *(volatile uint8_t *)%#" PRIx64 "));\n", a[0]); break;
    case LX_STORE: fprintf(f, "TOUCH(*(volatile uint8_t *)%#" PRIx64 " = %" PRIu64 ");\n", a[0], a[1]); break;
    case LX_FETCH: fprintf(f, "TOUCH(((void (*)(void))%#" PRIx64 ")());\n", a[0]); break;
    case VMREF_SYS_FORK: fputs("if (fork() == 0) { /* what the child does, by its number */ }\n", f); break;
    case VMREF_SYS_MMAP:
      fprintf(f, "is(\"mmap\", syscall(SYS_mmap, %#" PRIx64 ", %#" PRIx64 ", %" PRIu64 ", %#" PRIx64 ", ", a[0], a[1], a[2], a[3]);
      fprintf(f, a[4] < 3 ? "fd[%" PRId64 "]" : "%" PRId64, (int64_t)a[4]);
      fprintf(f, ", %#" PRIx64 "));\n", a[5]);
      break;
    case VMREF_SYS_FTRUNCATE: fprintf(f, "is(\"ftruncate\", ftruncate(fd[%" PRIu64 "], %" PRIu64 "));\n", a[0] % 3, a[1]); break;
    case VMREF_SYS_SHMGET: fprintf(f, "{ static int k; ids[k++ %% 64] = syscall(SYS_shmget, 0, %#" PRIx64 ", 0600); }\n", a[1]); break;
    case VMREF_SYS_MINCORE: fprintf(f, "is(\"mincore\", syscall(SYS_mincore, %#" PRIx64 ", %#" PRIx64 ", vec));\n", a[0], a[1]); break;
    default:
      fprintf(f, "is(\"%s\", syscall(%u, %#" PRIx64 ", %#" PRIx64 ", %#" PRIx64 ", %#" PRIx64 ", %#" PRIx64 "));\n", lx_name(op[i].nr), op[i].nr, a[0], a[1], a[2], a[3], a[4]);
    }
  }
  fputs("  return 0;\n}\n", f);
}
