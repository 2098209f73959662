/* SPDX-License-Identifier: MIT */
/* What lx_host.c and lx_host_task.c share. */
#ifndef HARNESS_LX_HOST_H
#define HARNESS_LX_HOST_H
#include "linux.h"

int64_t lx_raw(uint64_t nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f);
/* By a process about itself; fd: its /proc/self/maps, pagemap. */
unsigned lx_layout_self(int fd, struct lx_area out[LX_AREAS]);
int lx_pages_self(int fd, struct lx_page out[WINDOW_PAGES]);
void lx_host_segment(int64_t model, int64_t real);
int lx_host_brk(void); /* brk moves in the window */
#endif
