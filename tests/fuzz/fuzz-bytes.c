/* fuzz-bytes.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "cb-bytes.h"
#include "fuzz.h"

#define MOST (1024 * 1024)

/* Whatever bytes a value is: each way to look at it shows valid text within its bound or says why not, what was guessed
 * works, and what is not changed comes back to the last byte. */
int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  static const char * const views[] = {
    "text", "json", "msgpack", "number", "date", "hex", "gzip/text", "gzip/hex", "zlib/json", "base64/hex", "base64/gzip/hex",
    "base64/base64/base64/base64/msgpack",
  };
  /* A copy of the exact size, so that a sanitizer sees every byte too many. */
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autofree char *reason = NULL;
  g_autofree char *guessed = NULL;
  g_autofree char *way = NULL;
  CbBytesView guess;

  cb_bytes_guess (bytes, &guess, &reason);
  g_assert_true (g_utf8_validate (reason, -1, NULL));
  guessed = cb_bytes_decode (&guess, bytes, 0, NULL);
  g_assert_nonnull (guessed);
  way = cb_bytes_view_to_string (&guess);

  for (gsize i = 0; i <= G_N_ELEMENTS (views); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GError) again_error = NULL;
      g_autofree char *text = NULL;
      g_autoptr (GBytes) again = NULL;
      g_autoptr (GBytes) anew = NULL;
      CbBytesView view;

      g_assert_true (cb_bytes_view_parse (i < G_N_ELEMENTS (views) ? views[i] : way, &view, NULL));
      text = cb_bytes_decode (&view, bytes, MOST, &error);
      g_assert_true ((text == NULL) == (error != NULL));
      if (text == NULL)
        continue;
      g_assert_true (g_utf8_validate (text, -1, NULL));
      g_assert_cmpuint (strlen (text), <=, MOST);
      again = cb_bytes_encode (&view, text, bytes, &again_error);
      g_assert_no_error (again_error);
      g_assert_true (g_bytes_equal (again, bytes));

      /* Without knowing what it was: it may be packed otherwise, but shows the same. */
      anew = cb_bytes_encode (&view, text, NULL, NULL);
      if (anew != NULL && view.form != CB_BYTES_DATE)
        {
          g_autofree char *shown = cb_bytes_decode (&view, anew, 0, NULL);

          g_assert_cmpstr (shown, ==, text);
        }
    }
  return 0;
}

const char * const fuzz_seeds[] = {
  "plain text",
  "{\"a\":1.0,\"b\":[true,null,\"\\u00e9\"]}",
  "1700000000", "1700000000123", "1700000000123456", "-12.5e3",
  "eyJhIjoxLCJiIjpbMSwyXX0=", "eyJhIjoxLCJiIjpbMSwyXX0", "_-_-AbCdEfGhIjKl1234", "TWFuIGlzIGRpc3Rpbmd1aXNoZWQ=",
  "\x82\xa1" "a\x01\xa1" "b\x93\xc0\xc3\xcb\x3f\xf8",
  "\xde\xff\xff\xa1" "a", "\xdd\xff\xff\xff\xff", "\xc9\xff\xff\xff\xff\x01",
  "\x91\x91\x91\x91\x91\x91\x81\xa1" "a\x81\x01\x01",
  "\x1f\x8b\x08", "\x78\x9c\x4b\x4c\x04\x02", "\xff\xfe\xfd",
  NULL
};
