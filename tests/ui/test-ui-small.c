/* test-ui-small.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* A window as small as that of a telephone: it gets that small whatever is in it, each page can be reached and used, and what does not fit is
 * further down, or is in a second line. That nothing has a size below 0 is seen at the end: the program may not complain. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cb-test-redis.h"
#include "cb-test-wait.h"
#include "cb-ui-harness.h"

#define WIDTH 360
#define HEIGHT 294

#define MAKE \
  "redis.call ('SADD', 'q:job:types', 'email') " \
  "for id = 1, 20 do " \
  "  local z = string.format ('%02d|%d', #tostring (id), id) " \
  "  redis.call ('HSET', 'q:job:' .. id, 'type', 'email', 'state', 'failed', 'priority', '0', 'max_attempts', '3', 'attempts', '3', " \
  "              'created_at', '1700000000000', 'promote_at', '1700000000000', 'started_at', '1700000000500', " \
  "              'updated_at', '1700000001000', 'failed_at', '1700000001000', 'duration', '500', " \
  "              'error', 'Error: refused\\n' .. string.rep ('refused', 1500), 'data', '{\"n\":' .. id .. ',\"text\":\"' .. string.rep ('x', 10000) .. '\"}') " \
  "  redis.call ('RPUSH', 'q:job:' .. id .. ':log', string.rep ('l', 10000)) " \
  "  for _, key in ipairs ({ 'q:jobs', 'q:jobs:failed', 'q:jobs:email:failed' }) do redis.call ('ZADD', key, 0, z) end " \
  "end " \
  "redis.call ('SET', string.rep ('L', 524288), 'name of half a megabyte') redis.call ('SET', string.rep ('n:', 200) .. 'leaf', 'deep') " \
  "redis.call ('SET', 'a-string', string.rep ('letters', 2000)) redis.call ('HSET', 'a-hash', string.rep ('field', 500), string.rep ('x', 5000)) " \
  "redis.call ('ZADD', 'a-zset', 2.5, string.rep ('member', 500)) redis.call ('XADD', 'a-stream', '1-0', 'field', 'jaguar') " \
  "redis.call ('SET', 'q:ids', 20) return 1"

/* ---- the size of the window, by the display ---- */

static char *
ask (const char *command)
{
  g_autoptr (GError) error = NULL;
  char *output = NULL;

  g_spawn_command_line_sync (command, &output, NULL, NULL, &error);
  g_assert_no_error (error);
  return g_strchomp (output);
}

/* The number of the window that has the focus. */
static char *
get_window (void)
{
  for (guint i = 0; i < 200; i++)
    {
      g_autofree char *window = ask ("xdotool getactivewindow");

      if (*window != '\0')
        return g_steal_pointer (&window);
      g_usleep (50000);
    }
  cb_ui_fail ("No window has the focus");
}

static void
get_size (int *width, int *height)
{
  g_autofree char *window = get_window ();
  g_autofree char *command = g_strdup_printf ("xdotool getwindowgeometry --shell %s", window);
  g_autofree char *geometry = ask (command);
  const char *w = strstr (geometry, "WIDTH="), *h = strstr (geometry, "HEIGHT=");

  *width = w != NULL ? atoi (w + 6) : 0;
  *height = h != NULL ? atoi (h + 7) : 0;
}

/* What the program lets the window manager make of its window. The border that a window without shadow has is in it. */
static void
get_least (int *width, int *height)
{
  g_autofree char *window = get_window ();
  g_autofree char *command = g_strdup_printf ("xprop -id %s WM_NORMAL_HINTS", window);
  g_autofree char *hints = ask (command);
  const char *found = strstr (hints, "minimum size: ");

  *width = *height = 0;
  if (found != NULL)
    sscanf (found, "minimum size: %d by %d", width, height);
}

static void
shrink (void)
{
  cb_ui_resize (WIDTH, HEIGHT);
}

/* It may still be laying out what has come, and is as large again as soon as that needs more. */
static void
assert_small (const char *what)
{
  int width, height;

  cb_test_run_for (300);
  get_least (&width, &height);
  g_test_message ("%s: %d × %d", what, width, height);
  if (width > WIDTH || height > HEIGHT)
    cb_ui_fail ("%s needs %d × %d", what, width, height);
  get_size (&width, &height);
  if (width != WIDTH || height != HEIGHT)
    cb_ui_fail ("The window is %d × %d with %s", width, height, what);
}

/* It is not beyond the right edge; it may be further down. */
static void
assert_within (const char *role, const char *name)
{
  int x, y;

  cb_ui_get_middle (role, name, &x, &y);
  if (x < 10 || x > WIDTH - 10)
    cb_ui_fail ("%s is at %d", name, x);
}

/* With the pointer in the middle, on whatever is there. */
static void
turn_wheel (const char *how)
{
  g_autofree char *window = get_window ();
  g_autofree char *command = g_strdup_printf ("xdotool mousemove --window %s 150 165 click --delay 20 %s", window, how);

  g_free (ask (command));
  cb_test_run_for (100);
}

/* Scrolls down to it. */
static void
bring (const char *role, const char *name)
{
  int x, y = 0;

  for (guint i = 0; i < 30; i++)
    {
      cb_ui_get_middle (role, name, &x, &y);
      if (y < HEIGHT - 50)
        break;
      turn_wheel ("5");
    }
  g_assert_cmpint (y, >, 60);
  g_assert_cmpint (y, <, HEIGHT - 50);
}

/* By the sidebar. A label of that name on the page would be found before. */
static void
go_to (const char *name)
{
  cb_ui_key ("F9");
  cb_ui_find (NULL, "Main Menu");
  turn_wheel ("--repeat 20 4");
  bring ("label", name);
  cb_ui_click_on ("label", name);
  assert_small (name);
}

static void
open_key (const char *name, const char *part)
{
  cb_ui_key ("ctrl+f");
  cb_ui_key ("ctrl+a");
  cb_ui_type (name);
  cb_ui_wait_text ("exact name");
  cb_ui_key ("Return");
  cb_ui_wait_text (part);
  assert_within (NULL, "Delete");
  assert_small (name);
  cb_ui_click_on ("push button", "Keys");
  cb_ui_find (NULL, "Find Keys");
}

static void
test_pages (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));

  g_assert_cmpint (cb_test_redis_get_integer (redis, "EVAL", MAKE, "0", NULL), ==, 1);
  cb_ui_start ("--server", server, "--page", "overview", NULL);
  cb_ui_wait_text ("Failed: 20");
  cb_ui_find (NULL, "Retry All: Error: refused");
  shrink ();
  assert_small ("the overview");
  assert_within ("push button", "24 h");
  assert_within (NULL, "Show: Error: refused");

  go_to ("Keys");
  cb_ui_wait_text ("51 keys");
  assert_within (NULL, "Order and Folders");
  open_key ("a-string", "letters");
  open_key ("a-hash", "1 field");
  open_key ("a-zset", "1 member");
  open_key ("a-stream", "1 entry");

  go_to ("Pub/Sub");
  assert_within ("push button", "Subscribe");
  assert_within ("push button", "Publish");
  go_to ("Console");
  cb_ui_click_on ("text", "Command");
  cb_ui_type ("GET a-string");
  cb_ui_key ("Return");
  cb_ui_wait_text ("lettersletters");
  assert_small ("a long reply");
  go_to ("Server");
  cb_ui_wait_text ("This Server");
  assert_small ("the server");
  go_to ("Worker");
  assert_within (NULL, "Serve push_notification_code");
  go_to ("Doctor");
  bring ("label", "Check Now");
  cb_ui_click_until ("label", "Check Now", "Nothing Is Wrong");
  assert_small ("the doctor");

  go_to ("email");
  cb_ui_wait_text ("20 jobs");
  assert_small ("the list of jobs");
  cb_ui_click_until ("label", "19", "Timeline");
  cb_ui_find ("label", "Job 19");
  assert_within ("push button", "Retry");
  assert_within (NULL, "More");
  assert_within ("label", "Error: refused");
  assert_small ("a job");
  cb_ui_click_on ("push button", "Back to the List");
  cb_ui_wait_text ("20 jobs");
  assert_small ("the list again");
  cb_ui_stop ();
}

/* The list goes and the detail stays, with a way back. What GTK warns of is looked for when the program ends. */
static void
test_fold (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));
  int width, height, x, y;

  g_assert_cmpint (cb_test_redis_get_integer (redis, "EVAL", MAKE, "0", NULL), ==, 1);
  cb_ui_start ("--server", server, "--page", "keys", NULL);
  cb_ui_wait_text ("51 keys");
  get_size (&width, &height);
  cb_ui_key ("ctrl+f");
  cb_ui_type ("a-hash");
  cb_ui_wait_text ("exact name");
  cb_ui_key ("Return");
  cb_ui_wait_text ("1 field");
  cb_ui_find (NULL, "Find Keys");

  for (guint i = 0; i < 2; i++)
    {
      cb_ui_resize (500, 600);
      cb_ui_get_middle ("push button", "Keys", &x, &y);
      g_assert_cmpint (y, <, 150);
      cb_ui_get_middle (NULL, "Delete", &x, &y);
      g_assert_cmpint (x, <, 500);
      cb_ui_resize (width, height);
      cb_ui_find (NULL, "Find Keys");
    }
  cb_ui_stop ();
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!cb_ui_open ())
    return g_getenv ("CI") != NULL ? 1 : 77; /* never skipped where it counts */

  g_test_add_func ("/ui/small/pages", test_pages);
  g_test_add_func ("/ui/small/fold", test_fold);
  status = g_test_run ();
  cb_ui_close ();

  return status;
}
