/* SPDX-License-Identifier: MIT */
/* vmref replay: the memory calls of a real program, and the layout that it ended with. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "cli.h"
#include "lx_names.h"
#include "lx_replay.h"

const char REPLAY_HELP[] =
"Usage: vmref replay [options] TRACE --maps SNAPSHOT\n"
"Run the memory calls of a program that strace -f has seen through the model of Linux's address spaces,\n"
"compare what each returned, and the layout with /proc/PID/maps of its first process as it was when the\n"
"trace opened that file, at a line '# SNAPSHOT maps', or else at its end. ci/record-trace makes both.\n"
"Pages are compared one by one: mapped or not, rights, sharing, and which file at which offset. What was\n"
"mapped before the trace began (the image of execve, stack, vdso) is counted apart.\n"
"\n"
"  --maps FILE     the layout to compare with\n"
"  --start FILE    the layout right after the execve\n"
"  --kernel M.N    the version that ran, 6.18 or the like (6.18)\n"
"  --dontunmap-apart mremap dontunmap kept what it left apart, as 6.1.192 does\n"
"  --verbose       print each call\n"
"Exit: 0 agrees, 1 disagrees, 2 usage, 3 malformed input, 4 not modelled.\n";

static FILE *open_file(const char *path)
{
  FILE *f = fopen(path, "r");
  if (f) return f;
  say("replay: %s: %s", path, strerror(errno));
  exit(EXIT_MALFORMED);
}

static struct map_line *read_maps(const char *path, size_t *n)
{
  FILE *f = open_file(path);
  struct map_line *m = maps_read(f, path, n);
  fclose(f);
  if (!m) exit(EXIT_MALFORMED);
  return m;
}

static void print_counts(const struct replay *r, bool started)
{
  printf("%s: %u calls agree, %u disagree, %u others", r->name, r->agree, r->disagree, r->other);
  if (started) printf("; of %u places that the kernel chose, the model would have chosen %u", r->places, r->places_same);
  putchar('\n');
  printf("%s: %" PRIu64 " pages agree with the maps, %" PRIu64 " disagree; %" PRIu64 " mapped before the trace\n", r->name,
         r->pages - (r->wrong < r->pages ? r->wrong : r->pages), r->wrong, r->before);
}

int replay_command(int argc, char **argv)
{
  static const struct option options[] = { { "maps", 1, NULL, 'm' }, { "start", 1, NULL, 's' }, { "kernel", 1, NULL, 'k' },
    { "dontunmap-apart", 0, NULL, 'a' }, { "verbose", 0, NULL, 'v' }, { "help", 0, NULL, 'h' }, { NULL, 0, NULL, 0 } };
  const char *maps = NULL, *start = NULL;
  uint32_t kernel = 6 * 256 + 18;
  uint8_t apart = 0;
  static struct replay r;
  for (int c; (c = getopt_long(argc, argv, "h", options, NULL)) != -1; )
    switch (c) {
    case 'm': maps = optarg; break;
    case 's': start = optarg; break;
    case 'k': if (!lx_read_kernel(optarg, &kernel)) usage("replay", "--kernel %s: not a version M.N", optarg); break;
    case 'a': apart = 1; break;
    case 'v': r.verbose = 1; break;
    case 'h': fputs(REPLAY_HELP, stdout); return EXIT_ANSWERED;
    default: usage("replay", NULL);
    }
  if (optind + 1 != argc) usage("replay", "one TRACE is wanted");
  if (!maps) usage("replay", "--maps SNAPSHOT is missing");
  static struct trace t;
  FILE *f = open_file(argv[optind]);
  const int good = lx_trace_read(&t, f, argv[optind]);
  fclose(f);
  if (!good) return EXIT_MALFORMED;
  size_t n, starts = 0;
  struct map_line *m = read_maps(maps, &n), *s = start ? read_maps(start, &starts) : NULL;
  r.l = lx_model_sized(kernel, &(struct lx_sizes){ .tasks = 48, .objects = 400, .files = 500, .areas = 4096, .tables = 1200, .frames = 256 });
  if (!r.l) return say("out of memory"), EXIT_INTERNAL;
  r.l->dontunmap_apart = apart;
  r.l->low = 16, r.l->high = 0x7FFFF7FFF;
  r.trace = &t, r.name = argv[optind], r.out = stdout;
  const int code = replay_run(&r, s, starts, m, n);
  if (code <= 1) print_counts(&r, s != NULL);
  free(m), free(s), free(r.seen);
  lx_trace_free(&t);
  return code;
}
