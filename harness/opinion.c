/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>
#include "opinion.h"
#include "show.h"

#define BIT(n)       (UINT64_C(1) << (n))
#define BITS(hi, lo) ((hi) < (lo) ? 0 : (~UINT64_C(0) >> (63 - (hi))) & (~UINT64_C(0) << (lo)))
#define FRAME        BITS(51, 12)
#define RULE(name)   (UINT32_C(1) << VMREF_RULE_##name)

enum { P = 1, RW = 2, US = 4, A = 0x20, D = 0x40, PS = 0x80, G = 0x100 };
#define XD BIT(63)

/* ---- the question -------------------------------------------------------- */

int opinion_canonical(uint64_t va)
{
  return (uint64_t)((int64_t)(va << 16) >> 16) == va;
}

int opinion_user(const struct vmref_access *a)
{
  return a->cpl == 3 && !a->implicit;
}

int opinion_cpu_ok(const struct vmref_cpu *cpu)
{
  if (((cpu->page1gb | cpu->wp | cpu->pge | cpu->smep | cpu->smap | cpu->nxe | cpu->vendor) & ~1)
      || cpu->mode >= 5 || (unsigned)(cpu->maxphyaddr - 32) > 20)
    return 0;
  return cpu->cr3 >> cpu->maxphyaddr == 0; /* MOV CR3 would have faulted */
}

int opinion_access_ok(const struct vmref_access *a)
{
  if ((a->kind | a->cpl) & ~3 || (a->implicit | a->ac | a->seg) & ~1) return 0;
  if ((uint8_t)(a->size - 1) & ~63) return 0;
  return a->implicit + a->seg + (a->kind == VMREF_FETCH) <= 1; /* each excludes the others */
}

int opinion_one_page(const struct vmref_access *a)
{
  return (a->va ^ (a->va + a->size - 1)) >> 12 == 0;
}

/* ---- reserved and ignored bits, as tables -------------------------------- */

enum when { ALWAYS, NO_XD, AMD, NO_1GB };

/* Bits hi..lo of a present entry must be 0 at a level (0: at each), where PS is 1
 * if asked, and only when. lo = 0 stands for MAXPHYADDR. */
static const struct must_be_zero {
  uint32_t cite;
  uint8_t level, large, hi, lo, when;
} ZERO[] = {
  { RULE(PF_RSVD_ADDR),     0, 0, 51,  0, ALWAYS },
  { RULE(PF_RSVD_XD),       0, 0, 63, 63, NO_XD },
  { RULE(PF_RSVD_PML4E_PS), 4, 0,  7,  7, ALWAYS },
  { RULE(PF_RSVD_PML4E_G),  4, 0,  8,  8, AMD },
  { RULE(PF_RSVD_1G),       3, 0,  7,  7, NO_1GB },
  { RULE(PF_RSVD_1G_ADDR),  3, 1, 29, 13, ALWAYS },
  { RULE(PF_RSVD_2M_ADDR),  2, 1, 20, 13, ALWAYS },
};

uint32_t opinion_reserved(const struct vmref_cpu *cpu, int level, uint64_t e)
{
  const int on[] = { 1, !cpu->nxe, cpu->vendor == VMREF_AMD, !cpu->page1gb };
  uint32_t cites = 0;
  for (size_t i = 0; i < sizeof ZERO / sizeof *ZERO; i++) {
    const struct must_be_zero *z = &ZERO[i];
    if (!on[z->when] || (z->level && z->level != level) || (z->large && !(e & PS))) continue;
    if (e & BITS(z->hi, z->lo ? z->lo : cpu->maxphyaddr)) cites |= z->cite;
  }
  return cites;
}

/* Figure 4-11: what no table entry gives a meaning to, and the memory types,
 * which decide nothing here. D counts in a leaf only, but never for the verdict. */
uint64_t opinion_ignored(const struct vmref_cpu *cpu, int level, uint64_t e)
{
  const uint64_t memory_type = BIT(3) | BIT(4);
  uint64_t ignored = BITS(62, 52) | BITS(11, 9) | memory_type;
  if (level == 1) return ignored | BIT(7);                       /* PAT */
  if (opinion_leaf(level, e)) return ignored | BIT(12);          /* PAT of a large page */
  ignored |= D;
  return level == 4 && cpu->vendor == VMREF_AMD ? ignored : ignored | G;
}

int opinion_leaf(int level, uint64_t e)
{
  return level == 1 || (level < 4 && e & PS);
}

uint64_t opinion_page(int level, uint64_t e, uint64_t va)
{
  uint64_t inside = BITS(9 * level + 2, 0);
  return (e & FRAME & ~inside) | (va & inside);
}

/* ---- rights: the matrix, and the rules one by one ------------------------ */

enum { READ = 1, WRITE = 2, EXEC = 4 };
#define RWX (READ | WRITE | EXEC)

/* What a translation may be used for; column US RW XD, as a number. */
static const uint8_t BY_USER[8] =
  { 0, 0, 0, 0,                   READ | EXEC, READ, RWX, READ | WRITE };
static const uint8_t BY_SUPERVISOR[2][8] = { /* row CR0.WP */
  { RWX,         READ | WRITE, RWX, READ | WRITE, RWX,         READ | WRITE, RWX, READ | WRITE },
  { READ | EXEC, READ,         RWX, READ | WRITE, READ | EXEC, READ,         RWX, READ | WRITE },
};
static const uint8_t NEED[4] = { READ, WRITE, READ | WRITE, EXEC };

static uint8_t usable(const struct vmref_cpu *cpu, const struct vmref_access *a, int column)
{
  if (opinion_user(a)) return BY_USER[column];
  uint8_t use = BY_SUPERVISOR[cpu->wp][column];
  if (column & 4) { /* a user-mode address */
    if (cpu->smep) use &= (uint8_t)~EXEC;
    if (cpu->smap && !(a->ac && !a->implicit)) use &= EXEC;
  }
  return use;
}

uint32_t opinion_denied(const struct vmref_cpu *cpu, const struct vmref_access *a,
                        int us, int rw, int xd)
{
  const uint8_t need = NEED[a->kind];
  const int user = opinion_user(a), write = need & WRITE, fetch = need & EXEC;
  uint32_t cites = 0;
  if (user && !us) cites |= RULE(PF_USER);
  if (user && write && !rw) cites |= RULE(PF_USER_WRITE);
  if (!user && write && !rw && cpu->wp) cites |= RULE(PF_WP);
  if (fetch && xd) cites |= RULE(PF_XD);
  if (!user && fetch && us && cpu->smep) cites |= RULE(PF_SMEP);
  if (!user && !fetch && us && cpu->smap && (a->implicit || !a->ac)) cites |= RULE(PF_SMAP);
  if ((need & ~usable(cpu, a, us << 2 | rw << 1 | xd)) ? !cites : cites) {
    fprintf(stderr, "opinion: its matrix of rights and its rules differ\n");
    abort();
  }
  return cites;
}

uint32_t opinion_error(const struct vmref_cpu *cpu, const struct vmref_access *a,
                       enum opinion_cause cause)
{
  static const uint8_t by_cause[] = { 0, 9, 1 };
  uint32_t error = by_cause[cause];
  if (NEED[a->kind] & WRITE) error |= 2;
  if (opinion_user(a)) error |= 4;
  if (a->kind == VMREF_FETCH && (cpu->nxe | cpu->smep)) error |= 16;
  return error;
}

/* ---- the walk ------------------------------------------------------------ */

static void page_fault(struct opinion *o, const struct vmref_cpu *cpu,
                       const struct vmref_access *a, uint32_t cites, enum opinion_cause cause)
{
  o->vector = 14;
  o->cites = cites;
  o->cr2 = a->va;
  o->error = opinion_error(cpu, a, cause);
}

struct opinion opinion_walk(const struct vmref_cpu *cpu, const struct vmref_access *a,
                            opinion_read *read, const void *memory)
{
  struct opinion o = { .cites = RULE(NONE) };
  if (!opinion_cpu_ok(cpu) || !opinion_access_ok(a)) { o.status = VMREF_EINVAL; return o; }
  if (cpu->mode != VMREF_MODE_4LEVEL || !opinion_one_page(a)
      || (a->implicit && !opinion_canonical(a->va)))
    { o.status = VMREF_EUNMODELLED; return o; }
  if (!opinion_canonical(a->va)) {
    o.vector = a->seg == VMREF_SEG_SS ? 12 : 13;
    o.cites = a->seg == VMREF_SEG_SS ? RULE(SS_CANON) : RULE(GP_CANON);
    return o;
  }
  uint64_t table = cpu->cr3 & FRAME, rights = RW | US | XD, e;
  int level = 4;
  for (int shift = 39;; shift -= 9, level--, table = e & FRAME) {
    o.last = (uint8_t)level;
    o.address[level] = table | (a->va >> shift & 511) << 3;
    o.entry[level] = o.after[level] = e = read(memory, o.address[level]);
    if (!(e & P)) { page_fault(&o, cpu, a, RULE(PF_NP), OPINION_ABSENT); return o; }
    uint32_t broken = opinion_reserved(cpu, level, e);
    if (broken) { page_fault(&o, cpu, a, broken, OPINION_RESERVED); return o; }
    o.after[level] |= A;
    rights &= e ^ XD; /* XD upside down: a plain AND combines all three */
    if (opinion_leaf(level, e)) break;
  }
  o.rw = !!(rights & RW), o.us = !!(rights & US), o.xd = !(rights & XD);
  uint32_t denied = opinion_denied(cpu, a, o.us, o.rw, o.xd);
  if (denied) { page_fault(&o, cpu, a, denied, OPINION_RIGHTS); return o; }
  if (NEED[a->kind] & WRITE) o.after[level] |= D;
  o.pa = opinion_page(level, e, a->va);
  o.global = cpu->pge && e & G;
  o.cites = RULE(OK);
  return o;
}

/* ---- comparison and report ----------------------------------------------- */

const char *opinion_differs(const struct opinion *o, const struct vmref_walk *w)
{
  if (w->status != o->status) return "status";
  if (w->level != 0) return "level (the walk is not over)";
  if (w->vector != o->vector) return "vector";
  if (w->error != o->error) return "error code";
  if (w->cr2 != o->cr2) return "CR2";
  if (w->last != o->last) return "last level";
  if (w->rule > 31 || !(o->cites >> w->rule & 1)) return "rule cited";
  for (int level = 4; o->last && level >= o->last; level--) {
    if (w->address[level] != o->address[level]) return "address of an entry";
    if (w->entry[level] != o->entry[level]) return "entry read";
    if (w->after[level] != o->after[level]) return "A or D bits";
  }
  if (o->status != VMREF_OK || o->vector != 0) return NULL;
  if (w->pa != o->pa) return "physical address";
  if (w->rw != o->rw || w->us != o->us || w->xd != o->xd) return "combined rights";
  return w->global != o->global ? "global" : NULL;
}

void opinion_show(FILE *f, const struct opinion *o, const struct vmref_walk *w)
{
  char text[SHOW_TEXT];
  fprintf(f, "---- the model says\n");
  show_walk(f, w);
  fprintf(f, "---- the second opinion says\nstatus  %d\nvector  %u", o->status, o->vector);
  fprintf(f, ", error 0x%" PRIx32 " = %s, CR2 0x%016" PRIx64 "\nrules  ", o->error,
          error_bits(o->error, text), o->cr2);
  for (uint8_t rule = 1; rule < 32; rule++)
    if (o->cites >> rule & 1) fprintf(f, " %s", rule_id(rule));
  fputc('\n', f);
  for (int level = 4; o->last && level >= o->last; level--)
    fprintf(f, "%-5s   @0x%010" PRIx64 " = 0x%016" PRIx64 " then 0x%016" PRIx64 "  %s\n",
            entry_name((uint8_t)level), o->address[level], o->entry[level], o->after[level],
            entry_bits(w->cpu, (uint8_t)level, o->entry[level]).set);
  if (o->status == VMREF_OK && o->vector == 0)
    fprintf(f, "pa      0x%" PRIx64 "  rw %u us %u xd %u global %u\n", o->pa, o->rw, o->us,
            o->xd, o->global);
}

static void headline(const struct vmref_case *c, const char *what)
{
  char token[CASE_TOKEN];
  case_token(c, token);
  fprintf(stderr, "FINDING %s\ntoken   %s\n", what, token);
}

void finding(const struct vmref_case *c, const char *what)
{
  headline(c, what);
  abort();
}

void finding_values(const struct vmref_case *c, const char *what, uint64_t model,
                    uint64_t opinion)
{
  headline(c, what);
  fprintf(stderr, "the model says 0x%" PRIx64 ", the second opinion 0x%" PRIx64 "\n", model,
          opinion);
  struct vmref_walk w;
  vmref_walk_start(&w, c->cpu, c->access);
  show_walk(stderr, &w);
  abort();
}

void finding_walks(const struct vmref_case *c, const char *what,
                   const struct vmref_walk *w, const struct vmref_walk *other)
{
  struct vmref_case d = *c;
  char token[CASE_TOKEN];
  headline(c, what);
  fprintf(stderr, "---- the walk\n");
  show_walk(stderr, w);
  d.cpu = other->cpu;
  d.access = other->access;
  for (int level = 4; other->last && level >= other->last; level--)
    d.entry[level] = other->entry[level];
  case_token(&d, token);
  fprintf(stderr, "---- held against it, about %s\n", token);
  show_walk(stderr, other);
  abort();
}
