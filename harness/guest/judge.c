/* SPDX-License-Identifier: MIT */
/* Is the guest's answer the model's, a known deviation, or neither? */
#include <inttypes.h>
#include <string.h>
#include "feed.h"
#include "show.h"

const char *const plants[] = { "w-bit", "p-bit", "lost-a", "lost-d", "frame", "cr2", "wp", "smap", "stale", NULL };
static int planted = -1;

int plant_choose(const char *name)
{
  for (int i = 0; plants[i]; i++)
    if (strcmp(plants[i], name) == 0) {
      planted = i;
      return 0;
    }
  return -1;
}

/* Of sequences: a model in which nothing is ever cached. */
int plant_forgets(void) { return planted == 8; }

/* The model's answer with one defect, as a wrong model would give it. */
static void plant(struct expect *e, const struct plan *p)
{
  struct vmref_case q = p->c;
  const struct vmref_walk *w = &e->span.part[0];
  int last = w->last ? w->last : 1, pf = e->vector == VMREF_VECTOR_PF;
  switch (planted) {
  case 0: if (pf && p->c.access.kind == VMREF_WRITE) e->error &= ~2u; break;
  case 1: if (pf) e->error |= 1; break;
  case 2: case 3:
    for (unsigned i = 0; e->vector == VECTOR_DONE && i < p->memory.n; i++)
      if (find_word(&p->guest, w->address[last]) == find_word(&p->guest, p->memory.pa[i]))
        e->after[i] &= p->memory.value[i] | ~(planted == 2 ? 0x20ull : 0x40ull);
    break;
  case 4: if (p->c.access.kind == VMREF_READ && last == 1) e->value ^= 0x1000u << 8; break;
  case 5: if (pf) e->cr2 &= ~0xfffull; break;
  case 6: q.cpu.wp = 1; break;
  case 7: q.access.ac = 0; break;
  default: return;
  }
  if (planted == 6 || planted == 7) expect_case(e, p, &q, 0);
}

static void show_vector(FILE *f, uint8_t vector)
{
  if (vector == VECTOR_DONE) fprintf(f, "done");
  else fprintf(f, "vector %u", vector);
}

static void show_seen(FILE *f, const struct plan *p, const struct expect *e,
                      const struct guest_result *r, unsigned d)
{
  char a[SHOW_TEXT], b[SHOW_TEXT];
  if (d & DIFFERS_VECTOR) {
    fprintf(f, "  outcome  expected ");
    show_vector(f, e->vector);
    fprintf(f, ", seen ");
    show_vector(f, r->vector);
    fprintf(f, " error 0x%x\n", r->error);
  } else if (d & DIFFERS_ERROR)
    fprintf(f, "  error    expected 0x%x = %s, seen 0x%x = %s\n", e->error, error_bits(e->error, a),
            r->error, error_bits(r->error, b));
  if (d & DIFFERS_CR2)
    fprintf(f, "  CR2      expected 0x%" PRIx64 ", seen 0x%" PRIx64 "\n", e->cr2, r->cr2);
  if (d & DIFFERS_VALUE)
    fprintf(f, "  value    expected 0x%" PRIx64 ", seen 0x%" PRIx64 "\n", e->value & e->mask,
            r->value & e->mask);
  for (unsigned i = 0; i < p->guest.words; i++)
    if ((r->after[i] ^ e->after[i]) & ~e->may[i]) {
      uint64_t x = (r->after[i] ^ e->after[i]) & ~e->may[i];
      fprintf(f, "  memory   @0x%x before 0x%016" PRIx64 ", expected 0x%016" PRIx64 ", seen 0x%016"
              PRIx64 "%s%s\n", CASE_BASE + 8u * p->guest.word[i], p->guest.before[i], e->after[i],
              r->after[i], x == 0x20 ? " (A)" : x == 0x40 ? " (D)" : x == 0x60 ? " (A and D)" : "",
              i < p->memory.n ? "" : " (not an entry)");
    }
  if (d & DIFFERS_STRAY)
    fprintf(f, "  store    went astray, to 0x%x: 0x%" PRIx64 "\n", CASE_BASE + 8 * r->stray, r->stray_value);
}

static void show_case(FILE *f, const struct plan *p, const struct expect *e, const struct guest_result *r,
                      unsigned d)
{
  static const char *const form[FORMS] = {
    "mov (m), r", "mov r, (m)", "add r, (m)", "xchg r, (m)", "inc (m)", "lock cmpxchg r, (m)", "call m",
    "mov r, fs (descriptor at m)", "mov r, fs (descriptor at m, to be marked accessed)" };
  char token[CASE_TOKEN], text[SHOW_TEXT];
  case_token(&p->c, token);
  fprintf(f, "token   %s\n", token);
  for (unsigned i = 0; i < p->span.parts; i++) show_walk(f, &p->span.part[i]);
  fprintf(f, "guest   %s: ", form[OP_FORM(p->guest.op)]);
  show_vector(f, r->vector);
  if (r->vector != VECTOR_DONE) fprintf(f, ", error 0x%x = %s", r->error, error_bits(r->error, text));
  fprintf(f, ", CR2 0x%" PRIx64 "%s, RAX 0x%" PRIx64 "\n", r->cr2,
          r->cr2 == CR2_BEFORE ? " (unchanged)" : "", r->value);
  if (p->span.parts == 2) fprintf(f, "        in two pages\n");
  for (unsigned i = 0; i < p->guest.words; i++)
    fprintf(f, "        @0x%x 0x%016" PRIx64 " -> 0x%016" PRIx64 "\n", CASE_BASE + 8u * p->guest.word[i],
            p->guest.before[i], r->after[i]);
  show_seen(f, p, e, r, d);
}

void judge(struct feed *f, const struct plan *p, const struct guest_result *r)
{
  struct stats *s = f->stats;
  struct expect e;
  s->cases++;
  s->rules[p->span.rule]++;
  s->two += p->span.parts == 2;
  s->modes[p->c.cpu.mode]++;
  expect_case(&e, p, &p->c, 0);
  if (planted >= 0) plant(&e, p);
  int agreed = planted >= 0 ? differs(&e, p, r) == 0 : foretells(0, p, r);
  unsigned d = agreed ? 0 : differs(&e, p, r);
  unsigned set = agreed ? 0 : explain(p, r);
  s->permitted += agreed == 2;
  if (agreed) s->agree++;
  else if (set) {
    s->explained_cases++;
    for (unsigned i = 0; i < DEVIATIONS; i++) s->explained[i] += set >> i & 1;
  } else if (s->unexplained++ < f->shown && !f->quiet) {
    fprintf(stderr, "\nDIVERGES: the guest and the model do not agree\n");
    show_case(stderr, p, &e, r, d);
  }
  if (!f->show) return;
  show_case(stdout, p, &e, r, d);
  printf("result  %s", d == 0 ? "agrees" : set ? "explained by" : "DIVERGES, unexplained");
  for (unsigned i = 0; i < DEVIATIONS; i++)
    if (set >> i & 1) printf(" %s", deviations[i].id);
  printf("\n");
}

void judge_stray(struct feed *f, const struct plan *first, unsigned words)
{
  char token[CASE_TOKEN];
  case_token(&first->c, token);
  f->stats->unexplained++;
  fprintf(stderr, "\nDIVERGES: %u words of the arena changed that no case of a batch names; its first: %s\n",
          words, token);
}
