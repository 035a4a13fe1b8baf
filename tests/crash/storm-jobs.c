/* storm-jobs.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* The jobs of a storm, and what is written down about them. */

#include "config.h"

#include "storm.h"

#include <stdio.h>
#include <string.h>

#include "cb-test-cli.h"

const KindInfo storm_kinds[N_KINDS] = {
  [PLAIN] = { 8, .attempts = 1 },
  [HOPELESS] = { 2, .attempts = 2, .fail = 9 },
  [RETRIED] = { 4, .attempts = 3, .fail = 2 },
  [BACKED_OFF] = { 4, .attempts = 3, .fail = 1, .backoff = 200 },
  [DELAYED] = { 4, .attempts = 1, .delay = 400 },
  [TIMED] = { 2, .attempts = 2, .ttl = 3600000 },
  [HANGING] = { 1, .attempts = 6, .hang = 1, .ttl = 500 },
  [REMOVED] = { 3, .attempts = 1, .remove = TRUE },
};

/* --- what happened --- */

static void
hear (Storm *storm,
      guint n,
      guint id)
{
  Job *job = &g_array_index (storm->jobs, Job, n);

  storm->n_heard += job->id == 0;
  job->id = id;
}

static void
read_line (Storm *storm,
           const char *line)
{
  char what[16];
  guint n, id;
  Job *job;

  g_assert_cmpint (sscanf (line, "%15s %u %u", what, &n, &id), ==, 3);
  g_assert_cmpuint (n, <, storm->jobs->len);
  job = &g_array_index (storm->jobs, Job, n);
  if (g_str_equal (what, "created"))
    hear (storm, n, id);
  else if (g_str_equal (what, "start"))
    job->n_starts++;
  else if (g_str_equal (what, "ok"))
    job->n_ok++;
  else if (g_str_equal (what, "bad"))
    job->n_bad++;
  else
    g_assert_not_reached ();
}

/* The first account, by those who did it: what was written down since the last time. */
void
storm_read_record (Storm *storm)
{
  g_autoptr (GMappedFile) file = g_mapped_file_new (storm->record, FALSE, NULL);
  const char *text, *end;
  gsize length;

  if (file == NULL || (length = g_mapped_file_get_length (file)) <= storm->record_at)
    return;

  text = g_mapped_file_get_contents (file);
  while ((end = memchr (text + storm->record_at, '\n', length - storm->record_at)) != NULL)
    {
      g_autofree char *line = g_strndup (text + storm->record_at, (gsize) (end - text) - storm->record_at);

      read_line (storm, line);
      storm->record_at = (gsize) (end - text) + 1;
    }
}

/* --- creating --- */

typedef struct
{
  Storm *storm;                /* not owned */
  guint first, n;              /* numbers of the jobs */
} Creation;

static char *
dup_elements (Storm *storm,
              guint first,
              guint n)
{
  GString *json = g_string_new ("[");

  for (guint i = first; i < first + n; i++)
    {
      Kind kind = g_array_index (storm->jobs, Job, i).kind;

      g_string_append_printf (json, "%s{\"n\":%u,\"msec\":%d,\"fail\":%d,\"hang\":%d}", i > first ? "," : "", i,
                              g_rand_int_range (storm->rand, 0, 120), storm_kinds[kind].fail, storm_kinds[kind].hang);
    }

  return g_string_free (g_string_append_c (json, ']'), FALSE);
}

static void
created_cb (GObject *object,
            GAsyncResult *result,
            gpointer user_data)
{
  Creation *creation = user_data;
  Storm *storm = creation->storm;
  g_autofree char *output = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  g_subprocess_communicate_utf8_finish (G_SUBPROCESS (object), result, &output, NULL, &error);
  g_assert_no_error (error);
  status = g_subprocess_get_if_exited (G_SUBPROCESS (object)) ? g_subprocess_get_exit_status (G_SUBPROCESS (object)) : -1;
  if (status != 0 && status != 1 && status != 3)
    storm_fail_with_errors (storm, "Creating jobs ended in a way of its own");

  lines = g_strsplit (output, "\n", -1);
  for (guint i = 0; lines[i] != NULL && lines[i][0] != '\0'; i++)
    {
      guint id;

      g_assert_cmpuint (i, <, creation->n);
      g_assert_cmpint (sscanf (lines[i], "{\"id\":%u,\"event\":\"created\"}", &id), ==, 1);
      hear (storm, creation->first + i, id);
    }
  g_ptr_array_remove (storm->creations, creation);
}

static void
create_by_us (Storm *storm,
              Kind kind,
              int priority,
              guint first,
              guint n)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GSubprocess) process = NULL;
  g_autofree char *elements = dup_elements (storm, first, n);
  Creation *creation = g_new0 (Creation, 1);

  g_ptr_array_add (argv, cb_test_cli_dup_path ());
  g_ptr_array_add (argv, g_strdup ("--json"));
  g_ptr_array_add (argv, g_strdup ("job"));
  g_ptr_array_add (argv, g_strdup ("create"));
  g_ptr_array_add (argv, g_strdup (QUEUE));
  g_ptr_array_add (argv, g_strdup ("--file=-"));
  g_ptr_array_add (argv, g_strdup_printf ("--priority=%d", priority));
  g_ptr_array_add (argv, g_strdup_printf ("--attempts=%d", storm_kinds[kind].attempts));
  if (storm_kinds[kind].delay > 0)
    g_ptr_array_add (argv, g_strdup_printf ("--delay=%d", storm_kinds[kind].delay));
  if (storm_kinds[kind].ttl > 0)
    g_ptr_array_add (argv, g_strdup_printf ("--ttl=%d", storm_kinds[kind].ttl));
  if (storm_kinds[kind].backoff > 0)
    g_ptr_array_add (argv, g_strdup_printf ("--backoff=fixed:%d", storm_kinds[kind].backoff));
  if (storm_kinds[kind].remove)
    g_ptr_array_add (argv, g_strdup ("--remove-on-complete"));
  g_ptr_array_add (argv, NULL);

  creation->storm = storm;
  creation->first = first;
  creation->n = n;
  g_ptr_array_add (storm->creations, creation);
  process = storm_spawn (storm, NULL, G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE,
                         (const char * const *) argv->pdata);
  g_subprocess_communicate_utf8_async (process, elements, NULL, created_cb, creation);
}

/* FALSE when it does not take any more: it may have lost its way when the server went away. */
static gboolean
create_by_kue (Storm *storm,
               Kind kind,
               int priority,
               guint first,
               guint n)
{
  g_autofree char *elements = dup_elements (storm, first, n);
  g_autofree char *line = NULL;
  GOutputStream *input = g_subprocess_get_stdin_pipe (storm_kue_producer (storm)->process);
  gssize written;

  line = g_strdup_printf ("{\"options\":{\"priority\":%d,\"attempts\":%d,\"delay\":%d,\"ttl\":%d,\"backoff\":%d,\"remove\":%s},"
                          "\"elements\":%s}\n",
                          priority, storm_kinds[kind].attempts, storm_kinds[kind].delay, storm_kinds[kind].ttl, storm_kinds[kind].backoff,
                          storm_kinds[kind].remove ? "true" : "false", elements);
  written = g_pollable_output_stream_write_nonblocking (G_POLLABLE_OUTPUT_STREAM (input), line, strlen (line), NULL, NULL);
  if (written == (gssize) strlen (line))
    return TRUE;

  storm->n_kue_stuck++;
  storm_kill_child (storm_kue_producer (storm));
  return FALSE;
}

/* A burst of jobs of one kind, by either. */
static void
create (Storm *storm,
        guint n)
{
  static const int priorities[] = { 10, 0, -5, -10, -15 };
  guint first = storm->jobs->len;
  int priority = priorities[g_rand_int_range (storm->rand, 0, G_N_ELEMENTS (priorities))];
  gboolean by_kue = g_rand_boolean (storm->rand);
  guint sum = 0, drawn;
  Kind kind = 0;

  for (guint i = 0; i < N_KINDS; i++)
    sum += storm_kinds[i].weight;
  for (drawn = (guint) g_rand_int_range (storm->rand, 0, (gint32) sum); drawn >= storm_kinds[kind].weight; kind++)
    drawn -= storm_kinds[kind].weight;

  for (guint i = 0; i < n; i++)
    {
      /* Each of these takes a worker a second. */
      Job job = { .kind = kind == HANGING && i >= 3 ? PLAIN : kind };

      g_array_append_val (storm->jobs, job);
    }

  if (kind == HANGING && n > 3)
    {
      create_by_us (storm, PLAIN, priority, first + 3, n - 3);
      n = 3;
    }
  if (!by_kue || storm_kue_producer (storm)->process == NULL || !create_by_kue (storm, kind, priority, first, n))
    create_by_us (storm, kind, priority, first, n);
}

/* What nobody heard of may be there or not, so it is not counted. */
void
storm_create_until (Storm *storm,
                    guint n_heard)
{
  guint burst = MAX (storm->n_jobs / (storm->n_kills * N_TARGETS) / 2, 5);

  storm_read_record (storm);
  for (guint i = 0, n = n_heard - MIN (n_heard, storm->n_heard); n > 0 && i < 4; i++)
    {
      create (storm, MIN (burst, n));
      n -= MIN (burst, n);
    }
}

/* By us, whoever's turn it would be. */
void
storm_create_rest (Storm *storm)
{
  guint n = MIN (storm->n_jobs - storm->n_heard, 100);
  guint first = storm->jobs->len;

  g_array_set_size (storm->jobs, first + n);
  for (guint i = 0; i < n; i++)
    g_array_index (storm->jobs, Job, first + i).kind = PLAIN;
  create_by_us (storm, PLAIN, 0, first, n);
}
