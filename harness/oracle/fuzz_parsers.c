/* SPDX-License-Identifier: MIT */
/* Fuzz target of what the command line reads: the first byte says which parser gets the rest. Form pr1. */
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "asks.h"
#include "dump.h"
#include "fuzz_parsers.h"
#include "fuzz_target.h"
#include "serve.h"
#include "trace.h"
#include "vectors.h"

const char *fuzz_topic(void) { return "parsers"; }
const char *fuzz_form(void) { return "pr1"; }
size_t fuzz_length(void) { return 8192; }
size_t fuzz_unit(void) { return 1; }

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
  struct part p;
  const uint8_t *at = data;
  for (uint64_t number = 0; number < 40 && next_part(&p, &at, data + size); number++)
    if (!trace_line(&t, number, p.text, p.size, &why)) break;
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
  struct part p;
  const uint8_t *at = data;
  for (uint64_t number = 1; next_part(&p, &at, data + size); number++) script_read(&t, number, p.text, p.size, &why);
  script_free(&t);
}

static void packed(const uint8_t *data, size_t size)
{
  FILE *f = opened(data, size);
  binary_print_file(f, stdout, NULL); /* says nothing */
  fclose(f);
}

/* A machine that is made in no time. */
static bool small(json_t *request)
{
  static const char *const sizes[] = { "frames", "slots", "spaces", "tables" };
  struct complaint why;
  uint64_t n;
  for (unsigned i = 0; i < 4; i++) {
    json_t *v = json_object_get(request, sizes[i]);
    if (v && number_read(v, sizes[i], &n, &why) && n > 256) return false;
  }
  return true;
}

/* Requests of vmref serve that have to do with a session. */
static void session(const uint8_t *data, size_t size)
{
  static const struct { const char *op; bool (*take)(FILE *, json_t *, struct complaint *); } OPS[] = {
    { "new", session_new }, { "op", session_op }, { "script", session_script }, { "check", session_check }, { "free", session_free } };
  struct complaint why;
  struct part p;
  const uint8_t *at = data;
  for (unsigned n = 0; n < 60 && next_part(&p, &at, data + size); n++) {
    json_t *request = line_read(p.text, p.size, &why);
    const char *op = json_string_value(json_object_get(request, "op"));
    for (unsigned i = 0; op && i < sizeof OPS / sizeof *OPS; i++)
      if (strcmp(op, OPS[i].op) == 0 && small(request)) OPS[i].take(stdout, request, &why);
    json_decref(request);
  }
  sessions_end();
}

static void guest_log(const uint8_t *data, size_t size)
{
  static char path[40], name[] = "guest-log", *argv[] = { name, path, NULL };
  static int fd;
  if (!path[0]) snprintf(path, sizeof path, "/proc/self/fd/%d", fd = memfd_create("log", MFD_CLOEXEC));
  if (ftruncate(fd, 0) != 0 || pwrite(fd, data, size, 0) != (ssize_t)size) abort();
  optind = 0; /* begin anew */
  guest_log_command(2, argv);
}

static void token(const uint8_t *data, size_t size)
{
  static struct vector v;
  const struct part p = { (const char *)data, size };
  char text[1024];
  if (string_of(&p, text, sizeof text)) binary_of_token(&v, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static void (*const parser[])(const uint8_t *, size_t) = { json, trace, dump, asks, script, packed, session, fuzz_linux_script, fuzz_strace, fuzz_maps,
    guest_log, token };
  static FILE *nowhere;
  if (!nowhere) {
    nowhere = fopen("/dev/null", "w"); /* sanitizers and fuzzers have what they write to already */
    if (!nowhere) abort();
    stdout = stderr = nowhere;
  }
  if (size > 1 && size <= fuzz_length()) parser[data[0] % (sizeof parser / sizeof *parser)](data + 1, size - 1);
  return 0;
}
