/* test-case-service.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* The same queues in a bad way, asked for over HTTP: every answer is one that a client can read, nothing is changed by
 * looking, and the service is there afterwards. */

#include "config.h"

#include <signal.h>

#include "cb-case.h"
#include "cb-test-json.h"

/* @body (out): what came. Returns the status. */
static guint
get (const char *port,
     const char *path,
     char **body)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) connection = NULL;
  g_autoptr (GAsyncResult) connected = NULL;
  g_autoptr (GAsyncResult) sent = NULL;
  g_autoptr (GAsyncResult) received = NULL;
  g_autoptr (GOutputStream) answer = g_memory_output_stream_new_resizable ();
  g_autofree char *address = g_strdup_printf ("127.0.0.1:%s", port);
  g_autofree char *request = g_strdup_printf ("GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", path, address);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  char *end;

  g_socket_client_connect_to_host_async (client, address, 0, NULL, cb_test_store_result, &connected);
  connection = g_socket_client_connect_to_host_finish (client, cb_test_wait_result (&connected), &error);
  g_assert_no_error (error);
  g_output_stream_write_all_async (g_io_stream_get_output_stream (G_IO_STREAM (connection)), request, strlen (request),
                                   G_PRIORITY_DEFAULT, NULL, cb_test_store_result, &sent);
  g_assert_true (g_output_stream_write_all_finish (g_io_stream_get_output_stream (G_IO_STREAM (connection)),
                                                   cb_test_wait_result (&sent), NULL, &error));
  g_output_stream_splice_async (answer, g_io_stream_get_input_stream (G_IO_STREAM (connection)),
                                G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET, G_PRIORITY_DEFAULT, NULL, cb_test_store_result, &received);
  g_output_stream_splice_finish (answer, cb_test_wait_result (&received), &error);
  g_assert_no_error (error);

  text = g_strndup (g_memory_output_stream_get_data (G_MEMORY_OUTPUT_STREAM (answer)),
                    g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (answer)));
  g_assert_true (g_str_has_prefix (text, "HTTP/1.1 "));
  end = strstr (text, "\r\n\r\n");
  g_assert_nonnull (end);
  *body = g_strdup (end + 4);

  return (guint) g_ascii_strtoull (text + strlen ("HTTP/1.1 "), NULL, 10);
}

static CbCaseRun *
serve (CbTestRedis *redis,
       char **port)
{
  CbCaseRun *run = cb_case_start (redis, "serve", "--port", "0", NULL);
  const char *found;

  cb_test_wait_until (strstr (run->output->str, "127.0.0.1:") != NULL && g_str_has_suffix (run->output->str, "\n"));
  found = strstr (run->output->str, "127.0.0.1:") + strlen ("127.0.0.1:");
  *port = g_strndup (found, strspn (found, "0123456789"));

  return run;
}

/* The value of an answer that has to be one. */
static JsonNode *
get_json (const char *port,
          const char *path)
{
  g_autofree char *body = NULL;
  g_autoptr (GError) error = NULL;
  guint status = get (port, path, &body);
  JsonNode *node;

  g_test_message ("%s: %u, %.200s", path, status, body);
  g_assert_cmpuint (status, ==, 200);
  g_assert_true (g_utf8_validate (body, -1, NULL));
  node = cb_test_json_parse (body, &error);
  g_assert_no_error (error);

  return node;
}

/* Each set of odd data: all lists, all jobs, all numbers. Details of single answers: /serve/damaged. */
static void
test_looking (gconstpointer data)
{
  const char *name = data;
  static const char * const states[] = { "inactive", "active", "complete", "failed", "delayed" };
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *port = NULL;
  g_autoptr (CbCaseRun) service = NULL;
  g_autoptr (JsonNode) stats = NULL;
  g_autoptr (JsonNode) types = NULL;

  if (g_str_equal (name, "phantoms"))
    cb_case_script (redis, name, NULL);
  else
    cb_case_load (redis, name);
  cb_case_do (redis, "CONFIG RESETSTAT");
  service = serve (redis, &port);

  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    {
      static const char * const orders[] = { "asc", "desc" };

      for (guint j = 0; j < G_N_ELEMENTS (orders); j++)
        {
          g_autofree char *all = g_strdup_printf ("/jobs/%s/0..199/%s", states[i], orders[j]);
          g_autofree char *of_type = g_strdup_printf ("/jobs/email/%s/0..199/%s", states[i], orders[j]);
          g_autoptr (JsonNode) first = get_json (port, all);
          g_autoptr (JsonNode) second = get_json (port, of_type);

          g_assert_true (JSON_NODE_HOLDS_ARRAY (first));
          g_assert_true (JSON_NODE_HOLDS_ARRAY (second));
        }
    }
  stats = get_json (port, "/stats");
  g_assert_true (JSON_NODE_HOLDS_OBJECT (stats));
  types = get_json (port, "/job/types");
  g_assert_true (JSON_NODE_HOLDS_ARRAY (types));
  for (guint id = 1; id <= 110; id = id == 40 ? 101 : id + 1)
    {
      g_autofree char *path = g_strdup_printf ("/job/%u", id);
      g_autofree char *log_path = g_strdup_printf ("/job/%u/log", id);
      g_autofree char *body = NULL;
      g_autofree char *log = NULL;
      guint status = get (port, path, &body);

      g_test_message ("%s: %u, %.200s", path, status, body);
      g_assert_true (status == 200 || status == 404);
      g_assert_true (g_utf8_validate (body, -1, NULL));
      if (status == 200)
        {
          g_autoptr (GError) error = NULL;
          g_autoptr (JsonNode) node = cb_test_json_parse (body, &error);

          g_assert_no_error (error);
        }
      g_assert_cmpuint (get (port, log_path, &log), ==, 200);
    }

  cb_case_assert_only_looked (redis);
  cb_case_signal (service, SIGTERM);
  g_assert_cmpint (cb_case_wait (service), ==, 0);
  g_assert_cmpstr (service->errors->str, ==, "");
}

/* Keys of the wrong type: what they hold is an error in words, also where a number was asked for, and the rest is answered. */
static void
test_wrong_types (void)
{
  static const char * const damaged[] = { "/jobs/failed/0..10/asc", "/jobs/email/failed/0..10/asc", "/jobs/email/failed/stats",
                                          "/stats" };
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *port = NULL;
  g_autoptr (CbCaseRun) service = NULL;
  g_autoptr (JsonNode) all = NULL;
  g_autoptr (JsonNode) complete = NULL;
  g_autoptr (JsonNode) job = NULL;
  g_autoptr (CbTestRun) shown = NULL;
  g_autoptr (CbTestRun) text = NULL;

  cb_case_load (redis, "wrong-types");
  cb_case_do (redis, "DEL q:stats:work-time");
  cb_case_do (redis, "CONFIG RESETSTAT");
  service = serve (redis, &port);

  for (guint i = 0; i < G_N_ELEMENTS (damaged); i++)
    {
      g_autoptr (JsonNode) node = get_json (port, damaged[i]);
      const char *error = json_object_get_string_member (json_node_get_object (node), "error");

      g_assert_nonnull (strstr (error, "WRONGTYPE"));
      g_assert_nonnull (strstr (error, "failed: "));
    }
  complete = get_json (port, "/jobs/email/complete/stats");
  g_assert_cmpint (json_object_get_int_member (json_node_get_object (complete), "count"), ==, 1);
  all = get_json (port, "/jobs/0..10/asc");
  g_assert_true (JSON_NODE_HOLDS_ARRAY (all));
  job = get_json (port, "/job/1");
  g_assert_cmpstr (json_object_get_string_member (json_node_get_object (job), "error"), ==, "Error: boom");

  /* The same on the command line. */
  shown = cb_test_cli_get (redis, "job", "show", "2");
  g_assert_cmpint (shown->status, ==, 0);
  g_assert_nonnull (strstr (shown->output, "WRONGTYPE"));
  g_assert_null (strstr (shown->output, "Attempts:"));
  text = cb_test_cli_get (redis, "queue", "list");
  g_assert_cmpint (text->status, ==, 1);
  g_assert_nonnull (strstr (text->errors, "q:jobs:email:failed: "));
  g_assert_nonnull (strstr (text->output, "sms "));
  cb_case_assert_only_looked (redis);
}

int
main (int argc,
      char *argv[])
{
  static const char * const sets[] = { "dates", "odd-data", "markup", "ids", "orphans", "states", "types", "priorities",
                                       "backoffs", "phantoms" };

  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (sets); i++)
    {
      g_autofree char *path = g_strconcat ("/cases/service/", sets[i], NULL);

      g_test_add_data_func (path, sets[i], test_looking);
    }
  g_test_add_func ("/cases/service/keys-of-the-wrong-type", test_wrong_types);

  return g_test_run ();
}
