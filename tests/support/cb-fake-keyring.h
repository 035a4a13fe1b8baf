/* cb-fake-keyring.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * A Secret Service (org.freedesktop.secrets) of a test's own on a bus of its own: one collection in memory, which may be locked, and
 * then is opened, or not, as the test wants it, without anybody being asked. It answers while the main context of the test runs.
 */

typedef struct _CbFakeKeyring CbFakeKeyring;

/* On the bus of that address, until it is freed. */
CbFakeKeyring *cb_fake_keyring_new         (const char    *bus_address);
void           cb_fake_keyring_free        (CbFakeKeyring *self);
guint          cb_fake_keyring_get_n_items (CbFakeKeyring *self);
/* The secret of the first item that has this attribute; NULL when there is none. */
const char    *cb_fake_keyring_find        (CbFakeKeyring *self,
                                            const char    *attribute,
                                            const char    *value);
/* @opens: what comes of the question whether it may be unlocked. */
void           cb_fake_keyring_lock        (CbFakeKeyring *self,
                                            gboolean       opens);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbFakeKeyring, cb_fake_keyring_free)

G_END_DECLS
