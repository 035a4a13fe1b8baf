/* cb-key-bulk.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-journal.h"
#include "cb-key-finder.h"

G_BEGIN_DECLS

typedef enum
{
  CB_KEY_BULK_DELETE,   /* UNLINK */
  CB_KEY_BULK_EXPIRE,   /* all at the same moment */
  CB_KEY_BULK_PERSIST,
  CB_KEY_BULK_COPY,     /* to another database or server, with the time to live; the target is set */
  CB_KEY_BULK_EXPORT,   /* a line each, as “key export” has it, into the output that is set */
} CbKeyBulkKind;

/* What became of one key. */
typedef enum
{
  CB_KEY_BULK_PENDING,  /* not its turn yet, or cancelled before */
  CB_KEY_BULK_DONE,     /* also when it was so already */
  CB_KEY_BULK_CHANGED,  /* it does not match any more, or somebody changes it all the time; left as it is */
  CB_KEY_BULK_GONE,     /* not there any more */
  CB_KEY_BULK_REFUSED,  /* see the message */
  CB_KEY_BULK_UNKNOWN,  /* the connection was lost before the answer */
} CbKeyBulkOutcome;

/* The most memory that a key may have on the server to be written down for undoing, to be copied or exported. */
#define CB_KEY_BULK_MOST_BYTES (64 * 1024 * 1024)

/**
 * CbKeyBulk:
 *
 * One thing done to many keys. Which they are is settled before, by what a finder has put into a store; what comes
 * into being later is not among them. Each is looked at once more before, and left alone when it does not match any
 * more. With a journal, what is deleted or changed is on the disk before it is, and #CbUndo with a #CbKeyEngine puts it
 * back.
 *
 * It goes in portions, so that it holds a few megabytes whatever their number, and others wait no longer than for a
 * few keys.
 *
 * Properties (explicit notify, the counts at most once a portion): n-total, n-done, n-changed, n-gone, n-refused,
 * n-unknown (guint), progress (double, 0 to 1), running (boolean), undo-id (string, nullable), notice (string, nullable:
 * a sentence, when older entries of the journal had to go). Signal `outcome` (guint: the id in the store, int: a
 * CbKeyBulkOutcome, string: a sentence or %NULL).
 */
#define CB_TYPE_KEY_BULK (cb_key_bulk_get_type ())
G_DECLARE_FINAL_TYPE (CbKeyBulk, cb_key_bulk, CB, KEY_BULK, GObject)

/* @journal (nullable): where to write down what is destroyed; none: it can't be undone. */
CbKeyBulk   *cb_key_bulk_new         (CbConnection        *connection,
                                      CbJournal           *journal,
                                      CbKeyBulkKind        kind,
                                      CbKeyStore          *keys);
/* Before it runs: what each must still be; @query (nullable) is that of the finder. */
void         cb_key_bulk_set_query   (CbKeyBulk           *self,
                                      const CbKeyQuery    *query);
void         cb_key_bulk_set_ttl     (CbKeyBulk           *self,
                                      gint64               msec);      /* from when it begins, at least 1 */
void         cb_key_bulk_set_target  (CbKeyBulk           *self,
                                      CbConnection        *target,
                                      gboolean             replace);   /* over keys that are there, which are lost then */
void         cb_key_bulk_set_output  (CbKeyBulk           *self,
                                      GOutputStream       *output);    /* not closed by this */
void         cb_key_bulk_set_summary (CbKeyBulk           *self,
                                      const char          *summary);   /* which keys, in words, for the journal */

guint        cb_key_bulk_get_n_total (CbKeyBulk           *self);
guint        cb_key_bulk_get_n       (CbKeyBulk           *self,
                                      CbKeyBulkOutcome     outcome);
gboolean     cb_key_bulk_get_running (CbKeyBulk           *self);
const char  *cb_key_bulk_get_undo_id (CbKeyBulk           *self);      /* nullable */
const char  *cb_key_bulk_get_notice  (CbKeyBulk           *self);      /* nullable */

/* Once. Cancelled, it stops between two portions: each key is done or whole. TRUE also when single keys were not done;
 * an error when it could not go on, and G_IO_ERROR_CANCELLED. */
void         cb_key_bulk_run_async   (CbKeyBulk           *self,
                                      GCancellable        *cancellable,
                                      GAsyncReadyCallback  callback,
                                      gpointer             user_data);
gboolean     cb_key_bulk_run_finish  (CbKeyBulk           *self,
                                      GAsyncResult        *result,
                                      GError             **error);

G_END_DECLS
