/* cb-alerts-dialog.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-alerts-dialog.h"

#include <glib/gi18n.h>

#include "cb-button-name.h"
#include "cb-settings.h"

struct _CbAlertsDialog
{
  AdwPreferencesWindow parent_instance;

  CbAlerter *alerter;           /* (owned) */
  GSettings *settings;          /* (owned) (nullable) */
};

G_DEFINE_FINAL_TYPE (CbAlertsDialog, cb_alerts_dialog, ADW_TYPE_PREFERENCES_WINDOW)

static const struct
{
  CbAlertKind kind;
  const char *title;
  const char *subtitle;
  const char *key;
  const char *try_name;
} rules[] = {
  { CB_ALERT_FAILURES, N_ ("Jobs Fail"), N_ ("More jobs of a queue fail than usual"), "alert-failures", N_ ("Try “Jobs Fail”") },
  { CB_ALERT_OLDEST, N_ ("Jobs Wait Too Long"), N_ ("The oldest job of a queue waits for longer"), "alert-oldest",
    N_ ("Try “Jobs Wait Too Long”") },
  { CB_ALERT_NO_WORKER, N_ ("No Worker"), N_ ("Jobs wait and none of the queue runs"), "alert-no-worker", N_ ("Try “No Worker”") },
  { CB_ALERT_DOCTOR, N_ ("Doctor"), N_ ("The doctor has looked and found something"), "alert-doctor", N_ ("Try “Doctor”") },
};

static void
try_cb (CbAlertsDialog *self, GtkButton *button)
{
  CbAlertKind kind = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (button), "kind"));
  const char *text;

  text = cb_alerter_try (self->alerter, kind) ? _ ("A notification was sent.")
                                              : _ ("Nobody here shows notifications: there is no session bus.");
  adw_preferences_window_add_toast (ADW_PREFERENCES_WINDOW (self), adw_toast_new (text));
}

static GtkWidget *
create_switch (CbAlertsDialog *self, const char *key, const char *name)
{
  GtkWidget *widget = gtk_switch_new ();

  gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_widget_set_valign (widget, GTK_ALIGN_CENTER);
  if (self->settings != NULL)
    g_settings_bind (self->settings, key, widget, "active", G_SETTINGS_BIND_DEFAULT);
  return widget;
}

/* Not the switch that such a row brings along: it has no name. */
static void
add_switch (CbAlertsDialog *self, GtkWidget *row, const char *key, const char *name)
{
  GtkWidget *widget = create_switch (self, key, name);

  adw_expander_row_add_action (ADW_EXPANDER_ROW (row), widget);
  g_object_bind_property (widget, "active", row, "enable-expansion", G_BINDING_SYNC_CREATE);
}

/* A number in a row of its own. */
static void
add_number (CbAlertsDialog *self, AdwExpanderRow *expander, const char *title, const char *key, double most)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *spin = gtk_spin_button_new_with_range (key != NULL && g_str_has_suffix (key, "count") ? 0 : 1, most, 1);

  gtk_widget_set_valign (spin, GTK_ALIGN_CENTER);
  gtk_editable_set_width_chars (GTK_EDITABLE (spin), 5);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), spin);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), spin);
  gtk_accessible_update_property (GTK_ACCESSIBLE (spin), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  if (self->settings != NULL)
    g_settings_bind (self->settings, key, spin, "value", G_SETTINGS_BIND_DEFAULT);
  adw_expander_row_add_row (expander, row);
}

static GtkWidget *
create_try_button (CbAlertsDialog *self, CbAlertKind kind, const char *name)
{
  GtkWidget *button = gtk_button_new_with_label (_ ("Try"));

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (button, _ ("Sends such a notification now, with invented figures"));
  cb_button_set_name (GTK_BUTTON (button), name);
  g_object_set_data (G_OBJECT (button), "kind", GUINT_TO_POINTER (kind));
  g_signal_connect_object (button, "clicked", G_CALLBACK (try_cb), self, G_CONNECT_SWAPPED);
  return button;
}

static void
add_rule (CbAlertsDialog *self, AdwPreferencesGroup *group, guint i)
{
  GtkWidget *row;

  if (rules[i].kind == CB_ALERT_DOCTOR)
    {
      GtkWidget *widget = create_switch (self, rules[i].key, _ (rules[i].title));

      row = adw_action_row_new ();
      adw_action_row_set_subtitle (ADW_ACTION_ROW (row), _ (rules[i].subtitle));
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), create_try_button (self, rules[i].kind, _ (rules[i].try_name)));
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), widget);
      adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), widget);
    }
  else
    {
      row = adw_expander_row_new ();
      adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (row), _ (rules[i].subtitle));
      add_switch (self, row, rules[i].key, _ (rules[i].title));
      adw_expander_row_add_action (ADW_EXPANDER_ROW (row), create_try_button (self, rules[i].kind, _ (rules[i].try_name)));
    }
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ (rules[i].title));

  switch (rules[i].kind)
    {
    case CB_ALERT_FAILURES:
      add_number (self, ADW_EXPANDER_ROW (row), _ ("More Than So Many Jobs"), "alert-failures-count", 1000000);
      add_number (self, ADW_EXPANDER_ROW (row), _ ("Within So Many Minutes"), "alert-failures-minutes", 1440);
      break;
    case CB_ALERT_OLDEST:
      add_number (self, ADW_EXPANDER_ROW (row), _ ("Longer Than So Many Minutes"), "alert-oldest-minutes", 1440);
      break;
    case CB_ALERT_NO_WORKER:
      add_number (self, ADW_EXPANDER_ROW (row), _ ("For So Many Minutes"), "alert-no-worker-minutes", 1440);
      break;
    case CB_ALERT_DOCTOR:
    case CB_N_ALERTS:
    default:
      break;
    }
  adw_preferences_group_add (group, row);
}

/* ---- quiet hours: kept in minutes of the day, shown as times of half an hour ---- */

#define N_TIMES 48

static GVariant *
time_to_setting (const GValue *value, const GVariantType *type, gpointer data)
{
  guint selected = g_value_get_uint (value);

  return selected < N_TIMES ? g_variant_new_uint32 (selected * 30) : NULL;
}

static gboolean
time_from_setting (GValue *value, GVariant *variant, gpointer data)
{
  g_value_set_uint (value, g_variant_get_uint32 (variant) / 30 % N_TIMES);
  return TRUE;
}

static void
add_time (CbAlertsDialog *self, AdwExpanderRow *expander, const char *title, const char *key)
{
  GtkWidget *row = adw_combo_row_new ();
  g_autoptr (GtkStringList) times = gtk_string_list_new (NULL);

  for (guint i = 0; i < N_TIMES; i++)
    gtk_string_list_take (times, g_strdup_printf ("%02u:%02u", i / 2, i % 2 * 30));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_combo_row_set_model (ADW_COMBO_ROW (row), G_LIST_MODEL (times));
  if (self->settings != NULL)
    g_settings_bind_with_mapping (self->settings, key, row, "selected", G_SETTINGS_BIND_DEFAULT, time_from_setting, time_to_setting,
                                  NULL, NULL);
  adw_expander_row_add_row (expander, row);
}

static void
add_quiet_hours (CbAlertsDialog *self, AdwPreferencesGroup *group)
{
  GtkWidget *row = adw_expander_row_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ ("Quiet Hours"));
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (row), _ ("Nothing is sent; what still goes on behind them is sent then"));
  add_switch (self, row, "quiet-hours", _ ("Quiet Hours"));
  add_time (self, ADW_EXPANDER_ROW (row), _ ("From"), "quiet-from");
  add_time (self, ADW_EXPANDER_ROW (row), _ ("Until"), "quiet-to");
  adw_preferences_group_add (group, row);
}

/* A window of preferences takes the key for itself, and does nothing with it. */
static gboolean
key_cb (CbAlertsDialog *self, guint keyval, guint keycode, GdkModifierType state)
{
  if (keyval != GDK_KEY_Escape)
    return FALSE;

  gtk_window_close (GTK_WINDOW (self));
  return TRUE;
}

static void
cb_alerts_dialog_dispose (GObject *object)
{
  CbAlertsDialog *self = CB_ALERTS_DIALOG (object);

  g_clear_object (&self->alerter);
  g_clear_object (&self->settings);

  G_OBJECT_CLASS (cb_alerts_dialog_parent_class)->dispose (object);
}

static void
cb_alerts_dialog_class_init (CbAlertsDialogClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = cb_alerts_dialog_dispose;
}

static void
cb_alerts_dialog_init (CbAlertsDialog *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();
  AdwPreferencesPage *page = ADW_PREFERENCES_PAGE (adw_preferences_page_new ());
  AdwPreferencesGroup *group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
  AdwPreferencesGroup *quiet = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());

  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_object (keys, "key-pressed", G_CALLBACK (key_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
  if (cb_settings_get_default () != NULL)
    self->settings = g_object_ref (cb_settings_get_default ());
  gtk_window_set_title (GTK_WINDOW (self), _ ("Notifications"));
  gtk_window_set_default_size (GTK_WINDOW (self), 520, 560);
  adw_preferences_window_set_search_enabled (ADW_PREFERENCES_WINDOW (self), FALSE);

  adw_preferences_group_set_description (group, _ ("While Callboard is open it tells you on the desktop about every server it shows. A click on "
                                                   "the notification opens the place."));
  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    add_rule (self, group, i);
  add_quiet_hours (self, quiet);
  adw_preferences_page_add (page, group);
  adw_preferences_page_add (page, quiet);
  adw_preferences_window_add (ADW_PREFERENCES_WINDOW (self), page);
}

CbAlertsDialog *
cb_alerts_dialog_new (GtkWindow *parent, CbAlerter *alerter)
{
  CbAlertsDialog *self;

  g_return_val_if_fail (CB_IS_ALERTER (alerter), NULL);

  self = g_object_new (CB_TYPE_ALERTS_DIALOG, "transient-for", parent, "modal", TRUE, NULL);
  self->alerter = g_object_ref (alerter);
  return self;
}
