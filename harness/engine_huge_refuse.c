/* SPDX-License-Identifier: MIT */
/* Questions on words over entries that must be refused whatever state there is, and that no script can ask, since a
 * script's words do not reach that far: each says VMREF_EINVAL, and neither tables nor words change. */
#include <stdio.h>
#include "engine_huge.h"
#include "huge_access.h"
#include "huge_device.h"
#include "huge_fork.h"
#include "huge_merge.h"

static void refused(const struct hg_engine *e, int status, const char *what)
{
  char text[80];
  snprintf(text, sizeof text, "%s is not refused", what);
  engine_hg_must(e, status == VMREF_EINVAL, text);
  snprintf(text, sizeof text, "%s is refused, and something has changed", what);
  engine_hg_must(e, hg_unchanged(e), text);
}

/* To be called when what is kept in e is as e->s. */
void hg_refuse(const struct hg_engine *e)
{
  const struct vmref_sys *s = e->s;
  const uint32_t none = s->spaces;
  const uint64_t past = VMREF_USER_PAGES, first = (uint64_t)s->tables + s->frames + s->kernel, last = 0x10000000;
  refused(e, vmref_huge_access(s, e->over, none, 0x1000, VMREF_READ, 0).access.status, "an access of no space");
  refused(e, vmref_huge_fork(s, e->over, none, 0), "to fork no space");
  refused(e, vmref_huge_fork(s, e->over, 0, none), "to fork to no space");
  refused(e, vmref_huge_split(s, e->over, none, 0), "to split a page of no space");
  refused(e, vmref_huge_split(s, e->over, 0, past), "to split a page past the user's half");
  refused(e, vmref_huge_merge(s, e->over, none, 0), "to merge pages of no space");
  refused(e, vmref_huge_merge(s, e->over, 0, past), "to merge pages past the user's half");
  refused(e, vmref_device_map(s, e->over, none, 512, 1, first, 1, 0), "a device in no space");
  refused(e, vmref_device_map(s, e->over, 0, 512, 0, first, 1, 0), "no page of a device");
  refused(e, vmref_device_map(s, e->over, 0, 512, VMREF_RANGE + 1, first, 1, 0), "too many pages of a device");
  refused(e, vmref_device_map(s, e->over, 0, past, 1, first, 1, 0), "a device past the user's half");
  refused(e, vmref_device_map(s, e->over, 0, past - 1, 2, first, 1, 0), "a device half past the user's half");
  refused(e, vmref_device_map(s, e->over, 0, 512, 1, last, 1, 0), "a device past the last frame");
  refused(e, vmref_device_map(s, e->over, 0, 512, 2, last - 1, 1, 0), "a device half past the last frame");
  refused(e, vmref_device_map_large(s, e->over, 0, 0, 4, 0, 1, 0), "a page of a device of level 4");
  for (uint32_t a = 0; a < s->spaces; a++)
    if (s->level[a] != 4) {
      refused(e, vmref_huge_split(s, e->over, a, 0), "to split a page of a space that is not there");
      refused(e, vmref_huge_access(s, e->over, a, 0x1000, VMREF_READ, 0).access.status, "an access of a space that is not there");
    } else {
      struct vmref_huge_outcome r = vmref_huge_access(s, e->over, a, UINT64_C(0xFFFF800000000000), VMREF_READ, 0);
      engine_hg_must(e, r.access.status == VMREF_EACCES && r.access.vector == VMREF_VECTOR_PF && !r.device, "the kernel's half is not refused");
    }
}
