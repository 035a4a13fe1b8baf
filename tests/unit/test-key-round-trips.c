/* test-key-round-trips.c: keys of each type through all that is done to keys, and back
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/*
 * Names, fields, members and values are random bytes, with NUL, line breaks, bytes that are no UTF-8 and nothing at all among them.
 * What is shown and what is written goes through the functions of the window: the rows of its list, the forms of its editor, and names
 * as they are typed.
 *
 * What was done and taken back leaves the same DUMP. Three kinds of value may be the same with another DUMP, and are then compared with
 * what RESTORE makes of the old one: a hash and a set, which have no order of their own, and a list of several nodes, of which each may
 * have lost some elements to the next. Nothing but the value is compared of a stream to which an entry was added and taken away again:
 * its last id stays, as it must.
 */

#include <string.h>

#include "cb-bytes.h"
#include "cb-element-items.h"
#include "cb-key-add.h"
#include "cb-key-bulk.h"
#include "cb-key-edit.h"
#include "cb-key-engine.h"
#include "cb-key-export.h"
#include "cb-key-import.h"
#include "cb-key-undo.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"
#include "cb-undo.h"

#define FAR_END "9999999999999"

typedef struct
{
  CbTestRedis *redis;
  CbConnection *connection; /* for changes */
  CbConnection *reader;     /* read-only */
  CbJournal *journal;
  GRand *random;
} Fixture;

typedef struct
{
  const char *name;
  CbKeyEditKind add;
  const char *contents[5]; /* the command that tells all of it; "" stands for the key */
  gboolean loose;          /* without an order of its own */
} Type;

static const Type types[] = {
  { "string", CB_KEY_EDIT_STRING_SET, { "GET", "" }, FALSE },
  { "list", CB_KEY_EDIT_LIST_PUSH, { "LRANGE", "", "0", "-1" }, FALSE },
  { "hash", CB_KEY_EDIT_HASH_SET, { "HGETALL", "" }, TRUE },
  { "set", CB_KEY_EDIT_SET_ADD, { "SMEMBERS", "" }, TRUE },
  { "zset", CB_KEY_EDIT_ZSET_SET, { "ZRANGE", "", "0", "-1", "WITHSCORES" }, FALSE },
  { "stream", CB_KEY_EDIT_STREAM_ADD, { "XRANGE", "", "-", "+" }, FALSE },
};

static const char * const scores[] = { "-inf", "0", "0.1", "1.1000000000000001", "-1447852714", "20190509102112650", "5e-324", "inf" };

#define text_bytes(text) g_bytes_new (text, strlen (text))

static gboolean
is_type (const Type *type, const char *name)
{
  return g_str_equal (type->name, name);
}

/* ---- the server ---- */

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
  g_autofree char *folder = NULL;

  f->redis = cb_test_redis_new (NULL, NULL);
  f->connection = connect_to (f->redis, FALSE);
  f->reader = connect_to (f->redis, TRUE);
  folder = g_build_filename (cb_test_redis_get_directory (f->redis), "undo", NULL);
  f->journal = cb_journal_new (folder, "test");
  f->random = g_rand_new_with_seed (11);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  cb_connection_close (f->connection);
  cb_connection_close (f->reader);
  cb_test_settle ();
  cb_test_assert_finalized_soon (f->connection);
  cb_test_assert_finalized_soon (f->reader);
  cb_test_assert_finalized_soon (f->journal);
  g_rand_free (f->random);
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

/* A command with one key; "" stands for it. */
static CbReply *
call_key (Fixture *f, GBytes *key, const char *const *words, guint n)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  for (guint i = 0; i < n; i++)
    g_ptr_array_add (all, *words[i] != '\0' ? text_bytes (words[i]) : g_bytes_ref (key));
  return call (f, (GBytes *const *) all->pdata, n);
}

static GBytes *
dump (Fixture *f, GBytes *key)
{
  static const char * const words[] = { "DUMP", "" };
  g_autoptr (CbReply) reply = call_key (f, key, words, 2);

  return cb_value_dup_bytes (cb_reply_get_value (reply));
}

static void
append_value (GByteArray *text, const CbValue *value)
{
  guint32 n = 0;
  gsize length;
  const char *bytes = cb_value_get_string (value, &length);

  if (bytes != NULL)
    {
      n = (guint32) length;
      g_byte_array_append (text, (const guint8 *) &n, sizeof n);
      g_byte_array_append (text, (const guint8 *) bytes, n);
      return;
    }
  for (guint i = 0; i < cb_value_get_length (value); i++)
    append_value (text, cb_value_get_element (value, i));
}

static void
append_bytes (GByteArray *text, GBytes *bytes)
{
  guint32 n = (guint32) g_bytes_get_size (bytes);

  g_byte_array_append (text, (const guint8 *) &n, sizeof n);
  if (n > 0)
    g_byte_array_append (text, g_bytes_get_data (bytes, NULL), n);
}

static int
compare_rows (gconstpointer a, gconstpointer b)
{
  return g_bytes_compare (*(GBytes *const *) a, *(GBytes *const *) b);
}

/* Each row is taken. */
static GBytes *
join_rows (const Type *type, GPtrArray *rows)
{
  GByteArray *all = g_byte_array_new ();

  if (type->loose)
    g_ptr_array_sort (rows, compare_rows);
  for (guint i = 0; i < rows->len; i++)
    g_byte_array_append (all, g_bytes_get_data (rows->pdata[i], NULL), g_bytes_get_size (rows->pdata[i]));
  g_ptr_array_unref (rows);
  return g_byte_array_free_to_bytes (all);
}

static void
take_row (GPtrArray *rows, GByteArray *row)
{
  g_ptr_array_add (rows, g_byte_array_free_to_bytes (row));
}

/* All of a value as plain commands tell it: the same for the same value. */
static GBytes *
contents (Fixture *f, const Type *type, GBytes *key)
{
  guint n_words = 0;
  g_autoptr (CbReply) reply = NULL;
  const CbValue *value;
  GPtrArray *rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  guint n_in_row = is_type (type, "hash") || is_type (type, "zset") ? 2 : 1;

  while (n_words < G_N_ELEMENTS (type->contents) && type->contents[n_words] != NULL)
    n_words++;
  reply = call_key (f, key, type->contents, n_words);
  value = cb_reply_get_value (reply);
  if (is_type (type, "string"))
    {
      GByteArray *row = g_byte_array_new ();

      append_value (row, value);
      take_row (rows, row);
    }
  else
    {
      for (guint i = 0; i < cb_value_get_length (value); i += n_in_row)
        {
          GByteArray *row = g_byte_array_new ();

          for (guint j = 0; j < n_in_row; j++)
            append_value (row, cb_value_get_element (value, i + j));
          take_row (rows, row);
        }
    }
  return join_rows (type, rows);
}

/* ---- the bytes ---- */

static GBytes *
random_bytes (Fixture *f, gsize length)
{
  static const char special[] = "\n\r\xff \"\\x\xc3{[\0";
  g_autofree char *bytes = g_malloc (length + 1);

  for (gsize i = 0; i < length; i++)
    bytes[i] = g_rand_boolean (f->random) ? special[g_rand_int_range (f->random, 0, G_N_ELEMENTS (special))]
                                          : (char) g_rand_int_range (f->random, 0, 256);
  return g_bytes_new (bytes, length);
}

/* No two are alike: the number is in it, but for the first, which is empty. */
static GBytes *
random_name (Fixture *f, guint number, gsize most)
{
  g_autoptr (GBytes) rest = random_bytes (f, (gsize) g_rand_int_range (f->random, 0, (gint32) most + 1));
  GByteArray *name = g_byte_array_new ();
  const guint8 begin[] = { (guint8) (number % 256), (guint8) (number / 256), 0xff };

  if (number > 0)
    {
      g_byte_array_append (name, begin, sizeof begin);
      if (g_bytes_get_size (rest) > 0)
        g_byte_array_append (name, g_bytes_get_data (rest, NULL), g_bytes_get_size (rest));
    }
  return g_byte_array_free_to_bytes (name);
}

/* A name that is written as it is shown. */
static GBytes *
type_name (GBytes *name)
{
  gsize length;
  const char *bytes = g_bytes_get_data (name, &length);
  g_autofree char *shown = cb_key_name_display (bytes != NULL ? bytes : "", length, 0);
  GBytes *typed = cb_key_name_parse (shown);

  g_assert_true (g_utf8_validate (shown, -1, NULL));
  g_assert_null (strchr (shown, '\n'));
  g_assert_true (g_bytes_equal (typed, name));
  return typed;
}

/* The same in the entry for fields, in which nothing stands for the empty one. */
static GBytes *
type_field (GBytes *name)
{
  gsize length;
  const char *bytes = g_bytes_get_data (name, &length);
  g_autofree char *shown = length > 0 ? cb_key_name_display (bytes, length, 0) : g_strdup ("");
  GBytes *typed = cb_key_add_read (shown, TRUE);

  g_assert_true (g_bytes_equal (typed, name));
  return typed;
}

/* What the editor stores when somebody looks at @now, chooses hex and writes @wanted. */
static GBytes *
write_in_editor (GBytes *now, GBytes *wanted)
{
  CbBytesView guessed;
  const CbBytesView hex = { .form = CB_BYTES_HEX };
  g_autofree char *reason = NULL;
  g_autofree char *shown = NULL;
  g_autofree char *written = NULL;
  g_autoptr (GBytes) kept = NULL;
  g_autoptr (GError) error = NULL;
  GBytes *bytes;

  cb_bytes_guess (now, &guessed, &reason);
  shown = cb_bytes_decode (&guessed, now, 0, &error);
  g_assert_no_error (error);
  kept = cb_bytes_encode (&guessed, shown, now, &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (kept, now));

  written = cb_bytes_decode (&hex, wanted, 0, &error);
  g_assert_no_error (error);
  bytes = cb_bytes_encode (&hex, written, now, &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (bytes, wanted));
  return bytes;
}

/* ---- what is done ---- */

static gboolean
edit (Fixture *f, const CbKeyEdit *what, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  cb_key_edit_async (f->connection, what, NULL, cb_test_store_result, &result);
  return cb_key_edit_finish (f->connection, cb_test_wait_result (&result), error);
}

#define assert_edit(f, ...)                                           \
  G_STMT_START                                                        \
  {                                                                   \
    g_autoptr (GError) error_ = NULL;                                 \
    gboolean done_ = edit (f, &(CbKeyEdit) { __VA_ARGS__ }, &error_); \
    g_assert_no_error (error_);                                       \
    g_assert_true (done_);                                            \
  }                                                                   \
  G_STMT_END

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

/* The rows of the window. */
static CbElementItems *
show_rows (Fixture *f, const Type *type, GBytes *key)
{
  g_autoptr (CbKeyInfo) info = inspect (f, key);
  CbElementItems *items;

  g_assert_cmpstr (info->type, ==, type->name);
  items = cb_element_items_new (f->reader, key, info);
  while (!cb_element_items_is_complete (items))
    {
      cb_element_items_load_more (items);
      cb_test_wait_until (!cb_element_items_is_loading (items));
      g_assert_null (cb_element_items_get_error (items));
    }
  return items;
}

/* A string as it is shown, in parts. */
static GBytes *
show_string (Fixture *f, GBytes *key)
{
  GByteArray *all = g_byte_array_new ();
  g_autofree char *from = NULL;

  do
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (CbKeyPage) page = NULL;
      CbKeyElement *part;

      cb_key_page_async (f->reader, key, "string", from, NULL, 1000, NULL, cb_test_store_result, &result);
      page = cb_key_page_finish (f->reader, cb_test_wait_result (&result), &error);
      g_assert_no_error (error);
      part = g_ptr_array_index (page->elements, 0);
      if (g_bytes_get_size (part->value) > 0)
        g_byte_array_append (all, g_bytes_get_data (part->value, NULL), g_bytes_get_size (part->value));
      g_free (from);
      from = g_strdup (page->next);
    }
  while (from != NULL);
  return g_byte_array_free_to_bytes (all);
}

static GBytes *
shown_contents (Fixture *f, const Type *type, GBytes *key)
{
  GPtrArray *rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (CbElementItems) items = NULL;

  if (is_type (type, "string"))
    {
      g_autoptr (GBytes) value = show_string (f, key);
      GByteArray *row = g_byte_array_new ();

      append_bytes (row, value);
      take_row (rows, row);
      return join_rows (type, rows);
    }

  items = show_rows (f, type, key);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (items)); i++)
    {
      g_autoptr (CbElementItem) item = g_list_model_get_item (G_LIST_MODEL (items), i);
      GPtrArray *fields = cb_element_item_get_fields (item);
      g_autofree char *label = cb_element_item_dup_value_label (item);
      GByteArray *row = g_byte_array_new ();

      g_assert_true (g_utf8_validate (label, -1, NULL));
      g_assert_null (strchr (label, '\n'));
      if (!is_type (type, "list"))
        append_bytes (row, cb_element_item_get_name (item));
      if (cb_element_item_get_value (item) != NULL)
        append_bytes (row, cb_element_item_get_value (item));
      for (guint j = 0; fields != NULL && j < fields->len; j++)
        append_bytes (row, g_ptr_array_index (fields, j));
      take_row (rows, row);
    }
  cb_test_settle ();
  return join_rows (type, rows);
}

/* ---- what comes of it ---- */

typedef struct
{
  const Type *type;
  GBytes *key;      /* (owned) */
  GBytes *dump;     /* (owned): what it was */
  GBytes *contents; /* (owned) */
  gboolean large;
} Subject;

static void
assert_same_as (Fixture *f, Subject *subject, GBytes *key)
{
  g_autoptr (GBytes) now = dump (f, key);
  g_autoptr (GBytes) all = NULL;

  g_assert_nonnull (now);
  if (g_bytes_equal (now, subject->dump))
    return;

  g_assert_true (subject->type->loose || (is_type (subject->type, "list") && subject->large));
  {
    static const char scratch_name[] = "scratch\0\xff";
    g_autoptr (GBytes) restore = text_bytes ("RESTORE");
    g_autoptr (GBytes) del = text_bytes ("DEL");
    g_autoptr (GBytes) scratch = g_bytes_new_static (scratch_name, sizeof scratch_name - 1);
    g_autoptr (GBytes) nought = text_bytes ("0");
    GBytes *restore_words[] = { restore, scratch, nought, subject->dump };
    GBytes *del_words[] = { del, scratch };
    g_autoptr (GBytes) then = NULL;

    cb_reply_unref (call (f, restore_words, 4));
    then = contents (f, subject->type, scratch);
    all = contents (f, subject->type, key);
    g_assert_true (g_bytes_equal (all, then));
    cb_reply_unref (call (f, del_words, 2));
  }
}

#define assert_same(f, subject) assert_same_as (f, subject, (subject)->key)

static void
assert_other (Fixture *f, Subject *subject)
{
  g_autoptr (GBytes) now = contents (f, subject->type, subject->key);

  g_assert_false (g_bytes_equal (now, subject->contents));
}

static GBytes *
read_element (Fixture *f, Subject *subject, GBytes *name)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GBytes *value;

  cb_key_element_async (f->reader, subject->key, subject->type->name, name, 1000000, NULL, cb_test_store_result, &result);
  value = cb_key_element_finish (f->reader, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  return value;
}

static void
make (Fixture *f, Subject *subject)
{
  const Type *type = subject->type;
  guint n = is_type (type, "string") ? 1 : subject->large ? 300 : 12;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GBytes) element = is_type (type, "list") ? text_bytes ("tail") : random_name (f, i, subject->large ? 90 : 20);
      const char *score = scores[i % G_N_ELEMENTS (scores)];
      g_autoptr (GBytes) value = is_type (type, "zset")     ? text_bytes (score)
                                 : is_type (type, "string") ? random_bytes (f, subject->large ? 3500 : 40)
                                                            : random_bytes (f, i == 1 ? 0 : i % (subject->large ? 90 : 20));
      g_autoptr (GPtrArray) more = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

      /* The same field twice, and an empty one. */
      for (guint j = 0; is_type (type, "stream") && j < i % 3; j++)
        {
          g_ptr_array_add (more, j == 0 ? g_bytes_ref (element) : g_bytes_new (NULL, 0));
          g_ptr_array_add (more, random_bytes (f, i % 7));
        }
      assert_edit (f, .kind = type->add, .key = subject->key, .type = i == 0 ? "none" : type->name, .element = element, .value = value,
                   .expect_absent = !is_type (type, "list"), .more = more);
    }
  subject->dump = dump (f, subject->key);
  subject->contents = contents (f, type, subject->key);
}

static void
subject_clear (Subject *subject)
{
  g_clear_pointer (&subject->key, g_bytes_unref);
  g_clear_pointer (&subject->dump, g_bytes_unref);
  g_clear_pointer (&subject->contents, g_bytes_unref);
}

/* ---- the operations ---- */

static void
look (Fixture *f, Subject *subject)
{
  g_autoptr (GBytes) shown = shown_contents (f, subject->type, subject->key);

  g_assert_true (g_bytes_equal (shown, subject->contents));
  assert_same (f, subject);
}

static void
change_string (Fixture *f, Subject *subject)
{
  g_autoptr (GBytes) now = show_string (f, subject->key);
  g_autoptr (GBytes) wanted = random_bytes (f, 77);
  g_autoptr (GBytes) written = write_in_editor (now, wanted);
  g_autoptr (GBytes) back = write_in_editor (written, now);
  g_autoptr (GBytes) nothing = g_bytes_new (NULL, 0);

  assert_edit (f, .kind = CB_KEY_EDIT_STRING_SET, .key = subject->key, .type = "string", .value = written, .expected = now);
  assert_other (f, subject);
  assert_edit (f, .kind = CB_KEY_EDIT_STRING_SET, .key = subject->key, .type = "string", .value = nothing, .expected = written);
  assert_other (f, subject);
  assert_edit (f, .kind = CB_KEY_EDIT_STRING_SET, .key = subject->key, .type = "string", .value = back, .expected = nothing);
  assert_same (f, subject);

  /* Parts of it, at its begin, within and at its end, of the same length, longer and shorter. */
  for (guint i = 0; i < 9; i++)
    {
      gsize size = g_bytes_get_size (now);
      gsize begin = i % 3 == 0 ? 0 : i % 3 == 1 ? size / 3 : size - 5;
      g_autofree char *text = g_strdup_printf ("%" G_GSIZE_FORMAT, begin);
      g_autoptr (GBytes) at = text_bytes (text);
      g_autoptr (GBytes) part = g_bytes_new_from_bytes (now, begin, 5);
      g_autoptr (GBytes) other = i == 8 ? text_bytes ("x") : random_bytes (f, i < 3 ? 5 : i);

      if (g_bytes_equal (part, other))
        continue;
      assert_edit (f, .kind = CB_KEY_EDIT_STRING_SPLICE, .key = subject->key, .type = "string", .element = at, .value = other,
                   .expected = part);
      assert_other (f, subject);
      assert_edit (f, .kind = CB_KEY_EDIT_STRING_SPLICE, .key = subject->key, .type = "string", .element = at, .value = part,
                   .expected = other);
      assert_same (f, subject);
    }
}

/* An entry of a stream can't be changed. That one came and went is seen in the last id only. */
static void
change_stream (Fixture *f, Subject *subject)
{
  g_autoptr (GBytes) copy = random_name (f, 4711, 9);
  g_autoptr (GBytes) field = random_bytes (f, 20);
  g_autoptr (GBytes) value = random_bytes (f, 20);
  g_autoptr (CbElementItems) items = NULL;
  g_autoptr (CbElementItem) last = NULL;
  g_autoptr (GBytes) with = NULL;
  g_autoptr (GBytes) without = NULL;
  guint n;

  assert_edit (f, .kind = CB_KEY_EDIT_COPY, .key = subject->key, .type = "stream", .element = copy);
  assert_edit (f, .kind = CB_KEY_EDIT_STREAM_ADD, .key = copy, .type = "stream", .element = field, .value = value);
  with = contents (f, subject->type, copy);
  g_assert_false (g_bytes_equal (with, subject->contents));
  items = show_rows (f, subject->type, copy);
  n = g_list_model_get_n_items (G_LIST_MODEL (items));
  /* The window shows the newest or the oldest first: it is at one of the ends. */
  last = g_list_model_get_item (G_LIST_MODEL (items), n - 1);
  if (cb_element_item_get_fields (last)->len != 2 || !g_bytes_equal (cb_element_item_get_fields (last)->pdata[1], value))
    {
      g_clear_object (&last);
      last = g_list_model_get_item (G_LIST_MODEL (items), 0);
    }
  g_assert_true (g_bytes_equal (cb_element_item_get_fields (last)->pdata[0], field));
  assert_edit (f, .kind = CB_KEY_EDIT_STREAM_DELETE, .key = copy, .type = "stream", .element = cb_element_item_get_name (last));
  without = contents (f, subject->type, copy);
  g_assert_true (g_bytes_equal (without, subject->contents));
}

/* Each element is another, and what it was; gets another name, and its own; is taken out, and put back. */
static void
change_element (Fixture *f, Subject *subject, CbElementItem *item, guint number)
{
  static const struct { const char *type; CbKeyEditKind value, name; } kinds[] = {
    { "list", CB_KEY_EDIT_LIST_SET, CB_KEY_EDIT_LIST_SET },
    { "hash", CB_KEY_EDIT_HASH_SET, CB_KEY_EDIT_HASH_RENAME },
    { "set", CB_KEY_EDIT_SET_CHANGE, CB_KEY_EDIT_SET_CHANGE },
    { "zset", CB_KEY_EDIT_ZSET_SET, CB_KEY_EDIT_ZSET_CHANGE },
  };
  const Type *type = subject->type;
  GBytes *name = cb_element_item_get_name (item);
  GBytes *value = cb_element_item_get_value (item);
  guint kind = 0;

  while (!is_type (type, kinds[kind].type))
    kind++;

  /* The value. */
  if (!is_type (type, "set"))
    {
      g_autoptr (GBytes) wanted = is_type (type, "zset") ? text_bytes ("-2.5") : random_bytes (f, 1 + number % 40);
      g_autoptr (GBytes) written = is_type (type, "zset") ? g_bytes_ref (wanted) : write_in_editor (value, wanted);
      g_autoptr (GBytes) there = NULL;

      if (!g_bytes_equal (value, written))
        {
          assert_edit (f, .kind = kinds[kind].value, .key = subject->key, .type = type->name, .element = name, .value = written,
                       .expected = value);
          assert_other (f, subject);
          there = read_element (f, subject, name);
          g_assert_true (g_bytes_equal (there, written));
          assert_edit (f, .kind = kinds[kind].value, .key = subject->key, .type = type->name, .element = name, .value = value,
                       .expected = written);
          assert_same (f, subject);
        }
    }

  /* The name. */
  if (!is_type (type, "list"))
    {
      g_autoptr (GBytes) new_name = random_name (f, 1000 + number, 30);
      g_autoptr (GBytes) typed = is_type (type, "hash") ? type_field (new_name) : write_in_editor (name, new_name);
      g_autoptr (GBytes) back = is_type (type, "hash") ? type_field (name) : write_in_editor (typed, name);
      g_autoptr (GBytes) there = NULL;
      g_autoptr (GBytes) not_there = NULL;

      assert_edit (f, .kind = kinds[kind].name, .key = subject->key, .type = type->name, .element = name, .value = typed,
                   .expected = value);
      assert_other (f, subject);
      there = read_element (f, subject, new_name);
      g_assert_true (g_bytes_equal (there, is_type (type, "set") ? new_name : value));
      not_there = read_element (f, subject, name);
      g_assert_null (not_there);
      assert_edit (f, .kind = kinds[kind].name, .key = subject->key, .type = type->name, .element = typed, .value = back,
                   .expected = value);
      assert_same (f, subject);
    }

  /* Out and back. */
  {
    g_autoptr (GAsyncResult) taken = NULL;
    g_autoptr (GAsyncResult) undone = NULL;
    g_autoptr (CbKeyUndo) undo = NULL;
    g_autoptr (GError) error = NULL;

    cb_key_take_element_async (f->connection, subject->key, type->name, name, value, NULL, cb_test_store_result, &taken);
    cb_key_take_element_finish (f->connection, cb_test_wait_result (&taken), &undo, &error);
    g_assert_no_error (error);
    assert_other (f, subject);
    cb_key_undo_async (f->connection, undo, NULL, cb_test_store_result, &undone);
    cb_key_undo_finish (f->connection, cb_test_wait_result (&undone), &error);
    g_assert_no_error (error);
    assert_same (f, subject);
  }
}

static void
change (Fixture *f, Subject *subject)
{
  g_autoptr (CbElementItems) items = NULL;
  guint step = subject->large ? 37 : 1;

  if (is_type (subject->type, "string"))
    {
      change_string (f, subject);
      return;
    }
  if (is_type (subject->type, "stream"))
    {
      change_stream (f, subject);
      return;
    }
  items = show_rows (f, subject->type, subject->key);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (items)), ==, subject->large ? 300 : 12);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (items)); i += step)
    {
      g_autoptr (CbElementItem) item = g_list_model_get_item (G_LIST_MODEL (items), i);

      change_element (f, subject, item, i);
    }
}

/* Another name, a copy, a time to live and none, deleted and put back. */
static void
change_key (Fixture *f, Subject *subject)
{
  const char *type = subject->type->name;
  g_autoptr (GBytes) name = random_name (f, 815, 50);
  g_autoptr (GBytes) typed = type_name (name);
  g_autoptr (GBytes) back = type_name (subject->key);
  g_autoptr (GAsyncResult) deleted = NULL;
  g_autoptr (GAsyncResult) restored = NULL;
  g_autoptr (CbKeyRemains) remains = NULL;
  g_autoptr (GBytes) nothing = NULL;
  g_autoptr (GError) error = NULL;

  assert_edit (f, .kind = CB_KEY_EDIT_RENAME, .key = subject->key, .type = type, .element = typed);
  nothing = dump (f, subject->key);
  g_assert_null (nothing);
  assert_same_as (f, subject, name);
  assert_edit (f, .kind = CB_KEY_EDIT_COPY, .key = name, .type = type, .element = back);
  assert_same (f, subject);
  cb_key_delete_async (f->connection, name, type, 10000000, NULL, cb_test_store_result, &deleted);
  g_assert_true (cb_key_delete_finish (f->connection, cb_test_wait_result (&deleted), &remains, &error));
  g_assert_no_error (error);
  nothing = dump (f, name);
  g_assert_null (nothing);
  cb_key_restore_async (f->connection, remains, NULL, cb_test_store_result, &restored);
  g_assert_true (cb_key_restore_finish (f->connection, cb_test_wait_result (&restored), &error));
  g_assert_no_error (error);
  assert_same_as (f, subject, name);
  {
    g_autoptr (GBytes) del = text_bytes ("DEL");
    GBytes *words[] = { del, name };

    cb_reply_unref (call (f, words, 2));
  }

  assert_edit (f, .kind = CB_KEY_EDIT_EXPIRE, .key = subject->key, .type = type, .msec = 5000000);
  assert_same (f, subject);
  assert_edit (f, .kind = CB_KEY_EDIT_PERSIST, .key = subject->key, .type = type);
  assert_same (f, subject);
}

static gint64
end_of (Fixture *f, GBytes *key)
{
  static const char * const words[] = { "PEXPIRETIME", "" };
  g_autoptr (CbReply) reply = call_key (f, key, words, 2);
  gint64 number = 0;

  g_assert_true (cb_value_get_integer (cb_reply_get_value (reply), &number));
  return number;
}

static CbKeyStore *
store_of (Subject *subject)
{
  CbKeyStore *keys = cb_key_store_new (NULL);
  gsize length;
  const char *name = g_bytes_get_data (subject->key, &length);

  cb_key_store_add (keys, name != NULL ? name : "", length, NULL);
  return keys;
}

static void
run_bulk (CbKeyBulk *bulk)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  cb_key_bulk_run_async (bulk, NULL, cb_test_store_result, &result);
  cb_key_bulk_run_finish (bulk, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (cb_key_bulk_get_n (bulk, CB_KEY_BULK_DONE), ==, 1);
}

/* With the journal, as Delete does it in the list of keys and on the command line. */
static void
delete_and_undo (Fixture *f, Subject *subject)
{
  CbKeyStore *keys = store_of (subject);
  g_autoptr (CbKeyBulk) bulk = cb_key_bulk_new (f->connection, f->journal, CB_KEY_BULK_DELETE, keys);
  g_autoptr (CbEngine) engine = cb_key_engine_new (f->connection);
  g_autoptr (CbUndo) undo = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  gint64 end = end_of (f, subject->key);

  run_bulk (bulk);
  g_assert_cmpint (cb_test_redis_get_integer (f->redis, "DBSIZE", NULL), ==, 0);
  undo = cb_undo_new (engine, f->journal, cb_key_bulk_get_undo_id (bulk));
  cb_undo_run_async (undo, NULL, cb_test_store_result, &result);
  cb_undo_run_finish (undo, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (cb_undo_get_n_back (undo), ==, 1);
  assert_same (f, subject);
  g_assert_cmpint (end_of (f, subject->key), ==, end);
  cb_key_store_unref (keys);
}

/* @form: that of CbKeyExport, or -1 for DUMP. */
static void
export_and_import (Fixture *f, Subject *subject, int form)
{
  CbKeyStore *keys = store_of (subject);
  g_autoptr (GOutputStream) output = g_memory_output_stream_new_resizable ();
  g_autoptr (GBytes) file = NULL;
  g_autoptr (GInputStream) input = NULL;
  g_autoptr (CbKeyImport) import = NULL;
  g_autoptr (GAsyncResult) imported = NULL;
  g_autoptr (GError) error = NULL;
  gint64 end = end_of (f, subject->key);

  if (form < 0)
    {
      g_autoptr (CbKeyBulk) bulk = cb_key_bulk_new (f->reader, NULL, CB_KEY_BULK_EXPORT, keys);

      cb_key_bulk_set_output (bulk, output);
      run_bulk (bulk);
    }
  else
    {
      g_autoptr (CbKeyExport) export = cb_key_export_new (f->reader, keys, (CbKeyExportForm) form, output);
      g_autoptr (GAsyncResult) result = NULL;

      cb_key_export_run_async (export, NULL, cb_test_store_result, &result);
      cb_key_export_run_finish (export, cb_test_wait_result (&result), &error);
      g_assert_no_error (error);
      g_assert_cmpuint (cb_key_export_get_n_done (export), ==, 1);
    }
  g_output_stream_close (output, NULL, NULL);
  file = g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (output));
  /* It is text, whatever is in it. */
  g_assert_true (g_utf8_validate_len (g_bytes_get_data (file, NULL), g_bytes_get_size (file), NULL));

  cb_reply_unref (cb_test_redis_call (f->redis, "FLUSHALL", NULL));
  input = g_memory_input_stream_new_from_bytes (file);
  import = cb_key_import_new (f->connection, input);
  cb_key_import_run_async (import, NULL, cb_test_store_result, &imported);
  cb_key_import_run_finish (import, cb_test_wait_result (&imported), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (cb_key_import_get_n_problems (import), ==, 0);
  g_assert_cmpuint (cb_key_import_get_n_keys (import), ==, 1);
  assert_same (f, subject);
  g_assert_cmpint (end_of (f, subject->key), ==, end);
  cb_key_store_unref (keys);
}

static void
test_type (Fixture *f, gconstpointer data)
{
  /* One with an empty name, and one that is kept by the server in the way it keeps large ones. */
  for (guint round = 0; round < 2; round++)
    {
      Subject subject = { .type = data, .key = random_name (f, round, 40), .large = round == 1 };
      static const char * const end_words[] = { "PEXPIREAT", "", FAR_END };

      make (f, &subject);
      look (f, &subject);
      change (f, &subject);
      change_key (f, &subject);
      cb_reply_unref (cb_test_redis_call (f->redis, "FLUSHALL", NULL));
      {
        g_autoptr (GBytes) restore = text_bytes ("RESTORE");
        g_autoptr (GBytes) nought = text_bytes ("0");
        GBytes *words[] = { restore, subject.key, nought, subject.dump };

        cb_reply_unref (call (f, words, 4));
      }
      cb_reply_unref (call_key (f, subject.key, end_words, 3));
      delete_and_undo (f, &subject);
      for (int form = -1; form <= CB_KEY_EXPORT_JSON; form++)
        export_and_import (f, &subject, form);
      look (f, &subject);
      cb_reply_unref (cb_test_redis_call (f->redis, "FLUSHALL", NULL));
      subject_clear (&subject);
    }
}

/* Groups of a stream, their consumers and what is pending are in the file of DUMPs, and come back with the key. */
static void
test_groups (Fixture *f, gconstpointer data)
{
  static const char * const group[] = { "XGROUP", "CREATE", "", "gr\xff\noup", "0" };
  static const char * const read[] = { "XREADGROUP", "GROUP", "gr\xff\noup", "con\r sumer", "COUNT", "3", "STREAMS", "", ">" };
  Subject subject = { .type = &types[5], .key = random_name (f, 1, 40) };
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  make (f, &subject);
  cb_reply_unref (call_key (f, subject.key, group, 5));
  {
    gsize key_length;
    const char *key = g_bytes_get_data (subject.key, &key_length);
    const char *texts[G_N_ELEMENTS (read)];
    gsize lengths[G_N_ELEMENTS (read)];
    g_autoptr (CbReply) reply = NULL;

    for (guint i = 0; i < G_N_ELEMENTS (read); i++)
      {
        texts[i] = *read[i] != '\0' ? read[i] : key;
        lengths[i] = *read[i] != '\0' ? strlen (read[i]) : key_length;
      }
    reply = cb_test_redis_call_argv (f->redis, G_N_ELEMENTS (read), texts, lengths);
    g_assert_cmpuint (cb_value_get_length (cb_reply_get_value (reply)), ==, 1);
  }
  g_clear_pointer (&subject.dump, g_bytes_unref);
  subject.dump = dump (f, subject.key);
  look (f, &subject);
  change_key (f, &subject);
  delete_and_undo (f, &subject);
  export_and_import (f, &subject, -1);
  subject_clear (&subject);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autofree char *path = g_strconcat ("/key-round-trips/", types[i].name, NULL);

      g_test_add (path, Fixture, &types[i], set_up, test_type, tear_down);
    }
  g_test_add ("/key-round-trips/groups", Fixture, NULL, set_up, test_groups, tear_down);
  return g_test_run ();
}
