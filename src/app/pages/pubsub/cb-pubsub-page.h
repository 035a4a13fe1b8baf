/* cb-pubsub-page.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-page.h"
#include "cb-pubsub.h"

G_BEGIN_DECLS

/**
 * CbPubsubPage:
 *
 * What is heard on channels and patterns, and publishing. What is subscribed to is heard also while another page is shown.
 *
 * Actions: pubsub.pause, pubsub.clear, pubsub.filter, pubsub.newest-first, pubsub.wrap, pubsub.save, pubsub.replay,
 * pubsub.stop-replay, pubsub.replay-speed, pubsub.keyspace, pubsub.subscribe-all, pubsub.newest.
 */
#define CB_TYPE_PUBSUB_PAGE (cb_pubsub_page_get_type ())
G_DECLARE_FINAL_TYPE (CbPubsubPage, cb_pubsub_page, CB, PUBSUB_PAGE, CbPage)

/* (nullable) until there is a connection */
CbPubsub *cb_pubsub_page_get_pubsub (CbPubsubPage *self);

G_END_DECLS
