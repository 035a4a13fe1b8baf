/* test-ui-pubsub.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* The page of Pub/Sub, by mouse and keyboard: subscribing, publishing after a delay, pausing, filtering, saving, and what is said when
 * something is refused or missed. */

#include "cb-test-redis.h"
#include "cb-test-wait.h"
#include "cb-ui-harness.h"

#include <glib/gstdio.h>
#include <string.h>

/* MiB that may stay of what was shown and is gone. */
#define MEMORY_OF_VIEW 30

static char *
dup_server (CbTestRedis *redis)
{
  return g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));
}

static void
subscribe (const char *name)
{
  cb_ui_click_on (NULL, "Channel or pattern");
  cb_ui_type (name);
  cb_ui_key ("Return");
}

/* Until the server has it. */
static void
wait_subscribed (CbTestRedis *redis, const char *channel)
{
  g_autoptr (CbReply) reply = NULL;
  gint64 n = 0;

  do
    {
      g_clear_pointer (&reply, cb_reply_unref);
      g_usleep (20000);
      reply = cb_test_redis_call (redis, "PUBSUB", "NUMSUB", channel, NULL);
      cb_value_get_integer (cb_value_get_element (cb_reply_get_value (reply), 1), &n);
    }
  while (n == 0);
}

static void
publish (CbTestRedis *redis, const char *channel, const char *message)
{
  g_assert_cmpint (cb_test_redis_get_integer (redis, "PUBLISH", channel, message, NULL), ==, 1);
}

/* The first click after a popover may be the one that only takes its grab away. What has begun must not be begun again, and is in sight
 * for longer than it is looked for. */
static void
click_publish (void)
{
  for (guint i = 0; i < 5; i++)
    {
      cb_ui_click_on ("label", "Publish");
      if (cb_ui_try_text ("To be published in"))
        return;
    }
  cb_ui_fail ("Nothing is to be published");
}

static void
test_life (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = dup_server (redis);
  g_autofree char *path = NULL;
  g_autofree char *text = NULL;

  cb_ui_start ("--server", server, "--page", "pubsub", NULL);
  cb_ui_wait_text ("Nothing Is Listened To");
  subscribe ("news");
  cb_ui_wait_text ("1 subscription");
  cb_ui_wait_text ("No Messages Yet");
  wait_subscribed (redis, "news");

  /* After a delay; the channel was taken over. */
  cb_ui_click_on (NULL, "Message to publish");
  cb_ui_type ("hello tigers");
  cb_ui_click_on ("label", "Now");
  cb_ui_find (NULL, "Once, after seconds");
  cb_ui_key ("Down");
  cb_ui_key ("space");
  /* Ten seconds more: that it waits is to be seen on a busy machine, too. */
  cb_ui_key ("Tab");
  cb_ui_key ("Prior");
  cb_ui_key ("Escape");
  cb_ui_wait_no_text ("To a sharded channel");
  cb_ui_wait_text ("After 15");
  click_publish ();
  g_assert_false (cb_ui_has_text ("hello tigers received"));
  cb_ui_wait_text ("1 received, 1 in the list, none discarded");
  cb_ui_wait_text ("1 subscriber received it");
  cb_ui_find ("label", "hello tigers");

  /* What comes while it is paused is held back and counted. */
  cb_ui_click_on (NULL, "Pause");
  publish (redis, "news", "late one");
  publish (redis, "news", "late two");
  cb_ui_wait_text ("3 received, 1 in the list, 2 held back");
  g_assert_false (cb_ui_has_text ("late one"));
  cb_ui_click_until (NULL, "Pause", "late one");
  cb_ui_wait_text ("3 received, 3 in the list, none discarded");

  cb_ui_key ("ctrl+f");
  cb_ui_type ("tigers");
  cb_ui_wait_no_text ("late one");
  cb_ui_find ("label", "hello tigers");
  /* What does not match is counted, and not shown. */
  publish (redis, "news", "late three");
  cb_ui_wait_text ("4 received, 4 in the list");
  g_assert_false (cb_ui_has_text ("late three"));

  cb_ui_key ("ctrl+s");
  cb_ui_wait_text ("Save Messages");
  cb_ui_find ("label", "Save");
  cb_ui_find (NULL, "Modified");
  cb_ui_key ("Return");
  cb_ui_wait_text ("1 message saved to messages.jsonl");
  path = g_build_filename (cb_ui_get_home (), "home", "messages.jsonl", NULL);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "\"channel\":\"news\",\"message\":\"hello tigers\"}\n"));
  g_assert_null (strstr (text, "late"));
  g_unlink (path);

  cb_ui_click_until (NULL, "Clear", "0 received, 0 in the list");
  cb_ui_click_until (NULL, "Unsubscribe from news", "Nothing Is Listened To");
  cb_ui_stop ();
}

/* A message is looked at, and compared with the one before on its channel. */
static void
test_detail (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = dup_server (redis);
  const char *binary[] = { "PUBLISH", "other", "bin\0\xff" };
  const gsize lengths[] = { 7, 5, 5 };

  cb_ui_start ("--server", server, "--page", "pubsub", NULL);
  cb_ui_click_until ("label", "Listen to All Channels", "No Messages Yet");
  while (cb_test_redis_get_integer (redis, "PUBSUB", "NUMPAT", NULL) == 0)
    g_usleep (20000);
  publish (redis, "one", "{\"n\":1,\"same\":true}");
  cb_reply_unref (cb_test_redis_call_argv (redis, 3, binary, lengths));
  publish (redis, "one", "{\"n\":2,\"same\":true}");
  cb_ui_wait_text ("3 received");
  cb_ui_find ("label", "bin\\x00\\xff");

  cb_ui_click_until ("label", "{\"n\":2,\"same\":true}", "\"n\": 2,");
  cb_ui_click_until (NULL, "Difference", "Compared with the message before on this channel");
  cb_ui_wait_text ("-   \"n\": 1,");
  cb_ui_wait_text ("+   \"n\": 2,");

  cb_ui_click_until ("label", "bin\\x00\\xff", "No message before it on this channel");
  cb_ui_click_until (NULL, "Bytes", "62 69 6e 00 ff");
  cb_ui_key ("Escape");
  cb_ui_wait_no_text ("62 69 6e 00 ff");
  cb_ui_stop ();
}

typedef struct
{
  const char *channel;
  gsize channel_length;
  const char *payload;
  gsize payload_length;
} Odd;

#define ODD(channel, payload) { channel, sizeof channel - 1, payload, sizeof payload - 1 }

/* Binary, empty, of several lines, marked up, and on channels with odd names: each is one row, and nothing is markup. */
static void
test_odd (void)
{
  static const Odd messages[] = {
    ODD ("cb:bin", "plain tigers"),
    ODD ("cb:bin", "\x00\x01\x02\xff\xfe"),
    ODD ("cb:bin", "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xaf"),
    ODD ("cb:bin", "broken \xc3\x28 utf-8"),
    ODD ("cb:bin", "line one\nline two\r\nline three"),
    ODD ("cb:bin", "<b>&amp;</b> %s%n"),
    ODD ("cb:bin", ""),
    ODD ("cb:\xff\x00" "chan", "from a channel with a binary name"),
    ODD ("cb:with\nnewline", "from a channel with a newline in its name"),
  };
  static const struct
  {
    const char *shown;
    const char *title;
    const char *copied;
  } copies[] = {
    { "plain tigers", "Close Message", "plain tigers" },
    { "\\x00\\x01\\x02\\xff\\xfe", "Close Message", "\\x00\\x01\\x02\\xff\\xfe" },
    { "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xaf", "Close Message", "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xaf" },
    { "broken \\xc3( utf-8", "Close Message", "broken \\xc3( utf-8" },
    { "line one\xe2\x86\xb5line two\xe2\x86\xb5line three", "Close Message", "line one\nline two\r\nline three" },
    { "<b>&amp;</b> %s%n", "Close Message", "<b>&amp;</b> %s%n" },
    { "from a channel with a binary name", "Close Message", "from a channel with a binary name" },
  };
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = dup_server (redis);

  cb_ui_start ("--server", server, "--page", "pubsub", NULL);
  cb_ui_click_until ("label", "Listen to All Channels", "No Messages Yet");
  while (cb_test_redis_get_integer (redis, "PUBSUB", "NUMPAT", NULL) == 0)
    g_usleep (20000);
  for (guint i = 0; i < G_N_ELEMENTS (messages); i++)
    {
      const char *words[] = { "PUBLISH", messages[i].channel, messages[i].payload };
      const gsize lengths[] = { 7, messages[i].channel_length, messages[i].payload_length };

      cb_reply_unref (cb_test_redis_call_argv (redis, 3, words, lengths));
    }
  cb_ui_wait_text ("9 received, 9 in the list");
  cb_ui_wait_text ("cb:bin: plain tigers");
  cb_ui_wait_text ("cb:bin: \\x00\\x01\\x02\\xff\\xfe");
  cb_ui_wait_text ("cb:bin: caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xaf");
  cb_ui_wait_text ("cb:bin: broken \\xc3( utf-8");
  cb_ui_wait_text ("cb:bin: line one\xe2\x86\xb5line two\xe2\x86\xb5line three");
  cb_ui_wait_text ("cb:bin: <b>&amp;</b> %s%n");
  cb_ui_wait_text ("cb:bin: (empty)");
  cb_ui_wait_text ("cb:\\xff\\x00chan: from a channel with a binary name");
  cb_ui_wait_text ("cb:with\xe2\x86\xb5" "newline: from a channel with a newline in its name");
  cb_ui_find ("label", "5 bytes");

  /* Copied, each is what was sent, or, where that is no text, what is shown. */
  for (guint i = 0; i < G_N_ELEMENTS (copies); i++)
    {
      g_autofree char *copied = NULL;

      cb_ui_click_until ("label", copies[i].shown, copies[i].title);
      cb_ui_click_on ("push button", "Copy");
      for (guint k = 0; k < 50; k++)
        {
          g_clear_pointer (&copied, g_free);
          copied = cb_ui_dup_clipboard ();
          if (g_str_equal (copied, copies[i].copied))
            break;
        }
      g_assert_cmpstr (copied, ==, copies[i].copied);
      cb_ui_key ("Escape");
      cb_ui_wait_no_text ("Close Message");
    }

  /* Opened, lines are lines. */
  cb_ui_click_until ("label", "line one\xe2\x86\xb5line two\xe2\x86\xb5line three", "line one\nline two");
  cb_ui_click_on ("label", "<b>&amp;</b> %s%n");
  cb_ui_wait_no_text ("line one\nline two");
  cb_ui_key ("Escape");

  cb_ui_key ("ctrl+f");
  cb_ui_type ("tigers");
  cb_ui_wait_no_text ("cb:bin: (empty)");
  cb_ui_find ("label", "plain tigers");
  cb_ui_key ("ctrl+a");
  cb_ui_type ("\xe2\x82\xac");
  cb_ui_wait_no_text ("plain tigers");
  cb_ui_find ("label", "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xaf");
  g_assert_false (cb_ui_has_text ("cb:bin: <b>"));
  cb_ui_stop ();
}

/* Ten of 5 MB: a row each with its size and its beginning; one is opened, and they are let go of. */
static void
test_big (void)
{
  const gsize size = 5242880;
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = dup_server (redis);
  g_autofree char *big = g_strnfill (size, 'x');
  double memory;

  cb_ui_start ("--server", server, "--page", "pubsub", NULL);
  subscribe ("cb:big");
  wait_subscribed (redis, "cb:big");
  memory = cb_ui_get_memory ();
  for (guint i = 0; i < 10; i++)
    {
      g_autofree char *received = g_strdup_printf ("%u received", i + 1);

      big[0] = (char) ('a' + i);
      publish (redis, "cb:big", big);
      cb_ui_wait_text (received);
    }
  cb_ui_wait_text ("10 received, 10 in the list, none discarded");
  cb_ui_find ("label", "5.0\xc2\xa0MiB");
  cb_ui_click_until ("label", "5.0\xc2\xa0MiB", "The first 64 KiB of");
  cb_ui_key ("Escape");
  cb_ui_wait_no_text ("The first 64 KiB of");
  if (memory >= 0)
    g_assert_cmpfloat (cb_ui_get_memory (), >, memory + MEMORY_OF_VIEW);
  /* What is more than is kept goes, the oldest first, and is counted; how much is kept can be read. */
  for (guint i = 10; i < 15; i++)
    {
      big[0] = (char) ('a' + i);
      publish (redis, "cb:big", big);
    }
  cb_ui_wait_text ("15 received, 12 in the list, 3 discarded");
  cb_ui_scroll ("label", "15 received, 12 in the list, 3 discarded", 0);
  cb_ui_wait_text ("The list keeps the last 10000 messages, and at most 64.0\xc2\xa0MiB; older ones are discarded and counted.");
  cb_ui_click_until (NULL, "Clear", "0 received, 0 in the list");
  /* Given back, and not only free for more of it. */
  if (memory >= 0)
    {
      cb_test_wait_until (cb_ui_get_memory () < memory + MEMORY_OF_VIEW);
      g_test_message ("%.1f MiB before, %.1f MiB after", memory, cb_ui_get_memory ());
    }
  publish (redis, "cb:big", "small");
  cb_ui_wait_text ("1 received, 1 in the list");
  cb_ui_stop ();
}

static void
test_refused (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = g_strdup_printf ("unix://few:p@%s", cb_test_redis_get_path (redis));

  cb_reply_unref (cb_test_redis_call (redis, "ACL", "SETUSER", "few", "on", ">p", "~*", "resetchannels", "&may*", "+@all",
                                      "-publish", "-config", NULL));
  /* What this user may do is known before the page is gone to. */
  cb_ui_start ("--server", server, "--page", "keys", NULL);
  cb_ui_wait_sensitive ("push button", "New Key", TRUE);
  cb_test_run_for (1000);
  cb_ui_click_on ("label", "Pub/Sub");
  subscribe ("not");
  cb_ui_wait_text ("SUBSCRIBE: NOPERM");
  cb_ui_find ("label", "refused");
  subscribe ("may");
  wait_subscribed (redis, "may");
  publish (redis, "may", "heard");
  cb_ui_wait_text ("1 received, 1 in the list");
  cb_ui_wait_no_text ("Nothing Is Listened To");

  /* What can't be done is not offered, and not because something is missing. */
  cb_ui_click_on (NULL, "Channel to publish to");
  cb_ui_key ("ctrl+a");
  cb_ui_type ("may");
  cb_ui_click_on (NULL, "Message to publish");
  cb_ui_type ("x");
  cb_ui_key ("Return");
  cb_test_run_for (500);
  cb_ui_wait_sensitive ("push button", "Publish", FALSE);
  cb_ui_wait_text ("1 received, 1 in the list");

  cb_ui_click_away (NULL, "Unsubscribe from not");
  cb_ui_wait_no_text ("SUBSCRIBE: NOPERM");
  cb_ui_click_away (NULL, "Unsubscribe from may");
  cb_ui_click_until (NULL, "Clear", "Nothing Is Listened To");
  cb_ui_click_until ("label", "Keyspace Notifications…", "On This Server");
  cb_ui_wait_text ("CONFIG: NOPERM");
  cb_ui_key ("Escape");
  cb_ui_stop ();
}

/* The server goes and comes back: the gap stands among the messages, and the subscription is back. */
static void
test_gap (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = dup_server (redis);
  int x, y, now_x, now_y;

  cb_ui_start ("--server", server, "--page", "pubsub", NULL);
  subscribe ("news");
  wait_subscribed (redis, "news");
  cb_ui_wait_text ("0/s");
  cb_ui_get_middle (NULL, "Unsubscribe from news", &x, &y);
  publish (redis, "news", "before");
  cb_ui_wait_text ("1 received");
  /* What may just be clicked on stays where it is. */
  cb_ui_wait_no_text ("0/s");
  cb_ui_get_middle (NULL, "Unsubscribe from news", &now_x, &now_y);
  g_assert_cmpint (now_x, ==, x);
  g_assert_cmpint (now_y, ==, y);
  cb_test_redis_kill (redis);
  cb_ui_wait_text ("waiting");
  cb_test_redis_start (redis);
  cb_ui_wait_text ("Nothing was heard for");
  cb_ui_wait_text ("1 gap");
  wait_subscribed (redis, "news");
  publish (redis, "news", "after");
  cb_ui_wait_text ("2 received, 2 in the list");
  cb_ui_find ("label", "before");
  cb_ui_find ("label", "after");
  cb_ui_stop ();
}

/* The server closes the connection of whoever reads too slowly: that is said with why it may be, once, and what is small is heard again. */
static void
test_cut_off (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--client-output-buffer-limit", "pubsub 64kb 32kb 2", NULL);
  g_autofree char *server = dup_server (redis);
  g_autofree char *big = g_strnfill (5242880, 'x');

  cb_ui_start ("--server", server, "--page", "pubsub", NULL);
  subscribe ("cb:big");
  subscribe ("cb:small");
  wait_subscribed (redis, "cb:big");
  wait_subscribed (redis, "cb:small");
  publish (redis, "cb:big", big);
  cb_ui_wait_text ("1 gap");
  cb_ui_wait_text ("closed the connection");
  wait_subscribed (redis, "cb:big");
  wait_subscribed (redis, "cb:small");
  publish (redis, "cb:small", "after");
  cb_ui_find ("label", "after");
  cb_test_run_for (2000);
  cb_ui_wait_text ("1 gap");
  g_assert_false (cb_ui_has_text ("2 gaps"));
  cb_ui_stop ();
}

static void
test_keyspace (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--notify-keyspace-events", "Kx", NULL);
  g_autofree char *server = dup_server (redis);
  g_autoptr (CbReply) reply = NULL;

  cb_ui_start ("--server", server, "--page", "pubsub", NULL);
  cb_ui_click_until ("label", "Keyspace Notifications…", "notify-keyspace-events is xK");
  cb_ui_click_until ("label", "Switch On", "On: notify-keyspace-events is AKE");
  cb_ui_click_on ("label", "Subscribe to Events");
  while (cb_test_redis_get_integer (redis, "PUBSUB", "NUMPAT", NULL) == 0)
    g_usleep (20000);
  cb_reply_unref (cb_test_redis_call (redis, "SET", "some:key", "1", NULL));
  cb_ui_wait_text ("__keyevent@0__:set: some:key");

  cb_ui_click_away (NULL, "Unsubscribe from __keyevent@0__:*");
  cb_ui_click_until (NULL, "Clear", "Nothing Is Listened To");
  cb_ui_click_until ("label", "Keyspace Notifications…", "On This Server");
  cb_ui_click_until ("label", "Put Back “xK”", "On: notify-keyspace-events is xK");
  reply = cb_test_redis_call (redis, "CONFIG", "GET", "notify-keyspace-events", NULL);
  g_assert_true (cb_value_equal_string (cb_value_get_element (cb_reply_get_value (reply), 1), "xK"));
  cb_ui_key ("Escape");
  cb_ui_stop ();
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!cb_ui_open ())
    return g_getenv ("CI") != NULL ? 1 : 77; /* never skipped where it counts */

  g_test_add_func ("/ui/pubsub/life", test_life);
  g_test_add_func ("/ui/pubsub/detail", test_detail);
  g_test_add_func ("/ui/pubsub/odd", test_odd);
  g_test_add_func ("/ui/pubsub/big", test_big);
  g_test_add_func ("/ui/pubsub/refused", test_refused);
  g_test_add_func ("/ui/pubsub/gap", test_gap);
  g_test_add_func ("/ui/pubsub/cut-off", test_cut_off);
  g_test_add_func ("/ui/pubsub/keyspace", test_keyspace);
  status = g_test_run ();
  cb_ui_close ();

  return status;
}
