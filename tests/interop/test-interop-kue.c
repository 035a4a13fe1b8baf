/* test-interop-kue.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/*
 * Real Kue 0.11.6 on the other side of the wire, both ways: what one makes the other runs, they share a queue, and what
 * either leaves behind is the same. Skipped where Node or Kue is not there, and failed in CI;
 * ./check installs them.
 */

#include "config.h"

#include <string.h>

#include "cb-doctor.h"
#include "cb-json.h"
#include "cb-kue-engine.h"
#include "cb-test-child.h"
#include "cb-test-handler.h"
#include "cb-test-kue.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"
#include "cb-worker.h"

#define CODE "{\"phoneNumber\":\"4153518780\",\"message\":\"This is the code 1234 to verify your account\"}"

static char *interop_directory;
static char *missing; /* why there is nothing to test against */

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
  cb_test_settle ();
  g_assert_finalize_object (f->engine);
  cb_connection_close (f->connection);
  cb_test_settle ();
  g_assert_finalize_object (f->connection);
  cb_test_redis_free (f->redis);
}

/* --- Kue's processes --- */

typedef struct
{
  GSubprocess      *process;
  GDataInputStream *output;
  GPtrArray        *lines;     /* of JsonNode */
  gboolean          ended;
  char             *name;
} Kue;

static void
got_line_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  Kue *kue = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *line = g_data_input_stream_read_line_finish (G_DATA_INPUT_STREAM (source), result, NULL, &error);

  g_assert_no_error (error);
  if (line == NULL)
    {
      kue->ended = TRUE;
      return;
    }
  g_ptr_array_add (kue->lines, json_from_string (line, &error));
  g_assert_no_error (error);
  g_data_input_stream_read_line_async (kue->output, G_PRIORITY_DEFAULT, NULL, got_line_cb, kue);
}

/* `worker.js --type sms …`: runs at once, its lines are read as the main loop runs. */
static Kue *
kue_start (Fixture    *f,
           const char *line)
{
  g_auto (GStrv) words = NULL;
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  Kue *kue = g_new0 (Kue, 1);

  g_shell_parse_argv (line, NULL, &words, &error);
  g_assert_no_error (error);
  g_ptr_array_add (argv, g_strdup ("node"));
  g_ptr_array_add (argv, g_build_filename (interop_directory, "kue", words[0], NULL));
  g_ptr_array_add (argv, g_strdup ("--socket"));
  g_ptr_array_add (argv, g_strdup (cb_test_redis_get_path (f->redis)));
  for (guint i = 1; words[i] != NULL; i++)
    g_ptr_array_add (argv, g_strdup (words[i]));
  g_ptr_array_add (argv, NULL);

  kue->name = g_strdup (line);
  kue->process = cb_test_child_new ((const char * const *) argv->pdata, G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  kue->output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (kue->process));
  kue->lines = g_ptr_array_new_with_free_func ((GDestroyNotify) json_node_unref);
  g_data_input_stream_read_line_async (kue->output, G_PRIORITY_DEFAULT, NULL, got_line_cb, kue);

  return kue;
}

static void
kue_free (Kue *kue)
{
  if (!kue->ended)
    g_subprocess_send_signal (kue->process, 15);
  cb_test_wait_until (kue->ended);
  g_subprocess_wait (kue->process, NULL, NULL);
  g_object_unref (kue->output);
  g_object_unref (kue->process);
  g_ptr_array_unref (kue->lines);
  g_free (kue->name);
  g_free (kue);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Kue, kue_free)

/* The same to its end. */
static Kue *
kue_run (Fixture    *f,
         const char *line)
{
  Kue *kue = kue_start (f, line);

  cb_test_wait_until (kue->ended);
  return kue;
}

/* Kue's own view: the object of inspect.js. */
static JsonObject *
inspect (Kue **kue,
         Fixture *f)
{
  *kue = kue_run (f, "inspect.js --no-jobs");
  g_assert_cmpuint ((*kue)->lines->len, ==, 1);
  return json_node_get_object (g_ptr_array_index ((*kue)->lines, 0));
}

static void
assert_kue_counts (Fixture    *f,
                   const char *queue,
                   gint64      complete,
                   gint64      failed)
{
  g_autoptr (Kue) kue = NULL;
  JsonObject *report = inspect (&kue, f);
  JsonObject *of_type = json_object_get_object_member (json_object_get_object_member (report, "countsByType"), queue);
  JsonObject *of_all = json_object_get_object_member (report, "counts");
  static const char * const states[] = { "inactive", "active", "delayed", "complete", "failed" };

  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    {
      gint64 expected = i == 3 ? complete : i == 4 ? failed : 0;

      g_assert_cmpint (json_object_get_int_member (of_type, states[i]), ==, expected);
      g_assert_cmpint (json_object_get_int_member (of_all, states[i]), ==, expected);
    }
  g_assert_cmpint (json_object_get_int_member (report, "total"), ==, complete + failed);
  g_assert_cmpint (json_object_get_int_member (report, "workTime"), >=, 0);
}

/* --- a worker of ours, by the bare engine --- */

typedef struct
{
  CbEngine     *engine;
  const char   *queue;
  GHashTable   *runs;         /* id → how often */
  guint         n_runs;
  guint         n_busy;       /* slots that have not ended */
  GCancellable *cancellable;
} Crew;

typedef struct
{
  Crew        *crew;
  char        *name;
  CbJobRecord *job;
} Slot;

static void slot_claim (Slot *slot);

static void
slot_end (Slot *slot)
{
  slot->crew->n_busy--;
  g_free (slot->name);
  g_free (slot);
}

static void
slot_waited_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  Slot *slot = user_data;
  g_autoptr (GError) error = NULL;

  cb_engine_wait_finish (CB_ENGINE (source), result, &error);
  if (g_cancellable_is_cancelled (slot->crew->cancellable))
    {
      slot_end (slot);
      return;
    }
  g_assert_no_error (error);
  slot_claim (slot);
}

static void
slot_completed_cb (GObject      *source,
                   GAsyncResult *result,
                   gpointer      user_data)
{
  Slot *slot = user_data;
  g_autoptr (GError) error = NULL;

  cb_engine_complete_finish (CB_ENGINE (source), result, &error);
  g_assert_no_error (error);
  g_clear_pointer (&slot->job, cb_job_record_unref);
  slot->crew->n_runs++;
  slot_claim (slot);
}

static void
slot_claimed_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  Slot *slot = user_data;
  Crew *crew = slot->crew;
  g_autoptr (GError) error = NULL;

  slot->job = cb_engine_claim_finish (CB_ENGINE (source), result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      slot_end (slot);
      return;
    }
  g_assert_no_error (error);
  if (slot->job == NULL)
    {
      cb_engine_wait_async (crew->engine, crew->queue, 10000, crew->cancellable, slot_waited_cb, slot);
      return;
    }
  g_hash_table_insert (crew->runs, g_strdup (slot->job->id),
                       GUINT_TO_POINTER (GPOINTER_TO_UINT (g_hash_table_lookup (crew->runs, slot->job->id)) + 1));
  cb_engine_complete_async (crew->engine, slot->job, NULL, NULL, slot_completed_cb, slot);
}

static void
slot_claim (Slot *slot)
{
  cb_engine_claim_async (slot->crew->engine, slot->crew->queue, slot->name, 10000, slot->crew->cancellable, slot_claimed_cb, slot);
}

static Crew *
crew_new (Fixture    *f,
          const char *queue,
          guint       n)
{
  Crew *crew = g_new0 (Crew, 1);

  crew->engine = g_object_ref (f->engine);
  crew->queue = queue;
  crew->runs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  crew->cancellable = g_cancellable_new ();
  for (guint i = 0; i < n; i++)
    {
      Slot *slot = g_new0 (Slot, 1);

      slot->crew = crew;
      slot->name = g_strdup_printf ("callboard:test:1:%s:%u", queue, i + 1);
      crew->n_busy++;
      slot_claim (slot);
    }

  return crew;
}

static void
crew_free (Crew *crew)
{
  g_cancellable_cancel (crew->cancellable);
  cb_test_wait_until (crew->n_busy == 0);
  g_object_unref (crew->cancellable);
  g_object_unref (crew->engine);
  g_hash_table_unref (crew->runs);
  g_free (crew);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Crew, crew_free)

/* --- the tests --- */

#define skip_without_kue()   \
  if (missing != NULL)       \
    {                        \
      g_test_skip (missing); \
      return;                \
    }

/* 1,000 jobs made by Kue, worked here at concurrency 20. */
static void
test_kue_to_us (Fixture       *f,
                gconstpointer  data)
{
  g_autoptr (Crew) crew = NULL;
  g_autoptr (Kue) producer = NULL;
  GHashTableIter iter;
  gpointer id, runs;

  skip_without_kue ();
  crew = crew_new (f, "sms", 20);
  producer = kue_run (f, "producer.js --type sms --count 1000 --phones 4153518780,4153518781");
  cb_test_wait_until (crew->n_runs == 1000);

  g_assert_cmpuint (g_hash_table_size (crew->runs), ==, 1000);
  g_hash_table_iter_init (&iter, crew->runs);
  while (g_hash_table_iter_next (&iter, &id, &runs))
    g_assert_cmpuint (GPOINTER_TO_UINT (runs), ==, 1);
  assert_kue_counts (f, "sms", 1000, 0);
  g_assert_cmpint (cb_test_redis_get_integer (f->redis, "EXISTS", "q:sms:jobs", "q:callboard:leases", NULL), ==, 0);
}

/* 1,000 jobs made here, worked by Kue at concurrency 20. */
static void
test_us_to_kue (Fixture       *f,
                gconstpointer  data)
{
  g_autoptr (Kue) worker = NULL;
  g_autoptr (GPtrArray) ids = NULL;
  g_autoptr (GHashTable) seen = g_hash_table_new (g_int64_hash, g_int64_equal);
  g_autofree gint64 *numbers = g_new0 (gint64, 1001);
  g_autoptr (GError) error = NULL;

  skip_without_kue ();
  ids = cb_test_create (f->engine, "sms", CODE, 1000, &error);
  g_assert_no_error (error);
  worker = kue_run (f, "worker.js --type sms --concurrency 20 --max 1000");
  g_assert_cmpuint (worker->lines->len, ==, 1001);
  for (guint i = 1; i < worker->lines->len; i++)
    {
      JsonObject *run = json_node_get_object (g_ptr_array_index (worker->lines, i));

      g_assert_cmpstr (json_object_get_string_member (run, "state"), ==, "complete");
      numbers[i] = json_object_get_int_member (run, "id");
      g_assert_true (g_hash_table_add (seen, &numbers[i]));
      g_assert_cmpstr (json_object_get_string_member (json_object_get_object_member (run, "data"), "phoneNumber"), ==, "4153518780");
    }
  assert_kue_counts (f, "sms", 1000, 0);
}

/* Both kinds of worker on one queue, which both kinds of producer fill: no job twice, none left. */
static void
test_mixed (Fixture       *f,
            gconstpointer  data)
{
  g_autoptr (Crew) crew = NULL;
  g_autoptr (Kue) worker = NULL;
  g_autoptr (Kue) producer = NULL;
  g_autoptr (GPtrArray) ids = NULL;
  g_autoptr (GError) error = NULL;

  skip_without_kue ();
  worker = kue_start (f, "worker.js --type sms --concurrency 10 --work 1");
  cb_test_wait_until (worker->lines->len == 1);
  crew = crew_new (f, "sms", 10);
  producer = kue_start (f, "producer.js --type sms --count 300");
  for (guint i = 0; i < 30; i++)
    {
      g_autoptr (GPtrArray) portion = cb_test_create (f->engine, "sms", CODE, 10, &error);

      g_assert_no_error (error);
    }
  cb_test_wait_until (producer->ended && crew->n_runs + worker->lines->len - 1 >= 600);
  /* More than that would be a job run twice. */
  cb_test_run_for (100);
  g_assert_cmpuint (crew->n_runs + worker->lines->len - 1, ==, 600);
  g_assert_cmpuint (crew->n_runs, >, 0);
  g_assert_cmpuint (worker->lines->len, >, 1);
  for (guint i = 1; i < worker->lines->len; i++)
    {
      g_autofree char *id = g_strdup_printf ("%" G_GINT64_FORMAT,
                                             json_object_get_int_member (json_node_get_object (g_ptr_array_index (worker->lines, i)), "id"));

      g_assert_true (g_hash_table_insert (crew->runs, g_strdup (id), NULL));
    }
  g_assert_cmpuint (g_hash_table_size (crew->runs), ==, 600);
  assert_kue_counts (f, "sms", 600, 0);
}

/* --- the same end --- */

typedef struct
{
  const char *name;
  const char *producer;      /* options */
  const char *worker;        /* (nullable) options */
  CbJobSpec  *(*spec) (void);
  void        (*work) (Fixture *f, guint n_runs);
  guint       n_runs;
} SameEnd;

static CbJobSpec *
spec_plain (void)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (CODE, strlen (CODE));

  return cb_job_spec_new ("sms", bytes);
}

static CbJobSpec *
spec_options (void)
{
  CbJobSpec *spec = spec_plain ();

  spec->priority = -10;
  spec->delay_msec = 60000;
  spec->attempts = 5;
  spec->backoff = g_strdup ("{\"delay\":400,\"type\":\"exponential\"}");
  spec->ttl_msec = 30000;
  spec->remove_on_complete = TRUE;
  return spec;
}

static CbJobSpec *
spec_retry (void)
{
  CbJobSpec *spec = spec_plain ();

  spec->attempts = 3;
  return spec;
}

static CbJobSpec *
spec_backoff (void)
{
  CbJobSpec *spec = spec_retry ();

  spec->backoff = g_strdup ("{\"type\":\"exponential\",\"delay\":60000}");
  return spec;
}

static CbJobSpec *
spec_backoff_true (void)
{
  CbJobSpec *spec = spec_retry ();

  spec->backoff = g_strdup ("true");
  return spec;
}

static CbJobSpec *
spec_remove (void)
{
  CbJobSpec *spec = spec_plain ();

  spec->remove_on_complete = TRUE;
  return spec;
}

static void
do_complete (Fixture *f,
             guint    n_runs)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CbJobRecord) job = cb_test_claim (f->engine, "sms", "callboard:test:1:sms:1", 10000, &error);
  g_autoptr (GBytes) step = NULL;
  g_autoptr (GAsyncResult) log = NULL;

  g_assert_nonnull (job);
  cb_engine_log_async (f->engine, job, "line of 1", -1, NULL, cb_test_store_result, &log);
  g_assert_true (cb_engine_log_finish (f->engine, cb_test_wait_result (&log), &error));
  for (guint i = 1; i <= 2; i++)
    {
      g_autofree char *text = g_strdup_printf ("{\"step\":%u}", i);
      g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
      g_autoptr (GAsyncResult) progress = NULL;

      cb_engine_progress_async (f->engine, job, i * 50, bytes, NULL, cb_test_store_result, &progress);
      g_assert_true (cb_engine_progress_finish (f->engine, cb_test_wait_result (&progress), &error));
    }
  cb_test_complete (f->engine, job, "{\"sid\":\"SM/1\",\"cost\":[0.0075,null]}", &error);
  g_assert_no_error (error);
}

static void
do_fail (Fixture *f,
         guint    n_runs)
{
  for (guint i = 0; i < n_runs; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (CbJobRecord) job = cb_test_claim (f->engine, "sms", "callboard:test:1:sms:1", 10000, &error);

      g_assert_nonnull (job);
      cb_test_fail (f->engine, job, "it is \"no\"", "Error: it is \"no\"\n    at process (worker.js:1:1)", NULL, &error);
      g_assert_no_error (error);
    }
}

/* But for the tokens that a Kue worker's end may leave, and what only one of them has. */
static char *
comparable (char *snapshot)
{
  g_auto (GStrv) lines = g_strsplit (snapshot, "\n", -1);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      if (!g_str_has_prefix (lines[i], "q:sms:jobs "))
        g_string_append_printf (text, "%s\n", lines[i]);
    }
  g_free (snapshot);
  return g_strdup (text->str);
}

static const SameEnd same_ends[] = {
  { "create", "", NULL, spec_plain, NULL, 0 },
  { "create-options", "--priority high --delay 60000 --attempts 5 --ttl 30000 --remove-on-complete "
                      "--backoff '{\"delay\":400,\"type\":\"exponential\"}'", NULL, spec_options, NULL, 0 },
  { "complete", "", "--log 'line of %d' --progress 2 --work 30 --result '{\"sid\":\"SM/1\",\"cost\":[0.0075,null]}' --max 1",
    spec_plain, do_complete, 1 },
  { "complete-removed", "--remove-on-complete", "--log 'line of %d' --progress 2 --work 30 "
                        "--result '{\"sid\":\"SM/1\",\"cost\":[0.0075,null]}' --max 1", spec_remove, do_complete, 1 },
  { "fail", "", "--fail all --fail-message 'it is \"no\"' --max 1", spec_plain, do_fail, 1 },
  { "fail-retried", "--attempts 3", "--fail all --fail-message 'it is \"no\"' --max 3", spec_retry, do_fail, 3 },
  { "fail-backoff", "--attempts 3 --backoff '{\"type\":\"exponential\",\"delay\":60000}'",
    "--fail all --fail-message 'it is \"no\"' --max 1", spec_backoff, do_fail, 1 },
  { "fail-backoff-true", "--attempts 3 --backoff true", "--fail all --fail-message 'it is \"no\"' --max 1 --interval 60000",
    spec_backoff_true, do_fail, 1 },
};

/* The same thing by Kue and by us, each on a server of its own: keys, fields, scores and events are the same. */
static void
test_same_end (Fixture       *f,
               gconstpointer  data)
{
  const SameEnd *test = data;
  Fixture theirs = { 0 };

  if (missing == NULL)
    {
      g_autoptr (GPtrArray) specs = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_spec_free);
      g_autoptr (GPtrArray) ids = NULL;
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (CbTestListener) our_ears = NULL;
      g_autoptr (CbTestListener) their_ears = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *producer = g_strdup_printf ("producer.js --type sms --data '%s' %s", CODE, test->producer);
      g_autofree char *our_end = NULL;
      g_autofree char *their_end = NULL;
      g_autofree char *our_events = NULL;
      g_autofree char *their_events = NULL;
      g_autoptr (Kue) made = NULL;

      set_up (&theirs, NULL);
      our_ears = cb_test_listener_new (f->redis, "q:events");
      their_ears = cb_test_listener_new (theirs.redis, "q:events");

      g_ptr_array_add (specs, test->spec ());
      cb_engine_create_async (f->engine, specs, NULL, cb_test_store_result, &result);
      ids = cb_engine_create_finish (f->engine, cb_test_wait_result (&result), &error);
      g_assert_no_error (error);
      if (test->work != NULL)
        test->work (f, test->n_runs);

      made = kue_run (&theirs, producer);
      if (test->worker != NULL)
        {
          g_autofree char *line = g_strdup_printf ("worker.js --type sms %s", test->worker);
          g_autoptr (Kue) worker = kue_run (&theirs, line);

          g_assert_cmpuint (worker->lines->len, ==, 1 + test->n_runs);
        }

      our_end = comparable (cb_test_kue_snapshot (f->redis));
      their_end = comparable (cb_test_kue_snapshot (theirs.redis));
      our_events = cb_test_listener_take (our_ears);
      their_events = cb_test_listener_take (their_ears);
      g_assert_cmpstr (our_end, ==, their_end);
      g_assert_cmpstr (our_events, ==, their_events);
      g_clear_pointer (&their_ears, cb_test_listener_free);
      tear_down (&theirs, NULL);
    }
  else
    {
      g_test_skip (missing);
    }
}

/* Delayed jobs of each promoted by the other. */
static void
test_promotion (Fixture       *f,
                gconstpointer  data)
{
  g_autoptr (Kue) producer = NULL;
  g_autoptr (Kue) promoter = NULL;
  g_autoptr (GPtrArray) specs = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_spec_free);
  g_autoptr (GPtrArray) ids = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  CbJobSpec *spec;

  skip_without_kue ();
  producer = kue_run (f, "producer.js --type sms --delay 1");
  cb_test_wait_until (cb_test_tick (f->engine, &error) == 1);
  g_assert_no_error (error);
  g_assert_cmpint (cb_test_redis_get_integer (f->redis, "ZCARD", "q:jobs:sms:inactive", NULL), ==, 1);

  spec = spec_plain ();
  spec->delay_msec = 50;
  g_ptr_array_add (specs, spec);
  cb_engine_create_async (f->engine, specs, NULL, cb_test_store_result, &result);
  ids = cb_engine_create_finish (f->engine, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  promoter = kue_start (f, "worker.js --type nobody --interval 100");
  cb_test_wait_until (cb_test_redis_get_integer (f->redis, "ZCARD", "q:jobs:sms:inactive", NULL) == 2);
  g_assert_cmpint (cb_test_redis_get_integer (f->redis, "LLEN", "q:sms:jobs", NULL), ==, 2);
}

static void
answer_cb (CbEngine     *engine,
           CbJobEvent   *event,
           CbJobRecord **job)
{
  if (*job != NULL && strcmp (event->name, "ttl exceeded") == 0 && strcmp (event->id, (*job)->id) == 0)
    {
      cb_engine_expire_async (engine, *job, NULL, NULL, NULL);
      g_clear_pointer (job, cb_job_record_unref);
    }
}

static void
create_with_ttl_and_attempts (Fixture *f,
                              int      attempts)
{
  g_autoptr (GPtrArray) specs = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_spec_free);
  g_autoptr (GPtrArray) ids = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  CbJobSpec *spec = spec_plain ();

  spec->ttl_msec = 200;
  spec->attempts = attempts;
  g_ptr_array_add (specs, spec);
  cb_engine_create_async (f->engine, specs, NULL, cb_test_store_result, &result);
  ids = cb_engine_create_finish (f->engine, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
}

static void
create_with_ttl (Fixture *f)
{
  create_with_ttl_and_attempts (f, 1);
}

static gboolean
is_in_state (Fixture    *f,
             const char *id,
             const char *state)
{
  g_autofree char *key = g_strconcat ("q:job:", id, NULL);
  g_autofree char *found = cb_test_redis_get_string (f->redis, "HGET", key, "state", NULL);

  return g_strcmp0 (found, state) == 0;
}

/* Kue asks after a job that is held here, and we ask after one that Kue holds: each is failed once, by who holds it. */
static void
test_ttl (Fixture       *f,
          gconstpointer  data)
{
  g_autoptr (CbJobRecord) job = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *log = NULL;

  skip_without_kue ();
  g_signal_connect (f->engine, "event", G_CALLBACK (answer_cb), &job);
  cb_engine_watch (f->engine);
  cb_test_wait_until (cb_engine_get_live (f->engine));

  create_with_ttl (f);
  job = cb_test_claim (f->engine, "sms", "callboard:test:1:sms:1", 60000, &error);
  g_assert_nonnull (job);
  {
    g_autoptr (Kue) scanner = kue_start (f, "worker.js --type nobody --interval 100");

    cb_test_wait_until (job == NULL);
    cb_test_wait_until (is_in_state (f, "1", "failed"));
  }
  g_assert_cmpint (cb_test_redis_get_integer (f->redis, "LLEN", "q:job:1:log", NULL), ==, 1);
  log = cb_test_redis_get_string (f->redis, "LINDEX", "q:job:1:log", "0", NULL);
  g_assert_cmpstr (log, ==, "TTL exceeded");

  create_with_ttl (f);
  {
    g_autoptr (Kue) worker = kue_start (f, "worker.js --type sms --hang all --interval 600000");

    cb_test_wait_until (is_in_state (f, "2", "active"));
    while (!is_in_state (f, "2", "failed"))
      {
        cb_test_tick (f->engine, &error);
        g_assert_no_error (error);
      }
  }
  g_assert_cmpint (cb_test_redis_get_integer (f->redis, "LLEN", "q:job:2:log", NULL), ==, 1);
  assert_kue_counts (f, "sms", 0, 2);

  cb_engine_unwatch (f->engine);
  g_signal_handlers_disconnect_by_data (f->engine, &job);
}

static void
asked_cb (CbEngine   *engine,
          CbJobEvent *event,
          char      **asked)
{
  if (strcmp (event->name, "ttl exceeded") == 0)
    {
      g_free (*asked);
      *asked = g_strdup (event->id);
    }
}

static gboolean
end_in_time (Fixture     *f,
             CbJobRecord *job,
             const char  *way)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  gboolean done;

  if (g_str_equal (way, "complete"))
    {
      done = cb_test_complete (f->engine, job, NULL, &error);
    }
  else if (g_str_equal (way, "fail"))
    {
      done = cb_test_fail (f->engine, job, "no", NULL, NULL, &error);
    }
  else if (g_str_equal (way, "recover"))
    {
      done = cb_test_recover (f->engine, &error) == 1;
    }
  else if (g_str_equal (way, "retry"))
    {
      done = cb_test_act (f->engine, CB_JOB_ACTION_RETRY, 0, job->id, &error);
    }
  else
    {
      cb_engine_release_async (f->engine, job, NULL, cb_test_store_result, &result);
      done = cb_engine_release_finish (f->engine, cb_test_wait_result (&result), &error);
    }

  if (error != NULL)
    g_assert_true (error->domain == CB_QUEUE_ERROR);

  return done;
}

/* Kue asks after a job that is over its time and, when nobody answers for a second, fails it without another look. Whatever became of it in
 * that second is an answer: what is complete stays so, and what waits again is not failed. */
static void
test_ttl_in_time (Fixture       *f,
                  gconstpointer  data)
{
  static const struct
  {
    const char *way;
    guint       lease_msec;
    const char *state;
    const char *attempts;
  } ways[] = {
    { "complete", 60000, "complete", "1" },
    { "fail", 60000, "inactive", "1" },
    { "release", 60000, "inactive", NULL },
    { "recover", 1, "inactive", NULL },
    { "retry", 1, "inactive", NULL },
  };
  g_autofree char *asked = NULL;
  g_autoptr (Kue) scanner = NULL;

  skip_without_kue ();
  g_signal_connect (f->engine, "event", G_CALLBACK (asked_cb), &asked);
  cb_engine_watch (f->engine);
  cb_test_wait_until (cb_engine_get_live (f->engine));
  scanner = kue_start (f, "worker.js --type nobody --interval 100");

  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      gboolean done = FALSE;

      /* On a machine that is slower than Kue is patient it is failed before; then with another one. */
      for (guint tries = 0; !done; tries++)
        {
          g_autoptr (CbJobRecord) job = NULL;
          g_autoptr (GError) error = NULL;
          g_autofree char *attempts = NULL;
          g_autofree char *key = NULL;

          g_assert_cmpuint (tries, <, 20);
          cb_reply_unref (cb_test_redis_call (f->redis, "FLUSHALL", NULL));
          create_with_ttl_and_attempts (f, 3);
          job = cb_test_claim (f->engine, "sms", "callboard:test:1:sms:1", ways[i].lease_msec, &error);
          g_assert_no_error (error);
          g_assert_nonnull (job);
          g_clear_pointer (&asked, g_free);
          cb_test_wait_until (g_strcmp0 (asked, job->id) == 0);
          done = end_in_time (f, job, ways[i].way);

          /* It gives its lock back when it has heard the answer, or else has failed the job. */
          cb_test_wait_until (cb_test_redis_get_integer (f->redis, "EXISTS", "activeJobsTTL:lock", NULL) == 0);
          if (!done)
            continue;
          key = g_strconcat ("q:job:", job->id, NULL);
          attempts = cb_test_redis_get_string (f->redis, "HGET", key, "attempts", NULL);
          g_test_message ("%s", ways[i].way);
          g_assert_true (is_in_state (f, job->id, ways[i].state));
          g_assert_cmpstr (attempts, ==, ways[i].attempts);
        }
    }

  cb_engine_unwatch (f->engine);
  g_signal_handlers_disconnect_by_data (f->engine, &asked);
}

/* One job failing here, then there, then complete here: attempts and retries are one account. */
static void
test_shared_retries (Fixture       *f,
                     gconstpointer  data)
{
  g_autoptr (Kue) producer = NULL;
  g_autoptr (CbJobRecord) first = NULL;
  g_autoptr (CbJobRecord) third = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *attempts = NULL;
  gboolean will_retry = FALSE;

  skip_without_kue ();
  producer = kue_run (f, "producer.js --type sms --attempts 3");
  first = cb_test_claim (f->engine, "sms", "callboard:test:1:sms:1", 60000, &error);
  g_assert_cmpint (first->attempts_max, ==, 3);
  cb_test_fail (f->engine, first, "here", NULL, &will_retry, &error);
  g_assert_true (will_retry);
  {
    g_autoptr (Kue) worker = kue_run (f, "worker.js --type sms --fail all --fail-message there --fail-times 2 --max 1");
    JsonObject *run = json_node_get_object (g_ptr_array_index (worker->lines, 1));

    g_assert_cmpint (json_object_get_int_member (run, "attempts"), ==, 1);
    g_assert_cmpstr (json_object_get_string_member (run, "error"), ==, "there");
  }
  if (is_in_state (f, "1", "inactive"))
    {
      third = cb_test_claim (f->engine, "sms", "callboard:test:1:sms:1", 60000, &error);
      g_assert_nonnull (third);
      g_assert_cmpint (third->attempts_made, ==, 2);
      cb_test_complete (f->engine, third, NULL, &error);
      g_assert_no_error (error);
    }
  /* else Kue's worker took it once more before its end */
  assert_kue_counts (f, "sms", 1, 0);
  attempts = cb_test_redis_get_string (f->redis, "HGET", "q:job:1", "attempts", NULL);
  g_assert_cmpstr (attempts, ==, "3");
}

/* What we tell reaches the listeners of Kue's Queue. */
static void
test_events (Fixture       *f,
             gconstpointer  data)
{
  static const char * const expected[] = { "enqueue", "start", "progress", "complete", "remove" };
  g_autoptr (Kue) ears = NULL;
  g_autoptr (GPtrArray) ids = NULL;
  g_autoptr (CbJobRecord) job = NULL;
  g_autoptr (GAsyncResult) progress = NULL;
  g_autoptr (GError) error = NULL;

  skip_without_kue ();
  ears = kue_start (f, "events.js");
  cb_test_wait_until (ears->lines->len == 1);
  ids = cb_test_create (f->engine, "say \"hello\"/\t", "{}", 1, &error);
  g_assert_no_error (error);
  job = cb_test_claim (f->engine, "say \"hello\"/\t", "callboard:test:1:x:1", 60000, &error);
  g_assert_nonnull (job);
  cb_engine_progress_async (f->engine, job, 50, NULL, NULL, cb_test_store_result, &progress);
  cb_engine_progress_finish (f->engine, cb_test_wait_result (&progress), &error);
  cb_test_complete (f->engine, job, "\"x\"", &error);
  cb_test_act (f->engine, CB_JOB_ACTION_REMOVE, 0, "1", &error);
  g_assert_no_error (error);
  cb_test_wait_until (ears->lines->len == 1 + G_N_ELEMENTS (expected));
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_autofree char *line = json_to_string (g_ptr_array_index (ears->lines, i + 1), FALSE);

      g_assert_nonnull (strstr (line, expected[i]));
      if (i < 2)
        g_assert_nonnull (strstr (line, "say \\\"hello\\\"/\\t"));
    }
}

/* --- the doctor beside Kue at work --- */

static void
every_third_fails (CbHandlerContext *context,
                   gpointer          user_data)
{
  CbTestHandler *handler = user_data;

  handler->error = handler->n_runs % 3 == 0 ? "no route" : NULL;
}

static void
assert_healthy (Fixture *f)
{
  static const CbExamineOptions options = { 1000, CB_EXAMINE_SUSPECT_MSEC, NULL, NULL };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (CbExamination) examination = NULL;
  g_autoptr (GError) error = NULL;

  cb_engine_examine_async (f->engine, &options, NULL, cb_test_store_result, &result);
  examination = cb_engine_examine_finish (f->engine, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (examination->n_jobs, >, 0);
  for (guint i = 0; i < examination->findings->len; i++)
    {
      const CbFinding *finding = g_ptr_array_index (examination->findings, i);

      g_error ("%s %s: %s", cb_finding_kind_word (finding->kind), finding->id, finding->evidence);
    }
}

/* Kue takes a job by one command and starts it by others, so that at any moment some are half on their way. */
static void
test_doctor (Fixture       *f,
             gconstpointer  data)
{
  g_autoptr (Kue) worker = NULL;
  g_autoptr (Kue) another = NULL;
  g_autoptr (Kue) producer = NULL;

  skip_without_kue ();
  worker = kue_start (f, "worker.js --type sms --concurrency 20 --work 1 --fail-times 1 --fail all --progress 2 --log line");
  another = kue_start (f, "worker.js --type sms --concurrency 5 --work 20");
  producer = kue_start (f, "producer.js --type sms --count 20000 --attempts 3 --ttl 60000 --priorities low,normal,high");
  cb_test_wait_until (worker->lines->len > 20 && another->lines->len > 1);

  for (guint round = 0; round < 4; round++)
    {
      guint n_before = worker->lines->len;

      assert_healthy (f);
      /* They were at work meanwhile. */
      cb_test_wait_until (worker->lines->len > n_before);
    }
}

/* And a worker of ours with the same jobs, some of which fail at either of them and are taken by the other. */
static void
test_doctor_both (Fixture       *f,
                  gconstpointer  data)
{
  g_autoptr (CbTestHandler) handler = NULL;
  g_autoptr (CbWorker) worker = NULL;
  g_autoptr (GAsyncResult) stopped = NULL;
  g_autoptr (Kue) theirs = NULL;
  g_autoptr (Kue) producer = NULL;
  g_autoptr (GError) error = NULL;

  skip_without_kue ();
  handler = cb_test_handler_new (2);
  handler->script = every_third_fails;
  handler->script_data = handler;
  theirs = kue_start (f, "worker.js --type sms --concurrency 10 --work 1 --fail-times 1 --fail all --progress 2 --log line");
  worker = cb_worker_new (f->engine, "sms", CB_HANDLER (handler), 3);
  cb_worker_start (worker);
  producer = kue_start (f, "producer.js --type sms --count 20000 --attempts 3 --ttl 60000 --priorities low,normal,high");
  cb_test_wait_until (theirs->lines->len > 20 && handler->n_runs > 20);

  for (guint round = 0; round < 4; round++)
    {
      guint n_theirs = theirs->lines->len, n_own = handler->n_runs;

      assert_healthy (f);
      cb_test_wait_until (theirs->lines->len > n_theirs && handler->n_runs > n_own);
    }

  cb_worker_stop_async (worker, 10000, NULL, cb_test_store_result, &stopped);
  cb_worker_stop_finish (worker, cb_test_wait_result (&stopped), &error);
  g_assert_no_error (error);
}

int
main (int   argc,
      char *argv[])
{
  g_autofree char *node = g_find_program_in_path ("node");
  g_autofree char *kue = NULL;

  g_test_init (&argc, &argv, NULL);

  interop_directory = g_test_build_filename (G_TEST_DIST, "interop", NULL);
  kue = g_build_filename (interop_directory, "node_modules", "kue", NULL);
  if (node == NULL)
    missing = g_strdup ("Node is not installed");
  else if (!g_file_test (kue, G_FILE_TEST_IS_DIR))
    missing = g_strdup ("Kue is not installed: run npm ci in tests/interop");
  if (missing != NULL && g_getenv ("CI") != NULL)
    {
      g_printerr ("%s\n", missing);
      return 1; /* never skipped where it counts */
    }

#define add(path, function) g_test_add ("/interop-kue/" path, Fixture, NULL, set_up, function, tear_down)
  add ("doctor", test_doctor);
  add ("doctor-both", test_doctor_both);
  add ("kue-to-us", test_kue_to_us);
  add ("us-to-kue", test_us_to_kue);
  add ("mixed", test_mixed);
  for (guint i = 0; i < G_N_ELEMENTS (same_ends); i++)
    {
      g_autofree char *path = g_strconcat ("/interop-kue/same-end/", same_ends[i].name, NULL);

      g_test_add (path, Fixture, &same_ends[i], set_up, test_same_end, tear_down);
    }
  add ("promotion", test_promotion);
  add ("ttl", test_ttl);
  add ("ttl-in-time", test_ttl_in_time);
  add ("shared-retries", test_shared_retries);
  add ("events", test_events);
#undef add

  return g_test_run ();
}
