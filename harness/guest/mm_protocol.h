/* SPDX-License-Identifier: MIT */
/* What the runner and the guest that runs the memory manager say to each other, in memory that both see, behind
 * the head of struct mail. */
#ifndef VMREF_GUEST_MM_PROTOCOL_H
#define VMREF_GUEST_MM_PROTOCOL_H
#include "mm_drive.h"
#include "protocol.h"

#define MM_OPS 16384u /* of a batch */
#define MM_SEQUENCES 2048u
#define MM_BATCHES 2u /* one runs in the guest while the host fills the other */
#define MM_FRAMES 144u /* table, page and kernel frames: what is RAM below the guest's own at 0x90000 */
#define MM_SLOTS 256u
#define MM_KERNEL_FRAMES 8u /* K_FRAMES */
#define MM_TOLDS 4096u

/* One sequence: from boot to the sweep. */
struct mm_sequence {
  uint32_t first, ops; /* in the batch */
  uint8_t smp;         /* 1: with processors; 2: from the first operation that says one */
  uint8_t policy;      /* 0 none, or 1 + VMREF_LRU, VMREF_CLOCK */
  uint8_t tell;        /* tell each answer of the sweep; of the last such sequence of a batch */
  uint8_t missed;      /* answer: the sums kept step by step have missed a change */
  uint8_t unused[4];
  uint64_t sweep;      /* answer: the sweep, folded */
  uint64_t digest;     /* answer: of the state before that, all summed up anew */
  uint64_t accesses, swept; /* tried on the machine */
  uint64_t ipis, drops;     /* interrupts taken by other processors; INVLPG and MOV CR3 made there */
};

struct mm_told { uint64_t va; struct attempt attempt; uint32_t a, unused; };

struct mm_batch {
  volatile uint32_t posted, done, at; /* at: the operation in hand */
  uint32_t sequences, told, unused[3];
  struct mm_sequence sequence[MM_SEQUENCES];
  struct script_line op[MM_OPS];
  struct mm_step step[MM_OPS];
  struct mm_told tell[MM_TOLDS];
};

/* Faults of the machine's side, each of which must be found. */
#define PLANT_INVLPG 1u /* one INVLPG, or MOV CR3 in its place, is not made */
#define PLANT_A      2u /* the accessed flag that the machine has set is not taken over from one leaf */
#define PLANT_FREE   3u /* a shootdown comes after the next operation: its frame is free before */
#define PLANT_CR2    4u /* the handler takes CR2 for the page's first byte */
#define PLANT_D      5u /* a dirty flag is lost */

/* In struct mail, so that it is there when the guest starts. */
struct mm_config {
  struct mm_sizes sizes; /* as drive_sizes gives them */
  uint32_t processors;   /* to be started beside the first */
  uint32_t plant, plant_at;
  uint32_t ipi;          /* one shootdown in so many goes by interrupt; 0: none */
  uint32_t hole;         /* the machine keeps slot 256 of each PML4 for itself (DEV-KVM-HOLE-NP, -RSVD) */
  uint32_t cpus;         /* answer: processors that were started */
  uint32_t refused;      /* answer: the sizes do not fit */
};
#define MM_CONFIG(mail) ((struct mm_config *)(void *)(mail)->unused)
_Static_assert(sizeof(struct mm_config) <= sizeof ((struct mail *)0)->unused, "it fits there");

struct mm_mail { struct mm_batch batch[MM_BATCHES]; };
#define MM_OF(mail) ((struct mm_mail *)(mail)->slot)
_Static_assert(sizeof(struct mm_mail) < GUEST_RAM - MAIL_BASE - 4096, "it fits behind the mail");
#endif
