/* cb-web-service-row.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "cb-served-queue.h"

G_BEGIN_DECLS

/**
 * CbWebServiceRow:
 *
 * The address that jobs are sent to, and the secret header that goes with them. The secret is never shown once it was applied.
 */
#define CB_TYPE_WEB_SERVICE_ROW (cb_web_service_row_get_type ())
G_DECLARE_FINAL_TYPE (CbWebServiceRow, cb_web_service_row, CB, WEB_SERVICE_ROW, AdwExpanderRow)

void cb_web_service_row_set_served (CbWebServiceRow *self,
                                    CbServedQueue   *served);

G_END_DECLS
