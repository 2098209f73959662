/* SPDX-License-Identifier: MIT */
/* What the files of `vmref serve` share. */
#ifndef VMREF_CLI_SERVE_H
#define VMREF_CLI_SERVE_H
#include "run.h"

/* ---- serve_session.c: memory managers kept from request to request ---- */
/* Each prints an object with its newline, or complains: false. */
bool session_new(FILE *f, json_t *request, struct complaint *why);
bool session_op(FILE *f, json_t *request, struct complaint *why);
bool session_script(FILE *f, json_t *request, struct complaint *why);
bool session_check(FILE *f, json_t *request, struct complaint *why);
bool session_free(FILE *f, json_t *request, struct complaint *why);
void sessions_end(void);

/* No field but those named, which end in NULL; "op" and "id" are allowed. */
bool only(json_t *request, const char *const *fields, struct complaint *why);
#endif
