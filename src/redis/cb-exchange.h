/* cb-exchange.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-call.h"
#include "cb-command-stats.h"
#include "cb-redis-session.h"

G_BEGIN_DECLS

/*
 * CbExchange:
 *
 * The calls of a connection: those that wait for a session, those that were sent over it, and what the next replies
 * are. Replies come in the order of the commands, so one queue (@expected) says that. A call that was told its
 * outcome early (time-out, cancelled) keeps its places in it, and its replies are dropped when they come.
 */
typedef struct
{
  CbRedisSession *session; /* (unowned) (nullable) */
  CbCommandStats *stats;   /* (owned) of all sessions */
  GHashTable *loaded;      /* (owned) (element-type CbScript) in this session */
  GQueue waiting;          /* (element-type CbCall) not sent */
  GQueue sent;             /* (element-type CbCall) sent and not told yet */
  GArray *expected;        /* (owned) */
  guint first_expected;    /* those before it are behind us */
  gboolean no_script_load; /* this user may not; in this session */
} CbExchange;

typedef enum
{
  CB_EXCHANGE_UNASKED,     /* nothing was to come */
  CB_EXCHANGE_PROBE_TIME,
  CB_EXCHANGE_PROBE_ROLE,
  CB_EXCHANGE_COMMANDS,
  CB_EXCHANGE_COMMANDS_CHECK,
  CB_EXCHANGE_CALL,
} CbExchangeKind;

void           cb_exchange_init         (CbExchange      *self);
void           cb_exchange_clear        (CbExchange      *self);
void           cb_exchange_begin        (CbExchange      *self,
                                         CbRedisSession  *session);
void           cb_exchange_end          (CbExchange      *self);

void           cb_exchange_send         (CbExchange      *self,
                                         CbCall          *call);   /* transfer full */
void           cb_exchange_send_waiting (CbExchange      *self);
void           cb_exchange_send_probe   (CbExchange      *self,
                                         gboolean         with_time,
                                         gboolean         with_role);
void           cb_exchange_send_question (CbExchange     *self,
                                         CbExchangeKind   kind,
                                         CbCommand       *command); /* transfer full */
CbExchangeKind cb_exchange_take         (CbExchange      *self,
                                         CbReply         *reply,
                                         CbCall         **done);
void           cb_exchange_take_out     (CbExchange      *self,
                                         CbCall          *call);
void           cb_exchange_sort_out     (CbExchange      *self,
                                         const GError    *reason,
                                         gboolean         goes_on,
                                         GPtrArray       *calls);  /* of those that end */
gint64         cb_exchange_get_deadline (CbExchange      *self);
void           cb_exchange_refuse       (GPtrArray       *calls,
                                         CbCall          *call,    /* transfer full */
                                         GError          *error);  /* transfer full */

G_END_DECLS
