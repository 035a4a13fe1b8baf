/* test-serving.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-serving.h"

#include <glib/gstdio.h>
#include <string.h>

#include "cb-delivery.h"
#include "cb-handler-setup.h"
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

/* Settings that somebody wrote by hand, or a later version. */
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

/* Before it knows what to run it takes nothing, so that no job fails for it; told while it is on, it starts; and it stops again when
 * what it was told is taken away. */
static void
test_program (Fixture *fixture, gconstpointer data)
{
  const char *program[] = { "/bin/sh", "-c", "cat >/dev/null; echo result '\"'\"$0\"'\"'", "a b; exit 1", NULL };
  g_autoptr (CbServing) before = cb_serving_new (fixture->board, fixture->settings, "private", FALSE);
  g_autoptr (CbServing) after = NULL;
  g_auto (GStrv) kept = NULL;
  CbServedQueue *served = get_served (before, 0);
  g_autoptr (CbDelivery) delivery = NULL;
  GListModel *deliveries = cb_serving_get_deliveries (before);

  cb_served_queue_set_handler_name (served, "command");
  g_assert_nonnull (cb_served_queue_get_problem (served));
  cb_test_wait_until (cb_served_queue_get_state (served) == CB_WORKER_STOPPED);
  create_job (fixture, "4153518743");
  cb_test_settle ();
  g_assert_cmpuint (g_list_model_get_n_items (deliveries), ==, 0);

  g_object_set (served, "program", program, NULL);
  g_assert_null (cb_served_queue_get_problem (served));
  cb_test_wait_until (g_list_model_get_n_items (deliveries) == 1);
  delivery = g_list_model_get_item (deliveries, 0);
  g_assert_null (cb_delivery_get_problem (delivery));

  g_object_set (served, "program", NULL, NULL);
  g_assert_nonnull (cb_served_queue_get_problem (served));
  cb_test_wait_until (cb_served_queue_get_state (served) == CB_WORKER_STOPPED);

  g_object_set (served, "program", program, NULL);
  stop (before);
  after = cb_serving_new (fixture->board, fixture->settings, "private", FALSE);
  g_object_get (get_served (after, 0), "program", &kept, NULL);
  g_assert_cmpstrv (kept, program);
  g_assert_cmpstr (cb_served_queue_get_handler_name (get_served (after, 0)), ==, "command");
  stop (after);
}

static void
test_rate (Fixture *fixture, gconstpointer data)
{
  g_autoptr (CbServing) before = cb_serving_new (fixture->board, fixture->settings, "private", FALSE);
  g_autoptr (CbServing) after = NULL;
  CbServedQueue *served = get_served (before, 0);
  GListModel *deliveries = cb_serving_get_deliveries (before);
  guint limit = 0, interval = 0;

  cb_served_queue_set_handler_name (served, "log");
  g_object_set (served, "rate-interval", 60 * 60 * 1000, "rate-limit", 2, NULL);
  for (guint i = 0; i < 5; i++)
    create_job (fixture, "4153518743");
  cb_test_wait_until (g_list_model_get_n_items (deliveries) == 2);
  cb_test_settle ();
  g_assert_cmpuint (g_list_model_get_n_items (deliveries), ==, 2);

  /* The running worker follows. */
  g_object_set (served, "rate-limit", 4, NULL);
  cb_test_wait_until (g_list_model_get_n_items (deliveries) == 4);
  stop (before);

  after = cb_serving_new (fixture->board, fixture->settings, "private", FALSE);
  g_object_get (get_served (after, 0), "rate-limit", &limit, "rate-interval", &interval, NULL);
  g_assert_cmpuint (limit, ==, 4);
  g_assert_cmpuint (interval, ==, 60 * 60 * 1000);
  stop (after);
}

static gboolean
file_has (const char *path, const char *text)
{
  g_autofree char *contents = NULL;

  return g_file_get_contents (path, &contents, NULL, NULL) && strstr (contents, text) != NULL;
}

/* The settings hold what the secret is called, the file what it is; the next start finds it there, and nothing is taken before. */
static void
test_secret (Fixture *fixture, gconstpointer data)
{
  g_autoptr (CbAddress) address = cb_address_parse ("unix:/nowhere/redis.sock", NULL);
  g_autoptr (CbConnection) connection = cb_connection_new (address, "test");
  g_autoptr (CbBoard) board = cb_board_new (connection, NULL);
  g_autoptr (CbServedQueue) before = cb_served_queue_new (board, "email", NULL, NULL);
  g_autoptr (CbServedQueue) after = NULL;
  g_autoptr (GVariant) variant = NULL;
  g_autofree char *text = NULL;
  const char *path = cb_served_queue_get_secret_path (before);
  gboolean has_secret = FALSE;
  GStatBuf status;

  cb_served_queue_set_handler_name (before, "webhook");
  g_object_set (before, "url", "https://example.org/notify", NULL);
  g_assert_false (cb_served_queue_needs_settings (before));
  cb_served_queue_set_secret (before, "X-Key: opensesame");
  cb_test_wait_until (file_has (path, "opensesame"));
  g_assert_cmpint (g_stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0600);

  variant = g_variant_ref_sink (cb_served_queue_to_variant (before));
  text = g_variant_print (variant, FALSE);
  g_assert_null (strstr (text, "opensesame"));

  after = cb_served_queue_new_for_variant (board, variant);
  g_object_get (after, "has-secret", &has_secret, NULL);
  g_assert_true (has_secret);
  g_assert_true (cb_served_queue_needs_settings (after));
  cb_test_wait_until (!cb_served_queue_needs_settings (after));

  cb_served_queue_set_secret (after, NULL);
  cb_test_wait_until (!file_has (path, "opensesame"));
  g_object_get (after, "has-secret", &has_secret, NULL);
  g_assert_false (has_secret);

  /* One that is called for and not there: the jobs would be sent without it. */
  g_clear_object (&after);
  after = cb_served_queue_new_for_variant (board, variant);
  cb_test_settle ();
  g_assert_true (cb_served_queue_needs_settings (after));
  cb_served_queue_set_secret (after, NULL);
  g_assert_false (cb_served_queue_needs_settings (after));
}

static void
test_checks (Fixture *fixture, gconstpointer data)
{
  static const char * const good[] = { "https://example.org/notify", "http://127.0.0.1:8080/", "https://u:p@h/x?y=1" };
  static const char * const bad[] = { "", "example.org", "ftp://example.org/", "https://", "https:///x", "/bin/true" };
  static const char * const programs[] = { "no-such-program-7", "/no/such/program", "/etc/passwd", "/etc" };
  g_autoptr (GAsyncResult) found = NULL;
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_true (cb_handler_setup_check_url (good[i], NULL));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (cb_handler_setup_check_url (bad[i], NULL));

  g_assert_true (cb_handler_setup_check_secret ("X-Key: a", NULL));
  g_assert_true (cb_handler_setup_check_secret ("token", NULL));
  g_assert_false (cb_handler_setup_check_secret (": a", NULL));
  g_assert_false (cb_handler_setup_check_secret ("X Key: a", NULL));
  g_assert_false (cb_handler_setup_check_secret ("a\nX: b", NULL));

  g_assert_true (cb_handler_setup_is_open ("http://example.org/"));
  g_assert_false (cb_handler_setup_is_open ("https://example.org/"));
  g_assert_false (cb_handler_setup_is_open ("http://localhost/"));

  cb_handler_setup_check_program_async ("sh", NULL, cb_test_store_result, &found);
  path = cb_handler_setup_check_program_finish (cb_test_wait_result (&found), &error);
  g_assert_no_error (error);
  g_assert_true (g_path_is_absolute (path));
  for (guint i = 0; i < G_N_ELEMENTS (programs); i++)
    {
      g_autoptr (GAsyncResult) result = NULL;

      cb_handler_setup_check_program_async (programs[i], NULL, cb_test_store_result, &result);
      g_assert_null (cb_handler_setup_check_program_finish (cb_test_wait_result (&result), &error));
      g_assert_error (error, CB_WORKER_ERROR, CB_WORKER_ERROR_HANDLER);
      g_clear_error (&error);
    }
}

static void
remove_tree (const char *path)
{
  GDir *dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  g_clear_pointer (&dir, g_dir_close);
  g_remove (path);
}

int
main (int argc, char *argv[])
{
  g_autofree char *folder = NULL;
  int status;

  /* The file of secrets is not the user's own. G_TEST_OPTION_ISOLATE_DIRS leaks. */
  folder = g_dir_make_tmp ("cb-test-XXXXXX", NULL);
  g_assert_nonnull (folder);
  g_setenv ("XDG_DATA_HOME", folder, TRUE);
  g_setenv ("XDG_CONFIG_HOME", folder, TRUE);
  g_setenv ("XDG_CACHE_HOME", folder, TRUE);

  g_test_init (&argc, &argv, NULL);
  g_test_add ("/serving/first-start", Fixture, NULL, set_up, test_first_start, tear_down);
  g_test_add ("/serving/deliveries", Fixture, NULL, set_up, test_deliveries, tear_down);
  g_test_add ("/serving/bounded", Fixture, NULL, set_up, test_bounded, tear_down);
  g_test_add ("/serving/switch", Fixture, NULL, set_up, test_switch, tear_down);
  g_test_add ("/serving/switch-at-the-end", Fixture, NULL, set_up, test_switch_at_the_end, tear_down);
  g_test_add ("/serving/removed-at-the-end", Fixture, NULL, set_up, test_removed_at_the_end, tear_down);
  g_test_add ("/serving/remembered", Fixture, NULL, set_up, test_remembered, tear_down);
  g_test_add ("/serving/odd-settings", Fixture, NULL, set_up, test_odd_settings, tear_down);
  g_test_add ("/serving/program", Fixture, NULL, set_up, test_program, tear_down);
  g_test_add ("/serving/rate", Fixture, NULL, set_up, test_rate, tear_down);
#ifdef HAVE_WEBHOOK
  g_test_add ("/serving/secret", Fixture, NULL, set_up, test_secret, tear_down);
  g_test_add ("/serving/checks", Fixture, NULL, set_up, test_checks, tear_down);
#endif

  status = g_test_run ();
  remove_tree (folder);

  return status;
}
