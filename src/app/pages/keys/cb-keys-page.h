/* cb-keys-page.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-page.h"

G_BEGIN_DECLS

/**
 * CbKeysPage:
 *
 * The keys of the server: found by SCAN, as a tree or one below the other, with the one that is selected beside them.
 *
 * Its actions are called key.…, and work on what is selected, from wherever in the page they are called; see cb-keys-actions.c.
 */
#define CB_TYPE_KEYS_PAGE (cb_keys_page_get_type ())
G_DECLARE_FINAL_TYPE (CbKeysPage, cb_keys_page, CB, KEYS_PAGE, CbPage)

/* Shows this one, whatever is being looked for, also when it is in no list. */
void cb_keys_page_show_key   (CbKeysPage *self,
                              GBytes     *name);
void cb_keys_page_start_find (CbKeysPage *self);
/* Looks for these, as if it had been typed. */
void cb_keys_page_find       (CbKeysPage *self,
                              const char *text);

G_END_DECLS
