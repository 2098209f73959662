/* SPDX-License-Identifier: MIT */
/* What run_scene.c, which reads it from the tables, and run_picture.c, which draws it, share: what
 * a picture shows, and how far down. */
#ifndef VMREF_CLI_PICTURE_H
#define VMREF_CLI_PICTURE_H
#include "run.h"

/* What the leaf of a page lets the hardware do now. */
enum page_state { PAGE_ZERO, PAGE_WRITE, PAGE_READ, PAGE_KEPT, PAGE_SWAP, PAGE_DEVICE, PAGE_STATES };
/* Of a device, leaf is the word of its page, bit 7 aside, and level tells its size; else a leaf, and 1. */
struct scene_page { uint64_t number, leaf; uint32_t space; uint8_t level; bool changed; };
#define SCENE_SIZE(level) ((uint64_t)1 << 9 * ((level) - 1)) /* in pages of 4 KiB */

/* Left, from top to bottom: a space, and in it ranges with gaps between, and their pages one by
 * one or folded; ROW_REST are all the pages of the space that are left. */
enum row_kind { ROW_SPACE, ROW_RANGE, ROW_GAP, ROW_PAGE, ROW_FOLD, ROW_REST };
struct row {
  enum row_kind kind;
  uint32_t space;   /* s->spaces: all that have no box of their own */
  size_t first;     /* of its pages */
  uint64_t count;   /* pages; of a gap, those that are not mapped */
  int y;
};

/* Right: a heading for frames, and one for slots; then objects one by one, free ones in a run, and
 * how many more are in use. Then the tables. */
enum cell_kind { CELL_HEAD, CELL_ONE, CELL_FREE, CELL_MORE, CELL_TABLES };
struct cell {
  enum cell_kind kind;
  uint32_t object, count; /* the first of them. CELL_HEAD: how many are in use */
  uint32_t lines;         /* that end here */
  int y;
};

/* From a page, or n pages of a fold, to what they refer to. */
struct line_drawn { size_t row, cell, page; uint64_t n; };

struct scene {
  const struct vmref_sys *s, *before; /* before: what has changed since then is marked. Or NULL */
  const uint16_t *over, *over_before; /* the words over their tables; NULL: none */
  struct scene_page *page; size_t pages, page_room; /* all, by space and number */
  struct row *row;         size_t rows, row_room;
  struct cell *cell;       size_t cells, cell_room;
  struct line_drawn *line; size_t lines, line_room;
  size_t *cell_of;         /* by object: its cell, 0: none of its own */
  uint32_t *refs;          /* by object: the pages that lie in it; as many as s->rc says, or that is wrong */
  size_t more[2];          /* the CELL_MORE of frames, of slots */
  bool failed;             /* out of memory */
  int top, bottom;
};

#define ROW_HEIGHT 18
#define HOLE 11              /* from a free object's square to the next */
#define HOLES 20             /* a line */
#define TABLE_ROWS 7
#define MANY 256             /* free objects of more than these have no squares */

/* ---- run_scene.c ---- */
/* All of it, from `top` down. Free it in any case. */
struct scene scene_read(const struct picture *p, int top);
void scene_free(struct scene *c);
enum page_state scene_state(const struct vmref_sys *s, uint64_t leaf);
/* Is it another than it was: who refers to it, or what it holds? */
bool scene_object_changed(const struct scene *c, uint32_t o);
/* Is it a space that there was not? */
bool scene_space_changed(const struct scene *c, uint32_t a);
bool scene_squares(const struct scene *c, uint32_t o); /* are free ones like o drawn one by one? */
#endif
