/* cb-json-scanner.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  CB_JSON_BEGIN_OBJECT,
  CB_JSON_END_OBJECT,
  CB_JSON_BEGIN_ARRAY,
  CB_JSON_END_ARRAY,
  CB_JSON_NAME,            /* of a member; its value comes next */
  CB_JSON_STRING,
  CB_JSON_NUMBER,
  CB_JSON_TRUE,
  CB_JSON_FALSE,
  CB_JSON_NULL,
  CB_JSON_END,             /* the one value is over, and nothing but white space follows */
  CB_JSON_BROKEN,          /* see problem and problem_at */
} CbJsonEvent;

/*
 * A pull parser over text that stays where it is: each call of cb_json_scanner_next() gives the next event and points at
 * its bytes (a string with its quotes). It keeps one bit a level, so depth costs next to nothing and no stack.
 */
typedef struct
{
  const char *text;
  const char *end;
  const char *at;          /* behind the last event */

  const char *token;       /* bytes of the last event */
  gsize       length;
  gsize       depth;       /* levels open behind the last event */

  const char *problem;     /* static text, continues "Line 1, column 2: " */
  const char *problem_at;

  /*< private >*/
  guint       expecting;
  GByteArray *levels;      /* (owned) (nullable) one bit a level, set: an object */
} CbJsonScanner;

void        cb_json_scanner_init     (CbJsonScanner  *self,
                                      const char     *text,
                                      gssize          length);
void        cb_json_scanner_clear    (CbJsonScanner  *self);
CbJsonEvent cb_json_scanner_next     (CbJsonScanner  *self);
/* Behind BEGIN_…: goes on to the end of that value; FALSE when it is broken. */
gboolean    cb_json_scanner_skip     (CbJsonScanner  *self);
/* CB_QUEUE_ERROR_INVALID with line and column, after CB_JSON_BROKEN. */
void        cb_json_scanner_set_error (CbJsonScanner *self,
                                       GError       **error);

/* What a scanned string with its quotes says, at most @max_bytes of it: valid UTF-8; what no text can hold (a lone surrogate,
 * NUL) is U+FFFD. @cut (nullable): whether there was more. */
char       *cb_json_decode_string    (const char     *token,
                                      gsize           length,
                                      gsize           max_bytes,
                                      gboolean       *cut);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CbJsonScanner, cb_json_scanner_clear)

G_END_DECLS
