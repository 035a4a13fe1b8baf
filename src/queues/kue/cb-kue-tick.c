/* cb-kue-tick.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-kue-private.h"

/*
 * What every process that works has to do now and then: move delayed jobs that are due to where they wait, and fail active ones
 * that are over their time to live (kue 0.11.6, lib/kue.js, checkJobPromotion() and checkActiveJobTtl()).
 *
 * Kue's locks are taken, under Kue's names, so that one process at a time does it, whichever kind it is. They last two seconds
 * and a scan may take longer, so nothing relies on them: each job is moved by a script that looks once more.
 *
 * It looks first, without a lock: an idle worker costs one pipeline of two reads a second, and writes nothing.
 *
 * What is no id, and a job that can't be moved because a key of its type is of another kind, stays where it is, and would be found
 * first each time. So the next portion begins behind what had to stay, in this round or in the one to come, and after the
 * last at the beginning again: however much of it there is, every job has its turn.
 *
 *   look ─┬─ due? ── promotion:lock ── ids ── promote each ── unlock ─┐
 *         └───────────────────────────────────────────────────────────┴─ over time? ── watch ── activeJobsTTL:lock
 *            ── ask ── a second for the answers ── fail each that is left ── unlock
 */

#define LOCK_MSEC "2000"
#define LIMIT 1000
#define MAX_PORTIONS 10 /* of delayed jobs in one round */
#define ANSWER_MSEC 1000
/* How long it may take until answers are heard. Without them the jobs are failed all the same. */
#define WATCH_MSEC 1000
/* What stands below is no time but a priority: Kue's own bound. */
#define MIN_DEADLINE "100000"

typedef struct
{
  gboolean   promotion_due;
  gboolean   ttl_due;
  char      *lock;        /* (owned) the text our locks hold */
  guint      portions;
  guint      n_found;     /* entries of the portion that is under way */
  guint      n_answered;  /* of these, jobs that somebody answered for */
  gboolean   watching;    /* for the answers */
  gulong     watch_handler;
  guint      watch_source;
  GPtrArray *asked;       /* (owned) (nullable) (element-type utf8) ids that were asked for, each with its member behind it */
  int        moved;
  GError    *error;       /* (owned) (nullable) the first; the rest goes on */
} Tick;

static void
tick_free (Tick *tick)
{
  g_free (tick->lock);
  g_clear_pointer (&tick->asked, g_ptr_array_unref);
  g_clear_error (&tick->error);
  g_free (tick);
}

static void
keep_error (Tick   *tick,
            GError *error)
{
  if (tick->error == NULL)
    tick->error = error;
  else
    g_error_free (error);
}

static void
finish (GTask *task)
{
  CbKueEngine *self = g_task_get_source_object (task);
  Tick *tick = g_task_get_task_data (task);

  self->ticking = FALSE;
  if (tick->watching)
    cb_engine_unwatch (CB_ENGINE (self));
  g_clear_pointer (&self->answered, g_hash_table_unref);
  if (tick->error != NULL && tick->moved == 0)
    g_task_return_error (task, g_steal_pointer (&tick->error));
  else
    g_task_return_int (task, tick->moved);
}

static CbConnection *
get_connection (GTask *task)
{
  return cb_engine_get_connection (g_task_get_source_object (task));
}

static const char *
get_prefix (GTask *task)
{
  return cb_engine_get_prefix (g_task_get_source_object (task));
}

static CbCommand *
lock_command (Tick       *tick,
              const char *key)
{
  return cb_command_new ("SET", key, tick->lock, "PX", LOCK_MSEC, "NX", NULL);
}

static CbCommand *
unlock_command (GTask      *task,
                const char *key)
{
  Tick *tick = g_task_get_task_data (task);

  return cb_command_add (cb_kue_engine_script (g_task_get_source_object (task), CB_KUE_SCRIPT_UNLOCK, g_strdup (key), NULL),
                         tick->lock);
}

/* What came of the first @n replies; errors are kept. Returns how many entries are not in the set any more. */
static guint
count_moved (Tick      *tick,
             GPtrArray *replies,
             guint      n)
{
  guint n_gone = 0;

  for (guint i = 0; i < n; i++)
    {
      CbReply *reply = g_ptr_array_index (replies, i);
      const CbValue *answer = cb_value_get_element (cb_reply_get_value (reply), 0);
      GError *error = cb_kue_reply_error ("EVALSHA", reply);

      if (error != NULL)
        keep_error (tick, error);
      else if (cb_value_equal_string (answer, "ok"))
        tick->moved++, n_gone++;
      else if (cb_value_equal_string (answer, "cleared"))
        n_gone++;
    }

  return n_gone;
}

/* Where the next portion begins. */
static void
pass_over (gint64 *offset,
           guint   n_found,
           guint   n_gone)
{
  if (n_found < LIMIT)
    *offset = 0;
  else
    *offset += n_found - MIN (n_gone, n_found);
}

/* --- the time to live --- */

static void
expired_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GPtrArray) replies = NULL;
  CbKueEngine *self = g_task_get_source_object (task);
  Tick *tick = g_task_get_task_data (task);
  GError *error = NULL;

  replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);
  if (replies == NULL)
    keep_error (tick, error);
  else
    pass_over (&self->expired_offset, tick->n_found, tick->n_answered + count_moved (tick, replies, replies->len - 1));
  finish (task);
}

static gboolean
fail_unanswered_cb (gpointer user_data)
{
  GTask *task = user_data;
  CbKueEngine *self = g_task_get_source_object (task);
  Tick *tick = g_task_get_task_data (task);
  const char *prefix = get_prefix (task);
  CbPipeline *pipeline = cb_pipeline_new ();

  for (guint i = 0; i < tick->asked->len; i += 2)
    {
      const char *id = g_ptr_array_index (tick->asked, i);
      CbCommand *command;

      if (self->answered != NULL && g_hash_table_contains (self->answered, id))
        {
          tick->n_answered++;
          continue;
        }
      command = cb_kue_engine_script (self, CB_KUE_SCRIPT_EXPIRE, cb_kue_key_job (prefix, id),
                                      cb_kue_key_set (prefix, NULL, "active"), cb_kue_key_leases (prefix), NULL);
      cb_pipeline_add (pipeline, cb_command_add (cb_command_add (command, id), g_ptr_array_index (tick->asked, i + 1)));
    }
  cb_pipeline_add (pipeline, unlock_command (task, "activeJobsTTL:lock"));
  cb_connection_pipeline_async (get_connection (task), pipeline, NULL, expired_cb, g_object_ref (task));

  return G_SOURCE_REMOVE;
}

static void
asked_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (CbReply) reply = NULL;
  g_autoptr (GSource) timeout = NULL;
  CbKueEngine *self = g_task_get_source_object (task);
  Tick *tick = g_task_get_task_data (task);
  const CbValue *found;
  gint64 n_found = 0;
  GError *error = NULL;

  reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);
  if (reply == NULL)
    {
      keep_error (tick, error);
      finish (task);
      return;
    }

  found = cb_reply_get_value (reply);
  cb_value_get_integer (cb_value_get_element (found, 0), &n_found);
  tick->n_found = (guint) n_found;
  tick->asked = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 1; i + 1 < cb_value_get_length (found); i += 2)
    {
      const char *id = cb_value_get_string (cb_value_get_element (found, i), NULL);
      const char *member = cb_value_get_string (cb_value_get_element (found, i + 1), NULL);

      /* A member with a zero byte in it is not found again by the part in front of it, and stays. */
      if (id != NULL && member != NULL && cb_kue_id_check (id))
        {
          g_ptr_array_add (tick->asked, g_strdup (id));
          g_ptr_array_add (tick->asked, g_strdup (member));
        }
    }

  if (tick->asked->len == 0)
    {
      fail_unanswered_cb (task); /* nothing but the lock to give back */
      return;
    }

  self->answered = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  timeout = g_timeout_source_new (ANSWER_MSEC);
  g_task_attach_source (task, timeout, fail_unanswered_cb);
}

static void
ttl_locked_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (CbReply) reply = NULL;
  CbKueEngine *self = g_task_get_source_object (task);
  Tick *tick = g_task_get_task_data (task);
  CbCommand *command;
  GError *error = NULL;

  reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);
  if (reply == NULL || cb_value_is_nil (cb_reply_get_value (reply)))
    {
      if (error != NULL)
        keep_error (tick, error);
      finish (task); /* somebody else is at it */
      return;
    }

  command = cb_kue_engine_script (self, CB_KUE_SCRIPT_EXPIRING,
                                  cb_kue_key_set (get_prefix (task), NULL, "active"), NULL);
  cb_command_add_int (command, self->expired_offset);
  cb_command_add_int (command, LIMIT);
  cb_connection_call_async (CB_CONNECTION (source), command, NULL, asked_cb, g_object_ref (task));
}

static void
lock_ttl (GTask *task)
{
  cb_connection_call_async (get_connection (task), lock_command (g_task_get_task_data (task), "activeJobsTTL:lock"), NULL, ttl_locked_cb,
                            g_object_ref (task));
}

static void
end_waiting_for_watch (GTask *task)
{
  Tick *tick = g_task_get_task_data (task);

  g_clear_handle_id (&tick->watch_source, g_source_remove);
  g_clear_signal_handler (&tick->watch_handler, g_task_get_source_object (task));
  lock_ttl (task);
  g_object_unref (task);
}

static void
watch_changed_cb (CbEngine   *engine,
                  GParamSpec *pspec,
                  GTask      *task)
{
  if (cb_engine_get_live (engine) || cb_engine_get_live_problem (engine) != NULL)
    end_waiting_for_watch (task);
}

static gboolean
watch_late_cb (gpointer user_data)
{
  GTask *task = user_data;

  ((Tick *) g_task_get_task_data (task))->watch_source = 0;
  end_waiting_for_watch (task);
  return G_SOURCE_REMOVE;
}

/* Whoever runs such a job answers on the channel of events, which nobody here may be listening to. */
static void
check_ttl (GTask *task)
{
  CbEngine *self = g_task_get_source_object (task);
  Tick *tick = g_task_get_task_data (task);

  if (!tick->ttl_due)
    {
      finish (task);
      return;
    }

  tick->watching = TRUE;
  cb_engine_watch (self);
  if (cb_engine_get_live (self) || cb_engine_get_live_problem (self) != NULL)
    {
      lock_ttl (task);
      return;
    }

  g_object_ref (task);
  tick->watch_handler = g_signal_connect (self, "notify", G_CALLBACK (watch_changed_cb), task);
  tick->watch_source = g_timeout_add (WATCH_MSEC, watch_late_cb, task);
}

/* --- promotion --- */

static void get_due (GTask *task);

static void
promoted_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GPtrArray) replies = NULL;
  CbKueEngine *self = g_task_get_source_object (task);
  Tick *tick = g_task_get_task_data (task);
  GError *error = NULL;

  replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);
  if (replies == NULL)
    {
      keep_error (tick, error);
      check_ttl (task);
      return;
    }

  pass_over (&self->delayed_offset, tick->n_found, count_moved (tick, replies, replies->len - 1));
  if (tick->n_found == LIMIT && ++tick->portions < MAX_PORTIONS)
    get_due (task);
  else
    check_ttl (task);
}

static void
got_due_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (CbReply) reply = NULL;
  CbKueEngine *self = g_task_get_source_object (task);
  Tick *tick = g_task_get_task_data (task);
  const char *prefix = get_prefix (task);
  CbPipeline *pipeline;
  const CbValue *members;
  GError *error = NULL;

  reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);
  if (reply == NULL)
    {
      keep_error (tick, error);
      check_ttl (task);
      return;
    }

  pipeline = cb_pipeline_new ();
  members = cb_reply_get_value (reply);
  tick->n_found = cb_value_get_length (members);
  for (guint i = 0; i < tick->n_found; i++)
    {
      gsize length;
      const char *member = cb_value_get_string (cb_value_get_element (members, i), &length);
      g_autofree char *id = member != NULL ? cb_kue_id_from_member (member, length, NULL) : NULL;
      CbCommand *command;

      if (id == NULL)
        continue;
      command = cb_kue_engine_script (self, CB_KUE_SCRIPT_PROMOTE, cb_kue_key_job (prefix, id),
                                      cb_kue_key_set (prefix, NULL, "delayed"), NULL);
      cb_command_add (cb_command_add (command, id), "due");
      cb_pipeline_add (pipeline, cb_command_add_bytes (command, member, length));
    }
  cb_pipeline_add (pipeline, unlock_command (task, "promotion:lock"));
  cb_connection_pipeline_async (CB_CONNECTION (source), pipeline, NULL, promoted_cb, g_object_ref (task));
}

/* The ids that are over, in the order of their times. */
static CbCommand *
range_command (GTask      *task,
               const char *state,
               const char *from,
               gint64      offset,
               gint64      limit)
{
  CbCommand *command = cb_kue_engine_command ("ZRANGEBYSCORE", cb_kue_key_set (get_prefix (task), NULL, state));

  cb_command_add (command, from);
  cb_command_add_int (command, cb_kue_engine_now (g_task_get_source_object (task)));
  cb_command_add (command, "LIMIT");
  return cb_command_add_int (cb_command_add_int (command, offset), limit);
}

static void
get_due (GTask *task)
{
  CbKueEngine *self = g_task_get_source_object (task);

  cb_connection_call_async (get_connection (task), range_command (task, "delayed", "0", self->delayed_offset, LIMIT), NULL,
                            got_due_cb, g_object_ref (task));
}

static void
promotion_locked_cb (GObject      *source,
                     GAsyncResult *result,
                     gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (CbReply) reply = NULL;
  Tick *tick = g_task_get_task_data (task);
  GError *error = NULL;

  reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);
  if (reply == NULL || cb_value_is_nil (cb_reply_get_value (reply)))
    {
      if (error != NULL)
        keep_error (tick, error);
      check_ttl (task);
      return;
    }

  get_due (task);
}

/* --- looking --- */

static gboolean
has_any (Tick    *tick,
         CbReply *reply)
{
  GError *error = cb_kue_reply_error ("ZRANGEBYSCORE", reply);

  if (error != NULL)
    {
      keep_error (tick, error);
      return FALSE;
    }

  return cb_value_get_length (cb_reply_get_value (reply)) > 0;
}

static void
looked_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GPtrArray) replies = NULL;
  Tick *tick = g_task_get_task_data (task);
  GError *error = NULL;

  replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);
  if (replies == NULL)
    {
      keep_error (tick, error);
      finish (task);
      return;
    }

  tick->promotion_due = has_any (tick, g_ptr_array_index (replies, 0));
  tick->ttl_due = has_any (tick, g_ptr_array_index (replies, 1));

  if (tick->promotion_due)
    cb_connection_call_async (CB_CONNECTION (source), lock_command (tick, "promotion:lock"), NULL, promotion_locked_cb,
                              g_object_ref (task));
  else
    check_ttl (task);
}

/* Answers after a second when jobs are over their time to live. Of several calls at once only the first does anything. */
void
cb_kue_engine_tick (CbEngine            *engine,
                    GCancellable        *cancellable,
                    GAsyncReadyCallback  callback,
                    gpointer             user_data)
{
  CbKueEngine *self = CB_KUE_ENGINE (engine);
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  g_autofree char *uuid = NULL;
  CbPipeline *pipeline;
  Tick *tick;

  g_task_set_source_tag (task, cb_kue_engine_tick);
  if (self->ticking)
    {
      g_task_return_int (task, 0);
      g_object_unref (task);
      return;
    }

  self->ticking = TRUE;
  uuid = g_uuid_string_random ();
  tick = g_new0 (Tick, 1);
  tick->lock = g_strconcat ("callboard:", uuid, NULL);
  g_task_set_task_data (task, tick, (GDestroyNotify) tick_free);

  pipeline = cb_pipeline_new ();
  cb_pipeline_add (pipeline, range_command (task, "delayed", "0", 0, 1));
  cb_pipeline_add (pipeline, range_command (task, "active", MIN_DEADLINE, 0, 1));
  cb_connection_pipeline_async (cb_engine_get_connection (engine), pipeline, NULL, looked_cb, task);
}
