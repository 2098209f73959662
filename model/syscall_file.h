/* SPDX-License-Identifier: MIT */
/* Part of topic syscall: what is mapped that is not private: memfds, shared anonymous memory (mm/shmem.c of
 * Linux); System V segments: syscall_shm.h. */
#ifndef VMREF_SYSCALL_FILE_H
#define VMREF_SYSCALL_FILE_H
#include "syscall_map.h"

/* Is fd a descriptor? */
/*@ requires \valid_read(l) && linux_fine(*l);
    terminates \true; assigns \nothing; exits \false;
    ensures \result != 0 ==> fd < l->files; */
vmref_bool vmref_file_held(const struct vmref_linux *l, uint64_t fd);
/* Give back what nobody can reach any more: open files, then objects. */
/*@ requires \valid(l) && linux_fine(*l);
    terminates \true; exits \false;
    assigns PAGES(l->s), l->file[0 .. VMREF_FILES - 1], l->object[0 .. VMREF_OBJECTS - 1];
    ensures fine: linux_fine(*l);
    ensures apart: apart{Pre, Post}(l->s, l->mms, -1); */
void vmref_collect(struct vmref_linux *l);

/* An open file of an object; VMREF_RESULT_FULL. */
/*@ requires \valid(l) && linux_fine(*l) && object < l->objects;
    terminates \true; exits \false;
    assigns PAGES(l->s), l->file[0 .. VMREF_FILES - 1], l->object[0 .. VMREF_OBJECTS - 1];
    ensures fine: linux_fine(*l);
    ensures result: 0 <= \result < l->files || \result == VMREF_RESULT_FULL;
    ensures apart: apart{Pre, Post}(l->s, l->mms, -1); */
int64_t vmref_file_new(struct vmref_linux *l, uint32_t object, vmref_bool writable, vmref_bool held);

/* A new object. */
/*@ requires \valid(l) && linux_fine(*l);
    terminates \true; exits \false;
    assigns PAGES(l->s), l->file[0 .. VMREF_FILES - 1], l->object[0 .. VMREF_OBJECTS - 1];
    ensures fine: linux_fine(*l);
    ensures result: 0 <= \result < l->objects || \result == VMREF_RESULT_FULL;
    ensures apart: apart{Pre, Post}(l->s, l->mms, -1); */
int64_t vmref_object_new(struct vmref_linux *l, uint64_t size, uint8_t kind);
/* An open file of a new object of shared anonymous memory; VMREF_RESULT_FULL. */
/*@ requires \valid(l) && linux_fine(*l);
    terminates \true; exits \false;
    assigns PAGES(l->s), l->file[0 .. VMREF_FILES - 1], l->object[0 .. VMREF_OBJECTS - 1];
    ensures fine: linux_fine(*l);
    ensures result: 0 <= \result < l->files || \result == VMREF_RESULT_FULL;
    ensures apart: apart{Pre, Post}(l->s, l->mms, -1); */
int64_t vmref_anon_file(struct vmref_linux *l, uint64_t size);

/*@ requires \valid(l) && linux_fine(*l);
    terminates \true; exits \false;
    assigns PAGES(l->s), l->file[0 .. VMREF_FILES - 1], l->object[0 .. VMREF_OBJECTS - 1];
    ensures fine: linux_fine(*l);
    ensures result: 0 <= \result < l->files || \result == VMREF_RESULT_FULL;
    ensures apart: apart{Pre, Post}(l->s, l->mms, -1); */
int64_t vmref_sys_memfd(struct vmref_linux *l);
/*@ requires \valid(l) && \valid_read(c) && linux_fine(*l);
    terminates \true; exits \false;
    assigns PAGES(l->s), l->file[0 .. VMREF_FILES - 1], l->object[0 .. VMREF_OBJECTS - 1];
    ensures fine: linux_fine(*l);
    ensures result: 0 <= \result < l->files || \result == VMREF_RESULT_FULL || \result == -VMREF_ERRNO_BADF;
    ensures apart: apart{Pre, Post}(l->s, l->mms, -1); */
int64_t vmref_sys_open(struct vmref_linux *l, const struct vmref_call *c);
/*@ requires \valid(l) && \valid_read(c) && linux_fine(*l);
    terminates \true; exits \false;
    assigns PAGES(l->s), l->object[0 .. VMREF_OBJECTS - 1];
    ensures fine: linux_fine(*l);
    ensures result: \result == 0 || ERRNO(\result) || RESULT(\result);
    ensures failed: \result < 0 ==> apart{Pre, Post}(l->s, l->mms, -1); */
int64_t vmref_sys_ftruncate(struct vmref_linux *l, const struct vmref_call *c);
#endif
