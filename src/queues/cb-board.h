/* cb-board.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-other-queue.h"
#include "cb-queue.h"

G_BEGIN_DECLS

/**
 * CbBoard:
 *
 * All queues of a server, kept up to date: a GListModel of #CbQueue, sorted by name (then prefix).
 *
 * It discovers engines and their prefixes once connected and again after a reconnect, watches their events and reads
 * the counts of all queues in one pipeline, at most four times a second and only while something changes, each ten
 * seconds otherwise. Where events can't be had it polls every two seconds and says so.
 * A new queue appears when an event or a count shows it.
 *
 * Properties: connection (nullable when made for an engine), loading, problem (string), live (boolean), engines (GListModel of CbEngine).
 * Signals: `jobs-changed` (engine: CbEngine, ids: GStrv): folded, at most once in 100 ms.
 */
#define CB_TYPE_BOARD (cb_board_get_type ())
G_DECLARE_FINAL_TYPE (CbBoard, cb_board, CB, BOARD, GObject)

/* @prefix NULL: looks for all. */
CbBoard    *cb_board_new            (CbConnection *connection,
                                     const char   *prefix);
CbBoard    *cb_board_new_for_engine (CbEngine     *engine);
void        cb_board_start          (CbBoard      *self);
void        cb_board_stop           (CbBoard      *self);
void        cb_board_set_seen       (CbBoard      *self,
                                     gboolean      seen);
void        cb_board_refresh        (CbBoard      *self);      /* as soon as the budget allows */
void        cb_board_search         (CbBoard      *self);      /* for queues of other prefixes */
CbQueue    *cb_board_find           (CbBoard      *self,
                                     const char   *name,
                                     const char   *prefix);    /* prefix nullable; (transfer none) (nullable) */
/* All queues of an engine taken together; (transfer none), lives as long as the board. */
CbQueue    *cb_board_get_all        (CbBoard      *self,
                                     CbEngine     *engine);
GListModel *cb_board_get_engines    (CbBoard      *self);
/* Of libraries that have no engine here; found by the search, not watched. */
GListModel *cb_board_get_others     (CbBoard      *self);
gboolean    cb_board_get_others_cut (CbBoard      *self);      /* known whenever these change */
/* The engine a new job of an unknown queue goes to: Kue under the board's prefix, or "q". */
CbEngine   *cb_board_get_default_engine (CbBoard  *self);

G_END_DECLS
