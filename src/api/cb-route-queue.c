/* cb-route-queue.c: how many jobs there are, of what types, and which have these words
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-api-routes.h"
#include "cb-job-json.h"

#include <string.h>

/* A set that can't be counted is an error of the answer, and not a queue without jobs. */
static void
check_count (const CbQueueCounts *counts, int state, GError **error)
{
  if (state >= 0 && counts->counts[state] < 0 && *error == NULL)
    *error = g_error_new_literal (CB_QUEUE_ERROR, CB_QUEUE_ERROR_DAMAGED,
                                  counts->problem != NULL ? counts->problem : "The jobs can't be counted");
}

/* --- GET /stats --- */

typedef struct
{
  CbApiRequest *request;   /* (owned) */
  GPtrArray *counts;       /* (owned) (nullable) */
  gint64 work_time;        /* µs, -1 */
  GError *error;           /* (owned) (nullable) the first */
  guint n_pending;
} Stats;

/* The order in which Kue names them. */
static const char * const stats_order[] = { "inactive", "complete", "active", "failed", "delayed" };

static void
finish_stats (Stats *stats)
{
  g_autoptr (CbJsonWriter) writer = NULL;

  if (--stats->n_pending > 0)
    return;

  for (guint i = 0; i < G_N_ELEMENTS (stats_order) && stats->error == NULL; i++)
    check_count (g_ptr_array_index (stats->counts, 0), cb_engine_find_state (stats->request->engine, stats_order[i]),
                 &stats->error);
  if (stats->error != NULL)
    cb_api_request_reply_failure (stats->request, stats->error);
  else
    {
      CbQueueCounts *counts = g_ptr_array_index (stats->counts, 0);

      writer = cb_json_writer_new ();
      cb_json_writer_begin_object (writer);
      for (guint i = 0; i < G_N_ELEMENTS (stats_order); i++)
        {
          int state = cb_engine_find_state (stats->request->engine, stats_order[i]);
          g_autofree char *name = g_strconcat (stats_order[i], "Count", NULL);

          cb_json_writer_name (writer, name);
          cb_json_writer_int (writer, state >= 0 ? counts->counts[state] : 0);
        }
      cb_json_writer_name (writer, "workTime");
      if (stats->work_time >= 0)
        cb_json_writer_int (writer, stats->work_time / 1000);
      else
        cb_json_writer_null (writer);
      cb_json_writer_end_object (writer);
      cb_api_request_reply_json (stats->request, SOUP_STATUS_OK, writer);
    }

  cb_api_request_unref (stats->request);
  g_clear_pointer (&stats->counts, g_ptr_array_unref);
  g_clear_error (&stats->error);
  g_free (stats);
}

static void
counted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Stats *stats = user_data;

  stats->counts = cb_engine_count_finish (CB_ENGINE (source), result, stats->error == NULL ? &stats->error : NULL);
  finish_stats (stats);
}

static void
got_work_time_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Stats *stats = user_data;
  g_autoptr (GError) error = NULL;

  if (!cb_engine_get_work_time_finish (CB_ENGINE (source), result, &stats->work_time, &error) &&
      !g_error_matches (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_NOT_SUPPORTED) && stats->error == NULL)
    stats->error = g_steal_pointer (&error);
  finish_stats (stats);
}

static void
get_stats (CbApiRequest *request)
{
  Stats *stats = g_new0 (Stats, 1);

  stats->request = cb_api_request_ref (request);
  stats->work_time = -1;
  stats->n_pending = 2;
  cb_engine_count_async (request->engine, NULL, request->cancellable, counted_cb, stats);
  cb_engine_get_work_time_async (request->engine, request->cancellable, got_work_time_cb, stats);
}

/* --- GET /jobs/T/S/stats --- */

static void
counted_type_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CbApiRequest) request = user_data;
  g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) counts = cb_engine_count_finish (CB_ENGINE (source), result, &error);
  int state = cb_engine_find_state (CB_ENGINE (source), request->params[1]);
  gint64 count = 0;

  if (counts != NULL)
    check_count (g_ptr_array_index (counts, 0), state, &error);
  if (error != NULL)
    {
      cb_api_request_reply_failure (request, error);
      return;
    }

  if (state >= 0)
    count = ((CbQueueCounts *) g_ptr_array_index (counts, 0))->counts[state];
  cb_json_writer_begin_object (writer);
  cb_json_writer_name (writer, "count");
  cb_json_writer_int (writer, count);
  cb_json_writer_end_object (writer);
  cb_api_request_reply_json (request, SOUP_STATUS_OK, writer);
}

static void
get_type_stats (CbApiRequest *request)
{
  const char *queues[] = { request->params[0], NULL };

  cb_engine_count_async (request->engine, queues, request->cancellable, counted_type_cb, cb_api_request_ref (request));
}

/* --- GET /job/types, GET /job/search --- */

static void
reply_texts (CbApiRequest *request, GPtrArray *texts)
{
  g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();

  cb_json_writer_begin_array (writer);
  for (guint i = 0; i < texts->len; i++)
    {
      g_autofree char *text = g_utf8_make_valid (g_ptr_array_index (texts, i), -1);

      cb_json_writer_string (writer, text, -1);
    }
  cb_json_writer_end_array (writer);
  cb_api_request_reply_json (request, SOUP_STATUS_OK, writer);
}

static void
listed_types_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CbApiRequest) request = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) types = cb_engine_list_queues_finish (CB_ENGINE (source), result, &error);

  if (types != NULL)
    reply_texts (request, types);
  else
    cb_api_request_reply_failure (request, error);
}

static void
get_types (CbApiRequest *request)
{
  cb_engine_list_queues_async (request->engine, request->cancellable, listed_types_cb, cb_api_request_ref (request));
}

static void
searched_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CbApiRequest) request = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) ids = cb_engine_search_finish (CB_ENGINE (source), result, &error);

  if (ids != NULL)
    reply_texts (request, ids);
  else
    cb_api_request_reply_failure (request, error);
}

static void
search (CbApiRequest *request)
{
  const char *words = request->query != NULL ? g_hash_table_lookup (request->query, "q") : NULL;

  cb_engine_search_async (request->engine, words != NULL ? words : "", request->cancellable,
                          searched_cb, cb_api_request_ref (request));
}

const CbRoute cb_route_queue[] = {
  { "GET", "/stats", get_stats },
  { "GET", "/job/search", search },
  { "GET", "/jobs/:type/:state/stats", get_type_stats },
  { "GET", "/job/types", get_types },
  { NULL }
};
