/* SPDX-License-Identifier: MIT */
/* Fuzz target of topic syscall: memory calls and accesses of several processes. Behind each, the areas are
 * sorted and disjoint, layer 2 keeps its invariant, and what other processes have in private memory is
 * what it was.
 *
 * An input, form sc1: steps of LX_BYTES bytes, see harness/linux/lx_decode.c and harness/syscall_raw.c. */
#include "check.h"
#include "fuzz_target.h"
#include "linux/linux.h"
#include "look.h"
#include "syscall_raw.h"

enum { OPS = 40 };

const char *fuzz_topic(void) { return "syscall"; }
const char *fuzz_form(void) { return "sc1"; }
size_t fuzz_length(void) { return LX_BYTES * OPS; }
size_t fuzz_unit(void) { return LX_BYTES; }

static struct vmref_linux *l;
static const uint8_t *input;
static size_t input_size;

static void must(int good, const char *what)
{
  if (!good) finding_input(what, fuzz_form(), input, input_size);
}

/* What an mm has in its private anonymous areas: rights and bytes, page by page, as a number. */
static uint64_t private_view(uint32_t a)
{
  uint64_t h = 1;
  const struct vmref_vmas *m = &l->mm[a].vmas;
  for (uint32_t i = 0; i < m->n; i++) {
    if (m->at[i].file != 0) continue;
    for (uint64_t p = m->at[i].start; p < m->at[i].end; p++) {
      h = (h ^ p ^ (uint64_t)(m->at[i].flags % 8) << 40) * UINT64_C(0x9E3779B97F4A7C15);
      const struct look_way w = look_way(&l->s, a, p * 4096);
      const uint32_t o = w.entry[1] == 0 ? UINT32_MAX : look_object(&l->s, w.entry[1]);
      for (unsigned k = 0; o < l->s.frames + l->s.slots && k < 4096; k += 8) {
        uint64_t word;
        __builtin_memcpy(&word, l->s.data + 4096 * (uint64_t)o + k, 8);
        if (word != 0) h = (h ^ word ^ k) * UINT64_C(0xD1342543DE82EF95);
      }
    }
  }
  return h;
}

static void check_areas(void)
{
  for (uint32_t a = 0; a < l->mms; a++) {
    const struct vmref_vmas *m = &l->mm[a].vmas;
    must(m->n <= m->room, "an address space has more areas than there is room for");
    for (uint32_t i = 0; l->mm[a].users && i < m->n; i++) {
      must(m->at[i].start < m->at[i].end && m->at[i].end <= VMREF_TASK_PAGES, "an area is empty or out of bounds");
      must(i == 0 || m->at[i - 1].end <= m->at[i].start, "areas overlap or are out of order");
    }
  }
}

/* Sizes that do not fit are refused. */
static void check_boot(void)
{
  uint32_t *const size[] = { &l->mms, &l->tasks, &l->objects };
  for (unsigned i = 0; i < 3; i++) {
    const uint32_t was = *size[i];
    *size[i] = 0;
    must(vmref_linux_boot(l) == VMREF_EINVAL, "a machine without tasks, address spaces or files boots");
    *size[i] = was;
  }
  const uint32_t spaces = l->s.spaces, objects = l->objects;
  l->objects = spaces, l->mms = 0;
  must(vmref_linux_boot(l) == VMREF_EINVAL, "a machine without address spaces boots");
  l->objects = 0, l->mms = spaces;
  must(vmref_linux_boot(l) == VMREF_EINVAL, "a machine without files boots");
  l->objects = objects, l->mms = spaces - objects;
}

static struct lx_result step(const uint8_t *b, uint32_t *task)
{
  if (b[1] == SYSCALL_ACCESS || b[1] == SYSCALL_CALL) return syscall_raw(l, b, task);
  const struct lx_op op = lx_decode(b);
  *task = op.task;
  return lx_model_do(l, &op);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static struct vmref_linux *of[2]; /* a machine with room, and one that is soon full */
  if (!of[0]) of[0] = lx_model_sized(0x612, &(struct lx_sizes){ .tasks = TASKS, .objects = 10, .files = 16, .areas = 64, .tables = 96, .frames = 200 });
  if (!of[1]) of[1] = lx_model_sized(0x612, &(struct lx_sizes){ .tasks = TASKS, .objects = 4, .files = 16, .areas = 64, .tables = 24, .frames = 6 });
  if (!of[0] || !of[1]) return 0;
  if (size < LX_BYTES) return lx_model_reset(of[0]), 0; /* libFuzzer begins with nothing only where that reaches the model */
  l = of[data[1] == SYSCALL_SETTINGS && data[11] % 4 == 1];
  input = data, input_size = size;
  if (data[1] == SYSCALL_SETTINGS && data[10] == 1) check_boot();
  lx_model_end(l); /* while it still has the sizes that it booted with */
  syscall_settings(l, data, size % 2 ? 0x601 : 0x612);
  lx_model_reset(l);
  syscall_newest(l, data);
  for (size_t k = data[1] == SYSCALL_SETTINGS ? LX_BYTES : 0; k + LX_BYTES <= size && k < LX_BYTES * OPS; k += LX_BYTES) {
    uint64_t before[TASKS];
    uint32_t task, mm[TASKS];
    for (uint32_t a = 0; a < TASKS; a++) before[a] = a < l->mms && l->mm[a].users ? private_view(a) : 0, mm[a] = l->task[a].mm;
    const struct lx_result r = step(data + k, &task);
    const uint32_t mine = task < TASKS ? mm[task] : UINT32_MAX;
    check_areas();
    if (k / LX_BYTES % 8 == 7 || k + 2 * LX_BYTES > size) must(vmref_check(&l->s) == VMREF_CHECK_OK, "layer 2 breaks its invariant");
    for (uint32_t a = 0; a < TASKS; a++)
      must(a == mine || before[a] == 0 || !l->mm[a].users || private_view(a) == before[a], "another process's private memory has changed");
    if (r.value == VMREF_RESULT_FULL) return 0; /* then a call may be done in part */
  }
  return 0;
}
