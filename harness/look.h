/* SPDX-License-Identifier: MIT */
/* A memory manager's state read anew, without the code under test: by constants of the SDM and
 * of spec/. What the tables say, page by page, against harness/reference.c. */
#ifndef LOOK_H
#define LOOK_H
#include "reference.h"

#define LOOK_TABLES 512
#define LOOK_OBJECTS 1024

/* The entries on the way to an address, root (4) to leaf (1), and where they stand in s->tab; 0
 * from where the way ends. */
struct look_way { uint64_t entry[5], at[5]; };
struct look_way look_way(const struct vmref_sys *s, uint32_t a, uint64_t va);

/* The object that a leaf refers to, frames + slots when none. */
uint32_t look_object(const struct vmref_sys *s, uint64_t leaf);
/* How many leaves refer to an object, counted over all entries. */
uint32_t look_count(const struct vmref_sys *s, uint32_t o);
/* Does the hardware grant a user the access as the entries stand? */
int look_granted(const struct look_way *w, uint8_t kind);

/* What the state and the reference differ in, NULL: nothing. Every page that a space shows, its
 * rights and bytes; each leaf's form and who may write; the counts; the tree, without an empty
 * table; the kernel's half. */
const char *look_compare(const struct vmref_sys *s, const struct reference *r);

/* A number that tells what space a shows: pages, rights, bytes. */
uint64_t look_digest(const struct vmref_sys *s, uint32_t a);
#endif
