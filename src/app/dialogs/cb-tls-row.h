/* cb-tls-row.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "cb-address.h"

G_BEGIN_DECLS

/**
 * CbTlsRow:
 *
 * Whether a server is spoken to encrypted, and with which certificates. Switched on it unfolds.
 *
 * Signal: `changed`: by hand.
 */
#define CB_TYPE_TLS_ROW (cb_tls_row_get_type ())
G_DECLARE_FINAL_TYPE (CbTlsRow, cb_tls_row, CB, TLS_ROW, AdwExpanderRow)

void       cb_tls_row_set_options (CbTlsRow           *self,
                                   const CbTlsOptions *options);  /* nullable: not encrypted */
void       cb_tls_row_add_options (CbTlsRow           *self,     /* switches it on; what they don't name stays */
                                   const CbTlsOptions *options);
/* Returns: (transfer full): @address, encrypted or not as the row says; a socket of this computer never is */
CbAddress *cb_tls_row_apply       (CbTlsRow           *self,
                                   CbAddress          *address);

G_END_DECLS
