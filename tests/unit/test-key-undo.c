/* test-key-undo.c: elements that are taken out and put back, or get another name
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "cb-key-undo.h"
#include "cb-key-value.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"

typedef struct
{
  CbTestRedis *redis;
  CbConnection *connection;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->redis = cb_test_redis_new ("--enable-debug-command", "yes", NULL);
  f->connection = cb_connection_new (cb_test_redis_get_address (f->redis), "test");
  cb_test_open (f->connection, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  cb_connection_close (f->connection);
  cb_test_settle ();
  g_assert_finalize_object (f->connection);
  cb_test_redis_free (f->redis);
}

static CbReply *
call (Fixture *f, GBytes *const *words, guint n)
{
  const char *texts[8];
  gsize lengths[8];
  CbReply *reply;

  for (guint i = 0; i < n; i++)
    {
      texts[i] = g_bytes_get_data (words[i], &lengths[i]);
      if (texts[i] == NULL)
        texts[i] = "";
    }
  reply = cb_test_redis_call_argv (f->redis, n, texts, lengths);
  g_assert_false (cb_value_is_error (cb_reply_get_value (reply)));
  return reply;
}

#define text_bytes(text) g_bytes_new (text, strlen (text))

/* The value without the order that a hash or set has none of; and of a list with it. */
static char *
digest (Fixture *f, GBytes *key)
{
  g_autoptr (GBytes) debug = text_bytes ("DEBUG");
  g_autoptr (GBytes) digest_value = text_bytes ("DIGEST-VALUE");
  GBytes *words[] = { debug, digest_value, key };
  g_autoptr (CbReply) reply = call (f, words, 3);

  return g_strdup (cb_value_get_string (cb_value_get_element (cb_reply_get_value (reply), 0), NULL));
}

static GBytes *
dump (Fixture *f, GBytes *key)
{
  g_autoptr (GBytes) word = text_bytes ("DUMP");
  GBytes *words[] = { word, key };
  g_autoptr (CbReply) reply = call (f, words, 2);

  return cb_value_dup_bytes (cb_reply_get_value (reply));
}

static gboolean
edit (Fixture *f, const CbKeyEdit *what, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  cb_key_edit_async (f->connection, what, NULL, cb_test_store_result, &result);
  return cb_key_edit_finish (f->connection, cb_test_wait_result (&result), error);
}

#define assert_edit(f, ...)                                        \
  G_STMT_START                                                     \
  {                                                                \
    g_autoptr (GError) error_ = NULL;                              \
    gboolean done_ = edit (f, &(CbKeyEdit) { __VA_ARGS__ }, &error_); \
    g_assert_no_error (error_);                                    \
    g_assert_true (done_);                                         \
  }                                                                \
  G_STMT_END

#define assert_refused(f, reason, ...)                               \
  G_STMT_START                                                       \
  {                                                                  \
    g_autoptr (GError) error_ = NULL;                                \
    g_assert_false (edit (f, &(CbKeyEdit) { __VA_ARGS__ }, &error_)); \
    g_assert_error (error_, CB_KEY_ERROR, CB_KEY_ERROR_##reason);    \
  }                                                                  \
  G_STMT_END

static CbKeyUndo *
take (Fixture *f, GBytes *key, const char *type, GBytes *element, GBytes *value, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  CbKeyUndo *undo = NULL;

  cb_key_take_element_async (f->connection, key, type, element, value, NULL, cb_test_store_result, &result);
  cb_key_take_element_finish (f->connection, cb_test_wait_result (&result), &undo, error);
  return undo;
}

static gboolean
put_back (Fixture *f, CbKeyUndo *undo, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  cb_key_undo_async (f->connection, undo, NULL, cb_test_store_result, &result);
  return cb_key_undo_finish (f->connection, cb_test_wait_result (&result), error);
}

static GBytes *
read_element (Fixture *f, GBytes *key, const char *type, GBytes *name, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  cb_key_element_async (f->connection, key, type, name, 1000, NULL, cb_test_store_result, &result);
  return cb_key_element_finish (f->connection, cb_test_wait_result (&result), error);
}

static GBytes *
random_bytes (GRand *random, gsize length)
{
  g_autofree char *bytes = g_malloc (length + 1);

  for (gsize i = 0; i < length; i++)
    bytes[i] = i % 3 == 0 ? "\0\n\r\xff \"\\"[g_rand_int_range (random, 0, 7)] : (char) g_rand_int_range (random, 0, 256);
  return g_bytes_new (bytes, length);
}

static const struct
{
  const char *type;
  CbKeyEditKind add;
} types[] = {
  { "hash", CB_KEY_EDIT_HASH_SET },
  { "list", CB_KEY_EDIT_LIST_PUSH },
  { "set", CB_KEY_EDIT_SET_ADD },
  { "zset", CB_KEY_EDIT_ZSET_SET },
};

/* Each element of each type, of any bytes, out and back: the value is what it was. */
static void
test_any_bytes (Fixture *f, gconstpointer data)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (7);

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    {
      const char *type = types[i].type;
      gboolean list = g_str_equal (type, "list");
      g_autoptr (GBytes) key = random_bytes (random, i * 5);
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (CbKeyPage) page = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *before = NULL;

      for (guint j = 0; j < 12; j++)
        {
          g_autoptr (GBytes) element = list ? text_bytes ("tail") : random_bytes (random, j);
          g_autoptr (GBytes) value = g_str_equal (type, "zset") ? text_bytes (j % 2 ? "-inf" : "0.1") : random_bytes (random, j * 3);

          assert_edit (f, .kind = types[i].add, .key = key, .type = j == 0 ? "none" : type, .element = element, .value = value);
        }
      before = digest (f, key);
      cb_key_page_async (f->connection, key, type, NULL, NULL, 100, NULL, cb_test_store_result, &result);
      page = cb_key_page_finish (f->connection, cb_test_wait_result (&result), &error);
      g_assert_no_error (error);
      g_assert_cmpuint (page->elements->len, ==, 12);

      for (guint j = 0; j < page->elements->len; j++)
        {
          CbKeyElement *element = page->elements->pdata[j];
          g_autoptr (CbKeyUndo) undo = take (f, key, type, element->name, element->value, &error);
          g_autoptr (GBytes) now = NULL;
          g_autofree char *after = NULL;

          g_assert_no_error (error);
          g_assert_true (g_bytes_equal (cb_key_undo_get_element (undo), list ? element->value : element->name));
          if (!list)
            {
              now = read_element (f, key, type, element->name, &error);
              g_assert_no_error (error);
              g_assert_null (now);
            }
          g_assert_true (put_back (f, undo, &error));
          g_assert_no_error (error);
          after = digest (f, key);
          g_assert_cmpstr (after, ==, before);
          now = read_element (f, key, type, element->name, &error);
          g_assert_no_error (error);
          g_assert_true (g_bytes_equal (now, g_str_equal (type, "set") ? element->name : element->value));

          /* Not twice. */
          if (!list)
            {
              g_assert_false (put_back (f, undo, &error));
              g_assert_true (g_error_matches (error, CB_KEY_ERROR, CB_KEY_ERROR_CHANGED) ||
                             g_error_matches (error, CB_KEY_ERROR, CB_KEY_ERROR_EXISTS));
              g_clear_error (&error);
            }
        }
      g_free (cb_test_redis_get_string (f->redis, "FLUSHALL", NULL));
    }
}

/* The last element takes the key along, and brings it back with its time to live. */
static void
test_last (Fixture *f, gconstpointer data)
{
  g_autoptr (GBytes) key = g_bytes_new_static ("k\0\xff", 3);
  g_autoptr (GBytes) pexpire = text_bytes ("PEXPIRE");
  g_autoptr (GBytes) pttl = text_bytes ("PTTL");
  g_autoptr (GBytes) time = text_bytes ("5000000");

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    {
      const char *type = types[i].type;
      g_autoptr (GBytes) element = g_str_equal (type, "list") ? text_bytes ("tail") : g_bytes_new_static ("e\0\n", 3);
      g_autoptr (GBytes) value = text_bytes ("1.5");
      g_autoptr (GBytes) index = text_bytes ("0");
      g_autoptr (GBytes) before = NULL;
      g_autoptr (GBytes) gone = NULL;
      g_autoptr (GBytes) after = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (CbKeyUndo) undo = NULL;
      g_autoptr (CbReply) expired = NULL;
      g_autoptr (CbReply) left = NULL;
      GBytes *expire_words[] = { pexpire, key, time };
      GBytes *ttl_words[] = { pttl, key };
      gint64 number = 0;

      assert_edit (f, .kind = types[i].add, .key = key, .type = "none", .element = element, .value = value);
      expired = call (f, expire_words, 3);
      before = dump (f, key);
      undo = take (f, key, type, g_str_equal (type, "list") ? index : element, g_str_equal (type, "set") ? NULL : value, &error);
      g_assert_no_error (error);
      gone = dump (f, key);
      g_assert_null (gone);
      g_assert_true (put_back (f, undo, &error));
      g_assert_no_error (error);
      after = dump (f, key);
      g_assert_true (g_bytes_equal (before, after));
      left = call (f, ttl_words, 2);
      g_assert_true (cb_value_get_integer (cb_reply_get_value (left), &number));
      g_assert_cmpint (number, >, 4000000);
      g_free (cb_test_redis_get_string (f->redis, "FLUSHALL", NULL));
    }
}

/* Who takes the only element out of a queue that others use puts back that one, and nothing that came and went meanwhile; one that was not
 * the only one any more brings back nothing else. */
static void
test_only_mine (Fixture *f, gconstpointer data)
{
  g_autoptr (GBytes) key = text_bytes ("queue");
  g_autoptr (GBytes) first = text_bytes ("0");
  g_autoptr (GBytes) a = text_bytes ("a");
  g_autoptr (GError) error = NULL;
  CbKeyUndo *undo;

  cb_test_redis_get_integer (f->redis, "RPUSH", "queue", "a", NULL);
  undo = take (f, key, "list", first, a, &error);
  g_assert_no_error (error);
  cb_test_redis_get_integer (f->redis, "RPUSH", "queue", "b", "c", NULL);
  cb_test_redis_get_integer (f->redis, "DEL", "queue", NULL);
  g_assert_true (put_back (f, undo, &error));
  g_assert_no_error (error);
  g_assert_cmpint (cb_test_redis_get_integer (f->redis, "LLEN", "queue", NULL), ==, 1);
  cb_key_undo_free (undo);

  /* It was the only one when it was shown. */
  cb_test_redis_get_integer (f->redis, "RPUSH", "queue", "b", "c", NULL);
  undo = take (f, key, "list", first, a, &error);
  g_assert_no_error (error);
  cb_test_redis_get_integer (f->redis, "DEL", "queue", NULL);
  g_assert_false (put_back (f, undo, &error));
  g_assert_error (error, CB_KEY_ERROR, CB_KEY_ERROR_GONE);
  g_assert_cmpint (cb_test_redis_get_integer (f->redis, "EXISTS", "queue", NULL), ==, 0);
  cb_key_undo_free (undo);
}

/* What is not there any more as it was shown stays where it is. */
static void
test_changed (Fixture *f, gconstpointer data)
{
  g_autoptr (GBytes) list = text_bytes ("list");
  g_autoptr (GBytes) stream = text_bytes ("stream");
  g_autoptr (GBytes) one = text_bytes ("1");
  g_autoptr (GBytes) x = text_bytes ("x");
  g_autoptr (GBytes) id = text_bytes ("1-1");
  g_autoptr (GBytes) far = text_bytes ("5");
  g_autoptr (GError) error = NULL;
  g_autofree char *shown = NULL;
  CbKeyUndo *undo;

  cb_test_redis_get_integer (f->redis, "RPUSH", "list", "a", "b", "c", NULL);
  g_assert_null (take (f, list, "list", one, x, &error));
  g_assert_error (error, CB_KEY_ERROR, CB_KEY_ERROR_CHANGED);
  g_clear_error (&error);
  g_assert_cmpint (cb_test_redis_get_integer (f->redis, "LLEN", "list", NULL), ==, 3);

  /* Behind the end of a list that is shorter by now, there is no place. */
  assert_refused (f, CHANGED, .kind = CB_KEY_EDIT_LIST_INSERT, .key = list, .type = "list", .element = far, .value = x);
  assert_refused (f, INVALID, .kind = CB_KEY_EDIT_LIST_INSERT, .key = list, .type = "list", .element = x, .value = x);
  g_assert_cmpint (cb_test_redis_get_integer (f->redis, "LLEN", "list", NULL), ==, 3);

  /* An entry of a stream is gone for good. */
  shown = cb_test_redis_get_string (f->redis, "XADD", "stream", "1-1", "k", "v", NULL);
  undo = take (f, stream, "stream", id, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (undo);
  g_assert_cmpint (cb_test_redis_get_integer (f->redis, "XLEN", "stream", NULL), ==, 0);
}

/* Another name for a field or member: with all it has, and never over one that is there. */
static void
test_rename (Fixture *f, gconstpointer data)
{
  g_autoptr (GBytes) hash = text_bytes ("hash");
  g_autoptr (GBytes) set = text_bytes ("set");
  g_autoptr (GBytes) zset = text_bytes ("zset");
  g_autoptr (GBytes) a = text_bytes ("a");
  g_autoptr (GBytes) b = text_bytes ("b");
  g_autoptr (GBytes) odd = g_bytes_new_static ("\0\n\xff", 3);
  g_autoptr (GBytes) value = text_bytes ("value");
  g_autoptr (GBytes) wrong = text_bytes ("wrong");
  g_autofree char *score_text = NULL;
  g_autoptr (GBytes) score = NULL;
  g_autoptr (GBytes) now = NULL;
  g_autoptr (GBytes) new_score = NULL;
  g_autoptr (GError) error = NULL;

  cb_test_redis_get_integer (f->redis, "HSET", "hash", "a", "value", "b", "other", NULL);
  assert_refused (f, EXISTS, .kind = CB_KEY_EDIT_HASH_RENAME, .key = hash, .type = "hash", .element = a, .value = b);
  assert_refused (f, CHANGED, .kind = CB_KEY_EDIT_HASH_RENAME, .key = hash, .type = "hash", .element = a, .value = odd, .expected = wrong);
  assert_refused (f, CHANGED, .kind = CB_KEY_EDIT_HASH_RENAME, .key = hash, .type = "hash", .element = odd, .value = a);
  assert_edit (f, .kind = CB_KEY_EDIT_HASH_RENAME, .key = hash, .type = "hash", .element = a, .value = odd, .expected = value);
  now = read_element (f, hash, "hash", odd, &error);
  g_assert_true (g_bytes_equal (now, value));
  g_assert_cmpint (cb_test_redis_get_integer (f->redis, "HLEN", "hash", NULL), ==, 2);

  cb_test_redis_get_integer (f->redis, "SADD", "set", "a", "b", NULL);
  assert_refused (f, EXISTS, .kind = CB_KEY_EDIT_SET_CHANGE, .key = set, .type = "set", .element = a, .value = b);
  assert_refused (f, CHANGED, .kind = CB_KEY_EDIT_SET_CHANGE, .key = set, .type = "set", .element = odd, .value = wrong);
  assert_edit (f, .kind = CB_KEY_EDIT_SET_CHANGE, .key = set, .type = "set", .element = a, .value = odd);
  g_assert_cmpint (cb_test_redis_get_integer (f->redis, "SISMEMBER", "set", "a", NULL), ==, 0);
  g_assert_cmpint (cb_test_redis_get_integer (f->redis, "SCARD", "set", NULL), ==, 2);

  cb_test_redis_get_integer (f->redis, "ZADD", "zset", "1.1000000000000001", "a", "2", "b", NULL);
  /* Servers tell the same number with more digits or with fewer. */
  score_text = cb_test_redis_get_string (f->redis, "ZSCORE", "zset", "a", NULL);
  score = text_bytes (score_text);
  assert_refused (f, EXISTS, .kind = CB_KEY_EDIT_ZSET_CHANGE, .key = zset, .type = "zset", .element = a, .value = b, .expected = score);
  assert_refused (f, CHANGED, .kind = CB_KEY_EDIT_ZSET_CHANGE, .key = zset, .type = "zset", .element = b, .value = odd, .expected = score);
  assert_edit (f, .kind = CB_KEY_EDIT_ZSET_CHANGE, .key = zset, .type = "zset", .element = a, .value = odd, .expected = score);
  new_score = read_element (f, zset, "zset", odd, &error);
  g_assert_true (g_bytes_equal (new_score, score));
  g_assert_cmpint (cb_test_redis_get_integer (f->redis, "ZCARD", "zset", NULL), ==, 2);

  /* Of another type, or not there. */
  g_assert_null (read_element (f, set, "hash", a, &error));
  g_assert_error (error, CB_KEY_ERROR, CB_KEY_ERROR_TYPE);
  g_clear_error (&error);
  g_assert_null (read_element (f, wrong, "hash", a, &error));
  g_assert_error (error, CB_KEY_ERROR, CB_KEY_ERROR_GONE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define add(name, function) g_test_add ("/key-undo/" name, Fixture, NULL, set_up, function, tear_down)
  add ("any-bytes", test_any_bytes);
  add ("last", test_last);
  add ("changed", test_changed);
  add ("only-mine", test_only_mine);
  add ("rename", test_rename);
  return g_test_run ();
}
