/* cb-subscriber-private.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-subscriber.h"

G_BEGIN_DECLS

/* For tests: how long it may be silent before it is probed, and how long the probe may take. */
void cb_subscriber_set_keep_alive (CbSubscriber *self,
                                   guint         idle_msec,
                                   guint         timeout_msec);

G_END_DECLS
