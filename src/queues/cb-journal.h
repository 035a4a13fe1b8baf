/* cb-journal.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-capture.h"

G_BEGIN_DECLS

/**
 * CbJournalError:
 * @CB_JOURNAL_ERROR_BUSY: another process is writing that entry
 * @CB_JOURNAL_ERROR_DAMAGED: the file is not what was written
 * @CB_JOURNAL_ERROR_FULL: the journal may not become larger
 * @CB_JOURNAL_ERROR_NOT_FOUND: there is no such entry (any more)
 * @CB_JOURNAL_ERROR_UNDONE: it was undone already
 */
typedef enum
{
  CB_JOURNAL_ERROR_BUSY,
  CB_JOURNAL_ERROR_DAMAGED,
  CB_JOURNAL_ERROR_FULL,
  CB_JOURNAL_ERROR_NOT_FOUND,
  CB_JOURNAL_ERROR_UNDONE,
} CbJournalError;

#define CB_JOURNAL_ERROR (cb_journal_error_quark ())
GQuark cb_journal_error_quark (void);

#define CB_JOURNAL_KEEP_DAYS 7
#define CB_JOURNAL_KEEP_BYTES (256 * 1024 * 1024)

/* What was done at one time: one file of the journal. */
typedef struct
{
  char    *id;           /* "20261126-190602", its name in the folder and for people */
  CbDeed  *deed;
  char    *engine;       /* "kue" */
  char    *server;       /* a URI without the password; "" for an engine without a server */
  guint    database;
  char    *run_id;       /* of the server at that time, "" unknown */
  char    *prefix;
  char    *origin;       /* "window", "command" */
  char    *summary;      /* (nullable) which jobs, in words: a selection */
  gint64   time;         /* µs since 1970 UTC */
  guint64  n_planned;
  guint64  n_captured;
  guint64  n_done;
  guint64  n_undone;
  guint64  n_kept;       /* those that the undo left as they were, as somebody had changed them */
  gboolean busy;         /* it is under way at this moment */
  gboolean ended;        /* it came to its end, or was cancelled; else the program ended in the middle */
  gboolean undone;       /* an undo has come to its end */
  gint64   size;         /* bytes on the disk */
} CbJournalEntry;

CbJournalEntry *cb_journal_entry_new  (const CbDeed   *deed);
void            cb_journal_entry_free (CbJournalEntry *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbJournalEntry, cb_journal_entry_free)

/* Fills in engine, server, database, prefix. */
void            cb_journal_entry_set_engine (CbJournalEntry *self,
                                             CbEngine       *engine,
                                             const char     *run_id);
/* Whether it was made on the server, database and prefix of this engine; the server may be known by another address if it runs still. */
gboolean        cb_journal_entry_fits (CbJournalEntry *self,
                                       CbEngine       *engine,
                                       const char     *run_id);

gboolean        cb_journal_entry_can_be_undone (const CbJournalEntry *self);

#define CB_TYPE_JOURNAL (cb_journal_get_type ())
G_DECLARE_FINAL_TYPE (CbJournal, cb_journal, CB, JOURNAL, GObject)

/*
 * The folder of what can be undone. Everything on disk happens in threads, and whoever calls waits for one call on an entry before
 * the next. Entries are kept for CB_JOURNAL_KEEP_DAYS, and all together within CB_JOURNAL_KEEP_BYTES (property max-bytes).
 */
CbJournal      *cb_journal_new         (const char          *folder,      /* nullable: the user's */
                                        const char          *origin);
const char     *cb_journal_get_folder  (CbJournal           *self);
const char     *cb_journal_get_origin  (CbJournal           *self);

/* GPtrArray of CbJournalEntry, the newest first. Files that are none are passed over. */
void            cb_journal_list_async  (CbJournal           *self,
                                        GCancellable        *cancellable,
                                        GAsyncReadyCallback  callback,
                                        gpointer             user_data);
GPtrArray      *cb_journal_list_finish (CbJournal           *self,
                                        GAsyncResult        *result,
                                        GError             **error);

/* An entry that is open: nobody else can write to it. */
typedef struct _CbJournalBook CbJournalBook;

void            cb_journal_book_close         (CbJournalBook *self);
CbJournalEntry *cb_journal_book_get_entry     (CbJournalBook *self);   /* (transfer none) */
guint           cb_journal_book_get_n_dropped (CbJournalBook *self);   /* entries that had to go to make room */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbJournalBook, cb_journal_book_close)

/* --- writing --- */

/* Makes an entry; @entry (transfer none) is what is known before, without its id. */
void            cb_journal_begin_async    (CbJournal *self, CbJournalEntry *entry, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
CbJournalBook  *cb_journal_begin_finish   (CbJournal *self, GAsyncResult *result, GError **error);

/* Writes the captures that have no error, as one more batch; when this is finished they are on the disk. */
void            cb_journal_capture_async  (CbJournal *self, CbJournalBook *book, GPtrArray *captures, GAsyncReadyCallback callback, gpointer user_data);
gboolean        cb_journal_capture_finish (CbJournal *self, GAsyncResult *result, GError **error);

/* Writes what became of the last batch: those that have an `after` were done. */
void            cb_journal_outcome_async  (CbJournal *self, CbJournalBook *book, GPtrArray *captures, GAsyncReadyCallback callback, gpointer user_data);
gboolean        cb_journal_outcome_finish (CbJournal *self, GAsyncResult *result, GError **error);

/* Nothing more comes. An entry in which nothing was done is removed again. */
void            cb_journal_end_async      (CbJournal *self, CbJournalBook *book, GAsyncReadyCallback callback, gpointer user_data);
gboolean        cb_journal_end_finish     (CbJournal *self, GAsyncResult *result, GError **error);

/* --- undoing --- */

/* @id NULL: the latest that fits the engine and was not undone yet; without @engine the latest of all. */
void            cb_journal_open_async     (CbJournal *self, const char *id, CbEngine *engine, const char *run_id, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
CbJournalBook  *cb_journal_open_finish    (CbJournal *self, GAsyncResult *result, GError **error);

/* The next captures to put back, the latest first; those that were not done and those that are back already are left out.
 * Empty at the end. (element-type CbCapture) */
void            cb_journal_read_async     (CbJournal *self, CbJournalBook *book, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
GPtrArray      *cb_journal_read_finish    (CbJournal *self, GAsyncResult *result, GError **error);

/* Writes which of those that were read last are back: @back holds a gboolean for each. */
void            cb_journal_undone_async   (CbJournal *self, CbJournalBook *book, GArray *back, GAsyncReadyCallback callback, gpointer user_data);
gboolean        cb_journal_undone_finish  (CbJournal *self, GAsyncResult *result, GError **error);

/* The undo has come to its end. */
void            cb_journal_undo_end_async  (CbJournal *self, CbJournalBook *book, GAsyncReadyCallback callback, gpointer user_data);
gboolean        cb_journal_undo_end_finish (CbJournal *self, GAsyncResult *result, GError **error);

G_END_DECLS
