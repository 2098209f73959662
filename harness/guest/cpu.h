/* SPDX-License-Identifier: MIT */
/* Inside a guest: the instructions that only its kernel makes, descriptors, what the CPU
 * has. Every guest shares it. */
#ifndef VMREF_GUEST_CPU_H
#define VMREF_GUEST_CPU_H
#include "protocol.h"

/* ---- cpu.c ---------------------------------------------------------------- */
uint32_t cpu_has(uint32_t *maxphyaddr);
void cpu_enable(uint32_t has);   /* x87, SSE, AVX */
void cpu_nxe(int on);            /* IA32_EFER.NXE */
void cpu_flush(void);            /* drop all that is cached */
const char *cpu_peer(void);

/* ---- instructions --------------------------------------------------------- */
static inline void out8(uint16_t port, uint8_t value)
{
  __asm__ volatile("outb %0, %1" :: "a"(value), "Nd"(port));
}
static inline uint8_t in8(uint16_t port)
{
  uint8_t value;
  __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
  return value;
}

static inline uint64_t read_msr(uint32_t msr)
{
  uint32_t low, high;
  __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
  return (uint64_t)high << 32 | low;
}
static inline void write_msr(uint32_t msr, uint64_t value)
{
  __asm__ volatile("wrmsr" :: "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)) : "memory");
}
#define MSR_EFER 0xc0000080u
#define MSR_STAR 0xc0000081u
#define MSR_PKRS 0x6e1u
#define MSR_FS_BASE 0xc0000100u

static inline uintptr_t read_cr2(void) { uintptr_t v; __asm__ volatile("mov %%cr2, %0" : "=r"(v)); return v; }
static inline void write_cr2(uintptr_t v) { __asm__ volatile("mov %0, %%cr2" :: "r"(v)); }
static inline void write_cr0(uintptr_t v) { __asm__ volatile("mov %0, %%cr0" :: "r"(v) : "memory"); }
static inline void write_cr3(uintptr_t v) { __asm__ volatile("mov %0, %%cr3" :: "r"(v) : "memory"); }
static inline uintptr_t read_cr4(void) { uintptr_t v; __asm__ volatile("mov %%cr4, %0" : "=r"(v)); return v; }
static inline void write_cr4(uintptr_t v) { __asm__ volatile("mov %0, %%cr4" :: "r"(v) : "memory"); }
static inline void write_pkru(uint32_t v) { __asm__ volatile("wrpkru" :: "a"(v), "c"(0), "d"(0) : "memory"); }
static inline void invlpg(uintptr_t va) { __asm__ volatile("invlpg (%0)" :: "r"(va) : "memory"); }
static inline void cpuid(uint32_t leaf, uint32_t sub, uint32_t r[4])
{
  __asm__ volatile("cpuid" : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3]) : "a"(leaf), "c"(sub));
}

/* ---- descriptors ---------------------------------------------------------- */
/* The first 8 bytes of a TSS's or an LDT's descriptor; in IA-32e mode base >> 32 follows. */
static inline uint64_t system_descriptor(uint64_t base, uint32_t limit, uint64_t type)
{
  return (base & 0xffffff) << 16 | (base >> 24 & 0xff) << 56 | limit | type << 40;
}

/* The same of a gate, where `to >> 32` follows. */
static inline uint64_t gate(uint64_t to, uint64_t selector, uint64_t type)
{
  return (to & 0xffff) | selector << 16 | type << 40 | (to >> 16 & 0xffff) << 48;
}

#endif
