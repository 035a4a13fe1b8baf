/* test-key-tree.c: keys as the rows of a view
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "cb-key-cell.h"
#include "cb-key-tree.h"
#include "cb-test-wait.h"

typedef struct
{
  CbConnection *connection;
  CbKeyFinder *finder;
  CbKeyStore *store;
  CbKeyTree *tree;
  GPtrArray *rows;    /* (element-type CbKeyItem) what a view has that goes by the signals */
} Fixture;

static void
replay_cb (GListModel *model, guint position, guint removed, guint added, Fixture *fixture)
{
  g_assert_cmpuint (position + removed, <=, fixture->rows->len);
  for (guint i = 0; i < removed; i++)
    g_ptr_array_remove_index (fixture->rows, position);
  for (guint i = 0; i < added; i++)
    g_ptr_array_insert (fixture->rows, (int) (position + i), g_list_model_get_item (model, position + i));
  g_assert_cmpuint (fixture->rows->len, ==, g_list_model_get_n_items (model));
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (CbAddress) address = cb_address_new_unix ("/nonexistent");

  /* The finder never begins: what it finds is told by the tests. */
  fixture->connection = cb_connection_new (address, "test");
  fixture->finder = cb_key_finder_new (fixture->connection, NULL, ":");
  fixture->store = cb_key_finder_get_store (fixture->finder);
  fixture->tree = cb_key_tree_new ();
  fixture->rows = g_ptr_array_new_with_free_func (g_object_unref);
  g_signal_connect (fixture->tree, "items-changed", G_CALLBACK (replay_cb), fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_ptr_array_unref (fixture->rows);
  g_signal_handlers_disconnect_by_data (fixture->tree, fixture);
  g_assert_finalize_object (fixture->tree);
  g_assert_finalize_object (fixture->finder);
  g_assert_finalize_object (fixture->connection);
}

static void
find_keys (Fixture *fixture, const char *names)
{
  g_auto (GStrv) words = g_strsplit (names, " ", -1);
  guint first = cb_key_store_get_length (fixture->store);
  guint n;

  for (guint i = 0; words[i] != NULL; i++)
    cb_key_store_add (fixture->store, words[i], strlen (words[i]), NULL);
  n = cb_key_store_get_length (fixture->store) - first;
  g_signal_emit_by_name (fixture->finder, "found", first, n);
  cb_key_tree_count (fixture->tree);
}

/* The rows as they are to be seen: a dot for each step in, + before a folder and - before one that is expanded. */
static char *
describe (Fixture *fixture)
{
  GString *text = g_string_new (NULL);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (fixture->tree));

  g_assert_cmpuint (fixture->rows->len, ==, n);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (CbKeyItem) item = g_list_model_get_item (G_LIST_MODEL (fixture->tree), i);
      g_autofree char *label = cb_key_item_dup_label (item, 0);

      /* It is the same object all the time. */
      g_assert_true (g_ptr_array_index (fixture->rows, i) == item);
      g_assert_cmpuint (cb_key_tree_find_item (fixture->tree, item), ==, i);
      if (i > 0)
        g_string_append_c (text, ' ');
      for (guint depth = cb_key_item_get_depth (item); depth > 0; depth--)
        g_string_append_c (text, '.');
      if (cb_key_item_is_folder (item))
        g_string_append_c (text, cb_key_item_get_expanded (item) ? '-' : '+');
      g_string_append (text, label);
    }
  return g_string_free (text, FALSE);
}

static void
assert_rows (Fixture *fixture, const char *expected)
{
  g_autofree char *rows = describe (fixture);

  g_assert_cmpstr (rows, ==, expected);
}

static gboolean
has_rows (Fixture *fixture, const char *expected)
{
  g_autofree char *rows = describe (fixture);

  return g_str_equal (rows, expected);
}

static guint
find (Fixture *fixture, const char *name, gboolean reveal)
{
  g_autoptr (GBytes) bytes = g_bytes_new (name, strlen (name));

  return cb_key_tree_find (fixture->tree, bytes, reveal);
}

static void
set_gone (Fixture *fixture, const char *name, gboolean gone)
{
  cb_key_store_set_gone (fixture->store, cb_key_store_find (fixture->store, name, strlen (name)), gone);
}

static void
test_folders (Fixture *fixture, gconstpointer data)
{
  cb_key_tree_set_sorted (fixture->tree, TRUE, NULL, FALSE);
  find_keys (fixture, "q:job:2 q:job:10 q:job:2:log q:ids a session:1:token");
  cb_key_tree_set_finder (fixture->tree, fixture->finder, FALSE);
  assert_rows (fixture, "+q +session a");

  cb_key_tree_set_expanded (fixture->tree, 0, TRUE);
  assert_rows (fixture, "-q .+job .ids +session a");
  /* A key that is a folder as well is both. */
  cb_key_tree_set_expanded (fixture->tree, 1, TRUE);
  assert_rows (fixture, "-q .-job ..+2 ..2 ..10 .ids +session a");
  cb_key_tree_set_expanded (fixture->tree, 2, TRUE);
  assert_rows (fixture, "-q .-job ..-2 ...log ..2 ..10 .ids +session a");
  g_assert_cmpuint (cb_key_tree_get_parent (fixture->tree, 3), ==, 2);
  g_assert_cmpuint (cb_key_tree_get_parent (fixture->tree, 5), ==, 1);
  g_assert_cmpuint (cb_key_tree_get_parent (fixture->tree, 6), ==, 0);
  g_assert_cmpuint (cb_key_tree_get_parent (fixture->tree, 7), ==, GTK_INVALID_LIST_POSITION);
  /* A key can't be expanded. */
  cb_key_tree_set_expanded (fixture->tree, 3, TRUE);
  cb_key_tree_set_expanded (fixture->tree, 8, TRUE);
  assert_rows (fixture, "-q .-job ..-2 ...log ..2 ..10 .ids +session a");
  /* Where there is nothing but a folder, that is expanded with it. */
  cb_key_tree_set_expanded (fixture->tree, 7, TRUE);
  assert_rows (fixture, "-q .-job ..-2 ...log ..2 ..10 .ids -session .-1 ..token a");

  find_keys (fixture, "session:1:user q:job:10:log q:jobs");
  cb_test_wait_until (has_rows (fixture, "-q .-job ..-2 ...log ..+10 ..2 ..10 .ids .jobs -session .-1 ..token ..user a"));
  cb_key_tree_set_expanded (fixture->tree, 0, FALSE);
  assert_rows (fixture, "+q -session .-1 ..token ..user a");
  /* Those inside open with it again. */
  cb_key_tree_set_expanded (fixture->tree, 0, TRUE);
  assert_rows (fixture, "-q .-job ..-2 ...log ..+10 ..2 ..10 .ids .jobs -session .-1 ..token ..user a");
}

/* A folder is one also with a single key in it; empty parts are names like others. */
static void
test_few (Fixture *fixture, gconstpointer data)
{
  cb_key_tree_set_sorted (fixture->tree, TRUE, NULL, FALSE);
  find_keys (fixture, "a:b a:b:c a::b :a a: : ::");
  cb_key_tree_set_finder (fixture->tree, fixture->finder, FALSE);
  assert_rows (fixture, "+\"\" +a");
  cb_key_tree_set_expanded (fixture->tree, 1, TRUE);
  assert_rows (fixture, "+\"\" -a .+\"\" .+b .\"\" .b");
  cb_key_tree_set_expanded (fixture->tree, 3, TRUE);
  cb_key_tree_set_expanded (fixture->tree, 2, TRUE);
  cb_key_tree_set_expanded (fixture->tree, 0, TRUE);
  assert_rows (fixture, "-\"\" .+\"\" .\"\" .a -a .-\"\" ..b .-b ..c .\"\" .b");
  cb_key_tree_set_expanded (fixture->tree, 1, TRUE);
  assert_rows (fixture, "-\"\" .-\"\" ..\"\" .\"\" .a -a .-\"\" ..b .-b ..c .\"\" .b");
}

/* 2,000 folders one in the other: a bounded number of them at once, all of them for who looks for what is in the last. */
static void
test_deep (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) name = g_string_new (NULL);
  guint n;

  for (guint i = 0; i < 2000; i++)
    g_string_append (name, "n:");
  g_string_append (name, "leaf");
  find_keys (fixture, name->str);
  cb_key_tree_set_finder (fixture->tree, fixture->finder, FALSE);
  assert_rows (fixture, "+n");
  cb_key_tree_set_expanded (fixture->tree, 0, TRUE);
  n = g_list_model_get_n_items (G_LIST_MODEL (fixture->tree));
  g_assert_cmpuint (n, >, 20);
  g_assert_cmpuint (n, <, 100);

  g_assert_cmpuint (find (fixture, name->str, TRUE), ==, 2000);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->tree)), ==, 2001);
  cb_key_tree_set_expanded (fixture->tree, 0, FALSE);
  assert_rows (fixture, "+n");
  cb_key_tree_set_expanded (fixture->tree, 0, TRUE);
  g_assert_cmpuint (find (fixture, name->str, FALSE), ==, 2000);
}

/* A name of half a megabyte is cut where it is seen, and whole where it is taken from. */
static void
test_long_name (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < 2; i++)
    {
      char *name = g_strnfill (512 * 1024, i == 0 ? 'L' : '\1');
      g_autoptr (CbKeyItem) item = NULL;
      g_autoptr (GBytes) whole = NULL;
      g_autofree char *label = NULL;
      g_autofree char *told = NULL;
      g_autofree char *copied = NULL;

      cb_key_store_add (fixture->store, name, 512 * 1024, NULL);
      g_signal_emit_by_name (fixture->finder, "found", i, 1);
      if (i == 0)
        cb_key_tree_set_finder (fixture->tree, fixture->finder, FALSE);
      item = g_list_model_get_item (G_LIST_MODEL (fixture->tree), find (fixture, name, FALSE));
      cb_key_item_set_facts (item, &(CbKeyFacts) { .type = "string", .ttl_msec = 5000000000, .size = 1234567890, .memory = -1 });
      label = cb_key_item_dup_label (item, 300);
      told = cb_key_cell_describe (item);
      whole = cb_key_item_dup_name (item);
      copied = cb_key_name_display (g_bytes_get_data (whole, NULL), g_bytes_get_size (whole), 0);
      g_assert_cmpint (g_utf8_strlen (label, -1), <=, 300);
      g_assert_cmpint (g_utf8_strlen (told, -1), <=, 1000);
      g_assert_cmpint (g_utf8_strlen (told, -1), >, 700);
      g_assert_nonnull (strstr (told, "left"));
      g_assert_cmpmem (g_bytes_get_data (whole, NULL), g_bytes_get_size (whole), name, 512 * 1024);
      g_assert_cmpuint (strlen (copied), ==, 512 * 1024 * (i == 0 ? 1 : 4));
      g_free (name);
    }
}

static void
test_reveal (Fixture *fixture, gconstpointer data)
{
  find_keys (fixture, "q:job:2 q:job:10 q:job:2:log q:ids a:b:c a:b:d:e");
  cb_key_tree_set_finder (fixture->tree, fixture->finder, FALSE);

  g_assert_cmpuint (find (fixture, "q:job:2:log", FALSE), ==, GTK_INVALID_LIST_POSITION);
  g_assert_cmpuint (find (fixture, "nothing", TRUE), ==, GTK_INVALID_LIST_POSITION);
  g_assert_cmpuint (find (fixture, "q:job:2:log", TRUE), !=, GTK_INVALID_LIST_POSITION);
  g_assert_cmpuint (find (fixture, "a:b:d:e", TRUE), !=, GTK_INVALID_LIST_POSITION);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->tree)), ==, 12);

  /* One below the other, all are there. */
  cb_key_tree_set_finder (fixture->tree, fixture->finder, TRUE);
  assert_rows (fixture, "q:job:2 q:job:10 q:job:2:log q:ids a:b:c a:b:d:e");
  g_assert_cmpuint (find (fixture, "q:ids", FALSE), ==, 3);
}

static void
assert_selected (Fixture *fixture, const char *name, guint n_selected)
{
  g_autoptr (GtkBitset) selected = gtk_selection_model_get_selection (GTK_SELECTION_MODEL (fixture->tree));

  g_assert_cmpuint (gtk_bitset_get_size (selected), ==, n_selected);
  if (name != NULL)
    g_assert_true (gtk_selection_model_is_selected (GTK_SELECTION_MODEL (fixture->tree), find (fixture, name, FALSE)));
}

/* What is selected is so wherever it goes. */
static void
test_selection (Fixture *fixture, gconstpointer data)
{
  GtkSelectionModel *selection = GTK_SELECTION_MODEL (fixture->tree);

  cb_key_tree_set_finder (fixture->tree, fixture->finder, FALSE);
  find_keys (fixture, "z:1 z:2 m b a");
  gtk_selection_model_select_item (selection, find (fixture, "m", FALSE), TRUE);
  cb_key_tree_set_expanded (fixture->tree, 0, TRUE);
  assert_selected (fixture, "m", 1);
  cb_key_tree_set_sorted (fixture->tree, TRUE, NULL, FALSE);
  cb_test_wait_until (find (fixture, "a", FALSE) == 3);
  assert_selected (fixture, "m", 1);
  find_keys (fixture, "y:1 y:2 z:0 c");
  cb_test_wait_until (find (fixture, "a", FALSE) == 5);
  assert_rows (fixture, "+y -z .0 .1 .2 a b c m");
  assert_selected (fixture, "m", 1);

  gtk_selection_model_select_item (selection, find (fixture, "z:1", FALSE), FALSE);
  gtk_selection_model_select_item (selection, find (fixture, "a", FALSE), FALSE);
  assert_selected (fixture, "z:1", 3);
  set_gone (fixture, "b", TRUE);
  set_gone (fixture, "m", TRUE);
  cb_key_tree_update_gone (fixture->tree);
  assert_rows (fixture, "+y -z .0 .1 .2 a c");
  assert_selected (fixture, "z:1", 2);
  cb_key_tree_set_expanded (fixture->tree, 1, FALSE);
  assert_selected (fixture, "a", 1);

  gtk_selection_model_select_all (selection);
  assert_selected (fixture, "a", 4);
  {
    g_autoptr (GtkBitset) all = gtk_selection_model_get_selection (selection);

    g_assert_cmpuint (cb_key_tree_count_folders (fixture->tree, all), ==, 2);
  }

  /* With nothing left there is nothing selected. */
  for (guint i = 0; i < cb_key_store_get_length (fixture->store); i++)
    cb_key_store_set_gone (fixture->store, i, TRUE);
  cb_key_tree_update_gone (fixture->tree);
  assert_rows (fixture, "");
  assert_selected (fixture, NULL, 0);
}

/* A folder in the middle of a search, with a row that is on screen. */
static void
test_gone (Fixture *fixture, gconstpointer data)
{
  cb_key_tree_set_sorted (fixture->tree, TRUE, NULL, FALSE);
  find_keys (fixture, "f:a:1 f:a:2 f:b x");
  cb_key_tree_set_finder (fixture->tree, fixture->finder, FALSE);
  cb_key_tree_set_expanded (fixture->tree, 0, TRUE);
  cb_key_tree_set_expanded (fixture->tree, 1, TRUE);
  assert_rows (fixture, "-f .-a ..1 ..2 .b x");

  set_gone (fixture, "f:a:1", TRUE);
  cb_key_tree_update_gone (fixture->tree);
  assert_rows (fixture, "-f .-a ..2 .b x");
  set_gone (fixture, "f:a:2", TRUE);
  cb_key_tree_update_gone (fixture->tree);
  assert_rows (fixture, "-f .b x");
  set_gone (fixture, "f:b", TRUE);
  cb_key_tree_update_gone (fixture->tree);
  assert_rows (fixture, "x");

  /* Undone: it is expanded as it was. */
  set_gone (fixture, "f:a:1", FALSE);
  set_gone (fixture, "f:a:2", FALSE);
  cb_key_tree_update_gone (fixture->tree);
  cb_test_wait_until (find (fixture, "x", FALSE) == 4);
  assert_rows (fixture, "-f .-a ..1 ..2 x");
}

/* Whatever comes, goes, opens and closes: a view that goes by the signals has what there is. */
static void
test_random (Fixture *fixture, gconstpointer data)
{
  GtkSelectionModel *selection = GTK_SELECTION_MODEL (fixture->tree);

  cb_key_tree_set_finder (fixture->tree, fixture->finder, FALSE);
  for (guint round = 0; round < 2000; round++)
    {
      guint n = g_list_model_get_n_items (G_LIST_MODEL (fixture->tree));
      guint n_keys = cb_key_store_get_length (fixture->store);
      g_autofree char *rows = NULL;

      switch (g_test_rand_int_range (0, 8))
        {
        case 0:
        case 1:
          {
            g_autofree char *names =
              g_strdup_printf ("%c:%c:%d %c:%d %d", g_test_rand_int_range ('a', 'e'), g_test_rand_int_range ('a', 'd'),
                               g_test_rand_int_range (0, 30), g_test_rand_int_range ('a', 'e'),
                               g_test_rand_int_range (0, 30), g_test_rand_int_range (0, 30));

            find_keys (fixture, names);
            break;
          }
        case 2:
        case 3:
          if (n > 0)
            cb_key_tree_set_expanded (fixture->tree, (guint) g_test_rand_int_range (0, (int) n), TRUE);
          break;
        case 4:
          if (n > 0)
            cb_key_tree_set_expanded (fixture->tree, (guint) g_test_rand_int_range (0, (int) n), FALSE);
          break;
        case 5:
          for (guint i = 0; n_keys > 0 && i < 3; i++)
            {
              guint id = (guint) g_test_rand_int_range (0, (int) n_keys);

              cb_key_store_set_gone (fixture->store, id, !cb_key_store_get_gone (fixture->store, id));
            }
          cb_key_tree_update_gone (fixture->tree);
          break;
        case 6:
          if (n > 0)
            gtk_selection_model_select_item (selection, (guint) g_test_rand_int_range (0, (int) n), g_test_rand_bit ());
          break;
        case 7:
        default:
          cb_key_tree_set_sorted (fixture->tree, g_test_rand_bit (), NULL, g_test_rand_bit ());
          if (round % 50 == 0)
            cb_test_run_for (25);
          break;
        }
      rows = describe (fixture);
      if (round % 100 == 0)
        {
          g_ptr_array_set_size (fixture->rows, 0);
          n = g_list_model_get_n_items (G_LIST_MODEL (fixture->tree));
          replay_cb (G_LIST_MODEL (fixture->tree), 0, 0, n, fixture);
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add ("/key-tree/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("folders", test_folders);
  ADD ("few", test_few);
  ADD ("deep", test_deep);
  ADD ("long-name", test_long_name);
  ADD ("reveal", test_reveal);
  ADD ("selection", test_selection);
  ADD ("gone", test_gone);
  ADD ("random", test_random);
  return g_test_run ();
}
