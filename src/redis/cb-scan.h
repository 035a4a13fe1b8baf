/* cb-scan.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-connection.h"

G_BEGIN_DECLS

/**
 * CbScan:
 *
 * Walks the keyspace by SCAN. Nothing is asked before the consumer asks for the next batch, so a slow consumer
 * slows the scan. Keys may come twice, as SCAN has it.
 */
#define CB_TYPE_SCAN (cb_scan_get_type ())
G_DECLARE_FINAL_TYPE (CbScan, cb_scan, CB, SCAN, GObject)

CbScan    *cb_scan_new         (CbConnection         *connection,
                                const char           *pattern,   /* nullable */
                                const char           *type,      /* nullable, "set"… */
                                guint                 count);    /* COUNT, 0 for 1000 */
/* GPtrArray of GBytes, may be empty; NULL without an error at the end. */
void       cb_scan_next_async  (CbScan               *self,
                                GCancellable         *cancellable,
                                GAsyncReadyCallback   callback,
                                gpointer              user_data);
GPtrArray *cb_scan_next_finish (CbScan               *self,
                                GAsyncResult         *result,
                                GError              **error);
/* Escapes * ? [ ] \ ^ - so that the text matches itself in a pattern. */
char      *cb_scan_escape      (const char           *text);

G_END_DECLS
