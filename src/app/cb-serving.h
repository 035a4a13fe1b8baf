/* cb-serving.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-board.h"
#include "cb-served-queue.h"

G_BEGIN_DECLS

/**
 * CbServing:
 *
 * The built-in worker on one server: a GListModel of #CbServedQueue, shared by all windows on that server, owned by the
 * application, kept in the settings.
 *
 * Properties: board, shared (boolean, construct-only: other programs may use this server), n-on (uint: queues
 * switched on), n-slots (uint: how many jobs those may run at once), summary ("on · 4 slots"), deliveries (GListModel of
 * CbDelivery, newest first, at most 200).
 * Signals: `finished` (CbDelivery).
 */
#define CB_TYPE_SERVING (cb_serving_get_type ())
G_DECLARE_FINAL_TYPE (CbServing, cb_serving, CB, SERVING, GObject)

#define CB_SERVING_SETTINGS_KEY "workers"
#define CB_SERVING_SAMPLE_QUEUE "push_notification_code"

CbServing     *cb_serving_new            (CbBoard              *board,
                                          GSettings            *settings,
                                          const char           *server_id,
                                          gboolean              shared);
CbServedQueue *cb_serving_add            (CbServing            *self,
                                          const char           *queue,
                                          const char           *prefix,
                                          const char           *engine_name);
void           cb_serving_remove         (CbServing            *self,
                                          CbServedQueue        *served);
CbServedQueue *cb_serving_find           (CbServing            *self,
                                          const char           *queue,
                                          const char           *prefix);
CbBoard       *cb_serving_get_board      (CbServing            *self);
gboolean       cb_serving_get_shared     (CbServing            *self);
GListModel    *cb_serving_get_deliveries (CbServing            *self);
guint          cb_serving_get_n_active   (CbServing            *self);
void           cb_serving_stop_async     (CbServing            *self,
                                          guint                 grace_msec,
                                          GCancellable         *cancellable,
                                          GAsyncReadyCallback   callback,
                                          gpointer              user_data);
gboolean       cb_serving_stop_finish    (CbServing            *self,
                                          GAsyncResult         *result,
                                          GError              **error);

G_END_DECLS
