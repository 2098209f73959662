/* SPDX-License-Identifier: MIT */
/* An adapter for vmref vectors --run: each question is put to the guest of harness/guest on QEMU, Bochs or v86, and the answer
 * tells what the guest saw. The model is asked only what to look for: which instruction makes the access, which words to watch. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "cli.h"
#include "deviations.h"
#include "adapters.h"
#include "guest_sequences.h"
#include "peer.h"
#include "rows.h"
#include "sequence_judge.h"

static const char HELP[] =
"Usage: guest-vectors --accel tcg|kvm|bochs|v86 [--build DIR] [--without ID] [--reckless] [--rows|--cpu]\n"
"Answer walks and sequences of docs/VECTORS.md, JSON lines on standard input, by what a guest saw that\n"
"made the accesses. All are read before the first answer, since they are put to the guest in the order that\n"
"suits it. What it cannot be asked gets {\"result\":\"unsupported\"} and why; --reckless asks what is known to\n"
"end the guest as well. Where QEMU or Bochs answers otherwise than the model, as rows of\n"
"harness/deviations.tsv foretell, \"known\" has their ids; --without takes a row away, --rows prints those\n"
"that can be foretold, --cpu what vectors must have of KVM's CPU.\n"
"\n"
"  vmref vectors --run 'build/guest-vectors --accel tcg' corpus/vectors/pairs/pairs.jsonl\n";

enum stage { WAITING, ASKED, ANSWERED_IT, CANNOT };
struct item {
  struct vmref_case c;
  struct config machine;
  enum stage state;
  const char *why;       /* CANNOT */
  struct plan *plan;
  struct guest_result result;
  struct guest_ask *sequence; /* or NULL: a walk */
};
static struct item *items;
static size_t count, room;
static struct images images;
static uint8_t accel;
static bool reckless;

/* ---- from a question to a case ---------------------------------------------------- */

/* The entries that the walk for va meets, and whether all of them lie in the arena. */
static bool take_entries(const struct question *q, uint64_t va, uint64_t *entry)
{
  const uint8_t mode = q->cpu.mode, top = vmref_top_level(mode);
  uint64_t table = mode == VMREF_MODE_PAE ? q->cpu.pdpte[va >> 30 & 3] : q->cpu.cr3;
  for (uint8_t level = top; level >= 1; level--) {
    uint64_t at = vmref_entry_in(mode, vmref_table_of(table), va, level);
    if (!case_in_arena(at)) return level < top; /* where it leads nowhere, no entry counts */
    entry[level] = question_entry(q, at);
    table = entry[level];
  }
  return true;
}

/* Does the case's memory hold what the question's does? Two levels may share an entry. */
static bool same_memory(const struct vmref_case *c, const struct question *q)
{
  struct case_memory m;
  case_place(c, &m);
  for (size_t i = 0; i < q->words; i++)
    if (!case_in_arena(q->mem[i].address) || case_read(&m, q->mem[i].address) != q->mem[i].value) {
      unsigned k = 0;
      while (k < m.n && m.pa[k] != q->mem[i].address) k++;
      if (k < m.n || q->mem[i].value != 0) return false;
    }
  return true;
}

static const char *case_of(struct vmref_case *c, const struct question *q)
{
  *c = (struct vmref_case){ .cpu = q->cpu, .access = q->access };
  if (q->cpu.cr3 < CASE_BASE || q->cpu.cr3 >= CASE_BASE + CASE_BYTES) return "CR3 outside of the guest's arena";
  if (q->cpu.mode == VMREF_MODE_PAE && !q->registers)
    for (unsigned i = 0; i < 4; i++) {
      c->cpu.pdpte[i] = question_entry(q, q->cpu.cr3 / 32 * 32 + 8 * i);
      if (!vmref_pdpte_fit(q->cpu.maxphyaddr, c->cpu.pdpte[i])) return "PDPTEs that cannot be loaded";
    }
  if (q->cpu.mode == VMREF_MODE_NONE) return NULL;
  struct question known = *q;
  known.cpu = c->cpu;
  if (!take_entries(&known, q->access.va, c->entry)) return "a root table outside of the guest's arena";
  if (case_straddles(c) && !take_entries(&known, vmref_span_second(c->cpu, c->access).va, c->next)) return "a table outside of the guest's arena";
  return same_memory(c, q) ? NULL : "words of memory that no case of the guest has";
}

/* What the mode has no use for is as the machine has it (docs/FORMAT.md). */
static void plain(struct vmref_cpu *u)
{
  const bool wide = vmref_long_mode(u->mode);
  if (!wide) u->page1gb = 1, u->vendor = VMREF_INTEL, u->pke = u->pks = 0;
  if (!u->pke) u->pkru = 0;
  if (!u->pks) u->pkrs = 0;
  if (u->mode != VMREF_MODE_32BIT) u->pse36 = 1;
  if (u->mode == VMREF_MODE_NONE) u->maxphyaddr = 40, u->smep = u->smap = u->pge = u->wp = 0;
  if (u->mode <= VMREF_MODE_32BIT) u->nxe = 0;
}

static struct config machine_for(const struct vmref_cpu *u)
{
  const bool wide = vmref_long_mode(u->mode);
  if (accel == ACCEL_KVM) return (struct config){ .accel = accel }; /* the one CPU that there is */
  struct config c = { .accel = accel, .bits32 = !wide, .mode = u->mode == VMREF_MODE_5LEVEL ? u->mode : wide ? VMREF_MODE_4LEVEL : VMREF_MODE_32BIT };
  if (accel == ACCEL_TCG) c.maxphyaddr = u->maxphyaddr, c.page1gb = u->page1gb, c.amd = u->vendor == VMREF_AMD, c.pse36 = u->pse36;
  return c;
}

/* ---- putting them to machines ------------------------------------------------------- */

/* Of this machine: fields that a fixed peer has in its own way where the mode does not mind. */
static void suit(struct vmref_cpu *u, const struct machine *m)
{
  if (!vmref_long_mode(u->mode)) u->page1gb = m->cpu.page1gb, u->vendor = m->cpu.vendor;
  if (u->mode != VMREF_MODE_32BIT) u->pse36 = m->cpu.pse36;
  if (u->mode == VMREF_MODE_NONE) u->maxphyaddr = m->cpu.maxphyaddr;
}

/* Slots take turns: the guest awaits them so. */
static void finish(struct peer *p, struct item **batch, unsigned n, unsigned *turn)
{
  if (n == 0) return;
  const unsigned at = (*turn)++ % MAIL_SLOTS;
  struct mail_slot *slot = &p->mail->slot[at];
  for (unsigned i = 0; i < n; i++) slot->in[i] = batch[i]->plan->guest;
  peer_post(p, at, n);
  if (peer_wait(p, at, 60) != 0) {
    say("%s", p->why);
    exit(EXIT_INTERNAL);
  }
  for (unsigned i = 0; i < n; i++) batch[i]->result = slot->out[i], batch[i]->state = ANSWERED_IT;
}

/* Those of this machine, after the walks: batches of their own. */
static void run_sequences(struct peer *p, const struct config *c, const struct machine *m, unsigned *turn)
{
  static struct item *batch[SEQUENCES];
  unsigned n = 0;
  for (size_t i = 0; i <= count; i++) {
    struct item *it = i < count ? &items[i] : NULL;
    if (it && it->sequence && it->state == WAITING && memcmp(&it->machine, c, sizeof *c) == 0) {
      it->why = ask_plan(it->sequence, m);
      it->state = it->why ? CANNOT : ASKED;
      if (!it->why) batch[n++] = it;
    }
    if (n == 0 || (it && n < SEQUENCES)) continue;
    const unsigned at = (*turn)++ % MAIL_SLOTS;
    struct mail_slot *slot = &p->mail->slot[at];
    for (unsigned k = 0; k < n; k++) slot->sequence[k] = batch[k]->sequence->q.guest;
    peer_post_sequences(p, at, n);
    if (peer_wait(p, at, 60) != 0) {
      say("%s, at the question of line %zu", p->why, (size_t)(batch[p->at < n ? p->at : 0] - items) + 1);
      exit(EXIT_INTERNAL);
    }
    for (unsigned k = 0; k < n; k++) memcpy(batch[k]->sequence->result, slot->result[k], sizeof slot->result[k]), batch[k]->state = ANSWERED_IT;
    n = 0;
  }
}

/* What its vectors must have: options of vmref vectors. Of KVM, whose CPU is the host's. */
static int print_cpu(void)
{
  const struct config c = { .accel = accel };
  struct peer p;
  struct machine m;
  if (peer_start(&p, &c, &images) != 0) return say("%s", p.why), EXIT_INTERNAL;
  machine_of(&m, p.mail, 0);
  printf("--cpu maxphyaddr=%u --cpu vendor=%s --cpu page1gb=%u --cpu pke=0\n", m.cpu.maxphyaddr, VENDORS[m.cpu.vendor], m.cpu.page1gb);
  peer_stop(&p);
  return EXIT_ANSWERED;
}

static void run_machine(const struct config *c)
{
  static struct item *batch[MAIL_CASES];
  struct peer p;
  struct machine m;
  unsigned n = 0, turn = 0;
  if (peer_start(&p, c, &images) != 0) {
    say("%s", p.why);
    exit(EXIT_INTERNAL);
  }
  machine_of(&m, p.mail, c->bits32);
  if (accel == ACCEL_KVM) m.cannot = CANNOT_RING12 | CANNOT_WIDE; /* at these a KVM that is nested may hang */
  m.overlooks = accel == ACCEL_TCG ? OVERLOOKS_1G | OVERLOOKS_AMD_G | OVERLOOKS_IMPLICIT | OVERLOOKS_4M
              : accel == ACCEL_KVM ? 0 : accel == ACCEL_BOCHS ? OVERLOOKS_IMPLICIT | OVERLOOKS_PKU : OVERLOOKS_4M;
  for (size_t i = 0; i < count; i++) {
    struct item *it = &items[i];
    if (it->sequence || it->state != WAITING || memcmp(&it->machine, c, sizeof *c) != 0) continue;
    suit(&it->c.cpu, &m);
    it->plan = malloc(sizeof *it->plan);
    enum excluded why = it->plan ? plan_case(it->plan, &it->c, &m) : EX_STATUS;
    it->state = why == PLANNED ? ASKED : CANNOT;
    it->why = why == EX_FEATURE && lacks(&it->c.cpu, &m) ? lacks(&it->c.cpu, &m) : excluded_name[why];
    if (why == PLANNED) batch[n++] = it;
    if (n == MAIL_CASES) finish(&p, batch, n, &turn), n = 0;
  }
  finish(&p, batch, n, &turn);
  run_sequences(&p, c, &m, &turn);
  peer_stop(&p);
}

/* ---- known deviations: foretold by harness/guest/deviations.c, as guest-run does ---- */

static int deviations_on(const char *without)
{
  static const char *names[DEVIATIONS + 1];
  uint32_t set = 0;
  for (unsigned i = 0; i < DEVIATIONS; i++) names[i] = deviations[i].id;
  if (accel == ACCEL_V86) return 0;
  if (rows_of("harness/deviations.tsv", names, accel, &set) != 0) return -1;
  for (unsigned i = 0; i < DEVIATIONS; i++) deviation_on[i] = set >> i & 1 && !(without && strcmp(names[i], without) == 0);
  return 0;
}

static bool of_sequences(const char *id)
{
  for (unsigned i = 0; i < SEQUENCE_DEVIATIONS; i++)
    if (strcmp(sequence_deviations[i].id, id) == 0) return true;
  return false;
}

static void print_known(const struct item *it)
{
  const char *comma = "";
  unsigned set;
  if (accel == ACCEL_V86 || foretells(0, it->plan, &it->result) || !(set = explain(it->plan, &it->result))) return;
  fputs(",\"known\":[", stdout);
  for (unsigned i = 0; i < DEVIATIONS; i++)
    if (set >> i & 1) printf("%s\"%s\"", comma, deviations[i].id), comma = ",";
  putchar(']');
}

/* ---- what was seen ------------------------------------------------------------------- */

/* Entries that have changed, those too that the model's walk does not reach. */
static void print_writes(const struct item *it)
{
  const struct plan *p = it->plan;
  const unsigned size = vmref_entry_size(it->c.cpu.mode);
  const char *comma = "";
  fputs(",\"writes\":[", stdout);
  for (unsigned i = 0; i < p->memory.n; i++)
    for (uint64_t at = p->memory.pa[i]; at < p->memory.pa[i] + 8; at += size) {
      int word = find_word(&p->guest, at);
      if (word < 0) continue;
      uint64_t was = vmref_entry_in_word(it->c.cpu.mode, at, p->guest.before[word]), is = vmref_entry_in_word(it->c.cpu.mode, at, it->result.after[word]);
      if (was != is) printf("%s[\"0x%" PRIx64 "\",\"0x%" PRIx64 "\"]", comma, at, is), comma = ",";
    }
  putchar(']');
}

/* Do the bytes of the access lie on entries of its own walk? */
static bool on_entries(const struct item *it)
{
  const struct vmref_span *s = &it->plan->span;
  if (s->rule != VMREF_RULE_OK) return false;
  for (unsigned i = 0; i < it->plan->memory.n; i++)
    for (int k = 0; k < s->parts; k++)
      if (it->plan->memory.pa[i] + 8 > s->part[k].pa && it->plan->memory.pa[i] < s->part[k].pa + s->part[k].access.size) return true;
  return false;
}

/* Are the words that it may store to, entries apart, other than they must be? */
static bool data_differs(const struct item *it, const struct expect *e)
{
  const struct guest_case *g = &it->plan->guest;
  for (unsigned i = 0; i < g->words; i++) {
    unsigned k = 0;
    while (k < it->plan->memory.n && find_word(g, it->plan->memory.pa[k]) != (int)i) k++;
    if (k == it->plan->memory.n && (it->result.after[i] ^ e->after[i]) & ~e->may[i]) return true;
  }
  return false;
}

#define ELSEWHERE UINT64_C(0xfffffffffffff) /* the bytes are not those of the place where they must be */
#define UNKNOWN   UINT64_MAX                /* it should not have been made: nobody can tell by the bytes */
/* Where the access went: where value and stored bytes are as they must be there; else where a tag that
 * was read, or a store that went astray, tells; else nowhere that is known. */
static uint64_t where(const struct item *it)
{
  const struct guest_result *r = &it->result;
  const unsigned form = OP_FORM(it->plan->guest.op);
  struct expect e;
  unsigned d = 0;
  for (int variant = 0; variant < VARIANTS && it->plan->span.rule == VMREF_RULE_OK; variant++) {
    if (!expect_case(&e, it->plan, &it->plan->c, variant)) continue;
    d = differs(&e, it->plan, r) & (on_entries(it) ? DIFFERS_VALUE | DIFFERS_STRAY | DIFFERS_MEMORY : DIFFERS_VALUE | DIFFERS_STRAY);
    if (d == 0 && !data_differs(it, &e)) return it->plan->span.part[0].pa;
  }
  if (form == FORM_FETCH) return r->value & 0xffffffff;
  if (r->stray != NO_STRAY) return CASE_BASE + 8u * r->stray + it->c.access.va % 8;
  if (form == FORM_READ && it->c.access.size == 8 && (r->value & ~0xffffffff00ull) == 0xc30000000000b8ull) return r->value >> 8 & 0xffffffff;
  return it->plan->span.rule == VMREF_RULE_OK ? ELSEWHERE : UNKNOWN;
}

static void print_item(const struct item *it)
{
  const struct guest_result *r = &it->result;
  if (it->state == CANNOT) {
    printf("{\"result\":\"unsupported\",\"message\":\"%s\"}\n", it->why);
    return;
  }
  if (it->sequence) return ask_print(it->sequence, accel != ACCEL_V86);
  if (r->vector != VECTOR_DONE) {
    printf("{\"result\":\"fault\",\"vector\":%u,\"error\":\"0x%" PRIx32 "\"", r->vector, r->error);
    /* What byte of a descriptor the store that marks it begins at, no manual says: the whole is meant. */
    const bool marks = OP_FORM(it->plan->guest.op) == FORM_SEG_STORE && r->cr2 - it->c.access.va < 8;
    if (r->vector == VMREF_VECTOR_PF) printf(",\"cr2\":\"0x%" PRIx64 "\"", marks ? it->c.access.va : r->cr2);
  } else {
    const uint64_t pa = where(it);
    printf("{\"result\":\"ok\"");
    if (pa != UNKNOWN) printf(",\"pa\":\"0x%" PRIx64 "\"", pa);
  }
  if (!on_entries(it)) print_writes(it);
  print_known(it);
  puts("}");
}

/* ---- reading ---------------------------------------------------------------------------- */

static int read_questions(void)
{
  const char *text;
  size_t size;
  enum line kind;
  struct question q = QUESTION_DEFAULT;
  struct complaint why;
  struct lines *in = lines_open(NULL);
  while (in && (kind = lines_next(in, &text, &size)) == LINE_TEXT) {
    if (count == room) {
      void *more = realloc(items, (room = room ? 2 * room : 1024) * sizeof *items);
      if (!more) return say("out of memory"), EXIT_INTERNAL;
      items = more;
    }
    struct item *it = &items[count++];
    *it = (struct item){ .state = WAITING };
    json_t *line = line_read(text, size, &why);
    const char *op = json_string_value(json_object_get(line, "op"));
    const bool sequence = op && strcmp(op, "sequence") == 0;
    if (sequence && !(it->sequence = calloc(1, sizeof *it->sequence))) return say("out of memory"), EXIT_INTERNAL;
    if (op && !sequence && strcmp(op, "walk") != 0) it->state = CANNOT, it->why = why_not_asked(op);
    const bool good = line && (it->why || (sequence ? plain_read(&it->sequence->p, line, &why) : question_take(&q, line, &why)));
    json_decref(line);
    if (!good && sequence && plain_full()) it->state = CANNOT, it->why = strdup(why.text), it->sequence = NULL;
    else if (!good) return say("line %" PRIu64 ": %s", lines_number(in), why.text), EXIT_MALFORMED;
    if (it->why) continue;
    if (sequence) q.cpu = it->c.cpu = it->sequence->p.cpu;
    else it->why = case_of(&it->c, &q);
    if (it->why) it->state = CANNOT;
    plain(&it->c.cpu);
    it->machine = machine_for(&it->c.cpu);
    if (accel == ACCEL_V86 && vmref_long_mode(q.cpu.mode)) it->state = CANNOT, it->why = "v86 has no long mode";
    if (!reckless && accel == ACCEL_V86 && q.cpu.cr3 & (q.cpu.mode == VMREF_MODE_PAE ? 0x10 : 0x18)) /* the guest is lost then */
      it->state = CANNOT, it->why = "v86 takes PWT and PCD of CR3 as address bits (docs/FINDINGS.md)";
    if (accel == ACCEL_KVM && q.cpu.mode != VMREF_MODE_4LEVEL) it->state = CANNOT, it->why = "under KVM 4-level paging alone is asked";
    if (accel == ACCEL_BOCHS && q.cpu.mode == VMREF_MODE_5LEVEL) it->state = CANNOT, it->why = "Bochs 2.7 has no 5-level paging";
  }
  return EXIT_ANSWERED;
}

int main(int argc, char **argv)
{
  static char elf[300], elf32[300], rom[300];
  const char *build = "build", *name = "", *without = NULL;
  bool print_rows = false, cpu = false;
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--help") == 0) return fputs(HELP, stdout), EXIT_ANSWERED;
    if (i + 1 < argc && strcmp(argv[i], "--accel") == 0) name = argv[++i];
    else if (i + 1 < argc && strcmp(argv[i], "--build") == 0) build = argv[++i];
    else if (i + 1 < argc && strcmp(argv[i], "--without") == 0) without = argv[++i];
    else if (strcmp(argv[i], "--reckless") == 0) reckless = true;
    else if (strcmp(argv[i], "--rows") == 0) print_rows = true;
    else if (strcmp(argv[i], "--cpu") == 0) cpu = true;
    else return say("unknown argument %s (see --help)", argv[i]), EXIT_USAGE;
  }
  static const char *const names[] = { [ACCEL_TCG] = "tcg", [ACCEL_KVM] = "kvm", [ACCEL_BOCHS] = "bochs", [ACCEL_V86] = "v86" };
  while (accel <= ACCEL_V86 && (!names[accel] || strcmp(names[accel], name) != 0)) accel++;
  if (accel > ACCEL_V86) return say("--accel must be tcg, kvm, bochs or v86 (see --help)"), EXIT_USAGE;
  snprintf(elf, sizeof elf, "%s/guest.elf", build);
  snprintf(elf32, sizeof elf32, "%s/guest32.elf", build);
  snprintf(rom, sizeof rom, "%s/bochs-rom.bin", build);
  images = (struct images){ elf, elf32, rom, NULL };
  if (cpu) return print_cpu();
  if (deviations_on(without) != 0) return say("harness/deviations.tsv: not to be read from here, or without a row for each of harness/guest/deviations.c"), EXIT_INTERNAL;
  for (unsigned i = 0; print_rows && i < DEVIATIONS; i++)
    if (deviation_on[i] && (deviations[i].question || deviations[i].answer || of_sequences(deviations[i].id))) puts(deviations[i].id);
  if (print_rows) return EXIT_ANSWERED;
  const int code = read_questions();
  if (code != EXIT_ANSWERED) return code;
  for (size_t i = 0; i < count; i++) {
    const struct config c = items[i].machine;
    if (items[i].state == WAITING) run_machine(&c);
  }
  for (size_t i = 0; i < count; i++) print_item(&items[i]);
  return fflush(stdout) == 0 ? EXIT_ANSWERED : EXIT_INTERNAL;
}
