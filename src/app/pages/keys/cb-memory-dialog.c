/* cb-memory-dialog.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-memory-dialog.h"

#include <glib/gi18n.h>

#include "cb-format.h"
#include "cb-key-survey.h"

#define N_BIGGEST 50
#define N_PREFIXES 100

struct _CbMemoryDialog
{
  AdwWindow parent_instance;

  CbKeySurvey *survey;        /* (owned) */
  GCancellable *cancellable;  /* (owned) */
  gint64 shown_at;            /* when the lists were made last */
  GtkProgressBar *bar;
  GtkLabel *status;
  GtkListBox *biggest;
  GtkListBox *prefixes;
};

G_DEFINE_FINAL_TYPE (CbMemoryDialog, cb_memory_dialog, ADW_TYPE_WINDOW)

static void
clear (GtkListBox *list)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (list))) != NULL)
    gtk_list_box_remove (list, child);
}

/* Plain text: a title of AdwActionRow is markup. */
static void
add_row (GtkListBox *list, const char *name, const char *details, guint64 bytes)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *label = gtk_label_new (name);
  GtkWidget *more = gtk_label_new (details);
  g_autofree char *size = g_format_size_full (bytes, G_FORMAT_SIZE_IEC_UNITS);
  GtkWidget *value = gtk_label_new (size);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_widget_set_tooltip_text (label, name);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_add_css_class (label, "monospace");
  gtk_widget_add_css_class (more, "dim-label");
  gtk_widget_add_css_class (value, "numeric");
  gtk_label_set_xalign (GTK_LABEL (value), 1);
  gtk_label_set_width_chars (GTK_LABEL (value), 10);
  gtk_widget_set_margin_start (box, 12);
  gtk_widget_set_margin_end (box, 12);
  gtk_widget_set_margin_top (box, 6);
  gtk_widget_set_margin_bottom (box, 6);
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), more);
  gtk_box_append (GTK_BOX (box), value);
  gtk_list_box_append (list, box);
}

static void
show_lists (CbMemoryDialog *self)
{
  g_autoptr (GPtrArray) biggest = cb_key_survey_list_biggest (self->survey);
  g_autoptr (GPtrArray) prefixes = cb_key_survey_list_prefixes (self->survey);

  self->shown_at = g_get_monotonic_time ();
  clear (self->biggest);
  for (guint i = 0; i < biggest->len; i++)
    {
      const CbKeySize *size = g_ptr_array_index (biggest, i);
      gsize length;
      const char *name = g_bytes_get_data (size->name, &length);
      g_autofree char *shown = cb_key_name_display (name != NULL ? name : "", length, 200);

      add_row (self->biggest, shown, size->type, size->bytes);
    }
  clear (self->prefixes);
  for (guint i = 0; i < MIN (prefixes->len, N_PREFIXES); i++)
    {
      const CbPrefixSize *size = g_ptr_array_index (prefixes, i);
      g_autofree char *count = cb_format_exact_count ((gint64) size->n_keys);
      g_autofree char *keys = g_strdup_printf (ngettext ("%s key", "%s keys", (gulong) size->n_keys), count);
      gsize length = 0;
      const char *prefix = size->prefix != NULL ? g_bytes_get_data (size->prefix, &length) : NULL;
      g_autofree char *shown = size->prefix == NULL ? g_strdup (_ ("(all others)"))
                               : length == 0        ? g_strdup (_ ("(no folder)"))
                                                    : cb_key_name_display (prefix, length, 200);

      add_row (self->prefixes, shown, keys, cb_prefix_size_estimate (size));
    }
}

static void
progress_cb (CbMemoryDialog *self)
{
  guint64 total = cb_key_survey_get_n_total (self->survey);
  guint64 scanned = cb_key_survey_get_n_scanned (self->survey);
  g_autofree char *done = cb_format_exact_count ((gint64) scanned);
  g_autofree char *all = cb_format_exact_count ((gint64) total);
  g_autofree char *text = g_strdup_printf (_ ("%s of %s"), done, all);

  gtk_progress_bar_set_fraction (self->bar, total > 0 ? MIN (1, (double) scanned / total) : 0);
  gtk_label_set_label (self->status, text);
  if (g_get_monotonic_time () - self->shown_at > G_USEC_PER_SEC)
    show_lists (self);
}

static void
done_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbMemoryDialog) self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *measured = NULL;
  g_autofree char *found = NULL;
  g_autofree char *text = NULL;

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  if (!cb_key_survey_run_finish (CB_KEY_SURVEY (source), result, &error))
    {
      text = g_strdup (error->message);
    }
  else
    {
      measured = cb_format_exact_count ((gint64) cb_key_survey_get_n_measured (self->survey));
      found = cb_format_exact_count ((gint64) cb_key_survey_get_n_found (self->survey));
      text = g_strdup_printf (_ ("%s of %s keys were measured, by MEMORY USAGE, which looks at five elements of each."), measured, found);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->bar), FALSE);
  gtk_label_set_label (self->status, text);
  show_lists (self);
}

static void
cb_memory_dialog_dispose (GObject *object)
{
  CbMemoryDialog *self = CB_MEMORY_DIALOG (object);

  if (self->survey != NULL)
    g_signal_handlers_disconnect_by_data (self->survey, self);
  g_cancellable_cancel (self->cancellable);

  G_OBJECT_CLASS (cb_memory_dialog_parent_class)->dispose (object);
}

static void
cb_memory_dialog_finalize (GObject *object)
{
  CbMemoryDialog *self = CB_MEMORY_DIALOG (object);

  g_clear_object (&self->survey);
  g_clear_object (&self->cancellable);

  G_OBJECT_CLASS (cb_memory_dialog_parent_class)->finalize (object);
}

static void
cb_memory_dialog_class_init (CbMemoryDialogClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = cb_memory_dialog_dispose;
  G_OBJECT_CLASS (klass)->finalize = cb_memory_dialog_finalize;
  gtk_widget_class_add_binding_action (GTK_WIDGET_CLASS (klass), GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
cb_memory_dialog_init (CbMemoryDialog *self)
{
  self->cancellable = g_cancellable_new ();
}

static GtkListBox *
add_page (AdwViewStack *stack, const char *name, const char *title, const char *icon)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *list = gtk_list_box_new ();

  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  gtk_widget_set_valign (list, GTK_ALIGN_START);
  gtk_widget_set_margin_start (list, 18);
  gtk_widget_set_margin_end (list, 18);
  gtk_widget_set_margin_top (list, 6);
  gtk_widget_set_margin_bottom (list, 18);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), list);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_widget_set_vexpand (scroller, TRUE);
  adw_view_stack_add_titled (stack, scroller, name, title);
  adw_view_stack_page_set_icon_name (adw_view_stack_get_page (stack, scroller), icon);
  return GTK_LIST_BOX (list);
}

GtkWidget *
cb_memory_dialog_new (GtkWindow *parent, CbConnection *connection, CbKeyFinder *finder, const char *separator)
{
  CbMemoryDialog *self = g_object_new (CB_TYPE_MEMORY_DIALOG, "transient-for", parent, "modal", TRUE, "destroy-with-parent", TRUE,
                                       "default-width", 560, "default-height", 620, "title", _ ("Memory of the Keys"), NULL);
  GtkWidget *whole = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *header = adw_header_bar_new ();
  AdwViewStack *stack = ADW_VIEW_STACK (adw_view_stack_new ());
  GtkWidget *switcher = g_object_new (ADW_TYPE_VIEW_SWITCHER, "stack", stack, "policy", ADW_VIEW_SWITCHER_POLICY_WIDE, NULL);
  CbKeyQuery query = { 0, };

  adw_header_bar_set_title_widget (ADW_HEADER_BAR (header), switcher);
  gtk_box_append (GTK_BOX (whole), header);
  self->status = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_wrap (self->status, TRUE);
  gtk_label_set_xalign (self->status, 0);
  gtk_widget_add_css_class (GTK_WIDGET (self->status), "dim-label");
  gtk_widget_set_margin_start (GTK_WIDGET (self->status), 18);
  gtk_widget_set_margin_end (GTK_WIDGET (self->status), 18);
  gtk_widget_set_margin_top (GTK_WIDGET (self->status), 6);
  gtk_widget_set_margin_bottom (GTK_WIDGET (self->status), 6);
  self->bar = GTK_PROGRESS_BAR (gtk_progress_bar_new ());
  gtk_widget_set_margin_start (GTK_WIDGET (self->bar), 18);
  gtk_widget_set_margin_end (GTK_WIDGET (self->bar), 18);
  self->biggest = add_page (stack, "biggest", _ ("Biggest Keys"), "callboard-key-symbolic");
  self->prefixes = add_page (stack, "folders", _ ("By Folder"), "folder-symbolic");
  gtk_box_append (GTK_BOX (whole), GTK_WIDGET (self->status));
  gtk_box_append (GTK_BOX (whole), GTK_WIDGET (self->bar));
  gtk_box_append (GTK_BOX (whole), GTK_WIDGET (stack));
  adw_window_set_content (ADW_WINDOW (self), whole);

  cb_key_finder_get_query (finder, &query);
  query.expiry = CB_KEY_EXPIRY_ANY;
  self->survey = cb_key_survey_new (connection, &query, separator, 1, N_BIGGEST);
  g_signal_connect_object (self->survey, "notify::n-scanned", G_CALLBACK (progress_cb), self, G_CONNECT_SWAPPED);
  cb_key_survey_run_async (self->survey, self->cancellable, done_cb, g_object_ref (self));
  return GTK_WIDGET (self);
}
