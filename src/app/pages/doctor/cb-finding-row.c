/* cb-finding-row.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-finding-row.h"

#include <glib/gi18n.h>

#include "cb-json.h"
#include "cb-window.h"

struct _CbFindingRow
{
  AdwBin parent_instance;

  CbFindingItem *item;        /* (owned) (nullable) */
  GSignalGroup *item_signals; /* (owned) */
  gboolean setting;

  GtkWidget *check;
  GtkWidget *title_label;
  GtkWidget *job_button;
  GtkWidget *queue_label;
  GtkWidget *outcome_label;
  GtkWidget *evidence_label;
  GtkWidget *commands_box;
  GtkWidget *commands_label;
  GtkWidget *person_label;
};

G_DEFINE_FINAL_TYPE (CbFindingRow, cb_finding_row, ADW_TYPE_BIN)

/* The evidence follows the id on the command line; here it stands by itself. */
static char *
to_sentence (const char *text)
{
  GString *sentence = g_string_new (NULL);

  if (text == NULL || *text == '\0' || !g_utf8_validate (text, -1, NULL))
    return g_string_free (sentence, FALSE);

  g_string_append_unichar (sentence, g_unichar_toupper (g_utf8_get_char (text)));
  g_string_append (sentence, g_utf8_next_char (text));
  if (!g_str_has_suffix (text, "."))
    g_string_append_c (sentence, '.');

  return g_string_free (sentence, FALSE);
}

static void
update_outcome (CbFindingRow *self)
{
  const char *problem = cb_finding_item_get_problem (self->item);
  g_autofree char *text = NULL;
  const char *css_class = "dim-label";

  switch (cb_finding_item_get_outcome (self->item))
    {
    case CB_FINDING_REPAIRED:
      text = g_strdup (_("Repaired"));
      css_class = "success";
      break;
    case CB_FINDING_HEALED:
      text = g_strdup (_("It was not so any more, so nothing was done"));
      break;
    case CB_FINDING_NOT_REPAIRED:
      /* Translators: %s is a sentence that says why */
      text = g_strdup_printf (_("Not repaired: %s"), problem != NULL ? problem : "");
      css_class = "error";
      break;
    case CB_FINDING_FOUND:
    default:
      break;
    }

  gtk_label_set_label (GTK_LABEL (self->outcome_label), text != NULL ? text : "");
  gtk_widget_set_visible (self->outcome_label, text != NULL);
  gtk_widget_set_css_classes (self->outcome_label, (const char *[]) { css_class, NULL });
  self->setting = TRUE;
  gtk_check_button_set_active (GTK_CHECK_BUTTON (self->check), cb_finding_item_get_chosen (self->item));
  self->setting = FALSE;
  gtk_widget_set_sensitive (self->check, cb_finding_item_get_repairable (self->item));
}

static void
toggled_cb (CbFindingRow *self)
{
  if (!self->setting && self->item != NULL)
    cb_finding_item_set_chosen (self->item, gtk_check_button_get_active (GTK_CHECK_BUTTON (self->check)));
}

static void
copy_cb (CbFindingRow *self)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), cb_finding_item_get_finding (self->item)->repair);
  cb_toast (GTK_WIDGET (self), _("Commands copied"));
}

static void
show_job_cb (CbFindingRow *self)
{
  CbFinding *finding = cb_finding_item_get_finding (self->item);
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  if (CB_IS_WINDOW (root) && finding->queue != NULL && finding->id != NULL)
    cb_window_show_job (CB_WINDOW (root), cb_engine_get_prefix (cb_finding_item_get_engine (self->item)), finding->queue, finding->id);
}

static void
show (CbFindingRow *self)
{
  CbFinding *finding = cb_finding_item_get_finding (self->item);
  const char *title = cb_finding_kind_title (finding->kind);
  g_autofree char *queue = finding->queue != NULL ? cb_text_display (finding->queue, -1, TRUE) : NULL;
  g_autofree char *job = finding->id != NULL ? g_strdup_printf (_("Job %s"), finding->id) : NULL;
  g_autofree char *evidence = to_sentence (finding->evidence);
  g_autofree char *name = g_strdup_printf ("%s, %s", title, job != NULL ? job : queue != NULL ? queue : finding->key);
  /* Where there is no job any more there is nothing to be shown. */
  gboolean can_show = job != NULL && queue != NULL && finding->kind != CB_FINDING_PHANTOM && finding->kind != CB_FINDING_LOG;

  gtk_label_set_label (GTK_LABEL (self->title_label), title);
  gtk_button_set_label (GTK_BUTTON (self->job_button), job != NULL ? job : "");
  gtk_widget_set_visible (self->job_button, job != NULL);
  gtk_widget_set_sensitive (self->job_button, can_show);
  gtk_label_set_label (GTK_LABEL (self->queue_label), queue != NULL ? queue : finding->key);
  gtk_label_set_label (GTK_LABEL (self->evidence_label), evidence);
  gtk_label_set_label (GTK_LABEL (self->commands_label), finding->repair != NULL ? finding->repair : "");
  gtk_widget_set_visible (self->commands_box, finding->repair != NULL);
  gtk_widget_set_visible (self->person_label, finding->repair == NULL);
  gtk_label_set_label (GTK_LABEL (self->person_label), finding->kind == CB_FINDING_SUSPECT
                                                         ? _("A person decides. To put it back, show the job and retry it.")
                                                         : finding->harmless ? _("A remark: nothing is held up by it.")
                                                         : _("A person decides; nothing is repaired by itself."));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->check), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  update_outcome (self);
}

static void
cb_finding_row_dispose (GObject *object)
{
  CbFindingRow *self = CB_FINDING_ROW (object);

  g_clear_object (&self->item_signals);
  g_clear_object (&self->item);

  G_OBJECT_CLASS (cb_finding_row_parent_class)->dispose (object);
}

static void
cb_finding_row_class_init (CbFindingRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cb_finding_row_dispose;

  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/callboard/Callboard/ui/cb-finding-row.ui");
  gtk_widget_class_bind_template_child (widget_class, CbFindingRow, check);
  gtk_widget_class_bind_template_child (widget_class, CbFindingRow, title_label);
  gtk_widget_class_bind_template_child (widget_class, CbFindingRow, job_button);
  gtk_widget_class_bind_template_child (widget_class, CbFindingRow, queue_label);
  gtk_widget_class_bind_template_child (widget_class, CbFindingRow, outcome_label);
  gtk_widget_class_bind_template_child (widget_class, CbFindingRow, evidence_label);
  gtk_widget_class_bind_template_child (widget_class, CbFindingRow, commands_box);
  gtk_widget_class_bind_template_child (widget_class, CbFindingRow, commands_label);
  gtk_widget_class_bind_template_child (widget_class, CbFindingRow, person_label);
  gtk_widget_class_bind_template_callback (widget_class, toggled_cb);
  gtk_widget_class_bind_template_callback (widget_class, copy_cb);
  gtk_widget_class_bind_template_callback (widget_class, show_job_cb);
}

static void
cb_finding_row_init (CbFindingRow *self)
{
  self->item_signals = g_signal_group_new (CB_TYPE_FINDING_ITEM);
  g_signal_group_connect_swapped (self->item_signals, "notify", G_CALLBACK (update_outcome), self);
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
cb_finding_row_new (void)
{
  return g_object_new (CB_TYPE_FINDING_ROW, NULL);
}

/**
 * cb_finding_row_set_item:
 * @item: (nullable): what it shows from now on; rows are used again
 */
void
cb_finding_row_set_item (CbFindingRow *self, CbFindingItem *item)
{
  g_return_if_fail (CB_IS_FINDING_ROW (self));

  if (!g_set_object (&self->item, item))
    return;

  g_signal_group_set_target (self->item_signals, item);
  if (item != NULL)
    show (self);
}
