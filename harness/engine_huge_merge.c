/* SPDX-License-Identifier: MIT */
/* 512 pages that become one, judged by what they were. */
#include "engine_huge.h"
#include <string.h>

#define must engine_hg_must
enum { P = 1, RW = 2, FLAGS = 0x60 };

/* The 512 pages before. */
struct pages {
  unsigned unmapped, differ, device, twice, row; /* twice: one frame shows at two of them; row: they lie in an aligned one */
  unsigned prot;
  uint64_t flags; /* of those that are present */
  uint32_t object[512];
};

static struct pages pages(const struct hg_engine *e, uint32_t a, uint64_t p)
{
  const struct vmref_sys *s = e->s;
  const uint32_t none = s->frames + s->slots;
  static uint16_t seen[1 << 12]; /* by object: how many that are not copied */
  struct pages x = { .row = 1 };
  memset(seen, 0, none * sizeof *seen);
  for (unsigned k = 0; k < 512; k++) {
    const struct reference_page *q = reference_find(&e->r, a, p + k);
    x.device += hg_device(e, a, p + k) != NULL;
    x.unmapped += !q;
    x.object[k] = none;
    if (!q) continue;
    if (x.unmapped == k) x.prot = q->prot; /* the first that is mapped */
    x.differ += q->prot != x.prot || !(q->prot & VMREF_PROT_R);
    const uint64_t leaf = look_way(s, a, (p + k) << 12).entry[1];
    const uint32_t o = x.object[k] = look_object(s, leaf);
    if (leaf & P) x.flags |= leaf & FLAGS;
    if (o == none) continue;
    const int copied = q->prot & VMREF_PROT_W && !(q->prot & VMREF_PROT_S) && s->rc[o] != 1;
    x.twice += !copied && seen[o]++;
    if (copied || o >= s->frames || o != x.object[0] + k) x.row = 0;
  }
  if (x.object[0] >= s->frames || (s->tables + x.object[0]) % 512 != 0) x.row = 0;
  for (unsigned k = 0; k < 512; k++) x.row &= x.object[k] < none;
  return x;
}

static int free_run(const struct vmref_sys *s)
{
  for (uint32_t f = 0; f + 512 <= s->frames; f++) {
    uint32_t n = 0;
    while ((s->tables + f) % 512 == 0 && n < 512 && s->rc[f + n] == 0) n++;
    if (n == 512) return 1;
  }
  return 0;
}

/* It is one page now, of which the hardware may do all that its rights are. */
static void merged(struct hg_engine *e, uint32_t a, uint64_t p, const struct pages *x)
{
  const struct vmref_sys *s = e->s;
  const uint64_t word = hg_word(e, a, p, 2), *l = s->tab + 512 * (look_way(s, a, p << 12).entry[2] >> 12 & 0xFFFFFFFFFF);
  const uint64_t frame = word >> 12 & 0xFFFFFFFFFF;
  uint64_t flags = x->flags;
  must(e, (word & 0x9F) == (0x85u | (x->prot & VMREF_PROT_W ? 2 : 0)) && (word >> 52 & 15) == x->prot && word >> 63 == !(x->prot & VMREF_PROT_X), "the word of a page that was merged");
  must(e, frame % 512 == 0 && frame >= s->tables && frame + 512 <= (uint64_t)s->tables + s->frames, "where a page that was merged lies");
  for (unsigned j = 0; j < 512; j++) {
    must(e, l[j] & P && (l[j] >> 12 & 0xFFFFFFFFFF) == frame + j, "a page that was merged is not in a row of frames");
    must(e, (l[j] & RW) == (word & RW), "who may write to a page that was merged");
    flags |= l[j];
  }
  must(e, (word & FLAGS) == (flags & FLAGS), "the flags of a page that was merged");
  if (x->row) must(e, frame == s->tables + x->object[0], "pages that lay in a row of frames have moved");
  hg_add(&e->large, (struct hg_page){ a, 2, p, word });
}

void hg_merge(struct hg_engine *e, const struct mm_op *op)
{
  const struct vmref_sys *s = e->s;
  const uint64_t p = op->va / 4096;
  const int possible = e->r.space[op->a].what != 0 && p < 0x800000000 && p % 512 == 0;
  const struct hg_page *large = possible ? hg_large(e, op->a, p) : NULL;
  struct pages x = { 0 };
  if (possible) x = pages(e, op->a, p);
  const int room = x.row || free_run(s);
  const int r = mm_do_huge(s, e->over, op).status;
  if (!possible) must(e, r == VMREF_EINVAL, "a merge where no page of 2 MiB can be");
  else if (large) must(e, r == VMREF_OK, "a merge of what is one page");
  else if (x.unmapped) must(e, r == VMREF_ENOMAP || (r == VMREF_EINVAL && (x.differ || x.device)), "a merge of what is not mapped");
  else if (x.differ || x.device) must(e, r == VMREF_EINVAL, "a merge of a device, or of pages with other rights");
  else if (!room) must(e, r == VMREF_EMEM, "a merge where no frames are");
  else if (x.twice) must(e, r == VMREF_EINVAL, "a merge of one frame at two places");
  else {
    must(e, r == VMREF_OK, "a merge that can be done");
    merged(e, op->a, p, &x);
    return;
  }
  if (!x.twice) must(e, hg_unchanged(e), "a merge that was not done has changed something");
}
