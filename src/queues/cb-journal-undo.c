/* cb-journal-undo.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-journal-private.h"

#include <string.h>

#include "cb-task-thread.h"

/* Reading an entry from its end to its beginning, and writing down what of it is back. */

static void
batch_clear (CbJournalBatch *batch)
{
  g_clear_pointer (&batch->back, g_byte_array_unref);
}

/**
 * cb_journal_entry_can_be_undone:
 *
 * Returns: whether there is something in it to put back, on whatever server
 */
gboolean
cb_journal_entry_can_be_undone (const CbJournalEntry *entry)
{
  return !entry->undone && !entry->busy && (entry->n_done > 0 || !entry->ended) && entry->n_captured > 0;
}

static gboolean
is_to_undo (const CbJournalEntry *entry,
            const CbJournalEntry *place)
{
  return cb_journal_entry_can_be_undone (entry) && (place == NULL || cb_journal_entry_is_at (entry, place));
}

/* Which batches there are, and what of them is back. */
static void
find_batches (CbJournalBook *book)
{
  GArray *records = cb_journal_file_get_records (book->file);

  book->batches = g_array_new (FALSE, TRUE, sizeof (CbJournalBatch));
  g_array_set_clear_func (book->batches, (GDestroyNotify) batch_clear);
  for (guint i = 0; i < records->len; i++)
    {
      CbJournalRecord *record = &g_array_index (records, CbJournalRecord, i);

      if (record->tag == CB_JOURNAL_TAKE)
        {
          CbJournalBatch batch = { .take = i, .n = record->number };

          g_array_append_val (book->batches, batch);
        }
      else if (record->number < book->batches->len)
        {
          CbJournalBatch *batch = &g_array_index (book->batches, CbJournalBatch, record->number);

          if (record->tag == CB_JOURNAL_DONE)
            {
              batch->done = i;
            }
          else if (record->tag == CB_JOURNAL_UNDO)
            {
              g_autoptr (GVariant) contents = cb_journal_file_read (book->file, i, "ay", NULL);
              gsize n = 0;
              const guint8 *back = contents != NULL ? g_variant_get_fixed_array (contents, &n, 1) : NULL;

              if (batch->back == NULL)
                {
                  batch->back = g_byte_array_sized_new (batch->n);
                  g_byte_array_set_size (batch->back, batch->n);
                  memset (batch->back->data, 0, batch->n);
                }
              for (gsize j = 0; j < MIN (n, batch->n); j++)
                batch->back->data[j] |= back[j];
            }
        }
    }
  book->next = book->batches->len;
}

static gpointer
open_book (CbJournalWork          *work,
           GCancellable  *cancellable,
           GError       **error)
{
  g_autoptr (CbJournalBook) book = g_new0 (CbJournalBook, 1);
  g_autofree char *id = g_strdup (work->id);

  if (id == NULL)
    {
      g_autoptr (GPtrArray) ids = cb_journal_folder_list (work->folder);

      for (guint i = 0; id == NULL && i < ids->len; i++)
        {
          g_autoptr (CbJournalEntry) entry = cb_journal_folder_read (work->folder, g_ptr_array_index (ids, i), NULL);

          if (entry != NULL && is_to_undo (entry, work->entry))
            id = g_strdup (entry->id);
        }
      if (id == NULL)
        {
          g_set_error_literal (error, CB_JOURNAL_ERROR, CB_JOURNAL_ERROR_NOT_FOUND, "There is nothing to undo here");
          return NULL;
        }
    }
  if (!cb_journal_folder_is_id (id))
    {
      g_set_error_literal (error, CB_JOURNAL_ERROR, CB_JOURNAL_ERROR_NOT_FOUND,
                           "Entries of the undo journal have names of digits and dashes, like 20261126-190602");
      return NULL;
    }

  book->path = cb_journal_folder_path (work->folder, id);
  book->max_bytes = work->max_bytes;
  if (!g_file_test (book->path, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, CB_JOURNAL_ERROR, CB_JOURNAL_ERROR_NOT_FOUND,
                   "The undo journal has no entry %s (any more): entries are kept for %d days, as far as there is room", id,
                   CB_JOURNAL_KEEP_DAYS);
      return NULL;
    }
  book->file = cb_journal_file_open (book->path, TRUE, error);
  if (book->file == NULL)
    return NULL;
  book->entry = cb_journal_entry_read (book->file, error);
  if (book->entry == NULL)
    return NULL;
  book->entry->id = g_steal_pointer (&id);

  /* What was left, as somebody had changed it, may be put back when that is not so any more. */
  if (book->entry->undone && book->entry->n_kept == 0)
    {
      g_set_error (error, CB_JOURNAL_ERROR, CB_JOURNAL_ERROR_UNDONE, "Entry %s was undone already", book->entry->id);
      return NULL;
    }
  if (work->entry != NULL && !cb_journal_entry_is_at (book->entry, work->entry))
    {
      g_set_error (error, CB_JOURNAL_ERROR, CB_JOURNAL_ERROR_NOT_FOUND,
                   "Entry %s was made on another server, database or prefix: %s, prefix %s", book->entry->id,
                   book->entry->server, book->entry->prefix);
      return NULL;
    }
  find_batches (book);

  return g_steal_pointer (&book);
}

/**
 * cb_journal_open_async:
 * @id: (nullable): which, also one that was undone in part; %NULL for the latest that was not undone yet
 * @engine: (nullable): where it must have been done
 * @run_id: (nullable): which run of its server this is
 */
void
cb_journal_open_async (CbJournal           *self,
                       const char          *id,
                       CbEngine            *engine,
                       const char          *run_id,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  CbJournalWork *work;

  g_return_if_fail (CB_IS_JOURNAL (self));
  g_return_if_fail (engine == NULL || CB_IS_ENGINE (engine));

  work = cb_journal_work_new (self, NULL, open_book);
  work->free_result = (GDestroyNotify) cb_journal_book_close;
  work->id = g_strdup (id);
  if (engine != NULL)
    {
      const CbDeed any = { CB_DEED_REMOVE, 0, NULL };

      work->entry = cb_journal_entry_new (&any);
      cb_journal_entry_set_engine (work->entry, engine, run_id);
    }
  cb_journal_work_start (self, work, cb_journal_open_async, cancellable, callback, user_data);
}

/**
 * cb_journal_open_finish:
 *
 * Returns: (transfer full): the entry, open for undoing it; %CB_JOURNAL_ERROR_NOT_FOUND, _UNDONE, _BUSY or _DAMAGED
 */
CbJournalBook *
cb_journal_open_finish (CbJournal     *self,
                        GAsyncResult  *result,
                        GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (cb_task_in_thread_result (result), error);
}

static gboolean
read_batch (CbJournalBook  *book,
            const CbJournalBatch    *batch,
            GPtrArray      *captures,
            GError        **error)
{
  g_autoptr (GVariant) taken = cb_journal_file_read (book->file, batch->take, "a(sxaayaay)", error);
  g_autoptr (GVariant) done = NULL;
  g_autoptr (GVariant) statuses = NULL;
  g_autoptr (GVariant) left = NULL;
  const guint8 *status = NULL;
  gsize n, n_statuses = 0;

  if (taken == NULL)
    return FALSE;
  n = g_variant_n_children (taken);
  if (batch->done > 0)
    {
      done = cb_journal_file_read (book->file, batch->done, "(ayaaay)", error);
      if (done == NULL)
        return FALSE;
      statuses = g_variant_get_child_value (done, 0);
      left = g_variant_get_child_value (done, 1);
      status = g_variant_get_fixed_array (statuses, &n_statuses, 1);
      if (n_statuses != n || g_variant_n_children (left) != n)
        {
          g_set_error_literal (error, CB_JOURNAL_ERROR, CB_JOURNAL_ERROR_DAMAGED, "A part of this entry of the undo journal is damaged");
          return FALSE;
        }
    }

  for (guint i = n; i-- > 0;)
    {
      g_autoptr (GVariant) one = NULL;
      CbCapture *captured;
      const char *id;

      if ((status != NULL && status[i] == 0) || (batch->back != NULL && i < batch->back->len && batch->back->data[i] != 0))
        continue;
      one = g_variant_get_child_value (taken, i);
      g_variant_get_child (one, 0, "&s", &id);
      captured = cb_capture_new (id);
      g_variant_get_child (one, 1, "x", &captured->stamp);
      captured->before = g_variant_get_child_value (one, 2);
      captured->what = g_variant_get_child_value (one, 3);
      if (left != NULL)
        captured->after = g_variant_get_child_value (left, i);
      g_ptr_array_add (captures, captured);
      g_array_append_val (book->read, i);
    }

  return TRUE;
}

static gpointer
read_next (CbJournalWork          *work,
           GCancellable  *cancellable,
           GError       **error)
{
  CbJournalBook *book = work->book;
  g_autoptr (GPtrArray) captures = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_capture_free);

  g_clear_pointer (&book->read, g_array_unref);
  book->read = g_array_new (FALSE, FALSE, sizeof (guint));
  while (captures->len == 0 && book->next > 0)
    {
      book->next--;
      if (!read_batch (book, &g_array_index (book->batches, CbJournalBatch, book->next), captures, error))
        return NULL;
    }

  return g_steal_pointer (&captures);
}

/**
 * cb_journal_read_async:
 * @book: of cb_journal_open_finish()
 */
void
cb_journal_read_async (CbJournal           *self,
                       CbJournalBook       *book,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  CbJournalWork *work;

  g_return_if_fail (CB_IS_JOURNAL (self));
  g_return_if_fail (book != NULL && book->batches != NULL);

  work = cb_journal_work_new (self, book, read_next);
  work->free_result = (GDestroyNotify) g_ptr_array_unref;
  cb_journal_work_start (self, work, cb_journal_read_async, cancellable, callback, user_data);
}

/**
 * cb_journal_read_finish:
 *
 * Returns: (transfer full) (element-type CbCapture): at most %CB_CAPTURE_MOST; none at the end
 */
GPtrArray *
cb_journal_read_finish (CbJournal     *self,
                        GAsyncResult  *result,
                        GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (cb_task_in_thread_result (result), error);
}

static gpointer
undone (CbJournalWork          *work,
        GCancellable  *cancellable,
        GError       **error)
{
  CbJournalBook *book = work->book;
  const CbJournalBatch *batch = &g_array_index (book->batches, CbJournalBatch, book->next);
  g_autofree guint8 *back = g_malloc0 (MAX (batch->n, 1));

  for (guint i = 0; i < MIN (work->back->len, book->read->len); i++)
    {
      guint index = g_array_index (book->read, guint, i);

      if (index < batch->n && g_array_index (work->back, gboolean, i))
        {
          back[index] = 1;
          book->entry->n_undone++;
        }
    }
  if (!cb_journal_file_append (book->file, CB_JOURNAL_UNDO, book->next,
                               g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, back, batch->n, 1), FALSE, error))
    return NULL;

  return GINT_TO_POINTER (TRUE);
}

/**
 * cb_journal_undone_async:
 * @back: (element-type gboolean): one for each that the last cb_journal_read_async() gave
 */
void
cb_journal_undone_async (CbJournal           *self,
                         CbJournalBook       *book,
                         GArray              *back,
                         GAsyncReadyCallback  callback,
                         gpointer             user_data)
{
  CbJournalWork *work;

  g_return_if_fail (CB_IS_JOURNAL (self));
  g_return_if_fail (book != NULL && book->read != NULL);
  g_return_if_fail (back != NULL && back->len == book->read->len);

  work = cb_journal_work_new (self, book, undone);
  work->back = g_array_ref (back);
  cb_journal_work_start (self, work, cb_journal_undone_async, NULL, callback, user_data);
}

gboolean
cb_journal_undone_finish (CbJournal     *self,
                          GAsyncResult  *result,
                          GError       **error)
{
  return cb_journal_work_finish (self, result, error);
}

static gpointer
undo_end (CbJournalWork          *work,
          GCancellable  *cancellable,
          GError       **error)
{
  CbJournalBook *book = work->book;

  if (!cb_journal_file_append (book->file, CB_JOURNAL_UNDE, 0, g_variant_new_array (G_VARIANT_TYPE_BYTE, NULL, 0), TRUE, error))
    return NULL;
  book->entry->undone = TRUE;

  return GINT_TO_POINTER (TRUE);
}

void
cb_journal_undo_end_async (CbJournal           *self,
                           CbJournalBook       *book,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data)
{
  g_return_if_fail (CB_IS_JOURNAL (self));
  g_return_if_fail (book != NULL);

  cb_journal_work_start (self, cb_journal_work_new (self, book, undo_end), cb_journal_undo_end_async, NULL, callback, user_data);
}

gboolean
cb_journal_undo_end_finish (CbJournal     *self,
                            GAsyncResult  *result,
                            GError       **error)
{
  return cb_journal_work_finish (self, result, error);
}
