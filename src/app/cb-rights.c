/* cb-rights.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-rights.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cb-json.h"

#define LONGEST_REASON 300
#define USUAL_PREFIX "q"

/* Prefixes come from the server: no more are remembered than anybody looks at. */
#define MAX_PREFIXES 64

/*
 * One command each for what is needed. What begins with a colon is a key or a channel under the prefix; in what has none, only a
 * refusal of the command itself counts, since the key is anybody's guess.
 */
static const struct
{
  CbRight right;
  const char *words[7];
} tries[] = {
  { CB_RIGHT_CHANGE_JOBS, { "EVALSHA", "0", "1", ":ids" } },
  { CB_RIGHT_CHANGE_JOBS, { "HSET", ":job:1", "state", "inactive" } },
  { CB_RIGHT_CHANGE_JOBS, { "ZADD", ":jobs", "0", "1" } },
  { CB_RIGHT_CHANGE_KEYS, { "EVALSHA", "0", "1", "k" } },
  { CB_RIGHT_CHANGE_KEYS, { "SET", "k", "v" } },
  { CB_RIGHT_CHANGE_KEYS, { "UNLINK", "k" } },
  { CB_RIGHT_PUBLISH, { "PUBLISH", "c", "m" } },
};

typedef struct
{
  char *prefix;                   /* (owned) */
  char *refusals[CB_N_RIGHTS];    /* (owned) (nullable) */
} Entry;

struct _CbRights
{
  GObject parent_instance;

  CbConnection *connection;       /* (owned) */
  GHashTable *entries;            /* (owned) (element-type utf8 Entry) */
  GCancellable *cancellable;      /* (owned) */
  char *user;                     /* (owned) (nullable): once it is known, for as long as the connection lasts */
  gsize user_length;
  gboolean asking;                /* for the user */
};

G_DEFINE_FINAL_TYPE (CbRights, cb_rights, G_TYPE_OBJECT)

static guint changed_signal;

typedef struct
{
  CbRights *self;                 /* (owned) */
  char *prefix;                   /* (owned) */
} Question;

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  for (guint i = 0; i < CB_N_RIGHTS; i++)
    g_free (entry->refusals[i]);
  g_free (entry->prefix);
  g_free (entry);
}

static char *
describe (CbRight right, const char *said)
{
  switch (right)
    {
    case CB_RIGHT_CHANGE_JOBS:
      /* Translators: the server's own words */
      return g_strdup_printf (_ ("Your user may not change jobs here: %s"), said);
    case CB_RIGHT_CHANGE_KEYS:
      /* Translators: the server's own words */
      return g_strdup_printf (_ ("Your user may not change keys here: %s"), said);
    case CB_RIGHT_PUBLISH:
    case CB_N_RIGHTS:
    default:
      /* Translators: the server's own words */
      return g_strdup_printf (_ ("Your user may not publish here: %s"), said);
    }
}

static gboolean
has_key (guint i)
{
  for (guint j = 0; j < G_N_ELEMENTS (tries[i].words) && tries[i].words[j] != NULL; j++)
    if (tries[i].words[j][0] == ':')
      return TRUE;
  return FALSE;
}

/* NULL: it is not refused, or that is not known. */
static char *
read_refusal (guint i, const CbValue *value)
{
  gsize length;
  const char *said = cb_value_get_string (value, &length);
  g_autofree char *text = NULL;

  if (said == NULL || cb_value_is_error (value) || cb_value_equal_string (value, "OK"))
    return NULL;
  text = cb_text_display (said, (gssize) MIN (length, LONGEST_REASON), TRUE);
  if (!has_key (i) && strstr (text, "' command") == NULL)
    return NULL;
  return describe (tries[i].right, text);
}

static void
tried_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Question *question = data;
  g_autoptr (CbRights) self = question->self;
  g_autofree char *prefix = question->prefix;
  g_autoptr (GPtrArray) replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, NULL);
  Entry *entry = g_hash_table_lookup (self->entries, prefix);
  gboolean changed = FALSE;
  char *refusals[CB_N_RIGHTS] = { NULL };

  g_free (question);
  if (replies == NULL || entry == NULL)
    return;

  for (guint i = 0; i < G_N_ELEMENTS (tries); i++)
    if (refusals[tries[i].right] == NULL)
      refusals[tries[i].right] = read_refusal (i, cb_reply_get_value (g_ptr_array_index (replies, i)));
  for (guint i = 0; i < CB_N_RIGHTS; i++)
    {
      changed = changed || g_strcmp0 (refusals[i], entry->refusals[i]) != 0;
      g_free (entry->refusals[i]);
      entry->refusals[i] = refusals[i];
    }
  if (changed)
    g_signal_emit (self, changed_signal, 0);
}

static void
ask (CbRights *self, const char *prefix)
{
  CbPipeline *pipeline;
  Question *question;

  if (self->user == NULL)
    return;

  pipeline = cb_pipeline_new ();
  for (guint i = 0; i < G_N_ELEMENTS (tries); i++)
    {
      CbCommand *command = cb_command_add_bytes (cb_command_new ("ACL", "DRYRUN", NULL), self->user, self->user_length);

      for (guint j = 0; j < G_N_ELEMENTS (tries[i].words) && tries[i].words[j] != NULL; j++)
        {
          const char *word = tries[i].words[j];
          g_autofree char *key = *word == ':' ? g_strconcat (prefix, word, NULL) : NULL;

          command = cb_command_add (command, key != NULL ? key : word);
        }
      cb_pipeline_add (pipeline, command);
    }
  question = g_new0 (Question, 1);
  question->self = g_object_ref (self);
  question->prefix = g_strdup (prefix);
  cb_connection_pipeline_async (self->connection, pipeline, self->cancellable, tried_cb, question);
}

static void
named_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbRights) self = data;
  g_autoptr (CbReply) reply = cb_connection_call_finish (CB_CONNECTION (source), result, NULL);
  gsize length = 0;
  const char *user = reply != NULL ? cb_value_get_string (cb_reply_get_value (reply), &length) : NULL;
  GHashTableIter iter;
  gpointer prefix;

  self->asking = FALSE;
  if (user == NULL)
    return;

  g_free (self->user);
  self->user = g_memdup2 (user, length + 1);
  self->user_length = length;
  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, &prefix, NULL))
    ask (self, prefix);
}

/* Another user may be on a connection that comes back, and what a user may can have been changed meanwhile. */
static void
state_cb (CbRights *self)
{
  if (cb_connection_get_state (self->connection) != CB_CONNECTION_READY || self->asking)
    return;

  self->asking = TRUE;
  cb_connection_call_async (self->connection, cb_command_new ("ACL", "WHOAMI", NULL), self->cancellable, named_cb,
                            g_object_ref (self));
}

static void
read_only_cb (CbRights *self)
{
  g_signal_emit (self, changed_signal, 0);
}

static void
cb_rights_dispose (GObject *object)
{
  CbRights *self = CB_RIGHTS (object);

  g_cancellable_cancel (self->cancellable);

  G_OBJECT_CLASS (cb_rights_parent_class)->dispose (object);
}

static void
cb_rights_finalize (GObject *object)
{
  CbRights *self = CB_RIGHTS (object);

  g_object_unref (self->connection);
  g_hash_table_unref (self->entries);
  g_object_unref (self->cancellable);
  g_free (self->user);

  G_OBJECT_CLASS (cb_rights_parent_class)->finalize (object);
}

static void
cb_rights_class_init (CbRightsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = cb_rights_dispose;
  G_OBJECT_CLASS (klass)->finalize = cb_rights_finalize;

  changed_signal = g_signal_new ("changed", CB_TYPE_RIGHTS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
cb_rights_init (CbRights *self)
{
  self->entries = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, entry_free);
  self->cancellable = g_cancellable_new ();
}

CbRights *
cb_rights_new (CbConnection *connection)
{
  CbRights *self;

  g_return_val_if_fail (CB_IS_CONNECTION (connection), NULL);

  self = g_object_new (CB_TYPE_RIGHTS, NULL);
  self->connection = g_object_ref (connection);
  g_signal_connect_object (connection, "notify::state", G_CALLBACK (state_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (connection, "notify::read-only", G_CALLBACK (read_only_cb), self, G_CONNECT_SWAPPED);
  state_cb (self);
  return self;
}

const char *
cb_rights_get_refusal (CbRights *self, CbRight right, const char *prefix)
{
  Entry *entry;

  g_return_val_if_fail (CB_IS_RIGHTS (self), NULL);
  g_return_val_if_fail (right < CB_N_RIGHTS, NULL);

  if (cb_connection_get_read_only (self->connection))
    return _ ("This connection is read-only.");

  if (prefix == NULL)
    prefix = USUAL_PREFIX;
  entry = g_hash_table_lookup (self->entries, prefix);
  if (entry == NULL && g_hash_table_size (self->entries) < MAX_PREFIXES)
    {
      entry = g_new0 (Entry, 1);
      entry->prefix = g_strdup (prefix);
      g_hash_table_insert (self->entries, entry->prefix, entry);
      ask (self, prefix);
    }
  return entry != NULL ? entry->refusals[right] : NULL;
}
