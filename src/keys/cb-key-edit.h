/* cb-key-edit.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-connection.h"
#include "cb-key-error.h"

G_BEGIN_DECLS

typedef enum
{
  CB_KEY_EDIT_STRING_SET,     /* value; the time to live stays */
  CB_KEY_EDIT_STRING_SPLICE,  /* element: the byte where a part begins; value: what is to be in its place; needs expected, not empty */
  CB_KEY_EDIT_JSON_SET,       /* value: a whole document; the time to live stays */
  CB_KEY_EDIT_HASH_SET,       /* element: the field; value */
  CB_KEY_EDIT_HASH_DELETE,    /* element: the field */
  CB_KEY_EDIT_HASH_RENAME,    /* element: the field; value: its new name, which must not be there */
  CB_KEY_EDIT_LIST_SET,       /* element: the index in decimal; value */
  CB_KEY_EDIT_LIST_DELETE,    /* element: the index; needs expected */
  CB_KEY_EDIT_LIST_PUSH,      /* element: "head" or "tail"; value */
  CB_KEY_EDIT_LIST_INSERT,    /* element: the index it is to have; value: what is to be before the one that is there */
  CB_KEY_EDIT_SET_ADD,        /* element: the member */
  CB_KEY_EDIT_SET_DELETE,
  CB_KEY_EDIT_SET_CHANGE,     /* element: the member; value: what is to be in its place */
  CB_KEY_EDIT_ZSET_SET,       /* element: the member; value: the score as text */
  CB_KEY_EDIT_ZSET_DELETE,
  CB_KEY_EDIT_ZSET_CHANGE,    /* element: the member; value: that which takes its score */
  CB_KEY_EDIT_STREAM_ADD,     /* element: a field; value; more: the other ones */
  CB_KEY_EDIT_STREAM_DELETE,  /* element: the id */
  CB_KEY_EDIT_EXPIRE,         /* msec from now, at least 1 */
  CB_KEY_EDIT_PERSIST,
  CB_KEY_EDIT_RENAME,         /* element: the new name, which must not be there */
  CB_KEY_EDIT_COPY,           /* the same */
  CB_KEY_EDIT_LAND,           /* element: a key that takes this name; msec: since 1970 when it ends, 0 never */
  CB_KEY_EDIT_LAND_DUMP,      /* the same; element: a string that is its DUMP, and goes */
} CbKeyEditKind;

/* One change. The key is made by an edit that adds, with "none" as its type. */
typedef struct
{
  CbKeyEditKind kind;
  GBytes *key;
  const char *type;        /* the type it had when it was shown; "none": it must not be there */
  GBytes *element;         /* (nullable) */
  GBytes *value;           /* (nullable) */
  GBytes *expected;        /* (nullable) the value (of a sorted set the score) that was shown */
  gboolean expect_absent;  /* the element was not there */
  gint64 msec;
  GPtrArray *more;         /* (nullable) (element-type GBytes) field, value, field, value… */
} CbKeyEdit;

/* So many fields may stand in `more`, as a script takes no endless list. */
#define CB_KEY_EDIT_MOST_FIELDS 1000

/* A part of a longer string may be replaced by as many bytes only, as otherwise the server writes all of it anew in one step. */
#define CB_KEY_EDIT_MOST_REWRITTEN (64 * 1024 * 1024)

/* The only element of a key is taken out only when no more than this is kept for putting the key back. */
#define CB_KEY_EDIT_MOST_KEPT (64 * 1024 * 1024)

/* Whether the edit can be sent at all: a score that is a number, a time within bounds, what it needs. */
gboolean cb_key_edit_check         (const CbKeyEdit      *edit,
                                    GError              **error);
void     cb_key_edit_async         (CbConnection         *connection,
                                    const CbKeyEdit      *edit,
                                    GCancellable         *cancellable,
                                    GAsyncReadyCallback   callback,
                                    gpointer              user_data);
gboolean cb_key_edit_finish        (CbConnection         *connection,
                                    GAsyncResult         *result,
                                    GError              **error);

/* What a deleted key was: enough to put it back exactly. */
typedef struct
{
  GBytes *key;       /* (owned) */
  GBytes *dump;      /* (owned) */
  gint64 expires_at; /* ms since 1970 by the server's clock, 0 never */
} CbKeyRemains;

CbKeyRemains *cb_key_remains_new    (GBytes              *key,
                                    GBytes               *dump,
                                    gint64                expires_at);
void     cb_key_remains_free       (CbKeyRemains         *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbKeyRemains, cb_key_remains_free)

gboolean cb_key_edit_take_finish   (CbConnection         *connection,
                                    GAsyncResult         *result,
                                    CbKeyRemains        **remains,
                                    GError              **error);

/* What a key is now, without deleting it. %CB_KEY_ERROR_GONE when it is not there. */
void     cb_key_capture_async      (CbConnection         *connection,
                                    GBytes               *key,
                                    GCancellable         *cancellable,
                                    GAsyncReadyCallback   callback,
                                    gpointer              user_data);
CbKeyRemains *cb_key_capture_finish (CbConnection        *connection,
                                    GAsyncResult         *result,
                                    GError              **error);

/* UNLINK, only when the key is what was captured. Captures are put on the disk before, so that whatever happens a key
 * that is gone can be put back. */
void     cb_key_delete_captured_async (CbConnection      *connection,
                                    const CbKeyRemains   *remains,
                                    const char           *type,
                                    GCancellable         *cancellable,
                                    GAsyncReadyCallback   callback,
                                    gpointer              user_data);

/* UNLINK. @most: bytes of its DUMP that are kept; when there are more, nothing is deleted. 0: nothing is kept. */
void     cb_key_delete_async       (CbConnection         *connection,
                                    GBytes               *key,
                                    const char           *type,
                                    gsize                 most,
                                    GCancellable         *cancellable,
                                    GAsyncReadyCallback   callback,
                                    gpointer              user_data);
/* Finishes cb_key_delete_captured_async() as well. */
gboolean cb_key_delete_finish      (CbConnection         *connection,
                                    GAsyncResult         *result,
                                    CbKeyRemains        **remains,
                                    GError              **error);
/* Puts a key back; never over one that is there. When its time is over by now, it stays away. */
void     cb_key_restore_async      (CbConnection         *connection,
                                    const CbKeyRemains   *remains,
                                    GCancellable         *cancellable,
                                    GAsyncReadyCallback   callback,
                                    gpointer              user_data);
gboolean cb_key_restore_finish     (CbConnection         *connection,
                                    GAsyncResult         *result,
                                    GError              **error);

/* A time to live as a person writes it: 90s, 1500ms, 5m, 2h, 7d, 12w; without a unit, seconds. */
gboolean cb_key_parse_ttl          (const char           *text,
                                    gint64               *msec,
                                    GError              **error);

G_END_DECLS
