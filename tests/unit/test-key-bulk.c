/* test-key-bulk.c: one thing done to many keys, and the way back
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "cb-key-bulk.h"
#include "cb-key-engine.h"
#include "cb-json.h"
#include "cb-key-error.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"
#include "cb-undo.h"

typedef struct
{
  CbTestRedis *redis;
  CbConnection *connection;
  CbJournal *journal;
  CbKeyStore *keys;
  GPtrArray *messages; /* (element-type utf8) what was said of keys that were not done */
} Fixture;

static CbConnection *
connect_to (CbAddress *address)
{
  CbConnection *connection = cb_connection_new (address, "test");
  g_autoptr (GError) error = NULL;

  cb_test_open (connection, &error);
  g_assert_no_error (error);
  return connection;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autofree char *folder = NULL;

  f->redis = cb_test_redis_new ("--enable-debug-command", "yes", NULL);
  f->connection = connect_to (cb_test_redis_get_address (f->redis));
  folder = g_build_filename (cb_test_redis_get_directory (f->redis), "undo", NULL);
  f->journal = cb_journal_new (folder, "test");
  f->messages = g_ptr_array_new_with_free_func (g_free);
}

/* The thread of its last piece of work may hold it for a moment longer than the result. */
static void
drop_journal (CbJournal *journal)
{
  GWeakRef weak;
  GObject *object;

  g_weak_ref_init (&weak, journal);
  g_object_unref (journal);
  cb_test_wait_until ((object = g_weak_ref_get (&weak)) == NULL || (g_object_unref (object), FALSE));
  g_weak_ref_clear (&weak);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  cb_connection_close (f->connection);
  cb_test_settle ();
  g_assert_finalize_object (f->connection);
  drop_journal (f->journal);
  g_clear_pointer (&f->keys, cb_key_store_unref);
  g_ptr_array_unref (f->messages);
  cb_test_redis_free (f->redis);
}

static void
eval (Fixture *f, const char *script)
{
  g_autoptr (CbReply) reply = cb_test_redis_call (f->redis, "EVAL", script, "0", NULL);

  if (cb_value_is_error (cb_reply_get_value (reply)))
    g_error ("%s", cb_value_get_string (cb_reply_get_value (reply), NULL));
}

/* Of the whole database, whatever order the server keeps things in; without times to live. */
static char *
digest (Fixture *f)
{
  return cb_test_redis_get_string (f->redis, "DEBUG", "DIGEST", NULL);
}

/* Of all keys with when they end. */
static char *
ends (Fixture *f)
{
  return cb_test_redis_get_string (f->redis, "EVAL",
                                   "local all = {}\n"
                                   "for _, key in ipairs (redis.call ('KEYS', '*')) do\n"
                                   "  table.insert (all, key .. ' ' .. string.format ('%.0f', redis.call ('PEXPIRETIME', key)))\n"
                                   "end\n"
                                   "table.sort (all) return redis.sha1hex (table.concat (all, '\\n'))", "0", NULL);
}

/* For each type a key of odd bytes, half of them with a time to live, and N plain ones. */
#define FILL(n)                                                                                       \
  "local b = '\\0\\n\\r\\255 \"\\\\' .. string.char (128, 200)\n"                                      \
  "redis.call ('SET', 'string' .. b, b) redis.call ('SET', '', '') redis.call ('SET', 'long', string.rep (b, 20000))\n" \
  "for i = 1, 250 do\n"                                                                               \
  "  redis.call ('RPUSH', 'list' .. b, b .. i) redis.call ('HSET', 'hash' .. b, b .. i, i .. b)\n"    \
  "  redis.call ('SADD', 'set' .. b, b .. i) redis.call ('ZADD', 'zset' .. b, i / 3, b .. i)\n"       \
  "  redis.call ('XADD', 'stream' .. b, i .. '-1', b, b .. i, b, '')\n"                               \
  "end\n"                                                                                             \
  "redis.call ('XGROUP', 'CREATE', 'stream' .. b, b, '0')\n"                                          \
  "redis.call ('XREADGROUP', 'GROUP', b, b, 'COUNT', '3', 'STREAMS', 'stream' .. b, '>')\n"           \
  "for _, name in ipairs ({ 'string', 'list', 'hash' }) do redis.call ('PEXPIREAT', name .. b, 9999999999999) end\n" \
  "for i = 1, " #n " do redis.call ('SET', 'plain:' .. i, i) end\n"

static void
find (Fixture *f, const CbKeyQuery *query)
{
  g_autoptr (CbKeyFinder) finder = cb_key_finder_new (f->connection, query, ":");

  cb_key_finder_start (finder);
  while (cb_key_finder_get_running (finder))
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (cb_key_finder_get_done (finder));
  g_clear_pointer (&f->keys, cb_key_store_unref);
  f->keys = cb_key_store_ref (cb_key_finder_get_store (finder));
  cb_test_settle ();
}

static void
outcome_cb (CbKeyBulk *bulk, guint id, int outcome, const char *message, Fixture *f)
{
  if (outcome != CB_KEY_BULK_DONE)
    g_ptr_array_add (f->messages, g_strdup (message));
}

static CbKeyBulk *
new_bulk (Fixture *f, CbKeyBulkKind kind, gboolean undo)
{
  CbKeyBulk *bulk = cb_key_bulk_new (f->connection, undo ? f->journal : NULL, kind, f->keys);

  g_ptr_array_set_size (f->messages, 0);
  g_signal_connect (bulk, "outcome", G_CALLBACK (outcome_cb), f);
  return bulk;
}

static void
run (CbKeyBulk *bulk, GCancellable *cancellable, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  cb_key_bulk_run_async (bulk, cancellable, cb_test_store_result, &result);
  cb_key_bulk_run_finish (bulk, cb_test_wait_result (&result), error);
  g_assert_false (cb_key_bulk_get_running (bulk));
}

static CbUndo *
undo (Fixture *f, const char *id)
{
  g_autoptr (CbEngine) engine = cb_key_engine_new (f->connection);
  CbUndo *undo = cb_undo_new (engine, f->journal, id);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  cb_undo_run_async (undo, NULL, cb_test_store_result, &result);
  cb_undo_run_finish (undo, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  return undo;
}

static void
test_there_and_back (Fixture *f, gconstpointer data)
{
  CbKeyBulkKind kind = GPOINTER_TO_INT (data);
  g_autofree char *digest_before = NULL;
  g_autofree char *ends_before = NULL;
  g_autofree char *digest_now = NULL;
  g_autofree char *ends_now = NULL;
  g_autoptr (CbKeyBulk) bulk = NULL;
  g_autoptr (CbUndo) back = NULL;
  g_autoptr (GError) error = NULL;

  eval (f, FILL (2000));
  digest_before = digest (f);
  ends_before = ends (f);
  find (f, NULL);
  bulk = new_bulk (f, kind, TRUE);
  g_assert_cmpuint (cb_key_bulk_get_n_total (bulk), ==, 2008);
  if (kind == CB_KEY_BULK_EXPIRE)
    cb_key_bulk_set_ttl (bulk, 3600 * 1000);
  /* What comes later is not among them. */
  eval (f, "redis.call ('SET', 'later', 1)");
  run (bulk, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (cb_key_bulk_get_n (bulk, CB_KEY_BULK_DONE), ==, 2008);
  g_assert_cmpuint (cb_key_bulk_get_n (bulk, CB_KEY_BULK_PENDING), ==, 0);
  g_assert_nonnull (cb_key_bulk_get_undo_id (bulk));

  eval (f, "assert (redis.call ('PTTL', 'later') == -1) redis.call ('DEL', 'later')");
  if (kind == CB_KEY_BULK_DELETE)
    g_assert_cmpint (cb_test_redis_get_integer (f->redis, "DBSIZE", NULL), ==, 0);
  else
    eval (f, kind == CB_KEY_BULK_EXPIRE
               ? "for _, key in ipairs (redis.call ('KEYS', '*')) do\n"
                 "  local left = redis.call ('PTTL', key) assert (left > 3500000 and left <= 3600000)\n"
                 "end"
               : "for _, key in ipairs (redis.call ('KEYS', '*')) do assert (redis.call ('PTTL', key) == -1) end");

  back = undo (f, cb_key_bulk_get_undo_id (bulk));
  /* Those that never ended anyway are what they were. */
  g_assert_cmpuint (cb_undo_get_n_back (back) + cb_undo_get_n_same (back), ==, 2008);
  digest_now = digest (f);
  ends_now = ends (f);
  g_assert_cmpstr (digest_now, ==, digest_before);
  g_assert_cmpstr (ends_now, ==, ends_before);
  /* Groups and what is pending are no part of the digest. */
  g_assert_cmpint (cb_test_redis_get_integer (
                     f->redis, "EVAL",
                     "local b = '\\0\\n\\r\\255 \"\\\\' .. string.char (128, 200)\n"
                     "return redis.call ('XPENDING', 'stream' .. b, b)[1]", "0", NULL), ==, 3);
}

/* What does not match any more is left, and what somebody makes again is not written over. */
static void
test_changed (Fixture *f, gconstpointer data)
{
  CbKeyQuery query = { .match = CB_KEY_MATCH_PATTERN, .type = "string", .expiry = CB_KEY_EXPIRY_NONE };
  g_autoptr (CbKeyBulk) bulk = NULL;
  g_autoptr (CbUndo) back = NULL;
  g_autoptr (GError) error = NULL;

  eval (f, "for i = 1, 10 do redis.call ('SET', 'k' .. i, i) end redis.call ('SADD', 'other', 'x')");
  find (f, &query);
  bulk = new_bulk (f, CB_KEY_BULK_DELETE, TRUE);
  cb_key_bulk_set_query (bulk, &query);
  eval (f, "redis.call ('DEL', 'k1') redis.call ('DEL', 'k2') redis.call ('SADD', 'k2', 'x')\n"
           "redis.call ('EXPIRE', 'k3', 1000) redis.call ('SET', 'k4', 'another value')");
  run (bulk, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (cb_key_bulk_get_n (bulk, CB_KEY_BULK_DONE), ==, 7);
  g_assert_cmpuint (cb_key_bulk_get_n (bulk, CB_KEY_BULK_CHANGED), ==, 2);
  g_assert_cmpuint (cb_key_bulk_get_n (bulk, CB_KEY_BULK_GONE), ==, 1);
  g_assert_cmpuint (f->messages->len, ==, 3);
  eval (f, "assert (redis.call ('DBSIZE') == 3) assert (redis.call ('EXISTS', 'other', 'k2', 'k3') == 3)");

  eval (f, "redis.call ('SET', 'k5', 'new') redis.call ('SET', 'k6', '6')");
  back = undo (f, NULL);
  g_assert_cmpuint (cb_undo_get_n_back (back), ==, 5);
  g_assert_cmpuint (cb_undo_get_n_same (back), ==, 1); /* k6 is what it was */
  g_assert_cmpuint (cb_undo_get_n_kept (back), ==, 1);
  eval (f, "assert (redis.call ('GET', 'k5') == 'new') assert (redis.call ('GET', 'k4') == 'another value')\n"
           "assert (redis.call ('DBSIZE') == 10)");
}

/* Cancelled in the middle, each key is there or can be put back. */
static void
stop_cb (CbKeyBulk *bulk, guint id, int outcome, const char *message, GCancellable *cancellable)
{
  if (cb_key_bulk_get_n (bulk, CB_KEY_BULK_DONE) == 300)
    g_cancellable_cancel (cancellable);
}

static void
test_cancelled (Fixture *f, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree char *before = NULL;
  g_autofree char *now = NULL;
  g_autoptr (CbKeyBulk) bulk = NULL;
  g_autoptr (CbUndo) back = NULL;
  g_autoptr (GError) error = NULL;
  guint n_done;

  eval (f, FILL (5000));
  before = digest (f);
  find (f, NULL);
  bulk = new_bulk (f, CB_KEY_BULK_DELETE, TRUE);
  g_signal_connect (bulk, "outcome", G_CALLBACK (stop_cb), cancellable);
  run (bulk, cancellable, &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  n_done = cb_key_bulk_get_n (bulk, CB_KEY_BULK_DONE);
  g_assert_cmpuint (n_done, >=, 300);
  g_assert_cmpuint (n_done, <, 1000);
  g_assert_cmpint (cb_test_redis_get_integer (f->redis, "DBSIZE", NULL), ==, 5008 - n_done);
  back = undo (f, cb_key_bulk_get_undo_id (bulk));
  g_assert_cmpuint (cb_undo_get_n_back (back), ==, n_done);
  now = digest (f);
  g_assert_cmpstr (now, ==, before);
}

/* The server dies in the middle: whatever was deleted can be put back, and what was not is as it was. */
static void
kill_cb (CbKeyBulk *bulk, guint id, int outcome, const char *message, Fixture *f)
{
  if (cb_key_bulk_get_n (bulk, CB_KEY_BULK_DONE) == 100)
    {
      eval (f, "redis.call ('SET', 'after', '1')");
      cb_connection_close (f->connection);
    }
}

static void
test_lost (Fixture *f, gconstpointer data)
{
  g_autofree char *before = NULL;
  g_autofree char *now = NULL;
  g_autoptr (CbKeyBulk) bulk = NULL;
  g_autoptr (CbUndo) back = NULL;
  g_autoptr (GError) error = NULL;

  eval (f, FILL (3000));
  before = digest (f);
  find (f, NULL);
  bulk = new_bulk (f, CB_KEY_BULK_DELETE, TRUE);
  g_signal_connect (bulk, "outcome", G_CALLBACK (kill_cb), f);
  run (bulk, NULL, &error);
  g_assert_nonnull (error);
  g_assert_cmpint (cb_test_redis_get_integer (f->redis, "DBSIZE", NULL), <, 3000);
  eval (f, "redis.call ('DEL', 'after')");

  cb_test_settle ();
  g_clear_object (&bulk);
  g_assert_finalize_object (f->connection);
  f->connection = connect_to (cb_test_redis_get_address (f->redis));
  back = undo (f, NULL);
  g_assert_cmpuint (cb_undo_get_n_kept (back) + cb_undo_get_n_failed (back), ==, 0);
  now = digest (f);
  g_assert_cmpstr (now, ==, before);
}

/* What does not fit the journal is not deleted. */
static void
test_limits (Fixture *f, gconstpointer data)
{
  g_autoptr (CbKeyBulk) bulk = NULL;
  g_autoptr (GError) error = NULL;

  eval (f, "redis.call ('SETRANGE', 'huge', 70 * 1024 * 1024, 'x') redis.call ('SETRANGE', 'large', 1024 * 1024, 'x')\n"
           "redis.call ('SET', 'small', 'x')");
  find (f, NULL);
  bulk = new_bulk (f, CB_KEY_BULK_DELETE, TRUE);
  run (bulk, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (cb_key_bulk_get_n (bulk, CB_KEY_BULK_DONE), ==, 2);
  g_assert_cmpuint (cb_key_bulk_get_n (bulk, CB_KEY_BULK_REFUSED), ==, 1);
  g_assert_cmpuint (f->messages->len, ==, 1);
  g_assert_nonnull (strstr (g_ptr_array_index (f->messages, 0), "huge"));
  eval (f, "assert (redis.call ('DBSIZE') == 1) assert (redis.call ('EXISTS', 'huge') == 1)");

  g_clear_object (&bulk);
  find (f, NULL);
  bulk = new_bulk (f, CB_KEY_BULK_DELETE, FALSE);
  run (bulk, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (cb_key_bulk_get_undo_id (bulk));
  g_assert_cmpint (cb_test_redis_get_integer (f->redis, "DBSIZE", NULL), ==, 0);

  /* A journal that is full ends it, and nothing is gone that is not in it. */
  eval (f, "for i = 1, 100 do\n"
           "  local parts = {}\n"
           "  for j = 1, 1000 do parts[j] = redis.sha1hex (i * 1000 + j) end\n"
           "  redis.call ('SET', 'k' .. i, table.concat (parts))\n"
           "end");
  g_object_set (f->journal, "max-bytes", (guint64) 2000000, NULL);
  g_clear_object (&bulk);
  find (f, NULL);
  bulk = new_bulk (f, CB_KEY_BULK_DELETE, TRUE);
  run (bulk, NULL, &error);
  g_assert_error (error, CB_JOURNAL_ERROR, CB_JOURNAL_ERROR_FULL);
  g_assert_cmpint (cb_test_redis_get_integer (f->redis, "DBSIZE", NULL), ==, 100 - cb_key_bulk_get_n (bulk, CB_KEY_BULK_DONE));
}

static void
test_copy (Fixture *f, gconstpointer data)
{
  g_autoptr (CbAddress) address = cb_address_with_db (cb_test_redis_get_address (f->redis), 5);
  CbConnection *target = connect_to (address);
  g_autoptr (CbKeyBulk) bulk = NULL;
  g_autoptr (GError) error = NULL;

  eval (f, FILL (1000) "redis.call ('SELECT', 5) redis.call ('SET', 'plain:1', 'theirs') redis.call ('SELECT', 0)");
  find (f, NULL);
  bulk = new_bulk (f, CB_KEY_BULK_COPY, FALSE);
  cb_key_bulk_set_target (bulk, target, FALSE);
  run (bulk, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (cb_key_bulk_get_n (bulk, CB_KEY_BULK_DONE), ==, 1007);
  g_assert_cmpuint (cb_key_bulk_get_n (bulk, CB_KEY_BULK_REFUSED), ==, 1);
#define SAME                                                                                    \
  "local function look (db)\n"                                                                  \
  "  redis.call ('SELECT', db)\n"                                                               \
  "  local all = redis.call ('KEYS', '*') table.sort (all)\n"                                   \
  "  for i, key in ipairs (all) do\n"                                                           \
  "    all[i] = key .. redis.call ('PEXPIRETIME', key) .. redis.call ('TYPE', key).ok\n"               \
  "    if redis.call ('TYPE', key).ok == 'string' then all[i] = all[i] .. redis.call ('GET', key) end\n" \
  "  end\n"                                                                                     \
  "  return all\n"                                                                              \
  "end\n"                                                                                       \
  "local one, other = look (0), look (5)\n"                                                     \
  "assert (#one == #other)\n"                                                                   \
  "local n = 0 for i = 1, #one do if one[i] ~= other[i] then n = n + 1 end end\n"
  eval (f, SAME "assert (n == 1)");
  eval (f, "redis.call ('SELECT', 5) assert (redis.call ('GET', 'plain:1') == 'theirs')");

  g_clear_object (&bulk);
  bulk = new_bulk (f, CB_KEY_BULK_COPY, FALSE);
  cb_key_bulk_set_target (bulk, target, TRUE);
  run (bulk, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (cb_key_bulk_get_n (bulk, CB_KEY_BULK_DONE), ==, 1008);
  eval (f, SAME "assert (n == 0)");

  /* Not into what is only looked at. */
  g_clear_object (&bulk);
  bulk = new_bulk (f, CB_KEY_BULK_COPY, FALSE);
  cb_connection_set_read_only (target, TRUE);
  cb_key_bulk_set_target (bulk, target, TRUE);
  run (bulk, NULL, &error);
  g_assert_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_READONLY);

  g_clear_object (&bulk);
  cb_connection_close (target);
  cb_test_settle ();
  g_assert_finalize_object (target);
}

/* Each a line, in which the key and its DUMP are what the server says. */
static void
test_export (Fixture *f, gconstpointer data)
{
  g_autoptr (GOutputStream) output = g_memory_output_stream_new_resizable ();
  g_autoptr (CbKeyBulk) bulk = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) lines = NULL;
  g_autofree char *text = NULL;

  eval (f, FILL (700));
  cb_connection_set_read_only (f->connection, TRUE);
  find (f, NULL);
  bulk = new_bulk (f, CB_KEY_BULK_EXPORT, FALSE);
  cb_key_bulk_set_output (bulk, output);
  run (bulk, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (cb_key_bulk_get_n (bulk, CB_KEY_BULK_DONE), ==, 708);

  g_assert_true (g_output_stream_close (output, NULL, NULL));
  bytes = g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (output));
  text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  lines = g_strsplit (text, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 709);
  for (guint i = 0; i < 708; i++)
    {
      g_autofree char *key_text = cb_json_dup_member_text (lines[i], -1, "key");
      g_autofree char *dump_text = cb_json_dup_member_text (lines[i], -1, "dump");
      gsize lengths[2] = { 4, 0 }, length, said_length;
      g_autofree guchar *key = g_base64_decode (key_text, &lengths[1]);
      g_autofree guchar *dump = g_base64_decode (dump_text, &length);
      const char *words[] = { "DUMP", (const char *) key };
      g_autoptr (CbReply) reply = cb_test_redis_call_argv (f->redis, 2, words, lengths);
      const char *said = cb_value_get_string (cb_reply_get_value (reply), &said_length);

      g_assert_nonnull (said);
      g_assert_cmpmem (dump, length, said, said_length);
    }
}

/* A user who may do some of it only. */
static void
test_forbidden (Fixture *f, gconstpointer data)
{
  g_autoptr (CbReply) reply = NULL;
  g_autoptr (CbKeyBulk) bulk = NULL;
  g_autoptr (GError) error = NULL;

  eval (f, "for i = 1, 20 do redis.call ('SET', (i % 2 == 0 and 'mine:' or 'theirs:') .. i, i) end");
  find (f, NULL);
  reply = cb_test_redis_call (f->redis, "ACL", "SETUSER", "default", "resetkeys", "~mine:*", "%R~theirs:*", NULL);
  g_assert_false (cb_value_is_error (cb_reply_get_value (reply)));
  bulk = new_bulk (f, CB_KEY_BULK_DELETE, TRUE);
  run (bulk, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (cb_key_bulk_get_n (bulk, CB_KEY_BULK_DONE), ==, 10);
  g_assert_cmpuint (cb_key_bulk_get_n (bulk, CB_KEY_BULK_REFUSED), ==, 10);
  g_assert_cmpint (cb_test_redis_get_integer (f->redis, "DBSIZE", NULL), ==, 10);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define add(name, func, data) g_test_add ("/key-bulk/" name, Fixture, data, set_up, func, tear_down)
  add ("delete", test_there_and_back, GINT_TO_POINTER (CB_KEY_BULK_DELETE));
  add ("expire", test_there_and_back, GINT_TO_POINTER (CB_KEY_BULK_EXPIRE));
  add ("persist", test_there_and_back, GINT_TO_POINTER (CB_KEY_BULK_PERSIST));
  add ("changed", test_changed, NULL);
  add ("cancelled", test_cancelled, NULL);
  add ("lost", test_lost, NULL);
  add ("limits", test_limits, NULL);
  add ("copy", test_copy, NULL);
  add ("export", test_export, NULL);
  add ("forbidden", test_forbidden, NULL);
  return g_test_run ();
}
