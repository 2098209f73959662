/* SPDX-License-Identifier: MIT */
/* Bochs, without a BIOS or a disk: its ROM is ours (bochs_rom.S) and jumps to the guest,
 * which is in RAM from the start. Its RAM cannot be shared, so the mailbox is copied. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>
#include "peer.h"

#define LOAD 0x100000u /* the RAM image begins at 1 MiB, and so does the guest's */
#define FIND_SECONDS 20

/* Where a part of our mailbox lies in Bochs. */
static struct iovec there(struct peer *p, const volatile void *at, size_t n)
{
  uint64_t offset = (uint64_t)((const volatile char *)at - (const volatile char *)p->map) - LOAD;
  return (struct iovec){ (void *)(p->base + offset), n };
}

int bochs_pull(struct peer *p, const volatile void *at, size_t n)
{
  if (p->accel != ACCEL_BOCHS || n == 0) return 0;
  struct iovec here = { (void *)(uintptr_t)at, n }, from = there(p, at, n);
  return process_vm_readv(p->pid, &here, 1, &from, 1, 0) == (ssize_t)n ? 0 : -1;
}

int bochs_push(struct peer *p, const volatile void *at, size_t n)
{
  if (p->accel != ACCEL_BOCHS || n == 0) return 0;
  struct iovec here = { (void *)(uintptr_t)at, n }, to = there(p, at, n);
  return process_vm_writev(p->pid, &here, 1, &to, 1, 0) == (ssize_t)n ? 0 : -1;
}

/* ---- the guest into RAM ------------------------------------------------------ */

static int put_segment(struct peer *p, int fd, uint64_t offset, uint64_t pa, uint64_t size)
{
  if (pa < LOAD || pa + size > MAIL_BASE) return -1;
  return pread(fd, (char *)p->map + pa, size, (off_t)offset) == (ssize_t)size ? 0 : -1;
}

static int load_elf(struct peer *p, const char *elf)
{
  unsigned char id[EI_NIDENT];
  int fd = open(elf, O_RDONLY), bad = fd < 0 || pread(fd, id, sizeof id, 0) != sizeof id;
  if (!bad && id[EI_CLASS] == ELFCLASS64) {
    Elf64_Ehdr h;
    Elf64_Phdr s;
    bad = pread(fd, &h, sizeof h, 0) != sizeof h;
    for (unsigned i = 0; !bad && i < h.e_phnum; i++)
      bad = pread(fd, &s, sizeof s, (off_t)(h.e_phoff + i * sizeof s)) != sizeof s
         || (s.p_type == PT_LOAD && put_segment(p, fd, s.p_offset, s.p_paddr, s.p_filesz) != 0);
  } else if (!bad) {
    Elf32_Ehdr h;
    Elf32_Phdr s;
    bad = pread(fd, &h, sizeof h, 0) != sizeof h;
    for (unsigned i = 0; !bad && i < h.e_phnum; i++)
      bad = pread(fd, &s, sizeof s, (off_t)(h.e_phoff + i * sizeof s)) != sizeof s
         || (s.p_type == PT_LOAD && put_segment(p, fd, s.p_offset, s.p_paddr, s.p_filesz) != 0);
  }
  if (fd >= 0) close(fd);
  return bad ? -1 : 0;
}

/* Bochs loads files from their beginning: RAM from 1 MiB to the mailbox's head. */
static int ram_image(struct peer *p)
{
  size_t n = MAIL_BASE - LOAD + offsetof(struct mail, slot);
  int fd = memfd_create("vmref-guest-image", 0);
  if (fd >= 0 && write(fd, (char *)p->map + LOAD, n) == (ssize_t)n) return fd;
  if (fd >= 0) close(fd);
  return -1;
}

static int settings(int image, const char *rom, const char *cpu)
{
  int fd = memfd_create("vmref-guest-bochsrc", 0);
  if (fd < 0) return -1;
  dprintf(fd, "plugin_ctrl: unmapped=1, iodebug=1\nmegs: %d\nromimage: file=%s\n"
          "optramimage1: file=/proc/self/fd/%d, address=0x%x\n", GUEST_RAM >> 20, rom, image, LOAD);
  dprintf(fd, "panic: action=fatal\nerror: action=ignore\ninfo: action=ignore\nlog: /dev/null\n"
          "clock: sync=none, time0=local\nconfig_interface: textconfig\ndisplay_library: term\n"
          "cpu: model=%s, count=1, ips=50000000, reset_on_triple_fault=0, ignore_bad_msrs=0\nsound: driver=dummy\n",
          cpu ? cpu : "corei7_icelake_u");
  return fd;
}

/* ---- its process ---------------------------------------------------------------- */

/* The guest's first bytes, a multiboot header, in memory of Bochs that is large enough. */
static int find_in(struct peer *p, uint64_t from, uint64_t to)
{
  static unsigned char part[0x100000];
  for (; from < to; from += sizeof part) {
    size_t n = to - from < sizeof part ? to - from : sizeof part;
    struct iovec here = { part, n }, there_ = { (void *)from, n };
    if (process_vm_readv(p->pid, &here, 1, &there_, 1, 0) != (ssize_t)n) return -1;
    for (size_t i = 0; i + 32 <= n; i += 4096)
      if (memcmp(part + i, (char *)p->map + LOAD, 32) == 0) {
        p->base = from + i;
        return 0;
      }
  }
  return -1;
}

static int find_ram(struct peer *p)
{
  char name[64], line[512];
  snprintf(name, sizeof name, "/proc/%d/maps", p->pid);
  FILE *f = fopen(name, "r");
  int found = -1;
  while (f && found != 0 && fgets(line, sizeof line, f)) {
    unsigned long from, to, inode;
    char rights[8];
    if (sscanf(line, "%lx-%lx %7s %*x %*s %lu", &from, &to, rights, &inode) == 4 && rights[1] == 'w'
        && inode == 0 && to - from >= GUEST_RAM) found = find_in(p, from, to);
  }
  if (f) fclose(f);
  return found;
}

int bochs_start(struct peer *p, const char *cpu, const char *elf, const char *rom)
{
  char rc[40], commands[40];
  if (load_elf(p, elf) != 0) return peer_fail(p, "cannot read the guest's ELF");
  int image = ram_image(p), config = settings(image, rom, cpu), debugger = memfd_create("vmref-guest-c", 0);
  if (image < 0 || config < 0 || debugger < 0) return peer_fail(p, "cannot make Bochs's files");
  dprintf(debugger, "c\n"); /* Debian's Bochs waits in its debugger */
  snprintf(rc, sizeof rc, "/proc/self/fd/%d", config);
  snprintf(commands, sizeof commands, "/proc/self/fd/%d", debugger);
  char *argv[] = { "bochs-bin", "-q", "-f", rc, "-rc", commands, NULL };
  setenv("TERM", "xterm", 0);
  p->pid = peer_spawn(argv, p->log);
  close(image);
  close(config);
  close(debugger);
  for (double end = now() + FIND_SECONDS; find_ram(p) != 0; usleep(2000)) {
    if (!peer_alive(p)) return peer_fail(p, "Bochs ended before its guest began");
    if (now() > end) return peer_fail(p, "the guest's memory is not found in Bochs");
  }
  return 0;
}

const char *bochs_version(char text[32])
{
  FILE *f = popen("TERM=xterm bochs-bin --help 2>&1 </dev/null", "r");
  char line[256];
  int got = 0;
  while (f && fgets(line, sizeof line, f)) {
    char *at = strstr(line, "Bochs x86 Emulator ");
    if (at && !got) got = sscanf(at + 19, "%31[0-9.]", text) == 1;
  }
  if (f) pclose(f);
  return got ? text : NULL;
}
