/* test-kue-fixture.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/*
 * A dump of a varied population that real Kue 0.11.6 made (small.rdb), and what Kue itself reports about it
 * (small.expected.json): read through the engine it has to be the same, and to read it must not change it.
 */

#include "config.h"

#include <math.h>
#include <string.h>

#include "cb-json.h"
#include "cb-kue-engine.h"
#include "cb-test-kue.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"

typedef struct
{
  CbTestRedis *redis;
  CbConnection *connection;
  CbEngine *engine;
  JsonNode *root;
  JsonObject *expected;
  char *before;
} Fixture;

static void
set_up (Fixture       *f,
        gconstpointer  data)
{
  g_autofree char *rdb = g_test_build_filename (G_TEST_DIST, "fixtures", "kue", "small.rdb", NULL);
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "fixtures", "kue", "small.expected.json", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  f->root = json_from_string (text, &error);
  g_assert_no_error (error);
  f->expected = json_node_get_object (f->root);

  f->redis = cb_test_redis_new_from_rdb (rdb);
  f->connection = cb_connection_new (cb_test_redis_get_address (f->redis), "test");
  cb_test_open (f->connection, &error);
  g_assert_no_error (error);
  f->engine = cb_kue_engine_new (f->connection, "q");
  f->before = cb_test_kue_snapshot (f->redis);
}

static void
tear_down (Fixture       *f,
           gconstpointer  data)
{
  g_autofree char *after = cb_test_kue_snapshot (f->redis);

  /* Looking never writes. */
  g_assert_cmpstr (after, ==, f->before);
  g_free (f->before);
  g_assert_finalize_object (f->engine);
  cb_connection_close (f->connection);
  cb_test_settle ();
  g_assert_finalize_object (f->connection);
  cb_test_redis_free (f->redis);
  json_node_unref (f->root);
}

static CbJobPage *
read_page (Fixture    *f,
           const char *queue,
           const char *state,
           gint64      offset,
           guint       limit,
           gboolean    reversed)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  CbJobPage *page;

  cb_engine_page_async (f->engine, queue, state, offset, limit, reversed, NULL, cb_test_store_result, &result);
  page = cb_engine_page_finish (f->engine, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  return page;
}

static char *
page_ids (CbJobPage *page)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < page->records->len; i++)
    g_string_append_printf (text, "%s ", ((CbJobRecord *) g_ptr_array_index (page->records, i))->id);
  return g_strdup (text->str);
}

static char *
array_ids (JsonArray *array,
           guint      from,
           guint      limit,
           gboolean   reversed)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint n = json_array_get_length (array);

  for (guint i = from; i < MIN (n, from + limit); i++)
    g_string_append_printf (text, "%" G_GINT64_FORMAT " ", json_array_get_int_element (array, reversed ? n - 1 - i : i));
  return g_strdup (text->str);
}

static void
test_queues (Fixture       *f,
             gconstpointer  data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) queues = NULL;
  g_autoptr (GError) error = NULL;
  JsonArray *types = json_object_get_array_member (f->expected, "types");

  cb_engine_list_queues_async (f->engine, NULL, cb_test_store_result, &result);
  queues = cb_engine_list_queues_finish (f->engine, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (queues->len, ==, json_array_get_length (types));
  for (guint i = 0; i < queues->len; i++)
    g_assert_cmpstr (g_ptr_array_index (queues, i), ==, json_array_get_string_element (types, i));
}

static void
assert_counts (CbEngine      *engine,
               CbQueueCounts *counts,
               JsonObject    *expected)
{
  guint n_states;
  const CbStateInfo *states = cb_engine_get_states (engine, &n_states);

  g_assert_null (counts->problem);
  g_assert_cmpuint (n_states, ==, 5);
  for (guint i = 0; i < n_states; i++)
    g_assert_cmpint (counts->counts[i], ==, json_object_get_int_member (expected, states[i].name));
}

static void
test_counts (Fixture       *f,
             gconstpointer  data)
{
  JsonObject *by_type = json_object_get_object_member (f->expected, "countsByType");
  g_autoptr (GAsyncResult) all_result = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) all = NULL;
  g_autoptr (GPtrArray) each = NULL;
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (GList) members = json_object_get_members (by_type);
  g_autoptr (GError) error = NULL;

  cb_engine_count_async (f->engine, NULL, NULL, cb_test_store_result, &all_result);
  all = cb_engine_count_finish (f->engine, cb_test_wait_result (&all_result), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (all->len, ==, 1);
  assert_counts (f->engine, g_ptr_array_index (all, 0), json_object_get_object_member (f->expected, "counts"));
  g_assert_cmpint (((CbQueueCounts *) g_ptr_array_index (all, 0))->total, ==, json_object_get_int_member (f->expected, "total"));

  for (GList *l = members; l != NULL; l = l->next)
    g_ptr_array_add (names, l->data);
  g_ptr_array_add (names, NULL);
  cb_engine_count_async (f->engine, (const char * const *) names->pdata, NULL, cb_test_store_result, &result);
  each = cb_engine_count_finish (f->engine, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (each->len, ==, names->len - 1);
  for (guint i = 0; i < each->len; i++)
    {
      CbQueueCounts *counts = g_ptr_array_index (each, i);

      g_assert_cmpstr (counts->queue, ==, g_ptr_array_index (names, i));
      assert_counts (f->engine, counts, json_object_get_object_member (by_type, counts->queue));
    }
}

/* Every state in Kue's order, from both ends, whole and in windows. */
static void
test_orders (Fixture       *f,
             gconstpointer  data)
{
  JsonObject *by_state = json_object_get_object_member (f->expected, "idsByState");
  g_autoptr (GList) states = json_object_get_members (by_state);

  for (GList *l = states; l != NULL; l = l->next)
    {
      JsonArray *ids = json_object_get_array_member (by_state, l->data);

      for (guint reversed = 0; reversed < 2; reversed++)
        {
          static const guint windows[][2] = { { 0, 500 }, { 0, 3 }, { 3, 4 }, { 4, 100 }, { 1000, 5 } };

          for (guint i = 0; i < G_N_ELEMENTS (windows); i++)
            {
              g_autoptr (CbJobPage) page = read_page (f, NULL, l->data, windows[i][0], windows[i][1], reversed);
              g_autofree char *got = page_ids (page);
              g_autofree char *expected = array_ids (ids, windows[i][0], windows[i][1], reversed);

              g_assert_cmpstr (got, ==, expected);
              g_assert_cmpint (page->total, ==, json_array_get_length (ids));
            }
        }
    }
}

/* All states of a type one after the other, in whatever windows it is read. */
static void
test_concatenation (Fixture       *f,
                    gconstpointer  data)
{
  const char *queue = "push_notification_code";
  g_autoptr (GString) expected = g_string_new (NULL);
  guint order[CB_MAX_STATES];
  guint n_states = cb_engine_get_list_order (f->engine, order);
  const CbStateInfo *states = cb_engine_get_states (f->engine, NULL);
  gint64 total = 0;

  for (guint i = 0; i < n_states; i++)
    {
      g_autoptr (CbJobPage) page = read_page (f, queue, states[order[i]].name, 0, 500, FALSE);
      g_autofree char *ids = page_ids (page);

      g_string_append (expected, ids);
      total += page->total;
    }
  g_assert_cmpint (total, ==, 19);

  for (guint size = 1; size <= 20; size++)
    {
      g_autoptr (GString) got = g_string_new (NULL);

      for (gint64 offset = 0; offset < total; offset += size)
        {
          g_autoptr (CbJobPage) page = read_page (f, queue, NULL, offset, size, FALSE);
          g_autofree char *ids = page_ids (page);

          g_assert_cmpint (page->total, ==, total);
          g_string_append (got, ids);
        }
      g_assert_cmpstr (got->str, ==, expected->str);
    }
}

static gint64
msec_member (JsonObject *object,
             const char *member)
{
  if (!json_object_has_member (object, member))
    return -1;

  /* Kue shows times as text. */
  return g_ascii_strtoll (json_object_get_string_member (object, member), NULL, 10) * 1000;
}

static void
assert_json (GBytes     *bytes,
             JsonObject *object,
             const char *member)
{
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GError) error = NULL;

  if (!json_object_has_member (object, member))
    {
      g_assert_null (bytes);
      return;
    }
  g_assert_nonnull (bytes);
  node = cb_json_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &error);
  g_assert_no_error (error);
  g_assert_true (json_node_equal (node, json_object_get_member (object, member)));
}

static void
assert_job (CbJobRecord *job,
            JsonObject  *expected)
{
  JsonObject *attempts = json_object_get_object_member (expected, "attempts");
  JsonNode *progress = json_object_get_member (expected, "progress");

  g_assert_false (job->missing);
  g_assert_cmpstr (job->queue, ==, json_object_get_string_member (expected, "type"));
  g_assert_cmpstr (job->state, ==, json_object_get_string_member_with_default (expected, "state", ""));
  /* Kue reads absent data as {}. */
  if (job->data != NULL)
    assert_json (job->data, expected, "data");
  else
    g_assert_cmpuint (json_object_get_size (json_object_get_object_member (expected, "data")), ==, 0);
  assert_json (job->result, expected, "result");
  assert_json (job->progress_data, expected, "progress_data");
  g_assert_cmpfloat (job->priority, ==, json_object_get_double_member (expected, "priority"));
  if (json_node_get_value_type (progress) == G_TYPE_STRING)
    g_assert_cmpint (job->progress, ==, g_ascii_strtoll (json_node_get_string (progress), NULL, 10));
  else
    g_assert_cmpint (job->progress, ==, -1);
  if (json_object_has_member (expected, "error"))
    {
      const char *error = json_object_get_string_member (expected, "error");

      g_assert_cmpmem (g_bytes_get_data (job->error, NULL), g_bytes_get_size (job->error), error, strlen (error));
    }
  else
    {
      g_assert_null (job->error);
    }
  g_assert_cmpint (job->created_at, ==, msec_member (expected, "created_at"));
  g_assert_cmpint (job->promote_at, ==, msec_member (expected, "promote_at"));
  g_assert_cmpint (job->updated_at, ==, msec_member (expected, "updated_at"));
  g_assert_cmpint (job->started_at, ==, msec_member (expected, "started_at"));
  g_assert_cmpint (job->failed_at, ==, msec_member (expected, "failed_at"));
  g_assert_cmpint (job->duration, ==, msec_member (expected, "duration"));
  g_assert_cmpint (job->delay, ==, msec_member (expected, "delay"));
  g_assert_cmpint (job->ttl, ==, msec_member (expected, "ttl"));
  g_assert_cmpstr (job->worker, ==, json_object_get_string_member_with_default (expected, "workerId", NULL));
  g_assert_cmpint (job->attempts_made, ==, json_object_get_int_member (attempts, "made"));
  g_assert_cmpint (job->attempts_max, ==, json_object_get_int_member (attempts, "max"));
}

static void
test_jobs (Fixture       *f,
           gconstpointer  data)
{
  JsonObject *jobs = json_object_get_object_member (f->expected, "jobs");
  g_autoptr (GList) members = json_object_get_members (jobs);
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) records = NULL;
  g_autoptr (GError) error = NULL;

  for (GList *l = members; l != NULL; l = l->next)
    g_ptr_array_add (ids, l->data);
  g_ptr_array_add (ids, NULL);
  g_assert_cmpuint (ids->len, >, 40);

  cb_engine_get_many_async (f->engine, (const char * const *) ids->pdata, NULL, cb_test_store_result, &result);
  records = cb_engine_get_many_finish (f->engine, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (records->len, ==, ids->len - 1);
  for (guint i = 0; i < records->len; i++)
    {
      CbJobRecord *job = g_ptr_array_index (records, i);

      g_test_message ("%s", job->id);
      g_assert_cmpstr (job->id, ==, g_ptr_array_index (ids, i));
      g_assert_null (job->problem && *job->state != 0 ? job->problem : NULL);
      assert_job (job, json_object_get_object_member (jobs, job->id));
    }
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

/* Each job whole: its log and all fields as they stand. */
static void
test_whole (Fixture       *f,
            gconstpointer  data)
{
  JsonObject *jobs = json_object_get_object_member (f->expected, "jobs");
  JsonObject *logs = json_object_get_object_member (f->expected, "logs");
  g_autoptr (GList) members = json_object_get_members (jobs);

  for (GList *l = members; l != NULL; l = l->next)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (CbJobRecord) job = get_whole (f, l->data, 0, 1000, &error);
      g_autofree char *key = g_strconcat ("q:job:", l->data, NULL);
      JsonArray *lines = json_object_has_member (logs, l->data) ? json_object_get_array_member (logs, l->data) : NULL;

      g_assert_no_error (error);
      assert_job (job, json_object_get_object_member (jobs, l->data));
      g_assert_cmpint (job->log_length, ==, lines != NULL ? json_array_get_length (lines) : 0);
      g_assert_cmpuint (job->log->len, ==, job->log_length);
      for (guint i = 0; i < job->log->len; i++)
        {
          GBytes *line = g_ptr_array_index (job->log, i);
          const char *expected = json_array_get_string_element (lines, i);

          g_assert_cmpmem (g_bytes_get_data (line, NULL), g_bytes_get_size (line), expected, strlen (expected));
        }

      g_assert_cmpuint (job->raw->len, ==, 2 * cb_test_redis_get_integer (f->redis, "HLEN", key, NULL));
      for (guint i = 0; i < job->raw->len; i += 2)
        {
          g_autofree char *field = g_strndup (g_bytes_get_data (g_ptr_array_index (job->raw, i), NULL),
                                              g_bytes_get_size (g_ptr_array_index (job->raw, i)));
          g_autofree char *value = cb_test_redis_get_string (f->redis, "HGET", key, field, NULL);
          GBytes *raw = g_ptr_array_index (job->raw, i + 1);

          g_assert_cmpmem (g_bytes_get_data (raw, NULL), g_bytes_get_size (raw), value, strlen (value));
        }
    }
}

/* What Kue can't read and deletes: here it is shown, and what is wrong with it. */
static void
test_damage (Fixture       *f,
             gconstpointer  data)
{
  static const char * const ids[] = { "102", "103", "104", "105", "106", "107", "999", "abc", NULL };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) records = NULL;
  g_autoptr (CbJobRecord) broken = NULL;
  g_autoptr (CbJobRecord) gone = NULL;
  g_autoptr (CbJobPage) page = NULL;
  g_autoptr (GError) error = NULL;
  CbJobRecord *job;

  cb_engine_get_many_async (f->engine, ids, NULL, cb_test_store_result, &result);
  records = cb_engine_get_many_finish (f->engine, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (records->len, ==, 8);
  g_assert_true (((CbJobRecord *) g_ptr_array_index (records, 0))->missing);
  g_assert_true (((CbJobRecord *) g_ptr_array_index (records, 1))->missing);
  g_assert_false (((CbJobRecord *) g_ptr_array_index (records, 2))->missing);
  job = g_ptr_array_index (records, 3);
  g_assert_false (job->missing);
  g_assert_null (job->queue);
  g_assert_cmpstr (job->state, ==, "complete");
  g_assert_nonnull (strstr (job->problem, "no type"));
  job = g_ptr_array_index (records, 4);
  g_assert_false (job->missing);
  job = g_ptr_array_index (records, 5);
  g_assert_nonnull (strstr (job->problem, "data is not JSON"));
  g_assert_true (((CbJobRecord *) g_ptr_array_index (records, 6))->missing);
  g_assert_true (((CbJobRecord *) g_ptr_array_index (records, 7))->missing);

  broken = get_whole (f, "107", -1, 10, &error);
  g_assert_no_error (error);
  g_assert_nonnull (broken->data);
  g_assert_nonnull (strstr (broken->problem, "data is not JSON"));

  gone = get_whole (f, "102", 0, 10, &error);
  g_assert_null (gone);
  g_assert_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_GONE);
  g_clear_error (&error);
  gone = get_whole (f, "1 2", 0, 10, &error);
  g_assert_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_GONE);

  /* Positions hold: the phantom has its row. */
  page = read_page (f, "push_notification_code", "inactive", 0, 100, FALSE);
  g_assert_cmpuint (page->records->len, ==, 11);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define add(path, function) g_test_add ("/kue-fixture/" path, Fixture, NULL, set_up, function, tear_down)
  add ("queues", test_queues);
  add ("counts", test_counts);
  add ("orders", test_orders);
  add ("concatenation", test_concatenation);
  add ("jobs", test_jobs);
  add ("whole", test_whole);
  add ("damage", test_damage);
#undef add

  return g_test_run ();
}
