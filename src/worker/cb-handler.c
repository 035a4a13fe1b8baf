/* cb-handler.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-handler.h"

G_DEFINE_INTERFACE (CbHandler, cb_handler, G_TYPE_OBJECT)

static void
cb_handler_default_init (CbHandlerInterface *iface)
{
  iface->name = "";
  iface->title = "";
}

/**
 * cb_handler_get_name:
 * @self: a handler
 *
 * The name that a person gives on the command line and that settings keep, such as `log`.
 *
 * Returns: (transfer none): the name
 */
const char *
cb_handler_get_name (CbHandler *self)
{
  g_return_val_if_fail (CB_IS_HANDLER (self), NULL);

  return CB_HANDLER_GET_IFACE (self)->name;
}

/**
 * cb_handler_get_title:
 * @self: a handler
 *
 * What to call the handler for people; not translated yet.
 *
 * Returns: (transfer none): the title
 */
const char *
cb_handler_get_title (CbHandler *self)
{
  g_return_val_if_fail (CB_IS_HANDLER (self), NULL);

  return CB_HANDLER_GET_IFACE (self)->title;
}

/**
 * cb_handler_run_async:
 * @self: a handler
 * @context: the job, and what the handler may tell about it
 * @callback: called once when the work is over, one way or the other
 * @user_data: data for @callback
 *
 * Does what one job asks for. Any number of these may be under way at once. When the cancellable of @context is
 * triggered the handler has to answer soon; what it answers then may be ignored.
 */
void
cb_handler_run_async (CbHandler *self,
                      CbHandlerContext *context,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  g_return_if_fail (CB_IS_HANDLER (self));
  g_return_if_fail (CB_IS_HANDLER_CONTEXT (context));

  CB_HANDLER_GET_IFACE (self)->run_async (self, context, callback, user_data);
}

/**
 * cb_handler_run_finish:
 * @self: a handler
 * @result: what the callback was given
 * @result_json: (out) (optional) (nullable) (transfer full): the result of the job as JSON, %NULL for none
 * @error: return location for why the job failed
 *
 * Ends cb_handler_run_async().
 *
 * Returns: %TRUE when the work was done
 */
gboolean
cb_handler_run_finish (CbHandler *self,
                       GAsyncResult *result,
                       GBytes **result_json,
                       GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) local_error = NULL;

  g_return_val_if_fail (CB_IS_HANDLER (self), FALSE);
  g_return_val_if_fail (G_IS_ASYNC_RESULT (result), FALSE);

  bytes = CB_HANDLER_GET_IFACE (self)->run_finish (self, result, &local_error);
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }

  if (result_json != NULL)
    *result_json = g_steal_pointer (&bytes);

  return TRUE;
}
