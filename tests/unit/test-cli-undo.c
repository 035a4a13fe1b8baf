/* test-cli-undo.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/*
 * callboardctl undo, as a person or a script sees it.
 */

#include "config.h"

#include <string.h>

#include "cb-test-cli.h"
#include "cb-test-redis.h"

#define expect cb_test_cli_expect

#define LOOK                                                                                  \
  "local all = {}\n"                                                                          \
  "for _, key in ipairs (redis.call ('KEYS', '*')) do\n"                                      \
  "  local value = redis.call ('TYPE', key).ok == 'set' and '' or redis.call ('DUMP', key)\n" \
  "  table.insert (all, #key .. ':' .. key .. value)\n"                                       \
  "end\n"                                                                                     \
  "table.sort (all)\n"                                                                        \
  "return redis.sha1hex (table.concat (all))"

static char *
look (CbTestRedis *redis)
{
  return cb_test_redis_get_string (redis, "EVAL", LOOK, "0", NULL);
}

static CbTestRedis *
redis_with_jobs (void)
{
  CbTestRedis *redis = cb_test_redis_new ("--hash-max-listpack-value", "4096", NULL);

  expect (redis, 0, NULL, "", "job", "create", "email", "--data", "{\"to\":\"a\"}", "--count", "3");
  expect (redis, 0, NULL, "", "job", "create", "email", "--data", "{}", "--delay", "60000");
  return redis;
}

static void
test_there_and_back (void)
{
  static const char * const commands[][5] = {
    { "remove", "1", "2", NULL },
    { "retry", "4", NULL },
    { "retry", "4", "--as-new", NULL },
    { "promote", "4", NULL },
    { "priority", "1", "3", "critical", NULL },
    { "move", "1", "4", "failed", NULL },
    { "remove", "--type", "email", NULL },
  };
  static const guint n_jobs[] = { 2, 1, 1, 1, 2, 2, 4 };
  g_autoptr (CbTestRedis) redis = redis_with_jobs ();

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      const char *words[8] = { "job", commands[i][0], commands[i][1], commands[i][2], commands[i][3], commands[i][3] != NULL ? commands[i][4] : NULL };
      g_autofree char *before = look (redis);
      g_autofree char *left = NULL;
      g_autofree char *after = NULL;
      g_autofree char *said = NULL;
      g_autoptr (CbTestRun) run = NULL;
      g_autoptr (CbTestRun) undo = NULL;

      if (commands[i][2] == NULL)
        words[3] = words[4] = words[5] = NULL;
      run = cb_test_cli_run (redis, NULL, words);
      g_assert_cmpint (run->status, ==, 0);
      left = look (redis);
      g_assert_cmpstr (left, !=, before);

      undo = cb_test_cli_get (redis, "undo");
      g_assert_cmpstr (undo->errors, ==, "");
      g_assert_cmpint (undo->status, ==, 0);
      said = g_strdup_printf (n_jobs[i] == 1 ? " undone: %u job is as it was\n" : " undone: %u jobs are as they were\n", n_jobs[i]);
      g_assert_true (g_str_has_suffix (undo->output, said));
      after = look (redis);
      g_assert_cmpstr (after, ==, before);
    }

  expect (redis, 1, "", "callboardctl: There is nothing to undo here\n", "undo");
}

/* The name of the entry of the last line. */
static char *
last_id (const char *lines)
{
  const char *at = g_strrstr (lines, "{\"id\":\"");

  g_assert_nonnull (at);
  at += strlen ("{\"id\":\"");
  return g_strndup (at, strcspn (at, "\""));
}

static void
test_list (void)
{
  g_autoptr (CbTestRedis) redis = redis_with_jobs ();
  g_autoptr (CbTestRun) json = NULL;
  g_autoptr (CbTestRun) text = NULL;
  g_autofree char *id = NULL;
  g_autofree char *done = NULL;
  g_autofree char *again = NULL;

  expect (redis, 0, "", "", "undo", "--list");
  expect (redis, 0, "Job 1 removed\n", "", "job", "remove", "1");
  expect (redis, 0, NULL, "callboardctl: 2 jobs match\n", "job", "priority", "--state", "inactive", "low");
  expect (redis, 2, "", "callboardctl: ?*\n", "undo", "--list", "20260101-000000");

  json = cb_test_cli_get (redis, "--json", "--read-only", "undo", "--list");
  g_assert_cmpint (json->status, ==, 0);
  g_assert_nonnull (strstr (json->output, "\"action\":\"priority\""));
  g_assert_nonnull (strstr (json->output, "\"selection\":\"--state inactive\",\"planned\":2,\"done\":2,\"undone\":0,\"kept\":0,"
                                          "\"busy\":false,\"ended\":true,\"undoable\":true}\n{\"id\":\""));
  g_assert_nonnull (strstr (json->output, "\"action\":\"remove\""));
  g_assert_nonnull (strstr (json->output, "\"prefix\":\"q\",\"origin\":\"command\",\"planned\":1,"));

  /* The first that was done, by its name, which is the last of the list. */
  id = last_id (json->output);
  expect (redis, 1, "", "callboardctl: “undo” writes, and --read-only was given*\n", "--read-only", "undo", id);
  expect (redis, 1, "", "callboardctl: Entry * was made on another server, database or prefix*\n", "--prefix", "other", "undo", id);
  g_assert_cmpint (cb_test_redis_get_integer (redis, "EXISTS", "q:job:1", NULL), ==, 0);
  done = g_strdup_printf ("%s (remove) undone: 1 job is as it was\n", id);
  expect (redis, 0, done, "", "undo", id);
  g_assert_cmpint (cb_test_redis_get_integer (redis, "EXISTS", "q:job:1", NULL), ==, 1);
  again = g_strdup_printf ("callboardctl: Entry %s was undone already\n", id);
  expect (redis, 1, "", again, "undo", id);
  expect (redis, 1, "", "callboardctl: The undo journal has no entry 20260101-000000 *\n", "undo", "20260101-000000");
  expect (redis, 1, "", "callboardctl: Entries of the undo journal have names *\n", "undo", "../../x");

  text = cb_test_cli_get (redis, "undo", "--list");
  g_assert_nonnull (strstr (text->output, "  priority 10       2 jobs        unix:"));
  g_assert_nonnull (strstr (text->output, "  remove            1 job         unix:"));
  g_assert_true (g_str_has_suffix (text->output, "  (undone)\n"));
}

/* What somebody else has touched stays, and is told. */
static void
test_touched (void)
{
  g_autoptr (CbTestRedis) redis = redis_with_jobs ();
  g_autoptr (CbTestRun) run = NULL;

  expect (redis, 0, "Job 1 moved: it is failed\nJob 2 moved: it is failed\n", "", "job", "move", "1", "2", "failed");
  expect (redis, 0, "Job 2 retried, as it is: its attempts go on counting\n", "", "job", "retry", "2", "--no-undo");
  run = cb_test_cli_get (redis, "--json", "undo");
  g_assert_cmpint (run->status, ==, 1);
  g_assert_true (g_str_has_prefix (run->errors, "callboardctl: Job 2 was changed since and is inactive now, so it was left as it is\n"
                                                "callboardctl: “callboardctl undo "));
  g_assert_nonnull (strstr (run->output, "\"action\":\"move\",\"back\":1,\"same\":0,\"kept\":1,\"failed\":0,\"jobs\":[{\"id\":2,\"error\":\"Job 2 was"));
}

/* And is not lost by that: when it is again as it was left, the rest is undone, once. */
static void
test_left (void)
{
  g_autoptr (CbTestRedis) redis = redis_with_jobs ();
  g_autofree char *before = look (redis);
  g_autofree char *after = NULL;
  g_autofree char *id = NULL;
  g_autofree char *done = NULL;
  g_autofree char *again = NULL;
  g_autoptr (CbTestRun) list = NULL;
  g_autoptr (CbTestRun) json = NULL;

  expect (redis, 0, "Job 1 removed\nJob 2 removed\n", "", "job", "remove", "1", "2");
  g_assert_cmpint (cb_test_redis_get_integer (redis, "ZADD", "q:jobs:email:inactive", "5", "01|1", NULL), ==, 1);
  expect (redis, 1, NULL, "callboardctl: Something of job 1 *\ncallboardctl: *undo * tries again what was left\n", "undo");
  expect (redis, 1, "", "callboardctl: There is nothing to undo here\n", "undo");
  json = cb_test_cli_get (redis, "--json", "undo", "--list");
  g_assert_nonnull (strstr (json->output, "\"undone\":1,\"kept\":1,\"busy\":false,\"ended\":true,\"undoable\":true}"));
  list = cb_test_cli_get (redis, "undo", "--list");
  g_assert_true (g_str_has_suffix (list->output, "  (undone in part)\n"));

  id = last_id (json->output);
  g_assert_cmpint (cb_test_redis_get_integer (redis, "ZREM", "q:jobs:email:inactive", "01|1", NULL), ==, 1);
  done = g_strdup_printf ("%s (remove) undone: 1 job is as it was\n", id);
  expect (redis, 0, done, "", "undo", id);
  after = look (redis);
  g_assert_cmpstr (after, ==, before);
  again = g_strdup_printf ("callboardctl: Entry %s was undone already\n", id);
  expect (redis, 1, "", again, "undo", id);
}

/* What was changed, and what the doctor did. */
static void
test_update_and_repair (void)
{
  g_autoptr (CbTestRedis) redis = redis_with_jobs ();
  g_autofree char *before = NULL;
  g_autofree char *after_update = NULL;
  g_autofree char *after_repair = NULL;
  g_autoptr (CbReply) reply = cb_test_redis_call (redis, "ZADD", "q:jobs:email:failed", "0", "03|900", NULL);
  g_autoptr (CbTestRun) run = NULL;
  g_autoptr (CbTestRun) undo = NULL;

  before = look (redis);
  expect (redis, 0, "Job 1 updated; it is delayed\n", "", "job", "update", "1", "--data", "{\"to\":\"b\"}", "--delay", "60000");
  expect (redis, 0, NULL, "", "undo");
  after_update = look (redis);
  g_assert_cmpstr (after_update, ==, before);

  run = cb_test_cli_get (redis, "doctor", "--repair", "--grace", "0");
  g_assert_cmpint (run->status, ==, 0);
  g_assert_nonnull (strstr (run->output, "  Repaired.\n"));
  g_assert_cmpint (cb_test_redis_get_integer (redis, "EXISTS", "q:jobs:email:failed", NULL), ==, 0);
  undo = cb_test_cli_get (redis, "undo");
  g_assert_cmpint (undo->status, ==, 0);
  g_assert_nonnull (strstr (undo->output, " undone: 1 repair\n"));
  after_repair = look (redis);
  g_assert_cmpstr (after_repair, ==, before);
}

static void
test_move (void)
{
  g_autoptr (CbTestRedis) redis = redis_with_jobs ();

  expect (redis, 0, "Job 1 would be made failed (it is inactive)\n", "", "--read-only", "job", "move", "1", "failed", "--dry-run");
  expect (redis, 2, "", "callboardctl: The last word is the state *“1” is none*\n", "job", "move", "1");
  expect (redis, 2, "", "callboardctl: The last word is the state *\n", "job", "move", "1", "faild");
  expect (redis, 0, "{\"id\":1,\"action\":\"move\",\"done\":true}\n", "", "--json", "job", "move", "1", "failed");
  expect (redis, 1, "", "callboardctl: “job move” writes, and --read-only *\n", "--read-only", "job", "move", "1", "complete");
}

/* A journal that can't be written: nothing is done, unless it is said that it need not be undone. */
static void
test_no_journal (void)
{
  g_autoptr (CbTestRedis) redis = redis_with_jobs ();
  g_autofree char *folder = g_build_filename (cb_test_redis_get_directory (redis), "callboard", NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (folder, "no folder", -1, &error);
  g_assert_no_error (error);
  expect (redis, 1, "", "callboardctl: What can’t be written down *\ncallboardctl: With --no-undo *\n", "job", "remove", "1");
  g_assert_cmpint (cb_test_redis_get_integer (redis, "EXISTS", "q:job:1", NULL), ==, 1);
  expect (redis, 0, "Job 1 removed\n", "", "job", "remove", "1", "--no-undo");
}

/* Larger than what is kept: it is said how it can be done all the same, and then it is done. */
static void
test_too_large (void)
{
  g_autoptr (CbTestRedis) redis = redis_with_jobs ();
  g_autoptr (CbReply) reply = cb_test_redis_call (redis, "EVAL", "return redis.call ('HSET', 'q:job:1', 'result', string.rep ('x', 9000000))",
                                                  "0", NULL);

  expect (redis, 1, "Job 2 removed\n", "callboardctl: Job 1 is larger than 8 MiB, too large *\ncallboardctl: With --no-undo *\n", "job",
          "remove", "1", "2");
  g_assert_cmpint (cb_test_redis_get_integer (redis, "EXISTS", "q:job:1", NULL), ==, 1);
  expect (redis, 0, "Job 1 removed\n", "", "job", "remove", "1", "--no-undo");
  g_assert_cmpint (cb_test_redis_get_integer (redis, "EXISTS", "q:job:1", NULL), ==, 0);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/cli/undo/there-and-back", test_there_and_back);
  g_test_add_func ("/cli/undo/list", test_list);
  g_test_add_func ("/cli/undo/touched", test_touched);
  g_test_add_func ("/cli/undo/left", test_left);
  g_test_add_func ("/cli/undo/update-and-repair", test_update_and_repair);
  g_test_add_func ("/cli/undo/move", test_move);
  g_test_add_func ("/cli/undo/no-journal", test_no_journal);
  g_test_add_func ("/cli/undo/too-large", test_too_large);

  return g_test_run ();
}
