/* test-history.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What is counted when, what comes back from the file, and that a board's events and counts end up in it. */

#include "cb-history-recorder.h"
#include "cb-kue-engine.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"

#include <glib/gstdio.h>
#include <string.h>

#define SECOND ((gint64) G_USEC_PER_SEC)
/* 2026-11-26 12:00:00 UTC, at which a step of each span begins. */
#define NOON (G_GINT64_CONSTANT (1795694400) * SECOND)

static CbHistoryPoint
get_last (CbHistory     *history,
          CbHistorySpan  span,
          gint64         now)
{
  g_autoptr (GArray) points = cb_history_get (history, span, now);

  g_assert_cmpuint (points->len, ==, cb_history_get_length (span));
  return g_array_index (points, CbHistoryPoint, points->len - 1);
}

static void
test_counts (void)
{
  g_autoptr (CbHistory) history = cb_history_new (NULL);
  CbHistoryPoint point;

  cb_history_add (history, CB_HISTORY_COMPLETE, 3, NOON);
  cb_history_add (history, CB_HISTORY_COMPLETE, 2, NOON + SECOND - 1);
  cb_history_add (history, CB_HISTORY_FAILED, 1, NOON + SECOND);

  point = get_last (history, CB_HISTORY_MINUTES, NOON);
  g_assert_cmpint (point.at, ==, NOON);
  g_assert_cmpuint (point.counts[CB_HISTORY_COMPLETE], ==, 5);
  g_assert_cmpuint (point.counts[CB_HISTORY_FAILED], ==, 0);
  point = get_last (history, CB_HISTORY_MINUTES, NOON + SECOND);
  g_assert_cmpuint (point.counts[CB_HISTORY_COMPLETE], ==, 0);
  g_assert_cmpuint (point.counts[CB_HISTORY_FAILED], ==, 1);
  point = get_last (history, CB_HISTORY_HOUR, NOON + 9 * SECOND);
  g_assert_cmpuint (point.counts[CB_HISTORY_COMPLETE], ==, 5);
  g_assert_cmpuint (point.counts[CB_HISTORY_FAILED], ==, 1);

  cb_history_sum (history, CB_HISTORY_DAY, NOON + 3600 * SECOND, &point);
  g_assert_cmpuint (point.counts[CB_HISTORY_COMPLETE], ==, 5);
  g_assert_cmpuint (point.watched_msec, ==, 0);
}

/* A day later the places of the rings belong to other times. */
static void
test_goes_round (void)
{
  g_autoptr (CbHistory) history = cb_history_new (NULL);
  CbHistoryPoint point;

  cb_history_add (history, CB_HISTORY_QUEUED, 7, NOON);
  cb_history_sum (history, CB_HISTORY_MINUTES, NOON + 299 * SECOND, &point);
  g_assert_cmpuint (point.counts[CB_HISTORY_QUEUED], ==, 7);
  cb_history_sum (history, CB_HISTORY_MINUTES, NOON + 300 * SECOND, &point);
  g_assert_cmpuint (point.counts[CB_HISTORY_QUEUED], ==, 0);
  cb_history_sum (history, CB_HISTORY_HOUR, NOON + 300 * SECOND, &point);
  g_assert_cmpuint (point.counts[CB_HISTORY_QUEUED], ==, 7);

  cb_history_add (history, CB_HISTORY_QUEUED, 1, NOON + 300 * SECOND);
  point = get_last (history, CB_HISTORY_MINUTES, NOON + 300 * SECOND);
  g_assert_cmpuint (point.counts[CB_HISTORY_QUEUED], ==, 1);
  /* What comes late does not overwrite what has its place now. */
  cb_history_add (history, CB_HISTORY_QUEUED, 100, NOON);
  point = get_last (history, CB_HISTORY_MINUTES, NOON + 300 * SECOND);
  g_assert_cmpuint (point.counts[CB_HISTORY_QUEUED], ==, 1);
}

static void
test_watched (void)
{
  g_autoptr (CbHistory) history = cb_history_new (NULL);
  CbHistoryPoint point;

  cb_history_add_watched (history, NOON + SECOND / 4, NOON + SECOND * 2 + SECOND / 2);
  point = get_last (history, CB_HISTORY_MINUTES, NOON);
  g_assert_cmpuint (point.watched_msec, ==, 750);
  point = get_last (history, CB_HISTORY_MINUTES, NOON + SECOND);
  g_assert_cmpuint (point.watched_msec, ==, 1000);
  point = get_last (history, CB_HISTORY_MINUTES, NOON + 2 * SECOND);
  g_assert_cmpuint (point.watched_msec, ==, 500);
  point = get_last (history, CB_HISTORY_HOUR, NOON);
  g_assert_cmpuint (point.watched_msec, ==, 2250);
  /* Never more than there was. */
  cb_history_add_watched (history, NOON, NOON + SECOND);
  point = get_last (history, CB_HISTORY_MINUTES, NOON);
  g_assert_cmpuint (point.watched_msec, ==, 1000);
  /* However long: a year is not walked second by second. */
  cb_history_add_watched (history, NOON, NOON + 365 * 86400 * SECOND);
  cb_history_sum (history, CB_HISTORY_DAY, NOON + 365 * 86400 * SECOND - 1, &point);
  g_assert_cmpuint (point.watched_msec, ==, 86400 * 1000);
}

static char *
make_file (void)
{
  g_autofree char *folder = g_dir_make_tmp ("callboard-history-XXXXXX", NULL);

  g_assert_nonnull (folder);
  return g_build_filename (folder, "deep", "it.ring", NULL);
}

static void
remove_file (const char *file)
{
  g_autofree char *folder = g_path_get_dirname (file);
  g_autofree char *above = g_path_get_dirname (folder);

  g_unlink (file);
  g_rmdir (folder);
  g_rmdir (above);
}

static void
save (CbHistory *history)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  cb_history_save_async (history, NULL, cb_test_store_result, &result);
  cb_history_save_finish (history, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
}

static gboolean
load (CbHistory  *history,
      GError    **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  cb_history_load_async (history, NULL, cb_test_store_result, &result);
  return cb_history_load_finish (history, cb_test_wait_result (&result), error);
}

static void
test_file (void)
{
  g_autofree char *file = make_file ();
  g_autoptr (CbHistory) history = cb_history_new (file);
  g_autoptr (CbHistory) again = cb_history_new (file);
  g_autoptr (CbHistory) other = cb_history_new (file);
  g_autoptr (GError) error = NULL;
  CbHistoryPoint point;
  GStatBuf status;

  g_assert_true (load (history, &error));
  g_assert_no_error (error);
  cb_history_add (history, CB_HISTORY_COMPLETE, 5, NOON);
  cb_history_add_watched (history, NOON, NOON + SECOND);
  save (history);
  g_assert_cmpint (g_stat (file, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0600);
  g_assert_cmpint (status.st_size, <, 32 * 1024);

  /* What was counted before the file was read stays. */
  cb_history_add (again, CB_HISTORY_COMPLETE, 4, NOON);
  cb_history_add (again, CB_HISTORY_FAILED, 2, NOON + 20 * SECOND);
  g_assert_true (load (again, &error));
  point = get_last (again, CB_HISTORY_MINUTES, NOON);
  g_assert_cmpuint (point.counts[CB_HISTORY_COMPLETE], ==, 5);
  g_assert_cmpuint (point.watched_msec, ==, 1000);
  point = get_last (again, CB_HISTORY_DAY, NOON);
  g_assert_cmpuint (point.counts[CB_HISTORY_FAILED], ==, 2);

  /* Two programs that save to one file lose nothing of each other. */
  cb_history_add (other, CB_HISTORY_QUEUED, 9, NOON + 60 * SECOND);
  save (again);
  save (other);
  g_assert_true (load (history, &error));
  cb_history_sum (history, CB_HISTORY_HOUR, NOON + 60 * SECOND, &point);
  g_assert_cmpuint (point.counts[CB_HISTORY_COMPLETE], ==, 5);
  g_assert_cmpuint (point.counts[CB_HISTORY_FAILED], ==, 2);
  g_assert_cmpuint (point.counts[CB_HISTORY_QUEUED], ==, 9);
  remove_file (file);
}

/* Cut, too long, of others, with numbers that don't belong where they are: it is said, or passed over, and nothing is taken from it. */
static void
test_bad_file (void)
{
  g_autofree char *file = make_file ();
  g_autofree char *folder = g_path_get_dirname (file);
  g_autoptr (CbHistory) history = cb_history_new (file);
  g_autofree char *good = NULL;
  gsize size;
  CbHistoryPoint point;

  cb_history_add (history, CB_HISTORY_COMPLETE, 5, NOON);
  save (history);
  g_assert_true (g_file_get_contents (file, &good, &size, NULL));

  for (guint i = 0; i < 4; i++)
    {
      g_autoptr (CbHistory) empty = cb_history_new (file);
      g_autoptr (GError) error = NULL;
      g_autofree char *bad = g_malloc0 (size + 10);

      memcpy (bad, good, size);
      if (i == 2)
        bad[0] ^= 1;
      if (i == 3)
        memset (bad + 20, 0xff, size - 20);
      g_assert_true (g_file_set_contents (file, bad, (gssize) (i == 0 ? size - 1 : i == 1 ? size + 10 : size), NULL));
      if (i < 3)
        {
          g_assert_false (load (empty, &error));
          g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
        }
      else
        {
          g_assert_true (load (empty, &error));
        }
      cb_history_sum (empty, CB_HISTORY_DAY, NOON, &point);
      g_assert_cmpuint (point.counts[CB_HISTORY_COMPLETE], ==, 0);

      /* And it is written anew. */
      save (history);
      g_assert_true (load (empty, NULL));
      cb_history_sum (empty, CB_HISTORY_DAY, NOON, &point);
      g_assert_cmpuint (point.counts[CB_HISTORY_COMPLETE], ==, 5);
    }
  remove_file (file);
}

static guint
sum (CbHistoryRecorder *recorder,
     CbHistoryKind      kind)
{
  CbHistoryPoint point;

  cb_history_recorder_update (recorder);
  cb_history_sum (cb_history_recorder_get_history (recorder), CB_HISTORY_DAY, g_get_real_time (), &point);

  return point.counts[kind];
}

static void
create_jobs (CbEngine *engine,
             guint     n)
{
  g_autoptr (GPtrArray) specs = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_spec_free);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) ids = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new_static ("{}", 2);

      g_ptr_array_add (specs, cb_job_spec_new ("email", bytes));
    }
  cb_engine_create_async (engine, specs, NULL, cb_test_store_result, &result);
  ids = cb_engine_create_finish (engine, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
}

/* @rules: of the user; the events need a right of their own. */
static void
run_recorder (const char *channels,
              gboolean    live)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *file = make_file ();
  g_autofree char *uri = g_strdup_printf ("unix://looker:secret@%s", cb_test_redis_get_path (redis));
  g_autoptr (CbAddress) address = NULL;
  g_autoptr (CbConnection) connection = NULL;
  g_autoptr (CbConnection) producer = cb_connection_new (cb_test_redis_get_address (redis), "producer");
  g_autoptr (CbEngine) engine = cb_kue_engine_new (producer, "q");
  g_autoptr (CbHistory) history = cb_history_new (file);
  g_autoptr (CbHistory) kept = cb_history_new (file);
  g_autoptr (CbBoard) board = NULL;
  g_autoptr (CbHistoryRecorder) recorder = NULL;
  g_autoptr (CbReply) reply = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  CbHistoryPoint point;
  gint64 total = -1;

  reply = cb_test_redis_call (redis, "ACL", "SETUSER", "looker", "on", ">secret", "~*", channels, "+@all", NULL);
  g_assert_false (cb_value_is_error (cb_reply_get_value (reply)));
  address = cb_address_parse (uri, &error);
  g_assert_no_error (error);
  cb_connection_open (producer);
  create_jobs (engine, 2);

  connection = cb_connection_new (address, "test");
  board = cb_board_new (connection, "q");
  cb_board_start (board);
  recorder = cb_history_recorder_new (board, history);
  cb_connection_open (connection);
  cb_test_wait_until (cb_history_recorder_get_exact (recorder) == live && cb_board_find (board, "email", NULL) != NULL &&
                      (g_object_get (cb_board_find (board, "email", NULL), "total", &total, NULL), total == 2));
  /* What was there before is no news. */
  g_assert_cmpuint (sum (recorder, CB_HISTORY_QUEUED), ==, 0);
  create_jobs (engine, 5);
  cb_test_wait_until (sum (recorder, CB_HISTORY_QUEUED) == 5);
  g_assert_cmpuint (sum (recorder, CB_HISTORY_FAILED), ==, 0);

  /* Less than a millisecond is no time that was watched. */
  cb_test_run_for (20);
  cb_history_recorder_stop_async (recorder, cb_test_store_result, &result);
  cb_history_recorder_stop_finish (recorder, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  g_assert_true (load (kept, &error));
  cb_history_sum (kept, CB_HISTORY_DAY, g_get_real_time (), &point);
  g_assert_cmpuint (point.counts[CB_HISTORY_QUEUED], ==, 5);
  g_assert_cmpuint (point.watched_msec, >, 0);

  cb_board_stop (board);
  cb_connection_close (connection);
  cb_connection_close (producer);
  remove_file (file);
}

static void
test_recorder_live (void)
{
  run_recorder ("&*", TRUE);
}

static void
test_recorder_polling (void)
{
  run_recorder ("resetchannels", FALSE);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/history/counts", test_counts);
  g_test_add_func ("/history/goes-round", test_goes_round);
  g_test_add_func ("/history/watched", test_watched);
  g_test_add_func ("/history/file", test_file);
  g_test_add_func ("/history/bad-file", test_bad_file);
  g_test_add_func ("/history/recorder/live", test_recorder_live);
  g_test_add_func ("/history/recorder/polling", test_recorder_polling);

  return g_test_run ();
}
