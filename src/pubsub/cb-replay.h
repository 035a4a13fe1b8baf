/* cb-replay.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-connection.h"

G_BEGIN_DECLS

/**
 * CbReplay:
 *
 * Publishes again what was saved, in its order, as far apart as it came or faster or slower. The file is read as it goes on, however
 * long it is. It ends at the first line that is no message: what stands before it was sent.
 *
 * Signal: `progress`: the numbers have changed, a few times a second at most.
 */
#define CB_TYPE_REPLAY (cb_replay_get_type ())
G_DECLARE_FINAL_TYPE (CbReplay, cb_replay, CB, REPLAY, GObject)

CbReplay *cb_replay_new             (CbConnection        *connection,
                                     GFile               *file,
                                     double               speed);  /* 2: twice as fast; 0: as fast as it goes */
void      cb_replay_run_async       (CbReplay            *self,
                                     GCancellable        *cancellable,
                                     GAsyncReadyCallback  callback,
                                     gpointer             user_data);
gboolean  cb_replay_run_finish      (CbReplay            *self,
                                     GAsyncResult        *result,
                                     GError             **error);
guint64   cb_replay_get_n_sent      (CbReplay            *self); /* answered without an error */
guint64   cb_replay_get_n_receivers (CbReplay            *self); /* of all of them together */

G_END_DECLS
