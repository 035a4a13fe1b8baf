/* cb-publication.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-publication.h"

struct _CbPublication
{
  GObject parent_instance;

  CbConnection *connection;   /* (owned) */
  CbPublicationPlan plan;     /* its bytes (owned) */
  GSource *timer;             /* (owned) (nullable) */
  gint64 due;                 /* µs monotonic */
  guint64 n_begun;
  guint64 n_sent;
  guint n_asked;              /* not answered yet */
  gint64 receivers;
  gboolean running;
};

enum
{
  SENT,
  ENDED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (CbPublication, cb_publication, G_TYPE_OBJECT)

CbCommand *
cb_publish_command_new (gboolean sharded,
                        GBytes  *channel,
                        GBytes  *payload)
{
  CbCommand *command = cb_command_new (sharded ? "SPUBLISH" : "PUBLISH", NULL);

  return cb_command_add_gbytes (cb_command_add_gbytes (command, channel), payload);
}

static void
stop_timer (CbPublication *self)
{
  if (self->timer == NULL)
    return;
  g_source_destroy (self->timer);
  g_clear_pointer (&self->timer, g_source_unref);
}

static void
end (CbPublication *self,
     const GError  *error)
{
  g_autoptr (CbPublication) kept = g_object_ref (self);

  if (!self->running)
    return;
  stop_timer (self);
  self->running = FALSE;
  self->due = 0;
  g_signal_emit (self, signals[ENDED], 0, error);
}

static gboolean
is_all_begun (CbPublication *self)
{
  return self->plan.n_times > 0 && self->n_begun >= self->plan.n_times;
}

static void
answered_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (CbPublication) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (CbReply) reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);

  self->n_asked--;
  if (reply == NULL)
    {
      end (self, error);
      return;
    }

  self->n_sent++;
  self->receivers = 0;
  cb_value_get_integer (cb_reply_get_value (reply), &self->receivers);
  g_signal_emit (self, signals[SENT], 0, self->receivers);
  if (is_all_begun (self) && self->n_asked == 0)
    end (self, NULL);
}

static gboolean
due_cb (gpointer data)
{
  g_autoptr (CbPublication) self = g_object_ref (data);
  gint64 now = g_get_monotonic_time ();
  gint64 interval = self->plan.interval_msec * 1000;

  /* Never repeated by itself: the server may have sent it on before the connection was lost. */
  if (self->n_asked < CB_PUBLICATION_MAX_ASKED)
    {
      self->n_begun++;
      self->n_asked++;
      cb_connection_call_async (self->connection,
                                cb_publish_command_new (self->plan.sharded, self->plan.channel, self->plan.payload), NULL,
                                answered_cb, g_object_ref (self));
    }

  if (self->timer == NULL)
    return G_SOURCE_REMOVE;
  if (is_all_begun (self))
    {
      stop_timer (self);
      self->due = 0;
      return G_SOURCE_REMOVE;
    }

  /* In step with the first, and not in a hurry after a pause. */
  self->due = MAX (self->due + interval, now);
  g_source_set_ready_time (self->timer, self->due);
  return G_SOURCE_CONTINUE;
}

static gboolean
timer_dispatch (GSource     *source,
                GSourceFunc  callback,
                gpointer     user_data)
{
  g_source_set_ready_time (source, -1);
  return callback (user_data);
}

static GSourceFuncs timer_funcs = {
  .dispatch = timer_dispatch,
};

CbPublication *
cb_publication_new (CbConnection            *connection,
                    const CbPublicationPlan *plan)
{
  CbPublication *self;

  g_return_val_if_fail (CB_IS_CONNECTION (connection), NULL);
  g_return_val_if_fail (plan->channel != NULL && plan->payload != NULL, NULL);

  self = g_object_new (CB_TYPE_PUBLICATION, NULL);
  self->connection = g_object_ref (connection);
  self->plan = *plan;
  self->plan.interval_msec = MAX (plan->interval_msec, 1);
  self->plan.channel = g_bytes_ref (plan->channel);
  self->plan.payload = g_bytes_ref (plan->payload);
  return self;
}

/* Once. */
void
cb_publication_start (CbPublication *self)
{
  g_return_if_fail (CB_IS_PUBLICATION (self));
  g_return_if_fail (!self->running && self->n_begun == 0);

  self->running = TRUE;
  self->due = g_get_monotonic_time () + self->plan.delay_msec * 1000;
  self->timer = g_source_new (&timer_funcs, sizeof (GSource));
  g_source_set_static_name (self->timer, "Publication");
  g_source_set_callback (self->timer, due_cb, self, NULL);
  g_source_set_ready_time (self->timer, self->plan.delay_msec > 0 ? self->due : 0);
  g_source_attach (self->timer, g_main_context_get_thread_default ());
}

void
cb_publication_stop (CbPublication *self)
{
  g_return_if_fail (CB_IS_PUBLICATION (self));

  end (self, NULL);
}

gboolean
cb_publication_get_running (CbPublication *self)
{
  g_return_val_if_fail (CB_IS_PUBLICATION (self), FALSE);
  return self->running;
}

guint64
cb_publication_get_n_sent (CbPublication *self)
{
  g_return_val_if_fail (CB_IS_PUBLICATION (self), 0);
  return self->n_sent;
}

gint64
cb_publication_get_receivers (CbPublication *self)
{
  g_return_val_if_fail (CB_IS_PUBLICATION (self), -1);
  return self->receivers;
}

gint64
cb_publication_get_due (CbPublication *self)
{
  g_return_val_if_fail (CB_IS_PUBLICATION (self), 0);
  return self->due;
}

static void
cb_publication_dispose (GObject *object)
{
  CbPublication *self = CB_PUBLICATION (object);

  stop_timer (self);
  self->running = FALSE;

  G_OBJECT_CLASS (cb_publication_parent_class)->dispose (object);
}

static void
cb_publication_finalize (GObject *object)
{
  CbPublication *self = CB_PUBLICATION (object);

  g_object_unref (self->connection);
  g_bytes_unref (self->plan.channel);
  g_bytes_unref (self->plan.payload);

  G_OBJECT_CLASS (cb_publication_parent_class)->finalize (object);
}

static void
cb_publication_class_init (CbPublicationClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = cb_publication_dispose;
  G_OBJECT_CLASS (klass)->finalize = cb_publication_finalize;

  signals[SENT] = g_signal_new ("sent", CB_TYPE_PUBLICATION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                G_TYPE_INT64);
  signals[ENDED] = g_signal_new ("ended", CB_TYPE_PUBLICATION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                 G_TYPE_ERROR | G_SIGNAL_TYPE_STATIC_SCOPE);
}

static void
cb_publication_init (CbPublication *self)
{
  self->receivers = -1;
}
