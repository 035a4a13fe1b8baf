/* test-reply.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-redis-error.h"
#include "cb-reply.h"

#include <math.h>
#include <string.h>

static CbReply *
parse (const char *resp)
{
  g_autoptr (GError) error = NULL;
  CbReply *reply = cb_reply_new_from_resp (resp, -1, &error);

  g_assert_no_error (error);
  return reply;
}

static void
test_values (void)
{
  static const char resp[] = "*7\r\n+OK\r\n-ERR no\r\n:-5\r\n$3\r\na\0b\r\n$-1\r\n*-1\r\n*1\r\n$0\r\n\r\n";
  g_autoptr (CbReply) reply = cb_reply_new_from_resp (resp, sizeof resp - 1, NULL);
  const CbValue *root = cb_reply_get_value (reply);
  const CbValue *value;
  g_autoptr (GBytes) bytes = NULL;
  const char *string;
  gsize length;
  gint64 integer = 77;

  g_assert_cmpuint (cb_value_get_length (root), ==, 7);
  g_assert_cmpint (cb_value_get_kind (cb_value_get_element (root, 0)), ==, CB_VALUE_STATUS);
  g_assert_true (cb_value_equal_string (cb_value_get_element (root, 0), "OK"));
  g_assert_false (cb_value_equal_string (cb_value_get_element (root, 0), "O"));
  g_assert_true (cb_value_is_error (cb_value_get_element (root, 1)));

  value = cb_value_get_element (root, 2);
  g_assert_cmpint (cb_value_get_kind (value), ==, CB_VALUE_INTEGER);
  g_assert_true (cb_value_get_integer (value, &integer));
  g_assert_cmpint (integer, ==, -5);
  g_assert_null (cb_value_get_string (value, &length));
  g_assert_cmpuint (length, ==, 0);

  value = cb_value_get_element (root, 3);
  string = cb_value_get_string (value, &length);
  g_assert_cmpmem (string, length, "a\0b", 3);
  g_assert_cmpint (string[3], ==, '\0');
  g_assert_false (cb_value_equal_string (value, "a"));
  bytes = cb_value_dup_bytes (value);
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, 3);

  g_assert_true (cb_value_is_nil (cb_value_get_element (root, 4)));
  g_assert_true (cb_value_is_nil (cb_value_get_element (root, 5)));
  g_assert_null (cb_value_dup_bytes (cb_value_get_element (root, 4)));
  value = cb_value_get_element (root, 6);
  g_assert_true (cb_value_is_array (value));
  g_assert_true (cb_value_equal_string (cb_value_get_element (value, 0), ""));
  g_assert_cmpuint (cb_reply_get_size (reply), ==, 2 + 6 + 3);

  /* What is not there is nil. */
  g_assert_null (cb_value_get_element (root, 7));
  g_assert_true (cb_value_is_nil (NULL));
  g_assert_false (cb_value_get_integer (NULL, NULL));
  g_assert_null (cb_value_get_element (NULL, 0));
  g_assert_null (cb_value_get_field (NULL, "x"));
}

static void
test_numbers (void)
{
  static const struct
  {
    const char *text;
    gboolean is_integer;
    gint64 integer;
    gboolean is_double;
    double number;
  } cases[] = {
    { "0", TRUE, 0, TRUE, 0 },
    { "-12", TRUE, -12, TRUE, -12 },
    { "9223372036854775807", TRUE, G_MAXINT64, TRUE, 9223372036854775807.0 },
    { "-9223372036854775808", TRUE, G_MININT64, TRUE, -9223372036854775808.0 },
    { "9223372036854775808", FALSE, 0, TRUE, 9223372036854775808.0 },
    { "1.5", FALSE, 0, TRUE, 1.5 },
    { "1e3", FALSE, 0, TRUE, 1000 },
    { "inf", FALSE, 0, TRUE, INFINITY },
    { "-inf", FALSE, 0, TRUE, -INFINITY },
    { "nan", FALSE, 0, FALSE, 0 },
    { "0x10", FALSE, 0, FALSE, 0 },
    { "+1", FALSE, 0, TRUE, 1 },
    { " 1", FALSE, 0, FALSE, 0 },
    { "1 ", FALSE, 0, FALSE, 0 },
    { "1,5", FALSE, 0, FALSE, 0 },
    { "", FALSE, 0, FALSE, 0 },
    { "x", FALSE, 0, FALSE, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *resp = g_strdup_printf ("$%zu\r\n%s\r\n", strlen (cases[i].text), cases[i].text);
      g_autoptr (CbReply) reply = parse (resp);
      const CbValue *value = cb_reply_get_value (reply);
      gint64 integer = 0;
      double number = 0;

      g_test_message ("“%s”", cases[i].text);
      g_assert_true (cb_value_get_integer (value, &integer) == cases[i].is_integer);
      g_assert_cmpint (integer, ==, cases[i].integer);
      g_assert_true (cb_value_get_double (value, &number) == cases[i].is_double);
      g_assert_true (number == cases[i].number);
    }
}

static void
test_field (void)
{
  g_autoptr (CbReply) reply = parse ("*5\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\nb\r\n$1\r\na\r\n$3\r\nodd\r\n");
  const CbValue *root = cb_reply_get_value (reply);

  g_assert_true (cb_value_equal_string (cb_value_get_field (root, "a"), "1"));
  g_assert_true (cb_value_equal_string (cb_value_get_field (root, "b"), "a"));
  g_assert_null (cb_value_get_field (root, "1"));
  g_assert_null (cb_value_get_field (root, "odd"));
}

static void
test_broken (void)
{
  g_autoptr (GString) deep = g_string_new (NULL);
  static const char * const cases[] = {
    "", "+OK", "$5\r\nabc\r\n", "*2\r\n:1\r\n", "+a\r\n+b\r\n", "x\r\n", "HTTP/1.1 400 Bad Request\r\n",
    "*-2\r\n", "$x\r\n", ":1x\r\n", "*2147483647\r\n", "*4294967296\r\n", "$99999999999999999999\r\n",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", cases[i]);
      g_assert_null (cb_reply_new_from_resp (cases[i], -1, &error));
      g_assert_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_PROTOCOL);
      g_assert_true (g_str_has_prefix (error->message, "Protocol error"));
    }

  for (int i = 0; i < 200000; i++)
    g_string_append (deep, "*1\r\n");
  g_string_append (deep, ":1\r\n");
  {
    g_autoptr (GError) error = NULL;

    g_assert_null (cb_reply_new_from_resp (deep->str, deep->len, &error));
    g_assert_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_PROTOCOL);
  }
}

static void
test_errors (void)
{
  static const struct
  {
    const char *command;
    const char *text;
    CbRedisError code;
    const char *message; /* or its beginning */
  } cases[] = {
    { "GET", "WRONGTYPE Operation against a key holding the wrong kind of value", CB_REDIS_ERROR_WRONGTYPE,
      "GET: WRONGTYPE Operation against a key holding the wrong kind of value. " },
    { NULL, "NOAUTH Authentication required.", CB_REDIS_ERROR_NOAUTH, "NOAUTH Authentication required. Give the password" },
    { "AUTH", "WRONGPASS invalid username-password pair or user is disabled.", CB_REDIS_ERROR_WRONGPASS,
      "AUTH: WRONGPASS invalid username-password pair or user is disabled. Check" },
    { "EVALSHA", "ERR The user executing the script can't run this command or subcommand script: 5306887, on @user_script:583.",
      CB_REDIS_ERROR_NOPERM,
      "EVALSHA: ERR The user executing the script can't run this command or subcommand script: 5306887, on "
      "@user_script:583. Ask" },
    { "EVALSHA", "ERR ACL failure in script: User looker has no permissions to run the 'zrem' command", CB_REDIS_ERROR_NOPERM,
      "EVALSHA: ERR ACL failure in script: User looker has no permissions to run the 'zrem' command. Ask" },
    { "SCAN", "NOPERM this user has no permissions to run the 'scan' command", CB_REDIS_ERROR_NOPERM,
      "SCAN: NOPERM this user has no permissions to run the 'scan' command. Ask" },
    { "SET", "READONLY You can't write against a read only replica.", CB_REDIS_ERROR_READONLY,
      "SET: READONLY You can't write against a read only replica. This server is a read-only replica" },
    { "GET", "LOADING Redis is loading the dataset in memory", CB_REDIS_ERROR_LOADING, "GET: LOADING " },
    { "GET", "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
      CB_REDIS_ERROR_MASTERDOWN, "GET: MASTERDOWN " },
    { "EVALSHA", "READONLY You can't write against a read only replica. script: e84bc6c61ff81befb4f80dd6b8d018288b1ac717, "
      "on @user_script:243.", CB_REDIS_ERROR_READONLY,
      "EVALSHA: READONLY You can't write against a read only replica. This server is a read-only replica" },
    { "X", "ERR my script: e84bc6c61f, on @user_script:1", CB_REDIS_ERROR_FAILED,
      "X: ERR my script: e84bc6c61f, on @user_script:1" },
    { "SET", "MISCONF Redis is configured to save RDB snapshots, but", CB_REDIS_ERROR_MISCONF, "SET: MISCONF " },
    { "SET", "OOM command not allowed when used memory > 'maxmemory'.", CB_REDIS_ERROR_OOM, "SET: OOM " },
    { "GET", "BUSY Redis is busy running a script.", CB_REDIS_ERROR_BUSY, "GET: BUSY " },
    { "EVALSHA", "NOSCRIPT No matching script. Please use EVAL.", CB_REDIS_ERROR_NOSCRIPT, "EVALSHA: NOSCRIPT " },
    { "EXEC", "EXECABORT Transaction discarded because of previous errors.", CB_REDIS_ERROR_EXECABORT, "EXEC: EXECABORT " },
    { "SET", "NOREPLICAS Not enough good replicas to write.", CB_REDIS_ERROR_NOREPLICAS, "SET: NOREPLICAS " },
    { "BLPOP", "UNBLOCKED force unblock from blocking operation", CB_REDIS_ERROR_UNBLOCKED, "BLPOP: UNBLOCKED " },
    { "GET", "MOVED 5798 203.0.113.9:6379", CB_REDIS_ERROR_MOVED, "GET: MOVED 5798 203.0.113.9:6379. " },
    { "GET", "ASK 5798 203.0.113.9:6379", CB_REDIS_ERROR_ASK, "GET: ASK " },
    { "GET", "TRYAGAIN Multiple keys request during rehashing of slot", CB_REDIS_ERROR_TRYAGAIN, "GET: TRYAGAIN " },
    { "MGET", "CROSSSLOT Keys in request don't hash to the same slot", CB_REDIS_ERROR_CROSSSLOT, "MGET: CROSSSLOT " },
    { "GET", "CLUSTERDOWN The cluster is down", CB_REDIS_ERROR_CLUSTERDOWN, "GET: CLUSTERDOWN " },
    { NULL, "DENIED Redis is running in protected mode", CB_REDIS_ERROR_DENIED, "DENIED Redis is running in protected mode" },
    { NULL, "ERR max number of clients reached", CB_REDIS_ERROR_MAXCLIENTS, "ERR max number of clients reached. " },
    { "FOO", "ERR unknown command 'FOO', with args beginning with: 'a' ", CB_REDIS_ERROR_UNKNOWN_COMMAND,
      "FOO: ERR unknown command 'FOO', with args beginning with: 'a'. This server" },
    { "AUTH", "ERR unknown command 'AUTH', with args beginning with: 'u' 'SECRET' ", CB_REDIS_ERROR_UNKNOWN_COMMAND,
      "AUTH: ERR unknown command 'AUTH'. This" },
    { "X", "ERR syntax error", CB_REDIS_ERROR_FAILED, "X: ERR syntax error" },
    { "X", "WRONGTYPES not that kind", CB_REDIS_ERROR_FAILED, "X: WRONGTYPES not that kind" },
    { "X", "b\xff\xfe%s%n", CB_REDIS_ERROR_FAILED, "X: b\xef\xbf\xbd\xef\xbf\xbd%s%n" },
    { "X", "", CB_REDIS_ERROR_FAILED, "X: ERR" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = cb_redis_error_new_from_reply (cases[i].command, cases[i].text, strlen (cases[i].text));

      g_test_message ("%s", error->message);
      g_assert_error (error, CB_REDIS_ERROR, (int) cases[i].code);
      g_assert_true (g_str_has_prefix (error->message, cases[i].message));
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      g_assert_null (strstr (error->message, "SECRET"));
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/reply/values", test_values);
  g_test_add_func ("/reply/numbers", test_numbers);
  g_test_add_func ("/reply/field", test_field);
  g_test_add_func ("/reply/broken", test_broken);
  g_test_add_func ("/reply/errors", test_errors);

  return g_test_run ();
}
