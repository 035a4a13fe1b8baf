/* cb-topology.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-reply.h"
#include "cb-server-info.h"

G_BEGIN_DECLS

/* Of a cluster of any size so many are shown; the others are counted. */
#define CB_TOPOLOGY_MOST_NODES 64

/* One server. Texts are valid UTF-8 on one line. */
typedef struct
{
  char    *id;                /* of a node of a cluster; nullable */
  char    *address;           /* "10.0.0.2:6379"; "" where it is not told */
  char    *state;             /* of its link, in the server's words: "online", "connected", "fail"; "" unknown */
  char    *slots;             /* of a primary of a cluster: "0-5460"; nullable */
  int      parent;            /* the index of whom it copies; -1 for a primary */
  gint64   offset;            /* bytes of the stream that it has, -1 unknown */
  gint64   behind;            /* bytes, -1 unknown */
  gint64   lag;               /* seconds since it was heard of, -1 unknown */
  gboolean gossip;            /* offset is what the nodes of a cluster tell each other, now and then */
  gboolean broken;            /* its link is, or it is held for dead, or not well */
  gboolean own;               /* the server that was asked */
} CbTopologyNode;

/**
 * CbTopology:
 *
 * Who copies whom, as one server knows it. A node stands behind the one it copies.
 */
typedef struct
{
  GPtrArray *nodes;           /* (element-type CbTopologyNode) */
  guint      n_more;          /* that are not among them */
} CbTopology;

/* By INFO: the server itself, whom it copies and who copies it. One node where it stands alone. */
CbTopology *cb_topology_new_from_info    (const CbServerInfo   *info);
/* By the reply of CLUSTER NODES, any bytes. */
CbTopology *cb_topology_new_from_cluster (const char           *text,
                                          gsize                 length);
/* Adds what the reply of CLUSTER SHARDS tells of them, whatever that is: how far each has come, and whether it is well. FALSE where it
 * tells nothing, as before Redis 7. */
gboolean    cb_topology_take_shards      (CbTopology           *self,
                                          const CbValue        *shards);
void        cb_topology_free             (CbTopology           *self);
/* What a node is, in one sentence, translated: for a screen reader, too. */
char       *cb_topology_node_describe    (const CbTopologyNode *self);
/* The same without its address and role: "online, 12 bytes behind, heard of 1 s ago" */
char       *cb_topology_node_describe_link (const CbTopologyNode *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbTopology, cb_topology_free)

G_END_DECLS
