/* cb-message-detail.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "cb-message-list.h"

G_BEGIN_DECLS

/**
 * CbMessageDetail:
 *
 * One message: where it came from, its bytes, and how it differs from the one before on the same channel.
 * Signal: `closed`: whoever looks wants the list back.
 */
#define CB_TYPE_MESSAGE_DETAIL (cb_message_detail_get_type ())
G_DECLARE_FINAL_TYPE (CbMessageDetail, cb_message_detail, CB, MESSAGE_DETAIL, GtkWidget)

/* @before: (nullable) the message before on the same channel */
void cb_message_detail_set_message (CbMessageDetail *self,
                                    CbPubsubMessage *message,
                                    CbPubsubMessage *before);

G_END_DECLS
