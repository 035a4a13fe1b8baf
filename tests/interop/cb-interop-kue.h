/* cb-interop-kue.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include "cb-test-redis.h"

G_BEGIN_DECLS

/* A process of real Kue that does one thing after the other, as it is told: kue/life.js. */
typedef struct _CbInteropKue CbInteropKue;

/* (nullable): why there is nothing to test against */
const char   *cb_interop_kue_get_missing (void);

CbInteropKue *cb_interop_kue_new         (CbTestRedis  *redis,
                                          const char   *options);
void          cb_interop_kue_free        (CbInteropKue *self);
/* A line as life.js reads it; waits for the answer. */
JsonNode     *cb_interop_kue_do          (CbInteropKue *self,
                                          const char   *line);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbInteropKue, cb_interop_kue_free)

G_END_DECLS
