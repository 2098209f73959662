/* SPDX-License-Identifier: MIT */
/* The guest whose kernel's memory manager is the model: it runs the sequences that the runner posts. */
#include <string.h>
#include "mm_feed.h"
#include "mm_guest.h"

struct mm_mail *const mm = MM_OF((struct mail *)AT(MAIL_BASE));
struct mm_config *const config = MM_CONFIG((struct mail *)AT(MAIL_BASE));
struct drive drive;
static struct vmref_smp smp;
static struct vmref_policy policy;
static uint16_t notes[VMREF_NOTES(MM_FRAMES)];
static struct mm_batch *batch; /* in hand */

/* malloc and free, for what harness/mm.c and harness/script_do.c keep during one operation. */
static uint8_t arena[1 << 20] __attribute__((aligned(16)));
static size_t used;
void *malloc(size_t n)
{
  void *at = arena + used;
  n = (n + 15) & ~(size_t)15;
  if (n > sizeof arena - used) return NULL;
  used += n;
  return at;
}
void *calloc(size_t n, size_t size)
{
  void *at = malloc(n * size);
  return at ? memset(at, 0, n * size) : NULL;
}
void free(void *at) { (void)at; } /* all at once, behind the operation */

static void told(uint32_t a, uint64_t va, const struct attempt *t)
{
  if (batch->told < MM_TOLDS) batch->tell[batch->told++] = (struct mm_told){ va, *t, a, 0 };
}

static void run(struct mm_batch *b, struct mm_sequence *q)
{
  batch = b;
  struct drive *d = &drive;
  policy = (struct vmref_policy){ notes, (uint8_t)(q->policy ? q->policy - 1 : 0) };
  d->m = q->smp == 1 ? &smp : NULL;
  d->later = q->smp == 2 ? &smp : NULL;
  d->p = q->policy ? &policy : NULL;
  d->accesses = d->swept = 0;
  fault_seen = 0;
  drops = 0;
  cpus_park();
  drive_begin(d);
  for (uint32_t i = 0; i < q->ops; i++) {
    batch->at = q->first + i;
    used = 0;
    drive_step(d, &batch->op[q->first + i], &batch->step[q->first + i]);
    cpus_late();
  }
  if (q->tell) batch->told = 0;
  const uint64_t now = drive_digest(d);
  q->digest = digest_whole(d->s);
  q->missed = now != q->digest;
  q->sweep = drive_sweep(d, q->tell ? told : NULL);
  q->accesses = d->accesses;
  q->swept = d->swept;
  q->drops = drops;
  q->ipis = 0;
  for (uint32_t c = 1; c <= cpus; c++) q->ipis += CPU(c)->ipis, CPU(c)->ipis = 0;
}

static void serve(void)
{
  for (uint32_t turn = 0;; turn++) {
    batch = &mm->batch[turn % MM_BATCHES];
    while (__atomic_load_n(&batch->posted, __ATOMIC_ACQUIRE) == batch->done) __asm__ volatile("pause");
    fault_planted = config->plant;
    fault_at = config->plant_at;
    for (uint32_t i = 0; i < batch->sequences; i++) run(batch, &batch->sequence[i]);
    __atomic_store_n(&batch->done, batch->done + 1, __ATOMIC_RELEASE);
  }
}

void guest_main(void)
{
  struct mail *mail = AT(MAIL_BASE);
  const int asked = mail->host == MAIL_HOST;
  serial_start();
  if (!asked) *config = (struct mm_config){ .sizes = drive_sizes(mm_input_sizes, MM_KERNEL_FRAMES), .processors = 2, .ipi = 1 };
  machine_start();
  mail->has = cpu_has(&mail->maxphyaddr);
  drive.hole = config->hole != 0;
  drive.s = machine_memory(config->sizes);
  config->refused = drive.s == NULL;
  if (drive.s) {
    machine_cpu_start(0);
    user_bind(&drive);
    config->cpus = drive.cpus = cpus_start();
    digest_reset(&drive.digest, drive.s);
    for (size_t i = 0; i < (size_t)drive.s->tables + drive.s->frames + drive.s->slots; i++) digest_page(&drive.digest, drive.s, i);
  }
  __atomic_store_n(&mail->guest, MAIL_GUEST, __ATOMIC_RELEASE);
  if (drive.s && asked) serve();
  if (drive.s) suite(run);
  out8(0xf4, 0); /* QEMU's isa-debug-exit */
  for (;;) __asm__ volatile("hlt");
}
