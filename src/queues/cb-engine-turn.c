/* cb-engine-turn.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-engine-private.h"

/*
 * Telling and claiming for many slots at once. For an engine that knows no better, each slot is a chain of its own: its outcome,
 * and when that is written a claim. The chains run side by side.
 */

typedef struct
{
  char      *queue;         /* (owned) */
  GPtrArray *turns;         /* (owned) (element-type CbTurn) */
  guint      lease_msec;
  guint      n_left;        /* chains that are not at their end */
  gboolean   dry;           /* one found nothing */
  GError    *error;         /* (owned) (nullable) the first that a claim met */
} Turns;

typedef struct
{
  GTask  *task;             /* (owned) */
  CbTurn *turn;             /* of the array */
} Chain;

/**
 * cb_turn_new:
 *
 * Returns: (transfer full): a turn of a slot that is free and asks for nothing
 */
CbTurn *
cb_turn_new (void)
{
  return g_new0 (CbTurn, 1);
}

void
cb_turn_free (CbTurn *self)
{
  g_clear_pointer (&self->job, cb_job_record_unref);
  g_clear_pointer (&self->result, g_bytes_unref);
  g_free (self->message);
  g_free (self->worker);
  g_clear_error (&self->error);
  g_clear_pointer (&self->next, cb_job_record_unref);
  g_free (self);
}

static void
turns_free (Turns *turns)
{
  g_free (turns->queue);
  g_ptr_array_unref (turns->turns);
  g_clear_error (&turns->error);
  g_free (turns);
}

static void
leave (GTask *task)
{
  Turns *turns = g_task_get_task_data (task);

  if (--turns->n_left > 0)
    return;

  if (turns->error != NULL)
    g_task_return_error (task, g_steal_pointer (&turns->error));
  else
    g_task_return_int (task, turns->dry ? 0 : 1);
}

static void
end_chain (Chain *chain)
{
  leave (chain->task);
  g_object_unref (chain->task);
  g_free (chain);
}

static void
claimed_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  Chain *chain = user_data;
  Turns *turns = g_task_get_task_data (chain->task);
  g_autoptr (GError) error = NULL;

  chain->turn->next = cb_engine_claim_finish (CB_ENGINE (source), result, &error);
  if (error != NULL && turns->error == NULL)
    turns->error = g_steal_pointer (&error);
  else if (error == NULL && chain->turn->next == NULL)
    turns->dry = TRUE;
  end_chain (chain);
}

static void
claim_or_end (CbEngine *self,
              Chain    *chain)
{
  Turns *turns = g_task_get_task_data (chain->task);
  CbTurn *turn = chain->turn;
  const char *worker = turn->job != NULL ? turn->job->worker : turn->worker;

  if (turn->takes && turn->error == NULL)
    cb_engine_claim_async (self, turns->queue, worker != NULL ? worker : "", turns->lease_msec, NULL, claimed_cb, chain);
  else
    end_chain (chain);
}

static void
told_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  CbEngine *self = CB_ENGINE (source);
  Chain *chain = user_data;
  CbTurn *turn = chain->turn;

  if (turn->message == NULL)
    cb_engine_complete_finish (self, result, &turn->error);
  else
    cb_engine_fail_finish (self, result, &turn->will_retry, &turn->error);
  claim_or_end (self, chain);
}

static void
begin_chain (CbEngine *self,
             GTask    *task,
             CbTurn   *turn)
{
  Chain *chain = g_new0 (Chain, 1);

  chain->task = g_object_ref (task);
  chain->turn = turn;
  if (turn->job == NULL)
    claim_or_end (self, chain);
  else if (turn->message == NULL)
    cb_engine_complete_async (self, turn->job, turn->result, NULL, told_cb, chain);
  else if (turn->has_wish)
    cb_engine_fail_with_async (self, turn->job, turn->message, NULL, &turn->wish, NULL, told_cb, chain);
  else
    cb_engine_fail_async (self, turn->job, turn->message, NULL, NULL, told_cb, chain);
}

/**
 * cb_engine_turn_async:
 * @queue: whose next jobs are asked for
 * @turns: (element-type CbTurn): what each slot has to tell and asks for; takes the answers
 * @lease_msec: how long the new claims last without cb_engine_extend_async()
 *
 * Tells what came of runs and takes the next jobs, in one round trip where the engine can. Each outcome is judged alone, and
 * a slot gets no job before what it told is written. A result has to be JSON.
 *
 * It can't be taken back once it is sent, so it can't be cancelled.
 */
void
cb_engine_turn_async (CbEngine            *self,
                      const char          *queue,
                      GPtrArray           *turns,
                      guint                lease_msec,
                      GAsyncReadyCallback  callback,
                      gpointer             user_data)
{
  g_autoptr (GTask) task = NULL;
  CbEngineClass *klass;
  Turns *data;

  g_return_if_fail (CB_IS_ENGINE (self));
  g_return_if_fail (queue != NULL);
  g_return_if_fail (turns != NULL && turns->len > 0);
  g_return_if_fail (lease_msec > 0);

  klass = CB_ENGINE_GET_CLASS (self);
  if (klass->turn != NULL)
    {
      klass->turn (self, queue, turns, lease_msec, callback, user_data);
      return;
    }

  data = g_new0 (Turns, 1);
  data->queue = g_strdup (queue);
  data->turns = g_ptr_array_ref (turns);
  data->lease_msec = lease_msec;
  data->n_left = turns->len + 1; /* and this function */
  task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (task, cb_engine_turn_async);
  g_task_set_task_data (task, data, (GDestroyNotify) turns_free);

  for (guint i = 0; i < turns->len; i++)
    begin_chain (self, task, g_ptr_array_index (turns, i));
  leave (task);
}

/**
 * cb_engine_turn_finish:
 * @more: (out) (optional): whether more jobs may wait; %FALSE when there were less than asked for
 *
 * What became of each outcome stands in its #CbTurn, whatever is returned here.
 *
 * Returns: %FALSE with an error when jobs could not be claimed; some may have been all the same
 */
gboolean
cb_engine_turn_finish (CbEngine      *self,
                       GAsyncResult  *result,
                       gboolean      *more,
                       GError       **error)
{
  gssize answer;

  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  answer = g_task_propagate_int (G_TASK (result), error);
  if (more != NULL)
    *more = answer > 0;
  return answer >= 0;
}
