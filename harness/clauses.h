/* SPDX-License-Identifier: MIT */
/* The invariant of spec/theorem.acsl evaluated word by word, for any state however broken. */
#ifndef CLAUSES_H
#define CLAUSES_H
#include "smp_check.h"

/* The first clause that does not hold, in the order of VMREF_CHECK_*. */
int clauses_first(const struct vmref_sys *s);
/* Clause 6 on its own: 1 when it holds. */
int clauses_cached(const struct vmref_sys *s, const struct vmref_smp *m);
/* The words over the tables, spec/huge.acsl, of a state that clauses_first has passed: 1 when each is one that may be there. */
int clauses_words(const struct vmref_sys *s, const uint16_t *over);
#endif
