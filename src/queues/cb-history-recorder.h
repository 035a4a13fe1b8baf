/* cb-history-recorder.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-board.h"
#include "cb-history.h"

G_BEGIN_DECLS

/**
 * CbHistoryRecorder:
 *
 * Writes down what a board sees: each event counts at the time it came in. It asks the server for nothing. Where there are no
 * events, the differences of the counts that the board reads stand for them (cb_history_recorder_get_exact() is FALSE): a job that
 * came and went between two looks is missed, and one that was tried again counts as new.
 *
 * The file is read when it is made and written each minute, and at the end.
 */
#define CB_TYPE_HISTORY_RECORDER (cb_history_recorder_get_type ())
G_DECLARE_FINAL_TYPE (CbHistoryRecorder, cb_history_recorder, CB, HISTORY_RECORDER, GObject)

CbHistoryRecorder *cb_history_recorder_new         (CbBoard             *board,
                                                    CbHistory           *history);
CbHistory         *cb_history_recorder_get_history (CbHistoryRecorder   *self);
gboolean           cb_history_recorder_get_exact   (CbHistoryRecorder   *self);
/* Up to now, for who is about to read. */
void               cb_history_recorder_update      (CbHistoryRecorder   *self);
/* Records nothing more, and writes the file a last time. */
void               cb_history_recorder_stop_async  (CbHistoryRecorder   *self,
                                                    GAsyncReadyCallback  callback,
                                                    gpointer             user_data);
gboolean           cb_history_recorder_stop_finish (CbHistoryRecorder   *self,
                                                    GAsyncResult        *result,
                                                    GError             **error);

G_END_DECLS
