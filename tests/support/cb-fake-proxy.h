/* cb-fake-proxy.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-fake-server.h"
#include "cb-test-redis.h"

G_BEGIN_DECLS

/*
 * Answers a command as a real server does, one command after the other, so that a handler has to answer only those that are to be
 * answered in another way. FALSE, and nothing is sent, for what concerns the connection: that is the fake server's own. Not for
 * commands that block.
 */
gboolean cb_fake_client_pass_on (CbFakeClient  *self,
                                 CbTestRedis   *redis,
                                 const CbValue *words);

G_END_DECLS
