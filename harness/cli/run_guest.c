/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "mm_peer.h"
#include "run_guest.h"

#define PROCESSORS 4   /* of a script that says cpu */
#define SECONDS 60

/* A run that is judged: which line of the script each operation is. */
struct judged {
  const struct script *t;
  const struct guest_run *how;
  struct mm_peer *peer;
  const struct script_line *line[MM_OPS];
  struct mm_outcome outcome[MM_OPS];
};

static int stop(struct mm_peer *p, int code)
{
  mm_peer_stop(p);
  return code;
}

/* $VMREF_GUEST, or guest-mm.elf beside this program. */
static const char *guest_file(char *path, size_t size)
{
  const char *named = getenv("VMREF_GUEST");
  if (named) return named;
  ssize_t n = readlink("/proc/self/exe", path, size - sizeof "guest-mm.elf");
  if (n < 0) n = 0;
  path[n] = 0;
  char *slash = strrchr(path, '/');
  strcpy(slash ? slash + 1 : path, "guest-mm.elf");
  return path;
}

static void each(void *of, uint32_t k)
{
  struct judged *j = of;
  const struct drive *d = &j->peer->host.drive;
  const struct script_line *l = j->line[k];
  j->outcome[k] = d->last;
  if (j->how->quiet) return;
  if (j->how->json) {
    print_result_json(stdout, j->t, l, &d->last);
    if (l->op.kind == MM_TLB) tlb_print_json(stdout, d->s, &j->peer->host.smp);
    fputc('}', stdout);
  } else if (l->op.kind == MM_TLB) {
    printf("%" PRIu64 ": tlb -> ", l->number);
    tlb_print(stdout, d->s, &j->peer->host.smp);
  } else print_outcome(stdout, j->t, l, &d->last);
  putchar('\n');
}

/* The machine says something else than the model. */
static int differs(const struct judged *j, const struct mm_difference *d, uint32_t ops)
{
  const struct script_line *l = j->line[d->op < ops ? d->op : ops - 1];
  flush_output();
  fprintf(stderr, "vmref run: %s:%" PRIu64 ": the machine and the model differ%s in %s\n", j->how->file, l->number,
          d->op < ops ? "" : ", behind this line,", d->what);
  if (!d->at_end) {
    mm_print_step(stderr, "guest", &d->guest);
    mm_print_step(stderr, "model", &d->host);
  } else if (d->told.va || d->told.attempt.vector)
    fprintf(stderr, "  guest: a load from 0x%" PRIx64 " in space %s: vector %u, error 0x%x, value %u\n", d->told.va,
            d->told.a < j->t->names ? j->t->name[d->told.a] : "?", d->told.attempt.vector, d->told.attempt.error, d->told.attempt.byte);
  return EXIT_DISAGREES;
}

/* What the script expects, of the outcomes on which both agree. */
static int expectations(const struct judged *j)
{
  uint32_t k = 0;
  for (size_t i = 0; i < j->t->lines; i++) {
    const struct script_line *l = &j->t->line[i];
    if (l->kind == SCRIPT_OP) {
      k++;
      continue;
    }
    if (script_meets(l, j->line[k - 1]->op.kind, &j->outcome[k - 1])) continue;
    flush_output();
    fprintf(stderr, "vmref run: %s:%" PRIu64 ": ", j->how->file, l->number);
    print_unmet(stderr, j->t, l, j->line[k - 1], &j->outcome[k - 1]);
    fputs("\nvmref run: machine and model agree on it; on the guest a page of code that all processes map takes a page frame,"
          " a space and tables of its own (docs/GUEST.md)\n", stderr);
    return EXIT_DISAGREES;
  }
  return EXIT_ANSWERED;
}

static int run(struct judged *j, const char *peer)
{
  struct mm_batch *b = &j->peer->mail->batch[0];
  struct mm_tally tally = { 0 };
  struct mm_difference d;
  uint32_t n = 0;
  for (size_t i = 0; i < j->t->lines; i++) {
    if (j->t->line[i].kind != SCRIPT_OP) continue;
    j->line[n] = &j->t->line[i];
    b->op[n++] = j->t->line[i];
  }
  b->sequences = 1;
  b->sequence[0] = (struct mm_sequence){ .ops = n, .smp = j->t->cpus ? 2 : 0, .policy = (uint8_t)(j->how->policy + 1), .tell = 1 };
  mm_peer_post(j->peer, 0);
  if (mm_peer_wait(j->peer, 0, SECONDS) != 0) {
    say("%s", j->peer->q.why);
    return EXIT_INTERNAL;
  }
  const int agree = mm_judge(j->peer, b, 0, &tally, &d);
  if (!agree) return differs(j, &d, n);
  const int code = expectations(j);
  if (code != EXIT_ANSWERED) return code;
  if (!j->how->quiet && !j->how->json)
    printf("%s: %" PRIu64 " accesses at CPL 3, then %" PRIu64 " pages read, all as the model says%s\n", peer, tally.accesses, tally.swept,
           tally.permitted ? ", up to where a processor had dropped what it might have kept" : "");
  return EXIT_ANSWERED;
}

int guest_run(const struct script *t, struct mm_sizes z, struct guest_run how)
{
  static struct mm_peer p;
  static struct judged j;
  char path[4096], version[32], peer[64];
  size_t ops = 0;
  if (t->huge) {
    say("pages of 2 MiB and devices are not run on the guest, whose page tables know 4 KiB; run this script without --on");
    return EXIT_UNMODELLED;
  }
  if (t->kernel) {
    say("kmalloc, vmalloc and kmem are not run on the guest, whose kernel has frames of its own; run this script without --on");
    return EXIT_UNMODELLED;
  }
  if (how.tables) z.tables += STUB_TABLES * t->names; /* what each process takes for the stub */
  for (size_t i = 0; i < t->lines; i++) ops += t->line[i].kind == SCRIPT_OP;
  p.config = (struct mm_config){ .sizes = drive_sizes(z, MM_KERNEL_FRAMES), .processors = t->cpus ? PROCESSORS : 0, .ipi = 1 };
  const struct mm_sizes all = p.config.sizes;
  if (ops > MM_OPS || all.tables + all.frames + all.kernel > MM_FRAMES || all.slots > MM_SLOTS) {
    say("the guest has room for %u operations, %u swap slots, and %u frames for tables and pages; give smaller --frames, --tables, --slots",
        MM_OPS, MM_SLOTS, MM_FRAMES - MM_KERNEL_FRAMES - (all.tables - z.tables) - (all.frames - z.frames));
    return EXIT_UNMODELLED;
  }
  const char *elf = guest_file(path, sizeof path);
  if (access(elf, R_OK) != 0) {
    say("there is no guest %s; make guest-mm.elf, or name it in VMREF_GUEST", elf);
    return EXIT_INTERNAL;
  }
  if (!qemu_version(version)) {
    say("no QEMU, which runs the guest: apt-get install qemu-system-x86");
    return EXIT_INTERNAL;
  }
  snprintf(peer, sizeof peer, "TCG, a software model, QEMU %s", version);
  j = (struct judged){ .t = t, .how = &how, .peer = &p };
  p.each = each;
  p.of = &j;
  if (mm_peer_start(&p, ACCEL_TCG, 0, elf) != 0) {
    say("%s", p.q.why);
    return stop(&p, EXIT_INTERNAL);
  }
  return stop(&p, run(&j, peer));
}
