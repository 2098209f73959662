/* SPDX-License-Identifier: MIT */
/* An adapter for vmref vectors --run: each question is put to Unicorn's MMU, by code that makes the access
 * at CPL 0 or 3 under the question's own tables. Unicorn 2.0.1 walks the tables, sets A and D and faults,
 * but uses the linear address as the physical one, so where an access goes is not told. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "adapters.h"
#include "unicorn_vectors.h"

uc_engine *uc;
uc_context *begin, *now;
uint64_t window;
bool wide;
int vector;
enum engine { LONG, BITS32, PAE, ENGINES };
static struct { uc_engine *uc; uc_context *begin, *now; uint64_t window; } engine[ENGINES];
static enum engine chosen;
static size_t at_error; /* of the error code in a saved context: no register tells it */

const char why_no_set[] = "writes of control registers begin with IA32_EFER as the vector says, which neither WRMSR nor uc_reg_write sets, on a CPU of its own";

void must(uc_err e, const char *what)
{
  if (e == UC_ERR_OK) return;
  fprintf(stderr, "unicorn-vectors: %s: %s\n", what, uc_strerror(e));
  exit(EXIT_INTERNAL);
}

void set(int reg, uint64_t value) { must(uc_reg_write(uc, reg, &value), "a register"); }
static void put(uint64_t at, const void *bytes, size_t n) { must(uc_mem_write(uc, at, bytes, n), "memory"); }
void put_word(uint64_t at, uint64_t value) { put(at, &value, 8); }

uint64_t word_at(uint64_t at)
{
  uint64_t value = 0;
  must(uc_mem_read(uc, at, &value, 8), "memory");
  return value;
}

static void on_exception(uc_engine *engine, uint32_t number, void *unused)
{
  (void)unused;
  vector = (int)number;
  uc_emu_stop(engine);
}

void put_window(uint64_t offset, const void *bytes, size_t n)
{
  put(window + offset, bytes, n);
  put(PAGES + offset, bytes, n);
}

static void choose_engine(enum engine e)
{
  chosen = e;
  uc = engine[e].uc, begin = engine[e].begin, now = engine[e].now, window = engine[e].window, wide = e == LONG;
}

void choose(uint8_t mode) { choose_engine(mode == VMREF_MODE_32BIT ? BITS32 : mode == VMREF_MODE_PAE ? PAE : LONG); }

uint64_t root_word(uint64_t cr3) { return chosen == PAE ? (cr3 & 0xffffffe0) + 24 : (cr3 & 0xffffffffff000) + 8 * SLOT; }
uint64_t root_word_value(void) { return chosen == PAE ? TABLES + 0x4001 : chosen == BITS32 ? (uint64_t)(TABLES + 0x5067) << 32 : TABLES + 0x67; }

bool in_window(uint8_t mode, uint64_t va)
{
  if (mode == VMREF_MODE_PAE) return va >> 30 == 3;
  return vmref_canonical(mode, va) && vmref_index(mode, va, vmref_top_level(mode)) == (mode == VMREF_MODE_32BIT ? 1023 : SLOT);
}

/* Tables of the window for all modes: of long mode's, the first of PAE paging's last directory is one too. */
static void put_tables(void)
{
  put_word(TABLES, TABLES + 0x1000 + 0x67);
  put_word(TABLES + 8 * SLOT, TABLES + 0x67); /* one level more in 5-level paging */
  put_word(TABLES + 0x1000, TABLES + 0x2000 + 0x67);
  put_word(TABLES + 0x4000, TABLES + 0x2000 + 0x67);
  for (unsigned i = 0; i < 16; i++) {
    const uint64_t e = PAGES + 4096 * i + (4096 * i >= USER ? 0x67 : 0x63);
    put_word(TABLES + 0x2000 + 8 * i, e);
    put(TABLES + 0x5000 + 4 * i, &e, 4);
  }
  put_word(root_word(TABLES + 0x8000), root_word_value()); /* a root to begin with */
}

static void start(enum engine e)
{
  static const uint64_t at[] = { [LONG] = 0xffffff8000000000u, [BITS32] = 0xffc00000u, [PAE] = 0xc0000000u };
  const uint64_t wide_code = e == LONG ? 0x0020000000000000 : 0x0040000000000000;
  const uint64_t gdt[] = { 0, 0x008f9a000000ffff | wide_code, 0x00cf92000000ffff, 0, 0x00cff2000000ffff, 0x008ffa000000ffff | wide_code };
  /* MOV to CR0, CR4, CR3; WRPKRU of R8 with ECX = EDX = 0; iretq, whose prefix is a dec of EAX where code has 32 bits */
  static const uint8_t entry[] = { 0x0f, 0x22, 0xc2, 0x0f, 0x22, 0xe1, 0x0f, 0x22, 0xd8, 0x48, 0xcf };
  static const uint8_t keyed[] = { 0x0f, 0x22, 0xc2, 0x0f, 0x22, 0xe1, 0x0f, 0x22, 0xd8, 0x31, 0xc9, 0x31, 0xd2, 0x44, 0x89, 0xc0, 0x0f, 0x01, 0xef, 0x48, 0xcf };
  const uc_x86_mmr gdtr = { 0, at[e] + GDT, sizeof gdt - 1, 0 };
  uc_hook hook;
  must(uc_open(UC_ARCH_X86, e == LONG ? UC_MODE_64 : UC_MODE_32, &engine[e].uc), "uc_open");
  engine[e].window = at[e];
  choose_engine(e);
  must(uc_ctl_set_cpu_model(uc, UC_CPU_X86_ICELAKE_SERVER), "the CPU model");
  must(uc_mem_map(uc, 0, MEMORY, UC_PROT_ALL), "RAM");
  must(uc_mem_map(uc, window, 0x10000, UC_PROT_ALL), "the window");
  must(uc_hook_add(uc, &hook, UC_HOOK_INTR, (void *)on_exception, NULL, 1, 0), "a hook");
  put_tables();
  put_window(KERNEL, entry, sizeof entry);
  put_window(KEYED, keyed, sizeof keyed);
  put_window(GDT, gdt, sizeof gdt);
  must(uc_reg_write(uc, UC_X86_REG_GDTR, &gdtr), "GDTR");
  if (!wide) set(UC_X86_REG_SS, 0x10), set(UC_X86_REG_DS, 0x10); /* a stack of 32 bits */
  set(UC_X86_REG_CR4, e == BITS32 ? 0x600 : 0x620);
  set(UC_X86_REG_CR3, TABLES + 0x8000);
  set(UC_X86_REG_CR0, 0x80010033);
  must(uc_context_alloc(uc, &engine[e].begin), "a context");
  must(uc_context_alloc(uc, &engine[e].now), "a context");
  must(uc_context_save(uc, engine[e].begin), "a context");
  choose_engine(e);
}

/* ---- one access ------------------------------------------------------------------------ */

/* By kind and width: mov (%rbx),%rax; mov %rax,(%rbx); lock xadd %rax,(%rbx); jmp *%rbx. Each lies at a place of
 * its own, since Unicorn goes on with what it has translated before. */
static const struct { const char *bytes; uint8_t n; } CODE[4][4] = {
  [VMREF_READ] = { { "\x8a\x03", 2 }, { "\x66\x8b\x03", 3 }, { "\x8b\x03", 2 }, { "\x48\x8b\x03", 3 } },
  [VMREF_WRITE] = { { "\x88\x03", 2 }, { "\x66\x89\x03", 3 }, { "\x89\x03", 2 }, { "\x48\x89\x03", 3 } },
  [VMREF_RMW] = { { "\xf0\x0f\xc0\x03", 4 }, { "\xf0\x66\x0f\xc1\x03", 5 }, { "\xf0\x0f\xc1\x03", 4 }, { "\xf0\x48\x0f\xc1\x03", 5 } },
  [VMREF_FETCH] = { { "\xff\xe3", 2 }, { "\xff\xe3", 2 }, { "\xff\xe3", 2 }, { "\xff\xe3", 2 } },
};
static unsigned width_of(uint8_t size) { return size == 1 ? 0 : size == 2 ? 1 : size == 4 ? 2 : 3; }
static uint64_t place_of(uint8_t cpl, uint8_t kind, unsigned width) { return (cpl == 3 ? USER : KERNEL + 0x100) + 64u * kind + 16u * width; }

static void put_code(void)
{
  for (uint8_t kind = VMREF_READ; kind <= VMREF_FETCH; kind++)
    for (unsigned width = 0; width < 4; width++)
      for (uint8_t cpl = 0; cpl <= 3; cpl += 3) put_window(place_of(cpl, kind, width), CODE[kind][width].bytes, CODE[kind][width].n);
}

struct shot shot_of(const struct vmref_access *a)
{
  const uint64_t at = window + place_of(a->cpl, a->kind, width_of(a->size));
  return (struct shot){ at, a->kind == VMREF_FETCH ? a->va + 1 : at + CODE[a->kind][width_of(a->size)].n,
                        { at, a->cpl == 3 ? 0x2b : 0x08, 0x2 | (a->ac ? 1u << 18 : 0), window + STACK + 0x800, a->cpl == 3 ? 0x23 : 0x10 } };
}

uint64_t put_frame(const struct shot *s)
{
  uint32_t narrow[5];
  for (unsigned i = 0; i < 5; i++) narrow[i] = (uint32_t)s->frame[i];
  if (wide) put_window(STACK + 0x400, s->frame, sizeof s->frame);
  else put_window(STACK + 0x400, narrow, sizeof narrow);
  return window + STACK + 0x400;
}

uint64_t cr0_of(const struct vmref_cpu *u) { return 0x80000033 | (u->wp ? 1u << 16 : 0); }
uint64_t cr4_of(const struct vmref_cpu *u)
{
  if (!vmref_long_mode(u->mode))
    return 0x600u | (u->mode == VMREF_MODE_PAE ? 0x20 : 0) | (u->pse ? 0x10 : 0) | (u->pge ? 0x80 : 0) | (u->smep ? 1u << 20 : 0) | (u->smap ? 1u << 21 : 0);
  return 0x620u | (u->pge ? 0x80 : 0) | (u->mode == VMREF_MODE_5LEVEL ? 1u << 12 : 0) | (u->smep ? 1u << 20 : 0) | (u->smap ? 1u << 21 : 0)
         | (u->pke ? 1u << 22 : 0);
}

/* Make it, with memory of Unicorn's at the linear address, since it looks for such before it walks.
 * Gives RIP as it is when the access was made. */
static uint64_t make_access(const struct question *q)
{
  const struct vmref_access *a = &q->access;
  const struct shot s = shot_of(a);
  must(uc_context_restore(uc, begin), "a context");
  set(REG(SP), put_frame(&s));
  set(REG(DX), cr0_of(&q->cpu));
  set(REG(CX), cr4_of(&q->cpu));
  if (wide) set(UC_X86_REG_R8, q->cpu.pkru);
  set(REG(AX), q->cpu.cr3);
  set(REG(BX), a->va);
  vector = -1;
  must(uc_emu_start(uc, window + (wide && q->cpu.pke ? KEYED : KERNEL), s.made, 0, 12), "uc_emu_start");
  return s.made;
}

uint32_t error_code(void)
{
  uc_context *c;
  uint32_t error;
  must(uc_context_alloc(uc, &c), "a context");
  must(uc_context_save(uc, c), "a context");
  memcpy(&error, (char *)c + at_error, sizeof error);
  uc_context_free(c);
  return error;
}

/* Where in a saved context the error code lies: the place that has 0x4, 0x6 and 0x2 after three
 * faults at a page that is not there, and 0x7 after a write to one that is read-only. */
#define FIND_AT 0x8000000u
static void find_error_code(void)
{
  static const struct { uint64_t pte; uint8_t kind, cpl; uint32_t error; } FAULT[] = {
    { 0, VMREF_READ, 3, 4 }, { 0, VMREF_WRITE, 3, 6 }, { 0, VMREF_WRITE, 0, 2 }, { 0x5025, VMREF_WRITE, 3, 7 } };
  const size_t size = uc_context_size(uc) + 64;
  uint8_t *may = malloc(size);
  uc_context *c;
  size_t places = 0;
  must(uc_context_alloc(uc, &c), "a context");
  memset(may, 1, size);
  put_word(0x1000 + 8 * SLOT, TABLES + 0x67);
  put_word(0x1000, 0x2027), put_word(0x2000, 0x3027), put_word(0x3000 + 8 * (FIND_AT >> 21), 0x4027);
  must(uc_mem_map(uc, FIND_AT, 4096, UC_PROT_ALL), "memory at the linear address");
  for (size_t i = 0; i < sizeof FAULT / sizeof *FAULT; i++) {
    struct question q = QUESTION_DEFAULT;
    q.access.kind = FAULT[i].kind, q.access.cpl = FAULT[i].cpl;
    q.access.va = FIND_AT;
    put_word(0x4000, FAULT[i].pte);
    make_access(&q);
    must(uc_context_save(uc, c), "a context");
    for (size_t at = 0; at + 4 <= uc_context_size(uc); at += 4)
      if (vector != 14 || memcmp((char *)c + at, &FAULT[i].error, 4) != 0) may[at] = 0;
  }
  for (size_t at = 0; at + 4 <= uc_context_size(uc); at += 4)
    if (may[at]) at_error = at, places++;
  for (uint64_t pa = 0x1000; pa < 0x5000; pa += 8) put_word(pa, 0);
  must(uc_mem_unmap(uc, FIND_AT, 4096), "memory at the linear address");
  free(may);
  uc_context_free(c);
  if (places == 1) return;
  fprintf(stderr, "unicorn-vectors: the error code is in %zu places of a saved context, not in one\n", places);
  exit(EXIT_INTERNAL);
}

/* ---- questions --------------------------------------------------------------------------- */

const char *cannot_cpu(const struct vmref_cpu *u)
{
  if (u->mode == VMREF_MODE_NONE) return "no paging: there is no walk to be seen";
  if (u->nxe && u->mode != VMREF_MODE_32BIT) return "NXE stays 0: neither WRMSR nor uc_reg_write sets it, on none of its CPU models";
  if (u->mode == VMREF_MODE_32BIT) return u->maxphyaddr == 40 && u->pse36 ? NULL : "another CPU";
  if (u->mode == VMREF_MODE_PAE) return u->maxphyaddr == 40 ? NULL : "another CPU";
  if (u->pcide || u->pks) return "there are no PCIDs and no PKS";
  if (u->maxphyaddr != 40 || !u->page1gb || u->vendor != VMREF_INTEL) return "another CPU";
  return NULL;
}

const char *cannot_kind(const struct vmref_access *a)
{
  if (a->cpl == 1 || a->cpl == 2 || a->implicit || a->seg == VMREF_SEG_SS) return "CPL 0 and 3 alone, explicit, by DS";
  if (a->size > (wide ? 8 : 4) || (a->size & (a->size - 1)) || a->va % 4096 + a->size > 4096) return "1, 2, 4 or, in long mode, 8 bytes in one page";
  if (a->va % 4096 == 4095 && a->kind == VMREF_FETCH) return "a fetch of a page's last byte";
  return NULL;
}

static const char *cannot(const struct question *q)
{
  const struct vmref_cpu *u = &q->cpu;
  const struct vmref_access *a = &q->access;
  const char *why = cannot_cpu(u);
  if (why || (why = cannot_kind(a))) return why;
  if (in_window(u->mode, a->va)) return "the code's own window";
  if (a->va < MEMORY) return "a linear address in RAM";
  for (size_t i = 0; i < q->words; i++)
    if (q->mem[i].address >= TABLES || (q->mem[i].address == root_word(u->cr3) && u->mode != VMREF_MODE_PAE)) return "memory of the code's own";
  for (unsigned i = 0; u->mode == VMREF_MODE_PAE && i < 4; i++) {
    const uint64_t in_memory = question_entry(q, (u->cr3 & 0xffffffe0) + 8 * i), e = q->registers ? u->pdpte[i] : in_memory;
    if (!vmref_pdpte_fit(u->maxphyaddr, e)) return "PDPTEs that cannot be loaded";
    if (e != in_memory) return "PDPTE registers that memory does not hold";
  }
  uint64_t table = u->mode == VMREF_MODE_PAE ? vmref_table_of(question_entry(q, (u->cr3 & 0xffffffe0) + 8 * (a->va >> 30 & 3))) : u->cr3 & ~0xfffull;
  for (uint8_t level = vmref_top_level(u->mode); level >= 1; level--) {
    if (table >= TABLES) return "a table outside of RAM";
    const uint64_t at = vmref_entry_in(u->mode, table, a->va, level), e = question_entry(q, at);
    if ((at & ~7ull) == root_word(u->cr3)) return "memory of the code's own";
    if (!vmref_p(e) || vmref_maps_page(*u, level, e)) break;
    table = vmref_table_of(e);
  }
  return NULL;
}

static void answer_one(const struct question *q)
{
  choose(q->cpu.mode);
  const char *why = cannot(q);
  if (why) {
    printf("{\"result\":\"unsupported\",\"message\":\"%s\"}\n", why);
    return;
  }
  const uint64_t root = root_word(q->cpu.cr3);
  const unsigned size = vmref_entry_size(q->cpu.mode);
  for (size_t i = 0; i < q->words; i++) put_word(q->mem[i].address, q->mem[i].value);
  put_word(root, root_word_value());
  const uint64_t page = q->access.va & ~0xfffull;
  must(uc_mem_map(uc, page, 4096, UC_PROT_ALL), "memory at the linear address");
  put(q->access.va, "\x90", 1); /* nop: what a fetch gets */
  const uint64_t made = make_access(q);
  uint64_t cr2 = 0, rip = 0;
  must(uc_reg_read(uc, REG(IP), &rip), "RIP");
  if (vector >= 0) {
    must(uc_reg_read(uc, UC_X86_REG_CR2, &cr2), "CR2");
    printf("{\"result\":\"fault\",\"vector\":%d", vector);
    /* After a fetch the place holds 0: whether that is its error code, nothing tells. */
    if (q->access.kind != VMREF_FETCH) printf(",\"error\":\"0x%" PRIx32 "\"", error_code());
    if (vector == VMREF_VECTOR_PF) printf(",\"cr2\":\"0x%" PRIx64 "\"", cr2);
  } else if (rip == made) printf("{\"result\":\"ok\"");
  else must(UC_ERR_EXCEPTION, "neither made nor faulted");
  must(uc_ctl_remove_cache(uc, page, page + 4095), "what was translated");
  must(uc_mem_unmap(uc, page, 4096), "memory at the linear address");
  printf(",\"writes\":[");
  const char *comma = "";
  for (size_t i = 0; i < q->words; i++) {
    const uint64_t now = q->mem[i].address == root ? q->mem[i].value : word_at(q->mem[i].address);
    for (uint64_t at = q->mem[i].address; at < q->mem[i].address + 8; at += size) {
      const uint64_t was = vmref_entry_in_word(q->cpu.mode, at, q->mem[i].value), is = vmref_entry_in_word(q->cpu.mode, at, now);
      if (was != is) printf("%s[\"0x%" PRIx64 "\",\"0x%" PRIx64 "\"]", comma, at, is), comma = ",";
    }
    put_word(q->mem[i].address, 0);
  }
  puts("]}");
  put_word(root, 0);
}

int main(int argc, char **argv)
{
  const char *text;
  size_t size;
  unsigned major, minor;
  enum line kind;
  struct question q = QUESTION_DEFAULT;
  struct complaint why;
  if (argc > 1 && strcmp(argv[1], "--version") == 0) return uc_version(&major, &minor), printf("%u.%u\n", major, minor), EXIT_ANSWERED;
  if (argc > 1) {
    puts("Usage: unicorn-vectors [--version]\nAnswer questions of vmref walk, JSON lines on standard input, by what Unicorn's MMU does.");
    return strcmp(argv[1], "--help") == 0 ? EXIT_ANSWERED : EXIT_USAGE;
  }
  for (enum engine e = 0; e < ENGINES; e++) start(e), put_code(), sequence_start();
  choose_engine(LONG);
  find_error_code();
  struct lines *in = lines_open(NULL);
  while (in && (kind = lines_next(in, &text, &size)) == LINE_TEXT) {
    json_t *line = line_read(text, size, &why);
    const char *op = json_string_value(json_object_get(line, "op"));
    if (op && strcmp(op, "sequence") == 0) sequence_answer(line);
    else if (op && strcmp(op, "walk") != 0) printf("{\"result\":\"unsupported\",\"message\":\"%s\"}\n", why_not_asked(op));
    else if (line && question_take(&q, line, &why)) answer_one(&q);
    else return say("line %" PRIu64 ": %s", lines_number(in), why.text), EXIT_MALFORMED;
    json_decref(line);
  }
  return fflush(stdout) == 0 ? EXIT_ANSWERED : EXIT_INTERNAL;
}
