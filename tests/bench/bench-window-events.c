/* bench-window-events.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The real window on a real server while jobs are made, started, advanced and completed, each with its event: 2,000 events a
 * second. A timer of 5 ms measures how long the main loop was away; nothing over 50 ms is what we ask for.
 *
 *   xvfb-run -a bench-window-events [SECONDS] [EVENTS-A-SECOND] [STATE]
 *
 * STATE counts the buttons above the list from 0, which is all states, and what is looked at without it; 5 are the complete jobs, of
 * which 500 a second arrive on top of those in view.
 *
 * Prints how long the gaps were by the wall clock, and how much of each the main thread was really at work: a busy machine makes
 * gaps of its own, and the last line says how late the same timer is in a process that does nothing else. It judges only
 * with CB_BENCH_STRICT set.
 */

#include "config.h"

#include <hiredis.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <adwaita.h>
#include <glib/gstdio.h>

#include "cb-queue-page.h"
#include "cb-window.h"

#define TIMER_MSEC 5
#define WARM_UP_SEC 3
#define LIMIT_MSEC 50

typedef struct
{
  char *socket;
  int seconds;
  int rate;
  int state;
  GArray *gaps;               /* of gint64, µs: wall clock between two beats */
  GArray *work;               /* of gint64, µs: CPU time of this thread between them */
  gint64 last;
  gint64 last_work;
  GArray *layouts;            /* of gint64, µs: CPU time of the layout of a frame */
  GArray *paints;             /* of gint64, µs: and of its painting */
  gint64 phase_began;
  guint64 n_told;             /* ids told of by the board */
  GMainLoop *loop;
  CbSession *session;
  CbWindow *window;
  GPid producer;
} Bench;

/* ---- the producer, a process of its own ---- */

static void
append_event (redisContext *redis, gint64 id, const char *name, const char *rest)
{
  redisAppendCommand (redis, "PUBLISH q:events {\"id\":%lld,\"event\":\"%s\",\"args\":[\"%s\"%s]}", (long long) id, name, name,
                      rest);
}

/* A job goes through four events; @phase says which. Returns how many replies are to be read. */
static int
append_phase (redisContext *redis, gint64 id, int phase)
{
  g_autofree char *member = NULL;
  g_autofree char *number = g_strdup_printf ("%" G_GINT64_FORMAT, id);
  long long now = g_get_real_time () / 1000;

  member = g_strdup_printf ("%02d|%s", (int) strlen (number), number);
  switch (phase)
    {
    case 0:
      redisAppendCommand (redis, "HSET q:job:%lld type push_notification_code state inactive priority 0 max_attempts 3 "
                          "created_at %lld updated_at %lld data {\"phoneNumber\":\"4153518743\",\"message\":\"hello\"}",
                          (long long) id, now, now);
      redisAppendCommand (redis, "ZADD q:jobs 0 %s", member);
      redisAppendCommand (redis, "ZADD q:jobs:inactive 0 %s", member);
      redisAppendCommand (redis, "ZADD q:jobs:push_notification_code:inactive 0 %s", member);
      append_event (redis, id, "enqueue", ",\"push_notification_code\"");
      return 5;
    case 1:
      redisAppendCommand (redis, "HSET q:job:%lld state active started_at %lld updated_at %lld", (long long) id, now, now);
      redisAppendCommand (redis, "ZREM q:jobs:inactive %s", member);
      redisAppendCommand (redis, "ZREM q:jobs:push_notification_code:inactive %s", member);
      redisAppendCommand (redis, "ZADD q:jobs:active 0 %s", member);
      redisAppendCommand (redis, "ZADD q:jobs:push_notification_code:active 0 %s", member);
      append_event (redis, id, "start", ",\"push_notification_code\"");
      return 6;
    case 2:
      redisAppendCommand (redis, "HSET q:job:%lld progress 50 updated_at %lld", (long long) id, now);
      append_event (redis, id, "progress", ",50");
      return 2;
    default:
      redisAppendCommand (redis, "HSET q:job:%lld state complete progress 100 duration 10 updated_at %lld", (long long) id, now);
      redisAppendCommand (redis, "ZREM q:jobs:active %s", member);
      redisAppendCommand (redis, "ZREM q:jobs:push_notification_code:active %s", member);
      redisAppendCommand (redis, "ZADD q:jobs:complete 0 %s", member);
      redisAppendCommand (redis, "ZADD q:jobs:push_notification_code:complete 0 %s", member);
      append_event (redis, id, "complete", "");
      return 6;
    }
}

static void
read_replies (redisContext *redis, int n)
{
  void *reply;

  for (int i = 0; i < n; i++)
    {
      if (redisGetReply (redis, &reply) != REDIS_OK)
        _exit (1);
      freeReplyObject (reply);
    }
}

static void
produce (const char *socket, int rate)
{
  redisContext *redis = redisConnectUnix (socket);
  gint64 id = 1000;
  gint64 start = g_get_monotonic_time ();
  gint64 n_events = 0;

  if (redis == NULL || redis->err != 0)
    _exit (1);

  /* Ends when the server does. */
  for (;;)
    {
      gint64 due = (g_get_monotonic_time () - start) * rate / G_USEC_PER_SEC;
      int n = 0;

      /* Four jobs are on their way at any time, one in each phase. */
      for (; n_events < due && n < 2000; n_events++)
        {
          int phase = (int) (n_events % 4);

          if (phase == 0)
            redisAppendCommand (redis, "SET q:ids %lld", (long long) ++id), n++;
          if (id - phase >= 1001)
            n += append_phase (redis, id - phase, phase);
        }
      read_replies (redis, n);
      g_usleep (5000);
    }
}

static void
prepare (const char *socket)
{
  redisContext *redis = redisConnectUnix (socket);
  int n = 0;

  /* The socket is there a moment before anybody listens at it. */
  for (int i = 0; i < 500 && redis != NULL && redis->err != 0; i++)
    {
      redisFree (redis);
      g_usleep (10000);
      redis = redisConnectUnix (socket);
    }
  g_assert_nonnull (redis);
  g_assert_cmpint (redis->err, ==, 0);
  redisAppendCommand (redis, "SADD q:job:types push_notification_code");
  n++;
  for (gint64 id = 1; id <= 1000; id++)
    {
      for (int phase = 0; phase < (id % 3 == 0 ? 1 : 4); phase++)
        n += append_phase (redis, id, phase);
    }
  redisAppendCommand (redis, "SET q:ids 1000");
  read_replies (redis, n + 1);
  redisFree (redis);
}

/* ---- measuring ---- */

static gint64
get_thread_time (void)
{
  struct timespec time;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec * G_USEC_PER_SEC + time.tv_nsec / 1000;
}

static gboolean
measure_cb (gpointer data)
{
  Bench *bench = data;
  gint64 now = g_get_monotonic_time ();
  gint64 work_now = get_thread_time ();

  if (bench->last != 0)
    {
      gint64 gap = now - bench->last;
      gint64 work = work_now - bench->last_work;

      g_array_append_val (bench->gaps, gap);
      g_array_append_val (bench->work, work);
    }
  bench->last = now;
  bench->last_work = work_now;
  return G_SOURCE_CONTINUE;
}

static int
compare_gaps (gconstpointer a, gconstpointer b)
{
  gint64 first = *(const gint64 *) a;
  gint64 second = *(const gint64 *) b;

  return first < second ? -1 : first > second;
}

static double
get_quantile (GArray *gaps, double quantile)
{
  return gaps->len == 0 ? 0 : g_array_index (gaps, gint64, (guint) ((gaps->len - 1) * quantile)) / 1000.0;
}

static double
report (const char *what, GArray *gaps)
{
  guint n_over = 0;

  g_array_sort (gaps, compare_gaps);
  for (guint i = 0; i < gaps->len; i++)
    n_over += g_array_index (gaps, gint64, i) > LIMIT_MSEC * 1000;
  g_print ("%s: %u, p50 %.1f ms, p95 %.1f ms, p99 %.1f ms, p99.9 %.1f ms, max %.1f ms, %u over %d ms\n", what, gaps->len,
           get_quantile (gaps, 0.5), get_quantile (gaps, 0.95), get_quantile (gaps, 0.99), get_quantile (gaps, 0.999), get_quantile (gaps, 1), n_over,
           LIMIT_MSEC);
  return get_quantile (gaps, 1);
}

static gboolean
stop_cb (gpointer data)
{
  g_main_loop_quit (((Bench *) data)->loop);
  return G_SOURCE_REMOVE;
}

static GtkWidget *
find_page (GtkWidget *widget)
{
  GtkWidget *page = CB_IS_QUEUE_PAGE (widget) ? widget : NULL;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && page == NULL;
       child = gtk_widget_get_next_sibling (child))
    page = find_page (child);
  return page;
}

static gboolean
choose_state_cb (gpointer data)
{
  Bench *bench = data;
  GtkWidget *page = find_page (GTK_WIDGET (bench->window));

  if (page == NULL || !gtk_widget_activate_action (page, "queue.show-state", "i", bench->state))
    g_error ("There is no state %d to look at.", bench->state);
  return G_SOURCE_REMOVE;
}

static gboolean
start_cb (gpointer data)
{
  Bench *bench = data;

  g_timeout_add (TIMER_MSEC, measure_cb, bench);
  g_timeout_add_seconds ((guint) bench->seconds, stop_cb, bench);
  return G_SOURCE_REMOVE;
}

/* Connected behind GTK's own handlers, so that the time since the phase before is what the phase took. */
static void
phase_cb (Bench *bench, GArray *times)
{
  gint64 now = get_thread_time ();
  gint64 took = now - bench->phase_began;

  if (times != NULL && bench->last != 0)
    g_array_append_val (times, took);
  bench->phase_began = now;
}

static void
updated_cb (Bench *bench)
{
  phase_cb (bench, NULL);
}

static void
laid_out_cb (Bench *bench)
{
  phase_cb (bench, bench->layouts);
}

static void
painted_cb (Bench *bench)
{
  phase_cb (bench, bench->paints);
}

static void
jobs_changed_cb (Bench *bench, CbEngine *engine, const char * const *ids)
{
  bench->n_told += g_strv_length ((GStrv) ids);
}

static void
activate_cb (GtkApplication *application, Bench *bench)
{
  GdkFrameClock *clock;
  g_autoptr (CbAddress) address = cb_address_new_unix (bench->socket);

  bench->session = cb_session_new (address);
  cb_session_start (bench->session);
  g_signal_connect_swapped (cb_session_get_board (bench->session), "jobs-changed", G_CALLBACK (jobs_changed_cb), bench);
  bench->window = cb_window_new (application, bench->session);
  cb_window_show_page (bench->window, "push_notification_code");
  gtk_window_present (GTK_WINDOW (bench->window));
  clock = gtk_widget_get_frame_clock (GTK_WIDGET (bench->window));
  g_signal_connect_swapped (clock, "update", G_CALLBACK (updated_cb), bench);
  g_signal_connect_swapped (clock, "layout", G_CALLBACK (laid_out_cb), bench);
  g_signal_connect_swapped (clock, "paint", G_CALLBACK (painted_cb), bench);
  if (bench->state > 0)
    g_timeout_add_seconds (WARM_UP_SEC - 1, choose_state_cb, bench);
  g_timeout_add_seconds (WARM_UP_SEC, start_cb, bench);
}

static void
measure_idle (int seconds)
{
  Bench bench = {
    .gaps = g_array_new (FALSE, FALSE, sizeof (gint64)),
    .work = g_array_new (FALSE, FALSE, sizeof (gint64)),
    .loop = g_main_loop_new (NULL, FALSE),
  };
  guint id = g_timeout_add (TIMER_MSEC, measure_cb, &bench);

  g_timeout_add_seconds ((guint) seconds, stop_cb, &bench);
  g_main_loop_run (bench.loop);
  g_source_remove (id);
  report ("nothing but the timer", bench.gaps);
  g_array_unref (bench.gaps);
  g_array_unref (bench.work);
  g_main_loop_unref (bench.loop);
}

int
main (int argc, char **argv)
{
  Bench bench = { 0 };
  g_autofree char *directory = g_dir_make_tmp ("callboard-bench-XXXXXX", NULL);
  g_autoptr (GSubprocess) server = NULL;
  g_autoptr (AdwApplication) application = NULL;
  double max;

  bench.seconds = argc > 1 ? atoi (argv[1]) : 10;
  bench.rate = argc > 2 ? atoi (argv[2]) : 2000;
  bench.state = argc > 3 ? atoi (argv[3]) : 0;
  bench.socket = g_build_filename (directory, "redis.sock", NULL);
  server = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE, NULL, "redis-server", "--port", "0", "--unixsocket", bench.socket,
                             "--save", "", "--dir", directory, NULL);
  if (server == NULL)
    {
      g_printerr ("There is no redis-server to run on.\n");
      return 77;
    }
  prepare (bench.socket);

  bench.producer = fork ();
  if (bench.producer == 0)
    produce (bench.socket, bench.rate);

  g_setenv ("GSETTINGS_BACKEND", "memory", TRUE);
  adw_init ();
  bench.gaps = g_array_new (FALSE, FALSE, sizeof (gint64));
  bench.work = g_array_new (FALSE, FALSE, sizeof (gint64));
  bench.layouts = g_array_new (FALSE, FALSE, sizeof (gint64));
  bench.paints = g_array_new (FALSE, FALSE, sizeof (gint64));
  bench.loop = g_main_loop_new (NULL, FALSE);
  application = ADW_APPLICATION (adw_application_new (NULL, G_APPLICATION_NON_UNIQUE));
  g_object_set (application, "resource-base-path", "/io/github/callboard/Callboard", NULL);
  g_application_register (G_APPLICATION (application), NULL, NULL);
  activate_cb (GTK_APPLICATION (application), &bench);
  g_main_loop_run (bench.loop);

  kill (bench.producer, SIGTERM);
  waitpid (bench.producer, NULL, 0);
  g_print ("%d s, %d events a second wanted, %.0f changed jobs a second told\n", bench.seconds, bench.rate,
           (double) bench.n_told / (bench.seconds + WARM_UP_SEC));
  max = report ("window, gaps", bench.gaps);
  report ("window, at work", bench.work);
  report ("of that, layouts", bench.layouts);
  report ("of that, paints", bench.paints);
  gtk_window_destroy (GTK_WINDOW (bench.window));
  cb_session_stop_async (bench.session, NULL, NULL);
  g_object_unref (bench.session);

  measure_idle (2);

  g_subprocess_force_exit (server);
  g_unlink (bench.socket);
  g_rmdir (directory);
  g_array_unref (bench.gaps);
  g_array_unref (bench.work);
  g_array_unref (bench.layouts);
  g_array_unref (bench.paints);
  g_main_loop_unref (bench.loop);
  g_free (bench.socket);
  return g_getenv ("CB_BENCH_STRICT") != NULL && max > LIMIT_MSEC ? 1 : 0;
}
