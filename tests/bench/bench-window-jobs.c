/* bench-window-jobs.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The real window on a queue with very many jobs: how long until its rows are painted, at first and behind a jump to any place; what
 * memory it takes; a scroll through all of it; what it asks of the server when nothing happens; and a search through all jobs beside the
 * bare reading of them.
 *
 *   xvfb-run -a bench-window-jobs [JOBS] [SOCKET]
 *
 * Without a socket it makes the jobs itself, which takes a while; a million without a number. A server that is named has to have the
 * jobs of a queue "email". Each window is a process of its own, as the first one of a process pays for much that is made once; beside
 * it stands an empty window of libadwaita. Prints, and judges nothing.
 */

#include "config.h"

#include <hiredis.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <adwaita.h>
#include <glib/gstdio.h>

#include "cb-engines.h"
#include "cb-job-find.h"
#include "cb-job-rows.h"
#include "cb-queue-page.h"
#include "cb-window.h"

#define QUEUE "email"
#define ROUNDS 5
#define JUMPS 40
#define SCROLL_FRAMES 300
#define IDLE_SECONDS 30
#define PORTION 500
/* Rows that are looked at: more are never seen at once in a window of this size. */
#define SEEN 24

static const char loader[] =
  "redis.call ('SADD', 'q:job:types', 'email')\n"
  "for id = tonumber (ARGV[1]), tonumber (ARGV[2]) do\n"
  "  local z = string.format ('%02d|%d', #tostring (id), id)\n"
  "  local at = 1700000000000 + id * 40\n"
  "  redis.call ('HSET', 'q:job:' .. id, 'type', 'email', 'state', 'complete', 'priority', '0', 'max_attempts', '3', 'attempts', '1',\n"
  "              'created_at', at, 'promote_at', at, 'updated_at', at + 900, 'started_at', at + 500, 'duration', '400',\n"
  "              'progress', '100', 'workerId', 'kue:host:101:email:1',\n"
  "              'data', '{\"phoneNumber\":\"' .. 4150000000 + id * 7 .. '\",\"message\":\"This is the code ' .. 1000 + id % 9000 ..\n"
  "                      ' to verify your account\",\"title\":\"Verify account ' .. id .. '\"}')\n"
  "  redis.call ('ZADD', 'q:jobs', 0, z)\n"
  "  redis.call ('ZADD', 'q:jobs:complete', 0, z)\n"
  "  redis.call ('ZADD', 'q:jobs:email:complete', 0, z)\n"
  "end\n"
  "redis.call ('SET', 'q:ids', ARGV[2])";

static gint64 process_began;

/* ---- small things ---- */

static redisContext *
connect_to (const char *socket)
{
  redisContext *redis = redisConnectUnix (socket);

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
load (const char *socket, guint n_jobs)
{
  redisContext *redis = connect_to (socket);

  for (guint i = 1; i <= n_jobs; i += 5000)
    {
      redisReply *reply = redisCommand (redis, "EVAL %s 0 %u %u", loader, i, MIN (i + 4999, n_jobs));

      g_assert_cmpint (reply->type, !=, REDIS_REPLY_ERROR);
      freeReplyObject (reply);
    }
  redisFree (redis);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  double first = *(const double *) a, second = *(const double *) b;

  return first < second ? -1 : first > second;
}

static double
get_quantile (GArray *values, double quantile)
{
  g_array_sort (values, compare);
  return values->len == 0 ? NAN : g_array_index (values, double, (guint) ((values->len - 1) * quantile));
}

static double
get_thread_msec (void)
{
  struct timespec time;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);
  return (double) time.tv_sec * 1e3 + (double) time.tv_nsec / 1e6;
}

/* What the kernel says of this process alone and of its share in what is shared, in MiB. */
static double
get_memory (void)
{
  g_autofree char *text = NULL;
  const char *at;

  if (!g_file_get_contents ("/proc/self/smaps_rollup", &text, NULL, NULL) || (at = strstr (text, "Pss:")) == NULL)
    return NAN;
  return (double) g_ascii_strtoll (at + strlen ("Pss:"), NULL, 10) / 1024;
}

static gboolean
quit_cb (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_REMOVE;
}

static void
run_for (GMainLoop *loop, guint msec)
{
  g_timeout_add (msec, quit_cb, loop);
  g_main_loop_run (loop);
}

static GtkWidget *
find_widget (GtkWidget *widget, GType type)
{
  GtkWidget *found = G_TYPE_CHECK_INSTANCE_TYPE (widget, type) ? widget : NULL;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find_widget (child, type);
  return found;
}

/* ---- a window, in a process of its own ---- */

typedef struct
{
  GMainLoop *loop;
  GtkWindow *window;
  guint n_jobs;               /* 0: nothing is shown */
  GtkAdjustment *adjustment;  /* (nullable) (borrowed) of the list */
  GListModel *rows;           /* (nullable) (borrowed) */
  gboolean is_ready;          /* what is being painted has the rows */
  gint64 began;               /* of what is waited for */
  double first_frame;         /* ms since the process began; 0 not yet */
  double took;                /* ms until the rows were painted; 0 not yet */
  double whole;               /* the same, until the list had all of them */

  gboolean scrolling;
  guint n_frames;
  double frame_began;
  GArray *frames;             /* ms of work */
  gint64 last_beat;
  GArray *gaps;               /* ms by the wall */
} Window;

static AdwApplication *
create_application (void)
{
  AdwApplication *application = ADW_APPLICATION (adw_application_new (NULL, G_APPLICATION_NON_UNIQUE));

  g_object_set (application, "resource-base-path", "/io/github/callboard/Callboard", NULL);
  g_application_register (G_APPLICATION (application), NULL, NULL);
  return application;
}

static gboolean
find_list (Window *self)
{
  GtkWidget *page, *view;

  if (self->rows != NULL)
    return TRUE;

  page = find_widget (GTK_WIDGET (self->window), CB_TYPE_QUEUE_PAGE);
  view = page != NULL ? find_widget (page, GTK_TYPE_COLUMN_VIEW) : NULL;
  if (view == NULL || !gtk_widget_get_mapped (view))
    return FALSE;

  self->rows = G_LIST_MODEL (gtk_column_view_get_model (GTK_COLUMN_VIEW (view)));
  self->adjustment = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (view));
  return self->rows != NULL;
}

/* Whether all rows that are seen have been read. The first are told of before the rest, whose widgets are made when these are painted:
 * a list that has begun has fewer than there are jobs. */
static gboolean
has_rows (Window *self)
{
  guint n, first;

  if (!find_list (self) || (n = g_list_model_get_n_items (self->rows)) < MIN (SEEN, self->n_jobs))
    return FALSE;

  first = (guint) (gtk_adjustment_get_value (self->adjustment) / gtk_adjustment_get_upper (self->adjustment) * n);
  for (guint i = first; i < MIN (first + SEEN, n); i++)
    {
      g_autoptr (CbJobRow) row = g_list_model_get_item (self->rows, i);

      if (!cb_job_get_loaded (cb_job_row_get_job (row)))
        return FALSE;
    }
  return TRUE;
}

/* Before anything is laid out. */
static void
update_cb (Window *self)
{
  self->frame_began = get_thread_msec ();
  self->is_ready = self->n_jobs > 0 && self->took == 0 && has_rows (self);
}

static void
after_paint_cb (Window *self)
{
  gint64 now = g_get_monotonic_time ();

  if (self->first_frame == 0)
    self->first_frame = (double) (now - process_began) / 1000;
  if (self->is_ready && self->took == 0)
    self->took = (double) (now - self->began) / 1000;
  if (self->took != 0 && self->whole == 0 && g_list_model_get_n_items (self->rows) == self->n_jobs)
    {
      self->whole = (double) (now - self->began) / 1000;
      g_main_loop_quit (self->loop);
    }
  if (self->n_jobs == 0)
    g_main_loop_quit (self->loop);

  if (self->scrolling)
    {
      double work = get_thread_msec () - self->frame_began;
      double length = gtk_adjustment_get_upper (self->adjustment) - gtk_adjustment_get_page_size (self->adjustment);

      g_array_append_val (self->frames, work);
      if (++self->n_frames == SCROLL_FRAMES)
        g_main_loop_quit (self->loop);
      else
        gtk_adjustment_set_value (self->adjustment, length * self->n_frames / SCROLL_FRAMES);
    }
}

static gboolean
beat_cb (gpointer data)
{
  Window *self = data;
  gint64 now = g_get_monotonic_time ();
  double gap = (double) (now - self->last_beat) / 1000;

  if (self->last_beat != 0 && self->scrolling)
    g_array_append_val (self->gaps, gap);
  self->last_beat = now;
  return G_SOURCE_CONTINUE;
}

static void
present (Window *self)
{
  GdkFrameClock *clock;

  gtk_window_present (self->window);
  clock = gtk_widget_get_frame_clock (GTK_WIDGET (self->window));
  g_signal_connect_swapped (clock, "update", G_CALLBACK (update_cb), self);
  g_signal_connect_swapped (clock, "after-paint", G_CALLBACK (after_paint_cb), self);
  g_main_loop_run (self->loop);
}

/* Prints for the parent: name and number. */
static void
tell (const char *name, double value)
{
  g_print ("%s %.3f\n", name, value);
}

static int
run_empty (void)
{
  g_autoptr (AdwApplication) application = NULL;
  Window self = { .loop = g_main_loop_new (NULL, FALSE) };

  adw_init ();
  application = create_application ();
  self.window = GTK_WINDOW (adw_application_window_new (GTK_APPLICATION (application)));
  gtk_window_set_default_size (self.window, 1200, 780);
  adw_application_window_set_content (ADW_APPLICATION_WINDOW (self.window), adw_header_bar_new ());
  present (&self);
  tell ("first-frame", self.first_frame);
  run_for (self.loop, 1000);
  tell ("memory", get_memory ());
  gtk_window_destroy (self.window);
  g_main_loop_unref (self.loop);
  return 0;
}

static guint64
count_commands (redisContext *redis)
{
  redisReply *reply = redisCommand (redis, "INFO commandstats");
  guint64 n = 0;

  for (const char *p = strstr (reply->str, ":calls="); p != NULL; p = strstr (p + 1, ":calls="))
    n += g_ascii_strtoull (p + strlen (":calls="), NULL, 10);
  freeReplyObject (reply);
  return n;
}

static int
run_jobs (const char *socket, guint n_jobs, gboolean quick)
{
  g_autoptr (AdwApplication) application = NULL;
  g_autoptr (CbAddress) address = cb_address_new_unix (socket);
  g_autoptr (CbSession) session = NULL;
  Window self = { .loop = g_main_loop_new (NULL, FALSE), .n_jobs = n_jobs, .began = process_began };
  redisContext *redis;
  guint64 before;
  guint timer;

  g_setenv ("GSETTINGS_BACKEND", "memory", TRUE);
  adw_init ();
  application = create_application ();
  session = cb_session_new (address);
  cb_session_start (session);
  self.window = GTK_WINDOW (cb_window_new (GTK_APPLICATION (application), session));
  cb_window_show_page (CB_WINDOW (self.window), QUEUE);
  present (&self);
  tell ("first-frame", self.first_frame);
  tell ("rows", self.took);
  tell ("whole", self.whole);
  run_for (self.loop, 2000);
  tell ("memory", get_memory ());

  if (!quick)
    {
      g_random_set_seed (1);
      for (guint i = 0; i < JUMPS; i++)
        {
          double length = gtk_adjustment_get_upper (self.adjustment) - gtk_adjustment_get_page_size (self.adjustment);

          self.took = self.whole = 0;
          self.began = g_get_monotonic_time ();
          gtk_adjustment_set_value (self.adjustment, length * g_random_double ());
          g_main_loop_run (self.loop);
          tell ("jump", self.took);
          run_for (self.loop, 50);
        }

      self.frames = g_array_new (FALSE, FALSE, sizeof (double));
      self.gaps = g_array_new (FALSE, FALSE, sizeof (double));
      timer = g_timeout_add_full (G_PRIORITY_HIGH, 5, beat_cb, &self, NULL);
      self.scrolling = TRUE;
      gtk_adjustment_set_value (self.adjustment, 1);
      g_main_loop_run (self.loop);
      self.scrolling = FALSE;
      g_source_remove (timer);
      tell ("scroll-p50", get_quantile (self.frames, 0.5));
      tell ("scroll-p95", get_quantile (self.frames, 0.95));
      tell ("scroll-max", get_quantile (self.frames, 1));
      tell ("scroll-gap", get_quantile (self.gaps, 1));
      run_for (self.loop, 2000);
      tell ("memory-after", get_memory ());

      redis = connect_to (socket);
      before = count_commands (redis);
      run_for (self.loop, IDLE_SECONDS * 1000);
      tell ("idle", (double) (count_commands (redis) - before - 1) / IDLE_SECONDS);
      redisFree (redis);
      g_array_unref (self.frames);
      g_array_unref (self.gaps);
    }

  gtk_window_destroy (self.window);
  cb_session_stop_async (session, NULL, NULL);
  g_main_loop_unref (self.loop);
  return 0;
}

/* ---- a search ---- */

typedef struct
{
  const char *socket;
  int stop;                   /* atomic */
} Other;

static gpointer
other_client (gpointer data)
{
  Other *other = data;
  redisContext *redis = connect_to (other->socket);
  GArray *waits = g_array_new (FALSE, FALSE, sizeof (double));

  while (!g_atomic_int_get (&other->stop))
    {
      gint64 began = g_get_monotonic_time ();
      double took;

      freeReplyObject (redisCommand (redis, "GET q:ids"));
      took = (double) (g_get_monotonic_time () - began) / 1000;
      g_array_append_val (waits, took);
      g_usleep (500);
    }
  redisFree (redis);
  return waits;
}

static void
take_result_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

static GAsyncResult *
await (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return *result;
}

/* All jobs, a page of ids and a pipeline of hashes after the other, and nothing made of them. Returns: how many */
static guint
read_plainly (CbConnection *connection)
{
  guint n = 0;

  for (guint at = 0;; at += PORTION)
    {
      g_autofree char *from = g_strdup_printf ("%u", at);
      g_autofree char *to = g_strdup_printf ("%u", at + PORTION - 1);
      g_autoptr (GAsyncResult) ids_result = NULL;
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (CbReply) ids = NULL;
      g_autoptr (GPtrArray) replies = NULL;
      CbPipeline *pipeline;
      const CbValue *list;

      cb_connection_call_async (connection, cb_command_new ("ZRANGE", "q:jobs", from, to, NULL), NULL, take_result_cb, &ids_result);
      ids = cb_connection_call_finish (connection, await (&ids_result), NULL);
      g_assert_nonnull (ids);
      list = cb_reply_get_value (ids);
      if (cb_value_get_length (list) == 0)
        return n;

      pipeline = cb_pipeline_new ();
      for (guint i = 0; i < cb_value_get_length (list); i++)
        {
          const char *member = cb_value_get_string (cb_value_get_element (list, i), NULL);
          g_autofree char *key = g_strconcat ("q:job:", strchr (member, '|') + 1, NULL);

          cb_pipeline_add (pipeline, cb_command_new ("HGETALL", key, NULL));
        }
      cb_connection_pipeline_async (connection, pipeline, NULL, take_result_cb, &result);
      replies = cb_connection_pipeline_finish (connection, await (&result), NULL);
      g_assert_nonnull (replies);
      n += replies->len;
    }
}

static int
run_find (const char *socket)
{
  g_autoptr (CbAddress) address = cb_address_new_unix (socket);
  g_autoptr (CbConnection) connection = cb_connection_new (address, "bench");
  g_autoptr (CbEngine) engine = cb_engines_create ("kue", connection, "q");

  cb_connection_open (connection);
  while (cb_connection_get_state (connection) != CB_CONNECTION_READY)
    g_main_context_iteration (NULL, TRUE);

  for (guint round = 0; round < 3; round++)
    {
      gint64 began = g_get_monotonic_time ();
      Other other = { .socket = socket };
      GThread *thread;
      GArray *waits;
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (CbJobFind) find = NULL;
      CbJobFilter *filter = cb_job_filter_parse ("data.message:nowhere", NULL, NULL, NULL);
      guint n = read_plainly (connection);

      g_assert_nonnull (filter);
      tell ("plain", (double) (g_get_monotonic_time () - began) / 1000);
      thread = g_thread_new ("other client", other_client, &other);
      began = g_get_monotonic_time ();
      find = cb_job_find_new (engine, NULL, NULL, filter);
      cb_job_find_run_async (find, NULL, take_result_cb, &result);
      g_assert_true (cb_job_find_run_finish (find, await (&result), NULL));
      tell ("find", (double) (g_get_monotonic_time () - began) / 1000);
      g_atomic_int_set (&other.stop, 1);
      waits = g_thread_join (thread);
      tell ("wait-p99", get_quantile (waits, 0.99));
      tell ("wait-max", get_quantile (waits, 1));
      g_array_unref (waits);
      g_assert_cmpuint (cb_job_find_get_n_looked (find), ==, n);
      g_assert_cmpuint (cb_job_find_get_n_hits (find), ==, 0);
    }
  return 0;
}

/* ---- all of it ---- */

/* Adds what a child tells to the values of that name. */
static void
run_child (GHashTable *values, const char *program, const char *what, const char *socket, guint n_jobs)
{
  g_autofree char *number = g_strdup_printf ("%u", n_jobs);
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) child =
    g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, program, what, number, socket != NULL ? socket : "", NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (child, NULL, NULL, &text, NULL, &error);
  g_assert_no_error (error);
  /* What it has told until then counts. */
  if (!g_subprocess_get_successful (child))
    g_printerr ("%s did not come to its end\n", what);

  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      char *number_text = strchr (lines[i], ' ');
      g_autofree char *key = NULL;
      GArray *array;
      double value;

      if (number_text == NULL)
        continue;
      value = g_ascii_strtod (number_text, NULL);
      key = g_strdup_printf ("%s %.*s", what, (int) (number_text - lines[i]), lines[i]);
      array = g_hash_table_lookup (values, key);
      if (array == NULL)
        {
          array = g_array_new (FALSE, FALSE, sizeof (double));
          g_hash_table_insert (values, g_steal_pointer (&key), array);
        }
      g_array_append_val (array, value);
    }
}

static double
get (GHashTable *values, const char *key, double quantile)
{
  GArray *array = g_hash_table_lookup (values, key);

  return array != NULL ? get_quantile (array, quantile) : NAN;
}

static GSubprocess *
start_server (const char *directory, const char *name, guint n_jobs, char **socket)
{
  g_autoptr (GError) error = NULL;
  GSubprocess *server;

  *socket = g_build_filename (directory, name, NULL);
  server = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE, &error, "redis-server", "--port", "0", "--unixsocket", *socket,
                             "--save", "", "--dir", directory, NULL);
  g_assert_no_error (error);
  load (*socket, n_jobs);
  return server;
}

int
main (int argc, char **argv)
{
  g_autoptr (GHashTable) values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_array_unref);
  g_autofree char *directory = NULL;
  g_autofree char *few_socket = NULL;
  g_autofree char *socket = NULL;
  g_autoptr (GSubprocess) few = NULL;
  g_autoptr (GSubprocess) server = NULL;
  guint n_jobs;
  double empty, empty_memory;

  process_began = g_get_monotonic_time ();
  if (argc == 4 && g_str_equal (argv[1], "empty"))
    return run_empty ();
  if (argc == 4 && (g_str_equal (argv[1], "jobs") || g_str_equal (argv[1], "rows") || g_str_equal (argv[1], "few")))
    return run_jobs (argv[3], (guint) atoi (argv[2]), !g_str_equal (argv[1], "jobs"));
  if (argc == 4 && g_str_equal (argv[1], "find"))
    return run_find (argv[3]);

  n_jobs = argc > 1 ? (guint) atoi (argv[1]) : 1000000;
  directory = g_dir_make_tmp ("callboard-bench-XXXXXX", NULL);
  few = start_server (directory, "few.sock", 1000, &few_socket);
  if (argc > 2)
    socket = g_strdup (argv[2]);
  else
    server = start_server (directory, "many.sock", n_jobs, &socket);

  for (guint i = 0; i < ROUNDS; i++)
    {
      run_child (values, argv[0], "empty", NULL, 0);
      run_child (values, argv[0], "few", few_socket, 1000);
      run_child (values, argv[0], "rows", socket, n_jobs);
    }
  run_child (values, argv[0], "jobs", socket, n_jobs);
  run_child (values, argv[0], "find", socket, n_jobs);

  empty = get (values, "empty first-frame", 0.5);
  empty_memory = get (values, "empty memory", 0.5);
  g_print ("%u jobs; medians of %d processes\n", n_jobs, ROUNDS);
  g_print ("empty window, first frame          %8.0f ms\n", empty);
  g_print ("first frame                        %8.0f ms, %.2f times the empty window\n", get (values, "rows first-frame", 0.5),
           get (values, "rows first-frame", 0.5) / empty);
  g_print ("rows painted                       %8.0f ms, %.2f times the empty window\n", get (values, "rows rows", 0.5),
           get (values, "rows rows", 0.5) / empty);
  g_print ("rows painted, 1000 jobs            %8.0f ms\n", get (values, "few rows", 0.5));
  g_print ("all rows in the list               %8.0f ms, %.2f times the empty window\n", get (values, "rows whole", 0.5),
           get (values, "rows whole", 0.5) / empty);
  g_print ("a jump, to the rows painted        %8.1f ms, p95 %.1f ms, longest %.1f ms\n", get (values, "jobs jump", 0.5),
           get (values, "jobs jump", 0.95), get (values, "jobs jump", 1));
  g_print ("memory above the empty window      %8.1f MiB; of 1000 jobs %.1f MiB; behind the scroll %.1f MiB\n",
           get (values, "rows memory", 0.5) - empty_memory, get (values, "few memory", 0.5) - empty_memory,
           get (values, "jobs memory-after", 0.5) - empty_memory);
  g_print ("memory at all                      %8.1f MiB, %.2f times that of 1000 jobs\n", get (values, "rows memory", 0.5),
           get (values, "rows memory", 0.5) / get (values, "few memory", 0.5));
  g_print ("a scroll through all, a frame      %8.1f ms of work, p95 %.1f ms, longest %.1f ms; longest gap %.1f ms\n",
           get (values, "jobs scroll-p50", 0.5), get (values, "jobs scroll-p95", 0.5), get (values, "jobs scroll-max", 0.5),
           get (values, "jobs scroll-gap", 0.5));
  g_print ("commands a second, seen and idle   %8.2f\n", get (values, "jobs idle", 0.5));
  g_print ("all hashes in pipelines            %8.0f ms\n", get (values, "find plain", 0.5));
  g_print ("find through all                   %8.0f ms, %.2f times that\n", get (values, "find find", 0.5),
           get (values, "find find", 0.5) / get (values, "find plain", 0.5));
  g_print ("another client's wait meanwhile    %8.1f ms at p99, longest %.1f ms\n", get (values, "find wait-p99", 0.5),
           get (values, "find wait-max", 1));

  g_subprocess_force_exit (few);
  if (server != NULL)
    g_subprocess_force_exit (server);
  g_unlink (few_socket);
  if (argc <= 2)
    g_unlink (socket);
  g_rmdir (directory);
  return 0;
}
