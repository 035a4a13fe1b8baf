/* cb-job-keys.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-job-keys.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "cb-key-list.h"

static GtkWidget *
create_row (const CbJobKey *key)
{
  GtkWidget *row = adw_action_row_new ();
  gsize length;
  const char *bytes = g_bytes_get_data (key->name, &length);
  g_autofree char *name = cb_key_name_display (bytes != NULL ? bytes : "", length, 200);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), name);
  if (key->member != NULL)
    {
      /* Translators: %s is what a job is called in a set */
      g_autofree char *subtitle = g_strdup_printf (_ ("in it as %s"), key->member);

      adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
    }
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), gtk_image_new_from_icon_name ("go-next-symbolic"));
  g_object_set_data_full (G_OBJECT (row), "key", g_bytes_ref (key->name), (GDestroyNotify) g_bytes_unref);
  return row;
}

gboolean
cb_job_keys_fill (GtkListBox *list, CbEngine *engine, const CbJobRecord *job)
{
  g_autoptr (GPtrArray) keys = cb_engine_list_job_keys (engine, job);
  GtkListBoxRow *row;

  while ((row = gtk_list_box_get_row_at_index (list, 0)) != NULL)
    gtk_list_box_remove (list, GTK_WIDGET (row));
  for (guint i = 0; keys != NULL && i < keys->len; i++)
    gtk_list_box_append (list, create_row (g_ptr_array_index (keys, i)));
  return keys != NULL && keys->len > 0;
}

void
cb_job_keys_activate (GtkListBoxRow *row)
{
  GBytes *key = g_object_get_data (G_OBJECT (row), "key");

  if (key != NULL)
    gtk_widget_activate_action (GTK_WIDGET (row), "win.show-key", "@ay",
                                g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, key, TRUE));
}
