/* cb-kue-claim.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-kue-private.h"

/*
 * Taking one job is a turn of one slot that has nothing to tell, again and again as long as it says that more may wait.
 */

/* The most turns of one call: for jobs that can't be read, and for rounds of clearing away. */
#define MAX_ROUNDS 100

typedef struct
{
  char      *queue;       /* (owned) */
  guint      lease_msec;
  guint      rounds;
  GPtrArray *turns;       /* (owned) (element-type CbTurn) the one */
} Claim;

static void
claim_free (Claim *claim)
{
  g_free (claim->queue);
  g_ptr_array_unref (claim->turns);
  g_free (claim);
}

static void
turned_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  CbEngine *self = CB_ENGINE (source);
  Claim *claim = g_task_get_task_data (task);
  CbTurn *turn = g_ptr_array_index (claim->turns, 0);
  GError *error = NULL;
  gboolean more;

  if (!cb_engine_turn_finish (self, result, &more, &error))
    g_task_return_error (task, error);
  else if (turn->next == NULL && more && ++claim->rounds < MAX_ROUNDS)
    cb_kue_engine_turn (self, claim->queue, claim->turns, claim->lease_msec, NULL, turned_cb, g_object_ref (task));
  else
    g_task_return_pointer (task, g_steal_pointer (&turn->next), (GDestroyNotify) cb_job_record_unref);
}

void
cb_kue_engine_claim (CbEngine            *self,
                     const char          *queue,
                     const char          *worker,
                     guint                lease_msec,
                     GCancellable        *cancellable,
                     GAsyncReadyCallback  callback,
                     gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  CbTurn *turn;
  Claim *claim;

  g_task_set_source_tag (task, cb_kue_engine_claim);
  if (g_task_return_error_if_cancelled (task))
    return;
  /* Once it is sent the job may be ours: the reply is always waited for. */
  g_task_set_check_cancellable (task, FALSE);

  turn = cb_turn_new ();
  turn->takes = TRUE;
  turn->worker = g_strdup (worker);
  claim = g_new0 (Claim, 1);
  claim->queue = g_strdup (queue);
  claim->lease_msec = lease_msec;
  claim->turns = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_turn_free);
  g_ptr_array_add (claim->turns, turn);
  g_task_set_task_data (task, claim, (GDestroyNotify) claim_free);
  cb_kue_engine_turn (self, claim->queue, claim->turns, lease_msec, NULL, turned_cb, g_object_ref (task));
}
