/* cb-kue-turn.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-kue-private.h"

#include <string.h>

#include "cb-json.h"

/*
 * All that a worker tells of runs that are over, and all claims, are calls of one script, for one slot or for many.
 *
 * Whether the data of a claimed job are JSON is looked at here, where 200,000 brackets are only a long text: a job that nobody
 * could read is failed for good at once, under the claim that was just made, and its slot gets none in this turn. A crash
 * in between leaves it under its lease like any job.
 */

/* Of turn.lua, each allocated. */
#define KEYS(prefix, queue)                         \
  cb_kue_key_set (prefix, queue, "inactive"),       \
    cb_kue_key_tokens (prefix, queue),              \
    cb_kue_key_set (prefix, NULL, "inactive"),      \
    cb_kue_key_set (prefix, NULL, "active"),        \
    cb_kue_key_set (prefix, queue, "active"),       \
    cb_kue_key_leases (prefix),                     \
    cb_kue_key (prefix, "stats:work-time")

static void
add_text (CbCommand  *command,
          const char *text)
{
  cb_command_add (command, text != NULL ? text : "");
}

/**
 * cb_kue_turn_command:
 * @queue: the type that jobs are asked for of
 * @lease_msec: how long their claims last
 * @ahead: (nullable): the name for claims ahead
 * @now: (out) (optional): ms, when they are made
 *
 * A call of turn.lua that has nothing to tell and asks for nothing yet.
 */
CbCommand *
cb_kue_turn_command (CbKueEngine *self,
                     const char  *queue,
                     guint        lease_msec,
                     const char  *ahead,
                     gint64      *now)
{
  const char *prefix = cb_engine_get_prefix (CB_ENGINE (self));
  CbCommand *command;
  gint64 time;

  command = cb_kue_engine_script (self, CB_KUE_SCRIPT_TURN, KEYS (prefix, queue), NULL);
  time = cb_kue_command_time (command);
  if (now != NULL)
    *now = time;
  cb_command_add (command, queue);
  cb_command_add_int (command, time + lease_msec);
  cb_command_add (command, ahead != NULL ? ahead : "");
  return command;
}

/* A slot asks for the next job by a call that stands behind one that blocks: it finds out itself what time it is when it runs. */
CbCommand *
cb_kue_turn_command_later (CbKueEngine *self,
                           const char  *queue,
                           const char  *worker,
                           guint        lease_msec)
{
  const char *prefix = cb_engine_get_prefix (CB_ENGINE (self));
  char *keys[] = { KEYS (prefix, queue) };
  CbCommand *command;

  command = cb_command_new_script (cb_kue_script_get (CB_KUE_SCRIPT_WAKE), G_N_ELEMENTS (keys), (const char * const *) keys);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    g_free (keys[i]);
  cb_command_add (cb_command_add (cb_command_add (command, prefix), ""), queue);
  cb_command_add_int (command, lease_msec);
  cb_command_add (command, worker);
  return command;
}

static void
add_claim (CbCommand         *command,
           const char        *kind,
           const CbJobRecord *job,
           const char        *asks,
           gint64             begun_at)
{
  cb_command_add (command, kind);
  cb_command_add (command, asks);
  add_text (command, job->worker);
  cb_command_add (command, job->id);
  cb_command_add_int (command, job->started_at / 1000);
  if (begun_at > 0)
    cb_command_add_int (command, begun_at / 1000);
  else
    cb_command_add (command, "");
}

static void
add_free (CbCommand  *command,
          const char *worker)
{
  cb_command_add (cb_command_add (cb_command_add (command, "n"), "+"), worker);
}

/* Kue stores a result only when JavaScript takes it for true, but tells any. */
void
cb_kue_turn_add_complete (CbCommand         *command,
                          const CbJobRecord *job,
                          const char        *asks,
                          gint64             begun_at, /* µs; 0: when it was claimed */
                          GBytes            *result)   /* (nullable) JSON */
{
  g_autofree char *json = NULL;
  const char *text;
  gsize length;

  add_claim (command, "c", job, asks, begun_at);
  if (result == NULL)
    {
      cb_command_add (cb_command_add (command, ""), "null");
      return;
    }

  text = g_bytes_get_data (result, &length);
  json = cb_json_compact (text != NULL ? text : "", length);
  cb_command_add (command, cb_kue_json_is_truthy (json, strlen (json)) ? json : "");
  cb_command_add (command, json);
}

/* What Kue makes of an Error with a stack, or of an object that has only a message. Both have to be valid UTF-8 to be JSON. */
static void
add_failure (CbCommand         *command,
             const CbJobRecord *job,
             const char        *asks,
             gint64             begun_at,
             const char        *message,
             const char        *stack,      /* (nullable) */
             const char        *how,        /* "", "final" or "asked" */
             gint64             after_msec) /* -1: as the job says */
{
  g_autofree char *valid_message = g_utf8_make_valid (message, -1);
  g_autofree char *text = g_utf8_make_valid (stack != NULL ? stack : message, -1);

  add_claim (command, "f", job, asks, begun_at);
  cb_command_add (command, text);
  /* Its first line goes to the log, of a message too. */
  cb_command_add_bytes (command, text, strcspn (text, "\n"));
  cb_command_add (command, valid_message);
  cb_command_add (command, how);
  if (after_msec >= 0)
    cb_command_add_int (command, after_msec);
  else
    cb_command_add (command, "");
}

/* Of a job that is over its time to live, to whoever asked for it. */
void
cb_kue_turn_add_expire (CbCommand         *command,
                        const CbJobRecord *job)
{
  add_failure (command, job, "-", 0, "TTL exceeded", NULL, "asked", -1);
}

void
cb_kue_turn_add_fail (CbCommand         *command,
                      const CbJobRecord *job,
                      const char        *asks,
                      gint64             begun_at,
                      const char        *message,
                      const char        *stack,   /* (nullable) */
                      const CbRetryWish *wish)    /* (nullable) */
{
  add_failure (command, job, asks, begun_at, message, stack, wish != NULL && wish->never ? "final" : "",
               wish != NULL ? wish->after_msec : -1);
}

/**
 * cb_kue_turn_get_answer:
 *
 * Returns: (transfer none) (nullable): what turn.lua answered about a slot, counted from 0
 */
const CbValue *
cb_kue_turn_get_answer (CbReply *reply,
                        guint    slot)
{
  return cb_value_get_element (cb_value_get_element (cb_reply_get_value (reply), 1), slot);
}

/* --- many slots --- */

typedef struct
{
  GPtrArray *turns;         /* (owned) (element-type CbTurn) */
  char      *ahead;         /* (owned) (nullable) the name for claims ahead */
  gint64     now;           /* ms: when the claims are made */
  gboolean   more;
  GError    *error;         /* (owned) (nullable) about the claims */
} Turns;

static void
turns_free (Turns *turns)
{
  g_ptr_array_unref (turns->turns);
  g_free (turns->ahead);
  g_clear_error (&turns->error);
  g_free (turns);
}

static void
finish (GTask *task)
{
  Turns *turns = g_task_get_task_data (task);

  if (turns->error != NULL)
    g_task_return_error (task, g_steal_pointer (&turns->error));
  else
    g_task_return_int (task, turns->more ? 1 : 0);
}

static void
failed_unreadable_cb (GObject      *source,
                      GAsyncResult *result,
                      gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (CbReply) reply = NULL;
  Turns *turns = g_task_get_task_data (task);
  GError *error = NULL;

  /* Whatever it answers about them, they are not ours any more. */
  reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);
  if (reply == NULL && turns->error == NULL)
    turns->error = error;
  else
    g_clear_error (&error);
  finish (task);
}

/* Absent and empty data are read as {}, as Kue does, and bytes that are no UTF-8 as Node reads them. */
static char *
find_fault (CbJobRecord *record)
{
  g_autoptr (GError) error = NULL;
  const char *data;
  gsize size;

  if (record->data != NULL && g_bytes_get_size (record->data) == 0)
    g_clear_pointer (&record->data, g_bytes_unref);
  if (record->data == NULL)
    return NULL;

  data = g_bytes_get_data (record->data, &size);
  if (cb_json_check (data, size, &error))
    return NULL;
  if (!g_utf8_validate_len (data, size, NULL) && memchr (data, '\0', size) == NULL)
    {
      g_autofree char *valid = g_utf8_make_valid (data, (gssize) size);

      if (cb_json_check (valid, strlen (valid), NULL))
        {
          g_bytes_unref (record->data);
          record->data = g_bytes_new (valid, strlen (valid));
          return NULL;
        }
    }

  return g_strdup_printf ("The data of this job are not JSON. %s", error->message);
}

static CbJobRecord *
parse_claim (const char    *id,
             const CbValue *pairs,
             const CbTurn  *turn,
             const Turns   *turns)
{
  CbJobRecord *record = cb_kue_parse_pairs (id, pairs, CB_KUE_PARSE_CLAIMED);
  const char *worker = turn->worker;

  if (turn->ahead)
    worker = turns->ahead;
  else if (turn->job != NULL)
    worker = turn->job->worker;
  record->state = g_intern_static_string ("active");
  record->meaning = CB_JOB_MEANING_ACTIVE;
  record->updated_at = record->started_at = turns->now * 1000;
  record->worker = g_strdup (worker);
  return record;
}

/* The jobs that came, each to the slot that it was taken for. Returns the call that fails those which can't be read, if any. */
static CbCommand *
take_claims (CbKueEngine   *self,
             Turns         *turns,
             const CbValue *claims)
{
  static const CbRetryWish never = { -1, TRUE };
  CbCommand *command = NULL;

  for (guint i = 0; i < cb_value_get_length (claims); i++)
    {
      const CbValue *claim = cb_value_get_element (claims, i);
      const char *id = cb_value_get_string (cb_value_get_element (claim, 1), NULL);
      g_autoptr (CbJobRecord) record = NULL;
      g_autofree char *fault = NULL;
      gint64 slot = 0;
      CbTurn *turn;

      if (!cb_value_get_integer (cb_value_get_element (claim, 0), &slot) || slot < 1 || slot > turns->turns->len ||
          id == NULL || !cb_kue_id_check (id))
        {
          if (turns->error == NULL)
            turns->error = g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_UNEXPECTED, "The server gave a job without an id");
          continue;
        }

      turn = g_ptr_array_index (turns->turns, slot - 1);
      record = parse_claim (id, cb_value_get_element (claim, 2), turn, turns);
      fault = find_fault (record);
      if (fault == NULL && turn->next == NULL)
        {
          turn->next = g_steal_pointer (&record);
        }
      else if (fault != NULL)
        {
          if (command == NULL)
            command = cb_kue_turn_command (self, "", 0, NULL, NULL);
          cb_kue_turn_add_fail (command, record, "-", 0, fault, NULL, &never);
        }
    }

  return command;
}

/* What is left, and the claims. Returns the call that is still to be made, if any. */
static CbCommand *
read_reply (CbKueEngine *self,
            Turns       *turns,
            CbReply     *reply)
{
  const CbValue *claims;
  CbCommand *command;

  turns->more = cb_value_equal_string (cb_value_get_element (cb_reply_get_value (reply), 0), "some");
  claims = cb_value_get_element (cb_reply_get_value (reply), 2);
  if (cb_value_is_error (claims))
    {
      gsize length;
      const char *text = cb_value_get_string (claims, &length);

      turns->error = cb_redis_error_new_from_reply ("EVALSHA", text, length);
      return NULL;
    }

  command = take_claims (self, turns, claims);
  /* In their place there may be others. */
  turns->more |= command != NULL;
  return command;
}

static void
fail_unreadable (GTask     *task,
                 CbCommand *command)
{
  cb_connection_call_async (cb_engine_get_connection (g_task_get_source_object (task)), command, NULL, failed_unreadable_cb,
                            g_object_ref (task));
}

static void
turned_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (CbReply) reply = NULL;
  Turns *turns = g_task_get_task_data (task);
  CbCommand *command;
  GError *error = NULL;

  reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);
  for (guint i = 0; i < turns->turns->len; i++)
    {
      CbTurn *turn = g_ptr_array_index (turns->turns, i);

      if (turn->job == NULL)
        continue;
      if (reply == NULL)
        {
          turn->error = g_error_copy (error);
        }
      else
        {
          const CbValue *answer = cb_kue_turn_get_answer (reply, i);

          turn->error = cb_kue_value_error (turn->job->id, answer);
          turn->will_retry = turn->error == NULL && turn->message != NULL &&
                             !cb_value_equal_string (cb_value_get_element (answer, 1), "failed");
        }
    }
  if (reply == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  command = read_reply (g_task_get_source_object (task), turns, reply);
  if (command != NULL)
    fail_unreadable (task, command);
  else
    finish (task);
}

/* For the reply of cb_kue_turn_command_later(). Returns whether that is all: then @more and @error are what cb_engine_turn_finish() would
 * tell, and @callback is not called. So nothing waits for another turn of the main loop before the job begins. */
gboolean
cb_kue_engine_take_turn (CbKueEngine         *self,
                         GPtrArray           *turns,
                         CbReply             *reply,
                         gboolean            *more,
                         GError             **error,
                         GAsyncReadyCallback  callback,
                         gpointer             user_data)
{
  g_autoptr (GTask) task = NULL;
  Turns *data = g_new0 (Turns, 1);
  CbCommand *command;

  data->turns = g_ptr_array_ref (turns);
  cb_value_get_integer (cb_value_get_element (cb_reply_get_value (reply), 3), &data->now);
  command = read_reply (self, data, reply);
  if (command == NULL)
    {
      *more = data->more;
      if (data->error != NULL)
        g_propagate_error (error, g_steal_pointer (&data->error));
      turns_free (data);
      return TRUE;
    }

  task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (task, cb_kue_engine_take_turn);
  g_task_set_task_data (task, data, (GDestroyNotify) turns_free);
  fail_unreadable (task, command);
  return FALSE;
}

void
cb_kue_engine_turn (CbEngine            *engine,
                    const char          *queue,
                    GPtrArray           *turns,
                    guint                lease_msec,
                    const char          *ahead,
                    GAsyncReadyCallback  callback,
                    gpointer             user_data)
{
  CbKueEngine *self = CB_KUE_ENGINE (engine);
  GTask *task = g_task_new (self, NULL, callback, user_data);
  Turns *data = g_new0 (Turns, 1);
  CbCommand *command = cb_kue_turn_command (self, queue, lease_msec, ahead, &data->now);

  g_task_set_source_tag (task, cb_kue_engine_turn);
  data->turns = g_ptr_array_ref (turns);
  data->ahead = g_strdup (ahead);
  g_task_set_task_data (task, data, (GDestroyNotify) turns_free);

  for (guint i = 0; i < turns->len; i++)
    {
      CbTurn *turn = g_ptr_array_index (turns, i);
      const char *asks = !turn->takes ? "-" : turn->ahead ? "*" : "+";

      if (turn->job == NULL && turn->ahead)
        cb_command_add (command, "a");
      else if (turn->job == NULL)
        add_free (command, turn->worker);
      else if (turn->message == NULL)
        cb_kue_turn_add_complete (command, turn->job, asks, turn->begun_at, turn->result);
      else
        cb_kue_turn_add_fail (command, turn->job, asks, turn->begun_at, turn->message, NULL, turn->has_wish ? &turn->wish : NULL);
    }

  cb_connection_call_async (cb_engine_get_connection (engine), command, NULL, turned_cb, task);
  cb_connection_flush (cb_engine_get_connection (engine));
}
