/* cb-console-page.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-page.h"

G_BEGIN_DECLS

/**
 * CbConsolePage:
 *
 * Consoles in tabs, each with a connection of its own.
 */
#define CB_TYPE_CONSOLE_PAGE (cb_console_page_get_type ())
G_DECLARE_FINAL_TYPE (CbConsolePage, cb_console_page, CB, CONSOLE_PAGE, CbPage)

/* Where commands are typed. */
void cb_console_page_focus_input (CbConsolePage *self);

G_END_DECLS
