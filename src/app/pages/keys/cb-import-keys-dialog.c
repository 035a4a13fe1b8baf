/* cb-import-keys-dialog.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-import-keys-dialog.h"

#include <glib/gi18n.h>

#include "cb-format.h"
#include "cb-key-bulk.h"
#include "cb-key-import.h"
#include "cb-key-list.h"

/* How many names are shown before, and reasons. */
#define SAMPLE 8
#define MOST_REASONS 20

struct _CbImportKeysDialog
{
  AdwWindow parent_instance;

  CbConnection *connection;   /* (owned) */
  CbJournal *journal;         /* (owned) */
  GFile *file;                /* (owned) */
  char *name;                 /* (owned) of the file */
  GFileInputStream *input;    /* (owned) (nullable) */
  CbKeyImport *import;        /* (owned) (nullable) that is under way, or was last */
  guint n_keys;               /* in the file */
  gboolean counted;
  gboolean imported;
  gboolean undone;
  GCancellable *cancellable;  /* (owned) (nullable) of what is under way */
  GString *reasons;           /* (owned) */
  guint n_reasons;
  gboolean closing;           /* as soon as what is under way has stopped */
  gboolean gone;              /* with the window that it belongs to */

  GtkLabel *heading;
  GtkLabel *names;
  GtkLabel *note;
  GtkProgressBar *bar;
  GtkLabel *report;
  GtkWidget *reasons_scroller;
  GtkLabel *reasons_label;
  GtkButton *undo_button;
  GtkButton *close_button;
  GtkButton *start_button;
};

G_DEFINE_FINAL_TYPE (CbImportKeysDialog, cb_import_keys_dialog, ADW_TYPE_WINDOW)

static guint changed_signal;

static void
update (CbImportKeysDialog *self)
{
  gboolean running = self->cancellable != NULL;
  gboolean read_only = cb_connection_get_read_only (self->connection);
  guint db = cb_address_get_db (cb_connection_get_address (self->connection));
  g_autofree char *note = NULL;

  if (self->gone)
    return;
  if (read_only)
    note = g_strdup (_ ("This connection is read-only."));
  else
    note = g_strdup_printf (_ ("They come into database %u. A key that is there already is left as it is, and one whose time is over by now "
                               "stays away."), db);
  gtk_label_set_label (self->note, note);
  if (read_only)
    gtk_widget_add_css_class (GTK_WIDGET (self->note), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->note), "error");
  gtk_widget_set_visible (GTK_WIDGET (self->bar), running);
  gtk_button_set_label (self->close_button, running ? _ ("Stop") : _ ("Close"));
  gtk_widget_set_visible (GTK_WIDGET (self->start_button), !self->imported);
  gtk_widget_set_sensitive (GTK_WIDGET (self->start_button), self->counted && !running && !read_only && self->n_keys > 0);
  gtk_widget_set_visible (GTK_WIDGET (self->undo_button), self->imported && !running && !self->undone && !read_only &&
                                                            cb_key_import_get_n_keys (self->import) > 0);
}

static void
begin (CbImportKeysDialog *self)
{
  self->cancellable = g_cancellable_new ();
  g_string_truncate (self->reasons, 0);
  self->n_reasons = 0;
  gtk_progress_bar_set_fraction (self->bar, 0);
  gtk_label_set_label (self->report, "");
  gtk_widget_set_visible (self->reasons_scroller, FALSE);
  update (self);
}

/* The last thing of what was under way. */
static void
end (CbImportKeysDialog *self, const char *report)
{
  g_clear_object (&self->cancellable);
  if (self->gone)
    return;
  gtk_label_set_label (self->report, report);
  if (self->n_reasons > MOST_REASONS)
    {
      guint n = self->n_reasons - MOST_REASONS;
      g_autofree char *rest = g_strdup_printf (ngettext ("… and %u more", "… and %u more", n), n);

      g_string_append_printf (self->reasons, "\n%s", rest);
    }
  gtk_label_set_label (self->reasons_label, self->reasons->str);
  gtk_widget_set_visible (self->reasons_scroller, self->reasons->len > 0);
  update (self);
  if (self->closing)
    gtk_window_destroy (GTK_WINDOW (self));
}

static void
add_reason (CbImportKeysDialog *self, const char *reason)
{
  if (self->n_reasons++ < MOST_REASONS)
    g_string_append_printf (self->reasons, "%s%s", self->reasons->len > 0 ? "\n" : "", reason);
}

static void
show_names (CbImportKeysDialog *self)
{
  CbKeyStore *keys = cb_key_import_get_keys (self->import);
  g_autofree char *count = cb_format_exact_count (self->n_keys);
  g_autofree char *title = NULL;
  g_autoptr (GString) text = g_string_new (NULL);

  /* Translators: a number of keys and the name of a file */
  title = g_strdup_printf (ngettext ("%s key in “%s”", "%s keys in “%s”", self->n_keys), count, self->name);
  gtk_label_set_label (self->heading, title);
  for (CbKeyId id = 0; id < MIN (self->n_keys, SAMPLE); id++)
    {
      gsize length;
      const char *name = cb_key_store_get_name (keys, id, &length);
      g_autofree char *shown = cb_key_name_display (name, length, 48);

      g_string_append_printf (text, "%s%s", id > 0 ? "\n" : "", shown);
    }
  if (self->n_keys > SAMPLE)
    g_string_append (text, "\n…");
  gtk_label_set_label (self->names, text->str);
}

/* ---- reading the file ---- */

static void
progress_cb (CbKeyImport *import, GParamSpec *pspec, CbImportKeysDialog *self)
{
  guint n = cb_key_import_get_n_keys (import);
  g_autofree char *count = cb_format_exact_count (n);
  g_autofree char *text = g_strdup_printf (ngettext ("%s key", "%s keys", n), count);

  if (self->gone)
    return;
  gtk_progress_bar_set_fraction (self->bar, cb_key_import_get_progress (import));
  gtk_progress_bar_set_text (self->bar, text);
}

static void
problem_cb (CbKeyImport *import, const char *text, CbImportKeysDialog *self)
{
  add_reason (self, text);
}

static void
closed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  /* It was only read. */
  g_input_stream_close_finish (G_INPUT_STREAM (source), result, NULL);
}

static void
done_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbImportKeysDialog) self = data;
  CbKeyImport *import = CB_KEY_IMPORT (source);
  g_autoptr (GString) report = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  guint n = cb_key_import_get_n_keys (import);
  guint n_problems = cb_key_import_get_n_problems (import);

  g_signal_handlers_disconnect_by_data (import, self);
  cb_key_import_run_finish (import, result, &error);
  g_input_stream_close_async (G_INPUT_STREAM (self->input), G_PRIORITY_DEFAULT, NULL, closed_cb, NULL);
  g_clear_object (&self->input);
  if (error != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    add_reason (self, error->message);
  if (!self->counted)
    {
      self->counted = error == NULL;
      self->n_keys = n;
      if (!self->gone)
        show_names (self);
      if (error != NULL)
        g_string_append (report, _ ("The file was not read to its end."));
      else if (n_problems > 0)
        g_string_append_printf (report, ngettext ("%u line is not understood.", "%u lines are not understood.", n_problems), n_problems);
      end (self, report->str);
      return;
    }

  self->imported = TRUE;
  g_string_append_printf (report, ngettext ("%u key was put back.", "%u keys were put back.", n), n);
  if (n_problems > 0)
    {
      g_string_append_c (report, ' ');
      g_string_append_printf (report, ngettext ("%u was not.", "%u were not.", n_problems), n_problems);
    }
  if (error != NULL)
    {
      g_string_append_c (report, ' ');
      g_string_append (report, _ ("The rest of the file was not looked at."));
    }
  if (!self->gone && n > 0)
    g_signal_emit (self, changed_signal, 0);
  end (self, report->str);
}

static void
sized_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbImportKeysDialog) self = data;
  g_autoptr (GFileInfo) info = g_file_input_stream_query_info_finish (G_FILE_INPUT_STREAM (source), result, NULL);

  g_clear_object (&self->import);
  self->import = cb_key_import_new (self->connection, G_INPUT_STREAM (self->input));
  cb_key_import_set_dry_run (self->import, !self->counted);
  /* Without it there is no progress to be shown, only the number. */
  if (info != NULL)
    cb_key_import_set_size (self->import, (guint64) g_file_info_get_size (info));
  g_signal_connect_object (self->import, "notify::progress", G_CALLBACK (progress_cb), self, 0);
  g_signal_connect_object (self->import, "problem", G_CALLBACK (problem_cb), self, 0);
  cb_key_import_run_async (self->import, self->cancellable, done_cb, g_object_ref (self));
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbImportKeysDialog) self = data;
  g_autoptr (GError) error = NULL;

  self->input = g_file_read_finish (G_FILE (source), result, &error);
  if (self->input == NULL)
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        add_reason (self, error->message);
      end (self, _ ("Nothing was done."));
      return;
    }
  g_file_input_stream_query_info_async (self->input, G_FILE_ATTRIBUTE_STANDARD_SIZE, G_PRIORITY_DEFAULT, self->cancellable, sized_cb,
                                        g_object_ref (self));
}

static void
read_file (CbImportKeysDialog *self)
{
  begin (self);
  g_file_read_async (self->file, G_PRIORITY_DEFAULT, self->cancellable, opened_cb, g_object_ref (self));
}

static void
start_clicked_cb (CbImportKeysDialog *self)
{
  if (self->cancellable == NULL)
    read_file (self);
}

/* ---- undoing ---- */

static void
outcome_cb (CbKeyBulk *bulk, guint id, int outcome, const char *message, CbImportKeysDialog *self)
{
  if (outcome != CB_KEY_BULK_DONE && outcome != CB_KEY_BULK_GONE && message != NULL)
    add_reason (self, message);
}

static void
bulk_progress_cb (CbKeyBulk *bulk, GParamSpec *pspec, CbImportKeysDialog *self)
{
  double progress;

  g_object_get (bulk, "progress", &progress, NULL);
  if (!self->gone)
    gtk_progress_bar_set_fraction (self->bar, progress);
}

static void
undone_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbImportKeysDialog) self = data;
  CbKeyBulk *bulk = CB_KEY_BULK (source);
  guint n = cb_key_bulk_get_n (bulk, CB_KEY_BULK_DONE);
  g_autofree char *text = g_strdup_printf (ngettext ("%u key was deleted again.", "%u keys were deleted again.", n), n);
  g_autoptr (GError) error = NULL;

  g_signal_handlers_disconnect_by_data (bulk, self);
  self->undone = cb_key_bulk_run_finish (bulk, result, &error);
  if (error != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    add_reason (self, error->message);
  if (!self->gone)
    g_signal_emit (self, changed_signal, 0);
  end (self, text);
}

/* By the journal, as somebody may have changed them since: that is not lost. */
static void
undo_clicked_cb (CbImportKeysDialog *self)
{
  g_autoptr (CbKeyBulk) bulk = NULL;

  if (self->cancellable != NULL)
    return;
  begin (self);
  gtk_progress_bar_set_text (self->bar, "");
  bulk = cb_key_bulk_new (self->connection, self->journal, CB_KEY_BULK_DELETE, cb_key_import_get_keys (self->import));
  cb_key_bulk_set_summary (bulk, self->name);
  g_signal_connect_object (bulk, "outcome", G_CALLBACK (outcome_cb), self, 0);
  g_signal_connect_object (bulk, "notify::progress", G_CALLBACK (bulk_progress_cb), self, 0);
  cb_key_bulk_run_async (bulk, self->cancellable, undone_cb, g_object_ref (self));
}

static void
close_clicked_cb (CbImportKeysDialog *self)
{
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  else
    gtk_window_close (GTK_WINDOW (self));
}

/* What is under way stops between two keys; the window waits for that. */
static gboolean
cb_import_keys_dialog_close_request (GtkWindow *window)
{
  CbImportKeysDialog *self = CB_IMPORT_KEYS_DIALOG (window);

  if (self->cancellable == NULL)
    return GTK_WINDOW_CLASS (cb_import_keys_dialog_parent_class)->close_request (window);
  self->closing = TRUE;
  g_cancellable_cancel (self->cancellable);
  return TRUE;
}

/* ---- object ---- */

static void
cb_import_keys_dialog_dispose (GObject *object)
{
  CbImportKeysDialog *self = CB_IMPORT_KEYS_DIALOG (object);

  self->gone = TRUE;
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);

  G_OBJECT_CLASS (cb_import_keys_dialog_parent_class)->dispose (object);
}

static void
cb_import_keys_dialog_finalize (GObject *object)
{
  CbImportKeysDialog *self = CB_IMPORT_KEYS_DIALOG (object);

  g_clear_object (&self->connection);
  g_clear_object (&self->journal);
  g_clear_object (&self->file);
  g_clear_object (&self->input);
  g_clear_object (&self->import);
  g_clear_object (&self->cancellable);
  g_free (self->name);
  g_string_free (self->reasons, TRUE);

  G_OBJECT_CLASS (cb_import_keys_dialog_parent_class)->finalize (object);
}

static void
cb_import_keys_dialog_class_init (CbImportKeysDialogClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = cb_import_keys_dialog_dispose;
  G_OBJECT_CLASS (klass)->finalize = cb_import_keys_dialog_finalize;
  GTK_WINDOW_CLASS (klass)->close_request = cb_import_keys_dialog_close_request;

  changed_signal = g_signal_new ("changed", CB_TYPE_IMPORT_KEYS_DIALOG, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_add_binding_action (GTK_WIDGET_CLASS (klass), GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
cb_import_keys_dialog_init (CbImportKeysDialog *self)
{
  self->reasons = g_string_new (NULL);
}

static GtkLabel *
new_label (GtkWidget *box, const char *style_class)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_widget_add_css_class (label, style_class);
  gtk_box_append (GTK_BOX (box), label);
  return GTK_LABEL (label);
}

static GtkButton *
add_button (GtkWidget *box, const char *label, GCallback callback, CbImportKeysDialog *self)
{
  GtkWidget *button = gtk_button_new_with_label (label);

  gtk_box_append (GTK_BOX (box), button);
  g_signal_connect_swapped (button, "clicked", callback, self);
  return GTK_BUTTON (button);
}

GtkWidget *
cb_import_keys_dialog_new (GtkWindow *parent, CbConnection *connection, CbJournal *journal, GFile *file)
{
  CbImportKeysDialog *self = g_object_new (CB_TYPE_IMPORT_KEYS_DIALOG, "transient-for", parent, "modal", TRUE,
                                           "destroy-with-parent", TRUE, "default-width", 460, "title", _ ("Import Keys"), NULL);
  GtkWidget *whole = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  g_autofree char *base = g_file_get_basename (file);

  self->connection = g_object_ref (connection);
  self->journal = g_object_ref (journal);
  self->file = g_object_ref (file);
  self->name = g_filename_display_name (base);

  gtk_box_append (GTK_BOX (whole), adw_header_bar_new ());
  gtk_widget_set_margin_start (box, 18);
  gtk_widget_set_margin_end (box, 18);
  gtk_widget_set_margin_top (box, 6);
  gtk_widget_set_margin_bottom (box, 18);
  gtk_box_append (GTK_BOX (whole), box);
  self->heading = new_label (box, "title-4");
  gtk_label_set_label (self->heading, self->name);
  self->names = new_label (box, "monospace");
  gtk_widget_add_css_class (GTK_WIDGET (self->names), "dim-label");
  self->note = new_label (box, "caption");
  self->bar = GTK_PROGRESS_BAR (gtk_progress_bar_new ());
  gtk_progress_bar_set_show_text (self->bar, TRUE);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->bar));
  self->report = new_label (box, "heading");
  self->reasons_scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (self->reasons_scroller), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (self->reasons_scroller), 160);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->reasons_scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  self->reasons_label = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->reasons_label, 0);
  gtk_label_set_wrap (self->reasons_label, TRUE);
  gtk_label_set_wrap_mode (self->reasons_label, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_selectable (self->reasons_label, TRUE);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->reasons_scroller), GTK_WIDGET (self->reasons_label));
  gtk_box_append (GTK_BOX (box), self->reasons_scroller);

  gtk_widget_set_halign (buttons, GTK_ALIGN_END);
  self->undo_button = add_button (buttons, _ ("Undo"), G_CALLBACK (undo_clicked_cb), self);
  self->close_button = add_button (buttons, _ ("Close"), G_CALLBACK (close_clicked_cb), self);
  self->start_button = add_button (buttons, _ ("Import"), G_CALLBACK (start_clicked_cb), self);
  gtk_widget_add_css_class (GTK_WIDGET (self->start_button), "suggested-action");
  gtk_box_append (GTK_BOX (box), buttons);

  adw_window_set_content (ADW_WINDOW (self), whole);
  g_signal_connect_object (connection, "notify::read-only", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  read_file (self);
  return GTK_WIDGET (self);
}
