/* cb-key-store.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/*
 * CbKeyStore:
 *
 * The names of keys, each once, and the folders that a separator makes of them, as they come. Built for ten million:
 * a key costs its name and 36 bytes, a folder 52, both without an allocation of their own, and no call ever moves
 * what is there already. Names are bytes.
 *
 * A key `a:b:c` lies in the folder `b` of the folder `a`. Parts may be empty, so `a::b`, `:a` and `a:` each have their
 * own places, and a name that is a key and a folder is both. Behind CB_KEY_MAX_DEPTH folders the rest of a name is one
 * part.
 *
 * Only the thread that made it adds to it; names and folders that are there may be read from any thread.
 */
typedef struct _CbKeyStore CbKeyStore;

typedef guint32 CbKeyId;
typedef guint32 CbFolderId;

#define CB_KEY_NONE G_MAXUINT32
#define CB_FOLDER_ROOT 0
#define CB_KEY_MAX_DEPTH 4096
/* What it can hold; more are not taken. */
#define CB_KEY_MOST 0x7fffff00

#define CB_TYPE_KEY_STORE (cb_key_store_get_type ())
GType       cb_key_store_get_type         (void) G_GNUC_CONST;

/* @separator NULL or empty: no folders. */
CbKeyStore *cb_key_store_new              (const char  *separator);
CbKeyStore *cb_key_store_ref              (CbKeyStore  *self);
void        cb_key_store_unref            (CbKeyStore  *self);

/* Returns whether it is new; its id in any case. */
gboolean    cb_key_store_add              (CbKeyStore  *self,
                                           const char  *name,
                                           gsize        length,
                                           CbKeyId     *id);
/* As they come from the server: a thousand at once. */
void        cb_key_store_add_many         (CbKeyStore  *self,
                                           guint        n,
                                           const char * const *names,
                                           const gsize *lengths);
CbKeyId     cb_key_store_find             (CbKeyStore  *self,
                                           const char  *name,
                                           gsize        length);
/* Says that a key is not on the server any more (or is again): it is not counted, but keeps its place. */
void        cb_key_store_set_gone         (CbKeyStore  *self,
                                           CbKeyId      id,
                                           gboolean     gone);
gboolean    cb_key_store_get_gone         (CbKeyStore  *self,
                                           CbKeyId      id);

guint       cb_key_store_get_length       (CbKeyStore  *self);  /* ids below it are keys, gone ones among them */
const char *cb_key_store_get_name         (CbKeyStore  *self,
                                           CbKeyId      id,
                                           gsize       *length);
/* Where in the name the part begins that stands in its folder. */
gsize       cb_key_store_get_leaf_offset  (CbKeyStore  *self,
                                           CbKeyId      id);
CbFolderId  cb_key_store_get_key_folder   (CbKeyStore  *self,
                                           CbKeyId      id);

guint       cb_key_store_get_n_folders    (CbKeyStore  *self);  /* in all, the root among them */
CbFolderId  cb_key_store_get_parent       (CbKeyStore  *self,
                                           CbFolderId   folder);
/* The part that is its name. */
const char *cb_key_store_get_folder_name  (CbKeyStore  *self,
                                           CbFolderId   folder,
                                           gsize       *length);
/* What every name in it begins with, the separator at its end. */
const char *cb_key_store_get_folder_path  (CbKeyStore  *self,
                                           CbFolderId   folder,
                                           gsize       *length);
guint       cb_key_store_count_keys       (CbKeyStore  *self,
                                           CbFolderId   folder);   /* at any depth */
guint       cb_key_store_count_children   (CbKeyStore  *self,
                                           CbFolderId   folder,
                                           guint       *n_folders,
                                           guint       *n_keys);
/* Children, the newest first; CB_KEY_NONE at the end. */
CbFolderId  cb_key_store_get_first_folder (CbKeyStore  *self,
                                           CbFolderId   folder);
CbFolderId  cb_key_store_get_next_folder  (CbKeyStore  *self,
                                           CbFolderId   folder);
CbKeyId     cb_key_store_get_first_key    (CbKeyStore  *self,
                                           CbFolderId   folder);
CbKeyId     cb_key_store_get_next_key     (CbKeyStore  *self,
                                           CbKeyId      id);

/* Bytes allocated for all this, and those of them that are names. */
gsize       cb_key_store_get_memory       (CbKeyStore  *self,
                                           gsize       *names);

/* Whether a key belongs to a job of Kue (PREFIX:job:ID or PREFIX:job:ID:…): how long the prefix is, and which job. */
gboolean    cb_key_is_of_job              (const char  *name,
                                           gsize        length,
                                           gsize       *prefix_length,
                                           guint64     *job);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbKeyStore, cb_key_store_unref)

G_END_DECLS
