/* cb-address.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * CbAddress:
 *
 * Where a Redis server is and how to be let in: immutable, counted.
 *
 * Understood are `redis://[USER[:PASSWORD]@]HOST[:PORT][/DB][?db=N]`, `unix:PATH[?db=N&user=U&password=P]`,
 * `unix://[USER[:PASSWORD]@]PATH[?db=N]`, `HOST[:PORT]`, `[IPv6]:PORT` and an absolute path of a socket.
 * User and password are percent-decoded. `rediss://` is `redis://` encrypted (TLS); behind its ? can stand what redis-cli has as options:
 * `cacert=PATH`, `cert=PATH`, `key=PATH`, `sni=NAME` and `insecure=1`. With `sentinel=NAME` behind the ? HOST is a Sentinel, which is asked where its
 * primary of that name is; user, password and database are the primary's, `sentinel_username=NAME` and `sentinel_password=TEXT` the
 * Sentinel's own. `production=1` behind the ? marks a server that is not to be written to by mistake.
 */
typedef struct _CbAddress CbAddress;

/**
 * CbTlsOptions:
 * @ca_file: (nullable): the certificates of authorities, in PEM; those that the system trusts with %NULL
 * @cert_file: (nullable): the certificate to show to the server, in PEM
 * @key_file: (nullable): its key; it is in @cert_file with %NULL
 * @name: (nullable): who the server's certificate must be for, and SNI; its host with %NULL
 * @insecure: takes any certificate: encrypted, but nobody knows by whom it is read
 *
 * How a connection is encrypted.
 */
typedef struct
{
  const char *ca_file;
  const char *cert_file;
  const char *key_file;
  const char *name;
  gboolean    insecure;
} CbTlsOptions;

#define CB_TYPE_ADDRESS (cb_address_get_type ())

GType       cb_address_get_type     (void) G_GNUC_CONST;

CbAddress  *cb_address_parse        (const char       *text,
                                     GError          **error);
CbAddress  *cb_address_new_unix     (const char       *path);
CbAddress  *cb_address_new_tcp      (const char       *host,
                                     guint16           port);
CbAddress  *cb_address_with_db      (CbAddress        *self,
                                     guint             db);
CbAddress  *cb_address_with_login   (CbAddress        *self,
                                     const char       *user,
                                     const char       *password);
CbAddress  *cb_address_with_sentinel (CbAddress       *self,
                                     const char       *name);
CbAddress  *cb_address_with_sentinel_login (CbAddress *self,
                                     const char       *user,
                                     const char       *password);
CbAddress  *cb_address_with_tls     (CbAddress        *self,
                                     const CbTlsOptions *tls);
CbAddress  *cb_address_with_place   (CbAddress        *self,
                                     const char       *host,
                                     guint16           port);
CbAddress  *cb_address_ref          (CbAddress        *self);
void        cb_address_unref        (CbAddress        *self);

const char *cb_address_get_host     (CbAddress        *self);  /* NULL for a socket */
guint16     cb_address_get_port     (CbAddress        *self);
const char *cb_address_get_path     (CbAddress        *self);  /* NULL for TCP */
const char *cb_address_get_user     (CbAddress        *self);  /* nullable */
const char *cb_address_get_password (CbAddress        *self);  /* nullable */
const char *cb_address_get_sentinel (CbAddress        *self);  /* nullable */
const char *cb_address_get_sentinel_user (CbAddress   *self);  /* nullable */
const char *cb_address_get_sentinel_password (CbAddress *self); /* nullable */
const CbTlsOptions *cb_address_get_tls (CbAddress     *self);  /* NULL where nothing is encrypted */
guint       cb_address_get_db       (CbAddress        *self);
gboolean    cb_address_get_production (CbAddress      *self);
const char *cb_address_get_label    (CbAddress        *self);  /* for people: never holds the password */
char       *cb_address_to_uri       (CbAddress        *self);  /* without the password */
gboolean    cb_address_equal        (CbAddress        *a,
                                     CbAddress        *b);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbAddress, cb_address_unref)

G_END_DECLS
