/* cb-test-keyring.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * A real gnome-keyring-daemon of a test's own, on a bus of its own and with folders of its own, so that nothing of whoever runs the
 * test is touched.
 */

typedef struct _CbTestKeyring CbTestKeyring;

/* FALSE, and says so, when it is not there. */
gboolean       cb_test_keyring_is_installed (void);

/* On the bus of that address. @password: (nullable): of the login keyring, which is made of it and is open; none is there with NULL. */
CbTestKeyring *cb_test_keyring_new          (const char    *bus_address,
                                             const char    *password);
void           cb_test_keyring_free         (CbTestKeyring *self);
/* Nobody speaks for the service until it is started again; then what was kept is there. */
void           cb_test_keyring_stop         (CbTestKeyring *self);
/* @password: (nullable): locked with NULL. */
void           cb_test_keyring_start        (CbTestKeyring *self,
                                             const char    *password);
void           cb_test_keyring_lock         (CbTestKeyring *self);
/* How many secrets there are that have this attribute, whether they are locked or not. */
guint          cb_test_keyring_count        (CbTestKeyring *self,
                                             const char    *attribute,
                                             const char    *value);
/* (nullable): of the first such; NULL when there is none that is not locked. */
char          *cb_test_keyring_dup_secret   (CbTestKeyring *self,
                                             const char    *attribute,
                                             const char    *value);
/* Whether any file that the daemon wrote has these bytes. */
gboolean       cb_test_keyring_writes       (CbTestKeyring *self,
                                             const char    *bytes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbTestKeyring, cb_test_keyring_free)

G_END_DECLS
