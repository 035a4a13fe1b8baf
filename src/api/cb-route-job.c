/* cb-route-job.c: one job: look at it, move it, remove it
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-api-job.h"
#include "cb-api-routes.h"

#include <string.h>

/* An id of Kue is a number of at most 19 digits; whatever else stands in a path is no job, and the server need not be asked. */
static gboolean
is_id (const char *text)
{
  gsize length = strlen (text);

  return length > 0 && length < 20 && strspn (text, "0123456789") == length && (text[0] != '0' || length == 1);
}

/* TRUE when the request is answered. */
static gboolean
reject_no_id (CbApiRequest *request)
{
  if (is_id (request->params[0]))
    return FALSE;

  cb_api_request_reply_error (request, SOUP_STATUS_OK, "job \"%s\" doesnt exist", request->params[0]);
  return TRUE;
}

/* --- GET /job/ID --- */

static void
got_job_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CbApiRequest) request = user_data;
  g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (CbJobRecord) record = cb_engine_get_whole_finish (CB_ENGINE (source), result, &error);

  if (g_error_matches (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_GONE))
    cb_api_request_reply_error (request, SOUP_STATUS_OK, "job \"%s\" doesnt exist", request->params[0]);
  else if (record == NULL || !cb_api_job_write (record, TRUE, writer, &error))
    cb_api_request_reply_failure (request, error);
  else
    cb_api_request_reply_json (request, SOUP_STATUS_OK, writer);
}

static void
get_job (CbApiRequest *request)
{
  if (!reject_no_id (request))
    cb_engine_get_whole_async (request->engine, request->params[0], 0, 0, request->cancellable,
                               got_job_cb, cb_api_request_ref (request));
}

/* --- GET /job/ID/log --- */

#define LOG_PORTION 500
#define LOG_MAX     (64 * 1024 * 1024)

typedef struct
{
  CbApiRequest *request;   /* (owned) */
  CbJsonWriter *writer;    /* (owned) */
  gint64 n_lines;
  gsize size;
} Log;

static void
log_free (Log *log)
{
  cb_api_request_unref (log->request);
  cb_json_writer_free (log->writer);
  g_free (log);
}

static void
reply_log (Log *log)
{
  cb_json_writer_end_array (log->writer);
  cb_api_request_reply_json (log->request, SOUP_STATUS_OK, log->writer);
  log_free (log);
}

static void read_log (Log *log);

static void
got_log_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Log *log = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (CbJobRecord) record = cb_engine_get_whole_finish (CB_ENGINE (source), result, &error);
  guint n = record != NULL && record->log != NULL ? record->log->len : 0;

  if (record == NULL && !g_error_matches (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_GONE))
    {
      cb_api_request_reply_failure (log->request, error);
      log_free (log);
      return;
    }

  for (guint i = 0; i < n; i++)
    {
      gsize length;
      const char *text = g_bytes_get_data (g_ptr_array_index (record->log, i), &length);
      g_autofree char *valid = g_utf8_make_valid (text != NULL ? text : "", (gssize) length);

      cb_json_writer_string (log->writer, valid, -1);
      log->size += length;
    }
  log->n_lines += n;

  if (log->size > LOG_MAX)
    {
      cb_api_request_reply_error (log->request, SOUP_STATUS_BAD_REQUEST,
                                  "The log of this job is longer than %d MiB", LOG_MAX >> 20);
      log_free (log);
    }
  else if (n < LOG_PORTION || log->request->is_gone)
    reply_log (log);
  else
    read_log (log);
}

static void
read_log (Log *log)
{
  cb_engine_get_whole_async (log->request->engine, log->request->params[0], log->n_lines, LOG_PORTION,
                             log->request->cancellable, got_log_cb, log);
}

static void
get_log (CbApiRequest *request)
{
  Log *log = g_new0 (Log, 1);

  log->request = cb_api_request_ref (request);
  log->writer = cb_json_writer_new ();
  cb_json_writer_begin_array (log->writer);

  if (is_id (request->params[0]))
    read_log (log);
  else
    reply_log (log);
}

/* --- changes --- */

static void
reply_outcome (CbApiRequest *request, GPtrArray *outcomes, const GError *error, const char *message)
{
  const CbJobOutcome *outcome = outcomes != NULL ? g_ptr_array_index (outcomes, 0) : NULL;

  if (outcome == NULL)
    cb_api_request_reply_failure (request, error);
  else if (g_error_matches (outcome->error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_GONE))
    cb_api_request_reply_error (request, SOUP_STATUS_OK, "job \"%s\" doesnt exist", request->params[0]);
  else if (g_error_matches (outcome->error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_DAMAGED)) /* it has no type */
    cb_api_request_reply_error (request, SOUP_STATUS_OK, "job \"%s\" is invalid", request->params[0]);
  else if (outcome->error != NULL)
    cb_api_request_reply_failure (request, outcome->error);
  else
    cb_api_request_reply_message (request, "%s", message);
}

static void
prioritized_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CbApiRequest) request = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) outcomes = cb_engine_act_finish (CB_ENGINE (source), result, &error);

  reply_outcome (request, outcomes, error, "updated priority");
}

static void
put_priority (CbApiRequest *request)
{
  const char *ids[] = { request->params[0], NULL };
  double priority;

  if (!cb_api_parse_number (request->params[1], &priority))
    cb_api_request_reply_error (request, SOUP_STATUS_OK, "invalid priority");
  else if (!reject_no_id (request))
    cb_engine_act_async (request->engine, CB_JOB_ACTION_PRIORITY, priority, ids, NULL,
                         prioritized_cb, cb_api_request_ref (request));
}

static void
moved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CbApiRequest) request = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) outcomes = cb_engine_set_state_finish (CB_ENGINE (source), result, &error);

  reply_outcome (request, outcomes, error, "updated state");
}

static void
put_state (CbApiRequest *request)
{
  const char *ids[] = { request->params[0], NULL };

  if (!reject_no_id (request))
    cb_engine_set_state_async (request->engine, request->params[1], ids, NULL, moved_cb, cb_api_request_ref (request));
}

static void
requeued_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CbApiRequest) request = user_data;
  g_autofree char *message = g_strdup_printf ("job %s inactive", request->params[0]);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) outcomes = cb_engine_set_state_finish (CB_ENGINE (source), result, &error);

  reply_outcome (request, outcomes, error, message);
}

static void
put_inactive (CbApiRequest *request)
{
  const char *ids[] = { request->params[0], NULL };

  if (!reject_no_id (request))
    cb_engine_set_state_async (request->engine, "inactive", ids, NULL, requeued_cb, cb_api_request_ref (request));
}

static void
removed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CbApiRequest) request = user_data;
  g_autofree char *message = g_strdup_printf ("job %s removed", request->params[0]);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) outcomes = cb_engine_act_finish (CB_ENGINE (source), result, &error);

  reply_outcome (request, outcomes, error, message);
}

static void
delete_job (CbApiRequest *request)
{
  const char *ids[] = { request->params[0], NULL };

  if (!reject_no_id (request))
    cb_engine_act_async (request->engine, CB_JOB_ACTION_REMOVE, 0, ids, NULL, removed_cb, cb_api_request_ref (request));
}

const CbRoute cb_route_job[] = {
  { "GET", "/job/:id", get_job },
  { "GET", "/job/:id/log", get_log },
  { "PUT", "/job/:id/state/:state", put_state, CB_ROUTE_WRITES },
  { "PUT", "/job/:id/priority/:priority", put_priority, CB_ROUTE_WRITES },
  { "DELETE", "/job/:id", delete_job, CB_ROUTE_WRITES },
  { "PUT", "/inactive/:id", put_inactive, CB_ROUTE_WRITES },
  { NULL }
};
