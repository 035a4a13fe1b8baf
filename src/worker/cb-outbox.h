/* cb-outbox.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-engine.h"
#include "cb-gate.h"

G_BEGIN_DECLS

/**
 * CbOutbox:
 *
 * What a handler tells of one job on its way to the server: progress and log lines, in the order in which they were
 * told, one call at a time.
 *
 * A handler may tell more than a server takes. Of progress that has not left yet only the latest counts, and it is
 * written twenty times a second at most. Log lines are never left out before there are 16 MiB of them; when many wait several
 * go in one call.
 */
#define CB_TYPE_OUTBOX (cb_outbox_get_type ())
G_DECLARE_FINAL_TYPE (CbOutbox, cb_outbox, CB, OUTBOX, GObject)

typedef void (*CbOutboxLostFunc) (const GError *error, gpointer user_data);

CbOutbox *cb_outbox_new          (CbEngine             *engine,
                                  CbGate               *gate,
                                  CbJobRecord          *job);
void      cb_outbox_set_lost     (CbOutbox             *self,
                                  CbOutboxLostFunc      lost,
                                  gpointer              user_data);
void      cb_outbox_set_opening  (CbOutbox             *self,
                                  CbGateFunc            opening,
                                  gpointer              user_data);
void      cb_outbox_progress     (CbOutbox             *self,
                                  int                   percent,
                                  GBytes               *data);
void      cb_outbox_log          (CbOutbox             *self,
                                  const char           *line);
void      cb_outbox_flush_async  (CbOutbox             *self,
                                  GAsyncReadyCallback   callback,
                                  gpointer              user_data);
gboolean  cb_outbox_flush_finish (CbOutbox             *self,
                                  GAsyncResult         *result,
                                  GError              **error);
gboolean  cb_outbox_is_idle      (CbOutbox             *self);
void      cb_outbox_close        (CbOutbox             *self);

G_END_DECLS
