# SPDX-License-Identifier: MIT
"""Bugs planted in model/cow.c: name, what is planted, old text, new text."""
BUGS = [
    ("zero-page-writable", "a page that is touched first is writable whatever its rights", "vmref_leaf_present(s, f, prot / 2 % 2, prot)", "vmref_leaf_present(s, f, 1, prot)"),
    ("cow-copy-skipped", "the copy on write copies nothing", "  vmref_object_copy(s, f, o);", "  if (f == o) vmref_object_copy(s, f, o);"),
    ("cow-copy-backwards", "the copy on write copies to the old page", "  vmref_object_copy(s, f, o);", "  vmref_object_copy(s, o, f);"),
    ("cow-copy-read-only", "a copy may not be written", "vmref_leaf_present(s, f, 1, prot)", "vmref_leaf_present(s, f, 0, prot)"),
    ("cow-in-place", "who writes to a page that others have gets no copy", "if (write && !mine) return vmref_page_copy(s, t, i);", "mine = mine || write;"),
    ("cow-always", "who is alone gets a copy too", "uint8_t mine = vmref_leaf_mine(s, e);", "uint8_t mine = vmref_leaf_prot(e) / 8 % 2;"),
    ("cow-read-grants-write", "a read of a page that others have grants writes", "mine ? prot / 2 % 2 : 0, prot), 0);", "prot / 2 % 2, prot), 0);"),
    ("share-parent-keeps-write", "the parent keeps the right to write to what it shares", "/ 8 % 2 == 0) vmref_leaf_replace(s, t, i, read_only(s, e), 0);", "/ 8 % 2 == 2) vmref_leaf_replace(s, t, i, read_only(s, e), 0);"),
    ("share-not-counted", "a page that is shared does not count it", "vmref_leaf_replace(s, u, j, vmref_leaf_absent(s, o, prot), 0);", "vmref_leaf_set(s, u, j, vmref_leaf_absent(s, o, prot));"),
    ("share-child-present", "the child gets the page present and writable", "vmref_leaf_replace(s, u, j, vmref_leaf_absent(s, o, prot), 0);", "vmref_leaf_replace(s, u, j, o < s->frames && prot % 4 == 3 ? vmref_leaf_present(s, o, 1, prot) : vmref_leaf_absent(s, o, prot), 0);"),
    ("share-not-the-untouched", "a page not yet touched is not shared", "    vmref_leaf_replace(s, u, j, vmref_leaf_zero(s, prot), 0);", "    if (prot > 15) vmref_leaf_replace(s, u, j, vmref_leaf_zero(s, prot), 0);"),
    ("file-page-private", "a page of a file is not marked as one", "VMREF_PROT_R + VMREF_PROT_W + VMREF_PROT_S), 1);", "VMREF_PROT_R + VMREF_PROT_W + VMREF_PROT_S), 0);"),
    ("file-page-read-only", "a page of a file may not be written", "VMREF_PROT_R + VMREF_PROT_W + VMREF_PROT_S), 1);", "VMREF_PROT_R + VMREF_PROT_S), 1);"),
]
