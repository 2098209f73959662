/* SPDX-License-Identifier: MIT */
/* With nobody at the mailbox, as on a bare machine: a thinned run of the directed
 * lists, judged here by the model linked into the guest, told on COM1. */
#include <string.h>
#include "cases.h"
#include "deviations.h"
#include "guest.h"

#define THIN 64
#define SHOWN 10

struct tally {
  struct machine m;
  uint32_t cases, agree, unexplained, excluded, explained[DEVIATIONS];
};

static void print_case(const struct plan *p, const struct expect *e, const struct guest_result *r)
{
  char token[CASE_TOKEN];
  case_token(&p->c, token);
  serial_print("DIVERGES ");
  serial_print(token);
  serial_print("\n  vector expected ");
  serial_number(e->vector);
  serial_print(" seen ");
  serial_number(r->vector);
  serial_print(", error ");
  serial_hex(e->error);
  serial_print(" ");
  serial_hex(r->error);
  serial_print(", CR2 ");
  serial_hex(e->cr2);
  serial_print(" ");
  serial_hex(r->cr2);
  serial_print(", RAX ");
  serial_hex(e->value & e->mask);
  serial_print(" ");
  serial_hex(r->value & e->mask);
  serial_print("\n");
  for (unsigned i = 0; i < p->guest.words; i++) {
    serial_print("  word ");
    serial_hex(CASE_BASE + 8u * p->guest.word[i]);
    serial_print(" expected ");
    serial_hex(e->after[i]);
    serial_print(" seen ");
    serial_hex(r->after[i]);
    serial_print("\n");
  }
}

static int put(void *to, const struct vmref_case *c)
{
  static struct plan p;
  struct tally *t = to;
  struct guest_result r;
  struct expect e;
  if (plan_case(&p, c, &t->m) != PLANNED) {
    t->excluded++;
    return 1;
  }
  run_case(&p.guest, &r);
  t->cases++;
  if (foretells(0, &p, &r)) {
    t->agree++;
    return 1;
  }
  unsigned set = explain(&p, &r);
  for (unsigned i = 0; i < DEVIATIONS; i++) t->explained[i] += set >> i & 1;
  if (set || t->unexplained++ >= SHOWN) return 1;
  expect_case(&e, &p, &p.c, 0);
  print_case(&p, &e, &r);
  return 1;
}

static void line(const char *what, uint64_t n)
{
  serial_print("  ");
  serial_print(what);
  serial_print(" ");
  serial_number(n);
  serial_print("\n");
}

extern uint32_t boot_eax, boot_ebx;
static const char *booted_by(void)
{
  /* PVH first: some of its loaders leave multiboot's number in EAX all the same. */
  if (boot_ebx < GUEST_RAM && *(uint32_t *)AT((uintptr_t)boot_ebx) == 0x336ec578) return "PVH";
  return boot_eax == 0x2badb002 ? "multiboot" : "neither multiboot nor PVH";
}

/* 0 when every answer is the model's, or a deviation that is on record. */
int selftest(const struct mail *m)
{
  static case_list *const list[] = { entry_cases, access_cases, walk_cases, span_cases };
  static struct tally t;
  machine_of(&t.m, m, SHOT_WORD == 4);
  const char *peer = cpu_peer();
  for (unsigned i = 0; i < DEVIATIONS; i++) deviation_on[i] = strncmp(deviations[i].id, peer, strlen(peer)) == 0;
  t.m.overlooks = (uint8_t)deviations_overlook();
  struct sink s = { put, &t };
  serial_print("selftest: vmref guest, no mailbox, booted by ");
  serial_print(booted_by());
  serial_print("\n");
  line("MAXPHYADDR", m->maxphyaddr);
  for (t.m.cpu.mode = 0; t.m.cpu.mode <= VMREF_MODE_5LEVEL; t.m.cpu.mode++) {
    if (!(t.m.modes >> t.m.cpu.mode & 1)) continue;
    line("mode", t.m.cpu.mode);
    for (unsigned i = 0; i < sizeof list / sizeof *list; i++) list[i](&t.m, THIN, s);
    line("cases", t.cases);
  }
  uint32_t strays = repair_arena(0);
  line("compared", t.cases);
  line("agree", t.agree);
  for (unsigned i = 0; i < DEVIATIONS; i++)
    if (t.explained[i]) line(deviations[i].id, t.explained[i]);
  line("unexplained", t.unexplained + strays);
  line("excluded", t.excluded);
  int good = t.unexplained + strays == 0 && t.cases > 0;
  serial_print(good ? "selftest: passed\n" : "selftest: FAILED\n");
  return good ? 0 : 1;
}
