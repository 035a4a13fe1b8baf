/* cb-delivery.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-job-record.h"

G_BEGIN_DECLS

/**
 * CbDelivery:
 *
 * What the built-in worker did with one job: whom it was for, what it said and how it ended. Immutable.
 *
 * Properties (read-only): time (µs), queue, job-id, recipient (nullable: no notification), message (for people; the job's data in
 * short where it is no notification), problem (nullable: it worked), retries (boolean: it failed and will be tried again).
 */
#define CB_TYPE_DELIVERY (cb_delivery_get_type ())
G_DECLARE_FINAL_TYPE (CbDelivery, cb_delivery, CB, DELIVERY, GObject)

CbDelivery *cb_delivery_new           (const char   *prefix,
                                       CbJobRecord  *job,
                                       gint64        time,
                                       const GError *error,
                                       gboolean      will_retry);
gint64      cb_delivery_get_time      (CbDelivery   *self);
const char *cb_delivery_get_prefix    (CbDelivery   *self);
const char *cb_delivery_get_queue     (CbDelivery   *self);
const char *cb_delivery_get_job_id    (CbDelivery   *self);
const char *cb_delivery_get_recipient (CbDelivery   *self);
const char *cb_delivery_get_message   (CbDelivery   *self);
const char *cb_delivery_get_problem   (CbDelivery   *self);

G_END_DECLS
