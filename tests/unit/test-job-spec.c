/* test-job-spec.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <math.h>

#include "cb-job-spec.h"
#include "cb-queue-error.h"

static void
assert_priority (const char *text,
                 double      expected)
{
  g_autoptr (GError) error = NULL;
  double priority;

  cb_job_priority_parse (text, &priority, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (priority, ==, expected);
}

static void
assert_no_priority (const char *text)
{
  g_autoptr (GError) error = NULL;
  double priority;

  g_assert_false (cb_job_priority_parse (text, &priority, &error));
  g_assert_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_INVALID);
}

static void
test_priority (void)
{
  /* Kue's numbers (lib/queue/job.js, priorities). */
  assert_priority ("low", 10);
  assert_priority ("normal", 0);
  assert_priority ("medium", -5);
  assert_priority ("high", -10);
  assert_priority (" Critical ", -15);
  assert_priority ("-2.5", -2.5);
  assert_priority ("+3", 3);
  assert_priority ("1e2", 100);
  assert_priority (".5", .5);
  assert_no_priority ("");
  assert_no_priority ("urgent");
  assert_no_priority ("1,5");
  assert_no_priority ("0x10");
  assert_no_priority ("nan");
  assert_no_priority ("inf");
  assert_no_priority ("1e999");
  assert_no_priority ("5 6");

  g_assert_cmpstr (cb_job_priority_get_name (-10), ==, "high");
  g_assert_cmpstr (cb_job_priority_get_name (0), ==, "normal");
  g_assert_null (cb_job_priority_get_name (1));
}

static void
assert_text (double      priority,
             const char *expected)
{
  g_autofree char *text = cb_job_priority_to_text (priority);

  g_assert_cmpstr (text, ==, expected);
  if (isfinite (priority))
    g_assert_cmpfloat (g_ascii_strtod (text, NULL), ==, priority);
}

static void
test_priority_text (void)
{
  assert_text (0, "0");
  assert_text (-0.0, "0");
  assert_text (-15, "-15");
  assert_text (100, "100");
  assert_text (-2.5, "-2.5");
  assert_text (0.1, "0.1");
  assert_text (1.0 / 3, "0.3333333333333333");
  assert_text (123456.789, "123456.789");
  assert_text (1e21, "1000000000000000000000");
  assert_text (1.5e-7, "0.00000015");
  assert_text (9007199254740993.0, "9007199254740992");
  assert_text (NAN, "NaN");
  assert_text (-INFINITY, "-Infinity");
}

static void
assert_invalid (const CbJobSpec *spec,
                const char      *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (cb_job_spec_check (spec, &error));
  g_assert_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_INVALID);
  g_assert_cmpstr (error->message, ==, message);
}

static void
assert_valid (const CbJobSpec *spec)
{
  g_autoptr (GError) error = NULL;

  cb_job_spec_check (spec, &error);
  g_assert_no_error (error);
}

static void
set_data (CbJobSpec  *spec,
          const char *text)
{
  g_clear_pointer (&spec->data, g_bytes_unref);
  spec->data = g_bytes_new (text, strlen (text));
}

static void
set_backoff (CbJobSpec  *spec,
             const char *text)
{
  g_free (spec->backoff);
  spec->backoff = g_strdup (text);
}

static void
test_check (void)
{
  g_autoptr (CbJobSpec) spec = cb_job_spec_new ("email", NULL);
  g_autoptr (CbJobSpec) copy = NULL;
  g_autoptr (CbJobSpec) nameless = cb_job_spec_new (NULL, NULL);

  g_assert_cmpuint (g_bytes_get_size (spec->data), ==, 2);
  g_assert_cmpint (spec->attempts, ==, 1);
  assert_valid (spec);
  assert_invalid (nameless, "The name of the queue is missing");
  nameless->queue = g_strdup ("\xff");
  assert_invalid (nameless, "The name of the queue is no valid UTF-8");

  set_data (spec, "");
  assert_invalid (spec, "The data are not valid JSON. Line 1, column 1: there is nothing here");
  set_data (spec, "{\"a\":");
  assert_invalid (spec, "The data are not valid JSON. Line 1, column 6: the text ends inside an object");
  set_data (spec, "\"text alone\"");
  assert_valid (spec);

  spec->priority = NAN;
  assert_invalid (spec, "The priority has to be a number");
  spec->priority = -2.5;

  spec->delay_msec = -1;
  assert_invalid (spec, "The delay has to be 0 or more milliseconds, and less than 190,000 years");
  spec->delay_msec = G_MAXINT64;
  assert_invalid (spec, "The delay has to be 0 or more milliseconds, and less than 190,000 years");
  spec->delay_msec = 1000;
  assert_valid (spec);
  spec->due_at = 1700000000000000;
  assert_invalid (spec, "Either a delay or a moment can be given, not both");
  spec->delay_msec = 0;
  assert_valid (spec);
  spec->due_at = G_MAXINT64;
  assert_invalid (spec, "The moment when the job is due has to be between 1970 and the year 190000");
  spec->due_at = 0;

  spec->attempts = 0;
  assert_invalid (spec, "At least one attempt is needed");
  spec->attempts = 3;
  spec->ttl_msec = -5;
  assert_invalid (spec, "The time to live has to be 0 or more milliseconds, and less than 190,000 years");
  spec->ttl_msec = 5;

  set_backoff (spec, "true");
  assert_valid (spec);
  set_backoff (spec, "{\"type\":\"fixed\"}");
  assert_valid (spec);
  set_backoff (spec, "{\"type\":\"exponential\",\"delay\":1000,\"maxDelay\":60000}");
  assert_valid (spec);
  set_backoff (spec, "{\"type\":\"fixed\",\"delay\":\"1000\"}");
  assert_invalid (spec, "The delays of a back-off are numbers of milliseconds, 0 or more");
  set_backoff (spec, "{\"type\":\"fixed\",\"delay\":-1}");
  assert_invalid (spec, "The delays of a back-off are numbers of milliseconds, 0 or more");
  set_backoff (spec, "{\"type\":\"random\"}");
  assert_invalid (spec, "The type of a back-off is “fixed” or “exponential”");
  /* Other workers run what stands there. */
  set_backoff (spec, "function(){ process.exit() }");
  assert_invalid (spec, "The back-off has to be “true” or an object like {\"type\":\"exponential\",\"delay\":1000}");
  set_backoff (spec, "true");

  spec->search_keys = g_strsplit ("a b", " ", -1);
  copy = cb_job_spec_copy (spec);
  assert_valid (copy);
  g_assert_cmpstr (copy->queue, ==, "email");
  g_assert_cmpstr (copy->backoff, ==, "true");
  g_assert_cmpint (copy->attempts, ==, 3);
  g_assert_cmpfloat (copy->priority, ==, -2.5);
  g_assert_cmpuint (g_strv_length (copy->search_keys), ==, 2);
  g_assert_true (copy->search_keys != spec->search_keys);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/job-spec/priority", test_priority);
  g_test_add_func ("/job-spec/priority/text", test_priority_text);
  g_test_add_func ("/job-spec/check", test_check);

  return g_test_run ();
}
