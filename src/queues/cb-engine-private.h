/* cb-engine-private.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-engine.h"

G_BEGIN_DECLS

/* Answers a call that this engine can't do; @what continues "Kue can't ". */
void cb_engine_report_not_supported (CbEngine            *self,
                                     const char          *what,
                                     gpointer             source_tag,
                                     GAsyncReadyCallback  callback,
                                     gpointer             user_data);
/* Answers with the error when there is one, and takes it. */
gboolean cb_engine_report_error     (CbEngine            *self,
                                     GError              *error,
                                     gpointer             source_tag,
                                     GAsyncReadyCallback  callback,
                                     gpointer             user_data);

G_END_DECLS
