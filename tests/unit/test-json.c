/* test-json.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <locale.h>
#include <string.h>
#include <time.h>

#include "cb-json.h"
#include "cb-queue-error.h"

/* Texts with the length of their literals, so that they can hold NUL. */
#define TEXT(literal) literal, sizeof (literal) - 1

static const struct
{
  const char *text;
  gssize      length;
} valid[] = {
  { TEXT ("null") }, { TEXT ("true") }, { TEXT (" false ") }, { TEXT ("0") }, { TEXT ("-0") }, { TEXT ("-12.50e+3") },
  { TEXT ("1E9") }, { TEXT ("123456789012345678901234567890") }, { TEXT ("\"\"") }, { TEXT ("\"\\u0000\\\"\\/\"") },
  { TEXT ("\"\xf0\x9f\x8e\xad\"") }, { TEXT ("\"\\ud83d alone\"") }, { TEXT ("[]") }, { TEXT ("[1,[2,[3]]]") },
  { TEXT ("{}") }, { TEXT ("{\"a\":1,\"a\":2}") }, { TEXT ("\t{ \"a\" : [ ] , \"\" : { } }\r\n") },
  { TEXT ("\"\x7f\xc2\x80\"") },
};

static const struct
{
  const char *text;
  gssize      length;
  const char *message;
} broken[] = {
  { TEXT (""), "Line 1, column 1: there is nothing here" },
  { TEXT (" \n "), "Line 2, column 2: there is nothing here" },
  { TEXT ("{\"title\":\"cut off\",\"to\":\"ada@exam"), "Line 1, column 34: the text ends inside a string" },
  { TEXT ("\"\\"), "Line 1, column 3: the text ends inside a string" },
  { TEXT ("\"\\u12"), "Line 1, column 6: the text ends inside a string" },
  { TEXT ("\"\\u12g4\""), "Line 1, column 2: behind \\u four hexadecimal digits are needed" },
  { TEXT ("\"\\x\""), "Line 1, column 2: there is no such escape in a string" },
  { TEXT ("\"a\nb\""), "Line 1, column 3: the line ends inside a string" },
  { TEXT ("\"nul \0 inside\""), "Line 1, column 6: a control character stands in a string as it is" },
  { TEXT ("\"bad \xed\xa0\xbd\""), "Line 1, column 6: this is no valid UTF-8" },
  { TEXT ("\"\xff\""), "Line 1, column 2: this is no valid UTF-8" },
  { TEXT ("\"\xc0\x80\""), "Line 1, column 2: this is no valid UTF-8" },
  { TEXT ("\"\xf4\x90\x80\x80\""), "Line 1, column 2: this is no valid UTF-8" },
  { TEXT ("\"\xe2\x82"), "Line 1, column 2: this is no valid UTF-8" },
  { TEXT ("{'title': 'python'}"), "Line 1, column 2: the name of a member in double quotes is needed here" },
  { TEXT ("'a'"), "Line 1, column 1: JSON has double quotes around its strings" },
  { TEXT ("{\"a\" 1}"), "Line 1, column 6: a colon is needed here" },
  { TEXT ("{\"a\""), "Line 1, column 5: the text ends behind the name of a member" },
  { TEXT ("{\"a\":"), "Line 1, column 6: the text ends inside an object" },
  { TEXT ("{\"a\":1,}"), "Line 1, column 8: the name of a member in double quotes is needed here" },
  { TEXT ("{\"a\":1 \"b\":2}"), "Line 1, column 8: a comma or } is needed here" },
  { TEXT ("[1,]"), "Line 1, column 4: a value is needed here" },
  { TEXT ("[1 2]"), "Line 1, column 4: a comma or ] is needed here" },
  { TEXT ("[1}"), "Line 1, column 3: a comma or ] is needed here" },
  { TEXT ("["), "Line 1, column 2: the text ends inside a list" },
  { TEXT ("]"), "Line 1, column 1: a value is needed here" },
  { TEXT ("1 2"), "Line 1, column 3: something stands behind the end of the value" },
  { TEXT ("01"), "Line 1, column 1: a number does not begin with a zero" },
  { TEXT ("-"), "Line 1, column 2: the text ends inside a number" },
  { TEXT ("1."), "Line 1, column 3: the text ends inside a number" },
  { TEXT ("1.e"), "Line 1, column 3: a digit is needed here" },
  { TEXT ("1e+"), "Line 1, column 4: the text ends inside a number" },
  { TEXT (".5"), "Line 1, column 1: a value is needed here" },
  { TEXT ("+1"), "Line 1, column 1: a value is needed here" },
  { TEXT ("NaN"), "Line 1, column 1: a value is needed here" },
  { TEXT ("nul"), "Line 1, column 1: a value is needed here" },
  { TEXT ("\xef\xbb\xbf{}"), "Line 1, column 1: a value is needed here" },
  { TEXT ("{\n  \"ä\": tru\n}"), "Line 2, column 8: a value is needed here" },
  { TEXT ("[1]\0"), "Line 1, column 4: something stands behind the end of the value" },
};

static void
test_check (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (valid); i++)
    {
      g_autoptr (GError) error = NULL;

      cb_json_check (valid[i].text, valid[i].length, &error);
      g_assert_no_error (error);
    }

  for (guint i = 0; i < G_N_ELEMENTS (broken); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (cb_json_check (broken[i].text, broken[i].length, &error));
      g_assert_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_INVALID);
      g_assert_cmpstr (error->message, ==, broken[i].message);
    }

  g_assert_true (cb_json_check ("[1]", -1, NULL));
}

/* 200,000 brackets are what a poisoned job holds; nothing may recurse over them. */
static void
test_deep (void)
{
  g_autofree char *open = g_strnfill (200000, '[');
  g_autofree char *close = g_strnfill (200000, ']');
  g_autofree char *deep = g_strconcat (open, close, NULL);
  g_autofree char *pretty = NULL, *compact = NULL, *excerpt = NULL, *again = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) elements = NULL;

  g_assert_false (cb_json_check (open, -1, &error));
  g_assert_cmpstr (error->message, ==, "Line 1, column 200001: the text ends inside a list");
  g_clear_error (&error);

  g_assert_true (cb_json_check (deep, -1, NULL));
  compact = cb_json_compact (deep, -1);
  g_assert_cmpstr (compact, ==, deep);
  pretty = cb_json_pretty (deep, -1);
  again = cb_json_compact (pretty, -1);
  g_assert_cmpstr (again, ==, deep);
  excerpt = cb_json_excerpt (deep, strlen (deep), 40);
  g_assert_cmpint (g_utf8_strlen (excerpt, -1), ==, 40);

  elements = cb_json_split_array (deep, -1, NULL);
  g_assert_cmpuint (elements->len, ==, 1);
  g_assert_cmpuint (g_bytes_get_size (g_ptr_array_index (elements, 0)), ==, 399998);

  g_assert_null (cb_json_parse (deep, -1, &error));
  g_assert_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_INVALID);
  g_assert_cmpstr (error->message, ==, "Line 1, column 257: this is nested too deep to be looked into");
}

static void
test_reformat (void)
{
  const char *text = " { \"n\" : 123456789012345678901234567890 , \"n\":1.50,\"l\":[ 1,\"a b\",{ }, [ ] ],\"o\":{\"x\":null}} ";
  g_autofree char *pretty = cb_json_pretty (text, -1);
  g_autofree char *compact = cb_json_compact (text, -1);
  g_autofree char *scalar = cb_json_pretty (" 5 ", -1);

  g_assert_cmpstr (pretty, ==,
                   "{\n"
                   "  \"n\": 123456789012345678901234567890,\n"
                   "  \"n\": 1.50,\n"
                   "  \"l\": [\n"
                   "    1,\n"
                   "    \"a b\",\n"
                   "    {},\n"
                   "    []\n"
                   "  ],\n"
                   "  \"o\": {\n"
                   "    \"x\": null\n"
                   "  }\n"
                   "}");
  g_assert_cmpstr (compact, ==,
                   "{\"n\":123456789012345678901234567890,\"n\":1.50,\"l\":[1,\"a b\",{},[]],\"o\":{\"x\":null}}");
  g_assert_cmpstr (scalar, ==, "5");
}

static void
test_parse (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) root = cb_json_parse ("{\"s\":\"a\\n\\u00e4\\ud83c\\udfad\\ud83d\",\"i\":-7,\"d\":1.5,\"big\":1e400,"
                                             "\"huge\":99999999999999999999,\"b\":true,\"z\":null,\"l\":[1,[2]],\"s2\":1,\"s2\":2}",
                                             -1, &error);
  JsonObject *object;

  g_assert_no_error (error);
  object = json_node_get_object (root);
  /* A high surrogate without a low one is what json-glib's own parser ends the program over. */
  g_assert_cmpstr (json_object_get_string_member (object, "s"), ==, "a\nä🎭\xef\xbf\xbd");
  g_assert_cmpint (json_object_get_int_member (object, "i"), ==, -7);
  g_assert_cmpfloat (json_object_get_double_member (object, "d"), ==, 1.5);
  g_assert_cmpfloat (json_object_get_double_member (object, "huge"), ==, 1e20);
  g_assert_true (json_object_get_boolean_member (object, "b"));
  g_assert_true (json_object_get_null_member (object, "z"));
  g_assert_cmpint (json_object_get_int_member (object, "s2"), ==, 2);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (object, "l")), ==, 2);

  g_assert_null (cb_json_parse ("[1,[2,{\"a\":[}]]]", -1, &error));
  g_assert_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_INVALID);
}

static char *
elements_to_string (GPtrArray *elements)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < elements->len; i++)
    {
      GBytes *element = g_ptr_array_index (elements, i);

      if (i > 0)
        g_string_append_c (text, '|');
      g_string_append_len (text, g_bytes_get_data (element, NULL), g_bytes_get_size (element));
    }

  return g_string_free (text, FALSE);
}

static void
test_split (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) elements = NULL;
  g_autofree char *text = NULL;

  elements = cb_json_split_array (" [ 1.50 , {\"a\": [1, 2]} ,\"x\",null, [ ] ] ", -1, &error);
  g_assert_no_error (error);
  text = elements_to_string (elements);
  g_assert_cmpstr (text, ==, "1.50|{\"a\": [1, 2]}|\"x\"|null|[ ]");

  g_clear_pointer (&elements, g_ptr_array_unref);
  elements = cb_json_split_array ("[]", -1, NULL);
  g_assert_cmpuint (elements->len, ==, 0);

  g_assert_null (cb_json_split_array ("{}", -1, &error));
  g_assert_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_null (cb_json_split_array ("{", -1, &error));
  g_assert_cmpstr (error->message, ==, "Line 1, column 2: the text ends inside an object");
  g_clear_error (&error);
  g_assert_null (cb_json_split_array ("[1,[2,3", -1, &error));
  g_assert_cmpstr (error->message, ==, "Line 1, column 8: the text ends inside a list");
}

static void
assert_member (const char *text,
               const char *expected)
{
  g_autofree char *value = cb_json_dup_member_text (text, -1, "to");

  g_assert_cmpstr (value, ==, expected);
}

static void
test_member (void)
{
  assert_member ("{\"to\":\"ada\"}", "ada");
  assert_member ("{\"t\\u006f\":\"a\\tb\"}", "a\tb");
  assert_member ("{\"x\":{\"to\":\"no\"},\"to\":4153518780}", "4153518780");
  assert_member ("{\"to\":123456789012345678901234567890}", "123456789012345678901234567890");
  assert_member ("{\"to\":1,\"to\":2}", "2");
  assert_member ("{\"to\":1,\"to\":null}", NULL);
  assert_member ("{\"to\":{\"x\":1}}", NULL);
  assert_member ("{\"to\":true}", NULL);
  assert_member ("{\"to\":\"ada\"", NULL);
  assert_member ("[\"to\",\"ada\"]", NULL);
  assert_member ("", NULL);
}

static void
assert_excerpt (const char *text,
                gssize      length,
                guint       max_chars,
                const char *expected)
{
  g_autofree char *excerpt = cb_json_excerpt (text, length, max_chars);

  g_assert_cmpstr (excerpt, ==, expected);
  g_assert_true (g_utf8_validate (excerpt, -1, NULL));
  g_assert_cmpint (g_utf8_strlen (excerpt, -1), <=, max_chars);
}

static void
test_excerpt (void)
{
  assert_excerpt (TEXT ("{\"phoneNumber\":\"4153518780\",\"message\":\"This is the code 1234 to verify\"}"), 160,
                  "4153518780  This is the code 1234 to verify");
  assert_excerpt (TEXT ("{\"phoneNumber\":\"4153518780\",\"message\":\"This is the code 1234 to verify\"}"), 20,
                  "4153518780  This is…");
  assert_excerpt (TEXT ("{\"n\":1,\"to\":\"ada\",\"ok\":true,\"list\":[ 1, 2 ],\"none\":null}"), 160,
                  "ada  n: 1  ok: true  list: [1,2]  none: null");
  assert_excerpt (TEXT ("null"), 160, "null");
  assert_excerpt (TEXT ("\"just a string\""), 160, "just a string");
  assert_excerpt (TEXT ("[1, [2, [3]]]"), 160, "[1,[2,[3]]]");
  assert_excerpt (TEXT ("42"), 160, "42");
  assert_excerpt (TEXT (""), 160, "");
  assert_excerpt (TEXT ("{}"), 160, "{}");
  assert_excerpt (TEXT ("{\"title\":\"cut off\",\"to\":\"ada@exam"), 160, "{\"title\":\"cut off\",\"to\":\"ada@exam");
  assert_excerpt (TEXT ("{\"title\":\"bad \xed\xa0\xbd bytes \xff\",\"n\":1}"), 160,
                  "{\"title\":\"bad \\xed\\xa0\\xbd bytes \\xff\",\"n\":1}");
  assert_excerpt (TEXT ("{\"title\":\"nul \0 inside\"}"), 160, "{\"title\":\"nul \\x00 inside\"}");
  assert_excerpt (TEXT ("{\"a\":1,\"a\":2}"), 160, "a: 1  a: 2");
  assert_excerpt (TEXT ("{'title': 'python'}"), 160, "{'title': 'python'}");
  assert_excerpt (TEXT ("{\"title\":{\"x\":1},\"body\":\"\\ud83d alone\"}"), 160, "\xef\xbf\xbd alone  title: {\"x\":1}");
  /* Markup and formats are only text. */
  assert_excerpt (TEXT ("{\"title\":\"<span size='1000000'>BIG</span> %s%n _File\"}"), 160,
                  "<span size='1000000'>BIG</span> %s%n _File");
  assert_excerpt (TEXT ("{\"title\":\"\\u001b[2Jcleared\\u0007\"}"), 160, "\\x1b[2Jcleared\\x07");
  assert_excerpt (TEXT ("{\"m\":\"two\\nlines\"}"), 160, "two↵lines");
  assert_excerpt (TEXT ("\"äöü\""), 3, "äöü");
  assert_excerpt (TEXT ("\"äöüß\""), 3, "äö…");
  assert_excerpt (TEXT ("\"äöüß\""), 0, "");
}

/* Of this thread, in s. */
static double
get_cpu (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

/* Only a few kilobytes are looked at, whatever the length. */
static void
test_excerpt_big (void)
{
  const gsize size = 50 * 1000 * 1000;
  g_autofree char *text = g_malloc (size);
  double start;

  memset (text, 'x', size);
  memcpy (text, TEXT ("{\"to\":\"ada\",\"body\":\""));
  start = get_cpu ();
  for (guint i = 0; i < 100; i++)
    assert_excerpt (text, size, 12, "ada  xxxxxx…");

  memcpy (text, TEXT ("{\"to\":\"ada\",\"body\":["));
  memset (text + 20, '[', size - 20);
  for (guint i = 0; i < 100; i++)
    assert_excerpt (text, size, 20, "ada  body: [[[[[[[[…");

  /* Generous, and whatever else the machine does: reading all of it 200 times takes ten seconds. */
  g_assert_cmpfloat (get_cpu () - start, <, 2);
}

static void
assert_display (const char *text,
                gssize      length,
                gboolean    one_line,
                const char *expected)
{
  g_autofree char *shown = cb_text_display (text, length, one_line);

  g_assert_cmpstr (shown, ==, expected);
}

static void
test_display (void)
{
  assert_display (TEXT ("plain ä 🎭"), FALSE, "plain ä 🎭");
  assert_display (TEXT ("a\r\nb\tc\rd\n"), FALSE, "a\nb\tc\\x0dd\n");
  assert_display (TEXT ("a\r\nb\tc\rd\n"), TRUE, "a↵b c↵d↵");
  assert_display (TEXT ("\0\x1b\x7f"), TRUE, "\\x00\\x1b\\x7f");
  assert_display (TEXT ("\xff\xe2\x82"), TRUE, "\\xff\\xe2\\x82");
  assert_display (TEXT ("\xed\xa0\xbd"), TRUE, "\\xed\\xa0\\xbd");
  assert_display (TEXT ("\xe2\x80\xae" "gpj.exe \xc2\x85"), TRUE, "\\u202egpj.exe \\u0085");
  assert_display ("", -1, TRUE, "");
}

static void
test_writer (void)
{
  g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();
  g_autofree char *text = NULL, *again = NULL;

  cb_json_writer_begin_object (writer);
  cb_json_writer_name (writer, "id");
  cb_json_writer_int (writer, 7);
  cb_json_writer_name (writer, "a\"b");
  cb_json_writer_begin_array (writer);
  cb_json_writer_string (writer, "tab\t quote\" slash/ \\ \x01 \x7f ä", -1);
  cb_json_writer_string (writer, TEXT ("nul\0!"));
  cb_json_writer_string (writer, TEXT ("\xff"));
  cb_json_writer_double (writer, 0.1);
  cb_json_writer_double (writer, -3);
  cb_json_writer_double (writer, 1e300);
  cb_json_writer_double (writer, 0.0 / 0.0);
  cb_json_writer_boolean (writer, TRUE);
  cb_json_writer_null (writer);
  cb_json_writer_begin_object (writer);
  cb_json_writer_end_object (writer);
  cb_json_writer_begin_array (writer);
  cb_json_writer_end_array (writer);
  cb_json_writer_end_array (writer);
  cb_json_writer_name (writer, "raw");
  cb_json_writer_raw (writer, "{ \"n\": 123456789012345678901234567890 }", -1);
  cb_json_writer_name (writer, "cut");
  cb_json_writer_raw (writer, "{\"a", -1);
  cb_json_writer_end_object (writer);
  text = cb_json_writer_steal (writer);

  g_assert_cmpstr (text, ==,
                   "{\"id\":7,\"a\\\"b\":[\"tab\\t quote\\\" slash/ \\\\ \\u0001 \x7f ä\",\"nul\\u0000!\",{\"base64\":\"/w==\"},"
                   "0.1,-3,1e+300,null,true,null,{},[]],\"raw\":{\"n\":123456789012345678901234567890},\"cut\":\"{\\\"a\"}");
  g_assert_true (cb_json_check (text, -1, NULL));

  cb_json_writer_int (writer, G_MININT64);
  again = cb_json_writer_steal (writer);
  g_assert_cmpstr (again, ==, "-9223372036854775808");
}

/* Where a comma is the decimal sign, JSON still has a dot. */
static void
test_locale (void)
{
  g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *text = NULL;

  if (setlocale (LC_ALL, "de_DE.UTF-8") == NULL && setlocale (LC_ALL, "fr_FR.UTF-8") == NULL)
    {
      g_test_skip ("There is no locale with a decimal comma here");
      return;
    }

  cb_json_writer_double (writer, 1.5);
  text = cb_json_writer_steal (writer);
  g_assert_cmpstr (text, ==, "1.5");
  node = cb_json_parse ("2.25", -1, NULL);
  g_assert_cmpfloat (json_node_get_double (node), ==, 2.25);
  setlocale (LC_ALL, "C");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/json/check", test_check);
  g_test_add_func ("/json/deep", test_deep);
  g_test_add_func ("/json/reformat", test_reformat);
  g_test_add_func ("/json/parse", test_parse);
  g_test_add_func ("/json/split", test_split);
  g_test_add_func ("/json/member", test_member);
  g_test_add_func ("/json/excerpt", test_excerpt);
  g_test_add_func ("/json/excerpt/big", test_excerpt_big);
  g_test_add_func ("/json/display", test_display);
  g_test_add_func ("/json/writer", test_writer);
  g_test_add_func ("/json/locale", test_locale);

  return g_test_run ();
}
