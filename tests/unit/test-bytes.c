/* test-bytes.c: ways to look at bytes
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gio/gio.h>
#include <string.h>

#include "cb-bytes.h"

#define bytes_of(literal) g_bytes_new (literal, sizeof literal - 1)

/* {"a":1}, packed by Python's gzip and zlib. */
#define GZIPPED "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\x56\x4a\x54\xb2\x32\xac\x05\x00\xaf\xac\x1b\x56\x07\x00\x00\x00"
#define ZLIBBED "\x78\x9c\xab\x56\x4a\x54\xb2\x32\xac\x05\x00\x08\x2a\x02\x09"
#define GZIPPED_BASE64 "H4sIAAAAAAACA6tWSlSyMqwFAK+sG1YHAAAA"

typedef struct
{
  const char *bytes;
  gsize length;
  const char *view;
  const char *text;
} Case;

#define CASE(bytes, view, text) { bytes, sizeof bytes - 1, view, text }

static void
test_guess (void)
{
  static const Case cases[] = {
    CASE ("", "text", ""),
    CASE ("hello", "text", "hello"),
    CASE ("two\r\nlines\n", "text", "two\r\nlines\n"),
    CASE ("caf\xc3\xa9", "text", "café"),
    CASE (" {\"b\" : 1.0, \"a\":12345678901234567890123}  ", "json",
          "{\n  \"b\": 1.0,\n  \"a\": 12345678901234567890123\n}"),
    CASE ("{broken", "text", "{broken"),
    CASE ("42", "number", "42"),
    CASE ("-1.5e3", "number", "-1.5e3"),
    CASE ("0x1F", "text", "0x1F"),
    CASE ("nan", "text", "nan"),
    CASE ("1447852714", "date", "2015-11-18T13:18:34Z"),
    CASE ("1447852714123", "date", "2015-11-18T13:18:34.123Z"),
    CASE ("1447852714000042", "date", "2015-11-18T13:18:34.000042Z"),
    CASE ("18446744073709551615", "number", "18446744073709551615"),
    CASE ("\x00", "hex", "00"),
    CASE ("a\x00z", "hex", "61 00 7a"),
    CASE ("\xff\xfe", "hex", "ff fe"),
    CASE ("caf\xc3", "hex", "63 61 66 c3"),
    CASE (GZIPPED, "gzip/json", "{\n  \"a\": 1\n}"),
    CASE (ZLIBBED, "zlib/json", "{\n  \"a\": 1\n}"),
    CASE (GZIPPED_BASE64, "base64/gzip/json", "{\n  \"a\": 1\n}"),
    CASE ("x\x9cno zlib", "hex", "78 9c 6e 6f 20 7a 6c 69 62"),
    CASE ("TWFuIGlzIGRpc3Rpbmd1aXNoZWQ=", "base64/text", "Man is distinguished"),
    CASE ("ThisIsJustOneLongWord", "text", "ThisIsJustOneLongWord"),
    CASE ("\x82\xa1" "a\x01\xa1" "b\x93\xc0\xc3\xcb\x3f\xf8\x00\x00\x00\x00\x00\x00", "msgpack",
          "{\n  \"a\": 1,\n  \"b\": [\n    null,\n    true,\n    1.5\n  ]\n}"),
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new (cases[i].bytes, cases[i].length);
      g_autoptr (GBytes) again = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *reason = NULL;
      g_autofree char *name = NULL;
      g_autofree char *text = NULL;
      CbBytesView view, parsed;

      cb_bytes_guess (bytes, &view, &reason);
      name = cb_bytes_view_to_string (&view);
      g_assert_cmpstr (name, ==, cases[i].view);
      g_assert_true (cb_bytes_view_parse (name, &parsed, &error));
      g_assert_cmpmem (&parsed, sizeof parsed, &view, sizeof view);
      g_assert_true (g_str_has_prefix (reason, "Guessed: "));
      text = cb_bytes_decode (&view, bytes, 0, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (text, ==, cases[i].text);
      again = cb_bytes_encode (&view, text, bytes, &error);
      g_assert_no_error (error);
      g_assert_true (g_bytes_equal (again, bytes));
    }
}

/* By the specification, https://github.com/msgpack/msgpack/blob/master/spec.md */
static void
test_messagepack (void)
{
  static const Case good[] = {
    CASE ("\x00", NULL, "0"), CASE ("\x7f", NULL, "127"), CASE ("\xff", NULL, "-1"), CASE ("\xe0", NULL, "-32"),
    CASE ("\xcc\xff", NULL, "255"), CASE ("\xcd\x01\x00", NULL, "256"), CASE ("\xce\xff\xff\xff\xff", NULL, "4294967295"),
    CASE ("\xcf\xff\xff\xff\xff\xff\xff\xff\xff", NULL, "18446744073709551615"),
    CASE ("\xd0\x80", NULL, "-128"), CASE ("\xd1\x80\x00", NULL, "-32768"), CASE ("\xd2\x80\x00\x00\x00", NULL, "-2147483648"),
    CASE ("\xd3\x80\x00\x00\x00\x00\x00\x00\x00", NULL, "-9223372036854775808"),
    CASE ("\xca\x3f\x80\x00\x00", NULL, "1.0"), CASE ("\xca\x3d\xcc\xcc\xcd", NULL, "0.1"),
    CASE ("\xcb\x3f\xb9\x99\x99\x99\x99\x99\x9a", NULL, "0.1"), CASE ("\xca\x7f\x80\x00\x00", NULL, "{\"$float\":\"inf\"}"),
    CASE ("\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00", NULL, "{\"$float\":\"nan\"}"),
    CASE ("\xa0", NULL, "\"\""), CASE ("\xd9\x01" "x", NULL, "\"x\""), CASE ("\xda\x00\x01\"", NULL, "\"\\\"\""),
    CASE ("\xdb\x00\x00\x00\x01" "y", NULL, "\"y\""), CASE ("\xa1\xff", NULL, "{\"$str\":\"/w==\"}"),
    CASE ("\xc4\x01\xff", NULL, "{\"$bin\":\"/w==\"}"), CASE ("\xc5\x00\x01" "a", NULL, "{\"$bin\":\"YQ==\"}"),
    CASE ("\xd4\x05" "a", NULL, "{\"$ext\":[5,\"YQ==\"]}"), CASE ("\xc7\x01\xff" "a", NULL, "{\"$ext\":[-1,\"YQ==\"]}"),
    CASE ("\xd6\xff\x00\x00\x00\x00", NULL, "{\"$ext\":[-1,\"AAAAAA==\"]}"),
    CASE ("\x90", NULL, "[]"), CASE ("\xdc\x00\x01\xc2", NULL, "[false]"), CASE ("\xdd\x00\x00\x00\x01\xc0", NULL, "[null]"),
    CASE ("\x80", NULL, "{}"), CASE ("\xde\x00\x01\xa1k\x01", NULL, "{\"k\":1}"),
    CASE ("\xdf\x00\x00\x00\x01\xa1k\x01", NULL, "{\"k\":1}"),
    CASE ("\x82\xa1k\x01\xa1k\x02", NULL, "{\"k\":1,\"k\":2}"),
    CASE ("\x82\xa1k\x01\x02\x03", NULL, "{\"$map\":[[\"k\",1],[2,3]]}"),
    CASE ("\x81\xa4$bin\x01", NULL, "{\"$map\":[[\"$bin\",1]]}"),
    CASE ("\x81\x91\x01\x80", NULL, "{\"$map\":[[[1],{}]]}"),
  };
  static const Case bad[] = {
    CASE ("", NULL, NULL), CASE ("\xc1", NULL, NULL), CASE ("\x01\x02", NULL, NULL), CASE ("\xa2" "a", NULL, NULL),
    CASE ("\x91", NULL, NULL), CASE ("\x81\xa1" "a", NULL, NULL), CASE ("\xdd\xff\xff\xff\xff", NULL, NULL),
    CASE ("\xdf\xff\xff\xff\xff", NULL, NULL), CASE ("\xc6\xff\xff\xff\xff" "a", NULL, NULL), CASE ("\xcf\x00", NULL, NULL),
  };

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new (good[i].bytes, good[i].length);
      g_autoptr (GError) error = NULL;
      g_autofree char *text = cb_bytes_show_messagepack (bytes, 0, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (text, ==, good[i].text);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new (bad[i].bytes, bad[i].length);
      g_autoptr (GError) error = NULL;

      g_assert_null (cb_bytes_show_messagepack (bytes, 0, &error));
      g_assert_error (error, CB_KEY_ERROR, CB_KEY_ERROR_INVALID);
    }
}

static GBytes *
encode (const char *view_text, const char *text, GBytes *original, GError **error)
{
  CbBytesView view;

  g_assert_true (cb_bytes_view_parse (view_text, &view, NULL));
  return cb_bytes_encode (&view, text, original, error);
}

/* By the specification: the shortest form of each. */
static void
test_messagepack_write (void)
{
#define S32 "abcdefghijklmnopqrstuvwxyz012345"
  static const Case cases[] = {
    CASE ("\x00", NULL, "0"), CASE ("\x7f", NULL, "127"), CASE ("\xcc\x80", NULL, "128"), CASE ("\xcc\xff", NULL, "255"),
    CASE ("\xcd\x01\x00", NULL, "256"), CASE ("\xcd\xff\xff", NULL, "65535"), CASE ("\xce\x00\x01\x00\x00", NULL, "65536"),
    CASE ("\xcf\x00\x00\x00\x01\x00\x00\x00\x00", NULL, "4294967296"),
    CASE ("\xcf\xff\xff\xff\xff\xff\xff\xff\xff", NULL, "18446744073709551615"),
    CASE ("\xff", NULL, "-1"), CASE ("\xe0", NULL, "-32"), CASE ("\xd0\xdf", NULL, "-33"), CASE ("\xd0\x80", NULL, "-128"),
    CASE ("\xd1\xff\x7f", NULL, "-129"), CASE ("\xd2\xff\xff\x7f\xff", NULL, "-32769"),
    CASE ("\xd3\x80\x00\x00\x00\x00\x00\x00\x00", NULL, "-9223372036854775808"),
    CASE ("\xcb\x3f\xf0\x00\x00\x00\x00\x00\x00", NULL, "1.0"), CASE ("\xcb\x3f\xb9\x99\x99\x99\x99\x99\x9a", NULL, " 1e-1 "),
    CASE ("\xcb\x80\x00\x00\x00\x00\x00\x00\x00", NULL, "-0.0"),
    CASE ("\xcb\x7f\xf0\x00\x00\x00\x00\x00\x00", NULL, "{\"$float\":\"inf\"}"),
    CASE ("\xc0", NULL, "null"), CASE ("\xc2", NULL, "false"), CASE ("\xc3", NULL, "true"),
    CASE ("\xa0", NULL, "\"\""), CASE ("\xa3" "a\0b", NULL, "\"a\\u0000b\""),
    CASE ("\xa6" "\"\\/\n\xc3\xa9", NULL, "\"\\\"\\\\\\/\\n\\u00e9\""),
    CASE ("\xa4\xf0\x9f\x98\x80", NULL, "\"\\ud83d\\ude00\""),
    CASE ("\xd9\x20" S32, NULL, "\"" S32 "\""),
    CASE ("\xa1\xff", NULL, "{\"$str\":\"/w==\"}"), CASE ("\xc4\x01\xff", NULL, "{ \"$bin\": \"/w==\" }"), CASE ("\xc4\x00", NULL, "{\"$bin\":\"\"}"),
    CASE ("\xd4\x05" "a", NULL, "{\"$ext\":[5,\"YQ==\"]}"), CASE ("\xd6\xff\x00\x00\x00\x00", NULL, "{\"$ext\":[-1,\"AAAAAA==\"]}"),
    CASE ("\xc7\x03\x80" "abc", NULL, "{\"$ext\":[-128,\"YWJj\"]}"), CASE ("\xc7\x00\x7f", NULL, "{\"$ext\":[127,\"\"]}"),
    CASE ("\x90", NULL, "[]"), CASE ("\x92\x01\x91\xc0", NULL, "[1,[null]]"),
    CASE ("\xdc\x00\x10" "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", NULL, "[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]"),
    CASE ("\x80", NULL, "{}"), CASE ("\x82\xa1k\x01\xa1k\x02", NULL, "{\"k\":1,\"k\":2}"),
    CASE ("\x82\xa1k\x01\x02\x03", NULL, "{\"$map\":[[\"k\",1],[2,3]]}"), CASE ("\x81\xa4$bin\x01", NULL, "{\"$map\":[[\"$bin\",1]]}"),
  };
  static const char * const bad[] = {
    "18446744073709551616", "-9223372036854775809", "1e999", "\"\\ud800\"", "\"\\udc00\"", "{\"$bin\":1}", "{\"$bin\":\"a\"}", "{\"$ext\":[128,\"\"]}",
    "{\"$ext\":[1]}", "{\"$ext\":5}", "{\"$float\":1}", "{\"$map\":[[1]]}", "{\"$map\":{}}", "", "{\"a\":}", "1 2",
  };
  /* A list in its longest form: 5 as 16 bits, 0.1 in single precision, a text with a length of its own, a map with one more. */
  static const char old[] = "\xdd\x00\x00\x00\x04\xcd\x00\x05\xca\x3d\xcc\xcc\xcd\xd9\x01x\xde\x00\x02\xd9\x01" "a\xcc\x01\xa1" "b\x02";
  static const char * const new_text = "[5, 0.1, \"y\", {\"b\": 3, \"a\": 1}]";
  static const char new[] = "\xdd\x00\x00\x00\x04\xcd\x00\x05\xca\x3d\xcc\xcc\xcd\xa1y\xde\x00\x02\xa1" "b\x03\xd9\x01" "a\xcc\x01";
  static const char single[] = "\x92\xca\x3d\xcc\xcc\xcd\xca\x3d\xcc\xcc\xcd";
  static const char halves[] = "\x92\xca\x3e\x4c\xcc\xcd\xcb\x3f\xb9\x99\x99\x99\x99\x99\xa0"; /* 0.2, 0.10000000000000009 */
  g_autoptr (GBytes) before = g_bytes_new_static (old, sizeof old - 1);
  g_autoptr (GBytes) floats = g_bytes_new_static (single, sizeof single - 1);
  g_autoptr (GBytes) after = NULL;
  g_autoptr (GBytes) singles = NULL;
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GBytes) written = cb_bytes_read_messagepack (cases[i].text, NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpmem (g_bytes_get_data (written, NULL), g_bytes_get_size (written), cases[i].bytes, cases[i].length);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) why = NULL;

      g_assert_null (cb_bytes_read_messagepack (bad[i], NULL, &why));
      g_assert_error (why, CB_KEY_ERROR, CB_KEY_ERROR_INVALID);
    }
  after = cb_bytes_read_messagepack (new_text, before, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (after, NULL), g_bytes_get_size (after), new, sizeof new - 1);
  singles = cb_bytes_read_messagepack ("[0.2, 0.10000000000000009]", floats, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (singles, NULL), g_bytes_get_size (singles), halves, sizeof halves - 1);

  {
    g_autoptr (GString) deep = g_string_new (NULL);
    g_autoptr (GError) why = NULL;

    for (guint i = 0; i < 100000; i++)
      g_string_append_c (deep, '[');
    for (guint i = 0; i < 100000; i++)
      g_string_append_c (deep, ']');
    g_assert_null (cb_bytes_read_messagepack (deep->str, NULL, &why));
    g_assert_error (why, CB_KEY_ERROR, CB_KEY_ERROR_TOO_LARGE);
  }
}

/* Changed, it is written as it was written before. */
static void
test_encode (void)
{
  static const struct { const char *view, *original, *text, *written; } cases[] = {
    { "json", "{\"b\":1,\"a\":2}", "{\n  \"b\": 1,\n  \"a\": 3.0\n}", "{\"b\":1,\"a\":3.0}" },
    { "json", "{ \"b\": 1 }", "{ \"b\": 2 }", "{ \"b\": 2 }" },
    { "hex", "ab", "61 62\n63", "abc" },
    { "hex", "ab", "6162", "ab" },
    { "base64/text", "TWFu", "Women", "V29tZW4=" },
    { "base64/text", "V29tZW4", "Women!", "V29tZW4h" },
    { "base64/hex", "_-8", "ff e0", "_-A" },
    { "date", "1447852714", "2015-11-18T14:18:35+01:00", "1447852715" },
    { "date", "1447852714123", "2015-11-18T13:18:34.5Z", "1447852714500" },
    { "number", "1", "2.50", "2.50" },
    { "text", "a", "b\n", "b\n" },
  };
  static const struct { const char *view, *text; } bad[] = {
    { "json", "{" }, { "hex", "6" }, { "hex", "6 1" }, { "hex", "zz" }, { "date", "yesterday" }, { "number", "1,5" },
    { "msgpack", "{" }, { "msgpack", "[1" },
  };
  g_autoptr (GBytes) packed = bytes_of (GZIPPED);
  g_autoptr (GBytes) changed = encode ("gzip/json", "{\"a\": 2}", packed, NULL);
  g_autofree char *shown = NULL;
  CbBytesView view;

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GBytes) original = g_bytes_new (cases[i].original, strlen (cases[i].original));
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) written = encode (cases[i].view, cases[i].text, original, &error);

      g_assert_no_error (error);
      g_assert_cmpmem (g_bytes_get_data (written, NULL), g_bytes_get_size (written), cases[i].written,
                       strlen (cases[i].written));
    }
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (encode (bad[i].view, bad[i].text, NULL, &error));
      g_assert_error (error, CB_KEY_ERROR, CB_KEY_ERROR_INVALID);
    }
  cb_bytes_view_parse ("gzip/text", &view, NULL);
  shown = cb_bytes_decode (&view, changed, 0, NULL);
  g_assert_cmpstr (shown, ==, "{\"a\":2}");

  {
    static const char * const views[] = { "", "jsn", "gzip", "json/gzip", "gzip/", "text/text",
                                          "gzip/gzip/gzip/gzip/gzip/text" };

    for (gsize i = 0; i < G_N_ELEMENTS (views); i++)
      g_assert_false (cb_bytes_view_parse (views[i], &view, NULL));
  }
}

/* 100 MB of zeros in 100 kB, lists in lists, something behind the end, cut off. */
static void
test_bombs (void)
{
  g_autoptr (GConverter) compressor = G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_ZLIB, 9));
  g_autofree guchar *zeros = g_malloc0 (100 * 1000 * 1000);
  g_autofree guchar *packed = g_malloc (1000 * 1000);
  g_autofree guchar *nested = g_malloc (1000 * 1000);
  g_autofree guchar *deep = g_malloc (1000 * 1000);
  g_autoptr (GBytes) bomb = NULL;
  g_autoptr (GBytes) lists = NULL;
  g_autoptr (GBytes) wide = NULL;
  g_autoptr (GBytes) behind = bytes_of (GZIPPED "x");
  g_autoptr (GBytes) cut = g_bytes_new (GZIPPED, 20);
  g_autoptr (GError) error = NULL;
  gsize n_read, n_written;
  CbBytesView view;

  g_assert_cmpint (g_converter_convert (compressor, zeros, 100 * 1000 * 1000, packed, 1000 * 1000, G_CONVERTER_INPUT_AT_END,
                                        &n_read, &n_written, NULL), ==, G_CONVERTER_FINISHED);
  bomb = g_bytes_new (packed, n_written);
  g_assert_null (cb_bytes_unwrap (CB_BYTES_ZLIB, bomb, 0, &error));
  g_assert_error (error, CB_KEY_ERROR, CB_KEY_ERROR_TOO_LARGE);
  g_clear_error (&error);
  cb_bytes_guess (bomb, &view, NULL);
  g_assert_cmpint (view.form, ==, CB_BYTES_HEX);

  memset (nested, 0x91, 1000 * 1000);
  lists = g_bytes_new (nested, 1000 * 1000);
  g_assert_null (cb_bytes_show_messagepack (lists, 0, &error));
  g_assert_error (error, CB_KEY_ERROR, CB_KEY_ERROR_TOO_LARGE);
  g_clear_error (&error);

  /* A short list that is long when it is indented. */
  memset (deep, 0x91, 200);
  memcpy (deep + 200, "\xdd\x00\x0f\x00\x00", 5);
  memset (deep + 205, 0x01, 0xf0000);
  wide = g_bytes_new (deep, 205 + 0xf0000);
  cb_bytes_view_parse ("msgpack", &view, NULL);
  g_assert_null (cb_bytes_decode (&view, wide, 0, &error));
  g_assert_error (error, CB_KEY_ERROR, CB_KEY_ERROR_TOO_LARGE);
  g_clear_error (&error);

  g_assert_null (cb_bytes_unwrap (CB_BYTES_GZIP, behind, 0, &error));
  g_assert_nonnull (strstr (error->message, "behind its end"));
  g_clear_error (&error);
  g_assert_null (cb_bytes_unwrap (CB_BYTES_GZIP, cut, 0, &error));
  g_assert_nonnull (strstr (error->message, "cut off"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bytes/guess", test_guess);
  g_test_add_func ("/bytes/messagepack", test_messagepack);
  g_test_add_func ("/bytes/messagepack-write", test_messagepack_write);
  g_test_add_func ("/bytes/encode", test_encode);
  g_test_add_func ("/bytes/bombs", test_bombs);
  return g_test_run ();
}
