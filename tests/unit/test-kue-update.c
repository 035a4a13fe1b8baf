/* test-kue-update.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/*
 * Jobs that are there and become other ones: what stands in Redis afterwards and what was told. The end states are those of
 * kue 0.11.6, Job.update(), where Kue has one for it.
 */

#include "config.h"

#include <string.h>

#include "cb-bulk.h"
#include "cb-json.h"
#include "cb-kue-engine.h"
#include "cb-test-kue.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"
#include "cb-undo.h"

#define WORKER "callboard:host:1:sms:1"
#define ENQUEUE "{\"id\":1,\"event\":\"enqueue\",\"args\":[\"enqueue\",\"sms\"]}\n"

typedef struct
{
  CbTestRedis *redis;
  CbConnection *connection;
  CbEngine *engine;
  CbTestListener *listener;
  CbJobChanges *changes;
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
  f->listener = cb_test_listener_new (f->redis, "q:events");
  f->changes = cb_job_changes_new ();
}

static void
tear_down (Fixture       *f,
           gconstpointer  data)
{
  cb_job_changes_free (f->changes);
  cb_test_listener_free (f->listener);
  g_assert_finalize_object (f->engine);
  cb_connection_close (f->connection);
  cb_test_settle ();
  g_assert_finalize_object (f->connection);
  cb_test_redis_free (f->redis);
}

#define assert_events(f, expected)                                    \
  G_STMT_START                                                        \
  {                                                                   \
    g_autofree char *events_ = cb_test_listener_take ((f)->listener); \
    g_assert_cmpstr (events_, ==, expected);                          \
  }                                                                   \
  G_STMT_END

static void
call (Fixture    *f,
      const char *line)
{
  g_auto (GStrv) words = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (CbReply) reply = NULL;

  g_shell_parse_argv (line, NULL, &words, &error);
  g_assert_no_error (error);
  reply = cb_test_redis_call_argv (f->redis, g_strv_length (words), (const char * const *) words, NULL);
  if (cb_value_is_error (cb_reply_get_value (reply)))
    g_error ("%s: %s", line, cb_value_get_string (cb_reply_get_value (reply), NULL));
}

/* The lines of the snapshot of which one of the words is a part, so that a test names what it is about. */
static char *
look (Fixture    *f,
      const char *words)
{
  g_autofree char *snapshot = cb_test_kue_snapshot (f->redis);
  g_auto (GStrv) lines = g_strsplit (snapshot, "\n", -1);
  g_auto (GStrv) parts = g_strsplit (words, " ", -1);
  GString *found = g_string_new (NULL);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      for (guint j = 0; parts[j] != NULL; j++)
        {
          if (strstr (lines[i], parts[j]) != NULL)
            {
              g_string_append_printf (found, "%s\n", lines[i]);
              break;
            }
        }
    }

  return g_string_free (found, FALSE);
}

#define assert_stands(f, words, expected)                  \
  G_STMT_START                                             \
  {                                                        \
    g_autofree char *found_ = look (f, words);             \
    g_assert_cmpstr (found_, ==, expected);                \
  }                                                        \
  G_STMT_END

static void
create_sms (Fixture *f,
            gint64   delay)
{
  g_autoptr (GPtrArray) specs = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_spec_free);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) ids = NULL;
  g_autoptr (GBytes) data = g_bytes_new_static ("{\"to\":1}", 8);
  g_autoptr (GError) error = NULL;
  CbJobSpec *spec = cb_job_spec_new ("sms", data);

  spec->delay_msec = delay;
  spec->attempts = 3;
  g_ptr_array_add (specs, spec);
  cb_engine_create_async (f->engine, specs, NULL, cb_test_store_result, &result);
  ids = cb_engine_create_finish (f->engine, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  g_free (cb_test_listener_take (f->listener));
}

static CbJobRecord *
claim (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  CbJobRecord *job = cb_test_claim (f->engine, "sms", WORKER, 10000, &error);

  g_assert_no_error (error);
  g_assert_nonnull (job);
  return job;
}

static CbJobRecord *
read_job (Fixture *f)
{
  const char *ids[] = { "1", NULL };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) records = NULL;
  g_autoptr (GError) error = NULL;

  cb_engine_get_many_async (f->engine, ids, NULL, cb_test_store_result, &result);
  records = cb_engine_get_many_finish (f->engine, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  return cb_job_record_ref (g_ptr_array_index (records, 0));
}

/* The state it is in afterwards; NULL with the error. */
static const char *
update (Fixture      *f,
        CbJobRecord  *seen,
        GError      **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  const char *state = NULL;
  gboolean done;

  cb_engine_update_async (f->engine, "1", f->changes, seen, NULL, cb_test_store_result, &result);
  done = cb_engine_update_finish (f->engine, cb_test_wait_result (&result), &state, error);
  g_assert_true (done == (state != NULL));
  return state;
}

static void
update_to (Fixture    *f,
           const char *state)
{
  g_autoptr (GError) error = NULL;
  const char *now = update (f, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (now, ==, state);
}

static void
assert_refused (Fixture     *f,
                CbJobRecord *seen,
                int          code,
                const char  *text)
{
  g_autofree char *before = cb_test_kue_snapshot (f->redis), *after = NULL;
  g_autoptr (GError) error = NULL;

  g_free (cb_test_listener_take (f->listener));
  g_assert_null (update (f, seen, &error));
  g_assert_error (error, CB_QUEUE_ERROR, code);
  if (strstr (error->message, text) == NULL)
    g_error ("“%s” does not say “%s”", error->message, text);
  after = cb_test_kue_snapshot (f->redis);
  g_assert_cmpstr (after, ==, before);
  assert_events (f, "");
}

static void
set_data (Fixture    *f,
          const char *json)
{
  f->changes->which |= CB_JOB_CHANGE_DATA;
  g_clear_pointer (&f->changes->data, g_bytes_unref);
  f->changes->data = g_bytes_new (json, strlen (json));
}

static void
set_delay (Fixture *f,
           gint64   msec)
{
  f->changes->which |= CB_JOB_CHANGE_DELAY;
  f->changes->delay_msec = msec;
}

/* Everything at once of a waiting job: one event, and no token more (where Kue pushes one). */
static void
test_waiting (Fixture       *f,
              gconstpointer  data)
{
  create_sms (f, 0);
  set_data (f, "{\"to\": 12345678901234567890123}");
  f->changes->which |= CB_JOB_CHANGE_PRIORITY | CB_JOB_CHANGE_ATTEMPTS | CB_JOB_CHANGE_TTL | CB_JOB_CHANGE_BACKOFF |
                       CB_JOB_CHANGE_REMOVE_ON_COMPLETE;
  f->changes->priority = -2.5;
  f->changes->attempts = 5;
  f->changes->ttl_msec = 30000;
  f->changes->backoff = g_strdup ("{\"type\":\"exponential\"}");
  f->changes->remove_on_complete = TRUE;
  update_to (f, "inactive");

  assert_events (f, ENQUEUE);
  assert_stands (f, "q:",
                 "q:ids 1\n"
                 "q:job:1.backoff={\"type\":\"exponential\"}\n"
                 "q:job:1.created_at=<now>\n"
                 "q:job:1.data={\"to\": 12345678901234567890123}\n"
                 "q:job:1.max_attempts=5\n"
                 "q:job:1.priority=-2.5\n"
                 "q:job:1.promote_at=created_at+0\n"
                 "q:job:1.removeOnComplete=true\n"
                 "q:job:1.state=inactive\n"
                 "q:job:1.ttl=30000\n"
                 "q:job:1.type=sms\n"
                 "q:job:1.updated_at=<now>\n"
                 "q:job:types sms\n"
                 "q:jobs 01|1=-2.5\n"
                 "q:jobs:inactive 01|1=-2.5\n"
                 "q:jobs:sms:inactive 01|1=-2.5\n"
                 "q:sms:jobs 1\n");

  /* And nothing of it any more: the fields are gone, as in a job that was made without. */
  g_clear_pointer (&f->changes->backoff, g_free);
  f->changes->ttl_msec = 0;
  f->changes->remove_on_complete = FALSE;
  update_to (f, "inactive");
  assert_stands (f, ".backoff .ttl .remove", "");
}

/* By a delay a waiting job is delayed, without a token; without one a delayed job waits, with a token and an event. */
static void
test_delay (Fixture       *f,
            gconstpointer  data)
{
  create_sms (f, 0);
  call (f, "HSET q:job:1 created_at 1700000000000");     /* long ago: the delay is counted from now */
  set_delay (f, 60000);
  update_to (f, "delayed");
  assert_events (f, "");
  assert_stands (f, ".delay .state :delayed :inactive :sms:", "q:job:1.delay=60000\n"
                                                              "q:job:1.state=delayed\n"
                                                              "q:jobs:delayed 01|1=promote_at\n"
                                                              "q:jobs:sms:delayed 01|1=0\n");
  {
    g_autoptr (CbJobRecord) job = read_job (f);

    g_assert_cmpint (job->promote_at, ==, job->updated_at + 60 * G_USEC_PER_SEC);
  }

  set_delay (f, 5);
  f->changes->due_at = (cb_engine_get_time (f->engine) / 1000 + 3600000) * 1000;
  f->changes->delay_msec = 0;
  update_to (f, "delayed");
  {
    g_autoptr (CbJobRecord) job = read_job (f);

    g_assert_cmpint (job->promote_at, ==, f->changes->due_at);
  }
  f->changes->due_at = 0;
  assert_stands (f, ":delayed", "q:jobs:delayed 01|1=promote_at\n"
                                "q:jobs:sms:delayed 01|1=0\n");

  set_delay (f, 0);
  update_to (f, "inactive");
  assert_events (f, ENQUEUE);
  assert_stands (f, ".delay .state :delayed :inactive :sms:", "q:job:1.state=inactive\n"
                                                              "q:jobs:inactive 01|1=0\n"
                                                              "q:jobs:sms:inactive 01|1=0\n"
                                                              "q:sms:jobs 1\n");
}

/* The deadline of a running job moves, its data don't; the outcome goes by what was changed. */
static void
test_active (Fixture       *f,
             gconstpointer  data)
{
  g_autoptr (CbJobRecord) job = NULL;
  g_autoptr (GError) error = NULL;
  gboolean will_retry = TRUE;

  create_sms (f, 0);
  job = claim (f);
  set_data (f, "{}");
  assert_refused (f, NULL, CB_QUEUE_ERROR_STATE, WORKER);
  f->changes->which = 0;
  set_delay (f, 1000);
  assert_refused (f, NULL, CB_QUEUE_ERROR_STATE, "delay");

  f->changes->which = CB_JOB_CHANGE_TTL | CB_JOB_CHANGE_PRIORITY | CB_JOB_CHANGE_ATTEMPTS;
  f->changes->ttl_msec = 90000;
  f->changes->priority = 10;
  f->changes->attempts = 1;
  g_free (cb_test_listener_take (f->listener));
  update_to (f, "active");
  assert_events (f, "");
  assert_stands (f, ".ttl .priority q:jobs", "q:job:1.priority=10\n"
                                             "q:job:1.ttl=90000\n"
                                             "q:jobs 01|1=10\n"
                                             "q:jobs:active 01|1=<now>+ttl\n"
                                             "q:jobs:sms:active 01|1=10\n");

  f->changes->which = CB_JOB_CHANGE_TTL;
  f->changes->ttl_msec = 0;
  update_to (f, "active");
  assert_stands (f, ".ttl :active", "q:jobs:active 01|1=-10\n"
                                    "q:jobs:sms:active 01|1=10\n");

  cb_test_fail (f->engine, job, "no", NULL, &will_retry, &error);
  g_assert_no_error (error);
  g_assert_false (will_retry);
  assert_stands (f, ".state", "q:job:1.state=failed\n");
}

/* A job that is finished keeps its state; its delay is what a retry waits for, as Kue reckons it. */
static void
test_failed (Fixture       *f,
             gconstpointer  data)
{
  g_autoptr (CbJobRecord) job = NULL;
  g_autoptr (GError) error = NULL;

  create_sms (f, 0);
  call (f, "HSET q:job:1 max_attempts 2 attempts 1");
  job = claim (f);
  cb_test_fail (f->engine, job, "no", NULL, NULL, &error);
  g_assert_no_error (error);
  g_free (cb_test_listener_take (f->listener));

  f->changes->which = CB_JOB_CHANGE_ATTEMPTS;
  f->changes->attempts = 1;
  assert_refused (f, NULL, CB_QUEUE_ERROR_INVALID, "2 times");
  f->changes->attempts = 4;
  set_data (f, "[2]");
  set_delay (f, 7000);
  update_to (f, "failed");
  assert_events (f, "");
  assert_stands (f, ".data .delay .max .promote .state :delayed :inactive :failed",
                 "q:job:1.data=[2]\n"
                 "q:job:1.delay=7000\n"
                 "q:job:1.max_attempts=4\n"
                 "q:job:1.promote_at=failed_at+7000\n"
                 "q:job:1.state=failed\n"
                 "q:jobs:failed 01|1=0\n"
                 "q:jobs:sms:failed 01|1=0\n");
}

/* What somebody else did since is not lost (H6). */
static void
test_seen (Fixture       *f,
           gconstpointer  data)
{
  g_autoptr (CbJobRecord) seen = NULL, later = NULL, job = NULL;
  g_autoptr (GError) error = NULL;

  create_sms (f, 0);
  seen = read_job (f);
  f->changes->which = CB_JOB_CHANGE_PRIORITY;
  f->changes->priority = 5;

  /* Another writer, in the same state. */
  call (f, "HSET q:job:1 data [3] updated_at 1700000000001");
  assert_refused (f, seen, CB_QUEUE_ERROR_CHANGED, "inactive now");
  later = read_job (f);
  g_assert_cmpstr (update (f, later, &error), ==, "inactive");
  g_assert_no_error (error);

  /* Another state. */
  g_clear_pointer (&seen, cb_job_record_unref);
  seen = read_job (f);
  job = claim (f);
  assert_refused (f, seen, CB_QUEUE_ERROR_CHANGED, "active now");

  call (f, "DEL q:job:1");
  assert_refused (f, seen, CB_QUEUE_ERROR_GONE, "1");
}

/* Between a Kue worker's taking the id and its saying so the job looks as if it waited. */
static void
test_taken (Fixture       *f,
            gconstpointer  data)
{
  create_sms (f, 0);
  call (f, "ZREM q:jobs:sms:inactive 01|1");
  set_data (f, "{}");
  assert_refused (f, NULL, CB_QUEUE_ERROR_STATE, "taking");
  f->changes->which = CB_JOB_CHANGE_PRIORITY;
  f->changes->priority = -5;
  update_to (f, "inactive");
  assert_stands (f, "q:jobs", "q:jobs 01|1=-5\n"
                              "q:jobs:inactive 01|1=-5\n");
}

static void
test_invalid (Fixture       *f,
              gconstpointer  data)
{
  create_sms (f, 0);
  assert_refused (f, NULL, CB_QUEUE_ERROR_INVALID, "nothing to change");
  set_data (f, "{");
  assert_refused (f, NULL, CB_QUEUE_ERROR_INVALID, "JSON");
  f->changes->which = CB_JOB_CHANGE_BACKOFF;
  f->changes->backoff = g_strdup ("function(){}");
  assert_refused (f, NULL, CB_QUEUE_ERROR_INVALID, "back-off");
  f->changes->which = CB_JOB_CHANGE_ATTEMPTS;
  f->changes->attempts = 0;
  assert_refused (f, NULL, CB_QUEUE_ERROR_INVALID, "attempt");
  f->changes->which = 0;
  set_delay (f, -1);
  assert_refused (f, NULL, CB_QUEUE_ERROR_INVALID, "delay");
}

/* Refused before the first write: a key of another type, a server without memory. */
static void
test_refused_whole (Fixture       *f,
                    gconstpointer  data)
{
  g_autofree char *before = NULL, *after = NULL;
  g_autoptr (GError) error = NULL;

  create_sms (f, 0);
  call (f, "SET q:jobs:delayed x");
  set_data (f, "[4]");
  set_delay (f, 1000);
  before = look (f, "q:job");
  g_assert_null (update (f, NULL, &error));
  g_assert_nonnull (strstr (error->message, "q:jobs:delayed"));
  g_clear_error (&error);
  call (f, "DEL q:jobs:delayed");

  call (f, "CONFIG SET maxmemory 1");
  g_assert_null (update (f, NULL, &error));
  g_assert_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_OOM);
  call (f, "CONFIG SET maxmemory 0");
  call (f, "SET q:jobs:delayed x");
  after = look (f, "q:job");
  g_assert_cmpstr (after, ==, before);
}

/* As new: nothing of the runs is left, as in a job that was just made, apart from the log. */
static void
test_retry_as_new (Fixture       *f,
                   gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *fresh = NULL, *again = NULL;

  create_sms (f, 0);
  fresh = cb_test_kue_snapshot (f->redis);
  {
    g_autoptr (CbJobRecord) job = claim (f);
    g_autoptr (GAsyncResult) told = NULL;
    g_autoptr (GBytes) bytes = g_bytes_new_static ("{\"step\":1}", 10);

    cb_engine_progress_async (f->engine, job, 50, bytes, NULL, cb_test_store_result, &told);
    g_assert_true (cb_engine_progress_finish (f->engine, cb_test_wait_result (&told), &error));
    cb_test_fail (f->engine, job, "no", NULL, NULL, &error);
    g_assert_no_error (error);
  }
  call (f, "HSET q:job:1 callboard_deaths 2");

  /* It waits for its second attempt already: no second token. */
  g_free (cb_test_listener_take (f->listener));
  g_assert_false (cb_test_act (f->engine, CB_JOB_ACTION_RETRY, 0, "1", &error));
  g_assert_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_STATE);
  g_clear_error (&error);
  g_assert_true (cb_test_act (f->engine, CB_JOB_ACTION_RETRY_AS_NEW, 0, "1", &error));
  assert_events (f, ENQUEUE);
  assert_stands (f, ":log", "q:job:1:log no\n");
  call (f, "DEL q:job:1:log");
  again = cb_test_kue_snapshot (f->redis);
  g_assert_cmpstr (again, ==, fresh);
  g_clear_pointer (&again, g_free);

  /* Not from under a living worker; a complete one can be run again, too. */
  {
    g_autoptr (CbJobRecord) job = claim (f);

    g_assert_false (cb_test_act (f->engine, CB_JOB_ACTION_RETRY_AS_NEW, 0, "1", &error));
    g_assert_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_STATE);
    g_clear_error (&error);
    cb_test_complete (f->engine, job, "{\"ok\":1}", &error);
    g_assert_no_error (error);
  }
  g_free (cb_test_listener_take (f->listener));
  g_assert_true (cb_test_act (f->engine, CB_JOB_ACTION_RETRY_AS_NEW, 0, "1", &error));
  assert_events (f, ENQUEUE);
  call (f, "DEL q:stats:work-time");
  again = cb_test_kue_snapshot (f->redis);
  g_assert_cmpstr (again, ==, fresh);
}

/* --- the search index --- */

static void
create_found (Fixture    *f,
              const char *json,
              const char *keys,
              gboolean    remove_on_complete)
{
  g_autoptr (GPtrArray) specs = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_spec_free);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) ids = NULL;
  g_autoptr (GBytes) data = g_bytes_new (json, strlen (json));
  g_autoptr (GError) error = NULL;
  CbJobSpec *spec = cb_job_spec_new ("sms", data);

  spec->search_keys = keys != NULL ? g_strsplit (keys, ",", -1) : NULL;
  spec->remove_on_complete = remove_on_complete;
  g_ptr_array_add (specs, spec);
  cb_engine_create_async (f->engine, specs, NULL, cb_test_store_result, &result);
  ids = cb_engine_create_finish (f->engine, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
}

static void
test_index (Fixture       *f,
            gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  /* Only where it is asked for. */
  create_found (f, "{\"text\":\"account\"}", NULL, FALSE);
  assert_stands (f, "q:search", "");
  create_found (f, "{\"text\":\"account verify verify\",\"other\":\"hidden\"}", "text", FALSE);
  create_found (f, "{\"text\":\"account\"}", "", TRUE);
  assert_stands (f, "q:search", "q:search:object:2 AKKNT=1 FRF=2\n"
                                "q:search:object:3 AKKNT=1 TKST=1\n"
                                "q:search:word:AKKNT 2=1 3=1\n"
                                "q:search:word:FRF 2=2\n"
                                "q:search:word:TKST 3=1\n");

  /* Other data of a job that is in it: found by them, and not by the old ones any more. A job that is not in it does not come into it. */
  set_data (f, "{\"text\":\"phone\"}");
  update_to (f, "inactive");
  call (f, "DEL q:job:1");
  call (f, "RENAME q:job:2 q:job:1");
  call (f, "RENAME q:search:object:2 q:search:object:1");
  call (f, "ZREM q:search:word:AKKNT 2");
  call (f, "ZREM q:search:word:FRF 2");
  call (f, "ZADD q:search:word:AKKNT 1 1");
  call (f, "ZADD q:search:word:FRF 2 1");
  update_to (f, "inactive");
  assert_stands (f, "q:search", "q:search:object:1 FN=1 TKST=1\n"
                                "q:search:object:3 AKKNT=1 TKST=1\n"
                                "q:search:word:AKKNT 3=1\n"
                                "q:search:word:FN 1=1\n"
                                "q:search:word:TKST 1=1 3=1\n");

  /* Gone with the job, however it goes. */
  g_assert_true (cb_test_act (f->engine, CB_JOB_ACTION_REMOVE, 0, "1", &error));
  g_assert_no_error (error);
  call (f, "DEL q:jobs:sms:inactive q:jobs:inactive");
  call (f, "ZADD q:jobs:sms:inactive 0 01|3");
  call (f, "ZADD q:jobs:inactive 0 01|3");
  assert_stands (f, "q:search", "q:search:object:3 AKKNT=1 TKST=1\n"
                                "q:search:word:AKKNT 3=1\n"
                                "q:search:word:TKST 3=1\n");
  {
    g_autoptr (CbJobRecord) job = claim (f);

    g_assert_cmpstr (job->id, ==, "3");
    cb_test_complete (f->engine, job, NULL, &error);
    g_assert_no_error (error);
  }
  assert_stands (f, "q:search", "");
}

/* Long data of many jobs at once: found by their last word, as after a change of one job, and as before when it is undone. */
static void
test_index_long (Fixture       *f,
                 gconstpointer  data)
{
  g_autoptr (GString) text = g_string_new ("{\"text\":\"phone");
  g_autoptr (CbDeed) deed = NULL;
  g_autofree char *folder = g_build_filename (cb_test_redis_get_directory (f->redis), "journal", NULL);
  g_autoptr (CbJournal) journal = cb_journal_new (folder, "test");
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GAsyncResult) undone = NULL;
  g_autoptr (CbUndo) undo = NULL;
  g_autoptr (CbBulk) bulk = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *before = NULL;
  g_autofree char *one = NULL;
  g_autofree char *many = NULL;
  g_autofree char *after = NULL;

  for (guint i = 0; i < 3; i++)
    create_found (f, "{\"text\":\"account verify\"}", "text", FALSE);
  while (text->len < 40000)
    g_string_append_printf (text, " word%u", (guint) text->len % 997);
  g_string_append (text, " zeppelin\"}");
  set_data (f, text->str);
  update_to (f, "inactive");
  before = look (f, "q:search:object:2");

  g_clear_pointer (&f->changes->words, g_free);
  deed = cb_deed_new_update (f->changes);
  bulk = cb_bulk_new (f->engine, journal, deed);
  cb_bulk_add (bulk, "2", NULL, -1);
  cb_bulk_add (bulk, "3", NULL, -1);
  cb_bulk_run_async (bulk, NULL, cb_test_store_result, &result);
  cb_bulk_run_finish (bulk, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (cb_bulk_get_n (bulk, CB_BULK_DONE), ==, 2);

  one = look (f, "q:search:object:1");
  many = look (f, "q:search:object:3");
  g_assert_nonnull (strstr (one, " SPLN=1"));
  g_assert_cmpstr (many + strlen ("q:search:object:3"), ==, one + strlen ("q:search:object:1"));
  g_assert_cmpstr (before, ==, "q:search:object:2 AKKNT=1 FRF=1\n");

  undo = cb_undo_new (f->engine, journal, cb_bulk_get_undo_id (bulk));
  cb_undo_run_async (undo, NULL, cb_test_store_result, &undone);
  cb_undo_run_finish (undo, cb_test_wait_result (&undone), &error);
  g_assert_no_error (error);
  after = look (f, "q:search:object:2");
  g_assert_cmpstr (after, ==, before);
}

/* What stands in the way of the index does not stop what is done with the job. */
static void
test_index_damaged (Fixture       *f,
                    gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  call (f, "SET q:search:word:AKKNT x");
  call (f, "SET q:search:object:1 x");
  create_found (f, "{\"text\":\"account verify\"}", "text", FALSE);
  assert_stands (f, ".state q:search", "q:job:1.state=inactive\n"
                                       "q:search:object:1 x\n"
                                       "q:search:word:AKKNT x\n"
                                       "q:search:word:FRF 1=1\n");
  set_data (f, "{\"text\":\"account\"}");
  update_to (f, "inactive");
  g_assert_true (cb_test_act (f->engine, CB_JOB_ACTION_REMOVE, 0, "1", &error));
  g_assert_no_error (error);
  assert_stands (f, ".state", "");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define TEST(path, function) g_test_add ("/kue-update/" path, Fixture, NULL, set_up, function, tear_down)
  TEST ("waiting", test_waiting);
  TEST ("delay", test_delay);
  TEST ("active", test_active);
  TEST ("failed", test_failed);
  TEST ("seen", test_seen);
  TEST ("taken", test_taken);
  TEST ("invalid", test_invalid);
  TEST ("refused-whole", test_refused_whole);
  TEST ("retry-as-new", test_retry_as_new);
  TEST ("index", test_index);
  TEST ("index-long", test_index_long);
  TEST ("index-damaged", test_index_damaged);
#undef TEST

  return g_test_run ();
}
