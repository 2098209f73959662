/* SPDX-License-Identifier: MIT */
/* The bare-metal guest: makes the accesses that the runner asks for through shared
 * memory, or, when nobody does, those of its own list (selftest.c). */
#include "case.h"
#include "guest.h"

struct shot shot;
extern uint8_t stubs[];

static uint64_t *word_at(uint32_t index) { return (uint64_t *)AT(CASE_BASE) + index; }

static uint64_t tag_of(uint32_t index) { return case_tag(CASE_BASE + 8 * index); }

static uint64_t read_cr2(void)
{
  uint64_t v;
  __asm__ volatile("mov %%cr2, %0" : "=r"(v));
  return v;
}

/* Put tags back where something else is found; names the first such word. */
uint32_t repair_arena(struct guest_result *r)
{
  uint32_t top = 512 * machine_root() + 511, found = 0;
  for (uint32_t i = 0; i < CASE_BYTES / 8; i++) {
    if (*word_at(i) == tag_of(i) || i == top) continue;
    if (found++ == 0 && r) {
      r->stray = (uint16_t)i;
      r->stray_value = *word_at(i);
    }
    *word_at(i) = tag_of(i);
  }
  return found;
}

static int stores(uint32_t form)
{
  return form != FORM_READ && form != FORM_FETCH && form != FORM_SEG_READ;
}

void run_case(const struct guest_case *c, struct guest_result *r)
{
  static uint64_t cr2_now;
  machine_control(c->control);
  uint32_t form = OP_FORM(c->op);
  for (uint32_t i = 0; i < c->words; i++) *word_at(c->word[i]) = c->before[i];
  __asm__ volatile("invlpg (%0)" :: "r"(c->va) : "memory");
  if (form >= FORM_SEG_READ) machine_ldt(c->va);
  if (cr2_now != CR2_BEFORE)
    __asm__ volatile("mov %0, %%cr2" :: "r"((uint64_t)CR2_BEFORE));

  shot.stub = 16u * c->op + (c->cpl == 3 ? USER_STUBS : (uint64_t)stubs);
  shot.stack = USER_STACK + 511 * 8;
  shot.flags = c->ac ? 0x40002u : 2u;
  shot.va = c->va;
  shot.data = c->data;
  shot.cpl = c->cpl;
  shoot();

  cr2_now = read_cr2();
  r->cr2 = cr2_now;
  r->value = shot.value;
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
  if (stores(form) && !changed) repair_arena(r);
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
      run_case(&s->in[i], &s->out[i]);
    }
    s->strays = repair_arena(0);
    __atomic_store_n(&s->done, s->done + 1, __ATOMIC_RELEASE);
  }
}

/* An exception of the guest's own: say so and stop. */
void panic(uint64_t vector, uint64_t error, uint64_t rip)
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
  machine_start();
  machine_cpuid(m);
  if (m->host == MAIL_HOST) serve(m);
  out8(0xf4, selftest(m) == 0 ? 0 : 1); /* QEMU's isa-debug-exit */
  for (;;) __asm__ volatile("hlt");
}
