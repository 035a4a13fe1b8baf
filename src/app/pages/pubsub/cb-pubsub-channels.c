/* cb-pubsub-channels.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-pubsub-page-private.h"

#include <glib/gi18n.h>

#include "cb-format.h"
#include "cb-json.h"

/* The busiest; the others are said in one line. */
#define MAX_ROWS 20

static void
attach (CbPubsubPage *self, const char *text, int column, int row, gboolean heading)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), column == 0 ? 0 : 1);
  if (heading || column > 0)
    gtk_widget_add_css_class (label, "dim-label");
  if (column == 0 && !heading)
    {
      gtk_widget_add_css_class (label, "monospace");
      gtk_widget_add_css_class (label, "cb-code");
      gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
      gtk_label_set_width_chars (GTK_LABEL (label), 16);
      gtk_label_set_max_width_chars (GTK_LABEL (label), 32);
      gtk_widget_set_hexpand (label, TRUE);
    }
  else
    {
      gtk_widget_add_css_class (label, "numeric");
    }
  gtk_grid_attach (self->channels_grid, label, column, row, 1, 1);
}

static void
attach_rate (CbPubsubPage *self, const char *name, const CbChannelRate *rate, int row)
{
  g_autofree char *count = cb_format_exact_count ((gint64) rate->n);
  g_autofree char *second = rate->rate < 0.05 ? g_strdup ("–")
                            : rate->rate < 10 ? g_strdup_printf ("%.1f", rate->rate)
                                              : cb_format_count ((gint64) (rate->rate + 0.5));
  g_autofree char *bytes = g_format_size_full (rate->bytes, G_FORMAT_SIZE_IEC_UNITS);

  attach (self, name, 0, row, FALSE);
  attach (self, second, 1, row, FALSE);
  attach (self, count, 2, row, FALSE);
  attach (self, bytes, 3, row, FALSE);
}

/* Fills the popover anew, once a second while it is shown. */
void
cb_pubsub_page_show_channels (CbPubsubPage *self)
{
  g_autoptr (GPtrArray) top = NULL;
  CbChannelRates *rates;
  const CbChannelRate *others;
  GtkWidget *child;
  guint n;
  int row = 0;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->channels_grid))) != NULL)
    gtk_grid_remove (self->channels_grid, child);
  if (self->pubsub == NULL)
    return;

  rates = cb_pubsub_get_rates (self->pubsub);
  others = cb_channel_rates_get_others (rates);
  top = cb_channel_rates_get_top (rates, MAX_ROWS);
  n = cb_channel_rates_get_length (rates);
  attach (self, n == 0 ? _ ("Nothing has come yet.") : _ ("Channel"), 0, row++, TRUE);
  if (n == 0)
    return;

  attach (self, _ ("per second"), 1, 0, TRUE);
  attach (self, _ ("messages"), 2, 0, TRUE);
  attach (self, _ ("bytes"), 3, 0, TRUE);
  for (guint i = 0; i < top->len; i++)
    {
      const CbChannelRate *rate = g_ptr_array_index (top, i);
      gsize size;
      const char *data = g_bytes_get_data (rate->name, &size);
      g_autofree char *name = size > 0 ? cb_text_display (data, (gssize) MIN (size, 100), TRUE) : g_strdup (_ ("(empty)"));

      attach_rate (self, name, rate, row++);
    }
  if (others->n > 0)
    attach_rate (self, _ ("Channels beyond the first 10,000"), others, row++);
  if (n > top->len)
    {
      g_autofree char *count = cb_format_exact_count (n - top->len);
      g_autofree char *text = g_strdup_printf (ngettext ("and %s quieter channel", "and %s quieter channels", n - top->len), count);

      attach (self, text, 0, row, TRUE);
    }
}
