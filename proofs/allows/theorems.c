/* SPDX-License-Identifier: MIT */
/* What the set of permitted outcomes implies. Each theorem is the contract of a function
 * that does nothing. */
#include "allows.h"

/* After an invalidation (vmref_tlb_invlpg, vmref_tlb_fault, vmref_tlb_reset ensure `clean`)
 * no stale outcome is allowed: the tables in memory alone decide. */
/*@ requires \valid_read(ram + (0 .. words - 1)) && \valid_read(tlb) && \valid_read(s);
    requires askable(cpu, access) && before_walk(cpu, access) == VMREF_RULE_NONE;
    requires clean(*tlb, pcid_of(cpu), access.va);
    terminates \true; assigns \nothing; exits \false;
    ensures fresh: outcome_permitted(*s, ram, words, cpu, access, *tlb, root) <==> by_walk(*s, ram, words, cpu, access, root);
    ensures flags: \forall integer x; a_may_be_set(ram, words, cpu, access, *tlb, root, x)
                     <==> names(ram, words, cpu, access, root, x); */
void theorem_no_stale_outcome(const struct vmref_observed *s, const uint64_t *ram, uint64_t words, struct vmref_cpu cpu,
                              struct vmref_access access, const struct vmref_tlb *tlb, struct vmref_origin root)
{
}

/* Before it, one is: whatever a translation that the TLB may hold answers is permitted. */
/*@ requires \valid_read(ram + (0 .. words - 1)) && \valid_read(tlb) && \valid_read(s);
    requires 0 <= i < VMREF_TLB_SLOTS && by_hit(*s, tlb->page[i], cpu, access) && s->sets == 0;
    requires before_walk(cpu, access) == VMREF_RULE_NONE;
    terminates \true; assigns \nothing; exits \false;
    ensures permitted(*s, ram, words, cpu, access, *tlb, root); */
void theorem_stale_is_permitted(const struct vmref_observed *s, const uint64_t *ram, uint64_t words, struct vmref_cpu cpu,
                                struct vmref_access access, const struct vmref_tlb *tlb, struct vmref_origin root,
                                uint32_t i)
{
}

/* No D flag without a write that was made, whatever is cached. */
/*@ requires \valid_read(ram + (0 .. words - 1)) && \valid_read(tlb) && \valid_read(s);
    requires s->flags_seen == 1 && permitted(*s, ram, words, cpu, access, *tlb, root);
    requires before_walk(cpu, access) == VMREF_RULE_NONE;
    requires 0 <= i < s->sets && s->set_d[i] == 1;
    terminates \true; assigns \nothing; exits \false;
    ensures write: writes(access) == 1;
    ensures made: s->vector == VMREF_VECTOR_NONE; */
void theorem_no_d_without_write(const struct vmref_observed *s, const uint64_t *ram, uint64_t words, struct vmref_cpu cpu,
                                struct vmref_access access, const struct vmref_tlb *tlb, struct vmref_origin root,
                                uint32_t i)
{
}

/* No lost D: a write that was made leaves D = 1 in the entry that it went through, be it the
 * entry in memory, reached from any origin, or a translation cached with D = 1 already. In
 * particular a translation filled by a read of a page with D = 0 serves no write. */
/*@ requires \valid_read(ram + (0 .. words - 1)) && \valid_read(s);
    requires s->flags_seen == 1 && s->vector == VMREF_VECTOR_NONE && writes(access) == 1;
    requires by_walk(*s, ram, words, cpu, access, origin);
    terminates \true; assigns \nothing; exits \false;
    ensures \let l = last_level(ram, words, cpu, origin, access.va, origin.level);
      D(entry_at(ram, cpu.mode, origin, access.va, l)) == 1
      || d_was_set(*s, entry_address(ram, cpu.mode, origin, access.va, l)); */
void theorem_d_is_set(const struct vmref_observed *s, const uint64_t *ram, uint64_t words, struct vmref_cpu cpu,
                      struct vmref_access access, struct vmref_origin origin)
{
}

/*@ requires \valid_read(s);
    requires s->vector == VMREF_VECTOR_NONE && writes(access) == 1 && by_hit(*s, t, cpu, access);
    terminates \true; assigns \nothing; exits \false;
    ensures t.dirty == 1; */
void theorem_hit_is_dirty(const struct vmref_observed *s, struct vmref_translation t, struct vmref_cpu cpu,
                          struct vmref_access access)
{
}
