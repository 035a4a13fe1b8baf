/* test-ui-dialogs.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Dialogs on a small screen, with letters half as large again: each is on the screen with both of its buttons. */

#include <stdlib.h>
#include <string.h>

#include "cb-test-redis.h"
#include "cb-ui-harness.h"

#define SCREEN_WIDTH 1024
#define SCREEN_HEIGHT 600

static char *
ask (const char *command)
{
  g_autoptr (GError) error = NULL;
  char *output = NULL;

  g_spawn_command_line_sync (command, &output, NULL, NULL, &error);
  g_assert_no_error (error);
  return g_strchomp (output);
}

static int
get_number (const char *text, const char *name)
{
  const char *found = strstr (text, name);

  return found != NULL ? atoi (found + strlen (name)) : -1;
}

/* The window that has the focus, which is at rest when it is asked for twice in a row. */
static void
assert_on_screen (const char *what)
{
  g_autofree char *geometry = NULL;
  int x, y, width, height;

  for (guint i = 0; i < 50; i++)
    {
      g_autofree char *last = g_steal_pointer (&geometry);

      geometry = ask ("xdotool getactivewindow getwindowgeometry --shell");
      if (*geometry != '\0' && g_strcmp0 (last, geometry) == 0)
        break;
      g_usleep (200000);
    }

  x = get_number (geometry, "X=");
  y = get_number (geometry, "Y=");
  width = get_number (geometry, "WIDTH=");
  height = get_number (geometry, "HEIGHT=");
  g_test_message ("%s: %d x %d at %d, %d", what, width, height, x, y);
  if (width <= 0 || x < 0 || y < 0 || x + width > SCREEN_WIDTH || y + height > SCREEN_HEIGHT)
    cb_ui_fail ("%s is %d x %d at %d, %d", what, width, height, x, y);
}

/* Within the window that has the focus. */
static void
assert_button (const char *name)
{
  g_autofree char *geometry = ask ("xdotool getactivewindow getwindowgeometry --shell");
  int x, y;

  /* The label, as buttons of that name in the window behind have pictures. */
  cb_ui_get_middle ("label", name, &x, &y);
  if (x < 0 || y < 0 || x > get_number (geometry, "WIDTH=") || y > get_number (geometry, "HEIGHT="))
    cb_ui_fail ("%s is at %d, %d", name, x, y);
}

/* As somebody who has set large letters, and whose window was larger on another screen. */
static void
start (CbTestRedis *redis)
{
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));
  g_autofree char *folder = g_build_filename (cb_test_redis_get_directory (redis), "config", NULL);
  g_autofree char *gtk = g_build_filename (folder, "gtk-4.0", NULL);
  g_autofree char *settings = g_build_filename (gtk, "settings.ini", NULL);
  g_autofree char *glib = g_build_filename (folder, "glib-2.0", "settings", NULL);
  g_autofree char *kept = g_build_filename (glib, "keyfile", NULL);

  g_mkdir_with_parents (gtk, 0700);
  g_mkdir_with_parents (glib, 0700);
  g_assert_true (g_file_set_contents (settings, "[Settings]\ngtk-enable-animations=0\ngtk-font-name=Sans 15\n", -1, NULL));
  g_assert_true (g_file_set_contents (kept, "[io/github/callboard/Callboard]\nwindow-width=2400\nwindow-height=1500\n", -1, NULL));
  cb_ui_set_environment ("XDG_CONFIG_HOME", folder);
  cb_ui_start ("--server", server, "--page", "keys", NULL);
}

static void
test_fit (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *name = g_strnfill (500, 'n');
  g_autofree char *part = g_strnfill (16, 'n');

  cb_reply_unref (cb_test_redis_call (redis, "SET", name, "value", NULL));
  start (redis);
  cb_ui_wait_text ("1 key");
  assert_on_screen ("the window");

  cb_ui_key ("ctrl+n");
  cb_ui_wait_text ("Phone Number");
  assert_on_screen ("a new job");
  assert_button ("Cancel");
  assert_button ("Create");
  cb_ui_click_on ("label", "More");
  cb_ui_wait_text ("Priority");
  assert_on_screen ("a new job with all there is");
  assert_button ("Cancel");
  assert_button ("Create");
  cb_ui_key ("Escape");
  cb_ui_wait_no_text ("Phone Number");

  cb_ui_click_part ("Server ");
  cb_ui_wait_text ("Add Server…");
  cb_ui_key ("Tab");
  cb_ui_key ("space");
  cb_ui_wait_text ("With each opening");
  assert_on_screen ("a server");
  assert_button ("Cancel");
  assert_button ("Save");
  cb_ui_key ("Escape");
  cb_ui_wait_no_text ("With each opening");

  cb_ui_key ("ctrl+k");
  cb_ui_wait_text ("Go To");
  assert_on_screen ("where to go");
  cb_ui_type ("Notifications");
  cb_ui_wait_text ("Notifications");
  cb_ui_key ("Return");
  cb_ui_wait_text ("Jobs Wait Too Long");
  assert_on_screen ("notifications");
  cb_ui_key ("Escape");
  cb_ui_wait_no_text ("Jobs Wait Too Long");

  cb_ui_key ("F1");
  cb_ui_wait_text ("Go to a queue, a page or a job");
  assert_on_screen ("the shortcuts");
  cb_ui_check_names ("the shortcuts");
  /* What the keys of an action are is not in the list itself. */
  cb_ui_type ("ctrl+q");
  cb_ui_wait_no_text ("Go to a queue, a page or a job");
  cb_ui_thing_free (cb_ui_find ("label", "Quit"));
  cb_ui_type ("zzz");
  cb_ui_wait_text ("Nothing Matches");
  cb_ui_key ("Escape");
  cb_ui_wait_no_text ("Nothing Matches");

  /* As its menu does, where a key that comes too early would meet the item below, which is to quit. */
  cb_ui_activate ("about", NULL);
  cb_ui_wait_text ("The Callboard authors");
  assert_on_screen ("about");
  cb_ui_key ("Escape");
  cb_ui_wait_no_text ("The Callboard authors");

  cb_ui_click_part (part);
  cb_ui_wait_text ("5 bytes");
  cb_ui_key ("Delete");
  cb_ui_wait_text ("Delete This Key?");
  /* It is in it to the last letter. */
  cb_ui_wait_text (name);
  assert_on_screen ("a question");
  assert_button ("Cancel");
  assert_button ("Delete");
  cb_ui_key ("Return");
  cb_ui_wait_no_text ("Delete This Key?");
  g_assert_cmpint (cb_test_redis_get_integer (redis, "DBSIZE", NULL), ==, 1);
  cb_ui_stop ();
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  cb_ui_set_screen (G_STRINGIFY (SCREEN_WIDTH) "x" G_STRINGIFY (SCREEN_HEIGHT));
  if (!cb_ui_open ())
    return g_getenv ("CI") != NULL ? 1 : 77; /* never skipped where it counts */

  g_test_add_func ("/ui/dialogs/fit", test_fit);
  status = g_test_run ();
  cb_ui_close ();

  return status;
}
