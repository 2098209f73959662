/* SPDX-License-Identifier: MIT */
/* What lx_host.c and lx_host_task.c share. */
#ifndef HARNESS_LX_HOST_H
#define HARNESS_LX_HOST_H
#include "linux.h"

int64_t lx_raw(uint64_t nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f);
/* lx_begin.c */
uint64_t lx_lowest(void);      /* vm.mmap_min_addr */
int lx_has_swap(void);
/* Overcommit mode 2, so many pages above what is promised now. A setting of the whole machine. 0: it cannot be set. */
int lx_overcommit(uint64_t pages);
void lx_share_data(void);
int lx_take_rest(void);
int lx_move_brk(void);         /* the heap begins at the window; 0: it cannot be moved */
void lx_brk_again(void);
/* lx_look.c: fd: its /proc/PID/maps. The text, until the next call; whole: it fits. */
const char *lx_look_text(int fd, int *whole);
unsigned lx_look_areas(int fd, struct lx_range near, struct lx_area out[LX_AREAS]);
uint64_t lx_look_number(const char **p, unsigned base); /* of digits */
void lx_host_segment(int64_t model, int64_t real);
int lx_host_brk(void); /* brk moves in the window */
/* lx_compare.c, lx_layout.c, lx_pages.c: 1 and what differs, or 0 */
int lx_found(struct lx_finding *f, unsigned at, char tier, const char *form, ...) __attribute__((format(printf, 4, 5)));
int lx_same_layout(const struct vmref_linux *l, unsigned task, struct lx_range near, unsigned at, struct lx_finding *f);
unsigned lx_touched(const struct vmref_linux *l, const struct lx_op *op, const struct lx_result *r, struct lx_range near[2]);
extern int lx_paged_out; /* the sequence has MADV_PAGEOUT */
int lx_same_pages(const struct vmref_linux *l, int directed, unsigned at, struct lx_finding *f);
#endif
