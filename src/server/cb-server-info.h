/* cb-server-info.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-reply.h"

G_BEGIN_DECLS

/* One database that has keys. Of each figure -1 when the server doesn't tell it. */
typedef struct
{
  guint  number;
  gint64 keys;
  gint64 expires;             /* keys with a time to live */
  gint64 average_ttl_msec;
} CbServerDatabase;

/* One replica of a master. The texts are valid UTF-8 on one line, "" when the server doesn't tell them. */
typedef struct
{
  char  *address;             /* "10.0.0.2:6379" */
  char  *state;               /* "online", "wait_bgsave"… */
  gint64 offset;              /* bytes of the replication stream it has acknowledged, -1 unknown */
  gint64 lag;                 /* seconds since it was heard of, -1 unknown */
} CbServerReplica;

/**
 * CbServerInfo:
 *
 * What a server tells of itself by INFO (https://redis.io/docs/latest/commands/info/), taken apart. It is foreign: a field may be missing, be
 * of another kind than is usual or far too long, and sections may be unknown; all of that is no error. Immutable. Bounded: the first 4096 fields,
 * 1024 databases and 256 replicas, values up to 1024 bytes.
 */
typedef struct _CbServerInfo CbServerInfo;

CbServerInfo *cb_server_info_parse         (const char         *text,
                                            gsize               length);
CbServerInfo *cb_server_info_ref           (CbServerInfo       *self);
void          cb_server_info_unref         (CbServerInfo       *self);

/* The value as it came, valid UTF-8 on one line; NULL when there is none. */
const char   *cb_server_info_get           (const CbServerInfo *self,
                                            const char         *field);
/* -1 where the field is missing, negative, or no number; G_MAXINT64 for what is larger. */
gint64        cb_server_info_get_count     (const CbServerInfo *self,
                                            const char         *field);
/* NAN where the field is missing or no number; a "%" behind it is passed over. */
double        cb_server_info_get_number    (const CbServerInfo *self,
                                            const char         *field);
gboolean      cb_server_info_is            (const CbServerInfo *self,
                                            const char         *field,
                                            const char         *value);
gboolean      cb_server_info_is_replica    (const CbServerInfo *self);

guint                   cb_server_info_get_n_fields    (const CbServerInfo *self);
guint                   cb_server_info_get_n_databases (const CbServerInfo *self);
const CbServerDatabase *cb_server_info_get_database    (const CbServerInfo *self,
                                                        guint               index);
/* Keys of all databases, and those of them with a time to live. */
gint64                  cb_server_info_get_n_keys      (const CbServerInfo *self,
                                                        gint64             *n_expires);
guint                   cb_server_info_get_n_replicas  (const CbServerInfo *self);
const CbServerReplica  *cb_server_info_get_replica     (const CbServerInfo *self,
                                                        guint               index);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbServerInfo, cb_server_info_unref)

G_END_DECLS
