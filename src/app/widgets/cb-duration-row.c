/* cb-duration-row.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-duration-row.h"

#include "cb-drop-down-name.h"

struct _CbDurationRow
{
  AdwActionRow parent_instance;

  GtkWidget *entry;
  GtkWidget *units;
};

G_DEFINE_FINAL_TYPE (CbDurationRow, cb_duration_row, ADW_TYPE_ACTION_ROW)

enum
{
  PROP_0,
  PROP_TEXT,
  PROP_UNIT,
  PROP_PLACEHOLDER,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

enum
{
  CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
changed_cb (CbDurationRow *self)
{
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
cb_duration_row_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  CbDurationRow *self = CB_DURATION_ROW (object);

  switch (prop_id)
    {
    case PROP_TEXT:
      g_value_set_string (value, cb_duration_row_get_text (self));
      break;
    case PROP_UNIT:
      g_value_set_uint (value, cb_duration_row_get_unit (self));
      break;
    case PROP_PLACEHOLDER:
      g_value_set_string (value, gtk_entry_get_placeholder_text (GTK_ENTRY (self->entry)));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
cb_duration_row_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  CbDurationRow *self = CB_DURATION_ROW (object);

  switch (prop_id)
    {
    case PROP_TEXT:
      gtk_editable_set_text (GTK_EDITABLE (self->entry), g_value_get_string (value));
      break;
    case PROP_UNIT:
      gtk_drop_down_set_selected (GTK_DROP_DOWN (self->units), g_value_get_uint (value));
      break;
    case PROP_PLACEHOLDER:
      gtk_entry_set_placeholder_text (GTK_ENTRY (self->entry), g_value_get_string (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
cb_duration_row_class_init (CbDurationRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = cb_duration_row_get_property;
  object_class->set_property = cb_duration_row_set_property;

  props[PROP_TEXT] = g_param_spec_string ("text", NULL, NULL, "", flags);
  props[PROP_UNIT] = g_param_spec_uint ("unit", NULL, NULL, 0, CB_N_UNITS - 1, CB_UNIT_SECONDS, flags);
  props[PROP_PLACEHOLDER] = g_param_spec_string ("placeholder", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);

  signals[CHANGED] = g_signal_new ("changed", CB_TYPE_DURATION_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/callboard/Callboard/ui/cb-duration-row.ui");
  gtk_widget_class_bind_template_child (widget_class, CbDurationRow, entry);
  gtk_widget_class_bind_template_child (widget_class, CbDurationRow, units);
  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
}

static void
cb_duration_row_init (CbDurationRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  cb_drop_down_use_name (GTK_DROP_DOWN (self->units));
}

const char *
cb_duration_row_get_text (CbDurationRow *self)
{
  return gtk_editable_get_text (GTK_EDITABLE (self->entry));
}

CbUnit
cb_duration_row_get_unit (CbDurationRow *self)
{
  return MIN (gtk_drop_down_get_selected (GTK_DROP_DOWN (self->units)), CB_N_UNITS - 1);
}

/**
 * cb_duration_row_set_duration:
 * @msec: in milliseconds; 0 empties the row
 *
 * Shows a duration in the largest unit that needs no fraction.
 */
void
cb_duration_row_set_duration (CbDurationRow *self, gint64 msec)
{
  static const gint64 units[CB_N_UNITS] = { 1, 1000, 60 * 1000, 60 * 60 * 1000, 24 * 60 * 60 * 1000 };
  g_autofree char *text = NULL;
  guint unit = CB_UNIT_SECONDS;

  if (msec > 0)
    {
      for (unit = CB_N_UNITS - 1; unit > 0 && msec % units[unit] != 0; unit--)
        ;
      text = g_strdup_printf ("%" G_GINT64_FORMAT, msec / units[unit]);
    }

  gtk_editable_set_text (GTK_EDITABLE (self->entry), text != NULL ? text : "");
  gtk_drop_down_set_selected (GTK_DROP_DOWN (self->units), unit);
}
