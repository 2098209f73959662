/* SPDX-License-Identifier: MIT */
/* For headers that declare functions which print; the guest has none of them. */
#ifndef VMREF_GUEST_STDIO_H
#define VMREF_GUEST_STDIO_H
#include <stddef.h>
typedef struct FILE FILE;
#endif
