/* cb-many-keys-dialog.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-many-keys-dialog.h"

#include <glib/gi18n.h>

#include "cb-file-choice.h"
#include "cb-format.h"
#include "cb-key-bulk.h"
#include "cb-key-edit.h"
#include "cb-key-engine.h"
#include "cb-key-export.h"
#include "cb-production.h"
#include "cb-undo.h"

/* How many names are shown before, and reasons after. */
#define SAMPLE 8
#define MOST_REASONS 20

struct _CbManyKeysDialog
{
  AdwWindow parent_instance;

  CbConnection *connection;     /* (owned) */
  CbConnection *target;         /* (owned) (nullable) */
  GOutputStream *output;        /* (owned) (nullable) */
  CbJournal *journal;           /* (owned) */
  CbKeyFinder *finder;          /* (owned) */
  CbKeyStore *keys;             /* (owned) */
  guint n_keys;
  GCancellable *cancellable;    /* (owned) (nullable) of what is under way */
  char *undo_id;                /* (owned) (nullable) */
  GString *reasons;             /* (owned) */
  guint n_reasons;
  gboolean closing;             /* as soon as what is under way has stopped */
  gboolean gone;                /* with the window that it belongs to */

  GtkWidget *rows;
  AdwComboRow *deed_row;
  GtkWidget *time_row;
  AdwComboRow *form_row;
  GtkWidget *server_row;
  GtkWidget *replace_row;
  GtkSwitch *replace_switch;
  GtkLabel *note;
  GtkProgressBar *bar;
  GtkLabel *report;
  GtkWidget *reasons_scroller;
  GtkLabel *reasons_label;
  GtkButton *close_button;
  GtkButton *undo_button;
  GtkButton *start_button;
};

G_DEFINE_FINAL_TYPE (CbManyKeysDialog, cb_many_keys_dialog, ADW_TYPE_WINDOW)

static guint changed_signal;

static CbKeyBulkKind
get_kind (CbManyKeysDialog *self)
{
  static const CbKeyBulkKind kinds[] = { CB_KEY_BULK_DELETE, CB_KEY_BULK_EXPIRE, CB_KEY_BULK_PERSIST, CB_KEY_BULK_COPY,
                                         CB_KEY_BULK_EXPORT };

  return kinds[MIN (adw_combo_row_get_selected (self->deed_row), G_N_ELEMENTS (kinds) - 1)];
}

/* What is wrong with what was typed; "" when it is only not there yet. */
static char *
find_problem (CbManyKeysDialog *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CbAddress) address = NULL;
  const char *text;
  gint64 msec;

  switch (get_kind (self))
    {
    case CB_KEY_BULK_EXPIRE:
      text = gtk_editable_get_text (GTK_EDITABLE (self->time_row));
      if (*text == '\0')
        return g_strdup ("");
      return cb_key_parse_ttl (text, &msec, &error) ? NULL : g_strdup (error->message);

    case CB_KEY_BULK_COPY:
      text = gtk_editable_get_text (GTK_EDITABLE (self->server_row));
      if (*text == '\0')
        return g_strdup ("");
      address = cb_address_parse (text, &error);
      if (address == NULL)
        return g_strdup (error->message);
      if (cb_address_equal (address, cb_connection_get_address (self->connection)))
        return g_strdup (_ ("That is where the keys are already."));
      if (cb_production_is_marked (address))
        return g_strdup (_ ("That server is marked as production: “callboardctl key send --yes-production” copies there."));
      return NULL;

    case CB_KEY_BULK_DELETE:
    case CB_KEY_BULK_PERSIST:
    case CB_KEY_BULK_EXPORT:
    default:
      return NULL;
    }
}

/* The forms in the order in which they are offered. */
enum
{
  FORM_DUMP,
  FORM_COMMANDS,
  FORM_JSON,
};

static const char *
get_export_note (CbManyKeysDialog *self)
{
  switch (adw_combo_row_get_selected (self->form_row))
    {
    case FORM_COMMANDS:
      return _ ("Commands that make the keys, for redis-cli and for importing. Groups of streams are not in it, and a key that "
                "changes while it is read may be in it as it never was.");
    case FORM_JSON:
      return _ ("An object a line with name, type, end and elements, for programs and for importing. Groups of streams are not in it, "
                "and a key that changes while it is read may be in it as it never was.");
    case FORM_DUMP:
    default:
      return _ ("A line for each, by DUMP, for importing: exact for every type.");
    }
}

static void
update (CbManyKeysDialog *self)
{
  g_autofree char *problem = self->gone ? NULL : find_problem (self);
  CbKeyBulkKind kind = self->gone ? CB_KEY_BULK_DELETE : get_kind (self);
  gboolean running = self->cancellable != NULL;
  gboolean read_only = kind != CB_KEY_BULK_COPY && kind != CB_KEY_BULK_EXPORT && cb_connection_get_read_only (self->connection);
  const char *note = _ ("What is done is written down before, and can be undone.");

  if (self->gone)
    return;
  gtk_widget_set_visible (self->time_row, kind == CB_KEY_BULK_EXPIRE);
  gtk_widget_set_visible (GTK_WIDGET (self->form_row), kind == CB_KEY_BULK_EXPORT);
  gtk_widget_set_visible (self->server_row, kind == CB_KEY_BULK_COPY);
  gtk_widget_set_visible (self->replace_row, kind == CB_KEY_BULK_COPY);
  if (read_only)
    note = _ ("This connection is read-only.");
  else if (problem != NULL && *problem != '\0')
    note = problem;
  else if (kind == CB_KEY_BULK_COPY)
    note = _ ("By DUMP and RESTORE, with the times to live. It can’t be undone.");
  else if (kind == CB_KEY_BULK_EXPORT)
    note = get_export_note (self);
  gtk_label_set_label (self->note, note);
  if (read_only || (problem != NULL && *problem != '\0'))
    gtk_widget_add_css_class (GTK_WIDGET (self->note), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->note), "error");

  gtk_button_set_label (self->start_button, kind == CB_KEY_BULK_DELETE ? _ ("Delete")
                                            : kind == CB_KEY_BULK_COPY   ? _ ("Copy")
                                            : kind == CB_KEY_BULK_EXPORT ? _ ("Export…")
                                                                         : _ ("Set"));
  if (kind == CB_KEY_BULK_DELETE)
    {
      gtk_widget_remove_css_class (GTK_WIDGET (self->start_button), "suggested-action");
      gtk_widget_add_css_class (GTK_WIDGET (self->start_button), "destructive-action");
    }
  else
    {
      gtk_widget_remove_css_class (GTK_WIDGET (self->start_button), "destructive-action");
      gtk_widget_add_css_class (GTK_WIDGET (self->start_button), "suggested-action");
    }
  gtk_widget_set_sensitive (GTK_WIDGET (self->start_button), problem == NULL && !read_only && !running && self->n_keys > 0);
  gtk_widget_set_sensitive (self->rows, !running);
  gtk_button_set_label (self->close_button, running ? _ ("Stop") : _ ("Close"));
  gtk_widget_set_visible (GTK_WIDGET (self->undo_button), self->undo_id != NULL && !running);
  gtk_widget_set_visible (GTK_WIDGET (self->bar), running);
}

static void
set_progress (CbManyKeysDialog *self, double progress, guint n, guint total)
{
  g_autofree char *done = cb_format_exact_count (n);
  g_autofree char *all = cb_format_exact_count (total);
  /* Translators: numbers of keys */
  g_autofree char *text = g_strdup_printf (_ ("%s of %s"), done, all);

  if (self->gone)
    return;
  gtk_progress_bar_set_fraction (self->bar, progress);
  gtk_progress_bar_set_text (self->bar, text);
}

static void
begin (CbManyKeysDialog *self)
{
  self->cancellable = g_cancellable_new ();
  g_string_truncate (self->reasons, 0);
  self->n_reasons = 0;
  gtk_label_set_label (self->report, "");
  gtk_widget_set_visible (self->reasons_scroller, FALSE);
  set_progress (self, 0, 0, self->n_keys);
  update (self);
}

/* The last thing of what was under way. */
static void
end (CbManyKeysDialog *self, const char *report)
{
  g_clear_object (&self->cancellable);
  if (self->target != NULL)
    cb_connection_close (self->target);
  g_clear_object (&self->target);
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
  g_signal_emit (self, changed_signal, 0);
  update (self);
  if (self->closing)
    gtk_window_destroy (GTK_WINDOW (self));
}

static void
add_reason (CbManyKeysDialog *self, const char *reason)
{
  if (self->n_reasons++ < MOST_REASONS)
    g_string_append_printf (self->reasons, "%s%s", self->reasons->len > 0 ? "\n" : "", reason);
}

/* ---- undoing ---- */

static void
undo_progress_cb (CbUndo *undo, GParamSpec *pspec, CbManyKeysDialog *self)
{
  double progress;
  guint total;

  g_object_get (undo, "progress", &progress, "n-total", &total, NULL);
  set_progress (self, progress, cb_undo_get_n_back (undo) + cb_undo_get_n_same (undo), total);
}

static void
undone_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbManyKeysDialog) self = data;
  CbUndo *undo = CB_UNDO (source);
  guint n = cb_undo_get_n_back (undo) + cb_undo_get_n_same (undo);
  GPtrArray *outcomes = cb_undo_get_outcomes (undo);
  g_autofree char *text = g_strdup_printf (ngettext ("%u key is as it was.", "%u keys are as they were.", n), n);
  g_autoptr (GError) error = NULL;

  g_signal_handlers_disconnect_by_data (undo, self);
  for (guint i = 0; i < outcomes->len; i++)
    add_reason (self, ((CbJobOutcome *) g_ptr_array_index (outcomes, i))->error->message);
  if (cb_undo_run_finish (undo, result, &error))
    g_clear_pointer (&self->undo_id, g_free);
  else
    add_reason (self, error->message);
  end (self, text);
}

static void
undo_clicked_cb (CbManyKeysDialog *self)
{
  g_autoptr (CbEngine) engine = cb_key_engine_new (self->connection);
  g_autoptr (CbUndo) undo = cb_undo_new (engine, self->journal, self->undo_id);

  begin (self);
  g_signal_connect_object (undo, "notify::progress", G_CALLBACK (undo_progress_cb), self, 0);
  cb_undo_run_async (undo, self->cancellable, undone_cb, g_object_ref (self));
}

/* ---- doing ---- */

static void
outcome_cb (CbKeyBulk *bulk, guint id, int outcome, const char *message, CbManyKeysDialog *self)
{
  if (outcome != CB_KEY_BULK_DONE && outcome != CB_KEY_BULK_GONE && message != NULL)
    add_reason (self, message);
}

static void
bulk_progress_cb (CbKeyBulk *bulk, GParamSpec *pspec, CbManyKeysDialog *self)
{
  double progress;

  g_object_get (bulk, "progress", &progress, NULL);
  set_progress (self, progress, cb_key_bulk_get_n (bulk, CB_KEY_BULK_DONE), cb_key_bulk_get_n_total (bulk));
}

static void
closed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbManyKeysDialog) self = data;
  g_autoptr (GOutputStream) output = g_steal_pointer (&self->output);
  g_autoptr (GError) error = NULL;

  if (g_output_stream_close_finish (output, result, &error))
    {
      end (self, g_object_get_data (G_OBJECT (output), "report"));
      return;
    }
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    add_reason (self, error->message);
  end (self, _ ("The export is not complete."));
}

static void
append_counts (GString *report, guint n, guint n_gone)
{
  g_string_append_printf (report, ngettext ("%u key was done.", "%u keys were done.", n), n);
  if (n_gone > 0)
    {
      g_string_append_c (report, ' ');
      g_string_append_printf (report, ngettext ("%u was gone already.", "%u were gone already.", n_gone), n_gone);
    }
}

/* The last thing of an export as text. */
static void
close_output (CbManyKeysDialog *self, guint n, guint n_gone, const GError *error)
{
  g_autoptr (GCancellable) spoiled = g_cancellable_new ();
  GString *report = g_string_new (NULL);

  append_counts (report, n, n_gone);
  if (error != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    add_reason (self, error->message);
  /* A file that was there before stays when this one is closed like that. */
  if (error != NULL)
    g_cancellable_cancel (spoiled);
  g_object_set_data_full (G_OBJECT (self->output), "report", g_string_free (report, FALSE), g_free);
  g_output_stream_close_async (self->output, G_PRIORITY_DEFAULT, spoiled, closed_cb, g_object_ref (self));
}

static void
done_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbManyKeysDialog) self = data;
  CbKeyBulk *bulk = CB_KEY_BULK (source);
  g_autoptr (GString) report = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  guint n = cb_key_bulk_get_n (bulk, CB_KEY_BULK_DONE);
  guint n_gone = cb_key_bulk_get_n (bulk, CB_KEY_BULK_GONE);
  guint n_left = cb_key_bulk_get_n (bulk, CB_KEY_BULK_PENDING);

  g_signal_handlers_disconnect_by_data (bulk, self);
  append_counts (report, n, n_gone);
  if (!cb_key_bulk_run_finish (bulk, result, &error))
    {
      if (n_left > 0)
        {
          g_string_append_c (report, ' ');
          g_string_append_printf (report, ngettext ("%u was not looked at any more.", "%u were not looked at any more.", n_left), n_left);
        }
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        add_reason (self, error->message);
    }
  if (cb_key_bulk_get_notice (bulk) != NULL)
    add_reason (self, cb_key_bulk_get_notice (bulk));
  g_free (self->undo_id);
  self->undo_id = g_strdup (cb_key_bulk_get_undo_id (bulk));
  if (self->output != NULL)
    {
      g_autoptr (GCancellable) spoiled = g_cancellable_new ();

      /* A file that was there before stays when this one is closed like that. */
      if (error != NULL)
        g_cancellable_cancel (spoiled);
      g_object_set_data_full (G_OBJECT (self->output), "report", g_strdup (report->str), g_free);
      g_output_stream_close_async (self->output, G_PRIORITY_DEFAULT, spoiled, closed_cb, g_object_ref (self));
      return;
    }
  end (self, report->str);
}

static void
export_problem_cb (CbKeyExport *export, const char *text, CbManyKeysDialog *self)
{
  add_reason (self, text);
}

static void
export_progress_cb (CbKeyExport *export, GParamSpec *pspec, CbManyKeysDialog *self)
{
  double progress;

  g_object_get (export, "progress", &progress, NULL);
  set_progress (self, progress, cb_key_export_get_n_done (export), cb_key_export_get_n_total (export));
}

static void
exported_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbManyKeysDialog) self = data;
  CbKeyExport *export = CB_KEY_EXPORT (source);
  g_autoptr (GError) error = NULL;

  g_signal_handlers_disconnect_by_data (export, self);
  cb_key_export_run_finish (export, result, &error);
  close_output (self, cb_key_export_get_n_done (export), cb_key_export_get_n_gone (export), error);
}

static void
run_export (CbManyKeysDialog *self, CbKeyExportForm form)
{
  g_autoptr (CbKeyExport) export = cb_key_export_new (self->connection, self->keys, form, self->output);

  g_signal_connect_object (export, "problem", G_CALLBACK (export_problem_cb), self, 0);
  g_signal_connect_object (export, "notify::progress", G_CALLBACK (export_progress_cb), self, 0);
  cb_key_export_run_async (export, self->cancellable, exported_cb, g_object_ref (self));
}

static void
run (CbManyKeysDialog *self)
{
  CbKeyBulkKind kind = get_kind (self);
  g_autoptr (CbKeyBulk) bulk = cb_key_bulk_new (self->connection, kind == CB_KEY_BULK_COPY || kind == CB_KEY_BULK_EXPORT ? NULL : self->journal, kind, self->keys);
  CbKeyQuery query = { 0, };
  gint64 msec;

  cb_key_finder_get_query (self->finder, &query);
  cb_key_bulk_set_query (bulk, &query);
  if (kind == CB_KEY_BULK_EXPIRE && cb_key_parse_ttl (gtk_editable_get_text (GTK_EDITABLE (self->time_row)), &msec, NULL))
    cb_key_bulk_set_ttl (bulk, msec);
  if (kind == CB_KEY_BULK_COPY)
    cb_key_bulk_set_target (bulk, self->target, gtk_switch_get_active (self->replace_switch));
  if (kind == CB_KEY_BULK_EXPORT)
    cb_key_bulk_set_output (bulk, self->output);
  if (query.text != NULL)
    {
      gsize length;
      const char *text = g_bytes_get_data (query.text, &length);
      g_autofree char *shown = cb_key_name_display (text, length, 200);

      cb_key_bulk_set_summary (bulk, shown);
    }
  g_signal_connect_object (bulk, "outcome", G_CALLBACK (outcome_cb), self, 0);
  g_signal_connect_object (bulk, "notify::progress", G_CALLBACK (bulk_progress_cb), self, 0);
  cb_key_bulk_run_async (bulk, self->cancellable, done_cb, g_object_ref (self));
}

static void
target_open_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbManyKeysDialog) self = data;
  g_autoptr (GError) error = NULL;

  if (cb_connection_open_finish (CB_CONNECTION (source), result, &error))
    {
      run (self);
      return;
    }
  add_reason (self, error->message);
  end (self, _ ("Nothing was done."));
}

static void
created_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbManyKeysDialog) self = data;
  g_autoptr (GError) error = NULL;
  GFileOutputStream *output = g_file_replace_finish (G_FILE (source), result, &error);

  if (output != NULL)
    {
      guint form = adw_combo_row_get_selected (self->form_row);

      self->output = G_OUTPUT_STREAM (output);
      if (form == FORM_DUMP)
        run (self);
      else
        run_export (self, form == FORM_COMMANDS ? CB_KEY_EXPORT_COMMANDS : CB_KEY_EXPORT_JSON);
      return;
    }
  add_reason (self, error->message);
  end (self, _ ("Nothing was done."));
}

static void
file_chosen_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  CbManyKeysDialog *self = CB_MANY_KEYS_DIALOG (source);
  g_autoptr (GFile) file = cb_file_choice_finish (GTK_WIDGET (self), result);

  if (file == NULL || self->gone || self->cancellable != NULL)
    return;
  begin (self);
  g_file_replace_async (file, NULL, FALSE, G_FILE_CREATE_PRIVATE | G_FILE_CREATE_REPLACE_DESTINATION, G_PRIORITY_DEFAULT,
                        self->cancellable, created_cb, g_object_ref (self));
}

static void
choose_file (CbManyKeysDialog *self)
{
  cb_file_choice_save_async (GTK_WIDGET (self), _ ("Export Keys"),
                             adw_combo_row_get_selected (self->form_row) == FORM_COMMANDS ? "keys.txt" : "keys.jsonl", file_chosen_cb,
                             NULL);
}

static void
start_clicked_cb (CbManyKeysDialog *self)
{
  if (get_kind (self) == CB_KEY_BULK_EXPORT)
    {
      choose_file (self);
      return;
    }
  g_clear_pointer (&self->undo_id, g_free);
  begin (self);
  if (get_kind (self) == CB_KEY_BULK_COPY)
    {
      g_autoptr (CbAddress) address = cb_address_parse (gtk_editable_get_text (GTK_EDITABLE (self->server_row)), NULL);

      self->target = cb_connection_new (address, "callboard");
      cb_connection_open_async (self->target, self->cancellable, target_open_cb, g_object_ref (self));
    }
  else
    {
      run (self);
    }
}

static void
close_clicked_cb (CbManyKeysDialog *self)
{
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  else
    gtk_window_close (GTK_WINDOW (self));
}

/* What is under way stops between two portions; the window waits for that. */
static gboolean
cb_many_keys_dialog_close_request (GtkWindow *window)
{
  CbManyKeysDialog *self = CB_MANY_KEYS_DIALOG (window);

  if (self->cancellable == NULL)
    return GTK_WINDOW_CLASS (cb_many_keys_dialog_parent_class)->close_request (window);
  self->closing = TRUE;
  g_cancellable_cancel (self->cancellable);
  return TRUE;
}

/* ---- object ---- */

static void
cb_many_keys_dialog_dispose (GObject *object)
{
  CbManyKeysDialog *self = CB_MANY_KEYS_DIALOG (object);

  self->gone = TRUE;
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);

  G_OBJECT_CLASS (cb_many_keys_dialog_parent_class)->dispose (object);
}

static void
cb_many_keys_dialog_finalize (GObject *object)
{
  CbManyKeysDialog *self = CB_MANY_KEYS_DIALOG (object);

  g_clear_object (&self->connection);
  g_clear_object (&self->target);
  g_clear_object (&self->output);
  g_clear_object (&self->journal);
  g_clear_object (&self->finder);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->keys, cb_key_store_unref);
  g_free (self->undo_id);
  g_string_free (self->reasons, TRUE);

  G_OBJECT_CLASS (cb_many_keys_dialog_parent_class)->finalize (object);
}

static void
cb_many_keys_dialog_class_init (CbManyKeysDialogClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = cb_many_keys_dialog_dispose;
  G_OBJECT_CLASS (klass)->finalize = cb_many_keys_dialog_finalize;
  GTK_WINDOW_CLASS (klass)->close_request = cb_many_keys_dialog_close_request;

  changed_signal = g_signal_new ("changed", CB_TYPE_MANY_KEYS_DIALOG, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_add_binding_action (GTK_WIDGET_CLASS (klass), GDK_KEY_Escape, 0, "window.close", NULL);
}

static GtkLabel *
new_label (GtkWidget *box, const char *style_class)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  if (style_class != NULL)
    gtk_widget_add_css_class (label, style_class);
  gtk_box_append (GTK_BOX (box), label);
  return GTK_LABEL (label);
}

static void
show_sample (CbManyKeysDialog *self, GtkWidget *box)
{
  GtkLabel *heading = new_label (box, "title-4");
  GtkLabel *names = new_label (box, "monospace");
  g_autofree char *count = cb_format_exact_count (self->n_keys);
  g_autofree char *title = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  guint n = 0;

  if (cb_key_finder_get_done (self->finder))
    title = g_strdup_printf (ngettext ("%s key matches", "%s keys match", self->n_keys), count);
  else
    title = g_strdup_printf (ngettext ("%s key was found so far", "%s keys were found so far", self->n_keys), count);
  gtk_label_set_label (heading, title);

  for (CbKeyId id = 0; id < cb_key_store_get_length (self->keys) && n < SAMPLE; id++)
    if (!cb_key_store_get_gone (self->keys, id))
      {
        gsize length;
        const char *name = cb_key_store_get_name (self->keys, id, &length);
        g_autofree char *shown = cb_key_name_display (name, length, 48);

        g_string_append_printf (text, "%s%s", n++ > 0 ? "\n" : "", shown);
      }
  if (self->n_keys > n)
    g_string_append (text, "\n…");
  gtk_label_set_label (names, text->str);
  gtk_widget_add_css_class (GTK_WIDGET (names), "dim-label");

  if (!cb_key_finder_get_done (self->finder))
    gtk_label_set_label (new_label (box, NULL), _ ("The search is not at its end: only these are meant."));
}

static void
add_rows (CbManyKeysDialog *self, GtkWidget *box)
{
  const char *deeds[] = { _ ("Delete"), _ ("Set a Time to Live"), _ ("Keep for Ever"), _ ("Copy to Another Server"),
                          _ ("Export to a File"), NULL };
  g_autoptr (GtkStringList) list = gtk_string_list_new (deeds);
  const char *forms[] = { _ ("DUMP"), _ ("Commands"), _ ("JSON Lines"), NULL };
  g_autoptr (GtkStringList) form_list = gtk_string_list_new (forms);

  self->rows = adw_preferences_group_new ();
  self->deed_row = ADW_COMBO_ROW (adw_combo_row_new ());
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->deed_row), _ ("What to Do"));
  adw_combo_row_set_model (self->deed_row, G_LIST_MODEL (list));
  self->time_row = adw_entry_row_new ();
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->time_row), _ ("Time to Live, like 90s, 2h or 7d"));
  self->form_row = ADW_COMBO_ROW (adw_combo_row_new ());
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->form_row), _ ("Form"));
  adw_combo_row_set_model (self->form_row, G_LIST_MODEL (form_list));
  self->server_row = adw_entry_row_new ();
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->server_row), _ ("Server, like redis://HOST/3"));
  self->replace_row = adw_action_row_new ();
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->replace_row), _ ("Write Over Keys That Are There"));
  self->replace_switch = GTK_SWITCH (gtk_switch_new ());
  gtk_widget_set_valign (GTK_WIDGET (self->replace_switch), GTK_ALIGN_CENTER);
  adw_action_row_add_suffix (ADW_ACTION_ROW (self->replace_row), GTK_WIDGET (self->replace_switch));
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (self->replace_row), GTK_WIDGET (self->replace_switch));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->rows), GTK_WIDGET (self->deed_row));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->rows), self->time_row);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->rows), GTK_WIDGET (self->form_row));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->rows), self->server_row);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->rows), self->replace_row);
  gtk_box_append (GTK_BOX (box), self->rows);

  g_signal_connect_swapped (self->deed_row, "notify::selected", G_CALLBACK (update), self);
  g_signal_connect_swapped (self->form_row, "notify::selected", G_CALLBACK (update), self);
  g_signal_connect_swapped (self->time_row, "changed", G_CALLBACK (update), self);
  g_signal_connect_swapped (self->server_row, "changed", G_CALLBACK (update), self);
}

static GtkButton *
add_button (GtkWidget *box, const char *label, GCallback callback, CbManyKeysDialog *self)
{
  GtkWidget *button = gtk_button_new_with_label (label);

  gtk_box_append (GTK_BOX (box), button);
  g_signal_connect_swapped (button, "clicked", callback, self);
  return GTK_BUTTON (button);
}

static void
cb_many_keys_dialog_init (CbManyKeysDialog *self)
{
  self->reasons = g_string_new (NULL);
}

/**
 * cb_many_keys_dialog_new:
 * @finder: what has found the keys; it is stopped, so that those which it has now are the ones that are meant
 *
 * Returns: the dialog, not shown yet
 */
GtkWidget *
cb_many_keys_dialog_new (GtkWindow *parent, CbConnection *connection, CbJournal *journal, CbKeyFinder *finder)
{
  CbManyKeysDialog *self = g_object_new (CB_TYPE_MANY_KEYS_DIALOG, "transient-for", parent, "modal", TRUE,
                                         "destroy-with-parent", TRUE, "default-width", 460, "title", _ ("All Matching Keys"), NULL);
  GtkWidget *whole = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  self->connection = g_object_ref (connection);
  self->journal = g_object_ref (journal);
  self->finder = g_object_ref (finder);
  cb_key_finder_stop (finder);
  self->keys = cb_key_store_ref (cb_key_finder_get_store (finder));
  self->n_keys = cb_key_store_count_keys (self->keys, CB_FOLDER_ROOT);

  gtk_box_append (GTK_BOX (whole), adw_header_bar_new ());
  gtk_widget_set_margin_start (box, 18);
  gtk_widget_set_margin_end (box, 18);
  gtk_widget_set_margin_top (box, 6);
  gtk_widget_set_margin_bottom (box, 18);
  gtk_box_append (GTK_BOX (whole), box);
  show_sample (self, box);
  add_rows (self, box);
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
  gtk_widget_set_visible (self->reasons_scroller, FALSE);
  gtk_box_append (GTK_BOX (box), self->reasons_scroller);

  gtk_widget_set_halign (buttons, GTK_ALIGN_END);
  self->undo_button = add_button (buttons, _ ("Undo"), G_CALLBACK (undo_clicked_cb), self);
  self->close_button = add_button (buttons, _ ("Close"), G_CALLBACK (close_clicked_cb), self);
  self->start_button = add_button (buttons, "", G_CALLBACK (start_clicked_cb), self);
  gtk_box_append (GTK_BOX (box), buttons);

  adw_window_set_content (ADW_WINDOW (self), whole);
  g_signal_connect_object (connection, "notify::read-only", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  return GTK_WIDGET (self);
}
