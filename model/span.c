/* SPDX-License-Identifier: MIT */
#include "span.h"

uint8_t vmref_span_parts(struct vmref_access access)
{
  return access.va % 0x1000 + access.size <= 0x1000 ? 1 : 2;
}

struct vmref_access vmref_span_first(struct vmref_access access)
{
  struct vmref_access part = access;
  if (vmref_span_parts(access) == 2) part.size = (uint8_t)(0x1000 - access.va % 0x1000);
  return part;
}

/*@ requires is_long(mode) == 1 || va < 0x100000000;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == next_page(mode, va);
    ensures \result % 0x1000 == 0;
    ensures is_long(mode) == 0 ==> \result < 0x100000000; */
static uint64_t page_after(uint8_t mode, uint64_t va)
{
  uint64_t page = va / 0x1000, last = vmref_long_mode(mode) ? 0xFFFFFFFFFFFFF : 0xFFFFF;
  return page == last ? 0 : (page + 1) * 0x1000;
}

struct vmref_access vmref_span_second(struct vmref_cpu cpu, struct vmref_access access)
{
  struct vmref_access part = access;
  part.va = page_after(cpu.mode, access.va);
  part.size = (uint8_t)(access.va % 0x1000 + access.size - 0x1000);
  return part;
}

/*@ requires valid_question(cpu, access);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == span_canonical(cpu, access); ensures flag(\result); */
static uint8_t all_canonical(struct vmref_cpu cpu, struct vmref_access access)
{
  if (!vmref_canonical(cpu.mode, access.va)) return 0;
  return vmref_span_parts(access) == 1 || vmref_canonical(cpu.mode, page_after(cpu.mode, access.va));
}

void vmref_span_start(struct vmref_span *s, struct vmref_cpu cpu, struct vmref_access access)
{
  struct vmref_walk w;
  *s = (struct vmref_span){ .access = access };
  if (!vmref_question_valid(cpu, access)) { s->status = VMREF_EINVAL; return; }
  if (access.implicit == 1 && !all_canonical(cpu, access)) { s->status = VMREF_EUNMODELLED; return; }
  s->parts = vmref_span_parts(access);
  vmref_walk_start(&w, cpu, vmref_span_first(access));
  s->part[0] = w;
  if (s->parts == 1) return;
  vmref_walk_start(&w, cpu, vmref_span_second(cpu, access));
  s->part[1] = w;
}

/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == faults(rule); ensures flag(\result); */
static uint8_t is_fault(uint8_t rule) { return vmref_vector(rule) != VMREF_VECTOR_NONE; }

/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == not_canonical(rule); ensures flag(\result); */
static uint8_t is_not_canonical(uint8_t rule)
{
  return rule == VMREF_RULE_GP_CANON || rule == VMREF_RULE_SS_CANON;
}

/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == chosen(parts, r, q); ensures flag(\result); */
static uint8_t choose(uint8_t parts, uint8_t r, uint8_t q)
{
  if (parts == 1 || is_not_canonical(r)) return 0;
  if (is_not_canonical(q)) return 1;
  if (is_fault(r)) return 0;
  return is_fault(q);
}

/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == at_limit(cpu, access); ensures flag(\result); */
static uint8_t meets_limit(struct vmref_cpu cpu, struct vmref_access access)
{
  if (vmref_long_mode(cpu.mode) || access.implicit != 0) return 0;
  return access.va > 0x100000000u - access.size;
}

/*@ requires 1 <= parts <= 2;
    terminates \true; assigns \nothing; exits \false;
    ensures \result == permitted(cpu, access, parts, r, q); */
static uint8_t outcomes(struct vmref_cpu cpu, struct vmref_access access, uint8_t parts, uint8_t r, uint8_t q)
{
  uint8_t may = 0;
  if (is_fault(r)) may += VMREF_SPAN_FIRST;
  if (parts == 2 && is_fault(q)) may += VMREF_SPAN_SECOND;
  if (may == 0) may = VMREF_SPAN_OK;
  if (meets_limit(cpu, access)) may += VMREF_SPAN_LIMIT;
  return may;
}

/*@ terminates \true; assigns \nothing; exits \false;
    ensures \result == may_tear(access, parts, r, q); ensures flag(\result); */
static uint8_t tears(struct vmref_access access, uint8_t parts, uint8_t r, uint8_t q)
{
  if (parts != 2 || access.kind != VMREF_WRITE || access.size <= 8) return 0;
  return is_fault(r) != is_fault(q);
}

void vmref_span_join(struct vmref_span *s)
{
  s->first = 0;
  s->rule = VMREF_RULE_NONE;
  s->vector = VMREF_VECTOR_NONE;
  s->error = 0;
  s->cr2 = 0;
  s->may = 0;
  s->torn = 0;
  if (s->parts == 0) return;
  uint8_t r = s->part[0].rule, q = s->part[1].rule;
  s->status = VMREF_EMEM;
  if (r == VMREF_RULE_NONE || (s->parts == 2 && q == VMREF_RULE_NONE)) return;
  s->status = VMREF_OK;
  s->first = choose(s->parts, r, q);
  s->rule = s->part[s->first].rule;
  s->vector = s->part[s->first].vector;
  s->error = s->part[s->first].error;
  s->cr2 = s->part[s->first].cr2;
  s->may = outcomes(s->part[0].cpu, s->access, s->parts, r, q);
  s->torn = tears(s->access, s->parts, r, q);
}

/*@ requires \valid_read(w);
    terminates \true; assigns \nothing; exits \false;
    ensures \result == 1 <==> delivers(*w, vector, error, cr2); ensures flag(\result); */
static uint8_t is_of(const struct vmref_walk *w, uint8_t vector, uint32_t error, uint64_t cr2)
{
  if (w->vector != vector || w->error != error) return 0;
  return vector != VMREF_VECTOR_PF || w->cr2 == cr2;
}

uint8_t vmref_span_allows(const struct vmref_span *s, uint8_t vector, uint32_t error, uint64_t cr2)
{
  if (vector == VMREF_VECTOR_NONE && s->may / VMREF_SPAN_OK % 2) return 1;
  if (s->may / VMREF_SPAN_FIRST % 2 && is_of(&s->part[0], vector, error, cr2)) return 1;
  if (s->may / VMREF_SPAN_SECOND % 2 && is_of(&s->part[1], vector, error, cr2)) return 1;
  if (s->may / VMREF_SPAN_LIMIT % 2 == 0 || error != 0) return 0;
  return vector == (s->access.seg == VMREF_SEG_SS ? VMREF_VECTOR_SS : VMREF_VECTOR_GP);
}

uint64_t vmref_span_after(const struct vmref_span *s, uint8_t i, uint8_t level)
{
  if (i == 1 && level == s->part[1].last && s->part[1].rule == VMREF_RULE_OK
      && is_fault(s->part[0].rule) && s->torn == 0)
    return vmref_accessed(s->part[1].entry[level]);
  return s->part[i].after[level];
}

struct vmref_span vmref_span(const uint64_t *ram, uint64_t words,
                             struct vmref_cpu cpu, struct vmref_access access)
{
  struct vmref_span s;
  vmref_span_start(&s, cpu, access);
  struct vmref_walk first = s.part[0], second = s.part[1];
  if (first.level != 0) vmref_walk_finish(&first, ram, words);
  if (second.level != 0) vmref_walk_finish(&second, ram, words);
  s.part[0] = first;
  s.part[1] = second;
  vmref_span_join(&s);
  return s;
}
