/* cb-engine-turn.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-engine-private.h"

/*
 * Telling and claiming for many slots at once. For an engine that knows no better, all outcomes are told side by side, and when all
 * have their answers, jobs are claimed one after the other until one is not given.
 */

typedef struct
{
  char      *queue;         /* (owned) */
  GPtrArray *turns;         /* (owned) (element-type CbTurn) */
  guint      lease_msec;
  guint      n_telling;
  guint      next_claim;    /* the turn that is looked at next */
} Turns;

typedef struct
{
  GTask  *task;             /* (owned) */
  CbTurn *turn;             /* of the array */
} Told;

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
  g_free (turns);
}

static void claim_next (GTask *task);

static void
claimed_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  Turns *turns = g_task_get_task_data (task);
  CbTurn *turn = g_ptr_array_index (turns->turns, turns->next_claim++);
  GError *error = NULL;

  turn->next = cb_engine_claim_finish (CB_ENGINE (source), result, &error);
  if (error != NULL)
    g_task_return_error (task, error);
  else if (turn->next == NULL)
    g_task_return_int (task, 0);
  else
    claim_next (task);
}

static void
claim_next (GTask *task)
{
  Turns *turns = g_task_get_task_data (task);

  for (; turns->next_claim < turns->turns->len; turns->next_claim++)
    {
      const CbTurn *turn = g_ptr_array_index (turns->turns, turns->next_claim);
      const char *worker = turn->job != NULL ? turn->job->worker : turn->worker;

      if (!turn->takes || turn->error != NULL)
        continue;
      cb_engine_claim_async (g_task_get_source_object (task), turns->queue, worker != NULL ? worker : "", turns->lease_msec, NULL,
                             claimed_cb, g_object_ref (task));
      return;
    }

  g_task_return_int (task, 1);
}

static void
answered (GTask *task)
{
  Turns *turns = g_task_get_task_data (task);

  if (--turns->n_telling == 0)
    claim_next (task);
}

static void
told_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  CbEngine *self = CB_ENGINE (source);
  g_autofree Told *told = user_data;
  g_autoptr (GTask) task = told->task;

  if (told->turn->message == NULL)
    cb_engine_complete_finish (self, result, &told->turn->error);
  else
    cb_engine_fail_finish (self, result, &told->turn->will_retry, &told->turn->error);
  answered (task);
}

static void
tell (CbEngine *self,
      GTask    *task,
      CbTurn   *turn)
{
  Turns *turns = g_task_get_task_data (task);
  Told *told = g_new0 (Told, 1);

  turns->n_telling++;
  told->task = g_object_ref (task);
  told->turn = turn;
  if (turn->message == NULL)
    cb_engine_complete_async (self, turn->job, turn->result, NULL, told_cb, told);
  else if (turn->has_wish)
    cb_engine_fail_with_async (self, turn->job, turn->message, NULL, &turn->wish, NULL, told_cb, told);
  else
    cb_engine_fail_async (self, turn->job, turn->message, NULL, NULL, told_cb, told);
}

/**
 * cb_engine_turn_async:
 * @queue: whose next jobs are asked for
 * @turns: (element-type CbTurn): what each slot has to tell and asks for; takes the answers
 * @lease_msec: how long the new claims last without cb_engine_extend_async()
 * @ahead: (nullable): the name for what is claimed ahead, which ends in `:ahead`; %NULL when nothing is
 *
 * Tells what came of runs and takes the next jobs, in one round trip where the engine can. Each outcome is judged alone, and
 * a slot gets no job before what it told is written. A result has to be JSON.
 *
 * A job that is claimed ahead (see cb_engine_can_claim_ahead()) is to be begun within some milliseconds, or released. Nobody is told
 * that it started before it has ended or cb_engine_begin_async() says so.
 *
 * It can't be taken back once it is sent, so it can't be cancelled.
 */
void
cb_engine_turn_async (CbEngine            *self,
                      const char          *queue,
                      GPtrArray           *turns,
                      guint                lease_msec,
                      const char          *ahead,
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
      klass->turn (self, queue, turns, lease_msec, ahead, callback, user_data);
      return;
    }

  data = g_new0 (Turns, 1);
  data->queue = g_strdup (queue);
  data->turns = g_ptr_array_ref (turns);
  data->lease_msec = lease_msec;
  data->n_telling = 1; /* this function */
  task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (task, cb_engine_turn_async);
  g_task_set_task_data (task, data, (GDestroyNotify) turns_free);

  for (guint i = 0; i < turns->len; i++)
    {
      CbTurn *turn = g_ptr_array_index (turns, i);

      g_return_if_fail (!turn->ahead);
      if (turn->job != NULL)
        tell (self, task, turn);
    }
  answered (task);
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
