/* cb-server-list.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "cb-session.h"

G_BEGIN_DECLS

/**
 * CbServerList:
 *
 * The saved servers by group, for a popover: a click opens one, and closes the popover.
 */
#define CB_TYPE_SERVER_LIST (cb_server_list_get_type ())
G_DECLARE_FINAL_TYPE (CbServerList, cb_server_list, CB, SERVER_LIST, GtkWidget)

GtkWidget *cb_server_list_new         (void);
/* Whose server is marked in the list. */
void       cb_server_list_set_session (CbServerList *self,
                                       CbSession    *session);
/* Paints a widget in the color of a server: the name of one, "" for none. */
void       cb_server_color_apply      (GtkWidget    *widget,
                                       const char   *color);

G_END_DECLS
