/* cb-channel-completion.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "cb-connection.h"
#include "cb-subscriber.h"

G_BEGIN_DECLS

/**
 * CbChannelCompletion:
 *
 * Offers the channels that somebody hears, below a field, as the server tells them while one types.
 * Signal: `chosen` (kind: int, a CbTopicKind): the name stands in the field.
 */
#define CB_TYPE_CHANNEL_COMPLETION (cb_channel_completion_get_type ())
G_DECLARE_FINAL_TYPE (CbChannelCompletion, cb_channel_completion, CB, CHANNEL_COMPLETION, GtkPopover)

/* Becomes a child of @editable: unparent it when that goes. */
GtkWidget *cb_channel_completion_new            (GtkEditable         *editable);
void       cb_channel_completion_set_connection (CbChannelCompletion *self,
                                                 CbConnection        *connection);

G_END_DECLS
