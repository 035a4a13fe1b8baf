/* cb-history.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  CB_HISTORY_QUEUED,        /* came to wait: new, due or tried again */
  CB_HISTORY_COMPLETE,
  CB_HISTORY_FAILED,        /* for good */
  CB_HISTORY_RETRIED,       /* a failed attempt of a job that has others left */
  CB_N_HISTORIES
} CbHistoryKind;

typedef enum
{
  CB_HISTORY_MINUTES,       /* 5 min, a second each */
  CB_HISTORY_HOUR,          /* ten seconds each */
  CB_HISTORY_DAY,           /* five minutes each */
  CB_N_HISTORY_SPANS
} CbHistorySpan;

/* What happened in one step of a span. */
typedef struct
{
  gint64  at;                       /* where it begins, µs since 1970 UTC by this computer's clock */
  guint32 counts[CB_N_HISTORIES];
  guint32 watched_msec;             /* how much of it somebody was looking; 0: nothing is known of it */
} CbHistoryPoint;

/**
 * CbHistory:
 *
 * How many jobs came and went on one server, as long as anybody was looking: three rings of fixed length, the last five minutes, the
 * last hour and the last day. It takes about 30 KiB, in memory and in its file.
 */
#define CB_TYPE_HISTORY (cb_history_get_type ())
G_DECLARE_FINAL_TYPE (CbHistory, cb_history, CB, HISTORY, GObject)

CbHistory *cb_history_new         (const char          *file);        /* nullable: not kept */
/* The file of a server, in the user's data directory; @server_id: any text that names it. */
char      *cb_history_dup_path    (const char          *server_id);
void       cb_history_add         (CbHistory           *self,
                                   CbHistoryKind        kind,
                                   guint                n,
                                   gint64               at);
/* Somebody looked from @from to @to. */
void       cb_history_add_watched (CbHistory           *self,
                                   gint64               from,
                                   gint64               to);
guint      cb_history_get_length  (CbHistorySpan        span);
gint64     cb_history_get_step    (CbHistorySpan        span);        /* µs */
/* (element-type CbHistoryPoint), as many as the span has, the last one that of @now. */
GArray    *cb_history_get         (CbHistory           *self,
                                   CbHistorySpan        span,
                                   gint64               now);
/* What happened in the whole span, summed; `at` is where it begins. */
void       cb_history_sum         (CbHistory           *self,
                                   CbHistorySpan        span,
                                   gint64               now,
                                   CbHistoryPoint      *sum);

/* Puts what the file has under what is here. No file is no error; one that is no history is, and nothing is taken from it. */
void       cb_history_load_async  (CbHistory           *self,
                                   GCancellable        *cancellable,
                                   GAsyncReadyCallback  callback,
                                   gpointer             user_data);
gboolean   cb_history_load_finish (CbHistory           *self,
                                   GAsyncResult        *result,
                                   GError             **error);
void       cb_history_save_async  (CbHistory           *self,
                                   GCancellable        *cancellable,
                                   GAsyncReadyCallback  callback,
                                   gpointer             user_data);
gboolean   cb_history_save_finish (CbHistory           *self,
                                   GAsyncResult        *result,
                                   GError             **error);

G_END_DECLS
