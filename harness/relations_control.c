/* SPDX-License-Identifier: MIT */
/* Relations that change the control state or the access. */
#include "relations.h"

static enum fate wide(struct vmref_case *d, const struct vmref_walk *w)
{
  (void)w;
  d->cpu.maxphyaddr = 52;
  return OK_STAYS;
}

static enum fate narrow(struct vmref_case *d, const struct vmref_walk *w)
{
  (void)w;
  d->cpu.maxphyaddr = 32; /* the arena lies below */
  for (int i = 0; i < 4; i++) d->cpu.pdpte[i] &= 0xffffffff; /* else the load had faulted */
  return FAULT_STAYS;
}

/* Bit 63 does not exist in 32-bit paging: 4.1.3, 4.7. */
static enum fate nxe(struct vmref_case *d, const struct vmref_walk *w)
{
  (void)w;
  int none = relation_mode(d, VMREF_MODE_32BIT);
  d->cpu.nxe = none ? !d->cpu.nxe : 1;
  return none ? SAME : OK_STAYS;
}

static enum fate intel(struct vmref_case *d, const struct vmref_walk *w)
{
  (void)w;
  d->cpu.vendor = VMREF_INTEL;
  return OK_STAYS;
}

static enum fate gigabyte_pages(struct vmref_case *d, const struct vmref_walk *w)
{
  (void)w;
  int counts = opinion_long(d->cpu.mode);
  d->cpu.page1gb = counts ? 1 : !d->cpu.page1gb;
  return counts ? OK_STAYS : SAME;
}

static enum fate pse36(struct vmref_case *d, const struct vmref_walk *w)
{
  (void)w;
  int counts = relation_mode(d, VMREF_MODE_32BIT) && d->cpu.pse;
  d->cpu.pse36 = counts ? 1 : !d->cpu.pse36;
  return counts ? OK_STAYS : SAME;
}

static enum fate pse(struct vmref_case *d, const struct vmref_walk *w)
{
  (void)w;
  if (relation_mode(d, VMREF_MODE_32BIT) && d->entry[2] & REL_PS) return SKIP;
  d->cpu.pse = !d->cpu.pse;
  return SAME;
}

static enum fate wp(struct vmref_case *d, const struct vmref_walk *w)
{
  (void)w;
  int counts = !relation_user(d) && relation_write(d);
  d->cpu.wp = counts ? 0 : !d->cpu.wp;
  return counts ? OK_STAYS : SAME;
}

static enum fate smep(struct vmref_case *d, const struct vmref_walk *w)
{
  (void)w;
  d->cpu.smep = relation_fetch(d) ? 0 : !d->cpu.smep;
  return relation_fetch(d) ? OK_STAYS : SAME;
}

static enum fate smap(struct vmref_case *d, const struct vmref_walk *w)
{
  (void)w;
  int counts = !relation_user(d) && !relation_fetch(d);
  d->cpu.smap = counts ? 0 : !d->cpu.smap;
  return counts ? OK_STAYS : SAME;
}

static enum fate ac(struct vmref_case *d, const struct vmref_walk *w)
{
  (void)w;
  int counts = !relation_user(d) && !relation_fetch(d) && !d->access.implicit;
  d->access.ac = counts ? 1 : !d->access.ac;
  return counts ? OK_STAYS : SAME;
}

static enum fate pge(struct vmref_case *d, const struct vmref_walk *w)
{
  (void)w;
  d->cpu.pge = !d->cpu.pge;
  return SAME;
}

static enum fate cr3_low_bits(struct vmref_case *d, const struct vmref_walk *w)
{
  (void)w;
  d->cpu.cr3 ^= 0xfff;
  return SAME;
}

static enum fate pcide(struct vmref_case *d, const struct vmref_walk *w)
{
  (void)w;
  if (!opinion_long(d->cpu.mode)) return SKIP;
  d->cpu.pcide = !d->cpu.pcide;
  return SAME;
}

/* ---- protection keys ------------------------------------------------------ */

static enum fate keys_off(struct vmref_case *d, const struct vmref_walk *w)
{
  (void)w;
  d->cpu.pke = d->cpu.pks = 0;
  return opinion_long(d->cpu.mode) ? OK_STAYS : SAME;
}

static enum fate keys_elsewhere(struct vmref_case *d, const struct vmref_walk *w)
{
  (void)w;
  if (opinion_long(d->cpu.mode) && !relation_fetch(d)) return SKIP;
  d->cpu.pke = !d->cpu.pke;
  d->cpu.pks = !d->cpu.pks;
  d->cpu.pkru = ~d->cpu.pkru;
  d->cpu.pkrs = ~d->cpu.pkrs;
  return SAME;
}

static enum fate keys_grant_all(struct vmref_case *d, const struct vmref_walk *w)
{
  (void)w;
  d->cpu.pkru = d->cpu.pkrs = 0;
  return OK_STAYS;
}

static enum fate keys_grant_none(struct vmref_case *d, const struct vmref_walk *w)
{
  (void)w;
  d->cpu.pkru = d->cpu.pkrs = 0xffffffff;
  return FAULT_STAYS;
}

/* The rights of all keys but that of the page, and those of the other sort of address. */
static enum fate other_keys_rights(struct vmref_case *d, const struct vmref_walk *w)
{
  if (w->last == 0) return SKIP;
  uint32_t others = ~(3u << 2 * (d->entry[w->last] >> 59 & 15));
  int user = relation_user_address(w);
  d->cpu.pkru ^= user ? others : 0xffffffff;
  d->cpu.pkrs ^= user ? 0xffffffff : others;
  return SAME;
}

/* ---- the registers of PAE, which no other mode reads ---------------------- */

static enum fate other_pdptes(struct vmref_case *d, const struct vmref_walk *w)
{
  (void)w;
  for (unsigned i = 0; i < 4; i++)
    if (!relation_mode(d, VMREF_MODE_PAE)) d->cpu.pdpte[i] = ~d->cpu.pdpte[i];
    else if (i != d->access.va >> 30) d->cpu.pdpte[i] = (d->cpu.pdpte[i] ^ 1) & 1;
  return SAME;
}

/* ---- the access ---------------------------------------------------------- */

static enum fate other_cpl(struct vmref_case *d, const struct vmref_walk *w)
{
  (void)w;
  if (relation_user(d)) return SKIP;
  d->access.cpl = (uint8_t)((d->access.cpl + 1) % (d->access.implicit ? 4 : 3));
  return SAME;
}

static enum fate rmw_is_a_write(struct vmref_case *d, const struct vmref_walk *w)
{
  (void)w;
  if (!relation_write(d)) return SKIP;
  d->access.kind ^= VMREF_WRITE ^ VMREF_RMW;
  return SAME;
}

static enum fate no_read_no_write(struct vmref_case *d, const struct vmref_walk *w)
{
  (void)w;
  if (d->access.kind != VMREF_READ) return SKIP;
  d->access.kind = VMREF_WRITE;
  return FAULT_STAYS;
}

static enum fate supervisor_may_more(struct vmref_case *d, const struct vmref_walk *w)
{
  (void)w;
  if (!relation_user(d)) return SKIP;
  d->access.cpl = 0;
  d->cpu.smep = d->cpu.smap = 0;
  return OK_STAYS;
}

static enum fate segment(struct vmref_case *d, const struct vmref_walk *w)
{
  if (relation_fetch(d) || d->access.implicit || w->last == 0) return SKIP; /* #SS and #GP play no part */
  d->access.seg = !d->access.seg;
  return SAME;
}

static enum fate size(struct vmref_case *d, const struct vmref_walk *w)
{
  (void)w;
  d->access.size = 1;
  return SAME;
}

const struct relation RELATIONS_OF_CONTROLS[] = {
  RELATION(wide), RELATION(narrow), RELATION(nxe), RELATION(intel), RELATION(gigabyte_pages),
  RELATION(pse36), RELATION(pse), RELATION(wp), RELATION(smep), RELATION(smap), RELATION(ac),
  RELATION(pge), RELATION(cr3_low_bits), RELATION(pcide), RELATION(keys_off),
  RELATION(keys_elsewhere), RELATION(keys_grant_all), RELATION(keys_grant_none),
  RELATION(other_keys_rights), RELATION(other_pdptes), RELATION(other_cpl),
  RELATION(rmw_is_a_write), RELATION(no_read_no_write), RELATION(supervisor_may_more),
  RELATION(segment), RELATION(size), RELATION_END
};
