/* cb-json.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/*
 * JSON that is looked at but never written back reformatted: a number of 30 digits keeps its digits, members keep
 * their order. Checking and formatting work on the text itself, without recursion, so that 200,000 brackets are
 * only a long text. Only what programs read out of it goes through json-glib, and only to a stated depth.
 */
#define CB_JSON_MAX_DEPTH 256

/* TRUE when @text is one JSON value in valid UTF-8. Else a sentence with line and column (CB_QUEUE_ERROR_INVALID). */
gboolean   cb_json_check             (const char *text, gssize length, GError **error);
/* Two-space indented; only white space differs from @text. @text must have been checked. */
char      *cb_json_pretty            (const char *text, gssize length);
/* Without white space outside of strings. @text must have been checked. */
char      *cb_json_compact           (const char *text, gssize length);
/* Into json-glib's tree; refuses what is deeper than CB_JSON_MAX_DEPTH. */
JsonNode  *cb_json_parse             (const char *text, gssize length, GError **error);
/* The elements of an array, each with the bytes it had. CB_QUEUE_ERROR_INVALID when it is no JSON, or no array. */
GPtrArray *cb_json_split_array       (const char *text, gssize length, GError **error);   /* of GBytes */
/* The bytes of a member of an object as they stand, of a repeated name the last; NULL when there is none such. */
GBytes    *cb_json_dup_member        (const char *text, gssize length, const char *member);
/* The text of a member of an object that is a string or a number (its digits); NULL when there is none such. */
char      *cb_json_dup_member_text   (const char *text, gssize length, const char *member);
/* One line for a list: strings first seen, members as `name: value`, at most @max_chars characters, valid UTF-8,
 * control characters visible. Works on anything, also on bytes that are no JSON. Costs no more than what it shows. */
char      *cb_json_excerpt           (const char *text, gsize length, guint max_chars);
/* Text for people from any bytes: valid UTF-8, control characters (but newline and tab) and bad bytes as \xNN. */
char      *cb_text_display           (const char *text, gssize length, gboolean one_line);

/* Writes JSON, by the program's own hand so that raw values can be put in as they are. */
typedef struct _CbJsonWriter CbJsonWriter;

CbJsonWriter *cb_json_writer_new          (void);
void          cb_json_writer_free         (CbJsonWriter *self);
void          cb_json_writer_begin_object (CbJsonWriter *self);
void          cb_json_writer_end_object   (CbJsonWriter *self);
void          cb_json_writer_begin_array  (CbJsonWriter *self);
void          cb_json_writer_end_array    (CbJsonWriter *self);
void          cb_json_writer_name         (CbJsonWriter *self, const char *name);
/* As JSON.stringify writes strings. Bytes that are no UTF-8 become an object {"base64": "…"}. */
void          cb_json_writer_string       (CbJsonWriter *self, const char *text, gssize length);
void          cb_json_writer_int          (CbJsonWriter *self, gint64 number);
void          cb_json_writer_double       (CbJsonWriter *self, double number);
void          cb_json_writer_boolean      (CbJsonWriter *self, gboolean value);
void          cb_json_writer_null         (CbJsonWriter *self);
/* Spliced in as it is, when it is JSON (white space outside of strings taken out); else as a string. */
void          cb_json_writer_raw          (CbJsonWriter *self, const char *text, gssize length);
/* The text so far; the writer starts anew. */
char         *cb_json_writer_steal        (CbJsonWriter *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbJsonWriter, cb_json_writer_free)

G_END_DECLS
