# SPDX-License-Identifier: MIT
"""Bugs planted in model/allows.c: name, what is planted, old text, new text."""
BUGS = [
    ("allows-any-cr2", "any CR2 is permitted after a walk", "return w->vector != VMREF_VECTOR_PF || s->cr2 == w->cr2;", "return 1;"),
    ("allows-any-pa", "any physical address is permitted after a walk", "if (w->rule == VMREF_RULE_OK) return s->vector == VMREF_VECTOR_NONE && s->pa == w->pa;", "if (w->rule == VMREF_RULE_OK) return s->vector == VMREF_VECTOR_NONE;"),
    ("allows-a-missing", "an entry that was used may be left with A = 0", "if (w->entry[k] / 0x20 % 2 == 0 && !a_set(s, w->address[k])) return 0;", "if (w->entry[k] / 0x20 % 2 > 1 && !a_set(s, w->address[k])) return 0;"),
    ("allows-a-below-root-only", "A of the table where the walk began may be missing", "for (uint8_t k = w->last; k <= w->origin.level; k++)\n    if", "for (uint8_t k = w->last; k < w->origin.level; k++)\n    if"),
    ("allows-lost-d", "a write may leave D = 0", "return d_set(s, w->address[w->last]) && only_d(s, w->address[w->last]);", "return only_d(s, w->address[w->last]);"),
    ("allows-d-anywhere", "a write may set D in any entry", "return d_set(s, w->address[w->last]) && only_d(s, w->address[w->last]);", "return d_set(s, w->address[w->last]);"),
    ("allows-d-on-fault", "an access that faults may set D", "if (w->rule != VMREF_RULE_OK) return no_d(s);", "if (w->rule != VMREF_RULE_OK) return 1;"),
    ("allows-d-on-read", "a read may set D", "if (!vmref_writes(w->access) || w->entry[w->last] / 0x40 % 2 == 1) return no_d(s);", "if (!vmref_writes(w->access) || w->entry[w->last] / 0x40 % 2 == 1) return 1;"),
    ("allows-write-through-clean", "a write may go through a cached page with D = 0", "  if (vmref_writes(access) && t->dirty != 1) return 0;\n", ""),
    ("allows-hit-offset", "a hit may reach any byte of the page", "return s->pa - t->frame == access.va - t->page;", "return s->pa - t->frame < t->size;"),
    ("allows-hit-old-rights", "a hit is not asked for rights", "uint8_t rule = vmref_refused(cpu, access, t->rw, t->us, xd, t->key);", "uint8_t rule = t->rw > 1 ? vmref_refused(cpu, access, t->rw, t->us, xd, t->key) : VMREF_RULE_NONE;"),
    ("allows-hit-keys-old", "a hit is not asked for its key", "uint8_t rule = vmref_refused(cpu, access, t->rw, t->us, xd, t->key);", "uint8_t rule = vmref_denied(cpu, access, t->rw, t->us, xd);"),
    ("allows-no-stale", "a cached page may not be used", "if (hit(s, t, cpu, access, t->xd)) return 1;", "if (s->sets > VMREF_SETS && hit(s, t, cpu, access, t->xd)) return 1;"),
    ("allows-xd-nxe-off", "a cached XD counts when NXE has been cleared, and nothing else is permitted", "return cpu.nxe == 0 && hit(s, t, cpu, access, 0);", "return 0;"),
    ("allows-no-cached-table", "a walk may not begin at a cached table", "return vmref_leads(t, vmref_pcid(cpu), access.va) && vmref_origin_fits(cpu, t.origin);", "return cpu.mode > VMREF_MODE_5LEVEL && vmref_origin_fits(cpu, t.origin);"),
    ("allows-a-anywhere", "A may be set in any entry", "    if (s->set_a[i] == 1 && !a_permitted(ram, words, cpu, access, tlb, root, s->set_address[i])) return 0;\n", "    if (s->set_a[i] > 1) return 0;\n"),
    ("allows-a-of-reserved", "A may be set in an entry with a reserved bit", "vmref_p(e) == 1 && vmref_reserved(cpu, k, e) == VMREF_RULE_NONE\n", "vmref_p(e) == 1\n"),
    ("allows-at-once-flags", "an access without a walk may set flags", "  if (s->flags_seen == 1 && s->sets != 0) return;\n  if (outcome", "  if (outcome"),
    ("allows-pdpte-no-hit", "no cached page serves where a PDPTE register has P = 0", "  if (rule != VMREF_RULE_PF_NP) return;", "  if (rule <= VMREF_RULE_PF_NP) return;"),
]
