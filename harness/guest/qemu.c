/* SPDX-License-Identifier: MIT */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "peer.h"
#include "types.h"

#define QEMU "qemu-system-x86_64"
#define SELFTEST_SECONDS 120
#define KVM_CPU "qemu64,+nx,+smep,+smap,+pdpe1gb,host-phys-bits=on"

/* cpus: 0 one processor, and TCG makes its locked instructions as a load and a store (DEV-TCG-RMW-W). */
static void run(struct peer *p, const char *machine, const char *accel, const char *cpu, const char *elf, unsigned cpus)
{
  char memory[120], m[120], smp[40];
  snprintf(memory, sizeof memory, "memory-backend-file,id=m,size=%d,mem-path=/proc/self/fd/%d,share=on",
           GUEST_RAM, p->ram);
  snprintf(m, sizeof m, "%s,memory-backend=m", machine);
  char *argv[] = { QEMU, "-accel", (char *)accel, "-cpu", (char *)cpu, "-nodefaults", "-no-user-config",
                   "-display", "none", "-no-reboot", "-m", "64M", "-object", memory, "-machine", m,
                   "-serial", "stdio", "-device", "isa-debug-exit,iobase=0xf4,iosize=1",
                   "-kernel", (char *)elf, "-smp", smp, NULL };
  snprintf(smp, sizeof smp, "%u,maxcpus=%u", cpus ? cpus : 1, cpus > 1 ? cpus : cpus + 1);
  p->pid = peer_spawn(argv, p->log);
}

int qemu_start(struct peer *p, const struct config *c, const char *model, const char *elf)
{
  char cpu[160];
  if (model) snprintf(cpu, sizeof cpu, "%s", model);
  else if (c->accel == ACCEL_KVM) snprintf(cpu, sizeof cpu, KVM_CPU);
  else snprintf(cpu, sizeof cpu, "max,phys-bits=%u,vendor=%s,pdpe1gb=%s,pse36=%s,la57=%s", c->maxphyaddr,
                c->amd ? "AuthenticAMD" : "GenuineIntel", c->page1gb ? "on" : "off", c->pse36 ? "on" : "off",
                c->mode == VMREF_MODE_5LEVEL ? "on" : "off");
  run(p, "pc", c->single ? "tcg,thread=single" : accel_name[c->accel], cpu, elf, c->cpus);
  return 0;
}

/* QEMU takes a multiboot header before a PVH note, so PVH needs a copy without it. */
static int without_multiboot(const char *elf)
{
  static char image[4 << 20];
  static const char magic[4] = { 0x02, (char)0xb0, (char)0xad, 0x1b };
  int from = open(elf, O_RDONLY), to = memfd_create("vmref-guest-pvh", 0);
  ssize_t n = read(from, image, sizeof image);
  close(from);
  for (ssize_t i = 0; i + 4 <= n && i < 8192; i += 4)
    if (memcmp(image + i, magic, 4) == 0) memset(image + i, 0, 4);
  if (n > 0 && write(to, image, (size_t)n) == n) return to;
  close(to);
  return -1;
}

int qemu_selftest(struct peer *p, const char *elf, int kvm, int pvh, char *text, size_t size)
{
  int status = -1, copy = -1;
  char name[40];
  if (peer_begin(p, kvm ? ACCEL_KVM : ACCEL_TCG) != 0) return -1;
  if (pvh) {
    if ((copy = without_multiboot(elf)) < 0) return peer_fail(p, "cannot copy the guest");
    snprintf(name, sizeof name, "/proc/self/fd/%d", copy);
    elf = name;
  }
  run(p, pvh ? "microvm" : "pc", kvm ? "kvm" : "tcg",
      kvm ? KVM_CPU : "max,vendor=GenuineIntel", elf, 0);
  pid_t done = 0;
  for (double end = now() + SELFTEST_SECONDS; (done = waitpid(p->pid, &status, WNOHANG)) == 0; usleep(2000))
    if (now() > end) return peer_fail(p, "the guest's selftest did not end");
  p->pid = 0;
  if (copy >= 0) close(copy);
  ssize_t n = pread(p->log, text, size - 1, 0);
  text[n > 0 ? n : 0] = 0;
  peer_stop(p);
  return done > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

const char *qemu_version(char text[32])
{
  FILE *f = popen(QEMU " --version 2>/dev/null", "r");
  if (!f) return NULL;
  int got = fscanf(f, "QEMU emulator version %31[0-9.]", text);
  while (fgetc(f) != EOF) ;
  pclose(f);
  return got == 1 ? text : NULL;
}
