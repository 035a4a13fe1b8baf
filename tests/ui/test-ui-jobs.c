/* test-ui-jobs.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What a newcomer does in the first minute, by mouse and keyboard alone. */

#include "cb-ui-harness.h"

#define MESSAGE "This is the code 1234 to verify your account"

static void
create_notification_job (const char *number)
{
  cb_ui_click_on ("push button", "New Job");
  cb_ui_click_on ("text", "Phone Number");
  cb_ui_type (number);
  cb_ui_click_on ("text", "Message");
  cb_ui_type (MESSAGE);
  cb_ui_wait_sensitive ("push button", "Create", TRUE);
  cb_ui_click_on ("push button", "Create");
  cb_ui_wait_text ("created");
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
  cb_ui_click_on (NULL, "Worker");
  cb_ui_wait_text ("Lately Done");
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

  create_notification_job ("4153518780");
  cb_ui_wait_text ("Phone number 4153518780 is blacklisted");
  cb_ui_click_on ("push button", "Job 1");
  cb_ui_wait_text ("Failed");
  cb_ui_wait_text ("Phone number 4153518780 is blacklisted");
  g_assert_null (cb_ui_find_notification ("4153518780"));
  cb_ui_stop ();
}

/* What can't be undone is asked first, and the answer is taken. */
static void
test_remove (void)
{
  cb_ui_start (NULL, NULL);
  cb_ui_wait_text ("No Queues Yet");
  cb_ui_click_on ("push button", "Try It With Samples");
  cb_ui_wait_text ("4153118782");
  cb_ui_click_on ("label", "4153118782  This is the code 4321 to verify your account");
  cb_ui_key ("Delete");
  cb_ui_wait_text ("Remove Job 4?");
  cb_ui_click_on ("label", "Cancel");
  cb_ui_wait_no_text ("Remove Job 4?");
  cb_ui_wait_text ("4153118782");

  cb_ui_key ("Delete");
  cb_ui_wait_text ("Remove Job 4?");
  cb_ui_click_on ("label", "Remove");
  /* First of all the toast, which is not there for long. */
  cb_ui_wait_text ("Job 4 removed");
  cb_ui_wait_no_text ("Remove Job 4?");
  cb_ui_wait_no_text ("4153118782  This");
  cb_ui_wait_text ("This job is not there any more");
  cb_ui_stop ();
}

/* Create is off while something is wrong, and what is wrong is said below its row. */
static void
test_checked_as_typed (void)
{
  cb_ui_start (NULL, NULL);
  cb_ui_wait_text ("No Queues Yet");
  cb_ui_click_on ("push button", "New Job");
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
  cb_ui_click_on (NULL, "JSON");
  cb_ui_wait_text ("\"phoneNumber\": \"41535\"");
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
  g_test_add_func ("/ui/jobs/checked-as-typed", test_checked_as_typed);
  status = g_test_run ();
  cb_ui_close ();

  return status;
}
