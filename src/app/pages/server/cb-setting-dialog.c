/* cb-setting-dialog.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-setting-dialog.h"

#include <glib/gi18n.h>

#include "cb-server-setting.h"
#include "cb-window.h"

#define LONGEST_SHOWN 60

/* What settings were before this program changed them, on the connection. */
#define BEFORE "callboard-settings-before"

struct _CbSettingDialog
{
  AdwWindow parent_instance;

  CbConnection *connection;       /* (owned) */
  CbServerView *view;             /* (weak) (nullable) who is told */
  char *name;                     /* (owned) */

  AdwPreferencesGroup *group;
  AdwEntryRow *entry;
  GtkWidget *set_button;
  GtkWidget *restore_button;
  GtkLabel *problem;
  gboolean busy;
  gboolean closed;                /* its toast may still undo */
};

G_DEFINE_FINAL_TYPE (CbSettingDialog, cb_setting_dialog, ADW_TYPE_WINDOW)

static GHashTable *
get_table (CbConnection *connection)
{
  GHashTable *table = g_object_get_data (G_OBJECT (connection), BEFORE);

  if (table == NULL)
    {
      table = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
      g_object_set_data_full (G_OBJECT (connection), BEFORE, table, (GDestroyNotify) g_hash_table_unref);
    }
  return table;
}

const char *
cb_setting_dialog_get_before (CbConnection *connection, const char *name)
{
  return g_hash_table_lookup (get_table (connection), name);
}

static void
remember (CbConnection *connection, const char *name, const char *before, const char *value)
{
  const char *first = cb_setting_dialog_get_before (connection, name);

  if (first == NULL)
    g_hash_table_insert (get_table (connection), g_strdup (name), g_strdup (before));
  if (g_strcmp0 (first != NULL ? first : before, value) == 0)
    g_hash_table_remove (get_table (connection), name);
}

/* --- a change, also without the dialog --- */

typedef struct
{
  CbSettingDialog *dialog;        /* (owned) */
  char *name;                     /* (owned) */
  char *value;                    /* (owned) */
} Change;

static void
change_free (gpointer data, GClosure *closure)
{
  Change *change = data;

  g_object_unref (change->dialog);
  g_free (change->name);
  g_free (change->value);
  g_free (change);
}

static void change (CbSettingDialog *self, const char *value);

static void
undo_clicked_cb (AdwToast *toast, Change *back)
{
  change (back->dialog, back->value);
}

/* The toast stands in the window, where there is still one. */
static void
offer_undo (CbSettingDialog *self, const char *value, const char *before)
{
  GtkRoot *root = self->view != NULL ? gtk_widget_get_root (GTK_WIDGET (self->view)) : NULL;
  g_autofree char *shown = g_utf8_substring (value, 0, MIN (g_utf8_strlen (value, -1), LONGEST_SHOWN));
  g_autofree char *text = NULL;
  g_autofree char *title = NULL;
  AdwToast *toast;
  Change *back;

  if (!CB_IS_WINDOW (root))
    return;
  /* Translators: name of a setting, and its value */
  text = g_strdup_printf (_ ("%s is now “%s”"), self->name, shown);
  title = g_markup_escape_text (text, -1);
  toast = adw_toast_new (title);
  back = g_new0 (Change, 1);
  back->dialog = g_object_ref (self);
  back->name = g_strdup (self->name);
  back->value = g_strdup (before);
  adw_toast_set_button_label (toast, _ ("_Undo"));
  adw_toast_set_timeout (toast, 10);
  g_signal_connect_data (toast, "button-clicked", G_CALLBACK (undo_clicked_cb), back, change_free, 0);
  cb_window_add_toast (CB_WINDOW (root), toast);
}

static void
show_problem (CbSettingDialog *self, const char *problem)
{
  if (self->closed)
    {
      if (problem != NULL && self->view != NULL)
        cb_toast (GTK_WIDGET (self->view), problem);
      return;
    }
  gtk_label_set_text (self->problem, problem != NULL ? problem : "");
  gtk_widget_set_visible (GTK_WIDGET (self->problem), problem != NULL);
}

static void
update (CbSettingDialog *self)
{
  const char *before = cb_setting_dialog_get_before (self->connection, self->name);
  gboolean read_only = cb_connection_get_read_only (self->connection);
  g_autofree char *restore = NULL;

  if (self->closed)
    return;
  gtk_widget_set_sensitive (self->set_button, !self->busy && !read_only);
  gtk_widget_set_tooltip_text (self->set_button, read_only ? _ ("This connection is read-only.") : NULL);
  gtk_widget_set_sensitive (self->restore_button, !self->busy && !read_only);
  gtk_widget_set_visible (self->restore_button, before != NULL);
  if (before != NULL)
    {
      /* Translators: %s is the value that a setting had, in quotes */
      restore = g_strdup_printf (_ ("Put Back “%s”"), before);
      gtk_button_set_label (GTK_BUTTON (self->restore_button), restore);
    }
}

static void
changed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Change *done = data;
  CbSettingDialog *self = done->dialog;
  g_autoptr (GError) error = NULL;
  g_autofree char *before = cb_server_setting_change_finish (CB_CONNECTION (source), result, &error);

  self->busy = FALSE;
  if (before == NULL)
    {
      show_problem (self, error->message);
    }
  else
    {
      remember (CB_CONNECTION (source), done->name, before, done->value);
      if (g_strcmp0 (before, done->value) != 0)
        offer_undo (self, done->value, before);
      if (self->view != NULL)
        cb_server_view_refresh (self->view);
      if (!self->closed)
        gtk_window_close (GTK_WINDOW (self));
    }
  update (self);
  change_free (done, NULL);
}

static void
change (CbSettingDialog *self, const char *value)
{
  Change *todo;

  if (self->busy)
    return;
  todo = g_new0 (Change, 1);
  todo->dialog = g_object_ref (self);
  todo->name = g_strdup (self->name);
  todo->value = g_strdup (value);
  self->busy = TRUE;
  show_problem (self, NULL);
  cb_server_setting_change_async (self->connection, self->name, value, NULL, changed_cb, todo);
  update (self);
}

static void
set_cb (CbSettingDialog *self)
{
  if (gtk_widget_get_sensitive (self->set_button))
    change (self, gtk_editable_get_text (GTK_EDITABLE (self->entry)));
}

static void
restore_cb (CbSettingDialog *self)
{
  g_autofree char *before = g_strdup (cb_setting_dialog_get_before (self->connection, self->name));

  if (before != NULL)
    change (self, before);
}

/* --- object --- */

static void
cb_setting_dialog_dispose (GObject *object)
{
  CB_SETTING_DIALOG (object)->closed = TRUE;

  G_OBJECT_CLASS (cb_setting_dialog_parent_class)->dispose (object);
}

static void
cb_setting_dialog_finalize (GObject *object)
{
  CbSettingDialog *self = CB_SETTING_DIALOG (object);

  g_clear_weak_pointer (&self->view);
  g_clear_object (&self->connection);
  g_free (self->name);

  G_OBJECT_CLASS (cb_setting_dialog_parent_class)->finalize (object);
}

static void
cb_setting_dialog_class_init (CbSettingDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cb_setting_dialog_dispose;
  G_OBJECT_CLASS (klass)->finalize = cb_setting_dialog_finalize;

  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/callboard/Callboard/ui/cb-setting-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, CbSettingDialog, group);
  gtk_widget_class_bind_template_child (widget_class, CbSettingDialog, entry);
  gtk_widget_class_bind_template_child (widget_class, CbSettingDialog, set_button);
  gtk_widget_class_bind_template_child (widget_class, CbSettingDialog, restore_button);
  gtk_widget_class_bind_template_child (widget_class, CbSettingDialog, problem);
  gtk_widget_class_bind_template_callback (widget_class, set_cb);
  gtk_widget_class_bind_template_callback (widget_class, restore_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
cb_setting_dialog_init (CbSettingDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
cb_setting_dialog_present (CbServerView *view, const char *name, const char *value, const char *hint)
{
  CbSettingDialog *self = g_object_new (CB_TYPE_SETTING_DIALOG, "transient-for", gtk_widget_get_root (GTK_WIDGET (view)), NULL);

  self->connection = g_object_ref (cb_server_view_get_connection (view));
  self->name = g_strdup (name);
  g_set_weak_pointer (&self->view, view);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (self->entry), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->entry), name);
  gtk_editable_set_text (GTK_EDITABLE (self->entry), value != NULL ? value : "");
  if (hint != NULL)
    adw_preferences_group_set_description (self->group, hint);
  update (self);
  gtk_window_present (GTK_WINDOW (self));
}
