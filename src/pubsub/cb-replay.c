/* cb-replay.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-replay.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "cb-message-line.h"
#include "cb-publication.h"

#define READ_SIZE (64 * 1024)
/* The longest value of Redis as Base64, and what stands around it. */
#define MAX_LINE (768 * 1024 * 1024)
/* Sent and not answered. */
#define MAX_ASKED 200
#define PROGRESS_USEC (G_USEC_PER_SEC / 5)
/* What is sent in one go, where nothing is to be waited for. */
#define MAX_IN_A_ROW 64

struct _CbReplay
{
  GObject parent_instance;

  CbConnection *connection;  /* (owned) */
  GFile *file;               /* (owned) */
  double speed;

  GTask *task;               /* (owned) (nullable) while it runs */
  GInputStream *stream;      /* (owned) (nullable) */
  GByteArray *buffer;        /* (owned) what was read and is not used yet, from @at on */
  guint at;
  guint scanned;             /* no line break before this */
  gboolean at_end;
  gboolean reading;
  CbMessageLine next;
  gboolean has_next;
  GSource *timer;            /* (owned) (nullable) */
  GError *error;             /* (owned) (nullable) what it ends with, when all is answered */

  guint64 line;
  gint64 first_time;         /* µs since 1970 UTC, of the file; -1 before the first */
  gint64 began;              /* µs monotonic */
  gint64 told;               /* µs monotonic */
  guint n_asked;
  guint64 n_sent;
  guint64 n_receivers;
};

static guint progress_signal;

G_DEFINE_FINAL_TYPE (CbReplay, cb_replay, G_TYPE_OBJECT)

static void go_on (CbReplay *self);

static void
stop_timer (CbReplay *self)
{
  if (self->timer == NULL)
    return;
  g_source_destroy (self->timer);
  g_clear_pointer (&self->timer, g_source_unref);
}

static void
tell_progress (CbReplay *self,
               gboolean  at_once)
{
  gint64 now = g_get_monotonic_time ();

  if (!at_once && now < self->told + PROGRESS_USEC)
    return;
  self->told = now;
  g_signal_emit (self, progress_signal, 0);
}

/* No more is sent; ends when all is answered. */
static void
take_error (CbReplay *self,
            GError   *error) /* transfer full */
{
  if (self->error == NULL)
    self->error = error;
  else
    g_error_free (error);
  self->at_end = TRUE;
  if (self->has_next)
    cb_message_line_clear (&self->next);
  self->has_next = FALSE;
  stop_timer (self);
}

static void
answered_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (CbReplay) self = user_data;
  GError *error = NULL;
  g_autoptr (CbReply) reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);
  gint64 receivers = 0;

  self->n_asked--;
  if (reply == NULL)
    {
      take_error (self, error);
    }
  else
    {
      cb_value_get_integer (cb_reply_get_value (reply), &receivers);
      self->n_sent++;
      self->n_receivers += (guint64) MAX (receivers, 0);
      tell_progress (self, FALSE);
    }
  go_on (self);
}

static void
read_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr (CbReplay) self = user_data;
  GError *error = NULL;
  g_autoptr (GBytes) bytes = g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, &error);

  self->reading = FALSE;
  if (bytes == NULL)
    take_error (self, error);
  else if (g_bytes_get_size (bytes) == 0)
    self->at_end = TRUE;
  else
    g_byte_array_append (self->buffer, g_bytes_get_data (bytes, NULL), (guint) g_bytes_get_size (bytes));
  go_on (self);
}

/* Takes the next line out of the buffer. FALSE when there is no whole one. */
static gboolean
take_line (CbReplay    *self,
           const char **text,
           gsize       *length)
{
  const char *data = (const char *) self->buffer->data;
  const char *end = NULL;

  if (self->scanned < self->buffer->len)
    end = memchr (data + self->scanned, '\n', self->buffer->len - self->scanned);
  if (end == NULL)
    {
      self->scanned = self->buffer->len;
      if (!self->at_end || self->error != NULL || self->at == self->buffer->len)
        return FALSE;
      end = data + self->buffer->len; /* the last, which has no line break */
    }

  *text = data + self->at;
  *length = (gsize) (end - *text);
  self->at = (guint) MIN ((gsize) (end - data) + 1, self->buffer->len);
  self->scanned = self->at;
  return TRUE;
}

static void
read_more (CbReplay *self)
{
  if (self->at > 0)
    g_byte_array_remove_range (self->buffer, 0, self->at);
  self->scanned -= self->at;
  self->at = 0;
  if (self->buffer->len > MAX_LINE)
    {
      g_autofree char *number = g_strdup_printf ("%" G_GUINT64_FORMAT, self->line + 1);

      take_error (self, g_error_new (G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _("Line %s is longer than any message can be."),
                                     number));
      return;
    }
  self->reading = TRUE;
  g_input_stream_read_bytes_async (self->stream, READ_SIZE, G_PRIORITY_DEFAULT, g_task_get_cancellable (self->task), read_cb,
                                   g_object_ref (self));
}

/* Finds the next message. FALSE when it is not there yet, or none comes. */
static gboolean
find_next (CbReplay *self)
{
  const char *text;
  gsize length;

  while (!self->has_next && self->error == NULL && take_line (self, &text, &length))
    {
      GError *error = NULL;

      self->line++;
      if (length == 0 || (length == 1 && text[0] == '\r'))
        continue;
      if (!cb_message_line_parse (text, length, &self->next, &error))
        {
          g_autofree char *number = g_strdup_printf ("%" G_GUINT64_FORMAT, self->line);

          /* Translators: a number; behind it comes a sentence about what is wrong */
          g_prefix_error (&error, _("Line %s is no message: "), number);
          take_error (self, error);
          return FALSE;
        }
      if (self->next.channel == NULL)
        cb_message_line_clear (&self->next);
      else
        self->has_next = TRUE;
    }
  return self->has_next;
}

/* When the next message is to be sent, µs monotonic. One without a time is sent with the one before. */
static gint64
get_due (CbReplay *self)
{
  if (self->speed <= 0 || self->next.time < 0)
    return 0;
  if (self->first_time < 0)
    {
      self->first_time = self->next.time;
      self->began = g_get_monotonic_time ();
    }
  return self->began + (gint64) ((double) (self->next.time - self->first_time) / self->speed);
}

static gboolean
timer_cb (gpointer data)
{
  CbReplay *self = data;

  g_clear_pointer (&self->timer, g_source_unref);
  go_on (self);
  return G_SOURCE_REMOVE;
}

static void
wait_until (CbReplay *self,
            gint64    due)
{
  gint64 msec = (due - g_get_monotonic_time () + 999) / 1000;

  /* A day at most: the clock is looked at again then. */
  self->timer = g_timeout_source_new ((guint) CLAMP (msec, 0, 24 * 3600 * 1000));
  g_source_set_callback (self->timer, timer_cb, g_object_ref (self), g_object_unref);
  g_source_attach (self->timer, g_main_context_get_thread_default ());
}

static void
end (CbReplay *self)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->task);

  tell_progress (self, TRUE);
  if (self->error != NULL)
    g_task_return_error (task, g_steal_pointer (&self->error));
  else
    g_task_return_boolean (task, TRUE);
}

static void
go_on (CbReplay *self)
{
  if (self->task == NULL || self->stream == NULL || self->timer != NULL)
    return;

  for (guint n = 0; self->n_asked < MAX_ASKED; n++)
    {
      gint64 due;

      if (self->error == NULL)
        {
          GError *error = NULL;

          if (g_cancellable_set_error_if_cancelled (g_task_get_cancellable (self->task), &error))
            take_error (self, error);
        }
      if (!find_next (self))
        break;

      due = get_due (self);
      if (due > g_get_monotonic_time ())
        {
          wait_until (self, due);
          return;
        }
      if (n == MAX_IN_A_ROW)
        {
          wait_until (self, 0);
          return;
        }

      self->n_asked++;
      cb_connection_call_async (self->connection,
                                cb_publish_command_new (self->next.sharded, self->next.channel, self->next.payload), NULL,
                                answered_cb, g_object_ref (self));
      cb_message_line_clear (&self->next);
      self->has_next = FALSE;
    }

  if (self->has_next || self->n_asked >= MAX_ASKED)
    return;
  if (!self->at_end && !self->reading)
    read_more (self);
  if (self->at_end && !self->reading && self->n_asked == 0)
    end (self);
}

static void
opened_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (CbReplay) self = user_data;
  GError *error = NULL;
  GFileInputStream *stream = g_file_read_finish (G_FILE (source), result, &error);

  if (stream == NULL)
    {
      g_autoptr (GTask) task = g_steal_pointer (&self->task);

      g_task_return_error (task, error);
      return;
    }
  self->stream = G_INPUT_STREAM (stream);
  go_on (self);
}

static void
cancelled_cb (GCancellable *cancellable,
              CbReplay     *self)
{
  if (self->timer != NULL)
    g_source_set_ready_time (self->timer, 0);
}

CbReplay *
cb_replay_new (CbConnection *connection,
               GFile        *file,
               double        speed)
{
  CbReplay *self;

  g_return_val_if_fail (CB_IS_CONNECTION (connection), NULL);
  g_return_val_if_fail (G_IS_FILE (file), NULL);
  g_return_val_if_fail (speed >= 0, NULL);

  self = g_object_new (CB_TYPE_REPLAY, NULL);
  self->connection = g_object_ref (connection);
  self->file = g_object_ref (file);
  self->speed = speed;
  return self;
}

/**
 * cb_replay_run_async:
 * @self: a replay, which runs once
 * @cancellable: (nullable): stops it; what was sent stays sent
 * @callback: told of the outcome
 * @user_data: data for @callback
 *
 * Errors: what the file or the server says, or %G_IO_ERROR_INVALID_DATA with the number of the line.
 */
void
cb_replay_run_async (CbReplay            *self,
                     GCancellable        *cancellable,
                     GAsyncReadyCallback  callback,
                     gpointer             user_data)
{
  g_return_if_fail (CB_IS_REPLAY (self));
  g_return_if_fail (self->task == NULL && self->stream == NULL);

  self->task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (self->task, cb_replay_run_async);
  if (cancellable != NULL)
    g_signal_connect_object (cancellable, "cancelled", G_CALLBACK (cancelled_cb), self, 0);
  g_file_read_async (self->file, G_PRIORITY_DEFAULT, cancellable, opened_cb, g_object_ref (self));
}

gboolean
cb_replay_run_finish (CbReplay     *self,
                      GAsyncResult *result,
                      GError      **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

guint64
cb_replay_get_n_sent (CbReplay *self)
{
  g_return_val_if_fail (CB_IS_REPLAY (self), 0);
  return self->n_sent;
}

guint64
cb_replay_get_n_receivers (CbReplay *self)
{
  g_return_val_if_fail (CB_IS_REPLAY (self), 0);
  return self->n_receivers;
}

static void
cb_replay_finalize (GObject *object)
{
  CbReplay *self = CB_REPLAY (object);

  stop_timer (self);
  if (self->has_next)
    cb_message_line_clear (&self->next);
  g_clear_error (&self->error);
  g_clear_object (&self->stream);
  g_byte_array_unref (self->buffer);
  g_object_unref (self->file);
  g_object_unref (self->connection);

  G_OBJECT_CLASS (cb_replay_parent_class)->finalize (object);
}

static void
cb_replay_class_init (CbReplayClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = cb_replay_finalize;

  progress_signal = g_signal_new ("progress", CB_TYPE_REPLAY, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
cb_replay_init (CbReplay *self)
{
  self->buffer = g_byte_array_new ();
  self->first_time = -1;
}
