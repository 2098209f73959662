/* SPDX-License-Identifier: MIT */
/* The processors: the first, which runs the kernel and, alone, its processes; and the model's, which wait under a
 * process's tables with what they have cached. What the model drops from its record of a processor's TLB, that
 * processor drops: the linker leads the model's calls here (mm.mk), before the tables change. */
#include <string.h>
#include "mm_guest.h"

extern uint8_t tramp[], tramp_enter[], tramp_wait[], machine_back[], machine_lost[], ap_boot[], ap_boot_end[], ap_cr3[];
void machine_enter(struct cpu_page *p, uint64_t where);
uint32_t cpus;
uint64_t drops;
static volatile uint32_t ready;
extern uint32_t ap_wanted;
static uint32_t apic_id[CPUS];

#define HERE(label) (KERNEL_PAGE(K_TEXT) + (uint64_t)((label) - tramp))

/* ---- the local APIC ---- */
#define APIC ((volatile uint32_t *)(0xffff960000000000 + 511 * 4096))
#define APIC_SVR  (0xf0 / 4)
#define APIC_ICR  (0x300 / 4)
#define APIC_ICR2 (0x310 / 4)
#define ICR_INIT  0xc4500u /* to all but this */
#define ICR_START (0xc4600u | AP_BOOT >> 12)
#define ICR_NMI   0x4400u

static void wait_icr(void) { for (uint32_t i = 0; APIC[APIC_ICR] & 0x1000 && i < 100000; i++) __asm__ volatile("pause"); }

static void interrupt(uint32_t c)
{
  APIC[APIC_ICR2] = apic_id[c] << 24;
  APIC[APIC_ICR] = ICR_NMI;
  wait_icr();
}

/* Microseconds, about: a read of port 0x80 takes one on the bus. */
static void delay(uint32_t n) { while (n--) in8(0x80); }

void ap_main(uint32_t index);
void ap_main(uint32_t index)
{
  uint32_t r[4];
  const uint32_t c = index + 1;
  machine_cpu_start(c);
  cpuid(1, 0, r);
  apic_id[c] = r[1] >> 24;
  __atomic_fetch_add(&ready, 1, __ATOMIC_SEQ_CST);
  machine_enter(CPU(c), HERE(tramp_wait)); /* for good */
}

uint32_t cpus_start(void)
{
  const uint32_t want = config->processors < CPUS - 1 ? config->processors : CPUS - 1;
  if (want == 0) return 0;
  ap_wanted = want;
  memcpy(AT(AP_BOOT), ap_boot, (size_t)(ap_boot_end - ap_boot));
  *(uint32_t *)AT(AP_BOOT + (uint64_t)(ap_cr3 - ap_boot)) = (uint32_t)own_cr3;
  APIC[APIC_SVR] |= 0x100;
  APIC[APIC_ICR] = ICR_INIT;
  delay(10000);
  for (uint32_t i = 0; i < 2; i++) {
    APIC[APIC_ICR] = ICR_START;
    delay(200);
  }
  const int asked = ((struct mail *)AT(MAIL_BASE))->host == MAIL_HOST; /* then the runner has the patience */
  for (uint32_t i = 0; (asked || i < 2000000) && ready < want; i++) delay(1);
  cpus = ready;
  return cpus;
}

/* ---- commands ---- */

static void answered(struct cpu_page *p, const volatile uint32_t *done, uint32_t posted)
{
  for (uint32_t spin = 0; __atomic_load_n(done, __ATOMIC_ACQUIRE) != posted; spin++) {
    __asm__ volatile("pause");
    if (p->panic) machine_panic(p->panic - 1, p->error, p->rip, p->cr2);
  }
}

static void command(uint32_t c, uint32_t what)
{
  struct cpu_page *p = CPU(c);
  const uint32_t n = p->posted + 1;
  p->what = what;
  __atomic_store_n(&p->posted, n, __ATOMIC_SEQ_CST);
  if (p->sleeps) interrupt(c);
  answered(p, &p->done, n);
}

void cpu_access(uint32_t c, uint64_t cr3)
{
  struct cpu_page *p = CPU(c);
  if (c != 0) {
    command(c, DO_ACCESS);
    return;
  }
  p->cr3 = cr3;
  p->own = own_cr3;
  p->back = (uint64_t)machine_back;
  p->lost = (uint64_t)machine_lost;
  machine_enter(p, HERE(tramp_enter));
}

void cpu_drop(uint32_t c, uint64_t cr3, const uint64_t *va, uint32_t n)
{
  static uint32_t turn;
  struct cpu_page *p = CPU(c);
  drops++;
  p->cr3 = cr3;
  p->count = n;
  if (n != RELOAD) memcpy(p->invlpg, va, 8 * n);
  if (config->ipi == 0 || ++turn % config->ipi) {
    command(c, DO_DROP);
    return;
  }
  const uint32_t posted = p->ipi_posted + 1;
  __atomic_store_n(&p->ipi_posted, posted, __ATOMIC_SEQ_CST);
  interrupt(c);
  answered(p, &p->ipi_done, posted);
}

/* ---- what the model tells ---- */

static struct { uint64_t cr3, va; uint32_t c, n, age; } late; /* PLANT_FREE */

void cpus_park(void)
{
  late.age = 0;
  for (uint32_t c = 1; c <= cpus; c++)
    if (CPU(c)->cr3 != own_cr3) cpu_drop(c, own_cr3, NULL, RELOAD);
}

static void machine_drop(uint32_t c, uint64_t cr3, uint64_t va, uint32_t n)
{
  const uint64_t none = 4096ull * drive.s->spaces;
  if (cr3 == none && CPU(c)->cr3 == none) return; /* there it can have cached nothing of a process */
  const int stays = cr3 == CPU(c)->cr3;
  if (stays && planted(PLANT_INVLPG)) return;
  if (stays && planted(PLANT_FREE)) {
    late.cr3 = cr3, late.va = va, late.c = c, late.n = n, late.age = 1;
    return;
  }
  if (late.age && late.c == c) late.age = 0; /* a later one that is made ends it */
  cpu_drop(c, cr3, &va, n);
}

void cpus_late(void)
{
  if (late.age == 0 || late.age++ < 2) return;
  late.age = 0;
  cpu_drop(late.c, late.cr3, &late.va, late.n);
}

/* The processor whose record this is; 0: none that there is. */
static uint32_t of(const struct vmref_tlb *tlb)
{
  for (uint32_t c = 0; drive.m && c < cpus && c < VMREF_CPUS; c++)
    if (tlb == &drive.m->tlb[c]) return c + 1;
  return 0;
}

void __real_vmref_tlb_reset(struct vmref_tlb *tlb);
void __real_vmref_tlb_invlpg(struct vmref_tlb *tlb, struct vmref_cpu cpu, uint64_t va);
void __real_vmref_tlb_cr3(struct vmref_tlb *tlb, struct vmref_cpu cpu, uint8_t keep);
void __wrap_vmref_tlb_reset(struct vmref_tlb *tlb);
void __wrap_vmref_tlb_invlpg(struct vmref_tlb *tlb, struct vmref_cpu cpu, uint64_t va);
void __wrap_vmref_tlb_cr3(struct vmref_tlb *tlb, struct vmref_cpu cpu, uint8_t keep);

void __wrap_vmref_tlb_reset(struct vmref_tlb *tlb)
{
  __real_vmref_tlb_reset(tlb);
  const uint32_t c = of(tlb), a = c ? drive.m->runs[c - 1] : 0;
  if (c) machine_drop(c, 4096ull * (a == VMREF_IDLE ? drive.s->spaces : a), 0, RELOAD);
}

void __wrap_vmref_tlb_invlpg(struct vmref_tlb *tlb, struct vmref_cpu cpu, uint64_t va)
{
  __real_vmref_tlb_invlpg(tlb, cpu, va);
  const uint32_t c = of(tlb);
  if (c) machine_drop(c, CPU(c)->cr3, va, 1);
}

void __wrap_vmref_tlb_cr3(struct vmref_tlb *tlb, struct vmref_cpu cpu, uint8_t keep)
{
  __real_vmref_tlb_cr3(tlb, cpu, keep);
  const uint32_t c = of(tlb);
  if (c) machine_drop(c, cpu.cr3, 0, RELOAD);
}
