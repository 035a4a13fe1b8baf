/* cb-form-memory.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-bytes.h"

G_BEGIN_DECLS

/*
 * How a person chose to look at bytes, kept in the settings by a pattern of where they were: what was chosen for
 * session:17 is how session:18 is shown, too.
 */

/* @name in which all that counts (digits, ids in hexadecimal digits) is *, and @part (nullable), a field of it. */
char     *cb_form_memory_pattern  (GBytes            *name,
                                   GBytes            *part);
/* FALSE when nothing was chosen for @pattern. */
gboolean  cb_form_memory_look_up  (const char        *pattern,
                                   CbBytesView       *view);
/* @view NULL: it is guessed again from now on. */
void      cb_form_memory_remember (const char        *pattern,
                                   const CbBytesView *view);

G_END_DECLS
