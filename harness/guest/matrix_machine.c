/* SPDX-License-Identifier: MIT */
/* The machine under the matrix: its own window in slot 511 of the root, descriptor
 * tables, the control registers. */
#include "cpu.h"
#include "matrix_guest.h"

typedef uint64_t page_table[512] __attribute__((aligned(4096)));
page_table table[6]; /* by level; 0 is not used */
static page_table own_pml4, pdpt, directory, user_directory, user_pages, user_stack;
struct user user;

#define OWN   0x63u /* D A RW P: no walk of the guest's own writes here */
#define USER  0x67u
#define LARGE 0x80u

static uint64_t gdt[10];
static uint32_t tss[26] __attribute__((aligned(16)));
static uint64_t idt[64] __attribute__((aligned(16)));
static uint8_t trap_stack[4096] __attribute__((aligned(16)));
extern uint8_t vectors[], page_fault[];
extern uint8_t stubs[], stub_read[], stub_write[], stub_fetch[];
extern uint8_t stub_segment[], stub_segment_next[], stub_return[];
extern uint8_t stub_read_next[], stub_write_next[], stub_fetch_next[];

static uint64_t user_alias(const void *p) { return USER_WINDOW + 0x2000 + (uint64_t)((const uint8_t *)p - (const uint8_t *)&user); }

static void make_window(void)
{
  for (uint32_t i = 0; i < GUEST_RAM / 0x200000; i++) directory[i] = i * 0x200000ull + OWN + LARGE;
  user_pages[0] = PHYSICAL(stubs) + (USER & ~2u);
  user_pages[1] = PHYSICAL(user_stack) + USER;
  for (uint32_t i = 0; i < sizeof user / 4096; i++) user_pages[2 + i] = PHYSICAL(&user) + 4096 * i + USER;
  user_stack[511] = USER_WINDOW + (uint64_t)(stub_return - stubs);
  user_directory[0] = PHYSICAL(user_pages) + USER;
  pdpt[510] = PHYSICAL(directory) + OWN;
  pdpt[511] = PHYSICAL(user_directory) + USER;
  own_pml4[511] = PHYSICAL(pdpt) + USER;
  table[LEVELS][511] = PHYSICAL(LEVELS == 5 ? own_pml4 : pdpt) + USER;
}

static void set_system(uint32_t selector, uint64_t base, uint32_t limit, uint64_t type)
{
  gdt[selector / 8] = system_descriptor(base, limit, type);
  gdt[selector / 8 + 1] = base >> 32;
}

static void make_descriptors(void)
{
  gdt[1] = 0x00209a0000000000; gdt[2] = 0x0000920000000000;
  gdt[4] = 0x0000f20000000000; gdt[5] = 0x0020fa0000000000; /* SYSRET: base 0x18 */
  uint64_t top = (uint64_t)(trap_stack + sizeof trap_stack), base = (uint64_t)tss;
  tss[1] = (uint32_t)top; tss[2] = (uint32_t)(top >> 32); /* RSP0 */
  tss[25] = sizeof tss << 16;
  set_system(SELECTOR_TSS, base, sizeof tss - 1, 0x89);
  for (uint32_t i = 0; i < 32; i++) {
    uint64_t to = i == 14 ? (uint64_t)page_fault : (uint64_t)(vectors + 16 * i);
    idt[2 * i] = gate(to, SELECTOR_CODE, 0xee);
    idt[2 * i + 1] = to >> 32;
  }
  struct { uint16_t limit; uint64_t base; } __attribute__((packed))
    g = { sizeof gdt - 1, (uint64_t)gdt }, i = { sizeof idt - 1, (uint64_t)idt };
  __asm__ volatile("lgdt %0; lidt %1; ltr %w2" :: "m"(g), "m"(i), "r"(SELECTOR_TSS) : "memory");
  __asm__ volatile("pushq $8; leaq 1f(%%rip), %%rax; pushq %%rax; lretq; 1:" ::: "rax", "memory");
  write_msr(MSR_STAR, (uint64_t)0x1b << 48 | (uint64_t)SELECTOR_CODE << 32);
}

void machine_start(void)
{
  make_window();
  write_cr3(PHYSICAL(table[LEVELS]));
  make_descriptors();
}

struct matrix_peer machine_peer(void)
{
  uint32_t maxphyaddr, has = cpu_has(&maxphyaddr);
  return (struct matrix_peer){
    .maxphyaddr = (uint8_t)maxphyaddr, .page1gb = (has & HAS_1G) != 0, .amd = (has & HAS_AMD) != 0,
    .smep = (has & HAS_SMEP) != 0, .smap = (has & HAS_SMAP) != 0, .nx = (has & HAS_NX) != 0,
    .pku = (has & HAS_PKU) != 0, .pks = (has & HAS_PKS) != 0 };
}

/* Only what changed is written, for each is dear. CR3 comes last and always: it drops
 * whatever was cached of the tables that are there now (no page is global). */
void machine_control(const struct matrix_batch *b)
{
  static uint32_t cr0, cr4, efer, pkru, pkrs = 0xffffffff;
  uint32_t cr0_now = 0x80000011u | (uint32_t)b->wp << 16;
  uint32_t cr4_now = 0x20u | (LEVELS == 5) << 12 | (uint32_t)b->smep << 20 | (uint32_t)b->smap << 21
                   | (uint32_t)b->pke << 22 | (uint32_t)b->pks << 24;
  uint32_t efer_now = 0x501u | (uint32_t)b->nxe << 11;
  if (cr0 != cr0_now) write_cr0(cr0 = cr0_now);
  if (cr4 != cr4_now) write_cr4(cr4 = cr4_now);
  if (efer != efer_now) write_msr(MSR_EFER, efer = efer_now);
  if (b->pke && pkru != b->pkru) write_pkru(pkru = b->pkru);
  if (peer.pks && pkrs != b->pkrs) write_msr(MSR_PKRS, pkrs = b->pkrs);
  write_cr3(PHYSICAL(table[LEVELS]));
}

static struct shot shot_at(uint8_t cpl, uint8_t ac, uint32_t pass, uint32_t lane, const uint8_t *code, const uint8_t *next)
{
  uint64_t stub = cpl == 3 ? USER_WINDOW : (uint64_t)stubs;
  struct result *out = &user.result[pass][lane];
  return (struct shot){
    .code = stub + (uint64_t)(code - stubs), .next = stub + (uint64_t)(next - stubs),
    .va = cpl == 3 ? user_alias(&user.va[lane]) : (uint64_t)&user.va[lane],
    .out = cpl == 3 ? user_alias(out) : (uint64_t)out, .result = (uint64_t)out,
    .stack = USER_WINDOW + 0x1ff8, .flags = 2 | (uint64_t)ac << 18, .count = MATRIX_LANES, .cpl = cpl };
}

void machine_run(uint8_t cpl, uint8_t kind, uint8_t ac, uint32_t pass)
{
  uint8_t *code = kind == VMREF_READ ? stub_read : kind == VMREF_WRITE ? stub_write : stub_fetch;
  uint8_t *next = kind == VMREF_READ ? stub_read_next : kind == VMREF_WRITE ? stub_write_next : stub_fetch_next;
  struct shot s = shot_at(cpl, ac, pass, 0, code, next);
  shoot(&s);
}

void machine_run_implicit(uint8_t cpl, uint8_t ac)
{
  for (uint32_t i = 0; i < MATRIX_LANES; i++) {
    struct shot s = shot_at(cpl, ac, 0, i, stub_segment, stub_segment_next);
    set_system(SELECTOR_LDT, user.va[i], 7, 0x82);
    __asm__ volatile("lldt %w0" :: "r"(SELECTOR_LDT) : "memory");
    shoot(&s);
    if (user.result[0][i].status) continue;
    user.result[0][i].value = read_msr(MSR_FS_BASE);
  }
}
