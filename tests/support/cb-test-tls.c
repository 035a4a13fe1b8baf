/* cb-test-tls.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-test-tls.h"

#include "cb-test-port.h"

static char *
dup_file (const char *name,
          const char *suffix)
{
  g_autofree char *whole = g_strconcat (name, suffix, NULL);

  return g_test_build_filename (G_TEST_DIST, "fixtures", "tls", whole, NULL);
}

CbTestRedis *
cb_test_tls_new (const char *certificate,
                 gboolean    asks_clients,
                 char      **port)
{
  g_autofree char *cert_file = dup_file (certificate, ".pem");
  g_autofree char *key_file = dup_file (certificate, ".key");
  g_autofree char *ca_file = dup_file ("ca", ".pem");

  *port = cb_test_port_dup ();
  return cb_test_redis_new ("--tls-port", *port, "--bind", "127.0.0.1", "--tls-cert-file", cert_file, "--tls-key-file", key_file,
                            "--tls-ca-cert-file", ca_file, "--tls-auth-clients", asks_clients ? "yes" : "no", NULL);
}

char *
cb_test_tls_dup_uri (const char *host,
                     const char *port,
                     const char *query)
{
  g_autofree char *folder = g_test_build_filename (G_TEST_DIST, "fixtures", "tls/", NULL);
  g_auto (GStrv) parts = g_strsplit (query, "@", -1);
  g_autofree char *whole = g_strjoinv (folder, parts);

  return g_strdup_printf ("rediss://%s:%s%s", host, port, whole);
}
