/* cb-test-cli.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-test-child.h"
#include "cb-test-cli.h"

#include "cb-test-wait.h"

#include <signal.h>
#include <string.h>

void
cb_test_run_free (CbTestRun *self)
{
  if (self == NULL)
    return;

  g_free (self->output);
  g_free (self->errors);
  g_free (self);
}

char *
cb_test_cli_dup_path (void)
{
  const char *root = g_getenv ("CB_TEST_BUILD_ROOT");

  g_assert_nonnull (root);
  return g_build_filename (root, "src", "cli", "callboardctl", NULL);
}

/* A test that fails leaves no worker behind. */
GSubprocess *
cb_test_cli_spawn_full (CbTestRedis *server,
                        const char *locale,
                        GSubprocessFlags flags,
                        const char * const *words)
{
  g_autoptr (GSubprocessLauncher) launcher = cb_test_child_launcher_new (flags);
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  GSubprocess *process;

  /* The lines are compared as they are in the source, and the time zone is not to matter. */
  g_subprocess_launcher_setenv (launcher, "LC_ALL", locale, TRUE);
  g_subprocess_launcher_unsetenv (launcher, "LANGUAGE");
  g_subprocess_launcher_unsetenv (launcher, "CALLBOARD_SERVER");
  g_subprocess_launcher_setenv (launcher, "TZ", "UTC", TRUE);

  g_ptr_array_add (argv, cb_test_cli_dup_path ());
  for (; *words != NULL; words++)
    g_ptr_array_add (argv, g_strdup (*words));
  g_ptr_array_add (argv, NULL);

  if (server != NULL)
    {
      g_autofree char *uri = g_strdup_printf ("unix:%s", cb_test_redis_get_path (server));

      g_subprocess_launcher_setenv (launcher, "CALLBOARD_SERVER", uri, TRUE);
      /* What can be undone is written down, and not among what the user of the machine has. */
      g_subprocess_launcher_setenv (launcher, "XDG_DATA_HOME", cb_test_redis_get_directory (server), TRUE);
    }

  process = g_subprocess_launcher_spawnv (launcher, (const char * const *) argv->pdata, &error);
  g_assert_no_error (error);

  return process;
}

GSubprocess *
cb_test_cli_spawn (CbTestRedis *server,
                   const char * const *words)
{
  return cb_test_cli_spawn_full (server, "C", G_SUBPROCESS_FLAGS_STDOUT_PIPE, words);
}

static char *
to_string (GBytes *bytes)
{
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);

  return g_strndup (data != NULL ? data : "", length);
}

CbTestRun *
cb_test_cli_run (CbTestRedis *server,
                 const char *input,
                 const char * const *words)
{
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GBytes) in = NULL;
  g_autoptr (GBytes) out = NULL;
  g_autoptr (GBytes) err = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  CbTestRun *self = g_new0 (CbTestRun, 1);

  process = cb_test_cli_spawn_full (server, "C",
                                    (input != NULL ? G_SUBPROCESS_FLAGS_STDIN_PIPE : 0) |
                                      G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE,
                                    words);
  in = input != NULL ? g_bytes_new (input, strlen (input)) : NULL;

  g_subprocess_communicate_async (process, in, NULL, cb_test_store_result, &result);
  g_subprocess_communicate_finish (process, cb_test_wait_result (&result), &out, &err, &error);
  g_assert_no_error (error);

  self->output = to_string (out);
  self->errors = to_string (err);
  if (g_subprocess_get_if_exited (process))
    self->status = g_subprocess_get_exit_status (process);
  else
    g_error ("callboardctl ended by signal %d: %s", g_subprocess_get_term_sig (process), self->errors);

  return self;
}

char *
cb_test_cli_read_line (GDataInputStream *stream)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  char *line;

  g_data_input_stream_read_line_async (stream, G_PRIORITY_DEFAULT, NULL, cb_test_store_result, &result);
  line = g_data_input_stream_read_line_finish (stream, cb_test_wait_result (&result), NULL, &error);
  g_assert_no_error (error);

  return line;
}

int
cb_test_cli_wait (GSubprocess *process)
{
  g_autoptr (GAsyncResult) result = NULL;

  g_subprocess_wait_async (process, NULL, cb_test_store_result, &result);
  g_subprocess_wait_finish (process, cb_test_wait_result (&result), NULL);
  g_assert_true (g_subprocess_get_if_exited (process));

  return g_subprocess_get_exit_status (process);
}

void
cb_test_cli_check (CbTestRedis *server,
                   const char *file,
                   int line,
                   int status,
                   const char *output,
                   const char *errors,
                   const char * const *words)
{
  g_autoptr (CbTestRun) run = cb_test_cli_run (server, NULL, words);

  if (run->status != status || (output != NULL && strcmp (run->output, output) != 0) ||
      (errors != NULL && !g_pattern_match_simple (errors, run->errors)))
    {
      g_autofree char *command = g_strjoinv (" ", (char **) words);

      g_error ("%s:%d: callboardctl %s\n"
               "status %d, expected %d\noutput:\n%s\nexpected:\n%s\nerrors:\n%s\nexpected:\n%s",
               file, line, command, run->status, status, run->output, output != NULL ? output : "(anything)",
               run->errors, errors != NULL ? errors : "(anything)");
    }
}
