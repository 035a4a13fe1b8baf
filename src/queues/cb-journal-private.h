/* cb-journal-private.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-journal-file.h"
#include "cb-journal.h"

G_BEGIN_DECLS

/* The records of an entry. What the number of each means, and its contents. */
#define CB_JOURNAL_HEAD CB_JOURNAL_TAG ('H', 'E', 'A', 'D')   /* 1: the version of all this; a{sv} */
#define CB_JOURNAL_TAKE CB_JOURNAL_TAG ('T', 'A', 'K', 'E')   /* how many jobs; a(sxaayaay): id, stamp, how it was, of a finding what it is */
#define CB_JOURNAL_DONE CB_JOURNAL_TAG ('D', 'O', 'N', 'E')   /* which batch, from 0; (ayaaay): 1 for each that was done, how each was left */
#define CB_JOURNAL_ENDS CB_JOURNAL_TAG ('E', 'N', 'D', 'S')   /* 0; ay, empty */
#define CB_JOURNAL_UNDO CB_JOURNAL_TAG ('U', 'N', 'D', 'O')   /* which batch; ay: 1 for each that is back by this */
#define CB_JOURNAL_UNDE CB_JOURNAL_TAG ('U', 'N', 'D', 'E')   /* 0; ay, empty */

/* What of a batch is to be put back, and what is already. */
typedef struct
{
  guint       take;      /* its TAKE among the records */
  guint       done;      /* its DONE; 0: none */
  guint       n;
  GByteArray *back;      /* (owned) 1 for each that is back */
} CbJournalBatch;

struct _CbJournalBook
{
  CbJournalFile  *file;       /* (owned) */
  CbJournalEntry *entry;      /* (owned) */
  char           *path;       /* (owned) */
  guint           n_dropped;
  gint64          others;     /* bytes of the other entries, as of the beginning */
  guint64         max_bytes;

  guint           n_batches;  /* writing: of TAKE */
  gboolean        unknown;    /* a batch without its outcome */

  GArray         *batches;    /* (owned) (nullable) (element-type CbJournalBatch) undoing */
  guint           next;       /* of them: those from here on have been read */
  GArray         *read;       /* (owned) (nullable) (element-type guint) the indexes in the batch of what was read last */
};

/* A piece of work in a thread. */
typedef struct _CbJournalWork CbJournalWork;

struct _CbJournalWork
{
  gpointer      (*run)  (CbJournalWork *work, GCancellable *cancellable, GError **error);
  GDestroyNotify  free_result;

  char           *folder;     /* (owned) */
  guint64         max_bytes;
  CbJournalBook  *book;       /* (borrowed) whoever has called keeps it until this is over */
  CbJournalEntry *entry;      /* (owned) (nullable) */
  GPtrArray      *captures;   /* (owned) (nullable) */
  GArray         *back;       /* (owned) (nullable) */
  char           *id;         /* (owned) (nullable) */
};

/* cb-journal.c */
CbJournalWork  *cb_journal_work_new    (CbJournal           *self,
                                        CbJournalBook       *book,
                                        gpointer           (*run) (CbJournalWork *work, GCancellable *cancellable, GError **error));
void            cb_journal_work_start  (CbJournal           *self,
                                        CbJournalWork       *work,        /* taken */
                                        gpointer             source_tag,
                                        GCancellable        *cancellable,
                                        GAsyncReadyCallback  callback,
                                        gpointer             user_data);
gboolean        cb_journal_work_finish (CbJournal           *self,
                                        GAsyncResult        *result,
                                        GError             **error);
CbJournalEntry *cb_journal_folder_read (const char          *folder,
                                        const char          *id,
                                        GError             **error);

/* cb-journal-folder.c */
gboolean        cb_journal_folder_is_id     (const char            *id);
char           *cb_journal_folder_path      (const char            *folder,
                                             const char            *id);
gboolean        cb_journal_folder_make      (const char            *folder,
                                             GError               **error);
int             cb_journal_folder_lock      (const char            *folder,     /* close() it */
                                             GError               **error);
GPtrArray      *cb_journal_folder_list      (const char            *folder);    /* of char*, the newest first */
char           *cb_journal_folder_make_id   (const char            *folder);
guint           cb_journal_folder_make_room (const char            *folder,
                                             const char            *except,
                                             guint64                max_bytes,
                                             guint64                room,
                                             gint64                *left);

/* cb-journal-entry.c */
CbJournalEntry *cb_journal_entry_copy    (const CbJournalEntry *self);
gboolean        cb_journal_entry_is_at   (const CbJournalEntry *self,
                                          const CbJournalEntry *place);
GVariant       *cb_journal_entry_to_head (const CbJournalEntry *self);
CbJournalEntry *cb_journal_entry_read    (CbJournalFile        *file,
                                          GError              **error);

G_END_DECLS
