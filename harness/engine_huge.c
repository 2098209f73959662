/* SPDX-License-Identifier: MIT */
#include "engine_huge.h"
#include "script.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define must engine_hg_must
#define END 0x800000000ull

/* What there is at first: a process with pages for two of 2 MiB. */
static const struct mm_op SCENE[] = { { .kind = MM_SPACE }, { .kind = MM_MAP, .va = 0x200000, .n = 1024, .prot = 3 } };
enum { SCENES = sizeof SCENE / sizeof *SCENE };

static _Noreturn void report(const struct hg_engine *e, const char *what)
{
  const struct vmref_sys *s = e->s;
  fprintf(stderr, "# vmref run --tables %" PRIu32 " --frames %" PRIu32 " --slots %" PRIu32 " --spaces %" PRIu32 "; the kernel has %" PRIu32 " frames here\n",
          s->tables, s->frames, s->slots, s->spaces, s->kernel);
  for (int i = -SCENES; i <= (int)e->step && i < (int)e->steps; i++) {
    const struct mm_op op = i < 0 ? SCENE[i + SCENES] : sequence_hg_op(e->data, e->size, (unsigned)i);
    if (op.kind == MM_KINDS) continue;
    script_print(stderr, &op, NULL);
    if (op.kind == MM_FILE) fprintf(stderr, "   # and %" PRIu64 " pages from 0x%" PRIx64 " on", op.n, op.va);
    fprintf(stderr, i == (int)e->step ? "   # %s\n" : "\n", what);
  }
  finding_input(what, HG_FORM, e->data, e->size);
}

void engine_hg_must(const struct hg_engine *e, int holds, const char *what)
{
  if (!holds) report(e, what);
}

/* ---- before a step ---- */

static void keep(struct hg_engine *e)
{
  const struct vmref_sys *s = e->s;
  const size_t objects = (size_t)s->frames + s->slots;
  memcpy(e->tab, s->tab, 4096 * (size_t)s->tables);
  memcpy(e->words, e->over, VMREF_OVER(s) * sizeof *e->over);
  memcpy(e->rc, s->rc, objects * sizeof *s->rc);
  memcpy(e->level, s->level, s->tables);
  for (size_t o = 0; o < objects; o++) e->used[o] |= s->rc[o] != 0;
}

int hg_same_tables(const struct hg_engine *e)
{
  const struct vmref_sys *s = e->s;
  return memcmp(s->tab, e->tab, 4096 * (size_t)s->tables) == 0 && memcmp(s->level, e->level, s->tables) == 0
    && memcmp(s->rc, e->rc, ((size_t)s->frames + s->slots) * sizeof *s->rc) == 0;
}

int hg_unchanged(const struct hg_engine *e)
{
  return hg_same_tables(e) && memcmp(e->over, e->words, VMREF_OVER(e->s) * sizeof *e->over) == 0;
}

/* ---- statuses ---- */

/* What is to be mapped, as the reference sees it. */
static struct mm_op as_map(const struct mm_op *op)
{
  return (struct mm_op){ .kind = MM_MAP, .a = op->a, .va = op->va, .n = op->level == 3 ? 1 : op->level == 2 ? 512 : op->n, .prot = op->prot };
}

/* Of devices, but for whether there are table frames. */
static int device_status(const struct hg_engine *e, const struct mm_op *op)
{
  const struct mm_op map = as_map(op);
  const uint64_t p = op->va / 4096, n = op->level == 3 ? 0x40000 : map.n, size = op->level == 1 ? 1 : n;
  if (reference_status(&e->r, &map) != VMREF_OK || p + n > END) return VMREF_EINVAL;
  if (!(op->prot & VMREF_PROT_R) || op->cache > 3 || p % size || op->first % size) return VMREF_EINVAL;
  if (op->first < HG_DEVICES || op->first + n > 0x10000000) return VMREF_EINVAL;
  return hg_covered(e, op->a, p, n) ? VMREF_EINVAL : VMREF_OK;
}

/* Something is mapped in its 1 GiB, behind the first page. */
static int behind(const struct hg_engine *e, const struct mm_op *op)
{
  const struct reference_space *x = &e->r.space[op->a];
  for (size_t i = 0; op->level == 3 && i < x->pages; i++)
    if (x->page[i].page > op->va / 4096 && x->page[i].page < op->va / 4096 + 0x40000) return 1;
  return 0;
}

static uint32_t free_objects(const struct vmref_sys *s, uint32_t from, uint32_t to)
{
  uint32_t n = 0;
  for (uint32_t o = from; o < to; o++) n += s->rc[o] == 0;
  return n;
}

static int moves_status(const struct hg_engine *e, const struct mm_op *op)
{
  const struct vmref_sys *s = e->s;
  const struct look_way w = look_way(s, op->a, op->va);
  const uint32_t o = w.at[1] ? look_object(s, w.entry[1]) : s->frames + s->slots, frames = free_objects(s, 0, s->frames);
  switch (op->kind) {
  case MM_SWAPOUT: return o >= s->frames ? VMREF_EINVAL : free_objects(s, s->frames, s->frames + s->slots) ? VMREF_OK : VMREF_EFULL;
  case MM_SWAPIN: return o < s->frames || o == s->frames + s->slots ? VMREF_EINVAL : frames ? VMREF_OK : VMREF_EMEM;
  case MM_MOVE: return o < s->frames && op->n < s->frames && s->rc[op->n] == 0 ? VMREF_OK : VMREF_EINVAL;
  case MM_COMPACT: return op->n == 0 || op->n > s->frames ? VMREF_EINVAL : frames < op->n ? VMREF_EMEM : VMREF_OK;
  default: return VMREF_OK;
  }
}

static int status(const struct hg_engine *e, const struct mm_op *op)
{
  const uint32_t tables = e->s->tables - e->s->spaces - 4 - reference_tables(&e->r);
  const int mapping = op->kind == MM_MAP || op->kind == MM_MAP_FILE;
  const struct mm_op map = op->kind == MM_DEVICE ? as_map(op) : *op;
  const int want = op->kind == MM_DEVICE ? device_status(e, op) : reference_status(&e->r, op);
  if (want != VMREF_OK) return want;
  if (mapping && hg_covered(e, op->a, op->va / 4096, op->n)) return VMREF_EINVAL;
  if (reference_tables_new(&e->r, &map) > tables) return VMREF_EMEM;
  if (op->kind == MM_DEVICE && behind(e, op)) return VMREF_EINVAL;
  return moves_status(e, op);
}

/* ---- steps ---- */

/* A file of pages, as one operation between fold and settle. */
static void new_file(struct hg_engine *e, const struct mm_op *op)
{
  struct mm_op add = *op;
  add.kind = MM_FILE_ADD;
  const int want = reference_status(&e->r, op);
  vmref_huge_fold(e->s, e->over);
  must(e, mm_do(e->s, op).status == want, "the status of a new file");
  if (want == VMREF_OK) reference_do(&e->r, op);
  for (uint64_t k = 0; want == VMREF_OK && k < op->n && k < 512; k++, add.va += 4096) {
    if (reference_status(&e->r, &add) != VMREF_OK || mm_do(e->s, &add).status != VMREF_OK) break; /* such are topic space's */
    reference_do(&e->r, &add);
  }
  vmref_huge_settle(e->s, e->over);
}

/* Is there room for the tables of 1 GiB in smaller pages? */
static int room(const struct hg_engine *e, const struct hg_page *d)
{
  const struct mm_op rest = { .kind = MM_MAP, .a = d->a, .va = (d->page + 1) << 12, .n = 0x3FFFF, .prot = 1 };
  return reference_tables_new(&e->r, &rest) <= e->s->tables - e->s->spaces - 4 - reference_tables(&e->r);
}

static void split(struct hg_engine *e, const struct mm_op *op, struct hg_page *gone)
{
  const uint64_t p = op->va / 4096;
  const int possible = e->r.space[op->a].what && p < END && p % 512 == 0;
  const struct hg_page *x = possible ? hg_large(e, op->a, p) : NULL, *d = possible ? hg_device(e, op->a, p) : NULL;
  if (d && (d->page != p || d->level == 1)) d = NULL;
  const int want = x || (d && d->level == 2) ? VMREF_OK : d ? VMREF_EMEM : VMREF_EINVAL;
  must(e, !d || d->level == 2 || !room(e, d), "there is room for 512 tables"); /* there are not so many here */
  const struct mm_outcome got = mm_do_huge(e->s, e->over, op);
  must(e, got.status == want && got.split == (want == VMREF_OK), "the status of a split");
  if (want != VMREF_OK) {
    must(e, hg_unchanged(e), "a split that was not done has changed something");
    return;
  }
  if (d) {
    must(e, hg_same_tables(e), "a split of a device's page has changed the tables");
    hg_small(e, d);
    return;
  }
  const struct look_way w = look_way(e->s, x->a, x->page << 12);
  const uint64_t *l = e->s->tab + 512 * (w.entry[2] >> 12 & 0xFFFFFFFFFF), flags = x->word & 0x60;
  for (unsigned j = 0; j < 512; j++) must(e, (l[j] & flags) == flags, "the flags of a page of 2 MiB are not those of its pages");
  *gone = *x;
}

static void other(struct hg_engine *e, const struct mm_op *op)
{
  const unsigned before = mm_large_pages(e->s, e->over);
  const int want = status(e, op);
  const struct mm_outcome is = mm_do_huge(e->s, e->over, op);
  const int got = is.status;
  if (got != want) {
    char text[80];
    const char *a = script_status(got), *b = script_status(want);
    snprintf(text, sizeof text, "status %s, must be %s", a ? a : "ok", b ? b : "ok");
    report(e, text);
  }
  const unsigned parts = hg_parts(e, op), large = before - mm_large_pages(e->s, e->over);
  must(e, is.split == parts + (op->kind == MM_UNMAP || op->kind == MM_EXIT ? 0 : large), "how many pages were split");
  if (want != VMREF_OK) return;
  const struct mm_op map = as_map(op);
  if (op->kind == MM_DEVICE) reference_do(&e->r, &map);
  else reference_do(&e->r, op);
  hg_devices_after(e, op);
}

static void step(struct hg_engine *e, const struct mm_op *op, int due)
{
  struct hg_page gone = { 0 };
  keep(e);
  if (mm_is_access(op->kind)) hg_access(e, op, &gone);
  else if (op->kind == MM_MERGE) hg_merge(e, op);
  else if (op->kind == MM_SPLIT) split(e, op, &gone);
  else if (op->kind == MM_FILE) new_file(e, op);
  else other(e, op);
  hg_words(e, gone.level ? &gone : NULL);
  const char *wrong = look_compare(e->s, &e->r);
  if (wrong) report(e, wrong);
  if (due) hg_check(e);
}

static void boot(struct hg_engine *e)
{
  static const struct mm_sizes sizes = HG_SIZES;
  if (!e->s) {
    e->s = mm_new(sizes);
    e->over = e->s ? mm_over(e->s) : NULL;
    e->words = e->s ? mm_over(e->s) : NULL;
    e->tab = malloc(4096 * sizes.tables);
    e->memory = malloc(4096 * sizes.tables);
    e->rc = malloc((sizes.frames + sizes.slots) * sizeof *e->rc);
    e->used = malloc(sizes.frames + sizes.slots);
    e->level = malloc(sizes.tables);
    if (!e->over || !e->words || !e->tab || !e->memory || !e->rc || !e->used || !e->level) fprintf(stderr, "out of memory\n"), exit(5);
    memset(e->used, 1, sizes.frames + sizes.slots);
  }
  struct vmref_sys *s = e->s;
  for (uint32_t o = 0; o < s->frames + s->slots; o++)
    if (e->used[o]) memset(s->data + 4096 * (size_t)o, 0xA5, 4096), e->used[o] = 0; /* what memory held before */
  memset(s->hint, 0, VMREF_HINTS(s) * sizeof *s->hint);
  memset(e->over, 0, VMREF_OVER(s) * sizeof *e->over);
  must(e, vmref_boot(s) == VMREF_OK, "vmref_boot");
  reference_reset(&e->r, s->spaces);
  e->device.n = e->large.n = 0;
  for (unsigned i = 0; i < SCENES; i++) {
    must(e, mm_do_huge(s, e->over, &SCENE[i]).status == VMREF_OK, "the scene");
    reference_do(&e->r, &SCENE[i]);
  }
}

int engine_hg_run(const uint8_t *data, size_t size)
{
  static struct hg_engine e;
  e.data = data;
  e.size = size < HG_BYTES ? size : HG_BYTES;
  e.steps = (unsigned)((e.size + HG_OP - 1) / HG_OP);
  e.step = 0;
  boot(&e);
  const unsigned chosen = e.steps ? (data[e.size - 1] ^ data[e.size / 2]) % e.steps : 0;
  for (; e.step < e.steps; e.step++) {
    const struct mm_op op = sequence_hg_op(e.data, e.size, e.step);
    if (op.kind != MM_KINDS) step(&e, &op, fuzz_checks > 0 || e.step == chosen);
  }
  keep(&e);
  hg_refuse(&e);
  return 0;
}
