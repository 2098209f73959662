/* SPDX-License-Identifier: MIT */
/* Steps that the fuzz target of topic syscall has beside those of lx_decode: a machine's settings, calls with any
 * arguments, accesses anywhere. No kernel is compared with these. */
#include "syscall_raw.h"

static const uint64_t VALUE[64] = {
  0, 1, 2, 3, 4, 5, 7, 8, 10, 14, 15, 18, 20, 21, 25, 77, 99, 100, 103, 0x100, 0x120, 0x4100, 0x600, 0x1000, 0x2000, 0x8000, 4095, 4097,
  WINDOW, WINDOW + 0x1000, WINDOW + 0x2001, WINDOW + 0x3000, WINDOW + 288 * 4096, WINDOW + 504 * 4096, WINDOW + 0x200000, 0x22, 0x32, 0x12, 0x11, 0x20022,
  0x40022, 0x40032, 0x40002, 0x44040022, 0x54040022, 0x78040022, 0x2032, 0x132, 0x4032, 0x01000003, 0x02000003, 0x03000003, 040000, 0100000, 0140000, 0120000,
  0x200000, 0x3FFFFF, UINT64_C(1) << 40, (UINT64_C(1) << 47) - 8192, UINT64_C(1) << 47, INT64_MAX, UINT64_MAX - 4095, UINT64_MAX,
};

static const uint64_t RARE[16] = { /* of bytes from 240 on */
  WINDOW + 0x2000, WINDOW + 0x4000, WINDOW + 0x7000, 0x112, 0x101, 0x10000, (UINT64_C(1) << 47) - 4096, (UINT64_C(1) << 47) - 0x200000, 0x102, 0x31, 0x21,
  INT64_MAX - 4095, INT64_MAX - 0x2FFF, 0x3000, 0x4000, 0x20000,
};

static uint64_t value(uint8_t b)
{
  return b >= 240 ? RARE[b - 240] : VALUE[b % 64];
}

static const uint32_t CALL[] = {
  VMREF_SYS_MMAP, VMREF_SYS_MPROTECT, VMREF_SYS_MUNMAP, VMREF_SYS_BRK, VMREF_SYS_MREMAP, VMREF_SYS_MSYNC, VMREF_SYS_MINCORE, VMREF_SYS_MADVISE,
  VMREF_SYS_SHMGET, VMREF_SYS_SHMAT, VMREF_SYS_SHMCTL, VMREF_SYS_CLONE, VMREF_SYS_FORK, VMREF_SYS_VFORK, VMREF_SYS_EXECVE, VMREF_SYS_EXIT,
  VMREF_SYS_SHMDT, VMREF_SYS_FTRUNCATE, VMREF_SYS_MLOCK, VMREF_SYS_MUNLOCK, VMREF_SYS_MLOCKALL, VMREF_SYS_MUNLOCKALL, VMREF_SYS_MEMFD,
  VMREF_SYS_MLOCK2, VMREF_SYS_OPEN, 999,
};

void syscall_settings(struct vmref_linux *l, const uint8_t b[LX_BYTES], uint32_t kernel)
{
  const int given = b[1] == SYSCALL_SETTINGS;
  const uint8_t *const x = given ? b : (const uint8_t[LX_BYTES]){ 0 };
  l->kernel = given ? (const uint32_t[]){ 0x601, 0x603, 0x607, 0x60C, 0x610, 0x611, 0x612, 0x612 }[x[2] % 8] : kernel;
  l->lock_limit = (const uint64_t[]){ UINT64_MAX, 0, 2, 8, 20, 40 }[x[3] % 6];
  l->commit = (const uint64_t[]){ 0x100000, UINT64_MAX, 4, 2 }[x[4] % 4];
  l->limit = x[4] < 244 ? UINT64_MAX : (const uint64_t[]){ 3, 6, 20 }[x[4] / 4 % 3];
  l->stack_limit = (const uint64_t[]){ 2048, 2, 4 }[x[5] % 3];
  l->swap = x[6] & 1, l->no_zero_page = x[6] >> 1 & 1, l->pku = x[6] >> 2 & 1, l->raw_io = x[6] >> 3 & 1;
  l->dontunmap_apart = x[6] >> 6 & 1;
  l->files = x[6] >> 4 & 1 ? 4 : 16;
  const uint32_t spaces = l->mms + l->objects;
  l->mms = l->tasks - (x[6] >> 5 & 1), l->objects = spaces - l->mms;
  l->min = x[8] % 4 == 1 ? WINDOW / 4096 + 2 : x[8] % 4 == 2 ? WINDOW / 4096 + 290 : 16;
  l->high = x[8] / 4 % 4 == 1 ? WINDOW / 4096 + 4 : x[8] / 4 % 4 == 2 ? VMREF_TASK_PAGES : WINDOW / 4096 + WINDOW_PAGES;
  for (uint32_t a = 0; a < l->mms; a++) l->mm[a].vmas.room = (const uint32_t[]){ 64, 3, 6, 9, 12, 64, 64, 64 }[(x[7] + (x[9] == 1 ? a : 0)) % 8];
}

void syscall_newest(struct vmref_linux *l, const uint8_t b[LX_BYTES])
{
  if (b[1] == SYSCALL_SETTINGS && b[9] >= 254) l->anon = UINT64_MAX - b[9] % 2;
}

struct lx_result syscall_raw(struct vmref_linux *l, const uint8_t b[LX_BYTES], uint32_t *task)
{
  *task = b[2] % (TASKS + 1);
  if (b[1] == SYSCALL_ACCESS) {
    const struct vmref_touched t = vmref_task_access(l, *task, value(b[3]) + b[6] * 4096u, b[4] % 6, b[5]);
    return (struct lx_result){ t.result, t.signal, t.code, t.byte };
  }
  struct vmref_call c = { .nr = CALL[b[0] % (sizeof CALL / sizeof *CALL)] };
  for (unsigned i = 0; i < 6; i++) c.arg[i] = value(b[3 + i]);
  return (struct lx_result){ vmref_syscall(l, *task, &c), 0, 0, 0 };
}
