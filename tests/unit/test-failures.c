/* test-failures.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Errors are told apart by their cause, counted by it, and what the failed jobs have in common is found. */

#include "cb-failure-cause.h"
#include "cb-failure-groups.h"
#include "cb-failure-traits.h"
#include "cb-kue-engine.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"

#include <string.h>

/* Messages as Node, Python, Ruby, databases and mail servers write them. Those of one line have one cause, and no two lines have the same. */
static const char * const errors[][4] = {
  { "Phone number 4153518780 is blacklisted", "Phone number 4153518781 is blacklisted" },
  { "Phone number 4153518780 is unknown", "Phone number 1 is unknown" },
  { "connect ECONNREFUSED 10.0.0.7:6379", "connect ECONNREFUSED 127.0.0.1:80" },
  { "connect ECONNREFUSED ::1:5432", "connect ECONNREFUSED 2001:db8::17:80" },
  { "connect ETIMEDOUT 10.0.0.7:6379", "connect ETIMEDOUT 10.0.0.17:443" },
  { "Error: ENOENT: no such file or directory, open '/tmp/a/17.txt'", "Error: ENOENT: no such file or directory, open '/var/data/x y.bin'" },
  { "TypeError: Cannot read property 'name' of undefined", "TypeError: Cannot read property 'name' of undefined\n    at a.js:1:2" },
  { "TypeError: Cannot read property 'email' of undefined\r\n    at Object.<anonymous> (/srv/b.js:17:4)" },
  { "E11000 duplicate key error collection: app.users index: email_1 dup key: { email: \"ada@example.com\" }",
    "E11000 duplicate key error collection: app.users index: email_1 dup key: { email: \"bob@example.org\" }" },
  { "550 mailbox ada@example.com unavailable", "550 mailbox bob.b@mail.example.org unavailable" },
  { "451 mailbox ada@example.com unavailable" },
  { "Error: Request failed with status code 404", },
  { "Error: Request failed with status code 503", },
  { "timeout of 5000ms exceeded", "timeout of 10000ms exceeded" },
  { "Job 0f8fad5b-d9cb-469f-a165-70867728950e not found", "Job 7c9e6679-7425-40de-944b-e07fc1f90ae7 not found" },
  { "no rows for id 507f1f77bcf86cd799439011", "no rows for id 507f191e810c19729de860ea" },
  { "GET https://api.example.com/v1/users/17?x=1 failed", "GET https://other.example.com/ failed" },
  { "GET http://api.example.com/v1/users/17 failed" },
  { "FileNotFoundError: [Errno 2] No such file or directory: '/home/ada/17/in.csv'",
    "FileNotFoundError: [Errno 2] No such file or directory: '/home/bob/in.csv'" },
  { "KeyError: 'user_id'" },
  { "KeyError: 'order_id'" },
  { "stalled at 2026-11-26T10:41:02.118Z", "stalled at 2025-01-02T00:00:00.000Z" },
  { "user can't be billed" },
  { "TTL exceeded" },
};

static void
test_causes (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (errors); i++)
    {
      g_autofree char *cause = cb_failure_cause_dup (errors[i][0], -1);

      g_assert_true (g_utf8_validate (cause, -1, NULL));
      for (guint j = 1; j < 4 && errors[i][j] != NULL; j++)
        {
          g_autofree char *other = cb_failure_cause_dup (errors[i][j], -1);

          g_assert_cmpstr (other, ==, cause);
        }
      if (g_hash_table_contains (seen, cause))
        g_error ("“%s” has the cause of another line: “%s”", errors[i][0], cause);
      g_hash_table_add (seen, g_steal_pointer (&cause));
    }
}

static void
test_shapes (void)
{
  static const struct
  {
    const char *error;
    const char *cause;
  } shapes[] = {
    { "Phone number 4153518780 is blacklisted", "Phone number # is blacklisted" },
    { "connect ECONNREFUSED 10.0.0.7:6379", "connect ECONNREFUSED #.#.#.#:#" },
    { "550 mailbox unavailable", "550 mailbox unavailable" },
    { "Error: 404 Not Found", "Error: 404 Not Found" },
    { "status 200 but 17 rows", "status 200 but # rows" },
    { "404", "#" },
    { "the user's file", "the user's file" },
    { "open './a/b/c' failed", "open '#' failed" },
    { "  \n second line ", "second line" },
    { "", "" },
    { " \n\t", "" },
    { "ürgend 7 é", "ürgend # é" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      g_autofree char *cause = cb_failure_cause_dup (shapes[i].error, -1);

      g_assert_cmpstr (cause, ==, shapes[i].cause);
    }
}

/* Whatever bytes: it ends, is bounded, valid, and one line. */
static void
test_any_bytes (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (17);
  static const char alphabet[] = "ab09 :./\\'\"`@#-_()[]{}\n\r\t\0\xc3\xbc\xff\xe2\x80\x9c";

  for (guint i = 0; i < 20000; i++)
    {
      char text[400];
      gsize length = (gsize) g_rand_int_range (rand, 0, sizeof text);
      g_autofree char *cause = NULL;

      for (gsize j = 0; j < length; j++)
        text[j] = i % 2 == 0 ? alphabet[g_rand_int_range (rand, 0, sizeof alphabet - 1)] : (char) g_rand_int_range (rand, 0, 256);
      cause = cb_failure_cause_dup (text, (gssize) length);
      g_assert_true (g_utf8_validate (cause, -1, NULL));
      g_assert_cmpuint (strlen (cause), <=, CB_FAILURE_CAUSE_MOST);
      g_assert_null (strpbrk (cause, "\n\r\t"));
    }
}

static CbJobRecord *
make_job (guint       number,
          const char *queue,
          const char *error,
          const char *data,
          gint64      failed_at)
{
  g_autofree char *id = g_strdup_printf ("%u", number);
  CbJobRecord *record = cb_job_record_new (id);

  record->queue = g_strdup (queue);
  record->error = error != NULL ? g_bytes_new (error, strlen (error)) : NULL;
  record->data = data != NULL ? g_bytes_new (data, strlen (data)) : NULL;
  record->failed_at = failed_at;
  record->priority = 0;

  return record;
}

static void
add (CbFailureGroups *groups,
     guint            number,
     const char      *queue,
     const char      *error,
     gint64           failed_at)
{
  g_autoptr (CbJobRecord) record = make_job (number, queue, error, NULL, failed_at);

  cb_failure_groups_add (groups, record);
}

static void
test_groups (void)
{
  g_autoptr (CbFailureGroups) groups = cb_failure_groups_new ();
  const CbFailureGroup *group;
  g_autofree char *text = NULL;
  g_autofree char *silent = NULL;
  g_autoptr (CbJobFilter) filter = NULL;
  g_autoptr (CbJobRecord) record = NULL;
  g_autoptr (CbJobRecord) other = NULL;
  g_autoptr (GError) error = NULL;

  add (groups, 1, "sms", "number 17 \"is\" \\bad\n  at x", 300);
  add (groups, 2, "email", "number 4 \"is\" \\bad", 100);
  add (groups, 3, "email", "number 5 \"is\" \\bad", 900);
  add (groups, 4, "email", "gone", 50);
  add (groups, 5, "email", NULL, -1);

  g_assert_cmpuint (cb_failure_groups_get_n (groups), ==, 3);
  g_assert_cmpuint (cb_failure_groups_get_n_jobs (groups), ==, 5);
  group = cb_failure_groups_get (groups, 0);
  g_assert_cmpstr (group->cause, ==, "number # \"is\" \\bad");
  g_assert_cmpuint (group->count, ==, 3);
  g_assert_cmpint (group->first_at, ==, 100);
  g_assert_cmpint (group->last_at, ==, 900);
  g_assert_cmpstr (group->sample, ==, "number 5 \"is\" \\bad");
  g_assert_cmpstr (group->sample_id, ==, "3");
  g_assert_cmpuint (group->queues->len, ==, 2);
  g_assert_true (cb_failure_groups_find (groups, "number # \"is\" \\bad") == group);
  g_assert_cmpstr (cb_failure_groups_get (groups, 1)->cause, ==, "gone");
  g_assert_cmpstr (cb_failure_groups_get (groups, 2)->cause, ==, "");

  /* The filter of a group finds the jobs of it and no others. */
  text = cb_failure_group_dup_filter (group);
  filter = cb_job_filter_parse (text, NULL, NULL, &error);
  g_assert_no_error (error);
  record = make_job (9, "x", "number 88 \"is\" \\bad", NULL, 1);
  other = make_job (9, "x", "number 88 is bad", NULL, 1);
  g_assert_true (cb_job_filter_matches (filter, record, 0));
  g_assert_false (cb_job_filter_matches (filter, other, 0));
  silent = cb_failure_group_dup_filter (cb_failure_groups_get (groups, 2));
  g_clear_pointer (&filter, cb_job_filter_free);
  filter = cb_job_filter_parse (silent, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (cb_job_filter_matches (filter, record, 0));
}

/* However many different errors there are. */
static void
test_bounded (void)
{
  g_autoptr (CbFailureGroups) groups = cb_failure_groups_new ();

  for (guint i = 0; i < 20000; i++)
    {
      /* Letters, which are not taken out. */
      char error[] = "aaaa went wrong";

      error[0] += i % 26;
      error[1] += i / 26 % 26;
      error[2] += i / 676 % 26;
      error[3] += i / 17576 % 26;
      add (groups, i, "email", error, i);
    }
  g_assert_cmpuint (cb_failure_groups_get_n (groups), ==, CB_FAILURE_GROUPS_MOST);
  g_assert_cmpuint (cb_failure_groups_get_n_jobs (groups), ==, 20000);
  g_assert_cmpuint (cb_failure_groups_get_n_others (groups), ==, 20000 - CB_FAILURE_GROUPS_MOST);
}

/* A planted cause is found among members that say nothing. */
static void
test_traits (void)
{
  g_autoptr (CbFailureTraits) traits = cb_failure_traits_new ();
  g_autoptr (GPtrArray) ranked = NULL;
  const CbFailureTrait *first;

  for (guint i = 0; i < 1000; i++)
    {
      gboolean failed = i < 200;
      const char *country = failed ? (i % 10 == 0 ? "fr" : "de") : (i % 20 == 0 ? "de" : i % 2 == 0 ? "fr" : "it");
      g_autofree char *data = g_strdup_printf ("{\"user\":{\"id\":%u,\"country\":\"%s\"},\"size\":%u,\"tags\":[\"a\",\"%c\",\"a\"]}", i, country,
                                               i % 7, 'a' + i % 3);
      g_autoptr (CbJobRecord) record = make_job (i, "email", NULL, data, 1);

      cb_failure_traits_add (traits, record, failed);
    }
  g_assert_cmpuint (cb_failure_traits_get_n_failed (traits), ==, 200);
  g_assert_cmpuint (cb_failure_traits_get_n_complete (traits), ==, 800);

  ranked = cb_failure_traits_rank (traits, 5);
  g_assert_cmpuint (ranked->len, ==, 1);
  first = g_ptr_array_index (ranked, 0);
  g_assert_cmpstr (first->name, ==, "data.user.country");
  g_assert_cmpstr (first->value, ==, "de");
  g_assert_cmpuint (first->n_failed, ==, 180);
  g_assert_cmpuint (first->n_complete, ==, 40);
  g_assert_cmpfloat_with_epsilon (first->share_failed, 0.9, 1e-9);
  g_assert_cmpfloat_with_epsilon (first->share_complete, 0.05, 1e-9);
  /* 2 Σ O ln (O / E) of 180, 20, 40, 760, by an independent calculation. */
  g_assert_cmpfloat_with_epsilon (first->weight, 606.158, 0.001);
}

/* Broken, deep, huge: counted as far as it can be read. */
static void
test_odd_data (void)
{
  g_autoptr (CbFailureTraits) traits = cb_failure_traits_new ();
  g_autoptr (GString) deep = g_string_new (NULL);
  g_autoptr (GString) wide = g_string_new ("{");
  g_autoptr (GPtrArray) ranked = NULL;
  const char *data[] = { "", "{", "[1,2", "\"x\"", "17", "{\"a.b\":1,\"\":2,\"a\\nb\":3}", "{\"a\":{\"a\":{\"a\":1}}}", NULL, NULL };

  for (guint i = 0; i < 100000; i++)
    g_string_append (deep, "{\"a\":");
  for (guint i = 0; i < 10000; i++)
    g_string_append_printf (wide, "\"m%u\":[[[{\"x\":%u}]]],", i, i);
  data[7] = deep->str;
  data[8] = wide->str;
  for (guint i = 0; i < G_N_ELEMENTS (data); i++)
    for (guint j = 0; j < 10; j++)
      {
        g_autoptr (CbJobRecord) record = make_job (i, "email", NULL, data[i], 1);
        g_autoptr (CbJobRecord) good = make_job (i, "email", NULL, "{\"ok\":true}", 1);

        cb_failure_traits_add (traits, record, TRUE);
        cb_failure_traits_add (traits, good, FALSE);
      }
  ranked = cb_failure_traits_rank (traits, 1000);
  for (guint i = 0; i < ranked->len; i++)
    {
      const CbFailureTrait *trait = g_ptr_array_index (ranked, i);

      g_assert_null (strchr (trait->name, '\n'));
      g_assert_false (g_str_has_suffix (trait->name, "."));
    }
}

/* The same by way of a server, and of a search that is bounded. */
static void
test_server (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbConnection) connection = cb_connection_new (cb_test_redis_get_address (redis), "test");
  g_autoptr (CbEngine) engine = cb_kue_engine_new (connection, "q");
  g_autoptr (CbFailureGroups) groups = cb_failure_groups_new ();
  g_autoptr (CbFailureGroups) few = cb_failure_groups_new ();
  g_autoptr (CbFailureTraits) traits = cb_failure_traits_new ();
  g_autoptr (GPtrArray) ranked = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 1; i <= 300; i++)
    {
      gboolean failed = i <= 100;
      g_autofree char *key = g_strdup_printf ("q:job:%u", i);
      g_autofree char *digits = g_strdup_printf ("%u", i);
      g_autofree char *zid = g_strdup_printf ("%02u|%u", (guint) strlen (digits), i);
      g_autofree char *set = g_strdup_printf ("q:jobs:%s:%s", i % 2 == 0 ? "email" : "sms", failed ? "failed" : "complete");
      g_autofree char *data = g_strdup_printf ("{\"to\":%u,\"plan\":\"%s\"}", i, failed ? "free" : "paid");
      g_autofree char *message = g_strdup_printf (i <= 60 ? "no credit for %u" : "no such number: %u", i);

      g_assert_cmpint (cb_test_redis_get_integer (redis, "HSET", key, "type", i % 2 == 0 ? "email" : "sms", "state",
                                                  failed ? "failed" : "complete", "data", data, "error", message, "failed_at",
                                                  "1000", NULL), ==, 5);
      g_assert_cmpint (cb_test_redis_get_integer (redis, "ZADD", failed ? "q:jobs:failed" : "q:jobs:complete", "0", zid, NULL), ==, 1);
      g_assert_cmpint (cb_test_redis_get_integer (redis, "ZADD", set, "0", zid, NULL), ==, 1);
    }

  cb_connection_open (connection);
  cb_failure_groups_run_async (groups, engine, NULL, 0, NULL, cb_test_store_result, &result);
  g_assert_true (cb_failure_groups_run_finish (groups, cb_test_wait_result (&result), &error));
  g_assert_no_error (error);
  g_assert_cmpuint (cb_failure_groups_get_n (groups), ==, 2);
  g_assert_cmpuint (cb_failure_groups_get (groups, 0)->count, ==, 60);
  g_assert_cmpuint (cb_failure_groups_get (groups, 0)->queues->len, ==, 2);
  g_assert_cmpuint (cb_failure_groups_get (groups, 1)->count, ==, 40);
  g_clear_object (&result);

  cb_failure_groups_run_async (few, engine, "email", 10, NULL, cb_test_store_result, &result);
  g_assert_true (cb_failure_groups_run_finish (few, cb_test_wait_result (&result), &error));
  g_assert_cmpuint (cb_failure_groups_get_n_jobs (few), ==, 10);
  g_assert_cmpuint (cb_failure_groups_get_n_total (few), ==, 50);
  g_clear_object (&result);

  cb_failure_traits_run_async (traits, engine, NULL, NULL, 1000, NULL, cb_test_store_result, &result);
  g_assert_true (cb_failure_traits_run_finish (traits, cb_test_wait_result (&result), &error));
  ranked = cb_failure_traits_rank (traits, 10);
  g_assert_cmpuint (ranked->len, ==, 1);
  g_assert_cmpstr (((CbFailureTrait *) g_ptr_array_index (ranked, 0))->name, ==, "data.plan");
  g_assert_cmpstr (((CbFailureTrait *) g_ptr_array_index (ranked, 0))->value, ==, "free");
  cb_connection_close (connection);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/failures/causes", test_causes);
  g_test_add_func ("/failures/shapes", test_shapes);
  g_test_add_func ("/failures/any-bytes", test_any_bytes);
  g_test_add_func ("/failures/groups", test_groups);
  g_test_add_func ("/failures/bounded", test_bounded);
  g_test_add_func ("/failures/traits", test_traits);
  g_test_add_func ("/failures/odd-data", test_odd_data);
  g_test_add_func ("/failures/server", test_server);

  return g_test_run ();
}
