/* cb-key-list.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "cb-key-store.h"

G_BEGIN_DECLS

/**
 * CbKeyRow:
 *
 * A row: a key or a folder. Made when it is looked at; it holds the store.
 */
#define CB_TYPE_KEY_ROW (cb_key_row_get_type ())
G_DECLARE_FINAL_TYPE (CbKeyRow, cb_key_row, CB, KEY_ROW, GObject)

gboolean    cb_key_row_is_folder   (CbKeyRow   *self);
CbKeyId     cb_key_row_get_key     (CbKeyRow   *self);  /* CB_KEY_NONE for a folder */
CbFolderId  cb_key_row_get_folder  (CbKeyRow   *self);  /* itself, or the one it is in */
/* The name of the key, or the path of the folder with the separator at its end: bytes. */
const char *cb_key_row_get_name    (CbKeyRow   *self,
                                    gsize      *length);
/* One line of at most @max_chars characters for people: in a tree the last part, else the whole. What can't be seen
 * (control characters, bytes that are no text, blanks at the ends) is written as \xNN; empty is "". */
char       *cb_key_row_dup_label   (CbKeyRow   *self,
                                    gboolean    whole,
                                    guint       max_chars);
guint       cb_key_row_count_keys  (CbKeyRow   *self);  /* 1 for a key that is there */

char       *cb_key_name_display    (const char *name,
                                    gsize       length,
                                    guint       max_chars);  /* 0: all of it */
/* The bytes of a name that is written as cb_key_name_display() does. */
GBytes     *cb_key_name_parse      (const char *text);

/**
 * CbKeyList:
 *
 * A #GListModel of #CbKeyRow: the children of a folder, or all keys. It takes up what has come when
 * cb_key_list_update() is called, a bounded number at a time, and goes on from an idle until it has all.
 *
 * Rows stand in the order they came in, until they are sorted; what comes later stands behind.
 */
#define CB_TYPE_KEY_LIST (cb_key_list_get_type ())
G_DECLARE_FINAL_TYPE (CbKeyList, cb_key_list, CB, KEY_LIST, GObject)

CbKeyList  *cb_key_list_new         (CbKeyStore          *store,
                                     CbFolderId           folder);
CbKeyList  *cb_key_list_new_flat    (CbKeyStore          *store);
void        cb_key_list_update      (CbKeyList           *self);
gboolean    cb_key_list_is_complete (CbKeyList           *self);  /* it has all that the store has */
/* What stands in a row: a key, or CB_KEY_NONE and a folder. */
gboolean    cb_key_list_peek        (CbKeyList           *self,
                                     guint                position,
                                     CbKeyId             *key,
                                     CbFolderId          *folder);
/* In which row a key stands, or with CB_KEY_NONE a folder; G_MAXUINT in none. Looks through all. */
guint       cb_key_list_find        (CbKeyList           *self,
                                     CbKeyId              key,
                                     CbFolderId           folder);
/* Takes out the rows of keys that have gone and of folders without any, and puts those back that are there again. */
void        cb_key_list_update_gone (CbKeyList           *self);
/* By name, numbers in it by their value, folders first; or by @weights (nullable, of gint64), one for each id of a key, and then by name: those that have
 * none stand last. The comparing is done by another thread. */
void        cb_key_list_sort_async  (CbKeyList           *self,
                                     GArray              *weights,
                                     gboolean             descending,
                                     GCancellable        *cancellable,
                                     GAsyncReadyCallback  callback,
                                     gpointer             user_data);
gboolean    cb_key_list_sort_finish (CbKeyList           *self,
                                     GAsyncResult        *result,
                                     GError             **error);
/* At once, for a list of a few thousand. */
void        cb_key_list_sort        (CbKeyList           *self,
                                     GArray              *weights,
                                     gboolean             descending);

G_END_DECLS
