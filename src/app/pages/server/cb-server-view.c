/* cb-server-view.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-server-view.h"

#include <glib/gi18n.h>

#include "cb-window.h"

typedef struct
{
  CbConnection *connection;       /* (owned) (nullable) */
  CbServerWatch *watch;           /* (owned) (nullable) */
  CbServerPanel *panel;
  CbServerRights *rights;         /* (owned) (nullable) not known yet */
  GCancellable *cancellable;      /* (owned) (nullable) of the question under way */
  GCancellable *rights_cancellable;  /* (owned) (nullable) */
  guint timer_id;
} CbServerViewPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (CbServerView, cb_server_view, ADW_TYPE_BIN)

static CbServerViewPrivate *
get_private (CbServerView *self)
{
  return cb_server_view_get_instance_private (self);
}

static void
update_rights (CbServerView *self)
{
  if (CB_SERVER_VIEW_GET_CLASS (self)->update_rights != NULL)
    CB_SERVER_VIEW_GET_CLASS (self)->update_rights (self);
}

/* --- asking --- */

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbServerView) self = data;
  CbServerViewPrivate *priv = get_private (self);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  g_clear_object (&priv->cancellable);
  if (replies == NULL)
    {
      cb_server_panel_set_problem (priv->panel, error->message);
      return;
    }
  cb_server_panel_set_problem (priv->panel, NULL);
  CB_SERVER_VIEW_GET_CLASS (self)->take (self, replies);
}

static void
ask (CbServerView *self)
{
  CbServerViewPrivate *priv = get_private (self);
  CbPipeline *pipeline;

  if (priv->connection == NULL || priv->cancellable != NULL || !gtk_widget_get_mapped (GTK_WIDGET (self)) ||
      cb_connection_get_state (priv->connection) != CB_CONNECTION_READY)
    return;
  pipeline = CB_SERVER_VIEW_GET_CLASS (self)->ask (self);
  if (pipeline == NULL)
    return;
  priv->cancellable = g_cancellable_new ();
  cb_connection_pipeline_async (priv->connection, pipeline, priv->cancellable, answered_cb, g_object_ref (self));
}

static gboolean
timer_cb (gpointer data)
{
  ask (data);
  return G_SOURCE_CONTINUE;
}

static void
got_rights_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbServerView) self = data;
  CbServerViewPrivate *priv = get_private (self);
  g_autoptr (GError) error = NULL;
  CbServerRights *rights = cb_server_rights_ask_finish (CB_CONNECTION (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&priv->rights_cancellable);
  if (rights == NULL)
    return;
  g_clear_pointer (&priv->rights, cb_server_rights_free);
  priv->rights = rights;
  update_rights (self);
}

static void
ask_rights (CbServerView *self)
{
  CbServerViewPrivate *priv = get_private (self);

  if (CB_SERVER_VIEW_GET_CLASS (self)->update_rights == NULL || priv->connection == NULL || priv->rights_cancellable != NULL ||
      cb_connection_get_state (priv->connection) != CB_CONNECTION_READY)
    return;
  priv->rights_cancellable = g_cancellable_new ();
  cb_server_rights_ask_async (priv->connection, priv->rights_cancellable, got_rights_cb, g_object_ref (self));
}

static void
stop (CbServerView *self)
{
  CbServerViewPrivate *priv = get_private (self);

  g_clear_handle_id (&priv->timer_id, g_source_remove);
  g_cancellable_cancel (priv->cancellable);
  g_clear_object (&priv->cancellable);
  g_cancellable_cancel (priv->rights_cancellable);
  g_clear_object (&priv->rights_cancellable);
}

static void
start (CbServerView *self)
{
  CbServerViewPrivate *priv = get_private (self);
  guint interval = CB_SERVER_VIEW_GET_CLASS (self)->interval_msec;

  if (priv->timer_id == 0 && interval > 0)
    priv->timer_id = g_timeout_add (interval, timer_cb, self);
  ask_rights (self);
  ask (self);
}

/* Another user may be on a connection that comes back. */
static void
state_cb (CbServerView *self)
{
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    start (self);
}

/* --- acting --- */

typedef struct
{
  CbServerView *view;             /* (owned) */
  char *done;                     /* (owned) */
} Deed;

static void
done_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Deed *deed = data;
  g_autoptr (CbServerView) self = deed->view;
  g_autofree char *done = deed->done;
  g_autoptr (GError) error = NULL;
  g_autoptr (CbReply) reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);

  gint64 n = 1;

  g_free (deed);
  if (reply != NULL)
    cb_value_get_integer (cb_reply_get_value (reply), &n);
  cb_toast (GTK_WIDGET (self), reply == NULL ? error->message : n == 0 ? _ ("It was gone already") : done);
  cb_server_view_refresh (self);
}

void
cb_server_view_run (CbServerView *self, CbCommand *command, const char *done)
{
  Deed *deed = g_new0 (Deed, 1);

  deed->view = g_object_ref (self);
  deed->done = g_strdup (done);
  cb_connection_call_async (get_private (self)->connection, command, NULL, done_cb, deed);
}

/* --- object --- */

static void
cb_server_view_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (cb_server_view_parent_class)->map (widget);
  start (CB_SERVER_VIEW (widget));
}

static void
cb_server_view_unmap (GtkWidget *widget)
{
  stop (CB_SERVER_VIEW (widget));
  GTK_WIDGET_CLASS (cb_server_view_parent_class)->unmap (widget);
}

static void
cb_server_view_dispose (GObject *object)
{
  CbServerViewPrivate *priv = get_private (CB_SERVER_VIEW (object));

  stop (CB_SERVER_VIEW (object));
  g_clear_object (&priv->connection);
  g_clear_object (&priv->watch);
  g_clear_pointer (&priv->rights, cb_server_rights_free);

  G_OBJECT_CLASS (cb_server_view_parent_class)->dispose (object);
}

static void
cb_server_view_class_init (CbServerViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = cb_server_view_dispose;
  GTK_WIDGET_CLASS (klass)->map = cb_server_view_map;
  GTK_WIDGET_CLASS (klass)->unmap = cb_server_view_unmap;
}

static void
cb_server_view_init (CbServerView *self)
{
}

void
cb_server_view_set_connection (CbServerView *self, CbConnection *connection, CbServerWatch *watch)
{
  CbServerViewPrivate *priv = get_private (self);

  g_return_if_fail (CB_IS_SERVER_VIEW (self));
  g_return_if_fail (priv->connection == NULL);

  priv->connection = g_object_ref (connection);
  priv->watch = g_object_ref (watch);
  g_signal_connect_object (connection, "notify::state", G_CALLBACK (state_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (connection, "notify::read-only", G_CALLBACK (update_rights), self, G_CONNECT_SWAPPED);
  update_rights (self);
  state_cb (self);
}

CbConnection *
cb_server_view_get_connection (CbServerView *self)
{
  g_return_val_if_fail (CB_IS_SERVER_VIEW (self), NULL);
  return get_private (self)->connection;
}

CbServerWatch *
cb_server_view_get_watch (CbServerView *self)
{
  g_return_val_if_fail (CB_IS_SERVER_VIEW (self), NULL);
  return get_private (self)->watch;
}

void
cb_server_view_set_panel (CbServerView *self, CbServerPanel *panel)
{
  get_private (self)->panel = panel;
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (panel));
}

CbServerPanel *
cb_server_view_get_panel (CbServerView *self)
{
  return get_private (self)->panel;
}

void
cb_server_view_refresh (CbServerView *self)
{
  CbServerViewPrivate *priv = get_private (self);

  g_return_if_fail (CB_IS_SERVER_VIEW (self));

  /* What is under way may have been answered before the change. */
  g_cancellable_cancel (priv->cancellable);
  g_clear_object (&priv->cancellable);
  ask (self);
}

const char *
cb_server_view_get_refusal (CbServerView *self, CbServerRight right)
{
  CbServerViewPrivate *priv = get_private (self);

  g_return_val_if_fail (CB_IS_SERVER_VIEW (self), NULL);

  if (priv->connection == NULL)
    return _ ("There is no connection.");
  if (cb_connection_get_read_only (priv->connection))
    return _ ("This connection is read-only.");
  return priv->rights != NULL ? priv->rights->refusals[right] : NULL;
}

gboolean
cb_server_view_is_refused (CbServerView *self, const char *command, CbReply *reply)
{
  const CbValue *value = cb_reply_get_value (reply);
  g_autoptr (GError) error = NULL;
  gsize length;
  const char *text = cb_value_get_string (value, &length);

  if (!cb_value_is_error (value))
    return FALSE;
  error = cb_redis_error_new_from_reply (command, text, length);
  cb_server_panel_set_problem (get_private (self)->panel, error->message);
  return TRUE;
}
