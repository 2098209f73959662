/* SPDX-License-Identifier: MIT */
#include "swap.h"
#include "syscall_page.h"

uint64_t vmref_pages_next(const struct vmref_sys *s, uint32_t a, uint64_t from, uint64_t to)
{
  uint64_t p = from;
  while (p < to && vmref_page_leaf(s, a, p) == 0)
    p += vmref_page_table(s, a, p) == s->tables ? 512 - p % 512 : 1; /* none of that table's */
  return p < to ? p : to;
}

void vmref_pages_drop(const struct vmref_sys *s, uint32_t a, uint64_t from, uint64_t to)
{
  uint64_t p = vmref_pages_next(s, a, from, to);
  while (p < to) {
    const uint64_t n = to - p < 512 - p % 512 ? to - p : 512 - p % 512;
    vmref_unmap(s, a, p, n);
    p = vmref_pages_next(s, a, p + n, to);
  }
}

uint8_t vmref_page_rights(uint32_t flags)
{
  if ((flags & (VMREF_VM_READ | VMREF_VM_WRITE | VMREF_VM_EXEC)) == 0) return 0;
  return (uint8_t)(VMREF_PROT_R + ((flags & VMREF_VM_WRITE) != 0 ? VMREF_PROT_W : 0)
                   + ((flags & VMREF_VM_EXEC) != 0 ? VMREF_PROT_X : 0));
}

void vmref_pages_protect(const struct vmref_sys *s, uint32_t a, uint64_t from, uint64_t to, uint32_t flags)
{
  for (uint64_t p = vmref_pages_next(s, a, from, to); p < to; p = vmref_pages_next(s, a, p + 1, to))
    vmref_protect(s, a, p, 1, vmref_page_rights(flags));
}

/* Page p goes to q. */
static int move(const struct vmref_sys *s, uint32_t a, uint64_t p, uint64_t q)
{
  const int status = vmref_tables_make(s, a, q, 1);
  if (status != VMREF_OK) return status;
  const uint64_t leaf = vmref_page_leaf(s, a, p);
  vmref_page_share(s, vmref_page_table(s, a, p), (uint32_t)(p % 512), vmref_page_table(s, a, q), (uint32_t)(q % 512),
                   vmref_leaf_prot(leaf));
  vmref_unmap(s, a, p, 1);
  return VMREF_OK;
}

int vmref_pages_move(const struct vmref_sys *s, uint32_t a, uint64_t from, uint64_t n, uint64_t to)
{
  int status = VMREF_OK;
  for (uint64_t p = vmref_pages_next(s, a, from, from + n); p < from + n && status == VMREF_OK;
       p = vmref_pages_next(s, a, p + 1, from + n))
    status = move(s, a, p, to + (p - from));
  return status;
}

void vmref_pages_out(const struct vmref_sys *s, uint32_t a, uint64_t from, uint64_t to)
{
  for (uint64_t p = vmref_pages_next(s, a, from, to); p < to; p = vmref_pages_next(s, a, p + 1, to)) {
    const uint32_t o = vmref_leaf_object(s, vmref_page_leaf(s, a, p));
    if (o < s->frames && s->rc[o] == 1 && !s->shared[o]) vmref_swap_out(s, o);
  }
}

uint64_t vmref_page_index(struct vmref_vma v, uint64_t p)
{
  return v.offset + (p - v.start);
}

int vmref_page_bring(const struct vmref_linux *l, uint32_t a, struct vmref_vma v, uint64_t p)
{
  if (v.file == 0)
    return vmref_page_leaf(&l->s, a, p) != 0 ? VMREF_OK : vmref_map(&l->s, a, p, 1, vmref_page_rights(v.flags));
  const uint32_t object = l->file[v.file - 1].object, f = l->mms + object;
  const uint64_t index = vmref_page_index(v, p);
  if (vmref_page_leaf(&l->s, a, p) != 0) return VMREF_OK;
  if (index >= VMREF_USER_PAGES || index * 4096 >= l->object[object].size) return VMREF_ENOMAP;
  if (vmref_page_leaf(&l->s, f, index) == 0) {
    const int status = vmref_file_add(&l->s, f, index);
    if (status != VMREF_OK) return status;
  }
  return vmref_map_file(&l->s, a, p, 1, vmref_page_rights(v.flags), f, index, (v.flags & VMREF_VM_MAYSHARE) != 0);
}
