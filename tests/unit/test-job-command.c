/* test-job-command.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* The command that is made for a job is given to a real shell, and the job that comes of it is compared with the first. */

#include "config.h"

#include <string.h>

#include "cb-job-command.h"
#include "cb-queue-error.h"
#include "cb-test-cli.h"
#include "cb-test-redis.h"

static CbJobRecord *
job_new (const char *queue, const char *data)
{
  CbJobRecord *job = cb_job_record_new ("1");

  job->queue = g_strdup (queue);
  job->data = g_bytes_new (data, strlen (data));
  job->meaning = CB_JOB_MEANING_FAILED;
  job->priority = 0;
  job->attempts_max = 1;
  return job;
}

/* Runs it as one types it: callboardctl is what is found in the PATH. */
static void
run_in_shell (const char *command)
{
  g_autofree char *program = cb_test_cli_dup_path ();
  g_autofree char *folder = g_path_get_dirname (program);
  g_autofree char *path = g_strdup_printf ("%s:%s", folder, g_getenv ("PATH"));
  g_auto (GStrv) environment = g_environ_setenv (g_get_environ (), "PATH", path, TRUE);
  const char *words[] = { "/bin/sh", "-c", command, NULL };
  g_autofree char *errors = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  g_spawn_sync (NULL, (char **) words, environment, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, &errors, &status, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (errors, ==, "");
  g_assert_cmpint (status, ==, 0);
}

static char *
get_field (CbTestRedis *redis, const char *field)
{
  g_autofree char *id = cb_test_redis_get_string (redis, "GET", "q:ids", NULL);
  g_autofree char *key = g_strdup_printf ("q:job:%s", id);

  return cb_test_redis_get_string (redis, "HGET", key, field, NULL);
}

static void
assert_field (CbTestRedis *redis, const char *field, const char *expected)
{
  g_autofree char *value = get_field (redis, field);

  g_assert_cmpstr (value, ==, expected);
}

static void
run_for (CbTestRedis *redis, CbJobRecord *job)
{
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));
  g_autoptr (GError) error = NULL;
  g_autofree char *command = cb_job_record_to_command (job, server, "q", &error);

  g_assert_no_error (error);
  run_in_shell (command);
}

/* Everything that means something to a shell, in the data and in the name of the queue. */
static void
test_quoting (void)
{
  static const char * const data[] = {
    "{\"to\":\"ada\"}",
    "{\"it's\":\"a \\\"quote\\\" and '' two\"}",
    "{\n  \"lines\": \"a\\nb\",\n\t\"tab\" : 1\n}",
    "{\"x\":\"$HOME `id` $(id) !! \\\\ * ? ~ # & ; | < > %s {a,b}\"}",
    "{\"n\":12345678901234567890,\"r\":1.0,\"big\":1e400,\"n\":2}",
    "{\"\xc3\xa4\":\"\xf0\x9f\x8e\xad\"}",
    "-5",
    "\"--help\"",
    "\"'\"",
    "null",
  };
  static const char * const queues[] = { "email", "two words", "-x", "--data", "it's", "$(id)", "\xc3\xa4\nb" };
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (data); i++)
    {
      g_autoptr (CbJobRecord) job = job_new ("email", data[i]);

      run_for (redis, job);
      /* Data that are nothing are none. */
      assert_field (redis, "data", strcmp (data[i], "null") == 0 ? "{}" : data[i]);
      assert_field (redis, "type", "email");
    }
  for (guint i = 0; i < G_N_ELEMENTS (queues); i++)
    {
      g_autoptr (CbJobRecord) job = job_new (queues[i], "{}");

      run_for (redis, job);
      assert_field (redis, "type", queues[i]);
    }
}

static void
test_options (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbJobRecord) job = job_new ("email", "{}");

  job->priority = -12.5;
  job->attempts_max = 4;
  job->backoff = g_strdup ("{\"type\":\"exponential\",\"delay\":1000}");
  job->ttl = 30 * G_USEC_PER_SEC;
  job->delay = G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC;
  job->meaning = CB_JOB_MEANING_DELAYED;
  run_for (redis, job);
  assert_field (redis, "priority", "-12.5");
  assert_field (redis, "max_attempts", "4");
  assert_field (redis, "backoff", "{\"type\":\"exponential\",\"delay\":1000}");
  assert_field (redis, "ttl", "30000");
  assert_field (redis, "delay", "3600000");
  assert_field (redis, "state", "delayed");

  /* One whose delay is over does not wait again. */
  job->meaning = CB_JOB_MEANING_COMPLETE;
  run_for (redis, job);
  assert_field (redis, "state", "inactive");
}

/* What no command can carry is said, and not made into something else. */
static void
test_refused (void)
{
  static const struct
  {
    const char *data;
    gsize length;
    const char *message;
  } cases[] = {
    { "{\"a\":\"\xff\"}", 9, "*bytes that are no text*" },
    { "\"a\0b\"", 5, "*bytes that are no text*" },
    { "{broken", 7, "*no JSON*" },
  };
  g_autoptr (CbJobRecord) big = job_new ("email", "{}");
  g_autofree char *text = g_strnfill (200 * 1024, '1');

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (CbJobRecord) job = job_new ("email", "");
      g_autoptr (GError) error = NULL;

      g_bytes_unref (job->data);
      job->data = g_bytes_new (cases[i].data, cases[i].length);
      g_assert_null (cb_job_record_to_command (job, NULL, NULL, &error));
      g_assert_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_INVALID);
      g_assert_true (g_pattern_match_simple (cases[i].message, error->message));
    }
  {
    g_autoptr (GError) error = NULL;

    g_bytes_unref (big->data);
    big->data = g_bytes_new (text, strlen (text));
    g_assert_null (cb_job_record_to_command (big, NULL, NULL, &error));
    g_assert_true (g_pattern_match_simple ("*120 KiB*", error->message));
  }
  {
    g_autoptr (CbJobRecord) job = job_new ("email", "{}");
    g_autoptr (GError) error = NULL;

    job->backoff = g_strdup ("function (attempts) { return attempts * 10; }");
    g_assert_null (cb_job_record_to_command (job, NULL, NULL, &error));
    g_assert_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_INVALID);
    g_assert_true (g_pattern_match_simple ("*back-off is a function*", error->message));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/job-command/quoting", test_quoting);
  g_test_add_func ("/job-command/options", test_options);
  g_test_add_func ("/job-command/refused", test_refused);
  return g_test_run ();
}
