/* SPDX-License-Identifier: MIT */
/* One write of a control register, in the code segment that it is to be made in, and the
 * way back. All addresses are physical ones, mapped to themselves. */
#include "control_guest.h"
#include "trap.h"

/* By VMREF_REG_* in ECX, the value in EDX:EAX, or \wide for a MOV CR. */
  .macro WRITE wide
  cmpl $1, %ecx
  jb 10f
  je 11f
  cmpl $3, %ecx
  jb 12f
  je 13f
  cmpl $5, %ecx
  jb 14f
  je 15f
  movl $0x6e1, %ecx           /* IA32_PKRS */
  wrmsr
  jmp 16f
10: mov \wide, %cr0
  jmp 16f
11: mov \wide, %cr3
  jmp 16f
12: mov \wide, %cr4
  jmp 16f
13: movl $0xc0000080, %ecx    /* IA32_EFER */
  wrmsr
  jmp 16f
14: movl $0x277, %ecx         /* IA32_PAT */
  wrmsr
  jmp 16f
15: xorl %ecx, %ecx
  wrpkru
16:
  .endm

/* void control_write(void): control_shot. */
  .text
  .globl control_write, control_svm, control_probe, control_read, control_reload
control_write:
  pusha
  movl %esp, saved_esp
  movl $1, armed
  movl $CAME_DONE, control_shot + WRITE_VECTOR
  movl $0, control_shot + WRITE_ERROR
  movl control_shot + WRITE_REG, %ecx
  movl control_shot + WRITE_LOW, %eax
  movl control_shot + WRITE_HIGH, %edx
  cmpl $CODE_64, control_shot + WRITE_CODE
  jb in32
  ja 1f
  ljmp $SELECTOR_CODE64, $in64
1: ljmp $SELECTOR_CODE_L, $in32
in32:
  WRITE %eax
back32:
  movl $0, armed
  movl saved_esp, %esp
  popa
  ret

/* uint32_t control_probe(uint32_t va): what is read there, or TAG_FAULT. */
control_probe:
  pusha
  movl %esp, saved_esp
  movl $2, armed
  movl 36(%esp), %eax
  movl (%eax), %eax
  movl %eax, 28(%esp)
  jmp back32

/* Back from an SVM exit: flat, protected, paging off. */
control_svm:
  movl $CAME_SVM, control_shot + WRITE_VECTOR
  jmp back32

/* void control_read(uint64_t cr[5], uint32_t lma): CR0, CR3, CR4 to cr[0], [1], [2]. */
control_read:
  movl 4(%esp), %ecx
  cmpl $0, 8(%esp)
  jne 1f
  movl %cr0, %eax
  movl %eax, (%ecx)
  movl $0, 4(%ecx)
  movl %cr3, %eax
  movl %eax, 8(%ecx)
  movl $0, 12(%ecx)
  movl %cr4, %eax
  movl %eax, 16(%ecx)
  movl $0, 20(%ecx)
  ret
1: ljmp $SELECTOR_CODE64, $read64
read_done:
  ret

/* void control_reload(void): the 32-bit code segment again. */
control_reload:
  ljmp $SELECTOR_CODE, $1f
1: ret

/* Every exception of legacy mode comes here: vector, error code, EIP on top. */
trap32:
  cmpl $1, armed
  jb lost32
  ja 1f
  popl control_shot + WRITE_VECTOR
  popl control_shot + WRITE_ERROR
  jmp back32
1: cmpl $14, (%esp)
  jne lost32
  movl saved_esp, %esp
  movl $TAG_FAULT, 28(%esp)
  jmp back32
lost32:                       /* a defect of the guest itself, or of the machine */
  call control_panic

  .code64
in64:
  movl %eax, %eax
  movq %rdx, %rbx
  shlq $32, %rbx
  orq %rax, %rbx
  WRITE %rbx
back64:
  ljmpl *far_back(%rip)
read64:
  movl %ecx, %ecx
  movq %cr0, %rax
  movq %rax, (%rcx)
  movq %cr3, %rax
  movq %rax, 8(%rcx)
  movq %cr4, %rax
  movq %rax, 16(%rcx)
  ljmpl *far_read(%rip)

/* And of IA-32e mode. */
trap64:
  cmpl $1, armed(%rip)
  jne lost64
  popq %rax
  movl %eax, control_shot + WRITE_VECTOR(%rip)
  popq %rax
  movl %eax, control_shot + WRITE_ERROR(%rip)
  jmp back64
lost64:
  ljmpl *far_lost(%rip)

  exception_table control_vectors64, pushq, trap64

  .code32
  exception_table control_vectors, pushl, trap32

  .data
  .balign 8
far_back: .long back32, SELECTOR_CODE
far_read: .long read_done, SELECTOR_CODE
far_lost: .long lost32, SELECTOR_CODE
saved_esp: .long 0
armed: .long 0                /* 1: an exception is the write's; 2: a #PF is the probe's */
