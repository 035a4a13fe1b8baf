/* cb-journal-file.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * One file of the undo journal: records behind each other, of which each says how long it is and has a check of its own, so that
 * what a crash has left of the last one is recognised. A record is a tag, a number that it is about, and a GVariant.
 *
 * All calls block: they are for threads. A file is used by one thread at a time.
 */
typedef struct _CbJournalFile CbJournalFile;

#define CB_JOURNAL_TAG(a, b, c, d) ((guint32) (a) | (guint32) (b) << 8 | (guint32) (c) << 16 | (guint32) (d) << 24)

/* What a record is, without its contents. */
typedef struct
{
  guint32 tag;
  guint32 number;
  gint64  offset;
} CbJournalRecord;

/* Makes a file that nobody else writes to until it is freed, mode 0600. EEXIST is G_FILE_ERROR_EXIST. */
CbJournalFile *cb_journal_file_create      (const char     *path,
                                            GError        **error);
/* Opens one that is there. With @write nobody else may be writing: CB_JOURNAL_ERROR_BUSY. A record that was torn off is cut away
 * before the first append. */
CbJournalFile *cb_journal_file_open        (const char     *path,
                                            gboolean        write,
                                            GError        **error);
void           cb_journal_file_free        (CbJournalFile  *self);

/* The records there are, in order; (element-type CbJournalRecord), (transfer none). */
GArray        *cb_journal_file_get_records (CbJournalFile  *self);
/* Bytes behind the last whole record. */
gboolean       cb_journal_file_is_torn     (CbJournalFile  *self);
/* Somebody else is writing to it at this moment. */
gboolean       cb_journal_file_is_busy     (CbJournalFile  *self);
gint64         cb_journal_file_get_size    (CbJournalFile  *self);

/* (transfer full) of @type; an error when its check is wrong. */
GVariant      *cb_journal_file_read        (CbJournalFile  *self,
                                            guint           index,
                                            const char     *type,
                                            GError        **error);
/* @contents is sunk. With @sync it is on the disk when this returns. */
gboolean       cb_journal_file_append      (CbJournalFile  *self,
                                            guint32         tag,
                                            guint32         number,
                                            GVariant       *contents,
                                            gboolean        sync,
                                            GError        **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbJournalFile, cb_journal_file_free)

G_END_DECLS
