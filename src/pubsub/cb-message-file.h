/* cb-message-file.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "cb-message-ring.h"

G_BEGIN_DECLS

typedef void (*CbMessageWriteFunc) (GString       *out,
                                    const CbHeard *heard);

/*
 * Saves messages as JSON lines (cb-message-line.h), from a thread: the file is whole, or not there at all, and what was there before is
 * replaced only by a whole one. @messages: a GArray of CbHeard from cb_message_list_snapshot(), (transfer full).
 */
void cb_message_file_save_async  (GFile                *file,
                                  GArray               *messages,
                                  GCancellable         *cancellable,
                                  GAsyncReadyCallback   callback,
                                  gpointer              user_data);
/* The same in another form: @write appends one with its line break. */
void cb_message_file_save_as_async (GFile              *file,
                                  GArray               *messages,
                                  CbMessageWriteFunc    write,
                                  GCancellable         *cancellable,
                                  GAsyncReadyCallback   callback,
                                  gpointer              user_data);
/* How many messages were saved, without gaps; -1 on an error of GIO. */
gint64 cb_message_file_save_finish (GFile              *file,
                                  GAsyncResult         *result,
                                  GError              **error);

G_END_DECLS
