/* cb-key-bulk-private.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-journal.h"

G_BEGIN_DECLS

/* What puts a key of the journal back; NULL when the capture is none of a key. */
CbCommand *cb_key_bulk_make_way_back (const CbDeed    *deed,
                                      const CbCapture *capture);

G_END_DECLS
