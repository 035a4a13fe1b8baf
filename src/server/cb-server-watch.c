/* cb-server-watch.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-server-watch.h"

#include <glib/gi18n-lib.h>

#include "cb-json.h"

#define INTERVAL_MSEC 1000
#define SAVE_INTERVAL (60 * G_USEC_PER_SEC)
/* What this user may not ask, or this server calls otherwise, is not asked every second; but it may have been allowed meanwhile. */
#define REFUSED_INTERVAL (60 * G_USEC_PER_SEC)

struct _CbServerWatch
{
  GObject parent_instance;

  CbConnection *connection;   /* (owned) */
  CbServerHistory *history;   /* (owned) */
  CbServerInfo *info;         /* (owned) (nullable) */
  char *save;                 /* (owned) (nullable) */
  char *problem;              /* (owned) (nullable) */
  GCancellable *cancellable;  /* (owned) (nullable) of the question under way */
  gint64 save_asked_at;       /* µs monotonic, 0: never */
  gint64 refused_until;       /* µs monotonic, 0: it is not */
  guint timer_id;
  gboolean running;
};

G_DEFINE_FINAL_TYPE (CbServerWatch, cb_server_watch, G_TYPE_OBJECT)

static guint changed_signal;

CbPipeline *
cb_server_look_new (gboolean with_save)
{
  CbPipeline *pipeline = cb_pipeline_new ();

  cb_pipeline_add (pipeline, cb_command_new ("INFO", NULL));
  if (with_save)
    cb_pipeline_add (pipeline, cb_command_new ("CONFIG", "GET", "save", NULL));
  return pipeline;
}

CbServerInfo *
cb_server_look_take (GPtrArray *replies, char **save, GError **error)
{
  const CbValue *info = cb_reply_get_value (g_ptr_array_index (replies, 0));
  gsize length;
  const char *text = cb_value_get_string (info, &length);

  if (cb_value_is_error (info))
    {
      g_propagate_error (error, cb_redis_error_new_from_reply ("INFO", text, length));
      return NULL;
    }
  if (text == NULL)
    {
      g_set_error_literal (error, CB_REDIS_ERROR, CB_REDIS_ERROR_UNEXPECTED, _ ("INFO was not answered with a text."));
      return NULL;
    }

  if (replies->len > 1)
    {
      gsize size;
      const char *value = cb_value_get_string (cb_value_get_field (cb_reply_get_value (g_ptr_array_index (replies, 1)), "save"), &size);

      if (value != NULL)
        {
          g_free (*save);
          *save = cb_text_display (value, (gssize) MIN (size, 1024), TRUE);
        }
    }
  return cb_server_info_parse (text, length);
}

static void
looked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbServerWatch) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);
  CbServerInfo *info;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  g_clear_object (&self->cancellable);
  info = replies != NULL ? cb_server_look_take (replies, &self->save, &error) : NULL;
  g_clear_pointer (&self->problem, g_free);
  if (info != NULL)
    {
      g_clear_pointer (&self->info, cb_server_info_unref);
      self->info = info;
      cb_server_history_add (self->history, info, g_get_monotonic_time (), cb_connection_get_server_time (self->connection));
    }
  else
    {
      self->problem = g_strdup (error->message);
      if (g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_UNKNOWN_COMMAND) || g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_NOPERM))
        self->refused_until = g_get_monotonic_time () + REFUSED_INTERVAL;
    }
  g_signal_emit (self, changed_signal, 0);
}

static void
look (CbServerWatch *self)
{
  gint64 now = g_get_monotonic_time ();
  gboolean with_save = self->save_asked_at == 0 || now - self->save_asked_at >= SAVE_INTERVAL;

  /* Where the connection is away the window says so, and an answer is still to come where the server is slow. */
  if (self->cancellable != NULL || cb_connection_get_state (self->connection) != CB_CONNECTION_READY || now < self->refused_until)
    return;
  if (with_save)
    self->save_asked_at = now;
  self->cancellable = g_cancellable_new ();
  cb_connection_pipeline_async (self->connection, cb_server_look_new (with_save), self->cancellable, looked_cb, g_object_ref (self));
}

static gboolean
timer_cb (gpointer data)
{
  look (data);
  return G_SOURCE_CONTINUE;
}

/* Another server may stand behind the same name, with other settings. */
static void
state_cb (CbServerWatch *self)
{
  self->save_asked_at = 0;
  self->refused_until = 0;
  if (self->running)
    look (self);
}

static void
cb_server_watch_dispose (GObject *object)
{
  CbServerWatch *self = CB_SERVER_WATCH (object);

  cb_server_watch_set_running (self, FALSE);
  g_clear_object (&self->connection);

  G_OBJECT_CLASS (cb_server_watch_parent_class)->dispose (object);
}

static void
cb_server_watch_finalize (GObject *object)
{
  CbServerWatch *self = CB_SERVER_WATCH (object);

  g_clear_pointer (&self->history, cb_server_history_free);
  g_clear_pointer (&self->info, cb_server_info_unref);
  g_free (self->save);
  g_free (self->problem);

  G_OBJECT_CLASS (cb_server_watch_parent_class)->finalize (object);
}

static void
cb_server_watch_class_init (CbServerWatchClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = cb_server_watch_dispose;
  G_OBJECT_CLASS (klass)->finalize = cb_server_watch_finalize;

  changed_signal = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
cb_server_watch_init (CbServerWatch *self)
{
  self->history = cb_server_history_new ();
}

CbServerWatch *
cb_server_watch_new (CbConnection *connection)
{
  CbServerWatch *self;

  g_return_val_if_fail (CB_IS_CONNECTION (connection), NULL);

  self = g_object_new (CB_TYPE_SERVER_WATCH, NULL);
  self->connection = g_object_ref (connection);
  g_signal_connect_object (connection, "notify::state", G_CALLBACK (state_cb), self, G_CONNECT_SWAPPED);
  return self;
}

/**
 * cb_server_watch_set_running:
 * @running: whether it asks
 *
 * While it doesn't run it costs nothing: there is no timer, and an answer that is still to come is not looked at.
 */
void
cb_server_watch_set_running (CbServerWatch *self, gboolean running)
{
  g_return_if_fail (CB_IS_SERVER_WATCH (self));

  if (self->running == running)
    return;

  self->running = running;
  if (running)
    {
      self->timer_id = g_timeout_add (INTERVAL_MSEC, timer_cb, self);
      look (self);
    }
  else
    {
      g_clear_handle_id (&self->timer_id, g_source_remove);
      if (self->cancellable != NULL)
        g_cancellable_cancel (self->cancellable);
      g_clear_object (&self->cancellable);
    }
}

/**
 * cb_server_watch_refresh:
 *
 * Asks now, also for what was refused, if it runs.
 */
void
cb_server_watch_refresh (CbServerWatch *self)
{
  g_return_if_fail (CB_IS_SERVER_WATCH (self));

  self->refused_until = 0;
  if (self->running)
    look (self);
}

CbServerInfo *
cb_server_watch_get_info (CbServerWatch *self)
{
  g_return_val_if_fail (CB_IS_SERVER_WATCH (self), NULL);
  return self->info;
}

CbServerHistory *
cb_server_watch_get_history (CbServerWatch *self)
{
  g_return_val_if_fail (CB_IS_SERVER_WATCH (self), NULL);
  return self->history;
}

const char *
cb_server_watch_get_save (CbServerWatch *self)
{
  g_return_val_if_fail (CB_IS_SERVER_WATCH (self), NULL);
  return self->save;
}

const char *
cb_server_watch_get_problem (CbServerWatch *self)
{
  g_return_val_if_fail (CB_IS_SERVER_WATCH (self), NULL);
  return self->problem;
}

GPtrArray *
cb_server_watch_dup_findings (CbServerWatch *self)
{
  g_return_val_if_fail (CB_IS_SERVER_WATCH (self), NULL);

  if (self->info == NULL)
    return g_ptr_array_new_with_free_func ((GDestroyNotify) cb_server_finding_free);
  return cb_server_find (self->info, self->history, self->save, cb_connection_get_server_time (self->connection));
}
