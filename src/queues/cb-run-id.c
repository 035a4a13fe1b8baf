/* cb-run-id.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-run-id.h"

#include <string.h>

static char *
find_run_id (const char *info)
{
  const char *at = info != NULL ? strstr (info, "\nrun_id:") : NULL;
  gsize n;

  if (at == NULL)
    return g_strdup ("");
  at += strlen ("\nrun_id:");
  n = strspn (at, "0123456789abcdefABCDEF");

  return g_strndup (at, MIN (n, 64));
}

static void
asked_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (CbReply) reply = cb_connection_call_finish (CB_CONNECTION (source), result, NULL);
  const char *info = reply != NULL ? cb_value_get_string (cb_reply_get_value (reply), NULL) : NULL;

  g_task_return_pointer (task, find_run_id (info), g_free);
}

/**
 * cb_run_id_ask_async:
 *
 * Asks by INFO, which a user may be forbidden.
 */
void
cb_run_id_ask_async (CbEngine            *engine,
                     GCancellable        *cancellable,
                     GAsyncReadyCallback  callback,
                     gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (engine, NULL, callback, user_data);

  g_task_set_source_tag (task, cb_run_id_ask_async);
  if (cb_engine_get_connection (engine) == NULL)
    g_task_return_pointer (task, g_strdup (""), g_free);
  else
    cb_connection_call_async (cb_engine_get_connection (engine), cb_command_set_repeatable (cb_command_new ("INFO", "server", NULL)),
                              cancellable, asked_cb, g_object_ref (task));
}

/**
 * cb_run_id_ask_finish:
 *
 * Returns: (transfer full): hexadecimal digits, or ""
 */
char *
cb_run_id_ask_finish (GAsyncResult *result)
{
  return g_task_propagate_pointer (G_TASK (result), NULL);
}
