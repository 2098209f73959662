/* SPDX-License-Identifier: MIT */
/* What E-ACSL's translation of a contract calls when it runs: a clause that does not hold is a finding.
 * Frama-C's own runtime keeps a shadow of all memory, of which the callers here, not translated, know
 * nothing; whether memory is valid AddressSanitizer watches in the other builds. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

/* The beginning of E-ACSL's record of a clause: its types are in each translated file. */
struct clause {
  int blocking;
  const char *kind, *name, *text, *file, *function;
  int line;
};

unsigned long eacsl_clauses; /* how many were evaluated */

void __e_acsl_assert(int holds, const struct clause *c);
void __e_acsl_assert(int holds, const struct clause *c)
{
  eacsl_clauses++;
  if (holds) return;
  fprintf(stderr, "FINDING contract of %s: %s at %s:%d\n%s\n", c->function, c->kind, c->file, c->line, c->text);
  abort();
}

int __e_acsl_valid(void *p, size_t size, void *base, void *base_address);
int __e_acsl_valid(void *p, size_t size, void *base, void *base_address)
{
  (void)size, (void)base, (void)base_address;
  return p != NULL;
}

int __e_acsl_valid_read(void *p, size_t size, void *base, void *base_address);
int __e_acsl_valid_read(void *p, size_t size, void *base, void *base_address)
{
  return __e_acsl_valid(p, size, base, base_address);
}

/* What is told of the values in a clause: a token replays them better. */
#define NOTHING(name) void name(void); void name(void) { }
NOTHING(__e_acsl_assert_clean)
NOTHING(__e_acsl_assert_copy_values)
NOTHING(__e_acsl_assert_register_array)
NOTHING(__e_acsl_assert_register_char)
NOTHING(__e_acsl_assert_register_int)
NOTHING(__e_acsl_assert_register_long)
NOTHING(__e_acsl_assert_register_mpz)
NOTHING(__e_acsl_assert_register_ptr)
NOTHING(__e_acsl_assert_register_schar)
NOTHING(__e_acsl_assert_register_short)
NOTHING(__e_acsl_assert_register_struct)
NOTHING(__e_acsl_assert_register_uchar)
NOTHING(__e_acsl_assert_register_uint)
NOTHING(__e_acsl_assert_register_ulong)
NOTHING(__e_acsl_assert_register_ushort)

static void told(void) { fprintf(stderr, "contracts: %lu clauses evaluated\n", eacsl_clauses); }
__attribute__((constructor)) static void begin(void) { atexit(told); }
