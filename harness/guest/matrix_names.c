/* SPDX-License-Identifier: MIT */
/* What runner and guest both know by number. */
#include "matrix_guest.h"

const char *const matrix_plants[] = { "none", "w-bit", "p-bit", "i-bit", "lost-a", "lost-d", "frame", "cr2",
                                      "key", "one-case", 0 };

/* Rows of harness/deviations.tsv; matrix_deviations.c foretells what each peer does. */
const char *const matrix_deviations[] = { "DEV-TCG-RSVD-P", "DEV-TCG-1G-A", "DEV-BOCHS-PKU-AD",
                                          "DEV-BOCHS-PKU-SUPERVISOR", "DEV-TCG-SMAP-IMPLICIT",
                                          "DEV-BOCHS-SMAP-IMPLICIT", "DEV-KVM-HOLE-NP", 0 };
