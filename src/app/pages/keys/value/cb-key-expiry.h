/* cb-key-expiry.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * CbKeyExpiry:
 *
 * How long a key lives yet, counting down, and a popover to change that. It asks nobody: the server was asked once.
 *
 * Signals: `over` (the time has come; again each second until it is set anew); `change` (gint64: milliseconds from now, -1 for
 * ever).
 */
#define CB_TYPE_KEY_EXPIRY (cb_key_expiry_get_type ())
G_DECLARE_FINAL_TYPE (CbKeyExpiry, cb_key_expiry, CB, KEY_EXPIRY, GtkWidget)

/* @ttl_msec: -1 for ever. @server_time: µs since 1970 by the server's clock. */
void cb_key_expiry_set          (CbKeyExpiry *self,
                                 gint64       ttl_msec,
                                 gint64       server_time);
void cb_key_expiry_set_writable (CbKeyExpiry *self,
                                 gboolean     writable,
                                 const char  *refusal);
/* What came of `change`: NULL when it was done. */
void cb_key_expiry_tell         (CbKeyExpiry *self,
                                 const char  *problem);

G_END_DECLS
