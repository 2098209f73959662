/* SPDX-License-Identifier: MIT */
/* With nobody at the mailbox, as on a bare machine: a fixed suite, told on COM1 and the text screen in lines that
 * vmref guest-log compares with the model. Each begins with "mm", for firmware may say something too. */
#include <string.h>
#include "mm_feed.h"
#include "mm_guest.h"

void serial_start(void);
void serial_print(const char *text);

static const struct { uint16_t size; uint8_t as, policy; const char *data; } SUITE[] = {
#include "mm_suite.inc"
};
#define INPUTS (sizeof SUITE / sizeof *SUITE)

/* ---- telling ---- */

static void screen(const char *text)
{
  static uint32_t row, column;
  volatile uint16_t *at = AT(0xb8000);
  for (; *text; text++) {
    if (*text == '\n' || column == 80) row++, column = 0;
    if (row == 25) {
      for (uint32_t i = 0; i < 24 * 80; i++) at[i] = at[i + 80];
      for (uint32_t i = 24 * 80; i < 25 * 80; i++) at[i] = 0x720;
      row = 24;
    }
    if (*text != '\n') at[80 * row + column++] = (uint16_t)(0x700 | (uint8_t)*text);
  }
}

static char line[MM_TOKEN + 64];
static size_t used;

static void word(const char *text)
{
  if (used) line[used++] = ' ';
  for (; *text; text++) line[used++] = *text;
}

static void hex(uint64_t value)
{
  char text[17];
  char *at = text + 16;
  *at = 0;
  do *--at = "0123456789abcdef"[value % 16]; while ((value /= 16) != 0);
  word(at);
}

static void end(int shown)
{
  line[used] = 0;
  serial_print(line);
  serial_print("\n");
  if (shown) screen(line), screen("\n");
  used = 0;
}

static void brand(void)
{
  uint32_t r[4];
  char text[13] = "";
  cpuid(0x80000000, 0, r);
  word("mm machine");
  uint32_t name[13] = { 0 };
  for (uint32_t leaf = 0x80000002; leaf <= 0x80000004 && leaf <= r[0]; leaf++) cpuid(leaf, 0, name + 4 * (leaf - 0x80000002));
  word((const char *)name);
  cpuid(1, 0, r);
  if (r[2] >> 31) {
    cpuid(0x40000000, 0, r);
    memcpy(text, &r[1], 12);
    word("under");
    word(text);
  }
  end(1);
}

static void step(const struct mm_step *s)
{
  const uint64_t all[] = { (uint64_t)(uint32_t)s->status, s->error, s->vector, s->faulted, s->byte, s->hit, s->told, s->fetch_vector, s->fetch_error,
                           s->flags, s->evictions, s->may, s->cr2, s->more, s->digest };
  word("mm op");
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) hex(all[i]);
  end(0);
}

/* ---- the suite ---- */

int suite(void (*run)(struct mm_batch *b, struct mm_sequence *q))
{
  static struct mm_input x;
  static char token[MM_TOKEN];
  struct mm_batch *b = &mm->batch[0];
  uint64_t ran = 0;
  brand();
  word("mm log 1 processors");
  hex(cpus);
  end(1);
  for (size_t i = 0; i < INPUTS; i++) {
    if (SUITE[i].as != AS_BASE && cpus == 0) continue;
    x = (struct mm_input){ .size = SUITE[i].size, .as = SUITE[i].as, .policy = SUITE[i].policy };
    memcpy(x.data, SUITE[i].data, x.size);
    struct mm_sequence *q = &b->sequence[0];
    *q = (struct mm_sequence){ .ops = mm_lines(&x, b->op), .smp = x.as != AS_BASE, .policy = x.policy };
    mm_token(&x, token);
    word("mm seq");
    hex(++ran);
    word(as_name[x.as]);
    hex(x.policy);
    word(token);
    end(0);
    run(b, q);
    for (uint32_t k = 0; k < q->ops; k++) step(&b->step[k]);
    const uint64_t all[] = { q->digest, q->sweep, q->missed, q->accesses, q->swept, q->drops, q->ipis };
    word("mm end");
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) hex(all[k]);
    end(0);
    if (ran % 32 == 0) screen(".");
  }
  screen("\n");
  word("mm done");
  hex(ran);
  end(1);
  screen("Compare the log of COM1 with the model: vmref guest-log FILE\n");
  return 0;
}
