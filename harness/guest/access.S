/* SPDX-License-Identifier: MIT */
/* The accesses, 16 bytes each, in the order of OP() in protocol.h: width by width, for
 * each the operand (RDI), then (RBP), whose default segment is SS. The page is mapped
 * twice: for the supervisor, and for CPL 3. They return by RET, at CPL 3 to user_return. */
#ifdef GUEST32
#define DI edi
#define BP ebp
#define SI esi
#define AX eax
#else
#define DI rdi
#define BP rbp
#define SI esi
#define AX rax
#endif
  .macro slot text:vararg
  .balign 16
  \text
  ret
  .endm
  .macro load text, register
  slot \text (%DI), %\register
  slot \text (%BP), %\register
  .endm
  .macro store text:vararg
  slot \text (%DI)
  slot \text (%BP)
  .endm
  .macro none widths /* no such instruction */
  .rept 2 * \widths
  slot ud2
  .endr
  .endm

  .section .stubs, "ax"
  .globl stubs
stubs:
  load mov, al
  load mov, ax
  load mov, eax
#ifdef GUEST32
  load movq, xmm0
#else
  load mov, rax
#endif
  store fldt
  load movups, xmm0
  load vmovups, ymm0
  load vmovups, zmm0

  store mov %al,
  store mov %ax,
  store mov %eax,
#ifdef GUEST32
  store movq %xmm0,
#else
  store mov %rax,
#endif
  store fstpt
  store movups %xmm0,
  store vmovups %ymm0,
  store vmovups %zmm0,

  .irp op, add, xchg
  store \op %al,
  store \op %ax,
  store \op %eax,
#ifdef GUEST32
  none 1
#else
  store \op %rax,
#endif
  none 4
  .endr

  store incb
  store incw
  store incl
#ifdef GUEST32
  none 1
#else
  store incq
#endif
  none 4

  store lock cmpxchg %al,
  store lock cmpxchg %ax,
  store lock cmpxchg %eax,
#ifdef GUEST32
  store lock cmpxchg8b
#else
  store lock cmpxchg %rax,
#endif
  none 4

  .rept 16
  slot call *%DI
  .endr

  .rept 32
  slot movl %SI, %fs
  .endr

  .balign 16
  .globl user_return
user_return:
  int3

/* What changes control state or what is cached, for the supervisor alone: in the order of
 * guest_change() in steps.c. Operand: RDI, RAX. */
  .text
  .balign 32
  .globl changes
changes:
  .macro change
  .balign 32
  .endm
  mov %DI, %cr0
  ret
  change
  mov %DI, %cr3
  ret
  change
  mov %DI, %cr4
  ret
  change
  movl $0xc0000080, %ecx      /* EFER */
1: movl %edi, %eax
  xorl %edx, %edx
  wrmsr
  ret
  change
  movl $0x277, %ecx           /* PAT */
  jmp 1b
  change
  movl %edi, %eax
  xorl %ecx, %ecx
  xorl %edx, %edx
  wrpkru
  ret
  change
  movl $0x6e1, %ecx           /* PKRS */
  jmp 1b
  change
  invlpg (%DI)
  ret
  change
  invpcid (%DI), %AX
  ret
