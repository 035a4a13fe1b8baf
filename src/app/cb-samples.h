/* cb-samples.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-serving.h"

G_BEGIN_DECLS

/* Five jobs for a newcomer to watch: three that are sent, one that is due in a few seconds, and one for a blocked number. */
void     cb_samples_create_async  (CbServing            *serving,
                                   GCancellable         *cancellable,
                                   GAsyncReadyCallback   callback,
                                   gpointer              user_data);
gboolean cb_samples_create_finish (CbServing            *serving,
                                   GAsyncResult         *result,
                                   GError              **error);

G_END_DECLS
