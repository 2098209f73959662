/* SPDX-License-Identifier: MIT */
/* The matrix guest: takes jobs, which are ranges of batches, and tallies them. */
#include "matrix_guest.h"

static struct mail *const mail = AT(MAIL_BASE);
struct matrix_mail *const job = MATRIX_OF((struct mail *)AT(MAIL_BASE));
struct matrix_peer peer;
struct matrix_place place;

void panic(uint64_t vector, uint64_t error, uint64_t rip)
{
  uint64_t cr2;
  __asm__ volatile("mov %%cr2, %0" : "=r"(cr2));
  mail->panic_error = (uint32_t)error;
  mail->panic_rip = rip;
  mail->panic_cr2 = cr2;
  mail->panic_vector = (uint32_t)vector + 1;
  for (;;) __asm__ volatile("cli; hlt");
}

static void run(uint32_t number)
{
  struct matrix_batch b;
  matrix_batch(&b, number, LEVELS, peer.maxphyaddr);
  if (!matrix_possible(&b, &peer)) {
    job->tally.skipped += MATRIX_LANES;
    return;
  }
  judge_build(&b, number);
  machine_control(&b);
  if (b.twice) machine_run(0, VMREF_READ, 1, 1);
  if (b.implicit) machine_run_implicit(b.cpl, b.ac);
  else machine_run(b.cpl, b.kind, b.ac, 0);
  judge_batch(&b, number);
}

static void run_job(void)
{
  uint32_t all = matrix_batches(LEVELS), number = job->first;
  job->tally = (struct matrix_tally){ 0 };
  for (job->at = 0; job->at < job->count; job->at++) {
    run(number);
    number = (number + job->step) % all;
  }
  job->tally.strays = judge_strays();
}

void guest_main(void)
{
  machine_start();
  peer = machine_peer();
  place = (struct matrix_place){ .data = MATRIX_DATA, .code = MATRIX_CODE,
                                 .segments = MATRIX_SEGMENTS, .levels = LEVELS };
  for (uint32_t l = 1; l <= LEVELS; l++) place.table[l] = PHYSICAL(table[l]);
  judge_strays();
  job->peer = peer;
  job->levels = LEVELS;
  __atomic_store_n(&mail->guest, MAIL_GUEST, __ATOMIC_RELEASE);
  for (;;) {
    while (__atomic_load_n(&job->posted, __ATOMIC_ACQUIRE) == job->done) __builtin_ia32_pause();
    run_job();
    __atomic_store_n(&job->done, job->posted, __ATOMIC_RELEASE);
  }
}
