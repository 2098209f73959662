/* SPDX-License-Identifier: MIT */
/* Author of a kernel: mirror the operations of your memory manager, and compare what processes see.
 *     cc kernel.c $(pkg-config --cflags --libs vmref) && ./a.out; ./a.out bug */
#include <stdio.h>
#include <string.h>
#include <vmref.h>

enum { TABLES = 32, FRAMES = 16, SLOTS = 4, SPACES = 4, PAGES = 4 };
#define S ((struct vmref_sys){ .tables = TABLES, .frames = FRAMES, .slots = SLOTS, .spaces = SPACES, .kernel = 1 })

/* The reference's state, all of it yours. */
static uint64_t tab[512 * TABLES];
static uint8_t data[4096 * (FRAMES + SLOTS)];
static uint32_t rc[FRAMES + SLOTS];
static vmref_bool shared[FRAMES + SLOTS];
static int8_t level[TABLES];
static int16_t owner[TABLES];
static int64_t parent[TABLES];
static int32_t hint[3 * (FRAMES + SLOTS) + 3 + 1025 * TABLES];

/* Your kernel: a byte a page, copied at fork. With `bug` the copy is the same byte, so nothing is private. */
static unsigned char page[2][PAGES], *mine[2][PAGES];
static int bug;
static void my_start(void) { for (int i = 0; i < PAGES; i++) mine[0][i] = &page[0][i]; }
static void my_fork(void)
{
  for (int i = 0; i < PAGES; i++) {
    mine[1][i] = bug ? mine[0][i] : &page[1][i];
    *mine[1][i] = *mine[0][i];
  }
}

int main(int argc, char **argv)
{
  struct vmref_sys s = S;
  int wrong = 0;
  (void)argv;
  bug = argc > 1;
  s.tab = tab, s.data = data, s.rc = rc, s.shared = shared, s.level = level, s.owner = owner, s.parent = parent, s.hint = hint;
  int status = vmref_boot(&s);
  if (!status) status = vmref_space_new(&s, 0, VMREF_PROCESS);
  if (!status) status = vmref_map(&s, 0, 0x10, PAGES, VMREF_PROT_R | VMREF_PROT_W);
  my_start();
  *mine[0][1] = 42, vmref_user_access(&s, 0, 0x11000, VMREF_WRITE, 42);
  if (!status) status = vmref_fork(&s, 0, 1);
  my_fork();
  *mine[1][1] = 43, vmref_user_access(&s, 1, 0x11000, VMREF_WRITE, 43);
  if (status) return printf("the reference: %s\n", vmref_strerror(status)), 2;
  for (uint32_t p = 0; p < 2; p++)
    for (uint64_t i = 0; i < PAGES; i++) {
      struct vmref_outcome r = vmref_user_access(&s, p, 0x10000 + 4096 * i, VMREF_READ, 0);
      if (r.status == VMREF_OK && r.byte == *mine[p][i]) continue;
      printf("process %u, page %u: %u, the reference has %u\n", p, (unsigned)i, *mine[p][i], r.byte);
      wrong++;
    }
  printf("%d pages, %d wrong; the reference's invariant: clause %d\n", 2 * PAGES, wrong, vmref_check(&s));
  return wrong != 0;
}
