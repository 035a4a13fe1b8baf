/* test-job-compare.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "cb-job-compare.h"

static void
assert_lines (const char *json, const char *expected)
{
  g_autofree char *lines = cb_job_compare_to_lines (json, strlen (json));

  g_assert_cmpstr (lines, ==, expected);
}

/* Whether two texts are told to be the same. */
static gboolean
is_same (const char *first, const char *second)
{
  g_autofree char *a = cb_job_compare_to_lines (first, strlen (first));
  g_autofree char *b = cb_job_compare_to_lines (second, strlen (second));

  return strcmp (a, b) == 0;
}

static void
test_lines (void)
{
  assert_lines ("{\"b\":[1,2.50,{}],\"a\":{\"z\":null,\"y\":\"x\"}}",
                "{\n"
                "  \"a\": {\n"
                "    \"y\": \"x\"\n"
                "    \"z\": null\n"
                "  }\n"
                "  \"b\": [\n"
                "    1\n"
                "    2.50\n"
                "    {}\n"
                "  ]\n"
                "}");
  assert_lines ("[]", "[]");
  assert_lines (" \"a\\nb\" ", "\"a\\nb\"");
  assert_lines ("12345678901234567890", "12345678901234567890");
  /* No JSON: as it stands, with what can't be shown made visible. */
  assert_lines ("Error: boom\n  at x", "Error: boom\n  at x");
  assert_lines ("{\"a\":1", "{\"a\":1");
  assert_lines ("a\001b", "a\\x01b");
  assert_lines ("", "");
}

/* What RFC 8259 has as the same value, and what readers may take for another one. */
static void
test_meaning (void)
{
  g_assert_true (is_same ("{\"a\":1,\"b\":2}", "{ \"b\" : 2,\n\"a\" : 1 }"));
  g_assert_true (is_same ("{\"a\":{\"c\":[],\"d\":true}}", "{\"a\":{\"d\":true,\"c\":[ ]}}"));
  g_assert_true (is_same ("\"\\u00e9\\/\\u0041\"", "\"é/A\""));
  g_assert_true (is_same ("{\"\\u0061\":1}", "{\"a\":1}"));
  g_assert_true (is_same ("\"\\ud83d\\ude00\"", "\"😀\""));

  g_assert_false (is_same ("[1,2]", "[2,1]"));
  g_assert_false (is_same ("1", "1.0"));
  g_assert_false (is_same ("10", "1e1"));
  g_assert_false (is_same ("12345678901234567890", "12345678901234567891"));
  g_assert_false (is_same ("\"1\"", "1"));
  g_assert_false (is_same ("{}", "[]"));
  g_assert_false (is_same ("{\"a\":null}", "{}"));
  /* Of members of one name the last counts. */
  g_assert_false (is_same ("{\"a\":1,\"a\":2}", "{\"a\":2,\"a\":1}"));
  /* Halves of a character that no text can hold are not all one. */
  g_assert_false (is_same ("\"\\ud800\"", "\"\\udc00\""));
  g_assert_false (is_same ("\"\\u0000\"", "\"\""));
}

/* As much as is compared, as deep as it can be: it ends, and not after minutes. */
static void
test_deep (void)
{
  gsize half = CB_JOB_COMPARE_MOST / 2;
  g_autofree char *deep = g_malloc (2 * half + 1);
  g_autofree char *lines = NULL;
  gint64 began = g_get_monotonic_time ();

  memset (deep, '[', half);
  memset (deep + half, ']', half);
  deep[2 * half] = '\0';
  lines = cb_job_compare_to_lines (deep, 2 * half);
  g_assert_nonnull (strstr (lines, "[[[[[["));
  g_assert_cmpint (g_get_monotonic_time () - began, <, 20 * G_USEC_PER_SEC);
}

static CbJobRecord *
record_new (const char *id, const char *data)
{
  CbJobRecord *record = cb_job_record_new (id);

  record->queue = g_strdup ("email");
  record->state = g_intern_static_string ("failed");
  record->meaning = CB_JOB_MEANING_FAILED;
  record->data = g_bytes_new (data, strlen (data));
  record->attempts_max = 1;
  record->created_at = 1700000000000000;
  return record;
}

static const CbJobFieldPair *
find_field (GPtrArray *pairs, const char *name)
{
  for (guint i = 0; i < pairs->len; i++)
    {
      const CbJobFieldPair *pair = g_ptr_array_index (pairs, i);

      if (strcmp (pair->name, name) == 0)
        return pair;
    }
  return NULL;
}

static void
test_fields (void)
{
  g_autoptr (CbJobRecord) first = record_new ("1", "{}");
  g_autoptr (CbJobRecord) second = record_new ("2", "{}");
  g_autoptr (GPtrArray) pairs = NULL;
  const CbJobFieldPair *pair;

  second->state = g_intern_static_string ("complete");
  second->created_at += 1500000;
  second->duration = 20000;
  second->priority = -10;
  second->worker = g_strdup ("kue:a\001");
  pairs = cb_job_compare_fields (first, second);

  pair = find_field (pairs, "type");
  g_assert_nonnull (pair);
  g_assert_false (pair->differs);
  g_assert_cmpstr (pair->texts[0], ==, "email");
  pair = find_field (pairs, "state");
  g_assert_true (pair->differs);
  g_assert_cmpstr (pair->texts[0], ==, "Failed");
  g_assert_cmpstr (pair->texts[1], ==, "Complete");
  pair = find_field (pairs, "created_at");
  g_assert_true (pair->differs);
  g_assert_cmpint (pair->kind, ==, CB_JOB_FIELD_TIME);
  g_assert_cmpint (pair->numbers[1] - pair->numbers[0], ==, 1500000);
  pair = find_field (pairs, "duration");
  g_assert_true (pair->differs);
  g_assert_cmpint (pair->numbers[0], ==, -1);
  g_assert_cmpint (pair->numbers[1], ==, 20000);
  pair = find_field (pairs, "priority");
  g_assert_true (pair->differs);
  g_assert_cmpstr (pair->texts[1], ==, "-10 (high)");
  pair = find_field (pairs, "workerId");
  g_assert_null (pair->texts[0]);
  g_assert_cmpstr (pair->texts[1], ==, "kue:a\\x01");

  /* What neither has is not there, and a delay that is none makes no due time. */
  g_assert_null (find_field (pairs, "ttl"));
  g_assert_null (find_field (pairs, "promote_at"));
  g_assert_null (find_field (pairs, "removeOnComplete"));
}

static void
test_payloads (void)
{
  g_autoptr (CbJobRecord) first = record_new ("1", "{\"a\":1,\"b\":2}");
  g_autoptr (CbJobRecord) second = record_new ("2", "{\"b\": 2, \"a\": 1}");
  g_autoptr (CbJobRecord) large = record_new ("3", "");
  g_autofree char *many = g_strnfill (CB_JOB_COMPARE_MOST + 1, 'x');
  g_autoptr (GPtrArray) pairs = NULL;
  g_autoptr (GPtrArray) large_pairs = NULL;
  const CbJobPayloadPair *pair;

  second->error = g_bytes_new_static ("boom", 4);
  pairs = cb_job_compare_payloads (first, second);
  g_assert_cmpuint (pairs->len, ==, 2);
  pair = g_ptr_array_index (pairs, 0);
  g_assert_cmpstr (pair->name, ==, "data");
  g_assert_false (pair->differs);
  pair = g_ptr_array_index (pairs, 1);
  g_assert_cmpstr (pair->name, ==, "error");
  g_assert_true (pair->differs);
  g_assert_false (pair->has[0]);
  g_assert_null (pair->texts[0]);
  g_assert_cmpstr (pair->texts[1], ==, "boom");

  g_clear_pointer (&large->data, g_bytes_unref);
  large->data = g_bytes_new (many, strlen (many));
  large_pairs = cb_job_compare_payloads (first, large);
  pair = g_ptr_array_index (large_pairs, 0);
  g_assert_true (pair->too_large);
  g_assert_true (pair->differs);
  g_assert_null (pair->texts[0]);
  g_assert_null (pair->texts[1]);
  g_clear_pointer (&large_pairs, g_ptr_array_unref);

  /* Too large to be set out, and known to be the same. */
  large_pairs = cb_job_compare_payloads (large, large);
  pair = g_ptr_array_index (large_pairs, 0);
  g_assert_true (pair->too_large);
  g_assert_false (pair->differs);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/job-compare/lines", test_lines);
  g_test_add_func ("/job-compare/meaning", test_meaning);
  g_test_add_func ("/job-compare/deep", test_deep);
  g_test_add_func ("/job-compare/fields", test_fields);
  g_test_add_func ("/job-compare/payloads", test_payloads);

  return g_test_run ();
}
