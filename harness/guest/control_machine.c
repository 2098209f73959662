/* SPDX-License-Identifier: MIT */
/* The machine under the cases: tables for every mode at fixed places, descriptors, what
 * the CPU says that it has. */
#include <string.h>
#include "control_machine.h"

#define PAGE_BYTES 4096u
#define PAGE __attribute__((aligned(PAGE_BYTES)))
#define OWN 0x63u /* D A RW P */
#define LARGE 0x80u
#define LEGACY_TABLES (GUEST_RAM / 0x400000)
static uint32_t legacy[LEGACY_TABLES][1024] PAGE;
static uint64_t long_directory[512] PAGE, long_pdpt[512] PAGE;
#define PROBE_TABLE(i) (0x3010000u + 0x1000u * (i)) /* 0 to 7: of DIRECTORY_OLD, then of _NEW */
#define PROBE_PAGE(i)  (0x3020000u + 0x1000u * (i))
#define HOST_STATE     0x3040000u

static uint64_t gdt[7] __attribute__((aligned(16))), idt[32] __attribute__((aligned(16)));
static uint64_t idt64[64] __attribute__((aligned(16)));
static uint32_t tss[26] __attribute__((aligned(16)));
static uint32_t host_stack[16];

static uint64_t *words(uint32_t pa) { return (uint64_t *)pa; }

/* ---- tables ---------------------------------------------------------------------------- */

static void copies(uint32_t root)
{
  for (uint32_t b = ROOT_BITS_FIRST; b < ROOT_BITS_END; b++)
    memcpy(words(root ^ 1u << b), words(root), PAGE_BYTES);
}

static void make_pae(uint32_t i)
{
  uint32_t directory = i < 4 ? DIRECTORY_OLD(i) : DIRECTORY_NEW(i - 4);
  memset(words(directory), 0, PAGE_BYTES);
  for (uint32_t j = 0; i % 4 == 0 && j < GUEST_RAM / 0x200000; j++)
    words(directory)[j] = j * 0x200000ull + OWN + LARGE;
  words(directory)[PROBE / 0x200000] = PROBE_TABLE(i) + OWN;
  memset(words(PROBE_TABLE(i)), 0, PAGE_BYTES);
  words(PROBE_TABLE(i))[0] = PROBE_PAGE(i) + OWN;
  words(PROBE_PAGE(i))[0] = directory;
}

/* Every slot that CR3 may name for PDPTEs has the old ones; 32-bit paging does without
 * 4-MiB pages, for CR4.PSE comes and goes. */
static void make_tables(void)
{
  uint32_t *pde = (uint32_t *)ROOT_LEGACY;
  for (uint32_t i = 0; i < GUEST_RAM / PAGE_BYTES; i++) legacy[i / 1024][i % 1024] = i * PAGE_BYTES + OWN;
  for (uint32_t i = 0; i < 8; i++) make_pae(i);
  memset(pde, 0, PAGE_BYTES);
  for (uint32_t i = 0; i < LEGACY_TABLES; i++) pde[i] = (uint32_t)legacy[i] + OWN;
  for (uint32_t at = PDPTES_LOW; at < PAGE_BYTES; at += 8)
    *words(ROOT_LEGACY + at) = DIRECTORY_OLD(at / 8 % 4) + 1;
  copies(ROOT_LEGACY);
  for (uint32_t i = 0; i < GUEST_RAM / 0x200000; i++) long_directory[i] = i * 0x200000ull + OWN + LARGE;
  long_pdpt[0] = (uint32_t)long_directory + OWN;
  memset(words(ROOT_LONG), 0, PAGE_BYTES);
  words(ROOT_LONG)[0] = (uint32_t)long_pdpt + OWN;
  copies(ROOT_LONG);
  memset(words(ROOT_5LEVEL), 0, PAGE_BYTES);
  words(ROOT_5LEVEL)[0] = ROOT_LONG + OWN;
  copies(ROOT_5LEVEL);
}

/* ---- descriptors ------------------------------------------------------------------------- */

/* LTR marks the descriptor busy. */
void machine_tr(uint32_t selector)
{
  gdt[SELECTOR_TSS / 8] = system_descriptor((uint32_t)tss, sizeof tss - 1, 0x89);
  gdt[SELECTOR_TSS16 / 8] = system_descriptor((uint32_t)tss, 43, 0x81);
  __asm__ volatile("ltr %w0" :: "r"(selector) : "memory");
}

struct descriptor_table { uint16_t limit; uint32_t base; uint32_t high; } __attribute__((packed));

void machine_idt(uint32_t wide)
{
  struct descriptor_table i = { sizeof idt - 1, (uint32_t)idt, 0 };
  if (wide) i = (struct descriptor_table){ sizeof idt64 - 1, (uint32_t)idt64, 0 };
  __asm__ volatile("lidt %0" :: "m"(i));
}

static void make_descriptors(void)
{
  gdt[SELECTOR_CODE / 8]   = 0x00cf9b000000ffff;
  gdt[SELECTOR_DATA / 8]   = 0x00cf93000000ffff;
  gdt[SELECTOR_CODE64 / 8] = 0x00209b0000000000;
  gdt[SELECTOR_CODE_L / 8] = 0x00ef9b000000ffff;
  for (uint32_t i = 0; i < 32; i++) {
    idt[i] = gate((uint32_t)(control_vectors + 16 * i), SELECTOR_CODE, 0x8e);
    idt64[2 * i] = gate((uint32_t)(control_vectors64 + 16 * i), SELECTOR_CODE64, 0x8e);
  }
  struct descriptor_table g = { sizeof gdt - 1, (uint32_t)gdt, 0 };
  __asm__ volatile("lgdt %0" :: "m"(g));
  control_reload();
  __asm__ volatile("movl %0, %%ds; movl %0, %%es; movl %0, %%ss; movl %0, %%fs; movl %0, %%gs"
                   :: "r"(SELECTOR_DATA) : "memory");
  machine_idt(0);
  machine_tr(SELECTOR_TSS);
}

void machine_begin(void)
{
  write_cr0(0x11);
  make_tables();
  make_descriptors();
}

void control_panic(uint32_t vector, uint32_t error, uint32_t eip)
{
  struct mail *m = (struct mail *)MAIL_BASE;
  m->panic_rip = eip;
  m->panic_error = error;
  m->panic_vector = vector + 1;
  for (;;) __asm__ volatile("pause");
}

/* ---- SVM exits (APM 2, appendix B: the state save area begins at 0x400) ----------------- */

static void segment(uint32_t at, uint32_t selector, uint32_t attributes)
{
  words(HOST_STATE + at)[0] = selector | (uint64_t)attributes << 16 | 0xffffffffull << 32;
  words(HOST_STATE + at)[1] = 0;
}

void machine_svm(void)
{
  memset(words(HOST_STATE), 0, PAGE_BYTES);
  segment(0x400, SELECTOR_DATA, 0xc93);
  segment(0x410, SELECTOR_CODE, 0xc9b);
  segment(0x420, SELECTOR_DATA, 0xc93);
  segment(0x430, SELECTOR_DATA, 0xc93);
  *words(HOST_STATE + 0x460) = (uint64_t)(sizeof gdt - 1) << 32;
  *words(HOST_STATE + 0x468) = (uint32_t)gdt;
  *words(HOST_STATE + 0x480) = (uint64_t)(sizeof idt - 1) << 32;
  *words(HOST_STATE + 0x488) = (uint32_t)idt;
  *words(HOST_STATE + 0x558) = 0x11;                    /* CR0 */
  *words(HOST_STATE + 0x570) = 2;                       /* RFLAGS */
  *words(HOST_STATE + 0x578) = (uint32_t)control_svm;   /* RIP */
  *words(HOST_STATE + 0x5d8) = (uint32_t)&host_stack[16];/* RSP */
  write_msr(0xc0010117, HOST_STATE);                    /* VM_HSAVE_PA */
}

void machine_svm_saved(mail64 reg[CONTROL_REGS])
{
  static volatile uint32_t vmcb; /* 0, which the compiler would take for no object */
  reg[0] = *words(vmcb + 0x558);
  reg[1] = *words(vmcb + 0x550);
  reg[2] = *words(vmcb + 0x548);
  reg[3] = *words(vmcb + 0x4d0);
}

/* ---- CPUID ---------------------------------------------------------------------------------- */

static uint8_t bit(uint32_t r, unsigned n) { return r >> n & 1; }
static uint64_t gives(uint32_t r, unsigned n, uint64_t bits) { return bit(r, n) ? bits : 0; }

static void leaf_1(struct vmref_features *p)
{
  uint32_t r[4];
  cpuid(1, 0, r);
  p->pse = bit(r[3], 3);
  p->pse36 = bit(r[3], 17);
  p->pae = bit(r[3], 6);
  p->pge = bit(r[3], 13);
  p->pat = bit(r[3], 16);
  p->pcid = bit(r[2], 17);
  p->maxphyaddr = p->pae || p->pse36 ? 36 : 32;
  p->cr4_other = gives(r[3], 1, 3)                       /* VME: VME, PVI */
    | gives(r[3], 4, 4) | gives(r[3], 2, 8)              /* TSC: TSD; DE */
    | gives(r[3], 7, 0x40) | 0x100                       /* MCE; PCE has no bit: nobody without it here */
    | gives(r[3], 24, 0x200) | gives(r[3], 25, 0x400)    /* FXSR: OSFXSR; SSE: OSXMMEXCPT */
    | gives(r[2], 5, 0x2000) | gives(r[2], 6, 0x4000)    /* VMX, SMX */
    | gives(r[2], 26, 0x40000);                          /* XSAVE: OSXSAVE */
}

static void leaf_7(struct vmref_features *p)
{
  uint32_t r[4];
  cpuid(7, 0, r);
  p->smep = bit(r[1], 7);
  p->smap = bit(r[1], 20);
  p->pku = bit(r[2], 3);
  p->pks = bit(r[2], 31);
  p->la57 = bit(r[2], 16);
  p->cet = bit(r[2], 7) | bit(r[3], 20);
  p->cr4_other |= gives(r[2], 2, 0x800) | gives(r[1], 0, 0x10000) /* UMIP, FSGSBASE */
    | gives(r[2], 23, 0x80000) | gives(r[3], 5, 0x2000000);       /* KL, UINTR */
}

static void extended(struct vmref_features *p, uint32_t last)
{
  uint32_t r[4];
  cpuid(0x80000001, 0, r);
  p->nx = bit(r[3], 20);
  p->page1gb = bit(r[3], 26);
  p->lm = bit(r[3], 29);
  p->efer_other = gives(r[3], 11, 1) | gives(r[2], 2, 0x1000)   /* SYSCALL: SCE; SVM: SVME */
    | gives(r[3], 25, 0x4000) | gives(r[2], 17, 0x8000);        /* FFXSR, TCE */
  if (p->lm) p->efer_other |= 1; /* Intel tells of SYSCALL in 64-bit mode only */
  if (last >= 0x80000008 && p->lm) {
    cpuid(0x80000008, 0, r);
    p->maxphyaddr = (uint8_t)r[0];
  }
}

struct vmref_features machine_features(void)
{
  struct vmref_features p = { .wp = 1 };
  uint32_t r[4];
  cpuid(0, 0, r);
  uint32_t last = r[0];
  p.vendor = r[1] == 0x68747541 ? VMREF_AMD : VMREF_INTEL; /* "Auth" */
  leaf_1(&p);
  if (last >= 7) leaf_7(&p);
  cpuid(0x80000000, 0, r);
  if (r[0] >= 0x80000001 && r[0] < 0x80000100) extended(&p, r[0]);
  return p;
}
