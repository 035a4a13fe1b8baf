/* cb-secret-store.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * CbSecretStore:
 *
 * Where a secret stays that the settings only refer to: settings are copied, shown and sent to others, secrets are not.
 * A file in the user's data folder which nobody else can read; everything that touches it happens in a thread, one after the
 * other.
 */
#define CB_TYPE_SECRET_STORE (cb_secret_store_get_type ())
G_DECLARE_FINAL_TYPE (CbSecretStore, cb_secret_store, CB, SECRET_STORE, GObject)

CbSecretStore *cb_secret_store_get_default   (void);
CbSecretStore *cb_secret_store_new           (const char           *path);
const char    *cb_secret_store_get_path      (CbSecretStore        *self);
void           cb_secret_store_lookup_async  (CbSecretStore        *self,
                                              const char           *id,
                                              GAsyncReadyCallback   callback,
                                              gpointer              user_data);
char          *cb_secret_store_lookup_finish (CbSecretStore        *self,
                                              GAsyncResult         *result,
                                              GError              **error);
void           cb_secret_store_set_async     (CbSecretStore        *self,
                                              const char           *id,
                                              const char           *secret,
                                              GAsyncReadyCallback   callback,
                                              gpointer              user_data);
gboolean       cb_secret_store_set_finish    (CbSecretStore        *self,
                                              GAsyncResult         *result,
                                              GError              **error);

G_END_DECLS
