/* test-job-filter.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <math.h>
#include <string.h>

#include "cb-bulk.h"
#include "cb-job-filter.h"
#include "cb-job-find.h"
#include "cb-memory-engine.h"
#include "cb-queue-error.h"
#include "cb-test-wait.h"

#define NOW (G_GINT64_CONSTANT (1700000000) * G_USEC_PER_SEC)
#define HOUR (G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC)

static GBytes *
bytes (const char *text)
{
  return g_bytes_new (text, strlen (text));
}

/* A few jobs, called by the letters a to d. */
static GPtrArray *
make_jobs (void)
{
  GPtrArray *jobs = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_record_unref);
  CbJobRecord *job;

  job = cb_job_record_new ("1");
  job->queue = g_strdup ("email");
  job->state = g_intern_string ("failed");
  job->data = bytes ("{\"to\":\"ada@example.com\",\"user\":{\"name\":\"Ada Ä\",\"age\":36},\"size\":3,\"big\":12345678901234567890}");
  job->error = bytes ("Error: Mailbox full\n    at send");
  job->priority = -10;
  job->attempts_made = 3;
  job->attempts_max = 3;
  job->created_at = NOW - 5 * HOUR;
  job->updated_at = NOW - HOUR;
  job->worker = g_strdup ("kue:host-a:4711:email:1");
  g_ptr_array_add (jobs, job);

  job = cb_job_record_new ("17");
  job->queue = g_strdup ("e-mail out");
  job->state = g_intern_string ("complete");
  job->data = bytes ("{\"to\":\"bob@example.com\",\"phone\":\"4153518780\",\"ok\":true,\"note\":\"a \\\"quoted\\\" word\"}");
  job->result = bytes ("{\"ok\":true,\"sent\":2}");
  job->priority = 0;
  job->attempts_made = 1;
  job->progress = 100;
  job->created_at = NOW - 48 * HOUR;
  job->updated_at = NOW - 47 * HOUR;
  job->duration = 700 * G_TIME_SPAN_MILLISECOND;
  g_ptr_array_add (jobs, job);

  job = cb_job_record_new ("20");
  job->queue = g_strdup ("sms");
  job->state = g_intern_string ("delayed");
  job->data = bytes ("no json at all");
  job->priority = NAN;
  job->created_at = NOW - 60 * G_USEC_PER_SEC;
  job->updated_at = NOW - 60 * G_USEC_PER_SEC;
  job->delay = 2 * HOUR;
  g_ptr_array_add (jobs, job);

  /* All that is left of one. */
  job = cb_job_record_new ("99");
  job->state = g_intern_string ("");
  job->missing = TRUE;
  job->priority = NAN;
  job->created_at = job->updated_at = -1;
  g_ptr_array_add (jobs, job);

  return jobs;
}

static void
test_matches (void)
{
  static const struct
  {
    const char *filter;
    const char *expected;
  } cases[] = {
    { "", "abcd" },
    { "   ", "abcd" },
    { "mailbox", "a" },
    { "\"mailbox full\"", "a" },
    { "FULL example", "a" },
    { "example", "ab" },
    { "example -full", "b" },
    { "17", "b" },
    { "1", "ab" },
    { "ä", "a" },
    { "\"a \\\\\\\"quoted\\\\\\\" word\"", "b" },
    { "type:email", "a" },
    { "type:e*mail*", "ab" },
    { "type:\"e-mail out\"", "b" },
    { "-type:email", "bcd" },
    { "type:EMAIL", "" },
    { "state:failed", "a" },
    { "state:failed state:complete", "" },
    { "id:17", "b" },
    { "id:1*", "ab" },
    { "error:*", "a" },
    { "-error:*", "bcd" },
    { "error~\"mailbox FULL\"", "a" },
    { "error:mailbox", "a" },
    { "worker:host-a", "a" },
    { "data.to:ada@example.com", "a" },
    { "data.to:*@example.com", "ab" },
    { "data.to:ada", "" },
    { "data.to~ADA", "a" },
    { "data.user.name~ä", "a" },
    { "data.user.age>=36", "a" },
    { "data.user.age>36", "" },
    { "data.size<4", "a" },
    { "data.phone:415*", "b" },
    { "data.phone>4153518779", "" },
    { "data.ok:true", "b" },
    { "data.nothing:*", "" },
    { "data.big:12345678901234567890", "a" },
    { "data.note:\"a \\\"quoted\\\" word\"", "b" },
    { "data:json", "c" },
    { "data.to.deeper:x", "" },
    { "result.sent=2", "b" },
    { "result:*", "b" },
    { "priority:critical", "" },
    { "priority:high", "a" },
    { "priority<0", "a" },
    { "priority>=0", "b" },
    { "-priority>=0", "acd" },
    { "attempts>=3", "a" },
    { "attempts:0", "cd" },
    { "progress=100", "b" },
    { "age>2h", "ab" },
    { "age>1d", "b" },
    { "age<=60s", "c" },
    { "age>4h59m", "ab" },
    { "age<5.5h", "ac" },
    { "idle>90min", "b" },
    { "duration>500ms", "b" },
    { "duration<1h", "b" },
    { "delay>1h30m", "c" },
    { "\"type:email\"", "" },
    { "\"http://x\"", "" },
  };
  g_autoptr (GPtrArray) jobs = make_jobs ();

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (CbJobFilter) filter = cb_job_filter_parse (cases[i].filter, NULL, NULL, &error);
      g_autoptr (GString) found = g_string_new (NULL);

      g_assert_no_error (error);
      for (guint j = 0; j < jobs->len; j++)
        {
          if (cb_job_filter_matches (filter, g_ptr_array_index (jobs, j), NOW))
            g_string_append_c (found, 'a' + j);
        }
      if (strcmp (found->str, cases[i].expected) != 0)
        g_error ("%s finds %s, not %s", cases[i].filter, found->str, cases[i].expected);
    }
}

static void
test_errors (void)
{
  static const struct
  {
    const char *filter;
    gsize       at;
    gsize       length;
    const char *message;
  } cases[] = {
    { "a \"open", 2, 5, "*quotation mark is not closed" },
    { "a \"b\"c", 2, 4, "A space is missing *" },
    { "\"\"", 0, 2, "There is nothing *" },
    { "stat:failed", 0, 4, "“stat” is nothing that jobs have.*" },
    { "x http://y", 2, 4, "“http” is nothing that jobs have.*" },
    { "type.x:1", 0, 6, "“type.x” is nothing *" },
    { "data.:1", 0, 5, "“data.” is nothing *" },
    { "type:", 0, 5, "What is “type” to be?*" },
    { "type>3", 0, 6, "“type” is text*" },
    { "-age>x", 0, 6, "“age” is a time like *“x” is none" },
    { "age>2", 0, 5, "“age” is a time like *" },
    { "age:2h", 0, 6, "“age” is a time: *" },
    { "age>1.2.3h", 0, 10, "“age” is a time like *" },
    { "priority:urgent", 0, 15, "“priority” is a number*" },
    { "attempts>many", 0, 13, "“attempts” is a number, and “many” is none" },
    { "attempts~3", 0, 10, "“attempts” is a number: *" },
    { "data>3", 0, 6, "Which member?*data.size>3" },
    { "data.x>y", 0, 8, "“>” compares numbers, and “y” is none" },
    { "data.x>nan", 0, 10, "“>” compares numbers*" },
    { "ok \xff", 3, 1, "*UTF-8" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      gsize at = 0, length = 0;

      g_assert_null (cb_job_filter_parse (cases[i].filter, &at, &length, &error));
      g_assert_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_INVALID);
      if (!g_pattern_match_simple (cases[i].message, error->message) || at != cases[i].at || length != cases[i].length)
        g_error ("%s: %" G_GSIZE_FORMAT " %" G_GSIZE_FORMAT " %s", cases[i].filter, at, length, error->message);
    }
}

static void
test_only (void)
{
  static const struct
  {
    const char *filter;
    const char *queue;
    const char *state;
  } cases[] = {
    { "type:email state:failed x", "email", "failed" },
    { "type:e* -state:failed", NULL, NULL },
    { "type~email", NULL, NULL },
    { "", NULL, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (CbJobFilter) filter = cb_job_filter_parse (cases[i].filter, NULL, NULL, NULL);

      g_assert_cmpstr (cb_job_filter_get_queue (filter), ==, cases[i].queue);
      g_assert_cmpstr (cb_job_filter_get_state (filter), ==, cases[i].state);
    }
}

/* --- looking through a queue --- */

static void
add_hit (CbJobFind   *find,
         CbJobRecord *record,
         gpointer     ids)
{
  g_ptr_array_add (ids, g_strdup (record->id));
}

/* Takes away what was told, as a worker might: those behind it move up. */
static void
add_and_remove (CbJobFind   *find,
                CbJobRecord *record,
                gpointer     ids)
{
  g_autoptr (CbEngine) engine = NULL;
  const char *all[] = { record->id, NULL };

  g_ptr_array_add (ids, g_strdup (record->id));
  g_object_get (find, "engine", &engine, NULL);
  cb_engine_act_async (engine, CB_JOB_ACTION_REMOVE, 0, all, NULL, NULL, NULL);
}

static CbEngine *
engine_with_jobs (guint n)
{
  CbEngine *engine = cb_memory_engine_new ();
  g_autoptr (GPtrArray) specs = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_spec_free);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) ids = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *text = g_strdup_printf ("{\"n\":%u}", i % 10);
      g_autoptr (GBytes) data = bytes (text);
      CbJobSpec *spec = cb_job_spec_new ("find", data);

      g_ptr_array_add (specs, spec);
    }
  cb_engine_create_async (engine, specs, NULL, cb_test_store_result, &result);
  ids = cb_engine_create_finish (engine, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);

  return engine;
}

static void
test_find (void)
{
  g_autoptr (CbEngine) engine = engine_with_jobs (1050);
  g_autoptr (CbJobFind) find = cb_job_find_new (engine, "find", NULL, cb_job_filter_parse ("data.n:3", NULL, NULL, NULL));
  g_autoptr (CbJobFind) first = cb_job_find_new (engine, "find", NULL, cb_job_filter_parse ("data.n:3", NULL, NULL, NULL));
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) few = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GAsyncResult) other = NULL;
  g_autoptr (GError) error = NULL;

  g_signal_connect (find, "hit", G_CALLBACK (add_hit), ids);
  cb_job_find_run_async (find, NULL, cb_test_store_result, &result);
  cb_job_find_run_finish (find, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (ids->len, ==, 105);
  g_assert_cmpuint (cb_job_find_get_n_looked (find), ==, 1050);
  g_assert_cmpuint (cb_job_find_get_n_total (find), ==, 1050);
  g_assert_false (cb_job_find_get_cut (find));

  g_object_set (first, "max-hits", 7, NULL);
  g_signal_connect (first, "hit", G_CALLBACK (add_hit), few);
  cb_job_find_run_async (first, NULL, cb_test_store_result, &other);
  cb_job_find_run_finish (first, cb_test_wait_result (&other), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (few->len, ==, 7);
  g_assert_true (cb_job_find_get_cut (first));
  for (guint i = 0; i < few->len; i++)
    g_assert_cmpstr (g_ptr_array_index (few, i), ==, g_ptr_array_index (ids, i));
}

static void
test_find_shifting (void)
{
  g_autoptr (CbEngine) engine = engine_with_jobs (1050);
  g_autoptr (CbJobFind) find = cb_job_find_new (engine, "find", "inactive", NULL);
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_signal_connect (find, "hit", G_CALLBACK (add_and_remove), ids);
  cb_job_find_run_async (find, NULL, cb_test_store_result, &result);
  cb_job_find_run_finish (find, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (ids->len, ==, 1050);
  cb_test_settle ();
}

static void
test_find_cancel (void)
{
  g_autoptr (CbEngine) engine = engine_with_jobs (1050);
  g_autoptr (CbJobFind) find = cb_job_find_new (engine, "find", NULL, NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_signal_connect_swapped (find, "notify::n-looked", G_CALLBACK (g_cancellable_cancel), cancellable);
  cb_job_find_run_async (find, cancellable, cb_test_store_result, &result);
  g_assert_false (cb_job_find_run_finish (find, cb_test_wait_result (&result), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (cb_job_find_get_n_looked (find), <, 1050);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/job-filter/matches", test_matches);
  g_test_add_func ("/job-filter/errors", test_errors);
  g_test_add_func ("/job-filter/only", test_only);
  g_test_add_func ("/job-find/all", test_find);
  g_test_add_func ("/job-find/shifting", test_find_shifting);
  g_test_add_func ("/job-find/cancel", test_find_cancel);

  return g_test_run ();
}
