/* SPDX-License-Identifier: MIT */
/* The 32-bit machine under the cases, for no paging, 32-bit and PAE paging. Linear
 * addresses are physical ones; the guest's own window is the first 64 MiB and the stubs
 * above them: PDE 0 to 17 of every 32-bit root, or what PDPTE 0 refers to. */
#include "case.h"
#include "guest.h"
#include "plan.h"

#define PAGE_BYTES 4096u
#define PAGE __attribute__((aligned(PAGE_BYTES)))
#define OWN  0x63u  /* D A RW P: no walk of the guest's own writes here */
#define USER 0x67u
static uint32_t pages[GUEST_RAM / 0x400000][1024] PAGE, user_pages[1024] PAGE, user_stack[1024] PAGE;
static uint64_t pae_pages[GUEST_RAM / 0x200000][512] PAGE, pae_user_pages[512] PAGE, pae_directory[512] PAGE;

static uint64_t gdt[12] __attribute__((aligned(16))), idt[32] __attribute__((aligned(16)));
static uint32_t tss[26] __attribute__((aligned(16)));
static uint8_t trap_stack[8192] __attribute__((aligned(16)));
extern uint8_t vectors[], stubs[], user_return[];

static uint32_t control_now, has;
static uint64_t loaded[3]; /* the PDPTE registers 1 to 3 */
static int known;          /* and they hold that */

/* ---- the window ---------------------------------------------------------- */

static uint64_t *word_of_root(uint32_t control, uint32_t word)
{
  return (uint64_t *)AT(CASE_BASE + PAGE_BYTES * CONTROL_ROOT_OF(control)) + word;
}

static void open_window(uint32_t control)
{
  if (CONTROL_MODE_OF(control) == VMREF_MODE_PAE)
    *word_of_root(control, window_of(control).first) = PHYSICAL(pae_directory) + 1;
  if (CONTROL_MODE_OF(control) != VMREF_MODE_32BIT) return;
  uint32_t *pde = (uint32_t *)word_of_root(control, 0);
  for (uint32_t i = 0; i < GUEST_RAM / 0x400000; i++) pde[i] = (uint32_t)PHYSICAL(pages[i]) + OWN;
  pde[16] = (uint32_t)PHYSICAL(user_pages) + USER;
  pde[17] = 0;
}

/* Put tags back into an old window, but for what the one in use has of it. */
static void close_window(uint32_t old, uint32_t used)
{
  struct window o = window_of(old), u = window_of(used);
  for (uint32_t i = o.first; i < (uint32_t)o.first + o.words; i++)
    if (CONTROL_ROOT_OF(old) != CONTROL_ROOT_OF(used) || i - u.first >= u.words)
      *word_of_root(old, i) = case_tag(CASE_BASE + PAGE_BYTES * CONTROL_ROOT_OF(old) + 8 * i);
}

static void make_window(void)
{
  for (uint32_t i = 0; i < GUEST_RAM / PAGE_BYTES; i++) {
    pages[i / 1024][i % 1024] = i * PAGE_BYTES + OWN;
    pae_pages[i / 512][i % 512] = i * PAGE_BYTES + OWN;
  }
  user_pages[0] = (uint32_t)PHYSICAL(stubs) + (USER & ~2u);
  user_pages[1] = (uint32_t)PHYSICAL(user_stack) + USER;
  for (uint32_t i = 0; i < 2; i++) pae_user_pages[i] = user_pages[i];
  for (uint32_t i = 0; i < GUEST_RAM / 0x200000; i++) pae_directory[i] = PHYSICAL(pae_pages[i]) + OWN;
  pae_directory[GUEST_RAM / 0x200000] = PHYSICAL(pae_user_pages) + USER;
  user_stack[1021] = (uint32_t)user_return; /* without paging */
  user_stack[1023] = USER_STUBS + (uint32_t)(user_return - stubs);
}

static int paging(void) { return CONTROL_MODE_OF(control_now) != VMREF_MODE_NONE; }
uintptr_t machine_stubs(uint32_t cpl) { return cpl == 3 && paging() ? USER_STUBS : (uintptr_t)stubs; }
uintptr_t machine_stack(void)
{
  return paging() ? USER_STUBS + PAGE_BYTES + 1023 * 4 : (uintptr_t)&user_stack[1021];
}

/* ---- descriptor tables ----------------------------------------------------- */

#define CODE(dpl) (0x00cf9a000000ffffu | (uint64_t)(dpl) << 45)
#define DATA(dpl) (0x00cf92000000ffffu | (uint64_t)(dpl) << 45)
#define TSS_SELECTOR 0x50
#define LDT_SELECTOR 0x58

static void make_descriptors(void)
{
  gdt[1] = CODE(0); gdt[2] = DATA(0);
  gdt[4] = DATA(3); gdt[5] = CODE(3);
  gdt[6] = CODE(1); gdt[7] = DATA(1);
  gdt[8] = CODE(2); gdt[9] = DATA(2);
  tss[1] = (uint32_t)(trap_stack + sizeof trap_stack);
  tss[2] = 0x10;
  tss[25] = sizeof tss << 16;
  gdt[TSS_SELECTOR / 8] = system_descriptor((uint32_t)tss, sizeof tss - 1, 0x89);
  for (uint32_t i = 0; i < 32; i++) idt[i] = gate((uint32_t)(vectors + 16 * i), 8, 0xee);
  struct { uint16_t limit; uint32_t base; } __attribute__((packed))
    g = { sizeof gdt - 1, (uint32_t)gdt }, i = { sizeof idt - 1, (uint32_t)idt };
  __asm__ volatile("lgdt %0; lidt %1; ltr %w2" :: "m"(g), "m"(i), "r"(TSS_SELECTOR) : "memory");
  /* DS and ES serve every ring, and stay on the way out. */
  __asm__ volatile("ljmp $8, $1f; 1: movl $0x10, %%eax; movl %%eax, %%ss;"
                   "movl $0x23, %%eax; movl %%eax, %%ds; movl %%eax, %%es" ::: "eax", "memory");
}

void machine_ldt(uint64_t base)
{
  gdt[LDT_SELECTOR / 8] = system_descriptor(base, 0xfff, 0x82);
  __asm__ volatile("lldt %w0" :: "r"(LDT_SELECTOR) : "memory");
}

/* ---- control state ----------------------------------------------------------- */

uint32_t machine_now(void) { return control_now; }

static uint32_t cr0_of(uint32_t control)
{
  return 0x11u | (control & CONTROL_WP ? 1u << 16 : 0)
    | (CONTROL_MODE_OF(control) != VMREF_MODE_NONE ? 1u << 31 : 0);
}

static uint32_t cr4_of(uint32_t control)
{
  return 0x200u | (has & HAS_AVX ? 1u << 18 : 0) | (CONTROL_MODE_OF(control) == VMREF_MODE_PAE ? 0x20u : 0)
    | (control & CONTROL_PSE ? 0x10u : 0) | (control & CONTROL_PGE ? 0x80u : 0)
    | (control & CONTROL_SMEP ? 1u << 20 : 0) | (control & CONTROL_SMAP ? 1u << 21 : 0);
}

static uint32_t cr3_of(uint32_t control)
{
  return CASE_BASE + PAGE_BYTES * CONTROL_ROOT_OF(control) + CONTROL_LOW_OF(control);
}

/* From one paging mode to another with paging off between, which drops all that is
 * cached. Else CR3 is loaded last: it drops what the other changes may have left. */
void machine_control(const struct guest_case *c)
{
  uint32_t control = c->control, old = control_now, changed = control ^ old;
  if (!changed) return;
  int other_mode = CONTROL_MODE_OF(control) != CONTROL_MODE_OF(old);
  if (other_mode) {
    write_cr0(cr0_of(old) & 0x7fffffff);
    close_window(old, CONTROL_MODE(VMREF_MODE_NONE));
  }
  if (changed & CONTROL_NXE)
    cpu_nxe(control & CONTROL_NXE ? 1 : 0);
  if (cr4_of(control) != cr4_of(old)) write_cr4(cr4_of(control));
  open_window(control);
  write_cr3(cr3_of(control));
  write_cr0(cr0_of(control));
  if (!other_mode) close_window(old, control);
  control_now = control;
  known = 0;
}

void machine_open(uint32_t other) { open_window(other); }
void machine_close(uint32_t other) { close_window(other, control_now); }

void machine_force(uint32_t control)
{
  write_cr0(cr0_of(control) & 0x7fffffff);
  if (has & HAS_NX)
    cpu_nxe(control & CONTROL_NXE ? 1 : 0);
  write_cr4(cr4_of(control));
  write_cr3(cr3_of(control));
  write_cr0(cr0_of(control));
  control_now = control;
  known = 0;
}

void machine_pdpte(const struct guest_case *c)
{
  for (unsigned i = 0; i < 3; i++)
    if (loaded[i] != c->pdpte[i]) {
      loaded[i] = c->pdpte[i];
      known = 0;
    }
  if (!known) write_cr3(cr3_of(control_now));
  known = 1;
}

void machine_start(struct mail *m)
{
  m->has = has = cpu_has(&m->maxphyaddr);
  m->modes = 1u << VMREF_MODE_NONE | 1u << VMREF_MODE_32BIT | (has & HAS_PAE ? 1u << VMREF_MODE_PAE : 0);
  cpu_enable(has);
  make_window();
  for (uint32_t i = 0; i < CASE_BYTES / 8; i++)
    ((uint64_t *)AT(CASE_BASE))[i] = case_tag(CASE_BASE + 8 * i);
  make_descriptors();
  control_now = CONTROL_MODE(VMREF_MODE_NONE);
  write_cr0(cr0_of(control_now));
}
