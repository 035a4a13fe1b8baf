/* cb-rdb-copy.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * A copy of an RDB file in a folder of its own, for a private server to read. Everything here blocks and is meant for a
 * thread.
 */

#define CB_RDB_COPY_NAME "copy.rdb"

/* The folder in which the folders are, and those that are in it now. */
char     *cb_rdb_copy_dup_base    (void);
char    **cb_rdb_copy_list        (void);
/* A new folder in it, mode 0700. */
char     *cb_rdb_copy_make_folder (GError       **error);
void      cb_rdb_copy_remove      (const char    *folder);

gboolean  cb_rdb_copy_fill        (const char    *folder,
                                   const char    *file,
                                   GCancellable  *cancellable,
                                   GError       **error);
/* What the log of a server says that could not read it, as a sentence. */
char     *cb_rdb_copy_explain     (const char    *file,
                                   const char    *log,
                                   const char    *tail);
/* How many keys the server left out when it read it, as their time was over. */
guint64   cb_rdb_copy_count_expired (const char  *log);

G_END_DECLS
