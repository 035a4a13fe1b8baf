/* cb-keyspace-dialog.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-keyspace-dialog.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cb-keyspace-events.h"

/* All classes that A stands for, on both kinds of channels. */
#define WANTED "KEA"

/* What the setting was before this program changed it, on the connection, so that it is there when the dialog is opened again. */
#define OLD_VALUE "callboard-old-keyspace-events"

struct _CbKeyspaceDialog
{
  AdwWindow parent_instance;

  CbPubsub *pubsub;           /* (owned) (nullable) */
  GCancellable *cancellable;  /* (owned) */
  char *flags;                /* (owned) (nullable) as the server has them */
  char *problem;              /* (owned) (nullable) */
  gboolean busy;

  AdwActionRow *state_row;
  GtkWidget *on_button;
  GtkWidget *restore_button;
  GtkLabel *problem_label;
  GtkWidget *classes;
};

G_DEFINE_FINAL_TYPE (CbKeyspaceDialog, cb_keyspace_dialog, ADW_TYPE_WINDOW)

static CbConnection *
get_connection (CbKeyspaceDialog *self)
{
  return cb_pubsub_get_connection (self->pubsub);
}

/* What is told, a line a class. */
static void
show_classes (CbKeyspaceDialog *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (const CbKeyspaceClass *class = cb_keyspace_classes; class->meaning != NULL; class++)
    {
      char letters[] = { class->letter, '\0' };

      if (self->flags != NULL && cb_keyspace_flags_cover (self->flags, letters))
        g_string_append_printf (text, "%s%c  %s", text->len > 0 ? "\n" : "", class->letter, _ (class->meaning));
    }
  gtk_label_set_text (GTK_LABEL (self->classes), text->str);
  gtk_widget_set_visible (self->classes, text->len > 0);
}

static void
update (CbKeyspaceDialog *self)
{
  const char *old = g_object_get_data (G_OBJECT (get_connection (self)), OLD_VALUE);
  gboolean read_only = cb_connection_get_read_only (get_connection (self));
  g_autofree char *text = NULL;
  g_autofree char *restore = NULL;

  if (self->flags == NULL)
    text = g_strdup (self->problem != NULL ? _ ("It is not known whether they are on.") : _ ("Asking the server…"));
  else if (*self->flags == '\0')
    text = g_strdup (_ ("Off: notify-keyspace-events is empty."));
  else if (cb_keyspace_flags_are_on (self->flags))
    /* Translators: %s are letters, the value of a setting */
    text = g_strdup_printf (_ ("On: notify-keyspace-events is %s."), self->flags);
  else
    /* Translators: %s are letters, the value of a setting */
    text = g_strdup_printf (_ ("Off: notify-keyspace-events is %s, which lacks K or E, or what is to be told."), self->flags);
  adw_action_row_set_subtitle (self->state_row, text);

  gtk_widget_set_visible (self->on_button, self->flags != NULL && !cb_keyspace_flags_cover (self->flags, WANTED));
  gtk_widget_set_sensitive (self->on_button, !self->busy && !read_only);
  gtk_widget_set_tooltip_text (self->on_button, read_only ? _ ("This connection is read-only.")
                                                          : _ ("CONFIG SET, until the server is restarted. It costs the server a "
                                                               "little for each change of a key."));
  gtk_widget_set_visible (self->restore_button, old != NULL);
  gtk_widget_set_sensitive (self->restore_button, !self->busy);
  if (old != NULL)
    {
      /* Translators: %s is the value that a setting had, in quotes */
      restore = g_strdup_printf (_ ("Put Back “%s”"), old);
      gtk_button_set_label (GTK_BUTTON (self->restore_button), restore);
    }
  gtk_label_set_text (self->problem_label, self->problem != NULL ? self->problem : "");
  gtk_widget_set_visible (GTK_WIDGET (self->problem_label), self->problem != NULL);
  show_classes (self);
}

static void
asked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbKeyspaceDialog) self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *flags = cb_keyspace_events_get_finish (CB_CONNECTION (source), result, &error);

  if (self->pubsub == NULL)
    return;
  self->busy = FALSE;
  if (flags != NULL)
    {
      g_free (self->flags);
      self->flags = g_steal_pointer (&flags);
    }
  else
    {
      g_free (self->problem);
      self->problem = g_strdup (error->message);
    }
  update (self);
}

static void
ask (CbKeyspaceDialog *self)
{
  self->busy = TRUE;
  cb_keyspace_events_get_async (get_connection (self), self->cancellable, asked_cb, g_object_ref (self));
}

static void
set_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbKeyspaceDialog) self = data;
  g_autoptr (GError) error = NULL;

  if (!cb_keyspace_events_set_finish (CB_CONNECTION (source), result, &error) && self->pubsub != NULL)
    {
      g_free (self->problem);
      self->problem = g_strdup (error->message);
    }
  if (self->pubsub == NULL)
    return;
  /* Asked again, whatever came of it: what the server has is what is shown. */
  ask (self);
  update (self);
}

static void
set (CbKeyspaceDialog *self, const char *flags)
{
  self->busy = TRUE;
  g_clear_pointer (&self->problem, g_free);
  cb_keyspace_events_set_async (get_connection (self), flags, self->cancellable, set_cb, g_object_ref (self));
  update (self);
}

static void
on_cb (CbKeyspaceDialog *self)
{
  GObject *connection = G_OBJECT (get_connection (self));
  g_autofree char *merged = cb_keyspace_flags_merge (self->flags, WANTED);

  if (g_object_get_data (connection, OLD_VALUE) == NULL)
    g_object_set_data_full (connection, OLD_VALUE, g_strdup (self->flags), g_free);
  set (self, merged);
}

static void
restore_cb (CbKeyspaceDialog *self)
{
  g_autofree char *old = g_object_steal_data (G_OBJECT (get_connection (self)), OLD_VALUE);

  if (old != NULL)
    set (self, old);
}

static void
subscribe (CbKeyspaceDialog *self, const char *kind)
{
  g_autofree char *pattern = g_strdup_printf ("__%s@%u__:*", kind,
                                              cb_address_get_db (cb_connection_get_address (get_connection (self))));
  g_autoptr (GBytes) name = g_bytes_new (pattern, strlen (pattern));

  cb_pubsub_subscribe (self->pubsub, CB_TOPIC_PATTERN, name);
  gtk_window_close (GTK_WINDOW (self));
}

static void
events_cb (CbKeyspaceDialog *self)
{
  subscribe (self, "keyevent");
}

static void
keys_cb (CbKeyspaceDialog *self)
{
  subscribe (self, "keyspace");
}

static void
cb_keyspace_dialog_dispose (GObject *object)
{
  CbKeyspaceDialog *self = CB_KEYSPACE_DIALOG (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->pubsub);

  G_OBJECT_CLASS (cb_keyspace_dialog_parent_class)->dispose (object);
}

static void
cb_keyspace_dialog_finalize (GObject *object)
{
  CbKeyspaceDialog *self = CB_KEYSPACE_DIALOG (object);

  g_clear_object (&self->cancellable);
  g_free (self->flags);
  g_free (self->problem);

  G_OBJECT_CLASS (cb_keyspace_dialog_parent_class)->finalize (object);
}

static void
cb_keyspace_dialog_class_init (CbKeyspaceDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cb_keyspace_dialog_dispose;
  G_OBJECT_CLASS (klass)->finalize = cb_keyspace_dialog_finalize;

  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/callboard/Callboard/ui/cb-keyspace-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, CbKeyspaceDialog, state_row);
  gtk_widget_class_bind_template_child (widget_class, CbKeyspaceDialog, on_button);
  gtk_widget_class_bind_template_child (widget_class, CbKeyspaceDialog, restore_button);
  gtk_widget_class_bind_template_child (widget_class, CbKeyspaceDialog, problem_label);
  gtk_widget_class_bind_template_child (widget_class, CbKeyspaceDialog, classes);
  gtk_widget_class_bind_template_callback (widget_class, on_cb);
  gtk_widget_class_bind_template_callback (widget_class, restore_cb);
  gtk_widget_class_bind_template_callback (widget_class, events_cb);
  gtk_widget_class_bind_template_callback (widget_class, keys_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
cb_keyspace_dialog_init (CbKeyspaceDialog *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
cb_keyspace_dialog_present (GtkWindow *parent, CbPubsub *pubsub)
{
  CbKeyspaceDialog *self = g_object_new (CB_TYPE_KEYSPACE_DIALOG, "transient-for", parent, NULL);

  self->pubsub = g_object_ref (pubsub);
  ask (self);
  update (self);
  gtk_window_present (GTK_WINDOW (self));
}
