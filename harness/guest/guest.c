/* SPDX-License-Identifier: MIT */
/* The bare-metal guest: makes the accesses that the runner asks for through shared
 * memory, or, when nobody does, those of its own list (selftest.c). */
#include "case.h"
#include "guest.h"
#include "plan.h"

struct shot shot;
extern uint8_t stubs[];

uint64_t *word_at(uint32_t index) { return (uint64_t *)AT(CASE_BASE) + index; }

static uint64_t tag_of(uint32_t index) { return case_tag(CASE_BASE + 8 * index); }

/* Put tags back where something else is found; names the first such word. By halves,
 * each tag from the one before: the loop is long, and dear in Bochs. */
uint32_t repair_arena(struct guest_result *r)
{
  struct window w = window_of(machine_now());
  uint32_t own = 512 * CONTROL_ROOT_OF(machine_now()) + w.first, found = 0;
  uint32_t low = (uint32_t)tag_of(0), high = (uint32_t)(tag_of(0) >> 32);
  const volatile uint32_t *half = AT(CASE_BASE);
  for (uint32_t i = 0; i < CASE_BYTES / 8; i++, half += 2, low += 8 << 8) {
    if ((half[0] == low && half[1] == high) || i - own < w.words) continue;
    if (found++ == 0 && r) {
      r->stray = (uint16_t)i;
      r->stray_value = *word_at(i);
    }
    *word_at(i) = tag_of(i);
  }
  return found;
}

void aim_shot(const struct guest_case *c)
{
  unsigned width = OP_WIDTH(c->op);
  shot.stub = 16u * c->op + machine_stubs(c->cpl);
  shot.stack = machine_stack();
  shot.flags = c->ac ? 0x40002u : 2u;
  shot.va = (uintptr_t)c->va;
  shot.data = (uintptr_t)c->data;
  shot.high = (uintptr_t)(c->data >> 32);
  shot.cpl = c->cpl;
  shot.width = OP_FORM(c->op) <= FORM_WRITE && width >= FIRST_WIDE ? width : 0;
  for (unsigned i = 0; shot.width && i < 8; i++) shot.wide[i] = c->data ? guest_wide(c->data, i) : 0;
}

uint64_t shot_value(unsigned op)
{
  static const uint8_t words[WIDTHS] = { 1, 1, 1, 1, 2, 2, 4, 8 };
  if (!shot.width) return SHOT_WORD == 8 ? shot.value : shot.value | (uint64_t)shot.high << 32;
  if (OP_WIDTH(op) == 4) shot.wide[1] &= 0xffff; /* 10 bytes */
  return words[OP_WIDTH(op)] == 1 ? shot.wide[0] : guest_fold(shot.wide, words[OP_WIDTH(op)]);
}

void run_case(const struct guest_case *c, struct guest_result *r)
{
  static uintptr_t cr2_now;
  machine_control(c);
  uint32_t form = OP_FORM(c->op);
  for (uint32_t i = 0; i < c->words; i++) *word_at(c->word[i]) = c->before[i];
  if (CONTROL_MODE_OF(c->control) == VMREF_MODE_PAE) machine_pdpte(c);
  invlpg((uintptr_t)c->va);
  if (c->two) invlpg((uintptr_t)((c->va | 0xfff) + 1));
  if (form >= FORM_SEG_READ) machine_ldt(c->va);
  if (cr2_now != CR2_BEFORE) write_cr2(CR2_BEFORE);
  aim_shot(c);
  shoot();

  cr2_now = read_cr2();
  r->cr2 = cr2_now;
  r->value = shot.vector == VECTOR_NONE ? shot_value(c->op) : 0;
  r->vector = (uint8_t)shot.vector;
  r->error = shot.error;
  r->stray = NO_STRAY;
  int changed = 0;
  for (uint32_t i = 0; i < c->words; i++) {
    r->after[i] = *word_at(c->word[i]);
    changed |= r->after[i] != c->before[i];
  }
  for (uint32_t i = 0; i < c->words; i++) *word_at(c->word[i]) = tag_of(c->word[i]);
  if (shot.vector != VECTOR_NONE) return;
  if (form_stores(form) && form != FORM_CMPXCHG && !changed) repair_arena(r);
  /* TCG translated the tag just executed. Storing there makes it forget that, so
   * that later stores to this frame are not slow. */
  if (form == FORM_FETCH && r->value - CASE_BASE < CASE_BYTES)
    *word_at((uint32_t)(r->value - CASE_BASE) / 8) = tag_of((uint32_t)(r->value - CASE_BASE) / 8);
}

static void serve(struct mail *m)
{
  m->guest = MAIL_GUEST;
  for (uint32_t turn = 0;; turn++) {
    struct mail_slot *s = &m->slot[turn % MAIL_SLOTS];
    while (__atomic_load_n(&s->posted, __ATOMIC_ACQUIRE) == s->done)
      __asm__ volatile("pause");
    uint32_t n = s->cases;
    for (uint32_t i = 0; i < n; i++) {
      s->at = i;
      if (s->sequences) run_sequence(&s->sequence[i], s->result[i]);
      else run_case(&s->in[i], &s->out[i]);
    }
    s->strays = repair_arena(0);
    __atomic_store_n(&s->done, s->done + 1, __ATOMIC_RELEASE);
  }
}

/* An exception of the guest's own: say so and stop. */
void panic(uintptr_t vector, uintptr_t error, uintptr_t rip)
{
  struct mail *m = AT(MAIL_BASE);
  m->panic_error = (uint32_t)error;
  m->panic_rip = rip;
  m->panic_cr2 = read_cr2();
  m->panic_vector = (uint32_t)vector + 1;
  serial_print("guest: panic, vector ");
  serial_number(vector);
  serial_print(" error ");
  serial_hex(error);
  serial_print(" rip ");
  serial_hex(rip);
  serial_print(" cr2 ");
  serial_hex(read_cr2());
  serial_print("\n");
  out8(0xf4, 2);
  for (;;) __asm__ volatile("hlt");
}

void guest_main(void)
{
  struct mail *m = AT(MAIL_BASE);
  serial_start();
  machine_start(m);
  if (m->host == MAIL_HOST) serve(m);
  out8(0xf4, selftest(m) == 0 ? 0 : 1); /* QEMU's isa-debug-exit */
  for (;;) __asm__ volatile("hlt");
}
