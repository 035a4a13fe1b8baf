/* test-pubsub.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What is subscribed to, what is missed and how that is told, what is offered, and what is published. */

#include "cb-channel-offers.h"
#include "cb-keyspace-events.h"
#include "cb-publication.h"
#include "cb-pubsub.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"

#include <string.h>

typedef struct
{
  CbTestRedis *redis;
  CbConnection *connection;
  CbPubsub *pubsub;
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->redis = cb_test_redis_new (NULL, NULL);
  fixture->connection = cb_connection_new (cb_test_redis_get_address (fixture->redis), "test");
  cb_connection_open (fixture->connection);
  fixture->pubsub = cb_pubsub_new (fixture->connection, "test");
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  cb_pubsub_close (fixture->pubsub);
  cb_test_settle ();
  g_assert_finalize_object (fixture->pubsub);
  cb_connection_close (fixture->connection);
  cb_test_settle ();
  cb_test_assert_finalized_soon (fixture->connection);
  cb_test_redis_free (fixture->redis);
}

static void
subscribe (Fixture     *fixture,
           CbTopicKind  kind,
           const char  *name)
{
  g_autoptr (GBytes) bytes = g_bytes_new (name, strlen (name));

  cb_pubsub_subscribe (fixture->pubsub, kind, bytes);
}

static void
unsubscribe (Fixture     *fixture,
             CbTopicKind  kind,
             const char  *name)
{
  g_autoptr (GBytes) bytes = g_bytes_new (name, strlen (name));

  cb_pubsub_unsubscribe (fixture->pubsub, kind, bytes);
}

static guint
get_n_received (Fixture *fixture)
{
  CbMessageCounts counts;

  cb_message_list_get_counts (cb_pubsub_get_messages (fixture->pubsub), &counts);
  return (guint) counts.received;
}

static CbSubscription *
get_subscription (Fixture *fixture,
                  guint    position)
{
  CbSubscription *subscription = g_list_model_get_item (cb_pubsub_get_subscriptions (fixture->pubsub), position);

  g_assert_nonnull (subscription);
  g_object_unref (subscription); /* the list has it */
  return subscription;
}

static guint
n_pubsub_clients (Fixture *fixture)
{
  g_autofree char *list = cb_test_redis_get_string (fixture->redis, "CLIENT", "LIST", "TYPE", "pubsub", NULL);
  guint n = 0;

  for (const char *at = strchr (list, '\n'); at != NULL; at = strchr (at + 1, '\n'))
    n++;
  return n;
}

static void
test_kinds (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr (GPtrArray) top = NULL;
  const CbChannelRate *rate;

  subscribe (fixture, CB_TOPIC_CHANNEL, "news");
  subscribe (fixture, CB_TOPIC_CHANNEL, "news");
  subscribe (fixture, CB_TOPIC_PATTERN, "n*");
  subscribe (fixture, CB_TOPIC_SHARD, "news");
  g_assert_cmpuint (g_list_model_get_n_items (cb_pubsub_get_subscriptions (fixture->pubsub)), ==, 3);
  cb_test_wait_until (cb_pubsub_get_connected (fixture->pubsub));
  for (guint i = 0; i < 3; i++)
    g_assert_cmpint (cb_subscription_get_state (get_subscription (fixture, i)), ==, CB_TOPIC_HEARD);

  g_assert_cmpint (cb_test_redis_get_integer (fixture->redis, "PUBLISH", "news", "1", NULL), ==, 2);
  g_assert_cmpint (cb_test_redis_get_integer (fixture->redis, "PUBLISH", "nuts", "22", NULL), ==, 1);
  g_assert_cmpint (cb_test_redis_get_integer (fixture->redis, "SPUBLISH", "news", "333", NULL), ==, 1);
  cb_test_wait_until (get_n_received (fixture) == 4);
  g_assert_cmpuint (cb_subscription_get_count (get_subscription (fixture, 0)), ==, 1);
  g_assert_cmpuint (cb_subscription_get_count (get_subscription (fixture, 1)), ==, 2);
  g_assert_cmpuint (cb_subscription_get_count (get_subscription (fixture, 2)), ==, 1);

  top = cb_channel_rates_get_top (cb_pubsub_get_rates (fixture->pubsub), 10);
  g_assert_cmpuint (top->len, ==, 2);
  rate = g_ptr_array_index (top, 0);
  g_assert_cmpuint (rate->n, ==, 3);
  g_assert_cmpuint (rate->bytes, ==, 5);
  /* Within a second it has a rate. */
  cb_test_wait_until (cb_subscription_get_rate (get_subscription (fixture, 1)) > 0);
  g_assert_cmpfloat (cb_pubsub_get_rate (fixture->pubsub), >, 0);

  unsubscribe (fixture, CB_TOPIC_CHANNEL, "news");
  unsubscribe (fixture, CB_TOPIC_PATTERN, "n*");
  unsubscribe (fixture, CB_TOPIC_SHARD, "other");
  cb_test_run_for (20);
  g_assert_cmpint (cb_test_redis_get_integer (fixture->redis, "SPUBLISH", "news", "4", NULL), ==, 1);
  cb_test_wait_until (get_n_received (fixture) == 5);
  unsubscribe (fixture, CB_TOPIC_SHARD, "news");
  cb_test_wait_until (n_pubsub_clients (fixture) == 0);
}

static char *
list_to_string (Fixture *fixture)
{
  CbMessageList *list = cb_pubsub_get_messages (fixture->pubsub);
  GString *text = g_string_new (NULL);

  cb_message_list_flush (list);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (list)); i++)
    {
      g_autoptr (CbPubsubMessage) message = g_list_model_get_item (G_LIST_MODEL (list), i);
      g_autofree char *excerpt = cb_pubsub_message_dup_excerpt (message, 20);

      if (cb_pubsub_message_is_gap (message))
        {
          g_assert_cmpint (cb_pubsub_message_get_deaf (message), >, 0);
          g_assert_cmpint (ABS (cb_pubsub_message_get_time (message) - g_get_real_time ()), <, 60 * G_USEC_PER_SEC);
        }
      g_string_append_printf (text, "%s ", cb_pubsub_message_is_gap (message) ? "|" : excerpt);
    }
  return g_string_free (text, FALSE);
}

/* The server restarts four times: it is subscribed to everything once, and each gap is marked. */
static void
test_restarts (Fixture       *fixture,
               gconstpointer  data)
{
  g_autofree char *text = NULL;
  g_autofree char *clients = NULL;

  subscribe (fixture, CB_TOPIC_CHANNEL, "cb:one");
  subscribe (fixture, CB_TOPIC_PATTERN, "cb:*");
  cb_test_wait_until (cb_pubsub_get_connected (fixture->pubsub));
  for (guint i = 1; i <= 4; i++)
    {
      cb_test_redis_kill (fixture->redis);
      cb_test_wait_until (cb_pubsub_get_problem (fixture->pubsub) != NULL);
      g_assert_false (cb_pubsub_get_connected (fixture->pubsub));
      cb_test_redis_start (fixture->redis);
      cb_test_wait_until (cb_pubsub_get_n_gaps (fixture->pubsub) == i);
      g_assert_null (cb_pubsub_get_problem (fixture->pubsub));
    }
  g_assert_cmpint (cb_test_redis_get_integer (fixture->redis, "PUBLISH", "cb:one", "hello", NULL), ==, 2);
  cb_test_wait_until (get_n_received (fixture) == 2);
  text = list_to_string (fixture);
  g_assert_cmpstr (text, ==, "| | | | hello hello ");
  g_assert_cmpint (cb_test_redis_get_integer (fixture->redis, "PUBSUB", "NUMPAT", NULL), ==, 1);
  g_assert_cmpuint (n_pubsub_clients (fixture), ==, 1);
  g_assert_cmpint (cb_pubsub_get_deaf (fixture->pubsub), >, 0);
}

/* The server cuts off who is too slow, and says nothing; that is found out, told, and not repeated. */
static void
test_too_slow (Fixture       *fixture,
               gconstpointer  data)
{
  g_autofree char *big = g_strnfill (5 * 1024 * 1024, 'x');
  g_autoptr (CbPubsubMessage) gap = NULL;
  CbMessageList *list = cb_pubsub_get_messages (fixture->pubsub);

  cb_reply_unref (cb_test_redis_call (fixture->redis, "CONFIG", "SET", "client-output-buffer-limit", "pubsub 64kb 32kb 2",
                                      NULL));
  cb_test_wait_until (cb_connection_get_state (fixture->connection) == CB_CONNECTION_READY);
  subscribe (fixture, CB_TOPIC_CHANNEL, "cb:big");
  subscribe (fixture, CB_TOPIC_CHANNEL, "cb:small");
  cb_test_wait_until (cb_pubsub_get_connected (fixture->pubsub));
  cb_test_redis_get_integer (fixture->redis, "PUBLISH", "cb:big", big, NULL);
  cb_test_wait_until (cb_pubsub_get_n_gaps (fixture->pubsub) == 1);
  g_assert_cmpint (cb_test_redis_get_integer (fixture->redis, "PUBLISH", "cb:small", "after", NULL), ==, 1);
  cb_test_wait_until (get_n_received (fixture) == 1);
  g_assert_cmpuint (cb_pubsub_get_n_gaps (fixture->pubsub), ==, 1);

  cb_message_list_flush (list);
  gap = g_list_model_get_item (G_LIST_MODEL (list), 0);
  g_assert_true (cb_pubsub_message_is_gap (gap));
  g_assert_nonnull (strstr (cb_pubsub_message_get_gap (gap), "client-output-buffer-limit"));
  g_assert_nonnull (strstr (cb_pubsub_message_get_gap (gap), "closed the connection"));
}

/* What others did is not put down to being slow. */
static void
test_not_slow (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr (CbPubsubMessage) gap = NULL;
  CbMessageList *list = cb_pubsub_get_messages (fixture->pubsub);

  cb_test_wait_until (cb_connection_get_state (fixture->connection) == CB_CONNECTION_READY);
  subscribe (fixture, CB_TOPIC_CHANNEL, "a");
  cb_test_wait_until (cb_pubsub_get_connected (fixture->pubsub));
  cb_test_redis_kill (fixture->redis);
  cb_test_wait_until (cb_connection_get_state (fixture->connection) != CB_CONNECTION_READY);
  cb_test_redis_start (fixture->redis);
  cb_test_wait_until (cb_pubsub_get_n_gaps (fixture->pubsub) == 1);
  cb_message_list_flush (list);
  gap = g_list_model_get_item (G_LIST_MODEL (list), 0);
  g_assert_null (strstr (cb_pubsub_message_get_gap (gap), "client-output-buffer-limit"));
  g_assert_cmpstr (cb_pubsub_message_get_gap (gap), !=, "");
}

static void
test_refused (Fixture       *fixture,
              gconstpointer  data)
{
  g_autofree char *uri = g_strdup_printf ("unix://few:p@%s", cb_test_redis_get_path (fixture->redis));
  g_autoptr (CbAddress) address = cb_address_parse (uri, NULL);
  CbConnection *old = fixture->connection;
  CbSubscription *may, *may_not;

  cb_reply_unref (cb_test_redis_call (fixture->redis, "ACL", "SETUSER", "few", "on", ">p", "resetchannels", "&may*", "+@all",
                                      NULL));
  cb_pubsub_close (fixture->pubsub);
  g_assert_finalize_object (fixture->pubsub);
  cb_connection_close (old);
  g_object_unref (old);
  fixture->connection = cb_connection_new (address, "test");
  cb_connection_open (fixture->connection);
  fixture->pubsub = cb_pubsub_new (fixture->connection, "test");

  subscribe (fixture, CB_TOPIC_CHANNEL, "may");
  subscribe (fixture, CB_TOPIC_CHANNEL, "not");
  may = get_subscription (fixture, 0);
  may_not = get_subscription (fixture, 1);
  cb_test_wait_until (cb_subscription_get_state (may_not) == CB_TOPIC_REFUSED);
  g_assert_nonnull (strstr (cb_subscription_get_refusal (may_not), "NOPERM"));
  cb_test_wait_until (cb_subscription_get_state (may) == CB_TOPIC_HEARD);
  g_assert_null (cb_subscription_get_refusal (may));
  g_assert_cmpint (cb_test_redis_get_integer (fixture->redis, "PUBLISH", "may", "1", NULL), ==, 1);
  cb_test_wait_until (get_n_received (fixture) == 1);

  unsubscribe (fixture, CB_TOPIC_CHANNEL, "not");
  cb_test_wait_until (cb_pubsub_get_connected (fixture->pubsub));
  g_assert_null (cb_pubsub_get_problem (fixture->pubsub));
}

static void
test_offers (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr (CbChannelOffers) offers = NULL;
  g_autoptr (CbChannelOffers) some = NULL;
  g_autoptr (CbChannelOffers) literal = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GAsyncResult) second = NULL;
  g_autoptr (GAsyncResult) third = NULL;
  g_autoptr (GError) error = NULL;
  CbChannelOffer *offer;

  subscribe (fixture, CB_TOPIC_CHANNEL, "b");
  subscribe (fixture, CB_TOPIC_CHANNEL, "a*");
  subscribe (fixture, CB_TOPIC_CHANNEL, "ax");
  subscribe (fixture, CB_TOPIC_SHARD, "shard");
  subscribe (fixture, CB_TOPIC_PATTERN, "p*");
  cb_test_wait_until (cb_pubsub_get_connected (fixture->pubsub));

  cb_channel_offers_get_async (fixture->connection, "", NULL, cb_test_store_result, &result);
  offers = cb_channel_offers_get_finish (fixture->connection, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (offers->channels->len, ==, 4);
  g_assert_cmpint (offers->n_patterns, ==, 1);
  offer = g_ptr_array_index (offers->channels, 0);
  g_assert_cmpmem (g_bytes_get_data (offer->name, NULL), g_bytes_get_size (offer->name), "a*", 2);
  g_assert_cmpint (offer->n_subscribers, ==, 1);
  offer = g_ptr_array_index (offers->channels, 3);
  g_assert_cmpint (offer->kind, ==, CB_TOPIC_SHARD);
  g_assert_cmpint (offer->n_subscribers, ==, 1);

  cb_channel_offers_get_async (fixture->connection, "a", NULL, cb_test_store_result, &second);
  some = cb_channel_offers_get_finish (fixture->connection, cb_test_wait_result (&second), &error);
  g_assert_cmpuint (some->channels->len, ==, 3);

  cb_channel_offers_get_async (fixture->connection, "a*", NULL, cb_test_store_result, &third);
  literal = cb_channel_offers_get_finish (fixture->connection, cb_test_wait_result (&third), &error);
  g_assert_cmpuint (literal->channels->len, ==, 1);
}

typedef struct
{
  guint n_sent;
  gint64 receivers;
  guint n_ended;
  GError *error;
} Outcome;

static void
sent_cb (CbPublication *publication,
         gint64         receivers,
         Outcome       *outcome)
{
  outcome->n_sent++;
  outcome->receivers = receivers;
}

static void
ended_cb (CbPublication *publication,
          const GError  *error,
          Outcome       *outcome)
{
  outcome->n_ended++;
  if (error != NULL)
    outcome->error = g_error_copy (error);
}

static CbPublication *
publish (Fixture    *fixture,
         const char *channel,
         gint64      delay_msec,
         gint64      interval_msec,
         guint64     n_times,
         Outcome    *outcome)
{
  CbPublicationPlan plan = { .channel = g_bytes_new (channel, strlen (channel)),
                             .payload = g_bytes_new ("a\0\xff", 3),
                             .delay_msec = delay_msec,
                             .interval_msec = interval_msec,
                             .n_times = n_times };
  CbPublication *publication = cb_publication_new (fixture->connection, &plan);

  g_bytes_unref (plan.channel);
  g_bytes_unref (plan.payload);
  g_signal_connect (publication, "sent", G_CALLBACK (sent_cb), outcome);
  g_signal_connect (publication, "ended", G_CALLBACK (ended_cb), outcome);
  cb_publication_start (publication);
  return publication;
}

static void
test_publish (Fixture       *fixture,
              gconstpointer  data)
{
  Outcome once = { 0 }, later = { 0 }, often = { 0 }, endless = { 0 };
  g_autoptr (CbPublication) first = NULL;
  g_autoptr (CbPublication) second = NULL;
  g_autoptr (CbPublication) third = NULL;
  g_autoptr (CbPublication) fourth = NULL;
  g_autoptr (CbPubsubMessage) message = NULL;
  g_autoptr (GBytes) payload = NULL;
  gint64 began;
  guint n;

  subscribe (fixture, CB_TOPIC_CHANNEL, "a");
  subscribe (fixture, CB_TOPIC_PATTERN, "*");
  cb_test_wait_until (cb_pubsub_get_connected (fixture->pubsub));

  first = publish (fixture, "a", 0, 0, 1, &once);
  cb_test_wait_until (once.n_ended == 1);
  g_assert_no_error (once.error);
  g_assert_cmpuint (once.n_sent, ==, 1);
  g_assert_cmpint (once.receivers, ==, 2);
  g_assert_false (cb_publication_get_running (first));
  cb_test_wait_until (get_n_received (fixture) == 2);
  cb_message_list_flush (cb_pubsub_get_messages (fixture->pubsub));
  message = g_list_model_get_item (G_LIST_MODEL (cb_pubsub_get_messages (fixture->pubsub)), 0);
  payload = cb_pubsub_message_dup_payload (message);
  g_assert_cmpmem (g_bytes_get_data (payload, NULL), g_bytes_get_size (payload), "a\0\xff", 3);

  began = g_get_monotonic_time ();
  second = publish (fixture, "a", 200, 0, 1, &later);
  g_assert_cmpint (cb_publication_get_due (second), >=, began + 200000);
  cb_test_wait_until (later.n_ended == 1);
  g_assert_cmpint (g_get_monotonic_time () - began, >=, 200000);

  third = publish (fixture, "b", 0, 5, 20, &often);
  cb_test_wait_until (often.n_ended == 1);
  g_assert_cmpuint (often.n_sent, ==, 20);
  g_assert_cmpint (often.receivers, ==, 1);

  fourth = publish (fixture, "b", 0, 1, 0, &endless);
  cb_test_wait_until (endless.n_sent > 20);
  cb_publication_stop (fourth);
  g_assert_cmpuint (endless.n_ended, ==, 1);
  cb_test_run_for (50);
  n = endless.n_sent;
  cb_test_run_for (50);
  g_assert_cmpuint (endless.n_sent, ==, n);
}

/* A server that is away ends it with a sentence; one publication is never sent twice. */
static void
test_publish_refused (Fixture       *fixture,
                      gconstpointer  data)
{
  Outcome refused = { 0 };
  g_autoptr (CbPublication) publication = NULL;

  cb_test_wait_until (cb_connection_get_state (fixture->connection) == CB_CONNECTION_READY);
  cb_connection_set_read_only (fixture->connection, TRUE);
  publication = publish (fixture, "a", 0, 1, 0, &refused);
  cb_test_wait_until (refused.n_ended == 1);
  g_assert_error (refused.error, CB_REDIS_ERROR, CB_REDIS_ERROR_READONLY);
  g_assert_cmpuint (refused.n_sent, ==, 0);
  g_clear_error (&refused.error);
}

static void
test_keyspace_flags (void)
{
  static const struct
  {
    const char *flags;
    const char *more;
    const char *merged;
    gboolean on;
  } cases[] = {
    { "", "", "", FALSE },
    { "", "KEA", "g$lshzxetdKE", FALSE },
    { "K", "A", "g$lshzxetdK", FALSE },
    { "xE", "gK", "gxKE", TRUE },
    { "AKE", "", "g$lshzxetdKE", TRUE },
    { "AK", "n", "g$lshzxetdKn", TRUE },
    { "Em", "", "Em", TRUE },
    { "A", "", "g$lshzxetd", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *merged = cb_keyspace_flags_merge (cases[i].flags, cases[i].more);

      g_assert_cmpstr (merged, ==, cases[i].merged);
      g_assert_cmpint (cb_keyspace_flags_are_on (cases[i].flags), ==, cases[i].on);
      g_assert_true (cb_keyspace_flags_cover (merged, cases[i].more));
    }
  g_assert_true (cb_keyspace_flags_cover ("AKE", "xE"));
  g_assert_false (cb_keyspace_flags_cover ("AKE", "m"));
  g_assert_false (cb_keyspace_flags_cover ("xE", "K"));
}

static char *
get_flags (Fixture *fixture)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  char *flags;

  cb_keyspace_events_get_async (fixture->connection, NULL, cb_test_store_result, &result);
  flags = cb_keyspace_events_get_finish (fixture->connection, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  return flags;
}

/* The words we send are those that the server takes, and what it then says is what was wanted. */
static void
test_keyspace_events (Fixture       *fixture,
                      gconstpointer  data)
{
  g_autofree char *before = get_flags (fixture);
  g_autofree char *wanted = cb_keyspace_flags_merge (before, "KEA");
  g_autofree char *after = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (before, ==, "");
  cb_keyspace_events_set_async (fixture->connection, wanted, NULL, cb_test_store_result, &result);
  g_assert_true (cb_keyspace_events_set_finish (fixture->connection, cb_test_wait_result (&result), &error));
  g_assert_no_error (error);
  after = get_flags (fixture);
  g_assert_true (cb_keyspace_flags_are_on (after));
  g_assert_true (cb_keyspace_flags_cover (after, "KEA"));

  subscribe (fixture, CB_TOPIC_PATTERN, "__keyevent@*__:set");
  cb_test_wait_until (cb_pubsub_get_connected (fixture->pubsub));
  cb_reply_unref (cb_test_redis_call (fixture->redis, "SET", "a", "1", NULL));
  cb_test_wait_until (get_n_received (fixture) == 1);

  /* All letters that we have a meaning for are letters of the server. */
  for (const CbKeyspaceClass *class = cb_keyspace_classes; class->meaning != NULL; class++)
    {
      char letters[] = { class->letter, '\0' };
      g_autoptr (CbReply) reply = cb_test_redis_call (fixture->redis, "CONFIG", "SET", "notify-keyspace-events", letters, NULL);

      g_assert_false (cb_value_is_error (cb_reply_get_value (reply)));
    }
}

#define ADD(name, function) g_test_add ("/pubsub/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("kinds", test_kinds);
  ADD ("restarts", test_restarts);
  ADD ("too-slow", test_too_slow);
  ADD ("not-slow", test_not_slow);
  ADD ("refused", test_refused);
  ADD ("offers", test_offers);
  ADD ("publish", test_publish);
  ADD ("publish-refused", test_publish_refused);
  g_test_add_func ("/pubsub/keyspace-flags", test_keyspace_flags);
  ADD ("keyspace-events", test_keyspace_events);

  return g_test_run ();
}
