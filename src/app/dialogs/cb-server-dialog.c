/* cb-server-dialog.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-server-dialog.h"

#include <glib/gi18n.h>

#include "cb-announcer.h"
#include "cb-application.h"
#include "cb-keyring.h"
#include "cb-password-dialog.h"
#include "cb-production.h"
#include "cb-server-list.h"
#include "cb-server-test-dialog.h"
#include "cb-tls-row.h"
#include "cb-window.h"

struct _CbServerDialog
{
  AdwWindow parent_instance;

  char *id;                  /* (owned) (nullable): of the one that is changed */
  char *password;            /* (owned) (nullable): pasted with the address, for the test; once more for the keyring */
  char *sentinel_password;   /* (owned) (nullable): the same of a Sentinel's own, for the test only */
  GCancellable *cancellable; /* (owned): of the question whether there is a keyring */
  gboolean has_keyring;
  gboolean tried;            /* a test was made with the password that was pasted */
  guint address_length;      /* characters that were in the row */
  gboolean filling;          /* a row is being set, not typed in */

  GtkWidget *save_button;
  GtkWidget *test_button;
  GtkLabel *error_label;
  GtkEditable *name_row;
  GtkEditable *address_row;
  GtkSpinButton *database_spin;
  CbTlsRow *tls_row;
  GtkEditable *user_row;
  GtkSwitch *password_switch;
  AdwActionRow *keep_row;
  GtkSwitch *keep_switch;
  GtkEditable *prefix_row;
  GtkSwitch *read_only_switch;
  GtkSwitch *production_switch;
  AdwComboRow *color_row;
  GtkWidget *color_sample;
  GtkEditable *group_row;
  GtkWidget *remove_group;
};

G_DEFINE_FINAL_TYPE (CbServerDialog, cb_server_dialog, ADW_TYPE_WINDOW)

/* In the order of cb_saved_server_get_colors(), behind none. */
static const char * const color_names[] = { N_ ("None"), N_ ("Blue"), N_ ("Green"), N_ ("Yellow"), N_ ("Orange"), N_ ("Red"),
                                            N_ ("Purple") };

static void
set_problem (CbServerDialog *self, const char *problem)
{
  if (problem != NULL)
    gtk_widget_add_css_class (GTK_WIDGET (self->address_row), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->address_row), "error");
  cb_announce_problem (self->error_label, problem);
  gtk_widget_set_visible (GTK_WIDGET (self->error_label), problem != NULL);
}

static const char *
get_color (CbServerDialog *self)
{
  guint selected = adw_combo_row_get_selected (self->color_row);

  return selected > 0 && selected < G_N_ELEMENTS (color_names) ? cb_saved_server_get_colors ()[selected - 1] : "";
}

static void
color_cb (CbServerDialog *self)
{
  cb_server_color_apply (self->color_sample, get_color (self));
}

static char *
dup_stripped (GtkEditable *row)
{
  return g_strstrip (g_strdup (gtk_editable_get_text (row)));
}

/* What is wrong yet, at its row; nothing while it is empty, which only keeps the buttons from being pressed. */
static CbAddress *
check (CbServerDialog *self)
{
  g_autofree char *text = dup_stripped (self->address_row);
  g_autoptr (CbAddress) address = NULL;
  g_autoptr (GError) error = NULL;

  if (*text != '\0')
    address = cb_address_parse (text, &error);
  set_problem (self, error != NULL ? error->message : NULL);
  gtk_widget_set_sensitive (GTK_WIDGET (self->tls_row), address == NULL || cb_address_get_host (address) != NULL);
  gtk_widget_set_sensitive (self->test_button, address != NULL);
  gtk_widget_set_sensitive (self->save_button, address != NULL);
  return g_steal_pointer (&address);
}

/* What stays in the row of the address: all but what has a row of its own, and a user that is no text, which no row can show. */
static char *
dup_rest (CbAddress *address)
{
  const char *user = cb_address_get_user (address);
  g_autoptr (CbAddress) first = cb_address_with_db (address, 0);
  g_autoptr (CbAddress) plain = cb_address_with_tls (first, NULL);
  g_autoptr (CbAddress) rest =
    cb_address_with_login (plain, user != NULL && !g_utf8_validate (user, -1, NULL) ? user : NULL, NULL);

  return cb_address_to_uri (rest);
}

/* Puts what the address says of database, encryption, user, password and production into the rows of these. @typed by hand it may hold
 * the first word of an encrypted one, and the certificates be in their rows already. */
static void
take_apart (CbServerDialog *self, CbAddress *address, gboolean typed)
{
  g_autofree char *rest = dup_rest (address);

  self->filling = TRUE;
  if (cb_address_get_db (address) != 0)
    gtk_spin_button_set_value (self->database_spin, cb_address_get_db (address));
  if (cb_address_get_tls (address) != NULL && typed)
    cb_tls_row_add_options (self->tls_row, cb_address_get_tls (address));
  else if (cb_address_get_tls (address) != NULL)
    cb_tls_row_set_options (self->tls_row, cb_address_get_tls (address));
  if (cb_address_get_user (address) != NULL)
    gtk_editable_set_text (self->user_row,
                           g_utf8_validate (cb_address_get_user (address), -1, NULL) ? cb_address_get_user (address) : "");
  if (cb_address_get_password (address) != NULL)
    {
      g_free (self->password);
      self->password = g_strdup (cb_address_get_password (address));
      self->tried = FALSE;
      gtk_switch_set_active (self->password_switch, TRUE);
    }
  if (cb_address_get_sentinel_password (address) != NULL)
    {
      g_free (self->sentinel_password);
      self->sentinel_password = g_strdup (cb_address_get_sentinel_password (address));
    }
  if (cb_address_get_production (address))
    gtk_switch_set_active (self->production_switch, TRUE);
  if (g_strcmp0 (rest, gtk_editable_get_text (self->address_row)) != 0)
    gtk_editable_set_text (self->address_row, rest);
  gtk_editable_set_position (self->address_row, -1);
  self->address_length = (guint) g_utf8_strlen (rest, -1);
  self->filling = FALSE;
}

static void
changed_cb (CbServerDialog *self)
{
  CbAddress *address = self->filling ? NULL : check (self);

  g_clear_pointer (&address, cb_address_unref);
}

static void
address_cb (CbServerDialog *self)
{
  const char *text = gtk_editable_get_text (self->address_row);
  guint length = (guint) g_utf8_strlen (text, -1);
  gboolean pasted = length > self->address_length + 1;
  g_autoptr (CbAddress) address = NULL;

  self->address_length = length;
  if (self->filling)
    return;
  changed_cb (self);
  address = pasted ? cb_address_parse (text, NULL) : NULL;
  if (address != NULL)
    {
      take_apart (self, address, FALSE);
      if (cb_production_is_marked (address))
        gtk_switch_set_active (self->production_switch, TRUE);
      changed_cb (self);
    }
}

/* ---- the keyring ---- */

static void
update_keep (CbServerDialog *self)
{
  gboolean asks = gtk_switch_get_active (self->password_switch);

  gtk_widget_set_sensitive (GTK_WIDGET (self->keep_row), asks && self->has_keyring);
}

static void
password_switched_cb (CbServerDialog *self)
{
  update_keep (self);
}

static void
probed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbServerDialog) self = data;
  g_autoptr (GError) error = NULL;

  self->has_keyring = cb_keyring_probe_finish (result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || self->keep_row == NULL)
    return;
  adw_action_row_set_subtitle (self->keep_row, self->has_keyring ? _ ("In the keyring, once it has let you in") : error->message);
  update_keep (self);
}

static void
told_cb (GtkWindow *window, gboolean done, GError *error)
{
  if (!done && window != NULL)
    {
      /* Translators: a sentence that says why */
      g_autofree char *text = g_strdup_printf (_ ("The password is not kept. %s"), error->message);

      cb_toast (GTK_WIDGET (window), text);
    }
}

static void
stored_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GtkWindow) window = data;
  g_autoptr (GError) error = NULL;
  gboolean done = cb_keyring_store_finish (result, &error);

  told_cb (window, done, error);
}

static void
moved_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GtkWindow) window = data;
  g_autoptr (GError) error = NULL;
  gboolean done = cb_keyring_move_finish (result, &error);

  told_cb (window, done, error);
}

static void
tell_not_taken (GtkWindow *window, GError *error)
{
  if (error != NULL && window != NULL)
    {
      /* Translators: a sentence that says why */
      g_autofree char *text = g_strdup_printf (_ ("The password may still be in the keyring. %s"), error->message);

      cb_toast (GTK_WIDGET (window), text);
    }
}

static void
forgotten_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GtkWindow) window = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *password = cb_keyring_take_finish (result, &error);

  tell_not_taken (window, error);
}

/* What the keyring has is made to fit what is saved now. @old nullable; @pasted nullable: a new password. */
static void
keep (GtkWindow *window, const CbSavedServer *old, const CbSavedServer *server, const char *pasted)
{
  gboolean kept = old != NULL && old->keeps_password;

  if (kept && !server->keeps_password)
    cb_keyring_take_async (old, forgotten_cb, g_object_ref (window));
  else if (kept && (pasted != NULL || !cb_address_equal (old->address, server->address)))
    cb_keyring_move_async (old, server, pasted, moved_cb, g_object_ref (window));
  else if (server->keeps_password && pasted != NULL)
    cb_keyring_store_async (server, pasted, stored_cb, g_object_ref (window));
}

/* ---- the list ---- */

typedef struct
{
  GtkWindow *window;       /* (owned) (nullable): who is told */
  CbSavedServer *server;   /* (owned) (nullable): what can be put back */
  char *password;          /* (owned) (nullable): what the keyring had for it */
  gboolean put_back;
} Change;

static void
change_clear (gpointer data)
{
  Change *change = data;

  g_clear_object (&change->window);
  g_clear_pointer (&change->server, cb_saved_server_free);
  g_free (change->password);
}

static void
change_free (Change *change)
{
  g_rc_box_release_full (change, change_clear);
}

static void
forget_change (gpointer data, GClosure *closure)
{
  change_free (data);
}

static Change *
change_new (GtkWindow *window, const CbSavedServer *server)
{
  Change *change = g_rc_box_new0 (Change);

  change->window = window != NULL ? g_object_ref (window) : NULL;
  change->server = server != NULL ? cb_saved_server_copy (server) : NULL;
  return change;
}

/* The dialog has gone by now: what did not reach the file is told in the window. */
static void
kept_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Change *change = data;
  g_autoptr (GError) error = NULL;

  if (!cb_saved_servers_change_finish (CB_SAVED_SERVERS (source), result, &error) && change->window != NULL)
    {
      g_autofree char *text = g_strdup_printf (_ ("The list of servers can’t be saved: %s"), error->message);

      cb_toast (GTK_WIDGET (change->window), text);
    }
  change_free (change);
}

static void
put_password_back (Change *change)
{
  if (change->put_back && change->password != NULL)
    cb_keyring_store_async (change->server, change->password, stored_cb,
                            change->window != NULL ? g_object_ref (change->window) : NULL);
}

static void
undo_clicked_cb (AdwToast *toast, Change *change)
{
  change->put_back = TRUE;
  put_password_back (change);
  cb_saved_servers_put_async (cb_saved_servers_get_default (), change->server, kept_cb, change_new (change->window, NULL));
}

/* @problem: (nullable): a sentence. Each toast takes the place of the one before, so that this, too, can undo it. */
static void
tell_removed (Change *change, const char *problem)
{
  g_autofree char *text = NULL;
  g_autofree char *title = NULL;
  AdwToast *toast;

  if (!CB_IS_WINDOW (change->window))
    return;

  text = problem != NULL ? g_strdup_printf (_ ("The password may still be in the keyring. %s"), problem)
                         : g_strdup_printf (_ ("“%s” is no longer in the list"), change->server->name);
  title = g_markup_escape_text (text, -1);
  toast = adw_toast_new (title);
  adw_toast_set_button_label (toast, _ ("_Undo"));
  adw_toast_set_timeout (toast, 10);
  g_signal_connect_data (toast, "button-clicked", G_CALLBACK (undo_clicked_cb), g_rc_box_acquire (change), forget_change, 0);
  cb_window_add_toast (CB_WINDOW (change->window), toast);
}

static void
taken_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Change *change = data;
  g_autoptr (GError) error = NULL;

  change->password = cb_keyring_take_finish (result, &error);
  if (error != NULL && !change->put_back)
    tell_removed (change, error->message);
  put_password_back (change);
  change_free (change);
}

static void
remove_cb (CbServerDialog *self)
{
  CbSavedServers *servers = cb_saved_servers_get_default ();
  GtkWindow *window = gtk_window_get_transient_for (GTK_WINDOW (self));
  const CbSavedServer *server = self->id != NULL ? cb_saved_servers_find (servers, self->id) : NULL;

  if (server != NULL)
    {
      Change *change = change_new (window, server);

      tell_removed (change, NULL);
      if (server->keeps_password)
        cb_keyring_take_async (server, taken_cb, g_rc_box_acquire (change));
      cb_saved_servers_remove_async (servers, self->id, kept_cb, change_new (window, NULL));
      change_free (change);
    }
  gtk_window_close (GTK_WINDOW (self));
}

/* What is in the rows, taken apart; NULL when it is wrong. */
static CbAddress *
dup_address (CbServerDialog *self)
{
  g_autoptr (CbAddress) typed = check (self);
  g_autoptr (CbAddress) without_secret = NULL;
  g_autoptr (CbAddress) with_db = NULL;
  g_autoptr (CbAddress) with_tls = NULL;
  g_autofree char *user = NULL;

  if (typed == NULL)
    return NULL;

  gtk_spin_button_update (self->database_spin);
  take_apart (self, typed, TRUE);
  user = dup_stripped (self->user_row);
  without_secret = cb_address_with_sentinel_login (typed, cb_address_get_sentinel_user (typed), NULL);
  with_db = cb_address_with_db (without_secret, (guint) gtk_spin_button_get_value_as_int (self->database_spin));
  with_tls = cb_tls_row_apply (self->tls_row, with_db);
  /* What is in the address and not in its row is what the row can't show. */
  return cb_address_with_login (with_tls, *user != '\0' ? user : cb_address_get_user (typed), NULL);
}

static void
test (CbServerDialog *self, CbAddress *address, const char *password)
{
  g_autoptr (CbAddress) with_sentinel = cb_address_with_sentinel_login (
    address, cb_address_get_sentinel_user (address), cb_address_get_sentinel (address) != NULL ? self->sentinel_password : NULL);
  g_autoptr (CbAddress) with_password = cb_address_with_login (with_sentinel, cb_address_get_user (address), password);
  g_autofree char *prefix = dup_stripped (self->prefix_row);

  gtk_window_present (GTK_WINDOW (cb_server_test_dialog_new (GTK_WINDOW (self), with_password, prefix)));
}

static void
password_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbAddress) address = data;
  g_autofree char *password = cb_password_dialog_ask_finish (GTK_WIDGET (source), result);

  /* It may have been closed with its window. */
  if (password != NULL && gtk_widget_get_visible (GTK_WIDGET (source)))
    test (CB_SERVER_DIALOG (source), address, password);
}

typedef struct
{
  CbServerDialog *self;    /* (owned) */
  CbAddress *address;      /* (owned) */
} Test;

static void
ask_for_test (CbServerDialog *self, CbAddress *address)
{
  cb_password_dialog_ask_async (GTK_WIDGET (self), cb_address_get_label (address), cb_address_get_user (address),
                                _ ("It is not kept."), password_cb, cb_address_ref (address));
}

static void
looked_up_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Test *pending = data;
  g_autofree char *password = cb_keyring_lookup_finish (result, NULL);

  if (gtk_widget_get_visible (GTK_WIDGET (pending->self)))
    {
      if (password != NULL)
        test (pending->self, pending->address, password);
      else
        ask_for_test (pending->self, pending->address);
    }
  g_object_unref (pending->self);
  cb_address_unref (pending->address);
  g_free (pending);
}

/* By what is kept for the server as it is saved, if that is not changed. */
static void
look_up_for_test (CbServerDialog *self, const CbSavedServer *saved, CbAddress *address)
{
  Test *pending = g_new0 (Test, 1);

  pending->self = g_object_ref (self);
  pending->address = cb_address_ref (address);
  cb_keyring_lookup_async (saved, NULL, looked_up_cb, pending);
}

static void
test_cb (CbServerDialog *self)
{
  g_autoptr (CbAddress) address = dup_address (self);
  const CbSavedServer *saved = self->id != NULL ? cb_saved_servers_find (cb_saved_servers_get_default (), self->id) : NULL;

  if (address == NULL)
    return;
  if (!gtk_switch_get_active (self->password_switch))
    test (self, address, NULL);
  else if (self->password != NULL && !self->tried)
    {
      /* Once: should it be wrong, the next test asks for another. */
      self->tried = TRUE;
      test (self, address, self->password);
    }
  else if (saved != NULL && saved->keeps_password && cb_address_equal (saved->address, address))
    look_up_for_test (self, saved, address);
  else
    ask_for_test (self, address);
}

static void
save_cb (CbServerDialog *self)
{
  g_autoptr (CbAddress) address = dup_address (self);
  g_autoptr (CbSavedServer) server = NULL;
  g_autofree char *name = dup_stripped (self->name_row);
  g_autofree char *group = dup_stripped (self->group_row);
  g_autofree char *prefix = dup_stripped (self->prefix_row);
  GtkWindow *window = gtk_window_get_transient_for (GTK_WINDOW (self));

  if (address == NULL)
    return;

  server = cb_saved_server_new (self->id, *name != '\0' ? name : cb_address_get_label (address), address, group, get_color (self),
                                gtk_switch_get_active (self->password_switch));
  cb_saved_server_set_prefix (server, prefix);
  server->keeps_password = server->asks_password && gtk_switch_get_active (self->keep_switch);
  server->read_only = gtk_switch_get_active (self->read_only_switch);
  cb_application_set_read_only (CB_APPLICATION (g_application_get_default ()), server);

  if (!cb_application_mark_production (CB_APPLICATION (g_application_get_default ()), address,
                                       gtk_switch_get_active (self->production_switch)))
    cb_toast (GTK_WIDGET (window), _ ("The mark of production can’t be kept: the settings of Callboard are not installed"));
  /* Where it is the same, that of the server does for both. */
  if (cb_address_get_sentinel (address) != NULL && self->sentinel_password != NULL &&
      g_strcmp0 (self->sentinel_password, self->password) != 0)
    cb_toast (GTK_WIDGET (window), _ ("The password of the Sentinel is not kept. Where it differs from that of the server, start callboard "
                                      "--server with the whole address."));
  keep (window, self->id != NULL ? cb_saved_servers_find (cb_saved_servers_get_default (), self->id) : NULL, server,
        self->password);
  cb_saved_servers_put_async (cb_saved_servers_get_default (), server, kept_cb, change_new (window, NULL));
  gtk_window_close (GTK_WINDOW (self));
}

static void
cb_server_dialog_dispose (GObject *object)
{
  CbServerDialog *self = CB_SERVER_DIALOG (object);

  g_cancellable_cancel (self->cancellable);
  self->keep_row = NULL;

  G_OBJECT_CLASS (cb_server_dialog_parent_class)->dispose (object);
}

static void
cb_server_dialog_finalize (GObject *object)
{
  CbServerDialog *self = CB_SERVER_DIALOG (object);

  g_object_unref (self->cancellable);
  g_free (self->id);
  g_free (self->password);
  g_free (self->sentinel_password);

  G_OBJECT_CLASS (cb_server_dialog_parent_class)->finalize (object);
}

static void
cb_server_dialog_class_init (CbServerDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cb_server_dialog_dispose;
  G_OBJECT_CLASS (klass)->finalize = cb_server_dialog_finalize;

  g_type_ensure (CB_TYPE_TLS_ROW);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/callboard/Callboard/ui/cb-server-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, CbServerDialog, save_button);
  gtk_widget_class_bind_template_child (widget_class, CbServerDialog, test_button);
  gtk_widget_class_bind_template_child (widget_class, CbServerDialog, error_label);
  gtk_widget_class_bind_template_child (widget_class, CbServerDialog, name_row);
  gtk_widget_class_bind_template_child (widget_class, CbServerDialog, address_row);
  gtk_widget_class_bind_template_child (widget_class, CbServerDialog, database_spin);
  gtk_widget_class_bind_template_child (widget_class, CbServerDialog, tls_row);
  gtk_widget_class_bind_template_child (widget_class, CbServerDialog, user_row);
  gtk_widget_class_bind_template_child (widget_class, CbServerDialog, password_switch);
  gtk_widget_class_bind_template_child (widget_class, CbServerDialog, keep_row);
  gtk_widget_class_bind_template_child (widget_class, CbServerDialog, keep_switch);
  gtk_widget_class_bind_template_child (widget_class, CbServerDialog, prefix_row);
  gtk_widget_class_bind_template_child (widget_class, CbServerDialog, read_only_switch);
  gtk_widget_class_bind_template_child (widget_class, CbServerDialog, production_switch);
  gtk_widget_class_bind_template_child (widget_class, CbServerDialog, color_row);
  gtk_widget_class_bind_template_child (widget_class, CbServerDialog, color_sample);
  gtk_widget_class_bind_template_child (widget_class, CbServerDialog, group_row);
  gtk_widget_class_bind_template_child (widget_class, CbServerDialog, remove_group);
  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, address_cb);
  gtk_widget_class_bind_template_callback (widget_class, color_cb);
  gtk_widget_class_bind_template_callback (widget_class, password_switched_cb);
  gtk_widget_class_bind_template_callback (widget_class, save_cb);
  gtk_widget_class_bind_template_callback (widget_class, test_cb);
  gtk_widget_class_bind_template_callback (widget_class, remove_cb);
}

static void
cb_server_dialog_init (CbServerDialog *self)
{
  g_autoptr (GtkStringList) list = gtk_string_list_new (NULL);

  gtk_widget_init_template (GTK_WIDGET (self));
  self->cancellable = g_cancellable_new ();
  cb_keyring_probe_async (self->cancellable, probed_cb, g_object_ref (self));
  for (gsize i = 0; i < G_N_ELEMENTS (color_names); i++)
    gtk_string_list_append (list, _ (color_names[i]));
  adw_combo_row_set_model (self->color_row, G_LIST_MODEL (list));
}

static void
fill (CbServerDialog *self, const CbSavedServer *server)
{
  const char * const *colors = cb_saved_server_get_colors ();

  self->id = g_strdup (server->id);
  gtk_editable_set_text (self->name_row, server->name);
  gtk_editable_set_text (self->group_row, server->group);
  gtk_switch_set_active (self->password_switch, server->asks_password);
  gtk_switch_set_active (self->keep_switch, server->keeps_password);
  for (guint i = 0; colors[i] != NULL; i++)
    {
      if (g_str_equal (colors[i], server->color))
        adw_combo_row_set_selected (self->color_row, i + 1);
    }
  gtk_editable_set_text (self->prefix_row, server->prefix);
  gtk_switch_set_active (self->read_only_switch, server->read_only);
  gtk_switch_set_active (self->production_switch, cb_production_is_marked (server->address));
  take_apart (self, server->address, FALSE);
}

/**
 * cb_server_dialog_new:
 * @server: (nullable): the one that is to be changed; a new one with %NULL
 * @uri: (nullable): of a new one, as far as it is known
 * @prefix: (nullable): of a new one
 */
CbServerDialog *
cb_server_dialog_new (GtkWindow *parent, const CbSavedServer *server, const char *uri, const char *prefix)
{
  CbServerDialog *self = g_object_new (CB_TYPE_SERVER_DIALOG, "transient-for", parent, NULL);
  g_autoptr (CbAddress) address = uri != NULL ? cb_address_parse (uri, NULL) : NULL;

  if (server != NULL)
    fill (self, server);
  else if (address != NULL)
    {
      take_apart (self, address, FALSE);
      gtk_switch_set_active (self->production_switch, cb_production_is_marked (address));
      gtk_editable_set_text (self->prefix_row, prefix != NULL ? prefix : "");
      /* The password by which the window was let in is known to its connection only. */
      gtk_switch_set_active (self->password_switch, cb_address_get_user (address) != NULL);
    }
  gtk_window_set_title (GTK_WINDOW (self), server != NULL ? _ ("Edit Server") : _ ("Add Server"));
  gtk_widget_set_visible (self->remove_group, server != NULL);
  color_cb (self);
  changed_cb (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->name_row));
  return self;
}
