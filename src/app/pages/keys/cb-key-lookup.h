/* cb-key-lookup.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-key-item.h"
#include "cb-session.h"

G_BEGIN_DECLS

/**
 * CbKeyLookup:
 *
 * Asks the server what a view shows of its rows: type, time to live, size, and whose job it is. One question is out at a time, and
 * what has left the view is not asked for any more.
 *
 * Signal: `gone` (CbKeyItem): there is no such key any more.
 */
#define CB_TYPE_KEY_LOOKUP (cb_key_lookup_get_type ())
G_DECLARE_FINAL_TYPE (CbKeyLookup, cb_key_lookup, CB, KEY_LOOKUP, GObject)

CbKeyLookup *cb_key_lookup_new     (void);
void         cb_key_lookup_set_session (CbKeyLookup *self,
                                    CbSession   *session);
/* @connection: (nullable): of another database than the session's, whose keys are of no jobs of it */
void         cb_key_lookup_set_connection (CbKeyLookup  *self,
                                    CbConnection *connection);
/* Whether to ask for the memory as well. */
void         cb_key_lookup_set_memory (CbKeyLookup *self,
                                    gboolean     memory);
void         cb_key_lookup_add     (CbKeyLookup *self,
                                    CbKeyItem   *item);
void         cb_key_lookup_remove  (CbKeyLookup *self,
                                    CbKeyItem   *item);
/* Nothing is wanted any more: the rows are those of another list. */
void         cb_key_lookup_clear   (CbKeyLookup *self);

/* The engine whose job the key of this name belongs to, and its id. */
CbEngine    *cb_key_find_job_engine (CbSession  *session,
                                    const char *name,
                                    gsize       length,
                                    char      **id);

G_END_DECLS
