/* test-board.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "cb-board.h"
#include "cb-memory-engine.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"

/* --- an engine that counts what it is asked --- */

#define TEST_TYPE_ENGINE (test_engine_get_type ())
G_DECLARE_FINAL_TYPE (TestEngine, test_engine, TEST, ENGINE, CbEngine)

struct _TestEngine
{
  CbEngine parent_instance;
  guint    n_lists;
  guint    n_counts;
  gboolean refuse_events;
  int      n_watches;
};

G_DEFINE_FINAL_TYPE (TestEngine, test_engine, CB_TYPE_ENGINE)

static const CbStateInfo test_states[] = { { "inactive", "Queued", CB_JOB_MEANING_WAITING } };

static void
test_engine_list_queues (CbEngine *engine, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (engine, cancellable, callback, user_data);
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);

  TEST_ENGINE (engine)->n_lists++;
  g_ptr_array_add (names, g_strdup ("only"));
  g_task_return_pointer (task, names, (GDestroyNotify) g_ptr_array_unref);
}

static void
test_engine_count (CbEngine *engine, const char * const *queues, GCancellable *cancellable, GAsyncReadyCallback callback,
                   gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (engine, cancellable, callback, user_data);
  GPtrArray *counts = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_queue_counts_free);

  TEST_ENGINE (engine)->n_counts++;
  g_ptr_array_add (counts, cb_queue_counts_new (queues != NULL ? queues[0] : NULL));
  g_task_return_pointer (task, counts, (GDestroyNotify) g_ptr_array_unref);
}

static void
test_engine_watch (CbEngine *engine, gboolean on)
{
  TEST_ENGINE (engine)->n_watches += on ? 1 : -1;
  if (!TEST_ENGINE (engine)->refuse_events)
    cb_engine_set_live (engine, on, NULL);
}

static void
test_engine_class_init (TestEngineClass *klass)
{
  CbEngineClass *engine_class = CB_ENGINE_CLASS (klass);

  engine_class->name = "test";
  engine_class->title = "Test";
  engine_class->states = test_states;
  engine_class->n_states = 1;
  engine_class->list_queues = test_engine_list_queues;
  engine_class->count = test_engine_count;
  engine_class->watch = test_engine_watch;
}

static void
test_engine_init (TestEngine *self)
{
}

static void
tell (TestEngine *engine, const char *id, const char *name, const char *args)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (args, strlen (args));
  g_autoptr (CbJobEvent) event = cb_job_event_new (id, name, bytes);

  cb_engine_emit_event (CB_ENGINE (engine), event);
}

/* --- helpers --- */

static char *
board_to_string (CbBoard *board)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (board)); i++)
    {
      g_autoptr (CbQueue) queue = g_list_model_get_item (G_LIST_MODEL (board), i);
      gint64 waiting, failed;

      g_object_get (queue, "waiting", &waiting, "failed", &failed, NULL);
      g_string_append_printf (text, "%s%s:%d/%d/%d", i > 0 ? ", " : "", cb_queue_get_name (queue),
                              (int) cb_queue_get_count (queue, NULL), (int) waiting, (int) failed);
    }

  return g_string_free (text, FALSE);
}

static void
assert_board_at (CbBoard *board, const char *expected, int line)
{
  g_autofree char *text = board_to_string (board);

  if (strcmp (text, expected) != 0)
    g_error ("Line %d: the board is “%s”, not “%s”", line, text, expected);
}
#define assert_board(board, expected) assert_board_at (board, expected, __LINE__)

static gboolean
is_loading (CbBoard *board)
{
  gboolean loading;

  g_object_get (board, "loading", &loading, NULL);
  return loading;
}

static gboolean
is_live (CbBoard *board)
{
  gboolean live;

  g_object_get (board, "live", &live, NULL);
  return live;
}

static gboolean
has_problem (CbBoard *board, const char *expected)
{
  g_autofree char *problem = NULL;

  g_object_get (board, "problem", &problem, NULL);
  return g_strcmp0 (problem, expected) == 0;
}

static void
create_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GPtrArray) ids = cb_engine_create_finish (CB_ENGINE (source), result, NULL);

  g_assert_nonnull (ids);
}

static void
create (CbEngine *engine, const char *queue, guint n)
{
  g_autoptr (GPtrArray) specs = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_spec_free);

  for (guint i = 0; i < n; i++)
    g_ptr_array_add (specs, cb_job_spec_new (queue, NULL));
  cb_engine_create_async (engine, specs, NULL, create_cb, NULL);
}

typedef struct
{
  guint n_signals;
  guint n_ids;
  guint n_unknown;
} Changes;

static void
jobs_changed_cb (CbBoard *board, CbEngine *engine, char **ids, gpointer user_data)
{
  Changes *changes = user_data;

  g_assert_true (CB_IS_ENGINE (engine));
  changes->n_signals++;
  changes->n_ids += g_strv_length (ids);
  if (ids[0] == NULL)
    changes->n_unknown++;
}

static void
count_notify_cb (guint *n)
{
  (*n)++;
}

/* --- the tests --- */

static void
test_memory (void)
{
  CbEngine *engine = cb_memory_engine_new ();
  CbBoard *board = cb_board_new_for_engine (engine);
  Changes changes = { 0 };
  guint n_total = 0, n_failed = 0;
  CbQueue *email;

  cb_memory_engine_add_samples (CB_MEMORY_ENGINE (engine));
  g_signal_connect (board, "jobs-changed", G_CALLBACK (jobs_changed_cb), &changes);
  g_assert_true (cb_board_get_default_engine (board) == engine);
  g_assert_cmpuint (g_list_model_get_n_items (cb_board_get_engines (board)), ==, 1);
  g_assert_false (is_loading (board));

  cb_board_start (board);
  cb_board_start (board);
  g_assert_true (is_loading (board));
  cb_test_wait_until (!is_loading (board));
  g_assert_true (is_live (board));
  assert_board (board, "email:115/12/0, push_notification_code:1204/318/17, push_notification_code_2:611/4/192, "
                       "video conversion:0/0/0");

  email = cb_board_find (board, "email", NULL);
  g_assert_nonnull (email);
  g_assert_true (cb_board_find (board, "email", "") == email);
  g_assert_null (cb_board_find (board, "email", "other"));
  g_assert_null (cb_board_find (board, "no", NULL));
  g_assert_cmpint (cb_queue_get_count (email, "inactive"), ==, 12);
  g_assert_cmpint (cb_queue_get_count (email, "nonsense"), ==, -1);

  /* Only what changed is notified. */
  g_signal_connect_swapped (email, "notify::total", G_CALLBACK (count_notify_cb), &n_total);
  g_signal_connect_swapped (email, "notify::failed", G_CALLBACK (count_notify_cb), &n_failed);
  create (engine, "email", 1);
  cb_test_wait_until (n_total > 0);
  g_assert_cmpint (cb_queue_get_count (email, NULL), ==, 116);
  g_assert_cmpuint (n_total, ==, 1);
  g_assert_cmpuint (n_failed, ==, 0);
  g_assert_cmpuint (changes.n_ids, ==, 1);

  /* A queue nobody knew of. */
  create (engine, "apple", 3);
  cb_test_wait_until (cb_board_find (board, "apple", NULL) != NULL &&
                      cb_queue_get_count (cb_board_find (board, "apple", NULL), NULL) == 3);
  assert_board (board, "apple:3/3/0, email:116/13/0, push_notification_code:1204/318/17, "
                       "push_notification_code_2:611/4/192, video conversion:0/0/0");

  g_assert_finalize_object (board);
  cb_test_wait_until (G_OBJECT (engine)->ref_count == 1);
  g_assert_finalize_object (engine);
}

static void
test_folding (void)
{
  TestEngine *engine = g_object_new (TEST_TYPE_ENGINE, NULL);
  CbBoard *board = cb_board_new_for_engine (CB_ENGINE (engine));
  Changes changes = { 0 };
  gint64 start;
  guint counts, tenths, sent = 0;

  g_signal_connect (board, "jobs-changed", G_CALLBACK (jobs_changed_cb), &changes);
  cb_board_start (board);
  cb_test_wait_until (!is_loading (board));
  cb_test_settle ();
  memset (&changes, 0, sizeof changes);
  counts = engine->n_counts;

  /* As fast as they come for half a second, 40 jobs; for as long as it takes where the machine has something else to do. */
  start = g_get_monotonic_time ();
  while (g_get_monotonic_time () - start < G_USEC_PER_SEC / 2 || sent <= 100)
    {
      g_autofree char *id = g_strdup_printf ("%u", sent++ % 40);

      tell (engine, id, "start", "[\"start\",\"only\",null]");
      g_main_context_iteration (NULL, FALSE);
    }
  cb_test_wait_until (changes.n_signals > 0);
  tenths = (guint) ((g_get_monotonic_time () - start) / (G_USEC_PER_SEC / 10));
  g_assert_cmpuint (changes.n_signals, <=, tenths + 2);
  g_assert_cmpuint (changes.n_ids, <=, (tenths + 2) * 40);
  g_assert_cmpuint (engine->n_counts - counts, <=, tenths / 2 + 2);

  /* Progress is told, and counts nothing. */
  cb_test_run_for (300);
  counts = engine->n_counts;
  memset (&changes, 0, sizeof changes);
  tell (engine, "7", "progress", "[\"progress\",50,null]");
  cb_test_wait_until (changes.n_ids == 1);
  cb_test_run_for (300);
  g_assert_cmpuint (engine->n_counts, ==, counts);

  g_assert_finalize_object (board);
  g_assert_cmpint (engine->n_watches, ==, 0);
  cb_test_wait_until (G_OBJECT (engine)->ref_count == 1);
  g_assert_finalize_object (engine);
}

static void
test_idle_cost (void)
{
  TestEngine *engine = g_object_new (TEST_TYPE_ENGINE, NULL);
  CbBoard *board = cb_board_new_for_engine (CB_ENGINE (engine));
  guint before;

  cb_board_start (board);
  cb_test_wait_until (!is_loading (board));
  before = engine->n_counts + engine->n_lists;
  cb_test_run_for (2500);
  g_assert_cmpuint (engine->n_counts + engine->n_lists, ==, before);

  cb_board_refresh (board);
  cb_board_refresh (board);
  cb_test_wait_until (engine->n_lists + engine->n_counts == before + 2);

  g_assert_finalize_object (board);
  cb_test_wait_until (G_OBJECT (engine)->ref_count == 1);
  g_assert_finalize_object (engine);
}

static void
test_polling (void)
{
  TestEngine *engine = g_object_new (TEST_TYPE_ENGINE, NULL);
  CbBoard *board = cb_board_new_for_engine (CB_ENGINE (engine));
  Changes changes = { 0 };
  guint before;

  engine->refuse_events = TRUE;
  g_signal_connect (board, "jobs-changed", G_CALLBACK (jobs_changed_cb), &changes);
  cb_board_start (board);
  cb_test_wait_until (!is_loading (board));
  g_assert_false (is_live (board));
  before = engine->n_counts;
  cb_test_wait_until (engine->n_counts > before && changes.n_unknown > 0);

  /* Events come back; what was missed is read. */
  changes.n_unknown = 0;
  before = engine->n_lists;
  cb_engine_set_live (CB_ENGINE (engine), TRUE, NULL);
  g_assert_true (is_live (board));
  cb_test_wait_until (engine->n_lists > before && changes.n_unknown > 0);

  g_assert_finalize_object (board);
  cb_test_wait_until (G_OBJECT (engine)->ref_count == 1);
  g_assert_finalize_object (engine);
}

static void
test_fault (void)
{
  CbEngine *engine = cb_memory_engine_new ();
  CbBoard *board = cb_board_new_for_engine (engine);
  g_autoptr (GError) error = g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_FAILED, "No");

  cb_memory_engine_add_samples (CB_MEMORY_ENGINE (engine));
  cb_memory_engine_set_fault (CB_MEMORY_ENGINE (engine), error, 0);
  cb_board_start (board);
  cb_test_wait_until (!is_loading (board));
  g_assert_true (has_problem (board, "No"));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (board)), ==, 0);

  cb_memory_engine_set_fault (CB_MEMORY_ENGINE (engine), NULL, 0);
  cb_board_refresh (board);
  cb_test_wait_until (has_problem (board, NULL) && g_list_model_get_n_items (G_LIST_MODEL (board)) == 4);

  /* What was read stays while it can't be read. */
  cb_memory_engine_set_fault (CB_MEMORY_ENGINE (engine), error, 0);
  cb_board_refresh (board);
  cb_test_wait_until (has_problem (board, "No"));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (board)), ==, 4);

  /* Stopped, and gone, with calls under way. */
  cb_memory_engine_set_fault (CB_MEMORY_ENGINE (engine), NULL, 50);
  cb_board_refresh (board);
  cb_test_run_for (300);
  cb_board_refresh (board);
  cb_test_run_for (270);
  cb_board_stop (board);
  cb_board_stop (board);
  cb_board_start (board);
  g_assert_finalize_object (board);
  cb_test_wait_until (G_OBJECT (engine)->ref_count == 1);
  g_assert_finalize_object (engine);
}

static void
make_queue (CbTestRedis *redis, const char *prefix)
{
  g_autofree char *types = g_strdup_printf ("%s:job:types", prefix);
  g_autofree char *hash = g_strdup_printf ("%s:job:1", prefix);
  g_autofree char *set = g_strdup_printf ("%s:jobs:%s-mails:inactive", prefix, prefix);
  g_autofree char *type = g_strdup_printf ("%s-mails", prefix);

  cb_reply_unref (cb_test_redis_call (redis, "HSET", hash, "type", type, "state", "inactive", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "ZADD", set, "0", "01|1", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "SADD", types, type, NULL));
}

static guint
count_scans (CbTestRedis *redis)
{
  g_autofree char *info = cb_test_redis_get_string (redis, "INFO", "commandstats", NULL);
  const char *scan = strstr (info, "cmdstat_scan:calls=");

  return scan != NULL ? (guint) g_ascii_strtoull (scan + strlen ("cmdstat_scan:calls="), NULL, 10) : 0;
}

/* Queues of a prefix that nobody would guess: found once after connecting, and later when that is asked for, not by itself. */
static void
test_search (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (GError) error = NULL;
  CbConnection *connection = cb_connection_new (cb_test_redis_get_address (redis), "callboard-test");
  CbBoard *board = cb_board_new (connection, NULL);
  CbBoard *bound = cb_board_new (connection, "q");
  guint n_scans;

  make_queue (redis, "q");
  make_queue (redis, "shop");
  g_assert_true (cb_test_open (connection, &error));
  g_assert_no_error (error);
  cb_board_start (board);
  cb_test_wait_until (cb_board_find (board, "q-mails", "q") != NULL);

  /* Before the first search is over another one does nothing. */
  cb_board_search (board);
  cb_test_wait_until (cb_board_find (board, "shop-mails", "shop") != NULL);

  make_queue (redis, "late");
  n_scans = count_scans (redis);
  cb_board_refresh (board);
  cb_test_run_for (600);
  g_assert_null (cb_board_find (board, "late-mails", NULL));
  g_assert_cmpuint (count_scans (redis), ==, n_scans);

  /* Asked twice it is looked for once, and what is known stays what it is. */
  cb_board_search (board);
  cb_board_search (board);
  cb_test_wait_until (cb_board_find (board, "late-mails", "late") != NULL);
  g_assert_nonnull (cb_board_find (board, "shop-mails", "shop"));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (board)), ==, 3);

  /* Who wants one prefix is shown no other, and a board that is not started looks for nothing. */
  n_scans = count_scans (redis);
  cb_board_start (bound);
  cb_test_wait_until (cb_board_find (bound, "q-mails", "q") != NULL);
  cb_board_search (bound);
  cb_board_stop (board);
  cb_board_search (board);
  cb_test_run_for (300);
  g_assert_cmpuint (count_scans (redis), ==, n_scans);
  g_assert_null (cb_board_find (bound, "shop-mails", NULL));

  cb_board_stop (bound);
  g_assert_finalize_object (bound);
  g_assert_finalize_object (board);
  g_object_unref (connection);
}

static char *
others_to_string (CbBoard *board)
{
  GListModel *others = cb_board_get_others (board);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (others); i++)
    {
      g_autoptr (CbOtherQueue) queue = g_list_model_get_item (others, i);
      g_autofree char *name = cb_other_queue_dup_label (queue);

      g_string_append_printf (text, "%s%s:%s", i > 0 ? ", " : "", cb_library_get_name (cb_other_queue_get_library (queue)), name);
    }

  return g_string_free (text, FALSE);
}

static gboolean
has_others (CbBoard    *board,
            const char *expected)
{
  g_autofree char *text = others_to_string (board);

  return strcmp (text, expected) == 0;
}

/* Queues of libraries that there is no engine for come and go with each search; those that stay are the same. They cost nothing between. */
static void
test_others (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (GError) error = NULL;
  CbConnection *connection = cb_connection_new (cb_test_redis_get_address (redis), "callboard-test");
  CbBoard *board = cb_board_new (connection, NULL);
  g_autoptr (CbOtherQueue) first = NULL;
  g_autoptr (CbOtherQueue) second = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  make_queue (redis, "q");
  cb_reply_unref (cb_test_redis_call (redis, "HSET", "bull:b:meta", "version", "5", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "HSET", "bull:d:meta", "version", "5", NULL));
  g_assert_true (cb_test_open (connection, &error));
  g_assert_no_error (error);
  cb_board_start (board);
  cb_test_wait_until (has_others (board, "bullmq:b, bullmq:d"));
  g_assert_nonnull (cb_board_find (board, "q-mails", "q"));
  first = g_list_model_get_item (cb_board_get_others (board), 1);

  cb_reply_unref (cb_test_redis_call (redis, "DEL", "bull:b:meta", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "HSET", "bull:a:meta", "version", "5", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "HSET", "bull:e:meta", "version", "5", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "SADD", "rq:queues", "rq:queue:high", NULL));
  cb_board_search (board);
  cb_test_wait_until (has_others (board, "bullmq:a, bullmq:d, bullmq:e, rq:high"));
  second = g_list_model_get_item (cb_board_get_others (board), 1);
  g_assert_true (first == second);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (board)), ==, 1);

  before = cb_test_redis_get_string (redis, "INFO", "commandstats", NULL);
  cb_test_run_for (1500);
  after = cb_test_redis_get_string (redis, "INFO", "commandstats", NULL);
  for (guint i = 0; i < 3; i++)
    {
      static const char * const commands[] = { "cmdstat_type:", "cmdstat_scan:", "cmdstat_hmget:" };
      const char *a = strstr (before, commands[i]);
      const char *b = strstr (after, commands[i]);

      g_assert_nonnull (a);
      g_assert_nonnull (b);
      g_assert_cmpint (strncmp (a, b, strcspn (a, ",")), ==, 0);
    }

  cb_reply_unref (cb_test_redis_call (redis, "FLUSHALL", NULL));
  cb_board_search (board);
  cb_test_wait_until (has_others (board, ""));
  cb_board_stop (board);
  g_clear_object (&first);
  g_assert_finalize_object (board);
  g_object_unref (connection);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/board/memory", test_memory);
  g_test_add_func ("/board/folding", test_folding);
  g_test_add_func ("/board/idle-cost", test_idle_cost);
  g_test_add_func ("/board/polling", test_polling);
  g_test_add_func ("/board/fault", test_fault);
  g_test_add_func ("/board/search", test_search);
  g_test_add_func ("/board/others", test_others);

  return g_test_run ();
}
