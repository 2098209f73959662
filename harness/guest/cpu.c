/* SPDX-License-Identifier: MIT */
/* What the CPU has, and the registers beyond the general ones. */
#include "cpu.h"

static uint32_t bit(uint32_t r, unsigned n, uint32_t has) { return r >> n & 1 ? has : 0; }

uint32_t cpu_has(uint32_t *maxphyaddr)
{
  uint32_t r[4], has = 0, xsave = 0;
  cpuid(0, 0, r);
  uint32_t last = r[0];
  if (r[1] == 0x68747541) has |= HAS_AMD; /* "Auth" */
  cpuid(1, 0, r);
  has |= bit(r[3], 3, HAS_PSE) | bit(r[3], 6, HAS_PAE) | bit(r[3], 13, HAS_PGE) | bit(r[3], 17, HAS_PSE36)
       | bit(r[2], 17, HAS_PCID) | bit(r[2], 28, HAS_AVX);
  xsave = r[2] >> 26 & 1;
  if (!xsave) has &= ~HAS_AVX;
  if (last >= 7) {
    cpuid(7, 0, r);
    has |= bit(r[1], 7, HAS_SMEP) | bit(r[1], 20, HAS_SMAP) | bit(r[1], 10, HAS_INVPCID)
         | bit(r[2], 3, HAS_PKU) | bit(r[2], 31, HAS_PKS);
    if (xsave) has |= bit(r[1], 16, HAS_AVX512);
  }
  *maxphyaddr = 36;
  cpuid(0x80000000, 0, r);
  last = r[0];
  if (last >= 0x80000001) {
    cpuid(0x80000001, 0, r);
    has |= bit(r[3], 20, HAS_NX) | bit(r[3], 26, HAS_1G);
  }
  if (last >= 0x80000008) {
    cpuid(0x80000008, 0, r);
    *maxphyaddr = r[0] & 0xff;
  }
  return has;
}

/* CR0.EM and TS are 0 at the start. CR4.OSFXSR, and OSXSAVE where there is AVX. */
void cpu_enable(uint32_t has)
{
  write_cr4(read_cr4() | 0x200 | (has & HAS_AVX ? 0x40000 : 0));
  if (has & HAS_AVX)
    __asm__ volatile("xsetbv" :: "c"(0), "a"(has & HAS_AVX512 ? 0xe7 : 7), "d"(0));
  __asm__ volatile("fninit");
}

void cpu_nxe(int on)
{
  write_msr(MSR_EFER, (read_msr(MSR_EFER) & ~0x800u) | (on ? 0x800u : 0));
}

/* All goes when CR4.PGE changes. */
void cpu_flush(void)
{
  uintptr_t cr4 = read_cr4();
  write_cr4(cr4 ^ 0x80);
  write_cr4(cr4);
}

/* What the rows of deviations.tsv for this machine begin with, by the leaf where an
 * emulator names itself; Bochs does not. */
const char *cpu_peer(void)
{
  uint32_t r[4];
  cpuid(1, 0, r);
  if (!(r[2] >> 31)) return "DEV-BOCHS-";
  cpuid(0x40000000, 0, r);
  return r[1] == 0x54474354 ? "DEV-TCG-" : "DEV-KVM-"; /* "TCGT" */
}
