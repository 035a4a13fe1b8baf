/* cb-cli-watch.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/*
 * Events and answers travel on different connections: a quick worker has finished a job before the answer says which
 * id it got. So events are listened to before anything is created, and those of unknown ids are kept until the answer
 * is there (cb_cli_watch_settle()).
 */

#include "config.h"

#include "cb-cli-jobs.h"
#include "cb-cli-watch.h"

#include <glib/gi18n.h>
#include <string.h>

#define POLL_INTERVAL_MSEC 1000

struct _CbCliWatch
{
  CbCli *cli;
  CbEngine *engine;               /* (owned) */
  CbWatchFunc func;
  gpointer user_data;

  GHashTable *unfinished;         /* (owned) (element-type utf8 GUINT) how often it was seen failed with attempts left */
  GHashTable *early;              /* (owned) (element-type utf8 GPtrArray<CbJobEvent>) of ids that are not known yet */
  GQueue order;                   /* (element-type utf8) (owned) ids to be looked at; may hold finished ones */
  gboolean all_finished;

  GCancellable *cancellable;      /* (owned) */
  gboolean is_looking;
  guint poll_source;
  gulong event_handler;
  gulong live_handler;
};

static void
tell (CbCliWatch *self,
      const char *id,
      CbWatchNews news,
      int percent,
      const char *reason)
{
  g_autofree char *copy = g_strdup (id);

  if (news != CB_WATCH_PROGRESS)
    {
      g_hash_table_remove (self->unfinished, copy);
      self->all_finished = g_hash_table_size (self->unfinished) == 0;
    }

  self->func (copy, news, percent, reason, self->user_data);
}

/* --- events --- */

/* An argument of an event as text; NULL when it is none. Kue's args begin with the name of the event. */
static char *
dup_argument (const CbJobEvent *event,
              guint index)
{
  g_autoptr (GPtrArray) args = NULL;
  g_autoptr (JsonNode) node = NULL;
  const char *data;
  gsize length;

  if (event->args == NULL)
    return NULL;

  data = g_bytes_get_data (event->args, &length);
  args = data != NULL ? cb_json_split_array (data, (gssize) length, NULL) : NULL;
  if (args == NULL || index >= args->len)
    return NULL;

  data = g_bytes_get_data (g_ptr_array_index (args, index), &length);
  node = data != NULL ? cb_json_parse (data, (gssize) length, NULL) : NULL;
  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node))
    return NULL;
  if (json_node_get_value_type (node) == G_TYPE_STRING)
    return g_strdup (json_node_get_string (node));

  return g_strndup (data, length);
}

static void
apply_event (CbCliWatch *self,
             const CbJobEvent *event)
{
  if (strcmp (event->name, "progress") == 0)
    {
      g_autofree char *percent = dup_argument (event, 1);

      if (percent != NULL)
        tell (self, event->id, CB_WATCH_PROGRESS, (int) CLAMP (g_ascii_strtod (percent, NULL), -100, 100), NULL);
    }
  else if (strcmp (event->name, "complete") == 0)
    tell (self, event->id, CB_WATCH_COMPLETED, 100, NULL);
  else if (strcmp (event->name, "failed") == 0)
    {
      g_autofree char *reason = dup_argument (event, 1);

      tell (self, event->id, CB_WATCH_FAILED, -1, reason);
    }
  else if (strcmp (event->name, "remove") == 0)
    tell (self, event->id, CB_WATCH_REMOVED, -1, NULL);
}

static void
event_cb (CbEngine *engine,
          CbJobEvent *event,
          CbCliWatch *self)
{
  if (g_hash_table_contains (self->unfinished, event->id))
    apply_event (self, event);
  else if (self->early != NULL)
    {
      GPtrArray *events = g_hash_table_lookup (self->early, event->id);

      if (events == NULL)
        {
          events = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_event_free);
          g_hash_table_insert (self->early, g_strdup (event->id), events);
        }
      g_ptr_array_add (events, cb_job_event_copy (event));
    }
}

/* --- looking --- */

static void
apply_record (CbCliWatch *self,
              CbJobRecord *record)
{
  guint n_failed;

  if (!g_hash_table_contains (self->unfinished, record->id))
    return;

  if (record->missing)
    {
      tell (self, record->id, CB_WATCH_REMOVED, -1, NULL);
      return;
    }

  switch (record->meaning)
    {
    case CB_JOB_MEANING_COMPLETE:
      tell (self, record->id, CB_WATCH_COMPLETED, 100, NULL);
      return;

    case CB_JOB_MEANING_FAILED:
      /* On its way to the next attempt a job of Kue is failed for a moment; one that stays so is failed. */
      n_failed = GPOINTER_TO_UINT (g_hash_table_lookup (self->unfinished, record->id)) + 1;
      if (record->attempts_made >= record->attempts_max || n_failed > 2)
        {
          g_autofree char *reason = cb_job_record_dup_error_line (record);

          tell (self, record->id, CB_WATCH_FAILED, -1, reason);
          return;
        }
      break;

    case CB_JOB_MEANING_UNKNOWN:
    case CB_JOB_MEANING_WAITING:
    case CB_JOB_MEANING_ACTIVE:
    case CB_JOB_MEANING_DELAYED:
    default:
      n_failed = 0;
      break;
    }

  g_hash_table_insert (self->unfinished, g_strdup (record->id), GUINT_TO_POINTER (n_failed));
}

static void
looked_cb (GObject *source,
           GAsyncResult *result,
           gpointer user_data)
{
  g_autoptr (GPtrArray) records = NULL;
  g_autoptr (GError) error = NULL;
  CbCliWatch *self;

  records = cb_engine_get_many_finish (CB_ENGINE (source), result, &error);
  /* Only cb_cli_watch_free() cancels, after which there is nothing to tell. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  self = user_data;
  self->is_looking = FALSE;
  /* No connection now: the next look will tell. */
  if (records == NULL)
    return;

  for (guint i = 0; i < records->len; i++)
    apply_record (self, g_ptr_array_index (records, i));
}

static void
look (CbCliWatch *self)
{
  g_autoptr (GPtrArray) ids = NULL;
  guint n_queued = self->order.length;

  if (self->is_looking)
    return;

  /* The next ones of those that are not finished; each goes to the end of the line. */
  ids = g_ptr_array_new_with_free_func (g_free);
  while (n_queued-- > 0 && ids->len < CB_CLI_PORTION)
    {
      char *id = g_queue_pop_head (&self->order);

      if (g_hash_table_contains (self->unfinished, id))
        {
          g_ptr_array_add (ids, g_strdup (id));
          g_queue_push_tail (&self->order, id);
        }
      else
        g_free (id);
    }
  if (ids->len == 0)
    return;
  g_ptr_array_add (ids, NULL);

  self->is_looking = TRUE;
  cb_engine_get_many_async (self->engine, (const char * const *) ids->pdata, self->cancellable, looked_cb, self);
}

static gboolean
poll_cb (gpointer user_data)
{
  look (user_data);

  return G_SOURCE_CONTINUE;
}

static void
live_cb (CbEngine *engine,
         GParamSpec *pspec,
         CbCliWatch *self)
{
  /* Listening again after a loss: look at what was missed. */
  if (cb_engine_get_live (engine))
    look (self);
}

/* --- public --- */

CbCliWatch *
cb_cli_watch_new (CbCli *cli,
                  CbEngine *engine,
                  CbWatchFunc func,
                  gpointer user_data)
{
  CbCliWatch *self = g_new0 (CbCliWatch, 1);

  self->cli = cli;
  self->engine = g_object_ref (engine);
  self->func = func;
  self->user_data = user_data;
  self->unfinished = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->cancellable = g_cancellable_new ();
  self->all_finished = TRUE;
  g_queue_init (&self->order);

  return self;
}

void
cb_cli_watch_free (CbCliWatch *self)
{
  if (self == NULL)
    return;

  /* A look that is under way comes back with CANCELLED, and then touches nothing of this. */
  g_cancellable_cancel (self->cancellable);

  if (self->event_handler != 0)
    {
      g_signal_handler_disconnect (self->engine, self->event_handler);
      g_signal_handler_disconnect (self->engine, self->live_handler);
      cb_engine_unwatch (self->engine);
    }
  g_clear_handle_id (&self->poll_source, g_source_remove);
  g_clear_pointer (&self->unfinished, g_hash_table_unref);
  g_clear_pointer (&self->early, g_hash_table_unref);
  g_queue_clear_full (&self->order, g_free);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->engine);
  g_free (self);
}

static gboolean
over_cb (gpointer user_data)
{
  gboolean *over = user_data;

  *over = TRUE;
  return G_SOURCE_REMOVE;
}

void
cb_cli_watch_start (CbCliWatch *self)
{
  gboolean over = FALSE;
  guint source;

  self->early = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  self->event_handler = g_signal_connect (self->engine, "event", G_CALLBACK (event_cb), self);
  self->live_handler = g_signal_connect (self->engine, "notify::live", G_CALLBACK (live_cb), self);
  cb_engine_watch (self->engine);

  source = g_timeout_add (POLL_INTERVAL_MSEC, over_cb, &over);
  while (!over && !cb_engine_get_live (self->engine) && cb_engine_get_live_problem (self->engine) == NULL &&
         !cb_cli_is_interrupted (self->cli))
    g_main_context_iteration (NULL, TRUE);
  if (!over)
    g_source_remove (source);

  if (!cb_engine_get_live (self->engine) && cb_engine_get_live_problem (self->engine) != NULL)
    cb_cli_complain (self->cli, _("There are no events (%s): looking once a second instead"),
                     cb_engine_get_live_problem (self->engine));

  self->poll_source = g_timeout_add (POLL_INTERVAL_MSEC, poll_cb, self);
}

void
cb_cli_watch_add (CbCliWatch *self,
                  const char *id)
{
  GPtrArray *events;

  g_hash_table_insert (self->unfinished, g_strdup (id), GUINT_TO_POINTER (0));
  g_queue_push_tail (&self->order, g_strdup (id));
  self->all_finished = FALSE;

  events = self->early != NULL ? g_hash_table_lookup (self->early, id) : NULL;
  for (guint i = 0; events != NULL && i < events->len; i++)
    if (g_hash_table_contains (self->unfinished, id))
      apply_event (self, g_ptr_array_index (events, i));
}

void
cb_cli_watch_settle (CbCliWatch *self)
{
  if (self->early != NULL)
    g_hash_table_remove_all (self->early);
}

gboolean
cb_cli_watch_run (CbCliWatch *self,
                  gint64 limit_msec)
{
  gboolean over = FALSE;
  guint source = 0;

  g_clear_pointer (&self->early, g_hash_table_unref);

  if (limit_msec >= 0)
    source = g_timeout_add ((guint) limit_msec, over_cb, &over);
  while (!self->all_finished && !over && !cb_cli_is_interrupted (self->cli))
    g_main_context_iteration (NULL, TRUE);
  if (source != 0 && !over)
    g_source_remove (source);

  return self->all_finished;
}

guint
cb_cli_watch_get_n_unfinished (CbCliWatch *self)
{
  return g_hash_table_size (self->unfinished);
}
