/* SPDX-License-Identifier: MIT */
/* The machine under the memory manager: the guest's own tables, which map all RAM and a window on the model's
 * memory, descriptors in the kernel frames, and the control state of vmref_user_cpu. */
#include <string.h>
#include "mm_guest.h"

typedef uint64_t page_table[512] __attribute__((aligned(4096)));
#define OWN 0x63u /* D A RW P: no walk of the guest's own writes here */
#define D   0x40u
#define XD  (1ull << 63)
#define ROOT_WINDOW 300
#define STATE 0xffff960000000000 /* that slot: tables, page frames, swap slots, each a page of its own */
#define STATE_PAGES 510

/* 4-KiB pages only, since TCG slows down once large pages are in use. */
static page_table root, low, low_directory, high, directory, ram[GUEST_RAM / 0x200000], kernel[3], state[3];
uint64_t own_cr3;

static uint32_t rc[MM_FRAMES + MM_SLOTS];
static vmref_bool shared[MM_FRAMES + MM_SLOTS];
static int8_t level[MM_FRAMES];
static int16_t owner[MM_FRAMES];
static int64_t parent[MM_FRAMES];
static int32_t hint[3 * (MM_FRAMES + MM_SLOTS) + 3 + 1025 * MM_FRAMES];
static uint8_t slots[MM_SLOTS][4096] __attribute__((aligned(4096)));
static struct vmref_sys sys;
extern uint8_t tramp[], tramp_end[], tramp_nmi[], vectors[];

static void make_tables(void)
{
  for (uint32_t i = 0; i < GUEST_RAM / 4096; i++) ram[i / 512][i % 512] = 4096ull * i + OWN;
  for (uint32_t i = 0; i < GUEST_RAM / 0x200000; i++) directory[i] = PHYSICAL(ram[i]) + OWN;
  high[510] = PHYSICAL(directory) + OWN;
  root[511] = PHYSICAL(high) + OWN;
  low_directory[0] = PHYSICAL(ram[0]) + OWN; /* a processor that starts runs at its physical address */
  low[0] = PHYSICAL(low_directory) + OWN;
  root[0] = PHYSICAL(low) + OWN;
  root[256] = PHYSICAL(kernel[0]) + OWN;
  kernel[0][0] = PHYSICAL(kernel[1]) + OWN;
  kernel[1][0] = PHYSICAL(kernel[2]) + OWN;
  root[ROOT_WINDOW] = PHYSICAL(state[0]) + OWN;
  state[0][0] = PHYSICAL(state[1]) + OWN;
  state[1][0] = PHYSICAL(state[2]) + OWN;
  state[2][511] = 0xfee00000 + OWN + 0x18; /* the local APIC, not cached */
  own_cr3 = PHYSICAL(root);
}

static uint64_t *words(uint32_t k) { return AT(4096ull * (sys.tables + sys.frames + k)); }

/* ---- descriptors, which lie in the kernel frames ---- */
#define IDT 0x200

static void make_descriptors(void)
{
  uint64_t *gdt = words(K_TABLES), *idt = gdt + IDT / 8;
  memcpy(words(K_TEXT), tramp, (size_t)(tramp_end - tramp));
  gdt[1] = 0x00209a0000000000;
  gdt[2] = 0x0000920000000000;
  gdt[3] = 0x0000f20000000000; /* SELECTOR_USER_DATA */
  gdt[4] = 0x0020fa0000000000;
  for (uint32_t c = 0; c < CPUS; c++) {
    const uint64_t tss = KERNEL_PAGE(K_CPU + c) + P_TSS;
    uint32_t *t = (uint32_t *)(void *)((uint8_t *)words(K_CPU + c) + P_TSS);
    gdt[SELECTOR_TSS(c) / 8] = system_descriptor(tss, 103, 0x89);
    gdt[SELECTOR_TSS(c) / 8 + 1] = tss >> 32;
    const uint64_t ist[2] = { KERNEL_PAGE(K_CPU + c) + P_IST1, KERNEL_PAGE(K_CPU + c) + P_IST2 };
    for (uint32_t i = 0; i < 2; i++) t[9 + 2 * i] = (uint32_t)ist[i], t[10 + 2 * i] = (uint32_t)(ist[i] >> 32);
    t[25] = 104 << 16;
  }
  for (uint32_t i = 0; i < 32; i++) {
    const uint8_t *at = i == VECTOR_IPI ? tramp_nmi : vectors + 16 * i;
    const uint64_t to = KERNEL_PAGE(K_TEXT) + (uint64_t)(at - tramp);
    idt[2 * i] = gate(to, SELECTOR_CODE, i == 3 ? 0xee : 0x8e) | (i == VECTOR_IPI ? 2ull : 1ull) << 32;
    idt[2 * i + 1] = to >> 32;
  }
}

void machine_cpu_start(uint32_t c)
{
  uint32_t maxphyaddr, has = cpu_has(&maxphyaddr);
  write_cr3(own_cr3);
  write_msr(MSR_EFER, 0x900); /* LME, NXE; no SYSCALL */
  write_cr4(0x20u | (has & HAS_PGE ? 0x80u : 0) | (has & HAS_SMEP ? 1u << 20 : 0) | (has & HAS_SMAP ? 1u << 21 : 0));
  struct { uint16_t limit; uint64_t base; } __attribute__((packed))
    g = { SELECTOR_TSS(CPUS) - 1, KERNEL_PAGE(K_TABLES) }, i = { 511, KERNEL_PAGE(K_TABLES) + IDT };
  __asm__ volatile("lgdt %0; lidt %1; ltr %w2" :: "m"(g), "m"(i), "r"(SELECTOR_TSS(c)) : "memory");
  __asm__ volatile("pushq $8; leaq 1f(%%rip), %%rax; pushq %%rax; lretq; 1:" ::: "rax", "memory");
}

void machine_start(void)
{
  make_tables();
  write_msr(MSR_EFER, 0x900);
  write_cr3(own_cr3);
}

/* ---- the model's memory ---- */

struct vmref_sys *machine_memory(struct mm_sizes z)
{
  const uint64_t all = (uint64_t)z.tables + z.frames + z.kernel;
  if (z.kernel != K_FRAMES || all > MM_FRAMES || z.slots > MM_SLOTS || z.spaces + 4 > z.tables
      || (uint64_t)z.tables + z.frames + z.slots > STATE_PAGES) return NULL;
  sys = (struct vmref_sys){ .tab = (uint64_t *)STATE, .data = (uint8_t *)STATE + 4096 * (uint64_t)z.tables, .rc = rc, .shared = shared,
    .level = level, .owner = owner, .parent = parent, .hint = hint, .tables = z.tables, .frames = z.frames, .slots = z.slots,
    .kernel = z.kernel, .text = z.text, .spaces = z.spaces };
  for (uint32_t i = 0; i < z.tables + z.frames; i++) state[2][i] = 4096ull * i + (OWN & ~D) + XD;
  for (uint32_t i = 0; i < z.slots; i++) state[2][z.tables + z.frames + i] = PHYSICAL(slots[i]) + (OWN & ~D) + XD;
  memset(AT(0), 0, 4096 * all);
  make_descriptors();
  for (uint32_t k = 0; k < z.kernel; k++) kernel[2][k] = PHYSICAL(words(k)) + OWN;
  write_cr3(own_cr3);
  return &sys;
}

/* By the dirty flags of the guest's own tables. */
int machine_wrote(size_t page)
{
  if (!(state[2][page] & D)) return 0;
  state[2][page] &= ~(uint64_t)D;
  invlpg(STATE + 4096 * page);
  return 1;
}

void machine_panic(uint64_t vector, uint64_t error, uint64_t rip, uint64_t cr2)
{
  struct mail *m = AT(MAIL_BASE);
  m->panic_error = (uint32_t)error;
  m->panic_rip = rip;
  m->panic_cr2 = cr2;
  m->panic_vector = (uint32_t)vector + 1;
  for (;;) __asm__ volatile("cli; hlt");
}

/* serial.c asks for it by this name. */
void panic(uintptr_t vector, uintptr_t error, uintptr_t rip) { machine_panic(vector, error, rip, read_cr2()); }
