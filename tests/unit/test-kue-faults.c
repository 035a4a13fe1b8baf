/* test-kue-faults.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* The engine where something is missing, in the wrong place, too large or forbidden; and waiting, which must end. */

#include "config.h"

#include <math.h>
#include <string.h>

#include "cb-discovery.h"
#include "cb-kue-engine.h"
#include "cb-test-kue.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"

typedef struct
{
  CbTestRedis *redis;
  CbConnection *connection;
  CbEngine *engine;
} Fixture;

static void
set_up (Fixture       *f,
        gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  f->redis = cb_test_redis_new (NULL, NULL);
  f->connection = cb_connection_new (cb_test_redis_get_address (f->redis), "test");
  cb_test_open (f->connection, &error);
  g_assert_no_error (error);
  f->engine = cb_kue_engine_new (f->connection, "q");
}

static void
tear_down (Fixture       *f,
           gconstpointer  data)
{
  g_assert_finalize_object (f->engine);
  cb_connection_close (f->connection);
  cb_test_settle ();
  g_assert_finalize_object (f->connection);
  cb_test_redis_free (f->redis);
}

static void
call (Fixture    *f,
      const char *line)
{
  g_auto (GStrv) words = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (CbReply) reply = NULL;

  g_shell_parse_argv (line, NULL, &words, &error);
  g_assert_no_error (error);
  reply = cb_test_redis_call_argv (f->redis, g_strv_length (words), (const char * const *) words, NULL);
  if (cb_value_is_error (cb_reply_get_value (reply)))
    g_error ("%s: %s", line, cb_value_get_string (cb_reply_get_value (reply), NULL));
}

static CbJobPage *
read_page (Fixture    *f,
           const char *queue,
           const char *state,
           GError    **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  cb_engine_page_async (f->engine, queue, state, 0, 100, FALSE, NULL, cb_test_store_result, &result);
  return cb_engine_page_finish (f->engine, cb_test_wait_result (&result), error);
}

static CbJobRecord *
get_whole (Fixture    *f,
           const char *id,
           gint64      from,
           guint       limit,
           GError    **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  cb_engine_get_whole_async (f->engine, id, from, limit, NULL, cb_test_store_result, &result);
  return cb_engine_get_whole_finish (f->engine, cb_test_wait_result (&result), error);
}

/* The queues there are, between bars. */
static void
assert_queues (Fixture    *f,
               const char *expected)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) queues = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *joined = NULL;

  cb_engine_list_queues_async (f->engine, NULL, cb_test_store_result, &result);
  queues = cb_engine_list_queues_finish (f->engine, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  g_ptr_array_add (queues, NULL);
  joined = g_strjoinv ("|", (GStrv) queues->pdata);
  g_assert_cmpstr (joined, ==, expected);
}

/* Those of them that are marked when they are counted. */
static void
assert_unregistered (Fixture    *f,
                     const char *expected)
{
  static const char * const queues[] = { "email", "first: one", "last", NULL };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) counts = NULL;
  g_autoptr (GString) marked = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  cb_engine_count_async (f->engine, queues, NULL, cb_test_store_result, &result);
  counts = cb_engine_count_finish (f->engine, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  for (guint i = 0; i < counts->len; i++)
    {
      const CbQueueCounts *one = g_ptr_array_index (counts, i);

      if (one->unregistered)
        g_string_append_printf (marked, "%s%s", marked->len > 0 ? "|" : "", one->queue);
    }
  g_assert_cmpstr (marked->str, ==, expected);
}

/* Keys of the wrong type cost their own part and no other. */
static void
test_wrong_types (Fixture       *f,
                  gconstpointer  data)
{
  static const char * const queues[] = { "email", "sms", NULL };
  g_autoptr (GPtrArray) ids = NULL;
  g_autoptr (GPtrArray) counts = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GAsyncResult) listed = NULL;
  g_autoptr (CbJobPage) all = NULL;
  g_autoptr (CbJobPage) bad = NULL;
  g_autoptr (CbJobRecord) whole = NULL;
  g_autoptr (CbJobRecord) no_hash = NULL;
  g_autoptr (GError) error = NULL;
  CbQueueCounts *email;
  CbJobRecord *job;

  ids = cb_test_create (f->engine, "email", "{}", 2, &error);
  call (f, "RPUSH q:jobs:email:failed 'not a zset'");
  call (f, "DEL q:job:2");
  call (f, "SET q:job:2 'a string where a hash should be'");
  call (f, "SADD q:job:1:log 'a set where the log should be'");

  cb_engine_count_async (f->engine, queues, NULL, cb_test_store_result, &result);
  counts = cb_engine_count_finish (f->engine, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  email = g_ptr_array_index (counts, 0);
  g_assert_nonnull (strstr (email->problem, "WRONGTYPE"));
  g_assert_nonnull (strstr (email->problem, "q:jobs:email:failed"));
  g_assert_cmpint (email->counts[cb_engine_find_state (f->engine, "failed")], ==, -1);
  g_assert_cmpint (email->counts[cb_engine_find_state (f->engine, "inactive")], ==, 2);
  g_assert_cmpint (email->total, ==, 2);
  g_assert_null (((CbQueueCounts *) g_ptr_array_index (counts, 1))->problem);

  bad = read_page (f, "email", "failed", &error);
  g_assert_null (bad);
  g_assert_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_WRONGTYPE);
  g_assert_nonnull (strstr (error->message, "q:jobs:email:failed"));
  g_clear_error (&error);

  all = read_page (f, "email", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (all->records->len, ==, 2);
  job = g_ptr_array_index (all->records, 1);
  g_assert_false (job->missing);
  g_assert_nonnull (strstr (job->problem, "WRONGTYPE"));

  whole = get_whole (f, "1", 0, 10, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (whole->queue, ==, "email");
  g_assert_null (whole->log);
  g_assert_cmpint (whole->log_length, ==, -1);
  g_assert_nonnull (strstr (whole->problem, "The log can't be read"));
  no_hash = get_whole (f, "2", 0, 10, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (no_hash->problem, "WRONGTYPE"));

  /* The list of types hides no queue that has jobs; without any it is said what is wrong with it. */
  call (f, "DEL q:job:types");
  call (f, "SET q:job:types text");
  assert_queues (f, "email");
  call (f, "DEL q:jobs:inactive q:jobs:active q:jobs:complete q:jobs:failed q:jobs:delayed");
  call (f, "EVAL \"for _, key in ipairs (redis.call ('KEYS', 'q:jobs:email:*')) do redis.call ('DEL', key) end\" 0");
  cb_engine_list_queues_async (f->engine, NULL, cb_test_store_result, &listed);
  g_assert_null (cb_engine_list_queues_finish (f->engine, cb_test_wait_result (&listed), &error));
  g_assert_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_WRONGTYPE);
  g_assert_nonnull (strstr (error->message, "q:job:types"));
}

/* Fields and logs of any size: a list never reads what is long, and says so. */
static void
test_large (Fixture       *f,
            gconstpointer  data)
{
  g_autoptr (GPtrArray) ids = NULL;
  g_autoptr (CbJobPage) page = NULL;
  g_autoptr (CbJobRecord) whole = NULL;
  g_autoptr (CbJobRecord) tail = NULL;
  g_autoptr (CbJobRecord) many = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *stats = NULL;
  CbJobRecord *job;

  ids = cb_test_create (f->engine, "email", "{}", 3, &error);
  call (f, "EVAL \"redis.call ('HSET', 'q:job:1', 'data', '\\\"' .. string.rep ('x', 5000000) .. '\\\"')\" 0");
  call (f, "EVAL \"redis.call ('HSET', 'q:job:2', 'error', string.rep ('x', 300000))\" 0");
  call (f, "EVAL \"for i = 1, 100000 do redis.call ('RPUSH', 'q:job:1:log', 'line ' .. i) end\" 0");
  call (f, "EVAL \"for i = 1, 3000 do redis.call ('HSET', 'q:job:3', 'field' .. i, i) end\" 0");
  call (f, "CONFIG RESETSTAT");

  page = read_page (f, "email", "inactive", &error);
  g_assert_no_error (error);
  job = g_ptr_array_index (page->records, 0);
  g_assert_null (job->data);
  g_assert_cmpstr (job->state, ==, "inactive");
  g_assert_nonnull (strstr (job->problem, "data is 5.0"));
  job = g_ptr_array_index (page->records, 1);
  g_assert_nonnull (job->data);
  g_assert_null (job->error);
  g_assert_nonnull (strstr (job->problem, "error is 300.0"));

  whole = get_whole (f, "1", 10, 5, &error);
  g_assert_no_error (error);
  g_assert_null (whole->data);
  g_assert_nonnull (strstr (whole->problem, "data is 5.0"));
  g_assert_cmpint (whole->log_length, ==, 100000);
  g_assert_cmpuint (whole->log->len, ==, 5);
  g_assert_cmpmem (g_bytes_get_data (g_ptr_array_index (whole->log, 0), NULL), 7, "line 11", 7);

  tail = get_whole (f, "1", -3, 10, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (tail->log->len, ==, 3);
  g_assert_cmpmem (g_bytes_get_data (g_ptr_array_index (tail->log, 2), NULL), 11, "line 100000", 11);

  many = get_whole (f, "3", 0, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (many->queue, ==, "email");
  g_assert_nonnull (strstr (many->problem, "3008 fields"));

  stats = cb_test_redis_get_string (f->redis, "INFO", "commandstats", NULL);
  g_assert_null (strstr (stats, "cmdstat_hgetall:"));
  g_assert_null (strstr (stats, "cmdstat_smembers:"));
  g_assert_null (strstr (stats, "cmdstat_keys:"));
}

/* However a long field hides, among how many others, and whether the server says what a job weighs or not. */
static void
test_weights (Fixture       *f,
              gconstpointer  data)
{
  g_autofree char *uri = g_strdup_printf ("unix:%s?user=light&password=see", cb_test_redis_get_path (f->redis));
  g_autoptr (CbAddress) address = NULL;
  g_autoptr (CbConnection) connection = NULL;
  g_autoptr (GPtrArray) ids = NULL;
  g_autoptr (GError) error = NULL;

  ids = cb_test_create (f->engine, "email", "{}", 6, &error);
  call (f, "EVAL \"redis.call ('HSET', 'q:job:1', 'data', '\\\"' .. string.rep ('x', 262200) .. '\\\"')\" 0");
  call (f, "EVAL \"for i = 1, 16500 do redis.call ('HSET', 'q:job:2', i, '') end "
           "redis.call ('HSET', 'q:job:2', 'result', string.rep ('x', 300000))\" 0");
  call (f, "EVAL \"for i = 1, 60000 do redis.call ('HSET', 'q:job:3', i, i) end "
           "redis.call ('HSET', 'q:job:3', 'error', string.rep ('x', 300000))\" 0");
  call (f, "EVAL \"redis.call ('HSET', 'q:job:4', 'data', '\\\"' .. string.rep ('x', 150000) .. '\\\"', "
           "'result', '\\\"' .. string.rep ('x', 150000) .. '\\\"')\" 0");
  call (f, "EVAL \"redis.call ('DEL', 'q:job:5') redis.call ('SET', 'q:job:5', string.rep ('x', 300000))\" 0");
  call (f, "ACL SETUSER light on >see ~q:* resetchannels +@all -memory");
  address = cb_address_parse (uri, &error);
  g_assert_no_error (error);
  connection = cb_connection_new (address, "light");
  cb_test_open (connection, &error);
  g_assert_no_error (error);

  for (guint light = 0; light < 2; light++)
    {
      g_autoptr (CbEngine) engine = light ? cb_kue_engine_new (connection, "q") : g_object_ref (f->engine);

      for (guint again = 0; again < 2; again++)
        {
          g_autoptr (GAsyncResult) result = NULL;
          g_autoptr (CbJobPage) page = NULL;
          g_autofree char *stats = NULL;
          CbJobRecord *job;

          call (f, "CONFIG RESETSTAT");
          cb_engine_page_async (engine, "email", "inactive", 0, 100, FALSE, NULL, cb_test_store_result, &result);
          page = cb_engine_page_finish (engine, cb_test_wait_result (&result), &error);
          g_assert_no_error (error);
          g_assert_cmpuint (page->records->len, ==, 6);

          job = g_ptr_array_index (page->records, 0);
          g_assert_null (job->data);
          g_assert_nonnull (strstr (job->problem, "data is 262.2"));
          job = g_ptr_array_index (page->records, 1);
          g_assert_null (job->result);
          g_assert_nonnull (job->data);
          g_assert_nonnull (strstr (job->problem, "result is 300.0"));
          job = g_ptr_array_index (page->records, 2);
          g_assert_null (job->error);
          g_assert_nonnull (strstr (job->problem, "error is 300.0"));
          job = g_ptr_array_index (page->records, 3);
          g_assert_null (job->problem);
          g_assert_cmpuint (g_bytes_get_size (job->data), ==, 150002);
          g_assert_cmpuint (g_bytes_get_size (job->result), ==, 150002);
          job = g_ptr_array_index (page->records, 4);
          g_assert_nonnull (strstr (job->problem, "WRONGTYPE"));
          job = g_ptr_array_index (page->records, 5);
          g_assert_null (job->problem);
          g_assert_cmpmem (g_bytes_get_data (job->data, NULL), g_bytes_get_size (job->data), "{}", 2);

          /* The sixth is not asked about twice where the server says what it weighs. */
          stats = cb_test_redis_get_string (f->redis, "INFO", "commandstats", NULL);
          g_assert_nonnull (strstr (stats, light ? "cmdstat_hstrlen:calls=24," : "cmdstat_hstrlen:calls=20,"));
          g_assert_cmpint (strstr (stats, "cmdstat_memory|usage:calls=6,") != NULL, ==, !light);
        }
    }

  cb_connection_close (connection);
  cb_test_settle ();
}

/* A connection for reading only sends nothing that the server does not know to be reading: not MEMORY where it was taken away. */
static void
test_weights_taken_away (Fixture       *f,
                         gconstpointer  data)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--rename-command", "MEMORY", "", NULL);
  g_autoptr (CbConnection) connection = cb_connection_new (cb_test_redis_get_address (redis), "reader");
  g_autoptr (CbEngine) engine = NULL;
  g_autoptr (GPtrArray) ids = NULL;
  g_autoptr (GError) error = NULL;

  cb_test_open (connection, &error);
  g_assert_no_error (error);
  engine = cb_kue_engine_new (connection, "q");
  ids = cb_test_create (engine, "email", "{}", 2, &error);
  g_assert_no_error (error);
  cb_reply_unref (cb_test_redis_call (redis, "EVAL", "return redis.call ('HSET', 'q:job:1', 'data', '\"' .. string.rep ('x', 300000) .. '\"')",
                                      "0", NULL));
  cb_connection_set_read_only (connection, TRUE);

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (CbJobPage) page = NULL;
      CbJobRecord *job;

      cb_engine_page_async (engine, "email", "inactive", 0, 100, FALSE, NULL, cb_test_store_result, &result);
      page = cb_engine_page_finish (engine, cb_test_wait_result (&result), &error);
      g_assert_no_error (error);
      g_assert_cmpuint (page->records->len, ==, 2);
      job = g_ptr_array_index (page->records, 0);
      g_assert_null (job->data);
      g_assert_nonnull (strstr (job->problem, "data is 300.0"));
      job = g_ptr_array_index (page->records, 1);
      g_assert_nonnull (job->data);
    }

  g_clear_object (&engine);
  cb_connection_close (connection);
  cb_test_settle ();
}

static CbJobRecord *
read_whole (CbEngine   *engine,
            const char *id)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  CbJobRecord *job;

  cb_engine_get_whole_async (engine, id, 0, 0, NULL, cb_test_store_result, &result);
  job = cb_engine_get_whole_finish (engine, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  return job;
}

/* Where it is not told how long a field is, none that may be long is read of a job that is known to be large; where that is not told either,
 * there is no other way than to read it. Refused to a user, or taken from the server, which a connection for reading only finds out by
 * itself. */
static void
test_no_lengths (Fixture       *f,
                 gconstpointer  data)
{
  static const struct
  {
    const char *rights;       /* NULL: the server has no HSTRLEN, and the connection is for reading only */
    gboolean    knows_weight;
  } lines[] = { { "-hstrlen", TRUE }, { "-hstrlen -memory", FALSE }, { NULL, TRUE } };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autoptr (CbTestRedis) redis = lines[i].rights != NULL ? cb_test_redis_new (NULL, NULL)
                                                              : cb_test_redis_new ("--rename-command", "HSTRLEN", "", NULL);
      g_autoptr (CbConnection) owner = cb_connection_new (cb_test_redis_get_address (redis), "owner");
      g_autoptr (CbEngine) maker = cb_kue_engine_new (owner, "q");
      g_autofree char *uri = g_strdup_printf ("unix:%s?user=user&password=see", cb_test_redis_get_path (redis));
      g_autoptr (CbAddress) address = NULL;
      g_autoptr (CbConnection) connection = NULL;
      g_autoptr (CbEngine) engine = NULL;
      g_autoptr (GPtrArray) ids = NULL;
      g_autoptr (GError) error = NULL;

      cb_test_open (owner, &error);
      g_assert_no_error (error);
      ids = cb_test_create (maker, "email", "{}", 3, &error);
      g_assert_no_error (error);
      cb_test_redis_get_integer (redis, "EVAL", "redis.call ('HSET', 'q:job:1', 'data', '\"' .. string.rep ('x', 300000) .. '\"') "
                                 "return redis.call ('HSET', 'q:job:2', 'result', '\"' .. string.rep ('x', 5000000) .. '\"')", "0", NULL);
      if (lines[i].rights != NULL)
        {
          g_auto (GStrv) words = g_strsplit (lines[i].rights, " ", -1);

          cb_reply_unref (cb_test_redis_call (redis, "ACL", "SETUSER", "user", "on", ">see", "~*", "&*", "+@all", words[0],
                                              words[1] != NULL ? words[1] : words[0], NULL));
          address = cb_address_parse (uri, &error);
          g_assert_no_error (error);
        }
      connection = cb_connection_new (address != NULL ? address : cb_test_redis_get_address (redis), "reader");
      cb_connection_set_read_only (connection, lines[i].rights == NULL);
      cb_test_open (connection, &error);
      g_assert_no_error (error);
      engine = cb_kue_engine_new (connection, "q");

      for (guint again = 0; again < 2; again++)
        {
          g_autoptr (GAsyncResult) result = NULL;
          g_autoptr (CbJobPage) page = NULL;
          g_autoptr (CbJobRecord) middle = NULL;
          g_autoptr (CbJobRecord) large = NULL;
          CbJobRecord *job;

          cb_engine_page_async (engine, "email", "inactive", 0, 100, FALSE, NULL, cb_test_store_result, &result);
          page = cb_engine_page_finish (engine, cb_test_wait_result (&result), &error);
          g_assert_no_error (error);
          g_assert_cmpuint (page->records->len, ==, 3);
          for (guint n = 0; n < 2; n++)
            {
              job = g_ptr_array_index (page->records, n);
              g_assert_cmpstr (job->queue, ==, "email");
              g_assert_cmpint (job->data == NULL, ==, lines[i].knows_weight);
              g_assert_cmpint (job->problem != NULL && strstr (job->problem, "does not tell how long its fields are") != NULL, ==,
                               lines[i].knows_weight);
            }
          job = g_ptr_array_index (page->records, 2);
          g_assert_null (job->problem);
          g_assert_nonnull (job->data);

          /* For one job that is looked at it may be more. */
          middle = read_whole (engine, "1");
          g_assert_cmpuint (g_bytes_get_size (middle->data), ==, 300002);
          large = read_whole (engine, "2");
          g_assert_cmpstr (large->queue, ==, "email");
          g_assert_cmpint (large->created_at, >, 0);
          g_assert_cmpint (large->result == NULL, ==, lines[i].knows_weight);
          g_assert_cmpint (large->problem != NULL && strstr (large->problem, "It takes 5.") != NULL, ==, lines[i].knows_weight);
        }

      g_clear_object (&engine);
      g_clear_object (&maker);
      cb_connection_close (connection);
      cb_connection_close (owner);
      cb_test_settle ();
    }
}

/* What is left of half-deleted jobs is shown, nothing is invented. */
static void
test_leftovers (Fixture       *f,
                gconstpointer  data)
{
  g_autoptr (CbJobRecord) log_only = NULL;
  g_autoptr (CbJobRecord) foreign = NULL;
  g_autoptr (CbJobPage) page = NULL;
  g_autoptr (GError) error = NULL;
  CbJobRecord *job;

  call (f, "RPUSH q:job:36:log 'a log with no job'");
  call (f, "HSET q:job:40 something else");
  call (f, "ZADD q:jobs:failed 0 '02|36' 1 '02|abc' 2 '' 3 17 4 '02|40'");

  log_only = get_whole (f, "36", 0, 10, &error);
  g_assert_no_error (error);
  g_assert_true (log_only->missing);
  g_assert_cmpint (log_only->log_length, ==, 1);
  foreign = get_whole (f, "40", 0, 10, &error);
  g_assert_no_error (error);
  g_assert_false (foreign->missing);
  g_assert_cmpuint (foreign->raw->len, ==, 2);

  page = read_page (f, NULL, "failed", &error);
  g_assert_no_error (error);
  g_assert_cmpint (page->total, ==, 5);
  g_assert_cmpuint (page->records->len, ==, 5);
  job = g_ptr_array_index (page->records, 1);
  g_assert_true (job->missing);
  g_assert_nonnull (strstr (job->problem, "02|abc"));
  job = g_ptr_array_index (page->records, 2);
  g_assert_true (job->missing);
  job = g_ptr_array_index (page->records, 3);
  g_assert_cmpstr (job->id, ==, "17");
  g_assert_nonnull (strstr (job->problem, "takes for job 17"));
}

/* Types that jobs have and nobody has registered: found at the ends of the sets, by a number of commands that does not grow with the
 * jobs; kept while they have jobs; not marked any more when somebody registers them. */
static void
test_unregistered (Fixture       *f,
                   gconstpointer  data)
{
  g_autoptr (GPtrArray) ids = NULL;
  g_autoptr (GError) error = NULL;
  gint64 n_calls;

  ids = cb_test_create (f->engine, "email", "{}", 2, &error);
  g_assert_no_error (error);
  call (f, "EVAL \"for i = 1, 20000 do redis.call ('HSET', 'q:job:' .. i + 100, 'type', 'email', 'state', 'failed')"
           "local zid = string.format ('%02d|%d', #tostring (i + 100), i + 100)"
           "redis.call ('ZADD', 'q:jobs:failed', 0, zid) redis.call ('ZADD', 'q:jobs:email:failed', 0, zid) end\" 0");
  assert_queues (f, "email");

  call (f, "HSET q:job:90001 type last state failed");
  call (f, "ZADD q:jobs:failed 5 05|90001");
  call (f, "ZADD q:jobs:last:failed 5 05|90001");
  call (f, "HSET q:job:90002 type 'first: one' state complete");
  call (f, "ZADD q:jobs:complete -5 05|90002");
  call (f, "ZADD 'q:jobs:first: one:complete' -5 05|90002");
  call (f, "ZADD q:jobs:delayed 5 05|90003 6 nonsense");          /* no job, no id */
  call (f, "SET q:jobs:active text");
  call (f, "CONFIG RESETSTAT");
  assert_queues (f, "email|first: one|last");
  assert_unregistered (f, "first: one|last");
  n_calls = cb_test_redis_get_integer (f->redis, "EVAL",
                                       "local n = 0 for calls in string.gmatch (redis.call ('INFO', 'commandstats'), 'calls=(%d+)') do "
                                       "n = n + calls end return n", "0", NULL);
  g_assert_cmpint (n_calls, <, 250);

  /* Among others now, but it was seen. */
  call (f, "EVAL \"for i = 1, 100 do redis.call ('ZADD', 'q:jobs:failed', 9, '03|' .. i + 100) end\" 0");
  assert_queues (f, "email|first: one|last");
  call (f, "DEL q:jobs:last:failed");
  assert_queues (f, "email|first: one");

  call (f, "SADD q:job:types 'first: one'");
  assert_queues (f, "email|first: one");
  assert_unregistered (f, "");
}

/* Types of all kinds: a colon, a blank, a state's name, the empty one. */
static void
test_types (Fixture       *f,
            gconstpointer  data)
{
  static const char * const expected[] = { "", "email", "email:welcome", "inactive", "mail out", "\xd0\xbe\xd1\x82\xd1\x87\xd1\x91\xd1\x82" };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) queues = NULL;
  g_autoptr (CbJobPage) page = NULL;
  g_autoptr (CbJobPage) none = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    cb_test_redis_get_integer (f->redis, "SADD", "q:job:types", expected[i], NULL);
  call (f, "HSET q:job:1 type inactive state failed");
  call (f, "ZADD q:jobs:inactive:failed 0 '01|1'");
  call (f, "ZADD q:jobs:email:welcome:failed 0 '01|2'");

  cb_engine_list_queues_async (f->engine, NULL, cb_test_store_result, &result);
  queues = cb_engine_list_queues_finish (f->engine, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (queues->len, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < queues->len; i++)
    g_assert_cmpstr (g_ptr_array_index (queues, i), ==, expected[i]);

  page = read_page (f, "inactive", "failed", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (page->records->len, ==, 1);
  none = read_page (f, "email", "failed", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (none->records->len, ==, 0);
}

/* Who may see none of the keys is told so, not that there is nothing. */
static void
test_blind (Fixture *f, gconstpointer data)
{
  g_autofree char *uri = g_strdup_printf ("unix:%s?user=blind&password=see", cb_test_redis_get_path (f->redis));
  g_autoptr (CbAddress) address = NULL;
  g_autoptr (CbConnection) connection = NULL;
  g_autoptr (CbDiscovery) discovery = NULL;
  g_autoptr (GError) error = NULL;

  call (f, "ACL SETUSER blind on >see ~other:* resetchannels +@all");
  address = cb_address_parse (uri, &error);
  g_assert_no_error (error);
  connection = cb_connection_new (address, "blind");
  cb_test_open (connection, &error);
  g_assert_no_error (error);

  for (guint scanning = 0; scanning < 2; scanning++)
    {
      g_autoptr (GAsyncResult) found = NULL;

      cb_discovery_run_async (connection, scanning ? CB_DISCOVER_KEYSPACE | CB_DISCOVER_OTHERS : CB_DISCOVER_USUAL, NULL,
                              cb_test_store_result, &found);
      discovery = cb_discovery_run_finish (connection, cb_test_wait_result (&found), &error);
      g_assert_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_NOPERM);
      g_assert_null (discovery);
      g_clear_error (&error);
    }

  cb_connection_close (connection);
  cb_test_settle ();
}

/* A user who may only read can look at everything, and is told what the rest needs. */
static void
test_read_only_user (Fixture       *f,
                     gconstpointer  data)
{
  g_autofree char *uri = g_strdup_printf ("unix:%s?user=narrow&password=see", cb_test_redis_get_path (f->redis));
  g_autoptr (CbAddress) address = NULL;
  g_autoptr (CbConnection) connection = NULL;
  g_autoptr (CbEngine) engine = NULL;
  g_autoptr (GPtrArray) ids = NULL;
  g_autoptr (CbDiscovery) discovery = NULL;
  g_autoptr (GAsyncResult) paged = NULL;
  g_autoptr (GAsyncResult) found = NULL;
  g_autoptr (CbJobPage) page = NULL;
  g_autoptr (GError) error = NULL;

  ids = cb_test_create (f->engine, "email", "{}", 2, &error);
  call (f, "ACL SETUSER narrow on >see ~q:* resetchannels +@all -@dangerous -scan -@scripting -keys");
  address = cb_address_parse (uri, &error);
  g_assert_no_error (error);
  connection = cb_connection_new (address, "narrow");
  cb_test_open (connection, &error);
  g_assert_no_error (error);
  engine = cb_kue_engine_new (connection, "q");

  cb_discovery_run_async (connection, CB_DISCOVER_KEYSPACE | CB_DISCOVER_OTHERS, NULL, cb_test_store_result, &found);
  discovery = cb_discovery_run_finish (connection, cb_test_wait_result (&found), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (discovery->prefixes->len, ==, 1);

  cb_engine_page_async (engine, "email", "inactive", 0, 10, FALSE, NULL, cb_test_store_result, &paged);
  page = cb_engine_page_finish (engine, cb_test_wait_result (&paged), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (page->records->len, ==, 2);

  cb_engine_watch (engine);
  cb_test_wait_until (cb_engine_get_live_problem (engine) != NULL);
  g_assert_false (cb_engine_get_live (engine));
  g_assert_nonnull (strstr (cb_engine_get_live_problem (engine), "NOPERM"));
  cb_engine_unwatch (engine);

  g_assert_null (cb_test_claim (engine, "email", "w", 1000, &error));
  g_assert_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_NOPERM);
  g_test_message ("%s", error->message);
  g_assert_true (strstr (error->message, "eval") != NULL || strstr (error->message, "script") != NULL);
  g_assert_cmpint (cb_test_redis_get_integer (f->redis, "ZCARD", "q:jobs:email:inactive", NULL), ==, 2);

  g_clear_object (&engine);
  cb_connection_close (connection);
  cb_test_settle ();
}

typedef struct
{
  GAsyncResult *result;
  gint64 began;
} Wait;

static void
begin_wait (Fixture      *f,
            Wait         *wait,
            guint         timeout_msec,
            GCancellable *cancellable)
{
  wait->result = NULL;
  wait->began = g_get_monotonic_time ();
  cb_engine_wait_async (f->engine, "email", timeout_msec, cancellable, cb_test_store_result, &wait->result);
}

static gboolean
end_wait (Fixture  *f,
          Wait     *wait,
          GError  **error)
{
  g_autoptr (GAsyncResult) result = g_object_ref (cb_test_wait_result (&wait->result));

  g_clear_object (&wait->result);
  return cb_engine_wait_finish (f->engine, result, error);
}

static guint
count_blocked (Fixture *f)
{
  g_autofree char *info = cb_test_redis_get_string (f->redis, "INFO", "clients", NULL);

  return g_ascii_strtoull (strstr (info, "blocked_clients:") + strlen ("blocked_clients:"), NULL, 10);
}

/* One token wakes everybody who waits, and is still there. */
static void
test_wait_wakes (Fixture       *f,
                 gconstpointer  data)
{
  g_autoptr (GPtrArray) ids = NULL;
  g_autoptr (GError) error = NULL;
  Wait waits[3];

  for (guint i = 0; i < 3; i++)
    begin_wait (f, &waits[i], 30000, NULL);
  cb_test_wait_until (count_blocked (f) == 3);

  ids = cb_test_create (f->engine, "email", "{}", 1, &error);
  for (guint i = 0; i < 3; i++)
    {
      g_assert_true (end_wait (f, &waits[i], &error));
      g_assert_no_error (error);
    }
  g_assert_cmpint (cb_test_redis_get_integer (f->redis, "LLEN", "q:email:jobs", NULL), ==, 1);

  /* A connection that is done is used again. */
  begin_wait (f, &waits[0], 30000, NULL);
  g_assert_true (end_wait (f, &waits[0], &error));
}

static void
test_wait_times_out (Fixture       *f,
                     gconstpointer  data)
{
  g_autoptr (GPtrArray) ids = NULL;
  g_autoptr (GError) error = NULL;
  Wait wait;

  begin_wait (f, &wait, 50, NULL);
  g_assert_false (end_wait (f, &wait, &error));
  g_assert_no_error (error);

  /* Kue pushed too few tokens: the jobs are found all the same. */
  ids = cb_test_create (f->engine, "email", "{}", 2, &error);
  call (f, "DEL q:email:jobs");
  begin_wait (f, &wait, 50, NULL);
  g_assert_true (end_wait (f, &wait, &error));
  g_assert_no_error (error);
}

static void
test_wait_cancelled (Fixture       *f,
                     gconstpointer  data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  Wait wait;

  begin_wait (f, &wait, 600000, cancellable);
  cb_test_wait_until (count_blocked (f) == 1);
  g_cancellable_cancel (cancellable);
  g_assert_false (end_wait (f, &wait, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  /* And nothing stays behind on the server. */
  cb_test_wait_until (count_blocked (f) == 0);
}

static void
test_wait_wrong_type (Fixture       *f,
                      gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  Wait wait;

  call (f, "SADD q:email:jobs 1");
  begin_wait (f, &wait, 30000, NULL);
  g_assert_false (end_wait (f, &wait, &error));
  g_assert_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_WRONGTYPE);
  g_assert_nonnull (strstr (error->message, "q:email:jobs"));
}

/* A connection that was kept for the next wait, and lost its server since. */
static void
test_wait_after_restart (Fixture       *f,
                         gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  Wait wait;

  begin_wait (f, &wait, 20, NULL);
  g_assert_false (end_wait (f, &wait, &error));
  g_assert_no_error (error);
  cb_test_redis_kill (f->redis);
  cb_test_wait_until (cb_connection_get_state (f->connection) != CB_CONNECTION_READY);
  cb_test_redis_start (f->redis);
  cb_test_wait_until (cb_connection_get_state (f->connection) == CB_CONNECTION_READY);
  begin_wait (f, &wait, 20, NULL);
  g_assert_false (end_wait (f, &wait, &error));
  g_assert_no_error (error);
}

/* The server goes while a worker waits. */
static void
test_wait_lost (Fixture       *f,
                gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  Wait wait;

  begin_wait (f, &wait, 600000, NULL);
  cb_test_wait_until (count_blocked (f) == 1);
  cb_test_redis_kill (f->redis);
  g_assert_false (end_wait (f, &wait, &error));
  g_assert_nonnull (error);
  g_assert_true (cb_redis_error_is_connection (error));
  cb_test_redis_start (f->redis);
}

static void
remember_event_cb (CbEngine   *engine,
                   CbJobEvent *event,
                   GString    *text)
{
  g_string_append_printf (text, "%s:%s ", event->id, event->name);
}

/* Events as they come, whatever else is published there. */
static void
test_watch (Fixture       *f,
            gconstpointer  data)
{
  g_autoptr (GString) events = g_string_new (NULL);
  g_autoptr (GPtrArray) ids = NULL;
  g_autoptr (GError) error = NULL;

  g_signal_connect (f->engine, "event", G_CALLBACK (remember_event_cb), events);
  cb_engine_watch (f->engine);
  cb_test_wait_until (cb_engine_get_live (f->engine));
  call (f, "PUBLISH q:events 'no event at all'");
  call (f, "PUBLISH q:events null");
  ids = cb_test_create (f->engine, "email", "{}", 2, &error);
  call (f, "PUBLISH q:events '{\"id\":\"7\",\"event\":\"remove\",\"args\":[\"remove\",\"email\"]}'");
  cb_test_wait_until (strstr (events->str, "7:") != NULL);
  g_assert_cmpstr (events->str, ==, "1:enqueue 2:enqueue 7:remove ");

  /* Deaf while the server is away, and says so. */
  cb_test_redis_kill (f->redis);
  cb_test_wait_until (!cb_engine_get_live (f->engine));
  cb_test_redis_start (f->redis);
  cb_test_wait_until (cb_engine_get_live (f->engine));

  cb_engine_unwatch (f->engine);
  g_assert_false (cb_engine_get_live (f->engine));
  g_signal_handlers_disconnect_by_data (f->engine, events);
}

/* An engine let go of in the middle of everything. */
static void
test_abandoned (Fixture       *f,
                gconstpointer  data)
{
  CbEngine *engine = cb_kue_engine_new (f->connection, "q");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) waited = NULL;
  g_autoptr (GAsyncResult) paged = NULL;
  g_autoptr (GAsyncResult) ticked = NULL;

  cb_engine_watch (engine);
  cb_engine_wait_async (engine, "email", 600000, cancellable, cb_test_store_result, &waited);
  cb_engine_page_async (engine, NULL, NULL, 0, 10, FALSE, cancellable, cb_test_store_result, &paged);
  cb_engine_tick_async (engine, cancellable, cb_test_store_result, &ticked);
  g_object_unref (engine); /* the calls keep it */
  g_cancellable_cancel (cancellable);
  cb_test_wait_result (&waited);
  cb_test_wait_result (&paged);
  cb_test_wait_result (&ticked);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define add(path, function) g_test_add ("/kue-faults/" path, Fixture, NULL, set_up, function, tear_down)
  add ("wrong-types", test_wrong_types);
  add ("large", test_large);
  add ("weights", test_weights);
  add ("weights-taken-away", test_weights_taken_away);
  add ("no-lengths", test_no_lengths);
  add ("leftovers", test_leftovers);
  add ("unregistered", test_unregistered);
  add ("types", test_types);
  add ("read-only-user", test_read_only_user);
  add ("blind-user", test_blind);
  add ("wait/wakes", test_wait_wakes);
  add ("wait/times-out", test_wait_times_out);
  add ("wait/cancelled", test_wait_cancelled);
  add ("wait/wrong-type", test_wait_wrong_type);
  add ("wait/after-restart", test_wait_after_restart);
  add ("wait/lost", test_wait_lost);
  add ("watch", test_watch);
  add ("abandoned", test_abandoned);
#undef add

  return g_test_run ();
}
