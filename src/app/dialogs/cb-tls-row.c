/* cb-tls-row.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-tls-row.h"

#include <glib/gi18n.h>

#include "cb-file-choice.h"

struct _CbTlsRow
{
  AdwExpanderRow parent_instance;

  GtkEditable *ca_row;
  GtkEditable *cert_row;
  GtkEditable *key_row;
  GtkEditable *name_row;
  GtkSwitch *insecure_switch;
  gboolean filling;           /* it is being set, not typed in */
};

G_DEFINE_FINAL_TYPE (CbTlsRow, cb_tls_row, ADW_TYPE_EXPANDER_ROW)

enum
{
  CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static char *
dup_stripped (GtkEditable *row)
{
  return g_strstrip (g_strdup (gtk_editable_get_text (row)));
}

static void
changed_cb (CbTlsRow *self)
{
  g_autofree char *cert = dup_stripped (self->cert_row);

  gtk_widget_set_sensitive (GTK_WIDGET (self->key_row), *cert != '\0');
  if (!self->filling)
    g_signal_emit (self, signals[CHANGED], 0);
}

/* A path that is no text can't be typed, but named in the address. */
static void
set_text (GtkEditable *row, const char *text)
{
  gtk_editable_set_text (row, text != NULL && g_utf8_validate (text, -1, NULL) ? text : "");
}

void
cb_tls_row_set_options (CbTlsRow *self, const CbTlsOptions *options)
{
  g_return_if_fail (CB_IS_TLS_ROW (self));

  self->filling = TRUE;
  set_text (self->ca_row, NULL);
  set_text (self->cert_row, NULL);
  set_text (self->key_row, NULL);
  set_text (self->name_row, NULL);
  gtk_switch_set_active (self->insecure_switch, FALSE);
  if (options == NULL)
    adw_expander_row_set_enable_expansion (ADW_EXPANDER_ROW (self), FALSE);
  self->filling = FALSE;
  if (options != NULL)
    cb_tls_row_add_options (self, options);
}

void
cb_tls_row_add_options (CbTlsRow *self, const CbTlsOptions *options)
{
  g_return_if_fail (CB_IS_TLS_ROW (self));

  self->filling = TRUE;
  if (options->ca_file != NULL)
    set_text (self->ca_row, options->ca_file);
  /* One belongs to the other. */
  if (options->cert_file != NULL)
    {
      set_text (self->cert_row, options->cert_file);
      set_text (self->key_row, options->key_file);
    }
  if (options->name != NULL)
    set_text (self->name_row, options->name);
  if (options->insecure)
    gtk_switch_set_active (self->insecure_switch, TRUE);
  adw_expander_row_set_enable_expansion (ADW_EXPANDER_ROW (self), TRUE);
  self->filling = FALSE;
}

CbAddress *
cb_tls_row_apply (CbTlsRow *self, CbAddress *address)
{
  g_autofree char *ca = dup_stripped (self->ca_row);
  g_autofree char *cert = dup_stripped (self->cert_row);
  g_autofree char *key = dup_stripped (self->key_row);
  g_autofree char *name = dup_stripped (self->name_row);
  const CbTlsOptions options = {
    .ca_file = *ca != '\0' ? ca : NULL,
    .cert_file = *cert != '\0' ? cert : NULL,
    .key_file = *cert != '\0' && *key != '\0' ? key : NULL,
    .name = *name != '\0' ? name : NULL,
    .insecure = gtk_switch_get_active (self->insecure_switch),
  };

  g_return_val_if_fail (CB_IS_TLS_ROW (self), NULL);

  if (cb_address_get_host (address) == NULL)
    return cb_address_ref (address);
  return cb_address_with_tls (address, adw_expander_row_get_enable_expansion (ADW_EXPANDER_ROW (self)) ? &options : NULL);
}

static void
chosen_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GtkEditable) row = data;
  g_autoptr (GFile) file = cb_file_choice_finish (GTK_WIDGET (source), result);
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;

  if (path != NULL)
    set_text (row, path);
}

/* The row that the button stands in. */
static void
choose_cb (CbTlsRow *self, GtkWidget *button)
{
  GtkWidget *row = gtk_widget_get_ancestor (button, ADW_TYPE_ENTRY_ROW);

  cb_file_choice_open_async (GTK_WIDGET (self), adw_preferences_row_get_title (ADW_PREFERENCES_ROW (row)), chosen_cb, g_object_ref (row));
}

static void
cb_tls_row_class_init (CbTlsRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  signals[CHANGED] = g_signal_new ("changed", CB_TYPE_TLS_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/callboard/Callboard/ui/cb-tls-row.ui");
  gtk_widget_class_bind_template_child (widget_class, CbTlsRow, ca_row);
  gtk_widget_class_bind_template_child (widget_class, CbTlsRow, cert_row);
  gtk_widget_class_bind_template_child (widget_class, CbTlsRow, key_row);
  gtk_widget_class_bind_template_child (widget_class, CbTlsRow, name_row);
  gtk_widget_class_bind_template_child (widget_class, CbTlsRow, insecure_switch);
  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, choose_cb);
}

static void
cb_tls_row_init (CbTlsRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  changed_cb (self);
}
