/* SPDX-License-Identifier: MIT */
/* For the guest, which has no libc: mm_main.c. */
#ifndef VMREF_GUEST_STDLIB_H
#define VMREF_GUEST_STDLIB_H
#include <stddef.h>
void *malloc(size_t n);
void *calloc(size_t n, size_t size);
void free(void *at);
#endif
