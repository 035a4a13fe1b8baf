/* cb-queue-error.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * CbQueueError:
 * @CB_QUEUE_ERROR_FAILED: something else; the message says what
 * @CB_QUEUE_ERROR_NOT_SUPPORTED: this engine can't do that
 * @CB_QUEUE_ERROR_GONE: the job is not there (any more)
 * @CB_QUEUE_ERROR_STATE: the job is in another state than the action needs
 * @CB_QUEUE_ERROR_NOT_OWNER: the job was taken away from this worker meanwhile
 * @CB_QUEUE_ERROR_INVALID: what was given can't be used (data that is no JSON, a priority that is no number…)
 * @CB_QUEUE_ERROR_CHANGED: somebody else has changed the job since it was read
 * @CB_QUEUE_ERROR_DAMAGED: what Redis holds can't be understood
 * @CB_QUEUE_ERROR_UNCHANGED: it is so already, nothing was to be done
 * @CB_QUEUE_ERROR_NOT_KEPT: it could not be put back (it is too large, or this user may not), so it was not done
 */
typedef enum
{
  CB_QUEUE_ERROR_FAILED,
  CB_QUEUE_ERROR_NOT_SUPPORTED,
  CB_QUEUE_ERROR_GONE,
  CB_QUEUE_ERROR_STATE,
  CB_QUEUE_ERROR_NOT_OWNER,
  CB_QUEUE_ERROR_INVALID,
  CB_QUEUE_ERROR_DAMAGED,
  CB_QUEUE_ERROR_CHANGED,
  CB_QUEUE_ERROR_UNCHANGED,
  CB_QUEUE_ERROR_NOT_KEPT,
} CbQueueError;

#define CB_QUEUE_ERROR (cb_queue_error_quark ())

GQuark cb_queue_error_quark (void);

G_END_DECLS
