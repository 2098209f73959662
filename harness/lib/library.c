/* SPDX-License-Identifier: MIT */
/* What the library has beside the model: words. No proof covers it, and no answer depends on it. */
#include "vmref.h"

#ifndef VMREF_VERSION
#error "VMREF_VERSION is the contents of VERSION"
#endif

const char *vmref_version(void) { return VMREF_VERSION; }

const char *vmref_strerror(int status)
{
  switch (status) {
  case VMREF_OK: return "done";
  case VMREF_EINVAL: return "an argument is out of its range";
  case VMREF_EMEM: return "the memory given ends before an entry that is wanted, or no frame is free";
  case VMREF_EUNMODELLED: return "the architecture defines it, this model does not yet";
  case VMREF_EFORMAT: return "malformed text or file";
  case VMREF_EINTERNAL: return "a defect of vmref itself";
  case VMREF_EFULL: return "no room is left in what the caller gave";
  case VMREF_ENOMAP: return "nothing is mapped at the address";
  case VMREF_EACCES: return "the mapping does not permit the access";
  default: return "no status of vmref";
  }
}

static const struct vmref_rule RULES[256] = {
#include "rules.inc"
};
static const struct vmref_rule NONE = { "NONE", "", "", "" };

const struct vmref_rule *vmref_rule_of(uint8_t rule) { return RULES[rule].id ? &RULES[rule] : &NONE; }
