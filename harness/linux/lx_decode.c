/* SPDX-License-Identifier: MIT */
/* Bytes to operations: any bytes are some, and most are sensible. */
#include "linux.h"

/* Three places in the window: at its bottom, farther than a guard gap above, and where mmap begins. */
static uint64_t page(uint8_t b)
{
  static const uint64_t at[3] = { 0, 288, WINDOW_PAGES - 8 };
  return WINDOW + 4096 * (at[b % 3] + b / 3 % 8);
}

static uint64_t length(uint8_t b)
{
  if (b >= 250) return b == 250 ? 0 : b == 251 ? UINT64_MAX - 100 : b == 252 ? 4097 : b == 253 ? UINT64_C(1) << 47 : b == 254 ? 300 * 4096 : 1;
  return 4096 * (1 + (uint64_t)(b % 16 < 10 ? b % 4 : b % 8));
}

/* What reaches over the end of the window would meet what nobody touches. */
static uint64_t fit(uint64_t addr, uint64_t n)
{
  const uint64_t room = WINDOW + WINDOW_PAGES * 4096 - addr / 4096 * 4096;
  return n > room && n < UINT64_C(1) << 40 ? room : n;
}

static uint64_t prot(uint8_t b)
{
  static const uint8_t of[16] = { 3, 3, 3, 3, 3, 1, 1, 1, 0, 0, 7, 5, 2, 6, 3, 1 };
  return of[b % 16];
}

static uint64_t map_flags(uint8_t b, uint8_t c)
{
  static const uint32_t of[32] = { 0x22, 0x32, 0x32, 0x32, 0x32, 0x21, 0x31, 0x31, 0x100022, 0x100032, 0x132, 0x122,
    0x4032, 0x8032, 0x2032, 0x02, 0x12, 0x12, 0x12, 0x11, 0x11, 0x01, 0x13, 0x11, 0x12, 0x32, 0x8012, 0x32, 0x10132, 0x131, 0x33, 0x30 };
  uint64_t f = of[b % 32];
  if (c >= 250) f ^= 1u << (c % 21);
  return f;
}

static uint64_t brk_at(uint8_t b)
{
  return b >= 240 ? b : WINDOW + 1024 * (uint64_t)(b % 64);
}

static uint64_t advice(uint8_t b)
{
  static const uint8_t of[16] = { 4, 4, 4, 8, 10, 10, 11, 18, 18, 19, 4, 20, 4, 8, 18, 99 };
  return b >= 224 ? VMREF_MADV_PAGEOUT : of[b % 16];
}

static const uint32_t KIND[64] = {
  LX_STORE, LX_STORE, LX_STORE, LX_STORE, LX_STORE, LX_STORE, LX_STORE, LX_STORE, LX_STORE, LX_STORE,
  LX_LOAD, LX_LOAD, LX_LOAD, LX_LOAD, LX_LOAD, LX_LOAD, LX_LOAD, LX_FETCH, LX_STORE, LX_LOAD,
  VMREF_SYS_MMAP, VMREF_SYS_MMAP, VMREF_SYS_MMAP, VMREF_SYS_MMAP, VMREF_SYS_MMAP, VMREF_SYS_MMAP, VMREF_SYS_MMAP,
  VMREF_SYS_MMAP, VMREF_SYS_MMAP, VMREF_SYS_MMAP, VMREF_SYS_MMAP, VMREF_SYS_MMAP,
  VMREF_SYS_MUNMAP, VMREF_SYS_MUNMAP, VMREF_SYS_MUNMAP, VMREF_SYS_MPROTECT, VMREF_SYS_MPROTECT, VMREF_SYS_MPROTECT,
  VMREF_SYS_MPROTECT, VMREF_SYS_MPROTECT, VMREF_SYS_MPROTECT, VMREF_SYS_MREMAP, VMREF_SYS_MREMAP, VMREF_SYS_MREMAP,
  VMREF_SYS_MREMAP, VMREF_SYS_MREMAP, VMREF_SYS_MADVISE, VMREF_SYS_MADVISE, VMREF_SYS_MADVISE, VMREF_SYS_BRK,
  VMREF_SYS_BRK, VMREF_SYS_MLOCK, VMREF_SYS_MUNLOCK, VMREF_SYS_MLOCK2, VMREF_SYS_MLOCKALL, VMREF_SYS_MUNLOCKALL,
  VMREF_SYS_MSYNC, VMREF_SYS_MINCORE, VMREF_SYS_FTRUNCATE, VMREF_SYS_FTRUNCATE, VMREF_SYS_SHMGET, VMREF_SYS_SHMAT,
  VMREF_SYS_SHMDT, VMREF_SYS_SHMCTL,
};

struct lx_op lx_decode(const uint8_t b[LX_BYTES])
{
  struct lx_op op = { .task = b[1] % 8 < TASKS ? b[1] % 8 : 0, .nr = KIND[b[0] % 64] };
  uint64_t *const a = op.arg;
  if (b[0] >= 240 && b[11] < 64) op.nr = b[0] < 248 ? VMREF_SYS_FORK : b[0] < 250 ? VMREF_SYS_VFORK : VMREF_SYS_EXIT;
  a[0] = page(b[2]) + (b[3] == 255 ? 1 : 0);
  switch (op.nr) {
  case LX_LOAD: case LX_STORE: case LX_FETCH:
    a[0] = page(b[2]) + (b[3] < 16 ? b[3] * 256u + 1 : 0);
    if (b[3] > 253) a[0] = b[3] == 254 ? UINT64_C(0xFFFFFFFFFF600000) - 8 : UINT64_C(0x900000000000);
    a[1] = op.nr != LX_STORE ? 0 : b[4] % 4 == 0 ? 0xC3 : b[4];
    break;
  case VMREF_SYS_MMAP:
    a[1] = length(b[4]), a[2] = prot(b[5]), a[3] = map_flags(b[6], b[7]);
    if (!(a[3] & VMREF_MAP_FIXED) && b[8] % 2) a[0] = 0;
    a[4] = b[9] % 16 == 15 ? 77 : b[9] % 8 == 7 ? 2 : b[9] % 8 >= 5;
    if (a[3] & VMREF_MAP_ANONYMOUS) a[4] = UINT64_MAX;
    a[1] = fit(a[0] ? a[0] : WINDOW, a[1]);
    a[5] = 4096 * (uint64_t)(b[10] % 8) + (b[10] == 255 ? 1 : 0);
    break;
  case VMREF_SYS_MPROTECT: a[1] = fit(a[0], length(b[4])), a[2] = prot(b[5]) + (b[6] >= 252 ? 0x10 : b[6] >= 244 ? VMREF_PROT_DOWN : 0); break;
  case VMREF_SYS_MREMAP:
    a[1] = b[7] % 8 == 0 ? 0 : fit(a[0], length(b[4])), a[2] = fit(a[0], b[7] % 4 == 1 ? a[1] : length(b[5]));
    a[3] = b[6] >= 250 ? b[6] % 9 : (uint64_t[]){ 1, 1, 3, 3, 0, 5, 7, 3 }[b[6] % 8];
    if (a[3] & VMREF_MREMAP_DONTUNMAP && b[6] < 230) a[2] = a[1];
    a[4] = page(b[8]) + (b[9] == 255 ? 1 : 0);
    if (a[3] & (VMREF_MREMAP_FIXED | VMREF_MREMAP_DONTUNMAP)) {
      a[2] = fit(a[4], a[2]);
      if (a[3] & VMREF_MREMAP_DONTUNMAP && b[6] < 230) a[1] = a[2];
    }
    break;
  case VMREF_SYS_BRK: a[0] = brk_at(b[2]); break;
  case VMREF_SYS_MADVISE: a[1] = fit(a[0], length(b[4])), a[2] = advice(b[5]); break;
  case VMREF_SYS_MLOCK2: a[2] = b[5] % 4 < 3 ? b[5] % 2 : b[5] % 4; /* fallthrough */
  case VMREF_SYS_MLOCK: case VMREF_SYS_MUNLOCK: case VMREF_SYS_MUNMAP: case VMREF_SYS_MINCORE: a[1] = fit(a[0], length(b[4])); break;
  case VMREF_SYS_MLOCKALL: a[0] = (uint64_t[]){ 2, 6, 0, 4, 8, 2, 2, 2 }[b[2] % 8]; break;
  case VMREF_SYS_MSYNC: a[1] = fit(a[0], length(b[4])), a[2] = b[5] % 9; break;
  case VMREF_SYS_FTRUNCATE: a[0] = b[2] % 3, a[1] = 1024 * (uint64_t)(b[4] % 33); break;
  case VMREF_SYS_SHMGET: a[0] = 0, a[1] = length(b[4]) % 0x8001, a[2] = 0600; break;
  case VMREF_SYS_SHMAT: a[0] = b[5] % 8, a[1] = b[3] % 4 ? page(b[2]) + (b[3] == 255) : 0, a[2] = (uint64_t[]){ 0, 010000, 040000, 020000 }[b[6] % 4]; break;
  case VMREF_SYS_SHMCTL: a[0] = b[5] % 8, a[1] = 0; break;
  case VMREF_SYS_MUNLOCKALL: case VMREF_SYS_FORK: case VMREF_SYS_VFORK: case VMREF_SYS_EXIT: a[0] = 0; break;
  default: break;
  }
  if (op.nr == VMREF_SYS_EXIT && op.task == 0) op.task = 1;
  return op;
}
