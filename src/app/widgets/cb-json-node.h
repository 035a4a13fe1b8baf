/* cb-json-node.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * CbJsonNode:
 *
 * A value of a JSON text, and the GListModel of what is directly in it, which is looked for when somebody asks for it and grows by
 * CB_JSON_NODE_PAGE values at a time; what is left is one last node.
 */
#define CB_TYPE_JSON_NODE (cb_json_node_get_type ())
G_DECLARE_FINAL_TYPE (CbJsonNode, cb_json_node, CB, JSON_NODE, GObject)

#define CB_JSON_NODE_PAGE 200

/* NULL with CB_QUEUE_ERROR_INVALID where @bytes are no JSON. */
CbJsonNode *cb_json_node_new            (GBytes      *bytes,
                                         GError     **error);
/* Whether there is something in it. */
gboolean    cb_json_node_has_children   (CbJsonNode  *self);
/* The last of many: how many are not shown; 0 for a value. */
gsize       cb_json_node_get_n_left     (CbJsonNode  *self);
/* Of such a last one: shows the next of them. */
void        cb_json_node_load_more      (CbJsonNode  *self);
gboolean    cb_json_node_is_repeated    (CbJsonNode  *self);
/* "string", "number", "object"…, not translated */
const char *cb_json_node_get_kind       (CbJsonNode  *self);
/* What stands before it, as stored but for what can't be seen: `"name"`, `[3]`; "" for the outermost. */
char       *cb_json_node_dup_name       (CbJsonNode  *self,
                                         gsize        max_bytes);
/* The value as stored, in one line, or what is in it: `1e400`, `{ 3 }`. */
char       *cb_json_node_dup_label      (CbJsonNode  *self,
                                         gsize        max_bytes);
/* What is copied of it: what a string says, and of all else the text as stored. */
char       *cb_json_node_dup_value      (CbJsonNode  *self);
/* `$.list[2]["a b"]` */
char       *cb_json_node_dup_path       (CbJsonNode  *self);

G_END_DECLS
