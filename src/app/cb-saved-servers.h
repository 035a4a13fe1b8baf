/* cb-saved-servers.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "cb-address.h"

G_BEGIN_DECLS

/**
 * CbSavedServer:
 * @id: names it in the file
 * @name: for people
 * @address: with user and database; never with a password, and without a mark of production, which is kept elsewhere
 * @group: under which heading it stands; "" for none
 * @color: one of cb_saved_server_get_colors(); "" for none
 * @prefix: of its queues, the only ones that are shown; "" for whatever is found
 * @asks_password: it can't be opened without a password
 * @keeps_password: that is kept in the keyring (cb-keyring.h) once somebody was let in with it; asked for with each opening otherwise
 * @read_only: nothing is written to it until it is unlocked, as on production
 *
 * A server that the user wants to come back to. Not changed once it is in the list.
 */
typedef struct
{
  char *id;           /* (owned) */
  char *name;         /* (owned) */
  CbAddress *address; /* (owned) */
  char *group;        /* (owned) */
  char *color;        /* (owned) */
  char *prefix;       /* (owned) */
  gboolean asks_password;
  gboolean keeps_password;
  gboolean read_only;
} CbSavedServer;

/* @id NULL: a new one. @group and @color nullable; a color that is not known is none. */
CbSavedServer      *cb_saved_server_new        (const char          *id,
                                                const char          *name,
                                                CbAddress           *address,
                                                const char          *group,
                                                const char          *color,
                                                gboolean             asks_password);
/* Before it is in the list. @prefix nullable; spaces around it are left out. */
void                cb_saved_server_set_prefix (CbSavedServer       *self,
                                                const char          *prefix);
CbSavedServer      *cb_saved_server_copy       (const CbSavedServer *self);
void                cb_saved_server_free       (CbSavedServer       *self);
const char * const *cb_saved_server_get_colors (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbSavedServer, cb_saved_server_free)

/**
 * CbSavedServers:
 *
 * The servers that the user has saved: the key file `callboard/servers` in the configuration folder, which nobody else can read and
 * which never holds a password. It is read once, and replaced as a whole with each change; everything that touches it happens in a
 * thread, one after the other. A file that can't be understood, even in part, is kept beside it before anything is written.
 *
 * Signal `changed`: others are in the list, or the problem is another.
 */
#define CB_TYPE_SAVED_SERVERS (cb_saved_servers_get_type ())
G_DECLARE_FINAL_TYPE (CbSavedServers, cb_saved_servers, CB, SAVED_SERVERS, GObject)

CbSavedServers      *cb_saved_servers_get_default   (void);
CbSavedServers      *cb_saved_servers_new           (const char           *path);
void                 cb_saved_servers_load_async    (CbSavedServers       *self,
                                                     GAsyncReadyCallback   callback,
                                                     gpointer              user_data);
gboolean             cb_saved_servers_load_finish   (CbSavedServers       *self,
                                                     GAsyncResult         *result,
                                                     GError              **error);
gboolean             cb_saved_servers_is_loaded     (CbSavedServers       *self);
/* What was wrong with the file, a sentence; nullable. */
const char          *cb_saved_servers_get_problem   (CbSavedServers       *self);
/* By group, those without one first, and by name. (transfer none) (element-type CbSavedServer) */
GPtrArray           *cb_saved_servers_get_all       (CbSavedServers       *self);
const CbSavedServer *cb_saved_servers_find          (CbSavedServers       *self,
                                                     const char           *id);
/* The first of that server, database and user, written as cb_address_to_uri() does, and prefix (nullable). */
const CbSavedServer *cb_saved_servers_find_uri      (CbSavedServers       *self,
                                                     const char           *uri,
                                                     const char           *prefix);
void                 cb_saved_servers_put_async     (CbSavedServers       *self,
                                                     const CbSavedServer  *server,
                                                     GAsyncReadyCallback   callback,
                                                     gpointer              user_data);
void                 cb_saved_servers_remove_async  (CbSavedServers       *self,
                                                     const char           *id,
                                                     GAsyncReadyCallback   callback,
                                                     gpointer              user_data);
/* Of either: whether it is in the file now. */
gboolean             cb_saved_servers_change_finish (CbSavedServers       *self,
                                                     GAsyncResult         *result,
                                                     GError              **error);

G_END_DECLS
