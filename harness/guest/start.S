/* SPDX-License-Identifier: MIT */
/* From the boot loader (multiboot 1 or PVH, both 32-bit, paging off) to C. */
#include "protocol.h"
#define WINDOW 0xffffffff80000000
#define LOW(symbol) (symbol - WINDOW)

  .section .boot, "awx"
  .balign 4
multiboot:
  .long 0x1badb002, 0x10000, -(0x1badb002 + 0x10000) /* the addresses below count */
  .long LOW(multiboot), LOW(guest_begin), LOW(guest_file_end), LOW(guest_end), LOW(start32)

  .code32
  .globl start32
start32:
  cli
  cld
  movl %eax, LOW(boot_eax)
  movl %ebx, LOW(boot_ebx)
  movl $LOW(guest_file_end), %edi
  movl $LOW(guest_end), %ecx
  subl %edi, %ecx
  xorl %eax, %eax
  rep stosb
  movl $LOW(boot_pml4), %eax
  movl $0x20, %edx            /* PAE */
  cmpl $BOOT_5LEVEL, MAIL_BASE + MAIL_BOOT
  jne 1f
  movl $LOW(boot_pml5), %eax
  movl $0x1020, %edx          /* PAE, LA57 */
1: movl %eax, %cr3
  movl %edx, %cr4
  movl $0xc0000080, %ecx      /* EFER: LME, SCE */
  movl $0x101, %eax
  xorl %edx, %edx
  wrmsr
  movl $0x80010011, %eax      /* PG, WP, ET, PE */
  movl %eax, %cr0
  lgdt LOW(boot_gdtr)
  ljmp $8, $LOW(start64)

  .code64
start64:
  xorl %eax, %eax
  movl %eax, %ds
  movl %eax, %es
  movl %eax, %ss
  movl %eax, %fs
  movl %eax, %gs
  movq $stack_end, %rsp
  movq $guest_main, %rax
  call *%rax
1: hlt
  jmp 1b

  .balign 8
boot_gdt: .quad 0, 0x00209a0000000000
boot_gdtr:
  .word 15
  .long LOW(boot_gdt)

  .balign 4
  .globl boot_eax, boot_ebx
boot_eax: .long 0             /* multiboot: its magic number */
boot_ebx: .long 0             /* PVH: where its own is found */

  .section .note.Xen, "a", @note
  .balign 4
  .long 4, 8, 18              /* PHYS32_ENTRY */
  .asciz "Xen"
  .quad LOW(start32)

/* The first tables: 64 MiB at 0 and in the window. */
  .data
  .balign 4096
boot_pml5:
  .quad LOW(boot_pml4) + 3
  .fill 510, 8, 0
  .quad LOW(boot_pml4) + 3
boot_pml4:
  .quad LOW(boot_pdpt) + 3
  .fill 510, 8, 0
  .quad LOW(boot_pdpt) + 3
boot_pdpt:
  .quad LOW(boot_pd) + 3
  .fill 509, 8, 0
  .quad LOW(boot_pd) + 3, 0
boot_pd:
  .set pa, 0
  .rept 32
  .quad pa + 0x83
  .set pa, pa + 0x200000
  .endr
  .fill 480, 8, 0

  .bss
  .balign 16
  .skip 16384
stack_end:
