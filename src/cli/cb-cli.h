/* cb-cli.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-cli-options.h"
#include "cb-connection.h"
#include "cb-engine.h"
#include "cb-json.h"
#include "cb-private-server.h"

G_BEGIN_DECLS

/* How the program ends. */
enum
{
  CB_EXIT_DONE = 0,
  CB_EXIT_FAILED = 1,
  CB_EXIT_USAGE = 2,
  CB_EXIT_NO_CONNECTION = 3,
  CB_EXIT_INTERRUPTED = 130,
};

typedef struct _CbCli CbCli;

/* One command: a line of a static table, ended by one without a name. */
typedef struct
{
  const char     *name;        /* "ping", or two words: "job create" */
  const char     *usage;       /* what stands behind the name, untranslated: "KEY VALUE" */
  const char     *summary;     /* one line, N_() */
  const char     *description; /* (nullable) more of it for --help, N_() */
  const CbOption *options;     /* (nullable) */
  int             min_words;
  int             max_words;   /* -1: any number */
  gboolean        writes;      /* refused with --read-only, and on production */
  gboolean        elsewhere;   /* it writes, but to cb_cli_new_target() */
  gboolean        rest_is_words;
  int           (*run) (CbCli *cli);
} CbCliCommand;

/* What a command works with. */
struct _CbCli
{
  const CbCliCommand *command;
  CbArguments        *arguments;      /* (owned) its options and words, without its name */

  gboolean            json;
  gboolean            read_only;
  const char         *prefix;         /* (borrowed) "q" when none was given */
  gboolean            has_prefix;     /* it was given */
  gint64              timeout_msec;   /* -1: not given */

  CbPrivateServer    *private_server; /* (owned) (nullable) */
  CbAddress          *address;        /* (owned) (nullable) */
  CbConnection       *connection;     /* (owned) (nullable) until cb_cli_connect() */
  CbEngine           *engine;         /* (owned) (nullable) until cb_cli_get_engine() */

  GCancellable       *cancellable;    /* (owned) triggered by the first SIGINT or SIGTERM, or a closed output */
  guint               n_signals;      /* how many have come */
  int                 output_errno;   /* standard output can't be written any more */
};

CbCli    *cb_cli_new             (void);
void      cb_cli_free            (CbCli                *self);
int       cb_cli_run             (CbCli                *self,
                                  const char * const   *words);

/* --- what commands use --- */

/* Connects, to the private server when none was named. */
gboolean  cb_cli_connect         (CbCli                *self,
                                  GError              **error);
/* The same; on failure the error is told, and the exit status set. */
gboolean  cb_cli_connect_or_tell (CbCli                *self,
                                  int                  *status);
CbConnection *cb_cli_new_target  (CbCli                *self,
                                  CbAddress            *address,
                                  GError              **error);
gboolean  cb_cli_server_answers  (CbCli                *self);
void      cb_cli_leave           (CbCli                *self);
/* The queues of --prefix; (transfer none). Only after connecting. */
CbEngine *cb_cli_get_engine      (CbCli                *self);
CbReply  *cb_cli_call            (CbCli                *self,
                                  CbCommand            *command,
                                  GError              **error);

/* For asynchronous calls: give cb_cli_take_result() as the callback and the address of a NULL pointer as its data. */
void      cb_cli_take_result     (GObject              *source,
                                  GAsyncResult         *result,
                                  gpointer              user_data);
void      cb_cli_await           (GAsyncResult        **result);
/* Runs the main loop until the condition is TRUE, a signal has come or the output is closed. */
gboolean  cb_cli_run_until       (CbCli                *self,
                                  const gboolean       *condition);
/* As long as nothing interrupts it; FALSE when something did. */
gboolean  cb_cli_pause           (CbCli                *self,
                                  gint64                msec);
gboolean  cb_cli_is_interrupted  (CbCli                *self);

/* Says the error on standard error; returns the exit status for it. */
int       cb_cli_tell_error      (CbCli                *self,
                                  const GError         *error);
int       cb_cli_tell_usage      (CbCli                *self,
                                  const char           *format,
                                  ...) G_GNUC_PRINTF (2, 3);
/* One line on standard error, behind the name of the program. */
void      cb_cli_complain        (CbCli                *self,
                                  const char           *format,
                                  ...) G_GNUC_PRINTF (2, 3);

/* Lines on standard output. The bytes go out as they are. */
void      cb_cli_print           (CbCli                *self,
                                  const char           *format,
                                  ...) G_GNUC_PRINTF (2, 3);
void      cb_cli_write           (CbCli                *self,
                                  const char           *bytes,
                                  gssize                length);
/* A value from Redis: as it is into a pipe or file, harmless on a terminal. */
void      cb_cli_write_value     (CbCli                *self,
                                  const char           *bytes,
                                  gsize                 length);
/* The text of the writer as a line. */
void      cb_cli_print_json      (CbCli                *self,
                                  CbJsonWriter         *writer);
void      cb_cli_flush           (CbCli                *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbCli, cb_cli_free)

G_END_DECLS
