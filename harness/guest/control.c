/* SPDX-License-Identifier: MIT */
/* Topic control: writes of control registers, legal and not, with an access after each
 * that shows which state the processor is in. */
#include "cases.h"
#include "sequence.h"

const struct raw_write raw_writes[RAW_WRITES] = {
  { VMREF_REG_CR0, 0, 0, VMREF_CR0_CD },
  { VMREF_REG_CR0, 0, 0, VMREF_CR0_NW },                /* without CD */
  { VMREF_REG_CR0, 0, 0, VMREF_CR0_CD | VMREF_CR0_NW },
  { VMREF_REG_CR0, 0, 0, VMREF_CR0_WP | 0x40 },         /* a reserved bit: ignored */
  { VMREF_REG_CR0, 1, 0, 1ull << 32 },
  { VMREF_REG_CR0, 1, 1, VMREF_CR0_PG },                /* in 64-bit mode */
  { VMREF_REG_CR0, 0, 1, VMREF_CR0_PE },                /* with PG = 1 */
  { VMREF_REG_CR3, 1, 1, 1ull << 62 },
  { VMREF_REG_CR3, 1, 1, 1ull << 63 },                  /* PCIDs or not */
  { VMREF_REG_CR3, 0, 0, 0x18 },
  { VMREF_REG_CR4, 0, 1, 1u << 30 },
  { VMREF_REG_CR4, 1, 1, 1ull << 63 },
  { VMREF_REG_CR4, 1, 1, VMREF_CR4_LA57 },
  { VMREF_REG_CR4, 1, 1, VMREF_CR4_PAE },
  { VMREF_REG_CR4, 0, 0, VMREF_CR4_PCIDE },
  { VMREF_REG_CR4, 0, 0, VMREF_CR4_PSE | VMREF_CR4_PGE },
  { VMREF_REG_EFER, 0, 0, 1u << 4 },
  { VMREF_REG_EFER, 1, 0, VMREF_EFER_LME },
  { VMREF_REG_EFER, 0, 0, VMREF_EFER_NXE },
  { VMREF_REG_PAT, 0, 0, 0x00070406u },
  { VMREF_REG_PAT, 0, 0, 0x00070206u },
  { VMREF_REG_PAT, 0, 0, 0x00080406u },
};

int control_sequences(const struct machine *m, struct sequence_sink sink)
{
  for (uint8_t mode = VMREF_MODE_32BIT; mode <= VMREF_MODE_5LEVEL; mode++)
    for (uint8_t raw = 0; raw < RAW_WRITES && m->modes >> mode & 1; raw++)
      for (unsigned flags = 0; flags < 256; flags += 51) /* none, all, and between */
        for (uint8_t pcid = 0; pcid <= 0x10; pcid += 0x10) {
          const uint8_t code[] = { mode, (uint8_t)flags, 2, pcid, DO_RAW, raw, 0, DO_READ, 0, 0, DO_WRITE, 4, 0,
                                   DO_RAW, raw, 0, DO_FETCH, 4, 0 };
          if (!sink.put(sink.to, code, sizeof code)) return 0;
        }
  return 1;
}
