/* SPDX-License-Identifier: MIT */
/* vmref audit: the page tables in a memory dump. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "dump.h"

static const char HELP[] =
"Usage: vmref audit [options] DUMP\n"
"       vmref audit --diff [options] DUMP DUMP\n"
"Print what the page tables in a memory dump map, as ranges with rights (r, w, x, u for users, g for\n"
"global), and what is odd: pages writable and executable, of the kernel's half and reachable by\n"
"users, tables that can be written, one frame with different rights, reserved bits, tables reached\n"
"twice. DUMP is an ELF core, as QEMU's dump-guest-memory or kdump write it, or a raw image. The notes of QEMU\n"
"have CR3; those of kdump have not: then the kernel's own tables are read, which VMCOREINFO tells of.\n"
"\n"
"  -c, --cpu N          the processor whose registers the core's notes have (0)\n"
"      --cr3 N          another root table\n"
"      --mode M         32bit, pae, 4level or 5level; by CR0, CR4 and CS of the notes unless given\n"
"      --maxphyaddr N   width of physical addresses (52), above which bits are reserved\n"
"      --no-nxe         IA32_EFER.NXE is 0: bit 63 is reserved (notes do not have it)\n"
"      --amd            AMD: bit 8 of a PML4E is reserved\n"
"  -b, --base N         a raw image, whose first byte is at that physical address\n"
"  -j, --json           an object for each range and finding, then one of the whole\n"
"  -s, --svg FILE       draw the map\n"
"  -d, --diff           what the second maps otherwise than the first\n"
"  -n, --shown N        ranges, and findings of each kind, in words (40)\n"
"  -h, --help           print this and exit\n"
"\n"
"Exit: 0 read, whatever was found; with --diff 1 when they differ; 2 usage, 3 the dump is malformed\n"
"or lacks what is asked for, 4 it has more than is kept: what was read is printed; 5 internal.\n"
"\n"
"  vmref audit --svg map.svg guest.core\n";

static struct {
  uint64_t base, cr3, cpu;
  bool raw, has_cr3, json, diff, nxe;
  uint8_t mode, maxphyaddr, vendor; /* mode VMREF_MODE_NONE: by the notes */
  const char *svg;
  size_t shown;
} options = { .nxe = true, .maxphyaddr = 52, .shown = 40 };

static int refuse(const char *path, const char *why)
{
  flush_output();
  fprintf(stderr, "vmref audit: %s: %s\n", path, why);
  return EXIT_MALFORMED;
}

static bool control_state(const struct dump *d, struct vmref_cpu *c, struct complaint *why)
{
  const struct dump_cpu none = { 0 }, *p = options.cpu < d->cpus ? &d->cpu[options.cpu] : &none;
  uint64_t root = 0;
  bool five = false;
  const bool kernel = d->cpus == 0 && options.mode == VMREF_MODE_NONE && !options.has_cr3 && dump_kernel_root(d, &root, &five);
  if (p == &none && !kernel && (options.mode == VMREF_MODE_NONE || !options.has_cr3))
    return bad(why, "no notes of processor %" PRIu64 "; give --cr3 and --mode", options.cpu);
  *c = QUESTION_DEFAULT.cpu;
  c->maxphyaddr = options.maxphyaddr;
  c->vendor = options.vendor;
  c->nxe = options.nxe;
  c->mode = kernel ? (five ? VMREF_MODE_5LEVEL : VMREF_MODE_4LEVEL) : options.mode;
  c->cr3 = kernel ? root : options.has_cr3 ? options.cr3 : p->cr3;
  if (c->mode == VMREF_MODE_NONE) {
    if (!(p->cr0 & VMREF_CR0_PG)) return bad(why, "paging is off on processor %" PRIu64 " (CR0 0x%" PRIx64 ")", options.cpu, p->cr0);
    c->mode = !(p->cr4 & VMREF_CR4_PAE) ? VMREF_MODE_32BIT : !p->long_mode ? VMREF_MODE_PAE : p->cr4 & VMREF_CR4_LA57 ? VMREF_MODE_5LEVEL : VMREF_MODE_4LEVEL;
    c->pge = p->cr4 & VMREF_CR4_PGE ? 1 : 0;
    c->pse = p->cr4 & VMREF_CR4_PSE ? 1 : 0;
  }
  c->cr3 &= vmref_long_mode(c->mode) ? 0x000ffffffffff000ull : c->mode == VMREF_MODE_PAE ? 0xffffffe0 : 0xfffff000;
  if (c->cr3 >= vmref_phys_limit(c->maxphyaddr)) return bad(why, "CR3 0x%" PRIx64 " is beyond MAXPHYADDR", c->cr3);
  for (unsigned i = 0; c->mode == VMREF_MODE_PAE && i < 4; i++)
    if (!dump_word(d, c->cr3 + 8 * i, &c->pdpte[i]) || !vmref_pdpte_fit(c->maxphyaddr, c->pdpte[i]))
      return bad(why, "the PDPTEs at CR3 0x%" PRIx64 " are not in the dump, or cannot be loaded", c->cr3);
  uint64_t word;
  if (!dump_word(d, c->cr3, &word)) return bad(why, "the root table at 0x%" PRIx64 " is not in the dump", c->cr3);
  return true;
}

static int read_one(const char *path, struct audit *a, struct vmref_cpu *cpu)
{
  struct dump d;
  struct complaint why;
  int code = EXIT_ANSWERED;
  memset(a, 0, sizeof *a);
  if (!dump_open(&d, path, options.raw, options.base, &why)) return refuse(path, why.text);
  if (!control_state(&d, cpu, &why)) code = refuse(path, why.text);
  else if (!audit_run(a, &d, cpu)) code = (say("out of memory"), EXIT_INTERNAL);
  dump_close(&d);
  if (code != EXIT_ANSWERED || !a->limit) return code;
  fprintf(stderr, "vmref audit: %s: %s; what follows is not the whole\n", path, a->limit);
  return EXIT_UNMODELLED;
}

static int one(const char *path)
{
  struct audit a;
  struct vmref_cpu cpu;
  int code = read_one(path, &a, &cpu);
  if (code == EXIT_ANSWERED || code == EXIT_UNMODELLED) {
    audit_print(&a, &cpu, options.json, options.shown);
    if (options.svg && !audit_svg(&a, options.svg, path)) code = (say("%s: %s", options.svg, strerror(errno)), EXIT_INTERNAL);
  }
  audit_free(&a);
  return code;
}

static int two(const char *first, const char *second)
{
  struct audit a, b = { 0 };
  struct vmref_cpu cpu;
  int code = read_one(first, &a, &cpu);
  if (code == EXIT_ANSWERED) code = read_one(second, &b, &cpu);
  if (code == EXIT_ANSWERED) {
    const size_t n = audit_diff(&a, &b, options.json, options.json ? SIZE_MAX : options.shown);
    if (!options.json) printf("%zu pieces differ\n", n);
    code = n ? EXIT_DISAGREES : EXIT_ANSWERED;
  }
  audit_free(&a);
  audit_free(&b);
  return code;
}

static uint64_t number(const char *option, const char *text, uint64_t most)
{
  char *end;
  errno = 0;
  uint64_t n = strtoull(text, &end, 0);
  if (text[0] < '0' || text[0] > '9' || *end || errno || n > most) usage("audit", "%s must be 0 to 0x%" PRIx64 ", not '%s'", option, most, text);
  return n;
}

static uint8_t mode_of(const char *text)
{
  for (uint8_t i = VMREF_MODE_32BIT; MODES[i]; i++)
    if (strcmp(text, MODES[i]) == 0) return i;
  usage("audit", "--mode must be 32bit, pae, 4level or 5level, not '%s'", text);
}

int audit_command(int argc, char **argv)
{
  static const struct option list[] = {
    { "cpu", required_argument, NULL, 'c' }, { "cr3", required_argument, NULL, 'r' }, { "mode", required_argument, NULL, 'm' },
    { "maxphyaddr", required_argument, NULL, 'p' }, { "no-nxe", no_argument, NULL, 'x' }, { "amd", no_argument, NULL, 'a' },
    { "base", required_argument, NULL, 'b' }, { "json", no_argument, NULL, 'j' }, { "svg", required_argument, NULL, 's' },
    { "diff", no_argument, NULL, 'd' }, { "shown", required_argument, NULL, 'n' }, { "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 } };
  int option;
  while ((option = getopt_long(argc, argv, "c:b:js:dn:h", list, NULL)) != -1) {
    switch (option) {
    case 'c': options.cpu = number("--cpu", optarg, DUMP_CPUS - 1); break;
    case 'r': options.cr3 = number("--cr3", optarg, UINT64_MAX), options.has_cr3 = true; break;
    case 'm': options.mode = mode_of(optarg); break;
    case 'p':
      options.maxphyaddr = (uint8_t)number("--maxphyaddr", optarg, 52);
      if (options.maxphyaddr < 32) usage("audit", "--maxphyaddr must be 32 to 52");
      break;
    case 'x': options.nxe = false; break;
    case 'a': options.vendor = VMREF_AMD; break;
    case 'b': options.base = number("--base", optarg, (1ull << 52) - 1), options.raw = true; break;
    case 'j': options.json = true; break;
    case 's': options.svg = optarg; break;
    case 'd': options.diff = true; break;
    case 'n': options.shown = number("--shown", optarg, UINT32_MAX); break;
    case 'h': return fputs(HELP, stdout), EXIT_ANSWERED;
    default: usage("audit", NULL);
    }
  }
  if (argc - optind != (options.diff ? 2 : 1)) usage("audit", options.diff ? "--diff takes two DUMPs" : "one DUMP is wanted");
  if (options.diff && options.svg) usage("audit", "--diff takes no --svg");
  return options.diff ? two(argv[optind], argv[optind + 1]) : one(argv[optind]);
}
