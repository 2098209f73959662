/* SPDX-License-Identifier: MIT */
/* Accesses, rights and walks: SDM 3A 4.6, 4.7, 4.8. */
#include <stdlib.h>
#include "opinion.h"

#define BITS(hi, lo) ((~UINT64_C(0) >> (63 - (hi))) & (~UINT64_C(0) << (lo)))
#define FRAME        BITS(51, 12)
#define RULE(name)   (UINT32_C(1) << VMREF_RULE_##name)

enum { P = 1, RW = 2, US = 4, A = 0x20, D = 0x40, G = 0x100 };
#define XD (UINT64_C(1) << 63)

/* ---- the question -------------------------------------------------------- */

int opinion_user(const struct vmref_access *a)
{
  return a->cpl == 3 && !a->implicit;
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

/* 4.6.2: of the register's 32 bits, the two of a key are WD:AD. What is left of reading
 * and writing under them, row WD:AD, and what WD = 1 costs a supervisor without CR0.WP. */
static const uint8_t BY_KEY[4] = { READ | WRITE, 0, READ, 0 };

uint32_t opinion_denied_key(const struct vmref_cpu *cpu, const struct vmref_access *a,
                            int us, int key)
{
  const uint8_t need = NEED[a->kind];
  const int pair = (int)((us ? cpu->pkru : cpu->pkrs) >> (key << 1)) & 3;
  if (!opinion_long(cpu->mode) || !(us ? cpu->pke : cpu->pks)) return 0;
  if (need == EXEC || (opinion_user(a) && !us)) return 0;
  uint8_t use = BY_KEY[pair];
  if (pair == 2 && !cpu->wp && !opinion_user(a)) use |= WRITE;
  if (!(need & ~use)) return 0;
  uint32_t cites = 0;
  if (pair & 1) cites |= us ? RULE(PF_PKU_AD) : RULE(PF_PKS_AD);
  if (pair & 2 && need & WRITE && (cpu->wp || opinion_user(a)))
    cites |= us ? RULE(PF_PKU_WD) : RULE(PF_PKS_WD);
  return cites;
}

uint32_t opinion_error(const struct vmref_cpu *cpu, const struct vmref_access *a,
                       enum opinion_cause cause)
{
  static const uint8_t by_cause[] = { 0, 9, 1, 33 };
  uint32_t error = by_cause[cause];
  int nx = cpu->nxe && cpu->mode != VMREF_MODE_32BIT; /* NXE counts with CR4.PAE only */
  if (NEED[a->kind] & WRITE) error |= 2;
  if (opinion_user(a)) error |= 4;
  if (a->kind == VMREF_FETCH && (nx || cpu->smep)) error |= 16;
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

static uint64_t entry_at(const struct vmref_cpu *cpu, uint64_t pa, opinion_read *read, const void *memory)
{
  uint64_t word = read(memory, pa & ~UINT64_C(7));
  return opinion_entry_bytes(cpu->mode) == 8 ? word : word >> (pa & 4) * 8 & BITS(31, 0);
}

/* An entry that maps a page has been found at o->last. */
static void reach_page(struct opinion *o, const struct vmref_cpu *cpu, const struct vmref_access *a)
{
  const uint64_t e = o->entry[o->last];
  o->key = e >> 59 & 15;
  const uint32_t keyed = opinion_denied_key(cpu, a, o->us, o->key);
  const uint32_t denied = opinion_denied(cpu, a, o->us, o->rw, o->xd) | keyed;
  if (denied) { page_fault(o, cpu, a, denied, keyed ? OPINION_KEY : OPINION_RIGHTS); return; }
  if (NEED[a->kind] & WRITE) o->after[o->last] |= D;
  o->pa = opinion_page(cpu, o->last, e, a->va);
  o->global = cpu->pge && e & G;
  o->pat = (uint8_t)opinion_pat(o->last, e);
  o->cites = RULE(OK);
}

static void walk_down(struct opinion *o, const struct vmref_cpu *cpu, const struct vmref_access *a,
                      opinion_read *read, const void *memory)
{
  const struct vmref_origin *from = &o->origin;
  uint64_t table = from->table, e;
  uint64_t rights = (from->rw ? RW : 0) | (from->us ? US : 0) | (from->xd ? 0 : XD);
  int level = from->level;
  for (;; level--, table = e & FRAME) {
    o->last = (uint8_t)level;
    o->address[level] = table | opinion_index(cpu->mode, level, a->va) * (unsigned)opinion_entry_bytes(cpu->mode);
    o->entry[level] = o->after[level] = e = entry_at(cpu, o->address[level], read, memory);
    if (!(e & P)) { page_fault(o, cpu, a, RULE(PF_NP), OPINION_ABSENT); return; }
    uint32_t broken = opinion_reserved(cpu, level, e);
    if (broken) { page_fault(o, cpu, a, broken, OPINION_RESERVED); return; }
    o->after[level] |= A;
    rights &= e ^ XD; /* XD upside down: a plain AND combines all three */
    if (opinion_leaf(cpu, level, e)) break;
  }
  o->rw = !!(rights & RW), o->us = !!(rights & US), o->xd = !(rights & XD);
  reach_page(o, cpu, a);
}

/* Says all that can be said without reading memory; 1: a walk is needed. */
static int ahead(struct opinion *o, const struct vmref_cpu *cpu, const struct vmref_access *a)
{
  o->cites = RULE(NONE);
  o->status = VMREF_EINVAL;
  if (!opinion_cpu_ok(cpu) || !opinion_access_ok(a)) return 0;
  if (!opinion_long(cpu->mode) && a->va >> 32) return 0;
  const int canonical = opinion_canonical(cpu->mode, a->va), stack = a->seg == VMREF_SEG_SS;
  o->status = VMREF_EUNMODELLED;
  if (!opinion_one_page(a) || (a->implicit && !canonical)) return 0;
  o->status = VMREF_OK;
  if (!canonical) {
    o->vector = stack ? 12 : 13;
    o->cites = stack ? RULE(SS_CANON) : RULE(GP_CANON);
    return 0;
  }
  if (cpu->mode == VMREF_MODE_NONE) {
    o->cites = RULE(OK);
    o->pa = a->va;
    o->rw = o->us = 1;
    return 0;
  }
  o->origin = (struct vmref_origin){ .table = cpu->cr3 & FRAME, .level = (uint8_t)opinion_top(cpu->mode),
                                     .rw = 1, .us = 1 };
  if (cpu->mode != VMREF_MODE_PAE) return 1;
  const uint64_t pdpte = cpu->pdpte[a->va >> 30];
  o->origin.table = pdpte & FRAME;
  if (pdpte & P) return 1;
  o->origin = (struct vmref_origin){ 0 };
  o->last = 3;
  o->entry[3] = o->after[3] = pdpte;
  page_fault(o, cpu, a, RULE(PF_NP), OPINION_ABSENT);
  return 0;
}

struct opinion opinion_walk(const struct vmref_cpu *cpu, const struct vmref_access *a,
                            opinion_read *read, const void *memory)
{
  struct opinion o = { 0 };
  if (ahead(&o, cpu, a)) walk_down(&o, cpu, a, read, memory);
  return o;
}

struct opinion opinion_walk_from(const struct vmref_cpu *cpu, const struct vmref_access *a,
                                 const struct vmref_origin *from, opinion_read *read,
                                 const void *memory)
{
  struct opinion o = { 0 }, refused = { .status = VMREF_EINVAL, .cites = RULE(NONE) };
  if (!ahead(&o, cpu, a) || from->table & ~FRAME || (from->rw | from->us | from->xd) & ~1
      || (unsigned)from->level - 1 >= (unsigned)opinion_top(cpu->mode))
    return refused;
  o.origin = *from;
  walk_down(&o, cpu, a, read, memory);
  return o;
}
