/* SPDX-License-Identifier: MIT */
/* vmref, the reference model of x86-64 virtual memory: the one public header. */
#ifndef VMREF_H
#define VMREF_H
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif
#include "walk.h"
#include "control.h"
#include "span.h"
#include "memtype.h"
#include "footprint.h"
#include "tlb.h"
#include "allows.h"
#include "check.h"
#include "compact.h"
#include "replace_evict.h"
#include "fault_access.h"
#include "fault_page.h"
#include "space_fork.h"
#include "smp_check.h"
#include "huge_access.h"
#include "huge_check.h"
#include "huge_device.h"
#include "huge_fork.h"
#include "huge_merge.h"
#include "huge_split.h"
#include "smp_ops.h"
#include "space_range.h"
#include "buddy_check.h"
#include "slab_check.h"
#include "vmalloc_check.h"
#ifdef __cplusplus
}
#endif
#endif
