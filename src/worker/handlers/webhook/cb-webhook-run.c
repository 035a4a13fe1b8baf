/* cb-webhook-run.c: one job sent to a web service
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-webhook-run.h"

#include <string.h>

#include "cb-job-json.h"
#include "cb-webhook-handler.h"
#include "cb-worker.h"

#define MAX_REDIRECTS 5
#define MAX_RETRY_AFTER_MSEC (24 * 60 * 60 * G_GINT64_CONSTANT (1000))

/* How much of the answer to a failure goes into the log. */
#define MAX_SHOWN 400

typedef struct
{
  CbHandlerContext *context;   /* (owned) */
  SoupSession *session;        /* (owned) */
  GUri *uri;                   /* (owned) where it is sent to now */
  GBytes *body;                /* (owned) */
  char *secret_name;           /* (owned) (nullable) */
  char *secret_value;          /* (owned) (nullable) */
  guint n_redirects;

  SoupMessage *message;        /* (owned) (nullable) */
  GInputStream *stream;        /* (owned) (nullable) */
  GByteArray *answer;          /* (owned) */
} Run;

static void
run_free (gpointer data)
{
  Run *run = data;

  g_object_unref (run->context);
  g_object_unref (run->session);
  g_uri_unref (run->uri);
  g_bytes_unref (run->body);
  g_free (run->secret_name);
  g_free (run->secret_value);
  g_clear_object (&run->message);
  g_clear_object (&run->stream);
  g_byte_array_unref (run->answer);
  g_free (run);
}

/* The address without what may be secret in it. */
static char *
describe_uri (GUri *uri)
{
  return g_uri_to_string_partial (uri, G_URI_HIDE_USERINFO | G_URI_HIDE_QUERY | G_URI_HIDE_FRAGMENT);
}

static void
fail (GTask *task, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
fail (GTask *task, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);

  g_task_return_new_error (task, CB_WORKER_ERROR, CB_WORKER_ERROR_FAILED, "%s", message);
}

/* --- the answer --- */

/* In ms from now on; -1 when the header is missing or says nothing. */
static gint64
get_retry_after (SoupMessage *message)
{
  const char *text = soup_message_headers_get_one (soup_message_get_response_headers (message), "Retry-After");
  g_autoptr (GDateTime) date = NULL;
  gint64 seconds;

  if (text == NULL)
    return -1;

  /* However many digits: a long time is a long time. */
  if (*text != '\0' && text[strspn (text, "0123456789")] == '\0')
    {
      seconds = (gint64) MIN (g_ascii_strtoull (text, NULL, 10), G_MAXINT);
    }
  else
    {
      g_autoptr (GDateTime) now = g_date_time_new_now_utc ();

      date = soup_date_time_new_from_http_string (text);
      if (date == NULL)
        return -1;
      seconds = MAX (g_date_time_difference (date, now) / G_USEC_PER_SEC, 0);
    }

  return MIN (seconds * 1000, MAX_RETRY_AFTER_MSEC);
}

static gboolean
is_worth_a_retry (guint status)
{
  return status == SOUP_STATUS_REQUEST_TIMEOUT || status == 425 || status == 429 || status >= 500;
}

static void
log_answer (Run *run)
{
  g_autofree char *text = NULL;

  if (run->answer->len == 0)
    return;

  text = cb_text_display ((const char *) run->answer->data, (gssize) MIN (run->answer->len, MAX_SHOWN), TRUE);
  cb_handler_context_log (run->context, "%s%s", text, run->answer->len > MAX_SHOWN ? "…" : "");
}

static void
take_answer (GTask *task)
{
  Run *run = g_task_get_task_data (task);
  guint status = soup_message_get_status (run->message);
  const char *reason = soup_message_get_reason_phrase (run->message);
  g_autofree char *shown_reason = cb_text_display (reason != NULL ? reason : "", -1, TRUE);
  g_autofree char *where = describe_uri (run->uri);

  if (SOUP_STATUS_IS_SUCCESSFUL (status))
    {
      const char *text = (const char *) run->answer->data;
      GBytes *result = NULL;

      if (run->answer->len > CB_WEBHOOK_MAX_BODY)
        cb_handler_context_log (run->context, "(An answer of more than %d bytes was left out)", CB_WEBHOOK_MAX_BODY);
      else if (run->answer->len > 0 && cb_json_check (text, run->answer->len, NULL))
        result = g_bytes_new (text, run->answer->len);
      g_task_return_pointer (task, result, (GDestroyNotify) g_bytes_unref);
      return;
    }

  log_answer (run);
  if (is_worth_a_retry (status))
    {
      gint64 after = get_retry_after (run->message);

      if (after >= 0)
        cb_handler_context_set_retry_after (run->context, after);
    }
  else
    cb_handler_context_set_no_retry (run->context);

  fail (task, "%s answered %u %s", where, status, shown_reason);
}

static void read_more (GTask *task);

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Run *run = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, &error);
  gsize length;
  const guint8 *data;

  if (bytes == NULL)
    {
      g_autofree char *where = describe_uri (run->uri);

      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        g_task_return_error (task, g_steal_pointer (&error));
      /* It has done the work, even if it did not live to say the last word of it. */
      else if (SOUP_STATUS_IS_SUCCESSFUL (soup_message_get_status (run->message)))
        {
          g_byte_array_set_size (run->answer, 0);
          take_answer (task);
        }
      else
        fail (task, "The answer of %s ended too early: %s", where, error->message);
      return;
    }

  data = g_bytes_get_data (bytes, &length);
  if (length > 0)
    g_byte_array_append (run->answer, data, length);

  /* One byte more than is taken tells that it is too long; nobody waits for the rest. */
  if (length == 0 || run->answer->len > CB_WEBHOOK_MAX_BODY)
    {
      g_input_stream_close_async (run->stream, G_PRIORITY_DEFAULT, NULL, NULL, NULL);
      take_answer (task);
    }
  else
    read_more (task);
}

static void
read_more (GTask *task)
{
  Run *run = g_task_get_task_data (task);

  g_input_stream_read_bytes_async (run->stream, 64 * 1024, G_PRIORITY_DEFAULT_IDLE,
                                   cb_handler_context_get_cancellable (run->context), read_cb, g_object_ref (task));
}

/* --- redirects --- */

static gboolean
is_same_origin (GUri *a, GUri *b)
{
  return g_strcmp0 (g_uri_get_scheme (a), g_uri_get_scheme (b)) == 0 &&
         g_ascii_strcasecmp (g_uri_get_host (a), g_uri_get_host (b)) == 0 && g_uri_get_port (a) == g_uri_get_port (b);
}

static void send_job (GTask *task);

/* FALSE when the task was answered. */
static gboolean
follow (GTask *task)
{
  Run *run = g_task_get_task_data (task);
  const char *location = soup_message_headers_get_one (soup_message_get_response_headers (run->message), "Location");
  guint status = soup_message_get_status (run->message);
  g_autoptr (GUri) uri = location != NULL ? g_uri_parse_relative (run->uri, location, SOUP_HTTP_URI_FLAGS, NULL) : NULL;
  g_autofree char *where = describe_uri (run->uri);
  const char *scheme = uri != NULL ? g_uri_get_scheme (uri) : NULL;

  if (uri == NULL || g_uri_get_host (uri) == NULL || (strcmp (scheme, "https") != 0 && strcmp (scheme, "http") != 0))
    {
      cb_handler_context_set_no_retry (run->context);
      fail (task, "%s answered %u, which leads nowhere", where, status);
      return FALSE;
    }
  if (strcmp (scheme, "http") == 0 && strcmp (g_uri_get_scheme (run->uri), "https") == 0)
    {
      cb_handler_context_set_no_retry (run->context);
      fail (task, "%s leads from https to http, which is not followed", where);
      return FALSE;
    }
  if (++run->n_redirects > MAX_REDIRECTS)
    {
      cb_handler_context_set_no_retry (run->context);
      fail (task, "%s leads on for more than %d times", where, MAX_REDIRECTS);
      return FALSE;
    }

  if (!is_same_origin (uri, run->uri))
    g_clear_pointer (&run->secret_name, g_free);
  g_uri_unref (run->uri);
  run->uri = g_steal_pointer (&uri);
  g_clear_object (&run->message);
  g_clear_object (&run->stream);
  return TRUE;
}

/* --- sending --- */

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Run *run = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  guint status;

  run->stream = soup_session_send_finish (SOUP_SESSION (source), result, &error);
  if (run->stream == NULL)
    {
      g_autofree char *where = describe_uri (run->uri);

      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        g_task_return_error (task, g_steal_pointer (&error));
      else if (error->domain == G_TLS_ERROR)
        fail (task, "%s is not trusted: %s", where, error->message);
      else
        fail (task, "%s can't be reached: %s", where, error->message);
      return;
    }

  status = soup_message_get_status (run->message);
  if (status == SOUP_STATUS_TEMPORARY_REDIRECT || status == SOUP_STATUS_PERMANENT_REDIRECT)
    {
      g_input_stream_close_async (run->stream, G_PRIORITY_DEFAULT, NULL, NULL, NULL);
      if (follow (task))
        send_job (task);
      return;
    }

  read_more (task);
}

static void
send_job (GTask *task)
{
  Run *run = g_task_get_task_data (task);
  CbJobRecord *job = cb_handler_context_get_job (run->context);
  g_autofree char *attempt = g_strdup_printf ("%d", job->attempts_made + 1);
  SoupMessageHeaders *headers;

  run->message = soup_message_new_from_uri ("POST", run->uri);
  headers = soup_message_get_request_headers (run->message);
  soup_message_add_flags (run->message, SOUP_MESSAGE_NO_REDIRECT);
  soup_message_set_request_body_from_bytes (run->message, "application/json", run->body);
  soup_message_headers_replace (headers, "Accept", "application/json, */*;q=0.5");
  soup_message_headers_replace (headers, "Callboard-Job-Id", job->id);
  soup_message_headers_replace (headers, "Callboard-Attempt", attempt);
  if (run->secret_name != NULL)
    soup_message_headers_replace (headers, run->secret_name, run->secret_value);

  soup_session_send_async (run->session, run->message, G_PRIORITY_DEFAULT,
                           cb_handler_context_get_cancellable (run->context), sent_cb, g_object_ref (task));
}

/**
 * cb_webhook_run_start:
 * @task: (transfer full): answered with the result, %CB_WORKER_ERROR_FAILED or, when cancelled, %G_IO_ERROR_CANCELLED
 *
 * Sends the job and sees it through. What is known about trying again is told to @context before the answer.
 */
void
cb_webhook_run_start (GTask *task,
                      CbHandlerContext *context,
                      SoupSession *session,
                      GUri *uri,
                      const char *secret_name,
                      const char *secret_value)
{
  g_autoptr (GTask) owned = task;
  g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();
  Run *run = g_new0 (Run, 1);
  char *text;

  cb_job_record_to_json (cb_handler_context_get_job (context), writer);
  text = cb_json_writer_steal (writer);

  run->context = g_object_ref (context);
  run->session = g_object_ref (session);
  run->uri = g_uri_ref (uri);
  run->body = g_bytes_new_take (text, strlen (text));
  run->secret_name = g_strdup (secret_name);
  run->secret_value = g_strdup (secret_value);
  run->answer = g_byte_array_new ();
  g_task_set_task_data (task, run, run_free);

  send_job (task);
}
