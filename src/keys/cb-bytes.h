/* cb-bytes.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

#include "cb-key-error.h"

G_BEGIN_DECLS

/*
 * How bytes are looked at: wrappings that are taken off first (gzip, zlib, Base64), and what the bytes within them are
 * shown as. What is shown is valid UTF-8 and never has a replacement character for something else: bytes that are not
 * of the form are an error, and hex is right for all.
 *
 * What is encoded again without a change is the bytes it was, to the last one, however they were written.
 */
typedef enum
{
  CB_BYTES_TEXT,        /* UTF-8 without NUL */
  CB_BYTES_JSON,        /* indented; order and digits as they are */
  CB_BYTES_MESSAGEPACK, /* shown as JSON; what is not changed of it keeps its bytes */
  CB_BYTES_NUMBER,      /* decimal text */
  CB_BYTES_DATE,        /* decimal text: s, ms or µs since 1970, shown as a date in UTC */
  CB_BYTES_HEX,
} CbBytesForm;

typedef enum
{
  CB_BYTES_GZIP,
  CB_BYTES_ZLIB,
  CB_BYTES_BASE64,
} CbBytesWrapping;

#define CB_BYTES_MOST_WRAPPINGS 4
/* What is taken out of a wrapping, or shown, unless another bound is given. */
#define CB_BYTES_MOST (64 * 1024 * 1024)

typedef struct
{
  CbBytesWrapping wrappings[CB_BYTES_MOST_WRAPPINGS]; /* the outermost first */
  guint n_wrappings;
  CbBytesForm form;
} CbBytesView;

/* "json", "gzip/json", "base64/gzip/text". */
char       *cb_bytes_view_to_string (const CbBytesView  *view);
gboolean    cb_bytes_view_parse     (const char         *text,
                                     CbBytesView        *view,
                                     GError            **error);

/* Guesses; @reason (out, transfer full): in one sentence why. Costs no more than looking at the first MiB. */
void        cb_bytes_guess          (GBytes             *bytes,
                                     CbBytesView        *view,
                                     char              **reason);
/* The text that shows the bytes. @most: bytes of it and of what is unpacked, 0 for CB_BYTES_MOST. */
char       *cb_bytes_decode         (const CbBytesView  *view,
                                     GBytes             *bytes,
                                     gsize               most,
                                     GError            **error);
/* The way back. @original: (nullable) what it was, which decides how it is written, and is returned when the text shows
 * the same. */
GBytes     *cb_bytes_encode         (const CbBytesView  *view,
                                     const char         *text,
                                     GBytes             *original,
                                     GError            **error);

GBytes     *cb_bytes_unwrap         (CbBytesWrapping     wrapping,
                                     GBytes             *bytes,
                                     gsize               most,
                                     GError            **error);
GBytes     *cb_bytes_wrap           (CbBytesWrapping     wrapping,
                                     GBytes             *bytes,
                                     GBytes             *original,
                                     GError            **error);

/* One value of MessagePack, the whole of the bytes, as JSON. What JSON has not is written as an object with one member:
 * {"$bin":"BASE64"}, {"$str":"BASE64"} for a string that is no text, {"$ext":[TYPE,"BASE64"]}, {"$float":"nan"}, {"$map":[[KEY,VALUE],…]} for keys that are no text. */
char       *cb_bytes_show_messagepack (GBytes           *bytes,
                                       gsize             most,
                                       GError          **error);
/* The way back. @original: (nullable) what it was: each part that shows the same as before keeps its bytes. */
GBytes     *cb_bytes_read_messagepack (const char       *text,
                                       GBytes           *original,
                                       GError          **error);

G_END_DECLS
