/* test-read-only.c: what a connection sends that is for reading only
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "cb-command-table.h"
#include "cb-connection.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"

typedef struct
{
  CbTestRedis *redis;
  CbConnection *connection;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->redis = cb_test_redis_new (data, NULL);
  g_free (cb_test_redis_get_string (fixture->redis, "SET", "string", "x", NULL));
  cb_test_redis_get_integer (fixture->redis, "HSET", "hash", "field", "x", NULL);
  cb_test_redis_get_integer (fixture->redis, "PFADD", "log", "a", "b", NULL);
  fixture->connection = cb_connection_new (cb_test_redis_get_address (fixture->redis), "test");
  cb_connection_set_read_only (fixture->connection, TRUE);
  cb_test_open (fixture->connection, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  cb_connection_close (fixture->connection);
  cb_test_settle ();
  g_assert_finalize_object (fixture->connection);
  cb_test_redis_free (fixture->redis);
}

static gboolean
has_flag (const CbValue *entry, const char *flag)
{
  const CbValue *flags = cb_value_get_element (entry, 2);

  for (guint i = 0; i < cb_value_get_length (flags); i++)
    if (cb_value_equal_string (cb_value_get_element (flags, i), flag))
      return TRUE;
  return FALSE;
}

/* What a script, a message or the count of a HyperLogLog may do is not among the flags. */
static gboolean
writes (const CbValue *entry)
{
  static const char * const more[] = { "eval", "evalsha", "fcall", "publish", "spublish", "pfcount", NULL };
  const char *name = cb_value_get_string (cb_value_get_element (entry, 0), NULL);

  return has_flag (entry, "write") || g_strv_contains (more, name);
}

/* The names of all commands and subcommands, "config|get", whose flags are such. */
static GPtrArray *
list_commands (CbTestRedis *redis, gboolean writing)
{
  g_autoptr (CbReply) reply = cb_test_redis_call (redis, "COMMAND", NULL);
  const CbValue *commands = cb_reply_get_value (reply);
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);

  g_assert_cmpuint (cb_value_get_length (commands), >, 200);
  for (guint i = 0; i < cb_value_get_length (commands); i++)
    {
      const CbValue *entry = cb_value_get_element (commands, i);
      const CbValue *subcommands = cb_value_get_element (entry, 9);

      for (guint j = 0; j <= cb_value_get_length (subcommands); j++)
        {
          const CbValue *one = j == 0 ? entry : cb_value_get_element (subcommands, j - 1);

          if (writing == writes (one))
            g_ptr_array_add (names, g_strdup (cb_value_get_string (cb_value_get_element (one, 0), NULL)));
        }
    }
  return names;
}

static CbCommand *
make_command (const char *name, guint n_arguments)
{
  g_auto (GStrv) words = g_strsplit (name, "|", 2);
  CbCommand *command = cb_command_new (words[0], NULL);

  if (words[1] != NULL)
    cb_command_add (command, words[1]);
  for (guint i = 0; i < n_arguments; i++)
    cb_command_add (command, i == 0 ? "string" : "1");
  return command;
}

static void
assert_no_write (CbTestRedis *redis, GPtrArray *writing)
{
  g_autofree char *stats = cb_test_redis_get_string (redis, "INFO", "commandstats", NULL);

  for (guint i = 0; i < writing->len; i++)
    {
      g_autofree char *line = g_strdup_printf ("cmdstat_%s:", (const char *) writing->pdata[i]);

      if (strstr (stats, line) != NULL)
        g_error ("%s got through", (const char *) writing->pdata[i]);
    }
}

/* With several numbers of arguments, alone, in a pipeline and in a transaction. */
static void
test_every_command (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) writing = list_commands (fixture->redis, TRUE);
  g_autoptr (GPtrArray) others = list_commands (fixture->redis, FALSE);
  g_autofree char *before = cb_test_redis_get_string (fixture->redis, "DUMP", "log", NULL);
  guint n_sent = 0;

  g_assert_cmpuint (writing->len, >, 90);
  g_free (cb_test_redis_get_string (fixture->redis, "CONFIG", "RESETSTAT", NULL));

  for (guint i = 0; i < writing->len; i++)
    {
      g_autofree char *upper = g_ascii_strup (writing->pdata[i], -1);

      for (guint n = 0; n < 5; n++)
        {
          g_autoptr (GError) error = NULL;
          CbPipeline *pipeline = cb_pipeline_new ();

          g_assert_null (cb_test_call (fixture->connection, make_command (n % 2 ? upper : writing->pdata[i], n), &error));
          if (n == 0 && strchr (upper, '|') == NULL)
            g_assert_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_READONLY);
          g_clear_error (&error);

          /* Behind one that may go, and within a transaction. */
          cb_pipeline_add (pipeline, cb_command_new ("GET", "string", NULL));
          cb_pipeline_add (pipeline, make_command (writing->pdata[i], n));
          if (n % 2 == 0)
            cb_pipeline_set_transaction (pipeline);
          g_assert_null (cb_test_pipeline (fixture->connection, pipeline, &error));
          g_assert_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_READONLY);
        }
    }
  assert_no_write (fixture->redis, writing);

  for (guint i = 0; i < others->len; i++)
    {
      const char *name = others->pdata[i];

      for (guint n = 0; n < 4; n++)
        {
          g_autoptr (GError) error = NULL;
          CbReply *reply;

          /* MULTI by hand would be a transaction that no pipeline knows of. */
          if (g_str_equal (name, "exec") || g_str_equal (name, "multi") || g_str_equal (name, "discard"))
            continue;
          reply = cb_test_call (fixture->connection, make_command (name, n), &error);
          n_sent += !g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_READONLY);
          if (cb_connection_get_state (fixture->connection) != CB_CONNECTION_READY)
            g_error ("%s ended the connection: %s", name, error != NULL ? error->message : "no error");
          g_clear_pointer (&reply, cb_reply_unref);
        }
    }
  /* It is a connection for reading, after all. */
  g_assert_cmpuint (n_sent, >, 400);
  assert_no_write (fixture->redis, writing);
  g_assert_cmpint (cb_test_redis_get_integer (fixture->redis, "DBSIZE", NULL), ==, 3);
  g_assert_nonnull (before);
}

/* Neither writes nor just tells something. */
static void
test_effects (Fixture *fixture, gconstpointer data)
{
  static const char * const names[] = {
    "config|set", "config|rewrite", "config|resetstat", "client|kill", "client|pause", "client|setname", "shutdown",
    "save", "bgsave", "bgrewriteaof", "replicaof", "slaveof", "failover", "acl|setuser", "acl|deluser", "acl|load",
    "script|flush", "script|kill", "function|kill", "slowlog|reset", "latency|reset", "memory|purge", "module|load",
    "module|unload", "debug", "monitor", "subscribe", "psubscribe", "sync", "psync", "reset", "quit", "auth", "hello",
    "select", "cluster|reset", "cluster|failover", "cluster|meet", "no-such-command", "config|no-such", "get\nset",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (cb_test_call (fixture->connection, make_command (names[i], 1), &error));
      if (!g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_READONLY))
        g_error ("%s got through", names[i]);
    }
  {
    g_autoptr (GError) error = NULL;
    CbCommand *command = cb_command_new ("CONFIG", NULL);

    cb_command_add_bytes (command, "GET\0x", 5);
    g_assert_null (cb_test_call (fixture->connection, command, &error));
    g_assert_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_READONLY);
  }
}

static CbReply *
run_script (CbConnection *connection, CbScript *script, GError **error)
{
  static const char * const keys[] = { "string" };

  return cb_test_call (connection, cb_command_new_script (script, 1, keys), error);
}

static void
test_scripts (Fixture *fixture, gconstpointer data)
{
  CbScript *reads = cb_script_new ("reads", "#!lua flags=no-writes\nreturn redis.call ('GET', KEYS[1])");
  CbScript *writes = cb_script_new ("writes", "return redis.call ('SET', KEYS[1], 'y')");
  CbScript *lies = cb_script_new ("lies", "#!lua flags=allow-oom,no-writes\nreturn redis.call ('SET', KEYS[1], 'y')");
  CbScript *tells = cb_script_new ("tells", "#!lua flags=no-writes\nreturn redis.call ('PUBLISH', 'c', 'm')");

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (CbReply) reply = run_script (fixture->connection, reads, &error);

      g_assert_no_error (error);
      g_assert_true (cb_value_equal_string (cb_reply_get_value (reply), "x"));
      g_assert_null (run_script (fixture->connection, writes, &error));
      g_assert_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_READONLY);
      g_clear_error (&error);
      g_assert_null (run_script (fixture->connection, lies, &error));
      g_assert_nonnull (strstr (error->message, "Write commands are not allowed from read-only scripts"));
      g_clear_error (&error);
      g_assert_null (run_script (fixture->connection, tells, &error));
      g_assert_nonnull (strstr (error->message, "not allowed from read-only scripts"));
      /* The second time the server has forgotten them. */
      g_free (cb_test_redis_get_string (fixture->redis, "SCRIPT", "FLUSH", NULL));
    }
  g_assert_cmpint (cb_test_redis_get_integer (fixture->redis, "STRLEN", "string", NULL), ==, 1);
}

static GError *
try_to_set (CbConnection *connection)
{
  GError *error = NULL;
  CbReply *reply = cb_test_call (connection, cb_command_new ("SET", "string", "y", NULL), &error);

  g_clear_pointer (&reply, cb_reply_unref);
  return error;
}

/* Switched over on an open connection, and kept over a lost one. */
static void
test_switching (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) refused = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (CbConnection) sibling = NULL;
  g_autoptr (CbReply) reply = NULL;

  for (guint i = 0; i < 3; i++)
    {
      cb_connection_set_read_only (fixture->connection, FALSE);
      g_assert_no_error (try_to_set (fixture->connection));
      cb_connection_set_read_only (fixture->connection, TRUE);
      refused = try_to_set (fixture->connection);
      g_assert_error (refused, CB_REDIS_ERROR, CB_REDIS_ERROR_READONLY);
      g_clear_error (&refused);
    }
  cb_connection_set_read_only (fixture->connection, FALSE);
  cb_connection_set_read_only (fixture->connection, TRUE);
  cb_connection_set_read_only (fixture->connection, FALSE);
  g_assert_no_error (try_to_set (fixture->connection));
  cb_connection_set_read_only (fixture->connection, TRUE);

  cb_test_redis_kill (fixture->redis);
  cb_test_redis_start (fixture->redis);
  reply = cb_test_call (fixture->connection, cb_command_set_repeatable (cb_command_new ("GET", "string", NULL)), &error);
  g_assert_no_error (error);
  refused = try_to_set (fixture->connection);
  g_assert_error (refused, CB_REDIS_ERROR, CB_REDIS_ERROR_READONLY);
  g_clear_error (&refused);

  sibling = cb_connection_new_sibling (fixture->connection, NULL);
  g_assert_true (cb_connection_get_read_only (sibling));
  /* What was called before the connection stood is looked at as well. */
  cb_connection_open (sibling);
  refused = try_to_set (sibling);
  g_assert_error (refused, CB_REDIS_ERROR, CB_REDIS_ERROR_READONLY);
  cb_connection_close (sibling);
  cb_test_settle ();
}

/* Under their new names the server's COMMAND does not tell of them, and under the old ones it lies. */
static void
test_renamed (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--rename-command", "GET", "fetch", "--rename-command", "SET", "get",
                                                     "--rename-command", "DEL", "mget2", NULL);
  g_autoptr (CbConnection) connection = cb_connection_new (cb_test_redis_get_address (redis), "test");
  static const char * const names[] = { "get", "GET", "set", "fetch", "mget2", "del" };
  g_autoptr (GError) error = NULL;
  g_autoptr (CbReply) reply = NULL;

  cb_connection_set_read_only (connection, TRUE);
  cb_test_open (connection, &error);
  g_assert_no_error (error);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) refused = NULL;

      g_assert_null (cb_test_call (connection, cb_command_new (names[i], "a", "b", NULL), &refused));
      g_assert_error (refused, CB_REDIS_ERROR, CB_REDIS_ERROR_READONLY);
    }
  reply = cb_test_call (connection, cb_command_new ("EXISTS", "a", NULL), &error);
  g_assert_no_error (error);
  cb_connection_close (connection);
  cb_test_settle ();
}

/* A server that does not tell: nothing goes. */
static void
test_untold (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--rename-command", "COMMAND", "", NULL);
  g_autoptr (CbConnection) connection = cb_connection_new (cb_test_redis_get_address (redis), "test");
  g_autoptr (GError) error = NULL;

  cb_connection_set_read_only (connection, TRUE);
  cb_test_open (connection, &error);
  g_assert_no_error (error);
  g_assert_null (cb_test_call (connection, cb_command_new ("GET", "a", NULL), &error));
  g_assert_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_READONLY);
  g_assert_nonnull (strstr (error->message, "COMMAND"));
  cb_connection_close (connection);
  cb_test_settle ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define add(name, function) g_test_add ("/read-only/" name, Fixture, NULL, set_up, function, tear_down)
  add ("every-command", test_every_command);
  add ("effects", test_effects);
  add ("scripts", test_scripts);
  add ("switching", test_switching);
#undef add
  g_test_add_func ("/read-only/renamed", test_renamed);
  g_test_add_func ("/read-only/untold", test_untold);

  return g_test_run ();
}
