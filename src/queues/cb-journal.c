/* cb-journal.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-journal-private.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "cb-task-thread.h"

/*
 * Every call is a piece of work in a thread, which gets all it needs in its task: nothing of the journal itself changes. A book is
 * only used by the one call that is under way on it.
 */

struct _CbJournal
{
  GObject  parent_instance;

  char    *folder;      /* (owned) */
  char    *origin;      /* (owned) */
  guint64  max_bytes;
};

enum
{
  PROP_0,
  PROP_FOLDER,
  PROP_ORIGIN,
  PROP_MAX_BYTES,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (CbJournal, cb_journal, G_TYPE_OBJECT)

/* --- work in threads --- */

static void
work_free (CbJournalWork *work)
{
  g_free (work->folder);
  g_free (work->id);
  cb_journal_entry_free (work->entry);
  g_clear_pointer (&work->captures, g_ptr_array_unref);
  g_clear_pointer (&work->back, g_array_unref);
  g_free (work);
}

CbJournalWork *
cb_journal_work_new (CbJournal     *self,
                     CbJournalBook *book,
                     gpointer     (*run) (CbJournalWork *work, GCancellable *cancellable, GError **error))
{
  CbJournalWork *work = g_new0 (CbJournalWork, 1);

  work->folder = g_strdup (self->folder);
  work->max_bytes = self->max_bytes;
  work->book = book;
  work->run = run;

  return work;
}

static void
work_in_thread (GTask        *task,
                gpointer      source,
                gpointer      task_data,
                GCancellable *cancellable)
{
  CbJournalWork *work = task_data;
  GError *error = NULL;
  gpointer result = work->run (work, cancellable, &error);

  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, result, work->free_result);
}

void
cb_journal_work_start (CbJournal           *self,
                       CbJournalWork                *work,
                       gpointer             source_tag,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, source_tag);
  g_task_set_task_data (task, work, (GDestroyNotify) work_free);
  /* Nobody may go away with a book that a thread still has. */
  g_task_set_check_cancellable (task, FALSE);
  cb_task_run_in_thread (task, work_in_thread);
}

/* --- books --- */

void
cb_journal_book_close (CbJournalBook *self)
{
  if (self == NULL)
    return;

  cb_journal_file_free (self->file);
  cb_journal_entry_free (self->entry);
  g_clear_pointer (&self->batches, g_array_unref);
  g_clear_pointer (&self->read, g_array_unref);
  g_free (self->path);
  g_free (self);
}

CbJournalEntry *
cb_journal_book_get_entry (CbJournalBook *self)
{
  return self->entry;
}

guint
cb_journal_book_get_n_dropped (CbJournalBook *self)
{
  return self->n_dropped;
}

/* --- writing --- */

static gpointer
begin (CbJournalWork          *work,
       GCancellable  *cancellable,
       GError       **error)
{
  g_autoptr (CbJournalBook) book = g_new0 (CbJournalBook, 1);
  g_autofree char *id = NULL;
  int lock;

  if (!cb_journal_folder_make (work->folder, error))
    return NULL;
  lock = cb_journal_folder_lock (work->folder, error);
  if (lock < 0)
    return NULL;

  book->entry = g_steal_pointer (&work->entry);
  book->max_bytes = work->max_bytes;
  book->n_dropped = cb_journal_folder_make_room (work->folder, NULL, work->max_bytes, 0, &book->others);
  id = cb_journal_folder_make_id (work->folder);
  book->path = cb_journal_folder_path (work->folder, id);
  book->file = cb_journal_file_create (book->path, error);
  g_free (book->entry->id);
  book->entry->id = g_steal_pointer (&id);
  close (lock);

  if (book->file == NULL)
    return NULL;
  if (!cb_journal_file_append (book->file, CB_JOURNAL_HEAD, 1, cb_journal_entry_to_head (book->entry), TRUE, error))
    {
      g_unlink (book->path);
      return NULL;
    }

  return g_steal_pointer (&book);
}

/**
 * cb_journal_begin_async:
 * @entry: (transfer none): what is to be done, and where
 *
 * Makes an entry in the journal, for which the oldest ones have to go when there is no room.
 */
void
cb_journal_begin_async (CbJournal           *self,
                        CbJournalEntry      *entry,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  CbJournalWork *work;

  g_return_if_fail (CB_IS_JOURNAL (self));
  g_return_if_fail (entry != NULL);

  work = cb_journal_work_new (self, NULL, begin);
  work->free_result = (GDestroyNotify) cb_journal_book_close;
  work->entry = cb_journal_entry_copy (entry);
  g_free (work->entry->origin);
  work->entry->origin = g_strdup (self->origin);
  cb_journal_work_start (self, work, cb_journal_begin_async, cancellable, callback, user_data);
}

/**
 * cb_journal_begin_finish:
 *
 * Returns: (transfer full): the entry, open for writing
 */
CbJournalBook *
cb_journal_begin_finish (CbJournal     *self,
                         GAsyncResult  *result,
                         GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (cb_task_in_thread_result (result), error);
}

static gpointer
capture (CbJournalWork          *work,
         GCancellable  *cancellable,
         GError       **error)
{
  CbJournalBook *book = work->book;
  GVariantBuilder builder;
  guint n = 0;
  guint64 size = 0;

  for (guint i = 0; i < work->captures->len; i++)
    size += cb_capture_get_size (g_ptr_array_index (work->captures, i));
  if (cb_journal_file_get_size (book->file) + book->others + size > book->max_bytes)
    {
      gint64 own = cb_journal_file_get_size (book->file);

      /* An estimate from above, as all of it will be deflated. */
      book->n_dropped += cb_journal_folder_make_room (work->folder, book->entry->id, book->max_bytes, own + size, &book->others);
      if (own + book->others + size > book->max_bytes)
        {
          g_autofree char *limit = g_format_size_full (book->max_bytes, G_FORMAT_SIZE_IEC_UNITS);

          g_set_error (error, CB_JOURNAL_ERROR, CB_JOURNAL_ERROR_FULL,
                       "The undo journal would become larger than %s. Take fewer jobs at a time", limit);
          return NULL;
        }
    }

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(sxaayaay)"));
  for (guint i = 0; i < work->captures->len; i++)
    {
      CbCapture *captured = g_ptr_array_index (work->captures, i);

      if (captured->error != NULL)
        continue;
      g_variant_builder_add (&builder, "(sx@aay@aay)", captured->id, captured->stamp, captured->before,
                             captured->what != NULL ? captured->what : g_variant_new_array (G_VARIANT_TYPE ("ay"), NULL, 0));
      n++;
    }
  if (!cb_journal_file_append (book->file, CB_JOURNAL_TAKE, n, g_variant_builder_end (&builder), TRUE, error))
    return NULL;

  book->n_batches++;
  book->unknown = TRUE;
  book->entry->n_captured += n;

  return GINT_TO_POINTER (TRUE);
}

/**
 * cb_journal_capture_async:
 * @book: kept by the caller until this is finished
 * @captures: (element-type CbCapture): how the jobs are before they are acted on
 */
void
cb_journal_capture_async (CbJournal           *self,
                          CbJournalBook       *book,
                          GPtrArray           *captures,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  CbJournalWork *work;

  g_return_if_fail (CB_IS_JOURNAL (self));
  g_return_if_fail (book != NULL);
  g_return_if_fail (captures != NULL);

  work = cb_journal_work_new (self, book, capture);
  work->captures = g_ptr_array_ref (captures);
  cb_journal_work_start (self, work, cb_journal_capture_async, NULL, callback, user_data);
}

gboolean
cb_journal_work_finish (CbJournal     *self,
                        GAsyncResult  *result,
                        GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_pointer (cb_task_in_thread_result (result), error) != NULL;
}

gboolean
cb_journal_capture_finish (CbJournal     *self,
                           GAsyncResult  *result,
                           GError       **error)
{
  return cb_journal_work_finish (self, result, error);
}

static gpointer
outcome (CbJournalWork          *work,
         GCancellable  *cancellable,
         GError       **error)
{
  CbJournalBook *book = work->book;
  g_autoptr (GByteArray) statuses = g_byte_array_new ();
  GVariantBuilder builder;
  guint64 n_done = 0;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aaay"));
  for (guint i = 0; i < work->captures->len; i++)
    {
      CbCapture *captured = g_ptr_array_index (work->captures, i);
      guint8 status = captured->after != NULL;

      if (captured->error != NULL)
        continue;
      g_byte_array_append (statuses, &status, 1);
      n_done += status;
      if (captured->after != NULL)
        g_variant_builder_add_value (&builder, captured->after);
      else
        g_variant_builder_add_value (&builder, g_variant_new_array (G_VARIANT_TYPE ("ay"), NULL, 0));
    }
  if (!cb_journal_file_append (book->file, CB_JOURNAL_DONE, book->n_batches - 1,
                               g_variant_new ("(@ay@aaay)", g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, statuses->data, statuses->len, 1),
                                              g_variant_builder_end (&builder)),
                               FALSE, error))
    return NULL;

  book->unknown = FALSE;
  book->entry->n_done += n_done;

  return GINT_TO_POINTER (TRUE);
}

/**
 * cb_journal_outcome_async:
 * @captures: (element-type CbCapture): the same as were given to cb_journal_capture_async()
 */
void
cb_journal_outcome_async (CbJournal           *self,
                          CbJournalBook       *book,
                          GPtrArray           *captures,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  CbJournalWork *work;

  g_return_if_fail (CB_IS_JOURNAL (self));
  g_return_if_fail (book != NULL && book->n_batches > 0);
  g_return_if_fail (captures != NULL);

  work = cb_journal_work_new (self, book, outcome);
  work->captures = g_ptr_array_ref (captures);
  cb_journal_work_start (self, work, cb_journal_outcome_async, NULL, callback, user_data);
}

gboolean
cb_journal_outcome_finish (CbJournal     *self,
                           GAsyncResult  *result,
                           GError       **error)
{
  return cb_journal_work_finish (self, result, error);
}

static gpointer
end (CbJournalWork          *work,
     GCancellable  *cancellable,
     GError       **error)
{
  CbJournalBook *book = work->book;

  if (book->entry->n_done == 0 && !book->unknown)
    {
      g_unlink (book->path);
      return GINT_TO_POINTER (TRUE);
    }
  if (!cb_journal_file_append (book->file, CB_JOURNAL_ENDS, 0, g_variant_new_array (G_VARIANT_TYPE_BYTE, NULL, 0), TRUE, error))
    return NULL;
  book->entry->ended = TRUE;

  return GINT_TO_POINTER (TRUE);
}

/**
 * cb_journal_end_async:
 *
 * Says that nothing more comes; @book is to be closed afterwards.
 */
void
cb_journal_end_async (CbJournal           *self,
                      CbJournalBook       *book,
                      GAsyncReadyCallback  callback,
                      gpointer             user_data)
{
  g_return_if_fail (CB_IS_JOURNAL (self));
  g_return_if_fail (book != NULL);

  cb_journal_work_start (self, cb_journal_work_new (self, book, end), cb_journal_end_async, NULL, callback, user_data);
}

gboolean
cb_journal_end_finish (CbJournal     *self,
                       GAsyncResult  *result,
                       GError       **error)
{
  return cb_journal_work_finish (self, result, error);
}

/* --- reading --- */

CbJournalEntry *
cb_journal_folder_read (const char  *folder,
                        const char  *id,
                        GError     **error)
{
  g_autofree char *path = cb_journal_folder_path (folder, id);
  g_autoptr (CbJournalFile) file = cb_journal_file_open (path, FALSE, error);
  CbJournalEntry *entry = file != NULL ? cb_journal_entry_read (file, error) : NULL;

  if (entry != NULL)
    entry->id = g_strdup (id);

  return entry;
}

static gpointer
list (CbJournalWork          *work,
      GCancellable  *cancellable,
      GError       **error)
{
  g_autoptr (GPtrArray) ids = cb_journal_folder_list (work->folder);
  GPtrArray *entries = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_journal_entry_free);

  for (guint i = 0; i < ids->len && !g_cancellable_is_cancelled (cancellable); i++)
    {
      g_autoptr (GError) unreadable = NULL;
      CbJournalEntry *entry = cb_journal_folder_read (work->folder, g_ptr_array_index (ids, i), &unreadable);

      if (entry != NULL)
        g_ptr_array_add (entries, entry);
      else
        g_debug ("Undo journal: %s is passed over: %s", (char *) g_ptr_array_index (ids, i), unreadable->message);
    }

  return entries;
}

/**
 * cb_journal_list_async:
 *
 * Asks for all entries, of whatever server.
 */
void
cb_journal_list_async (CbJournal           *self,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  CbJournalWork *work;

  g_return_if_fail (CB_IS_JOURNAL (self));

  work = cb_journal_work_new (self, NULL, list);
  work->free_result = (GDestroyNotify) g_ptr_array_unref;
  cb_journal_work_start (self, work, cb_journal_list_async, cancellable, callback, user_data);
}

/**
 * cb_journal_list_finish:
 *
 * Returns: (transfer full) (element-type CbJournalEntry): the newest first; empty when nothing was ever done
 */
GPtrArray *
cb_journal_list_finish (CbJournal     *self,
                        GAsyncResult  *result,
                        GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (cb_task_in_thread_result (result), error);
}

/* --- the object --- */

static void
cb_journal_finalize (GObject *object)
{
  CbJournal *self = CB_JOURNAL (object);

  g_free (self->folder);
  g_free (self->origin);

  G_OBJECT_CLASS (cb_journal_parent_class)->finalize (object);
}

static void
cb_journal_constructed (GObject *object)
{
  CbJournal *self = CB_JOURNAL (object);

  if (self->folder == NULL)
    self->folder = g_build_filename (g_get_user_data_dir (), "callboard", "undo", NULL);
  if (self->origin == NULL)
    self->origin = g_strdup ("");

  G_OBJECT_CLASS (cb_journal_parent_class)->constructed (object);
}

static void
cb_journal_get_property (GObject    *object,
                         guint       prop_id,
                         GValue     *value,
                         GParamSpec *pspec)
{
  CbJournal *self = CB_JOURNAL (object);

  switch (prop_id)
    {
    case PROP_FOLDER:
      g_value_set_string (value, self->folder);
      break;

    case PROP_ORIGIN:
      g_value_set_string (value, self->origin);
      break;

    case PROP_MAX_BYTES:
      g_value_set_uint64 (value, self->max_bytes);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
cb_journal_set_property (GObject      *object,
                         guint         prop_id,
                         const GValue *value,
                         GParamSpec   *pspec)
{
  CbJournal *self = CB_JOURNAL (object);

  switch (prop_id)
    {
    case PROP_FOLDER:
      self->folder = g_value_dup_string (value);
      break;

    case PROP_ORIGIN:
      self->origin = g_value_dup_string (value);
      break;

    case PROP_MAX_BYTES:
      self->max_bytes = g_value_get_uint64 (value);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
cb_journal_class_init (CbJournalClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = cb_journal_finalize;
  object_class->constructed = cb_journal_constructed;
  object_class->get_property = cb_journal_get_property;
  object_class->set_property = cb_journal_set_property;

  properties[PROP_FOLDER] =
    g_param_spec_string ("folder", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  properties[PROP_ORIGIN] =
    g_param_spec_string ("origin", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  properties[PROP_MAX_BYTES] =
    g_param_spec_uint64 ("max-bytes", NULL, NULL, 0, G_MAXINT64, CB_JOURNAL_KEEP_BYTES,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
cb_journal_init (CbJournal *self)
{
}

/**
 * cb_journal_new:
 * @folder: (nullable): where; %NULL for the user's own, in which the window and the command line meet
 * @origin: who writes: "window" or "command"
 *
 * Returns: (transfer full): the journal; nothing is made or read yet
 */
CbJournal *
cb_journal_new (const char *folder,
                const char *origin)
{
  return g_object_new (CB_TYPE_JOURNAL, "folder", folder, "origin", origin, NULL);
}

const char *
cb_journal_get_folder (CbJournal *self)
{
  return self->folder;
}

const char *
cb_journal_get_origin (CbJournal *self)
{
  return self->origin;
}
