/* SPDX-License-Identifier: MIT */
/* The machine under the cases: descriptor tables, the guest's own window in slot
 * 511 of every root, and the control registers. */
#include "case.h"
#include "guest.h"

#define PAGE_BYTES 4096u
typedef uint64_t table[512] __attribute__((aligned(PAGE_BYTES)));

/* The window: 4-KiB pages only, since TCG slows down once large pages are in use.
 * A and D are set beforehand, so no walk of the guest's own writes here. */
#define OWN  0x63u  /* D A RW P */
#define USER 0x67u
static table pdpt, directory, pages[GUEST_RAM / 0x200000u], user_directory, user_pages;
static table user_stack;

static uint64_t gdt[14];
static uint32_t tss[26] __attribute__((aligned(16)));
static uint64_t idt[64] __attribute__((aligned(16)));
static uint8_t trap_stack[8192] __attribute__((aligned(16)));
extern uint8_t vectors[], stubs[], user_return[];

static uint32_t control_now;

static uint64_t read_msr(uint32_t msr)
{
  uint32_t low, high;
  __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
  return (uint64_t)high << 32 | low;
}

static void write_msr(uint32_t msr, uint64_t value)
{
  __asm__ volatile("wrmsr" :: "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)) : "memory");
}

static void write_cr0(uint64_t v) { __asm__ volatile("mov %0, %%cr0" :: "r"(v) : "memory"); }
static void write_cr3(uint64_t v) { __asm__ volatile("mov %0, %%cr3" :: "r"(v) : "memory"); }
static void write_cr4(uint64_t v) { __asm__ volatile("mov %0, %%cr4" :: "r"(v) : "memory"); }

/* ---- the window ---------------------------------------------------------- */

static uint64_t *top_slot(uint32_t frame)
{
  return AT(CASE_BASE + PAGE_BYTES * frame + 511 * 8);
}

static void open_window(uint32_t frame) { *top_slot(frame) = PHYSICAL(pdpt) + USER; }

static void make_window(void)
{
  for (uint32_t i = 0; i < GUEST_RAM / PAGE_BYTES; i++)
    pages[i / 512][i % 512] = (uint64_t)i * PAGE_BYTES + OWN;
  for (uint32_t i = 0; i < GUEST_RAM / 0x200000u; i++)
    directory[i] = PHYSICAL(pages[i]) + OWN;
  user_pages[0] = PHYSICAL(stubs) + (USER & ~2u);
  user_pages[1] = PHYSICAL(user_stack) + USER;
  user_directory[0] = PHYSICAL(user_pages) + USER;
  pdpt[510] = PHYSICAL(directory) + OWN;
  pdpt[511] = PHYSICAL(user_directory) + USER;
  user_stack[511] = USER_STUBS + (uint64_t)(user_return - stubs);
}

/* ---- descriptor tables ----------------------------------------------------- */

#define CODE(dpl) (0x00209a0000000000u | (uint64_t)(dpl) << 45)
#define DATA(dpl) (0x0000920000000000u | (uint64_t)(dpl) << 45)
#define TSS_SELECTOR 0x50
#define LDT_SELECTOR 0x60

static void system_descriptor(uint32_t selector, uint64_t base, uint32_t limit, uint64_t type)
{
  gdt[selector / 8] = (base & 0xffffff) << 16 | (base >> 24 & 0xff) << 56 | limit | type << 40;
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
  system_descriptor(TSS_SELECTOR, (uint64_t)tss, sizeof tss - 1, 0x89);
  for (uint32_t i = 0; i < 32; i++) {
    uint64_t to = (uint64_t)(vectors + 16 * i);
    idt[2 * i] = (to & 0xffff) | 8 << 16 | 1ull << 32 | 0xeeull << 40 | (to >> 16 & 0xffff) << 48;
    idt[2 * i + 1] = to >> 32;
  }
  struct { uint16_t limit; uint64_t base; } __attribute__((packed))
    g = { sizeof gdt - 1, (uint64_t)gdt }, i = { sizeof idt - 1, (uint64_t)idt };
  __asm__ volatile("lgdt %0; lidt %1; ltr %w2"
                   :: "m"(g), "m"(i), "r"(TSS_SELECTOR) : "memory");
  __asm__ volatile("pushq $8; leaq 1f(%%rip), %%rax; pushq %%rax; lretq; 1:" ::: "rax", "memory");
  write_msr(0xc0000081, (uint64_t)0x1b << 48 | (uint64_t)8 << 32); /* STAR */
}

void machine_ldt(uint64_t base)
{
  system_descriptor(LDT_SELECTOR, base, 0xfff, 0x82);
  __asm__ volatile("lldt %w0" :: "r"(LDT_SELECTOR) : "memory");
}

/* ---- control state ----------------------------------------------------------- */

uint32_t machine_root(void) { return CONTROL_ROOT_OF(control_now); }

/* CR3 is loaded last: it drops what the other changes may have left cached. What
 * is global stays, and INVLPG before each access takes care of it. */
void machine_control(uint32_t control)
{
  uint32_t changed = control ^ control_now;
  if (changed == 0) return;
  uint32_t old = CONTROL_ROOT_OF(control_now), root = CONTROL_ROOT_OF(control);
  if (changed & CONTROL_WP)
    write_cr0(0x80000011u | (control & CONTROL_WP ? 1u << 16 : 0));
  if (changed & (CONTROL_SMEP | CONTROL_SMAP | CONTROL_PGE))
    write_cr4(0x20u | (control & CONTROL_PGE ? 0x80u : 0)
              | (control & CONTROL_SMEP ? 1u << 20 : 0) | (control & CONTROL_SMAP ? 1u << 21 : 0));
  if (changed & CONTROL_NXE)
    write_msr(0xc0000080, (read_msr(0xc0000080) & ~0x800u) | (control & CONTROL_NXE ? 0x800u : 0));
  open_window(root);
  write_cr3(CASE_BASE + PAGE_BYTES * root);
  if (old != root)
    *top_slot(old) = case_tag(CASE_BASE + PAGE_BYTES * old + 511 * 8);
  control_now = control;
}

void machine_start(void)
{
  make_window();
  for (uint32_t i = 0; i < CASE_BYTES / 8; i++)
    ((uint64_t *)AT(CASE_BASE))[i] = case_tag(CASE_BASE + 8 * i);
  open_window(0);
  write_cr3(CASE_BASE);
  make_descriptors();
  control_now = ~CONTROL_ROOT(15u);
  machine_control(0);
}

/* ---- CPUID --------------------------------------------------------------------- */

static void cpuid(uint32_t leaf, uint32_t r[4])
{
  __asm__ volatile("cpuid" : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3]) : "a"(leaf), "c"(0));
}

void machine_cpuid(struct mail *m)
{
  uint32_t r[4];
  cpuid(0, r);
  uint32_t last = r[0];
  m->amd = r[1] == 0x68747541; /* "Auth" */
  m->smep = m->smap = 0;
  if (last >= 7) {
    cpuid(7, r);
    m->smep = r[1] >> 7 & 1;
    m->smap = r[1] >> 20 & 1;
  }
  cpuid(0x80000001, r);
  m->nx = r[3] >> 20 & 1;
  m->page1gb = r[3] >> 26 & 1;
  cpuid(0x80000008, r);
  m->maxphyaddr = r[0] & 0xff;
}
