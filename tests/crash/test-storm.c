/* test-storm.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Workers of ours, a worker of the real Kue and the server they share are killed again and again at random moments, while jobs of
 * every kind are created by both. In the end every job is complete, or has failed by its own doing, and none was completed twice.
 *
 * Three accounts that know nothing of each other are compared: what those who ran and created jobs wrote down before and
 * after (storm-handler.c, storm.js), what our workers said was done, and the append-only file of the server (cb-ledger.c).
 *
 * A worker of Kue leaves no sign of life, so what it held when it was killed is put back by a person. That
 * person is played here, with the commands that one would use: `doctor --repair` and `job retry`.
 *
 *   CB_STORM_SEED    the moments and the jobs; printed, so that a storm can be repeated
 *   CB_STORM_JOBS    how many jobs (600)
 *   CB_STORM_KILLS   how often each of the three is killed (10)
 *   CB_STORM_KEEP    a folder that gets everything that was written down */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>

#include "cb-ledger.h"
#include "cb-test-cli.h"
#include "cb-test-kue.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"

#define QUEUE "email"
#define N_OURS 2
#define SUPERVISION_MSEC 50
/* So long nothing may change before what is left counts as stuck. Deaths take a lease and a round; a back-off half a second. */
#define STUCK_SECONDS 45
#define MAX_VISITS 8

typedef enum
{
  OURS,
  KUE,
  SERVER,
  N_TARGETS
} Target;

/* --- jobs --- */

typedef enum
{
  PLAIN,        /* one attempt */
  HOPELESS,     /* fails each time */
  RETRIED,      /* fails once or twice, again at once */
  BACKED_OFF,   /* fails once, again a little later */
  DELAYED,
  TIMED,        /* has a time to live that is long enough */
  HANGING,      /* does not end the first time, and its time to live ends that */
  REMOVED,      /* goes when it is complete */
  N_KINDS
} Kind;

static const struct
{
  guint weight;
  int attempts, fail, hang, delay, ttl, backoff;
  gboolean remove;
} kinds[N_KINDS] = {
  [PLAIN] = { 8, .attempts = 1 },
  [HOPELESS] = { 2, .attempts = 2, .fail = 9 },
  [RETRIED] = { 4, .attempts = 3, .fail = 2 },
  [BACKED_OFF] = { 4, .attempts = 3, .fail = 1, .backoff = 200 },
  [DELAYED] = { 4, .attempts = 1, .delay = 400 },
  [TIMED] = { 2, .attempts = 2, .ttl = 120000 },
  [HANGING] = { 1, .attempts = 6, .hang = 1, .ttl = 500 },
  [REMOVED] = { 3, .attempts = 1, .remove = TRUE },
};

typedef struct
{
  Kind kind;
  guint id;                    /* 0: nobody heard that it was created */
  guint n_starts, n_ok, n_bad;
} Job;

/* --- the storm --- */

typedef struct
{
  const char *name;
  Target target;
  guint number;
  GSubprocess *process;        /* (owned) (nullable) */
  gint64 start_at;             /* monotonic: it is not to run before then; -1: not any more */
} Child;

typedef struct
{
  GRand *rand;
  guint n_jobs, n_kills;
  CbTestRedis *redis;
  char *record;                /* the file of what happened */
  char *said;                  /* a folder with a file for each run of a worker of ours */
  char *errors;                /* what all of them complained about */
  char *kue_script;

  Child children[N_OURS + 2];  /* ours, Kue's worker, Kue's producer */
  guint n_starts;
  guint supervision;
  gboolean calm;               /* nothing is killed any more: the rest may be done quickly */
  GArray *jobs;                /* (element-type Job) */
  guint n_heard;               /* of these: somebody was told that it was created */
  gsize record_at;             /* so much of the record was read */
  GPtrArray *creations;        /* (element-type Creation) running */

  guint killed[N_TARGETS];
  guint n_no_server, n_kue_ended, n_kue_stuck;
  guint n_findings, n_suspects, n_unretried, n_removed;
  GHashTable *found;           /* (element-type utf8 guint) findings by their kind */
} Storm;

static Child *
kue_worker (Storm *storm)
{
  return &storm->children[N_OURS];
}

static Child *
kue_producer (Storm *storm)
{
  return &storm->children[N_OURS + 1];
}

static void
die_with_parent (gpointer data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

static int
open_to_append (const char *path)
{
  int fd = open (path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

  g_assert_cmpint (fd, >=, 0);
  return fd;
}

static GSubprocess *
spawn (Storm *storm,
       const char *output,
       GSubprocessFlags flags,
       const char * const *argv)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (flags);
  g_autofree char *uri = g_strdup_printf ("unix:%s", cb_test_redis_get_path (storm->redis));
  g_autoptr (GError) error = NULL;
  GSubprocess *process;

  g_subprocess_launcher_set_child_setup (launcher, die_with_parent, NULL, NULL);
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

      child->process = spawn (storm, output, G_SUBPROCESS_FLAGS_NONE, argv);
    }
  else
    {
      const char *argv[] = { "node", storm->kue_script, child == kue_worker (storm) ? "work" : "create", "--type", QUEUE,
                             "--concurrency", "8", "--file", storm->record, "--socket", socket, NULL };

      child->process = spawn (storm, NULL, child == kue_producer (storm) ? G_SUBPROCESS_FLAGS_STDIN_PIPE : 0, argv);
    }
}

static void
wait_for_end (GSubprocess *process)
{
  g_autoptr (GAsyncResult) result = NULL;

  g_subprocess_wait_async (process, NULL, cb_test_store_result, &result);
  g_subprocess_wait_finish (process, cb_test_wait_result (&result), NULL);
}

static void
fail_with_errors (Storm *storm,
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

  wait_for_end (process);
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
      fail_with_errors (storm, what);
    }
  child->start_at = g_get_monotonic_time () + 100 * G_TIME_SPAN_MILLISECOND;
}

static gboolean
supervise_cb (gpointer user_data)
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

static void
kill_child (Child *child)
{
  g_autoptr (GSubprocess) process = g_steal_pointer (&child->process);

  if (process == NULL)
    return;
  g_subprocess_force_exit (process);
  wait_for_end (process);
}

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
static void
read_record (Storm *storm)
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
                              g_rand_int_range (storm->rand, 0, 120), kinds[kind].fail, kinds[kind].hang);
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
    fail_with_errors (storm, "Creating jobs ended in a way of its own");

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
  g_ptr_array_add (argv, g_strdup_printf ("--attempts=%d", kinds[kind].attempts));
  if (kinds[kind].delay > 0)
    g_ptr_array_add (argv, g_strdup_printf ("--delay=%d", kinds[kind].delay));
  if (kinds[kind].ttl > 0)
    g_ptr_array_add (argv, g_strdup_printf ("--ttl=%d", kinds[kind].ttl));
  if (kinds[kind].backoff > 0)
    g_ptr_array_add (argv, g_strdup_printf ("--backoff=fixed:%d", kinds[kind].backoff));
  if (kinds[kind].remove)
    g_ptr_array_add (argv, g_strdup ("--remove-on-complete"));
  g_ptr_array_add (argv, NULL);

  creation->storm = storm;
  creation->first = first;
  creation->n = n;
  g_ptr_array_add (storm->creations, creation);
  process = spawn (storm, NULL, G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE,
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
  GOutputStream *input = g_subprocess_get_stdin_pipe (kue_producer (storm)->process);
  gssize written;

  line = g_strdup_printf ("{\"options\":{\"priority\":%d,\"attempts\":%d,\"delay\":%d,\"ttl\":%d,\"backoff\":%d,\"remove\":%s},"
                          "\"elements\":%s}\n",
                          priority, kinds[kind].attempts, kinds[kind].delay, kinds[kind].ttl, kinds[kind].backoff,
                          kinds[kind].remove ? "true" : "false", elements);
  written = g_pollable_output_stream_write_nonblocking (G_POLLABLE_OUTPUT_STREAM (input), line, strlen (line), NULL, NULL);
  if (written == (gssize) strlen (line))
    return TRUE;

  storm->n_kue_stuck++;
  kill_child (kue_producer (storm));
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
    sum += kinds[i].weight;
  for (drawn = (guint) g_rand_int_range (storm->rand, 0, (gint32) sum); drawn >= kinds[kind].weight; kind++)
    drawn -= kinds[kind].weight;

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
  if (!by_kue || kue_producer (storm)->process == NULL || !create_by_kue (storm, kind, priority, first, n))
    create_by_us (storm, kind, priority, first, n);
}

/* What nobody heard of may be there or not, so it is not counted. */
static void
create_until (Storm *storm,
              guint n_heard)
{
  guint burst = MAX (storm->n_jobs / (storm->n_kills * N_TARGETS) / 2, 5);

  read_record (storm);
  for (guint i = 0, n = n_heard - MIN (n_heard, storm->n_heard); n > 0 && i < 4; i++)
    {
      create (storm, MIN (burst, n));
      n -= MIN (burst, n);
    }
}

/* By us, whoever's turn it would be. */
static void
create_rest (Storm *storm)
{
  guint n = MIN (storm->n_jobs - storm->n_heard, 100);
  guint first = storm->jobs->len;

  g_array_set_size (storm->jobs, first + n);
  for (guint i = 0; i < n; i++)
    g_array_index (storm->jobs, Job, first + i).kind = PLAIN;
  create_by_us (storm, PLAIN, 0, first, n);
}

/* --- killing --- */

static void
kill_one (Storm *storm,
          Target target)
{
  storm->killed[target]++;
  if (target == SERVER)
    {
      double lot = g_rand_double (storm->rand);

      cb_test_redis_kill (storm->redis);
      /* Now and then it stays away for longer than any lease lasts. */
      cb_test_run_for (lot < 0.02 ? 7000 : (guint) (lot * 300));
      if (lot < 0.7)
        cb_test_redis_start (storm->redis);
      else
        cb_test_redis_start_nowait (storm->redis);
    }
  else
    {
      Child *child = target == KUE ? kue_worker (storm) : &storm->children[g_rand_int_range (storm->rand, 0, N_OURS)];

      kill_child (child);
      child->start_at = g_get_monotonic_time ();
      if (g_rand_int_range (storm->rand, 0, 4) == 0)
        child->start_at += g_rand_int_range (storm->rand, 0, 500) * G_TIME_SPAN_MILLISECOND;
      else
        supervise_cb (storm);
    }
}

static void
rage (Storm *storm)
{
  guint n_steps = storm->n_kills * N_TARGETS;
  g_autofree Target *order = g_new (Target, n_steps);

  for (guint i = 0; i < n_steps; i++)
    order[i] = i % N_TARGETS;
  for (guint i = n_steps - 1; i > 0; i--)
    {
      guint j = (guint) g_rand_int_range (storm->rand, 0, (gint32) i + 1);
      Target kept = order[i];

      order[i] = order[j];
      order[j] = kept;
    }

  for (guint i = 0; i < n_steps; i++)
    {
      guint until = (guint) ((guint64) storm->n_jobs * (i + 1) / n_steps);

      create_until (storm, until);

      /* In the middle of a burst of new jobs, right after it, or at any time. */
      switch (g_rand_int_range (storm->rand, 0, 6))
        {
        case 0:
          cb_test_run_for ((guint) g_rand_int_range (storm->rand, 0, 40));
          break;
        case 1:
        case 2:
          while (storm->creations->len > 0)
            g_main_context_iteration (NULL, TRUE);
          cb_test_run_for ((guint) g_rand_int_range (storm->rand, 0, 10));
          break;
        default:
          cb_test_run_for ((guint) g_rand_int_range (storm->rand, 20, 900));
        }
      kill_one (storm, order[i]);
      /* Two at once, as when a machine goes down. */
      if (i + 1 < n_steps && order[i + 1] != order[i] && g_rand_int_range (storm->rand, 0, 10) == 0)
        kill_one (storm, order[++i]);

      if (i % 30 == 29)
        g_test_message ("%u kills, %u jobs", i + 1, storm->jobs->len);
    }
}

/* --- afterwards --- */

static const char state_of_affairs[] =
  "local function count (key) return redis.call ('ZCARD', key) end\n"
  "local ours, kues = 0, 0\n"
  "for _, member in ipairs (redis.call ('ZRANGE', 'q:jobs:active', 0, -1)) do\n"
  "  local worker = redis.call ('HGET', 'q:job:' .. string.match (member, '|(.*)'), 'workerId')\n"
  "  if worker and string.find (worker, '^callboard:') then ours = ours + 1 else kues = kues + 1 end\n"
  "end\n"
  "return table.concat ({ count ('q:jobs:email:inactive'), ours, count ('q:jobs:delayed'), kues, count ('q:jobs:complete'),\n"
  "                       count ('q:jobs:failed') }, ' ')";

/* Until nothing is left but what a dead worker of Kue holds, or has removed without taking it out of the active ones. */
static void
settle (Storm *storm)
{
  g_autofree char *last = NULL;
  gint64 changed = g_get_monotonic_time ();

  for (;;)
    {
      g_autofree char *now = cb_test_redis_get_string (storm->redis, "EVAL", state_of_affairs, "0", NULL);

      if (g_str_has_prefix (now, "0 0 0 "))
        return;
      if (g_strcmp0 (now, last) != 0)
        {
          g_free (last);
          last = g_steal_pointer (&now);
          changed = g_get_monotonic_time ();
        }
      else if (g_get_monotonic_time () - changed > STUCK_SECONDS * G_TIME_SPAN_SECOND)
        {
          g_autofree char *what = g_strdup_printf ("Nothing changes any more (waiting, active, delayed, Kue's, complete, failed: %s)",
                                                   last);
          fail_with_errors (storm, what);
        }
      cb_test_run_for (100);
    }
}

/* callboardctl, however long it takes: a doctor looks at 20,000 jobs twice. Its output; with a status of more than 1 it has failed. */
static char *
run_cli (Storm *storm,
         GPtrArray *words)
{
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  char *output;

  g_ptr_array_insert (words, 0, cb_test_cli_dup_path ());
  g_ptr_array_add (words, NULL);
  process = spawn (storm, NULL, G_SUBPROCESS_FLAGS_STDOUT_PIPE, (const char * const *) words->pdata);
  g_subprocess_communicate_utf8_async (process, NULL, NULL, cb_test_store_result, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_subprocess_communicate_utf8_finish (process, result, &output, NULL, &error);
  g_assert_no_error (error);
  if (!g_subprocess_get_if_exited (process) || g_subprocess_get_exit_status (process) > 1)
    fail_with_errors (storm, "A command of the person who looks after the queue failed");

  return output;
}

static void
act (Storm *storm,
     const char *action,
     GPtrArray *ids)
{
  for (guint from = 0; from < ids->len; from += 100)
    {
      g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);

      g_ptr_array_add (words, g_strdup ("job"));
      g_ptr_array_add (words, g_strdup (action));
      for (guint i = from; i < MIN (from + 100, ids->len); i++)
        g_ptr_array_add (words, g_strdup (g_ptr_array_index (ids, i)));
      g_free (run_cli (storm, words));
    }
}

/* Jobs that failed and have attempts left, though nobody gave them up: Kue was killed between the two (its retry is a step of its
 * own). Callboard leaves none. Where the creation of a job was cut short its attempts may not be known, and are not counted. */
static const char failed_half[] =
  "local ids = {}\n"
  "for _, member in ipairs (redis.call ('ZRANGE', 'q:jobs:failed', 0, -1)) do\n"
  "  local id = string.match (member, '|(.*)')\n"
  "  local h = redis.call ('HMGET', 'q:job:' .. id, 'attempts', 'max_attempts', 'error')\n"
  "  if h[2] and tonumber (h[1] or 0) < tonumber (h[2]) and not string.find (h[3] or '', '^The worker died') then\n"
  "    table.insert (ids, id)\n"
  "  end\n"
  "end\n"
  "return ids";

/* What a person does who looks after the queue. Returns whether there was anything to do. */
static gboolean
visit (Storm *storm)
{
  g_autoptr (GPtrArray) suspects = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) half = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) broken = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *doctor = NULL;
  g_autoptr (CbReply) reply = NULL;
  g_auto (GStrv) lines = NULL;
  guint n = 0;

  g_ptr_array_add (words, g_strdup ("--json"));
  g_ptr_array_add (words, g_strdup ("doctor"));
  g_ptr_array_add (words, g_strdup ("--repair"));
  g_ptr_array_add (words, g_strdup ("--suspect-after=1000"));
  doctor = run_cli (storm, words);
  lines = g_strsplit (doctor, "\n", -1);
  for (guint i = 0; lines[i] != NULL && lines[i][0] != '\0'; i++)
    {
      g_autoptr (JsonNode) node = json_from_string (lines[i], NULL);
      JsonObject *finding = json_node_get_object (node);
      const char *kind = json_object_get_string_member (finding, "kind");
      const char *outcome = json_object_get_string_member (finding, "outcome");
      char *id = json_object_get_null_member (finding, "id") ? NULL : g_strdup (json_object_get_string_member (finding, "id"));

      n++;
      g_test_message ("doctor: %s", lines[i]);
      if (g_str_equal (kind, "suspect"))
        {
          g_ptr_array_add (suspects, id);
          continue;
        }
      storm->n_findings++;
      g_hash_table_insert (storm->found, g_strdup (kind),
                           GUINT_TO_POINTER (GPOINTER_TO_UINT (g_hash_table_lookup (storm->found, kind)) + 1));
      if (g_str_equal (outcome, "failed"))
        g_error ("doctor could not repair: %s", lines[i]);
      if (g_str_equal (outcome, "left") && id != NULL)
        g_ptr_array_add (broken, id);
      else
        g_free (id);
    }

  reply = cb_test_redis_call (storm->redis, "EVAL", failed_half, "0", NULL);
  for (guint i = 0; i < cb_value_get_length (cb_reply_get_value (reply)); i++)
    g_ptr_array_add (half, g_strdup (cb_value_get_string (cb_value_get_element (cb_reply_get_value (reply), i), NULL)));

  act (storm, "retry", suspects);
  act (storm, "retry", half);
  act (storm, "remove", broken);
  storm->n_suspects += suspects->len;
  storm->n_unretried += half->len;
  storm->n_removed += broken->len;

  g_test_message ("visited: %u findings, %u suspects among them, %u not retried", n, suspects->len, half->len);

  return n + half->len > 0;
}

/* --- the reckoning --- */

/* Each hash is in the set of all, in the pair of sets of one state and no other; nothing else is in any set; nothing is left that
 * could be worked, no token, no lease. */
static const char check[] =
  "local wrong, sizes, all = {}, {}, 0\n"
  "local function say (...) if #wrong < 20 then table.insert (wrong, table.concat ({ ... }, ' ')) end end\n"
  "local STATES = { 'inactive', 'active', 'complete', 'failed', 'delayed' }\n"
  "for id = 1, tonumber (redis.call ('GET', 'q:ids')) do\n"
  "  local zid = string.format ('%02d|%d', #tostring (id), id)\n"
  "  local exists = redis.call ('EXISTS', 'q:job:' .. id) == 1\n"
  "  local state = redis.call ('HGET', 'q:job:' .. id, 'state')\n"
  "  if exists then\n"
  "    all = all + 1\n"
  "    sizes[state or 'none'] = (sizes[state or 'none'] or 0) + 1\n"
  "    if state ~= 'complete' and state ~= 'failed' then say (id, 'is', state or 'in no state') end\n"
  "    if not redis.call ('ZSCORE', 'q:jobs', zid) then say (id, 'is not among all') end\n"
  "  elseif redis.call ('EXISTS', 'q:job:' .. id .. ':log') == 1 then say (id, 'left a log') end\n"
  "  for _, s in ipairs (STATES) do\n"
  "    for _, key in ipairs ({ 'q:jobs:' .. s, 'q:jobs:email:' .. s }) do\n"
  "      local there = redis.call ('ZSCORE', key, zid) and true or false\n"
  "      if there ~= (s == state) then say (id, 'is', state or 'gone', 'and', there and 'in' or 'not in', key) end\n"
  "    end\n"
  "  end\n"
  "end\n"
  "if redis.call ('ZCARD', 'q:jobs') ~= all then say ('not', all, 'in all') end\n"
  "for _, s in ipairs (STATES) do\n"
  "  for _, key in ipairs ({ 'q:jobs:' .. s, 'q:jobs:email:' .. s }) do\n"
  "    if redis.call ('ZCARD', key) ~= (sizes[s] or 0) then say ('too many in', key) end\n"
  "  end\n"
  "end\n"
  "if redis.call ('LLEN', 'q:email:jobs') ~= 0 then say ('tokens are left:', redis.call ('LLEN', 'q:email:jobs')) end\n"
  "if redis.call ('EXISTS', 'q:callboard:leases') ~= 0 then say ('leases are left') end\n"
  "return table.concat (wrong, '; ')";

typedef struct
{
  char *state;                 /* (nullable) gone */
  guint n;                     /* G_MAXUINT: it has no data, and so no number */
  char *error;                 /* (nullable) */
} End;

static void
end_clear (gpointer data)
{
  End *end = data;

  g_free (end->state);
  g_free (end->error);
}

static GArray *
read_ends (Storm *storm)
{
  GArray *ends = g_array_new (FALSE, TRUE, sizeof (End));
  g_autofree char *last = cb_test_redis_get_string (storm->redis, "GET", "q:ids", NULL);

  g_array_set_clear_func (ends, end_clear);
  g_array_set_size (ends, (guint) atoi (last) + 1);
  for (guint id = 1; id < ends->len; id++)
    {
      g_autofree char *key = g_strdup_printf ("q:job:%u", id);
      g_autoptr (CbReply) reply = cb_test_redis_call (storm->redis, "HMGET", key, "state", "data", "error", NULL);
      const CbValue *fields = cb_reply_get_value (reply);
      const char *data = cb_value_get_string (cb_value_get_element (fields, 1), NULL);
      End *end = &g_array_index (ends, End, id);

      end->state = g_strdup (cb_value_get_string (cb_value_get_element (fields, 0), NULL));
      end->error = g_strdup (cb_value_get_string (cb_value_get_element (fields, 2), NULL));
      end->n = G_MAXUINT;
      if (data != NULL)
        g_assert_cmpint (sscanf (data, "{\"n\":%u,", &end->n), ==, 1);
    }

  return ends;
}

typedef struct
{
  Storm *storm;
  CbLedger *ledger;
  guint n_wrong;
  guint n_complete, n_by_kue, n_failed, n_gone, n_died, n_unheard, n_cut_short, n_twice_by_kue;
} Reckoning;

G_GNUC_PRINTF (3, 4) static void
wrong (Reckoning *self,
       guint id,
       const char *format,
       ...)
{
  const CbLedgerJob *entry = cb_ledger_get (self->ledger, id);
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  if (self->n_wrong++ < 20)
    g_printerr ("Job %u: %s\n%s", id, text, entry != NULL ? entry->history->str : "  (the server never heard of it)\n");
}

/* The third account, about a job that our worker said was complete. */
static void
check_said (Reckoning *self)
{
  g_autoptr (GDir) folder = NULL;
  g_autoptr (GError) error = NULL;
  const char *name;

  folder = g_dir_open (self->storm->said, 0, &error);
  g_assert_no_error (error);
  while ((name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *path = g_build_filename (self->storm->said, name, NULL);
      g_autofree char *text = NULL;
      g_auto (GStrv) lines = NULL;

      g_file_get_contents (path, &text, NULL, &error);
      g_assert_no_error (error);
      lines = g_strsplit (text, "\n", -1);
      for (guint i = 0; lines[i] != NULL; i++)
        {
          guint id;
          char end = '\0';

          if (strstr (lines[i], "\"event\":\"complete\"") == NULL || sscanf (lines[i], "{\"id\":%u%c", &id, &end) != 2)
            continue;
          if (cb_ledger_get (self->ledger, id) == NULL || cb_ledger_get (self->ledger, id)->n_completed == 0)
            wrong (self, id, "a worker said that it was complete");
        }
    }
}

static void
check_job (Reckoning *self,
           guint n,
           const Job *job,
           guint id,
           const End *end)
{
  const CbLedgerJob *entry = cb_ledger_get (self->ledger, id);
  gboolean removes = kinds[job->kind].remove;

  if (entry == NULL)
    {
      wrong (self, id, "it was created (number %u), and is lost", n);
      return;
    }

  self->n_by_kue += entry->n_completed_by_kue;
  if (!entry->had_data || !entry->had_type)
    {
      self->n_cut_short++; /* a script of ours writes all fields or none */
      return;
    }

  /* Completed once at most. */
  if (entry->n_completed_twice_by_us > 0 || entry->n_reopened_by_us > 0)
    wrong (self, id, "Callboard did something with it after it was complete");
  else if (entry->n_completed > 1 || entry->n_reopened > 0)
    {
      self->n_twice_by_kue++;
      wrong (self, id, "it was complete and Kue did something with it");
    }

  /* And by somebody who did it. */
  if (end->state == NULL)
    {
      if (!removes || entry->n_completed != 1)
        wrong (self, id, "it is gone (completed %u times)", entry->n_completed);
      if (job->n_ok == 0)
        wrong (self, id, "it is gone, and no run of it succeeded");
      self->n_gone++;
    }
  else if (g_str_equal (end->state, "complete"))
    {
      if (job->n_ok == 0)
        wrong (self, id, "it is complete, and no run of it succeeded");
      self->n_complete++;
    }
  else if (g_str_equal (end->state, "failed"))
    {
      const char *error = end->error != NULL ? end->error : "";
      gboolean died = g_str_has_prefix (error, "The worker died while running this job");

      if (died)
        {
          self->n_died++;
          if (entry->n_claims < 5)
            wrong (self, id, "it was given up after %u claims", entry->n_claims);
        }
      else if (strstr (error, "failed by its own doing") != NULL ? kinds[job->kind].fail == 0 || job->n_bad == 0
               : !g_str_equal (error, "TTL exceeded") || kinds[job->kind].ttl == 0)
        wrong (self, id, "it failed, but not by its own doing: %s", error);
      self->n_failed++;
    }
  else
    {
      wrong (self, id, "it is %s", end->state);
    }
}

static void
reckon (Storm *storm)
{
  Reckoning self = { .storm = storm };
  g_autoptr (CbLedger) ledger = NULL;
  g_autofree char *directory = g_build_filename (cb_test_redis_get_directory (storm->redis), "appendonlydir", NULL);
  g_autofree char *bad = cb_test_redis_get_string (storm->redis, "EVAL", check, "0", NULL);
  g_autoptr (GArray) ends = read_ends (storm);
  g_autofree guint *ids = NULL;
  GHashTableIter iter;
  gpointer kind, n_found;

  cb_test_redis_stop (storm->redis);
  ledger = self.ledger = cb_ledger_read (directory);
  read_record (storm);

  /* Jobs by their number; one may be there although nobody heard so. */
  ids = g_new0 (guint, storm->jobs->len);
  for (guint id = 1; id < ends->len; id++)
    {
      const End *end = &g_array_index (ends, End, id);

      if (end->state == NULL || end->n == G_MAXUINT)
        continue;
      if (ids[end->n] != 0)
        wrong (&self, id, "it is the same as job %u", ids[end->n]);
      ids[end->n] = id;
    }
  for (guint n = 0; n < storm->jobs->len; n++)
    {
      Job *job = &g_array_index (storm->jobs, Job, n);

      if (job->id != 0 && ids[n] != 0 && job->id != ids[n])
        wrong (&self, job->id, "job number %u has another id (%u)", n, ids[n]);
      if (job->id == 0)
        self.n_unheard++;
      if (job->id != 0 || ids[n] != 0)
        check_job (&self, n, job, job->id != 0 ? job->id : ids[n],
                   &g_array_index (ends, End, job->id != 0 ? job->id : ids[n]));
    }
  check_said (&self);

  g_test_message ("%u jobs, %u of them perhaps never created, %u by Kue without their data or type; %u complete, %u gone when complete (%u by Kue), %u failed "
                  "(%u because their workers died)", storm->jobs->len, self.n_unheard, self.n_cut_short, self.n_complete, self.n_gone,
                  self.n_by_kue, self.n_failed, self.n_died);
  g_test_message ("%u kills of ours, %u of Kue, %u of the server; starts without a server: %u; Kue ended by itself: %u, and "
                  "did not take any more: %u; writes: %" G_GUINT64_FORMAT, storm->killed[OURS], storm->killed[KUE],
                  storm->killed[SERVER], storm->n_no_server, storm->n_kue_ended, storm->n_kue_stuck, cb_ledger_get_n_commands (ledger));
  g_test_message ("put back by a person: %u that a dead Kue held, %u that Kue did not retry; removed: %u; found by the doctor: %u",
                  storm->n_suspects, storm->n_unretried, storm->n_removed, storm->n_findings);
  g_hash_table_iter_init (&iter, storm->found);
  while (g_hash_table_iter_next (&iter, &kind, &n_found))
    g_test_message ("  %s: %u", (const char *) kind, GPOINTER_TO_UINT (n_found));

  g_assert_cmpstr (bad, ==, "");
  g_assert_cmpuint (self.n_wrong, ==, 0);
}

/* --- the test --- */

static guint
get_number (const char *name,
            guint fallback)
{
  const char *text = g_getenv (name);

  return text != NULL && *text != '\0' ? (guint) g_ascii_strtoull (text, NULL, 10) : fallback;
}

static void
keep (Storm *storm)
{
  const char *folder = g_getenv ("CB_STORM_KEEP");
  const char *files[] = { storm->record, storm->errors };

  if (folder == NULL)
    return;

  g_mkdir_with_parents (folder, 0700);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *name = g_path_get_basename (files[i]);
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autofree char *text = NULL;
      gsize length;

      if (g_file_get_contents (files[i], &text, &length, NULL))
        g_file_set_contents (path, text, (gssize) length, NULL);
    }
}

static void
test_storm (void)
{
  g_autofree char *missing = g_test_build_filename (G_TEST_DIST, "interop", "node_modules", "kue", NULL);
  g_autofree char *node = g_find_program_in_path ("node");
  guint seed = get_number ("CB_STORM_SEED", g_random_int ());
  Storm storm = { .n_jobs = get_number ("CB_STORM_JOBS", 600), .n_kills = get_number ("CB_STORM_KILLS", 10) };
  const char *directory;

  if (node == NULL || !g_file_test (missing, G_FILE_TEST_IS_DIR))
    {
      g_test_skip ("Node or Kue is not installed: run npm ci in tests/interop");
      return;
    }

  g_test_message ("CB_STORM_SEED=%u CB_STORM_JOBS=%u CB_STORM_KILLS=%u", seed, storm.n_jobs, storm.n_kills);
  storm.rand = g_rand_new_with_seed (seed);
  storm.redis = cb_test_redis_new ("--appendonly", "yes", "--appendfsync", "always", "--auto-aof-rewrite-percentage", "0", NULL);
  directory = cb_test_redis_get_directory (storm.redis);
  storm.record = g_build_filename (directory, "record", NULL);
  storm.errors = g_build_filename (directory, "errors", NULL);
  storm.said = g_build_filename (directory, "said", NULL);
  storm.kue_script = g_test_build_filename (G_TEST_DIST, "interop", "kue", "storm.js", NULL);
  g_assert_cmpint (g_mkdir (storm.said, 0700), ==, 0);
  storm.jobs = g_array_new (FALSE, TRUE, sizeof (Job));
  storm.creations = g_ptr_array_new_with_free_func (g_free);
  storm.found = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  storm.children[0] = (Child){ .name = "first worker", .target = OURS };
  storm.children[1] = (Child){ .name = "second worker", .target = OURS };
  *kue_worker (&storm) = (Child){ .name = "worker of Kue", .target = KUE };
  *kue_producer (&storm) = (Child){ .name = "producer of Kue", .target = KUE };
  supervise_cb (&storm);
  storm.supervision = g_timeout_add (SUPERVISION_MSEC, supervise_cb, &storm);

  rage (&storm);

  /* The rest of the jobs, in peace; and then only ours are left. */
  cb_test_redis_await (storm.redis);
  cb_test_wait_until (storm.creations->len == 0);
  while (read_record (&storm), storm.n_heard < storm.n_jobs)
    {
      gsize heard = storm.n_heard;

      create_rest (&storm);
      cb_test_wait_until (storm.creations->len == 0 && storm.n_heard > heard);
    }
  kue_worker (&storm)->start_at = -1;
  kill_child (kue_worker (&storm));
  kue_producer (&storm)->start_at = -1;
  kill_child (kue_producer (&storm));
  storm.calm = TRUE;
  for (guint i = 0; i < N_OURS; i++)
    kill_child (&storm.children[i]);

  settle (&storm);
  for (guint i = 0; visit (&storm); i++)
    {
      g_assert_cmpuint (i, <, MAX_VISITS);
      settle (&storm);
    }

  /* From here on they are to end. */
  g_source_remove (storm.supervision);
  for (guint i = 0; i < N_OURS; i++)
    {
      if (storm.children[i].process == NULL)
        continue;
      g_subprocess_send_signal (storm.children[i].process, SIGTERM);
      wait_for_end (storm.children[i].process);
      g_assert_true (g_subprocess_get_successful (storm.children[i].process));
      g_clear_object (&storm.children[i].process);
    }

  keep (&storm);
  reckon (&storm);

  g_rand_free (storm.rand);
  cb_test_redis_free (storm.redis);
  g_free (storm.record);
  g_free (storm.errors);
  g_free (storm.said);
  g_free (storm.kue_script);
  g_array_unref (storm.jobs);
  g_ptr_array_unref (storm.creations);
  g_hash_table_unref (storm.found);
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  signal (SIGPIPE, SIG_IGN);
  g_test_add_func ("/storm", test_storm);

  return g_test_run ();
}
