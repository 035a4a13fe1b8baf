/* cb-keys-actions.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-keys-page-private.h"

#include <glib/gi18n.h>

#include "cb-window.h"

/* What can be selected and acted on at once; for more there are the actions on all that match. */
#define MAX_SELECTED 10000

void
cb_keys_page_update_actions (CbKeysPage *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  g_autoptr (CbKeyItem) item = cb_keys_page_dup_selected_item (self);
  CbJobRecord *job = item != NULL ? cb_key_item_get_job (item) : NULL;
  guint n = cb_keys_page_count_selected (self, NULL);

  gtk_widget_action_set_enabled (widget, "key.show-job", job != NULL && job->queue != NULL);
  gtk_widget_action_set_enabled (widget, "key.copy-name", n > 0 && n <= MAX_SELECTED);
}

static void
show_job_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_autoptr (CbKeyItem) item = cb_keys_page_dup_selected_item (CB_KEYS_PAGE (widget));
  CbJobRecord *job = item != NULL ? cb_key_item_get_job (item) : NULL;

  if (job != NULL && job->queue != NULL)
    gtk_widget_activate_action (widget, "win.show-job", "(ss)", job->queue, job->id);
}

/* As people see them, a line each: what can't be typed is written as \xNN. */
static void
copy_name_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbKeysPage *self = CB_KEYS_PAGE (widget);
  g_autoptr (GtkBitset) selected = gtk_selection_model_get_selection (GTK_SELECTION_MODEL (self->tree));
  GString *text = g_string_new (NULL);
  GtkBitsetIter iter;
  guint position;

  if (gtk_bitset_get_size (selected) <= MAX_SELECTED)
    for (gboolean more = gtk_bitset_iter_init_first (&iter, selected, &position); more;
         more = gtk_bitset_iter_next (&iter, &position))
      {
        g_autoptr (CbKeyItem) item = g_list_model_get_item (G_LIST_MODEL (self->tree), position);
        g_autofree char *label = cb_key_item_dup_whole_label (item, 0);

        if (text->len > 0)
          g_string_append_c (text, '\n');
        g_string_append (text, label);
      }
  if (text->len > 0)
    {
      gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text->str);
      cb_toast (widget, gtk_bitset_get_size (selected) > 1 ? _ ("Names copied") : _ ("Name copied"));
    }
  g_string_free (text, TRUE);
}

void
cb_keys_page_install_actions (GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action (widget_class, "key.show-job", NULL, show_job_action);
  gtk_widget_class_install_action (widget_class, "key.copy-name", NULL, copy_name_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_c, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "key.copy-name", NULL);
}
