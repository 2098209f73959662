/* SPDX-License-Identifier: MIT */
/* A memory manager with pages of 2 MiB and mappings of devices to try things on: model/huge.h as one would use it. */
#ifndef MM_HUGE_H
#define MM_HUGE_H
#include "huge_access.h"
#include "huge_check.h"
#include "huge_device.h"
#include "huge_fork.h"
#include "huge_merge.h"
#include "huge_split.h"
#include "mm.h"

/* The words over the tables of s, none yet; free them. NULL: out of memory. */
uint16_t *mm_over(const struct vmref_sys *s);
/* Is what is to be mapped in part covered by a page of 1 GiB? Then it is VMREF_EINVAL. */
int mm_covered(const struct vmref_sys *s, const uint16_t *over, const struct mm_op *op);
/* mm_do, the page sizes included. Of MM_DEVICE, op->n pages of its size come, all or none. What is to unmap a part of a
 * device's page of 2 MiB, or to give it other rights, splits that first, also when it then is refused. */
struct mm_outcome mm_do_huge(const struct vmref_sys *s, uint16_t *over, const struct mm_op *op);
/* How many pages of 2 MiB there are, devices aside. */
uint32_t mm_large_pages(const struct vmref_sys *s, const uint16_t *over);
#endif
