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
 * person is played here, with the commands that one would use: `doctor --repair` and `job retry`. What that person finds has to be the
 * doing of Kue, by the file of the server: nothing of ours is mended before it is counted.
 *
 *   CB_STORM_SEED    the moments and the jobs; printed, so that a storm can be repeated
 *   CB_STORM_JOBS    how many jobs (600)
 *   CB_STORM_KILLS   how often each of the three is killed (10)
 *   CB_STORM_KEEP    a folder that gets everything that was written down */

#include "config.h"

#include <signal.h>

#include <glib/gstdio.h>

#include "cb-test-wait.h"
#include "storm.h"

#define SUPERVISION_MSEC 50
#define MAX_VISITS 8

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
      Child *child = target == KUE ? storm_kue_worker (storm) : &storm->children[g_rand_int_range (storm->rand, 0, N_OURS)];

      storm_kill_child (child);
      child->start_at = g_get_monotonic_time ();
      if (g_rand_int_range (storm->rand, 0, 4) == 0)
        child->start_at += g_rand_int_range (storm->rand, 0, 500) * G_TIME_SPAN_MILLISECOND;
      else
        storm_supervise_cb (storm);
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

      storm_create_until (storm, until);

      /* In the middle of a burst of new jobs, right after it, or at any time; now and then when all are back at work. */
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
        case 3:
          cb_test_run_for ((guint) g_rand_int_range (storm->rand, 1000, 2500));
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

/* --- the test --- */

static void
accusation_clear (gpointer data)
{
  g_free (((Accusation *) data)->kind);
}

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
  storm.accusations = g_array_new (FALSE, FALSE, sizeof (Accusation));
  g_array_set_clear_func (storm.accusations, accusation_clear);
  storm.found = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  storm.children[0] = (Child){ .name = "first worker", .target = OURS };
  storm.children[1] = (Child){ .name = "second worker", .target = OURS };
  *storm_kue_worker (&storm) = (Child){ .name = "worker of Kue", .target = KUE };
  *storm_kue_producer (&storm) = (Child){ .name = "producer of Kue", .target = KUE };
  storm_supervise_cb (&storm);
  storm.supervision = g_timeout_add (SUPERVISION_MSEC, storm_supervise_cb, &storm);

  rage (&storm);

  /* The rest of the jobs, in peace; and then only ours are left. */
  cb_test_redis_await (storm.redis);
  cb_test_wait_until (storm.creations->len == 0);
  while (storm_read_record (&storm), storm.n_heard < storm.n_jobs)
    {
      gsize heard = storm.n_heard;

      storm_create_rest (&storm);
      cb_test_wait_until (storm.creations->len == 0 && storm.n_heard > heard);
    }
  storm_kue_worker (&storm)->start_at = -1;
  storm_kill_child (storm_kue_worker (&storm));
  storm_kue_producer (&storm)->start_at = -1;
  storm_kill_child (storm_kue_producer (&storm));
  storm.calm = TRUE;
  for (guint i = 0; i < N_OURS; i++)
    storm_kill_child (&storm.children[i]);

  storm_settle (&storm);
  for (guint i = 0; storm_visit (&storm); i++)
    {
      g_assert_cmpuint (i, <, MAX_VISITS);
      storm_settle (&storm);
    }

  /* From here on they are to end. */
  g_source_remove (storm.supervision);
  for (guint i = 0; i < N_OURS; i++)
    {
      if (storm.children[i].process == NULL)
        continue;
      g_subprocess_send_signal (storm.children[i].process, SIGTERM);
      storm_wait_for_end (storm.children[i].process);
      g_assert_true (g_subprocess_get_successful (storm.children[i].process));
      g_clear_object (&storm.children[i].process);
    }

  keep (&storm);
  storm_reckon (&storm);

  g_rand_free (storm.rand);
  cb_test_redis_free (storm.redis);
  g_free (storm.record);
  g_free (storm.errors);
  g_free (storm.said);
  g_free (storm.kue_script);
  g_array_unref (storm.jobs);
  g_ptr_array_unref (storm.creations);
  g_array_unref (storm.accusations);
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
