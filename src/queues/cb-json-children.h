/* cb-json-children.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-json-scanner.h"

G_BEGIN_DECLS

/* A value and where it stands in a text that stays as it is: nothing of it is turned into a number or a string. */
typedef struct
{
  CbJsonEvent type;          /* BEGIN_OBJECT, BEGIN_ARRAY, STRING, NUMBER, TRUE, FALSE or NULL */
  gsize       name_at;       /* of a member: its name, with the quotes */
  gsize       name_length;   /* 0: it is no member */
  gsize       at;
  gsize       length;
  gsize       index;         /* in what it is in */
  gsize       n_children;
  gboolean    is_repeated;   /* a member of this name stands before it */
} CbJsonChild;

/* The one value of a text. FALSE with CB_QUEUE_ERROR_INVALID where it is no JSON. */
gboolean cb_json_find_value    (const char        *text,
                                gsize              length,
                                CbJsonChild       *value,
                                GError           **error);
/* What is directly in @value of @text, which cb_json_find_value() has found to be JSON: from number @first on, at most @most.
 * (transfer full) (element-type CbJsonChild) */
GArray  *cb_json_find_children (const char        *text,
                                const CbJsonChild *value,
                                gsize              first,
                                gsize              most);

G_END_DECLS
