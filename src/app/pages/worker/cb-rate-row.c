/* cb-rate-row.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-rate-row.h"

#include <glib/gi18n.h>

#include "cb-drop-down-name.h"
#include "cb-quantity.h"
#include "cb-rate.h"

static const guint intervals[] = { 1000, 60 * 1000, 60 * 60 * 1000 };

struct _CbRateRow
{
  AdwActionRow parent_instance;

  GtkWidget *entry;
  GtkWidget *units;
};

G_DEFINE_FINAL_TYPE (CbRateRow, cb_rate_row, ADW_TYPE_ACTION_ROW)

enum
{
  CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
changed_cb (CbRateRow *self)
{
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
cb_rate_row_class_init (CbRateRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  signals[CHANGED] = g_signal_new ("changed", CB_TYPE_RATE_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/callboard/Callboard/ui/cb-rate-row.ui");
  gtk_widget_class_bind_template_child (widget_class, CbRateRow, entry);
  gtk_widget_class_bind_template_child (widget_class, CbRateRow, units);
  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
}

static void
cb_rate_row_init (CbRateRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  cb_drop_down_use_name (GTK_DROP_DOWN (self->units));
}

/**
 * cb_rate_row_get_rate:
 * @limit: (out): how many jobs; 0 when nothing is typed, which is no limit
 * @interval_msec: (out): in how long a time
 * @error: return location for what is wrong, for below the row
 *
 * Returns: whether what is typed can be used
 */
gboolean
cb_rate_row_get_rate (CbRateRow *self, guint *limit, guint *interval_msec, GError **error)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->entry));
  double number = 0;

  g_return_val_if_fail (CB_IS_RATE_ROW (self), FALSE);

  if (*text != '\0' && !cb_number_parse (text, &number, error))
    return FALSE;

  if (*text != '\0' && (number < 1 || number > CB_RATE_MAX || number != (guint) number))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   _("A whole number from 1 to %d is needed, or nothing for no limit."), CB_RATE_MAX);
      return FALSE;
    }

  *limit = (guint) number;
  *interval_msec = intervals[MIN (gtk_drop_down_get_selected (GTK_DROP_DOWN (self->units)), G_N_ELEMENTS (intervals) - 1)];

  return TRUE;
}

/**
 * cb_rate_row_set_rate:
 * @limit: 0 empties the row
 *
 * A stretch of time that there is no word for, which only settings written by hand can have, is shown as the next longer one
 * and not changed before something is typed.
 */
void
cb_rate_row_set_rate (CbRateRow *self, guint limit, guint interval_msec)
{
  g_autofree char *text = limit > 0 ? g_strdup_printf ("%u", limit) : NULL;
  guint unit = 0;

  g_return_if_fail (CB_IS_RATE_ROW (self));

  while (unit + 1 < G_N_ELEMENTS (intervals) && intervals[unit] < interval_msec)
    unit++;
  gtk_editable_set_text (GTK_EDITABLE (self->entry), text != NULL ? text : "");
  gtk_drop_down_set_selected (GTK_DROP_DOWN (self->units), unit);
}
