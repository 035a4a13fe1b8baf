/* bench-monitor.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/*
 * MONITOR on the page of the server, while another process gives the server as many commands as it takes: the window is to answer all the
 * time, to keep up with the server, and to count every command.
 *
 *   xvfb-run -a bench-monitor [SECONDS]
 *
 * It judges only with CB_BENCH_STRICT set.
 */

#include "config.h"

#include <hiredis.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <adwaita.h>
#include <glib/gstdio.h>

#include "cb-bench-gaps.h"
#include "cb-monitor-view.h"
#include "cb-window.h"

#define GAP_MSEC 50
#define FRAME_MSEC 33
#define BATCH 100

typedef struct
{
  char *socket;
  CbBenchGaps gaps;
  GMainLoop *loop;
  CbSession *session;
  CbWindow *window;
  CbMonitorView *view;
  volatile gint64 *sent; /* by the other process, shared with it; behind it whether it is to end */
} Bench;

static void
produce (const char *socket, volatile gint64 *sent)
{
  redisContext *redis = redisConnectUnix (socket);
  void *reply;

  if (redis == NULL || redis->err != 0)
    _exit (1);
  while (getppid () != 1 && sent[1] == 0)
    {
      for (int i = 0; i < BATCH; i++)
        redisAppendCommand (redis, "SET key:%d 0123456789012345678901234567890123456789", i);
      for (int i = 0; i < BATCH; i++)
        {
          if (redisGetReply (redis, &reply) != REDIS_OK)
            _exit (1);
          freeReplyObject (reply);
        }
      sent[0] += BATCH;
    }
  redisFree (redis);
  _exit (0);
}

static gboolean
stop_cb (gpointer data)
{
  g_main_loop_quit (((Bench *) data)->loop);
  return G_SOURCE_REMOVE;
}

static void
run_for (Bench *bench, guint msec)
{
  g_timeout_add (msec, stop_cb, bench);
  g_main_loop_run (bench->loop);
}

static GtkWidget *
find_view (GtkWidget *widget)
{
  GtkWidget *view = CB_IS_MONITOR_VIEW (widget) ? widget : NULL;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && view == NULL;
       child = gtk_widget_get_next_sibling (child))
    view = find_view (child);
  return view;
}

static void
open_window (Bench *bench, GtkApplication *application)
{
  g_autoptr (CbAddress) address = cb_address_new_unix (bench->socket);

  bench->session = cb_session_new (address);
  cb_session_start (bench->session);
  bench->window = cb_window_new (application, bench->session);
  cb_window_show_page (bench->window, "server");
  gtk_window_present (GTK_WINDOW (bench->window));
  while (bench->view == NULL || cb_monitor_view_get_monitor (bench->view) == NULL)
    {
      g_main_context_iteration (NULL, TRUE);
      bench->view = (CbMonitorView *) find_view (GTK_WIDGET (bench->window));
    }
  gtk_stack_set_visible_child (GTK_STACK (gtk_widget_get_parent (GTK_WIDGET (bench->view))), GTK_WIDGET (bench->view));
  gtk_widget_activate_action (GTK_WIDGET (bench->view), "monitor.start", NULL);
  while (cb_monitor_get_state (cb_monitor_view_get_monitor (bench->view)) != CB_MONITOR_RUNNING)
    g_main_context_iteration (NULL, TRUE);
  cb_bench_gaps_init (&bench->gaps, GTK_WIDGET (bench->window));
}

static gboolean
run (Bench *bench, guint seconds)
{
  CbMonitor *monitor = cb_monitor_view_get_monitor (bench->view);
  CbMessageList *messages = cb_monitor_get_messages (monitor);
  CbMessageCounts counts, before;
  gint64 began, elapsed, wait_until;
  double memory, memory_after, worst_gap, worst_frame;
  gboolean all_there;
  GPid producer = fork ();

  if (producer == 0)
    produce (bench->socket, bench->sent);
  run_for (bench, 3000);
  memory = cb_bench_get_memory ();
  cb_message_list_get_counts (messages, &before);
  cb_bench_gaps_begin (&bench->gaps);
  began = g_get_monotonic_time ();
  run_for (bench, seconds * 1000);
  elapsed = g_get_monotonic_time () - began;
  cb_bench_gaps_end (&bench->gaps);
  memory_after = cb_bench_get_memory ();
  cb_message_list_get_counts (messages, &counts);
  g_print ("%u s of MONITOR: %.0f commands a second taken\n", seconds,
           (double) (counts.received - before.received) * G_USEC_PER_SEC / (double) elapsed);

  bench->sent[1] = 1;
  waitpid (producer, NULL, 0);
  wait_until = g_get_monotonic_time () + 30 * G_USEC_PER_SEC;
  do
    {
      run_for (bench, 200);
      cb_message_list_get_counts (messages, &counts);
    }
  while ((gint64) counts.received < bench->sent[0] && g_get_monotonic_time () < wait_until);
  /* The window itself asks the server for things, too. */
  all_there = cb_monitor_get_state (monitor) == CB_MONITOR_RUNNING && (gint64) counts.received >= bench->sent[0] &&
              counts.received == counts.in_list + counts.held_back + counts.discarded;

  cb_bench_gaps_report (&bench->gaps, GAP_MSEC, FRAME_MSEC, &worst_gap, &worst_frame);
  g_print ("  memory: %.1f MiB before, %.1f MiB after\n", memory, memory_after);
  g_print ("  sent %" G_GINT64_FORMAT ", received %" G_GUINT64_FORMAT " = in the list %u + held back %u + discarded %" G_GUINT64_FORMAT ": %s\n",
           bench->sent[0], counts.received, counts.in_list, counts.held_back, counts.discarded, all_there ? "yes" : "NO");
  if (cb_monitor_get_problem (monitor) != NULL)
    g_print ("  %s\n", cb_monitor_get_problem (monitor));
  return all_there && worst_gap <= GAP_MSEC && memory_after < memory + 20;
}

int
main (int argc, char **argv)
{
  Bench bench = { 0 };
  g_autofree char *directory = g_dir_make_tmp ("callboard-bench-XXXXXX", NULL);
  g_autoptr (GSubprocess) server = NULL;
  g_autoptr (AdwApplication) application = NULL;
  guint seconds = argc > 1 ? (guint) atoi (argv[1]) : 20;
  gboolean good;

  bench.socket = g_build_filename (directory, "redis.sock", NULL);
  server = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE, NULL, "redis-server", "--port", "0", "--unixsocket", bench.socket,
                             "--save", "", "--dir", directory, NULL);
  if (server == NULL)
    {
      g_printerr ("There is no redis-server to run on.\n");
      return 77;
    }
  while (!g_file_test (bench.socket, G_FILE_TEST_EXISTS))
    g_usleep (10000);

  bench.sent = mmap (NULL, 2 * sizeof (gint64), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  g_assert_true (bench.sent != MAP_FAILED);
  bench.loop = g_main_loop_new (NULL, FALSE);

  g_setenv ("GSETTINGS_BACKEND", "memory", TRUE);
  adw_init ();
  application = ADW_APPLICATION (adw_application_new (NULL, G_APPLICATION_NON_UNIQUE));
  g_object_set (application, "resource-base-path", "/io/github/callboard/Callboard", NULL);
  g_application_register (G_APPLICATION (application), NULL, NULL);
  open_window (&bench, GTK_APPLICATION (application));
  good = run (&bench, seconds);

  gtk_window_destroy (GTK_WINDOW (bench.window));
  cb_session_stop_async (bench.session, NULL, NULL);
  g_object_unref (bench.session);
  g_subprocess_force_exit (server);
  g_unlink (bench.socket);
  g_rmdir (directory);
  cb_bench_gaps_clear (&bench.gaps);
  g_main_loop_unref (bench.loop);
  g_free (bench.socket);
  return g_getenv ("CB_BENCH_STRICT") != NULL && !good ? 1 : 0;
}
