/* test-bulk.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/*
 * Many jobs at a time, written down before and undone after: on a real server, with the journal in a folder of the test's own. What was
 * there before is compared with what is there after the undo, key by key; the journal is torn at every byte, and damaged at every byte.
 */

#include "config.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "cb-bulk.h"
#include "cb-engines.h"
#include "cb-job-json.h"
#include "cb-kue-engine.h"
#include "cb-redis-error.h"
#include "cb-test-kue.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"
#include "cb-undo.h"

typedef struct
{
  CbTestRedis *redis;
  CbConnection *connection;
  CbEngine *engine;
  CbJournal *journal;
  char *folder;
} Fixture;

static const CbDeed remove_deed = { CB_DEED_REMOVE, 0, NULL };
static const CbDeed retry_deed = { CB_DEED_RETRY, 0, NULL };

static void
set_up (Fixture       *f,
        gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  f->redis = cb_test_redis_new ("--hash-max-listpack-value", "4096", NULL);
  f->folder = g_build_filename (cb_test_redis_get_directory (f->redis), "undo", NULL);
  f->connection = cb_connection_new (cb_test_redis_get_address (f->redis), "test");
  cb_test_open (f->connection, &error);
  g_assert_no_error (error);
  f->engine = cb_kue_engine_new (f->connection, "q");
  f->journal = cb_journal_new (f->folder, "command");
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

/* --- looking --- */

/* All keys with their dumps, as one digest. */
#define LOOK                                                                                     \
  "local all = {}\n"                                                                             \
  "for _, key in ipairs (redis.call ('KEYS', '*')) do\n"                                         \
  "  local value = redis.call ('TYPE', key).ok == 'set' and '' or redis.call ('DUMP', key)\n"    \
  "  table.insert (all, #key .. ':' .. key .. value)\n"                                          \
  "end\n"                                                                                        \
  "table.sort (all)\n"                                                                           \
  "return redis.sha1hex (table.concat (all))"

static char *
look (Fixture *f)
{
  return cb_test_redis_get_string (f->redis, "EVAL", LOOK, "0", NULL);
}

static void
run (Fixture    *f,
     const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", -1);
  g_autoptr (CbReply) reply = cb_test_redis_call_argv (f->redis, g_strv_length (words), (const char * const *) words, NULL);

  g_assert_false (cb_value_is_error (cb_reply_get_value (reply)));
}

static GPtrArray *
create (Fixture    *f,
        const char *queue,
        guint       n)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *ids = cb_test_create (f->engine, queue, "{\"title\":\"a title\",\"to\":\"someone@example.com\"}", n, &error);

  g_assert_no_error (error);
  return ids;
}

/* --- doing --- */

static CbBulk *
new_bulk (Fixture      *f,
          const CbDeed *deed,
          GPtrArray    *ids,
          const char   *state)
{
  CbBulk *bulk = cb_bulk_new (f->engine, f->journal, deed);

  for (guint i = 0; i < ids->len; i++)
    cb_bulk_add (bulk, g_ptr_array_index (ids, i), state, -1);
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

static GPtrArray *
list (Fixture *f)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GPtrArray *entries;

  cb_journal_list_async (f->journal, NULL, cb_test_store_result, &result);
  entries = cb_journal_list_finish (f->journal, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  return entries;
}

static void
test_there_and_back (Fixture       *f,
                     gconstpointer  data)
{
  const CbDeed *deed = data;
  g_autoptr (GPtrArray) ids = create (f, "email", 700);
  g_autoptr (GPtrArray) others = create (f, "email", 5);
  g_autoptr (CbBulk) bulk = NULL;
  g_autoptr (CbBulk) first = new_bulk (f, &(CbDeed) { CB_DEED_MOVE, 0, (char *) "failed" }, ids, NULL);
  g_autoptr (CbUndo) undo = NULL;
  g_autoptr (CbUndo) again = NULL;
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (GPtrArray) entries_after = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *before = NULL;
  g_autofree char *left = NULL;
  g_autofree char *after = NULL;
  g_autofree char *path = NULL;
  struct stat info;
  CbJournalEntry *entry;

  run_bulk (first, &error);
  g_assert_no_error (error);
  empty_folder (f->folder);

  before = look (f);
  bulk = new_bulk (f, deed, ids, "failed");
  cb_bulk_set_summary (bulk, "all of them");
  run_bulk (bulk, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (cb_bulk_get_n (bulk, CB_BULK_DONE), ==, 700);
  g_assert_nonnull (cb_bulk_get_undo_id (bulk));
  left = look (f);
  g_assert_cmpstr (left, !=, before);

  entries = list (f);
  g_assert_cmpuint (entries->len, ==, 1);
  entry = g_ptr_array_index (entries, 0);
  g_assert_cmpstr (entry->id, ==, cb_bulk_get_undo_id (bulk));
  g_assert_cmpint (entry->deed->kind, ==, deed->kind);
  g_assert_cmpstr (entry->summary, ==, "all of them");
  g_assert_cmpstr (entry->origin, ==, "command");
  g_assert_cmpstr (entry->prefix, ==, "q");
  g_assert_cmpstr (entry->engine, ==, "kue");
  g_assert_cmpuint (strlen (entry->run_id), ==, 40);
  g_assert_cmpuint (entry->n_planned, ==, 700);
  g_assert_cmpuint (entry->n_done, ==, 700);
  g_assert_true (entry->ended);
  g_assert_false (entry->busy);
  g_assert_false (entry->undone);
  path = g_strdup_printf ("%s/%s.undo", f->folder, entry->id);
  g_assert_cmpint (g_stat (path, &info), ==, 0);
  g_assert_cmpuint (info.st_mode & 0777, ==, 0600);
  g_assert_cmpint (g_stat (f->folder, &info), ==, 0);
  g_assert_cmpuint (info.st_mode & 0777, ==, 0700);

  undo = cb_undo_new (f->engine, f->journal, NULL);
  run_undo (undo, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (cb_undo_get_n_back (undo), ==, 700);
  after = look (f);
  g_assert_cmpstr (after, ==, before);

  entries_after = list (f);
  entry = g_ptr_array_index (entries_after, 0);
  g_assert_true (entry->undone);
  g_assert_cmpuint (entry->n_undone, ==, 700);

  again = cb_undo_new (f->engine, f->journal, cb_bulk_get_undo_id (bulk));
  g_assert_false (run_undo (again, &error));
  g_assert_error (error, CB_JOURNAL_ERROR, CB_JOURNAL_ERROR_UNDONE);
}

/* Each job is acted on only as it was shown, and of what others have touched since nothing is undone. */
static void
test_only_as_shown (Fixture       *f,
                    gconstpointer  data)
{
  g_autoptr (GPtrArray) ids = create (f, "email", 6);
  g_autoptr (CbBulk) bulk = cb_bulk_new (f->engine, f->journal, &remove_deed);
  g_autoptr (CbUndo) undo = NULL;
  g_autoptr (GError) error = NULL;
  const char *message;

  /* 1 as it is; 2 in another state; 3 gone; 4 changed since; 5 twice; no such id; 6 as it is. */
  run (f, "HSET q:job:4 updated_at 5000");
  cb_bulk_add (bulk, "1", "inactive", -1);
  cb_bulk_add (bulk, "2", "failed", -1);
  cb_bulk_add (bulk, "3", "inactive", -1);
  cb_bulk_add (bulk, "4", "inactive", 4000 * 1000);
  cb_bulk_add (bulk, "5", NULL, -1);
  cb_bulk_add (bulk, "5", "failed", -1);
  cb_bulk_add (bulk, "no id", NULL, -1);
  cb_bulk_add (bulk, "6", "inactive", -1);
  cb_test_act (f->engine, CB_JOB_ACTION_REMOVE, 0, "3", &error);
  g_assert_no_error (error);

  run_bulk (bulk, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (cb_bulk_get_n_total (bulk), ==, 7);
  g_assert_cmpuint (cb_bulk_get_n (bulk, CB_BULK_DONE), ==, 3);
  g_assert_cmpint (cb_bulk_get_outcome (bulk, 0, NULL, NULL, NULL), ==, CB_BULK_DONE);
  g_assert_cmpint (cb_bulk_get_outcome (bulk, 1, NULL, NULL, &message), ==, CB_BULK_CHANGED);
  g_assert_cmpstr (message, ==, "Job 2 is not as it was shown any more (it is inactive now), so it was left as it is");
  g_assert_cmpint (cb_bulk_get_outcome (bulk, 2, NULL, NULL, NULL), ==, CB_BULK_GONE);
  g_assert_cmpint (cb_bulk_get_outcome (bulk, 3, NULL, NULL, NULL), ==, CB_BULK_CHANGED);
  g_assert_cmpint (cb_bulk_get_outcome (bulk, 4, NULL, NULL, NULL), ==, CB_BULK_DONE);
  g_assert_cmpint (cb_bulk_get_outcome (bulk, 5, NULL, NULL, NULL), ==, CB_BULK_GONE);
  g_assert_cmpint (cb_test_redis_get_integer (f->redis, "EXISTS", "q:job:1", "q:job:5", "q:job:6", NULL), ==, 0);
  g_assert_cmpint (cb_test_redis_get_integer (f->redis, "EXISTS", "q:job:2", "q:job:4", NULL), ==, 2);

  run (f, "RPUSH q:job:5:log late");
  undo = cb_undo_new (f->engine, f->journal, NULL);
  run_undo (undo, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (cb_undo_get_n_back (undo), ==, 2);
  g_assert_cmpuint (cb_undo_get_n_kept (undo), ==, 1);
  g_assert_cmpint (cb_test_redis_get_integer (f->redis, "EXISTS", "q:job:1", "q:job:5", "q:job:6", NULL), ==, 2);
}

/* Nothing was done: nothing stays in the journal. */
static void
test_nothing (Fixture       *f,
              gconstpointer  data)
{
  g_autoptr (GPtrArray) ids = create (f, "email", 3);
  g_autoptr (CbBulk) bulk = new_bulk (f, &remove_deed, ids, "failed");
  g_autoptr (CbBulk) retry = new_bulk (f, &retry_deed, ids, "inactive");
  g_autoptr (CbUndo) undo = cb_undo_new (f->engine, f->journal, NULL);
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (GError) error = NULL;

  run_bulk (bulk, &error);
  g_assert_no_error (error);
  run_bulk (retry, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (cb_bulk_get_n (retry, CB_BULK_REFUSED), ==, 3);
  g_assert_null (cb_bulk_get_undo_id (bulk));
  g_assert_null (cb_bulk_get_undo_id (retry));
  entries = list (f);
  g_assert_cmpuint (entries->len, ==, 0);

  g_assert_false (run_undo (undo, &error));
  g_assert_error (error, CB_JOURNAL_ERROR, CB_JOURNAL_ERROR_NOT_FOUND);
}

/* --- cancelling --- */

static void
cancel_at_third (CbBulk     *bulk,
                 GParamSpec *pspec,
                 gpointer    cancellable)
{
  if (cb_bulk_get_n (bulk, CB_BULK_DONE) * 3 >= cb_bulk_get_n_total (bulk))
    g_cancellable_cancel (cancellable);
}

/* 1 when all of it is there, 0 when nothing is; anything else fails. */
static guint
count_whole (Fixture *f,
             guint    from,
             guint    to)
{
  g_autofree char *first = g_strdup_printf ("%u", from);
  g_autofree char *last = g_strdup_printf ("%u", to);

  return cb_test_redis_get_integer (f->redis, "EVAL",
                                    "local whole = 0\n"
                                    "for id = tonumber (ARGV[1]), tonumber (ARGV[2]) do\n"
                                    "  local zid, n = string.format ('%02d|%d', #tostring (id), id), 0\n"
                                    "  n = n + redis.call ('EXISTS', 'q:job:' .. id)\n"
                                    "  for _, key in ipairs ({ 'q:jobs', 'q:jobs:failed', 'q:jobs:email:failed' }) do\n"
                                    "    if redis.call ('ZSCORE', key, zid) then n = n + 1 end\n"
                                    "  end\n"
                                    "  if n ~= 0 and n ~= 4 then return -id end\n"
                                    "  if n == 4 then whole = whole + 1 end\n"
                                    "end\n"
                                    "return whole", "0", first, last, NULL);
}

static void
test_cancel (Fixture       *f,
             gconstpointer  data)
{
  g_autoptr (GPtrArray) ids = create (f, "email", 3000);
  g_autoptr (CbBulk) first = cb_bulk_new (f->engine, NULL, &(CbDeed) { CB_DEED_MOVE, 0, (char *) "failed" });
  g_autoptr (CbBulk) bulk = NULL;
  g_autoptr (CbUndo) undo = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  guint n_done;

  for (guint i = 0; i < ids->len; i++)
    cb_bulk_add (first, g_ptr_array_index (ids, i), NULL, -1);
  run_bulk (first, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (cb_bulk_get_n (first, CB_BULK_DONE), ==, 3000);
  before = look (f);

  bulk = new_bulk (f, &remove_deed, ids, "failed");
  g_signal_connect (bulk, "notify::n-done", G_CALLBACK (cancel_at_third), cancellable);
  cb_bulk_run_async (bulk, cancellable, cb_test_store_result, &result);
  g_assert_false (cb_bulk_run_finish (bulk, cb_test_wait_result (&result), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  n_done = cb_bulk_get_n (bulk, CB_BULK_DONE);
  g_assert_cmpuint (n_done, >=, 1000);
  g_assert_cmpuint (n_done, <, 3000);
  g_assert_cmpuint (cb_bulk_get_n (bulk, CB_BULK_PENDING), ==, 3000 - n_done);
  g_assert_cmpuint (count_whole (f, 1, 3000), ==, 3000 - n_done);

  undo = cb_undo_new (f->engine, f->journal, cb_bulk_get_undo_id (bulk));
  run_undo (undo, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (cb_undo_get_n_back (undo), ==, n_done);
  after = look (f);
  g_assert_cmpstr (after, ==, before);
}

/* --- what is on the disk --- */

typedef struct
{
  char *id;
  char *bytes;
  gsize length;
  char *before;    /* what was there before */
} Entry;

static void
make_entry (Fixture *f,
            Entry   *entry)
{
  g_autoptr (GPtrArray) ids = create (f, "email", 2);
  g_autoptr (CbBulk) bulk = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;

  run (f, "RPUSH q:job:2:log hello");
  entry->before = look (f);
  bulk = new_bulk (f, &remove_deed, ids, NULL);
  run_bulk (bulk, &error);
  g_assert_no_error (error);
  entry->id = g_strdup (cb_bulk_get_undo_id (bulk));
  path = g_strdup_printf ("%s/%s.undo", f->folder, entry->id);
  g_file_get_contents (path, &entry->bytes, &entry->length, &error);
  g_assert_no_error (error);
}

static void
clear_entry (Entry *entry)
{
  g_free (entry->id);
  g_free (entry->bytes);
  g_free (entry->before);
}

static void
put_entry (Fixture    *f,
           const char *id,
           const char *bytes,
           gsize       length)
{
  g_autofree char *path = g_strdup_printf ("%s/%s.undo", f->folder, id);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, bytes, length, &error);
  g_assert_no_error (error);
}

/* Undoes what the file still tells. Returns how many jobs are back; never anything by half, whatever the file holds. */
static guint
undo_file (Fixture    *f,
           const char *removed,
           Entry      *entry)
{
  g_autoptr (CbUndo) undo = cb_undo_new (f->engine, f->journal, entry->id);
  g_autoptr (GError) error = NULL;
  g_autofree char *after = NULL;
  gint64 n;

  if (!run_undo (undo, &error))
    g_assert_true (error->domain == CB_JOURNAL_ERROR || error->domain == CB_QUEUE_ERROR || error->domain == G_IO_ERROR);
  after = look (f);
  n = cb_test_redis_get_integer (f->redis, "EXISTS", "q:job:1", "q:job:2", NULL);
  if (n == 0)
    g_assert_cmpstr (after, ==, removed);
  else if (n == 2)
    g_assert_cmpstr (after, ==, entry->before);

  return n;
}

static void
remove_again (Fixture    *f,
              const char *removed)
{
  g_autofree char *left = NULL;

  for (guint i = 1; i <= 2; i++)
    {
      g_autofree char *id = g_strdup_printf ("%u", i);

      cb_test_act (f->engine, CB_JOB_ACTION_REMOVE, 0, id, NULL);
    }
  left = look (f);
  g_assert_cmpstr (left, ==, removed);
}

static void
test_torn (Fixture       *f,
           gconstpointer  data)
{
  Entry entry;
  g_autofree char *removed = NULL;
  guint n_before = 0;
  gsize whole = 0;

  make_entry (f, &entry);
  removed = look (f);

  for (gsize length = 0; length <= entry.length; length++)
    {
      guint n;

      put_entry (f, entry.id, entry.bytes, length);
      n = undo_file (f, removed, &entry);
      /* All or nothing, and once it is enough, more of it does not make it worse. */
      g_assert_cmpuint (n, !=, 1);
      g_assert_cmpuint (n, >=, n_before);
      if (n > n_before)
        whole = length;
      n_before = n;
      remove_again (f, removed);
    }
  /* As soon as the jobs are written down, before it is known that they are removed. */
  g_assert_cmpuint (n_before, ==, 2);
  g_assert_cmpuint (whole, <, entry.length);
  clear_entry (&entry);
}

static void
test_damaged (Fixture       *f,
              gconstpointer  data)
{
  Entry entry;
  g_autofree char *removed = NULL;

  make_entry (f, &entry);
  removed = look (f);

  for (gsize i = 0; i < entry.length; i++)
    {
      g_autofree char *bytes = g_memdup2 (entry.bytes, entry.length);

      bytes[i] ^= 1 << (i % 8);
      put_entry (f, entry.id, bytes, entry.length);
      undo_file (f, removed, &entry);
      remove_again (f, removed);
    }
  clear_entry (&entry);
}

/* What is not allowed to be written down is not done. */
static void
test_no_room (Fixture       *f,
              gconstpointer  data)
{
  g_autoptr (GPtrArray) ids = create (f, "email", 40);
  g_autoptr (CbBulk) bulk = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *before = look (f);
  g_autofree char *after = NULL;

  g_object_set (f->journal, "max-bytes", (guint64) 4000, NULL);
  bulk = new_bulk (f, &remove_deed, ids, NULL);
  g_assert_false (run_bulk (bulk, &error));
  g_assert_error (error, CB_JOURNAL_ERROR, CB_JOURNAL_ERROR_FULL);
  g_assert_cmpuint (cb_bulk_get_n (bulk, CB_BULK_DONE), ==, 0);
  after = look (f);
  g_assert_cmpstr (after, ==, before);
}

/* The disk is full at some moment, whichever: what is gone can be undone, also by who only says "the latest". */
static void
test_disk_full (Fixture       *f,
                gconstpointer  data)
{
  struct rlimit limits;
  Entry entry;
  guint n_unwritten = 0;

  make_entry (f, &entry);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &limits), ==, 0);
  signal (SIGXFSZ, SIG_IGN);

  for (gsize size = 0; size <= entry.length + 8; size += 4)
    {
      g_autoptr (GPtrArray) ids = NULL;
      g_autoptr (CbBulk) bulk = NULL;
      g_autoptr (CbUndo) undo = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *before = NULL;
      g_autofree char *after = NULL;
      gboolean worked;

      empty_folder (f->folder);
      run (f, "FLUSHALL");
      ids = create (f, "email", 2);
      run (f, "RPUSH q:job:2:log hello");
      before = look (f);
      bulk = new_bulk (f, &remove_deed, ids, NULL);
      g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &(struct rlimit) { size, limits.rlim_max }), ==, 0);
      worked = run_bulk (bulk, &error);
      g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limits), ==, 0);
      after = look (f);
      if (g_str_equal (after, before))
        {
          g_assert_false (worked);
          continue;
        }

      g_assert_cmpint (cb_test_redis_get_integer (f->redis, "EXISTS", "q:job:1", "q:job:2", NULL), ==, 0);
      n_unwritten += !worked;
      g_assert_nonnull (cb_bulk_get_undo_id (bulk));
      undo = cb_undo_new (f->engine, f->journal, NULL);
      g_clear_error (&error);
      run_undo (undo, &error);
      g_assert_no_error (error);
      g_free (after);
      after = look (f);
      g_assert_cmpstr (after, ==, before);
    }
  /* Such that the jobs were gone before the disk was full. */
  g_assert_cmpuint (n_unwritten, >, 2);
  signal (SIGXFSZ, SIG_DFL);
  clear_entry (&entry);
}

/* The oldest entries go when there is no room, and it is said. */
static void
test_dropped (Fixture       *f,
              gconstpointer  data)
{
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (GPtrArray) before = NULL;
  gboolean said = FALSE;
  guint64 bytes = 0;

  g_object_set (f->journal, "max-bytes", (guint64) 16000, NULL);
  for (guint i = 0; i < 12; i++)
    {
      g_autoptr (GPtrArray) ids = create (f, "email", 10);
      g_autoptr (CbBulk) bulk = new_bulk (f, &remove_deed, ids, NULL);
      g_autoptr (GError) error = NULL;

      run_bulk (bulk, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (cb_bulk_get_n (bulk, CB_BULK_DONE), ==, 10);
      said = said || cb_bulk_get_notice (bulk) != NULL;
      g_clear_pointer (&before, g_ptr_array_unref);
      before = list (f);
      g_assert_cmpstr (((CbJournalEntry *) g_ptr_array_index (before, 0))->id, ==, cb_bulk_get_undo_id (bulk));
    }

  entries = list (f);
  g_assert_cmpuint (entries->len, >, 1);
  g_assert_cmpuint (entries->len, <, 12);
  for (guint i = 0; i < entries->len; i++)
    bytes += ((CbJournalEntry *) g_ptr_array_index (entries, i))->size;
  g_assert_cmpuint (bytes, <=, 16000);
  g_assert_true (said);
}

/* Nothing is written for a connection that is for looking only. */
static void
test_read_only (Fixture       *f,
                gconstpointer  data)
{
  g_autoptr (GPtrArray) ids = create (f, "email", 3);
  g_autoptr (CbBulk) bulk = new_bulk (f, &remove_deed, ids, NULL);
  g_autoptr (GError) error = NULL;

  cb_connection_set_read_only (f->connection, TRUE);
  g_assert_false (run_bulk (bulk, &error));
  g_assert_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_READONLY);
  g_assert_false (g_file_test (f->folder, G_FILE_TEST_EXISTS));
}

/* --- every engine --- */

/* All of these jobs, as it is told of them, with their logs. */
static char *
describe (CbEngine  *engine,
          GPtrArray *ids)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < ids->len; i++)
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (CbJobRecord) record = NULL;
      g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();
      g_autofree char *json = NULL;

      cb_engine_get_whole_async (engine, g_ptr_array_index (ids, i), 0, 100, NULL, cb_test_store_result, &result);
      record = cb_engine_get_whole_finish (engine, cb_test_wait_result (&result), NULL);
      if (record == NULL)
        {
          g_string_append (text, "gone\n");
          continue;
        }
      cb_job_record_to_json (record, writer);
      json = cb_json_writer_steal (writer);
      g_string_append_printf (text, "%s %" G_GINT64_FORMAT "\n", json, record->log_length);
    }

  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
try_engine (CbEngine  *engine,
            CbJournal *journal)
{
  static const struct
  {
    CbDeed               deed;
    CbEngineCapabilities needs;
  } deeds[] = {
    { { CB_DEED_REMOVE, 0, NULL }, CB_ENGINE_CAN_REMOVE },
    { { CB_DEED_RETRY, 0, NULL }, CB_ENGINE_CAN_RETRY },
    { { CB_DEED_RETRY_AS_NEW, 0, NULL }, CB_ENGINE_CAN_RETRY },
    { { CB_DEED_PROMOTE, 0, NULL }, CB_ENGINE_CAN_PROMOTE },
    { { CB_DEED_PRIORITY, -5, NULL }, CB_ENGINE_CAN_PRIORITY },
    { { CB_DEED_MOVE, 0, (char *) "failed" }, CB_ENGINE_CAN_SET_STATE },
  };
  g_autoptr (GPtrArray) specs = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_spec_free);
  g_autoptr (GAsyncResult) created = NULL;
  g_autoptr (GPtrArray) ids = NULL;
  g_autoptr (CbJobRecord) job = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 4; i++)
    {
      CbJobSpec *spec = cb_job_spec_new ("queue", NULL);

      spec->delay_msec = i < 2 ? 0 : 60000;
      g_ptr_array_add (specs, spec);
    }
  cb_engine_create_async (engine, specs, NULL, cb_test_store_result, &created);
  ids = cb_engine_create_finish (engine, cb_test_wait_result (&created), &error);
  g_assert_no_error (error);
  job = cb_test_claim (engine, "queue", "worker", 5000, &error);
  g_assert_no_error (error);
  cb_test_fail (engine, job, "No answer", "Error: No answer\n  at home", NULL, &error);
  g_assert_no_error (error);

  for (guint i = 0; i < G_N_ELEMENTS (deeds); i++)
    {
      g_autofree char *before = NULL;
      g_autofree char *left = NULL;
      g_autofree char *after = NULL;
      g_autoptr (CbBulk) bulk = NULL;
      g_autoptr (CbUndo) undo = NULL;
      guint n_done;

      if ((cb_engine_get_capabilities (engine) & deeds[i].needs) == 0)
        continue;
      before = describe (engine, ids);
      bulk = cb_bulk_new (engine, journal, &deeds[i].deed);
      for (guint j = 0; j < ids->len; j++)
        cb_bulk_add (bulk, g_ptr_array_index (ids, j), NULL, -1);
      run_bulk (bulk, &error);
      g_assert_no_error (error);
      n_done = cb_bulk_get_n (bulk, CB_BULK_DONE);
      g_assert_cmpuint (n_done, >, 0);
      left = describe (engine, ids);
      g_assert_cmpstr (left, !=, before);

      undo = cb_undo_new (engine, journal, cb_bulk_get_undo_id (bulk));
      run_undo (undo, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (cb_undo_get_n_back (undo) + cb_undo_get_n_same (undo), ==, n_done);
      after = describe (engine, ids);
      g_assert_cmpstr (after, ==, before);
    }
}

static void
test_engines (Fixture       *f,
              gconstpointer  data)
{
  guint n_types;
  const CbEngineType *types = cb_engines_get_types (&n_types);

  for (guint i = 0; i < n_types; i++)
    {
      gboolean memory = strcmp (types[i].name, "memory") == 0;
      CbEngine *engine = types[i].create (memory ? NULL : f->connection, "engines");

      if (cb_engine_get_capabilities (engine) & CB_ENGINE_CAN_UNDO)
        try_engine (engine, f->journal);
      cb_test_settle ();
      g_assert_finalize_object (engine);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/bulk/there-and-back/remove", Fixture, &remove_deed, set_up, test_there_and_back, tear_down);
  g_test_add ("/bulk/there-and-back/retry", Fixture, &retry_deed, set_up, test_there_and_back, tear_down);
  g_test_add ("/bulk/only-as-shown", Fixture, NULL, set_up, test_only_as_shown, tear_down);
  g_test_add ("/bulk/nothing", Fixture, NULL, set_up, test_nothing, tear_down);
  g_test_add ("/bulk/cancel", Fixture, NULL, set_up, test_cancel, tear_down);
  g_test_add ("/bulk/torn", Fixture, NULL, set_up, test_torn, tear_down);
  g_test_add ("/bulk/damaged", Fixture, NULL, set_up, test_damaged, tear_down);
  g_test_add ("/bulk/no-room", Fixture, NULL, set_up, test_no_room, tear_down);
  g_test_add ("/bulk/disk-full", Fixture, NULL, set_up, test_disk_full, tear_down);
  g_test_add ("/bulk/read-only", Fixture, NULL, set_up, test_read_only, tear_down);
  g_test_add ("/bulk/engines", Fixture, NULL, set_up, test_engines, tear_down);
  g_test_add ("/bulk/dropped", Fixture, NULL, set_up, test_dropped, tear_down);

  return g_test_run ();
}
