/* cb-undo.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-undo.h"

#include "cb-journal-private.h"
#include "cb-run-id.h"

struct _CbUndo
{
  GObject        parent_instance;

  CbEngine      *engine;      /* (owned) */
  CbJournal     *journal;     /* (owned) */
  char          *id;          /* (owned) (nullable) */

  gboolean       ran;
  gboolean       running;
  guint          n_total;
  guint          n_back;
  guint          n_same;
  guint          n_kept;
  guint          n_failed;
  GPtrArray     *outcomes;    /* (owned) (element-type CbJobOutcome) */
  GPtrArray     *ids;         /* (owned) (element-type utf8) */

  CbJournalBook *book;        /* (owned) (nullable) while it runs */
  CbJournalEntry *entry;      /* (owned) (nullable) afterwards */
  GPtrArray     *captures;    /* (owned) (nullable) (element-type CbCapture) of the batch */
};

enum
{
  PROP_0,
  PROP_ENGINE,
  PROP_JOURNAL,
  PROP_ID,
  PROP_N_TOTAL,
  PROP_N_BACK,
  PROP_N_SAME,
  PROP_N_KEPT,
  PROP_N_FAILED,
  PROP_PROGRESS,
  PROP_RUNNING,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (CbUndo, cb_undo, G_TYPE_OBJECT)

static void read_batch (GTask *task);

static void
notify_counts (CbUndo *self)
{
  for (guint i = PROP_N_TOTAL; i <= PROP_PROGRESS; i++)
    g_object_notify_by_pspec (G_OBJECT (self), properties[i]);
}

/* @error is taken. */
static void
finish (GTask  *task,
        GError *error)
{
  CbUndo *self = g_task_get_source_object (task);

  if (self->book != NULL)
    {
      self->entry = cb_journal_entry_copy (cb_journal_book_get_entry (self->book));
      g_clear_pointer (&self->book, cb_journal_book_close);
    }
  g_clear_pointer (&self->captures, g_ptr_array_unref);
  self->running = FALSE;
  notify_counts (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RUNNING]);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static void
ended_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  cb_journal_undo_end_finish (CB_JOURNAL (source), result, &error);
  finish (task, error);
}

static void
undone_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (!cb_journal_undone_finish (CB_JOURNAL (source), result, &error))
    finish (task, error);
  else
    read_batch (task);
}

static void
add_outcome (CbUndo       *self,
             CbJobOutcome *outcome)
{
  CbJobOutcome *copy;

  if (self->outcomes->len == CB_UNDO_MOST_OUTCOMES)
    return;
  copy = g_new0 (CbJobOutcome, 1);
  copy->id = g_strdup (outcome->id);
  copy->error = g_error_copy (outcome->error);
  g_ptr_array_add (self->outcomes, copy);
}

static void
restored_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GPtrArray) outcomes = NULL;
  g_autoptr (GArray) back = NULL;
  CbUndo *self = g_task_get_source_object (task);
  GError *error = NULL;

  outcomes = cb_engine_restore_finish (CB_ENGINE (source), result, &error);
  if (outcomes == NULL)
    {
      finish (task, error);
      return;
    }

  back = g_array_new (FALSE, FALSE, sizeof (gboolean));
  for (guint i = 0; i < outcomes->len; i++)
    {
      CbJobOutcome *outcome = g_ptr_array_index (outcomes, i);
      gboolean is_back = outcome->error == NULL;

      if (outcome->error == NULL)
        {
          self->n_back++;
          if (self->ids->len < CB_UNDO_MOST_OUTCOMES)
            g_ptr_array_add (self->ids, g_strdup (outcome->id));
        }
      else if (g_error_matches (outcome->error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_UNCHANGED))
        {
          self->n_same++;
          is_back = TRUE;
        }
      else
        {
          if (g_error_matches (outcome->error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_CHANGED))
            self->n_kept++;
          else
            self->n_failed++;
          add_outcome (self, outcome);
        }
      g_array_append_val (back, is_back);
    }

  notify_counts (self);
  cb_journal_undone_async (self->journal, self->book, back, undone_cb, g_object_ref (task));
}

static void
read_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  CbUndo *self = g_task_get_source_object (task);
  GError *error = NULL;

  g_clear_pointer (&self->captures, g_ptr_array_unref);
  self->captures = cb_journal_read_finish (CB_JOURNAL (source), result, &error);
  if (self->captures == NULL)
    finish (task, error);
  else if (self->captures->len == 0 && self->n_failed > 0)
    finish (task, NULL); /* it may be tried again */
  else if (self->captures->len == 0)
    cb_journal_undo_end_async (self->journal, self->book, ended_cb, g_object_ref (task));
  else if (g_cancellable_set_error_if_cancelled (g_task_get_cancellable (task), &error))
    finish (task, error);
  else
    /* Not cancelled: what was sent will be done, and is to be written down. */
    cb_engine_restore_async (self->engine, cb_journal_book_get_entry (self->book)->deed, self->captures, NULL, restored_cb,
                             g_object_ref (task));
}

static void
read_batch (GTask *task)
{
  CbUndo *self = g_task_get_source_object (task);

  cb_journal_read_async (self->journal, self->book, NULL, read_cb, g_object_ref (task));
}

static void
opened_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  CbUndo *self = g_task_get_source_object (task);
  CbJournalEntry *entry;
  GError *error = NULL;

  self->book = cb_journal_open_finish (CB_JOURNAL (source), result, &error);
  if (self->book == NULL)
    {
      finish (task, error);
      return;
    }

  entry = cb_journal_book_get_entry (self->book);
  self->n_total = MAX (entry->n_done, entry->ended ? 0 : entry->n_captured) - MIN (entry->n_undone, entry->n_done);
  notify_counts (self);
  read_batch (task);
}

static void
run_id_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  CbUndo *self = g_task_get_source_object (task);
  g_autofree char *run_id = cb_run_id_ask_finish (result);

  cb_journal_open_async (self->journal, self->id, self->engine, run_id, NULL, opened_cb, g_object_ref (task));
}

/**
 * cb_undo_run_async:
 *
 * Puts back what the entry holds, the job that was acted on last first.
 */
void
cb_undo_run_async (CbUndo              *self,
                   GCancellable        *cancellable,
                   GAsyncReadyCallback  callback,
                   gpointer             user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (CB_IS_UNDO (self));
  g_return_if_fail (!self->ran);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, cb_undo_run_async);
  g_task_set_check_cancellable (task, FALSE);
  self->ran = TRUE;
  self->running = TRUE;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RUNNING]);
  cb_run_id_ask_async (self->engine, cancellable, run_id_cb, g_object_ref (task));
}

/**
 * cb_undo_run_finish:
 *
 * Returns: %FALSE when it did not come to its end: errors of the journal (nothing to undo, undone already) and of the connection
 */
gboolean
cb_undo_run_finish (CbUndo        *self,
                    GAsyncResult  *result,
                    GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

CbJournalEntry *
cb_undo_get_entry (CbUndo *self)
{
  return self->book != NULL ? cb_journal_book_get_entry (self->book) : self->entry;
}

guint
cb_undo_get_n_back (CbUndo *self)
{
  return self->n_back;
}

guint
cb_undo_get_n_same (CbUndo *self)
{
  return self->n_same;
}

guint
cb_undo_get_n_kept (CbUndo *self)
{
  return self->n_kept;
}

guint
cb_undo_get_n_failed (CbUndo *self)
{
  return self->n_failed;
}

GPtrArray *
cb_undo_get_outcomes (CbUndo *self)
{
  return self->outcomes;
}

GPtrArray *
cb_undo_get_ids (CbUndo *self)
{
  return self->ids;
}

static void
cb_undo_finalize (GObject *object)
{
  CbUndo *self = CB_UNDO (object);

  g_clear_object (&self->engine);
  g_clear_object (&self->journal);
  g_free (self->id);
  g_ptr_array_unref (self->outcomes);
  g_ptr_array_unref (self->ids);
  g_clear_pointer (&self->captures, g_ptr_array_unref);
  cb_journal_book_close (self->book);
  cb_journal_entry_free (self->entry);

  G_OBJECT_CLASS (cb_undo_parent_class)->finalize (object);
}

static void
cb_undo_get_property (GObject    *object,
                      guint       prop_id,
                      GValue     *value,
                      GParamSpec *pspec)
{
  CbUndo *self = CB_UNDO (object);
  guint n_seen = self->n_back + self->n_same + self->n_kept + self->n_failed;

  switch (prop_id)
    {
    case PROP_ENGINE:
      g_value_set_object (value, self->engine);
      break;

    case PROP_JOURNAL:
      g_value_set_object (value, self->journal);
      break;

    case PROP_ID:
      g_value_set_string (value, self->id);
      break;

    case PROP_N_TOTAL:
      g_value_set_uint (value, self->n_total);
      break;

    case PROP_N_BACK:
      g_value_set_uint (value, self->n_back);
      break;

    case PROP_N_SAME:
      g_value_set_uint (value, self->n_same);
      break;

    case PROP_N_KEPT:
      g_value_set_uint (value, self->n_kept);
      break;

    case PROP_N_FAILED:
      g_value_set_uint (value, self->n_failed);
      break;

    case PROP_PROGRESS:
      g_value_set_double (value, self->n_total == 0 ? 0 : MIN (1, (double) n_seen / self->n_total));
      break;

    case PROP_RUNNING:
      g_value_set_boolean (value, self->running);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
cb_undo_set_property (GObject      *object,
                      guint         prop_id,
                      const GValue *value,
                      GParamSpec   *pspec)
{
  CbUndo *self = CB_UNDO (object);

  switch (prop_id)
    {
    case PROP_ENGINE:
      self->engine = g_value_dup_object (value);
      break;

    case PROP_JOURNAL:
      self->journal = g_value_dup_object (value);
      break;

    case PROP_ID:
      self->id = g_value_dup_string (value);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
cb_undo_class_init (CbUndoClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  const GParamFlags given = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = cb_undo_finalize;
  object_class->get_property = cb_undo_get_property;
  object_class->set_property = cb_undo_set_property;

  properties[PROP_ENGINE] = g_param_spec_object ("engine", NULL, NULL, CB_TYPE_ENGINE, given);
  properties[PROP_JOURNAL] = g_param_spec_object ("journal", NULL, NULL, CB_TYPE_JOURNAL, given);
  properties[PROP_ID] = g_param_spec_string ("id", NULL, NULL, NULL, given);
  properties[PROP_N_TOTAL] = g_param_spec_uint ("n-total", NULL, NULL, 0, G_MAXUINT, 0, readable);
  properties[PROP_N_BACK] = g_param_spec_uint ("n-back", NULL, NULL, 0, G_MAXUINT, 0, readable);
  properties[PROP_N_SAME] = g_param_spec_uint ("n-same", NULL, NULL, 0, G_MAXUINT, 0, readable);
  properties[PROP_N_KEPT] = g_param_spec_uint ("n-kept", NULL, NULL, 0, G_MAXUINT, 0, readable);
  properties[PROP_N_FAILED] = g_param_spec_uint ("n-failed", NULL, NULL, 0, G_MAXUINT, 0, readable);
  properties[PROP_PROGRESS] = g_param_spec_double ("progress", NULL, NULL, 0, 1, 0, readable);
  properties[PROP_RUNNING] = g_param_spec_boolean ("running", NULL, NULL, FALSE, readable);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
cb_undo_init (CbUndo *self)
{
  self->outcomes = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_outcome_free);
  self->ids = g_ptr_array_new_with_free_func (g_free);
}

/**
 * cb_undo_new:
 * @id: (nullable): an entry of the journal; %NULL for the latest of this server, database and prefix that was not undone yet
 *
 * Returns: (transfer full): an undo that has not begun
 */
CbUndo *
cb_undo_new (CbEngine   *engine,
             CbJournal  *journal,
             const char *id)
{
  g_return_val_if_fail (CB_IS_ENGINE (engine), NULL);
  g_return_val_if_fail (CB_IS_JOURNAL (journal), NULL);

  return g_object_new (CB_TYPE_UNDO, "engine", engine, "journal", journal, "id", id, NULL);
}
