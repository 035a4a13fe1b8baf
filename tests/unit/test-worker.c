/* test-worker.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "cb-redis-error.h"
#include "cb-test-engine.h"
#include "cb-test-handler.h"
#include "cb-test-wait.h"
#include "cb-worker.h"

/* --- a worker and what it told --- */

typedef struct
{
  CbTestEngine *engine;
  CbTestHandler *handler;
  CbWorker *worker;
  GString *told;               /* "started:1 finished:1" */
  GPtrArray *problems;         /* each that was told, "" for none */
} Fixture;

static void
tell (Fixture *fixture, const char *format, const char *id)
{
  if (fixture->told->len > 0)
    g_string_append_c (fixture->told, ' ');
  g_string_append_printf (fixture->told, "%s:%s", format, id);
}

static void
started_cb (CbWorker *worker, CbJobRecord *job, Fixture *fixture)
{
  tell (fixture, "started", job->id);
}

static void
progress_cb (CbWorker *worker, CbJobRecord *job, int percent, Fixture *fixture)
{
  g_autofree char *what = g_strdup_printf ("progress-%d", percent);

  tell (fixture, what, job->id);
}

static void
finished_cb (CbWorker *worker, CbJobRecord *job, GBytes *result, GError *error, gboolean will_retry, Fixture *fixture)
{
  const char *what = "finished";

  if (g_error_matches (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_NOT_OWNER))
    what = "lost";
  else if (g_error_matches (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_GONE))
    what = "gone";
  else if (g_error_matches (error, CB_WORKER_ERROR, CB_WORKER_ERROR_STOPPED))
    what = "stopped";
  else if (g_error_matches (error, CB_WORKER_ERROR, CB_WORKER_ERROR_TIME_OUT))
    what = "timed-out";
  else if (error != NULL)
    what = will_retry ? "will-retry" : "failed";

  tell (fixture, what, job->id);
}

static void
problem_cb (CbWorker *worker, GParamSpec *pspec, Fixture *fixture)
{
  char *problem;

  g_object_get (worker, "problem", &problem, NULL);
  g_ptr_array_add (fixture->problems, problem != NULL ? problem : g_strdup (""));
}

static Fixture *
fixture_new_leased (guint concurrency, int msec, guint lease_msec)
{
  Fixture *fixture = g_new0 (Fixture, 1);

  fixture->engine = cb_test_engine_new ();
  fixture->handler = cb_test_handler_new (msec);
  fixture->worker = g_object_new (CB_TYPE_WORKER,
                                  "engine", fixture->engine,
                                  "queue", "email",
                                  "handler", fixture->handler,
                                  "concurrency", concurrency,
                                  "lease", lease_msec,
                                  NULL);
  fixture->told = g_string_new (NULL);
  fixture->problems = g_ptr_array_new_with_free_func (g_free);
  g_signal_connect (fixture->worker, "job-started", G_CALLBACK (started_cb), fixture);
  g_signal_connect (fixture->worker, "job-progress", G_CALLBACK (progress_cb), fixture);
  g_signal_connect (fixture->worker, "job-finished", G_CALLBACK (finished_cb), fixture);
  g_signal_connect (fixture->worker, "notify::problem", G_CALLBACK (problem_cb), fixture);

  return fixture;
}

/* The shortest lease makes the heartbeat quick. */
static Fixture *
fixture_new (guint concurrency, int msec)
{
  return fixture_new_leased (concurrency, msec, 300);
}

static void
stop (Fixture *fixture, guint grace_msec, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  gboolean done;

  cb_worker_stop_async (fixture->worker, grace_msec, NULL, cb_test_store_result, &result);
  done = cb_worker_stop_finish (fixture->worker, cb_test_wait_result (&result), error);
  if (error == NULL)
    g_assert_true (done);
}

static gboolean
is_gone (gpointer object)
{
  return object == NULL;
}

/* Nothing is left of anything, whatever state it is in. */
static void
fixture_free (Fixture *fixture)
{
  CbTestEngine *engine = fixture->engine;
  CbTestHandler *handler = fixture->handler;

  g_assert_finalize_object (fixture->worker);

  g_object_add_weak_pointer (G_OBJECT (engine), (gpointer *) &engine);
  g_object_add_weak_pointer (G_OBJECT (handler), (gpointer *) &handler);
  cb_test_handler_answer (handler);
  g_object_unref (fixture->engine);
  g_object_unref (fixture->handler);
  cb_test_wait_until (is_gone (engine) && is_gone (handler));

  g_string_free (fixture->told, TRUE);
  g_ptr_array_unref (fixture->problems);
  g_free (fixture);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Fixture, fixture_free)

static guint64
get_number (Fixture *fixture, const char *property)
{
  g_auto (GValue) value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_UINT64);
  g_object_get_property (G_OBJECT (fixture->worker), property, &value);

  return g_value_get_uint64 (&value);
}

/* "1:- 2:7": the slots by number and the jobs they run. */
static char *
show_slots (Fixture *fixture)
{
  GListModel *slots = cb_worker_get_slots (fixture->worker);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (slots); i++)
    {
      g_autoptr (CbWorkerSlot) slot = g_list_model_get_item (slots, i);
      CbJobRecord *job = cb_worker_slot_get_job (slot);
      guint number;

      g_object_get (slot, "number", &number, NULL);
      g_string_append_printf (text, "%s%u:%s", i > 0 ? " " : "", number, job != NULL ? job->id : "-");
    }

  return g_string_free (text, FALSE);
}

static void
assert_slots (Fixture *fixture, const char *expected)
{
  g_autofree char *slots = show_slots (fixture);

  g_assert_cmpstr (slots, ==, expected);
}

static GError *
readonly_error (void)
{
  return g_error_new_literal (CB_REDIS_ERROR, CB_REDIS_ERROR_READONLY, "The server is a read-only replica");
}

/* --- what comes of a job --- */

static void
test_complete (void)
{
  g_autoptr (Fixture) fixture = fixture_new (1, 0);

  fixture->handler->result = "{\"n\":1}";
  cb_test_engine_add (fixture->engine, "email", "{}", 1, 1);
  g_assert_cmpint (cb_worker_get_state (fixture->worker), ==, CB_WORKER_STOPPED);

  cb_worker_start (fixture->worker);
  g_assert_cmpint (cb_worker_get_state (fixture->worker), ==, CB_WORKER_RUNNING);
  cb_test_wait_until (get_number (fixture, "n-complete") == 1);

  g_assert_cmpstr (cb_test_engine_get_calls (fixture->engine, "1"), ==, "claim complete:{\"n\":1}");
  g_assert_cmpstr (fixture->told->str, ==, "started:1 finished:1");
  g_assert_cmpuint (get_number (fixture, "n-active"), ==, 0);
  g_assert_cmpuint (get_number (fixture, "n-failed"), ==, 0);
  g_assert_cmpuint (fixture->problems->len, ==, 0);

  stop (fixture, 1000, NULL);
  g_assert_cmpint (cb_worker_get_state (fixture->worker), ==, CB_WORKER_STOPPED);
}

static void
test_comes_later (void)
{
  g_autoptr (Fixture) fixture = fixture_new (3, 0);

  cb_worker_start (fixture->worker);
  cb_test_wait_until (cb_test_engine_get_n (fixture->engine, "wait") == 1);

  cb_test_engine_add (fixture->engine, "sms", "{}", 1, 1);
  cb_test_engine_add (fixture->engine, "email", "{}", 1, 2);
  cb_test_wait_until (get_number (fixture, "n-complete") == 2);
  g_assert_cmpstr (cb_test_engine_get_state (fixture->engine, "1"), ==, "inactive");
}

static void
test_fail_and_retry (void)
{
  g_autoptr (Fixture) fixture = fixture_new (1, 0);

  fixture->handler->error = "No such mailbox";
  cb_test_engine_add (fixture->engine, "email", "{}", 2, 1);
  cb_worker_start (fixture->worker);
  cb_test_wait_until (get_number (fixture, "n-failed") == 2);

  g_assert_cmpstr (cb_test_engine_get_calls (fixture->engine, "1"), ==,
                   "claim fail:No such mailbox claim fail:No such mailbox");
  g_assert_cmpstr (fixture->told->str, ==, "started:1 will-retry:1 started:1 failed:1");
  g_assert_cmpstr (cb_test_engine_get_state (fixture->engine, "1"), ==, "failed");
}

static void
test_result_no_json (void)
{
  g_autoptr (Fixture) fixture = fixture_new (1, 0);

  fixture->handler->result = "{\"n\":";
  cb_test_engine_add (fixture->engine, "email", "{}", 1, 1);
  cb_worker_start (fixture->worker);
  cb_test_wait_until (get_number (fixture, "n-failed") == 1);

  g_assert_true (g_str_has_prefix (cb_test_engine_get_calls (fixture->engine, "1"),
                                   "claim fail:The handler gave a result that is no JSON: "));
}

/* --- progress and log --- */

static void
tell_script (CbHandlerContext *context, gpointer user_data)
{
  cb_handler_context_progress (context, -5, NULL);
  cb_handler_context_log (context, "first of %d%%", 100);
  cb_handler_context_progress (context, 40, NULL);
  cb_handler_context_log (context, "%s", "100%s");
  cb_handler_context_progress (context, 130, NULL);
}

/* Nothing waits for the first; of the other two only the latest is left when it is their turn. All of it stands before the outcome. */
static void
test_progress_and_log (void)
{
  g_autoptr (Fixture) fixture = fixture_new (1, 0);

  fixture->handler->script = tell_script;
  cb_test_engine_add (fixture->engine, "email", "{}", 1, 1);
  cb_worker_start (fixture->worker);
  cb_test_wait_until (get_number (fixture, "n-complete") == 1);

  g_assert_cmpstr (cb_test_engine_get_calls (fixture->engine, "1"), ==,
                   "claim progress:0 log:first of 100% log:100%s progress:100 complete");
  g_assert_cmpstr (fixture->told->str, ==, "started:1 progress-0:1 progress-40:1 progress-100:1 finished:1");
}

#define N_FLOOD 100000

static void
flood_script (CbHandlerContext *context, gpointer user_data)
{
  for (int i = 0; i <= N_FLOOD; i++)
    cb_handler_context_progress (context, i * 100 / N_FLOOD, NULL);
  for (int i = 0; i < N_FLOOD; i++)
    cb_handler_context_log (context, "line-%d", i);
}

static void
test_flood (void)
{
  g_autoptr (Fixture) fixture = fixture_new (1, 0);
  const char *calls, *p;

  g_signal_handlers_disconnect_by_func (fixture->worker, progress_cb, fixture);
  fixture->handler->script = flood_script;
  cb_test_engine_add (fixture->engine, "email", "{}", 1, 1);
  cb_worker_start (fixture->worker);
  cb_test_wait_until (get_number (fixture, "n-complete") == 1);

  g_assert_cmpuint (cb_test_engine_get_n (fixture->engine, "progress"), ==, 2);
  g_assert_cmpuint (cb_test_engine_get_n (fixture->engine, "log"), <, 200);

  /* Every line, each once, in order. */
  calls = cb_test_engine_get_calls (fixture->engine, "1");
  p = calls;
  for (int i = 0; i < N_FLOOD; i++)
    {
      char *end;

      p = strstr (p, "line-");
      g_assert_nonnull (p);
      g_assert_cmpint (strtol (p + strlen ("line-"), &end, 10), ==, i);
      /* None is the first line of an entry of several. */
      g_assert_cmpint (*end, ==, ' ');
      p = end;
    }
  g_assert_null (strstr (p, "line-"));
  g_assert_true (g_str_has_suffix (calls, " complete"));
}

typedef struct
{
  CbHandlerContext *context;
  guint n;
} Often;

static gboolean
often_cb (gpointer user_data)
{
  Often *often = user_data;

  cb_handler_context_progress (often->context, often->n++ % 100, NULL);

  return G_SOURCE_CONTINUE;
}

static void
often_script (CbHandlerContext *context, gpointer user_data)
{
  Often *often = user_data;

  often->context = g_object_ref (context);
}

/* Told over time it is written twenty times a second at most. */
static void
test_progress_pace (void)
{
  g_autoptr (Fixture) fixture = fixture_new (1, 500);
  Often often = { NULL, 0 };
  guint source;

  fixture->handler->script = often_script;
  fixture->handler->script_data = &often;
  cb_test_engine_add (fixture->engine, "email", "{}", 1, 1);
  cb_worker_start (fixture->worker);
  cb_test_wait_until (often.context != NULL);
  source = g_idle_add (often_cb, &often);
  cb_test_wait_until (get_number (fixture, "n-complete") == 1);
  g_source_remove (source);
  g_object_unref (often.context);

  g_assert_cmpuint (often.n, >, 100);
  g_assert_cmpuint (cb_test_engine_get_n (fixture->engine, "progress"), >=, 3);
  g_assert_cmpuint (cb_test_engine_get_n (fixture->engine, "progress"), <=, 14);
}

/* --- slots --- */

static void
test_concurrency (void)
{
  g_autoptr (Fixture) fixture = fixture_new (5, 2);

  cb_test_engine_add (fixture->engine, "email", "{}", 1, 100);
  cb_worker_start (fixture->worker);
  cb_test_wait_until (get_number (fixture, "n-complete") == 100);

  g_assert_cmpuint (fixture->handler->n_runs, ==, 100);
  g_assert_cmpuint (fixture->handler->max_running, ==, 5);
}

static void
test_concurrency_changes (void)
{
  g_autoptr (Fixture) fixture = fixture_new (3, -1);

  cb_test_engine_add (fixture->engine, "email", "{}", 1, 8);
  assert_slots (fixture, "1:- 2:- 3:-");
  cb_worker_start (fixture->worker);
  cb_test_wait_until (fixture->handler->n_running == 3);
  assert_slots (fixture, "1:1 2:2 3:3");

  /* Those that are too many end with their job, and none of them takes another. */
  g_object_set (fixture->worker, "concurrency", 1, NULL);
  assert_slots (fixture, "1:1 2:2 3:3");
  cb_test_handler_answer (fixture->handler);
  cb_test_wait_until (fixture->handler->n_runs == 4 && get_number (fixture, "n-complete") == 3);
  cb_test_settle ();
  assert_slots (fixture, "1:4");

  g_object_set (fixture->worker, "concurrency", 4, NULL);
  cb_test_wait_until (fixture->handler->n_running == 4);
  assert_slots (fixture, "1:4 2:5 3:6 4:7");
}

static void
test_handler_changes (void)
{
  g_autoptr (Fixture) fixture = fixture_new (1, -1);
  g_autoptr (CbTestHandler) other = cb_test_handler_new (0);

  cb_test_engine_add (fixture->engine, "email", "{}", 1, 2);
  cb_worker_start (fixture->worker);
  cb_test_wait_until (fixture->handler->n_running == 1);

  g_object_set (fixture->worker, "handler", other, NULL);
  g_assert_cmpuint (other->n_runs, ==, 0);
  cb_test_handler_answer (fixture->handler);
  cb_test_wait_until (get_number (fixture, "n-complete") == 2);
  g_assert_cmpuint (fixture->handler->n_runs, ==, 1);
  g_assert_cmpuint (other->n_runs, ==, 1);
}

static void
test_slot_shows (void)
{
  g_autoptr (Fixture) fixture = fixture_new (1, -1);
  g_autoptr (CbWorkerSlot) slot = g_list_model_get_item (cb_worker_get_slots (fixture->worker), 0);
  g_autofree char *line = NULL;
  g_autofree char *idle_line = NULL;
  gint64 since;
  int progress;

  g_object_get (slot, "progress", &progress, "since", &since, NULL);
  g_assert_cmpint (progress, ==, -1);
  g_assert_cmpint (since, ==, -1);

  fixture->handler->script = tell_script;
  cb_test_engine_add (fixture->engine, "email", "{}", 1, 1);
  cb_worker_start (fixture->worker);
  cb_test_wait_until (fixture->handler->n_running == 1);
  g_object_get (slot, "progress", &progress, "since", &since, "last-line", &line, NULL);
  g_assert_cmpint (progress, ==, 100);
  g_assert_cmpint (ABS (g_get_real_time () - since), <, 5 * G_TIME_SPAN_SECOND);
  g_assert_cmpstr (line, ==, "100%s");

  cb_test_handler_answer (fixture->handler);
  cb_test_wait_until (get_number (fixture, "n-complete") == 1);
  g_object_get (slot, "progress", &progress, "since", &since, "last-line", &idle_line, NULL);
  g_assert_cmpint (progress, ==, -1);
  g_assert_cmpint (since, ==, -1);
  g_assert_null (idle_line);
}

/* --- ends before its time --- */

static void
test_time_out (void)
{
  g_autoptr (Fixture) fixture = fixture_new (1, -1);

  g_object_set (fixture->worker, "timeout", 1000, NULL);
  cb_test_engine_add (fixture->engine, "email", "{}", 1, 1);
  cb_worker_start (fixture->worker);
  cb_test_wait_until (get_number (fixture, "n-failed") == 1);

  g_assert_cmpuint (fixture->handler->n_cancelled, ==, 1);
  g_assert_cmpstr (cb_test_engine_get_calls (fixture->engine, "1"), ==,
                   "claim fail:The job took longer than the 1 s it is given");
  g_assert_cmpstr (fixture->told->str, ==, "started:1 timed-out:1");
}

/* A handler that does not end is not waited for; its slot goes on, and what it says in the end changes nothing. */
static void
test_stubborn_handler (void)
{
  g_autoptr (Fixture) fixture = fixture_new (1, -1);

  g_object_set (fixture->worker, "timeout", 50, NULL);
  fixture->handler->stubborn = TRUE;
  fixture->handler->result = "\"late\"";
  cb_test_engine_add (fixture->engine, "email", "{}", 1, 1);
  cb_worker_start (fixture->worker);
  cb_test_wait_until (get_number (fixture, "n-failed") == 1);
  g_assert_cmpuint (fixture->problems->len, ==, 1);
  g_assert_true (strstr (g_ptr_array_index (fixture->problems, 0), "“test” was told to end job 1 and does not") != NULL);

  g_object_set (fixture->worker, "timeout", 0, NULL);
  cb_test_engine_add (fixture->engine, "email", "{}", 1, 1);
  cb_test_wait_until (fixture->handler->n_running == 2);
  assert_slots (fixture, "1:2");

  cb_test_handler_answer (fixture->handler);
  cb_test_wait_until (get_number (fixture, "n-complete") == 1);
  g_assert_cmpstr (cb_test_engine_get_calls (fixture->engine, "1"), ==,
                   "claim fail:The job took longer than the 50 ms it is given");
  g_assert_cmpuint (fixture->problems->len, ==, 2);
  g_assert_cmpstr (g_ptr_array_index (fixture->problems, 1), ==, "");
}

static void
test_taken_away (void)
{
  g_autoptr (Fixture) fixture = fixture_new (1, -1);

  cb_test_engine_add (fixture->engine, "email", "{}", 1, 2);
  cb_worker_start (fixture->worker);
  cb_test_wait_until (fixture->handler->n_running == 1);

  /* The heartbeat tells. */
  cb_test_engine_steal (fixture->engine, "1");
  cb_test_wait_until (fixture->handler->n_runs == 2);
  g_assert_cmpuint (fixture->handler->n_cancelled, ==, 1);
  g_assert_cmpstr (fixture->told->str, ==, "started:1 lost:1 started:2");
  g_assert_cmpstr (cb_test_engine_get_calls (fixture->engine, "1"), ==, "claim");
  g_assert_cmpuint (get_number (fixture, "n-failed"), ==, 0);
}

static void
test_removed (void)
{
  g_autoptr (Fixture) fixture = fixture_new (1, -1);
  guint n;

  cb_test_engine_add (fixture->engine, "email", "{}", 1, 1);
  cb_worker_start (fixture->worker);
  cb_test_wait_until (fixture->handler->n_running == 1);

  /* After a moment it is listened to what is told about it. */
  cb_test_wait_until (cb_test_engine_get_watched (fixture->engine));
  cb_test_settle ();

  /* Only said so: it is asked about at once, and goes on. */
  n = cb_test_engine_get_n (fixture->engine, "extend");
  cb_test_engine_tell (fixture->engine, "1", "remove");
  g_assert_cmpuint (cb_test_engine_get_n (fixture->engine, "extend"), ==, n + 1);
  cb_test_settle ();
  g_assert_cmpuint (fixture->handler->n_running, ==, 1);

  cb_test_engine_remove (fixture->engine, "1");
  cb_test_engine_tell (fixture->engine, "1", "remove");
  cb_test_wait_until (fixture->handler->n_running == 0);
  cb_test_wait_until (get_number (fixture, "n-active") == 0);
  g_assert_cmpstr (fixture->told->str, ==, "started:1 gone:1");
  g_assert_cmpstr (cb_test_engine_get_calls (fixture->engine, "1"), ==, "claim");
}

/* Before anybody listened, and long before the next heartbeat. */
static void
test_removed_early (void)
{
  g_autoptr (Fixture) fixture = fixture_new_leased (1, -1, 60000);

  cb_test_engine_add (fixture->engine, "email", "{}", 1, 1);
  cb_worker_start (fixture->worker);
  cb_test_wait_until (fixture->handler->n_running == 1);
  g_assert_false (cb_test_engine_get_watched (fixture->engine));
  cb_test_engine_remove (fixture->engine, "1");
  cb_test_engine_tell (fixture->engine, "1", "remove");

  cb_test_wait_until (cb_test_engine_get_watched (fixture->engine));
  g_assert_cmpuint (cb_test_engine_get_n (fixture->engine, "extend"), ==, 1);
  cb_test_wait_until (get_number (fixture, "n-active") == 0);
  g_assert_cmpstr (fixture->told->str, ==, "started:1 gone:1");
}

/* To hear of all events costs more than a short job does. */
static void
test_watched (void)
{
  g_autoptr (Fixture) fixture = fixture_new (1, 0);

  cb_test_engine_add (fixture->engine, "email", "{}", 1, 20);
  cb_worker_start (fixture->worker);
  cb_test_wait_until (get_number (fixture, "n-complete") == 20);
  cb_test_run_for (200);
  g_assert_false (cb_test_engine_get_watched (fixture->engine));

  fixture->handler->msec = -1;
  cb_test_engine_add (fixture->engine, "email", "{}", 1, 1);
  cb_test_wait_until (cb_test_engine_get_watched (fixture->engine));
  cb_test_handler_answer (fixture->handler);
  cb_test_wait_until (get_number (fixture, "n-complete") == 21);
  cb_test_wait_until (!cb_test_engine_get_watched (fixture->engine));
}

/* Taken away in the moment before the outcome is told. */
static void
test_late_result (void)
{
  g_autoptr (Fixture) fixture = fixture_new (1, -1);

  cb_test_engine_add (fixture->engine, "email", "{}", 1, 1);
  cb_worker_start (fixture->worker);
  cb_test_wait_until (fixture->handler->n_running == 1);

  cb_test_engine_steal (fixture->engine, "1");
  cb_test_handler_answer (fixture->handler);
  cb_test_wait_until (get_number (fixture, "n-active") == 0);
  g_assert_cmpstr (fixture->told->str, ==, "started:1 lost:1");
  g_assert_cmpstr (cb_test_engine_get_state (fixture->engine, "1"), ==, "active");
  g_assert_cmpuint (get_number (fixture, "n-complete"), ==, 0);
}

/* The one who asks waits for a second: the answer does not wait for the handler. */
static void
test_time_to_live (void)
{
  g_autoptr (Fixture) fixture = fixture_new (1, -1);

  fixture->handler->stubborn = TRUE;
  cb_test_engine_add (fixture->engine, "email", "{}", 1, 1);
  cb_worker_start (fixture->worker);
  cb_test_wait_until (fixture->handler->n_running == 1);
  cb_test_wait_until (cb_test_engine_get_watched (fixture->engine));

  cb_test_engine_tell (fixture->engine, "2", "ttl exceeded");
  cb_test_engine_tell (fixture->engine, "1", "ttl exceeded");
  cb_test_engine_tell (fixture->engine, "1", "ttl exceeded");
  cb_test_settle ();
  g_assert_cmpstr (cb_test_engine_get_calls (fixture->engine, "1"), ==, "claim expire:TTL exceeded");
  g_assert_cmpuint (get_number (fixture, "n-active"), ==, 1);

  cb_test_handler_answer (fixture->handler);
  cb_test_wait_until (get_number (fixture, "n-active") == 0);
  g_assert_cmpstr (fixture->told->str, ==, "started:1 timed-out:1");
  g_assert_cmpuint (cb_test_engine_get_n (fixture->engine, "expire"), ==, 1);
  g_assert_cmpuint (cb_test_engine_get_n (fixture->engine, "complete"), ==, 0);
}

/* --- the server is away, or refuses --- */

static void
test_refused_outcome (void)
{
  g_autoptr (Fixture) fixture = fixture_new (20, -1);
  g_autoptr (GError) error = readonly_error ();
  gint64 begin, msec;
  guint n;

  cb_test_engine_add (fixture->engine, "email", "{}", 1, 30);
  cb_worker_start (fixture->worker);
  cb_test_wait_until (fixture->handler->n_running == 20);

  /* Twenty outcomes are told at once. From then on there is one attempt a second, of any kind. */
  cb_test_engine_set_fault (fixture->engine, NULL, CB_TEST_FAULT_REFUSED, -1, error);
  begin = g_get_monotonic_time ();
  cb_test_handler_answer (fixture->handler);
  cb_test_wait_until (cb_test_engine_get_n (fixture->engine, "complete") == 20);
  cb_test_wait_until (cb_test_engine_get_n (fixture->engine, "complete") == 22);
  msec = (g_get_monotonic_time () - begin) / 1000;
  g_assert_cmpint (msec, >=, 1500);
  n = cb_test_engine_get_n (fixture->engine, "claim");

  g_assert_cmpuint (get_number (fixture, "n-active"), ==, 20);
  g_assert_cmpuint (fixture->problems->len, ==, 1);
  g_assert_cmpstr (g_ptr_array_index (fixture->problems, 0), ==, "The server is a read-only replica");

  /* It goes on by itself, and nothing is lost or done twice. */
  cb_test_engine_set_fault (fixture->engine, NULL, CB_TEST_FAULT_REFUSED, 0, NULL);
  fixture->handler->msec = 0;
  cb_test_wait_until (get_number (fixture, "n-complete") == 30);
  g_assert_cmpuint (fixture->handler->n_runs, ==, 30);
  g_assert_cmpuint (fixture->problems->len, ==, 2);
  g_assert_cmpstr (g_ptr_array_index (fixture->problems, 1), ==, "");
  g_assert_cmpuint (cb_test_engine_get_n (fixture->engine, "claim"), >, n);
  for (guint i = 1; i <= 30; i++)
    {
      g_autofree char *id = g_strdup_printf ("%u", i);

      g_assert_cmpstr (cb_test_engine_get_calls (fixture->engine, id), ==, "claim complete");
    }
}

static void
test_refused_claim (void)
{
  g_autoptr (Fixture) fixture = fixture_new (10, 0);
  g_autoptr (GError) error = readonly_error ();
  gint64 begin = g_get_monotonic_time ();

  cb_test_engine_add (fixture->engine, "email", "{}", 1, 3);
  cb_test_engine_set_fault (fixture->engine, NULL, CB_TEST_FAULT_REFUSED, -1, error);
  cb_worker_start (fixture->worker);
  cb_test_wait_until (cb_test_engine_get_n (fixture->engine, "claim") == 3);
  g_assert_cmpint ((g_get_monotonic_time () - begin) / 1000, >=, 1500);
  g_assert_cmpuint (fixture->handler->n_runs, ==, 0);
  g_assert_cmpuint (fixture->problems->len, ==, 1);

  cb_test_engine_set_fault (fixture->engine, NULL, CB_TEST_FAULT_REFUSED, 0, NULL);
  cb_test_wait_until (get_number (fixture, "n-complete") == 3);
}

/* A queue whose keys are broken is a problem of this queue; outcomes are told all the same. */
static void
test_damaged_queue (void)
{
  g_autoptr (Fixture) fixture = fixture_new (2, -1);
  g_autoptr (GError) error = g_error_new_literal (CB_QUEUE_ERROR, CB_QUEUE_ERROR_DAMAGED, "q:jobs is no sorted set");

  cb_test_engine_add (fixture->engine, "email", "{}", 1, 1);
  cb_worker_start (fixture->worker);
  cb_test_wait_until (fixture->handler->n_running == 1 && cb_test_engine_get_n (fixture->engine, "wait") == 1);
  cb_test_engine_set_fault (fixture->engine, "claim", CB_TEST_FAULT_REFUSED, -1, error);
  cb_test_engine_add (fixture->engine, "email", "{}", 1, 1);
  cb_test_wait_until (fixture->problems->len == 1);
  g_assert_cmpstr (g_ptr_array_index (fixture->problems, 0), ==, "q:jobs is no sorted set");

  cb_test_handler_answer (fixture->handler);
  cb_test_wait_until (get_number (fixture, "n-complete") == 1);
  g_assert_cmpuint (fixture->problems->len, ==, 1);
}

/* What the queue itself is refused for is not hidden by an outage that is over. */
static void
test_damaged_after_outage (void)
{
  g_autoptr (Fixture) fixture = fixture_new (1, 0);
  g_autoptr (GError) outage = readonly_error ();
  g_autoptr (GError) damage = g_error_new_literal (CB_QUEUE_ERROR, CB_QUEUE_ERROR_DAMAGED, "q:jobs is no sorted set");

  cb_test_engine_set_fault (fixture->engine, "claim", CB_TEST_FAULT_REFUSED, 1, outage);
  cb_worker_start (fixture->worker);
  cb_test_wait_until (fixture->problems->len == 1);
  cb_test_engine_set_fault (fixture->engine, "claim", CB_TEST_FAULT_REFUSED, -1, damage);
  cb_test_wait_until (fixture->problems->len == 2);
  g_assert_cmpstr (g_ptr_array_index (fixture->problems, 1), ==, "q:jobs is no sorted set");
}

/* The reply is lost, and the next try is refused because the first was carried out. */
static void
test_lost_reply (gconstpointer data)
{
  const char *call = data;
  g_autoptr (Fixture) fixture = fixture_new (1, 0);
  g_autoptr (GError) error = g_error_new_literal (CB_REDIS_ERROR, CB_REDIS_ERROR_LOST, "The connection was lost");

  if (g_str_equal (call, "fail"))
    fixture->handler->error = "No such mailbox";
  if (g_str_equal (call, "progress") || g_str_equal (call, "log"))
    fixture->handler->script = tell_script;

  cb_test_engine_add (fixture->engine, "email", "{}", 1, 1);
  cb_test_engine_set_fault (fixture->engine, call, CB_TEST_FAULT_LOST, 1, error);
  cb_worker_start (fixture->worker);
  cb_test_wait_until (get_number (fixture, "n-complete") + get_number (fixture, "n-failed") == 1);

  if (g_str_equal (call, "complete"))
    {
      g_assert_cmpstr (cb_test_engine_get_calls (fixture->engine, "1"), ==, "claim complete");
      g_assert_cmpstr (fixture->told->str, ==, "started:1 finished:1");
      g_assert_cmpuint (cb_test_engine_get_n (fixture->engine, "complete"), ==, 2);
    }
  else if (g_str_equal (call, "fail"))
    {
      g_assert_cmpstr (cb_test_engine_get_calls (fixture->engine, "1"), ==, "claim fail:No such mailbox");
      g_assert_cmpstr (fixture->told->str, ==, "started:1 failed:1");
    }
  else if (g_str_equal (call, "progress"))
    {
      /* The first one was replaced by the latest before it was its turn again. */
      g_assert_cmpstr (cb_test_engine_get_calls (fixture->engine, "1"), ==,
                       "claim progress:0 log:first of 100% log:100%s progress:100 complete");
    }
  else
    {
      /* Rather twice than not at all. */
      g_assert_cmpstr (cb_test_engine_get_calls (fixture->engine, "1"), ==,
                       "claim progress:0 log:first of 100% log:first of 100% log:100%s progress:100 complete");
    }
  g_assert_cmpuint (fixture->handler->n_runs, ==, 1);
}

/* --- stop --- */

static void
test_stop_waits (void)
{
  g_autoptr (Fixture) fixture = fixture_new (2, 300);

  cb_test_engine_add (fixture->engine, "email", "{}", 1, 6);
  cb_worker_start (fixture->worker);
  cb_test_wait_until (fixture->handler->n_running == 2);
  stop (fixture, 10000, NULL);

  g_assert_cmpuint (cb_test_engine_count (fixture->engine, "complete"), ==, 2);
  g_assert_cmpuint (cb_test_engine_count (fixture->engine, "inactive"), ==, 4);
  g_assert_cmpuint (fixture->handler->n_runs, ==, 2);
  g_assert_false (cb_test_engine_get_watched (fixture->engine));
}

static void
test_stop_puts_back (void)
{
  g_autoptr (Fixture) fixture = fixture_new (2, -1);
  gint64 begin;

  cb_test_engine_add (fixture->engine, "email", "{}", 1, 6);
  cb_worker_start (fixture->worker);
  cb_test_wait_until (fixture->handler->n_running == 2);
  begin = g_get_monotonic_time ();
  stop (fixture, 0, NULL);

  /* It is not given up, which would have been after five seconds. */
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 4 * G_TIME_SPAN_SECOND);
  g_assert_cmpuint (cb_test_engine_count (fixture->engine, "inactive"), ==, 6);
  g_assert_cmpstr (cb_test_engine_get_calls (fixture->engine, "1"), ==, "claim release");
  g_assert_cmpstr (fixture->told->str, ==, "started:1 started:2 stopped:1 stopped:2");
  g_assert_cmpuint (get_number (fixture, "n-failed"), ==, 0);
}

/* What a handler gets done although it was told to end is done. */
static void
test_stop_keeps_done (void)
{
  g_autoptr (Fixture) fixture = fixture_new (1, 300);

  fixture->handler->stubborn = TRUE;
  cb_test_engine_add (fixture->engine, "email", "{}", 1, 1);
  cb_worker_start (fixture->worker);
  cb_test_wait_until (fixture->handler->n_running == 1);
  stop (fixture, 0, NULL);
  g_assert_cmpstr (cb_test_engine_get_calls (fixture->engine, "1"), ==, "claim complete");
}

static void
test_stop_stubborn (void)
{
  g_autoptr (Fixture) fixture = fixture_new (1, -1);
  gint64 begin;

  fixture->handler->stubborn = TRUE;
  cb_test_engine_add (fixture->engine, "email", "{}", 1, 1);
  cb_worker_start (fixture->worker);
  cb_test_wait_until (fixture->handler->n_running == 1);
  begin = g_get_monotonic_time ();
  stop (fixture, 200, NULL);
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 4 * G_TIME_SPAN_SECOND);
  g_assert_cmpstr (cb_test_engine_get_calls (fixture->engine, "1"), ==, "claim release");
}

/* A claim that was on its way when it was told to stop brings a job: that goes back at once. */
static void
test_stop_while_claiming (void)
{
  g_autoptr (Fixture) fixture = fixture_new (1, 0);

  cb_test_engine_set_delay (fixture->engine, 100);
  cb_test_engine_add (fixture->engine, "email", "{}", 1, 1);
  cb_worker_start (fixture->worker);
  g_assert_cmpstr (cb_test_engine_get_state (fixture->engine, "1"), ==, "active");
  stop (fixture, 5000, NULL);
  g_assert_cmpstr (cb_test_engine_get_calls (fixture->engine, "1"), ==, "claim release");
  g_assert_cmpuint (fixture->handler->n_runs, ==, 0);
  g_assert_cmpstr (fixture->told->str, ==, "");
}

static void
test_stop_sooner (void)
{
  g_autoptr (Fixture) fixture = fixture_new (1, -1);
  g_autoptr (GAsyncResult) first = NULL;
  g_autoptr (GAsyncResult) third = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  cb_test_engine_add (fixture->engine, "email", "{}", 1, 1);
  cb_worker_start (fixture->worker);
  cb_test_wait_until (fixture->handler->n_running == 1);

  cb_worker_stop_async (fixture->worker, 600000, NULL, cb_test_store_result, &first);
  g_assert_cmpint (cb_worker_get_state (fixture->worker), ==, CB_WORKER_STOPPING);
  cb_worker_stop_async (fixture->worker, 600000, cancellable, cb_test_store_result, &third);
  g_cancellable_cancel (cancellable);
  g_assert_false (cb_worker_stop_finish (fixture->worker, cb_test_wait_result (&third), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_null (first);

  stop (fixture, 0, NULL);
  g_assert_true (cb_worker_stop_finish (fixture->worker, cb_test_wait_result (&first), NULL));
}

static void
test_start_again (void)
{
  g_autoptr (Fixture) fixture = fixture_new (1, -1);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  cb_test_engine_add (fixture->engine, "email", "{}", 1, 2);
  cb_worker_start (fixture->worker);
  cb_test_wait_until (fixture->handler->n_running == 1);
  cb_worker_stop_async (fixture->worker, 600000, NULL, cb_test_store_result, &result);
  cb_worker_start (fixture->worker);
  g_assert_false (cb_worker_stop_finish (fixture->worker, cb_test_wait_result (&result), &error));
  g_assert_error (error, CB_WORKER_ERROR, CB_WORKER_ERROR_FAILED);

  fixture->handler->msec = 0;
  cb_test_handler_answer (fixture->handler);
  cb_test_wait_until (get_number (fixture, "n-complete") == 2);

  stop (fixture, 0, NULL);
  cb_test_engine_add (fixture->engine, "email", "{}", 1, 1);
  cb_worker_start (fixture->worker);
  cb_test_wait_until (get_number (fixture, "n-complete") == 3);
}

static void
test_stop_without_server (void)
{
  g_autoptr (Fixture) fixture = fixture_new (1, -1);
  g_autoptr (GError) fault = g_error_new_literal (CB_REDIS_ERROR, CB_REDIS_ERROR_NOT_CONNECTED, "Not connected");
  g_autoptr (GError) error = NULL;

  cb_test_engine_add (fixture->engine, "email", "{}", 1, 1);
  cb_worker_start (fixture->worker);
  cb_test_wait_until (fixture->handler->n_running == 1);
  cb_test_engine_set_fault (fixture->engine, NULL, CB_TEST_FAULT_REFUSED, -1, fault);
  stop (fixture, 0, &error);
  g_assert_error (error, CB_WORKER_ERROR, CB_WORKER_ERROR_STOPPED);
  g_assert_true (strstr (error->message, "Not connected") != NULL);
  g_assert_cmpint (cb_worker_get_state (fixture->worker), ==, CB_WORKER_STOPPED);
  g_assert_cmpuint (get_number (fixture, "n-active"), ==, 0);
  assert_slots (fixture, "1:-");
}

/* --- drain --- */

static void
test_drain (void)
{
  g_autoptr (Fixture) fixture = fixture_new (3, 5);
  g_autoptr (GAsyncResult) result = NULL;

  cb_test_engine_add (fixture->engine, "email", "{}", 1, 20);
  cb_test_engine_add (fixture->engine, "sms", "{}", 1, 1);
  cb_worker_drain_async (fixture->worker, NULL, cb_test_store_result, &result);
  g_assert_true (cb_worker_drain_finish (fixture->worker, cb_test_wait_result (&result), NULL));
  g_assert_cmpuint (cb_test_engine_count (fixture->engine, "complete"), ==, 20);
  g_assert_cmpint (cb_worker_get_state (fixture->worker), ==, CB_WORKER_STOPPED);
}

/* What others hold may come back. */
static void
test_drain_waits_for_others (void)
{
  g_autoptr (Fixture) fixture = fixture_new (1, 0);
  g_autoptr (CbTestHandler) slow = cb_test_handler_new (-1);
  g_autoptr (CbWorker) other = cb_worker_new (CB_ENGINE (fixture->engine), "email", CB_HANDLER (slow), 1);
  g_autoptr (GAsyncResult) result = NULL;

  cb_test_engine_add (fixture->engine, "email", "{}", 1, 1);
  cb_worker_start (other);
  cb_test_wait_until (slow->n_running == 1);

  cb_worker_drain_async (fixture->worker, NULL, cb_test_store_result, &result);
  cb_test_wait_until (cb_test_engine_get_n (fixture->engine, "count") >= 3);
  g_assert_null (result);
  cb_test_handler_answer (slow);
  g_assert_true (cb_worker_drain_finish (fixture->worker, cb_test_wait_result (&result), NULL));
  g_assert_cmpuint (cb_test_engine_count (fixture->engine, "complete"), ==, 1);
  g_assert_finalize_object (g_steal_pointer (&other));
}

static void
test_drain_stopped (void)
{
  g_autoptr (Fixture) fixture = fixture_new (1, -1);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  cb_test_engine_add (fixture->engine, "email", "{}", 1, 1);
  cb_worker_drain_async (fixture->worker, NULL, cb_test_store_result, &result);
  cb_test_wait_until (fixture->handler->n_running == 1);
  stop (fixture, 0, NULL);
  g_assert_false (cb_worker_drain_finish (fixture->worker, cb_test_wait_result (&result), &error));
  g_assert_error (error, CB_WORKER_ERROR, CB_WORKER_ERROR_STOPPED);
}

/* A claim that is refused for good ends the waiting, not the worker: when it is mended the queue is worked. */
static void
test_drain_refused (void)
{
  g_autoptr (Fixture) fixture = fixture_new (2, 0);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GAsyncResult) again = NULL;
  g_autoptr (GError) damaged = g_error_new_literal (CB_QUEUE_ERROR, CB_QUEUE_ERROR_DAMAGED, "q:jobs is no sorted set");
  g_autoptr (GError) readonly = readonly_error ();
  g_autoptr (GError) error = NULL;

  cb_test_engine_add (fixture->engine, "email", "{}", 1, 3);
  cb_test_engine_set_fault (fixture->engine, "claim", CB_TEST_FAULT_REFUSED, -1, damaged);
  cb_worker_drain_async (fixture->worker, NULL, cb_test_store_result, &result);
  g_assert_false (cb_worker_drain_finish (fixture->worker, cb_test_wait_result (&result), &error));
  g_assert_error (error, CB_WORKER_ERROR, CB_WORKER_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "email"));
  g_assert_nonnull (strstr (error->message, damaged->message));
  g_assert_cmpuint (cb_test_engine_get_n (fixture->engine, "claim"), <=, 6);
  g_assert_cmpint (cb_worker_get_state (fixture->worker), ==, CB_WORKER_RUNNING);

  /* What passes by itself is waited for. */
  cb_test_engine_set_fault (fixture->engine, "claim", CB_TEST_FAULT_REFUSED, -1, readonly);
  cb_worker_drain_async (fixture->worker, NULL, cb_test_store_result, &again);
  cb_test_run_for (4500);
  g_assert_null (again);
  cb_test_engine_set_fault (fixture->engine, NULL, CB_TEST_FAULT_REFUSED, 0, NULL);
  g_assert_true (cb_worker_drain_finish (fixture->worker, cb_test_wait_result (&again), NULL));
  g_assert_cmpuint (cb_test_engine_count (fixture->engine, "complete"), ==, 3);
}

/* --- lifetimes --- */

/* A worker that is dropped puts its jobs back all the same. */
static void
test_dropped (void)
{
  Fixture *fixture = fixture_new (3, -1);
  g_autoptr (CbTestEngine) engine = g_object_ref (fixture->engine);

  cb_test_engine_add (engine, "email", "{}", 1, 3);
  cb_worker_start (fixture->worker);
  cb_test_wait_until (fixture->handler->n_running == 3);

  g_assert_finalize_object (fixture->worker);
  cb_test_wait_until (cb_test_engine_count (engine, "inactive") == 3);
  g_assert_false (cb_test_engine_get_watched (engine));

  g_object_unref (fixture->engine);
  g_object_unref (fixture->handler);
  g_string_free (fixture->told, TRUE);
  g_ptr_array_unref (fixture->problems);
  g_free (fixture);
}

static void
test_dropped_while_claiming (void)
{
  Fixture *fixture = fixture_new (1, 0);
  g_autoptr (CbTestEngine) engine = g_object_ref (fixture->engine);

  cb_test_engine_set_delay (engine, 50);
  cb_test_engine_add (engine, "email", "{}", 1, 1);
  cb_worker_start (fixture->worker);
  g_assert_finalize_object (fixture->worker);
  g_assert_cmpuint (cb_test_engine_count (engine, "active"), ==, 1);
  cb_test_wait_until (cb_test_engine_count (engine, "inactive") == 1);

  g_object_unref (fixture->engine);
  g_object_unref (fixture->handler);
  g_string_free (fixture->told, TRUE);
  g_ptr_array_unref (fixture->problems);
  g_free (fixture);
}

/* One that waits for its rate to let it go on has a timer out, which must not find it gone. */
static void
test_dropped_while_slowed (void)
{
  Fixture *fixture = fixture_new (1, 0);

  g_object_set (fixture->worker, "rate-limit", 1, "rate-interval", 200, NULL);
  cb_test_engine_add (fixture->engine, "email", "{}", 1, 2);
  cb_worker_start (fixture->worker);
  cb_test_wait_until (get_number (fixture, "n-complete") == 1);
  g_assert_finalize_object (fixture->worker);
  cb_test_run_for (400);
  g_assert_cmpuint (cb_test_engine_get_n (fixture->engine, "claim"), ==, 1);
  g_assert_cmpuint (cb_test_engine_count (fixture->engine, "inactive"), ==, 1);

  g_object_unref (fixture->engine);
  g_object_unref (fixture->handler);
  g_string_free (fixture->told, TRUE);
  g_ptr_array_unref (fixture->problems);
  g_free (fixture);
}

/* --- housekeeping --- */

/* The heartbeat of a long lease is quickened when a worker with a short one comes. */
static void
test_shorter_lease (void)
{
  g_autoptr (Fixture) fixture = fixture_new (1, -1);
  g_autoptr (CbWorker) other = g_object_new (CB_TYPE_WORKER, "engine", fixture->engine, "queue", "sms", "handler", fixture->handler,
                                             "concurrency", 1, "lease", 600000, NULL);
  gint64 started;

  cb_test_engine_add (fixture->engine, "sms", "{}", 1, 1);
  cb_worker_start (other);
  cb_test_wait_until (fixture->handler->n_running == 1);
  cb_worker_start (fixture->worker);
  started = g_get_monotonic_time ();
  cb_test_wait_until (cb_test_engine_get_n (fixture->engine, "extend") >= 2);
  /* It would have been minutes. */
  g_assert_cmpint (g_get_monotonic_time () - started, <, 30 * G_TIME_SPAN_SECOND);
}

/* Several workers of an engine keep house together. */
static void
test_shared_care (void)
{
  g_autoptr (Fixture) fixture = fixture_new (1, 0);
  g_autoptr (CbWorker) other = cb_worker_new (CB_ENGINE (fixture->engine), "sms", CB_HANDLER (fixture->handler), 1);

  cb_worker_start (fixture->worker);
  cb_worker_start (other);
  g_assert_cmpuint (cb_test_engine_get_n (fixture->engine, "recover"), ==, 1);
  cb_test_wait_until (cb_test_engine_get_n (fixture->engine, "tick") >= 2 && cb_test_engine_get_n (fixture->engine, "recover") >= 2);
  g_assert_cmpuint (cb_test_engine_get_n (fixture->engine, "tick"), ==, 2);
  g_assert_cmpuint (cb_test_engine_get_n (fixture->engine, "recover"), ==, 2);
  g_assert_cmpuint (cb_test_engine_get_n (fixture->engine, "extend"), ==, 0);

  /* For the length of a lease nobody here knew whether the server was away before. */
  g_assert_cmpuint (cb_test_engine_get_n (fixture->engine, "careful recover"), ==, 1);

  /* What an idle worker costs: one claim that finds nothing, then it waits. */
  g_assert_cmpuint (cb_test_engine_get_n (fixture->engine, "claim"), ==, 2);
  g_assert_cmpuint (cb_test_engine_get_n (fixture->engine, "wait"), ==, 2);

  stop (fixture, 0, NULL);
  cb_test_wait_until (cb_test_engine_get_n (fixture->engine, "tick") == 3);
  g_assert_finalize_object (g_steal_pointer (&other));
  cb_test_run_for (1200);
  g_assert_cmpuint (cb_test_engine_get_n (fixture->engine, "tick"), ==, 3);
}

/* Without any wake-up a job is found by the claim that is tried every five seconds. */
static void
test_lost_wake_up (void)
{
  g_autoptr (Fixture) fixture = fixture_new (1, 0);

  cb_worker_start (fixture->worker);
  cb_test_wait_until (cb_test_engine_get_n (fixture->engine, "wait") == 1);
  cb_test_engine_add_silently (fixture->engine, "email", "{}");
  cb_test_wait_until (get_number (fixture, "n-complete") == 1);
  g_assert_cmpuint (cb_test_engine_get_n (fixture->engine, "claim"), <=, 3);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/worker/complete", test_complete);
  g_test_add_func ("/worker/comes-later", test_comes_later);
  g_test_add_func ("/worker/fail-and-retry", test_fail_and_retry);
  g_test_add_func ("/worker/result-no-json", test_result_no_json);
  g_test_add_func ("/worker/progress-and-log", test_progress_and_log);
  g_test_add_func ("/worker/flood", test_flood);
  g_test_add_func ("/worker/progress-pace", test_progress_pace);
  g_test_add_func ("/worker/concurrency", test_concurrency);
  g_test_add_func ("/worker/concurrency-changes", test_concurrency_changes);
  g_test_add_func ("/worker/handler-changes", test_handler_changes);
  g_test_add_func ("/worker/slot-shows", test_slot_shows);
  g_test_add_func ("/worker/time-out", test_time_out);
  g_test_add_func ("/worker/stubborn-handler", test_stubborn_handler);
  g_test_add_func ("/worker/taken-away", test_taken_away);
  g_test_add_func ("/worker/removed", test_removed);
  g_test_add_func ("/worker/removed-early", test_removed_early);
  g_test_add_func ("/worker/watched", test_watched);
  g_test_add_func ("/worker/late-result", test_late_result);
  g_test_add_func ("/worker/time-to-live", test_time_to_live);
  g_test_add_func ("/worker/refused-outcome", test_refused_outcome);
  g_test_add_func ("/worker/refused-claim", test_refused_claim);
  g_test_add_func ("/worker/damaged-queue", test_damaged_queue);
  g_test_add_func ("/worker/damaged-queue/after-outage", test_damaged_after_outage);
  g_test_add_data_func ("/worker/lost-reply/complete", "complete", test_lost_reply);
  g_test_add_data_func ("/worker/lost-reply/fail", "fail", test_lost_reply);
  g_test_add_data_func ("/worker/lost-reply/progress", "progress", test_lost_reply);
  g_test_add_data_func ("/worker/lost-reply/log", "log", test_lost_reply);
  g_test_add_func ("/worker/stop/waits", test_stop_waits);
  g_test_add_func ("/worker/stop/puts-back", test_stop_puts_back);
  g_test_add_func ("/worker/stop/keeps-done", test_stop_keeps_done);
  g_test_add_func ("/worker/stop/stubborn", test_stop_stubborn);
  g_test_add_func ("/worker/stop/while-claiming", test_stop_while_claiming);
  g_test_add_func ("/worker/stop/sooner", test_stop_sooner);
  g_test_add_func ("/worker/stop/start-again", test_start_again);
  g_test_add_func ("/worker/stop/without-server", test_stop_without_server);
  g_test_add_func ("/worker/drain", test_drain);
  g_test_add_func ("/worker/drain/others", test_drain_waits_for_others);
  g_test_add_func ("/worker/drain/refused", test_drain_refused);
  g_test_add_func ("/worker/drain/stopped", test_drain_stopped);
  g_test_add_func ("/worker/dropped", test_dropped);
  g_test_add_func ("/worker/dropped/claiming", test_dropped_while_claiming);
  g_test_add_func ("/worker/dropped/slowed", test_dropped_while_slowed);
  g_test_add_func ("/worker/shared-care", test_shared_care);
  g_test_add_func ("/worker/shorter-lease", test_shorter_lease);
  g_test_add_func ("/worker/lost-wake-up", test_lost_wake_up);

  return g_test_run ();
}
