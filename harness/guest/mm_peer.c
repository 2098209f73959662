/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <string.h>
#include <unistd.h>
#include "mm_peer.h"

static void prepare(struct mail *m, const void *of) { memcpy(MM_CONFIG(m), of, sizeof(struct mm_config)); }

int mm_peer_start(struct mm_peer *p, uint8_t accel, uint8_t single, const char *elf)
{
  const struct images images = { .elf = elf };
  p->config.hole = accel == ACCEL_KVM;
  const struct config c = { .accel = accel, .mode = VMREF_MODE_4LEVEL, .maxphyaddr = 40, .page1gb = 1, .pse36 = 1,
                            .cpus = (uint8_t)(1 + p->config.processors), .single = single && accel == ACCEL_TCG, .prepare = prepare, .of = &p->config };
  if (!host_new(&p->host, p->config.sizes)) {
    snprintf(p->q.why, sizeof p->q.why, "out of memory, or sizes that the model refuses");
    return -1;
  }
  if (peer_start(&p->q, &c, &images) != 0) return -1;
  p->config = *MM_CONFIG(p->q.mail);
  p->mail = MM_OF(p->q.mail);
  p->host.drive.cpus = p->config.cpus;
  p->host.drive.hole = p->config.hole != 0;
  if (p->config.refused) return peer_fail(&p->q, "the guest has no room for so many tables and frames");
  if (p->config.cpus < p->config.processors) return peer_fail(&p->q, "not all processors of the guest have started");
  return 0;
}

void mm_peer_stop(struct mm_peer *p)
{
  peer_stop(&p->q);
  host_free(&p->host);
}

void mm_peer_post(struct mm_peer *p, uint32_t batch)
{
  struct mm_batch *b = &p->mail->batch[batch];
  __atomic_store_n(&b->posted, b->posted + 1, __ATOMIC_RELEASE);
}

int mm_peer_wait(struct mm_peer *p, uint32_t batch, double seconds)
{
  struct mm_batch *b = &p->mail->batch[batch];
  const double end = now() + seconds;
  for (unsigned spin = 0; __atomic_load_n(&b->done, __ATOMIC_ACQUIRE) != b->posted; spin++) {
    usleep(100);
    if (spin % 64) continue;
    p->q.at = b->at;
    if (p->q.mail->panic_vector) {
      char why[160];
      snprintf(why, sizeof why, "the guest panicked: vector %u, error 0x%x, RIP 0x%llx, CR2 0x%llx", p->q.mail->panic_vector - 1,
               p->q.mail->panic_error, (unsigned long long)p->q.mail->panic_rip, (unsigned long long)p->q.mail->panic_cr2);
      return peer_fail(&p->q, why);
    }
    if (!peer_alive(&p->q)) return peer_fail(&p->q, "the guest died");
    if (now() > end) return peer_fail(&p->q, "the guest does not answer");
  }
  return 0;
}
