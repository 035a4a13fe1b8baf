/* fuzz-console.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "cb-console-line.h"
#include "cb-resp.h"
#include "fuzz.h"

/* Whatever is typed: words that come back from the line made of them, or a sentence and a place in the line. */
static void
split (const guint8 *data, gsize size)
{
  g_autofree char *line = g_strndup ((const char *) data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) words = NULL;
  g_autoptr (GPtrArray) again = NULL;
  g_autofree char *joined = NULL;
  g_autofree char *masked = NULL;
  gsize at = G_MAXSIZE;

  words = cb_console_line_split (line, &at, &error);
  g_assert_true ((words == NULL) == (error != NULL));
  if (words == NULL)
    {
      g_assert_cmpuint (at, <, strlen (line));
      g_assert_true (line[at] == '"' || line[at] == '\'');
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      return;
    }

  joined = cb_console_line_join (words);
  masked = cb_console_line_join_masked (words);
  g_assert_true (g_utf8_validate (joined, -1, NULL));
  g_assert_null (strpbrk (joined, "\r\n"));
  g_assert_cmpint (cb_console_line_has_secret (words), ==, strcmp (joined, masked) != 0);
  again = cb_console_line_split (joined, NULL, NULL);
  g_assert_nonnull (again);
  g_assert_cmpuint (again->len, ==, words->len);
  for (guint i = 0; i < words->len; i++)
    g_assert_true (g_bytes_equal (g_ptr_array_index (words, i), g_ptr_array_index (again, i)));
}

/* Whatever a server sends, in one piece or byte by byte: the same, and within the limits. */
static void
reply (const guint8 *data, gsize size)
{
  g_autoptr (CbRespReader) whole = cb_resp_reader_new ();
  g_autoptr (CbRespReader) bytewise = cb_resp_reader_new ();
  g_autofree char *copy = size > 0 ? g_memdup2 (data, size) : g_strdup ("");
  gboolean good, good_bytewise = TRUE;

  cb_resp_reader_set_limits (whole, 1000, 50);
  cb_resp_reader_set_limits (bytewise, 1000, 50);
  good = cb_resp_reader_feed (whole, copy, size, NULL);
  for (gsize i = 0; i < size && good_bytewise; i++)
    good_bytewise = cb_resp_reader_feed (bytewise, copy + i, 1, NULL);
  g_assert_cmpint (good, ==, good_bytewise);
  for (;;)
    {
      g_autoptr (CbResp) one = cb_resp_reader_take (whole);
      g_autoptr (CbResp) other = cb_resp_reader_take (bytewise);
      g_autofree char *text = NULL;
      g_autofree char *other_text = NULL;
      g_autofree char *line = NULL;

      g_assert_true ((one == NULL) == (other == NULL));
      if (one == NULL)
        break;
      text = cb_resp_to_text (one, 2000);
      other_text = cb_resp_to_text (other, 2000);
      line = cb_resp_to_line (one, 2000);
      g_assert_cmpstr (text, ==, other_text);
      g_assert_true (g_utf8_validate (text, -1, NULL));
      g_assert_true (g_utf8_validate (line, -1, NULL));
      g_assert_null (strchr (line, '\n'));
      g_assert_cmpuint (cb_resp_get_n_elements (one), <=, 51);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  split (data, size);
  reply (data, size);
  return 0;
}

const char * const fuzz_seeds[] = {
  "SET key \"two words\\x00\\n\" 'single \\' quoted'",
  "AUTH user pass", "HELLO 3 AUTH a b", "CONFIG SET requirepass x", "foo\"bar\" 'a'b \"open",
  "*2\r\n$3\r\nfoo\r\n:12\r\n+OK\r\n-ERR x\r\n$-1\r\n*-1\r\n",
  "%2\r\n+a\r\n#t\r\n+b\r\n,1.5\r\n~1\r\n(123\r\n>1\r\n_\r\n",
  "|1\r\n+k\r\n+v\r\n=7\r\ntxt:abc\r\n!5\r\nERR x\r\n",
  "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n$0\r\n\r\n",
  NULL
};
