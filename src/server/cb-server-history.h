/* cb-server-history.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-server-info.h"

G_BEGIN_DECLS

/* What is drawn over time. Rates are by what was counted between two samples, over the time between them. */
typedef enum
{
  CB_SERVER_OPERATIONS,       /* commands a second */
  CB_SERVER_MEMORY,           /* bytes */
  CB_SERVER_MEMORY_RSS,       /* bytes that the operating system gave */
  CB_SERVER_FRAGMENTATION,    /* the second by the first */
  CB_SERVER_CLIENTS,
  CB_SERVER_BLOCKED,          /* clients that wait for a key */
  CB_SERVER_HIT_RATE,         /* percent of the keys that were asked for; unknown where none was */
  CB_SERVER_NET_IN,           /* bytes a second */
  CB_SERVER_NET_OUT,          /* bytes a second */
  CB_SERVER_KEYS,
  CB_SERVER_EXPIRES,          /* keys with a time to live */
  CB_SERVER_EXPIRED,          /* keys a second */
  CB_SERVER_EVICTED,          /* keys a second */
  CB_SERVER_LAG,              /* bytes that the slowest replica is behind; of a replica, seconds since its master was heard */
  CB_SERVER_SAVE_AGE,         /* seconds since the last snapshot was saved */
} CbServerSeries;

#define CB_SERVER_N_SERIES 15

/* So many samples are kept: five minutes, at one a second. */
#define CB_SERVER_HISTORY_LENGTH 300

/**
 * CbServerHistory:
 *
 * Samples of a server over time, in a ring of seconds. A second without a sample is unknown, and so is a rate over a gap of more than ten
 * seconds, or over a restart of the server or of its counters. Owned by one thread; not counted.
 */
typedef struct _CbServerHistory CbServerHistory;

CbServerHistory *cb_server_history_new  (void);
void             cb_server_history_free (CbServerHistory    *self);
/* @at: µs monotonic, never before that of the last call. @now: µs since 1970 UTC by the server's clock. */
void             cb_server_history_add  (CbServerHistory    *self,
                                         const CbServerInfo *info,
                                         gint64              at,
                                         gint64              now);
guint            cb_server_history_get_n_samples (CbServerHistory *self);
/* @values: CB_SERVER_HISTORY_LENGTH of them, oldest first, the last one is the second of @at; NAN where unknown. */
void             cb_server_history_get  (CbServerHistory    *self,
                                         CbServerSeries      series,
                                         gint64              at,
                                         double             *values);
/* The value of the last sample; NAN when unknown. */
double           cb_server_history_get_last (CbServerHistory *self,
                                             CbServerSeries   series);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbServerHistory, cb_server_history_free)

G_END_DECLS
