/* cb-command-queue-stats.c: queue stats
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-cli-engines.h"
#include "cb-cli-jobs.h"
#include "cb-commands.h"
#include "cb-queue-figures.h"

#include <glib/gi18n.h>
#include <math.h>

/* How long the counts are watched when nobody says it. */
#define WATCH_SECONDS 5

/* A queue, counted at both ends of the time that it is watched. */
typedef struct
{
  CbEngine *engine;         /* (owned) */
  char *queue;
  gint64 jobs[2];           /* in all states; -1 unknown */
  gint64 complete[2];
  gint64 failed[2];
  gint64 counted_at[2];     /* µs monotonic */
  char *problem;            /* (nullable) */
  CbQueueFigures *figures;  /* (nullable) */
} Stats;

static void
stats_free (Stats *self)
{
  g_object_unref (self->engine);
  g_free (self->queue);
  g_free (self->problem);
  g_clear_pointer (&self->figures, cb_queue_figures_free);
  g_free (self);
}

/* --- reading --- */

static void
take_counts (Stats *self,
             guint end,
             const CbQueueCounts *counts)
{
  const CbStateInfo *states;
  guint n_states;

  states = cb_engine_get_states (self->engine, &n_states);
  self->jobs[end] = 0;
  self->counted_at[end] = g_get_monotonic_time ();
  for (guint i = 0; i < n_states; i++)
    {
      if (counts->counts[i] < 0 || self->jobs[end] < 0)
        self->jobs[end] = -1;
      else
        self->jobs[end] += counts->counts[i];
      if (states[i].meaning == CB_JOB_MEANING_COMPLETE)
        self->complete[end] = counts->counts[i];
      else if (states[i].meaning == CB_JOB_MEANING_FAILED)
        self->failed[end] = counts->counts[i];
    }
  if (counts->problem != NULL && self->problem == NULL)
    self->problem = g_strdup (counts->problem);
}

/* Those of one engine stand behind one another. */
static gboolean
count (CbCli *cli,
       GPtrArray *all,
       guint end,
       GError **error)
{
  for (guint from = 0, to; from < all->len && !cb_cli_is_interrupted (cli); from = to)
    {
      CbEngine *engine = ((Stats *) g_ptr_array_index (all, from))->engine;
      g_autoptr (GPtrArray) names = g_ptr_array_new ();
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GPtrArray) counts = NULL;

      for (to = from; to < all->len && to - from < CB_CLI_PORTION; to++)
        {
          Stats *stats = g_ptr_array_index (all, to);

          if (stats->engine != engine)
            break;
          g_ptr_array_add (names, stats->queue);
        }
      g_ptr_array_add (names, NULL);

      cb_engine_count_async (engine, (const char *const *) names->pdata, cli->cancellable, cb_cli_take_result, &result);
      cb_cli_await (&result);
      counts = cb_engine_count_finish (engine, result, error);
      if (counts == NULL)
        return FALSE;
      for (guint i = 0; i < MIN (counts->len, to - from); i++)
        take_counts (g_ptr_array_index (all, from + i), end, g_ptr_array_index (counts, i));
    }

  return TRUE;
}

static gboolean
read_figures (CbCli *cli,
              Stats *stats,
              GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  cb_queue_figures_read_async (stats->engine, stats->queue, CB_QUEUE_FIGURES_SAMPLE, cli->cancellable, cb_cli_take_result, &result);
  cb_cli_await (&result);
  stats->figures = cb_queue_figures_read_finish (stats->engine, result, error);

  return stats->figures != NULL;
}

/* --- printing --- */

/* Of what there are more at the end, a second; NAN: not known. */
static double
get_rate (const Stats *self,
          const gint64 values[2])
{
  gint64 elapsed = self->counted_at[1] - self->counted_at[0];

  if (values[0] < 0 || values[1] < 0 || self->counted_at[1] == 0 || elapsed <= 0)
    return NAN;
  return (double) (values[1] - values[0]) * G_USEC_PER_SEC / elapsed;
}

static char *
dup_duration (gint64 usec)
{
  return usec >= 0 ? cb_cli_format_duration (usec) : g_strdup ("–");
}

static char *
dup_rate (double rate)
{
  return isnan (rate) ? g_strdup ("–") : g_strdup_printf ("%.1f", rate);
}

static void
add_cell (GString *line,
          const char *text)
{
  glong length = g_utf8_strlen (text, -1);

  g_string_append_printf (line, " %*s%s", (int) MAX (9 - length, 0), "", text);
}

static void
print_titles (CbCli *cli)
{
  g_autoptr (GString) line = g_string_new (NULL);
  g_autofree char *queue = cb_cli_pad (_("QUEUE"), 24);
  const char *const titles[] = { _("NEW/S"), _("DONE/S"), _("FAILED/S"), _("OLDEST"), _("WAIT P50"), _("P95"), _("P99"),
                                 _("RUN P50"), _("P95"), _("P99") };

  g_string_append (line, queue);
  for (guint i = 0; i < G_N_ELEMENTS (titles); i++)
    add_cell (line, titles[i]);
  cb_cli_print (cli, "%s\n", line->str);
}

static void
print_text (CbCli *cli,
            const Stats *self)
{
  g_autoptr (GString) line = g_string_new (NULL);
  g_autofree char *name = cb_text_display (self->queue, -1, TRUE);
  g_autofree char *padded_name = cb_cli_pad (name, 24);
  const gint64 *values[] = { self->jobs, self->complete, self->failed };
  /* Jobs are stamped by the server's clock. */
  gint64 oldest = self->figures->oldest_since < 0 ? -1 : MAX (cb_engine_get_time (self->engine) - self->figures->oldest_since, 0);
  g_autofree char *duration = dup_duration (self->figures->oldest_id != NULL ? oldest : -1);
  g_autofree char *age = g_strconcat (self->figures->oldest_id != NULL && !self->figures->oldest_certain ? "≥ " : "", duration, NULL);

  g_string_append (line, padded_name);
  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autofree char *rate = dup_rate (get_rate (self, values[i]));

      add_cell (line, rate);
    }
  add_cell (line, age);
  for (guint i = 0; i < 2 * CB_N_PERCENTILES; i++)
    {
      g_autofree char *text = dup_duration (i < CB_N_PERCENTILES ? self->figures->waits[i] : self->figures->runs[i - CB_N_PERCENTILES]);

      add_cell (line, text);
    }
  cb_cli_print (cli, "%s\n", line->str);
}

static void
write_percentiles (CbJsonWriter *writer,
                   const char *name,
                   guint n,
                   const gint64 *values)
{
  static const char *const names[CB_N_PERCENTILES] = { "p50", "p95", "p99" };

  cb_json_writer_name (writer, name);
  cb_json_writer_begin_object (writer);
  cb_json_writer_name (writer, "jobs");
  cb_json_writer_int (writer, n);
  for (guint i = 0; i < CB_N_PERCENTILES; i++)
    {
      cb_json_writer_name (writer, names[i]);
      if (values[i] >= 0)
        cb_json_writer_int (writer, values[i] / 1000);
      else
        cb_json_writer_null (writer);
    }
  cb_json_writer_end_object (writer);
}

static void
write_json (CbJsonWriter *writer,
            const Stats *self)
{
  static const char *const names[] = { "new", "complete", "failed" };
  const gint64 *values[] = { self->jobs, self->complete, self->failed };

  cb_json_writer_begin_object (writer);
  cb_json_writer_name (writer, "queue");
  cb_json_writer_string (writer, self->queue, -1);
  cb_json_writer_name (writer, "engine");
  cb_json_writer_string (writer, cb_engine_get_name (self->engine), -1);
  cb_json_writer_name (writer, "prefix");
  cb_json_writer_string (writer, cb_engine_get_prefix (self->engine), -1);
  cb_json_writer_name (writer, "watched_ms");
  cb_json_writer_int (writer, self->counted_at[1] > 0 ? (self->counted_at[1] - self->counted_at[0]) / 1000 : 0);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      cb_json_writer_name (writer, names[i]);
      if (values[i][0] >= 0 && values[i][1] >= 0 && self->counted_at[1] > 0)
        cb_json_writer_int (writer, values[i][1] - values[i][0]);
      else
        cb_json_writer_null (writer);
    }
  cb_json_writer_name (writer, "oldest");
  if (self->figures->oldest_id != NULL)
    cb_json_writer_string (writer, self->figures->oldest_id, -1);
  else
    cb_json_writer_null (writer);
  cb_json_writer_name (writer, "oldest_since");
  if (self->figures->oldest_id != NULL && self->figures->oldest_since >= 0)
    cb_json_writer_int (writer, self->figures->oldest_since / 1000);
  else
    cb_json_writer_null (writer);
  cb_json_writer_name (writer, "oldest_certain");
  if (self->figures->oldest_id != NULL)
    cb_json_writer_boolean (writer, self->figures->oldest_certain);
  else
    cb_json_writer_null (writer);
  write_percentiles (writer, "wait_ms", self->figures->n_waits, self->figures->waits);
  write_percentiles (writer, "run_ms", self->figures->n_runs, self->figures->runs);
  cb_json_writer_end_object (writer);
}

/* --- the command --- */

/* Adds those of an engine that are asked for. */
static gboolean
add_queues (CbCli *cli,
            CbEngine *engine,
            GPtrArray *all,
            GError **error)
{
  const char *wanted = cb_arguments_get_word (cli->arguments, 0);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) queues = NULL;

  cb_engine_list_queues_async (engine, cli->cancellable, cb_cli_take_result, &result);
  cb_cli_await (&result);
  queues = cb_engine_list_queues_finish (engine, result, error);
  if (queues == NULL)
    return FALSE;

  for (guint i = 0; i < queues->len; i++)
    {
      const char *name = g_ptr_array_index (queues, i);
      Stats *stats;

      if (wanted != NULL && !g_str_equal (name, wanted))
        continue;
      stats = g_new0 (Stats, 1);
      stats->engine = g_object_ref (engine);
      stats->queue = g_strdup (name);
      for (guint end = 0; end < 2; end++)
        stats->jobs[end] = stats->complete[end] = stats->failed[end] = -1;
      g_ptr_array_add (all, stats);
    }

  return TRUE;
}

static int
print_all (CbCli *cli,
           GPtrArray *all)
{
  g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();
  int status = CB_EXIT_DONE;

  cb_json_writer_begin_array (writer);
  if (!cli->json)
    print_titles (cli);
  for (guint i = 0; i < all->len && !cb_cli_is_interrupted (cli); i++)
    {
      Stats *stats = g_ptr_array_index (all, i);
      g_autoptr (GError) error = NULL;

      /* One that can't be read does not keep the others from being shown. */
      if (!read_figures (cli, stats, &error))
        {
          status = cb_cli_tell_error (cli, error);
          if (status == CB_EXIT_NO_CONNECTION)
            break;
          continue;
        }
      if (stats->problem != NULL)
        {
          cb_cli_complain (cli, _("Queue %s: %s"), stats->queue, stats->problem);
          status = CB_EXIT_FAILED;
        }
      if (cli->json)
        write_json (writer, stats);
      else
        print_text (cli, stats);
    }
  cb_json_writer_end_array (writer);
  if (cli->json)
    cb_cli_print_json (cli, writer);

  return status;
}

static int
run_stats (CbCli *cli)
{
  gint64 seconds = cb_arguments_get_number (cli->arguments, "for", WATCH_SECONDS);
  const char *wanted = cb_arguments_get_word (cli->arguments, 0);
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func ((GDestroyNotify) stats_free);
  g_autoptr (GPtrArray) engines = NULL;
  g_autoptr (GError) error = NULL;
  int status = CB_EXIT_DONE;

  if (!cb_cli_connect_or_tell (cli, &status))
    return status;

  engines = cb_cli_find_engines (cli, NULL, &error);
  if (engines == NULL)
    return cb_cli_tell_error (cli, error);
  for (guint i = 0; i < engines->len; i++)
    if (!add_queues (cli, g_ptr_array_index (engines, i), all, &error))
      return cb_cli_tell_error (cli, error);

  if (all->len == 0 && wanted != NULL)
    {
      cb_cli_complain (cli, _("There is no queue “%s”"), wanted);
      return CB_EXIT_FAILED;
    }
  if (all->len == 0 && !cli->json)
    {
      cb_cli_complain (cli, _("There is no queue in this database"));
      return CB_EXIT_DONE;
    }

  if (seconds > 0)
    {
      if (!count (cli, all, 0, &error))
        return cb_cli_tell_error (cli, error);
      if (!cb_cli_pause (cli, seconds * 1000))
        return CB_EXIT_DONE;
      if (!count (cli, all, 1, &error))
        return cb_cli_tell_error (cli, error);
    }

  return print_all (cli, all);
}

static const CbOption stats_options[] = {
  { "for", CB_OPTION_NUMBER, "SECONDS", N_ ("watch the counts for so long, for the rates; 0: not at all (default: 5)"), 0, 86400 },
  { NULL }
};

const CbCliCommand cb_command_queue_stats[] = {
  { .name = "queue stats",
    .usage = "[QUEUE]",
    .summary = N_ ("Print how fast jobs come and go, and how long they wait and run"),
    .description = N_ ("The rates are the differences of the counts while they are watched, so a job that is removed counts against new ones. "
                       "How long jobs wait and run is taken from the times of the last 200 completed ones."),
    .options = stats_options,
    .max_words = 1,
    .run = run_stats },
  { NULL }
};
