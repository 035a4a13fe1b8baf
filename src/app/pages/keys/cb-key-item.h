/* cb-key-item.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-job-record.h"
#include "cb-key-facts.h"
#include "cb-key-list.h"

G_BEGIN_DECLS

/**
 * CbKeyItem:
 *
 * A row of the tree as it is on screen: the key or folder, how deep it stands, and what is known of the key. There is one for a
 * key as long as somebody holds it.
 *
 * A folder that has but one key, and is not expanded, shows as that key until another one comes.
 *
 * Properties (read-only, explicit notify): folder (boolean), expanded (boolean), facts (pointer to CbKeyFacts, nullable: not asked yet), job (CbJobRecord,
 * nullable: whose key this is). Signal: `count-changed`, of a folder.
 */
#define CB_TYPE_KEY_ITEM (cb_key_item_get_type ())
G_DECLARE_FINAL_TYPE (CbKeyItem, cb_key_item, CB, KEY_ITEM, GObject)

CbKeyItem        *cb_key_item_new           (CbKeyRow         *row,
                                             guint             depth,
                                             gboolean          whole);   /* it shows all of its name, and not only the last part */
CbKeyRow         *cb_key_item_get_row       (CbKeyItem        *self);
gboolean          cb_key_item_is_folder     (CbKeyItem        *self);
/* (transfer full) */
GBytes           *cb_key_item_dup_name      (CbKeyItem        *self);
char             *cb_key_item_dup_label     (CbKeyItem        *self,
                                             guint             max_chars);
/* The whole name, wherever it stands. */
char             *cb_key_item_dup_whole_label (CbKeyItem  *self,
                                             guint             max_chars);
guint             cb_key_item_get_depth     (CbKeyItem        *self);
gboolean          cb_key_item_get_expanded  (CbKeyItem        *self);
void              cb_key_item_set_expanded  (CbKeyItem        *self,
                                             gboolean          expanded);
/* Tells those who show it to count again. @partial: not all keys were looked at yet. */
void              cb_key_item_count         (CbKeyItem        *self,
                                             gboolean          partial);
gboolean          cb_key_item_get_partial   (CbKeyItem        *self);

const CbKeyFacts *cb_key_item_get_facts     (CbKeyItem        *self);
void              cb_key_item_set_facts     (CbKeyItem        *self,
                                             const CbKeyFacts *facts);
/* µs of the monotonic clock at which its time is over; -1 for ever, or unknown */
gint64            cb_key_item_get_expires_at (CbKeyItem       *self);
CbJobRecord      *cb_key_item_get_job       (CbKeyItem        *self);
void              cb_key_item_set_job       (CbKeyItem        *self,
                                             CbJobRecord      *job);

G_END_DECLS
