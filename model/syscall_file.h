/* SPDX-License-Identifier: MIT */
/* Part of topic syscall: what is mapped that is not private: memfds, shared anonymous memory, System V
 * segments (mm/shmem.c, ipc/shm.c of Linux). */
#ifndef VMREF_SYSCALL_FILE_H
#define VMREF_SYSCALL_FILE_H
#include "syscall_map.h"

/* Is fd a descriptor? */
vmref_bool vmref_file_held(const struct vmref_linux *l, uint64_t fd);
/* An open file of a new object of shared anonymous memory; VMREF_RESULT_FULL. */
int64_t vmref_anon_file(struct vmref_linux *l, uint64_t size);

int64_t vmref_sys_memfd(struct vmref_linux *l);
int64_t vmref_sys_open(struct vmref_linux *l, const struct vmref_call *c);
int64_t vmref_sys_ftruncate(struct vmref_linux *l, const struct vmref_call *c);
int64_t vmref_sys_shmget(struct vmref_linux *l, const struct vmref_call *c);
int64_t vmref_sys_shmat(struct vmref_linux *l, uint32_t a, const struct vmref_call *c);
int64_t vmref_sys_shmdt(struct vmref_linux *l, uint32_t a, const struct vmref_call *c);
int64_t vmref_sys_shmctl(struct vmref_linux *l, const struct vmref_call *c);
#endif
