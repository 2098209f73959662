/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "lx_names.h"
#include "lx_run.h"

static _Noreturn void bad(const char *what, const char *value)
{
  fprintf(stderr, "build/linux/run: %s %s\nTry 'build/linux/run --help'.\n", what, value);
  exit(2);
}

static uint64_t number(const char *name, const char *text, uint64_t least, uint64_t most)
{
  char *end;
  const unsigned long long v = strtoull(text, &end, 0);
  if (!isdigit((unsigned char)text[0]) || *end || v < least || v > most) bad(name, text);
  return v;
}

static void token(const char *text)
{
  uint8_t b[LX_BYTES];
  if (strncmp(text, "lx1-", 4) != 0 || strlen(text + 4) % (2 * LX_BYTES) != 0 || strlen(text + 4) > 2 * LX_BYTES * LX_OPS)
    bad("not a token:", text);
  for (const char *p = text + 4; *p; p += 2 * LX_BYTES) {
    for (unsigned i = 0; i < LX_BYTES; i++) {
      const char two[3] = { p[2 * i], p[2 * i + 1], 0 };
      if (!isxdigit((unsigned char)two[0]) || !isxdigit((unsigned char)two[1])) bad("not a token:", text);
      b[i] = (uint8_t)strtoul(two, NULL, 16);
    }
    options.one[options.one_n++] = lx_decode(b);
  }
  if (options.one_n == 0) bad("an empty token:", text);
}

static void script(const char *path)
{
  FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
  if (!f) {
    perror(path);
    exit(3);
  }
  if (!lx_read_script(f, path, options.one, &options.one_n)) exit(3);
}

int options_read(int argc, char **argv, const char *help)
{
  static const struct option known[] = { { "time", 1, 0, 't' }, { "ops", 1, 0, 'o' }, { "length", 1, 0, 'l' }, { "fork", 1, 0, 'f' },
    { "tier", 1, 0, 'T' }, { "seed", 1, 0, 's' }, { "state", 1, 0, 'S' }, { "token", 1, 0, 'k' }, { "script", 1, 0, 'c' },
    { "kernel", 1, 0, 'K' }, { "overcommit", 1, 0, 'O' }, { "json", 1, 0, 'j' }, { "reproducer", 1, 0, 'r' }, { "bench", 1, 0, 'b' }, { "quiet", 0, 0, 'q' }, { "help", 0, 0, 'h' }, { 0 } };
  for (int c; (c = getopt_long(argc, argv, "h", known, NULL)) != -1; )
    switch (c) {
    case 't': options.seconds = (double)number("--time", optarg, 1, 1u << 30); break;
    case 'o': options.ops = number("--ops", optarg, 1, UINT64_MAX); options.seconds = 1u << 30; break;
    case 'l': options.mix.length = (unsigned)number("--length", optarg, 1, LX_OPS); break;
    case 'f': options.mix.fork = (unsigned)number("--fork", optarg, 0, 100); break;
    case 'T': options.tier = optarg[0]; if (!strchr("ABC", optarg[0]) || !optarg[0] || optarg[1]) bad("--tier", optarg); break;
    case 's': options.mix.seed = number("--seed", optarg, 0, UINT64_MAX); break;
    case 'S': options.state = optarg; break;
    case 'k': token(optarg); break;
    case 'c': script(optarg); break;
    case 'K': if (!lx_read_kernel(optarg, &options.kernel)) bad("--kernel", optarg); break;
    case 'O': options.overcommit = number("--overcommit", optarg, 1, 1u << 30); break;
    case 'j': options.json = optarg; break;
    case 'r': options.reproducer = optarg; break;
    case 'b': options.bench = (double)number("--bench", optarg, 1, 3600), options.quiet = 1; break;
    case 'q': options.quiet = 1; break;
    case 'h': fputs(help, stdout); return 0;
    default: exit(2);
    }
  if (optind < argc) bad("what is", argv[optind]);
  return 1;
}

/* Another seed, length, fork or tier: another campaign. */
static const char FORM[] = "vmref-linux 2 seed %" SCNu64 " length %u fork %u tier %c sequences %" SCNu64 " calls %" SCNu64 " accesses %" SCNu64
  " signals %" SCNu64 " cut %" SCNu64;

void state_read(void)
{
  FILE *f = options.state ? fopen(options.state, "r") : NULL;
  if (!f) return;
  struct lx_mix mix;
  char tier;
  struct lx_done *d = &shared->done;
  if (fscanf(f, FORM, &mix.seed, &mix.length, &mix.fork, &tier, &shared->sequences, &d->calls, &d->accesses, &d->signals, &shared->cut) != 9) {
    fprintf(stderr, "build/linux/run: %s: not a campaign; remove it\n", options.state);
    exit(3);
  }
  fclose(f);
  shared->ops = d->calls + d->accesses;
  if (mix.seed != options.mix.seed || mix.length != options.mix.length || mix.fork != options.mix.fork || tier != options.tier)
    bad("that campaign has another seed, length, fork or tier:", options.state);
}

void state_write(void)
{
  char path[4096];
  if (!options.state) return;
  snprintf(path, sizeof path, "%s.new", options.state);
  FILE *f = fopen(path, "w");
  const struct lx_done *d = &shared->done;
  if (f) fprintf(f, "vmref-linux 2 seed %" PRIu64 " length %u fork %u tier %c sequences %" PRIu64 " calls %" PRIu64 " accesses %" PRIu64
                 " signals %" PRIu64 " cut %" PRIu64 "\n", options.mix.seed, options.mix.length, options.mix.fork, options.tier, shared->sequences,
                 d->calls, d->accesses, d->signals, shared->cut);
  if (!f || fclose(f) != 0 || rename(path, options.state) != 0) perror(options.state);
}
