/* cb-password-dialog.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Asks for the password of a server, which is kept nowhere by this. @name, @user (nullable) and @remark, which says what
 * becomes of it, are plain text. */
void  cb_password_dialog_ask_async  (GtkWidget           *parent,
                                     const char          *name,
                                     const char          *user,
                                     const char          *remark,
                                     GAsyncReadyCallback  callback,
                                     gpointer             user_data);
/* (transfer full) (nullable): NULL, nobody wants in */
char *cb_password_dialog_ask_finish (GtkWidget           *parent,
                                     GAsyncResult        *result);

G_END_DECLS
