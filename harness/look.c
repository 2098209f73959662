/* SPDX-License-Identifier: MIT */
#include "look.h"
#include <string.h>

/* Entries of the hardware's format (SDM 3A 4.5.4), and what software keeps in them (spec/frame.acsl). */
#define P    (1ull << 0)
#define RW   (1ull << 1)
#define US   (1ull << 2)
#define A    (1ull << 5)
#define D    (1ull << 6)
#define XD   (1ull << 63)
#define ADDRESS 0xFFFFFFFFFF000ull
#define RIGHTS(e) ((e) >> 52 & 15)
#define KIND(e)   ((e) >> 1 & 3)

uint32_t look_object(const struct vmref_sys *s, uint64_t e)
{
  uint64_t n = (e & ADDRESS) >> 12;
  if (e & P || KIND(e) == VMREF_LEAF_FRAME) {
    if (n >= s->tables && n < (uint64_t)s->tables + s->frames) return (uint32_t)(n - s->tables);
  } else if (KIND(e) == VMREF_LEAF_SLOT && n < s->slots) return s->frames + (uint32_t)n;
  return s->frames + s->slots;
}

uint32_t look_count(const struct vmref_sys *s, uint32_t o)
{
  uint32_t n = 0;
  for (uint32_t t = 0; t < s->tables; t++)
    for (uint32_t i = 0; i < 512 && s->level[t] == 1; i++) n += look_object(s, s->tab[512 * (size_t)t + i]) == o;
  return n;
}

struct look_way look_way(const struct vmref_sys *s, uint32_t a, uint64_t va)
{
  struct look_way w = { { 0 }, { 0 } };
  uint64_t table = a;
  for (int l = 4; l >= 1; l--) {
    w.at[l] = 512 * table + (va >> (12 + 9 * (l - 1)) & 511);
    w.entry[l] = s->tab[w.at[l]];
    table = (w.entry[l] & ADDRESS) >> 12;
    if (!(w.entry[l] & P) || (l > 1 && table >= s->tables)) break;
  }
  return w;
}

int look_granted(const struct look_way *w, uint8_t kind)
{
  for (int l = 4; l >= 1; l--) {
    if (!(w->entry[l] & P) || !(w->entry[l] & US)) return 0;
    if ((kind == VMREF_WRITE || kind == VMREF_RMW) && !(w->entry[l] & RW)) return 0;
    if (kind == VMREF_FETCH && w->entry[l] & XD) return 0;
  }
  return 1;
}

/* ---- the whole of a state ---- */

static struct {
  const struct vmref_sys *s;
  const struct reference *r;
  const char *wrong;
  uint32_t count[LOOK_OBJECTS], lone[LOOK_OBJECTS], uses; /* lone: leaves that write and do not share */
  uint8_t seen[LOOK_TABLES];
  uint32_t mark;
  uint32_t a;         /* the space looked at */
  size_t next;        /* of the reference's pages of it */
} look;

static const char *say(const char *wrong)
{
  if (!look.wrong) look.wrong = wrong;
  return look.wrong;
}

/* The form of a leaf: exactly what its object and rights make of it, A and D aside. */
static int formed(const struct vmref_sys *s, uint64_t e)
{
  uint32_t o = look_object(s, e), none = s->frames + s->slots;
  uint64_t rights = e & 15ull << 52, r = RIGHTS(e);
  if (e & P) {
    if (o >= s->frames || !(r & VMREF_PROT_R) || (e & RW && !(r & VMREF_PROT_W))) return 0;
    uint64_t is = (uint64_t)(s->tables + o) << 12 | rights | P | US | (e & RW) | (r & VMREF_PROT_X ? 0 : XD);
    return (e & ~(A | D)) == is && (look.r->ages || !(e & D && !(e & A)));
  }
  if (KIND(e) == VMREF_LEAF_FRAME) return o < s->frames && e == ((uint64_t)(s->tables + o) << 12 | rights | 4);
  if (KIND(e) == VMREF_LEAF_SLOT) return o < none && e == ((uint64_t)(o - s->frames) << 12 | rights | 6);
  return KIND(e) == VMREF_LEAF_ZERO && e == (rights | 2);
}

static const uint8_t zeros[4096] __attribute__((aligned(8)));

/* Word by word, and not by a function that AddressSanitizer watches byte by byte: most of the time goes here. */
__attribute__((no_sanitize("address"))) static int same_bytes(const uint8_t *a, const uint8_t *b)
{
  const uint64_t *x = (const uint64_t *)(const void *)a, *y = (const uint64_t *)(const void *)b;
  uint64_t differ = 0;
  for (int i = 0; i < 512; i++) differ |= x[i] ^ y[i];
  return differ == 0;
}

/* One page that the tables show, beside the reference's next. */
static void page(uint64_t number, uint64_t e)
{
  const struct vmref_sys *s = look.s;
  const struct reference_space *x = &look.r->space[look.a];
  if (look.next >= x->pages || x->page[look.next].page > number) { say("a page that nobody mapped"); return; }
  const struct reference_page *q = &x->page[look.next++];
  if (q->page != number) { say("a page is not mapped any more"); return; }
  if (!formed(s, e)) { say("a leaf is malformed, or grants the hardware more than its mapping"); return; }
  if (RIGHTS(e) != q->prot) { say("a page has other rights"); return; }
  uint32_t o = look_object(s, e);
  const uint8_t *is = zeros, *must = q->bytes ? q->bytes->at : zeros;
  if (o < s->frames + s->slots) {
    look.count[o]++;
    if (e & P && e & RW && !(q->prot & VMREF_PROT_S)) look.lone[o]++;
    is = s->data + 4096 * (size_t)o;
    if (q->prot & VMREF_PROT_S && !s->shared[o]) say("a shared page is not marked as a file's");
    if (q->file) {
      if (q->bytes->mark == look.mark && q->bytes->object != o) say("two mappings of a file's page show different frames");
      q->bytes->mark = look.mark;
      q->bytes->object = o;
    }
  } else if (q->file) say("a file's page has no frame");
  if (is != must && !same_bytes(is, must)) say("a page shows other bytes");
}

/* A table on the way, entered from entry n of a table one level up. */
static int enter(uint64_t e, int level, uint64_t n)
{
  const struct vmref_sys *s = look.s;
  uint64_t t = (e & ADDRESS) >> 12;
  if ((e & ~A) != (t << 12 | P | RW | US) || t <= s->spaces + 3 || t >= s->tables) { say("an entry links no table"); return -1; }
  if (s->level[t] != level || s->owner[t] != (int64_t)look.a || s->parent[t] != (int64_t)n || look.seen[t]++) {
    say("a table says that it is linked elsewhere");
    return -1;
  }
  return (int)t;
}

/* The pages below a table, in order. */
static void below(uint32_t t, int level, uint64_t number)
{
  const uint64_t *e = look.s->tab + 512 * (size_t)t;
  int some = 0;
  for (uint32_t i = 0; i < (level == 4 ? 256u : 512u) && !look.wrong; i++) {
    while (i % 8 == 0 && i < 504 && !(e[i] | e[i + 1] | e[i + 2] | e[i + 3] | e[i + 4] | e[i + 5] | e[i + 6] | e[i + 7])) i += 8;
    if (!e[i]) continue;
    if (level == 4 && i >= 256) break;
    some = 1;
    if (level == 1) { page(number + i, e[i]); continue; }
    int u = enter(e[i], level - 1, 512 * (uint64_t)t + i);
    if (u >= 0) below((uint32_t)u, level - 1, number + ((uint64_t)i << 9 * (level - 1)));
  }
  if (level < 4 && !some && !look.wrong) say("an empty table is kept");
}

static void space(uint32_t a)
{
  const struct vmref_sys *s = look.s;
  int64_t what = look.r->space[a].what;
  look.a = a;
  look.next = 0;
  if (what == 0) {
    if (s->level[a] != 0) say("a space exists that nobody made");
    return;
  }
  if (s->level[a] != 4 || s->owner[a] != (int64_t)a || s->parent[a] != what) { say("a space is not what it was made"); return; }
  below(a, 4, 0);
  if (look.next < look.r->space[a].pages) say("pages are not mapped any more");
  if (memcmp(s->tab + 512 * (size_t)a + 256, s->tab + 512 * (size_t)s->spaces + 256, 8 * 256) != 0)
    say("a space has not the kernel's half");
}

/* The kernel's pages by hand: text may be executed, the rest be written, none is a user's. */
static void kernel(void)
{
  const struct vmref_sys *s = look.s;
  const uint32_t k = s->spaces;
  const uint64_t way[3] = { 512 * (uint64_t)k + 256, 512 * ((uint64_t)k + 1), 512 * ((uint64_t)k + 2) };
  for (uint32_t l = 0; l < 3; l++)
    if (s->tab[way[l]] != ((uint64_t)(k + 1 + l) << 12 | P | RW | US)) { say("the kernel's tables have changed"); return; }
  for (uint32_t i = 0; i < 512; i++) {
    uint64_t pa = (uint64_t)(s->tables + s->frames + i) << 12;
    uint64_t is = i >= s->kernel ? 0 : i < s->text ? pa | P : pa | P | RW | XD;
    if (s->tab[512 * ((size_t)k + 3) + i] != is) { say("a page of the kernel has changed"); return; }
  }
}

const char *look_compare(const struct vmref_sys *s, const struct reference *r)
{
  const uint32_t objects = s->frames + s->slots;
  look.s = s;
  look.r = r;
  look.wrong = NULL;
  look.mark++;
  if (s->tables > LOOK_TABLES || objects > LOOK_OBJECTS) return "too large for look.c";
  memset(look.count, 0, objects * sizeof *look.count);
  memset(look.lone, 0, objects * sizeof *look.lone);
  memset(look.seen, 0, s->tables);
  for (uint32_t a = 0; a < s->spaces && !look.wrong; a++) space(a);
  kernel();
  for (uint32_t o = 0; o < objects && !look.wrong; o++) {
    if (s->rc[o] != look.count[o]) say("a count is not that of the leaves");
    if (s->rc[o] == 0 && s->shared[o]) say("a free object is marked as a file's");
    if (look.lone[o] > 0 && look.count[o] != 1) say("who may write to a page is not alone");
  }
  for (uint32_t t = s->spaces + 4; t < s->tables && !look.wrong; t++)
    if ((s->level[t] != 0) != look.seen[t]) say("a table is not free and not linked");
  return look.wrong;
}

/* ---- digests ---- */

static uint64_t mix(uint64_t h, uint64_t x) { h = (h ^ x) * 0x9E3779B97F4A7C15ull; return h ^ h >> 29; }

static uint64_t digest(const struct vmref_sys *s, uint32_t t, int level, uint64_t number)
{
  uint64_t h = 0;
  for (uint32_t i = 0; i < (level == 4 ? 256u : 512u); i++) {
    uint64_t e = s->tab[512 * (size_t)t + i], n = number + ((uint64_t)i << 9 * (level - 1));
    if (e == 0) continue;
    if (level > 1) { h += digest(s, (uint32_t)((e & ADDRESS) >> 12), level - 1, n); continue; }
    uint32_t o = look_object(s, e);
    uint64_t words[512] = { 0 }, sum = mix(mix(1, n), RIGHTS(e));
    if (o < s->frames + s->slots) memcpy(words, s->data + 4096 * (size_t)o, 4096);
    for (int k = 0; k < 512; k++) sum = mix(sum, words[k]);
    h += sum;
  }
  return h;
}

uint64_t look_digest(const struct vmref_sys *s, uint32_t a)
{
  return s->level[a] == 4 ? digest(s, a, 4, 0) : 0;
}
