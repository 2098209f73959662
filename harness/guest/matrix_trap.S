/* SPDX-License-Identifier: MIT */
/* The accesses of a batch in one loop, at CPL 0 or 3. A fault notes itself and goes on
 * with the next access: no way back to C in between. In the loops
 *   RSI  the list of addresses     RDI  where values go, as this CPL sees it
 *   R12  the address in hand       R15  the result, as the supervisor sees it
 *   R13  where to go on            R14  the stack: at CPL 0 the way back, at CPL 3 that
 *                                       to an INT3 (which at CPL 0 nested KVM fails at)
 *   EBX  how many are left                                                           */
#include "matrix_guest.h"
#include "trap.h"

  .section .stubs, "ax"
  .globl stubs, stub_read, stub_write, stub_fetch
  .globl stub_read_next, stub_write_next, stub_fetch_next, stub_segment, stub_segment_next, stub_return
  .macro go_on name, again
\name:
  addq $8, %rsi
  addq $RESULT_BYTES, %rdi
  addq $RESULT_BYTES, %r15
  decl %ebx
  jnz \again
  ret
  .endm
stubs:
stub_read:
  movq (%rsi), %r12
  movq (%r12), %rax
  movq %rax, (%rdi)
  go_on stub_read_next, stub_read
  .balign 64
stub_write:
  movq (%rsi), %r12
  movq %r12, (%r12)
  go_on stub_write_next, stub_write
  .balign 64
stub_fetch:
  movq (%rsi), %r12
  call *%r12
  movq %rax, (%rdi)
  go_on stub_fetch_next, stub_fetch

  .balign 64
stub_segment:
  movl $SELECTOR_CASE, %eax
  movl %eax, %fs
stub_segment_next:
  ret
stub_return:
  int3

  .text
  .globl shoot
shoot:                        /* void shoot(const struct shot *s) */
  pushq %rbx
  pushq %rbp
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  pushfq
  movq %rsp, saved_rsp(%rip)
  movq SHOT_CODE(%rdi), %rcx
  movq SHOT_NEXT(%rdi), %r13
  movq SHOT_VA(%rdi), %rsi
  movq SHOT_RESULT(%rdi), %r15
  movq SHOT_FLAGS(%rdi), %r11
  movl SHOT_COUNT(%rdi), %ebx
  cmpl $0, SHOT_CPL(%rdi)
  jne outward
  movq SHOT_OUT(%rdi), %rdi
  leaq -64(%rsp), %r14
  andq $-16, %r14
  leaq back(%rip), %rax
  movq %rax, (%r14)
  movq %r14, %rsp
  pushq %r11                  /* AC by POPF: STAC fails under some nested KVM */
  popfq
  jmp *%rcx
outward:
  movq SHOT_STACK(%rdi), %r14
  movq SHOT_OUT(%rdi), %rdi
  movq %r14, %rsp
  sysretq

back:
  movq saved_rsp(%rip), %rsp
  movq $0, saved_rsp(%rip)
  popfq
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbp
  popq %rbx
  ret

/* #PF, which is most of them: error code on top, then RIP and CS. */
  .balign 16
  .globl page_fault
page_fault:
  cmpq $0, saved_rsp(%rip)
  je own_page_fault
  popq %rax
  orl $0xe0000, %eax
  movl %eax, RESULT_STATUS(%r15)
  movq %cr2, %rax
  movq %rax, (%r15)
go_on_next:                   /* by RIP and CS on top */
  testb $3, 8(%rsp)
  movq %r14, %rsp
  jz 1f
  movq %r13, %rcx
  movl $2, %r11d
  sysretq
1: jmp *%r13
own_page_fault:
  pushq $14

/* The rest: vector, error code, RIP, CS on top. */
trap:
  cmpq $0, saved_rsp(%rip)
  je lost
  cmpl $3, (%rsp)
  je back
  popq %rdx
  popq %rax
  shll $16, %edx
  orl %edx, %eax
  movl %eax, RESULT_STATUS(%r15)
  movq $0, (%r15)
  jmp go_on_next
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
