/* SPDX-License-Identifier: MIT */
/* What the fuzz targets of the kernel's allocators share: a sequence is run on the model and on a map that
 * says frame by frame, granule by granule and page by page who has it, and after each step the two are compared. */
#ifndef ENGINE_KMEM_H
#define ENGINE_KMEM_H
#include "fuzz_target.h"
#include "kmem.h"
#include "sequence_kmem.h"

#define KM_ORDER  6
#define KM_FRAMES (1u << KM_ORDER)

struct km_profile {
  uint8_t order;            /* to begin with; KM_BOOT takes any up to KM_ORDER */
  uint8_t slab, vmalloc;    /* which allocators there are beside buddy */
  uint8_t weight[KM_KINDS]; /* what the mutator likes */
};

/* Who has what, by the account of this side alone. */
enum km_use { KM_USE_FREE, KM_USE_BLOCK, KM_USE_SLAB, KM_USE_AREA };
struct km_map {
  uint32_t frames;
  uint8_t use[KM_FRAMES], unit[KM_FRAMES]; /* unit: granules of an object, of KM_USE_SLAB */
  uint16_t first[KM_FRAMES], size[KM_FRAMES]; /* of a frame's block, KM_USE_BLOCK */
  int8_t head[KM_FRAMES][64];
  int16_t frame[512]; /* of a page of vmalloc, -1: unmapped */
};

struct km_engine {
  const struct km_profile *of;
  const uint8_t *data;
  size_t size;
  unsigned step, steps;
  struct { enum km_kind kind; int64_t n, came; } said[KM_OPS]; /* what was done */
  struct vmref_slab *k;
  struct vmref_sys *s, *before; /* of targets with vmalloc. before: as it was before the step */
  int ready;                    /* vmalloc has begun */
  struct km_map map;
};

int engine_km_run(const struct km_profile *of, const uint8_t *data, size_t size);
void engine_km_must(const struct km_engine *e, int holds, const char *what);

#define ENGINE_KM_TARGET(topic, profile) \
  const char *fuzz_topic(void) { return topic; } \
  const char *fuzz_form(void) { return KM_FORM; } \
  size_t fuzz_length(void) { return KM_BYTES; } \
  size_t fuzz_unit(void) { return KM_OP; } \
  size_t fuzz_mutate(uint8_t *data, size_t size, size_t max, unsigned seed) \
  { \
    return sequence_km_mutate((profile).weight, data, size, max, seed); \
  } \
  int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return engine_km_run(&(profile), data, size); }

/* ---- engine_kmem_map.c: the account ---- */
void km_map_begin(struct km_map *m, uint8_t order);
/* The size of the free block that a frame is in, which is no larger block's half; 0: it is not free. */
uint32_t km_map_free(const struct km_map *m, uint32_t f);
/* The smallest free block of n frames at least; 0: there is none. */
uint32_t km_map_fits(const struct km_map *m, uint32_t n);
/* Frames f .. f + n - 1 are of a block; free again. */
void km_map_block(struct km_map *m, uint32_t f, uint32_t n, enum km_use use);
/* Is there room for an object of u granules in a page that has some? */
int km_map_room(const struct km_map *m, unsigned u);
/* The which-th frame or granule or page that something allocated begins at, counted round; -1: none is. */
int64_t km_map_block_at(const struct km_map *m, uint32_t which);
int64_t km_map_object_at(const struct km_map *m, uint32_t which);
int64_t km_map_area_at(const struct km_map *m, uint32_t which);
/* How many pages the area has that begins there; 0: none does. Are there n pages and two guards free from `kernel` on? */
uint32_t km_map_area(const struct km_map *m, uint32_t kernel, uint32_t page);
int km_map_gap(const struct km_map *m, uint32_t kernel, uint32_t n);
/* The state against the account, and the invariants; after each step. */
void km_map_compare(const struct km_engine *e);

/* ---- engine_kmem_check.c: the model's checks, of the state and of it with a field spoilt ---- */
void km_check(const struct km_engine *e);

/* ---- engine_kmem_ops.c: operations of vmalloc and of users ---- */
void km_vmalloc(struct km_engine *e, const struct km_op *op);
void km_vfree(struct km_engine *e, const struct km_op *op);
void km_user(struct km_engine *e, const struct km_op *op);
void km_boot_users(struct km_engine *e, const struct km_op *op);
/* What has been done in this step. */
void km_say(struct km_engine *e, enum km_kind kind, int64_t n, int64_t came);
#endif
