/* test-cli-keys.c: the commands about keys
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "cb-test-cli.h"

#define expect cb_test_cli_expect

static void
call (CbTestRedis *redis, const char *first, ...)
{
  const char *words[16] = { first, };
  guint n = 1;
  va_list list;
  g_autoptr (CbReply) reply = NULL;

  va_start (list, first);
  while ((words[n] = va_arg (list, const char *)) != NULL)
    n++;
  va_end (list);
  reply = cb_test_redis_call_argv (redis, n, words, NULL);
  g_assert_false (cb_value_is_error (cb_reply_get_value (reply)));
}

static void
test_finding (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);

  call (redis, "MSET", "a:b", "1", "a:b:c", "2", "a::b", "3", ":a", "4", "top", "5", "back\\slash\nline", "6", NULL);
  call (redis, "SADD", "a:set", "x", NULL);
  call (redis, "EXPIRE", "top", "100", NULL);

  expect (redis, 0, "a:set\n", "", "keys", "--type", "set");
  expect (redis, 0, "top\n", "", "keys", "--expires-within", "5m");
  expect (redis, 0, "", "", "keys", "--expires-within", "5s");
  expect (redis, 0, "top\n", "", "keys", "t*", "--expires-within", "1h");
  expect (redis, 0, "", "", "keys", "top", "--no-ttl");
  expect (redis, 0, "back\\\\slash\\nline\n", "", "keys", "--literal", "\\");
  expect (redis, 0,
          "\"\":  (1)\n"
          "  a\n"
          "a:  (4)\n"
          "  \"\":  (1)\n"
          "    b\n"
          "  b\n"
          "  b:  (1)\n"
          "    c\n"
          "  set\n"
          "back\\\\slash\\nline\n"
          "top\n", "", "keys", "--tree");
  expect (redis, 0, "back\\\\slash\\nline\n", "", "keys", "back*", "--tree", "--separator", "|");
  expect (redis, 0, "back\\\\slash\\nline\n", "", "--read-only", "keys", "back*");
  expect (redis, 2, "", "*exclude each other*", "keys", "x", "--literal", "y");
  expect (redis, 2, "", "*exclude each other*", "keys", "--no-ttl", "--expires-within", "5s");
  expect (redis, 2, "", "*no time to live*", "keys", "--expires-within", "soon");
  expect (redis, 2, "", "*--tree*", "keys", "--separator", "/");
}

static void
test_show (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);

  call (redis, "SET", "json", "{\"b\":1.0,\"a\":2}", NULL);
  call (redis, "SET", "bytes", "\xff\xfe", "EX", "100", NULL);
  call (redis, "HSET", "hash", "f\n", "v1", "g", "v2", NULL);
  call (redis, "RPUSH", "list", "one", "two", "three", NULL);
  call (redis, "ZADD", "zset", "1.5", "m", NULL);
  call (redis, "XADD", "stream", "1-1", "k", "one", "k", "two", NULL);

  expect (redis, 0, "string, 15 bytes, never expires\njson (Guessed: it is valid JSON.)\n{\n  \"b\": 1.0,\n  \"a\": 2\n}\n", "",
          "key", "show", "json");
  expect (redis, 0, "string, 15 bytes, never expires\n{\"b\":1.0,\"a\":2}\n", "", "key", "show", "json", "--as", "text");
  expect (redis, 1, NULL, "*no text*", "key", "show", "bytes", "--as", "text");
  expect (redis, 2, NULL, "*no way to look*", "key", "show", "bytes", "--as", "xml");
  expect (redis, 0, "hash, 2 elements, never expires\nf\\n: v1\ng: v2\n", "", "key", "show", "hash");
  expect (redis, 0, "hash, 2 elements, never expires\ng: v2\n", "", "key", "show", "hash", "--filter", "g*");
  expect (redis, 0, "list, 3 elements, never expires\n0: one\n1: two\n", "*more elements*", "key", "show", "list", "--count", "2");
  expect (redis, 0, "zset, 1 element, never expires\nm: 1.5\n", "", "--read-only", "key", "show", "zset");
  expect (redis, 0, "stream, 1 element, never expires\n1-1\n  k: one\n  k: two\n", "", "key", "show", "stream");
  expect (redis, 1, "", "*no key “none”*", "key", "show", "none");
  {
    g_autoptr (CbTestRun) run = cb_test_cli_get (redis, "--json", "key", "show", "stream");

    g_assert_cmpint (run->status, ==, 0);
    g_assert_true (g_str_has_prefix (run->output, "{\"key\":\"stream\",\"type\":\"stream\",\"ttl\":null,\"size\":1,"));
    g_assert_nonnull (strstr (run->output, "\"elements\":[{\"name\":\"1-1\",\"fields\":[\"k\",\"one\",\"k\",\"two\"]}],\"groups\":[]}"));
  }

  /* What was delivered to a consumer and not acknowledged, also when it was deleted meanwhile. */
  call (redis, "XGROUP", "CREATE", "stream", "read\ners", "0", NULL);
  call (redis, "XREADGROUP", "GROUP", "read\ners", "alice", "STREAMS", "stream", ">", NULL);
  call (redis, "XADD", "stream", "2-1", "k", "v", NULL);
  call (redis, "XDEL", "stream", "1-1", NULL);
  {
    g_autoptr (CbTestRun) run = cb_test_cli_get (redis, "--read-only", "key", "show", "stream");

    g_assert_cmpint (run->status, ==, 0);
    g_assert_nonnull (strstr (run->output, "\n2-1\n  k: v\ngroup read\\ners: last delivered 1-1, 1 pending\n"
                                           "  consumer alice: 1 pending, idle for "));
    g_assert_true (g_str_has_suffix (run->output, " ms\n  pending 1-1: alice, delivered 1 time, deleted meanwhile\n"));
  }
  {
    g_autoptr (CbTestRun) run = cb_test_cli_get (redis, "--json", "key", "show", "stream");

    g_assert_cmpint (run->status, ==, 0);
    g_assert_nonnull (strstr (run->output, "\"groups\":[{\"name\":\"read\\ners\",\"last_id\":\"1-1\",\"pending\":1,\"consumers\":[{\"name\":"
                                           "\"alice\",\"pending\":1,\"idle\":"));
    g_assert_nonnull (strstr (run->output, "\"entries\":[{\"id\":\"1-1\",\"consumer\":\"alice\",\"idle\":"));
    g_assert_nonnull (strstr (run->output, "\"deliveries\":1,\"deleted\":true}]}]}"));
  }
}

static void
test_set (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);

  expect (redis, 0, "", "", "key", "set", "s", "one");
  expect (redis, 1, "", "*it is now one.*", "key", "set", "s", "two", "--if-value", "zero");
  expect (redis, 0, "", "", "key", "set", "s", "two", "--if-value", "one");
  expect (redis, 1, "", "*not there any more*", "key", "set", "nowhere", "x", "--if-value", "one");
  expect (redis, 1, "", "*type hash* type string*", "key", "set", "s", "x", "--field", "f");
  expect (redis, 0, "", "", "key", "set", "h", "v", "--field", "f");
  expect (redis, 0, "", "", "key", "set", "l", "a", "--push", "tail");
  expect (redis, 0, "", "", "key", "set", "l", "b", "--push", "head");
  expect (redis, 0, "", "", "key", "set", "l", "c", "--index", "-1", "--if-value", "a");
  expect (redis, 0, "", "", "key", "set", "m", "x", "--member");
  expect (redis, 1, "", "*“x” already*", "key", "set", "m", "x", "--member");
  expect (redis, 0, "", "", "key", "set", "z", "x", "--score", "1.5");
  expect (redis, 1, "", "*no score*", "key", "set", "z", "x", "--score", "much");
  expect (redis, 0, "", "", "key", "set", "e", "v", "--entry", "f");
  expect (redis, 0, "", "", "key", "set", "n\\x00\\\\n", "00 ff", "--as", "hex", "--escaped");
  expect (redis, 0, "n\\x00\\\\n\n", "", "keys", "n*");
  expect (redis, 0, "string, 2 bytes, never expires\n00 ff\n", "", "key", "show", "n\\x00\\\\n", "--escaped", "--as", "hex");
  expect (redis, 2, "", "*exclude*", "key", "set", "s", "x", "--field", "f", "--member");
  expect (redis, 2, "", "*head*", "key", "set", "s", "x", "--push", "up");
  expect (redis, 1, "", "*writes*", "--read-only", "key", "set", "s", "x");
  g_assert_cmpint (cb_test_redis_get_integer (redis, "DBSIZE", NULL), ==, 7);
  {
    g_autofree char *s = cb_test_redis_get_string (redis, "GET", "s", NULL);
    g_autofree char *last = cb_test_redis_get_string (redis, "LINDEX", "l", "1", NULL);

    g_assert_cmpstr (s, ==, "two");
    g_assert_cmpstr (last, ==, "c");
  }
}

static void
test_many (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbTestRun) run = NULL;

  for (guint i = 0; i < 50; i++)
    {
      g_autofree char *name = g_strdup_printf ("tmp:%u", i);

      call (redis, "SET", name, "x", NULL);
    }
  call (redis, "SET", "trail ", "x", NULL);
  call (redis, "SET", "trail", "no space", NULL);

  run = cb_test_cli_get (redis, "--read-only", "key", "delete", "--matching", "tmp:*", "--dry-run");
  g_assert_cmpint (run->status, ==, 0);
  g_assert_nonnull (strstr (run->output, ": would be deleted\n"));
  g_assert_true (g_str_has_suffix (run->output, "50 keys in all; nothing was done\n"));
  g_assert_cmpint (cb_test_redis_get_integer (redis, "DBSIZE", NULL), ==, 52);

  cb_test_run_free (g_steal_pointer (&run));
  run = cb_test_cli_get (redis, "key", "ttl", "--matching", "tmp:1*", "--set", "1h");
  g_assert_cmpint (run->status, ==, 0);
  expect (redis, 0, "tmp:1: never expires\n", "", "key", "ttl", "tmp:1", "--set", "none");
  expect (redis, 2, "", "*no time to live*", "key", "ttl", "tmp:1", "--set", "-1");
  expect (redis, 2, "", "*no time to live*", "key", "ttl", "tmp:1", "--set", "0");
  expect (redis, 2, "", "*no time to live*", "key", "ttl", "tmp:1", "--set", "");
  expect (redis, 2, "", "*--set is missing*", "key", "ttl", "tmp:1");
  g_assert_cmpint (cb_test_redis_get_integer (redis, "TTL", "tmp:1", NULL), ==, -1);
  g_assert_cmpint (cb_test_redis_get_integer (redis, "TTL", "tmp:10", NULL), >, 3000);

  cb_test_run_free (g_steal_pointer (&run));
  run = cb_test_cli_get (redis, "key", "delete", "--matching", "tmp:*", "--no-ttl");
  g_assert_cmpint (run->status, ==, 0);
  g_assert_cmpint (cb_test_redis_get_integer (redis, "DBSIZE", NULL), ==, 12);
  expect (redis, 0, "trail : deleted\n", "", "key", "delete", "trail ");
  g_assert_cmpint (cb_test_redis_get_integer (redis, "EXISTS", "trail", NULL), ==, 1);
  expect (redis, 1, "", "*no key “none”*", "key", "delete", "none");
  expect (redis, 2, "", "*Which keys*", "key", "delete");
  expect (redis, 2, "", "*not both*", "key", "delete", "x", "--no-ttl");

  expect (redis, 0, "", "", "key", "rename", "trail", "other");
  expect (redis, 1, "", "*not there any more*", "key", "rename", "trail", "other");
  expect (redis, 0, "", "", "key", "copy", "other", "trail");
  expect (redis, 1, "", "*“trail” already*", "key", "rename", "other", "trail");
}

/* For each type, with names and values of any bytes: exported, deleted and imported, it is the same by DUMP, and by the
 * commands the same value. */
static void
test_files (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--enable-debug-command", "yes", NULL);
  static const char fill[] =
    "local b = '\\0\\n\\r\\255 \"\\\\' .. string.char (128, 200)\n"
    "redis.call ('SET', 'string' .. b, b) redis.call ('SET', '', '') redis.call ('SET', 'long', string.rep (b, 20000))\n"
    "for i = 1, 250 do\n"
    "  redis.call ('RPUSH', 'list' .. b, b .. i) redis.call ('HSET', 'hash' .. b, b .. i, i .. b)\n"
    "  redis.call ('SADD', 'set' .. b, b .. i) redis.call ('ZADD', 'zset' .. b, i / 3, b .. i)\n"
    "  redis.call ('XADD', 'stream' .. b, i .. '-1', b, b .. i, b, '')\n"
    "end\n"
    "redis.call ('PEXPIREAT', 'string' .. b, 9999999999999)\n";
  g_autofree char *file = g_build_filename (cb_test_redis_get_directory (redis), "keys.jsonl", NULL);
  g_autofree char *digest = NULL;
  g_autofree char *digest_after = NULL;
  g_autoptr (CbTestRun) dump = NULL;
  g_autoptr (CbTestRun) commands = NULL;
  g_autofree char *redis_cli = g_find_program_in_path ("redis-cli");

  call (redis, "EVAL", fill, "0", NULL);
  digest = cb_test_redis_get_string (redis, "DEBUG", "DIGEST", NULL);

  dump = cb_test_cli_get (redis, "--read-only", "key", "export", "--matching", "*");
  g_assert_cmpint (dump->status, ==, 0);
  g_assert_true (g_file_set_contents (file, dump->output, -1, NULL));
  expect (redis, 0, "8 keys would be put back\n", "", "--read-only", "key", "import", file, "--dry-run");
  expect (redis, 1, "0 keys were put back\n", "*already*", "key", "import", file);
  call (redis, "FLUSHALL", NULL);
  expect (redis, 0, "8 keys were put back\n", "", "key", "import", file);
  digest_after = cb_test_redis_get_string (redis, "DEBUG", "DIGEST", NULL);
  g_assert_cmpstr (digest, ==, digest_after);
  expect (redis, 0, "string, 0 bytes, never expires\ntext (Guessed: it is empty.)\n\n", "", "key", "show", "");

  expect (redis, 1, "", "*no key “list”*", "key", "export", "list", "--format", "json");
  call (redis, "HSET", "plain", "f", "v", NULL);
  expect (redis, 0, "{\"name\":\"plain\",\"type\":\"hash\",\"expires_at\":null,\"elements\":[[\"f\",\"v\"]]}\n", "", "key",
          "export", "plain", "--format", "json");
  call (redis, "DEL", "plain", NULL);

  commands = cb_test_cli_get (redis, "--read-only", "key", "export", "--matching", "*", "--format", "commands");
  g_assert_cmpint (commands->status, ==, 0);
  if (redis_cli != NULL)
    {
      g_autoptr (GSubprocess) process = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *output = NULL;

      call (redis, "FLUSHALL", NULL);
      process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, redis_cli, "-s",
                                  cb_test_redis_get_path (redis), NULL);
      g_assert_no_error (error);
      g_assert_true (g_subprocess_communicate_utf8 (process, commands->output, NULL, &output, NULL, &error));
      g_assert_no_error (error);
      g_assert_null (strstr (output, "ERR"));
      g_free (g_steal_pointer (&digest_after));
      digest_after = cb_test_redis_get_string (redis, "DEBUG", "DIGEST", NULL);
      g_assert_cmpstr (digest, ==, digest_after);
    }

  /* Each of the three forms is read again to the last byte, and no key appears by half. */
  for (guint i = 0; i < 3; i++)
    {
      static const char * const forms[] = { "dump", "commands", "json" };
      g_autoptr (CbTestRun) exported = cb_test_cli_get (redis, "key", "export", "--matching", "*", "--format", forms[i]);

      g_assert_cmpint (exported->status, ==, 0);
      g_assert_true (g_file_set_contents (file, exported->output, -1, NULL));
      expect (redis, 0, "8 keys would be put back\n", "", "--read-only", "key", "import", file, "--dry-run");
      expect (redis, 1, "0 keys were put back\n", "*already*", "key", "import", file);
      g_free (g_steal_pointer (&digest_after));
      digest_after = cb_test_redis_get_string (redis, "DEBUG", "DIGEST", NULL);
      g_assert_cmpstr (digest, ==, digest_after);
      call (redis, "FLUSHALL", NULL);
      expect (redis, 0, "8 keys were put back\n", "", "key", "import", file);
      g_free (g_steal_pointer (&digest_after));
      digest_after = cb_test_redis_get_string (redis, "DEBUG", "DIGEST", NULL);
      g_assert_cmpstr (digest, ==, digest_after);
      /* Its time to live came with it. */
      g_assert_cmpint (cb_test_redis_get_integer (
                         redis, "EVAL", "local n = 0 for _, key in ipairs (redis.call ('KEYS', '*')) do\n"
                                        "  if redis.call ('PEXPIRETIME', key) == 9999999999999 then n = n + 1 end\n"
                                        "  if redis.call ('PTTL', key) == -1 then n = n + 100 end\n"
                                        "end return n", "0", NULL), ==, 701);
    }

  /* Deleted with a copy, and put back by that; never over a file that is there. */
  {
    g_autofree char *saved = g_build_filename (cb_test_redis_get_directory (redis), "saved.jsonl", NULL);
    g_autoptr (CbTestRun) deleted = cb_test_cli_get (redis, "key", "delete", "--matching", "*", "--save", saved);

    g_assert_cmpint (deleted->status, ==, 0);
    g_assert_cmpint (cb_test_redis_get_integer (redis, "DBSIZE", NULL), ==, 0);
    expect (redis, 0, "8 keys were put back\n", "", "key", "import", saved);
    expect (redis, 1, "", "*saved.jsonl*", "key", "delete", "long", "--save", saved);
    g_free (g_steal_pointer (&digest_after));
    digest_after = cb_test_redis_get_string (redis, "DEBUG", "DIGEST", NULL);
    g_assert_cmpstr (digest, ==, digest_after);
  }

  g_assert_true (g_file_set_contents (file, "{\"key\":\"eA==\",\"dump\":\"AAAA\",\"expires_at\":null}\nno line\n[]\n{\"key\":1}\n", -1,
                                      NULL));
  expect (redis, 1, "0 keys were put back\n", "*Line 2*", "key", "import", file);
  g_assert_true (g_file_set_contents (file, "SET a \"1\"\nFLUSHALL\nDEL a b\nSET b \"open\nSADD s \"\\x00\\n\" two\nHSET s f v\n"
                                            "PEXPIREAT elsewhere 99999999999999\n", -1, NULL));
  expect (redis, 1, "1 key was put back\n", "*Line 2*Line 3*Line 4*WRONGTYPE*Line 7*", "key", "import", file);
  g_assert_cmpint (cb_test_redis_get_integer (redis, "EXISTS", "s", "b", NULL), ==, 0);
  g_assert_cmpint (cb_test_redis_get_integer (redis, "DBSIZE", NULL), ==, 9);
  expect (redis, 2, "", "*--format*", "key", "export", "x", "--format", "xml");
}

static gint64
count_dumps (CbTestRedis *redis)
{
  return cb_test_redis_get_integer (redis, "EVAL",
                                    "return tonumber (redis.call ('INFO', 'commandstats'):match ('cmdstat_dump:calls=(%d+)') or 0)", "0", NULL);
}

/* What is too large for one piece is never asked for, is told, and is not passed over in silence; the others are there. */
static void
test_export_bound (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  static const char * const forms[] = { "commands", "json" };
  g_autoptr (CbTestRun) dumps = NULL;

  call (redis, "EVAL", "for i = 1, 150 do redis.call ('SET', 'small' .. i, i) end", "0", NULL);
  /* 65 MiB of memory, and the most that one may have. */
  call (redis, "SETRANGE", "large", "68157440", "x", NULL);
  dumps = cb_test_cli_get (redis, "key", "export", "--matching", "*");
  g_assert_cmpint (dumps->status, ==, 1);
  g_assert_true (g_pattern_match_simple ("*“large” takes *MiB*64.0*MiB*left out*commands*", dumps->errors));
  g_assert_cmpint (count_dumps (redis), ==, 150);
  {
    g_auto (GStrv) lines = g_strsplit (dumps->output, "\n", -1);

    g_assert_cmpuint (g_strv_length (lines), ==, 151);
  }

  /* The others need no DUMP; what they can't say is told, too. */
  call (redis, "DEL", "large", NULL);
  call (redis, "XADD", "empty", "1-1", "f", "v", NULL);
  call (redis, "XDEL", "empty", "1-1", NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_autoptr (CbTestRun) run = cb_test_cli_get (redis, "key", "export", "--matching", "*", "--format", forms[i]);
      g_auto (GStrv) lines = g_strsplit (run->output, "\n", -1);

      g_assert_cmpint (run->status, ==, 1);
      g_assert_true (g_pattern_match_simple ("*“empty”*", run->errors));
      g_assert_null (strstr (run->output, "empty"));
      g_assert_cmpuint (g_strv_length (lines), ==, 151);
    }
  g_assert_cmpint (count_dumps (redis), ==, 150);
}

/* Deleted, given times to live and sent elsewhere, and all of it undone. */
static void
test_undo (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--enable-debug-command", "yes", NULL);
  g_autofree char *path = g_strdup_printf ("unix:%s?db=3", cb_test_redis_get_path (redis));
  g_autofree char *here = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));
  g_autofree char *digest = NULL;
  g_autofree char *digest_after = NULL;
  g_autoptr (CbTestRun) run = NULL;

  call (redis, "EVAL", "for i = 1, 600 do redis.call ('SET', 'tmp:\\0\\255' .. i, '\\0' .. i) end", "0", NULL);
  call (redis, "SADD", "set", "x", NULL);
  digest = cb_test_redis_get_string (redis, "DEBUG", "DIGEST", NULL);

  expect (redis, 0, NULL, "callboardctl: 600 keys match\n", "key", "delete", "--matching", "tmp:*", "--type", "string");
  g_assert_cmpint (cb_test_redis_get_integer (redis, "DBSIZE", NULL), ==, 1);
  run = cb_test_cli_get (redis, "undo", "--list");
  g_assert_nonnull (strstr (run->output, "600 keys"));
  g_assert_nonnull (strstr (run->output, "--matching tmp:* --type string"));
  cb_test_run_free (g_steal_pointer (&run));
  run = cb_test_cli_get (redis, "undo");
  g_assert_cmpint (run->status, ==, 0);
  g_assert_true (g_str_has_suffix (run->output, "(remove) undone: 600 keys are as they were\n"));
  digest_after = cb_test_redis_get_string (redis, "DEBUG", "DIGEST", NULL);
  g_assert_cmpstr (digest, ==, digest_after);
  expect (redis, 1, "", "callboardctl: There is nothing to undo here\n", "undo");

  expect (redis, 0, "set: expires\n", "", "key", "ttl", "set", "--set", "1h");
  cb_test_run_free (g_steal_pointer (&run));
  run = cb_test_cli_get (redis, "--json", "undo");
  g_assert_nonnull (strstr (run->output, "\"action\":\"expire\",\"back\":1,\"same\":0,\"kept\":0,\"failed\":0,\"keys\":[]}"));
  g_assert_cmpint (cb_test_redis_get_integer (redis, "TTL", "set", NULL), ==, -1);

  expect (redis, 0, "set: deleted\n", "", "key", "delete", "set", "--no-undo");
  expect (redis, 1, "", "callboardctl: There is nothing to undo here\n", "undo");
  call (redis, "SADD", "set", "x", NULL);

  expect (redis, 2, "", "*--to is missing*", "key", "send", "set");
  expect (redis, 2, "", "*already*", "key", "send", "set", "--to", here);
  expect (redis, 0, "set: would be copied\n1 key in all; nothing was done\n", "", "key", "send", "set", "--to", path, "--dry-run");
  expect (redis, 0, "set: copied\n", "", "key", "send", "set", "--to", path);
  expect (redis, 0, "set: copied\n", "", "key", "send", "set", "--to", path); /* it is the same */
  call (redis, "SADD", "set", "y", NULL);
  expect (redis, 1, "", "*There is a “set” already*", "key", "send", "set", "--to", path);
  expect (redis, 0, "set: copied\n", "", "key", "send", "set", "--to", path, "--replace");
  expect (redis, 1, "", "*writes*", "--read-only", "key", "send", "set", "--to", path);
  expect (redis, 0, "set, 2 elements, never expires\ny\n", "", "--server", path, "key", "show", "set", "--filter", "y");
}

static void
test_survey (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *lines = NULL;
  g_autofree char *three = NULL;
  g_autoptr (CbTestRun) run = NULL;

  call (redis, "EVAL",
        "for i = 1, 3000 do redis.call ('SET', 'q:job:' .. i, string.rep ('x', i % 50)) end\n"
        "for i = 1, 500 do redis.call ('HSET', 'big:\\0\\255', i, string.rep ('y', 100)) end\n"
        "redis.call ('SET', 'q:long', string.rep ('z', 5000)) redis.call ('SET', 'plain', 'x')", "0", NULL);

  /* By the server's own word. */
  lines = cb_test_redis_get_string (redis, "EVAL",
    "local function usage (key) return redis.call ('MEMORY', 'USAGE', key) end\n"
    "return string.format ('%12.0f  hash    big:\\\\x00\\\\xff\\n%12.0f  string  q:long\\n', usage ('big:\\0\\255'), usage ('q:long'))",
    "0", NULL);
  expect (redis, 0, lines, "callboardctl: 3003 of 3003 keys were measured; bytes by MEMORY USAGE*", "--read-only", "keys", "--biggest", "2");

  three = cb_test_redis_get_string (redis, "EVAL",
    "local sums, counts = {}, {}\n"
    "for _, key in ipairs (redis.call ('KEYS', '*')) do\n"
    "  local p = string.match (key, '^[^:]*:') or '\"\"'\n"
    "  if string.sub (p, 1, 1) == 'b' then p = 'big:' end\n"
    "  sums[p] = (sums[p] or 0) + redis.call ('MEMORY', 'USAGE', key) counts[p] = (counts[p] or 0) + 1\n"
    "end\n"
    "local text = ''\n"
    "for _, p in ipairs ({ 'q:', 'big:', '\"\"' }) do text = text .. string.format ('%12.0f  %10.0f  %s\\n', sums[p], counts[p], p) end\n"
    "return text", "0", NULL);
  expect (redis, 0, three, "*3003 of 3003*", "keys", "--memory-by-prefix");

  run = cb_test_cli_get (redis, "--json", "keys", "q:*", "--memory-by-prefix", "--depth", "2", "--biggest", "1");
  g_assert_true (g_str_has_prefix (run->output, "{\"key\":\"q:long\",\"type\":\"string\",\"memory\":"));
  g_assert_nonnull (strstr (run->output, "{\"prefix\":\"q:job:\",\"keys\":3000,\"measured\":3000,\"memory\":"));
  g_assert_nonnull (strstr (run->output, "{\"prefix\":\"q:\",\"keys\":1,\"measured\":1,"));
  cb_test_run_free (g_steal_pointer (&run));

  /* A sample says that it is one, and counts all keys. */
  run = cb_test_cli_get (redis, "--json", "keys", "--memory-by-prefix", "--sample", "300");
  g_assert_nonnull (strstr (run->errors, "keys were measured, a sample"));
  g_assert_nonnull (strstr (run->output, "{\"prefix\":\"q:\",\"keys\":3001,\"measured\":30"));

  expect (redis, 2, "", "*don’t go with*", "keys", "--biggest", "3", "--no-ttl");
  expect (redis, 2, "", "*--tree*", "keys", "--biggest", "3", "--tree");
  expect (redis, 2, "", "*--memory-by-prefix*", "keys", "--depth", "3");
  expect (redis, 2, "", "*--biggest*", "keys", "--biggest", "0");
}

/* A server whose address says that it is production is written to only by who says so, too. */
static void
test_production (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *uri = g_strdup_printf ("unix:%s?production=1", cb_test_redis_get_path (redis));
  g_autofree char *other = g_strdup_printf ("unix:%s?db=1&production=1", cb_test_redis_get_path (redis));
  g_autofree char *plain = g_strdup_printf ("unix:%s?production=0", cb_test_redis_get_path (redis));

  call (redis, "SET", "a", "1", NULL);
  expect (redis, 0, "1\n", "", "--server", uri, "get", "a");
  expect (redis, 0, "a\n", "", "--server", uri, "keys");
  expect (redis, 0, "a: would be deleted\n1 key in all; nothing was done\n", "", "--server", uri, "key", "delete", "a", "--dry-run");
  expect (redis, 1, "", "*“key delete” writes*marked as production*--yes-production*", "--server", uri, "key", "delete", "a");
  expect (redis, 1, "", "*“set” writes*marked as production*", "--server", uri, "set", "a", "2");
  /* What only the server can tell of. */
  expect (redis, 1, "", "*DEL was not sent*", "--server", uri, "call", "DEL", "a");
  expect (redis, 1, "", "*“key send” writes*marked as production*", "key", "send", "a", "--to", other);
  g_assert_cmpint (cb_test_redis_get_integer (redis, "EXISTS", "a", NULL), ==, 1);

  expect (redis, 0, "a: copied\n", "", "--server", uri, "key", "send", "a", "--to", other, "--yes-production");
  expect (redis, 0, "a: deleted\n", "", "--server", uri, "key", "delete", "a", "--yes-production");
  expect (redis, 1, "", "*reading only*", "--server", uri, "undo");
  expect (redis, 0, NULL, "", "--server", uri, "undo", "--yes-production");
  expect (redis, 0, "a: deleted\n", "", "--server", plain, "key", "delete", "a");
  expect (redis, 2, "", "*production is 1 or 0*", "--server", "redis://localhost?production=yes", "keys");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli-keys/finding", test_finding);
  g_test_add_func ("/cli-keys/show", test_show);
  g_test_add_func ("/cli-keys/set", test_set);
  g_test_add_func ("/cli-keys/many", test_many);
  g_test_add_func ("/cli-keys/files", test_files);
  g_test_add_func ("/cli-keys/export-bound", test_export_bound);
  g_test_add_func ("/cli-keys/undo", test_undo);
  g_test_add_func ("/cli-keys/survey", test_survey);
  g_test_add_func ("/cli-keys/production", test_production);
  return g_test_run ();
}
