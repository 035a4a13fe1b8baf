/* cb-other-queue.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib-object.h>

#include "cb-library.h"

G_BEGIN_DECLS

/**
 * CbOtherQueue:
 *
 * A queue of a library that has no engine here: that it is there, whose it is and what it is called, and nothing of its jobs. Names may be any
 * bytes.
 */
#define CB_TYPE_OTHER_QUEUE (cb_other_queue_get_type ())
G_DECLARE_FINAL_TYPE (CbOtherQueue, cb_other_queue, CB, OTHER_QUEUE, GObject)

CbOtherQueue    *cb_other_queue_new         (const CbLibrary *library,
                                             GBytes          *prefix,
                                             GBytes          *name);
const CbLibrary *cb_other_queue_get_library (CbOtherQueue    *self);
GBytes          *cb_other_queue_get_prefix  (CbOtherQueue    *self);      /* transfer none */
GBytes          *cb_other_queue_get_name    (CbOtherQueue    *self);      /* transfer none */
/* For people: control characters and bad bytes visible, and no longer than anybody reads. */
char            *cb_other_queue_dup_label   (CbOtherQueue    *self);
char            *cb_other_queue_dup_prefix_label (CbOtherQueue *self);
/* What its keys are looked for by, as it is typed: \xNN for a byte that can't be. */
char            *cb_other_queue_dup_pattern (CbOtherQueue    *self);
/* By library, name and prefix: 0 when they are the same queue. */
int              cb_other_queue_compare     (CbOtherQueue    *a,
                                             CbOtherQueue    *b);

G_END_DECLS
