/* cb-cluster.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-cluster.h"

#include <string.h>

#include "cb-command-private.h"
#include "cb-connection-private.h"

/* A slot goes from one node to another, and that may have changed once more meanwhile. Two that send one to each other are not followed for
 * ever. */
#define MAX_HOPS 5
/* Nodes come from the server: no more are connected to than a cluster is said to have. */
#define MAX_NODES 1000
#define LONGEST_HOST 255

struct _CbCluster
{
  GHashTable *nodes;           /* (owned) (element-type utf8 CbConnection) by "host:port" */
};

/* One call that goes on elsewhere. */
typedef struct
{
  CbCluster *cluster;          /* (unowned) of the owner, which the task of the call holds */
  CbConnection *owner;         /* (owned) */
  CbCall *call;                /* (owned) */
  GError *error;               /* (owned) (nullable) the first */
  GError *not_connected;       /* (owned) (nullable) to a node, the first */
  guint n_given_up;            /* commands that were sent to no node for it */
  guint n_pending;             /* groups */
  guint n_hops;
} Follow;

/* What goes to one node. */
typedef struct
{
  Follow *follow;
  CbPipeline *pipeline;        /* (owned) until it is sent */
  GArray *places;              /* (owned) (element-type guint) of the replies; G_MAXUINT for ASKING */
} Group;

static void follow_on (Follow *follow);

/* "MOVED 3999 127.0.0.1:6381", "ASK 3999 ::1:6381", "MOVED 3999 :6381" for a node that does not know its own name:
 * https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#redirection-and-resharding */
static gboolean
read_redirection (const CbValue *value,
                  gboolean      *asks,
                  char         **host,
                  guint16       *port)
{
  g_auto (GStrv) words = NULL;
  const char *text, *colon;
  guint64 number;
  gsize length;

  if (value == NULL || !cb_value_is_error (value))
    return FALSE;
  text = cb_value_get_string (value, &length);
  if (!g_str_has_prefix (text, "MOVED ") && !g_str_has_prefix (text, "ASK "))
    return FALSE;

  /* From within a script there is more behind it. */
  words = g_strsplit (text, " ", 4);
  if (g_strv_length (words) < 3)
    return FALSE;
  colon = strrchr (words[2], ':');
  if (colon == NULL || colon - words[2] > LONGEST_HOST || !g_ascii_string_to_unsigned (colon + 1, 10, 1, G_MAXUINT16, &number, NULL))
    return FALSE;

  *asks = text[0] == 'A';
  *host = g_strndup (words[2], (gsize) (colon - words[2]));
  *port = (guint16) number;
  return TRUE;
}

gboolean
cb_cluster_concerns (CbCall *call)
{
  if (call->task == NULL || call->refusal != NULL || cb_pipeline_get_transaction (call->pipeline))
    return FALSE;

  for (guint i = 0; i < call->replies->len; i++)
    {
      const CbValue *value = cb_reply_get_value (g_ptr_array_index (call->replies, i));
      g_autofree char *host = NULL;
      gboolean asks;
      guint16 port;

      if (cb_value_is_error (value) && read_redirection (value, &asks, &host, &port))
        return TRUE;
    }

  return FALSE;
}

static CbConnection *
get_node (Follow     *follow,
          const char *host,
          guint16     port)
{
  const char *own = cb_address_get_host (cb_connection_get_address (follow->owner));
  const char *at = *host != '\0' ? host : own != NULL ? own : "127.0.0.1";
  g_autofree char *name = g_strdup_printf ("%s:%u", at, port);
  CbConnection *node = g_hash_table_lookup (follow->cluster->nodes, name);

  if (node == NULL && g_hash_table_size (follow->cluster->nodes) < MAX_NODES)
    {
      node = cb_connection_new_node (follow->owner, at, port);
      g_hash_table_insert (follow->cluster->nodes, g_steal_pointer (&name), node);
      cb_connection_open (node);
    }

  return node;
}

static void
group_free (gpointer data)
{
  Group *group = data;

  g_clear_pointer (&group->pipeline, cb_pipeline_free);
  g_array_unref (group->places);
  g_free (group);
}

static void
follow_end (Follow *follow)
{
  CbCall *call = follow->call;

  if (follow->error == NULL && follow->n_given_up == call->replies->len)
    follow->error = g_steal_pointer (&follow->not_connected);
  g_clear_error (&follow->not_connected);
  if (follow->error != NULL)
    cb_call_return_error (call, g_steal_pointer (&follow->error));
  else
    cb_call_return (call);
  cb_call_unref (call);
  g_object_unref (follow->owner);
  g_free (follow);
}

static void
group_done (Follow *follow)
{
  if (--follow->n_pending > 0)
    return;

  if (follow->error == NULL && follow->n_hops < MAX_HOPS && cb_cluster_concerns (follow->call))
    follow_on (follow);
  else
    follow_end (follow);
}

static void
give_up (Group  *group,
         GError *error)
{
  Follow *follow = group->follow;
  const char *words = strstr (error->message, "not connected");
  g_autofree char *line = g_strdup_printf ("-NODEDOWN %s", words != NULL ? words : error->message);
  g_autofree char *resp = g_strconcat (g_strdelimit (line, "\r\n", ' '), "\r\n", NULL);

  for (guint i = 0; i < group->places->len; i++)
    {
      guint place = g_array_index (group->places, guint, i);

      if (place == G_MAXUINT)
        continue;
      cb_reply_unref (g_ptr_array_index (follow->call->replies, place));
      g_ptr_array_index (follow->call->replies, place) = cb_reply_new_from_resp (resp, -1, NULL);
      follow->n_given_up++;
    }
  if (follow->not_connected == NULL)
    follow->not_connected = g_error_copy (error);
}

static void
answered_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  Group *group = user_data;
  Follow *follow = group->follow;
  g_autoptr (GPtrArray) replies = NULL;
  g_autoptr (GError) error = NULL;

  replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);
  /* What was never sent is answered by that, and the rest of the pipeline has its own answers. */
  if (replies == NULL && g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_NOT_CONNECTED))
    give_up (group, error);
  else if (replies == NULL && follow->error == NULL)
    follow->error = g_steal_pointer (&error);

  for (guint i = 0; replies != NULL && i < replies->len; i++)
    {
      guint place = g_array_index (group->places, guint, i);

      if (place == G_MAXUINT)
        continue;
      cb_reply_unref (g_ptr_array_index (follow->call->replies, place));
      g_ptr_array_index (follow->call->replies, place) = cb_reply_ref (g_ptr_array_index (replies, i));
    }

  group_free (group);
  group_done (follow);
}

static void
follow_on (Follow *follow)
{
  CbCall *call = follow->call;
  g_autoptr (GHashTable) groups = g_hash_table_new (NULL, NULL);
  g_autoptr (GPtrArray) order = g_ptr_array_new ();

  follow->n_hops++;
  for (guint i = 0; i < call->replies->len; i++)
    {
      g_autofree char *host = NULL;
      guint place = G_MAXUINT;
      CbConnection *node;
      gboolean asks;
      guint16 port;
      Group *group;

      if (!read_redirection (cb_reply_get_value (g_ptr_array_index (call->replies, i)), &asks, &host, &port))
        continue;
      node = get_node (follow, host, port);
      if (node == NULL)
        continue;

      group = g_hash_table_lookup (groups, node);
      if (group == NULL)
        {
          group = g_new0 (Group, 1);
          group->follow = follow;
          group->pipeline = cb_pipeline_new ();
          group->places = g_array_new (FALSE, FALSE, sizeof (guint));
          g_hash_table_insert (groups, node, group);
          g_ptr_array_add (order, node);
        }
      if (asks)
        {
          cb_pipeline_add (group->pipeline, cb_command_new ("ASKING", NULL));
          g_array_append_val (group->places, place);
        }
      cb_pipeline_add (group->pipeline, cb_command_ref (cb_pipeline_get_command (call->pipeline, i)));
      place = i;
      g_array_append_val (group->places, place);
    }

  /* One more than there are, so that nothing is over before all are on their way. */
  follow->n_pending = order->len + 1;
  for (guint i = 0; i < order->len; i++)
    {
      Group *group = g_hash_table_lookup (groups, g_ptr_array_index (order, i));

      cb_connection_pipeline_async (g_ptr_array_index (order, i), g_steal_pointer (&group->pipeline),
                                    g_task_get_cancellable (call->task), answered_cb, group);
    }
  if (order->len == 0)
    follow->n_hops = MAX_HOPS;
  group_done (follow);
}

CbCluster *
cb_cluster_new (void)
{
  CbCluster *self = g_new0 (CbCluster, 1);

  self->nodes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  return self;
}

void
cb_cluster_free (CbCluster *self)
{
  cb_cluster_close (self);
  g_hash_table_unref (self->nodes);
  g_free (self);
}

void
cb_cluster_follow (CbCluster    *self,
                   CbConnection *owner,
                   CbCall       *call)
{
  Follow *follow = g_new0 (Follow, 1);

  follow->cluster = self;
  follow->owner = g_object_ref (owner);
  follow->call = call;
  follow_on (follow);
}

void
cb_cluster_hang_up (CbCluster *self)
{
  GHashTableIter iter;
  gpointer node;

  g_hash_table_iter_init (&iter, self->nodes);
  while (g_hash_table_iter_next (&iter, NULL, &node))
    cb_connection_hang_up (node);
}

/* What goes on there ends later, from the main context. */
void
cb_cluster_close (CbCluster *self)
{
  GHashTableIter iter;
  gpointer node;

  g_hash_table_iter_init (&iter, self->nodes);
  while (g_hash_table_iter_next (&iter, NULL, &node))
    {
      cb_connection_close (node);
      g_hash_table_iter_remove (&iter);
    }
}
