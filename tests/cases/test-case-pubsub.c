/* test-case-pubsub.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Messages of odd bytes and sizes, and servers that go, or cut off who is too slow. That nothing is lost by ourselves, and that what was
 * missed is said. The page has the same from the same library: tests/unit/test-pubsub.c, tests/ui/test-ui-pubsub.c. */

#include "config.h"

#include "cb-case.h"
#include "cb-message-line.h"
#include "cb-message-list.h"

#include <glib/gstdio.h>

static void
wait_listening (CbTestRedis *redis,
                gint64 n_patterns)
{
  cb_test_wait_until (cb_test_redis_get_integer (redis, "PUBSUB", "NUMPAT", NULL) == n_patterns);
}

static guint
count_pubsub_clients (CbTestRedis *redis)
{
  g_autofree char *list = cb_test_redis_get_string (redis, "CLIENT", "LIST", "TYPE", "pubsub", NULL);
  guint n = 0;

  for (const char *at = strchr (list, '\n'); at != NULL; at = strchr (at + 1, '\n'))
    n++;
  return n;
}

typedef struct
{
  const char *channel;
  gsize channel_length;
  const char *payload;
  gsize payload_length;
} Odd;

#define ODD(channel, payload) { channel, sizeof channel - 1, payload, sizeof payload - 1 }

/* Binary, empty, of several lines and marked up, on channels with odd names: each is one line of JSON, and comes back to the byte. */
static void
test_odd_messages (void)
{
  static const Odd messages[] = {
    ODD ("cb:bin", "plain"),
    ODD ("cb:bin", "\x00\x01\x02\xff\xfe"),
    ODD ("cb:bin", "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xaf"),
    ODD ("cb:bin", "broken \xc3\x28 utf-8"),
    ODD ("cb:bin", "line one\nline two\r\nline three"),
    ODD ("cb:bin", "<b>&amp;</b> %s%n"),
    ODD ("cb:bin", ""),
    ODD ("cb:\xff\x00" "chan", "from a channel with a binary name"),
    ODD ("cb:with\nnewline", "from a channel with a newline in its name"),
  };
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *file = g_build_filename (cb_test_redis_get_directory (redis), "saved", NULL);
  g_autoptr (CbCaseRun) run = cb_case_start (redis, "--json", "subscribe", "--pattern", "cb:*", "--save", file, "--until",
                                             "STOP", NULL);
  g_autofree char *saved = NULL;
  g_auto (GStrv) printed = NULL;
  g_auto (GStrv) lines = NULL;

  wait_listening (redis, 1);
  for (guint i = 0; i < G_N_ELEMENTS (messages); i++)
    {
      const char *words[] = { "PUBLISH", messages[i].channel, messages[i].payload };
      const gsize lengths[] = { 7, messages[i].channel_length, messages[i].payload_length };

      cb_reply_unref (cb_test_redis_call_argv (redis, 3, words, lengths));
    }
  cb_test_redis_get_integer (redis, "PUBLISH", "cb:end", "STOP", NULL);
  g_assert_cmpint (cb_case_wait (run), ==, 0);
  g_assert_cmpstr (run->errors->str, ==, "");

  g_assert_true (g_file_get_contents (file, &saved, NULL, NULL));
  lines = g_strsplit (saved, "\n", -1);
  printed = g_strsplit (run->output->str, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, G_N_ELEMENTS (messages) + 2);
  g_assert_cmpuint (g_strv_length (printed), ==, G_N_ELEMENTS (messages) + 2);
  for (guint i = 0; i < G_N_ELEMENTS (messages); i++)
    {
      for (guint k = 0; k < 2; k++)
        {
          const char *text = k == 0 ? lines[i] : printed[i];
          g_autoptr (GError) error = NULL;
          CbMessageLine line;

          g_assert_true (g_utf8_validate (text, -1, NULL));
          g_assert_true (cb_message_line_parse (text, strlen (text), &line, &error));
          g_assert_no_error (error);
          g_assert_cmpmem (g_bytes_get_data (line.channel, NULL), g_bytes_get_size (line.channel), messages[i].channel,
                           messages[i].channel_length);
          g_assert_cmpmem (g_bytes_get_data (line.payload, NULL), g_bytes_get_size (line.payload), messages[i].payload,
                           messages[i].payload_length);
          cb_message_line_clear (&line);
        }
    }
  g_unlink (file);
}

static void
heard_cb (CbSubscriber *subscriber,
          CbTopicKind kind,
          CbReply *reply,
          gpointer list)
{
  cb_message_list_take_message (list, kind, reply, g_get_real_time ());
}

/* Ten of 5 MB: each has its size and a beginning; what is kept is limited by bytes, too, and what is not kept is counted. */
static void
test_big_messages (void)
{
  const gsize size = 5242880;
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbSubscriber) subscriber = cb_subscriber_new (cb_test_redis_get_address (redis), "test");
  g_autoptr (CbMessageList) list = cb_message_list_new ();
  g_autofree char *big = g_strnfill (size, 'x');
  CbMessageCounts counts;

  cb_subscriber_set_message_func (subscriber, heard_cb, list);
  cb_subscriber_subscribe (subscriber, "cb:big", -1);
  cb_test_wait_until (cb_subscriber_get_connected (subscriber));
  for (guint i = 1; i <= 10; i++)
    {
      cb_test_redis_get_integer (redis, "PUBLISH", "cb:big", big, NULL);
      cb_test_wait_until ((cb_message_list_get_counts (list, &counts), counts.received == i));
    }
  cb_message_list_flush (list);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, 10);
  for (guint i = 0; i < 10; i++)
    {
      g_autoptr (CbPubsubMessage) message = g_list_model_get_item (G_LIST_MODEL (list), i);
      g_autofree char *excerpt = cb_pubsub_message_dup_excerpt (message, 300);

      g_assert_cmpuint (cb_pubsub_message_get_size (message), ==, size);
      g_assert_cmpuint (strlen (excerpt), <=, 303);
    }

  cb_message_list_set_limits (list, 10000, 4 * size);
  cb_message_list_get_counts (list, &counts);
  g_assert_cmpuint (counts.in_list, ==, 3);
  g_assert_cmpuint (counts.discarded, ==, 7);
  g_assert_cmpuint (counts.bytes, <=, 4 * size);
  cb_message_list_clear (list);
  cb_message_list_get_counts (list, &counts);
  g_assert_cmpuint (counts.bytes, ==, 0);
  cb_subscriber_close (subscriber);
}

/* The server restarts four times: listened to once afterwards, nothing comes twice, and each gap is told and saved. */
static void
test_restarts (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *file = g_build_filename (cb_test_redis_get_directory (redis), "saved", NULL);
  g_autoptr (CbCaseRun) run = cb_case_start (redis, "subscribe", "cb:one", "--pattern", "cb:*", "--save", file, "--until",
                                             "STOP", NULL);
  g_autofree char *saved = NULL;
  g_auto (GStrv) lines = NULL;
  guint n_heard[2] = { 0, };

  wait_listening (redis, 1);
  for (guint i = 1; i <= 4; i++)
    {
      cb_test_redis_kill (redis);
      cb_test_redis_start (redis);
      cb_test_wait_until (cb_case_count (run->errors, "Listening again") == i);
    }
  g_assert_cmpint (cb_test_redis_get_integer (redis, "PUBLISH", "cb:one", "hello", NULL), ==, 2);
  cb_test_wait_until (cb_case_count (run->output, "hello\n") == 2);
  g_assert_cmpuint (count_pubsub_clients (redis), ==, 1);
  cb_test_redis_get_integer (redis, "PUBLISH", "cb:two", "STOP", NULL);
  g_assert_cmpint (cb_case_wait (run), ==, 0);
  g_assert_cmpstr (run->output->str, ==, "hello\nhello\nSTOP\n");

  /* Once by the channel and once by the pattern. */
  g_assert_true (g_file_get_contents (file, &saved, NULL, NULL));
  lines = g_strsplit (saved, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      gboolean by_pattern = strstr (lines[i], "\"pattern\":\"cb:*\"") != NULL;

      g_test_message ("%s", lines[i]);
      if (*lines[i] != '\0')
        g_assert_true (g_regex_match_simple ("\"time\":\\d{16},", lines[i], 0, 0));
      if (strstr (lines[i], "\"hello\"") != NULL)
        n_heard[by_pattern]++;
    }
  g_assert_cmpuint (n_heard[FALSE], ==, 1);
  g_assert_cmpuint (n_heard[TRUE], ==, 1);
  for (guint i = 0; i < 4; i++)
    {
      const char *gap = strstr (saved, "\"gap\":");

      g_assert_nonnull (gap);
      memcpy ((char *) gap, "\"was\":", 6);
    }
  g_assert_null (strstr (saved, "\"gap\":"));
  g_unlink (file);
}

/* Cut off for a message that is larger than the server's limit: once for each, and what is small is heard again at once. */
static void
test_cut_off (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--client-output-buffer-limit", "pubsub 64kb 32kb 2", NULL);
  g_autofree char *big = g_strnfill (5242880, 'x');
  g_autoptr (CbCaseRun) run = cb_case_start (redis, "subscribe", "cb:small", "--pattern", "cb:big", "--until", "STOP", NULL);

  wait_listening (redis, 1);
  for (guint i = 1; i <= 2; i++)
    {
      cb_test_redis_get_integer (redis, "PUBLISH", "cb:big", big, NULL);
      cb_test_wait_until (cb_case_count (run->errors, "Listening again") == i);
    }
  cb_test_run_for (1000);
  g_assert_cmpuint (cb_case_count (run->errors, "Listening again"), ==, 2);
  g_assert_cmpint (cb_test_redis_get_integer (redis, "PUBLISH", "cb:small", "STOP", NULL), ==, 1);
  g_assert_cmpint (cb_case_wait (run), ==, 0);
  g_assert_cmpstr (run->output->str, ==, "STOP\n");
  g_assert_nonnull (strstr (run->errors->str, "closed the connection"));
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/cases/pubsub/odd-messages", test_odd_messages);
  g_test_add_func ("/cases/pubsub/big-messages", test_big_messages);
  g_test_add_func ("/cases/pubsub/restarts", test_restarts);
  g_test_add_func ("/cases/pubsub/cut-off", test_cut_off);

  return g_test_run ();
}
