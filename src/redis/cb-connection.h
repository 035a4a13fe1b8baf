/* cb-connection.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "cb-address.h"
#include "cb-command-stats.h"
#include "cb-pipeline.h"
#include "cb-redis-error.h"
#include "cb-reply.h"

G_BEGIN_DECLS

typedef enum
{
  CB_CONNECTION_CLOSED,
  CB_CONNECTION_RESOLVING,
  CB_CONNECTION_CONNECTING,
  CB_CONNECTION_AUTHENTICATING,
  CB_CONNECTION_LOADING,
  CB_CONNECTION_READY,
  CB_CONNECTION_WAITING,
} CbConnectionState;

GType cb_connection_state_get_type (void) G_GNUC_CONST;
#define CB_TYPE_CONNECTION_STATE (cb_connection_state_get_type ())

#define CB_TYPE_CONNECTION (cb_connection_get_type ())
G_DECLARE_FINAL_TYPE (CbConnection, cb_connection, CB, CONNECTION, GObject)

/*
 * Properties: address (CbAddress, construct-only), client-name (string, construct-only), state, error-message
 * (string: why it is WAITING, LOADING or CLOSED, nullable), latency (µs, -1 unknown), clock-offset (µs the server's clock
 * is ahead of ours, 0 below one second), server-version (string, nullable), role ("master", "slave", nullable),
 * timeout (ms, default 5000), retry-at (µs monotonic of the next attempt, 0), read-only (boolean).
 * All notify explicitly. Everything happens in the thread-default main context at construction.
 *
 * Calls made before the first READY wait for it (up to their timeout). Calls made while a lost connection comes
 * back fail at once with NOT_CONNECTED unless they are repeatable. After a failed open_async or a close all fail
 * at once. A call that waited in vain ends with NOT_CONNECTED, too: nothing was sent.
 *
 * With read-only nothing that writes leaves the socket: what writes is known from the server itself (CbCommandTable).
 * A call with such a command ends with READONLY and none of its pipeline is sent. Scripts that declare `no-writes`
 * are run in the form in which the server refuses their writes, others not at all.
 *
 * Outstanding calls hold the connection; nothing else does. A script that the server has forgotten is sent again by
 * itself, behind what stands in its pipeline; in a transaction scripts always go with their source.
 */
CbConnection      *cb_connection_new                 (CbAddress           *address,
                                                      const char          *client_name);
CbConnection      *cb_connection_new_sibling         (CbConnection        *self,
                                                      const char          *client_name); /* same server, not open */
CbConnection      *cb_connection_new_sibling_in_db   (CbConnection        *self,
                                                      guint                db,
                                                      const char          *client_name);

/* Starts connecting and stays with it until closed. Idempotent. */
void               cb_connection_open                (CbConnection        *self);
/* The same, and tells the outcome of the first attempt; on failure the connection is CLOSED again. */
void               cb_connection_open_async          (CbConnection        *self,
                                                      GCancellable        *cancellable,
                                                      GAsyncReadyCallback  callback,
                                                      gpointer             user_data);
gboolean           cb_connection_open_finish         (CbConnection        *self,
                                                      GAsyncResult        *result,
                                                      GError             **error);
/* Ends it; outstanding calls get LOST or NOT_CONNECTED from an idle. Idempotent. */
void               cb_connection_close               (CbConnection        *self);
void               cb_connection_hang_up             (CbConnection        *self);
void               cb_connection_flush_alone         (CbConnection        *self);
void               cb_connection_flush               (CbConnection        *self);
void               cb_connection_reconnect_now       (CbConnection        *self);

/* One command. An error reply is returned as a GError. @command is taken. */
void               cb_connection_call_async          (CbConnection        *self,
                                                      CbCommand           *command,
                                                      GCancellable        *cancellable,
                                                      GAsyncReadyCallback  callback,
                                                      gpointer             user_data);
CbReply           *cb_connection_call_finish         (CbConnection        *self,
                                                      GAsyncResult        *result,
                                                      GError             **error);

/* Many. Error replies of single commands stand in their place in the array (GPtrArray of CbReply, one a command,
 * transfer full); only a lost connection, a time-out or a failed EXEC is an error of the whole. */
void               cb_connection_pipeline_async      (CbConnection        *self,
                                                      CbPipeline          *pipeline,
                                                      GCancellable        *cancellable,
                                                      GAsyncReadyCallback  callback,
                                                      gpointer             user_data);
GPtrArray         *cb_connection_pipeline_finish     (CbConnection        *self,
                                                      GAsyncResult        *result,
                                                      GError             **error);

CbAddress         *cb_connection_get_address         (CbConnection        *self);
CbConnectionState  cb_connection_get_state           (CbConnection        *self);
const char        *cb_connection_get_error_message   (CbConnection        *self);
gint64             cb_connection_get_latency         (CbConnection        *self);
gint64             cb_connection_get_clock_offset    (CbConnection        *self);
const char        *cb_connection_get_server_version  (CbConnection        *self);
const char        *cb_connection_get_encryption      (CbConnection        *self);
void               cb_connection_set_timeout         (CbConnection        *self,
                                                      guint                timeout_msec);
gboolean           cb_connection_get_read_only       (CbConnection        *self);
void               cb_connection_set_read_only       (CbConnection        *self,
                                                      gboolean             read_only);
guint64            cb_connection_get_n_commands_sent (CbConnection        *self);
/* No call is under way or waits for the connection. */
gboolean           cb_connection_is_idle             (CbConnection        *self);
/* The same by name with their cost, those of siblings among them, but without the ones that let it in. Transfer none. */
CbCommandStats    *cb_connection_get_command_stats   (CbConnection        *self);

/* The time by the server's clock, µs since 1970 UTC: what is written into jobs and what countdowns are shown by. */
gint64             cb_connection_get_server_time     (CbConnection        *self);

G_END_DECLS
