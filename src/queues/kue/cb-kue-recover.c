/* cb-kue-recover.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-kue-private.h"

/*
 * The jobs of the dead: those whose lease is over.
 *
 * It looks first, as there is nothing nearly every time: one read is all that an idle worker costs. Then portion by portion,
 * each behind the leases that had to be kept, up to a bound; the next call goes on there.
 *
 *   look ── over? ── (careful: does the server know the script?) ── recover ─┬─ there may be more ─┐
 *                                                             └─────────────────────────────────────┘
 *
 * Whether the server was away is told by its memory of scripts, which it keeps nowhere else: it is empty after a restart, and
 * on a replica that became the primary. That it does not know this one may also mean that nobody ever had to recover a job, and
 * then the caution costs one lease of waiting, once.
 */

#define MAX_LEASES 100
#define MAX_PORTIONS 100

typedef struct
{
  gboolean careful;
  guint    portions;
  int      moved;
} Recovery;

static void recover_some (GTask *task);

static void
recovered_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (CbReply) reply = NULL;
  CbKueEngine *self = g_task_get_source_object (task);
  Recovery *recovery = g_task_get_task_data (task);
  const CbValue *value;
  gint64 looked_at = 0, moved = 0, kept = 0;
  GError *error = NULL;

  reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);
  if (reply == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  value = cb_reply_get_value (reply);
  cb_value_get_integer (cb_value_get_element (value, 0), &looked_at);
  cb_value_get_integer (cb_value_get_element (value, 1), &moved);
  cb_value_get_integer (cb_value_get_element (value, 2), &kept);
  recovery->moved += (int) moved;
  self->lease_offset = looked_at < MAX_LEASES ? 0 : self->lease_offset + kept;

  if (looked_at == MAX_LEASES && ++recovery->portions < MAX_PORTIONS)
    recover_some (task);
  else
    g_task_return_int (task, recovery->moved);
}

static void
recover_some (GTask *task)
{
  CbKueEngine *self = g_task_get_source_object (task);
  CbCommand *command;

  command = cb_kue_engine_script (self, CB_KUE_SCRIPT_RECOVER, cb_kue_key_leases (cb_engine_get_prefix (CB_ENGINE (self))), NULL);
  cb_command_add_int (command, self->lease_offset);
  cb_command_add_int (command, MAX_LEASES);
  cb_connection_call_async (cb_engine_get_connection (CB_ENGINE (self)), command, g_task_get_cancellable (task), recovered_cb,
                            g_object_ref (task));
}

static void
asked_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (CbReply) reply = NULL;
  gint64 known = 0;

  /* Who may not ask waits as if the server were new. */
  reply = cb_connection_call_finish (CB_CONNECTION (source), result, NULL);
  if (reply != NULL)
    cb_value_get_integer (cb_value_get_element (cb_reply_get_value (reply), 0), &known);
  if (known == 1)
    recover_some (task);
  else
    g_task_return_int (task, 0);
}

static void
looked_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (CbReply) reply = NULL;
  Recovery *recovery = g_task_get_task_data (task);
  GError *error = NULL;

  reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);
  if (reply == NULL)
    g_task_return_error (task, error);
  else if (cb_value_get_length (cb_reply_get_value (reply)) == 0)
    g_task_return_int (task, 0);
  else if (recovery->careful)
    cb_connection_call_async (CB_CONNECTION (source),
                              cb_command_set_repeatable (cb_command_new ("SCRIPT", "EXISTS",
                                                                         cb_script_get_sha (cb_kue_script_get (CB_KUE_SCRIPT_RECOVER)),
                                                                         NULL)),
                              g_task_get_cancellable (task), asked_cb, g_object_ref (task));
  else
    recover_some (task);
}

/* At most %MAX_LEASES times %MAX_PORTIONS jobs a call. */
void
cb_kue_engine_recover (CbEngine            *self,
                       gboolean             careful,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  CbCommand *command = cb_kue_engine_command ("ZRANGEBYSCORE", cb_kue_key_leases (cb_engine_get_prefix (self)));
  Recovery *recovery = g_new0 (Recovery, 1);

  g_task_set_source_tag (task, cb_kue_engine_recover);
  recovery->careful = careful;
  g_task_set_task_data (task, recovery, g_free);
  cb_command_add (command, "-inf");
  cb_command_add_int (command, cb_kue_engine_now (CB_KUE_ENGINE (self)));
  cb_command_add (cb_command_add (cb_command_add (command, "LIMIT"), "0"), "1");
  cb_connection_call_async (cb_engine_get_connection (self), command, cancellable, looked_cb, task);
}
