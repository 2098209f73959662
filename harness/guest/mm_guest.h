/* SPDX-License-Identifier: MIT */
/* Inside the guest that runs the memory manager. Its own tables map all RAM; under a process's tables there are
 * only the kernel frames: text (mm_trap.S), descriptors, a list of accesses, and a page of each processor. */
#ifndef VMREF_GUEST_MM_GUEST_H
#define VMREF_GUEST_MM_GUEST_H

#define WINDOW 0xffffffff80000000
#define KERNEL 0xffff800000000000 /* where vmref_boot maps the kernel frames */
#define K_TEXT   0
#define K_TABLES 1 /* GDT and IDT */
#define K_LIST   2
#define K_CPU    3 /* of processor 0, which runs the kernel; then of the model's */
#define CPUS     5
#define K_FRAMES (K_CPU + CPUS)
#define KERNEL_PAGE(k) (KERNEL + 4096 * (k))

/* struct cpu_page */
#define P_POSTED   0
#define P_DONE     4
#define P_WHAT     8
#define P_SLEEPS  12
#define P_CODE    16
#define P_VA      24
#define P_DATA    32
#define P_VALUE   40
#define P_VECTOR  48
#define P_ERROR   52
#define P_CR2     56
#define P_RIP     64
#define P_ENTRY   72
#define P_LEFT    80
#define P_PANIC   84
#define P_CR3     88
#define P_OWN     96
#define P_BACK   104
#define P_LOST   112
#define P_IPI_POSTED 120
#define P_IPI_DONE   124
#define P_IPIS   128
#define P_COUNT  132
#define P_INVLPG 136
#define P_TSS    512
#define P_IST2   0x800
#define P_IST1   0xc00
#define INVLPGS  34
#define RELOAD   0xffffffff /* P_COUNT: not pages, all: MOV CR3 */
/* P_WHAT */
#define DO_ACCESS 1
#define DO_DROP   2

#define E_VA     0
#define E_CR2    8
#define E_VALUE 16
#define E_VECTOR 24
#define E_ERROR 28
#define E_BYTES 32

#define SELECTOR_CODE 0x08
#define SELECTOR_USER_DATA 0x1b
#define SELECTOR_USER_CODE 0x23
#define SELECTOR_TSS(c) (0x28 + 16 * (c))

#define AP_BOOT 0x90000 /* below it all is the model's */
#define VECTOR_IPI 2    /* a non-maskable interrupt: it needs no EOI, and under a process's tables there is no APIC */

#ifndef __ASSEMBLER__
#include "cpu.h"
#include "mm_drive.h"
#include "mm_protocol.h"

#define AT(pa) ((void *)(WINDOW + (uint64_t)(pa)))
#define PHYSICAL(p) ((uint64_t)(p) - WINDOW)

struct list_entry { uint64_t va, cr2, value; uint32_t vector, error; };
#define LIST 120
_Static_assert(sizeof(struct list_entry) == E_BYTES && LIST * E_BYTES <= 4096, "mm_trap.S");

struct cpu_page {
  volatile uint32_t posted, done;
  uint32_t what;
  volatile uint32_t sleeps;    /* it waits in HLT, or is about to */
  uint64_t code, va, data;     /* an access: RIP, RDI, RAX */
  uint64_t value;              /* and what came of it: RAX, */
  uint32_t vector, error;      /* the exception that ended it, */
  uint64_t cr2, rip;
  uint64_t entry;              /* or, of many, the list's entry; 0: one */
  uint32_t left;
  volatile uint32_t panic;     /* an exception of the kernel's own, plus 1 */
  uint64_t cr3;                /* the model's, of the space that it runs */
  uint64_t own, back, lost;    /* processor 0: its own CR3, to be loaded behind an access; where it goes on */
  volatile uint32_t ipi_posted, ipi_done, ipis;
  uint32_t count;              /* of pages to drop, or RELOAD */
  uint64_t invlpg[INVLPGS];
};
_Static_assert(offsetof(struct cpu_page, cr3) == P_CR3 && offsetof(struct cpu_page, invlpg) == P_INVLPG
               && offsetof(struct cpu_page, entry) == P_ENTRY && sizeof(struct cpu_page) <= P_TSS, "mm_trap.S");

#define CPU(c) ((struct cpu_page *)KERNEL_PAGE(K_CPU + (c)))
#define ENTRIES ((struct list_entry *)KERNEL_PAGE(K_LIST))

/* ---- mm_machine.c: tables of the guest's own, descriptors, control registers ---- */
void machine_start(void);
/* Map the model's memory of these sizes, and put the kernel frames in place: once. */
struct vmref_sys *machine_memory(struct mm_sizes z);
int machine_wrote(size_t page); /* since it was last asked: of the state, a page of digest_page_at */
void machine_cpu_start(uint32_t c); /* on the processor itself */
extern uint64_t own_cr3;

/* ---- mm_cpu.c: the processors ---- */
uint32_t cpus_start(void);      /* how many answer, beside this */
void cpus_park(void);           /* all under the guest's own tables */
void cpus_late(void);           /* behind each operation: PLANT_FREE */
void cpu_access(uint32_t c, uint64_t cr3);
/* The processor drops pages, or with RELOAD all, and has this CR3; by interrupt, or as it waits. */
void cpu_drop(uint32_t c, uint64_t cr3, const uint64_t *va, uint32_t n);
extern uint32_t cpus;
extern uint64_t drops;

void machine_panic(uint64_t vector, uint64_t error, uint64_t rip, uint64_t cr2) __attribute__((noreturn));
extern struct drive drive;
extern struct mm_mail *const mm;
extern struct mm_config *const config;

/* ---- mm_suite.c ---- */
int suite(void (*run)(struct mm_batch *b, struct mm_sequence *q));
void serial_start(void);

/* ---- mm_user.c ---- */
extern uint32_t fault_planted, fault_at, fault_seen; /* PLANT_*; the how manieth occasion in a sequence; so far */
int planted(uint32_t which);
void user_bind(struct drive *d);
#endif
#endif
