/* cb-key-expiry.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-key-expiry.h"

#include <glib/gi18n.h>

#include "cb-announcer.h"
#include "cb-format.h"
#include "cb-key-edit.h"
#include "cb-refusal.h"

#define DAY_MSEC (24 * G_GINT64_CONSTANT (3600) * 1000)

struct _CbKeyExpiry
{
  GtkWidget parent_instance;

  gint64 ends_at;             /* µs monotonic; -1 never */
  gint64 date;                /* µs since 1970 of the end */
  guint tick_id;
  gboolean writable;

  GtkMenuButton *button;      /* (owned): the only child */
  GtkPopover *popover;
  GtkLabel *date_label;
  GtkEntry *entry;
  GtkLabel *error_label;
  GtkWidget *change_box;
  GtkWidget *never_button;
};

G_DEFINE_FINAL_TYPE (CbKeyExpiry, cb_key_expiry, GTK_TYPE_WIDGET)

enum
{
  OVER,
  CHANGE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static char *
describe (CbKeyExpiry *self)
{
  gint64 left;
  g_autofree char *duration = NULL;

  if (self->ends_at < 0)
    return g_strdup (_ ("no expiry"));
  left = self->ends_at - g_get_monotonic_time ();
  if (left <= 0)
    return g_strdup (_ ("expired"));
  /* What is years away is a date. */
  if (left / 1000 > 365 * DAY_MSEC)
    {
      g_autoptr (GDateTime) date = g_date_time_new_from_unix_local (self->date / G_USEC_PER_SEC);
      g_autofree char *day = date != NULL ? g_date_time_format (date, "%Y-%m-%d") : NULL;

      if (day != NULL)
        return g_strdup_printf (_ ("expires on %s"), day);
    }
  /* Whole seconds, so that each tick is one. */
  duration = cb_format_duration (left < G_USEC_PER_SEC ? left : (left + G_USEC_PER_SEC / 2) / G_USEC_PER_SEC * G_USEC_PER_SEC);
  return g_strdup_printf (_ ("expires in %s"), duration);
}

static void
update (CbKeyExpiry *self)
{
  g_autofree char *text = describe (self);
  g_autofree char *date = NULL;

  if (g_strcmp0 (gtk_menu_button_get_label (self->button), text) != 0)
    gtk_menu_button_set_label (self->button, text);
  if (self->ends_at >= 0)
    date = cb_format_exact (self->date);
  gtk_label_set_label (self->date_label, date != NULL ? date : _ ("The key stays until it is deleted."));
  gtk_widget_set_visible (self->never_button, self->ends_at >= 0);
}

static gboolean
tick_cb (gpointer user_data)
{
  CbKeyExpiry *self = user_data;

  update (self);
  if (self->ends_at >= 0 && g_get_monotonic_time () >= self->ends_at)
    g_signal_emit (self, signals[OVER], 0);
  return G_SOURCE_CONTINUE;
}

void
cb_key_expiry_set (CbKeyExpiry *self, gint64 ttl_msec, gint64 server_time)
{
  g_return_if_fail (CB_IS_KEY_EXPIRY (self));

  self->ends_at = ttl_msec < 0 ? -1 : g_get_monotonic_time () + ttl_msec * 1000;
  self->date = ttl_msec < 0 ? -1 : server_time + ttl_msec * 1000;
  g_clear_handle_id (&self->tick_id, g_source_remove);
  if (self->ends_at >= 0)
    self->tick_id = g_timeout_add (1000, tick_cb, self);
  update (self);
}

/* @refusal: (nullable): why not, which what can't be used says then; without it that is not there at all. */
void
cb_key_expiry_set_writable (CbKeyExpiry *self, gboolean writable, const char *refusal)
{
  g_return_if_fail (CB_IS_KEY_EXPIRY (self));

  self->writable = writable;
  gtk_widget_set_visible (self->change_box, writable || refusal != NULL);
  gtk_widget_set_sensitive (self->change_box, writable);
  cb_refusal_explain_one (self->change_box, refusal);
}

void
cb_key_expiry_tell (CbKeyExpiry *self, const char *problem)
{
  g_return_if_fail (CB_IS_KEY_EXPIRY (self));

  cb_announce_problem (self->error_label, problem);
  gtk_widget_set_visible (GTK_WIDGET (self->error_label), problem != NULL);
  if (problem != NULL)
    {
      gtk_widget_add_css_class (GTK_WIDGET (self->entry), "error");
      return;
    }
  gtk_widget_remove_css_class (GTK_WIDGET (self->entry), "error");
  gtk_editable_set_text (GTK_EDITABLE (self->entry), "");
  gtk_popover_popdown (self->popover);
}

static void
set_cb (CbKeyExpiry *self)
{
  g_autoptr (GError) error = NULL;
  gint64 msec;

  if (!cb_key_parse_ttl (gtk_editable_get_text (GTK_EDITABLE (self->entry)), &msec, &error))
    {
      cb_key_expiry_tell (self, error->message);
      return;
    }
  g_signal_emit (self, signals[CHANGE], 0, msec);
}

static void
never_cb (CbKeyExpiry *self)
{
  g_signal_emit (self, signals[CHANGE], 0, (gint64) -1);
}

static void
cb_key_expiry_dispose (GObject *object)
{
  CbKeyExpiry *self = CB_KEY_EXPIRY (object);

  g_clear_handle_id (&self->tick_id, g_source_remove);
  if (self->button != NULL)
    gtk_widget_unparent (GTK_WIDGET (self->button));
  self->button = NULL;

  G_OBJECT_CLASS (cb_key_expiry_parent_class)->dispose (object);
}

static void
cb_key_expiry_class_init (CbKeyExpiryClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cb_key_expiry_dispose;
  signals[OVER] = g_signal_new ("over", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[CHANGE] = g_signal_new ("change", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                  G_TYPE_INT64);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/callboard/Callboard/ui/cb-key-expiry.ui");
  gtk_widget_class_bind_template_child (widget_class, CbKeyExpiry, button);
  gtk_widget_class_bind_template_child (widget_class, CbKeyExpiry, popover);
  gtk_widget_class_bind_template_child (widget_class, CbKeyExpiry, date_label);
  gtk_widget_class_bind_template_child (widget_class, CbKeyExpiry, entry);
  gtk_widget_class_bind_template_child (widget_class, CbKeyExpiry, error_label);
  gtk_widget_class_bind_template_child (widget_class, CbKeyExpiry, change_box);
  gtk_widget_class_bind_template_child (widget_class, CbKeyExpiry, never_button);
  gtk_widget_class_bind_template_callback (widget_class, set_cb);
  gtk_widget_class_bind_template_callback (widget_class, never_cb);
}

static void
cb_key_expiry_init (CbKeyExpiry *self)
{
  self->ends_at = -1;
  gtk_widget_init_template (GTK_WIDGET (self));
  update (self);
}
