/* cb-chart-card.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "cb-chart.h"

G_BEGIN_DECLS

/**
 * CbChartCard:
 *
 * A chart with its title and, for each line, a dot in its colour with the last value that is known.
 */
#define CB_TYPE_CHART_CARD (cb_chart_card_get_type ())
G_DECLARE_FINAL_TYPE (CbChartCard, cb_chart_card, CB, CHART_CARD, AdwBin)

/* @title: translated. @series, @format, @least: as of cb_chart_set_series(). */
CbChartCard *cb_chart_card_new        (const char           *title,
                                       const CbChartSeries  *series,
                                       guint                 n_series,
                                       CbChartFormat         format,
                                       double                least);
/* As cb_chart_set_values(). */
void         cb_chart_card_set_values (CbChartCard          *self,
                                       gint64                first_at,
                                       gint64                step,
                                       guint                 n,
                                       const double * const *values);
/* Stands behind the values; nullable. */
void         cb_chart_card_set_note   (CbChartCard          *self,
                                       const char           *note);

G_END_DECLS
