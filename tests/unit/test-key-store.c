/* test-key-store.c: names, folders and the lists over them
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "cb-key-list.h"
#include "cb-test-wait.h"

static CbKeyId
add (CbKeyStore *store, const char *name)
{
  CbKeyId id;

  g_assert_true (cb_key_store_add (store, name, strlen (name), &id));
  return id;
}

static char *
label_at (CbKeyList *list, guint position)
{
  g_autoptr (CbKeyRow) row = g_list_model_get_item (G_LIST_MODEL (list), position);

  return cb_key_row_dup_label (row, FALSE, 0);
}

/* The row with this label; whether it is a folder. */
static CbKeyRow *
find_row (CbKeyList *list, const char *label, gboolean folder)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (list)); i++)
    {
      g_autoptr (CbKeyRow) row = g_list_model_get_item (G_LIST_MODEL (list), i);
      g_autofree char *own = cb_key_row_dup_label (row, FALSE, 0);

      if (g_str_equal (own, label) && cb_key_row_is_folder (row) == folder)
        return g_steal_pointer (&row);
    }
  return NULL;
}

static CbKeyList *
open_folder (CbKeyStore *store, CbKeyList *list, const char *label)
{
  g_autoptr (CbKeyRow) row = find_row (list, label, TRUE);

  g_assert_nonnull (row);
  return cb_key_list_new (store, cb_key_row_get_folder (row));
}

static void
assert_key (CbKeyStore *store, CbKeyList *list, const char *label, const char *name)
{
  g_autoptr (CbKeyRow) row = find_row (list, label, FALSE);
  const char *own;
  gsize length;

  g_assert_nonnull (row);
  own = cb_key_row_get_name (row, &length);
  g_assert_cmpmem (own, length, name, strlen (name));
}

/* A key that is a folder, empty parts, a separator alone: all their own. */
static void
test_parts (void)
{
  g_autoptr (CbKeyStore) store = cb_key_store_new (":");
  static const char * const names[] = { "a:b", "a:b:c", "a::b", ":a", "a:", ":", "::" };
  g_autoptr (CbKeyList) top = cb_key_list_new (store, CB_FOLDER_ROOT);
  g_autoptr (CbKeyList) a = NULL;
  g_autoptr (CbKeyList) ab = NULL;
  g_autoptr (CbKeyList) a_empty = NULL;
  g_autoptr (CbKeyList) empty = NULL;
  g_autoptr (CbKeyList) empty_empty = NULL;
  guint n_folders, n_keys;
  gsize length;

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    add (store, names[i]);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    g_assert_false (cb_key_store_add (store, names[i], strlen (names[i]), NULL));
  cb_key_list_update (top);

  g_assert_cmpuint (cb_key_store_count_keys (store, CB_FOLDER_ROOT), ==, 7);
  cb_key_store_count_children (store, CB_FOLDER_ROOT, &n_folders, &n_keys);
  g_assert_cmpuint (n_folders, ==, 2);
  g_assert_cmpuint (n_keys, ==, 0);

  a = open_folder (store, top, "a");
  assert_key (store, a, "b", "a:b");
  assert_key (store, a, "\"\"", "a:");
  ab = open_folder (store, a, "b");
  assert_key (store, ab, "c", "a:b:c");
  a_empty = open_folder (store, a, "\"\"");
  assert_key (store, a_empty, "b", "a::b");
  empty = open_folder (store, top, "\"\"");
  assert_key (store, empty, "a", ":a");
  assert_key (store, empty, "\"\"", ":");
  empty_empty = open_folder (store, empty, "\"\"");
  assert_key (store, empty_empty, "\"\"", "::");

  {
    g_autoptr (CbKeyRow) row = find_row (a, "b", TRUE);

    g_assert_cmpmem (cb_key_row_get_name (row, &length), 4, "a:b:", 4);
    g_assert_cmpuint (length, ==, 4);
    g_assert_cmpuint (cb_key_row_count_keys (row), ==, 1);
  }
}

/* 2,000 levels, as many as there may be, and a name of separators alone. */
static void
test_depth (void)
{
  g_autoptr (CbKeyStore) store = cb_key_store_new (":");
  g_autoptr (GString) name = g_string_new (NULL);
  g_autofree char *colons = g_strnfill (512 * 1024, ':');
  CbFolderId folder;
  CbKeyId id;
  guint depth = 0;
  gsize length;

  for (guint i = 0; i < 1999; i++)
    g_string_append_printf (name, "%s%u", i > 0 ? ":" : "", i);
  id = add (store, name->str);
  for (folder = cb_key_store_get_key_folder (store, id); folder != CB_FOLDER_ROOT;
       folder = cb_key_store_get_parent (store, folder))
    {
      g_assert_cmpuint (cb_key_store_count_keys (store, folder), ==, 1);
      depth++;
    }
  g_assert_cmpuint (depth, ==, 1998);
  g_assert_cmpstr (name->str + cb_key_store_get_leaf_offset (store, id), ==, "1998");

  id = add (store, colons);
  g_assert_cmpuint (cb_key_store_get_leaf_offset (store, id), ==, CB_KEY_MAX_DEPTH);
  cb_key_store_get_name (store, id, &length);
  g_assert_cmpuint (length, ==, 512 * 1024);
  g_assert_cmpuint (cb_key_store_get_n_folders (store), ==, 1 + 1998 + CB_KEY_MAX_DEPTH);
  g_assert_cmpuint (cb_key_store_count_keys (store, CB_FOLDER_ROOT), ==, 2);
}

static guint
count_below (CbKeyStore *store, CbFolderId folder)
{
  gsize path_length;
  const char *path = cb_key_store_get_folder_path (store, folder, &path_length);
  guint n = 0;
  guint n_folders = 0, n_keys = 0, told_folders, told_keys;

  for (CbKeyId id = cb_key_store_get_first_key (store, folder); id != CB_KEY_NONE;
       id = cb_key_store_get_next_key (store, id))
    {
      gsize length;
      const char *name = cb_key_store_get_name (store, id, &length);

      g_assert_cmpuint (length, >=, path_length);
      g_assert_cmpmem (name, path_length, path, path_length);
      g_assert_cmpuint (cb_key_store_get_leaf_offset (store, id), ==, path_length);
      g_assert_true (length == path_length || memmem (name + path_length, length - path_length, "::", 2) == NULL);
      n_keys++;
      n += !cb_key_store_get_gone (store, id);
    }
  for (CbFolderId child = cb_key_store_get_first_folder (store, folder); child != CB_KEY_NONE;
       child = cb_key_store_get_next_folder (store, child))
    {
      g_assert_cmpuint (cb_key_store_get_parent (store, child), ==, folder);
      n_folders++;
      n += count_below (store, child);
    }
  cb_key_store_count_children (store, folder, &told_folders, &told_keys);
  g_assert_cmpuint (n_folders, ==, told_folders);
  g_assert_cmpuint (n_keys, ==, told_keys);
  g_assert_cmpuint (n, ==, cb_key_store_count_keys (store, folder));
  return n;
}

/* Random bytes, few of them different so that names repeat, and a separator of two: against a hash table. */
static void
test_random (void)
{
  g_autoptr (CbKeyStore) store = cb_key_store_new ("::");
  g_autoptr (GHashTable) known = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);
  g_autoptr (GRand) random = g_rand_new_with_seed (20261126);
  guint n_gone = 0;

  for (guint i = 0; i < 200000; i++)
    {
      static const char letters[] = { ':', ':', ':', ':', 'a', '\0', '\n', (char) 0xff };
      char name[24];
      gsize length = g_rand_int_range (random, 0, 14);
      CbKeyId id;
      gboolean is_new;
      g_autoptr (GBytes) bytes = NULL;
      gpointer before;

      for (gsize j = 0; j < length; j++)
        name[j] = letters[g_rand_int_range (random, 0, G_N_ELEMENTS (letters))];
      bytes = g_bytes_new (name, length);
      is_new = cb_key_store_add (store, name, length, &id);
      g_assert_true (is_new == !g_hash_table_lookup_extended (known, bytes, NULL, &before));
      if (is_new)
        g_hash_table_insert (known, g_bytes_ref (bytes), GUINT_TO_POINTER (id));
      else
        g_assert_cmpuint (id, ==, GPOINTER_TO_UINT (before));
      g_assert_cmpuint (cb_key_store_find (store, name, length), ==, id);
      if (i % 7 == 0)
        {
          n_gone += !cb_key_store_get_gone (store, id);
          cb_key_store_set_gone (store, id, TRUE);
        }
    }
  g_assert_cmpuint (cb_key_store_get_length (store), ==, g_hash_table_size (known));
  g_assert_cmpuint (g_hash_table_size (known), >, 50000);
  g_assert_cmpuint (count_below (store, CB_FOLDER_ROOT), ==, g_hash_table_size (known) - n_gone);
  g_assert_cmpuint (cb_key_store_find (store, "none", 4), ==, CB_KEY_NONE);
}

/* A million, half of them with a folder of their own: what is promised of the memory. */
static void
test_memory (void)
{
  g_autoptr (CbKeyStore) store = cb_key_store_new (":");
  gsize names, memory;
  double above;

  for (guint i = 0; i < 500000; i++)
    {
      char name[32];

      g_snprintf (name, sizeof name, "q:job:%u", i);
      cb_key_store_add (store, name, strlen (name), NULL);
      g_snprintf (name, sizeof name, "q:job:%u:log", i);
      cb_key_store_add (store, name, strlen (name), NULL);
    }
  memory = cb_key_store_get_memory (store, &names);
  above = (double) (memory - names) / cb_key_store_get_length (store);
  g_test_message ("%.1f bytes a key above its name", above);
  g_assert_cmpfloat (above, <, 120);
  g_assert_cmpuint (cb_key_store_count_keys (store, CB_FOLDER_ROOT), ==, 1000000);
}

typedef struct
{
  guint n_items;
  guint largest;
} Watch;

static void
changed_cb (GListModel *list, guint position, guint removed, guint added, Watch *watch)
{
  g_assert_cmpuint (position + removed, <=, watch->n_items);
  watch->n_items += added;
  watch->n_items -= removed;
  watch->largest = MAX (watch->largest, added);
  g_assert_cmpuint (g_list_model_get_n_items (list), ==, watch->n_items);
}

/* A folder with 100,000 children, opened while they come: in portions, none twice, none forgotten. */
static void
test_list (void)
{
  g_autoptr (CbKeyStore) store = cb_key_store_new (":");
  g_autoptr (CbKeyList) list = NULL;
  g_autoptr (CbKeyList) flat = NULL;
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  Watch watch = { 0, };
  CbFolderId folder = CB_KEY_NONE;

  for (guint i = 0; i < 120000; i++)
    {
      char name[32];

      g_snprintf (name, sizeof name, "visit:%u%s", i, i % 10 == 0 ? ":x" : "");
      cb_key_store_add (store, name, strlen (name), NULL);
      if (folder == CB_KEY_NONE)
        folder = cb_key_store_get_first_folder (store, CB_FOLDER_ROOT);
      if (i == 50000)
        {
          list = cb_key_list_new (store, folder);
          flat = cb_key_list_new_flat (store);
          watch.n_items = g_list_model_get_n_items (G_LIST_MODEL (list));
          g_assert_cmpuint (watch.n_items, ==, 10000);
          g_signal_connect (list, "items-changed", G_CALLBACK (changed_cb), &watch);
        }
      if (i > 50000 && i % 1000 == 0)
        {
          cb_key_list_update (list);
          g_main_context_iteration (NULL, FALSE);
        }
    }
  cb_key_list_update (list);
  cb_key_list_update (flat);
  cb_test_wait_until (cb_key_list_is_complete (list) && cb_key_list_is_complete (flat));

  g_assert_cmpuint (watch.largest, <=, 10000);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, 120000);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (flat)), ==, 120000);
  for (guint i = 0; i < 120000; i++)
    {
      g_autoptr (CbKeyRow) row = g_list_model_get_item (G_LIST_MODEL (list), i);
      guint id = cb_key_row_is_folder (row) ? 0x80000000u | cb_key_row_get_folder (row) : cb_key_row_get_key (row);

      g_assert_true (g_hash_table_add (seen, GUINT_TO_POINTER (id)));
    }
}

static void
test_sort (void)
{
  g_autoptr (CbKeyStore) store = cb_key_store_new (":");
  static const char * const names[] = {
    "b", "c:1", "a", "", "B", "c:2", "a:x", "n10", "n9", "d:5", "n09", "a:y",
  };
  /* Folders come first, also one with a single key. */
  static const char * const up[] = { "a", "c", "d", "\"\"", "B", "a", "b", "n09", "n9", "n10", "later" };
  static const char * const down[] = { "d", "c", "a", "n10", "n9", "n09", "later", "b", "a", "B", "\"\"" };
  g_autoptr (CbKeyList) list = NULL;
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    add (store, names[i]);
  list = cb_key_list_new (store, CB_FOLDER_ROOT);

  for (guint descending = 0; descending < 2; descending++)
    {
      g_autoptr (GAsyncResult) result = NULL;

      cb_key_list_sort_async (list, NULL, descending, NULL, cb_test_store_result, &result);
      if (!descending)
        {
          /* What comes meanwhile stands behind. */
          add (store, "later");
          cb_key_list_update (list);
        }
      cb_test_wait_result (&result);
      g_assert_true (cb_key_list_sort_finish (list, result, &error));
      g_assert_no_error (error);
      for (guint i = 0; i < G_N_ELEMENTS (up); i++)
        {
          g_autofree char *label = label_at (list, i);

          g_assert_cmpstr (label, ==, (descending ? down : up)[i]);
        }
    }
}

/* By what was asked of the keys: those without an answer last, both ways round. */
static void
test_sort_by_weight (void)
{
  g_autoptr (CbKeyStore) store = cb_key_store_new (":");
  static const char * const names[] = { "a", "b", "c", "f:1", "g:1", "g:2", "unknown" };
  static const gint64 weights[] = { 5, 9, 5, 7, 1, 1 };
  static const char * const up[] = { "f", "g", "a", "c", "b", "unknown" };
  static const char * const down[] = { "f", "g", "b", "a", "c", "unknown" };
  g_autoptr (GArray) array = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (CbKeyList) list = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    add (store, names[i]);
  g_array_append_vals (array, weights, G_N_ELEMENTS (weights));
  list = cb_key_list_new (store, CB_FOLDER_ROOT);

  for (guint descending = 0; descending < 2; descending++)
    {
      cb_key_list_sort (list, array, descending);
      for (guint i = 0; i < G_N_ELEMENTS (up); i++)
        {
          g_autofree char *label = label_at (list, i);

          g_assert_cmpstr (label, ==, (descending ? down : up)[i]);
        }
    }
}

static void
set_gone (CbKeyStore *store,
          const char *name,
          gboolean    gone)
{
  cb_key_store_set_gone (store, cb_key_store_find (store, name, strlen (name)), gone);
}

static void
assert_rows (CbKeyList  *list,
             const char *expected)
{
  g_autoptr (GString) rows = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (list)); i++)
    {
      g_autofree char *label = label_at (list, i);

      g_string_append_printf (rows, "%s%s", i > 0 ? " " : "", label);
    }
  g_assert_cmpstr (rows->str, ==, expected);
}

/* The model that its signals describe. */
static void
replay_cb (GListModel *list,
           guint       position,
           guint       removed,
           guint       added,
           GPtrArray  *rows)
{
  for (guint i = 0; i < removed; i++)
    g_ptr_array_remove_index (rows, position);
  for (guint i = 0; i < added; i++)
    g_ptr_array_insert (rows, (int) (position + i), label_at (CB_KEY_LIST (list), position + i));
}

static void
test_gone (void)
{
  g_autoptr (CbKeyStore) store = cb_key_store_new (":");
  static const char * const names[] = { "a", "b", "f:1", "f:2", "c", "d" };
  g_autoptr (GPtrArray) replayed = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (CbKeyList) list = NULL;
  guint id = cb_key_store_get_length (store);

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    add (store, names[i]);
  list = cb_key_list_new (store, CB_FOLDER_ROOT);
  cb_key_list_sort (list, NULL, FALSE);
  g_signal_connect (list, "items-changed", G_CALLBACK (replay_cb), replayed);
  replay_cb (G_LIST_MODEL (list), 0, 0, g_list_model_get_n_items (G_LIST_MODEL (list)), replayed);
  assert_rows (list, "f a b c d");

  set_gone (store, "b", TRUE);
  set_gone (store, "d", TRUE);
  cb_key_list_update_gone (list);
  assert_rows (list, "f a c");
  g_assert_true (cb_key_list_is_complete (list));

  /* A folder is there as long as it has a key. */
  set_gone (store, "f:1", TRUE);
  cb_key_list_update_gone (list);
  assert_rows (list, "f a c");
  set_gone (store, "f:2", TRUE);
  cb_key_list_update_gone (list);
  assert_rows (list, "a c");

  /* Back again, and new ones. */
  set_gone (store, "f:2", FALSE);
  set_gone (store, "b", FALSE);
  add (store, "e");
  cb_key_list_update_gone (list);
  cb_key_list_update (list);
  cb_key_list_sort (list, NULL, FALSE);
  assert_rows (list, "f a b c e");
  g_assert_true (cb_key_list_is_complete (list));
  g_assert_true (cb_key_list_peek (list, 0, &id, &(CbFolderId) { 0 }));
  g_assert_cmpuint (id, ==, CB_KEY_NONE);
  g_assert_cmpuint (cb_key_list_find (list, cb_key_store_find (store, "c", 1), 0), ==, 3);
  g_assert_cmpuint (cb_key_list_find (list, cb_key_store_find (store, "d", 1), 0), ==, G_MAXUINT);
  for (guint i = 0; i < replayed->len; i++)
    {
      g_autofree char *label = label_at (list, i);

      g_assert_cmpstr (label, ==, g_ptr_array_index (replayed, i));
    }
  g_assert_cmpuint (replayed->len, ==, 5);
}

static void
test_display (void)
{
  static const struct { const char *name; gsize length; const char *shown; } cases[] = {
    { "plain", 5, "plain" },
    { "", 0, "\"\"" },
    { "\"\"", 2, "\\x22\"" },
    { "\"\"\"", 3, "\"\"\"" },
    { "trail ", 6, "trail\\x20" },
    { " lead", 5, "\\x20lead" },
    { "  ", 2, "\\x20\\x20" },
    { "in side", 7, "in side" },
    { "a\nb\r\n\t\a\033", 8, "a\\x0ab\\x0d\\x0a\\x09\\x07\\x1b" },
    { "a\0b", 3, "a\\x00b" },
    { "\xff\xfe", 2, "\\xff\\xfe" },
    { "caf\xc3\xa9 \xf0\x9f\x8e\xad", 10, "café 🎭" },
    { "\xe2\x80\xaetxt", 6, "\\xe2\\x80\\xaetxt" },
    { "no\\x0abreak", 11, "no\\x5cx0abreak" },
    { "cut \xf0\x9f\x8e", 7, "cut \\xf0\\x9f\\x8e" },
  };
  g_autofree char *long_name = g_strnfill (524288, 'n');
  g_autofree char *cut = cb_key_name_display (long_name, 524288, 60);
  g_autofree char *nothing = g_malloc0 (524288);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *shown = cb_key_name_display (cases[i].name, cases[i].length, 0);

      g_autoptr (GBytes) parsed = cb_key_name_parse (shown);

      g_assert_cmpstr (shown, ==, cases[i].shown);
      /* What is seen can be typed. */
      g_assert_cmpmem (g_bytes_get_data (parsed, NULL), g_bytes_get_size (parsed), cases[i].name, cases[i].length);
    }
  g_assert_cmpint (g_utf8_strlen (cut, -1), ==, 60);
  for (guint most = 1; most < 20; most++)
    {
      g_autofree char *escaped = cb_key_name_display (nothing, 524288, most);

      g_assert_cmpint (g_utf8_strlen (escaped, -1), <=, most);
    }
}

static void
test_jobs (void)
{
  static const struct { const char *name; gsize prefix; guint64 job; } cases[] = {
    { "q:job:12", 1, 12 }, { "q:job:12:log", 1, 12 }, { "{q}:job:7", 3, 7 }, { "a:b:job:3", 3, 3 },
    { "q:job:types", 0, 0 }, { "q:job:", 0, 0 }, { "q:job:012", 0, 0 }, { "q:job:12x", 0, 0 }, { ":job:1", 0, 0 },
    { "q:job:x:job:5", 7, 5 }, { "q:jobs:active", 0, 0 }, { "", 0, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gsize prefix = 0;
      guint64 job = 0;

      g_assert_true (cb_key_is_of_job (cases[i].name, strlen (cases[i].name), &prefix, &job) == (cases[i].job != 0));
      g_assert_cmpuint (prefix, ==, cases[i].prefix);
      g_assert_cmpuint (job, ==, cases[i].job);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/key-store/parts", test_parts);
  g_test_add_func ("/key-store/depth", test_depth);
  g_test_add_func ("/key-store/random", test_random);
  g_test_add_func ("/key-store/memory", test_memory);
  g_test_add_func ("/key-store/list", test_list);
  g_test_add_func ("/key-store/sort", test_sort);
  g_test_add_func ("/key-store/sort-by-weight", test_sort_by_weight);
  g_test_add_func ("/key-store/gone", test_gone);
  g_test_add_func ("/key-store/display", test_display);
  g_test_add_func ("/key-store/jobs", test_jobs);
  return g_test_run ();
}
