/* cb-test-redis.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-address.h"
#include "cb-connection.h"

G_BEGIN_DECLS

/**
 * CbTestRedis:
 *
 * A redis-server of a test's own: on a Unix socket in a temporary folder, without a TCP port, saving nothing
 * unless asked to. It dies with the test program, whatever becomes of that. Failures end the test.
 *
 * The calls here block. They are for setting up and looking behind the back of the code under test.
 */
typedef struct _CbTestRedis CbTestRedis;

CbTestRedis *cb_test_redis_new           (const char         *argument,  /* nullable: more arguments of redis-server */
                                          ...) G_GNUC_NULL_TERMINATED;
CbTestRedis *cb_test_redis_new_from_rdb  (const char         *rdb_file); /* a copy of it is served */
void         cb_test_redis_free          (CbTestRedis        *self);     /* ends it and removes the folder */

const char  *cb_test_redis_get_path      (CbTestRedis        *self);     /* of the socket */
const char  *cb_test_redis_get_directory (CbTestRedis        *self);
CbAddress   *cb_test_redis_get_address   (CbTestRedis        *self);     /* transfer none */
GPid         cb_test_redis_get_pid       (CbTestRedis        *self);     /* 0 when it does not run */

void         cb_test_redis_kill          (CbTestRedis        *self);     /* SIGKILL */
void         cb_test_redis_stop          (CbTestRedis        *self);     /* SIGTERM: saves where it is set up to */
void         cb_test_redis_start         (CbTestRedis        *self);     /* again, on the same folder; waits for PING */
void         cb_test_redis_start_nowait  (CbTestRedis        *self);     /* the same, returns at once */
void         cb_test_redis_await         (CbTestRedis        *self);     /* until it answers */
void         cb_test_redis_freeze        (CbTestRedis        *self);     /* SIGSTOP: the link stays, nothing comes */
void         cb_test_redis_thaw          (CbTestRedis        *self);

/* One command given word by word. An error reply is returned as a reply. */
CbReply     *cb_test_redis_call          (CbTestRedis        *self,
                                          const char         *name,
                                          ...) G_GNUC_NULL_TERMINATED;
CbReply     *cb_test_redis_call_argv     (CbTestRedis        *self,
                                          guint               n_arguments,
                                          const char * const *arguments,
                                          const gsize        *lengths);  /* nullable: C strings */
/* The same for replies that must be a string (%NULL for nil) or an integer. */
char        *cb_test_redis_get_string    (CbTestRedis        *self,
                                          const char         *name,
                                          ...) G_GNUC_NULL_TERMINATED;
gint64       cb_test_redis_get_integer   (CbTestRedis        *self,
                                          const char         *name,
                                          ...) G_GNUC_NULL_TERMINATED;

/* An asynchronous call awaited in the default main context. @command and @pipeline are taken. */
CbReply     *cb_test_call                (CbConnection       *connection,
                                          CbCommand          *command,
                                          GError            **error);
GPtrArray   *cb_test_pipeline            (CbConnection       *connection,
                                          CbPipeline         *pipeline,
                                          GError            **error);
gboolean     cb_test_open                (CbConnection       *connection,
                                          GError            **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbTestRedis, cb_test_redis_free)

G_END_DECLS
