/* test-ui-jobs.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What a newcomer does in the first minute, by mouse and keyboard alone. */

#include "cb-test-redis.h"
#include "cb-ui-harness.h"

#define MESSAGE "This is the code 1234 to verify your account"

static void
create_notification_job (const char *number)
{
  cb_ui_click_until ("push button", "New Job", "Phone Number");
  cb_ui_click_on ("text", "Phone Number");
  cb_ui_type (number);
  cb_ui_click_on ("text", "Message");
  cb_ui_type (MESSAGE);
  cb_ui_wait_sensitive ("push button", "Create", TRUE);
  cb_ui_click_on ("push button", "Create");
  cb_ui_wait_no_text ("Phone Number");
}

/* Nothing is on the machine: the private server starts, the worker is on, the first job runs and a notification is sent. */
static void
test_first_job (void)
{
  CbUiNotification *notification;

  cb_ui_start (NULL, NULL);
  cb_ui_wait_text ("No Queues Yet");
  create_notification_job ("4153518743");

  notification = cb_ui_wait_notification ("4153518743");
  g_assert_cmpstr (notification->body, ==, MESSAGE);
  g_assert_cmpstr (notification->default_action, ==, "default");
  cb_ui_wait_text ("Complete");

  /* A click on the notification leads to the job, with its log. */
  cb_ui_click_until (NULL, "Worker", "Lately Done");
  cb_ui_click_notification (notification);
  cb_ui_wait_text ("Sending notification to 4153518743, with message: " MESSAGE);
  cb_ui_wait_text ("Timeline");
  cb_ui_stop ();
}

static void
test_blocked (void)
{
  cb_ui_start ("--page", "worker", NULL);
  cb_ui_wait_text ("push_notification_code");
  cb_ui_click_on (NULL, "Block-List");
  cb_ui_click_on ("text", "Add a Phone Number");
  cb_ui_type ("4153518780");
  cb_ui_key ("Return");
  cb_ui_wait_text ("1 number: jobs for it fail without being sent");
  /* Folded again, so that what was done is within the window. */
  cb_ui_click_on (NULL, "Block-List");

  create_notification_job ("4153518780");
  cb_ui_wait_text ("Phone number 4153518780 is blacklisted");
  cb_ui_click_until ("push button", "Job 1", "Failed");
  cb_ui_wait_text ("Phone number 4153518780 is blacklisted");
  g_assert_null (cb_ui_find_notification ("4153518780"));
  cb_ui_stop ();
}

/* Nothing is asked where it can be undone: by the button that comes with the news, and by keyboard, for one and for many. */
static void
test_remove (void)
{
  cb_ui_start (NULL, NULL);
  cb_ui_wait_text ("No Queues Yet");
  cb_ui_click_until ("push button", "Try It With Samples", "4153118782");
  cb_ui_wait_text ("5 jobs");
  cb_ui_click_until ("label", "4153118782  This is the code 4321 to verify your account", "Timeline");
  cb_ui_key ("Delete");
  /* The news with its button is not there for long: what else has changed is looked at the second time. */
  cb_ui_wait_text ("Job 4 removed");
  cb_ui_click_until ("label", "Undo", "5 jobs");
  cb_ui_click_on ("label", "4153118782  This is the code 4321 to verify your account");
  cb_ui_key ("ctrl+a");
  cb_ui_wait_text ("5 Jobs Selected");
  cb_ui_key ("Delete");
  cb_ui_wait_text ("No Jobs");

  cb_ui_key ("ctrl+z");
  cb_ui_wait_text ("4153118782  This");
  cb_ui_stop ();
}

/* A job is changed in the form that made it; Save is off until something is different, and the change can be undone. */
static void
test_edit (void)
{
  cb_ui_start ("--page", "worker", NULL);
  cb_ui_wait_text ("On · 0 of 4 busy");
  cb_ui_click_until (NULL, "Serve push_notification_code", "Off");
  create_notification_job ("4153518743");
  cb_ui_click_on ("panel", "push_notification_code, 1 job, 0 failed");
  cb_ui_click_until ("label", "4153518743  " MESSAGE, "Timeline");
  cb_ui_key ("ctrl+e");
  cb_ui_wait_text ("Edit Job 1");
  cb_ui_wait_sensitive ("push button", "Save", FALSE);
  cb_ui_click_on ("text", "Message");
  cb_ui_key ("ctrl+a");
  cb_ui_type ("another code");
  cb_ui_wait_sensitive ("push button", "Save", TRUE);
  cb_ui_click_on ("push button", "Save");
  cb_ui_wait_text ("Job 1 changed");
  cb_ui_wait_text ("4153518743  another code");

  cb_ui_key ("ctrl+z");
  cb_ui_wait_text ("4153518743  " MESSAGE);
  cb_ui_stop ();
}

/* Only what matches is listed and acted on; what can't be understood is said, and Escape brings the whole list back. */
static void
test_filter (void)
{
  cb_ui_start (NULL, NULL);
  cb_ui_wait_text ("No Queues Yet");
  cb_ui_click_until ("push button", "Try It With Samples", "5 jobs, ");
  cb_ui_key ("ctrl+f");
  cb_ui_type ("data.phoneNumber:41531*");
  cb_ui_wait_text ("1 of 5 match");
  cb_ui_key ("ctrl+a");
  cb_ui_type ("age>2x");
  cb_ui_wait_text ("“age” is a time like");
  cb_ui_key ("ctrl+a");
  cb_ui_type ("nowhere-to-be-found");
  cb_ui_wait_text ("Nothing Matches");
  cb_ui_key ("ctrl+a");
  cb_ui_type ("41535");
  cb_ui_wait_text ("3 of 5 match");

  /* All that match, and nothing else. */
  cb_ui_click_on ("label", "4153518780  This is the code 1234 to verify your account");
  cb_ui_key ("ctrl+a");
  cb_ui_wait_text ("3 Jobs Selected");
  cb_ui_key ("Delete");
  cb_ui_wait_text ("Nothing Matches");
  cb_ui_key ("ctrl+f");
  cb_ui_key ("Escape");
  cb_ui_wait_text ("2 jobs, ");
  cb_ui_stop ();
}

/* Create is off while something is wrong, and what is wrong is said below its row. */
static void
test_checked_as_typed (void)
{
  cb_ui_start (NULL, NULL);
  cb_ui_wait_text ("No Queues Yet");
  cb_ui_click_until ("push button", "New Job", "Phone Number");
  cb_ui_wait_sensitive ("push button", "Create", FALSE);

  cb_ui_click_on ("text", "Phone Number");
  cb_ui_type ("41535x");
  cb_ui_wait_text ("A phone number is made of digits");
  cb_ui_key ("BackSpace");
  cb_ui_wait_no_text ("A phone number is made of digits");
  cb_ui_wait_sensitive ("push button", "Create", FALSE);

  /* Tab leads to the message, and what was typed is there as JSON. */
  cb_ui_key ("Tab");
  cb_ui_type ("hello");
  cb_ui_wait_sensitive ("push button", "Create", TRUE);
  cb_ui_click_until (NULL, "JSON", "\"phoneNumber\": \"41535\"");
  cb_ui_key ("ctrl+End");
  cb_ui_type ("x");
  cb_ui_wait_text ("Line 4, column 2");
  cb_ui_wait_sensitive ("push button", "Create", FALSE);
  cb_ui_key ("BackSpace");
  cb_ui_wait_sensitive ("push button", "Create", TRUE);
  cb_ui_key ("Escape");
  cb_ui_wait_no_text ("Create");
  cb_ui_stop ();
}

/* Where the clock is put forward and back, with a time of day that the one day has not got and the other has twice: what is meant is said
 * before, and is what is stored. The instants were reckoned with `TZ=Europe/Berlin date -d … +%s`. */
static void
test_odd_hours (void)
{
  static const struct
  {
    const char *date, *said;
    gint64 due;
  } jobs[] = {
    { "2036-03-30", "The clock is put forward and skips that time. The job will be due at 03:30 CEST.", G_GINT64_CONSTANT (2090453400000) },
    { "2036-10-26", "The clock is put back and shows that time twice. The first is meant: 02:30 CEST.", G_GINT64_CONSTANT (2108593800000) },
    { "2036-07-01", NULL, G_GINT64_CONSTANT (2098485000000) },
  };
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));
  g_autoptr (GTimeZone) berlin = g_time_zone_new_identifier ("Europe/Berlin");
  const char *zone = g_getenv ("TZ");

  if (berlin == NULL)
    {
      g_test_skip ("There are no time zones on this machine");
      return;
    }

  cb_ui_set_environment ("TZ", "Europe/Berlin");
  cb_ui_start ("--server", server, NULL);
  cb_ui_wait_text ("No Queues Yet");
  cb_ui_click_until ("push button", "New Job", "Phone Number");
  for (guint i = 0; i < G_N_ELEMENTS (jobs); i++)
    {
      g_autofree char *key = g_strdup_printf ("q:job:%u", i + 1);
      g_autofree char *member = g_strdup_printf ("01|%u", i + 1);
      g_autofree char *due = g_strdup_printf ("%" G_GINT64_FORMAT, jobs[i].due);
      g_autofree char *stored = NULL;
      g_autofree char *score = NULL;

      if (i > 0)
        cb_ui_click_until ("push button", "New Job", "Phone Number");
      cb_ui_click_on ("text", "Phone Number");
      cb_ui_type ("415");
      cb_ui_key ("Tab");
      cb_ui_type ("code");
      cb_ui_click_until ("label", "More", "Start");
      cb_ui_click_until ("label", "Start", "After a delay");
      cb_ui_key ("End");
      cb_ui_key ("Return");
      cb_ui_wait_no_text ("After a delay");
      /* Into sight, where the dialog is lower. */
      cb_ui_key ("Tab");
      cb_ui_key ("Tab");
      cb_ui_click_on ("text", "Date");
      cb_ui_key ("ctrl+a");
      cb_ui_type (jobs[i].date);
      cb_ui_click_on ("text", "Time");
      cb_ui_key ("ctrl+a");
      cb_ui_type ("02:30");
      cb_ui_find ("text", jobs[i].date);
      cb_ui_find ("text", "02:30");
      if (jobs[i].said != NULL)
        cb_ui_wait_text (jobs[i].said);
      else
        g_assert_false (cb_ui_has_text ("The clock is put"));
      cb_ui_wait_sensitive ("push button", "Create", TRUE);
      cb_ui_click_on ("push button", "Create");
      cb_ui_wait_no_text ("Phone Number");

      stored = cb_test_redis_get_string (redis, "HGET", key, "promote_at", NULL);
      g_assert_cmpstr (stored, ==, due);
      score = cb_test_redis_get_string (redis, "ZSCORE", "q:jobs:delayed", member, NULL);
      g_assert_cmpstr (score, ==, due);
    }
  cb_ui_stop ();
  cb_ui_set_environment ("TZ", zone != NULL ? zone : "UTC");
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!cb_ui_open ())
    return g_getenv ("CI") != NULL ? 1 : 77; /* never skipped where it counts */

  g_test_add_func ("/ui/jobs/first", test_first_job);
  g_test_add_func ("/ui/jobs/blocked", test_blocked);
  g_test_add_func ("/ui/jobs/remove", test_remove);
  g_test_add_func ("/ui/jobs/filter", test_filter);
  g_test_add_func ("/ui/jobs/edit", test_edit);
  g_test_add_func ("/ui/jobs/checked-as-typed", test_checked_as_typed);
  g_test_add_func ("/ui/jobs/odd-hours", test_odd_hours);
  status = g_test_run ();
  cb_ui_close ();

  return status;
}
