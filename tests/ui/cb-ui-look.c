/* cb-ui-look.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What the window looks like, by what tell-look.c does in it. */

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

#include "cb-ui-harness.h"

#define STEP_USEC 50000
#define STEPS 1200
#define LEAST 5

void
cb_ui_activate (const char *action, const char *parameter)
{
  g_autofree char *parameters = parameter != NULL ? g_strdup_printf ("[<%s>]", parameter) : g_strdup ("[]");
  const char *argv[] = { "gdbus", "call", "--session", "--dest", "io.github.callboard.Callboard", "--object-path",
                         "/io/github/callboard/Callboard", "--method", "org.gtk.Actions.Activate", action, parameters, "{}", NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *output = NULL;
  g_autofree char *errors = NULL;
  int status;

  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output, &errors, &status, &error);
  g_assert_no_error (error);
  if (status != 0)
    cb_ui_fail ("%s: %s", action, errors);
}

void
cb_ui_set_dark (gboolean dark)
{
  cb_ui_activate ("test-dark", dark ? "true" : "false");
}

void
cb_ui_set_text_size (guint percent)
{
  g_autofree char *parameter = g_strdup_printf ("%u", percent);

  cb_ui_activate ("test-text-size", parameter);
}

/* What the window writes into a file of its own when it is asked by that action. */
static char *
ask_window (const char *action)
{
  static guint n;
  g_autofree char *name = g_strdup_printf ("look-%u", n++);
  g_autofree char *path = g_build_filename (cb_ui_get_home (), name, NULL);
  g_autofree char *parameter = g_strdup_printf ("'%s'", path);
  char *told = NULL;

  cb_ui_activate (action, parameter);
  for (guint i = 0; !g_file_get_contents (path, &told, NULL, NULL); i++)
    {
      if (i == STEPS)
        cb_ui_fail ("%s is not answered", action);
      /* What it complains of is read here, too: with a full pipe it would wait for us. */
      while (g_main_context_iteration (NULL, FALSE))
        ;
      g_usleep (STEP_USEC);
    }
  g_unlink (path);

  return told;
}

guint
cb_ui_count_hard_to_read (const char *where)
{
  g_autofree char *told = ask_window ("test-contrast");
  g_auto (GStrv) lines = g_strsplit (g_strchomp (told), "\n", -1);
  guint n_lines = g_strv_length (lines);

  for (guint i = 0; i + 1 < n_lines; i++)
    g_test_message ("%s: %s", where, lines[i]);
  g_test_message ("%s: %u of %s are hard to read", where, n_lines - 1, lines[n_lines - 1]);
  if (atoi (lines[n_lines - 1]) < LEAST)
    cb_ui_fail ("%s: only %s texts were looked at", where, lines[n_lines - 1]);

  return n_lines - 1;
}

char *
cb_ui_dup_lines (void)
{
  return ask_window ("test-lines");
}

gboolean
cb_ui_has_style (const char *shown, const char *style)
{
  g_autofree char *told = ask_window ("test-styles");
  g_auto (GStrv) lines = g_strsplit (told, "\n", -1);
  g_autofree char *wanted = g_strconcat (" ", style, " ", NULL);
  gsize length = strlen (shown);

  for (guint i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], shown) && lines[i][length] == '\t' && strstr (lines[i] + length, wanted) != NULL)
      return TRUE;

  return FALSE;
}

char **
cb_ui_dup_texts (const char *where)
{
  g_autofree char *told = ask_window ("test-text");

  return g_strsplit (g_strchomp (told), "\n", -1);
}
