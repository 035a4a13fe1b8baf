/* cb-test-json.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* The value of a text that has to be JSON. Half of a surrogate pair, which JSON allows, which JavaScript writes and which is
 * passed on as it is stored, is taken for U+FFFD: json-glib has refused it since 1.10, and made something of its own of it before.
 */
JsonNode *cb_test_json_parse (const char  *text,
                              GError     **error);

G_END_DECLS
