/* SPDX-License-Identifier: MIT */
/* Make this process's address space fit for the comparison: all but the window is taken. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>
#include "lx_host.h"

/* A line of a file of /proc: written; or read, the number behind a name, v if there is none. */
static int put_number(const char *path, uint64_t v)
{
  FILE *f = fopen(path, "w");
  if (!f) return 0;
  fprintf(f, "%" PRIu64 "\n", v);
  return fclose(f) == 0;
}

static uint64_t get_number(const char *path, const char *name, unsigned long long v)
{
  char line[200];
  FILE *f = fopen(path, "r");
  while (f && fgets(line, sizeof line, f))
    if (strncmp(line, name, strlen(name)) == 0) sscanf(line + strlen(name), "%llu", &v);
  if (f) fclose(f);
  return v;
}

/* vm.mmap_min_addr: below it mmap chooses no place, but the lowest page is nobody's. */
uint64_t lx_lowest(void)
{
  const uint64_t v = get_number("/proc/sys/vm/mmap_min_addr", "", 65536);
  return v < 4096 ? 4096 : v;
}

/* Setting the mode lets each processor give what it has counted to Committed_AS. */
int lx_overcommit(uint64_t pages)
{
  if (!put_number("/proc/sys/vm/admin_reserve_kbytes", 0) || !put_number("/proc/sys/vm/user_reserve_kbytes", 0)
      || !put_number("/proc/sys/vm/overcommit_memory", 2)) return 0;
  return put_number("/proc/sys/vm/overcommit_kbytes", get_number("/proc/meminfo", "Committed_AS:", 0) + 4 * pages);
}

/* Is there a swap device? */
int lx_has_swap(void)
{
  char line[200];
  int lines = 0;
  FILE *f = fopen("/proc/swaps", "r");
  while (f && fgets(line, sizeof line, f)) lines++;
  if (f) fclose(f);
  return lines > 1;
}

/* NULL: it cannot be read, or not whole. */
static const char *own_maps(void)
{
  int whole;
  const int fd = open("/proc/self/maps", O_RDONLY);
  if (fd < 0) return NULL;
  const char *text = lx_look_text(fd, &whole);
  close(fd);
  return whole ? text : NULL;
}

static const char *next_line(const char *p)
{
  while (*p && *p != '\n') p++;
  return *p ? p + 1 : p;
}

/* Put shared memory with the same contents where private memory is. */
static int share(void *start, size_t n)
{
  void *const new = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (new == MAP_FAILED) return 0;
  memcpy(new, start, n);
  return mremap(new, n, n, MREMAP_MAYMOVE | MREMAP_FIXED, start) != MAP_FAILED;
}

/* All data of this process but its stack becomes shared memory: a fork then neither copies it nor makes this
 * process copy it on write. Tasks run one at a time. What cannot be stays private, and is slower. */
void lx_share_data(void)
{
  for (const char *p = own_maps(), *line = p; p && *line; line = p = next_line(line)) {
    const uint64_t start = lx_look_number(&p, 16), end = (p++, lx_look_number(&p, 16));
    const char *name = next_line(line) - 1;
    while (name > line && name[-1] != ' ') name--;
    if (strncmp(p, " rw-p", 5) == 0 && strncmp(name, "[stack]", 7) != 0 && end - start <= 1 << 26) share((void *)start, end - start);
  }
}

/* Take each gap of the address space but the window. */
int lx_take_rest(void)
{
  const int filler = memfd_create("filler", 0);
  const char *p = own_maps();
  if (filler < 0 || !p) return 0;
  uint64_t low = lx_lowest();
  /* older kernels choose places below vm.mmap_min_addr too, for who may have them */
  mmap((void *)4096, low - 4096, PROT_NONE, MAP_PRIVATE | MAP_FIXED_NOREPLACE | MAP_NORESERVE, filler, 0);
  const uint64_t top = VMREF_TASK_PAGES * UINT64_C(4096);
  while (low < top) {
    uint64_t start = *p ? lx_look_number(&p, 16) : top, end = top;
    if (*p) p++, end = lx_look_number(&p, 16);
    if (start > top) start = top;
    const uint64_t w = WINDOW, we = WINDOW + WINDOW_PAGES * 4096, cut[2][2] = { { low, start < w ? start : w }, { low > we ? low : we, start } };
    for (unsigned i = 0; i < 2; i++)
      if (cut[i][0] < cut[i][1] && mmap((void *)cut[i][0], cut[i][1] - cut[i][0], PROT_NONE,
                                        MAP_PRIVATE | MAP_FIXED_NOREPLACE | MAP_NORESERVE, filler, 0) == MAP_FAILED) return 0;
    if (end > low) low = end;
    p = next_line(p);
  }
  close(filler);
  return 1;
}

/* Let the heap begin at the window: libc has the old one no longer, which is why its gap is taken last. */
static struct prctl_mm_map brk_map;
int lx_move_brk(void)
{
  static uint64_t auxv[64];
  char stat[4096];
  const int fd = open("/proc/self/stat", O_RDONLY), av = open("/proc/self/auxv", O_RDONLY);
  const ssize_t n = fd < 0 ? -1 : read(fd, stat, sizeof stat - 1), an = av < 0 ? -1 : read(av, auxv, sizeof auxv);
  close(fd), close(av);
  if (n <= 0 || an <= 0) return 0;
  stat[n] = 0;
  uint64_t field[60] = { 0 };
  unsigned k = 2;
  for (char *p = strrchr(stat, ')'); p && *p && k < 59; k++) { /* field[k]: the k-th, from 1 */
    while (*p && *p != ' ') p++;
    while (*p == ' ') p++;
    const char *q = p;
    field[k + 1] = lx_look_number(&q, 10);
  }
  brk_map = (struct prctl_mm_map){ .start_code = field[26], .end_code = field[27], .start_data = field[45], .end_data = field[46],
    .start_brk = WINDOW, .brk = WINDOW, .start_stack = field[28], .arg_start = field[48], .arg_end = field[49],
    .env_start = field[50], .env_end = field[51], .auxv = (void *)auxv, .auxv_size = (uint32_t)an, .exe_fd = (uint32_t)-1 };
  return prctl(PR_SET_MM, PR_SET_MM_MAP, &brk_map, sizeof brk_map, 0) == 0;
}

void lx_brk_again(void)
{
  lx_raw(157 /* prctl */, PR_SET_MM, PR_SET_MM_MAP, (uint64_t)&brk_map, sizeof brk_map, 0, 0);
}
