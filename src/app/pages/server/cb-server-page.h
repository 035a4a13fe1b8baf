/* cb-server-page.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-page.h"

G_BEGIN_DECLS

/**
 * CbServerPage:
 *
 * The server itself: how it is, over time and in words. It is asked only while the page is on screen.
 */
#define CB_TYPE_SERVER_PAGE (cb_server_page_get_type ())
G_DECLARE_FINAL_TYPE (CbServerPage, cb_server_page, CB, SERVER_PAGE, CbPage)

G_END_DECLS
