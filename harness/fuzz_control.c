/* SPDX-License-Identifier: MIT */
/* Fuzz target of topic control: a sequence of writes to control registers. After each the
 * model's state is that of a second opinion (opinion_control.c); the rule cited is one of those that the
 * opinion finds broken.
 *
 * An input is 16 bytes for the CPU, then 12 for each write:
 *   0  bit 0: AMD; bit 1: CS.L; bit 2: TR holds a 16-bit TSS
 *   1  MAXPHYADDR above 32, modulo 21;  2-3  features taken away, a bit each
 *   5  a bit of a register flipped at the end, if not 0, for states that are not legal
 *   6  where it begins, modulo 6: power-up, 32-bit, PAE, 4-level, 5-level, with PCIDs
 * and for a write
 *   0  bits 2:0 register, 7:3 the form of the value
 *   1  bit 7: CS.L toggled; bit 6: the last PDPTE is present; 5:0 the bit flipped in one
 *   2-3 two bit numbers;  4-11 a value */
#include <string.h>
#include "fuzz_target.h"
#include "opinion_control.h"

const char *fuzz_topic(void) { return "control"; }
const char *fuzz_form(void) { return "ctl"; }
#define HEAD 16u
#define STEP 12u
#define STEPS 16u
size_t fuzz_length(void) { return HEAD + STEPS * STEP; }

static const uint8_t *input;
static size_t input_size;

static void same(const char *what, uint64_t model, uint64_t opinion)
{
  if (model == opinion) return;
  fprintf(stderr, "%s: the model 0x%llx, the opinion 0x%llx\n", what,
          (unsigned long long)model, (unsigned long long)opinion);
  finding_input(what, "ctl", input, input_size);
}

/* ---- comparison ------------------------------------------------------------------------ */

static void check_state(const struct vmref_control *m, const struct vmref_control *o)
{
  same("CR0", m->cr0, o->cr0);
  same("CR3", m->cr3, o->cr3);
  same("CR4", m->cr4, o->cr4);
  same("IA32_EFER", m->efer, o->efer);
  same("IA32_PAT", m->pat, o->pat);
  same("PKRU", m->pkru, o->pkru);
  same("IA32_PKRS", m->pkrs, o->pkrs);
  for (int i = 0; i < 4; i++) same("a PDPTE register", m->pdpte[i], o->pdpte[i]);
  same("CS.L", m->cs_l, o->cs_l);
  same("TR", m->tr16, o->tr16);
  same("features", !memcmp(&m->features, &o->features, sizeof m->features), 1);
  same("a state that a CPU can be in", vmref_control_legal(m), 1);
  same("state_ok", opinion_control_ok(m), 1);
}

static void check_cpu(const struct vmref_control *c)
{
  struct vmref_cpu m = vmref_cpu_of(c);
  same("mode", m.mode, opinion_control_mode(c));
  same("cr3", m.cr3, c->efer & LMA ? c->cr3 : (uint32_t)c->cr3);
  same("wp", m.wp, !!(c->cr0 & CR0WP));
  uint64_t cr4 = (m.pse ? PSE : 0u) | (m.pge ? PGE : 0u) | (m.pcide ? PCIDE : 0u) | (m.smep ? SMEP : 0u)
    | (m.smap ? SMAP : 0u) | (m.pke ? PKE : 0u) | (m.pks ? PKS : 0u);
  same("flags of CR4", cr4, c->cr4 & (PSE | PGE | PCIDE | SMEP | SMAP | PKE | PKS));
  same("nxe", m.nxe, !!(c->efer & NXE));
  same("pkru and pkrs", m.pkru + ((uint64_t)m.pkrs << 32), c->pkru + ((uint64_t)c->pkrs << 32));
  same("pdpte", !memcmp(m.pdpte, c->pdpte, sizeof m.pdpte), 1);
  same("CPUID", m.vendor == c->features.vendor && m.maxphyaddr == c->features.maxphyaddr
       && m.page1gb == c->features.page1gb && m.pse36 == c->features.pse36, 1);
  same("vmref_cpu_valid", vmref_cpu_valid(m), 1);
  same("opinion_cpu_ok", (uint64_t)opinion_cpu_ok(&m), 1);
}

static void check_set(struct vmref_control *c, uint8_t reg, uint64_t v, struct vmref_pdptes p)
{
  struct vmref_control after;
  int loads;
  memcpy(&after, c, sizeof after);
  uint64_t broken = opinion_control_set(&after, reg, v, p.e, &loads);
  same("vmref_cpu_loads_pdptes", vmref_cpu_loads_pdptes(c, reg, v), (uint64_t)loads);
  same("vmref_cpu_pdpte_table", vmref_cpu_pdpte_table(c, reg, v), (reg == VMREF_REG_CR3 ? v : c->cr3) & 0xFFFFFFE0);
  int rule = vmref_cpu_set(c, reg, v, p);
  if (rule < 0 || rule > 63 || !((broken ? broken : 1) >> rule & 1)) same("the rule of a set", (uint64_t)rule, broken);
  same("vmref_vector", vmref_vector((uint8_t)rule), !broken ? 0 : broken & RULE(UD_PKE) ? 6 : 13);
  check_state(c, &after);
  check_cpu(c);
}

/* ---- the input ---------------------------------------------------------------------------- */

static uint64_t held(const struct vmref_control *c, unsigned reg)
{
  const uint64_t is[] = { c->cr0, c->cr3, c->cr4, c->efer, c->pat, c->pkru, c->pkrs };
  return is[reg];
}

static void take_away(struct vmref_features *f, uint32_t which)
{
  uint8_t *const flag[] = { &f->wp, &f->pse, &f->pse36, &f->pae, &f->pge, &f->pat, &f->pcid, &f->smep, &f->smap,
                            &f->pku, &f->pks, &f->la57, &f->cet, &f->nx, &f->page1gb, &f->lm };
  for (unsigned i = 0; i < sizeof flag / sizeof *flag; i++)
    if (which >> i & 1) *flag[i] = 0;
}

/* Mostly the register as it is with a bit or two changed: random values get nowhere. */
static uint64_t value_of(const struct vmref_control *c, unsigned reg, const uint8_t *s)
{
  uint64_t raw, now = held(c, reg);
  memcpy(&raw, s + 4, sizeof raw);
  if (s[0] >> 6 == 3) return (UINT64_C(1) << c->features.maxphyaddr) - (s[2] & 1) * 0x1000u; /* past memory, and its last page */
  switch (s[0] >> 3 & 7) {
  case 0: return now; /* what missing bytes mean */
  case 1: return raw;
  case 2: return now ^ UINT64_C(1) << s[2] % 32 ^ UINT64_C(1) << s[3] % 32;
  case 3: return now ^ UINT64_C(1) << s[2] % 64;
  case 4: return now & raw;
  case 5: return raw & 0xFFFFF000;
  case 6: return now ^ (raw & 0x1F210B0);
  default: return now ^ (reg == VMREF_REG_CR0 ? PG | PE : LME);
  }
}

/* The way to a paging mode, since chance seldom finds it; what the CPU lacks faults. */
static void boot(struct vmref_control *c, unsigned to)
{
  static const uint32_t cr4[] = { 0, 0, PAE, PAE, PAE | LA57, PAE };
  struct vmref_pdptes p = { { 0x1001, 0x2001, 0x3001, 0x4000 } };
  if (to == 0) return;
  check_set(c, VMREF_REG_CR0, 0x10011, p);
  check_set(c, VMREF_REG_CR4, cr4[to], p);
  check_set(c, VMREF_REG_CR3, 0x1000, p);
  if (to >= 3) check_set(c, VMREF_REG_EFER, LME, p);
  check_set(c, VMREF_REG_CR0, 0x80010011, p);
  if (to == 5) check_set(c, VMREF_REG_CR4, PAE | PCIDE, p);
}

/* States that are not legal are no question: both agree on which those are. */
static void check_illegal(struct vmref_control *c, uint8_t which)
{
  uint64_t *const reg[] = { &c->cr0, &c->cr4, &c->efer, &c->cr3 };
  *reg[which >> 6] ^= UINT64_C(1) << (which & 63);
  same("vmref_control_legal", vmref_control_legal(c), (uint64_t)opinion_control_ok(c));
  if (opinion_control_ok(c)) return;
  struct vmref_control before;
  memcpy(&before, c, sizeof before);
  same("no question", (uint64_t)vmref_cpu_set(c, VMREF_REG_PKRS, 0, (struct vmref_pdptes){ { 0 } }), (uint64_t)VMREF_EINVAL);
  same("no question, unchanged", !memcmp(c, &before, sizeof before), 1);
}

/* One field spoilt, so that no CPU has it, whatever the rest: never legal. */
static void check_spoilt(struct vmref_control *c)
{
  struct vmref_features *f = &c->features;
  uint8_t *const flag[] = { &f->wp, &f->pse, &f->pse36, &f->pae, &f->pge, &f->pat, &f->pcid, &f->smep, &f->smap, &f->pku, &f->pks,
                            &f->la57, &f->cet, &f->nx, &f->page1gb, &f->lm, &f->vendor, &c->cs_l, &c->tr16 };
  for (unsigned i = 0; i < sizeof flag / sizeof *flag; i++) {
    const uint8_t was = *flag[i];
    *flag[i] = 2;
    same("a flag that is 2", vmref_control_legal(c), 0);
    *flag[i] = was;
  }
  const uint8_t width = f->maxphyaddr;
  const uint64_t pat = c->pat, pdpte = c->pdpte[2];
  f->maxphyaddr = 31, same("MAXPHYADDR 31", vmref_control_legal(c), 0);
  f->maxphyaddr = 53, same("MAXPHYADDR 53", vmref_control_legal(c), 0);
  f->maxphyaddr = width;
  c->pat = 2, same("a PAT with type 2", vmref_control_legal(c), 0);
  c->pat = pat;
  c->pdpte[2] = 0x2003, same("a PDPTE with a reserved bit", vmref_control_legal(c), (uint64_t)opinion_control_ok(c));
  c->pdpte[2] = pdpte;
  same("legal again", vmref_control_legal(c), 1);
  const struct vmref_pdptes none = { { 0 } };
  same("a register that is not there", (uint64_t)vmref_cpu_set(c, VMREF_REG_PKRS + 1, 0, none), (uint64_t)VMREF_EINVAL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const struct vmref_features intel = VMREF_FEATURES_INTEL, amd = VMREF_FEATURES_AMD;
  uint8_t in[HEAD + STEPS * STEP] = { 0 };
  memcpy(in, data, size < sizeof in ? size : sizeof in);
  input = in;
  input_size = sizeof in;
  struct vmref_features f = in[0] & 1 ? amd : intel;
  f.maxphyaddr = (uint8_t)(32 + in[1] % 21);
  take_away(&f, in[2] | (uint32_t)in[3] << 8);
  struct vmref_control c = vmref_control_reset(f);
  check_state(&c, &c);
  boot(&c, in[6] % 6);
  c.cs_l = in[0] >> 1 & 1;
  c.tr16 = in[0] >> 2 & 1;
  for (const uint8_t *s = in + HEAD; s < in + sizeof in; s += STEP) {
    uint8_t reg = (s[0] & 7) % 7;
    struct vmref_pdptes p = { { 0x1001, 0x2001, 0x3001, 0x4000 } };
    if (s[1] & 0x40) p.e[3] |= 1;
    if (s[1] & 0x7F) p.e[s[2] & 3] ^= UINT64_C(1) << (s[1] & 63);
    if (s[1] & 0x80) c.cs_l ^= 1;
    check_set(&c, reg, value_of(&c, reg, s), p);
  }
  if (in[5]) check_spoilt(&c), check_illegal(&c, in[5]);
  return 0;
}
