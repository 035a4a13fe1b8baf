/* cb-handler-context.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-handler-context-private.h"

#include "cb-json.h"

struct _CbHandlerContext
{
  GObject parent_instance;

  CbJobRecord *job;            /* (owned) */
  CbOutbox *outbox;            /* (owned) (nullable) */
  GCancellable *cancellable;   /* (owned) */
  const CbHandlerContextListener *listener; /* (nullable) */
  gpointer listener_data;
  CbRetryWish wish;
  gboolean has_wish;
};

G_DEFINE_FINAL_TYPE (CbHandlerContext, cb_handler_context, G_TYPE_OBJECT)

enum
{
  PROGRESS,
  LOG,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
cb_handler_context_finalize (GObject *object)
{
  CbHandlerContext *self = CB_HANDLER_CONTEXT (object);

  g_clear_object (&self->outbox);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->job, cb_job_record_unref);

  G_OBJECT_CLASS (cb_handler_context_parent_class)->finalize (object);
}

static void
cb_handler_context_class_init (CbHandlerContextClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = cb_handler_context_finalize;

  signals[PROGRESS] =
    g_signal_new ("progress", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, G_TYPE_INT);
  signals[LOG] =
    g_signal_new ("log", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
cb_handler_context_init (CbHandlerContext *self)
{
  self->cancellable = g_cancellable_new ();
  self->wish.after_msec = -1;
}

CbHandlerContext *
cb_handler_context_new (CbJobRecord *job, CbOutbox *outbox)
{
  CbHandlerContext *self = g_object_new (CB_TYPE_HANDLER_CONTEXT, NULL);

  self->job = cb_job_record_ref (job);
  self->outbox = outbox != NULL ? g_object_ref (outbox) : NULL;

  return self;
}

void
cb_handler_context_set_listener (CbHandlerContext *self, const CbHandlerContextListener *listener, gpointer user_data)
{
  self->listener = listener;
  self->listener_data = user_data;
}

CbOutbox *
cb_handler_context_get_outbox (CbHandlerContext *self)
{
  return self->outbox;
}

/**
 * cb_handler_context_get_job:
 * @self: a context
 *
 * Returns: (transfer none): the job as it was claimed
 */
CbJobRecord *
cb_handler_context_get_job (CbHandlerContext *self)
{
  g_return_val_if_fail (CB_IS_HANDLER_CONTEXT (self), NULL);

  return self->job;
}

/**
 * cb_handler_context_get_cancellable:
 * @self: a context
 *
 * Triggered when the work is to end at once. Give it to every asynchronous call that the work is made of.
 *
 * Returns: (transfer none): the cancellable
 */
GCancellable *
cb_handler_context_get_cancellable (CbHandlerContext *self)
{
  g_return_val_if_fail (CB_IS_HANDLER_CONTEXT (self), NULL);

  return self->cancellable;
}

/**
 * cb_handler_context_progress:
 * @self: a context
 * @percent: how much is done, 0 to 100; what is outside is brought inside
 * @data: (nullable): JSON that goes with it; what is no JSON is left out
 *
 * Tells how far the work is. It may be told as often as one likes: the latest that there is is written twenty times a
 * second at most, and always before the outcome.
 */
void
cb_handler_context_progress (CbHandlerContext *self, int percent, GBytes *data)
{
  g_return_if_fail (CB_IS_HANDLER_CONTEXT (self));

  percent = CLAMP (percent, 0, 100);

  if (data != NULL)
    {
      gsize length;
      const char *text = g_bytes_get_data (data, &length);

      if (text == NULL || !cb_json_check (text, length, NULL))
        data = NULL;
    }

  if (self->outbox != NULL)
    cb_outbox_progress (self->outbox, percent, data);

  if (self->listener != NULL)
    self->listener->progressed (self, percent, self->listener_data);
  g_signal_emit (self, signals[PROGRESS], 0, percent);
}

/**
 * cb_handler_context_log:
 * @self: a context
 * @format: as for printf
 * @...: what goes into it
 *
 * Adds a line to the log of the job. Text from elsewhere belongs into an argument, never into @format.
 */
void
cb_handler_context_log (CbHandlerContext *self, const char *format, ...)
{
  g_autofree char *line = NULL;
  va_list args;

  g_return_if_fail (CB_IS_HANDLER_CONTEXT (self));
  g_return_if_fail (format != NULL);

  va_start (args, format);
  line = g_strdup_vprintf (format, args);
  va_end (args);

  if (self->outbox != NULL)
    cb_outbox_log (self->outbox, line);

  if (self->listener != NULL)
    self->listener->logged (self, line, self->listener_data);
  g_signal_emit (self, signals[LOG], 0, line);
}

/* What the handler wishes for the case that it fails. */
const CbRetryWish *
cb_handler_context_get_wish (CbHandlerContext *self)
{
  return self->has_wish ? &self->wish : NULL;
}

/**
 * cb_handler_context_set_retry_after:
 * @self: a context
 * @msec: ms from the failure on
 *
 * For a handler that is about to fail and was told when it may come again. It counts only if attempts are left, and never makes
 * the wait shorter than the job's own.
 */
void
cb_handler_context_set_retry_after (CbHandlerContext *self, gint64 msec)
{
  g_return_if_fail (CB_IS_HANDLER_CONTEXT (self));

  self->wish.after_msec = MAX (msec, 0);
  self->has_wish = TRUE;
}

/**
 * cb_handler_context_set_no_retry:
 * @self: a context
 *
 * For a handler that is about to fail and knows that it will always fail.
 */
void
cb_handler_context_set_no_retry (CbHandlerContext *self)
{
  g_return_if_fail (CB_IS_HANDLER_CONTEXT (self));

  self->wish.never = TRUE;
  self->has_wish = TRUE;
}

/**
 * cb_handler_context_dup_member:
 * @self: a context
 * @member: the name of a member of the job's data
 *
 * Reads what a job says, such as a phone number, that may be written as text or as a number. A number comes with the digits it is written with.
 *
 * Returns: (transfer full) (nullable): its text; %NULL when the data are no object or have no such member
 */
char *
cb_handler_context_dup_member (CbHandlerContext *self, const char *member)
{
  const char *text;
  gsize length;

  g_return_val_if_fail (CB_IS_HANDLER_CONTEXT (self), NULL);
  g_return_val_if_fail (member != NULL, NULL);

  if (self->job->data == NULL)
    return NULL;

  text = g_bytes_get_data (self->job->data, &length);
  if (text == NULL)
    return NULL;

  return cb_json_dup_member_text (text, length, member);
}
