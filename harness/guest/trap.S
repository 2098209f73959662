/* SPDX-License-Identifier: MIT */
/* One access at its CPL, and the way back from it: by return at CPL 0, by INT3 from
 * the others (SYSCALL is no faster under TCG, and fails under some nested KVM), or by
 * the exception it raised. */
#include "guest.h"
#include "trap.h"

/* void shoot(void): runs `shot` (guest.h) and fills its results. */
  .text
  .globl shoot
shoot:
  pushq %rbx
  pushq %rbp
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, saved_rsp(%rip)
  leaq shot(%rip), %rbx
  movl SHOT_WIDTH(%rbx), %ecx /* 4 to 7: a register beyond the general ones */
  load_wide SHOT_WIDE(%rbx)
  movq SHOT_STUB(%rbx), %rcx
  movq SHOT_FLAGS(%rbx), %r11
  movq SHOT_VA(%rbx), %rdi
  movq SHOT_DATA(%rbx), %rax
  movq %rdi, %rbp
  movl $SELECTOR_LDT, %esi
  movl SHOT_CPL(%rbx), %edx
  testl %edx, %edx
  jnz outward
  pushq %r11                  /* AC by POPF: STAC fails under some nested KVM */
  popfq
  call *%rcx
  jmp returned
outward:
  cmpl $3, %edx
  jne ring12
  movq SHOT_STACK(%rbx), %rsp
  sysretq
ring12:                       /* the same stack and code as CPL 0: both are supervisor's */
  leaq from_ring12(%rip), %r8
  movq %r8, -136(%rsp)
  leaq -136(%rsp), %r8
  shll $4, %edx               /* GDT: code and data of ring 1 at 0x30, of ring 2 at 0x40 */
  leal 0x28(%rdx), %r9d
  movl SHOT_CPL(%rbx), %r10d
  orl %r10d, %r9d
  pushq %r9
  pushq %r8
  pushq %r11
  leal 0x20(%rdx), %r9d
  orl %r10d, %r9d
  pushq %r9
  pushq %rcx
  iretq
from_ring12:
  int3

returned:
  leaq shot(%rip), %rbx
  movl $VECTOR_NONE, SHOT_VECTOR(%rbx)
  movl $0, SHOT_ERROR(%rbx)
  movq %rax, SHOT_VALUE(%rbx)
  movl SHOT_WIDTH(%rbx), %ecx
  store_wide SHOT_WIDE(%rbx)
back:
  mfence                      /* a page mapped WC may hold its store back */
  movq saved_rsp(%rip), %rsp
  movq $0, saved_rsp(%rip)
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbp
  popq %rbx
  cld
  ret

/* Every exception comes here on an IST stack: vector, error code, RIP on top. */
trap:
  cmpq $0, saved_rsp(%rip)
  je lost
  leaq shot(%rip), %rbx
  popq %rcx
  popq %rdx
  cmpl $3, %ecx
  je returned
  movl %ecx, SHOT_VECTOR(%rbx)
  movl %edx, SHOT_ERROR(%rbx)
  movq $0, SHOT_VALUE(%rbx)
  jmp back
lost:                         /* a defect of the guest itself */
  popq %rdi
  popq %rsi
  popq %rdx
  andq $-16, %rsp
  call panic

  exception_table vectors, pushq, trap

  .bss
  .balign 8
saved_rsp: .skip 8
