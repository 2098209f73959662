/* SPDX-License-Identifier: MIT */
/* From the boot loader (multiboot 1: 32-bit, flat, paging off) to C. */
  .section .boot, "awx"
  .balign 4
multiboot:
  .long 0x1badb002, 0x10000, -(0x1badb002 + 0x10000) /* the addresses below count */
  .long multiboot, guest_begin, guest_file_end, guest_end, start32

  .globl start32
start32:
  cli
  cld
  movl %eax, boot_eax
  movl %ebx, boot_ebx
  movl $guest_file_end, %edi
  movl $guest_end, %ecx
  subl %edi, %ecx
  xorl %eax, %eax
  rep stosb
  movl %eax, %cr4
  movl $stack_end, %esp
  call guest_main
1: hlt
  jmp 1b

  .balign 4
  .globl boot_eax, boot_ebx
boot_eax: .long 0
boot_ebx: .long 0

  .bss
  .balign 16
  .skip 16384
stack_end:
