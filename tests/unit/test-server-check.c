/* test-server-check.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-server-check.h"

#include <string.h>

#include "cb-fake-server.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"

typedef struct
{
  CbVerdict verdicts[CB_SERVER_CHECK_N_STEPS];
  char *texts[CB_SERVER_CHECK_N_STEPS];
  gboolean ended;
} Seen;

static void
step_cb (Seen *seen, int step, int verdict, const char *text)
{
  g_assert_false (seen->ended);
  seen->verdicts[step] = (CbVerdict) verdict;
  g_free (seen->texts[step]);
  seen->texts[step] = g_strdup (text);
}

static void
ended_cb (Seen *seen)
{
  g_assert_false (seen->ended);
  seen->ended = TRUE;
}

static CbServerCheck *
start (Seen *seen, CbAddress *address, const char *prefix)
{
  CbServerCheck *check = cb_server_check_new (address, prefix);

  g_signal_connect_swapped (check, "step", G_CALLBACK (step_cb), seen);
  g_signal_connect_swapped (check, "ended", G_CALLBACK (ended_cb), seen);
  cb_server_check_start (check);
  return check;
}

static void
run (Seen *seen, CbAddress *address, const char *prefix)
{
  CbServerCheck *check = start (seen, address, prefix);

  cb_test_wait_until (seen->ended);
  cb_test_assert_finalized_soon (check);
}

static void
clear (Seen *seen)
{
  for (guint i = 0; i < CB_SERVER_CHECK_N_STEPS; i++)
    g_free (seen->texts[i]);
}

static void
assert_text (Seen *seen, CbServerCheckStep step, CbVerdict verdict, const char *part)
{
  g_assert_nonnull (seen->texts[step]);
  g_test_message ("%s: %s", cb_server_check_get_title (step), seen->texts[step]);
  g_assert_cmpint (seen->verdicts[step], ==, verdict);
  g_assert_nonnull (strstr (seen->texts[step], part));
}

static void
test_good (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  Seen seen = { 0 };

  cb_reply_unref (cb_test_redis_call (redis, "SADD", "q:job:types", "mail", NULL));
  run (&seen, cb_test_redis_get_address (redis), NULL);
  assert_text (&seen, CB_SERVER_CHECK_NAME, CB_VERDICT_GOOD, "socket");
  assert_text (&seen, CB_SERVER_CHECK_REACH, CB_VERDICT_GOOD, cb_test_redis_get_path (redis));
  assert_text (&seen, CB_SERVER_CHECK_LOGIN, CB_VERDICT_GOOD, "default user");
  assert_text (&seen, CB_SERVER_CHECK_SERVER, CB_VERDICT_GOOD, "Redis ");
  assert_text (&seen, CB_SERVER_CHECK_RIGHTS, CB_VERDICT_GOOD, "change jobs");
  assert_text (&seen, CB_SERVER_CHECK_QUEUES, CB_VERDICT_GOOD, "mail");
  clear (&seen);
}

/* Also queues of libraries that there is no engine for, which takes a look at all keys; not for who wants a certain prefix. */
static void
test_other_libraries (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  Seen alone = { 0 };
  Seen both = { 0 };
  Seen prefix = { 0 };

  cb_reply_unref (cb_test_redis_call (redis, "HSET", "bull:letters:meta", "version", "5", NULL));
  run (&alone, cb_test_redis_get_address (redis), NULL);
  g_assert_cmpstr (alone.texts[CB_SERVER_CHECK_QUEUES], ==, "1 queue of another library, whose jobs are not shown yet: letters (BullMQ)");
  g_assert_cmpint (alone.verdicts[CB_SERVER_CHECK_QUEUES], ==, CB_VERDICT_GOOD);

  cb_reply_unref (cb_test_redis_call (redis, "SADD", "q:job:types", "mail", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "SADD", "rq:queues", "rq:queue:high", NULL));
  run (&both, cb_test_redis_get_address (redis), NULL);
  g_assert_cmpstr (both.texts[CB_SERVER_CHECK_QUEUES], ==,
                   "1 queue: mail\n2 queues of other libraries, whose jobs are not shown yet: letters (BullMQ), high (RQ)");

  cb_reply_unref (cb_test_redis_call (redis, "CONFIG", "RESETSTAT", NULL));
  run (&prefix, cb_test_redis_get_address (redis), "q");
  g_assert_cmpstr (prefix.texts[CB_SERVER_CHECK_QUEUES], ==, "1 queue: mail");
  {
    g_autofree char *info = cb_test_redis_get_string (redis, "INFO", "commandstats", NULL);

    g_assert_null (strstr (info, "cmdstat_scan"));
  }
  clear (&alone);
  clear (&both);
  clear (&prefix);
}

static void
test_restricted (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbAddress) some = cb_address_with_login (cb_test_redis_get_address (redis), "some", "p");
  g_autoptr (CbAddress) few = cb_address_with_login (cb_test_redis_get_address (redis), "few", "p");
  g_autoptr (CbAddress) wrong = cb_address_with_login (cb_test_redis_get_address (redis), "few", "falsch");
  Seen seen_some = { 0 };
  Seen seen_few = { 0 };
  Seen seen_wrong = { 0 };

  cb_reply_unref (cb_test_redis_call (redis, "ACL", "SETUSER", "some", "on", ">p", "~*", "&*", "+@read", "+ping",
                                      "+acl|whoami", "+acl|dryrun", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "ACL", "SETUSER", "few", "on", ">p", "~*", "+@read", "+ping", NULL));
  run (&seen_some, some, NULL);
  assert_text (&seen_some, CB_SERVER_CHECK_LOGIN, CB_VERDICT_GOOD, "some");
  assert_text (&seen_some, CB_SERVER_CHECK_RIGHTS, CB_VERDICT_PARTLY, "no permissions to run the 'hset' command");
  assert_text (&seen_some, CB_SERVER_CHECK_RIGHTS, CB_VERDICT_PARTLY, "'eval'");
  assert_text (&seen_some, CB_SERVER_CHECK_RIGHTS, CB_VERDICT_PARTLY, "'subscribe'");
  g_assert_null (strstr (seen_some.texts[CB_SERVER_CHECK_RIGHTS], "zrange"));
  assert_text (&seen_some, CB_SERVER_CHECK_QUEUES, CB_VERDICT_GOOD, "None");

  run (&seen_few, few, NULL);
  assert_text (&seen_few, CB_SERVER_CHECK_RIGHTS, CB_VERDICT_PARTLY, "does not tell");
  g_assert_cmpint (seen_few.verdicts[CB_SERVER_CHECK_QUEUES], ==, CB_VERDICT_GOOD);

  run (&seen_wrong, wrong, NULL);
  assert_text (&seen_wrong, CB_SERVER_CHECK_LOGIN, CB_VERDICT_BAD, "Look at the user");
  g_assert_cmpint (seen_wrong.verdicts[CB_SERVER_CHECK_REACH], ==, CB_VERDICT_GOOD);
  g_assert_null (seen_wrong.texts[CB_SERVER_CHECK_SERVER]);
  clear (&seen_some);
  clear (&seen_few);
  clear (&seen_wrong);
}

/* No password, a wrong one, and one of all the signs that mean something in an address: told at the step it is, and never repeated. */
static void
test_password (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbAddress) right = cb_address_with_login (cb_test_redis_get_address (redis), "ops@team", "p@ss:w/rd#%41?& \"x\"");
  g_autoptr (CbAddress) wrong = cb_address_with_login (cb_test_redis_get_address (redis), "ops@team", "falsch");
  Seen seen_none = { 0 };
  Seen seen_wrong = { 0 };
  Seen seen = { 0 };

  cb_reply_unref (cb_test_redis_call (redis, "ACL", "SETUSER", "ops@team", "on", ">p@ss:w/rd#%41?& \"x\"", "~*", "&*", "+@all", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "CONFIG", "SET", "requirepass", "other", NULL));

  run (&seen_none, cb_test_redis_get_address (redis), NULL);
  assert_text (&seen_none, CB_SERVER_CHECK_LOGIN, CB_VERDICT_BAD, "NOAUTH");
  g_assert_null (seen_none.texts[CB_SERVER_CHECK_QUEUES]);
  run (&seen_wrong, wrong, NULL);
  assert_text (&seen_wrong, CB_SERVER_CHECK_LOGIN, CB_VERDICT_BAD, "WRONGPASS");
  g_assert_null (strstr (seen_wrong.texts[CB_SERVER_CHECK_LOGIN], "falsch"));
  run (&seen, right, NULL);
  assert_text (&seen, CB_SERVER_CHECK_LOGIN, CB_VERDICT_GOOD, "Let in as ops@team.");
  assert_text (&seen, CB_SERVER_CHECK_QUEUES, CB_VERDICT_GOOD, "None");
  for (guint i = 0; i < CB_SERVER_CHECK_N_STEPS; i++)
    g_assert_true (seen.texts[i] == NULL || strstr (seen.texts[i], "p@ss") == NULL);
  clear (&seen_none);
  clear (&seen_wrong);
  clear (&seen);
}

static gboolean
answer_cb (CbFakeServer *server, CbFakeClient *client, const CbValue *command, gpointer data)
{
  const char * const *answers = data;

  for (; *answers != NULL; answers += 2)
    if (cb_value_equal_string (cb_value_get_element (command, 0), answers[0]))
      {
        cb_fake_client_send (client, answers[1], -1);
        return TRUE;
      }
  return FALSE;
}

/* A Sentinel is no server, does not know each name, and may lead to nobody; what is said of it is not muddled with other advice. */
static void
test_sentinel (void)
{
  static const char * const answers[] = {
    "INFO", "$41\r\nredis_version:7.0.15\r\nredis_mode:sentinel\r\n", "ROLE", "*2\r\n$8\r\nsentinel\r\n*1\r\n$4\r\nmain\r\n",
    NULL,
  };
  static const char * const nobody[] = { "SENTINEL", "*2\r\n$9\r\n127.0.0.1\r\n$1\r\n1\r\n", NULL };
  static const char * const unknown[] = { "SENTINEL", "*-1\r\n", NULL };
  static const char * const wrong[] = { "AUTH", "-WRONGPASS invalid username-password pair or user is disabled.\r\n", NULL };
  g_autoptr (CbFakeServer) server = cb_fake_server_new ();
  g_autoptr (CbAddress) named = cb_address_with_sentinel (cb_fake_server_get_address (server), "main");
  Seen seen = { 0 };
  Seen seen_unknown = { 0 };
  g_autoptr (CbAddress) own = cb_address_with_sentinel_login (named, "watch", "SECRET");
  Seen seen_nobody = { 0 };
  Seen seen_wrong = { 0 };

  cb_fake_server_set_handler (server, answer_cb, (gpointer) answers);
  run (&seen, cb_fake_server_get_address (server), NULL);
  assert_text (&seen, CB_SERVER_CHECK_LOGIN, CB_VERDICT_BAD, "It watches: main. Add ?sentinel=main to the address");
  g_assert_null (strstr (seen.texts[CB_SERVER_CHECK_LOGIN], "password"));

  cb_fake_server_set_handler (server, answer_cb, (gpointer) unknown);
  run (&seen_unknown, named, NULL);
  assert_text (&seen_unknown, CB_SERVER_CHECK_NAME, CB_VERDICT_BAD, "does not know “main”");
  g_assert_null (strstr (seen_unknown.texts[CB_SERVER_CHECK_NAME], "spelt rightly"));

  cb_fake_server_set_handler (server, answer_cb, (gpointer) nobody);
  run (&seen_nobody, named, NULL);
  assert_text (&seen_nobody, CB_SERVER_CHECK_REACH, CB_VERDICT_BAD, "The primary of “main” (127.0.0.1:1) does not answer");

  cb_fake_server_set_handler (server, answer_cb, (gpointer) wrong);
  run (&seen_wrong, own, NULL);
  assert_text (&seen_wrong, CB_SERVER_CHECK_NAME, CB_VERDICT_BAD, "does not let in with this password: look at sentinel_password");
  g_assert_null (strstr (seen_wrong.texts[CB_SERVER_CHECK_NAME], "spelt rightly"));
  g_assert_null (strstr (seen_wrong.texts[CB_SERVER_CHECK_NAME], "SECRET"));
  clear (&seen_wrong);
  clear (&seen);
  clear (&seen_unknown);
  clear (&seen_nobody);
}

/* Who may do everything under one prefix and nothing under any other: it counts what is asked for. */
static void
test_prefix (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbAddress) shop = cb_address_with_login (cb_test_redis_get_address (redis), "shop", "p");
  Seen seen = { 0 };
  Seen seen_usual = { 0 };
  Seen seen_empty = { 0 };

  cb_reply_unref (cb_test_redis_call (redis, "SADD", "shop:job:types", "mail", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "SADD", "q:job:types", "secret", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "ACL", "SETUSER", "shop", "on", ">p", "~shop:*", "&shop:*", "+@all", NULL));
  run (&seen, shop, "shop");
  assert_text (&seen, CB_SERVER_CHECK_RIGHTS, CB_VERDICT_GOOD, "change jobs");
  assert_text (&seen, CB_SERVER_CHECK_QUEUES, CB_VERDICT_GOOD, "1 queue: mail");

  run (&seen_usual, shop, "");
  assert_text (&seen_usual, CB_SERVER_CHECK_RIGHTS, CB_VERDICT_PARTLY, "May not look at jobs");
  assert_text (&seen_usual, CB_SERVER_CHECK_RIGHTS, CB_VERDICT_PARTLY, "hear of changes");

  run (&seen_empty, cb_test_redis_get_address (redis), "nobody");
  assert_text (&seen_empty, CB_SERVER_CHECK_QUEUES, CB_VERDICT_GOOD, "under the prefix “nobody”");
  clear (&seen);
  clear (&seen_usual);
  clear (&seen_empty);
}

static void
test_nobody (void)
{
  g_autoptr (CbAddress) address = cb_address_new_unix ("/nonexistent/callboard.sock");
  g_autoptr (CbAddress) name = cb_address_new_tcp ("callboard.invalid", 6379);
  Seen seen = { 0 };
  Seen seen_name = { 0 };

  run (&seen, address, NULL);
  assert_text (&seen, CB_SERVER_CHECK_REACH, CB_VERDICT_BAD, "“unixsocket” in its settings");
  g_assert_null (strstr (seen.texts[CB_SERVER_CHECK_REACH], "firewall"));
  g_assert_null (seen.texts[CB_SERVER_CHECK_LOGIN]);

  run (&seen_name, name, NULL);
  assert_text (&seen_name, CB_SERVER_CHECK_NAME, CB_VERDICT_BAD, "spelt rightly");
  g_assert_null (seen_name.texts[CB_SERVER_CHECK_REACH]);
  clear (&seen);
  clear (&seen_name);
}

/* Cancelled at any moment, nothing comes any more and nothing stays. */
static void
test_cancel (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);

  for (int until = 0; until < CB_SERVER_CHECK_N_STEPS; until++)
    {
      Seen seen = { 0 };
      CbServerCheck *check = start (&seen, cb_test_redis_get_address (redis), NULL);

      cb_test_wait_until (seen.texts[until] != NULL);
      cb_server_check_cancel (check);
      cb_test_assert_finalized_soon (check);
      g_assert_false (seen.ended && until < CB_SERVER_CHECK_QUEUES);
      clear (&seen);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/server-check/good", test_good);
  g_test_add_func ("/server-check/other-libraries", test_other_libraries);
  g_test_add_func ("/server-check/restricted", test_restricted);
  g_test_add_func ("/server-check/password", test_password);
  g_test_add_func ("/server-check/sentinel", test_sentinel);
  g_test_add_func ("/server-check/prefix", test_prefix);
  g_test_add_func ("/server-check/nobody", test_nobody);
  g_test_add_func ("/server-check/cancel", test_cancel);
  return g_test_run ();
}
