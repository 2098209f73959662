/* SPDX-License-Identifier: MIT */
/* Questions that the memory manager must refuse whatever state it is in, and that no script can ask, since
 * a script's words do not reach that far: each says VMREF_EINVAL, and nothing changes. */
#include <stdio.h>
#include "engine_mm.h"
#include "replace_evict.h"
#include "smp_check.h"
#include "smp_ops.h"

static void refused(const struct engine *e, int status, const char *what)
{
  char text[80];
  snprintf(text, sizeof text, "%s is not refused", what);
  engine_must(e, status == VMREF_EINVAL, text);
  snprintf(text, sizeof text, "%s is refused, and something has changed", what);
  engine_must(e, mm_same(e->s, e->before), text);
}

/* To be called when e->before is as e->s. */
void engine_refuse(struct engine *e)
{
  const struct vmref_sys *s = e->s;
  const uint32_t none = s->spaces;
  const uint64_t past = VMREF_USER_PAGES;
  refused(e, vmref_map(s, 0, 16, 1, VMREF_PROT_R + 8), "a mapping with a ninth right");
  refused(e, vmref_map_file(s, 0, 16, 1, VMREF_PROT_R + 8, 1, 0, 0), "a mapping of a file with a ninth right");
  refused(e, vmref_map_file(s, none, 16, 1, VMREF_PROT_R, 1, 0, 0), "a mapping into no space");
  refused(e, vmref_map_file(s, 0, past, 1, VMREF_PROT_R, 1, 0, 0), "a mapping past the user's half");
  refused(e, vmref_file_add(s, none, 0), "a page of no file");
  refused(e, vmref_file_add(s, 0, past), "a page past the end of all files");
  refused(e, vmref_page_out(s, none, 16), "to swap out a page of no space");
  refused(e, vmref_page_out(s, 0, past), "to swap out a page past the user's half");
  refused(e, vmref_page_in(s, none, 16), "to swap in a page of no space");
  refused(e, vmref_fork(s, none, 0), "to fork no space");
  for (uint32_t a = 0; a < s->spaces; a++)
    if (s->level[a] != 4) { /* a space that does not exist */
      refused(e, vmref_page_out(s, a, 16), "to swap out a page of a space that is not there");
      refused(e, vmref_page_in(s, a, 16), "to swap in a page of a space that is not there");
      refused(e, vmref_file_add(s, a, 16), "a page of a file that is not there");
      engine_must(e, vmref_table_find(s, a, 0, 0, 0) == s->tables, "a space that is not there has a table");
    }
  for (uint32_t f = 0; f < s->frames; f++)
    if (s->rc[f] == 0) refused(e, vmref_swap_out(s, f), "to swap out a free frame");
  struct vmref_sys few = *s;
  few.tables = s->spaces + 3;
  refused(e, vmref_boot(&few), "to boot with a table too few");
  if (e->of->policy && !e->of->processors)
    refused(e, vmref_policy_access(s, &e->policy.p, none, 0x1000, VMREF_READ, 0).out.status, "an access of no space");
  if (!e->of->processors) return;
  struct vmref_smp *m = &e->smp.m;
  refused(e, vmref_smp_exit(m, s, none), "to end no space");
  refused(e, vmref_smp_unmap(m, s, VMREF_IDLE, 16, 1), "an unmapping in the space of an idle processor");
  refused(e, vmref_smp_unmap(m, s, 0, 0, VMREF_RANGE + 1), "an unmapping of a range too long");
  s->rc[0]++; /* a broken ledger comes before what is cached */
  engine_must(e, vmref_smp_check(s, m) == vmref_check(s) && vmref_check(s) != VMREF_CHECK_OK, "a broken ledger");
  s->rc[0]--;
}
