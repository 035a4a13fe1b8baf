/* key-view-window.c: a window with nothing but the view of a key, for any name
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* usage: key-view-window [--read-only] [--width PIXELS] [--dark] SERVER [KEY]. The entry takes names as the list of keys
 * writes them, and says below what the view tells of. */

#include "config.h"

#include <adwaita.h>
#include <locale.h>
#include <glib/gi18n.h>

#include "cb-key-add.h"
#include "cb-key-view.h"

static struct
{
  gboolean read_only;
  gboolean dark;
  int width;
  char **words;
  CbSession *session;
  CbKeyView *view;
  GtkLabel *log;
} host;

static void
show (const char *text)
{
  g_autoptr (GBytes) name = cb_key_add_read (text, TRUE);

  cb_key_view_set_key (host.view, name);
}

static void
activate_cb (GtkEntry *entry)
{
  show (gtk_editable_get_text (GTK_EDITABLE (entry)));
}

static void
gone_cb (void)
{
  gtk_label_set_label (host.log, "told: gone");
}

static void
changed_cb (void)
{
  gtk_label_set_label (host.log, "told: changed");
}

static void
connection_cb (void)
{
  CbConnection *connection = cb_session_get_connection (host.session);

  if (connection != NULL && host.read_only)
    cb_connection_set_read_only (connection, TRUE);
}

static void
quit_cb (GSimpleAction *action, GVariant *parameter, gpointer app)
{
  g_application_quit (app);
}

static const GActionEntry actions[] = { { "quit", quit_cb } };

static void
app_cb (GtkApplication *app)
{
  static const char * const accels[] = { "<Control>q", NULL };

  GtkWidget *window = adw_application_window_new (app);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *bar = adw_header_bar_new ();
  GtkWidget *entry = gtk_entry_new ();
  g_autoptr (GError) error = NULL;
  CbAddress *address = cb_address_parse (host.words[0], &error);

  g_assert_no_error (error);
  g_action_map_add_action_entries (G_ACTION_MAP (app), actions, G_N_ELEMENTS (actions), app);
  gtk_application_set_accels_for_action (app, "app.quit", accels);
  if (host.dark)
    adw_style_manager_set_color_scheme (adw_style_manager_get_default (), ADW_COLOR_SCHEME_FORCE_DARK);
  host.session = cb_session_new (address);
  g_signal_connect (host.session, "notify::connection", G_CALLBACK (connection_cb), NULL);
  host.view = CB_KEY_VIEW (cb_key_view_new (host.session));
  host.log = GTK_LABEL (gtk_label_new (""));
  gtk_accessible_update_property (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_PROPERTY_LABEL, "Key", -1);
  g_signal_connect (entry, "activate", G_CALLBACK (activate_cb), NULL);
  g_signal_connect (host.view, "key-gone", G_CALLBACK (gone_cb), NULL);
  g_signal_connect (host.view, "key-changed", G_CALLBACK (changed_cb), NULL);
  gtk_widget_set_vexpand (GTK_WIDGET (host.view), TRUE);
  adw_header_bar_set_title_widget (ADW_HEADER_BAR (bar), entry);
  gtk_box_append (GTK_BOX (box), bar);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (host.view));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (host.log));
  adw_application_window_set_content (ADW_APPLICATION_WINDOW (window), box);
  gtk_window_set_default_size (GTK_WINDOW (window), host.width, 760);
  gtk_window_set_title (GTK_WINDOW (window), "View");
  cb_session_start (host.session);
  if (host.words[1] != NULL)
    show (host.words[1]);
  gtk_window_present (GTK_WINDOW (window));
}

int
main (int argc, char **argv)
{
  GOptionEntry entries[] = {
    { "read-only", 0, 0, G_OPTION_ARG_NONE, &host.read_only, NULL, NULL },
    { "dark", 0, 0, G_OPTION_ARG_NONE, &host.dark, NULL, NULL },
    { "width", 0, 0, G_OPTION_ARG_INT, &host.width, NULL, NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &host.words, NULL, NULL },
    { NULL }
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (AdwApplication) app = NULL;
  int status;

  host.width = 640;
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, g_getenv ("CB_TEST_LOCALE_DIR") != NULL ? g_getenv ("CB_TEST_LOCALE_DIR") : LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, NULL) || host.words == NULL)
    return 2;
  app = g_object_new (ADW_TYPE_APPLICATION, "application-id", "io.github.callboard.KeyView", "flags",
                      G_APPLICATION_NON_UNIQUE, "resource-base-path", "/io/github/callboard/Callboard", NULL);
  g_signal_connect (app, "activate", G_CALLBACK (app_cb), NULL);
  status = g_application_run (G_APPLICATION (app), 0, NULL);
  g_clear_object (&host.session);
  return status;
}
