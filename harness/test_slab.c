/* SPDX-License-Identifier: MIT */
/* Four frames, 16384 bytes, unless said otherwise. Frames are taken from 0 on. */
#include "test_kmem.h"

static int64_t kmalloc(const struct vmref_slab *k, uint32_t bytes)
{
  const int64_t at = vmref_kmalloc(k, bytes);
  holds(kmem_slab_wrong(k));
  return at;
}

static int kfree(const struct vmref_slab *k, uint32_t at)
{
  const int r = vmref_kfree(k, at);
  holds(kmem_slab_wrong(k));
  return r;
}

/* Each size class at both its ends: which bytes an object takes, of the first and of the second. */
static const struct class { const char *what; uint32_t bytes, takes; } CLASSES[] = {
  { "1 byte", 1, 64 }, { "64", 64, 64 }, { "65", 65, 128 }, { "128", 128, 128 }, { "129", 129, 256 }, { "256", 256, 256 },
  { "257", 257, 512 }, { "512", 512, 512 }, { "513", 513, 1024 }, { "1024", 1024, 1024 }, { "1025", 1025, 2048 },
  { "2048", 2048, 2048 }, { "2049, a frame", 2049, 4096 }, { "4096", 4096, 4096 }, { "4097, two frames", 4097, 8192 },
  { "8192", 8192, 8192 } };

static void class(void **state)
{
  const struct class *c = *state;
  const struct vmref_slab *k = memory(2);
  IS("first", kmalloc(k, c->bytes), 0);
  IS("second, behind it", kmalloc(k, c->bytes), c->takes);
  if (c->takes < 4096) IS("granules of an object", k->unit[0], c->takes / 64);
  else IS("no page of objects", k->unit[0], 0);
  unsigned n = 2;
  while (kmalloc(k, c->bytes) >= 0) n++;
  IS("so many in all", n, 16384 / c->takes);
  IS("the next", kmalloc(k, c->bytes), VMREF_EMEM);
  for (unsigned i = 0; i < n; i++) IS("back", kfree(k, i * c->takes), VMREF_OK);
  IS("all is one block again", k->buddy.node[1], VMREF_BUDDY_FREE);
}

static void sizes_apart(void **state)
{
  (void)state;
  const struct vmref_slab *k = memory(2);
  IS("an object of 128 bytes", kmalloc(k, 100), 0);
  IS("one of 1024: a page of its own", kmalloc(k, 600), 4096);
  IS("of 128, behind the first", kmalloc(k, 128), 128);
  IS("of 1024", kmalloc(k, 1024), 5120);
  IS("a block of two frames: the next that is aligned", kmalloc(k, 5000), 8192);
  IS("of 64: no frame is free", kmalloc(k, 64), VMREF_EMEM);
  IS("of 128 there is room", kmalloc(k, 65), 256);
  IS("four frames", kmalloc(k, 16384), VMREF_EMEM);
}

/* A free slot is used before a new page; the last object takes its page along. */
static void slots(void **state)
{
  (void)state;
  const struct vmref_slab *k = memory(2);
  for (uint32_t i = 0; i < 4; i++) kmalloc(k, 1000); /* 0, 1024, 2048, 3072 */
  IS("a new page", kmalloc(k, 1000), 4096);
  IS("one in the middle", kfree(k, 2048), VMREF_OK);
  IS("is given out again", kmalloc(k, 1000), 2048);
  IS("the only one of its page", kfree(k, 4096), VMREF_OK);
  IS("no page any more", k->unit[1], 0);
  IS("but a free frame", k->buddy.node[5], VMREF_BUDDY_FREE);
  IS("for whatever is wanted", kmalloc(k, 64), 4096);
  for (uint32_t i = 0; i < 4; i++) kfree(k, 1024 * i);
  IS("the first", k->buddy.node[4], VMREF_BUDDY_FREE);
  IS("a block of two", kmalloc(k, 8192), 8192);
}

static void refused(void **state)
{
  (void)state;
  const struct vmref_slab *k = memory(2);
  IS("0 bytes", kmalloc(k, 0), VMREF_EINVAL);
  IS("a byte more than there are", kmalloc(k, 16385), VMREF_EINVAL);
  IS("far more", kmalloc(k, UINT32_MAX), VMREF_EINVAL);
  IS("nothing there", kfree(k, 0), VMREF_EINVAL);
  kmalloc(k, 256);  /* 0 */
  kmalloc(k, 256);  /* 256 */
  kmalloc(k, 8000); /* 8192 */
  IS("an odd address", kfree(k, 1), VMREF_EINVAL);
  IS("the second granule of an object", kfree(k, 64), VMREF_EINVAL);
  IS("its last", kfree(k, 192), VMREF_EINVAL);
  IS("a slot that is free", kfree(k, 512), VMREF_EINVAL);
  IS("a frame that is free", kfree(k, 4096), VMREF_EINVAL);
  IS("the second frame of a block", kfree(k, 12288), VMREF_EINVAL);
  IS("inside a block", kfree(k, 8192 + 64), VMREF_EINVAL);
  IS("behind the last frame", kfree(k, 16384), VMREF_EINVAL);
  IS("the last address", kfree(k, UINT32_MAX - 63), VMREF_EINVAL);
  IS("the object", kfree(k, 0), VMREF_OK);
  IS("twice", kfree(k, 0), VMREF_EINVAL);
  IS("the block", kfree(k, 8192), VMREF_OK);
  IS("twice", kfree(k, 8192), VMREF_EINVAL);
  IS("the other object is there", kfree(k, 256), VMREF_OK);
}

static void one_frame(void **state)
{
  (void)state;
  const struct vmref_slab *k = memory(0);
  IS("4096 bytes are all", kmalloc(k, 4096), 0);
  IS("no page for an object", kmalloc(k, 1), VMREF_EMEM);
  kfree(k, 0);
  for (uint32_t i = 0; i < 64; i++) IS("64 objects", kmalloc(k, 1), 64 * i);
  IS("the 65th", kmalloc(k, 1), VMREF_EMEM);
  IS("the last", kfree(k, 4032), VMREF_OK);
  IS("again", kmalloc(k, 64), 4032);
}

int main(void)
{
  ADD_ROWS(class, CLASSES);
  test_add("sizes are in pages of their own", sizes_apart, NULL);
  test_add("slots and pages come back", slots, NULL);
  test_add("what is not allocated is not freed", refused, NULL);
  test_add("one frame", one_frame, NULL);
  return RUN_TESTS("slab");
}
