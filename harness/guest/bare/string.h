/* SPDX-License-Identifier: MIT */
/* The functions that C needs, for the guest, which has no libc: serial.c. */
#ifndef VMREF_GUEST_STRING_H
#define VMREF_GUEST_STRING_H
#include <stddef.h>
void *memcpy(void *to, const void *from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int value, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
int strncmp(const char *a, const char *b, size_t n);
#endif
