/* SPDX-License-Identifier: MIT */
/* What the fuzz target of topic huge is made of: a sequence is run on the model and on an account of its own:
 * harness/reference.c for pages of memory, here the devices and the pages of 2 MiB; after each step the two are compared. */
#ifndef ENGINE_HUGE_H
#define ENGINE_HUGE_H
#include "fuzz_target.h"
#include "look.h"
#include "mm_huge.h"
#include "sequence_huge.h"

/* A page of a device, or one of 2 MiB. */
struct hg_page {
  uint32_t a;
  uint8_t level;
  uint64_t page, word; /* word: as memory must have it */
};
struct hg_list { struct hg_page *at; size_t n, room; };

struct hg_engine {
  const uint8_t *data;
  size_t size;
  unsigned step, steps;
  struct vmref_sys *s;
  uint16_t *over;
  struct reference r;
  struct hg_list device, large;
  /* as it was before the step */
  uint64_t *tab;
  uint16_t *words;
  uint32_t *rc;
  uint8_t *level;
  uint64_t *memory;  /* as the hardware sees it */
  uint8_t *used;     /* frames and slots that had something in them */
};

int engine_hg_run(const uint8_t *data, size_t size);
void engine_hg_must(const struct hg_engine *e, int holds, const char *what);
/* The tables and the counts are as before the step; and the words are, too. */
int hg_same_tables(const struct hg_engine *e);
int hg_unchanged(const struct hg_engine *e);

/* ---- engine_huge_account.c ---- */
/* The device's page that an address lies in, NULL: none does. Is a page of 1 GiB among the n from p on? */
struct hg_page *hg_device(const struct hg_engine *e, uint32_t a, uint64_t page);
int hg_covered(const struct hg_engine *e, uint32_t a, uint64_t p, uint64_t n);
/* The page of 2 MiB that a page is in. */
struct hg_page *hg_large(const struct hg_engine *e, uint32_t a, uint64_t page);
void hg_add(struct hg_list *l, struct hg_page p);
/* The page of a device becomes 512 smaller ones. */
void hg_small(struct hg_engine *e, const struct hg_page *d);
/* What an operation splits, be it refused or not: the devices' pages of 2 MiB of which it is about a part. How many. */
unsigned hg_parts(struct hg_engine *e, const struct mm_op *op);
/* What comes of an operation that has succeeded, for devices. */
void hg_devices_after(struct hg_engine *e, const struct mm_op *op);
/* What memory has in place of an entry that an address's way goes by; 0: nothing. */
uint64_t hg_word(const struct hg_engine *e, uint32_t a, uint64_t page, unsigned level);
/* All words against the account; split: the page of 2 MiB that must be none any more, or NULL. */
void hg_words(struct hg_engine *e, const struct hg_page *split);

/* ---- engine_huge_access.c ---- */
/* An access, with all that comes of it. Its page of 2 MiB must be split: *split. */
struct mm_outcome hg_access(struct hg_engine *e, const struct mm_op *op, struct hg_page *split);

/* ---- engine_huge_merge.c ---- */
void hg_merge(struct hg_engine *e, const struct mm_op *op);

/* ---- engine_huge_refuse.c ---- */
void hg_refuse(const struct hg_engine *e);

/* ---- engine_huge_check.c ---- */
/* vmref_huge_check: of the state as it is, and of it with a word or a leaf spoilt. */
void hg_check(struct hg_engine *e);
#endif
