/* SPDX-License-Identifier: MIT */
/* Fuzz target of topic slab: objects of all sizes and blocks in the same frames. */
#include "engine_kmem.h"

static const struct km_profile PROFILE = {
  .order = 2,
  .slab = 1,
  .weight = { [KM_BOOT] = 1, [KM_ALLOC] = 1, [KM_FREE] = 1, [KM_KMALLOC] = 16, [KM_KFREE] = 12 }
};

ENGINE_KM_TARGET("slab", PROFILE)
