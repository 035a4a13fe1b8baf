/* test-ui-other-queues.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Queues of libraries whose jobs can't be shown: they are named, lead to their keys, and are looked at only. */

#include "cb-test-redis.h"
#include "cb-test-wait.h"
#include "cb-ui-harness.h"

#include <string.h>

/* One command, quoted as in a shell. */
static void
do_command (CbTestRedis *redis, const char *line)
{
  g_auto (GStrv) words = NULL;
  g_autoptr (CbReply) reply = NULL;
  g_autoptr (GError) error = NULL;
  int n_words = 0;

  g_shell_parse_argv (line, &n_words, &words, &error);
  g_assert_no_error (error);
  reply = cb_test_redis_call_argv (redis, (guint) n_words, (const char * const *) words, NULL);
  if (cb_value_is_error (cb_reply_get_value (reply)))
    g_error ("%s: %s", line, cb_value_get_string (cb_reply_get_value (reply), NULL));
}

/* 27 keys of BullMQ and Bee-Queue. */
static void
load_other_queues (CbTestRedis *redis)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "cases", "data", "other-queues.redis", NULL);
  g_autofree char *commands = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (path, &commands, NULL, &error);
  g_assert_no_error (error);
  lines = g_strsplit (g_strstrip (commands), "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    do_command (redis, lines[i]);
}

static void
put_job (CbTestRedis *redis)
{
  do_command (redis, "HSET q:job:1 type email state failed priority 0 data '{\"to\":\"number 1\"}' created_at 1700000000000 updated_at 1700000000000 "
                     "attempts 1 max_attempts 1");
  do_command (redis, "ZADD q:jobs 0 '01|1'");
  do_command (redis, "ZADD q:jobs:failed 0 '01|1'");
  do_command (redis, "ZADD q:jobs:email:failed 0 '01|1'");
  do_command (redis, "SET q:ids 1");
  do_command (redis, "SADD q:job:types email");
}

static void
start (CbTestRedis *redis)
{
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));

  cb_ui_start ("--server", server, NULL);
}

/* Nobody uses Kue there: what there is is named all the same, and nothing else is offered than its keys. */
static void
test_alone (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--enable-debug-command", "local", NULL);
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  load_other_queues (redis);
  before = cb_test_redis_get_string (redis, "DEBUG", "DIGEST", NULL);
  start (redis);
  cb_ui_wait_text ("Other Libraries");
  cb_ui_wait_text ("No Queues of Kue Yet");
  cb_ui_find ("label", "BullMQ · PF");
  cb_ui_find ("label", "BullMQ · {myEnv:prod}");
  cb_ui_find ("label", "Bee-Queue");
  cb_ui_find ("label", "mail");

  cb_ui_click_until ("label", "orders", "Callboard does not show jobs of BullMQ yet");
  cb_ui_wait_text ("Prefix {myEnv:prod}");
  cb_ui_check_names ("a queue of another library");
  cb_ui_click_until (NULL, "Show Its Keys", "3 of 27 keys match");
  cb_ui_click_until ("label", "resize", "Callboard does not show jobs of Bee-Queue yet");
  cb_ui_wait_text ("Prefix bq");
  cb_ui_click_until (NULL, "Show Its Keys", "5 of 27 keys match");
  cb_ui_click_until ("label", "mail", "Callboard does not show jobs of BullMQ yet");
  cb_ui_click_until (NULL, "Show Its Keys", "14 of 27 keys match");
  cb_ui_stop ();

  after = cb_test_redis_get_string (redis, "DEBUG", "DIGEST", NULL);
  g_assert_cmpstr (after, ==, before);
}

/* Beside Kue's, and they come and go when they are looked for again. One that is gone is not shown any more. */
static void
test_beside_kue (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);

  load_other_queues (redis);
  put_job (redis);
  start (redis);
  cb_ui_wait_text ("Other Libraries");
  cb_ui_click_until ("label", "email", "number 1");
  cb_ui_click_until ("label", "resize", "Callboard does not show jobs of Bee-Queue yet");
  cb_ui_wait_no_text ("number 1");

  do_command (redis, "DEL bq:resize:jobs bq:resize:waiting bq:resize:active bq:resize:stalling bq:resize:id");
  do_command (redis, "SADD rq:queues rq:queue:newsletters");
  cb_ui_key ("F5");
  cb_ui_wait_no_text ("Callboard does not show jobs of Bee-Queue yet");
  cb_ui_wait_text ("1 queue");
  cb_ui_click_until ("label", "newsletters", "Callboard does not show jobs of RQ yet");
  cb_ui_click_until ("label", "email", "number 1");
  cb_ui_key ("ctrl+k");
  cb_ui_wait_text ("Go To");
  cb_ui_type ("newsl");
  cb_ui_wait_no_text ("Check Queue Health");
  cb_ui_key ("Return");
  cb_ui_wait_text ("Callboard does not show jobs of RQ yet");
  cb_ui_stop ();
}

/* More than anybody reads, beside what only looks like a queue. */
static void
test_many (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);

  do_command (redis, "EVAL \"for i = 1, 400 do redis.call ('HSET', 'bull:queue-' .. (1000 + i) .. ':meta', 'version', 5) end\" 0");
  do_command (redis, "SET user:1:id 1");
  start (redis);
  cb_ui_wait_text ("There may be more.");
  cb_ui_find ("label", "BullMQ");
  do_command (redis, "FLUSHALL");
  do_command (redis, "HSET bull:last:meta version 5");
  cb_ui_key ("F5");
  cb_ui_click_until ("label", "last", "Callboard does not show jobs of BullMQ yet");
  g_assert_false (cb_ui_has_text ("There may be more."));
  cb_ui_stop ();
}

/* Names that are markup, pattern or no text: shown as they are, and their keys are found. */
static void
test_odd_names (void)
{
  static const char odd[] = "b<i>:m*a\xff\\x41&<b>%s:meta";
  const char *words[] = { "HSET", odd, "version", "5" };
  const gsize lengths[] = { 4, sizeof odd - 1, 7, 1 };
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);

  cb_reply_unref (cb_test_redis_call_argv (redis, 4, words, lengths));
  do_command (redis, "SET 'b<i>:mxa' near");
  put_job (redis);
  start (redis);
  cb_ui_click_until ("label", "m*a\\xff\\x41&<b>%s", "Callboard does not show jobs of BullMQ yet");
  cb_ui_wait_text ("Prefix b<i>");
  cb_ui_click_until (NULL, "Show Its Keys", "1 of 8 keys match");
  cb_ui_stop ();
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!cb_ui_open ())
    return g_getenv ("CI") != NULL ? 1 : 77; /* never skipped where it counts */

  g_test_add_func ("/ui/other-queues/alone", test_alone);
  g_test_add_func ("/ui/other-queues/beside-kue", test_beside_kue);
  g_test_add_func ("/ui/other-queues/many", test_many);
  g_test_add_func ("/ui/other-queues/odd-names", test_odd_names);
  status = g_test_run ();
  cb_ui_close ();

  return status;
}
