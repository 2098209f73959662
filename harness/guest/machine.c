/* SPDX-License-Identifier: MIT */
/* The 64-bit machine under the cases: descriptor tables, the guest's own window in
 * slot 511 of every root, and the control registers. */
#include "case.h"
#include "guest.h"

#define PAGE_BYTES 4096u
typedef uint64_t table[512] __attribute__((aligned(PAGE_BYTES)));

/* The window: 4-KiB pages only, since TCG slows down once large pages are in use.
 * A and D are set beforehand, so no walk of the guest's own writes here. Its pages have
 * protection key 15, which no case forbids. */
#define KEY15 (15ull << 59)
#define OWN  0x63u  /* D A RW P */
#define USER 0x67u
static table pml4, pdpt, directory, pages[GUEST_RAM / 0x200000u], user_directory, user_pages;
static table user_stack;

static uint64_t gdt[14];
static uint32_t tss[26] __attribute__((aligned(16)));
static uint64_t idt[64] __attribute__((aligned(16)));
static uint8_t trap_stack[8192] __attribute__((aligned(16)));
extern uint8_t vectors[], stubs[], user_return[];

static uint32_t control_now, pkru_now, pkrs_now, has;
static uint8_t mode; /* that the guest was booted in, and stays in */

/* ---- the window ---------------------------------------------------------- */

static uint64_t *top_slot(uint32_t frame)
{
  return AT(CASE_BASE + PAGE_BYTES * frame + 511 * 8);
}

static void open_window(uint32_t frame)
{
  *top_slot(frame) = PHYSICAL(mode == VMREF_MODE_5LEVEL ? pml4 : pdpt) + USER;
}

static void make_window(void)
{
  for (uint32_t i = 0; i < GUEST_RAM / PAGE_BYTES; i++)
    pages[i / 512][i % 512] = ((uint64_t)i * PAGE_BYTES + OWN) | KEY15;
  for (uint32_t i = 0; i < GUEST_RAM / 0x200000u; i++)
    directory[i] = PHYSICAL(pages[i]) + OWN;
  user_pages[0] = (PHYSICAL(stubs) + (USER & ~2u)) | KEY15;
  user_pages[1] = (PHYSICAL(user_stack) + USER) | KEY15;
  user_directory[0] = PHYSICAL(user_pages) + USER;
  pdpt[510] = PHYSICAL(directory) + OWN;
  pdpt[511] = PHYSICAL(user_directory) + USER;
  pml4[511] = PHYSICAL(pdpt) + USER;
  user_stack[511] = USER_STUBS + (uint64_t)(user_return - stubs);
}

uintptr_t machine_stubs(uint32_t cpl) { return cpl == 3 ? USER_STUBS : (uintptr_t)stubs; }
uintptr_t machine_stack(void) { return USER_STUBS + PAGE_BYTES + 511 * 8; }

/* ---- descriptor tables ----------------------------------------------------- */

#define CODE(dpl) (0x00209a0000000000u | (uint64_t)(dpl) << 45)
#define DATA(dpl) (0x0000920000000000u | (uint64_t)(dpl) << 45)
#define TSS_SELECTOR 0x50
#define LDT_SELECTOR 0x60

static void set_system(uint32_t selector, uint64_t base, uint32_t limit, uint64_t type)
{
  gdt[selector / 8] = system_descriptor(base, limit, type);
  gdt[selector / 8 + 1] = base >> 32;
}

static void make_descriptors(void)
{
  gdt[1] = CODE(0); gdt[2] = DATA(0);
  gdt[4] = DATA(3); gdt[5] = CODE(3); /* SYSRET: base 0x18, so SS 0x20 and CS 0x28 */
  gdt[6] = CODE(1); gdt[7] = DATA(1);
  gdt[8] = CODE(2); gdt[9] = DATA(2);
  uint64_t top = (uint64_t)(trap_stack + sizeof trap_stack);
  tss[9] = (uint32_t)top; tss[10] = (uint32_t)(top >> 32); /* IST1 */
  tss[25] = sizeof tss << 16;
  set_system(TSS_SELECTOR, (uint64_t)tss, sizeof tss - 1, 0x89);
  for (uint32_t i = 0; i < 32; i++) {
    uint64_t to = (uint64_t)(vectors + 16 * i);
    idt[2 * i] = gate(to, 8, 0xee) | 1ull << 32; /* IST1 */
    idt[2 * i + 1] = to >> 32;
  }
  struct { uint16_t limit; uint64_t base; } __attribute__((packed))
    g = { sizeof gdt - 1, (uint64_t)gdt }, i = { sizeof idt - 1, (uint64_t)idt };
  __asm__ volatile("lgdt %0; lidt %1; ltr %w2"
                   :: "m"(g), "m"(i), "r"(TSS_SELECTOR) : "memory");
  __asm__ volatile("pushq $8; leaq 1f(%%rip), %%rax; pushq %%rax; lretq; 1:" ::: "rax", "memory");
  write_msr(MSR_STAR, (uint64_t)0x1b << 48 | (uint64_t)8 << 32);
}

void machine_ldt(uint64_t base)
{
  set_system(LDT_SELECTOR, base, 0xfff, 0x82);
  __asm__ volatile("lldt %w0" :: "r"(LDT_SELECTOR) : "memory");
}

/* ---- control state ----------------------------------------------------------- */

uint32_t machine_now(void) { return control_now; }

static uint64_t cr4_of(uint32_t control)
{
  return 0x220u | (control & CONTROL_PGE ? 0x80u : 0) | (has & HAS_AVX ? 1u << 18 : 0)
    | (mode == VMREF_MODE_5LEVEL ? 1u << 12 : 0) | (control & CONTROL_PCIDE ? 1u << 17 : 0)
    | (control & CONTROL_SMEP ? 1u << 20 : 0) | (control & CONTROL_SMAP ? 1u << 21 : 0)
    | (control & CONTROL_PKE ? 1u << 22 : 0) | (control & CONTROL_PKS ? 1u << 24 : 0)
    | (control & CONTROL_PSE ? 0x10u : 0);
}

static void set_keys(const struct guest_case *c)
{
  if (c->control & CONTROL_PKE && c->pkru != pkru_now) write_pkru(pkru_now = c->pkru);
  if (c->control & CONTROL_PKS && c->pkrs != pkrs_now) write_msr(MSR_PKRS, pkrs_now = c->pkrs);
}

/* CR3 is loaded last: it drops what the other changes may have left cached. What is
 * global stays, and INVLPG before each access takes care of it. PCIDE can be set only
 * while the PCID is 0. */
void machine_control(const struct guest_case *c)
{
  uint32_t control = c->control, changed = control ^ control_now;
  if (changed) {
    uint32_t old = CONTROL_ROOT_OF(control_now), root = CONTROL_ROOT_OF(control);
    uint64_t cr3 = CASE_BASE + PAGE_BYTES * root;
    if (changed & CONTROL_WP)
      write_cr0(0x80000011u | (control & CONTROL_WP ? 1u << 16 : 0));
    if (changed & CONTROL_NXE)
      cpu_nxe(control & CONTROL_NXE ? 1 : 0);
    open_window(root);
    if (cr4_of(control) != cr4_of(control_now)) {
      if (changed & control & CONTROL_PCIDE) write_cr3(cr3);
      write_cr4(cr4_of(control));
    }
    write_cr3(cr3 | CONTROL_LOW_OF(control));
    if (old != root)
      *top_slot(old) = case_tag(CASE_BASE + PAGE_BYTES * old + 511 * 8);
    control_now = control;
  }
  set_keys(c);
}

void machine_open(uint32_t other) { open_window(CONTROL_ROOT_OF(other)); }

void machine_close(uint32_t other)
{
  uint32_t frame = CONTROL_ROOT_OF(other);
  if (frame != CONTROL_ROOT_OF(control_now)) *top_slot(frame) = case_tag(CASE_BASE + PAGE_BYTES * frame + 511 * 8);
}

void machine_force(uint32_t control)
{
  write_cr0(0x80000011u | (control & CONTROL_WP ? 1u << 16 : 0));
  cpu_nxe(control & CONTROL_NXE ? 1 : 0);
  uint64_t cr3 = CASE_BASE + PAGE_BYTES * CONTROL_ROOT_OF(control);
  if (!(control & CONTROL_PCIDE)) write_cr4(cr4_of(control));
  write_cr3(cr3);
  write_cr4(cr4_of(control));
  write_cr3(cr3 | CONTROL_LOW_OF(control));
  if (has & HAS_PKU) {
    write_cr4(cr4_of(control) | 1u << 22);
    write_pkru(pkru_now = 0);
    write_cr4(cr4_of(control));
  }
  if (has & HAS_PKS) write_msr(MSR_PKRS, pkrs_now = 0);
  control_now = control;
}

void machine_pdpte(const struct guest_case *c) { (void)c; }

void machine_start(struct mail *m)
{
  m->has = has = cpu_has(&m->maxphyaddr);
  mode = read_cr4() >> 12 & 1 ? VMREF_MODE_5LEVEL : VMREF_MODE_4LEVEL;
  m->modes = 1u << mode;
  cpu_enable(has);
  make_window();
  for (uint32_t i = 0; i < CASE_BYTES / 8; i++)
    ((uint64_t *)AT(CASE_BASE))[i] = case_tag(CASE_BASE + 8 * i);
  open_window(0);
  write_cr3(CASE_BASE);
  make_descriptors();
  control_now = CONTROL_WP | CONTROL_ROOT(15u);
  struct guest_case first = { .control = 0 };
  machine_control(&first);
  if (has & HAS_PKS) write_msr(MSR_PKRS, 0);
}
