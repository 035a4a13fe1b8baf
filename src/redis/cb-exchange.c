/* cb-exchange.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-exchange.h"

#include "cb-command-private.h"

typedef struct
{
  CbCall *call; /* (owned) (nullable) NULL for our own probe */
  CbStep step;
  guint index;  /* of the command; of a question of our own, the CbExchangeKind of its reply */
  CbCommandFigures *figures;  /* where it is counted */
  gint64 sent_at;             /* µs monotonic */
} Expected;

static void
expect (CbExchange       *self,
        CbCall           *call,
        CbStep            step,
        guint             index,
        CbCommandFigures *figures,
        gint64            sent_at)
{
  Expected expected = { call != NULL ? cb_call_ref (call) : NULL, step, index, figures, sent_at };

  if (call != NULL)
    call->n_missing++;
  g_array_append_val (self->expected, expected);
}

static gboolean
next_expected (CbExchange *self,
               Expected     *expected)
{
  if (self->first_expected == self->expected->len)
    return FALSE;

  *expected = g_array_index (self->expected, Expected, self->first_expected++);

  if (self->first_expected == self->expected->len)
    {
      g_array_set_size (self->expected, 0);
      self->first_expected = 0;
    }
  else if (self->first_expected >= 4096 && self->first_expected > self->expected->len / 2)
    {
      g_array_remove_range (self->expected, 0, self->first_expected);
      self->first_expected = 0;
    }
  return TRUE;
}

static void
forget_expected (CbExchange *self)
{
  Expected expected;

  while (next_expected (self, &expected))
    g_clear_pointer (&expected.call, cb_call_unref);
}

static void
send_word (CbExchange *self,
           const char   *word)
{
  g_autoptr (CbCommand) command = cb_command_new (word, NULL);

  cb_redis_session_send (self->session, command, FALSE);
}

/* Returns whether the script must go with its source. */
static gboolean
prepare_script (CbExchange *self,
                CbCall       *call,
                guint         index,
                CbScript     *script)
{
  g_autoptr (CbCommand) load = NULL;

  /* A transaction can't be mended when a script turns out to be unknown in the midst of it. */
  if (cb_pipeline_get_transaction (call->pipeline) || self->no_script_load)
    return TRUE;

  if (g_hash_table_add (self->loaded, script))
    {
      load = cb_command_new ("SCRIPT", "LOAD", cb_script_get_source (script), NULL);
      cb_redis_session_send (self->session, load, FALSE);
      expect (self, call, CB_STEP_LOAD, index, cb_command_stats_count (self->stats, load), call->sent_at);
    }
  return FALSE;
}

void
cb_exchange_send (CbExchange *self,
                  CbCall     *call)
{
  gboolean transaction = cb_pipeline_get_transaction (call->pipeline);

  call->sent_at = g_get_monotonic_time ();
  g_queue_push_tail_link (&self->sent, &call->node);

  if (transaction)
    {
      send_word (self, "MULTI");
      expect (self, call, CB_STEP_MULTI, 0, cb_command_stats_count_word (self->stats, "MULTI"), call->sent_at);
    }

  for (guint i = 0; i < cb_pipeline_get_length (call->pipeline); i++)
    {
      CbCommand *command = cb_pipeline_get_command (call->pipeline, i);
      CbScript *script = cb_command_get_script (command);
      gboolean whole_script = script != NULL && prepare_script (self, call, i, script);

      cb_redis_session_send (self->session, command, whole_script);
      expect (self, call, transaction ? CB_STEP_QUEUED : CB_STEP_COMMAND, i, cb_command_stats_count (self->stats, command),
              call->sent_at);
    }

  if (transaction)
    {
      send_word (self, "EXEC");
      expect (self, call, CB_STEP_EXEC, 0, cb_command_stats_count_word (self->stats, "EXEC"), call->sent_at);
    }
}

void
cb_exchange_send_waiting (CbExchange *self)
{
  GList *node;

  while ((node = g_queue_pop_head_link (&self->waiting)) != NULL)
    cb_exchange_send (self, node->data);
}

/*
 * Asks a question of our own: TIME, or PING, and perhaps ROLE behind it.
 */
void
cb_exchange_send_probe (CbExchange *self,
                        gboolean    with_time,
                        gboolean    with_role)
{
  cb_exchange_send_question (self, CB_EXCHANGE_PROBE_TIME, cb_command_new (with_time ? "TIME" : "PING", NULL));
  if (with_role)
    cb_exchange_send_question (self, CB_EXCHANGE_PROBE_ROLE, cb_command_new ("ROLE", NULL));
}

void
cb_exchange_send_question (CbExchange     *self,
                           CbExchangeKind  kind,
                           CbCommand      *command)
{
  cb_redis_session_send_own (self->session, command);
  expect (self, NULL, CB_STEP_COMMAND, kind, cb_command_stats_count (self->stats, command), g_get_monotonic_time ());
  cb_command_free (command);
}

/* Takes a call out of its queue, with the reference of that. */
void
cb_exchange_take_out (CbExchange *self,
                      CbCall     *call)
{
  g_queue_unlink (call->sent_at != 0 ? &self->sent : &self->waiting, &call->node);
}

/* Puts a call, and the error it is to be told, with others that are told later. */
void
cb_exchange_refuse (GPtrArray *calls,
                    CbCall    *call,
                    GError    *error)
{
  g_clear_error (&call->refusal);
  call->refusal = error;
  call->settled = TRUE;
  g_ptr_array_add (calls, call);
}

/* Takes the calls whose replies will not come any more: those that can be repeated wait for the next session, if
 * there is to be one, before all that came later. */
void
cb_exchange_sort_out (CbExchange   *self,
                      const GError *reason,
                      gboolean      goes_on,
                      GPtrArray    *calls)
{
  CbCall *culprit = NULL;
  GList *node;

  /* What could not be read was the reply to the first that is expected. To ask again would only repeat it. */
  if (g_error_matches (reason, CB_REDIS_ERROR, CB_REDIS_ERROR_PROTOCOL) && self->first_expected < self->expected->len)
    culprit = g_array_index (self->expected, Expected, self->first_expected).call;

  while ((node = g_queue_pop_tail_link (&self->sent)) != NULL)
    {
      CbCall *call = node->data;

      if (call == culprit)
        {
          cb_exchange_refuse (calls, call, g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_PROTOCOL, "%s: %s",
                                                 cb_call_get_display_name (call), reason->message));
        }
      else if (call->repeatable && goes_on)
        {
          cb_call_rewind (call);
          g_queue_push_head_link (&self->waiting, &call->node);
        }
      else
        {
          cb_exchange_refuse (calls, call, g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_LOST,
                                                 "%s was sent, but its reply did not come, so it may or may not have run. %s",
                                                 cb_call_get_display_name (call), reason->message));
        }
    }
  cb_exchange_end (self);
}

/* A script that the server has forgotten since it was loaded (SCRIPT FLUSH, a failover behind a proxy) goes again
 * with its source. What follows it in its pipeline has run by then. */
static gboolean
send_whole_script (CbExchange *self,
                   Expected   *expected,
                   CbReply    *reply)
{
  const CbValue *value = cb_reply_get_value (reply);
  CbCommand *command;
  gsize length;
  const char *text = cb_value_get_string (value, &length);

  if (expected->step != CB_STEP_COMMAND || !cb_value_is_error (value) || !g_str_has_prefix (text, "NOSCRIPT"))
    return FALSE;

  command = cb_pipeline_get_command (expected->call->pipeline, expected->index);
  if (cb_command_get_script (command) == NULL || expected->call->settled ||
      !cb_redis_session_may_send (self->session, command, NULL))
    return FALSE;

  cb_redis_session_send (self->session, command, TRUE);
  expect (self, expected->call, CB_STEP_COMMAND, expected->index, cb_command_stats_count (self->stats, command),
          g_get_monotonic_time ());
  expected->call->n_missing--;
  return TRUE;
}

/* Whoever may not load scripts, or has no such command, sends them whole from now on. Anything else, as a server that is busy, will pass:
 * it is loaded with its next use. */
static void
take_load (CbExchange     *self,
           const Expected *expected,
           const CbValue  *value)
{
  g_autoptr (GError) error = NULL;
  const char *text;
  gsize length;

  if (!cb_value_is_error (value))
    return;

  text = cb_value_get_string (value, &length);
  error = cb_redis_error_new_from_reply ("SCRIPT", text, length);
  if (g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_NOPERM) ||
      g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_UNKNOWN_COMMAND))
    self->no_script_load = TRUE;
  else
    g_hash_table_remove (self->loaded, cb_command_get_script (cb_pipeline_get_command (expected->call->pipeline, expected->index)));
}

/**
 * cb_exchange_take:
 * @self: the calls
 * @reply: the next reply
 * @done: (out) (transfer full) (nullable): the call that is complete with it and is now to be told
 *
 * Returns: what the reply is
 */
CbExchangeKind
cb_exchange_take (CbExchange  *self,
                  CbReply     *reply,
                  CbCall     **done)
{
  g_autoptr (CbCall) call = NULL;
  Expected expected;

  *done = NULL;
  if (!next_expected (self, &expected))
    return CB_EXCHANGE_UNASKED;

  cb_command_figures_take (expected.figures, g_get_monotonic_time () - expected.sent_at, cb_reply_get_size (reply),
                           cb_value_is_error (cb_reply_get_value (reply)));
  call = expected.call;
  if (call == NULL)
    return expected.index;

  if (send_whole_script (self, &expected, reply))
    return CB_EXCHANGE_CALL;
  if (expected.step == CB_STEP_LOAD)
    take_load (self, &expected, cb_reply_get_value (reply));

  if (cb_call_take (call, expected.step, expected.index, cb_reply_ref (reply)) && !call->settled)
    {
      cb_exchange_take_out (self, call);
      call->settled = TRUE;
      *done = call; /* with the reference of the queue */
    }
  return CB_EXCHANGE_CALL;
}

static gint64
earliest_deadline (GQueue *calls,
                   gint64  earliest)
{
  for (GList *node = calls->head; node != NULL; node = node->next)
    earliest = MIN (earliest, ((CbCall *) node->data)->deadline);
  return earliest;
}

/* When the first call is due, G_MAXINT64 for never. Looks at all of them. */
gint64
cb_exchange_get_deadline (CbExchange *self)
{
  return earliest_deadline (&self->sent, earliest_deadline (&self->waiting, G_MAXINT64));
}

void
cb_exchange_init (CbExchange *self)
{
  self->stats = cb_command_stats_new ();
  self->loaded = g_hash_table_new (NULL, NULL);
  self->expected = g_array_new (FALSE, FALSE, sizeof (Expected));
  g_queue_init (&self->waiting);
  g_queue_init (&self->sent);
}

void
cb_exchange_clear (CbExchange *self)
{
  g_clear_pointer (&self->stats, cb_command_stats_unref);
  g_clear_pointer (&self->loaded, g_hash_table_unref);
  g_clear_pointer (&self->expected, g_array_unref);
}

/* From now on calls go over @session, which knows nothing yet. */
void
cb_exchange_begin (CbExchange     *self,
                   CbRedisSession *session)
{
  forget_expected (self);
  g_hash_table_remove_all (self->loaded);
  self->no_script_load = FALSE;
  self->session = session;
}

/* No replies will come any more. */
void
cb_exchange_end (CbExchange *self)
{
  forget_expected (self);
  self->session = NULL;
}
