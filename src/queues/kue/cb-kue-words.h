/* cb-kue-words.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The words of a text as Kue's search index knows them: each code once, in the order of the text. */
GStrv cb_kue_words_encode (const char *text);
/* How often each word of a text occurs, by its code, into @codes (utf8 → guint), as the index keeps it. */
void  cb_kue_words_count  (const char *text,
                           gsize       length,
                           GHashTable *codes);

G_END_DECLS
