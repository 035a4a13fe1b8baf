/* test-memory-engine.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "cb-json.h"
#include "cb-memory-engine.h"
#include "cb-test-wait.h"

/* What test-engine-conformance.c does not ask, since only this engine has it. */

static CbJobPage *
get_page (CbEngine    *engine,
          const char  *queue,
          const char  *state,
          gint64       offset,
          guint        limit,
          GError     **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  cb_engine_page_async (engine, queue, state, offset, limit, FALSE, NULL, cb_test_store_result, &result);
  return cb_engine_page_finish (engine, cb_test_wait_result (&result), error);
}

static CbJobRecord *
claim (CbEngine   *engine,
       const char *queue,
       guint       lease_msec)
{
  g_autoptr (GAsyncResult) result = NULL;

  cb_engine_claim_async (engine, queue, "w", lease_msec, NULL, cb_test_store_result, &result);
  return cb_engine_claim_finish (engine, cb_test_wait_result (&result), NULL);
}

static void
test_samples (void)
{
  CbEngine *first = cb_memory_engine_new (), *second = cb_memory_engine_new ();
  guint n_failed = 0, n_jobs = 0;

  cb_memory_engine_add_samples (CB_MEMORY_ENGINE (first));
  cb_memory_engine_add_samples (CB_MEMORY_ENGINE (second));

  for (gint64 offset = 0; offset < 1930; offset += 500)
    {
      g_autoptr (CbJobPage) a = get_page (first, NULL, NULL, offset, 500, NULL);
      g_autoptr (CbJobPage) b = get_page (second, NULL, NULL, offset, 500, NULL);

      g_assert_cmpint (a->total, ==, 1930);
      g_assert_cmpuint (a->records->len, ==, b->records->len);
      for (guint i = 0; i < a->records->len; i++)
        {
          CbJobRecord *x = g_ptr_array_index (a->records, i), *y = g_ptr_array_index (b->records, i);

          /* The same every time. */
          n_jobs++;
          g_assert_cmpstr (x->id, ==, y->id);
          g_assert_cmpstr (x->queue, ==, y->queue);
          g_assert_cmpstr (x->state, ==, y->state);
          g_assert_true (g_bytes_equal (x->data, y->data));

          /* And such as a queue would hold. */
          g_assert_true (cb_json_check (g_bytes_get_data (x->data, NULL), g_bytes_get_size (x->data), NULL));
          g_assert_cmpint (x->created_at, <=, g_get_real_time ());
          if (x->meaning == CB_JOB_MEANING_FAILED)
            {
              g_autofree char *line = cb_job_record_dup_error_line (x);
              g_autofree char *number = cb_json_dup_member_text (g_bytes_get_data (x->data, NULL),
                                                                 g_bytes_get_size (x->data), "phoneNumber");
              g_autofree char *expected = g_strdup_printf ("Error: Phone number %s is blacklisted", number);

              n_failed++;
              g_assert_cmpstr (line, ==, expected);
              g_assert_cmpint (x->attempts_made, ==, x->attempts_max);
            }
        }
    }
  g_assert_cmpuint (n_jobs, ==, 1930);
  g_assert_cmpuint (n_failed, ==, 17 + 192);

  g_assert_finalize_object (first);
  g_assert_finalize_object (second);
}

static void
test_fault (void)
{
  CbEngine *engine = cb_memory_engine_new ();
  g_autoptr (GError) fault = g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_DAMAGED, "All is lost");
  g_autoptr (GError) error = NULL;
  g_autoptr (CbJobPage) none = NULL, good = NULL;
  g_autoptr (GAsyncResult) slow = NULL;
  gint64 start;

  cb_memory_engine_add_samples (CB_MEMORY_ENGINE (engine));
  cb_memory_engine_set_fault (CB_MEMORY_ENGINE (engine), fault, 0);
  none = get_page (engine, "email", NULL, 0, 10, &error);
  g_assert_null (none);
  g_assert_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_DAMAGED);
  g_assert_cmpstr (error->message, ==, "All is lost");
  g_assert_null (claim (engine, "email", 1000));

  /* Slow and good; what was asked before the fault is answered as it would have been. */
  cb_memory_engine_set_fault (CB_MEMORY_ENGINE (engine), NULL, 50);
  start = g_get_monotonic_time ();
  cb_engine_page_async (engine, "email", NULL, 0, 10, FALSE, NULL, cb_test_store_result, &slow);
  cb_memory_engine_set_fault (CB_MEMORY_ENGINE (engine), fault, 0);
  good = cb_engine_page_finish (engine, cb_test_wait_result (&slow), NULL);
  g_assert_cmpuint (good->records->len, ==, 10);
  g_assert_cmpint (g_get_monotonic_time () - start, >=, 49 * 1000);

  /* A result holds the engine. */
  g_clear_object (&slow);
  g_assert_finalize_object (engine);
}

static void
test_clock (void)
{
  CbEngine *engine = cb_memory_engine_new ();
  CbJobSpec *spec = cb_job_spec_new ("email", NULL);
  g_autoptr (GPtrArray) specs = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_spec_free);
  g_autoptr (GPtrArray) ids = NULL;
  g_autoptr (GAsyncResult) created = NULL, ticked = NULL, ticked_again = NULL, recovered = NULL;
  g_autoptr (CbJobRecord) job = NULL;

  spec->delay_msec = 3600 * 1000;
  g_ptr_array_add (specs, spec);
  cb_engine_create_async (engine, specs, NULL, cb_test_store_result, &created);
  ids = cb_engine_create_finish (engine, cb_test_wait_result (&created), NULL);
  g_assert_cmpuint (ids->len, ==, 1);

  cb_memory_engine_advance (CB_MEMORY_ENGINE (engine), G_GINT64_CONSTANT (3590) * G_USEC_PER_SEC);
  cb_engine_tick_async (engine, NULL, cb_test_store_result, &ticked);
  g_assert_cmpint (cb_engine_tick_finish (engine, cb_test_wait_result (&ticked), NULL), ==, 0);
  cb_memory_engine_advance (CB_MEMORY_ENGINE (engine), 10 * G_USEC_PER_SEC);
  cb_engine_tick_async (engine, NULL, cb_test_store_result, &ticked_again);
  g_assert_cmpint (cb_engine_tick_finish (engine, cb_test_wait_result (&ticked_again), NULL), ==, 1);

  job = claim (engine, "email", 60000);
  g_assert_nonnull (job);
  cb_memory_engine_advance (CB_MEMORY_ENGINE (engine), 61 * G_USEC_PER_SEC);
  cb_engine_recover_async (engine, FALSE, NULL, cb_test_store_result, &recovered);
  g_assert_cmpint (cb_engine_recover_finish (engine, cb_test_wait_result (&recovered), NULL), ==, 1);

  g_clear_object (&created);
  g_clear_object (&ticked);
  g_clear_object (&ticked_again);
  g_clear_object (&recovered);
  g_assert_finalize_object (engine);
}

static void
test_records_do_not_change (void)
{
  CbEngine *engine = cb_memory_engine_new ();
  g_autoptr (CbJobPage) before = NULL;
  g_autoptr (GAsyncResult) acted = NULL;
  g_autoptr (GPtrArray) outcomes = NULL;
  CbJobRecord *record;
  const char *ids[2] = { NULL };

  cb_memory_engine_add_samples (CB_MEMORY_ENGINE (engine));
  before = get_page (engine, "push_notification_code", "failed", 0, 1, NULL);
  record = g_ptr_array_index (before->records, 0);
  ids[0] = record->id;

  cb_engine_act_async (engine, CB_JOB_ACTION_RETRY, 0, ids, NULL, cb_test_store_result, &acted);
  outcomes = cb_engine_act_finish (engine, cb_test_wait_result (&acted), NULL);
  g_assert_no_error (((CbJobOutcome *) g_ptr_array_index (outcomes, 0))->error);
  g_assert_cmpstr (record->state, ==, "failed");
  g_assert_cmpint (record->meaning, ==, CB_JOB_MEANING_FAILED);

  g_clear_object (&acted);
  g_assert_finalize_object (engine);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/memory-engine/samples", test_samples);
  g_test_add_func ("/memory-engine/fault", test_fault);
  g_test_add_func ("/memory-engine/clock", test_clock);
  g_test_add_func ("/memory-engine/records-do-not-change", test_records_do_not_change);

  return g_test_run ();
}
