/* cb-resp.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

typedef enum
{
  CB_RESP_NULL,
  CB_RESP_STATUS,
  CB_RESP_ERROR,
  CB_RESP_INTEGER,
  CB_RESP_STRING,
  CB_RESP_ARRAY,
  CB_RESP_BOOLEAN,
  CB_RESP_DOUBLE,
  CB_RESP_BIG_NUMBER,
  CB_RESP_VERBATIM,
  CB_RESP_MAP,
  CB_RESP_SET,
  CB_RESP_PUSH,
  CB_RESP_ATTRIBUTE,
} CbRespKind;

/**
 * CbResp:
 *
 * A reply as the server sent it, in the second or third version of its protocol: a tree, immutable and counted. Unlike a
 * #CbReply it tells all types of the third version, whatever hiredis there is, any depth up to a bound, and holds no more than a
 * bounded part of a reply of any size: the length and number of elements are told as they were.
 */
typedef struct _CbResp CbResp;

#define CB_TYPE_RESP (cb_resp_get_type ())
GType       cb_resp_get_type       (void) G_GNUC_CONST;

CbResp     *cb_resp_ref            (CbResp       *self);
void        cb_resp_unref          (CbResp       *self);
CbRespKind  cb_resp_get_kind       (CbResp       *self);
gboolean    cb_resp_is_aggregate   (CbResp       *self);
/* The text of all that is no aggregate, with a NUL behind it; what is kept of it. */
const char *cb_resp_get_bytes      (CbResp       *self,
                                    gsize        *length);
guint64     cb_resp_get_length     (CbResp       *self);  /* bytes, or elements (twice the pairs of a map), as sent */
guint       cb_resp_get_n_elements (CbResp       *self);  /* that are kept */
CbResp     *cb_resp_get_element    (CbResp       *self,
                                    guint         index);
CbResp     *cb_resp_get_attributes (CbResp       *self);  /* nullable */
gsize       cb_resp_get_size       (CbResp       *self);  /* bytes kept in all, with what it takes to keep them */
gboolean    cb_resp_equal_string   (CbResp       *self,
                                    const char   *string);
gboolean    cb_resp_get_integer    (CbResp       *self,
                                    gint64       *integer);
CbResp     *cb_resp_get_field      (CbResp       *self,
                                    const char   *field);
/* As redis-cli prints it, at most about @most bytes. */
char       *cb_resp_to_text        (CbResp       *self,
                                    gsize         most);
/* In one line of at most about @most bytes. */
char       *cb_resp_to_line        (CbResp       *self,
                                    gsize         most);

typedef struct _CbRespReader CbRespReader;

CbRespReader *cb_resp_reader_new   (void);
void          cb_resp_reader_free  (CbRespReader *self);
/* Sets how much of one reply is kept. */
void          cb_resp_reader_set_limits (CbRespReader *self,
                                    gsize         most_bytes,
                                    guint         most_nodes);
/* What came. The replies that it completes are to be taken. */
gboolean      cb_resp_reader_feed  (CbRespReader *self,
                                    const char   *data,
                                    gsize         length,
                                    GError      **error);
CbResp       *cb_resp_reader_take  (CbRespReader *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbResp, cb_resp_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbRespReader, cb_resp_reader_free)

G_END_DECLS
