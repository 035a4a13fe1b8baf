/* test-found-jobs.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-found-jobs.h"

#include <string.h>

#include "cb-memory-engine.h"
#include "cb-test-wait.h"

#define QUEUE "found"

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
      g_autoptr (GBytes) data = g_bytes_new (text, strlen (text));

      g_ptr_array_add (specs, cb_job_spec_new (QUEUE, data));
    }
  cb_engine_create_async (engine, specs, NULL, cb_test_store_result, &result);
  ids = cb_engine_create_finish (engine, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);

  return engine;
}

static void
items_changed_cb (GListModel *model, guint position, guint removed, guint added, guint *n_told)
{
  /* It only grows, at its end, and tells of each job once. */
  g_assert_cmpuint (removed, ==, 0);
  g_assert_cmpuint (position, ==, *n_told);
  *n_told += added;
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, *n_told);
}

static void
test_grows (void)
{
  g_autoptr (CbEngine) engine = engine_with_jobs (1050);
  g_autoptr (CbFoundJobs) found = cb_found_jobs_new (engine, QUEUE, NULL, TRUE, cb_job_filter_parse ("data.n:3", NULL, NULL, NULL));
  guint n_told = 0;

  g_signal_connect (found, "items-changed", G_CALLBACK (items_changed_cb), &n_told);
  g_assert_true (cb_found_jobs_get_running (found));
  cb_test_wait_until (!cb_found_jobs_get_running (found));
  g_assert_cmpuint (n_told, ==, 105);
  g_assert_cmpuint (cb_found_jobs_get_n_looked (found), ==, 1050);
  g_assert_false (cb_found_jobs_get_cut (found));

  /* The newest is first, and each is where it is said to be. */
  for (guint i = 0; i < n_told; i++)
    {
      g_autoptr (CbJob) job = g_list_model_get_item (G_LIST_MODEL (found), i);
      guint number = (guint) g_ascii_strtoull (cb_job_get_id (job), NULL, 10);

      g_assert_cmpuint (number, ==, 1044 - 10 * i);
      g_assert_cmpint (cb_found_jobs_find (found, cb_job_get_id (job)), ==, i);
    }
  g_assert_cmpint (cb_found_jobs_find (found, "5"), ==, -1);
}

/* A job that does not match any more stays, as it is now. */
static void
test_touched (void)
{
  g_autoptr (CbEngine) engine = engine_with_jobs (20);
  g_autoptr (CbFoundJobs) found = cb_found_jobs_new (engine, QUEUE, NULL, TRUE, cb_job_filter_parse ("priority:0", NULL, NULL, NULL));
  const char *ids[] = { "7", "4711", NULL };
  const char *one[] = { "7", NULL };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) outcomes = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (CbJob) job = NULL;

  cb_test_wait_until (!cb_found_jobs_get_running (found));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (found)), ==, 20);
  job = g_list_model_get_item (G_LIST_MODEL (found), (guint) cb_found_jobs_find (found, "7"));

  cb_engine_act_async (engine, CB_JOB_ACTION_PRIORITY, -10, one, NULL, cb_test_store_result, &result);
  outcomes = cb_engine_act_finish (engine, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (cb_job_get_record (job)->priority, ==, 0);
  cb_found_jobs_touch (found, ids);
  cb_test_wait_until (cb_job_get_record (job)->priority == -10);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (found)), ==, 20);
}

/* Stopped, it keeps what it has and says nothing more. */
static void
test_stopped (void)
{
  g_autoptr (CbEngine) engine = engine_with_jobs (1050);
  CbFoundJobs *found = cb_found_jobs_new (engine, QUEUE, NULL, TRUE, cb_job_filter_parse ("data.n:3", NULL, NULL, NULL));

  cb_found_jobs_stop (found);
  cb_test_wait_until (!cb_found_jobs_get_running (found));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (found)), <, 105);
  cb_test_settle ();
  g_assert_finalize_object (found);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/found-jobs/grows", test_grows);
  g_test_add_func ("/found-jobs/touched", test_touched);
  g_test_add_func ("/found-jobs/stopped", test_stopped);

  return g_test_run ();
}
