/* SPDX-License-Identifier: MIT */
/* Part of topic syscall: the pages of areas, which layer 2 holds. It maps a page when it is first touched,
 * as Linux does. */
#ifndef VMREF_SYSCALL_PAGE_H
#define VMREF_SYSCALL_PAGE_H
#include "syscall.h"

/* The first page of from..to-1 that layer 2 maps in space a; to: none. */
uint64_t vmref_pages_next(const struct vmref_sys *s, uint32_t a, uint64_t from, uint64_t to);
/* Forget pages from..to-1 of space a, a process's or a file's. */
void vmref_pages_drop(const struct vmref_sys *s, uint32_t a, uint64_t from, uint64_t to);
/* Give them the rights of vm_flags. */
void vmref_pages_protect(const struct vmref_sys *s, uint32_t a, uint64_t from, uint64_t to, uint32_t flags);
/* Move n pages to where nothing is mapped. VMREF_EMEM: not enough tables, some have moved. */
int vmref_pages_move(const struct vmref_sys *s, uint32_t a, uint64_t from, uint64_t n, uint64_t to);
/* Put them to swap, those that no other space has, while there are slots. */
void vmref_pages_out(const struct vmref_sys *s, uint32_t a, uint64_t from, uint64_t to);

/* The rights of a page in layer 2: on x86 what is writable or executable is readable. */
uint8_t vmref_page_rights(uint32_t flags);
/* The file page at page p of an area. */
uint64_t vmref_page_index(struct vmref_vma v, uint64_t p);
/* Map page p of area v, if it is not. VMREF_ENOMAP: it is past the end of its file; VMREF_EMEM. */
int vmref_page_bring(const struct vmref_linux *l, uint32_t a, struct vmref_vma v, uint64_t p);
#endif
