/* cb-chart-card.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-chart-card.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "cb-color.h"

#define DOT "●"

struct _CbChartCard
{
  AdwBin parent_instance;

  CbChart *chart;
  GtkLabel *legend;
  const CbChartSeries *series;
  guint n_series;
  CbChartFormat format;
  char *note;                     /* (owned) (nullable) */
};

G_DEFINE_FINAL_TYPE (CbChartCard, cb_chart_card, ADW_TYPE_BIN)

static void
cb_chart_card_finalize (GObject *object)
{
  g_free (CB_CHART_CARD (object)->note);

  G_OBJECT_CLASS (cb_chart_card_parent_class)->finalize (object);
}

static void
cb_chart_card_class_init (CbChartCardClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = cb_chart_card_finalize;
}

static void
cb_chart_card_init (CbChartCard *self)
{
}

/* The dots of a legend are in it in the order of the series. */
static void
update_colors (CbChartCard *self)
{
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();
  const char *text = gtk_label_get_text (self->legend);
  const char *dot = text;

  for (guint i = 0; i < self->n_series && (dot = strstr (dot, DOT)) != NULL; i++, dot += strlen (DOT))
    {
      GdkRGBA color;
      PangoAttribute *attribute;

      if (!cb_color_lookup (GTK_WIDGET (self), self->series[i].color, &color))
        continue;
      attribute = pango_attr_foreground_new ((guint16) (color.red * 65535), (guint16) (color.green * 65535),
                                             (guint16) (color.blue * 65535));
      attribute->start_index = (guint) (dot - text);
      attribute->end_index = (guint) (dot - text + strlen (DOT));
      pango_attr_list_insert (attributes, attribute);
    }
  gtk_label_set_attributes (self->legend, attributes);
}

CbChartCard *
cb_chart_card_new (const char *title, const CbChartSeries *series, guint n_series, CbChartFormat format, double least)
{
  CbChartCard *self = g_object_new (CB_TYPE_CHART_CARD, NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *heading = gtk_label_new (title);

  self->series = series;
  self->n_series = n_series;
  self->format = format;
  self->chart = g_object_new (CB_TYPE_CHART, "title", title, "content-height", 84, "empty-text", _ ("Not known yet"), NULL);
  self->legend = GTK_LABEL (gtk_label_new (""));
  cb_chart_set_series (self->chart, series, n_series, format, least);
  cb_color_watch (GTK_WIDGET (self), G_CALLBACK (update_colors), self);

  gtk_label_set_xalign (GTK_LABEL (heading), 0);
  gtk_label_set_ellipsize (GTK_LABEL (heading), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (heading, "heading");
  gtk_label_set_xalign (self->legend, 0);
  gtk_label_set_ellipsize (self->legend, PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (GTK_WIDGET (self->legend), "caption");
  gtk_widget_add_css_class (GTK_WIDGET (self->legend), "numeric");
  gtk_box_append (GTK_BOX (box), heading);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->legend));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->chart));
  gtk_widget_add_css_class (box, "card");
  gtk_widget_add_css_class (box, "cb-card");
  adw_bin_set_child (ADW_BIN (self), box);
  return self;
}

static void
update_legend (CbChartCard *self, guint n, const double * const *values)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < self->n_series; i++)
    {
      g_autofree char *shown = NULL;
      guint last = n;

      while (last > 0 && isnan (values[i][last - 1]))
        last--;
      shown = last > 0 ? self->format (values[i][last - 1]) : g_strdup ("–");
      if (text->len > 0)
        g_string_append (text, "   ");
      g_string_append_printf (text, DOT " %s %s", self->series[i].label, shown);
    }
  if (self->note != NULL)
    g_string_append_printf (text, "   %s", self->note);
  gtk_label_set_text (self->legend, text->str);
  update_colors (self);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->legend), text->str);
}

void
cb_chart_card_set_note (CbChartCard *self, const char *note)
{
  g_return_if_fail (CB_IS_CHART_CARD (self));

  g_free (self->note);
  self->note = g_strdup (note);
}

void
cb_chart_card_set_values (CbChartCard *self, gint64 first_at, gint64 step, guint n, const double * const *values)
{
  g_return_if_fail (CB_IS_CHART_CARD (self));

  cb_chart_set_values (self->chart, first_at, step, n, values);
  update_legend (self, n, values);
}
