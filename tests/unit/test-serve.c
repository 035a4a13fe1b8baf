/* test-serve.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <libsoup/soup.h>
#include <stdlib.h>
#include <string.h>

#include "cb-api-server.h"
#include "cb-json.h"
#include "cb-kue-engine.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"

typedef struct
{
  CbTestRedis *redis;
  CbConnection *connection;
  CbEngine *engine;
  CbApiServer *server;
  SoupSession *session;
  char *base;
} Fixture;

typedef struct
{
  guint status;
  char *type;
  char *body;
  char *etag;
  char *allow;
} Answer;

static void
answer_clear (Answer *answer)
{
  g_clear_pointer (&answer->type, g_free);
  g_clear_pointer (&answer->body, g_free);
  g_clear_pointer (&answer->etag, g_free);
  g_clear_pointer (&answer->allow, g_free);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autofree char *rdb = g_test_build_filename (G_TEST_DIST, "fixtures", "kue", "small.rdb", NULL);
  g_autoptr (GError) error = NULL;

  f->redis = cb_test_redis_new_from_rdb (rdb);
  f->connection = cb_connection_new (cb_test_redis_get_address (f->redis), "test");
  cb_test_open (f->connection, &error);
  g_assert_no_error (error);
  f->engine = cb_kue_engine_new (f->connection, "q");
  f->server = cb_api_server_new (f->engine);
  cb_api_server_listen (f->server, "127.0.0.1", 0, &error);
  g_assert_no_error (error);
  f->base = cb_api_server_dup_uri (f->server);
  f->base[strlen (f->base) - 1] = '\0';
  f->session = soup_session_new_with_options ("max-conns-per-host", 10, "timeout", 20, NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  soup_session_abort (f->session);
  g_object_unref (f->session);
  cb_api_server_stop (f->server);
  cb_test_settle ();
  g_assert_finalize_object (f->server);
  cb_test_settle ();
  g_assert_finalize_object (f->engine);
  cb_connection_close (f->connection);
  cb_test_settle ();
  g_assert_finalize_object (f->connection);
  cb_test_redis_free (f->redis);
  g_free (f->base);
}

/* @headers: "Name: value", ended by NULL, nullable. */
static Answer
call (Fixture *f, const char *method, const char *path, const char *body, const char * const *headers)
{
  g_autofree char *uri = g_strconcat (f->base, path, NULL);
  g_autoptr (SoupMessage) message = soup_message_new (method, uri);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  SoupMessageHeaders *response;
  Answer answer;
  gsize length;
  const char *text;

  g_assert_nonnull (message);
  if (body != NULL)
    {
      g_autoptr (GBytes) request = g_bytes_new (body, strlen (body));

      soup_message_set_request_body_from_bytes (message, "application/json", request);
    }
  for (guint i = 0; headers != NULL && headers[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (headers[i], ": ", 2);

      soup_message_headers_replace (soup_message_get_request_headers (message), parts[0], parts[1]);
    }

  soup_session_send_and_read_async (f->session, message, G_PRIORITY_DEFAULT, NULL, cb_test_store_result, &result);
  cb_test_wait_result (&result);
  bytes = soup_session_send_and_read_finish (f->session, result, &error);
  g_assert_no_error (error);

  response = soup_message_get_response_headers (message);
  text = g_bytes_get_data (bytes, &length);
  answer.status = soup_message_get_status (message);
  answer.type = g_strdup (soup_message_headers_get_one (response, "Content-Type"));
  answer.etag = g_strdup (soup_message_headers_get_one (response, "ETag"));
  answer.allow = g_strdup (soup_message_headers_get_one (response, "Allow"));
  answer.body = g_strndup (text != NULL ? text : "", length);

  return answer;
}

#define assert_answer(f, method, path, request, headers, expected_status, expected_body) \
  G_STMT_START                                                                    \
  {                                                                               \
    Answer answer_ = call (f, method, path, request, headers);                    \
    g_assert_cmpuint (answer_.status, ==, expected_status);                       \
    g_assert_cmpstr (answer_.body, ==, expected_body);                            \
    answer_clear (&answer_);                                                      \
  }                                                                               \
  G_STMT_END

#define HEADERS(...) ((const char *[]) { __VA_ARGS__, NULL })

/* --- the recorded exchanges --- */

static char *
dup_raw_member (const char *json, const char *member)
{
  g_autoptr (GBytes) bytes = cb_json_dup_member (json, -1, member);

  return bytes != NULL ? g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes)) : NULL;
}

/* Times that were set while the exchanges were recorded: what was changed was changed at another time here. */
static char *
without_new_times (const char *body)
{
  g_autoptr (GRegex) regex = g_regex_new ("\"updated_at\":\"[0-9]+\"", 0, 0, NULL);

  return g_regex_replace_literal (regex, body, -1, 0, "\"updated_at\":\"(now)\"", 0, NULL);
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char * const *) a, *(const char * const *) b);
}

static char *
sorted_elements (const char *json)
{
  g_autoptr (GPtrArray) elements = cb_json_split_array (json, -1, NULL);
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < elements->len; i++)
    {
      GBytes *bytes = g_ptr_array_index (elements, i);

      g_ptr_array_add (texts, g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes)));
    }
  g_ptr_array_sort (texts, compare_texts);
  g_ptr_array_add (texts, NULL);

  return g_strjoinv (",", (GStrv) texts->pdata);
}

static void
replay (Fixture *f, const char *line, gboolean *changed)
{
  g_autofree char *request = dup_raw_member (line, "request");
  g_autofree char *response = dup_raw_member (line, "response");
  g_autofree char *method = cb_json_dup_member_text (request, -1, "method");
  g_autofree char *path = cb_json_dup_member_text (request, -1, "path");
  g_autofree char *body_text = cb_json_dup_member_text (request, -1, "body");
  g_autofree char *body = body_text != NULL ? g_steal_pointer (&body_text) : dup_raw_member (request, "body");
  g_autofree char *headers_json = dup_raw_member (request, "headers");
  g_autofree char *accept = headers_json != NULL ? cb_json_dup_member_text (headers_json, -1, "accept") : NULL;
  g_autofree char *content_type = headers_json != NULL ? cb_json_dup_member_text (headers_json, -1, "content-type") : NULL;
  g_autofree char *status = cb_json_dup_member_text (response, -1, "status");
  g_autofree char *type = cb_json_dup_member_text (response, -1, "type");
  g_autofree char *expected = dup_raw_member (response, "body");
  g_autofree char *expected_text = cb_json_dup_member_text (response, -1, "body");
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) headers = NULL;
  guint expected_status = (guint) atoi (status);
  Answer answer;

  if (accept != NULL)
    {
      g_autofree char *header = g_strconcat ("Accept: ", accept, NULL);

      g_strv_builder_add (builder, header);
    }
  if (content_type != NULL)
    {
      g_autofree char *header = g_strconcat ("Content-Type: ", content_type, NULL);

      g_strv_builder_add (builder, header);
    }
  headers = g_strv_builder_end (builder);
  *changed = *changed || strcmp (method, "GET") != 0;

  /* Where Kue does harm, and the answer is another on purpose. */
  if (strcmp (method, "GET") == 0 && g_str_has_prefix (path, "/inactive/"))
    {
      answer = call (f, method, path, NULL, NULL);
      g_assert_cmpuint (answer.status, ==, 405);
      g_assert_cmpstr (answer.allow, ==, "PUT");
      g_assert_nonnull (strstr (answer.body, "\"error\":"));
      answer_clear (&answer);
      g_free (method);
      method = g_strdup ("PUT");
    }
  if (g_strcmp0 (body, "[null]") == 0)
    {
      assert_answer (f, method, path, body, NULL, 400, "[{\"error\":\"Must provide job type\"}]");
      return;
    }

  answer = call (f, method, path, body, (const char * const *) headers);
  g_test_message ("%s %s", method, path);
  g_assert_cmpuint (answer.status, ==, expected_status);
  if (type != NULL)
    g_assert_cmpstr (answer.type, ==, type);

  if (strcmp (path, "/job/types") == 0)
    {
      g_autofree char *a = sorted_elements (answer.body);
      g_autofree char *b = sorted_elements (expected);

      g_assert_cmpstr (a, ==, b);
    }
  else if (type != NULL && g_str_has_prefix (type, "application/json"))
    {
      g_autofree char *a = *changed ? without_new_times (answer.body) : g_strdup (answer.body);
      g_autofree char *b = *changed ? without_new_times (expected) : g_strdup (expected);

      g_assert_cmpstr (a, ==, b);
    }
  else if (type == NULL)
    g_assert_cmpstr (answer.body, ==, expected_text);

  answer_clear (&answer);
}

static void
test_recorded (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "fixtures", "kue", "http.ndjson", NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  gboolean changed = FALSE;
  guint n = 0;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    if (lines[i][0] != '\0')
      {
        replay (f, lines[i], &changed);
        n++;
      }
  g_assert_cmpuint (n, ==, 60);
}

/* --- what Kue does otherwise --- */

/* How many changes the server has made since it was started. */
static char *
count_changes (Fixture *f)
{
  g_autofree char *info = cb_test_redis_get_string (f->redis, "INFO", "persistence", NULL);
  const char *line = strstr (info, "rdb_changes_since_last_save:");

  g_assert_nonnull (line);
  return g_strndup (line, strcspn (line, "\r\n"));
}

/* Reading leaves every byte where it is, also ids without a job and jobs that can't be read. */
static void
test_reading_writes_nothing (Fixture *f, gconstpointer data)
{
  const char *paths[] = {
    "/stats", "/job/types", "/jobs/0..-1", "/jobs/inactive/0..-1", "/jobs/push_notification_code/inactive/0..-1/desc",
    "/jobs/complete/0..-1", "/job/102", "/job/103", "/job/104", "/job/105", "/job/106", "/job/107", "/job/107/log",
    "/job/999", "/inactive/3", "/job/search?q=priority+critical",
  };
  g_autofree char *before = count_changes (f);

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autofree char *after = NULL;
      Answer answer = call (f, "GET", paths[i], NULL, NULL);

      answer_clear (&answer);
      after = count_changes (f);
      g_test_message ("%s", paths[i]);
      g_assert_cmpstr (after, ==, before);
    }
}

static void
test_damaged (Fixture *f, gconstpointer data)
{
  Answer answer;

  assert_answer (f, "GET", "/job/102", NULL, NULL, 200, "{\"error\":\"job \\\"102\\\" doesnt exist\"}");
  assert_answer (f, "GET", "/job/105", NULL, NULL, 200, "{\"error\":\"job \\\"105\\\" is invalid\"}");
  answer = call (f, "GET", "/job/107", NULL, NULL);
  g_assert_nonnull (strstr (answer.body, "not JSON"));
  answer_clear (&answer);

  /* Neither the phantom nor the broken one keeps the others from being listed. */
  answer = call (f, "GET", "/jobs/push_notification_code/inactive/0..-1", NULL, NULL);
  g_assert_nonnull (strstr (answer.body, "{\"id\":22,"));
  g_assert_null (strstr (answer.body, "\"id\":102,"));
  answer_clear (&answer);
}

/* One state change, one token, one event; in no other state any more. */
static void
test_move (Fixture *f, gconstpointer data)
{
  gint64 tokens = cb_test_redis_get_integer (f->redis, "LLEN", "q:push_notification_code:jobs", NULL);

  assert_answer (f, "PUT", "/job/3/state/inactive", NULL, NULL, 200, "{\"message\":\"updated state\"}");
  assert_answer (f, "PUT", "/job/3/state/inactive", NULL, NULL, 200, "{\"message\":\"updated state\"}");
  g_assert_cmpint (cb_test_redis_get_integer (f->redis, "LLEN", "q:push_notification_code:jobs", NULL), ==, tokens + 1);

  assert_answer (f, "PUT", "/job/3/state/on%20hold", NULL, NULL, 200, "{\"message\":\"updated state\"}");
  g_assert_cmpint (cb_test_redis_get_integer (f->redis, "ZCARD", "q:jobs:on hold", NULL), ==, 1);
  g_assert_cmpint (cb_test_redis_get_integer (f->redis, "ZCARD", "q:jobs:push_notification_code:on hold", NULL), ==, 1);
  assert_answer (f, "PUT", "/job/3/state/delayed", NULL, NULL, 200, "{\"message\":\"updated state\"}");
  g_assert_cmpint (cb_test_redis_get_integer (f->redis, "EXISTS", "q:jobs:on hold", "q:jobs:push_notification_code:on hold", NULL),
                   ==, 0);

  /* A state in whose name a colon stands would be the set of another type. */
  assert_answer (f, "PUT", "/job/3/state/email:inactive", NULL, NULL, 200,
                 "{\"error\":\"The name of a state is a word of at most 64 characters, without a colon\"}");

  assert_answer (f, "PUT", "/job/3/state/odd", NULL, NULL, 200, "{\"message\":\"updated state\"}");
  assert_answer (f, "DELETE", "/job/3", NULL, NULL, 200, "{\"message\":\"job 3 removed\"}");
  g_assert_cmpint (cb_test_redis_get_integer (f->redis, "EXISTS", "q:jobs:odd", "q:jobs:push_notification_code:odd", "q:job:3", NULL),
                   ==, 0);
}

static void
test_refused_jobs (Fixture *f, gconstpointer data)
{
  const char *bodies[] = {
    "{\"type\":\"a\",\"options\":{\"priority\":\"urgent\"}}",
    "{\"type\":\"a\",\"options\":{\"priority\":[1]}}",
    "{\"type\":\"a\",\"options\":{\"backoff\":\"process.exit()\"}}",
    "{\"type\":\"a\",\"options\":{\"backoff\":{\"type\":\"odd\"}}}",
    "{\"type\":\"a\",\"options\":{\"attempts\":\"many\"}}",
    "{\"type\":\"a\",\"options\":{\"attempts\":-1}}",
    "{\"type\":\"a\",\"options\":{\"delay\":\"soon\"}}",
    "{\"type\":\"a\",\"options\":{\"ttl\":1e300}}",
    "{\"type\":\"a\",\"options\":{\"searchKeys\":{}}}",
    "{\"type\":{},\"data\":1}",
    "{\"type\":\"\"}",
    "[null,1,\"a\",[]]",
  };
  g_autofree char *before = count_changes (f);
  g_autofree char *after = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      Answer answer = call (f, "POST", "/job", bodies[i], NULL);

      g_test_message ("%s: %s", bodies[i], answer.body);
      g_assert_cmpuint (answer.status, ==, 400);
      g_assert_cmpstr (answer.type, ==, "application/json; charset=utf-8");
      g_assert_nonnull (strstr (answer.body, "{\"error\":\""));
      answer_clear (&answer);
    }
  after = count_changes (f);
  g_assert_cmpstr (after, ==, before);
}

/* Data are kept as they are, numbers of any length with their digits. */
static void
test_data (Fixture *f, gconstpointer data)
{
  const struct
  {
    const char *body, *stored;
  } cases[] = {
    { "{\"type\":\"a\",\"data\":{\"n\": 123456789012345678901234567890, \"a\":\"\\u00e9 \"}}",
      "{\"n\":123456789012345678901234567890,\"a\":\"\\u00e9 \"}" },
    { "{\"type\":\"a\",\"data\":null}", "{}" },
    { "{\"type\":\"a\",\"data\":0}", "{}" },
    { "{\"type\":\"a\",\"data\":\"text\"}", "\"text\"" },
    { "{\"type\":\"a\",\"data\":[1]}", "[1]" },
    { " {\"type\":7,\"data\":{}} ", "{}" },
    { "{\"type\":true}", "{}" },
    { "{\"type\":\"a\",\"options\":{\"attempts\":\"4x\"}}", "{}" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *key = g_strdup_printf ("q:job:%u", 108 + i);
      g_autofree char *expected = g_strdup_printf ("{\"message\":\"job created\",\"id\":%u}", 108 + i);
      g_autofree char *stored = NULL;

      assert_answer (f, "POST", "/job", cases[i].body, NULL, 200, expected);
      stored = cb_test_redis_get_string (f->redis, "HGET", key, "data", NULL);
      g_assert_cmpstr (stored, ==, cases[i].stored);
    }
}

/* --- HTTP --- */

static void
test_etag (Fixture *f, gconstpointer data)
{
  Answer first = call (f, "GET", "/jobs/5..2", NULL, NULL);
  Answer second, third;
  g_autofree char *header = g_strconcat ("If-None-Match: ", first.etag, NULL);

  /* Express's own for "[]". */
  g_assert_cmpstr (first.etag, ==, "W/\"2-l9Fw4VUO7kr8CvBlt4zaMCqXZ0w\"");
  second = call (f, "GET", "/jobs/5..2", NULL, HEADERS (header));
  g_assert_cmpuint (second.status, ==, 304);
  g_assert_cmpstr (second.body, ==, "");
  third = call (f, "GET", "/stats", NULL, HEADERS (header));
  g_assert_cmpuint (third.status, ==, 200);

  answer_clear (&first);
  answer_clear (&second);
  answer_clear (&third);
}

static void
test_body_bound (Fixture *f, gconstpointer data)
{
  g_autofree char *filling = g_strnfill (CB_API_DEFAULT_MAX_BODY - 25, 'x');
  g_autofree char *fits = g_strdup_printf ("{\"type\":\"abcd\",\"data\":\"%s\"}", filling);
  g_autofree char *large = g_strconcat (fits, " ", NULL);
  Answer answer;

  g_assert_cmpuint (strlen (fits), ==, CB_API_DEFAULT_MAX_BODY);
  assert_answer (f, "POST", "/job", fits, NULL, 200, "{\"message\":\"job created\",\"id\":108}");
  answer = call (f, "POST", "/job", large, NULL);
  g_assert_cmpuint (answer.status, ==, 413);
  answer_clear (&answer);

  answer = call (f, "POST", "/job", large, HEADERS ("Transfer-Encoding: chunked"));
  g_assert_cmpuint (answer.status, ==, 413);
  answer_clear (&answer);
}

static void
test_token (Fixture *f, gconstpointer data)
{
  g_object_set (f->server, "token", "s3cret", NULL);

  for (guint i = 0; i < 4; i++)
    {
      const char *headers[] = { "Accept: */*", "Authorization: Bearer s3cre", "Authorization: Bearer s3crett",
                                "Authorization: Basic s3cret" };
      Answer answer = call (f, "GET", "/stats", NULL, HEADERS (headers[i]));

      g_assert_cmpuint (answer.status, ==, 401);
      g_assert_null (strstr (answer.body, "inactiveCount"));
      answer_clear (&answer);
    }
  for (guint i = 0; i < 2; i++)
    {
      const char *headers[] = { "Authorization: Bearer s3cret", "Authorization: bearer  s3cret" };
      Answer answer = call (f, "GET", "/stats", NULL, HEADERS (headers[i]));

      g_assert_cmpuint (answer.status, ==, 200);
      answer_clear (&answer);
    }
}

static void
test_strangers (Fixture *f, gconstpointer data)
{
  const struct
  {
    const char *method, *header;
    guint status;
  } cases[] = {
    { "GET", "Host: evil.example", 403 },
    { "GET", "Host: evil.example:3000", 403 },
    { "GET", "Host: 127.0.0.1.evil.example", 403 },
    { "GET", "Host: localhost:3000", 200 },
    { "GET", "Host: [::1]:3000", 200 },
    { "DELETE", "Origin: http://evil.example", 403 },
    { "DELETE", "Origin: null", 403 },
    { "GET", "Origin: http://evil.example", 200 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Answer answer = call (f, cases[i].method, "/job/1", NULL, HEADERS (cases[i].header));

      g_test_message ("%s", cases[i].header);
      g_assert_cmpuint (answer.status, ==, cases[i].status);
      answer_clear (&answer);
    }
}

static void
test_read_only (Fixture *f, gconstpointer data)
{
  g_autofree char *before = count_changes (f);
  g_autofree char *after = NULL;

  g_object_set (f->server, "read-only", TRUE, NULL);
  assert_answer (f, "POST", "/job", "{\"type\":\"a\"}", NULL, 403, "{\"error\":\"This service was started to read only\"}");
  assert_answer (f, "DELETE", "/job/1", NULL, NULL, 403, "{\"error\":\"This service was started to read only\"}");
  assert_answer (f, "PUT", "/inactive/3", NULL, NULL, 403, "{\"error\":\"This service was started to read only\"}");
  assert_answer (f, "GET", "/jobs/5..2", NULL, NULL, 200, "[]");
  after = count_changes (f);
  g_assert_cmpstr (after, ==, before);
}

/* Paths that are no routes, or that Kue goes mad about. */
static void
test_odd_paths (Fixture *f, gconstpointer data)
{
  g_autofree char *long_id = g_strnfill (5000, '1');
  g_autofree char *long_path = g_strconcat ("/job/", long_id, NULL);
  const struct
  {
    const char *path;
    guint status;
  } cases[] = {
    { long_path, 200 }, { "/job/1/", 200 }, { "/JOB/1", 200 }, { "/job//1", 404 }, { "/job/1/log/x", 404 }, { "/job/%00", 400 },
    { "/jobs/0..1.5", 404 }, { "/jobs/..5", 404 }, { "/jobs/0..", 404 }, { "/jobs/0..99999999999999999999", 200 },
    { "/jobs/%ff/inactive/0..1", 400 }, { "/job/%ff", 400 }, { "/nothing/%ff", 404 }, { "/job/1%2flog", 200 }, { "/jobs/0..1/asc/x", 404 },
    { "/jobs/q:evil/0..3", 200 }, { "/jobs/-9223372036854775808..-1", 200 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Answer answer = call (f, "GET", cases[i].path, NULL, NULL);

      g_test_message ("%.60s: %u %.200s", cases[i].path, answer.status, answer.body);
      g_assert_cmpuint (answer.status, ==, cases[i].status);
      answer_clear (&answer);
    }
}

/* A job whose data are too long for a page of a list is in the list all the same. */
static void
test_large_job (Fixture *f, gconstpointer data)
{
  g_autofree char *filling = g_strnfill (600000, 'x');
  g_autofree char *large = g_strdup_printf ("\"%s\"", filling);
  Answer answer;

  cb_reply_unref (cb_test_redis_call (f->redis, "HSET", "q:job:1", "data", large, NULL));
  answer = call (f, "GET", "/jobs/complete/0..-1", NULL, NULL);
  g_assert_nonnull (strstr (answer.body, "{\"id\":1,\"type\":\"push_notification_code\",\"data\":\"xxx"));
  g_assert_cmpuint (strlen (answer.body), >, 600000);
  answer_clear (&answer);
  answer = call (f, "GET", "/job/1", NULL, NULL);
  g_assert_cmpuint (strlen (answer.body), >, 600000);
  answer_clear (&answer);
}

/* More than one page. */
static void
test_many (Fixture *f, gconstpointer data)
{
  g_autoptr (GString) body = g_string_new ("[");
  Answer answer;
  guint n = 0;

  for (guint i = 0; i < 1200; i++)
    g_string_append_printf (body, "%s{\"type\":\"many\"}", i > 0 ? "," : "");
  g_string_append_c (body, ']');
  answer = call (f, "POST", "/job", body->str, NULL);
  g_assert_cmpuint (answer.status, ==, 200);
  answer_clear (&answer);

  answer = call (f, "GET", "/jobs/many/inactive/-1100..-1/desc", NULL, NULL);
  for (const char *p = strstr (answer.body, "{\"id\":"); p != NULL; p = strstr (p + 1, "{\"id\":"))
    n++;
  g_assert_cmpuint (n, ==, 1100);
  g_assert_true (g_str_has_prefix (answer.body, "[{\"id\":1307,"));
  answer_clear (&answer);
}

static guint
count_open_files (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

/* A service that runs for months must not keep a file of each of its clients. */
static void
test_connections (Fixture *f, gconstpointer data)
{
  guint before = count_open_files ();

  for (guint i = 0; i < 30; i++)
    {
      g_autoptr (SoupSession) session = soup_session_new ();

      assert_answer (f, "GET", "/jobs/5..2", NULL, NULL, 200, "[]");
      assert_answer (f, "POST", "/job", "{}", NULL, 204, "");
      g_object_unref (f->session);
      f->session = g_steal_pointer (&session);
    }
  cb_test_wait_until (count_open_files () <= before + 10);
}

static void
test_server_gone (Fixture *f, gconstpointer data)
{
  Answer answer;

  cb_connection_set_timeout (f->connection, 2000);
  cb_test_redis_kill (f->redis);
  cb_test_wait_until (cb_connection_get_state (f->connection) != CB_CONNECTION_READY);
  answer = call (f, "GET", "/stats", NULL, NULL);
  g_assert_cmpuint (answer.status, ==, 200);
  g_assert_true (g_str_has_prefix (answer.body, "{\"error\":\""));
  answer_clear (&answer);
}

/* --- events --- */

typedef struct
{
  SoupMessage *message;
  GInputStream *stream;
  GString *text;
  gboolean ended;
  char buffer[4096];
} Follower;

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Follower *follower = user_data;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL);

  if (n <= 0)
    {
      follower->ended = TRUE;
      return;
    }
  g_string_append_len (follower->text, follower->buffer, n);
  g_input_stream_read_async (follower->stream, follower->buffer, sizeof follower->buffer, G_PRIORITY_DEFAULT, NULL,
                             read_cb, follower);
}

static void
follower_init (Follower *follower, Fixture *f, const char *path)
{
  g_autofree char *uri = g_strconcat (f->base, path, NULL);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  memset (follower, 0, sizeof *follower);
  follower->text = g_string_new (NULL);
  follower->message = soup_message_new ("GET", uri);
  soup_session_send_async (f->session, follower->message, G_PRIORITY_DEFAULT, NULL, cb_test_store_result, &result);
  cb_test_wait_result (&result);
  follower->stream = soup_session_send_finish (f->session, result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (soup_message_get_status (follower->message), ==, 200);
  g_assert_cmpstr (soup_message_headers_get_one (soup_message_get_response_headers (follower->message), "Content-Type"),
                   ==, "text/event-stream");
  g_input_stream_read_async (follower->stream, follower->buffer, sizeof follower->buffer, G_PRIORITY_DEFAULT, NULL,
                             read_cb, follower);
}

static void
follower_clear (Follower *follower)
{
  g_object_unref (follower->stream);
  g_object_unref (follower->message);
  g_string_free (follower->text, TRUE);
}

static guint
n_streams (Fixture *f)
{
  guint n;

  g_object_get (f->server, "n-streams", &n, NULL);
  return n;
}

static void
test_events (Fixture *f, gconstpointer data)
{
  Follower all, one;

  follower_init (&all, f, "/events");
  follower_init (&one, f, "/events?id=109");
  cb_test_wait_until (cb_engine_get_live (f->engine));

  assert_answer (f, "POST", "/job", "{\"type\":\"a\"}", NULL, 200, "{\"message\":\"job created\",\"id\":108}");
  assert_answer (f, "POST", "/job", "{\"type\":\"b\"}", NULL, 200, "{\"message\":\"job created\",\"id\":109}");
  assert_answer (f, "DELETE", "/job/109", NULL, NULL, 200, "{\"message\":\"job 109 removed\"}");

  cb_test_wait_until (strstr (all.text->str, "\"remove\"") != NULL && strstr (one.text->str, "\"remove\"") != NULL);
  g_assert_true (g_str_has_prefix (all.text->str, "retry: 2000\n\nevent: live\ndata: {\"live\":"));
  g_assert_nonnull (strstr (all.text->str,
                            "data: {\"id\":108,\"event\":\"enqueue\",\"args\":[\"enqueue\",\"a\"]}\n\n"
                            "data: {\"id\":109,\"event\":\"enqueue\",\"args\":[\"enqueue\",\"b\"]}\n\n"
                            "data: {\"id\":109,\"event\":\"remove\",\"args\":[\"remove\",\"b\"]}\n\n"));
  g_assert_null (strstr (one.text->str, "\"id\":108"));
  g_assert_cmpuint (n_streams (f), ==, 2);

  /* Whoever goes is found out with the next thing there is to tell. */
  soup_session_abort (f->session);
  cb_test_wait_until (all.ended && one.ended);
  follower_clear (&all);
  follower_clear (&one);
  cb_test_wait_until ((cb_reply_unref (cb_test_redis_call (f->redis, "PUBLISH", "q:events",
                                                           "{\"id\":109,\"event\":\"progress\",\"args\":[\"progress\",1]}", NULL)),
                       n_streams (f) == 0));
}

/* Who follows and does not read is cut off, and the others hear everything. */
static void
test_events_slow (Fixture *f, gconstpointer data)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) connection = NULL;
  g_autofree char *filling = g_strnfill (20000, 'x');
  g_autofree char *message = g_strdup_printf ("{\"id\":1,\"event\":\"progress\",\"args\":[\"progress\",1,\"%s\"]}", filling);
  const char *request = "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n";
  Follower follower;

  connection = g_socket_client_connect_to_host (client, f->base + strlen ("http://"), 80, NULL, NULL);
  g_assert_nonnull (connection);
  g_assert_true (g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), request,
                                            strlen (request), NULL, NULL, NULL));
  follower_init (&follower, f, "/events");
  cb_test_wait_until (n_streams (f) == 2 && cb_engine_get_live (f->engine));

  for (guint i = 0; i < 2000 && n_streams (f) == 2; i++)
    {
      cb_reply_unref (cb_test_redis_call (f->redis, "PUBLISH", "q:events", message, NULL));
      cb_test_settle ();
    }
  cb_test_wait_until (n_streams (f) == 1);
  g_assert_false (follower.ended);

  soup_session_abort (f->session);
  /* What is still read goes into this frame. */
  cb_test_wait_until (follower.ended);
  follower_clear (&follower);
  g_io_stream_close (G_IO_STREAM (connection), NULL, NULL);
}

/* The server ends while somebody follows. */
static void
test_events_end (Fixture *f, gconstpointer data)
{
  Follower follower;

  follower_init (&follower, f, "/events");
  cb_api_server_stop (f->server);
  cb_test_wait_until (follower.ended);
  follower_clear (&follower);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define add(path, func) g_test_add ("/serve/" path, Fixture, NULL, set_up, func, tear_down)
  add ("recorded", test_recorded);
  add ("reading-writes-nothing", test_reading_writes_nothing);
  add ("damaged", test_damaged);
  add ("move", test_move);
  add ("refused-jobs", test_refused_jobs);
  add ("data", test_data);
  add ("etag", test_etag);
  add ("body-bound", test_body_bound);
  add ("token", test_token);
  add ("strangers", test_strangers);
  add ("read-only", test_read_only);
  add ("odd-paths", test_odd_paths);
  add ("large-job", test_large_job);
  add ("many", test_many);
  add ("connections", test_connections);
  add ("server-gone", test_server_gone);
  add ("events", test_events);
  add ("events-slow", test_events_slow);
  add ("events-end", test_events_end);
#undef add

  return g_test_run ();
}
