/* test-ui-odd-servers.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Servers that answer what is no answer, can't save, hide what they are, or send elsewhere: what the window says of them, and that what
 * has nothing to do with it goes on. What the command line says: /cases/servers and /cases/sentinel. */

#include "cb-case.h"
#include "cb-fake-proxy.h"
#include "cb-ui-harness.h"

#include <glib/gstdio.h>

static void
start (CbTestRedis *redis, const char *page)
{
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));

  cb_ui_start ("--server", server, "--page", page, NULL);
}

/* As somebody who has given the server that prefix before. */
static void
start_with_prefix (const char *server, const char *prefix)
{
  g_autofree char *folder = g_build_filename (cb_ui_get_home (), "config", "callboard", NULL);
  g_autofree char *file = g_build_filename (folder, "servers", NULL);
  g_autofree char *text = g_strdup_printf ("[a]\nName=Depot\nAddress=%s\nPrefix=%s\n", server, prefix);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (file, text, -1, NULL));
  cb_ui_start ("--memory", NULL);
  cb_ui_click_until (NULL, "Server Samples, in memory", "Open Depot");
  cb_ui_key ("Tab");
  cb_ui_key ("space");
  cb_ui_wait_text ("Server Depot, Redis");
  g_unlink (file);
}

static void
subscribe (const char *channel)
{
  cb_ui_click_until ("label", "Pub/Sub", "Nothing Is Listened To");
  cb_ui_click_on (NULL, "Channel or pattern");
  cb_ui_type (channel);
  cb_ui_key ("Return");
}

typedef struct
{
  CbTestRedis *redis;
  const char *far_node;       /* of the keys that begin with "far" */
} Rules;

/* SUBSCRIBE is answered with too little, the key "deep" with 200,000 arrays one in the other. */
static gboolean
spoil_cb (CbFakeServer *server, CbFakeClient *client, const CbValue *words, gpointer data)
{
  Rules *rules = data;
  const CbValue *word = cb_value_get_element (words, 0);

  if (cb_value_equal_string (word, "SUBSCRIBE") && cb_value_equal_string (cb_value_get_element (words, 1), "short"))
    {
      cb_fake_client_send (client, "*1\r\n$9\r\nsubscribe\r\n", -1);
      return TRUE;
    }
  if ((cb_value_equal_string (word, "GET") || cb_value_equal_string (word, "GETRANGE")) &&
      cb_value_equal_string (cb_value_get_element (words, 1), "deep"))
    {
      g_autoptr (GString) deep = g_string_new (NULL);

      for (guint i = 0; i < 200000; i++)
        g_string_append (deep, "*1\r\n");
      cb_fake_client_send (client, deep->str, (gssize) deep->len);
      return TRUE;
    }
  return cb_fake_client_pass_on (client, rules->redis, words);
}

/* That is said, and is not tried in a loop; what is on another connection is as live as before, and afterwards everything is. */
static void
test_no_answers (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbFakeServer) server = cb_fake_server_new ();
  g_autofree char *uri = cb_address_to_uri (cb_fake_server_get_address (server));
  Rules rules = { redis, NULL };
  gint64 begin;
  guint n;

  cb_case_make (redis, "email", "failed", 2);
  cb_case_do (redis, "SET deep x");
  cb_case_do (redis, "SET plain hello");
  cb_fake_server_set_handler (server, spoil_cb, &rules);
  cb_ui_start ("--server", uri, "--page", "pubsub", NULL);
  begin = g_get_monotonic_time ();
  subscribe ("short");
  cb_ui_wait_text ("Protocol error");
  cb_ui_wait_text ("waiting");
  n = cb_fake_server_get_n_accepted (server);
  cb_ui_click_until ("label", "email", "2 jobs");
  cb_case_make (redis, "email", "failed", 1);
  cb_ui_wait_text ("3 jobs");
  cb_ui_wait_no_text ("Protocol error");
  g_assert_false (cb_ui_has_text ("Reconnect Now"));

  cb_ui_click_on ("label", "Keys");
  cb_ui_click_until ("label", "plain", "hello");
  cb_ui_click_on ("label", "deep");
  cb_ui_wait_text ("GETRANGE: Protocol error");
  cb_ui_click_until ("label", "email", "3 jobs");
  cb_case_make (redis, "email", "failed", 1);
  cb_ui_wait_text ("4 jobs");
  g_assert_false (cb_ui_has_text ("Reconnect Now"));
  /* What listens and what looks at keys, each once a second at most. */
  g_assert_cmpuint (cb_fake_server_get_n_accepted (server) - n, <=, 2 * (guint) ((g_get_monotonic_time () - begin) / G_USEC_PER_SEC));
  cb_ui_stop ();
}

/* ---- values of which something comes that is no reply ---- */

typedef struct
{
  CbTestRedis *redis;
  gboolean sound;             /* all answers are */
  guint n_asked;              /* how often for such a value */
} Values;

/* Those of keys that begin with "no-": arrays one in the other without an end, what is no type, a length that is none. */
static gboolean
answer_value_cb (CbFakeServer *server, CbFakeClient *client, const CbValue *words, gpointer data)
{
  static const char * const reading[] = { "GETRANGE", "LRANGE", "HSCAN", "SSCAN", "ZRANGE", "XRANGE", NULL };
  Values *values = data;
  const char *word = cb_value_get_string (cb_value_get_element (words, 0), NULL);
  const char *key = cb_value_get_length (words) > 1 ? cb_value_get_string (cb_value_get_element (words, 1), NULL) : "";

  if (values->sound || !g_str_has_prefix (key, "no-") || !g_strv_contains (reading, word))
    return cb_fake_client_pass_on (client, values->redis, words);

  values->n_asked++;
  if (g_str_has_suffix (key, "end"))
    {
      g_autoptr (GString) deep = g_string_new (NULL);

      for (guint i = 0; i < 200000; i++)
        g_string_append (deep, "*1\r\n");
      cb_fake_client_send (client, deep->str, (gssize) deep->len);
    }
  else if (g_str_has_suffix (key, "type"))
    {
      cb_fake_client_send (client, "what a value\r\n", -1);
    }
  else
    {
      cb_fake_client_send (client, "*-7\r\n", -1);
    }
  return TRUE;
}

#define NOT_UNDERSTOOD "What the server sent for this value can’t be understood."

/* It is said at that value, which is asked for when somebody wants it and not again and again; nothing else is touched. */
static void
test_no_values (void)
{
  static const struct { const char *name, *command, *make; } keys[] = {
    { "no-end", "GETRANGE", "SET no-end fine" },
    { "no-type", "HSCAN", "HSET no-type field fine" },
    { "no-length", "LRANGE", "RPUSH no-length fine" },
  };
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbFakeServer) server = cb_fake_server_new ();
  g_autofree char *uri = cb_address_to_uri (cb_fake_server_get_address (server));
  Values values = { redis, FALSE, 0 };
  guint n;

  cb_case_make (redis, "email", "failed", 2);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    cb_case_do (redis, "%s", keys[i].make);
  cb_case_do (redis, "SET plain hello");
  cb_fake_server_set_handler (server, answer_value_cb, &values);
  cb_ui_start ("--server", uri, "--page", "keys", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autofree char *sentence = g_strconcat (keys[i].command, ": Protocol error", NULL);

      values.n_asked = 0;
      cb_ui_click_on ("label", keys[i].name);
      cb_ui_wait_text (NOT_UNDERSTOOD);
      cb_ui_wait_text (sentence);
      g_assert_cmpuint (values.n_asked, ==, 1);

      /* The list and the pages have lost nothing, and what is opened next is there. */
      cb_ui_click_until ("label", "email", "jobs");
      cb_case_make (redis, "email", "failed", 1);
      cb_ui_wait_text (i == 0 ? "3 jobs" : i == 1 ? "4 jobs" : "5 jobs");
      g_assert_false (cb_ui_has_text ("Reconnect Now"));
      cb_ui_click_until ("label", "Keys", NOT_UNDERSTOOD);
      cb_ui_click_until ("label", "plain", "hello");
      cb_ui_wait_no_text (NOT_UNDERSTOOD);
      g_assert_cmpuint (values.n_asked, ==, 1);
      g_assert_false (cb_ui_has_text ("Reconnect Now"));
    }

  /* It connects again by itself, and does not ask. */
  cb_ui_click_on ("label", keys[0].name);
  cb_ui_wait_text (NOT_UNDERSTOOD);
  n = cb_fake_server_get_n_accepted (server);
  cb_test_wait_until (cb_fake_server_get_n_accepted (server) > n);
  n = values.n_asked;
  cb_ui_click_until ("label", "email", "5 jobs");
  cb_ui_click_until ("label", "Keys", NOT_UNDERSTOOD);
  g_assert_cmpuint (values.n_asked, ==, n);

  /* Who wants it asks once more; when it can be read it is there. */
  cb_ui_click_on (NULL, "Read It Again");
  cb_test_wait_until (values.n_asked == n + 1);
  cb_ui_wait_text (NOT_UNDERSTOOD);
  values.sound = TRUE;
  cb_ui_click_until (NULL, "Read It Again", "fine");
  cb_ui_wait_no_text (NOT_UNDERSTOOD);

  /* What was asked for by this connection is this program's, too. */
  cb_ui_click_on ("label", "Server");
  cb_ui_click_until (NULL, "This Program", "GETRANGE");
  cb_ui_stop ();
}

/* Whether the values of keys are read by somebody. */
static gboolean
has_reader (CbTestRedis *redis)
{
  g_autofree char *clients = cb_test_redis_get_string (redis, "CLIENT", "LIST", NULL);

  return strstr (clients, "name=callboard-keys ") != NULL;
}

/* The connection for values is there only while somebody looks at one, and may do what the other may. */
static void
test_reader (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));
  g_autofree char *value = NULL;

  cb_case_make (redis, "email", "failed", 2);
  cb_case_do (redis, "SET plain hello");
  cb_ui_start ("--server", server, "--page", "keys", NULL);
  cb_ui_find ("label", "plain");
  g_assert_false (has_reader (redis));
  cb_ui_click_until ("label", "plain", "hello");
  cb_test_wait_until (has_reader (redis));

  cb_ui_click_until ("label", "email", "2 jobs");
  cb_test_wait_until (!has_reader (redis));
  cb_case_do (redis, "SET plain hullo");
  cb_ui_click_until ("label", "Keys", "hullo");
  g_assert_true (has_reader (redis));

  /* It comes back with the server. */
  cb_case_do (redis, "SET plain again");
  cb_test_redis_get_integer (redis, "CLIENT", "KILL", "TYPE", "normal", NULL);
  cb_ui_wait_text ("again");
  cb_ui_wait_no_text ("Reconnect Now");
  g_assert_true (has_reader (redis));
  cb_ui_stop ();
  cb_test_wait_until (!has_reader (redis));
  value = cb_test_redis_get_string (redis, "GET", "plain", NULL);
  g_assert_cmpstr (value, ==, "again");
}

static gboolean
can_not_save (CbTestRedis *redis)
{
  g_autofree char *info = cb_test_redis_get_string (redis, "INFO", "persistence", NULL);

  return strstr (info, "rdb_last_bgsave_status:err") != NULL;
}

/* A server that takes no more connections: a value is read over the one that is there. */
static void
test_full (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));
  g_autofree char *clients = NULL;
  g_auto (GStrv) lines = NULL;

  cb_case_do (redis, "SET plain hello");
  cb_case_do (redis, "HSET other field hullo");
  cb_ui_start ("--server", server, "--page", "keys", NULL);
  cb_ui_find ("label", "plain");
  clients = cb_test_redis_get_string (redis, "CLIENT", "LIST", NULL);
  lines = g_strsplit (g_strchomp (clients), "\n", -1);
  cb_case_do (redis, "CONFIG SET maxclients %u", g_strv_length (lines));
  cb_ui_click_on ("label", "plain");
  cb_ui_wait_text ("hello");
  cb_ui_click_until ("label", "other", "hullo");
  g_assert_false (has_reader (redis));
  cb_ui_wait_no_text ("Reconnect Now");

  /* And when there is room again the window goes on as it is. */
  cb_case_do (redis, "CONFIG SET maxclients 100");
  cb_case_do (redis, "SET plain again");
  cb_ui_click_until ("label", "plain", "again");
  cb_ui_stop ();
}

/* The server can't save and refuses to be written to: its words are shown, nothing is taken and nothing changes, and the worker begins by
 * itself when that is over. */
static void
test_cannot_save (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--save", "1 1", "--dbfilename", "blocked", NULL);
  g_autofree char *blocked = g_build_filename (cb_test_redis_get_directory (redis), "blocked", NULL);
  gint64 began;
  guint refused;

  cb_case_make (redis, "push_notification_code", "inactive", 3);
  cb_case_make (redis, "push_notification_code", "failed", 2);
  /* A folder stands where the file is to be. */
  g_assert_cmpint (g_mkdir (blocked, 0700), ==, 0);
  cb_test_wait_until (can_not_save (redis));

  start (redis, "push_notification_code");
  cb_ui_wait_text ("5 jobs");
  cb_ui_key ("alt+4");
  cb_ui_wait_text ("2 jobs");
  cb_ui_click_until ("label", "Notice 5  user5@example.test  Hello", "Timeline");
  cb_ui_key ("ctrl+r");
  cb_ui_wait_text ("MISCONF Redis is configured to save RDB snapshots");
  g_assert_true (cb_case_has_counts (redis, "push_notification_code", "3 0 0 2 0"));

  cb_ui_click_on ("label", "Worker");
  cb_ui_click_on (NULL, "Serve push_notification_code");
  cb_ui_wait_text ("MISCONF");
  began = g_get_monotonic_time ();
  refused = cb_case_count_errors (redis, "MISCONF");
  cb_test_run_for (3000);
  g_assert_cmpuint (cb_case_count_errors (redis, "MISCONF") - refused, <=, 2 * cb_test_get_seconds (began));
  g_assert_true (cb_case_has_counts (redis, "push_notification_code", "3 0 0 2 0"));
  cb_ui_wait_text ("Nothing yet.");

  cb_case_do (redis, "CONFIG SET stop-writes-on-bgsave-error no");
  cb_test_wait_until (cb_test_redis_get_integer (redis, "ZCARD", "q:jobs:inactive", NULL) == 0 &&
                      cb_test_redis_get_integer (redis, "ZCARD", "q:jobs:active", NULL) == 0);
  cb_ui_wait_no_text ("MISCONF");
  cb_ui_stop ();
}

/* How many databases there are is not told: any number can be typed, and one that is not there leaves everything as it was. */
static void
test_untold_databases (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--databases", "50", "--rename-command", "INFO", "cc451322", "--rename-command",
                                                     "CONFIG", "", NULL);

  cb_case_do (redis, "SET first 1");
  cb_case_do (redis, "SELECT 30");
  cb_case_do (redis, "SET here there");
  start (redis, "keys");
  cb_ui_click_until ("label", "first", "1 byte");
  for (guint i = 0; i < 2; i++)
    {
      cb_ui_click_until ("push button", "db 0", "Which databases have keys is not known: INFO: ERR unknown command");
      cb_ui_key ("ctrl+a");
      cb_ui_type (i == 0 ? "99" : "30");
      cb_ui_key ("Return");
      if (i > 0)
        break;
      cb_ui_wait_text ("out of range");
      cb_ui_key ("Escape");
      cb_ui_wait_no_text ("out of range");
      cb_ui_find ("label", "first");
    }
  cb_ui_wait_text ("database 30");
  cb_ui_click_until ("label", "here", "there");
  cb_ui_stop ();
}

/* Queues of one name and several prefixes: each is told from the others, and has its own jobs. */
static void
test_prefixes (void)
{
  static const struct { const char *prefix, *n; } queues[] = {
    { "appX", "5" }, { "app[1]*", "4" }, { "q", "1" }, { "q:eu", "2" }, { "{q}", "3" },
  };
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *uri = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));

  for (guint i = 0; i < G_N_ELEMENTS (queues); i++)
    cb_case_script (redis, "make", queues[i].prefix, "email", "failed", queues[i].n, NULL);
  cb_case_script (redis, "make", "q", "sms", "failed", "6", NULL);
  cb_case_do (redis, "SET promotion:lock x PX 60000");
  cb_case_do (redis, "SET activeJobsTTL:lock x PX 60000");
  cb_case_do (redis, "CONFIG RESETSTAT");

  start (redis, "overview");
  /* Which is the only one of its name needs nothing more. */
  cb_ui_find (NULL, "sms, 6 jobs, 6 failed");
  for (guint i = 0; i < G_N_ELEMENTS (queues); i++)
    {
      g_autofree char *row = g_strdup_printf ("email · %s, %s %s, %s failed", queues[i].prefix, queues[i].n, i == 2 ? "job" : "jobs",
                                              queues[i].n);
      g_autofree char *cell = g_strdup_printf ("email · %s, Failed: %s", queues[i].prefix, queues[i].n);

      cb_ui_find (NULL, row);
      cb_ui_find (NULL, cell);
    }
  for (guint i = 0; i < G_N_ELEMENTS (queues); i++)
    {
      g_autofree char *row = g_strdup_printf ("email · %s, %s %s, %s failed", queues[i].prefix, queues[i].n, i == 2 ? "job" : "jobs",
                                              queues[i].n);
      g_autofree char *shown = g_strdup_printf ("%s %s, state by state", queues[i].n, i == 2 ? "job" : "jobs");
      g_autofree char *prefix = g_strdup_printf ("Kue · prefix %s", queues[i].prefix);

      cb_ui_click_until (NULL, row, prefix);
      cb_ui_wait_text (shown);
    }
  cb_ui_key ("ctrl+k");
  cb_ui_wait_text ("Go To");
  cb_ui_type ("q:eu");
  cb_ui_key ("Return");
  cb_ui_wait_text ("Kue · prefix q:eu");
  cb_case_assert_only_looked (redis);
  g_assert_cmpuint (cb_case_count_calls (redis, "keys"), ==, 0);

  /* When the others are gone, the name is enough again. */
  for (guint i = 0; i < G_N_ELEMENTS (queues); i++)
    if (i != 2)
      cb_case_do (redis, "EVAL \"for _, key in ipairs (redis.call ('KEYS', '*')) do "
                         "if key:sub (1, #ARGV[1] + 1) == ARGV[1] .. ':' then redis.call ('DEL', key) end end\" 0 '%s'",
                  i == 3 ? "q:eu" : queues[i].prefix);
  cb_ui_key ("F5");
  cb_ui_find (NULL, "email, 1 job, 1 failed");
  cb_ui_stop ();

  start_with_prefix (uri, "nothing");
  cb_ui_wait_text ("No Queues Yet");
  g_assert_false (cb_ui_has_text ("sms, 6 jobs"));
  cb_ui_stop ();
}

static char *masters;         /* what a Sentinel says of the primaries it watches */
static char *place;           /* and where the one called "main" is */

static gboolean
sentinel_cb (CbFakeServer *server, CbFakeClient *client, const CbValue *words, gpointer data)
{
  const CbValue *asked = cb_value_get_element (words, 1);

  if (!cb_value_equal_string (cb_value_get_element (words, 0), "SENTINEL"))
    return FALSE;
  if (cb_value_equal_string (asked, "MASTERS"))
    cb_fake_client_send (client, masters, -1);
  else if (cb_value_equal_string (cb_value_get_element (words, 2), "main"))
    cb_fake_client_send (client, place, -1);
  else
    cb_fake_client_send (client, "*-1\r\n", -1);
  return TRUE;
}

/* A Sentinel that does not know the name, and one whose primary is gone: that is said, and the window gets in by itself when it is there. */
static void
test_sentinel (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbFakeServer) sentinel = cb_fake_server_new ();
  g_autoptr (CbFakeServer) primary = cb_fake_server_new_relay (cb_test_redis_get_path (redis));
  g_autofree char *port = g_strdup_printf ("%u", cb_address_get_port (cb_fake_server_get_address (primary)));
  g_autofree char *uri = cb_address_to_uri (cb_fake_server_get_address (sentinel));
  g_autofree char *wrong = g_strconcat (uri, "?sentinel=mian", NULL);
  g_autofree char *right = g_strconcat (uri, "?sentinel=main", NULL);
  g_autofree char *gone = g_strdup_printf ("(127.0.0.1:%s) does not answer", port);
  gint64 began;
  guint n;

  masters = g_strdup ("*1\r\n*4\r\n$4\r\nname\r\n$4\r\nmain\r\n$2\r\nip\r\n$9\r\n127.0.0.1\r\n");
  place = g_strdup_printf ("*2\r\n$9\r\n127.0.0.1\r\n$%u\r\n%s\r\n", (guint) strlen (port), port);
  cb_case_make (redis, "email", "failed", 4);
  cb_fake_server_set_handler (sentinel, sentinel_cb, NULL);
  cb_fake_server_set_listening (primary, FALSE);

  cb_ui_start ("--server", wrong, NULL);
  cb_ui_wait_text ("Not Connected");
  cb_ui_wait_text ("does not know “mian”; it knows: main");
  cb_ui_stop ();

  cb_ui_start ("--server", right, "--page", "email", NULL);
  cb_ui_wait_text ("Not Connected");
  cb_ui_wait_text ("The primary of “main”");
  cb_ui_wait_text (gone);
  began = g_get_monotonic_time ();
  n = cb_fake_server_get_n_accepted (sentinel);
  cb_test_run_for (4000);
  /* The longer it lasts the longer are the pauses. */
  cb_test_wait_until (cb_fake_server_get_n_accepted (sentinel) > n);
  g_assert_cmpuint (cb_fake_server_get_n_accepted (sentinel) - n, <=, cb_test_get_seconds (began));
  cb_fake_server_set_listening (primary, TRUE);
  cb_ui_wait_text ("4 jobs");
  cb_ui_wait_no_text (gone);
  cb_ui_stop ();
  g_clear_pointer (&masters, g_free);
  g_clear_pointer (&place, g_free);
}

/* Whatever is done to a key that begins with "far" is to be done elsewhere, also by a script. */
static gboolean
moved_cb (CbFakeServer *server, CbFakeClient *client, const CbValue *words, gpointer data)
{
  Rules *rules = data;

  for (guint i = 1; i < cb_value_get_length (words); i++)
    {
      const char *word = cb_value_get_string (cb_value_get_element (words, i), NULL);

      if (word != NULL && g_str_has_prefix (word, "far:"))
        {
          cb_fake_client_send (client, rules->far_node, -1);
          return TRUE;
        }
    }
  return cb_fake_client_pass_on (client, rules->redis, words);
}

/* A node of a cluster that can't be reached from here: it is named, with what to do; the other keys open; a worker takes nothing and says the
 * same, and goes on when the node is there. */
static void
test_far_node (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbFakeServer) near = cb_fake_server_new ();
  g_autoptr (CbFakeServer) far = cb_fake_server_new ();
  g_autofree char *uri = cb_address_to_uri (cb_fake_server_get_address (near));
  g_autofree char *name = g_strdup_printf ("127.0.0.1:%u", cb_address_get_port (cb_fake_server_get_address (far)));
  g_autofree char *moved = g_strdup_printf ("-MOVED 5798 %s\r\n", name);
  g_autofree char *said = g_strdup_printf ("not connected to %s.", name);
  Rules rules = { redis, moved };

  cb_case_do (redis, "MSET far:1 one far:2 two near:1 here");
  cb_case_script (redis, "make", "far:q", "push_notification_code", "inactive", "2", NULL);
  cb_fake_server_set_handler (near, moved_cb, &rules);
  cb_fake_server_set_listening (far, FALSE);

  cb_ui_start ("--server", uri, "--page", "keys", NULL);
  cb_ui_click_on (NULL, "As a List");
  for (guint i = 1; i <= 2; i++)
    {
      g_autofree char *key = g_strdup_printf ("far:%u", i);

      cb_ui_click_until ("label", key, said);
      cb_ui_wait_text ("make that node reachable from here");
      cb_ui_click_on ("label", "near:1");
      cb_ui_find ("text", "here");
      cb_ui_wait_no_text (said);
    }
  cb_ui_stop ();

  start_with_prefix (uri, "far:q");
  cb_ui_wait_text ("The Queues Can’t Be Read");
  cb_ui_wait_text (said);
  cb_ui_click_on ("label", "Worker");
  cb_ui_wait_text ("push_notification_code");
  cb_ui_click_on (NULL, "Serve push_notification_code");
  cb_ui_wait_text (said);
  cb_ui_wait_text ("make that node reachable from here");
  cb_ui_wait_text ("Nothing yet.");
  cb_case_assert (redis, "2", "ZCARD far:q:jobs:inactive");
  cb_case_assert (redis, "0", "EXISTS far:q:jobs:active far:q:callboard:leases");
  cb_ui_stop ();
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!cb_ui_open ())
    return g_getenv ("CI") != NULL ? 1 : 77; /* never skipped where it counts */

  g_test_add_func ("/ui/odd-servers/no-answers", test_no_answers);
  g_test_add_func ("/ui/odd-servers/no-values", test_no_values);
  g_test_add_func ("/ui/odd-servers/reader", test_reader);
  g_test_add_func ("/ui/odd-servers/full", test_full);
  g_test_add_func ("/ui/odd-servers/cannot-save", test_cannot_save);
  g_test_add_func ("/ui/odd-servers/untold-databases", test_untold_databases);
  g_test_add_func ("/ui/odd-servers/prefixes", test_prefixes);
  g_test_add_func ("/ui/odd-servers/sentinel", test_sentinel);
  g_test_add_func ("/ui/odd-servers/far-node", test_far_node);
  status = g_test_run ();
  cb_ui_close ();

  return status;
}
