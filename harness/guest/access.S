/* SPDX-License-Identifier: MIT */
/* The accesses, 16 bytes each, in the order of OP() in protocol.h. The page is
 * mapped twice: for the supervisor, and for CPL 3. Operand: RDI, or RBP, whose
 * default segment is SS. They return by RET, at CPL 3 to user_return. */
  .macro pair text:vararg
  .irp m, rdi, rbp
  .balign 16
  \text (%\m)
  ret
  .endr
  .endm
  .macro load text, register
  .irp m, rdi, rbp
  .balign 16
  \text (%\m), %\register
  ret
  .endr
  .endm

  .section .stubs, "ax"
  .globl stubs
stubs:
  load mov, al
  load mov, ax
  load mov, eax
  load mov, rax

  pair mov %al,
  pair mov %ax,
  pair mov %eax,
  pair mov %rax,

  pair add %al,
  pair add %ax,
  pair add %eax,
  pair add %rax,

  pair xchg %al,
  pair xchg %ax,
  pair xchg %eax,
  pair xchg %rax,

  pair incb
  pair incw
  pair incl
  pair incq

  pair lock cmpxchg %al,
  pair lock cmpxchg %ax,
  pair lock cmpxchg %eax,
  pair lock cmpxchg %rax,

  .rept 8
  .balign 16
  call *%rdi
  ret
  .endr

  .rept 16
  .balign 16
  movl %esi, %fs
  ret
  .endr

  .balign 16
  .globl user_return
user_return:
  int3
