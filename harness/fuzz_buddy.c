/* SPDX-License-Identifier: MIT */
/* Fuzz target of topic buddy: blocks are split and become one again, all orders, up to the last frame. */
#include "engine_kmem.h"

static const struct km_profile PROFILE = {
  .order = 3,
  .weight = { [KM_BOOT] = 1, [KM_ALLOC] = 14, [KM_FREE] = 10 }
};

ENGINE_KM_TARGET("buddy", PROFILE)
