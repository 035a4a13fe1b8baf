/* cb-server-folder.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * The folder of the private server, seen as what several programs share. Everything here blocks and is meant for
 * a thread.
 *
 *   change       locked by whoever starts, joins, leaves or stops, for as long as that takes
 *   users        share-locked by each user; who gets it for himself alone is the last
 *   running      locked by the server itself, through a descriptor it was given, from its start to its death
 *   stay         is there when the server is to outlive its users
 *   socket-path  where the socket is, when the folder's own path is too long for one
 *   server.log   of the running or last server; server.log.old of the one before
 *
 * All locks are flock()s, which the kernel lets go of when a process dies in whatever way: nothing has to be
 * cleaned up after a SIGKILL, and no number of a process is ever trusted.
 */
typedef struct _CbServerFolder CbServerFolder;

CbServerFolder *cb_server_folder_new             (const char      *path);
void            cb_server_folder_free            (CbServerFolder  *self);

const char     *cb_server_folder_get_path        (CbServerFolder  *self);
char           *cb_server_folder_dup_socket_path (CbServerFolder  *self);
char           *cb_server_folder_dup_usual_socket_path (CbServerFolder *self);
char           *cb_server_folder_dup_log_path    (CbServerFolder  *self);
char           *cb_server_folder_dup_log_tail    (CbServerFolder  *self);

gboolean        cb_server_folder_make            (CbServerFolder  *self,
                                                  GError         **error);
gboolean        cb_server_folder_make_socket     (CbServerFolder  *self,
                                                  GError         **error);
int             cb_server_folder_lock_change     (CbServerFolder  *self,
                                                  GCancellable    *cancellable,
                                                  GError         **error);
int             cb_server_folder_join            (CbServerFolder  *self,
                                                  GError         **error);
gboolean        cb_server_folder_is_used         (CbServerFolder  *self);
int             cb_server_folder_lock_running    (CbServerFolder  *self,
                                                  GError         **error);
gboolean        cb_server_folder_is_running      (CbServerFolder  *self);
gboolean        cb_server_folder_get_stay        (CbServerFolder  *self);
void            cb_server_folder_set_stay        (CbServerFolder  *self,
                                                  gboolean         stay);
void            cb_server_folder_turn_log        (CbServerFolder  *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbServerFolder, cb_server_folder_free)

G_END_DECLS
