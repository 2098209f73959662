/* SPDX-License-Identifier: MIT */
/* What else an input of fuzz target syscall may have: by the second byte of a step. */
#ifndef VMREF_SYSCALL_RAW_H
#define VMREF_SYSCALL_RAW_H
#include "linux/linux.h"

enum { SYSCALL_ACCESS = 0xFD, SYSCALL_SETTINGS = 0xFE, SYSCALL_CALL = 0xFF };
/* The machine that an input begins with, before it boots: settings, if its first step b is such a step; else a
 * machine without limits, of the kernel given. */
void syscall_settings(struct vmref_linux *l, const uint8_t b[LX_BYTES], uint32_t kernel);
/* Of these, what booting would undo: almost every anon_vma has been given. */
void syscall_newest(struct vmref_linux *l, const uint8_t b[LX_BYTES]);
/* A call or an access as it stands there, by a task of which there may be none. */
struct lx_result syscall_raw(struct vmref_linux *l, const uint8_t b[LX_BYTES], uint32_t *task);
#endif
