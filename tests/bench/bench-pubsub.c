/* bench-pubsub.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/*
 * The page of Pub/Sub on a real server while messages of 100 bytes come: at a rate first, then as fast as they are taken. A timer of 5 ms
 * measures how long the main loop was away, and each frame how long it took.
 *
 *   xvfb-run -a bench-pubsub [SECONDS] [MESSAGES-A-SECOND] [SECONDS-AT-FULL-SPEED]
 *
 * Asked for are no gap over 50 ms, memory that stays, and every message accounted for: the number that the server says it sent to us is
 * the number in the list, held back, and discarded. It judges only with CB_BENCH_STRICT set; a machine that does other things
 * makes gaps of its own, so the time that this thread was at work in each is printed, too.
 */

#include "config.h"

#include <hiredis.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <adwaita.h>
#include <glib/gstdio.h>

#include "cb-bench-gaps.h"
#include "cb-pubsub-page.h"
#include "cb-window.h"

#define COUNT_MSEC 5
#define GAP_MSEC 50
#define FRAME_MSEC 33
#define PAYLOAD_SIZE 100
#define BATCH 500

/* What the publisher and the window tell each other. */
typedef struct
{
  volatile gint64 received;  /* by the window so far: the brake at full speed */
  volatile gint64 sent;      /* messages that reached us, as the server says */
} Shared;

typedef struct
{
  char *socket;
  CbBenchGaps gaps;
  GMainLoop *loop;
  CbSession *session;
  CbWindow *window;
  CbPubsub *pubsub;
  Shared *shared;
} Bench;

/* ---- the publisher, a process of its own ---- */

static gint64
count_receivers (redisContext *redis, int n)
{
  gint64 sum = 0;
  void *reply;

  for (int i = 0; i < n; i++)
    {
      if (redisGetReply (redis, &reply) != REDIS_OK)
        _exit (1);
      sum += ((redisReply *) reply)->integer;
      freeReplyObject (reply);
    }
  return sum;
}

/* @rate 0: as fast as they are taken, with at most @ahead more sent than received, as a server cuts off who is far behind. */
static void
produce (const char *socket, Shared *shared, gint64 rate, gint64 ahead)
{
  redisContext *redis = redisConnectUnix (socket);
  char payload[PAYLOAD_SIZE];
  char *commands = malloc (BATCH * (PAYLOAD_SIZE + 64));
  size_t length;
  gint64 began = g_get_monotonic_time ();
  gint64 n = 0, n_base = shared->received;
  gboolean stopped = FALSE;

  if (redis == NULL || redis->err != 0)
    _exit (1);
  memset (payload, 'x', sizeof payload);
  shared->sent = 0;

  /* Made once: on a machine of two cores what the publisher does is taken from those who are measured. */
  for (int i = 0; i < BATCH; i++)
    {
      char *at = commands + (size_t) i * (PAYLOAD_SIZE + 64);
      int head = snprintf (at, 64, "*3\r\n$7\r\nPUBLISH\r\n$5\r\nbench\r\n$%d\r\n", PAYLOAD_SIZE);

      memcpy (at + head, payload, sizeof payload);
      memcpy (at + head + sizeof payload, "\r\n", 2);
      length = (size_t) head + sizeof payload + 2;
      memmove (commands + (size_t) i * length, at, length);
    }

  while (!stopped)
    {
      gint64 wanted = rate > 0 ? (g_get_monotonic_time () - began) * rate / G_USEC_PER_SEC - n
                               : shared->received - n_base + ahead - n;
      int batch = (int) MIN (wanted, BATCH);

      if (batch <= 0)
        {
          g_usleep (500);
          stopped = shared->received < 0 || getppid () == 1;
          continue;
        }
      redisAppendFormattedCommand (redis, commands, (size_t) batch * length);
      shared->sent += count_receivers (redis, batch);
      n += batch;
      stopped = shared->received < 0 || getppid () == 1;
    }
  redisFree (redis);
  _exit (0);
}

/* ---- measuring ---- */

/* How many were received: the brake of the publisher. */
static gboolean
count_cb (gpointer data)
{
  Bench *bench = data;
  CbMessageCounts counts;

  if (bench->shared->received >= 0)
    {
      cb_message_list_get_counts (cb_pubsub_get_messages (bench->pubsub), &counts);
      bench->shared->received = (gint64) counts.received;
    }
  return G_SOURCE_CONTINUE;
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
find_page (GtkWidget *widget)
{
  GtkWidget *page = CB_IS_PUBSUB_PAGE (widget) ? widget : NULL;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && page == NULL;
       child = gtk_widget_get_next_sibling (child))
    page = find_page (child);
  return page;
}

static void
open_window (Bench *bench, GtkApplication *application)
{
  g_autoptr (CbAddress) address = cb_address_new_unix (bench->socket);
  g_autoptr (GBytes) name = g_bytes_new_static ("bench", 5);

  bench->session = cb_session_new (address);
  cb_session_start (bench->session);
  bench->window = cb_window_new (application, bench->session);
  cb_window_show_page (bench->window, "pubsub");
  gtk_window_present (GTK_WINDOW (bench->window));
  while (bench->pubsub == NULL)
    {
      GtkWidget *page = find_page (GTK_WIDGET (bench->window));

      g_main_context_iteration (NULL, TRUE);
      bench->pubsub = page != NULL ? cb_pubsub_page_get_pubsub (CB_PUBSUB_PAGE (page)) : NULL;
    }
  cb_pubsub_subscribe (bench->pubsub, CB_TOPIC_CHANNEL, name);
  while (!cb_pubsub_get_connected (bench->pubsub))
    g_main_context_iteration (NULL, TRUE);

  cb_bench_gaps_init (&bench->gaps, GTK_WIDGET (bench->window));
  g_timeout_add (COUNT_MSEC, count_cb, bench);
}

/* One run; returns whether all that was asked for was so. */
static gboolean
run (Bench *bench, guint seconds, gint64 rate, double least_rate, int limit_gap, int limit_frame)
{
  CbMessageCounts counts, before;
  gint64 began, elapsed, wait_until;
  double memory, memory_after, worst_gap, worst_frame, taken;
  gboolean all_there;
  guint64 counts_taken;
  struct rusage usage, usage_after;
  double busy;
  GPid producer;

  cb_pubsub_clear (bench->pubsub);
  bench->shared->received = 0;
  producer = fork ();
  if (producer == 0)
    produce (bench->socket, bench->shared, rate, 30000);

  /* The list is full, and the allocator has what it needs. */
  run_for (bench, 3000);
  memory = cb_bench_get_memory ();
  cb_message_list_get_counts (cb_pubsub_get_messages (bench->pubsub), &before);
  getrusage (RUSAGE_SELF, &usage);
  cb_bench_gaps_begin (&bench->gaps);
  began = g_get_monotonic_time ();
  run_for (bench, seconds * 1000);
  elapsed = g_get_monotonic_time () - began;
  cb_bench_gaps_end (&bench->gaps);
  getrusage (RUSAGE_SELF, &usage_after);
  busy = (double) (usage_after.ru_utime.tv_sec - usage.ru_utime.tv_sec + usage_after.ru_stime.tv_sec - usage.ru_stime.tv_sec) * G_USEC_PER_SEC +
         (double) (usage_after.ru_utime.tv_usec - usage.ru_utime.tv_usec + usage_after.ru_stime.tv_usec - usage.ru_stime.tv_usec);
  memory_after = cb_bench_get_memory ();
  cb_message_list_get_counts (cb_pubsub_get_messages (bench->pubsub), &counts);
  counts_taken = counts.received - before.received;
  taken = (double) counts_taken * G_USEC_PER_SEC / (double) elapsed;

  bench->shared->received = -1;
  waitpid (producer, NULL, 0);
  wait_until = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;
  do
    {
      run_for (bench, 200);
      cb_message_list_get_counts (cb_pubsub_get_messages (bench->pubsub), &counts);
    }
  while ((gint64) counts.received < bench->shared->sent && g_get_monotonic_time () < wait_until);
  all_there = (gint64) counts.received == bench->shared->sent &&
              counts.received == counts.in_list + counts.held_back + counts.discarded &&
              cb_pubsub_get_n_gaps (bench->pubsub) == 0;

  if (rate > 0)
    g_print ("%u s of %d bytes, %" G_GINT64_FORMAT " a second wanted: %.0f a second taken\n", seconds, PAYLOAD_SIZE, rate, taken);
  else
    g_print ("%u s of %d bytes, full speed: %.0f a second taken\n", seconds, PAYLOAD_SIZE, taken);
  g_print ("  processor time of the window: %.0f %%, %.2f µs a message\n", busy * 100 / (double) elapsed,
           busy / (double) (counts_taken > 0 ? counts_taken : 1));
  cb_bench_gaps_report (&bench->gaps, GAP_MSEC, FRAME_MSEC, &worst_gap, &worst_frame);
  g_print ("  memory: %.1f MiB before, %.1f MiB after\n", memory, memory_after);
  g_print ("  sent %" G_GINT64_FORMAT " = in the list %u + held back %u + discarded %" G_GUINT64_FORMAT ": %s\n",
           bench->shared->sent, counts.in_list, counts.held_back, counts.discarded, all_there ? "yes" : "NO");
  return all_there && taken >= least_rate && (limit_gap == 0 || worst_gap <= limit_gap) &&
         (limit_frame == 0 || worst_frame <= limit_frame) && memory_after < memory + 20;
}

int
main (int argc, char **argv)
{
  Bench bench = { 0 };
  g_autofree char *directory = g_dir_make_tmp ("callboard-bench-XXXXXX", NULL);
  g_autoptr (GSubprocess) server = NULL;
  g_autoptr (AdwApplication) application = NULL;
  guint seconds = argc > 1 ? (guint) atoi (argv[1]) : 60;
  gint64 rate = argc > 2 ? atoi (argv[2]) : 50000;
  guint full_seconds = argc > 3 ? (guint) atoi (argv[3]) : 10;
  gboolean good = TRUE;

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

  bench.shared = mmap (NULL, sizeof (Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  g_assert_true (bench.shared != MAP_FAILED);
  bench.loop = g_main_loop_new (NULL, FALSE);

  g_setenv ("GSETTINGS_BACKEND", "memory", TRUE);
  adw_init ();
  application = ADW_APPLICATION (adw_application_new (NULL, G_APPLICATION_NON_UNIQUE));
  g_object_set (application, "resource-base-path", "/io/github/callboard/Callboard", NULL);
  g_application_register (G_APPLICATION (application), NULL, NULL);
  open_window (&bench, GTK_APPLICATION (application));

  if (seconds > 0)
    good = run (&bench, seconds, rate, (double) rate * 0.99, GAP_MSEC, 0);
  if (full_seconds > 0)
    good = run (&bench, full_seconds, 0, 300000, 0, FRAME_MSEC) && good;

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
