/* bench-window-keys.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The real window on its Keys page, on a server with very many keys: how long until the first rows are there and until all are, how
 * long the main loop was away meanwhile, what another client waited for, and what memory the window takes for it.
 *
 *   xvfb-run -a bench-window-keys [KEYS] [tree|list]
 *
 * A million keys without an argument. Prints, and judges nothing. A busy machine makes gaps of its own: beside each stands how much
 * of it the main thread was at work, and the last lines are the same of a window that does nothing.
 */

#include "config.h"

#include <hiredis.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <adwaita.h>
#include <glib/gstdio.h>

#include "cb-bench-scan.h"
#include "cb-drawing.h"
#include "cb-format.h"
#include "cb-keys-page.h"
#include "cb-window.h"

#define TIMER_MSEC 2
#define LIMIT_MSEC 16
#define IDLE_SECONDS 3

static const char loader[] =
  "for i = tonumber (ARGV[1]), tonumber (ARGV[2]) do\n"
  "  redis.call ('SET', 'q:job:' .. i .. (i % 10 == 0 and ':log' or ''), 'x')\n"
  "end";

typedef struct
{
  char *socket;
  guint n_keys;
  gboolean list;
  GMainLoop *loop;
  CbSession *session;
  CbWindow *window;
  GtkWidget *page;
  GtkListView *view;          /* (nullable) of the page, borrowed */
  GListModel *rows;           /* (nullable) of the page, borrowed */
  gint64 began;
  double first_rows;          /* ms, 0 not yet */
  double all;                 /* ms, 0 not yet */
  gint64 last;
  gint64 last_work;
  GArray *gaps;               /* of gint64, µs: wall clock between two beats */
  GArray *work;               /* of gint64, µs: CPU time of this thread between them */
  int stop;                   /* atomic */
} Bench;

static gint64
get_thread_time (void)
{
  struct timespec time;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec * G_USEC_PER_SEC + time.tv_nsec / 1000;
}

static redisContext *
connect_to (const char *socket)
{
  redisContext *redis = redisConnectUnix (socket);

  /* The socket is there a moment before anybody listens at it. */
  for (int i = 0; i < 500 && redis != NULL && redis->err != 0; i++)
    {
      redisFree (redis);
      g_usleep (10000);
      redis = redisConnectUnix (socket);
    }
  g_assert_nonnull (redis);
  g_assert_cmpint (redis->err, ==, 0);
  return redis;
}

static void
load (const char *socket, guint n_keys)
{
  redisContext *redis = connect_to (socket);

  for (guint i = 1; i <= n_keys; i += 20000)
    {
      redisReply *reply = redisCommand (redis, "EVAL %s 0 %u %u", loader, i, MIN (i + 19999, n_keys));

      g_assert_cmpint (reply->type, !=, REDIS_REPLY_ERROR);
      freeReplyObject (reply);
    }
  redisFree (redis);
}

/* Another client, in a thread of its own. Returns: (element-type gint64) µs */
static gpointer
other_client (gpointer data)
{
  Bench *bench = data;
  redisContext *redis = connect_to (bench->socket);
  GArray *waits = g_array_new (FALSE, FALSE, sizeof (gint64));

  while (!g_atomic_int_get (&bench->stop))
    {
      gint64 begin = g_get_monotonic_time ();
      gint64 took;

      freeReplyObject (redisCommand (redis, "GET q:job:1"));
      took = g_get_monotonic_time () - begin;
      g_array_append_val (waits, took);
      g_usleep (500);
    }
  redisFree (redis);
  return waits;
}

/* How often the server was asked, and how long it took for it altogether. */
static void
report_scans (const char *socket)
{
  redisContext *redis = connect_to (socket);
  redisReply *reply = redisCommand (redis, "INFO commandstats");
  const char *line = strstr (reply->str, "cmdstat_scan:");

  if (line != NULL)
    g_print ("%.*s\n", (int) strcspn (line, "\r"), line);
  freeReplyObject (reply);
  redisFree (redis);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  gint64 first = *(const gint64 *) a;
  gint64 second = *(const gint64 *) b;

  return first < second ? -1 : first > second;
}

static double
get_quantile (GArray *times, double quantile)
{
  return times->len == 0 ? 0 : g_array_index (times, gint64, (guint) ((times->len - 1) * quantile)) / 1000.0;
}

static void
report (const char *what, GArray *times)
{
  guint n_over = 0;

  g_array_sort (times, compare);
  for (guint i = 0; i < times->len; i++)
    n_over += g_array_index (times, gint64, i) > LIMIT_MSEC * 1000;
  g_print ("%-24s %6u, p50 %.1f ms, p99 %.1f ms, max %.1f ms, %u over %d ms\n", what, times->len, get_quantile (times, 0.5),
           get_quantile (times, 0.99), get_quantile (times, 1), n_over, LIMIT_MSEC);
}

/* What stands in the kernel's account of this process, in KiB; -1 when it is not told. */
static gint64
read_memory (const char *file, const char *name)
{
  g_autofree char *text = NULL;
  const char *at;

  if (!g_file_get_contents (file, &text, NULL, NULL) || (at = strstr (text, name)) == NULL)
    return -1;
  return g_ascii_strtoll (at + strlen (name), NULL, 10);
}

static GtkWidget *
find (GtkWidget *widget, GType type)
{
  GtkWidget *found = G_TYPE_CHECK_INSTANCE_TYPE (widget, type) ? widget : NULL;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find (child, type);
  return found;
}

/* What a person sees of it: "1,000,000 keys", and nothing of what is still to be looked at. */
static gboolean
is_done (Bench *bench)
{
  g_autofree char *count = cb_format_exact_count (bench->n_keys);
  GtkLabel *label = GTK_LABEL (gtk_widget_get_template_child (bench->page, CB_TYPE_KEYS_PAGE, "progress_label"));
  const char *text = gtk_label_get_label (label);

  return g_str_has_prefix (text, count) && strstr (text, "scanned") == NULL && bench->rows != NULL &&
         (!bench->list || g_list_model_get_n_items (bench->rows) == bench->n_keys);
}

static gboolean
beat_cb (gpointer data)
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

  /* It is another one for the list than for the tree. */
  if (bench->view == NULL)
    bench->view = GTK_LIST_VIEW (find (bench->page, GTK_TYPE_LIST_VIEW));
  bench->rows = bench->view != NULL ? G_LIST_MODEL (gtk_list_view_get_model (bench->view)) : NULL;
  if (bench->first_rows == 0 && bench->rows != NULL && g_list_model_get_n_items (bench->rows) > 0)
    bench->first_rows = (now - bench->began) / 1000.0;
  if (bench->all == 0 && is_done (bench))
    {
      bench->all = (now - bench->began) / 1000.0;
      g_main_loop_quit (bench->loop);
    }
  return G_SOURCE_CONTINUE;
}

static gboolean
quit_cb (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_REMOVE;
}

static void
run_for (Bench *bench, guint seconds)
{
  g_timeout_add_seconds (seconds, quit_cb, bench->loop);
  g_main_loop_run (bench->loop);
}

int
main (int argc, char **argv)
{
  g_autofree char *directory = g_dir_make_tmp ("callboard-bench-XXXXXX", NULL);
  g_autoptr (GSubprocess) server = NULL;
  g_autoptr (AdwApplication) application = NULL;
  g_autoptr (CbAddress) address = NULL;
  Bench bench = { 0 };
  GThread *other;
  GArray *waits;
  redisContext *redis;
  gint64 resident, proportional;
  double bare, cpu;
  guint timer, n_scanned;

  bench.n_keys = argc > 1 ? (guint) atoi (argv[1]) : 1000000;
  bench.list = argc > 2 && g_str_equal (argv[2], "list");
  bench.socket = g_build_filename (directory, "redis.sock", NULL);
  server = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE, NULL, "redis-server", "--port", "0", "--unixsocket", bench.socket,
                             "--save", "", "--dir", directory, NULL);
  if (server == NULL)
    {
      g_printerr ("There is no redis-server to run on.\n");
      return 77;
    }
  load (bench.socket, bench.n_keys);
  bare = cb_bench_scan (bench.socket, &n_scanned, &cpu);
  freeReplyObject (redisCommand (redis = connect_to (bench.socket), "CONFIG RESETSTAT"));
  redisFree (redis);

  g_setenv ("GSETTINGS_BACKEND", "memory", TRUE);
  cb_drawing_prepare ();
  adw_init ();
  cb_drawing_restore ();
  bench.gaps = g_array_new (FALSE, FALSE, sizeof (gint64));
  bench.work = g_array_new (FALSE, FALSE, sizeof (gint64));
  bench.loop = g_main_loop_new (NULL, FALSE);
  application = ADW_APPLICATION (adw_application_new (NULL, G_APPLICATION_NON_UNIQUE));
  g_object_set (application, "resource-base-path", "/io/github/callboard/Callboard", NULL);
  g_application_register (G_APPLICATION (application), NULL, NULL);
  address = cb_address_new_unix (bench.socket);
  bench.session = cb_session_new (address);
  cb_session_start (bench.session);
  bench.window = cb_window_new (GTK_APPLICATION (application), bench.session);
  gtk_window_present (GTK_WINDOW (bench.window));
  run_for (&bench, 2);

  resident = read_memory ("/proc/self/status", "VmRSS:");
  proportional = read_memory ("/proc/self/smaps_rollup", "Pss:");
  other = g_thread_new ("other client", other_client, &bench);
  bench.page = find (GTK_WIDGET (bench.window), CB_TYPE_KEYS_PAGE);
  g_assert_nonnull (bench.page);
  timer = g_timeout_add_full (G_PRIORITY_HIGH, TIMER_MSEC, beat_cb, &bench, NULL);
  bench.began = g_get_monotonic_time ();
  cb_window_show_page (bench.window, "keys");
  if (bench.list)
    {
      GtkWidget *flat = GTK_WIDGET (gtk_widget_get_template_child (bench.page, CB_TYPE_KEYS_PAGE, "flat_button"));

      gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (flat), TRUE);
    }
  g_main_loop_run (bench.loop);
  g_atomic_int_set (&bench.stop, 1);
  waits = g_thread_join (other);

  g_print ("%u keys as a %s\n", bench.n_keys, bench.list ? "list" : "tree");
  g_print ("first rows %22.1f ms\n", bench.first_rows);
  g_print ("all %29.0f ms, %.2f times a bare loop over SCAN with COUNT %d, which takes %.0f ms\n", bench.all, bench.all / bare,
           CB_BENCH_SCAN_COUNT, bare);
  report_scans (bench.socket);
  report ("main loop, gaps", bench.gaps);
  report ("main loop, at work", bench.work);
  report ("another client's wait", waits);
  g_print ("memory before %19.1f MiB resident, %.1f MiB proportional\n", resident / 1024.0, proportional / 1024.0);
  proportional = read_memory ("/proc/self/smaps_rollup", "Pss:") - proportional;
  resident = read_memory ("/proc/self/status", "VmRSS:") - resident;
  g_print ("memory for the keys %13.1f MiB resident, %.1f MiB proportional: %.0f bytes a key with its name\n", resident / 1024.0,
           proportional / 1024.0, proportional * 1024.0 / bench.n_keys);

  /* The same window, with all of it in the list and nothing to be done. */
  g_array_set_size (bench.gaps, 0);
  g_array_set_size (bench.work, 0);
  run_for (&bench, IDLE_SECONDS);
  report ("afterwards, gaps", bench.gaps);
  report ("afterwards, at work", bench.work);
  g_source_remove (timer);

  gtk_window_destroy (GTK_WINDOW (bench.window));
  cb_session_stop_async (bench.session, NULL, NULL);
  g_object_unref (bench.session);
  g_subprocess_force_exit (server);
  g_unlink (bench.socket);
  g_rmdir (directory);
  g_array_unref (bench.gaps);
  g_array_unref (bench.work);
  g_array_unref (waits);
  g_main_loop_unref (bench.loop);
  g_free (bench.socket);
  return 0;
}
