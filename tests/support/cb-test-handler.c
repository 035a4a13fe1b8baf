/* cb-test-handler.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-test-handler.h"

#include <string.h>

static void handler_iface_init (CbHandlerInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (CbTestHandler, cb_test_handler, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (CB_TYPE_HANDLER, handler_iface_init))

static void
answer (CbTestHandler *self, GTask *task)
{
  g_autoptr (GTask) keep = g_object_ref (task);

  if (!g_ptr_array_remove_fast (self->running, task))
    return;

  self->n_running--;
  if (!self->stubborn && g_task_return_error_if_cancelled (task))
    self->n_cancelled++;
  else if (self->error != NULL)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED, "%s", self->error);
  else
    g_task_return_pointer (task, self->result != NULL ? g_bytes_new (self->result, strlen (self->result)) : NULL,
                           (GDestroyNotify) g_bytes_unref);
}

static gboolean
over_cb (gpointer user_data)
{
  GTask *task = user_data;

  answer (g_task_get_source_object (task), task);

  return G_SOURCE_REMOVE;
}

static void
cancelled_cb (GTask *task)
{
  CbTestHandler *self = g_task_get_source_object (task);

  if (!self->stubborn)
    answer (self, task);
}

static void
cb_test_handler_run_async (CbHandler *handler, CbHandlerContext *context, GAsyncReadyCallback callback,
                           gpointer user_data)
{
  CbTestHandler *self = CB_TEST_HANDLER (handler);
  GCancellable *cancellable = cb_handler_context_get_cancellable (context);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_check_cancellable (task, FALSE);
  self->n_runs++;
  self->n_running++;
  self->max_running = MAX (self->max_running, self->n_running);
  g_ptr_array_add (self->running, g_object_ref (task));
  g_signal_connect_object (cancellable, "cancelled", G_CALLBACK (cancelled_cb), task, G_CONNECT_SWAPPED);

  if (self->script != NULL)
    self->script (context, self->script_data);

  if (self->msec == 0)
    answer (self, task);
  else if (self->msec > 0)
    g_timeout_add_full (G_PRIORITY_DEFAULT, self->msec, over_cb, g_object_ref (task), g_object_unref);
}

static GBytes *
cb_test_handler_run_finish (CbHandler *handler, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
handler_iface_init (CbHandlerInterface *iface)
{
  iface->name = "test";
  iface->title = "Test";
  iface->run_async = cb_test_handler_run_async;
  iface->run_finish = cb_test_handler_run_finish;
}

static void
cb_test_handler_finalize (GObject *object)
{
  CbTestHandler *self = CB_TEST_HANDLER (object);

  g_ptr_array_unref (self->running);

  G_OBJECT_CLASS (cb_test_handler_parent_class)->finalize (object);
}

static void
cb_test_handler_class_init (CbTestHandlerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = cb_test_handler_finalize;
}

static void
cb_test_handler_init (CbTestHandler *self)
{
  self->running = g_ptr_array_new_with_free_func (g_object_unref);
}

CbTestHandler *
cb_test_handler_new (int msec)
{
  CbTestHandler *self = g_object_new (CB_TYPE_TEST_HANDLER, NULL);

  self->msec = msec;

  return self;
}

void
cb_test_handler_answer (CbTestHandler *self)
{
  while (self->running->len > 0)
    answer (self, g_ptr_array_index (self->running, 0));
}
