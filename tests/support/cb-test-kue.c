/* cb-test-kue.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-test-kue.h"

#include <gio/gunixsocketaddress.h>
#include <string.h>

#include "cb-test-wait.h"

/* --- the snapshot --- */

static gint64
hash_integer (CbTestRedis *redis,
              const char  *key,
              const char  *field)
{
  g_autofree char *text = cb_test_redis_get_string (redis, "HGET", key, field, NULL);

  return text != NULL ? g_ascii_strtoll (text, NULL, 10) : -1;
}

/* A time of a job, by what it is reckoned from. */
static char *
describe_time (CbTestRedis *redis,
               const char  *job,
               const char  *field,
               gint64       time)
{
  gint64 created = hash_integer (redis, job, "created_at");
  gint64 failed = hash_integer (redis, job, "failed_at");
  gint64 delay = hash_integer (redis, job, "delay");

  if (strcmp (field, "promote_at") == 0)
    {
      if (failed >= 0 && delay >= 0 && time == failed + delay)
        return g_strdup_printf ("failed_at+%" G_GINT64_FORMAT, delay);
      if (created >= 0)
        return g_strdup_printf ("created_at+%" G_GINT64_FORMAT, time - created);
    }
  if (ABS (time - g_get_real_time () / 1000) < 60000)
    return g_strdup ("<now>");

  return g_strdup_printf ("%" G_GINT64_FORMAT, time);
}

static void
add_hash (CbTestRedis *redis,
          GPtrArray   *lines,
          const char  *key)
{
  g_autoptr (CbReply) reply = cb_test_redis_call (redis, "HGETALL", key, NULL);
  const CbValue *value = cb_reply_get_value (reply);

  for (guint i = 0; i + 1 < cb_value_get_length (value); i += 2)
    {
      const char *field = cb_value_get_string (cb_value_get_element (value, i), NULL);
      const char *text = cb_value_get_string (cb_value_get_element (value, i + 1), NULL);
      g_autofree char *shown = NULL;

      if (g_str_has_suffix (field, "_at"))
        shown = describe_time (redis, key, field, g_ascii_strtoll (text, NULL, 10));
      else if (strcmp (field, "workerId") == 0)
        shown = g_strdup ("<worker>");
      else if (strcmp (field, "duration") == 0)
        shown = g_strdup ("<duration>");
      else
        shown = g_strescape (text, "\"");
      g_ptr_array_add (lines, g_strdup_printf ("%s.%s=%s", key, field, shown));
    }
}

static char *
describe_score (CbTestRedis *redis,
                const char  *key,
                const char  *member,
                const char  *score)
{
  const char *bar = strchr (member, '|');
  const char *jobs = strstr (key, ":jobs:");
  g_autofree char *job = NULL;
  gint64 number = g_ascii_strtoll (score, NULL, 10);
  gint64 ttl;

  if (bar == NULL || jobs == NULL || number < G_GINT64_CONSTANT (100000000000))
    return g_strdup (score);

  job = g_strdup_printf ("%.*s:job:%s", (int) (jobs - key), key, bar + 1);
  if (number == hash_integer (redis, job, "promote_at"))
    return g_strdup ("promote_at");
  ttl = hash_integer (redis, job, "ttl");
  if (ttl > 0 && ABS (number - ttl - g_get_real_time () / 1000) < 60000)
    return g_strdup ("<now>+ttl");

  return g_strdup (score);
}

static int
compare_strings (gconstpointer a,
                 gconstpointer b)
{
  return strcmp (*(const char * const *) a, *(const char * const *) b);
}

static void
add_elements (CbTestRedis *redis,
              GPtrArray   *lines,
              const char  *key,
              const char  *type)
{
  g_autoptr (CbReply) reply = NULL;
  g_autoptr (GPtrArray) items = g_ptr_array_new_null_terminated (0, g_free, TRUE);
  g_autofree char *joined = NULL;
  gboolean zset = strcmp (type, "zset") == 0;
  const CbValue *value;

  if (zset)
    reply = cb_test_redis_call (redis, "ZRANGE", key, "0", "-1", "WITHSCORES", NULL);
  else if (strcmp (type, "list") == 0)
    reply = cb_test_redis_call (redis, "LRANGE", key, "0", "-1", NULL);
  else
    reply = cb_test_redis_call (redis, "SMEMBERS", key, NULL);

  value = cb_reply_get_value (reply);
  for (guint i = 0; i < cb_value_get_length (value); i += zset ? 2 : 1)
    {
      const char *element = cb_value_get_string (cb_value_get_element (value, i), NULL);

      if (zset)
        {
          g_autofree char *score = describe_score (redis, key, element, cb_value_get_string (cb_value_get_element (value, i + 1), NULL));

          g_ptr_array_add (items, g_strdup_printf ("%s=%s", element, score));
        }
      else
        {
          g_ptr_array_add (items, g_strescape (element, "\""));
        }
    }
  if (strcmp (type, "set") == 0)
    g_ptr_array_sort (items, compare_strings);

  joined = g_strjoinv (" ", (GStrv) items->pdata);
  g_ptr_array_add (lines, g_strdup_printf ("%s %s", key, joined));
}

char *
cb_test_kue_snapshot (CbTestRedis *redis)
{
  g_autoptr (CbReply) reply = cb_test_redis_call (redis, "KEYS", "*", NULL);
  g_autoptr (GPtrArray) lines = g_ptr_array_new_null_terminated (0, g_free, TRUE);
  const CbValue *keys = cb_reply_get_value (reply);
  g_autofree char *text = NULL;

  for (guint i = 0; i < cb_value_get_length (keys); i++)
    {
      const char *key = cb_value_get_string (cb_value_get_element (keys, i), NULL);
      g_autofree char *type = cb_test_redis_get_string (redis, "TYPE", key, NULL);

      if (strcmp (type, "hash") == 0)
        add_hash (redis, lines, key);
      else if (g_str_has_suffix (key, ":stats:work-time"))
        g_ptr_array_add (lines, g_strdup_printf ("%s <duration>", key));
      else if (strcmp (type, "string") != 0)
        add_elements (redis, lines, key, type);
      else
        {
          g_autofree char *value = cb_test_redis_get_string (redis, "GET", key, NULL);

          g_ptr_array_add (lines, g_strdup_printf ("%s %s", key, value));
        }
    }

  g_ptr_array_sort (lines, compare_strings);
  text = g_strjoinv ("\n", (GStrv) lines->pdata);
  return g_strconcat (text, "\n", NULL);
}

/* --- the listener --- */

#define LAST_EVENT "{\"id\":0,\"event\":\"end of test\",\"args\":[\"end of test\"]}"

struct _CbTestListener
{
  CbTestRedis       *redis;
  char              *channel;
  GSocketConnection *connection;
  GDataInputStream  *input;
};

static char *
read_bulk (CbTestListener *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *head = g_data_input_stream_read_line (self->input, NULL, NULL, &error);
  gsize length, got;
  char *text;

  g_assert_no_error (error);
  g_assert_nonnull (head);
  if (head[0] == ':')
    return g_strdup (head + 1);

  g_assert_cmpint (head[0], ==, '$');
  length = g_ascii_strtoull (head + 1, NULL, 10);
  text = g_malloc0 (length + 3);
  g_input_stream_read_all (G_INPUT_STREAM (self->input), text, length + 2, &got, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (got, ==, length + 2);
  text[length] = 0;
  return text;
}

/* The third element of the next push. */
static char *
read_push (CbTestListener *self)
{
  g_autofree char *head = g_data_input_stream_read_line (self->input, NULL, NULL, NULL);
  g_autofree char *kind = NULL;
  g_autofree char *channel = NULL;

  g_assert_cmpstr (head, ==, "*3");
  kind = read_bulk (self);
  channel = read_bulk (self);
  return read_bulk (self);
}

CbTestListener *
cb_test_listener_new (CbTestRedis *redis,
                      const char  *channel)
{
  CbTestListener *self = g_new0 (CbTestListener, 1);
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (cb_test_redis_get_path (redis));
  g_autoptr (GError) error = NULL;
  g_autofree char *command = g_strdup_printf ("*2\r\n$9\r\nSUBSCRIBE\r\n$%u\r\n%s\r\n", (guint) strlen (channel), channel);
  g_autofree char *confirmed = NULL;

  self->redis = redis;
  self->channel = g_strdup (channel);
  self->connection = g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, &error);
  g_assert_no_error (error);
  self->input = g_data_input_stream_new (g_io_stream_get_input_stream (G_IO_STREAM (self->connection)));
  g_data_input_stream_set_newline_type (self->input, G_DATA_STREAM_NEWLINE_TYPE_CR_LF);
  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (self->connection)), command, strlen (command), NULL, NULL, &error);
  g_assert_no_error (error);
  confirmed = read_push (self);

  return self;
}

char *
cb_test_listener_take (CbTestListener *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  /* What comes before our own message was published before now. It has the form of an event, as Kue ends at anything else. */
  cb_test_redis_get_integer (self->redis, "PUBLISH", self->channel, LAST_EVENT, NULL);
  for (;;)
    {
      g_autofree char *message = read_push (self);

      if (strcmp (message, LAST_EVENT) == 0)
        return g_strdup (text->str);
      g_string_append_printf (text, "%s\n", message);
    }
}

void
cb_test_listener_free (CbTestListener *self)
{
  g_object_unref (self->input);
  g_object_unref (self->connection);
  g_free (self->channel);
  g_free (self);
}

/* --- calls --- */

GPtrArray *
cb_test_create (CbEngine    *engine,
                const char  *queue,
                const char  *json,
                guint        n,
                GError     **error)
{
  g_autoptr (GPtrArray) specs = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_spec_free);
  g_autoptr (GAsyncResult) result = NULL;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GBytes) data = g_bytes_new (json, strlen (json));

      g_ptr_array_add (specs, cb_job_spec_new (queue, data));
    }
  cb_engine_create_async (engine, specs, NULL, cb_test_store_result, &result);
  return cb_engine_create_finish (engine, cb_test_wait_result (&result), error);
}

CbJobRecord *
cb_test_claim (CbEngine    *engine,
               const char  *queue,
               const char  *worker,
               guint        lease_msec,
               GError     **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  cb_engine_claim_async (engine, queue, worker, lease_msec, NULL, cb_test_store_result, &result);
  return cb_engine_claim_finish (engine, cb_test_wait_result (&result), error);
}

gboolean
cb_test_complete (CbEngine     *engine,
                  CbJobRecord  *job,
                  const char   *json,
                  GError      **error)
{
  g_autoptr (GBytes) bytes = json != NULL ? g_bytes_new (json, strlen (json)) : NULL;
  g_autoptr (GAsyncResult) result = NULL;

  cb_engine_complete_async (engine, job, bytes, NULL, cb_test_store_result, &result);
  return cb_engine_complete_finish (engine, cb_test_wait_result (&result), error);
}

gboolean
cb_test_fail (CbEngine     *engine,
              CbJobRecord  *job,
              const char   *message,
              const char   *stack,
              gboolean     *will_retry,
              GError      **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  cb_engine_fail_async (engine, job, message, stack, NULL, cb_test_store_result, &result);
  return cb_engine_fail_finish (engine, cb_test_wait_result (&result), will_retry, error);
}

/* The outcome of one job: its error is that of the call. */
gboolean
cb_test_act (CbEngine     *engine,
             CbJobAction   action,
             double        argument,
             const char   *id,
             GError      **error)
{
  const char *ids[] = { id, NULL };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) outcomes = NULL;
  CbJobOutcome *outcome;

  cb_engine_act_async (engine, action, argument, ids, NULL, cb_test_store_result, &result);
  outcomes = cb_engine_act_finish (engine, cb_test_wait_result (&result), error);
  if (outcomes == NULL)
    return FALSE;

  g_assert_cmpuint (outcomes->len, ==, 1);
  outcome = g_ptr_array_index (outcomes, 0);
  g_assert_cmpstr (outcome->id, ==, id);
  if (outcome->error == NULL)
    return TRUE;

  g_propagate_error (error, g_error_copy (outcome->error));
  return FALSE;
}

int
cb_test_tick (CbEngine  *engine,
              GError   **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  cb_engine_tick_async (engine, NULL, cb_test_store_result, &result);
  return cb_engine_tick_finish (engine, cb_test_wait_result (&result), error);
}

int
cb_test_recover (CbEngine  *engine,
                 GError   **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  cb_engine_recover_async (engine, FALSE, NULL, cb_test_store_result, &result);
  return cb_engine_recover_finish (engine, cb_test_wait_result (&result), error);
}
