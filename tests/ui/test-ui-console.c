/* test-ui-console.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* The page of the console, by keys: a command by completion, what was typed before, the question before what destroys, a stream that
 * is stopped, and what a user may not. */

#include "cb-test-redis.h"
#include "cb-test-wait.h"
#include "cb-ui-harness.h"

#include <string.h>

static char *
dup_server (CbTestRedis *redis)
{
  return g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));
}

/* What the server itself says that a command does. */
static char *
dup_summary (CbTestRedis *redis, const char *command)
{
  g_autoptr (CbReply) reply = cb_test_redis_call (redis, "COMMAND", "DOCS", command, NULL);
  const CbValue *fields = cb_value_get_element (cb_reply_get_value (reply), 1);

  for (gsize i = 0; i + 1 < cb_value_get_length (fields); i += 2)
    {
      gsize length;
      const char *name = cb_value_get_string (cb_value_get_element (fields, i), &length);

      if (g_str_equal (name, "summary"))
        return g_strdup (cb_value_get_string (cb_value_get_element (fields, i + 1), &length));
    }
  g_assert_not_reached ();
}

static void
start (const char *server)
{
  cb_ui_start ("--server", server, "--page", "console", NULL);
  cb_ui_wait_text ("Type a Command");
  cb_ui_click_on ("text", "Command");
}

/* What is typed while the command before is out stays in the line: the answer is waited for by whoever calls. */
static void
run (const char *line)
{
  cb_ui_type (line);
  cb_ui_wait_text (line);
  cb_ui_key ("Return");
}

/* Who clicks it in the sidebar can type at once. */
static void
test_sidebar (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = dup_server (redis);

  cb_ui_start ("--server", server, "--page", "doctor", NULL);
  cb_ui_click_on ("label", "Console");
  cb_ui_wait_text ("Type a Command");
  run ("ping");
  cb_ui_find ("label", "PONG");
  cb_ui_stop ();
}

static void
test_completion (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = dup_server (redis);
  g_autofree char *summary = NULL;

  cb_reply_unref (cb_test_redis_call (redis, "HSET", "user:1", "name", "Ada", NULL));
  start (server);
  cb_ui_type ("hgeta");
  cb_ui_wait_text ("HGETALL");
  cb_ui_key ("Tab");
  cb_ui_wait_text ("HGETALL key");
  /* From the server, and not only built in: its versions say it in different words. */
  summary = dup_summary (redis, "hgetall");
  g_assert_cmpuint (strlen (summary), >, 10);
  cb_ui_wait_text (summary);
  cb_ui_type ("user:1");
  cb_ui_wait_text ("HGETALL user:1");
  cb_ui_key ("Return");
  cb_ui_find ("label", "\"Ada\"");

  /* A subcommand, in turns. */
  cb_ui_type ("config re");
  cb_ui_wait_text ("RESETSTAT  REWRITE");
  cb_ui_key ("Tab");
  cb_ui_wait_text ("config RESETSTAT");
  cb_ui_key ("Tab");
  cb_ui_wait_text ("config REWRITE");
  cb_ui_key ("ctrl+a");
  cb_ui_key ("BackSpace");

  /* What is wrong with a line is said, and nothing is sent. */
  run ("set a \"b");
  cb_ui_wait_text ("The double quote at column 7 is not closed.");
  g_assert_cmpint (cb_test_redis_get_integer (redis, "EXISTS", "a", NULL), ==, 0);
  cb_ui_key ("End");
  cb_ui_type ("\"");
  cb_ui_wait_no_text ("is not closed");
  cb_ui_key ("Return");
  cb_ui_find ("label", "OK");

  /* Before, and searched. */
  cb_ui_key ("Up");
  cb_ui_key ("Up");
  cb_ui_wait_text ("HGETALL user:1");
  cb_ui_key ("Down");
  cb_ui_key ("Down");
  cb_ui_key ("ctrl+r");
  cb_ui_wait_text ("Search:");
  cb_ui_type ("getall");
  cb_ui_key ("Return");
  cb_ui_wait_no_text ("Search:");
  cb_ui_key ("End");
  cb_ui_type ("0");
  cb_ui_wait_text ("HGETALL user:10");
  cb_ui_key ("Return");
  cb_ui_find ("label", "(empty array)");

  /* A secret is on no screen and in no file. */
  run ("auth somebody hunter2");
  cb_ui_wait_text ("WRONGPASS");
  cb_ui_wait_text ("auth somebody •••");
  g_assert_false (cb_ui_has_text ("hunter2"));
  cb_ui_key ("Up");
  cb_ui_wait_text ("HGETALL user:10");
  cb_ui_stop ();
}

static void
test_guard (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = dup_server (redis);

  cb_reply_unref (cb_test_redis_call (redis, "MSET", "a", "1", "b", "2", NULL));
  start (server);
  run ("flushall");
  cb_ui_wait_text ("Send This Command?");
  cb_ui_wait_text ("There are 2 keys.");
  cb_ui_key ("Escape");
  cb_ui_wait_no_text ("Send This Command?");
  g_assert_cmpint (cb_test_redis_get_integer (redis, "DBSIZE", NULL), ==, 2);

  /* The line is still there. */
  cb_ui_key ("Return");
  cb_ui_wait_text ("Send This Command?");
  cb_ui_click_on ("label", "Send");
  cb_ui_wait_no_text ("Send This Command?");
  cb_ui_find ("label", "OK");
  g_assert_cmpint (cb_test_redis_get_integer (redis, "DBSIZE", NULL), ==, 0);
  cb_ui_stop ();
}

static void
test_production (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = g_strdup_printf ("unix:%s?production=1", cb_test_redis_get_path (redis));

  cb_reply_unref (cb_test_redis_call (redis, "SET", "a", "1", NULL));
  start (server);
  run ("flushall");
  cb_ui_wait_text ("was not sent: this connection is for reading only");
  g_assert_false (cb_ui_has_text ("Send This Command?"));

  /* What only reads and blocks is asked about with the name. */
  run ("keys *");
  cb_ui_wait_text ("Send This Command?");
  cb_ui_wait_text ("This server is marked as production");
  cb_ui_wait_sensitive ("push button", "Send", FALSE);
  cb_ui_type (cb_test_redis_get_path (redis));
  cb_ui_wait_sensitive ("push button", "Send", TRUE);
  cb_ui_key ("Return");
  cb_ui_wait_no_text ("Send This Command?");
  cb_ui_find ("label", "\"a\"");
  cb_ui_stop ();
}

static void
test_stream (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = dup_server (redis);

  start (server);
  run ("subscribe news");
  cb_ui_wait_text ("1 received");
  cb_reply_unref (cb_test_redis_call (redis, "PUBLISH", "news", "hello tigers", NULL));
  cb_ui_wait_text ("[\"message\" \"news\" \"hello tigers\"]");
  run ("ping");
  cb_ui_wait_text ("The command before is not over");
  cb_ui_key ("Escape");
  cb_ui_wait_no_text ("The command before is not over");
  cb_ui_key ("Return");
  cb_ui_find ("label", "PONG");

  /* A transaction is seen. */
  run ("multi");
  cb_ui_wait_text ("in a transaction");
  run ("incr n");
  cb_ui_wait_text ("(TX 1)");
  run ("exec");
  cb_ui_find ("label", "(integer) 1");
  cb_ui_wait_no_text ("in a transaction");
  cb_ui_stop ();
}

/* What is longer than a line can hold is not cut off in silence. */
static void
test_long_line (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = dup_server (redis);

  start (server);
  cb_ui_type ("set a ");
  cb_ui_type ("0123456789012345678901234567890123456789012345678901234567");
  for (guint i = 0; i < 9; i++)
    {
      cb_ui_key ("ctrl+a");
      cb_ui_key ("ctrl+c");
      cb_ui_key ("End");
      g_usleep (G_USEC_PER_SEC / 4);
      cb_ui_key ("ctrl+v");
      g_usleep (G_USEC_PER_SEC / 4);
    }
  cb_ui_wait_no_text ("Nothing was inserted");
  cb_ui_key ("ctrl+a");
  cb_ui_key ("ctrl+c");
  cb_ui_key ("End");
  cb_ui_key ("ctrl+v");
  cb_ui_wait_text ("Nothing was inserted: a command can’t be so long here (");
  /* The line is as it was, and what is wrong is said no more with the next key. */
  cb_ui_key ("BackSpace");
  cb_ui_wait_no_text ("Nothing was inserted");
  g_assert_cmpint (cb_test_redis_get_integer (redis, "EXISTS", "a", NULL), ==, 0);
  cb_ui_stop ();
}

/* Each tab has a connection of its own. */
static void
test_tabs (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = dup_server (redis);

  start (server);
  run ("select 3");
  cb_ui_wait_text ("database 3");
  cb_ui_key ("ctrl+t");
  cb_ui_wait_text ("Console 2");
  cb_ui_wait_text ("Type a Command");
  run ("set a 1");
  cb_ui_find ("label", "OK");
  g_assert_cmpint (cb_test_redis_get_integer (redis, "EXISTS", "a", NULL), ==, 1);
  cb_ui_key ("ctrl+Prior");
  cb_ui_wait_text ("database 3");
  run ("exists a");
  cb_ui_find ("label", "(integer) 0");

  /* The keyboard closes the one in sight, and goes on in the other; the last stays. */
  cb_ui_key ("ctrl+shift+w");
  cb_ui_wait_no_text ("database 3");
  run ("incr a");
  cb_ui_find ("label", "(integer) 2");
  cb_ui_key ("ctrl+shift+w");
  run ("incr a");
  cb_ui_find ("label", "(integer) 3");
  cb_ui_stop ();
}

static void
test_refused (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = g_strdup_printf ("unix://few:p@%s", cb_test_redis_get_path (redis));

  cb_reply_unref (cb_test_redis_call (redis, "ACL", "SETUSER", "few", "on", ">p", "~may*", "+get", "+ping", NULL));
  start (server);
  cb_ui_wait_text ("few@");
  run ("set a 1");
  cb_ui_wait_text ("has no permissions to run the 'set' command");
  run ("get other");
  /* Redis 7: one of the keys used as arguments, Redis 8: a key. */
  cb_ui_wait_text ("permissions to access");
  run ("get maybe");
  cb_ui_find ("label", "(nil)");
  /* The help that is built in. */
  cb_ui_type ("lrange ");
  cb_ui_wait_text ("LRANGE key start stop");
  cb_ui_stop ();
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!cb_ui_open ())
    return g_getenv ("CI") != NULL ? 1 : 77; /* never skipped where it counts */

  g_test_add_func ("/ui/console/sidebar", test_sidebar);
  g_test_add_func ("/ui/console/completion", test_completion);
  g_test_add_func ("/ui/console/guard", test_guard);
  g_test_add_func ("/ui/console/production", test_production);
  g_test_add_func ("/ui/console/stream", test_stream);
  g_test_add_func ("/ui/console/long-line", test_long_line);
  g_test_add_func ("/ui/console/tabs", test_tabs);
  g_test_add_func ("/ui/console/refused", test_refused);
  status = g_test_run ();
  cb_ui_close ();

  return status;
}
