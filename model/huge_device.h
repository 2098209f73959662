/* SPDX-License-Identifier: MIT */
/* Part of topic huge: frames of devices in a process, as remap_pfn_range() maps them. They are never
 * counted, never swapped and never moved. To unmap them or to change their rights, unmap or change
 * the pages (space_range.h) and settle; of a mapping of 1 GiB that is its first page. */
#ifndef VMREF_HUGE_DEVICE_H
#define VMREF_HUGE_DEVICE_H
#include "huge.h"
#include "space_range.h"

/* The word of a page of a device, in the form of a page of 4 KiB. cache: which field of IA32_PAT, 0 to 3
 * (PWT, PCD). */
/*@ requires \valid_read(s) && sized(*s) && prot <= 7 && prot_R(prot) == 1 && cache <= 3 && devices(*s) <= pfn < 0x10000000;
    terminates \true; exits \false; assigns \nothing;
    ensures device_word(*s, \result, pfn, prot, cache);
    ensures larger: \result <= 0xFFFFFFFFFFFFFF7F; */
uint64_t vmref_device_word(const struct vmref_sys *s, uint64_t pfn, uint8_t prot, uint8_t cache);

/* Does a mapping of 1 GiB cover page p? Nothing else can be mapped there then. */
/*@ requires \valid_read(s) && inv(*s) && valid_over(*s, o) && a < s->spaces && s->level[a] == 4 && upage(p);
    terminates \true; exits \false; assigns \nothing;
    ensures \result == 1 <==> word(*s, o, t3(*s, a, p4(p)), p3(p)) != 0; ensures \result <= 1; */
uint8_t vmref_huge_covered(const struct vmref_sys *s, const uint16_t *o, uint32_t a, uint64_t p);

/* Map n frames of a device from pfn on, a page of 4 KiB each, from page p (address / 4096) on. VMREF_EINVAL:
 * no such space, range, rights or cache type, not readable, something is mapped there, or the frames are not a
 * device's (they lie behind those of memory, below 2^28); VMREF_EMEM: not enough free table frames. */
/*@ requires \valid_read(s) && inv(*s) && valid_over(*s, o) && huge(*s, o);
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->level[0 .. s->tables - 1], s->owner[0 .. s->tables - 1], s->parent[0 .. s->tables - 1],
            s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1], o[0 .. 4 * entries(*s) - 1];
    ensures inv: inv(*s);
    ensures huge: huge(*s, o);
    ensures status: \result == VMREF_OK || \result == VMREF_EINVAL || \result == VMREF_EMEM;
    ensures failed: \result != VMREF_OK ==> unchanged{Pre, Post}(*s);
    ensures mapped: \result == VMREF_OK ==> \forall integer q; p <= q < p + n ==> device_page(*s, o, a, q, pfn - p, prot, cache);
    ensures others: \result == VMREF_OK ==> elsewhere{Pre, Post}(*s, a, p, n);
    ensures theirs: same_leaves{Pre, Post}(*s, a);
    ensures isolated: isolated{Pre, Post}(*s, a); */
int vmref_device_map(const struct vmref_sys *s, uint16_t *o, uint32_t a, uint64_t p, uint64_t n,
                     uint64_t pfn, uint8_t prot, uint8_t cache);

/* The same in one page of 2 MiB (level 2) or 1 GiB (level 3); p and pfn are multiples of its size. */
/*@ requires \valid_read(s) && inv(*s) && valid_over(*s, o) && huge(*s, o);
    terminates \true; exits \false;
    assigns s->tab[0 .. entries(*s) - 1], s->level[0 .. s->tables - 1], s->owner[0 .. s->tables - 1], s->parent[0 .. s->tables - 1],
            s->rc[0 .. objects(*s) - 1], s->shared[0 .. objects(*s) - 1], s->hint[0 .. hints(*s) - 1], o[0 .. 4 * entries(*s) - 1];
    ensures inv: inv(*s);
    ensures huge: huge(*s, o);
    ensures status: \result == VMREF_OK || \result == VMREF_EINVAL || \result == VMREF_EMEM;
    ensures mapped: \result == VMREF_OK ==> (\let e = level == 2 ? word(*s, o, t2(*s, a, p4(p), p3(p)), p2(p)) : word(*s, o, t3(*s, a, p4(p)), p3(p));
      e != 0 && PFN(e) == pfn);
    ensures theirs: same_leaves{Pre, Post}(*s, a);
    ensures isolated: isolated{Pre, Post}(*s, a); */
int vmref_device_map_large(const struct vmref_sys *s, uint16_t *o, uint32_t a, uint64_t p, uint8_t level,
                           uint64_t pfn, uint8_t prot, uint8_t cache);
#endif
