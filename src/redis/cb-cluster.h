/* cb-cluster.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-call.h"
#include "cb-connection.h"

G_BEGIN_DECLS

/*
 * CbCluster:
 *
 * The other nodes of the cluster that a connection leads to, as far as its replies have named them, and the calls that go on there. A command
 * that was refused with MOVED or ASK was not run, so that it is sent once more to the node that is named, and its reply takes the place
 * of the refusal; those of one call for one node stay together and in order. No map of the slots is kept: each
 * command is asked of the node that the connection leads to first, so that nothing can be out of date.
 *
 * Not followed: what is in a transaction, since the whole of it was refused then.
 */
typedef struct _CbCluster CbCluster;

CbCluster *cb_cluster_new     (void);
void       cb_cluster_free    (CbCluster    *self);

/* Whether there is anything to follow. */
gboolean   cb_cluster_concerns (CbCall      *call);
/* Tells the task of @call when all is there. */
void       cb_cluster_follow  (CbCluster    *self,
                               CbConnection *owner,
                               CbCall       *call);  /* transfer full */
void       cb_cluster_hang_up (CbCluster    *self);
void       cb_cluster_close   (CbCluster    *self);

G_END_DECLS
