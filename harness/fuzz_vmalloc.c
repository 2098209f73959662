/* SPDX-License-Identifier: MIT */
/* Fuzz target of topic vmalloc: areas of pages, with blocks and objects in the same frames and users beside them. */
#include "engine_kmem.h"

static const struct km_profile PROFILE = {
  .order = 4,
  .slab = 1,
  .vmalloc = 1,
  .weight = { [KM_BOOT] = 1, [KM_ALLOC] = 4, [KM_FREE] = 3, [KM_KMALLOC] = 2, [KM_KFREE] = 2, [KM_VMALLOC] = 14, [KM_VFREE] = 9, [KM_USER] = 5 }
};

ENGINE_KM_TARGET("vmalloc", PROFILE)
