/* SPDX-License-Identifier: MIT */
/* v86, an emulator in JavaScript and WebAssembly under Node. Its RAM is its own:
 * harness/oracle/v86.mjs copies the mailbox to and from the file that we share with it. */
#include <stdio.h>
#include <stdlib.h>
#include "peer.h"

/* What the script must know of struct mail, as the numbers that it takes. */
int v86_start(struct peer *p, const char *elf)
{
  char file[40], layout[300];
  snprintf(file, sizeof file, "/proc/self/fd/%d", p->ram);
  snprintf(layout, sizeof layout, "%d,%d,%zu,%zu,%zu,%zu,%zu,%zu,%zu,%zu,%zu,%zu,%zu,%zu,%zu", GUEST_RAM, MAIL_BASE, offsetof(struct mail, slot),
           sizeof(struct mail_slot), offsetof(struct mail_slot, done), offsetof(struct mail_slot, in), offsetof(struct mail_slot, out),
           sizeof(struct guest_case), sizeof(struct guest_result), offsetof(struct mail_slot, cases), offsetof(struct mail, guest),
           offsetof(struct mail_slot, sequence), offsetof(struct mail_slot, result), sizeof(struct guest_sequence),
           sizeof(struct step_result[SEQUENCE_STEPS]));
  const char *script = getenv("VMREF_V86_SCRIPT");
  char *argv[] = { "node", (char *)(script ? script : "harness/oracle/v86.mjs"), (char *)elf, file, layout, NULL };
  p->pid = peer_spawn(argv, p->log);
  return p->pid > 0 ? 0 : peer_fail(p, "cannot start node");
}
