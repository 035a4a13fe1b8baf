/* cb-kue-engine.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-kue-private.h"

#include <glib/gi18n.h>

#include "cb-json.h"

/*
 * Kue 0.11.6 on one connection and prefix, in both directions: it reads, runs and changes what Kue made, and Kue does the same
 * with what it made.
 *
 * Kue changes a job by many commands, some of them in a transaction, and remembers the job's state in the meantime. Here
 * every change is one Lua script that reads the state, changes it and tells it, with Kue's end state and Kue's events; see
 * scripts/basics.lua for what holds in all of them. Looking never writes, though Kue's does.
 *
 * The clock is the server's, as the connection knows it: created_at, promote_at, started_at, deadlines and the promotion of
 * delayed jobs all go by it, and so do countdowns that are shown.
 *
 * Beside Kue's keys there is one of our own, P:callboard:leases, and the field `callboard_deaths` in the hash of a job whose
 * worker died, or which was claimed ahead and takes its time (turn.lua). Kue ignores both.
 */

G_DEFINE_FINAL_TYPE (CbKueEngine, cb_kue_engine, CB_TYPE_ENGINE)

const CbStateInfo cb_kue_states[CB_KUE_N_STATES] = {
  [CB_KUE_INACTIVE] = { "inactive", N_("Queued"), CB_JOB_MEANING_WAITING },
  [CB_KUE_ACTIVE] = { "active", N_("Active"), CB_JOB_MEANING_ACTIVE },
  [CB_KUE_DELAYED] = { "delayed", N_("Delayed"), CB_JOB_MEANING_DELAYED },
  [CB_KUE_FAILED] = { "failed", N_("Failed"), CB_JOB_MEANING_FAILED },
  [CB_KUE_COMPLETE] = { "complete", N_("Complete"), CB_JOB_MEANING_COMPLETE },
};

/* Milliseconds since 1970 UTC by the server's clock: what every script takes as the time. */
gint64
cb_kue_engine_now (CbKueEngine *self)
{
  return cb_engine_get_time (CB_ENGINE (self)) / 1000;
}

/* A call of a script with its keys, and with the prefix and the time as the first two arguments. */
CbCommand *
cb_kue_engine_script (CbKueEngine *self,
                      CbKueScript  which,
                      ...)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func (g_free);
  CbCommand *command;
  va_list args;
  char *key;

  va_start (args, which);
  while ((key = va_arg (args, char *)) != NULL)
    g_ptr_array_add (keys, key);
  va_end (args);

  command = cb_command_new_script (cb_kue_script_get (which), keys->len, (const char * const *) keys->pdata);
  cb_command_add (command, cb_engine_get_prefix (CB_ENGINE (self)));
  cb_command_add_int (command, cb_kue_engine_now (self));

  return command;
}

/* The time that a call of a script has, right after cb_kue_engine_script() has made it: what is reckoned from now is reckoned
 * from this moment, as the clock may have gone on since. */
gint64
cb_kue_command_time (CbCommand *command)
{
  gsize length;
  const char *argument = cb_command_get_argument (command, cb_command_get_n_arguments (command) - 1, &length);
  g_autofree char *text = g_strndup (argument, length);

  return g_ascii_strtoll (text, NULL, 10);
}

/* A command with its key, which is taken. Only for reading: it may be sent again after a reconnect. */
CbCommand *
cb_kue_engine_command (const char *name,
                       char       *key)
{
  g_autofree char *taken = key;

  return cb_command_set_repeatable (cb_command_new (name, taken, NULL));
}

static GError *
reply_error (const char    *command,
             const CbValue *value)
{
  const char *text;
  gsize length;

  if (!cb_value_is_error (value))
    return NULL;

  text = cb_value_get_string (value, &length);
  return cb_redis_error_new_from_reply (command, text, length);
}

/* The error reply of one command of a pipeline, as an error. */
GError *
cb_kue_reply_error (const char *command,
                    CbReply    *reply)
{
  return reply_error (command, cb_reply_get_value (reply));
}

GError *
cb_kue_read_error (const char *command,
                   const char *key,
                   CbReply    *reply)
{
  GError *error = cb_kue_reply_error (command, reply);

  if (g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_WRONGTYPE))
    {
      g_autofree char *shown = cb_text_display (key, -1, TRUE);

      g_prefix_error (&error, "%s: ", shown);
    }

  return error;
}

/* What a script answers about one job: 'ok', or why it was not done. */
GError *
cb_kue_answer_error (const char *id,
                     CbReply    *reply)
{
  return cb_kue_value_error (id, cb_reply_get_value (reply));
}

GError *
cb_kue_value_error (const char    *id,
                    const CbValue *value)
{
  const CbValue *word = cb_value_get_element (value, 0);
  const char *detail;
  GError *error;

  error = reply_error ("EVALSHA", value);
  if (error != NULL)
    return error;

  if (cb_value_equal_string (word, "ok"))
    return NULL;
  if (cb_value_equal_string (word, "gone"))
    return g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_GONE, "Job %s is not there any more", id);
  if (cb_value_equal_string (word, "untyped"))
    return g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_DAMAGED, "Job %s has no type, so that it is in no queue", id);

  detail = cb_value_get_string (cb_value_get_element (value, 1), NULL);
  if (cb_value_equal_string (word, "state"))
    return g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_STATE, "Job %s is %s now, which this has no meaning for", id,
                        detail != NULL && *detail != 0 ? detail : "in no state");
  if (cb_value_equal_string (word, "changed"))
    return g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_CHANGED,
                        "Job %s was changed by somebody else since it was read and is %s now; nothing was changed. Read it again first",
                        id, detail != NULL && *detail != 0 ? detail : "in no state");
  if (cb_value_equal_string (word, "running"))
    return g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_STATE,
                        "Job %s is being run by %s, which has read the job already: its %s can’t be changed now", id,
                        cb_value_get_string (cb_value_get_element (value, 2), NULL), detail);
  if (cb_value_equal_string (word, "taken"))
    return g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_STATE,
                        "Job %s waits, but not where workers look: one may just be taking it, so its %s can’t be changed. "
                        "If it stays so, retry it", id, detail);
  if (cb_value_equal_string (word, "tried"))
    return g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_INVALID,
                        "Job %s was tried %s times already, so it can’t have fewer attempts", id, detail);
  if (cb_value_equal_string (word, "held"))
    return g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_STATE, "Job %s is being run by %s, which is alive", id, detail);
  if (cb_value_equal_string (word, "owner") && g_strcmp0 (detail, "active") == 0)
    return g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_NOT_OWNER, "Job %s was taken over by %s meanwhile", id,
                        cb_value_get_string (cb_value_get_element (value, 2), NULL));
  if (cb_value_equal_string (word, "owner"))
    return g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_NOT_OWNER, "Job %s was taken away meanwhile and is %s now", id,
                        detail != NULL && *detail != 0 ? detail : "in no state");

  return g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_UNEXPECTED, "The server gave an answer about job %s that makes no sense", id);
}

static void
cb_kue_engine_dispose (GObject *object)
{
  CbKueEngine *self = CB_KUE_ENGINE (object);

  if (self->subscriber != NULL)
    cb_kue_engine_watch (CB_ENGINE (self), FALSE);
  for (guint i = 0; self->idle_waiters != NULL && i < self->idle_waiters->len; i++)
    cb_connection_close (g_ptr_array_index (self->idle_waiters, i));
  g_clear_pointer (&self->idle_waiters, g_ptr_array_unref);
  g_clear_pointer (&self->answered, g_hash_table_unref);

  G_OBJECT_CLASS (cb_kue_engine_parent_class)->dispose (object);
}

static void
cb_kue_engine_finalize (GObject *object)
{
  g_hash_table_unref (CB_KUE_ENGINE (object)->strays);

  G_OBJECT_CLASS (cb_kue_engine_parent_class)->finalize (object);
}

static void
cb_kue_engine_class_init (CbKueEngineClass *klass)
{
  CbEngineClass *engine_class = CB_ENGINE_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cb_kue_engine_dispose;
  G_OBJECT_CLASS (klass)->finalize = cb_kue_engine_finalize;

  engine_class->name = "kue";
  engine_class->title = "Kue";
  engine_class->states = cb_kue_states;
  engine_class->n_states = CB_KUE_N_STATES;
  engine_class->capabilities = CB_ENGINE_CAN_CREATE | CB_ENGINE_CAN_RETRY | CB_ENGINE_CAN_PROMOTE | CB_ENGINE_CAN_REMOVE |
                               CB_ENGINE_CAN_PRIORITY | CB_ENGINE_CAN_WATCH | CB_ENGINE_CAN_WORK |
                               CB_ENGINE_CAN_SET_STATE | CB_ENGINE_CAN_SEARCH | CB_ENGINE_CAN_EXAMINE |
                               CB_ENGINE_CAN_UPDATE | CB_ENGINE_CAN_UNDO;

  engine_class->list_queues = cb_kue_engine_list_queues;
  engine_class->count = cb_kue_engine_count;
  engine_class->page = cb_kue_engine_page;
  engine_class->get_order = cb_kue_engine_get_order;
  engine_class->get_many = cb_kue_engine_get_many;
  engine_class->get_heads = cb_kue_engine_get_heads;
  engine_class->find_oldest = cb_kue_engine_find_oldest;
  engine_class->get_whole = cb_kue_engine_get_whole;
  engine_class->search = cb_kue_engine_search;
  engine_class->get_work_time = cb_kue_engine_get_work_time;
  engine_class->get_setting = cb_kue_engine_get_setting;
  engine_class->list_job_keys = cb_kue_engine_list_job_keys;
  engine_class->watch = cb_kue_engine_watch;
  engine_class->examine = cb_kue_engine_examine;
  engine_class->repair = cb_kue_engine_repair;
  engine_class->create = cb_kue_engine_create;
  engine_class->act = cb_kue_engine_act;
  engine_class->update = cb_kue_engine_update;
  engine_class->set_state = cb_kue_engine_set_state;
  engine_class->wait = cb_kue_engine_wait;
  engine_class->wait_claim = cb_kue_engine_wait_claim;
  engine_class->claim = cb_kue_engine_claim;
  engine_class->turn = cb_kue_engine_turn;
  engine_class->begin = cb_kue_engine_begin;
  engine_class->progress = cb_kue_engine_progress;
  engine_class->log = cb_kue_engine_log;
  engine_class->complete = cb_kue_engine_complete;
  engine_class->fail = cb_kue_engine_fail;
  engine_class->fail_with = cb_kue_engine_fail_with;
  engine_class->expire = cb_kue_engine_expire;
  engine_class->release = cb_kue_engine_release;
  engine_class->extend = cb_kue_engine_extend;
  engine_class->recover = cb_kue_engine_recover;
  engine_class->tick = cb_kue_engine_tick;
  engine_class->capture = cb_kue_engine_capture;
  engine_class->capture_findings = cb_kue_engine_capture_findings;
  engine_class->act_captured = cb_kue_engine_act_captured;
  engine_class->restore = cb_kue_engine_restore;
}

static void
cb_kue_engine_init (CbKueEngine *self)
{
  self->idle_waiters = g_ptr_array_new_with_free_func (g_object_unref);
  self->strays = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

/**
 * cb_kue_engine_new:
 * @connection: a connection, open or not
 * @prefix: what its keys begin with; "q" unless the Kue programs were told otherwise
 *
 * Returns: (transfer full): the engine
 */
CbEngine *
cb_kue_engine_new (CbConnection *connection,
                   const char   *prefix)
{
  g_return_val_if_fail (CB_IS_CONNECTION (connection), NULL);
  g_return_val_if_fail (prefix != NULL, NULL);

  return g_object_new (CB_TYPE_KUE_ENGINE, "connection", connection, "prefix", prefix, NULL);
}
