/* cb-server-list.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-server-list.h"

#include <glib/gi18n.h>

#include "cb-application.h"
#include "cb-saved-servers.h"
#include "cb-server-dialog.h"

/* Where it ends and is scrolled. */
#define MAX_HEIGHT 420

struct _CbServerList
{
  GtkWidget parent_instance;

  GtkWidget *scrolled;        /* (owned): the only child */
  GtkBox *box;
  CbSession *session;         /* (weak) (nullable) */
};

G_DEFINE_FINAL_TYPE (CbServerList, cb_server_list, GTK_TYPE_WIDGET)

void
cb_server_color_apply (GtkWidget *widget, const char *color)
{
  const char * const *colors = cb_saved_server_get_colors ();

  g_return_if_fail (GTK_IS_WIDGET (widget));

  for (guint i = 0; colors[i] != NULL; i++)
    {
      g_autofree char *name = g_strconcat ("cb-color-", colors[i], NULL);

      if (g_strcmp0 (colors[i], color) == 0)
        gtk_widget_add_css_class (widget, name);
      else
        gtk_widget_remove_css_class (widget, name);
    }
}

static GtkWindow *
pop_down (CbServerList *self)
{
  GtkWidget *popover = gtk_widget_get_ancestor (GTK_WIDGET (self), GTK_TYPE_POPOVER);

  if (popover != NULL)
    gtk_popover_popdown (GTK_POPOVER (popover));
  return GTK_WINDOW (gtk_widget_get_ancestor (GTK_WIDGET (self), GTK_TYPE_WINDOW));
}

static const char *
get_id (GtkWidget *button)
{
  return g_object_get_data (G_OBJECT (button), "server-id");
}

static void
open_cb (CbServerList *self, GtkWidget *button)
{
  const CbSavedServer *server = cb_saved_servers_find (cb_saved_servers_get_default (), get_id (button));
  GtkWindow *window = pop_down (self);

  if (server != NULL && window != NULL)
    cb_application_open_saved (CB_APPLICATION (g_application_get_default ()), GTK_WIDGET (window), server);
}

static void
open_private_cb (CbServerList *self)
{
  pop_down (self);
  cb_application_open_private (CB_APPLICATION (g_application_get_default ()));
}

static void
edit_cb (CbServerList *self, GtkWidget *button)
{
  const CbSavedServer *server = cb_saved_servers_find (cb_saved_servers_get_default (), get_id (button));
  GtkWindow *window = pop_down (self);

  if (server != NULL && window != NULL)
    gtk_window_present (GTK_WINDOW (cb_server_dialog_new (window, server, NULL, NULL)));
}

/* The one that is shown, if it isn't in the list yet, is what one wants to keep. */
static void
add_cb (CbServerList *self)
{
  GtkWindow *window = pop_down (self);
  gboolean named = self->session != NULL && cb_session_can_be_production (self->session);
  g_autofree char *uri = named ? cb_session_dup_uri (self->session) : NULL;
  const char *prefix = named ? cb_session_get_prefix (self->session) : NULL;

  if (window == NULL)
    return;
  if (uri != NULL && cb_saved_servers_find_uri (cb_saved_servers_get_default (), uri, prefix) != NULL)
    g_clear_pointer (&uri, g_free);
  gtk_window_present (GTK_WINDOW (cb_server_dialog_new (window, NULL, uri, prefix)));
}

static void
add_heading (CbServerList *self, const char *text, gboolean is_problem)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), is_problem);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 40);
  if (!is_problem)
    gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_set_margin_start (label, 12);
  gtk_widget_set_margin_end (label, 12);
  gtk_widget_set_margin_top (label, 6);
  gtk_widget_add_css_class (label, is_problem ? "error" : "dim-label");
  gtk_widget_add_css_class (label, is_problem ? "caption" : "caption-heading");
  gtk_box_append (self->box, label);
}

/* Where it is, and how it is opened. */
static char *
describe (const CbSavedServer *server, const char *uri)
{
  GString *text = g_string_new (NULL);

  /* What is special is not to be cut off: the address is, in its middle. */
  if (server->read_only)
    g_string_append_printf (text, "%s · ", _ ("read-only"));
  if (*server->prefix != '\0')
    g_string_append_printf (text, "%s · ", server->prefix);
  g_string_append (text, uri);
  return g_string_free (text, FALSE);
}

static void
add_row (CbServerList *self, const char *id, const char *name, const char *where, const char *color, gboolean here)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 2);
  GtkWidget *button = gtk_button_new ();
  GtkWidget *content = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  GtkWidget *sample = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *title = gtk_label_new (name);
  GtkWidget *subtitle = gtk_label_new (where);
  g_autofree char *tooltip = NULL;

  gtk_widget_add_css_class (sample, "cb-server-color");
  gtk_widget_set_valign (sample, GTK_ALIGN_CENTER);
  cb_server_color_apply (sample, color);
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_ellipsize (GTK_LABEL (title), PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (GTK_LABEL (title), 32);
  gtk_label_set_xalign (GTK_LABEL (subtitle), 0);
  gtk_label_set_ellipsize (GTK_LABEL (subtitle), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_max_width_chars (GTK_LABEL (subtitle), 32);
  gtk_widget_add_css_class (subtitle, "dim-label");
  gtk_widget_add_css_class (subtitle, "caption");
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_box_append (GTK_BOX (texts), title);
  gtk_box_append (GTK_BOX (texts), subtitle);
  gtk_box_append (GTK_BOX (content), sample);
  gtk_box_append (GTK_BOX (content), texts);
  if (here)
    gtk_box_append (GTK_BOX (content), gtk_image_new_from_icon_name ("object-select-symbolic"));

  gtk_button_set_child (GTK_BUTTON (button), content);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_hexpand (button, TRUE);
  /* Translators: the name of a server */
  tooltip = g_strdup_printf (_ ("Open %s"), name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, tooltip, -1);
  gtk_box_append (GTK_BOX (row), button);
  if (id != NULL)
    {
      GtkWidget *edit = gtk_button_new_from_icon_name ("document-edit-symbolic");
      /* Translators: the name of a server */
      g_autofree char *edit_name = g_strdup_printf (_ ("Edit %s"), name);

      g_object_set_data_full (G_OBJECT (button), "server-id", g_strdup (id), g_free);
      g_signal_connect_object (button, "clicked", G_CALLBACK (open_cb), self, G_CONNECT_SWAPPED);
      gtk_widget_add_css_class (edit, "flat");
      gtk_widget_set_valign (edit, GTK_ALIGN_CENTER);
      gtk_widget_set_tooltip_text (edit, edit_name);
      gtk_accessible_update_property (GTK_ACCESSIBLE (edit), GTK_ACCESSIBLE_PROPERTY_LABEL, edit_name, -1);
      g_object_set_data_full (G_OBJECT (edit), "server-id", g_strdup (id), g_free);
      g_signal_connect_object (edit, "clicked", G_CALLBACK (edit_cb), self, G_CONNECT_SWAPPED);
      gtk_box_append (GTK_BOX (row), edit);
    }
  else
    {
      g_signal_connect_object (button, "clicked", G_CALLBACK (open_private_cb), self, G_CONNECT_SWAPPED);
    }
  gtk_box_append (self->box, row);
}

static void
rebuild (CbServerList *self)
{
  CbSavedServers *servers = cb_saved_servers_get_default ();
  GPtrArray *all = cb_saved_servers_get_all (servers);
  g_autofree char *here = self->session != NULL ? cb_session_dup_server_id (self->session) : NULL;
  const char *problem = cb_saved_servers_get_problem (servers);
  const char *group = "";
  GtkWidget *add;
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->box))) != NULL)
    gtk_box_remove (self->box, child);

  add_row (self, NULL, _ ("This computer"), _ ("a private Redis"), "", g_strcmp0 (here, "private") == 0);
  for (guint i = 0; i < all->len; i++)
    {
      const CbSavedServer *server = g_ptr_array_index (all, i);
      g_autofree char *uri = cb_address_to_uri (server->address);
      g_autofree char *server_id = cb_session_make_server_id (server->address, server->prefix);
      g_autofree char *where = describe (server, uri);

      if (!g_str_equal (group, server->group))
        add_heading (self, server->group, FALSE);
      group = server->group;
      add_row (self, server->id, server->name, where, server->color, g_strcmp0 (here, server_id) == 0);
    }
  if (problem != NULL)
    add_heading (self, problem, TRUE);

  add = gtk_button_new_with_label (_ ("Add Server…"));
  gtk_label_set_xalign (GTK_LABEL (gtk_button_get_child (GTK_BUTTON (add))), 0);
  gtk_widget_set_margin_start (gtk_button_get_child (GTK_BUTTON (add)), 15);
  gtk_widget_add_css_class (add, "flat");
  gtk_widget_set_sensitive (add, cb_saved_servers_is_loaded (servers));
  g_signal_connect_object (add, "clicked", G_CALLBACK (add_cb), self, G_CONNECT_SWAPPED);
  gtk_box_append (self->box, add);
}

static void
cb_server_list_dispose (GObject *object)
{
  CbServerList *self = CB_SERVER_LIST (object);

  g_clear_pointer (&self->scrolled, gtk_widget_unparent);
  g_clear_weak_pointer (&self->session);

  G_OBJECT_CLASS (cb_server_list_parent_class)->dispose (object);
}

static void
cb_server_list_class_init (CbServerListClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = cb_server_list_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
changed_cb (CbServerList *self)
{
  if (self->scrolled != NULL)
    rebuild (self);
}

static void
cb_server_list_init (CbServerList *self)
{
  self->scrolled = gtk_scrolled_window_new ();
  self->box = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 2));
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (self->scrolled), TRUE);
  gtk_scrolled_window_set_propagate_natural_width (GTK_SCROLLED_WINDOW (self->scrolled), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (self->scrolled), MAX_HEIGHT);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scrolled), GTK_WIDGET (self->box));
  gtk_widget_set_parent (self->scrolled, GTK_WIDGET (self));
  g_signal_connect_object (cb_saved_servers_get_default (), "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  rebuild (self);
}

GtkWidget *
cb_server_list_new (void)
{
  return g_object_new (CB_TYPE_SERVER_LIST, NULL);
}

void
cb_server_list_set_session (CbServerList *self, CbSession *session)
{
  g_return_if_fail (CB_IS_SERVER_LIST (self));

  if (g_set_weak_pointer (&self->session, session))
    rebuild (self);
}
