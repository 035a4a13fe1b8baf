/* test-announcements.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What a screen reader says, and when: never more than one in two seconds. */

#include "cb-announcements.h"

#define SECOND G_USEC_PER_SEC

static void
assert_said (CbAnnouncements *announcements, gint64 now, const char *expected)
{
  g_autofree char *said = cb_announcements_take (announcements, now);

  g_assert_cmpstr (said, ==, expected);
}

static void
test_one (void)
{
  g_autoptr (CbAnnouncements) announcements = cb_announcements_new ();

  g_assert_cmpint (cb_announcements_get_due (announcements, 0), ==, -1);
  assert_said (announcements, 0, NULL);
  cb_announcements_add (announcements, "first", FALSE);
  g_assert_cmpint (cb_announcements_get_due (announcements, 5), ==, 5);
  assert_said (announcements, 5, "first");
  assert_said (announcements, 10 * SECOND, NULL);
  g_assert_cmpint (cb_announcements_get_due (announcements, 10 * SECOND), ==, -1);
}

static void
test_newest (void)
{
  g_autoptr (CbAnnouncements) announcements = cb_announcements_new ();

  cb_announcements_add (announcements, "first", FALSE);
  assert_said (announcements, SECOND, "first");
  cb_announcements_add (announcements, "second", FALSE);
  cb_announcements_add (announcements, "third", FALSE);
  g_assert_cmpint (cb_announcements_get_due (announcements, SECOND), ==, 3 * SECOND);
  assert_said (announcements, 3 * SECOND - 1, NULL);
  assert_said (announcements, 3 * SECOND, "third");
  g_assert_cmpint (cb_announcements_get_due (announcements, 3 * SECOND), ==, -1);
}

static void
test_urgent (void)
{
  g_autoptr (CbAnnouncements) announcements = cb_announcements_new ();

  cb_announcements_add (announcements, "a toast", FALSE);
  cb_announcements_add (announcements, "lost", TRUE);
  cb_announcements_add (announcements, "back", TRUE);
  cb_announcements_add (announcements, "another toast", FALSE);
  assert_said (announcements, SECOND, "back");
  assert_said (announcements, 2 * SECOND, NULL);
  assert_said (announcements, 3 * SECOND, "another toast");
  assert_said (announcements, 9 * SECOND, NULL);
}

/* Many at any times: never two in two seconds, and the last one of all is said. */
static void
test_flood (void)
{
  g_autoptr (CbAnnouncements) announcements = cb_announcements_new ();
  gint64 last_at = -1;
  guint n_said = 0;

  for (gint64 now = 0; now < 60 * SECOND; now += g_test_rand_int_range (1000, 100000))
    {
      g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, now);
      g_autofree char *said = NULL;

      cb_announcements_add (announcements, text, FALSE);
      said = cb_announcements_take (announcements, now);
      if (said != NULL)
        {
          g_assert_true (last_at < 0 || now - last_at >= CB_ANNOUNCEMENTS_INTERVAL);
          last_at = now;
          n_said++;
        }
    }
  g_assert_cmpuint (n_said, >, 20);
  g_assert_cmpuint (n_said, <=, 30);
  cb_announcements_add (announcements, "the end", FALSE);
  assert_said (announcements, 70 * SECOND, "the end");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/announcements/one", test_one);
  g_test_add_func ("/announcements/newest", test_newest);
  g_test_add_func ("/announcements/urgent", test_urgent);
  g_test_add_func ("/announcements/flood", test_flood);

  return g_test_run ();
}
