/* cb-demo-handler.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-demo-handler.h"

#include <glib/gi18n.h>

struct _CbDemoHandler
{
  GObject parent_instance;

  CbHandler *inner;   /* (owned) */
};

static void handler_init (CbHandlerInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (CbDemoHandler, cb_demo_handler, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (CB_TYPE_HANDLER, handler_init))

static void
inner_ran_cb (GObject *source,
              GAsyncResult *result,
              gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GBytes) json = NULL;
  GError *error = NULL;

  if (cb_handler_run_finish (CB_HANDLER (source), result, &json, &error))
    g_task_return_pointer (task, g_steal_pointer (&json), (GDestroyNotify) g_bytes_unref);
  else
    g_task_return_error (task, error);
}

static void
cb_demo_handler_run_async (CbHandler *handler,
                           CbHandlerContext *context,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  CbDemoHandler *self = CB_DEMO_HANDLER (handler);
  CbJobRecord *job = cb_handler_context_get_job (context);
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, cb_demo_handler_run_async);

  if (job->attempts_max > 1 && job->attempts_made == 0)
    {
      /* 192.0.2.0/24 is for documentation (RFC 5737): nobody's gateway. */
      cb_handler_context_log (context, "Connecting to the gateway 192.0.2.7");
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "The gateway 192.0.2.7 did not answer");
      return;
    }

  cb_handler_run_async (self->inner, context, inner_ran_cb, g_steal_pointer (&task));
}

static GBytes *
cb_demo_handler_run_finish (CbHandler *handler,
                            GAsyncResult *result,
                            GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
cb_demo_handler_dispose (GObject *object)
{
  CbDemoHandler *self = CB_DEMO_HANDLER (object);

  g_clear_object (&self->inner);

  G_OBJECT_CLASS (cb_demo_handler_parent_class)->dispose (object);
}

static void
cb_demo_handler_class_init (CbDemoHandlerClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = cb_demo_handler_dispose;
}

static void
handler_init (CbHandlerInterface *iface)
{
  iface->name = "demo";
  iface->title = N_("Demonstration");
  iface->run_async = cb_demo_handler_run_async;
  iface->run_finish = cb_demo_handler_run_finish;
}

static void
cb_demo_handler_init (CbDemoHandler *self)
{
}

CbHandler *
cb_demo_handler_new (CbHandler *inner)
{
  CbDemoHandler *self = g_object_new (CB_TYPE_DEMO_HANDLER, NULL);

  self->inner = g_object_ref (inner);

  return CB_HANDLER (self);
}
