/* fuzz-json.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "cb-json.h"
#include "fuzz.h"

/* Whatever bytes a job holds: no crash, no byte beyond the end read, and what is said about them fits together. */
int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  /* A copy of the exact size, so that a sanitizer sees every byte too many. */
  g_autofree char *text = size > 0 ? g_memdup2 (data, size) : g_strdup ("");
  g_autofree char *excerpt = cb_json_excerpt (text, size, 40);
  g_autofree char *shown = cb_text_display (text, size, FALSE);
  g_autofree char *line = cb_text_display (text, size, TRUE);
  g_autofree char *member = cb_json_dup_member_text (text, size, "a");
  g_autoptr (GPtrArray) elements = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *written = NULL;
  gboolean good = cb_json_check (text, size, &error);

  g_assert_true (good == (error == NULL));
  g_assert_true (g_utf8_validate (excerpt, -1, NULL));
  g_assert_cmpint (g_utf8_strlen (excerpt, -1), <=, 40);
  g_assert_null (strchr (excerpt, '\n'));
  g_assert_true (g_utf8_validate (shown, -1, NULL));
  g_assert_true (g_utf8_validate (line, -1, NULL));
  g_assert_true (member == NULL || good);

  elements = cb_json_split_array (text, size, NULL);
  g_assert_true (elements == NULL || good);
  node = cb_json_parse (text, size, NULL);
  g_assert_true (node == NULL || good);

  cb_json_writer_raw (writer, text, size);
  written = cb_json_writer_steal (writer);
  g_assert_true (cb_json_check (written, -1, NULL));

  if (good)
    {
      g_autofree char *pretty = cb_json_pretty (text, size);
      g_autofree char *compact = cb_json_compact (text, size);
      g_autofree char *again = cb_json_compact (pretty, -1);

      g_assert_true (cb_json_check (pretty, -1, NULL));
      g_assert_cmpstr (compact, ==, again);
      g_assert_cmpstr (compact, ==, written);
    }

  return 0;
}

const char * const fuzz_seeds[] = {
  "{\"phoneNumber\":\"4153518780\",\"message\":\"This is the code 1234 to verify your account\"}",
  "{\"a\":1,\"a\":2,\"b\":[1,[2,{\"c\":null}]],\"d\":-1.5e+7}",
  "\"\\ud83c\\udfad \\ud83d alone \\u0000 \\n \xf0\x9f\x8e\xad\"",
  "[[[[[[[[[[]]]]]]]]]]",
  " [ true , false , null , 0 , {} , [] ] ",
  "{'title': 'python'}",
  "{\"title\":\"cut off\",\"to\":\"ada@exam",
  "123456789012345678901234567890",
  NULL
};
