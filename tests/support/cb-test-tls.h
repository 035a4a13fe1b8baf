/* cb-test-tls.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-test-redis.h"

G_BEGIN_DECLS

/*
 * A redis-server that also listens encrypted, on a port of 127.0.0.1. @certificate is one of tests/fixtures/tls, without its ".pem".
 * Where @asks_clients is true, it wants to see theirs.
 */
CbTestRedis *cb_test_tls_new     (const char *certificate,
                                  gboolean    asks_clients,
                                  char      **port);         /* transfer full */
/* "rediss://HOST:PORT" and @query, in which @FILE is a file of tests/fixtures/tls. */
char        *cb_test_tls_dup_uri (const char *host,
                                  const char *port,
                                  const char *query);

G_END_DECLS
