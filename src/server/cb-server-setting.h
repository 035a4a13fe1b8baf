/* cb-server-setting.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-connection.h"

G_BEGIN_DECLS

/* One setting of a server. */
typedef struct
{
  char    *name;
  char    *value;             /* valid UTF-8 on one line; "" where it is secret */
  gboolean secret;            /* a password: its value is not kept */
  gboolean exact;             /* the value is shown as it is, so that it can be changed and put back */
} CbServerSetting;

void       cb_server_setting_free          (CbServerSetting     *self);
/* The reply of CONFIG GET. (transfer full) (element-type CbServerSetting): sorted by name, bounded */
GPtrArray *cb_server_settings_parse        (const CbValue       *value);
gboolean   cb_server_setting_is_secret     (const char          *name);

/* CONFIG SET, which holds until the server is restarted. Finish returns the value that it had the moment before: both are one transaction.
 * (transfer full) (nullable with an error) */
void       cb_server_setting_change_async  (CbConnection        *connection,
                                            const char          *name,
                                            const char          *value,
                                            GCancellable        *cancellable,
                                            GAsyncReadyCallback  callback,
                                            gpointer             user_data);
char      *cb_server_setting_change_finish (CbConnection        *connection,
                                            GAsyncResult        *result,
                                            GError             **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbServerSetting, cb_server_setting_free)

G_END_DECLS
