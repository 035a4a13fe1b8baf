/* cb-samples.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-samples.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cb-job-draft.h"

/* The numbers that the samples block. The first has a job below. */
static const char * const blocked[] = { "4153518780", "4153518781" };

static const struct
{
  const char *recipient;
  int code;
  gint64 delay_msec;
  int attempts;
} samples[] = {
  { "4153518743", 4321, 0, 1 },
  { "4153538781", 4562, 0, 1 },
  { "4153518780", 1234, 0, 2 },
  { "4153118782", 4321, 0, 1 },
  { "4159518782", 4321, 10000, 1 },
};

static void
created_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (GPtrArray) ids = cb_engine_create_finish (CB_ENGINE (source), result, &error);

  if (ids == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static CbJobSpec *
create_spec (guint i)
{
  g_autofree char *message = NULL;
  g_autofree char *data = NULL;
  g_autoptr (GBytes) bytes = NULL;
  CbJobDraft draft = { .is_notification = TRUE, .recipient = samples[i].recipient };
  CbJobSpec *spec;

  message = g_strdup_printf (_("This is the code %d to verify your account"), samples[i].code);
  draft.message = message;
  data = cb_job_draft_dup_data (&draft);
  bytes = g_bytes_new (data, strlen (data));

  spec = cb_job_spec_new (CB_SERVING_SAMPLE_QUEUE, bytes);
  spec->delay_msec = samples[i].delay_msec;
  spec->attempts = samples[i].attempts;

  return spec;
}

/**
 * cb_samples_create_async:
 *
 * Puts two numbers on the block-list of the sample queue, and then creates its jobs, all or none.
 *
 * Errors: any of cb_engine_create_async(); %CB_QUEUE_ERROR_FAILED without an engine.
 */
void
cb_samples_create_async (CbServing *serving, GCancellable *cancellable, GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (serving, cancellable, callback, user_data);
  g_autoptr (GPtrArray) specs = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_spec_free);
  CbEngine *engine = cb_board_get_default_engine (cb_serving_get_board (serving));
  CbServedQueue *served;

  g_task_set_source_tag (task, cb_samples_create_async);

  if (engine == NULL)
    {
      g_task_return_new_error (task, CB_QUEUE_ERROR, CB_QUEUE_ERROR_FAILED,
                               _("There is no connection to a server yet."));
      return;
    }

  served = cb_serving_add (serving, CB_SERVING_SAMPLE_QUEUE, NULL, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (blocked); i++)
    cb_served_queue_block (served, blocked[i]);

  for (guint i = 0; i < G_N_ELEMENTS (samples); i++)
    g_ptr_array_add (specs, create_spec (i));

  cb_engine_create_async (engine, specs, cancellable, created_cb, g_steal_pointer (&task));
}

gboolean
cb_samples_create_finish (CbServing *serving, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, serving), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
