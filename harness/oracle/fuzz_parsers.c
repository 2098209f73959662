/* SPDX-License-Identifier: MIT */
/* Fuzz target of the parsers of the command line: the first byte says which. A question and an outcome,
 * a line of a trace and the check of what was read, a dump and its audit, a question of the other kinds with its judging, the
 * lines of a script, packed vectors. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "asks.h"
#include "dump.h"
#include "script.h"
#include "trace.h"
#include "vectors.h"

void say(const char *form, ...) { (void)form; }
void flush_output(void) { }
_Noreturn void usage(const char *command, const char *form, ...) { (void)command; (void)form; abort(); }

static void json(const uint8_t *data, size_t size)
{
  static struct question q;
  struct complaint why;
  const char *differs;
  json_t *line = line_read((const char *)data, size, &why);
  if (line && json_is_object(line)) judge(json_object_get(line, "answer"), json_object_get(line, "seen"), &differs, &why);
  if (line) question_take(&q, line, &why);
  json_decref(line);
}

static void trace(const uint8_t *data, size_t size)
{
  struct trace_file t = { 0 };
  struct trace_result r;
  struct complaint why;
  uint64_t number = 0;
  for (size_t at = 0; at < size && number < 40; number++) {
    const uint8_t *end = memchr(data + at, '\n', size - at);
    const size_t n = end ? (size_t)(end - data) - at : size - at;
    if (!trace_line(&t, number, (const char *)data + at, n, &why)) break;
    at += n + 1;
  }
  if (t.events) trace_check(&t, NULL, t.events, &r);
  trace_free(&t);
}

static void dump(const uint8_t *data, size_t size)
{
  static struct dump d;
  struct complaint why;
  struct vmref_cpu cpu = QUESTION_DEFAULT.cpu;
  struct audit a;
  if (!dump_read(&d, data, size, false, 0, &why)) return;
  cpu.cr3 = d.cpus ? d.cpu[0].cr3 & 0xffffff000 : 0x1000;
  if (size < 20000 && audit_run(&a, &d, &cpu)) audit_free(&a); /* few tables */
}

static void asks(const uint8_t *data, size_t size)
{
  struct complaint why;
  const char *differs;
  json_t *line = line_read((const char *)data, size, &why), *ask = json_object_get(line, "ask");
  if (line && json_is_object(line)) json_decref(ask_answer(ask ? ask : line, &why));
  if (ask) ask_judge(ask, json_object_get(line, "answer"), json_object_get(line, "seen"), &differs, &why);
  json_decref(line);
}

static void script(const uint8_t *data, size_t size)
{
  struct script t = { .spaces = 4 };
  struct script_error why;
  uint64_t number = 1;
  for (size_t at = 0; at < size; number++) {
    const uint8_t *end = memchr(data + at, '\n', size - at);
    const size_t n = end ? (size_t)(end - data) - at : size - at;
    script_read(&t, number, (const char *)data + at, n, &why);
    at += n + 1;
  }
  script_free(&t);
}

static void packed(const uint8_t *data, size_t size)
{
  static FILE *out;
  FILE *f = fmemopen((void *)(uintptr_t)data, size, "rb");
  if (!out) out = fopen("/dev/null", "w");
  if (!out || !f) abort();
  binary_print_file(f, out, NULL); /* says nothing */
  fclose(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static void (*const parser[])(const uint8_t *, size_t) = { json, trace, dump, asks, script, packed };
  if (size > 1) parser[data[0] % 6](data + 1, size - 1);
  return 0;
}
