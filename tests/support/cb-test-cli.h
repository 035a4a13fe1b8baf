/* cb-test-cli.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "cb-test-redis.h"

G_BEGIN_DECLS

/**
 * CbTestCli:
 *
 * The built callboardctl, run against a server: each run tells its output, its errors and its exit status.
 */
typedef struct
{
  char *output;
  char *errors;
  int status;
} CbTestRun;

void         cb_test_run_free  (CbTestRun          *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbTestRun, cb_test_run_free)

/* The path of the program in the build folder. */
char        *cb_test_cli_dup_path (void);

/* @server NULL: none is named. @input (nullable): its standard input. */
CbTestRun   *cb_test_cli_run   (CbTestRedis        *server,
                                const char         *input,
                                const char * const *words);
/* The same without waiting, with its standard output as a pipe. */
GSubprocess *cb_test_cli_spawn (CbTestRedis        *server,
                                const char * const *words);
/* The same in a locale, and with the pipes that are wanted. It dies with the test program. */
GSubprocess *cb_test_cli_spawn_full (CbTestRedis        *server,
                                     const char         *locale,
                                     GSubprocessFlags    flags,
                                     const char * const *words);
/* The next line of its output, NULL at the end; fails when there is none in the time of a test. */
char        *cb_test_cli_read_line (GDataInputStream *stream);
/* Until it has ended: its exit status. */
int          cb_test_cli_wait  (GSubprocess        *process);

#define cb_test_assert_line(stream, expected)                      \
  G_STMT_START                                                     \
  {                                                                \
    g_autofree char *cb_line_ = cb_test_cli_read_line (stream);    \
    g_assert_cmpstr (cb_line_, ==, (expected));                    \
  }                                                                \
  G_STMT_END

/* Runs it, and compares: the output with what is expected, byte by byte; the errors with a glob pattern. */
void         cb_test_cli_check (CbTestRedis        *server,
                                const char         *file,
                                int                 line,
                                int                 status,
                                const char         *output,
                                const char         *errors,
                                const char * const *words);

#define cb_test_cli_expect(server, status, output, errors, ...)                  \
  cb_test_cli_check ((server), __FILE__, __LINE__, (status), (output), (errors), \
                     (const char * const[]) { __VA_ARGS__, NULL })

#define cb_test_cli_start(server, ...) \
  cb_test_cli_spawn ((server), (const char * const[]) { __VA_ARGS__, NULL })

#define cb_test_cli_get(server, ...) \
  cb_test_cli_run ((server), NULL, (const char * const[]) { __VA_ARGS__, NULL })

G_END_DECLS
