/* test-webhook-handler.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <libsoup/soup.h>
#include <string.h>

#include "cb-handler-context-private.h"
#include "cb-kue-engine.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"
#include "cb-webhook-handler.h"
#include "cb-worker.h"

/* A service that answers what a test tells it, and remembers what it was asked. */
typedef struct
{
  SoupServer *server;
  GSocketService *listener;
  GTlsCertificate *certificate;
  char *base;

  guint status;
  const char *type;
  char *body;
  const char *header;         /* "Name: value", nullable */
  gboolean silent;            /* never answers */

  guint n_requests;
  char *method;
  char *path;
  char *content_type;
  char *request;
  char *secret;
  char *authorization;
  char *job_id;
  char *attempt;
} Service;

static void
keep (char **place, SoupMessageHeaders *headers, const char *name)
{
  g_free (*place);
  *place = g_strdup (soup_message_headers_get_one (headers, name));
}

static void
service_cb (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query, gpointer user_data)
{
  Service *service = user_data;
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  SoupMessageBody *body = soup_server_message_get_request_body (message);

  service->n_requests++;
  g_free (service->method);
  service->method = g_strdup (soup_server_message_get_method (message));
  g_free (service->path);
  service->path = g_strdup (path);
  g_free (service->request);
  service->request = g_strndup (body->data, body->length);
  keep (&service->content_type, headers, "Content-Type");
  keep (&service->secret, headers, "X-Secret");
  keep (&service->authorization, headers, "Authorization");
  keep (&service->job_id, headers, "Callboard-Job-Id");
  keep (&service->attempt, headers, "Callboard-Attempt");

  if (service->silent)
    {
      soup_server_message_pause (message);
      return;
    }

  soup_server_message_set_status (message, service->status, NULL);
  if (service->header != NULL)
    {
      g_auto (GStrv) parts = g_strsplit (service->header, ": ", 2);

      soup_message_headers_replace (soup_server_message_get_response_headers (message), parts[0], parts[1]);
    }
  if (service->body != NULL)
    soup_server_message_set_response (message, service->type != NULL ? service->type : "text/plain", SOUP_MEMORY_COPY,
                                      service->body, strlen (service->body));
}

/* The library is given its connections, as some versions of it leak those that they accept themselves. */
static gboolean
incoming_cb (GSocketService *listener, GSocketConnection *connection, GObject *source_object, Service *self)
{
  g_autoptr (GSocketAddress) local = g_socket_connection_get_local_address (connection, NULL);
  g_autoptr (GSocketAddress) remote = g_socket_connection_get_remote_address (connection, NULL);
  g_autoptr (GIOStream) stream = G_IO_STREAM (g_object_ref (connection));

  if (self->certificate != NULL)
    {
      g_object_unref (stream);
      stream = g_tls_server_connection_new (G_IO_STREAM (connection), self->certificate, NULL);
    }
  if (local != NULL && remote != NULL)
    soup_server_accept_iostream (self->server, stream, local, remote, NULL);

  return TRUE;
}

static void
service_init (Service *self, gboolean tls)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) wanted = g_inet_socket_address_new (address, 0);
  g_autoptr (GSocketAddress) effective = NULL;
  g_autoptr (GError) error = NULL;

  memset (self, 0, sizeof *self);
  self->status = 200;
  self->server = g_object_new (SOUP_TYPE_SERVER, NULL);
  if (tls)
    {
      /* Made for these tests alone, with nothing to hide. */
      g_autofree char *path = g_test_build_filename (G_TEST_DIST, "fixtures", "tls", "localhost.pem", NULL);

      self->certificate = g_tls_certificate_new_from_file (path, &error);
      g_assert_no_error (error);
    }
  soup_server_add_handler (self->server, NULL, service_cb, self, NULL);

  self->listener = g_socket_service_new ();
  g_socket_listener_add_address (G_SOCKET_LISTENER (self->listener), wanted, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP,
                                 NULL, &effective, &error);
  g_assert_no_error (error);
  g_signal_connect (self->listener, "incoming", G_CALLBACK (incoming_cb), self);
  g_socket_service_start (self->listener);
  self->base = g_strdup_printf ("%s://127.0.0.1:%u", tls ? "https" : "http",
                                g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (effective)));
}

static void
service_stop (Service *self)
{
  g_socket_service_stop (self->listener);
  g_socket_listener_close (G_SOCKET_LISTENER (self->listener));
  soup_server_disconnect (self->server);
}

static void
service_clear (Service *self)
{
  service_stop (self);
  g_clear_object (&self->listener);
  g_clear_object (&self->server);
  g_clear_object (&self->certificate);
  g_free (self->base);
  g_free (self->body);
  g_free (self->method);
  g_free (self->path);
  g_free (self->content_type);
  g_free (self->request);
  g_free (self->secret);
  g_free (self->authorization);
  g_free (self->job_id);
  g_free (self->attempt);
}

typedef struct
{
  CbHandler *handler;
  CbHandlerContext *context;
  GString *said;
  GAsyncResult *result;
  GBytes *json;
  GError *error;
} Run;

static void
log_cb (CbHandlerContext *context, const char *line, Run *run)
{
  g_string_append_printf (run->said, "%s\n", line);
}

static void
run_init (Run *run, const char *url)
{
  g_autoptr (CbJobRecord) job = cb_job_record_new ("7");

  memset (run, 0, sizeof *run);
  job->queue = g_strdup ("sms");
  job->state = g_intern_string ("active");
  job->data = g_bytes_new_static ("{\"to\":1}", 8);
  job->priority = 0;
  job->attempts_made = 1;
  job->attempts_max = 3;

  run->said = g_string_new (NULL);
  run->handler = g_object_new (CB_TYPE_WEBHOOK_HANDLER, "url", url, NULL);
  run->context = cb_handler_context_new (job, NULL);
  g_signal_connect (run->context, "log", G_CALLBACK (log_cb), run);
}

static void
run_start (Run *run)
{
  cb_handler_run_async (run->handler, run->context, cb_test_store_result, &run->result);
}

static void
run_wait (Run *run)
{
  cb_test_wait_result (&run->result);
  cb_handler_run_finish (run->handler, run->result, &run->json, &run->error);
  g_clear_object (&run->result);
}

static void
run_clear (Run *run)
{
  CbHandler *handler = run->handler;

  g_clear_pointer (&run->json, g_bytes_unref);
  g_clear_error (&run->error);
  g_string_free (run->said, TRUE);
  g_assert_finalize_object (run->context);
  g_object_add_weak_pointer (G_OBJECT (handler), (gpointer *) &handler);
  g_object_unref (run->handler);
  g_assert_null (handler);
}

static void
run_once (Run *run, Service *service)
{
  g_autofree char *url = g_strconcat (service->base, "/notify?key=hidden", NULL);

  run_init (run, url);
  run_start (run);
  run_wait (run);
}

static void
assert_result (Run *run, const char *expected)
{
  g_assert_no_error (run->error);
  if (expected == NULL)
    {
      g_assert_null (run->json);
      return;
    }
  g_assert_nonnull (run->json);
  g_assert_cmpmem (g_bytes_get_data (run->json, NULL), g_bytes_get_size (run->json), expected, strlen (expected));
}

static void
test_request (void)
{
  Service service;
  Run run;

  service_init (&service, FALSE);
  service.body = g_strdup ("{\"sid\": 1}");
  run_once (&run, &service);
  assert_result (&run, "{\"sid\": 1}");
  g_assert_cmpstr (service.method, ==, "POST");
  g_assert_cmpstr (service.path, ==, "/notify");
  g_assert_cmpstr (service.content_type, ==, "application/json");
  g_assert_cmpstr (service.job_id, ==, "7");
  g_assert_cmpstr (service.attempt, ==, "2");
  g_assert_cmpstr (service.request, ==,
                   "{\"id\":7,\"type\":\"sms\",\"state\":\"active\",\"data\":{\"to\":1},\"priority\":0,"
                   "\"attempts\":{\"made\":1,\"remaining\":2,\"max\":3}}");
  run_clear (&run);
  service_clear (&service);
}

static void
test_success (void)
{
  const struct
  {
    guint status;
    const char *body, *result;
  } cases[] = {
    { 200, NULL, NULL }, { 204, NULL, NULL }, { 201, "text", NULL }, { 202, "[1,2]", "[1,2]" }, { 299, "\"x\"", "\"x\"" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Service service;
      Run run;

      service_init (&service, FALSE);
      service.status = cases[i].status;
      service.body = g_strdup (cases[i].body);
      run_once (&run, &service);
      assert_result (&run, cases[i].result);
      run_clear (&run);
      service_clear (&service);
    }
}

static void
test_too_long (void)
{
  Service service;
  Run run;

  service_init (&service, FALSE);
  service.body = g_strnfill (CB_WEBHOOK_MAX_BODY, '1');
  run_once (&run, &service);
  g_assert_no_error (run.error);
  g_assert_cmpuint (g_bytes_get_size (run.json), ==, CB_WEBHOOK_MAX_BODY);
  run_clear (&run);

  g_free (service.body);
  service.body = g_strnfill (8 * CB_WEBHOOK_MAX_BODY, '1');
  run_once (&run, &service);
  assert_result (&run, NULL);
  g_assert_cmpstr (run.said->str, ==, "(An answer of more than 1048576 bytes was left out)\n");
  run_clear (&run);
  service_clear (&service);
}

static void
test_failure (void)
{
  const struct
  {
    guint status;
    const char *header;
    gboolean has_wish;
    gint64 after_msec;
    gboolean never;
  } cases[] = {
    { 400, NULL, TRUE, -1, TRUE },
    { 404, "Retry-After: 5", TRUE, -1, TRUE },
    { 301, "Location: /elsewhere", TRUE, -1, TRUE },
    { 303, "Location: /elsewhere", TRUE, -1, TRUE },
    { 307, NULL, TRUE, -1, TRUE },
    { 308, "Location: ftp://example.org/", TRUE, -1, TRUE },
    { 408, NULL, FALSE, 0, FALSE },
    { 429, NULL, FALSE, 0, FALSE },
    { 429, "Retry-After: 120", TRUE, 120000, FALSE },
    { 503, "Retry-After: 0", TRUE, 0, FALSE },
    { 503, "Retry-After: 99999999", TRUE, 86400000, FALSE },
    { 503, "Retry-After: 99999999999999999999", TRUE, 86400000, FALSE },
    { 503, "Retry-After: -7", FALSE, 0, FALSE },
    { 503, "Retry-After: soon", FALSE, 0, FALSE },
    { 503, "Retry-After: Sun, 06 Nov 1994 08:49:37 GMT", TRUE, 0, FALSE },
    { 500, NULL, FALSE, 0, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *start = NULL;
      const CbRetryWish *wish;
      Service service;
      Run run;

      service_init (&service, FALSE);
      service.status = cases[i].status;
      service.header = cases[i].header;
      service.body = g_strdup ("no \033[1mcredit");
      run_once (&run, &service);
      g_test_message ("%u %s: %s", cases[i].status, cases[i].header != NULL ? cases[i].header : "", run.error->message);

      g_assert_error (run.error, CB_WORKER_ERROR, CB_WORKER_ERROR_FAILED);
      start = g_strdup_printf ("%s/notify answered %u", service.base, cases[i].status);
      g_assert_true (g_str_has_prefix (run.error->message, start));
      if (cases[i].status / 100 != 3)
        g_assert_cmpstr (run.said->str, ==, "no \\x1b[1mcredit\n");

      wish = cb_handler_context_get_wish (run.context);
      g_assert_cmpint (wish != NULL, ==, cases[i].has_wish);
      if (wish != NULL)
        {
          g_assert_cmpint (wish->after_msec, ==, cases[i].after_msec);
          g_assert_cmpint (wish->never, ==, cases[i].never);
        }
      g_assert_cmpuint (service.n_requests, ==, 1);
      run_clear (&run);
      service_clear (&service);
    }
}

/* A date in the future. */
static void
test_retry_date (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) then = g_date_time_add_hours (now, 1);
  g_autofree char *date = soup_date_time_to_string (then, SOUP_DATE_HTTP);
  g_autofree char *header = g_strconcat ("Retry-After: ", date, NULL);
  Service service;
  Run run;

  service_init (&service, FALSE);
  service.status = 503;
  service.header = header;
  run_once (&run, &service);
  g_assert_cmpint (cb_handler_context_get_wish (run.context)->after_msec, >, 3500 * 1000);
  g_assert_cmpint (cb_handler_context_get_wish (run.context)->after_msec, <=, 3600 * 1000);
  run_clear (&run);
  service_clear (&service);
}

/* Followed as a POST with its body, the secret only within the origin, and not for ever. */
static void
test_redirects (void)
{
  g_autofree char *there = NULL;
  Service first, second;
  Run run;

  service_init (&first, FALSE);
  service_init (&second, FALSE);
  there = g_strdup_printf ("Location: %s/other", second.base);
  first.status = 307;
  first.header = there;
  second.body = g_strdup ("1");

  run_init (&run, first.base);
  g_object_set (run.handler, "secret-header", "X-Secret: s3cret", NULL);
  run_start (&run);
  run_wait (&run);
  assert_result (&run, "1");
  g_assert_cmpstr (first.secret, ==, "s3cret");
  g_assert_cmpstr (second.secret, ==, NULL);
  g_assert_cmpstr (second.method, ==, "POST");
  g_assert_cmpstr (second.path, ==, "/other");
  g_assert_cmpstr (second.request, ==, first.request);
  run_clear (&run);

  first.n_requests = 0;
  first.header = "Location: /again";
  run_init (&run, first.base);
  g_object_set (run.handler, "secret-header", "X-Secret: s3cret", NULL);
  run_start (&run);
  run_wait (&run);
  g_assert_error (run.error, CB_WORKER_ERROR, CB_WORKER_ERROR_FAILED);
  g_assert_true (cb_handler_context_get_wish (run.context)->never);
  g_assert_cmpuint (first.n_requests, ==, 6);
  g_assert_cmpstr (first.secret, ==, "s3cret");
  run_clear (&run);

  service_clear (&first);
  service_clear (&second);
}

static void
test_secret (void)
{
  Service service;
  Run run;

  service_init (&service, FALSE);
  service.status = 500;
  run_init (&run, service.base);
  g_object_set (run.handler, "secret-header", "s3cret", NULL);
  run_start (&run);
  run_wait (&run);
  g_assert_cmpstr (service.authorization, ==, "Bearer s3cret");
  g_assert_null (strstr (run.error->message, "s3cret"));
  g_assert_null (strstr (run.said->str, "s3cret"));
  run_clear (&run);

  /* The key in the address is one, too. */
  run_once (&run, &service);
  g_assert_null (strstr (run.error->message, "hidden"));
  run_clear (&run);
  service_clear (&service);
}

static void
test_settings (void)
{
  const struct
  {
    const char *url, *secret;
  } cases[] = {
    { NULL, NULL }, { "", NULL }, { "ftp://example.org/", NULL }, { "example.org/x", NULL }, { "http:///x", NULL },
    { "http://127.0.0.1/", "Na me: x" }, { "http://127.0.0.1/", "Name: a\r\nOther: b" }, { "http://127.0.0.1/", "Name:" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Run run;

      run_init (&run, cases[i].url);
      g_object_set (run.handler, "secret-header", cases[i].secret, NULL);
      run_start (&run);
      run_wait (&run);
      g_assert_error (run.error, CB_WORKER_ERROR, CB_WORKER_ERROR_HANDLER);
      g_assert_null (strstr (run.error->message, "Other"));
      run_clear (&run);
    }
}

/* Nothing is sent for somebody who is on the block-list: nobody listens there, and that is not what is said. */
static void
test_blocked (void)
{
  static const char * const block_list[] = { "4153518781", NULL };
  CbJobRecord *job;
  Run run;

  run_init (&run, "http://127.0.0.1:1/");
  g_object_set (run.handler, "block-list", block_list, NULL);
  job = cb_handler_context_get_job (run.context);
  g_clear_pointer (&job->data, g_bytes_unref);
  job->data = g_bytes_new_static ("{\"phoneNumber\":4153518781}", 26);
  run_start (&run);
  run_wait (&run);
  g_assert_error (run.error, CB_WORKER_ERROR, CB_WORKER_ERROR_BLOCKED);
  run_clear (&run);
}

/* Nobody is there: worth another try. */
static void
test_unreachable (void)
{
  Service service;
  Run run;

  service_init (&service, FALSE);
  run_init (&run, service.base);
  service_stop (&service);
  run_start (&run);
  run_wait (&run);
  g_assert_error (run.error, CB_WORKER_ERROR, CB_WORKER_ERROR_FAILED);
  g_assert_nonnull (strstr (run.error->message, "can't be reached"));
  g_assert_null (cb_handler_context_get_wish (run.context));
  run_clear (&run);
  service_clear (&service);
}

static void
test_silence (void)
{
  Service service;
  Run run;

  service_init (&service, FALSE);
  service.silent = TRUE;

  run_init (&run, service.base);
  g_object_set (run.handler, "timeout", 1, NULL);
  run_start (&run);
  run_wait (&run);
  g_assert_error (run.error, CB_WORKER_ERROR, CB_WORKER_ERROR_FAILED);
  run_clear (&run);

  /* Cancelling does not wait for it. */
  service.n_requests = 0;
  run_init (&run, service.base);
  run_start (&run);
  cb_test_wait_until (service.n_requests == 1);
  g_cancellable_cancel (cb_handler_context_get_cancellable (run.context));
  run_wait (&run);
  g_assert_error (run.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  run_clear (&run);
  service_clear (&service);
}

/* A certificate that nobody vouches for is refused, before the job is told; with its issuer known it is good. */
static void
test_tls (void)
{
  g_autofree char *ca_file = g_test_build_filename (G_TEST_DIST, "fixtures", "tls", "ca.pem", NULL);
  Service service;
  Run run;

  if (!g_tls_backend_supports_tls (g_tls_backend_get_default ()))
    {
      g_test_skip ("There is no TLS (glib-networking) on this system");
      return;
    }

#ifdef __SANITIZE_ADDRESS__
  g_test_skip ("The leak sanitizer itself crashes where GnuTLS was used");
  return;
#endif

  service_init (&service, TRUE);
  run_init (&run, service.base);
  run_start (&run);
  run_wait (&run);
  g_assert_error (run.error, CB_WORKER_ERROR, CB_WORKER_ERROR_FAILED);
  g_assert_nonnull (strstr (run.error->message, "is not trusted"));
  g_assert_cmpuint (service.n_requests, ==, 0);
  run_clear (&run);

  run_init (&run, service.base);
  g_object_set (run.handler, "ca-file", ca_file, NULL);
  run_start (&run);
  run_wait (&run);
  assert_result (&run, NULL);
  g_assert_cmpuint (service.n_requests, ==, 1);
  run_clear (&run);

  run_init (&run, service.base);
  g_object_set (run.handler, "ca-file", "/no/such/file", NULL);
  run_start (&run);
  run_wait (&run);
  g_assert_error (run.error, CB_WORKER_ERROR, CB_WORKER_ERROR_HANDLER);
  run_clear (&run);
  service_clear (&service);
}

/* Down to what stands in Redis: a job with attempts left is over after a 404, and waits as long as a 503 says. */
static void
test_whole_way (void)
{
  CbTestRedis *redis = cb_test_redis_new (NULL, NULL);
  CbConnection *connection = cb_connection_new (cb_test_redis_get_address (redis), "test");
  g_autoptr (CbEngine) engine = NULL;
  const struct
  {
    guint status;
    const char *backoff, *state;
    gint64 wait_msec;
  } cases[] = {
    { 404, NULL, "failed", 0 },
    { 503, NULL, "delayed", 3600 * 1000 },
    { 503, "{\"type\":\"fixed\",\"delay\":1000}", "delayed", 3600 * 1000 },
    { 503, "{\"type\":\"fixed\",\"delay\":7200000}", "delayed", 7200 * 1000 },
  };

  cb_test_open (connection, NULL);
  engine = cb_kue_engine_new (connection, "q");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *key = g_strdup_printf ("q:job:%u", i + 1);
      g_autofree char *state = NULL;
      g_autofree char *attempts = NULL;
      g_autofree char *failed_at = NULL;
      g_autofree char *promote_at = NULL;
      g_autoptr (GPtrArray) specs = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_spec_free);
      g_autoptr (GBytes) data = g_bytes_new_static ("{}", 2);
      g_autoptr (CbHandler) handler = NULL;
      g_autoptr (CbWorker) worker = NULL;
      g_autoptr (GAsyncResult) created = NULL;
      g_autoptr (GAsyncResult) stopped = NULL;
      g_autoptr (GPtrArray) ids = NULL;
      CbJobSpec *spec = cb_job_spec_new ("sms", data);
      guint64 n_failed = 0;
      Service service;

      spec->attempts = 3;
      spec->backoff = g_strdup (cases[i].backoff);
      g_ptr_array_add (specs, spec);
      cb_engine_create_async (engine, specs, NULL, cb_test_store_result, &created);
      ids = cb_engine_create_finish (engine, cb_test_wait_result (&created), NULL);
      g_assert_cmpstr (g_ptr_array_index (ids, 0), ==, key + strlen ("q:job:"));

      service_init (&service, FALSE);
      service.status = cases[i].status;
      service.header = "Retry-After: 3600";
      handler = g_object_new (CB_TYPE_WEBHOOK_HANDLER, "url", service.base, NULL);
      worker = cb_worker_new (engine, "sms", handler, 1);
      cb_worker_start (worker);
      while (n_failed == 0)
        {
          g_main_context_iteration (NULL, TRUE);
          g_object_get (worker, "n-failed", &n_failed, NULL);
        }
      cb_worker_stop_async (worker, 0, NULL, cb_test_store_result, &stopped);
      cb_worker_stop_finish (worker, cb_test_wait_result (&stopped), NULL);

      state = cb_test_redis_get_string (redis, "HGET", key, "state", NULL);
      attempts = cb_test_redis_get_string (redis, "HGET", key, "attempts", NULL);
      failed_at = cb_test_redis_get_string (redis, "HGET", key, "failed_at", NULL);
      promote_at = cb_test_redis_get_string (redis, "HGET", key, "promote_at", NULL);
      g_assert_cmpstr (state, ==, cases[i].state);
      g_assert_cmpstr (attempts, ==, "1");
      if (cases[i].wait_msec > 0)
        g_assert_cmpint (g_ascii_strtoll (promote_at, NULL, 10) - g_ascii_strtoll (failed_at, NULL, 10), ==, cases[i].wait_msec);
      service_clear (&service);
    }

  g_clear_object (&engine);
  cb_connection_close (connection);
  cb_test_settle ();
  g_object_unref (connection);
  cb_test_redis_free (redis);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/webhook-handler/request", test_request);
  g_test_add_func ("/webhook-handler/success", test_success);
  g_test_add_func ("/webhook-handler/too-long", test_too_long);
  g_test_add_func ("/webhook-handler/failure", test_failure);
  g_test_add_func ("/webhook-handler/retry-date", test_retry_date);
  g_test_add_func ("/webhook-handler/redirects", test_redirects);
  g_test_add_func ("/webhook-handler/secret", test_secret);
  g_test_add_func ("/webhook-handler/settings", test_settings);
  g_test_add_func ("/webhook-handler/blocked", test_blocked);
  g_test_add_func ("/webhook-handler/unreachable", test_unreachable);
  g_test_add_func ("/webhook-handler/silence", test_silence);
  g_test_add_func ("/webhook-handler/tls", test_tls);
  g_test_add_func ("/webhook-handler/whole-way", test_whole_way);

  return g_test_run ();
}
