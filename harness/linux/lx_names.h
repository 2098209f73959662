/* SPDX-License-Identifier: MIT */
/* Names of calls, of bits in their arguments, and of what comes of them. */
#ifndef HARNESS_LX_NAMES_H
#define HARNESS_LX_NAMES_H
#include "linux.h"

struct lx_word { uint64_t bit; const char *name; };
/* What may be written for argument i of a call; *n 0: numbers only. */
const struct lx_word *lx_words(uint32_t nr, unsigned i, size_t *n);
int lx_call_by_name(const char *name, size_t size, uint32_t *nr, unsigned *args);
const char *lx_errno_name(int64_t value); /* NULL: none that a call here gives */
const char *lx_signal_name(uint8_t signal, uint8_t code);
/* A kernel's version "M.N", 0.0 to 99.255, and nothing beside it, as M * 256 + N. 0: it is none. */
int lx_read_kernel(const char *text, uint32_t *kernel);
int lx_read_op(const char *text, struct lx_op *op, char why[200]);
int lx_read_script(FILE *f, const char *name, struct lx_op *op, unsigned *n);
#endif
