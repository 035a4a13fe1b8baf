/* test-json-node.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "cb-json-children.h"
#include "cb-json-node.h"
#include "cb-queue-error.h"

static CbJsonNode *
node_new (const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;
  CbJsonNode *node = cb_json_node_new (bytes, &error);

  g_assert_no_error (error);
  return node;
}

static void
append_tree (GString *text, CbJsonNode *node)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (node));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (CbJsonNode) child = g_list_model_get_item (G_LIST_MODEL (node), i);
      g_autofree char *path = cb_json_node_dup_path (child);
      g_autofree char *label = cb_json_node_dup_label (child, 60);

      g_string_append_printf (text, "%s%s = %s\n", path, cb_json_node_is_repeated (child) ? " (again)" : "", label);
      append_tree (text, child);
    }
}

static void
assert_tree (const char *json, const char *expected)
{
  g_autoptr (CbJsonNode) root = node_new (json);
  g_autoptr (GString) text = g_string_new (NULL);

  append_tree (text, root);
  g_assert_cmpstr (text->str, ==, expected);
}

/* Nothing is turned into a number: what is shown are the bytes that are stored. */
static void
test_exact (void)
{
  assert_tree (" {\"n\": 12345678901234567890, \"r\":1.0, \"big\" :1e400, \"z\":-0, \"t\":true,\"x\":null}\n",
               "$.n = 12345678901234567890\n$.r = 1.0\n$.big = 1e400\n$.z = -0\n$.t = true\n$.x = null\n");
  assert_tree ("[0.1000000000000000000000000000000000000001,\"\\u00e4\"]",
               "$[0] = 0.1000000000000000000000000000000000000001\n$[1] = \"\\u00e4\"\n");
  assert_tree ("[]", "");
  assert_tree ("17", "");
}

static void
test_names (void)
{
  assert_tree ("{\"a\":1,\"\\u0061\":2,\"a b\":{\"\":[[],{}]},\"1st\":0,\"x\\\"y\":1}",
               "$.a = 1\n$[\"\\u0061\"] (again) = 2\n$[\"a b\"] = { 1 }\n$[\"a b\"][\"\"] = [ 2 ]\n$[\"a b\"][\"\"][0] = []\n"
               "$[\"a b\"][\"\"][1] = {}\n$[\"1st\"] = 0\n$[\"x\\\"y\"] = 1\n");
}

static void
test_copied (void)
{
  g_autoptr (CbJsonNode) root = node_new ("{\"s\":\"a\\nb\\u00e4\",\"o\":{ \"n\" : 1.50 }}");
  g_autoptr (CbJsonNode) string = g_list_model_get_item (G_LIST_MODEL (root), 0);
  g_autoptr (CbJsonNode) object = g_list_model_get_item (G_LIST_MODEL (root), 1);
  g_autofree char *says = cb_json_node_dup_value (string);
  g_autofree char *stored = cb_json_node_dup_value (object);

  g_assert_cmpstr (says, ==, "a\nb\xc3\xa4");
  g_assert_cmpstr (stored, ==, "{ \"n\" : 1.50 }");
}

/* Very many are shown in parts, and it is said how many are left. */
static void
test_many (void)
{
  g_autoptr (GString) text = g_string_new ("[");
  g_autoptr (CbJsonNode) root = NULL;
  g_autoptr (CbJsonNode) last = NULL;
  guint n = 0;

  for (int i = 0; i < 1001; i++)
    g_string_append_printf (text, "%s[%d]", i > 0 ? "," : "", i);
  g_string_append_c (text, ']');
  root = node_new (text->str);

  for (int i = 0; i < 10; i++)
    {
      n = g_list_model_get_n_items (G_LIST_MODEL (root));
      g_clear_object (&last);
      last = g_list_model_get_item (G_LIST_MODEL (root), n - 1);
      if (cb_json_node_get_n_left (last) == 0)
        break;
      g_assert_cmpuint (cb_json_node_get_n_left (last), ==, 1001 - (n - 1));
      g_assert_cmpuint ((n - 1) % CB_JSON_NODE_PAGE, ==, 0);
      cb_json_node_load_more (last);
    }
  g_assert_cmpuint (n, ==, 1001);
  {
    g_autofree char *path = cb_json_node_dup_path (last);
    g_autofree char *label = cb_json_node_dup_label (last, 40);
    g_autofree char *value = cb_json_node_dup_value (last);

    g_assert_cmpstr (path, ==, "$[1000]");
    g_assert_cmpstr (label, ==, "[ 1 ]");
    g_assert_cmpstr (value, ==, "[1000]");
  }
}

/* Depth is no recursion: each level is found in what the one above it has. */
static void
test_deep (void)
{
  const gsize depth = 50000;
  g_autofree char *text = g_malloc (2 * depth + 1);
  g_autoptr (CbJsonNode) root = NULL;
  g_autoptr (CbJsonNode) child = NULL;
  g_autofree char *label = NULL;
  CbJsonChild value;

  memset (text, '[', depth);
  memset (text + depth, ']', depth);
  text[2 * depth] = '\0';
  root = node_new (text);
  child = g_list_model_get_item (G_LIST_MODEL (root), 0);
  label = cb_json_node_dup_label (child, 40);
  g_assert_cmpstr (label, ==, "[ 1 ]");

  g_assert_true (cb_json_find_value (text, 2 * depth, &value, NULL));
  g_assert_cmpuint (value.length, ==, 2 * depth);
}

static void
test_broken (void)
{
  static const char * const broken[] = { "", "{", "[1,", "{\"a\":1}x", "[1]]", "{\"a\"}", "\"" };

  for (guint i = 0; i < G_N_ELEMENTS (broken); i++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new (broken[i], strlen (broken[i]));
      g_autoptr (GError) error = NULL;

      g_assert_null (cb_json_node_new (bytes, &error));
      g_assert_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_INVALID);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json-node/exact", test_exact);
  g_test_add_func ("/json-node/names", test_names);
  g_test_add_func ("/json-node/copied", test_copied);
  g_test_add_func ("/json-node/many", test_many);
  g_test_add_func ("/json-node/deep", test_deep);
  g_test_add_func ("/json-node/broken", test_broken);
  return g_test_run ();
}
