/* SPDX-License-Identifier: MIT */
/* vmref vectors: make conformance vectors, and run implementations by them. */
#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include "vectors.h"

static const char HELP[] =
"Usage: vmref vectors [options]\n"
"       vmref vectors --run COMMAND [options] FILE...\n"
"       vmref vectors --pack OUT FILE...\n"
"       vmref vectors --unpack FILE\n"
"Make conformance vectors: accesses with their tables, the outcomes that are permitted, and the\n"
"rule. Each answer is the model's, and held against a second opinion that shares no code with\n"
"it. docs/VECTORS.md has the forms.\n"
"\n"
"  -n, --count N        so many at random, near to good ones (1000)\n"
"  -P, --pairs          instead: chosen from --count (400000) so that under every rule each\n"
"                       two settings of two controls occur together\n"
"  -k, --kind K         of --pairs: walk, set (writes of control registers) or tlb (sequences over\n"
"                       the TLB) (walk)\n"
"  -s, --seed N         of the random numbers (1)\n"
"  -m, --mode M         none, 32bit, pae, 4level or 5level alone\n"
"  -c, --cpu FIELD=N    a field of cpu that is the same in all, flags 0 or 1, vendor intel or amd:\n"
"                       --cpu maxphyaddr=36 --cpu pcide=0; more than once\n"
"  -z, --size N         bytes of the accesses; more than once\n"
"  -b, --binary FILE    write them packed, for guests, not as JSON lines; --unpack prints such\n"
"  -p, --pack OUT       pack vectors of FILE..., JSON lines: those that a guest can be asked, which\n"
"                       are sequences and walks that have a token\n"
"\n"
"  -r, --run COMMAND    start it by the shell, give it each question of FILE... as a line of JSON,\n"
"                       as vmref serve takes it, and read its answers, one a line, or\n"
"                       {\"result\":\"unsupported\",\"message\":WHY}; then tell how it conforms by rule\n"
"                       and kind of question: walk, sequence, set, memtype, footprint, script\n"
"  -i, --id ID          that vector alone\n"
"  -j, --json           an object for each vector instead of the report\n"
"  -S, --shown N        print so many vectors that differ (10)\n"
"  -t, --timeout N      seconds for the whole run (600)\n"
"  -h, --help           print this and exit\n"
"\n"
"Exit: 0 made, or all agree, 1 some differ, 2 usage, 3 a file or an answer is malformed, or the\n"
"implementation ended early, 5 internal.\n"
"\n"
"  vmref vectors --count 5 | vmref vectors --run 'vmref serve' -\n";

struct output {
  FILE *binary;
  const char *name;
  bool full;
};

static void put(const struct vector *v, unsigned long number, void *to)
{
  struct output *o = to;
  char id[80];
  if (o->binary) {
    o->full = o->full || !binary_put(o->binary, v);
    return;
  }
  snprintf(id, sizeof id, "%s-%04lu", o->name, number);
  vector_print(stdout, v, id);
}

static int make(uint64_t seed, const struct fixed *fixed, unsigned long count, bool pairs, const char *path)
{
  struct output o = { .name = pairs ? "pairs" : fixed->mode == ANY_MODE ? "random" : MODES[fixed->mode] };
  unsigned long made = count;
  if (path && !(o.binary = fopen(path, "wb"))) return fprintf(stderr, "vmref vectors: %s: %s\n", path, strerror(errno)), EXIT_INTERNAL;
  if (o.binary) o.full = !binary_head(o.binary, 0);
  if (pairs) made = vectors_pairs(seed, fixed, count, put, &o);
  for (unsigned long i = 1; !pairs && i <= count; i++) {
    struct vector v;
    vector_make(&v, &seed, fixed);
    put(&v, i, &o);
  }
  if (!o.binary) return EXIT_ANSWERED;
  rewind(o.binary);
  o.full = !binary_head(o.binary, made) || o.full;
  if (fclose(o.binary) == 0 && !o.full) return EXIT_ANSWERED;
  return fprintf(stderr, "vmref vectors: %s: cannot be written: %s\n", path, strerror(errno)), EXIT_INTERNAL;
}

static unsigned long number(const char *option, const char *text, unsigned long most)
{
  char *end;
  errno = 0;
  unsigned long n = strtoul(text, &end, 10);
  if (text[0] < '0' || text[0] > '9' || *end || errno || n > most) usage("vectors", "%s must be 0 to %lu, not '%s'", option, most, text);
  return n;
}

static uint8_t mode_of(const char *text)
{
  for (uint8_t i = 0; MODES[i]; i++)
    if (strcmp(text, MODES[i]) == 0) return i;
  usage("vectors", "--mode must be none, 32bit, pae, 4level or 5level, not '%s'", text);
}

/* FIELD=N */
static void fix(struct fixed *fixed, const char *text)
{
  static const struct { const char *name; size_t offset; } FIELDS[] = {
#define FIELD(name) { #name, offsetof(struct vmref_cpu, name) }
    FIELD(wp), FIELD(smep), FIELD(smap), FIELD(nxe), FIELD(pge), FIELD(pse), FIELD(pse36), FIELD(pcide), FIELD(pke), FIELD(pks),
    FIELD(page1gb), FIELD(maxphyaddr), FIELD(vendor) };
  size_t length = strcspn(text, "="), i = 0;
  while (i < sizeof FIELDS / sizeof *FIELDS && (strlen(FIELDS[i].name) != length || strncmp(FIELDS[i].name, text, length) != 0)) i++;
  if (i == sizeof FIELDS / sizeof *FIELDS || text[length] != '=') usage("vectors", "--cpu '%s' is no FIELD=N with a field of cpu that can be fixed", text);
  if (fixed->fields == FIXED) usage("vectors", "more than %d --cpu", FIXED);
  const char *value = text + length + 1;
  const bool vendor = FIELDS[i].offset == offsetof(struct vmref_cpu, vendor), width = FIELDS[i].offset == offsetof(struct vmref_cpu, maxphyaddr);
  unsigned long n = vendor && strcmp(value, "intel") == 0 ? VMREF_INTEL : vendor && strcmp(value, "amd") == 0 ? VMREF_AMD : number("--cpu", value, 52);
  if (width ? n < 32 : n > 1) usage("vectors", "--cpu %s is out of its range", text);
  fixed->offset[fixed->fields] = (uint8_t)FIELDS[i].offset;
  fixed->value[fixed->fields++] = (uint8_t)n;
}

int vectors_command(int argc, char **argv)
{
  static const struct option options[] = {
    { "count", required_argument, NULL, 'n' }, { "pairs", no_argument, NULL, 'P' }, { "kind", required_argument, NULL, 'k' }, { "seed", required_argument, NULL, 's' },
    { "mode", required_argument, NULL, 'm' }, { "cpu", required_argument, NULL, 'c' }, { "size", required_argument, NULL, 'z' },
    { "binary", required_argument, NULL, 'b' }, { "pack", required_argument, NULL, 'p' }, { "unpack", required_argument, NULL, 'u' },
    { "run", required_argument, NULL, 'r' }, { "id", required_argument, NULL, 'i' }, { "json", no_argument, NULL, 'j' },
    { "shown", required_argument, NULL, 'S' }, { "timeout", required_argument, NULL, 't' }, { "help", no_argument, NULL, 'h' },
    { NULL, 0, NULL, 0 } };
  struct vectors_run r = { .shown = 10, .seconds = 600 };
  unsigned long count = 0, seed = 1;
  struct fixed fixed = { .mode = ANY_MODE };
  bool pairs = false;
  const char *binary = NULL, *pack = NULL, *packed = NULL, *kind = "walk";
  int option;
  while ((option = getopt_long(argc, argv, "n:Pk:s:m:c:z:b:p:r:i:jS:t:h", options, NULL)) != -1) {
    switch (option) {
    case 'n': count = number("--count", optarg, 100000000); if (count == 0) usage("vectors", "--count must be 1 at least"); break;
    case 'P': pairs = true; break;
    case 'k': kind = optarg; break;
    case 's': seed = number("--seed", optarg, UINT32_MAX); break;
    case 'm': fixed.mode = mode_of(optarg); break;
    case 'c': fix(&fixed, optarg); break;
    case 'z':
      if (fixed.sizes == FIXED) usage("vectors", "more than %d --size", FIXED);
      fixed.size[fixed.sizes] = (uint8_t)number("--size", optarg, 64);
      if (fixed.size[fixed.sizes++] == 0) usage("vectors", "--size must be 1 at least");
      break;
    case 'b': binary = optarg; break;
    case 'p': pack = optarg; break;
    case 'u': packed = optarg; break;
    case 'r': r.command = optarg; break;
    case 'i': r.id = optarg; break;
    case 'j': r.json = true; break;
    case 'S': r.shown = (unsigned)number("--shown", optarg, UINT32_MAX); break;
    case 't': r.seconds = (unsigned)number("--timeout", optarg, 1000000); break;
    case 'h': return fputs(HELP, stdout), EXIT_ANSWERED;
    default: usage("vectors", NULL);
    }
  }
  if (r.command && (binary || pack || packed || pairs || count)) usage("vectors", "--run takes vectors from FILE...; --count, --pairs, --binary, --pack and --unpack make or print some");
  if (r.command && argc == optind) usage("vectors", "a FILE is missing: vectors as JSON lines, - for standard input");
  if (pack && (binary || packed || pairs || count)) usage("vectors", "--pack takes vectors from FILE...");
  if (pack && argc == optind) usage("vectors", "a FILE is missing: vectors as JSON lines, - for standard input");
  if (!r.command && !pack && argc != optind) usage("vectors", "FILE goes with --run and --pack");
  if (r.command) return vectors_run(&r, argv + optind, argc - optind);
  if (pack) return packed_make(pack, argv + optind, argc - optind);
  if (packed) return binary_print(packed);
  const bool set = strcmp(kind, "set") == 0, tlb = strcmp(kind, "tlb") == 0;
  if (!set && !tlb && strcmp(kind, "walk") != 0) usage("vectors", "--kind must be walk, set or tlb, not '%s'", kind);
  if ((set || tlb) && (!pairs || binary || fixed.fields || fixed.sizes || fixed.mode != ANY_MODE))
    usage("vectors", "--kind set and tlb go with --pairs, --count and --seed alone");
  if (set) return vectors_set(seed, count ? count : 800000), EXIT_ANSWERED;
  if (tlb) return vectors_tlb(seed, count ? count : 100000), EXIT_ANSWERED;
  return make(seed, &fixed, count ? count : pairs ? 400000 : 1000, pairs, binary);
}
