/* cb-outbox.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-outbox.h"

#define PROGRESS_INTERVAL_USEC (50 * G_TIME_SPAN_MILLISECOND)

/* From this many waiting entries on, lines go together, in one call for at most this many bytes. */
#define MANY_ENTRIES 64
#define ENTRY_BYTES (64 * 1024)

/* A handler that has told so much more than the server could take is broken. */
#define MAX_BYTES (16 * 1024 * 1024)

typedef struct
{
  GString *lines;              /* (owned) (nullable) one or more, NUL between them; NULL: this is progress */
  int percent;
  GBytes *data;                /* (owned) (nullable) JSON that goes with the progress */
} Entry;

struct _CbOutbox
{
  GObject parent_instance;

  CbEngine *engine;            /* (owned) */
  CbGate *gate;                /* (owned) */
  CbJobRecord *job;            /* (owned) */

  GQueue entries;              /* (element-type Entry) */
  Entry *progress;             /* (nullable) the one entry among them that is progress */
  gsize n_bytes;               /* of all lines that wait */
  guint64 n_dropped;           /* lines that were one too many */

  CbOutboxLostFunc lost;       /* (nullable) */
  gpointer lost_data;
  CbGateFunc opening;          /* (nullable) what is called before the first is sent */
  gpointer opening_data;

  Entry *sending;              /* (owned) (nullable) */
  gint64 next_progress;        /* monotonic: not before then */
  guint pace_source;
  GTask *flush;                /* (owned) (nullable) */
  gboolean closed;
};

G_DEFINE_FINAL_TYPE (CbOutbox, cb_outbox, G_TYPE_OBJECT)

static void send_next (CbOutbox *self);

static void
entry_free (Entry *entry)
{
  if (entry->lines != NULL)
    g_string_free (entry->lines, TRUE);
  g_clear_pointer (&entry->data, g_bytes_unref);
  g_free (entry);
}

static void
forget_all (CbOutbox *self)
{
  self->progress = NULL;
  self->n_bytes = 0;
  g_queue_clear_full (&self->entries, (GDestroyNotify) entry_free);
  g_clear_handle_id (&self->pace_source, g_source_remove);
}

static gboolean
is_loss (const GError *error)
{
  return g_error_matches (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_NOT_OWNER)
         || g_error_matches (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_GONE);
}

static void
put_back (CbOutbox *self, Entry *entry)
{
  if (entry->lines == NULL)
    {
      /* Told again meanwhile: only the latest counts. */
      if (self->progress != NULL)
        {
          entry_free (entry);
          return;
        }
      self->progress = entry;
    }
  else
    {
      self->n_bytes += entry->lines->len;
    }

  g_queue_push_head (&self->entries, entry);
}

static void
sent_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CbOutbox) self = user_data;
  g_autoptr (GError) error = NULL;
  Entry *entry = g_steal_pointer (&self->sending);

  if (entry->lines != NULL)
    cb_engine_log_finish (self->engine, result, &error);
  else
    cb_engine_progress_finish (self->engine, result, &error);

  if (error != NULL && cb_error_is_outage (error))
    {
      /* A line whose reply was lost may be written twice now. That is better than not at all. */
      if (self->closed)
        entry_free (entry);
      else
        put_back (self, entry);

      cb_gate_shut (self->gate, error);
    }
  else
    {
      if (entry->lines == NULL)
        self->next_progress = g_get_monotonic_time () + PROGRESS_INTERVAL_USEC;
      entry_free (entry);

      cb_gate_open (self->gate);

      if (error != NULL && is_loss (error) && !self->closed)
        {
          cb_outbox_close (self);
          if (self->lost != NULL)
            self->lost (error, self->lost_data);
        }
      else if (error != NULL)
        {
          /* Something about this job's keys. Its outcome is what matters, and that will tell. */
          g_debug ("Job %s: %s", self->job->id, error->message);
        }
    }

  send_next (self);
}

static gboolean
pace_cb (gpointer user_data)
{
  CbOutbox *self = user_data;

  self->pace_source = 0;
  send_next (self);

  return G_SOURCE_REMOVE;
}

static gboolean
must_wait (CbOutbox *self, Entry *entry)
{
  gint64 early;

  if (entry->lines != NULL || self->flush != NULL)
    return FALSE;

  early = self->next_progress - g_get_monotonic_time ();
  if (early <= 0)
    return FALSE;

  if (self->pace_source == 0)
    self->pace_source = g_timeout_add (early / 1000 + 1, pace_cb, self);

  return TRUE;
}

/* Past the gate. */
static void
send_now (gpointer user_data)
{
  CbOutbox *self = user_data;
  Entry *entry;

  if (self->sending != NULL)
    return;

  entry = g_queue_pop_head (&self->entries);
  if (entry == NULL)
    return;

  self->sending = entry;
  if (self->opening != NULL)
    self->opening (self->opening_data);
  if (entry->lines != NULL)
    {
      self->n_bytes -= entry->lines->len;
      cb_engine_log_async (self->engine, self->job, entry->lines->str, entry->lines->len, NULL,
                           sent_cb, g_object_ref (self));
    }
  else
    {
      self->progress = NULL;
      cb_engine_progress_async (self->engine, self->job, entry->percent, entry->data, NULL,
                                sent_cb, g_object_ref (self));
    }
}

static void
send_next (CbOutbox *self)
{
  Entry *entry;

  if (self->sending != NULL)
    return;

  entry = g_queue_peek_head (&self->entries);
  if (entry == NULL)
    {
      g_autoptr (GTask) flush = g_steal_pointer (&self->flush);

      if (flush != NULL)
        g_task_return_boolean (flush, TRUE);
      return;
    }

  if (!cb_gate_is_open (self->gate))
    cb_gate_wait (self->gate, send_now, self);
  else if (!must_wait (self, entry))
    send_now (self);
}

static void
cb_outbox_dispose (GObject *object)
{
  CbOutbox *self = CB_OUTBOX (object);

  forget_all (self);
  if (self->gate != NULL)
    cb_gate_forget (self->gate, self);

  g_clear_object (&self->flush);
  g_clear_object (&self->gate);
  g_clear_object (&self->engine);
  g_clear_pointer (&self->job, cb_job_record_unref);

  G_OBJECT_CLASS (cb_outbox_parent_class)->dispose (object);
}

static void
cb_outbox_class_init (CbOutboxClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = cb_outbox_dispose;
}

static void
cb_outbox_init (CbOutbox *self)
{
  g_queue_init (&self->entries);
}

/**
 * cb_outbox_new:
 * @engine: the engine the job is of
 * @gate: what has to be passed before anything is sent
 * @job: the job as it was claimed
 *
 * Returns: (transfer full): an empty outbox
 */
CbOutbox *
cb_outbox_new (CbEngine *engine, CbGate *gate, CbJobRecord *job)
{
  CbOutbox *self = g_object_new (CB_TYPE_OUTBOX, NULL);

  self->engine = g_object_ref (engine);
  self->gate = g_object_ref (gate);
  self->job = cb_job_record_ref (job);

  return self;
}

/**
 * cb_outbox_set_lost:
 * @self: an outbox
 * @lost: (nullable): is called when the job is no longer ours; nothing more is sent then
 * @user_data: data for @lost
 *
 * A callback and no signal, as there is an outbox for each job.
 */
void
cb_outbox_set_lost (CbOutbox *self, CbOutboxLostFunc lost, gpointer user_data)
{
  g_return_if_fail (CB_IS_OUTBOX (self));

  self->lost = lost;
  self->lost_data = user_data;
}

/**
 * cb_outbox_set_opening:
 * @self: an outbox
 * @opening: (nullable): is called before anything is sent, until it is set to %NULL
 * @user_data: data for @opening
 *
 * For what has to be told before.
 */
void
cb_outbox_set_opening (CbOutbox *self, CbGateFunc opening, gpointer user_data)
{
  g_return_if_fail (CB_IS_OUTBOX (self));

  self->opening = opening;
  self->opening_data = user_data;
}

/**
 * cb_outbox_progress:
 * @self: an outbox
 * @percent: 0 to 100
 * @data: (nullable): JSON that goes with it
 *
 * Takes the place of progress that has not been sent yet, behind the lines that were told before.
 */
void
cb_outbox_progress (CbOutbox *self, int percent, GBytes *data)
{
  Entry *entry;

  g_return_if_fail (CB_IS_OUTBOX (self));

  if (self->closed)
    return;

  if (self->progress != NULL)
    {
      g_queue_remove (&self->entries, self->progress);
      entry_free (self->progress);
    }

  entry = g_new0 (Entry, 1);
  entry->percent = CLAMP (percent, 0, 100);
  entry->data = data != NULL ? g_bytes_ref (data) : NULL;
  g_queue_push_tail (&self->entries, entry);
  self->progress = entry;

  send_next (self);
}

/**
 * cb_outbox_log:
 * @self: an outbox
 * @line: text without the newline at its end
 *
 * Adds a line to the log of the job.
 */
void
cb_outbox_log (CbOutbox *self, const char *line)
{
  gsize length = strlen (line);
  Entry *last;

  g_return_if_fail (CB_IS_OUTBOX (self));

  if (self->closed)
    return;

  if (self->n_bytes + length > MAX_BYTES)
    {
      self->n_dropped++;
      return;
    }

  last = g_queue_peek_tail (&self->entries);
  if (self->entries.length >= MANY_ENTRIES && last->lines != NULL && last->lines->len + length < ENTRY_BYTES)
    {
      g_string_append_c (last->lines, '\0');
      g_string_append_len (last->lines, line, length);
      self->n_bytes += length + 1;
    }
  else
    {
      last = g_new0 (Entry, 1);
      last->lines = g_string_new_len (line, length);
      g_queue_push_tail (&self->entries, last);
      self->n_bytes += length;
    }

  send_next (self);
}

/**
 * cb_outbox_flush_async:
 * @self: an outbox
 * @callback: called when nothing waits any more
 * @user_data: data for @callback
 *
 * Sends all there is without pausing. While the server is away this takes as long as that lasts. One at a time.
 */
void
cb_outbox_flush_async (CbOutbox *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (CB_IS_OUTBOX (self));
  g_return_if_fail (self->flush == NULL);

  task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (task, cb_outbox_flush_async);

  if (self->n_dropped > 0 && !self->closed)
    {
      Entry *entry = g_new0 (Entry, 1);

      entry->lines = g_string_new (NULL);
      g_string_append_printf (entry->lines, "(%" G_GUINT64_FORMAT " more lines were told faster than they could be written)",
                              self->n_dropped);
      self->n_dropped = 0;
      self->n_bytes += entry->lines->len;
      g_queue_push_tail (&self->entries, entry);
    }

  self->flush = g_steal_pointer (&task);
  g_clear_handle_id (&self->pace_source, g_source_remove);
  send_next (self);
}

/**
 * cb_outbox_flush_finish:
 * @self: an outbox
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends cb_outbox_flush_async(). It succeeds also when the job was lost on the way, which has been told then.
 *
 * Returns: %TRUE
 */
gboolean
cb_outbox_flush_finish (CbOutbox *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * cb_outbox_is_idle:
 * @self: an outbox
 *
 * Returns: whether nothing waits and nothing is under way, so that a flush would be over at once
 */
gboolean
cb_outbox_is_idle (CbOutbox *self)
{
  g_return_val_if_fail (CB_IS_OUTBOX (self), TRUE);

  return self->sending == NULL && self->entries.length == 0 && (self->n_dropped == 0 || self->closed);
}

/**
 * cb_outbox_close:
 * @self: an outbox
 *
 * Drops what waits. What is told from now on is dropped as well, so that a handler which has not noticed yet that its job was
 * taken away changes nothing.
 */
void
cb_outbox_close (CbOutbox *self)
{
  g_return_if_fail (CB_IS_OUTBOX (self));

  self->closed = TRUE;
  forget_all (self);
  cb_gate_forget (self->gate, self);
  send_next (self);
}
