/* cb-element-items.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "cb-key-value.h"

G_BEGIN_DECLS

/* An element of a value as a row: what it is called, and what it is. Signal `changed`: its value is another. */
#define CB_TYPE_ELEMENT_ITEM (cb_element_item_get_type ())
G_DECLARE_FINAL_TYPE (CbElementItem, cb_element_item, CB, ELEMENT_ITEM, GObject)

GBytes    *cb_element_item_get_name      (CbElementItem *self);
GBytes    *cb_element_item_get_value     (CbElementItem *self);   /* (nullable) */
/* (nullable) (element-type GBytes): name, value, name, value… of an entry of a stream */
GPtrArray *cb_element_item_get_fields    (CbElementItem *self);
/* One line for a list, control characters and bytes that are no text visible. */
char      *cb_element_item_dup_name_label (CbElementItem *self);
char      *cb_element_item_dup_value_label (CbElementItem *self);

/**
 * CbElementItems:
 *
 * A #GListModel of the elements (#CbElementItem) of a hash, list, set, sorted set or stream, read a page at a time as they are
 * asked for. Nothing is read twice, and what a server tells twice (it may, of a hash that grows) stands here once.
 *
 * Properties, all read-only: loading, complete, error-message (nullable), n-read (elements that were looked at).
 */
#define CB_TYPE_ELEMENT_ITEMS (cb_element_items_get_type ())
G_DECLARE_FINAL_TYPE (CbElementItems, cb_element_items, CB, ELEMENT_ITEMS, GObject)

CbElementItems *cb_element_items_new          (CbConnection  *connection,
                                       GBytes        *key,
                                       const CbKeyInfo *info);
/* (nullable) Of hashes, sets and sorted sets a pattern for the names, around which * is put where it has none; of lists and
 * streams bytes that a value must have in it. Begins anew. */
void        cb_element_items_set_filter   (CbElementItems    *self,
                                       const char    *filter);
/* The key has another name now. */
void        cb_element_items_rename   (CbElementItems *self,
                                       GBytes        *key);
/* Reads on until there are about a hundred more, or all. */
void        cb_element_items_load_more    (CbElementItems    *self);
/* Reads again what was read, up to a thousand; rows of the same name stay the same objects. */
void        cb_element_items_reload       (CbElementItems    *self);
gboolean    cb_element_items_is_loading   (CbElementItems    *self);
gboolean    cb_element_items_is_complete  (CbElementItems    *self);
const char *cb_element_items_get_error    (CbElementItems    *self);   /* (nullable) */
const GError *cb_element_items_get_gerror (CbElementItems    *self);   /* (nullable) */
guint64     cb_element_items_get_n_read   (CbElementItems    *self);
/* -1 when it is not there (yet). */
int         cb_element_items_find         (CbElementItems    *self,
                                       GBytes        *name);

G_END_DECLS
