/* SPDX-License-Identifier: MIT */
/* For the assembler: what the ways back from an exception share. */
#ifndef VMREF_GUEST_TRAP_H
#define VMREF_GUEST_TRAP_H

/* 32 entries of 16 bytes, each with vector and error code (0 where the CPU pushes none) on
 * top of the stack at \handler. */
  .macro exception_table name, push, handler
  .balign 16
  .globl \name
\name:
  .set vector, 0
  .rept 32
  .balign 16
  .if !(vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21 || vector == 29 || vector == 30)
  \push $0
  .endif
  \push $vector
  jmp \handler
  .set vector, vector + 1
  .endr
  .endm

/* The register of width ECX beyond the general ones (protocol.h), from and to shot.wide at
 * \at; below 4, none. */
  .macro load_wide at
  cmpl $4, %ecx
  jb 5f
  ja 1f
  fninit
  fldt \at                    /* a load pushes one more */
  jmp 5f
1: cmpl $6, %ecx
  ja 3f
  je 2f
  movups \at, %xmm0
  jmp 5f
2: vmovups \at, %ymm0
  jmp 5f
3: vmovups \at, %zmm0
5:
  .endm
  .macro store_wide at
  cmpl $4, %ecx
  jb 5f
  ja 1f
  fstpt \at                   /* after a store it is empty: then nobody looks */
  jmp 5f
1: cmpl $6, %ecx
  ja 3f
  je 2f
  movups %xmm0, \at
  jmp 5f
2: vmovups %ymm0, \at
  jmp 5f
3: vmovups %zmm0, \at
5:
  .endm

#endif
