/* cb-redis-error.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * CbRedisError:
 * @CB_REDIS_ERROR_FAILED: an error reply without a kind of its own (`ERR …`)
 * @CB_REDIS_ERROR_ADDRESS: the address of the server can't be understood
 * @CB_REDIS_ERROR_RESOLVE: the name of the server can't be resolved
 * @CB_REDIS_ERROR_CONNECT: the server can't be reached
 * @CB_REDIS_ERROR_NOT_CONNECTED: there is no connection at the moment; nothing was sent
 * @CB_REDIS_ERROR_LOST: the connection ended before the reply; the command may or may not have run
 * @CB_REDIS_ERROR_TIMED_OUT: no reply came in time; the command may or may not have run
 * @CB_REDIS_ERROR_PROTOCOL: what came is no Redis reply
 * @CB_REDIS_ERROR_UNEXPECTED: the reply has another shape than the command gives
 * @CB_REDIS_ERROR_SENTINEL: what answers is a Sentinel and no server with data, or one that does not know the name
 * @CB_REDIS_ERROR_SERVER_MISSING: there is no redis-server program to start
 * @CB_REDIS_ERROR_SERVER_FAILED: the private server did not start
 *
 * The rest are the kinds of error replies by their first word, and `unknown command` and `max number of clients
 * reached`, which Redis sends as plain `ERR`.
 */
typedef enum
{
  CB_REDIS_ERROR_FAILED,
  CB_REDIS_ERROR_ADDRESS,
  CB_REDIS_ERROR_RESOLVE,
  CB_REDIS_ERROR_CONNECT,
  CB_REDIS_ERROR_NOT_CONNECTED,
  CB_REDIS_ERROR_LOST,
  CB_REDIS_ERROR_TIMED_OUT,
  CB_REDIS_ERROR_PROTOCOL,
  CB_REDIS_ERROR_UNEXPECTED,
  CB_REDIS_ERROR_SENTINEL,
  CB_REDIS_ERROR_SERVER_MISSING,
  CB_REDIS_ERROR_SERVER_FAILED,
  CB_REDIS_ERROR_UNKNOWN_COMMAND,
  CB_REDIS_ERROR_WRONGTYPE,
  CB_REDIS_ERROR_NOAUTH,
  CB_REDIS_ERROR_WRONGPASS,
  CB_REDIS_ERROR_NOPERM,
  CB_REDIS_ERROR_READONLY,
  CB_REDIS_ERROR_LOADING,
  CB_REDIS_ERROR_MASTERDOWN,
  CB_REDIS_ERROR_MISCONF,
  CB_REDIS_ERROR_OOM,
  CB_REDIS_ERROR_BUSY,
  CB_REDIS_ERROR_NOSCRIPT,
  CB_REDIS_ERROR_EXECABORT,
  CB_REDIS_ERROR_NOREPLICAS,
  CB_REDIS_ERROR_UNBLOCKED,
  CB_REDIS_ERROR_MOVED,
  CB_REDIS_ERROR_ASK,
  CB_REDIS_ERROR_TRYAGAIN,
  CB_REDIS_ERROR_CROSSSLOT,
  CB_REDIS_ERROR_CLUSTERDOWN,
  CB_REDIS_ERROR_DENIED,
  CB_REDIS_ERROR_MAXCLIENTS,
} CbRedisError;

#define CB_REDIS_ERROR (cb_redis_error_quark ())

GQuark   cb_redis_error_quark                (void);

GError  *cb_redis_error_new_from_reply       (const char   *command,
                                              const char   *text,
                                              gsize         length);
gboolean cb_redis_error_is_connection        (const GError *error);
gboolean cb_redis_error_may_have_run         (const GError *error);

G_END_DECLS
