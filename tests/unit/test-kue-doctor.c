/* test-kue-doctor.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/*
 * The doctor: on a dump that real Kue made, whose damage is known; on one fault after another put into a healthy queue, which
 * is found, repaired, and leaves every other key as it was, byte for byte; and on a healthy queue at work, where it finds nothing.
 */

#include "config.h"

#include <string.h>

#include "cb-doctor.h"
#include "cb-kue-engine.h"
#include "cb-test-handler.h"
#include "cb-test-kue.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"
#include "cb-worker.h"

#define DATA "{\"phoneNumber\":\"4153518780\",\"message\":\"This is the code 1234 to verify your account\"}"

typedef struct
{
  CbTestRedis *redis;
  CbConnection *connection;
  CbEngine *engine;
} Fixture;

static void
open_engine (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CbReply) reply = NULL;

  /* A hash table changes its order, and so its dump, while it is read; a short list does not. */
  reply = cb_test_redis_call (f->redis, "CONFIG", "SET", "hash-max-listpack-value", "8388608", NULL);
  g_assert_false (cb_value_is_error (cb_reply_get_value (reply)));

  f->connection = cb_connection_new (cb_test_redis_get_address (f->redis), "test");
  cb_test_open (f->connection, &error);
  g_assert_no_error (error);
  f->engine = cb_kue_engine_new (f->connection, "q");
}

/* What DUMP gives; of a set, which has no order, its members. */
static GBytes *
dump_key (Fixture    *f,
          const char *key)
{
  g_autofree char *type = cb_test_redis_get_string (f->redis, "TYPE", key, NULL);
  g_autoptr (CbReply) reply = NULL;
  g_autoptr (GString) text = NULL;

  if (!g_str_equal (type, "set"))
    {
      reply = cb_test_redis_call (f->redis, "DUMP", key, NULL);
      return cb_value_dup_bytes (cb_reply_get_value (reply));
    }

  reply = cb_test_redis_call (f->redis, "SORT", key, "ALPHA", NULL);
  text = g_string_new (NULL);
  for (guint i = 0; i < cb_value_get_length (cb_reply_get_value (reply)); i++)
    g_string_append_printf (text, "%s\n", cb_value_get_string (cb_value_get_element (cb_reply_get_value (reply), i), NULL));
  return g_string_free_to_bytes (g_steal_pointer (&text));
}

/* Every key and its dump. */
static GHashTable *
dump_all (Fixture *f)
{
  g_autoptr (CbReply) keys = cb_test_redis_call (f->redis, "KEYS", "*", NULL);
  GHashTable *dumps = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);

  for (guint i = 0; i < cb_value_get_length (cb_reply_get_value (keys)); i++)
    {
      const char *key = cb_value_get_string (cb_value_get_element (cb_reply_get_value (keys), i), NULL);

      g_hash_table_insert (dumps, g_strdup (key), dump_key (f, key));
    }

  return dumps;
}

static void
set_up (Fixture       *f,
        gconstpointer  data)
{
  f->redis = cb_test_redis_new (NULL, NULL);
  open_engine (f);
}

static void
set_up_dump (Fixture       *f,
             gconstpointer  data)
{
  g_autofree char *rdb = g_test_build_filename (G_TEST_DIST, "fixtures", "kue", "small.rdb", NULL);
  g_autoptr (GHashTable) dumps = NULL;
  GHashTableIter iter;
  gpointer key, dump;

  f->redis = cb_test_redis_new_from_rdb (rdb);
  open_engine (f);

  /* Again, by that setting. */
  dumps = dump_all (f);
  g_hash_table_iter_init (&iter, dumps);
  while (g_hash_table_iter_next (&iter, &key, &dump))
    {
      const char *words[] = { "RESTORE", key, "0", g_bytes_get_data (dump, NULL), "REPLACE" };
      const gsize lengths[] = { 7, strlen (key), 1, g_bytes_get_size (dump), 7 };
      g_autoptr (CbReply) reply = NULL;

      if (!g_str_has_prefix (key, "q:job:") || g_str_equal (key, "q:job:types"))
        continue;
      reply = cb_test_redis_call_argv (f->redis, G_N_ELEMENTS (words), words, lengths);
      g_assert_false (cb_value_is_error (cb_reply_get_value (reply)));
    }
}

static void
tear_down (Fixture       *f,
           gconstpointer  data)
{
  cb_test_settle ();
  g_assert_finalize_object (f->engine);
  cb_connection_close (f->connection);
  cb_test_settle ();
  g_assert_finalize_object (f->connection);
  cb_test_redis_free (f->redis);
}

static CbExamination *
examine (Fixture *f,
         guint    grace_msec)
{
  const CbExamineOptions options = { grace_msec, CB_EXAMINE_SUSPECT_MSEC, NULL, NULL };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  CbExamination *examination;

  cb_engine_examine_async (f->engine, &options, NULL, cb_test_store_result, &result);
  examination = cb_engine_examine_finish (f->engine, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  g_assert_false (examination->cut);
  return examination;
}

/* "phantom 102, tokens email (left)": each finding by its kind, what it is about, and whether it is a remark only. */
static char *
name_findings (CbExamination *examination)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < examination->findings->len; i++)
    {
      const CbFinding *finding = g_ptr_array_index (examination->findings, i);
      const char *about = finding->id != NULL ? finding->id : finding->queue != NULL ? finding->queue : finding->key;

      g_assert_nonnull (finding->evidence);
      g_assert_true (g_utf8_validate (finding->evidence, -1, NULL));
      g_ptr_array_add (names, g_strconcat (cb_finding_kind_word (finding->kind), " ", about,
                                           finding->repair == NULL ? " (left)" : "", finding->harmless ? " (remark)" : "", NULL));
    }
  g_ptr_array_add (names, NULL);

  return g_strjoinv (", ", (char **) names->pdata);
}

static void
assert_findings (CbExamination *examination,
                 const char    *expected)
{
  g_autofree char *names = name_findings (examination);

  g_assert_cmpstr (names, ==, expected);
}

/* Repairs all that can be; each must be done, or not be so any more because another repair did it already. */
static guint
repair (Fixture       *f,
        CbExamination *examination)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) outcomes = NULL;
  g_autoptr (GError) error = NULL;
  guint n = 0;

  cb_engine_repair_async (f->engine, examination->findings, NULL, cb_test_store_result, &result);
  outcomes = cb_engine_repair_finish (f->engine, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (outcomes->len, ==, examination->findings->len);

  for (guint i = 0; i < outcomes->len; i++)
    {
      const CbFinding *finding = g_ptr_array_index (examination->findings, i);
      const CbJobOutcome *outcome = g_ptr_array_index (outcomes, i);

      g_assert_cmpstr (outcome->id, ==, finding->id);
      if (finding->repair == NULL)
        g_assert_error (outcome->error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_NOT_SUPPORTED);
      else if (outcome->error != NULL)
        g_assert_error (outcome->error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_STATE);
      else
        n++;
    }

  return n;
}

/* --- the keys as they are --- */

static gboolean
is_same (GHashTable *a,
         GHashTable *b,
         const char *key)
{
  GBytes *first = g_hash_table_lookup (a, key);
  GBytes *second = g_hash_table_lookup (b, key);

  return first != NULL && second != NULL && g_bytes_equal (first, second);
}

/* All keys of both are the same, apart from those that @allowed has a word of. */
static void
assert_same (GHashTable *before,
             GHashTable *after,
             const char *allowed)
{
  GHashTable *tables[] = { before, after };

  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    {
      GHashTableIter iter;
      gpointer key;

      g_hash_table_iter_init (&iter, tables[i]);
      while (g_hash_table_iter_next (&iter, &key, NULL))
        {
          g_autofree char *plain = g_strconcat (" ", key, " ", NULL);
          g_autofree char *quoted = g_strconcat ("\"", key, "\"", NULL);
          gboolean named = allowed != NULL && (strstr (allowed, plain) != NULL || strstr (allowed, quoted) != NULL);

          if (!named && !is_same (before, after, key))
            g_error ("%s is not as it was", (char *) key);
        }
    }
}

/* Every command of the repairs, in a line: whatever key is not in it must not change. */
static char *
commands_of (CbExamination *examination)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < examination->findings->len; i++)
    {
      const CbFinding *finding = g_ptr_array_index (examination->findings, i);

      if (finding->repair != NULL)
        g_string_append_printf (text, "%s ", finding->repair);
    }
  g_strdelimit (text->str, "\n", ' ');

  return g_strdup (text->str);
}

/* --- a dump of real Kue --- */

static void
test_dump (Fixture       *f,
           gconstpointer  data)
{
  g_autoptr (CbExamination) found = NULL;
  g_autoptr (CbExamination) left = NULL;
  g_autofree char *commands = NULL;
  g_autoptr (GHashTable) before = NULL;
  g_autoptr (GHashTable) looked = NULL;
  g_autoptr (GHashTable) after = NULL;

  before = dump_all (f);
  found = examine (f, 50);
  g_assert_cmpuint (found->n_jobs, ==, 45 - 1 + 2); /* those in q:jobs, but without 102, and with 105 and 106 */
  assert_findings (found, "suspect 18 (left), suspect 19 (left), suspect 20 (left), suspect 21 (left), "
                          "phantom 102, phantom 103, lost 104, zombie 105, unindexed 106, json 107, "
                          "tokens email, surplus filler (remark), surplus push_notification_code_2 (remark)");

  /* Looking never writes. */
  looked = dump_all (f);
  assert_same (before, looked, NULL);

  g_assert_cmpuint (repair (f, found), ==, 8);
  after = dump_all (f);
  commands = commands_of (found);
  assert_same (before, after, commands);

  /* The jobs that were whole are as they were. */
  for (int id = 1; id <= 101; id++)
    {
      g_autofree char *key = g_strdup_printf ("q:job:%d", id);
      g_autofree char *log = g_strdup_printf ("q:job:%d:log", id);

      if (g_hash_table_contains (before, key))
        g_assert_true (is_same (before, after, key));
      if (g_hash_table_contains (before, log))
        g_assert_true (is_same (before, after, log));
    }

  left = examine (f, 50);
  assert_findings (left, "suspect 18 (left), suspect 19 (left), suspect 20 (left), suspect 21 (left), json 107 (left) (remark)");

  /* 106 waits again, and everybody who waits is called. */
  g_assert_cmpint (cb_test_redis_get_integer (f->redis, "LLEN", "q:push_notification_code:jobs", NULL), ==,
                   cb_test_redis_get_integer (f->redis, "ZCARD", "q:jobs:push_notification_code:inactive", NULL));
}

/* --- one fault after another --- */

typedef struct
{
  const char *name;
  const char *seed;         /* commands, `;` between them */
  const char *found;
  gboolean    restores;     /* after the repair every key is as before the fault */
  const char *left;         /* (nullable) what a person has to decide, afterwards */
} Fault;

/* A field of many bytes, with something before and behind them. */
#define LONG(id, field, before, n, behind) \
  "EVAL redis.call ('HSET', KEYS[1], '" field "', '" before "' .. string.rep ('x', " n ") .. '" behind "') 1 q:job:" id

#define OLDER "redis.call('ZADD',KEYS[1],1,redis.call('ZRANGE',KEYS[1],0,0)[1])"

static const Fault faults[] = {
  { "none", "PING", "", TRUE },
  { "phantom", "ZADD q:jobs 0 03|900; ZADD q:jobs:failed 0 03|900; ZADD q:jobs:sms:failed 0 03|900", "phantom 900", TRUE },
  { "phantom-in-one-set", "ZADD q:jobs:sms:failed 0 03|900", "phantom 900", TRUE },
  { "phantom-of-no-type", "ZADD q:jobs:a:b:failed 0 03|900", "phantom 900", TRUE },
  { "phantom-waiting", "ZADD q:jobs:sms:inactive -5 03|901; ZADD q:jobs:inactive -5 03|901; LPUSH q:sms:jobs 1", "phantom 901", TRUE },
  { "phantom-with-log", "ZADD q:jobs 0 03|900; RPUSH q:job:900:log one two", "phantom 900, log 900", TRUE },
  { "entry", "ZADD q:jobs:inactive 0 '|'; ZADD q:jobs 0 ''", "entry q:jobs, entry q:jobs:inactive", TRUE },
  { "spelling", "ZADD q:jobs:inactive 0 4; ZADD q:jobs 0 002|4", "spelling 4", TRUE },
  { "lost", "ZREM q:jobs:sms:inactive 01|4; LPOP q:sms:jobs", "lost 4", TRUE },
  { "unindexed", "ZREM q:jobs 01|4; ZREM q:jobs:inactive 01|4; ZREM q:jobs:sms:inactive 01|4; LPOP q:sms:jobs", "unindexed 4", TRUE },
  { "unindexed-failed", "ZREM q:jobs:failed 01|2", "unindexed 2", TRUE },
  { "unindexed-delayed", "ZREM q:jobs:delayed 01|7", "unindexed 7", TRUE },
  { "states", "ZADD q:jobs:complete 0 01|4; ZADD q:jobs:sms:complete 0 01|4", "states 4", TRUE },
  { "states-of-another-type", "ZADD 'q:jobs:mail out:failed' 0 01|2", "states 2", TRUE },
  { "stateless", "HDEL q:job:1 state", "stateless 1", FALSE },
  { "stateless-empty", "HSET q:job:1 state ''", "stateless 1", FALSE },
  { "stateless-creation", "HSET q:job:902 type sms data {} priority 0 created_at 1700000000000; ZADD q:jobs 0 03|902", "stateless 902", FALSE },
  { "stateless-cut-short", "HSET q:job:902 type sms created_at 1700000000000", "priority 902, stateless 902 (left)", FALSE, "stateless 902 (left)" },
  { "untyped", "HSET q:job:903 state failed data {}", "untyped 903 (left)", FALSE, "untyped 903 (left)" },
  { "zombie", "HSET q:job:903 state complete progress 100; RPUSH q:job:903:log x; ZADD q:jobs:complete 0 03|903; "
              "ZADD q:jobs:sms:complete 0 03|903", "zombie 903", TRUE },
  { "score", "ZADD q:jobs:failed 7 01|2", "score 2", TRUE },
  { "score-delayed", "ZADD q:jobs:delayed 0 01|7", "score 7", TRUE },
  { "score-active", "ZADD q:jobs:active 12 01|3", "score 3", TRUE },
  { "priority", "HSET q:job:4 priority high", "priority 4", TRUE },
  { "priority-absent", "HDEL q:job:4 priority", "priority 4", FALSE },
  { "json", "HSET q:job:5 data '{\"a\"'", "json 5", FALSE, "json 5 (left) (remark)" },
  { "json-nan", "HSET q:job:1 data '{\"a\":NaN}'", "json 1 (left) (remark)", FALSE, "json 1 (left) (remark)" },
  { "json-result", "HSET q:job:1 result {", "json 1 (left) (remark)", FALSE, "json 1 (left) (remark)" },
  { "json-active", "HSET q:job:3 data {", "json 3 (left)", FALSE, "json 3 (left)" },
  /* Too long for the server: read and parsed here. */
  { "json-long", LONG ("5", "data", "{\"a\":\"", "300000", ""), "json 5", FALSE, "json 5 (left) (remark)" },
  { "json-long-result", LONG ("1", "result", "[", "4000000", ""), "json 1 (left) (remark)", FALSE, "json 1 (left) (remark)" },
  { "json-long-whole", LONG ("5", "data", "\"", "300000", "\""), "", FALSE },
  { "log", "RPUSH q:job:904:log line", "log 904", TRUE },
  { "dead", "EVAL " OLDER " 1 q:callboard:leases", "dead 3", FALSE },
  { "dead-for-good", "HSET q:job:3 callboard_deaths 4; EVAL " OLDER " 1 q:callboard:leases", "dead 3", FALSE },
  { "suspect", "HSET q:job:3 started_at 1600000000000 updated_at 1600000000000 workerId kue:h:1:sms:1", "suspect 3 (left)", FALSE, "suspect 3 (left)" },
  { "type", "SREM q:job:types sms", "type sms", TRUE },
  { "tokens", "LPOP q:sms:jobs", "tokens sms", TRUE },
  { "tokens-none", "DEL q:sms:jobs", "tokens sms", TRUE },
  { "surplus", "LPUSH q:sms:jobs 1 1", "surplus sms (remark)", TRUE },
  { "key", "DEL q:job:1; SET q:job:1 x", "key 1 (left)", FALSE, "key 1 (left)" },
  { "key-tokens", "DEL q:sms:jobs; SET q:sms:jobs x", "key q:sms:jobs (left)", FALSE, "key q:sms:jobs (left)" },
  { "key-types", "DEL q:job:types; SET q:job:types x", "key q:job:types (left)", FALSE, "key q:job:types (left)" },
  { "key-set", "DEL q:jobs:complete; RPUSH q:jobs:complete x", "key q:jobs:complete (left)", FALSE,
    "key q:jobs:complete (left)" },
  { "several", "ZADD q:jobs 0 03|900; LPOP q:sms:jobs; ZADD q:jobs:failed 7 01|2; RPUSH q:job:904:log line; SREM q:job:types sms",
    "score 2, phantom 900, log 904, type sms, tokens sms", TRUE },
};

/* Jobs of two types, one in every state at least, with whatever belongs to them. */
static void
populate (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CbJobRecord) done = NULL;
  g_autoptr (CbJobRecord) failed = NULL;
  g_autoptr (CbJobRecord) active = NULL;
  g_autoptr (GPtrArray) waiting = NULL;
  g_autoptr (GPtrArray) specs = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_spec_free);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) delayed = NULL;
  g_autoptr (GBytes) data = g_bytes_new_static (DATA, strlen (DATA));
  CbJobSpec *spec;

  waiting = cb_test_create (f->engine, "sms", DATA, 6, &error);
  g_assert_no_error (error);
  done = cb_test_claim (f->engine, "sms", "w", 600000, &error);
  g_assert_no_error (error);
  cb_test_complete (f->engine, done, "{\"ok\":1}", &error);
  g_assert_no_error (error);
  failed = cb_test_claim (f->engine, "sms", "w", 600000, &error);
  g_assert_no_error (error);
  cb_test_fail (f->engine, failed, "no route", NULL, NULL, &error);
  g_assert_no_error (error);
  active = cb_test_claim (f->engine, "sms", "w", 600000, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (active->id, ==, "3");

  spec = cb_job_spec_new ("mail out", data);
  spec->delay_msec = 3600 * 1000;
  spec->priority = -2.5;
  g_ptr_array_add (specs, spec);
  g_ptr_array_add (specs, cb_job_spec_new ("mail out", data));
  cb_engine_create_async (f->engine, specs, NULL, cb_test_store_result, &result);
  delayed = cb_engine_create_finish (f->engine, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
}

static void
seed (Fixture    *f,
      const char *commands)
{
  g_auto (GStrv) lines = g_strsplit (commands, "; ", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) words = NULL;
      g_autoptr (CbReply) reply = NULL;
      int n;

      /* A script has quotes of its own. */
      if (g_str_has_prefix (lines[i], "EVAL "))
        {
          const char *rest = strstr (lines[i], " 1 ");
          g_autofree char *script = g_strndup (lines[i] + 5, rest - lines[i] - 5);

          reply = cb_test_redis_call (f->redis, "EVAL", script, "1", rest + 3, NULL);
        }
      else
        {
          g_shell_parse_argv (lines[i], &n, &words, NULL);
          reply = cb_test_redis_call_argv (f->redis, n, (const char * const *) words, NULL);
        }
      if (cb_value_is_error (cb_reply_get_value (reply)))
        g_error ("%s: %s", lines[i], cb_value_get_string (cb_reply_get_value (reply), NULL));
    }
}

static void
test_fault (Fixture       *f,
            gconstpointer  data)
{
  const Fault *fault = data;
  g_autoptr (CbExamination) found = NULL;
  g_autoptr (CbExamination) left = NULL;
  g_autoptr (GHashTable) healthy = NULL;
  g_autoptr (GHashTable) seeded = NULL;
  g_autoptr (GHashTable) looked = NULL;
  g_autoptr (GHashTable) after = NULL;
  g_autofree char *commands = NULL;

  populate (f);
  healthy = dump_all (f);
  seed (f, fault->seed);
  seeded = dump_all (f);

  found = examine (f, 20);
  assert_findings (found, fault->found);
  looked = dump_all (f);
  assert_same (seeded, looked, NULL);

  repair (f, found);
  after = dump_all (f);
  commands = commands_of (found);
  assert_same (seeded, after, commands);
  if (fault->restores)
    assert_same (healthy, after, NULL);

  left = examine (f, 20);
  assert_findings (left, fault->left != NULL ? fault->left : "");
}

/* What somebody else has put right, or moved on, between the look and the repair, is left alone. */
static void
test_healed (Fixture       *f,
             gconstpointer  data)
{
  g_autoptr (CbExamination) found = NULL;
  g_autoptr (GHashTable) before = NULL;
  g_autoptr (GHashTable) after = NULL;
  g_autoptr (GError) error = NULL;

  populate (f);
  seed (f, "ZREM q:jobs:sms:inactive 01|4; LPOP q:sms:jobs; ZADD q:jobs 0 03|900; ZADD q:jobs:failed 7 01|2");
  found = examine (f, 20);
  assert_findings (found, "score 2, lost 4, phantom 900");

  cb_test_act (f->engine, CB_JOB_ACTION_RETRY, 0, "4", &error);
  g_assert_no_error (error);
  seed (f, "ZREM q:jobs 03|900; HSET q:job:2 updated_at 1700000000000");
  before = dump_all (f);
  g_assert_cmpuint (repair (f, found), ==, 0);
  after = dump_all (f);
  assert_same (before, after, NULL);
}

/* What was read here and is another text on the server now is not repaired as if it were the same. */
static void
test_long_healed (Fixture       *f,
                  gconstpointer  data)
{
  g_autoptr (CbExamination) found = NULL;

  populate (f);
  seed (f, LONG ("5", "data", "{", "300000", ""));
  found = examine (f, 20);
  assert_findings (found, "json 5");
  seed (f, LONG ("5", "data", "\"", "300000", "\""));
  g_assert_cmpuint (repair (f, found), ==, 0);
  g_assert_cmpint (cb_test_redis_get_integer (f->redis, "EXISTS", "q:jobs:sms:failed", NULL), ==, 1);
  g_assert_cmpint (cb_test_redis_get_integer (f->redis, "ZCOUNT", "q:jobs:sms:inactive", "-inf", "+inf", NULL), ==, 3);
}

/* What is not looked at is said, and is neither right nor wrong. */
static void
test_too_long (Fixture       *f,
               gconstpointer  data)
{
  g_autoptr (CbExamination) found = NULL;

  populate (f);
  seed (f, LONG ("5", "data", "{", "4194304", "") "; " LONG ("4", "data", "{", "4194303", ""));
  found = examine (f, 20);
  assert_findings (found, "json 4");
  g_assert_cmpuint (found->n_unread, ==, 1);
}

/* What is only so for a moment is not told. */
static void
test_passing (Fixture       *f,
              gconstpointer  data)
{
  const CbExamineOptions options = { 2000, CB_EXAMINE_SUSPECT_MSEC, NULL, NULL };
  gboolean in_time = FALSE;

  populate (f);
  /* Once more where the machine has stood still until after the second look. */
  while (!in_time)
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (CbExamination) examination = NULL;
      g_autoptr (GError) error = NULL;
      gint64 begun = g_get_monotonic_time ();

      /* As Kue's worker leaves it between taking and starting a job. */
      seed (f, "ZREM q:jobs:sms:inactive 01|4; LPOP q:sms:jobs");
      cb_engine_examine_async (f->engine, &options, NULL, cb_test_store_result, &result);
      cb_test_run_for (500);
      seed (f, "ZADD q:jobs:sms:inactive 0 01|4; LPUSH q:sms:jobs 1");
      /* And now another is in that place. */
      seed (f, "ZREM q:jobs:sms:inactive 01|5; LPOP q:sms:jobs");
      in_time = g_get_monotonic_time () - begun < options.grace_msec * G_TIME_SPAN_MILLISECOND;
      if (in_time)
        g_assert_null (result);
      examination = cb_engine_examine_finish (f->engine, cb_test_wait_result (&result), &error);
      g_assert_no_error (error);
      if (in_time)
        assert_findings (examination, "");
      else
        seed (f, "ZADD q:jobs:sms:inactive 0 01|5; LPUSH q:sms:jobs 1");
    }
}

static void
test_cancelled (Fixture       *f,
                gconstpointer  data)
{
  const CbExamineOptions options = { 600000, CB_EXAMINE_SUSPECT_MSEC, NULL, NULL };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (CbExamination) examination = NULL;
  g_autoptr (GError) error = NULL;

  populate (f);
  cb_engine_examine_async (f->engine, &options, cancellable, cb_test_store_result, &result);
  g_cancellable_cancel (cancellable);
  examination = cb_engine_examine_finish (f->engine, cb_test_wait_result (&result), &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_null (examination);
}

/* More jobs than in a portion, faults all over them, and a prefix full of what patterns take for something else. */
static void
test_many (Fixture       *f,
           gconstpointer  data)
{
  g_autoptr (CbEngine) engine = f->engine;
  g_autoptr (CbExamination) found = NULL;
  g_autoptr (CbExamination) left = NULL;
  g_autoptr (GPtrArray) ids = NULL;
  g_autoptr (GPtrArray) others = NULL;
  g_autoptr (GError) error = NULL;

  f->engine = cb_kue_engine_new (f->connection, "a*[b]-c");
  ids = cb_test_create (f->engine, "sms", DATA, 3000, &error);
  g_assert_no_error (error);
  others = cb_test_create (engine, "sms", DATA, 10, &error);
  g_assert_no_error (error);
  for (int id = 7; id <= 3000; id += 7)
    {
      g_autofree char *member = g_strdup_printf ("%02d|%d", (int) strlen (ids->pdata[id - 1]), id);
      g_autofree char *command = g_strdup_printf ("ZREM a*[b]-c:jobs:sms:inactive %s; LPOP a*[b]-c:sms:jobs", member);

      seed (f, command);
    }

  found = examine (f, 20);
  g_assert_cmpuint (found->n_jobs, ==, 3000);
  g_assert_cmpuint (found->findings->len, ==, 3000 / 7);
  g_assert_cmpuint (repair (f, found), ==, 3000 / 7);
  left = examine (f, 20);
  assert_findings (left, "");
  g_assert_cmpint (cb_test_redis_get_integer (f->redis, "ZCARD", "a*[b]-c:jobs:sms:inactive", NULL), ==, 3000);
  g_assert_cmpint (cb_test_redis_get_integer (f->redis, "LLEN", "a*[b]-c:sms:jobs", NULL), ==, 3000);
}

/* --- a queue at work --- */

typedef struct
{
  Fixture *f;
  gboolean stop;
  gboolean busy;
  guint n_created;
} Producer;

static void produce (Producer *producer);

static void
produced_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  Producer *producer = user_data;
  g_autoptr (GPtrArray) ids = NULL;
  g_autoptr (GError) error = NULL;

  ids = cb_engine_create_finish (CB_ENGINE (source), result, &error);
  g_assert_no_error (error);
  producer->n_created += ids->len;
  producer->busy = FALSE;
  produce (producer);
}

static void
produce (Producer *producer)
{
  g_autoptr (GPtrArray) specs = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_spec_free);
  g_autoptr (GBytes) data = g_bytes_new_static (DATA, strlen (DATA));

  if (producer->stop)
    return;
  for (guint i = 0; i < 5; i++)
    {
      CbJobSpec *spec = cb_job_spec_new ("sms", data);

      spec->priority = (int) ((producer->n_created + i) % 3) - 1;
      spec->attempts = 1 + i % 3;
      spec->ttl_msec = i % 2 == 0 ? 60000 : 0;
      spec->delay_msec = i == 4 ? 50 : 0;
      spec->remove_on_complete = i == 3;
      g_ptr_array_add (specs, spec);
    }
  producer->busy = TRUE;
  cb_engine_create_async (producer->f->engine, specs, NULL, produced_cb, producer);
}

static void
every_other_fails (CbHandlerContext *context,
                   gpointer          user_data)
{
  CbTestHandler *handler = user_data;

  handler->error = handler->n_runs % 2 == 0 ? "no route" : NULL;
}

static void
test_busy (Fixture       *f,
           gconstpointer  data)
{
  g_autoptr (CbTestHandler) handler = cb_test_handler_new (1);
  g_autoptr (CbWorker) worker = NULL;
  g_autoptr (GAsyncResult) stopped = NULL;
  g_autoptr (CbExamination) last = NULL;
  g_autoptr (GError) error = NULL;
  Producer producer = { .f = f };

  handler->script = every_other_fails;
  handler->script_data = handler;
  worker = cb_worker_new (f->engine, "sms", CB_HANDLER (handler), 5);
  cb_worker_start (worker);
  produce (&producer);
  cb_test_wait_until (handler->n_runs > 100);

  for (guint round = 0; round < 8; round++)
    {
      guint n_runs = handler->n_runs;
      g_autoptr (CbExamination) examination = examine (f, 50 * round);

      assert_findings (examination, "");
      g_assert_cmpuint (examination->n_jobs, >, 0);
      cb_test_wait_until (handler->n_runs > n_runs);
    }

  producer.stop = TRUE;
  cb_worker_stop_async (worker, 10000, NULL, cb_test_store_result, &stopped);
  cb_worker_stop_finish (worker, cb_test_wait_result (&stopped), &error);
  g_assert_no_error (error);
  cb_test_wait_until (!producer.busy);
  g_assert_cmpuint (handler->n_runs, >, 200);

  last = examine (f, 20);
  assert_findings (last, "");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/kue-doctor/dump", Fixture, NULL, set_up_dump, test_dump, tear_down);
  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_autofree char *path = g_strconcat ("/kue-doctor/fault/", faults[i].name, NULL);

      g_test_add (path, Fixture, &faults[i], set_up, test_fault, tear_down);
    }
  g_test_add ("/kue-doctor/healed", Fixture, NULL, set_up, test_healed, tear_down);
  g_test_add ("/kue-doctor/long-healed", Fixture, NULL, set_up, test_long_healed, tear_down);
  g_test_add ("/kue-doctor/too-long", Fixture, NULL, set_up, test_too_long, tear_down);
  g_test_add ("/kue-doctor/passing", Fixture, NULL, set_up, test_passing, tear_down);
  g_test_add ("/kue-doctor/cancelled", Fixture, NULL, set_up, test_cancelled, tear_down);
  g_test_add ("/kue-doctor/many", Fixture, NULL, set_up, test_many, tear_down);
  g_test_add ("/kue-doctor/busy", Fixture, NULL, set_up, test_busy, tear_down);

  return g_test_run ();
}
