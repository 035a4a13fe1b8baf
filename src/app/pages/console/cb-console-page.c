/* cb-console-page.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-console-page.h"

#include <glib/gi18n.h>

#include "cb-console-view.h"

struct _CbConsolePage
{
  CbPage parent_instance;

  guint n_made; /* tabs, to number them */

  AdwTabView *tabs;
};

G_DEFINE_FINAL_TYPE (CbConsolePage, cb_console_page, CB_TYPE_PAGE)

static CbConsoleView *
get_current (CbConsolePage *self)
{
  AdwTabPage *page = adw_tab_view_get_selected_page (self->tabs);

  return page != NULL ? CB_CONSOLE_VIEW (adw_tab_page_get_child (page)) : NULL;
}

/* What is under way in any of them. */
static void
show_status (CbConsolePage *self)
{
  gboolean busy = FALSE;
  gboolean in_multi = FALSE;

  for (int i = 0; i < adw_tab_view_get_n_pages (self->tabs); i++)
    {
      AdwTabPage *page = adw_tab_view_get_nth_page (self->tabs, i);
      CbConsoleView *view = CB_CONSOLE_VIEW (adw_tab_page_get_child (page));

      busy = busy || cb_console_view_get_busy (view);
      in_multi = in_multi || cb_console_view_get_in_multi (view);
      adw_tab_page_set_loading (page, cb_console_view_get_busy (view));
    }
  g_object_set (self, "status", busy ? _ ("busy") : in_multi ? _ ("transaction") : NULL, NULL);
}

static void
add_tab (CbConsolePage *self)
{
  GtkWidget *view = cb_console_view_new (cb_page_get_session (CB_PAGE (self)));
  AdwTabPage *page = adw_tab_view_append (self->tabs, view);
  /* Translators: the number of a tab */
  g_autofree char *title = g_strdup_printf (_ ("Console %u"), ++self->n_made);

  adw_tab_page_set_title (page, title);
  adw_tab_view_set_selected_page (self->tabs, page);
  g_signal_connect_object (view, "notify::busy", G_CALLBACK (show_status), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (view, "notify::in-multi", G_CALLBACK (show_status), self, G_CONNECT_SWAPPED);
}

static void
new_tab_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  add_tab (CB_CONSOLE_PAGE (widget));
  cb_console_page_focus_input (CB_CONSOLE_PAGE (widget));
}

static void
close_tab_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbConsolePage *self = CB_CONSOLE_PAGE (widget);
  AdwTabPage *page = adw_tab_view_get_selected_page (self->tabs);

  if (page != NULL)
    adw_tab_view_close_page (self->tabs, page);
}

/* The last one stays. */
static gboolean
close_page_cb (AdwTabView *tabs, AdwTabPage *page, CbConsolePage *self)
{
  gboolean closes = adw_tab_view_get_n_pages (tabs) > 1;

  if (closes)
    cb_console_view_close (CB_CONSOLE_VIEW (adw_tab_page_get_child (page)));
  adw_tab_view_close_page_finish (tabs, page, closes);
  show_status (self);
  return GDK_EVENT_STOP;
}

static void
selected_cb (CbConsolePage *self)
{
  if (get_current (self) != NULL && gtk_widget_get_mapped (GTK_WIDGET (self)))
    cb_console_page_focus_input (self);
}

static void
cb_console_page_map (GtkWidget *widget)
{
  CbConsolePage *self = CB_CONSOLE_PAGE (widget);
  GtkRoot *root;

  GTK_WIDGET_CLASS (cb_console_page_parent_class)->map (widget);
  root = gtk_widget_get_root (widget);
  if (root != NULL && gtk_root_get_focus (root) == NULL)
    cb_console_page_focus_input (self);
}

static void
cb_console_page_set_up (CbPage *page, CbSession *session)
{
  add_tab (CB_CONSOLE_PAGE (page));
}

static void
cb_console_page_class_init (CbConsolePageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->map = cb_console_page_map;
  CB_PAGE_CLASS (klass)->set_up = cb_console_page_set_up;

  g_type_ensure (CB_TYPE_CONSOLE_VIEW);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/callboard/Callboard/ui/cb-console-page.ui");
  gtk_widget_class_bind_template_child (widget_class, CbConsolePage, tabs);
  gtk_widget_class_bind_template_callback (widget_class, close_page_cb);
  gtk_widget_class_bind_template_callback (widget_class, selected_cb);
  gtk_widget_class_install_action (widget_class, "consoles.new-tab", NULL, new_tab_action);
  gtk_widget_class_install_action (widget_class, "consoles.close-tab", NULL, close_tab_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_t, GDK_CONTROL_MASK, "consoles.new-tab", NULL);
  /* Without Shift it closes the window. */
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_w, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "consoles.close-tab", NULL);
}

static void
cb_console_page_init (CbConsolePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
cb_console_page_focus_input (CbConsolePage *self)
{
  CbConsoleView *view;

  g_return_if_fail (CB_IS_CONSOLE_PAGE (self));

  view = get_current (self);
  if (view != NULL)
    cb_console_view_focus_input (view);
}
