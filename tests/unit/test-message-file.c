/* test-message-file.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Messages saved as JSON lines, read back to the byte, and published again. */

#include "cb-message-file.h"
#include "cb-message-line.h"
#include "cb-message-list.h"
#include "cb-replay.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"

#include <glib/gstdio.h>
#include <string.h>

static CbReply *
create_reply (const char *const *words,
              const gsize       *lengths,
              guint              n)
{
  g_autoptr (GString) resp = g_string_new (NULL);
  CbReply *reply;

  g_string_append_printf (resp, "*%u\r\n", n);
  for (guint i = 0; i < n; i++)
    {
      g_string_append_printf (resp, "$%zu\r\n", lengths[i]);
      g_string_append_len (resp, words[i], (gssize) lengths[i]);
      g_string_append (resp, "\r\n");
    }
  reply = cb_reply_new_from_resp (resp->str, (gssize) resp->len, NULL);
  g_assert_nonnull (reply);
  return reply;
}

static void
assert_bytes (GBytes     *bytes,
              const char *expected,
              gsize       length)
{
  g_assert_nonnull (bytes);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), expected, length);
}

static void
assert_round (const char *channel,
              gsize       channel_length,
              const char *payload,
              gsize       payload_length)
{
  const char *words[] = { "pmessage", "p\"*", channel, payload };
  const gsize lengths[] = { 8, 3, channel_length, payload_length };
  g_autoptr (CbReply) reply = create_reply (words, lengths, 4);
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  CbHeard heard;
  CbMessageLine line;

  cb_heard_init_message (&heard, CB_TOPIC_PATTERN, reply, 1764194000123456);
  cb_message_line_write (out, &heard);
  g_assert_true (g_utf8_validate (out->str, (gssize) out->len, NULL));
  g_assert_true (strchr (out->str, '\n') == out->str + out->len - 1);
  g_assert_true (cb_message_line_parse (out->str, out->len, &line, &error));
  g_assert_no_error (error);
  g_assert_cmpint (line.time, ==, 1764194000123456);
  g_assert_false (line.sharded);
  assert_bytes (line.channel, channel, channel_length);
  assert_bytes (line.pattern, "p\"*", 3);
  assert_bytes (line.payload, payload, payload_length);
  cb_message_line_clear (&line);
  cb_heard_clear (&heard);
}

static void
test_round (void)
{
  assert_round ("c", 1, "hello", 5);
  assert_round ("c", 1, "", 0);
  assert_round ("", 0, "x", 1);
  assert_round ("c\0d", 3, "a\0b\"\\/\b\f\n\r\t\x1f\x7f", 13);
  assert_round ("\xff\0", 2, "\0\x01\x02\xff\xfe", 5);
  assert_round ("caf\xc3\xa9", 5, "\xf0\x9f\x90\xaf \xe2\x82\xac", 8);
  assert_round ("c", 1, "{\"base64\":\"eA==\"}", 17);
  assert_round ("c", 1, "broken \xc3\x28 utf-8", 15);

  for (guint i = 0; i < 2000; i++)
    {
      char bytes[32];
      gsize length = (gsize) g_test_rand_int_range (0, 32);

      for (gsize k = 0; k < length; k++)
        bytes[k] = (char) g_test_rand_int_range (0, g_test_rand_bit () ? 256 : 128);
      assert_round ("c", 1, bytes, length);
    }
}

static void
test_kinds (void)
{
  const char *words[] = { "smessage", "c", "x" };
  const gsize lengths[] = { 8, 1, 1 };
  g_autoptr (CbReply) reply = create_reply (words, lengths, 3);
  g_autoptr (GString) out = g_string_new (NULL);
  CbHeard heard;
  CbMessageLine line;

  cb_heard_init_message (&heard, CB_TOPIC_SHARD, reply, 7);
  cb_message_line_write (out, &heard);
  cb_heard_clear (&heard);
  g_assert_cmpstr (out->str, ==, "{\"time\":7,\"channel\":\"c\",\"sharded\":true,\"message\":\"x\"}\n");
  g_assert_true (cb_message_line_parse (out->str, out->len, &line, NULL));
  g_assert_true (line.sharded);
  g_assert_null (line.pattern);
  cb_message_line_clear (&line);

  g_string_truncate (out, 0);
  cb_heard_init_gap (&heard, "It went away.", 8, 1500);
  cb_message_line_write (out, &heard);
  cb_heard_clear (&heard);
  g_assert_cmpstr (out->str, ==, "{\"time\":8,\"gap\":\"It went away.\",\"deaf_usec\":1500}\n");
  g_assert_true (cb_message_line_parse (out->str, out->len, &line, NULL));
  g_assert_null (line.channel);
  cb_message_line_clear (&line);
}

/* What others write, too, and what nobody should. */
static void
test_foreign (void)
{
  static const char * const good[] = {
    "{\"message\":\"x\",\"channel\":\"c\"}",
    " { \"channel\" : \"c\" , \"message\" : \"\\u0078\" , \"more\" : [ { } , 1 ] } \r\n",
    "{\"channel\":\"a\",\"channel\":\"c\",\"message\":\"x\",\"pattern\":\"*\"}",
    "{\"channel\":{\"base64\":\"Yw==\"},\"message\":{\"base64\":\"eA==\"}}",
  };
  static const char * const bad[] = {
    "", " ", "x", "[]", "\"a\"", "1", "{", "{}", "{\"channel\":\"c\"}", "{\"message\":\"c\"}",
    "{\"channel\":\"c\",\"message\":1}", "{\"channel\":\"c\",\"message\":null}", "{\"channel\":[],\"message\":\"x\"}",
    "{\"channel\":\"c\",\"message\":{}}", "{\"channel\":\"c\",\"message\":{\"base64\":1}}",
    "{\"channel\":\"c\",\"message\":{\"base64\":\"e\"}}", "{\"channel\":\"c\",\"message\":{\"base64\":\"eA==\",\"b\":1}}",
    "{\"channel\":\"c\",\"message\":{\"base64\":\"e!==\"}}", "{\"channel\":\"c\",\"message\":\"x\"} {}",
    "{\"channel\":\"c\",\"message\":\"x\"", "{\"channel\":\"c\",\"message\":\"\\ud800\"}",
    "{\"channel\":\"c\",\"message\":\"\\udc00\"}", "{\"channel\":\"c\",\"message\":\"\\ud800\\u0041\"}",
    "{\"channel\":\"c\",\"message\":\"x\",\"time\":1.5}", "{\"channel\":\"c\",\"message\":\"x\",\"time\":-1}",
    "{\"channel\":\"c\",\"message\":\"x\",\"time\":99999999999999999999}", "{\"channel\":\"c\",\"message\":\"\xff\"}",
    "{\"gap\":[", "{\"channel\":\"c\",\"message\":\"x\",\"more\":[}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GError) error = NULL;
      CbMessageLine line;

      g_assert_true (cb_message_line_parse (good[i], strlen (good[i]), &line, &error));
      g_assert_no_error (error);
      g_assert_cmpint (line.time, ==, -1);
      assert_bytes (line.channel, "c", 1);
      assert_bytes (line.payload, "x", 1);
      cb_message_line_clear (&line);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      CbMessageLine line;

      if (cb_message_line_parse (bad[i], strlen (bad[i]), &line, &error))
        g_error ("It was taken: %s", bad[i]);
      g_assert_nonnull (error);
      g_assert_cmpstr (error->message, !=, "");
    }
}

/* ---- files ---- */

typedef struct
{
  char *folder;
  GFile *file;
  CbTestRedis *redis;
  CbConnection *connection;
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  g_autofree char *path = NULL;

  fixture->folder = g_dir_make_tmp ("callboard-test-XXXXXX", NULL);
  path = g_build_filename (fixture->folder, "messages.jsonl", NULL);
  fixture->file = g_file_new_for_path (path);
  fixture->redis = cb_test_redis_new (NULL, NULL);
  fixture->connection = cb_connection_new (cb_test_redis_get_address (fixture->redis), "test");
  cb_connection_open (fixture->connection);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  cb_connection_close (fixture->connection);
  cb_test_settle ();
  cb_test_assert_finalized_soon (fixture->connection);
  cb_test_redis_free (fixture->redis);
  g_file_delete (fixture->file, NULL, NULL);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_object_unref (fixture->file);
  g_free (fixture->folder);
}

static void
write_file (Fixture    *fixture,
            const char *text)
{
  g_assert_true (g_file_set_contents (g_file_peek_path (fixture->file), text, -1, NULL));
}

static void
heard_cb (CbSubscriber *subscriber,
          CbTopicKind   kind,
          CbReply      *reply,
          gpointer      list)
{
  cb_message_list_take_message (list, kind, reply, g_get_real_time ());
}

static gboolean
replay (Fixture      *fixture,
        double        speed,
        guint64      *n_sent,
        guint64      *n_receivers,
        GError      **error)
{
  g_autoptr (CbReplay) self = cb_replay_new (fixture->connection, fixture->file, speed);
  g_autoptr (GAsyncResult) result = NULL;
  gboolean done;

  cb_replay_run_async (self, NULL, cb_test_store_result, &result);
  done = cb_replay_run_finish (self, cb_test_wait_result (&result), error);
  *n_sent = cb_replay_get_n_sent (self);
  *n_receivers = cb_replay_get_n_receivers (self);
  return done;
}

/* What was heard is saved, published again, heard again, and the same. */
static void
test_save_and_replay (Fixture       *fixture,
                      gconstpointer  data)
{
  static const char * const payloads[] = { "one", "", "\xff\xfe", "line\nline", "caf\xc3\xa9" };
  g_autoptr (CbSubscriber) subscriber = cb_subscriber_new (cb_test_redis_get_address (fixture->redis), "test");
  g_autoptr (CbMessageList) list = cb_message_list_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  guint64 n_sent, n_receivers;
  CbMessageCounts counts;

  cb_subscriber_set_message_func (subscriber, heard_cb, list);
  cb_subscriber_psubscribe (subscriber, "c*", -1);
  cb_subscriber_subscribe_to (subscriber, CB_TOPIC_SHARD, "s", -1);
  cb_test_wait_until (cb_subscriber_get_connected (subscriber));
  for (guint i = 0; i < G_N_ELEMENTS (payloads); i++)
    cb_test_redis_get_integer (fixture->redis, "PUBLISH", "c\xff", payloads[i], NULL);
  g_assert_cmpint (cb_test_redis_get_integer (fixture->redis, "SPUBLISH", "s", "sharded", NULL), ==, 1);
  do
    {
      cb_test_settle ();
      cb_message_list_get_counts (list, &counts);
    }
  while (counts.received < 6);
  cb_message_list_take_gap (list, g_get_real_time (), 5, "away");
  cb_message_list_flush (list);

  cb_message_file_save_async (fixture->file, cb_message_list_snapshot (list), NULL, cb_test_store_result, &result);
  g_assert_cmpint (cb_message_file_save_finish (fixture->file, cb_test_wait_result (&result), &error), ==, 6);
  g_assert_no_error (error);
  cb_message_list_clear (list);

  g_assert_true (replay (fixture, 1, &n_sent, &n_receivers, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (n_sent, ==, 6);
  g_assert_cmpuint (n_receivers, ==, 6);
  do
    {
      cb_test_settle ();
      cb_message_list_get_counts (list, &counts);
    }
  while (counts.received < 6);
  cb_message_list_flush (list);
  for (guint i = 0; i < 6; i++)
    {
      g_autoptr (CbPubsubMessage) message = g_list_model_get_item (G_LIST_MODEL (list), i);
      g_autoptr (GBytes) channel = cb_pubsub_message_dup_channel (message);
      g_autoptr (GBytes) payload = cb_pubsub_message_dup_payload (message);

      if (i < 5)
        {
          assert_bytes (channel, "c\xff", 2);
          assert_bytes (payload, payloads[i], strlen (payloads[i]));
        }
      else
        {
          assert_bytes (payload, "sharded", 7);
          g_assert_cmpint (cb_pubsub_message_get_kind (message), ==, CB_TOPIC_SHARD);
        }
    }
  cb_subscriber_close (subscriber);
}

/* A file that can't be written leaves what was there. */
static void
test_save_refused (Fixture       *fixture,
                   gconstpointer  data)
{
  g_autoptr (GFile) file = g_file_new_build_filename (fixture->folder, "no", "such", NULL);
  g_autoptr (CbMessageList) list = cb_message_list_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  cb_message_file_save_async (file, cb_message_list_snapshot (list), NULL, cb_test_store_result, &result);
  g_assert_cmpint (cb_message_file_save_finish (file, cb_test_wait_result (&result), &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

/* As far apart as the file says, by the speed: never earlier. How late is the machine's business. */
static void
test_speed (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  guint64 n_sent, n_receivers;
  gint64 began;

  write_file (fixture, "{\"time\":5000000,\"channel\":\"c\",\"message\":\"1\"}\n"
                       "{\"time\":5100000,\"channel\":\"c\",\"message\":\"2\"}\n"
                       "\n"
                       "{\"time\":5000000,\"channel\":\"c\",\"message\":\"back in time\"}\n"
                       "{\"time\":5400000,\"channel\":\"c\",\"message\":\"3\"}");
  began = g_get_monotonic_time ();
  g_assert_true (replay (fixture, 1, &n_sent, &n_receivers, &error));
  g_assert_cmpint (g_get_monotonic_time () - began, >=, 400000);
  g_assert_cmpuint (n_sent, ==, 4);
  g_assert_cmpuint (n_receivers, ==, 0);

  began = g_get_monotonic_time ();
  g_assert_true (replay (fixture, 0.5, &n_sent, &n_receivers, &error));
  g_assert_cmpint (g_get_monotonic_time () - began, >=, 800000);

  /* A year apart, and as fast as it goes. */
  write_file (fixture, "{\"time\":1,\"channel\":\"c\",\"message\":\"1\"}\n"
                       "{\"time\":31536000000000,\"channel\":\"c\",\"message\":\"2\"}\n");
  g_assert_true (replay (fixture, 0, &n_sent, &n_receivers, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (n_sent, ==, 2);
}

static void
test_many (Fixture       *fixture,
           gconstpointer  data)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *stats = NULL;
  guint64 n_sent, n_receivers;

  /* One line is longer than what is read in one go. */
  g_string_append (text, "{\"channel\":\"c\",\"message\":\"");
  for (guint i = 0; i < 200000; i++)
    g_string_append_c (text, 'x');
  g_string_append (text, "\"}\n");
  for (guint i = 0; i < 5000; i++)
    g_string_append_printf (text, "{\"time\":%u,\"channel\":\"c\",\"message\":\"%u\"}\n", i, i);
  write_file (fixture, text->str);
  g_assert_true (replay (fixture, 0, &n_sent, &n_receivers, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (n_sent, ==, 5001);
  stats = cb_test_redis_get_string (fixture->redis, "INFO", "commandstats", NULL);
  g_assert_nonnull (strstr (stats, "cmdstat_publish:calls=5001,"));
}

static void
test_broken (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) missing = NULL;
  guint64 n_sent, n_receivers;

  write_file (fixture, "{\"channel\":\"c\",\"message\":\"1\"}\n{\"channel\":\"c\",\"message\":\"2\"}\n{\"channel\":\"c\",\"mess");
  g_assert_false (replay (fixture, 1, &n_sent, &n_receivers, &error));
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, "Line 3"));
  g_assert_cmpuint (n_sent, ==, 2);

  g_file_delete (fixture->file, NULL, NULL);
  g_assert_false (replay (fixture, 1, &n_sent, &n_receivers, &missing));
  g_assert_error (missing, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

static void
test_stopped (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (CbReplay) self = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  write_file (fixture, "{\"time\":1,\"channel\":\"c\",\"message\":\"1\"}\n"
                       "{\"time\":31536000000000,\"channel\":\"c\",\"message\":\"2\"}\n");
  self = cb_replay_new (fixture->connection, fixture->file, 1);
  cb_replay_run_async (self, cancellable, cb_test_store_result, &result);
  cb_test_wait_until (cb_replay_get_n_sent (self) == 1);
  g_assert_null (result);
  g_cancellable_cancel (cancellable);
  g_assert_false (cb_replay_run_finish (self, cb_test_wait_result (&result), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (cb_replay_get_n_sent (self), ==, 1);
}

#define ADD(name, function) g_test_add ("/message-file/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/message-file/round", test_round);
  g_test_add_func ("/message-file/kinds", test_kinds);
  g_test_add_func ("/message-file/foreign", test_foreign);
  ADD ("save-and-replay", test_save_and_replay);
  ADD ("save-refused", test_save_refused);
  ADD ("speed", test_speed);
  ADD ("many", test_many);
  ADD ("broken", test_broken);
  ADD ("stopped", test_stopped);

  return g_test_run ();
}
