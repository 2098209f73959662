/* SPDX-License-Identifier: MIT */
/* What the files of `vmref audit` share. */
#ifndef VMREF_CLI_DUMP_H
#define VMREF_CLI_DUMP_H
#include "cli.h"

/* ---- dump.c: a memory dump, mapped from its file ---- */
#define DUMP_SEGMENTS 4096u
#define DUMP_CPUS 256u
struct dump_cpu { uint64_t cr0, cr2, cr3, cr4, rip; bool long_mode; };
struct dump {
  const uint8_t *bytes;
  size_t size;
  struct dump_segment { uint64_t pa, size, at; } segment[DUMP_SEGMENTS]; /* by address, apart */
  size_t segments;
  struct dump_cpu cpu[DUMP_CPUS]; /* by its notes */
  size_t cpus;
  const char *info;       /* the kernel's VMCOREINFO, lines KEY=VALUE; not NULL: of info_size bytes */
  size_t info_size;
};
/* An ELF core, else a raw image whose first byte is at base. false, with why: it is none. */
bool dump_open(struct dump *d, const char *path, bool raw, uint64_t base, struct complaint *why);
/* What VMCOREINFO tells of the kernel's own root table: where it lies, and whether it is of 5-level paging. false: nothing. */
bool dump_kernel_root(const struct dump *d, uint64_t *pa, bool *five);
void dump_close(struct dump *d);
/* The same of bytes that are in memory. */
bool dump_read(struct dump *d, const uint8_t *bytes, size_t size, bool raw, uint64_t base, struct complaint *why);
/* 8 bytes at pa, a multiple of 8; false: the dump has none there. */
bool dump_word(const struct dump *d, uint64_t pa, uint64_t *value);

/* ---- audit.c: what the tables map ---- */
enum { RIGHT_W = 1, RIGHT_U = 2, RIGHT_X = 4, RIGHT_G = 8 };
struct range { uint64_t va, pa, size, page; uint8_t rights; };
enum finding_kind { FIND_WX, FIND_KERNEL_USER, FIND_TABLE_USER, FIND_TABLE_WRITABLE, FIND_ALIAS, FIND_RESERVED, FIND_TABLE_TWICE, FIND_MISSING, FINDINGS };
struct finding { enum finding_kind kind; uint64_t va, pa, other, count; uint8_t rights, other_rights; };
struct table { uint64_t pa, va; uint8_t level; bool twice; };
struct audit {
  struct range *range;
  size_t ranges, range_room;
  struct finding *finding;
  size_t findings, finding_room;
  struct table *table; /* sorted by pa at the end */
  size_t tables, table_room;
  uint64_t pages[6];   /* mapped, by level */
  const char *limit;   /* not NULL: it stopped there */
};
#define AUDIT_RANGES (1u << 20)
#define AUDIT_TABLES (1u << 18)
#define AUDIT_ENTRIES (1ull << 28) /* looked at */
/* false: out of memory. */
bool audit_run(struct audit *a, const struct dump *d, const struct vmref_cpu *cpu);
void audit_free(struct audit *a);
extern const char *const FINDING_NAMES[FINDINGS], *const FINDING_TEXTS[FINDINGS];
/* "rwxug" as they are, - where not. */
const char *rights_text(uint8_t rights, char text[6]);

/* ---- audit_print.c ---- */
void audit_print(const struct audit *a, const struct vmref_cpu *cpu, bool json, size_t shown);
/* A picture of the map; false: it cannot be written, errno says why. */
bool audit_svg(const struct audit *a, const char *path, const char *title);
/* What is mapped in one and not, or otherwise, in the other; how many pieces. */
size_t audit_diff(const struct audit *a, const struct audit *b, bool json, size_t shown);
#endif
