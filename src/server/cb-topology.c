/* cb-topology.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-topology.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "cb-json.h"

#define LONGEST_TEXT 200

static void
node_free (gpointer data)
{
  CbTopologyNode *node = data;

  g_free (node->id);
  g_free (node->address);
  g_free (node->state);
  g_free (node->slots);
  g_free (node);
}

static CbTopology *
topology_new (void)
{
  CbTopology *self = g_new0 (CbTopology, 1);

  self->nodes = g_ptr_array_new_with_free_func (node_free);
  return self;
}

void
cb_topology_free (CbTopology *self)
{
  g_ptr_array_unref (self->nodes);
  g_free (self);
}

/* @address, @state: taken */
static CbTopologyNode *
node_new (char *address, char *state, int parent)
{
  CbTopologyNode *node = g_new0 (CbTopologyNode, 1);

  node->address = address;
  node->state = state;
  node->parent = parent;
  node->offset = node->behind = node->lag = -1;
  return node;
}

/* --- INFO --- */

static CbTopologyNode *
add_primary (CbTopology *self, const CbServerInfo *info)
{
  const char *host = cb_server_info_get (info, "master_host");
  const char *port = cb_server_info_get (info, "master_port");
  const char *link = cb_server_info_get (info, "master_link_status");
  char *address = host != NULL && port != NULL ? g_strdup_printf (strchr (host, ':') != NULL ? "[%s]:%s" : "%s:%s", host, port) : g_strdup ("");
  CbTopologyNode *node = node_new (address, g_strdup (link != NULL ? link : ""), -1);

  node->broken = link != NULL && strcmp (link, "up") != 0;
  node->lag = cb_server_info_get_count (info, "master_last_io_seconds_ago");
  g_ptr_array_add (self->nodes, node);
  return node;
}

CbTopology *
cb_topology_new_from_info (const CbServerInfo *info)
{
  CbTopology *self = topology_new ();
  gboolean is_replica = cb_server_info_is_replica (info);
  gint64 offset = cb_server_info_get_count (info, "master_repl_offset");
  guint n = cb_server_info_get_n_replicas (info);
  CbTopologyNode *own;
  int index;

  own = node_new (g_strdup (""), g_strdup (""), is_replica ? 0 : -1);
  own->own = TRUE;
  own->offset = offset;
  if (is_replica)
    {
      CbTopologyNode *primary = add_primary (self, info);
      gint64 read = cb_server_info_get_count (info, "slave_read_repl_offset");

      g_free (own->state);
      own->state = g_strdup (primary->state);
      own->broken = primary->broken;
      own->lag = primary->lag;
      own->offset = read >= 0 ? read : cb_server_info_get_count (info, "slave_repl_offset");
      primary->lag = -1;
    }
  g_ptr_array_add (self->nodes, own);
  index = (int) self->nodes->len - 1;
  for (guint i = 0; i < n; i++)
    {
      const CbServerReplica *replica = cb_server_info_get_replica (info, i);
      CbTopologyNode *node;

      if (self->nodes->len >= CB_TOPOLOGY_MOST_NODES)
        {
          self->n_more++;
          continue;
        }
      node = node_new (g_strdup (replica->address), g_strdup (replica->state), index);
      node->offset = replica->offset;
      node->lag = replica->lag;
      node->behind = offset >= 0 && replica->offset >= 0 ? MAX (offset - replica->offset, 0) : -1;
      node->broken = *replica->state != '\0' && strcmp (replica->state, "online") != 0;
      g_ptr_array_add (self->nodes, node);
    }
  return self;
}

/* --- CLUSTER NODES --- */

typedef struct
{
  const char *id, *master;
  CbTopologyNode *node;       /* (owned) (nullable) */
} Member;

static char *
dup_shown (const char *text, gsize length)
{
  return cb_text_display (text, (gssize) MIN (length, LONGEST_TEXT), TRUE);
}

/* "host:port@bus,name" without the port of the bus. */
static char *
dup_address (const char *text)
{
  gsize length = strcspn (text, "@,");

  return dup_shown (text, length);
}

static gboolean
has_flag (const char *flags, const char *flag)
{
  g_auto (GStrv) words = g_strsplit (flags, ",", -1);

  return g_strv_contains ((const char * const *) words, flag);
}

/* "<id> <address> <flags> <master> <ping> <pong> <epoch> <link> <slot> …": https://redis.io/docs/latest/commands/cluster-nodes/ */
static CbTopologyNode *
parse_member (char **words)
{
  const char *flags = words[2];
  gboolean dead = has_flag (flags, "fail");
  gboolean doubted = has_flag (flags, "fail?");
  CbTopologyNode *node = node_new (dup_address (words[1]), NULL, -1);
  g_autoptr (GString) slots = g_string_new (NULL);

  node->id = dup_shown (words[0], strlen (words[0]));
  node->own = has_flag (flags, "myself");
  node->broken = dead || doubted || (!node->own && strcmp (words[7], "connected") != 0);
  node->state = dead ? g_strdup ("fail") : doubted ? g_strdup ("fail?") : dup_shown (words[7], strlen (words[7]));
  for (guint i = 8; words[i] != NULL && slots->len < LONGEST_TEXT; i++)
    {
      /* "[93-<-id]": on its way from another. */
      if (*words[i] == '[' || *words[i] == '\0')
        continue;
      g_string_append_printf (slots, "%s%s", slots->len > 0 ? ", " : "", words[i]);
    }
  if (slots->len > 0)
    node->slots = dup_shown (slots->str, slots->len);
  return node;
}

static void
take_replicas (CbTopology *self, GArray *members, const char *id)
{
  int parent = (int) self->nodes->len - 1;

  for (guint i = 0; i < members->len; i++)
    {
      Member *member = &g_array_index (members, Member, i);

      if (member->node == NULL || strcmp (member->master, id) != 0)
        continue;
      member->node->parent = parent;
      g_ptr_array_add (self->nodes, g_steal_pointer (&member->node));
    }
}

CbTopology *
cb_topology_new_from_cluster (const char *text, gsize length)
{
  CbTopology *self = topology_new ();
  g_autoptr (GArray) members = g_array_new (FALSE, FALSE, sizeof (Member));
  g_autoptr (GPtrArray) kept = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  const char *end = text + length;

  for (const char *line = text; line < end;)
    {
      const char *newline = memchr (line, '\n', (gsize) (end - line));
      const char *line_end = newline != NULL ? newline : end;
      g_autofree char *copy = g_strchomp (g_strndup (line, (gsize) (line_end - line)));
      g_auto (GStrv) words = g_strsplit (copy, " ", 64);
      Member member;

      line = line_end + 1;
      if (g_strv_length (words) < 8)
        continue;
      if (members->len >= CB_TOPOLOGY_MOST_NODES)
        {
          self->n_more++;
          continue;
        }
      member.id = words[0];
      member.master = words[3];
      member.node = parse_member (words);
      g_array_append_val (members, member);
      g_ptr_array_add (kept, g_steal_pointer (&words));
    }

  /* Each primary with those that copy it. */
  for (guint i = 0; i < members->len; i++)
    {
      Member *member = &g_array_index (members, Member, i);

      if (member->node == NULL || strcmp (member->master, "-") != 0)
        continue;
      g_ptr_array_add (self->nodes, g_steal_pointer (&member->node));
      take_replicas (self, members, member->id);
    }
  /* Whom these copy is not among them. */
  for (guint i = 0; i < members->len; i++)
    if (g_array_index (members, Member, i).node != NULL)
      g_ptr_array_add (self->nodes, g_array_index (members, Member, i).node);
  return self;
}

/* --- CLUSTER SHARDS --- */

static CbTopologyNode *
find_node (CbTopology *self, const CbValue *id)
{
  for (guint i = 0; i < self->nodes->len; i++)
    {
      CbTopologyNode *node = g_ptr_array_index (self->nodes, i);

      if (node->id != NULL && cb_value_equal_string (id, node->id))
        return node;
    }
  return NULL;
}

/* Whoever is dead is told so by CLUSTER NODES already, in more than one degree. */
static void
take_health (CbTopologyNode *node, const CbValue *health)
{
  gsize length;
  const char *text = cb_value_get_string (health, &length);
  g_autofree char *state = node->state;
  g_autofree char *shown = NULL;

  if (text == NULL || length == 0 || cb_value_equal_string (health, "online") || g_str_has_prefix (state, "fail"))
    {
      g_steal_pointer (&state);
      return;
    }
  node->broken = TRUE;
  shown = dup_shown (text, length);
  node->state = *state != '\0' ? g_strdup_printf ("%s, %s", state, shown) : g_steal_pointer (&shown);
}

/* Of each shard an array of fields, one of them its nodes, each an array of fields: https://redis.io/docs/latest/commands/cluster-shards/ */
gboolean
cb_topology_take_shards (CbTopology *self, const CbValue *shards)
{
  gboolean told = FALSE;

  for (guint i = 0; i < cb_value_get_length (shards); i++)
    {
      const CbValue *nodes = cb_value_get_field (cb_value_get_element (shards, i), "nodes");

      for (guint j = 0; j < cb_value_get_length (nodes); j++)
        {
          const CbValue *said = cb_value_get_element (nodes, j);
          CbTopologyNode *node = find_node (self, cb_value_get_field (said, "id"));
          gint64 offset;

          if (node == NULL)
            continue;
          told = TRUE;
          node->gossip = TRUE;
          if (cb_value_get_integer (cb_value_get_field (said, "replication-offset"), &offset) && offset >= 0)
            node->offset = offset;
          take_health (node, cb_value_get_field (said, "health"));
        }
    }

  for (guint i = 0; i < self->nodes->len; i++)
    {
      CbTopologyNode *node = g_ptr_array_index (self->nodes, i);
      CbTopologyNode *parent = node->parent >= 0 ? g_ptr_array_index (self->nodes, (guint) node->parent) : NULL;

      if (parent != NULL && node->offset >= 0 && parent->offset >= 0)
        node->behind = MAX (parent->offset - node->offset, 0);
    }
  return told;
}

/* --- words --- */

static void
append_part (GString *text, const char *part)
{
  g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", part);
}

char *
cb_topology_node_describe_link (const CbTopologyNode *self)
{
  GString *text = g_string_new (NULL);

  if (*self->state != '\0')
    append_part (text, self->state);
  if (self->slots != NULL)
    {
      /* Translators: numbers of slots of a cluster: "0-5460, 7000" */
      g_autofree char *slots = g_strdup_printf (_("slots %s"), self->slots);

      append_part (text, slots);
    }
  if (self->behind >= 0)
    {
      g_autofree char *size = g_format_size_full ((guint64) self->behind, G_FORMAT_SIZE_IEC_UNITS);
      /* Translators: a size; the second where it is only known from what the servers tell each other now and then */
      g_autofree char *behind = g_strdup_printf (self->gossip ? _("about %s behind") : _("%s behind"), size);

      append_part (text, behind);
    }
  else if (self->offset >= 0)
    {
      g_autofree char *number = g_strdup_printf ("%'" G_GINT64_FORMAT, self->offset);
      /* Translators: a number of bytes */
      g_autofree char *offset = g_strdup_printf (_("offset %s"), number);

      append_part (text, offset);
    }
  if (self->lag >= 0)
    {
      g_autofree char *seconds = g_strdup_printf ("%" G_GINT64_FORMAT, self->lag);
      /* Translators: a number of seconds */
      g_autofree char *lag = g_strdup_printf (_("heard of %s s ago"), seconds);

      append_part (text, lag);
    }
  return g_string_free (text, FALSE);
}

char *
cb_topology_node_describe (const CbTopologyNode *self)
{
  g_autofree char *link = cb_topology_node_describe_link (self);
  const char *role = self->parent >= 0 ? _("Replica") : _("Primary");
  const char *address = *self->address != '\0' ? self->address : _("this server");

  /* Translators: what a server is, its address, and how its link is */
  return *link != '\0' ? g_strdup_printf (_("%s %s: %s"), role, address, link) : g_strdup_printf ("%s %s", role, address);
}
