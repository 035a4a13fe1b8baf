/* cb-test-kue.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-engine.h"
#include "cb-test-redis.h"

G_BEGIN_DECLS

/*
 * Everything in database 0 as text, a line a key or field, sorted, with what differs between two runs taken out: so that
 * what Callboard leaves behind can be compared with what real Kue does, or with its transcripts.
 *
 *   q:job:1.promote_at=created_at+5000    times: `<now>`, or by the time they are reckoned from
 *   q:jobs:delayed 01|1=promote_at        scores that are times, too; other scores as they are
 *   q:job:1.workerId=<worker>  .duration=<duration>
 *   q:sms:jobs 1 1                        lists and sets: their elements
 */
char *cb_test_kue_snapshot (CbTestRedis *redis);

/* Hears what is published on a channel, from the moment it is made. */
typedef struct _CbTestListener CbTestListener;

CbTestListener *cb_test_listener_new  (CbTestRedis    *redis,
                                       const char     *channel);
/* All messages since the last call, a line each. Blocks for nothing but the server. */
char           *cb_test_listener_take (CbTestListener *self);
void            cb_test_listener_free (CbTestListener *self);

/* Calls of an engine, awaited; errors of the call are returned. */
GPtrArray   *cb_test_create   (CbEngine *engine, const char *queue, const char *json, guint n, GError **error);   /* ids */
CbJobRecord *cb_test_claim    (CbEngine *engine, const char *queue, const char *worker, guint lease_msec, GError **error);
gboolean     cb_test_complete (CbEngine *engine, CbJobRecord *job, const char *json, GError **error);
gboolean     cb_test_fail     (CbEngine *engine, CbJobRecord *job, const char *message, const char *stack, gboolean *will_retry, GError **error);
gboolean     cb_test_act      (CbEngine *engine, CbJobAction action, double argument, const char *id, GError **error);
int          cb_test_tick     (CbEngine *engine, GError **error);
int          cb_test_recover  (CbEngine *engine, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbTestListener, cb_test_listener_free)

G_END_DECLS
