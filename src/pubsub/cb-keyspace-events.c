/* cb-keyspace-events.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-keyspace-events.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* What A stands for: all classes but m (misses) and n (new keys), which would tell of reading, and of each write twice. */
#define ALL "g$lshzxetd"

const CbKeyspaceClass cb_keyspace_classes[] = {
  { 'g', N_("Commands for every type: DEL, EXPIRE, RENAME…") },
  { '$', N_("Strings") },
  { 'l', N_("Lists") },
  { 's', N_("Sets") },
  { 'h', N_("Hashes") },
  { 'z', N_("Sorted sets") },
  { 'x', N_("Keys that expire") },
  { 'e', N_("Keys that are evicted for want of memory") },
  { 't', N_("Streams") },
  { 'd', N_("Types of modules") },
  { 'K', N_("On channels named after the key") },
  { 'E', N_("On channels named after the event") },
  { 'm', N_("Keys that were asked for and are not there") },
  { 'n', N_("Keys that are new") },
  { 0, NULL },
};

static gboolean
has_flag (const char *flags,
          char        letter)
{
  return strchr (flags, letter) != NULL || (strchr (ALL, letter) != NULL && strchr (flags, 'A') != NULL);
}

char *
cb_keyspace_flags_merge (const char *flags,
                         const char *more)
{
  GString *merged = g_string_new (NULL);

  for (const CbKeyspaceClass *class = cb_keyspace_classes; class->meaning != NULL; class++)
    if (has_flag (flags, class->letter) || has_flag (more, class->letter))
      g_string_append_c (merged, class->letter);
  return g_string_free (merged, FALSE);
}

gboolean
cb_keyspace_flags_are_on (const char *flags)
{
  gboolean any = FALSE;

  for (const CbKeyspaceClass *class = cb_keyspace_classes; class->meaning != NULL; class++)
    any = any || (class->letter != 'K' && class->letter != 'E' && has_flag (flags, class->letter));
  return any && (has_flag (flags, 'K') || has_flag (flags, 'E'));
}

gboolean
cb_keyspace_flags_cover (const char *flags,
                         const char *wanted)
{
  for (const CbKeyspaceClass *class = cb_keyspace_classes; class->meaning != NULL; class++)
    if (has_flag (wanted, class->letter) && !has_flag (flags, class->letter))
      return FALSE;
  return TRUE;
}

static void
get_cb (GObject      *source,
        GAsyncResult *result,
        gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (CbReply) reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);
  const char *flags;

  if (reply == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  flags = cb_value_get_string (cb_value_get_element (cb_reply_get_value (reply), 1), NULL);
  if (flags == NULL)
    g_task_return_new_error (task, CB_REDIS_ERROR, CB_REDIS_ERROR_UNEXPECTED, "%s",
                             _("This server knows no notify-keyspace-events."));
  else
    g_task_return_pointer (task, g_strdup (flags), g_free);
}

void
cb_keyspace_events_get_async (CbConnection        *connection,
                              GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  GTask *task = g_task_new (connection, cancellable, callback, user_data);

  g_task_set_source_tag (task, cb_keyspace_events_get_async);
  cb_connection_call_async (connection,
                            cb_command_set_repeatable (cb_command_new ("CONFIG", "GET", "notify-keyspace-events", NULL)),
                            cancellable, get_cb, task);
}

char *
cb_keyspace_events_get_finish (CbConnection *connection,
                               GAsyncResult *result,
                               GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
set_cb (GObject      *source,
        GAsyncResult *result,
        gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (CbReply) reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);

  if (reply == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

void
cb_keyspace_events_set_async (CbConnection        *connection,
                              const char          *flags,
                              GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  GTask *task = g_task_new (connection, cancellable, callback, user_data);

  g_task_set_source_tag (task, cb_keyspace_events_set_async);
  cb_connection_call_async (connection, cb_command_new ("CONFIG", "SET", "notify-keyspace-events", flags, NULL), cancellable,
                            set_cb, task);
}

gboolean
cb_keyspace_events_set_finish (CbConnection *connection,
                               GAsyncResult *result,
                               GError      **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
