/* SPDX-License-Identifier: MIT */
/* Questions of kind `sequence`, put to Unicorn: its TLB lives on between the steps, each of which is an instruction. Linear is
 * physical to it after the walk, so tables lie apart from where accesses go, and where those go is not told: rights, faults, A and D are. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "plain.h"
#include "unicorn_vectors.h"

#define LOW  (1u << 20)  /* memory that questions name */
#define BASE (16u << 20) /* lies here */
#define ADDRESS UINT64_C(0xffffffffff000)

enum { DO_CR0, DO_CR4, DO_CR3, DO_PKRU, DO_INVLPG, DO_IRETQ };
static const struct { const char *bytes; uint8_t n; } DO[] = {
  [DO_CR0] = { "\x0f\x22\xc2", 3 }, [DO_CR4] = { "\x0f\x22\xe1", 3 }, [DO_CR3] = { "\x0f\x22\xd8", 3 },
  [DO_PKRU] = { "\x31\xc9\x31\xd2\x44\x89\xc0\x0f\x01\xef", 10 }, [DO_INVLPG] = { "\x0f\x01\x3b", 3 }, [DO_IRETQ] = { "\x48\xcf", 2 } };
static unsigned bytes; /* of an entry */

void sequence_start(void)
{
  for (unsigned i = 0; i <= DO_IRETQ; i++) put_window(STEPS + 16 * i, DO[i].bytes, DO[i].n);
}

static void run(unsigned what, uint64_t until)
{
  const uint64_t at = window + STEPS + 16 * what;
  vector = -1;
  must(uc_emu_start(uc, at, until ? until : at + DO[what].n, 0, 12), "uc_emu_start");
}

/* An instruction at CPL 0 that changes control state or drops something. */
static void change(unsigned what)
{
  run(what, 0);
  must(uc_context_save(uc, now), "a context");
}

/* The entry of a word that begins `half` bytes behind it. */
static uint64_t entry_in(uint64_t word, unsigned half) { return bytes == 8 ? word : word >> 8 * half & 0xffffffff; }

static uint64_t moved(uint64_t word)
{
  uint64_t to = 0;
  for (unsigned half = 0; half < 8; half += bytes) {
    const uint64_t e = entry_in(word, half), at = e & ADDRESS;
    to |= (at < LOW && (at || e & 1) && !(e & 0x80 && !at) ? e + BASE : e) << 8 * half;
  }
  return to;
}

static const char *cannot_access(const struct vmref_access *a, uint8_t mode)
{
  const char *why = cannot_kind(a);
  if (why) return why;
  if (!vmref_canonical(mode, a->va)) return "a linear address that is not canonical in a sequence";
  if (in_window(mode, a->va)) return "the code's own window";
  if ((a->va >= BASE && a->va < BASE + LOW) || (a->va >= TABLES && a->va < MEMORY)) return "a linear address where tables lie";
  return NULL;
}

static const char *cannot_set(const struct vmref_cpu *was, const struct vmref_cpu *is)
{
  if (was->mode != is->mode) return "a change of the paging mode in a sequence";
  if (was->pkru != is->pkru && !was->pke) return "WRPKRU while CR4.PKE = 0, which is #UD";
  if (was->pkrs != is->pkrs) return "there are no PCIDs and no PKS";
  return cannot_cpu(is);
}

/* Memory that can be moved, and an entry that leads neither to where other tables lie here nor to the code's. */
static const char *cannot_words(const struct plain_sequence *p, const struct word *w, unsigned n)
{
  for (unsigned i = 0; i < n; i++) {
    if (w[i].address >= LOW) return "memory above 1 MiB";
    if (w[i].address == root_word(p->cpu.cr3)) return "memory of the adapter's own";
    for (unsigned k = 0; k < p->steps; k++)
      if (p->step[k].what == PLAIN_CR3 && w[i].address == root_word(p->step[k].value)) return "memory of the adapter's own";
    for (unsigned half = 0; half < 8; half += bytes) {
      const uint64_t to = entry_in(w[i].value, half) & ADDRESS;
      if ((to >= BASE && to < BASE + LOW) || (to >= TABLES && to < MEMORY)) return "memory of the adapter's own";
    }
  }
  return NULL;
}

static const char *cannot(struct plain_sequence *p)
{
  struct vmref_cpu now_ = p->cpu;
  const char *why = cannot_cpu(&p->cpu);
  if (!why) why = cannot_words(p, p->word, p->words);
  if (!why && (p->cpu.cr3 & ADDRESS) >= LOW) why = "a root table above 1 MiB";
  for (unsigned i = 0; i < p->steps && !why; i++) {
    const struct plain_step *s = &p->step[i];
    if (s->what == PLAIN_ACCESS) why = cannot_access(&s->access, p->cpu.mode);
    if (s->what == PLAIN_INVPCID) why = "there is no INVPCID";
    if (s->what == PLAIN_CR3 && s->keep) why = "MOV CR3 with bit 63 while CR4.PCIDE = 0, which faults before it invalidates";
    if (s->what == PLAIN_CR3 && (s->value & ADDRESS) >= LOW) why = "a root table above 1 MiB";
    if (s->what == PLAIN_CR3) now_.cr3 = s->value;
    if (s->what == PLAIN_SET && !(why = cannot_set(&now_, &s->cpu))) now_ = s->cpu;
    if (s->what == PLAIN_STORE && !why) why = cannot_words(p, s->word, s->words);
  }
  return why;
}

/* ---- steps -------------------------------------------------------------------------------- */

/* Words that it names, each once, with their values as they should be. */
struct memory { unsigned n; struct word word[PLAIN_WORDS + PLAIN_STEPS * PLAIN_STORES]; };

static void store(struct memory *m, const struct word *w)
{
  unsigned i = 0;
  while (i < m->n && m->word[i].address != w->address) i++;
  if (i == m->n) m->word[m->n++].address = w->address;
  m->word[i].value = moved(w->value);
  put_word(BASE + w->address, m->word[i].value);
}

static void open_root(uint64_t cr3) { put_word(BASE + root_word(cr3 & (LOW - 1)), root_word_value()); }
static void close_root(uint64_t cr3) { put_word(BASE + root_word(cr3 & (LOW - 1)), 0); }

static void print_sets(struct memory *m)
{
  const char *comma = "";
  fputs("\"sets\":[", stdout);
  for (unsigned i = 0; i < m->n; i++) {
    const uint64_t is = word_at(BASE + m->word[i].address);
    for (unsigned half = 0; half < 8; half += bytes) {
      const uint64_t bits = entry_in(is ^ m->word[i].value, half);
      if (bits) printf("%s[\"0x%" PRIx64 "\",\"%s%s\"]", comma, m->word[i].address + half, bits & 0x20 ? "A" : "", bits & 0x40 ? "D" : ""), comma = ",";
      if (bits & ~UINT64_C(0x60)) must(UC_ERR_EXCEPTION, "an entry has changed by more than A and D");
    }
    m->word[i].value = is;
  }
  putchar(']');
}

static void make_access(const struct vmref_access *a, struct memory *m)
{
  const struct shot s = shot_of(a);
  uint64_t rip = 0, cr2 = 0;
  must(uc_context_restore(uc, now), "a context");
  set(REG(SP), put_frame(&s));
  set(REG(BX), a->va);
  run(DO_IRETQ, s.made);
  must(uc_reg_read(uc, REG(IP), &rip), "RIP");
  putchar('{');
  print_sets(m);
  if (vector < 0 && rip != s.made) must(UC_ERR_EXCEPTION, "neither made nor faulted");
  if (vector >= 0) {
    must(uc_reg_read(uc, UC_X86_REG_CR2, &cr2), "CR2");
    printf(",\"vector\":%d", vector);
    if (a->kind != VMREF_FETCH) printf(",\"error\":\"0x%" PRIx32 "\"", error_code());
    if (vector == VMREF_VECTOR_PF) printf(",\"cr2\":\"0x%" PRIx64 "\"", cr2);
  }
  putchar('}');
}

static void set_registers(const struct vmref_cpu *was, const struct vmref_cpu *is)
{
  set(REG(DX), cr0_of(is));
  if (cr0_of(was) != cr0_of(is)) change(DO_CR0);
  set(REG(CX), cr4_of(is));
  if (cr4_of(was) != cr4_of(is)) change(DO_CR4);
  if (wide) set(UC_X86_REG_R8, is->pkru);
  if (was->pkru != is->pkru) change(DO_PKRU);
}

static void load_cr3(uint64_t cr3)
{
  open_root(cr3);
  set(REG(AX), cr3 + BASE);
  change(DO_CR3);
}

static void start(const struct plain_sequence *p, struct memory *m)
{
  struct vmref_cpu none = p->cpu;
  for (unsigned i = 0; i < p->words; i++) store(m, &p->word[i]);
  must(uc_context_restore(uc, begin), "a context");
  none.pkru = !p->cpu.pkru, none.wp = !p->cpu.wp, none.pge = !p->cpu.pge; /* all are written */
  if (!p->cpu.pke) none.pkru = p->cpu.pkru;
  set_registers(&none, &p->cpu);
  load_cr3(p->cpu.cr3);
}

static void make_step(const struct plain_step *s, struct memory *m, struct vmref_cpu *cpu)
{
  if (s->what == PLAIN_ACCESS) return make_access(&s->access, m);
  for (unsigned k = 0; s->what == PLAIN_STORE && k < s->words; k++) store(m, &s->word[k]);
  must(uc_context_restore(uc, now), "a context");
  if (s->what == PLAIN_INVLPG) set(REG(BX), s->value), change(DO_INVLPG);
  if (s->what == PLAIN_CR3) load_cr3(s->value), cpu->cr3 = s->value;
  if (s->what == PLAIN_SET) set_registers(cpu, &s->cpu), *cpu = s->cpu;
  if (vector > 0 && s->what != PLAIN_STORE) printf("{\"vector\":%d}", vector);
  else fputs("{}", stdout);
}

void sequence_answer(json_t *line)
{
  static struct plain_sequence p;
  struct complaint why;
  struct memory m = { 0 };
  const char *no = NULL;
  if (!plain_read(&p, line, &why) && !plain_full()) {
    say("%s", why.text);
    exit(EXIT_MALFORMED);
  }
  if (plain_full()) no = why.text;
  else {
    choose(p.cpu.mode);
    bytes = vmref_entry_size(p.cpu.mode);
    plain_drop_idle(&p, true, false);
    no = cannot(&p);
  }
  if (no) {
    printf("{\"result\":\"unsupported\",\"message\":\"%s\"}\n", no);
    return;
  }
  uint64_t page[PLAIN_STEPS];
  unsigned pages = 0;
  for (unsigned i = 0; i < p.steps; i++) {
    const uint64_t va = p.step[i].access.va & ~UINT64_C(0xfff);
    unsigned k = 0;
    if (p.step[i].what != PLAIN_ACCESS) continue;
    while (k < pages && page[k] != va) k++;
    if (k == pages && va >= MEMORY) must(uc_mem_map(uc, page[pages++] = va, 4096, UC_PROT_ALL), "memory at the linear address");
    if (p.step[i].access.kind == VMREF_FETCH) must(uc_mem_write(uc, p.step[i].access.va, "\x90", 1), "memory");
  }
  struct vmref_cpu cpu = p.cpu;
  start(&p, &m);
  fputs("{\"steps\":[", stdout);
  for (unsigned i = 0; i < p.steps; i++) {
    if (i) putchar(',');
    vector = -1;
    make_step(&p.step[i], &m, &cpu);
  }
  puts("]}");
  for (unsigned i = 0; i < m.n; i++) put_word(BASE + m.word[i].address, 0);
  close_root(p.cpu.cr3);
  for (unsigned i = 0; i < p.steps; i++) {
    if (p.step[i].what == PLAIN_CR3) close_root(p.step[i].value);
    const uint64_t va = p.step[i].access.va & ~UINT64_C(0xfff);
    if (p.step[i].what == PLAIN_ACCESS) must(uc_ctl_remove_cache(uc, va, va + 4095), "what was translated");
  }
  for (unsigned i = 0; i < pages; i++) must(uc_mem_unmap(uc, page[i], 4096), "memory at the linear address");
}
