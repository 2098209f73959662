/* SPDX-License-Identifier: MIT */
/* Memory dumps: an ELF core as QEMU's dump-guest-memory and kdump write it, or a raw image. Nothing of the
 * file is believed: every offset and size is held against the file's. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "dump.h"

#define QEMU_NOTE 440u /* QEMUCPUState, version 1 */
#define AT_CS_FLAGS 160u
#define AT_RIP 136u
#define AT_CR 392u

static uint64_t get(const uint8_t *p, unsigned bytes)
{
  uint64_t v = 0;
  while (bytes-- > 0) v = v << 8 | p[bytes];
  return v;
}

static bool within(const struct dump *d, uint64_t at, uint64_t size) { return at <= d->size && size <= d->size - at; }

static void note(struct dump *d, const uint8_t *name, uint64_t name_size, const uint8_t *desc, uint64_t size)
{
  if (name_size == 11 && memcmp(name, "VMCOREINFO", 11) == 0) d->info = (const char *)desc, d->info_size = size;
  if (name_size != 5 || memcmp(name, "QEMU", 5) != 0 || size < QEMU_NOTE || get(desc, 4) != 1 || d->cpus == DUMP_CPUS) return;
  d->cpu[d->cpus++] = (struct dump_cpu){ get(desc + AT_CR, 8), get(desc + AT_CR + 16, 8), get(desc + AT_CR + 24, 8), get(desc + AT_CR + 32, 8),
                                         get(desc + AT_RIP, 8), get(desc + AT_CS_FLAGS, 4) >> 21 & 1 };
}

static bool notes(struct dump *d, uint64_t at, uint64_t size, struct complaint *why)
{
  if (!within(d, at, size)) return bad(why, "the notes lie beyond the end of the file");
  const uint8_t *p = d->bytes + at;
  while (size >= 12) {
    const uint64_t name = get(p, 4), desc = get(p + 4, 4), names = (name + 3) / 4 * 4, descs = (desc + 3) / 4 * 4;
    if (names + descs > size - 12) return bad(why, "a note is longer than the notes");
    note(d, p + 12, name, p + 12 + names, desc);
    p += 12 + names + descs;
    size -= 12 + names + descs;
  }
  return true;
}

static bool load(struct dump *d, uint64_t at, uint64_t pa, uint64_t file_size, uint64_t memory_size, struct complaint *why)
{
  if (memory_size < file_size) return bad(why, "a segment has more bytes in the file than in memory");
  if (!within(d, at, file_size)) return bad(why, "the segment at 0x%" PRIx64 " lies beyond the end of the file: it is cut off", pa);
  if (pa >= 1ull << 52 || file_size > (1ull << 52) - pa) return bad(why, "the segment at 0x%" PRIx64 " is beyond any physical memory", pa);
  if (pa % 8 != 0) return bad(why, "the segment at 0x%" PRIx64 " does not begin at a multiple of 8", pa);
  if (file_size == 0) return true;
  if (d->segments == DUMP_SEGMENTS) return bad(why, "more than %u segments", DUMP_SEGMENTS);
  d->segment[d->segments++] = (struct dump_segment){ pa, file_size, at };
  return true;
}

static int by_pa(const void *a, const void *b)
{
  const struct dump_segment *x = a, *y = b;
  return x->pa < y->pa ? -1 : x->pa > y->pa;
}

/* kdump's vmcore has the kernel's text twice. What two segments hold must be the same, and is kept once. */
static bool overlap(const struct dump *d, const struct dump_segment *last, struct dump_segment *s, uint64_t *compared, struct complaint *why)
{
  const uint64_t from = s->pa - last->pa, rest = last->size - from, n = rest < s->size ? rest : s->size;
  *compared += n;
  if (*compared > d->size) return bad(why, "more memory is in it twice than the file has bytes");
  if (memcmp(d->bytes + last->at + from, d->bytes + s->at, n) != 0) return bad(why, "two segments hold the memory at 0x%" PRIx64 ", with other bytes", s->pa);
  *s = (struct dump_segment){ s->pa + n, s->size - n, s->at + n };
  return true;
}

static bool sort_segments(struct dump *d, struct complaint *why)
{
  size_t kept = 0;
  uint64_t compared = 0;
  qsort(d->segment, d->segments, sizeof *d->segment, by_pa);
  for (size_t i = 0; i < d->segments; i++) {
    struct dump_segment s = d->segment[i];
    const struct dump_segment *last = kept ? &d->segment[kept - 1] : NULL;
    if (last && s.pa - last->pa < last->size && !overlap(d, last, &s, &compared, why)) return false;
    if (s.size > 0) d->segment[kept++] = s;
  }
  d->segments = kept;
  return kept > 0 || bad(why, "there is no memory in it");
}

/* ---- VMCOREINFO ------------------------------------------------------------------------- */

#define KERNEL_MAP 0xffffffff80000000u /* where Linux maps its own image */

/* The number behind KEY=, in that base. */
static bool info_number(const struct dump *d, const char *key, int base, uint64_t *n)
{
  const size_t length = strlen(key);
  for (size_t at = 0; d->info && at < d->info_size; ) {
    const char *line = d->info + at, *end = memchr(line, '\n', d->info_size - at);
    const size_t size = end ? (size_t)(end - line) : d->info_size - at;
    char text[32], *stop;
    if (size > length + 1 && size - length - 1 < sizeof text && memcmp(line, key, length) == 0 && line[length] == '=') {
      memcpy(text, line + length + 1, size - length - 1);
      text[size - length - 1] = 0;
      errno = 0;
      *n = text[0] == '-' ? (uint64_t)strtoll(text, &stop, base) : strtoull(text, &stop, base);
      return *stop == 0 && stop != text && errno == 0;
    }
    at += size + 1;
  }
  return false;
}

bool dump_kernel_root(const struct dump *d, uint64_t *pa, bool *five)
{
  uint64_t symbol, base, level = 0;
  if (!info_number(d, "SYMBOL(swapper_pg_dir)", 16, &symbol) || !info_number(d, "NUMBER(phys_base)", 10, &base) || symbol < KERNEL_MAP) return false;
  *five = info_number(d, "NUMBER(pgtable_l5_enabled)", 10, &level) && level == 1;
  *pa = symbol - KERNEL_MAP + base;
  return *pa % 4096 == 0 && *pa < 1ull << 52;
}

static bool read_elf64(struct dump *d, struct complaint *why)
{
  Elf64_Ehdr h;
  Elf64_Phdr p;
  if (!within(d, 0, sizeof h)) return bad(why, "the ELF header is cut off");
  memcpy(&h, d->bytes, sizeof h);
  if (h.e_ident[EI_DATA] != ELFDATA2LSB || h.e_machine != EM_X86_64) return bad(why, "an ELF file, but not of x86-64");
  if (h.e_type != ET_CORE) return bad(why, "an ELF file, but no core");
  uint64_t n = h.e_phnum;
  if (n == PN_XNUM) { /* the true count is in the first section header */
    Elf64_Shdr s;
    if (!within(d, h.e_shoff, sizeof s)) return bad(why, "the section header with the count of segments is cut off");
    memcpy(&s, d->bytes + h.e_shoff, sizeof s);
    n = s.sh_info;
  }
  if (h.e_phentsize != sizeof p) return bad(why, "program headers of %u bytes", h.e_phentsize);
  if (!within(d, h.e_phoff, n * sizeof p)) return bad(why, "the program headers are cut off");
  for (uint64_t i = 0; i < n; i++) {
    memcpy(&p, d->bytes + h.e_phoff + i * sizeof p, sizeof p);
    if (p.p_type == PT_NOTE && !notes(d, p.p_offset, p.p_filesz, why)) return false;
    if (p.p_type == PT_LOAD && !load(d, p.p_offset, p.p_paddr, p.p_filesz, p.p_memsz, why)) return false;
  }
  return sort_segments(d, why);
}

bool dump_read(struct dump *d, const uint8_t *bytes, size_t size, bool raw, uint64_t base, struct complaint *why)
{
  *d = (struct dump){ .bytes = bytes, .size = size };
  if (raw) {
    if (base % 4096 != 0) return bad(why, "--base must be a multiple of 4096");
    return load(d, 0, base, size / 8 * 8, size, why) && sort_segments(d, why);
  }
  if (size >= 8 && (memcmp(bytes, "KDUMP   ", 8) == 0 || memcmp(bytes, "DISKDUMP", 8) == 0))
    return bad(why, "a compressed kdump file; makedumpfile -E writes an ELF core");
  if (size < SELFMAG || memcmp(bytes, ELFMAG, SELFMAG) != 0) return bad(why, "no ELF core; a raw image needs --base ADDRESS");
  if (size <= EI_CLASS || bytes[EI_CLASS] != ELFCLASS64) return bad(why, "an ELF file, but not of 64 bits");
  return read_elf64(d, why);
}

bool dump_open(struct dump *d, const char *path, bool raw, uint64_t base, struct complaint *why)
{
  struct stat s;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  void *map = MAP_FAILED;
  bool good = fd >= 0 && fstat(fd, &s) == 0;
  if (good && !S_ISREG(s.st_mode)) {
    close(fd);
    return bad(why, "not a regular file");
  }
  if (good && s.st_size > 0) map = mmap(NULL, (size_t)s.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (map == MAP_FAILED) bad(why, "%s", good && s.st_size == 0 ? "it is empty" : strerror(errno));
  if (fd >= 0) close(fd);
  if (map == MAP_FAILED) return false;
  if (dump_read(d, map, (size_t)s.st_size, raw, base, why)) return true;
  dump_close(d);
  return false;
}

void dump_close(struct dump *d)
{
  if (d->bytes) munmap((void *)(uintptr_t)d->bytes, d->size);
  d->bytes = NULL;
}

bool dump_word(const struct dump *d, uint64_t pa, uint64_t *value)
{
  size_t low = 0, high = d->segments;
  while (low < high) { /* the last that begins at or before pa */
    size_t middle = (low + high) / 2;
    if (d->segment[middle].pa <= pa) low = middle + 1;
    else high = middle;
  }
  if (low == 0) return false;
  const struct dump_segment *s = &d->segment[low - 1];
  if (pa - s->pa > s->size || s->size - (pa - s->pa) < 8) return false;
  memcpy(value, d->bytes + s->at + (pa - s->pa), 8);
  return true;
}
