/* SPDX-License-Identifier: MIT */
/* 64 KiB below 4 GiB, in place of Bochs's BIOS: from the reset vector to 32-bit protected
 * mode, flat, paging off, as multiboot 1 hands over; then to the entry that the guest's
 * multiboot header names at 1 MiB. */
#include "protocol.h"
#define BASE 0xffff0000
#define HEADER 0x100000
  .code16
  .text
rom:
  .org 0xff00
real:
  cli
  movb $2, %al
  outb %al, $0x92             /* A20 */
  lgdtl %cs:(gdtr - rom)
  movl $0x11, %eax
  movl %eax, %cr0
  ljmpl $8, $(BASE + flat - rom)
  .code32
flat:
  movl $16, %eax
  movl %eax, %ds
  movl %eax, %es
  movl %eax, %ss
  movl %eax, %fs
  movl %eax, %gs
  /* Bochs gives host memory to 128-KiB blocks in the order of their first use, and the
   * image was read in one piece: use the blocks in order, so that it lies as meant. */
  movl $HEADER, %esi
1: movl (%esi), %eax
  addl $0x20000, %esi
  cmpl $GUEST_RAM, %esi
  jb 1b
  movl $0x2badb002, %eax
  movl $0x9000, %ebx          /* no information: zeros */
  jmp *HEADER + 28
  .balign 8
gdt: .quad 0, 0x00cf9a000000ffff, 0x00cf92000000ffff
gdtr: .word 23
  .long BASE + gdt - rom
  .org 0xfff0
  .code16
  ljmp $0xf000, $(real - rom)
  .org 0x10000
