/* test-case-values.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Keys with odd names and odd values: shown as they are, and neither looking nor a refused change does anything to them. */

#include "config.h"

#include "cb-case.h"

#define expect cb_test_cli_expect

/* Shown in every form, each of them stays what it was, to the last byte. */
static void
test_kept (void)
{
  static const char * const keys[] = { "spaced", "bin", "crlf", "blob" };
  static const char * const forms[] = { "text", "json", "msgpack", "number", "date", "hex", "gzip/text", "base64/hex" };
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--enable-debug-command", "yes", NULL);
  g_autofree char *before = NULL;

  cb_case_load (redis, "values");
  before = cb_case_ask (redis, "DEBUG DIGEST-VALUE spaced bin crlf blob");
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (forms); j++)
      {
        g_autoptr (CbTestRun) run = cb_test_cli_run (redis, NULL, (const char *[]) { "key", "show", keys[i], "--as", forms[j], NULL });

        g_assert_true (g_utf8_validate (run->output, -1, NULL));
      }
  expect (redis, 0, "string, 24 bytes, never expires\njson (Guessed: it is valid JSON.)\n{\n  \"b\": 1.0,\n  \"a\": 2\n}\n", "", "key",
          "show", "spaced");
  expect (redis, 0, "string, 6 bytes, never expires\nhex (Guessed: it is no text.)\n00 ff fe 41 42 43\n", "", "key", "show", "bin");
  cb_case_assert (redis, before, "DEBUG DIGEST-VALUE spaced bin crlf blob");

  /* What is no text is not written as one, in any form that is made of text. */
  expect (redis, 1, "string, 6 bytes, never expires\n", "*no text*", "key", "show", "bin", "--as", "text");
  expect (redis, 1, "string, 6 bytes, never expires\n", "*no text*", "key", "show", "bin", "--as", "json");
}

/* Ids beyond 2^53, a field that is there twice, and an entry that is pending and deleted. */
static void
test_stream (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbTestRun) run = NULL;

  cb_case_load (redis, "stream");
  run = cb_test_cli_run (redis, NULL, (const char *[]) { "--read-only", "key", "show", "edge", NULL });
  g_assert_cmpstr (run->errors, ==, "");
  g_assert_true (g_str_has_prefix (run->output, "stream, 2 elements, never expires\n9007199254740993-7\n  note: above 2^53\n"
                                                "18446744073709551615-18446744073709551615\n  k: one\n  k: two\n"
                                                "  \\x00bin: \\xff\\x00\\xfe\n"
                                                "group readers: last delivered 9007199254740993-7, 2 pending\n"
                                                "  consumer worker-a: 2 pending, idle for "));
  g_assert_nonnull (strstr (run->output, "\n  pending 1-0: worker-a, delivered 1 time, deleted meanwhile\n"));
  g_assert_nonnull (strstr (run->output, "\n  pending 9007199254740993-7: worker-a, delivered 1 time\n"));
}

/* As the server has them, in any language. */
static void
test_scores (void)
{
  static const char * const locales[] = { "C", "de_DE.UTF-8" };
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);

  g_autoptr (GString) wanted = g_string_new ("\n");
  g_autofree char *told = NULL;
  g_auto (GStrv) words = NULL;

  cb_case_load (redis, "scores");
  told = cb_case_ask (redis, "ZRANGE scores 0 -1 WITHSCORES");
  words = g_strsplit (told, " ", -1);
  g_assert_cmpuint (g_strv_length (words), ==, 18);
  for (guint i = 0; i < 18; i += 2)
    g_string_append_printf (wanted, "%s: %s\n", words[i], words[i + 1]);
  for (gsize i = 0; i < G_N_ELEMENTS (locales); i++)
    {
      static const char * const show[] = { "key", "show", "scores", NULL };
      static const char * const set[] = { "key", "set", "scores", "tenth", "--score", "1.75", NULL };
      static const char * const comma[] = { "key", "set", "scores", "tenth", "--score", "1,75", NULL };
      g_autoptr (CbCaseRun) run = cb_case_startv (redis, locales[i], show);
      g_autoptr (CbCaseRun) changed = NULL;
      g_autoptr (CbCaseRun) refused = NULL;
      const char *lines;

      g_assert_cmpint (cb_case_wait (run), ==, 0);
      lines = strchr (run->output->str, '\n');
      g_assert_cmpstr (lines, ==, wanted->str);

      refused = cb_case_startv (redis, locales[i], comma);
      g_assert_cmpint (cb_case_wait (refused), !=, 0);
      changed = cb_case_startv (redis, locales[i], set);
      g_assert_cmpint (cb_case_wait (changed), ==, 0);
      cb_case_assert (redis, "1.75", "ZSCORE scores tenth");
      cb_case_do (redis, "ZADD scores 1.1 tenth");
    }
}

/* Names that are empty, end with a blank, or have a line break: nine keys, each with its own value. */
static void
test_names (void)
{
  static const struct { const char *name; const char *value; } keys[] = {
    { "", "empty name" }, { " ", "one space" }, { "trail", "no space" }, { "trail ", "space at end" }, { "line\nbreak", "LF" },
    { "line\r\nbreak", "CRLF" }, { "tab\there", "tab" }, { "bell\a", "bell" }, { "esc\033[31mred", "terminal escape" },
  };
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbTestRun) list = NULL;
  guint n_lines = 0;

  cb_case_load (redis, "odd-names");
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autofree char *shown = g_strdup_printf ("string, %u bytes, never expires\n%s\n", (guint) strlen (keys[i].value), keys[i].value);

      expect (redis, 0, shown, "", "key", "show", keys[i].name, "--as", "text");
    }
  list = cb_test_cli_run (redis, NULL, (const char *[]) { "keys", NULL });
  for (const char *at = list->output; *at != '\0'; at++)
    {
      g_assert_true (*at == '\n' || (guchar) *at >= ' ');
      n_lines += *at == '\n';
    }
  g_assert_cmpuint (n_lines, ==, G_N_ELEMENTS (keys));

  expect (redis, 0, NULL, "", "key", "delete", "trail ");
  cb_case_assert (redis, "0", "EXISTS 'trail '");
  cb_case_assert (redis, "no space", "GET trail");
}

/* A name is a name, also where it could be read as a pattern. */
static void
test_patterns (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);

  cb_case_load (redis, "pattern-names");
  expect (redis, 0, "string, 16 bytes, never expires\nfolder-named-key\n", "", "key", "show", "abc*", "--as", "text");
  expect (redis, 0, "string, 1 byte, never expires\n4\n", "", "key", "show", "a:[1]", "--as", "text");
  expect (redis, 0, NULL, "", "key", "delete", "a:[1]");
  cb_case_assert (redis, "5", "GET a:1");
  cb_case_assert (redis, "6", "GET [THEME]:dark");
  cb_case_assert (redis, "12", "DBSIZE");
}

/* How many are found by a text that is no pattern, and by a pattern. */
static void
test_literal (void)
{
  static const struct { const char *option, *text; guint n; } searches[] = {
    { "--literal", "a:[1]", 1 },        { "--literal", "abc*", 2 }, { "--literal", "690b8981\\1", 2 }, { "--literal", "q?", 1 },
    { "--literal", "[THEME]:dark", 1 }, { NULL, "abc*", 4 },        { NULL, "a:[1]", 1 },              { NULL, "abc\\*", 1 },
  };
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);

  cb_case_load (redis, "pattern-names");
  for (gsize i = 0; i < G_N_ELEMENTS (searches); i++)
    {
      const char *words[] = { "keys", searches[i].option != NULL ? searches[i].option : searches[i].text,
                              searches[i].option != NULL ? searches[i].text : NULL, NULL };
      g_autoptr (CbTestRun) run = cb_test_cli_run (redis, NULL, words);
      guint n = 0;

      g_assert_cmpint (run->status, ==, 0);
      for (const char *at = run->output; *at != '\0'; at++)
        n += *at == '\n';
      g_assert_cmpuint (n, ==, searches[i].n);
    }
}

/* −1, 0, nothing and a number without end are no times to live, and cost no key. */
static void
test_times (void)
{
  static const char * const wrong[] = { "-1", "0", "", "99999999999999999999", "1.5" };
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);

  cb_case_do (redis, "SET ttl v EX 600");
  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    expect (redis, 2, "", "*no time to live*", "key", "ttl", "ttl", "--set", wrong[i]);
  cb_case_assert (redis, "1", "EXISTS ttl");
  g_assert_cmpint (cb_test_redis_get_integer (redis, "TTL", "ttl", NULL), >, 500);
  expect (redis, 0, NULL, "", "key", "ttl", "ttl", "--set", "none");
  cb_case_assert (redis, "-1", "TTL ttl");
  cb_case_do (redis, "PEXPIREAT ttl 9999999999999");
  expect (redis, 0, "string, 1 byte, expires on 2286-11-20 17:46:39 UTC\nv\n", "", "key", "show", "ttl", "--as", "text");
}

/* A string that is a list, then a sorted set, then gone: an old change is not stored in any of them. */
static void
test_other_type (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);

  cb_case_do (redis, "SET shape text");
  cb_case_do (redis, "DEL shape");
  cb_case_do (redis, "RPUSH shape a b");
  expect (redis, 0, "list, 2 elements, never expires\n0: a\n1: b\n", "", "key", "show", "shape");
  cb_case_do (redis, "DEL shape");
  cb_case_do (redis, "ZADD shape 1 m");
  expect (redis, 1, "", "*it was of the type string and is now of the type zset*", "key", "set", "shape", "new");
  cb_case_assert (redis, "1", "ZSCORE shape m");
  cb_case_do (redis, "DEL shape");
  expect (redis, 1, "", "*not there any more*", "key", "set", "shape", "new", "--if-value", "text");
  cb_case_assert (redis, "0", "EXISTS shape");
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/cases/values/kept", test_kept);
  g_test_add_func ("/cases/values/stream", test_stream);
  g_test_add_func ("/cases/values/scores", test_scores);
  g_test_add_func ("/cases/values/odd-names", test_names);
  g_test_add_func ("/cases/values/names-like-patterns", test_patterns);
  g_test_add_func ("/cases/values/literal-search", test_literal);
  g_test_add_func ("/cases/values/times-to-live", test_times);
  g_test_add_func ("/cases/values/another-type", test_other_type);

  return g_test_run ();
}
