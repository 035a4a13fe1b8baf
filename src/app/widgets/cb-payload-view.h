/* cb-payload-view.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * CbPayloadView:
 *
 * Bytes from Redis to be read: JSON indented and coloured, or as a tree, anything else as text with its control characters visible.
 * However much there is, as text it costs what 64 KiB cost, and as a tree what 1 MiB costs; a button copies all of it as it is.
 */
#define CB_TYPE_PAYLOAD_VIEW (cb_payload_view_get_type ())
G_DECLARE_FINAL_TYPE (CbPayloadView, cb_payload_view, CB, PAYLOAD_VIEW, GtkWidget)

void cb_payload_view_set_bytes (CbPayloadView *self,
                                GBytes        *bytes);

G_END_DECLS
