/* cb-keyring.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-saved-servers.h"

G_BEGIN_DECLS

/*
 * Where the passwords of saved servers are: in the keyring of the session (the Secret Service of freedesktop.org), and nowhere else.
 *
 * A password is found by the server's id together with its host, port or socket and user, so that one that was kept for a server is
 * never sent to another, whatever was written into the list of servers meanwhile.
 *
 * Errors of all of them: %G_IO_ERROR_NOT_SUPPORTED when there is no keyring (built without it, or none runs), %G_IO_ERROR_FAILED when
 * it can't be had (locked, and the user would not open it); each a sentence. No message holds a password.
 */

/* Whether there is one; it is not unlocked for that. */
void     cb_keyring_probe_async    (GCancellable         *cancellable,
                                    GAsyncReadyCallback   callback,
                                    gpointer              user_data);
gboolean cb_keyring_probe_finish   (GAsyncResult         *result,
                                    GError              **error);

/* The keyring may ask the user to unlock it. */
void     cb_keyring_lookup_async   (const CbSavedServer  *server,
                                    GCancellable         *cancellable,
                                    GAsyncReadyCallback   callback,
                                    gpointer              user_data);
/* (transfer full) (nullable): NULL without an error when none is kept. */
char    *cb_keyring_lookup_finish  (GAsyncResult         *result,
                                    GError              **error);

/* Takes the place of what is kept for that id. */
void     cb_keyring_store_async    (const CbSavedServer  *server,
                                    const char           *password,
                                    GAsyncReadyCallback   callback,
                                    gpointer              user_data);
gboolean cb_keyring_store_finish   (GAsyncResult         *result,
                                    GError              **error);

/* What is kept for @old, or @password (nullable) in its place, is kept for @server, which has its id and may be somewhere else. Fine
 * when nothing is. */
void     cb_keyring_move_async     (const CbSavedServer  *old,
                                    const CbSavedServer  *server,
                                    const char           *password,
                                    GAsyncReadyCallback   callback,
                                    gpointer              user_data);
gboolean cb_keyring_move_finish    (GAsyncResult         *result,
                                    GError              **error);

/* Takes out what is kept for @server, and gives it back once more, so that it can be put back. */
void     cb_keyring_take_async     (const CbSavedServer  *server,
                                    GAsyncReadyCallback   callback,
                                    gpointer              user_data);
/* (transfer full) (nullable): as cb_keyring_lookup_finish(). */
char    *cb_keyring_take_finish    (GAsyncResult         *result,
                                    GError              **error);

G_END_DECLS
