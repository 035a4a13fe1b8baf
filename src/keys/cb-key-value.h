/* cb-key-value.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-connection.h"
#include "cb-key-error.h"

G_BEGIN_DECLS

/* What a key is. */
typedef struct
{
  char *type;      /* (owned) "none" when there is none */
  char *encoding;  /* (owned) how the server keeps it; "" unknown */
  gint64 ttl_msec; /* -1 for ever */
  gint64 size;     /* elements; of a string bytes; of a type that is not known here those of its DUMP; -1 unknown */
  gint64 memory;   /* bytes on the server, by samples of it; -1 unknown */
} CbKeyInfo;

void         cb_key_info_free       (CbKeyInfo            *self);
void         cb_key_inspect_async   (CbConnection         *connection,
                                     GBytes               *key,
                                     GCancellable         *cancellable,
                                     GAsyncReadyCallback   callback,
                                     gpointer              user_data);
CbKeyInfo   *cb_key_inspect_finish  (CbConnection         *connection,
                                     GAsyncResult         *result,
                                     GError              **error);

/* A document of the JSON type comes whole: one that takes more memory on the server is not shown. */
#define CB_KEY_MOST_DOCUMENT (64 * 1024 * 1024)

/* Whether values of a type can be shown, by cb_key_page_async(). */
gboolean     cb_key_type_is_known   (const char           *type);

/* One element of a value. */
typedef struct
{
  GBytes *name;      /* (owned) field, member, index in decimal, id of an entry, offset in a string */
  GBytes *value;     /* (owned) (nullable) of a field, an index or a string; of a member its score as the server tells it */
  GPtrArray *fields; /* (owned) (nullable) (element-type GBytes) of an entry: name, value, name, value… */
} CbKeyElement;

/* A part of a value. */
typedef struct
{
  GPtrArray *elements; /* (owned) (element-type CbKeyElement) may be empty, also when more follows */
  char *next;          /* (owned) (nullable) where the next part begins; NULL at the end */
  gint64 ttl_msec;     /* of the key when this was read; -1 for ever */
} CbKeyPage;

void         cb_key_page_free       (CbKeyPage            *self);
/* @from: NULL for the beginning, then what the page before says. @filter: (nullable): a pattern for the names of fields
 * and members. @count: elements (of a string, bytes), 0 for 100 (64 KiB). */
void         cb_key_page_async      (CbConnection         *connection,
                                     GBytes               *key,
                                     const char           *type,
                                     const char           *from,
                                     GBytes               *filter,
                                     guint                 count,
                                     GCancellable         *cancellable,
                                     GAsyncReadyCallback   callback,
                                     gpointer              user_data);
CbKeyPage   *cb_key_page_finish     (CbConnection         *connection,
                                     GAsyncResult         *result,
                                     GError              **error);

/* One element as it is now: the value of a field or an index, the first @most bytes of a string, the score of a member, a member
 * itself. NULL without an error when there is none such. */
void         cb_key_element_async   (CbConnection         *connection,
                                     GBytes               *key,
                                     const char           *type,
                                     GBytes               *name,
                                     guint                 most,
                                     GCancellable         *cancellable,
                                     GAsyncReadyCallback   callback,
                                     gpointer              user_data);
GBytes      *cb_key_element_finish  (CbConnection         *connection,
                                     GAsyncResult         *result,
                                     GError              **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbKeyInfo, cb_key_info_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbKeyPage, cb_key_page_free)

G_END_DECLS
