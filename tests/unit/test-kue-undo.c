/* test-kue-undo.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/*
 * Undoing: on a dump that real Kue made, with every kind of job and of damage in it, everything that can be done is done to every
 * job and undone, and then every key is what it was, byte for byte. And: what others have changed meanwhile stays as they left it.
 */

#include "config.h"

#include <string.h>

#include "cb-kue-engine.h"
#include "cb-test-kue.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"
#include "cb-capture.h"

typedef struct
{
  CbTestRedis *redis;
  CbConnection *connection;
  CbEngine *engine;
} Fixture;

/* Every key and what it holds, as DUMP gives it. What has no order of its own is sorted: sets, and hashes that are kept in a hash
 * table, whose order, and so whose dump, changes while they are read. */
#define LOOK                                                                          \
  "local all = {}\n"                                                                  \
  "for _, key in ipairs (redis.call ('KEYS', '*')) do\n"                              \
  "  local kind, how = redis.call ('TYPE', key).ok, redis.call ('OBJECT', 'ENCODING', key)\n" \
  "  local value\n"                                                                   \
  "  if kind == 'set' then\n"                                                         \
  "    value = redis.call ('SMEMBERS', key); table.sort (value)\n"                    \
  "    value = table.concat (value, '\\n')\n"                                         \
  "  elseif how == 'hashtable' then\n"                                                \
  "    local flat, pairs_ = redis.call ('HGETALL', key), {}\n"                        \
  "    for i = 1, #flat, 2 do pairs_[(i + 1) / 2] = flat[i] .. '\\n' .. flat[i + 1] end\n" \
  "    table.sort (pairs_)\n"                                                         \
  "    value = table.concat (pairs_, '\\n')\n"                                        \
  "  else\n"                                                                          \
  "    value = redis.call ('DUMP', key)\n"                                            \
  "  end\n"                                                                           \
  "  table.insert (all, key)\n"                                                       \
  "  table.insert (all, how .. ' ' .. redis.call ('PEXPIRETIME', key) .. ' ' .. value)\n" \
  "end\n"                                                                             \
  "return all"

static GHashTable *
look (Fixture *f)
{
  g_autoptr (CbReply) reply = cb_test_redis_call (f->redis, "EVAL", LOOK, "0", NULL);
  const CbValue *value = cb_reply_get_value (reply);
  GHashTable *keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);

  g_assert_true (cb_value_is_array (value));
  for (guint i = 0; i < cb_value_get_length (value); i += 2)
    g_hash_table_insert (keys, g_strdup (cb_value_get_string (cb_value_get_element (value, i), NULL)),
                         cb_value_dup_bytes (cb_value_get_element (value, i + 1)));

  return keys;
}

/* NULL when both are the same, else the first key that is not. */
static char *
find_difference (GHashTable *a,
                 GHashTable *b)
{
  GHashTable *tables[] = { a, b };

  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    {
      GHashTableIter iter;
      gpointer key;

      g_hash_table_iter_init (&iter, tables[i]);
      while (g_hash_table_iter_next (&iter, &key, NULL))
        {
          GBytes *first = g_hash_table_lookup (a, key);
          GBytes *second = g_hash_table_lookup (b, key);

          if (first == NULL || second == NULL || !g_bytes_equal (first, second))
            return g_strdup (key);
        }
    }

  return NULL;
}

static void
open_engine (Fixture *f)
{
  g_autoptr (GError) error = NULL;

  f->connection = cb_connection_new (cb_test_redis_get_address (f->redis), "test");
  cb_test_open (f->connection, &error);
  g_assert_no_error (error);
  f->engine = cb_kue_engine_new (f->connection, "q");
}

static void
set_up (Fixture       *f,
        gconstpointer  data)
{
  f->redis = cb_test_redis_new (NULL, NULL);
  open_engine (f);
}

/* @data: how long a value may be in a hash that is kept as a list, whose order is its own: "64" (what Redis does unless told
 * otherwise) or "4096". */
static void
set_up_dump (Fixture       *f,
             gconstpointer  data)
{
  g_autofree char *rdb = g_test_build_filename (G_TEST_DIST, "fixtures", "kue", "small.rdb", NULL);
  g_autoptr (CbReply) reply = NULL;
  g_autoptr (CbReply) again = NULL;

  f->redis = cb_test_redis_new_from_rdb (rdb);
  reply = cb_test_redis_call (f->redis, "CONFIG", "SET", "hash-max-listpack-value", data, NULL);
  g_assert_false (cb_value_is_error (cb_reply_get_value (reply)));
  /* Each key once more, by that setting. */
  again = cb_test_redis_call (f->redis, "EVAL",
                              "for _, key in ipairs (redis.call ('KEYS', '*')) do\n"
                              "  redis.call ('RESTORE', key, 0, redis.call ('DUMP', key), 'REPLACE')\n"
                              "end\n"
                              "return 'done'", "0", NULL);
  g_assert_true (cb_value_equal_string (cb_reply_get_value (again), "done"));
  open_engine (f);
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

static void
run (Fixture    *f,
     const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", -1);
  g_autoptr (CbReply) reply = cb_test_redis_call_argv (f->redis, g_strv_length (words), (const char * const *) words, NULL);

  g_assert_false (cb_value_is_error (cb_reply_get_value (reply)));
}

/* --- the three steps, of one job --- */

static GPtrArray *
capture (Fixture      *f,
         const CbDeed *deed,
         const char   *id)
{
  const char *ids[] = { id, NULL };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GPtrArray *captures;

  cb_engine_capture_async (f->engine, deed, ids, TRUE, NULL, cb_test_store_result, &result);
  captures = cb_engine_capture_finish (f->engine, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (captures->len, ==, 1);
  return captures;
}

static GError *
take_error (GPtrArray *outcomes)
{
  CbJobOutcome *outcome = g_ptr_array_index (outcomes, 0);

  g_assert_cmpuint (outcomes->len, ==, 1);
  return g_steal_pointer (&outcome->error);
}

static GError *
act (Fixture      *f,
     const CbDeed *deed,
     GPtrArray    *captures)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) outcomes = NULL;
  g_autoptr (GError) error = NULL;

  cb_engine_act_captured_async (f->engine, deed, captures, TRUE, NULL, cb_test_store_result, &result);
  outcomes = cb_engine_act_captured_finish (f->engine, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  return take_error (outcomes);
}

static GError *
restore (Fixture      *f,
         const CbDeed *deed,
         GPtrArray    *captures)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) outcomes = NULL;
  g_autoptr (GError) error = NULL;

  cb_engine_restore_async (f->engine, deed, captures, NULL, cb_test_store_result, &result);
  outcomes = cb_engine_restore_finish (f->engine, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  return take_error (outcomes);
}

/* --- everything, and back --- */

static const CbDeed deeds[] = {
  { CB_DEED_REMOVE, 0, NULL },
  { CB_DEED_RETRY, 0, NULL },
  { CB_DEED_RETRY_AS_NEW, 0, NULL },
  { CB_DEED_PROMOTE, 0, NULL },
  { CB_DEED_PRIORITY, -10, NULL },
  { CB_DEED_PRIORITY, 2.5, NULL },
  { CB_DEED_MOVE, 0, (char *) "inactive" },
  { CB_DEED_MOVE, 0, (char *) "active" },
  { CB_DEED_MOVE, 0, (char *) "delayed" },
  { CB_DEED_MOVE, 0, (char *) "failed" },
  { CB_DEED_MOVE, 0, (char *) "complete" },
  { CB_DEED_MOVE, 0, (char *) "resting" },
};

/* The ids of all jobs, and of what is left of jobs, wherever it is. */
static GStrv
list_ids (Fixture *f)
{
  g_autoptr (CbReply) reply = NULL;
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  reply = cb_test_redis_call (f->redis, "EVAL",
                              "local ids, all = {}, {}\n"
                              "for _, key in ipairs (redis.call ('KEYS', 'q:*')) do\n"
                              "  local id = string.match (key, '^q:job:(%d+)')\n"
                              "  if id then ids[id] = true end\n"
                              "  if redis.call ('TYPE', key).ok == 'zset' and string.find (key, '^q:jobs') then\n"
                              "    for _, member in ipairs (redis.call ('ZRANGE', key, 0, -1)) do\n"
                              "      id = string.match (member, '(%d+)$')\n"
                              "      if id then ids[string.match (id, '^0*(%d+)$')] = true end\n"
                              "    end\n"
                              "  end\n"
                              "end\n"
                              "for id in pairs (ids) do table.insert (all, id) end\n"
                              "table.sort (all)\n"
                              "return all", "0", NULL);
  g_assert_true (cb_value_is_array (cb_reply_get_value (reply)));
  for (guint i = 0; i < cb_value_get_length (cb_reply_get_value (reply)); i++)
    g_strv_builder_add (builder, cb_value_get_string (cb_value_get_element (cb_reply_get_value (reply), i), NULL));

  return g_strv_builder_end (builder);
}

static CbDeed *
update_of (const char *data,
           gint64      delay_msec)
{
  g_autoptr (CbJobChanges) changes = cb_job_changes_new ();

  changes->which = CB_JOB_CHANGE_PRIORITY | CB_JOB_CHANGE_TTL | CB_JOB_CHANGE_ATTEMPTS | CB_JOB_CHANGE_BACKOFF |
                   CB_JOB_CHANGE_REMOVE_ON_COMPLETE;
  changes->priority = 5;
  changes->ttl_msec = 4000;
  changes->attempts = 7;
  changes->backoff = g_strdup ("{\"type\":\"fixed\",\"delay\":50}");
  changes->remove_on_complete = TRUE;
  if (data != NULL)
    {
      changes->which |= CB_JOB_CHANGE_DATA;
      changes->data = g_bytes_new (data, strlen (data));
    }
  if (delay_msec >= 0)
    {
      changes->which |= CB_JOB_CHANGE_DELAY;
      changes->delay_msec = delay_msec;
    }

  return cb_deed_new_update (changes);
}

/* As if nobody had written down how it was left. */
static void
forget (GPtrArray *captures)
{
  CbCapture *capture = g_ptr_array_index (captures, 0);

  g_clear_pointer (&capture->after, g_variant_unref);
}

static void
do_everything (Fixture  *f,
               gboolean  forgotten)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_deed_free);
  g_auto (GStrv) ids = list_ids (f);
  guint n_done[CB_N_DEEDS] = { 0 };

  for (guint j = 0; j < G_N_ELEMENTS (deeds); j++)
    g_ptr_array_add (all, cb_deed_copy (&deeds[j]));
  g_ptr_array_add (all, update_of (NULL, -1));
  g_ptr_array_add (all, update_of ("{\"other\":[1,2,3]}", 60000));
  g_ptr_array_add (all, update_of (NULL, 0));

  g_assert_cmpuint (g_strv_length (ids), >, 40);
  for (guint i = 0; ids[i] != NULL; i++)
    for (guint j = 0; j < all->len; j++)
      {
        const CbDeed *deed = g_ptr_array_index (all, j);
        g_autoptr (GHashTable) before = look (f);
        g_autoptr (GHashTable) left = NULL;
        g_autoptr (GHashTable) after = NULL;
        g_autoptr (GPtrArray) captures = capture (f, deed, ids[i]);
        g_autofree char *changed = NULL;
        g_autofree char *difference = NULL;
        g_autoptr (GError) error = NULL;
        g_autoptr (GError) undo_error = NULL;

        error = act (f, deed, captures);
        if (forgotten)
          forget (captures);
        left = look (f);
        changed = find_difference (before, left);
        if (error != NULL)
          {
            /* Refused, as a job that waits is no more to be promoted: then nothing was done. */
            g_assert_true (error->domain == CB_QUEUE_ERROR);
            g_assert_null (changed);
            continue;
          }

        undo_error = restore (f, deed, captures);
        if (changed == NULL) /* moved where it was already */
          g_assert_error (undo_error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_UNCHANGED);
        else if (undo_error != NULL)
          g_error ("%s of job %s can’t be undone: %s", cb_deed_kind_word (deed->kind), ids[i], undo_error->message);
        n_done[deed->kind] += changed != NULL;
        after = look (f);
        difference = find_difference (before, after);
        if (difference != NULL)
          g_error ("%s is not as it was, after %s of job %s was undone", difference, cb_deed_kind_word (deed->kind), ids[i]);
      }

  for (guint i = 0; i < CB_N_DEEDS; i++)
    /* Repairs are tested below, and EXPIRE is of keys. */
    g_assert_true (n_done[i] > 0 || i == CB_DEED_REPAIR || i == CB_DEED_EXPIRE);
}

static void
test_everything (Fixture       *f,
                 gconstpointer  data)
{
  do_everything (f, FALSE);
}

/* The same, when Callboard has died before it wrote down how the job was left. */
static void
test_everything_forgotten (Fixture       *f,
                           gconstpointer  data)
{
  do_everything (f, TRUE);
}

/* --- repairs, and back --- */

static CbExamination *
examine (Fixture *f)
{
  const CbExamineOptions options = { 0, CB_EXAMINE_SUSPECT_MSEC };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  CbExamination *examination;

  cb_engine_examine_async (f->engine, &options, NULL, cb_test_store_result, &result);
  examination = cb_engine_examine_finish (f->engine, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  return examination;
}

static GPtrArray *
capture_finding (Fixture   *f,
                 CbFinding *finding)
{
  g_autoptr (GPtrArray) findings = g_ptr_array_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GPtrArray *captures;

  g_ptr_array_add (findings, finding);
  cb_engine_capture_findings_async (f->engine, findings, NULL, cb_test_store_result, &result);
  captures = cb_engine_capture_finish (f->engine, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (captures->len, ==, 1);
  return captures;
}

static void
damage (Fixture *f)
{
  static const char * const lines[] = {
    /* An entry that is no id, one that is misspelled, a log that is left, a lost token, a type that is not registered, scores
     * that are wrong, a priority that is none, data that are no JSON, a job in two states, one that names none, a phantom. */
    "ZADD q:jobs:email:inactive 0 |",
    "ZADD q:jobs:inactive 0 1",
    "RPUSH q:job:900:log left",
    "RPOP q:filler:jobs",
    "LPUSH q:email:jobs 1 1",
    "HSET q:job:907 type email data {} state failed priority 0 created_at 1600000000000 promote_at 1600000000000 updated_at 1600000000000 max_attempts 1",
    "ZADD q:jobs 77 03|907",
    "ZADD q:jobs:failed 78 03|907",
    "ZADD q:jobs:email:failed 0 03|907",
    "ZADD q:jobs:complete 0 02|29",
    "ZADD q:jobs:email:failed 0 03|950",
    "HSET q:job:901 type lost state inactive priority 0 data {} created_at 1600000000000 updated_at 1600000000000 promote_at 1600000000000",
    "HSET q:job:902 state active updated_at 1600000000000",
    "HSET q:job:903 type email data {} priority 0 created_at 1600000000000 promote_at 1600000000000 updated_at 1600000000000 max_attempts 1",
    "HSET q:job:904 type email data {oh} state inactive priority 0 created_at 1600000000000 promote_at 1600000000000 updated_at 1600000000000 max_attempts 1",
    "ZADD q:jobs 0 03|904",
    "ZADD q:jobs:inactive 0 03|904",
    "ZADD q:jobs:email:inactive 0 03|904",
    "HSET q:job:905 type email data {} state failed priority high created_at 1600000000000 promote_at 1600000000000 updated_at 1600000000000 max_attempts 1",
    "ZADD q:jobs 0 03|905",
    "ZADD q:jobs:failed 0 03|905",
    "ZADD q:jobs:email:failed 0 03|905",
    "HSET q:job:906 type email data {} state active priority 0 workerId w started_at 1600000000000 created_at 1600000000000 promote_at 1600000000000 updated_at 1600000000000 max_attempts 1",
    "ZADD q:jobs 0 03|906",
    "ZADD q:jobs:active 0 03|906",
    "ZADD q:jobs:email:active 0 03|906",
  };
  const char *lease[] = { "ZADD", "q:callboard:leases", "1600000000000", "906 w 1600000000000" };
  g_autoptr (CbReply) reply = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    run (f, lines[i]);
  reply = cb_test_redis_call_argv (f->redis, G_N_ELEMENTS (lease), lease, NULL);
  g_assert_false (cb_value_is_error (cb_reply_get_value (reply)));
  run (f, "SET q:ids 1000");
}

/* @data: whether Callboard has died before it wrote down how it was left. */
static void
test_repairs (Fixture       *f,
              gconstpointer  data)
{
  static const CbDeed deed = { CB_DEED_REPAIR, 0, NULL };
  const gboolean forgotten = GPOINTER_TO_INT (data);
  g_autoptr (CbExamination) examination = NULL;
  guint n_of_kind[CB_N_FINDINGS] = { 0 };

  damage (f);
  examination = examine (f);
  for (guint i = 0; i < examination->findings->len; i++)
    {
      CbFinding *finding = g_ptr_array_index (examination->findings, i);
      g_autoptr (GHashTable) before = look (f);
      g_autoptr (GHashTable) left = NULL;
      g_autoptr (GHashTable) after = NULL;
      g_autoptr (GPtrArray) captures = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (GError) undo_error = NULL;
      g_autofree char *changed = NULL;
      g_autofree char *difference = NULL;

      if (finding->repair == NULL)
        continue;
      captures = capture_finding (f, finding);
      error = act (f, &deed, captures);
      if (error != NULL)
        g_error ("%s %s can’t be repaired: %s", cb_finding_kind_word (finding->kind), finding->key, error->message);
      if (forgotten)
        forget (captures);
      left = look (f);
      changed = find_difference (before, left);
      g_assert_nonnull (changed);

      undo_error = restore (f, &deed, captures);
      if (undo_error != NULL)
        g_error ("the repair of %s %s can’t be undone: %s", cb_finding_kind_word (finding->kind), finding->key, undo_error->message);
      after = look (f);
      difference = find_difference (before, after);
      if (difference != NULL)
        g_error ("%s is not as it was, after the repair of %s %s was undone", difference, cb_finding_kind_word (finding->kind),
                 finding->key);
      n_of_kind[finding->kind]++;
    }

  for (guint i = 0; i < CB_N_FINDINGS; i++)
    {
      /* These are left to a person. */
      if (n_of_kind[i] == 0 && i != CB_FINDING_UNTYPED && i != CB_FINDING_SUSPECT && i != CB_FINDING_KEY)
        g_error ("there is no %s to be repaired", cb_finding_kind_word (i));
    }
}

static void
set_up_list (Fixture       *f,
             gconstpointer  data)
{
  set_up_dump (f, "4096");
}

/* --- what others do meanwhile --- */

static const char * const touches[] = {
  "HSET q:job:ID data {\"other\":1}",
  "HSET q:job:ID anything new",
  "RPUSH q:job:ID:log one-line-more",
  "ZADD q:jobs 77 04|ID",
  "ZADD q:jobs:complete 0 04|ID",
  "PEXPIRE q:job:ID 100000000",
  "ZADD q:search:object:ID 1 AKKNT",
};

static char *
with_id (const char *line,
         const char *id)
{
  g_auto (GStrv) parts = g_strsplit (line, "ID", -1);
  g_autofree char *all = g_strjoinv (id, parts);
  g_auto (GStrv) zid = g_strsplit (all, "04|", -1);
  g_autofree char *length = g_strdup_printf ("%02u|", (guint) strlen (id));

  return g_strjoinv (length, zid);
}

/* Between the look and the act: nothing is done. Between the act and the undo: nothing is undone. */
static void
test_touched (Fixture       *f,
              gconstpointer  data)
{
  static const CbDeed kinds[] = {
    { CB_DEED_REMOVE, 0, NULL },
    { CB_DEED_RETRY, 0, NULL },
    { CB_DEED_PRIORITY, -7, NULL },
    { CB_DEED_MOVE, 0, (char *) "complete" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    for (guint j = 0; j < G_N_ELEMENTS (touches); j++)
      {
        g_autoptr (GPtrArray) ids = NULL;
        g_autoptr (GPtrArray) captures = NULL;
        g_autoptr (GPtrArray) again = NULL;
        g_autoptr (GHashTable) before = NULL;
        g_autoptr (GHashTable) after = NULL;
        g_autoptr (GError) error = NULL;
        g_autofree char *touch = NULL;
        g_autofree char *difference = NULL;
        g_autofree char *difference_again = NULL;
        g_autoptr (GHashTable) left = NULL;
        g_autoptr (GHashTable) undone = NULL;
        g_autoptr (GHashTable) forgotten = NULL;
        g_autofree char *difference_forgotten = NULL;
        const char *id;

        ids = cb_test_create (f->engine, "email", "{\"title\":\"a title\"}", 1, &error);
        g_assert_no_error (error);
        id = g_ptr_array_index (ids, 0);
        touch = with_id ("HSET q:job:ID state failed", id);
        run (f, touch);
        g_clear_pointer (&touch, g_free);

        touch = with_id (touches[j], id);
        captures = capture (f, &kinds[i], id);
        run (f, touch);
        before = look (f);
        error = act (f, &kinds[i], captures);
        g_assert_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_CHANGED);
        g_clear_error (&error);
        after = look (f);
        difference = find_difference (before, after);
        g_assert_cmpstr (difference, ==, NULL);

        again = capture (f, &kinds[i], id);
        error = act (f, &kinds[i], again);
        g_assert_no_error (error);
        g_clear_pointer (&touch, g_free);
        touch = with_id ("HSET q:job:ID anything other", id);
        run (f, touch);
        left = look (f);
        error = restore (f, &kinds[i], again);
        g_assert_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_CHANGED);
        undone = look (f);
        difference_again = find_difference (left, undone);
        g_assert_cmpstr (difference_again, ==, NULL);
        g_clear_error (&error);

        forget (again);
        error = restore (f, &kinds[i], again);
        g_assert_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_CHANGED);
        forgotten = look (f);
        difference_forgotten = find_difference (left, forgotten);
        g_assert_cmpstr (difference_forgotten, ==, NULL);
      }
}

/* A removed job is not put back into a database that was emptied: its id would be given out once more. */
static void
test_emptied (Fixture       *f,
              gconstpointer  data)
{
  static const CbDeed deed = { CB_DEED_REMOVE, 0, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) ids = cb_test_create (f->engine, "email", "{}", 3, &error);
  g_autoptr (GPtrArray) captures = capture (f, &deed, "2");

  error = act (f, &deed, captures);
  g_assert_no_error (error);
  run (f, "FLUSHALL");
  error = restore (f, &deed, captures);
  g_assert_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_CHANGED);
  g_assert_cmpint (cb_test_redis_get_integer (f->redis, "DBSIZE", NULL), ==, 0);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/kue-undo/everything/list", Fixture, "4096", set_up_dump, test_everything, tear_down);
  g_test_add ("/kue-undo/everything/table", Fixture, "64", set_up_dump, test_everything, tear_down);
  g_test_add ("/kue-undo/everything/forgotten", Fixture, "4096", set_up_dump, test_everything_forgotten, tear_down);
  g_test_add ("/kue-undo/repairs", Fixture, GINT_TO_POINTER (FALSE), set_up_list, test_repairs, tear_down);
  g_test_add ("/kue-undo/repairs/forgotten", Fixture, GINT_TO_POINTER (TRUE), set_up_list, test_repairs, tear_down);
  g_test_add ("/kue-undo/touched", Fixture, NULL, set_up, test_touched, tear_down);
  g_test_add ("/kue-undo/emptied", Fixture, NULL, set_up, test_emptied, tear_down);

  return g_test_run ();
}
