/* cb-redis-session.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-command-table.h"
#include "cb-connection.h"

G_BEGIN_DECLS

/*
 * CbRedisSession:
 *
 * One attempt at a server and what comes of it: resolve, connect, let oneself in, wait while the server loads,
 * then exchange commands and replies until the link ends. It never tries again; that is for its owner, which makes
 * a new session.
 *
 * The owner's functions are called from the main context, and `state` from cb_redis_session_start() as well. Each may
 * close the session and let go of it.
 */
typedef struct _CbSession CbRedisSession;

/* What was learned about a server. It belongs to the owner and outlives the session. */
typedef struct
{
  char *version;       /* (owned) (nullable) */
  char *role;          /* (owned) (nullable) "master" or "slave" */
  char *encryption;    /* (owned) (nullable) "TLS 1.3" */
  gint64 latency;      /* µs, -1 unknown */
  gint64 clock_offset; /* µs the server is ahead */
  /* What the server or this user does not have is not asked for again. */
  gboolean lacks_time;
  gboolean lacks_info;
  gboolean lacks_role;
  /* What the owner wants: nothing that writes leaves, by what the server tells of its commands. */
  gboolean read_only;
  CbCommandTable *commands; /* (owned) (nullable) */
} CbServerFacts;

typedef struct
{
  void (*state)  (CbConnectionState  state,   /* RESOLVING to LOADING */
                  gpointer           user_data);
  void (*ready)  (gpointer           user_data);
  void (*reply)  (CbReply           *reply,   /* transfer full; only when ready */
                  gpointer           user_data);
  void (*failed) (const GError      *error,   /* nothing is called after it */
                  gpointer           user_data);
} CbRedisSessionFuncs;

CbRedisSession *cb_redis_session_new               (CbAddress            *address,
                                         const char           *client_name,
                                         guint                 timeout_msec,
                                         CbServerFacts        *facts,
                                         const CbRedisSessionFuncs *funcs,
                                         gpointer              user_data);
CbRedisSession *cb_redis_session_ref               (CbRedisSession            *self);
void       cb_redis_session_unref             (CbRedisSession            *self);
void       cb_redis_session_start             (CbRedisSession            *self);
void                  cb_redis_session_hang_up       (CbRedisSession *self);
void                  cb_redis_session_flush         (CbRedisSession *self);
void       cb_redis_session_close             (CbRedisSession            *self);  /* ends it without a word; idempotent */

gboolean   cb_redis_session_is_ready          (CbRedisSession            *self);
/* Whether it is nothing that writes, or the owner doesn't mind. */
gboolean   cb_redis_session_may_send          (CbRedisSession            *self,
                                         CbCommand            *command,
                                         GError              **error);
void       cb_redis_session_send              (CbRedisSession            *self,
                                         CbCommand            *command,
                                         gboolean              whole_script);
/* The program's own questions: PING, TIME, ROLE and COMMAND need no leave. */
void       cb_redis_session_send_own          (CbRedisSession            *self,
                                         CbCommand            *command);
gboolean   cb_redis_session_read              (CbRedisSession            *self);
gint64     cb_redis_session_get_last_received (CbRedisSession            *self);
guint      cb_redis_session_get_n_sent        (CbRedisSession            *self);  /* commands, those of the handshake among them */

void       cb_server_facts_init         (CbServerFacts        *facts);
void       cb_server_facts_clear        (CbServerFacts        *facts);
void       cb_server_facts_take_time    (CbServerFacts        *facts,
                                         const CbValue        *time,
                                         gint64                sent_monotonic,
                                         gint64                now_monotonic,
                                         gint64                now_real);
void       cb_server_facts_take_role    (CbServerFacts        *facts,
                                         const CbValue        *role);
gboolean   cb_redis_error_is_lacking    (const GError         *error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbRedisSession, cb_redis_session_unref)

G_END_DECLS
