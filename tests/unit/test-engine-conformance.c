/* test-engine-conformance.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "cb-engines.h"
#include "cb-memory-engine.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"

/*
 * What the window, the worker and the command line rely on, asked of every engine there is. Whatever an engine can't do by
 * its capabilities is left out; whatever it says it can do has to be as here. A new engine needs only its set-up below.
 */

typedef struct
{
  const CbEngineType *type;
  CbTestRedis        *redis;            /* (nullable) */
  CbConnection       *connection;       /* (nullable) */
  CbEngine           *engine;
  GString            *events;           /* "enqueue start …" */
} Fixture;

static void
event_cb (CbEngine   *engine,
          CbJobEvent *event,
          Fixture    *fixture)
{
  g_assert_nonnull (event->id);
  if (fixture->events->len > 0)
    g_string_append (fixture->events, ", ");
  g_string_append (fixture->events, event->name);
}

static Fixture *
fixture_new (const CbEngineType *type)
{
  Fixture *fixture = g_new0 (Fixture, 1);

  fixture->type = type;
  fixture->events = g_string_new (NULL);
  if (strcmp (type->name, "memory") != 0)
    {
      fixture->redis = cb_test_redis_new (NULL, NULL);
      fixture->connection = cb_connection_new (cb_test_redis_get_address (fixture->redis), "test");
      g_assert_true (cb_test_open (fixture->connection, NULL));
    }
  fixture->engine = type->create (fixture->connection, "q");
  g_signal_connect (fixture->engine, "event", G_CALLBACK (event_cb), fixture);

  return fixture;
}

static void
fixture_free (Fixture *fixture)
{
  cb_test_wait_until (G_OBJECT (fixture->engine)->ref_count == 1);
  g_assert_finalize_object (fixture->engine);
  if (fixture->connection != NULL)
    cb_connection_close (fixture->connection);
  g_clear_object (&fixture->connection);
  g_clear_pointer (&fixture->redis, cb_test_redis_free);
  g_string_free (fixture->events, TRUE);
  g_free (fixture);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Fixture, fixture_free)

static void
watch (Fixture *fixture)
{
  cb_engine_watch (fixture->engine);
  cb_test_wait_until (cb_engine_get_live (fixture->engine));
}

static void
assert_events (Fixture    *fixture,
               const char *expected)
{
  gint64 deadline = cb_test_wait_begin ();

  while (strlen (fixture->events->str) < strlen (expected) && g_get_monotonic_time () < deadline)
    cb_test_run_for (1);
  cb_test_settle ();
  g_assert_cmpstr (fixture->events->str, ==, expected);
  g_string_truncate (fixture->events, 0);
}

static void
unwatch (Fixture *fixture)
{
  cb_engine_unwatch (fixture->engine);
}

/* --- every call, awaited --- */

#define AWAIT(result) g_autoptr (GAsyncResult) result = NULL
#define ANSWER        cb_test_store_result, &result

static GPtrArray *
list_queues (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  AWAIT (result);
  GPtrArray *names;

  cb_engine_list_queues_async (fixture->engine, NULL, ANSWER);
  names = cb_engine_list_queues_finish (fixture->engine, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  return names;
}

static void
assert_queues (Fixture    *fixture,
               const char *expected)
{
  g_autoptr (GPtrArray) names = list_queues (fixture);
  g_autofree char *text = NULL;

  g_ptr_array_add (names, NULL);
  text = g_strjoinv ("|", (char **) names->pdata);
  g_assert_cmpstr (text, ==, expected);
}

/* "Queued 2, Failed 1": what is not 0. */
static char *
count (Fixture    *fixture,
       const char *queue)
{
  const char *queues[] = { queue, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) counts = NULL;
  AWAIT (result);
  GString *text = g_string_new (NULL);
  const CbStateInfo *states;
  CbQueueCounts *of_queue;
  gint64 total = 0;
  guint n_states;

  cb_engine_count_async (fixture->engine, queue != NULL ? queues : NULL, NULL, ANSWER);
  counts = cb_engine_count_finish (fixture->engine, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (counts->len, ==, 1);
  of_queue = g_ptr_array_index (counts, 0);
  g_assert_cmpstr (of_queue->queue, ==, queue);
  g_assert_null (of_queue->problem);

  states = cb_engine_get_states (fixture->engine, &n_states);
  for (guint i = 0; i < n_states; i++)
    {
      if (of_queue->counts[i] == 0)
        continue;
      total += of_queue->counts[i];
      g_string_append_printf (text, "%s%s %d", text->len > 0 ? ", " : "", states[i].label, (int) of_queue->counts[i]);
    }
  g_assert_cmpint (of_queue->total, ==, total);

  return g_string_free (text, FALSE);
}

static void
assert_count_at (Fixture    *fixture,
                 const char *queue,
                 const char *expected,
                 int         line)
{
  g_autofree char *text = count (fixture, queue);

  if (strcmp (text, expected) != 0)
    g_error ("Line %d: the counts are “%s”, not “%s”", line, text, expected);
}
#define assert_count(fixture, queue, expected) assert_count_at (fixture, queue, expected, __LINE__)

/* The data of the jobs of a page: "a b c", and then how many there are in all: "a b c of 7". */
static char *
page (Fixture    *fixture,
      const char *queue,
      const char *state,
      gint64      offset,
      guint       limit,
      gboolean    reversed)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CbJobPage) answer = NULL;
  AWAIT (result);
  GString *text = g_string_new (NULL);

  cb_engine_page_async (fixture->engine, queue, state, offset, limit, reversed, NULL, ANSWER);
  answer = cb_engine_page_finish (fixture->engine, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  for (guint i = 0; i < answer->records->len; i++)
    {
      CbJobRecord *record = g_ptr_array_index (answer->records, i);
      gsize size = 0;
      const char *data = record->data != NULL ? g_bytes_get_data (record->data, &size) : "";

      g_assert_false (record->missing);
      if (queue != NULL)
        g_assert_cmpstr (record->queue, ==, queue);
      if (state != NULL)
        g_assert_cmpstr (record->state, ==, state);
      g_assert_cmpint (record->meaning, !=, CB_JOB_MEANING_UNKNOWN);
      /* Data are strings here. */
      g_string_append_len (text, data + 1, size - 2);
      g_string_append_c (text, ' ');
    }
  g_string_append_printf (text, "of %d", (int) answer->total);

  return g_string_free (text, FALSE);
}

static void
assert_page_at (Fixture    *fixture,
                const char *queue,
                const char *state,
                gint64      offset,
                guint       limit,
                gboolean    reversed,
                const char *expected,
                int         line)
{
  g_autofree char *text = page (fixture, queue, state, offset, limit, reversed);

  if (strcmp (text, expected) != 0)
    g_error ("Line %d: the page is “%s”, not “%s”", line, text, expected);
}
#define assert_page(fixture, queue, state, offset, limit, reversed, expected) \
  assert_page_at (fixture, queue, state, offset, limit, reversed, expected, __LINE__)

static CbJobSpec *
make_spec (const char *queue,
           const char *name)
{
  g_autofree char *json = g_strdup_printf ("\"%s\"", name);
  g_autoptr (GBytes) data = g_bytes_new (json, strlen (json));

  return cb_job_spec_new (queue, data);
}

/* Creates one job; takes the specification. */
static char *
create (Fixture   *fixture,
        CbJobSpec *spec)
{
  g_autoptr (GPtrArray) specs = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_spec_free);
  g_autoptr (GPtrArray) ids = NULL;
  g_autoptr (GError) error = NULL;
  AWAIT (result);

  g_ptr_array_add (specs, spec);
  cb_engine_create_async (fixture->engine, specs, NULL, ANSWER);
  ids = cb_engine_create_finish (fixture->engine, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (ids->len, ==, 1);
  return g_strdup (g_ptr_array_index (ids, 0));
}

static char *
create_named (Fixture    *fixture,
              const char *queue,
              const char *name)
{
  return create (fixture, make_spec (queue, name));
}

static CbJobRecord *
get_one (Fixture    *fixture,
         const char *id)
{
  const char *ids[] = { id, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) records = NULL;
  AWAIT (result);

  cb_engine_get_many_async (fixture->engine, ids, NULL, ANSWER);
  records = cb_engine_get_many_finish (fixture->engine, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (records->len, ==, 1);
  g_assert_cmpstr (((CbJobRecord *) g_ptr_array_index (records, 0))->id, ==, id);
  return cb_job_record_ref (g_ptr_array_index (records, 0));
}

static CbJobRecord *
get_whole (Fixture     *fixture,
           const char  *id,
           gint64       from,
           guint        limit,
           GError     **error)
{
  AWAIT (result);

  cb_engine_get_whole_async (fixture->engine, id, from, limit, NULL, ANSWER);
  return cb_engine_get_whole_finish (fixture->engine, cb_test_wait_result (&result), error);
}

/* -1: done; else the code of the error. */
static int
act (Fixture     *fixture,
     CbJobAction  action,
     double       argument,
     const char  *id)
{
  const char *ids[] = { id, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) outcomes = NULL;
  AWAIT (result);
  CbJobOutcome *outcome;

  cb_engine_act_async (fixture->engine, action, argument, ids, NULL, ANSWER);
  outcomes = cb_engine_act_finish (fixture->engine, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (outcomes->len, ==, 1);
  outcome = g_ptr_array_index (outcomes, 0);
  g_assert_cmpstr (outcome->id, ==, id);
  if (outcome->error == NULL)
    return -1;
  g_assert_true (outcome->error->domain == CB_QUEUE_ERROR);
  return outcome->error->code;
}

static CbJobRecord *
claim (Fixture    *fixture,
       const char *queue,
       const char *worker,
       guint       lease_msec)
{
  g_autoptr (GError) error = NULL;
  AWAIT (result);
  CbJobRecord *record;

  cb_engine_claim_async (fixture->engine, queue, worker, lease_msec, NULL, ANSWER);
  record = cb_engine_claim_finish (fixture->engine, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  return record;
}

static int
complete (Fixture     *fixture,
          CbJobRecord *job,
          const char  *json)
{
  g_autoptr (GBytes) bytes = json != NULL ? g_bytes_new (json, strlen (json)) : NULL;
  g_autoptr (GError) error = NULL;
  AWAIT (result);

  cb_engine_complete_async (fixture->engine, job, bytes, NULL, ANSWER);
  return cb_engine_complete_finish (fixture->engine, cb_test_wait_result (&result), &error) ? -1 : error->code;
}

static int
progress (Fixture     *fixture,
          CbJobRecord *job,
          int          percent,
          const char  *json)
{
  g_autoptr (GBytes) bytes = json != NULL ? g_bytes_new (json, strlen (json)) : NULL;
  g_autoptr (GError) error = NULL;
  AWAIT (result);

  cb_engine_progress_async (fixture->engine, job, percent, bytes, NULL, ANSWER);
  return cb_engine_progress_finish (fixture->engine, cb_test_wait_result (&result), &error) ? -1 : error->code;
}

static int
write_log (Fixture     *fixture,
           CbJobRecord *job,
           const char  *line)
{
  g_autoptr (GError) error = NULL;
  AWAIT (result);

  cb_engine_log_async (fixture->engine, job, line, -1, NULL, ANSWER);
  return cb_engine_log_finish (fixture->engine, cb_test_wait_result (&result), &error) ? -1 : error->code;
}

/* 0 or 1: whether it will be retried. */
static int
fail (Fixture     *fixture,
      CbJobRecord *job,
      const char  *message,
      const char  *stack)
{
  g_autoptr (GError) error = NULL;
  AWAIT (result);
  gboolean will_retry;

  cb_engine_fail_async (fixture->engine, job, message, stack, NULL, ANSWER);
  cb_engine_fail_finish (fixture->engine, cb_test_wait_result (&result), &will_retry, &error);
  g_assert_no_error (error);
  return will_retry;
}

static int
release (Fixture     *fixture,
         CbJobRecord *job)
{
  g_autoptr (GError) error = NULL;
  AWAIT (result);

  cb_engine_release_async (fixture->engine, job, NULL, ANSWER);
  return cb_engine_release_finish (fixture->engine, cb_test_wait_result (&result), &error) ? -1 : error->code;
}

static int
recover (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  AWAIT (result);
  int n;

  cb_engine_recover_async (fixture->engine, FALSE, NULL, ANSWER);
  n = cb_engine_recover_finish (fixture->engine, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  return n;
}

static int
tick (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  AWAIT (result);
  int n;

  cb_engine_tick_async (fixture->engine, NULL, ANSWER);
  n = cb_engine_tick_finish (fixture->engine, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  return n;
}

static char *
extend (Fixture     *fixture,
        CbJobRecord *job,
        guint        lease_msec)
{
  g_autoptr (GPtrArray) jobs = g_ptr_array_new ();
  g_autoptr (GPtrArray) lost = NULL;
  g_autoptr (GError) error = NULL;
  AWAIT (result);

  g_ptr_array_add (jobs, job);
  cb_engine_extend_async (fixture->engine, jobs, lease_msec, NULL, ANSWER);
  lost = cb_engine_extend_finish (fixture->engine, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (lost->len, <=, 1);
  return lost->len > 0 ? g_strdup (g_ptr_array_index (lost, 0)) : NULL;
}

static void
assert_bytes (GBytes     *bytes,
              const char *expected)
{
  if (expected == NULL)
    {
      g_assert_null (bytes);
      return;
    }

  g_assert_nonnull (bytes);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), expected, strlen (expected));
}

static void
assert_state (Fixture      *fixture,
              const char   *id,
              CbJobMeaning  meaning)
{
  g_autoptr (CbJobRecord) record = get_one (fixture, id);

  g_assert_cmpint (record->meaning, ==, meaning);
}

/* The engine's word for a meaning. */
static const char *
word (Fixture      *fixture,
      CbJobMeaning  meaning)
{
  const CbStateInfo *states;
  guint n;

  states = cb_engine_get_states (fixture->engine, &n);
  for (guint i = 0; i < n; i++)
    {
      if (states[i].meaning == meaning)
        return states[i].name;
    }

  g_assert_not_reached ();
}

/* --- the checks --- */

static void
check_identity (Fixture *fixture)
{
  const CbStateInfo *states;
  guint n_states, order[CB_MAX_STATES], seen = 0;

  g_assert_cmpstr (cb_engine_get_name (fixture->engine), ==, fixture->type->name);
  g_assert_nonnull (cb_engine_get_title (fixture->engine));
  g_assert_true (cb_engine_get_connection (fixture->engine) == fixture->connection);

  states = cb_engine_get_states (fixture->engine, &n_states);
  g_assert_cmpuint (n_states, >, 0);
  g_assert_cmpuint (n_states, <=, CB_MAX_STATES);
  for (guint i = 0; i < n_states; i++)
    {
      g_assert_cmpint (cb_engine_find_state (fixture->engine, states[i].name), ==, i);
      g_assert_nonnull (states[i].label);
    }
  g_assert_cmpint (cb_engine_find_state (fixture->engine, "nonsense"), ==, -1);

  g_assert_cmpuint (cb_engine_get_list_order (fixture->engine, order), ==, n_states);
  for (guint i = 0; i < n_states; i++)
    seen |= 1u << order[i];
  g_assert_cmpuint (seen, ==, (1u << n_states) - 1);
  g_assert_cmpint (states[order[0]].meaning, ==, CB_JOB_MEANING_ACTIVE);
  g_assert_cmpint (states[order[1]].meaning, ==, CB_JOB_MEANING_WAITING);
}

static void
check_empty (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CbJobRecord) none = get_one (fixture, "4711");

  assert_queues (fixture, "");
  assert_count (fixture, NULL, "");
  assert_count (fixture, "nowhere", "");
  assert_page (fixture, "nowhere", NULL, 0, 10, FALSE, "of 0");
  assert_page (fixture, NULL, NULL, 0, 10, TRUE, "of 0");
  g_assert_true (none->missing);
  g_assert_null (get_whole (fixture, "4711", 0, 10, &error));
  g_assert_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_GONE);
  g_assert_null (claim (fixture, "nowhere", "w", 1000));
}

static void
check_order (Fixture *fixture)
{
  static const struct
  {
    const char *name;
    double      priority;
  } jobs[] = { { "n1", 0 }, { "low", 10 }, { "n2", 0 }, { "crit", -15 }, { "n3", 0 }, { "half", -2.5 } };
  const char *waiting = word (fixture, CB_JOB_MEANING_WAITING);
  g_autoptr (GPtrArray) specs = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_spec_free);
  g_autoptr (GPtrArray) ids = NULL;
  g_autoptr (GError) error = NULL;
  AWAIT (result);

  for (guint i = 0; i < G_N_ELEMENTS (jobs); i++)
    {
      CbJobSpec *spec = make_spec ("email", jobs[i].name);

      spec->priority = jobs[i].priority;
      g_ptr_array_add (specs, spec);
    }
  cb_engine_create_async (fixture->engine, specs, NULL, ANSWER);
  ids = cb_engine_create_finish (fixture->engine, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (ids->len, ==, G_N_ELEMENTS (jobs));
  for (guint i = 0; i < ids->len; i++)
    {
      g_autoptr (CbJobRecord) record = get_one (fixture, g_ptr_array_index (ids, i));
      g_autofree char *data = g_strdup_printf ("\"%s\"", jobs[i].name);

      assert_bytes (record->data, data);
      g_assert_cmpfloat (record->priority, ==, jobs[i].priority);
      g_assert_cmpstr (record->state, ==, waiting);
      g_assert_cmpint (record->attempts_made, ==, 0);
      g_assert_cmpint (record->attempts_max, ==, 1);
      g_assert_cmpint (record->progress, ==, -1);
      g_assert_cmpint (record->started_at, ==, -1);
      g_assert_cmpint (ABS (record->created_at - cb_engine_get_time (fixture->engine)), <, 60 * G_USEC_PER_SEC);
    }

  assert_queues (fixture, "email");
  assert_count (fixture, "email", "Queued 6");
  assert_count (fixture, NULL, "Queued 6");
  assert_page (fixture, "email", waiting, 0, 100, FALSE, "crit half n1 n2 n3 low of 6");
  assert_page (fixture, "email", waiting, 0, 100, TRUE, "low n3 n2 n1 half crit of 6");
  assert_page (fixture, "email", waiting, 2, 2, FALSE, "n1 n2 of 6");
  assert_page (fixture, "email", waiting, 4, 2, TRUE, "half crit of 6");
  assert_page (fixture, "email", waiting, 6, 2, FALSE, "of 6");
  assert_page (fixture, "email", waiting, 1000, 500, TRUE, "of 6");
  assert_page (fixture, NULL, waiting, 0, 100, FALSE, "crit half n1 n2 n3 low of 6");
  assert_page (fixture, NULL, NULL, 0, 2, FALSE, "crit half of 6");

  /* And so they are taken. */
  for (guint i = 0; i < 6; i++)
    {
      static const char *order[] = { "\"crit\"", "\"half\"", "\"n1\"", "\"n2\"", "\"n3\"", "\"low\"" };
      g_autoptr (CbJobRecord) job = claim (fixture, "email", "w", 60000);

      assert_bytes (job->data, order[i]);
    }
  g_assert_null (claim (fixture, "email", "w", 60000));
}

static void
check_invalid (Fixture *fixture)
{
  g_autoptr (GPtrArray) specs = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_spec_free);
  g_autoptr (GError) error = NULL;
  AWAIT (result);

  g_ptr_array_add (specs, make_spec ("email", "good"));
  g_ptr_array_add (specs, make_spec ("email", "broken\"text"));
  cb_engine_create_async (fixture->engine, specs, NULL, ANSWER);
  g_assert_null (cb_engine_create_finish (fixture->engine, cb_test_wait_result (&result), &error));
  g_assert_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_INVALID);
  g_assert_true (g_str_has_prefix (error->message, "Job 2: The data are not valid JSON. Line 1, "));
  assert_queues (fixture, "");
}

static void
check_names (Fixture *fixture)
{
  static const char *names[] = { "a:b", "video conversion", "zü <b>%s</b> 🎭" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_free (create_named (fixture, names[i], "x"));
  assert_queues (fixture, "a:b|video conversion|zü <b>%s</b> 🎭");
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      assert_count (fixture, names[i], "Queued 1");
      assert_page (fixture, names[i], NULL, 0, 10, FALSE, "x of 1");
    }
}

static void
check_all_states (Fixture *fixture)
{
  g_autofree char *all = NULL;
  g_autofree char *delayed = NULL;
  g_autoptr (CbJobRecord) job = NULL;
  CbJobSpec *spec;

  g_free (create_named (fixture, "email", "done"));
  job = claim (fixture, "email", "w", 60000);
  g_assert_cmpint (complete (fixture, job, NULL), ==, -1);
  g_clear_pointer (&job, cb_job_record_unref);

  g_free (create_named (fixture, "email", "bad"));
  job = claim (fixture, "email", "w", 60000);
  g_assert_cmpint (fail (fixture, job, "no", NULL), ==, 0);
  g_clear_pointer (&job, cb_job_record_unref);

  g_free (create_named (fixture, "email", "now"));
  job = claim (fixture, "email", "w", 60000);
  for (guint i = 1; i <= 3; i++)
    {
      g_autofree char *name = g_strdup_printf ("w%u", i);

      g_free (create_named (fixture, "email", name));
    }
  spec = make_spec ("email", "later");
  spec->delay_msec = 3600 * 1000;
  delayed = create (fixture, spec);

  assert_count (fixture, "email", "Queued 3, Active 1, Delayed 1, Failed 1, Complete 1");
  assert_page (fixture, "email", NULL, 0, 100, FALSE, "now w1 w2 w3 later bad done of 7");
  /* The states in the same order, each reversed in itself. */
  assert_page (fixture, "email", NULL, 0, 100, TRUE, "now w3 w2 w1 later bad done of 7");
  assert_page (fixture, "email", NULL, 0, 2, FALSE, "now w1 of 7");
  assert_page (fixture, "email", NULL, 2, 4, FALSE, "w2 w3 later bad of 7");
  assert_page (fixture, "email", NULL, 2, 4, TRUE, "w2 w1 later bad of 7");
  assert_page (fixture, "email", NULL, 6, 4, FALSE, "done of 7");
  assert_page (fixture, "email", NULL, 7, 4, FALSE, "of 7");
  for (gint64 i = 0; i < 7; i++)
    {
      g_autofree char *one = page (fixture, "email", NULL, i, 1, FALSE);

      g_assert_true (g_str_has_suffix (one, " of 7"));
    }
  all = page (fixture, NULL, NULL, 0, 100, FALSE);
  g_assert_true (g_str_has_suffix (all, " of 7"));
}

static void
check_life (Fixture *fixture)
{
  g_autofree char *id = NULL;
  g_autoptr (CbJobRecord) job = NULL, now = NULL, whole = NULL, last = NULL;
  g_autoptr (GError) error = NULL;

  watch (fixture);
  id = create_named (fixture, "email", "x");
  job = claim (fixture, "email", "worker-1", 60000);
  g_assert_cmpstr (job->id, ==, id);
  g_assert_cmpstr (job->queue, ==, "email");
  g_assert_cmpint (job->meaning, ==, CB_JOB_MEANING_ACTIVE);
  g_assert_cmpstr (job->worker, ==, "worker-1");
  g_assert_cmpint (job->started_at, >, 0);

  g_assert_cmpint (progress (fixture, job, 150, "{\"step\": 1}"), ==, -1);
  g_assert_cmpint (progress (fixture, job, 50, NULL), ==, -1);
  g_assert_cmpint (write_log (fixture, job, "first"), ==, -1);
  g_assert_cmpint (write_log (fixture, job, "second <b>\nline %s"), ==, -1);
  g_assert_cmpint (write_log (fixture, job, "third"), ==, -1);
  g_assert_cmpint (progress (fixture, job, 50, "{broken"), ==, CB_QUEUE_ERROR_INVALID);
  g_assert_cmpint (complete (fixture, job, "[1,"), ==, CB_QUEUE_ERROR_INVALID);

  now = get_one (fixture, id);
  g_assert_cmpint (now->progress, ==, 50);
  g_assert_nonnull (now->progress_data);
  assert_count (fixture, "email", "Active 1");

  g_assert_cmpint (complete (fixture, job, "{\"sent\":123456789012345678901234567890}"), ==, -1);
  assert_count (fixture, "email", "Complete 1");
  whole = get_whole (fixture, id, 0, 2, &error);
  g_assert_no_error (error);
  g_assert_cmpint (whole->meaning, ==, CB_JOB_MEANING_COMPLETE);
  g_assert_cmpint (whole->progress, ==, 100);
  g_assert_cmpint (whole->attempts_made, ==, 1);
  g_assert_cmpint (whole->duration, >=, 0);
  assert_bytes (whole->result, "{\"sent\":123456789012345678901234567890}");
  assert_bytes (whole->error, NULL);
  g_assert_cmpint (whole->log_length, ==, 3);
  g_assert_cmpuint (whole->log->len, ==, 2);
  assert_bytes (g_ptr_array_index (whole->log, 0), "first");
  assert_bytes (g_ptr_array_index (whole->log, 1), "second <b>\nline %s");
  g_assert_cmpuint (whole->raw->len, >, 0);
  g_assert_cmpuint (whole->raw->len % 2, ==, 0);
  last = get_whole (fixture, id, -1, 10, &error);
  g_assert_cmpuint (last->log->len, ==, 1);
  assert_bytes (g_ptr_array_index (last->log, 0), "third");

  /* It is over: nothing of it can be changed by who had it. */
  g_assert_cmpint (complete (fixture, job, NULL), ==, CB_QUEUE_ERROR_NOT_OWNER);
  g_assert_cmpint (progress (fixture, job, 10, NULL), ==, CB_QUEUE_ERROR_NOT_OWNER);
  g_assert_cmpint (release (fixture, job), ==, CB_QUEUE_ERROR_NOT_OWNER);

  assert_events (fixture, "enqueue, start, progress, progress, complete");
  unwatch (fixture);
}

static void
check_failure (Fixture *fixture)
{
  CbJobSpec *spec = make_spec ("email", "x");
  g_autofree char *id = NULL;
  g_autoptr (CbJobRecord) job = NULL, again = NULL, whole = NULL;

  watch (fixture);
  spec->attempts = 2;
  id = create (fixture, spec);

  job = claim (fixture, "email", "w", 60000);
  g_assert_cmpint (fail (fixture, job, "Refused", "Error: Refused\n    at send (a.js:1)"), ==, 1);
  assert_count (fixture, "email", "Queued 1");
  again = claim (fixture, "email", "w", 60000);
  g_assert_cmpstr (again->id, ==, id);
  g_assert_cmpint (again->attempts_made, ==, 1);
  g_assert_cmpint (fail (fixture, again, "Refused for good", NULL), ==, 0);
  assert_count (fixture, "email", "Failed 1");
  g_assert_null (claim (fixture, "email", "w", 60000));

  whole = get_whole (fixture, id, 0, 10, NULL);
  g_assert_cmpint (whole->attempts_made, ==, 2);
  g_assert_cmpint (whole->attempts_max, ==, 2);
  g_assert_cmpint (whole->failed_at, >, 0);
  assert_bytes (whole->error, "Refused for good");
  g_assert_cmpint (whole->log_length, ==, 2);
  assert_bytes (g_ptr_array_index (whole->log, 0), "Error: Refused");

  /* Kue's order, which its applications rely on. */
  assert_events (fixture, "enqueue, start, error, enqueue, failed attempt, start, error, failed");
  unwatch (fixture);
}

static void
check_backoff (Fixture *fixture)
{
  CbJobSpec *spec = make_spec ("email", "x");
  g_autofree char *id = NULL;
  g_autoptr (CbJobRecord) job = NULL, delayed = NULL;

  spec->attempts = 2;
  spec->backoff = g_strdup ("{\"type\":\"fixed\",\"delay\":20}");
  id = create (fixture, spec);
  job = claim (fixture, "email", "w", 60000);
  g_assert_cmpint (fail (fixture, job, "no", NULL), ==, 1);
  delayed = get_one (fixture, id);
  g_assert_cmpint (delayed->meaning, ==, CB_JOB_MEANING_DELAYED);
  g_assert_cmpint (delayed->promote_at, ==, delayed->failed_at + 20 * 1000);
  g_assert_null (claim (fixture, "email", "w", 60000));
  cb_test_wait_until (tick (fixture) == 1);
  assert_state (fixture, id, CB_JOB_MEANING_WAITING);
}

static void
check_delay (Fixture *fixture)
{
  CbJobSpec *spec = make_spec ("email", "hour");
  g_autofree char *hour = NULL, *moment = NULL, *soon = NULL;
  g_autoptr (CbJobRecord) record = NULL, exact = NULL;
  gint64 due_at = (cb_engine_get_time (fixture->engine) / 1000000 + 7200) * 1000000;

  watch (fixture);
  spec->delay_msec = 3600 * 1000;
  hour = create (fixture, spec);
  record = get_one (fixture, hour);
  g_assert_cmpint (record->meaning, ==, CB_JOB_MEANING_DELAYED);
  g_assert_cmpint (record->delay, ==, G_GINT64_CONSTANT (3600000000));
  g_assert_cmpint (record->promote_at, ==, record->created_at + record->delay);

  spec = make_spec ("email", "moment");
  spec->due_at = due_at;
  moment = create (fixture, spec);
  exact = get_one (fixture, moment);
  g_assert_cmpint (exact->meaning, ==, CB_JOB_MEANING_DELAYED);
  g_assert_cmpint (exact->promote_at, ==, due_at);
  g_assert_cmpint (tick (fixture), ==, 0);

  /* A delayed job makes no event; promoting it makes both. */
  g_assert_cmpint (act (fixture, CB_JOB_ACTION_PROMOTE, 0, moment), ==, -1);
  assert_state (fixture, moment, CB_JOB_MEANING_WAITING);
  assert_events (fixture, "promotion, enqueue");
  g_assert_cmpint (act (fixture, CB_JOB_ACTION_PROMOTE, 0, moment), ==, CB_QUEUE_ERROR_STATE);

  spec = make_spec ("email", "soon");
  spec->delay_msec = 1;
  soon = create (fixture, spec);
  cb_test_wait_until (tick (fixture) == 1);
  assert_state (fixture, soon, CB_JOB_MEANING_WAITING);
  assert_count (fixture, "email", "Queued 2, Delayed 1");
  unwatch (fixture);
}

static void
check_actions (Fixture *fixture)
{
  const char *waiting = word (fixture, CB_JOB_MEANING_WAITING);
  g_autofree char *a = create_named (fixture, "email", "a"), *b = create_named (fixture, "email", "b");
  g_autoptr (CbJobRecord) job = claim (fixture, "email", "w", 60000), gone = NULL;

  g_assert_cmpint (fail (fixture, job, "no", NULL), ==, 0);
  g_assert_cmpint (act (fixture, CB_JOB_ACTION_RETRY, 0, a), ==, -1);
  assert_state (fixture, a, CB_JOB_MEANING_WAITING);
  assert_page (fixture, "email", waiting, 0, 10, FALSE, "a b of 2");

  g_assert_cmpint (act (fixture, CB_JOB_ACTION_PRIORITY, -10, b), ==, -1);
  assert_page (fixture, "email", waiting, 0, 10, FALSE, "b a of 2");
  assert_page (fixture, NULL, NULL, 0, 10, FALSE, "b a of 2");

  watch (fixture);
  g_assert_cmpint (act (fixture, CB_JOB_ACTION_REMOVE, 0, b), ==, -1);
  assert_events (fixture, "remove");
  unwatch (fixture);
  assert_page (fixture, "email", NULL, 0, 10, FALSE, "a of 1");
  assert_page (fixture, NULL, NULL, 0, 10, FALSE, "a of 1");
  gone = get_one (fixture, b);
  g_assert_true (gone->missing);

  g_assert_cmpint (act (fixture, CB_JOB_ACTION_REMOVE, 0, b), ==, CB_QUEUE_ERROR_GONE);
  g_assert_cmpint (act (fixture, CB_JOB_ACTION_RETRY, 0, b), ==, CB_QUEUE_ERROR_GONE);
  g_assert_cmpint (act (fixture, CB_JOB_ACTION_PROMOTE, 0, b), ==, CB_QUEUE_ERROR_GONE);
  g_assert_cmpint (act (fixture, CB_JOB_ACTION_PRIORITY, 1, b), ==, CB_QUEUE_ERROR_GONE);
  assert_queues (fixture, "email");
}

/* -1: done; else the code of the error. */
static int
update (Fixture      *fixture,
        const char   *id,
        CbJobChanges *changes,
        CbJobRecord  *seen,
        CbJobMeaning  expected)
{
  g_autoptr (GError) error = NULL;
  const char *state = NULL;
  AWAIT (result);

  cb_engine_update_async (fixture->engine, id, changes, seen, NULL, ANSWER);
  if (cb_engine_update_finish (fixture->engine, cb_test_wait_result (&result), &state, &error))
    {
      g_assert_cmpstr (state, ==, word (fixture, expected));
      assert_state (fixture, id, expected);
      return -1;
    }
  g_assert_null (state);
  g_assert_true (error->domain == CB_QUEUE_ERROR);
  return error->code;
}

static void
check_update (Fixture *fixture)
{
  g_autofree char *a = create_named (fixture, "email", "a"), *b = create_named (fixture, "email", "b");
  g_autoptr (CbJobChanges) changes = cb_job_changes_new ();
  g_autoptr (CbJobRecord) seen = NULL, now = NULL, job = NULL;

  g_assert_cmpint (update (fixture, a, changes, NULL, 0), ==, CB_QUEUE_ERROR_INVALID);

  /* What is named becomes different, the rest stays. */
  seen = get_one (fixture, b);
  changes->which = CB_JOB_CHANGE_DATA | CB_JOB_CHANGE_PRIORITY | CB_JOB_CHANGE_ATTEMPTS | CB_JOB_CHANGE_TTL;
  changes->data = g_bytes_new ("\"B\"", 3);
  changes->priority = -5;
  changes->attempts = 2;
  changes->ttl_msec = 60000;
  watch (fixture);
  g_assert_cmpint (update (fixture, b, changes, seen, CB_JOB_MEANING_WAITING), ==, -1);
  assert_events (fixture, "enqueue");
  unwatch (fixture);
  assert_page (fixture, "email", NULL, 0, 10, FALSE, "B a of 2");
  assert_page (fixture, NULL, NULL, 0, 10, FALSE, "B a of 2");
  now = get_one (fixture, b);
  g_assert_cmpint (now->attempts_max, ==, 2);
  g_assert_cmpint (now->ttl, ==, 60 * G_USEC_PER_SEC);
  g_assert_cmpint (now->created_at, ==, seen->created_at);

  /* A delay, and none. */
  changes->which = CB_JOB_CHANGE_DELAY;
  changes->delay_msec = 3600000;
  g_assert_cmpint (update (fixture, b, changes, NULL, CB_JOB_MEANING_DELAYED), ==, -1);
  assert_count (fixture, "email", "Queued 1, Delayed 1");
  g_assert_cmpint (tick (fixture), ==, 0);
  changes->delay_msec = 0;
  g_assert_cmpint (update (fixture, b, changes, NULL, CB_JOB_MEANING_WAITING), ==, -1);
  assert_count (fixture, "email", "Queued 2");

  /* It is another one now than was read, then it runs, then it is gone. */
  job = claim (fixture, "email", "w", 60000);
  g_assert_cmpstr (job->id, ==, b);
  changes->which = CB_JOB_CHANGE_PRIORITY;
  g_assert_cmpint (update (fixture, b, changes, seen, 0), ==, CB_QUEUE_ERROR_CHANGED);
  changes->which = CB_JOB_CHANGE_DATA;
  g_assert_cmpint (update (fixture, b, changes, NULL, 0), ==, CB_QUEUE_ERROR_STATE);
  changes->which = CB_JOB_CHANGE_DELAY;
  g_assert_cmpint (update (fixture, b, changes, NULL, 0), ==, CB_QUEUE_ERROR_STATE);
  changes->which = CB_JOB_CHANGE_REMOVE_ON_COMPLETE;
  changes->remove_on_complete = TRUE;
  g_assert_cmpint (update (fixture, b, changes, NULL, CB_JOB_MEANING_ACTIVE), ==, -1);
  g_assert_cmpint (complete (fixture, job, NULL), ==, -1);
  g_assert_cmpint (update (fixture, b, changes, NULL, 0), ==, CB_QUEUE_ERROR_GONE);
}

static void
check_retry_as_new (Fixture *fixture)
{
  g_autofree char *id = NULL;
  g_autoptr (CbJobRecord) first = NULL, second = NULL, now = NULL;
  g_autoptr (CbJobChanges) changes = cb_job_changes_new ();
  CbJobSpec *spec = make_spec ("email", "a");

  spec->attempts = 2;
  id = create (fixture, spec);
  first = claim (fixture, "email", "w", 60000);
  g_assert_cmpint (act (fixture, CB_JOB_ACTION_RETRY_AS_NEW, 0, id), ==, CB_QUEUE_ERROR_STATE);
  g_assert_cmpint (progress (fixture, first, 50, "1"), ==, -1);
  g_assert_cmpint (fail (fixture, first, "no", NULL), ==, 1);

  /* It waits with one attempt made; then it waits with none. */
  changes->which = CB_JOB_CHANGE_ATTEMPTS;
  changes->attempts = 1;
  g_assert_cmpint (act (fixture, CB_JOB_ACTION_RETRY, 0, id), ==, CB_QUEUE_ERROR_STATE);
  g_assert_cmpint (act (fixture, CB_JOB_ACTION_RETRY_AS_NEW, 0, id), ==, -1);
  now = get_one (fixture, id);
  g_assert_cmpint (now->meaning, ==, CB_JOB_MEANING_WAITING);
  g_assert_cmpint (now->attempts_made, ==, 0);
  g_assert_cmpint (now->attempts_max, ==, 2);
  g_assert_cmpint (now->progress, ==, -1);
  g_assert_cmpint (now->failed_at, ==, -1);
  g_assert_cmpint (now->started_at, ==, -1);
  g_assert_null (now->error);
  g_assert_null (now->progress_data);

  /* And one that is complete is run again, and is complete once. */
  second = claim (fixture, "email", "w", 60000);
  g_assert_cmpint (complete (fixture, second, "1"), ==, -1);
  g_assert_cmpint (act (fixture, CB_JOB_ACTION_RETRY_AS_NEW, 0, id), ==, -1);
  g_clear_pointer (&now, cb_job_record_unref);
  now = get_one (fixture, id);
  g_assert_null (now->result);
  g_assert_cmpint (now->duration, ==, -1);
  assert_count (fixture, "email", "Queued 1");
}

static void
check_taken_away (Fixture *fixture)
{
  g_autofree char *a = create_named (fixture, "email", "a");
  g_autofree char *lost = NULL, *kept = NULL;
  g_autoptr (CbJobRecord) first = NULL, second = NULL;

  /* It is not taken from a worker that lives. */
  first = claim (fixture, "email", "w1", 60000);
  g_assert_cmpint (act (fixture, CB_JOB_ACTION_RETRY, 0, a), ==, CB_QUEUE_ERROR_STATE);
  assert_state (fixture, a, CB_JOB_MEANING_ACTIVE);

  /* From one that seems dead it is; if that was an error, what it still does is refused. */
  kept = extend (fixture, first, 1);
  g_assert_null (kept);
  cb_test_wait_until (act (fixture, CB_JOB_ACTION_RETRY, 0, a) == -1);
  g_assert_cmpint (progress (fixture, first, 10, NULL), ==, CB_QUEUE_ERROR_NOT_OWNER);
  second = claim (fixture, "email", "w2", 60000);
  g_assert_cmpstr (second->id, ==, a);
  g_assert_cmpint (complete (fixture, first, NULL), ==, CB_QUEUE_ERROR_NOT_OWNER);
  lost = extend (fixture, first, 60000);
  g_assert_cmpstr (lost, ==, a);
  assert_count (fixture, "email", "Active 1");

  /* Removed while it runs: it is not born again. */
  g_assert_cmpint (act (fixture, CB_JOB_ACTION_REMOVE, 0, a), ==, -1);
  g_assert_cmpint (write_log (fixture, second, "late"), ==, CB_QUEUE_ERROR_GONE);
  g_assert_cmpint (complete (fixture, second, "1"), ==, CB_QUEUE_ERROR_GONE);
  assert_count (fixture, "email", "");
  assert_page (fixture, NULL, NULL, 0, 10, FALSE, "of 0");
}

static void
check_release (Fixture *fixture)
{
  g_autofree char *id = create_named (fixture, "email", "a");
  g_autoptr (CbJobRecord) job = claim (fixture, "email", "w", 60000), now = NULL;

  g_assert_cmpint (release (fixture, job), ==, -1);
  now = get_one (fixture, id);
  g_assert_cmpint (now->meaning, ==, CB_JOB_MEANING_WAITING);
  g_assert_cmpint (now->attempts_made, ==, 0);
  assert_count (fixture, "email", "Queued 1");
}

static void
check_lease (Fixture *fixture)
{
  g_autofree char *dead = create_named (fixture, "email", "dead");
  g_autofree char *living = create_named (fixture, "email", "living");
  g_autofree char *lost = NULL;
  g_autoptr (CbJobRecord) a = claim (fixture, "email", "w1", 1), b = claim (fixture, "email", "w2", 60000), c = NULL;

  g_assert_cmpstr (a->id, ==, dead);
  g_assert_cmpstr (b->id, ==, living);
  cb_test_wait_until (recover (fixture) == 1);
  assert_state (fixture, dead, CB_JOB_MEANING_WAITING);
  assert_state (fixture, living, CB_JOB_MEANING_ACTIVE);
  g_assert_cmpint (complete (fixture, a, NULL), ==, CB_QUEUE_ERROR_NOT_OWNER);
  g_assert_cmpint (recover (fixture), ==, 0);

  /* A heartbeat in time keeps it. */
  c = claim (fixture, "email", "w3", 1000);
  g_assert_cmpstr (c->id, ==, dead);
  lost = extend (fixture, c, 60000);
  g_assert_null (lost);
  g_assert_cmpint (recover (fixture), ==, 0);
  g_assert_cmpint (complete (fixture, c, NULL), ==, -1);
}

static void
check_ttl (Fixture *fixture)
{
  CbJobSpec *spec = make_spec ("email", "x");
  g_autofree char *id = NULL;
  g_autoptr (CbJobRecord) job = NULL, failed = NULL;

  spec->ttl_msec = 1;
  id = create (fixture, spec);
  job = claim (fixture, "email", "w", 60000);
  g_assert_cmpint (job->ttl, ==, 1000);
  cb_test_wait_until (tick (fixture) == 1);
  failed = get_one (fixture, id);
  g_assert_cmpint (failed->meaning, ==, CB_JOB_MEANING_FAILED);
  g_assert_nonnull (failed->error);
  g_assert_cmpint (complete (fixture, job, NULL), ==, CB_QUEUE_ERROR_NOT_OWNER);
}

static void
check_remove_on_complete (Fixture *fixture)
{
  CbJobSpec *spec = make_spec ("email", "x");
  g_autofree char *id = NULL;
  g_autoptr (CbJobRecord) job = NULL, gone = NULL;

  watch (fixture);
  spec->remove_on_complete = TRUE;
  id = create (fixture, spec);
  job = claim (fixture, "email", "w", 60000);
  g_assert_true (job->remove_on_complete);
  g_assert_cmpint (complete (fixture, job, "1"), ==, -1);
  gone = get_one (fixture, id);
  g_assert_true (gone->missing);
  assert_count (fixture, NULL, "");
  assert_events (fixture, "enqueue, start, complete, remove");
  unwatch (fixture);
}

/* A job whose data are no JSON is failed, and the one behind it is run. */
static void
check_poison (Fixture *fixture)
{
  g_autofree char *bad = NULL, *good = NULL;
  g_autoptr (CbJobRecord) job = NULL, failed = NULL;

  if (fixture->redis != NULL && strcmp (fixture->type->name, "kue") == 0)
    {
      g_autofree char *key = NULL;

      bad = create_named (fixture, "email", "bad");
      key = g_strdup_printf ("q:job:%s", bad);
      g_assert_cmpint (cb_test_redis_get_integer (fixture->redis, "HSET", key, "data", "{\"to\":\"ada@exam", NULL), ==, 0);
    }
  else if (CB_IS_MEMORY_ENGINE (fixture->engine))
    {
      g_autoptr (CbJobRecord) record = cb_job_record_new ("1");

      bad = g_strdup ("1");
      record->queue = g_strdup ("email");
      record->state = word (fixture, CB_JOB_MEANING_WAITING);
      record->data = g_bytes_new_static ("{\"to\":\"ada@exam", 15);
      cb_memory_engine_add_record (CB_MEMORY_ENGINE (fixture->engine), record);
    }
  else
    {
      g_test_skip ("It is not known here how this engine stores data");
      return;
    }

  good = create_named (fixture, "email", "good");
  job = claim (fixture, "email", "w", 60000);
  g_assert_cmpstr (job->id, ==, good);
  failed = get_one (fixture, bad);
  g_assert_cmpint (failed->meaning, ==, CB_JOB_MEANING_FAILED);
  g_assert_nonnull (failed->error);
  g_assert_nonnull (g_strstr_len (g_bytes_get_data (failed->error, NULL), g_bytes_get_size (failed->error), "JSON"));
  assert_count (fixture, "email", "Active 1, Failed 1");
}

static void
check_wait (Fixture *fixture)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) first = NULL, second = NULL, third = NULL, fourth = NULL;
  g_autofree char *id = NULL;

  cb_engine_wait_async (fixture->engine, "email", 50, NULL, cb_test_store_result, &first);
  g_assert_false (cb_engine_wait_finish (fixture->engine, cb_test_wait_result (&first), &error));
  g_assert_no_error (error);

  cb_engine_wait_async (fixture->engine, "email", 60000, NULL, cb_test_store_result, &second);
  cb_test_settle ();
  id = create_named (fixture, "email", "x");
  g_assert_true (cb_engine_wait_finish (fixture->engine, cb_test_wait_result (&second), &error));
  g_assert_no_error (error);

  /* It took nothing. */
  cb_engine_wait_async (fixture->engine, "email", 60000, NULL, cb_test_store_result, &third);
  g_assert_true (cb_engine_wait_finish (fixture->engine, cb_test_wait_result (&third), &error));
  g_assert_no_error (error);
  assert_count (fixture, "email", "Queued 1");

  cb_engine_wait_async (fixture->engine, "other", 60000, cancellable, cb_test_store_result, &fourth);
  cb_test_settle ();
  g_cancellable_cancel (cancellable);
  g_assert_false (cb_engine_wait_finish (fixture->engine, cb_test_wait_result (&fourth), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* Many at once: each job goes to one of them. */
static void
check_concurrent_claims (Fixture *fixture)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GAsyncResult *results[50] = { NULL };
  guint n_none = 0;

  for (guint i = 0; i < 40; i++)
    g_free (create_named (fixture, "email", "x"));
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      g_autofree char *worker = g_strdup_printf ("w%u", i);

      cb_engine_claim_async (fixture->engine, "email", worker, 60000, NULL, cb_test_store_result, &results[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      g_autoptr (CbJobRecord) job = NULL;
      g_autoptr (GError) error = NULL;

      job = cb_engine_claim_finish (fixture->engine, cb_test_wait_result (&results[i]), &error);
      g_assert_no_error (error);
      if (job == NULL)
        n_none++;
      else
        g_assert_true (g_hash_table_add (seen, g_strdup (job->id)));
      g_object_unref (results[i]);
    }
  g_assert_cmpuint (g_hash_table_size (seen), ==, 40);
  g_assert_cmpuint (n_none, ==, 10);
  assert_count (fixture, "email", "Active 40");
}

static const struct
{
  const char           *name;
  CbEngineCapabilities  needs;
  void                (*run) (Fixture *fixture);
} checks[] = {
  { "identity", 0, check_identity },
  { "empty", CB_ENGINE_CAN_WORK, check_empty },
  { "order", CB_ENGINE_CAN_CREATE | CB_ENGINE_CAN_WORK, check_order },
  { "invalid", CB_ENGINE_CAN_CREATE, check_invalid },
  { "names", CB_ENGINE_CAN_CREATE, check_names },
  { "all-states", CB_ENGINE_CAN_CREATE | CB_ENGINE_CAN_WORK, check_all_states },
  { "life", CB_ENGINE_CAN_CREATE | CB_ENGINE_CAN_WORK | CB_ENGINE_CAN_WATCH, check_life },
  { "failure", CB_ENGINE_CAN_CREATE | CB_ENGINE_CAN_WORK | CB_ENGINE_CAN_WATCH, check_failure },
  { "backoff", CB_ENGINE_CAN_CREATE | CB_ENGINE_CAN_WORK, check_backoff },
  { "delay", CB_ENGINE_CAN_CREATE | CB_ENGINE_CAN_PROMOTE | CB_ENGINE_CAN_WATCH, check_delay },
  { "actions", CB_ENGINE_CAN_CREATE | CB_ENGINE_CAN_RETRY | CB_ENGINE_CAN_REMOVE | CB_ENGINE_CAN_PRIORITY, check_actions },
  { "update", CB_ENGINE_CAN_CREATE | CB_ENGINE_CAN_UPDATE | CB_ENGINE_CAN_WORK | CB_ENGINE_CAN_WATCH, check_update },
  { "retry-as-new", CB_ENGINE_CAN_CREATE | CB_ENGINE_CAN_RETRY | CB_ENGINE_CAN_WORK, check_retry_as_new },
  { "taken-away", CB_ENGINE_CAN_CREATE | CB_ENGINE_CAN_WORK | CB_ENGINE_CAN_RETRY, check_taken_away },
  { "release", CB_ENGINE_CAN_CREATE | CB_ENGINE_CAN_WORK, check_release },
  { "lease", CB_ENGINE_CAN_CREATE | CB_ENGINE_CAN_WORK, check_lease },
  { "ttl", CB_ENGINE_CAN_CREATE | CB_ENGINE_CAN_WORK, check_ttl },
  { "remove-on-complete", CB_ENGINE_CAN_CREATE | CB_ENGINE_CAN_WORK | CB_ENGINE_CAN_WATCH, check_remove_on_complete },
  { "poison", CB_ENGINE_CAN_CREATE | CB_ENGINE_CAN_WORK, check_poison },
  { "wait", CB_ENGINE_CAN_CREATE | CB_ENGINE_CAN_WORK, check_wait },
  { "concurrent-claims", CB_ENGINE_CAN_CREATE | CB_ENGINE_CAN_WORK, check_concurrent_claims },
};

/* The number of the check and of the engine in one. */
static void
run_check (gconstpointer data)
{
  guint number = GPOINTER_TO_UINT (data), n_types;
  const CbEngineType *types = cb_engines_get_types (&n_types);
  guint check = number / n_types;
  g_autoptr (Fixture) fixture = fixture_new (&types[number % n_types]);

  if ((cb_engine_get_capabilities (fixture->engine) & checks[check].needs) != checks[check].needs)
    {
      g_test_skip ("The engine does not offer this");
      return;
    }

  checks[check].run (fixture);
}

int
main (int   argc,
      char *argv[])
{
  guint n_types;
  const CbEngineType *types = cb_engines_get_types (&n_types);

  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < n_types; i++)
    {
      for (guint j = 0; j < G_N_ELEMENTS (checks); j++)
        {
          g_autofree char *path = g_strdup_printf ("/engine/%s/%s", types[i].name, checks[j].name);

          g_test_add_data_func (path, GUINT_TO_POINTER (j * n_types + i), run_check);
        }
    }

  return g_test_run ();
}
