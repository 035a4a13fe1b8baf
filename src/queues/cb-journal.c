/* cb-journal.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-journal-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Every call is a piece of work in a thread, which gets all it needs in its task: nothing of the journal itself changes. A book is
 * only used by the one call that is under way on it.
 */

#define SUFFIX ".undo"

/* Whoever has the folder locked makes or removes a few files. */
#define LOCK_BOUND_USEC (10 * G_TIME_SPAN_SECOND)
#define LOCK_PAUSE_USEC (10 * G_TIME_SPAN_MILLISECOND)

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

/* What of a batch is to be put back, and what is already. */
typedef struct
{
  guint       take;      /* its TAKE among the records */
  guint       done;      /* its DONE; 0: none */
  guint       n;
  GByteArray *back;      /* (owned) 1 for each that is back */
} Batch;

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

  GArray         *batches;    /* (owned) (nullable) (element-type Batch) undoing */
  guint           next;       /* of them: those from here on have been read */
  GArray         *read;       /* (owned) (nullable) (element-type guint) the indexes in the batch of what was read last */
};

/* --- work in threads --- */

typedef struct _Work Work;

struct _Work
{
  gpointer      (*run)  (Work *work, GCancellable *cancellable, GError **error);
  GDestroyNotify  free_result;

  char           *folder;     /* (owned) */
  guint64         max_bytes;
  CbJournalBook  *book;       /* (borrowed) whoever has called keeps it until this is over */
  CbJournalEntry *entry;      /* (owned) (nullable) */
  GPtrArray      *captures;   /* (owned) (nullable) */
  GArray         *back;       /* (owned) (nullable) */
  char           *id;         /* (owned) (nullable) */
};

static void
work_free (Work *work)
{
  g_free (work->folder);
  g_free (work->id);
  cb_journal_entry_free (work->entry);
  g_clear_pointer (&work->captures, g_ptr_array_unref);
  g_clear_pointer (&work->back, g_array_unref);
  g_free (work);
}

static Work *
work_new (CbJournal     *self,
          CbJournalBook *book,
          gpointer     (*run) (Work *work, GCancellable *cancellable, GError **error))
{
  Work *work = g_new0 (Work, 1);

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
  Work *work = task_data;
  GError *error = NULL;
  gpointer result = work->run (work, cancellable, &error);

  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, result, work->free_result);
}

static void
start (CbJournal           *self,
       Work                *work,
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
  g_task_run_in_thread (task, work_in_thread);
}

/* --- the folder --- */

static gboolean
is_id (const char *id)
{
  gsize n = strspn (id, "0123456789-");

  return n > 0 && n < 40 && id[n] == 0;
}

static char *
path_of (const char *folder,
         const char *id)
{
  g_autofree char *name = g_strconcat (id, SUFFIX, NULL);

  return g_build_filename (folder, name, NULL);
}

static gboolean
make_folder (const char  *folder,
             GError     **error)
{
  g_autofree char *name = g_filename_display_name (folder);
  struct stat info;

  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      int saved_errno = errno;

      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (saved_errno),
                   "The folder %s, in which what was done is kept for undoing it, can’t be made: %s", name,
                   g_strerror (saved_errno));
      return FALSE;
    }
  if (g_lstat (folder, &info) != 0 || !S_ISDIR (info.st_mode) || info.st_uid != getuid ())
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOTDIR,
                   "%s is to hold what was done, for undoing it, but it is not a folder that belongs to you", name);
      return FALSE;
    }
  /* What jobs hold is nobody else's business. */
  if ((info.st_mode & 077) != 0)
    g_chmod (folder, 0700);

  return TRUE;
}

static int
lock_folder (const char  *folder,
             GError     **error)
{
  g_autofree char *path = g_build_filename (folder, "lock", NULL);
  gint64 deadline = g_get_monotonic_time () + LOCK_BOUND_USEC;
  int fd = g_open (path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

  if (fd < 0)
    {
      int saved_errno = errno;
      g_autofree char *name = g_filename_display_name (path);

      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (saved_errno), "%s can’t be opened: %s", name,
                   g_strerror (saved_errno));
      return -1;
    }

  while (flock (fd, LOCK_EX | LOCK_NB) != 0)
    {
      if (g_get_monotonic_time () > deadline)
        {
          g_set_error_literal (error, CB_JOURNAL_ERROR, CB_JOURNAL_ERROR_BUSY,
                               "The undo journal is locked by another window or command that does not go on");
          close (fd);
          return -1;
        }
      g_usleep (LOCK_PAUSE_USEC);
    }

  return fd;
}

static int
compare_newest_first (gconstpointer a,
                      gconstpointer b)
{
  return -strcmp (*(const char * const *) a, *(const char * const *) b);
}

/* The ids of the entries, the newest first. */
static GPtrArray *
list_ids (const char *folder)
{
  GPtrArray *ids = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      if (g_str_has_suffix (name, SUFFIX))
        {
          g_autofree char *id = g_strndup (name, strlen (name) - strlen (SUFFIX));

          if (is_id (id))
            g_ptr_array_add (ids, g_steal_pointer (&id));
        }
    }
  g_ptr_array_sort (ids, compare_newest_first);

  return ids;
}

/* Unless somebody is writing to it. */
static gboolean
drop (const char *path)
{
  int fd = g_open (path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC, 0);
  gboolean dropped;

  if (fd < 0)
    return FALSE;

  dropped = flock (fd, LOCK_EX | LOCK_NB) == 0 && g_unlink (path) == 0;
  close (fd);

  return dropped;
}

/* Removes what is too old, and the oldest until @room is left. Returns how many had to go although they were not old; the bytes
 * that are left are added up in @left. */
static guint
make_room (const char *folder,
           const char *except,
           guint64     max_bytes,
           guint64     room,
           gint64     *left)
{
  g_autoptr (GPtrArray) ids = list_ids (folder);
  gint64 oldest = g_get_real_time () / G_USEC_PER_SEC - CB_JOURNAL_KEEP_DAYS * 24 * 60 * 60;
  guint64 total = 0;
  guint n_dropped = 0;

  for (guint i = 0; i < ids->len; i++)
    {
      g_autofree char *path = path_of (folder, g_ptr_array_index (ids, i));
      struct stat info;

      if (g_strcmp0 (g_ptr_array_index (ids, i), except) == 0 || g_lstat (path, &info) != 0)
        continue;
      if (info.st_mtime < oldest && drop (path))
        continue;
      if (total + info.st_size + room > max_bytes && drop (path))
        n_dropped++;
      else
        total += info.st_size;
    }
  *left = total;

  return n_dropped;
}

/* --- books --- */

static void
batch_clear (Batch *batch)
{
  g_clear_pointer (&batch->back, g_byte_array_unref);
}

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

/* Later than all that are there, also when the clock was put back: the latest is the one that comes to mind. */
static char *
make_id (const char *folder)
{
  g_autoptr (GPtrArray) ids = list_ids (folder);
  g_autoptr (GDateTime) time = g_date_time_new_now_utc ();
  g_autofree char *id = g_date_time_format (time, "%Y%m%d-%H%M%S");
  const char *latest = ids->len > 0 ? g_ptr_array_index (ids, 0) : "";
  const char *dash;
  gsize n;

  if (strcmp (id, latest) > 0)
    return g_steal_pointer (&id);

  dash = strchr (latest, '-');
  dash = dash != NULL ? strchr (dash + 1, '-') : NULL;
  n = dash != NULL ? (gsize) (dash - latest) : strlen (latest);

  return g_strdup_printf ("%.*s-%04" G_GUINT64_FORMAT, (int) n, latest,
                          dash != NULL ? g_ascii_strtoull (dash + 1, NULL, 10) + 1 : 2);
}

static gpointer
begin (Work          *work,
       GCancellable  *cancellable,
       GError       **error)
{
  g_autoptr (CbJournalBook) book = g_new0 (CbJournalBook, 1);
  g_autofree char *id = NULL;
  int lock;

  if (!make_folder (work->folder, error))
    return NULL;
  lock = lock_folder (work->folder, error);
  if (lock < 0)
    return NULL;

  book->entry = g_steal_pointer (&work->entry);
  book->max_bytes = work->max_bytes;
  book->n_dropped = make_room (work->folder, NULL, work->max_bytes, 0, &book->others);
  id = make_id (work->folder);
  book->path = path_of (work->folder, id);
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
  Work *work;

  g_return_if_fail (CB_IS_JOURNAL (self));
  g_return_if_fail (entry != NULL);

  work = work_new (self, NULL, begin);
  work->free_result = (GDestroyNotify) cb_journal_book_close;
  work->entry = cb_journal_entry_copy (entry);
  g_free (work->entry->origin);
  work->entry->origin = g_strdup (self->origin);
  start (self, work, cb_journal_begin_async, cancellable, callback, user_data);
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

  return g_task_propagate_pointer (G_TASK (result), error);
}

static gpointer
capture (Work          *work,
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
      book->n_dropped += make_room (work->folder, book->entry->id, book->max_bytes, own + size, &book->others);
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
  Work *work;

  g_return_if_fail (CB_IS_JOURNAL (self));
  g_return_if_fail (book != NULL);
  g_return_if_fail (captures != NULL);

  work = work_new (self, book, capture);
  work->captures = g_ptr_array_ref (captures);
  start (self, work, cb_journal_capture_async, NULL, callback, user_data);
}

static gboolean
finish_boolean (CbJournal     *self,
                GAsyncResult  *result,
                GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_pointer (G_TASK (result), error) != NULL;
}

gboolean
cb_journal_capture_finish (CbJournal     *self,
                           GAsyncResult  *result,
                           GError       **error)
{
  return finish_boolean (self, result, error);
}

static gpointer
outcome (Work          *work,
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
  Work *work;

  g_return_if_fail (CB_IS_JOURNAL (self));
  g_return_if_fail (book != NULL && book->n_batches > 0);
  g_return_if_fail (captures != NULL);

  work = work_new (self, book, outcome);
  work->captures = g_ptr_array_ref (captures);
  start (self, work, cb_journal_outcome_async, NULL, callback, user_data);
}

gboolean
cb_journal_outcome_finish (CbJournal     *self,
                           GAsyncResult  *result,
                           GError       **error)
{
  return finish_boolean (self, result, error);
}

static gpointer
end (Work          *work,
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

  start (self, work_new (self, book, end), cb_journal_end_async, NULL, callback, user_data);
}

gboolean
cb_journal_end_finish (CbJournal     *self,
                       GAsyncResult  *result,
                       GError       **error)
{
  return finish_boolean (self, result, error);
}

/* --- reading --- */

static CbJournalEntry *
read_entry (const char  *folder,
            const char  *id,
            GError     **error)
{
  g_autofree char *path = path_of (folder, id);
  g_autoptr (CbJournalFile) file = cb_journal_file_open (path, FALSE, error);
  CbJournalEntry *entry = file != NULL ? cb_journal_entry_read (file, error) : NULL;

  if (entry != NULL)
    entry->id = g_strdup (id);

  return entry;
}

static gpointer
list (Work          *work,
      GCancellable  *cancellable,
      GError       **error)
{
  g_autoptr (GPtrArray) ids = list_ids (work->folder);
  GPtrArray *entries = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_journal_entry_free);

  for (guint i = 0; i < ids->len && !g_cancellable_is_cancelled (cancellable); i++)
    {
      g_autoptr (GError) unreadable = NULL;
      CbJournalEntry *entry = read_entry (work->folder, g_ptr_array_index (ids, i), &unreadable);

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
  Work *work;

  g_return_if_fail (CB_IS_JOURNAL (self));

  work = work_new (self, NULL, list);
  work->free_result = (GDestroyNotify) g_ptr_array_unref;
  start (self, work, cb_journal_list_async, cancellable, callback, user_data);
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

  return g_task_propagate_pointer (G_TASK (result), error);
}

static gboolean
is_to_undo (const CbJournalEntry *entry,
            const CbJournalEntry *place)
{
  return !entry->undone && !entry->busy && (entry->n_done > 0 || !entry->ended) && entry->n_captured > 0 &&
         (place == NULL || cb_journal_entry_is_at (entry, place));
}

/* Which batches there are, and what of them is back. */
static void
find_batches (CbJournalBook *book)
{
  GArray *records = cb_journal_file_get_records (book->file);

  book->batches = g_array_new (FALSE, TRUE, sizeof (Batch));
  g_array_set_clear_func (book->batches, (GDestroyNotify) batch_clear);
  for (guint i = 0; i < records->len; i++)
    {
      CbJournalRecord *record = &g_array_index (records, CbJournalRecord, i);

      if (record->tag == CB_JOURNAL_TAKE)
        {
          Batch batch = { .take = i, .n = record->number };

          g_array_append_val (book->batches, batch);
        }
      else if (record->number < book->batches->len)
        {
          Batch *batch = &g_array_index (book->batches, Batch, record->number);

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
open_book (Work          *work,
           GCancellable  *cancellable,
           GError       **error)
{
  g_autoptr (CbJournalBook) book = g_new0 (CbJournalBook, 1);
  g_autofree char *id = g_strdup (work->id);

  if (id == NULL)
    {
      g_autoptr (GPtrArray) ids = list_ids (work->folder);

      for (guint i = 0; id == NULL && i < ids->len; i++)
        {
          g_autoptr (CbJournalEntry) entry = read_entry (work->folder, g_ptr_array_index (ids, i), NULL);

          if (entry != NULL && is_to_undo (entry, work->entry))
            id = g_strdup (entry->id);
        }
      if (id == NULL)
        {
          g_set_error_literal (error, CB_JOURNAL_ERROR, CB_JOURNAL_ERROR_NOT_FOUND, "There is nothing to undo here");
          return NULL;
        }
    }
  if (!is_id (id))
    {
      g_set_error_literal (error, CB_JOURNAL_ERROR, CB_JOURNAL_ERROR_NOT_FOUND,
                           "Entries of the undo journal have names of digits and dashes, like 20261126-190602");
      return NULL;
    }

  book->path = path_of (work->folder, id);
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

  if (book->entry->undone)
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
 * @id: (nullable): which; %NULL for the latest that can be undone
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
  Work *work;

  g_return_if_fail (CB_IS_JOURNAL (self));
  g_return_if_fail (engine == NULL || CB_IS_ENGINE (engine));

  work = work_new (self, NULL, open_book);
  work->free_result = (GDestroyNotify) cb_journal_book_close;
  work->id = g_strdup (id);
  if (engine != NULL)
    {
      const CbDeed any = { CB_DEED_REMOVE, 0, NULL };

      work->entry = cb_journal_entry_new (&any);
      cb_journal_entry_set_engine (work->entry, engine, run_id);
    }
  start (self, work, cb_journal_open_async, cancellable, callback, user_data);
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

  return g_task_propagate_pointer (G_TASK (result), error);
}

static gboolean
read_batch (CbJournalBook  *book,
            const Batch    *batch,
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
read_next (Work          *work,
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
      if (!read_batch (book, &g_array_index (book->batches, Batch, book->next), captures, error))
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
  Work *work;

  g_return_if_fail (CB_IS_JOURNAL (self));
  g_return_if_fail (book != NULL && book->batches != NULL);

  work = work_new (self, book, read_next);
  work->free_result = (GDestroyNotify) g_ptr_array_unref;
  start (self, work, cb_journal_read_async, cancellable, callback, user_data);
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

  return g_task_propagate_pointer (G_TASK (result), error);
}

static gpointer
undone (Work          *work,
        GCancellable  *cancellable,
        GError       **error)
{
  CbJournalBook *book = work->book;
  const Batch *batch = &g_array_index (book->batches, Batch, book->next);
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
  Work *work;

  g_return_if_fail (CB_IS_JOURNAL (self));
  g_return_if_fail (book != NULL && book->read != NULL);
  g_return_if_fail (back != NULL && back->len == book->read->len);

  work = work_new (self, book, undone);
  work->back = g_array_ref (back);
  start (self, work, cb_journal_undone_async, NULL, callback, user_data);
}

gboolean
cb_journal_undone_finish (CbJournal     *self,
                          GAsyncResult  *result,
                          GError       **error)
{
  return finish_boolean (self, result, error);
}

static gpointer
undo_end (Work          *work,
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

  start (self, work_new (self, book, undo_end), cb_journal_undo_end_async, NULL, callback, user_data);
}

gboolean
cb_journal_undo_end_finish (CbJournal     *self,
                            GAsyncResult  *result,
                            GError       **error)
{
  return finish_boolean (self, result, error);
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
