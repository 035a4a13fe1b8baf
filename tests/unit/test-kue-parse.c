/* test-kue-parse.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Literal replies and messages, as kue 0.11.6 and others leave them, and what is made of them. No server. */

#include "config.h"

#include <locale.h>
#include <math.h>
#include <string.h>

#include "cb-json.h"
#include "cb-kue-keys.h"
#include "cb-kue-parse.h"

static void
add_bulk (GString    *resp,
          const char *text)
{
  if (text == NULL)
    g_string_append (resp, "$-1\r\n");
  else
    g_string_append_printf (resp, "$%" G_GSIZE_FORMAT "\r\n%s\r\n", strlen (text), text);
}

/* The record of a hash given as field, value, field, value, NULL: by the bytes that HMGET would answer. */
static CbJobRecord *
parse (const char *field,
       ...)
{
  g_autoptr (GHashTable) hash = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GString) resp = g_string_new (NULL);
  g_autoptr (CbReply) reply = NULL;
  g_autoptr (GError) error = NULL;
  va_list args;

  va_start (args, field);
  for (; field != NULL; field = va_arg (args, const char *))
    g_hash_table_insert (hash, (gpointer) field, va_arg (args, char *));
  va_end (args);

  g_string_append_printf (resp, "*%d\r\n", CB_KUE_N_FIELDS);
  for (guint i = 0; i < CB_KUE_N_FIELDS; i++)
    add_bulk (resp, g_hash_table_lookup (hash, cb_kue_fields[i]));
  reply = cb_reply_new_from_resp (resp->str, resp->len, &error);
  g_assert_no_error (error);

  return cb_kue_parse_reply ("7", cb_reply_get_value (reply), 0, CB_KUE_PARSE_WHOLE);
}

static void
assert_bytes (GBytes     *bytes,
              const char *expected)
{
  gsize length;
  const char *text;

  g_assert_nonnull (bytes);
  text = g_bytes_get_data (bytes, &length);
  g_assert_cmpmem (text, length, expected, strlen (expected));
}

static void
test_whole_job (void)
{
  g_autoptr (CbJobRecord) job =
    parse ("type", "video conversion", "state", "complete", "data", "{\"title\":\"x\",\"n\":123456789012345678901234567890}",
           "result", "{\"file\":\"loki.avi\"}", "priority", "-2.5", "progress", "100", "progress_data", "{\"nextFrame\":201}",
           "created_at", "1709283610920", "promote_at", "1709283610921", "updated_at", "1709283614920", "started_at", "1709283610922",
           "failed_at", "1709283610923", "duration", "4000", "delay", "60000", "ttl", "3600000", "attempts", "1", "max_attempts", "3",
           "workerId", "kue:worker-host:4000:video conversion:4", "backoff", "{\"type\":\"fixed\"}", "removeOnComplete", "true",
           "error", "Error: busy\n    at x", NULL);

  g_assert_false (job->missing);
  g_assert_null (job->problem);
  g_assert_cmpstr (job->id, ==, "7");
  g_assert_cmpstr (job->queue, ==, "video conversion");
  g_assert_cmpstr (job->state, ==, "complete");
  g_assert_true (job->state == g_intern_string ("complete"));
  g_assert_cmpint (job->meaning, ==, CB_JOB_MEANING_COMPLETE);
  assert_bytes (job->data, "{\"title\":\"x\",\"n\":123456789012345678901234567890}");
  assert_bytes (job->result, "{\"file\":\"loki.avi\"}");
  assert_bytes (job->progress_data, "{\"nextFrame\":201}");
  assert_bytes (job->error, "Error: busy\n    at x");
  g_assert_cmpfloat (job->priority, ==, -2.5);
  g_assert_cmpint (job->progress, ==, 100);
  g_assert_cmpint (job->attempts_made, ==, 1);
  g_assert_cmpint (job->attempts_max, ==, 3);
  g_assert_cmpint (job->created_at, ==, G_GINT64_CONSTANT (1709283610920000));
  g_assert_cmpint (job->promote_at, ==, G_GINT64_CONSTANT (1709283610921000));
  g_assert_cmpint (job->updated_at, ==, G_GINT64_CONSTANT (1709283614920000));
  g_assert_cmpint (job->started_at, ==, G_GINT64_CONSTANT (1709283610922000));
  g_assert_cmpint (job->failed_at, ==, G_GINT64_CONSTANT (1709283610923000));
  g_assert_cmpint (job->duration, ==, 4000000);
  g_assert_cmpint (job->delay, ==, 60000000);
  g_assert_cmpint (job->ttl, ==, G_GINT64_CONSTANT (3600000000));
  g_assert_cmpstr (job->worker, ==, "kue:worker-host:4000:video conversion:4");
  g_assert_cmpstr (job->backoff, ==, "{\"type\":\"fixed\"}");
  g_assert_true (job->remove_on_complete);
}

static void
test_absent (void)
{
  g_autoptr (CbJobRecord) none = parse (NULL, NULL);
  g_autoptr (CbJobRecord) bare = parse ("type", "email", "state", "inactive", NULL);
  g_autoptr (CbJobRecord) zombie = parse ("state", "complete", "duration", "12", NULL);
  g_autoptr (CbJobRecord) half = parse ("updated_at", "1700000032000", "progress", "50", NULL);

  g_assert_true (none->missing);
  g_assert_null (none->problem);

  g_assert_false (bare->missing);
  g_assert_null (bare->problem);
  g_assert_null (bare->data);
  g_assert_true (isnan (bare->priority));
  g_assert_cmpint (bare->progress, ==, -1);
  g_assert_cmpint (bare->attempts_made, ==, 0);
  g_assert_cmpint (bare->attempts_max, ==, 1);
  g_assert_cmpint (bare->created_at, ==, -1);
  g_assert_cmpint (bare->duration, ==, -1);

  g_assert_false (zombie->missing);
  g_assert_null (zombie->queue);
  g_assert_cmpstr (zombie->problem, ==, "It has no type: Kue takes such a record for garbage");

  g_assert_cmpstr (half->state, ==, "");
  g_assert_cmpint (half->progress, ==, 50);
  g_assert_cmpstr (half->problem, ==, "It has no type: Kue takes such a record for garbage. It has no state");
}

/* A date is right, or it is unknown and said to be; never wrong without a word. */
static void
test_dates (void)
{
  static const struct
  {
    const char *text;
    gint64      expected;
    gboolean    problem;
  } dates[] = {
    { "1700000000000", G_GINT64_CONSTANT (1700000000000000), FALSE },
    { "1700000000000.5", G_GINT64_CONSTANT (1700000000000000), FALSE },
    { "1.7e12", G_GINT64_CONSTANT (1700000000000000), FALSE },
    { "2655363609920", G_GINT64_CONSTANT (2655363609920000), FALSE },
    { "", -1, FALSE },
    { "1700000000", -1, TRUE },          /* seconds */
    { "1700000000000000", -1, TRUE },    /* microseconds */
    { "NaN", -1, TRUE },
    { "Infinity", -1, TRUE },
    { "-1", -1, TRUE },
    { "2023-11-14T22:13:20.000Z", -1, TRUE },
    { "99999999999999999999", -1, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (dates); i++)
    {
      g_autoptr (CbJobRecord) job = parse ("type", "t", "state", "complete", "created_at", dates[i].text, NULL);

      g_test_message ("%s", dates[i].text);
      g_assert_cmpint (job->created_at, ==, dates[i].expected);
      g_assert_cmpint (job->problem != NULL, ==, dates[i].problem);
      if (dates[i].problem)
        {
          g_assert_true (g_str_has_prefix (job->problem, "created_at is no time in milliseconds: "));
          g_assert_nonnull (strstr (job->problem, dates[i].text));
        }
    }
}

static void
test_odd_fields (void)
{
  g_autoptr (CbJobRecord) nan = parse ("type", "t", "state", "inactive", "priority", "NaN", NULL);
  g_autoptr (CbJobRecord) negative = parse ("type", "t", "state", "complete", "duration", "-5000", NULL);
  g_autoptr (CbJobRecord) huge = parse ("type", "t", "state", "nonsense", "progress", "1e300", "attempts", "-3",
                                        "max_attempts", "99999999999", NULL);
  g_autoptr (CbJobRecord) broken = parse ("type", "t", "state", "failed", "data", "{\"title\":\"cut off", NULL);
  g_autoptr (CbJobRecord) code = parse ("type", "t", "state", "failed", "backoff", "function(a,d){return 0}", NULL);
  g_autofree char *long_state = g_strnfill (100000, 'x');
  g_autoptr (CbJobRecord) made_up = parse ("type", "t", "state", long_state, NULL);

  g_assert_true (isnan (nan->priority));
  g_assert_nonnull (strstr (nan->problem, "priority is no number"));
  g_assert_cmpint (negative->duration, ==, -1);
  g_assert_nonnull (strstr (negative->problem, "-5000"));
  g_assert_cmpstr (huge->state, ==, "nonsense");
  g_assert_cmpint (huge->meaning, ==, CB_JOB_MEANING_UNKNOWN);
  g_assert_cmpint (huge->progress, ==, 100);
  g_assert_cmpint (huge->attempts_made, ==, 0);
  g_assert_cmpint (huge->attempts_max, ==, G_MAXINT);
  g_assert_nonnull (strstr (broken->problem, "data is not JSON"));
  assert_bytes (broken->data, "{\"title\":\"cut off");
  g_assert_cmpstr (code->backoff, ==, "function(a,d){return 0}");
  g_assert_cmpint (strlen (made_up->state), <, 200);
}

static void
test_error_reply (void)
{
  g_autoptr (CbReply) reply = NULL;
  g_autoptr (CbJobRecord) job = NULL;

  reply = cb_reply_new_from_resp ("-WRONGTYPE Operation against a key holding the wrong kind of value\r\n", -1, NULL);
  g_assert_nonnull (reply);
  job = cb_kue_parse_reply ("2", cb_reply_get_value (reply), 0, CB_KUE_PARSE_SHORT);
  g_assert_false (job->missing);
  g_assert_nonnull (strstr (job->problem, "WRONGTYPE"));
}

static void
test_members (void)
{
  static const struct
  {
    const char *member;
    const char *id;
    gboolean    canonical;
  } members[] = {
    { "01|7", "7", TRUE },
    { "02|42", "42", TRUE },
    { "03|123", "123", TRUE },
    { "05|10006", "10006", TRUE },
    { "18|123456789012345678", "123456789012345678", TRUE },
    { "17", "17", FALSE },
    { "002|17", "17", FALSE },
    { "02|5", "5", FALSE },
    { "02|05", "5", FALSE },
    { "01|0", "0", TRUE },
    { "02|abc", NULL, FALSE },
    { "|", NULL, FALSE },
    { "", NULL, FALSE },
    { "02|-5", NULL, FALSE },
    { "01|7|8", NULL, FALSE },
    { "20|12345678901234567890", NULL, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    {
      gboolean canonical = FALSE;
      g_autofree char *id = cb_kue_id_from_member (members[i].member, strlen (members[i].member), &canonical);

      g_test_message ("%s", members[i].member);
      g_assert_cmpstr (id, ==, members[i].id);
      g_assert_cmpint (canonical, ==, members[i].canonical);
      if (canonical)
        {
          g_autofree char *zid = cb_kue_zid (id);

          g_assert_cmpstr (zid, ==, members[i].member);
        }
    }

  g_assert_null (cb_kue_id_from_member ("01|7\0008", 6, NULL));
  g_assert_true (cb_kue_id_check ("0"));
  g_assert_true (cb_kue_id_check ("10"));
  g_assert_false (cb_kue_id_check ("010"));
  g_assert_false (cb_kue_id_check (""));
  g_assert_false (cb_kue_id_check ("1}"));
  g_assert_false (cb_kue_id_check ("-1"));
  g_assert_false (cb_kue_id_check ("1234567890123456789"));
}

static void
test_misspellings (void)
{
  g_auto (GStrv) members = cb_kue_misspellings ("17");
  static const char * const known[] = { "17", "002|17", "01|17", "03|17", "2|17" };

  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    g_assert_true (g_strv_contains ((const char * const *) members, known[i]));
  g_assert_false (g_strv_contains ((const char * const *) members, "02|17"));
}

static void
test_keys (void)
{
  g_autofree char *all = cb_kue_key_set ("q", NULL, NULL);
  g_autofree char *state = cb_kue_key_set ("q", NULL, "failed");
  g_autofree char *both = cb_kue_key_set ("{q}", "a:b", "failed");
  g_autofree char *tokens = cb_kue_key_tokens ("q", "video conversion");
  g_autofree char *log = cb_kue_key_log ("q", "12");

  g_assert_cmpstr (all, ==, "q:jobs");
  g_assert_cmpstr (state, ==, "q:jobs:failed");
  g_assert_cmpstr (both, ==, "{q}:jobs:a:b:failed");
  g_assert_cmpstr (tokens, ==, "q:video conversion:jobs");
  g_assert_cmpstr (log, ==, "q:job:12:log");
}

static void
test_events (void)
{
  static const struct
  {
    const char *payload;
    const char *id;
    const char *event;
    const char *args;
  } events[] = {
    { "{\"id\":1,\"event\":\"enqueue\",\"args\":[\"enqueue\",\"sms\"]}", "1", "enqueue", "[\"enqueue\",\"sms\"]" },
    { "{\"id\":\"14\",\"event\":\"remove\",\"args\":[\"remove\",\"sms\"]}", "14", "remove", "[\"remove\",\"sms\"]" },
    { "{\"id\":3,\"event\":\"progress\",\"args\":[\"progress\",50,{\"stage\":[1,{}]}]}", "3", "progress",
      "[\"progress\",50,{\"stage\":[1,{}]}]" },
    { " { \"x\" : {\"id\":9} , \"args\" : [ ] , \"event\" : \"a\\u0062\" , \"id\" : 5 } ", "5", "ab", "[ ]" },
  };
  static const char * const bad[] = {
    "", "null", "5", "[]", "{}", "nonsense", "{\"id\":1}", "{\"id\":1,\"event\":\"x\"}",
    "{\"id\":1,\"event\":\"x\",\"args\":null}", "{\"id\":1,\"event\":\"x\",\"args\":{}}", "{\"id\":1,\"event\":5,\"args\":[]}",
    "{\"id\":null,\"event\":\"x\",\"args\":[]}", "{\"id\":1.5,\"event\":\"x\",\"args\":[]}", "{\"id\":-1,\"event\":\"x\",\"args\":[]}",
    "{\"id\":\"a\",\"event\":\"x\",\"args\":[]}", "{\"id\":1,\"event\":\"x\",\"args\":[]", "{\"id\":1,\"event\":\"x\",\"args\":[]}x",
    "{\"id\":1e99,\"event\":\"x\",\"args\":[]}", "{\"id\":[1],\"event\":\"x\",\"args\":[]}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (events); i++)
    {
      g_autoptr (CbJobEvent) event = cb_kue_parse_event (events[i].payload, strlen (events[i].payload));

      g_assert_nonnull (event);
      g_assert_cmpstr (event->id, ==, events[i].id);
      g_assert_cmpstr (event->name, ==, events[i].event);
      assert_bytes (event->args, events[i].args);
    }

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_test_message ("%s", bad[i]);
      g_assert_null (cb_kue_parse_event (bad[i], strlen (bad[i])));
    }
}

/* Every message that real Kue published in a scripted life. */
static void
test_recorded_events (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "fixtures", "kue", "events.ndjson", NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GError) error = NULL;
  guint n = 0;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL && *lines[i] != 0; i++, n++)
    {
      g_autoptr (JsonNode) root = json_from_string (lines[i], &error);
      const char *payload;
      g_autoptr (CbJobEvent) event = NULL;
      g_autofree char *again = NULL;
      gboolean quoted;

      g_assert_no_error (error);
      payload = json_object_get_string_member (json_node_get_object (root), "payload");
      event = cb_kue_parse_event (payload, strlen (payload));
      g_assert_nonnull (event);

      /* Put together again it is the same text: nothing was lost or changed. */
      quoted = g_str_has_prefix (payload, "{\"id\":\"");
      again = g_strdup_printf ("{\"id\":%s%s%s,\"event\":\"%s\",\"args\":%.*s}", quoted ? "\"" : "", event->id, quoted ? "\"" : "",
                               event->name, (int) g_bytes_get_size (event->args), (const char *) g_bytes_get_data (event->args, NULL));
      g_assert_cmpstr (again, ==, payload);
    }
  g_assert_cmpuint (n, >=, 60);
}

static void
test_truthy (void)
{
  static const char * const truthy[] = { "{}", "[]", "1", "-0.5", "1e-300", "\"0\"", "true", " [0]" };
  static const char * const falsy[] = { "null", "false", "0", "-0", "0.0", "0e5", "\"\"", "" };

  for (guint i = 0; i < G_N_ELEMENTS (truthy); i++)
    g_assert_true (cb_kue_json_is_truthy (truthy[i], strlen (truthy[i])));
  for (guint i = 0; i < G_N_ELEMENTS (falsy); i++)
    g_assert_false (cb_kue_json_is_truthy (falsy[i], strlen (falsy[i])));
}

/* The toolkit sets the locale of the process; what Redis holds has a dot whatever that is. */
static void
test_locale (void)
{
  g_autoptr (CbJobRecord) job = NULL;

  if (setlocale (LC_NUMERIC, "de_DE.UTF-8") == NULL && setlocale (LC_NUMERIC, "fr_FR.UTF-8") == NULL)
    {
      g_test_skip ("No locale with a decimal comma is installed");
      return;
    }
  job = parse ("type", "t", "state", "delayed", "priority", "-2.5", "created_at", "1700000000000.5", NULL);
  setlocale (LC_NUMERIC, "C");
  g_assert_cmpfloat (job->priority, ==, -2.5);
  g_assert_cmpint (job->created_at, ==, G_GINT64_CONSTANT (1700000000000000));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/kue-parse/whole-job", test_whole_job);
  g_test_add_func ("/kue-parse/absent", test_absent);
  g_test_add_func ("/kue-parse/dates", test_dates);
  g_test_add_func ("/kue-parse/odd-fields", test_odd_fields);
  g_test_add_func ("/kue-parse/error-reply", test_error_reply);
  g_test_add_func ("/kue-parse/members", test_members);
  g_test_add_func ("/kue-parse/misspellings", test_misspellings);
  g_test_add_func ("/kue-parse/keys", test_keys);
  g_test_add_func ("/kue-parse/events", test_events);
  g_test_add_func ("/kue-parse/recorded-events", test_recorded_events);
  g_test_add_func ("/kue-parse/truthy", test_truthy);
  g_test_add_func ("/kue-parse/locale", test_locale);

  return g_test_run ();
}
