/* SPDX-License-Identifier: MIT */
/* Writes of control registers, one after another. */
#include <string.h>
#include "asks.h"

static const char *const REGISTERS[] = { "cr0", "cr3", "cr4", "efer", "pat", "pkru", "pkrs", NULL };

static struct vmref_features features_of(const json_t *f)
{
  static const char *const fields[] = { "vendor", "maxphyaddr", "wp", "pse", "pse36", "pae", "pge", "pat", "pcid",
    "smep", "smap", "pku", "pks", "la57", "cet", "nx", "page1gb", "lm", NULL };
  const char *vendor = json_string_value(json_object_get(f, "vendor"));
  struct vmref_features v = VMREF_FEATURES_INTEL;
  if (vendor && strcmp(vendor, "amd") == 0) v = (struct vmref_features)VMREF_FEATURES_AMD;
  if (!f) return v;
  only_fields(f, fields);
  v.maxphyaddr = (uint8_t)number_below(f, "maxphyaddr", v.maxphyaddr, 52);
  uint8_t *const flags[] = { &v.wp, &v.pse, &v.pse36, &v.pae, &v.pge, &v.pat, &v.pcid, &v.smep, &v.smap, &v.pku,
                             &v.pks, &v.la57, &v.cet, &v.nx, &v.page1gb, &v.lm };
  for (unsigned i = 0; fields[i + 2]; i++) *flags[i] = flag_in(f, fields[i + 2], *flags[i]);
  return v;
}

static void four(uint64_t to[4], const json_t *object, const char *name)
{
  const json_t *v = json_object_get(object, name);
  if (v && json_array_size(v) != 4) refuse("%s must be a list of four", name);
  for (unsigned i = 0; v && i < 4; i++) to[i] = number_of(json_array_get(v, i), name);
}

static struct vmref_control state_of(const json_t *ask)
{
  static const char *const fields[] = { "cr0", "cr3", "cr4", "efer", "pat", "pkru", "pkrs", "pdpte", "cs_l",
                                        "tr16", NULL };
  struct vmref_control c = vmref_control_reset(features_of(json_object_get(ask, "features")));
  const json_t *s = json_object_get(ask, "state");
  if (!s) return c;
  only_fields(s, fields);
  c.cr0 = number_in(s, "cr0", c.cr0);
  c.cr3 = number_in(s, "cr3", c.cr3);
  c.cr4 = number_in(s, "cr4", c.cr4);
  c.efer = number_in(s, "efer", c.efer);
  c.pat = number_in(s, "pat", c.pat);
  c.pkru = (uint32_t)number_below(s, "pkru", c.pkru, UINT32_MAX);
  c.pkrs = (uint32_t)number_below(s, "pkrs", c.pkrs, UINT32_MAX);
  c.cs_l = flag_in(s, "cs_l", c.cs_l);
  c.tr16 = flag_in(s, "tr16", c.tr16);
  four(c.pdpte, s, "pdpte");
  return c;
}

static json_t *show(const struct vmref_control *c)
{
  struct vmref_cpu cpu = vmref_cpu_of(c);
  json_t *p = json_array();
  for (unsigned i = 0; i < 4; i++) json_array_append_new(p, hex(c->pdpte[i]));
  return json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:s,s:o}", "cr0", hex(c->cr0), "cr3", hex(c->cr3), "cr4",
                   hex(c->cr4), "efer", hex(c->efer), "pat", hex(c->pat), "pkru", hex(c->pkru), "pkrs",
                   hex(c->pkrs), "pdpte", p, "mode", MODES[cpu.mode], "root", hex(cpu.cr3));
}

json_t *answer_set(const json_t *ask)
{
  static const char *const fields[] = { "op", "features", "state", "writes", NULL };
  json_t *answers = json_array(), *write, *writes = json_object_get(ask, "writes");
  struct vmref_control c = state_of(ask);
  size_t i;
  only_fields(ask, fields);
  if (!refused() && !vmref_control_legal(&c)) refuse("no CPU can be in that state");
  if (!json_is_array(writes)) refuse("writes must be a list");
  json_array_foreach(writes, i, write) {
    struct vmref_pdptes p = { { 0 } };
    uint8_t reg = 0;
    while (REGISTERS[reg] && !json_object_get(write, REGISTERS[reg])) reg++;
    if (!REGISTERS[reg] || json_object_size(write) > (json_object_get(write, "pdptes") ? 2u : 1u)) {
      refuse("a write is of one of cr0, cr3, cr4, efer, pat, pkru and pkrs, and may have pdptes");
      break;
    }
    four(p.e, write, "pdptes");
    int rule = vmref_cpu_set(&c, reg, number_in(write, REGISTERS[reg], 0), p);
    json_array_append_new(answers, json_pack("{s:o,s:i}", "rule", rule_name(rule), "vector",
                                             rule < 0 ? 0 : vmref_vector((uint8_t)rule)));
  }
  return json_pack("{s:o,s:o}", "writes", answers, "after", show(&c));
}
