/* test-key-value.c: showing and changing values
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "cb-key-edit.h"
#include "cb-key-value.h"
#include "cb-stream-groups.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"

typedef struct
{
  CbTestRedis *redis;
  CbConnection *connection; /* for changes */
  CbConnection *reader;     /* read-only */
} Fixture;

static CbConnection *
connect_to (CbTestRedis *redis, gboolean read_only)
{
  CbConnection *connection = cb_connection_new (cb_test_redis_get_address (redis), "test");
  g_autoptr (GError) error = NULL;

  cb_connection_set_read_only (connection, read_only);
  cb_test_open (connection, &error);
  g_assert_no_error (error);
  return connection;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->redis = cb_test_redis_new ("--enable-debug-command", "yes", NULL);
  f->connection = connect_to (f->redis, FALSE);
  f->reader = connect_to (f->redis, TRUE);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  cb_connection_close (f->connection);
  cb_connection_close (f->reader);
  cb_test_settle ();
  g_assert_finalize_object (f->connection);
  g_assert_finalize_object (f->reader);
  cb_test_redis_free (f->redis);
}

#define text_bytes(text) g_bytes_new (text, strlen (text))

static CbReply *
call (Fixture *f, GBytes *first, ...)
{
  const char *words[16];
  gsize lengths[16];
  guint n = 0;
  va_list list;
  CbReply *reply;

  va_start (list, first);
  for (GBytes *bytes = first; bytes != NULL; bytes = va_arg (list, GBytes *))
    {
      words[n] = g_bytes_get_data (bytes, &lengths[n]);
      if (words[n] == NULL)
        words[n] = "";
      n++;
    }
  va_end (list);
  reply = cb_test_redis_call_argv (f->redis, n, words, lengths);
  g_assert_false (cb_value_is_error (cb_reply_get_value (reply)));
  return reply;
}

static GBytes *
dump (Fixture *f, GBytes *key)
{
  g_autoptr (GBytes) word = text_bytes ("DUMP");
  g_autoptr (CbReply) reply = call (f, word, key, NULL);

  return cb_value_dup_bytes (cb_reply_get_value (reply));
}

/* The same for whatever order a server keeps it in: that of a big hash or set is not what it was once it was copied. */
static char *
digest (Fixture *f, GBytes *key)
{
  g_autoptr (GBytes) word = text_bytes ("DEBUG");
  g_autoptr (GBytes) second = text_bytes ("DIGEST-VALUE");
  g_autoptr (CbReply) reply = call (f, word, second, key, NULL);

  return g_strdup (cb_value_get_string (cb_value_get_element (cb_reply_get_value (reply), 0), NULL));
}

static CbKeyInfo *
inspect (Fixture *f, GBytes *key)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  CbKeyInfo *info;

  cb_key_inspect_async (f->reader, key, NULL, cb_test_store_result, &result);
  info = cb_key_inspect_finish (f->reader, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  return info;
}

static CbKeyPage *
read_page (Fixture *f, GBytes *key, const char *type, const char *from, const char *filter, guint count, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GBytes) pattern = filter != NULL ? text_bytes (filter) : NULL;

  cb_key_page_async (f->reader, key, type, from, pattern, count, NULL, cb_test_store_result, &result);
  return cb_key_page_finish (f->reader, cb_test_wait_result (&result), error);
}

/* All pages, put together. */
static GPtrArray *
read_all (Fixture *f, GBytes *key, const char *type, const char *filter, guint count)
{
  GPtrArray *pages = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_key_page_free);
  const char *from = NULL;

  do
    {
      g_autoptr (GError) error = NULL;
      CbKeyPage *page = read_page (f, key, type, from, filter, count, &error);

      g_assert_no_error (error);
      g_ptr_array_add (pages, page);
      from = page->next;
    }
  while (from != NULL);
  return pages;
}

static guint
count_elements (GPtrArray *pages)
{
  guint n = 0;

  for (guint i = 0; i < pages->len; i++)
    n += ((CbKeyPage *) pages->pdata[i])->elements->len;
  return n;
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

static GBytes *
random_bytes (GRand *random, gsize length)
{
  g_autofree char *bytes = g_malloc (length + 1);

  for (gsize i = 0; i < length; i++)
    bytes[i] = i % 3 == 0 ? "\0\n\r\xff \"\\"[g_rand_int_range (random, 0, 7)] : (char) g_rand_int_range (random, 0, 256);
  return g_bytes_new (bytes, length);
}

/* For each type: made by edits with random bytes, shown, each element set to what was shown, changed and changed back,
 * renamed, copied, deleted and put back: it is still the same, by DUMP. */
static void
test_round_trip (Fixture *f, gconstpointer data)
{
  static const struct { const char *type; CbKeyEditKind add, again; } cases[] = {
    { "string", CB_KEY_EDIT_STRING_SET, CB_KEY_EDIT_STRING_SET },
    { "hash", CB_KEY_EDIT_HASH_SET, CB_KEY_EDIT_HASH_SET },
    { "list", CB_KEY_EDIT_LIST_PUSH, CB_KEY_EDIT_LIST_SET },
    { "set", CB_KEY_EDIT_SET_ADD, CB_KEY_EDIT_SET_ADD },
    { "zset", CB_KEY_EDIT_ZSET_SET, CB_KEY_EDIT_ZSET_SET },
    { "stream", CB_KEY_EDIT_STREAM_ADD, CB_KEY_EDIT_STREAM_ADD },
  };
  g_autoptr (GRand) random = g_rand_new_with_seed (4);

  for (guint round = 0; round < 4; round++)
    for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
      {
        g_autoptr (GBytes) key = random_bytes (random, round == 0 ? 0 : 1 + i);
        g_autoptr (GBytes) renamed = random_bytes (random, 30);
        g_autoptr (GBytes) before = NULL;
        g_autoptr (GBytes) after = NULL;
        g_autoptr (GPtrArray) pages = NULL;
        g_autoptr (CbKeyInfo) info = NULL;
        g_autoptr (CbKeyRemains) remains = NULL;
        g_autofree char *digest_before = NULL;
        g_autofree char *digest_after = NULL;
        guint n = g_str_equal (cases[i].type, "string") ? 1 : 25;

        for (guint j = 0; j < n; j++)
          {
            g_autoptr (GBytes) element = cases[i].add == CB_KEY_EDIT_LIST_PUSH ? text_bytes ("tail")
                                                                             : random_bytes (random, j == 0 ? 0 : 3 + j);
            g_autoptr (GBytes) value = cases[i].add == CB_KEY_EDIT_ZSET_SET ? text_bytes ("1.1000000000000001")
                                                                          : random_bytes (random, j * round);

            assert_edit (f, .kind = cases[i].add, .key = key, .type = j == 0 ? "none" : cases[i].type, .element = element,
                         .value = value, .expect_absent = TRUE);
          }
        info = inspect (f, key);
        g_assert_cmpstr (info->type, ==, cases[i].type);
        g_assert_cmpint (info->ttl_msec, ==, -1);
        if (n > 1)
          g_assert_cmpint (info->size, ==, n);
        before = dump (f, key);
        digest_before = digest (f, key);
        pages = read_all (f, key, cases[i].type, NULL, 7);
        if (n > 1)
          g_assert_cmpuint (count_elements (pages), ==, n);

        /* What was shown, set again: nothing changes. */
        for (guint p = 0; p < pages->len && cases[i].again != CB_KEY_EDIT_STREAM_ADD; p++)
          {
            CbKeyPage *page = pages->pdata[p];

            for (guint j = 0; j < page->elements->len; j++)
              {
                CbKeyElement *element = page->elements->pdata[j];

                if (cases[i].again == CB_KEY_EDIT_SET_ADD)
                  assert_refused (f, EXISTS, .kind = CB_KEY_EDIT_SET_ADD, .key = key, .type = "set", .element = element->name);
                else if (cases[i].again != CB_KEY_EDIT_STRING_SET || pages->len == 1)
                  assert_edit (f, .kind = cases[i].again, .key = key, .type = cases[i].type, .element = element->name,
                               .value = element->value, .expected = element->value);
              }
          }
        after = dump (f, key);
        g_assert_true (g_bytes_equal (before, after));
        g_clear_pointer (&after, g_bytes_unref);

        /* Away under another name, copied back, renamed over by no one, deleted and undone, with its time. */
        assert_edit (f, .kind = CB_KEY_EDIT_RENAME, .key = key, .type = cases[i].type, .element = renamed);
        assert_refused (f, GONE, .kind = CB_KEY_EDIT_RENAME, .key = key, .type = cases[i].type, .element = renamed);
        assert_edit (f, .kind = CB_KEY_EDIT_COPY, .key = renamed, .type = cases[i].type, .element = key);
        assert_refused (f, EXISTS, .kind = CB_KEY_EDIT_RENAME, .key = renamed, .type = cases[i].type, .element = key);
        assert_refused (f, EXISTS, .kind = CB_KEY_EDIT_COPY, .key = renamed, .type = cases[i].type, .element = key);
        assert_edit (f, .kind = CB_KEY_EDIT_EXPIRE, .key = key, .type = cases[i].type, .msec = 4000000);
        {
          g_autoptr (GAsyncResult) result = NULL;
          g_autoptr (GAsyncResult) restored = NULL;
          g_autoptr (GAsyncResult) twice = NULL;
          g_autoptr (GError) error = NULL;
          g_autoptr (CbKeyInfo) now = NULL;

          cb_key_delete_async (f->connection, key, cases[i].type, 1000000, NULL, cb_test_store_result, &result);
          g_assert_true (cb_key_delete_finish (f->connection, cb_test_wait_result (&result), &remains, &error));
          g_assert_no_error (error);
          now = inspect (f, key);
          g_assert_cmpstr (now->type, ==, "none");
          cb_key_restore_async (f->connection, remains, NULL, cb_test_store_result, &restored);
          g_assert_true (cb_key_restore_finish (f->connection, cb_test_wait_result (&restored), &error));
          g_assert_no_error (error);
          cb_key_restore_async (f->connection, remains, NULL, cb_test_store_result, &twice);
          g_assert_false (cb_key_restore_finish (f->connection, cb_test_wait_result (&twice), &error));
          g_assert_error (error, CB_KEY_ERROR, CB_KEY_ERROR_EXISTS);
        }
        g_clear_pointer (&info, cb_key_info_free);
        info = inspect (f, key);
        g_assert_cmpint (info->ttl_msec, >, 3900000);
        g_assert_cmpint (info->ttl_msec, <=, 4000000);
        assert_edit (f, .kind = CB_KEY_EDIT_PERSIST, .key = key, .type = cases[i].type);
        after = dump (f, key);
        digest_after = digest (f, key);
        g_assert_cmpstr (digest_before, ==, digest_after);
        if (g_strcmp0 (info->encoding, "hashtable") != 0)
          g_assert_true (g_bytes_equal (before, after));
        g_free (cb_test_redis_get_string (f->redis, "FLUSHALL", NULL));
      }
}

/* Somebody else was there first. */
static void
test_changed (Fixture *f, gconstpointer data)
{
  g_autoptr (GBytes) key = text_bytes ("todo");
  g_autoptr (GBytes) shape = text_bytes ("shape");
  g_autoptr (GBytes) three = text_bytes ("3");
  g_autoptr (GBytes) x = text_bytes ("x");
  g_autoptr (GBytes) y = text_bytes ("y");
  g_autoptr (GBytes) one = text_bytes ("1");
  g_autoptr (GBytes) field = text_bytes ("field");
  g_autoptr (GError) error = NULL;
  g_autofree char *left = NULL;

  /* By its place: the other x stays. */
  cb_test_redis_get_integer (f->redis, "RPUSH", "todo", "a", "b", "c", "x", "d", "e", "x", "f", NULL);
  cb_reply_unref (cb_test_redis_call (f->redis, "LPOP", "todo", "2", NULL));
  assert_refused (f, CHANGED, .kind = CB_KEY_EDIT_LIST_DELETE, .key = key, .type = "list", .element = three, .expected = x);
  g_assert_cmpint (cb_test_redis_get_integer (f->redis, "LLEN", "todo", NULL), ==, 6);
  cb_test_redis_get_integer (f->redis, "LPUSH", "todo", "a", "b", NULL);
  assert_edit (f, .kind = CB_KEY_EDIT_LIST_DELETE, .key = key, .type = "list", .element = three, .expected = x);
  g_assert_cmpint (cb_test_redis_get_integer (f->redis, "LPOS", "todo", "x", NULL), ==, 5);
  g_assert_cmpint (cb_test_redis_get_integer (f->redis, "LLEN", "todo", NULL), ==, 7);

  /* A string that is a sorted set now, and one that is gone, are not written. */
  g_free (cb_test_redis_get_string (f->redis, "SET", "shape", "x", NULL));
  g_assert_false (edit (f, &(CbKeyEdit) { .kind = CB_KEY_EDIT_STRING_SET, .key = shape, .type = "string", .value = x,
                                         .expected = y }, &error));
  g_assert_error (error, CB_KEY_ERROR, CB_KEY_ERROR_CHANGED);
  g_assert_nonnull (strstr (error->message, "it is now x."));
  cb_test_redis_get_integer (f->redis, "DEL", "shape", NULL);
  assert_refused (f, GONE, .kind = CB_KEY_EDIT_STRING_SET, .key = shape, .type = "string", .value = y, .expected = x);
  cb_test_redis_get_integer (f->redis, "ZADD", "shape", "1", "m", NULL);
  assert_refused (f, TYPE, .kind = CB_KEY_EDIT_STRING_SET, .key = shape, .type = "string", .value = y, .expected = x);
  assert_refused (f, TYPE, .kind = CB_KEY_EDIT_EXPIRE, .key = shape, .type = "string", .msec = 1000);
  assert_refused (f, EXISTS, .kind = CB_KEY_EDIT_STRING_SET, .key = shape, .type = "none", .value = y);
  g_assert_cmpint (cb_test_redis_get_integer (f->redis, "ZCARD", "shape", NULL), ==, 1);

  /* Elements that came, went or are others. */
  cb_test_redis_get_integer (f->redis, "HSET", "hash", "field", "x", NULL);
  {
    g_autoptr (GBytes) hash = text_bytes ("hash");

    assert_refused (f, CHANGED, .kind = CB_KEY_EDIT_HASH_SET, .key = hash, .type = "hash", .element = field, .value = y,
                    .expect_absent = TRUE);
    assert_refused (f, CHANGED, .kind = CB_KEY_EDIT_HASH_DELETE, .key = hash, .type = "hash", .element = field, .expected = y);
    assert_refused (f, CHANGED, .kind = CB_KEY_EDIT_HASH_DELETE, .key = hash, .type = "hash", .element = y, .expected = y);
    assert_edit (f, .kind = CB_KEY_EDIT_HASH_DELETE, .key = hash, .type = "hash", .element = field, .expected = x);
  }
  assert_refused (f, CHANGED, .kind = CB_KEY_EDIT_ZSET_DELETE, .key = shape, .type = "zset", .element = x, .expected = one);
  assert_refused (f, INVALID, .kind = CB_KEY_EDIT_ZSET_SET, .key = shape, .type = "zset", .element = x, .value = y);
  assert_refused (f, INVALID, .kind = CB_KEY_EDIT_LIST_SET, .key = key, .type = "list", .element = x, .value = y);
  assert_refused (f, INVALID, .kind = CB_KEY_EDIT_EXPIRE, .key = shape, .type = "zset", .msec = 0);
  assert_refused (f, INVALID, .kind = CB_KEY_EDIT_EXPIRE, .key = shape, .type = "zset", .msec = -1);

  /* An edit keeps the time to live. */
  g_free (cb_test_redis_get_string (f->redis, "SET", "kept", "x", "PX", "500000", NULL));
  {
    g_autoptr (GBytes) kept = text_bytes ("kept");
    g_autoptr (GAsyncResult) result = NULL;
    g_autoptr (GError) large = NULL;

    assert_edit (f, .kind = CB_KEY_EDIT_STRING_SET, .key = kept, .type = "string", .value = y, .expected = x);
    g_assert_cmpint (cb_test_redis_get_integer (f->redis, "PTTL", "kept", NULL), >, 400000);
    cb_key_delete_async (f->connection, kept, "string", 3, NULL, cb_test_store_result, &result);
    g_assert_false (cb_key_delete_finish (f->connection, cb_test_wait_result (&result), NULL, &large));
    g_assert_error (large, CB_KEY_ERROR, CB_KEY_ERROR_TOO_LARGE);
    g_assert_cmpint (cb_test_redis_get_integer (f->redis, "EXISTS", "kept", NULL), ==, 1);
  }
}

/* A part of a string, of the same length and of another, at its begin, within and at its end: what stands around it stays, also when
 * somebody changes that meanwhile, and what is no longer there is not replaced. */
static void
test_splice (Fixture *f, gconstpointer data)
{
  static const struct { const char *at, *old, *new, *whole; } cases[] = {
    { "0", "abc", "xyz", "xyzdefghij" }, { "4", "ef", "12", "abcd12ghij" },       { "7", "hij", "HIJ", "abcdefgHIJ" },
    { "0", "abc", "x", "xdefghij" },     { "4", "ef", "12345", "abcd12345ghij" }, { "7", "hij", "", "abcdefg" },
    { "0", "abc", "", "defghij" },       { "9", "j", "jk", "abcdefghijk" },
  };
  g_autoptr (GBytes) key = text_bytes ("long");
  g_autoptr (GBytes) at = text_bytes ("2");
  g_autoptr (GBytes) before = text_bytes ("-1");
  g_autoptr (GBytes) old = text_bytes ("cd");
  g_autoptr (GBytes) same = text_bytes ("CD");
  g_autoptr (GBytes) longer = text_bytes ("CDE");
  g_autoptr (GBytes) nothing = text_bytes ("");
  g_autofree char *now = NULL;
  g_autofree char *part = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GBytes) begin = text_bytes (cases[i].at);
      g_autoptr (GBytes) was = text_bytes (cases[i].old);
      g_autoptr (GBytes) new = text_bytes (cases[i].new);
      g_autofree char *whole = NULL;

      g_free (cb_test_redis_get_string (f->redis, "SET", "long", "abcdefghij", "PX", "500000", NULL));
      assert_refused (f, CHANGED, .kind = CB_KEY_EDIT_STRING_SPLICE, .key = key, .type = "string", .element = begin, .value = new,
                      .expected = same);
      assert_edit (f, .kind = CB_KEY_EDIT_STRING_SPLICE, .key = key, .type = "string", .element = begin, .value = new, .expected = was);
      whole = cb_test_redis_get_string (f->redis, "GET", "long", NULL);
      g_assert_cmpstr (whole, ==, cases[i].whole);
      g_assert_cmpint (cb_test_redis_get_integer (f->redis, "PTTL", "long", NULL), >, 400000);
    }

  g_free (cb_test_redis_get_string (f->redis, "SET", "long", "abcd", NULL));
  assert_refused (f, INVALID, .kind = CB_KEY_EDIT_STRING_SPLICE, .key = key, .type = "string", .element = before, .value = same,
                  .expected = old);
  assert_refused (f, INVALID, .kind = CB_KEY_EDIT_STRING_SPLICE, .key = key, .type = "string", .element = at, .value = same,
                  .expected = nothing);
  /* Behind it, somebody else is at work. */
  cb_test_redis_get_integer (f->redis, "APPEND", "long", "more", NULL);
  assert_edit (f, .kind = CB_KEY_EDIT_STRING_SPLICE, .key = key, .type = "string", .element = at, .value = same, .expected = old);
  now = cb_test_redis_get_string (f->redis, "GET", "long", NULL);
  g_assert_cmpstr (now, ==, "abCDmore");
  /* Of what is very long, only as many bytes. */
  cb_test_redis_get_integer (f->redis, "SETRANGE", "long", "70000000", "!", NULL);
  assert_refused (f, TOO_LARGE, .kind = CB_KEY_EDIT_STRING_SPLICE, .key = key, .type = "string", .element = at, .value = longer,
                  .expected = same);
  assert_edit (f, .kind = CB_KEY_EDIT_STRING_SPLICE, .key = key, .type = "string", .element = at, .value = old, .expected = same);
  g_assert_cmpint (cb_test_redis_get_integer (f->redis, "STRLEN", "long", NULL), ==, 70000001);
  part = cb_test_redis_get_string (f->redis, "GETRANGE", "long", "0", "7", NULL);
  g_assert_cmpstr (part, ==, "abcdmore");
  cb_test_redis_get_integer (f->redis, "DEL", "long", NULL);
  assert_refused (f, GONE, .kind = CB_KEY_EDIT_STRING_SPLICE, .key = key, .type = "string", .element = at, .value = same, .expected = old);
}

/* Captured, then changed by somebody: it is not deleted. */
static void
test_captured (Fixture *f, gconstpointer data)
{
  g_autoptr (GBytes) key = text_bytes ("hash");

  for (guint changed = 0; changed < 2; changed++)
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GAsyncResult) deleted = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (CbKeyRemains) remains = NULL;

      cb_test_redis_get_integer (f->redis, "HSET", "hash", "f", "v", NULL);
      cb_key_capture_async (f->reader, key, NULL, cb_test_store_result, &result);
      remains = cb_key_capture_finish (f->reader, cb_test_wait_result (&result), &error);
      g_assert_no_error (error);
      g_assert_cmpint (remains->expires_at, ==, 0);
      if (changed)
        cb_test_redis_get_integer (f->redis, "HSET", "hash", "f", "w", NULL);
      cb_key_delete_captured_async (f->connection, remains, "hash", NULL, cb_test_store_result, &deleted);
      g_assert_true (cb_key_delete_finish (f->connection, cb_test_wait_result (&deleted), NULL, &error) == !changed);
      if (changed)
        g_assert_error (error, CB_KEY_ERROR, CB_KEY_ERROR_CHANGED);
      g_assert_cmpint (cb_test_redis_get_integer (f->redis, "EXISTS", "hash", NULL), ==, changed);
    }
  {
    g_autoptr (GBytes) none = text_bytes ("none");
    g_autoptr (GAsyncResult) result = NULL;
    g_autoptr (GError) error = NULL;

    cb_key_capture_async (f->reader, none, NULL, cb_test_store_result, &result);
    g_assert_null (cb_key_capture_finish (f->reader, cb_test_wait_result (&result), &error));
    g_assert_error (error, CB_KEY_ERROR, CB_KEY_ERROR_GONE);
  }
}

/* The set over several pages, filters, a string in parts, scores as the server tells them. */
static void
test_pages (Fixture *f, gconstpointer data)
{
  g_autoptr (GBytes) set = text_bytes ("set");
  g_autoptr (GBytes) hash = text_bytes ("hash");
  g_autoptr (GBytes) scores = text_bytes ("scores");
  g_autoptr (GBytes) string = text_bytes ("string");
  static const char * const shown[] = {
    "-inf", "-0", "4.9406564584124654e-324", "1.1000000000000001", "1447852714", "100000000060000", "9007199254740992",
    "20190509102112648", "inf",
  };

  for (guint i = 0; i < 1000; i++)
    {
      char name[16];

      g_snprintf (name, sizeof name, "member-%u", i);
      cb_test_redis_get_integer (f->redis, "SADD", "set", name, NULL);
      cb_test_redis_get_integer (f->redis, "HSET", "hash", name, "x", NULL);
    }
  {
    g_autoptr (GPtrArray) pages = read_all (f, set, "set", NULL, 50);
    g_autoptr (GPtrArray) filtered = read_all (f, hash, "hash", "member-99*", 50);
    CbKeyElement *element = ((CbKeyPage *) pages->pdata[1])->elements->pdata[0];
    g_autoptr (GBytes) word = text_bytes ("SISMEMBER");
    g_autoptr (CbReply) reply = NULL;
    gint64 there = 1;

    g_assert_cmpuint (pages->len, >, 10);
    g_assert_cmpuint (count_elements (pages), ==, 1000);
    g_assert_cmpuint (count_elements (filtered), ==, 11);
    assert_edit (f, .kind = CB_KEY_EDIT_SET_DELETE, .key = set, .type = "set", .element = element->name);
    reply = call (f, word, set, element->name, NULL);
    g_assert_true (cb_value_get_integer (cb_reply_get_value (reply), &there));
    g_assert_cmpint (there, ==, 0);
    g_assert_cmpint (cb_test_redis_get_integer (f->redis, "SCARD", "set", NULL), ==, 999);
    assert_refused (f, CHANGED, .kind = CB_KEY_EDIT_SET_DELETE, .key = set, .type = "set", .element = element->name);
  }

  cb_test_redis_get_integer (f->redis, "ZADD", "scores", "100000000060000", "guest", "1447852714", "epoch",
                             "9007199254740993", "odd", "20190509102112650", "stamp", "1.1", "tenth", "inf", "top", "-inf",
                             "bottom", "5e-324", "tiny", "-0.0", "minuszero", NULL);
  {
    g_autoptr (GPtrArray) pages = read_all (f, scores, "zset", NULL, 4);
    guint n = 0;

    for (guint i = 0; i < pages->len; i++)
      for (guint j = 0; j < ((CbKeyPage *) pages->pdata[i])->elements->len; j++, n++)
        {
          CbKeyElement *element = ((CbKeyPage *) pages->pdata[i])->elements->pdata[j];
          gsize length;
          const char *score = g_bytes_get_data (element->value, &length);
          g_autofree char *name = g_strndup (g_bytes_get_data (element->name, NULL), g_bytes_get_size (element->name));
          g_autofree char *told = cb_test_redis_get_string (f->redis, "ZSCORE", "scores", name, NULL);

          /* As the server tells it: Redis 7.0 with 17 digits, later ones with as few as it takes. */
          g_assert_cmpmem (score, length, told, strlen (told));
          g_assert_cmpfloat (g_ascii_strtod (told, NULL), ==, g_ascii_strtod (shown[n], NULL));
        }
    g_assert_cmpuint (n, ==, G_N_ELEMENTS (shown));
  }

  cb_test_redis_get_integer (f->redis, "SETRANGE", "string", "1999999", "!", NULL);
  {
    g_autoptr (GPtrArray) pages = read_all (f, string, "string", NULL, 0);
    gsize total = 0;

    for (guint i = 0; i < pages->len; i++)
      total += g_bytes_get_size (((CbKeyElement *) ((CbKeyPage *) pages->pdata[i])->elements->pdata[0])->value);
    g_assert_cmpuint (pages->len, ==, 31);
    g_assert_cmpuint (total, ==, 2000000);
  }
}

/* Changes its type, and goes, while it is open. */
static void
test_vanishing (Fixture *f, gconstpointer data)
{
  g_autoptr (GBytes) key = text_bytes ("shape");
  g_autoptr (GError) error = NULL;
  g_autoptr (CbKeyInfo) info = NULL;

  cb_test_redis_get_integer (f->redis, "RPUSH", "shape", "a", "b", NULL);
  g_assert_null (read_page (f, key, "string", NULL, NULL, 0, &error));
  g_assert_error (error, CB_KEY_ERROR, CB_KEY_ERROR_TYPE);
  g_assert_nonnull (strstr (error->message, "list"));
  g_assert_null (strstr (error->message, "WRONGTYPE"));
  g_clear_error (&error);
  cb_test_redis_get_integer (f->redis, "DEL", "shape", NULL);
  g_assert_null (read_page (f, key, "list", NULL, NULL, 0, &error));
  g_assert_error (error, CB_KEY_ERROR, CB_KEY_ERROR_GONE);
  g_clear_error (&error);
  g_assert_null (read_page (f, key, "MBbloom--", NULL, NULL, 0, &error));
  g_assert_error (error, CB_KEY_ERROR, CB_KEY_ERROR_INVALID);
  g_assert_nonnull (strstr (error->message, "MBbloom--"));
  info = inspect (f, key);
  g_assert_cmpstr (info->type, ==, "none");
}

/* A user who may read and nothing else, no scripts and no transactions either. */
static void
test_only_read (Fixture *f, gconstpointer data)
{
  static const char * const types[] = { "string", "list", "hash", "set", "zset", "stream" };

  g_free (cb_test_redis_get_string (f->redis, "SET", "string", "x", NULL));
  cb_test_redis_get_integer (f->redis, "RPUSH", "list", "x", NULL);
  cb_test_redis_get_integer (f->redis, "HSET", "hash", "f", "x", NULL);
  cb_test_redis_get_integer (f->redis, "SADD", "set", "x", NULL);
  cb_test_redis_get_integer (f->redis, "ZADD", "zset", "1", "x", NULL);
  g_free (cb_test_redis_get_string (f->redis, "XADD", "stream", "*", "f", "x", NULL));
  g_free (cb_test_redis_get_string (f->redis, "ACL", "SETUSER", "default", "-@all", "+@read", "+@connection", NULL));

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autoptr (GBytes) key = text_bytes (types[i]);
      g_autoptr (CbKeyInfo) info = inspect (f, key);
      g_autoptr (GPtrArray) pages = NULL;

      g_assert_cmpstr (info->type, ==, types[i]);
      g_assert_cmpint (info->size, ==, 1);
      g_assert_cmpint (info->memory, >, 0);
      pages = read_all (f, key, types[i], NULL, 0);
      g_assert_cmpuint (count_elements (pages), ==, 1);
    }
}

static void
test_stream (Fixture *f, gconstpointer data)
{
  g_autoptr (GBytes) key = text_bytes ("edge");
  g_autoptr (GBytes) group = text_bytes ("readers");
  g_autoptr (GError) error = NULL;
  g_autoptr (CbReply) added = NULL;
  const char *odd[] = { "XADD", "edge", "18446744073709551615-18446744073709551615", "k", "one", "k", "two", "\0bin", "\xff\0\xfe" };
  gsize lengths[] = { 4, 4, 41, 1, 3, 1, 3, 4, 3 };

  g_free (cb_test_redis_get_string (f->redis, "XADD", "edge", "1-0", "note", "first", NULL));
  g_free (cb_test_redis_get_string (f->redis, "XADD", "edge", "9007199254740993-7", "note", "above 2^53", NULL));
  added = cb_test_redis_call_argv (f->redis, 9, odd, lengths);
  g_assert_false (cb_value_is_error (cb_reply_get_value (added)));
  g_free (cb_test_redis_get_string (f->redis, "XGROUP", "CREATE", "edge", "readers", "0", NULL));
  cb_reply_unref (cb_test_redis_call (f->redis, "XREADGROUP", "GROUP", "readers", "worker-a", "COUNT", "2", "STREAMS", "edge",
                                      ">", NULL));
  cb_test_redis_get_integer (f->redis, "XDEL", "edge", "1-0", NULL);

  for (guint count = 1; count < 4; count++)
    {
      g_autoptr (GPtrArray) pages = read_all (f, key, "stream", NULL, count);
      CbKeyPage *page = pages->pdata[0];
      CbKeyElement *last;

      g_assert_cmpuint (count_elements (pages), ==, 2);
      page = count == 1 ? pages->pdata[1] : page;
      last = page->elements->pdata[page->elements->len - 1];
      g_assert_cmpmem (g_bytes_get_data (last->name, NULL), g_bytes_get_size (last->name), odd[2], 41);
      g_assert_cmpuint (last->fields->len, ==, 6);
      for (guint i = 0; i < 6; i++)
        g_assert_cmpmem (g_bytes_get_data (last->fields->pdata[i], NULL), g_bytes_get_size (last->fields->pdata[i]),
                         odd[3 + i], lengths[3 + i]);
    }

  /* By a script, and for whoever may read but run none. */
  for (gboolean plain = FALSE; plain <= TRUE; plain++)
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GAsyncResult) waiting = NULL;
      g_autoptr (CbReply) groups = NULL;
      g_autoptr (CbReply) pending = NULL;
      const CbValue *one;
      gint64 number;

      if (plain)
        g_free (cb_test_redis_get_string (f->redis, "ACL", "SETUSER", "default", "-@scripting", NULL));
      cb_stream_groups_async (f->reader, key, 10, NULL, cb_test_store_result, &result);
      groups = cb_stream_groups_finish (f->reader, cb_test_wait_result (&result), &error);
      g_assert_no_error (error);
      g_assert_cmpuint (cb_value_get_length (cb_reply_get_value (groups)), ==, 1);
      one = cb_value_get_element (cb_reply_get_value (groups), 0);
      g_assert_true (cb_value_equal_string (cb_value_get_element (one, 0), "readers"));
      g_assert_true (cb_value_equal_string (cb_value_get_element (one, 1), "9007199254740993-7"));
      g_assert_true (cb_value_get_integer (cb_value_get_element (one, 2), &number));
      g_assert_cmpint (number, ==, 2);
      g_assert_true (cb_value_equal_string (cb_value_get_element (cb_value_get_element (cb_value_get_element (one, 4), 0), 0),
                                            "worker-a"));

      cb_stream_pending_async (f->reader, key, group, "-", 10, NULL, cb_test_store_result, &waiting);
      pending = cb_stream_pending_finish (f->reader, cb_test_wait_result (&waiting), &error);
      g_assert_no_error (error);
      g_assert_cmpuint (cb_value_get_length (cb_reply_get_value (pending)), ==, 2);
      for (guint i = 0; i < 2; i++)
        {
          one = cb_value_get_element (cb_reply_get_value (pending), i);
          g_assert_true (cb_value_get_integer (cb_value_get_element (one, 4), &number));
          g_assert_cmpint (number, ==, plain ? 1 : (gint64) i);
          g_assert_true (cb_value_equal_string (cb_value_get_element (one, 1), "worker-a"));
        }
    }
}

static void
test_ttl_text (void)
{
  static const struct { const char *text; gint64 msec; } good[] = {
    { "1", 1000 }, { "90s", 90000 }, { " 1500 ms ", 1500 }, { "5m", 300000 }, { "2h", 7200000 }, { "7d", 604800000 },
    { "12w", 7257600000 }, { "1ms", 1 },
  };
  static const char * const bad[] = { "", "0", "-1", "1.5", "99999999999999999999", "9223372036854775807ms", "ms", "5x", "5 m m",
                                      "1e3", "+5", "0x10", "99999999999w" };

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      gint64 msec = 0;

      g_assert_true (cb_key_parse_ttl (good[i].text, &msec, NULL));
      g_assert_cmpint (msec, ==, good[i].msec);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      gint64 msec;

      if (cb_key_parse_ttl (bad[i], &msec, &error))
        g_error ("taken for a time: %s", bad[i]);
      g_assert_error (error, CB_KEY_ERROR, CB_KEY_ERROR_INVALID);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define add(name, function) g_test_add ("/key-value/" name, Fixture, NULL, set_up, function, tear_down)
  add ("round-trip", test_round_trip);
  add ("changed", test_changed);
  add ("splice", test_splice);
  add ("captured", test_captured);
  add ("pages", test_pages);
  add ("vanishing", test_vanishing);
  add ("only-read", test_only_read);
  add ("stream", test_stream);
#undef add
  g_test_add_func ("/key-value/ttl-text", test_ttl_text);
  return g_test_run ();
}
