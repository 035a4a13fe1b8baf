/* cb-cli-jobs.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-bulk.h"
#include "cb-cli.h"
#include "cb-job-filter.h"
#include "cb-job-json.h"

G_BEGIN_DECLS

/* The most jobs that are asked for or changed in one round trip. */
#define CB_CLI_PORTION 500

/* FALSE: enough. */
typedef gboolean (*CbCliJobFunc) (CbCli       *cli,
                                  CbJobRecord *record,
                                  gpointer     user_data);

/* --type and --state of several commands. */
#define CB_CLI_SELECTION_OPTIONS \
  { "type", CB_OPTION_TEXT, "TYPE", N_("only jobs of this queue") }, \
  { "state", CB_OPTION_TEXT, "STATE", N_("only jobs in this state: inactive, active, delayed, failed or complete") }, \
  { "filter", CB_OPTION_TEXT, "TEXT", N_("only jobs that this is true of, such as: state:failed error~timeout age>2h -data.to:ada*") }, \
  { "older-than", CB_OPTION_TEXT, "TIME", N_("only jobs that were made longer ago: 90s, 2h, 1d12h") }

/* What --filter and --older-than say, NULL when neither is given; FALSE when it is wrong, which is told. */
gboolean cb_cli_get_filter      (CbCli         *cli,
                                 CbJobFilter  **filter,
                                 int           *status);
gboolean cb_cli_check_state     (CbCli         *cli,
                                 const char    *state,
                                 int           *status);
gboolean cb_cli_each_job        (CbCli         *cli,
                                 const char    *queue,
                                 const char    *state,
                                 gint64         from,
                                 gint64         to,
                                 gboolean       reversed,
                                 CbCliJobFunc   func,
                                 gpointer       user_data,
                                 GError       **error);

void     cb_cli_write_bytes     (CbJsonWriter  *writer,
                                 GBytes        *bytes);

/* 2026-11-25 01:02:03 in local time; "" for -1. */
char    *cb_cli_format_time     (gint64         usec);
/* 1.5 s, 200 ms… */
char    *cb_cli_format_duration (gint64         usec);
/* Says on standard error that the server's clock is not this machine's, if that is so. Only after connecting. */
void     cb_cli_tell_clock      (CbCli         *cli);

/* After what was not done only because it could not be undone: how it can be done all the same. */
void     cb_cli_tell_no_undo    (CbCli         *cli,
                                 CbBulk        *bulk);

/* --backoff of several commands, as JSON where it is in short. */
char    *cb_cli_expand_backoff  (const char    *text);

/* The text (valid UTF-8), filled up with spaces to so many places. */
char    *cb_cli_pad             (const char    *text,
                                 int            width);

G_END_DECLS
