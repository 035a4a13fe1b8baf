/* storm-children.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Those who can be killed, and who starts them again. */

#include "config.h"

#include "storm.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>

#include "cb-test-child.h"
#include "cb-test-cli.h"
#include "cb-test-wait.h"

Child *
storm_kue_worker (Storm *storm)
{
  return &storm->children[N_OURS];
}

Child *
storm_kue_producer (Storm *storm)
{
  return &storm->children[N_OURS + 1];
}

static int
open_to_append (const char *path)
{
  int fd = open (path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

  g_assert_cmpint (fd, >=, 0);
  return fd;
}

GSubprocess *
storm_spawn (Storm *storm,
             const char *output,
             GSubprocessFlags flags,
             const char * const *argv)
{
  g_autoptr (GSubprocessLauncher) launcher = cb_test_child_launcher_new (flags);
  g_autofree char *uri = g_strdup_printf ("unix:%s", cb_test_redis_get_path (storm->redis));
  g_autoptr (GError) error = NULL;
  GSubprocess *process;

  g_subprocess_launcher_setenv (launcher, "LC_ALL", "C", TRUE);
  g_subprocess_launcher_setenv (launcher, "CALLBOARD_SERVER", uri, TRUE);
  if (output != NULL)
    g_subprocess_launcher_take_stdout_fd (launcher, open_to_append (output));
  g_subprocess_launcher_take_stderr_fd (launcher, open_to_append (storm->errors));
  process = g_subprocess_launcher_spawnv (launcher, argv, &error);
  g_assert_no_error (error);

  return process;
}

static void
start (Storm *storm,
       Child *child)
{
  const char *socket = cb_test_redis_get_path (storm->redis);

  if (child->target == OURS)
    {
      g_autofree char *cli = cb_test_cli_dup_path ();
      g_autofree char *handler = g_build_filename (g_getenv ("CB_TEST_BUILD_ROOT"), "tests", "crash", "storm-handler", NULL);
      g_autofree char *output = g_strdup_printf ("%s/%u", storm->said, storm->n_starts++);
      const char *concurrency = storm->calm ? "--concurrency=30" : "--concurrency=5";
      const char *argv[] = { cli, "--json", "work", QUEUE, concurrency, "--handler=command", "--", handler,
                             storm->record, NULL };

      child->process = storm_spawn (storm, output, G_SUBPROCESS_FLAGS_NONE, argv);
    }
  else
    {
      const char *argv[] = { "node", storm->kue_script, child == storm_kue_worker (storm) ? "work" : "create", "--type", QUEUE,
                             "--concurrency", "8", "--file", storm->record, "--socket", socket, NULL };

      child->process = storm_spawn (storm, NULL, child == storm_kue_producer (storm) ? G_SUBPROCESS_FLAGS_STDIN_PIPE : 0, argv);
    }
}

void
storm_wait_for_end (GSubprocess *process)
{
  g_autoptr (GAsyncResult) result = NULL;

  g_subprocess_wait_async (process, NULL, cb_test_store_result, &result);
  g_subprocess_wait_finish (process, cb_test_wait_result (&result), NULL);
}

void
storm_fail_with_errors (Storm *storm,
                        const char *what)
{
  g_autofree char *errors = NULL;

  g_file_get_contents (storm->errors, &errors, NULL, NULL);
  g_error ("%s. What was complained about ends with:\n%s", what,
           errors != NULL ? errors + MAX ((gssize) strlen (errors) - 4000, 0) : "");
}

/* One that ended although it was not killed. Who starts it again is whoever looks after services on the machine. */
static void
ended_by_itself (Storm *storm,
                 Child *child)
{
  g_autoptr (GSubprocess) process = g_steal_pointer (&child->process);

  storm_wait_for_end (process);
  if (child->target == KUE)
    {
      storm->n_kue_ended++; /* its own trouble with a server that comes and goes */
    }
  else if (g_subprocess_get_if_exited (process) && g_subprocess_get_exit_status (process) == 3)
    {
      storm->n_no_server++;
    }
  else
    {
      g_autofree char *what = g_strdup_printf ("The %s ended by itself: %s %d", child->name,
                                               g_subprocess_get_if_exited (process) ? "status" : "signal",
                                               g_subprocess_get_if_exited (process) ? g_subprocess_get_exit_status (process)
                                                                                    : g_subprocess_get_term_sig (process));
      storm_fail_with_errors (storm, what);
    }
  child->start_at = g_get_monotonic_time () + 100 * G_TIME_SPAN_MILLISECOND;
}

gboolean
storm_supervise_cb (gpointer user_data)
{
  Storm *storm = user_data;

  for (guint i = 0; i < G_N_ELEMENTS (storm->children); i++)
    {
      Child *child = &storm->children[i];

      if (child->process != NULL && g_subprocess_get_identifier (child->process) == NULL)
        ended_by_itself (storm, child);
      else if (child->process == NULL && child->start_at >= 0 && child->start_at <= g_get_monotonic_time ())
        start (storm, child);
    }

  return G_SOURCE_CONTINUE;
}

void
storm_kill_child (Child *child)
{
  g_autoptr (GSubprocess) process = g_steal_pointer (&child->process);

  if (process == NULL)
    return;
  g_subprocess_force_exit (process);
  storm_wait_for_end (process);
}
