/* cb-key-finder.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-connection.h"
#include "cb-key-list.h"
#include "cb-key-store.h"

G_BEGIN_DECLS

typedef enum
{
  CB_KEY_MATCH_PATTERN,  /* a glob as SCAN has it; NULL text: all keys */
  CB_KEY_MATCH_LITERAL,  /* names that contain the text, which is no pattern */
  CB_KEY_MATCH_NAME,     /* the one key of that name, asked for directly */
} CbKeyMatch;

typedef enum
{
  CB_KEY_EXPIRY_ANY,
  CB_KEY_EXPIRY_NONE,    /* has no time to live */
  CB_KEY_EXPIRY_WITHIN,  /* has one that ends within a time */
} CbKeyExpiry;

/* What is looked for. */
typedef struct
{
  CbKeyMatch match;
  GBytes *text;          /* (nullable) */
  const char *type;      /* (nullable) "zset", or what a module calls its own */
  CbKeyExpiry expiry;
  gint64 within_msec;
} CbKeyQuery;

/**
 * CbKeyFinder:
 *
 * Looks for keys by SCAN, never by KEYS, and puts them into a #CbKeyStore. One command is out at a time, and how much
 * the server is asked to look at in one follows from how long it took for the last, so that others wait no more than
 * a few milliseconds.
 *
 * Properties (all notify explicitly, once a batch): running (boolean), done (boolean: all was looked at), n-scanned
 * (uint64: how many keys were looked at, an estimate when there is a filter), n-total (uint64: DBSIZE when it began),
 * error-message (string, nullable: why it stopped). Signal: `found` (uint first, uint n), ids of new keys.
 */
#define CB_TYPE_KEY_FINDER (cb_key_finder_get_type ())
G_DECLARE_FINAL_TYPE (CbKeyFinder, cb_key_finder, CB, KEY_FINDER, GObject)

CbKeyFinder  *cb_key_finder_new           (CbConnection     *connection,
                                           const CbKeyQuery *query,
                                           const char       *separator);
/* Begins, or goes on where it was stopped or where an error ended it. */
void          cb_key_finder_start         (CbKeyFinder      *self);
void          cb_key_finder_stop          (CbKeyFinder      *self);

/* One that is known to be there now, told as if it had been found. */
void          cb_key_finder_add           (CbKeyFinder      *self,
                                           GBytes           *name);

CbKeyStore   *cb_key_finder_get_store     (CbKeyFinder      *self);  /* transfer none */
/* What is looked for, as a pattern where there is one; what it points to is the finder's. */
void          cb_key_finder_get_query     (CbKeyFinder      *self,
                                           CbKeyQuery       *query);
/* Lists that are kept up to date while the finder lives. */
CbKeyList    *cb_key_finder_list_folder   (CbKeyFinder      *self,
                                           CbFolderId        folder);
CbKeyList    *cb_key_finder_list_all      (CbKeyFinder      *self);

gboolean      cb_key_finder_get_running   (CbKeyFinder      *self);
gboolean      cb_key_finder_get_done      (CbKeyFinder      *self);
guint64       cb_key_finder_get_n_scanned (CbKeyFinder      *self);
guint64       cb_key_finder_get_n_total   (CbKeyFinder      *self);
const GError *cb_key_finder_get_error     (CbKeyFinder      *self);  /* nullable */

/* A pattern that matches what contains the bytes, or just them. */
GBytes       *cb_key_pattern_escape       (GBytes           *text,
                                           gboolean          anywhere);

G_END_DECLS
