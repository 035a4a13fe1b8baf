/* test-undo-crash.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/*
 * Callboard is killed between every two steps of doing something with many jobs, and of undoing it. Whatever it has got to, undoing
 * afterwards makes every key what it was.
 *
 * The one that dies is this program once more: `test-undo-crash --child SOCKET FOLDER WHAT STEP`.
 */

#include "config.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cb-bulk.h"
#include "cb-kue-engine.h"
#include "cb-test-child.h"
#include "cb-test-kue.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"
#include "cb-undo.h"

#define N_JOBS 50

static const struct
{
  const char *name;
  CbDeed      deed;
} deeds[] = {
  { "remove", { CB_DEED_REMOVE, 0, NULL } },
  { "retry", { CB_DEED_RETRY, 0, NULL } },
  { "retry-as-new", { CB_DEED_RETRY_AS_NEW, 0, NULL } },
  { "priority", { CB_DEED_PRIORITY, -5, NULL } },
  { "move", { CB_DEED_MOVE, 0, (char *) "complete" } },
};

/* --- the one that dies --- */

static guint step_of_death, n_steps;

static void
step (void)
{
  if (++n_steps == step_of_death)
    raise (SIGKILL);
}

typedef struct
{
  GAsyncReadyCallback callback;
  gpointer            user_data;
} Answer;

static void
answered_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autofree Answer *answer = user_data;

  step ();
  answer->callback (source, result, answer->user_data);
}

static Answer *
answer_new (GAsyncReadyCallback callback,
            gpointer            user_data)
{
  Answer *answer = g_new0 (Answer, 1);

  answer->callback = callback;
  answer->user_data = user_data;
  step ();
  return answer;
}

static CbEngineClass real;

static void
capture (CbEngine *self, const CbDeed *deed, const char * const *ids, gboolean whole, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  real.capture (self, deed, ids, whole, cancellable, answered_cb, answer_new (callback, user_data));
}

static void
act_captured (CbEngine *self, const CbDeed *deed, GPtrArray *captures, gboolean whole, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  real.act_captured (self, deed, captures, whole, cancellable, answered_cb, answer_new (callback, user_data));
}

static void
restore (CbEngine *self, const CbDeed *deed, GPtrArray *captures, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  real.restore (self, deed, captures, cancellable, answered_cb, answer_new (callback, user_data));
}

static CbBulk *
new_bulk (CbEngine     *engine,
          CbJournal    *journal,
          const CbDeed *deed)
{
  CbBulk *bulk = cb_bulk_new (engine, journal, deed);

  for (guint i = 1; i <= N_JOBS; i++)
    {
      g_autofree char *id = g_strdup_printf ("%u", i);

      cb_bulk_add (bulk, id, NULL, -1);
    }
  return bulk;
}

static gboolean
run_bulk (CbBulk  *bulk,
          GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  cb_bulk_run_async (bulk, NULL, cb_test_store_result, &result);
  return cb_bulk_run_finish (bulk, cb_test_wait_result (&result), error);
}

static gboolean
run_undo (CbUndo  *undo,
          GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  cb_undo_run_async (undo, NULL, cb_test_store_result, &result);
  return cb_undo_run_finish (undo, cb_test_wait_result (&result), error);
}

static int
live (const char *socket,
      const char *folder,
      const char *what,
      guint       death)
{
  g_autoptr (CbAddress) address = cb_address_new_unix (socket);
  g_autoptr (CbConnection) connection = cb_connection_new (address, "dies");
  g_autoptr (CbEngine) engine = cb_kue_engine_new (connection, "q");
  g_autoptr (CbJournal) journal = cb_journal_new (folder, "command");
  CbEngineClass *klass = CB_ENGINE_GET_CLASS (engine);

  real = *klass;
  klass->capture = capture;
  klass->act_captured = act_captured;
  klass->restore = restore;
  step_of_death = death;
  if (!cb_test_open (connection, NULL))
    return 2;

  if (strcmp (what, "undo") == 0)
    {
      g_autoptr (CbUndo) undo = cb_undo_new (engine, journal, NULL);

      return run_undo (undo, NULL) ? 0 : 2;
    }
  for (guint i = 0; i < G_N_ELEMENTS (deeds); i++)
    {
      if (strcmp (what, deeds[i].name) == 0)
        {
          g_autoptr (CbBulk) bulk = new_bulk (engine, journal, &deeds[i].deed);

          return run_bulk (bulk, NULL) ? 0 : 2;
        }
    }

  return 2;
}

/* --- the one that watches --- */

typedef struct
{
  CbTestRedis *redis;
  CbConnection *connection;
  CbEngine *engine;
  CbJournal *journal;
  char *folder;
} Fixture;

static void
run (Fixture    *f,
     const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", -1);
  g_autoptr (CbReply) reply = cb_test_redis_call_argv (f->redis, g_strv_length (words), (const char * const *) words, NULL);

  g_assert_false (cb_value_is_error (cb_reply_get_value (reply)));
}

static void
set_up (Fixture       *f,
        gconstpointer  data)
{
  g_autoptr (GPtrArray) ids = NULL;
  g_autoptr (GError) error = NULL;

  f->redis = cb_test_redis_new ("--hash-max-listpack-value", "4096", NULL);
  f->folder = g_build_filename (cb_test_redis_get_directory (f->redis), "undo", NULL);
  f->connection = cb_connection_new (cb_test_redis_get_address (f->redis), "test");
  cb_test_open (f->connection, &error);
  g_assert_no_error (error);
  f->engine = cb_kue_engine_new (f->connection, "q");
  f->journal = cb_journal_new (f->folder, "command");

  ids = cb_test_create (f->engine, "email", "{\"title\":\"a title\"}", N_JOBS, &error);
  g_assert_no_error (error);
  /* A third of them failed, with a log. */
  for (guint i = 0; i < N_JOBS; i += 3)
    {
      g_autoptr (CbJobRecord) job = cb_test_claim (f->engine, "email", "worker", 60000, &error);

      g_assert_no_error (error);
      cb_test_fail (f->engine, job, "No answer", NULL, NULL, &error);
      g_assert_no_error (error);
    }
  /* More tokens than jobs that wait, as Kue leaves them. */
  run (f, "LPUSH q:email:jobs 1 1 1");
}

static void
empty_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_assert_cmpint (g_unlink (path), ==, 0);
    }
}

static void
tear_down (Fixture       *f,
           gconstpointer  data)
{
  cb_test_settle ();
  empty_folder (f->folder);
  g_rmdir (f->folder);
  g_free (f->folder);
  cb_test_assert_finalized_soon (f->journal);
  g_assert_finalize_object (f->engine);
  cb_connection_close (f->connection);
  cb_test_settle ();
  g_assert_finalize_object (f->connection);
  cb_test_redis_free (f->redis);
}

#define LOOK                                                                                  \
  "local all = {}\n"                                                                          \
  "for _, key in ipairs (redis.call ('KEYS', '*')) do\n"                                      \
  "  local value = redis.call ('TYPE', key).ok == 'set' and '' or redis.call ('DUMP', key)\n" \
  "  table.insert (all, #key .. ':' .. key .. value)\n"                                       \
  "end\n"                                                                                     \
  "table.sort (all)\n"                                                                        \
  "return redis.sha1hex (table.concat (all))"

static char *
look (Fixture *f)
{
  return cb_test_redis_get_string (f->redis, "EVAL", LOOK, "0", NULL);
}

/* TRUE: it was killed; FALSE: it came to its end before that step. */
static gboolean
run_child (Fixture    *f,
           const char *what,
           guint       death)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *number = g_strdup_printf ("%u", death);
  const char *argv[] = { self, "--child", cb_test_redis_get_path (f->redis), f->folder, what, number, NULL };
  g_autoptr (GSubprocess) child = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  child = cb_test_child_new (argv, G_SUBPROCESS_FLAGS_NONE);
  g_subprocess_wait_async (child, NULL, cb_test_store_result, &result);
  g_subprocess_wait_finish (child, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  if (g_subprocess_get_if_signaled (child))
    {
      g_assert_cmpint (g_subprocess_get_term_sig (child), ==, SIGKILL);
      return TRUE;
    }

  g_assert_cmpint (g_subprocess_get_exit_status (child), ==, 0);
  return FALSE;
}

static void
undo_now (Fixture    *f,
          const char *before)
{
  g_autoptr (CbUndo) undo = cb_undo_new (f->engine, f->journal, NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *after = NULL;

  /* Nothing was written down, so nothing was done either: that is in the keys. */
  if (!run_undo (undo, &error))
    g_assert_error (error, CB_JOURNAL_ERROR, CB_JOURNAL_ERROR_NOT_FOUND);
  g_assert_cmpuint (cb_undo_get_n_kept (undo), ==, 0);
  g_assert_cmpuint (cb_undo_get_n_failed (undo), ==, 0);
  after = look (f);
  g_assert_cmpstr (after, ==, before);
}

static void
test_act (Fixture       *f,
          gconstpointer  data)
{
  g_autofree char *before = look (f);
  guint death = 0;

  while (run_child (f, data, ++death))
    undo_now (f, before);
  g_assert_cmpuint (death, >, 8);
  undo_now (f, before);
}

static void
test_undo (Fixture       *f,
           gconstpointer  data)
{
  g_autofree char *before = look (f);
  gboolean killed = TRUE;
  guint death = 0;

  while (killed)
    {
      g_assert_false (run_child (f, data, 0));
      killed = run_child (f, "undo", ++death);
      if (killed)
        {
          undo_now (f, before);
        }
      else
        {
          g_autofree char *after = look (f);

          g_assert_cmpstr (after, ==, before);
        }
    }
  g_assert_cmpuint (death, >, 2);
}

int
main (int    argc,
      char **argv)
{
  if (argc == 6 && strcmp (argv[1], "--child") == 0)
    return live (argv[2], argv[3], argv[4], atoi (argv[5]));

  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (deeds); i++)
    {
      g_autofree char *act_path = g_strconcat ("/undo-crash/act/", deeds[i].name, NULL);
      g_autofree char *undo_path = g_strconcat ("/undo-crash/undo/", deeds[i].name, NULL);

      g_test_add (act_path, Fixture, deeds[i].name, set_up, test_act, tear_down);
      g_test_add (undo_path, Fixture, deeds[i].name, set_up, test_undo, tear_down);
    }

  return g_test_run ();
}
