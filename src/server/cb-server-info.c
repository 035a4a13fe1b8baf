/* cb-server-info.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-server-info.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "cb-json.h"

#define MOST_FIELDS 4096
#define MOST_DATABASES 1024
#define MOST_REPLICAS 256
#define LONGEST_NAME 128
#define LONGEST_VALUE 1024

struct _CbServerInfo
{
  int ref_count;
  GHashTable *fields;         /* (owned) (element-type utf8 utf8) */
  GArray *databases;          /* (owned) (element-type CbServerDatabase) in their order */
  GArray *replicas;           /* (owned) (element-type CbServerReplica) */
};

static gint64
parse_count (const char *text)
{
  char *end;
  gint64 number;

  if (text == NULL || !g_ascii_isdigit (*text))
    return -1;
  errno = 0;
  number = g_ascii_strtoll (text, &end, 10);
  return *end != '\0' ? -1 : number;
}

/* The value of one field in "keys=12,expires=0,avg_ttl=0"; transfer full. */
static char *
dup_part (const char *text, const char *name)
{
  gsize length = strlen (name);

  for (const char *part = text; part != NULL; part = strchr (part, ','))
    {
      part += *part == ',';
      if (strncmp (part, name, length) == 0 && part[length] == '=')
        {
          const char *value = part + length + 1;

          return g_strndup (value, strcspn (value, ","));
        }
    }
  return NULL;
}

static gint64
get_part (const char *text, const char *name)
{
  g_autofree char *value = dup_part (text, name);

  return parse_count (value);
}

static void
clear_replica (gpointer data)
{
  CbServerReplica *replica = data;

  g_free (replica->address);
  g_free (replica->state);
}

static gboolean
take_database (CbServerInfo *self, const char *name, const char *value)
{
  gint64 number = g_str_has_prefix (name, "db") ? parse_count (name + 2) : -1;
  CbServerDatabase database = { .keys = get_part (value, "keys") };

  if (number < 0 || number > G_MAXINT || database.keys < 0)
    return FALSE;
  database.number = (guint) number;
  database.expires = get_part (value, "expires");
  database.average_ttl_msec = get_part (value, "avg_ttl");
  if (self->databases->len < MOST_DATABASES)
    g_array_append_val (self->databases, database);
  return TRUE;
}

static gboolean
take_replica (CbServerInfo *self, const char *name, const char *value)
{
  g_autofree char *ip = g_str_has_prefix (name, "slave") && parse_count (name + 5) >= 0 ? dup_part (value, "ip") : NULL;
  g_autofree char *port = NULL;
  CbServerReplica replica = { NULL };

  if (ip == NULL)
    return FALSE;
  if (self->replicas->len >= MOST_REPLICAS)
    return TRUE;
  port = dup_part (value, "port");
  replica.address = port != NULL ? g_strdup_printf (strchr (ip, ':') != NULL ? "[%s]:%s" : "%s:%s", ip, port) : g_strdup (ip);
  replica.state = dup_part (value, "state");
  if (replica.state == NULL)
    replica.state = g_strdup ("");
  replica.offset = get_part (value, "offset");
  replica.lag = get_part (value, "lag");
  g_array_append_val (self->replicas, replica);
  return TRUE;
}

static int
compare_databases (gconstpointer a, gconstpointer b)
{
  const CbServerDatabase *one = a, *other = b;

  return one->number < other->number ? -1 : one->number > other->number;
}

static void
take_line (CbServerInfo *self, const char *line, gsize length)
{
  const char *colon = memchr (line, ':', length);
  g_autofree char *name = NULL;
  g_autofree char *value = NULL;

  if (length == 0 || *line == '#' || colon == NULL || colon == line || colon - line > LONGEST_NAME)
    return;

  name = cb_text_display (line, colon - line, TRUE);
  value = cb_text_display (colon + 1, (gssize) MIN (length - (gsize) (colon - line) - 1, LONGEST_VALUE), TRUE);
  if (take_database (self, name, value) || take_replica (self, name, value))
    return;
  if (g_hash_table_size (self->fields) < MOST_FIELDS)
    g_hash_table_replace (self->fields, g_steal_pointer (&name), g_steal_pointer (&value));
}

/**
 * cb_server_info_parse:
 * @text: the reply of INFO; any bytes
 * @length: how many
 *
 * Returns: (transfer full): what could be understood of it
 */
CbServerInfo *
cb_server_info_parse (const char *text, gsize length)
{
  CbServerInfo *self = g_new0 (CbServerInfo, 1);
  const char *end = text + length;

  self->ref_count = 1;
  self->fields = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->databases = g_array_new (FALSE, FALSE, sizeof (CbServerDatabase));
  self->replicas = g_array_new (FALSE, FALSE, sizeof (CbServerReplica));
  g_array_set_clear_func (self->replicas, clear_replica);

  for (const char *line = text; line < end;)
    {
      const char *newline = memchr (line, '\n', (gsize) (end - line));
      gsize size = (gsize) ((newline != NULL ? newline : end) - line);

      take_line (self, line, size > 0 && line[size - 1] == '\r' ? size - 1 : size);
      line += size + 1;
    }
  g_array_sort (self->databases, compare_databases);
  return self;
}

CbServerInfo *
cb_server_info_ref (CbServerInfo *self)
{
  self->ref_count++;
  return self;
}

void
cb_server_info_unref (CbServerInfo *self)
{
  if (--self->ref_count > 0)
    return;
  g_hash_table_unref (self->fields);
  g_array_unref (self->databases);
  g_array_unref (self->replicas);
  g_free (self);
}

const char *
cb_server_info_get (const CbServerInfo *self, const char *field)
{
  return g_hash_table_lookup (self->fields, field);
}

gint64
cb_server_info_get_count (const CbServerInfo *self, const char *field)
{
  return parse_count (cb_server_info_get (self, field));
}

double
cb_server_info_get_number (const CbServerInfo *self, const char *field)
{
  const char *text = cb_server_info_get (self, field);
  char *end;
  double number;

  if (text == NULL || *text == '\0')
    return NAN;
  number = g_ascii_strtod (text, &end);
  if (end == text || (*end != '\0' && strcmp (end, "%") != 0) || !isfinite (number))
    return NAN;
  return number;
}

gboolean
cb_server_info_is (const CbServerInfo *self, const char *field, const char *value)
{
  return g_strcmp0 (cb_server_info_get (self, field), value) == 0;
}

gboolean
cb_server_info_is_replica (const CbServerInfo *self)
{
  return cb_server_info_is (self, "role", "slave") || cb_server_info_is (self, "role", "replica");
}

guint
cb_server_info_get_n_fields (const CbServerInfo *self)
{
  return g_hash_table_size (self->fields);
}

guint
cb_server_info_get_n_databases (const CbServerInfo *self)
{
  return self->databases->len;
}

const CbServerDatabase *
cb_server_info_get_database (const CbServerInfo *self, guint index)
{
  g_return_val_if_fail (index < self->databases->len, NULL);
  return &g_array_index (self->databases, CbServerDatabase, index);
}

gint64
cb_server_info_get_n_keys (const CbServerInfo *self, gint64 *n_expires)
{
  gint64 keys = 0, expires = 0;

  for (guint i = 0; i < self->databases->len; i++)
    {
      const CbServerDatabase *database = &g_array_index (self->databases, CbServerDatabase, i);

      keys = database->keys > G_MAXINT64 - keys ? G_MAXINT64 : keys + database->keys;
      if (database->expires > 0)
        expires = database->expires > G_MAXINT64 - expires ? G_MAXINT64 : expires + database->expires;
    }
  if (n_expires != NULL)
    *n_expires = expires;
  return keys;
}

guint
cb_server_info_get_n_replicas (const CbServerInfo *self)
{
  return self->replicas->len;
}

const CbServerReplica *
cb_server_info_get_replica (const CbServerInfo *self, guint index)
{
  g_return_val_if_fail (index < self->replicas->len, NULL);
  return &g_array_index (self->replicas, CbServerReplica, index);
}
