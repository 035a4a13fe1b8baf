/* cb-reply.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

typedef enum
{
  CB_VALUE_NIL,
  CB_VALUE_STATUS,
  CB_VALUE_STRING,
  CB_VALUE_INTEGER,
  CB_VALUE_ERROR,
  CB_VALUE_ARRAY,
} CbValueKind;

/**
 * CbReply:
 *
 * One reply of a server, immutable and counted. It is what hiredis parsed, taken over without a copy, and
 * outlives the callback it came in.
 *
 * CbValue:
 *
 * A node of a reply: the whole of it or an element of an array. Borrowed from its #CbReply. All functions
 * take %NULL as nil, so that a missing element needs no check.
 */
typedef struct _CbReply CbReply;
typedef struct _CbValue CbValue;

#define CB_TYPE_REPLY (cb_reply_get_type ())

GType          cb_reply_get_type       (void) G_GNUC_CONST;

CbReply       *cb_reply_new_take       (gpointer        hiredis_reply);
CbReply       *cb_reply_new_strings    (const char * const *strings,
                                        const gsize    *lengths,
                                        guint           n_strings);
CbReply       *cb_reply_new_from_resp  (const char     *resp,
                                        gssize          length,
                                        GError        **error);
CbReply       *cb_reply_ref            (CbReply        *self);
void           cb_reply_unref          (CbReply        *self);
const CbValue *cb_reply_get_value      (CbReply        *self);
gsize          cb_reply_get_size       (CbReply        *self);  /* bytes of payload, for meters */

CbValueKind    cb_value_get_kind       (const CbValue  *self);
gboolean       cb_value_is_nil         (const CbValue  *self);
gboolean       cb_value_is_error       (const CbValue  *self);
gboolean       cb_value_is_array       (const CbValue  *self);

/* Strings, statuses and errors: bytes with a length, and always a NUL behind them. NULL for other kinds. */
const char    *cb_value_get_string     (const CbValue  *self,
                                        gsize          *length);
GBytes        *cb_value_dup_bytes      (const CbValue  *self);  /* nullable */
gboolean       cb_value_equal_string   (const CbValue  *self,
                                        const char     *string);

/* Integers, and strings that are decimal integers; FALSE for everything else. Independent of the locale. */
gboolean       cb_value_get_integer    (const CbValue  *self,
                                        gint64         *integer);
gboolean       cb_value_get_double     (const CbValue  *self,
                                        double         *number);

/* Arrays: 0 elements for other kinds. */
guint          cb_value_get_length     (const CbValue  *self);
const CbValue *cb_value_get_element    (const CbValue  *self,
                                        guint           index);
/* The value behind a field of [field, value, field, value…] (HGETALL); NULL when it is not there. */
const CbValue *cb_value_get_field      (const CbValue  *self,
                                        const char     *field);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbReply, cb_reply_unref)

G_END_DECLS
