/* SPDX-License-Identifier: MIT */
/* The kernel's text as every process's tables map it: ways to CPL 3 and back, and what a processor does that
 * waits for the kernel under a process's tables. It is copied to kernel frame 0, so it refers to itself
 * relatively, and to nothing else. A processor finds its page by its stack. */
#include "mm_guest.h"
#include "trap.h"

  .section .stubs, "ax"
  .globl tramp, tramp_end, tramp_enter, tramp_wait, tramp_nmi, vectors
tramp:
/* R15: the page. The registers of CPL 3: RDI the address, RAX the byte. */
tramp_enter:                  /* processor 0: from its own tables */
  movq P_CR3(%r15), %rax
  movq %rax, %cr3
user:
  leaq 4096(%r15), %rsp
  pushq $SELECTOR_USER_DATA
  pushq $0
  pushq $2
  pushq $SELECTOR_USER_CODE
  pushq P_CODE(%r15)
  movq P_VA(%r15), %rdi
  movq P_DATA(%r15), %rax
  xorl %ebx, %ebx
  xorl %ecx, %ecx
  xorl %edx, %edx
  xorl %esi, %esi
  xorl %ebp, %ebp
  xorl %r15d, %r15d
  iretq

  .macro note_exception       /* RBX: the page; its old value, vector, error code, RIP on top */
  movq 8(%rsp), %rax
  movl %eax, P_VECTOR(%rbx)
  movq 16(%rsp), %rax
  movl %eax, P_ERROR(%rbx)
  movq 24(%rsp), %rax
  movq %rax, P_RIP(%rbx)
  movq %cr2, %rax
  movq %rax, P_CR2(%rbx)
  .endm

/* Vector, error code, RIP, CS on top, on IST 1 in the processor's page. */
trap:
  pushq %rbx
  movq %rsp, %rbx
  andq $-4096, %rbx
  testb $3, 32(%rsp)
  jz lost
  movq P_ENTRY(%rbx), %rcx
  testq %rcx, %rcx
  jnz many
  movq %rax, P_VALUE(%rbx)
  note_exception
  movq %rbx, %r15
back:
  movq P_OWN(%r15), %rax
  testq %rax, %rax
  jz done
  movq %rax, %cr3
  jmp *P_BACK(%r15)

many:                         /* note it in the list, and the next at once */
  movq %rax, E_VALUE(%rcx)
  movq 8(%rsp), %rax
  movl %eax, E_VECTOR(%rcx)
  movq 16(%rsp), %rax
  movl %eax, E_ERROR(%rcx)
  movq %cr2, %rax
  movq %rax, E_CR2(%rcx)
  movq %rbx, %r15
  addq $E_BYTES, %rcx
  decl P_LEFT(%r15)
  jz back
  movq %rcx, P_ENTRY(%r15)
  movq E_VA(%rcx), %rax
  movq %rax, P_VA(%r15)
  jmp user

lost:                         /* a defect of the guest itself */
  note_exception
  movl P_VECTOR(%rbx), %eax
  incl %eax
  movl %eax, P_PANIC(%rbx)
  movq P_OWN(%rbx), %rax
  testq %rax, %rax
  jz 1f
  movq %rax, %cr3
  jmp *P_LOST(%rbx)
1: hlt
  jmp 1b

/* A processor of the model's: it spins a while, then sleeps, and an interrupt wakes it. */
done:
  movl P_POSTED(%r15), %eax
  movl %eax, P_DONE(%r15)
tramp_wait:                   /* R15: the page */
  leaq 4096(%r15), %rsp
  movl $20000, %ecx
1: movl P_POSTED(%r15), %eax
  cmpl P_DONE(%r15), %eax
  jne go
  pause
  decl %ecx
  jnz 1b
  movl $1, P_SLEEPS(%r15)
  mfence
asleep:                       /* an interrupt from here to the HLT goes on behind it */
  movl P_POSTED(%r15), %eax
  cmpl P_DONE(%r15), %eax
  jne awake
  hlt
awake:
  movl $0, P_SLEEPS(%r15)
  jmp tramp_wait
go:
  cmpl $DO_ACCESS, P_WHAT(%r15)
  je user
  call drop
  jmp done

/* Drop what the kernel says: INVLPG, or MOV CR3. R15: the page. */
drop:
  movl P_COUNT(%r15), %ecx
  cmpl $RELOAD, %ecx
  je 2f
  leaq P_INVLPG(%r15), %rdx
1: testl %ecx, %ecx
  jz 3f
  movq (%rdx), %rax
  invlpg (%rax)
  addq $8, %rdx
  decl %ecx
  jmp 1b
2: movq P_CR3(%r15), %rax
  movq %rax, %cr3
3: ret

/* The shootdown's interrupt, on IST 2. */
  .balign 16
tramp_nmi:
  pushq %rax
  pushq %rcx
  pushq %rdx
  pushq %r15
  movq %rsp, %r15
  andq $-4096, %r15
  movl P_IPI_POSTED(%r15), %eax
  cmpl P_IPI_DONE(%r15), %eax
  je 1f                       /* only to be woken */
  call drop
  incl P_IPIS(%r15)
  movl P_IPI_POSTED(%r15), %eax
  movl %eax, P_IPI_DONE(%r15)
1: movq 32(%rsp), %rax        /* RIP */
  leaq asleep(%rip), %rcx
  cmpq %rcx, %rax
  jb 2f
  leaq awake(%rip), %rcx
  cmpq %rcx, %rax
  jae 2f
  movq %rcx, 32(%rsp)
2: popq %r15
  popq %rdx
  popq %rcx
  popq %rax
  iretq

  exception_table vectors, pushq, trap
tramp_end:

  .text
/* void machine_enter(struct cpu_page *p, uint64_t where): to tramp_enter as it stands in the kernel's half. */
  .globl machine_enter, machine_back, machine_lost
machine_enter:
  pushq %rbx
  pushq %rbp
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, saved_rsp(%rip)
  movq %rdi, %r15
  jmp *%rsi
machine_back:
  movq saved_rsp(%rip), %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbp
  popq %rbx
  cld
  ret
machine_lost:                 /* RBX: the page */
  leaq lost_stack_end(%rip), %rsp
  movl P_VECTOR(%rbx), %edi
  movl P_ERROR(%rbx), %esi
  movq P_RIP(%rbx), %rdx
  movq P_CR2(%rbx), %rcx
  call machine_panic

/* A processor that starts: real mode at AP_BOOT, then as start.S, then ap_main(). */
  .section .text.ap, "ax"
  .globl ap_boot, ap_boot_end
#define AP(symbol) (AP_BOOT + symbol - ap_boot)
#define LOW(symbol) (symbol - WINDOW)
  .code16
ap_boot:
  cli
  xorw %ax, %ax
  movw %cs, %ax
  movw %ax, %ds
  lgdtl ap_gdtr - ap_boot
  movl $0x20, %eax            /* PAE */
  movl %eax, %cr4
  movl ap_cr3 - ap_boot, %eax
  movl %eax, %cr3
  movl $0xc0000080, %ecx      /* EFER: LME, NXE */
  movl $0x900, %eax
  xorl %edx, %edx
  wrmsr
  movl $0x80010011, %eax      /* PG, WP, ET, PE */
  movl %eax, %cr0
  ljmpl $8, $AP(ap_long)
  .balign 8
ap_gdt: .quad 0, 0x00209a0000000000
ap_gdtr: .word 15
  .long AP(ap_gdt)
  .balign 8
  .globl ap_cr3
ap_cr3: .long 0
  .code64
ap_long:
  xorl %eax, %eax
  movl %eax, %ds
  movl %eax, %es
  movl %eax, %ss
  movl %eax, %fs
  movl %eax, %gs
  movl $1, %edi
  lock xaddl %edi, ap_count
  cmpl $(CPUS - 1), %edi
  jae 1f
  cmpl %edi, ap_wanted        /* the others stay here */
  jbe 1f
  movl %edi, %esp
  shll $12, %esp
  addq $ap_stacks + 4096, %rsp
  movq $ap_main, %rax
  call *%rax
1: hlt
  jmp 1b
ap_boot_end:

  .bss
  .globl ap_wanted
ap_count: .skip 4
ap_wanted: .skip 4
  .balign 16
saved_rsp: .skip 16
  .skip 4096
lost_stack_end:
ap_stacks:
  .skip 4096 * CPUS
