/* cb-worker-end.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* How a worker comes to its end: because somebody stops it, or because the queue is drained. */

#include "config.h"

#include "cb-worker-private.h"

/* How long a refusal that does not go away by itself is borne with while somebody waits for the end of the queue. */
#define REFUSED_MSEC 3000
/* When it is said that jobs of other workers are waited for: those of the living end meanwhile, as a rule. */
#define ELSEWHERE_MSEC 5000

#define DRAIN_LOOK 500 /* the entries of a queue that nothing can be claimed from that are looked at */

/* On stop: how long a cancelled handler has to answer, and how long the outcomes may take while the server is away. */
#define CANCEL_GRACE_MSEC 700
#define GIVE_UP_MSEC 5000

/* --- stopping --- */

/* Kept, because ending one changes the slots. */
static GPtrArray *
dup_runs (CbWorker *self)
{
  GPtrArray *runs = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < cb_worker_get_n_slots (self); i++)
    {
      CbRun *run = cb_worker_slot_get_run (cb_worker_peek_slot (self, i));

      if (run != NULL)
        g_ptr_array_add (runs, g_object_ref (run));
    }
  for (guint i = 0; i < self->loose->len; i++)
    g_ptr_array_add (runs, g_object_ref (g_ptr_array_index (self->loose, i)));

  return runs;
}

void
cb_worker_become_stopped (CbWorker *self)
{
  g_autoptr (CbWorker) keep = g_object_ref (self);
  g_autoptr (GError) error = g_steal_pointer (&self->stop_error);
  g_autoptr (GError) stopped = NULL;

  g_clear_handle_id (&self->pause_source, g_source_remove);
  g_clear_handle_id (&self->rate_source, g_source_remove);
  g_clear_handle_id (&self->turn_source, g_source_remove);
  g_clear_handle_id (&self->tick_source, g_source_remove);
  g_clear_handle_id (&self->stop_source, g_source_remove);
  g_clear_handle_id (&self->drain_source, g_source_remove);
  if (self->waiting != NULL)
    g_cancellable_cancel (self->waiting);
  g_clear_object (&self->waiting);
  cb_gate_forget (self->gate, self);
  if (self->caretaker != NULL)
    g_signal_handlers_disconnect_by_data (self->caretaker, self);
  g_clear_pointer (&self->caretaker, cb_caretaker_leave);
  g_hash_table_remove_all (self->retrying);
  self->n_telling -= self->to_tell->len;
  g_ptr_array_set_size (self->to_tell, 0);
  cb_worker_set_claim_problem (self, NULL);
  cb_worker_update_problem (self);

  cb_worker_set_state (self, CB_WORKER_STOPPED);

  stopped = g_error_new_literal (CB_WORKER_ERROR, CB_WORKER_ERROR_STOPPED,
                                 "The worker was stopped before the queue was drained");
  cb_worker_return_tasks (&self->drain_tasks, stopped);
  cb_worker_return_tasks (&self->stop_tasks, error);
}

void
cb_worker_maybe_stop (CbWorker *self)
{
  if (self->state == CB_WORKER_STOPPING && self->n_active == 0 && self->n_claims == 0 && self->n_waits == 0)
    cb_worker_become_stopped (self);
}

/* The server has been away for too long for the outcomes to be told. */
static gboolean
give_up_cb (gpointer user_data)
{
  g_autoptr (CbWorker) self = g_object_ref (CB_WORKER (user_data));
  g_autoptr (GPtrArray) runs = dup_runs (self);

  self->stop_source = 0;
  g_clear_error (&self->stop_error);
  self->stop_error =
    g_error_new (CB_WORKER_ERROR, CB_WORKER_ERROR_STOPPED,
                 "The worker stopped without telling what came of %u jobs; they come back when their lease is over%s%s",
                 self->n_active, self->problem != NULL ? ": " : "", self->problem != NULL ? self->problem : "");

  for (guint i = 0; i < runs->len; i++)
    cb_run_give_up (g_ptr_array_index (runs, i));

  /* The last of them has stopped it, unless a claim is still without an answer. */
  if (self->state == CB_WORKER_STOPPING)
    cb_worker_become_stopped (self);

  return G_SOURCE_REMOVE;
}

gboolean
cb_worker_grace_over (gpointer user_data)
{
  g_autoptr (CbWorker) self = g_object_ref (CB_WORKER (user_data));
  g_autoptr (GError) reason = g_error_new_literal (CB_WORKER_ERROR, CB_WORKER_ERROR_STOPPED, "The worker has stopped");
  g_autoptr (GPtrArray) runs = dup_runs (self);

  self->handlers_cancelled = TRUE;
  self->stop_source = g_timeout_add (GIVE_UP_MSEC, give_up_cb, self);

  for (guint i = 0; i < runs->len; i++)
    cb_run_end (g_ptr_array_index (runs, i), CB_RUN_CAUSE_STOP, reason, CANCEL_GRACE_MSEC);

  return G_SOURCE_REMOVE;
}

/* --- drain --- */

static void
drained (CbWorker *self)
{
  /* The tasks are taken out first, so that stopping does not fail them. */
  g_autoptr (GPtrArray) tasks = g_steal_pointer (&self->drain_tasks);

  self->drain_tasks = g_ptr_array_new_with_free_func (g_object_unref);
  cb_worker_become_stopped (self);
  cb_worker_return_tasks (&tasks, NULL);
}

static gboolean
is_draining_and_idle (CbWorker *self)
{
  return self->state == CB_WORKER_RUNNING && self->drain_tasks->len > 0 && self->n_active == 0 && self->n_claims == 0
         && self->held.length == 0 && self->n_waits <= (self->waiting != NULL ? 1 : 0);
}

static void
read_retrying_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autofree GWeakRef *weak = user_data;
  g_autoptr (CbWorker) self = g_weak_ref_get (weak);
  g_autoptr (GPtrArray) records = cb_engine_get_many_finish (CB_ENGINE (object), result, NULL);

  g_weak_ref_clear (weak);
  if (self == NULL)
    return;

  self->counting = FALSE;
  if (records == NULL || !is_draining_and_idle (self))
    return;

  for (guint i = 0; i < records->len; i++)
    {
      CbJobRecord *record = g_ptr_array_index (records, i);

      if (record->missing || (record->meaning != CB_JOB_MEANING_DELAYED && record->meaning != CB_JOB_MEANING_WAITING))
        g_hash_table_remove (self->retrying, record->id);
    }

  if (g_hash_table_size (self->retrying) == 0)
    drained (self);
}

/* Nothing waits that can be worked, and nothing is active: what is left is what failed here and is tried again. */
static void
look_at_retrying (CbWorker *self)
{
  /* In portions: those that are still to come are asked about again in half a second anyway. */
  g_autoptr (GPtrArray) ids = NULL;
  GHashTableIter iter;
  GWeakRef *weak;
  gpointer id;

  if (g_hash_table_size (self->retrying) == 0)
    {
      drained (self);
      return;
    }

  ids = g_ptr_array_new ();
  g_hash_table_iter_init (&iter, self->retrying);
  while (ids->len < 200 && g_hash_table_iter_next (&iter, &id, NULL))
    g_ptr_array_add (ids, id);
  g_ptr_array_add (ids, NULL);

  weak = g_new0 (GWeakRef, 1);
  g_weak_ref_init (weak, self);
  self->counting = TRUE;
  cb_engine_get_many_async (self->engine, (const char *const *) ids->pdata, NULL, read_retrying_cb, weak);
}

/* What a claim passes over would be waited for without end: an entry that is no id, the record of another queue. */
static void
read_waiting_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autofree GWeakRef *weak = user_data;
  g_autoptr (CbWorker) self = g_weak_ref_get (weak);
  g_autoptr (CbJobPage) page = cb_engine_page_finish (CB_ENGINE (object), result, NULL);

  g_weak_ref_clear (weak);
  if (self == NULL)
    return;

  self->counting = FALSE;
  if (page == NULL || !self->dry || !is_draining_and_idle (self) || page->records->len < page->total)
    return;

  for (guint i = 0; i < page->records->len; i++)
    {
      const CbJobRecord *record = g_ptr_array_index (page->records, i);

      if (!record->missing && record->meaning == CB_JOB_MEANING_WAITING && g_strcmp0 (record->queue, self->queue) == 0)
        return;
    }

  if (page->records->len > 0)
    {
      g_autofree char *problem = NULL;

      problem = g_strdup_printf ("What still stands in %s as waiting (%u) is no job that can be worked; it was left there",
                                 self->queue, page->records->len);
      cb_worker_set_claim_problem (self, problem);
    }
  look_at_retrying (self);
}

/* Nobody but a person knows whether a worker that keeps no lease, as Kue's, is dead. Said once. */
static void
tell_elsewhere (CbWorker *self)
{
  gint64 now = g_get_monotonic_time ();
  g_autofree char *problem = NULL;

  if (self->elsewhere_since == 0)
    self->elsewhere_since = now;
  if (self->told_elsewhere || now - self->elsewhere_since < ELSEWHERE_MSEC * G_TIME_SPAN_MILLISECOND)
    return;

  self->told_elsewhere = TRUE;
  problem = g_strdup_printf ("%s is not drained yet, as jobs are active under other workers. One whose worker is dead stays so until "
                             "it is retried by hand", self->queue);
  cb_worker_set_claim_problem (self, problem);
}

static void
counted_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autofree GWeakRef *weak = user_data;
  g_autoptr (CbWorker) self = g_weak_ref_get (weak);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) counts = cb_engine_count_finish (CB_ENGINE (object), result, &error);
  const char *waiting = NULL;
  const CbStateInfo *states;
  guint n_states;

  g_weak_ref_clear (weak);
  if (self == NULL)
    return;

  self->counting = FALSE;

  if (counts == NULL || counts->len != 1)
    {
      /* It is asked again. The claims tell what is wrong. */
      g_debug ("Counting %s: %s", self->queue, error != NULL ? error->message : "no answer");
      return;
    }

  states = cb_engine_get_states (self->engine, &n_states);
  for (guint i = 0; i < n_states; i++)
    {
      const CbQueueCounts *count = g_ptr_array_index (counts, 0);

      if (count->counts[i] == 0)
        continue;
      if (states[i].meaning == CB_JOB_MEANING_ACTIVE)
        {
          if (is_draining_and_idle (self))
            tell_elsewhere (self);
          return;
        }
      if (states[i].meaning == CB_JOB_MEANING_WAITING)
        waiting = states[i].name;
    }

  self->elsewhere_since = 0;
  if (!is_draining_and_idle (self))
    return;

  if (waiting == NULL)
    {
      look_at_retrying (self);
    }
  else if (self->dry)
    {
      GWeakRef *again = g_new0 (GWeakRef, 1);

      g_weak_ref_init (again, self);
      self->counting = TRUE;
      cb_engine_page_async (self->engine, self->queue, waiting, 0, DRAIN_LOOK, FALSE, NULL, read_waiting_cb, again);
    }
}

void
cb_worker_look_whether_drained (CbWorker *self)
{
  const char *queues[] = { self->queue, NULL };
  GWeakRef *weak;

  if (self->counting || !is_draining_and_idle (self))
    return;

  weak = g_new0 (GWeakRef, 1);
  g_weak_ref_init (weak, self);
  self->counting = TRUE;
  cb_engine_count_async (self->engine, queues, NULL, counted_cb, weak);
}

/* Whoever waits for the end of a queue that can't be worked would wait for ever. */
static gboolean
is_refused_for_good (CbWorker *self)
{
  gint64 now = g_get_monotonic_time ();

  /* What a claim is refused with although the server is there concerns the keys. */
  if (self->claim_refused || cb_gate_is_lasting (self->gate))
    self->refused_since = self->refused_since != 0 ? self->refused_since : now;
  else
    self->refused_since = 0;

  return self->refused_since != 0 && now - self->refused_since >= REFUSED_MSEC * G_TIME_SPAN_MILLISECOND;
}

gboolean
cb_worker_drain_tick (gpointer user_data)
{
  g_autoptr (CbWorker) self = g_object_ref (CB_WORKER (user_data));

  if (is_refused_for_good (self))
    {
      g_autoptr (GError) error = g_error_new (CB_WORKER_ERROR, CB_WORKER_ERROR_FAILED, "%s can't be drained: %s", self->queue,
                                              self->problem);

      self->drain_source = 0;
      self->refused_since = 0;
      cb_worker_return_tasks (&self->drain_tasks, error);
      return G_SOURCE_REMOVE;
    }

  cb_worker_look_whether_drained (self);

  return G_SOURCE_CONTINUE;
}
