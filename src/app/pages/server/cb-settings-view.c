/* cb-settings-view.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-settings-view.h"

#include <glib/gi18n.h>

#include "cb-server-setting.h"
#include "cb-setting-dialog.h"

static const CbServerColumn columns[] = {
  { N_ ("Setting"), FALSE, FALSE, 230 },
  { N_ ("Value"), FALSE, TRUE, 150 },
  { N_ ("Before It Was Changed Here"), FALSE, FALSE, 120 },
};

struct _CbSettingsView
{
  CbServerView parent_instance;

  GtkWidget *change_button;
  GHashTable *fixed;              /* (owned) (element-type utf8) names of those that can't be changed here */
};

G_DEFINE_FINAL_TYPE (CbSettingsView, cb_settings_view, CB_TYPE_SERVER_VIEW)

static CbPipeline *
cb_settings_view_ask (CbServerView *view)
{
  CbPipeline *pipeline = cb_pipeline_new ();

  cb_pipeline_add (pipeline, cb_command_new ("CONFIG", "GET", "*", NULL));
  return pipeline;
}

static const char *
get_refusal (CbSettingsView *self, CbServerRow *row)
{
  const char *refusal = cb_server_view_get_refusal (CB_SERVER_VIEW (self), CB_SERVER_RIGHT_CONFIG_SET);

  if (refusal != NULL)
    return refusal;
  if (row == NULL)
    return _ ("Choose a setting first.");
  if (g_hash_table_contains (self->fixed, cb_server_row_get_key (row)))
    return _ ("Passwords, and values that can’t be shown as they are, are not changed here.");
  return NULL;
}

static void
update_rights (CbServerView *view)
{
  CbSettingsView *self = CB_SETTINGS_VIEW (view);

  cb_server_set_refusal (self->change_button, get_refusal (self, cb_server_panel_get_selected (cb_server_view_get_panel (view))),
                         _ ("Change the chosen setting"));
}

static void
cb_settings_view_take (CbServerView *view, GPtrArray *replies)
{
  CbSettingsView *self = CB_SETTINGS_VIEW (view);
  CbServerPanel *panel = cb_server_view_get_panel (view);
  g_autoptr (GPtrArray) settings = NULL;
  g_autofree char *note = NULL;
  GPtrArray *rows;

  if (cb_server_view_is_refused (view, "CONFIG GET", g_ptr_array_index (replies, 0)))
    return;

  settings = cb_server_settings_parse (cb_reply_get_value (g_ptr_array_index (replies, 0)));
  rows = g_ptr_array_new_with_free_func (g_object_unref);
  g_hash_table_remove_all (self->fixed);
  for (guint i = 0; i < settings->len; i++)
    {
      const CbServerSetting *setting = g_ptr_array_index (settings, i);
      CbServerRow *row = cb_server_row_new (setting->name);
      const char *before = cb_setting_dialog_get_before (cb_server_view_get_connection (view), setting->name);

      if (!setting->exact)
        g_hash_table_add (self->fixed, g_strdup (setting->name));
      cb_server_row_take_text (row, 0, g_strdup (setting->name), 0);
      cb_server_row_take_text (row, 1, g_strdup (setting->secret ? "••••" : setting->value), 0);
      cb_server_row_take_text (row, 2, g_strdup (before == NULL ? "" : *before != '\0' ? before : "\"\""), 0);
      g_ptr_array_add (rows, row);
    }
  note = g_strdup_printf (ngettext ("%u setting. What is changed here holds until the server is restarted, unless it is written into its file "
                                    "(CONFIG REWRITE).",
                                    "%u settings. What is changed here holds until the server is restarted, unless it is written into its "
                                    "file (CONFIG REWRITE).", settings->len), settings->len);
  cb_server_panel_set_note (panel, note);
  cb_server_panel_take_rows (panel, rows);
  update_rights (view);
}

static void
change_row (CbSettingsView *self, CbServerRow *row)
{
  if (row == NULL || get_refusal (self, row) != NULL)
    return;
  cb_setting_dialog_present (CB_SERVER_VIEW (self), cb_server_row_get_key (row), cb_server_row_get_text (row, 1), NULL);
}

static void
activated_cb (CbSettingsView *self, CbServerRow *row)
{
  change_row (self, row);
}

static void
change_cb (CbSettingsView *self)
{
  change_row (self, cb_server_panel_get_selected (cb_server_view_get_panel (CB_SERVER_VIEW (self))));
}

static void
cb_settings_view_finalize (GObject *object)
{
  g_hash_table_unref (CB_SETTINGS_VIEW (object)->fixed);

  G_OBJECT_CLASS (cb_settings_view_parent_class)->finalize (object);
}

static void
cb_settings_view_class_init (CbSettingsViewClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = cb_settings_view_finalize;
  CB_SERVER_VIEW_CLASS (klass)->ask = cb_settings_view_ask;
  CB_SERVER_VIEW_CLASS (klass)->take = cb_settings_view_take;
  CB_SERVER_VIEW_CLASS (klass)->update_rights = update_rights;
}

static void
cb_settings_view_init (CbSettingsView *self)
{
  CbServerPanel *panel =
    cb_server_panel_new (columns, G_N_ELEMENTS (columns), _ ("Settings"), _ ("The server tells no settings."));

  self->fixed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->change_button = cb_server_panel_add_button (panel, _ ("Change…"), G_CALLBACK (change_cb), self);
  g_signal_connect_object (panel, "selected", G_CALLBACK (update_rights), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (panel, "row-activated", G_CALLBACK (activated_cb), self, G_CONNECT_SWAPPED);
  cb_server_view_set_panel (CB_SERVER_VIEW (self), panel);
  update_rights (CB_SERVER_VIEW (self));
}
