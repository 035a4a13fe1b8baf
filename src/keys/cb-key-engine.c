/* cb-key-engine.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-key-engine.h"

#include <glib/gi18n.h>

#include "cb-capture.h"
#include "cb-key-bulk-private.h"
#include "cb-key-list.h"

struct _CbKeyEngine
{
  CbEngine parent_instance;
};

G_DEFINE_FINAL_TYPE (CbKeyEngine, cb_key_engine, CB_TYPE_ENGINE)

/* What is put back, kept until the answers are there. */
typedef struct
{
  GPtrArray *captures; /* (owned) (element-type CbCapture) */
} Request;

static void
request_free (gpointer data)
{
  Request *request = data;

  g_ptr_array_unref (request->captures);
  g_free (request);
}

/* NULL: it is back. */
static GError *
judge (const CbCapture *capture,
       const CbValue   *value)
{
  const CbValue *word = cb_value_get_element (value, 0);
  gsize length;
  const char *text = cb_value_get_string (value, &length);

  if (cb_value_is_error (value))
    return cb_redis_error_new_from_reply ("RESTORE", text, length);
  if (cb_value_equal_string (word, "OK"))
    return NULL;
  if (cb_value_equal_string (word, "SAME"))
    return g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_UNCHANGED, _("The key “%s” is as it was"), capture->id);
  if (cb_value_equal_string (word, "GONE"))
    return g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_CHANGED,
                        _("The key “%s” is not there any more, so its time to live could not be put back"), capture->id);
  if (cb_value_equal_string (word, "EXISTS"))
    return g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_CHANGED,
                        _("There is a key “%s” again, with another value, so it was left as it is"), capture->id);
  return g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_CHANGED,
                      _("The key “%s” was changed by somebody else since, so it was left as it is"), capture->id);
}

static void
restored_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  Request *request = g_task_get_task_data (task);
  g_autoptr (GPtrArray) outcomes = NULL;
  GError *error = NULL;
  g_autoptr (GPtrArray) replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);

  if (replies == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  outcomes = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_outcome_free);
  for (guint i = 0; i < request->captures->len; i++)
    {
      const CbCapture *capture = g_ptr_array_index (request->captures, i);
      CbJobOutcome *outcome = g_new0 (CbJobOutcome, 1);

      outcome->id = g_strdup (capture->id);
      outcome->error = judge (capture, cb_reply_get_value (g_ptr_array_index (replies, i)));
      g_ptr_array_add (outcomes, outcome);
    }
  g_task_return_pointer (task, g_steal_pointer (&outcomes), (GDestroyNotify) g_ptr_array_unref);
}

static void
cb_key_engine_restore (CbEngine            *engine,
                       const CbDeed        *deed,
                       GPtrArray           *captures,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (engine, cancellable, callback, user_data);
  g_autoptr (CbPipeline) pipeline = cb_pipeline_new ();
  Request *request = g_new0 (Request, 1);

  g_task_set_source_tag (task, cb_engine_restore_async);
  request->captures = g_ptr_array_ref (captures);
  g_task_set_task_data (task, request, request_free);
  for (guint i = 0; i < captures->len; i++)
    {
      CbCommand *command = cb_key_bulk_make_way_back (deed, g_ptr_array_index (captures, i));

      if (command == NULL)
        {
          g_task_return_new_error (task, CB_JOURNAL_ERROR, CB_JOURNAL_ERROR_DAMAGED,
                                   _("A part of this entry of the undo journal is damaged"));
          return;
        }
      cb_pipeline_add (pipeline, command);
    }
  cb_connection_pipeline_async (cb_engine_get_connection (engine), g_steal_pointer (&pipeline), cancellable, restored_cb,
                                g_object_ref (task));
}

static void
cb_key_engine_class_init (CbKeyEngineClass *class)
{
  CbEngineClass *engine_class = CB_ENGINE_CLASS (class);

  engine_class->name = CB_KEY_ENGINE_NAME;
  engine_class->title = "Keys";
  engine_class->capabilities = CB_ENGINE_CAN_UNDO;
  engine_class->restore = cb_key_engine_restore;
}

static void
cb_key_engine_init (CbKeyEngine *self)
{
}

/**
 * cb_key_engine_new:
 * @connection: whose database it is
 *
 * Returns: (transfer full): the engine, for cb_undo_new()
 */
CbEngine *
cb_key_engine_new (CbConnection *connection)
{
  g_return_val_if_fail (CB_IS_CONNECTION (connection), NULL);

  return g_object_new (CB_TYPE_KEY_ENGINE, "connection", connection, "prefix", "", NULL);
}
