/* cb-chart.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* One line of a chart. */
typedef struct
{
  const char *label;      /* translated: "finished" */
  const char *color;      /* a named colour of the theme: "success_color" */
  gboolean    filled;     /* the ground below it is tinted */
} CbChartSeries;

/* What stands for a value, with its unit; transfer full. */
typedef char *(*CbChartFormat) (double value);

/**
 * CbChart:
 *
 * Values over time, as lines. Where nothing is known the ground is grey and the line is missing. What is under the pointer is said beside
 * it; with the keyboard the arrows, Page Up and Down, Home and End go through it, and the same text is the name that a screen reader
 * has of the chart.
 *
 * Properties: title (string: what it shows, the beginning of its name), content-height (int, pixels), empty-text (string, nullable: said where
 * nothing is known at all).
 */
#define CB_TYPE_CHART (cb_chart_get_type ())
G_DECLARE_FINAL_TYPE (CbChart, cb_chart, CB, CHART, GtkWidget)

/* @series: static, at most 4. @format: never NULL. @least: the top of the chart is never below that. */
void        cb_chart_set_series (CbChart              *self,
                                 const CbChartSeries  *series,
                                 guint                 n_series,
                                 CbChartFormat         format,
                                 double                least);
/* @values: for each series @n of them, oldest first, NAN where unknown; copied. @first_at, @step: µs. */
void        cb_chart_set_values (CbChart              *self,
                                 gint64                first_at,
                                 gint64                step,
                                 guint                 n,
                                 const double * const *values);
/* What is said of the point there, or of the last one that is known where @index is negative: "10:41:05: finished 412, failed 3". */
char       *cb_chart_describe   (CbChart              *self,
                                 int                   index);

G_END_DECLS
