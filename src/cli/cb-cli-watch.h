/* cb-cli-watch.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-cli.h"

G_BEGIN_DECLS

typedef enum
{
  CB_WATCH_PROGRESS,
  CB_WATCH_COMPLETED,
  CB_WATCH_FAILED,
  CB_WATCH_REMOVED,
} CbWatchNews;

/* @percent only with progress; @reason (nullable) only with a failure. */
typedef void (*CbWatchFunc) (const char  *id,
                             CbWatchNews  news,
                             int          percent,
                             const char  *reason,
                             gpointer     user_data);

/**
 * CbCliWatch:
 *
 * Follows jobs of our own until each is finished, by the events of the engine and, as events can be lost or be
 * forbidden, by looking at them once a second.
 */
typedef struct _CbCliWatch CbCliWatch;

CbCliWatch *cb_cli_watch_new    (CbCli       *cli,
                                 CbEngine    *engine,
                                 CbWatchFunc  func,
                                 gpointer     user_data);
void        cb_cli_watch_free   (CbCliWatch  *self);

/* Before the jobs are created: returns when events arrive, or it is clear that they don't. */
void        cb_cli_watch_start  (CbCliWatch  *self);
/* A job that is there now; events of it that came before are told at once. */
void        cb_cli_watch_add    (CbCliWatch  *self,
                                 const char  *id);
/* No more jobs of the last creation: what came early and was nobody's is forgotten. */
void        cb_cli_watch_settle (CbCliWatch  *self);
/* Until all jobs are finished; FALSE when interrupted, or the time is over (-1: no limit). */
gboolean    cb_cli_watch_run    (CbCliWatch  *self,
                                 gint64       limit_msec);
guint       cb_cli_watch_get_n_unfinished (CbCliWatch *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbCliWatch, cb_cli_watch_free)

G_END_DECLS
