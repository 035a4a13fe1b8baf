/* cb-group-deed.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-group-deed.h"

#include <glib/gi18n.h>

#include "cb-acting.h"
#include "cb-ask.h"
#include "cb-bulk.h"
#include "cb-job-actions.h"
#include "cb-job-find.h"
#include "cb-window.h"

/* All that it takes until it is over. */
typedef struct
{
  GWeakRef widget;
  CbSession *session;         /* (owned) */
  CbBulk *bulk;               /* (owned) */
  char *cause;                /* (owned): what the jobs failed of, for people */
} Deed;

static void
deed_free (Deed *deed)
{
  g_weak_ref_clear (&deed->widget);
  g_object_unref (deed->session);
  g_object_unref (deed->bulk);
  g_free (deed->cause);
  g_free (deed);
}

static void
over_cb (gpointer data)
{
  g_autoptr (GTask) task = data;

  g_task_return_boolean (task, TRUE);
}

/* @widget: what the task was begun from */
static void
act (GTask *task, GtkWidget *widget)
{
  Deed *deed = g_task_get_task_data (task);

  cb_acting_run (widget, deed->session, deed->bulk, NULL, g_object_ref (task), over_cb);
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;

  if (cb_ask_finish (GTK_WIDGET (source), result))
    act (task, GTK_WIDGET (source));
  else
    g_task_return_boolean (task, FALSE);
}

static void
ask (GTask *task, GtkWidget *widget)
{
  Deed *deed = g_task_get_task_data (task);
  g_autofree char *heading = cb_job_actions_describe_question (deed->bulk);
  g_autofree char *named = cb_job_actions_name_jobs (deed->bulk);
  /* Translators: an error, and ids of jobs */
  g_autofree char *body = g_strdup_printf (_ ("All jobs that failed of “%s”: %s"), deed->cause, named);

  cb_ask_async (widget, heading, body, _ ("_Remove"), TRUE, NULL, answered_cb, g_object_ref (task));
}

static void
hit_cb (CbJobFind *find, CbJobRecord *record, CbBulk *bulk)
{
  if (!record->missing)
    cb_bulk_add_record (bulk, record);
}

static void
found_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  Deed *deed = g_task_get_task_data (task);
  g_autoptr (GtkWidget) widget = g_weak_ref_get (&deed->widget);
  g_autoptr (GError) error = NULL;

  if (!cb_job_find_run_finish (CB_JOB_FIND (source), result, &error))
    {
      if (widget != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        cb_toast (widget, error->message);
      g_task_return_boolean (task, FALSE);
      return;
    }
  if (cb_bulk_get_n_total (deed->bulk) == 0)
    {
      if (widget != NULL)
        cb_toast (widget, _ ("None of these jobs is there any more"));
      g_task_return_boolean (task, FALSE);
      return;
    }

  if (widget != NULL && cb_bulk_get_deed (deed->bulk)->kind != CB_DEED_REMOVE)
    act (task, widget);
  else if (widget != NULL && CB_IS_WINDOW (gtk_widget_get_root (widget)))
    ask (task, widget);
  else
    g_task_return_boolean (task, FALSE);
}

void
cb_group_deed_start (GtkWidget *widget, CbSession *session, CbEngine *engine, const char *filter_text, const char *cause,
                     CbDeedKind kind, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (CbDeed) what = cb_deed_new (kind, 0, NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (CbJobFind) find = NULL;
  g_autoptr (GError) error = NULL;
  CbJobFilter *filter = cb_job_filter_parse (filter_text, NULL, NULL, &error);
  const CbStateInfo *states;
  const char *state = NULL;
  Deed *deed;
  GTask *task;
  guint n;

  g_return_if_fail (GTK_IS_WIDGET (widget));

  task = g_task_new (widget, NULL, callback, user_data);
  g_task_set_source_tag (task, cb_group_deed_start);
  deed = g_new0 (Deed, 1);
  g_weak_ref_init (&deed->widget, widget);
  deed->session = g_object_ref (session);
  deed->bulk = cb_bulk_new (engine, cb_session_get_journal (session), what);
  deed->cause = g_strdup (cause);
  cb_bulk_set_summary (deed->bulk, filter_text);
  g_task_set_task_data (task, deed, (GDestroyNotify) deed_free);
  if (filter == NULL || !cb_acting_can_begin (widget, engine))
    {
      if (error != NULL)
        cb_toast (widget, error->message);
      g_clear_pointer (&filter, cb_job_filter_free);
      g_task_return_boolean (task, FALSE);
      g_object_unref (task);
      return;
    }

  states = cb_engine_get_states (engine, &n);
  for (guint i = 0; i < n; i++)
    {
      if (states[i].meaning == CB_JOB_MEANING_FAILED)
        state = states[i].name;
    }
  find = cb_job_find_new (engine, NULL, state, filter);
  g_signal_connect_object (find, "hit", G_CALLBACK (hit_cb), deed->bulk, 0);
  cb_doings_add (cb_session_get_doings (session), find, cancellable);
  cb_job_find_run_async (find, cancellable, found_cb, task);
}
