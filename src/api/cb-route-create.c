/* cb-route-create.c: POST /job
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-api-job.h"
#include "cb-api-routes.h"
#include "cb-job-json.h"

#include <string.h>

typedef struct
{
  CbApiRequest *request;   /* (owned) */
  gboolean is_list;
  GPtrArray *specs;        /* (owned) (element-type CbJobSpec) those that can be created */
  GPtrArray *errors;       /* (owned) (element-type GError) one a job of the request, NULL where it can be created */
} Creation;

static void
free_error (gpointer data)
{
  if (data != NULL)
    g_error_free (data);
}

static void
creation_free (Creation *creation)
{
  cb_api_request_unref (creation->request);
  g_ptr_array_unref (creation->specs);
  g_ptr_array_unref (creation->errors);
  g_free (creation);
}

static void
write_member (CbJsonWriter *writer, const char *name, const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  cb_json_writer_name (writer, name);
  cb_json_writer_string (writer, valid, -1);
}

/* One answer a job, in the order of the request; the status is that of the first that failed. */
static void
reply_created (Creation *creation, GPtrArray *ids, const GError *failure)
{
  g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();
  guint status = SOUP_STATUS_OK;
  guint n_created = 0;

  if (creation->is_list)
    cb_json_writer_begin_array (writer);
  for (guint i = 0; i < creation->errors->len; i++)
    {
      const GError *error = g_ptr_array_index (creation->errors, i);

      if (error != NULL && status == SOUP_STATUS_OK)
        status = SOUP_STATUS_BAD_REQUEST;
      if (error == NULL && (ids == NULL || n_created >= ids->len))
        {
          error = failure;
          if (status == SOUP_STATUS_OK)
            status = SOUP_STATUS_INTERNAL_SERVER_ERROR;
        }

      cb_json_writer_begin_object (writer);
      if (error != NULL)
        write_member (writer, "error", error->message);
      else
        {
          write_member (writer, "message", "job created");
          cb_json_writer_name (writer, "id");
          cb_job_id_to_json (g_ptr_array_index (ids, n_created++), writer);
        }
      cb_json_writer_end_object (writer);
    }
  if (creation->is_list)
    cb_json_writer_end_array (writer);

  cb_api_request_reply_json (creation->request, status, writer);
  creation_free (creation);
}

static void
created_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Creation *creation = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) ids = cb_engine_create_finish (CB_ENGINE (source), result, &error);

  if (ids != NULL && ids->len < creation->specs->len)
    error = g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_FAILED, "The job was not created");
  reply_created (creation, ids, error);
}

static void
add_job (Creation *creation, const char *text, gsize length)
{
  GError *error = NULL;
  CbJobSpec *spec = cb_api_job_parse (text, (gssize) length, &error);

  if (spec != NULL)
    g_ptr_array_add (creation->specs, spec);
  g_ptr_array_add (creation->errors, error);
}

/* As the body parser of Express: application/json with whatever parameters. */
static gboolean
is_json_type (SoupServerMessage *message)
{
  const char *type = soup_message_headers_get_content_type (soup_server_message_get_request_headers (message), NULL);

  return type != NULL && g_ascii_strcasecmp (type, "application/json") == 0;
}

/* TRUE when the body is JSON in an encoding that is understood; otherwise the request is answered. */
static gboolean
check_encoding (CbApiRequest *request)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (request->message);
  const char *encoding = soup_message_headers_get_one (headers, "Content-Encoding");
  g_autoptr (GHashTable) params = NULL;
  const char *charset;

  soup_message_headers_get_content_type (headers, &params);
  charset = params != NULL ? g_hash_table_lookup (params, "charset") : NULL;
  if (charset != NULL && g_ascii_strcasecmp (charset, "utf-8") != 0)
    cb_api_request_reply_page (request, SOUP_STATUS_UNSUPPORTED_MEDIA_TYPE, "Unsupported Media Type: only UTF-8 is read");
  else if (encoding != NULL && g_ascii_strcasecmp (encoding, "identity") != 0)
    cb_api_request_reply_page (request, SOUP_STATUS_UNSUPPORTED_MEDIA_TYPE, "Unsupported Media Type: no compressed body is read");
  else
    return TRUE;

  return FALSE;
}

static gboolean
is_empty (const char *text, gsize length)
{
  g_autofree char *compact = cb_json_compact (text, (gssize) length);

  return strcmp (compact, "{}") == 0 || strcmp (compact, "[]") == 0;
}

static void
post_job (CbApiRequest *request)
{
  const char *text = (const char *) request->body->data;
  gsize length = request->body->len;
  g_autoptr (GPtrArray) elements = NULL;
  Creation *creation;
  gsize skipped = 0;

  if (length == 0 || !is_json_type (request->message))
    {
      cb_api_request_reply_empty (request, SOUP_STATUS_NO_CONTENT);
      return;
    }
  if (!check_encoding (request))
    return;

  /* What it begins with tells what it is: only lists and objects are taken. */
  while (skipped < length && strchr (" \t\r\n", text[skipped]) != NULL && text[skipped] != '\0')
    skipped++;
  if (skipped == length || (text[skipped] != '{' && text[skipped] != '[') || !cb_json_check (text, (gssize) length, NULL))
    {
      cb_api_request_reply_page (request, SOUP_STATUS_BAD_REQUEST, "Bad Request: the body is not JSON");
      return;
    }
  if (is_empty (text, length))
    {
      cb_api_request_reply_empty (request, SOUP_STATUS_NO_CONTENT);
      return;
    }

  creation = g_new0 (Creation, 1);
  creation->request = cb_api_request_ref (request);
  creation->is_list = text[skipped] == '[';
  creation->specs = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_spec_free);
  creation->errors = g_ptr_array_new_with_free_func (free_error);

  if (creation->is_list)
    {
      elements = cb_json_split_array (text, (gssize) length, NULL);
      for (guint i = 0; elements != NULL && i < elements->len; i++)
        {
          gsize size;
          const char *element = g_bytes_get_data (g_ptr_array_index (elements, i), &size);

          add_job (creation, element, size);
        }
    }
  else
    add_job (creation, text, length);

  if (creation->specs->len > 0)
    cb_engine_create_async (request->engine, creation->specs, NULL, created_cb, creation);
  else
    reply_created (creation, NULL, NULL);
}

const CbRoute cb_route_create[] = {
  { "POST", "/job", post_job, CB_ROUTE_WRITES },
  { NULL }
};
