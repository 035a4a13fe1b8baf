/* cb-channel-rates.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-reply.h"

G_BEGIN_DECLS

/* What came on one channel. */
typedef struct
{
  GBytes *name;      /* (owned) */
  guint64 n;         /* messages */
  guint64 bytes;     /* of their payloads */
  double rate;       /* messages a second, over the last seconds */
  guint64 n_before;  /* at the last tick */
} CbChannelRate;

/*
 * CbChannelRates:
 *
 * Counts messages and bytes for each channel. A server may have millions of channels: the first CB_CHANNEL_RATES_MAX are counted each
 * for itself, what comes on others together.
 */
typedef struct _CbChannelRates CbChannelRates;

#define CB_CHANNEL_RATES_MAX 10000

CbChannelRates      *cb_channel_rates_new        (void);
void                 cb_channel_rates_free       (CbChannelRates *self);
void                 cb_channel_rates_count      (CbChannelRates *self,
                                                  const CbValue  *channel,
                                                  gsize           size);
/* About once a second; @elapsed_usec since the last. */
void                 cb_channel_rates_tick       (CbChannelRates *self,
                                                  gint64          elapsed_usec);
void                 cb_channel_rates_clear      (CbChannelRates *self);
guint                cb_channel_rates_get_length (CbChannelRates *self);
/* The busiest, at most @n: GPtrArray of CbChannelRate (transfer container), valid until the next call of another function. */
GPtrArray           *cb_channel_rates_get_top    (CbChannelRates *self,
                                                  guint           n);
/* (transfer none) What came on channels that had no place of their own; its name is empty. */
const CbChannelRate *cb_channel_rates_get_others (CbChannelRates *self);

/* A rate that follows what comes within some seconds: @n messages came in @elapsed_usec. */
double               cb_rate_follow              (double          rate,
                                                  guint64         n,
                                                  gint64          elapsed_usec);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbChannelRates, cb_channel_rates_free)

G_END_DECLS
