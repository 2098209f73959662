/* SPDX-License-Identifier: MIT */
/* Rows of harness/deviations.tsv that writes of control registers meet, by number;
 * control_deviations.c foretells what each peer does. */
#include "control_names.h"

const char *const control_names[CONTROL_ROWS + 1] = {
  "DEV-TCG-PCIDE",
  "DEV-TCG-CR4-FEATURE",
  "DEV-TCG-SVM-EXIT",
  "DEV-TCG-CR4",
  "DEV-TCG-CR0",
  "DEV-TCG-CR0-KEEPS",
  "DEV-TCG-EFER",
  "DEV-TCG-PAT",
  "DEV-TCG-PKRS",
  "DEV-TCG-PDPTE-RSVD",
  "DEV-TCG-PDPTE-REREAD",
  "DEV-BOCHS-WIDTH",
  "DEV-BOCHS-TSS16",
  "DEV-BOCHS-TCE",
  "DEV-BOCHS-EFER-LMA",
  "DEV-BOCHS-EFER-ABSENT",
  "DEV-BOCHS-PDPTE-LOAD",
  0 };
