/* cb-server-page.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-server-page.h"

#include <glib/gi18n.h>

#include "cb-banner.h"
#include "cb-clients-view.h"
#include "cb-latency-view.h"
#include "cb-monitor-view.h"
#include "cb-program-view.h"
#include "cb-scroll-on.h"
#include "cb-server-overview.h"
#include "cb-settings-view.h"
#include "cb-slow-log-view.h"

/* How often a cluster is asked who is in it. */
#define CLUSTER_USEC (5 * G_USEC_PER_SEC)
/* A reply that is longer is looked through no further. */
#define LONGEST_CLUSTER (256 * 1024)

struct _CbServerPage
{
  CbPage parent_instance;

  CbServerWatch *watch;           /* (owned) (nullable) until there is a connection */
  GCancellable *cancellable;      /* (owned) */
  gboolean asking_cluster;
  gboolean has_shards;            /* it tells more of them than where they are, as far as is known */
  gint64 asked_cluster_at;        /* µs, monotonic */

  GtkStack *stack;
  GtkStack *views;
  GtkWidget *switcher;
  GtkScrolledWindow *tabs;
  CbBanner *banner;
  CbServerOverview *overview;
  CbServerView *slow_log;
  CbServerView *clients;
  CbMonitorView *monitor;
  CbServerView *latency;
  CbServerView *settings;
  CbServerView *program;
};

G_DEFINE_FINAL_TYPE (CbServerPage, cb_server_page, CB_TYPE_PAGE)

static void
cluster_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbServerPage) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);
  CbTopology *topology = NULL;
  const char *text;
  gsize length;

  self->asking_cluster = FALSE;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || g_cancellable_is_cancelled (self->cancellable))
    return;
  if (replies != NULL && !cb_value_is_error (cb_reply_get_value (g_ptr_array_index (replies, 0))))
    {
      text = cb_value_get_string (cb_reply_get_value (g_ptr_array_index (replies, 0)), &length);
      topology = text != NULL ? cb_topology_new_from_cluster (text, MIN (length, LONGEST_CLUSTER)) : NULL;
    }
  if (topology != NULL && replies->len > 1)
    self->has_shards = cb_topology_take_shards (topology, cb_reply_get_value (g_ptr_array_index (replies, 1)));
  /* Where it is refused, what INFO tells is shown. */
  cb_server_overview_take_cluster (self->overview, topology);
  cb_server_overview_update (self->overview, self->watch);
}

static void
ask_cluster (CbServerPage *self)
{
  CbServerInfo *info = cb_server_watch_get_info (self->watch);
  gint64 now = g_get_monotonic_time ();
  CbPipeline *pipeline;

  if (info == NULL || self->asking_cluster || now < self->asked_cluster_at + CLUSTER_USEC)
    return;
  self->asked_cluster_at = now;
  if (cb_server_info_get_count (info, "cluster_enabled") != 1)
    {
      cb_server_overview_take_cluster (self->overview, NULL);
      return;
    }
  self->asking_cluster = TRUE;
  pipeline = cb_pipeline_new ();
  cb_pipeline_add (pipeline, cb_command_new ("CLUSTER", "NODES", NULL));
  /* Redis 7 has it, and not everybody may ask for it: who has not is asked once. */
  if (self->has_shards)
    cb_pipeline_add (pipeline, cb_command_new ("CLUSTER", "SHARDS", NULL));
  cb_connection_pipeline_async (cb_session_get_connection (cb_page_get_session (CB_PAGE (self))), pipeline, self->cancellable, cluster_cb,
                                g_object_ref (self));
}

static void
update (CbServerPage *self)
{
  const char *problem = cb_server_watch_get_problem (self->watch);
  CbServerInfo *info = cb_server_watch_get_info (self->watch);
  const char *version = info != NULL ? cb_server_info_get (info, "redis_version") : NULL;
  g_autofree char *subtitle = version != NULL ? g_strdup_printf (_ ("Redis %s"), version) : NULL;

  cb_banner_set_title (self->banner, problem != NULL ? problem : "");
  cb_banner_set_revealed (self->banner, problem != NULL);
  cb_page_set_subtitle (CB_PAGE (self), subtitle);
  ask_cluster (self);
  cb_server_overview_update (self->overview, self->watch);
  cb_monitor_view_update (self->monitor);
}

/* What costs the server something is seen from every page. */
static void
monitor_cb (CbServerPage *self)
{
  gboolean running;

  g_object_get (self->monitor, "running", &running, NULL);
  /* Translators: MONITOR, a command of Redis, is under way */
  g_object_set (self, "status", running ? _ ("monitors") : NULL, NULL);
}

static void
set_running (CbServerPage *self)
{
  gboolean mapped = gtk_widget_get_mapped (GTK_WIDGET (self));

  if (self->watch != NULL)
    cb_server_watch_set_running (self->watch, mapped);
}

static void
connection_cb (CbServerPage *self)
{
  CbConnection *connection = cb_session_get_connection (cb_page_get_session (CB_PAGE (self)));

  if (connection == NULL || self->watch != NULL)
    return;

  self->watch = cb_server_watch_new (connection);
  g_signal_connect_object (self->watch, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  cb_server_view_set_connection (self->slow_log, connection, self->watch);
  cb_server_view_set_connection (self->clients, connection, self->watch);
  cb_monitor_view_set_session (self->monitor, cb_page_get_session (CB_PAGE (self)), self->watch);
  cb_server_view_set_connection (self->latency, connection, self->watch);
  cb_server_view_set_connection (self->settings, connection, self->watch);
  cb_server_view_set_connection (self->program, connection, self->watch);
  gtk_stack_set_visible_child_name (self->stack, "server");
  set_running (self);
}

static void
cb_server_page_set_up (CbPage *page, CbSession *session)
{
  CbServerPage *self = CB_SERVER_PAGE (page);

  g_signal_connect_object (session, "notify::connection", G_CALLBACK (connection_cb), self, G_CONNECT_SWAPPED);
  connection_cb (self);
}

static void
cb_server_page_refresh (CbPage *page)
{
  CbServerPage *self = CB_SERVER_PAGE (page);

  if (self->watch == NULL)
    return;
  /* What was refused may be allowed now. */
  self->has_shards = TRUE;
  cb_server_watch_refresh (self->watch);
  if (CB_IS_SERVER_VIEW (gtk_stack_get_visible_child (self->views)))
    cb_server_view_refresh (CB_SERVER_VIEW (gtk_stack_get_visible_child (self->views)));
}

static void
cb_server_page_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (cb_server_page_parent_class)->map (widget);
  set_running (CB_SERVER_PAGE (widget));
}

static void
cb_server_page_unmap (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (cb_server_page_parent_class)->unmap (widget);
  set_running (CB_SERVER_PAGE (widget));
}

static void
cb_server_page_dispose (GObject *object)
{
  CbServerPage *self = CB_SERVER_PAGE (object);

  g_cancellable_cancel (self->cancellable);
  if (self->watch != NULL)
    cb_server_watch_set_running (self->watch, FALSE);
  g_clear_object (&self->watch);

  G_OBJECT_CLASS (cb_server_page_parent_class)->dispose (object);
}

static void
cb_server_page_finalize (GObject *object)
{
  g_object_unref (CB_SERVER_PAGE (object)->cancellable);

  G_OBJECT_CLASS (cb_server_page_parent_class)->finalize (object);
}

static void
cb_server_page_class_init (CbServerPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cb_server_page_dispose;
  G_OBJECT_CLASS (klass)->finalize = cb_server_page_finalize;
  widget_class->map = cb_server_page_map;
  widget_class->unmap = cb_server_page_unmap;
  CB_PAGE_CLASS (klass)->set_up = cb_server_page_set_up;
  CB_PAGE_CLASS (klass)->refresh = cb_server_page_refresh;

  g_type_ensure (CB_TYPE_BANNER);
  g_type_ensure (CB_TYPE_CLIENTS_VIEW);
  g_type_ensure (CB_TYPE_LATENCY_VIEW);
  g_type_ensure (CB_TYPE_MONITOR_VIEW);
  g_type_ensure (CB_TYPE_PROGRAM_VIEW);
  g_type_ensure (CB_TYPE_SERVER_OVERVIEW);
  g_type_ensure (CB_TYPE_SETTINGS_VIEW);
  g_type_ensure (CB_TYPE_SLOW_LOG_VIEW);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/callboard/Callboard/ui/cb-server-page.ui");
  gtk_widget_class_bind_template_child (widget_class, CbServerPage, stack);
  gtk_widget_class_bind_template_child (widget_class, CbServerPage, banner);
  gtk_widget_class_bind_template_child (widget_class, CbServerPage, overview);
  gtk_widget_class_bind_template_child (widget_class, CbServerPage, views);
  gtk_widget_class_bind_template_child (widget_class, CbServerPage, switcher);
  gtk_widget_class_bind_template_child (widget_class, CbServerPage, tabs);
  gtk_widget_class_bind_template_child (widget_class, CbServerPage, slow_log);
  gtk_widget_class_bind_template_child (widget_class, CbServerPage, clients);
  gtk_widget_class_bind_template_child (widget_class, CbServerPage, monitor);
  gtk_widget_class_bind_template_child (widget_class, CbServerPage, latency);
  gtk_widget_class_bind_template_child (widget_class, CbServerPage, settings);
  gtk_widget_class_bind_template_child (widget_class, CbServerPage, program);
  gtk_widget_class_bind_template_callback (widget_class, monitor_cb);
}

static void
cb_server_page_init (CbServerPage *self)
{
  self->cancellable = g_cancellable_new ();
  self->asked_cluster_at = -CLUSTER_USEC;
  self->has_shards = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
  /* As style.css says of them, too: as wide as their names. */
  gtk_box_layout_set_homogeneous (GTK_BOX_LAYOUT (gtk_widget_get_layout_manager (self->switcher)), FALSE);
  cb_scroll_across (self->tabs);
}
