/* cb-console-entry.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "cb-resp.h"

G_BEGIN_DECLS

/**
 * CbConsoleNode:
 *
 * A row of a reply: a value with what stands before it, or what stands for those that are not shown yet.
 */
#define CB_TYPE_CONSOLE_NODE (cb_console_node_get_type ())
G_DECLARE_FINAL_TYPE (CbConsoleNode, cb_console_node, CB, CONSOLE_NODE, GObject)

const char *cb_console_node_get_label    (CbConsoleNode *self);  /* "1)", a key; "" */
const char *cb_console_node_get_text     (CbConsoleNode *self);
gboolean    cb_console_node_is_error     (CbConsoleNode *self);
gboolean    cb_console_node_is_more      (CbConsoleNode *self);  /* there is more of it */
CbResp     *cb_console_node_get_value    (CbConsoleNode *self);  /* nullable */
/* What is in it, transfer full; NULL when nothing is. The first of it, and one that is more. */
GListModel *cb_console_node_dup_children (CbConsoleNode *self);
guint       cb_console_node_get_n_inside (CbConsoleNode *self);
/* Shows more of what @self stands for. */
void        cb_console_node_show_more    (CbConsoleNode *self);

typedef enum
{
  CB_CONSOLE_ENTRY_WAITING, /* for the reply */
  CB_CONSOLE_ENTRY_STREAM,  /* replies come until somebody stops it */
  CB_CONSOLE_ENTRY_DONE,
  CB_CONSOLE_ENTRY_FAILED,  /* an error of the server, or there is no reply; says why */
  CB_CONSOLE_ENTRY_NOTE,    /* nothing that was typed */
} CbConsoleEntryState;

/**
 * CbConsoleEntry:
 *
 * A command and what came of it. Signal `changed`: state, time or counts are other; its children tell by themselves.
 */
#define CB_TYPE_CONSOLE_ENTRY (cb_console_entry_get_type ())
G_DECLARE_FINAL_TYPE (CbConsoleEntry, cb_console_entry, CB, CONSOLE_ENTRY, GObject)

CbConsoleEntry *cb_console_entry_new             (const char          *prompt,
                                                  const char          *line);
CbConsoleEntry *cb_console_entry_new_note        (const char          *text);
const char     *cb_console_entry_get_prompt      (CbConsoleEntry      *self);
const char     *cb_console_entry_get_line        (CbConsoleEntry      *self);
CbConsoleEntryState cb_console_entry_get_state   (CbConsoleEntry      *self);
gint64          cb_console_entry_get_duration    (CbConsoleEntry      *self);  /* µs, -1 while it lasts, and where nothing was sent */
guint64         cb_console_entry_get_n_received  (CbConsoleEntry      *self);  /* of a stream */
guint64         cb_console_entry_get_n_discarded (CbConsoleEntry      *self);
gsize           cb_console_entry_get_size        (CbConsoleEntry      *self);
GListModel     *cb_console_entry_get_children    (CbConsoleEntry      *self);
char           *cb_console_entry_dup_text        (CbConsoleEntry      *self);  /* of the reply, as redis-cli prints it */

/* For the console. */
void            cb_console_entry_begin           (CbConsoleEntry      *self);
void            cb_console_entry_add_reply       (CbConsoleEntry      *self,
                                                  CbResp              *reply);
void            cb_console_entry_add_streamed    (CbConsoleEntry      *self,
                                                  CbResp              *reply);
guint           cb_console_entry_flush           (CbConsoleEntry      *self);
void            cb_console_entry_end             (CbConsoleEntry      *self,
                                                  CbConsoleEntryState  state,
                                                  const char          *why);

G_END_DECLS
