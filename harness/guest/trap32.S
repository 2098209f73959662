/* SPDX-License-Identifier: MIT */
/* trap.S for 32 bits: one access at its CPL, and the way back from it. Exceptions of the
 * outer rings come on the TSS's stack, those of CPL 0 on the stack in use. */
#include "guest.h"
#include "trap.h"

/* void shoot(void): runs `shot` (guest.h) and fills its results. */
  .text
  .globl shoot
shoot:
  pushl %ebx
  pushl %ebp
  pushl %esi
  pushl %edi
  movl %esp, saved_esp
  movl $shot, %ebx
  movl SHOT_WIDTH(%ebx), %ecx /* 3 to 7: a register beyond the general ones */
  cmpl $3, %ecx
  jne 4f
  movq SHOT_WIDE(%ebx), %xmm0
4: load_wide SHOT_WIDE(%ebx)
  movl SHOT_STUB(%ebx), %ecx
  movl SHOT_VA(%ebx), %edi
  movl SHOT_DATA(%ebx), %eax
  movl SHOT_HIGH(%ebx), %edx
  movl %edi, %ebp
  movl $SELECTOR_LDT, %esi
  movl %esp, %ebx             /* from here on EBX is free: cmpxchg8b has it as data */
  cmpl $0, shot + SHOT_CPL
  jne outward
  pushl shot + SHOT_FLAGS
  popfl
  call *%ecx
  jmp returned
outward:
  pushl %edx
  movl shot + SHOT_CPL, %edx
  cmpl $3, %edx
  popl %edx
  jne ring12
  pushl $0x23
  pushl shot + SHOT_STACK
  pushl shot + SHOT_FLAGS
  pushl $0x2b
  pushl %ecx
  iretl
ring12:                       /* the same stack and code as CPL 0: both are supervisor's */
  movl $from_ring12, -64(%ebx)
  subl $64, %ebx
  movl shot + SHOT_CPL, %esp  /* its stack is made below, where EBX points */
  shll $4, %esp
  leal 0x28(%esp), %esp       /* GDT: code and data of ring 1 at 0x30, of ring 2 at 0x40 */
  orl shot + SHOT_CPL, %esp
  movl %esp, -4(%ebx)
  movl %ebx, -8(%ebx)
  movl shot + SHOT_FLAGS, %esp
  movl %esp, -12(%ebx)
  movl -4(%ebx), %esp
  subl $8, %esp
  movl %esp, -16(%ebx)
  movl %ecx, -20(%ebx)
  leal -20(%ebx), %esp
  iretl
from_ring12:
  int3

returned:
  movl $shot, %ebx
  movl $VECTOR_NONE, SHOT_VECTOR(%ebx)
  movl $0, SHOT_ERROR(%ebx)
  movl %eax, SHOT_VALUE(%ebx)
  movl %edx, SHOT_HIGH(%ebx)
  movl SHOT_WIDTH(%ebx), %ecx
  cmpl $3, %ecx
  jne 4f
  movq %xmm0, SHOT_WIDE(%ebx)
4: store_wide SHOT_WIDE(%ebx)
back:
  mfence                      /* a page mapped WC may hold its store back */
  movl saved_esp, %esp
  movl $0, saved_esp
  popl %edi
  popl %esi
  popl %ebp
  popl %ebx
  cld
  ret

/* Every exception comes here: vector, error code, EIP on top. */
trap:
  cmpl $0, saved_esp
  je lost
  cmpl $3, (%esp)
  je came_back
  movl $shot, %ebx
  popl %ecx
  movl %ecx, SHOT_VECTOR(%ebx)
  popl %ecx
  movl %ecx, SHOT_ERROR(%ebx)
  movl $0, SHOT_VALUE(%ebx)
  jmp back
came_back:
  movl saved_esp, %esp
  jmp returned
lost:                         /* a defect of the guest itself */
  call panic

  exception_table vectors, pushl, trap

  .bss
  .balign 4
saved_esp: .skip 4
