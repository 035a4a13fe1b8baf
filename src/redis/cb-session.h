/* cb-session.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-connection.h"

G_BEGIN_DECLS

/*
 * CbSession:
 *
 * One attempt at a server and what comes of it: resolve, connect, let oneself in, wait while the server loads,
 * then exchange commands and replies until the link ends. It never tries again; that is for its owner, which makes
 * a new session.
 *
 * The owner's functions are called from the main context, and `state` from cb_session_start() as well. Each may
 * close the session and let go of it.
 */
typedef struct _CbSession CbSession;

/* What was learned about a server. It belongs to the owner and outlives the session. */
typedef struct
{
  char *version;       /* (owned) (nullable) */
  char *role;          /* (owned) (nullable) "master" or "slave" */
  gint64 latency;      /* µs, -1 unknown */
  gint64 clock_offset; /* µs the server is ahead */
  /* What the server or this user does not have is not asked for again. */
  gboolean lacks_time;
  gboolean lacks_info;
  gboolean lacks_role;
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
} CbSessionFuncs;

CbSession *cb_session_new               (CbAddress            *address,
                                         const char           *client_name,
                                         guint                 timeout_msec,
                                         CbServerFacts        *facts,
                                         const CbSessionFuncs *funcs,
                                         gpointer              user_data);
CbSession *cb_session_ref               (CbSession            *self);
void       cb_session_unref             (CbSession            *self);
void       cb_session_start             (CbSession            *self);
void       cb_session_close             (CbSession            *self);  /* ends it without a word; idempotent */

gboolean   cb_session_is_ready          (CbSession            *self);
void       cb_session_send              (CbSession            *self,
                                         CbCommand            *command,
                                         gboolean              whole_script);
gboolean   cb_session_read              (CbSession            *self);
gint64     cb_session_get_last_received (CbSession            *self);
guint      cb_session_get_n_sent        (CbSession            *self);  /* commands, those of the handshake among them */

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

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbSession, cb_session_unref)

G_END_DECLS
