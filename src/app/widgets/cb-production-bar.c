/* cb-production-bar.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-production-bar.h"

#include <glib/gi18n.h>

#include "cb-banner.h"
#include "cb-window.h"
#include "cb-unlock-dialog.h"

struct _CbProductionBar
{
  GtkWidget parent_instance;

  CbBanner *banner;                /* (owned): the only child */
  CbSession *session;              /* (owned) (nullable) */
  GSimpleActionGroup *actions;     /* (owned) */
  GSimpleAction *marked;           /* (owned) */
  guint countdown_id;
};

G_DEFINE_FINAL_TYPE (CbProductionBar, cb_production_bar, GTK_TYPE_WIDGET)

static gboolean
update_text_cb (gpointer data)
{
  CbProductionBar *self = data;
  gint64 until = cb_session_get_unlocked_until (self->session);
  gint64 left = (until - g_get_monotonic_time () + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC;
  g_autofree char *text = NULL;
  gboolean production = cb_session_get_production (self->session);
  const char *title = cb_session_get_title (self->session);

  if (until == 0)
    text = g_strdup_printf (production ? _ ("Production: %s is for looking only") : _ ("Read-only: %s is for looking only"), title);
  else if (left > 0)
    text = g_strdup_printf (production
                              /* Translators: the server, minutes and seconds */
                              ? _ ("Production: %s may be changed for %d:%02d more")
                              /* Translators: the server, minutes and seconds */
                              : _ ("Unlocked: %s may be changed for %d:%02d more"),
                            title, (int) (left / 60), (int) (left % 60));
  else
    text = g_strdup_printf (production ? _ ("Production: %s may be changed until its worker is switched off")
                                       : _ ("Unlocked: %s may be changed until its worker is switched off"),
                            title);
  cb_banner_set_title (self->banner, text);
  return G_SOURCE_CONTINUE;
}

static void
update (CbProductionBar *self)
{
  gboolean production = self->session != NULL && cb_session_get_production (self->session);
  gboolean guarded = self->session != NULL && cb_session_is_guarded (self->session);
  gboolean unlocked = guarded && cb_session_get_unlocked_until (self->session) > 0;
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  g_simple_action_set_state (self->marked, g_variant_new_boolean (production));
  g_simple_action_set_enabled (self->marked, self->session != NULL && cb_session_can_be_production (self->session));
  if (root != NULL && production)
    gtk_widget_add_css_class (GTK_WIDGET (root), "cb-production");
  else if (root != NULL)
    gtk_widget_remove_css_class (GTK_WIDGET (root), "cb-production");

  if (production)
    gtk_widget_add_css_class (GTK_WIDGET (self->banner), "production");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->banner), "production");
  if (guarded)
    {
      g_object_set (self->banner, "button-label", unlocked ? _ ("_Lock Now") : _ ("_Unlock…"), NULL);
      update_text_cb (self);
    }
  cb_banner_set_revealed (self->banner, guarded);
  if (unlocked && self->countdown_id == 0)
    self->countdown_id = g_timeout_add (500, update_text_cb, self);
  else if (!unlocked)
    g_clear_handle_id (&self->countdown_id, g_source_remove);
}

static void
unlocked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbProductionBar) self = data;
  guint seconds = cb_unlock_dialog_ask_finish (GTK_WIDGET (source), result);

  if (seconds > 0 && self->session != NULL && cb_session_is_guarded (self->session))
    cb_session_unlock (self->session, seconds);
}

static void
toggle_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  CbProductionBar *self = data;

  if (self->session == NULL || !cb_session_is_guarded (self->session))
    return;
  if (cb_session_get_unlocked_until (self->session) == 0)
    cb_unlock_dialog_ask_async (GTK_WIDGET (self), cb_session_get_title (self->session),
                                cb_session_get_production (self->session), unlocked_cb, g_object_ref (self));
  else if (!cb_session_lock (self->session))
    cb_toast (GTK_WIDGET (self), _ ("The worker runs on this server: switch it off first"));
}

static void
marked_cb (GSimpleAction *action, GVariant *value, gpointer data)
{
  CbProductionBar *self = data;
  gboolean marked = g_variant_get_boolean (value);

  if (self->session == NULL)
    return;
  cb_session_set_production (self->session, marked);
  if (cb_session_get_production (self->session) != marked)
    cb_toast (GTK_WIDGET (self), _ ("The mark is in the address by which this server was opened"));
  update (self);
}

static void
cb_production_bar_root (GtkWidget *widget)
{
  CbProductionBar *self = CB_PRODUCTION_BAR (widget);

  GTK_WIDGET_CLASS (cb_production_bar_parent_class)->root (widget);
  gtk_widget_insert_action_group (GTK_WIDGET (gtk_widget_get_root (widget)), "production", G_ACTION_GROUP (self->actions));
  update (self);
}

static void
cb_production_bar_unroot (GtkWidget *widget)
{
  gtk_widget_insert_action_group (GTK_WIDGET (gtk_widget_get_root (widget)), "production", NULL);
  GTK_WIDGET_CLASS (cb_production_bar_parent_class)->unroot (widget);
}

static void
cb_production_bar_dispose (GObject *object)
{
  CbProductionBar *self = CB_PRODUCTION_BAR (object);

  g_clear_handle_id (&self->countdown_id, g_source_remove);
  if (self->session != NULL)
    g_signal_handlers_disconnect_by_func (self->session, update, self);
  g_clear_object (&self->session);
  if (self->banner != NULL)
    gtk_widget_unparent (GTK_WIDGET (self->banner));
  self->banner = NULL;
  g_clear_object (&self->actions);
  g_clear_object (&self->marked);

  G_OBJECT_CLASS (cb_production_bar_parent_class)->dispose (object);
}

static void
cb_production_bar_class_init (CbProductionBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cb_production_bar_dispose;
  widget_class->root = cb_production_bar_root;
  widget_class->unroot = cb_production_bar_unroot;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
cb_production_bar_init (CbProductionBar *self)
{
  g_autoptr (GSimpleAction) toggle = g_simple_action_new ("toggle", NULL);

  self->banner = g_object_new (CB_TYPE_BANNER, "action-name", "production.toggle", NULL);
  gtk_widget_set_parent (GTK_WIDGET (self->banner), GTK_WIDGET (self));

  self->actions = g_simple_action_group_new ();
  self->marked = g_simple_action_new_stateful ("marked", NULL, g_variant_new_boolean (FALSE));
  g_signal_connect (self->marked, "change-state", G_CALLBACK (marked_cb), self);
  g_signal_connect (toggle, "activate", G_CALLBACK (toggle_cb), self);
  g_action_map_add_action (G_ACTION_MAP (self->actions), G_ACTION (self->marked));
  g_action_map_add_action (G_ACTION_MAP (self->actions), G_ACTION (toggle));
}

void
cb_production_bar_set_session (CbProductionBar *self, CbSession *session)
{
  g_return_if_fail (CB_IS_PRODUCTION_BAR (self));
  g_return_if_fail (self->session == NULL);

  self->session = g_object_ref (session);
  g_signal_connect_object (session, "notify::production", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::read-only", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::unlocked-until", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::connection", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}
