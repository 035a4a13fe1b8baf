/* cb-figure-reader.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-board.h"
#include "cb-queue-figures.h"

G_BEGIN_DECLS

/**
 * CbFigureReader:
 *
 * Keeps the figures of all queues of a board that have to be read from jobs: how long they wait and run. One queue at a time, each only
 * after its counts have changed and at most every ten seconds, and only while it runs.
 *
 * Signal: `changed` (CbQueue).
 */
#define CB_TYPE_FIGURE_READER (cb_figure_reader_get_type ())
G_DECLARE_FINAL_TYPE (CbFigureReader, cb_figure_reader, CB, FIGURE_READER, GObject)

CbFigureReader       *cb_figure_reader_new         (CbBoard        *board);
void                  cb_figure_reader_set_running (CbFigureReader *self,
                                                    gboolean        running);
/* All of them again. */
void                  cb_figure_reader_refresh     (CbFigureReader *self);
/* NULL until they were read; valid until the next `changed`. */
const CbQueueFigures *cb_figure_reader_get         (CbFigureReader *self,
                                                    CbQueue        *queue);
/* Why they can't be read, a sentence; NULL. */
const char           *cb_figure_reader_get_problem (CbFigureReader *self,
                                                    CbQueue        *queue);

G_END_DECLS
