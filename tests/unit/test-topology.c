/* test-topology.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Who copies whom: by what real servers tell, and by whatever else may come. */

#include "cb-test-port.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"
#include "cb-topology.h"

#include <gio/gio.h>
#include <string.h>

static const CbTopologyNode *
get (CbTopology *topology, guint index)
{
  g_assert_cmpuint (index, <, topology->nodes->len);
  return g_ptr_array_index (topology->nodes, index);
}

static CbTopology *
ask_info (CbTestRedis *redis)
{
  g_autofree char *text = cb_test_redis_get_string (redis, "INFO", NULL);
  g_autoptr (CbServerInfo) info = cb_server_info_parse (text, strlen (text));

  return cb_topology_new_from_info (info);
}

static gboolean
has_online (CbTestRedis *redis, guint n)
{
  g_autoptr (CbTopology) topology = ask_info (redis);

  if (topology->nodes->len != n + 1)
    return FALSE;
  for (guint i = 1; i <= n; i++)
    if (get (topology, i)->broken || get (topology, i)->behind != 0)
      return FALSE;
  return TRUE;
}

static gboolean
is_up (CbTestRedis *redis)
{
  g_autoptr (CbTopology) topology = ask_info (redis);

  return topology->nodes->len == 2 && !get (topology, 0)->broken;
}

/* A primary and two that copy it, as each of them sees it. */
static void
test_replication (void)
{
  g_autofree char *port = cb_test_port_dup ();
  g_autofree char *of = g_strdup_printf ("127.0.0.1 %s", port);
  g_autofree char *address = g_strdup_printf ("127.0.0.1:%s", port);
  g_autoptr (CbTestRedis) primary =
    cb_test_redis_new ("--port", port, "--bind", "127.0.0.1", "--repl-diskless-sync-delay", "0", NULL);
  g_autoptr (CbTestRedis) one = NULL;
  g_autoptr (CbTestRedis) two = NULL;
  g_autoptr (CbTopology) alone = ask_info (primary);
  g_autoptr (CbTopology) topology = NULL;
  g_autoptr (CbTopology) lost = NULL;
  g_autofree char *said = NULL;

  g_assert_cmpuint (alone->nodes->len, ==, 1);
  g_assert_cmpint (get (alone, 0)->parent, ==, -1);
  g_assert_true (get (alone, 0)->own);

  one = cb_test_redis_new ("--replicaof", of, NULL);
  two = cb_test_redis_new ("--replicaof", of, NULL);
  cb_test_wait_until (has_online (primary, 2));
  topology = ask_info (primary);
  g_assert_true (get (topology, 0)->own);
  for (guint i = 1; i <= 2; i++)
    {
      g_assert_cmpint (get (topology, i)->parent, ==, 0);
      g_assert_cmpstr (get (topology, i)->state, ==, "online");
      g_assert_cmpint (get (topology, i)->lag, >=, 0);
    }
  said = cb_topology_node_describe (get (topology, 1));
  g_assert_true (g_str_has_prefix (said, "Replica 127.0.0.1:"));
  g_assert_nonnull (strstr (said, "online, 0 bytes behind, heard of "));

  cb_test_wait_until (is_up (one));
  g_clear_pointer (&topology, cb_topology_free);
  topology = ask_info (one);
  g_assert_cmpuint (topology->nodes->len, ==, 2);
  g_assert_cmpstr (get (topology, 0)->address, ==, address);
  g_assert_cmpint (get (topology, 0)->parent, ==, -1);
  g_assert_false (get (topology, 0)->own);
  g_assert_true (get (topology, 1)->own);
  g_assert_cmpint (get (topology, 1)->parent, ==, 0);
  g_assert_cmpint (get (topology, 1)->offset, >=, 0);

  cb_test_redis_kill (primary);
  cb_test_wait_until (!is_up (one));
  lost = ask_info (one);
  g_assert_true (get (lost, 1)->broken);
  g_assert_cmpstr (get (lost, 1)->state, ==, "down");
}

/* A cluster of one node, as the server tells it. */
static void
test_cluster_node (void)
{
  g_autofree char *port = cb_test_port_dup ();
  g_autofree char *bus = cb_test_port_dup ();
  g_autoptr (CbTestRedis) redis =
    cb_test_redis_new ("--port", port, "--bind", "127.0.0.1", "--cluster-enabled", "yes", "--cluster-port", bus, NULL);
  g_autofree char *text = NULL;
  g_autoptr (CbTopology) topology = NULL;

  cb_reply_unref (cb_test_redis_call (redis, "CLUSTER", "ADDSLOTSRANGE", "0", "100", "200", "300", NULL));
  text = cb_test_redis_get_string (redis, "CLUSTER", "NODES", NULL);
  topology = cb_topology_new_from_cluster (text, strlen (text));
  g_assert_cmpuint (topology->nodes->len, ==, 1);
  g_assert_true (get (topology, 0)->own);
  g_assert_false (get (topology, 0)->broken);
  g_assert_cmpstr (get (topology, 0)->slots, ==, "0-100, 200-300");
  g_assert_nonnull (strstr (get (topology, 0)->address, port));
}

static void
test_cluster (void)
{
  /* https://redis.io/docs/latest/commands/cluster-nodes/ */
  static const char text[] =
    "07c37df 127.0.0.1:30004@31004,host4 slave e7d1eec 0 1426238317239 4 connected\n"
    "67ed2db 127.0.0.1:30002@31002,host2 master - 0 1426238316232 2 connected 5461-10922\n"
    "292f8b3 127.0.0.1:30003@31003 master,fail - 0 1426238318243 3 disconnected 10923-16383 [93-<-292f8b3]\r\n"
    "6ec2392 [::1]:30005@31005 slave 67ed2db 0 1426238316232 5 disconnected\n"
    "824fe11 127.0.0.1:30006 slave,fail? gone 0 1426238317741 6 connected\n"
    "e7d1eec 127.0.0.1:30001@31001 myself,master - 0 0 1 connected 0-5460 7000\n"
    "too short\n\n"
    "\xff\xfe :0@0 noaddr,master - 0 0 0 x\n";
  g_autoptr (CbTopology) topology = cb_topology_new_from_cluster (text, sizeof text - 1);
  g_autoptr (GString) many = g_string_new (NULL);
  g_autoptr (CbTopology) large = NULL;

  g_assert_cmpuint (topology->nodes->len, ==, 7);
  /* A primary, and behind it those that copy it. */
  g_assert_cmpstr (get (topology, 0)->address, ==, "127.0.0.1:30002");
  g_assert_cmpstr (get (topology, 1)->address, ==, "[::1]:30005");
  g_assert_cmpint (get (topology, 1)->parent, ==, 0);
  g_assert_true (get (topology, 1)->broken);
  g_assert_cmpstr (get (topology, 2)->state, ==, "fail");
  g_assert_cmpstr (get (topology, 2)->slots, ==, "10923-16383");
  g_assert_true (get (topology, 2)->broken);
  g_assert_true (get (topology, 3)->own);
  g_assert_cmpstr (get (topology, 3)->slots, ==, "0-5460, 7000");
  g_assert_cmpstr (get (topology, 4)->address, ==, "127.0.0.1:30004");
  g_assert_cmpint (get (topology, 4)->parent, ==, 3);
  g_assert_false (get (topology, 4)->broken);
  /* Whom this one copies is not known. */
  g_assert_cmpstr (get (topology, 6)->address, ==, "127.0.0.1:30006");
  g_assert_cmpint (get (topology, 6)->parent, ==, -1);

  for (gsize length = 0; length < sizeof text; length++)
    cb_topology_free (cb_topology_new_from_cluster (text, length));
  for (guint i = 0; i < 1000; i++)
    g_string_append_printf (many, "%u 127.0.0.1:%u@1 master - 0 0 0 connected %u\n", i, i, i);
  large = cb_topology_new_from_cluster (many->str, many->len);
  g_assert_cmpuint (large->nodes->len, ==, CB_TOPOLOGY_MOST_NODES);
  g_assert_cmpuint (large->n_more, ==, 1000 - CB_TOPOLOGY_MOST_NODES);
}

/* --- a cluster that copies itself --- */

static CbTestRedis *
new_member (char **port, char **bus)
{
  *port = cb_test_port_dup ();
  *bus = cb_test_port_dup ();
  return cb_test_redis_new ("--port", *port, "--bind", "127.0.0.1", "--cluster-enabled", "yes", "--cluster-port", *bus,
                            "--cluster-node-timeout", "1500", "--repl-diskless-sync-delay", "0", NULL);
}

static gboolean
is_done (CbReply *taken)
{
  g_autoptr (CbReply) reply = taken;

  return !cb_value_is_error (cb_reply_get_value (reply));
}

static gboolean
knows (CbTestRedis *redis, guint n)
{
  g_autofree char *text = cb_test_redis_get_string (redis, "CLUSTER", "INFO", NULL);
  g_autofree char *known = g_strdup_printf ("cluster_known_nodes:%u\r", n);

  return strstr (text, known) != NULL;
}

static CbTopology *
ask_cluster (CbTestRedis *redis)
{
  g_autofree char *text = cb_test_redis_get_string (redis, "CLUSTER", "NODES", NULL);
  CbTopology *topology = cb_topology_new_from_cluster (text, strlen (text));
  g_autoptr (CbReply) shards = cb_test_redis_call (redis, "CLUSTER", "SHARDS", NULL);

  g_assert_true (cb_topology_take_shards (topology, cb_reply_get_value (shards)));
  return topology;
}

/* The only one of that port; its copy is told. */
static gboolean
find_replica (CbTestRedis *redis, const char *port, CbTopologyNode *found, CbTopologyNode *parent)
{
  g_autoptr (CbTopology) topology = ask_cluster (redis);

  for (guint i = 0; i < topology->nodes->len; i++)
    {
      const CbTopologyNode *node = get (topology, i);

      if (!g_str_has_suffix (node->address, port) || node->parent < 0)
        continue;
      *found = *node;
      *parent = *get (topology, (guint) node->parent);
      return TRUE;
    }
  return FALSE;
}

static gboolean
has_caught_up (CbTestRedis *redis, const char *port)
{
  CbTopologyNode node, parent;

  return find_replica (redis, port, &node, &parent) && !node.broken && node.offset > 0 && node.behind == 0;
}

static gboolean
is_behind (CbTestRedis *redis, const char *port, gint64 least)
{
  CbTopologyNode node, parent;

  return find_replica (redis, port, &node, &parent) && node.behind >= least && node.behind == parent.offset - node.offset;
}

static gboolean
is_broken (CbTestRedis *redis, const char *port)
{
  CbTopologyNode node, parent;

  return find_replica (redis, port, &node, &parent) && node.broken && node.behind > 0;
}

/* Two that share the slots and one that copies the first: how far it has come, that it falls behind, is taken for dead and catches up, as
 * the one and the other primary and it itself know it. */
static void
test_cluster_replica (void)
{
  char *ports[3];
  char *buses[3];
  g_autofree char *value = g_strnfill (200000, 'x');
  g_autofree char *id = NULL;
  CbTestRedis *nodes[3];
  g_autoptr (CbTopology) topology = NULL;
  g_autofree char *said = NULL;

  for (guint i = 0; i < 3; i++)
    nodes[i] = new_member (&ports[i], &buses[i]);
  cb_reply_unref (cb_test_redis_call (nodes[0], "CLUSTER", "ADDSLOTSRANGE", "0", "8191", NULL));
  cb_reply_unref (cb_test_redis_call (nodes[1], "CLUSTER", "ADDSLOTSRANGE", "8192", "16383", NULL));
  for (guint i = 1; i < 3; i++)
    cb_reply_unref (cb_test_redis_call (nodes[0], "CLUSTER", "MEET", "127.0.0.1", ports[i], buses[i], NULL));
  for (guint i = 0; i < 3; i++)
    cb_test_wait_until (knows (nodes[i], 3));
  id = cb_test_redis_get_string (nodes[0], "CLUSTER", "MYID", NULL);
  cb_test_wait_until (is_done (cb_test_redis_call (nodes[2], "CLUSTER", "REPLICATE", id, NULL)));
  for (guint i = 0; i < 3; i++)
    cb_test_wait_until (has_caught_up (nodes[i], ports[2]));

  topology = ask_cluster (nodes[0]);
  g_assert_cmpuint (topology->nodes->len, ==, 3);
  for (guint i = 0; i < 3; i++)
    if (get (topology, i)->parent >= 0)
      said = cb_topology_node_describe (get (topology, i));
  g_assert_nonnull (said);
  g_assert_nonnull (strstr (said, "connected, about 0 bytes behind"));

  cb_test_redis_freeze (nodes[2]);
  /* "b" is in slot 3300. */
  cb_test_wait_until (is_done (cb_test_redis_call (nodes[0], "SET", "b", value, NULL)));
  cb_test_wait_until (is_behind (nodes[0], ports[2], 200000));
  for (guint i = 0; i < 2; i++)
    cb_test_wait_until (is_broken (nodes[i], ports[2]));
  cb_test_redis_thaw (nodes[2]);
  for (guint i = 0; i < 3; i++)
    cb_test_wait_until (has_caught_up (nodes[i], ports[2]));

  for (guint i = 0; i < 3; i++)
    {
      cb_test_redis_free (nodes[i]);
      g_free (ports[i]);
      g_free (buses[i]);
    }
}

/* What a server before the seventh answers, and what nobody should. */
static void
test_odd_shards (void)
{
  static const char text[] = "07c37df 127.0.0.1:30004@31004 slave e7d1eec 0 1 4 connected\n"
                             "e7d1eec 127.0.0.1:30001@31001 myself,master - 0 0 1 connected 0-5460\n"
                             "292f8b3 127.0.0.1:30003@31003 master,fail - 0 1 3 disconnected\n";
  static const struct
  {
    const char *reply;
    gboolean told;
    gint64 offset;      /* of the replica */
    gint64 behind;
    const char *state;
  } cases[] = {
    { "return redis.error_reply ('ERR Unknown subcommand')", FALSE, -1, -1, "connected" },
    { "return {}", FALSE, -1, -1, "connected" },
    { "return 'x'", FALSE, -1, -1, "connected" },
    { "return {1, {}, {'nodes'}, {'nodes', 1}, {'nodes', {1, {}, {'id'}, {'id', 1}}}}", FALSE, -1, -1, "connected" },
    { "return {{'nodes', {{'id', '07c37df', 'replication-offset', 100, 'health', 'loading'}}}}", TRUE, 100, -1, "connected, loading" },
    { "return {{'nodes', {{'id', '07c37df', 'replication-offset', 100}, {'id', 'e7d1eec', 'replication-offset', 90}}}}", TRUE, 100, 0,
      "connected" },
    { "return {{'slots', {}, 'nodes', {{'id', '07c37df', 'replication-offset', 'x', 'health', ''}}}, "
      "{'nodes', {{'id', '292f8b3', 'health', 'failed'}}}}", TRUE, -1, -1, "connected" },
    { "return {{'nodes', {{'id', '07c37df', 'replication-offset', -5, 'health', 'a\\n\\255'}}}}", TRUE, -1, -1,
      "connected, a↵\\xff" },
  };
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (CbReply) reply = cb_test_redis_call (redis, "EVAL", cases[i].reply, "0", NULL);
      g_autoptr (CbTopology) topology = cb_topology_new_from_cluster (text, sizeof text - 1);

      g_assert_true (cb_topology_take_shards (topology, cb_reply_get_value (reply)) == cases[i].told);
      g_assert_cmpint (get (topology, 1)->offset, ==, cases[i].offset);
      g_assert_cmpint (get (topology, 1)->behind, ==, cases[i].behind);
      g_assert_cmpstr (get (topology, 1)->state, ==, cases[i].state);
      /* Not told twice of who is dead. */
      g_assert_cmpstr (get (topology, 2)->state, ==, "fail");
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/topology/replication", test_replication);
  g_test_add_func ("/topology/cluster", test_cluster);
  g_test_add_func ("/topology/cluster-node", test_cluster_node);
  g_test_add_func ("/topology/cluster-replica", test_cluster_replica);
  g_test_add_func ("/topology/odd-shards", test_odd_shards);

  return g_test_run ();
}
