/* cb-call.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-call.h"

#include <string.h>

#include "cb-command-private.h"
#include "cb-redis-error.h"
#include "cb-reply-private.h"

static void
clear_reply (gpointer data)
{
  if (data != NULL)
    cb_reply_unref (data);
}

static guint
find_timeout (CbPipeline *pipeline,
              guint       default_timeout_msec)
{
  guint longest = 0;

  for (guint i = 0; i < cb_pipeline_get_length (pipeline); i++)
    {
      int timeout = cb_command_get_timeout (cb_pipeline_get_command (pipeline, i));

      if (timeout < 0)
        return 0;
      longest = MAX (longest, timeout > 0 ? (guint) timeout : default_timeout_msec);
    }
  return longest;
}

CbCall *
cb_call_new (GTask      *task,
             CbPipeline *pipeline,
             gboolean    single,
             guint       default_timeout_msec)
{
  CbCall *self = g_new0 (CbCall, 1);
  guint length = cb_pipeline_get_length (pipeline);

  self->ref_count = 1;
  self->node.data = self;
  self->task = task;
  self->pipeline = pipeline;
  self->single = single;
  self->timeout_msec = find_timeout (pipeline, default_timeout_msec);
  self->deadline = self->timeout_msec == 0
                     ? G_MAXINT64
                     : g_get_monotonic_time () + self->timeout_msec * G_TIME_SPAN_MILLISECOND;
  self->replies = g_ptr_array_new_full (length, clear_reply);
  g_ptr_array_set_size (self->replies, length);
  self->repeatable = TRUE;
  for (guint i = 0; i < length; i++)
    self->repeatable &= cb_command_get_repeatable (cb_pipeline_get_command (pipeline, i));
  return self;
}

CbCall *
cb_call_ref (CbCall *self)
{
  self->ref_count++;
  return self;
}

static void
drop_watch (CbCall *self)
{
  if (self->cancelled == NULL)
    return;
  g_source_destroy (self->cancelled);
  g_clear_pointer (&self->cancelled, g_source_unref);
}

void
cb_call_unref (CbCall *self)
{
  if (--self->ref_count > 0)
    return;

  g_assert (self->task == NULL);
  drop_watch (self);
  g_clear_pointer (&self->replies, g_ptr_array_unref);
  g_clear_error (&self->refusal);
  cb_pipeline_free (self->pipeline);
  g_free (self);
}

/* What it is called in messages about the whole of it. */
const char *
cb_call_get_display_name (CbCall *self)
{
  return cb_command_get_display_name (cb_pipeline_get_command (self->pipeline, 0));
}

void
cb_call_rewind (CbCall *self)
{
  guint length = self->replies->len;

  g_ptr_array_set_size (self->replies, 0);
  g_ptr_array_set_size (self->replies, length);
  g_clear_error (&self->refusal);
  self->n_missing = 0;
  self->sent_at = 0;
}

static void
set_reply (CbCall  *self,
           guint    index,
           CbReply *reply)
{
  gpointer *place = &g_ptr_array_index (self->replies, index);

  clear_reply (*place);
  *place = reply;
}

static GError *
reply_error (CbCall  *self,
             guint    index,
             CbReply *reply)
{
  gsize length;
  const char *text = cb_value_get_string (cb_reply_get_value (reply), &length);
  CbCommand *command = cb_pipeline_get_command (self->pipeline, index);
  const char *name = cb_command_get_display_name (command);
  g_autofree char *label = NULL;

  /* Which key it is, which the server does not say. What a script did was done to a key that is not known here, and of several
   * keys (ZINTER begins with their number) it may be any. */
  if (length >= strlen ("WRONGTYPE ") && strncmp (text, "WRONGTYPE ", strlen ("WRONGTYPE ")) == 0 &&
      cb_command_get_script (command) == NULL && cb_command_get_n_arguments (command) > 1 &&
      !g_str_has_prefix (name, "ZINTER") && !g_str_has_prefix (name, "EVAL"))
    {
      gsize n;
      const char *key = cb_command_get_argument (command, 1, &n);
      g_autofree char *whole = g_strndup (key, MIN (n, 200));
      g_autofree char *escaped = g_strescape (whole, NULL);

      label = g_strdup_printf ("%s %s", name, g_str_is_ascii (whole) || !g_utf8_validate (whole, -1, NULL) ? escaped : whole);
    }

  return cb_redis_error_new_from_reply (label != NULL ? label : name, text, length);
}

static void
refuse (CbCall *self,
        GError *error) /* transfer full */
{
  if (self->refusal == NULL)
    self->refusal = error;
  else
    g_error_free (error);
}

static void
take_exec (CbCall  *self,
           CbReply *reply)
{
  const CbValue *value = cb_reply_get_value (reply);
  guint length = self->replies->len;
  gsize text_length;
  const char *text = cb_value_get_string (value, &text_length);

  if (cb_value_is_error (value))
    {
      g_autoptr (GError) error = cb_redis_error_new_from_reply ("EXEC", text, text_length);

      /* EXECABORT only says that there was something before, which is what helps. */
      if (g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_EXECABORT) && self->refusal != NULL)
        {
          self->refusal->code = CB_REDIS_ERROR_EXECABORT;
          g_prefix_error (&self->refusal, "The transaction was given up. ");
        }
      else
        {
          refuse (self, g_steal_pointer (&error));
        }
    }
  else if (cb_value_is_nil (value))
    {
      refuse (self, g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_EXECABORT,
                                 "The transaction was given up: a key that it watches has changed. Nothing of it was "
                                 "done."));
    }
  else if (cb_value_get_length (value) != length || !cb_value_is_array (value))
    {
      refuse (self, g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_UNEXPECTED,
                                 "EXEC: the server answered with something else than one reply for each command."));
    }
  else
    {
      for (guint i = 0; i < length; i++)
        set_reply (self, i, cb_reply_steal_element (reply, i));
    }
}

gboolean
cb_call_take (CbCall  *self,
              CbStep   step,
              guint    index,
              CbReply *reply)
{
  g_autoptr (CbReply) owned = reply;
  const CbValue *value = cb_reply_get_value (reply);

  switch (step)
    {
    case CB_STEP_COMMAND:
      set_reply (self, index, g_steal_pointer (&owned));
      break;
    case CB_STEP_EXEC:
      take_exec (self, reply);
      break;
    case CB_STEP_MULTI:
      /* Then what follows has run for itself, without a transaction, which whoever asked must know. */
      if (cb_value_is_error (value))
        {
          gsize length;
          const char *text = cb_value_get_string (value, &length);

          refuse (self, cb_redis_error_new_from_reply ("MULTI", text, length));
        }
      break;
    case CB_STEP_QUEUED:
      if (cb_value_is_error (value))
        refuse (self, reply_error (self, index, reply));
      break;
    case CB_STEP_LOAD:
    default:
      break;
    }

  g_assert (self->n_missing > 0);
  return --self->n_missing == 0;
}

void
cb_call_return (CbCall *self)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->task);

  drop_watch (self);
  if (task == NULL)
    return;

  if (self->refusal != NULL)
    {
      g_task_return_error (task, g_steal_pointer (&self->refusal));
    }
  else if (!self->single)
    {
      g_task_return_pointer (task, g_steal_pointer (&self->replies), (GDestroyNotify) g_ptr_array_unref);
    }
  else
    {
      CbReply *reply = g_steal_pointer (&g_ptr_array_index (self->replies, 0));

      if (cb_value_is_error (cb_reply_get_value (reply)))
        {
          g_task_return_error (task, reply_error (self, 0, reply));
          cb_reply_unref (reply);
        }
      else
        {
          g_task_return_pointer (task, reply, (GDestroyNotify) cb_reply_unref);
        }
    }
}

void
cb_call_return_error (CbCall *self,
                      GError *error)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->task);

  drop_watch (self);
  if (task != NULL)
    g_task_return_error (task, error);
  else
    g_error_free (error);
}
