/* cb-address.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-address.h"

#include <gio/gio.h>
#include <string.h>

#include "cb-redis-error.h"

#define DEFAULT_PORT 6379
#define DEFAULT_SENTINEL_PORT 26379
#define MAX_DB G_MAXINT32

struct _CbAddress
{
  char *host;     /* (owned) (nullable) */
  char *path;     /* (owned) (nullable) */
  char *user;     /* (owned) (nullable) */
  char *password; /* (owned) (nullable) */
  char *sentinel; /* (owned) (nullable) the primary's name, when host and port are a Sentinel's */
  char *sentinel_user;     /* (owned) (nullable) the Sentinel's own */
  char *sentinel_password; /* (owned) (nullable) */
  char *label;    /* (owned) */
  guint db;
  guint16 port;
  gboolean production; /* the address says so */
  gboolean has_tls;
  CbTlsOptions tls;        /* (owned) its texts, as they are; nothing without @has_tls */
};

G_DEFINE_BOXED_TYPE (CbAddress, cb_address, cb_address_ref, cb_address_unref)

/*
 * Errors of parsing never quote the text, not even its part that looks like a host: in an address with a stray
 * @ or / that may be a piece of the password.
 */
static gboolean
refuse (GError     **error,
        const char  *message)
{
  g_set_error_literal (error, CB_REDIS_ERROR, CB_REDIS_ERROR_ADDRESS, message);
  return FALSE;
}

/* Decodes %XX. %NULL for a bad escape, for %00 and for control characters. */
static char *
decode (const char *text,
        gssize      length)
{
  g_autoptr (GString) decoded = g_string_new (NULL);
  const char *end = text + (length < 0 ? (gssize) strlen (text) : length);

  for (const char *at = text; at < end; at++)
    {
      guchar byte = *at;

      if (byte == '%')
        {
          if (end - at < 3 || !g_ascii_isxdigit (at[1]) || !g_ascii_isxdigit (at[2]))
            return NULL;
          byte = g_ascii_xdigit_value (at[1]) << 4 | g_ascii_xdigit_value (at[2]);
          at += 2;
          if (byte == 0)
            return NULL;
        }
      else if (g_ascii_iscntrl (byte))
        {
          return NULL;
        }
      g_string_append_c (decoded, byte);
    }
  return g_string_free (g_steal_pointer (&decoded), FALSE);
}

static gboolean
parse_number (const char *text,
              gsize       length,
              guint64     max,
              guint64    *number)
{
  g_autofree char *digits = g_strndup (text, length);

  /* Takes no sign, no blanks and nothing behind the digits. */
  return g_ascii_string_to_unsigned (digits, 10, 0, max, number, NULL);
}

static gboolean
parse_db (CbAddress   *self,
          const char  *text,
          gsize        length,
          GError     **error)
{
  guint64 db;

  if (!parse_number (text, length, MAX_DB, &db))
    return refuse (error, "The number of the database in the address of the server is not a number. A user name or "
                          "password that holds / ? # or @ needs these written as %2F %3F %23 %40.");
  self->db = db;
  return TRUE;
}

static gboolean
parse_userinfo (CbAddress   *self,
                const char  *text,
                gsize        length,
                GError     **error)
{
  const char *colon = memchr (text, ':', length);
  gsize user_length = colon != NULL ? (gsize) (colon - text) : length;

  if (memchr (text, '@', length) != NULL)
    return refuse (error, "The address of the server has more than one @. Write an @ of the user name or password "
                          "as %40.");

  if (user_length > 0)
    {
      self->user = decode (text, user_length);
      if (self->user == NULL)
        return refuse (error, "The user name in the address of the server is not encoded rightly. Write a % as %25.");
    }

  if (colon != NULL && text + length > colon + 1)
    {
      self->password = decode (colon + 1, text + length - colon - 1);
      if (self->password == NULL)
        return refuse (error, "The password in the address of the server is not encoded rightly. Write a % as %25.");
    }
  return TRUE;
}

/* Those of TLS, with redis-cli's names. Sets @known to whether it is one of them. */
static gboolean
parse_tls_option (CbAddress   *self,
                  const char  *name,
                  gsize        name_length,
                  const char  *value,
                  gboolean    *known,
                  GError     **error)
{
  const struct
  {
    const char *name;
    const char **place;
  } texts[] = {
    { "cacert", &self->tls.ca_file },
    { "cert", &self->tls.cert_file },
    { "key", &self->tls.key_file },
    { "sni", &self->tls.name },
  };

  *known = TRUE;
  if (name_length == 8 && strncmp (name, "insecure", 8) == 0)
    {
      if (!g_str_equal (value, "1") && !g_str_equal (value, "0"))
        return refuse (error, "In the address of the server, insecure is 1 or 0.");
      self->tls.insecure = *value == '1';
      return TRUE;
    }

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      if (strlen (texts[i].name) != name_length || strncmp (name, texts[i].name, name_length) != 0)
        continue;

      g_free ((char *) *texts[i].place);
      *texts[i].place = decode (value, -1);
      if (*texts[i].place == NULL || **texts[i].place == '\0' ||
          (texts[i].place == &self->tls.name && !g_utf8_validate (*texts[i].place, -1, NULL)))
        return refuse (error, "In the address of the server, cacert, cert and key are paths of files, and sni is a name. Write a % as %25.");
      return TRUE;
    }

  *known = FALSE;
  return TRUE;
}

static gboolean
parse_query (CbAddress   *self,
             const char  *query,
             gboolean     with_secrets,
             GError     **error)
{
  g_auto (GStrv) pairs = g_strsplit (query, "&", -1);

  for (guint i = 0; pairs[i] != NULL; i++)
    {
      const char *value = strchr (pairs[i], '=');
      gsize name_length = value != NULL ? (gsize) (value - pairs[i]) : strlen (pairs[i]);
      gboolean known = FALSE;

      if (pairs[i][0] == '\0')
        continue;
      value = value != NULL ? value + 1 : "";

      if (name_length == 2 && strncmp (pairs[i], "db", 2) == 0)
        {
          if (!parse_db (self, value, strlen (value), error))
            return FALSE;
        }
      else if (name_length == 10 && strncmp (pairs[i], "production", 10) == 0)
        {
          if (!g_str_equal (value, "1") && !g_str_equal (value, "0"))
            return refuse (error, "In the address of the server, production is 1 or 0.");
          self->production = *value == '1';
        }
      else if (!with_secrets && name_length == 8 && strncmp (pairs[i], "sentinel", 8) == 0)
        {
          g_free (self->sentinel);
          self->sentinel = decode (value, -1);
          if (self->sentinel == NULL || self->sentinel[0] == '\0' || !g_utf8_validate (self->sentinel, -1, NULL))
            return refuse (error, "In the address of the server, sentinel is the name of a primary that the Sentinel watches.");
        }
      else if (!with_secrets && name_length == 17 && strncmp (pairs[i], "sentinel_username", 17) == 0)
        {
          g_free (self->sentinel_user);
          self->sentinel_user = decode (value, -1);
          if (self->sentinel_user == NULL || self->sentinel_user[0] == '\0')
            return refuse (error, "The sentinel_username in the address of the server is not encoded rightly. Write a % as %25.");
        }
      else if (!with_secrets && name_length == 17 && strncmp (pairs[i], "sentinel_password", 17) == 0)
        {
          g_free (self->sentinel_password);
          self->sentinel_password = decode (value, -1);
          if (self->sentinel_password == NULL)
            return refuse (error, "The sentinel_password in the address of the server is not encoded rightly. Write a % as %25.");
        }
      else if (with_secrets && name_length == 4 && strncmp (pairs[i], "user", 4) == 0)
        {
          g_free (self->user);
          self->user = decode (value, -1);
          if (self->user == NULL)
            return refuse (error, "The user name in the address of the server is not encoded rightly. Write a % as %25.");
        }
      else if (with_secrets && name_length == 8 && strncmp (pairs[i], "password", 8) == 0)
        {
          g_free (self->password);
          self->password = decode (value, -1);
          if (self->password == NULL)
            return refuse (error, "The password in the address of the server is not encoded rightly. Write a % as %25.");
        }
      else if (!with_secrets && !parse_tls_option (self, pairs[i], name_length, value, &known, error))
        {
          return FALSE;
        }
      else if (!known)
        {
          return refuse (error, "The address of the server has a part behind the ? that is not understood. db=NUMBER "
                                "and production=1 can stand there, for a socket user=NAME and password=TEXT, for "
                                "a Sentinel sentinel=NAME, sentinel_username=NAME and sentinel_password=TEXT, and behind rediss:// "
                                "cacert=PATH, cert=PATH, key=PATH, sni=NAME and insecure=1.");
        }
    }
  if (!self->has_tls && (self->tls.ca_file != NULL || self->tls.cert_file != NULL || self->tls.key_file != NULL ||
                         self->tls.name != NULL || self->tls.insecure))
    return refuse (error, "In the address of the server, cacert, cert, key, sni and insecure are for encrypted connections: it must begin "
                          "with rediss://.");
  if (self->tls.key_file != NULL && self->tls.cert_file == NULL)
    return refuse (error, "In the address of the server, key=PATH needs the certificate beside it: cert=PATH.");
  if (self->sentinel == NULL && (self->sentinel_user != NULL || self->sentinel_password != NULL))
    return refuse (error, "In the address of the server, sentinel_username and sentinel_password need sentinel=NAME beside them.");
  return TRUE;
}

/* With or without a zone. (g_hostname_is_ip_address() takes “:” for one.) */
static gboolean
is_ipv6 (const char *text)
{
  g_autofree char *address = g_strndup (text, strcspn (text, "%"));
  g_autoptr (GInetAddress) inet = g_inet_address_new_from_string (address);

  return inet != NULL && g_inet_address_get_family (inet) == G_SOCKET_FAMILY_IPV6;
}

/* HOST, HOST:PORT, [IPv6], [IPv6]:PORT or a bare IPv6 address */
static gboolean
parse_host (CbAddress   *self,
            const char  *text,
            gsize        length,
            GError     **error)
{
  g_autofree char *whole = g_strndup (text, length);
  const char *host_end;
  const char *port = NULL;
  guint64 number;

  if (whole[0] == '[')
    {
      host_end = strchr (whole, ']');
      if (host_end == NULL)
        return refuse (error, "The address of the server has a [ without its ].");
      if (host_end[1] == ':')
        port = host_end + 2;
      else if (host_end[1] != '\0')
        return refuse (error, "Behind the ] in the address of the server only :PORT can stand.");

      self->host = decode (whole + 1, host_end - whole - 1);
      if (self->host == NULL || !is_ipv6 (self->host))
        return refuse (error, "Between [ and ] in the address of the server there is no IPv6 address.");
    }
  else if (is_ipv6 (whole))
    {
      self->host = g_strdup (whole);
    }
  else
    {
      host_end = strchr (whole, ':');
      if (host_end != NULL)
        {
          port = host_end + 1;
          if (strchr (port, ':') != NULL)
            return refuse (error, "The address of the server has too many colons. An IPv6 address is written in "
                                  "brackets, such as [::1]:6379, and a password before an @.");
        }
      self->host = decode (whole, host_end != NULL ? host_end - whole : -1);
      if (self->host == NULL || self->host[0] == '\0' || strpbrk (self->host, " /\\?#@:[]<>\"'") != NULL ||
          !g_utf8_validate (self->host, -1, NULL))
        return refuse (error, "The address of the server has no usable host name. It is written "
                              "redis://USER:PASSWORD@HOST:PORT/DATABASE, HOST:PORT or unix:PATH.");
    }

  if (port != NULL)
    {
      if (!parse_number (port, strlen (port), G_MAXUINT16, &number) || number == 0)
        return refuse (error, "The port in the address of the server is not a number from 1 to 65535. A password that "
                              "holds : / ? # or @ needs these written as %3A %2F %3F %23 %40.");
      self->port = number;
    }
  return TRUE;
}

static gboolean
parse_redis (CbAddress   *self,
             const char  *rest,
             GError     **error)
{
  const char *end = rest + strcspn (rest, "/?#");
  const char *at = g_strrstr_len (rest, end - rest, "@");
  const char *host = at != NULL ? at + 1 : rest;
  const char *query;

  /* An @ behind the host is most likely the one that was meant, and what comes before it a secret. */
  if (strchr (end, '@') != NULL || *end == '#')
    return refuse (error, "The address of the server can't be understood. A user name or password that holds / ? # or "
                          "@ needs these written as %2F %3F %23 %40.");

  if (at != NULL && !parse_userinfo (self, rest, at - rest, error))
    return FALSE;

  if (host == end)
    self->host = g_strdup ("localhost");
  else if (!parse_host (self, host, end - host, error))
    return FALSE;

  query = strchr (end, '?');
  if (*end == '/')
    {
      gsize length = query != NULL ? (gsize) (query - end - 1) : strlen (end + 1);

      if (length > 0 && !parse_db (self, end + 1, length, error))
        return FALSE;
    }
  return query == NULL || parse_query (self, query + 1, FALSE, error);
}

static gboolean
parse_unix (CbAddress   *self,
            const char  *rest,
            GError     **error)
{
  const char *query = strchr (rest, '?');
  const char *path = rest;
  const char *end = query != NULL ? query : rest + strlen (rest);

  if (g_str_has_prefix (rest, "//"))
    {
      const char *slash = memchr (rest + 2, '/', end - rest - 2);
      const char *at;

      if (slash == NULL)
        return refuse (error, "The address of the server names no path of a socket. It is written unix:PATH or "
                              "unix://USER:PASSWORD@PATH, and a / of the password as %2F.");
      at = g_strrstr_len (rest + 2, slash - rest - 2, "@");
      if (at != NULL)
        {
          if (!parse_userinfo (self, rest + 2, at - rest - 2, error))
            return FALSE;
          path = at + 1;
        }
      else
        {
          path = rest + 2;
        }
      if (path != slash)
        return refuse (error, "The path of the socket in the address of the server must begin with a /.");
    }

  self->path = decode (path, end - path);
  if (self->path == NULL || self->path[0] == '\0')
    return refuse (error, "The address of the server names no usable path of a socket. Write a % of the path as %25.");
  return query == NULL || parse_query (self, query + 1, TRUE, error);
}

static void
clear_tls (CbAddress *self)
{
  g_free ((char *) self->tls.ca_file);
  g_free ((char *) self->tls.cert_file);
  g_free ((char *) self->tls.key_file);
  g_free ((char *) self->tls.name);
  memset (&self->tls, 0, sizeof self->tls);
  self->has_tls = FALSE;
}

static void
set_tls (CbAddress          *self,
         const CbTlsOptions *tls)
{
  self->has_tls = tls != NULL;
  if (tls == NULL)
    return;

  self->tls.ca_file = g_strdup (tls->ca_file);
  self->tls.cert_file = g_strdup (tls->cert_file);
  self->tls.key_file = g_strdup (tls->key_file);
  self->tls.name = g_strdup (tls->name);
  self->tls.insecure = tls->insecure;
}

static char *
make_label (CbAddress *self)
{
  g_autofree char *where = NULL;
  g_autofree char *with_db = NULL;

  if (self->path != NULL)
    {
      where = g_utf8_make_valid (self->path, -1);
      return self->db == 0 ? g_steal_pointer (&where) : g_strdup_printf ("%s?db=%u", where, self->db);
    }

  where = g_strdup_printf (strchr (self->host, ':') != NULL ? "[%s]:%u" : "%s:%u", self->host, self->port);
  with_db = self->db == 0 ? g_steal_pointer (&where) : g_strdup_printf ("%s/%u", where, self->db);
  return self->sentinel == NULL ? g_steal_pointer (&with_db) : g_strdup_printf ("%s?sentinel=%s", with_db, self->sentinel);
}

/**
 * cb_address_parse:
 * @text: an address as a person types it; see #CbAddress for the forms
 * @error: return location for an error
 *
 * Reads an address. The first word of a URI is taken in any case. A user name without a password stands for an
 * empty password, a password without a user name for the default user.
 *
 * Errors: %CB_REDIS_ERROR_ADDRESS, with a message that never holds a part of @text.
 *
 * Returns: (transfer full) (nullable): the address
 */
CbAddress *
cb_address_parse (const char  *text,
                  GError     **error)
{
  g_autoptr (CbAddress) self = NULL;
  g_autofree char *trimmed = NULL;
  g_autofree char *scheme = NULL;
  const char *colon;
  gboolean parsed;

  g_return_val_if_fail (text != NULL, NULL);

  trimmed = g_strstrip (g_strdup (text));
  self = g_atomic_rc_box_new0 (CbAddress);

  colon = strchr (trimmed, ':');
  if (colon != NULL)
    scheme = g_ascii_strdown (trimmed, colon - trimmed);

  if (trimmed[0] == '\0')
    parsed = refuse (error, "The address of the server is empty.");
  else if (trimmed[0] == '/')
    {
      self->path = g_strdup (trimmed);
      parsed = TRUE;
    }
  else if (g_strcmp0 (scheme, "unix") == 0)
    parsed = parse_unix (self, colon + 1, error);
  else if ((g_strcmp0 (scheme, "redis") == 0 || g_strcmp0 (scheme, "rediss") == 0) && g_str_has_prefix (colon, "://"))
    {
      self->has_tls = g_str_equal (scheme, "rediss");
      parsed = parse_redis (self, colon + 3, error);
    }
  else if (strstr (trimmed, "://") != NULL)
    parsed = refuse (error, "The address of the server must begin with redis://, rediss:// or unix:, or be HOST:PORT.");
  else if (strchr (trimmed, '@') != NULL)
    parsed = refuse (error, "An address with a user name or password must be written "
                            "redis://USER:PASSWORD@HOST:PORT.");
  else
    {
      gsize length = strcspn (trimmed, "?");

      parsed = parse_host (self, trimmed, length, error) &&
               (trimmed[length] == '\0' || parse_query (self, trimmed + length + 1, FALSE, error));
    }

  if (!parsed)
    return NULL;

  if (self->host != NULL && self->port == 0)
    self->port = self->sentinel != NULL ? DEFAULT_SENTINEL_PORT : DEFAULT_PORT;
  self->label = make_label (self);
  return g_steal_pointer (&self);
}

CbAddress *
cb_address_new_unix (const char *path)
{
  CbAddress *self;

  g_return_val_if_fail (path != NULL, NULL);

  self = g_atomic_rc_box_new0 (CbAddress);
  self->path = g_strdup (path);
  self->label = make_label (self);
  return self;
}

CbAddress *
cb_address_new_tcp (const char *host,
                    guint16     port)
{
  CbAddress *self;

  g_return_val_if_fail (host != NULL, NULL);

  self = g_atomic_rc_box_new0 (CbAddress);
  self->host = g_strdup (host);
  self->port = port;
  self->label = make_label (self);
  return self;
}

/**
 * cb_address_with_db:
 * @self: an address
 * @db: the number of a database
 *
 * Returns: (transfer full): the same server and user, another database
 */
CbAddress *
cb_address_with_db (CbAddress *self,
                    guint      db)
{
  CbAddress *other;

  g_return_val_if_fail (self != NULL, NULL);

  other = g_atomic_rc_box_new0 (CbAddress);
  other->host = g_strdup (self->host);
  other->path = g_strdup (self->path);
  other->user = g_strdup (self->user);
  other->password = g_strdup (self->password);
  other->sentinel = g_strdup (self->sentinel);
  other->sentinel_user = g_strdup (self->sentinel_user);
  other->sentinel_password = g_strdup (self->sentinel_password);
  other->port = self->port;
  other->db = db;
  other->production = self->production;
  set_tls (other, cb_address_get_tls (self));
  other->label = make_label (other);
  return other;
}

/**
 * cb_address_with_sentinel:
 * @self: the address of a Sentinel
 * @name: (nullable): of a primary that it watches; the Sentinel itself with %NULL
 *
 * Returns: (transfer full): where that primary is found
 */
CbAddress *
cb_address_with_sentinel (CbAddress  *self,
                          const char *name)
{
  CbAddress *other;

  g_return_val_if_fail (self != NULL && self->host != NULL, NULL);

  other = cb_address_with_db (self, self->db);
  g_free (other->sentinel);
  g_free (other->label);
  other->sentinel = g_strdup (name);
  other->label = make_label (other);
  return other;
}

/**
 * cb_address_with_login:
 * @self: an address
 * @user: (nullable): the default user with %NULL
 * @password: (nullable): none with %NULL
 *
 * Returns: (transfer full): the same server and database, another user; without a mark of production
 */
CbAddress *
cb_address_with_login (CbAddress  *self,
                       const char *user,
                       const char *password)
{
  CbAddress *other = cb_address_with_db (self, cb_address_get_db (self));

  g_return_val_if_fail (other != NULL, NULL);

  g_free (other->user);
  g_free (other->password);
  other->user = g_strdup (user);
  other->password = g_strdup (password);
  other->production = FALSE;
  return other;
}

/**
 * cb_address_with_sentinel_login:
 * @self: an address
 * @user: (nullable): of the Sentinel; the default user with %NULL
 * @password: (nullable): of the Sentinel; none with %NULL
 *
 * Returns: (transfer full): the same server, by way of the same Sentinel as another user
 */
CbAddress *
cb_address_with_sentinel_login (CbAddress  *self,
                                const char *user,
                                const char *password)
{
  CbAddress *other = cb_address_with_db (self, cb_address_get_db (self));

  g_return_val_if_fail (other != NULL, NULL);

  g_free (other->sentinel_user);
  g_free (other->sentinel_password);
  other->sentinel_user = g_strdup (user);
  other->sentinel_password = g_strdup (password);
  return other;
}

/**
 * cb_address_with_tls:
 * @self: an address of TCP
 * @tls: (nullable): nothing is encrypted with %NULL
 *
 * Returns: (transfer full): the same server, encrypted in that way
 */
CbAddress *
cb_address_with_tls (CbAddress          *self,
                     const CbTlsOptions *tls)
{
  CbAddress *other;

  g_return_val_if_fail (self != NULL && (tls == NULL || self->host != NULL), NULL);

  other = cb_address_with_db (self, self->db);
  clear_tls (other);
  set_tls (other, tls);
  return other;
}

/**
 * cb_address_with_place:
 * @self: the address of a server
 * @host: where another one of the same kind is
 * @port: its port
 *
 * What belongs together, as the nodes of a cluster do or a Sentinel and its primary, is encrypted in the same way.
 *
 * Returns: (transfer full): that server, with the same user and the same encryption, in its first database
 */
CbAddress *
cb_address_with_place (CbAddress  *self,
                       const char *host,
                       guint16     port)
{
  CbAddress *other;

  g_return_val_if_fail (self != NULL && host != NULL, NULL);

  other = cb_address_new_tcp (host, port);
  other->user = g_strdup (self->user);
  other->password = g_strdup (self->password);
  set_tls (other, cb_address_get_tls (self));
  return other;
}

CbAddress *
cb_address_ref (CbAddress *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return g_atomic_rc_box_acquire (self);
}

static void
clear_address (gpointer data)
{
  CbAddress *self = data;

  g_free (self->host);
  g_free (self->path);
  g_free (self->user);
  g_free (self->password);
  g_free (self->sentinel);
  g_free (self->sentinel_user);
  g_free (self->sentinel_password);
  clear_tls (self);
  g_free (self->label);
}

void
cb_address_unref (CbAddress *self)
{
  g_return_if_fail (self != NULL);
  g_atomic_rc_box_release_full (self, clear_address);
}

const char *
cb_address_get_host (CbAddress *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->host;
}

guint16
cb_address_get_port (CbAddress *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->port;
}

const char *
cb_address_get_path (CbAddress *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->path;
}

const char *
cb_address_get_user (CbAddress *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->user;
}

const char *
cb_address_get_password (CbAddress *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->password;
}

/* The name of the primary that the Sentinel at host and port is to be asked for; %NULL for an address of the server itself. */
const char *
cb_address_get_sentinel (CbAddress *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->sentinel;
}

/* Who the Sentinel is to let in, which is another matter than who the primary does; nullable. */
const char *
cb_address_get_sentinel_user (CbAddress *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->sentinel_user;
}

const char *
cb_address_get_sentinel_password (CbAddress *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->sentinel_password;
}

/* Nullable: how it is encrypted, as long as @self lives. */
const CbTlsOptions *
cb_address_get_tls (CbAddress *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->has_tls ? &self->tls : NULL;
}

guint
cb_address_get_db (CbAddress *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->db;
}

/**
 * cb_address_get_label:
 * @self: an address
 *
 * Returns: what names the server to a person, `localhost:6379`, `localhost:6379/3`, `localhost:26379?sentinel=main` or
 *   the path of its socket: valid UTF-8, without user and password
 */
const char *
cb_address_get_label (CbAddress *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->label;
}

/* Whether the address itself says that it is a server for production. */
gboolean
cb_address_get_production (CbAddress *self)
{
  g_return_val_if_fail (self != NULL, FALSE);
  return self->production;
}

/* @value is nullable: nothing is written then. */
static void
append_option (GString    *uri,
               const char *name,
               const char *value,
               const char *allowed)
{
  if (value == NULL)
    return;

  g_string_append_printf (uri, "%c%s=", strchr (uri->str, '?') != NULL ? '&' : '?', name);
  g_string_append_uri_escaped (uri, value, allowed, FALSE);
}

static gboolean
tls_equal (CbAddress *a,
           CbAddress *b)
{
  return a->has_tls == b->has_tls && g_strcmp0 (a->tls.ca_file, b->tls.ca_file) == 0 &&
         g_strcmp0 (a->tls.cert_file, b->tls.cert_file) == 0 && g_strcmp0 (a->tls.key_file, b->tls.key_file) == 0 &&
         g_strcmp0 (a->tls.name, b->tls.name) == 0 && a->tls.insecure == b->tls.insecure;
}

/**
 * cb_address_to_uri:
 * @self: an address
 *
 * Writes a form that cb_address_parse() understands and that holds everything but the passwords, so that it can be
 * stored and shown.
 *
 * Returns: (transfer full): the URI
 */
char *
cb_address_to_uri (CbAddress *self)
{
  g_autoptr (GString) uri = g_string_new (NULL);

  g_return_val_if_fail (self != NULL, NULL);

  if (self->path != NULL)
    {
      /* Two slashes would be taken for the beginning of a user name. */
      g_string_append (uri, g_str_has_prefix (self->path, "//") ? "unix://" : "unix:");
      g_string_append_uri_escaped (uri, self->path, "/:@!$&'()*+,;=", FALSE);
      if (self->db != 0)
        g_string_append_printf (uri, "?db=%u", self->db);
      append_option (uri, "user", self->user, NULL);
      append_option (uri, "production", self->production ? "1" : NULL, NULL);
    }
  else
    {
      g_string_append (uri, self->has_tls ? "rediss://" : "redis://");
      if (self->user != NULL)
        {
          g_string_append_uri_escaped (uri, self->user, NULL, FALSE);
          g_string_append_c (uri, '@');
        }
      if (strchr (self->host, ':') != NULL)
        {
          g_string_append_c (uri, '[');
          g_string_append_uri_escaped (uri, self->host, ":", FALSE);
          g_string_append_c (uri, ']');
        }
      else
        {
          g_string_append_uri_escaped (uri, self->host, NULL, TRUE);
        }
      g_string_append_printf (uri, ":%u", self->port);
      if (self->db != 0)
        g_string_append_printf (uri, "/%u", self->db);
      append_option (uri, "sentinel", self->sentinel, NULL);
      append_option (uri, "sentinel_username", self->sentinel != NULL ? self->sentinel_user : NULL, NULL);
      append_option (uri, "cacert", self->tls.ca_file, "/");
      append_option (uri, "cert", self->tls.cert_file, "/");
      append_option (uri, "key", self->tls.key_file, "/");
      append_option (uri, "sni", self->tls.name, NULL);
      append_option (uri, "insecure", self->tls.insecure ? "1" : NULL, NULL);
      append_option (uri, "production", self->production ? "1" : NULL, NULL);
    }
  return g_string_free (g_steal_pointer (&uri), FALSE);
}

/**
 * cb_address_equal:
 * @a: an address
 * @b: an address
 *
 * Returns: whether they lead to the same database as the same user, encrypted in the same way; the spelling of host names is not resolved
 */
gboolean
cb_address_equal (CbAddress *a,
                  CbAddress *b)
{
  g_return_val_if_fail (a != NULL, FALSE);
  g_return_val_if_fail (b != NULL, FALSE);

  return g_strcmp0 (a->host, b->host) == 0 && g_strcmp0 (a->path, b->path) == 0 &&
         g_strcmp0 (a->user, b->user) == 0 && g_strcmp0 (a->password, b->password) == 0 &&
         g_strcmp0 (a->sentinel, b->sentinel) == 0 &&
         g_strcmp0 (a->sentinel_user, b->sentinel_user) == 0 &&
         g_strcmp0 (a->sentinel_password, b->sentinel_password) == 0 &&
         a->port == b->port && a->db == b->db && tls_equal (a, b);
}
