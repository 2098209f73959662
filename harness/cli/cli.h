/* SPDX-License-Identifier: MIT */
/* What the files of the command line share. docs/FORMAT.md is the contract. */
#ifndef VMREF_CLI_H
#define VMREF_CLI_H
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include "case.h"
#include "show.h"

#ifndef VMREF_VERSION
#define VMREF_VERSION "unknown"
#endif

/* Exit codes. A page fault is an answer; "not modelled" never agrees. 1 is for
 * commands that compare. */
#define EXIT_ANSWERED   0
#define EXIT_DISAGREES  1
#define EXIT_USAGE      2
#define EXIT_MALFORMED  3
#define EXIT_UNMODELLED 4
#define EXIT_INTERNAL   5

/* ---- main.c: messages and output ---- */
/* "vmref: ..." on stderr. */
void say(const char *form, ...) __attribute__((format(printf, 1, 2)));
/* Say it with a hint at --help, and exit 2. */
_Noreturn void usage(const char *command, const char *form, ...) __attribute__((format(printf, 2, 3)));
/* Send what was printed; exit 5 when that fails (full disk, closed pipe). */
void flush_output(void);

/* ---- lines.c: input line by line, in bounded memory ---- */
#define LINE_LIMIT (1u << 20)
enum line { LINE_TEXT, LINE_LONG, LINE_END, LINE_UNREADABLE };
struct lines;
/* "-" or NULL is stdin. NULL: it cannot be opened, errno says why. */
struct lines *lines_open(const char *path);
/* The next line without its newline; flushes the output before it waits. */
enum line lines_next(struct lines *in, const char **text, size_t *size);
uint64_t lines_number(const struct lines *in); /* of that line, from 1 */
void lines_close(struct lines *in);

/* ---- read.c: one line of format 1 ---- */
struct word { uint64_t address, value; };
struct question {
  struct vmref_cpu cpu;
  struct vmref_access access;
  bool registers;   /* cpu.pdpte was given; else they are loaded from mem at CR3 */
  struct word *mem; /* sorted by address */
  size_t words, room;
};
/* Everything but mem, which is empty, and va, which is 0. */
extern const struct question QUESTION_DEFAULT;

struct complaint { char text[400]; };
/* Complain, printably; false. */
bool bad(struct complaint *why, const char *form, ...) __attribute__((format(printf, 2, 3)));
/* A whole number or a hex string. */
bool number_read(const json_t *v, const char *where, uint64_t *n, struct complaint *why);
/* A line as JSON, NULL: it is none. A question from such a line. */
json_t *line_read(const char *text, size_t size, struct complaint *why);
bool question_take(struct question *q, json_t *line, struct complaint *why);
/* Read text into q, whose mem is reused. false: the line is malformed. */
bool question_read(struct question *q, const char *text, size_t size, struct complaint *why);
/* The entry at an address, of 4 or 8 bytes as the mode has them. */
uint64_t question_entry(const struct question *q, uint64_t address);
/* "0x" and 1 or more hex digits, below 2^64. */
bool hex_number(const char *text, uint64_t *value);
extern const char *const MODES[6], *const VENDORS[3], *const KINDS[5], *const SEGMENTS[3];

/* ---- answer.c: what the model says of a question ---- */
enum answer { ANSWERED, MALFORMED, UNMODELLED };
/* The access and its walks; or UNMODELLED and why. A load of the PDPTE registers that
 * faults is one part that ended at level 3, by the rule GP.PDPTE. */
enum answer answer(const struct question *q, struct vmref_span *s, struct complaint *why);
/* The answer to the line `text`, whole or in part: reads, then answers. */
enum answer answer_line(struct question *q, enum line kind, const char *text, size_t size,
                        struct vmref_span *s, struct complaint *why);
/* Call each for every line that is not blank; returns the exit code. */
typedef void each_line(enum answer a, const struct vmref_span *s, const char *why, uint64_t line);
int answer_file(const char *path, each_line *each);

/* What is said of text that is not a token. */
#define NOT_A_TOKEN "%s: not a token; one is vm2- and up to 288 hex digits, or vm1- and 96"

/* ---- judge.c: is what an implementation says an answer? ---- */
/* answer: as `vmref walk` prints it, or by hand: what it leaves out is not looked at. seen: of the same
 * form. false: it is not permitted, and why; NULL in *differs for what is malformed, else one word. */
bool judge(const json_t *answer, const json_t *seen, const char **differs, struct complaint *why);

/* ---- print.c: JSON ---- */
void print_answer(FILE *f, const struct vmref_span *s);
void print_answer_object(FILE *f, const struct vmref_span *s); /* without its newline */
void print_explained(FILE *f, const struct vmref_span *s);
void print_unmodelled(FILE *f, const char *why);
void print_error(FILE *f, uint64_t line, const char *why);
void print_string(FILE *f, const char *utf8);
/* ,"name":[...]: the entries of a walk. */
void print_walk(FILE *f, const char *name, const struct vmref_walk *w);
/* The question that a case is; mem holds its words. cmd_token.c. */
#define QUESTION_WORDS (CASE_WORDS + 2 * 5)
void question_of_case(struct question *q, struct word mem[QUESTION_WORDS], const struct vmref_case *c);
/* A question; without its va when va is false. */
void print_question(FILE *f, const struct question *q, bool va);
void print_question_object(FILE *f, const struct question *q, bool va);

/* ---- commands: argv[0] is "vmref COMMAND" ---- */
int walk_command(int argc, char **argv);    /* cmd_walk.c */
int explain_command(int argc, char **argv); /* cmd_explain.c */
int token_command(int argc, char **argv);   /* cmd_token.c */
int footprint_command(int argc, char **argv); /* cmd_footprint.c */
int run_command(int argc, char **argv);       /* cmd_run.c */
int linux_command(int argc, char **argv);     /* cmd_linux.c */
int replay_command(int argc, char **argv);    /* cmd_replay.c */
int guest_log_command(int argc, char **argv); /* cmd_guest_log.c */
extern const char WALK_HELP[], EXPLAIN_HELP[], TOKEN_HELP[], FOOTPRINT_HELP[], RUN_HELP[], GUEST_LOG_HELP[], LINUX_HELP[], REPLAY_HELP[];
int serve_command(int argc, char **argv);     /* cmd_serve.c */
int vectors_command(int argc, char **argv);   /* cmd_vectors.c */
int check_command(int argc, char **argv);     /* cmd_check.c */
int audit_command(int argc, char **argv);     /* cmd_audit.c */
/* address.c: the parts of a linear address; returns the exit code. */
int explain_address(const char *mode, const char *va, bool json);

#endif
