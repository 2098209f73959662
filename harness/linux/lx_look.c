/* SPDX-License-Identifier: MIT */
/* What the kernel tells of an address space: /proc/PID/maps and pagemap. Nothing here may map memory. */
#include <errno.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include "lx_host.h"

#define END (WINDOW + WINDOW_PAGES * 4096)

struct procmap_query { /* linux/fs.h since 6.11 */
  uint64_t size, query_flags, query_addr, start, end, flags, page_size, offset, inode;
  uint32_t dev_major, dev_minor, name_size, build_size;
  uint64_t name, build;
};
#define PROCMAP_QUERY _IOWR('f', 17, struct procmap_query)
#define COVERING_OR_NEXT 0x10

/* Does an area of the window touch the range? */
static int touches(struct lx_range near, uint64_t start, uint64_t end)
{
  return end / 4096 >= near.from && start / 4096 <= near.to && start >= WINDOW && start < END;
}

static unsigned by_query(int fd, struct lx_range near, struct lx_area out[LX_AREAS])
{
  uint64_t at = near.from > WINDOW / 4096 ? (near.from - 1) * 4096 : WINDOW;
  for (unsigned n = 0; n < LX_AREAS; ) {
    struct procmap_query q = { .size = sizeof q, .query_flags = COVERING_OR_NEXT, .query_addr = at };
    const int64_t r = lx_raw(16 /* ioctl */, (uint64_t)fd, PROCMAP_QUERY, (uint64_t)&q, 0, 0, 0);
    if (r < 0) return n == 0 && r == -ENOTTY ? UINT32_MAX : n;
    if (q.start >= END || q.start / 4096 > near.to) return n;
    if (touches(near, q.start, q.end)) out[n++] = (struct lx_area){ q.start / 4096, q.end / 4096, q.offset / 4096, q.inode, (uint8_t)(q.flags % 8), (q.flags & 8) != 0 };
    if (q.end >= END || q.end / 4096 > near.to) return n;
    at = q.end;
  }
  return LX_AREAS;
}

uint64_t lx_look_number(const char **p, unsigned base)
{
  uint64_t v = 0;
  for (; ; (*p)++) {
    const char c = **p;
    const unsigned d = c >= '0' && c <= '9' ? (unsigned)(c - '0') : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10) : 99;
    if (d >= base) return v;
    v = v * base + d;
  }
}

const char *lx_look_text(int fd, int *whole)
{
  static char text[1 << 16];
  size_t size = 0;
  int64_t r = -1;
  lx_raw(8 /* lseek */, (uint64_t)fd, 0, SEEK_SET, 0, 0, 0);
  while (size < sizeof text - 1 && (r = lx_raw(0, (uint64_t)fd, (uint64_t)text + size, sizeof text - 1 - size, 0, 0, 0)) > 0) size += (size_t)r;
  text[size] = 0;
  *whole = r == 0;
  return text;
}

static unsigned by_text(int fd, struct lx_range near, struct lx_area out[LX_AREAS])
{
  int whole; /* the window lies before what may be cut off */
  unsigned n = 0;
  for (const char *p = lx_look_text(fd, &whole); *p && n < LX_AREAS; p++) {
    struct lx_area a = { .start = lx_look_number(&p, 16) / 4096 };
    p++, a.end = lx_look_number(&p, 16) / 4096, p++;
    a.prot = (uint8_t)((p[0] == 'r') + 2 * (p[1] == 'w') + 4 * (p[2] == 'x'));
    a.shared = p[3] == 's';
    p += 5, a.offset = lx_look_number(&p, 16) / 4096, p++;
    lx_look_number(&p, 16), p++, lx_look_number(&p, 16), p++;
    a.inode = lx_look_number(&p, 10);
    if (touches(near, a.start * 4096, a.end * 4096)) out[n++] = a;
    while (*p && *p != '\n') p++;
    if (!*p) break;
  }
  return n;
}

unsigned lx_look_areas(int fd, struct lx_range near, struct lx_area out[LX_AREAS])
{
  static int no_query;
  const unsigned n = no_query ? UINT32_MAX : by_query(fd, near, out);
  no_query = n == UINT32_MAX;
  return no_query ? by_text(fd, near, out) : n;
}

unsigned lx_host_layout(unsigned task, struct lx_range near, struct lx_area out[LX_AREAS])
{
  return lx_look_areas(lx_task_maps(task), near, out);
}

int lx_host_pages(unsigned task, struct lx_page out[WINDOW_PAGES])
{
  static uint64_t word[WINDOW_PAGES];
  if (lx_raw(17 /* pread64 */, (uint64_t)lx_task_pagemap(task), (uint64_t)word, sizeof word, WINDOW / 4096 * 8, 0, 0) != sizeof word) return 0;
  for (unsigned i = 0; i < WINDOW_PAGES; i++)
    out[i] = (struct lx_page){ word[i] >> 63 ? word[i] & ((UINT64_C(1) << 55) - 1) : 0,
                               (uint8_t)((word[i] >> 63 ? LX_PRESENT : 0) + (word[i] >> 62 & 1 ? LX_SWAPPED : 0)) };
  return 1;
}
