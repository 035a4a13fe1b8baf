/* test-serving.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-serving.h"

#include <string.h>

#include "cb-delivery.h"
#include "cb-memory-engine.h"
#include "cb-test-wait.h"

typedef struct
{
  CbEngine *engine;
  CbBoard *board;
  GSettings *settings;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *directory = g_build_filename (g_getenv ("CB_TEST_BUILD_ROOT"), "data", NULL);
  g_autoptr (GSettingsSchemaSource) source = NULL;
  g_autoptr (GSettingsSchema) schema = NULL;
  g_autoptr (GError) error = NULL;

  source = g_settings_schema_source_new_from_directory (directory, NULL, TRUE, &error);
  g_assert_no_error (error);
  schema = g_settings_schema_source_lookup (source, "io.github.callboard.Callboard", FALSE);
  g_assert_nonnull (schema);
  fixture->settings = g_settings_new_full (schema, NULL, NULL);
  g_settings_reset (fixture->settings, CB_SERVING_SETTINGS_KEY);

  fixture->engine = cb_memory_engine_new ();
  fixture->board = cb_board_new_for_engine (fixture->engine);
  cb_board_start (fixture->board);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  cb_board_stop (fixture->board);
  g_clear_object (&fixture->board);
  g_clear_object (&fixture->engine);
  g_clear_object (&fixture->settings);
}

static CbServedQueue *
get_served (CbServing *serving, guint position)
{
  g_autoptr (CbServedQueue) served = g_list_model_get_item (G_LIST_MODEL (serving), position);

  return served; /* the list has it */
}

static char *
dup_summary (CbServing *serving)
{
  char *summary;

  g_object_get (serving, "summary", &summary, NULL);

  return summary;
}

static void
create_job (Fixture *fixture, const char *number)
{
  g_autoptr (GPtrArray) specs = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_spec_free);
  g_autofree char *data = g_strdup_printf ("{\"phoneNumber\":\"%s\",\"message\":\"hello\"}", number);
  g_autoptr (GBytes) bytes = g_bytes_new (data, strlen (data));
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) ids = NULL;
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (specs, cb_job_spec_new (CB_SERVING_SAMPLE_QUEUE, bytes));
  cb_engine_create_async (fixture->engine, specs, NULL, cb_test_store_result, &result);
  ids = cb_engine_create_finish (fixture->engine, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
}

static void
stop (CbServing *serving)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  cb_serving_stop_async (serving, 5000, NULL, cb_test_store_result, &result);
  g_assert_true (cb_serving_stop_finish (serving, cb_test_wait_result (&result), &error));
  g_assert_no_error (error);
}

/* Private: the sample queue is served from the first start. Shared: it is there, and off. */
static void
test_first_start (Fixture *fixture, gconstpointer data)
{
  g_autoptr (CbServing) own = cb_serving_new (fixture->board, fixture->settings, "private", FALSE);
  g_autoptr (CbServing) shared = cb_serving_new (fixture->board, fixture->settings, "redis://h", TRUE);
  g_autofree char *own_summary = dup_summary (own);
  g_autofree char *shared_summary = dup_summary (shared);

  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (own)), ==, 1);
  g_assert_cmpstr (cb_served_queue_get_queue (get_served (own, 0)), ==, "push_notification_code");
  g_assert_cmpstr (cb_served_queue_get_handler_name (get_served (own, 0)), ==, "notify");
  g_assert_cmpuint (g_strv_length ((char **) cb_served_queue_get_block_list (get_served (own, 0))), ==, 0);
  g_assert_true (cb_served_queue_get_enabled (get_served (own, 0)));
  g_assert_cmpint (cb_served_queue_get_state (get_served (own, 0)), ==, CB_WORKER_RUNNING);
  g_assert_cmpstr (own_summary, ==, "on · 4 slots");

  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (shared)), ==, 1);
  g_assert_false (cb_served_queue_get_enabled (get_served (shared, 0)));
  g_assert_null (cb_served_queue_get_worker (get_served (shared, 0)));
  g_assert_cmpstr (shared_summary, ==, "off");

  stop (own);
  g_assert_cmpint (cb_served_queue_get_state (get_served (own, 0)), ==, CB_WORKER_STOPPED);
  g_assert_true (cb_served_queue_get_enabled (get_served (own, 0)));
}

/* Each job that was run is told, newest first: one that worked, one that was blocked. */
static void
test_deliveries (Fixture *fixture, gconstpointer data)
{
  g_autoptr (CbServing) serving = cb_serving_new (fixture->board, NULL, "x", TRUE);
  CbServedQueue *served = get_served (serving, 0);
  GListModel *deliveries = cb_serving_get_deliveries (serving);
  g_autoptr (CbDelivery) good = NULL;
  g_autoptr (CbDelivery) bad = NULL;

  cb_served_queue_set_handler_name (served, "log");
  cb_served_queue_set_enabled (served, TRUE);
  g_assert_true (cb_served_queue_block (served, " 4153518780 "));
  g_assert_false (cb_served_queue_block (served, "4153518780"));
  g_assert_false (cb_served_queue_block (served, " "));

  create_job (fixture, "4153518743");
  cb_test_wait_until (g_list_model_get_n_items (deliveries) == 1);
  create_job (fixture, "4153518780");
  cb_test_wait_until (g_list_model_get_n_items (deliveries) == 2);

  bad = g_list_model_get_item (deliveries, 0);
  g_assert_cmpstr (cb_delivery_get_recipient (bad), ==, "4153518780");
  g_assert_cmpstr (cb_delivery_get_problem (bad), ==, "Phone number 4153518780 is blacklisted");
  good = g_list_model_get_item (deliveries, 1);
  g_assert_cmpstr (cb_delivery_get_recipient (good), ==, "4153518743");
  g_assert_cmpstr (cb_delivery_get_message (good), ==, "hello");
  g_assert_cmpstr (cb_delivery_get_queue (good), ==, "push_notification_code");
  g_assert_null (cb_delivery_get_problem (good));

  /* Taken off the list, the next job for it is sent. */
  cb_served_queue_unblock (served, "4153518780");
  create_job (fixture, "4153518780");
  cb_test_wait_until (g_list_model_get_n_items (deliveries) == 3);
  g_clear_object (&bad);
  bad = g_list_model_get_item (deliveries, 0);
  g_assert_null (cb_delivery_get_problem (bad));

  stop (serving);
}

/* A busy worker renews the list; it never grows beyond its bound, and the newest is first. */
static void
test_bounded (Fixture *fixture, gconstpointer data)
{
  g_autoptr (CbServing) serving = cb_serving_new (fixture->board, NULL, "x", TRUE);
  CbServedQueue *served = get_served (serving, 0);
  GListModel *deliveries = cb_serving_get_deliveries (serving);
  guint64 n_complete = 0;

  for (guint i = 0; i < 450; i++)
    {
      g_autofree char *number = g_strdup_printf ("%u", 1000 + i);

      create_job (fixture, number);
    }

  cb_served_queue_set_handler_name (served, "log");
  cb_served_queue_set_enabled (served, TRUE);
  while (n_complete < 450)
    {
      g_main_context_iteration (NULL, TRUE);
      g_assert_cmpuint (g_list_model_get_n_items (deliveries), <=, 200);
      g_object_get (cb_served_queue_get_worker (served), "n-complete", &n_complete, NULL);
    }
  cb_test_wait_until (g_list_model_get_n_items (deliveries) == 200);
  stop (serving);
}

static void
test_switch (Fixture *fixture, gconstpointer data)
{
  g_autoptr (CbServing) serving = cb_serving_new (fixture->board, NULL, "x", TRUE);
  CbServedQueue *served = get_served (serving, 0);

  /* Thrown back and forth faster than a worker stops: what counts is where it stays. */
  for (guint i = 0; i < 7; i++)
    cb_served_queue_set_enabled (served, i % 2 == 0);
  cb_test_wait_until (cb_served_queue_get_state (served) == CB_WORKER_RUNNING);
  for (guint i = 0; i < 7; i++)
    cb_served_queue_set_enabled (served, i % 2 == 1);
  cb_test_wait_until (cb_served_queue_get_state (served) == CB_WORKER_STOPPED);

  cb_served_queue_set_enabled (served, TRUE);
  cb_test_wait_until (cb_served_queue_get_state (served) == CB_WORKER_RUNNING);
  g_object_ref (served);
  cb_serving_remove (serving, served);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (serving)), ==, 0);
  cb_test_wait_until (cb_served_queue_get_state (served) == CB_WORKER_STOPPED);
  g_object_unref (served);
}

/* Off and on again just before the app ends: the worker that is still stopping does not come back. */
static void
test_switch_at_the_end (Fixture *fixture, gconstpointer data)
{
  g_autoptr (CbServing) serving = cb_serving_new (fixture->board, NULL, "x", FALSE);
  CbServedQueue *served = get_served (serving, 0);

  cb_test_wait_until (cb_served_queue_get_state (served) == CB_WORKER_RUNNING);
  cb_served_queue_set_enabled (served, FALSE);
  cb_served_queue_set_enabled (served, TRUE);
  stop (serving);
  cb_test_settle ();
  g_assert_cmpint (cb_served_queue_get_state (served), ==, CB_WORKER_STOPPED);
  g_assert_true (cb_served_queue_get_enabled (served));
}

static void
test_remembered (Fixture *fixture, gconstpointer data)
{
  const char *block_list[] = { "1", "2", NULL };

  for (int shared = 0; shared < 2; shared++)
    {
      const char *id = shared ? "redis://shared:6379" : "private";
      g_autoptr (CbServing) before = cb_serving_new (fixture->board, fixture->settings, id, shared);
      g_autoptr (CbServing) after = NULL;
      g_auto (GStrv) blocked = NULL;
      CbServedQueue *served = cb_serving_add (before, "email", "q", "memory");
      guint timeout = 0;

      g_object_set (served, "handler-name", "log", "concurrency", 7, "timeout", 1500, "block-list", block_list, NULL);
      cb_served_queue_set_enabled (served, TRUE);
      stop (before);

      after = cb_serving_new (fixture->board, fixture->settings, id, shared);
      g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (after)), ==, 2);
      served = cb_serving_find (after, "email", NULL);
      g_assert_nonnull (served);
      g_object_get (served, "timeout", &timeout, "block-list", &blocked, NULL);
      g_assert_cmpstr (cb_served_queue_get_handler_name (served), ==, "log");
      g_assert_cmpuint (cb_served_queue_get_concurrency (served), ==, 7);
      g_assert_cmpuint (timeout, ==, 1500);
      g_assert_cmpstrv (blocked, block_list);
      g_assert_true (cb_served_queue_get_enabled (served) == !shared);
      stop (after);
    }
}

/* Settings that somebody wrote by hand, or a later version. */
/* A queue taken from the page may still have jobs to finish: the end waits for it like for the others. */
static void
test_removed_at_the_end (Fixture *fixture, gconstpointer data)
{
  g_autoptr (CbServing) serving = NULL;
  g_autoptr (CbServedQueue) served = NULL;

  /* Every answer takes a while, so that a job is on its way to the worker when its queue goes. */
  create_job (fixture, "4153518743");
  cb_memory_engine_set_fault (CB_MEMORY_ENGINE (fixture->engine), NULL, 200);
  serving = cb_serving_new (fixture->board, NULL, "x", FALSE);
  served = g_object_ref (get_served (serving, 0));
  cb_test_wait_until (cb_served_queue_get_state (served) == CB_WORKER_RUNNING);
  cb_test_settle ();

  cb_serving_remove (serving, served);
  g_assert_cmpint (cb_served_queue_get_state (served), ==, CB_WORKER_STOPPING);
  stop (serving);
  g_assert_cmpint (cb_served_queue_get_state (served), ==, CB_WORKER_STOPPED);
}

static void
test_odd_settings (Fixture *fixture, gconstpointer data)
{
  g_autoptr (CbServing) serving = NULL;
  /* Floating: the settings take it. */
  GVariant *odd = g_variant_new_parsed (
    "{'private': <[{'queue': <'a'>, 'concurrency': <uint32 5000>, 'block-list': <1>, 'later': <true>},"
    " {'prefix': <'q'>}, {'queue': <''>}, {'queue': <'b'>, 'handler': <'gone'>, 'enabled': <true>}]>}");

  g_settings_set_value (fixture->settings, CB_SERVING_SETTINGS_KEY, odd);
  serving = cb_serving_new (fixture->board, fixture->settings, "private", FALSE);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (serving)), ==, 2);
  g_assert_cmpuint (cb_served_queue_get_concurrency (get_served (serving, 0)), ==, 100);

  /* An unknown handler is said, and choosing another mends it. */
  g_assert_nonnull (cb_served_queue_get_problem (get_served (serving, 1)));
  g_assert_cmpint (cb_served_queue_get_state (get_served (serving, 1)), ==, CB_WORKER_STOPPED);
  cb_served_queue_set_handler_name (get_served (serving, 1), "log");
  g_assert_null (cb_served_queue_get_problem (get_served (serving, 1)));
  g_assert_cmpint (cb_served_queue_get_state (get_served (serving, 1)), ==, CB_WORKER_RUNNING);
  stop (serving);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/serving/first-start", Fixture, NULL, set_up, test_first_start, tear_down);
  g_test_add ("/serving/deliveries", Fixture, NULL, set_up, test_deliveries, tear_down);
  g_test_add ("/serving/bounded", Fixture, NULL, set_up, test_bounded, tear_down);
  g_test_add ("/serving/switch", Fixture, NULL, set_up, test_switch, tear_down);
  g_test_add ("/serving/switch-at-the-end", Fixture, NULL, set_up, test_switch_at_the_end, tear_down);
  g_test_add ("/serving/removed-at-the-end", Fixture, NULL, set_up, test_removed_at_the_end, tear_down);
  g_test_add ("/serving/remembered", Fixture, NULL, set_up, test_remembered, tear_down);
  g_test_add ("/serving/odd-settings", Fixture, NULL, set_up, test_odd_settings, tear_down);

  return g_test_run ();
}
