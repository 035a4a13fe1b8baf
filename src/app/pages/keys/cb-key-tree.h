/* cb-key-tree.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "cb-key-finder.h"
#include "cb-key-item.h"

G_BEGIN_DECLS

/**
 * CbKeyTree:
 *
 * The keys of a finder as rows for a view: those at the top with what is in the folders that are expanded, or all of them one below
 * the other. A #GListModel of #CbKeyItem, and the #GtkSelectionModel for it. It costs nothing for a row that is not looked at, which
 * #GtkTreeListModel and #GtkMultiSelection do.
 *
 * Folders that were expanded are so again when they come with another finder.
 */
#define CB_TYPE_KEY_TREE (cb_key_tree_get_type ())
G_DECLARE_FINAL_TYPE (CbKeyTree, cb_key_tree, CB, KEY_TREE, GObject)

CbKeyTree *cb_key_tree_new          (void);
void       cb_key_tree_set_finder   (CbKeyTree   *self,
                                     CbKeyFinder *finder,      /* nullable */
                                     gboolean     flat);
void       cb_key_tree_set_expanded (CbKeyTree   *self,
                                     guint        position,
                                     gboolean     expanded);
/* The row of the folder that holds this one; GTK_INVALID_LIST_POSITION at the top. */
guint      cb_key_tree_get_parent   (CbKeyTree   *self,
                                     guint        position);
/* Where a key stands; with @reveal the folders it is in are expanded. GTK_INVALID_LIST_POSITION when it is not there, or its row is
 * still to come. */
guint      cb_key_tree_find         (CbKeyTree   *self,
                                     GBytes      *name,
                                     gboolean     reveal);
guint      cb_key_tree_find_item    (CbKeyTree   *self,
                                     CbKeyItem   *item);
/* How many of these rows are folders. */
guint      cb_key_tree_count_folders (CbKeyTree  *self,
                                     GtkBitset   *rows);
/* Keys of the store are gone, or there again. */
void       cb_key_tree_update_gone  (CbKeyTree   *self);
/* Sorted by name, or by @weights (nullable, see cb_key_list_sort_async()); not at all: as they came. While keys are still coming only
 * lists of some thousands are sorted anew with them, the longer ones at the end. */
void       cb_key_tree_set_sorted   (CbKeyTree   *self,
                                     gboolean     sorted,
                                     GArray      *weights,
                                     gboolean     descending);
/* Folders on screen show how many keys they have. */
void       cb_key_tree_count        (CbKeyTree   *self);

G_END_DECLS
